"""Plain data to the classes of the model: every scalar typed by its field, every fault in our own words.

``12:30``, ``no`` and ``010`` stay the text they are until the field they stand in gives them a type. pydantic does
the typing; what it finds wrong is said here with place, value and remedy.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin

from pydantic import ValidationError

from cascade.errors import Path_, did_you_mean, short
from cascade.files.parsing import Document
from cascade.model import Capacity, Frozen, Measure, ModelInfo, Region, Scenario, Sector, Source, Stock
from cascade.units import parse_duration, parse_share

T = TypeVar("T", bound=Frozen)
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*", re.ASCII)


def _shape(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else repr(short(value))


def _inside(kind: Any) -> Iterator[Any]:
    """Strip unions and annotations off a type."""
    if get_origin(kind) is Annotated:
        yield from _inside(get_args(kind)[0])
    elif get_origin(kind) in (Union, UnionType):
        for option in get_args(kind):
            yield from _inside(option)
    else:
        yield kind


def _fields_of(kind: type[Frozen]) -> dict[str, Any]:
    return {(info.alias or name): info.annotation for name, info in kind.model_fields.items()}


def _known_fields(kind: Any, path: Path_) -> list[str]:
    """Fields that may stand in the mapping at ``path`` below a class of the model."""
    here = list(_inside(kind))
    for part in path:
        there: list[Any] = []
        for one in here:
            if isinstance(one, type) and issubclass(one, Frozen):
                there.extend(_inside(_fields_of(one).get(str(part), str)))
            elif get_origin(one) in (dict, tuple):
                options = get_args(one)
                there.extend(_inside(options[1] if get_origin(one) is dict else options[0]))
        here = there
    # a lone entry may stand where a list of them is meant
    here += [one for kind in here if get_origin(kind) is tuple for one in _inside(get_args(kind)[0])]
    classes = [one for one in here if isinstance(one, type) and issubclass(one, Frozen)]
    return sorted({name for one in classes for name in _fields_of(one)})


_LIMITS: Final = {
    "greater_than": ("gt", "must be above"),
    "greater_than_equal": ("ge", "must be at least"),
    "less_than_equal": ("le", "must be at most"),
    "less_than": ("lt", "must be below"),
}
_MAPPING: Final = ("a mapping", "write name: value below it")
_NUMBER: Final = ("one number", "write a single value")
_SHAPES: Final = {
    "string_type": ("one text", "write a single word or sentence"),
    "int_type": _NUMBER,
    "float_type": _NUMBER,
    "bool_type": ("true or false", "write one of the two"),
    "datetime_type": ("a moment", "write for example 2027-01-18T17:00+01:00"),
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "tuple_type": ("a list", "write [..], or lines that begin with a dash"),
    "arguments_type": ("a number", "write one value, or [low, mode, high]"),
}


def _wording(error: Mapping[str, Any], value: Any, known: Callable[[], list[str]]) -> tuple[str, str]:
    """Say one pydantic error in our words: what is wrong, and the remedy."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        what, _, remedy = short(context["error"], 400).partition("; ")
        return what, remedy
    if kind == "extra_forbidden":
        name = str(error["loc"][-1])
        return f"unknown field {short(name)!r}", did_you_mean(name, known())
    if kind == "missing":
        name = error["loc"][-1]
        if isinstance(name, int):
            return f"expected more values than {len(value)}", "write them all"
        return f"field {name!r} is missing", f"write {name}: ..."
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", context["expected"])
        if len(allowed) == 1:
            return f"{_shape(value)} is not {allowed[0]!r}", f"write {allowed[0]}, or leave the field out"
        near = did_you_mean(short(value), allowed) if isinstance(value, str) else ""
        remedy = near if near.startswith("did") else "choose one of these"
        return f"{_shape(value)} is not one of {', '.join(allowed)}", remedy
    if kind in _SHAPES:
        expected, remedy = _SHAPES[kind]
        return f"expected {expected}, got {_shape(value)}", remedy
    if kind in _LIMITS:
        limit, words = _LIMITS[kind]
        return f"{words} {context[limit]}, got {_shape(value)}", "correct the number"
    return _rarer_wording(kind, context, value, error["msg"])


def _rarer_wording(kind: str, context: Mapping[str, Any], value: Any, message: str) -> tuple[str, str]:
    if kind == "string_pattern_mismatch":
        return (
            f"{_shape(value)} is not an id",
            "use letters, digits and - _ . +, and begin with a letter or digit",
        )
    if kind == "too_short":
        return "is empty", "name at least one, or leave the field out"
    if kind in ("too_long", "string_too_long"):
        limit = context.get("max_length")
        return f"is longer than {limit}", "shorten it"
    if kind == "union_tag_not_found":
        remedy = "write a process id, {sector: ..}, {tag: ..} or {list: .., item: ..}"
        return f"{_shape(value)} names no target", remedy
    return message, ""


def _follow(data: Any, loc: Path_) -> tuple[Path_, Any, bool]:
    """Walk an error's location down the data, past the names of unions; True at a key."""
    path: list[str | int] = []
    for part in loc:
        inside_list = isinstance(data, list) and isinstance(part, int) and 0 <= part < len(data)
        if inside_list or (isinstance(data, dict) and part in data):
            data = data[part]
            path.append(part)
    return tuple(path), data, loc[-1:] == ("[key]",)


def _note_errors(
    document: Document, kind: type[Frozen], error: ValidationError, data: Any, base: Path_, name: Path_
) -> list[Path_]:
    """Note what pydantic found wrong with ``data``, and return the faulty paths in it."""
    above = {path[:n] for path in document.refused for n in range(len(path))}
    found: list[Path_] = []
    for one in error.errors(include_url=False):
        loc: Path_ = one["loc"]
        path, value, at_key = _follow(data, loc)
        found.append(path)
        whole = (*base, *path)
        known_already = any(whole[:n] in document.refused for n in range(len(whole) + 1))
        if known_already or (one["type"] == "value_error" and whole in above):
            continue
        extra = one["type"] == "extra_forbidden"
        parent = path[:-1] if extra else path
        shown_value = path[-1] if at_key and path else value
        what, remedy = _wording(one, shown_value, lambda at=parent: _known_fields(kind, at))  # type: ignore[misc]
        shown = (*name, *(parent if extra else path)) or base
        document.fault(whole, what, remedy, key=extra or at_key, shown=shown)
    return found


def validate(
    kind: type[T], document: Document, data: Any, base: Path_ = (), name: Path_ = ()
) -> tuple[T | None, list[Path_]]:
    """Type plain data; faults go to the document. ``name`` is how messages call it."""
    _note_equal_keys(document, data, base)
    try:
        return kind.model_validate(data, by_alias=True, by_name=False), []
    except ValidationError as error:
        return None, _note_errors(document, kind, error, data, base, name or base)


def _note_equal_keys(document: Document, data: Any, base: Path_) -> None:
    """Refuse keys that are written differently but mean the same: ``0h`` and ``0m``."""
    parsers = {"fades": parse_duration, "levels": parse_duration, "response": parse_share}
    waiting: list[tuple[Path_, Any]] = [(base, data)]
    while waiting:
        path, here = waiting.pop()
        inner = here.items() if isinstance(here, dict) else enumerate(here) if isinstance(here, list) else ()
        waiting.extend(((*path, part), value) for part, value in inner if isinstance(value, dict | list))
        parse = parsers.get(str(path[-1])) if path and isinstance(here, dict) else None
        if parse is None:
            continue
        first: dict[int, str] = {}
        for key in here:
            try:
                number = parse(key)
            except ValueError:
                continue
            if number in first:
                what = f"{key!r} is the same as {first[number]!r} above"
                document.fault((*path, key), what, "keep one of the two", key=True, shown=path)
            first.setdefault(number, key)


_STUBS: Final[dict[type[Frozen], dict[str, Any]]] = {
    ModelInfo: {"title": "?", "version": "?"},
    Region: {"name": "?", "population": "0"},
    Source: {"title": "?"},
    Measure: {"name": "?", "lever": "recovery", "applies_to": {"processes": []}, "effect": {"serves_first": "true"}},
    Stock: {"name": "?", "holds": "?", "kind": "working", "holder": "?"},
    Sector: {"name": "?"},
    Scenario: {"name": "?", "horizon": "1d"},
    Capacity: {"name": "?"},
}
"""What stands in for a faulty field, so that the rest can still be checked; never leaves this module."""


_STRANGER: Final = "x"
"""Stands in for a faulty name; what is found wrong with it is not said, because the name has its fault already."""
_KEPT: Final = ("id", "about", "hits", "where", "assets", "source", "confidence", "note", "repair")
"""What can still be judged of an event of which the times or levels contradict each other."""
_CLAIMS: Final = ("starts", "lost", "ends", "lost_at_most")
"""What an observation can say; it has to say something."""
_ENTRIES: Final[dict[str, dict[str, Any]]] = {
    "events": {"hits": [_STRANGER], "level": "0%"},
    "with_measures": {"measure": _STRANGER, "at": []},
    "observed": {"process": _STRANGER, "lost_at_most": "0%"},
}


def _put(here: Any, part: str | int, value: Any) -> Any:
    """Put a value in a copy of a mapping or list."""
    if isinstance(here, list):
        return [value if i == part else old for i, old in enumerate(here)]
    return {**here, part: value}


def _mend_entry(kind: str, entry: Any, path: Path_) -> Any:
    """Make one event, measure or observation sound where ``path`` in it is faulty, and keep its other names."""
    stub = _ENTRIES[kind]
    if not isinstance(entry, dict):
        return stub
    if not path:
        judged = {"events": set(_KEPT), "observed": set(entry).difference(_CLAIMS)}.get(kind, set(entry))
        return stub | {key: value for key, value in entry.items() if key in judged}
    first, rest = str(path[0]), path[1:]
    if first == "hits" and rest and isinstance(entry["hits"], list):
        return _put(entry, "hits", _put(entry["hits"], rest[0], _STRANGER))
    if first == "repair":
        work = {"crew": _STRANGER, "work": "1h"}
        given = entry["repair"] if isinstance(entry["repair"], dict) else {}
        sound = {key: value for key, value in given.items() if key in work and key not in rest[:1]}
        return entry | {"repair": work | sound}
    left = {key: value for key, value in entry.items() if key != first}
    if first == "hits":  # which assets there are follows from the processes hit
        left.pop("assets", None)
    if kind == "observed" and first in _CLAIMS:
        return left if set(left).intersection(_CLAIMS) else stub | left
    return {**left, first: stub[first]} if first in stub else left


def _mend_scenario(data: dict[str, Any], path: Path_) -> dict[str, Any]:
    """Make a scenario sound where ``path`` in it is faulty; its other entries keep their numbers."""
    kind = str(path[0])
    given = data.get(kind)
    if len(path) > 1 and kind in _ENTRIES and isinstance(given, list) and isinstance(path[1], int):
        return data | {kind: _put(given, path[1], _mend_entry(kind, given[path[1]], path[2:]))}
    if len(path) > 1 and kind == "crews" and isinstance(given, dict):
        return data | {kind: given | {str(path[1]): "1"}}
    if len(path) > 1 and kind == "rations" and isinstance(given, dict):
        return data | {kind: {key: value for key, value in given.items() if key != path[1]}}
    return {key: value for key, value in data.items() if key != kind}


_PLACES: Final = ("candidates", "placed", "excludes")
_PLACE: Final[dict[str, Any]] = {"measure": _STRANGER}


def _mend_place(given: Any, path: Path_) -> Any:
    """Make a measure at some processes, or a list of them, sound where ``path`` in it is faulty."""
    if isinstance(given, list):
        if path and isinstance(path[0], int):
            return _put(given, path[0], _mend_place(given[path[0]], path[1:]))
        return [_PLACE, _PLACE]
    return (
        _PLACE | {key: value for key, value in given.items() if key not in path[:1]}
        if isinstance(given, dict)
        else _PLACE
    )


def _mend_capacity(data: dict[str, Any], path: Path_) -> dict[str, Any]:
    """Make a capacity file sound where ``path`` in it is faulty; its other entries keep their numbers."""
    kind, rest = str(path[0]), path[1:]
    given = data.get(kind)
    if kind in _PLACES and rest and isinstance(given, list):
        return data | {kind: _put(given, int(rest[0]), _mend_place(given[int(rest[0])], rest[1:]))}
    if kind == "phases" and rest and isinstance(given, list):
        i, phase = int(rest[0]), given[int(rest[0])]
        sound = {key: v for key, v in phase.items() if key != rest[1]} if isinstance(phase, dict) and rest[1:] else {}
        return data | {kind: _put(given, i, {"name": f"? {i}", "budget": "1 EUR"} | sound)}
    if kind == "limits" and len(rest) > 1 and isinstance(given, dict) and isinstance(given[rest[0]], dict):
        return data | {kind: given | {rest[0]: {key: v for key, v in given[rest[0]].items() if key != rest[1]}}}
    if kind == "attacker":
        sound = {key: v for key, v in given.items() if key not in rest[:1]} if isinstance(given, dict) and rest else {}
        return data | {kind: {"targets": "1"} | sound}
    if rest and isinstance(given, dict):
        return data | {kind: {key: value for key, value in given.items() if key != rest[0]}}
    return {key: value for key, value in data.items() if key != kind}


def _without(data: Any, faulty: Iterable[Path_], kind: type[Frozen]) -> Any:
    """Leave the faulty needs and fields out of a mapping, and fill in what it cannot do without."""
    if not isinstance(data, dict):
        return data
    data = dict(data)
    for path in faulty:
        if kind is Scenario:
            data = _mend_scenario(data, path) if path else data
            continue
        if kind is Capacity:
            # one that nothing is judged by was refused for that; the attacker stands in
            data = _mend_capacity(data, path) if path else {"attacker": {"targets": "1"}} | data
            continue
        deep = 4 if path[2:3] == ("needs",) else 3
        size = min(len(path), deep) if path[:1] == ("processes",) else 1
        here = data
        for part in path[: size - 1]:
            here[part] = dict(here[part]) if isinstance(here.get(part), dict) else {}
            here = here[part]
        if path:
            gone = here.pop(path[size - 1], None)
            if size == 2 and _is_id(name := str(path[1])):  # the process stays known, and so do its needs
                needs = gone.get("needs") if isinstance(gone, dict) else None
                here[name] = {"name": "?", "needs": needs} if isinstance(needs, dict) else {"name": "?"}
    processes = data.get("processes")
    for process in processes.values() if kind is Sector and isinstance(processes, dict) else ():
        if isinstance(process, dict):
            process.setdefault("name", "?")
    return _STUBS.get(kind, {}) | data


def _is_id(word: str) -> bool:
    return len(word) <= 100 and bool(_ID.fullmatch(word))


def salvage(kind: type[T], data: Any, faulty: Iterable[Path_]) -> tuple[T | None, Any, list[Path_]]:
    """Type what is left of a mapping without its faulty fields, so that the rest can still be judged.

    Returns
    -------
    tuple
        The value (None if nothing sensible is left), the data it was made from, and the paths mended.
    """
    faulty = list(faulty)
    mended = list(faulty)
    for _ in range(4):
        data = _without(data, faulty, kind)
        try:
            return kind.model_validate(data, by_alias=True, by_name=False), data, mended
        except ValidationError as error:
            faulty = [_follow(data, one["loc"])[0] for one in error.errors(include_url=False)]
            mended += faulty
    return None, data, mended
