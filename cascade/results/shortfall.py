"""Who goes without what, and for how long: the step functions that every count of people and hours starts from.

Shortfalls are cut into *layers*: where one rises from 20% to 50% and falls back, the same people are taken to be without
all the time, those beyond the first 20% from the rise to the fall. Own choice; it needs no data on who takes turns.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from cascade.model import Model
from cascade.simulation.events import targets
from cascade.simulation.network import Network
from cascade.simulation.run import Run
from cascade.units import DAY, FULL, HOUR

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]

PERSON: Final = FULL * FULL
"""People are counted in 1/10 000 of a level times 1/10 000 of a share, so that nothing is rounded on the way."""
PERSON_HOUR: Final = PERSON * HOUR


# ------------------------------------------------------------------ layers


class Layer(NamedTuple):
    """People between two heights of a shortfall who are without from ``start`` to ``end`` (seconds, half-open)."""

    low: int
    high: int
    start: int
    end: int


def layers(times: Iterable[int], values: Iterable[int], horizon: int) -> list[Layer]:
    """Cut the area under a shortfall into layers that each go without in one unbroken spell.

    Parameters
    ----------
    times, values : iterable of int
        Step function: ``values[k]`` holds from ``times[k]`` (seconds, ascending) on; 0 before the first.
    horizon : int
        End of the last spell, seconds.

    Returns
    -------
    list of Layer
        Together they cover the area exactly; work is proportional to the number of steps.
    """
    found: list[Layer] = []
    open_: list[tuple[int, int, int]] = []
    level = 0
    for time, value in zip(times, values, strict=True):
        while value < level:
            low, high, since = open_.pop()
            cut = max(low, value)
            found.append(Layer(cut, high, since, time))
            if low < cut:
                open_.append((low, cut, since))
            level = cut
        if value > level:
            open_.append((level, value, time))
            level = value
    found.extend(Layer(low, high, since, horizon) for low, high, since in reversed(open_))
    return found


def area(spells: Iterable[Layer], beyond: int = 0) -> int:
    """Return the size of layers (height times seconds), of each spell only what comes after ``beyond`` seconds."""
    return sum((s.high - s.low) * max(0, s.end - s.start - beyond) for s in spells)


def height(spells: Iterable[Layer], at_least: int) -> int:
    """Return how high the shortfall is made of spells of at least so many seconds, each height counted once."""
    total = top = 0
    for spell in sorted(s for s in spells if s.end - s.start >= at_least):
        total += max(0, spell.high - max(top, spell.low))
        top = max(top, spell.high)
    return total


# ------------------------------------------------------------------ people


def bases(model: Model, network: Network) -> Ints:
    """Inhabitants behind each instance (N): of the country, of its region, or of an asset's part of it."""
    regional = np.array([model.regions[code].population for code in network.regions], np.int64)
    # of a national process the region is -1: the last, which is the country
    found = np.append(regional, model.population)[network.region_of]
    for process, table in model.assets.items():
        copies = network.instances(process)
        assets = [network.asset_of[i] for i in copies]
        if table.people is not None:
            people = dict(zip(table.ids, table.people, strict=True))
            found[list(copies)] = [people[asset] for asset in assets]
            continue
        size = dict(zip(table.ids, table.capacities, strict=True))
        of_region: dict[str, int] = {}
        for code, capacity in zip(table.regions, table.capacities, strict=True):
            of_region[code] = of_region.get(code, 0) + capacity
        total = [max(1, of_region.get(code, 0)) for code in network.regions]
        where = network.region_of[list(copies)].tolist()
        # whole numbers of Python: people times a capacity need not fit 64 bits
        inhabitants = regional.tolist()
        found[list(copies)] = [inhabitants[r] * size[a] // total[r] for r, a in zip(where, assets, strict=True)]
    return found


def shares(model: Model, network: Network) -> Ints:
    """Share of the inhabitants who rely on each process (P), 1/10 000; 0 where none is given.

    A table of assets that counts people counts those who rely on them, so there the share is the whole.
    """
    counted = {p for p, table in model.assets.items() if table.people is not None}
    given = [(p, model.processes[p].people) for p in network.processes]
    return np.array([FULL if p in counted else share.mode if share else 0 for p, share in given], np.int64)


@dataclass(frozen=True, eq=False)
class People:
    """A run's shortfalls by region and process, in ``PERSON`` parts of people."""

    run: Run

    @cached_property
    def base(self) -> Ints:
        """Inhabitants behind each instance (N)."""
        return bases(self.run.model, self.run.network)

    @cached_property
    def share(self) -> Ints:
        """Share of them who rely on each process (P), 1/10 000."""
        return shares(self.run.model, self.run.network)

    @cached_property
    def weight(self) -> Ints:
        """People who rely on each instance (N), in 1/10 000."""
        return self.base * self.share[self.run.network.process_of]

    @cached_property
    def populations(self) -> Ints:
        """Inhabitants of each region (R), in the order of the network."""
        return np.array([self.run.model.regions[r].population for r in self.run.network.regions], np.int64)

    @cached_property
    def tables(self) -> list[tuple[Ints, Ints]]:
        """For each region the moments of change (T), and who is without each process from then on (P, T)."""
        run, network = self.run, self.run.network
        c = run.changes
        region, process = network.region_of[c.instance], network.process_of[c.instance]
        weighty = self.weight[c.instance] > 0
        found = []
        for r, population in enumerate(self.populations.tolist()):
            rows = np.flatnonzero(weighty & ((region == r) | (region < 0)))
            local = np.where(region[rows] < 0, self.share[process[rows]] * population, self.weight[c.instance[rows]])
            times, column = np.unique(np.append(c.time[rows], 0), return_inverse=True)
            table = np.zeros((len(network.processes), times.size), np.int64)
            np.add.at(table, (process[rows], column[:-1]), (c.before[rows] - c.after[rows]) * local)
            found.append((times, np.cumsum(table, axis=1)))
        return found

    def rows(self, processes: Iterable[str]) -> list[int]:
        """Row numbers of processes in the tables; those not in the model are left out."""
        wanted = set(processes)
        return [p for p, name in enumerate(self.run.network.processes) if name in wanted]

    def curves(self, rows: list[int]) -> list[tuple[Ints, Ints]]:
        """For each region moments and people who lack the scarcest of some processes; never more than live there."""
        most = self.populations * PERSON
        return [
            (times, np.minimum(table[rows].max(axis=0), top) if rows else np.zeros_like(times))
            for (times, table), top in zip(self.tables, most, strict=True)
        ]

    def spells(self, rows: list[int]) -> list[list[Layer]]:
        """For each region the layers of people who lack one of some processes."""
        return [layers(t.tolist(), v.tolist(), self.run.horizon) for t, v in self.curves(rows)]

    def peak(self, rows: list[int]) -> int:
        """Most people without one of some processes at the same moment, over all regions."""
        curves = self.curves(rows)
        if not curves:
            return 0
        times = np.concatenate([t for t, _ in curves])
        steps = np.concatenate([np.diff(v, prepend=0) for _, v in curves])
        moments, column = np.unique(times, return_inverse=True)
        changes = np.zeros(moments.size, np.int64)
        np.add.at(changes, column, steps)
        return int(np.cumsum(changes).max())

    @cached_property
    def basic(self) -> list[int]:
        """Rows of the basic needs."""
        return self.rows(p for p, d in self.run.model.processes.items() if d.basic_need)


def sums(of: npt.NDArray[Any], values: Floats | Ints | Flags, count: int) -> Floats:
    """Add up values by the number of the thing they belong to, in their order."""
    return np.bincount(of, weights=values, minlength=count).astype(np.float64)


def whole(values: Floats | Ints) -> Ints:
    """Round at the very end, to whole people or euros."""
    return np.rint(values).astype(np.int64)


# ------------------------------------------------------------------ copies


@dataclass(frozen=True, eq=False)
class Tally:
    """What happened to each instance (N), before any rounding."""

    lost: Ints
    """Level x seconds."""
    direct: Ints
    lowest: Ints
    first: Floats
    """Hours; NaN where nothing was lost."""
    back: Floats
    person_h: Floats
    direct_person_h: Floats
    beyond_h: Floats
    part: Floats
    """Its part of its process, by inhabitants; adds up to 1."""
    cost: Floats
    locked: Flags
    hit: Flags


def tally_up(run: Run, people: People) -> Tally:
    """Add up the log of a run, instance by instance.

    What events leave of a process is never less than what is left of it, so the direct part of a loss is the plain
    integral of what events take away; the time a restart takes afterwards belongs to the rest.
    """
    c, n = run.changes, run.network.size
    # each step of a level lasts to the horizon until another one undoes it
    lost, direct = np.zeros(n, np.int64), np.zeros(n, np.int64)
    np.add.at(lost, c.instance, (c.before - c.after) * (run.horizon - c.time))
    order, falls = _own_steps(run)
    np.add.at(direct, run.imposed.instance[order], falls * (run.horizon - run.imposed.time[order]))
    lowest, first = np.full(n, FULL, np.int64), np.full(n, np.inf)
    np.minimum.at(lowest, c.instance, c.after)
    np.minimum.at(first, c.instance, c.time / HOUR)
    last, end = np.full(n, np.nan), np.full(n, FULL, np.int64)
    # rows are in order of time, so the last one of an instance stays
    last[c.instance], end[c.instance] = c.time / HOUR, c.after
    part = parts(run, people.base)
    hours = people.weight / PERSON_HOUR
    return Tally(
        lost=lost,
        direct=direct,
        lowest=lowest,
        first=np.where(np.isinf(first), np.nan, first),
        back=np.where(end == FULL, last, np.nan),
        person_h=lost * hours,
        direct_person_h=direct * hours,
        beyond_h=_beyond(run) * hours,
        part=part,
        cost=_day_costs(run)[run.network.process_of] * part * lost / (FULL * DAY),
        locked=np.array([label in run.locked_instances for label in run.network.labels], np.bool_),
        hit=_hit(run),
    )


def _own_steps(run: Run) -> tuple[Ints, Ints]:
    """Rows of what is imposed by instance and time, and by how much each lowers the instance's own level."""
    imposed = run.imposed
    order = np.lexsort((imposed.time, imposed.instance))
    own, instance = imposed.own[order], imposed.instance[order]
    before = np.append(FULL, own)[: own.size]
    before[1:][instance[1:] != instance[:-1]] = FULL
    return order, before - own


def _beyond(run: Run) -> Ints:
    """Level x seconds lost by each instance after the self-reliance period of each spell."""
    c, limit = run.changes, run.model.info.self_reliance
    order = np.argsort(c.instance, kind="stable")
    who, where = np.unique(c.instance[order], return_index=True)
    found = np.zeros(run.network.size, np.int64)
    ends = np.append(where[1:], order.size)[: who.size]
    for i, begin, end in zip(who.tolist(), where.tolist(), ends.tolist(), strict=True):
        rows = order[begin:end]
        found[i] = area(layers(c.time[rows].tolist(), (FULL - c.after[rows]).tolist(), run.horizon), limit)
    return found


def parts(run: Run, base: Ints) -> Floats:
    """Part of its process that each copy makes up, by inhabitants (the same for all where nobody lives)."""
    return parts_of(run.network, base)


def parts_of(network: Network, base: Ints) -> Floats:
    """Part of its process that each instance (N) makes up, by inhabitants; see `parts`."""
    of, count = network.process_of, len(network.processes)
    total = sums(of, base, count)[of]
    copies = np.bincount(of, minlength=count)[of]
    return np.where(total > 0, base / np.where(total > 0, total, 1), 1 / copies)


def _day_costs(run: Run) -> Floats:
    given = (run.model.processes[p].cost_per_day for p in run.network.processes)
    return np.array([float(cost.mode) if cost else 0.0 for cost in given])


def _hit(run: Run) -> Flags:
    found = np.zeros(run.network.size, np.bool_)
    for event in run.scenario.events:
        if event.at.mode < run.horizon:
            found[list(targets(event, run.network))] = True
    return found
