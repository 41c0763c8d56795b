"""Draws of a model's uncertain numbers: the network or the scenario that follows from them.

What is drawn, and how, stands in :mod:`cascade.simulation.numbers`; here each number finds its places in the arrays of a
network and in the events of a scenario.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from cascade.errors import UsageError
from cascade.model import Event, Model, Need, Process, Scenario
from cascade.simulation.layout import Work
from cascade.simulation.network import Arrays, Network
from cascade.simulation.numbers import Floats, Ints, Listing, Number, Numbers
from cascade.units import FULL, sure

# ------------------------------------------------------------------ networks


@dataclass(frozen=True, eq=False)
class Drawn:
    """One sample of a model: its network, and how many people rely on its processes at what cost."""

    network: Network
    people: Ints
    """(P) share of the inhabitants who rely on each process of the network, 1/10 000; 0 where none is given."""
    cost_per_day: Ints
    """(P) euros lost a day at total outage; 0 where none is given."""


class _Targets(NamedTuple):
    """Places in an array and the values that go there."""

    at: Ints
    value: Ints


@dataclass(frozen=True, eq=False)
class Draws:
    """A network's uncertain numbers, and where in its arrays each of them goes.

    Every copy of a need as written shares its number. Measures in place are drawn too: what they add to an endurance,
    their factors, and what guards prevent.
    """

    network_at_modes: Network
    numbers: Numbers
    _shifts: Ints = field(repr=False)
    """(4, S) step, value, and the factor above and below the line that makes seconds of the value."""
    _levels: _Targets = field(repr=False)
    _later: tuple[Ints, ...] = field(repr=False)
    """Drawn steps that come second, third … in their need: they leave no more than the step before."""
    _recharge: _Targets = field(repr=False)
    _as_last: Ints = field(repr=False)
    """Needs that recharge in the time of their last step."""
    _cap: _Targets = field(repr=False)
    _notice: _Targets = field(repr=False)
    _restart: Ints = field(repr=False)
    """(1 + F, I) instance, then the values to multiply: seconds, and the factors of measures."""
    _people: _Targets = field(repr=False)
    _cost: _Targets = field(repr=False)
    _measures: tuple[tuple[str, str, int], ...] = field(repr=False)
    """Measure, field and value of what is read from the measures themselves."""

    @property
    def names(self) -> tuple[str, ...]:
        """Stable names of the K uncertain numbers, in order."""
        return self.numbers.names

    def modes(self) -> Floats:
        """Return the quantiles (K) that give the network as it was compiled, to the last bit."""
        return self.numbers.modes()

    def network(self, seed: int, sample: int) -> Network:
        """Return the network of one sample."""
        return self.network_at(self.numbers.quantiles(seed, sample))

    def network_at(self, u: Floats) -> Network:
        """Return the network at given quantiles (K): 0 low, 1 high, NaN the mode."""
        return self._network(self.numbers.values(u))

    def drawn(self, seed: int, sample: int) -> Drawn:
        """Return the network of one sample with its shares of people and its costs."""
        return self.drawn_at(self.numbers.quantiles(seed, sample))

    def drawn_at(self, u: Floats) -> Drawn:
        """Return the network at given quantiles (K) with its shares of people and its costs."""
        values = self.numbers.values(u)
        people, cost = self._shares
        people, cost = people.copy(), cost.copy()
        people[self._people.at] = values[self._people.value]
        cost[self._cost.at] = values[self._cost.value]
        return Drawn(self._network(values), people, cost)

    @cached_property
    def _shares(self) -> tuple[Ints, Ints]:
        model = _model(self.network_at_modes)
        found = [model.processes[p] for p in self.network_at_modes.processes]
        people = [d.people.mode if d.people else 0 for d in found]
        cost = [d.cost_per_day.mode if d.cost_per_day else 0 for d in found]
        return np.array(people, np.int64), np.array(cost, np.int64)

    def _network(self, values: Ints) -> Network:
        base, mode = self.network_at_modes, self.numbers.mode
        a = base.arrays
        step, value, above, below = self._shifts
        step_time = a.step_time.copy()
        np.add.at(step_time, step, above * values[value] // below - above * mode[value] // below)
        step_level = _replaced(a.step_level, self._levels, FULL - values)
        for later in self._later:
            step_level[later] = np.minimum(step_level[later], step_level[later - 1])
        recharge = _replaced(a.recharge, self._recharge, values)
        recharge[self._as_last] = step_time[a.step_start[self._as_last + 1] - 1]
        arrays = replace(
            a,
            step_time=step_time,
            step_level=step_level,
            recharge=recharge,
            cap=_replaced(a.cap, self._cap, values),
            notice=_replaced(a.notice, self._notice, values),
            restart=self._restarts(values),
        )
        return replace(base, arrays=arrays, model=self._with_measures(values))

    def _restarts(self, values: Ints) -> Ints:
        restart = self.network_at_modes.arrays.restart.copy()
        instance, seconds, *factors = self._restart
        drawn = values[seconds]
        for factor in factors:
            drawn = drawn * values[factor] // FULL
        restart[instance] = drawn
        return restart

    def _with_measures(self, values: Ints) -> Model | None:
        """Return the model with the drawn effects of those measures that are read when events are laid out."""
        model = self.network_at_modes.model
        if model is None or not self._measures:
            return model
        measures = dict(model.measures)
        for name, effect, value in self._measures:
            changed = measures[name].effect.model_copy(update={effect: sure(int(values[value]))})
            measures[name] = measures[name].model_copy(update={"effect": changed})
        return replace(model, measures=measures)


def _replaced(array: Ints, targets: _Targets, values: Ints) -> Ints:
    changed = array.copy()
    changed[targets.at] = values[targets.value]
    return changed


def prepare_draws(network: Network) -> Draws:
    """Find the uncertain numbers of a network's model, and where in its arrays each of them goes.

    Parameters
    ----------
    network : Network
        Compiled from a model, with or without a scenario; it is never changed.

    Returns
    -------
    Draws
        Numbers of measures in place, then by process, need and field; certain ones are left out.

    Raises
    ------
    UsageError
        If the network was not compiled from a model.
    """
    return _Search(network).draws()


def _model(network: Network) -> Model:
    if network.model is None:
        raise UsageError("numbers are drawn for a network that was compiled from a model")
    return network.model


class _Search:
    """One pass over the processes, noting numbers and the places that they go to."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.model = _model(network)
        self.list = Listing()
        self.targets: dict[str, list[tuple[Ints, int]]] = {
            name: [] for name in ("level", "recharge", "cap", "notice", "people", "cost")
        }
        self.shifts: list[Ints] = []
        self.as_last: list[Ints] = []
        self.later: dict[int, list[Ints]] = {}
        self.restarts: list[tuple[int, ...]] = []
        self.effects: dict[str, tuple[str, int]] = {}

    def draws(self) -> Draws:
        self._find_effects()
        for number, process in enumerate(self.network.processes):
            definition = self.model.processes[process]
            copies = np.array(self.network.instances(process), np.int64)
            self._find_process(number, process, definition, copies)
            for row, (name, need) in enumerate(definition.needs.items()):
                self._find_need(process, name, need, self.network.arrays.need_start[copies] + row)
            self._find_restarts(process, definition, copies)
        self._shift_by_measures()
        restart = self._chains()
        seen = ("prevents", "repair")
        return Draws(
            network_at_modes=self.network,
            numbers=self.list.built(),
            _shifts=np.concatenate([np.zeros((4, 0), np.int64), *self.shifts], axis=1),
            _levels=self._placed("level"),
            _later=tuple(np.concatenate(self.later[s]) for s in sorted(self.later)),
            _recharge=self._placed("recharge"),
            _as_last=np.unique(np.concatenate([np.zeros(0, np.int64), *self.as_last])),
            _cap=self._placed("cap"),
            _notice=self._placed("notice"),
            _restart=restart,
            _people=self._placed("people"),
            _cost=self._placed("cost"),
            _measures=tuple((m, effect, value) for m, (effect, value) in self.effects.items() if effect in seen),
        )

    def _placed(self, name: str) -> _Targets:
        found = self.targets[name]
        at = np.concatenate([np.zeros(0, np.int64), *(rows for rows, _ in found)])
        return _Targets(at, np.repeat([v for _, v in found], [rows.size for rows, _ in found]).astype(np.int64))

    def _put(self, name: str, rows: Ints, value: int) -> None:
        if value >= 0:
            self.targets[name].append((rows, value))

    def _find_process(self, number: int, process: str, definition: Process, copies: Ints) -> None:
        row = np.array([number], np.int64)
        for name, triple in (("people", definition.people), ("cost_per_day", definition.cost_per_day)):
            (value,) = self.list.add(Number(process, "", name), triple)
            self._put(name.removesuffix("_per_day"), row, value)

    def _find_need(self, process: str, name: str, need: Need, rows: Ints) -> None:
        add = self.list.add
        first = self.network.arrays.step_start[rows]
        if need.fades is None:
            (time,) = add(Number(process, name, "endures"), need.endures, time=True)
            self._shift(first, time)
        else:
            (time,) = add(Number(process, name, "spread"), need.spread, time=True)
            for s, after in enumerate(sorted(need.fades)):
                self._shift(first + s, time, after, FULL)
        losses = add(Number(process, name, "loses" if need.fades is None else "fades"), *(x for _, x in need.steps))
        for s, value in enumerate(losses):
            self._put("level", first + s, value)
            if s and max(losses) >= 0:
                self.later.setdefault(s, []).append(first + s)
        (value,) = add(Number(process, name, "recharge"), need.recharge, time=True)
        self._put("recharge", rows, value)
        if need.recharge is None and time >= 0:
            self.as_last.append(rows)
        if need.if_manipulated is not None:
            (value,) = add(Number(process, name, "if_manipulated.level"), need.if_manipulated.level)
            self._put("cap", rows, value)
            after_ = need.if_manipulated.noticed_after
            (value,) = add(Number(process, name, "if_manipulated.noticed_after"), after_, time=True)
            self._put("notice", rows, value)

    def _shift(self, steps: Ints, value: int, above: int = 1, below: int = 1) -> None:
        if value >= 0:
            rest = np.array([[value], [above], [below]], np.int64)
            self.shifts.append(np.concatenate((steps[None], np.repeat(rest, steps.size, axis=1))))

    # -------------------------------------------------------------- measures in place

    def _measures_at(self, instance: int) -> tuple[str, ...]:
        return self.network.measures[instance] if self.network.measures else ()

    def _find_effects(self) -> None:
        """Note the uncertain effects of measures in place; a measure has one effect."""
        for name in sorted({m for placed in self.network.measures for m in placed}):
            effect = self.model.measures[name].effect
            for field_ in ("endures", "restart", "prevents", "repair"):
                time = field_ != "prevents"
                (value,) = self.list.add(Number(f"measures.{name}", "", field_), getattr(effect, field_), time=time)
                if value >= 0:
                    self.effects[name] = (field_, value)

    def _shift_by_measures(self) -> None:
        """Let what a measure adds to an endurance shift all steps of its need."""
        a = self.network.arrays
        for instance, placed in enumerate(self.network.measures):
            for name in placed:
                field_, value = self.effects.get(name, ("", -1))
                process = self.model.processes[self.network.process(instance)]
                need = self.model.measures[name].applies_to.need
                if field_ == "endures" and need in process.needs:
                    row = int(a.need_start[instance]) + list(process.needs).index(need)
                    self._shift(np.arange(a.step_start[row], a.step_start[row + 1]), value)
                    if process.needs[need].recharge is None:
                        self.as_last.append(np.array([row], np.int64))

    def _find_restarts(self, process: str, definition: Process, copies: Ints) -> None:
        """Note each copy's restart and the factors on it, if any of these is uncertain."""
        (value,) = self.list.add(Number(process, "", "restart"), definition.restart, time=True)
        chains: dict[tuple[str, ...], tuple[int, ...] | None] = {}
        for instance in copies.tolist():
            placed = self._measures_at(instance)
            if placed not in chains:
                chains[placed] = self._chain(definition.restart.mode, value, placed)
            chain = chains[placed]
            if chain is not None:
                self.restarts.append((instance, *chain))

    def _chain(self, mode: int, value: int, placed: Iterable[str]) -> tuple[int, ...] | None:
        """Return the values whose product is a restart; None where all of them are certain."""
        factors = [(m, f) for m in placed if (f := self.model.measures[m].effect.restart) is not None]
        if value < 0 and not any(m in self.effects for m, _ in factors):
            return None
        start = value if value >= 0 else self.list.certain(mode)
        drawn = (self.effects[m][1] if m in self.effects else self.list.certain(f.mode) for m, f in factors)
        return (start, *drawn)

    def _chains(self) -> Ints:
        """Return the restarts as rows of one length, filled up with a factor of 1."""
        longest = max((len(chain) for chain in self.restarts), default=2)
        same = self.list.certain(FULL) if any(len(chain) < longest for chain in self.restarts) else -1
        rows = [(*chain, *(same,) * (longest - len(chain))) for chain in self.restarts]
        return np.array(rows, np.int64).reshape(-1, longest).T


def retune(work: Work, arrays: Arrays) -> None:
    """Put the numbers of a drawn network into a simulator of the same model that is at rest.

    After ``engine.reset`` a simulator can so be used for the next sample: a twentieth of the work of a new one.

    Parameters
    ----------
    work : Work
        From ``engine.prepare`` with the network at its modes or with another sample of it; changed in place.
    arrays : Arrays
        Of ``Draws.network``: what is not drawn must be the same.
    """
    work.step["at"], work.step["level"] = arrays.step_time * FULL, arrays.step_level
    work.proc["restart"] = arrays.restart
    need = work.need
    need["cap"], need["notice"] = arrays.cap, arrays.notice
    if need.size:
        need["most"] = arrays.step_time[arrays.step_start[1:] - 1] * FULL
        need["back"] = np.where(arrays.recharge == 0, -1, -(-need["most"] // np.maximum(arrays.recharge, 1)))


# ------------------------------------------------------------------ scenarios


@dataclass(frozen=True, eq=False)
class ScenarioDraws:
    """The uncertain numbers of a scenario's events; what was observed is no input and is not drawn."""

    at_modes: Scenario
    numbers: Numbers
    _values: tuple[dict[str, list[int]], ...] = field(repr=False)
    """For each event the values of its fields, -1 where nothing is uncertain."""

    @property
    def names(self) -> tuple[str, ...]:
        """Stable names of the K uncertain numbers, in order."""
        return self.numbers.names

    def scenario(self, seed: int, sample: int) -> Scenario:
        """Return the scenario of one sample."""
        return self.scenario_at(self.numbers.quantiles(seed, sample))

    def scenario_at(self, u: Floats) -> Scenario:
        """Return the scenario at given quantiles (K): 0 low, 1 high, NaN the mode."""
        if not self.numbers.size:
            return self.at_modes
        values = self.numbers.values(u).tolist()
        events = zip(self.at_modes.events, self._values, strict=True)
        return self.at_modes.model_copy(update={"events": tuple(_drawn_event(e, v, values) for e, v in events)})


def prepare_scenario_draws(scenario: Scenario) -> ScenarioDraws:
    """Find the uncertain numbers of a scenario: for each event its start, its levels, its end and the work of repair."""
    found = Listing()
    places = []
    for number, event in enumerate(scenario.events):
        owner = f"events.{event.id}" if event.id else f"events[{number}]"
        levels = [level for _, level in sorted((event.levels or {}).items())]
        places.append(
            {
                "at": found.add(Number(owner, "", "at"), event.at, time=True),
                "level": found.add(Number(owner, "", "level"), event.level),
                "levels": found.add(Number(owner, "", "levels"), *levels),
                "for_": found.add(Number(owner, "", "for"), event.for_, time=True),
                "until": found.add(Number(owner, "", "until"), event.until, time=True),
                "work": found.add(Number(owner, "", "work"), event.repair.work if event.repair else None, time=True),
            }
        )
    return ScenarioDraws(scenario, found.built(), tuple(places))


def _drawn_event(event: Event, places: dict[str, list[int]], values: list[int]) -> Event:
    """Put drawn values into an event; one whose start comes after its end then has no time to do anything."""
    drawn = {name: [sure(values[v]) if v >= 0 else None for v in at] for name, at in places.items()}
    update: dict[str, object] = {}
    for name in ("at", "level", "for_", "until"):
        if any(drawn.get(name, ())):
            update[name] = drawn[name][0]
    if event.levels is not None and any(drawn["levels"]):
        course = zip(sorted(event.levels.items()), drawn["levels"], strict=True)
        update["levels"] = {after: new or level for (after, level), new in course}
    if event.repair is not None and any(drawn["work"]):
        update["repair"] = event.repair.model_copy(update={"work": drawn["work"][0]})
    return event.model_copy(update=update)


def sampled_scenario(scenario: Scenario, seed: int, sample: int) -> Scenario:
    """Return a scenario with the uncertain numbers of its events drawn; the same for equal seeds and samples."""
    return prepare_scenario_draws(scenario).scenario(seed, sample)
