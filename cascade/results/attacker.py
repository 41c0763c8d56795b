"""The plan that is least bad against someone who sees it and then strikes where it hurts most, with a proven bound.

A target harm is set, and a master program (:mod:`cascade.results.masters`) chooses a plan that stops every known attack from doing
more than that. A cut says what an attack asks for: it still does more than the target with *all* options but a few in place, so
every plan that is to hold has one of those few. The cuts of an attack are made from maximal plans that do not stop it, which
leaves few options outside. Then all attacks are tried on the plan found; the worst that get through are the next cuts. When no
plan fits the cuts, none can do better than the least harm they stand for. That holds for every plan, so it is a proven bound;
when the best plan does no more harm than that, it is the best there is.

Harm is always that of a simulation. A defence that changes from day to day, drawn by lot, can be better than any fixed plan
against one who has to choose before he sees today's posts; that is not looked for here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import Final

import numpy as np
import numpy.typing as npt

from cascade.errors import UsageError
from cascade.model import Capacity, Model, Scenario
from cascade.results.attacks import Attacks, Blow, Progress, mask_of, plan_of
from cascade.results.candidates import Choices, Limits, placed_already
from cascade.results.effects import INDICATOR
from cascade.results.harm import Case, Judge
from cascade.results.masters import Answer, Sparse, minimise
from cascade.results.plans import NoPlan, Search
from cascade.simulation.attacking import Attack, Siege
from cascade.simulation.placing import Option, Plan

Floats = npt.NDArray[np.float64]
Told = Callable[[float, float, float], None]
"""Is told now and then: what no attack on the best plan so far exceeds, the bound, seconds."""

CUTS: Final = 100
"""Attacks that get through on a plan and are turned into cuts, at most."""
TRIED: Final = 64
"""Options tried against one attack in the greedy search."""
CLOSE: Final = 0.02
"""Gap under which plans just better than the best are looked for, rather than ones half-way to the bound."""
EQUAL: Final = 1e-9
"""Share by which two harms must differ to count as different: they are sums of fractions."""
NEXT: Final = 10
"""Attacks that are told of."""
PATIENCE: Final = 3
"""Rounds of cuts that teach nothing before attacks are planned against as scenarios, part by part of their harm."""
JOINED: Final = 3
"""Attacks added to those at a time."""
OPENING: Final = 0.6
"""Part of the time in which it is proven that no attack on a plan is worse than those found, before bounds get the rest."""


@dataclass(frozen=True)
class Threat:
    """An attack, what it does without the plan and with it, and what of the plan stands guard at its targets."""

    targets: tuple[str, ...]
    before: float
    after: float
    guarded: tuple[str, ...]
    """Labels of options."""


@dataclass(frozen=True)
class Target:
    """Something that can be attacked, and the harm of that alone, without the plan and with it."""

    label: str
    before: float
    after: float
    guarded: tuple[str, ...]


@dataclass(frozen=True)
class Defence:
    """A plan, the worst that can be done to it, and how good it is."""

    plan: Plan
    options: tuple[Option, ...]
    """Those of the plan, in order."""
    size: int
    """Targets at once."""
    duration: int
    """Seconds that they are down."""
    before: Threat
    """The worst attack without a plan."""
    worst: Threat
    """The worst attack found on the plan, without targets that add nothing."""
    at_most: float
    """No attack on the plan does more; the harm of the worst one found unless time was up."""
    bound: float
    """On any plan within the limits some attack does at least this."""
    next: tuple[Threat, ...]
    """The worst attacks that remain, that one first."""
    targets: tuple[Target, ...]
    """Targets considered, most harmful first."""
    attacks: int
    """Attacks there are."""
    looked: int
    """Attacks simulated; the others provably do no more than ``at_most``."""
    runs: int
    seconds: float
    rounds: int
    asked: float
    """Gap asked for."""
    weights: Mapping[str, float]
    """What harm is made of: measure to weight."""
    interrupted: bool = False

    @property
    def value(self) -> float:
        """Harm of the worst attack found on the plan, by simulation."""
        return self.worst.after

    @property
    def gap(self) -> float:
        """How much less the worst attack could do on another plan at most, as a share of what it does on this one."""
        return max(0.0, self.at_most - self.bound) / self.at_most if self.at_most > 0 else 0.0

    @property
    def proven(self) -> bool:
        """Whether the gap asked for was reached."""
        return self.gap <= max(self.asked, 2 * EQUAL)


def defend(
    model: Model,
    capacity: Capacity,
    choices: Choices,
    limits: Limits,
    *,
    workers: int = 1,
    gap: float = 0.0,
    seconds: float = 300.0,
    opening: Progress | None = None,
    progress: Told | None = None,
) -> Defence:
    """Find the plan on which the worst attack does least harm.

    Parameters
    ----------
    model : Model
    capacity : Capacity
        Says who attacks, and what counts as harm.
    choices, limits
        Of that file.
    workers : int
        Threads; the answer does not depend on their number.
    gap : float
        Stop when no plan can be this share better.
    seconds : float
        Stop after this long.
    opening : callable, optional
        Told how many attacks need no further look, and of how many.
    progress : callable, optional

    Raises
    ------
    UsageError
        If the file has no attacker.
    NoPlan
        If no plan keeps to the limits.
    """
    attacks = attacks_of(model, capacity, choices, workers)
    return Defender(attacks, choices).solve(limits, gap=gap, seconds=seconds, opening=opening, progress=progress)


def attacks_of(model: Model, capacity: Capacity, choices: Choices, workers: int = 1) -> Attacks:
    """Return the attacks that a capacity file is about.

    Raises
    ------
    UsageError
        If it has no attacker, or there is nothing to attack.
    """
    who = capacity.attacker
    if who is None:
        raise UsageError("the capacity file has no attacker; write attacker: {targets: 2}")
    quiet = placed_already(model, capacity, Scenario.model_validate({"name": "attack", "horizon": "1s", "events": []}))
    # what only mirrors other processes stands nowhere, so nobody can strike it
    real = tuple(p for p, process in model.processes.items() if INDICATOR not in process.tags)
    siege = Siege(model, quiet, choices.options, who.duration, who.processes or real, who.where)
    weights = {str(measure): weight for measure, weight in capacity.harm.items()}
    return Attacks(siege, weights, who.targets, who.most, workers)


class Defender:
    """Finds plans against attacks and proves bounds; all that was learnt holds for other limits too."""

    def __init__(self, attacks: Attacks, choices: Choices) -> None:
        self.attacks, self.choices = attacks, choices
        self.cuts: dict[int, float] = {}
        """Options of which one is needed, and the harm that some attack does at least without any of them."""

    def solve(
        self,
        limits: Limits,
        *,
        gap: float = 0.0,
        seconds: float = 300.0,
        inside: Plan = frozenset(),
        outside: Plan = frozenset(),
        start: Iterable[Plan] = (),
        opening: Progress | None = None,
        progress: Told | None = None,
    ) -> Defence:
        """Find the plan on which the worst attack does least harm, with a proven bound.

        Parameters
        ----------
        limits : Limits
        gap, seconds, opening, progress
            As for :func:`defend`.
        inside, outside : frozenset of int
            Options that the plan must have, and must not have.
        start : iterable of frozenset
            Plans to begin with.

        Returns
        -------
        Defence
            After Ctrl-C the best plan so far with its bound.

        Raises
        ------
        NoPlan
            If no plan keeps to the limits.
        """
        return _Duel(self, limits, gap, seconds, inside, outside, opening, progress).answer(start)

    def worst(self, plan: Plan, seconds: float = inf) -> tuple[Blow, float]:
        """Return the worst attack found on a plan, and what no attack on it exceeds."""
        mask = mask_of(plan)
        self.attacks.open(mask, until=monotonic() + seconds)
        blow = self.found(mask)
        return self.attacks.slim(blow, mask), max(blow.harm, self.attacks.closed(mask))

    def found(self, mask: int) -> Blow:
        """Return the worst attack known on a plan."""
        return next(iter(self.attacks.worst(mask)), Blow(0.0, self.attacks.targets[:1]))

    def cut(self, attack: Attack, mask: int, above: float) -> tuple[int, float]:
        """Return the options outside a maximal plan on which an attack does more than asked, and what it does there."""
        attacks = self.attacks
        relevant = attacks.seen[attack].relevant
        kept = mask & relevant
        todo = [sorted(plan_of(relevant & ~mask))]
        while todo:
            part = todo.pop()
            whole = kept | mask_of(part)
            if attacks.harm(attack, whole) > above:
                kept = whole
            elif len(part) > 1:
                todo += [part[len(part) // 2 :], part[: len(part) // 2]]
        return relevant & ~kept, attacks.harm(attack, kept)

    def learn(self, blows: list[Blow], mask: int, above: float) -> float:
        """Add the cuts of attacks that do more than asked on a plan; return the greatest harm that no plan can lower."""
        never = -inf
        for needed, harm in self.attacks.spread(lambda blow: self.cut(blow.attack, mask, above), blows):
            if needed:
                self.cuts[needed] = max(harm, self.cuts.get(needed, -inf))
            else:
                never = max(never, harm)
        return never


class _Duel:
    """One search: the best plan and the best bound so far."""

    def __init__(
        self,
        defender: Defender,
        limits: Limits,
        gap: float,
        seconds: float,
        inside: Plan,
        outside: Plan,
        opening: Progress | None,
        told: Told | None,
    ) -> None:
        self.defender, self.attacks, self.limits, self.gap = defender, defender.attacks, limits, gap
        self.inside, self.outside, self.told = inside, outside, told
        self._opening = opening
        self.began = monotonic()
        self.until, self.until_open = self.began + seconds, self.began + OPENING * seconds
        self.rows, helpers = written(limits)
        self.size = defender.choices.size
        self.lower, self.upper = np.zeros(self.size + helpers), np.full(self.size + helpers, inf)
        self.upper[: self.size] = 1.0
        self.upper[sorted(outside)], self.lower[sorted(inside)] = 0.0, 1.0
        self.barred: list[Plan] = []
        self.mask: int | None = None
        self.value, self.at_most, self.bound, self.rounds = inf, inf, 0.0, 0
        self.pool: dict[Attack, Case] = {}
        self.idle = 0

    # -------------------------------------------------------------- book-keeping

    def opening(self, done: int, total: int) -> None:
        """Tell how far the opening up of attacks is."""
        if self._opening is not None:
            self._opening(done, total)
        self.tell()

    def tell(self) -> None:
        """Tell the best so far; without a plan, what no attack exceeds."""
        if self.told is not None:
            value = self.at_most if self.mask is not None else self.attacks.closed(0)
            self.told(value, self.bound, monotonic() - self.began)

    def late(self) -> bool:
        return monotonic() >= self.until

    def near(self) -> bool:
        return self.at_most - self.bound <= max(self.gap, EQUAL) * self.at_most

    def offer(self, mask: int) -> None:
        """Try a plan; keep it if the worst attack on it provably does least so far."""
        enough = inf if self.mask is None else self.at_most
        self.attacks.probe(mask)
        self.attacks.open(mask, until=self.until_open, progress=self.opening, enough=enough)
        harm = self.defender.found(mask).harm
        at_most = max(harm, self.attacks.closed(mask))
        if self.mask is None or at_most < self.at_most:
            self.mask, self.value, self.at_most = mask, harm, at_most
        self.tell()

    def answer(self, start: Iterable[Plan]) -> Defence:
        """Search until plan and bound are close, or the time is up."""
        interrupted = False
        first = self._first()
        try:
            self._bound_of_all()
            for plan in start:
                if self._fits(plan):
                    self.offer(mask_of(plan))
            self.offer(self._greedy(mask_of(first)))
            while not self.near() and not self.late() and self._round():
                pass
            self._tidy()
        except KeyboardInterrupt:
            interrupted = True
        return self._told_of(mask_of(first) if self.mask is None else self.mask, interrupted)

    def _fits(self, plan: Plan) -> bool:
        return self.inside <= plan and not plan & self.outside and self.limits.allow(plan)

    # -------------------------------------------------------------- the master program

    def _master(self, above: float, rows: list[int] | None = None) -> Answer:
        """Look for a plan within the limits that has an option of every cut of attacks that do more than asked."""
        limits = self.rows if rows is None else [self.rows[k] for k in rows]
        cuts = [
            ((sorted(plan_of(needed)), [1.0] * needed.bit_count()), 1.0, inf)
            for needed, harm in sorted(self.defender.cuts.items())
            if harm > above
        ]
        barred = [((sorted(plan), [1.0] * len(plan)), -inf, len(plan) - 1.0) for plan in self.barred]
        left = max(0.0, self.until - monotonic()) if rows is None else inf
        cost = np.ones(self.lower.size)
        cost[self.size :] = 0.0
        return minimise(cost, [*limits, *cuts, *barred], True, self.lower, self.upper, left, 0.5)

    def _first(self) -> Plan:
        """Return a plan that keeps to the limits, or name those that clash."""
        every = list(range(len(self.rows)))
        found = self._master(inf, every)
        if found.x is not None:
            return frozenset(k for k in found.chosen if k < self.size)
        names = [row.name for row in self.limits.rows()[0]]
        for k in range(len(names)):  # a limit without which they still clash has no part in it
            fewer = [j for j in every if j != k]
            if self._master(inf, fewer).x is None:
                every = fewer
        raise NoPlan(names[k] for k in every)

    def _round(self) -> bool:
        """Learn something in the way that still teaches most; return whether there is more to learn."""
        self.rounds += 1
        before = (self.at_most, self.bound)
        if self.idle >= PATIENCE:
            self.idle = 0
            return self._joined() or (self.at_most, self.bound) != before
        more = self._covered()
        self.idle = 0 if (self.at_most, self.bound) != before else self.idle + 1
        if not more:
            self.idle = PATIENCE
        return True

    def _covered(self) -> bool:
        """Set a target and look for a plan that holds to it; return whether that was decided."""
        best = self.at_most if self.at_most < inf else self.value
        close = best - self.bound <= CLOSE * best
        target = best * (1 - EQUAL) if close else (best + self.bound) / 2
        found = self._master(target)
        if found.status == "infeasible":
            asked = [harm for harm in self.defender.cuts.values() if harm > target]
            self.bound = max(self.bound, min(asked, default=best))
            return True
        if found.x is None:
            return False
        plan = frozenset(k for k in found.chosen if k < self.size)
        if not self._fits(plan):  # the solver's tolerance
            self.barred.append(plan)
            return True
        mask = mask_of(plan)
        self.offer(mask)
        through = self.attacks.worst(mask, CUTS, target)
        if through:
            self.bound = max(self.bound, self.defender.learn(through, mask, target))
        # nothing known gets through: the plan is the best so far, or there is no time to find what does
        return bool(through) or self.mask == mask

    def _joined(self) -> bool:
        """Plan against the worst attacks found, as scenarios of which the worst counts; return whether there were new ones.

        Where an attack is softened bit by bit, in many places, cuts of the whole harm say little; those of
        :mod:`cascade.results.bounds` take the harm apart. Any plan leaves of the worst of some attacks no more than of the worst of all.
        """
        siege, mask = self.attacks.siege, self.mask or 0
        new = [b.attack for b in self.attacks.worst(mask, JOINED + len(self.pool)) if b.attack not in self.pool][
            :JOINED
        ]
        if not new:
            return False
        for attack in new:
            scene = siege.scene(attack, frozenset())
            self.pool[attack] = Case(
                siege.as_written, scene, siege.options, self.attacks.weights, meter=self.attacks.toll.meter
            )
        judge = Judge(tuple(self.pool.values()), siege.options, self.attacks.workers, 1 / len(self.pool))
        left = max(0.0, self.until - monotonic())
        found = Search(judge, self.defender.choices).solve(
            self.limits, gap=max(self.gap, EQUAL), seconds=left / 2, inside=self.inside, outside=self.outside,
            start=[plan_of(mask)],
        )  # fmt: skip
        self.bound = max(self.bound, found.bound)
        self.offer(mask_of(found.plan))
        if found.interrupted:
            raise KeyboardInterrupt
        return True

    def _bound_of_all(self) -> None:
        """Take what the worst attack does with everything in place as a first bound."""
        self.attacks.probe(0)
        self.attacks.open(0, until=self.until_open, progress=self.opening)
        every = mask_of(set(range(self.size)) - self.outside)
        # that of any attack is a bound; the worst of them need not be found
        self.attacks.probe(every)
        self.bound = self.defender.found(every).harm

    # -------------------------------------------------------------- plans without a program

    def _greedy(self, mask: int, deep: bool = False) -> int:
        """Add to a plan, against the worst attack on it, what averts most for what it takes; until nothing helps.

        With ``deep`` an attack that nothing helps against is left for the next one.
        """
        weight = self._weight()
        while not self.late():
            blows = self._next(mask, NEXT if deep else 1)
            step = next((found for one in blows if (found := self._step(one, mask, weight))), 0)
            if not step:
                return mask
            mask |= step
        return mask

    def _next(self, mask: int, count: int) -> list[Blow]:
        """Return bad attacks on a plan, worst first; they need not be the worst of all."""
        self.attacks.probe(mask)
        return self.attacks.worst(mask, count)

    def _step(self, blow: Blow, mask: int, weight: Floats) -> int:
        """Return the option, or else the two, that help most against an attack for what they take; 0 if none do."""
        if blow.attack not in self.attacks.seen:
            return 0
        plan = plan_of(mask)
        relevant = plan_of(self.attacks.seen[blow.attack].relevant & ~mask) - self.outside
        guards = frozenset().union(*(self.attacks.siege.guards[t] for t in blow.attack))
        room = [k for k in sorted(relevant, key=lambda k: (k not in guards, k)) if self.limits.leave_room(plan | {k})]
        room = room[:TRIED]
        pairs = [(a, b) for n, a in enumerate(room[:12]) for b in room[n + 1 : 12]]
        for tries in ([(k,) for k in room], [p for p in pairs if self.limits.leave_room(plan | set(p))]):
            harms = self.attacks.spread(lambda some: self.attacks.harm(blow.attack, mask | mask_of(some)), tries)
            gains = [
                ((blow.harm - harm) / sum(weight[list(some)]), some) for harm, some in zip(harms, tries, strict=True)
            ]
            best = max(gains, key=lambda g: (g[0], [-k for k in g[1]]), default=(0.0, ()))
            if best[0] > 0:
                return mask_of(best[1])
        return 0

    def _weight(self) -> Floats:
        """Return how much of what there is each option takes (n): its greatest share of a kind."""
        found = np.full(self.size, 1e-9)
        for row in self.limits.rows()[0]:
            if row.options.size and 0 < row.most < 2**52:
                np.maximum.at(found, row.options, row.amounts / row.most)
        return found

    def _tidy(self) -> None:
        """Take out what the plan does not need against its worst attack, and use the room against the next ones."""
        if self.mask is None:
            return
        for k in sorted(plan_of(self.mask) - self.inside, reverse=True):
            fewer = self.mask & ~(1 << k)
            if self.limits.allow(plan_of(fewer)) and self._holds(fewer):
                self.mask = fewer
        more = self._greedy(self.mask, deep=True)
        if self._fits(plan_of(more)) and self._holds(more):
            self.mask = more
        # the worst attacks that remain are told of; those in doubt are left out
        self.attacks.open(self.mask, NEXT, self.until, self.opening)
        self.value = self.defender.found(self.mask).harm
        self.at_most = max(self.value, self.attacks.closed(self.mask))

    def _holds(self, mask: int) -> bool:
        """Whether no attack on a plan does more than is proven for the best one, as far as time allows to tell."""
        if self.late():
            return False
        most = float(np.nextafter(self.at_most, inf))
        done = self.attacks.open(mask, until=self.until, progress=self.opening, floor=self.at_most, enough=most)
        return done and not self.attacks.worst(mask, 1, self.at_most)

    # -------------------------------------------------------------- what is told

    def _told_of(self, mask: int, interrupted: bool) -> Defence:
        attacks, choices = self.attacks, self.defender.choices
        blows = attacks.worst(mask, 3 * NEXT) or [Blow(0.0, attacks.targets[:1])]
        closed = attacks.closed(mask)
        at_most = max(blows[0].harm, closed)
        # of the others an attack that is not opened up could be worse
        sure = [blow for blow in blows[1:] if blow.harm >= closed]
        slim = list(dict.fromkeys(attacks.slim(blow, mask) for blow in [blows[0], *sure]))
        first = attacks.worst(0)
        before = attacks.slim(first[0], 0) if first else slim[0]
        plan = plan_of(mask)
        targets = tuple(self._target(t, mask) for t in attacks.targets)
        return Defence(
            plan=plan,
            options=tuple(choices.options[k] for k in sorted(plan)),
            size=attacks.size,
            duration=attacks.siege.duration,
            before=self._threat(before.attack, mask),
            worst=self._threat(slim[0].attack, mask),
            at_most=at_most,
            bound=min(self.bound, at_most),
            next=tuple(self._threat(blow.attack, mask) for blow in slim[:NEXT]),
            targets=targets,
            attacks=attacks.count,
            looked=attacks.looked,
            runs=attacks.runs,
            seconds=monotonic() - self.began,
            rounds=self.rounds,
            asked=self.gap,
            weights=attacks.weights,
            interrupted=interrupted,
        )

    def _threat(self, attack: Attack, mask: int) -> Threat:
        labels = tuple(self.attacks.siege.targets[t].label for t in attack)
        before, after = (self.attacks.strike(attack, plan_of(m)) for m in (0, mask))
        return Threat(labels, before, after, self._guarding(attack, mask))

    def _target(self, target: int, mask: int) -> Target:
        label = self.attacks.siege.targets[target].label
        after = self.attacks.strike((target,), plan_of(mask))
        return Target(label, self.attacks.alone[target], after, self._guarding((target,), mask))

    def _guarding(self, attack: Attack, mask: int) -> tuple[str, ...]:
        there = frozenset().union(*(self.attacks.siege.guards[t] for t in attack))
        return tuple(self.defender.choices.options[k].label for k in sorted(plan_of(mask) & there))


def written(limits: Limits) -> tuple[list[tuple[Sparse, float, float]], int]:
    """Return limits as rows of a program over options and then helpers, and the number of helpers."""
    rows, helpers = limits.rows()
    size = limits.choices.size
    found: list[tuple[Sparse, float, float]] = []
    for row in rows:
        terms = dict(zip(row.options.tolist(), row.amounts.tolist(), strict=True))
        terms.update({size + number: amount for number, amount in row.helpers})
        most = float(row.most) if row.most < 2**52 else inf
        found.append((terms, float(row.least) if row.least > -(2**52) else -inf, most))
    return found, helpers
