"""What can be noticed of a run, without words: when something begins to fail, fails further or is back, and where.

The log holds every change of every copy. People notice bands, not per cents, and nobody reports what passes in minutes;
so short stays in a band are passed over, and what happens to one process in several regions at about the same time is one
thing. All limits are own choices.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from cascade.results.shortfall import People
from cascade.simulation.run import Run
from cascade.units import FULL, HOUR, MINUTE

MIRRORS: Final = "indicator"
"""Tag of processes that only sum up others, or stand in for them: nobody notices them by themselves."""
BANDS: Final = ("back", "less", "poor", "gone")
"""Names of the bands, from best to worst; the best is only told after another."""
LIMITS: Final = (9_000, 5_000, 1_000)
"""Lowest levels (1/10 000) of the first three bands."""
SETTLES: Final = 15 * MINUTE
"""Seconds; a band that is left again within this is not told."""
LASTS: Final = HOUR
"""Seconds; what works better for less is not told, nor, where it was back, its failing again."""
WINDOW: Final = 30 * MINUTE
"""Seconds within which the same thing in several regions is one, at the start;"""
SLOWER: Final = 0.1
"""and this part of the time that has passed, if that is more: who is a day on does not count in minutes;"""
WIDEST: Final = 2 * HOUR
"""but never more than this."""
SEVERITY: Final = {"less": 0.3, "poor": 0.7, "gone": 1.0, "back": 0.5}
PARTLY: Final = 0.3
"""Weight of working better without being back."""
UNCOUNTED: Final = 0.05
"""Share of the inhabitants taken to be concerned where the model does not say how many rely on a process."""


@dataclass(frozen=True)
class Notice:
    """One process in one region (or nationally) comes into a band."""

    time: int
    process: str
    region: str
    """Code; empty for a national process."""
    band: str
    better: bool
    """Whether it was worse before."""
    turn: int
    """How often this has been told of it before, from 0."""
    instance: int
    """The copy it follows from; of several assets in a region the worst."""


@dataclass(frozen=True)
class Happening:
    """The same thing at about the same time in one or more regions."""

    process: str
    band: str
    time: int
    until: int
    regions: tuple[str, ...]
    """Codes in order of time; empty for a national process."""
    instance: int
    """The first copy."""
    better: bool
    turn: int
    people: int
    """People who rely on it there; 0 where the model does not say."""
    weight: float
    """How much there is to notice: people, severity, and half for every time it was told before."""


def notices(
    run: Run, settles: int = SETTLES, lasts: int = LASTS, after: Mapping[str, int] | None = None
) -> list[Notice]:
    """Return what can be noticed of every process in every region, in order of time.

    Parameters
    ----------
    run : Run
    settles : int
        Seconds; shorter stays in a band are passed over.
    lasts : int
        Seconds; the same for working better.
    after : mapping of str to int, optional
        Process to seconds until anybody notices that it fails; what is back by then is not told.
    """
    later = after or {}
    found = []
    for (process, region), copies in sorted(_copies(run).items()):
        if MIRRORS in run.model.processes[process].tags:
            continue
        instance = max(copies, key=lambda i: (_lost(run, i), -i))
        turns: dict[str, int] = {}
        course = _told(_course(run, copies), settles, lasts, run.horizon)
        before = "back"
        for time, band in _delayed(course, later.get(process, 0), run.horizon):
            turn = turns.get(band, 0)
            turns[band] = turn + 1
            better = BANDS.index(band) < BANDS.index(before)
            found.append(Notice(time, process, region, band, better, turn, instance))
            before = band
    return sorted(found, key=lambda one: (one.time, one.process, one.region))


def _copies(run: Run) -> dict[tuple[str, str], list[int]]:
    network, found = run.network, dict[tuple[str, str], list[int]]()
    for i in np.unique(run.changes.instance).tolist():
        found.setdefault((network.process(i), network.region(i) or ""), []).append(i)
    for (process, region), copies in found.items():
        copies[:] = network.instances(process, region or None)
    return found


def _lost(run: Run, instance: int) -> int:
    return int(run.state.proc["lost"][instance])


def _course(run: Run, copies: Sequence[int]) -> list[tuple[int, int]]:
    """Moments and mean levels (1/10 000, rounded down) of some copies; assets of one region count alike."""
    steps = [list(zip(*(column.tolist() for column in run.stretches(i)[::2]), strict=True)) for i in copies]
    if len(steps) == 1:
        return steps[0]
    level = [FULL] * len(copies)
    moves = sorted((time, k, value) for k, one in enumerate(steps) for time, value in one)
    course: dict[int, int] = {}
    total = FULL * len(copies)
    for time, k, value in moves:
        total += value - level[k]
        level[k] = value
        course[time] = total // len(copies)
    return list(course.items())


def band_of(level: int) -> int:
    """Return the number of the band that a level (1/10 000) lies in."""
    return next((k for k, limit in enumerate(LIMITS) if level >= limit), len(LIMITS))


def _told(course: Iterable[tuple[int, int]], settles: int, lasts: int, horizon: int) -> list[tuple[int, str]]:
    """Return when a course comes into a band that is worth telling."""
    stays = [(-settles, 0)]  # healthy until it begins
    for time, level in course:
        band = band_of(level)
        if len(stays) > 1 and time - stays[-1][0] < (settles if stays[-1][1] else lasts):
            stays.pop()
        if stays[-1][1] != band:
            stays.append((time, band))
    told: list[tuple[int, str]] = []
    here = 0
    for (time, band), (following, _) in pairwise([*stays, (horizon, 0)]):
        # what gets better for a moment is no news
        if band > here or (band < here and following - time >= lasts):
            told.append((time, BANDS[band]))
            here = band
    return told


def _delayed(told: Sequence[tuple[int, str]], after: int, horizon: int) -> Iterator[tuple[int, str]]:
    """Put off what nobody notices at once; leave out what is worse, or back, before anybody does."""
    shown = False
    for (time, band), (following, _) in pairwise([*told, (horizon, "")]):
        if band == "back":
            if shown:
                yield time, band
            shown = False
        elif time + after < following:
            yield time + after, band
            shown = True


def window_at(time: int, window: int) -> int:
    """Return within how many seconds things count as happening at about the same time, at a moment of a run."""
    return min(WIDEST, max(window, round(SLOWER * time)))


def happenings(
    run: Run,
    among: Iterable[Notice],
    window: int = WINDOW,
    within: Sequence[str] = (),
    concerns: Mapping[str, int] | None = None,
) -> list[Happening]:
    """Take together what happens to one process in several regions at about the same time.

    Parameters
    ----------
    run : Run
    among : iterable of Notice
        In order of time.
    window : int
        Seconds between the first and the last at the start of the run.
    within : sequence of str
        Codes of the regions that are looked at; what is national counts for them alone. Left out: all of them.
    concerns : mapping of str to int, optional
        Process to the share of the inhabitants (1/10 000) whom it matters to, where that is more than rely on it.

    Returns
    -------
    list of Happening
        In order of time; no notice is lost.
    """
    open_: dict[tuple[str, str, bool, int], list[Notice]] = {}
    closed: list[list[Notice]] = []
    for notice in among:
        key = (notice.process, notice.band, notice.better, min(notice.turn, 1))
        group = open_.get(key)
        if group and notice.time - group[0].time <= window_at(group[0].time, window):
            group.append(notice)
            continue
        if group:
            closed.append(group)
        open_[key] = [notice]
    closed += open_.values()
    people = People(run)
    regions = run.model.regions
    part = sum(regions[code].population for code in within) / max(1, run.model.population) if within else 1.0
    share = concerns or {}
    made = [_happening(run, group, people, part, share.get(group[0].process, 0)) for group in closed]
    return sorted(made, key=lambda one: (one.time, -one.weight, one.process, one.band))


def _happening(run: Run, group: Sequence[Notice], people: People, part: float, concerned: int) -> Happening:
    """Join notices of one process; ``part`` is the share of the country that is looked at."""
    first, model = group[0], run.model
    regions = tuple(dict.fromkeys(notice.region for notice in group if notice.region))
    homes = {notice.region for notice in group}
    living = sum(model.regions[code].population if code else model.population for code in homes)
    counted = sum(int(people.weight[i]) // FULL for notice in group for i in _all(run, notice))
    if not first.region:
        counted, living = round(counted * part), round(living * part)
    weight = max(counted or UNCOUNTED * living, living * concerned / FULL) * SEVERITY[first.band] / 2**first.turn
    if model.processes[first.process].basic_need:
        weight *= 2
    if first.better and first.band != "back":
        weight *= PARTLY
    last = max(notice.time for notice in group)
    return Happening(
        first.process,
        first.band,
        first.time,
        last,
        regions,
        first.instance,
        first.better,
        first.turn,
        counted,
        float(weight),
    )


def _all(run: Run, notice: Notice) -> Sequence[int]:
    return run.network.instances(notice.process, notice.region or None)


def certainty(run: Run, instance: int, at: int) -> str:
    """Return the weakest evidence along the chain that led to a state: ``high``, ``medium`` or ``low``.

    What nobody has graded counts as low; the events themselves are given, and count as high.
    """
    order = ("high", "medium", "low")
    worst = 0
    for link in run.chain(instance, at):
        graded: str | None = "high"
        if link.need:
            graded = run.model.processes[run.network.process(link.instance)].needs[link.need].confidence
        worst = max(worst, order.index(graded or "low"))
    return order[worst]


@dataclass(frozen=True)
class Moved:
    """What happens at another time, no longer, or only now, in two runs of the same model; regions alike together."""

    process: str
    band: str
    regions: tuple[str, ...]
    """Codes, sorted; empty for a national process."""
    before: int | None
    """Seconds; None where it only happens now."""
    after: int | None
    """Seconds; None where it no longer happens."""
    people: int


def moved(before: Run, after: Run, noticed_after: Mapping[str, int] | None = None) -> list[Moved]:
    """Compare what can be noticed of two runs, process by process and region by region.

    Parameters
    ----------
    before, after : Run
        Of the same model; processes that only one of them has are left out.
    noticed_after : mapping of str to int, optional
        As for :func:`notices`.

    Returns
    -------
    list of Moved
        Those with most people first, then by time and process.
    """
    known = set(before.network.processes) & set(after.network.processes)
    sides: list[dict[tuple[str, str, str, int], int]] = []
    for run in (before, after):
        told = [one for one in notices(run, after=noticed_after) if one.process in known]
        sides.append({(one.process, one.region, one.band, one.turn): one.time for one in told})
    groups: dict[tuple[str, str, int | None, int | None], set[str]] = {}
    for key in sides[0].keys() | sides[1].keys():
        process, region, band, _ = key
        times = (sides[0].get(key), sides[1].get(key))
        if times[0] != times[1]:
            groups.setdefault((process, band, times[0], times[1]), set()).add(region)
    people = People(before)
    found = [
        Moved(process, band, tuple(sorted(regions - {""})), was, now, _relying(before, process, regions, people))
        for (process, band, was, now), regions in groups.items()
    ]
    return sorted(found, key=lambda one: (-one.people, _first(one), one.process, one.band, one.regions))


def _first(one: Moved) -> int:
    return min(time for time in (one.before, one.after) if time is not None)


def _relying(run: Run, process: str, regions: Iterable[str], people: People) -> int:
    copies = [i for region in regions for i in run.network.instances(process, region or None)]
    return sum(int(people.weight[i]) // FULL for i in copies)
