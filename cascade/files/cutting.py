"""Leaving out what is marked above a limit, with all that refers to it, before anything is computed.

What stays is a sound model or scenario in which nothing above the limit can be read; what can be said of the rest is how
many things went. The two families of marks are never converted: a limit in one of them lets nothing through that carries
a mark of the other, since nothing says that it may be shared so far.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path, PurePath
from typing import Any, Final, TypeVar

from cascade.errors import Mark, Places, UsageError
from cascade.files.model_checks import evidence
from cascade.files.scenario_checks import hit_processes, hits_something, places_hit
from cascade.model import (
    OTHERS,
    Authority,
    Event,
    Frozen,
    Hazard,
    HitList,
    HitSector,
    HitTag,
    Input,
    Measure,
    MeasureAt,
    Model,
    ModelInfo,
    Need,
    ParameterSet,
    Process,
    Ration,
    Scenario,
    Stock,
    Supply,
    Threshold,
    mark_ranks,
)
from cascade.units import FULL

T = TypeVar("T", bound=Frozen)
WITHHELD: Final = "withheld-"
"""What a file is called whose name may not be read, before its number."""
FREE: Final = "TLP"
"""The family whose lowest mark restricts nothing, so that every limit lets it through."""


@dataclass(frozen=True)
class Cut:
    """How much was left out, by kind; what follows from that, such as a need without supplier, is counted as well.

    ``needs`` and ``suppliers`` count those of processes that stay.
    """

    sectors: int = 0
    processes: int = 0
    needs: int = 0
    suppliers: int = 0
    measures: int = 0
    stocks: int = 0
    hazards: int = 0
    scenarios: int = 0
    capacities: int = 0
    events: int = 0
    measures_in_place: int = 0
    observations: int = 0
    entries: int = 0
    """Of a capacity file or of a list of priorities."""
    texts: int = 0
    """Descriptions and other free texts of scenarios, which may speak of what was left out."""

    def __bool__(self) -> bool:
        return any(self.counts.values())

    def __add__(self, other: "Cut") -> "Cut":
        return Cut(**{name: n + getattr(other, name) for name, n in self.counts.items()})

    @property
    def counts(self) -> dict[str, int]:
        """Every number by its name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def above(marking: str | None, limit: str) -> bool:
    """Whether a mark is above a limit in any family; a family that the limit does not name allows nothing.

    Own choice: ``TLP:CLEAR`` restricts nothing and is within every limit.
    """
    most = mark_ranks(limit)
    return any(rank > most.get(family, 0 if family == FREE else -1) for family, rank in mark_ranks(marking).items())


def refuse_above(marking: str | None, limit: str, what: str) -> None:
    """Refuse what is as a whole marked above a limit.

    Raises
    ------
    UsageError
        If it is.
    """
    if above(marking, limit):
        raise UsageError(
            f"--max-marking {limit}: {what} as a whole is marked {marking}, so nothing of it can be shown; "
            f"raise the limit, or use a version that whoever set the mark has cleared for {limit}"
        )


def again(thing: T, **changed: Any) -> T:
    """Make a thing anew with some fields changed, and judge it as if it were read; None takes a field away."""
    given = {name: getattr(thing, name) for name in thing.model_fields_set} | changed
    return type(thing).model_validate({name: value for name, value in given.items() if value is not None})


def _rescaled(shares: Mapping[str, int]) -> dict[str, int]:
    """Scale whole shares to ``FULL`` together; what rounding leaves goes to the largest remainders, then in order."""
    total = sum(shares.values())
    found = {key: share * FULL // total for key, share in shares.items()}
    order = sorted(shares, key=lambda key: -(shares[key] * FULL % total))
    for key in order[: FULL - sum(found.values())]:
        found[key] += 1
    return found


# ------------------------------------------------------------------ a model


def cut_model(model: Model, limit: str) -> tuple[Model, Cut]:
    """Leave out of a model whatever is marked above a limit, and every reference to it.

    A supplier that is gone drops out of needs: the others of ``shares`` and of rations are scaled up in proportion, and the
    count of ``at_least`` falls to the number that is left (own choices). A need without a supplier that gives all is left
    out. Sources that nothing else names go too, and files of what is gone lose their names, not their fingerprints.

    Parameters
    ----------
    model : Model
    limit : str
        One mark, or one of each family with `` / `` between.

    Returns
    -------
    Model
        The same model where nothing is above the limit.
    Cut

    Raises
    ------
    UsageError
        If the model as a whole is above the limit, or no process is left.
    """
    refuse_above(model.info.marking, limit, "this model")
    if not any(above(mark, limit) for mark in model.markings):
        return model, Cut()
    processes, needs, suppliers = _cut_processes(model, limit)
    if not processes:
        raise UsageError(f"--max-marking {limit}: no process is left; raise the limit")
    sectors = {
        name: again(sector, processes=inner)
        for name, sector in model.sectors.items()
        if (inner := {p: processes[p] for p in sector.processes if p in processes})
    }
    found = replace(
        model,
        info=_cut_info(model.info, processes, sectors),
        sectors=sectors,
        processes=processes,
        sector_of={p: model.sector_of[p] for p in processes},
        assets={p: table for p, table in model.assets.items() if p in processes},
        links={(p, n): rows for (p, n), rows in model.links.items() if p in processes and n in processes[p].needs},
        **_cut_lists(model, processes, sectors, limit),
    )
    gone = _sources(model) - _sources(found)
    found = replace(found, sources={key: source for key, source in model.sources.items() if key not in gone})
    cut = Cut(
        sectors=len(model.sectors) - len(sectors),
        processes=len(model.processes) - len(processes),
        needs=needs,
        suppliers=suppliers,
        measures=len(model.measures) - len(found.measures),
        stocks=len(model.stocks) - len(found.stocks),
        hazards=len(model.hazards) - len(found.hazards),
    )
    inputs, gone_ids = _inputs(model, found), _ids(model) - _ids(found)
    return replace(found, inputs=inputs, places=_places(model, found), gone=gone_ids), cut


def _cut_lists(model: Model, processes: Mapping[str, Process], sectors: Collection[str], limit: str) -> dict[str, Any]:
    """Return what is left of everything that names processes from outside."""
    measures = {name: _cut_measure(measure, processes, limit) for name, measure in model.measures.items()}
    stocks = {name: _cut_stock(stock, processes, limit) for name, stock in model.stocks.items()}
    hazards = {name: _cut_hazard(hazard, processes, limit) for name, hazard in model.hazards.items()}
    authorities = {
        name: again(entry, **named)
        for name, entry in model.authorities.items()
        if any((named := _named(entry, processes, sectors)).values())
    }
    return {
        "measures": {name: measure for name, measure in measures.items() if measure is not None},
        "stocks": {name: stock for name, stock in stocks.items() if stock is not None},
        "hazards": {name: hazard for name, hazard in hazards.items() if hazard is not None},
        "authorities": authorities,
    }


def _sources(model: Model) -> set[str]:
    return {key for _, claim in evidence(model) for key in claim.source}


def _cut_processes(model: Model, limit: str) -> tuple[dict[str, Process], int, int]:
    """Return what is left of the processes, and how many needs and suppliers went from those."""
    hidden = {name for name, sector in model.sectors.items() if above(sector.marking, limit)}
    kept = {
        name: process
        for name, process in model.processes.items()
        if model.sector_of[name] not in hidden and not above(process.marking, limit)
    }
    needs, before = {name: _cut_needs(process, kept, limit) for name, process in kept.items()}, _suppliers(kept)
    found = {name: again(process, needs=needs[name]) for name, process in kept.items()}
    after = _suppliers(found)
    # who is served says who needs it: that goes with the need
    lost = before - after
    for name, process in found.items():
        if process.rations is not None:
            gone = {p for p, supplier in lost if supplier == name}
            found[name] = again(process, rations=_cut_rations(process.rations, set(kept) - gone))
    dropped = sum(len(process.needs) - len(needs[name]) for name, process in kept.items())
    fewer = sum(
        len(kept[name].needs[key].supplies) - len(need.supplies) for name in kept for key, need in needs[name].items()
    )
    return found, dropped, fewer


def _suppliers(processes: Mapping[str, Process]) -> set[tuple[str, str]]:
    """Return every process with each of those that supply it."""
    return {(p, s.process) for p, process in processes.items() for n in process.needs.values() for s in n.supplies}


def _cut_needs(process: Process, kept: Collection[str], limit: str) -> dict[str, Need]:
    found = {name: _cut_need(need, kept) for name, need in process.needs.items() if not above(need.marking, limit)}
    return {name: need for name, need in found.items() if need is not None}


def _cut_need(need: Need, kept: Collection[str]) -> Need | None:
    """Return a need with only the suppliers that are left; None where they could never meet it."""
    left = tuple(supply for supply in need.supplies if supply.process in kept)
    changed: dict[str, Any] = {}
    if need.sustained_by is not None and need.sustained_by.partition("@")[0] not in kept:
        changed["sustained_by"] = None
    if len(left) < len(need.supplies):
        if not left or not any(supply.gives == FULL for supply in left):
            return None
        changed |= _only(need, left)
    return again(need, **changed) if changed else need


def _only(need: Need, left: tuple[Supply, ...]) -> dict[str, Any]:
    """Return the supply rule of a need with these suppliers alone."""
    if need.shares is not None:
        return {"shares": _rescaled({supply.id: supply.weight for supply in left})}
    if need.at_least is not None:
        most = sum(supply.gives == FULL for supply in left)
        return {"at_least": again(need.at_least, count=min(need.at_least.count, most), of=left)}
    return {"from_" if need.rule == "from" else "any_of": left}


def _cut_rations(rations: Iterable[Ration], known: Collection[str]) -> tuple[Ration, ...]:
    """Return the classes of a rationed output with only the processes that are left."""
    left = {i: tuple(p for p in ration.serves if p == OTHERS or p in known) for i, ration in enumerate(rations)}
    classes = [ration for i, ration in enumerate(rations) if left[i]]
    served = [serves for serves in left.values() if serves]
    shares = _rescaled({str(i): ration.share for i, ration in enumerate(classes)})
    return tuple(
        again(ration, serves=served[i], share=shares[str(i)]) if served[i] != ration.serves else
        again(ration, share=shares[str(i)])
        for i, ration in enumerate(classes)
    )  # fmt: skip


def _cut_measure(measure: Measure, processes: Mapping[str, Process], limit: str) -> Measure | None:
    added, need = measure.effect.adds_supply, measure.applies_to.need
    if above(measure.marking, limit) or (added is not None and added.process not in processes):
        return None
    named = measure.applies_to.processes
    left = tuple(p for p in named if p in processes and (need is None or need in processes[p].needs))
    if not left:
        return None
    return measure if left == named else again(measure, applies_to=again(measure.applies_to, processes=left))


def _cut_stock(stock: Stock, processes: Mapping[str, Process], limit: str) -> Stock | None:
    if above(stock.marking, limit):
        return None
    bridges = tuple(b for b in stock.bridges if b.process in processes and b.need in processes[b.process].needs)
    changed: dict[str, Any] = {"bridges": bridges} if bridges != stock.bridges else {}
    if not bridges:
        changed["part"] = None
    for name in ("usable_with", "not_in_model"):
        left = tuple(process for process in getattr(stock, name) if process in processes)
        changed |= {name: left} if left != getattr(stock, name) else {}
    return again(stock, **changed)


def _cut_info(info: ModelInfo, processes: Collection[str], sectors: Collection[str]) -> ModelInfo:
    parameters = {name: _cut_set(given, processes, sectors) for name, given in info.parameters.items()}
    return again(info, parameters={name: given for name, given in parameters.items() if given is not None})


def _cut_set(given: ParameterSet, processes: Collection[str], sectors: Collection[str]) -> ParameterSet | None:
    """Return a parameter set about what is left; None where it was about nothing else."""
    changed: dict[str, Any] = {}
    if given.processes is not None:
        changed["processes"] = tuple(p for p in given.processes if p in processes)
    if given.indicators is not None:
        left = {key: tuple(p for p in one.processes if p in processes) for key, one in given.indicators.items()}
        changed["indicators"] = {
            key: again(one, processes=left[key])
            for key, one in given.indicators.items()
            if left[key] or not one.processes
        }
    if given.thresholds is not None:
        found = [_cut_threshold(threshold, processes, sectors) for threshold in given.thresholds]
        changed["thresholds"] = tuple(threshold for threshold in found if threshold is not None)
    emptied = any(getattr(given, name) and not left for name, left in changed.items())
    return None if emptied else again(given, **changed)


def _cut_threshold(given: Threshold, processes: Collection[str], sectors: Collection[str]) -> Threshold | None:
    named = _named(given, processes, sectors)
    return again(given, **named) if any(named.values()) else None


def _named(
    given: Threshold | Authority, processes: Collection[str], sectors: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """Return the processes and sectors that are left of those that something is about."""
    return {
        "processes": tuple(p for p in given.processes if p in processes),
        "sectors": tuple(s for s in given.sectors if s in sectors),
    }


def _cut_hazard(hazard: Hazard, processes: Collection[str], limit: str) -> Hazard | None:
    """Return a hazard that strikes only what is left; one without processes would strike anything."""
    if above(hazard.marking, limit):
        return None
    left = tuple(p for p in hazard.processes if p in processes)
    if left == hazard.processes:
        return hazard
    return again(hazard, processes=left) if left else None


def _inputs(model: Model, found: Model) -> tuple[Input, ...]:
    """Take the names off the files of what is gone; numbered by their fingerprints, which say nothing."""
    named = _files(model) - _files(found)
    order = sorted((one for one in model.inputs if one.path in named), key=lambda one: (one.sha256, one.path))
    number = {one.path: f"{WITHHELD}{i}" for i, one in enumerate(order, 1)}
    return tuple(sorted((replace(i, path=number.get(i.path, i.path)) for i in model.inputs), key=lambda i: i.path))


def _ids(model: Model) -> frozenset[str]:
    """Return every id that a model gives to a thing of its own."""
    needs = (need for process in model.processes.values() for need in process.needs)
    kinds = (model.sectors, model.processes, model.measures, model.stocks, model.hazards, model.authorities)
    return frozenset().union(*kinds, model.sources, needs)


def names_gone(path: str, gone: Collection[str]) -> bool:
    """Whether a path holds, as words of its own and whatever its capitals, the id of something that was left out.

    Anything but letters and digits parts words, so that ``Drinking_Water notes.yaml`` names ``drinking-water``.
    """
    words = f"-{_plain(path)}-"
    return any(f"-{_plain(name)}-" in words for name in gone)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "-", text.lower()).strip("-")


def withheld(inputs: Iterable[Input], gone: Collection[str]) -> tuple[Input, ...]:
    """Take the names off files that name what was left out; their fingerprints, which say nothing, stay and number them.

    Parameters
    ----------
    inputs : iterable of Input
    gone : collection of str
        Ids, as in :attr:`cascade.model.Model.gone`.

    Returns
    -------
    tuple of Input
        In the order given.
    """
    given = tuple(inputs)
    named = [one for one in given if names_gone(one.path, gone) or one.path.startswith(WITHHELD)]
    order = sorted(named, key=lambda one: (one.sha256, one.path))
    number = {one: f"{WITHHELD}{i}" for i, one in enumerate(dict.fromkeys(order), 1)}
    return tuple(replace(one, path=number.get(one, one.path)) for one in given)


def _places(model: Model, found: Model) -> Places:
    """Return where what is left begins, without what stands inside it: names are keys there."""
    roots = {}
    for root, (file, mark) in model.places.roots.items():
        if len(root) == 1 or root[1] in getattr(found, root[0]):
            line, column = mark.key or (mark.line, mark.column)
            roots[root] = (file, Mark(line, column, mark.key))
    return Places(roots)


def _files(model: Model) -> set[str]:
    """Name the files that sectors and tables of a model were read from."""
    roots = model.places.roots
    written = {
        name: roots["sectors", name][0] if ("sectors", name) in roots else f"{name}.yaml" for name in model.sectors
    }
    tables = [str(process.assets) for name, process in model.processes.items() if name in model.assets]
    tables += [str(model.processes[process].needs[need].by_table) for process, need in model.links]
    return {PurePath(file).name for file in written.values()} | {Path(table).as_posix() for table in tables}


# ------------------------------------------------------------------ a scenario


def cut_scenario(scenario: Scenario, model: Model, limit: str, left: Model | None = None) -> tuple[Scenario, Cut]:
    """Leave out of a scenario whatever is marked above a limit, and every reference to what is gone from its model.

    Where anything of the scenario or its model went, its description and exercise page go as well, and so do the
    texts of events that lost targets: they may speak of it.

    Parameters
    ----------
    scenario : Scenario
    model : Model
        What it was written for, before :func:`cut_model`.
    limit : str
    left : Model, optional
        What :func:`cut_model` left of it, where that is known already.

    Returns
    -------
    Scenario
        For the model that is left.
    Cut
        What went from the scenario itself.

    Raises
    ------
    UsageError
        If the scenario or the model as a whole is above the limit.
    """
    refuse_above(scenario.marking, limit, "this scenario")
    left = left or cut_model(model, limit)[0]
    if left is model and not any(above(mark, limit) for mark in scenario.markings):
        return scenario, Cut()
    events = [None if above(e.marking, limit) else _cut_event(e, model, left) for e in scenario.events]
    kept = tuple(event for event in events if event is not None)
    measures = tuple(new for one in scenario.with_measures if (new := _measure_at(one, left)) is not None)
    keys = set(model.sources) - set(left.sources)
    seen = tuple(
        again(o, source=tuple(key for key in o.source if key not in keys))
        for o in scenario.observed
        if o.process is None or o.process in left.processes
    )
    found = again(
        scenario,
        about=None,
        exercise=None,
        sources=tuple(key for key in scenario.sources if key not in keys),
        events=kept,
        crews=_cut_crews(scenario, kept, left),
        repair_order=_cut_order(scenario.repair_order, kept, left),
        rations=_rationed(scenario, model, left),
        with_measures=measures,
        observed=seen,
    )
    cut = Cut(
        events=len(scenario.events) - len(kept),
        measures_in_place=sum(len(m.at) for m in scenario.with_measures) - sum(len(m.at) for m in measures),
        observations=len(scenario.observed) - len(seen),
        texts=sum(text is not None for text in (scenario.about, scenario.exercise))
        + sum(_silenced(old, new) for old, new in zip(scenario.events, events, strict=True)),
    )
    return found, cut


def _rationed(scenario: Scenario, model: Model, left: Model) -> dict[str, Any]:
    """Return the classes of every output that is left, without who is gone or lost the need of it."""
    lost = _suppliers({p: model.processes[p] for p in left.processes}) - _suppliers(left.processes)
    return {
        name: _cut_rations(rations, set(left.processes) - {process for process, gone in lost if gone == name})
        for name, rations in scenario.rations.items()
        if name in left.processes
    }


def _cut_event(event: Event, model: Model, left: Model) -> Event | None:
    """Return an event with only the targets that are left; None without any."""
    hits = tuple(hit for hit in event.hits if _is_there(hit, left))
    if not hits:
        return None
    changed: dict[str, Any] = {"source": tuple(key for key in event.source if key in left.sources)}
    before, after = ({p for p, _, _ in hit_processes(m, event)} for m in (model, left))
    if before != after:
        changed |= {"hits": hits, "about": None, "note": None}
        known = {asset for p in after & set(left.assets) for asset in left.assets[p].ids}
        if event.assets is not None:
            changed["assets"] = tuple(asset for asset in event.assets if asset in known)
            if not changed["assets"]:
                return None
    found = again(event, **changed)
    return found if hits_something(left, found) else None


def _is_there(hit: Any, model: Model) -> bool:
    if isinstance(hit, str):
        return hit.partition("@")[0] in model.processes
    if isinstance(hit, HitSector):
        return hit.sector in model.sectors
    processes = model.processes.values()
    if isinstance(hit, HitTag):
        return any(hit.tag in process.tags for process in processes)
    return isinstance(hit, HitList) and any(process.lists.get(hit.list) == hit.item for process in processes)


def _silenced(old: Event, new: Event | None) -> int:
    """Count the texts that an event lost; those of an event that went are not counted."""
    return 0 if new is None else sum(getattr(old, n) is not None and getattr(new, n) is None for n in ("about", "note"))


def _cut_crews(scenario: Scenario, kept: Iterable[Event], left: Model) -> dict[str, Any]:
    """Return the crews without those that only events that went were waiting for."""
    busy = {event.repair.crew for event in scenario.events if event.repair is not None}
    gone = busy - {event.repair.crew for event in kept if event.repair is not None}
    return {
        name: again(crew, needs={p: share for p, share in crew.needs.items() if p in left.processes})
        for name, crew in scenario.crews.items()
        if name not in gone
    }


def _cut_order(order: Iterable[str], kept: Iterable[Event], left: Model) -> tuple[str, ...]:
    events = {event.id: event for event in kept if event.id is not None}

    def stays(entry: str) -> bool:
        event, _, place = entry.partition("@")
        return event in events and (not place or place in places_hit(left, events[event]))

    return tuple(entry for entry in order if stays(entry))


def _measure_at(entry: MeasureAt, left: Model) -> MeasureAt | None:
    known = left.measures[entry.measure].applies_to.processes if entry.measure in left.measures else ()
    at = tuple(process for process in entry.at if process in known)
    if at == entry.at:
        return entry
    return again(entry, at=at) if at else None
