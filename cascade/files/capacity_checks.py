"""Judging a capacity file against the model it is for: one function per check, each with a name."""

from collections.abc import Callable, Collection, Iterator
from typing import Final, NamedTuple

from cascade.errors import Path_, Places, Problem
from cascade.files.model_checks import Check, Problems, fault, strange_marks, unknown, unknown_region
from cascade.model import BUDGET, EACH, NATIONAL, Capacity, Model, Place
from cascade.units import format_money

CAPACITY_CHECKS: Final[dict[str, Check]] = {}


class Allotment(NamedTuple):
    """A capacity file, the model it is for, and where it was written."""

    capacity: Capacity
    model: Model
    places: Places
    scenarios: Collection[str] | None = None
    """Names of the scenarios at hand; None: their names are not judged."""

    def fault(self, path: Path_, what: str, remedy: str = "", *, key: bool = False) -> Problem:
        """Make a problem at a path of the capacity file."""
        return fault(self.places, ("capacity", *path), what, remedy, key=key)

    @property
    def taken(self) -> set[str]:
        """Kinds of units that some measure takes."""
        return {kind for measure in self.model.measures.values() for kind in measure.takes}


def _check(
    name: str, *, fatal: bool = True, on_parts: bool = False
) -> Callable[[Callable[[Allotment], Problems]], Callable[[Allotment], Problems]]:
    def register(run: Callable[[Allotment], Problems]) -> Callable[[Allotment], Problems]:
        about = (run.__doc__ or "").partition("\n")[0]
        CAPACITY_CHECKS[name] = Check(name, about, "capacity", fatal, on_parts, run)
        return run

    return register


def _supplies(capacity: Capacity) -> Iterator[tuple[Path_, dict[str, int | dict[str, int]]]]:
    """Walk over what is available from the start and in each phase, with the path it stands at."""
    yield ("available",), capacity.available
    for i, phase in enumerate(capacity.phases):
        yield ("phases", i, "available"), phase.available


def _entries(capacity: Capacity) -> Iterator[tuple[Path_, Place]]:
    """Walk over everything that names a measure at some processes, with its path."""
    for i, place in enumerate(capacity.candidates or ()):
        yield ("candidates", i), place
    for i, place in enumerate(capacity.placed):
        yield ("placed", i), place
    for i, group in enumerate(capacity.excludes):
        for j, place in enumerate(group):
            yield ("excludes", i, j), place


@_check("capacity-kind", on_parts=True)
def _capacity_kind(case: Allotment) -> Problems:
    """Refuse kinds of units that no measure takes."""
    named = [((*path, kind), kind) for path, available in _supplies(case.capacity) for kind in available]
    named += [(("limits", kind), kind) for kind in case.capacity.limits if kind != BUDGET]
    named += [(("manning", kind), kind) for kind in case.capacity.manning]
    for path, kind in named:
        if kind not in case.taken:
            what, remedy = unknown("kind of unit", kind, case.taken)
            yield case.fault(path, what, remedy.replace("there are none", "no measure takes any"), key=True)


def _region_names(capacity: Capacity) -> Iterator[tuple[Path_, str, bool, tuple[str, ...]]]:
    """Walk over every place that is named: its path, the place, whether it is a key, and what else may stand there."""
    for path, available in _supplies(capacity):
        for kind, units in available.items():
            for place in units if isinstance(units, dict) else ():
                yield (*path, kind, place), place, True, (NATIONAL,)
    for kind, by_place in capacity.limits.items():
        for place in by_place:
            yield ("limits", kind, place), place, True, (EACH,)
    for path, entry in _entries(capacity):
        for i, region in enumerate(entry.where or ()):
            yield (*path, "where", i), region, False, ()
    for i, region in enumerate((capacity.attacker.where if capacity.attacker else None) or ()):
        yield ("attacker", "where", i), region, False, ()


@_check("capacity-region", on_parts=True)
def _capacity_region(case: Allotment) -> Problems:
    """Refuse regions in a capacity file that do not exist."""
    for path, place, key, also in _region_names(case.capacity):
        if place not in case.model.regions and place not in also:
            yield case.fault(path, *unknown_region(place, case.model, also), key=key)


@_check("capacity-measure", on_parts=True)
def _capacity_measure(case: Allotment) -> Problems:
    """Refuse measures that do not exist or do not apply where they are put, and processes that do not exist."""
    for path, entry in _entries(case.capacity):
        measure = case.model.measures.get(entry.measure)
        if measure is None:
            yield case.fault((*path, "measure"), *unknown("measure", entry.measure, case.model.measures))
        for i, process in enumerate(entry.at or ()):
            if process not in case.model.processes:
                yield case.fault((*path, "at", i), *unknown("process", process, case.model.processes))
            elif measure is not None and process not in measure.applies_to.processes:
                what = f"measure {entry.measure!r} does not apply to {process!r}"
                yield case.fault((*path, "at", i), what, "choose another measure, or add it to its applies_to")
    attacker = case.capacity.attacker
    for i, process in enumerate((attacker.processes if attacker else None) or ()):
        if process not in case.model.processes:
            yield case.fault(("attacker", "processes", i), *unknown("process", process, case.model.processes))


@_check("capacity-national", on_parts=True)
def _capacity_national(case: Allotment) -> Problems:
    """Refuse a region where a national process is protected or attacked."""
    named: list[tuple[Path_, str]] = []
    for path, entry in _entries(case.capacity):
        measure = case.model.measures.get(entry.measure)
        if entry.where is not None and entry.at is not None:
            named += [((*path, "at", i), process) for i, process in enumerate(entry.at)]
        elif entry.where is not None and measure is not None:
            known = [p for p in measure.applies_to.processes if p in case.model.processes]
            if known and not any(case.model.processes[p].regional for p in known):
                named.append(((*path, "measure"), known[0]))
    attacker = case.capacity.attacker
    if attacker is not None and attacker.where is not None:
        named += [(("attacker", "processes", i), process) for i, process in enumerate(attacker.processes or ())]
    for path, process in named:
        if process in case.model.processes and not case.model.processes[process].regional:
            what = f"{process!r} is national, so it has no regions to choose from"
            yield case.fault(path, what, "leave where out, or name it in an entry of its own")


@_check("capacity-limit", on_parts=True)
def _capacity_limit(case: Allotment) -> Problems:
    """Refuse limits in the wrong unit, and a region's least above what holds for every region as its most."""
    for kind, by_place in case.capacity.limits.items():
        for place, own in by_place.items():
            path: Path_ = ("limits", kind, place)
            for name in ("at_least", "at_most"):
                value = getattr(own, name)
                if value is None or (name in own.in_euros) == (kind == BUDGET):
                    continue
                what = f"{value} has no unit" if kind == BUDGET else f"{format_money(value)} is money"
                remedy = "write for example 5 MEUR" if kind == BUDGET else f"write a number of units of {kind}"
                yield case.fault((*path, name), what, remedy)
            whole = case.capacity.limit(kind, place)
            # a limit that contradicts itself was refused as it was read
            if own.at_least is None or own.at_most is None:
                yield from _crossed(
                    case, path, kind, whole.at_least if whole else None, whole.at_most if whole else None
                )


def _crossed(case: Allotment, path: Path_, kind: str, least: int | None, most: int | None) -> Problems:
    if least is not None and most is not None and least > most:
        shown = [format_money(n) if kind == BUDGET else str(n) for n in (least, most)]
        what = f"at_least {shown[0]} is more than at_most {shown[1]} when read with what holds for each region"
        yield case.fault(path, what, "correct one of the two", key=True)


def _least(capacity: Capacity, kind: str, regions: Collection[str]) -> dict[str, int]:
    """Return what each region has to get of a kind; those that may get nothing are left out."""
    found = {region: capacity.limit(kind, region) for region in sorted(regions)}
    return {region: limit.at_least for region, limit in found.items() if limit is not None and limit.at_least}


@_check("capacity-minimum")
def _capacity_minimum(case: Allotment) -> Problems:
    """Refuse minimums per region that need more than there is, all phases taken together."""
    capacity, every = case.capacity, len(case.capacity.phases)
    money = capacity.money(every)
    for kind in capacity.limits:
        least = _least(capacity, kind, case.model.regions)
        if kind == BUDGET:
            if sum(least.values()) > (money or 0):
                shown = format_money(money) if money is not None else "no budget"
                what = f"the regions have to get {format_money(sum(least.values()))} in all, and there is {shown}"
                yield case.fault(("limits", kind), what, "lower at_least, or raise the budget", key=True)
            continue
        if kind not in case.taken or (kind not in capacity.kinds and money is not None):
            continue  # an unknown kind has a fault of its own; what is not available can be bought
        units = capacity.units(kind, every)
        anywhere = units.get(NATIONAL, 0)
        short = sum(max(0, number - units.get(region, 0)) for region, number in least.items())
        if short > anywhere:
            what = (
                f"the regions have to get {sum(least.values())} of {kind!r} in all, "
                f"which takes {short} that can be used anywhere, and there are {anywhere}"
            )
            yield case.fault(("limits", kind), what, "lower at_least, or make more available", key=True)


@_check("capacity-scenario", on_parts=True)
def _capacity_scenario(case: Allotment) -> Problems:
    """Refuse scenarios that are not at hand."""
    for name in case.capacity.scenarios if case.scenarios is not None else ():
        if name not in (case.scenarios or ()):
            yield case.fault(("scenarios", name), *unknown("scenario", name, case.scenarios or ()), key=True)


@_check("phase-twice", on_parts=True)
def _phase_twice(case: Allotment) -> Problems:
    """Refuse two phases with one name."""
    for i, phase in enumerate(case.capacity.phases):
        if phase.name in [earlier.name for earlier in case.capacity.phases[:i]]:
            yield case.fault(
                ("phases", i, "name"), f"phase {str(phase.name)!r} is there already", "give it another name"
            )


@_check("capacity-source", on_parts=True)
def _capacity_source(case: Allotment) -> Problems:
    """Refuse sources in a capacity file that do not stand in sources.yaml."""
    for i, key in enumerate(case.capacity.sources):
        if key not in case.model.sources:
            yield case.fault(("sources", i), *unknown("source", key, case.model.sources))


@_check("capacity-marking", on_parts=True)
def _capacity_marking(case: Allotment) -> Problems:
    """Refuse a capacity file's marking other than the known ones."""
    for what, remedy in strange_marks(case.capacity.marking):
        yield case.fault(("marking",), what, remedy)


@_check("kind-without-units", fatal=False)
def _kind_without_units(case: Allotment) -> Problems:
    """Point out kinds of which there is not one unit, and limits or manning of such kinds."""
    capacity, every = case.capacity, len(case.capacity.phases)
    for kind in capacity.available:
        if not capacity.units(kind, every):
            yield case.fault(
                ("available", kind), f"there is not one unit of {kind!r}", "remove it, or add units", key=True
            )
    money = capacity.money(every) is not None
    named = [("limits", kind) for kind in capacity.limits if kind != BUDGET and not money]
    named += [("manning", kind) for kind in capacity.manning if not money]
    for path in named:
        if path[1] not in capacity.kinds:
            yield case.fault(
                path, f"no {path[1]!r} is available", f"add it to available, or remove it from {path[0]}", key=True
            )


@_check("unusable-candidate", fatal=False)
def _unusable_candidate(case: Allotment) -> Problems:
    """Point out candidates that can never be chosen with what there is."""
    capacity, measures = case.capacity, case.model.measures
    for i, entry in enumerate(capacity.candidates or ()):
        measure = measures.get(entry.measure)
        if measure is not None and not capacity.usable(measure):
            missing = ", ".join(sorted(set(measure.takes) - set(capacity.kinds)))
            what = f"measure {entry.measure!r} takes {missing}, of which there is none"
            yield case.fault(("candidates", i, "measure"), what, "make some available, or remove the candidate")
    if capacity.candidates is None and measures and not any(capacity.usable(m) for m in measures.values()):
        yield case.fault((), "no measure can be taken with what there is", "write what is available, or a budget")
