"""Two models held against each other: the same outages on both, and whether some processes go through the same courses.

Equal means equal in every second and to the last 1/10 000. What differs is told with its size and the outage that shows it;
nothing is said of outages that were not played.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np

from cascade.errors import CascadeError, UsageError
from cascade.files.cutting import again
from cascade.model import Model, Scenario
from cascade.simulation.events import unfold
from cascade.simulation.layout import Log
from cascade.simulation.network import Network, compile_network
from cascade.simulation.sweep import Simulator
from cascade.units import DAY, FULL, HOUR, format_duration, format_share

DURATIONS: Final = (HOUR, 4 * HOUR, 12 * HOUR, 24 * HOUR, 72 * HOUR, 14 * DAY)
"""How long things are out in the standard list, seconds."""
LEVELS: Final = (0, FULL // 2)
"""What is left of them meanwhile."""
AFTER: Final = 14 * DAY
"""Seconds looked at after the end."""
THRESHOLDS: Final = tuple(range(FULL // 10, FULL + 1, FULL // 10))
"""Levels at which shifts in time are measured; own choice."""

Course = tuple[tuple[int, int], ...]
"""(second, level from then on), full before the first."""
Courses = dict[str, Course]
"""By label of a copy; one that never changes is left out."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Outage:
    """One scenario with the name under which it is told."""

    name: str
    scenario: Scenario


@dataclass(frozen=True)
class Difference:
    """How far the courses of one process in two models are apart, over all outages; the largest of each kind.

    ``*_at`` names the outage and the copy that show it, and is empty where there is no difference.
    """

    process: str
    outages: int
    equal: int
    """Of so many outages all copies go through the same course."""
    level: int = 0
    """1/10 000 of full."""
    level_at: str = ""
    shift_s: int = 0
    """In the first fall below a tenth of the scale, or the last return to it, where both models have one."""
    shift_at: str = ""
    lost: int = 0
    """Level x seconds that the second model loses more (or less, below 0)."""
    lost_of: int = 0
    """What the first one loses in that outage, level x seconds."""
    lost_at: str = ""


def standard_outages(model: Model, externals: Sequence[str]) -> list[Outage]:
    """Return the standard list: each external alone and each two, none or half left, for 1 h to 14 d, everywhere and in one region.

    The region is the one with most inhabitants (the first of equals); what is national is out as a whole then as well.
    """
    sets = [(one,) for one in externals] + list(combinations(externals, 2))
    largest = max(sorted(model.regions), key=lambda code: model.regions[code].population, default="")
    found = []
    for hit in sets:
        regional = any(model.processes[one].regional for one in hit)
        for region in ("", largest) if regional and largest else ("",):
            for level in LEVELS:
                found += [outage(model, hit, region, level, lasting) for lasting in DURATIONS]
    return found


def outage(model: Model, hit: Sequence[str], region: str, level: int, lasting: int) -> Outage:
    """Return one outage: some processes out together in a region (empty: everywhere), with a level left, for so many seconds."""
    named = [f"{one}@{region}" if region and model.processes[one].regional else one for one in hit]
    name = f"{' + '.join(named)} {format_share(level)} {format_duration(lasting)}"
    event = {"hits": named, "level": format_share(level), "for": f"{lasting}s"}
    return Outage(name, Scenario.model_validate({"name": name, "horizon": f"{lasting + AFTER}s", "events": [event]}))


def own_outages(scenarios: Mapping[str, Scenario], allowed: Collection[str]) -> list[Outage]:
    """Take somebody's scenarios as outages, without their texts.

    Raises
    ------
    UsageError
        If one hits something else than what is allowed, or brings measures, rations or crews with needs.
    """
    found = []
    for name, scenario in scenarios.items():
        for event in scenario.events:
            for hit in event.hits:
                if not isinstance(hit, str):
                    raise UsageError(
                        f"{name}: outages of an interface name processes; write their ids instead of {hit}"
                    )
                if hit.partition("@")[0] not in allowed:
                    raise UsageError(
                        f"{name}: {hit!r} is neither an external nor an output, so the interface does not know it; "
                        "leave it out, or make it an output"
                    )
        if scenario.with_measures or scenario.rations or any(crew.needs for crew in scenario.crews.values()):
            raise UsageError(f"{name}: measures, rations and needs of crews are not compared; leave them out")
        events = tuple(again(event, about=None, note=None, source=None, marking=None) for event in scenario.events)
        kept = {"horizon": scenario.horizon, "events": events, "crews": scenario.crews}
        bare = Scenario.model_validate({"name": name, **kept, "repair_order": scenario.repair_order})
        found.append(Outage(name, bare))
    return found


def differences(
    one: Model,
    other: Model,
    outages: Sequence[Outage],
    processes: Sequence[str],
    progress: Progress | None = None,
) -> list[Difference]:
    """Play outages on two models and compare the courses of some processes.

    Parameters
    ----------
    one, other : Model
        Both have these processes, with the same copies.
    outages : sequence of Outage
    processes : sequence of str
    progress : callable, optional
        Told how many outages were played, and of how many.

    Returns
    -------
    list of Difference
        One a process, in the order given.
    """
    networks = [compile_network(model) for model in (one, other)]
    copies = {p: [networks[0].labels[i] for i in networks[0].instances(p)] for p in processes}
    strange = [label for labels in copies.values() for label in labels if label not in networks[1].index]
    if strange:
        raise UsageError(f"{strange[0]} is in one model and not in the other; only what both have can be compared")
    found = {p: Difference(p, len(outages), 0) for p in processes}
    watched = [label for labels in copies.values() for label in labels]
    played = zip(*(played_on(network, outages, watched) for network in networks), strict=True)
    for number, (outage, (a, b)) in enumerate(zip(outages, played, strict=True), 1):
        for process, labels in copies.items():
            found[process] = _widened(
                found[process], outage, {label: (a.get(label, ()), b.get(label, ())) for label in labels}
            )
        if progress is not None:
            progress(number, len(outages))
    return list(found.values())


def played_on(network: Network, outages: Iterable[Outage], labels: Sequence[str]) -> Iterator[Courses]:
    """Play outages one by one and yield the courses of some copies."""
    simulator = Simulator(network)
    watched = np.array([network.index[label] for label in labels], np.int64)
    for outage in outages:
        imposed, _ = unfold(network, outage.scenario)
        rows = (imposed.time, imposed.instance, imposed.own, imposed.event, imposed.wrong.astype(np.uint8))
        log = simulator.run(rows, outage.scenario.horizon)
        if log is None:
            raise CascadeError(f"{outage.name}: the run does not settle; simulate it alone to see why")
        yield courses_in(log, network, watched)


def courses_in(log: Log, network: Network, watched: Any) -> Courses:
    """Read the courses of some instances (int64 (W)) off a log."""
    found: dict[str, list[tuple[int, int]]] = {}
    rows = np.isin(log.instance, watched)
    for time, i, level in zip(*(c[rows].tolist() for c in (log.time, log.instance, log.after)), strict=True):
        found.setdefault(network.labels[i], []).append((time, level))
    return {label: tuple(course) for label, course in found.items()}


def _widened(known: Difference, outage: Outage, courses: Mapping[str, tuple[Course, Course]]) -> Difference:
    """Take the courses of one more outage into account."""
    changed: dict[str, Any] = {}
    told = {name: getattr(known, name) for name in known.__dataclass_fields__}
    for label, (a, b) in courses.items():
        if a == b:
            continue
        level, lost, lost_of = _apart(a, b, outage.scenario.horizon)
        shift = _shift(a, b)
        at = f"{label}: {outage.name}"
        if level > told["level"]:
            changed |= {"level": level, "level_at": at}
        if shift > told["shift_s"]:
            changed |= {"shift_s": shift, "shift_at": at}
        if abs(lost) > abs(told["lost"]):
            changed |= {"lost": lost, "lost_of": lost_of, "lost_at": at}
        told |= changed
    alike = all(a == b for a, b in courses.values())
    return Difference(**{**told, "equal": known.equal + alike})


def _apart(a: Course, b: Course, horizon: int) -> tuple[int, int, int]:
    """Return the largest difference in level, the difference in loss (b - a) and the loss of a, level x seconds."""
    largest = lost = lost_of = 0
    moments = sorted({0, *(t for t, _ in a), *(t for t, _ in b)})
    for start, end in zip(moments, [*moments[1:], horizon], strict=True):
        if end > start:
            one, other = level_at(a, start), level_at(b, start)
            largest = max(largest, abs(one - other))
            lost += (one - other) * (end - start)
            lost_of += (FULL - one) * (end - start)
    return largest, lost, lost_of


def level_at(course: Course, moment: int) -> int:
    """Return the level of a course at a moment (seconds)."""
    return next((level for time, level in reversed(course) if time <= moment), FULL)


def _shift(a: Course, b: Course) -> int:
    """Return the largest shift of a first fall below a threshold, or of the last return to it."""
    largest = 0
    for threshold in THRESHOLDS:
        for moments in (_first_below, _back_at):
            one, other = moments(a, threshold), moments(b, threshold)
            if one is not None and other is not None:
                largest = max(largest, abs(one - other))
    return largest


def _first_below(course: Course, threshold: int) -> int | None:
    return next((time for time, level in course if level < threshold), None)


def _back_at(course: Course, threshold: int) -> int | None:
    """Return when a course was back for good; None where it never left or never came back."""
    below = [i for i, (_, level) in enumerate(course) if level < threshold]
    return course[below[-1] + 1][0] if below and below[-1] + 1 < len(course) else None
