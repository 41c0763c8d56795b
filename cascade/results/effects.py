"""What one failure does, in a dozen whole numbers: the measures that rankings, pairs, samples and sweeps share.

The same counts as `results.impact` makes of a run, without tables, straight from the log and the simulator as it stands
at the horizon: sweeps ask for them thousands of times. Counting goes with the rows of the log and with what the run has
looked at, never with the size of the network: one asset of a million is counted as fast as one of a thousand.
"""

from copy import copy
from functools import cached_property
from math import fsum
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from cascade.errors import UsageError
from cascade.results.shortfall import PERSON, area, bases, layers, parts_of, shares
from cascade.simulation.layout import N_RUN_NEEDS, N_RUN_PROCESSES, RUN_NEEDS, RUN_PROCESSES, Log, Work
from cascade.simulation.network import Network
from cascade.units import DAY, FULL, HOUR

if TYPE_CHECKING:
    from cascade.model import Model

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

EFFECTS: Final[tuple[str, ...]] = (
    "own_hours",
    "cascade_hours",
    "basic_hours",
    "basic_peak",
    "basic_beyond",
    "euros",
    "sectors",
    "regions",
    "first_s",
    "half_s",
    "locked",
    "defence_hours",
    "quick_hours",
    "quick_basic",
    "short",
)
"""Measures of one failure, in order; whole numbers.

``own_hours``: people x seconds without what failed by itself. ``cascade_hours``: the same of everything else; a person
who lacks two services counts twice. ``basic_hours``: people x seconds without a basic need, per region the scarcest, so
that nobody counts twice. ``basic_peak``: most people without one at the same moment. ``basic_beyond``: people x seconds
after the self-reliance period of each spell. ``euros``. ``sectors``: other sectors of which a process loses more than
10% somewhere. ``regions``: regions where something that did not fail by itself loses more than 10%. ``first_s``: seconds
to the first effect on something else, ``half_s``: to half of ``cascade_hours`` (-1: none). ``locked``: instances that wait
for each other at the horizon. ``defence_hours``: process x seconds that processes which Defence relies on are out, the
failure itself included. ``quick_hours``, ``quick_basic``: ``cascade_hours`` and ``basic_hours`` of the first 24 hours. ``short``: instances not
back in full at the horizon, locked or not.

What is named after hours counts in seconds here: whole numbers stay exact.
"""
COLUMN: Final = {name: k for k, name in enumerate(EFFECTS)}
"""Column of each measure."""
CONSUMER: Final = ("peak", "tenth_s", "lost_s")
"""What is kept of each process that did not fail by itself: ``peak`` loss of its worst copy (1/10 000), ``tenth_s``
seconds until a copy has lost more than 10% (-1: never), ``lost_s`` seconds of total outage, a mean over inhabitants."""

SUMS: Final = ("hours", "cascade_hours", "euros", "defence_hours")
"""Measures that are sums over instances of what each loses; ``hours`` are ``own_hours`` and ``cascade_hours``."""
REGIONAL: Final = ("basic_hours", "basic_beyond")
"""Measures that are sums over regions."""

CLEAR: Final = FULL // 10
"""A process is hit when it loses more than this (1/10 000). Own choice."""
QUICK: Final = DAY
"""Seconds within which an effect is quick."""
INDICATOR: Final = "indicator"
DEFENCE_TAG: Final = "military-mobility"
DEFENCE_LIST: Final = "nato"
DEFENCE_ITEMS: Final = ("2", "6", "7")
"""Energy, civil communications and civil transport among NATO's seven baseline requirements: what moving and hosting
troops draws on, besides the processes tagged ``military-mobility``. Own choice."""


def defence(model: "Model") -> tuple[str, ...]:
    """Return the processes that military mobility and host-nation support rely on, in order of id."""
    return tuple(
        sorted(
            p
            for p, d in model.processes.items()
            if DEFENCE_TAG in d.tags or str(d.lists.get(DEFENCE_LIST)) in DEFENCE_ITEMS
        )
    )


class _Falls(NamedTuple):
    """Rows of a log by copy (F): when, which copy, and how much of it is lost from then on (1/10 000, rounded up)."""

    time: Ints
    copy: Ints
    loss: Ints


class Meter:
    """Counts what a failure does; made once for a network, used for every run on it.

    Parameters
    ----------
    network : Network
        Compiled from a model; N instances of P processes in R regions.

    Raises
    ------
    UsageError
        If the network was not compiled from a model.
    """

    def __init__(self, network: Network) -> None:
        if network.model is None:
            raise UsageError("this network was not compiled from a model")
        self.network, self.model = network, network.model
        model, of = network.model, network.process_of.astype(np.int64)
        self._of, self._region = of, network.region_of.astype(np.int64)
        self._base = bases(model, network)
        self._part = parts_of(network, self._base)
        self._heads()
        self._populations = np.array([model.regions[r].population for r in network.regions], np.int64)
        self._limit = model.info.self_reliance
        definitions = [model.processes[p] for p in network.processes]
        self._indicator = np.array([INDICATOR in d.tags for d in definitions], np.bool_)[of]
        wanted = set(defence(model))
        self._defence = np.array([p in wanted for p in network.processes], np.bool_)
        sectors = sorted(set(model.sector_of.values()))
        self._sector = np.array([sectors.index(model.sector_of[p]) for p in network.processes], np.int64)[of]
        basic = np.array([d.basic_need for d in definitions], np.bool_)
        self._basic = np.where(basic, np.cumsum(basic) - 1, -1)[of]
        self._basics = int(basic.sum())
        self._priced([d.cost_per_day.mode if d.cost_per_day else 0 for d in definitions])
        self._peopled(shares(model, network))
        self._groups()

    def redrawn(self, people: Ints, cost_per_day: Ints) -> "Meter":
        """Return the meter for other shares of people (P, 1/10 000) and costs (P, euros): those of one sample.

        Of a process whose assets count their own people the share stays the whole.
        """
        model, other = self.model, copy(self)
        counted = [p in model.assets and model.assets[p].people is not None for p in self.network.processes]
        other._peopled(np.where(np.array(counted, np.bool_), FULL, people).astype(np.int64))
        other._priced(cost_per_day.tolist())
        return other

    def _heads(self) -> None:
        """Note how many people each copy stands for in a mean over a process, and all copies of each process together."""
        # instances lie by process: the first of each
        begins = np.searchsorted(self._of, np.arange(len(self.network.processes)))
        inhabited = np.add.reduceat(self._base, begins)[self._of] > 0
        self._per_head = np.where(inhabited, self._base, 1)
        self._whole_heads = np.add.reduceat(self._per_head, begins)

    def _peopled(self, share: Ints) -> None:
        self._share = share[self._of]
        self._weight = self._base * self._share

    def _priced(self, cost_per_day: list[int]) -> None:
        self._price = np.array([float(c) for c in cost_per_day])[self._of] * self._part

    def _groups(self) -> None:
        """Note which instances are one copy (a process in one region), and what each weighs in it."""
        model = self.model
        key = self._of * (len(self.network.regions) + 1) + self._region + 1
        _, first, self._copy = np.unique(key, return_index=True, return_inverse=True)
        self._first = first.astype(np.int64)
        self._capacity = np.ones(self.network.size, np.int64)
        for process, table in model.assets.items():
            capacity = dict(zip(table.ids, table.capacities, strict=True))
            for i in self.network.instances(process):
                self._capacity[i] = capacity[self.network.asset_of[i]]
        self._whole = np.bincount(self._copy, self._capacity).astype(np.int64)
        self._alone = bool(self._first.size == self.network.size)

    # ------------------------------------------------------------------ one run

    def of(self, log: Log, work: Work, horizon: int, hit: Ints) -> Ints:
        """Count what one failure did.

        Parameters
        ----------
        log : Log
            Of the run, in order of time.
        work : Work
            The simulator as it stands at the horizon, before it is reset.
        horizon : int
            Seconds.
        hit : int64 (H)
            Instances that failed by themselves.

        Returns
        -------
        int64 (len(EFFECTS))
        """
        found = dict.fromkeys(EFFECTS, 0)
        who, lost = _losers(work)
        counted = self._counted(who, hit)
        own = work.proc["lost"][hit]
        found["own_hours"] = _weighed(own, self._weight[hit]) // PERSON
        found["cascade_hours"] = _weighed(lost[counted], self._weight[who[counted]]) // PERSON
        # the nearest to the exact sum, whatever the order and whoever lost nothing
        found["euros"] = round(fsum((self._price[who] * lost / (FULL * DAY)).tolist()))
        concerned = self._defence[self._of[who]]
        found["defence_hours"] = int(self._means(who[concerned], lost[concerned]).sum())
        found["locked"] = _locked(work)
        found["short"] = int((work.proc["x"][who] < FULL).sum())
        elsewhere = self._counted(log.instance, hit)
        found["first_s"] = int(log.time[np.argmax(elsewhere)]) if elsewhere.any() else -1
        found["half_s"], found["quick_hours"] = self._course(log, elsewhere, horizon)
        if counted.any():
            falls = self._falls(log)
            clear = self._first[np.unique(falls.copy[falls.loss > CLEAR])]
            clear = clear[self._counted(clear, hit)]
            found["sectors"] = len(set(self._sector[clear].tolist()) - set(self._sector[hit].tolist()))
            found["regions"] = len(set(self._region[clear].tolist()) - {-1})
        found.update(self._needs(log, horizon))
        return np.array([found[name] for name in EFFECTS], np.int64)

    def _counted(self, instances: Ints, hit: Ints) -> Flags:
        """Return which of some instances count as an effect: they mirror nothing, and did not fail by themselves."""
        return ~(self._indicator[instances] | _among(instances, hit))

    def consumers(self, log: Log, work: Work, hit: Ints) -> Ints:
        """Say what became of each process that did not fail by itself.

        Returns
        -------
        int64 (P, len(CONSUMER))
            Copies that failed by themselves are left out; a process of which all copies did has lost nothing here.
        """
        size = len(self.network.processes)
        found = np.zeros((size, len(CONSUMER)), np.int64)
        found[:, 1] = -1
        who, lost = _losers(work)
        counted = ~_among(who, hit)
        found[:, 2] = self._means(who[counted], lost[counted])
        falls = self._falls(log)
        keep = ~_among(self._first[falls.copy], hit)
        process, loss, time = self._of[self._first[falls.copy[keep]]], falls.loss[keep], falls.time[keep]
        np.maximum.at(found[:, 0], process, loss)
        clear = loss > CLEAR
        # the log is in order of time: of equal numbers `unique` names the first
        which, at = np.unique(process[clear], return_index=True)
        found[which, 1] = time[clear][at]
        return found

    def rates(self, measure: str, hit: Ints) -> Floats:
        """Return what each instance (N) adds to a measure for each level x second that it loses.

        Parameters
        ----------
        measure : str
            One of `SUMS`: person-hours, euros, or process-hours of ``defence_hours``.
        hit : int64 (H)
            Instances that fail by themselves.
        """
        hours = np.where(self._indicator, 0.0, self._weight / (PERSON * HOUR))
        if measure == "hours":
            hours[hit] = self._weight[hit] / (PERSON * HOUR)
            return hours
        if measure == "cascade_hours":
            hours[hit] = 0.0
            return hours
        if measure == "euros":
            return self._price / (FULL * DAY)
        whole = self._whole_heads[self._of]
        return np.where(self._defence[self._of], self._per_head / whole / (FULL * HOUR), 0.0)

    def by_region(self, measure: str, log: Log, horizon: int) -> Floats:
        """Return the person-hours without a basic need of each region (R), of all spells or beyond self-reliance."""
        found = np.zeros(self._populations.size)
        times, regions, curve = self._curves(log)
        if not curve.any():
            return found
        lasting, _ = _lasting(times, horizon)
        for k, row in zip(regions.tolist(), curve, strict=True):
            one = (
                self._beyond(times, np.array([k]), row[None], horizon)
                if measure == "basic_beyond"
                else _total(row, lasting)
            )
            found[k] = one / (PERSON * HOUR)
        return found

    def peak(self, log: Log) -> float:
        """Return the most people without a basic need at the same moment."""
        curve = self._curves(log)[2]
        return float(curve.sum(axis=0).max(initial=0)) / PERSON

    def _means(self, who: Ints, lost: Ints) -> Ints:
        """Return the seconds of total outage of each process (P), a mean over the inhabitants behind its copies."""
        # in two parts, so that years of outage of a whole country fit 64 bits
        seconds, rest = np.zeros_like(self._whole_heads), np.zeros_like(self._whole_heads)
        np.add.at(seconds, self._of[who], lost // FULL * self._per_head[who])
        np.add.at(rest, self._of[who], lost % FULL * self._per_head[who])
        return np.asarray((seconds + rest // FULL) // self._whole_heads)

    def _falls(self, log: Log) -> _Falls:
        """Return what is lost of each copy over time; of several changes at one instant only the last sum holds."""
        if self._alone:
            return _Falls(log.time, self._copy[log.instance], FULL - log.after.astype(np.int64))
        which = self._copy[log.instance]
        order = which.argsort(kind="stable")
        which, time = which[order], log.time[order]
        step = ((log.before.astype(np.int64) - log.after) * self._capacity[log.instance])[order]
        lost = step.cumsum()
        begins = np.ones(which.size, np.bool_)
        np.not_equal(which[1:], which[:-1], out=begins[1:])
        lost -= (lost - step)[begins][begins.cumsum() - 1]
        holds = np.ones(which.size, np.bool_)
        holds[:-1] = begins[1:] | (time[1:] != time[:-1])
        rows = holds.nonzero()[0]
        rows = rows[time[rows].argsort(kind="stable")]
        return _Falls(time[rows], which[rows], -(-lost[rows] // self._whole[which[rows]]))

    def _course(self, log: Log, elsewhere: Flags, horizon: int) -> tuple[int, int]:
        """Return when half of the cascade's people x seconds are lost (-1: none are), and those of the first day."""
        rows = elsewhere.nonzero()[0]
        weight = self._weight[log.instance[rows]]
        some = weight.nonzero()[0]
        if not some.size:
            return -1, 0
        rows, weight = rows[some], weight[some]
        step = (log.before[rows].astype(np.int64) - log.after[rows]) * weight
        times, rate = _held(log.time[rows], step.cumsum())
        lasting, quick = _lasting(times, horizon)
        # people, and ten-thousandths of ten-thousandths of one: the sums of both fit, the sum of the product does not
        people, rest = rate // PERSON, rate % PERSON
        whole, dust = (people * lasting).cumsum(), (rest * lasting).cumsum()
        whole, dust = whole + dust // PERSON, dust % PERSON
        total = int(whole[-1]) * PERSON + int(dust[-1])
        wanted = -(-total // 2)
        if not total:
            return -1, 0
        k = int(np.searchsorted(whole, wanted // PERSON))
        while int(whole[k]) * PERSON + int(dust[k]) < wanted:
            k += 1
        before = int(whole[k - 1]) * PERSON + int(dust[k - 1]) if k else 0
        half = int(times[k]) - (before - wanted) // int(rate[k])
        return half, _total(rate, quick) // PERSON

    # ------------------------------------------------------------------ basic needs

    def _needs(self, log: Log, horizon: int) -> dict[str, int]:
        """Count the people without the scarcest of their basic needs, region by region, as `impact.assess` does."""
        times, regions, curve = self._curves(log)
        if not curve.any():
            return dict.fromkeys(("basic_hours", "basic_peak", "basic_beyond", "quick_basic"), 0)
        lasting, quick = _lasting(times, horizon)
        return {
            "basic_hours": _total(curve, lasting) // PERSON,
            "basic_peak": round(int(curve.sum(axis=0).max()) / PERSON),
            "basic_beyond": self._beyond(times, regions, curve, horizon) // PERSON,
            "quick_basic": _total(curve, quick) // PERSON,
        }

    def _curves(self, log: Log) -> tuple[Ints, Ints, Ints]:
        """Return moments (T), the regions concerned (R'), and who is without from then on (R', T), ``PERSON`` parts."""
        rows = ((self._basic[log.instance] >= 0) & (self._weight_here[log.instance] > 0)).nonzero()[0]
        instance = log.instance[rows]
        step = log.before[rows].astype(np.int64) - log.after[rows]
        times, column = np.unique(log.time[rows], return_inverse=True)
        region, need = self._region[instance], self._basic[instance]
        here = region >= 0
        regions = np.unique(region) if here.all() else np.arange(self._populations.size)
        table = np.zeros((regions.size, self._basics, times.size), np.int64)
        cell = (np.searchsorted(regions, region[here]) * self._basics + need[here]) * times.size + column[here]
        np.add.at(table.reshape(-1), cell, step[here] * self._weight[instance[here]])
        for k in np.flatnonzero(~here).tolist():  # of a national process every region has its part
            table[:, need[k], column[k]] += step[k] * self._share[instance[k]] * self._populations
        most = self._populations[regions] * PERSON
        return times, regions, np.minimum(np.cumsum(table, axis=2).max(axis=1, initial=0), most[:, None])

    @cached_property
    def _weight_here(self) -> Ints:
        """Whether anybody relies on an instance at all (N)."""
        return np.where(self._region >= 0, self._weight, self._share)

    def _beyond(self, times: Ints, regions: Ints, curve: Ints, horizon: int) -> int:
        """Add up what is lost after the self-reliance period of each spell.

        Regions where the same shares of the people are without share one count: after a national failure nearly all.
        """
        found, known = 0, dict[bytes, int]()
        for population, row in zip(self._populations[regions].tolist(), curve, strict=True):
            there = np.flatnonzero(row)
            if not there.size:
                continue
            end = int(times[there[-1] + 1]) if there[-1] + 1 < times.size else horizon
            if end - int(times[there[0]]) <= self._limit:
                continue
            part = row // population
            times_people = population if (part * population == row).all() else 1
            part = part if times_people > 1 else row
            key = part.tobytes()
            if key not in known:
                known[key] = self._beyond_one(times, part, horizon)
            found += known[key] * times_people
        return found

    def _beyond_one(self, times: Ints, row: Ints, horizon: int) -> int:
        changes = np.flatnonzero(np.append(True, row[1:] != row[:-1]))
        return area(layers(times[changes].tolist(), row[changes].tolist(), horizon), self._limit)


def _losers(work: Work) -> tuple[Ints, Ints]:
    """Return the instances that a run has cost something, and their lost level x seconds."""
    ran = work.lists[RUN_PROCESSES, : work.reg[N_RUN_PROCESSES]]
    lost = work.proc["lost"][ran]
    some = np.flatnonzero(lost)
    return ran[some], lost[some]


def _among(values: Ints, chosen: Ints) -> Flags:
    """Return which values are among those chosen."""
    if chosen.size < 2:
        return np.asarray(values == chosen[0]) if chosen.size else np.zeros(values.size, np.bool_)
    ordered = np.sort(chosen)
    return np.asarray(ordered[np.minimum(np.searchsorted(ordered, values), ordered.size - 1)] == values)


def _locked(work: Work) -> int:
    """Count the instances that `Run.locked_instances` names, from what the run has looked at alone."""
    proc, need, out = work.proc, work.need, work.out
    ran = work.lists[RUN_PROCESSES, : work.reg[N_RUN_PROCESSES]]
    x, own = proc["x"][ran], proc["own"][ran]
    held = ran[x < own]
    if not held.size:
        return 0
    below = set(ran[x < FULL].tolist())
    under_way = (own < FULL) | (proc["source"][ran] > 0) | (proc["p"][ran] > x) | (proc["head"][ran] >= 0)
    needs = work.lists[RUN_NEEDS, : work.reg[N_RUN_NEEDS]]
    growing = (need["rate"][needs] > 0) & (need["clock"][needs] < need["most"][needs])
    growing |= need["misled"][needs] > 0
    reached = set(ran[under_way].tolist()) | set(need["owner"][needs[growing]].tolist())
    todo = list(reached)
    while todo:
        j = todo.pop()
        if j not in below and not proc["wrong"][j]:
            continue
        for consumer in out["owner"][proc["out_first"][j] : proc["out_last"][j]].tolist():
            if consumer in below and consumer not in reached:
                reached.add(consumer)
                todo.append(consumer)
    return len(set(held.tolist()) - reached)


def _lasting(times: Ints, horizon: int) -> tuple[Ints, Ints]:
    """Return how long what begins at some moments holds, in all and within the first day (seconds)."""
    ends = np.empty_like(times)
    ends[:-1], ends[-1:] = times[1:], horizon
    return ends - times, np.minimum(ends, QUICK) - np.minimum(times, QUICK)


def _held(time: Ints, value: Ints) -> tuple[Ints, Ints]:
    """Keep of several values at one moment the last."""
    last = np.ones(time.size, np.bool_)
    np.not_equal(time[1:], time[:-1], out=last[:-1])
    return time[last], value[last]


def _weighed(lost: Ints, weight: Ints) -> int:
    """Add up products that do not fit 64 bits: each factor is cut into whole 10 000s and a rest."""
    a, b, c, d = lost // FULL, lost % FULL, weight // FULL, weight % FULL
    high, middle, low = int((a * c).sum()), int((a * d + b * c).sum()), int((b * d).sum())
    return (high * FULL + middle) * FULL + low


def _total(rate: Ints, lasting: Ints) -> int:
    """Add up rates (..., T) in ``PERSON`` parts over how long they hold (T), exactly."""
    people, rest = rate // PERSON, rate % PERSON
    return int((people * lasting).sum()) * PERSON + int((rest * lasting).sum())
