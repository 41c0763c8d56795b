"""Needs that are read off simulations, for an output that cannot be folded onto the edge of its model.

The course of the output while something on the edge is gone for good gives the fade of a need for it; the levels that are held
on a part of it give the response; how long it takes until a second outage runs like the first gives the recharge; and how
long the output stays away after the end gives the restart. Two or three things that together do more than each alone give
a need for any of them. What such needs cannot say (courses that differ by region, recoveries in steps, clocks that run one after
the other on a part of the supply) is left to the proof to find. All of it own choice.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any, Final

import numpy as np

from cascade.errors import CascadeError
from cascade.files.cutting import again
from cascade.files.joining import suppliers_of
from cascade.model import ALL, NEIGHBOURS, Model, Need, Process, Supply
from cascade.results.equality import Course, courses_in, level_at
from cascade.results.folding import Processes
from cascade.simulation.network import compile_network
from cascade.simulation.sweep import Simulator
from cascade.units import DAY, FULL, HOUR, sure

LOOK: Final = 60 * DAY
"""So long is looked for a fall, seconds; what takes longer is not seen."""
PARTS: Final = (1_000, 2_500, 5_000, 7_500, 9_000, 9_900)
"""Levels of a supplier at which the response is read, 1/10 000."""
MOST_STEPS: Final = 100
"""Of a fade, as in the files."""
MOST_DELAYS: Final = 8
"""So many different delays of one supplier are kept, the longest."""
MOST_TRIPLES: Final = 12
"""With more than so many suppliers only pairs are tried."""
Windows = Sequence[tuple[int, int | None]]
"""From when to when something is out, seconds; None for good."""
FOR_GOOD: Final[Windows] = ((0, None),)


def measured(whole: Model, cone: Processes, name: str, edge: Collection[str]) -> Processes:
    """Return an output with needs for what is on the edge alone, and parts of it that come back later than it does.

    Parameters
    ----------
    whole : Model
        For regions, assets and tables.
    cone : dict
        The output and all it rests on, as far as it could be folded.
    name : str
        The output.
    edge : collection of str
        Ids of externals and outputs.

    Notes
    -----
    Needs of the output that name only the edge stay as they are, unless the output needs itself through others: then everything is
    measured. A measured need that is met again only some time after its supply is that of a part, with this time as its
    restart; the output asks for the part.
    """
    process = cone[name]
    looped = any(name in suppliers_of(one) for p, one in cone.items() if p != name)
    kept = {} if looped else {key: n for key, n in process.needs.items() if _asks(n) <= set(edge)}
    rest = {key: need for key, need in process.needs.items() if key not in kept}
    bare = again(process, needs=rest) if looped else again(process, needs=rest, restart=sure(0), stops_below=0)
    bench = _Bench(whole, {**cone, name: bare}, name)
    found: Processes = {}
    needs = dict(kept)
    for i, (need, late) in enumerate(bench.needs(sorted((set(cone) & set(edge)) - {name})), 1):
        late = max(0, late - process.restart.mode) if looped else late
        key = f"{name}.{i}"
        if late:
            words = {lang: f"{process.name[lang]} ({i})" for lang in ("nl", "en")}
            given = {"name": words, "restart": sure(late), "needs": {"supply": need}}
            found[key] = Process.model_validate(given | ({"per": process.per} if process.per else {}))
            need = Need.model_validate({"from_": (Supply(id=key),)})
        needs[key] = need
    return {**found, name: again(process, needs=needs)}


def _asks(need: Need) -> set[str]:
    sustained = {need.sustained_by.partition("@")[0]} if need.sustained_by is not None else set()
    return {supply.process for supply in need.supplies} | sustained


class _Bench:
    """One output under test."""

    def __init__(self, whole: Model, processes: Processes, name: str) -> None:
        model = replace(
            whole,
            processes=processes,
            sector_of={p: whole.sector_of[p] for p in processes},
            assets={p: table for p, table in whole.assets.items() if p in processes},
            links={key: rows for key, rows in whole.links.items() if key[0] in processes},
        )
        self.network = compile_network(model)
        self.simulator = Simulator(self.network)
        self.model, self.name = model, name
        self.copies = np.array(self.network.instances(name), np.int64)
        self._seen: dict[tuple[Any, ...], list[Course]] = {}

    # -------------------------------------------------------------- runs

    def courses(
        self, out: Sequence[str], level: int = 0, windows: Windows = FOR_GOOD, region: str = ""
    ) -> list[Course]:
        """Return the course of each copy of the output (C) while some things are out, in one region or everywhere."""
        key = (tuple(out), level, tuple(windows), region)
        if key not in self._seen:
            self._seen[key] = self._run(*key)
        return self._seen[key]

    def _run(self, out: Sequence[str], level: int, windows: Windows, region: str) -> list[Course]:
        hit = [
            i for p in out for i in self.network.instances(p) if not region or self.network.region(i) in (region, "")
        ]
        rows = [
            (at, i, left) for a, b in windows for at, left in ((a, level), (b, FULL)) if at is not None for i in hit
        ]
        rows.sort()
        time, instance, own = (np.array(column, np.int64) for column in zip(*rows, strict=True))
        event = np.where(own < FULL, 0, -1).astype(np.int32)
        horizon = max(at for window in windows for at in window if at is not None) + LOOK
        log = self.simulator.run((time, instance.astype(np.int32), own, event, np.zeros(len(rows), np.uint8)), horizon)
        if log is None:
            raise CascadeError(f"{self.name}: the run without {', '.join(out)} does not settle; simulate it to see why")
        found = courses_in(log, self.network, self.copies)
        return [found.get(self.network.labels[i], ()) for i in self.copies.tolist()]

    def usual(self, *asked: Any, **more: Any) -> Course:
        """Return the course that most copies go through, the first of equals."""
        courses = self.courses(*asked, **more)
        counted = Counter(courses)
        return max(courses, key=lambda course: counted[course])

    # -------------------------------------------------------------- needs

    def needs(self, edge: Sequence[str]) -> list[tuple[Need, int]]:
        """Return the needs for what is on the edge, each with the delay after an end (seconds)."""
        found: list[tuple[Need, int]] = []
        known: list[tuple[str, ...]] = []
        for size in (1, 2, 3) if len(edge) <= MOST_TRIPLES else (1, 2):
            for together in combinations(edge, size):
                course = self.usual(together)
                parts = [one for one in known if set(one) <= set(together)]
                if not _lower(course, [self.usual(one) for one in parts]):
                    continue
                places = self._places(together, parts)
                local = self._local(together) if len(places) > 1 else course
                for place, seen in zip(places, (local, course), strict=False):
                    if seen:
                        found += self._by_delay(place, together, seen)
                known.append(together)
        return found

    def _by_delay(self, place: str | None, out: Sequence[str], course: Course) -> list[tuple[Need, int]]:
        """Return the needs whose least is a course, one for each delay with which something comes back after the end."""
        steps = _steps(course)
        back = {at: self._recovery(out, at + 1) for at in steps}
        delays = sorted({at for recovery in back.values() for at, _ in recovery if at})[-MOST_DELAYS:]
        response, refill = self._response(out, FULL - max(steps.values())), self._refill(out, course, max(steps))
        found = []
        for delay in (0, *delays):
            # what is still lost just before it comes back, after an outage that just brought each step
            lost = {at: FULL - level_at(back[at], delay - 1) if delay else steps[at] for at in steps}
            lost = {at: share for i, (at, share) in enumerate(sorted(lost.items())) if share > _before(lost, i)}
            if lost and not (delay == 0 and delays and _covered(steps, back, delays)):
                found.append((self._need(place, out, lost, response, refill), delay))
        return found

    def _need(
        self, place: str | None, out: Sequence[str], lost: dict[int, int], response: dict[int, int], refill: int
    ) -> Need:
        regional = [self.model.processes[one].regional for one in out]
        supplies = tuple(Supply(id=_at(p, place if r else None)) for p, r in zip(out, regional, strict=True))
        told: dict[str, Any] = {"from_" if len(supplies) == 1 else "any_of": supplies}
        if lost != {0: FULL}:
            told["fades"] = {at: sure(share) for at, share in lost.items()}
        if response:
            told["response"] = response
        if refill != max(lost):
            told["recharge"] = sure(refill)
        return Need.model_validate(told)

    def _recovery(self, out: Sequence[str], end: int) -> Course:
        """Return the course after the end of an outage (second), in seconds from then; it begins at 0 and rises."""
        after = self.usual(out, windows=((0, end),))
        return ((0, level_at(after, end)), *((at - end, level) for at, level in after if at > end))

    def _response(self, out: Sequence[str], least: int) -> dict[int, int]:
        """Return the levels held for good on parts of the supply; empty where they are the parts themselves."""
        held = {part: min((level for _, level in self.usual(out, level=part)), default=FULL) for part in PARTS}
        return {} if all(level == max(least, part) for part, level in held.items()) else held

    def _refill(self, out: Sequence[str], course: Course, empty: int) -> int:
        """Return the shortest time between two outages after which the second runs like the first, seconds."""
        if not empty:
            return 0
        end = empty + HOUR

        def full(pause: int) -> bool:
            second = self.usual(out, windows=((0, end), (end + pause, None)))
            later = [(0, level_at(second, end + pause))]
            later += [(at - end - pause, level) for at, level in second if at > end + pause]
            moments = {0, *(at for at, _ in later), *(at for at, _ in course)}
            return all(level_at(tuple(later), at) == level_at(course, at) for at in moments)

        low, high = -1, LOOK
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if full(middle) else (middle, high)
        return high

    # -------------------------------------------------------------- places

    def _places(self, out: Sequence[str], parts: Sequence[Sequence[str]]) -> tuple[str | None, ...]:
        """Return where the copies are on which the output rests: its own region (None), its neighbours, all, or two of these.

        What the needs for ``parts`` of them say already does not count.
        """
        if not self.model.processes[self.name].regional or not any(self.model.processes[p].regional for p in out):
            return (None,)
        own, near, far = FULL, FULL, FULL
        for code, region in self.model.regions.items():
            before = [self.courses(one, region=code) for one in parts]
            for at, course in enumerate(self.courses(out, region=code)):
                if not _lower(course, [courses[at] for courses in before]):
                    continue
                where, least = self.network.region(int(self.copies[at])), min(level for _, level in course)
                if where == code:
                    own = min(own, least)
                elif where in region.neighbours:
                    near = min(near, least)
                else:
                    far = min(far, least)
        if own == near == far == FULL:  # no region alone does anything
            return (ALL,)
        wide = ALL if far < FULL else NEIGHBOURS if near < FULL else None
        if wide is None or own >= min(near, far):
            return (wide,)
        return (None, wide)

    def _local(self, out: Sequence[str]) -> Course:
        """Return the usual course where things are out in the own region alone."""
        found = []
        for code in self.model.regions:
            courses = self.courses(out, region=code)
            found += [c for i, c in zip(self.copies.tolist(), courses, strict=True) if self.network.region(i) == code]
        counted = Counter(found)
        return max(found, key=lambda course: counted[course], default=())


def _before(lost: dict[int, int], i: int) -> int:
    """Return the greatest loss of the steps before one."""
    return max((share for _, share in sorted(lost.items())[:i]), default=0)


def _covered(steps: dict[int, int], back: dict[int, Course], delays: Sequence[int]) -> bool:
    """Whether what comes back later says all that is lost, so that no need without delay is left to say."""
    return all(level_at(back[at], delays[0] - 1) == FULL - lost for at, lost in steps.items())


def _at(name: str, place: str | None) -> str:
    return f"{name}@{place}" if place else name


def _steps(course: Course) -> dict[int, int]:
    """Return a falling course as a fade: second to the share lost, at most ``MOST_STEPS``; those that say least go first."""
    steps: dict[int, int] = {}
    least = FULL
    for at, level in course:
        if level < least:
            least = steps[at] = level
    while len(steps) > MOST_STEPS:
        times = sorted(steps)
        drop = min(range(1, len(times)), key=lambda i: (steps[times[i - 1]] - steps[times[i]], i))
        steps[times[drop - 1]] = steps.pop(times[drop])  # the earlier falls further: towards less service
    return {at: FULL - steps[at] for at in sorted(steps)}


def _lower(course: Course, parts: Sequence[Course]) -> bool:
    """Whether a course is at some moment below all of the others."""
    return any(level < min((level_at(part, at) for part in parts), default=FULL) for at, level in course)
