"""What the living page of a run says on paper beside its maps: all processes at the worst moment, and repairs in groups."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from cascade.model import Lang
from cascade.results.impact import sector_weights
from cascade.results.shortfall import People, parts, sums
from cascade.simulation.events import NEVER, Job
from cascade.simulation.run import Run
from cascade.telling.columns import Column, Table, event_name
from cascade.telling.injects import relative
from cascade.telling.replay import SHORT, band, breakable, lanes, spans, total_without
from cascade.units import FULL, HOUR
from cascade.words import clipped, moment, share, word

SHOWN_JOBS: Final = 12
"""Groups of repairs on the page; the rest is counted."""
DUST: Final = 9
"""Digits beyond which a mean is nothing but the rounding of the arithmetic."""


@dataclass(frozen=True)
class Cell:
    """A process at one moment: its name, what it still delivers as a text, its band, and whether an event hits it."""

    name: str
    text: str
    band: int
    struck: bool


@dataclass(frozen=True)
class Lane:
    """A sector at one moment with its processes."""

    name: str
    text: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Lanes:
    """All sectors at one moment, in the order of the living page."""

    title: str
    lanes: tuple[Lane, ...]


def worst_moment(run: Run) -> int | None:
    """Return when (seconds) most people lack a basic need; where nobody does, when processes together deliver least.

    Returns
    -------
    int or None
        The first such moment; None where nothing ever delivers less.
    """
    times, people = total_without(run)
    if people.any():
        return int(times[int(people.argmax())])
    c = run.changes
    if not len(c.time):
        return None
    lost = (c.before - c.after) * parts(run, People(run).base)[c.instance] / FULL
    moments, column = np.unique(c.time, return_inverse=True)
    return int(moments[int(np.cumsum(sums(column, lost, moments.size)).round(DUST).argmax())])


def lanes_at(run: Run, at_s: int, lang: Lang) -> Lanes:
    """Say what every process delivers at a moment (seconds): the lanes of the living page, standing still."""
    model, network = run.model, run.network
    people = People(run)
    loss = 1 - run.levels_at([at_s]).to_numpy()[0]
    by_process = sums(network.process_of, loss * parts(run, people.base), len(network.processes))
    weight = sector_weights(run, people)[2]
    hit = {
        int(network.process_of[i]) for begin, end, copies in spans(run) if begin <= at_s < end for i in copies.tolist()
    }
    made = []
    for sector in lanes(model):
        inside = [n for n, name in enumerate(network.processes) if model.sector_of[name] == sector]
        if not inside:
            continue
        cells = tuple(
            Cell(
                breakable(clipped(model.processes[network.processes[n]].name[lang], SHORT)),
                _left(float(by_process[n]), lang),
                band(float(by_process[n])),
                n in hit,
            )
            for n in inside
        )
        mean = float((by_process[inside] * weight[inside]).sum() / weight[inside].sum())
        made.append(Lane(breakable(model.sectors[sector].name[lang]), _left(mean, lang), cells))
    clock = moment(run.scenario.start, at_s, lang)
    return Lanes(relative(at_s) + (f" · {clock}" if clock else ""), tuple(made))


def _left(lost: float, lang: Lang) -> str:
    return share(min(max(0.0, round(1 - lost, DUST)), 1.0), lang)


def grouped_jobs(run: Run, lang: Lang) -> Table:
    """List the repairs by what happened and by crew: how many, when the first begins and when the last is done."""
    groups: dict[tuple[str, str], list[Job]] = {}
    for job in run.jobs:
        name = event_name(run.model, run.scenario.events[job.event], lang)
        groups.setdefault((name, job.crew), []).append(job)
    rows = sorted((_group(name, crew, jobs) for (name, crew), jobs in groups.items()), key=_in_order)
    rest = rows[SHOWN_JOBS:]
    note = word("replay_jobs_more", lang, n=len(rest), m=sum(row["count"] for row in rest)) if rest else ""
    columns = (
        Column("name", word("replay_jobs_after", lang)),
        Column("count", word("replay_jobs_count", lang), "number"),
        Column("crew", word("crew", lang)),
        Column("begin_h", word("replay_jobs_begin", lang), "hours", empty=word("past_end", lang)),
        Column("end_h", word("replay_jobs_end", lang), "hours", empty=word("past_end", lang)),
    )
    return Table("jobs", word("jobs", lang), columns, rows[:SHOWN_JOBS], note)


def _group(name: str, crew: str, jobs: Iterable[Job]) -> dict[str, Any]:
    """Sum up the repairs of one group; what is never done has no hour."""
    done = list(jobs)
    begin, end = min(job.begin for job in done), max(job.end for job in done)
    return {
        "name": name,
        "count": len(done),
        "crew": crew.replace("-", " "),
        "begin_h": begin / HOUR if begin < NEVER else None,
        "end_h": end / HOUR if end < NEVER else None,
    }


def _in_order(row: dict[str, Any]) -> tuple[float, float, str, str]:
    never = float("inf")
    begin, end = (never if row[key] is None else row[key] for key in ("begin_h", "end_h"))
    return begin, end, row["name"], row["crew"]
