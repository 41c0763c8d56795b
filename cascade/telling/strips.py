"""A run narrowed to some regions, and pictures in characters of how it went over time, by sector and by region."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from cascade.model import Lang
from cascade.simulation.run import Run
from cascade.units import FULL, HOUR, Uncertain
from cascade.words import word

if TYPE_CHECKING:
    import pandas as pd

NOTHING_SHOWN: Final = 0.001
"""A loss below this share leaves no mark in a picture or a table."""
FELT: Final = FULL * 19 // 20
"""A region counts as hit where one of its copies falls to this level; only to choose what a picture shows."""


@dataclass(frozen=True, eq=False)
class Narrowed(Run):
    """A run as some regions saw it: their copies, and their part of the national processes."""

    shown: tuple[str, ...] = ()
    """Codes of those regions."""


def narrowed(run: Run, codes: Iterable[str]) -> Narrowed:
    """Leave of a run what happened in some regions and to the national processes; people and costs are theirs.

    Elsewhere nobody lives, so that every count and mean is theirs; a process costs its part by inhabitants.
    """
    chosen, model, network = set(codes), run.model, run.network
    regions = {c: r if c in chosen else r.model_copy(update={"population": 0}) for c, r in model.regions.items()}
    part = sum(r.population for r in regions.values()) / max(model.population, 1)
    processes = {
        p: d if d.cost_per_day is None else d.model_copy(update={"cost_per_day": _scaled(d.cost_per_day, part)})
        for p, d in model.processes.items()
    }
    assets = {
        p: t
        if t.people is None
        else replace(t, people=tuple(n if r in chosen else 0 for n, r in zip(t.people, t.regions, strict=True)))
        for p, t in model.assets.items()
    }
    kept = np.array([not network.region(i) or network.region(i) in chosen for i in range(network.size)], np.bool_)
    rows = kept[run.changes.instance]
    given = {f.name: getattr(run, f.name) for f in fields(Run)}
    given["network"] = replace(network, model=replace(model, regions=regions, processes=processes, assets=assets))
    given["changes"] = type(run.changes)(*(column[rows] for column in run.changes))
    given["jobs"] = tuple(job for job in run.jobs if kept[job.instance])
    return Narrowed(**given, shown=tuple(sorted(chosen)))


def _scaled(cost: Uncertain, part: float) -> Uncertain:
    return Uncertain(*(round(value * part) for value in cost))


def regions_shown(run: Run) -> tuple[str, ...]:
    """Return the codes of the regions that a run is about: all of them, unless it was narrowed."""
    return run.shown if isinstance(run, Narrowed) else tuple(sorted(run.model.regions))


def regional(run: Run) -> Run:
    """Narrow a run that hits few regions (at most a quarter) to those: a mean over the country would hide them."""
    if isinstance(run, Narrowed):
        return run
    of = run.network.region_of[run.changes.instance[run.changes.after <= FELT]]
    hit = sorted({run.network.regions[r] for r in of[of >= 0].tolist()})
    return narrowed(run, hit) if 0 < len(hit) <= len(run.model.regions) // 4 else run


def in_regions(run: Run, lang: Lang) -> str:
    """Say in a heading which regions are meant: `` in A and B``; nothing where it is the whole country."""
    if not isinstance(run, Narrowed):
        return ""
    names = [run.model.regions[code].name for code in run.shown]
    last = f" {word('and', lang)} ".join(names[-2:])
    return f" {word('in', lang)} {', '.join([*names[:-2], last])}"


@dataclass(frozen=True)
class Strip:
    """A picture in characters: one row per thing, one value (0 to 1) per stretch of time."""

    title: str
    legend: str
    rows: list[tuple[str, list[float]]]
    span_h: float
    """Hours from the start that it shows."""
    style: Literal["loss", "level"]


def region_strip(run: Run, lang: Lang, cells: int) -> Strip:
    """Show who lacks a basic need, region by region; each cell holds the worst moment of its stretch of time."""
    from cascade.results.impact import people_without

    frame = people_without(run)
    frame["lost"] = frame["people"] / frame["region"].map(
        {c: max(r.population, 1) for c, r in run.model.regions.items()}
    )
    most = float(frame["lost"].max()) if len(frame) else 0.0
    span = _span(frame, "lost", run.horizon)
    if most < NOTHING_SHOWN:
        legend = word("strip_none" if most == 0 else "strip_hardly", lang)
        return Strip(word("strip", lang), legend, [], span, "loss")
    rows = [
        (run.model.regions[str(code)].name, _cells(part["time_h"], part["lost"], span, cells))
        for code, part in frame.groupby("region", sort=True)
        if code in regions_shown(run)
    ]
    return Strip(word("strip", lang), word("strip_legend", lang), rows, span, "loss")


def sector_strip(run: Run, lang: Lang, cells: int) -> Strip:
    """Show the mean level of each sector that is touched; each cell holds the worst moment of its stretch of time.

    Where few regions are hit it shows those, and says so.
    """
    from cascade.results.impact import sector_levels

    run = regional(run)
    frame = sector_levels(run)
    frame["lost"] = 1 - frame["level"]
    span = _span(frame, "lost", run.horizon)
    rows = [
        (
            run.model.sectors[str(sector)].name[lang],
            [1 - lost for lost in _cells(part["time_h"], part["lost"], span, cells)],
        )
        for sector, part in frame.groupby("sector", sort=True)
        if part["lost"].max() >= NOTHING_SHOWN
    ]
    return Strip(
        word("sector_strip", lang) + in_regions(run, lang), word("sector_strip_legend", lang), rows, span, "level"
    )


def _span(frame: "pd.DataFrame", column: str, horizon: int) -> float:
    """Return up to which hour a picture has something to show: to the end of all loss, in whole half days."""
    lasting = frame[frame[column] >= NOTHING_SHOWN]
    if lasting.empty:
        return horizon / HOUR
    after = frame[(frame["time_h"] > lasting["time_h"].max())]["time_h"]
    end = float(after.min()) if len(after) else horizon / HOUR
    return min(horizon / HOUR, float(np.ceil((end + 1) / 12) * 12))


def _cells(times: "pd.Series[float]", values: "pd.Series[float]", span_h: float, cells: int) -> list[float]:
    """Cut a step function into equal stretches and return the largest value in each."""
    moments, heights = times.to_numpy(float), values.to_numpy(float)
    edges = np.linspace(0, span_h, cells + 1)
    found = []
    for start, end in itertools.pairwise(edges.tolist()):
        first = max(int(np.searchsorted(moments, start, "right")) - 1, 0)
        last = max(int(np.searchsorted(moments, end, "left")), first + 1)
        found.append(float(heights[first:last].max()))
    return found
