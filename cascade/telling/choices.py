"""Pictures of a plan: what goes where, what it does in each scenario, and what each further choice brings.

As in `plots`, each function returns a matplotlib figure and saves nothing.
"""

from typing import Final

import matplotlib
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch
from matplotlib.ticker import MaxNLocator

from cascade.model import Lang, Region
from cascade.results.advice import same
from cascade.results.protection import Protection, scenario_harms, weights_of
from cascade.simulation.placing import Plan
from cascade.telling.lettering import cut, wrapped
from cascade.telling.plots import (
    BANDS,
    CALM,
    GONE,
    INK,
    KEPT,
    MUTED,
    PAPER,
    RULE,
    STYLE,
    Sheet,
    axes_on,
    foot,
    page,
    say,
)
from cascade.telling.protection import harm_name, harm_text, taken, unit_name
from cascade.words import clipped, euros, large, number, word

TILE: Final = 0.98
"""Side of a tile, inches."""
LINES: Final = 4
"""Kinds of units named on a tile; of more the rest is a number."""
ROW: Final = 0.36
"""Height of a scenario in the picture of bars, inches."""
LEFT: Final = 3.0
"""Room for their names, inches."""


# ------------------------------------------------------------------ what goes where


@matplotlib.rc_context(STYLE)
def draw_plan_map(found: Protection, lang: Lang, marking: str, plan: Plan | None = None) -> Sheet:
    """Show on a map of equal tiles which units each region gets; what is national stands below it.

    Parameters
    ----------
    found : Protection
    lang : {"nl", "en"}
    marking : str
    plan : frozenset of int, optional
        Another plan than that against the scenarios.

    Returns
    -------
    Sheet
    """
    plan = found.plan if plan is None else plan
    tiles = _places(found.model.regions)
    wide, tall = (max(place[k] for place in tiles.values()) + 1 for k in (0, 1))
    width = max(wide * TILE + 0.3, 5.4)
    by: dict[str, list[int]] = {}
    for k in sorted(plan):
        by.setdefault(found.choices.options[k].region, []).append(k)
    most = max((len(options) for code, options in by.items() if code), default=0)
    subtitle = say(lang, f"{len(plan)} keuzes", f"{len(plan)} choices")
    figure = page(
        tall * TILE + 1.5, clipped(found.capacity.name[lang], 60), f"{word('protect_map', lang)}: {subtitle}",
        f"{marking}   ·   model {clipped(found.model.info.version, 14)}   ·   cascade", width,
    )  # fmt: skip
    side = (width - wide * TILE) / 2
    axes = axes_on(figure, side, side, 0.85, 0.62)
    axes.set_axis_off()
    axes.set_xlim(0, wide)
    axes.set_ylim(tall, 0)
    for code, place in sorted(tiles.items()):
        _tile(axes, place, found.model.regions[code].name, by.get(code, []), most, found, lang)
    national = _lines(found, by.get("", []), lang)
    if national:
        text = f"{word('national', lang)}: {', '.join(national)}"
        figure.text(0.15 / width, 0.42 / figure.get_size_inches()[1], clipped(text, 90), fontsize=8, va="center")
    return figure


def _places(regions: dict[str, Region]) -> dict[str, tuple[int, int]]:
    """Column and row of every region; those without a tile follow in rows of six below the map."""
    found = {code: region.tile for code, region in regions.items() if region.tile is not None}
    first = max((row for _, row in found.values()), default=-1) + 1
    left = [code for code in sorted(regions) if code not in found]
    return {**found, **{code: (k % 6, first + k // 6) for k, code in enumerate(left)}}


def _lines(found: Protection, options: list[int], lang: Lang) -> list[str]:
    """Say what some options take: units by kind, or their number and euros where they take no units."""
    units = taken(found, options)
    if not units:
        money = sum(int(found.choices.cost[k]) for k in options)
        return [f"{len(options)} × {euros(money, lang)}"] if options else []
    lines = [f"{number(n, lang)} {unit_name(kind, lang)}" for kind, n in units.items()]
    return lines if len(lines) <= LINES else [*lines[: LINES - 1], f"+ {len(lines) - LINES + 1}"]


def _tile(
    axes: Axes, place: tuple[int, int], name: str, options: list[int], most: int, found: Protection, lang: Lang
) -> None:
    column, row = place
    colour, ink = CALM, INK
    if options:
        # the more choices, the darker; the lightest band stays for none
        band = min(len(BANDS) - 1, 1 + (len(options) - 1) * (len(BANDS) - 2) // max(1, most - 1))
        colour, ink = BANDS[band][1:]
    axes.add_patch(
        FancyBboxPatch(
            (column + 0.05, row + 0.05), 0.9, 0.9, boxstyle="round,pad=0,rounding_size=0.07", facecolor=colour, linewidth=0
        )
    )  # fmt: skip
    wide = 0.84 * TILE
    head = wrapped(name, 7, wide, most=2, bold=True)
    axes.text(column + 0.5, row + 0.1, "\n".join(head), fontsize=7, fontweight="bold", color=ink, ha="center", va="top")
    lines = [cut(line, 7, wide) for line in _lines(found, options, lang)]
    axes.text(
        column + 0.5, row + 0.64, "\n".join(lines), fontsize=7, color=ink, ha="center", va="center", linespacing=1.1
    )  # fmt: skip


# ------------------------------------------------------------------ scenarios


@matplotlib.rc_context(STYLE)
def draw_scenario_bars(found: Protection, lang: Lang, marking: str) -> Sheet:
    """Show the harm of each scenario without and with the plan, each as a share of what it is without.

    Parameters
    ----------
    found : Protection
        With scenarios.
    lang : {"nl", "en"}
    marking : str

    Returns
    -------
    Sheet
    """
    harms = scenario_harms(found)
    rows = [(one.name, *harms[one.name], one.weight) for one in found.given]
    rows.sort(key=lambda r: (r[1] * r[3], r[0]))
    names = {one.name: one.scenario.name[lang] for one in found.given}
    figure = page(
        1.75 + ROW * len(rows), word("protect_bars", lang),
        clipped(f"{clipped(found.capacity.name[lang], 50)}  ·  {harm_name(found, lang)}", 105),
        foot(found.model, marking, lang),
    )  # fmt: skip
    axes = axes_on(figure, LEFT, 1.55, 0.85, 0.75)
    for y, (_, before, after, _) in enumerate(rows):
        part = after / before if before else 0.0
        axes.barh(y, 1.0 if before else 0.0, height=0.7, color=GONE, linewidth=0)
        axes.barh(y, part, height=0.7, color=KEPT, linewidth=0)
        text = f"{large(before, lang)} → {large(after, lang)}"
        axes.text(1.02, y, text, fontsize=7.5, color=INK, va="center")
    axes.set_yticks(range(len(rows)), [clipped(names[r[0]], 44) for r in rows], fontsize=8)
    axes.set_ylim(-0.6, max(0.6, len(rows) - 0.4))
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25%", "50%", "75%", "100%"], fontsize=8)
    blue, orange = (
        say(lang, "blauw: met plan", "blue: with the plan"),
        say(lang, "oranje: voorkomen", "orange: averted"),
    )
    axes.set_xlabel(f"{blue}; {orange}", fontsize=8.5)
    return figure


# ------------------------------------------------------------------ choice by choice


@matplotlib.rc_context(STYLE)
def draw_ladder(found: Protection, lang: Lang, marking: str) -> Sheet:
    """Show the harm averted as the choices of the plan come one by one, and the most that any plan can avert.

    Parameters
    ----------
    found : Protection
        With scenarios.
    lang : {"nl", "en"}
    marking : str

    Returns
    -------
    Sheet
    """
    averted = [0.0, *(found.none - harm for _, harm in found.ladder)]
    figure = page(
        4.6, word("protect_ladder", lang), clipped(f"{clipped(found.capacity.name[lang], 50)}  ·  {harm_name(found, lang)}", 105),
        foot(found.model, marking, lang),
    )  # fmt: skip
    axes = axes_on(figure, 1.15, 0.3, 0.95, 0.95)
    axes.step(range(len(averted)), averted, where="mid", color=KEPT, linewidth=1.8)
    axes.plot([len(averted) - 1], [averted[-1]], "o", color=KEPT, markersize=6, markeredgecolor=PAPER)
    limit = found.none - found.bound
    top = max([*averted, limit]) or 1.0
    if not same(found.bound, found.value):
        axes.axhline(limit, color=MUTED, linewidth=1.0, linestyle=(0, (4, 3)))
        axes.text(0, limit, " " + word("protect_bound_short", lang), fontsize=8, color=MUTED, va="bottom")
    text = harm_text(found, averted[-1], lang)
    axes.text(len(averted) - 1, averted[-1] - 0.03 * top, text, fontsize=8, color=INK, ha="right", va="top")
    axes.set_ylim(0, 1.1 * top)
    axes.set_xlim(-0.5, max(1.0, len(averted) - 0.5))
    money = weights_of(found.capacity) == {"euros": 1.0}
    ticks = [float(t) for t in axes.get_yticks() if 0 <= t <= 1.1 * top]
    axes.set_yticks(ticks, [euros(t, lang) if money else large(t, lang) for t in ticks], fontsize=8)
    axes.set_ylabel(word("protect_total_averted", lang), fontsize=8.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(word("protect_step_n", lang), fontsize=8.5)
    axes.grid(axis="y", color=RULE, linewidth=0.5)
    axes.set_axisbelow(True)
    return figure
