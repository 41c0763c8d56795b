"""The order in which scarce crews repair what is broken: first come against the best order, with a proven bound.

An order is judged by playing the scenario with it, never by an estimate; what is proven of it, and how, stands in
:mod:`cascade.results.orders`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from cascade.errors import UsageError, did_you_mean
from cascade.model import Model, Scenario
from cascade.results.effects import INDICATOR, Meter
from cascade.results.orders import HARMS, SCALE, Orders, Progress, Search, Yard, measured
from cascade.results.shortfall import PERSON, Floats, People, parts
from cascade.simulation.events import Job, job_names
from cascade.simulation.run import Run, scenario_meant, simulate
from cascade.units import FULL, HOUR

if TYPE_CHECKING:
    import pandas as pd

Ints: TypeAlias = npt.NDArray[np.int64]
EXACT: Final = 8
"""Jobs in contested queues up to which the search goes on until the best order is proven."""
SIMULATIONS: Final = 4_000
"""Simulations beyond that, half of them for good orders and the rest for the bound. Own choice."""


@dataclass(frozen=True, eq=False)
class Order:
    """One repair order, played."""

    names: tuple[str, ...]
    """As a scenario's ``repair_order`` says it; jobs of crews that nobody waits for are left out."""
    run: Run
    harm: float
    """In the unit of the harm asked for."""

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The repairs, in the order in which they are begun."""
        return self.run.jobs


@dataclass(frozen=True, eq=False)
class Recovery:
    """What the order of repair does in a scenario."""

    harm: str
    first_come: Order
    """Served as they become available, as filed where several do at once."""
    written: Order | None
    """The repair order of the scenario, if it has one."""
    best: Order
    bound: float
    """No repair order does less harm than this; proven as the module says."""
    crews: tuple[str, ...]
    """Those for which some job has to wait."""
    contested: int
    """Their jobs."""
    simulations: int
    bounded: bool
    """Whether bounds hold at all here."""
    overlapping: bool
    """Whether several jobs in contested queues concern one copy: the deepest of them hides the others."""
    interrupted: bool = False

    @property
    def proven(self) -> bool:
        """Whether the best order is the best there is."""
        return self.bound >= self.best.harm

    @property
    def gap(self) -> float:
        """At most so much less harm any other order can do, as a part of the best one's; 0 when proven."""
        return max(0.0, self.best.harm - self.bound) / self.best.harm if self.best.harm else 0.0

    def course(self) -> "pd.DataFrame":
        """Return who goes without over time, ``first`` and ``best``, as `courses` does."""
        return courses({"first": self.first_come.run, "best": self.best.run})


def courses(runs: Mapping[str, Run]) -> "pd.DataFrame":
    """Return who goes without over time in several runs of one length.

    Returns
    -------
    pandas.DataFrame
        ``time_h``, and for each name ``NAME_people`` (without a basic need, each counted once), ``NAME_services`` (people
        times services that they lack) and ``NAME_euros`` (lost a day at that rate). A row holds until the next one; the last is
        the horizon.
    """
    import pandas as pd

    curves = {
        f"{name}_{what}": curve
        for name, run in runs.items()
        for what, curve in (("people", _people(run)), ("services", _services(run)), ("euros", _euros(run)))
    }
    ends = [0, *(run.horizon for run in runs.values())]
    times = np.unique(np.concatenate([ends, *(t for t, _ in curves.values())]))
    columns = {name: v[np.searchsorted(t, times, "right") - 1] for name, (t, v) in curves.items()}
    return pd.DataFrame({"time_h": times / HOUR, **columns})


def _people(run: Run) -> tuple[Ints, Ints]:
    """Return moments, the first of them 0, and the people in the country who lack a basic need from each on."""
    people = People(run)
    curves = people.curves(people.basic)
    times = np.unique(np.concatenate([np.zeros(1, np.int64), *(t for t, _ in curves)]))
    total = np.zeros(times.size, np.int64)
    for when, value in curves:
        total += value[np.searchsorted(when, times, "right") - 1]
    return times, np.rint(total / PERSON).astype(np.int64)


def _services(run: Run) -> tuple[Ints, Ints]:
    """Return moments, the first of them 0, and the people times services that are lacking from each on."""
    definitions = [run.model.processes[p] for p in run.network.processes]
    counted = np.array([INDICATOR not in d.tags for d in definitions], np.bool_)[run.network.process_of]
    return _lacking(run, np.where(counted, People(run).weight / PERSON, 0.0))


def _euros(run: Run) -> tuple[Ints, Ints]:
    """Return moments, the first of them 0, and the euros lost a day from each on."""
    costs = [run.model.processes[p].cost_per_day for p in run.network.processes]
    price = np.array([float(cost.mode) if cost else 0.0 for cost in costs])[run.network.process_of]
    return _lacking(run, price * parts(run, People(run).base) / FULL)


def _lacking(run: Run, weight: Floats) -> tuple[Ints, Ints]:
    """Add up what all copies (N) lack, weighed."""
    c = run.changes
    times, column = np.unique(np.append(0, c.time), return_inverse=True)
    steps = np.zeros(times.size)
    np.add.at(steps, column[1:], (c.before - c.after) * weight[c.instance])
    return times, np.rint(np.cumsum(steps)).astype(np.int64)


# ------------------------------------------------------------------ the question


def recovery(
    model: Model,
    scenario: Scenario | str | Path,
    harm: str = "hours",
    *,
    seed: int = 1,
    simulations: int | None = None,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> Recovery:
    """Find the repair order of a scenario that does the least harm.

    Up to 8 jobs in contested queues the search goes on until the best order is proven, beyond that until the simulations are used
    up; Ctrl-C ends it with the best order so far and its bound.

    Parameters
    ----------
    model : Model
    scenario : Scenario, or path or name of one
    harm : str
        One of ``orders.HARMS``.
    seed : int
        Of the restarts of the local search.
    simulations : int, optional
        At most about so many; by default 4,000, and without end up to 8 jobs.
    seconds : float, optional
        Stop after so long; results then depend on the machine.
    progress : callable, optional

    Returns
    -------
    Recovery

    Raises
    ------
    UsageError
        If there is no such harm, the scenario has no repairs, or a contested one has no id to go by.
    CascadeError
        If an order does not settle.
    """
    scenario = scenario_meant(model, scenario)
    if harm not in HARMS:
        raise UsageError(f"no harm {harm!r}; {did_you_mean(harm, HARMS)} (known: {', '.join(HARMS)})")
    yard = Yard(model, scenario, harm)
    search = Search(yard)
    small = yard.contested <= EXACT
    most = simulations if simulations is not None else None if small else SIMULATIONS
    half = None if seconds is None else seconds / 2
    interrupted = False
    try:
        yard.limit(most if most is None or small else most // 2, half, progress)
        search.improve(seed, restarts=not small)
        yard.limit(most, half, progress)
        search.prove()
    except KeyboardInterrupt:
        interrupted = True
    return _tell(yard, search, interrupted)


# ------------------------------------------------------------------ telling


def _tell(yard: Yard, search: Search, interrupted: bool) -> Recovery:
    """Play the orders that are told once more, as a scenario that anybody can write."""
    scale = SCALE.get(yard.harm_name, 1)

    def played(names: tuple[str, ...]) -> Order:
        run = simulate(yard.network, yard.scenario.model_copy(update={"repair_order": names}))
        value = measured(Meter(yard.network), yard.harm_name, run.changes, run.state, run.horizon, yard.hit)
        return Order(names, run, value / scale)

    written = played(yard.scenario.repair_order) if yard.scenario.repair_order else None
    return Recovery(
        harm=yard.harm_name,
        first_come=played(_names(yard, search.first)),
        written=written,
        best=played(_names(yard, search.best)),
        bound=search.bound / scale,
        crews=yard.crews,
        contested=yard.contested,
        simulations=yard.simulations,
        bounded=yard.bounded,
        overlapping=len({task.instance for queue in yard.tasks for task in queue}) < yard.contested,
        interrupted=interrupted,
    )


def _names(yard: Yard, orders: Orders) -> tuple[str, ...]:
    """Name jobs as a repair order does; all jobs of an event in a row go by the event."""
    found: list[str] = []
    for queue in orders:
        for event, group in groupby(queue, key=lambda task: task.event):
            tasks = list(group)
            name = yard.scenario.events[event].id or ""
            whole = [task.instance for task in tasks] == list(yard.load.hits[event])
            found += [name] if whole else [job_names(yard.network, name, task.instance)[0] for task in tasks]
    return tuple(found)
