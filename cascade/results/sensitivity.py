"""Which uncertain number drives a result, or the order of two: a screening of all numbers, then shares of variance.

Screening finds which of some 900 numbers do anything at all: Morris' elementary effects. Of the few that do most, Sobol
indices say what share of the variance each causes by itself (first order) and with others (total), while the rest stay
at their modes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from cascade.errors import UsageError
from cascade.model import Model, Scenario
from cascade.results.sampling import MEASURES, Experiment, Player, prepare_experiment
from cascade.results.shortfall import Flags, Floats, Ints
from cascade.simulation.farm import Progress, digest, run_tasks
from cascade.simulation.numbers import Number, design
from cascade.simulation.run import scenario_meant
from cascade.simulation.sweep import AFTER, seconds

if TYPE_CHECKING:
    import pandas as pd

KEEP: Final = 20
"""Numbers that go from the screening to the indices."""
TRAJECTORIES: Final = 4
BASE: Final = 128
"""Rows of each of the two matrices; a power of two."""
RESAMPLES: Final = 1000
ENDS: Final = (5, 95)
"""Per cent of the resamples at or below the ends of an interval."""
STEP: Final = 0.5
"""Of a quantile, from a place in one half of a number's range to the same place in the other."""

AT_ONCE: Final = 40
"""Numbers that a task of the screening moves, one at a time, from one start."""

WEIGHTS: Final = ("people", "cost_per_day")
"""Fields that weigh a run without changing it."""
MISLEADING: Final = "if_manipulated"
IN_EUROS: Final = ("euros",)
WITHOUT_PEOPLE: Final = ("processes_hit", "euros", "sectors", "regions", "first_s", "locked", "defence_hours")
"""Measures in which nobody is counted."""

# ------------------------------------------------------------------ estimators


class Indices(NamedTuple):
    """Shares of variance of k numbers, with the ends of an interval from bootstrapping."""

    first: Floats
    first_low: Floats
    first_high: Floats
    total: Floats
    total_low: Floats
    total_high: Floats
    variance: float


def saltelli(names: Sequence[str], base: int, seed: int) -> Floats:
    """Return quantiles to estimate indices from.

    Returns
    -------
    float (base, k + 2, k)
        In each row A, then A with number i taken from B for i = 1 … k, then B; A and B are the halves of one scrambled
        Sobol sequence of 2 k columns.

    Raises
    ------
    UsageError
        If ``base`` is no power of two.

    Source
    ------
    Saltelli et al. (2010), doi 10.1016/j.cpc.2009.09.018.
    """
    if base < 1 or base & (base - 1):
        raise UsageError(f"a Sobol sequence keeps its balance with a power of two of rows, not {base}")
    k = len(names)
    both = design([f"{half} {name}" for half in "AB" for name in names], "sobol", base, seed)
    a, b = both[:, :k], both[:, k:]
    found = np.repeat(a[:, None, :], k + 2, axis=1)
    found[:, k + 1] = b
    which = np.arange(k)
    found[:, 1 + which, which] = b
    return found


def sobol_indices(y: Floats, seed: int = 1, resamples: int = RESAMPLES) -> Indices:
    """Estimate first-order and total Sobol indices.

    Parameters
    ----------
    y : float (base, k + 2)
        Results for the rows of :func:`saltelli`.
    seed : int
        Of the bootstrap.
    resamples : int
        How often rows are drawn anew with replacement; the interval is that of the middle 90 per cent.

    Returns
    -------
    Indices
        All 0 where nothing varies. An estimate can be a little below 0 or above 1.

    Source
    ------
    First order: Saltelli et al. (2010), table 2 (b), doi 10.1016/j.cpc.2009.09.018, of centred results. Total: Jansen
    (1999), doi 10.1016/S0010-4655(98)00154-4. Variance: of A and B together.
    """
    y = np.asarray(y, np.float64)
    base, k = y.shape[0], y.shape[1] - 2
    if k < 0 or not base:
        raise UsageError(f"results of A, of one row for each number, and of B; not shape {y.shape}")
    spread = float(y.std())
    nothing = np.zeros(k)
    if not spread > 0:
        return Indices(nothing, nothing, nothing, nothing, nothing, nothing, 0.0)
    scaled = (y - y.mean()) / spread
    first, total, variance = _estimates(scaled[None])
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    again = [_estimates(scaled[rng.integers(base, size=(50, base))]) for _ in range(-(-resamples // 50))]
    low, high = ((resamples * p + 99) // 100 - 1 for p in ENDS)
    firsts, totals = (np.sort(np.concatenate([part[n] for part in again])[:resamples], axis=0) for n in (0, 1))
    return Indices(
        first=first[0],
        first_low=firsts[low],
        first_high=firsts[high],
        total=total[0],
        total_low=totals[low],
        total_high=totals[high],
        variance=float(variance[0]) * spread**2,
    )


def _estimates(y: Floats) -> tuple[Floats, Floats, Floats]:
    """Return first order (r, k), total (r, k) and variance (r) of r sets of results (r, base, k + 2)."""
    a, mixed, b = y[..., :1], y[..., 1:-1], y[..., -1:]
    variance = np.concatenate((a, b), axis=1).var(axis=(1, 2))
    safe = np.where(variance > 0, variance, 1.0)[:, None]
    first = (b * (mixed - a)).mean(axis=1) / safe
    total = 0.5 * ((a - mixed) ** 2).mean(axis=1) / safe
    flat = variance[:, None] <= 0
    return np.where(flat, 0.0, first), np.where(flat, 0.0, total), variance


def shifted(u: Floats, number: int) -> Floats:
    """Return quantiles (K) with one number half its range further, or back."""
    moved = u.copy()
    moved[number] += STEP if moved[number] < STEP else -STEP
    return moved


# ------------------------------------------------------------------ what is asked


@dataclass(frozen=True, eq=False)
class Question:
    """One number that follows from K uncertain ones: a measure of a scenario, or of how much more it is than another's."""

    experiments: tuple[Experiment, ...]
    """One, or two of the same model."""
    measure: str

    @cached_property
    def names(self) -> tuple[str, ...]:
        """(K) numbers of either, each once."""
        return tuple(dict.fromkeys(name for e in self.experiments for name in e.names))

    @cached_property
    def numbers(self) -> tuple[Number, ...]:
        """(K) where they are written."""
        by_name = {n.name: n for e in self.experiments for n in (*e.draws.numbers.numbers, *e.events.numbers.numbers)}
        return tuple(by_name[name] for name in self.names)

    @cached_property
    def columns(self) -> tuple[Ints, ...]:
        """For each experiment the place of its numbers among the K."""
        place = {name: k for k, name in enumerate(self.names)}
        return tuple(np.array([place[name] for name in e.names], np.int64) for e in self.experiments)

    def fingerprint(self) -> bytes:
        """Return a digest of all that answers follow from, but for the quantiles."""
        return digest([e.fingerprint() for e in self.experiments], self.measure)


class Answerer:
    """Answers a question at any quantiles; for one thread.

    A run reads the numbers of a need only once its supply has moved, and a restart only once its process is looked at.
    So a run with another value of a number that was never looked at is the same run, and is not played; one with other
    people or costs is the same run, counted anew.
    """

    def __init__(self, question: Question) -> None:
        self._question = question
        self._players = [Player(e) for e in question.experiments]
        self._reads = [_Reads(e, question.measure) for e in question.experiments]
        self._column = MEASURES.index(question.measure)

    def at(self, u: Floats) -> float:
        """Play at quantiles (K) and answer."""
        return float(self.around(u, ())[0])

    def around(self, u: Floats, changes: Sequence[tuple[int, Floats]]) -> Floats:
        """Answer at quantiles ``u`` (K), and at others, each of which differs from ``u`` in the number named.

        Returns
        -------
        float (1 + changes)
        """
        values = np.empty((len(self._players), 1 + len(changes)))
        for player, reads, columns, row in zip(self._players, self._reads, self._question.columns, values, strict=True):
            self._around_one(player, reads, columns, u, changes, row)
        return np.asarray(values[0] - values[1:].sum(axis=0))

    def _around_one(
        self,
        player: Player,
        reads: "_Reads",
        columns: Ints,
        u: Floats,
        changes: Sequence[tuple[int, Floats]],
        row: Floats,
    ) -> None:
        player.play(u[columns])
        row[:] = player.measures()[self._column]
        need, proc = player.ran()
        own = {k: n for n, k in enumerate(columns.tolist())}
        moved = [(n, own[k], v[columns]) for n, (k, v) in enumerate(changes, 1) if k in own]
        moved = [(n, k, v) for n, k, v in moved if reads.can_change(k, need, proc)]
        # counting anew needs the run that is still there, so that comes first
        for n, k, v in sorted(moved, key=lambda one: not reads.weighs(one[1])):
            if reads.weighs(k):
                player.weigh(v)
            else:
                player.play(v)
            row[n] = player.measures()[self._column]


class _Reads:
    """What reads each number of an experiment (K): rows of needs, instances, or only the counting afterwards."""

    def __init__(self, experiment: Experiment, measure: str) -> None:
        numbers = (*experiment.draws.numbers.numbers, *experiment.events.numbers.numbers)
        self._fields = [number.field for number in numbers]
        self._measure = measure
        self._wrong = any(event.manipulated for event in experiment.scenario.events)
        self._rows = [_rows(experiment, number) for number in numbers]
        self._by_need = [bool(number.need) for number in numbers]

    def weighs(self, k: int) -> bool:
        """Whether a number only weighs a run."""
        return self._fields[k] in WEIGHTS

    def can_change(self, k: int, need: Flags, proc: Flags) -> bool:
        """Whether another value can change what was counted, given the needs and instances that the run looked at."""
        field_, rows = self._fields[k], self._rows[k]
        if field_ == "cost_per_day" and self._measure not in IN_EUROS:
            return False
        if field_ == "people" and self._measure in WITHOUT_PEOPLE:
            return False
        if field_.startswith(MISLEADING):
            return self._wrong
        return rows is None or bool((need if self._by_need[k] else proc)[rows].any())


def _rows(experiment: Experiment, number: Number) -> Ints | None:
    """Return the needs or the instances that a number belongs to; None: it is read before anything happens."""
    network = experiment.network
    if network.model is None or number.owner not in network.model.processes:
        return None
    copies = np.array(network.instances(number.owner), np.int64)
    if not number.need:
        return copies
    place = list(network.model.processes[number.owner].needs).index(number.need)
    return np.asarray(network.arrays.need_start[copies] + place)


# ------------------------------------------------------------------ jobs


@dataclass(frozen=True, eq=False)
class ScreeningJob:
    """Elementary effects of all numbers; one task a start and a stretch of ``AT_ONCE`` numbers (NaN beyond the last)."""

    question: Question
    starts: Floats = field(repr=False)
    """(trajectories, K)."""

    def fingerprint(self) -> bytes:
        """Return a digest of all that the numbers follow from."""
        return digest(self.question.fingerprint(), self.starts, STEP, AT_ONCE)

    @property
    def _stretches(self) -> int:
        size: int = self.starts.shape[1]
        return max(1, -(-size // AT_ONCE))

    def tasks(self) -> int:
        """Return the number of stretches of all starts."""
        count: int = self.starts.shape[0]
        return count * self._stretches

    def start(self) -> Answerer:
        """Set up one worker."""
        return Answerer(self.question)

    def run(self, state: Answerer, task: int) -> Floats:
        """Return by how much the result is more with each number half its range further up."""
        row, stretch = divmod(task, self._stretches)
        u = self.starts[row]
        which = range(stretch * AT_ONCE, min((stretch + 1) * AT_ONCE, u.size))
        found = state.around(u, [(k, shifted(u, k)) for k in which])
        change = np.full(AT_ONCE, np.nan)
        change[: len(which)] = (found[1:] - found[0]) * np.where(u[list(which)] < STEP, 1.0, -1.0)
        return change

    def effects(self, found: Floats) -> Floats:
        """Put what the tasks gave in order: (trajectories, K)."""
        return found.reshape(len(self.starts), -1)[:, : self.starts.shape[1]]


@dataclass(frozen=True, eq=False)
class IndicesJob:
    """The runs that indices are estimated from; one task a row of :func:`saltelli`."""

    question: Question
    kept: tuple[int, ...]
    """Numbers, by their place among the K, that are moved; all others stay at their modes."""
    u: Floats = field(repr=False)
    """(base, k + 2, k)."""

    def fingerprint(self) -> bytes:
        """Return a digest of all that the numbers follow from."""
        return digest(self.question.fingerprint(), self.kept, self.u)

    def tasks(self) -> int:
        """Return the number of rows."""
        return len(self.u)

    def start(self) -> Answerer:
        """Set up one worker."""
        return Answerer(self.question)

    def run(self, state: Answerer, task: int) -> Floats:
        """Return the results for A, for A with each number of B, and for B."""
        u = np.full((len(self.kept) + 2, len(self.question.names)), np.nan)
        u[:, list(self.kept)] = self.u[task]
        changes = [(k, u[1 + n]) for n, k in enumerate(self.kept)]
        return np.append(state.around(u[0], changes), state.at(u[-1]))


# ------------------------------------------------------------------ drivers


@dataclass(frozen=True, eq=False)
class Drivers:
    """Which uncertain numbers drive a result; both frames in order of what they do, equal ones by name."""

    question: Question
    screening: "pd.DataFrame"
    """All numbers: ``rank, name, process, need, field, mu_star`` (mean size of the change in the result when the number
    moves half its range), ``mu`` (with its sign: above 0 where more gives more), ``sigma`` (how much that depends on the
    others), ``kept``."""
    indices: "pd.DataFrame"
    """Those kept: ``rank, name, process, need, field, first, first_low, first_high, total, total_low, total_high`` (shares
    of the variance, with intervals of 90%)."""
    variance: float
    """Of the result, with the kept numbers drawn and all others at their modes."""
    covered: float
    """Part of all ``mu_star`` that belongs to the kept numbers; 1 where nothing moves the result."""
    runs: int
    """Answers asked for; those that could not differ were not played."""


def drivers(
    model: Model,
    scenario: Scenario | str | Path,
    against: Scenario | str | Path | None = None,
    measure: str = "person_h",
    *,
    keep: int = KEEP,
    trajectories: int = TRAJECTORIES,
    base: int = BASE,
    seed: int = 1,
    workers: int = 1,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> Drivers:
    """Find which uncertain numbers drive a result.

    Parameters
    ----------
    model : Model
    scenario : Scenario
        Whose measure is the result; of a single failure see :func:`failure`.
    against : Scenario, optional
        Then the result is how much more the measure is than in this one: what drives the order of the two.
    measure : str
        One of ``sampling.MEASURES``.
    keep : int
        How many numbers at most go on to the indices; those without any effect in the screening never do.
    trajectories : int
        Starts of the screening: so many runs for each number.
    base : int
        Rows of A and of B, a power of two: base x (keep + 2) runs.
    seed, workers, cluster, progress
        As elsewhere; results do not depend on workers.

    Returns
    -------
    Drivers

    Raises
    ------
    UsageError
        If there is no such measure.
    RunawayError
        If a run does not settle.

    Source
    ------
    Morris (1991), doi 10.1080/00401706.1991.10484804, with ``mu_star`` of Campolongo, Cariboni and Saltelli (2007),
    doi 10.1016/j.envsoft.2006.10.004; starts from a Latin hypercube and one step of half a range from each, so that every
    run can be held against one that it differs from in one number only.
    """
    if measure not in MEASURES:
        raise UsageError(f"no measure {measure!r}; choose {', '.join(MEASURES)}")
    if keep < 1 or trajectories < 1:
        raise UsageError(f"keep and trajectories are numbers of 1 or more, not {keep} and {trajectories}")
    pair = tuple(scenario_meant(model, one) for one in (scenario, against) if one is not None)
    question = Question(tuple(prepare_experiment(model, one) for one in pair), measure)
    return _found(
        question, keep, design(question.names, "lhs", trajectories, seed), base, seed, workers, cluster, progress
    )


def _found(
    question: Question,
    keep: int,
    starts: Floats,
    base: int,
    seed: int,
    workers: int,
    cluster: str | None,
    progress: Progress | None,
) -> Drivers:
    """Screen all numbers, and estimate the indices of those that do most."""
    names = question.names
    screening = ScreeningJob(question, starts)
    clock = _Steps(progress, screening.tasks(), base)
    changes = screening.effects(run_tasks(screening, workers=workers, cluster=cluster, progress=clock.first))
    star = np.abs(changes).mean(axis=0)
    order = sorted(range(len(names)), key=lambda k: (-star[k], names[k]))
    kept = tuple(k for k in order[:keep] if star[k] > 0)
    job = IndicesJob(question, kept, saltelli([names[k] for k in kept], base, seed))
    played = run_tasks(job, workers=workers, cluster=cluster, progress=clock.second) if kept else np.zeros((1, 2))
    found = sobol_indices(played, seed)
    total = float(star.sum())
    return Drivers(
        question=question,
        screening=_screened(question, changes, star, order, kept),
        indices=_indices(question, kept, found),
        variance=found.variance,
        covered=float(star[list(kept)].sum()) / total if total else 1.0,
        runs=len(starts) * (1 + len(names)) + base * (len(kept) + 2),
    )


class _Steps:
    """One clock for two jobs: a task of either moves some twenty to forty numbers."""

    def __init__(self, tell: Progress | None, screening: int, rows: int) -> None:
        self._tell, self._screening, self._all = tell, screening, screening + rows

    def first(self, done: int, _: int) -> None:
        if self._tell is not None:
            self._tell(done, self._all)

    def second(self, done: int, _: int) -> None:
        if self._tell is not None:
            self._tell(self._screening + done, self._all)


def failure(label: str, duration: int | str, after: int = AFTER) -> Scenario:
    """Return the scenario in which one process fails alone.

    Parameters
    ----------
    label : str
        ``process`` or ``process@REGION``, as in ``sweep.cases``.
    duration : int or str
        Seconds, or text such as ``"24h"``.
    after : int
        Seconds looked at after it.
    """
    (lasting,) = seconds([duration])
    event = {"hits": label, "level": "0%", "for": f"{lasting}s"}
    return Scenario.model_validate({"name": label, "horizon": f"{lasting + after}s", "events": [event]})


def _named(question: Question, which: Sequence[int]) -> dict[str, list[object]]:
    rows = [question.numbers[k] for k in which]
    return {
        "rank": list(range(1, len(rows) + 1)),
        "name": [r.name for r in rows],
        "process": [r.owner for r in rows],
        "need": [r.need for r in rows],
        "field": [r.field for r in rows],
    }


def _screened(
    question: Question, changes: Floats, star: Floats, order: Sequence[int], kept: Sequence[int]
) -> "pd.DataFrame":
    import pandas as pd

    which = list(order)
    sigma = changes.std(axis=0, ddof=1) if len(changes) > 1 else np.full(len(which), np.nan)
    own = {
        "mu_star": star[which],
        "mu": changes.mean(axis=0)[which],
        "sigma": sigma[which],
        "kept": np.isin(which, list(kept)),
    }
    return pd.DataFrame({**_named(question, which), **own})


def _indices(question: Question, kept: Sequence[int], found: Indices) -> "pd.DataFrame":
    import pandas as pd

    order = sorted(range(len(kept)), key=lambda n: (-found.total[n], -found.first[n], question.names[kept[n]]))
    values = {name: getattr(found, name)[order] for name in Indices._fields[:-1]}
    return pd.DataFrame({**_named(question, [kept[n] for n in order]), **values})
