"""What a plan is worth bit by bit: each choice in it, the next best ones, the price of more, and what stays open.

Every harm here comes from the judge, so from simulations; what holds for any plan at all comes with a proven bound.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Final

import numpy as np
import numpy.typing as npt

from cascade.model import BUDGET, NATIONAL
from cascade.results.candidates import Limits
from cascade.results.effects import SUMS, Meter
from cascade.results.harm import Case, Judge
from cascade.results.plans import NoPlan, Search, Solution
from cascade.results.scanning import one_each
from cascade.simulation.events import targets
from cascade.simulation.placing import Plan, in_place
from cascade.simulation.run import Run, simulate
from cascade.units import FULL, HOUR

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]

SAME: Final = 1e-9
"""Two harms that differ less than this part of the larger are one."""
LEAST_STEP: Final = 10_000_000
"""Euros from which on the price of money is that of a million; below it that of a hundredth. Own choice."""
MILLION: Final = 1_000_000
FINER: Final = 10
"""The questions are about differences: they ask for a gap so many times as small as the search did. Own choice."""
EXCHANGED: Final = 4
"""Options of a plan that are tried out of it first when another must go in. Own choice."""


def same(one: float, other: float) -> bool:
    """Whether two harms differ by no more than rounding."""
    return abs(one - other) <= SAME * max(abs(one), abs(other), 1.0)


# ------------------------------------------------------------------ one choice at a time


@dataclass(frozen=True)
class Worth:
    """What one candidate means for a plan, all else left as it is."""

    option: int
    chosen: bool
    none: float
    """Harm without any plan."""
    alone: float
    """Harm with this candidate as the whole plan."""
    without: float
    """Harm of the plan without it."""
    having: float
    """Harm of the plan with it, whatever the limits say."""

    @property
    def part(self) -> float:
        """What it averts with the rest of the plan in place: Birnbaum's measure on harm."""
        return self.without - self.having

    @property
    def averts(self) -> float:
        """What it averts by itself."""
        return self.none - self.alone

    @property
    def fussell_vesely(self) -> float | None:
        """Part of all harm that it averts by itself."""
        return self.averts / self.none if self.none else None

    @property
    def raw(self) -> float | None:
        """Risk achievement worth: harm without it over harm of the plan."""
        now = self.having if self.chosen else self.without
        return self.without / now if now else None

    @property
    def rrw(self) -> float | None:
        """Risk reduction worth: harm of the plan over harm with it."""
        now = self.having if self.chosen else self.without
        return now / self.having if self.having else None


def worths(judge: Judge, plan: Plan, options: Iterable[int]) -> dict[int, Worth]:
    """Return what candidates mean for a plan, by option."""
    asked = sorted(options)
    now, none = judge.value(plan), judge.value(())
    others = judge.values([plan - {k} if k in plan else plan | {k} for k in asked])
    alone = judge.values([{k} for k in asked])
    return {
        k: Worth(k, k in plan, none, by_itself, *((other, now) if k in plan else (now, other)))
        for k, other, by_itself in zip(asked, others, alone, strict=True)
    }


# ------------------------------------------------------------------ next best, prices


@dataclass(frozen=True)
class Forced:
    """The best plan that must go without one option, or must have it."""

    option: int
    chosen: bool
    """Whether the plan has it, so that it was left out here."""
    solution: Solution | None
    """None where no plan within the limits can do so."""
    clash: tuple[str, ...] = ()

    def cost(self, value: float) -> float | None:
        """Return how much more harm this plan has."""
        return None if self.solution is None else self.solution.value - value

    def cost_at_least(self, value: float) -> float | None:
        """Return how much more harm every such plan has, proven."""
        return None if self.solution is None else max(0.0, float(self.solution.bound) - value)


@dataclass(frozen=True)
class Price:
    """What another amount of one kind would change."""

    kind: str
    step: int
    """Units more (or, below 0, fewer), or euros."""
    solution: Solution | None
    """None where nothing keeps to the limits."""
    clash: tuple[str, ...] = ()

    def change(self, base: Solution) -> float | None:
        """Return by how much the harm of the best plan found falls (more) or rises (fewer)."""
        if self.solution is None:
            return None
        # a plan for less is one for more, so what was found with less room is no worse with more
        change = base.value - self.solution.value
        return max(0.0, change if self.step > 0 else -change)

    def proven(self, base: Solution) -> tuple[float, float] | None:
        """Return between which the change of the very best plans lies."""
        if self.solution is None:
            return None
        low, high = (self.solution, base) if self.step > 0 else (base, self.solution)
        return max(0.0, float(high.bound - low.value)), max(0.0, float(high.value - low.bound))


class Asking:
    """Asks a search more after its first answer: within one allowance of time, and until someone interrupts.

    Parameters
    ----------
    search : Search
    limits : Limits
    base : Solution
    weakest : sequence of int
        Options of its plan, the least worth first: what gives way first when something else must go in.
    seconds : float
        For all questions together; each gets an equal part of what is left.
    gap : float
    progress : callable, optional
        Called with questions answered, and how many there are.
    """

    def __init__(
        self,
        search: Search,
        limits: Limits,
        base: Solution,
        weakest: Sequence[int],
        *,
        seconds: float,
        gap: float,
        progress: Progress | None = None,
    ) -> None:
        self.search, self.limits, self.base = search, limits, base
        self._weakest, self._end, self._gap, self._progress = tuple(weakest), monotonic() + seconds, gap, progress
        self._done = self._size = 0
        self.best = base
        """The best plan within the limits that turned up."""
        self.interrupted = False

    def expect(self, questions: int) -> None:
        """Share the time out over so many questions more."""
        self._size += questions

    def _solve(self, limits: Limits, *, inside: Plan = frozenset(), outside: Plan = frozenset()) -> Solution:
        if self._progress is not None:
            self._progress(self._done, max(self._size, self._done + 1))
        mine = max(0.5, (self._end - monotonic()) / max(1, self._size - self._done))
        near = (self.base.plan | inside) - outside
        start = [near, *exchanged(limits, near, inside, self._weakest)]
        found = self.search.solve(
            limits, gap=self._gap / FINER, seconds=mine, inside=inside, outside=outside, start=start
        )
        self._done += 1
        self.interrupted = self.interrupted or found.interrupted
        better = found.value < self.best.value and not same(found.value, self.best.value)
        if better and self.limits.allow(found.plan):
            self.best = replace(self.best, plan=found.plan, value=found.value)
        return found

    def forced(self, options: Sequence[int]) -> list[Forced]:
        """Return for each option the best plan without it, or, if it is not chosen, with it."""
        found: list[Forced] = []
        for k in options:
            if self.interrupted:
                break
            chosen, one = k in self.base.plan, frozenset({k})
            inside, outside = (frozenset[int](), one) if chosen else (one, frozenset[int]())
            try:
                found.append(Forced(k, chosen, self._solve(self.limits, inside=inside, outside=outside)))
            except NoPlan as error:
                found.append(Forced(k, chosen, None, error.clash))
        return found

    def prices(self) -> list[Price]:
        """Return what one unit more and one fewer of each kind would change, and a step of euros."""
        found: list[Price] = []
        for kind, step in steps(self.limits):
            if self.interrupted:
                break
            try:
                found.append(Price(kind, step, self._solve(self.limits.more(kind, step))))
            except NoPlan as error:
                found.append(Price(kind, step, None, error.clash))
        return found

    def fairness(self) -> Price | None:
        """Return what all least amounts by region cost: as a price of taking them away; None where there are none."""
        if self.interrupted or not any(least for _, _, least, _ in self.limits.regional):
            return None
        free = tuple((kind, region, 0, most) for kind, region, _, most in self.limits.regional)
        return Price("least", 1, self._solve(replace(self.limits, regional=free)))


def exchanged(limits: Limits, plan: Plan, inside: Plan, weakest: Sequence[int]) -> list[Plan]:
    """Return plans near one that may not fit: some options stay in, and of the others the weakest give way.

    Parameters
    ----------
    limits : Limits
    plan : frozenset of int
    inside : frozenset of int
        Options of the plan that stay.
    weakest : sequence of int
        Its options in the order in which they may go.

    Returns
    -------
    list of frozenset
        One in which as few as need be go, weakest first; and some in which a single other one does.
    """
    chosen, gone = plan, list[int]()
    going = [k for k in weakest if k in plan and k not in inside]
    for k in going:
        if limits.leave_room(chosen):
            break
        chosen = chosen - {k}
        gone.append(k)
    for k in reversed(gone):
        if limits.leave_room(chosen | {k}):
            chosen = chosen | {k}
    singly = [plan - {k} for k in going if limits.leave_room(plan - {k})]
    return list(dict.fromkeys([chosen, *singly[:EXCHANGED]]))


def swapped(
    judge: Judge, limits: Limits, plan: Plan, weakest: Sequence[int], options: Iterable[int]
) -> dict[int, float]:
    """Return how much harm it costs at most to take candidates into a plan: with the best simple exchange for each.

    Candidates for which no simple exchange keeps to the limits are left out.
    """
    now, found = judge.value(plan), dict[int, float]()
    for k in options:
        tried = [p for p in exchanged(limits, plan | {k}, frozenset({k}), weakest) if limits.allow(p)]
        if tried:
            found[k] = min(judge.values(tried)) - now
    return found


def steps(limits: Limits) -> list[tuple[str, int]]:
    """Return which amounts are priced: kind, and units or euros more (fewer below 0)."""
    found: list[tuple[str, int]] = []
    for kind in sorted(limits.units):
        found.append((kind, 1))
        if limits.units[kind].get(NATIONAL, 0) > 0:
            found.append((kind, -1))
    if limits.budget is not None:
        step = MILLION if limits.budget >= LEAST_STEP else max(1, limits.budget // 100)
        found += [(BUDGET, step)] + ([(BUDGET, -step)] if limits.budget >= step else [])
    return found


# ------------------------------------------------------------------ runs with and without


def hit_by(run: Run) -> Ints:
    """Return the instances (H) that the events of a run are about, whatever guards prevent."""
    scenario = run.scenario
    events = [event for event in scenario.events if event.at.mode < scenario.horizon]
    return np.array(sorted({i for event in events for i in targets(event, run.network)}), np.int64)


@dataclass(frozen=True, eq=False)
class Played:
    """One scenario at its modes, played without and with the plan."""

    name: str
    weight: float
    before: Run
    after: Run
    harm_before: float
    harm_after: float

    @property
    def hit(self) -> Ints:
        """Instances that an event hits."""
        return hit_by(self.before)

    def lost(self, *, after: bool) -> Floats:
        """Return what each instance (N) loses, in hours of total outage."""
        run = self.after if after else self.before
        return np.asarray(run.state.proc["lost"] / (FULL * HOUR))


@dataclass(frozen=True)
class Worse:
    """An instance that loses more with the plan than without it."""

    scenario: str
    instance: str
    before_h: float
    after_h: float


def made_worse(played: Iterable[Played]) -> list[Worse]:
    """Return everything that loses more with the plan, worst first."""
    found = []
    for one in played:
        before, after = one.before.state.proc["lost"], one.after.state.proc["lost"]
        for i in np.flatnonzero(after > before).tolist():
            hours = (float(before[i]) / (FULL * HOUR), float(after[i]) / (FULL * HOUR))
            found.append(Worse(one.name, one.before.network.labels[i], *hours))
    return sorted(found, key=lambda w: (w.before_h - w.after_h, w.scenario, w.instance))


@dataclass(frozen=True)
class Cut:
    """A chain that an option of the plan cuts: what would go without what, had it been left out."""

    option: int
    scenario: str
    instance: str
    hours: float
    """Hours of total outage that the instance would lose more."""
    links: tuple[str, ...]
    """Instances from this one back to the one that an event hits."""


def person_rates(case_or_meter: Meter, hit: Ints, weights: dict[str, float]) -> Floats:
    """Return by which instances (N) are compared: euros where harm is money alone, else person-hours.

    Where harm is about basic needs only those count that are one.
    """
    if set(weights) == {"euros"}:
        return case_or_meter.rates("euros", hit)
    rates = case_or_meter.rates("hours", hit)
    if not set(weights) & set(SUMS):
        network = case_or_meter.network
        basic = [network.model is not None and network.model.processes[p].basic_need for p in network.processes]
        rates = np.where(np.array(basic, np.bool_)[network.process_of], rates, 0.0)
    return rates


def cut(
    judge: Judge,
    plan: Plan,
    options: Sequence[int],
    played: Sequence[Played],
    rates: Callable[[str], Floats],
) -> list[Cut]:
    """Return for each option of a plan what it keeps going, where leaving it out would do most harm.

    Parameters
    ----------
    judge, plan
    options : sequence of int
        Options of the plan.
    played : sequence of Played
        Every scenario with the plan.
    rates : callable
        Scenario to weights of its instances (N), by which they are compared.

    Returns
    -------
    list of Cut
        Options that change nothing, or nothing in the runs at the modes, are left out.
    """
    now = judge.harms(plan)
    weight = np.array([case.weight for case in judge.cases])
    without = judge.many([plan - {k} for k in options])
    runs = {one.name: one for one in played}
    cases = {case.name: case for case in one_each(judge)}
    found: list[Cut] = []
    for k, harms in zip(options, without, strict=True):
        worth = weight * (harms - now)
        if not worth.size or worth.max() <= SAME * max(1.0, float(now.max())):
            continue
        name = judge.cases[int(np.argmax(worth))].name
        chain = _cut(cases[name], plan - {k}, k, runs[name], rates(name))
        if chain is not None:
            found.append(chain)
    return found


def _cut(case: Case, rest: Plan, option: int, one: Played, rates: Floats) -> Cut | None:
    """Play a scenario without one option of the plan, and follow what suffers most from it back to the event."""
    options = [case.stage.options[k] for k in sorted(rest)]
    run = simulate(one.before.model, in_place(one.before.scenario, options))
    more = run.state.proc["lost"].astype(np.int64) - one.after.state.proc["lost"].astype(np.int64)
    felt = more * rates
    if felt.max(initial=0.0) <= 0:
        return None
    instance = int(np.argmax(felt))
    labels = run.network.labels
    chain = run.chain(instance)
    links = [labels[link.instance] for link in chain]
    if chain and chain[-1].supplier >= 0 and labels[chain[-1].supplier] not in links:
        links.append(labels[chain[-1].supplier])
    return Cut(option, one.name, labels[instance], float(more[instance]) / (FULL * HOUR), tuple(links))
