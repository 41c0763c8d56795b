"""Marks in pictures, in the colour and the shape of their sector: where they stand, their names, and their legend."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path

from cascade.model import Lang, Model
from cascade.telling.lettering import cut, text_width
from cascade.telling.plots import INK, MUTED, NARROW, PAPER, Floats, Sheet, axes_above, colour_of, shape_of

SPOT: Final = 0.115
"""Room of one mark there, inches."""
MARK_SIZES: Final = {"*": 46.0, "P": 32.0, "X": 32.0, "p": 32.0, "^": 29.0, "v": 29.0, "<": 29.0, ">": 29.0, "D": 19.0}
"""Area of the marks that look larger or smaller than others of the same area, points squared; of others 25."""
LABEL_SIZE: Final = 7.0
LABEL_TALL: Final = 0.128
"""Room of a line of names, inches: brackets reach above and below the letters."""
LABEL_REACHES: Final = (0.08, 0.2, 0.35, 0.5, 0.7, 0.9, 1.2, 1.5, 1.9, 2.3)
"""How far from its mark a name may stand, inches."""
LEGEND_ROW: Final = 0.2
"""Height of a row of a legend, inches."""
Place = tuple[float, float]
"""Across and up."""


@dataclass(frozen=True)
class Look:
    """A mark and what it means."""

    name: str
    colour: str = MUTED
    shape: str = "o"
    holed: bool = False
    hollow: bool = False
    ring: bool = False


@cache
def _holed(shape: str) -> Path:
    """Return the outline of a mark with a hole in it."""
    style = MarkerStyle(shape)
    outline = style.get_path().transformed(style.get_transform())
    corners: Floats = np.asarray(outline.to_polygons()[0], np.float64)
    x, y = corners.T
    turning = float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))
    # what runs round the other way is left open
    turn = np.linspace(0, -2 * np.pi if turning > 0 else 2 * np.pi, 25)
    hole = 0.21 * np.column_stack((np.cos(turn), np.sin(turn))) + np.mean(corners[:-1], axis=0)
    codes = [Path.MOVETO, *[Path.LINETO] * 23, Path.CLOSEPOLY]
    return Path.make_compound_path(outline, Path(hole, codes))


def draw_mark(axes: Axes, x: float, y: float, look: Look, **given: Any) -> None:
    """Draw a mark in the colour and the shape of its sector, with a hole, only its outline, or a ring around it."""
    size = MARK_SIZES.get(look.shape, 25.0)
    marker = _holed(look.shape) if look.holed else look.shape
    face = {"facecolor": look.colour, "edgecolor": PAPER, "linewidth": 0.5, **given}
    if look.hollow:
        face |= {"facecolor": PAPER, "edgecolor": look.colour, "linewidth": 1.0}
    axes.scatter([x], [y], s=1.25 * size if look.holed or look.hollow else size, marker=marker, zorder=3, **face)
    if look.ring:
        axes.scatter([x], [y], s=84, marker="o", facecolor="none", edgecolor=INK, linewidth=1.1, zorder=3)


def look_of(model: Model, process: str, **given: bool) -> Look:
    """Return the mark of a process: that of its sector."""
    sector = model.sector_of.get(process, "")
    return Look("", colour_of(model, sector), shape_of(model, sector), **given)


SPOTS: Final = tuple(
    (0.5 * ring * SPOT * float(np.cos(turn)), 0.5 * ring * SPOT * float(np.sin(turn)))
    for ring in range(40)
    for turn in np.arange(max(1, 3 * ring)) * 2 * np.pi / max(1, 3 * ring)
)
"""Places (inches) around a mark, nearest first, where another of the same value may stand."""


def spread(
    wanted: Sequence[Place], inch: float, fits: Callable[[Place, Place], bool], furthest: float = np.inf
) -> list[Place]:
    """Set marks beside one another where they would cover each other.

    Who comes first stays where it belongs. A mark goes only where it fits (new place, own place) and not further
    (inches) than allowed; where there is no such place it covers another.
    """
    spots = [(right / inch, up / inch) for right, up in SPOTS if np.hypot(right, up) <= furthest]
    placed: list[Place] = []
    for x, y in wanted:
        for right, up in spots:
            at = (x + right, y + up)
            free = all((at[0] - a) ** 2 + (at[1] - b) ** 2 >= (0.98 * SPOT / inch) ** 2 for a, b in placed)
            if free and fits(at, (x, y)):
                break
        else:
            at = (x, y)
        placed.append(at)
    return placed


Box = tuple[float, float, float, float]
"""Left, right, low, high."""


def label(
    axes: Axes,
    texts: Sequence[tuple[float, float, str, str]],
    kept: Sequence[Box],
    inch: float,
    limits: Box,
    must: int = 0,
) -> list[int]:
    """Write names beside marks where there is room, with a thin line where that is some way off, else short ones.

    Who comes first has the choice; nothing is written where room is kept for marks and the like. For so many of the first
    as ``must`` be named the line may cross other things where there is no better way.

    Returns
    -------
    list of int
        Which texts found no room.
    """
    # by numbers of boxes at once: thousands of places are tried, each against everything that stands already
    taken = np.array(kept, np.float64).reshape(-1, 4)
    left_out: list[int] = []
    wide = {name: text_width(name, LABEL_SIZE) + 0.04 for _, _, *names in texts for name in names}
    for k, (x, y, *names) in enumerate(texts):
        for crossing, name, away, turn in product((False, True)[: 1 + (k < must)], names, LABEL_REACHES, range(24)):
            box = _text_box(x, y, wide[name] / inch, LABEL_TALL / inch, away / inch, turn)
            inside = limits[0] < box[0] and box[1] < limits[1] and limits[2] < box[2] and box[3] < limits[3]
            if inside and _free([box], taken):
                line = _leader(x, y, box, inch)
                if crossing or _free(line, taken):
                    break
        else:
            left_out.append(k)
            continue
        taken = np.vstack((taken, [box, *line]))
        middle = (box[2] + box[3]) / 2
        if line:
            axes.plot([x, min(max(x, box[0]), box[1])], [y, middle], color=MUTED, linewidth=0.4, zorder=2)
        axes.text((box[0] + box[1]) / 2, middle, name, fontsize=LABEL_SIZE, ha="center", va="center_baseline", zorder=4)
    return left_out


def mark_boxes(marks: Iterable[tuple[float, float]], inch: float) -> list[Box]:
    """Return the room that marks take."""
    half = 0.45 * SPOT / inch
    return [(x - half, x + half, y - half, y + half) for x, y in marks]


def _text_box(x: float, y: float, wide: float, tall: float, away: float, turn: int) -> Box:
    """Return the room of a text at some distance from a mark, in one of 24 directions; the first is to the right."""
    across, up = float(np.cos(turn * np.pi / 12)), float(np.sin(turn * np.pi / 12))
    left = x + away * across - wide * (1 - across) / 2
    low = y + away * up - tall / 2
    return left, left + wide, low, low + tall


def _leader(x: float, y: float, box: Box, inch: float) -> list[Box]:
    """Return the line from a mark to its name as a row of dots, so that names and lines keep clear of each other."""
    to = (min(max(x, box[0]), box[1]), (box[2] + box[3]) / 2)
    length = float(np.hypot(to[0] - x, to[1] - y)) * inch
    steps = np.linspace(0, 1, 2 + int(length / 0.04))
    dots = [(x + (to[0] - x) * k, y + (to[1] - y) * k) for k in steps.tolist()]
    clear, size = 0.08 / inch, 0.008 / inch
    near = [
        (a, b)
        for a, b in dots
        if np.hypot(a - x, b - y) > clear and not (box[0] <= a <= box[1] and box[2] <= b <= box[3])
    ]
    return [(a - size, a + size, b - size, b + size) for a, b in near]


def _free(boxes: Sequence[Box], taken: Floats) -> bool:
    """Whether none of some boxes overlaps one of those taken (N, 4)."""
    if not boxes:
        return True
    left, right, low, high = np.array(boxes).T[:, :, np.newaxis]
    across = (left < taken[:, 1]) & (taken[:, 0] < right)
    return not (across & (low < taken[:, 3]) & (taken[:, 2] < high)).any()


def legend_rows(entries: int, width: float) -> int:
    """Return in how many rows so many entries stand on a sheet of that width."""
    return -(-entries // (2 if width < NARROW else 3))


def legend(sheet: Sheet, entries: Sequence[Look], from_below: float) -> Axes:
    """Name marks in two or three columns over the width of a sheet; the last of its rows lies so far up, inches."""
    width = float(sheet.get_size_inches()[0])
    columns = 2 if width < NARROW else 3
    rows = legend_rows(len(entries), width)
    axes = axes_above(sheet, 0.2, 0.1, from_below, LEGEND_ROW * max(rows, 1))
    axes.set_axis_off()
    axes.set_xlim(0, width - 0.3)
    axes.set_ylim(max(rows, 1), 0)
    wide = (width - 0.3) / columns
    for k, entry in enumerate(entries):
        x, y = wide * (k // rows), k % rows + 0.5
        draw_mark(axes, x + 0.07, y, entry)
        axes.text(x + 0.21, y, cut(entry.name, 8, wide - 0.28), fontsize=8, va="center")
    return axes


def sector_entries(model: Model, sectors: Iterable[str], lang: Lang) -> list[Look]:
    """Return the marks of sectors, named."""
    return [Look(model.sectors[s].name[lang], colour_of(model, s), shape_of(model, s)) for s in sectors]
