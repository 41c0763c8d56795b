"""A list of priorities that somebody else made: a small CSV table to entries, all faults at once.

Names in both languages are understood, since such lists are written by people.
"""

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cascade.errors import DefinitionError, Problem, did_you_mean, short, which_region
from cascade.files.parsing import decode, read_bytes
from cascade.model import Input, Model

MAX_LIST: Final = 4_000_000
MAX_ROWS: Final = 10_000
COLUMNS: Final = {"process": "proces", "region": "regio", "measure": "maatregel", "rank": "rang"}
"""Names of the columns, in English and in Dutch; only the first is required."""
_WHOLE: Final = re.compile(r"\d{1,9}", re.ASCII)
_HIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Entry:
    """One line of a list: a process, in one region or wherever it is, with one measure or whichever helps most."""

    line: int
    rank: int
    process: str
    region: str = ""
    measure: str = ""


@dataclass(frozen=True)
class RivalList:
    """A list of priorities, the first first.

    Attributes
    ----------
    name : str
        Of the file.
    entries : tuple of Entry
    ranked : bool
        Whether the list gave ranks; else the order of its rows counts.
    source : Input
        Path and SHA-256.
    """

    name: str
    entries: tuple[Entry, ...]
    ranked: bool
    source: Input


def read_entries(path: str | Path, model: Model) -> RivalList:
    """Read a list of priorities from a CSV file with commas or semicolons.

    Columns, in English or Dutch: ``process``, and if wished ``region`` (empty: wherever the process is), ``measure``
    (empty: whichever helps most) and ``rank`` (whole numbers, 1 first; else the order of the rows counts). Ids and names
    in both languages are understood, in capitals or not.

    Parameters
    ----------
    path : str or Path
    model : Model

    Raises
    ------
    DefinitionError
        All faults of the file together, with line and column.
    """
    where = Path(path)
    shown = where.as_posix()
    data = read_bytes(where, shown, MAX_LIST)
    sheet = _Sheet(shown, decode(data, shown))
    entries = list(_entries(sheet, model)) if not sheet.problems else []
    if not entries and not sheet.problems:
        sheet.fault(1, 1, "list", "no rows below the column names", "add at least one process")
    if sheet.problems:
        raise DefinitionError(sheet.problems)
    order = sorted(range(len(entries)), key=lambda i: (entries[i].rank, i))
    source = Input(shown, hashlib.sha256(data).hexdigest())
    return RivalList(where.name, tuple(entries[i] for i in order), "rank" in sheet.columns, source)


class _Sheet:
    """The cells of a small CSV file, with the line and column at which each begins."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.columns: dict[str, int] = {}
        self.rows: list[tuple[int, list[str]]] = []
        self.lines = text.removeprefix("\ufeff").split("\n")
        self.delimiter = ";" if ";" in self.lines[0] and "," not in self.lines[0] else ","
        hidden = next(((n, m) for n, line in enumerate(self.lines, 1) if (m := _HIDDEN.search(line))), None)
        if hidden is not None:
            line, found = hidden
            self.fault(line, found.start() + 1, "list", f"the invisible character U+{ord(found[0]):04X}", "remove it")
            return
        self._read()

    def fault(self, line: int, column: int, subject: str, what: str, remedy: str) -> None:
        self.problems.append(Problem(self.file, line, column, subject, what, remedy))

    def fault_in(self, line: int, name: str, what: str, remedy: str) -> None:
        """Note a fault in a cell, by the name of its column."""
        self.fault(line, self._start(line, self.columns[name]), name, what, remedy)

    def cell(self, row: Sequence[str], name: str) -> str:
        """Return what stands in a column; empty where the list has no such column."""
        return row[self.columns[name]] if name in self.columns else ""

    def _start(self, line: int, cell: int) -> int:
        """Find the character (from 1) at which a cell of a line begins."""
        quoted = False
        for at, char in enumerate(self.lines[line - 1]):
            if cell == 0:
                return at + 1
            if char == '"':
                quoted = not quoted
            elif char == self.delimiter and not quoted:
                cell -= 1
        return len(self.lines[line - 1].rstrip("\r")) + 1

    def _read(self) -> None:
        reader = csv.reader([line + "\n" for line in self.lines], delimiter=self.delimiter, strict=True)
        try:
            self._name([cell.strip() for cell in next(reader, [])])
            before = reader.line_num
            for cells in reader:
                line, before = before + 1, reader.line_num
                row = [" ".join(cell.split()) for cell in cells]
                if not any(row):
                    continue
                if len(row) != len(self.columns):
                    if not self.problems:
                        what = f"{len(row)} cells under {len(self.columns)} column names"
                        self.fault(line, 1, "list", what, "give every row as many cells as the first line")
                    continue
                self.rows.append((line, row))
                if len(self.rows) > MAX_ROWS:
                    self.fault(line, 1, "list", f"more than {MAX_ROWS:,} rows", "keep the first ones")
                    return
        except csv.Error as error:
            what = f"cannot be read as a table: {error}"
            self.fault(reader.line_num or 1, 1, "list", what, "check quotes and line ends here")

    def _name(self, names: Sequence[str]) -> None:
        """Understand the column names."""
        known = {name: key for key, dutch in COLUMNS.items() for name in (key, dutch)}
        self.columns = {}
        for at, name in enumerate(names):
            key = known.get(name.casefold())
            if key is None:
                self.fault(1, self._start(1, at), "list", f"unknown column {short(name)!r}", did_you_mean(name, known))
            elif key in self.columns:
                self.fault(1, self._start(1, at), "list", f"column {key!r} is given twice", "keep one of the two")
            self.columns[key or f"?{at}"] = at
        if "process" not in self.columns and not self.problems:
            self.fault(1, 1, "list", "column 'process' is missing", "begin the first line with process")
        if self.problems:
            self.columns = {f"?{at}": at for at in range(len(names))}


def _entries(sheet: _Sheet, model: Model) -> Iterator[Entry]:
    """Understand every row; what is wrong is noted on the sheet."""
    processes = _by_name({key: (*p.name.model_dump().values(),) for key, p in model.processes.items()})
    measures = _by_name({key: (*m.name.model_dump().values(),) for key, m in model.measures.items()})
    regions = _by_name({code: (region.name,) for code, region in model.regions.items()})
    first: dict[tuple[str, str, str], int] = {}
    for number, (line, row) in enumerate(sheet.rows, 1):
        faults = len(sheet.problems)
        process = _known(sheet, line, "process", sheet.cell(row, "process"), processes)
        region = _known(sheet, line, "region", sheet.cell(row, "region"), regions, model)
        measure = _known(sheet, line, "measure", sheet.cell(row, "measure"), measures)
        rank = _rank(sheet, line, row, number)
        if len(sheet.problems) > faults:
            continue
        if region and not model.processes[process].regional:
            sheet.fault_in(line, "region", f"{process!r} is national, so it has no regions", "leave this cell empty")
        elif measure and process not in model.measures[measure].applies_to.processes:
            able = sorted(m for m, definition in model.measures.items() if process in definition.applies_to.processes)
            remedy = f"possible there: {', '.join(able)}" if able else "no measure does; leave this row out"
            sheet.fault_in(line, "measure", f"measure {measure!r} does not apply to {process!r}", remedy)
        elif (process, region, measure) in first:
            what = f"the same as line {first[process, region, measure]}"
            sheet.fault_in(line, "process", what, "keep one of the two rows")
        else:
            first[process, region, measure] = line
            yield Entry(line, rank, process, region, measure)


def _by_name(names: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Return the keys that each text can mean: a key itself before anything of that name."""
    found: dict[str, list[str]] = {}
    for key, texts in sorted(names.items()):
        for text in {" ".join(text.split()).casefold() for text in texts}:
            found.setdefault(text, []).append(key)
    return {**found, **{key.casefold(): [key] for key in names}}


def _known(
    sheet: _Sheet, line: int, column: str, text: str, names: Mapping[str, list[str]], model: Model | None = None
) -> str:
    """Return the id that a cell means; empty, with a fault noted, where there is none."""
    if not text:
        if column == "process":
            sheet.fault_in(line, column, "is empty", "name the process that the row is about")
        return ""
    found = names.get(text.casefold(), [])
    if len(found) == 1:
        return found[0]
    if found:
        sheet.fault_in(line, column, f"{short(text)!r} can mean {' or '.join(found)}", "write the id of one of them")
        return ""
    if model is not None:
        remedy = which_region(text, {code: region.name for code, region in model.regions.items()})
    else:
        near = did_you_mean(text, names)
        remedy = (
            near if near.startswith("did") else did_you_mean(text, {key for keys in names.values() for key in keys})
        )
    sheet.fault_in(line, column, f"no {column} {short(text)!r}", remedy)
    return ""


def _rank(sheet: _Sheet, line: int, row: Sequence[str], number: int) -> int:
    if "rank" not in sheet.columns:
        return number
    text = sheet.cell(row, "rank")
    if not _WHOLE.fullmatch(text) or not int(text):
        what = f"{short(text)!r} is not a whole number above 0" if text else "is empty"
        sheet.fault_in(line, "rank", what, "write 1 for the most important, 2 for the next, and so on")
        return number
    return int(text)
