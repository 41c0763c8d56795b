"""Judging a model as a whole: one function per check, each with a name.

What one mapping cannot know of itself is judged here: whether the names it uses exist, whether places make sense,
whether every copy has a supplier. Functions that say "refuse" are errors, those that "point out" are advice.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from cascade.errors import Path_, Places, Problem, did_you_mean, short, subject, which_region
from cascade.files.parameter_checks import misfits
from cascade.model import (
    ALL,
    HERE,
    MARKINGS,
    NEIGHBOURS,
    OTHERS,
    Evidence,
    Model,
    Need,
    Process,
    Ration,
    Stock,
    Supply,
)
from cascade.units import FULL

Problems = Iterator[Problem]
MOST_PEOPLE: Final = 50_000_000_000
"""People are counted in 1/10 000 of 1/10 000, which must fit 64 bits with room for sums."""
SHOWN: Final = 3
"""So many examples of a fault that many copies share are named."""


@dataclass(frozen=True)
class Check:
    """One way to judge a model or scenario."""

    name: str
    about: str
    of: str
    """``model`` or ``scenario``."""
    fatal: bool
    """Whether loading refuses what this check finds."""
    on_parts: bool
    """Whether it can still be trusted when some fields of the files were faulty and left out."""
    run: Callable[[Any], Problems]
    """Takes a Model, or a scenario Case."""

    @property
    def severity(self) -> str:
        """``error`` or ``warning``."""
        return "error" if self.fatal else "warning"


MODEL_CHECKS: Final[dict[str, Check]] = {}


def _model_check(
    name: str, *, fatal: bool = True, on_parts: bool = False
) -> Callable[[Callable[[Model], Problems]], Callable[[Model], Problems]]:
    def register(run: Callable[[Model], Problems]) -> Callable[[Model], Problems]:
        about = (run.__doc__ or "").partition("\n")[0]
        MODEL_CHECKS[name] = Check(name, about, "model", fatal, on_parts, run)
        return run

    return register


def fault(places: Places, path: Path_, what: str, remedy: str = "", *, key: bool = False) -> Problem:
    """Make a problem at a path of a model or scenario."""
    return Problem(*places.at(*path, key=key), subject(places.written(*path)), what, remedy)


def unknown(kind: str, word: str, known: Iterable[str]) -> tuple[str, str]:
    """Say that there is no such thing, and which one may be meant."""
    return f"no {kind} {short(word)!r}", did_you_mean(word, known)


def unknown_region(word: str, model: Model, also: Iterable[str] = ()) -> tuple[str, str]:
    """Say that there is no such region, and which one may be meant, by its code or by its name."""
    names = {code: region.name for code, region in model.regions.items()}
    return f"no region {short(word)!r}", which_region(word, names, also)


class _Use(NamedTuple):
    """One place where a process is named as a supplier."""

    consumer: str
    need: Need
    supply: Supply
    path: Path_
    key: bool


def _uses_in_need(consumer: str, need: Need, path: Path_) -> Iterator[_Use]:
    for i, supply in enumerate(need.supplies):
        if need.rule == "shares":
            yield _Use(consumer, need, supply, (*path, "shares", supply.id), True)
        elif need.rule == "at_least":
            yield _Use(consumer, need, supply, (*path, "at_least", "of", i, "id"), False)
        else:
            yield _Use(consumer, need, supply, (*path, need.rule, i, "id"), False)
    if need.sustained_by is not None:
        yield _Use(consumer, need, Supply(id=need.sustained_by), (*path, "sustained_by"), False)


def _uses(model: Model) -> Iterator[_Use]:
    """Walk over every supply, those that measures add included."""
    for process, definition in model.processes.items():
        for name, need in definition.needs.items():
            yield from _uses_in_need(process, need, ("processes", process, "needs", name))
    for measure, what in model.measures.items():
        added = what.effect.adds_supply
        if added is None:
            continue
        for process in what.applies_to.processes:
            found = model.processes.get(process)
            changed = found.needs.get(what.applies_to.need or "") if found else None
            if changed is not None:
                yield _Use(process, changed, added, ("measures", measure, "effect", "adds_supply", "id"), False)


def copies_of(model: Model, process: str) -> list[str]:
    """Regions in which a process has copies or assets; none for a national one."""
    definition = model.processes[process]
    if process in model.assets:
        return sorted(set(model.assets[process].regions))
    return list(model.regions) if definition.per is not None else []


def some(names: Collection[str]) -> str:
    """Name a few, and say how many more there are."""
    shown = list(names)[:SHOWN]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return ", ".join(shown) + more


def _process_names(model: Model) -> Iterator[tuple[Path_, str, bool]]:
    for use in _uses(model):
        yield use.path, use.supply.process, use.key
    for process, definition in model.processes.items():
        yield from ration_names(("processes", process, "rations"), definition.rations or ())
    for name, measure in model.measures.items():
        for i, process in enumerate(measure.applies_to.processes):
            yield ("measures", name, "applies_to", "processes", i), process, False
        if measure.effect.adds_supply is not None:
            yield ("measures", name, "effect", "adds_supply", "id"), measure.effect.adds_supply.process, False
    for name, stock in model.stocks.items():
        for i, bridge in enumerate(stock.bridges):
            yield ("stocks", name, "bridges", i, "process"), bridge.process, False
        for i, process in enumerate(stock.usable_with):
            yield ("stocks", name, "usable_with", i), process, False
    yield from _process_names_in_dossier(model)
    yield from _process_names_in_parameters(model)


def _process_names_in_dossier(model: Model) -> Iterator[tuple[Path_, str, bool]]:
    for kind, found in (("hazards", model.hazards), ("authorities", model.authorities)):
        for name, entry in found.items():
            for i, process in enumerate(entry.processes):
                yield (kind, name, "processes", i), process, False


def _process_names_in_parameters(model: Model) -> Iterator[tuple[Path_, str, bool]]:
    for name, given in model.info.parameters.items():
        path = ("model", "parameters", name)
        for i, process in enumerate(given.processes or ()):
            yield (*path, "processes", i), process, False
        for key, indicator in (given.indicators or {}).items():
            for i, process in enumerate(indicator.processes):
                yield (*path, "indicators", key, "processes", i), process, False
        for i, threshold in enumerate(given.thresholds or ()):
            for j, process in enumerate(threshold.processes):
                yield (*path, "thresholds", i, "processes", j), process, False


def ration_names(path: Path_, rations: Iterable[Ration]) -> Iterator[tuple[Path_, str, bool]]:
    """Walk over the processes that classes of a rationed output serve."""
    for i, ration in enumerate(rations):
        for j, process in enumerate(ration.serves):
            if process != OTHERS:
                yield (*path, i, "serves", j), process, False


@_model_check("unknown-process", on_parts=True)
def _unknown_process(model: Model) -> Problems:
    """Refuse processes that do not exist."""
    for path, process, key in _process_names(model):
        if process not in model.processes:
            yield fault(model.places, path, *unknown("process", process, model.processes), key=key)


@_model_check("unknown-region", on_parts=True)
def _unknown_region(model: Model) -> Problems:
    """Refuse regions that do not exist."""
    words = (HERE, NEIGHBOURS, ALL)
    for use in _uses(model):
        place = use.supply.place
        if place is not None and place not in words and place not in model.regions:
            found = unknown_region(place, model, words)
            yield fault(model.places, use.path, *found, key=use.key)
    for code, region in model.regions.items():
        for i, other in enumerate(region.neighbours):
            if other not in model.regions:
                path = ("regions", code, "neighbours", i)
                yield fault(model.places, path, *unknown_region(other, model))


def evidence(model: Model) -> Iterator[tuple[Path_, Evidence]]:
    """Walk over everything that names sources, with its path."""
    yield ("model",), model.info
    for name, given in model.info.parameters.items():
        yield ("model", "parameters", name), given
        for i, threshold in enumerate(given.thresholds or ()):
            yield ("model", "parameters", name, "thresholds", i), threshold
    for code, region in model.regions.items():
        yield ("regions", code), region
    for name, sector in model.sectors.items():
        yield ("sectors", name), sector
    for name, measure in model.measures.items():
        yield ("measures", name), measure
    for name, stock in model.stocks.items():
        yield ("stocks", name), stock
    for name, hazard in model.hazards.items():
        yield ("hazards", name), hazard
    for name, entry in model.authorities.items():
        yield ("authorities", name), entry
    yield from _claims(model)


def _claims(model: Model) -> Iterator[tuple[Path_, Process | Need]]:
    """Walk over the processes and needs: what must say where it comes from."""
    for name, process in model.processes.items():
        yield ("processes", name), process
        for key, need in process.needs.items():
            yield ("processes", name, "needs", key), need


@_model_check("unknown-source", on_parts=True)
def _unknown_source(model: Model) -> Problems:
    """Refuse sources that do not stand in sources.yaml."""
    for path, claim in evidence(model):
        for i, key in enumerate(claim.source):
            if key not in model.sources:
                yield fault(model.places, (*path, "source", i), *unknown("source", key, model.sources))


@_model_check("unknown-sector", on_parts=True)
def _unknown_sector(model: Model) -> Problems:
    """Refuse thresholds and authorities for sectors that do not exist."""
    for name, entry in model.authorities.items():
        for i, sector in enumerate(entry.sectors):
            if sector not in model.sectors:
                yield fault(
                    model.places, ("authorities", name, "sectors", i), *unknown("sector", sector, model.sectors)
                )
    for name, given in model.info.parameters.items():
        for i, threshold in enumerate(given.thresholds or ()):
            for j, sector in enumerate(threshold.sectors):
                if sector not in model.sectors:
                    path = ("model", "parameters", name, "thresholds", i, "sectors", j)
                    yield fault(model.places, path, *unknown("sector", sector, model.sectors))


@_model_check("odd-parameters")
def _odd_parameters(model: Model) -> Problems:
    """Refuse parameter sets of which the parts do not fit together."""
    for name, given in model.info.parameters.items():
        for path, what, remedy in misfits(given):
            yield fault(model.places, ("model", "parameters", name, *path), what, remedy)


def strange_marks(marking: str | None) -> Iterator[tuple[str, str]]:
    """Say which parts of a marking are unknown."""
    known = [mark for marks in MARKINGS.values() for mark in marks]
    for mark in (marking or "").split(" / ") if marking is not None else ():
        if mark not in known:
            yield unknown("marking", mark, known)
    for family, marks in MARKINGS.items():
        named = [mark for mark in (marking or "").split(" / ") if mark in marks]
        if len(named) > 1:
            yield f"{named[0]} and {named[1]} are both marks of {family}", "keep the higher"


@_model_check("unknown-marking", on_parts=True)
def _unknown_marking(model: Model) -> Problems:
    """Refuse markings other than the known ones, or one of each family with `` / `` between."""
    for what, remedy in strange_marks(model.info.marking):
        yield fault(model.places, ("model", "marking"), what, remedy)
    for path, marking in _marks(model):
        for what, remedy in strange_marks(marking):
            yield fault(model.places, (*path, "marking"), what, remedy)


def _marks(model: Model) -> Iterator[tuple[Path_, str | None]]:
    """Walk over everything inside a model that can have a mark."""
    kinds: dict[str, dict[str, Any]] = {
        "sectors": model.sectors,
        "measures": model.measures,
        "stocks": model.stocks,
        "hazards": model.hazards,
    }
    for kind, parts in kinds.items():
        for name, part in parts.items():
            yield (kind, name), part.marking
    for path, claim in _claims(model):
        yield path, claim.marking


@_model_check("place-on-national")
def _place_on_national(model: Model) -> Problems:
    """Refuse a place where the supplier is national and has no copies."""
    for use in _uses(model):
        found = model.processes.get(use.supply.process)
        if found is not None and not found.regional and use.supply.place is not None:
            what = f"{use.supply.process!r} is national and has no place {use.supply.place!r}"
            yield fault(model.places, use.path, what, f"write {use.supply.process!r}", key=use.key)


@_model_check("place-for-national")
def _place_for_national(model: Model) -> Problems:
    """Refuse ``@here`` and ``@neighbours`` where the consumer is national."""
    for use in _uses(model):
        found = model.processes.get(use.supply.process)
        if model.processes[use.consumer].regional or found is None or not found.regional:
            continue
        if use.supply.place in (HERE, NEIGHBOURS):
            what = f"{use.consumer!r} is national, so '@{use.supply.place}' means nothing"
            remedy = "leave the place out (all copies), or name a region"
            yield fault(model.places, use.path, what, remedy, key=use.key)


def _unserved(model: Model, use: _Use, regions: Collection[str], copies: Collection[str]) -> list[str]:
    """Regions of the consumer (or the region named) in which no copy of the supplier can be found."""
    place = use.supply.place
    if place in (None, HERE):
        return [r for r in regions if r not in copies]
    if place == NEIGHBOURS:
        return [r for r in regions if not set(model.regions[r].neighbours) & set(copies)]
    return [place] if place != ALL and place in model.regions and place not in copies else []


@_model_check("no-copy")
def _no_copy(model: Model) -> Problems:
    """Refuse needs for which a copy of the consumer finds no copy of the supplier."""
    copies = {process: copies_of(model, process) for process in model.processes}
    for use in _uses(model):
        found = model.processes.get(use.supply.process)
        # what a measure adds, or what keeps a reserve filled, is not told by a table, distance or area
        told = use.need.by is not None and use.path[0] == "processes" and use.path[-1] != "sustained_by"
        if found is None or not found.regional or told:
            continue
        missing = _unserved(model, use, copies[use.consumer], set(copies[use.supply.process]))
        if missing:
            where = "among the neighbours of" if use.supply.place == NEIGHBOURS else "in"
            what = f"there is no {use.supply.process!r} {where} {some(missing)}"
            remedy = "add it there, or name another place or supplier"
            yield fault(model.places, use.path, what, remedy, key=use.key)


@_model_check("no-regions")
def _no_regions(model: Model) -> Problems:
    """Refuse regional processes without regions."""
    for name, process in model.processes.items():
        if process.per is not None and not model.regions:
            yield fault(model.places, ("processes", name, "per"), "there are no regions", "add them to regions.yaml")


@_model_check("neighbours-differ")
def _neighbours_differ(model: Model) -> Problems:
    """Refuse neighbours that do not name each other."""
    for code, region in model.regions.items():
        for i, other in enumerate(region.neighbours):
            path = ("regions", code, "neighbours", i)
            if other == code:
                yield fault(model.places, path, f"{code!r} names itself", "remove it")
            elif other in model.regions and code not in model.regions[other].neighbours:
                what = f"{other!r} does not name {code!r} as its neighbour"
                yield fault(model.places, path, what, "add it there, or remove it here")


@_model_check("reserved-name")
def _reserved_name(model: Model) -> Problems:
    """Refuse ids that mean something else where they are used."""
    for code in model.regions:
        if code in (HERE, NEIGHBOURS, ALL):
            what = f"{code!r} has a meaning of its own behind '@'"
            yield fault(model.places, ("regions", code, "code"), what, "give the region another code")
    if OTHERS in model.processes:
        what = f"{OTHERS!r} has a meaning of its own in rations"
        yield fault(model.places, ("processes", OTHERS), what, "give the process another id", key=True)


@_model_check("same-tile")
def _same_tile(model: Model) -> Problems:
    """Refuse two regions on one tile of the map."""
    first: dict[tuple[int, int], str] = {}
    for code, region in model.regions.items():
        if region.tile is None:
            continue
        if region.tile in first:
            what = f"{list(region.tile)} is the tile of {first[region.tile]!r} already"
            yield fault(model.places, ("regions", code, "tile"), what, "choose a free column and row")
        first.setdefault(region.tile, code)


@_model_check("supplier-twice")
def _supplier_twice(model: Model) -> Problems:
    """Refuse a supplier that is named twice in one need."""
    for name, process in model.processes.items():
        for key, need in process.needs.items():
            seen: set[tuple[str, str | None]] = set()
            for use in _uses_in_need(name, need, ("processes", name, "needs", key)):
                place = None if use.supply.place == HERE else use.supply.place
                if use.path[4] != "sustained_by" and (use.supply.process, place) in seen:
                    what = f"supplier {use.supply.id!r} is named twice"
                    yield fault(model.places, use.path, what, "name it once", key=use.key)
                seen.add((use.supply.process, place))


@_model_check("unknown-need")
def _unknown_need(model: Model) -> Problems:
    """Refuse measures and stocks on needs that do not exist."""
    for name, measure in model.measures.items():
        need = measure.applies_to.need
        for i, process in enumerate(measure.applies_to.processes):
            found = model.processes.get(process)
            if need is not None and found is not None and need not in found.needs:
                what, remedy = unknown("need", need, found.needs)
                path = ("measures", name, "applies_to", "processes", i)
                yield fault(model.places, path, f"{process!r} has {what}", remedy or "it has no needs")
    for name, stock in model.stocks.items():
        for i, bridge in enumerate(stock.bridges):
            found = model.processes.get(bridge.process)
            if found is not None and bridge.need not in found.needs:
                what, remedy = unknown("need", bridge.need, found.needs)
                at = ("stocks", name, "bridges", i, "need")
                yield fault(model.places, at, f"{bridge.process!r} has {what}", remedy or "it has no needs")


@_model_check("unfit-need")
def _unfit_need(model: Model) -> Problems:
    """Refuse measures and stocks on needs that cannot take them: no room for a supplier, nothing endured."""
    for name, measure in model.measures.items():
        for i, process in enumerate(measure.applies_to.processes):
            found = model.processes.get(process)
            need = found.needs.get(measure.applies_to.need or "") if found else None
            if measure.effect.adds_supply is None or need is None:
                continue
            if need.rule == "shares" or (need.rule == "from" and len(need.supplies) > 1):
                what = f"no supplier can be added to {process}.needs.{measure.applies_to.need}, which needs all it has"
                path = ("measures", name, "applies_to", "processes", i)
                yield fault(model.places, path, what, "leave this process out, or write its need with any_of")
    first: dict[tuple[str, str], str] = {}
    for name, stock in model.stocks.items():
        for i, bridge in enumerate(stock.bridges):
            found = model.processes.get(bridge.process)
            need = found.needs.get(bridge.need) if found else None
            at = ("stocks", name, "bridges", i, "need")
            told = f"{bridge.process}.needs.{bridge.need}"
            if need is not None and need.steps[-1][0].mode == 0:
                yield fault(model.places, at, f"{told} endures nothing", "give it an endurance, or leave it out here")
            if (bridge.process, bridge.need) in first:
                what = f"{told} is bridged by {first[bridge.process, bridge.need]!r} already"
                yield fault(model.places, at, what, "keep the larger; what else a need endures is its working stock")
            first.setdefault((bridge.process, bridge.need), name)


@_model_check("authority-twice")
def _authority_twice(model: Model) -> Problems:
    """Refuse a process or sector with two authorities."""
    first: dict[tuple[str, str], str] = {}
    for name, entry in model.authorities.items():
        for field in ("processes", "sectors"):
            for i, what in enumerate(getattr(entry, field)):
                if first.setdefault((field, what), name) != name:
                    told = f"{what!r} has an authority already: {first[field, what]!r}"
                    yield fault(model.places, ("authorities", name, field, i), told, "name it under one of the two")


@_model_check("no-source", fatal=False)
def _no_source(model: Model) -> Problems:
    """Point out processes and needs without a source."""
    for path, claim in _claims(model):
        if not claim.source:
            yield fault(model.places, path, "no source", "add source: [..], or [own] for an estimate", key=True)


@_model_check("no-confidence", fatal=False)
def _no_confidence(model: Model) -> Problems:
    """Point out processes and needs without a confidence."""
    for path, claim in _claims(model):
        if claim.confidence is None:
            yield fault(model.places, path, "no confidence", "add confidence: high, medium or low", key=True)


@_model_check("no-lists", fatal=False)
def _no_lists(model: Model) -> Problems:
    """Point out processes without a place in the lists of others."""
    for name, process in model.processes.items():
        if not process.lists:
            remedy = "add lists: {nctv: .., cer: ..}, with null where it stands in none"
            yield fault(model.places, ("processes", name), "no lists", remedy, key=True)


@_model_check("unused-process", fatal=False)
def _unused_process(model: Model) -> Problems:
    """Point out processes that nobody needs or relies on; people may be named asset by asset."""
    named = {process.partition("@")[0] for _, process, _ in _process_names(model)}
    for name, process in model.processes.items():
        table = model.assets.get(name)
        relied_on = process.people is not None or (table is not None and table.people is not None)
        if name not in named and not relied_on and process.cost_per_day is None:
            what = "nobody needs it and no people rely on it"
            yield fault(model.places, ("processes", name), what, "add people, or who needs it", key=True)


@_model_check("short-from-the-start", fatal=False)
def _short_from_the_start(model: Model) -> Problems:
    """Point out needs that ask for more full suppliers than they name, so that nothing can ever meet them."""
    for name, process in model.processes.items():
        for key, need in process.needs.items():
            full = sum(supply.gives == FULL for supply in need.supplies)
            if need.at_least is not None and full < need.at_least.count:
                what = f"asks for {need.at_least.count} suppliers, but only {full} give all, so it is never met in full"
                path = ("processes", name, "needs", key, "at_least", "count")
                yield fault(model.places, path, what, "lower the count, or let more of them give all")


@_model_check("too-many-people")
def _too_many_people(model: Model) -> Problems:
    """Refuse more inhabitants in all than can be counted exactly."""
    if model.population > MOST_PEOPLE:
        last = max(model.regions, key=lambda code: model.regions[code].population)
        what = f"{model.population:,} inhabitants in all regions together, more than {MOST_PEOPLE:,}"
        yield fault(model.places, ("regions", last, "population"), what, "check the numbers")


@_model_check("empty-region", fatal=False)
def _empty_region(model: Model) -> Problems:
    """Point out regions with processes but no inhabitants."""
    if any(process.per is not None for process in model.processes.values()):
        for code, region in model.regions.items():
            if region.population == 0:
                what = "has no inhabitants, so its processes count for nobody"
                yield fault(model.places, ("regions", code, "population"), what, "check the number")


@_model_check("self-need", fatal=False)
def _self_need(model: Model) -> Problems:
    """Point out processes that need themselves and can never restart."""
    for use in _uses(model):
        other = use.supply.place not in (None, HERE) and model.processes[use.consumer].regional
        if use.supply.process == use.consumer and not other:
            what = "needs itself, so once down it stays down"
            yield fault(model.places, use.path, what, "name another supplier", key=use.key)


@_model_check("need-twins", fatal=False)
def _need_twins(model: Model) -> Problems:
    """Point out needs of one process that differ only in capitals."""
    for name, process in model.processes.items():
        seen: dict[str, str] = {}
        for need in process.needs:
            first = seen.setdefault(need.casefold(), need)
            if first != need:
                what = f"differs from need {first!r} only in capitals, and counts beside it"
                remedy = "give one of them another name, or keep one"
                yield fault(model.places, ("processes", name, "needs", need), what, remedy, key=True)


@_model_check("ration-stranger", fatal=False)
def _ration_stranger(model: Model) -> Problems:
    """Point out rations for processes that do not need the supplier."""
    consumers: dict[str, set[str]] = {}
    for use in _uses(model):
        consumers.setdefault(use.supply.process, set()).add(use.consumer)
    for name, process in model.processes.items():
        for path, served, _ in ration_names(("processes", name, "rations"), process.rations or ()):
            if served in model.processes and served not in consumers.get(name, ()):
                what = f"{served!r} does not need {name!r}"
                yield fault(model.places, path, what, "remove it, or add the need")


def unseen(model: Model, stock: Stock) -> tuple[str, ...]:
    """Name what must work for a stock to be usable, but that no need of those it stands in for asks for.

    Asked for: by another need of a process whose need is bridged, or by one of the suppliers of such a need. The suppliers
    of the bridged need itself do not count: the stock is there for when they fail.
    """
    known: set[str] = set()
    for bridge in stock.bridges:
        process = model.processes.get(bridge.process)
        others = [need for name, need in process.needs.items() if name != bridge.need] if process else []
        near = {supply.process for need in others for supply in need.supplies} | {bridge.process}
        far = [model.processes[p] for p in near if p in model.processes and p != bridge.process]
        known |= near | {supply.process for one in far for need in one.needs.values() for supply in need.supplies}
    return tuple(name for name in stock.usable_with if name not in known)


@_model_check("stock-unseen", fatal=False)
def _stock_unseen(model: Model) -> Problems:
    """Point out what stocks cannot be used without while the model lets them help without it, and the reverse."""
    for name, stock in model.stocks.items():
        path = ("stocks", name, "usable_with")
        missing = unseen(model, stock) if stock.bridges else ()
        for i, process in enumerate(stock.usable_with):
            where = (*path, i)
            if process in missing and process not in stock.not_in_model:
                what = f"the stock needs {process!r}, but no need that it bridges fails without it"
                yield fault(model.places, where, what, "add such a need, or name it under not_in_model")
            if process in stock.not_in_model and stock.bridges and process not in missing:
                what = f"{process!r} stands under not_in_model, but a need asks for it"
                yield fault(model.places, where, what, "remove it there")
