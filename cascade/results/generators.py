"""Where a pool of mobile generators goes, hour by hour: chosen by looking ahead in simulations, judged by one.

A generator at a copy of a process counts as full supply of the need that standby generators are for, from when it is
connected until it leaves. The model says that in terms it has: each process that one can go to gets an added supply (as by
a measure) from a helper process with a copy at each place, and an event switches those copies off (0%) but for the
hours in which a generator stands there. With all of them off every original process does what it does without them, to the last
bit. Helpers stand in a sector of their own, so that no event of a scenario hits them; they need nothing themselves, so that
fuel for the generators is taken to be there.

Nothing is proven of the choice but this: no plan does less harm than a generator everywhere all the time (semantics 11,
property 3); where crews depend on levels, with every repair at full speed at once besides.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from cascade.errors import CascadeError, UsageError
from cascade.model import Event, Measure, MeasureAt, Model, Process, Scenario, Sector
from cascade.results.effects import Meter
from cascade.results.orders import SCALE, measured
from cascade.results.shortfall import PERSON, People
from cascade.simulation.events import Imposed, targets
from cascade.simulation.layout import Log, Rows
from cascade.simulation.network import compile_network
from cascade.simulation.repairs import Workload, as_rows
from cascade.simulation.run import Run, simulate
from cascade.simulation.sweep import Simulator
from cascade.units import FULL, HOUR, sure

Ints: TypeAlias = npt.NDArray[np.int64]
Stay: TypeAlias = frozenset[str]
"""Copies at which a generator stands."""
Plan: TypeAlias = tuple[Stay, ...]
"""Where they stand from each decision to the next; the last one holds to the horizon."""
Progress: TypeAlias = Callable[[int, int], None]

MEASURE: Final = "standby-generator"
"""The measure that says where generators go, on which need."""
UNIT: Final = "generator"
"""What that measure takes of the pool for one copy."""
SECTOR: Final = "mobile-generators"
EVERY: Final = 12 * HOUR
"""Seconds between two decisions."""
CANDIDATES: Final = 60
"""Copies that are considered: those at which a generator all the time averts most by itself. Own choice."""
SWAPS: Final = 200
"""Changes tried on the plan at the end. Own choice."""


class Move(NamedTuple):
    """One generator that goes from one copy to another; the pool is the empty text."""

    at: int
    """Seconds; it is connected ``moving`` seconds later."""
    source: str
    target: str
    until: int
    people: int
    """People who have the process there thanks to it, a mean over its stay; 0 for one that goes back to the pool."""


@dataclass(frozen=True, eq=False)
class Generators:
    """Where the generators of a pool stand over time, and what that does."""

    moves: tuple[Move, ...]
    without: Run
    run: Run
    """With the generators; its network has the helper processes as well."""
    harm_without: float
    harm: float
    bound: float
    """No plan does less harm: a generator everywhere, all the time."""
    pool: int
    units: int
    """Generators that one copy takes."""
    moving: int
    """Seconds from the decision until one is connected."""
    every: int
    candidates: int
    """Copies that were considered."""
    simulations: int
    interrupted: bool = False


def generators(
    model: Model,
    scenario: Scenario,
    pool: int,
    harm: str = "hours",
    *,
    every: int = EVERY,
    seed: int = 1,
    swaps: int = SWAPS,
    progress: Progress | None = None,
) -> Generators:
    """Choose where the generators of a pool go.

    At each decision the places are chosen one after the other, each as the one that averts most if they all stay to the end;
    where staying put is better, they stay. Then parts of the plan are exchanged at random, and kept where that helps.

    Parameters
    ----------
    model : Model
    scenario : Scenario
        With the repair order that holds.
    pool : int
        Generators.
    harm : str
        One of ``orders.HARMS``.
    every : int
        Seconds between two decisions.
    seed, swaps : int
        Of the exchanges, and how many are tried.
    progress : callable, optional

    Returns
    -------
    Generators

    Raises
    ------
    UsageError
        If the model does not say where generators go, or the pool is too small for one place.
    CascadeError
        If a plan does not settle.
    """
    if every <= 0:
        raise UsageError(f"generators are moved every so often, not every {every} seconds")
    site = _Site(model, scenario, harm, pool, every)
    choice = _Choice(site, swaps, progress)
    interrupted = False
    try:
        choice.look_ahead()
        choice.exchange(seed, swaps)
        choice.send_home()
    except KeyboardInterrupt:
        interrupted = True
    return _tell(site, choice, interrupted)


# ------------------------------------------------------------------ a model with helpers


def helper(process: str) -> str:
    """Name the helper process of a process."""
    return f"{SECTOR}-{process}"


def equipped(model: Model) -> tuple[Model, tuple[str, ...]]:
    """Return a model in which generators can stand at copies of processes, and at those of which.

    Left out are processes made of assets, and needs that cannot take one more supply that stands for the whole
    (``shares``, ``at_least``, several suppliers at once).

    Raises
    ------
    UsageError
        If the model has no such measure, or it fits nowhere.
    """
    given = model.measures.get(MEASURE)
    need = given.applies_to.need if given is not None else None
    if given is None or need is None:
        raise UsageError(
            f"where generators go is said by the measure {MEASURE!r}; add it to measures.yaml, with its need"
        )
    fit = tuple(
        p for p in sorted(set(given.applies_to.processes)) if p in model.processes and _fits(model.processes[p], need)
    )
    if not fit:
        raise UsageError(f"measure {MEASURE!r} applies to no process that a mobile generator could feed; add one")
    helpers = {
        helper(p): Process.model_validate({"name": helper(p), "per": "region" if model.processes[p].per else None})
        for p in fit
    }
    measures = {
        helper(p): Measure.model_validate(
            {
                "name": helper(p),
                "lever": "redundancy",
                "applies_to": {"processes": [p], "need": need},
                "effect": {"adds_supply": helper(p)},
            }
        )
        for p in fit
    }
    sector = Sector.model_validate({"sector": SECTOR, "name": SECTOR, "processes": helpers})
    bigger = replace(
        model,
        processes=dict(sorted({**model.processes, **helpers}.items())),
        sectors={**model.sectors, SECTOR: sector},
        sector_of={**model.sector_of, **dict.fromkeys(helpers, SECTOR)},
        measures={**model.measures, **measures},
    )
    return bigger, fit


def _fits(process: Process, need: str) -> bool:
    wanted = process.needs.get(need)
    if process.assets is not None or wanted is None:
        return False
    return wanted.rule == "any_of" or (wanted.rule == "from" and len(wanted.supplies) == 1)


class _Site:
    """The scenario on the bigger model, played for any plan."""

    def __init__(self, model: Model, scenario: Scenario, harm: str, pool: int, every: int) -> None:
        measure = model.measures.get(MEASURE)
        self.model, self.fit = equipped(model)
        assert measure is not None
        self.units = max(1, measure.takes.get(UNIT, 1))
        self.pool, self.room = pool, pool // self.units
        if self.room < 1:
            raise UsageError(f"{pool} generators are too few: one place takes {self.units}")
        self.harm_name, self.every = harm, every
        self.moving = measure.lead_time.low if measure.lead_time is not None else 0
        self.plain = scenario
        placed = tuple(MeasureAt.model_validate({"measure": helper(p), "at": [p]}) for p in self.fit)
        self.scenario = scenario.model_copy(update={"with_measures": (*scenario.with_measures, *placed)})
        self.network = compile_network(self.model, self.scenario)
        self.copies = tuple(self.network.labels[i] for p in self.fit for i in self.network.instances(p))
        self._load = Workload(self.network, self.scenario)
        self._simulator, self.meter = Simulator(self.network), Meter(self.network)
        self.hit = np.array(
            sorted({i for e in scenario.events if e.at.mode < scenario.horizon for i in targets(e, self.network)}),
            np.int64,
        )
        self.simulations = 0
        self._log: Log | None = None

    def with_plan(self, plan: Plan) -> Scenario:
        """Return the scenario with generators where a plan puts them."""
        on = {copy: spans for copy in self.copies if (spans := self.connected(plan, copy))}
        off = [helper(copy) for copy in self.copies if copy not in on]
        events = [Event(hits=tuple(off), level=sure(0))] if off else []
        for copy, spans in on.items():
            course = {0: sure(0)}
            for begin, end in spans:
                course[begin], course[end] = sure(FULL), sure(0)
            events.append(Event(hits=(helper(copy),), levels=course))
        return self.scenario.model_copy(update={"events": (*self.scenario.events, *events)})

    def connected(self, plan: Plan, copy: str) -> list[tuple[int, int]]:
        """Return from when to when (seconds) a generator feeds a copy."""
        return [(begin + self.moving, end) for begin, end in self.stays(plan, copy) if begin + self.moving < end]

    def stays(self, plan: Plan, copy: str) -> list[tuple[int, int]]:
        """Return from which decision to which (seconds) a generator is meant for a copy."""
        there = [False, *(copy in stay for stay in plan), False]
        steps = [k for k, (a, b) in enumerate(pairwise(there)) if a != b]
        ends = [self.plain.horizon if k == len(plan) else k * self.every for k in steps]
        return list(zip(ends[::2], ends[1::2], strict=True))

    def value(self, plan: Plan) -> int:
        """Return the harm with a plan, in steps; the same as of `with_plan`, whose events are laid out only once here."""
        rows = self._switched(plan)
        self._load.work_off(lambda imposed: self._play(_merged(imposed, rows)))
        return self._measured()

    def _switched(self, plan: Plan) -> Rows:
        """Return when each helper copy is switched off and on."""
        steps: list[tuple[int, int, int]] = []
        for copy in self.copies:
            course = {0: 0}
            for begin, end in self.connected(plan, copy):
                course[begin], course[end] = FULL, 0
            i = self.network.index[helper(copy)]
            steps += [(at, i, own) for at, own in course.items() if at < self.plain.horizon]
        time, instance, own = np.array(steps, np.int64).T
        event = np.where(own < FULL, len(self.plain.events), -1)
        return time, instance.astype(np.int32), own, event.astype(np.int32), np.zeros(time.size, np.uint8)

    def least(self) -> int:
        """Return the harm with a generator everywhere all the time."""
        load = self._load
        if not load.coupled:
            load.work_off(lambda imposed: self._play(as_rows(imposed)))
            return self._measured()
        if any(self.plain.events[task.event].manipulated for queue in load.queues.values() for task in queue):
            return 0
        soon = {(t.event, t.instance): t.available + t.work for q in load.queues.values() for t in q}
        self._play(as_rows(load.imposed(soon)))
        return self._measured()

    def lost(self) -> Ints:
        """Return the level x seconds that each copy (as listed) lost in the last run."""
        index = [self.network.index[copy] for copy in self.copies]
        return np.asarray(self._simulator.work.proc["lost"][index].astype(np.int64))

    def back_at(self) -> int:
        """Return when (seconds) the last copy was back, in the last run; the horizon if one is not."""
        assert self._log is not None
        index = [self.network.index[copy] for copy in self.copies]
        if (self._simulator.work.proc["x"][index] < FULL).any():
            return self.plain.horizon
        rows = np.isin(self._log.instance, index)
        return int(self._log.time[rows].max(initial=0))

    def _play(self, rows: Rows) -> Log:
        log = self._simulator.run(rows, self.plain.horizon)
        if log is None:
            raise CascadeError("a plan for the generators does not settle; simulate the scenario to see why")
        self.simulations += 1
        self._log = log
        return log

    def _measured(self) -> int:
        assert self._log is not None
        return measured(self.meter, self.harm_name, self._log, self._simulator.work, self.plain.horizon, self.hit)


def _merged(imposed: Imposed, rows: Rows) -> Rows:
    """Put rows about other instances among what is imposed, by time and then by instance."""
    both = [np.concatenate(pair) for pair in zip(as_rows(imposed), rows, strict=True)]
    order = np.lexsort((both[1], both[0]))
    time, instance, own, event, wrong = (column[order] for column in both)
    return time, instance, own, event, wrong


# ------------------------------------------------------------------ choosing


class _Choice:
    """The plan so far; each step is judged by a simulation."""

    def __init__(self, site: _Site, swaps: int, progress: Progress | None) -> None:
        self.site, self._progress = site, progress
        self._known: dict[Plan, int] = {}
        self.none = site.value(())
        without, last = site.lost(), site.back_at()
        self.bound = site.least()
        helped = site.lost() < without
        self.decisions = max(1, -(-min(last, site.plain.horizon) // site.every)) if last else 0
        self.plan: Plan = ()
        self.value = self.none
        self._done, self._size = 0, int(helped.sum()) + self.decisions + swaps
        alone = {
            copy: self.none - self._ask((frozenset({copy}),))
            for copy, yes in zip(site.copies, helped, strict=True)
            if yes
        }
        self.gains = dict(sorted(alone.items(), key=lambda item: (-item[1], item[0]))[:CANDIDATES])

    def _ask(self, plan: Plan) -> int:
        if plan not in self._known:
            self._known[plan] = self.site.value(plan)
        return self._known[plan]

    def _try(self, plan: Plan) -> bool:
        value = self._ask(plan)
        if value >= self.value:
            return False
        self.plan, self.value = plan, value
        return True

    def look_ahead(self) -> None:
        """Decide one time after the other, as if each choice held to the end."""
        before: Plan = ()
        for _ in range(self.decisions if self.gains else 0):
            stay = before[-1] if before else frozenset()
            moved = self._greedy(before)
            # the first of equals: staying put
            chosen = min((stay, moved), key=lambda one: self._ask((*before, one)))
            before = (*before, chosen)
            self._try(before)
            self._step()
        # all decisions, so that each can be changed
        self.plan += self.plan[-1:] * (self.decisions - len(self.plan))

    def send_home(self) -> None:
        """Send generators home once they make no difference any more, from the last decision back."""
        if not self.plan:
            return
        if self._ask((*self.plan, frozenset())) <= self.value:
            self.plan = (*self.plan, frozenset())
        for k in reversed(range(len(self.plan))):
            after = self.plan[k + 1] if k + 1 < len(self.plan) else frozenset()
            for copy in sorted(self.plan[k] - after):
                changed = (*self.plan[:k], self.plan[k] - {copy}, *self.plan[k + 1 :])
                if self._ask(changed) <= self.value:
                    self.plan = changed

    def _step(self) -> None:
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, self._size)

    def _greedy(self, before: Plan) -> Stay:
        """Choose places one by one; what averted least so far is asked again last."""
        chosen: Stay = frozenset()
        value = self._ask((*before, chosen))
        hopes = dict(self.gains)
        for _ in range(min(self.site.room, len(hopes))):
            best, gain = "", 0
            for copy in sorted(set(hopes) - chosen, key=lambda c: (-hopes[c], c)):
                if hopes[copy] <= gain:
                    break
                hopes[copy] = value - self._ask((*before, chosen | {copy}))
                if hopes[copy] > gain:
                    best, gain = copy, hopes[copy]
            if not best:
                break
            chosen, value = chosen | {best}, value - gain
        return chosen

    def exchange(self, seed: int, swaps: int) -> None:
        """Let a generator stand elsewhere for a part of the time, or let two decisions change places; keep what helps."""
        random = np.random.Generator(np.random.Philox(seed))
        names = sorted(self.gains)
        for n in range(swaps if self.plan and len(names) > 1 else 0):
            begin, end = sorted(random.integers(0, len(self.plan) + 1, 2).tolist())
            there, other = names[int(random.integers(len(names)))], names[int(random.integers(len(names)))]
            changed = list(self.plan)
            if n % 2 and end < len(changed):
                changed[begin], changed[end] = changed[end], changed[begin]
            else:
                for k in range(begin, end):
                    if there in changed[k] and other not in changed[k]:
                        changed[k] = (changed[k] - {there}) | {other}
            self._try(tuple(changed))
            self._step()


def _tell(site: _Site, choice: _Choice, interrupted: bool) -> Generators:
    """Play what is told once more, the scenario without generators on the model as it was."""
    scale = SCALE.get(site.harm_name, 1)
    without = simulate(site.network, site.with_plan(()))
    run = simulate(site.network, site.with_plan(choice.plan))
    values = [measured(site.meter, site.harm_name, r.changes, r.state, r.horizon, site.hit) for r in (without, run)]
    return Generators(
        moves=tuple(_moves(site, choice.plan, without, run)),
        without=without,
        run=run,
        harm_without=values[0] / scale,
        harm=values[1] / scale,
        bound=choice.bound / scale,
        pool=site.pool,
        units=site.units,
        moving=site.moving,
        every=site.every,
        candidates=len(choice.gains),
        simulations=site.simulations,
        interrupted=interrupted,
    )


def _moves(site: _Site, plan: Plan, without: Run, run: Run) -> Iterable[Move]:
    """Say who goes where: those that leave a place go to the new ones, in order of name, before the pool sends any."""
    people = People(run).weight
    before: Stay = frozenset()
    for k, stay in enumerate(plan):
        at = k * site.every
        leaving, coming = sorted(before - stay), sorted(stay - before)
        for n in range(max(len(leaving), len(coming))):
            source, target = leaving[n : n + 1], coming[n : n + 1]
            until, helped = at, 0
            if target:
                until = next(end for begin, end in site.stays(plan, target[0]) if begin == at)
                i = site.network.index[target[0]]
                gained = _area(run, i, at, until) - _area(without, i, at, until)
                helped = round(gained * int(people[i]) / ((until - at) * PERSON))
            yield Move(at, "".join(source), "".join(target), until, helped)
        before = stay


def _area(run: Run, instance: int, begin: int, end: int) -> int:
    """Return the level x seconds of a copy between two moments."""
    start, stop, level = run.stretches(instance)
    return int((level * np.clip(np.minimum(stop, end) - np.maximum(start, begin), 0, None)).sum())
