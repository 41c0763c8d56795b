"""What more capacity buys: the best plan for each amount of a kind, or of two kinds at once, each with its bound."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from time import monotonic
from typing import TYPE_CHECKING, Final, NamedTuple

from cascade.errors import UsageError, did_you_mean
from cascade.model import BUDGET
from cascade.results.candidates import UNLIMITED, Limits, Row
from cascade.results.plans import NoPlan
from cascade.simulation.placing import Plan

if TYPE_CHECKING:
    from cascade.results.plans import Search, Solution

Progress = Callable[[int, int], None]
"""Told after each plan that was sought: how many are done, of how many."""
ROUND: Final = (1, 2, 5)
"""Steps of an axis are one of these times a power of ten (own choice)."""


class Clock:
    """Time to spend on several searches after one another; what one leaves, the next may use."""

    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds

    def part(self, left: int) -> float:
        """Return the seconds for the next of so many searches that are left."""
        return max(0.0, self._end - monotonic()) / max(1, left)

    def stop(self) -> None:
        """Leave no time for what is still to come."""
        self._end = monotonic()

    @property
    def over(self) -> bool:
        """Whether all time is spent."""
        return monotonic() >= self._end


@dataclass(frozen=True, eq=False)
class _Within(Limits):
    """Limits that hold, and beside them a most for all units of some kinds, wherever they are used."""

    caps: tuple[tuple[str, int], ...] = ()

    @cached_property
    def _rows(self) -> tuple[list[Row], int]:
        found, helpers = super()._rows
        more = []
        for kind, most in self.caps:
            amounts = self.amounts(kind)
            members = amounts.nonzero()[0]
            more.append(Row(f"{kind} in all", members, amounts[members], (), -UNLIMITED, most))
        return [*found, *more], helpers


def within(limits: Limits, amounts: Mapping[str, int]) -> Limits:
    """Return the limits with at most so many units of some kinds in all, or so many euros."""
    if BUDGET in amounts:
        limits = replace(limits, budget=amounts[BUDGET])
    caps = tuple(sorted((kind, most) for kind, most in amounts.items() if kind != BUDGET))
    if not caps:
        return limits
    return _Within(limits.choices, limits.units, limits.budget, limits.regional, limits.excludes, caps)


def round_steps(whole: int, steps: int) -> list[int]:
    """Return round amounts from 0 up to a whole, with at most so many steps between them; the last is the whole.

    Raises
    ------
    UsageError
        If there is not one step.
    """
    if steps < 1:
        raise UsageError(f"a front needs at least one step, not {steps}")
    if whole <= 0:
        return [0]
    # beyond the last multiple there is one more step to the whole, unless it is a multiple itself
    step = next(s for s in _round_numbers() if -(-whole // s) <= steps)
    return [*range(0, whole, step), whole]


def _round_numbers() -> Iterator[int]:
    power = 1
    while True:
        yield from (digit * power for digit in ROUND)
        power *= 10


def trimmed(search: "Search", limits: Limits, plan: Plan, keep: Plan = frozenset()) -> Plan:
    """Return a plan without what changes nothing in it, the dearest left out first; some options stay in any case."""
    judge, cost = search.judge, limits.choices.cost
    value = judge.value(plan)
    members = sorted(plan - keep, key=lambda k: (-int(cost[k]), k))
    harms = judge.values([plan - {k} for k in members])
    for k, harm in zip(members, harms, strict=True):
        fewer = plan - {k}
        if harm <= value and limits.allow(fewer) and judge.value(fewer) <= value:
            plan, value = fewer, judge.value(fewer)
    return plan


# ------------------------------------------------------------------ one kind


@dataclass(frozen=True)
class Point:
    """The best plan that was found with so much of a kind.

    Attributes
    ----------
    allowed, used : int
        Units of the kind, or euros: what there is, and what the plan takes.
    harm, bound : float
        As simulated; and what no plan with so much of the kind can go below.
    plan, new, dropped : frozenset of int
        Candidates; those that the point before does not choose, and those that only it chooses.
    """

    allowed: int
    used: int
    harm: float
    bound: float
    plan: Plan
    new: Plan = frozenset()
    dropped: Plan = frozenset()

    @property
    def gap(self) -> float:
        """Share of the harm by which another plan could at most be better."""
        return (self.harm - self.bound) / self.harm if self.harm > self.bound else 0.0


@dataclass(frozen=True, eq=False)
class Front:
    """Harm against units of a kind, or against euros.

    Attributes
    ----------
    kind : str
        Kind of units, or ``budget``.
    none : float
        Harm without a plan.
    points : tuple of Point
        Those that no other beats on both counts, by what they use.
    steps : tuple of Point
        Every amount that was asked, with its plan and bound.
    impossible : tuple of int
        Amounts with which no plan keeps to all limits.
    gap : float
        Asked of each point.
    interrupted : bool
        Whether it ended before its last amount.
    """

    kind: str
    none: float
    points: tuple[Point, ...]
    steps: tuple[Point, ...]
    impossible: tuple[int, ...]
    gap: float
    interrupted: bool


def pareto(
    search: "Search",
    limits: Limits,
    kind: str = BUDGET,
    steps: int = 8,
    *,
    seconds: float = 60.0,
    gap: float = 0.01,
    start: Iterable[Plan] = (),
    progress: Progress | None = None,
) -> Front:
    """Find the best plan for round amounts of a kind, from nothing to all there is.

    Parameters
    ----------
    search : Search
        Keeps what it learns, so that each amount makes the next one easier.
    limits : Limits
        All other limits stay as they are.
    kind : str
        Kind of units, or ``budget``; without a budget the last amount is what the best plan costs.
    steps : int
        At most so many between the amounts.
    seconds : float
        For all amounts together.
    gap : float
        Asked of each.
    start : iterable of frozenset
        Plans already known.
    progress : callable, optional

    Raises
    ------
    UsageError
        If nothing that can be chosen takes anything of that kind.
    NoPlan
        If not even all there is allows a plan.
    """
    clock, known = Clock(seconds), [frozenset(plan) for plan in start]
    amounts = round_steps(_whole(search, limits, kind, known, clock.part(steps + 2), gap), steps)
    sought = _Ladder(search, limits, known, gap, progress)
    sought.climb([{kind: amount} for amount in amounts], clock)
    found = [Point(rung.allowed[kind], rung.used[kind], rung.harm, rung.bound, rung.plan) for rung in sought.found]
    impossible = tuple(allowed[kind] for allowed in sought.impossible)
    points = _settled(found)
    return Front(kind, search.judge.value(()), _undominated(points), points, impossible, gap, sought.interrupted)


class _Rung(NamedTuple):
    """The best plan found with so much of some kinds."""

    allowed: dict[str, int]
    used: dict[str, int]
    harm: float
    bound: float
    plan: Plan


class _Ladder:
    """Plans for several amounts after one another; each begins with the plans found before."""

    def __init__(
        self, search: "Search", limits: Limits, known: list[Plan], gap: float, progress: Progress | None
    ) -> None:
        self.search, self.limits, self.known, self.gap, self.progress = search, limits, known, gap, progress
        self.found: list[_Rung] = []
        self.impossible: list[dict[str, int]] = []
        self.interrupted = False

    def climb(self, amounts: Sequence[dict[str, int]], clock: Clock) -> None:
        """Find a plan for each of some amounts, until the last or Ctrl-C."""
        try:
            for at, allowed in enumerate(amounts):
                last = not self.found and at == len(amounts) - 1
                self._step(allowed, clock.part(len(amounts) - at), last=last)
                if self.progress is not None:
                    self.progress(at + 1, len(amounts))
                if self.interrupted:
                    break
        except KeyboardInterrupt:
            if not self.found:
                raise
            self.interrupted = True

    def _step(self, allowed: dict[str, int], seconds: float, *, last: bool) -> None:
        mine = within(self.limits, allowed)
        solution = _solve(self.search, mine, self.known, seconds, self.gap, last=last)
        if solution is None:
            self.impossible.append(allowed)
            return
        plan = trimmed(self.search, mine, solution.plan)
        harm = self.search.judge.value(plan)
        self.known.append(plan)
        self.found.append(_Rung(allowed, self.limits.used(plan), harm, min(solution.bound, harm), plan))
        self.interrupted = solution.interrupted


def _solve(
    search: "Search", limits: Limits, known: Sequence[Plan], seconds: float, gap: float, *, last: bool
) -> "Solution | None":
    """Find a plan, beginning from those known that the limits allow; None where there is none (an error at the last)."""
    try:
        return search.solve(limits, gap=gap, seconds=seconds, start=[plan for plan in known if limits.allow(plan)])
    except NoPlan:
        if last:
            raise
        return None


def _whole(search: "Search", limits: Limits, kind: str, known: Sequence[Plan], seconds: float, gap: float) -> int:
    """Return all there is of a kind; of euros without a budget what the best plan takes."""
    offered = [*sorted(limits.units), BUDGET]
    if kind not in offered:
        raise UsageError(f"there are no units {kind!r} in the capacity file; {did_you_mean(kind, offered)}")
    if not limits.amounts(kind).any():
        what = "costs anything" if kind == BUDGET else f"takes {kind}"
        raise UsageError(f"nothing that can be chosen {what}, so there is no front; choose another kind")
    if kind != BUDGET:
        return sum(limits.units[kind].values())
    if limits.budget is not None:
        return limits.budget
    solution = _solve(search, limits, known, seconds, gap, last=True)
    return limits.used(trimmed(search, limits, solution.plan))[BUDGET] if solution is not None else 0


def _settled(found: Sequence[Point]) -> tuple[Point, ...]:
    """Give each amount the best of all plans that it allows, and the best of all bounds that hold for it.

    A plan found with more may use no more than a smaller amount has. A bound that holds with more holds with less.
    """
    settled: list[Point] = []
    bound = 0.0
    for point in sorted(found, key=lambda p: -p.allowed):
        bound = max(bound, point.bound)
        best = min((p for p in found if p.used <= point.allowed), key=lambda p: (p.harm, p.used, sorted(p.plan)))
        settled.append(replace(best, allowed=point.allowed, bound=float(min(bound, best.harm))))
    return _compared(settled[::-1])


def _undominated(points: Sequence[Point]) -> tuple[Point, ...]:
    """Leave out each point that uses no less than another and harms no less."""
    kept: list[Point] = []
    for point in sorted(points, key=lambda p: (p.used, p.harm, p.allowed)):
        if not kept or point.harm < kept[-1].harm:
            kept.append(point)
    return _compared(kept)


def _compared(points: Sequence[Point]) -> tuple[Point, ...]:
    """Say of each plan what it adds to the one before, and what it gives up."""
    before = [frozenset[int](), *(point.plan for point in points)]
    return tuple(
        replace(point, new=point.plan - last, dropped=last - point.plan)
        for last, point in zip(before, points, strict=False)
    )


# ------------------------------------------------------------------ two kinds


@dataclass(frozen=True)
class Split:
    """The best plan that was found with so much of two kinds.

    Attributes
    ----------
    allowed, used : (int, int)
        Of the one kind and of the other.
    harm, bound : float
    plan : frozenset of int
    efficient : bool
        Whether no other split uses less of one kind and no more of the other without more harm.
    """

    allowed: tuple[int, int]
    used: tuple[int, int]
    harm: float
    bound: float
    plan: Plan
    efficient: bool = False


@dataclass(frozen=True, eq=False)
class Tradeoff:
    """Harm with amounts of two kinds.

    Attributes
    ----------
    kinds : (str, str)
    none : float
        Harm without a plan.
    splits : tuple of Split
        By the amount of the one kind, then of the other; what allows no plan is left out.
    interrupted : bool
    """

    kinds: tuple[str, str]
    none: float
    splits: tuple[Split, ...]
    interrupted: bool


def tradeoff(
    search: "Search",
    limits: Limits,
    one: str,
    other: str,
    steps: int = 4,
    *,
    seconds: float = 60.0,
    gap: float = 0.01,
    start: Iterable[Plan] = (),
    progress: Progress | None = None,
) -> Tradeoff:
    """Find the best plan for every pair of round amounts of two kinds.

    Parameters
    ----------
    one, other : str
        Kinds of units, or ``budget``.
    steps : int
        At most so many between the amounts of each.
    search, limits, seconds, gap, start, progress
        As for :func:`pareto`.

    Raises
    ------
    UsageError
        If the two are one kind, or nothing takes anything of one of them.
    NoPlan
        If not even all there is allows a plan.
    """
    if one == other:
        raise UsageError(f"both kinds are {one!r}; name two different ones")
    clock, known = Clock(seconds), [frozenset(plan) for plan in start]
    axes = [
        round_steps(_whole(search, limits, k, known, clock.part((steps + 1) ** 2), gap), steps) for k in (one, other)
    ]
    sought = _Ladder(search, limits, known, gap, progress)
    sought.climb([{one: a, other: b} for a in axes[0] for b in axes[1]], clock)
    found = [
        Split(
            (rung.allowed[one], rung.allowed[other]),
            (rung.used[one], rung.used[other]),
            rung.harm,
            rung.bound,
            rung.plan,
        )
        for rung in sought.found
    ]
    return Tradeoff((one, other), search.judge.value(()), _settled_splits(found), sought.interrupted)


def _settled_splits(found: Sequence[Split]) -> tuple[Split, ...]:
    """As :func:`_settled`, for two amounts; and mark what no other split beats, equal ones once."""
    settled = []
    for split in found:
        fitting = [s for s in found if s.used[0] <= split.allowed[0] and s.used[1] <= split.allowed[1]]
        best = min(fitting, key=lambda s: (s.harm, s.used, sorted(s.plan)))
        more = [s.bound for s in found if s.allowed[0] >= split.allowed[0] and s.allowed[1] >= split.allowed[1]]
        settled.append(replace(best, allowed=split.allowed, bound=float(min(max(more), best.harm))))
    told: set[tuple[int, int, float]] = set()
    marked = []
    for split in settled:
        mine = (*split.used, split.harm)
        beaten = any(
            s.used[0] <= mine[0] and s.used[1] <= mine[1] and s.harm <= mine[2] and (*s.used, s.harm) != mine
            for s in settled
        )
        marked.append(replace(split, efficient=not beaten and mine not in told))
        told.add(mine)
    return tuple(marked)
