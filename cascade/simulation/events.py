"""A scenario laid onto a network: who is hit, from when to when, and what is left of them meanwhile.

Repair queues are worked off here where crews depend on nothing; those that need something wait for the levels, in
:mod:`cascade.simulation.repairs`. The engine gets one sorted list of what changes from outside.
"""

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cascade.errors import UsageError, did_you_mean
from cascade.model import Event, Hit, HitList, HitSector, HitTag, Measure, Model, Scenario
from cascade.simulation.network import Network
from cascade.units import FULL

NEVER = 2**62


@dataclass(frozen=True, eq=False)
class Imposed:
    """What changes from outside, by time and then by instance; one row per instance and instant.

    Attributes
    ----------
    time : int64 (K)
        Seconds from the start.
    instance : int32 (K)
    own : int64 (K)
        Level that the events leave from then on.
    event : int32 (K)
        First active event, in file order, that leaves just that level; -1 for none.
    wrong : bool (K)
        Whether an event makes the output wrong from then on.
    """

    time: npt.NDArray[np.int64]
    instance: npt.NDArray[np.int32]
    own: npt.NDArray[np.int64]
    event: npt.NDArray[np.int32]
    wrong: npt.NDArray[np.bool_]


class Task(NamedTuple):
    """One repair to be done: the event and the instance, who does it, from when it can be done, and the work (seconds)."""

    event: int
    instance: int
    crew: str
    available: int
    work: int


@dataclass(frozen=True)
class Job:
    """One repair: which event and instance, the crew, and when the work began and ended (seconds).

    A crew that needs something is followed up to the horizon only; what it has not begun or ended by then has `NEVER`.
    """

    event: int
    instance: int
    crew: str
    available: int
    begin: int
    end: int


@dataclass(frozen=True)
class _Piece:
    """One event on one instance, with its window [start, end) and its course of own levels."""

    event: int
    start: int
    end: int
    course: tuple[tuple[int, int], ...]
    wrong: bool


def targets(event: Event, network: Network) -> tuple[int, ...]:
    """Return the instances an event hits, in canonical order, each once.

    Raises
    ------
    UsageError
        If it hits nothing, or asks for a region of a national process named by its id.
    """
    model = _model(network)
    found: set[int] = set()
    for hit in event.hits:
        processes, region = _processes_hit(hit, model)
        named = isinstance(hit, str)
        for process in processes:
            found.update(_copies_hit(event, network, process, region, named))
    if event.assets is not None:
        found = {i for i in found if network.asset_of[i] in event.assets}
    if not found:
        strange = [code for code in event.where or () if code not in network.regions]
        why = f": no region {strange[0]!r}; {did_you_mean(strange[0], network.regions)}" if strange else ""
        raise UsageError(f"event {event.id or event.hits}: it hits nothing{why}")
    return tuple(sorted(found))


def _model(network: Network) -> Model:
    if network.model is None:
        raise UsageError("events need a network compiled from a model")
    return network.model


def _processes_hit(hit: Hit, model: Model) -> tuple[list[str], str | None]:
    if isinstance(hit, str):
        process, _, region = hit.partition("@")
        if process not in model.processes:
            raise UsageError(f"an event hits {process!r}, which is no process of the model")
        return [process], region or None
    if isinstance(hit, HitSector):
        return [p for p, s in model.sector_of.items() if s == hit.sector], None
    if isinstance(hit, HitTag):
        return [p for p, d in model.processes.items() if hit.tag in d.tags], None
    return [p for p, d in model.processes.items() if _listed(d.lists.get(hit.list), hit)], None


def _listed(item: str | None, hit: HitList) -> bool:
    return item is not None and item == hit.item


def _copies_hit(event: Event, network: Network, process: str, region: str | None, named: bool) -> Iterable[int]:
    where = (region,) if region else event.where
    if where is None:
        return network.instances(process)
    if not _model(network).processes[process].regional:
        if named:
            raise UsageError(f"an event hits {process!r} in {', '.join(where)}, but it is national")
        return ()
    return [i for i in network.instances(process) if network.region(i) in where]


def unfold(network: Network, scenario: Scenario) -> tuple[Imposed, tuple[Job, ...]]:
    """Lay a scenario onto a network.

    Returns
    -------
    Imposed
        Every change from outside before the horizon.
    tuple of Job
        The repairs, in the order in which they are begun.

    Raises
    ------
    UsageError
        If an event does not fit the model, or the work of a crew depends on levels; ``repairs.settle`` follows that.
    """
    hits = struck(network, scenario)
    jobs: list[Job] = []
    for crew, tasks in queues(network, scenario, hits).items():
        if scenario.crews[crew].needs:
            raise UsageError(f"crew {crew!r} works as fast as its needs allow, which only a simulation can tell")
        jobs.extend(serve(tasks, scenario.crews[crew].teams))
    return impose(network, scenario, hits, {(j.event, j.instance): j.end for j in jobs}), in_order(jobs)


def in_order(jobs: Iterable[Job]) -> tuple[Job, ...]:
    """Sort jobs by when they are begun."""
    return tuple(sorted(jobs, key=lambda job: (job.begin, job.event, job.instance)))


def struck(network: Network, scenario: Scenario) -> dict[int, tuple[int, ...]]:
    """Return the instances that each event hits, of the events that happen before the horizon."""
    return {e: targets(event, network) for e, event in enumerate(scenario.events) if event.at.mode < scenario.horizon}


def impose(
    network: Network, scenario: Scenario, hits: Mapping[int, tuple[int, ...]], ends: Mapping[tuple[int, int], int]
) -> Imposed:
    """Overlay what hits each instance; a repair without an end, by (event, instance), has not come by the horizon."""
    pieces: dict[int, list[_Piece]] = {}
    for e, instances in hits.items():
        for i in instances:
            pieces.setdefault(i, []).append(_piece(network, e, scenario.events[e], i, ends.get((e, i), NEVER)))
    return _merge(pieces, scenario.horizon)


def queues(network: Network, scenario: Scenario, hits: Mapping[int, tuple[int, ...]]) -> dict[str, tuple[Task, ...]]:
    """Return what waits for each crew, first served first: semantics 9.

    Of the entries of a repair order that name a job the one that singles it out most counts.

    Raises
    ------
    UsageError
        If the scenario has no such crew.
    """
    ranks = {name: rank for rank, name in enumerate(scenario.repair_order)}
    ranked: list[tuple[int, Task]] = []
    for e, instances in hits.items():
        event = scenario.events[e]
        if event.repair is None:
            continue
        if event.repair.crew not in scenario.crews:
            raise UsageError(f"event {e + 1} waits for crew {event.repair.crew!r}, of which the scenario has no team")
        for i in instances:
            rank = next((ranks[n] for n in job_names(network, event.id or "", i) if n in ranks), len(ranks))
            ranked.append((rank, Task(e, i, event.repair.crew, event.at.mode, _work(network, event, i))))
    found: dict[str, list[Task]] = {}
    for _, task in sorted(ranked):
        found.setdefault(task.crew, []).append(task)
    return {crew: tuple(tasks) for crew, tasks in found.items()}


def job_names(network: Network, event: str, instance: int) -> tuple[str, str, str]:
    """Return how a repair order can name a job, what singles it out most first."""
    return f"{event}@{network.labels[instance]}", f"{event}@{network.region(instance)}", event


def serve(tasks: Sequence[Task], teams: int) -> Iterator[Job]:
    """Work off one crew's queue at full speed: the first available task in order goes to the first free team."""
    free = [0] * min(teams, len(tasks))
    coming = deque(sorted((task.available, rank) for rank, task in enumerate(tasks)))
    ready: list[int] = []
    begin = 0
    while coming or ready:
        begin = max(begin, free[0])
        if not ready:
            begin = max(begin, coming[0][0])
        while coming and coming[0][0] <= begin:
            heapq.heappush(ready, coming.popleft()[1])
        event, instance, crew, available, work = tasks[heapq.heappop(ready)]
        heapq.heapreplace(free, begin + work)
        yield Job(event, instance, crew, available, begin, begin + work)


def _work(network: Network, event: Event, instance: int) -> int:
    work = event.repair.work.mode if event.repair else 0
    for measure in network.measures[instance] if network.measures else ():
        factor = _model(network).measures[measure].effect.repair
        if factor is not None:
            work = work * factor.mode // FULL
    return work


def _piece(network: Network, e: int, event: Event, instance: int, repaired: int) -> _Piece:
    start = event.at.mode
    if event.repair is not None:
        end = repaired
    elif event.for_ is not None:
        end = start + event.for_.mode
    else:
        end = event.until.mode if event.until is not None else NEVER
    if event.levels is not None:
        course = tuple((start + after, level.mode) for after, level in sorted(event.levels.items()))
    else:
        course = ((start, event.level.mode if event.level is not None else FULL),)
    if event.deliberate:
        course = tuple((at, _prevented(network, instance, level, event.remote)) for at, level in course)
    return _Piece(e, start, end, course, event.manipulated)


def _prevented(network: Network, instance: int, level: int, remote: bool) -> int:
    """Return what a deliberate hit leaves where guards prevent a share of it."""
    for name in network.measures[instance] if network.measures else ():
        measure = _model(network).measures[name]
        share = measure.effect.prevents
        if share is not None and suits(measure, remote):
            level += (FULL - level) * share.mode // FULL
    return level


def suits(measure: Measure, remote: bool) -> bool:
    """Whether what a measure prevents can be a hit of this kind: from afar, or on the spot."""
    return ("remote" if remote else "on-site") in measure.against


def _merge(pieces: dict[int, list[_Piece]], horizon: int) -> Imposed:
    """Overlay the events on each instance; instances hit alike share the work."""
    courses: dict[tuple[_Piece, ...], list[tuple[int, int, int, bool]]] = {}
    rows: list[tuple[int, int, int, int, bool]] = []
    for instance, on_it in pieces.items():
        key = tuple(on_it)
        if key not in courses:
            courses[key] = list(_overlay(key, horizon))
        rows.extend((at, instance, own, event, wrong) for at, own, event, wrong in courses[key])
    rows.sort()
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), (), ()]
    return Imposed(
        np.array(columns[0], np.int64),
        np.array(columns[1], np.int32),
        np.array(columns[2], np.int64),
        np.array(columns[3], np.int32),
        np.array(columns[4], np.bool_),
    )


def _overlay(pieces: tuple[_Piece, ...], horizon: int) -> Iterator[tuple[int, int, int, bool]]:
    """Yield (time, own level, event, wrong) whenever one of them changes."""
    moments = {at for p in pieces for at in (p.start, p.end, *(at for at, _ in p.course)) if at < horizon}
    before = (FULL, -1, False)
    for at in sorted(moments):
        levels = [(p.event, _level(p, at)) for p in pieces if p.start <= at < p.end]
        own = min((level for _, level in levels), default=FULL)
        event = -1 if own == FULL else next(e for e, level in levels if level == own)
        now = (own, event, any(p.wrong and p.start <= at < p.end for p in pieces))
        if now != before:
            yield (at, *now)
        before = now


def _level(piece: _Piece, at: int) -> int:
    return next((level for when, level in reversed(piece.course) if when <= at), FULL)
