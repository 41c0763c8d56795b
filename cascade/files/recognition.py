"""Which sheet of a workbook is what, and which column: by heading, by a mapping file, or by asking.

Sheets and columns go by their names in Dutch or English, or by other words that people use. What only looks like one of
them is a question, never a guess: it is answered by somebody, or by a mapping file.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from cascade.errors import DefinitionError, did_you_mean, short
from cascade.files.cells import Cell, text_of
from cascade.files.headings import (
    BY_KEY,
    DEPENDENCIES,
    EXPLANATION,
    SHEETS,
    Sheet,
    known_headings,
    known_sheets,
    plain,
    split_unit,
)
from cascade.files.margins import highest_mark
from cascade.files.parsing import Document, read_document, refuse, to_yaml
from cascade.files.sheets import HEAD, CellProblem, Page, cell_name
from cascade.model import higher_marking

PASS: Final = "-"
"""Stands for a column that is not read."""
OPEN: Final = "?"
"""Stands in a draft of a mapping where somebody has to choose."""
LONE: Final = "table"
"""What the one table of a CSV file is called in a mapping."""
_NEAR: Final = 0.8
"""How alike two headings are that may mean the same (difflib); own choice."""
_SAMPLES: Final = 3


@dataclass(frozen=True)
class Mapping:
    """What somebody wrote about the sheets and columns of a file."""

    kinds: dict[str, str]
    """Key of what a sheet is, by its name as compared."""
    columns: dict[str, dict[str, str]]
    """By sheet: key of a column (with perhaps a unit in brackets), by its heading as compared."""


@dataclass
class Question:
    """A column of which nobody is sure."""

    page: Page
    sheet: Sheet
    row: int
    column: int
    heading: str
    guess: str
    """Key of the likeliest column; empty where none comes near."""
    samples: tuple[str, ...]
    """Some cells below the heading."""
    free: tuple[str, ...]
    """Keys of the columns that it can be."""
    why: str = ""
    """What is wrong with it, where that is not just its name."""


@dataclass
class Table:
    """A page of which it is known what its rows and columns are."""

    page: Page
    sheet: Sheet
    row: int
    """Number of the row with the headings."""
    columns: dict[int, tuple[str, str]]
    """Key and unit of each column that is read, by its number."""
    headings: dict[int, str]
    marking: str = ""
    """The mark above the headings, or in a page header or footer."""

    def number(self, key: str) -> int:
        """Return the number of a column; 1 where there is none."""
        return next((number for number, (name, _) in self.columns.items() if name == key), 1)


@dataclass
class Plan:
    """What is understood of a file so far."""

    file: str
    tables: list[Table] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    """Names of sheets that are not read."""

    def answer(self, question: Question, key: str) -> None:
        """Take a column for what somebody says it is; ``-`` passes it over."""
        self.questions.remove(question)
        if key == PASS:
            return
        table = next(table for table in self.tables if table.page is question.page)
        table.columns[question.column] = (split_unit(key)[0], split_unit(key)[1] or split_unit(question.heading)[1])
        for other in self.questions:
            if other.page is question.page:
                other.free = tuple(name for name in other.free if name != key)
                other.guess = "" if other.guess == key else other.guess

    def problems(self) -> list[CellProblem]:
        """Say which columns are not understood."""
        found = []
        for one in self.questions:
            near = f"did you mean {_called(one.sheet, one.guess)}?" if one.guess else f"known: {', '.join(one.free)}."
            remedy = (
                f"{near} Rename it, or say in a mapping file what it is, or {PASS} to pass it over "
                "(--mapping-out FILE writes a draft)"
            )
            what = one.why or f"column {short(one.heading)!r} is not understood"
            found.append(CellProblem(one.page.file, one.row, one.column, one.sheet.key, what, remedy))
        return found


def _called(sheet: Sheet, key: str) -> str:
    heading = sheet.column(key).heading
    return f"{heading.nl!r} / {heading.en!r}"


# ------------------------------------------------------------------ mapping files


def read_mapping(path: str | Path) -> Mapping:
    """Read a mapping file: ``sheets:``, below it the names of sheets with ``is:`` and ``columns:`` (heading: column).

    Raises
    ------
    DefinitionError
        With all faults; a ``?`` that was left open is one.
    """
    document, _ = read_document(Path(path), Path(path).as_posix())
    made = Mapping({}, {})
    data = document.data if document.mark is not None else {}
    sheets = data.get("sheets") if isinstance(data, dict) else None
    if document.mark is not None and (not isinstance(sheets, dict) or set(data) != {"sheets"}):
        document.fault(
            (), "expected 'sheets:' and nothing beside it", "let the program write a draft with --mapping-out"
        )
    for name, about in (sheets if isinstance(sheets, dict) else {}).items():
        _take_sheet(document, made, name, about)
    if document.problems:
        raise DefinitionError(document.problems)
    return made


def _take_sheet(document: Document, made: Mapping, name: str, about: Any) -> None:
    path = ("sheets", name)
    if (
        not isinstance(about, dict)
        or not set(about) <= {"is", "columns"}
        or not isinstance(about.get("columns", {}), dict)
    ):
        document.fault(path, "expected 'is:' and 'columns:'", "let the program write a draft with --mapping-out")
        return
    kind = about.get("is", PASS)
    if kind != PASS and kind not in BY_KEY:
        document.fault((*path, "is"), f"no kind of sheet {short(kind)!r}", did_you_mean(str(kind), [*BY_KEY, PASS]))
        return
    made.kinds[plain(name)] = kind
    known = [] if kind == PASS else [column.key for column in BY_KEY[kind].columns]
    columns = made.columns.setdefault(plain(name), {})
    for heading, key in about.get("columns", {}).items():
        if key == OPEN:
            document.fault((*path, "columns", heading), "is still open", f"write what it is, or {PASS} to pass it over")
        elif not isinstance(key, str) or (key != PASS and split_unit(key)[0] not in known and kind != PASS):
            remedy = did_you_mean(str(key), [*known, PASS])
            document.fault((*path, "columns", heading), f"no column {short(key)!r}", remedy)
        else:
            columns[plain(heading)] = key


def draft(plan: Plan) -> str:
    """Write what is understood of a file as a mapping file, with ``?`` for what is open."""
    sheets: dict[str, Any] = {}
    for table in plan.tables:
        columns = {table.headings[number]: key for number, (key, _) in sorted(table.columns.items())}
        open_ = {one.heading: OPEN for one in plan.questions if one.page is table.page}
        every = {heading: (columns | open_).get(heading, PASS) for heading in table.headings.values()}
        sheets[table.page.name or LONE] = {"is": table.sheet.key, "columns": every}
    sheets |= {name: {"is": PASS} for name in plan.passed}
    about = [
        f"# What the columns of {Path(plan.file).name} are. Put in place of every {OPEN} what the column is, or {PASS} to pass it over.",
        "# Een ? vervangt u door wat de kolom is, of door - om haar over te slaan.",
        "#",
        *(
            f"# {sheet.key}: {', '.join(column.key for column in sheet.columns)}"
            for sheet in SHEETS
            if any(table.sheet is sheet for table in plan.tables)
        ),
    ]
    return "\n".join(about) + "\n" + to_yaml({"sheets": sheets})


# ------------------------------------------------------------------ recognising


def understand(pages: list[Page], file: str, mapping: Mapping | None = None, only: Iterable[str] = ()) -> Plan:
    """Find out what the sheets and columns of a file are.

    Parameters
    ----------
    pages : list of Page
    file : str
        For messages.
    mapping : Mapping, optional
        Goes before what headings say.
    only : iterable of str
        Names of the sheets to read; without it, all that are recognised.

    Raises
    ------
    DefinitionError
        If no sheet can be read, or one that was asked for is not there.
    """
    mapping = mapping or Mapping({}, {})
    plan = Plan(file)
    for page, sheet in _chosen(pages, file, mapping, list(only), plan):
        _understand(plan, page, sheet, mapping.columns.get(plain(page.name or LONE), {}))
    return plan


def _chosen(pages: list[Page], file: str, mapping: Mapping, only: list[str], plan: Plan) -> list[tuple[Page, Sheet]]:
    """Choose the sheets to read, with what each is."""
    filled = [page for page in pages if page.rows or page.problems]
    names = {plain(page.name): page for page in filled}
    for name in only:
        if plain(name) not in names:
            raise refuse(
                file,
                0,
                0,
                f"no sheet {short(name)!r} with anything in it",
                did_you_mean(name, [p.name for p in filled]),
            )
    wanted = [page for page in filled if not only or plain(page.name) in map(plain, only)]
    known, found, strange = known_sheets(), [], []
    for page in wanted:
        key = mapping.kinds.get(plain(page.name or LONE), known.get(plain(page.name)))
        if key in BY_KEY:
            found.append((page, BY_KEY[key]))
        elif key is None and plain(page.name) not in map(plain, (EXPLANATION.nl, EXPLANATION.en)):
            strange.append(page)
    if strange and (only or not found):
        if len(strange) > 1 and not only:
            strange = [page for page in strange if _score(page, _likely(page)) > 1] or strange
        if len(strange) > 1 and not only:
            what = "none of its sheets is called as expected, and several could be meant"
            raise refuse(file, 0, 0, what, f"name one with --sheet: {', '.join(page.name for page in strange)}")
        found += [(page, _likely(page)) for page in strange]
        strange = []
    if not found:
        names_ = ", ".join(f"{sheet.name.nl} / {sheet.name.en}" for sheet in SHEETS[:5])
        raise refuse(file, 0, 0, "no sheet with anything to read", f"fill one of {names_}")
    plan.passed = [page.name for page in strange]
    return found


def _score(page: Page, sheet: Sheet) -> int:
    """Return how many headings of a sheet a page has, in its best row."""
    known = known_headings(sheet)
    return max((sum(_key(cell, known) != "" for cell in cells.values()) for _, cells in page.rows[:HEAD]), default=0)


def _likely(page: Page) -> Sheet:
    """Return what a page is, going by its headings; dependencies where nothing says more."""
    order = [DEPENDENCIES, *(sheet for sheet in SHEETS if sheet is not DEPENDENCIES)]
    return max(order, key=lambda sheet: _score(page, sheet))


def _key(cell: Cell, known: dict[str, str]) -> str:
    if not isinstance(cell.value, str):
        return ""
    whole = plain(cell.value)
    return known.get(whole, "") or known.get(plain(split_unit(cell.value)[0]), "")


def _understand(plan: Plan, page: Page, sheet: Sheet, mapped: dict[str, str]) -> None:
    known = known_headings(sheet)
    both = known | {heading: key for heading, key in mapped.items() if key != PASS}

    def count(row: tuple[int, dict[int, Cell]]) -> int:
        return sum(_key(cell, both) != "" for cell in row[1].values())

    rows = [row for row in page.rows if row[0] <= HEAD or row in page.rows[:1]]
    if not rows:
        return
    best = max(rows, key=count)
    if count(best) == 0:  # own words throughout: the first row of words is that of the headings
        best = next((row for row in rows if sum(isinstance(c.value, str) for c in row[1].values()) > 1), rows[0])
    line, cells = best
    table = Table(page, sheet, line, {}, {}, _marking(page, line))
    plan.tables.append(table)
    bare = {number for row, filled in page.rows if row > line for number in filled if number not in cells}
    every = cells | {number: Cell(f"({cell_name(line, number).rstrip('0123456789')})") for number in bare}
    for number, cell in sorted(every.items()):
        _take_heading(plan, table, number, cell, known, mapped)
        if number in bare and plan.questions and plan.questions[-1].column == number:
            plan.questions[-1].why = "cells below, and no heading above them"


def _marking(page: Page, line: int) -> str:
    """Return the highest mark above the headings or in a page header or footer, alone or in a sentence."""
    found = ""
    above = [str(cell.value) for row, cells in page.rows if row < line for cell in cells.values()]
    for text in (*above, *page.margins):
        found = higher_marking(found, highest_mark(text))
    return found


def _take_heading(
    plan: Plan, table: Table, number: int, cell: Cell, known: dict[str, str], mapped: dict[str, str]
) -> None:
    """Take one column for what its heading says, or note the question."""
    text = " ".join(text_of(cell).split())
    table.headings[number] = text
    key, unit = mapped.get(plain(text)), split_unit(text)[1]
    if key is not None:
        key, unit = split_unit(key)[0], split_unit(key)[1] or unit
    else:
        key = _key(cell, known)
    if key == PASS:
        return
    taken = {name for name, _ in table.columns.values()}
    free = tuple(column.key for column in table.sheet.columns if column.key not in taken)
    question = Question(table.page, table.sheet, table.row, number, text, "", _samples(table, number), free)
    if key and key not in taken:
        table.columns[number] = (key, unit)
        plan.questions = [
            replace(one, free=tuple(f for f in one.free if f != key), guess="" if one.guess == key else one.guess)
            if one.page is table.page
            else one
            for one in plan.questions
        ]
    elif key:
        question.why = f"column {short(text)!r} is the second for {key!r}"
        plan.questions.append(question)
    elif question.samples or plain(text):
        near = {word: name for word, name in known.items() if name in free}
        question.guess = _guess(plain(split_unit(text)[0]), near)
        plan.questions.append(question)


def _guess(text: str, near: dict[str, str]) -> str:
    close = get_close_matches(text, list(near), 1, _NEAR)
    if close:
        return near[close[0]]
    inside = [word for word in near if len(word) > 4 and f" {word} " in f" {text} "]
    return near[max(inside, key=len)] if inside else ""


def _samples(table: Table, number: int) -> tuple[str, ...]:
    below = (cells[number] for line, cells in table.page.rows if line > table.row and number in cells)
    found = []
    for cell in below:
        found.append(short(str(cell.value), 30))
        if len(found) == _SAMPLES:
            break
    return tuple(found)
