"""Pictures of marks and names on two axes: when past effects began, and what single failures do.

As in `plots`, each function returns a matplotlib figure and saves nothing.
"""

import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any, Final

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.textpath import TextPath

from cascade.errors import UsageError
from cascade.model import Lang, Model
from cascade.results.hindcast import Hindcast
from cascade.results.judging import FACTOR, SOON, SOON_MARGIN
from cascade.telling.columns import marking_of
from cascade.telling.plots import (
    BANDS,
    CALM,
    INK,
    KEPT,
    MUTED,
    PAPER,
    RULE,
    STYLE,
    WIDTH,
    Floats,
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
Place = tuple[float, float]
"""Across and up."""

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
    figure = page(
        9.5,
        say(lang, "Wanneer het begon: model tegen werkelijkheid", "When it began: model against reality"),
        say(
            lang,
            f"{len(lines)} gevolgen, {met} goed; het vlak is wat op tijd is: binnen een factor twee, of vroeg binnen 15 minuten",
            f"{len(lines)} effects, {met} right; the area is in time: within a factor two, or early within 15 minutes",
        ),
        foot(found.model, marking_of(found.model, *(v.scenario.marking for v in found.verdicts), marking), lang),
    )
    axes = axes_on(figure, 0.95, 0.2, 0.8, 1.65)
    hours = [h / HOUR for line in lines for h in (line.seen.mode if line.seen else 0, line.predicted or 0)]
    top = float(np.log10(max([*hours, 24.0]))) + 0.15
    _onset_axes(axes, top, lang)
    inch = SQUARE / (top + NEVER_BAND - LEFT_EDGE)
    at = _onset_places(
        [(_onset_at(line.seen.mode if line.seen else 0, top), _onset_at(line.predicted, top)) for line in lines], inch
    )
    for line, (x, y) in zip(lines, at, strict=True):
        colour = colour_of(found.model, found.model.sector_of[line.process])
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
    axes.set_xlabel(say(lang, "Begin zoals gezien", "Onset as seen"), fontsize=8.5)
    axes.set_ylabel(say(lang, "Begin in het model", "Onset in the model"), fontsize=8.5)


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
            left_out.append(k)
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
    axes = axes_on(figure, 0.95, 0.2, float(figure.get_size_inches()[1]) - 1.32, 0.3)
    axes.set_axis_off()
    axes.set_xlim(0, 3)
    axes.set_ylim(rows, 0)
    unnamed = say(lang, f"; {left_out} zonder naam", f"; {left_out} without a name") if left_out else ""
    entries: list[tuple[str, str, str]] = [
        ("o", MUTED, say(lang, "goed", "right")),
        ("D", MUTED, say(lang, f"mis, met naam{unnamed}", f"missed, named{unnamed}")),
        *(("s", colour_of(model, s), clipped(model.sectors[s].name[lang], 38)) for s in sectors),
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
    figure = page(
        0.85 + RANK_TALL + 2.4,
        say(
            lang,
            "Eén uitval tegelijk: ketengevolg en eerste levensbehoeften",
            "One failure at a time: knock-on effect and basic needs",
        ),
        _rank_line((told, say(lang, "rechtsboven is het ergst", "worst is top right")), len(shown), len(felt), lang),
        foot(model, marking_of(model, marking), lang),
    )
    axes = axes_on(figure, WIDTH - RANK_WIDE - 0.35, 0.35, 0.85, 2.4)
    across = _scale(shown["cascade_hours"], RANK_WIDE)
    up = _scale(shown["basic_hours"], RANK_TALL)
    _ranking_axes(axes, across, up, len(frame) - len(felt), lang)
    wanted = [(across.at(x), up.at(y)) for x, y in zip(shown["cascade_hours"], shown["basic_hours"], strict=True)]
    front = [place for place, on in zip(wanted, shown["front"], strict=True) if on]
    at = _rank_places(wanted, front)
    for row, (x, y) in zip(rows, at, strict=True):
        tone = colour_of(model, model.sector_of.get(row["process"], ""))
        _rank_mark(axes, x, y, tone, locked=_is_locked(row), front=bool(row["front"]))
    kept = [*_mark_boxes(at, 1), *_draw_front(axes, front), (0, ZERO_BAND, 0, ZERO_BAND)]
    names = (_rank_name(model, row, lang) for row in rows)
    texts = [(x, y, clipped(name, 38), clipped(name, 20)) for (x, y), name in zip(at, names, strict=True)]
    left_out = _label(axes, texts, kept, 1, (0, RANK_WIDE, 0, RANK_TALL), len(front))
    _rank_legend(figure, _rank_entries(model, rows, lang), 0.82, 5)
    _unnamed(figure, [name for _, _, name, _ in sorted(texts[k] for k in left_out)], lang)
    return figure


def _rank_line(parts: Iterable[str], shown: int, every: int, lang: Lang) -> str:
    """Write the line under the title; where not all are shown it says so."""
    n, m = number(shown, lang), number(every, lang)
    cut = say(lang, f"de eerste {n} van {m}", f"the first {n} of {m}") if shown < every else ""
    return clipped("  ·  ".join(part for part in (*parts, cut) if part), 120)


def _rank_entries(model: Model, rows: Sequence[dict[Any, Any]], lang: Lang) -> list[tuple[str, str, str]]:
    """Return the shapes and colours of a ranking, and what they mean."""
    found = [("front", MUTED, say(lang, "niets is op beide assen erger", "nothing is worse on both axes"))]
    if any(map(_is_locked, rows)):
        text = say(lang, "een deel komt niet vanzelf terug", "part does not come back by itself")
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
        text = f"{number(nothing, lang)}\n{say(lang, 'zonder', 'without')}\n{say(lang, 'gevolg', 'effect')}"
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
    axes = axes_on(figure, 0.2, 0.1, height - from_below - 0.2 * rows, from_below)
    axes.set_axis_off()
    axes.set_xlim(0, 3)
    axes.set_ylim(rows, 0)
    for k, (mark, colour, name) in enumerate(entries):
        x, y = k // rows, k % rows + 0.5
        _rank_mark(axes, x + 0.03, y, colour, locked=mark == "locked", front=mark == "front")
        axes.text(x + 0.08, y, name, fontsize=8, va="center")


def _sector_entries(model: Model, processes: Iterable[str], lang: Lang) -> list[tuple[str, str, str]]:
    sectors = sorted({model.sector_of[p] for p in processes if p in model.sector_of})
    return [("", colour_of(model, s), clipped(model.sectors[s].name[lang], 42)) for s in sectors]


def _unnamed(figure: Figure, names: Sequence[str], lang: Lang) -> None:
    """List under a picture whose names found no room in it."""
    if not names:
        return
    head = say(
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
    figure = page(
        1.15 + DOUBT_ROW * max(len(shown), 1) + 2.25,
        say(lang, "Hoe zeker de volgorde is", "How sure the order is"),
        _rank_line((told,), len(shown), len(frame), lang),
        foot(model, marking_of(model, marking), lang),
    )
    left, right = DOUBT_LEFT, DOUBT_RIGHT
    axes = axes_on(figure, left, right, 1.15, 2.25)
    scale = _scale([r[key] for r in shown for key in INTERVAL], WIDTH - left - right)
    _doubt_axes(axes, scale, effect, shown, lang)
    for k, row in enumerate(shown):
        _doubt_bar(axes, k, scale, row, colour_of(model, model.sector_of.get(row["process"], "")))
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
    chance = axes_on(figure, DOUBT_LEFT + wide + 0.2, 0.75, 1.15, 2.25)
    chance.set_axis_off()
    chance.set_xlim(-0.01, 1.01)
    chance.set_ylim(max(len(shown), 1), 0)
    inside = axes.get_yaxis_transform()

    def write(x: float, y: float, text: str, **look: Any) -> None:
        axes.text((x - DOUBT_LEFT) / wide, y, text, transform=inside, **{"va": "center", "fontsize": 8, **look})

    head = {"va": "bottom", "color": MUTED, "linespacing": 1.1}
    write(0.75, -0.15, say(lang, "plaats", "rank"), ha="right", **head)
    write(DOUBT_LEFT + wide + 0.2, -0.15, say(lang, f"kans op\nde eerste {top}", f"chance of\nthe first {top}"), **head)
    for k, row in enumerate(shown):
        low, high = int(row["rank_low"]), int(row["rank_high"])
        write(0.75, k + 0.5, f"{low}" if low == high else f"{low}–{high}", ha="right", color=MUTED)
        write(0.87, k + 0.5, clipped(_rank_name(model, row, lang), 36))
        part = float(row["in_top"])
        chance.add_patch(Rectangle((0, k + 0.22), 1, 0.56, facecolor=PAPER, edgecolor=RULE, linewidth=0.6))
        chance.add_patch(Rectangle((0, k + 0.22), part, 0.56, facecolor=KEPT, linewidth=0))
        write(WIDTH - 0.68, k + 0.5, share(part, lang))


def _doubt_legend(figure: Figure, lang: Lang) -> None:
    text = say(
        lang,
        "Balk: 90% van de trekkingen; streep: de middelste; plaats: 90% van de plaatsen.\n"
        "Tussen de ene grond en de volgende (grijs, wit) is de volgorde zeker; binnen één grond niet overal.",
        "Bar: 90% of the draws; line: their median; rank: 90% of the ranks.\n"
        "Between one ground and the next (grey, white) the order is sure; within one it is not everywhere.",
    )
    height = float(figure.get_size_inches()[1])
    figure.text(0.15 / WIDTH, 0.36 / height, text, fontsize=8, color=MUTED, va="bottom", linespacing=1.25)
