"""GeoPackages, coordinate systems and what lies within what: the only place that knows geopandas and what comes with it.

All of it is the extra ``geo``; without it an error says how to get it. Nothing is fetched: no other file, no grid of
coordinates, no address. What comes from outside is refused unless it is plain rows.
"""

import contextlib
import json
import re
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import numpy as np
import numpy.typing as npt

from cascade.errors import UsageError, did_you_mean, short

DEGREES: Final = "EPSG:4326"
"""WGS84, longitude before latitude."""
MOST_BYTES: Final = 1_000_000_000
MOST_ROWS: Final = 2_000_000
MOST_COLUMNS: Final = 200
FIXED_DATE: Final = "1970-01-01T00:00:00.000Z"
"""Stands where a GeoPackage has the moment of writing, so that equal maps are equal files."""
_GEOPACKAGE: Final = (b"GPKG", b"GP10", b"GP11")
_LAYERS: Final = """
    SELECT c.table_name, g.geometry_type_name FROM gpkg_contents c JOIN gpkg_geometry_columns g
    ON c.table_name = g.table_name WHERE c.data_type = 'features' ORDER BY c.table_name LIMIT 10000
"""
_OUTLINES: Final = ("GEOMETRY", "POLYGON", "MULTIPOLYGON", "SURFACE", "CURVEPOLYGON")
POINT, POLYGON, MANY_POINTS, MANY_POLYGONS, NONE = 0, 3, 4, 6, -1
"""Kinds of geometry, as shapely numbers them."""

Points = npt.NDArray[np.float64]
"""Longitude and latitude, or x and y, (N, 2); NaN where there is no place."""
Geometries = npt.NDArray[np.object_]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Rows:
    """A layer as read: columns of text and numbers, and a geometry for each row."""

    columns: dict[str, list[Any]]
    geometries: Geometries
    crs: str | None
    """``EPSG:number``, else the text of another coordinate system; None where the file leaves it open."""
    marks: tuple[str, ...]
    """Those of the file and of the layer, as :func:`geopackage` writes them."""


@contextlib.contextmanager
def _asking_for(what: str) -> Iterator[None]:
    """Say how to get the libraries of the extra ``geo`` where one is missing."""
    try:
        yield
    except ImportError as error:
        raise UsageError(
            f'{what} needs geopandas, which is not here; run: pip install "cascade-vitaal[geo]"'
        ) from error


# ------------------------------------------------------------------ where things are


def moved_to(points: Points, source: str, target: str) -> Points:
    """Work out points (N, 2) in another coordinate system; x or longitude comes first in both.

    From RD New this is the transformation of PROJ without grids, within about half a metre.
    """
    with _asking_for(f"{source if len(source) < 20 else 'another coordinate system'}"):
        import pyproj
    # a grid that one machine has fetched and another has not would give other numbers
    pyproj.network.set_network_enabled(active=False)  # type: ignore[attr-defined]
    try:
        transformer = pyproj.Transformer.from_crs(source, target, always_xy=True)
    except pyproj.exceptions.CRSError as error:
        raise UsageError(f"{source} is no coordinate system that is known here; check the number") from error
    return np.column_stack(transformer.transform(points[:, 0], points[:, 1])) if len(points) else points


def lying_in(points: Points, outlines: Geometries, crs: str) -> tuple[Numbers, Numbers]:
    """Find in which outlines points lie; one on a border lies in both.

    Parameters
    ----------
    points : (N, 2)
        Longitude and latitude; NaN lies nowhere. They are worked out in the coordinate system of the outlines, since a
        line that is straight there is not straight in another.
    outlines : (M,)
        As from :func:`check_outlines`.
    crs : str
        Coordinate system of the outlines.

    Returns
    -------
    tuple
        Numbers of points and of outlines, in order of both: a pair for each point and outline that it lies in.
    """
    with _asking_for("lying within an outline"):
        import shapely
    known = np.flatnonzero(~np.isnan(points[:, 0]))
    placed = points[known] if crs == DEGREES else moved_to(points[known], DEGREES, crs)
    # the points in the tree and each outline prepared once: an outline can have very many corners
    inside, which = shapely.STRtree(shapely.points(placed)).query(outlines, predicate="intersects")
    order = np.lexsort((inside, which))
    return known[which[order]].astype(np.int64), inside[order].astype(np.int64)


def from_geojson(shapes: Mapping[int, Any], size: int, file: str) -> Geometries:
    """Make geometries of those of GeoJSON, by number (from 0); None elsewhere."""
    with _asking_for(f"{file}: a map with anything but points"):
        import shapely
    made = np.full(size, None, object)
    for number, shape in shapes.items():
        try:
            made[number] = shapely.from_geojson(json.dumps(shape))
        except (shapely.errors.ShapelyError, TypeError, ValueError, RecursionError) as error:
            raise UsageError(f"{file}: the outline of feature {number + 1} cannot be read; export it again") from error
    return made


def check_outlines(geometries: Geometries, file: str, row: str) -> Geometries:
    """Return geometries that are all sound polygons, or say which is not."""
    with _asking_for("an outline"):
        import shapely
    kinds = shapely.get_type_id(geometries)
    wrong = np.flatnonzero((kinds != POLYGON) & (kinds != MANY_POLYGONS))
    if wrong.size:
        told = f"{row} {wrong[0] + 1} has no outline ({wrong.size:,} in all)"
        raise UsageError(f"{file}: {told}; keep the polygons alone")
    _check_sound(geometries, np.arange(len(geometries)), file, row)
    return geometries


def points_of(geometries: Geometries, file: str, row: str) -> Points:
    """Return a point for each geometry: itself, or one inside the polygon; NaN where there is none."""
    with _asking_for("a map with anything but points"):
        import shapely
    single = (shapely.get_type_id(geometries) == MANY_POINTS) & (shapely.get_num_geometries(geometries) == 1)
    geometries = np.where(single, shapely.get_geometry(geometries, 0), geometries)
    kinds = shapely.get_type_id(geometries)
    area = (kinds == POLYGON) | (kinds == MANY_POLYGONS)
    wrong = np.flatnonzero(~area & (kinds != POINT) & (kinds != NONE))
    if wrong.size:
        told = f"{row} {wrong[0] + 1} is no point and no polygon ({wrong.size:,} in all)"
        raise UsageError(f"{file}: {told}; give each asset one point or one polygon")
    _check_sound(geometries, np.flatnonzero(area), file, row)
    spots = geometries.copy()
    spots[area] = shapely.point_on_surface(geometries[area])
    return np.column_stack((shapely.get_x(spots), shapely.get_y(spots)))


def _check_sound(geometries: Geometries, chosen: Numbers, file: str, row: str) -> None:
    with _asking_for("an outline"):
        import shapely
    broken = chosen[~shapely.is_valid(geometries[chosen])]
    if broken.size:
        why = short(shapely.is_valid_reason(geometries[broken[0]]))
        remedy = "mend it in the program it comes from (in QGIS: Fix geometries)"
        raise UsageError(f"{file}: the polygon of {row} {broken[0] + 1} is not sound: {why}; {remedy}")


# ------------------------------------------------------------------ GeoPackage in


def read_geopackage(path: Path, layer: str | None = None, *, outlines: bool = False) -> Rows:
    """Read one layer of a GeoPackage.

    Parameters
    ----------
    path : Path
    layer : str, optional
        Needed where there is more than one.
    outlines : bool
        Look only for layers with polygons.

    Raises
    ------
    UsageError
        If it is no GeoPackage, is too large, holds more than plain rows, or has no such layer.
    """
    shown = path.as_posix()
    name = _layer(_layers(path, shown), layer, shown, outlines)
    with _asking_for("a GeoPackage"):
        import geopandas
        import pyogrio
        import shapely
    # from the root on, so that no name can be taken for an address or for something within an archive
    full = str(path.resolve())
    try:
        told = pyogrio.read_info(full, layer=name, IMMUTABLE="YES")
        if told["driver"] != "GPKG" or told["features"] > MOST_ROWS or len(told["fields"]) > MOST_COLUMNS:
            most = f"more than {MOST_ROWS:,} rows or {MOST_COLUMNS} columns"
            raise UsageError(f"{shown}: {most} in layer {name!r}; split it, or leave columns out")
        frame = pyogrio.read_dataframe(full, layer=name, force_2d=True, IMMUTABLE="YES")
    except (RuntimeError, ValueError, shapely.errors.ShapelyError) as error:
        raise UsageError(f"{shown}: cannot be read as a GeoPackage: {short(error, 200)}; export it again") from error
    if not isinstance(frame, geopandas.GeoDataFrame):
        raise UsageError(f"{shown}: layer {name!r} has no geometry; choose one with places")
    columns = {str(column): _cells(frame[column]) for column in frame.columns if column != frame.geometry.name}
    noted = ((told.get(key) or {}).get("marking") for key in ("dataset_metadata", "layer_metadata"))
    return Rows(columns, frame.geometry.to_numpy(), _code_of(frame.crs), tuple(sorted({m for m in noted if m})))


def _layers(path: Path, shown: str) -> dict[str, str]:
    """Return the layers of a GeoPackage and their kind of geometry; refuse what could do more than hold rows."""
    if not path.is_file():
        raise UsageError(f"{shown}: is not there, or is no file; check the name")
    if path.stat().st_size > MOST_BYTES:
        raise UsageError(
            f"{shown}: is larger than {MOST_BYTES // 1_000_000:,} MB; export only the layer that is needed"
        )
    with path.open("rb") as stream:
        head = stream.read(100)
    if not head.startswith(b"SQLite format 3\0") or head[68:72] not in _GEOPACKAGE:
        raise UsageError(f"{shown}: this is no GeoPackage; export it as one")
    beside = path.with_name(path.name + "-wal")
    if beside.exists() and beside.stat().st_size:
        remedy = "close the program that has it open"
        raise UsageError(f"{shown}: {beside.name} holds rows that are not in it yet; {remedy}")
    try:
        place = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
        with contextlib.closing(sqlite3.connect(place, uri=True)) as base:
            base.execute("PRAGMA trusted_schema = OFF")
            schema = base.execute("SELECT type, name, sql FROM sqlite_master LIMIT 100000").fetchall()
            _refuse_worked_out(schema, shown)
            return {str(name): str(kind).upper() for name, kind in base.execute(_LAYERS)}
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise UsageError(f"{shown}: cannot be read as a GeoPackage: {short(error)}; export it again") from error


def _refuse_worked_out(schema: Sequence[tuple[Any, Any, Any]], shown: str) -> None:
    """Refuse views and worked-out columns: they can call functions, some of which open files or addresses."""
    for kind, name, sql in schema:
        text = str(sql or "")
        virtual = re.match(r"\s*CREATE\s+VIRTUAL", text, re.I) and not re.search(r"\bUSING\s+rtree\s*\(", text, re.I)
        if kind == "view" or (kind == "table" and (virtual or re.search(r"\bAS\s*\(", text, re.I))):
            what = "view" if kind == "view" else "table that is worked out"
            raise UsageError(f"{shown}: holds a {what}, {short(name)!r}; export the layer to a new GeoPackage")


def _layer(layers: Mapping[str, str], wanted: str | None, shown: str, outlines: bool) -> str:
    """Choose the layer: the one wanted, or the only one that fits."""
    if wanted is not None and wanted not in layers:
        raise UsageError(f"{shown}: no layer {short(wanted)!r}; {did_you_mean(wanted, layers)}")
    fit = [name for name, kind in layers.items() if not outlines or kind in _OUTLINES]
    if wanted is None and len(fit) != 1:
        what = "layers with polygons" if outlines else "layers"
        remedy = "export the one that is meant to a file of its own" if outlines else "choose one with --layer"
        raise UsageError(f"{shown}: {len(fit)} {what}: {', '.join(map(short, fit[:20])) or 'none'}; {remedy}")
    return wanted or fit[0]


def layer_names(path: Path) -> tuple[str, ...]:
    """Return the names of the layers of a GeoPackage, in order."""
    return tuple(_layers(path, path.as_posix()))


def _cells(column: Any) -> list[Any]:
    """Return the cells of a column as text and numbers; None for anything else."""
    return [v if isinstance(v, str | int) or (isinstance(v, float) and v == v) else None for v in column.tolist()]


def _code_of(crs: Any) -> str | None:
    if crs is None or crs.name.lower().startswith("undefined") or crs.is_engineering:
        return None
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else str(crs.to_wkt())


# ------------------------------------------------------------------ GeoPackage out


@dataclass(frozen=True)
class Layer:
    """Points or lines in degrees with their columns, to be written."""

    name: str
    columns: Mapping[str, Sequence[Any]]
    places: Points
    """(N, 2) longitude and latitude of points, NaN where there is none; (N, 4) both ends of lines."""

    @property
    def lines(self) -> bool:
        """Whether these are lines."""
        return bool(self.places.shape[1] == 4)


def geopackage(layers: Sequence[Layer], told: Mapping[str, str]) -> bytes:
    """Write layers as a GeoPackage; equal layers give equal bytes, with the same version of the libraries.

    Parameters
    ----------
    layers : sequence of Layer
        At least one.
    told : mapping
        What is noted of the whole and of each layer, such as its mark.
    """
    with _asking_for("writing a GeoPackage"):
        import geopandas
        import pyogrio
        import shapely
    described = {"DESCRIPTION": "; ".join(told.values())}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder).resolve() / "map.gpkg"
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_DATE})
        try:
            for layer in layers:
                made = np.full(len(layer.places), None, object)
                known = ~np.isnan(layer.places[:, 0])
                if layer.lines:
                    made[known] = shapely.linestrings(layer.places[known].reshape(-1, 2, 2))
                else:
                    made[known] = shapely.points(layer.places[known])
                frame = geopandas.GeoDataFrame(dict(layer.columns), geometry=made, crs=DEGREES)
                kind = "LineString" if layer.lines else "Point"
                pyogrio.write_dataframe(
                    frame, path, layer=layer.name, driver="GPKG", geometry_type=kind, layer_options=described,
                    dataset_metadata=dict(told), layer_metadata=dict(told),
                )  # fmt: skip
        finally:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
        return path.read_bytes()
