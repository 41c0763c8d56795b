"""The plan that leaves least harm within given limits, and a proven bound on how little any plan could leave.

Good plans come from single gains, from the master program of :mod:`cascade.results.bounds` and from exchanges; bounds come from
the master program alone. Each round simulates the master's plan and asks why it leaves more harm than the cuts knew of; the
answer is the next cuts. The search ends when plan and bound are as close as asked, when nothing new is learnt, or when
the time is up. Harm is always that of a simulation.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from time import monotonic
from typing import Final

import numpy as np
import numpy.typing as npt

from cascade.errors import CascadeError
from cascade.results.bounds import Bounds, Fraction
from cascade.results.candidates import Choices, Limits
from cascade.results.harm import Judge
from cascade.results.masters import MARGIN, minimise
from cascade.simulation.placing import Plan

Floats = npt.NDArray[np.float64]
Told = Callable[[float, float, float], None]
"""Is told now and then: harm of the best plan so far, the bound (minus infinity: none yet), seconds."""

EXPLAINED: Final = 300
"""Parts of the harm explained in one round."""
TELLING: Final = 40
"""Cases in which single options are tried."""
FEW: Final = 12
"""Options of which all plans are tried where cuts leave a gap."""
TRIED: Final = 6
"""Options tried in each step of the greedy search, and for each place in an exchange."""
WORTHWHILE: Final = 2e-4
"""A round that raises the bound by less than this share of the harm is followed by a master program in whole numbers."""
CLOSE: Final = 2 * MARGIN
"""A gap that counts as none: so much is taken off a bound for what the solver may be wrong by."""
SECONDS_WHOLE: Final = 10.0
"""Time for the master program in whole numbers, in one round."""


class NoPlan(CascadeError):
    """No plan keeps to the limits; ``clash`` names limits that cannot hold together, none of which can be left out."""

    def __init__(self, clash: Iterable[str]) -> None:
        self.clash = tuple(clash)
        super().__init__(f"no plan keeps to these limits together: {'; '.join(self.clash)}")


@dataclass(frozen=True)
class Solution:
    """A plan and how good it is."""

    plan: Plan
    value: float
    """Its harm, by simulation."""
    bound: float
    """No plan within the limits leaves less."""
    none: float
    """Harm without a plan."""
    seconds: float
    rounds: int
    asked: float
    """Gap asked for."""
    interrupted: bool = False

    @property
    def gap(self) -> float:
        """How much less harm another plan could leave at most, as a share of this one's."""
        return max(0.0, self.value - self.bound) / self.value if self.value > 0 else 0.0

    @property
    def proven(self) -> bool:
        """Whether the gap asked for was reached, but for what bounds allow for the solver."""
        return self.gap <= max(self.asked, CLOSE)

    @property
    def averted(self) -> float:
        """Harm averted."""
        return self.none - self.value

    @property
    def achieved(self) -> float:
        """Harm averted, as a share of the most that any plan could avert."""
        most = self.none - self.bound
        return min(1.0, self.averted / most) if most > 0 else 1.0


class Search:
    """Finds plans and proves bounds; what was learnt is kept for other limits."""

    def __init__(self, judge: Judge, choices: Choices) -> None:
        self.judge, self.choices = judge, choices
        self.bounds = Bounds(judge)
        self.seen: dict[Plan, float] = {}
        """Plans that were simulated in full, with their harm."""
        self._gains: Floats | None = None
        self.known: Floats = np.zeros(choices.size)
        """Gains worked out so far (n): what there is to go by when a search is interrupted early."""

    @property
    def relevant(self) -> Plan:
        """Options that can change anything in some case."""
        return frozenset().union(*(case.relevant for case in self.judge.cases))

    def gains(self, until: float = np.inf, tell: Callable[[], None] | None = None) -> Floats:
        """Return about how much harm each option averts by itself (n), to begin with the likely ones.

        Of many cases those count that matter most, and of those what the clock allows for: an estimate to search by.
        """
        if self._gains is None:
            found = self.known = np.zeros(self.choices.size)
            for k in self._telling():
                case, share = self.judge.cases[k], self.judge.shares[k]
                options = self._working(k)
                for a in range(0, len(options), 128):
                    part = options[a : a + 128]
                    harms = self.judge.spread(case.alone, part)
                    found[part] += share * (float(case.none.sum()) - np.array(harms))
                    if tell is not None:
                        tell()
                if monotonic() >= until:
                    break
            self._gains = found
        return self._gains

    def _working(self, k: int) -> list[int]:
        """Return the options that do anything by themselves in a case: none where a measure does nothing everywhere."""
        case, groups = self.judge.cases[k], dict[tuple[str, str], list[int]]()
        for j in sorted(case.relevant):
            option = self.choices.options[j]
            groups.setdefault((option.measure, option.process), []).append(j)
        harms = self.judge.spread(case.harm, [tuple(group) for group in groups.values()])
        none = float(case.none.sum())
        return sorted(j for group, harm in zip(groups.values(), harms, strict=True) if harm != none for j in group)

    def _telling(self) -> list[int]:
        """Return the cases that tell options apart, those with most to avert first."""
        worth = self.bounds.worth
        return [k for k in sorted(range(len(worth)), key=lambda k: (-worth[k], k)) if worth[k] > 0][:TELLING]

    def value(self, plan: Iterable[int]) -> float:
        """Return the harm of a plan."""
        chosen = frozenset(plan)
        if chosen not in self.seen:
            self.seen[chosen] = self.judge.value(chosen)
        return self.seen[chosen]

    def solve(
        self,
        limits: Limits,
        *,
        gap: float = 0.01,
        seconds: float = 120.0,
        inside: Plan = frozenset(),
        outside: Plan = frozenset(),
        start: Iterable[Plan] = (),
        progress: Told | None = None,
    ) -> Solution:
        """Find the plan that leaves least harm, with a proven bound.

        Parameters
        ----------
        limits : Limits
        gap : float
            Stop when no plan can leave this share less harm.
        seconds : float
            Stop after this long; equal inputs give equal answers when the clock does not stop the search.
        inside, outside : frozenset of int
            Options that the plan must have, and must not have.
        start : iterable of frozenset
            Plans to begin with.
        progress : callable, optional

        Returns
        -------
        Solution
            After Ctrl-C the best plan so far with its bound.

        Raises
        ------
        NoPlan
            If no plan keeps to the limits.
        """
        return _Quest(self, limits, gap, seconds, inside, outside, progress).answer(start)


class _Quest:
    """One search: the best plan and the best bound so far."""

    def __init__(
        self, search: Search, limits: Limits, gap: float, seconds: float, inside: Plan, outside: Plan, told: Told | None
    ) -> None:
        self.search, self.limits, self.gap = search, limits, gap
        self.inside, self.outside, self.told = inside, outside, told
        self.began, self.until = monotonic(), monotonic() + seconds
        self.none = search.value(())
        self.plan: Plan | None = None
        self.value, self.bound, self.rounds = np.inf, -np.inf, 0

    # -------------------------------------------------------------- book-keeping

    def late(self) -> bool:
        return monotonic() >= self.until

    def close(self) -> bool:
        return self.value - self.bound <= max(self.gap, CLOSE) * self.value

    def tell(self) -> None:
        if self.told is not None:
            self.told(self.value, self.bound, monotonic() - self.began)

    def fits(self, plan: Plan) -> bool:
        return self.inside <= plan and not plan & self.outside and self.limits.allow(plan)

    def offer(self, plan: Plan) -> bool:
        """Try a plan; return whether it is the best so far (of equal ones the smaller, then the first in order)."""
        if not self.fits(plan):
            return False
        value = self.search.value(plan)
        known = self.plan if self.plan is not None else frozenset()
        better = value < self.value or (value == self.value and (len(plan), sorted(plan)) < (len(known), sorted(known)))
        if self.plan is None or better:
            self.plan, self.value = plan, value
            return True
        return False

    def answer(self, start: Iterable[Plan]) -> Solution:
        """Search until plan and bound are close, nothing new is learnt, or the time is up."""
        interrupted = False
        self._possible()
        try:
            self._prepare(start)
            while self._round() and not self.close() and not self.late():
                self.tell()
            if not self.close():
                self._exhaust()
        except KeyboardInterrupt:
            interrupted = True
        if interrupted and (self.plan is None or self.plan == self._smallest):
            self.offer(self._hurried())
        if self.plan is None:
            self.offer(self._smallest)
        assert self.plan is not None
        bound = min(self.value, max(self.bound, self.search.bounds.least))
        seconds = monotonic() - self.began
        return Solution(
            self.plan, float(self.value), float(bound), float(self.none), seconds, self.rounds, self.gap, interrupted
        )

    def _exhaust(self) -> None:
        """Try all plans where there are few: what cuts cannot prove, such as with repairs that queue, is then counted out."""
        free = sorted(self.search.relevant - self.inside - self.outside)
        if len(free) > FEW:
            return
        tried: list[tuple[float, list[int]]] = []
        for number in range(1 << len(free)):
            if self.late():
                return
            chosen = [j for k, j in enumerate(free) if number >> k & 1]
            if self.limits.leave_room(self.inside.union(chosen)):
                tried.append((self.search.value(self.inside.union(chosen)), chosen))
        every = list(range(len(self.limits.rows()[0])))
        for value, chosen in sorted(tried):  # what changes nothing may be needed for the least that limits ask for
            plan = self._fit(every, self.inside.union(chosen), self.outside.union(free).difference(chosen))
            if plan is not None:
                self.offer(plan)
                self.bound = max(self.bound, value)
                return

    # -------------------------------------------------------------- what is possible at all

    def _possible(self) -> None:
        """Find a smallest plan that keeps to the limits, or say which of them clash."""
        every = list(range(len(self.limits.rows()[0])))
        found = self._fit(every, self.inside, self.outside)
        if found is None:
            for k in list(every):  # a limit that is not needed for the clash leaves
                fewer = [j for j in every if j != k]
                if self._fit(fewer, self.inside, self.outside) is None:
                    every = fewer
            raise NoPlan(self.limits.rows()[0][k].name for k in every)
        self._smallest = found

    def _fit(self, kept: list[int], inside: Plan, outside: Plan) -> Plan | None:
        """Return a smallest plan with and without some options that keeps to some limits; None if there is none."""
        rows, helpers = self.limits.rows()
        size = self.search.choices.size
        written = [
            (
                (
                    [*r.options.tolist(), *(size + n for n, _ in r.helpers)],
                    [*r.amounts.tolist(), *(a for _, a in r.helpers)],
                ),
                *r.span,
            )
            for r in (rows[k] for k in kept)
        ]
        lower, upper = np.zeros(size + helpers), np.full(size + helpers, np.inf)
        upper[:size] = 1.0
        lower[list(inside)], upper[list(outside)] = 1.0, 0.0
        found = minimise(np.ones(size + helpers), written, np.ones(size + helpers, np.bool_), lower, upper)
        return None if found.x is None else frozenset(j for j in found.chosen if j < size)

    # -------------------------------------------------------------- first plans and cuts

    def _prepare(self, start: Iterable[Plan]) -> None:
        bounds = self.search.bounds
        self.offer(self._smallest)
        for plan in start:
            self.offer(self._filled(plan))
        gains = self.search.gains(self.until, self.tell)
        self.offer(self._filled(self._smallest))
        self._greedy(gains)
        self.tell()
        self._learn(bounds.first())

    def _order(self) -> list[int]:
        """Return the useful options by single gain for what they take of the scarcest kind."""
        gains = self.search.gains()
        worth = gains / np.maximum(self._weight, 1e-12)
        allowed = sorted(self.search.relevant - self.outside)
        return sorted(allowed, key=lambda j: (-worth[j], j))

    @cached_property
    def _weight(self) -> Floats:
        """Return how much of what there is each option takes (n): its greatest share of a kind."""
        found = np.full(self.search.choices.size, 1e-9)
        rows, _ = self.limits.rows()
        for row in rows:
            if row.options.size and 0 < row.most < 2**52:
                np.maximum.at(found, row.options, row.amounts / row.most)
        return found

    def _filled(self, plan: Plan) -> Plan:
        """Add to a plan what still fits, most worthwhile first; what does nothing by itself too, if it can matter."""
        chosen = set((plan | self.inside) - self.outside)
        if not self.limits.leave_room(chosen):
            return plan
        room = self.limits.room(chosen)
        for j in self._order():
            if j not in chosen and room.fits(j):
                chosen.add(j)
                room.take(j)
        return frozenset(chosen)

    def _hurried(self) -> Plan:
        """Add to the least plan what fits and is known to avert something, without simulating anything more."""
        worth = self.search.known / np.maximum(self._weight, 1e-12)
        chosen, room = set(self._smallest), self.limits.room(self._smallest)
        for j in np.argsort(-worth, kind="stable").tolist():
            if worth[j] > 0 and j not in chosen and j not in self.outside and room.fits(j):
                chosen.add(j)
                room.take(j)
        return frozenset(chosen)

    def _greedy(self, gains: Floats) -> None:
        """Add step by step what averts most for what it takes; of the next few by single gain each is simulated."""
        chosen: Plan = self._smallest
        room, weight = self.limits.room(chosen), np.maximum(self._weight, 1e-12)
        now, left = self.search.value(chosen), [j for j in self._order() if j not in chosen and gains[j] > 0]
        while left and not self.late():
            tried = list(islice((j for j in left if room.fits(j)), TRIED))
            if not tried:
                break
            values = self.search.judge.values([chosen | {j} for j in tried])
            best = min(range(len(tried)), key=lambda k: (-(now - values[k]) / weight[tried[k]], k))
            spent = {tried[best]} if now > values[best] else set(tried)
            if now > values[best]:
                chosen, now = chosen | {tried[best]}, values[best]
                room.take(tried[best])
            left = [j for j in left if j not in spent]
        self.search.seen[chosen] = now
        self.offer(chosen)
        self.offer(self._filled(chosen))

    # -------------------------------------------------------------- one round

    def _round(self) -> bool:
        """Improve bound, plan and cuts; return whether anything new was learnt."""
        bounds = self.search.bounds
        self.rounds += 1
        point = bounds.relax(self.limits, self.inside, self.outside, self.until)
        if point is None:
            return False
        before, known = (self.bound, self.value), len(bounds.used)
        slow = point.bound < self.bound + WORTHWHILE * self.value
        self.bound = max(self.bound, point.bound)
        plan = self._whole() if slow or self.close() or self.rounds == 1 else None
        plan = self._rounded(point) if plan is None else plan
        self.offer(plan)
        self.offer(self._filled(plan))
        if self.close() or self.late():
            return True
        if self.value < before[1]:
            self._exchange()
        learnt = len(bounds.used) - known + bounds.lift(point, EXPLAINED, self.until)
        learnt += self._learn(bounds.explained(plan, point, EXPLAINED))
        if not learnt:
            live = [(k, leaf) for k, leaf in enumerate(bounds.leaves) if leaf.live.size]
            learnt = self._learn([(k, leaf.case.relevant - plan) for k, leaf in live])
        return bool(learnt) or (self.bound, self.value) != before

    def _learn(self, wanted: list[tuple[int, Plan]]) -> int:
        """Make cuts while there is time; return how many are new."""
        learnt = 0
        for a in range(0, len(wanted), 64):
            if self.late():
                break
            learnt += self.search.bounds.add(wanted[a : a + 64])
            self.tell()
        return learnt

    def _whole(self) -> Plan | None:
        """Solve the master program in whole numbers: a better bound, and a plan that it believes in."""
        bounds = self.search.bounds
        seconds = min(SECONDS_WHOLE, max(0.5, self.until - monotonic()))
        found = bounds.whole(seconds, self.gap / 4)
        if found.status == "infeasible":  # there is a plan within the limits, so the solver is wrong
            return None
        self.bound = max(self.bound, bounds.harm(found))
        return None if found.x is None else frozenset(j for j in found.chosen if j < self.search.choices.size)

    def _rounded(self, point: Fraction) -> Plan:
        chosen, room = set(self._smallest), self.limits.room(self._smallest)
        for j in np.argsort(-point.y, kind="stable").tolist():
            if point.y[j] <= 1e-6:
                break
            if j not in chosen and j not in self.outside and room.fits(j):
                chosen.add(j)
                room.take(j)
        return frozenset(chosen)

    def _exchange(self) -> None:
        """Replace options of the best plan one at a time by the next best of the others, while that helps."""
        assert self.plan is not None
        order = self._order()
        members = sorted(self.plan)
        without = dict(zip(members, self.search.judge.values([self.plan - {j} for j in members]), strict=True))
        for j in sorted(without, key=lambda j: (without[j], j))[: 2 * TRIED]:
            if self.late():
                return
            rest = self.plan - {j}
            room = self.limits.room(rest)
            others = list(islice((o for o in order if o not in rest and o != j and room.fits(o)), TRIED))
            for o in others:
                self.offer(rest | {o})
