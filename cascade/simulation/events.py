"""A scenario laid onto a network: who is hit, from when to when, and what is left of them meanwhile.

Repair queues are worked off here, since neither hits nor crews depend on levels; the engine gets one sorted list of
what changes from outside.
"""

import heapq
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cascade.errors import UsageError, did_you_mean
from cascade.model import Event, Hit, HitList, HitSector, HitTag, Model, Scenario
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


@dataclass(frozen=True)
class Job:
    """One repair: which event and instance, the crew, and when the work began and ended (seconds)."""

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
    """
    hits = {e: targets(event, network) for e, event in enumerate(scenario.events) if event.at.mode < scenario.horizon}
    jobs = _work_off(network, scenario, hits)
    repaired = {(job.event, job.instance): job.end for job in jobs}
    pieces: dict[int, list[_Piece]] = {}
    for e, instances in hits.items():
        for i in instances:
            pieces.setdefault(i, []).append(_piece(network, e, scenario.events[e], i, repaired))
    return _merge(pieces, scenario.horizon), jobs


def _work_off(network: Network, scenario: Scenario, hits: dict[int, tuple[int, ...]]) -> tuple[Job, ...]:
    """Serve each crew's queue: the first available job in order goes to the first free team."""
    order = {name: rank for rank, name in enumerate(scenario.repair_order)}
    ranked = sorted(
        (e for e in hits if scenario.events[e].repair),
        key=lambda e: (order.get(scenario.events[e].id or "", len(order)), e),
    )
    waiting: dict[str, list[tuple[int, int, int, int]]] = {}
    for e in ranked:
        event = scenario.events[e]
        if event.repair is None:
            continue
        for i in hits[e]:
            queue = waiting.setdefault(event.repair.crew, [])
            queue.append((event.at.mode, len(queue), e, i))
    jobs: list[Job] = []
    for crew, queue in waiting.items():
        if crew not in scenario.crews:
            raise UsageError(f"event {queue[0][2] + 1} waits for crew {crew!r}, of which the scenario has no team")
        jobs.extend(_serve(network, scenario, crew, queue))
    return tuple(sorted(jobs, key=lambda job: (job.begin, job.event, job.instance)))


def _serve(network: Network, scenario: Scenario, crew: str, queue: list[tuple[int, int, int, int]]) -> Iterator[Job]:
    free = [0] * min(scenario.crews[crew], len(queue))
    coming = deque(sorted(queue))
    ready: list[tuple[int, int, int, int]] = []
    begin = 0
    while coming or ready:
        begin = max(begin, free[0])
        if not ready:
            begin = max(begin, coming[0][0])
        while coming and coming[0][0] <= begin:
            available, rank, e, i = coming.popleft()
            heapq.heappush(ready, (rank, available, e, i))
        _, available, e, i = heapq.heappop(ready)
        end = begin + _work(network, scenario.events[e], i)
        heapq.heapreplace(free, end)
        yield Job(e, i, crew, available, begin, end)


def _work(network: Network, event: Event, instance: int) -> int:
    work = event.repair.work.mode if event.repair else 0
    for measure in network.measures[instance] if network.measures else ():
        factor = _model(network).measures[measure].effect.repair
        if factor is not None:
            work = work * factor.mode // FULL
    return work


def _piece(network: Network, e: int, event: Event, instance: int, repaired: dict[tuple[int, int], int]) -> _Piece:
    start = event.at.mode
    if event.repair is not None:
        end = repaired[e, instance]
    elif event.for_ is not None:
        end = start + event.for_.mode
    else:
        end = event.until.mode if event.until is not None else NEVER
    if event.levels is not None:
        course = tuple((start + after, level.mode) for after, level in sorted(event.levels.items()))
    else:
        course = ((start, event.level.mode if event.level is not None else FULL),)
    if event.deliberate:
        course = tuple((at, _prevented(network, instance, level)) for at, level in course)
    return _Piece(e, start, end, course, event.manipulated)


def _prevented(network: Network, instance: int, level: int) -> int:
    """Return what a deliberate hit leaves where guards prevent a share of it."""
    for measure in network.measures[instance] if network.measures else ():
        share = _model(network).measures[measure].effect.prevents
        if share is not None:
            level += (FULL - level) * share.mode // FULL
    return level


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
