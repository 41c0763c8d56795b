"""Statistics as a second witness: failures one at a time, as often as they really happen, beside published counts.

Hindcasts judge the model by single incidents that somebody chose; this judges it by the margins of a database of many.
Nothing is drawn: every process fails in every region for a few typical durations, and each failure counts by how often
its sector fails by itself. What is published stands in this module with its source and confidence, apart from what is
found.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import exp, log
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from cascade.errors import UsageError
from cascade.model import Confidence, Model
from cascade.simulation.layout import Log
from cascade.simulation.network import Network, compile_network
from cascade.simulation.sweep import Case, Simulator
from cascade.units import DAY, FULL, HOUR, MINUTE

if TYPE_CHECKING:
    import pandas as pd

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Progress = Callable[[int, int], None]
"""Called with the number of failures simulated and the number there are."""

# ------------------------------------------------------------------ what is published


class Counted(NamedTuple):
    """One sector of the database of failures: how often it was seen, how long it fails, and what it is in the model."""

    initiating: int
    """Failures that made others fail."""
    resulting: int
    """Failures caused by another failure."""
    independent: int
    """Failures without either."""
    sample: int
    """Failures in all; one that is both result and initiator is counted once here and twice in the columns before."""
    durations: tuple[int, int]
    """Median and 95% point of the time out, seconds."""
    processes: tuple[str, ...]

    @property
    def exogenous(self) -> int:
        """Failures with a cause of their own. An initiator that was itself a result is among them; it cannot be told."""
        return self.initiating + self.independent

    @property
    def total(self) -> int:
        """Failures in all, those that are both result and initiator twice."""
        return self.initiating + self.resulting + self.independent


# Medians and 95% points: expert values of the parameter study (low confidence) for energy, telecom and IT, transport and
# water. Own choice for the others: money and government run on IT, all else as transport.
_SHORT: Final = (3 * HOUR // 2, 12 * HOUR)
_IT: Final = (3 * HOUR, 24 * HOUR)
_LONG: Final = (4 * HOUR, 24 * HOUR)
_WATER: Final = (6 * HOUR, 48 * HOUR)
DURATION_CONFIDENCE: Final[Confidence] = "low"

PUBLISHED: Final[dict[str, Counted]] = {
    # fuel and its delivery count as energy, kerosene and tank terminals with the airports and ports they belong to
    "energy": Counted(146, 75, 388, 590, _SHORT, (
        "district-heating", "electricity-distribution", "electricity-interconnection", "electricity-transmission",
        "emergency-fuel-delivery", "fuel-depots", "fuel-stations", "gas-distribution", "gas-fired-generation",
        "gas-supply", "gas-transmission", "offshore-wind", "oil-pipelines", "oil-refining", "other-generation",
    )),
    # the networks of the emergency services are reported as failures of telecom, their organisations as government
    "telecom": Counted(69, 125, 114, 295, _IT, (
        "c2000-radio", "digital-broadcast", "emergency-number-112", "fixed-voice", "mobile-access", "mobile-core",
        "nl-alert", "p2000-paging", "radio-broadcast",
    )),
    # what carries data rather than calls; certificates fail as a service on the internet
    "internet": Counted(15, 51, 95, 160, _IT, (
        "cloud-services", "data-centres", "fixed-access", "internet-backbone", "subsea-cables", "trust-services",
    )),
    "transport": Counted(19, 128, 276, 422, _LONG, (
        "air-traffic-control", "airport-approach", "airport-check-in", "airport-operations", "aviation-fuel", "bus-service",
        "container-terminals-automated", "inland-shipping", "liquid-bulk-terminals", "meteorological-services",
        "port-community-system", "port-terminals", "rail-freight", "rail-planning-it", "rail-radio", "rail-service",
        "rail-signalling", "rail-traction-power", "rail-traffic-control", "road-haulage", "road-network",
        "road-traffic-control", "road-tunnels", "sea-shipping", "traffic-signals", "urban-transit",
        "vessel-traffic-services",
    )),
    "water": Counted(9, 18, 51, 76, _WATER, (
        "drinking-water", "emergency-drinking-water", "locks-and-barriers", "polder-drainage", "sewerage",
        "wastewater-treatment", "water-chemicals",
    )),
    "financial": Counted(1, 26, 33, 60, _IT, (
        "card-payments", "cash-logistics", "cash-machines", "financial-markets", "payment-core",
    )),
    "government": Counted(2, 40, 26, 67, _IT, (
        "border-control", "crisis-coordination", "digital-identity", "emergency-dispatch", "fire-service",
        "government-network", "municipal-services", "police", "prisons-and-courts", "social-benefits",
    )),
    "health": Counted(1, 16, 22, 39, _LONG, (
        "ambulance-care", "blood-supply", "gp-care", "home-care", "home-medical-devices", "hospital-care", "hospital-it",
        "medical-gases", "medical-supplies", "nursing-homes", "pharmacies",
    )),
    "industry": Counted(5, 15, 7, 27, _LONG, ("chemical-plants", "hazardous-storage", "industrial-gases")),
    "food": Counted(0, 4, 4, 8, _LONG, (
        "arable-farming", "cold-chain", "dairy-chain", "food-distribution-centres", "food-processing", "greenhouses",
        "livestock-farming", "supermarkets",
    )),
    # education (0, 3, 1; 4) and postal services (1, 0, 0; 1); the model has no post
    "other": Counted(1, 3, 1, 5, _LONG, ("schools-and-childcare",)),
}  # fmt: skip
"""Failures in 29 European countries, mostly 2000-2008, by sector; which process stands for which sector: own choice.

Source
------
LUI08, tables by sector. The counts were noted without the document at hand; two cells were corrected so that every row,
every column and the printed totals (268, 501, 1017, 1786 and 1749) agree. Confidence medium.
"""
OUTSIDE: Final = (
    # no sector of their own in 2008, and nothing that newspapers report as failing
    "gnss-signal", "pnt-positioning", "pnt-timing",
    # people and firms at the end of every chain: hardly ever reported as a failure of infrastructure
    "business-activity", "home-heating", "household-self-reliance", "workforce",
    # a measure of how many channels are left, no service
    "warning-channels",
)  # fmt: skip
"""Processes that belong to no sector of the database, on purpose: they neither fail first nor count as a result."""

COUNTS: Final[tuple[str, Confidence]] = ("LUI08", "medium")
"""Source and confidence of every figure that follows from the counts."""
BOTH: Final = "telecom+internet"
"""The two sectors that the press tells apart least, taken together."""
CASCADES: Final[dict[str, float]] = {"energy": 0.60, BOTH: 0.28, "transport": 0.05, "water": 0.03}
"""Rounded shares of cascades by initiator, from cascades instead of initiating failures or from a later cut."""
CASCADES_FROM: Final[tuple[str, Confidence]] = ("EET11", "medium")
"""Source and confidence of those shares; noted without the document at hand."""
BANDS: Final[dict[str, tuple[float, float]]] = {
    "energy": (0.45, 0.65),
    BOTH: (0.22, 0.40),
    "transport": (0.03, 0.12),
    "water": (0.01, 0.08),
    "again": (0.0, 0.20),
}
"""Between which shares the model agrees with the counts. Own choice, made before the first comparison."""

# ------------------------------------------------------------------ what counts

CLASSES: Final = 7
"""Equally likely classes of durations, each by its middle. Own choice; the longest tail lies beyond the last middle."""
HORIZON: Final = 30 * DAY
"""Seconds looked at from the start of a failure; what comes later is not counted. Own choice."""
LOSS: Final = 3 * FULL // 10
"""A result has lost more than this (1/10 000) ..."""
LASTING: Final = HOUR // 2
"""... for at least so many seconds on end ..."""
PEOPLE: Final = 10_000
"""... where at least so many people live."""
_CHUNK: Final = 50


@dataclass(frozen=True, eq=False)
class Witness:
    """What the model says about many failures, beside what was counted; every share from 0 to 1.

    A failure is one process out in one region (a national process as a whole). It has a **result** in each sector of
    which another process loses more than 0.3 for half an hour or longer in a region of 10,000 inhabitants or more; with
    a result it is a **cascade**. A result **starts further** if it stands in the chain of causes of a result in another
    sector, the chain taken at the moment that one's loss passes 0.3. For processes the same, with process for sector.
    """

    initiators: "pd.DataFrame"
    """One row per sector, and one for telecom and internet together: ``sector``, ``failures`` (frequency, as published),
    ``share`` of the cascades, ``published``, ``published_cascades`` (a later cut), ``low``, ``high``, ``passes`` (None
    without a band), ``starts`` (share of its failures that start a cascade), ``starts_published``,
    ``results_per_cascade``, ``confidence``, ``source`` (of what is published)."""
    results: "pd.DataFrame"
    """One row per sector: ``sector``, ``share`` of the results, ``share_processes``, ``published``, ``confidence``,
    ``source``."""
    measures: "pd.DataFrame"
    """One row per figure: ``measure``, ``value``, ``published``, ``low``, ``high``, ``passes``, ``confidence``,
    ``source``; what has no published figure has None."""
    failures: "pd.DataFrame"
    """One row per failure simulated: ``process``, ``region``, ``sector``, ``duration_h``, ``weight``, ``results``,
    ``results_elsewhere`` (in other sectors than its own), ``results_further``, ``processes``, ``processes_further``."""
    unplaced: tuple[str, ...]
    """Processes of the model of which nothing says to which sector of the database they belong: they are left out."""
    absent: tuple[str, ...]
    """Sectors of the database for which the model has no process; their failures are left out."""

    @property
    def verdicts(self) -> dict[str, bool]:
        """Whether each figure with a band lies within it."""
        rows = [*zip(self.initiators["sector"], self.initiators["passes"], strict=True)]
        rows += zip(self.measures["measure"], self.measures["passes"], strict=True)
        return {key: bool(passes) for key, passes in rows if passes is not None}


def witness(
    model: Model,
    progress: Progress | None = None,
    *,
    published: Mapping[str, Counted] = PUBLISHED,
    workers: int = 1,
) -> Witness:
    """Let every process fail once in every region, and count as the database did.

    Parameters
    ----------
    model : Model
    progress : callable, optional
        Called with the failures simulated so far and all of them.
    published : mapping of str to Counted, optional
        The database to compare with, by sector.
    workers : int
        Threads. The result does not depend on it, and one is the fastest for a sector model: most failures are over
        sooner than a second thread gets the interpreter.

    Returns
    -------
    Witness

    Raises
    ------
    UsageError
        If no process of the model belongs to a sector of the database.
    CascadeError
        If a failure does not settle.
    """
    network = compile_network(model)
    sweep = _Sweep.of(model, network, published)
    chunks = [sweep.failing[a : a + _CHUNK] for a in range(0, sweep.failing.size, _CHUNK)]
    outcomes: list[_Outcome] = []
    with ThreadPoolExecutor(workers) as pool:
        # in order of the chunks, whichever is ready first
        for found in pool.map(sweep.outcomes, chunks):
            outcomes += found
            if progress is not None:
                progress(len(outcomes), sweep.failing.size * CLASSES)
    return _tell(sweep, outcomes)


def durations(median: int, most: int) -> list[int]:
    """Return the middles of equally likely classes of a lognormal time out, whole minutes in seconds.

    Parameters
    ----------
    median, most : int
        Median and 95% point, seconds.
    """
    normal = NormalDist()
    spread = log(most / median) / normal.inv_cdf(0.95)
    middles = [normal.inv_cdf((2 * k + 1) / (2 * CLASSES)) for k in range(CLASSES)]
    return [max(1, round(median * exp(spread * z) / MINUTE)) * MINUTE for z in middles]


# ------------------------------------------------------------------ the sweep


class _Outcome(NamedTuple):
    """What one failure led to: result processes by sector (S), which sectors start further (S), and how many processes."""

    processes: Ints
    further: Flags
    processes_further: int


@dataclass(frozen=True, eq=False)
class _Sweep:
    """All failures of a model: its copies, the sector of each process, and which copies fail.

    A copy is a process in one region: one instance, or all its assets there.
    """

    network: Network
    sectors: tuple[str, ...]
    counted: tuple[Counted, ...]
    sector: Ints
    """Number of each process's sector (P); -1 for none."""
    copy_of: Ints
    """Copy of each instance (N)."""
    capacity: Ints
    """Weight of each instance in its copy (N)."""
    process: Ints
    """Process of each copy (C)."""
    whole: Ints
    """Capacity of each copy (C)."""
    people: Ints
    """Inhabitants where each copy is (C)."""
    failing: Ints
    """Copies that fail (F)."""

    @classmethod
    def of(cls, model: Model, network: Network, published: Mapping[str, Counted]) -> "_Sweep":
        """Lay the sectors of the database onto a network."""
        number = {p: s for s, counted in enumerate(published.values()) for p in counted.processes}
        sector = np.array([number.get(p, -1) for p in network.processes], np.int64)
        key = network.process_of.astype(np.int64) * (len(network.regions) + 1) + network.region_of + 1
        _, first, copy_of = np.unique(key, return_index=True, return_inverse=True)
        process = network.process_of[first].astype(np.int64)
        region = network.region_of[first]
        people = np.array([model.regions[code].population for code in network.regions] + [model.population], np.int64)
        failing = np.flatnonzero(sector[process] >= 0)
        if not failing.size:
            raise UsageError("no process of this model belongs to a sector of the published counts")
        capacity = _capacities(model, network)
        return cls(
            network=network,
            sectors=tuple(published),
            counted=tuple(published.values()),
            sector=sector,
            copy_of=copy_of.astype(np.int64),
            capacity=capacity,
            process=process,
            whole=np.bincount(copy_of, capacity).astype(np.int64),
            people=people[region],
            failing=failing,
        )

    def outcomes(self, copies: Ints) -> list[_Outcome]:
        """Let some copies fail one after another, each for every duration of its sector."""
        simulator = Simulator(self.network)
        found = []
        for copy in copies.tolist():
            instances = np.flatnonzero(self.copy_of == copy)
            case = Case(self.network.labels[int(instances[0])], instances)
            for duration in durations(*self.counted[int(self.sector[self.process[copy]])].durations):
                log = simulator.fail(case, duration, HORIZON)
                found.append(self._judge(log, int(self.process[copy])))
        return found

    def weights(self) -> Floats:
        """Return how often each failing copy fails (F): its sector's count, evenly over its processes, then by people."""
        process = self.process[self.failing]
        of = self.sector[process]
        people = self.people[self.failing].astype(float)
        here = np.bincount(process, people, self.sector.size)
        copies = np.bincount(process, minlength=self.sector.size)
        part = np.where(here[process] > 0, people / np.maximum(here[process], 1), 1 / copies[process])
        processes = np.bincount(self.sector[self.sector >= 0], minlength=len(self.sectors))
        often = np.array([c.exogenous for c in self.counted], float)
        return np.asarray(often[of] / processes[of] * part)

    def _judge(self, log: Log, failed: int) -> _Outcome:
        """Find the results in a log of a failure of process ``failed``."""
        nothing = np.zeros(len(self.sectors), np.int64)
        row = self._passing(log)
        process = self.process[self.copy_of[log.instance[row]]]
        row = row[(self.sector[process] >= 0) & (process != failed)]
        process = np.unique(self.process[self.copy_of[log.instance[row]]])
        middle, end = self._links(log, row)
        other = self.sector[middle] != self.sector[end]
        further = nothing > 0
        further[self.sector[middle[other]]] = True
        return _Outcome(
            np.bincount(self.sector[process], minlength=nothing.size), further, np.unique(middle[middle != end]).size
        )

    def _passing(self, log: Log) -> Ints:
        """Return the rows at which copies first pass the loss that counts for as long as counts."""
        copy = self.copy_of[log.instance]
        order = np.argsort(copy, kind="stable")
        copy, time = copy[order], log.time[order]
        step = (log.before.astype(np.int64) - log.after)[order] * self.capacity[log.instance[order]]
        lost = np.cumsum(step)
        begins = np.append(True, copy[1:] != copy[:-1])[: copy.size]
        lost -= (lost - step)[begins][np.cumsum(begins) - 1]
        # several assets change at one instant: only the last sum of an instant ever held
        holds = np.append((copy[1:] != copy[:-1]) | (time[1:] != time[:-1]), True)[: copy.size]
        copy, time, order = copy[holds], time[holds], order[holds]
        over = lost[holds] > LOSS * self.whole[copy]
        before = np.append(False, over[:-1] & (copy[1:] == copy[:-1]))[: copy.size]
        turns = np.flatnonzero(over != before)
        # where the copy changes while over, a spell lasts to the horizon and the next row may begin one
        end = np.append(np.where(copy[turns[1:]] == copy[turns[:-1]], time[turns[1:]], HORIZON), HORIZON)[: turns.size]
        long = over[turns] & (end - time[turns] >= LASTING) & (self.people[copy[turns]] >= PEOPLE)
        _, first = np.unique(copy[turns[long]], return_index=True)
        return np.asarray(order[turns[long]][first])

    def _links(self, log: Log, row: Ints) -> tuple[Ints, Ints]:
        """Return pairs of result processes, the first in the chain of causes of the second.

        Chains are those of `Run.chain`: from a change to the latest change, until then, of the supplier that bound.
        """
        result = np.zeros(self.process.size, np.bool_)
        result[self.copy_of[log.instance[row]]] = True
        order = np.argsort(log.instance, kind="stable")
        size = HORIZON + 1
        keys = log.instance[order].astype(np.int64) * size + log.time[order]
        end = self.process[self.copy_of[log.instance[row]]]
        middles, ends = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        trail = log.instance[row][None, :]
        while row.size:
            supplier = log.supplier[row].astype(np.int64)
            at = np.searchsorted(keys, supplier * size + log.time[row], side="right") - 1
            cause = order[np.maximum(at, 0)]
            # a chain that comes back to itself ends there: those processes hold each other down
            on = (supplier >= 0) & (at >= 0) & (log.instance[cause] == supplier) & ~(trail == supplier).any(axis=0)
            row, end, trail = cause[on], end[on], np.vstack((trail[:, on], supplier[on]))
            copy = self.copy_of[log.instance[row]]
            middles.append(self.process[copy][result[copy]])
            ends.append(end[result[copy]])
        return np.concatenate(middles), np.concatenate(ends)


def _capacities(model: Model, network: Network) -> Ints:
    """Return the weight of each instance in its copy (N): an asset's capacity, else 1."""
    found = np.ones(network.size, np.int64)
    for process, table in model.assets.items():
        capacity = dict(zip(table.ids, table.capacities, strict=True))
        for i in network.instances(process):
            found[i] = capacity[network.asset_of[i]]
    return found


# ------------------------------------------------------------------ side by side


@dataclass(frozen=True, eq=False)
class _Tally:
    """Every failure (E) with its weight, and what it led to."""

    sweep: _Sweep
    weight: Floats
    """How often it happens (E)."""
    of: Ints
    """Sector that it begins in (E)."""
    processes: Ints
    """Result processes by sector (E, S)."""
    further: Flags
    """Sectors of which a result starts further (E, S)."""
    processes_further: Ints
    """Result processes that start further (E)."""

    @property
    def hit(self) -> Flags:
        """Sectors with a result (E, S)."""
        return self.processes > 0

    @property
    def cascade(self) -> Flags:
        """Whether it has a result at all (E)."""
        return np.asarray(self.hit.any(axis=1))

    def sum(self, values: Ints | Flags, among: Flags | None = None) -> float:
        """Add up values of failures (E), each as often as it happens."""
        return float((self.weight * values if among is None else self.weight * values * among).sum())


def _tell(sweep: _Sweep, outcomes: list[_Outcome]) -> Witness:
    import pandas as pd

    copies = np.repeat(sweep.failing, CLASSES)
    tally = _Tally(
        sweep=sweep,
        weight=np.repeat(sweep.weights() / CLASSES, CLASSES),
        of=sweep.sector[sweep.process[copies]],
        processes=np.array([o.processes for o in outcomes]),
        further=np.array([o.further for o in outcomes]),
        processes_further=np.array([o.processes_further for o in outcomes]),
    )
    here = set(sweep.network.processes)
    placed = {p for counted in sweep.counted for p in counted.processes} | set(OUTSIDE)
    # object columns: pandas would turn an empty cell into a fraction
    return Witness(
        initiators=pd.DataFrame(list(_initiators(tally)), dtype=object),
        results=pd.DataFrame(list(_results(tally)), dtype=object),
        measures=pd.DataFrame(list(_measures(tally)), dtype=object),
        failures=_failures(tally, copies),
        unplaced=tuple(sorted(here - placed)),
        absent=tuple(s for s, c in zip(sweep.sectors, sweep.counted, strict=True) if not here & set(c.processes)),
    )


def _failures(tally: _Tally, copies: Ints) -> "pd.DataFrame":
    import pandas as pd

    sweep, network, hit = tally.sweep, tally.sweep.network, tally.hit
    _, instance = np.unique(sweep.copy_of, return_index=True)
    counted = [sweep.counted[s] for s in tally.of[::CLASSES].tolist()]
    return pd.DataFrame(
        {
            "process": np.array(network.processes, object)[sweep.process[copies]],
            "region": np.array((*network.regions, ""), object)[network.region_of[instance[copies]]],
            "sector": np.array(sweep.sectors, object)[tally.of],
            "duration_h": [seconds / HOUR for c in counted for seconds in durations(*c.durations)],
            "weight": tally.weight,
            "results": hit.sum(axis=1),
            "results_elsewhere": hit.sum(axis=1) - hit[np.arange(tally.of.size), tally.of],
            "results_further": tally.further.sum(axis=1),
            "processes": tally.processes.sum(axis=1),
            "processes_further": tally.processes_further,
        }
    )


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _against(key: str, value: float | None) -> dict[str, Any]:
    """Set a figure against its band, if it has one."""
    low, high = BANDS.get(key, (None, None))
    inside = None if low is None or high is None or value is None else low <= value <= high
    return {"low": low, "high": high, "passes": inside}


def _initiators(tally: _Tally) -> Iterator[dict[str, Any]]:
    names, counted = tally.sweep.sectors, tally.sweep.counted
    cascades = tally.sum(tally.cascade)
    groups: list[tuple[str, list[int]]] = [(name, [s]) for s, name in enumerate(names)]
    both = [s for s, name in enumerate(names) if name in BOTH.split("+")]
    if len(both) == 2:
        groups.insert(both[-1] + 1, (BOTH, both))
    for name, members in groups:
        mine = np.isin(tally.of, members)
        own = [counted[s] for s in members]
        share = _ratio(tally.sum(tally.cascade, mine), cascades)
        yield {
            "sector": name,
            "failures": sum(c.exogenous for c in own),
            "share": share,
            "published": _ratio(sum(c.initiating for c in own), sum(c.initiating for c in counted)),
            "published_cascades": CASCADES.get(name),
            **_against(name, share),
            "starts": _ratio(tally.sum(tally.cascade, mine), tally.sum(mine)),
            "starts_published": _ratio(sum(c.initiating for c in own), sum(c.total for c in own)),
            "results_per_cascade": _ratio(tally.sum(tally.hit.sum(axis=1), mine), tally.sum(tally.cascade, mine)),
            **_evidence(),
        }


def _results(tally: _Tally) -> Iterator[dict[str, Any]]:
    counted = tally.sweep.counted
    results, processes = tally.sum(tally.hit.sum(axis=1)), tally.sum(tally.processes.sum(axis=1))
    for s, name in enumerate(tally.sweep.sectors):
        yield {
            "sector": name,
            "share": _ratio(tally.sum(tally.hit[:, s]), results),
            "share_processes": _ratio(tally.sum(tally.processes[:, s]), processes),
            "published": _ratio(counted[s].resulting, sum(c.resulting for c in counted)),
            **_evidence(),
        }


def _measures(tally: _Tally) -> Iterator[dict[str, Any]]:
    counted, hit = tally.sweep.counted, tally.hit
    initiating, resulting, sample = (sum(getattr(c, f) for c in counted) for f in ("initiating", "resulting", "sample"))
    twice = sum(c.total for c in counted) - sample
    cascades = tally.sum(tally.cascade)
    results, processes = hit.sum(axis=1), tally.processes.sum(axis=1)
    elsewhere = results - hit[np.arange(tally.of.size), tally.of]
    figures: list[tuple[str, float | None, float | None]] = [
        ("starts", _ratio(cascades, tally.sum(np.ones_like(tally.of))), _ratio(initiating, sample)),
        ("results_per_cascade", _ratio(tally.sum(results), cascades), _ratio(resulting, initiating)),
        ("elsewhere_per_cascade", _ratio(tally.sum(elsewhere), cascades), None),
        ("processes_per_cascade", _ratio(tally.sum(processes), cascades), None),
        ("again", _ratio(tally.sum(tally.further.sum(axis=1)), tally.sum(results)), _ratio(twice, resulting)),
        ("again_processes", _ratio(tally.sum(tally.processes_further), tally.sum(processes)), None),
    ]
    for name, value, known in figures:
        evidence = _evidence() if known is not None else dict.fromkeys(_evidence())
        yield {"measure": name, "value": value, "published": known, **_against(name, value), **evidence}


def _evidence() -> dict[str, str | None]:
    source, confidence = COUNTS
    return {"confidence": confidence, "source": source}
