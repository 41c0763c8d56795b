"""Somebody else's list of priorities beside the plan: what both choose, what each leaves, and why."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from cascade.errors import DefinitionError, Problem
from cascade.files.priorities import Entry, RivalList, read_entries
from cascade.model import Model
from cascade.results.candidates import Choices, Limits
from cascade.results.fronts import Clock, Progress, trimmed
from cascade.results.plans import NoPlan
from cascade.results.structure import kendall
from cascade.simulation.placing import Plan

if TYPE_CHECKING:
    from cascade.results.plans import Search, Solution

ALMOST: Final = 0.01
"""What is left of its own gain at most, for an option to count as covered (own choice)."""
COVERING: Final = 40
"""Options of the plan that are tried as the ones that cover another, at most."""
BETTERED: Final = 5
"""Times that an exchange from the list may improve the plan."""

Why = Literal["untouched", "no_gain", "covered", "weaker", "equal"]
"""Why the plan leaves an option of theirs: no scenario touches it; it averts nothing; the plan has seen to it already; what it
would displace averts more; it would make no difference."""


@dataclass(frozen=True)
class Wish:
    """What became of one line of their list.

    Attributes
    ----------
    entry : Entry
    taken : tuple of int
        Options that it puts into their plan.
    full : int
        Copies of the process for which nothing was left.
    none : bool
        Whether nothing can be chosen there with this capacity file.
    gain : float
        Harm averted by the options it asks for, were they the only ones.
    """

    entry: Entry
    taken: tuple[int, ...]
    full: int
    none: bool
    gain: float


@dataclass(frozen=True)
class Left:
    """An option of their plan that ours leaves.

    Attributes
    ----------
    option, rank : int
    alone, added : float
        Harm averted if it were the only one; and if it came on top of our plan.
    why : str
    covered_by : tuple of int
        Options of ours beside each of which it averts almost nothing; up to three.
    displaced : tuple of int
        Options of ours that have to leave for it, the weakest that make room.
    instead : float or None
        Harm more than ours with it in their place; None where that breaks another limit.
    """

    option: int
    rank: int
    alone: float
    added: float
    why: Why
    covered_by: tuple[int, ...]
    displaced: tuple[int, ...]
    instead: float | None


@dataclass(frozen=True)
class Missed:
    """An option of our plan that theirs misses.

    Attributes
    ----------
    option : int
    worth : float
        Harm more if our plan had to do without it.
    brings : float
        Harm averted if it came on top of their plan.
    rank : int or None
        Where their list has this place, though their plan does not come to it; None where the list leaves it out.
    """

    option: int
    worth: float
    brings: float
    rank: int | None


@dataclass(frozen=True, eq=False)
class Rivalry:
    """Their list beside our plan, under the same capacity.

    Attributes
    ----------
    theirs : RivalList
    wishes : tuple of Wish
        By line of their list, in its order.
    their_plan : frozenset of int
    ours : Solution
    none, their_harm : float
        Harm without a plan, and with theirs.
    common_harm : float
        Harm with only what both choose.
    completed : Solution, optional
        Their plan with what is left of the capacity used as well as can be; None where no plan that holds theirs keeps to all
        limits.
    kept : bool
        Whether their plan keeps to all limits, also the least amounts of regions.
    left : tuple of Left
        By rank of theirs.
    missed : tuple of Missed
        What is worth most first.
    agreement : float or None
        Kendall's tau-b between their order and that by harm averted: 1 the same, -1 opposite; None where that says nothing.
    improved : bool
        Whether an exchange with their list made our plan better than it was.
    """

    theirs: RivalList
    wishes: tuple[Wish, ...]
    their_plan: Plan
    ours: "Solution"
    none: float
    their_harm: float
    common_harm: float
    completed: "Solution | None"
    kept: bool
    left: tuple[Left, ...]
    missed: tuple[Missed, ...]
    agreement: float | None
    improved: bool

    @property
    def both(self) -> Plan:
        """What both choose."""
        return self.their_plan & self.ours.plan

    @property
    def overlap(self) -> float | None:
        """Share of the harm averted by our plan that what both choose averts by itself."""
        averted = self.none - self.ours.value
        return (self.none - self.common_harm) / averted if averted > 0 else None


def read_list(path: str | Path, model: Model, choices: Choices) -> RivalList:
    """Read a list of priorities, as :func:`~cascade.files.priorities.read_entries`.

    Entries that are no candidates are no fault: a list may be longer than what a capacity file offers.

    Raises
    ------
    DefinitionError
        All faults of the file together; or that nothing on it can be chosen.
    """
    found = read_entries(path, model)
    if not any(_copies(entry, choices) for entry in found.entries):
        what = "nothing on the list can be chosen with this capacity file"
        remedy = f"candidates read like {choices.options[0].label!r}"
        raise DefinitionError([Problem(found.source.path, 0, 0, "list", what, remedy)])
    return found


def compare(
    search: "Search",
    limits: Limits,
    theirs: RivalList,
    *,
    ours: "Solution | None" = None,
    seconds: float = 60.0,
    gap: float = 0.01,
    progress: Progress | None = None,
) -> Rivalry:
    """Compare a list of priorities with the best plan, under the same capacity.

    Their plan: go down the list and take what still fits. A line without a measure gets the one that averts most by
    itself; a line without a region stands for all copies of the process, those that avert most first.

    Parameters
    ----------
    search : Search
    limits : Limits
    theirs : RivalList
    ours : Solution, optional
        If it is known already; it may still be improved by what their list teaches.
    seconds : float
        For the searches together.
    gap : float
        Asked of each.
    progress : callable, optional

    Raises
    ------
    NoPlan
        If no plan keeps to the limits.
    """
    clock = Clock(seconds)
    contest = _Contest(search, limits)
    wishes = contest.walk(theirs.entries)
    plan = frozenset(k for wish in wishes for k in wish.taken)
    known = [plan] if limits.allow(plan) else []
    completed: Solution | None = None
    try:
        completed = search.solve(limits, gap=gap, seconds=clock.part(2), inside=plan, start=known)
    except NoPlan:
        pass
    else:
        known.append(completed.plan)
    if progress is not None:
        progress(1, 3)
    given = [] if ours is None else [ours.plan]
    if ours is None or any(contest.value(p) < ours.value for p in known):
        ours = search.solve(limits, gap=gap, seconds=clock.part(1), start=[*given, *known])
    if progress is not None:
        progress(2, 3)
    told = contest.told(theirs, wishes, plan, ours, completed)
    if progress is not None:
        progress(3, 3)
    return told


def _copies(entry: Entry, choices: Choices) -> dict[str, list[int]]:
    """Return the candidates that a line can mean, by region (empty: national)."""
    found: dict[str, list[int]] = {}
    for k, option in enumerate(choices.options):
        right = option.process == entry.process and entry.measure in ("", option.measure)
        if right and entry.region in ("", option.region):
            found.setdefault(option.region, []).append(k)
    return found


class _Contest:
    """What is asked of the judge about both plans."""

    def __init__(self, search: "Search", limits: Limits) -> None:
        self.judge, self.choices, self.limits, self.search = search.judge, search.choices, limits, search
        self.none = self.value(())
        self.relevant: Plan = frozenset[int]().union(*(case.relevant for case in self.judge.cases))
        self.noise = 1e-9 * self.none
        """Differences below this come from adding up in another order."""

    def value(self, plan: Iterable[int]) -> float:
        return self.judge.value(plan)

    def gains(self, options: Iterable[int]) -> dict[int, float]:
        """Return the harm that each option averts by itself."""
        asked = sorted(set(options))
        return {k: self.none - harm for k, harm in zip(asked, self.judge.values([(k,) for k in asked]), strict=True)}

    # -------------------------------------------------------------- down their list

    def walk(self, entries: Iterable[Entry]) -> tuple[Wish, ...]:
        """Go down a list and take what still fits."""
        plan: Plan = frozenset()
        wishes = []
        for entry in entries:
            copies = self._preferred(entry)
            taken, full = [], 0
            for options in copies:
                if plan.intersection(options):  # an earlier line has seen to it
                    continue
                fitting = next((k for k in options if self.limits.leave_room(plan | {k})), None)
                if fitting is None:
                    full += 1
                else:
                    taken.append(fitting)
                    plan = plan | {fitting}
            gain = self.none - self.value([options[0] for options in copies])
            wishes.append(Wish(entry, tuple(taken), full, not copies, gain))
        return tuple(wishes)

    def _preferred(self, entry: Entry) -> list[list[int]]:
        """Return what a line can mean: copies of its process, and for each the measures, those that avert most first."""
        copies = _copies(entry, self.choices)
        gains = self.gains(k for options in copies.values() for k in options)
        ordered = {
            region: sorted(options, key=lambda k: (-gains[k], int(self.choices.cost[k]), k))
            for region, options in copies.items()
        }
        return [ordered[r] for r in sorted(ordered, key=lambda r: (-gains[ordered[r][0]], r))]

    # -------------------------------------------------------------- beside ours

    def told(
        self,
        theirs: RivalList,
        wishes: tuple[Wish, ...],
        plan: Plan,
        ours: "Solution",
        completed: "Solution | None",
    ) -> Rivalry:
        """Say what both choose and what each leaves; an exchange that betters our plan is made."""
        ranks = {k: wish.entry.rank for wish in wishes for k in wish.taken}
        before = ours.value
        for _ in range(BETTERED + 1):
            ours = self._with(ours, trimmed(self.search, self.limits, ours.plan))
            found = [self._left(k, ranks[k], ours.plan) for k in sorted(plan - ours.plan, key=lambda k: (ranks[k], k))]
            better = [other for _, other in found if other and self.value(other) < ours.value - self.noise]
            if not better:
                break
            ours = self._with(ours, min(better, key=lambda p: (self.value(p), sorted(p))))
        return Rivalry(
            theirs=theirs,
            wishes=wishes,
            their_plan=plan,
            ours=ours,
            none=self.none,
            their_harm=self.value(plan),
            common_harm=self.value(plan & ours.plan),
            completed=completed,
            kept=self.limits.allow(plan),
            left=tuple(left for left, _ in found),
            missed=self._missed(theirs, plan, ours.plan),
            agreement=_agreement(wishes),
            improved=ours.value < before - self.noise,
        )

    def _with(self, ours: "Solution", plan: Plan) -> "Solution":
        value = self.value(plan)
        return replace(ours, plan=plan, value=value, bound=min(ours.bound, value))

    def _left(self, k: int, rank: int, ours: Plan) -> tuple[Left, Plan | None]:
        """Say why our plan leaves an option, and return ours with it in the place of the weakest that make room."""
        harm = self.value(ours)
        alone, added = self.none - self.value((k,)), harm - self.value(ours | {k})
        displaced = self._displaced(k, ours)
        other = None if displaced is None else (ours - set(displaced)) | {k}
        instead = None if other is None else self._rounded(self.value(other) - harm)
        covered: tuple[int, ...] = ()
        why: Why = "equal" if instead is not None and instead <= 0 else "weaker"
        if k not in self.relevant:
            why = "untouched"
        elif max(alone, added) <= self.noise:
            why = "no_gain"
        elif added <= ALMOST * alone:
            why, covered = "covered", self._covering(k, alone, ours)
        found = Left(k, rank, self._rounded(alone), self._rounded(added), why, covered, displaced or (), instead)
        return found, other

    def _rounded(self, difference: float) -> float:
        return difference if abs(difference) > self.noise else 0.0

    def _displaced(self, k: int, ours: Plan) -> tuple[int, ...] | None:
        """Return the options of ours that leave for another: one, or several weak ones, whichever costs less."""
        if self.limits.allow(ours | {k}):
            return ()
        order = self._weakest(ours)
        ways: list[tuple[int, ...]] = []
        single = next((j for j in order if self.limits.allow(ours - {j} | {k})), None)
        if single is not None:
            ways.append((single,))
        for n in range(2, len(order) + 1):
            if self.limits.allow(ours - set(order[:n]) | {k}):
                ways.append(tuple(order[:n]))
                break
        return min(ways, key=lambda way: (self.value(ours - set(way) | {k}), way), default=None)

    def _weakest(self, ours: Plan) -> list[int]:
        """Return the options of a plan, first those that it would miss least."""
        members = sorted(ours)
        harms = self.judge.values([ours - {j} for j in members])
        return [j for _, j in sorted(zip(harms, members, strict=True))]

    def _covering(self, k: int, alone: float, ours: Plan) -> tuple[int, ...]:
        """Return up to three options of ours beside each of which another averts almost nothing."""
        options = self.choices.options
        shared = frozenset[int]().union(*(case.relevant for case in self.judge.cases if k in case.relevant))

        def far(j: int) -> tuple[bool, bool, int]:
            return options[j].region != options[k].region, options[j].process != options[k].process, j

        found: list[int] = []
        for j in sorted(ours & shared, key=far)[:COVERING]:
            if self.value((j,)) - self.value((j, k)) <= ALMOST * alone:
                found.append(j)
                if len(found) == 3:
                    break
        return tuple(found)

    def _missed(self, theirs: RivalList, plan: Plan, ours: Plan) -> tuple[Missed, ...]:
        members = sorted(ours - plan)
        harm, their_harm = self.value(ours), self.value(plan)
        without = self.judge.values([ours - {k} for k in members])
        beside = self.judge.values([plan | {k} for k in members])
        found = [
            Missed(k, self._rounded(worth - harm), self._rounded(their_harm - brought), self._listed(theirs, k))
            for k, worth, brought in zip(members, without, beside, strict=True)
        ]
        return tuple(sorted(found, key=lambda m: (-m.worth, m.option)))

    def _listed(self, theirs: RivalList, k: int) -> int | None:
        """Return the rank of the first line that an option answers."""
        option = self.choices.options[k]
        for entry in theirs.entries:
            right = option.process == entry.process and entry.measure in ("", option.measure)
            if right and entry.region in ("", option.region):
                return entry.rank
        return None


def _agreement(wishes: tuple[Wish, ...]) -> float | None:
    """Return Kendall's tau-b between the order of a list and that by harm averted; None where either has no order."""
    able = [wish for wish in wishes if not wish.none]
    if len(able) < 2:
        return None
    tau = kendall(np.array([-w.entry.rank for w in able], np.float64), np.array([w.gain for w in able]))
    return None if np.isnan(tau) else float(tau)
