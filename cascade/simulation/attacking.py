"""One country, many attacks: any few copies of processes down at once from the start, with any measures in place.

All attacks share one network and one simulator. What an attack leaves of its targets follows from the guards there; the
rest of a plan changes the numbers of the network, as it does for any scenario.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cascade.errors import CascadeError, UsageError
from cascade.model import Event, Model, Scenario
from cascade.simulation.events import unfold
from cascade.simulation.layout import Log, Rows, Work
from cascade.simulation.placing import Option, Plan, Stage, in_place
from cascade.simulation.repairs import as_rows
from cascade.simulation.sweep import AFTER, Case, Simulator, cases
from cascade.units import FULL

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Attack = tuple[int, ...]
"""Numbers of the targets that are hit, rising."""


class Siege(Stage):
    """A stage on which any few targets go down together, deliberately and altogether, and come back at the same time.

    Parameters
    ----------
    model : Model
    before : Scenario
        What it has in place stays in place; its events and horizon do not count.
    options : sequence of Option
        Of different places.
    duration : int
        Seconds that the targets are down; followed for `AFTER` seconds more.
    processes, where : sequence of str, optional
        Only targets of these processes, in these regions (then no national ones).

    Raises
    ------
    UsageError
        If there is no target, or a measure makes a restart slower, so that more could be worse.
    """

    def __init__(
        self,
        model: Model,
        before: Scenario,
        options: Sequence[Option],
        duration: int,
        processes: Sequence[str] | None = None,
        where: Sequence[str] | None = None,
    ) -> None:
        self.duration = duration
        quiet = {"name": "attack", "horizon": f"{duration + AFTER}s", "with_measures": before.with_measures}
        super().__init__(model, Scenario.model_validate(quiet), options)
        every = [(*case.label.partition("@")[::2], case) for case in cases(self.model, self.network, "copies")]
        self.targets: tuple[Case, ...] = tuple(
            case
            for process, region, case in every
            if (processes is None or process in processes) and (where is None or region in where)
        )
        """What can be hit, in order of process id and region."""
        if not self.targets:
            raise UsageError("nothing can be attacked; name other processes or regions for the attacker")
        for option in self.options:
            effect = self.model.measures[option.measure].effect
            if effect.restart is not None and effect.restart.mode > FULL:
                raise UsageError(f"measure {option.measure!r} makes a restart slower; leave it out of the candidates")
        self.guards: tuple[Plan, ...] = self._guarding()
        """By target, the options that prevent a part of what hits it."""
        self.elsewhere: Plan = frozenset(range(len(self.options))) - self._timed
        """Options that can matter to any attack: all but guards, which matter at a target only."""
        self._flatten()

    def _guarding(self) -> tuple[Plan, ...]:
        at: dict[int, set[int]] = {}
        for k in range(len(self.options)):
            if self._effect(k, "prevents") is not None:
                for i in self.instances(k).tolist():
                    at.setdefault(i, set()).add(k)
        empty: set[int] = set()
        return tuple(frozenset().union(*(at.get(i, empty) for i in t.instances.tolist())) for t in self.targets)

    def _flatten(self) -> None:
        """Lay out what decides whether an option can matter, so that thousands of attacks can be asked quickly."""
        a = self.network.arrays
        there = [self.instances(k) for k in range(len(self.options))]
        self._option_of: Ints = np.repeat(np.arange(len(there)), [found.size for found in there])
        self._at: Ints = np.concatenate([*there, np.zeros(0, np.int64)])
        term_of = np.repeat(np.arange(a.gives.size), np.diff(a.member_start))
        need_of = np.repeat(np.arange(a.rule.size), np.diff(a.term_start))
        owner = np.repeat(np.arange(self.network.size), np.diff(a.need_start))
        # consumers by supply: whoever has a need of which a supplier falls is hungry
        self._consumer: Ints = owner[need_of[term_of]]
        self._quick = np.array([self._effect(k, "restart") is not None for k in range(len(self.options))], np.bool_)
        self._outer = np.array([k in self._timed for k in range(len(self.options))], np.bool_)
        self._imposing: dict[tuple[int, Plan], Rows] = {}
        self._laid: Plan | None = None

    def twin(self) -> "Siege":
        """Return another one for the same targets and plans, for another thread."""
        other = super().twin()
        assert isinstance(other, Siege)
        other._laid = None
        return other

    def hit_by(self, attack: Attack) -> Ints:
        """Return the instances that an attack hits."""
        return np.concatenate([self.targets[t].instances for t in attack])

    def attack(self, attack: Attack, plan: Plan) -> tuple[Log, Work]:
        """Simulate an attack on a plan; the answer is overwritten by the next run.

        Raises
        ------
        CascadeError
            If the run does not settle.
        """
        log = self._tuned(plan).run(self._blow(attack, plan), self.horizon)
        if log is None:
            names = ", ".join(self.targets[t].label for t in attack)
            raise CascadeError(f"the failure of {names} does not settle; simulate it alone to see why")
        return log, self._simulator.work

    def scene(self, attack: Attack, plan: Plan) -> Scenario:
        """Return an attack on a plan as a scenario for ``simulate``."""
        events = tuple(self._event(t) for t in attack)
        told = in_place(self.scenario, (self.options[k] for k in sorted(plan)))
        return told.model_copy(update={"events": events})

    def touched(self, attack: Attack, lost: Flags) -> list[int]:
        """Return the options that can change anything in an attack in which only some instances lose something (N).

        The reasons are those of `Stage.matters`; a guard matters where it stands at a target.
        """
        short = lost.copy()
        short[self.hit_by(attack)] = True
        hungry = np.zeros(self.network.size, np.bool_)
        hungry[self._consumer[short[self.network.arrays.supplier]]] = True
        falls, feels = np.zeros((2, len(self.options)), np.bool_)
        falls[self._option_of[lost[self._at]]] = True
        feels[self._option_of[hungry[self._at]]] = True
        found = falls & (self._quick | feels) & ~self._outer
        found[[k for t in attack for k in self.guards[t]]] = True
        return np.flatnonzero(found).tolist()

    # -------------------------------------------------------------- one attack

    def _tuned(self, plan: Plan) -> Simulator:
        """Return the simulator with the numbers of a plan; guards change none of them."""
        numbers = plan - self._timed
        if numbers != self._laid:
            super()._tuned(numbers)
            self._laid = numbers
        return self._simulator

    def _event(self, target: int) -> Event:
        label = self.targets[target].label
        told = {"hits": [label], "at": "0s", "for": f"{self.duration}s", "level": "0%", "deliberate": "true"}
        return Event.model_validate(told)

    def _blow(self, attack: Attack, plan: Plan) -> Rows:
        """Return what an attack imposes: of each target what its guards leave, in order of time and instance."""
        parts = [self._one(t, plan & self.guards[t]) for t in attack]
        time, instance, own, event, wrong = (np.concatenate(column) for column in zip(*parts, strict=True))
        which = np.repeat(np.arange(len(parts), dtype=np.int32), [part[0].size for part in parts])
        event = np.where(event < 0, event, which)
        order = np.lexsort((instance, time))
        return time[order], instance[order], own[order], event[order].astype(np.int32), wrong[order]

    def _one(self, target: int, guards: Plan) -> Rows:
        found = self._imposing.get((target, guards))
        if found is None:
            alone = self.scenario.model_copy(update={"events": (self._event(target),)})
            found = as_rows(unfold(self._measured(guards), alone)[0])
            self._imposing[target, guards] = found
        return found
