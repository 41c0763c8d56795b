"""Files to a model: typed by field and not by look, judged as a whole, all faults at once; and back to text.

Numbers and words get their type from the field they stand in, so ``12:30``, ``no`` and ``010`` are what they look
like. A faulty file is read on as far as it can be understood, so that one reading names every fault.
"""

import csv
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path, PurePath
from types import UnionType
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin

from pydantic import ValidationError

from cascade.checks import CHECKS, check_model, check_scenario
from cascade.errors import DefinitionError, Places, Problem, UsageError, did_you_mean
from cascade.model import (
    Assets,
    Frozen,
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
)
from cascade.parsing import Document, Path_, read_document, short, subject, to_yaml
from cascade.tables import read_assets, read_links
from cascade.units import parse_duration, parse_share

MAX_FILES: Final = 1_000
T = TypeVar("T", bound=Frozen)


def _shape(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else repr(short(value))


def _inside(kind: Any) -> Iterator[Any]:
    """Strip unions and annotations off a type."""
    if get_origin(kind) is Annotated:
        yield from _inside(get_args(kind)[0])
    elif get_origin(kind) in (Union, UnionType):
        for option in get_args(kind):
            yield from _inside(option)
    else:
        yield kind


def _field_names(kind: type[Frozen]) -> dict[str, Any]:
    return {(info.alias or name): info.annotation for name, info in kind.model_fields.items()}


def _known_fields(kind: Any, path: Path_) -> list[str]:
    """Fields that may stand in the mapping at ``path`` below a class of the model."""
    here = list(_inside(kind))
    for part in path:
        there: list[Any] = []
        for one in here:
            if isinstance(one, type) and issubclass(one, Frozen):
                there.extend(_inside(_field_names(one).get(str(part), str)))
            elif get_origin(one) in (dict, tuple):
                options = get_args(one)
                there.extend(_inside(options[1] if get_origin(one) is dict else options[0]))
        here = there
    classes = [one for one in here if isinstance(one, type) and issubclass(one, Frozen)]
    return sorted({name for one in classes for name in _field_names(one)})


_LIMITS: Final = {
    "greater_than": ("gt", "must be above"),
    "greater_than_equal": ("ge", "must be at least"),
    "less_than_equal": ("le", "must be at most"),
    "less_than": ("lt", "must be below"),
}
_SHAPES: Final = {
    "string_type": "one text",
    "int_type": "one number",
    "float_type": "one number",
    "bool_type": "true or false",
    "datetime_type": "a moment",
    "dict_type": "a mapping (name: value)",
    "model_type": "a mapping (name: value)",
    "model_attributes_type": "a mapping (name: value)",
    "tuple_type": "a list",
    "arguments_type": "a number or [low, mode, high]",
}


def _wording(error: Mapping[str, Any], value: Any, known: Callable[[], list[str]]) -> tuple[str, str]:
    """Say one pydantic error in our words: what is wrong, and the remedy."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        what, _, remedy = short(context["error"], 400).partition("; ")
        return what, remedy
    if kind == "extra_forbidden":
        name = str(error["loc"][-1])
        return f"unknown field {short(name)!r}", did_you_mean(name, known())
    if kind == "missing":
        name = error["loc"][-1]
        if isinstance(name, int):
            return f"expected more values than {len(value)}", "write them all"
        return f"field {name!r} is missing", f"write {name}: ..."
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", context["expected"])
        remedy = did_you_mean(short(value), allowed) if isinstance(value, str) else f"known: {', '.join(allowed)}"
        return f"{_shape(value)} is not one of {', '.join(allowed)}", remedy
    if kind in _SHAPES:
        return f"expected {_SHAPES[kind]}, got {_shape(value)}", "see the page on the file format"
    if kind in _LIMITS:
        limit, words = _LIMITS[kind]
        return f"{words} {context[limit]}, got {_shape(value)}", "correct the number"
    return _rarer_wording(kind, context, value, error["msg"])


def _rarer_wording(kind: str, context: Mapping[str, Any], value: Any, message: str) -> tuple[str, str]:
    if kind == "string_pattern_mismatch":
        return f"{_shape(value)} is not an id", "use letters, digits and - _ . +, and begin with a letter or digit"
    if kind == "too_short":
        return "is empty", "name at least one, or leave the field out"
    if kind in ("too_long", "string_too_long"):
        limit = context.get("max_length")
        return f"is longer than {limit}", "shorten it"
    if kind == "union_tag_not_found":
        remedy = "write a process id, {sector: ..}, {tag: ..} or {list: .., item: ..}"
        return f"{_shape(value)} names no target", remedy
    return message, ""


def _follow(data: Any, loc: Path_) -> tuple[Path_, Any, bool]:
    """Walk an error's location down the data, past the names of unions; True at a key."""
    path: list[str | int] = []
    for part in loc:
        if (isinstance(data, dict) and part in data) or (
            isinstance(data, list) and isinstance(part, int) and 0 <= part < len(data)
        ):
            data = data[part]
            path.append(part)
    return tuple(path), data, loc[-1:] == ("[key]",)


def _note_errors(
    document: Document, kind: type[Frozen], error: ValidationError, data: Any, base: Path_, name: Path_
) -> list[Path_]:
    """Note what pydantic found wrong with ``data``, and return the faulty paths in it."""
    above = {path[:n] for path in document.refused for n in range(len(path))}
    seen: set[tuple[Path_, object]] = set()
    found: list[Path_] = []
    for one in error.errors(include_url=False):
        loc: Path_ = one["loc"]
        path, value, at_key = _follow(data, loc)
        found.append(path)
        whole = (*base, *path)
        once = (path, loc[-1] if one["type"] == "missing" else "")
        known_already = any(whole[:n] in document.refused for n in range(len(whole) + 1))
        if once in seen or known_already or (one["type"] == "value_error" and whole in above):
            continue
        seen.add(once)
        extra = one["type"] == "extra_forbidden"
        parent = path[:-1] if extra else path
        shown_value = path[-1] if at_key and path else value
        what, remedy = _wording(one, shown_value, lambda at=parent: _known_fields(kind, at))  # type: ignore[misc]
        shown = (*name, *(parent if extra else path)) or base
        document.fault(whole, what, remedy, key=extra or at_key, shown=shown)
    return found


def _validate(
    kind: type[T], document: Document, data: Any, base: Path_ = (), name: Path_ = ()
) -> tuple[T | None, list[Path_]]:
    """Type plain data; faults go to the document. ``name`` is how messages call it."""
    _note_equal_keys(document, data, base)
    try:
        return kind.model_validate(data, by_alias=True, by_name=False), []
    except ValidationError as error:
        return None, _note_errors(document, kind, error, data, base, name or base)


def _note_equal_keys(document: Document, data: Any, base: Path_) -> None:
    """Refuse keys that are written differently but mean the same: ``0h`` and ``0m``."""
    parsers = {"fades": parse_duration, "levels": parse_duration, "response": parse_share}
    waiting: list[tuple[Path_, Any]] = [(base, data)]
    while waiting:
        path, here = waiting.pop()
        inner = here.items() if isinstance(here, dict) else enumerate(here) if isinstance(here, list) else ()
        waiting.extend(((*path, part), value) for part, value in inner if isinstance(value, dict | list))
        parse = parsers.get(str(path[-1])) if path and isinstance(here, dict) else None
        if parse is None:
            continue
        first: dict[int, str] = {}
        for key in here:
            try:
                number = parse(key)
            except ValueError:
                continue
            if number in first:
                what = f"{key!r} is the same as {first[number]!r} above"
                document.fault((*path, key), what, "keep one of the two", key=True, shown=path)
            first.setdefault(number, key)


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
    value = _validate(kind, document, document.data)[0] if document.mark else None
    if document.problems or value is None or document.mark is None:
        raise DefinitionError(document.problems)
    places = Places({("file",): (document.file, document.mark)})
    return value, places, Input(document.file, digest)


# ---- a model folder -------------------------------------------------------------------------------------------

_OWN_FILES: Final = ("model", "regions", "sources", "measures")
_STUBS: Final[dict[type[Frozen], dict[str, Any]]] = {
    ModelInfo: {"title": "?", "version": "?"},
    Region: {"name": "?", "population": "0"},
    Source: {"title": "?"},
    Sector: {"name": "?"},
}
"""What stands in for a faulty field, so that the rest can still be checked; never leaves this module."""


def _without(data: Any, faulty: Iterable[Path_], kind: type[Frozen]) -> Any:
    """Leave the faulty needs and fields out of a mapping, and fill in what it cannot do without."""
    if not isinstance(data, dict):
        return data
    data = dict(data)
    for path in faulty:
        deep = 4 if path[2:3] == ("needs",) else 3
        size = min(len(path), deep) if path[:1] == ("processes",) else 1
        here = data
        for part in path[: size - 1]:
            here[part] = dict(here[part]) if isinstance(here.get(part), dict) else {}
            here = here[part]
        if path:
            here.pop(path[size - 1], None)
    for process in data.get("processes", {}).values() if kind is Sector else ():
        if isinstance(process, dict):
            process.setdefault("name", "?")
    return _STUBS.get(kind, {}) | data


class _Folder:
    """What has been understood of a model folder so far."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.documents: list[Document] = []
        self.places = Places()
        self.tables: list[Problem] = []
        self.inputs: dict[str, Input] = {}
        self.whole = True
        """Whether enough is understood to tell unknown names from names in unreadable parts."""

    def document(self, name: str) -> Document:
        document, digest = read_document(self.root / name, (self.root / name).as_posix())
        self.documents.append(document)
        self.inputs[name] = Input(name, digest)
        self.whole = self.whole and document.mark is not None
        return document

    def typed(
        self, kind: type[T], document: Document, data: Any, base: Path_ = (), name: Path_ = ()
    ) -> T | None:
        """Type one mapping; of a faulty one, what is left without its faulty fields."""
        value, faulty = _validate(kind, document, data, base, name)
        for _ in range(3):
            if value is not None:
                return value
            before, data = data, _without(data, faulty, kind)
            if kind is Sector and _processes(before) != _processes(data):
                self.whole = False
            try:
                value = kind.model_validate(data, by_alias=True, by_name=False)
            except ValidationError as error:
                faulty = [_follow(data, one["loc"])[0] for one in error.errors(include_url=False)]
        self.whole = self.whole and value is not None
        return value

    def info(self, name: str) -> ModelInfo:
        """Read what the model is."""
        document = self.document(name)
        value = self.typed(ModelInfo, document, document.data) if document.mark else None
        if document.mark is not None:
            self.places.roots["model",] = (document.file, document.mark)
        return value or ModelInfo.model_validate(_STUBS[ModelInfo])

    def entries(self, name: str, kind: type[T]) -> dict[str, T]:
        """Read a file that is a mapping of ids to things of one kind."""
        document = self.document(name)
        found: dict[str, T] = {}
        if document.mark is None:
            return found
        if not isinstance(document.data, dict):
            document.fault((), "expected a mapping (id: ...)", "begin every entry with its id and a colon")
            self.whole = False
            return found
        for key, data in document.data.items():
            if not _ID.fullmatch(key):
                document.fault((key,), f"{short(key)!r} is not an id", ID_REMEDY, key=True)
            value = self.typed(kind, document, data, (key,))
            if value is not None:
                found[key] = value
                self.places.roots[name.partition(".")[0], key] = (document.file, document.mark.items[key])  # type: ignore[index, call-overload]
        return dict(sorted(found.items()))

    def regions(self, name: str) -> dict[str, Region]:
        """Read the list of regions."""
        document = self.document(name)
        found: dict[str, Region] = {}
        if document.mark is None:
            return found
        if not isinstance(document.data, list):
            document.fault((), "expected a list of regions", "begin every region with '- code: ...'")
            self.whole = False
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
            document = self.document(name)
            if document.mark is None:
                continue
            sector = self.typed(Sector, document, document.data)
            if sector is None:
                continue
            if sector.sector in found:
                self.twice(document, ("sector",), ("sectors", sector.sector))
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


def _processes(data: Any) -> set[str]:
    processes = data.get("processes") if isinstance(data, dict) else None
    return set(processes) if isinstance(processes, dict) else set()


def _yaml_files(root: Path) -> dict[str, str]:
    """List the YAML files of a folder: file name by what it is; each sector file under its own name."""
    if not root.is_dir():
        raise UsageError(f"{root}: no such model folder")
    names = sorted(p.name for p in root.iterdir() if p.suffix.lower() in (".yaml", ".yml") and p.is_file())
    found: dict[str, str] = {}
    problems = []
    for name in (n for n in names if not n.startswith(".")):
        stem = Path(name).stem
        if stem in found:
            what = f"stands beside {found[stem]}"
            problems.append(Problem((root / name).as_posix(), 0, 0, "file", what, "remove one of the two"))
        found.setdefault(stem, name)
    for stem in ("model", "regions", "sources"):
        if stem not in found:
            what, remedy = f"{stem}.yaml is missing", "every model folder has model, regions and sources .yaml"
            problems.append(Problem(root.as_posix(), 0, 0, "folder", what, remedy))
    if len(found) > MAX_FILES:
        problems.append(Problem(root.as_posix(), 0, 0, "folder", f"more than {MAX_FILES} files", "merge some"))
    if problems:
        raise DefinitionError(problems)
    return found


def load(path: str | Path) -> Model:
    """Read a whole model folder.

    Every ``*.yaml`` in the folder itself is read: ``model``, ``regions``, ``sources``, ``measures`` (which may be
    left out), and each other one as a sector; tables are read where a process names them.

    Parameters
    ----------
    path : str or Path
        The folder.

    Raises
    ------
    UsageError
        If there is no such folder.
    DefinitionError
        With every fault of every file, those of the model as a whole (:mod:`cascade.checks`) included.
    """
    root = Path(path)
    files = _yaml_files(root)
    folder = _Folder(root)
    info = folder.info(files["model"])
    regions = folder.regions(files["regions"])
    sources = folder.entries(files["sources"], Source)
    measures = folder.entries(files["measures"], Measure) if "measures" in files else {}
    sectors = folder.sectors(name for stem, name in files.items() if stem not in _OWN_FILES)
    homes = {process: sector for sector, found in sectors.items() for process in found.processes}
    processes = {p: sectors[homes[p]].processes[p] for p in sorted(homes)}
    assets, links = _tables(folder, processes, regions)
    model = Model(
        info=info,
        regions=regions,
        sources=sources,
        sectors=sectors,
        processes=processes,
        sector_of={p: homes[p] for p in processes},
        measures=measures,
        assets=assets,
        links=links,
        inputs=tuple(folder.inputs[name] for name in sorted(folder.inputs)),
        root=root.as_posix(),
        places=folder.places,
    )
    problems = [p for document in folder.documents for p in document.problems] + folder.tables
    if folder.whole:
        problems += check_model(model, without=not_at_loading(partial=bool(problems)))
    if problems:
        raise DefinitionError(problems)
    return model


def not_at_loading(*, partial: bool) -> list[str]:
    """Name the checks that loading leaves to ``cascade check``; with faults found, also those that need all."""
    return [name for name, check in CHECKS.items() if not check.fatal or (partial and not check.on_parts)]


def _tables(
    folder: _Folder, processes: Mapping[str, Process], regions: Mapping[str, Region]
) -> tuple[dict[str, Assets], dict[tuple[str, str], Links]]:
    assets: dict[str, Assets] = {}
    links: dict[tuple[str, str], Links] = {}
    for name, process in processes.items():
        if process.assets is not None:
            place: Path_ = ("processes", name, "assets")
            found = folder.table(read_assets, place, process.assets, regions)
            if found is not None:
                assets[name] = found
        for need_name, need in process.needs.items():
            if need.by_table is not None:
                place = ("processes", name, "needs", need_name, "by_table")
                found = folder.table(read_links, place, need.by_table)
                if found is not None:
                    links[name, need_name] = found
    return assets, links


# ---- a scenario -----------------------------------------------------------------------------------------------


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
    if document.mark is not None:
        scenario, faulty = _validate(Scenario, document, document.data)
        if scenario is None:
            scenario = _salvaged(document.data, faulty)
    problems = document.problems
    places = Places({("scenario",): (shown, document.mark)} if document.mark else {})
    if scenario is not None:
        without = not_at_loading(partial=bool(problems))
        problems = problems + check_scenario(scenario, model, without=without, places=places)
    if problems or scenario is None:
        raise DefinitionError(problems)
    return ScenarioFile(scenario, Input(shown, digest), places)


def _salvaged(data: Any, faulty: Iterable[Path_]) -> Scenario | None:
    """Take what is left of a faulty scenario without its faulty fields, if that is one."""
    data = {"name": "?", "horizon": "1d"} | _without(data, faulty, Scenario) if isinstance(data, dict) else data
    try:
        return Scenario.model_validate(data, by_alias=True, by_name=False)
    except ValidationError:
        return None


def load_scenario(path: str | Path, model: Model) -> Scenario:
    """Read a scenario for a model.

    Raises
    ------
    DefinitionError
        With every fault, unknown names included.
    """
    return read_scenario(path, model).scenario


# ---- finding, writing back, schemas ---------------------------------------------------------------------------


def _bundled(name: str) -> Path:
    """Folder of the data that comes with the program: inside the package, or beside it in a source tree."""
    packed = Path(str(resources.files("cascade"))) / "data" / name
    return packed if packed.is_dir() else Path(__file__).resolve().parent.parent / name


def find_model(option: str | None = None) -> Path:
    """Find the model folder: the one named, else ``$CASCADE_MODEL``, else ``./sectors``, else the bundled one.

    Raises
    ------
    UsageError
        If a folder was named and is not there.
    """
    for named, by in ((option, "--model"), (os.environ.get("CASCADE_MODEL"), "CASCADE_MODEL")):
        if named:
            if not Path(named).is_dir():
                raise UsageError(f"{by}: there is no folder {named!r}; name a folder with model.yaml in it")
            return Path(named)
    if (Path("sectors") / "model.yaml").is_file():
        return Path("sectors")
    found = _bundled("sectors")
    if not found.is_dir():
        raise UsageError("no model found; name a folder with --model, or set CASCADE_MODEL")
    return found


def find_scenario(name: str, model: str | Path | None = None) -> Path:
    """Find a scenario: a path, or a bare name in ``./scenarios``, beside the model, or among the bundled ones.

    Raises
    ------
    UsageError
        If there is none of that name; the text names the nearest.
    """
    if Path(name).is_file():
        return Path(name)
    folders = [Path("scenarios"), _bundled("scenarios")]
    if model is not None:
        folders.insert(1, Path(model).resolve().parent / "scenarios")
    known: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.y*ml")):
            known.setdefault(path.stem, path)
    wanted = PurePath(name)
    bare = wanted.stem if wanted.suffix in (".yaml", ".yml") else wanted.name
    if len(wanted.parts) == 1 and bare in known:
        return known[bare]
    raise UsageError(f"no scenario {name!r}; {did_you_mean(bare, known) or 'there are no scenarios here'}")


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
            columns[name] = [f"{at[i]:.12f}" if at else "" for at in assets.locations]
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


def resolved_scenario(scenario: Scenario) -> str:
    """Write a scenario back with every default written out; reading it gives an equal scenario."""
    return to_yaml(_dump(scenario))


_KINDS: Final[dict[str, tuple[type[Frozen], str]]] = {
    "model": (ModelInfo, "one"),
    "regions": (Region, "list"),
    "sources": (Source, "mapping"),
    "measures": (Measure, "mapping"),
    "sector": (Sector, "one"),
    "scenario": (Scenario, "one"),
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
        inner = {"type": "object", "propertyNames": {"pattern": f"^{_ID.pattern}$"}, "additionalProperties": inner}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"cascade-{kind}.json"}
    return {**head, **inner, "$defs": shared}


def _loosened(node: Any) -> Any:
    """Let any scalar stand for text, as reading does (``version: 1.0``), and drop what nobody may write."""
    if isinstance(node, list):
        return [_loosened(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {key: _loosened(value) for key, value in node.items() if key != "default" or value is not None}
    if made.get("type") == "string" and not {"enum", "const"} & set(made):
        made["type"] = ["string", "number", "boolean"]
    if isinstance(made.get("properties"), dict):
        made["properties"] = {k: v for k, v in made["properties"].items() if not v.get("deprecated")}
    return made
