"""A capacity file without every reference to what is marked above a limit."""

from collections.abc import Callable, Iterable
from typing import Any

from cascade.errors import UsageError
from cascade.files.cutting import Cut, again, cut_model, refuse_above
from cascade.model import BUDGET, Capacity, Model, Phase, Place


def cut_capacity(
    capacity: Capacity,
    model: Model,
    limit: str,
    hidden: Callable[[str], bool] = lambda name: False,
    left: Model | None = None,
) -> tuple[Capacity, Cut]:
    """Leave out of a capacity file every reference to what is marked above a limit.

    Parameters
    ----------
    capacity : Capacity
    model : Model
        What it was written for, before :func:`~cascade.files.cutting.cut_model`.
    limit : str
    hidden : callable, optional
        Whether the scenario of this name is as a whole above the limit.
    left : Model, optional
        What :func:`~cascade.files.cutting.cut_model` left of the model, where that is known already.

    Returns
    -------
    Capacity
        For the model that is left.
    Cut

    Raises
    ------
    UsageError
        If the file or the model as a whole is above the limit, or nothing is left to choose or to plan for.
    """
    refuse_above(capacity.marking, limit, "this capacity file")
    left = left or cut_model(model, limit)[0]
    secret = {name for name in capacity.scenarios if hidden(name)}
    if left is model and not secret:
        return capacity, Cut()
    changed = _cut_choices(capacity, left) | _cut_units(capacity, left)
    changed["scenarios"] = {name: w for name, w in capacity.scenarios.items() if name not in secret}
    changed["sources"] = tuple(key for key in capacity.sources if key in left.sources)
    who = capacity.attacker
    if who is not None and who.processes is not None:
        targets = tuple(p for p in who.processes if p in left.processes)
        changed["attacker"] = again(who, processes=targets) if targets else None
    attacked = changed.get("attacker", who) is not None
    if changed.get("candidates", True) == () or not (changed["scenarios"] or attacked):
        raise UsageError(f"--max-marking {limit}: this capacity file has nothing left to choose or to plan for")
    found = again(capacity, about=None, **changed)
    cut = Cut(
        scenarios=len(secret), entries=_entries(capacity) - _entries(found), texts=int(capacity.about is not None)
    )
    return found, cut


def _entries(capacity: Capacity) -> int:
    """Count the processes, or lists of all of them, that entries name."""
    groups = (capacity.candidates or (), capacity.placed, *capacity.excludes)
    return sum(len(place.at or ("",)) for group in groups for place in group)


def _cut_choices(capacity: Capacity, left: Model) -> dict[str, Any]:
    def places(given: Iterable[Place]) -> tuple[Place, ...]:
        return tuple(new for place in given if (new := _cut_place(place, left)) is not None)

    groups = tuple(places(group) for group in capacity.excludes)
    found: dict[str, Any] = {"placed": places(capacity.placed), "excludes": tuple(g for g in groups if len(g) > 1)}
    if capacity.candidates is not None:
        found["candidates"] = places(capacity.candidates)
    return found


def _cut_place(place: Place, left: Model) -> Place | None:
    if place.measure not in left.measures:
        return None
    if place.at is None:
        return place
    known = left.measures[place.measure].applies_to.processes
    at = tuple(process for process in place.at if process in known)
    return again(place, at=at) if at else None


def _cut_units(capacity: Capacity, left: Model) -> dict[str, Any]:
    """Return the kinds of units that some measure still takes."""
    taken = {kind for measure in left.measures.values() for kind in measure.takes}
    phases: list[Phase] = []
    for phase in capacity.phases:
        units = {kind: n for kind, n in phase.available.items() if kind in taken}
        if units or phase.budget:
            phases.append(again(phase, available=units))
    return {
        "available": {kind: units for kind, units in capacity.available.items() if kind in taken},
        "limits": {kind: limit for kind, limit in capacity.limits.items() if kind in taken or kind == BUDGET},
        "manning": {kind: men for kind, men in capacity.manning.items() if kind in taken},
        "phases": tuple(phases),
    }
