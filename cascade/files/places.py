"""A map to the assets of a process: which column is what, where things are, and the CSV that the model reads.

All faults of a map are named together, by row; what is written is judged first by what will read it.
"""

import csv
import io
import re
import tempfile
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from cascade.errors import DefinitionError, Problem, UsageError, did_you_mean, short, which_region
from cascade.files.cutting import above
from cascade.files.geo import DEGREES, Points, layer_names, lying_in
from cascade.files.headings import ASSETS, known_headings, plain
from cascade.files.homes import Home, find_home, target_of
from cascade.files.maps import Map, in_degrees, read_map
from cascade.files.parsing import read_document
from cascade.files.tables import read_assets
from cascade.model import higher_marking

FIELDS: Final = ("id", "name", "region", "capacity", "people", "area")
"""Columns of the assets that a map can have; the coordinates come from its points."""
SHOWN_ROWS: Final = 10
"""Faulty rows of one kind that are named."""
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,99}", re.ASCII)
_AMOUNT: Final = re.compile(r"\d{1,15}(\.\d{1,15})?%?", re.ASCII)
_WHOLE: Final = re.compile(r"(\d{1,12})(\.0+)?", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?", re.ASCII)
_FORMULA: Final = re.compile(r"[=@+-].*[^\d.]", re.ASCII | re.DOTALL)
_OURS: Final = ("process", "level", "marking")
"""Columns that a map written by this program has besides."""


@dataclass(frozen=True)
class Imported:
    """The assets of a process from a map, ready to be written."""

    home: Home
    target: Path
    data: bytes
    count: int
    unused: tuple[str, ...]
    """Columns of the map that are not taken over."""
    unplaced: int
    """Assets without coordinates."""
    unserved: tuple[int, ...]
    """Rows (from 1) whose point lies in no serving area."""
    weighed: bool
    """Whether the map has capacities; else all weigh the same."""
    swapped: bool = False
    """Whether all points would lie in the Netherlands with longitude and latitude the other way round."""


def import_places(
    path: str | Path,
    process: str,
    into: str | Path,
    *,
    layer: str | None = None,
    crs: str | None = None,
    mapping: str | Path | None = None,
    areas: str | Path | None = None,
    area_name: str | None = None,
    regions_from: str | Path | None = None,
) -> Imported:
    """Turn a map into the table of assets of a process; nothing is written yet.

    Parameters
    ----------
    path : path
        GeoPackage, GeoJSON or CSV: points, or polygons, of which a point inside is taken.
    process : str
        Its id, as a sector file of the model has it.
    into : path
        The model folder.
    layer : str, optional
        Of a GeoPackage; by default the one with the name of the process, else the only one.
    crs : str, optional
        ``EPSG:number`` where the file does not say in which coordinate system it is.
    mapping : path, optional
        YAML of ``field: column``: which column of the map is the id, name, region, capacity, people or area.
    areas, area_name : path, str, optional
        Polygons of serving areas, and the column with their names: the area of each asset is the one it lies in.
    regions_from : path, optional
        Outlines of regions: the region of each asset is the one it lies in.

    Raises
    ------
    UsageError, DefinitionError
        If the map cannot be understood; every faulty row is named or counted.
    """
    home = find_home(Path(into), process)
    found = read_map(path, layer=layer or _own_layer(Path(path), process), crs=crs, only=process)
    _check_marks(found, home)
    chosen = _columns(found, _mapping(mapping))
    unused = tuple(name for name in found.columns if name not in (*chosen.values(), *_OURS))
    _place(found, chosen)
    sheet = _Sheet(found, {name: found.columns[chosen[name]] for name in FIELDS if name in chosen})
    points = in_degrees(found)
    made = _assets(sheet, home, points, areas=areas, area_name=area_name, regions_from=regions_from)
    sheet.raise_all()
    target = target_of(Path(into), home)
    return Imported(
        home=home,
        target=target,
        data=_judged(made, home, target),
        count=found.size,
        unused=unused,
        unplaced=int(np.isnan(points[:, 0]).sum()),
        unserved=tuple(sheet.unserved),
        weighed="capacity" in sheet.columns,
        swapped=_swapped(points),
    )


def _swapped(points: Points) -> bool:
    """Whether all places are there as latitude and longitude of the Netherlands; no country lies where they would be."""
    known = points[~np.isnan(points[:, 0])]
    as_latitude = (known[:, 0] > 50) & (known[:, 0] < 54)
    as_longitude = (known[:, 1] > 3) & (known[:, 1] < 8)
    return bool(known.size and (as_latitude & as_longitude).all())


def _own_layer(path: Path, process: str) -> str | None:
    """Return the layer with the name of the process, where there is one."""
    known = layer_names(path) if path.suffix.lower() == ".gpkg" and path.is_file() else ()
    return process if process in known else None


def _check_marks(found: Map, home: Home) -> None:
    """Refuse a map that is marked higher than the process it is for: the table itself cannot carry a mark."""
    mark = ""
    for one in found.marks:
        mark = higher_marking(mark, one)
    if above(mark, home.marking):
        where = f"{home.file}:{home.line}"
        remedy = f"write marking: {mark} under {home.process} first ({where}), since a CSV carries no mark"
        raise UsageError(f"{found.file}: is marked {mark}, and {home.process} is not; {remedy}")


def _judged(made: Mapping[str, Sequence[str]], home: Home, target: Path) -> bytes:
    """Return the table as bytes, read once as the model will read it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(list(made))
    writer.writerows(zip(*made.values(), strict=True))
    data = out.getvalue().encode()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "assets.csv").write_bytes(data)
        _, _, problems = read_assets(Path(folder), "assets.csv", ("", 0, 0), home.process, home.regions)
    if problems:
        raise DefinitionError([replace(problem, file=target.as_posix()) for problem in problems])
    return data


# ------------------------------------------------------------------ which column is what


def _mapping(path: str | Path | None) -> dict[str, str]:
    """Read which column of the map is which field."""
    if path is None:
        return {}
    document, _ = read_document(Path(path), Path(path).as_posix())
    if document.problems:
        raise DefinitionError(document.problems)
    data = document.data
    if not isinstance(data, dict) or not all(isinstance(column, str) for column in data.values()):
        raise UsageError(f"{path}: write one line for each field, as in  capacity: Vermogen_MW")
    known = (*FIELDS, "lat", "lon")
    wrong = next((field for field in data if field not in known), None)
    if wrong is not None:
        raise UsageError(f"{path}: no field {short(wrong)!r}; {did_you_mean(wrong, known)}")
    return {str(field): str(column) for field, column in data.items()}


def _columns(found: Map, mapping: Mapping[str, str]) -> dict[str, str]:
    """Say by field which column it is: by the mapping, else by what a heading says in Dutch or English."""
    for field, column in mapping.items():
        if column not in found.columns:
            raise UsageError(
                f"{found.file}: no column {short(column)!r} for {field}; {did_you_mean(column, found.columns)}"
            )
    understood = known_headings(ASSETS)
    chosen = dict(mapping)
    own = {field: {plain(field), *map(plain, (head.nl, head.en))} for field, head in _HEADS.items()}
    for field in (*FIELDS, "lat", "lon"):
        fit = [c for c in found.columns if c not in mapping.values() and understood.get(plain(c)) == field]
        best = [c for c in fit if plain(c) in own[field]] or fit
        if field in chosen or not best:
            continue
        if len(best) > 1:
            both = " and ".join(repr(short(c)) for c in best[:2])
            raise UsageError(f"{found.file}: both {both} can be the {field}; say which with --mapping")
        chosen[field] = best[0]
    if "id" not in chosen:
        names = ", ".join(map(short, list(found.columns)[:20])) or "none"
        remedy = "say which column is the id with --mapping (a file with the line  id: COLUMN)"
        raise UsageError(f"{found.file}: no column is known as the id; {remedy}; its columns: {names}")
    return chosen


_HEADS: Final = {field: ASSETS.column(field).heading for field in (*FIELDS, "lat", "lon")}


def _place(found: Map, chosen: dict[str, str]) -> None:
    """Take the coordinates of a table from its columns; other maps have them as points."""
    pair = {name: chosen.pop(name, None) for name in ("lon", "lat")}
    if not found.table or not any(pair.values()):
        return
    alone = next((column for column in pair.values() if column), "")
    if not all(pair.values()):
        raise UsageError(
            f"{found.file}: column {short(alone)!r} stands alone; give both coordinates, or say with --mapping"
        )
    # x and y can be metres; a column that is called latitude cannot
    if found.crs is None and not {"x", "y"} & {plain(column) for column in pair.values()}:
        known = known_headings(ASSETS)
        found.crs = DEGREES if all(plain(column) in known for column in pair.values()) else None
    sheet = _Sheet(found, {})
    for side, column in enumerate(pair.values()):
        cells = [sheet.number(cell) for cell in found.columns[str(column)]]
        bad = [i for i, cell in enumerate(cells) if cell and not _NUMBER.fullmatch(cell)]
        sheet.note(str(column), bad, "is no number", "write for example 52.1 or 155000", cells)
        if not bad:
            found.points[:, side] = [float(cell) if cell else np.nan for cell in cells]
    sheet.raise_all()
    half = np.flatnonzero(np.isnan(found.points).sum(axis=1) == 1).tolist()
    sheet.note(alone, half, "has only one of the two coordinates", "give both, or neither")
    sheet.raise_all()


# ------------------------------------------------------------------ rows


_MANY: Final = {"is": "are", "has": "have", "lies": "lie", "stands": "stand", "holds": "hold"}


class _Sheet:
    """The cells of a map as text, and what is wrong with them."""

    def __init__(self, found: Map, columns: Mapping[str, Sequence[Any]]) -> None:
        self.found = found
        self.problems: list[Problem] = []
        self.unserved: list[int] = []
        numbers = ("capacity", "people")
        self.columns = {
            field: [self.number(cell) if field in numbers else _text(cell) for cell in cells]
            for field, cells in columns.items()
        }

    def number(self, cell: Any) -> str:
        """Return a number as text, with a point for the decimals."""
        text = _text(cell)
        return text.replace(",", ".") if self.found.commas and text.count(",") == 1 and "." not in text else text

    def row(self, i: int) -> int:
        """Return the number of a row in its file."""
        return self.found.numbers[i] if self.found.numbers is not None else i + 1

    def note(self, field: str, rows: Sequence[int], what: str, remedy: str, cells: Sequence[str] | None = None) -> None:
        """Note one fault of one or more rows; ``what`` begins with its verb for one."""
        if not rows:
            return
        told = [f"{self.row(i):,}" + (f" ({short(cells[i], 30)!r})" if cells else "") for i in rows[:SHOWN_ROWS]]
        more = f" and {len(rows) - SHOWN_ROWS:,} more" if len(rows) > SHOWN_ROWS else ""
        subject = self.found.row if len(rows) == 1 else f"{self.found.row}s"
        verb, _, rest = what.partition(" ")
        verb = verb if len(rows) == 1 else _MANY[verb]
        text = f"{subject} {', '.join(told)}{more} {verb} {rest}"
        self.problems.append(Problem(self.found.file, 0, 0, field, text, remedy))

    def raise_all(self) -> None:
        """Stop where anything was noted."""
        if self.problems:
            raise DefinitionError(self.problems)

    def check(self, field: str, legal: Callable[[str], object], what: str, remedy: str) -> list[str]:
        """Return the cells of a column, those that are not legal noted."""
        cells = self.columns[field]
        empty = [i for i, cell in enumerate(cells) if not cell and not legal(cell)]
        self.note(field, empty, "has nothing here", remedy)
        self.note(field, [i for i, cell in enumerate(cells) if cell and not legal(cell)], what, remedy, cells)
        return cells


def _text(cell: Any) -> str:
    """Return a cell as text: whole numbers without decimals, all white space as blanks."""
    if isinstance(cell, str):
        return re.sub(r"[^\S ]", " ", cell).strip()
    if cell is None or isinstance(cell, bool):
        return "" if cell is None else str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.6f}".rstrip("0").rstrip(".")
    return str(cell)


def _plain_words(text: str) -> bool:
    return not text or (text.isprintable() and not _FORMULA.match(text))


def _assets(
    sheet: _Sheet,
    home: Home,
    points: Points,
    *,
    areas: str | Path | None,
    area_name: str | None,
    regions_from: str | Path | None,
) -> dict[str, Sequence[str]]:
    """Return the columns of the table, everything wrong noted."""
    made: dict[str, Sequence[str]] = {
        "id": sheet.check("id", _ID.fullmatch, "is no id", "use letters, digits and - _ . +")
    }
    _note_repeats(sheet)
    words = ("holds an invisible character or begins like a formula", "write it as plain text")
    if "name" in sheet.columns:
        made["name"] = sheet.check("name", _plain_words, *words)
    made["region"] = _regions(sheet, home, points, regions_from)
    if not np.isnan(points).all():
        for name, side in (("lat", 1), ("lon", 0)):
            made[name] = ["" if v != v else f"{v:.12f}".rstrip("0").rstrip(".") for v in points[:, side].tolist()]
    made["capacity"] = ["1"] * sheet.found.size
    if "capacity" in sheet.columns:
        remedy = "write a number above 0, for example 12.5"
        made["capacity"] = sheet.check(
            "capacity", lambda c: _AMOUNT.fullmatch(c) and c.strip("0.%"), "is no number above 0", remedy
        )
    if "people" in sheet.columns:
        cells = sheet.check("people", _WHOLE.fullmatch, "is no whole number", "write for example 12000")
        made["people"] = [cell.partition(".")[0] for cell in cells]
    if areas is not None:
        made["area"] = _areas(sheet, home, points, areas, area_name)
    elif "area" in sheet.columns and any(sheet.columns["area"]):
        made["area"] = sheet.check("area", _plain_words, *words)
    return made


def _note_repeats(sheet: _Sheet) -> None:
    ids = sheet.columns["id"]
    if len(set(ids)) == len(ids):
        return
    seen: set[str] = set()
    again = [i for i, name in enumerate(ids) if name and (name in seen or seen.add(name))]  # type: ignore[func-returns-value]
    sheet.note("id", again, "stands higher up as well", "keep one", ids)


def _regions(sheet: _Sheet, home: Home, points: Points, outlines: str | Path | None) -> list[str]:
    """Return the code of each row's region: by the outline it lies in, and by its column where outlines do not tell."""
    known = _spellings(home.regions)
    cells = sheet.columns.get("region", [""] * sheet.found.size)
    written = [known.get(_letters(cell), "") for cell in cells] if set(cells) - set(home.regions) else list(cells)
    if outlines is not None:
        drawn = read_map(outlines, outlines=True)
        _check_marks(drawn, home)
        found = _homes(
            sheet, points, drawn, _codes(drawn, home.regions), ("region", "the outlines of two regions"), written
        )
        outside = [i for i, code in enumerate(found) if not code]
        remedy = "move the points, take wider outlines, or give a column region"
        sheet.note("region", outside, f"lies in no region of {drawn.file}", remedy)
        return found
    if "region" not in sheet.columns:
        what = f"{sheet.found.file}: no column is known as the region"
        raise UsageError(f"{what}; say which with --mapping, or give outlines of the regions with --regions-from")
    bad = [i for i, code in enumerate(written) if not code]
    if bad:
        sheet.note("region", bad, "is no region of the model", which_region(cells[bad[0]], home.regions), cells)
    return written


def _letters(text: str) -> str:
    """Reduce a name to letters and digits, so that case, accents, hyphens and blanks do not matter."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if sign.isalnum())


def _spellings(regions: Mapping[str, str]) -> dict[str, str]:
    """Return what may stand for a region, reduced, with its code."""
    known = {_letters(before + name): code for code, name in regions.items() for before in ("", "veiligheidsregio")}
    return known | {_letters(code): code for code in regions}


def _codes(drawn: Map, regions: Mapping[str, str]) -> list[str]:
    """Return the region that each outline is of, by its code or name in any column; empty where it is of none."""
    known = _spellings(regions)
    found = []
    for i in range(drawn.size):
        texts = (cells[i] for cells in drawn.columns.values())
        codes = sorted({known[word] for text in texts if isinstance(text, str) and (word := _letters(text)) in known})
        if len(codes) > 1:
            told = f"{drawn.row} {i + 1} names several regions: {', '.join(codes)}"
            raise UsageError(f"{drawn.file}: {told}; leave one of them in its columns")
        found.append(codes[0] if codes else "")
    if not any(found):
        raise UsageError(f"{drawn.file}: no outline has the code or name of a region of the model; add such a column")
    return found


def _homes(
    sheet: _Sheet, points: Points, drawn: Map, names: Sequence[str], what: tuple[str, str], written: Sequence[str]
) -> list[str]:
    """Return the name of the outline that each point lies in; what a column says decides where that is none or two.

    ``what`` is the field and what the outlines are; points in two that no column decides are noted.
    """
    if drawn.crs is None or drawn.outlines is None:
        raise UsageError(f"{drawn.file}: does not say in which coordinate system it is; export it with one")
    inside: dict[int, dict[str, None]] = {}
    for i, k in zip(*(numbers.tolist() for numbers in lying_in(points, drawn.outlines, drawn.crs)), strict=True):
        if names[k]:
            inside.setdefault(i, {})[names[k]] = None
    found = list(written)
    twice: dict[int, str] = {}
    for i, lies in inside.items():
        if len(lies) > 1 and written[i] not in lies:
            twice[i] = " and ".join(lies)
        if written[i] not in lies or len(lies) == 1:
            found[i] = next(iter(lies))
    if twice:
        field, several = what
        cells = [twice.get(i, "") for i in range(len(points))]
        remedy = f"move the points off the border, or give a column {field}"
        sheet.note(field, sorted(twice), f"lies in {several}", remedy, cells)
    return found


def _areas(sheet: _Sheet, home: Home, points: Points, areas: str | Path, column: str | None) -> list[str]:
    """Return the serving area in which each row lies; those in none stay empty and are told."""
    drawn = read_map(areas, outlines=True)
    _check_marks(drawn, home)
    if column is None or column not in drawn.columns:
        remedy = f"name it with --area-name; columns: {', '.join(map(short, list(drawn.columns)[:20])) or 'none'}"
        raise UsageError(f"{drawn.file}: which column holds the names of the areas; {remedy}")
    names = [_text(cell) for cell in drawn.columns[column]]
    wrong = next((i for i, name in enumerate(names) if not name or not _plain_words(name)), None)
    if wrong is not None:
        raise UsageError(
            f"{drawn.file}: {drawn.row} {wrong + 1} has no name of plain text under {short(column)}; give it one"
        )
    written = sheet.columns.get("area", [""] * sheet.found.size)
    found = _homes(sheet, points, drawn, names, ("area", "two serving areas"), written)
    sheet.unserved = [sheet.row(i) for i, name in enumerate(found) if not name]
    return found
