"""Plans over years, each of which contains the one before: looking ahead, not looking ahead, and the bound of both."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise, permutations
from typing import TYPE_CHECKING, Final

from cascade.errors import UsageError
from cascade.model import Capacity, Text
from cascade.results.candidates import Choices, Limits, limits
from cascade.results.fronts import Clock, Progress, trimmed
from cascade.results.plans import NoPlan
from cascade.simulation.placing import Plan

if TYPE_CHECKING:
    from cascade.results.plans import Search, Solution

MOST_MOVES: Final = 4_000
"""Plans judged in one round of moving single options between phases (own choice; it keeps a round under a minute)."""
OTHERS: Final = 60
"""Options that are not chosen and may take the place of one that is: those that help most by themselves."""
ORDERS: Final = 24
"""Orders in which the phases are planned; all there are with up to four phases."""
ROUNDS: Final = 20
"""Rounds of improving, at most; each ends lower than it began, and three are usual."""


@dataclass(frozen=True)
class Nested:
    """A plan for each phase, each of which contains the one before.

    Attributes
    ----------
    plans : tuple of frozenset of int
        Candidates by phase.
    harms : tuple of float
        By phase, as simulated.
    """

    plans: tuple[Plan, ...]
    harms: tuple[float, ...]

    @property
    def total(self) -> float:
        """Harm of all phases, each counted once (own choice: no phase weighs more than another)."""
        return sum(self.harms)

    @property
    def additions(self) -> tuple[Plan, ...]:
        """What each phase adds."""
        return tuple(late - early for early, late in pairwise((frozenset[int](), *self.plans)))


@dataclass(frozen=True, eq=False)
class Phased:
    """Plans over all phases.

    Attributes
    ----------
    names : tuple of Text or None
        Of P phases; None for what is there from the start.
    limits : tuple of Limits
        By phase.
    none : float
        Harm of each phase without a plan.
    alone : tuple of float
        Harm of the best plan found for each phase by itself.
    bounds : tuple of float
        What no plan of a phase can go below, whatever is chosen before and after.
    ahead : Nested
        The best that was found.
    myopic : Nested, optional
        Each phase planned as if it were the last; None where that leaves a later phase without any plan.
    clash : tuple of str
        Limits that then cannot hold together.
    waived : tuple of bool
        Whether the least amounts of regions could not yet hold in a phase, and were left aside there.
    interrupted : bool
    """

    names: tuple[Text | None, ...]
    limits: tuple[Limits, ...]
    none: float
    alone: tuple[float, ...]
    bounds: tuple[float, ...]
    ahead: Nested
    myopic: Nested | None
    clash: tuple[str, ...]
    waived: tuple[bool, ...]
    interrupted: bool

    @property
    def price(self) -> float | None:
        """Harm that planning each phase as if it were the last costs; None where it leads nowhere."""
        return None if self.myopic is None else self.myopic.total - self.ahead.total

    @property
    def regret(self) -> float:
        """Harm by which any plans, even such that drop what was chosen earlier, could at most be better."""
        return max(0.0, self.ahead.total - sum(self.bounds))

    @property
    def used(self) -> tuple[dict[str, int], ...]:
        """Return the units by kind and the euros that the plan of each phase takes in all."""
        return tuple(mine.used(plan) for mine, plan in zip(self.limits, self.ahead.plans, strict=True))


def phased(
    search: "Search",
    choices: Choices,
    capacity: Capacity,
    *,
    seconds: float = 120.0,
    gap: float = 0.01,
    start: Iterable[Plan] = (),
    progress: Progress | None = None,
) -> Phased:
    """Plan all phases of a capacity file so that no phase drops what an earlier one chose.

    The goal is the sum of the harm over the phases. What is available from the start is a phase of its own, before the
    others, if it is anything. The least amounts of regions are left aside in a phase in which they cannot hold yet.

    Parameters
    ----------
    search : Search
    choices : Choices
    capacity : Capacity
        With phases.
    seconds : float
        For all of it.
    gap : float
        Asked of each phase by itself.
    start : iterable of frozenset
        Plans already known.
    progress : callable, optional

    Raises
    ------
    UsageError
        If there are no phases.
    NoPlan
        If the limits cannot hold in the last phase.
    """
    if not capacity.phases:
        raise UsageError("the capacity file has no phases; write them under phases:, or plan once")
    first = 0 if capacity.money(0) or any(capacity.units(kind) for kind in capacity.kinds) else 1
    names = (None, *(phase.name for phase in capacity.phases))[first:]
    search.gains()  # asked once in all searches, so that it does not use up the time of this one
    return _Planner(search, choices.size, gap, seconds, [frozenset(plan) for plan in start], progress).planned(
        names, [limits(choices, n) for n in range(first, len(capacity.phases) + 1)]
    )


class _Planner:
    """One search over all phases: its clock, and what it found of each phase by itself."""

    def __init__(
        self, search: "Search", size: int, gap: float, seconds: float, start: list[Plan], progress: Progress | None
    ) -> None:
        self.search, self.gap, self.tried = search, gap, start
        self.every: Plan = frozenset(range(size))
        self.clock = Clock(seconds)
        self.progress = progress
        self.done, self.expected = 0, 0
        self.interrupted = False
        self.limits: list[Limits] = []
        self.known: dict[tuple[int, Plan, Plan], Plan] = {}
        """Plans found, by phase, what they hold and what they are taken from."""

    def planned(self, names: tuple[Text | None, ...], given: Sequence[Limits]) -> Phased:
        """Plan each phase by itself, one after another, and all together."""
        self.limits = list(given)
        count = len(given)
        self.expected = count + count * count
        waived, alone = [], []
        for at in range(count - 1, -1, -1):  # the last phase must have a plan, or there is none at all
            solution, without = self._alone(at, self.clock.part(2 * at + 2))
            waived.append(without)
            alone.append(solution)
        waived.reverse()
        alone.reverse()
        first = [solution.plan for solution in alone]
        myopic: list[Plan] | None = None
        clash: tuple[str, ...] = ()
        try:
            myopic = self._begun(range(count), first)
        except NoPlan as error:
            clash = error.clash
        best = self._ahead(first, myopic)
        if not best:  # nothing that keeps the least amounts from the first phase on can be extended to the last
            for at in range(count - 1):
                if self._waive(at):
                    waived[at], alone[at] = True, self._solve(at, frozenset(), self.every)
            self.known.clear()
            best = self._ahead([solution.plan for solution in alone], None)
        if self.progress is not None:
            self.progress(self.expected, self.expected)
        return self._told(names, alone, best, (myopic, clash), waived)

    def _told(
        self,
        names: tuple[Text | None, ...],
        alone: "Sequence[Solution]",
        best: Sequence[Plan],
        onward: tuple[list[Plan] | None, tuple[str, ...]],
        waived: Sequence[bool],
    ) -> Phased:
        """Put together what was found."""
        judge = self.search.judge
        myopic, clash = onward
        known = [judge.values(plans) for plans in (best, myopic or best)]
        return Phased(
            names=names,
            limits=tuple(self.limits),
            none=judge.value(()),
            alone=tuple(min(s.value, *(values[at] for values in known)) for at, s in enumerate(alone)),
            bounds=_later_holds([s.bound for s in alone], waived),
            ahead=self._nested(best),
            myopic=self._nested(myopic) if myopic is not None else None,
            clash=clash,
            waived=tuple(waived),
            interrupted=self.interrupted,
        )

    def _nested(self, plans: Sequence[Plan]) -> Nested:
        return Nested(tuple(plans), tuple(self.search.judge.values(plans)))

    def _alone(self, at: int, seconds: float) -> "tuple[Solution, bool]":
        """Plan one phase by itself; whether the least amounts were left aside for it."""
        try:
            return self._solve(at, frozenset(), self.every, seconds), False
        except NoPlan:
            if at == len(self.limits) - 1:
                raise
        self._waive(at)
        return self._solve(at, frozenset(), self.every, seconds), True

    def _waive(self, at: int) -> bool:
        """Leave the least amounts of regions aside in one phase; whether there were any."""
        given = self.limits[at].regional
        free = tuple((kind, region, 0, most) for kind, region, _, most in given)
        self.limits[at] = replace(self.limits[at], regional=free)
        return free != given

    def _solve(self, at: int, inside: Plan, among: Plan, seconds: float | None = None) -> "Solution":
        """Find the best plan of one phase that holds some options and takes the rest from among others."""
        mine = self.limits[at]
        fitting = {(plan | inside) & among for plan in self.tried}
        solution = self.search.solve(
            mine,
            gap=self.gap,
            seconds=self.clock.part(self.expected - self.done) if seconds is None else seconds,
            inside=inside,
            outside=self.every - among,
            start=sorted((plan for plan in fitting if mine.allow(plan)), key=sorted),
        )
        self.done += 1
        if solution.interrupted:
            self.interrupted = True
            self.clock.stop()
        if self.progress is not None:
            self.progress(min(self.done, self.expected), self.expected)
        plan = trimmed(self.search, mine, solution.plan, inside)
        self.tried.append(plan)
        return replace(solution, plan=plan, value=self.search.judge.value(plan))

    # ------------------------------------------------------------------ one phase after another

    def _begun(self, order: Sequence[int], alone: Sequence[Plan]) -> list[Plan]:
        """Plan the phases in some order, each between those that are planned already.

        Raises
        ------
        NoPlan
            If one has no plan between the others.
        """
        plans: dict[int, Plan] = {}
        for at in order:
            inside = plans[max(n for n in plans if n < at)] if min(plans, default=at) < at else frozenset[int]()
            among = plans[min(n for n in plans if n > at)] if max(plans, default=at) > at else self.every
            if inside <= alone[at] <= among:  # what is best by itself is best
                plans[at] = alone[at]
                continue
            key = at, inside, among
            if key not in self.known:
                self.known[key] = self._solve(at, inside, among).plan
            plans[at] = self.known[key]
        return [plans[at] for at in sorted(plans)]

    # ------------------------------------------------------------------ all together

    def _ahead(self, alone: Sequence[Plan], myopic: list[Plan] | None) -> list[Plan]:
        """Return the best plans found: begun in many orders, then improved; nothing where none can be extended.

        The orders that begin with the last phase come first: what is best in the end counts in most of the phases before.
        """
        starts = [] if myopic is None else [myopic]
        last_first = permutations(range(len(self.limits) - 1, -1, -1))
        for order in islice(last_first, ORDERS):
            if self.clock.over and starts:
                break
            try:
                plans = self._begun(order, alone)
            except NoPlan:
                continue
            if plans not in starts:
                starts.append(plans)
        if not starts:
            return []
        best = min(starts, key=self._order)
        try:
            for _ in range(ROUNDS):
                before = self._total(best)
                best = self._moved(self._between(best))
                if self.clock.over or self._total(best) >= before:
                    break
        except KeyboardInterrupt:
            self.interrupted = True
        return best

    def _total(self, plans: Sequence[Plan]) -> float:
        return sum(self.search.judge.values(plans))

    def _order(self, plans: Sequence[Plan]) -> tuple[float, list[list[int]]]:
        return self._total(plans), [sorted(plan) for plan in plans]

    def _between(self, plans: Sequence[Plan]) -> list[Plan]:
        """Plan each phase anew between the one before and the one after."""
        found = list(plans)
        value = self.search.judge.value
        for at in range(len(found)):
            if self.clock.over:
                break
            inside = found[at - 1] if at else frozenset[int]()
            among = found[at + 1] if at + 1 < len(found) else self.every
            new = self._solve(at, inside, among).plan
            if value(new) < value(found[at]):
                found[at] = new
        return found

    def _moved(self, plans: Sequence[Plan]) -> list[Plan]:
        """Take single options earlier or later, and let two change places, as long as that helps."""
        count = len(plans)
        entry = {k: min(at for at in range(count) if k in plans[at]) for k in sorted(plans[-1])}
        best, judged = self._total(plans), 0
        improved = True
        while improved and judged < MOST_MOVES and not self.clock.over:
            improved = False
            for move in _moves(entry, self._worthwhile(entry), count):
                trial = _applied(entry, move, count)
                new = _plans(trial, count)
                if not all(mine.allow(plan) for mine, plan in zip(self.limits, new, strict=True)):
                    continue
                judged += 1
                total = self._total(new)
                if total < best:
                    entry, best, improved = trial, total, True
                    break
                if judged >= MOST_MOVES or self.clock.over:
                    break
        return _plans(entry, count)

    def _worthwhile(self, entry: dict[int, int]) -> list[int]:
        """Return the options not chosen that can change anything, those that help most by themselves first."""
        judge = self.search.judge
        relevant = frozenset[int]().union(*(case.relevant for case in judge.cases))
        left = sorted(relevant - entry.keys())
        harms = judge.values([(k,) for k in left])
        return [k for _, k in sorted(zip(harms, left, strict=True))][:OTHERS]


Move = tuple[tuple[int, int], ...]
"""Options and the phase in which each comes from now on; one phase beyond the last: never."""


def _moves(entry: dict[int, int], others: Sequence[int], count: int) -> Iterator[Move]:
    """Give the moves of one option, then of two that change places, chosen ones before others."""
    for k, at in entry.items():
        yield from (((k, to),) for to in range(count) if to != at)
    for k in others:
        yield from (((k, to),) for to in range(count))
    chosen = list(entry)
    for a, k in enumerate(chosen):
        yield from (((k, entry[j]), (j, entry[k])) for j in chosen[a + 1 :] if entry[j] != entry[k])
    for j in others:
        yield from (((k, count), (j, at)) for k, at in entry.items())


def _applied(entry: dict[int, int], move: Move, count: int) -> dict[int, int]:
    moved = {**entry, **dict(move)}
    return {k: moved[k] for k in sorted(moved) if moved[k] < count}


def _plans(entry: dict[int, int], count: int) -> list[Plan]:
    return [frozenset(k for k, at in entry.items() if at <= phase) for phase in range(count)]


def _later_holds(bounds: Sequence[float], waived: Sequence[bool]) -> tuple[float, ...]:
    """Return bounds by phase; one that holds later holds earlier, where what is allowed then is allowed later."""
    best = [float(bound) for bound in bounds]
    for at in range(len(best) - 2, -1, -1):
        if waived[at] == waived[at + 1] or not waived[at]:
            best[at] = max(best[at], best[at + 1])
    return tuple(best)
