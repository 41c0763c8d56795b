"""One failure at a time: every process, or every copy of it, out alone for several durations, each simulated in full.

What is counted of a run is the business of a gauge (:class:`Gauge`), so that nothing here knows people or euros. A job is
a bundle of tasks that can be done in any order, by any number of workers, with the same numbers in the end.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, Protocol, overload

import numpy as np
import numpy.typing as npt

from cascade.errors import CascadeError, DefinitionError, UsageError
from cascade.model import Model
from cascade.simulation import engine
from cascade.simulation.ensemble import Drawn, Draws, prepare_draws, retune
from cascade.simulation.farm import Job, digest
from cascade.simulation.layout import LOG_ROWS, Log, Rows, Work, grown, new_log
from cascade.simulation.network import Arrays, Network
from cascade.units import DAY, FULL, HOUR

Ints = npt.NDArray[np.int64]
Of = Literal["processes", "copies"]

DURATIONS: Final = (8 * HOUR, 24 * HOUR, 72 * HOUR, 14 * DAY)
"""How long things are out, seconds."""
AFTER: Final = 14 * DAY
"""Seconds looked at after the end of a failure. Own choice; what is not back by then is called locked or still short."""
BY_FOLDER: Final = 200_000
"""Instances from which on a job travels as the path of its model: its network would weigh 120 MB and more."""


class Case(NamedTuple):
    """One single failure: what people call it, and the instances (H) that go out together."""

    label: str
    instances: Ints


def cases(model: Model, network: Network, of: Of = "processes") -> tuple[Case, ...]:
    """Return every single failure of a model.

    Parameters
    ----------
    model : Model
    network : Network
        Compiled from it.
    of : {"processes", "copies"}
        A process everywhere at once, or one copy of it: ``process@REGION`` with all its assets there, a national process
        as a whole.

    Returns
    -------
    tuple of Case
        In order of process id and then region code.

    Raises
    ------
    UsageError
        If ``of`` is neither.
    """
    if of not in ("processes", "copies"):
        raise UsageError(f"failures are of 'processes' or of 'copies', not of {of!r}")
    found: dict[str, list[int]] = {}
    for process in sorted(model.processes):
        for i in network.instances(process):
            region = network.region(i) if of == "copies" else ""
            found.setdefault(f"{process}@{region}" if region else process, []).append(i)
    return tuple(Case(label, np.array(instances, np.int64)) for label, instances in found.items())


class Singles(Sequence[Case]):
    """Every instance of a network out alone: one asset, one copy of what has none; made when asked for.

    Parameters
    ----------
    network : Network
    instances : int64 (C), optional
        Only these; by default all.
    """

    def __init__(self, network: Network, instances: Ints | None = None) -> None:
        self.network = network
        self.instances = np.arange(network.size, dtype=np.int64) if instances is None else instances

    def __len__(self) -> int:
        return int(self.instances.size)

    @overload
    def __getitem__(self, at: int) -> Case: ...
    @overload
    def __getitem__(self, at: slice) -> "Singles": ...
    def __getitem__(self, at: int | slice) -> "Case | Singles":
        if isinstance(at, slice):
            return Singles(self.network, self.instances[at])
        return Case(self.network.labels[self.instances[at]], self.instances[at : at + 1 or None])


# ------------------------------------------------------------------ one simulator, many runs


class Simulator:
    """One simulator, used over and over: setting one up takes longer than most failures do."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.work: Work = engine.prepare(network.arrays)
        self._log = new_log(network.size + 1024)
        self._caps = engine.default_caps(network.size)

    def retune(self, arrays: Arrays) -> None:
        """Take over other numbers of the same network: those of a sample."""
        engine.reset(self.work)
        retune(self.work, arrays)

    def run(self, hits: Rows, horizon: int) -> Log | None:
        """Simulate from a healthy country to the horizon (seconds, exclusive).

        Returns
        -------
        Log or None
            Overwritten by the next run, as is :attr:`work`, which stays as it stands at the horizon; None for a run that
            does not settle.
        """
        engine.reset(self.work)
        while True:
            status = engine.advance(self.work, hits, self._log, True, horizon, self._caps)
            if status == engine.LOG_FULL:
                self._log = Log(*(grown(column, 2 * column.size) for column in self._log))
            elif status == engine.POOL_FULL:
                self.work = self.work._replace(pool=grown(self.work.pool, 2 * self.work.pool.size))
            else:
                break
        count = int(self.work.reg[LOG_ROWS])
        return None if status == engine.RUNAWAY else Log(*(column[:count] for column in self._log))

    def fail(self, case: Case, duration: int, horizon: int) -> Log:
        """Simulate one failure: out from the start, back after the duration.

        Raises
        ------
        CascadeError
            If it does not settle.
        """
        log = self.run(out(case.instances, duration), horizon)
        if log is None:
            raise CascadeError(f"the failure of {case.label} does not settle; simulate it alone to see why")
        return log


def out(instances: Ints, duration: int) -> Rows:
    """Return what is imposed: all out from the start, all back after the duration (seconds)."""
    n = instances.size
    return (
        np.repeat(np.array([0, duration], np.int64), n),
        np.tile(instances, 2).astype(np.int32),
        np.repeat(np.array([0, FULL], np.int64), n),
        np.repeat(np.array([0, -1], np.int32), n),
        np.zeros(2 * n, np.uint8),
    )


# ------------------------------------------------------------------ jobs


class Gauge(Protocol):
    """What is counted of a run."""

    def of(self, log: Log, work: Work, horizon: int, hit: Ints) -> Ints:
        """Return the measures of one run, as many every time."""

    def consumers(self, log: Log, work: Work, hit: Ints) -> Ints:
        """Return what became of each process (P, 3)."""

    def redrawn(self, people: Ints, cost_per_day: Ints) -> "Gauge":
        """Return the gauge for the people and costs of a sample."""


Gauges = Callable[[Network], Gauge]


@dataclass
class _State:
    """What one worker keeps from task to task."""

    simulator: Simulator
    gauge: Gauge


@dataclass(frozen=True, eq=False)
class SweepJob:
    """Every case for every duration; one task a case.

    A task gives one row a duration (int64): the measures and, with ``consumers``, what became of each process after it.
    """

    network: Network
    cases: Sequence[Case]
    durations: tuple[int, ...]
    """Seconds."""
    gauge: Gauges = field(repr=False)
    after: int = AFTER
    consumers: bool = False

    def fingerprint(self) -> bytes:
        """Return a digest of all that the numbers follow from."""
        asked = (self.durations, self.after, self.consumers, tuple(case.label for case in self.cases))
        return fingerprint_of(self.network, self.gauge, asked)

    def tasks(self) -> int:
        """Return the number of cases."""
        return len(self.cases)

    def start(self) -> _State:
        """Set up one worker."""
        return _State(Simulator(self.network), self.gauge(self.network))

    def run(self, state: _State, task: int) -> Ints:
        """Let one case fail for each duration; (durations, measures [+ 3 x processes])."""
        case, rows = self.cases[task], []
        for duration in self.durations:
            horizon = duration + self.after
            log = state.simulator.fail(case, duration, horizon)
            work = state.simulator.work
            row = state.gauge.of(log, work, horizon, case.instances)
            if self.consumers:
                row = np.concatenate((row, state.gauge.consumers(log, work, case.instances).ravel()))
            rows.append(row)
        return np.array(rows, np.int64)


@dataclass(frozen=True, eq=False)
class SampledJob:
    """Every case for every duration with the uncertain numbers drawn anew; one task a sample.

    A task gives the measures (int64) as (cases, durations, measures).
    """

    network: Network
    cases: Sequence[Case]
    durations: tuple[int, ...]
    gauge: Gauges = field(repr=False)
    samples: int
    seed: int
    after: int = AFTER
    quantiles: npt.NDArray[np.float64] | None = field(default=None, repr=False)
    """(samples, K) of a design; without it each sample draws its own."""

    def fingerprint(self) -> bytes:
        """Return a digest of all that the numbers follow from."""
        asked = (self.durations, self.after, self.samples, self.seed, tuple(case.label for case in self.cases))
        return fingerprint_of(self.network, self.gauge, asked, self.quantiles)

    def tasks(self) -> int:
        """Return the number of samples."""
        return self.samples

    def start(self) -> tuple[_State, Draws]:
        """Set up one worker."""
        return _State(Simulator(self.network), self.gauge(self.network)), prepare_draws(self.network)

    def run(self, state: tuple[_State, Draws], task: int) -> Ints:
        """Draw one sample and let every case fail for each duration."""
        kept, draws = state
        drawn = self._drawn(draws, task)
        kept.simulator.retune(drawn.network.arrays)
        gauge = kept.gauge.redrawn(drawn.people, drawn.cost_per_day)
        return np.array([[self._one(kept, gauge, case, d) for d in self.durations] for case in self.cases], np.int64)

    def _drawn(self, draws: Draws, task: int) -> Drawn:
        return draws.drawn(self.seed, task) if self.quantiles is None else draws.drawn_at(self.quantiles[task])

    def _one(self, kept: _State, gauge: Gauge, case: Case, duration: int) -> Ints:
        horizon = duration + self.after
        log = kept.simulator.fail(case, duration, horizon)
        return gauge.of(log, kept.simulator.work, horizon, case.instances)


@dataclass(frozen=True, eq=False)
class FolderJob:
    """A job that travels as the path of its model: each worker reads the folder, and checks that it makes the same job.

    For models of hundreds of MB, on a disk that all workers share.
    """

    folder: str
    of: bytes
    """Fingerprint of the job."""
    count: int
    stands_for: str
    """Name of the job's type: work that the job itself began goes on with this, and the other way round."""
    make: Callable[[Model], Job]
    """Makes the job from the model; travels itself, so a function of a module, or a `functools.partial` of one."""

    def fingerprint(self) -> bytes:
        """Return the fingerprint of the job itself."""
        return self.of

    def tasks(self) -> int:
        """Return the number of its tasks."""
        return self.count

    def start(self) -> tuple[Job, Any]:
        """Read the model, make the job, and set it up.

        Raises
        ------
        UsageError
            If the folder cannot be read here, or holds another model.
        """
        from cascade.files.reading import load

        try:
            job = self.make(load(self.folder))
        except (UsageError, DefinitionError) as error:
            raise UsageError(
                f"a worker cannot use the model {self.folder}, which all must be able to read: {error}"
            ) from None
        if job.fingerprint() != self.of:
            raise UsageError(f"{self.folder} holds another model than the one of this job; write that one there first")
        return job, job.start()

    def run(self, state: tuple[Job, Any], task: int) -> Any:
        """Do one task of the job."""
        job, started = state
        return job.run(started, task)


def by_folder(model: Model, job: Job, make: Callable[[Model], Job]) -> FolderJob:
    """Return a job as the path of its model; ``make`` must make this same job of it.

    Raises
    ------
    UsageError
        If the model is not that of a folder.
    """
    if not model.root or model.gone:
        raise UsageError("only a whole model that was read from a folder can be read there by others")
    folder = str(Path(model.root).resolve())
    return FolderJob(folder, job.fingerprint(), job.tasks(), type(job).__qualname__, make)


def fingerprint_of(network: Network, gauge: Gauges, asked: tuple[Any, ...], design: Any = None) -> bytes:
    """Return the fingerprint of a sweep: the network, all of its model that a gauge can read, and what was asked."""
    arrays = [getattr(network.arrays, f.name) for f in fields(network.arrays)]
    told: list[str] = []
    if network.model is not None:
        model = network.model
        things = {**model.processes, **{f"@{code}": region for code, region in model.regions.items()}}
        told = [f"{name} {things[name].model_dump_json()}" for name in sorted(things)]
        told += [
            repr(sorted(model.sector_of.items())),
            repr(sorted(model.assets.items())),
            model.info.model_dump_json(),
        ]
    name = f"{getattr(gauge, '__module__', '')}.{getattr(gauge, '__qualname__', '')}"
    return digest(name, arrays, network.labels, network.need_names, told, asked, design)


def split(found: Ints, measures: int) -> tuple[Ints, Ints]:
    """Cut the rows of a sweep with consumers into measures (cases, durations, measures) and processes (.., P, 3)."""
    return found[..., :measures], found[..., measures:].reshape(*found.shape[:-1], -1, 3)


def seconds(durations: Sequence[int | str]) -> tuple[int, ...]:
    """Return durations in seconds, each once and in rising order.

    Raises
    ------
    UsageError
        If there is none, one is not above 0, or a text is no duration.
    """
    from cascade.units import parse_duration

    found = set()
    for one in durations:
        try:
            found.add(parse_duration(one) if isinstance(one, str) else int(one))
        except ValueError as error:
            raise UsageError(f"a failure cannot last {one!r}: {error}") from None
    if not found or min(found) <= 0:
        raise UsageError("a failure lasts longer than 0 seconds; name at least one duration, such as 24h")
    return tuple(sorted(found))
