"""One simulation: its log, and what can be read off it: levels over time, chains of causes, locked groups."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from cascade.errors import RunawayError, UsageError
from cascade.model import Model, Scenario
from cascade.simulation import engine
from cascade.simulation.events import Imposed, Job
from cascade.simulation.layout import Array, Log, Work
from cascade.simulation.network import Network, compile_network
from cascade.simulation.repairs import settle
from cascade.units import FULL, HOUR, Uncertain, format_share

if TYPE_CHECKING:
    import pandas as pd

KINDS: Final = {
    engine.KIND_NONE: "",
    engine.KIND_EVENT: "event",
    engine.KIND_NEED: "need",
    engine.KIND_RESTART: "restart",
}

Row = tuple[int, str, int, int, str, int, str, str]
"""(time, instance, before, after, kind, event, need, supply), levels in 1/10 000."""


class Change(NamedTuple):
    """One row of the log with numbers for names: what changed when, and what it was due to."""

    time: int
    instance: int
    before: int
    after: int
    kind: str
    event: int
    need: str
    supplier: int


@dataclass(frozen=True)
class LockedGroup:
    """Processes that wait for each other at the end, and those that only wait for them."""

    members: tuple[str, ...]
    held: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Run:
    """What a scenario did to a model; everything else is derived from its log.

    Levels given to people are shares (0 to 1), times are hours from the start of the scenario unless the name of
    a column says otherwise; the log itself is exact in seconds and 1/10 000.
    """

    network: Network
    scenario: Scenario
    imposed: Imposed = field(repr=False)
    jobs: tuple[Job, ...]
    changes: Log = field(repr=False)
    state: Work = field(repr=False)
    """The simulator as it stood at the horizon."""

    def __repr__(self) -> str:
        return f"Run({self.scenario.name.en!r}, {self.horizon // HOUR} h, {len(self.changes.time)} changes)"

    def _repr_html_(self) -> str:
        """Show itself in a notebook."""
        import cascade

        return cascade.html(self)

    @property
    def model(self) -> Model:
        """The model that was simulated."""
        if self.network.model is None:
            raise UsageError("this network was not compiled from a model")
        return self.network.model

    @property
    def horizon(self) -> int:
        """Length of the run, seconds."""
        return self.scenario.horizon

    def rows(self) -> list[Row]:
        """Return the exact log as plain tuples, with labels for numbers."""
        labels, needs = self.network.labels, self.network.need_names
        return [
            (
                t,
                labels[i],
                before,
                after,
                KINDS[kind],
                event,
                needs[need] if need >= 0 else "",
                labels[j] if j >= 0 else "",
            )
            for t, i, before, after, kind, event, need, j in zip(*(c.tolist() for c in self.changes), strict=True)
        ]

    @cached_property
    def log(self) -> "pd.DataFrame":
        """Every change of a level: one row per instance and instant.

        Columns: ``time_s``, ``time_h``, ``process``, ``region``, ``instance``, ``before``, ``after`` (shares),
        ``kind`` (event, need, restart or empty), ``event`` (its number in the scenario, from 0; -1 none),
        ``need``, ``supplier`` (instance that the binding need lacked).
        """
        import pandas as pd

        network, c = self.network, self.changes
        labels = np.array((*network.labels, ""), object)
        needs = np.array((*network.need_names, ""), object)
        kinds = np.array([KINDS[k] for k in sorted(KINDS)], object)
        processes = np.array(network.processes, object)
        regions = np.array((*network.regions, ""), object)
        return pd.DataFrame(
            {
                "time_s": c.time,
                "time_h": c.time / HOUR,
                "process": processes[network.process_of[c.instance]],
                "region": regions[network.region_of[c.instance]],
                "instance": labels[c.instance],
                "before": c.before / FULL,
                "after": c.after / FULL,
                "kind": kinds[c.kind],
                "event": c.event,
                "need": needs[c.need],
                "supplier": labels[c.supplier],
            }
        )

    def levels(self, processes: Iterable[str] | None = None, regions: Iterable[str] | None = None) -> "pd.DataFrame":
        """Return levels over time in tidy form: one row per stretch of constant level.

        Parameters
        ----------
        processes, regions : str or iterable of str, optional
            Keep only this or these; a national process has the empty region.

        Returns
        -------
        pandas.DataFrame
            Columns ``process``, ``region``, ``instance``, ``from_h``, ``to_h`` (half-open), ``level`` (0 to 1);
            every instance from 0 to the horizon without a gap.
        """
        import pandas as pd

        start, end, level, instance = self._stretches
        network = self.network
        frame = pd.DataFrame(
            {
                "process": np.array(network.processes, object)[network.process_of[instance]],
                "region": np.array((*network.regions, ""), object)[network.region_of[instance]],
                "instance": np.array(network.labels, object)[instance],
                "from_h": start / HOUR,
                "to_h": end / HOUR,
                "level": level / FULL,
            }
        )
        if processes is not None:
            wanted = {processes} if isinstance(processes, str) else set(processes)
            self._known(wanted, self.network.processes, "process")
            frame = frame[frame["process"].isin(wanted)]
        if regions is not None:
            wanted = {regions} if isinstance(regions, str) else set(regions)
            self._known(wanted, (*self.network.regions, ""), "region")
            frame = frame[frame["region"].isin(wanted)]
        return frame.reset_index(drop=True)

    def _in_time(self, moments_s: Iterable[float]) -> None:
        for moment in moments_s:
            if not 0 <= moment <= self.horizon:  # also refuses what is not a number
                raise UsageError(
                    f"hour {moment / HOUR:g} is not in this run, which goes from 0 to {self.horizon / HOUR:g} h"
                )

    @staticmethod
    def _known(wanted: set[str], known: tuple[str, ...], what: str) -> None:
        missing = sorted(wanted.difference(known))
        if missing:
            raise UsageError(f"no {what} {missing[0]!r} in this run")

    @cached_property
    def _stretches(self) -> tuple[Array, Array, Array, Array]:
        """Start, end (seconds), level and instance of every stretch, by instance and then time."""
        c, n = self.changes, self.network.size
        instance = np.concatenate((np.arange(n, dtype=np.int64), c.instance))
        start = np.concatenate((np.zeros(n, np.int64), c.time))
        level = np.concatenate((np.full(n, FULL, np.int64), c.after))
        # an instance that falls at once has a stretch of no length first; the later row of equal time counts
        order = np.lexsort((np.arange(instance.size), start, instance))
        instance, start, level = instance[order], start[order], level[order]
        last = np.append(instance[1:] != instance[:-1], True)
        end = np.where(last, self.horizon, np.append(start[1:], 0))
        keep = end > start
        return start[keep], end[keep], level[keep], instance[keep]

    def stretches(self, instance: int) -> tuple[Array, Array, Array]:
        """Return start, end (seconds) and level (1/10 000) of the constant stretches of one instance."""
        start, end, level, which = self._stretches
        a, b = np.searchsorted(which, [instance, instance + 1])
        return start[a:b], end[a:b], level[a:b]

    def levels_at(self, times_s: Iterable[int]) -> "pd.DataFrame":
        """Return all levels at some moments: index time in hours, one column per instance, shares."""
        import pandas as pd

        moments = np.array(list(times_s), np.int64)
        self._in_time(moments.tolist())
        table = np.full((moments.size, self.network.size), FULL, np.int64)
        c = self.changes
        first = np.searchsorted(moments, c.time)
        # the log is in order of time, so a later change overwrites an earlier one from its moment on
        for row, i, level in zip(first.tolist(), c.instance.tolist(), c.after.tolist(), strict=True):
            table[row:, i] = level
        return pd.DataFrame(
            table / FULL, index=pd.Index(moments / HOUR, name="time_h"), columns=list(self.network.labels)
        )

    # -------------------------------------------------------------- causes

    @cached_property
    def _rows_of(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for row, i in enumerate(self.changes.instance.tolist()):
            found.setdefault(i, []).append(row)
        return found

    def change(self, row: int) -> Change:
        """Return one row of the log."""
        c = self.changes
        need = int(c.need[row])
        return Change(
            int(c.time[row]),
            int(c.instance[row]),
            int(c.before[row]),
            int(c.after[row]),
            KINDS[int(c.kind[row])],
            int(c.event[row]),
            self.network.need_names[need] if need >= 0 else "",
            int(c.supplier[row]),
        )

    def changes_of(self, instance: int) -> list[Change]:
        """Return the changes of one instance, in order of time."""
        return [self.change(row) for row in self._rows_of.get(instance, [])]

    def chain(self, instance: int, at: int | None = None) -> list[Change]:
        """Follow the cause of an instance's state back to the event.

        Parameters
        ----------
        instance : int
            Number in the network.
        at : int, optional
            Moment in seconds; by default the moment of its lowest level.

        Returns
        -------
        list of Change
            From the instance to the event; empty if it never changed. A chain that comes back to itself ends there:
            those processes hold each other down.
        """
        row = self._row_of_state(instance, at)
        found: list[Change] = []
        seen: set[int] = set()
        while row is not None and self.change(row).instance not in seen:
            change = self.change(row)
            seen.add(change.instance)
            found.append(change)
            if change.supplier < 0:
                break
            # what set off a fall stood at that moment or before it: the supplier's own latest change until then
            row = self._latest(change.supplier, change.time)
        return found

    def _row_of_state(self, instance: int, at: int | None) -> int | None:
        if at is not None:
            return self._latest(instance, at)
        rows = self._rows_of.get(instance, [])
        return min(rows, key=lambda row: (int(self.changes.after[row]), row)) if rows else None

    def _latest(self, instance: int, at: int) -> int | None:
        rows = [row for row in self._rows_of.get(instance, []) if self.changes.time[row] <= at]
        return rows[-1] if rows else None

    def why(self, where: str, at_h: float | None = None) -> "pd.DataFrame":
        """Say why a process is where it is: the chain from it back to the event.

        Parameters
        ----------
        where : str
            ``process``, ``process@REGION`` or ``process@REGION#asset``; of several copies the worst hit counts.
        at_h : float, optional
            Moment in hours; by default that of its lowest level.

        Returns
        -------
        pandas.DataFrame
            One row per link: ``instance``, ``since_h``, ``level``, ``because`` (event, need, restart),
            ``need``, ``supplier``, ``event`` (its number), ``text``.

        Raises
        ------
        UsageError
            If there is no such process or region.
        """
        import pandas as pd

        self._in_time([] if at_h is None else [at_h * HOUR])
        links = self.chain(self.find(where), None if at_h is None else round(at_h * HOUR))
        labels = self.network.labels
        return pd.DataFrame(
            [
                {
                    "instance": labels[link.instance],
                    "since_h": link.time / HOUR,
                    "level": link.after / FULL,
                    "because": link.kind,
                    "need": link.need,
                    "supplier": labels[link.supplier] if link.supplier >= 0 else "",
                    "event": link.event,
                    "text": self._sentence(link),
                }
                for link in links
            ],
            columns=["instance", "since_h", "level", "because", "need", "supplier", "event", "text"],
        )

    def _sentence(self, link: Change) -> str:
        labels = self.network.labels
        head = f"{labels[link.instance]} at {format_share(link.after)}"
        if link.kind == "event":
            return f"{head}: event {link.event + 1} of the scenario"
        if link.kind == "need":
            return f"{head}: need {link.need!r} from {labels[link.supplier]}"
        return f"{head}: restarting" if link.kind == "restart" else f"{head}: nothing binds"

    def find(self, where: str) -> int:
        """Return the instance meant by a label; of several copies the one with the greatest loss."""
        if where in self.network.index:
            return self.network.index[where]
        process, _, region = where.partition("@")
        if region and region not in self.network.regions:
            raise UsageError(f"no region {region!r} in this model (regions: {', '.join(self.network.regions)})")
        copies = self.network.instances(process, region or None)
        if not copies:
            raise UsageError(f"{process!r} has no copy in {region}")
        return max(copies, key=lambda i: (int(self.state.proc["lost"][i]), -i))

    # -------------------------------------------------------------- locked groups

    @cached_property
    def locked_instances(self) -> frozenset[str]:
        """Labels of all processes below what events leave of them that nothing under way can still raise."""
        labels = self.network.labels
        return frozenset(labels[i] for i in self._locked)

    @cached_property
    def _locked(self) -> tuple[int, ...]:
        """Everything downstream of something still under way may yet change; the rest below own is locked."""
        proc, need, out = self.state.proc, self.state.need, self.state.out
        below = proc["x"] < FULL
        alive = (proc["own"] < FULL) | (proc["source"] > 0) | (proc["p"] > proc["x"]) | (proc["head"] >= 0)
        growing = (need["rate"] > 0) & (need["clock"] < need["most"])
        alive[need["owner"][growing | (need["misled"] > 0)]] = True
        reached = alive.copy()
        todo = np.flatnonzero(alive).tolist()
        while todo:
            j = todo.pop()
            if not below[j] and not proc["wrong"][j]:
                continue
            for consumer in out["owner"][proc["out_first"][j] : proc["out_last"][j]].tolist():
                if below[consumer] and not reached[consumer]:
                    reached[consumer] = True
                    todo.append(consumer)
        return tuple(np.flatnonzero((proc["x"] < proc["own"]) & ~reached).tolist())

    @cached_property
    def locked(self) -> list[LockedGroup]:
        """Groups that wait for each other at the end, each with those that only wait for it."""
        from cascade.simulation.network import strong_groups

        arcs = self._locked_arcs()
        labels = self.network.labels
        groups = strong_groups(self._locked, arcs)
        found = []
        placed: set[int] = set()
        for group in groups:
            held, todo = set(group), list(group)
            while todo:
                for consumer in arcs.get(todo.pop(), ()):
                    if consumer not in held:
                        held.add(consumer)
                        todo.append(consumer)
            core = set().union(*groups)
            waiting = sorted(held - core - placed)
            placed.update(waiting)
            found.append(LockedGroup(tuple(labels[i] for i in group), tuple(labels[i] for i in waiting)))
        return found

    def _locked_arcs(self) -> dict[int, list[int]]:
        """Supplier -> consumers among the locked ones, over suppliers that are short."""
        locked = set(self._locked)
        a = self.network.arrays
        arcs: dict[int, list[int]] = {}
        for i in self._locked:
            first, last = a.term_start[a.need_start[i]], a.term_start[a.need_start[i + 1]]
            for j in a.supplier[a.member_start[first] : a.member_start[last]].tolist():
                if j in locked:
                    arcs.setdefault(j, []).append(i)
        return arcs


def simulate(source: Model | Network, scenario: Scenario | str | Path) -> Run:
    """Spread a scenario's outages through a model.

    Parameters
    ----------
    source : Model or Network
        A model is compiled with the measures and rationing of the scenario; a network is taken as it is.
    scenario : Scenario or path
        A path (or the name of a shipped scenario) is read and checked first.

    Returns
    -------
    Run

    Raises
    ------
    DefinitionError
        If the scenario file is faulty.
    UsageError
        If an event or a measure does not fit the model.
    RunawayError
        If the run passes its cap of changes; the text names the loop.
    """
    if not isinstance(source, Model | Network):
        raise UsageError(
            f"simulate needs a model or a network, not {type(source).__name__}; load one with cascade.load"
        )
    scenario = scenario_meant(source, scenario)
    network = compile_network(source, scenario) if isinstance(source, Model) else source
    played: list[engine.Result] = []

    def play(imposed: Imposed) -> Log:
        result = engine.run(network.arrays, imposed, scenario.horizon)
        if result.runaway:
            raise RunawayError(_name_loop(network, result.log))
        played[:] = [result]
        return result.log

    imposed, jobs = settle(network, scenario, play)
    return Run(network, scenario, imposed, jobs, played[0].log, played[0].work)


def scenario_meant(source: Model | Network, scenario: Scenario | str | Path) -> Scenario:
    """Return a scenario, read and checked if it goes by path or name.

    Raises
    ------
    UsageError
        If it is none, or changed by hand into what no file could say.
    DefinitionError
        If the file is faulty.
    """
    if not isinstance(scenario, Scenario | str | Path):
        raise UsageError(f"a scenario is needed, or the path or name of one, not {type(scenario).__name__}")
    if not isinstance(scenario, Scenario):
        from cascade.files.reading import find_scenario, load_scenario

        model = source if isinstance(source, Model) else source.model
        if model is None:
            raise UsageError("a scenario file needs a network compiled from a model")
        scenario = load_scenario(find_scenario(str(scenario), model.root or None), model)
    _check_types(scenario)
    return scenario


def _check_types(scenario: Scenario) -> None:
    """Refuse a scenario changed by hand into something that no file could say."""
    if not isinstance(scenario.horizon, int) or scenario.horizon <= 0:
        raise UsageError(f"the horizon is a whole number of seconds above 0, not {scenario.horizon!r}")
    for number, event in enumerate(scenario.events, 1):
        for name, value in (("at", event.at), ("level", event.level), ("for", event.for_), ("until", event.until)):
            if value is not None and not isinstance(value, Uncertain):
                raise UsageError(
                    f"event {number}: {name} is {value!r}; give text as in a file through Event.model_validate, "
                    "or cascade.units.sure(seconds or 1/10 000)"
                )


def _name_loop(network: Network, log: Log) -> str:
    """Name the loop along which a run chases itself, from the last rows of its log."""
    recent = slice(-min(len(log.time), 20_000), None)
    supplier_of: dict[int, int] = {}
    for i, j in zip(log.instance[recent].tolist(), log.supplier[recent].tolist(), strict=True):
        if j >= 0:
            supplier_of[i] = j
    labels = network.labels
    for start in sorted(supplier_of):
        path = [start]
        while path[-1] in supplier_of and supplier_of[path[-1]] not in path:
            path.append(supplier_of[path[-1]])
        back = supplier_of.get(path[-1])
        if back is not None:
            loop = path[path.index(back) :]
            names = " <- ".join(labels[i] for i in (*loop, loop[0]))
            break
    else:
        busiest = np.bincount(log.instance[recent]).argmax() if len(log.time) else 0
        names = labels[int(busiest)]
    end = log.time[-1] / HOUR if len(log.time) else 0.0
    return (
        f"the run does not settle: more than {len(log.time)} changes by hour {end:.1f}. The loop is {names}. "
        "Give one of its needs a longer endurance or a restart, or shorten the horizon"
    )
