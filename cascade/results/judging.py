"""A past incident beside its run, line by line: what was seen, what the run says, points and weight.

The kinds of test (onset, degree, end, what kept working, false alarms) and their limits come from the parameter study,
section "Suggested scoring of a hindcast". The weights, and the choices marked below, are our own.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from cascade.errors import UsageError
from cascade.model import Observation
from cascade.results.shortfall import People
from cascade.simulation.events import targets
from cascade.simulation.run import Change, Run
from cascade.units import FULL, MINUTE, Uncertain

Ints = npt.NDArray[np.int64]
Kind = Literal["onset", "degree", "end", "quiet", "alarm", ""]
Status = Literal["scored", "given", "left-out", "out-of-scope"]
KINDS: Final[tuple[Kind, ...]] = ("onset", "degree", "end", "quiet", "alarm")
IN_TIME: Final[tuple[Kind, ...]] = ("onset", "end")

NOTHING: Final = FULL // 100
"""A peak below this predicts nothing: no onset, no end. Own choice."""
TENTH: Final = 10
"""Onset and end lie where the loss is a tenth of its peak. Own choice; the study's ends mean "nine tenths back"."""
FACTOR: Final = 2
SOON: Final = 30 * MINUTE
"""An onset seen before this is judged by minutes, since a factor says nothing so near to zero."""
SOON_MARGIN: Final = 15 * MINUTE
NEAR: Final = FULL // 5
"""This far outside the range a degree still earns half a point."""
QUIET_MARGIN: Final = FULL // 10
ALARM: Final = 3 * FULL // 10
"""A greater loss of a process that nobody reported is a false alarm."""
RICH: Final = 12
"""Only an incident with so many observations says something about what is not among them. Own choice: it takes the four
that the study calls rich."""
BASIS: Final = {"S": Fraction(1), "D": Fraction(3, 4), "M": Fraction(1, 2)}
"""Weight of what was stated in a source, derived from one, or not found again. Own choice."""
SURENESS: Final = {"h": Fraction(1), "m": Fraction(3, 4), "l": Fraction(1, 2)}
"""Weight of high, medium and low confidence, times that of the basis. Own choice."""
UNKNOWN: Final = Fraction(1, 2)
"""Weight of an observation that does not say what it rests on. Own choice."""
ALARM_WEIGHT: Final = BASIS["M"] * SURENESS["l"] / 2
"""Half that of the weakest evidence: that nobody reported it does not mean that it did not happen. Own choice."""
GIVEN_MARGIN: Final = Fraction(3, 4)
"""Of what an event itself hits, only an end is judged, and only where the event is over by this share of the end seen:
then the model has to add what is left, the restart. Own choice."""
INDICATOR: Final = "indicator"
"""Processes with this tag only mirror others and raise no alarm of their own."""


class Course(NamedTuple):
    """How the loss of a process went: its peak (1/10 000), when it began and ended (seconds; None: it did not)."""

    peak: int
    onset: int | None
    end: int | None

    @property
    def nothing(self) -> bool:
        """Whether too little is lost to speak of."""
        return self.peak < NOTHING


@dataclass(frozen=True)
class Line:
    """One thing that was seen, beside what the run says about it.

    Times are in seconds from the start of the scenario, shares lost in 1/10 000.
    """

    incident: str
    number: int
    """Of the observation in its file, from 0; -1 for an alarm."""
    process: str
    where: tuple[str, ...]
    """Codes of regions; empty for a national process."""
    kind: Kind
    status: Status
    seen: Uncertain | None
    predicted: int | None
    """None: it never begins, or has not ended at the horizon."""
    peak: int | None
    """Greatest loss in the run, whatever the line is about; None where there is nothing to look at."""
    points: Fraction | None
    """None where it is not scored."""
    weight: Fraction
    evidence: str
    remark: str = ""
    """Why it is not scored, as a key of ``words``; of what is out of scope the observation itself says why."""
    copies: tuple[int, ...] = field(default=(), compare=False, repr=False)

    @property
    def nothing(self) -> bool:
        """Whether the run loses too little to speak of."""
        return self.peak is not None and self.peak < NOTHING

    @property
    def scored(self) -> bool:
        """Whether it counts."""
        return self.status == "scored"

    @property
    def missed(self) -> bool:
        """Whether it counts and the run is not right in full."""
        return self.points is not None and self.points < 1


@dataclass(frozen=True)
class Score:
    """Points earned, by weight."""

    lines: int
    met: int
    """Lines with the full point."""
    half: int
    weight: Fraction
    earned: Fraction

    @property
    def share(self) -> float | None:
        """Weighted share of the points, 0 to 1; None without lines."""
        return float(self.earned / self.weight) if self.weight else None

    @property
    def plain(self) -> float | None:
        """Share of the points if all lines weighed the same."""
        return (self.met + self.half / 2) / self.lines if self.lines else None


def score(lines: Iterable[Line]) -> Score:
    """Add up the lines that are scored: points times weight."""
    counted = [(line.points, line.weight) for line in lines if line.points is not None]
    return Score(
        lines=len(counted),
        met=sum(1 for points, _ in counted if points == 1),
        half=sum(1 for points, _ in counted if 0 < points < 1),
        weight=sum((weight for _, weight in counted), Fraction(0)),
        earned=sum((points * weight for points, weight in counted), Fraction(0)),
    )


def weight_of(evidence: str) -> Fraction:
    """Return what an observation weighs: ``S-h`` 1, ``D-m`` 9/16, ``M-l`` 1/4; without evidence 1/2."""
    basis, _, sureness = evidence.partition("-")
    return BASIS[basis] * SURENESS[sureness] if evidence else UNKNOWN


# ------------------------------------------------------------------ points


def onset_points(seen: Uncertain, predicted: int | None) -> Fraction:
    """Judge when something began: in the range, within a factor two, or in the first half hour within 15 minutes."""
    if predicted is None:
        return Fraction(0)
    if seen.mode < SOON:
        hit = abs(predicted - seen.mode) <= SOON_MARGIN or seen.low <= predicted <= seen.high
        return Fraction(int(hit))
    return end_points(seen, predicted)


def end_points(seen: Uncertain, predicted: int | None) -> Fraction:
    """Judge when something was over: in the range, or within a factor two of what is most likely."""
    if predicted is None:
        return Fraction(0)
    near = seen.mode <= FACTOR * predicted and predicted <= FACTOR * seen.mode
    return Fraction(int(near or seen.low <= predicted <= seen.high))


def degree_points(seen: Uncertain, predicted: int) -> Fraction:
    """Judge how deep it went: 1 in the range, 1/2 within 0.2 of it."""
    away = max(seen.low - predicted, predicted - seen.high)
    return Fraction(1) if away <= 0 else Fraction(1, 2) if away <= NEAR else Fraction(0)


def quiet_points(bound: int, predicted: int) -> Fraction:
    """Judge what kept working: at most 0.1 above the bound."""
    return Fraction(int(predicted <= bound + QUIET_MARGIN))


# ------------------------------------------------------------------ what is compared with what


@dataclass(frozen=True)
class _Part:
    """Copies of one process that are looked at together, and what each weighs."""

    process: str
    where: tuple[str, ...]
    copies: tuple[int, ...]
    weights: tuple[int, ...]


@dataclass(frozen=True)
class Docket:
    """What of a run is to be compared with what: the same for all draws of one scenario."""

    incident: str
    observed: tuple[Observation, ...]
    parts: tuple[_Part | None, ...]
    """One for each observation; None where there is nothing to look at."""
    given: tuple[Literal["", "given", "end"], ...]
    """Whether events hit the observed process itself there, and whether its end is judged all the same."""
    unnamed: tuple[_Part, ...]
    """Processes that a rich incident says nothing about."""


def prepare(run: Run, incident: str = "") -> Docket:
    """Lay what was seen in a scenario beside the copies in its network.

    Raises
    ------
    UsageError
        If the scenario holds no observations.
    """
    observed = run.scenario.observed
    if not observed:
        name = incident or run.scenario.name["en"]
        raise UsageError(
            f"{name}: nothing to compare with, since it has no 'observed'; write what was seen, or leave it out"
        )
    base = People(run).base
    hit = _hit_copies(run)
    regions = _regions_hit(run, hit)
    parts = [_part(run, base, seen.process, seen.where or regions) if seen.process else None for seen in observed]
    given = [_given(run, hit, part, seen) for part, seen in zip(parts, observed, strict=True)]
    unnamed: list[_Part] = []
    if len(observed) >= RICH:
        spoken_of = {seen.process for seen in observed} | {run.network.process(i) for i in hit}
        unnamed = [
            _part(run, base, process, regions)
            for process, definition in run.model.processes.items()
            if process not in spoken_of and INDICATOR not in definition.tags
        ]
    return Docket(incident, observed, tuple(parts), tuple(given), tuple(p for p in unnamed if p.copies))


def _hit_copies(run: Run) -> set[int]:
    """Return the instances that the events hit before the horizon."""
    events = [event for event in run.scenario.events if event.at.mode < run.horizon]
    return {i for event in events for i in targets(event, run.network)}


def _regions_hit(run: Run, hit: set[int]) -> tuple[str, ...]:
    """Return where the events hit; everywhere, if they hit national processes only."""
    found = {run.network.region(i) for i in hit} - {""}
    return tuple(sorted(found)) or run.network.regions


def _part(run: Run, base: Ints, process: str, where: Iterable[str]) -> _Part:
    """Take the copies of a process in some regions, by inhabitants; equal weights where nobody lives."""
    network, wanted = run.network, set(where)
    copies = [i for i in network.instances(process) if network.region(i) in wanted or not network.region(i)]
    weights = [int(base[i]) for i in copies]
    if not any(weights):
        weights = [1] * len(copies)
    places = tuple(sorted({network.region(i) for i in copies} - {""}))
    return _Part(process, places, tuple(copies), tuple(weights))


def _given(run: Run, hit: set[int], part: _Part | None, seen: Observation) -> Literal["", "given", "end"]:
    """Tell whether events hit what was observed, and if so, whether they are over well before the end seen."""
    struck = hit.intersection(part.copies) if part else set()
    if not struck:
        return ""
    if seen.ends is None:
        return "given"
    imposed, over = run.imposed, 0
    for i in struck:
        rows = np.flatnonzero(imposed.instance == i)
        if rows.size:
            last = rows[-1]
            if imposed.own[last] < FULL or imposed.wrong[last]:
                return "given"
            over = max(over, int(imposed.time[last]))
    return "end" if over <= GIVEN_MARGIN * seen.ends.mode else "given"


# ------------------------------------------------------------------ what a run says


class _Courses:
    """The log of a run by process, to take weighted losses from."""

    def __init__(self, run: Run) -> None:
        c, of = run.changes, run.network.process_of[run.changes.instance]
        # stable: rows of one process stay in order of time
        order = np.argsort(of, kind="stable")
        self.instance, self.time = c.instance[order], c.time[order]
        self.step = c.before[order].astype(np.int64) - c.after[order]
        edges = np.searchsorted(of[order], np.arange(len(run.network.processes) + 1))
        self.rows = {p: slice(edges[k], edges[k + 1]) for k, p in enumerate(run.network.processes)}
        self.size = run.network.size

    def course(self, part: _Part) -> Course:
        """Follow the weighted loss of some copies; exact in whole numbers until the peak is rounded."""
        weight = np.zeros(self.size, np.int64)
        weight[list(part.copies)] = part.weights
        rows = self.rows[part.process]
        step = self.step[rows] * weight[self.instance[rows]]
        times = self.time[rows]
        lost = np.cumsum(step)
        # of several changes at one instant the last says what holds from then on
        last = np.append(times[1:] != times[:-1], True)[: times.size]
        times, lost = times[last], lost[last]
        top, total = int(lost.max(initial=0)), sum(part.weights)
        peak = (2 * top + total) // (2 * total)
        if peak < NOTHING:
            return Course(peak, None, None)
        onset = int(times[np.argmax(TENTH * lost >= top)])
        above = int(np.flatnonzero(TENTH * lost > top)[-1])
        return Course(peak, onset, int(times[above + 1]) if above + 1 < times.size else None)


def judge(run: Run, incident: str = "", docket: Docket | None = None) -> list[Line]:
    """Compare a run with what was seen.

    Parameters
    ----------
    run : Run
        Of a scenario with observations.
    incident : str
        Name for the lines.
    docket : Docket, optional
        Of an earlier run of the same scenario, when many draws of it are judged.

    Returns
    -------
    list of Line
        Up to three for each observation, in the order of the file; then the false alarms, greatest first.

    Raises
    ------
    UsageError
        If nothing was observed.
    """
    docket = docket or prepare(run, incident)
    courses = _Courses(run)
    lines: list[Line] = []
    for number in range(len(docket.observed)):
        lines += _lines(docket, number, courses)
    return lines + _alarms(docket, courses)


def _lines(docket: Docket, number: int, courses: _Courses) -> list[Line]:
    """Judge one observation."""
    seen, part = docket.observed[number], docket.parts[number]
    course = courses.course(part) if part is not None and part.copies else None
    weight, found = weight_of(seen.evidence), []
    for kind, value in _claims(seen):
        status, remark = _standing(docket, number, kind, course)
        predicted = _predicted(kind, course)
        points = _points(kind, value, predicted) if status == "scored" and value is not None else None
        found.append(
            Line(
                docket.incident, number, seen.process or "", part.where if part else seen.where or (), kind, status,
                value, predicted, course.peak if course else None, points, weight, seen.evidence, remark, part.copies if part else (),
            )
        )  # fmt: skip
    return found


def _claims(seen: Observation) -> list[tuple[Kind, Uncertain | None]]:
    """List what an observation says: each kind with its value; one empty kind where it gives no number."""
    claims: list[tuple[Kind, Uncertain | None]] = [
        ("onset", seen.starts),
        ("degree", seen.lost),
        ("end", seen.ends),
        ("quiet", None if seen.lost_at_most is None else Uncertain(0, seen.lost_at_most, seen.lost_at_most)),
    ]
    return [(kind, value) for kind, value in claims if value is not None] or [("", None)]


def _standing(docket: Docket, number: int, kind: Kind, course: Course | None) -> tuple[Status, str]:
    """Tell whether a line counts, and if not, why not."""
    seen, given = docket.observed[number], docket.given[number]
    if seen.out_of_scope is not None:
        return "out-of-scope", ""
    if course is None:
        return "out-of-scope", "no_copy_there"
    if given and not (given == "end" and kind == "end"):
        return "given", "given_by_event"
    if kind in IN_TIME and course.nothing and seen.lost is not None and seen.lost.low == 0:
        return "left-out", "nothing_lost"
    return "scored", ""


def _predicted(kind: Kind, course: Course | None) -> int | None:
    if course is None or not kind:
        return None
    return {"onset": course.onset, "end": course.end}.get(kind, course.peak)


def _points(kind: Kind, seen: Uncertain, predicted: int | None) -> Fraction:
    if kind == "onset":
        return onset_points(seen, predicted)
    if kind == "end":
        return end_points(seen, predicted)
    peak = predicted or 0
    if kind == "quiet":
        return quiet_points(seen.high, peak)
    # where perhaps nothing was lost, losing nothing is right, however little "nothing" may be
    return Fraction(1) if seen.low == 0 and peak < NOTHING else degree_points(seen, peak)


def _alarms(docket: Docket, courses: _Courses) -> list[Line]:
    """List what fails in the run and was not reported, greatest loss first; only rich incidents have such lines."""
    found = []
    for part in docket.unnamed:
        peak = courses.course(part).peak
        if peak > ALARM:
            found.append(
                Line(
                    docket.incident, -1, part.process, part.where, "alarm", "scored",
                    None, peak, peak, Fraction(0), ALARM_WEIGHT, "", "", part.copies,
                )
            )  # fmt: skip
    return sorted(found, key=lambda line: (-(line.predicted or 0), line.process))


# ------------------------------------------------------------------ why


def moment_of(line: Line) -> int | None:
    """Return the moment (seconds) at which to ask why a line is missed; None for that of the lowest level.

    For what came too early or too late that is its onset; for what lasts too long the end seen, when something still
    holds it down.
    """
    if line.kind == "onset":
        return line.predicted
    if line.kind == "end" and line.seen is not None and (line.predicted is None or line.predicted > line.seen.mode):
        return line.seen.mode
    return None


def worst_copy(run: Run, line: Line) -> int | None:
    """Return the copy that is lowest at that moment; among equals the one that lost most. None if none ever fell."""
    at = moment_of(line)
    found = []
    for i in line.copies:
        start, _, level = run.stretches(i)
        lowest = int(level.min() if at is None else level[start.searchsorted(min(at, run.horizon - 1), "right") - 1])
        found.append((lowest, -int(run.state.proc["lost"][i]), i))
    lowest, _, copy = min(found, default=(FULL, 0, -1))
    return None if lowest == FULL else copy


def cause_of(run: Run, line: Line) -> Change | None:
    """Return the change that put the worst copy where it is at that moment; None where nothing is lost."""
    copy = worst_copy(run, line)
    chain = run.chain(copy, moment_of(line)) if copy is not None else []
    return chain[0] if chain else None
