"""What the Wwke and the CER directive behind it ask of a process: the scorecard of article 7(1), and notification.

The scorecard lets a process fail alone and counts; what this model cannot know stays an open field, to be filled in by
whoever assesses. Notification sets a run against thresholds, which are parameter sets of the model: the Dutch ones are
made by ministerial regulation and are not known here, so those shipped are placeholders from other regimes.

Source
------
Directive (EU) 2022/2557 (CER), articles 7(1) and 15(1). How each criterion is counted: own choice.
"""

import calendar
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from heapq import heappop, heappush
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from cascade.errors import UsageError
from cascade.model import Evidence, Model, Need, Threshold
from cascade.results.effects import COLUMN, INDICATOR, Ints, Meter
from cascade.results.reach import FOREIGN, LONGEST, Fall, alone, check_known, falls, seconds
from cascade.results.shortfall import PERSON, PERSON_HOUR, Layer, People, layers
from cascade.simulation.network import RULES, Network, arcs, compile_network
from cascade.simulation.run import Run, simulate
from cascade.units import DAY, FULL, HOUR

if TYPE_CHECKING:
    import pandas as pd

    from cascade.results.impact import Impact

Basis = Literal["computed", "model", "open"]
Progress = Callable[[int, int], None]
Figures = Iterator[dict[str, Any]]

LASTING: Final = 72 * HOUR
"""How long a process is out where nothing else is asked: as long as households are asked to manage. Own choice."""
HEALTH: Final = "5"
"""Item of the CER annex that stands for health."""
SAFETY: Final = "emergency"
"""Sector that stands for public safety."""
CATEGORY: Final = "nctv-category"
"""List with the category (A or B) of the older overview of vital processes, which the Wwke replaces."""
INHABITANTS: Final = "population"
PEOPLE: Final = "people"
BASIC_NEED: Final = "basic_need"
COST: Final = "cost_per_day"
"""Fields of a model, as evidence of an open figure: what is missing there."""
MOST_NAMED: Final = 3
SCORECARD: Final = ("process", "sector", "criterion", "measure", "value", "basis", "evidence", "source", "confidence")

NOTICE: Final = DAY
"""An initial notification is due at most 24 hours after becoming aware, a detailed report at most a month after that."""
NOTIFICATIONS: Final = (
    "set", "threshold", "name", "process", "sector", "verdict", "by", "users", "without", "share",
    "min_share", "min_people", "min_duration_h", "min_user_hours", "isolated",
    "first_h", "passes_h", "notice_from_h", "notice_by_h", "report_by_h", "placeholder", "source", "confidence",
)  # fmt: skip


# ------------------------------------------------------------------ scorecard


def scorecard(
    model: Model,
    duration: int | str = LASTING,
    processes: Iterable[str] | None = None,
    *,
    progress: Progress | None = None,
) -> "pd.DataFrame":
    """Score processes on the six criteria of article 7(1), each failing alone.

    Parameters
    ----------
    model : Model
    duration : int or str
        How long a process is out (seconds, or text such as ``72h``); what follows is looked at for 14 days more.
    processes : str or iterable of str, optional
        By default all.
    progress : callable, optional
        Called with the processes scored and how many there are.

    Returns
    -------
    pandas.DataFrame
        One row per process and figure: ``process, sector, criterion`` (a to f, empty for the historical category),
        ``measure, value`` (None: nothing found, or an open field), ``basis`` (``computed`` by simulation, taken from
        the ``model``, or ``open``: this model cannot know it), ``evidence`` (ids of what the value rests on), ``source``
        and ``confidence`` (of what is taken from the model).

    Raises
    ------
    UsageError
        If there is no such process, or the duration is none.
    """
    import pandas as pd

    lasting = seconds(duration)
    wanted = [processes] if isinstance(processes, str) else list(model.processes if processes is None else processes)
    for process in wanted:
        check_known(model, process)
    bench = _Bench(model)
    rows: list[dict[str, Any]] = []
    for done, process in enumerate(wanted, 1):
        rows += (
            {"process": process, "sector": model.sector_of[process], **row} for row in bench.score(process, lasting)
        )
        if progress is not None:
            progress(done, len(wanted))
    # object columns: pandas would turn whole numbers beside an empty cell into fractions
    return pd.DataFrame(rows, columns=list(SCORECARD), dtype=object)


def _figure(
    criterion: str, measure: str, value: Any, basis: Basis, names: Iterable[str] = (), said: Evidence | None = None
) -> dict[str, Any]:
    return {
        "criterion": criterion,
        "measure": measure,
        "value": value,
        "basis": basis,
        "evidence": " ".join(names),
        "source": " ".join(said.source) if said is not None else "",
        "confidence": said.confidence if said is not None else None,
    }


def _found(criterion: str, measure: str, value: Any, missing: str, names: Iterable[str] = ()) -> dict[str, Any]:
    """Return what was computed, or where nothing can be found because the model lacks a field, an open figure."""
    if missing and not value:
        return _figure(criterion, measure, None, "open", [missing])
    return _figure(criterion, measure, value, "computed", names)


@dataclass(frozen=True, eq=False)
class _Failure:
    """One process out by itself, and what came of it."""

    process: str
    run: Run
    impact: "Impact"
    falls: dict[str, Fall]
    effects: Ints

    @cached_property
    def table(self) -> list[dict[str, Any]]:
        """One row per process, as `Impact.by_process`; indicators, which mirror others, are left out."""
        rows = self.impact.by_process.to_dict("records")
        return [
            {str(k): v for k, v in row.items()}
            for row in rows
            if row["process"] == self.process or INDICATOR not in self.run.model.processes[row["process"]].tags
        ]

    @cached_property
    def clear(self) -> list[str]:
        """Other processes that lose more than 10% somewhere, the soonest first; indicators are left out."""
        found = [(f.over10, p) for p, f in self.falls.items() if p != self.process and f.over10 >= 0]
        return [p for _, p in sorted(found) if INDICATOR not in self.run.model.processes[p].tags]

    @cached_property
    def hit(self) -> list[dict[str, Any]]:
        """The rows of what lost anything, this process included."""
        return [row for row in self.table if row["process"] == self.process or row["first_h"] == row["first_h"]]

    @cached_property
    def uncounted(self) -> str:
        """Why nobody can be counted among those hit: the model has no people at all, or none for these; else empty."""
        if any(row["people"] for row in self.hit):
            return ""
        return PEOPLE if any(row["people"] for row in self.table) else INHABITANTS

    @cached_property
    def needless(self) -> str:
        """Why nobody can be counted who lacks a basic need; empty where they can."""
        model = self.run.model
        basic = [row for row in self.table if model.processes[row["process"]].basic_need]
        if not any(row["people"] for row in basic):
            return BASIC_NEED if any(row["people"] for row in self.table) else INHABITANTS
        hit = [row for row in basic if row in self.hit]
        return "" if not hit or any(row["people"] for row in hit) else PEOPLE

    @cached_property
    def unpriced(self) -> str:
        """Why there are no costs: the model knows none of whatever was hit; else empty."""
        priced = any(self.run.model.processes[row["process"]].cost_per_day is not None for row in self.hit)
        return "" if priced else COST

    def effect(self, name: str) -> int:
        """Return a measure of :mod:`cascade.results.effects`."""
        return int(self.effects[COLUMN[name]])


class _Bench:
    """A model on which one process after another fails alone."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.network = compile_network(model)
        self.meter = Meter(self.network)

    def score(self, process: str, lasting: int) -> Figures:
        """Give every figure of the six criteria, and the historical category."""
        from cascade.results.impact import assess

        run, effects = self.fail(self.network, process, lasting)
        failure = _Failure(process, run, assess(run), falls(run), effects)
        yield from self._users(failure)
        yield from self._dependence(failure)
        yield from self._severity(failure)
        yield from self._market(failure)
        yield from self._area(failure)
        yield from self._alternatives(failure, lasting)
        definition = self.model.processes[process]
        yield _figure("", "nctv_category", definition.lists.get(CATEGORY), "model", [CATEGORY])

    def fail(self, network: Network, process: str, lasting: int) -> tuple[Run, Ints]:
        """Let a process fail everywhere, and count."""
        run = simulate(network, alone(self.model, process, lasting, lasting + LONGEST))
        hit = np.array(network.instances(process), np.int64)
        return run, self.meter.of(run.changes, run.state, run.horizon, hit)

    def _users(self, failure: _Failure) -> Figures:
        """Criterion a: the number of users who rely on the service."""
        definition = self.model.processes[failure.process]
        counts = next(row for row in failure.table if row["process"] == failure.process)
        counted = failure.process in self.model.assets and self.model.assets[failure.process].people is not None
        if definition.people is None and not counted:
            yield _figure("a", "users", None, "open", [PEOPLE])
        elif failure.uncounted == INHABITANTS:
            yield _figure("a", "users", None, "open", [INHABITANTS])
        else:
            yield _figure("a", "users", int(counts["people"]), "model", ["people"], definition)
        yield _found("a", "users_peak", failure.impact.totals["people_peak"], failure.uncounted)

    def _dependence(self, failure: _Failure) -> Figures:
        """Criterion b: how far other sectors and subsectors depend on the service."""
        clear, model = failure.clear, self.model
        own = model.sector_of[failure.process]
        sectors = sorted({model.sector_of[p] for p in clear} - {own})
        items = sorted(
            {str(i) for p in clear if (i := model.processes[p].lists.get("cer"))} - {self._item(failure.process)}
        )
        yield _figure("b", "sectors", failure.effect("sectors"), "computed", sectors)
        yield _figure("b", "annex_items", len(items), "computed", items)
        yield _figure("b", "dependents", len(clear), "computed", clear)
        soonest = failure.falls[clear[0]].over10 / HOUR if clear else None
        yield _figure("b", "soonest_h", soonest, "computed", clear[:1])

    def _item(self, process: str) -> str:
        return str(self.model.processes[process].lists.get("cer") or "")

    def _severity(self, failure: _Failure) -> Figures:
        """Criterion c: degree and duration of the impact on economy, society, safety, health and environment."""
        totals, table = failure.impact.totals, failure.table
        down = [row for row in table if row["back_h"] != row["back_h"] and row["first_h"] == row["first_h"]]
        back = None if down else max((r["back_h"] for r in table if r["back_h"] == r["back_h"]), default=None)
        yield _figure("c", "back_h", back, "computed", self._most(down, "lost_h"))
        yield _found("c", "cost_eur", totals["cost_eur"], failure.unpriced, self._most(table, "cost_eur"))
        needs = self._most([row for row in table if self.model.processes[row["process"]].basic_need], "person_h")
        for measure in ("basic_people_peak", "basic_person_h"):
            yield _found("c", measure, totals[measure], failure.needless, needs)
        for score in failure.impact.anv.to_dict("records"):
            value = None if score["score"] == "-" else score["score"]
            of_costs = self.model.info.parameters[score["parameters"]].measure == "costs"
            missing = value is None and (failure.unpriced if of_costs else failure.uncounted)
            basis: Basis = "open" if missing else "computed"
            yield _figure("c", f"anv_{score['criterion']}", value, basis, [score["parameters"]])
        care = [row for row in table if self._item(row["process"]).startswith(HEALTH) and row["people"]]
        if not care:
            yield _figure("c", "care_person_h", None, "open")
        else:
            hours = sum(row["person_h"] for row in care)
            yield _figure("c", "care_person_h", hours, "computed", self._most(care, "person_h"))
        if SAFETY not in self.model.sectors:
            yield _figure("c", "safety_processes", None, "open")
        else:
            hurt = [p for p in (failure.process, *failure.clear) if self.model.sector_of[p] == SAFETY]
            yield _figure("c", "safety_processes", len(hurt), "computed", hurt)
        yield _figure("c", "environment", None, "open")

    @staticmethod
    def _most(table: list[dict[str, Any]], column: str) -> list[str]:
        """Name the processes with the largest values in a column."""
        some = sorted((-row[column], row["process"]) for row in table if row[column] > 0)
        return [process for _, process in some[:MOST_NAMED]]

    def _market(self, failure: _Failure) -> Figures:
        """Criterion d: the share of the market."""
        definition = self.model.processes[failure.process]
        if definition.market_share is None:
            yield _figure("d", "market_share", None, "open")
        else:
            yield _figure("d", "market_share", definition.market_share / FULL, "model", ["market_share"], definition)

    def _area(self, failure: _Failure) -> Figures:
        """Criterion e: the area that may be hit, across borders too, and how isolated it is."""
        model, network = self.model, self.network
        own = {network.region(i) for i in network.instances(failure.process)} - {""} or set(model.regions)
        yield _figure("e", "regions", len(own), "model", sorted(own) if len(own) < len(model.regions) else ())
        yield _figure("e", "regions_felt", failure.effect("regions"), "computed")
        felt = {network.regions[r] for p in failure.clear for r in failure.falls[p].regions if r >= 0}
        isolated = sorted(r for r in own | felt if model.regions[r].isolated)
        yield _figure("e", "isolated", len(isolated), "computed", isolated)
        abroad = [FOREIGN] if FOREIGN in model.processes[failure.process].tags else []
        yield _figure("e", "cross_border", None, "open", abroad)

    def _alternatives(self, failure: _Failure, lasting: int) -> Figures:
        """Criterion f: importance for keeping up a sufficient level, given the alternatives."""
        process = failure.process
        naming = self._naming.get(process, [])
        # its own copies elsewhere are no alternative: here it fails everywhere
        replaced = [
            consumer
            for consumer, need in naming
            if need.rule in ("any_of", "at_least") and any(s.process != process for s in need.supplies)
        ]
        yield _figure("f", "needs", len(naming), "model", sorted({c for c, _ in naming}))
        yield _figure("f", "needs_with_stand_in", len(replaced), "model", sorted(set(replaced)))
        bare = self.without_stand_ins(process)
        kept = failure.effect("cascade_hours")
        lost = kept if bare is None else int(self.fail(bare, process, lasting)[1][COLUMN["cascade_hours"]])
        missing = INHABITANTS if failure.uncounted == INHABITANTS and failure.clear else ""
        yield _found("f", "averted", 1 - kept / lost if lost else None, missing, sorted(set(replaced)))
        yield _figure("f", "outside_alternatives", None, "open")

    def without_stand_ins(self, process: str) -> Network | None:
        """Return the network in which nobody stands in for a process; None where nobody does.

        A need with ``any_of`` then rests on this process alone, one with ``at_least`` on all suppliers that give all.
        Where the process is itself only a stand-in that cannot give all, the need stays as it is.
        """
        arrays = self.network.arrays
        gives, count = arrays.gives.copy(), arrays.count.copy()
        mine = set(self.network.instances(process))
        for need in self._choices.get(process, []):
            terms = range(arrays.term_start[need], arrays.term_start[need + 1])
            own = [t for t in terms if gives[t] == FULL and mine.intersection(self._members(t))]
            others = [t for t in terms if t not in own]
            if not own:
                continue
            if arrays.rule[need] == RULES["any_of"]:
                gives[others] = 0
            else:
                count[need] = sum(1 for t in terms if gives[t] == FULL)
                gives[[t for t in others if gives[t] < FULL]] = 0
        if (gives == arrays.gives).all() and (count == arrays.count).all():
            return None
        return replace(self.network, arrays=replace(arrays, gives=gives, count=count))

    @cached_property
    def _naming(self) -> dict[str, list[tuple[str, Need]]]:
        """Consumers and their needs by the supplier that they name."""
        found: dict[str, list[tuple[str, Need]]] = {}
        for supplier, consumer, _, need in arcs(self.model):
            found.setdefault(supplier, []).append((consumer, need))
        return found

    @cached_property
    def _choices(self) -> dict[str, list[int]]:
        """Needs that several suppliers can meet, by each process among these."""
        a, network = self.network.arrays, self.network
        found: dict[str, list[int]] = {}
        for need in np.flatnonzero((a.rule == RULES["any_of"]) | (a.rule == RULES["at_least"])).tolist():
            terms = range(a.term_start[need], a.term_start[need + 1])
            for process in {network.process(i) for term in terms for i in self._members(term)}:
                found.setdefault(process, []).append(need)
        return found

    def _members(self, term: int) -> list[int]:
        a = self.network.arrays
        found: list[int] = a.supplier[a.member_start[term] : a.member_start[term + 1]].tolist()
        return found


# ------------------------------------------------------------------ notification


def notifications(run: Run, sets: Iterable[str] | None = None) -> "pd.DataFrame":
    """Say of each threshold and each process it covers whether an outage passes it, and from which hour on.

    Parameters
    ----------
    run : Run
    sets : str or iterable of str, optional
        Names of parameter sets with thresholds; by default all of the model.

    Returns
    -------
    pandas.DataFrame
        One row per threshold and process: ``set, threshold`` (its number), ``name, process, sector, verdict``
        (``passes``, ``below``, or ``unknown`` where the limit counts people and the model has no number of users), ``by``
        (share, people or user-hours: which was passed first), ``users`` (None: not known), ``without`` and ``share``
        (users who go without for so long on end, each counted once; where users are not known the share is that of the
        inhabitants), the limits, ``first_h`` (first loss), ``passes_h``, ``notice_from_h`` (the first
        loss, where the limit is passed: whoever expects then that it will be has to act then), ``notice_by_h`` (24 hours
        after the limit is passed: at the latest), ``report_by_h`` (a month after that), ``placeholder, source, confidence``. What passes comes first, the soonest on top.

    Raises
    ------
    UsageError
        If there is no such set, or a threshold does not say from what size.

    Notes
    -----
    A share of a service lost counts as that share of its users without it, as everywhere here. The clock of the law runs
    from becoming aware; here it runs from the moment the limit is passed, the last at which one can become aware of it.
    What *could* become significant has to be notified too (CER, article 15), and some laws ask for consultation at once when
    an interruption is *expected* to last (Drinkwaterwet, article 35), so the real moment may be sooner: from
    ``notice_from_h`` on.
    """
    import pandas as pd

    users = _Users(run)
    rows = []
    for name, number, threshold in _thresholds(run.model, sets):
        for process in _covered(run.model, threshold):
            rows.append({"set": name, "threshold": number, **users.judge(process, threshold)})
    order = {"passes": 0, "unknown": 1, "below": 2}
    rows.sort(key=lambda r: (order[r["verdict"]], r["passes_h"] or 0, r["process"], r["set"], r["threshold"]))
    return pd.DataFrame(rows, columns=list(NOTIFICATIONS), dtype=object)


def _thresholds(model: Model, sets: Iterable[str] | None) -> Iterator[tuple[str, int, Threshold]]:
    known = {name: s.thresholds for name, s in model.info.parameters.items() if s.thresholds}
    for name in known if sets is None else [sets] if isinstance(sets, str) else list(sets):
        if name not in known:
            raise UsageError(f"no parameter set {name!r} with thresholds (known: {', '.join(known) or 'none'})")
        for number, threshold in enumerate(known[name], 1):
            if threshold.min_share is threshold.min_people is threshold.min_user_hours is None:
                raise UsageError(f"threshold {number} of {name!r} does not say from what size it counts")
            yield name, number, threshold


def _covered(model: Model, threshold: Threshold) -> list[str]:
    """Return the processes that a threshold is about, in order of id; indicators mirror others and are left out."""
    named = {p for p in threshold.processes if p in model.processes}
    named |= {p for p, sector in model.sector_of.items() if sector in threshold.sectors}
    return sorted(p for p in named if INDICATOR not in model.processes[p].tags)


class _Users:
    """Who goes without what in a run, for how long on end; every number exact, in ``PERSON`` parts of people."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.people = People(run)

    @cached_property
    def _losses(self) -> dict[int, tuple[list[int], list[int]]]:
        """Moments and what is lost from then on (1/10 000), of every instance that changed."""
        found: dict[int, tuple[list[int], list[int]]] = {}
        c = self.run.changes
        for time, i, level in zip(c.time.tolist(), c.instance.tolist(), c.after.tolist(), strict=True):
            times, lost = found.setdefault(i, ([], []))
            times.append(time)
            lost.append(FULL - level)
        return found

    @cached_property
    def _layers(self) -> dict[int, list[Layer]]:
        return {i: layers(*losses, self.run.horizon) for i, losses in self._losses.items()}

    def known(self, process: str) -> bool:
        """Whether the model says how many rely on a process, and of how many inhabitants or objects that is a share."""
        network = self.run.network
        stated = int(self.people.share[network.processes.index(process)]) > 0
        return stated and any(int(self.people.base[i]) for i in network.instances(process))

    def _weights(self, process: str, isolated: bool) -> dict[int, int]:
        """Return the users of each instance of a process, in 1/10 000; inhabitants where the users are not known."""
        network, regions = self.run.network, self.run.model.regions
        share = int(self.people.share[network.processes.index(process)]) or FULL
        found = {}
        for i in network.instances(process):
            base, region = int(self.people.base[i]), network.region(i)
            if isolated and not region:
                base = sum(r.population for r in regions.values() if r.isolated)
            elif isolated and not regions[region].isolated:
                base = 0
            found[i] = base * share
        return found

    def judge(self, process: str, threshold: Threshold) -> dict[str, Any]:
        """Set one process against one threshold."""
        model, known = self.run.model, self.known(process)
        weights = self._weights(process, threshold.isolated)
        users = sum(weights.values()) * FULL
        reached = self._reached(weights, threshold.min_duration)
        without = sum(people for _, people in reached)
        first = min((self._losses[i][0][0] for i, w in weights.items() if w and i in self._losses), default=None)
        limits = self._limits(threshold, users)
        passed = []
        for order, (by, limit) in enumerate(limits.items()):
            if by == "share" or known:
                at = self._hours(weights, limit) if by == "user-hours" else _when(reached, limit)
                passed += [(at, order, by)] if at is not None else []
        at, _, by = min(passed, default=(None, 0, ""))
        # of nobody there is no share: where no inhabitants are given that says nothing
        counted = bool(users) or threshold.isolated or any(r.population for r in model.regions.values())
        countless = threshold.min_share is not None and not counted
        fell = any(i in self._losses for i in self.run.network.instances(process))
        unknown = not passed and not known and fell and (countless or bool(set(limits) - {"share"}))
        notice = None if at is None else at + NOTICE
        return {
            "name": threshold.name,
            "process": process,
            "sector": model.sector_of[process],
            "verdict": "passes" if passed else "unknown" if unknown else "below",
            "by": by,
            "users": round(users / PERSON) if known else None,
            "without": round(without / PERSON) if known else None,
            "share": without / users if users else 0.0,
            "min_share": None if threshold.min_share is None else threshold.min_share / FULL,
            "min_people": threshold.min_people,
            "min_duration_h": threshold.min_duration / HOUR,
            "min_user_hours": threshold.min_user_hours,
            "isolated": threshold.isolated,
            "first_h": None if first is None else first / HOUR,
            "passes_h": None if at is None else at / HOUR,
            "notice_from_h": None if at is None or first is None else first / HOUR,
            "notice_by_h": None if notice is None else notice / HOUR,
            "report_by_h": None if notice is None else _month_after(self.run.scenario.start, notice) / HOUR,
            "placeholder": threshold.placeholder,
            "source": " ".join(threshold.source),
            "confidence": threshold.confidence,
        }

    @staticmethod
    def _limits(threshold: Threshold, users: int) -> dict[str, int]:
        """Return what has to be reached, by the name of what is counted."""
        found: dict[str, int] = {}
        if threshold.min_share is not None and users:
            found["share"] = -(-threshold.min_share * users // FULL)
        if threshold.min_people is not None:
            found["people"] = threshold.min_people * PERSON
        if threshold.min_user_hours is not None:
            found["user-hours"] = threshold.min_user_hours * PERSON_HOUR
        return found

    def _reached(self, weights: dict[int, int], lasting: int) -> list[tuple[int, int]]:
        """Return when how many more users have been without for so long on end, each the first time, in order."""
        found: dict[int, int] = {}
        for i, weight in weights.items():
            for time, part in first_times(self._layers.get(i, []), lasting) if weight else ():
                found[time] = found.get(time, 0) + part * weight
        return sorted(found.items())

    def _hours(self, weights: dict[int, int], limit: int) -> int | None:
        """Return the second at which the users' time without adds up to a limit (``PERSON`` parts x seconds)."""
        steps: dict[int, int] = {}
        for i, weight in weights.items():
            before = 0
            for time, lost in zip(*self._losses.get(i, ((), ())), strict=True):
                steps[time] = steps.get(time, 0) + (lost - before) * weight
                before = lost
        steps.setdefault(self.run.horizon, 0)
        total = rate = since = 0
        for time, step in sorted(steps.items()):
            if rate and total + rate * (time - since) >= limit:
                return since - (total - limit) // rate
            total, rate, since = total + rate * (time - since), rate + step, time
        return None


def first_times(spells: Iterable[Layer], lasting: int) -> Iterator[tuple[int, int]]:
    """Yield from which moment how much of a shortfall has lasted long enough, every height once.

    Parameters
    ----------
    spells : iterable of Layer
    lasting : int
        Seconds that a spell must last.

    Yields
    ------
    tuple of int
        Moment (seconds) and size, from the lowest height up.
    """
    long = sorted(s for s in spells if s.end - s.start >= lasting)
    bounds = sorted({bound for s in long for bound in (s.low, s.high)})
    open_: list[tuple[int, int]] = []
    nearest = 0
    for low, high in pairwise(bounds):
        while nearest < len(long) and long[nearest].low <= low:
            heappush(open_, (long[nearest].start + lasting, long[nearest].high))
            nearest += 1
        while open_ and open_[0][1] <= low:
            heappop(open_)
        if open_:
            yield open_[0][0], high - low


def _when(reached: list[tuple[int, int]], limit: int) -> int | None:
    total = 0
    for time, people in reached:
        total += people
        if total >= limit:
            return time
    return None


def _month_after(start: datetime | None, moment: int) -> int:
    """Return the moment a month later, seconds: by the calendar where the start is known, else after 30 days."""
    if start is None:
        return moment + 30 * DAY
    at = start + timedelta(seconds=moment)
    year, month = at.year + at.month // 12, at.month % 12 + 1
    later = at.replace(year=year, month=month, day=min(at.day, calendar.monthrange(year, month)[1]))
    return moment + round((later - at).total_seconds())
