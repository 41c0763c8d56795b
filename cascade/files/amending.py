"""A model, scenario or capacity file with something written otherwise, with no file touched: what if it were so."""

from dataclasses import replace
from typing import Any, Final, TypeVar

from cascade.errors import DefinitionError, UsageError, did_you_mean, short
from cascade.files.checks import CHECKS, check_model
from cascade.model import Capacity, Frozen, Model, Need, Scenario

T = TypeVar("T", Model, Scenario, Capacity)
F = TypeVar("F", bound=Frozen)
AMENDED: Final = "+amended"
"""Stands behind the version of a model that is no longer what its files say."""
TOGETHER: Final = ("from", "any_of", "at_least", "shares"), ("endures", "fades"), ("loses", "fades")
"""Fields of a need of which one takes the place of the others."""


def amend(thing: T, where: str = "", **fields: Any) -> T:
    """Write some fields otherwise, in the words of the files; the thing itself stays as it is.

    Parameters
    ----------
    thing : Model, Scenario or Capacity
    where : str
        In a model: a process (``"mobile-access"``), or one of its needs (``"mobile-access/power"``).
    **fields
        As in a file: ``endures="72h"``, ``fades={"3h": "50%", "19h": "100%"}``, ``scenarios={"river-flood": 1}``; None takes
        a field away. What excludes the field that is written goes away by itself (``endures`` where ``fades`` is written).

    Returns
    -------
    Model, Scenario or Capacity
        A changed model has ``+amended`` behind its version, so that whatever is made of it says so.

    Raises
    ------
    UsageError
        If there is no such place or field, or a value cannot be read.
    DefinitionError
        If the model as a whole has a fault then.

    Examples
    --------
    >>> better = amend(model, "pnt-timing/satellite-time", fades={"72h": "100%"})  # doctest: +SKIP
    """
    if not fields:
        raise UsageError("nothing to amend; name a field and its value, such as endures='72h'")
    if isinstance(thing, Model):
        return _model(thing, where, fields)
    if not isinstance(thing, Scenario | Capacity):
        raise UsageError(f"a model, scenario or capacity is amended, not a {type(thing).__name__}")
    if where:
        raise UsageError(f"{short(where)!r}: a place is named in models only; leave it out")
    return _written(thing, fields, type(thing).__name__.lower())


def _model(model: Model, where: str, fields: dict[str, Any]) -> Model:
    name, _, key = where.partition("/")
    if name not in model.processes:
        raise UsageError(f"no process {short(name)!r} in this model; {did_you_mean(name, model.processes)}")
    process = model.processes[name]
    if key:
        if key not in process.needs:
            raise UsageError(f"no need {short(key)!r} of {name}; {did_you_mean(key, process.needs)}")
        changed = _written(process.needs[key], fields, where)
        process = process.model_copy(update={"needs": {**process.needs, key: changed}})
    else:
        process = _written(process, fields, where)
    sector = model.sectors[model.sector_of[name]]
    sector = sector.model_copy(update={"processes": {**sector.processes, name: process}})
    info = model.info
    if not info.version.endswith(AMENDED):
        info = info.model_copy(update={"version": info.version + AMENDED})
    amended = replace(
        model,
        info=info,
        processes={**model.processes, name: process},
        sectors={**model.sectors, model.sector_of[name]: sector},
    )
    faults = [problem for problem in check_model(amended) if CHECKS[problem.check].fatal]
    if faults:
        raise DefinitionError(faults)
    return amended


def _written(thing: F, fields: dict[str, Any], where: str) -> F:
    kind = type(thing)
    known = {field.alias or name for name, field in kind.model_fields.items()}
    for field in fields:
        if field not in known:
            raise UsageError(f"{where}: there is no field {short(field)!r}; {did_you_mean(field, known)}")
    gone = {field for field, value in fields.items() if value is None}
    if isinstance(thing, Need):
        written = fields.keys() - gone
        gone |= {other for rivals in TOGETHER for one in rivals if one in written for other in rivals if other != one}
        gone |= {"spread"} if "fades" in gone else set()
        gone -= written
    said = thing.model_dump(mode="json", by_alias=True, exclude_none=True) | fields
    try:
        return kind.model_validate({field: value for field, value in said.items() if field not in gone})
    except ValueError as error:
        raise UsageError(f"{where}: {_first(error)}") from None


def _first(error: ValueError) -> str:
    """Say what is wrong first, in one line."""
    if callable(listed := getattr(error, "errors", None)):
        first = listed()[0]
        place = "/".join(str(part) for part in first["loc"])
        return f"{place}: {first['msg']}" if place else str(first["msg"])
    return str(error)
