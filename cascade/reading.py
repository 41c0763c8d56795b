"""Files to a model: read under caps, typed by field and not by look, all faults at once; and back to text.

A file is read in one flat pass over YAML events that stops at the first cap, so nothing deep or large is ever
built. Every scalar stays the text that was written until the field it stands in gives it a type: ``12:30``,
``no`` and ``010`` are what they look like.
"""

import csv
import hashlib
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path, PurePosixPath
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

import yaml
from pydantic import ValidationError

from cascade.checks import CHECKS, check_model, check_scenario
from cascade.errors import DefinitionError, Mark, Places, Problem, UsageError, did_you_mean
from cascade.model import (
    Assets,
    Frozen,
    Input,
    Links,
    Measure,
    Model,
    ModelInfo,
    Process,
    Region,
    Scenario,
    Sector,
    Source,
)
from cascade.units import parse_duration, parse_integer, parse_number, parse_share

MAX_YAML: Final = 8_000_000
MAX_TABLE: Final = 512_000_000
MAX_DEPTH: Final = 32
MAX_NODES: Final = 1_000_000
MAX_TEXT: Final = 20_000
MAX_ROWS: Final = 2_000_000
MAX_FILES: Final = 1_000
MAX_WEIGHTS: Final = 10**14
"""Largest sum of the capacities of one table: times ``FULL`` it still fits an int64."""
SHOWN_ROWS: Final = 20
"""Faulty rows of one table that are named one by one."""

Path_ = tuple[str | int, ...]
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_UNREADABLE = re.compile("[\x00-\x08\t\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_NULLS = ("", "~", "null", "Null", "NULL")


# ---- bytes to text -------------------------------------------------------------------------------------------


def _refuse(file: str, line: int, column: int, what: str, remedy: str) -> DefinitionError:
    return DefinitionError([Problem(file, line, column, "file", what, remedy)])


def _read_bytes(path: Path, shown: str, cap: int) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(cap + 1)
    except OSError as error:
        raise _refuse(shown, 0, 0, f"cannot be read: {error.strerror}", "check the name and the rights") from error
    if len(data) > cap:
        raise _refuse(shown, 0, 0, f"is larger than {cap // 1_000_000} MB", "split it into several files")
    return data


def _decode(data: bytes, shown: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        start = data.rfind(b"\n", 0, error.start) + 1
        line = data.count(b"\n", 0, start) + 1
        column = len(data[start : error.start].decode("utf-8")) + 1
        what = f"byte 0x{data[error.start]:02x} is not UTF-8 text"
        raise _refuse(shown, line, column, what, "save the file with the encoding UTF-8") from None


def _refuse_strange_characters(text: str, shown: str) -> None:
    strange = _UNREADABLE.search(text)
    if strange is None:
        return
    at = strange.start()
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    if strange[0] == "\t":
        raise _refuse(shown, line, column, "a tab", "use spaces instead")
    if strange[0] == "\ufeff" and at == 0:
        remedy = "save the file as UTF-8 without a byte order mark"
        raise _refuse(shown, line, column, "starts with a byte order mark", remedy)
    what = f"the invisible character U+{ord(strange[0]):04X}"
    raise _refuse(shown, line, column, what, 'remove it, or write it as an escape in "double quotes"')


def input_of(path: str | Path, name: str | None = None) -> Input:
    """Take the fingerprint of a file, for the list of what a result was made from.

    Parameters
    ----------
    path : str or Path
        The file.
    name : str, optional
        How to name it; otherwise its path as given.
    """
    digest = hashlib.sha256()
    try:
        with Path(path).open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    return Input(name or Path(path).as_posix(), digest.hexdigest())


# ---- text to plain data with places ---------------------------------------------------------------------------


@dataclass
class Document:
    """One YAML file as plain data in which every scalar is text, with the place of everything in it."""

    file: str
    data: Any = None
    mark: Mark | None = None
    problems: list[Problem] = field(default_factory=list)
    refused: set[Path_] = field(default_factory=set)
    """Values already found faulty: nothing more is said about them."""

    @property
    def readable(self) -> bool:
        """Whether there is a whole tree, if perhaps a faulty one."""
        return self.mark is not None

    def fault(self, path: Path_, what: str, remedy: str = "", *, key: bool = False, shown: Path_ = ()) -> None:
        """Note a problem with the value (or its key) at ``path``."""
        _, line, column = Places({("",): (self.file, self.mark or Mark(0, 0))}).at("", *path, key=key)
        self.problems.append(Problem(self.file, line, column, subject(shown or path), what, remedy))


def subject(path: Path_) -> str:
    """Name a place in a file the way a person would: ``hospital-care.needs.power``, ``events[2].for``."""
    if len(path) > 1 and path[0] == "processes":
        path = path[1:]
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "file"


class _Stop(Exception):
    """The rest of the file cannot be understood."""


@dataclass
class _Frame:
    """A mapping or list that is still open."""

    value: dict[str, Any] | list[Any]
    mark: Mark
    part: str | int
    key: tuple[str, int, int] | None = None


class _Builder:
    """Builds plain data from a flat run of YAML events, without recursion and under caps."""

    def __init__(self, file: str) -> None:
        self.document = Document(file)
        self.root: Mark | None = None
        self.open: list[_Frame] = []
        self.nodes = 0
        self.documents = 0

    def fault(self, mark: Any, what: str, remedy: str, path: Path_ | None = None) -> None:
        place = (mark.line + 1, mark.column + 1)
        name = subject(self.path() if path is None else path)
        self.document.problems.append(Problem(self.document.file, *place, name, what, remedy))

    def path(self) -> Path_:
        """Path of the value that comes next."""
        if not self.open:
            return ()
        top = self.open[-1]
        last: Path_ = (len(top.value),) if isinstance(top.value, list) else (top.key[0],) if top.key else ()
        return (*(frame.part for frame in self.open[1:]), *last)

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.NodeEvent):
            self.take_node(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.open.pop()
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.fault(event.start_mark, "a second document starts here", "remove the line '---'", ())
                raise _Stop

    def take_node(self, event: yaml.NodeEvent) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.fault(event.start_mark, f"more than {MAX_NODES:,} values", "split the file, or use a table", ())
            raise _Stop
        if self.open and isinstance(self.open[-1].value, dict) and self.open[-1].key is None:
            self.take_key(event)
            return
        self.refuse_extras(event)
        if isinstance(event, yaml.ScalarEvent):
            self.attach(self.scalar(event), event.start_mark)
        elif isinstance(event, yaml.AliasEvent):
            self.document.refused.add(self.path())
            self.attach(None, event.start_mark)
        else:
            self.start(event)

    def refuse_extras(self, event: yaml.NodeEvent) -> None:
        if isinstance(event, yaml.AliasEvent):
            remedy = "write the value out, in quotes if it is a text with a star"
            self.fault(event.start_mark, f"a reference *{_short(event.anchor)}", remedy)
        elif event.anchor is not None:
            remedy = "remove it, and write repeated values out"
            self.fault(event.start_mark, f"an anchor &{_short(event.anchor)}", remedy)
        elif getattr(event, "tag", None) is not None:
            self.fault(event.start_mark, f"a tag {_short(event.tag)!r}", "remove it, or put the text in quotes")

    def take_key(self, event: yaml.NodeEvent) -> None:
        top, mark = self.open[-1], event.start_mark
        if not isinstance(event, yaml.ScalarEvent):
            self.fault(mark, "a list, mapping or reference stands where a field name belongs", "write one word")
            raise _Stop
        self.refuse_extras(event)
        if not event.style and event.value in ("", "~"):
            self.fault(mark, "a field without a name", "write the name before the colon")
        elif event.value == "<<":
            self.fault(mark, "a merge '<<'", "write the fields out")
            self.document.refused.add((*self.path(), "<<"))
        elif event.value in top.value:
            first = top.mark.items[event.value].key  # type: ignore[index, call-overload]
            remedy = f"keep one of the two; the first is on line {first[0]}"
            self.fault(mark, f"field {_short(event.value)!r} is given twice", remedy)
        top.key = (event.value, mark.line + 1, mark.column + 1)

    def scalar(self, event: yaml.ScalarEvent) -> str | None:
        if len(event.value) > MAX_TEXT:
            what = f"a text of {len(event.value):,} characters, more than {MAX_TEXT:,}"
            self.fault(event.start_mark, what, "shorten it")
            self.document.refused.add(self.path())
        if event.style or event.value not in _NULLS:
            return str(event.value)
        path = self.path()
        # the one null with a meaning: "this process is not in that list"
        if not (len(path) == 4 and path[0] == "processes" and path[2] == "lists"):
            written = f"{event.value!r} means nothing" if event.value else "nothing is written here"
            remedy = "put the word in quotes, or leave the field out" if event.value.isalpha() else ""
            self.fault(event.start_mark, written, remedy or "give a value, or leave the field out")
            self.document.refused.add(path)
        return None

    def attach(self, value: Any, mark: Any, items: Any = None) -> Mark:
        made = Mark(mark.line + 1, mark.column + 1, None, items)
        if not self.open:
            self.document.data, self.root = value, made
            return made
        top = self.open[-1]
        if isinstance(top.value, list):
            top.value.append(value)
            top.mark.items.append(made)  # type: ignore[union-attr]
        elif top.key is not None:
            name, *place = top.key
            made.key, top.key = (place[0], place[1]), None
            if name not in top.value:
                top.value[name] = value
                top.mark.items[name] = made  # type: ignore[index, call-overload]
        return made

    def start(self, event: yaml.NodeEvent) -> None:
        if len(self.open) >= MAX_DEPTH:
            self.fault(event.start_mark, f"nested more than {MAX_DEPTH} deep", "no field goes that deep", ())
            raise _Stop
        mapping = isinstance(event, yaml.MappingStartEvent)
        value: dict[str, Any] | list[Any] = {} if mapping else []
        path = self.path()
        mark = self.attach(value, event.start_mark, {} if mapping else [])
        self.open.append(_Frame(value, mark, path[-1] if path else ""))


_SYNTAX: Final = (
    ("mapping values are not allowed", "a colon that starts no field", "put a text with ': ' in quotes"),
    ("cannot start any token", "a character that can start no value", "put the text in quotes"),
    ("unexpected end of stream", "a quote or bracket that is never closed", "close it"),
    ("found undefined alias", "a reference to nothing", "put a text with a star in quotes"),
)


def _syntax_problem(file: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    said = error.problem or error.context or "cannot be read"
    for part, what, remedy in _SYNTAX:
        if part in said:
            return Problem(file, line, column, "file", what, remedy)
    remedy = "check the indentation, the colons, quotes and brackets here and on the line above"
    return Problem(file, line, column, "file", "is not YAML here", remedy)


def _compose(text: str, file: str) -> Document:
    builder = _Builder(file)
    document = builder.document
    try:
        _refuse_strange_characters(text, file)
        for event in yaml.parse(text, Loader=_Loader):
            builder.take(event)
    except DefinitionError as error:
        document.problems.extend(error.problems)
        return document
    except _Stop:
        return document
    except yaml.MarkedYAMLError as error:
        document.problems.append(_syntax_problem(file, error))
        return document
    document.mark = builder.root
    if builder.root is None:
        document.problems.append(Problem(file, 1, 1, "file", "is empty", "write its fields, or remove it"))
    return document


def _read_document(path: Path, shown: str) -> tuple[Document, Input | None]:
    try:
        data = _read_bytes(path, shown, MAX_YAML)
        return _compose(_decode(data, shown), shown), Input(shown, hashlib.sha256(data).hexdigest())
    except DefinitionError as error:
        return Document(shown, problems=error.problems), None


# ---- plain data to the nouns of the model ---------------------------------------------------------------------


def _short(value: object, size: int = 60) -> str:
    text = str(value)
    return text if len(text) <= size else text[:size] + "..."


def _shape(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else repr(_short(value))


def _inside(kind: Any) -> Iterator[Any]:
    """Strip unions and annotations off a type."""
    if get_origin(kind) is Annotated:
        yield from _inside(get_args(kind)[0])
    elif get_origin(kind) in (Union, UnionType):
        for option in get_args(kind):
            yield from _inside(option)
    else:
        yield kind


def _field_names(kind: type[Frozen]) -> dict[str, Any]:
    return {(info.alias or name): info.annotation for name, info in kind.model_fields.items()}


def _known_fields(kind: Any, path: Path_) -> list[str]:
    """Fields that may stand in the mapping at ``path`` below a class of the model."""
    here = list(_inside(kind))
    for part in path:
        there: list[Any] = []
        for one in here:
            if isinstance(one, type) and issubclass(one, Frozen):
                there.extend(_inside(_field_names(one).get(str(part), str)))
            elif get_origin(one) in (dict, tuple):
                options = get_args(one)
                there.extend(_inside(options[1] if get_origin(one) is dict else options[0]))
        here = there
    classes = [one for one in here if isinstance(one, type) and issubclass(one, Frozen)]
    return sorted({name for one in classes for name in _field_names(one)})


_LIMITS: Final = {
    "greater_than": ("gt", "must be above"),
    "greater_than_equal": ("ge", "must be at least"),
    "less_than_equal": ("le", "must be at most"),
    "less_than": ("lt", "must be below"),
}
_SHAPES: Final = {
    "string_type": "one text",
    "int_type": "one number",
    "float_type": "one number",
    "bool_type": "true or false",
    "datetime_type": "a moment",
    "dict_type": "a mapping (name: value)",
    "model_type": "a mapping (name: value)",
    "model_attributes_type": "a mapping (name: value)",
    "tuple_type": "a list",
    "arguments_type": "a number or [low, mode, high]",
}


def _wording(error: Mapping[str, Any], value: Any, known: Callable[[], list[str]]) -> tuple[str, str]:
    """Say one pydantic error in our words: what is wrong, and the remedy."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        what, _, remedy = _short(context["error"], 400).partition("; ")
        return what, remedy
    if kind == "extra_forbidden":
        name = str(error["loc"][-1])
        return f"unknown field {_short(name)!r}", did_you_mean(name, known())
    if kind == "missing":
        name = error["loc"][-1]
        if isinstance(name, int):
            return f"expected more values than {len(value)}", "write them all"
        return f"field {name!r} is missing", f"write {name}: ..."
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", context["expected"])
        remedy = did_you_mean(_short(value), allowed) if isinstance(value, str) else f"known: {', '.join(allowed)}"
        return f"{_shape(value)} is not one of {', '.join(allowed)}", remedy
    if kind in _SHAPES:
        return f"expected {_SHAPES[kind]}, got {_shape(value)}", "see the page on the file format"
    if kind in _LIMITS:
        limit, words = _LIMITS[kind]
        return f"{words} {context[limit]}, got {_shape(value)}", "correct the number"
    return _rarer_wording(kind, context, value, error["msg"])


def _rarer_wording(kind: str, context: Mapping[str, Any], value: Any, message: str) -> tuple[str, str]:
    if kind == "string_pattern_mismatch":
        return f"{_shape(value)} is not an id", "use letters, digits and - _ . +, and begin with a letter or digit"
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
        if (isinstance(data, dict) and part in data) or (
            isinstance(data, list) and isinstance(part, int) and 0 <= part < len(data)
        ):
            data = data[part]
            path.append(part)
    return tuple(path), data, loc[-1:] == ("[key]",)


def _note_errors(
    document: Document, kind: type[Frozen], error: ValidationError, data: Any, base: Path_, name: Path_
) -> list[Path_]:
    """Note what pydantic found wrong with ``data``, and return the faulty paths in it."""
    above = {path[:n] for path in document.refused for n in range(len(path))}
    seen: set[tuple[Path_, object]] = set()
    found: list[Path_] = []
    for one in error.errors(include_url=False):
        loc: Path_ = one["loc"]
        path, value, at_key = _follow(data, loc)
        found.append(path)
        whole = (*base, *path)
        once = (path, loc[-1] if one["type"] == "missing" else "")
        known_already = any(whole[:n] in document.refused for n in range(len(whole) + 1))
        if once in seen or known_already or (one["type"] == "value_error" and whole in above):
            continue
        seen.add(once)
        extra = one["type"] == "extra_forbidden"
        parent = path[:-1] if extra else path
        shown_value = path[-1] if at_key and path else value
        what, remedy = _wording(one, shown_value, lambda at=parent: _known_fields(kind, at))  # type: ignore[misc]
        shown = (*name, *(parent if extra else path)) or base
        document.fault(whole, what, remedy, key=extra or at_key, shown=shown)
    return found


def _validate[T: Frozen](
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


def read_as[T: Frozen](kind: type[T], path: str | Path) -> tuple[T, Places, Input]:
    """Read one YAML file as one class of the model.

    Returns
    -------
    tuple
        The value, where its parts stand (root ``"file"``), and the fingerprint of the file.

    Raises
    ------
    DefinitionError
        With all faults of the file.
    """
    document, source = _read_document(Path(path), Path(path).as_posix())
    value = _validate(kind, document, document.data)[0] if document.readable else None
    if document.problems or value is None or source is None or document.mark is None:
        raise DefinitionError(document.problems)
    return value, Places({("file",): (document.file, document.mark)}), source
