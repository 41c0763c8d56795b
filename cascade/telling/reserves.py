"""Pictures of stocks: how long each lasts, and when each is drawn on in a scenario and cannot be used.

As in `plots`, each function returns a matplotlib figure and saves nothing.
"""

from typing import Final

import matplotlib
import numpy as np
from matplotlib.patches import Rectangle

from cascade.model import Lang, Model
from cascade.results.stocks import StockUse, register
from cascade.telling.columns import as_records
from cascade.telling.plots import (
    ALARM,
    CALM,
    INK,
    KEPT,
    MUTED,
    PAPER,
    RULE,
    STYLE,
    TICK_STEPS_H,
    Sheet,
    axes_on,
    foot,
    page,
)
from cascade.telling.stocks import KINDS
from cascade.units import HOUR
from cascade.words import clipped, duration, share, word

ROW: Final = 0.25
"""Height of a row, inches."""
LEFT: Final = 3.0
RIGHT: Final = 0.95
TOP: Final = 0.95
BOTTOM: Final = 0.65
NAME: Final = 42
"""Characters of a name beside a bar."""
BAR: Final = 0.62
"""Part of its row that a bar fills."""
LEAST_H: Final = 6.0
"""Where the logarithmic axis of durations begins, hours."""
DURATION_TICKS_H: Final = (6, 12, 24, 72, 168, 336, 720, 2160)


@matplotlib.rc_context(STYLE)
def draw_register(model: Model, lang: Lang, marking: str = "") -> Sheet:
    """Show how long each stock lasts in the model, and what is published of it, on a logarithmic axis.

    Parameters
    ----------
    model : Model
    lang : str
    marking : str
        Raises the mark on the picture.
    """
    rows = [row for row in as_records(register(model)) if row["model_h"] is not None]
    rows.sort(key=lambda row: (KINDS.index(row["kind"]), -row["model_longest_h"], row["stock"]))
    height = TOP + BOTTOM + ROW * max(len(rows), 1)
    title, note = word("stock_bars", lang), word("stock_bars_note", lang)
    figure = page(height, title, note, foot(model, marking, lang))
    axes = axes_on(figure, LEFT, RIGHT, TOP, BOTTOM)
    edge = float(np.log10(LEAST_H))
    for y, row in enumerate(rows):
        ends = [max(float(np.log10(row[key])), edge + 0.02) for key in ("model_h", "model_longest_h")]
        axes.add_patch(Rectangle((edge, y - BAR / 2), ends[0] - edge, BAR, facecolor=KEPT, edgecolor="none"))
        axes.add_patch(Rectangle((ends[0], y - BAR / 2), ends[1] - ends[0], BAR, facecolor=KEPT, alpha=0.45))
        last = ends[1]
        if row["published_h"] is not None:
            low, mode, high = (
                float(np.log10(row[key])) for key in ("published_low_h", "published_h", "published_high_h")
            )
            axes.plot([low, high], [y, y], color=INK, linewidth=1.4, solid_capstyle="butt")
            axes.plot([mode], [y], marker="|", color=INK, markersize=9, markeredgewidth=1.6)
            last = max(last, high)
        text = duration(row["model_longest_h"] * HOUR, lang)
        axes.text(last + 0.03, y, text, va="center", fontsize=8, color=MUTED)
    names = [model.stocks[row["stock"]].name[lang] for row in rows]
    ticks = [
        hours for hours in DURATION_TICKS_H if hours <= max((r["model_longest_h"] for r in rows), default=24) * 1.5
    ]
    axes.set_xticks([float(np.log10(h)) for h in ticks], [duration(h * HOUR, lang) for h in ticks])
    axes.set_xlim(edge, float(np.log10(max([*ticks, 24]))) + 0.12)
    _rows(axes, names)
    return figure


@matplotlib.rc_context(STYLE)
def draw_use(found: StockUse, lang: Lang, marking: str = "") -> Sheet:
    """Show over time when each stock goes down, until when, and when it could not be used.

    Of each stock its hardest pressed copy; stocks that are not drawn on are left out.

    Parameters
    ----------
    found : StockUse
    lang : str
    marking : str
        Raises the mark on the picture.
    """
    model = found.run.model
    shown = [copies[0] for name in found.stocks if (copies := found.of(name)) and copies[0].pieces]
    shown.sort(key=lambda use: (use.pieces[0].start, use.stock))
    height = TOP + BOTTOM + ROW * max(len(shown), 1)
    title = word("stock_title", lang, name=found.run.scenario.name[lang])
    figure = page(height, title, word("stock_lanes_note", lang), foot(model, marking, lang))
    axes = axes_on(figure, LEFT, RIGHT, TOP, BOTTOM)
    end = max((use.pieces[-1].end for use in shown), default=found.run.horizon) / HOUR
    for y, use in enumerate(shown):
        axes.add_patch(Rectangle((0, y - BAR / 2), end, BAR, facecolor=CALM, edgecolor="none"))
        for piece in use.pieces:
            a, b = piece.start / HOUR, piece.end / HOUR
            looks = (
                {"facecolor": PAPER, "hatch": "//////", "edgecolor": ALARM} if piece.lacking else {"facecolor": KEPT}
            )
            axes.add_patch(Rectangle((a, y - BAR / 2), b - a, BAR, linewidth=0, **looks))  # type: ignore[arg-type]
        if use.empty is not None:
            axes.plot([use.empty / HOUR] * 2, [y - 0.45, y + 0.45], color=ALARM, linewidth=2)
        text = word("stock_lane_used", lang, used=share(use.used, lang))
        axes.text(end * 1.01, y, text, va="center", fontsize=8, color=ALARM if use.empty is not None else MUTED)
    step = next((s for s in TICK_STEPS_H if end / s <= 9), TICK_STEPS_H[-1])
    ticks = np.arange(0, end + 1e-9, step).tolist()
    axes.set_xticks(ticks, [duration(t * HOUR, lang) for t in ticks])
    axes.set_xlim(0, max(end, 1.0))
    _rows(axes, [model.stocks[use.stock].name[lang] for use in shown])
    return figure


def _rows(axes: matplotlib.axes.Axes, names: list[str]) -> None:
    axes.set_yticks(range(len(names)), [clipped(name, NAME) for name in names])
    axes.set_ylim(max(len(names), 1) - 0.5, -0.5)
    axes.xaxis.grid(visible=True, color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
