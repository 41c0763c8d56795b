"""Pictures in characters: how a run went over time, by sector and by region."""

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from cascade.model import Lang
from cascade.simulation.run import Run
from cascade.units import HOUR
from cascade.words import word

if TYPE_CHECKING:
    import pandas as pd

NOTHING_SHOWN: Final = 0.005
"""A loss below this share leaves no mark in a picture."""


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
    ]
    return Strip(word("strip", lang), word("strip_legend", lang), rows, span, "loss")


def sector_strip(run: Run, lang: Lang, cells: int) -> Strip:
    """Show the mean level of each sector that is touched; each cell holds the worst moment of its stretch of time."""
    from cascade.results.impact import sector_levels

    frame = sector_levels(run)
    frame["lost"] = 1 - frame["level"]
    span = _span(frame, "lost", run.horizon)
    rows = [
        (
            run.model.sectors[str(sector)].name[lang],
            [1 - lost for lost in _cells(part["time_h"], part["lost"], span, cells)],
        )
        for sector, part in frame.groupby("sector", sort=True)
        if part["lost"].max() > 0
    ]
    return Strip(word("sector_strip", lang), word("sector_strip_legend", lang), rows, span, "level")


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
