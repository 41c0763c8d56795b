"""Pictures of a run: levels by sector, people by region, chains of causes, the web of needs.

Each function returns a matplotlib figure and saves nothing; :func:`render` turns one into the bytes of a file.
Colours differ in lightness as well as in hue, so that they hold for colour-blind readers and in grey print.
"""

import functools
import io
import textwrap
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

import matplotlib
import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.ticker import FixedLocator, MaxNLocator

from cascade.errors import UsageError
from cascade.model import Lang, Model, Region
from cascade.results.impact import people_without, sector_levels
from cascade.simulation.network import arcs
from cascade.simulation.run import Change, Run
from cascade.telling.columns import event_name, instance_name, marking_of
from cascade.telling.lettering import FONT, balanced, cut, text_width, wrapped
from cascade.telling.strips import NOTHING_SHOWN, in_regions, regional, regions_shown
from cascade.units import DAY, FULL, HOUR
from cascade.words import clipped, day, duration, large, moment, number, share, word

INK: Final = "#1b2430"
MUTED: Final = "#596573"
RULE: Final = "#d4d9df"
PAPER: Final = "#ffffff"
CALM: Final = "#eef1f4"
"""Nothing lost. With the four above and the bands the only colours that a dark page replaces."""
KEPT: Final = "#3f7cac"
GONE: Final = "#f3b169"
ALARM: Final = "#a63c06"
BANDS: Final = (
    (0.01, "#f8dcb0", "#212121"),
    (0.10, "#f5c480", "#202020"),
    (0.25, "#eca44f", "#1f1f1f"),
    (0.50, "#dc7a28", "#1e1e1e"),
    (0.75, "#b94b0d", "#fefefe"),
    (1.00, "#70220a", "#fdfdfd"),
)
"""Upper limit of a band of shares, its colour, and the colour of text on it; no two the same,
so that a dark page can replace each. Each is darker than the one before, by a step that also shows in grey print."""
SECTOR_COLOURS: Final = (
    "#0072b2", "#d55e00", "#009e73", "#aa4499", "#8c6d1f", "#332288", "#cc3311", "#117733", "#44729a", "#882255", "#6e6e6e",
)  # fmt: skip
SECTOR_SHAPES: Final = ("o", "s", "^", "D", "v", "P", "X", "*", "p", "<", ">", "d")
"""No eye tells that many colours apart under all kinds of colour blindness, so each sector has a shape of its own too."""
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
    "font.family": [FONT],
    "font.size": 9.0,
    "text.color": INK,
    # a dollar sign in a name is a dollar sign
    "text.parse_math": False,
    "axes.edgecolor": RULE,
    "axes.labelcolor": MUTED,
    "xtick.color": MUTED,
    "ytick.color": INK,
    "svg.fonttype": "path",
    # whole outlines rather than a font of drawings: what printers ask for
    "pdf.fonttype": 42,
    "svg.hashsalt": "cascade",
    "savefig.facecolor": PAPER,
}
"""Settings of the user's own are left aside, so that equal runs give equal bytes."""
TICK_STEPS_H: Final = (1, 2, 3, 6, 12, 24, 48, 72, 168, 336, 720, 2160, 8760)
WIDTH: Final = 9.0
"""Of a sheet for a screen, inches."""
PRINT: Final = 160 / 25.4
"""Of a sheet for a page of A4, inches: what stands between its margins."""
NARROW: Final = 8.0
"""Below this many inches a sheet has narrower margins and a smaller title; its texts stay as large as they are."""
SHOWN: Final = 96
"""Dots an inch in a notebook: as many as a screen has."""
GAP: Final = "   ·   "
"""Between the parts of a bottom line."""
WEEK_H: Final = 7 * 24
CHAIN: Final = 6.6
"""Of a sheet with a chain for a screen, inches."""
WIDTHS: Final = (150 / 25.4, 400 / 25.4)
"""The narrowest sheet on which all pictures of a run have room for their names, and a width beyond which all is air."""
BOX: Final = 0.77
"""Width of a box in the web of needs, as a share of its column."""
DEEPEST: Final = 15
"""Processes below one another in the web of needs; a larger sector takes a second column."""

Picture = Literal["svg", "png", "pdf"]
Floats = npt.NDArray[np.float64]


def render(figure: Figure, kind: Picture = "svg", dots: int = 150) -> bytes:
    """Turn a figure into the bytes of a picture; equal figures give equal bytes.

    Parameters
    ----------
    figure : Figure
        As one of the ``draw_`` functions returned it.
    kind : str
        ``svg``, ``png`` or ``pdf``.
    dots : int
        An inch of a ``png``.

    Raises
    ------
    UsageError
        If the kind is none of the three.
    """
    told = figure.foot if isinstance(figure, Sheet) else ""
    metadata: dict[str, dict[str, str | None]] = {
        "svg": {"Date": None, "Creator": "cascade", "Description": told},
        "png": {"Software": "cascade", "Description": told},
        "pdf": {"CreationDate": None, "Creator": "cascade", "Producer": "cascade", "Subject": told},
    }
    if kind not in metadata:
        raise UsageError(f"no picture of kind {kind!r}: choose svg, png or pdf")
    with matplotlib.rc_context(STYLE), io.BytesIO() as file:
        figure.savefig(file, format=kind, dpi=dots if kind == "png" else 150, metadata=metadata[kind])
        return file.getvalue()


# ------------------------------------------------------------------ what all pictures share


def say(lang: Lang, nl: str, en: str) -> str:
    """Return the one of two texts that is in the language asked for."""
    return nl if lang == "nl" else en


class Sheet(Figure):
    """A figure with a title and a bottom line."""

    title: str = ""
    more_head: float = 0.0
    """How much taller its head is than a title and a subtitle of one line each, inches."""
    more_foot: float = 0.0
    """The same of its bottom line."""
    foot: str = ""
    """That line, with the mark; it goes into the file as its description too, for who only reads that."""

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
        """Show itself in a notebook, with a text for who cannot see it."""
        told = f"{self.title}. {self.foot}"
        return {"image/png": b64encode(render(self, "png", SHOWN)).decode(), "text/plain": told}, {
            "image/png": {"alt": told}
        }


def page(height: float, title: str, subtitle: str, foot: str, width: float = WIDTH) -> Sheet:
    """Make a sheet with a title and a bottom line; lengths in inches.

    The height is that of a sheet on which each of the three takes one line; where they take more it is taller.
    """
    sizes = (12.0, 8.5, 7.0) if width < NARROW else (14.0, 9.5, 7.5)
    # the mark stands first in the bottom line, in bold
    mark, _, foot = foot.partition(GAP)
    lead = text_width(mark, sizes[2], bold=True) + 0.18 if mark and foot else 0.0
    lines = [
        balanced(text, size, room, bold=k == 0) or [""]
        for k, (text, size, room) in enumerate(
            zip((title, subtitle, foot), sizes, (width - 0.3, width - 0.3, width - 0.3 - lead), strict=True)
        )
    ]
    steps = [1.39 * size / 72 for size in sizes]
    more = [(len(part) - 1) * step for part, step in zip(lines, steps, strict=True)]
    sheet = Sheet(figsize=(width, height + sum(more)), facecolor=PAPER)
    sheet.title, sheet.more_head, sheet.more_foot = title, more[0] + more[1], more[2]
    sheet.foot = GAP.join(part for part in (mark, foot) if part)
    left, top = 0.15 / width, height + sum(more)
    # a dot between two parts does not end a line
    head, below, least = ("\n".join(line.removesuffix("·").rstrip() for line in part) for part in lines)
    sheet.text(left, 1 - 0.12 / top, head, fontsize=sizes[0], fontweight="bold", va="top", linespacing=1.2)
    at = 1 - (0.17 + 0.27 + more[0]) / top
    sheet.text(left, at, below, fontsize=sizes[1], color=MUTED, va="top", linespacing=1.2)
    bottom: dict[str, Any] = {"fontsize": sizes[2], "va": "top", "linespacing": 1.2}
    at = (0.1 + more[2] + 1.16 * sizes[2] / 72) / top
    sheet.text(left, at, mark, fontweight="bold", **bottom)
    sheet.text((0.15 + lead) / width, at, least, color=MUTED, **bottom)
    return sheet


def axes_on(sheet: Sheet, left: float, right: float, top: float, bottom: float) -> Axes:
    """Place axes by their margins in inches, counted from heads and feet of one line."""
    width, height = sheet.get_size_inches()
    top, bottom = top + sheet.more_head, bottom + sheet.more_foot
    axes = sheet.add_axes((left / width, bottom / height, 1 - (left + right) / width, 1 - (top + bottom) / height))
    axes.set_facecolor("none")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)
    return axes


def axes_above(sheet: Sheet, left: float, right: float, bottom: float, tall: float) -> Axes:
    """Place axes of a fixed height so far from below, inches."""
    height = float(sheet.get_size_inches()[1])
    return axes_on(sheet, left, right, height - sheet.more_head - sheet.more_foot - bottom - tall, bottom)


def foot(model: Model, marking: str, lang: Lang) -> str:
    """Say what a picture rests on and who may see it."""
    # a hand-written title can be long; the mark must always stand on the sheet
    title = clipped(model.info.title[lang], 70)
    version = f"{say(lang, 'versie', 'version')} {clipped(model.info.version, 20)}"
    return GAP.join((marking, f"{title}, {version}", "cascade"))


def run_foot(run: Run, marking: str, lang: Lang) -> str:
    """Say what a picture of a run rests on and who may see it."""
    return foot(run.model, marking_of(run.model, run.scenario, marking), lang)


def scenario_line(run: Run, lang: Lang, tail: str = "") -> str:
    """Name the scenario, and say what more there is to say, for the line under a title."""
    title = clipped(run.scenario.name[lang], 70)
    return f"{title}  ·  {tail}" if tail else title


def _end_h(run: Run, edges: Floats, lost: Floats) -> float:
    """Return up to which hour a picture goes: a tenth beyond the end of all that is lost, at most to the horizon."""
    horizon_h = run.horizon / HOUR
    lasting = np.flatnonzero(lost >= NOTHING_SHOWN)
    if not lasting.size:
        return horizon_h
    return min(horizon_h, max(1.0, float(np.ceil(1.1 * edges[lasting[-1] + 1]))))


def _time_axis(axes: Axes, run: Run, lang: Lang, end_h: float, inches: float) -> None:
    """Label the hours from 0 to the end in round hours or days, with clock times where the start is known."""
    start = run.scenario.start
    # after a week the days of it come back: then a date says more
    clock = functools.partial(day if end_h > WEEK_H else moment, start, lang=lang)
    wide = max(text_width(clock(seconds=k * DAY + 11 * HOUR), 8) for k in range(7)) + 0.06 if start else 0.0
    steps = (s for s in TICK_STEPS_H if end_h / s <= 9 and inches * s / end_h >= wide)
    step = next(steps, TICK_STEPS_H[-1])
    in_days = step >= 24
    ticks = np.arange(0, end_h + 1e-9, step)
    labels = []
    for tick in ticks:
        text = f"{tick / 24:g}" if in_days else f"{tick:g}"
        labels.append(f"{text}\n{clock(seconds=tick * HOUR)}" if start else text)
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


def band_of(value: float) -> int:
    """Return the number of the band of a share; -1 for none or next to none."""
    return (
        -1
        if value < NOTHING_SHOWN
        else next((i for i, (top, _, _) in enumerate(BANDS) if value <= top), len(BANDS) - 1)
    )


def band_legend(axes: Axes, lang: Lang, label: str) -> None:
    """Draw the bands as a row of swatches on axes that are otherwise empty."""
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    names = [say(lang, "geen of <0,1%", "none or <0.1%")]
    low = 0.0
    for top, _, _ in BANDS:
        names.append(f"{100 * low:.0f}–{top:.0%}" if low else say(lang, f"tot {top:.0%}", f"up to {top:.0%}"))
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
def draw_sector_levels(run: Run, lang: Lang, marking: str = "", width: float = WIDTH) -> Sheet:
    """Show how much of its ordinary service each sector still delivers, hour by hour, worst hit first.

    Where few regions are hit it shows those, and says so in its heading.

    Parameters
    ----------
    run : Run
    lang : str
        ``nl`` or ``en``.
    marking : str
        Raises the mark on the picture; it never lowers it.
    width : float
        Of the sheet, inches.

    Returns
    -------
    Sheet
    """
    run, horizon_h = regional(run), run.horizon / HOUR
    edges, table = _steps(sector_levels(run), "sector", "level", horizon_h, 1.0)
    lost = {s: float(((1 - table[s].to_numpy(float)) * np.diff(edges)).sum()) for s in table.columns}
    order = sorted(lost, key=lambda s: (-lost[s], s))
    worst = 1 - table.to_numpy(float).min(axis=1, initial=1.0)
    what = say(lang, "niveau, gewogen naar mensen; oranje is verloren", "level, weighted by people; orange is lost")
    sheet = page(
        1.75 + 0.46 * len(order),
        say(lang, "Hoeveel elke sector nog levert", "How much each sector still delivers") + in_regions(run, lang),
        scenario_line(run, lang, what),
        run_foot(run, marking, lang),
        width,
    )
    narrow = width < NARROW
    left, right = (1.85, 1.2) if narrow else (2.35, 1.95)
    axes = axes_on(sheet, left, right, 0.85, 0.9)
    for row, sector in enumerate(order):
        _sector_row(axes, row, edges, table[sector].to_numpy(float), lang, narrow=narrow)
    axes.set_ylim(len(order), 0)
    size, most = (8.0, 3) if narrow else (9.0, 2)
    names = ["\n".join(wrapped(run.model.sectors[s].name[lang], size, left - 0.2, most)) for s in order]
    axes.set_yticks(np.arange(len(order)) + 0.5, names, fontsize=size, linespacing=1.1)
    _time_axis(axes, run, lang, _end_h(run, edges, worst), width - left - right)
    return sheet


def _sector_row(axes: Axes, row: int, edges: Floats, levels: Floats, lang: Lang, *, narrow: bool) -> None:
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
        text = say(lang, f"laagst {share(lowest, lang)}", f"lowest {share(lowest, lang)}")
        when = (
            say(lang, f"na {duration(at, lang)}", f"after {duration(at, lang)}")
            if at
            else say(lang, "meteen", "at once")
        )
        text = f"{text}\n{when}" if narrow else f"{text} {when}"
    else:
        text = say(lang, "geen uitval", "no loss")
    axes.annotate(
        text, (1, base - tall / 2), xycoords=("axes fraction", "data"), xytext=(6, 0), textcoords="offset points",
        fontsize=8, color=INK if lowest < 1 else MUTED, va="center", linespacing=1.15,
    )  # fmt: skip


def shares_without(run: Run) -> tuple[Floats, pd.DataFrame]:
    """Share of each region's people without a basic need, as steps; every region a column, in order of code."""
    edges, table = _steps(people_without(run), "region", "people", run.horizon / HOUR, 0.0)
    codes = list(regions_shown(run))
    people = np.array([max(run.model.regions[c].population, 1) for c in codes], float)
    shares = table.reindex(columns=codes, fill_value=0.0).to_numpy(float) / people
    return edges, pd.DataFrame(np.clip(shares, 0, 1), columns=codes)


@matplotlib.rc_context(STYLE)
def draw_region_strip(run: Run, lang: Lang, marking: str = "", width: float = WIDTH) -> Sheet:
    """Show for each region and moment what share of the people lacks a basic need.

    Parameters
    ----------
    run : Run
    lang : str
    marking : str
        Raises the mark on the picture.
    width : float
        Of the sheet, inches.

    Returns
    -------
    Sheet
    """
    edges, table = shares_without(run)
    codes = list(table.columns)
    figure = page(
        2.3 + 0.235 * len(codes),
        word("strip", lang),
        scenario_line(run, lang, say(lang, "rechts het hoogste aandeel", "highest share on the right")),
        run_foot(run, marking, lang),
        width,
    )
    left, right = (1.85, 0.6) if width < NARROW else (2.35, 0.7)
    axes = axes_on(figure, left, right, 0.85, 1.42)
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
    size = 8.0 if width < NARROW else 8.5
    names = [cut(run.model.regions[c].name, size, left - 0.2) for c in codes]
    axes.set_yticks(np.arange(len(codes)) + 0.5, names, fontsize=size)
    end_h = _end_h(run, edges, table.to_numpy(float).max(axis=1, initial=0.0))
    _time_axis(axes, run, lang, end_h, width - left - right)
    # its row of swatches is too long for a narrow picture without the room below the names
    legend = axes_above(figure, 0.15 if width < NARROW else left, 0.15 if width < NARROW else right, 0.36, 0.48)
    band_legend(legend, lang, say(lang, "aandeel van de inwoners", "share of the inhabitants"))
    return figure


def _equal_bands(values: Floats) -> list[tuple[int, int, int]]:
    """Join neighbouring stretches of one band: (first, last + 1, band)."""
    bands = np.array([band_of(v) for v in values])
    starts = np.flatnonzero(np.append(True, bands[1:] != bands[:-1]))
    return [(int(a), int(b), int(bands[a])) for a, b in zip(starts, np.append(starts[1:], bands.size), strict=True)]


@matplotlib.rc_context(STYLE)
def draw_people(run: Run, lang: Lang, marking: str = "", width: float = WIDTH) -> Sheet:
    """Show how many people in the whole country lack a basic need, over time.

    Parameters
    ----------
    run : Run
    lang : str
    marking : str
        Raises the mark on the picture.
    width : float
        Of the sheet, inches.

    Returns
    -------
    Sheet
    """
    edges, table = _steps(people_without(run), "region", "people", run.horizon / HOUR, 0.0)
    total = table.sum(axis=1).to_numpy(float)
    peak = int(total.argmax())
    tail = say(lang, f"hoogstens {large(total[peak], lang)} mensen", f"at most {large(total[peak], lang)} people")
    if total[peak] == 0:
        tail = say(lang, "niemand", "nobody")
    figure = page(
        4.2,
        say(lang, "Mensen zonder een eerste levensbehoefte", "People without a basic need"),
        scenario_line(run, lang, tail),
        run_foot(run, marking, lang),
        width,
    )
    axes = axes_on(figure, 1.0, 0.35, 1.05, 0.95)
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
    _time_axis(axes, run, lang, end_h, width - 1.35)
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
    text = say(lang, f"{hours} uur na de eerste uitval", f"{hours} hours after the first loss")
    right = limit > 0.6 * end_h
    axes.annotate(
        text, (limit, 1), xycoords=("data", "axes fraction"), xytext=(-5 if right else 5, 2), textcoords="offset points",
        fontsize=8, color=INK, ha="right" if right else "left", va="bottom",
    )  # fmt: skip


# ------------------------------------------------------------------ a map


@matplotlib.rc_context(STYLE)
def draw_tile_map(run: Run, at_h: float, lang: Lang, marking: str = "", width: float | None = None) -> Sheet:
    """Show one moment on a map with one equal tile a region: what share of the people lacks a basic need.

    Parameters
    ----------
    run : Run
    at_h : float
        Hours from the start, within the horizon.
    lang : str
    marking : str
        Raises the mark on the picture.
    width : float, optional
        Of the sheet, inches; left out: what the tiles take.

    Returns
    -------
    Sheet

    Raises
    ------
    UsageError
        If the moment lies outside the run.
    """
    if not 0 <= at_h <= run.horizon / HOUR:
        raise UsageError(f"hour {at_h:g} is outside this run (0 to {run.horizon / HOUR:g})")
    edges, table = shares_without(run)
    row = min(int(np.searchsorted(edges, at_h, side="right")) - 1, len(table) - 1)
    shares = table.iloc[row].reindex(list(run.model.regions), fill_value=0.0)
    tiles = tile_places(run.model.regions)
    wide, tall = (max(place[k] for place in tiles.values()) + 1 for k in (0, 1))
    size = 0.92
    width = width or max(wide * size + 0.3, 5.2)
    size = min(size, (width - 0.3) / wide)
    when = (
        say(lang, f"Na {duration(at_h * HOUR, lang)}", f"After {duration(at_h * HOUR, lang)}")
        if at_h
        else say(lang, "Bij het begin", "At the start")
    )
    clock = moment(run.scenario.start, at_h * HOUR, lang)
    people = sum(float(shares[c]) * run.model.regions[c].population for c in tiles)
    tail = say(lang, f"{large(round(people), lang)} mensen zonder", f"{large(round(people), lang)} people without")
    figure = page(
        tall * size + 1.85,
        f"{when} ({clock})" if clock else when,
        tail + " " + say(lang, "een eerste levensbehoefte", "a basic need"),
        _foot_short(run, marking, lang),
        width,
    )
    side = (width - wide * size) / 2
    axes = axes_on(figure, side, side, 0.78, 1.07)
    axes.set_axis_off()
    axes.set_xlim(0, wide)
    axes.set_ylim(tall, 0)
    for code, (column, line) in sorted(tiles.items()):
        _tile(axes, column, line, run.model.regions[code].name, float(shares[code]), size, lang)
    legend = axes_above(figure, 0.2, 0.2, 0.38, 0.57)
    band_legend(legend, lang, say(lang, "aandeel van de inwoners", "share of the inhabitants"))
    return figure


def map_bands(run: Run, at_h: float) -> list[int]:
    """Return the band of each region at one moment: maps with equal bands look the same."""
    edges, table = shares_without(run)
    row = min(int(np.searchsorted(edges, at_h, side="right")) - 1, len(table) - 1)
    return [band_of(v) for v in table.iloc[row].tolist()]


def _foot_short(run: Run, marking: str, lang: Lang) -> str:
    """Bottom line for a narrow sheet."""
    version = clipped(run.model.info.version, 14)
    mark = marking_of(run.model, run.scenario, marking)
    return GAP.join((mark, f"model {version}", clipped(run.scenario.name[lang], 70)))


def tile_places(regions: dict[str, Region]) -> dict[str, tuple[int, int]]:
    """Column and row of every region; those without a tile follow in rows of six below the map."""
    found = {code: region.tile for code, region in regions.items() if region.tile is not None}
    first = max((row for _, row in found.values()), default=-1) + 1
    left = [code for code in sorted(regions) if code not in found]
    return {**found, **{code: (k % 6, first + k // 6) for k, code in enumerate(left)}}


def _tile(axes: Axes, column: int, row: int, name: str, value: float, size: float, lang: Lang) -> None:
    band = band_of(value)
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
    lines = wrapped(name, 7, 0.86 * size, most=3)
    axes.text(column + 0.5, row + 0.12, "\n".join(lines), fontsize=7, color=ink, ha="center", va="top", linespacing=1.1)
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
def draw_chain(run: Run, instance: int | str, lang: Lang, marking: str = "", width: float = CHAIN) -> Sheet:
    """Show how an event reached a process: from the event at the top, link by link, down to the process.

    Parameters
    ----------
    run : Run
    instance : int or str
        Number in the network, or a label such as ``hospital-care@VR13``; of several copies the worst hit counts.
    lang : str
    marking : str
        Raises the mark on the picture.
    width : float
        Of the sheet, inches.

    Returns
    -------
    Sheet

    Raises
    ------
    UsageError
        If there is no such process.
    """
    number = run.find(instance) if isinstance(instance, str) else instance
    links = run.chain(number)[::-1]
    name = instance_name(run, number, lang)
    gap, box, wide = 0.66, 0.62, width - 0.3
    boxes = [_cause_box(run, links, lang)] if links else []
    boxes += [(instance_name(run, link.instance, lang), _level_text(link, lang)) for link in links]
    arrows = [_arrow_text(run, link, lang, wide - 0.75) for link in links]
    tall = max(len(boxes), 1) * box + max(len(boxes) - 1, 0) * gap
    title = f"{say(lang, 'Waardoor', 'Why')}: {clipped(name, 60)}"
    sheet = page(tall + 1.35, title, scenario_line(run, lang), _foot_short(run, marking, lang), width)
    axes = axes_on(sheet, 0.15, 0.15, 0.85, 0.5)
    axes.set_axis_off()
    axes.set_xlim(0, wide)
    axes.set_ylim(tall, 0)
    if not boxes:
        axes.text(0, 0.1, word("why_fine", lang, name=clipped(name, 50)), va="top")
    for k, (head, text) in enumerate(boxes):
        top = k * (box + gap)
        _chain_box(axes, (top, box, wide), head, text, cause=k == 0)
        if k:
            arrow = FancyArrowPatch(
                (0.45, top - gap + 0.03), (0.45, top - 0.03), arrowstyle="-|>", mutation_scale=12, color=MUTED
            )
            axes.add_patch(arrow)
            axes.text(0.7, top - gap / 2, arrows[k - 1], fontsize=8, color=MUTED, va="center", linespacing=1.2)
    return sheet


def _chain_box(axes: Axes, place: tuple[float, float, float], head: str, text: str, *, cause: bool) -> None:
    """Draw a box at so much from the top, so tall and so wide, inches."""
    top, tall, wide = place
    colour, ink = BANDS[-2][1:] if cause else (CALM, INK)
    axes.add_patch(
        FancyBboxPatch((0, top), wide, tall, boxstyle="round,pad=0,rounding_size=0.08", facecolor=colour, linewidth=0)
    )
    head, text = cut(head, 10, wide - 0.3, bold=True), cut(text, 8.5, wide - 0.3)
    axes.text(0.18, top + 0.2, head, fontsize=10, fontweight="bold", color=ink, va="center")
    axes.text(0.18, top + 0.44, text, fontsize=8.5, color=ink, va="center")


def _cause_box(run: Run, links: Sequence[Change], lang: Lang) -> tuple[str, str]:
    """Name what stands at the head of a chain: an event, a start-up under way, or a ring of processes."""
    first = links[0]
    if first.kind == "event":
        event = run.scenario.events[first.event]
        text = event_name(run.model, event, lang)
        start = duration(event.at.mode, lang)
        when = (
            say(lang, f"vanaf {start}", f"from {start}")
            if event.at.mode
            else say(lang, "vanaf het begin", "from the start")
        )
        return word("event_n", lang, n=first.event + 1).capitalize(), f"{when}: {text}"
    if first.supplier >= 0:
        return (
            say(lang, "Een kring", "A ring"),
            say(lang, "deze processen houden elkaar omlaag", "these processes hold each other down"),
        )
    return say(lang, "Opstarten", "Starting up"), say(lang, "de oorzaak is voorbij", "the cause has passed")


def _level_text(link: Change, lang: Lang) -> str:
    level = share(link.after / FULL, lang)
    since = duration(link.time, lang)
    when = say(lang, f"na {since}", f"after {since}") if link.time else word("at_once", lang)
    return say(lang, f"{level} van de gewone dienst, {when}", f"{level} of the ordinary service, {when}")


def _arrow_text(run: Run, link: Change, lang: Lang, wide: float) -> str:
    """Say what a link is for and how long it could be done without, in lines that fit."""
    if link.kind == "event":
        return word("hit_itself", lang)
    if link.kind != "need":
        return word("starting_up", lang) if link.kind == "restart" else ""
    need = run.model.processes[run.network.process(link.instance)].needs.get(link.need)
    use = say(lang, f"nodig als {link.need}", f"needed for {link.need}")
    if need is None:
        return use
    if need.use:
        use = word("lacks_for", lang, use=need.use[lang])
    last = duration(need.steps[-1][0].mode, lang)
    held = (
        word("no_reserve", lang)
        if need.steps[-1][0].mode == 0
        else say(
            lang, f"het grootste verlies na {last} zonder levering", f"the greatest loss after {last} without supply"
        )
    )
    return "\n".join((*wrapped(clipped(use, 150), 8, wide, most=2), *wrapped(held, 8, wide, most=2)))


# ------------------------------------------------------------------ the web of needs


@matplotlib.rc_context(STYLE)
def draw_graph(model: Model, lang: Lang, processes: Iterable[str] | None = None, marking: str = "") -> Sheet:
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
    Sheet

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
    figure = page(
        deepest * 0.46 + 1.75 + 0.2 * len(legend),
        say(lang, "Wie levert aan wie", "Who supplies whom"),
        say(
            lang,
            f"{len(shown)} processen, {len(links)} verbanden; de kleur is die van de leverancier",
            f"{len(shown)} processes, {len(links)} links; the colour is the supplier's",
        ),
        foot(model, marking_of(model, marking), lang),
        width,
    )
    axes = axes_on(figure, 0.15, 0.15, 0.85, 0.4 + 0.2 * len(legend))
    axes.set_axis_off()
    axes.set_xlim(0, max(len(lanes), (width - 0.3) / wide))
    axes.set_ylim(deepest + 0.6, -0.6)
    _draw_lanes(axes, model, lanes, links, lang)
    if legend:
        _sector_legend(axes_above(figure, 0.15, 0.15, 0.35, 0.2 * len(legend)), model, legend, lang)
    return figure


def _sector_legend(axes: Axes, model: Model, sectors: Sequence[str], lang: Lang) -> None:
    """Name the colours and shapes of sectors, a row each."""
    axes.set_axis_off()
    axes.set_xlim(0, 6)
    axes.set_ylim(len(sectors), 0)
    for k, sector in enumerate(sectors):
        tone = colour_of(model, sector)
        axes.scatter([0.07], [k + 0.5], s=25, marker=shape_of(model, sector), color=tone, linewidth=0)
        name = clipped(model.sectors[sector].name[lang], 60)
        axes.text(0.2, k + 0.5, name, fontsize=8, fontweight="bold", color=tone, va="center")


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
        say(lang, "Wat het nodig heeft", "What it needs"),
        say(lang, "Waar het om gaat", "Looked at"),
        say(lang, "Wie het nodig heeft", "Who needs it"),
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
    colour = {p: colour_of(model, model.sector_of.get(p, "")) for p in place}
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
            if mixed:
                shape = shape_of(model, model.sector_of.get(p, ""))
                axes.scatter([k + 0.045], [row + 0.5], s=16, marker=shape, color=colour[p], linewidth=0, zorder=3)
            name = clipped(model.processes[p].name[lang], 46)
            name = textwrap.fill(name, 22 if mixed else 25, break_long_words=False)
            axes.text(k + BOX / 2, row + 0.5, name, fontsize=6, ha="center", va="center", linespacing=1.1, zorder=3)


def colour_of(model: Model, sector: str) -> str:
    """Return the colour of a sector, the same in all pictures of a model."""
    known = sorted(model.sectors)
    return SECTOR_COLOURS[known.index(sector) % len(SECTOR_COLOURS)] if sector in model.sectors else MUTED


def shape_of(model: Model, sector: str) -> str:
    """Return the shape of a sector's marks, the same in all pictures of a model."""
    known = sorted(model.sectors)
    return SECTOR_SHAPES[known.index(sector) % len(SECTOR_SHAPES)] if sector in model.sectors else "o"


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
