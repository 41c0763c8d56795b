"""Repair orders: every one there is, what each does, which is best, and how much better any could be.

An order is judged by playing the scenario with it, never by an estimate. What is proven, and how
---------------------------------------------------------------------------------------------------
Which orders there are: every repair order of the scenario. At each free team's turn it says who of those available is next,
so that teams never stand idle; crews that wait for nobody in any order are left out.

**Bound.** For given ends of all repairs no level ever falls when one of them ends sooner (semantics 11, property 3), and
each harm here only grows with what people lack. So a run in which no repair ends later than it can in *any* completion of
a partial order does at most as much harm as each of these. In a partial order the k-th job of a crew begins when it is available
and a team is free, and a job not yet placed no sooner than the next team is free; nobody works faster than at full speed.
Where crews depend on levels, the run with those ends for all others also gives each placed job the most speed that it
can have; from that its earliest end follows, and the ends of the rest. Harm itself is *not* monotone in the order.

**Search.** Partial orders are opened by their bounds, the least first; one of which the bound is not below the best harm
known holds nothing better. When none is left the best order is proven; stopped before, the least bound still open says how much
better any order could be. Good orders come first from local search: jobs moved within the queue of their crew.

Nothing is proven where something that is repaired is also manipulated: ending that sooner can do harm. Then the bound is 0, and
up to 8 jobs are still settled by trying all orders.
"""

import heapq
from collections.abc import Callable, Iterator, Mapping
from time import monotonic
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from cascade.errors import CascadeError, UsageError
from cascade.model import Model, Scenario
from cascade.results.effects import COLUMN, Meter
from cascade.simulation.events import Imposed, Task, serve
from cascade.simulation.layout import Log, Work
from cascade.simulation.network import Network, compile_network
from cascade.simulation.repairs import Ends, Workload, as_rows
from cascade.simulation.sweep import Simulator
from cascade.units import HOUR

Ints: TypeAlias = npt.NDArray[np.int64]
Queue: TypeAlias = tuple[Task, ...]
Orders: TypeAlias = tuple[Queue, ...]
"""The queue of each contested crew, in the order of their names."""
Progress: TypeAlias = Callable[[int, int], None]
"""Called with the number of simulations made and the most there can be."""

HARMS: Final = ("hours", "cascade_hours", "basic_hours", "basic_peak", "basic_beyond", "euros")
"""What an order can be judged by; each only grows when anything lasts longer. ``hours``: person-hours of everything,
``cascade_hours``: of what no event hits; the others as in `results.effects`."""
SCALE: Final = dict.fromkeys(("hours", "cascade_hours", "basic_hours", "basic_beyond"), HOUR)
_KNOWN: Final = 5
"""Times that something known is asked for, to one simulation. Own choice."""
_RESTARTS: Final = 200
"""Times at most that the local search begins anew. Own choice."""


class _StopError(Exception):
    """Simulations or time are used up; never leaves this module."""


class Yard:
    """What all orders share: the network compiled once, the jobs, and what each order was found to do."""

    def __init__(self, model: Model, scenario: Scenario, harm: str) -> None:
        self.scenario, self.harm_name = scenario, harm
        self.network: Network = compile_network(model, scenario)
        self.load = Workload(self.network, scenario)
        if not self.load.queues:
            raise UsageError("nothing in this scenario waits for repair; give an event repair: {crew: .., work: ..}")
        self._simulator, self._meter = Simulator(self.network), Meter(self.network)
        self.hit = np.array(sorted({i for hit in self.load.hits.values() for i in hit}), np.int64)
        self.crews = tuple(sorted(crew for crew in self.load.queues if self._contested(crew)))
        self.tasks: Orders = tuple(self.load.queues[crew] for crew in self.crews)
        self.contested = sum(map(len, self.tasks))
        for event in {task.event for queue in self.tasks for task in queue}:
            if scenario.events[event].id is None:
                raise UsageError(
                    f"event {event + 1} waits for repair and has no id; give it one, so that an order can name it"
                )
        self.bounded = not any(
            scenario.events[e].manipulated for q in self.load.queues.values() for e in {t.event for t in q}
        )
        self.simulations = 0
        self._asked = 0
        self._most: int | None = None
        self._deadline: float | None = None
        self._progress: Progress | None = None
        self._known: dict[object, int] = {}

    def _contested(self, crew: str) -> bool:
        """Whether some job of a crew has to wait; where none does, each begins at once in every order."""
        tasks, about = self.load.queues[crew], self.scenario.crews[crew]
        if about.needs:
            return len(tasks) > about.teams
        return any(job.begin > job.available for job in serve(tasks, about.teams))

    def limit(self, most: int | None, seconds: float | None, progress: Progress | None) -> None:
        """Stop after so many simulations in all, and so many seconds from now if that is said."""
        self._most, self._progress = most, progress
        if seconds is not None:
            self._deadline = monotonic() + seconds

    def _count(self) -> None:
        """Stop at the limit; asking for what is known takes time as well."""
        self._asked += 1
        late = self._deadline is not None and monotonic() > self._deadline
        done = max(self.simulations, self._asked // _KNOWN)
        if late or (self._most is not None and done >= self._most):
            raise _StopError
        if self._progress is not None and self._most is not None:
            self._progress(done, self._most)

    def play(self, imposed: Imposed) -> Log:
        """Simulate what is imposed."""
        log = self._simulator.run(as_rows(imposed), self.scenario.horizon)
        if log is None:
            raise CascadeError("an order of repair does not settle; simulate the scenario to see why")
        self._log = log
        self.simulations += 1
        return log

    def _measured(self) -> int:
        """Count the last run, in steps of the harm."""
        return measured(self._meter, self.harm_name, self._log, self._simulator.work, self.scenario.horizon, self.hit)

    def queues(self, orders: Orders) -> dict[str, Queue]:
        """Return the queues of all crews, those that nobody waits for as they are."""
        return {**self.load.queues, **dict(zip(self.crews, orders, strict=True))}

    def value(self, orders: Orders) -> int:
        """Return the harm of an order, in steps; what is known is not played again."""
        self._count()
        queues = self.queues(orders)
        key: object = orders
        ends: dict[tuple[int, int], int] = {}
        if not self.load.coupled:
            ends = {
                (j.event, j.instance): j.end for c, q in queues.items() for j in serve(q, self.scenario.crews[c].teams)
            }
            key = tuple(sorted(ends.items()))
        if key not in self._known:
            if self.load.coupled:
                self.load.work_off(self.play, queues)
            else:
                self.play(self.load.imposed(ends))
            self._known[key] = self._measured()
        return self._known[key]

    def least(self, ends: Ends) -> int:
        """Return the harm if repairs ended at given moments, in steps."""
        self._count()
        key = ("ends", tuple(sorted(ends.items())))
        if key not in self._known:
            self.play(self.load.imposed(ends))
            self._known[key] = self._measured()
        return self._known[key]


def measured(meter: Meter, harm: str, log: Log, work: Work, horizon: int, hit: Ints) -> int:
    """Count what a run did, in whole steps of a harm (1 / `SCALE`)."""
    found = meter.of(log, work, horizon, hit)
    if harm == "hours":
        return int(found[COLUMN["own_hours"]] + found[COLUMN["cascade_hours"]])
    return int(found[COLUMN[harm]])


# ------------------------------------------------------------------ searching


class Search:
    """The best order found so far, and how much better any other could be."""

    def __init__(self, yard: Yard) -> None:
        self.yard = yard
        self.first: Orders = tuple(
            tuple(sorted(q, key=lambda t: (t.available, t.event, t.instance))) for q in yard.tasks
        )
        self.best, self.value = self.first, yard.value(self.first)
        self._try(yard.tasks)
        self._free = {c: min(yard.scenario.crews[c].teams, len(q)) for c, q in yard.load.queues.items()}
        self.bound = self._bound(((),) * len(yard.crews))

    def _try(self, orders: Orders) -> int:
        value = self.yard.value(orders)
        if value < self.value:
            self.best, self.value = orders, value
        return value

    # -------------------------------------------------------------- good orders

    def improve(self, seed: int, *, restarts: bool) -> None:
        """Look for good orders: by value per work, then by moving jobs; from disturbed orders again until the limit."""
        random = np.random.Generator(np.random.Philox(seed))
        try:
            for orders in self._by_value():
                self._try(orders)
            self._descend(self.best)
            for _ in range(_RESTARTS if restarts else 0):
                self._descend(_disturbed(self.best, random))
        except _StopError:
            pass

    def _by_value(self) -> Iterator[Orders]:
        """Yield the jobs by harm averted per hour of work: of each one left out, and of each one alone."""
        yard, soon = self.yard, self._soonest(((),) * len(self.yard.crews))[0]
        for base in (soon, {}):
            whole = yard.least(base)
            gain = {}
            for task in (task for queue in yard.tasks for task in queue):
                key = (task.event, task.instance)
                changed = {k: v for k, v in base.items() if k != key} if base else {key: soon[key]}
                gain[task] = abs(yard.least(changed) - whole) / max(task.work, 1)
            yield tuple(tuple(sorted(q, key=lambda t: (-gain[t], t.event, t.instance))) for q in yard.tasks)

    def _descend(self, orders: Orders) -> None:
        """Move jobs, first all of an event and then one by one, as long as that helps."""
        value, better = self._try(orders), True
        while better:
            better = False
            for k in range(len(orders)):
                for queue in _moves(orders[k]):
                    other = (*orders[:k], queue, *orders[k + 1 :])
                    found = self._try(other)
                    if found < value:
                        orders, value, better = other, found, True
                        break

    # -------------------------------------------------------------- the bound

    def prove(self) -> None:
        """Open partial orders, the least bound first, until the best order is proven or the limit is reached."""
        start: Orders = ((),) * len(self.yard.crews)
        heap: list[tuple[int, int, int, Orders]] = [(self.bound, 0, 0, start)]
        count, seen = 0, set[object]()
        try:
            while heap:
                # what is open has at least this bound, also while it is being replaced by its parts
                self.bound, _, _, node = heapq.heappop(heap)
                if self.bound >= self.value:
                    break
                for child in self._children(node):
                    if self._full(child):
                        self._try(child)
                        continue
                    bound = max(self.bound, self._bound(child))
                    if bound < self.value and not self._again(child, seen):
                        count += 1
                        heapq.heappush(heap, (bound, -sum(map(len, child)), count, child))
            self.bound = self.value
        except _StopError:
            self.bound = min(self.bound, self.value)

    def _again(self, node: Orders, seen: set[object]) -> bool:
        """Whether the same jobs were placed before with the same ends and teams free: then the rest is the same."""
        if self.yard.load.coupled:
            return False
        ends, teams = self._soonest(node)[0], [sorted(self._teams(k, part)[0]) for k, part in enumerate(node)]
        placed = sorted((t.event, t.instance) for part in node for t in part)
        key = (tuple((job, ends[job]) for job in placed), tuple(map(tuple, teams)))
        if key in seen:
            return True
        seen.add(key)
        return False

    def _full(self, node: Orders) -> bool:
        return all(len(part) == len(queue) for part, queue in zip(node, self.yard.tasks, strict=True))

    def _children(self, node: Orders) -> Iterator[Orders]:
        """Place one more job: of the crew of which a team is free first."""
        left = [[t for t in q if t not in set(p)] for p, q in zip(node, self.yard.tasks, strict=True)]
        if not any(left):
            yield node
            return
        _, free = self._soonest(node)
        k = min((k for k, tasks in enumerate(left) if tasks), key=lambda k: (free[k], k))
        needy = bool(self.yard.scenario.crews[self.yard.crews[k]].needs)
        first = min(max(free[k], task.available) for task in left[k])
        for task in left[k]:
            # a team takes what is there; when a crew that needs something is free, nobody knows yet
            if not needy and max(free[k], task.available) > first:
                continue
            part = (*node[k], task)
            if len(left[k]) == 2:
                part = (*part, *(other for other in left[k] if other != task))
            yield (*node[:k], part, *node[k + 1 :])

    def _soonest(self, node: Orders) -> tuple[dict[tuple[int, int], int], list[int]]:
        """Return when each repair can end at the earliest, and when each contested crew has a team free after those placed."""
        yard, free = self.yard, []
        ends = {(t.event, t.instance): t.available + t.work for q in yard.load.queues.values() for t in q}
        for k, (part, queue) in enumerate(zip(node, yard.tasks, strict=True)):
            teams, begin, done = self._teams(k, part)
            ends.update(done)
            free.append(max(begin, teams[0]))
            ends.update(_after(free[-1], part, queue))
        return ends, free

    def _teams(self, k: int, part: Queue) -> tuple[list[int], int, dict[tuple[int, int], int]]:
        """Place the jobs of a crew at full speed: when each team is free, when the last one begins, and their ends."""
        teams, begin, ends = [0] * self._free[self.yard.crews[k]], 0, {}
        for task in part:
            begin = max(begin, task.available, teams[0])
            ends[task.event, task.instance] = begin + task.work
            heapq.heapreplace(teams, begin + task.work)
        return teams, begin, ends

    def _bound(self, node: Orders) -> int:
        """Return what no order that begins like this can go below, in steps."""
        if not self.yard.bounded:
            return 0
        ends, _ = self._soonest(node)
        value = self.yard.least(ends)
        if not self.yard.load.coupled or value >= self.value:
            return value
        return self._slowed(node, ends)

    def _slowed(self, node: Orders, soonest: Mapping[tuple[int, int], int]) -> int:
        """Return the bound with each placed job at the most speed it can have."""
        yard, load = self.yard, self.yard.load
        placed = {task for part in node for task in part}
        given = {(t.event, t.instance): soonest[t.event, t.instance] for q in yard.tasks for t in q if t not in placed}
        _, jobs = load.work_off(yard.play, yard.queues(node), given, strict=True)
        ends = {**given, **{(job.event, job.instance): job.end for job in jobs}}
        begins = {(job.event, job.instance): job.begin for job in jobs}
        for crew, part, queue in zip(yard.crews, node, yard.tasks, strict=True):
            done = sorted((ends[t.event, t.instance] for t in part), reverse=True)
            teams = self._free[crew]
            free = done[teams - 1] if len(done) >= teams else 0
            last = begins[part[-1].event, part[-1].instance] if part else 0
            ends.update(_after(max(free, last), part, queue))
        return yard.least(ends)


def _after(free: int, placed: Queue, queue: Queue) -> Iterator[tuple[tuple[int, int], int]]:
    """Yield when the tasks not placed end at the earliest, a team being free from some moment on."""
    known = set(placed)
    return (((t.event, t.instance), max(free, t.available) + t.work) for t in queue if t not in known)


def _moves(queue: Queue) -> Iterator[Queue]:
    """Yield the orders in which all jobs of one event, or one job, stand elsewhere in the queue."""
    events = list(dict.fromkeys(task.event for task in queue))
    if len(events) < len(queue):
        for i, j in _pairs(len(events)):
            order = _moved(events, i, j)
            yield tuple(sorted(queue, key=lambda task: order.index(task.event)))
    for i, j in _pairs(len(queue)):
        yield tuple(_moved(list(queue), i, j))


def _pairs(size: int) -> Iterator[tuple[int, int]]:
    """Yield all moves from one place to another; of two neighbours changing places only one."""
    return ((i, j) for i in range(size) for j in range(size) if i != j and j != i - 1)


def _moved(items: list[Any], i: int, j: int) -> list[Any]:
    rest = items[:i] + items[i + 1 :]
    return [*rest[:j], items[i], *rest[j:]]


def _disturbed(orders: Orders, random: np.random.Generator) -> Orders:
    """Move a few jobs at random."""
    changed = [list(queue) for queue in orders]
    for _ in range(3):
        k = int(random.integers(len(changed)))
        i, j = (int(n) for n in random.integers(len(changed[k]), size=2))
        changed[k] = _moved(changed[k], i, j)
    return tuple(map(tuple, changed))
