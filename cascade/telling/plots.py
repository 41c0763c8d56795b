"""Pictures: levels by sector, people by region, chains of causes, the web of needs, past incidents, rankings.

Each function returns a matplotlib figure and saves nothing; :func:`render` turns one into the bytes of a file.
Colours differ in lightness as well as in hue, so that they hold for colour-blind readers and in grey print.
"""

import io
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any, Final, Literal

import matplotlib
import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.ticker import FixedLocator, MaxNLocator

from cascade.errors import UsageError
from cascade.model import Lang, Model, Region
from cascade.results.hindcast import Hindcast
from cascade.results.impact import people_without, sector_levels
from cascade.results.judging import FACTOR, SOON, SOON_MARGIN
from cascade.simulation.network import arcs
from cascade.simulation.run import Change, Run
from cascade.telling.columns import event_name, instance_name, marking_of
from cascade.telling.strips import NOTHING_SHOWN, in_regions, regional, regions_shown
from cascade.telling.trial import short_name
from cascade.units import FULL, HOUR
from cascade.words import clipped, duration, large, moment, number, share, word

INK: Final = "#1b2430"
MUTED: Final = "#596573"
RULE: Final = "#d4d9df"
PAPER: Final = "#ffffff"
CALM: Final = "#e9edf1"
"""Nothing lost. With the four above and the bands the only colours that a dark page replaces."""
KEPT: Final = "#3f7cac"
GONE: Final = "#f3b169"
ALARM: Final = "#a63c06"
BANDS: Final = (
    (0.01, "#fdf0db", "#212121"),
    (0.10, "#fad7a4", "#202020"),
    (0.25, "#f6b56c", "#1f1f1f"),
    (0.50, "#e98534", "#1e1e1e"),
    (0.75, "#c0500f", "#fefefe"),
    (1.00, "#70220a", "#fdfdfd"),
)
"""Upper limit of a band of shares, its colour, and the colour of text on it; no two the same,
so that a dark page can replace each."""
SECTOR_COLOURS: Final = (
    "#0072b2", "#d55e00", "#009e73", "#aa4499", "#8c6d1f", "#332288", "#cc3311", "#117733", "#44729a", "#882255", "#6e6e6e",
)  # fmt: skip
_MACHINE: Final = (
    "backend",
    "date.epoch",
    "docstring",
    "interactive",
    "keymap",
    "savefig.directory",
    "timezone",
    "tk.",
    "toolbar",
    "webagg",
)
STYLE: Final[dict[Any, Any]] = {
    **{key: value for key, value in matplotlib.rcParamsDefault.items() if not key.startswith(_MACHINE)},
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "text.color": INK,
    # a dollar sign in a name is a dollar sign
    "text.parse_math": False,
    "axes.edgecolor": RULE,
    "axes.labelcolor": MUTED,
    "xtick.color": MUTED,
    "ytick.color": INK,
    "svg.fonttype": "path",
    "svg.hashsalt": "cascade",
    "savefig.facecolor": PAPER,
}
"""Settings of the user's own are left aside, so that equal runs give equal bytes."""
TICK_STEPS_H: Final = (1, 2, 3, 6, 12, 24, 48, 72, 168, 336, 720, 2160, 8760)
WIDTH: Final = 9.0
TITLE_CHARACTERS: Final = int((WIDTH - 0.3) / 0.125)
"""Characters of a title on one line of a sheet of that width."""
BOX: Final = 0.77
"""Width of a box in the web of needs, as a share of its column."""
DEEPEST: Final = 15
"""Processes below one another in the web of needs; a larger sector takes a second column."""
ONSET_TICKS_H: Final = (0.25, 0.5, 1, 2, 6, 12, 24, 72, 168, 672, 2016)
SOONEST_H: Final = 0.25
"""What begins before this begins at once, in a band of its own."""
LEFT_EDGE: Final = float(np.log10(SOONEST_H)) - 0.75
NEVER_BAND: Final = 0.3
SQUARE: Final = 7.0
"""Side of the picture of onsets, inches (roughly)."""
SPOT: Final = 0.115
"""Room of one mark there, inches."""
LABEL_SIZE: Final = 6.5
LABEL_TALL: Final = 0.12
"""Room of a line of names, inches: brackets reach above and below the letters."""
RANK_WIDE: Final = 7.35
RANK_TALL: Final = 7.0
"""Sides of the picture of a ranking, inches."""
RANK_NUDGE: Final = 0.3
"""How far a mark there may stand from where it belongs, to be seen beside others, inches."""
ZERO_BAND: Final = 0.85
"""Room for what has no effect at all, at the start of a logarithmic axis, inches."""
RANKED_MOST: Final = 120
"""Marks in the picture of a ranking; of more, those that stand highest on either axis."""
DOUBT_MOST: Final = 40
"""Rows in the picture of a ranking's doubt."""
INTERVAL: Final = ("low", "median", "high")
DOUBT_ROW: Final = 0.225
DOUBT_LEFT: Final = 3.35
DOUBT_RIGHT: Final = 1.75
"""Height of a row there, and the margins for names and for chances, inches."""
LABEL_REACHES: Final = (0.08, 0.2, 0.35, 0.5, 0.7, 0.9, 1.2, 1.5, 1.9, 2.3)
"""How far from its mark a name may stand, inches."""

Picture = Literal["svg", "png", "pdf"]
Floats = npt.NDArray[np.float64]
Place = tuple[float, float]
"""Across and up."""


def render(figure: Figure, kind: Picture = "svg") -> bytes:
    """Turn a figure into the bytes of a picture; equal figures give equal bytes.

    Parameters
    ----------
    figure : Figure
        As one of the ``draw_`` functions returned it.
    kind : str
        ``svg``, ``png`` (150 dots an inch) or ``pdf``.

    Raises
    ------
    UsageError
        If the kind is none of the three.
    """
    metadata: dict[str, dict[str, str | None]] = {
        "svg": {"Date": None, "Creator": "cascade"},
        "png": {"Software": "cascade"},
        "pdf": {"CreationDate": None, "Creator": "cascade", "Producer": "cascade"},
    }
    if kind not in metadata:
        raise UsageError(f"no picture of kind {kind!r}: choose svg, png or pdf")
    with matplotlib.rc_context(STYLE), io.BytesIO() as file:
        figure.savefig(file, format=kind, dpi=150, metadata=metadata[kind])
        return file.getvalue()


# ------------------------------------------------------------------ what all pictures share


def _say(lang: Lang, nl: str, en: str) -> str:
    return nl if lang == "nl" else en


def _page(height: float, title: str, subtitle: str, foot: str, width: float = WIDTH) -> Figure:
    """Make a sheet with a title and a bottom line; lengths in inches."""
    figure = Figure(figsize=(width, height), facecolor=PAPER)
    # text of 9 points fills about 0.072 inch a character
    lines = textwrap.wrap(title, int((width - 0.3) / 0.125))
    figure.text(
        0.15 / width, 1 - 0.12 / height, "\n".join(lines), fontsize=14, fontweight="bold", va="top", linespacing=1.2
    )
    below = 0.12 + 0.27 * len(lines) + 0.05
    figure.text(0.15 / width, 1 - below / height, subtitle, fontsize=9.5, color=MUTED, va="top")
    figure.text(0.15 / width, 0.1 / height, foot, fontsize=7.5, color=MUTED, va="bottom")
    return figure


def _axes(figure: Figure, left: float, right: float, top: float, bottom: float) -> Axes:
    """Place axes by their margins in inches."""
    width, height = figure.get_size_inches()
    axes = figure.add_axes((left / width, bottom / height, 1 - (left + right) / width, 1 - (top + bottom) / height))
    axes.set_facecolor("none")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)
    return axes


def _foot(model: Model, marking: str, lang: Lang) -> str:
    """Say what a picture rests on and who may see it."""
    # a hand-written title can be long; the mark must always stand on the sheet
    title = clipped(model.info.title[lang], 70)
    return f"{marking}   ·   {title}, {_say(lang, 'versie', 'version')} {clipped(model.info.version, 20)}   ·   cascade"


def _run_foot(run: Run, marking: str, lang: Lang) -> str:
    return _foot(run.model, marking_of(run.model, run.scenario.marking, marking), lang)


def _scenario_line(run: Run, lang: Lang, tail: str = "") -> str:
    title = clipped(run.scenario.name[lang], 70)
    return f"{title}  ·  {tail}" if tail else title


def _end_h(run: Run, edges: Floats, lost: Floats) -> float:
    """Return up to which hour a picture goes: a tenth beyond the end of all that is lost, at most to the horizon."""
    horizon_h = run.horizon / HOUR
    lasting = np.flatnonzero(lost >= NOTHING_SHOWN)
    if not lasting.size:
        return horizon_h
    return min(horizon_h, max(1.0, float(np.ceil(1.1 * edges[lasting[-1] + 1]))))


def _time_axis(axes: Axes, run: Run, lang: Lang, end_h: float, most: int = 9) -> None:
    """Label the hours from 0 to the end in round hours or days, with clock times where the start is known."""
    step = next((s for s in TICK_STEPS_H if end_h / s <= most), TICK_STEPS_H[-1])
    in_days = step >= 24
    ticks = np.arange(0, end_h + 1e-9, step)
    labels = []
    for tick in ticks:
        text = f"{tick / 24:g}" if in_days else f"{tick:g}"
        clock = moment(run.scenario.start, tick * HOUR, lang)
        labels.append(f"{text}\n{clock}" if clock else text)
    axes.set_xlim(0, end_h)
    axes.set_xticks(ticks, labels, fontsize=8)
    axes.tick_params(axis="x", pad=5)
    axes.set_xlabel(word("days_since_start" if in_days else "hours_since_start", lang), fontsize=8.5)
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)


def _steps(frame: pd.DataFrame, key: str, value: str, horizon_h: float, before: float) -> tuple[Floats, pd.DataFrame]:
    """Spread a tidy step function to one column a key: edges of the stretches, and the value on each."""
    table = frame.pivot_table(index="time_h", columns=key, values=value, aggfunc="last", sort=True)
    if table.empty or table.index[0] > 0:
        table.loc[0.0] = np.nan
    table = table.sort_index().ffill().fillna(before)
    table = table[table.index < horizon_h]
    return np.append(table.index.to_numpy(float), horizon_h), table


def _band(value: float) -> int:
    """Return the number of the band of a share; -1 for none or next to none."""
    return (
        -1
        if value < NOTHING_SHOWN
        else next((i for i, (top, _, _) in enumerate(BANDS) if value <= top), len(BANDS) - 1)
    )


def _band_legend(axes: Axes, lang: Lang, label: str) -> None:
    """Draw the bands as a row of swatches on axes that are otherwise empty."""
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    names = [_say(lang, "geen of <0,1%", "none or <0.1%")]
    low = 0.0
    for top, _, _ in BANDS:
        names.append(f"{100 * low:.0f}–{top:.0%}" if low else _say(lang, f"tot {top:.0%}", f"up to {top:.0%}"))
        low = top
    axes.text(0, 1.0, label, fontsize=8, color=MUTED, va="top")
    width = 1 / len(names)
    for i, (name, colour) in enumerate(zip(names, (CALM, *(c for _, c, _ in BANDS)), strict=True)):
        axes.add_patch(Rectangle((i * width, 0.32), width * 0.97, 0.26, facecolor=colour, linewidth=0))
        axes.text((i + 0.485) * width, 0.22, name, fontsize=7.5, color=MUTED, ha="center", va="top")


def _rectangles(boxes: Iterable[tuple[float, float, float, float]]) -> Path:
    """Make one path of many rectangles (left, right, bottom, top): one mark in the file instead of thousands."""
    corners: list[tuple[float, float]] = []
    codes: list[Any] = []
    for left, right, bottom, top in boxes:
        corners += [(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)]
        codes += [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    return Path(np.array(corners, float).reshape(-1, 2), codes or None)


# ------------------------------------------------------------------ a run over time


@matplotlib.rc_context(STYLE)
def draw_sector_levels(run: Run, lang: Lang, marking: str = "") -> Figure:
    """Show how much of its ordinary service each sector still delivers, hour by hour, worst hit first.

    Where few regions are hit it shows those, and says so in its heading.

    Parameters
    ----------
    run : Run
    lang : str
        ``nl`` or ``en``.
    marking : str
        Raises the mark on the picture; it never lowers it.

    Returns
    -------
    Figure
    """
    run, horizon_h = regional(run), run.horizon / HOUR
    edges, table = _steps(sector_levels(run), "sector", "level", horizon_h, 1.0)
    lost = {s: float(((1 - table[s].to_numpy(float)) * np.diff(edges)).sum()) for s in table.columns}
    order = sorted(lost, key=lambda s: (-lost[s], s))
    title = _say(lang, "Hoeveel elke sector nog levert", "How much each sector still delivers") + in_regions(run, lang)
    lines = len(textwrap.wrap(title, TITLE_CHARACTERS))
    worst = 1 - table.to_numpy(float).min(axis=1, initial=1.0)
    figure = _page(
        1.75 + 0.46 * len(order) + 0.27 * (lines - 1),
        title,
        _scenario_line(
            run,
            lang,
            _say(lang, "niveau, gewogen naar mensen; oranje is verloren", "level, weighted by people; orange is lost"),
        ),
        _run_foot(run, marking, lang),
    )
    axes = _axes(figure, 2.35, 1.95, 0.85 + 0.27 * (lines - 1), 0.9)
    for row, sector in enumerate(order):
        _sector_row(axes, row, edges, table[sector].to_numpy(float), lang)
    axes.set_ylim(len(order), 0)
    axes.set_yticks(
        np.arange(len(order)) + 0.5,
        [textwrap.fill(clipped(run.model.sectors[s].name[lang], 52), 28) for s in order],
        fontsize=9,
    )
    _time_axis(axes, run, lang, _end_h(run, edges, worst))
    return figure


def _sector_row(axes: Axes, row: int, edges: Floats, levels: Floats, lang: Lang) -> None:
    """Draw one sector between row and row + 0.84; the axis runs downward."""
    base, tall = row + 0.92, 0.84
    tops = base - tall * np.append(levels, levels[-1])
    axes.add_patch(Rectangle((0, base - tall), edges[-1], tall, facecolor=GONE, linewidth=0))
    axes.fill_between(edges, base, tops, step="post", facecolor=KEPT, linewidth=0)
    lowest = float(levels.min())
    if lowest < 1:
        at = edges[int(levels.argmin())] * HOUR
        # minutes matter in the first hours only
        at = at if at < 3 * HOUR else HOUR * round(at / HOUR)
        text = _say(lang, f"laagst {share(lowest, lang)}", f"lowest {share(lowest, lang)}")
        when = (
            _say(lang, f"na {duration(at, lang)}", f"after {duration(at, lang)}")
            if at
            else _say(lang, "meteen", "at once")
        )
        text = f"{text} {when}"
    else:
        text = _say(lang, "geen uitval", "no loss")
    axes.annotate(
        text, (1, base - tall / 2), xycoords=("axes fraction", "data"), xytext=(6, 0), textcoords="offset points",
        fontsize=8, color=INK if lowest < 1 else MUTED, va="center",
    )  # fmt: skip


def _shares_without(run: Run) -> tuple[Floats, pd.DataFrame]:
    """Share of each region's people without a basic need, as steps; every region a column, in order of code."""
    edges, table = _steps(people_without(run), "region", "people", run.horizon / HOUR, 0.0)
    codes = list(regions_shown(run))
    people = np.array([max(run.model.regions[c].population, 1) for c in codes], float)
    shares = table.reindex(columns=codes, fill_value=0.0).to_numpy(float) / people
    return edges, pd.DataFrame(np.clip(shares, 0, 1), columns=codes)


@matplotlib.rc_context(STYLE)
def draw_region_strip(run: Run, lang: Lang, marking: str = "") -> Figure:
    """Show for each region and moment what share of the people lacks a basic need.

    Parameters
    ----------
    run : Run
    lang : str
    marking : str
        Raises the mark on the picture.

    Returns
    -------
    Figure
    """
    edges, table = _shares_without(run)
    codes = list(table.columns)
    figure = _page(
        2.3 + 0.235 * len(codes),
        word("strip", lang),
        _scenario_line(run, lang, _say(lang, "rechts het hoogste aandeel", "highest share on the right")),
        _run_foot(run, marking, lang),
    )
    axes = _axes(figure, 2.35, 0.7, 0.85, 1.42)
    boxes: dict[int, list[tuple[float, float, float, float]]] = {}
    for row, code in enumerate(codes):
        values = table[code].to_numpy(float)
        for first, last, band in _equal_bands(values):
            boxes.setdefault(band, []).append((edges[first], edges[last], row + 0.06, row + 0.94))
        axes.annotate(
            share(float(values.max()), lang), (1, row + 0.5), xycoords=("axes fraction", "data"), xytext=(6, 0),
            textcoords="offset points", fontsize=8, color=MUTED, va="center",
        )  # fmt: skip
    for band in sorted(boxes):
        axes.add_patch(PathPatch(_rectangles(boxes[band]), facecolor=CALM if band < 0 else BANDS[band][1], linewidth=0))
    axes.set_ylim(len(codes), 0)
    axes.set_yticks(np.arange(len(codes)) + 0.5, [clipped(run.model.regions[c].name, 30) for c in codes], fontsize=8.5)
    _time_axis(axes, run, lang, _end_h(run, edges, table.to_numpy(float).max(axis=1, initial=0.0)))
    legend = _axes(figure, 2.35, 0.7, float(figure.get_size_inches()[1]) - 0.84, 0.36)
    _band_legend(legend, lang, _say(lang, "aandeel van de inwoners", "share of the inhabitants"))
    return figure


def _equal_bands(values: Floats) -> list[tuple[int, int, int]]:
    """Join neighbouring stretches of one band: (first, last + 1, band)."""
    bands = np.array([_band(v) for v in values])
    starts = np.flatnonzero(np.append(True, bands[1:] != bands[:-1]))
    return [(int(a), int(b), int(bands[a])) for a, b in zip(starts, np.append(starts[1:], bands.size), strict=True)]


@matplotlib.rc_context(STYLE)
def draw_people(run: Run, lang: Lang, marking: str = "") -> Figure:
    """Show how many people in the whole country lack a basic need, over time.

    Parameters
    ----------
    run : Run
    lang : str
    marking : str
        Raises the mark on the picture.

    Returns
    -------
    Figure
    """
    edges, table = _steps(people_without(run), "region", "people", run.horizon / HOUR, 0.0)
    total = table.sum(axis=1).to_numpy(float)
    peak = int(total.argmax())
    tail = _say(lang, f"hoogstens {large(total[peak], lang)} mensen", f"at most {large(total[peak], lang)} people")
    if total[peak] == 0:
        tail = _say(lang, "niemand", "nobody")
    figure = _page(
        4.2,
        _say(lang, "Mensen zonder een eerste levensbehoefte", "People without a basic need"),
        _scenario_line(run, lang, tail),
        _run_foot(run, marking, lang),
    )
    axes = _axes(figure, 1.0, 0.35, 1.05, 0.95)
    axes.fill_between(
        edges, 0, np.append(total, total[-1]), step="post", facecolor=GONE, edgecolor=ALARM, linewidth=1.2
    )
    top = max(float(total[peak]), 0.8) * 1.12
    axes.set_ylim(0, top)
    ticks = MaxNLocator(5, integer=True).tick_values(0, top)
    axes.yaxis.set_major_locator(FixedLocator([t for t in ticks if 0 <= t <= top]))
    axes.yaxis.set_major_formatter(lambda value, _: _round(value, float(total[peak]), lang))
    axes.grid(axis="y", color=RULE, linewidth=0.6)
    end_h = _end_h(run, edges, total / max(run.model.population, 1))
    _time_axis(axes, run, lang, end_h)
    _self_reliance(axes, run, edges, total, lang, end_h)
    return figure


def _round(value: float, largest: float, lang: Lang) -> str:
    """Write a round number of an axis, in millions where the axis reaches those."""
    if largest < 1e6 or value == 0:
        return number(value, lang)
    millions = round(value / 1e6, 2)
    decimals = next(d for d in (0, 1, 2) if round(millions, d) == millions)
    return f"{number(millions, lang, decimals)} {word('million', lang)}"


def _self_reliance(axes: Axes, run: Run, edges: Floats, total: Floats, lang: Lang, end_h: float) -> None:
    """Mark when the first people have been without for as long as households are asked to manage."""
    hit = np.flatnonzero(total > 0)
    if not hit.size:
        return
    limit = edges[hit[0]] + run.model.info.self_reliance / HOUR
    if limit >= end_h:
        return
    axes.axvline(limit, color=INK, linewidth=1, linestyle=(0, (4, 3)))
    hours = run.model.info.self_reliance // HOUR
    text = _say(lang, f"{hours} uur na de eerste uitval", f"{hours} hours after the first loss")
    right = limit > 0.6 * end_h
    axes.annotate(
        text, (limit, 1), xycoords=("data", "axes fraction"), xytext=(-5 if right else 5, 2), textcoords="offset points",
        fontsize=8, color=INK, ha="right" if right else "left", va="bottom",
    )  # fmt: skip


# ------------------------------------------------------------------ a map


@matplotlib.rc_context(STYLE)
def draw_tile_map(run: Run, at_h: float, lang: Lang, marking: str = "") -> Figure:
    """Show one moment on a map with one equal tile a region: what share of the people lacks a basic need.

    Parameters
    ----------
    run : Run
    at_h : float
        Hours from the start, within the horizon.
    lang : str
    marking : str
        Raises the mark on the picture.

    Returns
    -------
    Figure

    Raises
    ------
    UsageError
        If the moment lies outside the run.
    """
    if not 0 <= at_h <= run.horizon / HOUR:
        raise UsageError(f"hour {at_h:g} is outside this run (0 to {run.horizon / HOUR:g})")
    edges, table = _shares_without(run)
    row = min(int(np.searchsorted(edges, at_h, side="right")) - 1, len(table) - 1)
    shares = table.iloc[row].reindex(list(run.model.regions), fill_value=0.0)
    tiles = _places(run.model.regions)
    wide, tall = (max(place[k] for place in tiles.values()) + 1 for k in (0, 1))
    size = 0.92
    width = max(wide * size + 0.3, 5.2)
    when = (
        _say(lang, f"Na {duration(at_h * HOUR, lang)}", f"After {duration(at_h * HOUR, lang)}")
        if at_h
        else _say(lang, "Bij het begin", "At the start")
    )
    clock = moment(run.scenario.start, at_h * HOUR, lang)
    people = sum(float(shares[c]) * run.model.regions[c].population for c in tiles)
    tail = _say(lang, f"{large(round(people), lang)} mensen zonder", f"{large(round(people), lang)} people without")
    figure = _page(
        tall * size + 1.85,
        f"{when} ({clock})" if clock else when,
        tail + " " + _say(lang, "een eerste levensbehoefte", "a basic need"),
        _foot_short(run, marking, lang),
        width,
    )
    side = (width - wide * size) / 2
    axes = _axes(figure, side, side, 0.78, 1.07)
    axes.set_axis_off()
    axes.set_xlim(0, wide)
    axes.set_ylim(tall, 0)
    for code, (column, line) in sorted(tiles.items()):
        _tile(axes, column, line, run.model.regions[code].name, float(shares[code]), lang)
    legend = _axes(figure, 0.2, 0.2, float(figure.get_size_inches()[1]) - 0.95, 0.38)
    _band_legend(legend, lang, _say(lang, "aandeel van de inwoners", "share of the inhabitants"))
    return figure


def map_bands(run: Run, at_h: float) -> list[int]:
    """Return the band of each region at one moment: maps with equal bands look the same."""
    edges, table = _shares_without(run)
    row = min(int(np.searchsorted(edges, at_h, side="right")) - 1, len(table) - 1)
    return [_band(v) for v in table.iloc[row].tolist()]


def _foot_short(run: Run, marking: str, lang: Lang) -> str:
    """Bottom line for a narrow sheet."""
    version = clipped(run.model.info.version, 14)
    return f"{marking_of(run.model, run.scenario.marking, marking)}   ·   model {version}   ·   {clipped(run.scenario.name[lang], 34)}"


def _places(regions: dict[str, Region]) -> dict[str, tuple[int, int]]:
    """Column and row of every region; those without a tile follow in rows of six below the map."""
    found = {code: region.tile for code, region in regions.items() if region.tile is not None}
    first = max((row for _, row in found.values()), default=-1) + 1
    left = [code for code in sorted(regions) if code not in found]
    return {**found, **{code: (k % 6, first + k // 6) for k, code in enumerate(left)}}


def _tile(axes: Axes, column: int, row: int, name: str, value: float, lang: Lang) -> None:
    band = _band(value)
    colour, ink = (CALM, INK) if band < 0 else BANDS[band][1:]
    axes.add_patch(
        FancyBboxPatch(
            (column + 0.05, row + 0.05),
            0.9,
            0.9,
            boxstyle="round,pad=0,rounding_size=0.07",
            facecolor=colour,
            linewidth=0,
        )
    )
    lines = textwrap.wrap(clipped(name, 30), 13)
    axes.text(
        column + 0.5, row + 0.14, "\n".join(lines[:3]), fontsize=6.3, color=ink, ha="center", va="top", linespacing=1.15
    )
    axes.text(
        column + 0.5,
        row + 0.75,
        share(value, lang),
        fontsize=11,
        fontweight="bold",
        color=ink,
        ha="center",
        va="center",
    )


# ------------------------------------------------------------------ a chain of causes


@matplotlib.rc_context(STYLE)
def draw_chain(run: Run, instance: int | str, lang: Lang, marking: str = "") -> Figure:
    """Show how an event reached a process: from the event at the top, link by link, down to the process.

    Parameters
    ----------
    run : Run
    instance : int or str
        Number in the network, or a label such as ``hospital-care@VR13``; of several copies the worst hit counts.
    lang : str
    marking : str
        Raises the mark on the picture.

    Returns
    -------
    Figure

    Raises
    ------
    UsageError
        If there is no such process.
    """
    number = run.find(instance) if isinstance(instance, str) else instance
    links = run.chain(number)[::-1]
    name = instance_name(run, number, lang)
    gap, box = 0.66, 0.62
    boxes = [_cause_box(run, links, lang)] if links else []
    boxes += [(instance_name(run, link.instance, lang), _level_text(link, lang)) for link in links]
    arrows = [_arrow_text(run, link, lang) for link in links]
    tall = max(len(boxes), 1) * box + max(len(boxes) - 1, 0) * gap
    figure = _page(
        tall + 1.45,
        _say(lang, f"Waardoor: {clipped(name, 60)}", f"Why: {clipped(name, 60)}"),
        _scenario_line(run, lang),
        _foot_short(run, marking, lang),
        6.6,
    )
    axes = _axes(figure, 0.15, 0.15, 0.9 if len(name) < 42 else 1.1, 0.55 if len(name) < 42 else 0.35)
    axes.set_axis_off()
    axes.set_xlim(0, 6.3)
    axes.set_ylim(tall, 0)
    if not boxes:
        axes.text(0, 0.1, word("why_fine", lang, name=clipped(name, 50)), va="top")
    for k, (head, text) in enumerate(boxes):
        top = k * (box + gap)
        _chain_box(axes, top, box, head, text, cause=k == 0)
        if k:
            arrow = FancyArrowPatch(
                (0.45, top - gap + 0.03), (0.45, top - 0.03), arrowstyle="-|>", mutation_scale=12, color=MUTED
            )
            axes.add_patch(arrow)
            axes.text(0.7, top - gap / 2, arrows[k - 1], fontsize=8, color=MUTED, va="center", linespacing=1.25)
    return figure


def _chain_box(axes: Axes, top: float, tall: float, head: str, text: str, *, cause: bool) -> None:
    colour, ink = BANDS[-2][1:] if cause else (CALM, INK)
    axes.add_patch(
        FancyBboxPatch((0, top), 6.3, tall, boxstyle="round,pad=0,rounding_size=0.08", facecolor=colour, linewidth=0)
    )
    axes.text(0.18, top + 0.2, clipped(head, 66), fontsize=10, fontweight="bold", color=ink, va="center")
    axes.text(0.18, top + 0.44, clipped(text, 84), fontsize=8.5, color=ink, va="center")


def _cause_box(run: Run, links: Sequence[Change], lang: Lang) -> tuple[str, str]:
    """Name what stands at the head of a chain: an event, a start-up under way, or a ring of processes."""
    first = links[0]
    if first.kind == "event":
        event = run.scenario.events[first.event]
        text = event_name(run.model, event, lang)
        start = duration(event.at.mode, lang)
        when = (
            _say(lang, f"vanaf {start}", f"from {start}")
            if event.at.mode
            else _say(lang, "vanaf het begin", "from the start")
        )
        return word("event_n", lang, n=first.event + 1).capitalize(), f"{when}: {text}"
    if first.supplier >= 0:
        return (
            _say(lang, "Een kring", "A ring"),
            _say(lang, "deze processen houden elkaar omlaag", "these processes hold each other down"),
        )
    return _say(lang, "Opstarten", "Starting up"), _say(lang, "de oorzaak is voorbij", "the cause has passed")


def _level_text(link: Change, lang: Lang) -> str:
    level = share(link.after / FULL, lang)
    since = duration(link.time, lang)
    when = _say(lang, f"na {since}", f"after {since}") if link.time else word("at_once", lang)
    return _say(lang, f"{level} van de gewone dienst, {when}", f"{level} of the ordinary service, {when}")


def _arrow_text(run: Run, link: Change, lang: Lang) -> str:
    if link.kind == "event":
        return word("hit_itself", lang)
    if link.kind != "need":
        return word("starting_up", lang) if link.kind == "restart" else ""
    need = run.model.processes[run.network.process(link.instance)].needs.get(link.need)
    use = _say(lang, f"nodig als {link.need}", f"needed for {link.need}")
    if need is None:
        return use
    if need.use:
        use = word("lacks_for", lang, use=need.use[lang])
    last = duration(need.steps[-1][0].mode, lang)
    held = (
        word("no_reserve", lang)
        if need.steps[-1][0].mode == 0
        else _say(
            lang, f"het grootste verlies na {last} zonder levering", f"the greatest loss after {last} without supply"
        )
    )
    return "\n".join((*textwrap.wrap(clipped(use, 150), 78), held))


# ------------------------------------------------------------------ the web of needs


@matplotlib.rc_context(STYLE)
def draw_graph(model: Model, lang: Lang, processes: Iterable[str] | None = None, marking: str = "") -> Figure:
    """Show who supplies whom: a column a sector, a line from each supplier to each consumer.

    Lines have the colour of the supplier's sector. Suppliers of many stand on the left and on top.

    Parameters
    ----------
    model : Model
    lang : str
    processes : iterable of str, optional
        Show only these, what they need and who needs them; left out: all.
    marking : str
        Raises the mark on the picture.

    Returns
    -------
    Figure

    Raises
    ------
    UsageError
        If the model has no such process.
    """
    links = _links(model)
    lanes = _lanes(model, links, lang)
    if processes is not None:
        named = set(processes)
        unknown = sorted(named.difference(model.processes))
        if unknown:
            raise UsageError(f"no process {unknown[0]!r} in this model")
        links = {link for link in links if named.intersection(link)}
        lanes = _roles(model, named, links, lang)
    shown = [p for _, lane in lanes for p in lane]
    legend = sorted({model.sector_of[p] for p in shown if p in model.sector_of}) if processes is not None else []
    deepest = max((len(lane) for _, lane in lanes), default=1)
    wide = 1.85
    width = max(len(lanes) * wide + 0.3, 6.0)
    figure = _page(
        deepest * 0.46 + 1.75 + 0.2 * len(legend),
        _say(lang, "Wie levert aan wie", "Who supplies whom"),
        _say(
            lang,
            f"{len(shown)} processen, {len(links)} verbanden; de kleur is die van de leverancier",
            f"{len(shown)} processes, {len(links)} links; the colour is the supplier's",
        ),
        _foot(model, marking_of(model, marking), lang),
        width,
    )
    axes = _axes(figure, 0.15, 0.15, 0.85, 0.4 + 0.2 * len(legend))
    axes.set_axis_off()
    axes.set_xlim(0, max(len(lanes), (width - 0.3) / wide))
    height = float(figure.get_size_inches()[1])
    for k, sector in enumerate(legend):
        name = clipped(model.sectors[sector].name[lang], 60)
        at = (0.15 / width, (0.2 * (len(legend) - k) + 0.25) / height)
        figure.text(*at, f"▬  {name}", fontsize=8, fontweight="bold", color=_colour(model, sector), va="center")
    axes.set_ylim(deepest + 0.6, -0.6)
    _draw_lanes(axes, model, lanes, links, lang)
    return figure


Lanes = list[tuple[str, list[str]]]


def _links(model: Model) -> set[tuple[str, str]]:
    """Supplier and consumer of every supply, refuelling and the like included."""
    found = {(supplier, consumer) for supplier, consumer, _, _ in arcs(model)}
    for consumer, process in model.processes.items():
        found |= {(n.sustained_by.partition("@")[0], consumer) for n in process.needs.values() if n.sustained_by}
    return found


def _lanes(model: Model, links: set[tuple[str, str]], lang: Lang) -> Lanes:
    """Order sectors by what they supply less what they need, and processes by how many they supply."""
    given = Counter(supplier for supplier, _ in links)
    taken = Counter(consumer for _, consumer in links)
    lanes: dict[str, list[str]] = {}
    for p in sorted(model.processes, key=lambda p: (-given[p], taken[p], p)):
        lanes.setdefault(model.sector_of.get(p, ""), []).append(p)
    order = sorted(lanes.items(), key=lambda lane: (-sum(given[p] - taken[p] for p in lane[1]), lane[0]))
    return _cut((model.sectors[s].name[lang] if s in model.sectors else s, lane) for s, lane in order)


def _roles(model: Model, named: set[str], links: set[tuple[str, str]], lang: Lang) -> Lanes:
    """Set suppliers left of the processes that are looked at and consumers right; who is both stands left."""
    suppliers = {a for a, _ in links} - named
    consumers = {b for _, b in links} - named - suppliers
    heads = (
        _say(lang, "Wat het nodig heeft", "What it needs"),
        _say(lang, "Waar het om gaat", "Looked at"),
        _say(lang, "Wie het nodig heeft", "Who needs it"),
    )
    groups = zip(heads, (suppliers, named, consumers), strict=True)
    return _cut((head, sorted(group, key=lambda p: (model.sector_of.get(p, ""), p))) for head, group in groups if group)


def _cut(lanes: Iterable[tuple[str, list[str]]]) -> Lanes:
    """Cut long lanes into columns of about equal depth."""
    found = []
    for head, lane in lanes:
        deep = -(-len(lane) // -(-len(lane) // DEEPEST))
        found += [(head, lane[k : k + deep]) for k in range(0, len(lane), deep)]
    return found


def _draw_lanes(axes: Axes, model: Model, lanes: Lanes, links: set[tuple[str, str]], lang: Lang) -> None:
    mixed = any(len({model.sector_of.get(p) for p in lane}) > 1 for _, lane in lanes)
    deepest = max(len(lane) for _, lane in lanes)
    place = {
        p: (k, row + ((deepest - len(lane)) / 2 if mixed else 0))
        for k, (_, lane) in enumerate(lanes)
        for row, p in enumerate(lane)
    }
    colour = {p: _colour(model, model.sector_of.get(p, "")) for p in place}
    # a hundred and more lines over one another: thin and pale, so that the dense places show
    few = len(links) <= 60
    for p in sorted(place):
        paths = [_bend(place[a], place[b], BOX) for a, b in sorted(links) if a == p]
        lines = {"linewidths": 1.1 if few else 0.55, "alpha": 0.8 if few else 0.38, "zorder": 1}
        axes.add_collection(PathCollection(paths, facecolors="none", edgecolors=colour[p], **lines))
    for k, (head, lane) in enumerate(lanes):
        label = textwrap.fill(clipped(head, 60), 22, break_long_words=False)
        tone = INK if mixed else colour[lane[0]]
        axes.text(k + BOX / 2, -0.52, label, fontsize=8.5, fontweight="bold", color=tone, ha="center", va="center")
        for p in lane:
            row = place[p][1]
            box = Rectangle((k, row + 0.08), BOX, 0.84, facecolor=PAPER, edgecolor=colour[p], linewidth=0.9, zorder=2)
            axes.add_patch(box)
            name = textwrap.fill(clipped(model.processes[p].name[lang], 46), 25, break_long_words=False)
            axes.text(k + BOX / 2, row + 0.5, name, fontsize=6, ha="center", va="center", linespacing=1.1, zorder=3)


def _colour(model: Model, sector: str) -> str:
    known = sorted(model.sectors)
    return SECTOR_COLOURS[known.index(sector) % len(SECTOR_COLOURS)] if sector in model.sectors else MUTED


def _bend(start: tuple[int, float], end: tuple[int, float], box: float) -> Path:
    """Lead a line from the right side of a box to the left side of another; inside a lane around its right."""
    x0, y0 = start[0] + box, start[1] + 0.5
    if start[0] == end[0]:
        x1, y1, reach = x0, end[1] + 0.5, 0.1 + 0.012 * abs(end[1] - start[1])
        points = [(x0, y0), (x0 + reach, y0), (x1 + reach, y1), (x1, y1)]
    elif end[0] > start[0]:
        x1, y1 = float(end[0]), end[1] + 0.5
        points = [(x0, y0), (x0 + 0.13 + 0.2 * (x1 - x0), y0), (x1 - 0.13 - 0.2 * (x1 - x0), y1), (x1, y1)]
    else:
        x0, x1, y1 = float(start[0]), end[0] + box, end[1] + 0.5
        points = [(x0, y0), (x0 - 0.13 - 0.2 * (x0 - x1), y0), (x1 + 0.13 + 0.2 * (x0 - x1), y1), (x1, y1)]
    return Path(points, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])


# ------------------------------------------------------------------ predicted against seen

SPOTS: Final = tuple(
    (0.5 * ring * SPOT * float(np.cos(turn)), 0.5 * ring * SPOT * float(np.sin(turn)))
    for ring in range(40)
    for turn in np.arange(max(1, 3 * ring)) * 2 * np.pi / max(1, 3 * ring)
)
"""Places (inches) around a mark, nearest first, where another of the same value may stand."""


@matplotlib.rc_context(STYLE)
def draw_predicted_against_seen(found: Hindcast, lang: Lang, marking: str = "") -> Figure:
    """Show for each effect of past incidents when it began, as seen and in the run.

    Both axes are logarithmic and end in a band of what begins within a quarter of an hour; what never begins in the run
    stands along the top. Marks of equal value stand beside one another, in any order.

    Parameters
    ----------
    found : Hindcast
    lang : str
    marking : str
        Raises the mark on the picture.

    Returns
    -------
    Figure
    """
    lines = [line for line in found.all_lines if line.kind == "onset" and line.scored and line.seen is not None]
    met = sum(1 for line in lines if line.points == 1)
    figure = _page(
        9.5,
        _say(lang, "Wanneer het begon: model tegen werkelijkheid", "When it began: model against reality"),
        _say(
            lang,
            f"{len(lines)} gevolgen, {met} goed; het vlak is wat op tijd is: binnen een factor twee, of vroeg binnen 15 minuten",
            f"{len(lines)} effects, {met} right; the area is in time: within a factor two, or early within 15 minutes",
        ),
        _foot(found.model, marking_of(found.model, *(v.scenario.marking for v in found.verdicts), marking), lang),
    )
    axes = _axes(figure, 0.95, 0.2, 0.8, 1.65)
    hours = [h / HOUR for line in lines for h in (line.seen.mode if line.seen else 0, line.predicted or 0)]
    top = float(np.log10(max([*hours, 24.0]))) + 0.15
    _onset_axes(axes, top, lang)
    inch = SQUARE / (top + NEVER_BAND - LEFT_EDGE)
    at = _onset_places(
        [(_onset_at(line.seen.mode if line.seen else 0, top), _onset_at(line.predicted, top)) for line in lines], inch
    )
    for line, (x, y) in zip(lines, at, strict=True):
        colour = _colour(found.model, found.model.sector_of[line.process])
        good = line.points == 1
        axes.scatter(
            [x], [y], s=26 if good else 24, marker="o" if good else "D", linewidth=0.5 if good else 1.4, zorder=3,
            facecolor=colour if good else PAPER, edgecolor=PAPER if good else colour,
        )  # fmt: skip
    texts = [
        (
            x,
            y,
            f"{(key := short_name(line.incident))} {clipped(found.model.processes[line.process].name[lang], 24)}",
            key,
        )
        for line, (x, y) in zip(lines, at, strict=True)
        if line.points != 1
    ]
    texts.sort(key=lambda t: (-t[1], t[0], t[2]))
    edges = (LEFT_EDGE, top + NEVER_BAND)
    left_out = len(_label(axes, texts, _mark_boxes(at, inch), inch, (*edges, *edges)))
    sectors = sorted({found.model.sector_of[line.process] for line in lines})
    _onset_legend(figure, found.model, sectors, left_out, lang)
    return figure


def _onset_places(wanted: Sequence[Place], inch: float) -> list[Place]:
    """Set marks of onsets beside one another, each in its own band."""
    edge = float(np.log10(SOONEST_H))
    return _spread(wanted, inch, lambda new, own: _same_band(new, own, edge, LEFT_EDGE, inch))


def _onset_at(seconds: int | None, top: float) -> float:
    """Return where a moment stands on an axis: the logarithm of its hours, within the first band, or above the top."""
    if seconds is None:
        return top + NEVER_BAND / 2
    return (
        float(np.log10(seconds / HOUR)) if seconds >= HOUR * SOONEST_H else (LEFT_EDGE + float(np.log10(SOONEST_H))) / 2
    )


def _onset_axes(axes: Axes, top: float, lang: Lang) -> None:
    """Draw the frame: bands, the area that counts as in time, ticks in ordinary units."""
    edge, high = float(np.log10(SOONEST_H)), top + NEVER_BAND
    axes.set_xlim(LEFT_EDGE, high)
    axes.set_ylim(LEFT_EDGE, high)
    axes.add_patch(Rectangle((LEFT_EDGE, top), high - LEFT_EDGE, NEVER_BAND, facecolor=CALM, linewidth=0, zorder=0))
    x = np.linspace(edge, top, 200)
    hours = 10**x
    below = np.where(hours < SOON / HOUR, hours - SOON_MARGIN / HOUR, hours / FACTOR)
    above = np.where(hours < SOON / HOUR, hours + SOON_MARGIN / HOUR, hours * FACTOR)
    low = np.where(below < SOONEST_H, LEFT_EDGE, np.log10(np.maximum(below, SOONEST_H)))
    axes.fill_between(x, low, np.minimum(np.log10(above), top), facecolor=BANDS[0][1], linewidth=0, zorder=0.5)
    axes.fill_between([LEFT_EDGE, edge], LEFT_EDGE, edge, facecolor=BANDS[0][1], linewidth=0, zorder=0.5)
    axes.plot([edge, top], [edge, top], color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    steps = [h for h in ONSET_TICKS_H if edge <= np.log10(h) <= top]
    ticks = [(LEFT_EDGE + edge) / 2, *(float(np.log10(h)) for h in steps)]
    names = [word("at_once", lang), *(duration(h * HOUR, lang) for h in steps)]
    # the quarter of an hour is said by the other axis; here it would run into its neighbour
    axes.set_xticks(
        ticks, ["" if h == SOONEST_H else name for h, name in zip((0, *steps), names, strict=True)], fontsize=8
    )
    axes.set_yticks([*ticks, top + NEVER_BAND / 2], [*names, word("never", lang)], fontsize=8)
    axes.grid(color=RULE, linewidth=0.5, zorder=0.2)
    axes.set_axisbelow(True)
    for line in (axes.axvline, axes.axhline):
        line(edge, color=RULE, linewidth=1.2, zorder=0.6)
    axes.set_xlabel(_say(lang, "Begin zoals gezien", "Onset as seen"), fontsize=8.5)
    axes.set_ylabel(_say(lang, "Begin in het model", "Onset in the model"), fontsize=8.5)


def _spread(
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


def _same_band(at: Place, own: Place, edge: float, low: float, inch: float) -> bool:
    """Whether a mark stays in its band on both axes, from the low end to the edge or beyond it."""
    return all((new < edge) == (old < edge) and new > low + 0.5 * SPOT / inch for new, old in zip(at, own, strict=True))


Box = tuple[float, float, float, float]
"""Left, right, low, high."""


def _label(
    axes: Axes,
    texts: Sequence[tuple[float, float, str, str]],
    kept: Sequence[Box],
    inch: float,
    limits: Box,
    must: int = 0,
) -> list[str]:
    """Write names beside marks where there is room, with a thin line where that is some way off, else short ones.

    Who comes first has the choice; nothing is written where room is kept for marks and the like. For so many of the first
    as ``must`` be named the line may cross other things where there is no better way.

    Returns
    -------
    list of str
        Names for which there was no room.
    """
    # by numbers of boxes at once: thousands of places are tried, each against everything that stands already
    taken = np.array(kept, np.float64).reshape(-1, 4)
    left_out: list[str] = []
    wide = {name: _text_width(name) for _, _, *names in texts for name in names}
    for k, (x, y, *names) in enumerate(texts):
        for crossing, name, away, turn in product((False, True)[: 1 + (k < must)], names, LABEL_REACHES, range(24)):
            box = _text_box(x, y, wide[name] / inch, LABEL_TALL / inch, away / inch, turn)
            inside = limits[0] < box[0] and box[1] < limits[1] and limits[2] < box[2] and box[3] < limits[3]
            if inside and _free([box], taken):
                line = _leader(x, y, box, inch)
                if crossing or _free(line, taken):
                    break
        else:
            left_out.append(names[0])
            continue
        taken = np.vstack((taken, [box, *line]))
        middle = (box[2] + box[3]) / 2
        if line:
            axes.plot([x, min(max(x, box[0]), box[1])], [y, middle], color=MUTED, linewidth=0.4, zorder=2)
        axes.text((box[0] + box[1]) / 2, middle, name, fontsize=LABEL_SIZE, ha="center", va="center_baseline", zorder=4)
    return left_out


def _mark_boxes(marks: Iterable[tuple[float, float]], inch: float) -> list[Box]:
    half = 0.45 * SPOT / inch
    return [(x - half, x + half, y - half, y + half) for x, y in marks]


def _text_width(text: str) -> float:
    """Return how wide a name is, inches, with a little room."""
    # the corners that bend its outlines lie a hair outside them, and are there without any sums;
    # on a screen letters take whole dots, at this size up to 5% more
    drawn = TextPath((0, 0), text, size=LABEL_SIZE, prop=FontProperties(family="DejaVu Sans")).vertices
    return 1.05 * float(np.ptp(np.asarray(drawn)[:, 0])) / 72 + 0.04 if len(drawn) else 0.04


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


def _onset_legend(figure: Figure, model: Model, sectors: Sequence[str], left_out: int, lang: Lang) -> None:
    """Name the shapes and the colours of the sectors under a picture, in three columns."""
    rows = 5
    axes = _axes(figure, 0.95, 0.2, float(figure.get_size_inches()[1]) - 1.32, 0.3)
    axes.set_axis_off()
    axes.set_xlim(0, 3)
    axes.set_ylim(rows, 0)
    unnamed = _say(lang, f"; {left_out} zonder naam", f"; {left_out} without a name") if left_out else ""
    entries: list[tuple[str, str, str]] = [
        ("o", MUTED, _say(lang, "goed", "right")),
        ("D", MUTED, _say(lang, f"mis, met naam{unnamed}", f"missed, named{unnamed}")),
        *(("s", _colour(model, s), clipped(model.sectors[s].name[lang], 38)) for s in sectors),
    ]
    for k, (mark, colour, name) in enumerate(entries):
        x, y = k // rows, k % rows + 0.5
        face = PAPER if mark == "D" else colour
        axes.scatter([x + 0.03], [y], s=26, marker=mark, facecolor=face, edgecolor=colour, linewidth=1.2)
        axes.text(x + 0.08, y, name, fontsize=8, va="center")


# ------------------------------------------------------------------ a ranking


@matplotlib.rc_context(STYLE)
def draw_ranking(frame: pd.DataFrame, model: Model, lang: Lang, marking: str = "", told: str = "") -> Figure:
    """Show every failure on two axes: how far it spreads, and what it does to the basic needs of life.

    Both axes are logarithmic and begin with a band for none at all; what does nothing on either axis is counted in the
    corner. Marks that would cover one another stand side by side.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per failure: ``label`` (or ``process``), ``cascade_hours`` and ``basic_hours`` (person-hours), ``front``
        (nothing is worse on both axes), and perhaps ``locked`` (how many copies do not come back by themselves).
    model : Model
        For names, sectors and the mark.
    lang : str
    marking : str
        Raises the mark on the picture.
    told : str
        What was simulated, for the line under the title.

    Returns
    -------
    Figure

    Raises
    ------
    UsageError
        If a column is missing.
    """
    _has(frame, "cascade_hours", "basic_hours", "front")
    frame = _labelled(frame)
    felt = frame[(frame["cascade_hours"] > 0) | (frame["basic_hours"] > 0)]
    shown = _highest(felt, RANKED_MOST)
    rows = shown.to_dict("records")
    figure = _page(
        0.85 + RANK_TALL + 2.4,
        _say(
            lang,
            "Eén uitval tegelijk: ketengevolg en eerste levensbehoeften",
            "One failure at a time: knock-on effect and basic needs",
        ),
        _rank_line((told, _say(lang, "rechtsboven is het ergst", "worst is top right")), len(shown), len(felt), lang),
        _foot(model, marking_of(model, marking), lang),
    )
    axes = _axes(figure, WIDTH - RANK_WIDE - 0.35, 0.35, 0.85, 2.4)
    across = _scale(shown["cascade_hours"], RANK_WIDE)
    up = _scale(shown["basic_hours"], RANK_TALL)
    _ranking_axes(axes, across, up, len(frame) - len(felt), lang)
    wanted = [(across.at(x), up.at(y)) for x, y in zip(shown["cascade_hours"], shown["basic_hours"], strict=True)]
    front = [place for place, on in zip(wanted, shown["front"], strict=True) if on]
    at = _rank_places(wanted, front)
    for row, (x, y) in zip(rows, at, strict=True):
        tone = _colour(model, model.sector_of.get(row["process"], ""))
        _rank_mark(axes, x, y, tone, locked=_is_locked(row), front=bool(row["front"]))
    kept = [*_mark_boxes(at, 1), *_draw_front(axes, front), (0, ZERO_BAND, 0, ZERO_BAND)]
    names = (_rank_name(model, row, lang) for row in rows)
    texts = [(x, y, clipped(name, 38), clipped(name, 20)) for (x, y), name in zip(at, names, strict=True)]
    left_out = _label(axes, texts, kept, 1, (0, RANK_WIDE, 0, RANK_TALL), len(front))
    _rank_legend(figure, _rank_entries(model, rows, lang), 0.82, 5)
    _unnamed(figure, [name for _, _, name, _ in sorted(texts) if name in left_out], lang)
    return figure


def _rank_line(parts: Iterable[str], shown: int, every: int, lang: Lang) -> str:
    """Write the line under the title; where not all are shown it says so."""
    n, m = number(shown, lang), number(every, lang)
    cut = _say(lang, f"de eerste {n} van {m}", f"the first {n} of {m}") if shown < every else ""
    return clipped("  ·  ".join(part for part in (*parts, cut) if part), 120)


def _rank_entries(model: Model, rows: Sequence[dict[Any, Any]], lang: Lang) -> list[tuple[str, str, str]]:
    """Return the shapes and colours of a ranking, and what they mean."""
    found = [("front", MUTED, _say(lang, "niets is op beide assen erger", "nothing is worse on both axes"))]
    if any(map(_is_locked, rows)):
        text = _say(lang, "een deel komt niet vanzelf terug", "part does not come back by itself")
        found.append(("locked", MUTED, text))
    return [*found, *_sector_entries(model, (row["process"] for row in rows), lang)]


def _has(frame: pd.DataFrame, *columns: str) -> None:
    missing = [c for c in columns if c not in frame]
    if missing:
        raise UsageError(f"the table to draw has no column {missing[0]!r}")


def _highest(frame: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return the rows that stand highest on either axis: the front first, ties in order of the table."""
    place = frame[["cascade_hours", "basic_hours"]].rank(ascending=False, method="min")
    keys = pd.DataFrame({"front": ~frame["front"].astype(bool), "best": place.min(axis=1), "both": place.sum(axis=1)})
    return frame.loc[keys.sort_values(["front", "best", "both"], kind="stable").index[:most]]


def _is_locked(row: dict[Any, Any]) -> bool:
    return bool(row.get("locked", 0))


def _labelled(frame: pd.DataFrame) -> pd.DataFrame:
    """Split the label of each failure (``process@REGION#asset``) into a process and a place; a process is a label too."""
    if "label" not in frame:
        _has(frame, "process")
    parts = [str(label).partition("@") for label in frame["label" if "label" in frame else "process"]]
    return frame.assign(process=[process for process, _, _ in parts], place=[place for _, _, place in parts])


def _rank_name(model: Model, row: dict[Any, Any], lang: Lang) -> str:
    """Name a failure: a process, with its region or asset if it is one copy."""
    name = model.processes[row["process"]].name[lang]
    region, _, asset = row["place"].partition("#")
    if asset:
        table = model.assets[row["process"]]
        return f"{clipped(name, 16)}, {table.names[table.ids.index(asset)]}"
    return f"{clipped(name, 20)}, {model.regions[region].name}" if region else name


def _effect_label(effect: str, lang: Lang) -> str:
    if effect == "cascade_hours":
        return _say(
            lang,
            "Ketengevolg: persoonsuren verloren bij alle andere processen",
            "Knock-on effect: person-hours lost by all other processes",
        )
    if effect == "basic_hours":
        return _say(lang, "Persoonsuren zonder een eerste levensbehoefte", "Person-hours without a basic need")
    return effect


@dataclass(frozen=True)
class _Scale:
    """A logarithmic axis in inches; what is zero stands in a band at its start."""

    low: float
    high: float
    length: float

    def at(self, value: float) -> float:
        """Return where a value stands."""
        if value <= 0:
            return ZERO_BAND / 2
        part = (float(np.log10(value)) - self.low) / (self.high - self.low)
        return ZERO_BAND + 0.2 + max(part, 0.0) * (self.length - ZERO_BAND - 0.5)

    def ticks(self, lang: Lang) -> tuple[list[float], list[str]]:
        """Return places and names of the round values, zero first, at most about one an inch."""
        decades = range(int(np.ceil(self.low)), int(np.floor(self.high)) + 1)
        step = max(1, round(len(decades) / max(1.0, 1.1 * self.length)))
        kept = [d for d in decades if (decades[-1] - d) % step == 0]
        return [ZERO_BAND / 2, *(self.at(10.0**d) for d in kept)], [
            word("none", lang),
            *(_power(d, lang) for d in kept),
        ]


def _scale(values: Iterable[float], length: float) -> _Scale:
    """Let an axis run from the power of ten below the least to a little above the largest."""
    logs = [float(np.log10(v)) for v in values if v > 0] or [0.0]
    high = max(logs)
    return _Scale(min(float(np.floor(min(logs))), np.ceil(high) - 2), max(high, float(np.floor(high)) + 0.05), length)


def _power(exponent: int, lang: Lang) -> str:
    """Write a power of ten: ``100``, ``10 mln``, ``1 bn``."""
    for key, size in (("billion", 9), ("million", 6)):
        if exponent >= size:
            return f"{number(10 ** (exponent - size), lang)} {word(key, lang)}"
    return number(10.0**exponent, lang, max(0, -exponent))


def _ranking_axes(axes: Axes, across: _Scale, up: _Scale, nothing: int, lang: Lang) -> None:
    """Draw the frame, the bands of none, and how many failures do nothing on either axis."""
    axes.set_xlim(0, across.length)
    axes.set_ylim(0, up.length)
    for box in (((0, 0), ZERO_BAND, up.length), ((0, 0), across.length, ZERO_BAND)):
        axes.add_patch(Rectangle(*box, facecolor=CALM, linewidth=0, zorder=0))
    for scale, place, line in ((across, axes.set_xticks, axes.axvline), (up, axes.set_yticks, axes.axhline)):
        ticks, names = scale.ticks(lang)
        place(ticks, names, fontsize=8)
        for tick in ticks[1:]:
            line(tick, color=RULE, linewidth=0.5, zorder=0.2)
    axes.set_xlabel(_effect_label("cascade_hours", lang), fontsize=8.5)
    axes.set_ylabel(_effect_label("basic_hours", lang), fontsize=8.5)
    if nothing:
        text = f"{number(nothing, lang)}\n{_say(lang, 'zonder', 'without')}\n{_say(lang, 'gevolg', 'effect')}"
        axes.text(
            ZERO_BAND / 2, ZERO_BAND / 2, text, fontsize=7, color=MUTED, ha="center", va="center", linespacing=1.1
        )


def _rank_places(wanted: Sequence[Place], front: Sequence[Place]) -> list[Place]:
    """Set the marks of a ranking beside one another, a little, but never to where no failure lies: beyond the front."""

    def fits(new: Place, own: Place) -> bool:
        inside = new[0] < RANK_WIDE - SPOT / 2 and new[1] < RANK_TALL - SPOT / 2
        under = not front or any(new[0] <= x and new[1] <= y for x, y in front)
        return inside and under and _same_band(new, own, ZERO_BAND, 0, 1)

    return _spread(wanted, 1, fits, furthest=RANK_NUDGE)


def _draw_front(axes: Axes, places: Sequence[tuple[float, float]]) -> list[Box]:
    """Draw the edge beyond which nothing lies, and return the room it takes."""
    # from right to left the edge climbs with every mark of the front
    corners: list[tuple[float, float]] = []
    high = 0.0
    for x, y in sorted(places, reverse=True):
        corners += [(x, high), (x, high := max(high, y))]
    if corners:
        corners.append((0.0, high))
        axes.plot(*zip(*corners, strict=True), color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    thin = 0.01
    return [
        (min(a, c) - thin, max(a, c) + thin, min(b, d) - thin, max(b, d) + thin) for (a, b), (c, d) in pairwise(corners)
    ]


def _rank_mark(axes: Axes, x: float, y: float, colour: str, *, locked: bool, front: bool) -> None:
    axes.scatter(
        [x],
        [y],
        s=24 if locked else 26,
        marker="D" if locked else "o",
        facecolor=colour,
        edgecolor=PAPER,
        linewidth=0.5,
        zorder=3,
    )
    if front:
        axes.scatter([x], [y], s=78, marker="o", facecolor="none", edgecolor=INK, linewidth=1.1, zorder=3)


def _rank_legend(figure: Figure, entries: Sequence[tuple[str, str, str]], from_below: float, rows: int) -> None:
    """Name shapes and colours in three columns over the width of the sheet; the last of its rows lies so far up."""
    height = float(figure.get_size_inches()[1])
    axes = _axes(figure, 0.2, 0.1, height - from_below - 0.2 * rows, from_below)
    axes.set_axis_off()
    axes.set_xlim(0, 3)
    axes.set_ylim(rows, 0)
    for k, (mark, colour, name) in enumerate(entries):
        x, y = k // rows, k % rows + 0.5
        _rank_mark(axes, x + 0.03, y, colour, locked=mark == "locked", front=mark == "front")
        axes.text(x + 0.08, y, name, fontsize=8, va="center")


def _sector_entries(model: Model, processes: Iterable[str], lang: Lang) -> list[tuple[str, str, str]]:
    sectors = sorted({model.sector_of[p] for p in processes if p in model.sector_of})
    return [("", _colour(model, s), clipped(model.sectors[s].name[lang], 42)) for s in sectors]


def _unnamed(figure: Figure, names: Sequence[str], lang: Lang) -> None:
    """List under a picture whose names found no room in it."""
    if not names:
        return
    head = _say(
        lang,
        f"Geen plaats voor {len(names)}, van links naar rechts: ",
        f"No room for {len(names)}, from left to right: ",
    )
    lines = textwrap.wrap(head + "; ".join(names), 142, max_lines=3, placeholder=" …")
    at = (0.15 / WIDTH, 0.36 / float(figure.get_size_inches()[1]))
    figure.text(*at, "\n".join(lines), fontsize=7.5, color=MUTED, va="bottom", linespacing=1.25)


# ------------------------------------------------------------------ how sure a ranking is


@matplotlib.rc_context(STYLE)
def draw_rank_doubt(
    frame: pd.DataFrame,
    model: Model,
    lang: Lang,
    marking: str = "",
    told: str = "",
    effect: str = "cascade_hours",
    top: int = 10,
) -> Figure:
    """Show how sure an order is: the interval of each effect, its ranks, and the chance to be among the first.

    Each group of failures whose order is not sure stands on a ground of its own, grey and white by turns.

    Parameters
    ----------
    frame : pandas.DataFrame
        In order, one row per failure: ``label`` (or ``process``); ``low, median, high`` (5, 50 and 95 % of the effect);
        ``in_top`` (chance, 0 to 1, to be among the first ``top``); ``rank_low, rank_high`` (5 and 95 %); ``group`` (between
        two groups the order is sure). As ``cases`` of `results.doubt`, with hours for its seconds.
    model : Model
        For names, sectors and the mark.
    lang : str
    marking : str
        Raises the mark on the picture.
    told : str
        Which outage, from how many draws; for the line under the title.
    effect : str
        ``cascade_hours``, ``basic_hours``, or in plain words what the effect is and in which unit.
    top : int
        How many count as the first.

    Returns
    -------
    Figure

    Raises
    ------
    UsageError
        If a column is missing.
    """
    _has(frame, *INTERVAL, "in_top", "rank_low", "rank_high", "group")
    frame = _labelled(frame)
    shown = frame.head(DOUBT_MOST).to_dict("records")
    figure = _page(
        1.15 + DOUBT_ROW * max(len(shown), 1) + 2.25,
        _say(lang, "Hoe zeker de volgorde is", "How sure the order is"),
        _rank_line((told,), len(shown), len(frame), lang),
        _foot(model, marking_of(model, marking), lang),
    )
    left, right = DOUBT_LEFT, DOUBT_RIGHT
    axes = _axes(figure, left, right, 1.15, 2.25)
    scale = _scale([r[key] for r in shown for key in INTERVAL], WIDTH - left - right)
    _doubt_axes(axes, scale, effect, shown, lang)
    for k, row in enumerate(shown):
        _doubt_bar(axes, k, scale, row, _colour(model, model.sector_of.get(row["process"], "")))
    _doubt_columns(figure, axes, model, shown, top, lang)
    _rank_legend(figure, _sector_entries(model, (r["process"] for r in shown), lang), 0.75, 4)
    _doubt_legend(figure, lang)
    return figure


def _doubt_bar(axes: Axes, k: int, scale: _Scale, row: dict[Any, Any], colour: str) -> None:
    low, middle, high = (scale.at(row[key]) for key in INTERVAL)
    axes.add_patch(Rectangle((low, k + 0.3), high - low, 0.4, facecolor=colour, alpha=0.45, linewidth=0, zorder=2))
    axes.plot([middle] * 2, [k + 0.15, k + 0.85], color=colour, linewidth=2.2, solid_capstyle="butt", zorder=3)


def _doubt_axes(axes: Axes, scale: _Scale, effect: str, shown: Sequence[dict[Any, Any]], lang: Lang) -> None:
    """Draw the grid, the band of none, and one ground behind each group."""
    axes.set_xlim(0, scale.length)
    axes.set_ylim(max(len(shown), 1), 0)
    # by a transform of its own the ground runs over the whole sheet, behind names and chances too
    wide = axes.get_yaxis_transform()
    for first, last in _grounds(shown)[::2]:
        box = ((-(DOUBT_LEFT - 0.1) / scale.length, first), (WIDTH - 0.2) / scale.length, last - first)
        axes.add_patch(Rectangle(*box, transform=wide, facecolor=CALM, linewidth=0, zorder=0, clip_on=False))
    ticks, names = scale.ticks(lang)
    axes.set_xticks(ticks, names, fontsize=8)
    for tick in ticks[1:]:
        axes.axvline(tick, color=RULE, linewidth=0.5, zorder=0.2)
    axes.axvline(ZERO_BAND, color=MUTED, linewidth=0.8, zorder=0.6)
    axes.set_yticks([])
    axes.set_xlabel(_effect_label(effect, lang), fontsize=8.5)


def _grounds(shown: Sequence[dict[Any, Any]]) -> list[tuple[int, int]]:
    """Return the first row and the one after the last of each run of equal groups."""
    if not shown:
        return []
    starts = [k for k, row in enumerate(shown) if k == 0 or row["group"] != shown[k - 1]["group"]]
    return list(zip(starts, [*starts[1:], len(shown)], strict=True))


def _doubt_columns(
    figure: Figure, axes: Axes, model: Model, shown: Sequence[dict[Any, Any]], top: int, lang: Lang
) -> None:
    """Write ranks and names left of the bars, and the chance to be among the first right of them."""
    wide = WIDTH - DOUBT_LEFT - DOUBT_RIGHT
    chance = _axes(figure, DOUBT_LEFT + wide + 0.2, 0.75, 1.15, 2.25)
    chance.set_axis_off()
    chance.set_xlim(-0.01, 1.01)
    chance.set_ylim(max(len(shown), 1), 0)
    inside = axes.get_yaxis_transform()

    def write(x: float, y: float, text: str, **look: Any) -> None:
        axes.text((x - DOUBT_LEFT) / wide, y, text, transform=inside, **{"va": "center", "fontsize": 8, **look})

    head = {"va": "bottom", "color": MUTED, "linespacing": 1.1}
    write(0.75, -0.15, _say(lang, "plaats", "rank"), ha="right", **head)
    write(
        DOUBT_LEFT + wide + 0.2, -0.15, _say(lang, f"kans op\nde eerste {top}", f"chance of\nthe first {top}"), **head
    )
    for k, row in enumerate(shown):
        low, high = int(row["rank_low"]), int(row["rank_high"])
        write(0.75, k + 0.5, f"{low}" if low == high else f"{low}–{high}", ha="right", color=MUTED)
        write(0.87, k + 0.5, clipped(_rank_name(model, row, lang), 36))
        part = float(row["in_top"])
        chance.add_patch(Rectangle((0, k + 0.22), 1, 0.56, facecolor=PAPER, edgecolor=RULE, linewidth=0.6))
        chance.add_patch(Rectangle((0, k + 0.22), part, 0.56, facecolor=KEPT, linewidth=0))
        write(WIDTH - 0.68, k + 0.5, share(part, lang))


def _doubt_legend(figure: Figure, lang: Lang) -> None:
    text = _say(
        lang,
        "Balk: 90% van de trekkingen; streep: de middelste; plaats: 90% van de plaatsen.\n"
        "Tussen de ene grond en de volgende (grijs, wit) is de volgorde zeker; binnen één grond niet overal.",
        "Bar: 90% of the draws; line: their median; rank: 90% of the ranks.\n"
        "Between one ground and the next (grey, white) the order is sure; within one it is not everywhere.",
    )
    height = float(figure.get_size_inches()[1])
    figure.text(0.15 / WIDTH, 0.36 / height, text, fontsize=8, color=MUTED, va="bottom", linespacing=1.25)
