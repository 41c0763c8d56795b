"""A run in people, hours and euros: the tables of who goes without what, and how serious that is."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import fsum
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from cascade.errors import UsageError
from cascade.model import ParameterSet
from cascade.results.shortfall import (
    PERSON,
    PERSON_HOUR,
    Flags,
    Floats,
    Ints,
    Layer,
    People,
    Tally,
    area,
    height,
    parts,
    sums,
    tally_up,
    whole,
)
from cascade.simulation.run import Run
from cascade.units import FULL, HOUR

Totals: TypeAlias = dict[str, int | float | None]
NO_SCORE: Final = "-"
MOST_POINTS: Final = 2_000


# ------------------------------------------------------------------ tables


@dataclass(frozen=True, eq=False)
class Impact:
    """What a run means for people: tidy tables, in order of id.

    Hours are fractions of hours, levels shares (0 to 1), people, person-hours and euros whole. ``first_h`` is the first
    loss (NaN: none), ``back_h`` the moment from which all is back to the end (NaN: nothing lost, or not back),
    ``_beyond`` counts only what comes after the self-reliance period of each spell. A person who lacks two services
    counts twice in the ``person_h`` of copies, processes, sectors, regions and the country, so that tables add up, but
    once in ``peak_people`` and in everything about basic needs.
    """

    by_copy: pd.DataFrame
    """One row per instance: ``sector, process, region, instance, people, lost_h, lowest, first_h, back_h, direct_h,
    cascade_h, peak_people, person_h, person_h_beyond, cost_eur, locked, hit``."""
    by_process: pd.DataFrame
    """The same without region and instance, with ``regions_hit``; hours are means over the inhabitants."""
    by_sector: pd.DataFrame
    """With ``processes, processes_hit, regions_hit``; hours and ``lowest`` are those of the sector's mean level."""
    by_region: pd.DataFrame
    """With the region's part of the national processes, by inhabitants."""
    basic_needs: pd.DataFrame
    """One row per region: ``people, peak_people, person_h, person_h_beyond, longest_h, worst_process``."""
    anv: pd.DataFrame
    """One row per criterion: ``criterion, title, score`` (A to E, - for none), ``label, people, duration_h, cost_eur``
    (what gave the score; None where it does not apply), ``parameters, source``."""
    run: Run = field(repr=False)
    """What was counted."""
    totals: Totals = field(default_factory=dict)
    """``people_peak`` (lack at least one thing, at the same moment), ``basic_people_peak``, ``first_effect_h`` (first
    loss of a copy that no event hits), ``direct_share`` and ``cascade_share`` (of the person-hours),
    ``direct_share_h`` (of the lost hours, a process counting once), and so on; None where there is nothing to count."""

    def __repr__(self) -> str:
        return f"Impact({self.run.scenario.name.en!r})"

    def _repr_html_(self) -> str:
        """Show itself in a notebook."""
        import cascade

        return cascade.html(self)


def assess(run: Run, sets: Iterable[str] | None = None) -> Impact:
    """Count what a run means for people, in hours and in euros.

    Parameters
    ----------
    run : Run
    sets : str or iterable of str, optional
        Names of the parameter sets to score with; by default every one of the model that measures something.

    Returns
    -------
    Impact
        Spells that last to the horizon end there; what comes later is not counted.

    Raises
    ------
    UsageError
        If there is no such parameter set, or it measures nothing.
    """
    people = People(run)
    tally = tally_up(run, people)
    by_process = _by_process(run, people, tally)
    basic_needs = _basic_needs(run, people)
    return Impact(
        by_copy=_by_copy(run, people, tally),
        by_process=by_process,
        by_sector=_by_sector(run, people, tally, by_process),
        by_region=_by_region(run, people, tally),
        basic_needs=basic_needs,
        anv=_anv(run, people, int(whole(tally.cost.sum())), sets),
        run=run,
        totals=_totals(run, people, tally),
    )


def _by_copy(run: Run, people: People, tally: Tally) -> pd.DataFrame:
    network, model = run.network, run.model
    process = np.array(network.processes, object)[network.process_of]
    return pd.DataFrame(
        {
            "sector": [model.sector_of.get(p, "") for p in process],
            "process": process,
            "region": np.array((*network.regions, ""), object)[network.region_of],
            "instance": np.array(network.labels, object),
            "people": whole(people.weight / FULL),
            "lost_h": tally.lost / (FULL * HOUR),
            "lowest": tally.lowest / FULL,
            "first_h": tally.first,
            "back_h": tally.back,
            "direct_h": tally.direct / (FULL * HOUR),
            "cascade_h": (tally.lost - tally.direct) / (FULL * HOUR),
            "peak_people": whole(people.weight * (FULL - tally.lowest) / PERSON),
            "person_h": whole(tally.person_h),
            "person_h_beyond": whole(tally.beyond_h),
            "cost_eur": whole(tally.cost),
            "locked": tally.locked,
            "hit": tally.hit,
        }
    )


def _by_process(run: Run, people: People, tally: Tally) -> pd.DataFrame:
    """Sum copies; hours are means over the inhabitants. ``back_h`` is NaN until all copies are back."""
    network, model = run.network, run.model
    of, count = network.process_of, len(network.processes)
    copies = pd.DataFrame(
        {
            "lowest": tally.lowest / FULL,
            "first_h": tally.first,
            "back_h": tally.back,
            "region": np.where((tally.lost > 0) & (network.region_of >= 0), network.region_of, np.nan),
            "still": ~np.isnan(tally.first) & np.isnan(tally.back),
            "hit": tally.hit,
        }
    ).groupby(of)

    def total(values: Floats | Ints | Flags) -> Floats:
        return sums(of, values, count)

    lost, direct = (total(v * tally.part) / (FULL * HOUR) for v in (tally.lost, tally.direct))
    return pd.DataFrame(
        {
            "sector": [model.sector_of.get(p, "") for p in network.processes],
            "process": np.array(network.processes, object),
            "people": whole(total(people.weight) / FULL),
            "regions_hit": copies["region"].nunique().to_numpy(),
            "lost_h": lost,
            "lowest": copies["lowest"].min().to_numpy(),
            "first_h": copies["first_h"].min().to_numpy(),
            "back_h": np.where(copies["still"].any(), np.nan, copies["back_h"].max()),
            "direct_h": direct,
            "cascade_h": lost - direct,
            "peak_people": _process_peaks(run, people),
            "person_h": whole(total(tally.person_h)),
            "person_h_beyond": whole(total(tally.beyond_h)),
            "cost_eur": whole(total(tally.cost)),
            "locked": total(tally.locked).astype(np.int64),
            "hit": copies["hit"].any().to_numpy(),
        }
    )


def _process_peaks(run: Run, people: People) -> Ints:
    """Most people without each process at the same moment, over all its copies."""
    c = run.changes
    of = run.network.process_of[c.instance]
    found = np.zeros(len(run.network.processes), np.int64)
    order = np.argsort(of, kind="stable")
    of, time = of[order], c.time[order]
    if of.size:
        without = np.cumsum(((c.before - c.after) * people.weight[c.instance])[order])
        begins = np.append(True, of[1:] != of[:-1])
        without -= np.append(0, without[:-1])[begins][np.cumsum(begins) - 1]
        # several copies change at one instant: only the last sum of an instant ever held
        holds = np.append((of[1:] != of[:-1]) | (time[1:] != time[:-1]), True)
        np.maximum.at(found, of[holds], without[holds])
    return whole(found / PERSON)


def sector_weights(run: Run, people: People) -> tuple[list[str], Ints, Floats]:
    """Sectors (S), the sector of each process (P), and the process's weight in its sector (P), adding up to 1.

    A process weighs by the people who rely on it; one without a number weighs the mean of its sector. Own choice.
    """
    network, model = run.network, run.model
    names = [model.sector_of.get(p, "") for p in network.processes]
    sectors = sorted(set(names))
    number = np.array([sectors.index(name) for name in names], np.int64)
    relying = sums(network.process_of, people.weight, len(names))
    counted = sums(number, relying > 0, len(sectors))
    mean = sums(number, relying, len(sectors)) / np.maximum(counted, 1)
    mean[counted == 0] = 1
    weight = np.where(relying > 0, relying, mean[number])
    return sectors, number, weight / sums(number, weight, len(sectors))[number]


def _sector_curves(run: Run, people: People) -> dict[str, tuple[Ints, Floats]]:
    """Mean level of each sector: moments of change (seconds, from 0) and the share that holds from then on."""
    sectors, number, weight = sector_weights(run, people)
    c, of = run.changes, run.network.process_of
    step = (c.before - c.after) * (parts(run, people.base) * weight[of])[c.instance] / FULL
    found = {}
    for s, sector in enumerate(sectors):
        rows = np.flatnonzero(number[of[c.instance]] == s)
        times, column = np.unique(np.append(c.time[rows], 0), return_inverse=True)
        lost = np.cumsum(sums(column, np.append(step[rows], 0.0), times.size))
        # adding and taking away fractions leaves dust of the size of the arithmetic
        level: Floats = np.clip(1 - np.round(lost, 12), 0, 1)
        found[sector] = (times, level)
    return found


def _by_sector(run: Run, people: People, tally: Tally, by_process: pd.DataFrame) -> pd.DataFrame:
    """Sum processes; hours and lowest are those of the sector's mean level (see `sector_levels`)."""
    sectors, number, weight = sector_weights(run, people)
    curves = _sector_curves(run, people)
    of = number[run.network.process_of]
    local = (tally.lost > 0) & (run.network.region_of >= 0)
    rows = [np.flatnonzero(number == s).tolist() for s in range(len(sectors))]

    def mean(column: str) -> Floats:
        return sums(number, by_process[column].to_numpy(float) * weight, len(sectors))

    def total(values: Floats) -> Ints:
        return whole(sums(of, values, len(sectors)))

    lost, direct = mean("lost_h"), mean("direct_h")
    affected = by_process["first_h"].notna().to_numpy()
    return pd.DataFrame(
        {
            "sector": np.array(sectors, object),
            "processes": np.bincount(number, minlength=len(sectors)),
            "processes_hit": sums(number, affected, len(sectors)).astype(np.int64),
            "regions_hit": [np.unique(run.network.region_of[local & (of == s)]).size for s in range(len(sectors))],
            "lost_h": lost,
            "lowest": [float(curves[sector][1].min()) for sector in sectors],
            "first_h": by_process.groupby(number)["first_h"].min().to_numpy(),
            "direct_h": direct,
            "cascade_h": lost - direct,
            "peak_people": [round(people.peak(r) / PERSON) for r in rows],
            "person_h": total(tally.person_h),
            "person_h_beyond": total(tally.beyond_h),
            "cost_eur": total(tally.cost),
            "locked": total(tally.locked.astype(float)),
        }
    )


def _by_region(run: Run, people: People, tally: Tally) -> pd.DataFrame:
    """Sum copies in a region, and its part of the national processes by inhabitants, so that regions add up.

    ``lost_h`` (a sum over its copies), ``copies_hit``, ``first_h`` and ``locked`` look at the region's own copies only.
    """
    of, regions = run.network.region_of, run.network.regions
    here = of >= 0
    population = people.populations
    part = population / max(1, run.model.population)

    def local(values: Floats | Ints | Flags) -> Floats:
        return sums(of[here], values[here], len(regions))

    def shared(values: Floats) -> Ints:
        return whole(local(values) + values[~here].sum() * part)

    first = np.full(len(regions), np.inf)
    np.fmin.at(first, of[here], tally.first[here])
    return pd.DataFrame(
        {
            "region": np.array(regions, object),
            "name": [run.model.regions[r].name for r in regions],
            "people": population,
            "copies_hit": local(tally.lost > 0).astype(np.int64),
            "lost_h": local(tally.lost) / (FULL * HOUR),
            "first_h": np.where(np.isinf(first), np.nan, first),
            "peak_people": [round(int(v.max()) / PERSON) for _, v in people.curves(_relied_on(people))],
            "person_h": shared(tally.person_h),
            "person_h_beyond": shared(tally.beyond_h),
            "cost_eur": shared(tally.cost),
            "locked": local(tally.locked).astype(np.int64),
        }
    )


def _relied_on(people: People) -> list[int]:
    return np.flatnonzero(people.share > 0).tolist()


def _basic_needs(run: Run, people: People) -> pd.DataFrame:
    """Count in each region the people without the scarcest of their basic needs."""
    network, limit = run.network, run.model.info.self_reliance
    found = []
    for r, spells in enumerate(people.spells(people.basic)):
        found.append(
            {
                "region": network.regions[r],
                "people": int(people.populations[r]),
                "peak_people": round(max((s.high for s in spells), default=0) / PERSON),
                "person_h": round(area(spells) / PERSON_HOUR),
                "person_h_beyond": round(area(spells, limit) / PERSON_HOUR),
                "longest_h": max((s.end - s.start for s in spells), default=0) / HOUR,
                "worst_process": _worst(people, r),
            }
        )
    columns = ["region", "people", "peak_people", "person_h", "person_h_beyond", "longest_h", "worst_process"]
    return pd.DataFrame(found, columns=columns)


def _worst(people: People, region: int) -> str:
    """Name the basic need that cost the people of a region the most hours; the first by id among equals."""
    times, table = people.tables[region]
    lasting = np.diff(times, append=people.run.horizon)
    lost = {row: float(table[row] @ lasting.astype(float)) for row in people.basic}
    row = max(lost, key=lambda p: (lost[p], -p), default=-1)
    return people.run.network.processes[row] if row >= 0 and lost[row] > 0 else ""


def _totals(run: Run, people: People, tally: Tally) -> Totals:
    network, model = run.network, run.model
    basic = [s for spells in people.spells(people.basic) for s in spells]
    affected = ~np.isnan(tally.first)
    indirect = tally.first[affected & ~tally.hit]
    person_h, direct = float(tally.person_h.sum()), float(tally.direct_person_h.sum())
    lost, direct_lost = (float((v * tally.part).sum()) for v in (tally.lost, tally.direct))
    processes = np.unique(network.process_of[affected])
    return {
        "population": model.population,
        "horizon_h": run.horizon / HOUR,
        "people_peak": round(people.peak(_relied_on(people)) / PERSON),
        "person_h": round(person_h),
        "person_h_beyond": round(float(tally.beyond_h.sum())),
        "basic_people_peak": round(people.peak(people.basic) / PERSON),
        "basic_person_h": round(area(basic) / PERSON_HOUR),
        "basic_person_h_beyond": round(area(basic, model.info.self_reliance) / PERSON_HOUR),
        "cost_eur": round(fsum(tally.cost)),
        "first_effect_h": float(indirect.min()) if indirect.size else None,
        "direct_share": direct / person_h if person_h else None,
        "cascade_share": 1 - direct / person_h if person_h else None,
        "direct_share_h": direct_lost / lost if lost else None,
        "sectors_hit": len({model.sector_of.get(network.processes[p], "") for p in processes.tolist()}),
        "processes_hit": int(processes.size),
        "regions_hit": int(np.unique(network.region_of[affected & (network.region_of >= 0)]).size),
        "locked": int(tally.locked.sum()),
    }


# ------------------------------------------------------------------ criteria


class _Scored(NamedTuple):
    """A class, and the number of people and the duration (seconds) that gave it."""

    score: str
    people: int
    duration: int


def _anv(run: Run, people: People, cost: int, sets: Iterable[str] | None) -> pd.DataFrame:
    """Score a run on the criteria of the model's parameter sets.

    Source
    ------
    ANV method, criteria 2.3, 3.1 and 5.1, with the limits of the named sets; which spells count: own choice.
    """
    labels = next((s.labels for s in run.model.info.parameters.values() if s.labels), {})
    found: list[dict[str, Any]] = []
    for name, chosen in _chosen(run, sets):
        scored = _costs(chosen, cost) if chosen.measure == "costs" else _spelled(chosen, people)
        of_people = chosen.measure != "costs"
        found.append(
            {
                "criterion": chosen.criterion or name,
                "title": chosen.title,
                "score": scored.score,
                "label": labels.get(scored.score),
                "people": scored.people if of_people else None,
                "duration_h": scored.duration / HOUR if of_people and scored.people else None,
                "cost_eur": None if of_people else cost,
                "parameters": name,
                "source": ", ".join(chosen.source),
            }
        )
    columns = ["criterion", "title", "score", "label", "people", "duration_h", "cost_eur", "parameters", "source"]
    found.sort(key=lambda row: (row["criterion"], row["parameters"]))
    # object columns: pandas would turn whole numbers beside an empty cell into fractions
    return pd.DataFrame(found, columns=columns, dtype=object)


def _chosen(run: Run, sets: Iterable[str] | None) -> list[tuple[str, ParameterSet]]:
    known = {name: s for name, s in run.model.info.parameters.items() if s.measure is not None}
    sets = [sets] if isinstance(sets, str) else None if sets is None else list(sets)
    for name in sets or ():
        if name not in known:
            raise UsageError(f"no parameter set {name!r} that measures something (known: {', '.join(known)})")
    found = [(name, known[name]) for name in (known if sets is None else sets)]
    for name, chosen in found:
        if not _fits(chosen):
            raise UsageError(
                f"parameter set {name!r} does not hang together: rising limits, as many rows of scores as durations, "
                "and one score more than limits in each"
            )
    return found


def _fits(chosen: ParameterSet) -> bool:
    limits = chosen.limits if chosen.measure == "costs" else chosen.people
    scores, durations = chosen.scores or (), chosen.durations or ()
    rows = [scores] if chosen.measure == "costs" else list(scores)
    heights_fit = chosen.measure == "costs" or len(rows) == len(durations) > 0
    rising = all(tuple(sorted(set(values))) == values for values in (limits or (), durations))
    return limits is not None and rising and heights_fit and all(len(row) == len(limits) + 1 for row in rows)


def _costs(chosen: ParameterSet, cost: int) -> _Scored:
    classes = [str(score) for score in chosen.scores or ()]
    return _Scored(classes[bisect_left(chosen.limits or (), cost)] if cost > 0 else NO_SCORE, 0, 0)


def _spelled(chosen: ParameterSet, people: People) -> _Scored:
    """Score people without for so long; the highest class over the rows of durations, among equals the shortest."""
    if chosen.measure == "basic-need":
        rows = people.basic if chosen.processes is None else people.rows(chosen.processes)
        indicators = []
    else:
        indicators = [people.rows(i.processes) for i in (chosen.indicators or {}).values()]
        rows = sorted({row for indicator in indicators for row in indicator})
    spells = people.spells(rows)
    single = [people.spells(indicator) for indicator in indicators]
    order = sorted({score for row in chosen.scores or () for score in row})
    best = _Scored(NO_SCORE, 0, 0)
    for duration, classes in zip(chosen.durations or (), chosen.scores or (), strict=True):
        number = _without(spells, duration)
        if number == 0:
            continue
        column = bisect_left(chosen.people or (), number)
        hit = sum(1 for part in single if _counts(_without(part, duration), column, chosen))
        score = _corrected(order, classes[column], chosen, hit)
        if best.score == NO_SCORE or order.index(score) > order.index(best.score):
            best = _Scored(score, number, duration)
    return best


def _without(spells: list[list[Layer]], duration: int) -> int:
    """People who go without for at least so many seconds on end, over all regions."""
    return round(sum(height(s, duration) for s in spells) / PERSON)


def _counts(number: int, column: int, chosen: ParameterSet) -> bool:
    """Whether an indicator counts: it reaches the same class of numbers of people as the disruption. Own choice."""
    return number > 0 and bisect_left(chosen.people or (), number) >= column


def _corrected(order: list[str], score: str, chosen: ParameterSet, hit: int) -> str:
    """Move a class down or up by the number of indicators hit, not beyond the lowest or the highest class."""
    if chosen.correction is None:
        return score
    step = int(hit >= chosen.correction.plus_one_from) - int(hit <= chosen.correction.minus_one_up_to)
    return order[min(max(order.index(score) + step, 0), len(order) - 1)]


# ------------------------------------------------------------------ over time


def people_without(run: Run) -> pd.DataFrame:
    """Return how many people lack a basic need over time, region by region.

    Returns
    -------
    pandas.DataFrame
        Columns ``time_h``, ``region``, ``people``: each number holds until the next row of its region; every region
        has a row at 0 and one at the horizon.
    """
    people = People(run)
    found = []
    for region, (times, values) in zip(run.network.regions, people.curves(people.basic), strict=True):
        keep = np.append(True, values[1:] != values[:-1])
        found.append(_steps(times[keep], whole(values[keep] / PERSON), run.horizon, "people", region=region))
    return _joined(found, ["time_h", "region", "people"])


def sector_levels(run: Run) -> pd.DataFrame:
    """Return the mean level of each sector over time.

    Copies weigh by inhabitants; a process by the people who rely on it, one without a number by the mean of its sector.

    Returns
    -------
    pandas.DataFrame
        Columns ``sector``, ``time_h``, ``level`` (0 to 1): each level holds until the next row of its sector; a row
        at 0 and one at the horizon, at most about 2000 in between (of crowded moments the first and the lowest).
    """
    found = []
    for sector, (times, level) in _sector_curves(run, People(run)).items():
        keep = _thin(level)
        found.append(_steps(times[keep], level[keep], run.horizon, "level", sector=sector))
    return _joined(found, ["sector", "time_h", "level"])


def _steps(times: Ints, values: Ints | Floats, horizon: int, name: str, **label: str) -> pd.DataFrame:
    """Lay out one step function as rows, its last value repeated at the horizon."""
    frame = pd.DataFrame({"time_h": np.append(times, horizon) / HOUR, name: np.append(values, values[-1:])})
    return frame.assign(**label)


def _joined(frames: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)


def _thin(level: Floats) -> Ints:
    """Choose at most ``MOST_POINTS`` rows that still show where a curve goes and how low it gets."""
    if level.size <= MOST_POINTS:
        return np.arange(level.size)
    groups = np.array_split(np.arange(level.size), MOST_POINTS // 2)
    return np.unique([row for g in groups for row in (g[0], g[np.argmin(level[g])])])
