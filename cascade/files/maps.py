"""Maps: rows with a place, from GeoPackage, GeoJSON and CSV; hostile until checked.

Points in degrees, as GeoJSON or CSV, are read without any library; all else is asked of :mod:`cascade.files.geo`.
"""

import csv
import io
import itertools
import json
import math
import re
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from cascade.errors import UsageError, short
from cascade.files.geo import (
    DEGREES,
    MOST_BYTES,
    MOST_COLUMNS,
    MOST_ROWS,
    Geometries,
    Points,
    check_outlines,
    from_geojson,
    moved_to,
    points_of,
    read_geopackage,
)
from cascade.files.parsing import decode, read_bytes

KINDS: Final = (".gpkg", ".geojson", ".csv")
DECIMALS: Final = 7
"""Of degrees that were worked out from another coordinate system: about a centimetre."""
_CODE: Final = re.compile(r"EPSG:\d{4,6}", re.ASCII | re.IGNORECASE)
_IN_DEGREES: Final = re.compile(r"urn:ogc:def:crs:OGC:[\d.]*:CRS84|(urn:ogc:def:crs:)?EPSG:[\d.]*:?4326", re.ASCII)
_URN: Final = re.compile(r"(?:urn:ogc:def:crs:)?EPSG:(?:[\d.]*:)?(\d{4,6})", re.ASCII)


@dataclass
class Map:
    """Rows of a file with their columns and places."""

    file: str
    row: str
    """What a row is called in messages: row or feature, counted from 1."""
    columns: dict[str, list[Any]]
    points: Points
    crs: str | None = DEGREES
    """Coordinate system of the points; None: not known."""
    marks: tuple[str, ...] = ()
    """Every text under ``marking``, of the rows and of the file as a whole."""
    table: bool = False
    """Whether the places stand in columns, from which they are still to be taken."""
    numbers: Sequence[int] | None = None
    """Numbers of the rows in the file, where some were left out."""
    commas: bool = False
    """Whether numbers may have a decimal comma: a CSV with semicolons."""
    outlines: Geometries | None = None
    """The polygons, in the coordinate system of the file, where these are wanted."""

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.points)


def read_map(
    path: str | Path, *, layer: str | None = None, crs: str | None = None, outlines: bool = False, only: str = ""
) -> Map:
    """Read the rows of a map, with a point for each: that of the file, or one inside the polygon of the row.

    Parameters
    ----------
    path : path
        ``.gpkg``, ``.geojson`` or ``.csv``.
    layer : str, optional
        Of a GeoPackage with more than one.
    crs : str, optional
        ``EPSG:number``: the coordinate system, where the file does not say it.
    outlines : bool
        Keep the polygons; then every row must have one, and the points stay in the coordinate system of the file.
    only : str
        Keep the rows of this process, where a map holds those of several as this program writes them.

    Raises
    ------
    UsageError
        If the file cannot be read, is too large, or is no such map.
    DefinitionError
        If there is no such file.
    """
    where = Path(path)
    kind = where.suffix.lower()
    if kind not in KINDS or (outlines and kind == ".csv"):
        known = ", ".join(KINDS[:2] if outlines else KINDS)
        raise UsageError(f"{where}: the name ends in none of {known}; export the map as one of these")
    if layer is not None and kind != ".gpkg":
        raise UsageError(f"--layer: {where.name} has no layers; only a GeoPackage has")
    if crs is not None and not _CODE.fullmatch(crs):
        raise UsageError(f"--crs: {short(crs)!r} is no coordinate system; write for example EPSG:28992 (RD New)")
    crs = crs.upper() if crs else None
    if kind == ".csv":
        found = _read_csv(where, only)
    elif kind == ".geojson":
        found = _read_geojson(where, outlines, only)
    else:
        rows = read_geopackage(where, layer, outlines=outlines)
        columns, numbers = _kept(rows.columns, only)
        geometries = rows.geometries if numbers is None else rows.geometries[np.array(numbers) - 1]
        marks = (*rows.marks, *_marks(columns))
        found = Map(where.as_posix(), "row", columns, _NOWHERE, rows.crs, marks, numbers=numbers)
        found = _shaped(found, geometries, outlines)
    if crs is not None and found.crs not in (None, crs):
        raise UsageError(
            f"{found.file}: says that it is in {found.crs}, not in {crs}; leave --crs out, or mend the file"
        )
    found.crs = crs or found.crs or (DEGREES if kind == ".geojson" else None)
    return found


def _kept(columns: dict[str, list[Any]], only: str) -> tuple[dict[str, list[Any]], list[int] | None]:
    """Return the columns with the rows of one process, and the numbers of these rows; columns with nothing are left out.

    A map that does not name the process is not one of several, and stays as it is (None).
    """
    homes = columns.get("process", [])
    numbers = [i for i, home in enumerate(homes, 1) if home == only] if only and only in homes else None
    if numbers is not None and len(numbers) < len(homes):
        columns = {name: [cells[i - 1] for i in numbers] for name, cells in columns.items()}
    else:
        numbers = None
    return {name: cells for name, cells in columns.items() if any(cell not in (None, "") for cell in cells)}, numbers


def in_degrees(found: Map) -> Points:
    """Return longitude and latitude (WGS84) of every row; those worked out are rounded to ``DECIMALS``.

    From RD New this is the plain transformation of PROJ, within about half a metre, on every machine the same.

    Raises
    ------
    UsageError
        If the coordinate system is not known, or the numbers are no degrees.
    """
    remedy = "say it with --crs, for example --crs EPSG:28992 for RD New or --crs EPSG:4326 for degrees"
    if found.crs is None and not np.isnan(found.points).all():
        raise UsageError(f"{found.file}: does not say in which coordinate system it is; {remedy}")
    points = found.points
    if found.crs not in (None, DEGREES):
        known = ~np.isnan(points[:, 0])
        moved = moved_to(points[known], found.crs, DEGREES)
        points = points.copy()
        points[known] = np.round(moved, DECIMALS)
    with np.errstate(invalid="ignore"):
        wrong = np.flatnonzero(
            (np.abs(points[:, 0]) > 180) | (np.abs(points[:, 1]) > 90) | np.isinf(points).any(axis=1)
        )
    if wrong.size:
        x, y = found.points[wrong[0]]
        told = f"{x:g} and {y:g} of {found.row} {wrong[0] + 1} are no longitude and latitude"
        raise UsageError(f"{found.file}: {told}; {remedy}")
    return points


_NOWHERE: Final = np.empty((0, 2))


def _shaped(found: Map, geometries: Geometries, outlines: bool) -> Map:
    """Give rows their points, or their polygons where these are wanted."""
    if outlines:
        found.outlines = check_outlines(geometries, found.file, found.row)
        found.points = np.full((len(geometries), 2), np.nan)
    else:
        found.points = points_of(geometries, found.file, found.row)
    return found


# ------------------------------------------------------------------ CSV


def _read_csv(path: Path, only: str) -> Map:
    """Read a table; which columns are its coordinates is seen later."""
    shown = path.as_posix()
    text = decode(read_bytes(path, shown, MOST_BYTES), shown).removeprefix("\ufeff")
    head = text[:100_000].split("\n", 1)[0]
    sign = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True)
    del text
    try:
        names = [name.strip() for name in next(reader, [])]
        _check_names(shown, names)
        columns: list[list[Any]] = [[] for _ in names]
        for number, row in enumerate((row for row in reader if row), 1):
            if len(row) != len(names):
                told = f"{len(row)} cells under {len(names)} column names"
                raise UsageError(f"{shown}:{reader.line_num}: {told}; give every row as many cells as the first line")
            if number > MOST_ROWS:
                raise UsageError(f"{shown}: more than {MOST_ROWS:,} rows; split it")
            for column, cell in zip(columns, row, strict=True):
                column.append(cell)
    except csv.Error as error:
        raise UsageError(f"{shown}:{reader.line_num}: {error}; check quotes and line ends here") from error
    found, numbers = _kept(dict(zip(names, columns, strict=True)), only)
    size = len(numbers) if numbers is not None else len(columns[0]) if columns else 0
    nowhere = np.full((size, 2), np.nan)
    return Map(shown, "row", found, nowhere, None, _marks(found), table=True, numbers=numbers, commas=sign != ",")


def _check_names(shown: str, names: Sequence[str]) -> None:
    if len(names) > MOST_COLUMNS:
        raise UsageError(f"{shown}: {len(names):,} columns, more than {MOST_COLUMNS}; leave out what is not needed")
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise UsageError(f"{shown}: two columns are called {short(twice)!r}; rename one")


def _marks(columns: Mapping[str, Sequence[Any]]) -> tuple[str, ...]:
    return tuple(sorted({cell for cell in columns.get("marking", ()) if isinstance(cell, str) and cell}))


# ------------------------------------------------------------------ GeoJSON


class _Features:
    """Takes features apart while they are read, so that a million of them never stand in memory as dictionaries."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.columns: dict[str, list[Any]] = {}
        self.ids: list[Any] = []
        self.x, self.y = array("d"), array("d")
        self.shapes: dict[int, dict[str, Any]] = {}
        """Geometries that are no point, by feature (from 0)."""

    def hook(self, data: dict[str, Any]) -> Any:
        """Take over one object; called by the parser for every object, the inner ones first."""
        if data.get("type") == "Point" and "coordinates" in data:
            return _Spot(data["coordinates"])
        if data.get("type") == "Feature" and "geometry" in data:
            self.take(data)
            return _TAKEN
        return data

    def take(self, data: Mapping[str, Any]) -> None:
        number = len(self.ids)
        if number >= MOST_ROWS:
            raise UsageError(f"{self.file}: more than {MOST_ROWS:,} features; split it")
        self.ids.append(data.get("id"))
        geometry, properties = data["geometry"], data.get("properties") or {}
        if isinstance(geometry, _Spot):
            self.x.append(geometry.x)
            self.y.append(geometry.y)
        else:
            self.x.append(math.nan)
            self.y.append(math.nan)
            if isinstance(geometry, dict):
                self.shapes[number] = geometry
            elif geometry is not None:
                raise UsageError(f"{self.file}: feature {number + 1} has no geometry that can be read; export it again")
        if not isinstance(properties, dict):
            raise UsageError(f"{self.file}: the properties of feature {number + 1} are no mapping; export it again")
        for name, value in properties.items():
            column = self.columns.setdefault(name, [])
            if len(self.columns) > MOST_COLUMNS:
                raise UsageError(f"{self.file}: more than {MOST_COLUMNS} properties; leave out what is not needed")
            column.extend(itertools.repeat(None, number - len(column)))
            column.append(value if isinstance(value, str | int | float) else None)

    def whole(self) -> None:
        """Give all columns the same length; what stands beside the properties as ``id`` is a column too."""
        size = len(self.ids)
        for column in self.columns.values():
            column.extend(itertools.repeat(None, size - len(column)))
        if "id" not in self.columns and any(isinstance(value, str | int) for value in self.ids):
            self.columns["id"] = [value if isinstance(value, str | int) else None for value in self.ids]


class _Spot:
    """The coordinates of a point."""

    __slots__ = ("x", "y")

    def __init__(self, coordinates: Any) -> None:
        numbers = coordinates[:2] if isinstance(coordinates, list) and 2 <= len(coordinates) <= 4 else ()
        if not numbers or not all(type(v) in (int, float) and abs(v) < 1e12 for v in numbers):
            raise ValueError(f"{short(json.dumps(coordinates, default=str))} is no point")
        self.x, self.y = map(float, numbers)


_TAKEN: Final = object()
"""Stands where a feature was."""


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _read_geojson(path: Path, outlines: bool, only: str) -> Map:
    shown = path.as_posix()
    data = read_bytes(path, shown, MOST_BYTES)
    features = _Features(shown)
    try:
        text = decode(data, shown).removeprefix("\ufeff")
        del data
        top = json.loads(text, object_hook=features.hook, parse_constant=_no_number)
    except ValueError as error:
        raise UsageError(f"{shown}: this is no GeoJSON: {error}; export it again") from error
    except RecursionError as error:
        raise UsageError(f"{shown}: nested too deep for GeoJSON; export it again") from error
    if top is _TAKEN:
        top = {"features": [_TAKEN]}
    taken = top.get("features") if isinstance(top, dict) else None
    if not isinstance(taken, list) or any(one is not _TAKEN for one in taken):
        raise UsageError(f"{shown}: this is no FeatureCollection of GeoJSON; export it as one")
    if len(taken) != len(features.ids):
        raise UsageError(f"{shown}: features stand within features; export it again")
    features.whole()
    points = np.column_stack((np.array(features.x), np.array(features.y))).reshape(-1, 2)
    columns, numbers = _kept(features.columns, only)
    shapes = features.shapes
    if numbers is not None:
        points = points[np.array(numbers) - 1]
        shapes = {k: shapes[number - 1] for k, number in enumerate(numbers) if number - 1 in shapes}
    marks = (*_marks(columns), *_marks({"marking": [top.get("marking")]}))
    found = Map(shown, "feature", columns, points, _stated(top.get("crs"), shown), marks, numbers=numbers)
    if outlines:
        return _shaped(found, from_geojson(shapes, found.size, shown), outlines)
    if shapes:
        placed = points_of(from_geojson(shapes, found.size, shown), shown, "feature")
        found.points = np.where(np.isnan(found.points), placed, found.points)
    return found


def _stated(crs: Any, shown: str) -> str | None:
    """Return the coordinate system that a GeoJSON of before 2016 can name; today it is always degrees."""
    if crs is None:
        return None
    name = crs.get("properties", {}).get("name") if isinstance(crs, dict) and crs.get("type") == "name" else None
    if isinstance(name, str) and _IN_DEGREES.fullmatch(name):
        return DEGREES
    code = _URN.fullmatch(name) if isinstance(name, str) else None
    if code is None:
        raise UsageError(f"{shown}: its coordinate system cannot be understood; export it as GeoJSON (RFC 7946)")
    return f"EPSG:{code[1]}"
