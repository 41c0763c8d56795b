"""The harm of a plan: scenarios played with its measures in place, and what that means in one stated unit.

Every figure here comes from a simulation. Harm is kept in parts (instances, regions), each of which never rises when a
measure is added (semantics 11, property 3, applied to what measures do): that is what bounds are built on.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from threading import Lock
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from cascade.model import Model, Scenario
from cascade.results.effects import REGIONAL, SUMS, Meter
from cascade.simulation.layout import Log, Work
from cascade.simulation.placing import Option, Plan, Stage, without_repair

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Progress = Callable[[int, int], None]
Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

KEPT: Final = 4_000
"""Plans of each case of which the harm by part is remembered, at most; of others only the harm is."""


class Gauge:
    """The harm of a run in parts (C): first the instances that count, then regions, then the country.

    Parameters
    ----------
    stage : Stage
    weights : mapping
        Measure of harm to its weight.
    meter : Meter
        Of the stage's network, at its modes.
    """

    def __init__(self, stage: Stage, weights: Mapping[str, float], meter: Meter) -> None:
        if stage.drawn is not None:
            meter = meter.redrawn(stage.drawn.people, stage.drawn.cost_per_day)
        self._meter, self._weights, self._horizon = meter, dict(sorted(weights.items())), stage.horizon
        rate = np.zeros(stage.network.size)
        for measure, weight in self._weights.items():
            if measure in SUMS:
                rate += weight * meter.rates(measure, stage.hit)
        self.instances: Ints = np.flatnonzero(rate).astype(np.int64)
        """Instances of the first parts."""
        self._rate = rate[self.instances]
        self.regions = len(stage.network.regions) if any(m in REGIONAL for m in self._weights) else 0
        """Number of parts that are regions; one a region, or none."""
        self.size = self.instances.size + self.regions + ("basic_peak" in self._weights)

    def of(self, log: Log, work: Work) -> Floats:
        """Return the harm of a run by part (C)."""
        lost = work.proc["lost"][self.instances].astype(np.float64)
        parts = [self._rate * lost]
        if self.regions:
            regional = np.zeros(self.regions)
            for measure, weight in self._weights.items():
                if measure in REGIONAL:
                    regional += weight * self._meter.by_region(measure, log, self._horizon)
            parts.append(regional)
        if "basic_peak" in self._weights:
            parts.append(np.array([self._weights["basic_peak"] * self._meter.peak(log)]))
        return np.concatenate(parts)


class Case:
    """One scenario (at modes or as one sample) with its options, and what was found out about plans.

    Parameters
    ----------
    model, scenario, options, sample
        As for :class:`~cascade.simulation.placing.Stage`.
    weights : mapping
        Measure of harm to its weight.
    weight : float
        Of this case among others.
    name : str
    meter : Meter, optional
        Of any network of the same model, so that it is made once for many cases.
    """

    def __init__(
        self,
        model: Model,
        scenario: Scenario,
        options: Sequence[Option],
        weights: Mapping[str, float],
        *,
        weight: float = 1.0,
        name: str = "",
        sample: tuple[int, int] | None = None,
        meter: Meter | None = None,
    ) -> None:
        self.name, self.weight, self.sample = name, weight, sample
        self.stage = Stage(model, scenario, options, sample=sample)
        self.gauge = Gauge(self.stage, weights, meter or Meter(self.stage.network))
        self._relaxed = Stage(model, scenario, options, sample=sample, crews=False) if self.stage.queues else self.stage
        self._spare: list[Stage] = []
        self._spare_relaxed: list[Stage] = []
        self._known: dict[Plan, Floats] = {}
        self._bounds: dict[Plan, Floats] = {}
        self._harms: dict[Plan, float] = {}
        self._lock = Lock()
        self._harmful = self.stage.harmful
        # where repairs queue, one that goes faster can put off another: there all last to the end, to be safe
        endless = Stage(model, without_repair(scenario), options, sample=sample) if self.stage.queues else self.stage
        self.short: Flags = endless.play(self._harmful)[1].proc["lost"] > 0
        """Instances (N) that can lose something."""
        if not self.stage.monotone:
            self.short = np.ones_like(self.short)
        log, work = self.stage.play(())
        self.relevant: Plan = frozenset(self.stage.matters(self.short))
        """Options that can change anything here."""
        self.none: Floats = self.gauge.of(log, work)
        """Harm by part without a plan."""
        self._known[frozenset()] = self.none
        self.runs = 1

    @cached_property
    def best(self) -> Floats:
        """Harm by part with all options in place: no plan leaves less of any part."""
        return self.least(self.relevant)

    @property
    def monotone(self) -> bool:
        """Whether more measures are provably never worse here; without that, no bound holds but none at all."""
        return self.stage.monotone

    def parts(self, plan: Iterable[int]) -> Floats:
        """Return the harm of a plan by part (C)."""
        return self._ask(frozenset(plan) & self.relevant, self._known, self.stage, self._spare)

    def harm(self, plan: Iterable[int]) -> float:
        """Return the harm of a plan."""
        chosen = frozenset(plan) & self.relevant
        if chosen not in self._harms:
            self._harms[chosen] = float(self.parts(chosen).sum())
        return self._harms[chosen]

    def alone(self, option: int) -> float:
        """Return the harm with one option in place."""
        return self.harm((option,))

    def least(self, plan: Iterable[int]) -> Floats:
        """Return by part (C) what no plan within this one can go below: crews for all, and 0 where nothing is proven."""
        if not self.monotone:
            return np.zeros(self.gauge.size)
        chosen = (frozenset(plan) & self.relevant) - self._harmful
        if self._relaxed is self.stage:
            return self.parts(chosen)
        return self._ask(chosen, self._bounds, self._relaxed, self._spare_relaxed)

    def _ask(self, plan: Plan, known: dict[Plan, Floats], stage: Stage, spare: list[Stage]) -> Floats:
        found = known.get(plan)
        if found is not None:
            return found
        with self._lock:
            mine = spare.pop() if spare else stage.twin()
        log, work = mine.play(plan)
        found = self.gauge.of(log, work)
        with self._lock:
            spare.append(mine)
            self.runs += 1
            if len(known) < KEPT:
                known[plan] = found
        return found


def spread(ask: Callable[[Asked], Answer], jobs: Sequence[Asked], workers: int) -> list[Answer]:
    """Ask many things, with some threads; the answers are in order."""
    if workers == 1 or len(jobs) < 2:
        return [ask(job) for job in jobs]
    size = max(1, min(64, len(jobs) // (4 * workers)))
    pieces = [jobs[a : a + size] for a in range(0, len(jobs), size)]
    pool = ThreadPoolExecutor(workers)
    try:
        return list(chain.from_iterable(pool.map(lambda piece: [ask(job) for job in piece], pieces)))
    finally:
        pool.shutdown(cancel_futures=True)


@dataclass(frozen=True, eq=False)
class Judge:
    """All cases together; asks them with several threads, with the same answers from each number of them."""

    cases: tuple[Case, ...]
    options: tuple[Option, ...]
    workers: int = 1
    tail: float = 1.0
    """Part of the weight that counts: 1 for the mean over all cases, 0.1 for the mean of the worst tenth."""

    @cached_property
    def shares(self) -> Floats:
        """Weights of the cases, adding up to 1."""
        weight = np.array([case.weight for case in self.cases])
        return np.asarray(weight / weight.sum())

    @property
    def runs(self) -> int:
        """Simulations made."""
        return sum(case.runs for case in self.cases)

    def harms(self, plan: Iterable[int]) -> Floats:
        """Return the harm of a plan in each case (W)."""
        return np.asarray(self.many([plan])[0])

    def value(self, plan: Iterable[int]) -> float:
        """Return the harm of a plan: the weighted mean, or that of the worst part."""
        return self.whole(self.harms(plan))

    def values(self, plans: Sequence[Iterable[int]]) -> list[float]:
        """Return the harm of many plans."""
        return [self.whole(row) for row in self.many(plans)]

    def many(self, plans: Sequence[Iterable[int]]) -> Floats:
        """Return the harm of many plans in each case (plans, W)."""
        asked = [frozenset(plan) for plan in plans]
        jobs = [(case, plan) for case in self.cases for plan in asked]
        found = self.spread(lambda job: job[0].harm(job[1]), jobs)
        return np.asarray(np.array(found, np.float64).reshape(len(self.cases), len(asked)).T)

    def spread(self, ask: Callable[[Asked], Answer], jobs: Sequence[Asked]) -> list[Answer]:
        """Ask many things, with all threads; the answers are in order."""
        return spread(ask, jobs, self.workers)

    def whole(self, harms: Floats) -> float:
        """Return the mean of some cases' harm (W), or of the worst part of them."""
        if self.tail >= 1:
            return float((self.shares * harms).sum())
        order = np.argsort(-harms, kind="stable")
        before = np.cumsum(self.shares[order]) - self.shares[order]
        taken = np.clip(self.tail - before, 0, self.shares[order])
        return float((taken * harms[order]).sum()) / self.tail
