"""What the rows of sheets say: things by their ids, names turned to ids, and the cell that each part came from.

Nothing is judged here that loading judges: the texts made of these things are loaded by whoever writes them, and what
that finds wrong is told with the cell it came from (:meth:`Draft.explained`).
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from cascade.errors import Mark, Path_, Problem, did_you_mean, short
from cascade.files.cells import READERS, Cell, Names, text_of
from cascade.files.headings import plain
from cascade.files.parsing import compose
from cascade.files.recognition import Plan, Table
from cascade.files.sheets import CellProblem
from cascade.model import Lang, Model
from cascade.words import word

OWN: Final = "own"
"""Sector of processes that name none."""
KNOWN: Final = "in the model already"
"""What is said of a thing that an import cannot add."""
_NEAR: Final = 0.85
"""How alike a name is to a known one before it is taken for a slip of the pen (difflib); own choice."""
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,99}", re.ASCII)
ASSET_FIELDS: Final = ("id", "region", "capacity", "name", "people", "lat", "lon", "area")

Row = tuple[int, dict[str, Cell]]
Origin = tuple[Table, int, int]
"""A cell: its table, row and column."""


@dataclass(frozen=True)
class Base:
    """A model that the imported things are put beside."""

    model: Model
    files: dict[str, bytes]


@dataclass
class Draft:
    """The files of a model, not yet loaded, and where everything in them came from."""

    file: str
    lang: Lang
    files: dict[str, bytes] = field(default_factory=dict)
    origins: dict[tuple[str, Path_], Origin] = field(default_factory=dict)
    """By file and path in it."""
    lines: dict[str, list[Origin]] = field(default_factory=dict)
    """By table of assets or links: the row that each of its lines came from."""
    problems: list[CellProblem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What was decided on the way, in the language of the draft."""

    def explained(self, problems: Iterable[Problem], root: Path) -> list[CellProblem]:
        """Say faults that loading found with the cells they came from; faults that follow from one above are left out."""
        faulty = {(problem.file, problem.line) for problem in self.problems}
        marks: dict[str, dict[tuple[int, int], Path_]] = {}
        found = list(self.problems)
        for problem in problems:
            name = Path(problem.file).relative_to(root).as_posix() if Path(problem.file).is_relative_to(root) else ""
            origin = self._origin(name, problem, marks)
            if origin is None:
                found.append(CellProblem(self.file, 0, 0, problem.subject, problem.what, problem.remedy))
                continue
            table, row, column = origin
            what = problem.what if name not in self.lines else self._in_rows(name, problem.what)
            if (table.page.file, row) not in faulty:
                found.append(CellProblem(table.page.file, row, column, problem.subject, what, problem.remedy))
        return found

    def _in_rows(self, name: str, text: str) -> str:
        """Name rows of the sheet where a fault of its table names lines."""

        def row(match: re.Match[str]) -> str:
            at = int(match[1]) - 2
            return f"in row {self.lines[name][at][1]}" if 0 <= at < len(self.lines[name]) else match[0]

        return re.sub(r"\bon line (\d+)\b", row, text)

    def _origin(self, name: str, problem: Problem, marks: dict[str, dict[tuple[int, int], Path_]]) -> Origin | None:
        if name in self.lines:
            if not 2 <= problem.line <= len(self.lines[name]) + 1:
                return self.lines[name][0]
            table, row, _ = self.lines[name][problem.line - 2]
            return table, row, table.number(problem.subject)
        if name not in self.files or not name.endswith(".yaml"):
            return None
        if name not in marks:
            document = compose(self.files[name].decode(), name)
            marks[name] = dict(_places(document.mark, ())) if document.mark else {}
        path = marks[name].get((problem.line, problem.column), ())
        for size in range(len(path), 0, -1):
            if (name, path[:size]) in self.origins:
                return self.origins[name, path[:size]]
        # a fault of a whole thing: any cell of its row says where
        return next(
            (one for (file, at), one in self.origins.items() if file == name and path and at[: len(path)] == path), None
        )


def _places(mark: Mark, path: Path_) -> Iterator[tuple[tuple[int, int], Path_]]:
    """Yield every place in a document with the path that begins there; a key or value inside goes before what it is in."""
    yield (mark.line, mark.column), path
    if mark.key:
        yield mark.key, path
    inner = mark.items.items() if isinstance(mark.items, dict) else enumerate(mark.items or ())
    for part, one in inner:
        yield from _places(one, (*path, part))


def slug(text: str) -> str:
    """Make an id of a name: small letters, digits and dashes."""
    flat = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", flat.lower()).strip("-")[:80].strip("-") or "x"


# ------------------------------------------------------------------ what rows say


@dataclass
class Gatherer:
    """What has been read of the tables of a file so far."""

    plan: Plan
    draft: Draft
    base: Base | None
    known: Callable[[], Model] | None
    """Gives a model of which the names are known; nothing of it is taken but names."""
    things: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    """By sheet and id."""
    origins: dict[tuple[str, str, Path_], Origin] = field(default_factory=dict)
    """By sheet, id and path in the thing."""
    names: Names = field(default_factory=Names)
    words: dict[str, str] = field(default_factory=dict)
    stubs: dict[str, str] = field(default_factory=dict)
    """Processes that are only named, with the name as written."""
    rows_of: dict[str, list[tuple[Origin, dict[str, str]]]] = field(default_factory=dict)
    """Rows of assets by process, and of links by process and need."""
    here: Origin | None = None
    sheet_mark: str = ""

    @property
    def hints(self) -> Model | None:
        """The model of which the names are known."""
        return None if self.known is None else self.known()

    @cached_property
    def hinted(self) -> dict[str, str]:
        """Id by every word for a process of that model."""
        known = {} if self.hints is None else self.hints.processes
        return {plain(one): name for name, p in known.items() for one in (name, p.name.nl, p.name.en)}

    def say(self, sentence: str, **filled: object) -> None:
        """Note what was decided, once."""
        text = word(sentence, self.draft.lang, **filled)
        if text not in self.draft.notes:
            self.draft.notes.append(text)

    def fault(self, table: Table, row: int, key: str | int, what: str, remedy: str = "") -> None:
        """Note a fault in a cell, by the key or number of its column."""
        number = key if isinstance(key, int) else table.number(key)
        subject = table.columns.get(number, (table.sheet.key, ""))[0]
        self.draft.problems.append(CellProblem(table.page.file, row, number, subject, what, remedy))

    def tables(self, key: str) -> list[Table]:
        """Return the pages that are this kind of sheet."""
        return [table for table in self.plan.tables if table.sheet.key == key]

    def rows(self, key: str) -> Iterator[tuple[Table, int, dict[str, Cell]]]:
        """Yield the rows of a kind of sheet; one with nothing but more YAML goes on with the one above."""
        for table in self.tables(key):
            found: list[Row] = []
            for line, cells in table.page.rows:
                if line <= table.row:
                    continue
                row = {name: cells[n] for n, (name, _) in table.columns.items() if n in cells and not cells[n].empty}
                if set(row) == {"more"} and found and isinstance(row["more"].value, str):
                    before = found[-1][1]
                    before["more"] = Cell(str(before.get("more", Cell("")).value) + row["more"].value)
                elif row:
                    found.append((line, row))
            for line, row in found:
                yield table, line, row

    def read(self, table: Table, row: int, cells: Mapping[str, Cell], key: str) -> Any:
        """Return what one cell says; None where it is empty or faulty."""
        cell = cells.get(key)
        if cell is None:
            return None
        number = table.number(key)
        self.here = (table, row, number)
        try:
            return READERS[table.sheet.column(key).codec](cell, table.columns[number][1], self.names)
        except ValueError as error:
            what, _, remedy = short(error, 400).partition("; ")
            self.fault(table, row, number, what, remedy)
            return None

    # -------------------------------------------------------------- one row

    def thing(
        self, table: Table, row: int, cells: Mapping[str, Cell], kind: str, name: str, at: Path_ = ()
    ) -> dict[str, Any]:
        """Return what a row says about one thing, field by field; texts in one language stand for both."""
        made: dict[str, Any] = {}
        for column in table.sheet.columns:
            if not column.path or column.key not in cells:
                continue
            value = self.read(table, row, cells, column.key)
            if value is None or value == "" or (column.codec == "bool" and value == "false"):
                continue  # no is what every such field says by itself
            _put(made, column.path, value)
            self.origins[kind, name, (*at, *column.path)] = (table, row, table.number(column.key))
        self.origins.setdefault((kind, name, at), (table, row, 1))
        more = self.more(table, row, cells, kind)
        _merge(made, more)
        for path in _paths(more):
            self.origins[kind, name, (*at, *path)] = (table, row, table.number("more"))
        return both(made)

    def more(self, table: Table, row: int, cells: Mapping[str, Cell], kind: str) -> dict[str, Any]:
        """Return the fields in the cell for YAML."""
        if "more" not in cells:
            return {}
        text = self.read(table, row, cells, "more") or ""
        # a process stands two deep in its file, where one of its fields may hold nothing
        inner = "\n".join(f"    {line}" for line in text.split("\n"))
        document = compose(f"processes:\n  x:\n{inner}\n", table.page.file)
        if document.problems:
            problem = document.problems[0]
            self.fault(table, row, "more", f"cannot be read as YAML: {problem.what}", problem.remedy)
            return {}
        data = document.data["processes"]["x"]
        if isinstance(data, dict) and (kind == "processes" or not _nulls(data)):
            return data
        self.fault(
            table, row, "more", "expected fields: {field: value}", "write name: value between { }, or empty the cell"
        )
        return {}

    def name_of(self, table: Table, row: int, cells: Mapping[str, Cell], key: str = "id", other: str = "") -> str:
        """Return the id of a row: what is written, or made from its name."""
        written = self.read(table, row, cells, key) or ""
        if written and _ID.fullmatch(written):
            return str(written)
        if written and key == "id" and table.sheet.key != "processes":
            return slug(written)
        names = [name for name in ("name", "name_nl", "name_en", "title", other) if name in cells]
        text = written or (text_of(cells[names[0]]) if names else "")
        if not text.strip():
            self.fault(table, row, key, "the row has no id and no name", "write one of the two, or empty the row")
            return ""
        return slug(text)

    def keep(self, table: Table, row: int, kind: str, name: str, thing: dict[str, Any]) -> None:
        """Keep a thing under its id, once."""
        known = self.things.setdefault(kind, {})
        if name in known:
            first = self.origins.get((kind, name, ()))
            where = f"; the first is in row {first[1]}" if first else ""
            self.fault(
                table, row, "id", f"{name!r} is there twice{where}", "keep one of the two, or give one another id"
            )
            return
        known[name] = thing

    # -------------------------------------------------------------- sheets

    def simple(self, kind: str) -> None:
        """Read a sheet of which each row is one thing with an id."""
        key = "code" if kind == "regions" else "id"
        for table, row, cells in self.rows(kind):
            name = self.name_of(table, row, cells, key)
            if not name or name in self.things.get(kind, {}):
                if name:
                    self.keep(table, row, kind, name, {})
                continue
            self.keep(table, row, kind, name, self.thing(table, row, cells, kind, name))

    def model(self) -> dict[str, Any]:
        """Return what the sheet about the model says; its first row counts."""
        for table, row, cells in self.rows("model"):
            return self.thing(table, row, cells, "model", "")
        return {}

    def processes(self) -> None:
        """Read the processes: first the names of all, so that any row may name any."""
        found = []
        for table, row, cells in self.rows("processes"):
            name = self.name_of(table, row, cells)
            if name and name in self.things.get("processes", {}):
                self.keep(table, row, "processes", name, {})
            elif name:
                self.origins["processes", name, ()] = (table, row, table.number("id"))
                self.keep(table, row, "processes", name, {})
                found.append((name, table, row, cells))
                titles = [cells[key] for key in ("id", "name", "name_nl", "name_en") if key in cells]
                for text in (name, *map(text_of, titles)):
                    self.words.setdefault(plain(text), name)
        if self.base is not None:
            for name, process in self.base.model.processes.items():
                for text in (name, process.name.nl, process.name.en):
                    self.words.setdefault(plain(text), name)
        self.names.processes = self.words
        for name, table, row, cells in found:
            thing = self.thing(table, row, cells, "processes", name)
            thing.setdefault("name", name)
            sector = self.sector(table, row, cells)
            self.things["processes"][name] = {"sector": sector, **thing}

    def sector(self, table: Table, row: int, cells: Mapping[str, Cell]) -> str:
        """Return the id of the sector that a row names; one that is only named gets its name from there."""
        text = self.read(table, row, cells, "sector")
        if not text:
            return OWN
        known = {
            plain(text): name
            for name, thing in self.things.get("sectors", {}).items()
            for text in _texts(name, thing.get("name"))
        }
        if self.base is not None:
            base = self.base.model.sectors
            known |= {
                plain(one): name for name, sector in base.items() for one in (name, sector.name.nl, sector.name.en)
            }
        found = known.get(plain(text))
        if found is None:
            found = slug(text) if not _ID.fullmatch(text) else text
            hint = self.hints.sectors.get(found) if self.hints else None
            name = {"nl": hint.name.nl, "en": hint.name.en} if hint else text
            self.things.setdefault("sectors", {})[found] = {"name": name}
        return found

    def strange(self, text: str, supplier: bool) -> str:
        """Return the id of a process that no sheet describes, or say that it looks like a slip of the pen."""
        described = self.base is not None or bool(self.tables("processes"))
        near = get_close_matches(plain(text), list(self.words), 1, _NEAR) if described else []
        if near:
            remedy = f"did you mean {near[0]!r}? If it is another one, describe it in sheet Processes"
            raise ValueError(f"no process {short(text)!r}; {remedy}")
        hint = None
        if self.base is None and self.hints is not None:
            hint = self.hinted.get(plain(text))
        name = hint or (text if _ID.fullmatch(text) and text == text.lower() else slug(text))
        base = {} if self.base is None else self.base.model.processes
        while name in self.stubs or name in base or name in self.things.get("processes", {}):
            name += "-2"
        self.words[plain(text)] = name
        self.words.setdefault(name, name)
        self.stubs[name] = text
        if self.here is not None:
            self.origins["processes", name, ()] = self.here
        return name

    def dependencies(self) -> None:
        """Read who needs what from whom."""
        self.names.strange = self.strange
        for table, row, cells in self.rows("dependencies"):
            process = self.read(table, row, cells, "process")
            if process is None:
                if "process" not in cells:
                    self.fault(
                        table,
                        row,
                        "process",
                        "says not which process needs it",
                        "write it in every row, or empty the row",
                    )
                continue
            at = (table, row, table.number("process"))
            if (
                self.base is not None
                and process in self.base.model.processes
                and process not in self.things.get("processes", {})
            ):
                what = f"{process!r} is {KNOWN}, and its needs are not changed by an import"
                self.fault(table, row, "process", what, "give yours a name of its own in sheet Processes")
                continue
            needs = self.things.setdefault("processes", {}).setdefault(process, {}).setdefault("needs", {})
            rule = self.supply(table, row, cells)
            name = self.need_name(table, row, cells, rule)
            if not name:
                continue
            path: Path_ = ("needs", name)
            if name in needs:
                first = self.origins["processes", process, path][1]
                what = f"{process!r} has a need {name!r} already, in row {first}"
                self.fault(table, row, "need", what, "name this one otherwise, or put its suppliers with ; in that row")
                continue
            self.origins["processes", process, path] = at
            thing = self.thing(table, row, cells, "processes", process, path)
            if rule:
                column = (table, row, table.number("from"))
                for key in rule:
                    self.origins["processes", process, (*path, key)] = column
            needs[name] = {**rule, **thing}
        self.names.strange = None

    def need_name(self, table: Table, row: int, cells: Mapping[str, Cell], rule: dict[str, Any]) -> str:
        """Return the name of a need: what is written, or made from its supplier."""
        if "from" not in cells and "more" not in cells:
            self.fault(table, row, "from", "says not from whom it comes", "write who supplies it, or empty the row")
            return ""
        written = self.read(table, row, cells, "need")
        if written:
            return written if _ID.fullmatch(written) else slug(written)
        return slug(text_of(cells["from"])) if rule else ""

    def supply(self, table: Table, row: int, cells: Mapping[str, Cell]) -> dict[str, Any]:
        """Return the supply rule of a row as a need has it."""
        items = self.read(table, row, cells, "from")
        rule = self.read(table, row, cells, "rule") or "all"
        if not items:
            return {}
        given = [{"id": name, "gives": part} if part else name for name, part in items]
        if rule == "all":
            if any(part for _, part in items):
                what = "a share in brackets says nothing where all suppliers are needed"
                self.fault(table, row, "from", what, "write under Rule 'any of' for stand-ins, or 'shares'")
            return {"from": given[0] if len(given) == 1 else given}
        if rule == "any_of":
            return {"any_of": given}
        if rule == "shares":
            if not all(part for _, part in items):
                self.fault(table, row, "from", "a supplier has no share", "write it in brackets behind it: power (60%)")
            return {"shares": {name: part or "0%" for name, part in items}}
        return {"at_least": {"count": rule.partition(" ")[2], "of": given}}

    def tabled(self, kind: str) -> None:
        """Read the rows of tables: assets by process, links by process and need."""
        fields = ASSET_FIELDS if kind == "assets" else ("consumer", "supplier", "share")
        self.names.strange = self.strange
        for table, row, cells in self.rows(kind):
            process = self.read(table, row, cells, "process")
            need = self.read(table, row, cells, "need") if kind == "links" else ""
            if process is None or need is None:
                for key in ("process", "need"):
                    if key not in cells and (key == "process" or kind == "links"):
                        self.fault(table, row, key, "is empty", "write it in every row")
                continue
            made = {key: self.read(table, row, cells, key) for key in fields if key in cells and key != "id"}
            if kind == "assets":
                made["id"] = self.name_of(table, row, cells)
                if "capacity" not in made and "capacity" in {name for name, _ in table.columns.values()}:
                    self.fault(table, row, "capacity", "is empty, and others have one", "write a number above 0")
            if any(value is None for value in made.values()):
                continue
            key = f"{process}\n{need}"
            self.rows_of.setdefault(key, []).append(((table, row, table.number("process")), made))
        self.names.strange = None

    def title(self, text: str) -> str:
        """Return the key of a source; one that is named by words that no sheet knows becomes one with that title."""
        known = self.things.setdefault("sources", {})
        base = self.base.model.sources if self.base else {}
        if text in known or text in base:
            return text
        titles = {plain(str(thing.get("title"))): key for key, thing in known.items()}
        titles = {plain(source.title): key for key, source in base.items()} | titles
        folded = {key.casefold(): key for key in (*base, *known)}
        found = folded.get(text.casefold()) or titles.get(plain(text))
        if found is not None:
            return found
        hint = self.hints.sources.get(text) if self.hints else None
        listed = any(table.page.rows[-1][0] > table.row for table in self.tables("sources"))
        near = get_close_matches(text, [*known, *base], 1, _NEAR) if hint is None else []
        if _ID.fullmatch(text) and (listed or near):
            remedy = did_you_mean(text, [*known, *base])
            raise ValueError(f"no source {short(text)!r}; {remedy}, or add it in sheet Sources")
        key = text if _ID.fullmatch(text) else slug(text)
        while key in known or key in base:
            key += "-2"
        written = {"title": text} if hint is None else {k: v for k, v in hint.model_dump().items() if v}
        known[key] = written
        if self.here is not None:
            self.origins["sources", key, ()] = self.here
        self.say("own_source_made", id=key, title=short(written["title"]))
        return key


def _texts(name: str, text: Any) -> tuple[str, ...]:
    return (name, *(text.values() if isinstance(text, dict) else [text] if text else []))


def _put(made: dict[str, Any], path: Iterable[str], value: Any) -> None:
    """Put a value at a path; a text in both languages gives way to those in one."""
    *above, last = path
    for part in above:
        inner = made.get(part)
        if not isinstance(inner, dict):
            inner = made[part] = {}
        made = inner
    if not isinstance(made.get(last), dict):
        made[last] = value


def _merge(made: dict[str, Any], more: Mapping[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(made.get(key), dict):
            _merge(made[key], value)
        else:
            made[key] = value


def _paths(data: Mapping[str, Any]) -> Iterator[Path_]:
    for key, value in data.items():
        yield (key,)
        if isinstance(value, dict):
            yield from ((key, *path) for path in _paths(value))


def _nulls(data: Any) -> bool:
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return data is None or any(map(_nulls, inner))


def both(made: dict[str, Any]) -> dict[str, Any]:
    """Write texts in one language for both, and texts that are the same in both once."""
    for key, value in made.items():
        if isinstance(value, dict) and value and set(value) <= {"nl", "en"}:
            texts = list(value.values())
            same = len(set(texts)) == 1 and all(isinstance(text, str) for text in texts)
            made[key] = texts[0] if same else value
    return made
