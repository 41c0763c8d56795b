"""CSV tables of a model: the assets a process consists of, and which asset feeds which.

Read column by column with the standard library, so that a million rows take seconds and every fault has its line.
"""

import csv
import hashlib
import io
import itertools
import re
import sys
from array import array
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from cascade.errors import DefinitionError, Problem, did_you_mean, short, which_region
from cascade.files.parsing import decode, is_there, read_bytes, refuse
from cascade.model import Assets, Input, Links

MAX_TABLE: Final = 512_000_000
MAX_COLUMNS: Final = 50
_HIDDEN: Final = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xef\xbf[\xbe\xbf]"
)
_PLAIN: Final = bytes([9, 10, 13, *range(32, 127)])
"""What most tables consist of, to be told apart in no time."""
MAX_ROWS: Final = 2_000_000
MAX_WEIGHTS: Final = 10**14
"""Largest sum of the weights of one table: times ``FULL`` it still fits an int64."""
BATCH: Final = 20_000
SHOWN_ROWS: Final = 20
"""Faulty rows of one column that are named one by one."""

Place = tuple[str, int, int]
V = TypeVar("V")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,99}", re.ASCII)
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,99}(@[A-Za-z0-9_.+-]+)?(#[A-Za-z0-9_.+-]+)?", re.ASCII)
_AMOUNT = re.compile(r"(?=[0.]*[1-9])\d{1,15}(\.\d{1,15})?%?", re.ASCII)
_WHOLE = re.compile(r"\d{1,12}", re.ASCII)
_DEGREES: Final = {
    "lat": re.compile(r"(-?(0?90(\.0{1,12})?|0?[0-8]?\d(\.\d{1,12})?))?", re.ASCII),
    "lon": re.compile(r"(-?(180(\.0{1,12})?|(1[0-7]|0?\d)?\d(\.\d{1,12})?))?", re.ASCII),
}
_MORE: Final = ("name", "people", "lat", "lon", "area")
"""Columns of assets that may be left out."""


@dataclass
class _Table:
    """The columns of one CSV, with the line of each row."""

    file: str
    data: bytes = b""
    delimiter: str = ","
    columns: dict[str, list[str]] = field(default_factory=dict)
    lines: "Sequence[int]" = ()
    problems: list[Problem] = field(default_factory=list)

    def fault(self, line: int, column: int, what: str, remedy: str) -> None:
        self.problems.append(Problem(self.file, line, column, "table", what, remedy))

    def fault_in_rows(self, column: str, faults: Sequence[tuple[int, str, str]]) -> None:
        """Note faults (row, what, remedy) in one column."""
        for row, what, remedy in faults[:SHOWN_ROWS]:
            line = self.lines[row]
            place = self._start_of(line, list(self.columns).index(column))
            self.problems.append(Problem(self.file, line, place, column, what, remedy))
        if len(faults) > SHOWN_ROWS:
            line = self.lines[faults[SHOWN_ROWS][0]]
            more = f"{len(faults) - SHOWN_ROWS:,} more rows with faults of this kind, from here on"
            self.problems.append(Problem(self.file, line, 1, column, more, "mend the ones above first"))

    def _start_of(self, line: int, cell: int) -> int:
        """Find the character (from 1) at which a cell of a line begins."""
        text = self.data.split(b"\n", line)[line - 1].decode("utf-8-sig")
        quoted = False
        for at, char in enumerate(text):
            if cell == 0:
                return at + 1
            if char == '"':
                quoted = not quoted
            elif char == self.delimiter and not quoted:
                cell -= 1
        return len(text.rstrip("\r")) + 1


def _inside(root: Path, file: str) -> tuple[Path | None, str, str]:
    """Find a table inside the model folder, or say why not."""
    parts = file.replace("\\", "/").split("/")
    if file.startswith(("/", "\\", "~")) or ":" in file or ".." in parts:
        return None, f"{short(file)!r} leads outside the model folder", "name a file inside the folder"
    if not file.lower().endswith(".csv"):
        return None, f"{short(file)!r} is no CSV table", "name a .csv file"
    path = root / file
    if not is_there(path):
        return None, f"there is no file {short(file)!r} in the model folder", "check the name"
    if not path.resolve().is_relative_to(root.resolve()):
        return (
            None,
            f"{short(file)!r} leads outside the model folder",
            "put the file itself inside the folder",
        )
    return path, "", ""


def _read_rows(table: _Table, required: Collection[str], optional: Collection[str]) -> None:
    """Fill the columns from the bytes; stops at the first row that does not fit the header."""
    header_line = table.data[:10_000].split(b"\n", 1)[0]
    table.delimiter = ";" if b";" in header_line and b"," not in header_line else ","
    names = [name.strip() for name in next(_reader(table), [])]
    _check_header(table, names, required, optional)
    if table.problems:
        return
    columns = _plain_columns(table, len(names))
    if columns is None:
        columns = [[] for _ in names]
        reader = _reader(table)
        next(reader)
        for rows in _batches(table, reader, len(names)):
            _add(columns, rows)
    table.columns = dict(zip(names, columns, strict=True))
    if not table.lines and not table.problems:
        table.fault(1, 1, "no rows below the column names", "add rows, or leave the table out")


def _reader(table: _Table) -> Any:
    stream = io.TextIOWrapper(io.BytesIO(table.data), encoding="utf-8-sig", newline="")
    return csv.reader(stream, delimiter=table.delimiter, strict=True)


def _add(columns: Sequence[list[str]], rows: Sequence[Sequence[str]]) -> None:
    """Add rows to columns; many at a time, which is much faster than row by row."""
    for column, cells in zip(columns, zip(*rows, strict=True), strict=True):
        column.extend(map(str.strip, cells))


def _plain_columns(table: _Table, width: int) -> list[list[str]] | None:
    """Read a table with one full row on every line, as nearly all are; None for any other, where faults need a line."""
    columns: list[list[str]] = [[] for _ in range(width)]
    reader = _reader(table)
    try:
        next(reader)
        while rows := list(itertools.islice(reader, BATCH)):
            if set(map(len, rows)) != {width}:
                return None
            _add(columns, rows)
    except csv.Error:
        return None
    count = len(columns[0])
    if count > MAX_ROWS or reader.line_num != count + 1:
        return None
    table.lines = range(2, count + 2)
    return columns


def _batches(table: _Table, reader: Any, width: int) -> Iterator[list[list[str]]]:
    """Hand out rows in batches, and note the line of each."""
    batch: list[list[str]] = []
    table.lines = lines = array("q")
    for row in reader:
        if not row:
            continue
        if len(row) != width:
            what = f"{len(row)} cells under {width} column names"
            remedy = "give every row as many cells as the first line"
            if table.delimiter == "," and _has_comma_numbers(row, len(row) - width):
                remedy += "; write a point for the decimals, a decimal comma starts a new cell"
            table.fault(reader.line_num, 1, what, remedy)
            return
        lines.append(reader.line_num)
        batch.append(row)
        if len(lines) > MAX_ROWS:
            table.fault(reader.line_num, 1, f"more than {MAX_ROWS:,} rows", "split the process into several")
            return
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _has_comma_numbers(row: Sequence[str], extra: int) -> bool:
    """Whether the cells too many can come from decimal commas: a whole number with more digits behind it."""
    pairs = sum(bool(_WHOLE.fullmatch(a) and re.match(r"\d", b)) for a, b in itertools.pairwise(row))
    return 0 < extra <= pairs


def _check_header(table: _Table, names: list[str], required: Collection[str], optional: Collection[str]) -> None:
    known = [*required, *optional]
    if len(names) > MAX_COLUMNS:
        table.fault(1, 1, f"{len(names):,} columns, more than {MAX_COLUMNS}", f"keep {', '.join(known)}")
        return
    for i, name in enumerate(names):
        if name not in known:
            column = table._start_of(1, i)
            table.fault(1, column, f"unknown column {short(name)!r}", did_you_mean(name, known))
        elif name in names[:i]:
            table.fault(1, table._start_of(1, i), f"column {name!r} is given twice", "keep one of the two")
    for name in required:
        if name not in names:
            table.fault(1, 1, f"column {name!r} is missing", f"the first line names {', '.join(required)}")


def _refuse_hidden(table: _Table) -> None:
    """Refuse what no text may hold; looked for in the bytes, so that a million rows take no time."""
    if not table.data.translate(None, _PLAIN):
        return
    hidden = _HIDDEN.search(table.data)
    if hidden is not None:
        line = table.data.count(b"\n", 0, hidden.start()) + 1
        text = hidden[0].decode("utf-8", "replace")
        raise refuse(table.file, line, 1, f"the invisible character U+{ord(text):04X}", "remove it")


def _open(
    root: Path, file: str, place: Place, subject: str, required: Collection[str], optional: Collection[str]
) -> tuple[_Table, Input | None]:
    path, what, remedy = _inside(root, file)
    table = _Table((root / file).as_posix())
    if path is None:
        table.problems.append(Problem(*place, subject, what, remedy))
        return table, None
    try:
        table.data = read_bytes(path, table.file, MAX_TABLE)
        _refuse_hidden(table)
        _read_rows(table, required, optional)
    except DefinitionError as error:
        table.problems.extend(error.problems)
    except UnicodeDecodeError:
        try:
            decode(table.data, table.file)
        except DefinitionError as error:
            table.problems.extend(error.problems)
    except csv.Error as error:
        at = len(table.lines) + 2
        table.fault(at, 1, f"cannot be read as a table: {error}", "check quotes and line ends here")
    return table, Input(Path(file).as_posix(), hashlib.sha256(table.data).hexdigest())


def _checked(table: _Table, column: str, legal: Callable[[str], object], what: str, remedy: str) -> list[str]:
    cells = table.columns[column]
    # what stands in many rows is judged once
    wrong = {cell for cell in set(cells) if not legal(cell)}
    if wrong:
        bad = [i for i, cell in enumerate(cells) if cell in wrong]
        table.fault_in_rows(column, [(i, *_cell_fault(cells[i], legal, what, remedy)) for i in bad])
    return cells


def _cell_fault(cell: str, legal: Callable[[str], object], what: str, remedy: str) -> tuple[str, str]:
    if not cell:
        return "is empty", remedy
    if re.search(r"\d,\d", cell) and legal(meant := cell.replace(",", ".")):
        return f"{short(cell)!r} has a decimal comma", f"write a point for the decimals, {short(meant)}"
    return f"{short(cell)!r} {what}", remedy


def _weights(table: _Table, column: str) -> tuple[int, ...]:
    """Read amounts as whole numbers: all times the power of ten that the longest one needs."""
    remedy = "write a number above 0, for example 12.5 or 12.5%"
    cells = _checked(table, column, _AMOUNT.fullmatch, "is not a number above 0", remedy)
    if table.problems:
        return ()
    decimals = {cell: _decimals(cell) for cell in set(cells)}
    places = max(decimals.values())
    powers = [10 ** (places - n) for n in range(places + 1)]
    whole = {cell: int(cell.rstrip("%").replace(".", "")) * powers[n] for cell, n in decimals.items()}
    found = tuple(map(whole.__getitem__, cells))
    if sum(found) > MAX_WEIGHTS:
        what = "the numbers have more digits than can be told apart"
        table.fault(1, 1, f"{column}: {what}", "round them, or use a larger unit")
    return found


def _decimals(amount: str) -> int:
    """Count the decimals of an amount once a per cent sign is worked out."""
    point = amount.find(".")
    percent = amount.endswith("%")
    return (len(amount) - percent - point - 1 if point >= 0 else 0) + 2 * percent


def _note_repeats(table: _Table, columns: Sequence[str]) -> None:
    if len(columns) == 1 and len(set(table.columns[columns[0]])) == len(table.lines):
        return
    if len(set(zip(*(table.columns[c] for c in columns), strict=True))) == len(table.lines):
        return
    rows = list(zip(*(table.columns[c] for c in columns), strict=True))
    first: dict[tuple[str, ...], int] = {}
    faults = []
    for i, row in enumerate(rows):
        if row in first:
            what = f"{' - '.join(row)!r} stands on line {table.lines[first[row]]} as well"
            faults.append((i, what, "keep one of the two rows"))
        first.setdefault(row, i)
    table.fault_in_rows(columns[0], faults)


def _note_strange_regions(table: _Table, homes: Sequence[str], regions: Mapping[str, str] | None) -> None:
    strange = [] if regions is None else [i for i, code in enumerate(homes) if code not in regions]
    faults = [
        (i, f"no region {short(homes[i])!r}", which_region(homes[i], regions or {})) for i in strange[:SHOWN_ROWS]
    ]
    table.fault_in_rows("region", faults + [(i, "", "") for i in strange[SHOWN_ROWS:]])


def read_assets(
    root: Path, file: str, place: Place, subject: str, regions: Mapping[str, str] | None
) -> tuple[Assets | None, Input | None, list[Problem]]:
    """Read the assets of one process.

    Columns ``id``, ``region`` and one of ``share`` or ``capacity`` (any numbers above 0; only their proportions
    count), and if wished ``name``, ``people``, ``lat`` and ``lon`` (degrees; both or neither, may be empty) and ``area``
    (the text by which ``by_area`` finds who feeds whom; may be empty).
    Amounts become whole numbers: all are multiplied by the power of ten that the longest decimal part needs.

    Parameters
    ----------
    root, file : Path, str
        Model folder, and the table inside it.
    place, subject : Place, str
        Where and by what the table is named, for messages.
    regions : mapping of str to str, optional
        Names by the codes that may stand in ``region``; None: not known, and not judged.

    Returns
    -------
    tuple
        The assets sorted by region and id (None if faulty), the file's fingerprint, the problems.
    """
    amounts = ("share", "capacity")
    table, source = _open(root, file, place, subject, ("id", "region"), (*amounts, *_MORE))
    given = [name for name in amounts if name in table.columns]
    if not table.problems and len(given) != 1:
        table.fault(1, 1, "one of the columns share and capacity is needed", "add one, and only one")
    if table.problems:
        return None, source, table.problems
    ids = _checked(table, "id", _ID.fullmatch, "is not an id", "use letters, digits and - _ . +")
    homes = list(map(sys.intern, table.columns["region"]))
    _note_strange_regions(table, homes, regions)
    _note_repeats(table, ["id"])
    people = _people(table)
    locations = _locations(table)
    weights = _weights(table, given[0])
    if table.problems:
        return None, source, table.problems
    order = sorted(range(len(ids)), key=ids.__getitem__)
    order.sort(key=homes.__getitem__)
    names = table.columns.get("name", ids)

    def ordered(values: Sequence[V]) -> tuple[V, ...]:
        return tuple(map(values.__getitem__, order))

    made = Assets(
        ids=ordered(ids),
        names=ordered([name or ids[i] for i, name in enumerate(names)]),
        regions=ordered(homes),
        capacities=ordered(weights),
        people=ordered(people) if people is not None else None,
        locations=ordered(locations) if locations is not None else None,
        areas=ordered([area or None for area in table.columns["area"]]) if "area" in table.columns else None,
    )
    return made, source, []


def _people(table: _Table) -> list[int] | None:
    if "people" not in table.columns:
        return None
    cells = _checked(table, "people", _WHOLE.fullmatch, "is not a whole number", "write for example 12000")
    if table.problems:
        return []
    whole = {cell: int(cell) for cell in set(cells)}
    return list(map(whole.__getitem__, cells))


def _locations(table: _Table) -> list[tuple[float, float] | None] | None:
    given = [name for name in ("lat", "lon") if name in table.columns]
    if not given:
        return None
    if len(given) == 1:
        table.fault(1, 1, f"{given[0]} stands alone", "give both lat and lon, or neither")
        return None
    for name, limit in (("lat", 90), ("lon", 180)):
        remedy = f"write degrees between -{limit} and {limit}, or leave it empty"
        _checked(table, name, _DEGREES[name].fullmatch, "is no such number of degrees", remedy)
    lat, lon = table.columns["lat"], table.columns["lon"]
    if list(map(bool, lat)) != list(map(bool, lon)):
        half = [i for i, (one, other) in enumerate(zip(lat, lon, strict=True)) if bool(one) != bool(other)]
        table.fault_in_rows("lat", [(i, "only one of lat and lon is given", "give both, or neither") for i in half])
    if table.problems:
        return None
    if all(lat):
        return list(zip(map(float, lat), map(float, lon), strict=True))
    return [(float(one), float(other)) if one else None for one, other in zip(lat, lon, strict=True)]


def read_links(root: Path, file: str, place: Place, subject: str) -> tuple[Links | None, Input | None, list[Problem]]:
    """Read which asset of a supplier feeds which consumer: columns ``consumer``, ``supplier``, ``share``.

    ``consumer`` is an asset id of the consumer, or the label of one of its copies (``hospital-care@VR13``). Shares
    are any numbers above 0, made whole as in :func:`read_assets`; only their proportions within a consumer count.

    Returns
    -------
    tuple
        The links sorted by consumer and supplier (None if faulty), the file's fingerprint, the problems.
    """
    columns = ("consumer", "supplier", "share")
    table, source = _open(root, file, place, subject, columns, ())
    if table.problems:
        return None, source, table.problems
    consumers = _checked(table, "consumer", _LABEL.fullmatch, "is not an id", "use letters, digits and - _ . + @ #")
    suppliers = _checked(table, "supplier", _ID.fullmatch, "is not an id", "use letters, digits and - _ . +")
    # a supplier stands in many rows: one text for all
    suppliers = list(map(sys.intern, suppliers))
    _note_repeats(table, ["consumer", "supplier"])
    weights = _weights(table, "share")
    if table.problems:
        return None, source, table.problems
    rows = sorted(zip(consumers, suppliers, weights, strict=True))
    one, other, third = zip(*rows, strict=True)
    return Links(one, other, third), source, []
