"""A picture of recovery: who goes without over time, first come against the best order, as steps."""

from typing import TYPE_CHECKING, Final

import matplotlib
import numpy as np
from matplotlib.ticker import FixedLocator, MaxNLocator

from cascade.model import Lang
from cascade.telling.columns import marking_of
from cascade.telling.plots import ALARM, GONE, INK, KEPT, MUTED, RULE, STYLE, TICK_STEPS_H, Sheet, axes_on, foot, page
from cascade.telling.recovery import Told
from cascade.units import HOUR
from cascade.words import clipped, in_millions, moment, number, word

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOOKS: Final = {
    "first": (ALARM, "-", 1.6),
    "without": (ALARM, "-", 1.6),
    "best": (KEPT, (0, (5, 2)), 1.8),
    "generators": (INK, (0, (1.5, 1.5)), 1.6),
}
"""Colour, dashes and width of each curve; they differ in grey print as well."""


@matplotlib.rc_context(STYLE)
def draw_courses(told: Told, lang: Lang, marking: str = "") -> Sheet:
    """Show over time who goes without: one curve for each order, and one with generators.

    People without a basic need where that is what orders are judged by and anybody lacks one, euros lost a day where they are
    judged by those; else the services that people lack.
    """
    frame = told.course()
    names = list(told.runs)
    people = told.harm.startswith("basic") and any(frame[f"{n}_people"].any() for n in names)
    what = "people" if people else "euros" if told.harm == "euros" else "services"
    values = {n: frame[f"{n}_{what}"].to_numpy(float) for n in names}
    edges = frame["time_h"].to_numpy(float)
    title = clipped(told.scenario.name[lang], 70)
    mark = marking_of(told.model, told.scenario, marking)
    figure = page(4.2, word(f"recover_picture_{what}", lang), title, foot(told.model, mark, lang))
    axes = axes_on(figure, 1.0, 0.35, 1.05, 0.95)
    top = max(float(max(v.max() for v in values.values())), 0.8)
    for name, value in values.items():
        colour, dashes, width = LOOKS[name]
        label = word(f"recover_{name}", lang)
        axes.step(edges, value, where="post", color=colour, linestyle=dashes, linewidth=width, label=label)
    if "first" in values and "best" in values:
        axes.fill_between(edges, values["best"], values["first"], step="post", facecolor=GONE, alpha=0.35, linewidth=0)
    axes.set_ylim(0, top * 1.12)
    ticks = [t for t in MaxNLocator(5, integer=True).tick_values(0, top * 1.12) if 0 <= t <= top * 1.12]
    axes.yaxis.set_major_locator(FixedLocator(ticks))
    axes.yaxis.set_major_formatter(lambda v, _: in_millions(v, top, lang) if top >= 1e6 and v else number(v, lang))
    axes.grid(axis="y", color=RULE, linewidth=0.6)
    _hours(axes, told, lang, _end(edges, np.max(list(values.values()), axis=0)))
    # above the axes, so that it lies on no curve
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncol=3, frameon=False, fontsize=8.5, labelcolor=MUTED, borderpad=0
    )
    return figure


def _end(edges: "np.typing.NDArray[np.float64]", most: "np.typing.NDArray[np.float64]") -> float:
    """Return up to which hour to draw: a little beyond the last loss."""
    lasting = np.flatnonzero(most)
    last = edges[min(lasting[-1] + 1, edges.size - 1)] if lasting.size else edges[-1]
    return float(min(edges[-1], max(1.0, np.ceil(1.1 * last))))


def _hours(axes: "Axes", told: Told, lang: Lang, end_h: float) -> None:
    """Label the hours in round hours or days, with clock times where the start is known."""
    step = next((s for s in TICK_STEPS_H if end_h / s <= 9), TICK_STEPS_H[-1])
    ticks = np.arange(0, end_h + 1e-9, step)
    labels = []
    for tick in ticks.tolist():
        clock = moment(told.scenario.start, tick * HOUR, lang)
        text = f"{tick / 24:g}" if step >= 24 else f"{tick:g}"
        labels.append(f"{text}\n{clock}" if clock else text)
    axes.set_xlim(0, end_h)
    axes.set_xticks(ticks, labels, fontsize=8)
    axes.set_xlabel(word("days_since_start" if step >= 24 else "hours_since_start", lang), fontsize=8.5)
