"""What sheets say as the texts of a model folder: a model of its own, or put beside another one.

Nothing of another model is changed but that things are added at the end of its files; they keep their comments.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from cascade.errors import DefinitionError, Path_, UsageError, did_you_mean, short
from cascade.files.cells import text_of
from cascade.files.gathering import ASSET_FIELDS, KNOWN, OWN, Base, Draft, Gatherer, Origin, both
from cascade.files.headings import plain
from cascade.files.parsing import compose, is_there, read_bytes, to_yaml
from cascade.files.recognition import Plan
from cascade.files.sheets import CellProblem
from cascade.files.tables import MAX_TABLE
from cascade.model import (
    LOWEST,
    MARKINGS,
    Authority,
    Hazard,
    Lang,
    Measure,
    Model,
    ModelInfo,
    Need,
    Process,
    Region,
    Sector,
    Source,
    Stock,
    higher_marking,
    mark_ranks,
)
from cascade.words import WORDS

Places = list[tuple[str, str, Path_]]
"""Kind and id of things, and where each stands in a file."""
AREA: Final = "area"
"""Code of the one region of a model of which no regions are given."""
_CLASSES: Final[dict[str, Any]] = {
    "processes": Process, "dependencies": Need, "sectors": Sector, "regions": Region, "sources": Source, "model": ModelInfo,
    "measures": Measure, "stocks": Stock, "hazards": Hazard, "authorities": Authority,
}  # fmt: skip
_LATE: Final = ("source", "confidence", "facts", "note", "needs", "parameters")
"""Fields that are written last."""
_MAPPED: Final = ("sources", "measures", "stocks", "hazards", "authorities")
"""Files that are a mapping of ids to things."""
_LISTS: Final = ("source", "facts", "tags", "scenarios", "sectors")
"""Lists of which a lone entry is written without brackets."""


def check_mark(mark: str) -> None:
    """Refuse a mark that nobody would heed, where it is asked for from Python.

    Raises
    ------
    UsageError
        If a part between ``/`` is no mark.
    """
    known = [one for marks in MARKINGS.values() for one in marks]
    for part in mark.split(" / ") if mark else ():
        if part not in known:
            raise UsageError(f"{short(part)!r} is no marking; {did_you_mean(part, known)}")


# ------------------------------------------------------------------ to the texts of a model


def gather(
    plan: Plan, lang: Lang, base: Base | None = None, known: Callable[[], Model] | None = None, marking: str = ""
) -> Draft:
    """Turn the tables of a file into the texts of a model folder.

    Parameters
    ----------
    plan : Plan
        Without open questions.
    lang : str
        Of the notes on what was decided.
    base : Base, optional
        A model to put the imported things beside; its files are taken over as they are.
    known : callable, optional
        Gives a model whose processes and sources are recognised by name, when one is needed. Only names are taken from
        it, and of a source all.
    marking : str
        Raises that of what is written.

    Raises
    ------
    DefinitionError
        If questions are open.
    """
    if plan.questions:
        raise DefinitionError([*plan.problems()])
    draft = Draft(plan.file, lang)
    draft.problems += [problem for table in plan.tables for problem in table.page.problems]
    found = Gatherer(plan, draft, base, None if base else known)
    for table in plan.tables:
        found.sheet_mark = higher_marking(found.sheet_mark, table.marking)
    found.sheet_mark = higher_marking(found.sheet_mark, marking)
    hidden = [table.page.name for table in plan.tables if table.page.hidden]
    if hidden:
        found.say("own_hidden_read", names=", ".join(hidden))
    found.simple("sources")
    found.names.title = found.title
    _regions(found)
    found.simple("sectors")
    found.processes()
    found.dependencies()
    found.tabled("assets")
    found.tabled("links")
    info = found.model()
    for kind in ("measures", "stocks", "hazards", "authorities", "parameters"):
        found.simple(kind)
    _stubs(found)
    for name in plan.passed:
        found.say("own_sheet_passed", name=name)
    if base is None:
        _whole(found, info)
    else:
        _beside(found, base)
    return draft


def _regions(found: Gatherer) -> None:
    """Read the regions; their own neighbours may come later in the sheet, so names first."""
    names: dict[str, str] = {}
    words: dict[str, str] = {}
    for table, row, cells in found.rows("regions"):
        code = found.name_of(table, row, cells, "code")
        for text in (code, text_of(cells["name"]) if "name" in cells else ""):
            if text:
                names[code] = text
                words[plain(text)] = code
    if found.base is not None:
        base = {code: region.name for code, region in found.base.model.regions.items()}
        names = {**base, **names}
        words = {plain(text): code for code, name in base.items() for text in (code, name)} | words
    found.names.region_names, found.names.regions = names, words
    found.simple("regions")
    if found.base is None and not found.things.get("regions"):
        name = {"nl": WORDS["own_area"][0], "en": WORDS["own_area"][1]}[found.draft.lang]
        found.things["regions"] = {AREA: {"name": name, "population": "0"}}
        found.names.regions, found.names.region_names = {plain(name): AREA, AREA: AREA}, {AREA: name}
        found.say("own_no_regions")


def _stubs(found: Gatherer) -> None:
    """Give processes that are only named what is known of them: a name, and of known ones where they are."""
    for name, text in found.stubs.items():
        hint = found.hints.processes.get(name) if found.hints else None
        thing: dict[str, Any] = {"sector": OWN, "name": text}
        if hint is not None and found.hints is not None:
            thing["name"] = both({"name": {"nl": hint.name.nl, "en": hint.name.en}})["name"]
            thing |= {"per": "region"} if hint.regional else {}
            sector = thing["sector"] = found.hints.sector_of[name]
            named = found.hints.sectors[sector].name
            found.things.setdefault("sectors", {}).setdefault(sector, {"name": {"nl": named.nl, "en": named.en}})
        known = found.things.setdefault("processes", {}).setdefault(name, {})
        found.things["processes"][name] = {**thing, **known}
    bare_ones = {name: text for name, text in found.stubs.items() if not found.things["processes"][name].get("needs")}
    if bare_ones:
        shown = ", ".join(name if name == text else f"{text} ({name})" for name, text in sorted(bare_ones.items()))
        found.say("own_only_named", n=len(bare_ones), names=shown)
        if found.base is not None:
            model = found.base.model
            used = Counter(
                s.process for p in model.processes.values() for need in p.needs.values() for s in need.supplies
            )
            most = used.most_common(1)[0][0] if used else next(iter(model.processes))
            example = f"{model.processes[most].name[found.draft.lang]} ({most})"
            found.say("own_tied_to_nothing", title=model.info.title[found.draft.lang], example=example)


def _whole(found: Gatherer, info: dict[str, Any]) -> None:
    """Write the files of a model of its own."""
    draft = found.draft
    info = {"title": Path(draft.file).stem, "version": "1"} | info | _group(found, "parameters")
    info["marking"] = _covering(found, info.get("marking", LOWEST))
    _write(found, "model.yaml", tidy("model", info), [("model", "", ())])
    codes = found.things.get("regions", {})
    data = [tidy("regions", {"code": code, **thing}) for code, thing in codes.items()]
    _write(found, "regions.yaml", data, [("regions", code, (i,)) for i, code in enumerate(codes)])
    for kind in _MAPPED:
        things = found.things.get(kind, {})
        if things or kind == "sources":
            data_ = {name: tidy(kind, thing) for name, thing in things.items()}
            _write(found, f"{kind}.yaml", data_, [(kind, name, (name,)) for name in things])
    if not found.things.get("processes"):
        what, remedy = "holds no process", "fill sheet Processes or Dependencies"
        draft.problems.append(CellProblem(draft.file, 0, 0, "file", what, remedy))
    for sector, members in by_sector(found).items():
        about = found.things.get("sectors", {}).get(sector) or {"name": _own_name()}
        about = tidy("sectors", {"sector": sector, **about, "processes": members})
        own = (*_MAPPED, "model", "regions")
        file = f"{sector}-sector.yaml" if sector in own else f"{sector}.yaml"
        places = [("processes", name, ("processes", name)) for name in members]
        _write(found, file, about, [("sectors", sector, ()), *places])
    unfilled = set(found.things.get("sectors", {})) - set(by_sector(found))
    for sector in sorted(unfilled):
        origin = found.origins.get(("sectors", sector, ()))
        if origin is not None:
            found.fault(
                origin[0],
                origin[1],
                "id",
                f"sector {sector!r} has no process",
                "remove the row, or name it with a process",
            )
    write_tables(found)


def _own_name() -> dict[str, str]:
    return {"nl": WORDS["own_sector"][0], "en": WORDS["own_sector"][1]}


def _group(found: Gatherer, kind: str) -> dict[str, Any]:
    things = found.things.get(kind, {})
    for (kind_, name, path), origin in list(found.origins.items()):
        if kind_ == kind:
            found.origins["model", "", (kind, name, *path)] = origin
    return {kind: things} if things else {}


def _covering(found: Gatherer, mark: str) -> str:
    """Return the mark of the model, raised where what stands above the sheets is not covered by what is in them."""
    inner = mark
    for kind in ("sectors", "processes", "measures", "stocks", "hazards"):
        for thing in found.things.get(kind, {}).values():
            needs = thing.get("needs", {}).values() if isinstance(thing.get("needs"), dict) else ()
            for one in (thing, *needs):
                inner = higher_marking(inner, str(one.get("marking", "")))
    whole, said = higher_marking(inner, found.sheet_mark), mark_ranks(inner)
    return mark if mark_ranks(whole) == said else higher_marking(mark, found.sheet_mark)


def by_sector(found: Gatherer) -> dict[str, dict[str, Any]]:
    """Return the processes of each sector, as their file has them; sectors in the order of their ids."""
    made: dict[str, dict[str, Any]] = {}
    for name, thing in found.things.get("processes", {}).items():
        about = {"name": name} | {key: value for key, value in thing.items() if key != "sector"}
        if f"{name}\n" in found.rows_of:
            about.setdefault("assets", f"{name}.csv")
        for need, one in about.get("needs", {}).items():
            if f"{name}\n{need}" in found.rows_of:
                one.setdefault("by_table", f"{name}-{need}.csv")
        if about.get("needs"):
            about["needs"] = {need: tidy("dependencies", one) for need, one in about["needs"].items()}
        made.setdefault(thing.get("sector", OWN), {})[name] = tidy("processes", about)
    return dict(sorted(made.items()))


def tidy(kind: str, thing: dict[str, Any]) -> dict[str, Any]:
    """Put the fields of a thing in the order in which people read them; lone entries of lists stand without brackets."""
    kind_ = _CLASSES[kind]
    order = [info.alias or name for name, info in kind_.model_fields.items()]
    order = [name for name in order if name not in _LATE] + [name for name in _LATE if name in order]
    known = {name: thing[name] for name in order if name in thing}
    made = known | {name: value for name, value in thing.items() if name not in known}
    for name in _LISTS:
        value = made.get(name)
        if isinstance(value, list) and len(value) == 1:
            made[name] = value[0]
    return made


def _write(found: Gatherer, file: str, data: Any, places: Places) -> None:
    """Write one YAML file, and note where its parts came from: (kind, id, path in the file)."""
    found.draft.files[file] = to_yaml(bare(data)).encode()
    note(found, file, places)


def bare(data: Any) -> Any:
    """Return plain data in which numbers and true or false are no text, so that they are written without quotes."""
    if isinstance(data, dict):
        return {key: bare(value) for key, value in data.items()}
    if isinstance(data, list):
        return [bare(value) for value in data]
    if data in ("true", "false"):
        return data == "true"
    if isinstance(data, str) and re.fullmatch(r"-?\d{1,15}(\.\d{1,12})?", data, re.ASCII):
        number: int | float = float(data) if "." in data else int(data)
        return number if str(number) == data else data
    return data


def note(found: Gatherer, file: str, places: Iterable[tuple[str, str, Path_]]) -> None:
    """Note where the parts of a file came from: (kind, id, path in the file)."""
    base = {(kind, name): path for kind, name, path in places}
    for (kind, name, path), origin in found.origins.items():
        if (kind, name) in base:
            found.draft.origins[file, (*base[kind, name], *path)] = origin


def write_tables(found: Gatherer) -> None:
    """Write the tables of assets and links: the rows of the sheets, or the file beside the workbook that a cell names."""
    for name, thing in found.things.get("processes", {}).items():
        where: Path_ = ("assets",)
        file = thing.get("assets") or (f"{name}.csv" if f"{name}\n" in found.rows_of else None)
        if file is not None:
            _table(found, str(file), found.rows_of.get(f"{name}\n"), name, where)
        for need, one in thing.get("needs", {}).items():
            where = ("needs", need, "by_table")
            file = one.get("by_table") or (f"{name}-{need}.csv" if f"{name}\n{need}" in found.rows_of else None)
            if file is not None:
                _table(found, str(file), found.rows_of.get(f"{name}\n{need}"), name, where)
    for key, rows in found.rows_of.items():
        name, _, need = key.partition("\n")
        needs = found.things.get("processes", {}).get(name, {}).get("needs", {})
        if need and need not in needs:
            table, row, _ = rows[0][0]
            found.fault(table, row, "need", f"{name!r} has no need {need!r}", did_you_mean(need, needs))


def _table(
    found: Gatherer, file: str, rows: list[tuple[Origin, dict[str, str]]] | None, process: str, where: Path_
) -> None:
    origin = found.origins.get(("processes", process, where)) or found.origins.get(("processes", process, ()))
    at = origin or (found.plan.tables[0], found.plan.tables[0].row, 1)
    parts = PurePosixPath(file).parts
    if (
        not file.lower().endswith(".csv")
        or file.startswith(("/", "~"))
        or ".." in parts
        or re.search(r'[\\:*?"<>|\x00-\x1f]', file)
    ):
        found.fault(at[0], at[1], at[2], f"{short(file)!r} is no name of a table in the folder", "name a .csv file")
        return
    if rows is not None:
        known = {key for _, row in rows for key in row}
        order = ASSET_FIELDS if where == ("assets",) else ("consumer", "supplier", "share")
        columns = [key for key in order if key in known or key == "capacity"]
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([row.get(key, "1" if key == "capacity" else "") for key in columns] for _, row in rows)
        found.draft.files[file] = out.getvalue().encode()
        found.draft.lines[file] = [one for one, _ in rows]
        return
    beside = beside_of(found.draft.file, file)
    if beside is None:
        what = f"no rows of {process!r} in the sheet of its table, and no file {short(file)!r} beside this one"
        found.fault(at[0], at[1], at[2], what, "add the rows, or put the .csv file beside the workbook")
        return
    found.draft.files[file] = read_bytes(beside, beside.as_posix(), MAX_TABLE)


def beside_of(workbook: str, file: str) -> Path | None:
    """Find a table beside a workbook: in the folder of its tables, or next to it; never elsewhere."""
    home = Path(workbook).parent
    for place in (home / f"{Path(workbook).stem}-tables" / file, home / file):
        if is_there(place) and place.resolve().is_relative_to(home.resolve()):
            return place
    return None


# ------------------------------------------------------------------ beside another model


def _beside(found: Gatherer, base: Base) -> None:
    """Put the imported things beside a model: its files as they are, with what is new added at their ends."""
    files, model = found.draft.files, base.model
    files.update(base.files)
    _use_known(found, model)
    _raise_marks(found, model)
    homes = _homes(base)
    members = by_sector(found)
    for sector, processes in members.items():
        places: Places = [("processes", name, ("processes", name)) for name in processes]
        if sector in model.sectors:
            _append(found, homes[sector], processes, ("processes",), places)
            continue
        about = found.things.get("sectors", {}).get(sector) or {"name": _own_name()}
        file = f"{sector}.yaml" if f"{sector}.yaml" not in files else f"{sector}-sector.yaml"
        data = tidy("sectors", {"sector": sector, **about, "processes": processes})
        _write(found, file, data, [("sectors", sector, ()), *places])
    regions = found.things.get("regions", {})
    if regions:
        start = len(model.regions)
        entries = [tidy("regions", {"code": code, **thing}) for code, thing in regions.items()]
        _append(
            found, _file(files, "regions"), entries, (), [("regions", c, (start + i,)) for i, c in enumerate(regions)]
        )
    for kind in _MAPPED:
        things = {name: tidy(kind, thing) for name, thing in found.things.get(kind, {}).items()}
        if things:
            _append(found, _file(files, kind), things, (), [(kind, name, (name,)) for name in things])
    if not members:
        what = f"holds no process that is not {KNOWN}"
        found.draft.problems.append(
            CellProblem(found.draft.file, 0, 0, "file", what, "fill sheet Processes or Dependencies")
        )
    write_tables(found)
    for file in sorted(set(files) & set(base.files)):
        if file.endswith(".csv") and files[file] != base.files[file]:
            what, remedy = f"{file!r} is a table of the model already", "give the table of yours another name"
            found.draft.problems.append(CellProblem(found.draft.file, 0, 0, "assets", what, remedy))


def _file(files: Mapping[str, bytes], stem: str) -> str:
    return next((name for name in (f"{stem}.yaml", f"{stem}.yml") if name in files), f"{stem}.yaml")


def _homes(base: Base) -> dict[str, str]:
    """Return the file of each sector of a model."""
    found = {}
    for sector in base.model.sectors:
        path, _, _ = base.model.places.at("sectors", sector)
        found[sector] = Path(path).name
    return found


def _use_known(found: Gatherer, model: Model) -> None:
    """Take what the sheets only mention from the model; what says something else under a known id is refused."""
    used = _mentioned(found, model)
    sources = found.things.get("sources", {})
    for key in [key for key in sources if key in model.sources]:
        if plain(str(sources[key].get("title", ""))) != plain(model.sources[key].title):
            _taken(found, "sources", key, "source")
        del sources[key]
    known = {
        "measures": "measure",
        "stocks": "stock",
        "hazards": "hazard",
        "authorities": "authority",
        "processes": "process",
    }
    for kind, what in known.items():
        for name in [name for name in found.things.get(kind, {}) if name in getattr(model, kind)]:
            _taken(found, kind, name, what)
    for name in found.things.get("parameters", {}):
        origin = found.origins["parameters", name, ()]
        found.fault(origin[0], origin[1], "id", "a parameter set cannot be added to another model", "remove the sheet")
    if used:
        found.say("own_known_used", names=", ".join(used))


def _mentioned(found: Gatherer, model: Model) -> list[str]:
    """Leave out processes without needs, regions and sectors that the model has; return the first two."""
    processes, regions = found.things.setdefault("processes", {}), found.things.get("regions", {})
    used = [
        name
        for name, thing in processes.items()
        if name in model.processes and not thing.get("needs") and f"{name}\n" not in found.rows_of
    ]
    same = [code for code in regions if code in model.regions]
    for name in used:
        del processes[name]
    for code in same:
        del regions[code]
    sectors = found.things.get("sectors", {})
    found.things["sectors"] = {name: thing for name, thing in sectors.items() if name not in model.sectors}
    return [*used, *same]


def _taken(found: Gatherer, kind: str, name: str, what: str) -> None:
    origin = found.origins.get((kind, name, ()))
    if origin is not None:
        found.fault(origin[0], origin[1], origin[2], f"{what} {name!r} is {KNOWN}", "give yours another id")


def _raise_marks(found: Gatherer, model: Model) -> None:
    """Give what is imported the mark of its sheets where the model's own does not cover it."""
    mark = found.sheet_mark
    if mark_ranks(higher_marking(model.info.marking, mark)) == mark_ranks(model.info.marking):
        return
    for kind in ("processes", "measures", "stocks", "hazards"):
        for thing in found.things.get(kind, {}).values():
            thing["marking"] = higher_marking(str(thing.get("marking", "")), mark)


def _append(found: Gatherer, file: str, entries: Any, path: tuple[str, ...], places: Places) -> None:
    """Put entries at the end of a mapping or list in a file, and leave all that stands in it as it is.

    Where that is not possible the file is written anew, without its comments, and a note says so.
    """
    text = found.draft.files.get(file, b"").decode()
    if not text.strip():
        _write(found, file, entries, places)
        return
    document = compose(text, file)
    old = document.data[path[0]] if path else document.data
    joined = [*old, *entries] if isinstance(old, list) else {**(old or {}), **entries}
    whole = {**document.data, path[0]: joined} if path else joined
    mark = document.mark.child(path[0]) if path and document.mark else document.mark
    inner = mark.items if mark else None
    first = next(iter(inner.values() if isinstance(inner, dict) else inner), None) if inner else None
    indent = 0
    if first is not None:
        indent = (first.key[1] if first.key else first.column - 2) - 1
    added = "".join(
        f"{' ' * indent}{line}\n" if line else "\n" for line in to_yaml(bare(entries)).rstrip("\n").split("\n")
    )
    longer = f"{text.rstrip()}\n{'' if isinstance(old, list) else chr(10)}{added}"
    again = compose(longer, file)
    if again.problems or again.data != compose(to_yaml(whole), file).data:
        longer = to_yaml(bare(whole))
        found.say("own_rewritten", file=file)
    found.draft.files[file] = longer.encode()
    note(found, file, places)
