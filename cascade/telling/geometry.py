"""Outlines of regions from a GeoJSON file, made small enough for a page and matched to the regions of a model.

The file comes from outside: it is read as JSON alone, under caps, and whatever is wrong with it ends in one sentence
that names the file, the feature and the remedy.
"""

import json
import math
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cascade.errors import UsageError
from cascade.model import Region

Ring = npt.NDArray[np.float64]
"""Points (P, 2) of a closed line, the last equal to the first."""

MOST_BYTES: Final = 50_000_000
MOST_DEPTH: Final = 40
"""Brackets within brackets; GeoJSON needs about ten."""
MOST_POINTS: Final = 3_000_000
MOST_FEATURES: Final = 20_000
SHOWN_POINTS: Final = 9_000
"""Points of all outlines together that a page gets; a lighter outline is not seen to differ at this size."""
WIDE: Final = 1_000
"""Width or height of the map, whichever is larger, in its own units."""
_KINDS: Final = ("Polygon", "MultiPolygon")


@dataclass(frozen=True)
class Shapes:
    """Outlines of all regions of a model in one frame, ready for SVG."""

    width: int
    height: int
    paths: Mapping[str, str]
    """By code: the ``d`` of a path; holes by the even-odd rule."""
    middles: Mapping[str, tuple[int, int]]
    """By code: a point well inside its largest part, for a number."""
    unused: int = 0
    """Features of the file that are no region of the model."""


def read_shapes(path: str | Path, regions: Mapping[str, Region]) -> Shapes:
    """Read the outlines of a model's regions.

    Parameters
    ----------
    path : path
        GeoJSON: a FeatureCollection of Polygons and MultiPolygons, in degrees (longitude, latitude) or in metres.
    regions : mapping
        Those of the model. A feature belongs to the region whose code or name one of its properties holds, whatever
        capitals, accents and signs; several features of one region are joined.

    Returns
    -------
    Shapes

    Raises
    ------
    UsageError
        If the file cannot be read, is too large or no such GeoJSON, or lacks a region.
    """
    path = Path(path)
    features = _features(path)
    found: dict[str, list[list[Ring]]] = {}
    unused = points = 0
    known = _known(regions)
    for number, feature in enumerate(features, 1):
        name = f"{path}: feature {number}"
        code = _code(feature, known, name)
        if code is None:
            unused += 1
            continue
        for rings in _polygons(feature, f"{name} ({code})"):
            points += sum(map(len, rings))
            if points > MOST_POINTS:
                raise UsageError(
                    f"{path}: more than {MOST_POINTS:,} points; simplify it first, for example with mapshaper"
                )
            found.setdefault(code, []).append(rings)
    missing = [f"{code} ({region.name})" for code, region in regions.items() if code not in found]
    if missing:
        some = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        raise UsageError(
            f"{path}: no feature for {some}; give each region a feature with its code or its name as a property"
        )
    return _drawn(path, found, unused)


# ------------------------------------------------------------------ reading


def _features(path: Path) -> list[Any]:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise UsageError(
                f"{path}: {size / 1e6:.0f} MB is more than the {MOST_BYTES // 1_000_000} MB that is read; simplify it "
                "first, for example with mapshaper"
            )
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"--geometry: cannot read {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: this is no text in UTF-8; export it as GeoJSON") from error
    _check_depth(path, text)
    try:
        data = json.loads(text, parse_constant=_no_number)
    except ValueError as error:
        raise UsageError(f"{path}: this is no JSON: {error}; export it as GeoJSON") from error
    if isinstance(data, dict) and data.get("type") == "Feature":
        data = {"type": "FeatureCollection", "features": [data]}
    features = data.get("features") if isinstance(data, dict) else None
    if not isinstance(features, list) or data.get("type") != "FeatureCollection":
        raise UsageError(f"{path}: this is no GeoJSON FeatureCollection; export it as one")
    if len(features) > MOST_FEATURES:
        raise UsageError(f"{path}: {len(features):,} features are more than {MOST_FEATURES:,}; keep the regions alone")
    return features


def _check_depth(path: Path, text: str) -> None:
    """Refuse what is nested too deep before anything takes it apart; brackets in texts count too, which does no harm."""
    signs = np.frombuffer(text.encode(), np.uint8)
    step = ((signs == ord("[")) | (signs == ord("{"))).astype(np.int8)
    step -= ((signs == ord("]")) | (signs == ord("}"))).astype(np.int8)
    if signs.size and int(np.cumsum(step, dtype=np.int64).max()) > MOST_DEPTH:
        raise UsageError(f"{path}: nested deeper than {MOST_DEPTH} levels; this is no GeoJSON of regions")


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _plain(text: str) -> str:
    """Reduce a name to letters and digits, so that case, accents, hyphens and blanks do not matter."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in parts if sign.isalnum())


def _known(regions: Mapping[str, Region]) -> dict[str, str]:
    """Return what may stand in a property, reduced, and the code that it means."""
    known = {_plain(region.name): code for code, region in regions.items()}
    known |= {_plain("veiligheidsregio" + region.name): code for code, region in regions.items()}
    return known | {_plain(code): code for code in regions}


def _code(feature: Any, known: Mapping[str, str], name: str) -> str | None:
    """Return the region that a feature is about; None if it is none of the model's."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise UsageError(f"{name} is no GeoJSON Feature; export the file again")
    properties = feature.get("properties") or {}
    values = list(properties.values()) if isinstance(properties, dict) else []
    texts = [_plain(v) for v in [*values, feature.get("id")] if isinstance(v, str)]
    codes = sorted({known[text] for text in texts if text in known})
    if len(codes) > 1:
        raise UsageError(f"{name} names several regions: {', '.join(codes)}; leave one of them in its properties")
    return codes[0] if codes else None


def _polygons(feature: Mapping[str, Any], name: str) -> Iterator[list[Ring]]:
    """Yield the polygons of a feature, each as its outer ring and its holes."""
    geometry = feature.get("geometry")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(geometry, dict) or kind not in _KINDS:
        raise UsageError(f"{name} is a {kind or 'feature without geometry'}; only {' and '.join(_KINDS)} can be drawn")
    coordinates = geometry.get("coordinates")
    parts = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(parts, list) or not parts:
        raise UsageError(f"{name} has no coordinates; leave it out or give it an outline")
    for rings in parts:
        if not isinstance(rings, list) or not rings:
            raise UsageError(f"{name}: a polygon is a list of rings; export the file again")
        yield [_ring(points, name) for points in rings]


def _ring(points: Any, name: str) -> Ring:
    if not isinstance(points, list) or len(points) < 4:
        raise UsageError(f"{name}: a ring has at least four points, the last equal to the first")
    for point in points:
        if not isinstance(point, list) or not 2 <= len(point) <= 4 or not all(_is_number(x) for x in point):
            raise UsageError(f"{name}: a point is two numbers, not {json.dumps(point)[:60]}")
    found = np.array([point[:2] for point in points], np.float64)
    if not np.isfinite(found).all() or np.abs(found).max() > 1e8:
        raise UsageError(f"{name}: a coordinate lies out of range; give degrees or metres")
    if (found[0] != found[-1]).any():
        raise UsageError(f"{name}: a ring is not closed; its last point must equal its first")
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 1e300


# ------------------------------------------------------------------ drawing


def _drawn(path: Path, found: Mapping[str, Sequence[Sequence[Ring]]], unused: int) -> Shapes:
    """Put all outlines in one frame, y downward, and leave out points until few enough remain."""
    every = np.concatenate([ring for polygons in found.values() for rings in polygons for ring in rings])
    low, high = every.min(axis=0), every.max(axis=0)
    degrees = bool((np.abs(every[:, 0]) <= 180).all() and (np.abs(every[:, 1]) <= 90).all())
    # a degree of longitude is shorter than one of latitude, by the cosine of the latitude
    narrow = math.cos(math.radians((low[1] + high[1]) / 2)) if degrees else 1.0
    size = (high - low) * (narrow, 1.0)
    if not size.max() > 0:
        raise UsageError(f"{path}: the outlines have no size; export the file again")
    scale = WIDE / float(size.max())

    def placed(ring: Ring) -> Ring:
        return np.column_stack(((ring[:, 0] - low[0]) * narrow, high[1] - ring[:, 1])) * scale

    frames = {code: [[placed(r) for r in rings] for rings in polygons] for code, polygons in sorted(found.items())}
    tolerance = 0.5
    thin = _thinned(frames, tolerance)
    enough = max(SHOWN_POINTS, 8 * len(thin))
    while tolerance < WIDE and sum(len(r) for polygons in thin.values() for rings in polygons for r in rings) > enough:
        tolerance *= 1.5
        thin = _thinned(thin, tolerance)
    return Shapes(
        width=math.ceil(size[0] * scale),
        height=math.ceil(size[1] * scale),
        paths={code: "".join(_line(r) for rings in polygons for r in rings) for code, polygons in thin.items()},
        middles={code: _middle(polygons) for code, polygons in thin.items()},
        unused=unused,
    )


def _thinned(frames: Mapping[str, Sequence[Sequence[Ring]]], tolerance: float) -> dict[str, list[list[Ring]]]:
    """Leave out points that lie within a distance of the line without them, and specks; every region keeps its largest."""
    found = {}
    for code, polygons in frames.items():
        largest = max(range(len(polygons)), key=lambda k: (_area(polygons[k][0]), -k))
        kept = []
        for k, rings in enumerate(polygons):
            if k == largest or _area(rings[0]) > 4 * tolerance**2:
                outer, holes = simplified(rings[0], tolerance), rings[1:]
                kept.append([outer, *(simplified(h, tolerance) for h in holes if _area(h) > 4 * tolerance**2)])
        found[code] = kept
    return found


def simplified(ring: Ring, tolerance: float) -> Ring:
    """Leave out points of a closed line that lie within a distance of the line without them; four stay at least.

    Source
    ------
    Douglas and Peucker (1973), doi 10.3138/FM57-6770-U75U-7727, on the two halves between the first point and the one
    farthest from it.
    """
    if len(ring) <= 4:
        return ring
    far = int(np.argmax(((ring - ring[0]) ** 2).sum(axis=1)))
    keep = np.zeros(len(ring), np.bool_)
    keep[[0, far, len(ring) - 1]] = True
    todo = [(0, far), (far, len(ring) - 1)]
    while todo:
        a, b = todo.pop()
        if b - a < 2:
            continue
        away = _distance(ring[a + 1 : b], ring[a], ring[b])
        k = int(np.argmax(away))
        if away[k] > tolerance:
            keep[a + 1 + k] = True
            todo += [(a, a + 1 + k), (a + 1 + k, b)]
    if keep.sum() < 4:
        # a triangle needs one point more: the one farthest from the line between the two that stay
        away = _distance(ring, ring[0], ring[far])
        away[keep] = -1
        keep[int(np.argmax(away))] = True
    return ring[keep]


def _distance(points: Ring, a: Ring, b: Ring) -> npt.NDArray[np.float64]:
    """Distance of points (P, 2) to the stretch from ``a`` to ``b``."""
    along = b - a
    length = float(along @ along)
    share = np.clip((points - a) @ along / length, 0, 1) if length else np.zeros(len(points))
    return np.asarray(np.hypot(*(points - a - share[:, None] * along).T), np.float64)


def _area(ring: Ring) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return abs(float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum())) / 2


def _line(ring: Ring) -> str:
    points = [f"{x:.1f},{y:.1f}".replace(".0", "") for x, y in ring[:-1].tolist()]
    return f"M{' '.join(points)}z"


def _middle(polygons: Sequence[Sequence[Ring]]) -> tuple[int, int]:
    """Return a point well inside the largest part: the middle of the widest stretch on one of a few level lines."""
    ring = max((rings[0] for rings in polygons), key=_area)
    top, bottom = float(ring[:, 1].min()), float(ring[:, 1].max())
    best = (-1.0, float(ring[:, 0].mean()), (top + bottom) / 2)
    for k in range(1, 16):
        y = top + (bottom - top) * k / 16
        x0, y0, x1, y1 = ring[:-1, 0], ring[:-1, 1], ring[1:, 0], ring[1:, 1]
        crosses = (y0 <= y) != (y1 <= y)
        xs = np.sort(x0[crosses] + (y - y0[crosses]) * (x1 - x0)[crosses] / (y1 - y0)[crosses])
        for a, b in zip(xs[::2].tolist(), xs[1::2].tolist(), strict=False):
            # wide lines near the edge are worse than narrower ones in the middle
            size = (b - a) * min(y - top, bottom - y)
            if size > best[0]:
                best = (size, (a + b) / 2, y)
    return round(best[1]), round(best[2])
