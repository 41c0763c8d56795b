"""A scenario played many times, every uncertain number drawn anew: what comes out each time, and how far it spreads."""

from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from cascade.errors import RunawayError
from cascade.model import Model, Scenario
from cascade.results.doubt import doubt, intervals
from cascade.results.effects import EFFECTS, Meter
from cascade.results.shortfall import PERSON_HOUR, Flags, Floats, Ints, People, parts, sums
from cascade.simulation.ensemble import Drawn, Draws, ScenarioDraws, prepare_draws, prepare_scenario_draws
from cascade.simulation.events import targets, unfold
from cascade.simulation.farm import Progress, digest, run_tasks
from cascade.simulation.layout import Rows, new_log
from cascade.simulation.network import Network, compile_network
from cascade.simulation.numbers import Kind, design
from cascade.simulation.repairs import as_rows, follow
from cascade.simulation.run import scenario_meant, simulate
from cascade.simulation.sweep import Simulator
from cascade.units import FULL, HOUR

if TYPE_CHECKING:
    import pandas as pd

MEASURES: Final = ("person_h", "processes_hit", *EFFECTS)
"""What is counted in each sample: two totals as in ``impact.assess``, and the measures of ``effects``."""


@dataclass(frozen=True, eq=False)
class Experiment:
    """A scenario on a model, and all that is uncertain about both: K numbers, of which a run is a function."""

    network: Network
    """At the modes."""
    scenario: Scenario
    draws: Draws
    events: ScenarioDraws

    @cached_property
    def names(self) -> tuple[str, ...]:
        """(K) numbers of the model and of measures in place, then those of events."""
        return (*self.draws.names, *self.events.names)

    def modes(self) -> Floats:
        """Return the quantiles (K) with which every number is at its mode."""
        return np.concatenate((self.draws.modes(), self.events.numbers.modes()))

    @cached_property
    def hit(self) -> Ints:
        """Instances that events hit, whenever they do."""
        return np.array(sorted({i for e in self.scenario.events for i in targets(e, self.network)}), np.int64)

    def drawn(self, u: Floats) -> tuple[Drawn, Scenario]:
        """Return network, people, costs and scenario at given quantiles (K)."""
        size = self.draws.numbers.size
        return self.draws.drawn_at(u[:size]), self.events.scenario_at(u[size:])

    def fingerprint(self) -> bytes:
        """Return a digest of all that runs follow from, but for the quantiles."""
        network, model = self.network, self.draws.network_at_modes.model
        arrays = [getattr(network.arrays, f.name) for f in fields(network.arrays)]
        numbers = [v for n in (self.draws.numbers, self.events.numbers) for v in (n.of, n.low, n.mode, n.high, n.log)]
        told = [] if model is None else [str((k, d.model_dump_json())) for k, d in sorted(model.processes.items())]
        told += [] if model is None else [str(sorted(model.regions.items())), str(sorted(model.assets.items()))]
        told += [] if model is None else [str(sorted(model.measures.items())), str(model.info.self_reliance)]
        return digest(arrays, numbers, self.names, network.labels, told, self.scenario.model_dump_json())


def prepare_experiment(model: Model, scenario: Scenario) -> Experiment:
    """Find all that is uncertain about a scenario on a model."""
    network = compile_network(model, scenario)
    return Experiment(network, scenario, prepare_draws(network), prepare_scenario_draws(scenario))


class Player:
    """Plays an experiment at any quantiles, on one simulator; for one thread."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        network, horizon = experiment.network, experiment.scenario.horizon
        self._simulator, self._meter = Simulator(network), Meter(network)
        # the model decides on the people behind a copy, whatever is drawn
        idle = simulate(network, Scenario.model_validate({"name": "idle", "horizon": "1s", "events": []}))
        model, people = idle.model, People(idle)
        counted = [p in model.assets and model.assets[p].people is not None for p in network.processes]
        self._counted = np.array(counted, np.bool_)
        self._base, self._part = people.base, parts(idle, people.base)
        drawn_again = experiment.events.numbers.size or experiment.scenario.with_measures
        # where crews need something, what is imposed follows from each run itself
        needy = any(crew.needs for crew in experiment.scenario.crews.values())
        self._always: Rows | None = None if drawn_again or needy else self._rows(network, experiment.scenario)
        self._horizon = horizon
        self._log = new_log(0)
        self._drawn = Drawn(network, np.zeros(0, np.int64), np.zeros(0, np.int64))

    @staticmethod
    def _rows(network: Network, scenario: Scenario) -> Rows:
        return as_rows(unfold(network, scenario)[0])

    def play(self, u: Floats) -> None:
        """Simulate with the numbers at some quantiles (K), NaN being the mode.

        Raises
        ------
        RunawayError
            If the run does not settle.
        """
        self._drawn, scenario = self.experiment.drawn(u)
        self._simulator.retune(self._drawn.network.arrays)
        if self._always is not None:
            log = self._simulator.run(self._always, self._horizon)
        else:
            # events read the network for who is hit, and the measures; only these are drawn
            network = self._drawn.network if scenario.with_measures else self.experiment.network
            log = follow(network, scenario, self._simulator.run)
        if log is None:
            raise RunawayError(
                f"{scenario.name.en} does not settle with numbers drawn anew; play it as written to see why"
            )
        self._log = log

    def weigh(self, u: Floats) -> None:
        """Count the last run anew with the people and costs of other quantiles; all else must be the same in both."""
        self._drawn = self.experiment.drawn(u)[0]

    def ran(self) -> tuple[Flags, Flags]:
        """Say which needs (M) and instances (N) the last run looked at; what it did not, cannot have changed it."""
        work = self._simulator.work
        return work.need["ran"] > 0, work.proc["ran"] > 0

    def measures(self) -> Ints:
        """Count the last run: (MEASURES)."""
        work, drawn = self._simulator.work, self._drawn
        meter = self._meter.redrawn(drawn.people, drawn.cost_per_day)
        found = meter.of(self._log, work, self._horizon, self.experiment.hit)
        lost = work.proc["lost"]
        hit = np.unique(self.experiment.network.process_of[lost > 0]).size
        total = round(float((lost * self._hours()).sum()))
        return np.concatenate((np.array([total, hit], np.int64), found))

    def processes(self) -> Ints:
        """Count the last run by process: (2, P) person-hours, and seconds of total outage (mean over the inhabitants)."""
        network = self.experiment.network
        lost, of, count = self._simulator.work.proc["lost"], network.process_of, len(network.processes)
        hours = sums(of, lost * self._hours(), count)
        seconds = sums(of, lost * self._part, count) / FULL
        return np.rint(np.stack((hours, seconds))).astype(np.int64)

    def _hours(self) -> Floats:
        """Person-hours that each instance (N) loses in each level x second."""
        share = np.where(self._counted, FULL, self._drawn.people)
        return np.asarray(self._base * share[self.experiment.network.process_of] / PERSON_HOUR)


@dataclass(frozen=True, eq=False)
class SamplesJob:
    """An experiment at many quantiles; one task a sample, which gives its measures and then its processes (int64)."""

    experiment: Experiment
    u: Floats = field(repr=False)
    """(samples, K)."""

    def fingerprint(self) -> bytes:
        """Return a digest of all that the numbers follow from."""
        return digest(self.experiment.fingerprint(), self.u, MEASURES)

    def tasks(self) -> int:
        """Return the number of samples."""
        return len(self.u)

    def start(self) -> Player:
        """Set up one worker."""
        return Player(self.experiment)

    def run(self, state: Player, task: int) -> Ints:
        """Play one sample."""
        state.play(self.u[task])
        return np.concatenate((state.measures(), state.processes().ravel()))


@dataclass(frozen=True, eq=False)
class SampledRuns:
    """A scenario, played with every uncertain number drawn anew; the first axis of arrays is the sample."""

    experiment: Experiment
    kind: Kind
    seed: int
    effects: Ints
    """(samples, MEASURES)."""
    person_h: Ints
    """(samples, P) by process."""
    lost_s: Ints
    """(samples, P) seconds of total outage, a mean over the inhabitants."""
    at_modes: Ints
    """(MEASURES) with every number at its mode."""
    processes_at_modes: Ints
    """(2, P) person-hours and seconds."""

    def __repr__(self) -> str:
        return f"SampledRuns({self.experiment.scenario.name.en!r}, {self.samples} samples)"

    def _repr_html_(self) -> str:
        """Show itself in a notebook."""
        import cascade

        return cascade.html(self)

    @property
    def samples(self) -> int:
        """How many there are: of a Sobol sequence a power of two."""
        return len(self.effects)

    def totals(self) -> "pd.DataFrame":
        """Return one row per measure: ``measure, at_modes, low, median, high, mean, error`` (standard, of the mean)."""
        import pandas as pd

        low, median, high = intervals(self.effects)
        spread = self.effects.std(axis=0, ddof=1) if self.samples > 1 else np.full(len(MEASURES), np.nan)
        return pd.DataFrame(
            {
                "measure": MEASURES,
                "at_modes": self.at_modes,
                "low": low,
                "median": median,
                "high": high,
                "mean": self.effects.mean(axis=0),
                "error": spread / np.sqrt(self.samples),
            }
        )

    def by_process(self, top: int = 10) -> "pd.DataFrame":
        """Return one row per process in order of mean rank by person-hours, those that lose nothing in any sample left out.

        Columns ``sector, process, at_modes, low, median, high`` (person-hours), ``lost_at_modes_h, lost_low_h,
        lost_median_h, lost_high_h`` (hours of total outage, a mean over the inhabitants), and from ``mean_rank`` on those
        of :class:`Doubt`.
        """
        import pandas as pd

        network, model = self.experiment.network, self.experiment.network.model
        some = np.flatnonzero(self.lost_s.any(axis=0) | self.person_h.any(axis=0))
        names = [network.processes[p] for p in some.tolist()]
        ranked = doubt(self.person_h[:, some], names, top).cases
        hours = intervals(self.lost_s[:, some]) / HOUR
        sector_of = model.sector_of if model is not None else {}
        own = pd.DataFrame(
            {
                "label": np.array(names, object),
                "sector": np.array([sector_of.get(p, "") for p in names], object),
                "at_modes": self.processes_at_modes[0, some],
                "lost_at_modes_h": self.processes_at_modes[1, some] / HOUR,
                **{f"lost_{n}_h": v for n, v in zip(("low", "median", "high"), hours, strict=True)},
            }
        )
        both = ranked.merge(own, on="label", validate="one_to_one").rename(columns={"label": "process"})
        first = ["sector", "process", "at_modes", "low", "median", "high", "lost_at_modes_h"]
        first += ["lost_low_h", "lost_median_h", "lost_high_h"]
        return both[first + [c for c in ranked.columns if c not in (*first, "label")]]


def sampled_runs(
    model: Model,
    scenario: Scenario | str | Path,
    samples: int = 1000,
    seed: int = 1,
    workers: int = 1,
    kind: Kind = "lhs",
    *,
    cluster: str | None = None,
    store: str | Path | None = None,
    progress: Progress | None = None,
) -> SampledRuns:
    """Play a scenario many times, every uncertain number of the model, its measures and its events drawn anew.

    Parameters
    ----------
    model : Model
    scenario : Scenario, or path or name of one
    samples : int
        1 or more; for ``sobol`` rounded up to a power of two.
    seed : int
    workers : int
        Threads; results do not depend on it.
    kind : {"lhs", "sobol", "random"}
        See :func:`cascade.simulation.numbers.design`. ``random`` are the samples that ``hindcast`` draws.
    cluster, store : optional
        As for :func:`cascade.simulation.farm.run_tasks`.
    progress : callable, optional

    Returns
    -------
    SampledRuns

    Raises
    ------
    RunawayError
        If a sample does not settle.
    """
    experiment = prepare_experiment(model, scenario_meant(model, scenario))
    job = SamplesJob(experiment, design(experiment.names, kind, samples, seed))
    usual = job.start()
    usual.play(experiment.modes())
    found = run_tasks(job, workers=workers, cluster=cluster, store=store, progress=progress)
    size, count = len(MEASURES), len(experiment.network.processes)
    return SampledRuns(
        experiment=experiment,
        kind=kind,
        seed=seed,
        effects=found[:, :size],
        person_h=found[:, size : size + count],
        lost_s=found[:, size + count :],
        at_modes=usual.measures(),
        processes_at_modes=usual.processes(),
    )
