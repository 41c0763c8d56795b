"""Repair by crews that need something themselves: roads, fuel, telecom; where that is down they work more slowly.

Levels up to an instant follow from the repairs that ended up to it, and from nothing later. So the queues are worked off
without touching the engine: simulate as if nothing under way were ever finished, read off the log which job is done first,
take that end as certain, hand the team its next job, and simulate again. That is one simulation more than there are
instants at which such jobs end, and it is exact.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final

import numpy as np

from cascade.model import Scenario
from cascade.simulation.events import NEVER, Imposed, Job, Task, impose, in_order, queues, serve, struck
from cascade.simulation.layout import Array, Log, Rows
from cascade.simulation.network import Network
from cascade.units import FULL

Play = Callable[[Imposed], Log]
"""Simulates what is imposed, up to the scenario's horizon; what it returns may be overwritten by the next call."""
Ends = Mapping[tuple[int, int], int]
"""When repairs end (seconds), by (event, instance)."""
NOBODY: Final[Ends] = {}


def settle(network: Network, scenario: Scenario, play: Play) -> tuple[Imposed, tuple[Job, ...]]:
    """Lay a scenario onto a network and simulate it, as often as its crews ask for.

    The last call of ``play`` is of what is returned.

    Returns
    -------
    Imposed
        Every change from outside before the horizon.
    tuple of Job
        The repairs, in the order in which they are begun.
    """
    return Workload(network, scenario).work_off(play)


class _UnsettledError(Exception):
    """A run that chases itself; never leaves this module."""


def follow(network: Network, scenario: Scenario, run: Callable[[Rows, int], Log | None]) -> Log | None:
    """Simulate a scenario on a simulator that is used over and over.

    Parameters
    ----------
    network : Network
        What the scenario is laid onto.
    scenario : Scenario
    run : callable
        ``Simulator.run``: what is imposed and the horizon to a log, or None if that does not settle.

    Returns
    -------
    Log or None
        None for a scenario that does not settle.
    """
    last: list[Log] = []

    def play(imposed: Imposed) -> Log:
        log = run(as_rows(imposed), scenario.horizon)
        if log is None:
            raise _UnsettledError
        last[:] = [log]
        return log

    try:
        settle(network, scenario, play)
    except _UnsettledError:
        return None
    return last[0]


def as_rows(imposed: Imposed) -> Rows:
    """Return what is imposed as the columns that the engine reads."""
    return imposed.time, imposed.instance, imposed.own, imposed.event, imposed.wrong.astype(np.uint8)


class Workload:
    """All repairs of a scenario on a network, to be worked off in the order of the scenario or in another one."""

    def __init__(self, network: Network, scenario: Scenario) -> None:
        self.network, self.scenario = network, scenario
        self.hits = struck(network, scenario)
        self.queues = queues(network, scenario, self.hits)
        """Tasks by crew, in the repair order of the scenario."""
        self._groups: dict[tuple[str, int], tuple[Array, Array]] = {}

    @property
    def coupled(self) -> bool:
        """Whether the speed of some repair depends on levels."""
        return any(self.scenario.crews[crew].needs for crew in self.queues)

    def work_off(
        self,
        play: Play,
        order: Mapping[str, Sequence[Task]] | None = None,
        given: Ends = NOBODY,
        *,
        strict: bool = False,
    ) -> tuple[Imposed, tuple[Job, ...]]:
        """Work off the queues; the last call of ``play`` is of what is returned.

        Parameters
        ----------
        play : Play
        order : mapping, optional
            Tasks by crew, first served first; by default those of the scenario.
        given : mapping, optional
            Ends of tasks that stand in no queue; any other task left out never ends.
        strict : bool
            Crews that need something never take a task before those in front of it, even while these are not available.
        """
        chosen = self.queues if order is None else order
        jobs: list[Job] = []
        floors: list[_Floor] = []
        for crew, tasks in chosen.items():
            if self.scenario.crews[crew].needs:
                floors.append(_Floor(tasks, self.scenario.crews[crew].teams, strict=strict))
            else:
                jobs.extend(serve(tasks, self.scenario.crews[crew].teams))
        ends = {**given, **{(j.event, j.instance): j.end for j in jobs}}
        imposed = self._follow(play, floors, ends)
        return imposed, in_order([*jobs, *(job for floor in floors for job in floor.jobs())])

    def imposed(self, ends: Ends) -> Imposed:
        """Return what changes from outside if repairs end at given moments; those left out never end."""
        return impose(self.network, self.scenario, self.hits, ends)

    def _follow(self, play: Play, floors: "list[_Floor]", ends: dict[tuple[int, int], int]) -> Imposed:
        """Go from instant to instant at which a coupled job becomes available or ends."""
        now, horizon = 0, self.scenario.horizon
        for floor in floors:
            floor.hand_out(now, ends)
        imposed = self.imposed(ends)
        log = play(imposed)
        while floors:
            for floor in floors:
                floor.foresee(partial(self._speeds, log), horizon)
            now = min(floor.next(now) for floor in floors)
            if now >= horizon:
                break
            known = len(ends)
            for floor in floors:
                floor.go_on(now, ends)
                floor.hand_out(now, ends)
            if len(ends) > known:
                imposed = self.imposed(ends)
                log = play(imposed)
        return imposed

    def _speeds(self, log: Log, task: Task) -> tuple[Array, Array]:
        """Return moments, the first of them 0, and the speed (1/10 000) from each on at which a task would proceed."""
        times, speeds = np.zeros(1, np.int64), np.full(1, FULL, np.int64)
        for process, loss in self.scenario.crews[task.crew].needs.items():
            when, level = _levels(log, *self._group(process, int(self.network.region_of[task.instance])))
            speed = FULL - loss * (FULL - level) // FULL
            both = np.union1d(times, when)
            here = speeds[np.searchsorted(times, both, "right") - 1]
            times, speeds = both, np.minimum(here, speed[np.searchsorted(when, both, "right") - 1])
        return times, speeds

    def _group(self, process: str, region: int) -> tuple[Array, Array]:
        """Return the copies of a process that count at a place, and their weights: those there, else all of them."""
        key = (process, region)
        if key not in self._groups:
            network = self.network
            everywhere = np.array(network.instances(process), np.int64)
            here = everywhere[network.region_of[everywhere] == region]
            chosen = here if region >= 0 and here.size else everywhere
            self._groups[key] = chosen, _weights(network, process, chosen)
        return self._groups[key]


def _weights(network: Network, process: str, copies: Array) -> Array:
    """Weigh copies as a supply without a place does: by capacity, or by inhabitants."""
    model = network.model
    weights = np.ones(copies.size, np.int64)
    if model is not None and process in model.assets:
        table = model.assets[process]
        capacity = dict(zip(table.ids, table.capacities, strict=True))
        weights = np.array([capacity[network.asset_of[i]] for i in copies.tolist()], np.int64)
    elif model is not None and copies.size > 1:
        weights = np.array([model.regions[network.region(i)].population for i in copies.tolist()], np.int64)
    return weights if weights.any() else np.ones(copies.size, np.int64)


def _levels(log: Log, copies: Array, weights: Array) -> tuple[Array, Array]:
    """Return moments and the mean level of some copies (in rising order) from each on, rounded down."""
    rows = np.flatnonzero(np.isin(log.instance, copies))
    weight = weights[np.searchsorted(copies, log.instance[rows])]
    steps = (log.after[rows].astype(np.int64) - log.before[rows]) * weight
    times = np.append(0, log.time[rows])
    total = np.cumsum(np.append(FULL * weights.sum(), steps))
    last = np.append(times[1:] != times[:-1], True)
    return times[last], total[last] // weights.sum()


class _Work:
    """A task under way: what is left of it (seconds × 1/10 000) since some moment, and when it will be done."""

    def __init__(self, task: Task, begin: int) -> None:
        self.task, self.begin, self.end = task, begin, NEVER
        self._since, self._left = begin, task.work * FULL
        self._starts = self._speeds = self._done = np.zeros(0, np.int64)

    def foresee(self, times: Array, speeds: Array, horizon: int) -> None:
        """Find the end, for speeds that hold until something else ends; `NEVER` if it does not come by the horizon."""
        at = int(np.searchsorted(times, self._since, "right")) - 1
        self._speeds = speeds[at:]
        self._starts = np.append(np.maximum(times[at:], self._since), horizon)
        self._done = np.append(0, np.cumsum(self._speeds * np.diff(self._starts)))
        k = int(np.searchsorted(self._done, self._left))
        late = k == self._done.size
        self.end = NEVER if late else int(self._starts[k] - (self._done[k] - self._left) // self._speeds[k - 1])

    def go_on(self, now: int) -> None:
        """Work up to a moment before the end."""
        k = int(np.searchsorted(self._starts, now, "right")) - 1
        self._left -= int(self._done[k] + self._speeds[k] * (now - self._starts[k]))
        self._since = now


class _Floor:
    """A crew at work: who waits in which order, and what its teams are doing."""

    def __init__(self, tasks: Iterable[Task], teams: int, *, strict: bool) -> None:
        self._waiting = list(tasks)
        self._teams, self._strict = teams, strict
        self._working: list[_Work] = []
        self._done: list[Job] = []

    @property
    def _next(self) -> list[Task]:
        return self._waiting[:1] if self._strict else self._waiting

    def hand_out(self, now: int, ends: dict[tuple[int, int], int]) -> None:
        """Give free teams the first tasks available; one without work ends at once."""
        while len(self._working) < self._teams:
            task = next((task for task in self._next if task.available <= now), None)
            if task is None:
                return
            self._waiting.remove(task)
            if task.work:
                self._working.append(_Work(task, now))
            else:
                self._finish(task, now, now, ends)

    def foresee(self, speeds: Callable[[Task], tuple[Array, Array]], horizon: int) -> None:
        """Find when each task under way will be done, for levels as they are known now."""
        for work in self._working:
            work.foresee(*speeds(work.task), horizon)

    def next(self, now: int) -> int:
        """Return the next moment at which a task is done, or one becomes available to a free team."""
        free = len(self._working) < self._teams
        coming = (task.available for task in self._next if free and task.available > now)
        return min((*coming, *(work.end for work in self._working)), default=NEVER)

    def go_on(self, now: int, ends: dict[tuple[int, int], int]) -> None:
        """Work up to a moment, and end what is done by then."""
        for work in self._working:
            if work.end <= now:
                self._finish(work.task, work.begin, now, ends)
            else:
                work.go_on(now)
        self._working = [work for work in self._working if work.end > now]

    def _finish(self, task: Task, begin: int, end: int, ends: dict[tuple[int, int], int]) -> None:
        ends[task.event, task.instance] = end
        self._done.append(Job(task.event, task.instance, task.crew, task.available, begin, end))

    def jobs(self) -> Iterable[Job]:
        """Return the jobs done, under way and waiting."""
        yield from self._done
        for task, begin in [(w.task, w.begin) for w in self._working] + [(t, NEVER) for t in self._waiting]:
            yield Job(task.event, task.instance, task.crew, task.available, begin, NEVER)
