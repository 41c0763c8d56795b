"""Judging a scenario against the model it is for: one function per check, each with a name."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from cascade.errors import Path_, Places, Problem, did_you_mean
from cascade.files.model_checks import Check, Problems, fault, strange_marks, unknown, unknown_region
from cascade.model import (
    OTHERS,
    Event,
    Hit,
    HitList,
    HitSector,
    HitTag,
    MeasureAt,
    Model,
    Scenario,
)

SCENARIO_CHECKS: Final[dict[str, Check]] = {}


class Case(NamedTuple):
    """A scenario, the model it is for, and where it was written."""

    scenario: Scenario
    model: Model
    places: Places

    def fault(self, path: Path_, what: str, remedy: str = "", *, key: bool = False) -> Problem:
        """Make a problem at a path of the scenario."""
        return fault(self.places, ("scenario", *path), what, remedy, key=key)


def _check(
    name: str, *, fatal: bool = True, on_parts: bool = False
) -> Callable[[Callable[[Case], Problems]], Callable[[Case], Problems]]:
    def register(run: Callable[[Case], Problems]) -> Callable[[Case], Problems]:
        about = (run.__doc__ or "").partition("\n")[0]
        SCENARIO_CHECKS[name] = Check(name, about, "scenario", fatal, on_parts, run)
        return run

    return register


def _items(model: Model, name: str) -> list[str]:
    return [item for p in model.processes.values() if (item := p.lists.get(name)) is not None]


def _target_faults(case: Case, path: Path_, event: Event) -> Problems:
    model = case.model
    tags = {tag for process in model.processes.values() for tag in process.tags}
    lists = {name for process in model.processes.values() for name in process.lists}
    for i, hit in enumerate(event.hits):
        at = (*path, "hits", i)
        if isinstance(hit, str):
            process, _, region = hit.partition("@")
            if process not in model.processes:
                yield case.fault(at, *unknown("process", process, model.processes))
            elif region and region not in model.regions:
                yield case.fault(at, *unknown_region(region, model))
        elif isinstance(hit, HitSector) and hit.sector not in model.sectors:
            yield case.fault((*at, "sector"), *unknown("sector", hit.sector, model.sectors))
        elif isinstance(hit, HitTag) and hit.tag not in tags:
            yield case.fault((*at, "tag"), *unknown("tag", hit.tag, tags))
        elif isinstance(hit, HitList) and hit.list not in lists:
            yield case.fault((*at, "list"), *unknown("list", hit.list, lists))
        elif isinstance(hit, HitList) and hit.item not in (items := _items(model, hit.list)):
            what, remedy = unknown("item", hit.item, items)
            yield case.fault((*at, "item"), f"{what} in list {hit.list!r}", remedy)


@_check("unknown-target", on_parts=True)
def _unknown_target(case: Case) -> Problems:
    """Refuse events on processes, sectors, tags or lists that do not exist."""
    for i, event in enumerate(case.scenario.events):
        yield from _target_faults(case, ("events", i), event)


def _region_names(scenario: Scenario) -> Iterator[tuple[Path_, str]]:
    for kind in ("events", "with_measures", "observed"):
        for i, entry in enumerate(getattr(scenario, kind)):
            for j, region in enumerate(entry.where or ()):
                yield (kind, i, "where", j), region


@_check("scenario-region", on_parts=True)
def _scenario_region(case: Case) -> Problems:
    """Refuse regions in a scenario that do not exist."""
    for path, region in _region_names(case.scenario):
        if region not in case.model.regions:
            yield case.fault(path, *unknown_region(region, case.model))


@_check("where-on-national", on_parts=True)
def _where_on_national(case: Case) -> Problems:
    """Refuse a region where a national process is hit or protected; one seen in a region means its one copy."""
    named: list[tuple[Path_, str]] = []
    for i, event in enumerate(case.scenario.events):
        for j, hit in enumerate(event.hits):
            if isinstance(hit, str) and (event.where is not None or "@" in hit):
                named.append((("events", i, "hits", j), hit.partition("@")[0]))
    for i, measure in enumerate(case.scenario.with_measures):
        named += [(("with_measures", i, "at", j), p) for j, p in enumerate(measure.at) if measure.where]
    for path, process in named:
        if process in case.model.processes and not case.model.processes[process].regional:
            what = f"{process!r} is national, so it has no regions to choose from"
            yield case.fault(path, what, "leave the region out")


def _hit_copies(model: Model, event: Event, process: str, region: str | None, named: bool) -> bool:
    """Whether an event hits a copy of a process; a named national one in a region has a fault of its own."""
    where = [region] if region else event.where
    if process in model.assets:
        table = model.assets[process]
        chosen = None if event.assets is None else set(event.assets)
        return any(
            (where is None or home in where) and (chosen is None or asset in chosen)
            for asset, home in zip(table.ids, table.regions, strict=True)
        )
    if event.assets is not None:
        return False
    if where is None or not model.processes[process].regional:
        return where is None or named
    return bool(set(where) & set(model.regions))


def hits_something(model: Model, event: Event) -> bool:
    """Whether an event hits at least one copy of a process."""
    return any(_hit_copies(model, event, *one) for one in hit_processes(model, event))


def _has(model: Model, process: str, hit: Hit) -> bool:
    definition = model.processes[process]
    if isinstance(hit, HitSector):
        return model.sector_of[process] == hit.sector
    if isinstance(hit, HitTag):
        return hit.tag in definition.tags
    return isinstance(hit, HitList) and definition.lists.get(hit.list) == hit.item


def hit_processes(model: Model, event: Event) -> Iterator[tuple[str, str | None, bool]]:
    """Walk over the processes an event hits: id, region asked for, whether it was named by its id."""
    for hit in event.hits:
        if isinstance(hit, str):
            process, _, region = hit.partition("@")
            if process in model.processes:
                yield process, region or None, True
        else:
            for name in model.processes:
                if _has(model, name, hit):
                    yield name, None, False


@_check("hits-nothing", on_parts=True)
def _hits_nothing(case: Case) -> Problems:
    """Refuse events that hit nothing."""
    for i, event in enumerate(case.scenario.events):
        # an unknown target or region has a fault of its own
        named = any(True for _ in _target_faults(case, ("events", i), event))
        named = named or not set(event.where or ()) <= set(case.model.regions)
        if not named and not hits_something(case.model, event):
            yield case.fault(("events", i, "hits"), "hits nothing", "check where and assets", key=True)


@_check("unknown-asset", on_parts=True)
def _unknown_asset(case: Case) -> Problems:
    """Refuse assets that the processes hit do not have."""
    for i, event in enumerate(case.scenario.events):
        if event.assets is None:
            continue
        hit = {process for process, _, _ in hit_processes(case.model, event)}
        known = {asset for process in hit & set(case.model.assets) for asset in case.model.assets[process].ids}
        for j, asset in enumerate(event.assets):
            if asset not in known:
                what = f"no asset {asset!r} among the processes hit"
                yield case.fault(("events", i, "assets", j), what, "check its id in their tables")


@_check("no-crew", on_parts=True)
def _no_crew(case: Case) -> Problems:
    """Refuse repairs by a crew without teams."""
    for i, event in enumerate(case.scenario.events):
        if event.repair is not None and event.repair.crew not in case.scenario.crews:
            what = f"crew {event.repair.crew!r} has no teams"
            remedy = did_you_mean(event.repair.crew, case.scenario.crews)
            remedy = remedy if remedy.startswith("did") else f"add crews: {{{event.repair.crew}: 1}}"
            yield case.fault(("events", i, "repair", "crew"), what, remedy)


@_check("event-twice", on_parts=True)
def _event_twice(case: Case) -> Problems:
    """Refuse two events with one id."""
    seen: set[str] = set()
    for i, event in enumerate(case.scenario.events):
        if event.id in seen:
            yield case.fault(("events", i, "id"), f"event {event.id!r} is there already", "give it another id")
        if event.id is not None:
            seen.add(event.id)


@_check("crew-need", on_parts=True)
def _crew_need(case: Case) -> Problems:
    """Refuse crews that need processes that do not exist."""
    for name, crew in case.scenario.crews.items():
        for process in crew.needs:
            if process not in case.model.processes:
                path = ("crews", name, "needs", process)
                yield case.fault(path, *unknown("process", process, case.model.processes), key=True)


@_check("repair-order", on_parts=True)
def _repair_order(case: Case) -> Problems:
    """Refuse a repair order with unknown events or jobs, events without a repair, or repeats."""
    events = {event.id: event for event in case.scenario.events if event.id is not None}
    for i, name in enumerate(case.scenario.repair_order):
        path = ("repair_order", i)
        event, _, place = name.partition("@")
        if event not in events:
            yield case.fault(path, *unknown("event", event, events))
        elif events[event].repair is None:
            yield case.fault(path, f"event {event!r} has no repair", "remove it, or give the event one")
        elif name in case.scenario.repair_order[:i]:
            yield case.fault(path, f"event {name!r} is named twice", "name it once")
        elif place and place not in (known := places_hit(case.model, events[event])):
            what = f"event {event!r} has no job at {place!r}"
            remedy = did_you_mean(place, known)
            yield case.fault(path, what, remedy if remedy.startswith("did") else "name a region or a copy that it hits")


def places_hit(model: Model, event: Event) -> tuple[str, ...]:
    """Return the regions and copies in which an event hits something."""
    regions: set[str] = set()
    copies: set[str] = set()
    for process, region, _ in hit_processes(model, event):
        where = (region,) if region else event.where
        if process in model.assets:
            table = model.assets[process]
            for asset, home in zip(table.ids, table.regions, strict=True):
                if (where is None or home in where) and (event.assets is None or asset in event.assets):
                    regions.add(home)
                    copies.add(f"{process}@{home}#{asset}")
        elif event.assets is not None:
            continue
        elif model.processes[process].regional:
            here = set(model.regions) if where is None else set(where) & set(model.regions)
            regions |= here
            copies.update(f"{process}@{code}" for code in here)
        elif where is None:
            copies.add(process)
    return (*sorted(regions), *sorted(copies))


@_check("scenario-process", on_parts=True)
def _scenario_process(case: Case) -> Problems:
    """Refuse rations and observations of processes that do not exist."""
    known = case.model.processes
    for process, rations in case.scenario.rations.items():
        if process not in known:
            yield case.fault(("rations", process), *unknown("process", process, known), key=True)
        for i, ration in enumerate(rations):
            for j, served in enumerate(ration.serves):
                if served != OTHERS and served not in known:
                    path = ("rations", process, i, "serves", j)
                    yield case.fault(path, *unknown("process", served, known))
    for i, seen in enumerate(case.scenario.observed):
        if seen.process is not None and seen.process not in known:
            yield case.fault(("observed", i, "process"), *unknown("process", seen.process, known))


def _measure_faults(case: Case, i: int, entry: MeasureAt) -> Problems:
    measure = case.model.measures.get(entry.measure)
    if measure is None:
        found = unknown("measure", entry.measure, case.model.measures)
        yield case.fault(("with_measures", i, "measure"), *found)
        return
    for j, process in enumerate(entry.at):
        path = ("with_measures", i, "at", j)
        if process not in case.model.processes:
            yield case.fault(path, *unknown("process", process, case.model.processes))
        elif process not in measure.applies_to.processes:
            what = f"measure {entry.measure!r} does not apply to {process!r}"
            yield case.fault(path, what, "choose another measure, or add it to its applies_to")


@_check("scenario-measure", on_parts=True)
def _scenario_measure(case: Case) -> Problems:
    """Refuse measures that do not exist or do not apply where they are put."""
    for i, entry in enumerate(case.scenario.with_measures):
        yield from _measure_faults(case, i, entry)


@_check("scenario-source", on_parts=True)
def _scenario_source(case: Case) -> Problems:
    """Refuse sources in a scenario that do not stand in sources.yaml."""
    named: list[tuple[Path_, str]] = [(("sources", i), key) for i, key in enumerate(case.scenario.sources)]
    for i, event in enumerate(case.scenario.events):
        named += [(("events", i, "source", j), key) for j, key in enumerate(event.source)]
    for path, key in named:
        if key not in case.model.sources:
            yield case.fault(path, *unknown("source", key, case.model.sources))


@_check("scenario-marking", on_parts=True)
def _scenario_marking(case: Case) -> Problems:
    """Refuse a scenario's marking other than the known ones."""
    for what, remedy in strange_marks(case.scenario.marking):
        yield case.fault(("marking",), what, remedy)
    for i, event in enumerate(case.scenario.events):
        for what, remedy in strange_marks(event.marking):
            yield case.fault(("events", i, "marking"), what, remedy)


@_check("late-event", fatal=False)
def _late_event(case: Case) -> Problems:
    """Point out events that start too late to happen."""
    for i, event in enumerate(case.scenario.events):
        if event.at.mode >= case.scenario.horizon:
            what = "starts at or after the horizon, so it never happens"
            yield case.fault(("events", i, "at"), what, "lengthen the horizon, or remove the event")


@_check("idle-crew", fatal=False)
def _idle_crew(case: Case) -> Problems:
    """Point out crews with nothing to repair."""
    busy = {event.repair.crew for event in case.scenario.events if event.repair is not None}
    for crew in case.scenario.crews:
        if crew not in busy:
            yield case.fault(("crews", crew), "no event waits for this crew", "remove it", key=True)
