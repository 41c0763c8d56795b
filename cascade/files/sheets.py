"""Sheets that somebody edited: ``.xlsx`` and ``.csv`` to pages of cells, and lists of injects to entries, faults with their cell.

The files are untrusted: under caps zipped and unzipped, values only, nothing is evaluated or fetched.
"""

import csv
import functools
import hashlib
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import openpyxl
from openpyxl.utils import get_column_letter

from cascade.errors import DefinitionError, Mark, Problem, short
from cascade.exercise import Injects
from cascade.files.cells import Cell
from cascade.files.fields import validate
from cascade.files.margins import hides, highest_mark, margins
from cascade.files.msel import OWN, READ, Context, Row, column_keys, entry, start_of
from cascade.files.parsing import Document, decode, read_bytes, refuse
from cascade.model import Input, Lang, Model, Words, higher_marking, mark_ranks
from cascade.words import WORDS

ENDINGS: Final = (".xlsx", ".csv")
MAX_SHEET: Final = 10_000_000
MAX_UNZIPPED: Final = 100_000_000
MAX_PARTS: Final = 2_000
MAX_ROWS: Final = 20_000
MAX_BOOK: Final = 50_000_000
MAX_BOOK_UNZIPPED: Final = 400_000_000
MAX_BOOK_ROWS: Final = 250_000
"""Of all sheets of a model together; larger tables stand beside it as CSV."""
MAX_COLUMNS: Final = 100
MAX_FAULTS: Final = 500
HEAD: Final = 20
"""Rows among which the names of the columns are looked for."""
MSEL: Final = "MSEL"
"""The sheet that is read; where there is none, the first."""
PASSED: Final = ("time_h", "kind")
"""Columns of our own CSV that are not read back."""
_HIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, OSError, EOFError, KeyError, IndexError, ValueError, TypeError, AttributeError,
    SyntaxError, OverflowError, NotImplementedError, RuntimeError,
)  # fmt: skip
"""What a reader of sheets raises on a file that is none (a fault of XML is a SyntaxError)."""


@dataclass
class _Sheet:
    """The rows under the column names of one sheet."""

    file: str
    name: str
    """Of the sheet; empty for CSV."""
    columns: dict[str, int] = field(default_factory=dict)
    """Number of each column, from 1."""
    titles: set[str] = field(default_factory=set)
    """What stands in the rows above the names of the columns."""
    rows: list[Row] = field(default_factory=list)
    ours: bool = False
    """Whether it has a column that only our own CSV has."""
    marking: str = ""
    problems: list[Problem] = field(default_factory=list)

    def fault(self, line: int, key: str, what: str, remedy: str) -> None:
        """Note a fault in the cell of a column."""
        self.fault_at(line, self.columns.get(key, 1), what, remedy)

    def fault_at(self, line: int, column: int, what: str, remedy: str) -> None:
        if len(self.problems) < MAX_FAULTS:
            cell = f"{get_column_letter(column)}{line}"
            subject = f"{self.name}!{cell}" if self.name else cell
            self.problems.append(Problem(self.file, line, column, subject, what, remedy))


def read_sheet(
    path: str | Path, model: Model, lang: Lang = "nl", audiences: Mapping[str, Words] | None = None
) -> tuple[Injects, Input]:
    """Read the injects that a planner added or changed in a sheet, or wrote in one from nothing.

    A row that the program wrote and nobody changed is no entry; of a changed one only what was changed is; a row without
    an id is an inject of the planner's own. Columns go by name in Dutch or English, in any order, and others are passed
    over.

    Parameters
    ----------
    path : path
        ``.xlsx``, or CSV with commas or semicolons.
    model : Model
        Its regions, processes and sectors are those that cells can mean.
    lang : str
        Of what is suggested; both languages are understood.
    audiences : mapping, optional
        Whom a message can be for, by name, in the words of the phrases.

    Raises
    ------
    DefinitionError
        With all faults, each with its sheet and cell.
    """
    shown = Path(path).as_posix()
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        raise refuse(shown, 0, 0, f"a list of injects cannot be read as {ending or 'this'}", "save as .xlsx or .csv")
    data = read_bytes(Path(path), shown, MAX_SHEET)
    sheet = _from_csv(data, shown) if shown.lower().endswith(".csv") else _from_workbook(data, shown)
    entries = entries_of(sheet, model, audiences, lang)
    value = None
    if not sheet.problems:
        value = _typed(sheet, entries)
    if sheet.problems or value is None:
        raise DefinitionError(sheet.problems)
    return value, Input(shown, hashlib.sha256(data).hexdigest())


def entries_of(
    sheet: _Sheet, model: Model, audiences: Mapping[str, Words] | None = None, lang: Lang = "nl"
) -> list[tuple[int, dict[str, Any]]]:
    """Return what the rows of a sheet say, as plain data with the line; faults are noted on the sheet."""
    context = Context(model, audiences or {}, lang, start_of(sheet.rows))
    found = []
    for row in sheet.rows:
        one = entry(row, context, lambda key, what, remedy, line=row.line: sheet.fault(line, key, what, remedy))  # type: ignore[misc]
        if one is not None:
            found.append((row.line, one))
    return found


def _typed(sheet: _Sheet, entries: Iterable[tuple[int, dict[str, Any]]]) -> Injects | None:
    """Type the entries; what is still wrong is noted with its cell."""
    data: dict[str, Any] = {"injects": [one for _, one in entries]}
    if sheet.marking:
        data["marking"] = sheet.marking
    marks: list[Mark] = []
    for line, one in entries:
        inner = {key: Mark(line, sheet.columns.get(key, 1)) for key in one}
        marks.append(Mark(line, 1, items=inner))
    document = Document(sheet.file, data, Mark(1, 1, items={"injects": Mark(1, 1, items=marks)}))
    value, _ = validate(Injects, document, data)
    sheet.problems += document.problems
    return value


# ------------------------------------------------------------------ cells and rows


Raw = tuple[Any, str]
"""A value, and ``e`` where it is an error of the spreadsheet's."""
Fault = Callable[[int, int, str, str], None]
"""Notes a fault: row, column, what and remedy."""


def _understand(sheet: _Sheet, rows: Iterator[tuple[int, list[Raw]]]) -> None:
    """Find the names of the columns, and read the rows below them."""
    _find_names(sheet, rows)
    if not sheet.columns:
        what = "no row with the names of the columns"
        remedy = f"write at least 'at' and 'text' (or 'moment' and 'wat men merkt') in one of the first {HEAD} rows"
        sheet.fault_at(1, 1, what, remedy)
        return
    if _for_players(sheet):
        what = "is the list for players, which says nothing of where its messages come from"
        raise refuse(sheet.file, 0, 0, what, "edit msel.xlsx, the list of the control staff, and hand that back")
    for line, cells in rows:
        row = _row(sheet, line, cells)
        if row is None:
            continue
        if len(sheet.rows) >= MAX_ROWS:
            sheet.fault_at(line, 1, f"more than {MAX_ROWS:,} rows", "split the list")
            return
        sheet.rows.append(row)


def _for_players(sheet: _Sheet) -> bool:
    """Whether a list is one that was written for players: without ids, under its title, or with columns of our CSV."""
    if "id" in sheet.columns:
        return False
    titled = sheet.titles & set(WORDS["msel_for_players"])
    return bool(titled) or (sheet.name in WORDS["msel_players_sheet"] and "nr" in sheet.columns) or sheet.ours


def _find_names(sheet: _Sheet, rows: Iterator[tuple[int, list[Raw]]]) -> None:
    """Take rows until the one with the names of the columns; the mark stands above it."""
    for line, cells in rows:
        if line > HEAD:
            return
        keys = _names([str(value or "") for value, _ in cells])
        if "text" in keys and ("at" in keys or "id" in keys):
            sheet.columns = keys
            sheet.ours = any(str(value or "").strip() == "time_h" for value, _ in cells)
            _refuse_near_misses(sheet, line, cells)
            return
        sheet.titles |= {str(value).strip() for value, _ in cells if value}
        for part in " · ".join(str(value or "") for value, _ in cells).split(" · "):
            if mark_ranks(part):
                sheet.marking = higher_marking(sheet.marking, part)


def _names(texts: Iterable[str]) -> dict[str, int]:
    """Return the number of each column, from 1, whose name is understood; the first of a name counts."""
    known, found = column_keys(), dict[str, int]()
    for number, text in enumerate(texts, 1):
        key = known.get(" ".join(text.split()).casefold())
        if key is not None:
            found.setdefault(key, number)
    return found


def _refuse_near_misses(sheet: _Sheet, line: int, cells: Iterable[Raw]) -> None:
    """Refuse names of columns that look like a slip of the pen: what stands below would be passed over in silence."""
    from difflib import get_close_matches

    known = [name for name, key in column_keys().items() if key in READ or key in ("id", "status")]
    for number, (value, _) in enumerate(cells, 1):
        text = " ".join(str(value or "").split()).casefold()
        if text and number not in sheet.columns.values() and text not in (*column_keys(), *PASSED):
            near = get_close_matches(text, known, 1, 0.8)
            if near:
                sheet.fault_at(line, number, f"unknown column {short(str(value))!r}", f"did you mean {near[0]!r}?")


def _row(sheet: _Sheet, line: int, cells: list[Raw]) -> Row | None:
    """Read the cells of one row; None where none of ours is filled, or one cannot be read."""
    texts: dict[str, str] = {}
    clock: datetime | None = None
    before = len(sheet.problems)
    for key, number in sheet.columns.items():
        if number > len(cells) or key in OWN:
            continue
        value, kind = cells[number - 1]
        if value is None or value == "":
            continue
        if kind == "e":
            sheet.fault(line, key, f"holds the error {short(str(value))}", "write a value instead of the formula")
            continue
        if key == "clock" and isinstance(value, datetime):
            clock = value
            continue
        if key == "clock" and isinstance(value, time):
            value = f"{value:%H:%M:%S}"
        text = _text(sheet, line, key, value)
        if text:
            texts[key] = text
    faulty = len(sheet.problems) > before
    return Row(line, texts, clock) if (texts or clock) and not faulty else None


def _text(sheet: _Sheet, line: int, key: str, value: Any) -> str:
    """Return a value as text, or note that it is none."""
    if isinstance(value, bool):
        value = "true" if value else "false"
    if key == "at" and isinstance(value, datetime | date | time | timedelta | int | float):
        what = f"{short(str(value))} is a number or clock time, and not a time from the start"
        sheet.fault(line, key, what, "write it as text, for example D+1 04:30 or 28h")
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).replace("\r\n", "\n").replace("\r", "\n").strip()
    hidden = _HIDDEN.search(text)
    if hidden is not None:
        sheet.fault(line, key, f"the invisible character U+{ord(hidden[0]):04X}", "remove it")
        return ""
    return text


# ------------------------------------------------------------------ CSV


def _from_csv(data: bytes, shown: str) -> _Sheet:
    sheet = _Sheet(shown, "")
    text = decode(data, shown).removeprefix("\ufeff")
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    _understand(sheet, _csv_rows(text, delimiter, sheet))
    return sheet


def _csv_rows(text: str, delimiter: str, sheet: _Sheet) -> Iterator[tuple[int, list[Raw]]]:
    """Yield the line and the cells of each row; the ``'`` that keeps text from being a formula is taken off."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    try:
        for cells in reader:
            line, before = before + 1, reader.line_num
            if len(cells) > MAX_COLUMNS:
                sheet.fault_at(line, MAX_COLUMNS, f"more than {MAX_COLUMNS} columns", "remove some")
                return
            yield line, [(re.sub(r"\A'(?=[=+\-@\t\r])", "", cell), "s") for cell in cells]
    except csv.Error as error:
        sheet.fault_at(before + 1, 1, f"cannot be read as a table: {error}", "check quotes and line ends here")


# ------------------------------------------------------------------ workbooks


def _from_workbook(data: bytes, shown: str) -> _Sheet:
    """Read the cells of a workbook, under caps.

    Raises
    ------
    DefinitionError
        If it is no workbook, or one that is larger than it looks.
    """
    try:
        refuse_bombs(data, shown)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # on parts that are not read here
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            try:
                if not book.worksheets:
                    raise refuse(shown, 0, 0, "has no sheet with cells", "add one")
                page = next((one for one in book.worksheets if one.title == MSEL), book.worksheets[0])
                sheet = _Sheet(shown, page.title)
                for text in margins(_part_of(data, page)):
                    sheet.marking = higher_marking(sheet.marking, highest_mark(text))
                _understand(sheet, _workbook_rows(page, sheet.fault_at))
            finally:
                book.close()
    except _BROKEN as error:
        remedy = "save it as .xlsx from a spreadsheet program, without a password"
        raise refuse(shown, 0, 0, "is no workbook that can be read", remedy) from error
    return sheet


def _workbook_rows(page: Any, fault: Fault) -> Iterator[tuple[int, list[Raw]]]:
    for line, cells in _rows(page, fault):
        yield line, [(cell.value, cell.data_type) for cell in cells]


def _rows(page: Any, fault: Fault) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield the number and the first cells of each row; what stands further right is a fault, one for a sheet."""
    narrowed, told = page._get_row, False

    def watched(row: list[dict[str, Any]], *given: Any, **named: Any) -> Any:
        nonlocal told
        # the reader gives only the cells that are asked for, and asking for all would pad every row
        for cell in row if not told else ():
            if cell["column"] > MAX_COLUMNS and cell["value"] not in (None, ""):
                told = True
                last = get_column_letter(MAX_COLUMNS)
                what = f"stands right of column {last}, and would not be read"
                fault(cell["row"], cell["column"], what, f"keep a sheet within columns A to {last}, or clear the cell")
                break
        return narrowed(row, *given, **named)

    page._get_row = watched
    page.reset_dimensions()  # what a file says of its own size is not believed
    yield from enumerate(page.iter_rows(max_col=MAX_COLUMNS), 1)


def _part_of(data: bytes, page: Any) -> bytes:
    """Return the XML of a sheet of a workbook."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(page._worksheet_path)


def refuse_bombs(data: bytes, shown: str, most: int | None = None) -> bool:
    """Refuse a file that unzips to far more than it is, and XML that declares things of its own.

    Returns
    -------
    bool
        Whether any part can hold a formula.
    """
    formulas, most = False, MAX_UNZIPPED if most is None else most
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        if len(parts) > MAX_PARTS:
            raise refuse(shown, 0, 0, f"holds more than {MAX_PARTS:,} parts", "save only the list, in a new workbook")
        if sum(part.file_size for part in parts) > most:
            size = f"{most // 1_000_000} MB"
            raise refuse(shown, 0, 0, f"unzips to more than {size}", "save only the list, in a new workbook")
        for part in parts:
            # reading stops at the size that was declared, so the sum above holds
            text = archive.read(part)
            wide = part.filename.lower().endswith((".xml", ".rels")) and b"\0" in text[:4]
            if wide or b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                raise refuse(shown, 0, 0, "holds XML with declarations of its own", "save it anew as .xlsx")
            formulas = formulas or b"<f>" in text or b"<f " in text or b"<f/>" in text
    return formulas


# ------------------------------------------------------------------ pages of cells


@dataclass(frozen=True)
class CellProblem(Problem):
    """A fault in one cell of a sheet; ``file`` names the file and the sheet."""

    def __str__(self) -> str:
        place = f"{self.file}:{cell_name(self.line, self.column)}" if self.line else self.file
        tail = f" - {self.remedy}" if self.remedy else ""
        return f"{place}: {self.subject}: {self.what}{tail}"


@dataclass(frozen=True)
class Page:
    """The cells of one sheet in which something is written."""

    file: str
    """How the file and the sheet are named in messages."""
    name: str
    """Of the sheet; empty for CSV."""
    rows: list[tuple[int, dict[int, Cell]]]
    """Number of each row that is not empty, and its cells by column, both from 1."""
    problems: list[CellProblem] = field(default_factory=list)
    margins: tuple[str, ...] = ()
    """What its page headers and footers say."""
    hidden: bool = False
    """Whether it is hidden, or some of its rows or columns are."""

    def fault(self, row: int, column: int, subject: str, what: str, remedy: str) -> None:
        """Note a fault in a cell."""
        if len(self.problems) < MAX_FAULTS:
            self.problems.append(CellProblem(self.file, row, column, subject, what, remedy))


def cell_name(row: int, column: int) -> str:
    """Return what people call a cell: ``C7``."""
    return f"{get_column_letter(max(column, 1))}{row}"


def read_pages(path: str | Path) -> tuple[list[Page], Input]:
    """Read all sheets of a workbook, or the one table of a CSV file, as cells.

    Raises
    ------
    DefinitionError
        If it cannot be read, or passes a cap.
    """
    shown, ending = Path(path).as_posix(), Path(path).suffix.lower()
    if ending not in ENDINGS:
        raise refuse(shown, 0, 0, f"cannot be read as {ending or 'a sheet'}", "save it as .xlsx or .csv")
    data = read_bytes(Path(path), shown, MAX_BOOK)
    pages = [_csv_page(data, shown)] if ending == ".csv" else _book_pages(data, shown)
    if sum(len(page.rows) for page in pages) > MAX_BOOK_ROWS:
        what = f"holds more than {MAX_BOOK_ROWS:,} rows"
        raise refuse(
            shown, 0, 0, what, "put large tables of assets beside it as .csv, and name them with their process"
        )
    return pages, Input(shown, hashlib.sha256(data).hexdigest())


def _csv_page(data: bytes, shown: str) -> Page:
    text = decode(data, shown).removeprefix("\ufeff")
    first = text.split("\n", 1)[0]
    sheet = _Sheet(shown, "")
    rows = []
    for line, cells in _csv_rows(text, max(";,\t", key=first.count), sheet):
        kept = {number: Cell(value) for number, (value, _) in enumerate(cells, 1) if value.strip()}
        if kept:
            rows.append((line, kept))
    if sheet.problems:
        raise DefinitionError(sheet.problems)
    return Page(shown, "", rows)


def _book_pages(data: bytes, shown: str) -> list[Page]:
    try:
        formulas = refuse_bombs(data, shown, MAX_BOOK_UNZIPPED)
        values = _all_rows(data, shown, values=True)
        if formulas:
            _note_unworked(values, _all_rows(data, shown, values=False))
    except _BROKEN as error:
        remedy = "save it as .xlsx from a spreadsheet program, without a password"
        raise refuse(shown, 0, 0, "is no workbook that can be read", remedy) from error
    return values


def _all_rows(data: bytes, shown: str, *, values: bool) -> list[Page]:
    """Read the cells of all sheets: their values, or the formulas among them."""
    pages, count = [], 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # on parts that are not read here
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=values, keep_links=False)
        try:
            for sheet in book.worksheets:
                part = _part_of(data, sheet) if values else b""
                hidden = sheet.sheet_state != "visible" or hides(part)
                page = Page(f"{shown}:{sheet.title}", sheet.title, [], margins=tuple(margins(part)), hidden=hidden)
                for line, cells in _rows(sheet, functools.partial(_far, page)):
                    kept = _kept(page, line, cells, values=values)
                    count += bool(kept)
                    if kept and count <= MAX_BOOK_ROWS + 1:
                        page.rows.append((line, kept))
                pages.append(page)
        finally:
            book.close()
    return pages


def _far(page: Page, row: int, column: int, what: str, remedy: str) -> None:
    page.fault(row, column, "cell", what, remedy)


def _kept(page: Page, line: int, cells: Iterable[Any], *, values: bool) -> dict[int, Cell]:
    """Return the cells of a row in which something stands; of formulas, those alone that are one."""
    kept = {}
    for number, cell in enumerate(cells, 1):
        value = cell.value
        if value is None or value == "" or (not values and cell.data_type != "f"):
            continue
        if values and cell.data_type == "e":
            page.fault(
                line, number, "cell", f"holds the error {short(str(value))}", "write a value instead of the formula"
            )
            continue
        form = cell.number_format if values and isinstance(value, int | float) else ""
        kept[number] = Cell(value, form or "")
    return kept


def _note_unworked(pages: list[Page], formulas: list[Page]) -> None:
    """Note formulas of which the file holds no outcome: their cells would be empty in silence."""
    for page, other in zip(pages, formulas, strict=True):
        filled = dict(page.rows)
        noted = {(problem.line, problem.column) for problem in page.problems}
        for line, cells in other.rows:
            for number in cells:
                if number not in filled.get(line, {}) and (line, number) not in noted:
                    what, remedy = (
                        "a formula without its outcome",
                        "save the file once in a spreadsheet program, or write the value",
                    )
                    page.fault(line, number, "cell", what, remedy)
