"""Files to a model: typed by field and not by look, judged as a whole, all faults at once; and back to text.

Numbers and words get their type from the field they stand in, so ``12:30``, ``no`` and ``010`` are what they look
like. A faulty file is read on as far as it can be understood, so that one reading names every fault.
"""

import csv
import gc
import hashlib
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path, PurePath
from typing import Any, Final, TypeVar

from cascade.errors import DefinitionError, Path_, Places, Problem, UsageError, did_you_mean, short, subject
from cascade.exercise import Injects, Phrase
from cascade.files.checks import CHECKS, check_capacity, check_model, check_scenario
from cascade.files.fields import salvage, validate
from cascade.files.model_checks import unknown
from cascade.files.parsing import Document, is_there, read_document, to_yaml
from cascade.files.tables import read_assets, read_links
from cascade.model import (
    Assets,
    Authority,
    Capacity,
    Frozen,
    Hazard,
    Input,
    Links,
    Measure,
    Model,
    ModelInfo,
    Process,
    Region,
    Scenario,
    Sector,
    Source,
    Stock,
)

MAX_FILES: Final = 1_000
T = TypeVar("T", bound=Frozen)


def read_as(kind: type[T], path: str | Path) -> tuple[T, Places, Input]:
    """Read one YAML file as one class of the model.

    Returns
    -------
    tuple
        The value, where its parts stand (root ``"file"``), and the fingerprint of the file.

    Raises
    ------
    DefinitionError
        With all faults of the file.
    """
    document, digest = read_document(Path(path), Path(path).as_posix())
    value = validate(kind, document, document.data)[0] if document.mark else None
    if document.problems or value is None or document.mark is None:
        raise DefinitionError(document.problems)
    places = Places({("file",): (document.file, document.mark)})
    return value, places, Input(document.file, digest)


_OWN_FILES: Final = ("model", "regions", "sources", "measures", "stocks", "hazards", "authorities")


class _Folder:
    """What has been understood of a model folder so far."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.documents: list[Document] = []
        self.places = Places()
        self.tables: list[Problem] = []
        self.inputs: dict[str, Input] = {}
        self.unsure: set[str] = set()
        """Kinds of things of which some may stand in parts that could not be read."""

    def document(self, name: str, *kinds: str) -> Document:
        document, digest = read_document(self.root / name, (self.root / name).as_posix())
        self.documents.append(document)
        self.inputs[name] = Input(name, digest)
        if document.mark is None:
            self.unsure.update(kinds)
        return document

    def typed(self, kind: type[T], document: Document, data: Any, base: Path_ = (), name: Path_ = ()) -> T | None:
        """Type one mapping; of a faulty one, what is left without its faulty fields."""
        value, faulty = validate(kind, document, data, base, name)
        if value is None:
            value, left, _ = salvage(kind, data, faulty)
            if kind is Sector and (value is None or _ids(data) != _ids(left)):
                self.unsure.update(("processes", "sectors") if value is None else ("processes",))
            elif value is None:
                self.unsure.add(_KIND_NAMES[kind])
        return value

    def info(self, name: str) -> ModelInfo:
        """Read what the model is."""
        document = self.document(name, "model")
        value = self.typed(ModelInfo, document, document.data) if document.mark else None
        if document.mark is not None:
            self.places.roots["model",] = (document.file, document.mark)
        return value or ModelInfo.model_validate({"title": "?", "version": "?"})

    def entries(self, name: str, kind: type[T]) -> dict[str, T]:
        """Read a file that is a mapping of ids to things of one kind."""
        document = self.document(name, name.partition(".")[0])
        found: dict[str, T] = {}
        if document.mark is None:
            return found
        if not isinstance(document.data, dict):
            document.fault((), "expected a mapping (id: ...)", "begin every entry with its id and a colon")
            self.unsure.add(name.partition(".")[0])
            return found
        for key, data in document.data.items():
            if not _ID.fullmatch(key):
                document.fault((key,), f"{short(key)!r} is not an id", ID_REMEDY, key=True)
            value = self.typed(kind, document, data, (key,))
            if value is not None:
                found[key] = value
                self.places.roots[name.partition(".")[0], key] = (document.file, document.mark.items[key])  # type: ignore[index]
        return dict(sorted(found.items()))

    def hazards(self, name: str) -> dict[str, Hazard]:
        """Read the hazards; scenarios that are not at hand are refused here, where files are known."""
        found = self.entries(name, Hazard)
        known = {*scenario_files(self.root), *hindcast_files(self.root)}
        for key, hazard in found.items():
            for i, scenario in enumerate(hazard.scenarios):
                if scenario not in known:
                    self.documents[-1].fault((key, "scenarios", i), *unknown("scenario", scenario, known))
        return found

    def regions(self, name: str) -> dict[str, Region]:
        """Read the list of regions."""
        document = self.document(name, "regions")
        found: dict[str, Region] = {}
        if document.mark is None:
            return found
        if not isinstance(document.data, list):
            document.fault((), "expected a list of regions", "begin every region with '- code: ...'")
            self.unsure.add("regions")
            return found
        for i, data in enumerate(document.data):
            code = data.get("code") if isinstance(data, dict) else None
            value = self.typed(Region, document, data, (i,), (code,) if isinstance(code, str) else ("regions", i))
            mark = document.mark.child(i)
            if value is None or mark is None:
                continue
            if value.code in found:
                _, line, _ = self.places.at("regions", value.code)
                what = f"is already defined on line {line}"
                document.fault((i, "code"), what, "remove one of the two", shown=(value.code,))
                continue
            found[value.code] = value
            self.places.roots["regions", value.code] = (document.file, mark)
        return dict(sorted(found.items()))

    def sectors(self, names: Iterable[str]) -> dict[str, Sector]:
        """Read all sector files; sectors and processes have one home each."""
        found: dict[str, Sector] = {}
        for name in names:
            document = self.document(name, "processes", "sectors")
            if document.mark is None:
                continue
            sector = self.typed(Sector, document, document.data)
            if sector is None:
                continue
            if sector.sector in found:
                self.twice(document, ("sector",), ("sectors", sector.sector))
                self.unsure.add("processes")
                continue
            found[sector.sector] = sector
            self.places.roots["sectors", sector.sector] = (document.file, document.mark)
            for process in sector.processes:
                if ("processes", process) in self.places.roots:
                    self.twice(document, ("processes", process), ("processes", process))
                    continue
                mark = document.mark.child("processes")
                inner = mark.child(process) if mark else None
                if inner is not None:
                    self.places.roots["processes", process] = (document.file, inner)
        return dict(sorted(found.items()))

    def twice(self, document: Document, path: Path_, earlier: tuple[str, str]) -> None:
        file, line, _ = self.places.at(*earlier)
        kind = "process" if earlier[0] == "processes" else "sector"
        what = f"{kind} {earlier[1]!r} is already defined at {Path(file).name}:{line}"
        document.fault(path, what, "give one of the two another id", key=path[0] == "processes")

    def table(self, read: Callable[..., Any], place: Path_, file: str, *more: Any) -> Any:
        """Read a table named at ``place`` in a process; None where it is faulty."""
        value, source, problems = read(self.root, file, self.places.at(*place), subject(place), *more)
        if source is not None:
            self.inputs[source.path] = source
        self.tables.extend(problems)
        return value


_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,99}", re.ASCII)
ID_REMEDY: Final = "use letters, digits and - _ . +, and begin with a letter or digit"


def _ids(data: Any) -> set[str]:
    processes = data.get("processes") if isinstance(data, dict) else None
    return {key for key in processes if _ID.fullmatch(key)} if isinstance(processes, dict) else set()


_KIND_NAMES: Final[dict[type[Frozen], str]] = {
    ModelInfo: "model",
    Region: "regions",
    Source: "sources",
    Measure: "measures",
    Stock: "stocks",
    Hazard: "hazards",
    Authority: "authorities",
}
_ASKS: Final = {
    "unknown-process": "processes",
    "unknown-region": "regions",
    "unknown-source": "sources",
    "unknown-sector": "sectors",
}
"""Which kind of things a check must know all of."""


def _yaml_files(root: Path) -> dict[str, str]:
    """List the YAML files of a folder: file name by what it is; each sector file under its own name."""
    if not is_there(root, folder=True):
        raise UsageError(f"{root}: no such model folder")
    try:
        names = sorted(p.name for p in root.iterdir() if p.suffix.lower() in (".yaml", ".yml"))
    except OSError as error:
        raise UsageError(f"{root}: cannot be read: {error.strerror}") from error
    found: dict[str, str] = {}
    problems = []
    for name in (n for n in names if not n.startswith(".")):
        stem = Path(name).stem
        # a link out of the folder would show what stands elsewhere; a pipe or a folder would be left out in silence
        if not is_there(root / name) or not (root / name).resolve().is_relative_to(root.resolve()):
            what = "is no file of this folder"
            problems.append(
                Problem((root / name).as_posix(), 0, 0, "file", what, "put the file itself here, or remove it")
            )
            continue
        if stem in found:
            what = f"stands beside {found[stem]}"
            problems.append(Problem((root / name).as_posix(), 0, 0, "file", what, "remove one of the two"))
        found.setdefault(stem, name)
    for stem in ("model", "regions", "sources"):
        if stem not in found:
            what, remedy = (
                f"{stem}.yaml is missing",
                "every model folder has model, regions and sources .yaml",
            )
            problems.append(Problem(root.as_posix(), 0, 0, "folder", what, remedy))
    if len(found) > MAX_FILES:
        problems.append(Problem(root.as_posix(), 0, 0, "folder", f"more than {MAX_FILES} files", "merge some"))
    if problems:
        raise DefinitionError(problems)
    return found


def load(path: str | Path) -> Model:
    """Read a whole model folder.

    Every ``*.yaml`` in the folder itself is read: ``model``, ``regions``, ``sources``, and ``measures``, ``stocks``,
    ``hazards`` and ``authorities`` (which may be left out), and each other one as a sector; tables are read where a process
    names them.

    Parameters
    ----------
    path : str or Path
        The folder.

    Raises
    ------
    UsageError
        If there is no such folder.
    DefinitionError
        With every fault of every file, those of the model as a whole (:mod:`cascade.files.checks`) included.
    """
    root = Path(path)
    files = _yaml_files(root)
    folder = _Folder(root)
    info = folder.info(files["model"])
    regions = folder.regions(files["regions"])
    sources = folder.entries(files["sources"], Source)
    measures = folder.entries(files["measures"], Measure) if "measures" in files else {}
    stocks = folder.entries(files["stocks"], Stock) if "stocks" in files else {}
    hazards = folder.hazards(files["hazards"]) if "hazards" in files else {}
    authorities = folder.entries(files["authorities"], Authority) if "authorities" in files else {}
    sectors = folder.sectors(name for stem, name in files.items() if stem not in _OWN_FILES)
    homes = {process: sector for sector, found in sectors.items() for process in found.processes}
    processes = {p: sectors[homes[p]].processes[p] for p in sorted(homes)}
    with _uncollected():
        assets, links = _tables(folder, processes, regions)
    model = Model(
        info=info,
        regions=regions,
        sources=sources,
        sectors=sectors,
        processes=processes,
        sector_of={p: homes[p] for p in processes},
        measures=measures,
        stocks=stocks,
        hazards=hazards,
        authorities=authorities,
        assets=assets,
        links=links,
        inputs=tuple(folder.inputs[name] for name in sorted(folder.inputs)),
        root=root.as_posix(),
        places=folder.places,
    )
    problems = [p for document in folder.documents for p in document.problems] + folder.tables
    without = not_at_loading(partial=bool(problems))
    without += [check for check, kind in _ASKS.items() if kind in folder.unsure]
    problems += check_model(model, without=without)
    if problems:
        raise DefinitionError(problems)
    return model


def not_at_loading(*, partial: bool) -> list[str]:
    """Name the checks that loading leaves to ``cascade check``; with faults found, also those that need all."""
    return [name for name, check in CHECKS.items() if not check.fatal or (partial and not check.on_parts)]


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no garbage meanwhile: of millions of rows just made none is, and looking takes a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _tables(
    folder: _Folder, processes: Mapping[str, Process], regions: Mapping[str, Region]
) -> tuple[dict[str, Assets], dict[tuple[str, str], Links]]:
    assets: dict[str, Assets] = {}
    links: dict[tuple[str, str], Links] = {}
    names = None if "regions" in folder.unsure else {code: region.name for code, region in regions.items()}
    for name, process in processes.items():
        if process.assets is not None:
            place: Path_ = ("processes", name, "assets")
            found = folder.table(read_assets, place, process.assets, names)
            if found is not None:
                assets[name] = found
        for need_name, need in process.needs.items():
            if need.by_table is not None:
                place = ("processes", name, "needs", need_name, "by_table")
                found = folder.table(read_links, place, need.by_table)
                if found is not None:
                    links[name, need_name] = found
    return assets, links


@dataclass(frozen=True)
class ScenarioFile:
    """A scenario as read, with its fingerprint and the places in it."""

    scenario: Scenario
    source: Input
    places: Places


def read_scenario(path: str | Path, model: Model) -> ScenarioFile:
    """Read a scenario for a model, and keep its places for further messages.

    Raises
    ------
    DefinitionError
        With every fault, unknown names included.
    """
    shown = Path(path).as_posix()
    document, digest = read_document(Path(path), shown)
    scenario = None
    mended: list[Path_] = []
    if document.mark is not None:
        scenario, faulty = validate(Scenario, document, document.data)
        if scenario is None:
            scenario, _, mended = salvage(Scenario, document.data, faulty)
    problems = document.problems
    places = Places({("scenario",): (shown, document.mark)} if document.mark else {})
    if scenario is not None:
        without = not_at_loading(partial=bool(problems)) + _unsure_of(mended)
        # an entry of three or four names deep may have been replaced for what is faulty inside it
        replaced = {path[:size] for path in mended for size in (3, 4, len(path))}
        said = {places.at("scenario", *path, key=key) for path in replaced for key in (False, True)}
        found = check_scenario(scenario, model, without=without, places=places)
        # what is wrong with a stand-in for something faulty was said by the fault itself
        problems = problems + [p for p in found if (p.file, p.line, p.column) not in said]
    if problems or scenario is None:
        raise DefinitionError(problems)
    return ScenarioFile(scenario, Input(shown, digest), places)


def _unsure_of(mended: Iterable[Path_]) -> list[str]:
    """Name the checks of a scenario that would judge what had to be left out or mended."""
    without: set[str] = set()
    for path in mended:
        if path[:1] == ("crews",) and len(path) == 1:
            without.add("no-crew")
        # an event may have lost its id, or a repair that was written with a slip of the pen
        if path[:1] == ("events",) and (len(path) < 4 and path[2:] not in _HARMLESS):
            without.add("repair-order")
    return sorted(without)


_HARMLESS: Final = [(name,) for name in ("level", "levels", "for", "until", "at", "hits", "where", "note", "about")]


def load_scenario(path: str | Path, model: Model) -> Scenario:
    """Read a scenario for a model, from a path or by the name of one at hand.

    Raises
    ------
    DefinitionError
        With every fault, unknown names included.
    UsageError
        If there is none of that name.
    """
    if PurePath(path).name == str(path) and not PurePath(path).suffix:
        path = find_scenario(str(path), model.root or None)
    return read_scenario(path, model).scenario


@dataclass(frozen=True)
class CapacityFile:
    """A capacity file as read, with its fingerprint and the places in it."""

    capacity: Capacity
    source: Input
    places: Places


def read_capacity(path: str | Path, model: Model) -> CapacityFile:
    """Read a capacity file for a model, and keep its places for further messages.

    Raises
    ------
    DefinitionError
        With every fault, unknown names and scenarios that are not at hand included.
    """
    shown = Path(path).as_posix()
    document, digest = read_document(Path(path), shown)
    capacity = None
    mended: list[Path_] = []
    if document.mark is not None:
        capacity, faulty = validate(Capacity, document, document.data)
        if capacity is None:
            capacity, _, mended = salvage(Capacity, document.data, faulty)
    problems = document.problems
    places = Places({("capacity",): (shown, document.mark)} if document.mark else {})
    if capacity is not None:
        without = not_at_loading(partial=bool(problems))
        replaced = {path[:size] for path in mended for size in (2, 3, 4, len(path))}
        replaced |= {
            (*path, i, "measure") for path in mended if path[:1] == ("excludes",) and len(path) == 2 for i in (0, 1)
        }
        said = {places.at("capacity", *path, key=key) for path in replaced for key in (False, True)}
        found = check_capacity(capacity, model, without, places, _at_hand(capacity.scenarios, model))
        # what is wrong with a stand-in for something faulty was said by the fault itself
        problems = problems + [p for p in found if (p.file, p.line, p.column) not in said]
    if problems or capacity is None:
        raise DefinitionError(problems)
    return CapacityFile(capacity, Input(shown, digest), places)


def _at_hand(wanted: Iterable[str], model: Model) -> set[str]:
    """Return the names of all scenarios at hand, and the paths among those wanted at which there is one."""
    root = model.root or None
    known = set(hindcast_files(root)) | set(scenario_files(root))
    for name in wanted:
        try:
            find_scenario(name, root)
        except UsageError:
            continue
        known.add(name)
    return known


def load_capacity(path: str | Path, model: Model) -> Capacity:
    """Read a capacity file for a model, from a path or by the name of one at hand.

    Raises
    ------
    DefinitionError
        With every fault, unknown names included.
    UsageError
        If there is none of that name.
    """
    return read_capacity(find_capacity(str(path), model.root or None), model).capacity


def input_of(path: str | Path, name: str | None = None) -> Input:
    """Take the fingerprint of a file, for the list of what a result was made from.

    Parameters
    ----------
    path : str or Path
        The file.
    name : str, optional
        How to name it; otherwise its path as given.
    """
    digest = hashlib.sha256()
    try:
        with Path(path).open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    return Input(name or Path(path).as_posix(), digest.hexdigest())


def bundled(name: str) -> Path:
    """Folder of the data that comes with the program: inside the package, or beside it in a source tree."""
    packed = Path(str(resources.files("cascade"))) / "data" / name
    return packed if packed.is_dir() else Path(__file__).resolve().parents[2] / name


def find_model(option: str | None = None) -> Path:
    """Find the model folder: the one named, else ``$CASCADE_MODEL``, else ``./sectors``, else the bundled one.

    Raises
    ------
    UsageError
        If a folder was named and is not there.
    """
    for named, by in ((option, "--model"), (os.environ.get("CASCADE_MODEL"), "CASCADE_MODEL")):
        if named:
            if not is_there(Path(named), folder=True):
                raise UsageError(f"{by}: there is no folder {short(named)!r}; name a folder with model.yaml in it")
            return Path(named)
    if (Path("sectors") / "model.yaml").is_file():
        return Path("sectors")
    found = bundled("sectors")
    if not found.is_dir():
        raise UsageError("no model found; name a folder with --model, or set CASCADE_MODEL")
    return found


HINDCASTS: Final = "hindcasts"
"""Folder inside a folder of scenarios: past incidents, with what was seen."""
CAPACITIES: Final = "capacity"
"""Folder inside a folder of scenarios: what there is to protect with."""
PHRASES: Final = "phrases"
"""Folder inside a folder of scenarios: what is noticed of each process when it fails."""


def scenario_files(model: str | Path | None = None, *, beside_only: bool = False) -> dict[str, Path]:
    """List the scenarios at hand by name: those in ``./scenarios``, beside the model, and the bundled ones.

    With ``beside_only`` those of a model folder: in ``scenarios`` beside it.
    """
    return _files_in(_scenario_folders(model, beside_only=beside_only))


def hindcast_files(model: str | Path | None = None, *, beside_only: bool = False) -> dict[str, Path]:
    """List the past incidents at hand by name: in ``hindcasts`` inside those same folders."""
    return _files_in(folder / HINDCASTS for folder in _scenario_folders(model, beside_only=beside_only))


def capacity_files(model: str | Path | None = None, *, beside_only: bool = False) -> dict[str, Path]:
    """List the capacity files at hand by name: in ``capacity`` inside those same folders."""
    return _files_in(folder / CAPACITIES for folder in _scenario_folders(model, beside_only=beside_only))


def phrase_folders(model: str | Path | None = None) -> list[Path]:
    """List the folders of phrases at hand, the nearest first: ``phrases`` inside those same folders."""
    found = (folder / PHRASES for folder in _scenario_folders(model, beside_only=False))
    return [folder for folder in found if is_there(folder, folder=True)]


def _scenario_folders(model: str | Path | None, *, beside_only: bool) -> list[Path]:
    folders = [] if beside_only else [Path("scenarios"), bundled("scenarios")]
    if model is not None:
        beside = Path(model).resolve().parent / "scenarios"
        here = Path("scenarios")
        # a path from here on is shorter to read, and the same wherever the folder stands
        folders.insert(1, here if here.resolve() == beside else beside)
    return folders


def _files_in(folders: Iterable[Path]) -> dict[str, Path]:
    known: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.y*ml")):
            known.setdefault(path.stem, path)
    return known


def find_scenario(name: str, model: str | Path | None = None) -> Path:
    """Find a scenario: a path, or a bare name in ``./scenarios``, beside the model, or among the bundled ones.

    A past incident is found by its name too, wherever the scenarios are.

    Raises
    ------
    UsageError
        If there is none of that name; the text names the nearest.
    """
    return _find(name, hindcast_files(model) | scenario_files(model), "scenario")


def find_capacity(name: str, model: str | Path | None = None) -> Path:
    """Find a capacity file: a path, or a bare name in ``capacity`` where the scenarios are.

    Raises
    ------
    UsageError
        If there is none of that name; the text names the nearest.
    """
    return _find(name, capacity_files(model), "capacity file")


def _find(name: str, known: Mapping[str, Path], kind: str) -> Path:
    if is_there(Path(name)):
        return Path(name)
    if is_there(Path(name), folder=True):
        file = kind if kind.endswith("file") else f"{kind} file"
        raise UsageError(f"{name} is a folder; name a {file} in it")
    wanted = PurePath(name)
    bare = wanted.stem if wanted.suffix in (".yaml", ".yml") else wanted.name
    if len(wanted.parts) == 1 and bare in known:
        return known[bare]
    raise UsageError(f"no {kind} {short(name)!r}; {did_you_mean(bare, known) or f'there are no {kind}s here'}")


def _dump(thing: Frozen) -> dict[str, Any]:
    """Write one mapping out with every default, as plain data; what was not given and has no default is left out."""
    return thing.model_dump(by_alias=True, exclude_none=True)


def _table_text(rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _assets_text(assets: Assets) -> str:
    columns: dict[str, Iterable[object]] = {
        "id": assets.ids,
        "region": assets.regions,
        "capacity": assets.capacities,
        "name": assets.names,
    }
    if assets.people is not None:
        columns["people"] = assets.people
    if assets.locations is not None:
        for i, name in enumerate(("lat", "lon")):
            columns[name] = [f"{at[i]:.12f}".rstrip("0").rstrip(".") if at else "" for at in assets.locations]
    if assets.areas is not None:
        columns["area"] = [area or "" for area in assets.areas]
    return _table_text([list(columns), *zip(*columns.values(), strict=True)])


def resolved(model: Model) -> dict[str, str]:
    """Write a model back with every default written out.

    Returns
    -------
    dict
        File name to text: the four files of the folder, one file per sector, and the tables under the names the
        processes give them. Loading these files gives an equal model, but for where it was read from.
    """
    files = {
        "model.yaml": to_yaml(_dump(model.info)),
        "regions.yaml": to_yaml([_dump(region) for region in model.regions.values()]),
        "sources.yaml": to_yaml({key: _dump(source) for key, source in model.sources.items()}),
        "measures.yaml": to_yaml({key: _dump(measure) for key, measure in model.measures.items()}),
    }
    if model.stocks:
        files["stocks.yaml"] = to_yaml({key: _dump(stock) for key, stock in model.stocks.items()})
    if model.hazards:
        files["hazards.yaml"] = to_yaml({key: _dump(hazard) for key, hazard in model.hazards.items()})
    if model.authorities:
        files["authorities.yaml"] = to_yaml({key: _dump(entry) for key, entry in model.authorities.items()})
    for name, sector in model.sectors.items():
        file = f"{name}-sector.yaml" if name in _OWN_FILES else f"{name}.yaml"
        files[file] = to_yaml(_dump(sector))
    for process, assets in model.assets.items():
        files[str(model.processes[process].assets)] = _assets_text(assets)
    for (process, need), links in model.links.items():
        rows = zip(links.consumers, links.suppliers, links.weights, strict=True)
        file = str(model.processes[process].needs[need].by_table)
        files[file] = _table_text([("consumer", "supplier", "share"), *rows])
    return files


def resolved_capacity(capacity: Capacity) -> str:
    """Write a capacity file back with every default written out; reading it gives an equal one."""
    return to_yaml(_dump(capacity))


def resolved_scenario(scenario: Scenario) -> str:
    """Write a scenario back with every default written out; reading it gives an equal scenario."""
    return to_yaml(_dump(scenario))


_KINDS: Final[dict[str, tuple[type[Frozen], str]]] = {
    "model": (ModelInfo, "one"),
    "regions": (Region, "list"),
    "sources": (Source, "mapping"),
    "measures": (Measure, "mapping"),
    "stocks": (Stock, "mapping"),
    "hazards": (Hazard, "mapping"),
    "authorities": (Authority, "mapping"),
    "sector": (Sector, "one"),
    "scenario": (Scenario, "one"),
    "capacity": (Capacity, "one"),
    "injects": (Injects, "one"),
    "phrases": (Phrase, "mapping"),
}
SCHEMAS: Final = tuple(sorted(_KINDS))


def schema(kind: str) -> dict[str, Any]:
    """Describe one kind of file as JSON Schema (draft 2020-12), for editors.

    Parameters
    ----------
    kind : str
        One of ``SCHEMAS``.

    Raises
    ------
    UsageError
        If there is no such kind.
    """
    if kind not in _KINDS:
        raise UsageError(f"no schema {kind!r}; {did_you_mean(kind, _KINDS)}")
    of, form = _KINDS[kind]
    inner = _loosened(of.model_json_schema(by_alias=True))
    shared = inner.pop("$defs", {})
    if form == "list":
        inner = {"type": "array", "items": inner}
    elif form == "mapping":
        inner = {
            "type": "object",
            "propertyNames": {"pattern": f"^{_ID.pattern}$"},
            "additionalProperties": inner,
        }
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"cascade-{kind}.json"}
    return {**head, **inner, "$defs": shared}


def _loosened(node: Any) -> Any:
    """Let any scalar stand for text, as reading does (``version: 1.0``), and drop what nobody may write."""
    if isinstance(node, list):
        return [_loosened(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {key: _loosened(value) for key, value in node.items() if key != "default" or value is not None}
    # a text with examples has a form of its own, a unit for one
    if made.get("type") == "string" and not {"enum", "const", "examples"} & set(made):
        made["type"] = ["string", "number", "boolean"]
    if isinstance(made.get("properties"), dict):
        made["properties"] = {k: v for k, v in made["properties"].items() if not v.get("deprecated")}
    return made
