"""What the results rest on: how much each uncertain number moves them, and how good its evidence is.

One number at a time goes to its low and to its high end while all others stay at their modes; what that does to the
lost person-hours of the country is its *swing*. Its *doubt* follows from who says so. Their product ranks what to look up,
or whom to ask, first. Numbers of scenarios and of measures are not ranked: they are somebody's choice.
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

import numpy as np
import pandas as pd

from cascade.errors import RunawayError, UsageError
from cascade.files.reading import find_scenario, load_scenario, scenario_files
from cascade.model import Evidence, Model, Scenario
from cascade.results.shortfall import PERSON_HOUR, Ints, People
from cascade.simulation import engine
from cascade.simulation.ensemble import Draws, prepare_draws, retune
from cascade.simulation.layout import Work, grown, new_log
from cascade.simulation.network import compile_network
from cascade.simulation.numbers import Number, Numbers
from cascade.simulation.run import Run, simulate
from cascade.units import format_duration, format_factor, format_share

Standing = Literal["sourced", "derived", "prior"]
STANDINGS: Final[tuple[Standing, ...]] = ("sourced", "derived", "prior")
NO_DOCUMENT: Final = ("mem", "own")
"""Keys of the sources that are no document and no incident: an expert from memory, our own estimate."""
BY_STANDING: Final = {"sourced": 1.0, "derived": 2.0, "prior": 3.0}
BY_CONFIDENCE: Final = {"high": 1.0, "medium": 1.5, "low": 2.0, None: 2.0}
LEFT_OUT: Final = ("cost_per_day",)
"""Fields that cannot move a person-hour."""
PEOPLE: Final = "people"
MISLEADING: Final = "if_manipulated"
INDICATOR: Final = "indicator"

SHARES: Final = ("loses", "fades", "people", "if_manipulated.level")
"""Fields in 1/10 000; all others but ``spread`` are durations."""
AT_ONCE: Final = 20
"""Numbers that one thread takes at a time, on one simulator."""
COUNTS: Final = ("needs", *STANDINGS, "share_sourced")

Progress = Callable[[int, int], None]
Totals = dict[str, int | float]


def standing(thing: Evidence) -> Standing:
    """Say what the numbers of an entry rest on.

    Returns
    -------
    str
        ``sourced``: a document or an incident is named and confidence is high or medium. ``derived``: a document or an
        incident is named, but confidence is low or not given, or ``own`` stands beside it: somebody worked the number
        out, or adapted it. ``prior``: nothing but ``mem``, ``own``, or no source at all.
    """
    documents = [key for key in thing.source if key not in NO_DOCUMENT]
    if not documents:
        return "prior"
    return "sourced" if "own" not in thing.source and thing.confidence in ("high", "medium") else "derived"


def doubt(thing: Evidence) -> float:
    """Return how little an entry's evidence is worth, from 1 (a sourced number, high confidence) to 6 (a guess).

    Own choice, and no more than an order: 1, 2 or 3 for sourced, derived and prior, times 1, 1.5 or 2 for high, medium
    and low confidence; none given counts as low.
    """
    return BY_STANDING[standing(thing)] * BY_CONFIDENCE[thing.confidence]


@dataclass(frozen=True, eq=False)
class Grounds:
    """What results rest on: tidy tables, person-hours whole, shares from 0 to 1."""

    numbers: pd.DataFrame
    """One row per uncertain number, most urgent first: ``rank, name, process, need, field, low, mode, high`` (as a file
    writes them; the losses of a fade are several), ``standing, confidence, source, facts, swing_person_h, low_person_h,
    high_person_h`` (change against the modes, with its sign), ``mostly_in`` (scenario), ``doubt, priority``."""
    processes: pd.DataFrame
    """One row per process that has needs, worst standing first: ``sector, process, needs, sourced, derived, prior,
    share_sourced, swing_person_h, priority``, the last two summed over its numbers."""
    sectors: pd.DataFrame
    """The same by sector, with ``processes``."""
    totals: Totals
    """``needs, sourced, derived, prior, share_sourced, numbers, numbers_moving, scenarios, runs, person_h`` (at the modes)
    and ``swing_sourced, swing_derived, swing_prior`` (share of all swing that rests on such numbers)."""
    scenarios: dict[str, Scenario]
    """Those that the swing is summed over, by name."""


def evidence(
    model: Model,
    scenarios: Iterable[Scenario | str | Path] | None = None,
    *,
    progress: Progress | None = None,
    workers: int | None = None,
    read: Callable[[str | Path, Model], Scenario] = load_scenario,
) -> Grounds:
    """Rank the uncertain numbers of a model by what rests on them and how little they rest on.

    Parameters
    ----------
    model : Model
    scenarios : iterable of Scenario, or of names or paths, optional
        What the swing is summed over, each counting once; by default all scenarios beside the model (or shipped),
        without the replays of past incidents.
    progress : function, optional
        Called with how many numbers are done, and of how many, over all scenarios.
    workers : int, optional
        Threads; by default as many as there are processors, at most 8. Results do not depend on it.
    read : function, optional
        Reads a scenario from a path, for the model.

    Returns
    -------
    Grounds
        The swing of a number is, for each scenario, the greatest minus the least of the lost person-hours with it at
        its low, its mode and its high. Lost person-hours are those of all processes but those with the tag
        ``indicator``, which only mirror others; who lacks two services counts twice.

    Raises
    ------
    RunawayError
        If a run does not settle; the text names the number.
    """
    chosen = _chosen(model, scenarios, read)
    plain = prepare_draws(compile_network(model))
    trials = [_Trial(name, scenario, _draws(plain, model, scenario)) for name, scenario in chosen.items()]
    _swing_all(trials, progress or (lambda done, size: None), workers or min(8, os.cpu_count() or 1))
    numbers = _numbers(model, plain.numbers, trials)
    return Grounds(
        numbers=numbers,
        processes=_processes(model, numbers),
        sectors=_sectors(model, numbers),
        totals=_totals(model, numbers, trials),
        scenarios=chosen,
    )


def _chosen(
    model: Model,
    scenarios: Iterable[Scenario | str | Path] | None,
    read: Callable[[str | Path, Model], Scenario],
) -> dict[str, Scenario]:
    """Return the scenarios by name."""
    if scenarios is None:
        files = scenario_files(model.root, beside_only=True) or scenario_files(model.root)
        return {name: read(path, model) for name, path in files.items()}
    if isinstance(scenarios, Scenario | str | Path):
        scenarios = [scenarios]
    found: dict[str, Scenario] = {}
    for one in scenarios:
        if isinstance(one, Scenario):
            found[one.name.en] = one
        else:
            path = find_scenario(str(one), model.root)
            found[path.stem] = read(path, model)
    if not found:
        raise UsageError("no scenario to judge the numbers by; name at least one")
    return found


def _draws(plain: Draws, model: Model, scenario: Scenario) -> Draws:
    """Return the draws of a scenario's network, which is the plain one unless measures or rationing change it."""
    own = scenario.with_measures or scenario.rations
    return prepare_draws(compile_network(model, scenario)) if own else plain


# ------------------------------------------------------------------ swings


class _Trial:
    """One scenario: its run at the modes, and what each number does to it."""

    def __init__(self, name: str, scenario: Scenario, draws: Draws) -> None:
        self.name = name
        self.run: Run = simulate(draws.network_at_modes, scenario)
        self.draws = draws
        self.changes: dict[str, tuple[int, int]] = {}
        """By name of a number: lost people x seconds at its low and at its high, less those at its mode."""
        self.runs = 1

    @cached_property
    def weight(self) -> Ints:
        """People who count for each instance (N), in 1/10 000."""
        weight = People(self.run).weight.copy()
        for process, definition in self.run.model.processes.items():
            if INDICATOR in definition.tags:
                weight[list(self.run.network.instances(process))] = 0
        return weight

    def people_lost(self, lost: Ints) -> int:
        """Weigh lost level x seconds (N) by people; exact, since whole numbers of Python have no greatest."""
        rows = np.flatnonzero(lost)
        return sum(a * b for a, b in zip(lost[rows].tolist(), self.weight[rows].tolist(), strict=True))

    @cached_property
    def base(self) -> int:
        """Lost people x seconds at the modes."""
        return self.people_lost(self.run.state.proc["lost"])

    def relevant(self) -> list[int]:
        """Numbers that can change this run at all.

        A run reads the times, losses and recharge of a need only once its supply, or that of what keeps it filled, has
        moved, and a restart only once its process is looked at. Up to the first such moment a run with another
        value is the same run; where that moment never comes, it is the same to the end. The engine marks what it looks at
        (``ran``). What a wrong signal does is read only where an event makes something wrong.
        """
        need, proc = self.run.state.need["ran"], self.run.state.proc["ran"]
        wrong = bool(self.run.imposed.wrong.any())
        found = []
        for k, number in enumerate(self.draws.numbers.numbers):
            if number.owner not in self.run.model.processes or number.field in (*LEFT_OUT, PEOPLE):
                continue
            if number.field.startswith(MISLEADING) and not wrong:
                continue
            if (need[self.rows(number)] if number.need else proc[self.copies(number)]).any():
                found.append(k)
        return found

    def copies(self, number: Number) -> Ints:
        """Instances of a number's process."""
        return np.array(self.run.network.instances(number.owner), np.int64)

    def rows(self, number: Number) -> Ints:
        """Rows of a number's need, one per copy."""
        place = list(self.run.model.processes[number.owner].needs).index(number.need)
        return self.run.network.arrays.need_start[self.copies(number)] + place

    def swings(self, numbers: list[int]) -> list[tuple[int, int]]:
        """Run with each number at its low and at its high; return the changes in lost people x seconds."""
        work = engine.prepare(self.run.network.arrays)
        found = []
        for k in numbers:
            ends = []
            for end in (0.0, 1.0):
                u = self.draws.modes()
                u[k] = end
                retune(work, self.draws.network_at(u).arrays)
                work, lost = self._lost(work)
                if lost is None:
                    where = f"{self.draws.names[k]} at its {'high' if end else 'low'} end"
                    raise RunawayError(f"{self.name} does not settle with {where}; simulate it alone to see why")
                ends.append(self.people_lost(lost) - self.base)
            found.append((ends[0], ends[1]))
        return found

    def _lost(self, work: Work) -> tuple[Work, Ints | None]:
        """Play the events on a simulator without a log; return lost level x seconds (N), None if it runs away."""
        hits = self.run.imposed
        rows = (hits.time, hits.instance, hits.own, hits.event, hits.wrong.astype(np.uint8))
        caps, no_log = engine.default_caps(work.proc.size), new_log(0)
        while True:
            status = engine.advance(work, rows, no_log, False, self.run.horizon, caps)
            if status != engine.POOL_FULL:
                break
            work = work._replace(pool=grown(work.pool, 2 * work.pool.size))
        lost = work.proc["lost"].copy() if status == engine.DONE else None
        engine.reset(work)
        return work, lost

    def swing_of_people(self, number: Number) -> tuple[int, int]:
        """Change the share of people who rely on a process: the run stays the same, its weight changes in proportion."""
        model, process = self.run.model, self.run.model.processes[number.owner]
        table = model.assets.get(number.owner)
        counted = table is not None and table.people is not None
        if process.people is None or counted or INDICATOR in process.tags:
            return 0, 0
        copies = self.copies(number)
        base, lost = People(self.run).base[copies], self.run.state.proc["lost"][copies]
        whole = sum(a * b for a, b in zip(lost.tolist(), base.tolist(), strict=True))
        return whole * (process.people.low - process.people.mode), whole * (process.people.high - process.people.mode)


def _swing_all(trials: list[_Trial], progress: Progress, workers: int) -> None:
    """Find what every number does to every scenario; threads, since the engine lets go of the interpreter."""
    tasks: list[tuple[_Trial, list[int]]] = []
    for trial in trials:
        numbers, relevant = trial.draws.numbers.numbers, trial.relevant()
        trial.changes = {n.name: trial.swing_of_people(n) for n in numbers if n.field == PEOPLE}
        trial.runs += 2 * len(relevant)
        tasks += [(trial, relevant[at : at + AT_ONCE]) for at in range(0, len(relevant), AT_ONCE)]
        _ = trial.base  # once, before the threads share it
    size, done = sum(len(part) for _, part in tasks), 0
    pool = ThreadPoolExecutor(workers)
    try:
        found = pool.map(lambda task: task[0].swings(task[1]), tasks)
        for (trial, part), ends in zip(tasks, found, strict=True):
            trial.changes.update(zip((trial.draws.names[k] for k in part), ends, strict=True))
            done += len(part)
            progress(done, size)
    finally:
        pool.shutdown(cancel_futures=True)


# ------------------------------------------------------------------ tables


def _person_hours(people_seconds: int) -> int:
    return round(people_seconds / PERSON_HOUR)


def _entry(model: Model, number: Number) -> Evidence:
    """Return the entry whose evidence a number shares: its need, or its process."""
    process = model.processes[number.owner]
    return process.needs[number.need] if number.need else process


def _written(number: Number, values: Iterable[int]) -> str:
    """Write values as a file does."""
    form = format_share if number.field in SHARES else format_factor if number.field == "spread" else format_duration
    return ", ".join(form(value) for value in values)


def _numbers(model: Model, numbers: Numbers, trials: list[_Trial]) -> pd.DataFrame:
    found = []
    for k, number in enumerate(numbers.numbers):
        if number.field in LEFT_OUT:
            continue
        ends = [trial.changes.get(number.name, (0, 0)) for trial in trials]
        swings = [max(0, *pair) - min(0, *pair) for pair in ends]
        entry, of = _entry(model, number), numbers.of == k
        swing = sum(swings) / PERSON_HOUR
        found.append(
            {
                "name": number.name,
                "process": number.owner,
                "need": number.need,
                "field": number.field,
                **{end: _written(number, getattr(numbers, end)[of].tolist()) for end in ("low", "mode", "high")},
                "standing": standing(entry),
                "confidence": entry.confidence,
                "source": " ".join(entry.source),
                "facts": " ".join(entry.facts),
                "swing_person_h": round(swing),
                "low_person_h": _person_hours(sum(low for low, _ in ends)),
                "high_person_h": _person_hours(sum(high for _, high in ends)),
                "mostly_in": trials[swings.index(max(swings))].name if any(swings) else "",
                "doubt": doubt(entry),
                "priority": round(swing * doubt(entry)),
            }
        )
    columns = [
        *("name", "process", "need", "field", "low", "mode", "high", "standing", "confidence", "source", "facts"),
        *("swing_person_h", "low_person_h", "high_person_h", "mostly_in", "doubt", "priority"),
    ]
    frame = pd.DataFrame(found, columns=columns).sort_values(
        ["priority", "swing_person_h", "name"], ascending=[False, False, True], ignore_index=True
    )
    frame.insert(0, "rank", np.arange(1, len(found) + 1))
    return frame


def _counted(rows: Iterable[Evidence]) -> dict[str, int | float]:
    """Count needs by standing."""
    standings = [standing(row) for row in rows]
    counts: dict[str, int | float] = {name: standings.count(name) for name in STANDINGS}
    return {"needs": len(standings), **counts, "share_sourced": counts["sourced"] / max(1, len(standings))}


def _processes(model: Model, numbers: pd.DataFrame) -> pd.DataFrame:
    sums = numbers.groupby("process")[["swing_person_h", "priority"]].sum()
    found = [
        {
            "sector": model.sector_of[process],
            "process": process,
            **_counted(definition.needs.values()),
            **{key: int(sums[key].get(process, 0)) for key in ("swing_person_h", "priority")},
        }
        for process, definition in model.processes.items()
        if definition.needs
    ]
    return _worst_first(pd.DataFrame(found, columns=["sector", "process", *COUNTS, "swing_person_h", "priority"]))


def _sectors(model: Model, numbers: pd.DataFrame) -> pd.DataFrame:
    sector = numbers["process"].map(model.sector_of)
    sums = numbers.groupby(sector)[["swing_person_h", "priority"]].sum()
    found = []
    for name in model.sectors:
        members = [d for p, d in model.processes.items() if model.sector_of[p] == name]
        counts = _counted(need for process in members for need in process.needs.values())
        totals = {key: int(sums[key].get(name, 0)) for key in ("swing_person_h", "priority")}
        found.append({"sector": name, "processes": len(members), **counts, **totals})
    return _worst_first(pd.DataFrame(found, columns=["sector", "processes", *COUNTS, "swing_person_h", "priority"]))


def _worst_first(frame: pd.DataFrame) -> pd.DataFrame:
    """Put the least sourced first, among equals the one on which most rests; rows come in order of id."""
    return frame.sort_values(["share_sourced", "priority"], ascending=[True, False], kind="stable", ignore_index=True)


def _totals(model: Model, numbers: pd.DataFrame, trials: list[_Trial]) -> Totals:
    swing = numbers.groupby("standing")["swing_person_h"].sum()
    all_swing = max(1, int(swing.sum()))
    return {
        **_counted(need for process in model.processes.values() for need in process.needs.values()),
        "numbers": len(numbers),
        "numbers_moving": int((numbers["swing_person_h"] > 0).sum()),
        "scenarios": len(trials),
        "runs": sum(trial.runs for trial in trials),
        "person_h": _person_hours(sum(trial.base for trial in trials)),
        **{f"swing_{name}": int(swing.get(name, 0)) / all_swing for name in STANDINGS},
    }
