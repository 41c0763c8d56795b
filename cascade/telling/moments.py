"""A few moments of a run side by side, each a small map of equal tiles: what stands in for a slider on paper."""

from collections.abc import Sequence
from typing import Final

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from cascade.errors import UsageError
from cascade.model import Lang
from cascade.simulation.run import Run
from cascade.telling.gist import map_moments, when_text
from cascade.telling.lettering import wrapped
from cascade.telling.plots import (
    BANDS,
    CALM,
    INK,
    STYLE,
    WIDTH,
    Sheet,
    axes_above,
    axes_on,
    band_legend,
    band_of,
    page,
    run_foot,
    say,
    scenario_line,
    shares_without,
    tile_places,
)
from cascade.units import HOUR
from cascade.words import share

ACROSS: Final = 4
"""Maps beside one another."""
HEAD: Final = 0.52
"""Room for the moment above a map, inches."""
BELOW: Final = 1.2
"""Room under the maps, inches."""


@matplotlib.rc_context(STYLE)
def draw_moments(
    run: Run, lang: Lang, marking: str = "", hours: Sequence[float] | None = None, width: float = WIDTH
) -> Sheet:
    """Show on small maps what share of the people of each region lacks a basic need at some moments.

    Parameters
    ----------
    run : Run
    lang : {"nl", "en"}
    marking : str
        Raises the mark on the picture.
    hours : sequence of float, optional
        From the start, within the horizon; by default those that tell most.
    width : float
        Of the sheet, inches.

    Returns
    -------
    Sheet
        Where nobody lacks anything, one map of the start.

    Raises
    ------
    UsageError
        If a moment lies outside the run.
    """
    shown = list(hours) if hours is not None else map_moments(run, ACROSS) or [0.0]
    for at_h in shown:
        if not 0 <= at_h <= run.horizon / HOUR:
            raise UsageError(f"hour {at_h:g} is outside this run (0 to {run.horizon / HOUR:g})")
    tiles = tile_places(run.model.regions)
    wide, tall = (max(place[k] for place in tiles.values()) + 1 for k in (0, 1))
    room = (width - 0.3) / ACROSS
    size = (room - 0.25) / wide
    rows = -(-len(shown) // ACROSS)
    each = HEAD + tall * size
    title = say(lang, "Mensen zonder een eerste levensbehoefte, per regio", "People without a basic need, by region")
    tail = say(lang, "in elke tegel het aandeel", "the share in each tile")
    sheet = page(0.7 + rows * each + BELOW, title, scenario_line(run, lang, tail), run_foot(run, marking, lang), width)
    edges, table = shares_without(run)
    for k, at_h in enumerate(shown):
        column, line = k % ACROSS, k // ACROSS
        left = 0.15 + column * room
        top, bottom = 0.7 + line * each + HEAD, BELOW + (rows - 1 - line) * each
        axes = axes_on(sheet, left, width - left - wide * size, top, bottom)
        row = min(int(np.searchsorted(edges, at_h, side="right")) - 1, len(table) - 1)
        _map(axes, tiles, dict(table.iloc[row].items()), size, (wide, tall), lang)
        told = wrapped(when_text(run, at_h, lang), 8.5, room - 0.2, most=2, bold=True)
        axes.text(0, -0.15, "\n".join(told), fontsize=8.5, fontweight="bold", va="bottom", linespacing=1.15)
    legend = axes_above(sheet, 0.15, 0.15, 0.36, 0.48)
    band_legend(legend, lang, say(lang, "aandeel van de inwoners", "share of the inhabitants"))
    return sheet


def _map(
    axes: Axes,
    tiles: dict[str, tuple[int, int]],
    shares: dict[object, float],
    size: float,
    sides: tuple[int, int],
    lang: Lang,
) -> None:
    """Draw one map on axes of its own; a tile has ``size`` inches."""
    axes.set_axis_off()
    axes.set_xlim(0, sides[0])
    axes.set_ylim(sides[1], 0)
    for code, (column, row) in sorted(tiles.items()):
        value = float(shares.get(code, 0.0))
        band = band_of(value)
        colour, ink = (CALM, INK) if band < 0 else BANDS[band][1:]
        axes.add_patch(Rectangle((column + 0.04, row + 0.04), 0.92, 0.92, facecolor=colour, linewidth=0))
        if band >= 0 and size >= 0.25:
            axes.text(
                column + 0.5, row + 0.5, share(value, lang), fontsize=min(8.0, 19 * size), color=ink, ha="center", va="center"
            )  # fmt: skip
