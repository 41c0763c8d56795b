"""What one failure does, in a dozen whole numbers: the measures that rankings, pairs, samples and sweeps share.

The same counts as `results.impact` makes of a run, without tables, straight from the log and the simulator as it stands
at the horizon: sweeps ask for them thousands of times.
"""

from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from cascade.model import Scenario
from cascade.results.shortfall import PERSON, People, area, layers, parts
from cascade.simulation.layout import Log, Work
from cascade.simulation.network import Network
from cascade.simulation.run import simulate
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
        self.network = network
        # a country in which nothing happens: whose people, shares and parts are those of every run
        self._idle = simulate(network, Scenario.model_validate({"name": "idle", "horizon": "1s", "events": []}))
        model, of = self._idle.model, network.process_of.astype(np.int64)
        people = People(self._idle)
        self._of, self._region = of, network.region_of.astype(np.int64)
        self._base, self._part = people.base, parts(self._idle, people.base)
        # instances lie by process: the first of each
        self._begins = np.searchsorted(of, np.arange(len(network.processes)))
        inhabited = np.add.reduceat(self._base, self._begins)[of] > 0
        self._per_head = np.where(inhabited, self._base, 1)
        self._populations = people.populations
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
        self._peopled(people.share)
        self._groups()

    def redrawn(self, people: Ints, cost_per_day: Ints) -> "Meter":
        """Return the meter for other shares of people (P, 1/10 000) and costs (P, euros): those of one sample.

        Of a process whose assets count their own people the share stays the whole.
        """
        model, other = self._idle.model, copy(self)
        counted = [p in model.assets and model.assets[p].people is not None for p in self.network.processes]
        other._peopled(np.where(np.array(counted, np.bool_), FULL, people).astype(np.int64))
        other._priced(cost_per_day.tolist())
        return other

    def _peopled(self, share: Ints) -> None:
        self._share = share[self._of]
        self._weight = self._base * self._share

    def _priced(self, cost_per_day: list[int]) -> None:
        self._price = np.array([float(c) for c in cost_per_day])[self._of] * self._part

    def _groups(self) -> None:
        """Note which instances are one copy (a process in one region), and what each weighs in it."""
        model = self._idle.model
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
        lost = work.proc["lost"].astype(np.int64)
        counted = ~self._indicator
        counted[hit] = False
        others = np.flatnonzero(counted & (lost > 0))
        found["own_hours"] = _weighed(lost[hit], self._weight[hit]) // PERSON
        found["cascade_hours"] = _weighed(lost[others], self._weight[others]) // PERSON
        found["euros"] = round(float((self._price * lost / (FULL * DAY)).sum()))
        found["defence_hours"] = int(self._means(lost)[self._defence].sum())
        found["locked"] = self._locked(work)
        found["short"] = int((work.proc["x"] < FULL).sum())
        elsewhere = counted[log.instance]
        found["first_s"] = int(log.time[np.argmax(elsewhere)]) if elsewhere.any() else -1
        found["half_s"], found["quick_hours"] = self._course(log, elsewhere, horizon)
        if others.size:
            falls = self._falls(log)
            copies = np.unique(falls.copy[falls.loss > CLEAR])
            clear = self._first[copies]
            clear = clear[counted[clear]]
            found["sectors"] = len(set(self._sector[clear].tolist()) - set(self._sector[hit].tolist()))
            found["regions"] = len(set(self._region[clear].tolist()) - {-1})
        found.update(self._needs(log, horizon))
        return np.array([found[name] for name in EFFECTS], np.int64)

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
        counted = np.ones(self.network.size, np.bool_)
        counted[hit] = False
        found[:, 2] = self._means(np.where(counted, work.proc["lost"], 0))
        falls = self._falls(log)
        keep = counted[self._first[falls.copy]]
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
        whole = np.add.reduceat(self._per_head, self._begins)[self._of]
        return np.where(self._defence[self._of], self._per_head / whole / (FULL * HOUR), 0.0)

    def by_region(self, measure: str, log: Log, horizon: int) -> Floats:
        """Return the person-hours without a basic need of each region (R), of all spells or beyond self-reliance."""
        found = np.zeros(self._populations.size)
        times, regions, curve = self._curves(log)
        if not curve.any():
            return found
        lasting = np.diff(times, append=horizon)
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

    def _means(self, lost: Ints) -> Ints:
        """Return the seconds of total outage of each process (P), a mean over the inhabitants behind its copies."""
        # in two parts, so that years of outage of a whole country fit 64 bits
        whole, begins = np.add.reduceat(self._per_head, self._begins), self._begins
        seconds = np.add.reduceat(lost // FULL * self._per_head, begins)
        rest = np.add.reduceat(lost % FULL * self._per_head, begins)
        return np.asarray((seconds + rest // FULL) // whole)

    def _locked(self, work: Work) -> int:
        if not (work.proc["x"] < work.proc["own"]).any():
            return 0
        return len(replace(self._idle, state=work).locked_instances)

    def _falls(self, log: Log) -> _Falls:
        """Return what is lost of each copy over time; of several changes at one instant only the last sum holds."""
        if self._alone:
            return _Falls(log.time, self._copy[log.instance], FULL - log.after.astype(np.int64))
        which = self._copy[log.instance]
        order = np.argsort(which, kind="stable")
        which, time = which[order], log.time[order]
        step = ((log.before.astype(np.int64) - log.after) * self._capacity[log.instance])[order]
        lost = np.cumsum(step)
        begins = np.append(True, which[1:] != which[:-1])[: which.size]
        lost -= (lost - step)[begins][np.cumsum(begins) - 1]
        holds = np.append((which[1:] != which[:-1]) | (time[1:] != time[:-1]), True)[: which.size]
        rows = np.flatnonzero(holds)
        rows = rows[np.argsort(time[rows], kind="stable")]
        return _Falls(time[rows], which[rows], -(-lost[rows] // self._whole[which[rows]]))

    def _course(self, log: Log, elsewhere: Flags, horizon: int) -> tuple[int, int]:
        """Return when half of the cascade's people x seconds are lost (-1: none are), and those of the first day."""
        rows = np.flatnonzero(elsewhere)
        rows = rows[self._weight[log.instance[rows]] > 0]
        if not rows.size:
            return -1, 0
        step = (log.before[rows].astype(np.int64) - log.after[rows]) * self._weight[log.instance[rows]]
        times, rate = _held(log.time[rows], np.cumsum(step))
        lasting = np.diff(times, append=horizon)
        # people, and ten-thousandths of ten-thousandths of one: the sums of both fit, the sum of the product does not
        people, rest = rate // PERSON, rate % PERSON
        whole, dust = np.cumsum(people * lasting), np.cumsum(rest * lasting)
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
        short = np.clip(np.minimum(times + lasting, QUICK) - times, 0, None)
        return half, _total(rate, short) // PERSON

    # ------------------------------------------------------------------ basic needs

    def _needs(self, log: Log, horizon: int) -> dict[str, int]:
        """Count the people without the scarcest of their basic needs, region by region, as `impact.assess` does."""
        times, regions, curve = self._curves(log)
        if not curve.any():
            return dict.fromkeys(("basic_hours", "basic_peak", "basic_beyond", "quick_basic"), 0)
        lasting = np.diff(times, append=horizon)
        short = np.clip(np.minimum(times + lasting, QUICK) - times, 0, None)
        return {
            "basic_hours": _total(curve, lasting) // PERSON,
            "basic_peak": round(int(curve.sum(axis=0).max()) / PERSON),
            "basic_beyond": self._beyond(times, regions, curve, horizon) // PERSON,
            "quick_basic": _total(curve, short) // PERSON,
        }

    def _curves(self, log: Log) -> tuple[Ints, Ints, Ints]:
        """Return moments (T), the regions concerned (R'), and who is without from then on (R', T), ``PERSON`` parts."""
        rows = np.flatnonzero((self._basic[log.instance] >= 0) & (self._weight_here[log.instance] > 0))
        instance = log.instance[rows]
        step = log.before[rows].astype(np.int64) - log.after[rows]
        times, column = np.unique(log.time[rows], return_inverse=True)
        region, need = self._region[instance], self._basic[instance]
        here = region >= 0
        regions = np.unique(region) if here.all() else np.arange(self._populations.size)
        table = np.zeros((regions.size, self._basics, times.size), np.int64)
        at = np.searchsorted(regions, region[here])
        np.add.at(table, (at, need[here], column[here]), step[here] * self._weight[instance[here]])
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


def _held(time: Ints, value: Ints) -> tuple[Ints, Ints]:
    """Keep of several values at one moment the last."""
    last = np.append(time[1:] != time[:-1], True)
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
