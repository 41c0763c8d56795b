"""What every attack of a few targets does under any plan: the side that strikes.

More targets are never less harm and more measures never more (semantics 11, property 3). So a block of targets that all go
down together bounds every attack within it, also on a plan, and an attack does no more than with any part of the plan. For
each plan the blocks are opened up in falling order of such bounds, until what is left provably does no more than the worst
attack found. Every figure is a simulation, and all are remembered for the plans to come.
"""

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations
from math import comb, inf, prod
from threading import Lock
from time import monotonic
from typing import Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from cascade.results.effects import REGIONAL, SUMS, Meter
from cascade.results.harm import spread
from cascade.simulation.attacking import Attack, Siege
from cascade.simulation.layout import Log, Work
from cascade.simulation.placing import Plan

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]
"""Called with the number of attacks that need no further look, and the number of all."""
Block = tuple[tuple[int, int, int], ...]
"""Attacks with so many of the targets [first, last) each: (first, last, how many), by rank."""
Asked = TypeVar("Asked")
Given = TypeVar("Given")

AT_ONCE: Final = 64
"""Simulations asked for together; not a matter of the number of threads, so that results and counts are not either."""
PROBED: Final = 150
"""Attacks that are opened up because they are likely to be bad, at most."""
SAID: Final = 1.0
"""Seconds between two messages on how far things are."""
SHRINKING: Final = ("cascade_hours",)
"""Measures that can fall when a target is added: what it loses by itself does not count."""


class Toll:
    """The harm of an attack: the same sum as `results.harm` makes for a scenario.

    Parameters
    ----------
    siege : Siege
    weights : mapping
        Measure of harm to its weight.
    """

    def __init__(self, siege: Siege, weights: Mapping[str, float]) -> None:
        self.meter, self._horizon = Meter(siege.network), siege.horizon
        self._weights = dict(sorted((m, w) for m, w in weights.items() if w > 0))
        everyone, nobody = np.arange(siege.network.size), np.zeros(0, np.int64)
        self._free, self._struck = np.zeros((2, siege.network.size))
        for measure, weight in self._weights.items():
            if measure in SUMS:
                self._free = self._free + weight * self.meter.rates(measure, nobody)
                self._struck = self._struck + weight * self.meter.rates(measure, everyone)
        self._regional = [m for m in self._weights if m in REGIONAL]
        self.rising = not any(m in SHRINKING for m in self._weights)
        """Whether another target can never lower the harm."""

    def of(self, log: Log, work: Work, hit: Ints) -> float:
        """Return the harm of an attack on some instances (H)."""
        rate = self._free.copy()
        rate[hit] = self._struck[hit]
        return self._sum(rate, log, work)

    def most(self, log: Log, work: Work, hit: Ints) -> float:
        """Return at least the harm of every attack on a part of some instances (H), from the run in which all are hit."""
        rate = self._free.copy()
        rate[hit] = np.maximum(rate[hit], self._struck[hit])
        return self._sum(rate, log, work)

    def _sum(self, rate: Floats, log: Log, work: Work) -> float:
        counted = np.flatnonzero(rate)
        found = [rate[counted] * work.proc["lost"][counted].astype(np.float64)]
        if self._regional:
            regional = sum(self._weights[m] * self.meter.by_region(m, log, self._horizon) for m in self._regional)
            found.append(np.asarray(regional))
        if "basic_peak" in self._weights:
            found.append(np.array([self._weights["basic_peak"] * self.meter.peak(log)]))
        return float(np.concatenate(found).sum())


def mask_of(plan: Iterable[int]) -> int:
    """Return a set of options as bits."""
    return sum(1 << k for k in plan)


def plan_of(mask: int) -> Plan:
    """Return bits as a set of options."""
    found = set()
    while mask:
        low = mask & -mask
        found.add(low.bit_length() - 1)
        mask ^= low
    return frozenset(found)


class Blow(NamedTuple):
    """An attack and the harm it does."""

    harm: float
    attack: Attack


@dataclass(slots=True)
class _Seen:
    """What is known of one attack: which options matter, and its harm by what of them is in place."""

    relevant: int
    harms: dict[int, float] = field(default_factory=dict)

    @property
    def none(self) -> float:
        """Harm without a plan."""
        return self.harms[0]

    def at_most(self, mask: int) -> float:
        """Return the least harm with a part of a plan: with all of it there is no more."""
        return _at_most(self.harms, mask)


@dataclass(slots=True)
class _Closed:
    """What is known of a block: bounds by plan, and on which plans they are its own rather than of what it was cut from."""

    matter: int
    """Options that can matter: all but guards elsewhere."""
    bounds: dict[int, float] = field(default_factory=dict)
    own: set[int] = field(default_factory=set)

    def at_most(self, mask: int) -> float:
        """Return what no attack in it exceeds on a plan; infinite if nothing is known."""
        return _at_most(self.bounds, mask)


class Attacks:
    """Every attack of at most some targets at once, opened up as far as asked.

    Parameters
    ----------
    siege : Siege
    weights : mapping
        Measure of harm to its weight.
    size : int
        Targets at once, at most.
    most : int
        So many of the targets that do most harm by themselves are considered; of equals the first in order.
    workers : int
        Threads; no result depends on their number.
    """

    def __init__(
        self, siege: Siege, weights: Mapping[str, float], size: int, most: int = 100, workers: int = 1
    ) -> None:
        self.siege, self.toll, self.workers = siege, Toll(siege, weights), workers
        self.weights: dict[str, float] = {m: w for m, w in sorted(weights.items()) if w > 0}
        self.runs = 0
        """Simulations made."""
        self.seen: dict[Attack, _Seen] = {}
        self._order: list[Attack] = []
        self._spare: list[Siege] = []
        self._lock = Lock()
        every = range(len(siege.targets))
        self.alone: list[float] = self.spread(lambda t: self.strike((t,), frozenset()), every)
        """Harm of each target of the siege by itself."""
        self.targets: tuple[int, ...] = tuple(sorted(every, key=lambda t: (-self.alone[t], t))[:most])
        """Targets considered, most harmful first."""
        self.size = min(size, len(self.targets))
        self._front: dict[Block, _Closed] = {}
        elsewhere = mask_of(siege.elsewhere)
        self._matter = [elsewhere | mask_of(guards) for guards in siege.guards]
        self._single: dict[tuple[int, int], float] = {}
        whole = len(self.targets)
        for number in [self.size] if self.toll.rising else range(1, self.size + 1):
            self._front[(0, whole, number),] = self._fresh(((0, whole, number),))
        self.count: int = sum(map(_attacks_in, self._front))
        """Attacks there are; where another target never lowers the harm only those of full size."""

    # -------------------------------------------------------------- opening up

    def closed(self, mask: int) -> float:
        """Return what no attack that is not opened up exceeds on a plan; minus infinity if all are opened up."""
        if not self._front:
            return -inf
        for block, known in self._front.items():
            if not known.bounds:  # a first block
                known.bounds[0] = self._bound(block, 0)
        return max(known.at_most(mask) for known in self._front.values())

    @property
    def looked(self) -> int:
        """Number of attacks opened up."""
        return len(self.seen)

    def open(
        self,
        mask: int,
        count: int = 1,
        until: float = inf,
        progress: Progress | None = None,
        floor: float = -inf,
        enough: float = inf,
    ) -> bool:
        """Open up every attack that can be one of the worst on a plan; return whether that was done to the end.

        Parameters
        ----------
        mask : int
            The plan.
        count : int
            How many of the worst.
        until : float
            When to stop, on the monotonic clock (seconds).
        progress : callable, optional
        floor : float
            Attacks that do no more than this do not matter either.
        enough : float
            Stop as soon as an attack does this much.
        """
        if self.closed(mask) == -inf:
            return True
        found = [blow.harm for blow in self.worst(mask, count)]
        todo = [(-known.at_most(mask), block) for block, known in self._front.items()]
        heapq.heapify(todo)
        said = -inf
        while True:
            least = max(floor, found[-1]) if len(found) == count else floor
            if not todo or -todo[0][0] <= least:
                return True
            if monotonic() >= until or (found and found[0] >= enough):
                return False
            taken = [heapq.heappop(todo) for _ in range(min(AT_ONCE, len(todo))) if -todo[0][0] > least]
            more, opened = self._split([block for _, block in taken], mask)
            for block in more:
                heapq.heappush(todo, (-self._front[block].at_most(mask), block))
            found = sorted([*found, *opened], reverse=True)[:count]
            if progress is not None and monotonic() >= said + SAID:
                said = monotonic()
                progress(self.count - sum(_attacks_in(b) for bound, b in todo if -bound > least), self.count)

    def probe(self, mask: int) -> None:
        """Open up attacks that are likely to be bad on a plan: those of the targets that do most by themselves on it."""
        asked = [(t, mask & self._matter[t]) for t in self.targets]
        new = [key for key in asked if key not in self._single]
        for key, harm in zip(new, self.spread(lambda k: self.strike((k[0],), plan_of(k[1])), new), strict=True):
            self._single[key] = harm
        order = sorted(range(len(asked)), key=lambda n: (-self._single[asked[n]], n))
        some = self.size
        while some < len(order) and comb(some + 1, self.size) <= PROBED:
            some += 1
        likely = combinations(sorted(self.targets[n] for n in order[:some]), self.size)
        attacks = [attack for attack in likely if attack not in self.seen]
        struck = self.spread(lambda attack: self._measured(attack, frozenset(), True), attacks)
        for attack, (harm, relevant) in zip(attacks, struck, strict=True):
            self.seen[attack] = _Seen(relevant, {0: harm})
        self._order = []

    def _split(self, blocks: list[Block], mask: int) -> tuple[list[Block], list[float]]:
        """Bound some blocks on a plan, or cut in two or open up those that are; return the new ones, and harms found."""
        front = self._front
        alone = [b for b in blocks if _attacks_in(b) == 1]
        known = {b for b in alone if self._members(b) in self.seen}
        single = [b for b in alone if b not in known and mask & front[b].matter in {0, *front[b].own}]
        bounded = [b for b in blocks if _attacks_in(b) > 1 and mask & front[b].matter in front[b].own]
        halves = [(block, half) for block in bounded for half in _halves(block)]
        for block, half in halves:
            kept = (0, mask & front[block].matter)
            front[half] = self._fresh(half, {plan: b for plan, b in front[block].bounds.items() if plan in kept})
        done = {*known, *single, *bounded}
        asked = [*(b for b in blocks if b not in done), *(half for _, half in halves)]
        bounds = self.spread(lambda block: self._bound(block, mask), asked)
        attacks = [self._members(block) for block in single]
        struck = self.spread(lambda attack: self._measured(attack, frozenset(), True), attacks)
        for block, bound in zip(asked, bounds, strict=True):
            one = front[block]
            one.bounds[mask & one.matter] = bound
            one.own.add(mask & one.matter)
        for block, attack, (harm, relevant) in zip(single, attacks, struck, strict=True):
            seen = self.seen[attack] = _Seen(relevant, {0: harm})
            for plan in front[block].own:  # of a single attack these are no bounds, but its harm
                seen.harms[plan & relevant] = front[block].bounds[plan]
        for block in done:
            del front[block]
        self._order = []
        return asked, [self.seen[attack].harms[mask & self.seen[attack].relevant] for attack in attacks]

    def _fresh(self, block: Block, bounds: dict[int, float] | None = None) -> _Closed:
        matter = 0
        for t in self._members(block):
            matter |= self._matter[t]
        return _Closed(matter, bounds or {})

    def _members(self, block: Block) -> Attack:
        ranks = chain.from_iterable(range(first, last) for first, last, _ in block)
        return tuple(sorted(self.targets[r] for r in ranks))

    def _bound(self, block: Block, mask: int) -> float:
        """Return at least the harm of every attack in a block on a plan: that of all its targets at once."""
        members = self._members(block)
        measure = self.toll.of if _attacks_in(block) == 1 else self.toll.most
        plan = plan_of(mask & self._front[block].matter)
        return self._with(lambda siege: measure(*siege.attack(members, plan), siege.hit_by(members)))

    # -------------------------------------------------------------- one attack, one plan

    def harm(self, attack: Attack, mask: int) -> float:
        """Return the harm of an opened attack on a plan."""
        seen = self.seen[attack]
        key = mask & seen.relevant
        found = seen.harms.get(key)
        if found is None:
            found = self.strike(attack, plan_of(key))
            seen.harms[key] = found
        return found

    def slim(self, blow: Blow, mask: int) -> Blow:
        """Leave out targets that add nothing to an attack on a plan, last ones first."""
        harm, attack = blow
        for t in sorted(attack, key=lambda t: (self.alone[t], -t)):
            fewer = tuple(one for one in attack if one != t)
            if fewer and self.strike(fewer, plan_of(mask)) >= harm:
                attack = fewer
        return Blow(harm, attack)

    def strike(self, attack: Attack, plan: Plan) -> float:
        """Simulate any attack on a plan; return its harm."""
        return self._measured(attack, plan, False)[0]

    def _measured(self, attack: Attack, plan: Plan, asked: bool) -> tuple[float, int]:
        """Simulate an attack on a plan; its harm and, when asked, which options can matter."""

        def measure(siege: Siege) -> tuple[float, int]:
            log, work = siege.attack(attack, plan)
            harm = self.toll.of(log, work, siege.hit_by(attack))
            return harm, mask_of(siege.touched(attack, work.proc["lost"] > 0)) if asked else 0

        return self._with(measure)

    def _with(self, measure: Callable[[Siege], Given]) -> Given:
        """Borrow a siege that no other thread uses."""
        with self._lock:
            mine = self._spare.pop() if self._spare else self.siege.twin()
            self.runs += 1
        found = measure(mine)
        with self._lock:
            self._spare.append(mine)
        return found

    # -------------------------------------------------------------- the worst of them

    def worst(self, mask: int, count: int = 1, floor: float = -inf) -> list[Blow]:
        """Return the opened attacks that do most harm on a plan, worst first, those above a floor only.

        An attack does no more than with a part of the plan, so most need no simulation.
        """
        best: list[float] = []
        known: list[Blow] = []
        open_: list[tuple[float, Attack]] = []

        def least() -> float:
            return max(floor, best[0]) if len(best) == count else floor

        def note(blow: Blow) -> None:
            known.append(blow)
            (heapq.heappush if len(best) < count else heapq.heappushpop)(best, blow.harm)

        for attack in self._by_harm():
            seen = self.seen[attack]
            if seen.none <= least():
                break
            harm = seen.harms.get(mask & seen.relevant)
            if harm is not None:
                note(Blow(harm, attack))
            else:
                open_.append((-seen.at_most(mask), attack))
        open_.sort()
        at = 0
        while at < len(open_) and -open_[at][0] > least():
            part = [attack for bound, attack in open_[at : at + AT_ONCE] if -bound > least()]
            for harm, attack in zip(self.spread(lambda a: self.harm(a, mask), part), part, strict=True):
                note(Blow(harm, attack))
            at += AT_ONCE
        return sorted((b for b in known if b.harm > floor), key=lambda b: (-b.harm, b.attack))[:count]

    def _by_harm(self) -> list[Attack]:
        if len(self._order) != len(self.seen):
            self._order = sorted(self.seen, key=lambda a: (-self.seen[a].none, a))
        return self._order

    def spread(self, ask: Callable[[Asked], Given], jobs: Sequence[Asked]) -> list[Given]:
        """Ask many things, with all threads; the answers are in order."""
        return spread(ask, jobs, self.workers)


def _at_most(harms: Mapping[int, float], mask: int) -> float:
    """Return the least harm with a part of a plan: with all of it there is no more; infinite if nothing is known."""
    return min((harm for part, harm in harms.items() if not part & ~mask), default=inf)


def _attacks_in(block: Block) -> int:
    """Count the attacks in a block."""
    return prod(comb(last - first, number) for first, last, number in block)


def _halves(block: Block) -> list[Block]:
    """Cut the longest part of a block in two, and return every way to divide its targets among the halves."""
    part = max((p for p in block if p[1] - p[0] > p[2]), key=lambda p: (p[1] - p[0], -p[0]))
    first, last, number = part
    middle = (first + last) // 2
    found = []
    for left in range(number + 1):
        right = number - left
        if left <= middle - first and right <= last - middle:
            halves = [(a, b, n) for a, b, n in ((first, middle, left), (middle, last, right)) if n]
            found.append(tuple(sorted([*(p for p in block if p != part), *halves])))
    return found
