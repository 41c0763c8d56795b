"""Pictures of what more means bring, and of harm over the phases of a plan; they save nothing."""

from collections.abc import Sequence
from math import floor, log10
from typing import Final

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from cascade.model import BUDGET, Lang, Model
from cascade.results.fronts import Front
from cascade.results.phased import Phased
from cascade.telling.fronts import kind_text
from cascade.telling.lettering import text_width
from cascade.telling.plots import ALARM, CALM, INK, KEPT, MUTED, RULE, STYLE, WIDTH, Sheet, axes_on, foot, page
from cascade.words import clipped, euros, number, word

TALL: Final = 4.6
"""Height of a picture, inches."""
BAR: Final = 0.36
"""Width of a bar, in phases."""
NAME: Final = 16
"""Characters of a phase's name below its bars."""


def draw_front(ax: Axes, front: Front, lang: Lang) -> None:
    """Draw harm averted against amounts of a kind: the best plans as steps, above them the band that the bound leaves open.

    Parameters
    ----------
    ax : Axes
    front : Front
    lang : {"nl", "en"}
    """
    end = max(front.steps[-1].allowed, 1)
    at, harm, bound = _curves(front, end)
    whole = 100 if front.none > 0 else 0  # where nothing is at stake nothing can be averted
    averted, most = [whole - value for value in harm], [whole - value for value in bound]
    ax.fill_between(at, averted, most, step="post", color=CALM, linewidth=0, zorder=1)
    ax.step(at, averted, where="post", color=KEPT, linewidth=1.8, zorder=3, label=word("front_axis_found", lang))
    ax.step(
        at,
        most,
        where="post",
        color=MUTED,
        linewidth=0.9,
        linestyle=(0, (4, 3)),
        zorder=2,
        label=word("front_axis_most", lang),
    )
    ax.plot(
        [point.used for point in front.points],
        [whole - value for value in _percent([point.harm for point in front.points], front.none)],
        linestyle="none",
        marker="o",
        markersize=4.5,
        color=INK,
        zorder=4,
        clip_on=False,
    )
    top = max([*averted, *most, 1e-4])
    marks = [tick for tick in MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(0, top) if 0 <= tick <= top * 1.1]
    decimals = max(0, -floor(log10(marks[1]) + 1e-9)) if len(marks) > 1 else 0
    ax.set_ylim(0, top * 1.28)  # room for the legend above the curves
    ax.set_xlim(0, end * 1.02)
    ax.tick_params(axis="x", pad=7)
    ax.set_yticks(marks, [f"{number(tick, lang, decimals)}%" for tick in marks])
    ax.set_axisbelow(True)
    ax.grid(axis="y", color=RULE, linewidth=0.6)
    ax.set_ylabel(word("front_axis_averted", lang), color=MUTED)
    ax.set_xticks(*_amounts(front, end, float(ax.get_window_extent().width / ax.figure.dpi), lang), fontsize=8.5)
    ax.set_xlabel(kind_text(front.kind, lang))
    ax.legend(loc="upper left", frameon=False, fontsize=8, ncols=2)


def _amounts(front: Front, end: int, inches: float, lang: Lang) -> tuple[list[float], list[str]]:
    """Return round amounts along an axis of so many inches and their names, as many as fit."""
    for most in range(7, 0, -1):
        found = MaxNLocator(most, integer=True, steps=[1, 2, 5, 10]).tick_values(0, end)
        ticks = [float(tick) for tick in found if 0 <= tick <= end]
        if front.kind != BUDGET:
            names = [number(tick, lang) for tick in ticks]
        elif ticks[-1] >= 1e6 and all(tick % 1e6 == 0 for tick in ticks):
            names = ["€ 0", *(f"€ {number(tick / 1e6, lang)} {word('million', lang)}" for tick in ticks[1:])]
        else:
            names = [euros(tick, lang) for tick in ticks]
        if max(text_width(name, 8.5) for name in names) + 0.1 <= inches * (ticks[1] if len(ticks) > 1 else end) / end:
            break
    return ticks, names


def _curves(front: Front, end: int) -> tuple[list[int], list[float], list[float]]:
    """Return amounts, and from each on: the least harm found with no more, and what no plan short of the next goes below."""
    first = front.points[0].used
    at = sorted({amount for p in front.steps for amount in (p.used, p.allowed) if amount >= first} | {first, end})
    harm = [min(p.harm for p in front.points if p.used <= amount) for amount in at]
    # the amounts up to the next one are whole
    later = [*(amount - 1 for amount in at[1:]), end]
    bound = [next((p.bound for p in front.steps if p.allowed >= amount), front.steps[-1].bound) for amount in later]
    return at, _percent(harm, front.none), _percent(bound, front.none)


def draw_phases(ax: Axes, phased: Phased, lang: Lang) -> None:
    """Draw harm by phase: planned phase by phase and looking ahead, with the bound of each phase as a line.

    Parameters
    ----------
    ax : Axes
    phased : Phased
    lang : {"nl", "en"}
    """
    at = np.arange(len(phased.names))
    ahead = _percent(phased.ahead.harms, phased.none)
    if phased.myopic is not None:
        ax.bar(
            at - BAR / 2,
            _percent(phased.myopic.harms, phased.none),
            BAR * 0.92,
            color=RULE,
            label=word("phase_axis_myopic", lang),
        )
    shift = BAR / 2 if phased.myopic is not None else 0.0
    bars = ax.bar(at + shift, ahead, BAR * 0.92, color=KEPT, label=word("phase_axis_ahead", lang))
    ax.bar_label(bars, [f"{number(value, lang)}%" for value in ahead], fontsize=7.5, color=INK, padding=1)
    for n, bound in enumerate(_percent(phased.bounds, phased.none)):
        label = word("front_axis_bound", lang) if n == 0 else None
        ax.plot([n - BAR, n + BAR], [bound, bound], color=ALARM, linewidth=1.4, zorder=4, label=label)
    names = [word("phase_start", lang) if name is None else name[lang] for name in phased.names]
    ax.set_xticks(at, [clipped(name, NAME) for name in names])
    ax.set_ylim(0, 118)
    _percent_axis(ax, lang)
    ax.legend(loc="upper right", frameon=False, fontsize=8, ncols=3)


def _percent(values: Sequence[float], none: float) -> list[float]:
    return [100 * value / none if none > 0 else 0.0 for value in values]


def _percent_axis(ax: Axes, lang: Lang) -> None:
    ax.set_yticks(range(0, 101, 20), [f"{number(value, lang)}%" for value in range(0, 101, 20)])
    ax.set_axisbelow(True)
    ax.grid(axis="y", color=RULE, linewidth=0.6)
    ax.set_ylabel(word("front_axis_harm", lang), color=MUTED)


# ------------------------------------------------------------------ sheets


@matplotlib.rc_context(STYLE)
def front_picture(front: Front, model: Model, lang: Lang, marking: str, width: float = WIDTH) -> Sheet:
    """Return a sheet with :func:`draw_front`; ``marking`` is the mark on it, ``width`` in inches."""
    title, note = word("front_picture", lang), word("front_picture_note", lang)
    sheet = page(TALL, title, note, foot(model, marking, lang), width)
    draw_front(axes_on(sheet, 0.85, 0.35, 0.85, 0.95), front, lang)
    return sheet


@matplotlib.rc_context(STYLE)
def phases_picture(phased: Phased, model: Model, lang: Lang, marking: str, width: float = WIDTH) -> Sheet:
    """Return a sheet with :func:`draw_phases`; ``marking`` is the mark on it, ``width`` in inches."""
    title, note = word("phase_picture", lang), word("phase_picture_note", lang)
    sheet = page(TALL, title, note, foot(model, marking, lang), width)
    draw_phases(axes_on(sheet, 0.85, 0.35, 0.85, 0.75), phased, lang)
    return sheet
