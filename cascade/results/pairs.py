"""Two failures at once: which pairs are worse than their parts, and which overlap; searched without leaving any out.

The **synergy** of a pair is its joint effect less the sum of the single ones. Above nothing the pair is worse than its
parts: each has the stand-in or the reserve of the other. Below nothing the effects overlap: what is out is out.

Which pairs are skipped, and why none of them can matter
--------------------------------------------------------
Let C be the instances that change when a candidate fails alone.

**Rule 1, independence.** Skip a pair if (i) no need has a supplier or sustainer in each C, and (ii) no instance of one C has
a supplier or sustainer in the other. Candidates share no instance, so (ii) keeps the two C's apart: what is in both is hit by
one at most, and changes with the other through what supplies it. Then an instance of C sees inputs as it does alone: those in
its own C, and others that stay full. So at every instant the rise to the least fixed point and the fall to the
greatest go on in each C as they do alone, and by induction over the instants its levels, clocks and windows are those of the
single run. Any other instance stays full: each of its needs sees at most one of the two runs, in which it stayed met. So the
joint log is the union of the two. (Without (ii) two that hold each other's reserve could return in each single run, and
wait for each other for ever when both reserves end at the instant of return.)

Sums over instances and the number of locked ones then add up exactly. People without a basic need count in each region by
the scarcest, and max(f, g) <= f + g: no such pair is worse than its parts, and as more harm is never better its overlap is at most
the lesser single effect. Hours beyond the self-reliance period obey neither, since two spells can join into a long one;
they, too, are exact where the two share no region.

**Rule 2, bounds.** More harm is never better: all candidates failing together (of copies: the two processes failing
everywhere) take at least as much of every instance as two of them do. And an instance that is not downstream of both sees one of
the two failures at most, so that there the losses add up. So for sums over instances: synergy <= sum, over those downstream of
both, of weight x (lost together at most - lost alone - lost alone); and, as the joint loss is at least the greater single
one, overlap <= sum of weight x the lesser single loss. For person-hours without a basic need only half of what is lost
alone may be taken off (the joint shortfall exceeds the sum of the scarcest by no more than it exceeds the greater of its own two),
and the overlap is at most the lesser single effect. A pair of which both bounds stay under the threshold is skipped; without
a threshold none is.

A country that is short of something from the start has no independent failures; there every pair is simulated.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations_with_replacement, pairwise
from math import ceil
from operator import mul
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from cascade.errors import CascadeError, UsageError, did_you_mean
from cascade.model import Model, Scenario
from cascade.results.effects import COLUMN, INDICATOR, Meter
from cascade.results.shortfall import PERSON, PERSON_HOUR, People, parts
from cascade.simulation.farm import Progress, run_tasks
from cascade.simulation.layout import Log
from cascade.simulation.network import Network, compile_network
from cascade.simulation.run import simulate
from cascade.simulation.sweep import AFTER, Case, Simulator, cases, fingerprint_of, out, seconds
from cascade.units import DAY, FULL, HOUR

if TYPE_CHECKING:
    import pandas as pd

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]

SUMS: Final = ("hours", "cascade_hours", "euros")
"""Measures that add up what each instance has lost, times a weight."""
MEASURES: Final = (*SUMS, "basic_hours", "basic_peak", "basic_beyond", "locked")
"""What two failures can be compared by. ``hours``: person-hours of everything, ``cascade_hours``: of what neither failure
hits itself; the others as in `results.effects`."""
SCALE: Final = {
    "hours": PERSON_HOUR, "cascade_hours": PERSON_HOUR, "euros": 1_000_000, "basic_hours": HOUR, "basic_peak": 1,
    "basic_beyond": HOUR, "locked": 1,
}  # fmt: skip
"""Whole steps in which a measure is counted, to the unit in which it is told (person-hours, euros, people, copies)."""
ROUNDING: Final = {"euros": 1_000, "basic_hours": 2, "basic_peak": 2, "basic_beyond": 2}
"""Steps that the rounding of three counts can amount to; a synergy within them is none."""
OF: Final = ("processes", "copies")
MOST: Final = 5_000
"""Candidates at most: their pairs, and what each does to everything, must fit the memory."""
_BITS: Final = 62
"""Bits of an effect in the second of the two numbers that it travels as: whole numbers of Python have no greatest."""
_MARGIN: Final = 1e-9
"""Share by which bounds are widened: they are sums of fractions, the effects themselves are whole numbers."""


# ------------------------------------------------------------------ what is found


class Searched(NamedTuple):
    """How all pairs were dealt with; the last three add up to ``pairs``."""

    candidates: int
    pairs: int
    independent: int
    """Skipped: the two failures do not touch (rule 1)."""
    bounded: int
    """Skipped: what the pair could do together stays under the threshold (rule 2)."""
    simulated: int


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of failures whose joint effect is not the sum of the single ones.

    Every pair of candidates whose synergy is ``threshold`` or more, up or down, is in the table; the rules in
    :func:`pairs` say why none of those skipped can be.
    """

    table: "pd.DataFrame"
    """One row per pair, the greatest synergy first: ``first``, ``second`` (ids, or process@REGION), ``joint``,
    ``first_alone``, ``second_alone``, ``synergy`` (all in the unit of the measure), ``synergy_share`` (of the joint effect,
    or of the single ones together where those are more)."""
    searched: Searched
    measure: str
    of: str
    duration_h: float
    horizon_h: float
    threshold: float

    @property
    def worse(self) -> "pd.DataFrame":
        """Pairs worse than their parts, the worst first."""
        return self.table[self.table["synergy"] > 0].reset_index(drop=True)

    @property
    def overlapping(self) -> "pd.DataFrame":
        """Pairs that do less together than apart, the greatest overlap first."""
        return self.table[self.table["synergy"] < 0].iloc[::-1].reset_index(drop=True)


def pairs(
    model: Model,
    of: str = "processes",
    duration: int | str = DAY,
    measure: str = "cascade_hours",
    *,
    threshold: float = 0.0,
    sectors: Iterable[str] = (),
    regions: Iterable[str] = (),
    workers: int = 1,
    cluster: str | None = None,
    store: str | Path | None = None,
    prune: bool = True,
    progress: Progress | None = None,
) -> Pairs:
    """Let every two candidates fail together, and compare that with each of them alone.

    Both fail entirely at the start and return after the duration; what they do is followed for 14 days more. Effects are
    those beyond what a country without failures lacks (nothing, in a sound model). Pairs are skipped by the two rules of
    this module, and only by them.

    Parameters
    ----------
    model : Model
    of : {"processes", "copies"}
        Fail a process everywhere, or one copy of it (process@REGION).
    duration : int or str
        How long both are out: seconds, or text such as ``"24h"``.
    measure : one of `MEASURES`
    threshold : float
        In the unit of the measure; leave out pairs whose synergy is less, up and down. 0 keeps all that have any.
    sectors, regions : iterable of str, optional
        Only candidates of these; regions are for copies.
    workers, cluster, store, progress
        See `farm.run_tasks`; nothing depends on them. Told and kept is what pairs do, not what each does alone.
    prune : bool
        False simulates every pair, to check the rules by.

    Returns
    -------
    Pairs

    Raises
    ------
    UsageError
        If there is no such measure, sector or region, or there are fewer than two candidates or more than 5,000.
    CascadeError
        If a pair does not settle.
    """
    _check(of, measure, threshold)
    network = compile_network(model)
    candidates = _candidates(model, network, of, tuple(sectors), tuple(regions))
    (lasting,) = seconds([duration])
    search = _Search(_World(network, lasting, measure), candidates, of, threshold)
    todo, independent, bounded = search.chosen() if prune else (search.everything(), 0, 0)
    found = _joint(search, candidates, todo, workers=workers, cluster=cluster, store=store, progress=progress)
    size = len(candidates)
    searched = Searched(size, size * (size - 1) // 2, independent, bounded, len(todo))
    told = (lasting / HOUR, search.world.horizon / HOUR)
    return Pairs(_table(search, todo, found), searched, measure, of, *told, threshold)


def _check(of: str, measure: str, threshold: float) -> None:
    if of not in OF:
        raise UsageError(f"pairs are of {' or '.join(OF)}, not of {of!r}")
    if measure not in MEASURES:
        raise UsageError(f"no measure {measure!r}; {did_you_mean(measure, MEASURES)} (known: {', '.join(MEASURES)})")
    if not threshold >= 0:  # also refuses what is not a number
        raise UsageError(f"the threshold is 0 or more, not {threshold}")


def _candidates(
    model: Model, network: Network, of: str, sectors: tuple[str, ...], regions: tuple[str, ...]
) -> list[Case]:
    """Return who may fail, in order of id."""
    for what, names, known in (("sector", sectors, model.sectors), ("region", regions, model.regions)):
        for name in sorted(set(names).difference(known)):
            raise UsageError(f"no {what} {name!r} in this model; {did_you_mean(name, known)}")
    if regions and of != "copies":
        raise UsageError("regions choose among copies; ask for pairs of copies")
    found = []
    for case in cases(model, network, "copies" if of == "copies" else "processes"):
        process, _, region = case.label.partition("@")
        if (not sectors or model.sector_of[process] in sectors) and (not regions or region in regions):
            found.append(case)
    if not 2 <= len(found) <= MOST:
        raise UsageError(f"pairs need 2 to {MOST} candidates, not {len(found)}; choose other sectors or regions")
    return found


# ------------------------------------------------------------------ simulating


def weighed(lost: Ints, weight: Ints) -> int:
    """Add up products exactly; whole numbers of Python have no greatest."""
    return sum(map(mul, lost.tolist(), weight.tolist()))


class _World:
    """What all runs share: the network, the measure and its weights, how long they last."""

    def __init__(self, network: Network, duration: int, measure: str) -> None:
        self.network, self.duration, self.measure = network, duration, measure
        self.horizon = duration + AFTER
        self.meter = Meter(network)
        idle = simulate(network, Scenario.model_validate({"name": "idle", "horizon": "1s", "events": []}))
        people, model, of = People(idle), idle.model, network.process_of
        definitions = [model.processes[p] for p in network.processes]
        indicator = np.array([INDICATOR in d.tags for d in definitions], np.bool_)[of]
        basic = np.array([d.basic_need for d in definitions], np.bool_)[of]
        self.basic: Flags = basic & (people.weight > 0)
        if measure == "euros":
            price = np.array([float(d.cost_per_day.mode) if d.cost_per_day else 0.0 for d in definitions])[of]
            self.weight: Floats = price * parts(idle, people.base) / (FULL * DAY) * SCALE["euros"]
        else:
            # of people by the scarcest need whole ones are counted
            counted, part = (basic, PERSON) if measure.startswith("basic") else (~indicator, 1)
            self.weight = np.where(counted, people.weight, 0) / part
        self.exact: Ints = np.where(indicator, 0, people.weight)

    def play(self, simulator: Simulator, instances: Ints, names: str) -> Log:
        """Let some instances fail."""
        log = simulator.run(out(instances, self.duration), self.horizon)
        if log is None:
            raise CascadeError(f"the failure of {names} does not settle; simulate it alone to see why")
        return log

    def lost(self, simulator: Simulator, instances: Ints, names: str) -> Ints:
        """Let some instances fail; return the lost level x seconds of all (N)."""
        self.play(simulator, instances, names)
        return np.asarray(simulator.work.proc["lost"].astype(np.int64))

    def total(self, lost: Ints, without: Ints) -> int:
        """Weigh lost level x seconds (N), for a cascade without those of some instances; in steps of the measure."""
        if self.measure == "euros":
            return round(float(self.weight @ lost))
        rows = np.flatnonzero(lost)
        whole = weighed(lost[rows], self.exact[rows])
        return whole - weighed(lost[without], self.exact[without]) if self.measure == "cascade_hours" else whole

    def value(self, simulator: Simulator, instances: Ints, names: str) -> int:
        """Let some instances fail; return the effect in steps of the measure."""
        if self.measure in SUMS:
            return self.total(self.lost(simulator, instances, names), instances)
        log = self.play(simulator, instances, names)
        return int(self.meter.of(log, simulator.work, self.horizon, instances)[COLUMN[self.measure]])


# ------------------------------------------------------------------ which pairs


class _Search:
    """The candidates with what each does alone, and the rules that say which pairs have to be simulated."""

    def __init__(self, world: _World, candidates: list[Case], of: str, threshold: float) -> None:
        self.world, self.of = world, of
        self.labels = [case.label for case in candidates]
        self.hits = [case.instances for case in candidates]
        # whole steps; a synergy read off a table and given as the threshold stays in
        self.threshold = ceil(threshold * SCALE[world.measure] * (1 - 1e-12))
        simulator = Simulator(world.network)
        nobody = np.zeros(0, np.int64)
        self.idle = world.lost(simulator, nobody, "nothing")
        self.idle_value = world.value(simulator, nobody, "nothing")
        self.lost = np.empty((len(candidates), world.network.size), np.int64)
        self.alone: list[int] = []
        for k, (label, instances) in enumerate(candidates):
            self.lost[k] = world.lost(simulator, instances, label)
            one = world.measure not in SUMS
            self.alone.append(world.value(simulator, instances, label) if one else world.total(self.lost[k], instances))

    def single(self, k: int, other: int) -> int:
        """Return the effect of a candidate alone; of a cascade without what the other hits itself."""
        if self.world.measure != "cascade_hours":
            return self.alone[k]
        there = self.hits[other]
        return self.alone[k] - weighed(self.lost[k][there], self.world.exact[there])

    def everything(self) -> list[tuple[int, int]]:
        """Return all pairs."""
        first, second = np.triu_indices(len(self.labels), 1)
        return list(zip(first.tolist(), second.tolist(), strict=True))

    def chosen(self) -> tuple[list[tuple[int, int]], int, int]:
        """Return the pairs to simulate, and how many rule 1 and rule 2 skip."""
        if self.idle.any():  # something is short from the start, so nothing is independent of anything
            return self.everything(), 0, 0
        upper = np.triu(np.ones((len(self.labels),) * 2, np.bool_), 1)
        free = upper & self._adding_up()
        rest = upper & ~free
        bounded = rest & self._small(rest) if self.threshold > 0 else np.zeros_like(rest)
        first, second = np.nonzero(rest & ~bounded)
        todo = list(zip(first.tolist(), second.tolist(), strict=True))
        return todo, int(free.sum()), int(bounded.sum())

    # -------------------------------------------------------------- rule 1

    @cached_property
    def _inputs(self) -> tuple[Ints, Ints, Ints]:
        """Every (input, need, owner): suppliers and sustainers alike."""
        a = self.world.network.arrays
        need_of_term = np.repeat(np.arange(a.rule.size), np.diff(a.term_start))
        need = np.concatenate(
            (
                need_of_term[np.repeat(np.arange(a.gives.size), np.diff(a.member_start))],
                np.repeat(np.arange(a.rule.size), np.diff(a.sustain_start)),
            )
        )
        owner = np.repeat(np.arange(self.world.network.size), np.diff(a.need_start))
        return np.concatenate((a.supplier, a.sustainer)).astype(np.int64), need, owner[need]

    @cached_property
    def independent(self) -> Flags:
        """Whether two candidates do not touch (K, K)."""
        size, needs = len(self.labels), self.world.network.arrays.rule.size
        inputs, need, owner = self._inputs
        changed = self.lost > 0
        touched = np.zeros((size, needs), np.float32)
        beside = np.zeros(changed.shape, np.float32)
        for k in range(size):
            moved = changed[k, inputs]
            touched[k, need[moved]] = 1
            beside[k, owner[moved]] = 1
        c = changed.astype(np.float32)
        near = c @ beside.T
        # counts of up to millions are exact in 24 bits as long as only zero matters
        return np.asarray((near + near.T + touched @ touched.T) == 0)

    def _adding_up(self) -> Flags:
        """Return the pairs (K, K) that rule 1 skips for this measure."""
        measure = self.world.measure
        if measure in (*SUMS, "locked"):
            return self.independent
        if measure == "basic_beyond":
            return self.independent & self._apart
        if measure == "basic_hours":
            within = self._lesser < max(self.threshold, 1)
            return self.independent & (self._apart | within)
        return self.independent & (self._lesser < max(self.threshold, 1))

    @cached_property
    def _lesser(self) -> Floats:
        """The lesser single effect (K, K)."""
        alone = np.array(self.alone, np.float64)
        return np.minimum(alone[:, None], alone[None, :])

    @cached_property
    def _apart(self) -> Flags:
        """Whether two candidates leave no region without a basic need both (K, K)."""
        network = self.world.network
        regions = len(network.regions)
        short = (self.lost > 0) & self.world.basic
        here = np.zeros((len(self.labels), regions), np.float32)
        for k in range(len(self.labels)):
            where = network.region_of[short[k]]
            here[k, where[where >= 0]] = 1
            if (where < 0).any():  # a national process counts everywhere
                here[k] = 1
        return np.asarray(here @ here.T == 0)

    # -------------------------------------------------------------- rule 2

    def _small(self, rest: Flags) -> Flags:
        """Return which of some pairs (K, K) stay under the threshold, up and down."""
        measure = self.world.measure
        if measure not in (*SUMS, "basic_hours"):
            return np.zeros_like(rest)
        found = rest & (self._overlap(rest) < self.threshold)
        for first, second, most in self._together():
            block = np.ix_(first, second)
            if found[block].any():
                found[block] &= self._most(first, second, most) < self.threshold
        return found

    def _overlap(self, rest: Flags) -> Floats:
        """Return at most how much less than their sum pairs do (K, K)."""
        if self.world.measure not in SUMS:
            return self._lesser
        found = np.zeros(rest.shape)
        weighed = self.lost * self.world.weight
        both = (self.lost > 0).astype(np.float32)
        # where no instance changes in both there is no overlap
        for first, second in zip(*np.nonzero(rest & (both @ both.T > 0)), strict=True):
            less = np.minimum(weighed[first], weighed[second])
            if self.world.measure == "cascade_hours":
                less[self.hits[first]] = less[self.hits[second]] = 0
            found[first, second] = less.sum() * (1 + _MARGIN)
        return found

    def _together(self) -> Iterator[tuple[Ints, Ints, Ints]]:
        """Yield blocks of candidates with what any two of them can lose together at most (N).

        Of processes all are one block; of copies those of each process are, and two processes fail everywhere.
        """
        blocks: dict[str, list[int]] = {}
        for k, label in enumerate(self.labels):
            blocks.setdefault(label.partition("@")[0] if self.of == "copies" else "", []).append(k)
        simulator = Simulator(self.world.network)
        for (one, first), (two, second) in combinations_with_replacement(blocks.items(), 2):
            members = first if one == two else first + second
            instances = np.concatenate([self.hits[k] for k in members])
            most = self.world.lost(simulator, instances, f"all of {one} and {two}".rstrip())
            yield np.array(first), np.array(second), most

    def _most(self, first: Ints, second: Ints, most: Ints) -> Floats:
        """Return an upper bound of the synergy of pairs (A, B) that together lose ``most`` (N) at most."""
        a, b = self.downstream[first], self.downstream[second]
        taken = 1.0 if self.world.measure in SUMS else 0.5
        w = self.world.weight
        here = (a * (w * most)) @ b.T
        here -= taken * ((a * (w * self.lost[first])) @ b.T + a @ (b * (w * self.lost[second])).T)
        # the terms taken off are no greater than what they are taken from
        rounding = ROUNDING.get(self.world.measure, 0)
        return np.asarray(here + _MARGIN * ((a * (w * most)) @ b.T) + rounding)

    @cached_property
    def downstream(self) -> Floats:
        """Instances that a candidate can reach, itself included (K, N), 1 or 0; of a cascade without those it hits."""
        inputs, _, owner = self._inputs
        order = np.argsort(inputs, kind="stable")
        starts = np.searchsorted(inputs[order], np.arange(self.world.network.size + 1))
        consumers = [np.unique(owner[order[a:b]]) for a, b in pairwise(starts)]
        found = np.zeros(self.lost.shape)
        for k, instances in enumerate(self.hits):
            seen = np.zeros(self.world.network.size, np.bool_)
            seen[instances] = True
            edge = instances
            while edge.size:
                reached = np.unique(np.concatenate([consumers[i] for i in edge.tolist()]))
                edge = reached[~seen[reached]]
                seen[edge] = True
            if self.world.measure == "cascade_hours":
                seen[instances] = False
            found[k] = seen
        return found


# ------------------------------------------------------------------ all pairs


@dataclass(frozen=True, eq=False)
class PairsJob:
    """Pairs of candidates that fail together; one task a pair, which gives its effect in two parts (int64)."""

    network: Network
    candidates: tuple[Case, ...]
    todo: Ints = field(repr=False)
    """(pairs, 2) numbers of candidates."""
    duration: int
    """Seconds."""
    measure: str

    def fingerprint(self) -> bytes:
        """Return a digest of all that the numbers follow from."""
        asked = (self.duration, AFTER, self.measure, tuple(case.label for case in self.candidates))
        return fingerprint_of(self.network, Meter, asked, self.todo)

    def tasks(self) -> int:
        """Return the number of pairs."""
        return len(self.todo)

    def start(self) -> "tuple[_World, Simulator]":
        """Set up one worker."""
        return _World(self.network, self.duration, self.measure), Simulator(self.network)

    def run(self, state: "tuple[_World, Simulator]", task: int) -> Ints:
        """Let one pair fail."""
        world, simulator = state
        a, b = (self.candidates[k] for k in self.todo[task].tolist())
        value = world.value(simulator, np.concatenate((a.instances, b.instances)), f"{a.label} and {b.label}")
        return np.array([value >> _BITS, value & (1 << _BITS) - 1], np.int64)


def _joint(search: _Search, candidates: list[Case], todo: list[tuple[int, int]], **how: Any) -> list[int]:
    """Return the joint effect of each pair, in steps of the measure."""
    if not todo:
        return []
    world = search.world
    job = PairsJob(world.network, tuple(candidates), np.array(todo, np.int64), world.duration, world.measure)
    return [(high << _BITS) + low for high, low in run_tasks(job, **how).tolist()]


def _table(search: _Search, todo: list[tuple[int, int]], found: list[int]) -> "pd.DataFrame":
    import pandas as pd

    scale, idle = SCALE[search.world.measure], search.idle_value
    least = max(search.threshold, ROUNDING.get(search.world.measure, 0) + 1)
    rows = []
    for (a, b), value in zip(todo, found, strict=True):
        joint, first, second = value - idle, search.single(a, b) - idle, search.single(b, a) - idle
        synergy = joint - first - second
        if abs(synergy) >= least:
            rows.append((-synergy, search.labels[a], search.labels[b], joint, first, second, synergy))
    columns = ["first", "second", "joint", "first_alone", "second_alone", "synergy", "synergy_share"]
    told = [
        (a, b, joint / scale, first / scale, second / scale, synergy / scale, synergy / max(joint, first + second))
        for _, a, b, joint, first, second, synergy in sorted(rows)
    ]
    return pd.DataFrame(told, columns=columns)
