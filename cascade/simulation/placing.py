"""Measures put in place and taken away again, without compiling a model anew for every plan.

A :class:`Stage` is one scenario on one model (at its modes, or one sample of both) with a list of options, each a measure at
a copy of a process. It plays any set of them, to the last bit like ``simulate`` with those measures in place, for the price
of the run itself.
"""

from collections.abc import Collection, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cascade.errors import CascadeError
from cascade.model import Crew, Event, MeasureAt, Model, Scenario
from cascade.simulation.ensemble import Drawn, prepare_draws, prepare_scenario_draws
from cascade.simulation.events import suits, targets, unfold
from cascade.simulation.layout import Log, Rows, Work
from cascade.simulation.network import RULES, Arrays, Network, compile_network
from cascade.simulation.numbers import Listing, Number
from cascade.simulation.repairs import as_rows, follow
from cascade.simulation.sweep import Simulator
from cascade.units import FULL, sure

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Plan = frozenset[int]
"""Numbers of the options that are in place."""

TIMED = ("endures", "restart", "repair")
"""Effects that are drawn on the scale of durations."""


class Option(NamedTuple):
    """A measure at one copy of a process; the region is empty where the process is national."""

    measure: str
    process: str
    region: str

    @property
    def label(self) -> str:
        """Return ``measure: process@REGION``."""
        return f"{self.measure}: {self.process}" + (f"@{self.region}" if self.region else "")


def in_place(scenario: Scenario, options: Iterable[Option]) -> Scenario:
    """Return a scenario with more measures in place, in the order given."""
    more = tuple(
        MeasureAt.model_validate({"measure": o.measure, "at": [o.process], "where": [o.region] if o.region else None})
        for o in options
    )
    return scenario.model_copy(update={"with_measures": (*scenario.with_measures, *more)})


def drawn_measures(model: Model, seed: int, sample: int) -> Model:
    """Return the model with the effects of all measures as drawn in one sample: those a network's draws would give."""
    listing = Listing()
    at: dict[str, tuple[str, int]] = {}
    for name, measure in model.measures.items():
        for effect in (*TIMED, "prevents"):
            number = Number(f"measures.{name}", "", effect)
            (value,) = listing.add(number, getattr(measure.effect, effect), time=effect in TIMED)
            if value >= 0:
                at[name] = (effect, value)
    if not at:
        return model
    numbers = listing.built()
    values = numbers.values(numbers.quantiles(seed, sample))
    measures = dict(model.measures)
    for name, (effect, value) in at.items():
        changed = measures[name].effect.model_copy(update={effect: sure(int(values[value]))})
        measures[name] = measures[name].model_copy(update={"effect": changed})
    return replace(model, measures=measures)


class _Column(NamedTuple):
    """Rows of an array that options change, and to what; one entry per option and row."""

    option: Ints
    row: Ints
    value: Ints

    def on(self, chosen: Flags) -> tuple[Ints, Ints]:
        """Return rows and values of the options in place."""
        keep = chosen[self.option]
        return self.row[keep], self.value[keep]


def _column(entries: list[tuple[int, int, int]]) -> _Column:
    return _Column(*np.array(entries, np.int64).reshape(-1, 3).T)


@dataclass(frozen=True, eq=False)
class _Changes:
    """What each option changes in the arrays of a network."""

    later: _Column
    """Steps of fades, and by how many seconds."""
    as_last: _Column
    """Needs that recharge in the time of their last step."""
    faster: tuple[_Column, ...]
    """Instances and factors on their restart: the first of each instance, the second ..."""
    first: _Column
    """Rationed supplies, and the share of the first class."""
    added: _Column
    """Terms that are there only with the option."""


_KEPT = 64


class Stage:
    """One scenario with options that can each be in place or not.

    Parameters
    ----------
    model : Model
    scenario : Scenario
        What it has in place stays in place.
    options : sequence of Option
        Of different places; a plan puts those it names in place in this order.
    sample : (seed, number), optional
        Play with the uncertain numbers of the model, the measures and the scenario drawn; by default with their modes.
    crews : bool
        False: every repair starts at once with a team of its own, at full speed. That is no worse than any queue, for
        bounds.
    """

    def __init__(
        self,
        model: Model,
        scenario: Scenario,
        options: Sequence[Option],
        *,
        sample: tuple[int, int] | None = None,
        crews: bool = True,
    ) -> None:
        self.options = tuple(options)
        self.scenario = scenario if sample is None else prepare_scenario_draws(scenario).scenario(*sample)
        if not crews:
            self.scenario = _unlimited(self.scenario)
        self._sample, self.as_written = sample, model
        self.model = model if sample is None else drawn_measures(model, *sample)
        self._adding = tuple(k for k, o in enumerate(self.options) if self._effect(k, "adds_supply") is not None)
        # a supply that is switched off still misleads while it is wrong: there the network is compiled for each set
        self._exact = bool(self._adding) and any(e.manipulated for e in self.scenario.events)
        self.network, drawn = self._compiled(frozenset() if self._exact else frozenset(self._adding))
        self.drawn: Drawn | None = drawn
        self.hit = np.array(sorted({i for e in self._events for i in targets(e, self.network)}), np.int64)
        self._there = [np.array(self.network.instances(o.process, o.region or None), np.int64) for o in self.options]
        self._changes: dict[int, _Changes] = {}
        first = (k for k in range(len(self.options)) if self._effect(k, "serves_first"))
        self._structural = frozenset(self._adding) | frozenset(first)
        self._timed = frozenset(
            k for k in range(len(self.options)) if self._effect(k, "prevents") or self._effect(k, "repair")
        )
        self._paced = self.queues and any(crew.needs for crew in self.scenario.crews.values())
        self._outside: dict[Plan, Rows] = {}
        self._networks: dict[Plan, Network] = {}
        self._simulator = Simulator(self.network)
        self._structure: Plan | None = None

    def twin(self) -> "Stage":
        """Return another stage for the same plans, for another thread."""
        other = copy(self)
        other._simulator, other._structure = Simulator(self.network), None
        other._outside, other._networks = {}, {}
        # found by identity, which a network that is gone may leave to another one
        other._changes = {key: found for key, found in self._changes.items() if key == id(self.network)}
        return other

    @property
    def harmful(self) -> Plan:
        """Options that make something slower than it is, which no bound may count on."""
        found = []
        for k, option in enumerate(self.options):
            effect = self.model.measures[option.measure].effect
            if any(factor is not None and factor.mode > FULL for factor in (effect.restart, effect.repair)):
                found.append(k)
        return frozenset(found)

    @property
    def queues(self) -> bool:
        """Whether repairs wait for crews: then a shorter repair can make another one later."""
        return any(e.repair is not None for e in self._events)

    @property
    def monotone(self) -> bool:
        """Whether an option can never make anything worse, but for queues: not where an added supply can mislead."""
        return not self._exact

    @property
    def horizon(self) -> int:
        """Seconds."""
        return self.scenario.horizon

    def play(self, plan: Collection[int]) -> tuple[Log, Work]:
        """Simulate with some options in place; the answer is overwritten by the next run.

        Raises
        ------
        CascadeError
            If the run does not settle.
        """
        chosen = frozenset(plan)
        simulator = self._tuned(chosen)
        if self._paced:  # how fast crews work follows from the run
            log = follow(self._measured(chosen & self._timed), self.scenario, simulator.run)
        else:
            log = simulator.run(self._imposed(chosen), self.horizon)
        if log is None:
            raise CascadeError(f"the scenario {self.scenario.name.en} does not settle with a plan of {len(chosen)}")
        return log, simulator.work

    def with_plan(self, plan: Collection[int]) -> Scenario:
        """Return the scenario with a plan in place, for ``simulate``."""
        return in_place(self.scenario, (self.options[k] for k in sorted(plan)))

    def instances(self, option: int) -> Ints:
        """Return the instances at which an option works."""
        return self._there[option]

    # -------------------------------------------------------------- what an option touches

    def matters(self, lost: Flags) -> list[int]:
        """Return the options that can change anything where only some instances ever lose something (N).

        More is never worse, so what loses nothing without a plan loses nothing with one. Then a measure can only work on a
        deliberate hit or a repair, on the restart of what falls, and on a need of which a supplier falls (or is wrong), or
        that asks for more than its supplies ever give.
        """
        a, wrong = self.network.arrays, any(e.manipulated for e in self.scenario.events)
        short = lost.copy()
        short[self.hit] = True
        fed = np.zeros(a.rule.size, np.bool_)
        term_of = np.repeat(np.arange(a.gives.size), np.diff(a.member_start))
        need_of = np.repeat(np.arange(a.rule.size), np.diff(a.term_start))
        fed[need_of[term_of[short[a.supplier]]]] = True
        whole = self._patched(self.network, frozenset()).gives == FULL
        fed |= (a.rule == RULES["at_least"]) & (np.bincount(need_of[whole], minlength=a.rule.size) < a.count)
        owner = np.repeat(np.arange(self.network.size), np.diff(a.need_start))
        hungry = np.zeros(self.network.size, np.bool_)
        hungry[owner[fed]] = True
        return [k for k in range(len(self.options)) if self._may_matter(k, lost, hungry, wrong)]

    def _may_matter(self, k: int, lost: Flags, hungry: Flags, wrong: bool) -> bool:
        there = self._there[k]
        if k in self._timed:
            return bool(np.isin(there, self.hit).any()) and bool(self._works_from_outside(k))
        if self._exact and k in self._adding:
            return True
        if self._effect(k, "restart") is not None:
            return bool(lost[there].any())
        return bool(lost[there].any()) and (wrong or bool(hungry[there].any()))

    def _works_from_outside(self, k: int) -> bool:
        there, measure = set(self._there[k].tolist()), self.model.measures[self.options[k].measure]
        for event in self._events:
            guarded = measure.effect.prevents is not None and event.deliberate and suits(measure, event.remote)
            mended = measure.effect.repair is not None and event.repair is not None
            if (guarded or mended) and there.intersection(targets(event, self.network)):
                return True
        return False

    # -------------------------------------------------------------- compiling

    @property
    def _events(self) -> list[Event]:
        return [e for e in self.scenario.events if e.at.mode < self.scenario.horizon]

    def _effect(self, k: int, name: str) -> object:
        return getattr(self.model.measures[self.options[k].measure].effect, name)

    def _compiled(self, adding: Plan) -> tuple[Network, Drawn | None]:
        """Return the network with some options built in, at its modes or drawn."""
        placed = in_place(self.scenario, (self.options[k] for k in sorted(adding)))
        network = compile_network(self.as_written if self._sample else self.model, placed)
        if self._sample is None:
            return network, None
        drawn = prepare_draws(network).drawn(*self._sample)
        return replace(drawn.network, model=self.model), drawn

    def _found(self, network: Network) -> _Changes:
        """Return what the options change in a network; rows move where supplies are built in."""
        if id(network) not in self._changes:
            self._changes[id(network)] = self._searched(network)
        return self._changes[id(network)]

    def _searched(self, network: Network) -> _Changes:
        a = network.arrays
        later, as_last, first = [], [], []
        faster: dict[int, list[tuple[int, int, int]]] = {}
        times = dict.fromkeys(range(network.size), 0)
        for k, option in enumerate(self.options):
            measure = self.model.measures[option.measure]
            effect, needs = measure.effect, self.model.processes[option.process].needs
            name = measure.applies_to.need
            for i in self._there[k].tolist():
                if effect.endures is not None and name in needs:
                    row = int(a.need_start[i]) + list(needs).index(name)
                    later += [(k, s, effect.endures.mode) for s in range(a.step_start[row], a.step_start[row + 1])]
                    as_last += [(k, row, 0)] if needs[name].recharge is None else []
                if effect.restart is not None:
                    faster.setdefault(times[i], []).append((k, i, effect.restart.mode))
                    times[i] += 1
                if effect.serves_first:
                    first += [(k, m, share) for m, share in self._rationed(network, i)]
        rounds = tuple(_column(faster[n]) for n in sorted(faster))
        added = [] if self._exact else self._terms(network)
        return _Changes(_column(later), _column(as_last), rounds, _column(first), _column(added))

    def _rationed(self, network: Network, instance: int) -> list[tuple[int, int]]:
        """Return the supplies of an instance that are rationed, and the share of the first class."""
        a, found = network.arrays, []
        begin, end = (int(a.member_start[a.term_start[a.need_start[j]]]) for j in (instance, instance + 1))
        for m in range(begin, end):
            process = network.process(int(a.supplier[m]))
            rations = self.scenario.rations.get(process, self.model.processes[process].rations)
            if rations:
                found.append((m, rations[0].share))
        return found

    def _terms(self, network: Network) -> list[tuple[int, int, int]]:
        """Find the terms that added supplies have become: the last ones of their needs, in order of the options."""
        a, taken, found = network.arrays, dict[int, int](), []
        for k in reversed(self._adding):
            option = self.options[k]
            need = str(self.model.measures[option.measure].applies_to.need)
            row = list(self.model.processes[option.process].needs).index(need)
            for n in (a.need_start[self._there[k]] + row).tolist():
                taken[n] = taken.get(n, 0) + 1
                found.append((k, int(a.term_start[n + 1]) - taken[n], 0))
        return found

    # -------------------------------------------------------------- one plan

    def _tuned(self, plan: Plan) -> Simulator:
        """Return the simulator with the numbers of a plan; laid out anew only where supplies change."""
        base = self._network_with(plan.intersection(self._adding)) if self._exact else self.network
        arrays = self._patched(base, plan)
        structure = plan & self._structural
        if structure != self._structure:
            self._simulator = Simulator(replace(base, arrays=arrays))
            self._structure = structure
        else:
            self._simulator.retune(arrays)
        return self._simulator

    def _network_with(self, adding: Plan) -> Network:
        if adding not in self._networks:
            if len(self._networks) >= _KEPT:
                for network in self._networks.values():
                    self._changes.pop(id(network), None)
                self._networks.clear()
            self._networks[adding] = self._compiled(adding)[0]
        return self._networks[adding]

    def _patched(self, network: Network, plan: Plan) -> Arrays:
        a, found = network.arrays, self._found(network)
        chosen = np.zeros(len(self.options), np.bool_)
        chosen[list(plan)] = True
        step_time, restart, recharge = a.step_time.copy(), a.restart.copy(), a.recharge.copy()
        gives, lo, hi = a.gives.copy(), a.lo.copy(), a.hi.copy()
        steps, seconds = found.later.on(chosen)
        np.add.at(step_time, steps, seconds)
        needs, _ = found.as_last.on(chosen)
        recharge[needs] = step_time[a.step_start[needs + 1] - 1]
        for column in found.faster:
            there, factor = column.on(chosen)
            restart[there] = restart[there] * factor // FULL
        members, share = found.first.on(chosen)
        lo[members], hi[members] = 0, share
        gives[found.added.on(~chosen)[0]] = 0
        return replace(a, step_time=step_time, restart=restart, recharge=recharge, gives=gives, lo=lo, hi=hi)

    def _imposed(self, plan: Plan) -> Rows:
        """Return what is imposed from outside, with what guards prevent and spares shorten."""
        chosen = plan & self._timed
        if chosen not in self._outside:
            if len(self._outside) >= 20 * _KEPT:
                self._outside.clear()
            self._outside[chosen] = as_rows(unfold(self._measured(chosen), self.scenario)[0])
        return self._outside[chosen]

    def _measured(self, plan: Plan) -> Network:
        placed = [list(there) for there in self.network.measures] or [[] for _ in self.network.labels]
        for k in sorted(plan):
            for i in self._there[k].tolist():
                placed[i].append(self.options[k].measure)
        return replace(self.network, measures=tuple(map(tuple, placed)))


def _unlimited(scenario: Scenario) -> Scenario:
    many = Crew(teams=10**9)
    return scenario.model_copy(update={"crews": dict.fromkeys(scenario.crews, many)})


def without_repair(scenario: Scenario) -> Scenario:
    """Return a scenario in which what waits for repair is never repaired."""
    events = tuple(e.model_copy(update={"repair": None}) for e in scenario.events)
    return scenario.model_copy(update={"events": events})
