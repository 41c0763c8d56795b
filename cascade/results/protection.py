"""Where scarce protection does most good: the plan for a capacity file, how good it is, and what follows from it.

The plan comes from a search; every harm told comes from a run. The harm of the final plan is simulated once more, from the
scenarios with its measures written into them, and must be that of the search.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from cascade.errors import CascadeError
from cascade.files.reading import find_capacity, find_scenario, read_capacity, read_scenario
from cascade.model import Capacity, Input, Model, Scenario
from cascade.results.advice import (
    Asking,
    Cut,
    Forced,
    Played,
    Price,
    Worse,
    Worth,
    cut,
    hit_by,
    made_worse,
    person_rates,
    same,
    steps,
    swapped,
    worths,
)
from cascade.results.candidates import Choices, Limits, choices, limits, placed_already
from cascade.results.effects import REGIONAL, SUMS, Meter
from cascade.results.fronts import trimmed
from cascade.results.harm import Case, Judge
from cascade.results.plans import Search, Solution, Told
from cascade.results.scanning import Scan, by_place, one_each, process_gains, scan
from cascade.simulation.network import compile_network
from cascade.simulation.placing import Option, Plan, in_place
from cascade.simulation.run import Run, simulate
from cascade.units import FULL

if TYPE_CHECKING:
    from cascade.results.attacker import Defence
    from cascade.results.phased import Phased

Floats = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]

QUESTIONS: Final = 10
"""Choices of the plan that are left out in turn, those worth least first, unless all are asked for."""
RUNNERS_UP: Final = 5
"""Candidates outside the plan that are forced into it: those that would avert most on top of it."""
OPEN: Final = 5
"""Processes and regions of which the harm that is left is told; all scenarios are."""
AGAIN: Final = 2
"""How often the questions are asked anew because one of them turned up a better plan."""
NORMAL_95: Final = 1.959964
"""Standard deviations on either side of a mean that hold 95% of a normal distribution."""


@dataclass(frozen=True)
class Given:
    """A scenario of the capacity file, with what is placed already."""

    name: str
    weight: float
    scenario: Scenario


@dataclass(frozen=True)
class Rest:
    """Harm that the plan leaves, and who would help most there."""

    scope: str
    """``scenario``, ``process`` or ``region``; a process counts person-hours at the modes."""
    name: str
    """An id; a region is empty for what no region bears alone."""
    before: float
    after: float
    candidate: int | None
    """The candidate outside the plan that would avert most of it; None where none would avert any."""
    gain: float


@dataclass(frozen=True, eq=False)
class Fresh:
    """The plan on samples it was not made for."""

    planned: float
    """Its harm on the samples it was made for."""
    whole: float
    """Its harm on fresh ones, judged in the same way."""
    none: Floats
    """Harm of each fresh sample (S), without a plan."""
    plan: Floats
    """With the plan."""
    rival: Floats | None
    """With the next best plan."""
    without: int | None
    """The option that the next best plan goes without."""

    def interval(self, values: Floats) -> tuple[float, float, float]:
        """Return a mean and its 95% interval; the mean alone where there is one sample."""
        mean = float(values.mean())
        half = NORMAL_95 * float(values.std(ddof=1)) / values.size**0.5 if values.size > 1 else float("nan")
        return mean, mean - half, mean + half

    @property
    def better(self) -> float | None:
        """Share of the samples in which the plan leaves less harm than the next best one; ties count half."""
        if self.rival is None:
            return None
        return float(((self.plan < self.rival) + 0.5 * (self.plan == self.rival)).mean())


@dataclass(frozen=True, eq=False)
class Protection:
    """A plan for a capacity file, with its bound and everything that follows from it."""

    model: Model
    capacity: Capacity
    choices: Choices
    limits: Limits
    given: tuple[Given, ...]
    samples: int
    seed: int
    inputs: tuple[Input, ...] = ()
    search: Search | None = None
    """None where there are no scenarios, but an attacker."""
    solution: Solution | None = None
    floor: float = 0.0
    """Harm with all candidates together, by simulation; no bound where repairs queue."""
    played: tuple[Played, ...] = ()
    worths: dict[int, Worth] = field(default_factory=dict)
    """Of the options of the plan, and of candidates that are spoken of."""
    cuts: tuple[Cut, ...] = ()
    forced: tuple[Forced, ...] = ()
    swaps: dict[int, float] = field(default_factory=dict)
    """What taking in a candidate costs at most, for those that would help where harm is left."""
    prices: tuple[Price, ...] = ()
    fair: Price | None = None
    left: tuple[Rest, ...] = ()
    untouched: tuple[str, ...] = ()
    """Scenarios that no candidate changes."""
    worse: tuple[Worse, ...] = ()
    ladder: tuple[tuple[int, float], ...] = ()
    """Options of the plan, those that avert most by themselves first, and the harm with all up to each."""
    fresh: Fresh | None = None
    defence: "Defence | None" = None
    phased: "Phased | None" = None
    interrupted: bool = False
    cut_short: bool = False
    """Whether the time limit ended the search before the gap that was asked for."""

    def __repr__(self) -> str:
        return f"Protection({self.capacity.name.en!r}, {len(self.plan)} of {self.choices.size} candidates)"

    def _repr_html_(self) -> str:
        """Show itself in a notebook."""
        import cascade

        return cascade.html(self)

    @property
    def plan(self) -> Plan:
        """Options of the plan."""
        return self.solution.plan if self.solution is not None else frozenset()

    @property
    def found(self) -> Solution:
        """What the search found; there is none where only an attacker is planned against."""
        assert self.solution is not None
        return self.solution

    @property
    def value(self) -> float:
        """Harm of the plan, simulated anew where there are no samples."""
        if self.solution is None or self.search is None:
            return 0.0
        if self.samples or not self.played:
            return self.solution.value
        return self.search.judge.whole(np.array([one.harm_after for one in self.played]))

    @property
    def bound(self) -> float:
        """No plan with this capacity leaves less harm."""
        return min(float(self.solution.bound), self.value) if self.solution is not None else 0.0

    @property
    def none(self) -> float:
        """Harm without a plan."""
        return self.solution.none if self.solution is not None else 0.0

    @property
    def gap(self) -> float:
        """How much less harm another plan could leave at most, as a share of this one's."""
        return (self.value - self.bound) / self.value if self.value > 0 else 0.0

    @property
    def idle(self) -> dict[str, int]:
        """Units by kind, and euros, that the plan leaves unused."""
        used = self.limits.used(self.plan)
        there = {kind: sum(places.values()) for kind, places in self.limits.units.items()}
        if self.limits.budget is not None:
            there["budget"] = self.limits.budget
        return {kind: number - used[kind] for kind, number in there.items()}


def protect(
    model: Model,
    capacity: Capacity | str | Path,
    *,
    samples: int = 0,
    seed: int = 1,
    workers: int = 1,
    seconds: float = 120.0,
    gap: float = 0.001,
    every: bool = False,
    questions: bool = True,
    scenarios: Mapping[str, Scenario] | None = None,
    progress: Told | None = None,
    asked: Progress | None = None,
) -> Protection:
    """Find the plan that leaves least harm with a given capacity, with a proven bound and what follows from it.

    Parameters
    ----------
    model : Model
    capacity : Capacity or path
        Or the name of one at hand. Where it has phases, those of all of them together are planned with.
    samples : int
        Plan on so many draws of every uncertain number; 0 plans with the modes.
    seed : int
        Of those draws.
    workers : int
        Threads; the result does not depend on it.
    seconds : float
        For the search; the questions after it take as long again at most, and so does each of an attacker and phases.
    gap : float
        Stop when no plan can leave this share less harm.
    every : bool
        Ask of each option of the plan what leaving it out costs, not only of those worth least.
    questions : bool
        False: only the plan, its bound and what each choice is worth in it, much sooner.
    scenarios : mapping, optional
        Scenarios by the names in the capacity file; by default they are read where they stand.
    progress, asked : callable, optional
        Told the harm of the best plan so far, the bound and the seconds; how many questions are answered, and of how many.

    Returns
    -------
    Protection
        After Ctrl-C with the best plan so far and its bound, and without what was not asked yet.

    Raises
    ------
    NoPlan
        If no plan keeps to the limits.
    UsageError, DefinitionError
        If a file is missing or faulty, or nothing can be chosen.
    """
    base = _prepared(model, capacity, samples, seed, scenarios)
    if base.given:
        base = _planned(base, workers, seconds, gap, every=every, questions=questions, progress=progress, asked=asked)
    try:
        return _beyond(base, workers, seconds, gap, progress, asked)
    except KeyboardInterrupt:
        return _stopped(base)


def _stopped(base: Protection) -> Protection:
    """Keep what was found before Ctrl-C, if there is anything."""
    if base.solution is None:
        raise KeyboardInterrupt
    return replace(base, interrupted=True)


def _beyond(
    base: Protection, workers: int, seconds: float, gap: float, progress: Told | None, asked: Progress | None
) -> Protection:
    """Plan against the attacker and over the phases, where the capacity file has them."""
    if base.capacity.attacker is not None and not base.interrupted:
        base = _defended(base, workers, seconds, gap, progress, asked)
    if base.capacity.phases and base.search is not None and not base.interrupted:
        base = _phased(base, seconds, gap, asked)
    return base


def _prepared(
    model: Model,
    capacity: Capacity | str | Path,
    samples: int,
    seed: int,
    scenarios: Mapping[str, Scenario] | None,
) -> Protection:
    """Read what is to be read, and list the candidates."""
    inputs: list[Input] = []
    if not isinstance(capacity, Capacity):
        file = read_capacity(find_capacity(str(capacity), model.root or None), model)
        capacity = file.capacity
        inputs.append(file.source)
    given = _given(model, capacity, scenarios, inputs)
    found = choices(model, capacity)
    whole = limits(found, len(capacity.phases))
    return Protection(model, capacity, found, whole, given, samples, seed, tuple(inputs))


def _given(
    model: Model, capacity: Capacity, scenarios: Mapping[str, Scenario] | None, inputs: list[Input]
) -> tuple[Given, ...]:
    found = []
    for name, weight in sorted(capacity.scenarios.items()):
        if scenarios is not None and name in scenarios:
            scenario = scenarios[name]
        else:
            file = read_scenario(find_scenario(name, model.root or None), model)
            scenario = file.scenario
            inputs.append(file.source)
        found.append(Given(name, float(weight), placed_already(model, capacity, scenario)))
    return tuple(found)


def judge_of(
    model: Model,
    given: Sequence[Given],
    options: Sequence[Option],
    capacity: Capacity,
    *,
    samples: Iterable[int] = (),
    seed: int = 1,
    workers: int = 1,
    meter: Meter | None = None,
) -> Judge:
    """Return what judges plans: each scenario at its modes, or each of some samples of it."""
    meter = meter or Meter(compile_network(model))
    numbers = list(samples)
    drawn: list[tuple[int, int] | None] = [(seed, n) for n in numbers] if numbers else [None]
    cases = tuple(
        Case(
            model, one.scenario, options, weights_of(capacity),
            weight=one.weight / len(drawn), name=one.name, sample=sample, meter=meter,
        )
        for one in given
        for sample in drawn
    )  # fmt: skip
    return Judge(cases, tuple(options), workers, 1.0 if capacity.tail is None else capacity.tail / FULL)


def weights_of(capacity: Capacity) -> dict[str, float]:
    """Return the measures that harm is the sum of, without those that weigh nothing."""
    return {str(name): float(weight) for name, weight in sorted(capacity.harm.items()) if weight}


def harm_of(run: Run, weights: Mapping[str, float], meter: Meter) -> float:
    """Return the harm of a run: straight from its log, not through the search's judge.

    Parameters
    ----------
    run : Run
    weights : mapping
        Measure to weight.
    meter : Meter
        Of a network with the same instances.
    """
    total, hit = 0.0, hit_by(run)
    lost = run.state.proc["lost"].astype(np.float64)
    for measure, weight in weights.items():
        if measure in SUMS:
            total += weight * float((meter.rates(measure, hit) * lost).sum())
        elif measure in REGIONAL:
            total += weight * float(meter.by_region(measure, run.changes, run.horizon).sum())
        else:
            total += weight * meter.peak(run.changes)
    return total


# ------------------------------------------------------------------ the plan


def _planned(
    base: Protection,
    workers: int,
    seconds: float,
    gap: float,
    *,
    every: bool,
    questions: bool,
    progress: Told | None,
    asked: Progress | None,
) -> Protection:
    """Search a plan, and ask what follows from it."""
    meter = Meter(compile_network(base.model))
    judge = judge_of(
        base.model, base.given, base.choices.options, base.capacity,
        samples=range(base.samples), seed=base.seed, workers=workers, meter=meter,
    )  # fmt: skip
    search = Search(judge, base.choices)
    solution = search.solve(base.limits, gap=gap, seconds=seconds, progress=progress)
    late = not solution.proven and solution.seconds >= seconds
    floor = judge.value(range(base.choices.size))
    base = replace(base, search=search, floor=floor, cut_short=late, interrupted=solution.interrupted)
    touched = {case.name for case in judge.cases if case.relevant and not same(case.best.sum(), case.none.sum())}
    untouched = tuple(one.name for one in base.given if one.name not in touched)
    base = replace(base, solution=solution, untouched=untouched)
    if base.interrupted:
        return _replayed(base, meter)
    try:
        if not questions:
            base, own, *_ = _standing(base, solution, meter)
            return replace(base, worths=own)
        base = _asked(base, meter, seconds, gap, every=every, asked=asked)
        return replace(base, fresh=_fresh(base, meter, workers)) if base.samples and not base.interrupted else base
    except KeyboardInterrupt:
        return _replayed(replace(base, interrupted=True), meter)


def _asked(
    base: Protection, meter: Meter, seconds: float, gap: float, *, every: bool, asked: Progress | None
) -> Protection:
    """Answer all questions; begin again where one of them turns up a better plan."""
    assert base.search is not None
    search, judge, until = base.search, base.search.judge, monotonic() + seconds
    solution = base.found
    for turn in range(AGAIN):
        base, own, weakest, left, others = _standing(base, solution, meter)
        solution = base.found
        asking = Asking(
            search, base.limits, solution, weakest, seconds=max(0.0, until - monotonic()), gap=gap, progress=asked
        )
        mine = weakest if every else weakest[:QUESTIONS]
        asking.expect(len(mine) + len(others) + len(steps(base.limits)) + 1)
        forced = asking.forced([*mine, *others])
        prices, fair = asking.prices(), asking.fairness()
        if asking.best.plan == solution.plan or turn == AGAIN - 1 or asking.interrupted:
            break
        solution = asking.best
    if asking.best.plan != solution.plan:  # found too late to ask everything anew: what no longer fits it is left out
        base, own, weakest, left, others = _standing(base, asking.best, meter)
        solution = base.found
        forced = [one for one in forced if one.chosen == (one.option in solution.plan)]
    weights = weights_of(base.capacity)
    hits = {one.name: one.hit for one in base.played}
    cuts = cut(judge, solution.plan, sorted(own), base.played, lambda name: person_rates(meter, hits[name], weights))
    order = sorted(own, key=lambda k: (-own[k].averts, k))
    harms = judge.values([order[: n + 1] for n in range(len(order))])
    helping = dict.fromkeys(rest.candidate for rest in left if rest.candidate is not None)
    swaps = swapped(judge, base.limits, solution.plan, weakest, helping)
    own.update(worths(judge, solution.plan, others))
    return replace(
        base, worths=own, swaps=swaps, cuts=tuple(cuts), forced=tuple(forced), prices=tuple(prices), fair=fair, left=left,
        worse=tuple(made_worse(base.played)), ladder=tuple(zip(order, harms, strict=True)), interrupted=asking.interrupted,
    )  # fmt: skip


def _standing(
    base: Protection, solution: Solution, meter: Meter
) -> tuple[Protection, dict[int, Worth], list[int], tuple[Rest, ...], list[int]]:
    """Return what follows from one plan: it simulated, what each option is worth in it, what is left, who comes next."""
    assert base.search is not None
    search, judge = base.search, base.search.judge
    plan = trimmed(search, base.limits, solution.plan)
    scanned = scan(judge, plan)
    fuller = completed(search, base.limits, plan, scanned)
    if fuller != plan:  # a search cut short by the clock can leave room for what still helps
        plan, scanned = fuller, scan(judge, fuller)
    solution = replace(solution, plan=plan, value=search.value(plan))
    base = _replayed(replace(base, solution=solution), meter)
    own = worths(judge, plan, plan)
    left = _left(base, meter, scanned)
    return base, own, sorted(own, key=lambda k: (own[k].part, k)), left, _runners_up(scanned, left)


def completed(search: Search, allowed: Limits, plan: Plan, scanned: Scan) -> Plan:
    """Add to a plan what fits beside it and averts more, the greatest gain first."""
    value = search.value(plan)
    for k in scanned.options[np.argsort(-scanned.gain, kind="stable")].tolist():
        more = plan | {k}
        if allowed.leave_room(more) and search.value(more) < value:
            plan, value = more, search.value(more)
    return plan


def _replayed(base: Protection, meter: Meter) -> Protection:
    """Simulate every scenario without and with the plan, from scenarios with its measures written into them.

    Raises
    ------
    CascadeError
        If that is not the harm the plan was chosen by: a fault of the program.
    """
    assert base.search is not None
    weights, cases = weights_of(base.capacity), one_each(base.search.judge)
    before = {one.name: one.before for one in base.played}
    options = [base.choices.options[k] for k in sorted(base.plan)]
    found = []
    for one, case in zip(base.given, cases, strict=True):
        without = before.get(one.name) or simulate(base.model, one.scenario)
        after = simulate(base.model, in_place(one.scenario, options))
        harms = (harm_of(without, weights, meter), harm_of(after, weights, meter))
        found.append(Played(one.name, one.weight, without, after, *harms))
        if not base.samples and not same(harms[1], case.harm(base.plan)):
            raise CascadeError(
                f"{one.name}: the plan was judged at {case.harm(base.plan):.6g} and simulates to {harms[1]:.6g}; "
                "this is a fault of the program, please report it with the capacity file"
            )
    return replace(base, played=tuple(found))


# ------------------------------------------------------------------ what stays open


def _left(base: Protection, meter: Meter, scanned: Scan) -> tuple[Rest, ...]:
    """Return the largest harms that are left, by scenario, process and region."""
    assert base.search is not None
    found = [
        _rest("scenario", name, *harms, scanned.best(scanned.by_scenario[name]))
        for name, harms in scenario_harms(base).items()
    ]
    found.sort(key=lambda r: (-r.after, r.name))
    return (*found, *_left_by_process(base, meter, scanned), *_left_by_region(base, scanned))


def _rest(scope: str, name: str, before: float, after: float, best: tuple[int, float] | None) -> Rest:
    return Rest(scope, name, before, after, *(best or (None, 0.0)))


def _left_by_process(base: Protection, meter: Meter, scanned: Scan) -> list[Rest]:
    assert base.search is not None
    network, total = meter.network, sum(one.weight for one in base.played)
    rates = {one.name: meter.rates("hours", one.hit) for one in base.played}
    gains = process_gains(base.search.judge, base.plan, scanned, rates)
    before, after = (np.zeros(len(network.processes)) for _ in range(2))
    for one in base.played:
        for sums, run in ((before, one.before), (after, one.after)):
            np.add.at(sums, network.process_of, one.weight / total * rates[one.name] * run.state.proc["lost"])
    found = []
    for p in np.argsort(-after, kind="stable")[:OPEN].tolist():
        helping = max(gains, key=lambda k: (gains[k][p], -k), default=None)
        best = None if helping is None or gains[helping][p] <= 0 else (helping, float(gains[helping][p]))
        if after[p] > 0:
            found.append(_rest("process", network.processes[p], float(before[p]), float(after[p]), best))
    return found


def scenario_harms(base: Protection) -> dict[str, tuple[float, float]]:
    """Return the harm of each scenario without and with the plan: simulated anew, or the mean over its samples."""
    assert base.search is not None
    found = {one.name: (one.harm_before, one.harm_after) for one in base.played}
    if not base.samples and found:
        return found
    for one in base.given:
        cases = [case for case in base.search.judge.cases if case.name == one.name]
        before, after = (sum(case.harm(plan) for case in cases) / len(cases) for plan in (frozenset[int](), base.plan))
        found[one.name] = (before, after)
    return found


def left_by_region(base: Protection) -> tuple[Floats, Floats]:
    """Return the weighted harm by region (R + 1) without and with the plan; the last is what no region bears alone."""
    assert base.search is not None
    judge = base.search.judge
    shares = judge.shares.tolist()
    before = sum(s * by_place(case, case.none) for s, case in zip(shares, judge.cases, strict=True))
    after = sum(s * by_place(case, case.parts(base.plan)) for s, case in zip(shares, judge.cases, strict=True))
    return np.asarray(before), np.asarray(after)


def _left_by_region(base: Protection, scanned: Scan) -> list[Rest]:
    assert base.search is not None
    names = (*base.search.judge.cases[0].stage.network.regions, "")
    before, after = left_by_region(base)
    found = []
    for r in np.argsort(-after, kind="stable")[:OPEN].tolist():
        if after[r] > 0:
            best = scanned.best(scanned.by_region[:, r])
            found.append(_rest("region", names[r], float(before[r]), float(after[r]), best))
    return found


def _runners_up(scanned: Scan, left: Iterable[Rest]) -> list[int]:
    """Return the candidates outside the plan that are worth a question: best on top of it, and best somewhere."""
    order = [k for k in np.argsort(-scanned.gain, kind="stable").tolist() if scanned.gain[k] > 0][:RUNNERS_UP]
    found = [int(scanned.options[k]) for k in order]
    found += [rest.candidate for rest in left if rest.candidate is not None]
    return list(dict.fromkeys(found))[: 2 * RUNNERS_UP]


# ------------------------------------------------------------------ fresh samples, attackers, phases


def _fresh(base: Protection, meter: Meter, workers: int) -> Fresh:
    """Judge the plan, no plan and the next best plan on samples that the search has not seen."""
    assert base.solution is not None
    judge = judge_of(
        base.model, base.given, base.choices.options, base.capacity,
        samples=range(base.samples, 2 * base.samples), seed=base.seed, workers=workers, meter=meter,
    )  # fmt: skip
    rivals = [(f.solution.value, f.option, f) for f in base.forced if f.chosen and f.solution is not None]
    nearest = min(rivals, key=lambda r: r[:2])[2] if rivals else None
    plans: list[Plan] = [frozenset(), base.plan]
    if nearest is not None and nearest.solution is not None:
        plans.append(nearest.solution.plan)
    weight = np.array([one.weight for one in base.given])
    weight = weight / weight.sum()
    harms = judge.many(plans)
    by_sample = [weight @ row.reshape(len(base.given), base.samples) for row in harms]
    return Fresh(
        base.solution.value, judge.whole(harms[1]), by_sample[0], by_sample[1],
        by_sample[2] if len(plans) > 2 else None, None if nearest is None else nearest.option,
    )  # fmt: skip


def _defended(
    base: Protection, workers: int, seconds: float, gap: float, progress: Told | None, asked: Progress | None
) -> Protection:
    from cascade.results.attacker import defend

    found = defend(
        base.model,
        base.capacity,
        base.choices,
        base.limits,
        workers=workers,
        seconds=seconds,
        gap=gap,
        opening=asked,
        progress=progress,
    )
    return replace(base, defence=found, interrupted=found.interrupted)


def _phased(base: Protection, seconds: float, gap: float, asked: Progress | None) -> Protection:
    from cascade.results.phased import phased

    assert base.search is not None
    found = phased(base.search, base.choices, base.capacity, seconds=seconds, gap=gap, progress=asked)
    return replace(base, phased=found, interrupted=found.interrupted)
