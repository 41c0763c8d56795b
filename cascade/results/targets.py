"""What must not fall, and whether it does when some instances fail together: one simulator, used over and over."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from cascade.errors import UsageError, did_you_mean
from cascade.model import Model
from cascade.simulation.layout import Log
from cascade.simulation.network import Network
from cascade.simulation.sweep import Case, Simulator
from cascade.units import FULL

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

INDICATOR: Final = "indicator"
"""Tag of a process that measures others and cannot fail by itself."""


class Group(NamedTuple):
    """What must not fall: some instances, seen as one by their weighted mean."""

    process: str
    instances: Ints
    """Ascending."""
    weights: Ints


def process_group(model: Model, network: Network, label: str) -> list[Group]:
    """Return a process as what must not fall: ``process``, ``process@REGION`` or ``process@REGION#asset``.

    Raises
    ------
    UsageError
        If there is none of that label.
    """
    return [_group(network, _weights(model, network), label)]


def basic_groups(model: Model, network: Network, region: str) -> list[Group]:
    """Return each basic need of a region, national ones too.

    Raises
    ------
    UsageError
        If the model has none.
    """
    weights = _weights(model, network)
    basic = [p for p, d in sorted(model.processes.items()) if d.basic_need and INDICATOR not in d.tags]
    found = []
    for process in basic:
        regional = model.processes[process].regional
        if not regional or network.instances(process, region):
            found.append(_group(network, weights, f"{process}@{region}" if regional else process))
    if not found:
        raise UsageError("no process of this model is marked as a basic need (basic_need: true)")
    return found


def _group(network: Network, weights: Ints, label: str) -> Group:
    process, _, place = label.partition("@")
    if process not in network.processes:
        raise UsageError(f"no process {process!r} in the model; {did_you_mean(process, network.processes)}")
    members = network.instances(process, place or None)
    if label in network.index:
        members = (network.index[label],)
    if not members:
        raise UsageError(f"no {label!r} in the model; {process} is in: {_places(network, process)}")
    chosen = np.array(members, np.int64)
    weighed = weights[chosen]
    return Group(process, chosen, weighed if weighed.any() else np.ones_like(weighed))


def _places(network: Network, process: str) -> str:
    places = sorted({network.region(i) for i in network.instances(process)})
    return ", ".join(places) if any(places) else "no region, it is national"


def _weights(model: Model, network: Network) -> Ints:
    """Return the weight of each instance among the copies of its process (N): inhabitants, of assets the capacity."""
    people = np.array([model.regions[code].population for code in network.regions] + [1], np.int64)
    found = people[network.region_of]
    for process, table in model.assets.items():
        capacity = dict(zip(table.ids, table.capacities, strict=True))
        for i in network.instances(process):
            found[i] = capacity[network.asset_of[i]]
    return np.asarray(found)


def upstream(network: Network, groups: Sequence[Group]) -> Flags:
    """Tell which instances can make a difference to the target (N): those it rests on, by any path, and itself."""
    a = network.arrays
    seen = np.zeros(network.size, np.bool_)
    todo = [int(i) for group in groups for i in group.instances]
    seen[todo] = True
    while todo:
        i = todo.pop()
        needs = slice(a.need_start[i], a.need_start[i + 1] + 1)
        terms, sustained = a.term_start[needs], a.sustain_start[needs]
        suppliers = a.supplier[a.member_start[terms[0]] : a.member_start[terms[-1]]]
        for j in (*suppliers.tolist(), *a.sustainer[sustained[0] : sustained[-1]].tolist()):
            if not seen[j]:
                seen[j] = True
                todo.append(j)
    return seen


class Trial:
    """Failures that all begin at 0 h, and whether one of some groups falls below a level in time.

    Parameters
    ----------
    network : Network
    groups : sequence of Group
    level : int
        1/10 000; a group is down below it.
    within : int
        Seconds, exclusive.
    duration : int
        Seconds that a failure lasts; for good if that is not before ``within``.
    """

    def __init__(self, network: Network, groups: Sequence[Group], level: int, within: int, duration: int) -> None:
        self.groups, self.level, self.within, self.duration = groups, level, within, duration
        self.simulator = Simulator(network)

    def falls_at(self, failure: Case) -> int | None:
        """Return after how many seconds a group is below the level, None if never in time.

        Raises
        ------
        CascadeError
            If the failure does not settle.
        """
        log = self.simulator.fail(failure, self.duration, self.within)
        found = [self._first(group, log) for group in self.groups]
        return min((t for t in found if t is not None), default=None)

    def down(self, failure: Case) -> bool:
        """Tell whether a group falls below the level in time; most often the first second tells."""
        log = self.simulator.fail(failure, self.duration, 1)
        if any(self._first(group, log) is not None for group in self.groups):
            return True
        return self.falls_at(failure) is not None

    def _first(self, group: Group, log: Log) -> int | None:
        """Return when the mean of a group first is below the level, read off a log."""
        mine = np.isin(log.instance, group.instances)
        if not mine.any():
            return None
        time = log.time[mine]
        weight = group.weights[np.searchsorted(group.instances, log.instance[mine])]
        lost = np.cumsum(weight * (log.before[mine].astype(np.int64) - log.after[mine]))
        # several copies change at one instant: only what holds after the last of them ever was so
        holds = np.append(time[1:] != time[:-1], True)
        below = holds & (lost > (FULL - self.level) * int(group.weights.sum()))
        return int(time[below][0]) if below.any() else None
