"""YAML text to plain data in which every scalar is text with a place, under caps; and plain data to text.

A file is read in one flat pass over YAML events that stops at the first cap, so nothing deep or large is ever
built, and nothing recursive runs. Anchors, tags, merges, repeated fields and stray nulls are refused.
"""

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from cascade.errors import DefinitionError, Mark, Path_, Places, Problem, short, subject

MAX_YAML: Final = 8_000_000
MAX_DEPTH: Final = 32
MAX_NODES: Final = 1_000_000
MAX_TEXT: Final = 20_000
MAX_FAULTS: Final = 1_000
"""After so many faults of form the rest of a file is not read."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SafeDumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_BIDI = "\u202a-\u202e\u2066-\u2069"
_UNREADABLE = re.compile(f"[\x00-\x08\t\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029{_BIDI}\ufeff\ufffe\uffff]")
_HIDDEN = re.compile(f"[\x00-\t\x0b-\x1f\x7f-\x9f\u2028\u2029{_BIDI}\ufeff\ufffe\uffff]")
"""What no text may hold, however it is written: a terminal would obey it, and XML cannot hold it."""
_NULLS = ("", "~", "null", "Null", "NULL")


def refuse(file: str, line: int, column: int, what: str, remedy: str) -> DefinitionError:
    """Make the error for a file that cannot be used at all."""
    return DefinitionError([Problem(file, line, column, "file", what, remedy)])


def is_there(path: Path, *, folder: bool = False) -> bool:
    """Whether a regular file (or a folder) stands there and may be looked at; names that cannot be are not there."""
    try:
        return path.is_dir() if folder else path.is_file()
    except (OSError, ValueError):
        return False


def read_bytes(path: Path, shown: str, cap: int) -> bytes:
    """Read a file whole, unless it is larger than the cap."""
    if not is_there(path):
        raise refuse(shown, 0, 0, "is not there, or is no file", "check the name")
    try:
        with path.open("rb") as stream:
            data = stream.read(cap + 1)
    except OSError as error:
        raise refuse(shown, 0, 0, f"cannot be read: {error.strerror}", "check the rights") from error
    if len(data) > cap:
        raise refuse(shown, 0, 0, f"is larger than {cap // 1_000_000} MB", "split it into several files")
    return data


def decode(data: bytes, shown: str) -> str:
    """Take bytes as UTF-8 text, or say where they are not."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        start = data.rfind(b"\n", 0, error.start) + 1
        line = data.count(b"\n", 0, start) + 1
        column = len(data[start : error.start].decode("utf-8")) + 1
        what = f"byte 0x{data[error.start]:02x} is not UTF-8 text"
        raise refuse(shown, line, column, what, "save the file with the encoding UTF-8") from None


def _refuse_strange_characters(text: str, shown: str) -> None:
    strange = _UNREADABLE.search(text)
    if strange is None:
        return
    at = strange.start()
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    if strange[0] == "\t":
        raise refuse(shown, line, column, "a tab", "use spaces instead")
    what = f"the invisible character U+{ord(strange[0]):04X}"
    raise refuse(shown, line, column, what, "remove it")


@dataclass
class Document:
    """One YAML file as plain data in which every scalar is text, with the place of everything in it."""

    file: str
    data: Any = None
    mark: Mark | None = None
    problems: list[Problem] = field(default_factory=list)
    refused: set[Path_] = field(default_factory=set)
    """Values already found faulty: nothing more is said about them."""

    def fault(self, path: Path_, what: str, remedy: str = "", *, key: bool = False, shown: Path_ = ()) -> None:
        """Note a problem with the value (or its key) at ``path``."""
        _, line, column = Places({("",): (self.file, self.mark or Mark(0, 0))}).at("", *path, key=key)
        self.problems.append(Problem(self.file, line, column, subject(shown or path), what, remedy))


class _Stop(Exception):
    """The rest of the file cannot be understood."""


@dataclass
class _Frame:
    """A mapping or list that is still open."""

    value: dict[str, Any] | list[Any]
    mark: Mark
    part: str | int
    key: tuple[str, int, int] | None = None
    flow: bool = False
    """Whether it is written in brackets."""


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
        if len(self.document.problems) >= MAX_FAULTS:
            raise _Stop

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
            what = f"more than {MAX_NODES:,} values"
            self.fault(event.start_mark, what, "split the file, or use a table", ())
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
            self.fault(event.start_mark, f"a reference *{short(event.anchor)}", remedy)
        elif event.anchor is not None:
            remedy = "remove it, and write repeated values out"
            self.fault(event.start_mark, f"an anchor &{short(event.anchor)}", remedy)
        elif (tag := getattr(event, "tag", None)) is not None:
            written = short(tag).replace("tag:yaml.org,2002:", "!!")
            self.fault(event.start_mark, f"a tag {written}", "remove it, or put the text in quotes")

    def take_key(self, event: yaml.NodeEvent) -> None:
        top: _Frame = self.open[-1]
        mark: Any = event.start_mark
        if not isinstance(event, yaml.ScalarEvent):
            self.fault(mark, "a list or mapping stands where a field name belongs", "write one word")
            raise _Stop
        self.refuse_extras(event)
        self.refuse_hidden(event, (*self.path(), event.value))
        if not event.style and event.value in ("", "~"):
            self.fault(mark, "a field without a name", "write the name before the colon")
            self.document.refused.add((*self.path(), event.value))
        elif event.value == "<<":
            self.fault(mark, "a merge '<<'", "write the fields out")
            self.document.refused.add((*self.path(), "<<"))
        elif event.value in top.value:
            first = top.mark.child(event.value)
            remedy = f"keep one of the two; the first is on line {first.key[0] if first and first.key else '?'}"
            self.fault(mark, f"field {short(event.value)!r} is given twice", remedy)
        top.key = (event.value, mark.line + 1, mark.column + 1)

    def refuse_hidden(self, event: yaml.ScalarEvent, path: Path_) -> None:
        """Refuse characters that stand in the text only as an escape."""
        hidden = _HIDDEN.search(event.value)
        if hidden is not None:
            self.fault(event.start_mark, f"the invisible character U+{ord(hidden[0]):04X}", "remove its escape")
            self.document.refused.add(path)

    def scalar(self, event: yaml.ScalarEvent) -> str | None:
        if len(event.value) > MAX_TEXT:
            what = f"a text of {len(event.value):,} characters, more than {MAX_TEXT:,}"
            self.fault(event.start_mark, what, "shorten it")
            self.document.refused.add(self.path())
        self.refuse_hidden(event, self.path())
        if event.style or event.value not in _NULLS:
            return str(event.value)
        path = self.path()
        # the one null with a meaning: "this process is not in that list"
        if not (len(path) == 4 and path[0] == "processes" and path[2] == "lists"):
            written = f"{event.value!r} means nothing" if event.value else "nothing is written here"
            remedy = "put the word in quotes, or leave the field out" if event.value.isalpha() else self.comma_remedy()
            self.fault(event.start_mark, written, remedy or "give a value, or leave the field out")
            self.document.refused.add(path)
        return None

    def comma_remedy(self) -> str:
        """Say what to do where a comma in brackets may have cut a text or number in two."""
        top = self.open[-1] if self.open else None
        if top is None or not top.flow or top.key is None or not isinstance(top.value, dict) or not top.value:
            return ""
        last = next(reversed(top.value.values()))
        if not isinstance(last, str):
            return ""
        if last.isdecimal() and top.key[0][:1].isdecimal():
            self.document.refused.add((*self.path()[:-1], next(reversed(top.value))))
            return f"write a point for the decimals, {last}.{short(top.key[0])}"
        return "give a value; or if it belongs to the text before it, put that in quotes, as every text with a comma in { }"

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
        self.open.append(_Frame(value, mark, path[-1] if path else "", flow=bool(getattr(event, "flow_style", False))))


_SYNTAX: Final = (
    ("mapping values are not allowed", False, "a colon that starts no field", "put a text with ': ' in quotes"),
    ("cannot start any token", False, "a character that can start no value", "put the text in quotes"),
    ("unexpected end of stream", True, "a quote that is never closed", "close it"),
    ("node content", False, "a value is missing, or a bracket is never closed", "write the value, or close it"),
    ("expected ',' or", True, "a bracket that is never closed, or a comma left out", "close it"),
    ("expected key", False, "the indentation fits nothing above", "give fields of one thing the same indentation"),
    (
        "expected <block end>",
        False,
        "the indentation fits nothing above",
        "give fields of one thing the same indentation",
    ),
)
"""Part of the parser's words; whether the place is where the thing began; what to say instead."""


_BREAK = re.compile("\r\n|\r|\n")
_CELL = r"""(?:"[^"\n]*"|[\w .%-]*)"""
_TABLE = re.compile(rf"\s*{_CELL}(?P<by>[;,]){_CELL}(?:(?P=by){_CELL})*\s*")


def looks_like_table(text: str) -> bool:
    """Whether a file begins like a CSV table: two lines with equally many cells, column names first."""
    lines = [line for line in _BREAK.split(text[:10_000]) if line.strip()][:2]
    head = _TABLE.fullmatch(lines[0]) if len(lines) == 2 else None
    return head is not None and lines[1].count(head["by"]) >= lines[0].count(head["by"])


def _cut_in_brackets(text: str, mark: Any) -> str:
    """Return the character that ends a text in brackets too soon; nothing if a bracket is just not closed."""
    line = _BREAK.split(text)[mark.line]
    rest = line[mark.column :]
    closed = sum(map(rest.count, "]}")) > sum(map(rest.count, "[{"))
    return rest[0] if rest[:1] in tuple(":[{\"'") and closed else ""


def _syntax_problem(file: str, error: yaml.MarkedYAMLError, text: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    if error.problem_mark and "expected ',' or" in (error.problem or ""):
        sign = _cut_in_brackets(text, error.problem_mark)
        if sign:
            what = "a colon inside a text in brackets" if sign == ":" else f"a {sign} inside a text in brackets"
            remedy = "text with a colon, a comma or a bracket inside { } or [ ] needs quotes"
            return Problem(file, error.problem_mark.line + 1, error.problem_mark.column + 1, "file", what, remedy)
    what = "is not YAML here"
    remedy = "check the indentation, the colons, quotes and brackets here and on the line above"
    for part, at_start, better, cure in _SYNTAX:
        if part in (error.problem or ""):
            mark = (error.context_mark if at_start else None) or mark
            what, remedy = better, cure
            break
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Problem(file, line, column, "file", what, remedy)


def _table_problem(file: str) -> Problem:
    remedy = "save it as .csv, and name it under assets: or by_table: in a sector file"
    return Problem(file, 1, 1, "file", "this looks like a CSV table", remedy)


def compose(text: str, file: str) -> Document:
    """Take YAML text apart, named ``file`` in messages; what is wrong with its form stands in the document."""
    builder = _Builder(file)
    document = builder.document
    text = text.removeprefix("\ufeff")
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
        document.problems.append(_table_problem(file) if looks_like_table(text) else _syntax_problem(file, error, text))
        return document
    if isinstance(document.data, str) and looks_like_table(text):
        document.problems.append(_table_problem(file))
        return document
    document.mark = builder.root
    if builder.root is None:
        document.problems.append(Problem(file, 1, 1, "file", "is empty", "write its fields, or remove it"))
    return document


def read_document(path: Path, shown: str) -> tuple[Document, str]:
    """Read one YAML file, named ``shown`` in messages; also return the SHA-256 of its bytes."""
    try:
        data = read_bytes(path, shown, MAX_YAML)
        return compose(decode(data, shown), shown), hashlib.sha256(data).hexdigest()
    except DefinitionError as error:
        return Document(shown, problems=error.problems), ""


class _Dumper(_SafeDumper):  # type: ignore[misc]
    """Writes repeated values out, and texts so that they read back the same."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _represent_text(dumper: Any, text: str) -> Any:
    style = None
    if "\r" in text or _UNREADABLE.search(text):
        style = '"'
    elif "\n" in text:
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _represent_list(dumper: Any, values: Any) -> Any:
    # [low, mode, high] and lists of names stay on one line, as people write them
    flow = all(isinstance(value, str | int | float) for value in values)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=flow)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(list, _represent_list)
_Dumper.add_representer(tuple, _represent_list)


def to_yaml(data: Any) -> str:
    """Write plain data as YAML that :func:`read_document` gives back, every scalar as text."""
    return str(yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110))


def to_flow(data: Any) -> str:
    """Write plain data as YAML on one line, in brackets; it reads back as the same."""
    wide = 10**9
    return str(
        yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=wide, default_flow_style=True)
    ).strip()
