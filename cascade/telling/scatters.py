"""Pictures of marks and names on two axes: when past effects began, and what single failures do.

As in `plots`, each function returns a matplotlib figure and saves nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from cascade.errors import UsageError
from cascade.model import Lang, Model
from cascade.results.hindcast import Hindcast
from cascade.results.judging import FACTOR, SOON, SOON_MARGIN
from cascade.telling.columns import marking_of
from cascade.telling.lettering import cut, wrapped
from cascade.telling.marks import (
    LEGEND_ROW,
    SPOT,
    Box,
    Look,
    Place,
    draw_mark,
    label,
    legend,
    legend_rows,
    look_of,
    mark_boxes,
    sector_entries,
    spread,
)
from cascade.telling.plots import (
    CALM,
    KEPT,
    MUTED,
    NARROW,
    PAPER,
    RULE,
    STYLE,
    WIDTH,
    Sheet,
    axes_on,
    colour_of,
    foot,
    page,
    say,
)
from cascade.telling.trial import short_name
from cascade.units import HOUR
from cascade.words import clipped, duration, number, share, word

ONSET_TICKS_H: Final = (0.25, 0.5, 1, 2, 6, 12, 24, 72, 168, 672, 2016)
SOONEST_H: Final = 0.25
"""What begins before this begins at once, in a band of its own."""
LEFT_EDGE: Final = float(np.log10(SOONEST_H)) - 0.75
NEVER_BAND: Final = 0.3
IN_TIME: Final = "#fdf3e2"
"""Ground of what begins in time."""
SQUARE: Final = 7.0
"""Side of the picture of onsets, inches (roughly)."""
RANK_NUDGE: Final = 0.3
"""How far a mark there may stand from where it belongs, to be seen beside others, inches."""
ZERO_BAND: Final = 0.85
"""Room for what has no effect at all, at the start of a logarithmic axis, inches."""
RANKED_MOST: Final = 120
"""Marks in the picture of a ranking; of more, those that stand highest on either axis."""
DOUBT_MOST: Final = 40
DOUBT_FEW: Final = 25
"""Rows in the picture of a ranking's doubt, on a screen and on a page of A4."""
INTERVAL: Final = ("low", "median", "high")
DOUBT_ROW: Final = 0.225
"""Height of a row there, inches."""


# ------------------------------------------------------------------ predicted against seen


@matplotlib.rc_context(STYLE)
def draw_predicted_against_seen(found: Hindcast, lang: Lang, marking: str = "") -> Sheet:
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
    Sheet
    """
    lines = [line for line in found.all_lines if line.kind == "onset" and line.scored and line.seen is not None]
    met = sum(1 for line in lines if line.points == 1)
    figure = page(
        9.63,
        say(lang, "Wanneer het begon: model tegen werkelijkheid", "When it began: model against reality"),
        say(
            lang,
            f"{len(lines)} gevolgen, {met} goed; het vlak is wat op tijd is: binnen een factor twee, of vroeg binnen 15 minuten",
            f"{len(lines)} effects, {met} right; the area is in time: within a factor two, or early within 15 minutes",
        ),
        foot(found.model, marking_of(found.model, *(v.scenario for v in found.verdicts), marking), lang),
    )
    axes = axes_on(figure, 0.95, 0.2, 0.8, 1.78)
    hours = [h / HOUR for line in lines for h in (line.seen.mode if line.seen else 0, line.predicted or 0)]
    top = float(np.log10(max([*hours, 24.0]))) + 0.15
    _onset_axes(axes, top, lang)
    inch = SQUARE / (top + NEVER_BAND - LEFT_EDGE)
    at = _onset_places(
        [(_onset_at(line.seen.mode if line.seen else 0, top), _onset_at(line.predicted, top)) for line in lines], inch
    )
    for line, (x, y) in zip(lines, at, strict=True):
        draw_mark(axes, x, y, look_of(found.model, line.process, hollow=line.points != 1))
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
    left_out = len(label(axes, texts, mark_boxes(at, inch), inch, (*edges, *edges)))
    sectors = sorted({found.model.sector_of[line.process] for line in lines})
    _onset_legend(figure, found.model, sectors, left_out, lang)
    return figure


def _onset_places(wanted: Sequence[Place], inch: float) -> list[Place]:
    """Set marks of onsets beside one another, each in its own band."""
    edge = float(np.log10(SOONEST_H))
    return spread(wanted, inch, lambda new, own: _same_band(new, own, edge, LEFT_EDGE, inch))


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
    axes.fill_between(x, low, np.minimum(np.log10(above), top), facecolor=IN_TIME, linewidth=0, zorder=0.5)
    axes.fill_between([LEFT_EDGE, edge], LEFT_EDGE, edge, facecolor=IN_TIME, linewidth=0, zorder=0.5)
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
    axes.set_xlabel(say(lang, "Begin zoals gezien", "Onset as seen"), fontsize=8.5)
    axes.set_ylabel(say(lang, "Begin in het model", "Onset in the model"), fontsize=8.5)


def _same_band(at: Place, own: Place, edge: float, low: float, inch: float) -> bool:
    """Whether a mark stays in its band on both axes, from the low end to the edge or beyond it."""
    return all((new < edge) == (old < edge) and new > low + 0.5 * SPOT / inch for new, old in zip(at, own, strict=True))


def _onset_legend(sheet: Sheet, model: Model, sectors: Sequence[str], left_out: int, lang: Lang) -> None:
    """Say under a picture what is full and what hollow, and name the shapes and colours of the sectors."""
    unnamed = say(lang, f"; {left_out} zonder naam", f"; {left_out} without a name") if left_out else ""
    missed = say(lang, f"mis, met naam{unnamed}", f"missed, named{unnamed}")
    entries = [Look(say(lang, "goed", "right")), Look(missed, hollow=True), *sector_entries(model, sectors, lang)]
    legend(sheet, entries, 0.32)


# ------------------------------------------------------------------ a ranking


@matplotlib.rc_context(STYLE)
def draw_ranking(
    frame: pd.DataFrame, model: Model, lang: Lang, marking: str = "", told: str = "", width: float = WIDTH
) -> Sheet:
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
    width : float
        Of the sheet, inches.

    Returns
    -------
    Sheet

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
    entries = _rank_entries(model, rows, lang)
    wide, tall = (width - 1.3, 5.2) if width < NARROW else (width - 1.65, 7.0)
    under = _NOTE_AT + _unnamed_tall(width)
    below = under + LEGEND_ROW * legend_rows(len(entries), width) + 0.62
    title = say(
        lang,
        "Eén uitval tegelijk: ketengevolg en eerste levensbehoeften",
        "One failure at a time: knock-on effect and basic needs",
    )
    line = _rank_line((told, say(lang, "rechtsboven is het ergst", "worst is top right")), len(shown), len(felt), lang)
    sheet = page(0.85 + tall + below, title, line, foot(model, marking_of(model, marking), lang), width)
    axes = axes_on(sheet, width - wide - 0.35, 0.35, 0.85, below)
    across, up = _scale(shown["cascade_hours"], wide), _scale(shown["basic_hours"], tall)
    _ranking_axes(axes, across, up, len(frame) - len(felt), lang)
    wanted = [(across.at(x), up.at(y)) for x, y in zip(shown["cascade_hours"], shown["basic_hours"], strict=True)]
    left_out = _draw_ranked(axes, model, rows, wanted, (wide, tall), lang)
    legend(sheet, entries, under)
    _unnamed(sheet, left_out, lang)
    return sheet


def _draw_ranked(
    axes: Axes, model: Model, rows: Sequence[dict[Any, Any]], wanted: Sequence[Place], sides: Place, lang: Lang
) -> list[str]:
    """Draw marks, the front and names on axes of that width and height (inches); return names without room, by place."""
    front = [place for place, row in zip(wanted, rows, strict=True) if row["front"]]
    at = _rank_places(wanted, front, sides)
    for row, (x, y) in zip(rows, at, strict=True):
        draw_mark(axes, x, y, look_of(model, row["process"], holed=_is_locked(row), ring=bool(row["front"])))
    kept = [*mark_boxes(at, 1), *_draw_front(axes, front), (0, ZERO_BAND, 0, ZERO_BAND)]
    names = (_rank_name(model, row, lang) for row in rows)
    texts = [(x, y, clipped(name, 38), clipped(name, 20)) for (x, y), name in zip(at, names, strict=True)]
    left_out = label(axes, texts, kept, 1, (0, sides[0], 0, sides[1]), len(front))
    return [name for _, _, name, _ in sorted(texts[k] for k in left_out)]


def _rank_line(parts: Iterable[str], shown: int, every: int, lang: Lang) -> str:
    """Write the line under the title; where not all are shown it says so."""
    n, m = number(shown, lang), number(every, lang)
    cut = say(lang, f"de eerste {n} van {m}", f"the first {n} of {m}") if shown < every else ""
    return clipped("  ·  ".join(part for part in (*parts, cut) if part), 120)


def _rank_entries(model: Model, rows: Sequence[dict[Any, Any]], lang: Lang) -> list[Look]:
    """Return the marks of a ranking, and what they mean."""
    found = [Look(say(lang, "niets is op beide assen erger", "nothing is worse on both axes"), ring=True)]
    if any(map(_is_locked, rows)):
        found.append(
            Look(say(lang, "een deel komt niet vanzelf terug", "part does not come back by itself"), holed=True)
        )
    return [*found, *_sectors_of(model, rows, lang)]


def _sectors_of(model: Model, rows: Iterable[dict[Any, Any]], lang: Lang) -> list[Look]:
    sectors = {model.sector_of[row["process"]] for row in rows if row["process"] in model.sector_of}
    return sector_entries(model, sorted(sectors), lang)


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
        return say(
            lang,
            "Ketengevolg: persoonsuren verloren bij alle andere processen",
            "Knock-on effect: person-hours lost by all other processes",
        )
    if effect == "basic_hours":
        return say(lang, "Persoonsuren zonder een eerste levensbehoefte", "Person-hours without a basic need")
    return effect


@dataclass(frozen=True)
class _Scale:
    """A logarithmic axis in inches; what is zero stands in a band at its start."""

    low: float
    high: float
    length: float
    band: float = ZERO_BAND
    """Room for what is zero; none where nothing is."""

    def at(self, value: float) -> float:
        """Return where a value stands."""
        if value <= 0:
            return self.band / 2
        part = (float(np.log10(value)) - self.low) / (self.high - self.low)
        return self.band + 0.2 + max(part, 0.0) * (self.length - self.band - 0.5)

    def ticks(self, lang: Lang) -> tuple[list[float], list[str]]:
        """Return places and names of the round values, zero first, at most about one an inch."""
        decades = range(int(np.ceil(self.low)), int(np.floor(self.high)) + 1)
        apart = (self.length - self.band - 0.5) / (self.high - self.low)
        step = max(1, round(len(decades) / max(1.0, 1.1 * self.length)), int(np.ceil(0.55 / apart)))
        kept = [d for d in decades if (decades[-1] - d) % step == 0]
        zero = [(self.band / 2, word("none", lang))] if self.band else []
        places, names = zip(*zero, *((self.at(10.0**d), _power(d, lang)) for d in kept), strict=True)
        return list(places), list(names)


def _scale(values: Iterable[float], length: float, band: float = ZERO_BAND) -> _Scale:
    """Let an axis run from the power of ten below the least to a little above the largest."""
    values = list(values)
    logs = [float(np.log10(v)) for v in values if v > 0] or [0.0]
    high = max(logs)
    low = min(float(np.floor(min(logs))), float(np.ceil(high)) - 2)
    return _Scale(low, max(high, float(np.floor(high)) + 0.05), length, band)


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
        text = f"{number(nothing, lang)}\n{say(lang, 'zonder', 'without')}\n{say(lang, 'gevolg', 'effect')}"
        axes.text(
            ZERO_BAND / 2, ZERO_BAND / 2, text, fontsize=7, color=MUTED, ha="center", va="center", linespacing=1.1
        )


def _rank_places(wanted: Sequence[Place], front: Sequence[Place], sides: Place) -> list[Place]:
    """Set the marks of a ranking beside one another, a little, but never to where no failure lies: beyond the front."""

    def fits(new: Place, own: Place) -> bool:
        inside = new[0] < sides[0] - SPOT / 2 and new[1] < sides[1] - SPOT / 2
        under = not front or any(new[0] <= x and new[1] <= y for x, y in front)
        return inside and under and _same_band(new, own, ZERO_BAND, 0, 1)

    return spread(wanted, 1, fits, furthest=RANK_NUDGE)


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


_NOTE_AT: Final = 0.36
"""Where notes begin, inches from below."""


def _unnamed_tall(width: float) -> float:
    return 0.75 if width < NARROW else 0.5


def _unnamed(sheet: Sheet, names: Sequence[str], lang: Lang) -> None:
    """List under a picture whose names found no room in it."""
    if not names:
        return
    width = float(sheet.get_size_inches()[0])
    head = say(
        lang,
        f"Geen plaats voor {len(names)}, van links naar rechts: ",
        f"No room for {len(names)}, from left to right: ",
    )
    size = 7.0 if width < NARROW else 7.5
    lines = wrapped(head + "; ".join(names), size, width - 0.3, most=5 if width < NARROW else 3)
    _note(sheet, lines, size)


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
    width: float = WIDTH,
) -> Sheet:
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
    width : float
        Of the sheet, inches.

    Returns
    -------
    Sheet

    Raises
    ------
    UsageError
        If a column is missing.
    """
    _has(frame, *INTERVAL, "in_top", "rank_low", "rank_high", "group")
    frame = _labelled(frame)
    shown = frame.head(DOUBT_FEW if width < NARROW else DOUBT_MOST).to_dict("records")
    entries, notes = _sectors_of(model, shown, lang), _doubt_notes(width, lang)
    under = 0.4 + 0.143 * len(notes)
    form = _Form(width, 1.15, under + LEGEND_ROW * legend_rows(len(entries), width) + 0.62)
    title = say(lang, "Hoe zeker de volgorde is", "How sure the order is")
    line = _rank_line((told,), len(shown), len(frame), lang)
    tall = form.top + DOUBT_ROW * max(len(shown), 1) + form.bottom
    sheet = page(tall, title, line, foot(model, marking_of(model, marking), lang), width)
    axes = axes_on(sheet, form.left, form.right, form.top, form.bottom)
    _draw_intervals(axes, model, shown, form, effect, lang)
    _doubt_columns(sheet, axes, model, shown, top, form, lang)
    legend(sheet, entries, under)
    _note(sheet, notes, 7.5)
    return sheet


@dataclass(frozen=True)
class _Form:
    """The margins of a picture of doubt, and its columns, inches."""

    width: float
    top: float
    bottom: float

    @property
    def left(self) -> float:
        """Room for ranks and names."""
        return 2.95 if self.width < NARROW else 3.35

    @property
    def right(self) -> float:
        """Room for chances."""
        return 1.3 if self.width < NARROW else 1.75

    @property
    def wide(self) -> float:
        """Of what lies between them."""
        return self.width - self.left - self.right

    @property
    def rank(self) -> float:
        """Where ranks end."""
        return 0.6 if self.width < NARROW else 0.75


def _draw_intervals(
    axes: Axes, model: Model, shown: Sequence[dict[Any, Any]], form: _Form, effect: str, lang: Lang
) -> None:
    """Draw the axis and a bar for each failure; without a band of none where every effect is some."""
    values = [float(row[key]) for row in shown for key in INTERVAL]
    band = 0.0 if values and min(values) > 0 else min(ZERO_BAND, 0.22 * form.wide)
    scale = _scale(values, form.wide, band)
    _doubt_axes(axes, scale, effect, shown, form, lang)
    for k, row in enumerate(shown):
        _doubt_bar(axes, k, scale, row, colour_of(model, model.sector_of.get(row["process"], "")))


def _note(sheet: Sheet, lines: Sequence[str], size: float) -> None:
    """Write lines at the foot of a sheet, above its bottom line."""
    width, height = (float(side) for side in sheet.get_size_inches())
    at = (0.15 / width, (_NOTE_AT + sheet.more_foot) / height)
    sheet.text(*at, "\n".join(lines), fontsize=size, color=MUTED, va="bottom", linespacing=1.25)


def _doubt_bar(axes: Axes, k: int, scale: _Scale, row: dict[Any, Any], colour: str) -> None:
    low, middle, high = (scale.at(row[key]) for key in INTERVAL)
    axes.add_patch(Rectangle((low, k + 0.3), high - low, 0.4, facecolor=colour, alpha=0.45, linewidth=0, zorder=2))
    axes.plot([middle] * 2, [k + 0.15, k + 0.85], color=colour, linewidth=2.2, solid_capstyle="butt", zorder=3)


def _doubt_axes(
    axes: Axes, scale: _Scale, effect: str, shown: Sequence[dict[Any, Any]], form: _Form, lang: Lang
) -> None:
    """Draw the grid, the band of none, and one ground behind each group."""
    axes.set_xlim(0, scale.length)
    axes.set_ylim(max(len(shown), 1), 0)
    # by a transform of its own the ground runs over the whole sheet, behind names and chances too
    wide = axes.get_yaxis_transform()
    for first, last in _grounds(shown)[::2]:
        box = ((-(form.left - 0.1) / scale.length, first), (form.width - 0.2) / scale.length, last - first)
        axes.add_patch(Rectangle(*box, transform=wide, facecolor=CALM, linewidth=0, zorder=0, clip_on=False))
    ticks, names = scale.ticks(lang)
    axes.set_xticks(ticks, names, fontsize=8)
    for tick in ticks[1:] if scale.band else ticks:
        axes.axvline(tick, color=RULE, linewidth=0.5, zorder=0.2)
    axes.axvline(scale.band, color=MUTED, linewidth=0.8, zorder=0.6)
    axes.set_yticks([])
    axes.set_xlabel(_effect_label(effect, lang), fontsize=8.5)


def _grounds(shown: Sequence[dict[Any, Any]]) -> list[tuple[int, int]]:
    """Return the first row and the one after the last of each run of equal groups."""
    if not shown:
        return []
    starts = [k for k, row in enumerate(shown) if k == 0 or row["group"] != shown[k - 1]["group"]]
    return list(zip(starts, [*starts[1:], len(shown)], strict=True))


def _doubt_columns(
    sheet: Sheet, axes: Axes, model: Model, shown: Sequence[dict[Any, Any]], top: int, form: _Form, lang: Lang
) -> None:
    """Write ranks and names left of the bars, and the chance to be among the first right of them."""
    from_left, bar = form.left + form.wide + 0.2, form.right - 1.0
    chance = axes_on(sheet, from_left, form.right - 0.2 - bar, form.top, form.bottom)
    chance.set_axis_off()
    chance.set_xlim(-0.01, 1.01)
    chance.set_ylim(max(len(shown), 1), 0)
    inside = axes.get_yaxis_transform()

    def across(x: float) -> float:
        return (x - form.left) / form.wide

    def write(x: float, y: float, text: str, **look: Any) -> None:
        axes.text(across(x), y, text, transform=inside, **{"va": "center", "fontsize": 8, **look})

    head = {"va": "bottom", "color": MUTED, "linespacing": 1.1}
    write(form.rank, -0.15, say(lang, "plaats", "rank"), ha="right", **head)
    write(from_left, -0.15, say(lang, f"kans op\nde eerste {top}", f"chance of\nthe first {top}"), **head)
    for k, row in enumerate(shown):
        low, high = int(row["rank_low"]), int(row["rank_high"])
        write(form.rank, k + 0.5, f"{low}" if low == high else f"{low}–{high}", ha="right", color=MUTED)
        draw_mark(
            axes, across(form.rank + 0.13), k + 0.5, look_of(model, row["process"]), transform=inside, clip_on=False
        )
        size = 7.5 if form.width < NARROW else 8.0
        name = cut(clipped(_rank_name(model, row, lang), 36), size, form.left - form.rank - 0.3)
        write(form.rank + 0.24, k + 0.5, name, fontsize=size)
        part = float(row["in_top"])
        chance.add_patch(Rectangle((0, k + 0.22), 1, 0.56, facecolor=PAPER, edgecolor=RULE, linewidth=0.6))
        chance.add_patch(Rectangle((0, k + 0.22), part, 0.56, facecolor=KEPT, linewidth=0))
        write(from_left + bar + 0.07, k + 0.5, share(part, lang))


def _doubt_notes(width: float, lang: Lang) -> list[str]:
    told = say(
        lang,
        "Balk: 90% van de trekkingen; streep: de middelste; plaats: 90% van de plaatsen.\n"
        "Tussen de ene grond en de volgende (grijs, wit) is de volgorde zeker; binnen één grond niet overal.",
        "Bar: 90% of the draws; line: their median; rank: 90% of the ranks.\n"
        "Between one ground and the next (grey, white) the order is sure; within one it is not everywhere.",
    )
    return [line for part in told.splitlines() for line in wrapped(part, 7.5, width - 0.3)]
