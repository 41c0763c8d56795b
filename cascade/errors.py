"""Everything the program raises on purpose, and the shape of a fault in a file."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

SHOWN_PROBLEMS = 200
SHOWN_NAMES = 12
SHOWN_REGIONS = 40


Path_ = tuple[str | int, ...]
"""Where a value stands in a file or model: names and list positions (from 0)."""


def short(value: object, size: int = 60) -> str:
    """Cut a long text for a message."""
    text = str(value)
    return text if len(text) <= size else text[:size] + "..."


def subject(path: Path_) -> str:
    """Name a place the way a person would, lists from 1: ``hospital-care.needs.power``, ``events[2].for``."""
    kinds = (
        "processes",
        "regions",
        "sources",
        "measures",
        "stocks",
        "hazards",
        "authorities",
        "sectors",
        "scenario",
        "capacity",
        "model",
        "file",
    )
    if len(path) > 1 and path[0] in kinds:
        path = path[1:]
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "file"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest the nearest known name, else name the known ones; own choice of nearness (difflib, 0.6)."""
    names = sorted(set(known))
    near = difflib.get_close_matches(word[:100].lower().replace("_", "-"), [_plain(n) for n in names], 1)
    if near:
        return f"did you mean {next(n for n in names if _plain(n) == near[0])!r}?"
    if not names:
        return "there are none"
    more = ", ..." if len(names) > SHOWN_NAMES else ""
    return f"known: {', '.join(names[:SHOWN_NAMES])}{more}"


def which_region(word: str, names: Mapping[str, str], also: Iterable[str] = ()) -> str:
    """Suggest the region meant by a wrong code or by a name, else list all of them; ``names`` by code."""
    codes = {_plain(text): code for code, name in names.items() for text in (code, name)}
    near = difflib.get_close_matches(_plain(word[:100]), list(codes), 1, 0.75)
    if near:
        code = codes[near[0]]
        return f"did you mean {code!r} ({names[code]})?"
    others = list(also)
    close = difflib.get_close_matches(_plain(word[:100]), others, 1)
    if close:
        return f"did you mean {close[0]!r}?"
    known = [f"{code} ({name})" for code, name in list(names.items())[:SHOWN_REGIONS]]
    more = ", ..." if len(names) > SHOWN_REGIONS else ""
    tail = f"; or {', '.join(others)}" if others else ""
    return f"known: {', '.join(known)}{more}{tail}" if known else "there are none"


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(" ", "-")


class CascadeError(Exception):
    """A fault that is the user's to mend; the text says what is wrong and what to do."""


@dataclass(frozen=True, order=True)
class Problem:
    """One fault in one place of one file, sorted by place.

    ``line`` and ``column`` count from 1; 0 means the file as a whole.
    """

    file: str
    line: int
    column: int
    subject: str
    what: str
    remedy: str = ""
    check: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        tail = f" - {self.remedy}" if self.remedy else ""
        return f"{place}: {self.subject}: {self.what}{tail}"


@dataclass(slots=True)
class Mark:
    """Where one value of a file begins (from 1), where its key does, and the marks of what is inside it."""

    line: int
    column: int
    key: tuple[int, int] | None = None
    items: "dict[str, Mark] | list[Mark] | None" = None

    def child(self, part: str | int) -> "Mark | None":
        """Return the mark of one entry, or None if the file has no such entry."""
        if isinstance(self.items, dict):
            return self.items.get(part) if isinstance(part, str) else None
        if isinstance(self.items, list) and isinstance(part, int) and 0 <= part < len(self.items):
            return self.items[part]
        return None


@dataclass
class Places:
    """Where each thing of a model was written; empty for a model that was built by hand."""

    roots: dict[tuple[str, ...], tuple[str, Mark]] = field(default_factory=dict)
    """By (kind, name), for example ("processes", "hospital-care"): file and mark."""

    def at(self, *path: str | int, key: bool = False) -> tuple[str, int, int]:
        """Return (file, line, column) of the entry at ``path``, or of the nearest written one above it.

        With ``key`` the place of the entry's key instead of its value.
        """
        found = self._find(path)
        if found is None:
            return str(path[0]), 0, 0
        file, mark, _ = found
        line, column = mark.key if mark.key and (key or mark.items is not None) else (mark.line, mark.column)
        return file, line, column

    def written(self, *path: str | int) -> Path_:
        """Cut a path down to what is written, so that a lone supplier is not called the first of a list."""
        found = self._find(path)
        return found[2] if found else path

    def _find(self, path: Path_) -> "tuple[str, Mark, Path_] | None":
        size = next((n for n in (2, 1) if path[:n] in self.roots), 0)
        if not size:
            return None
        file, mark = self.roots[path[:size]]  # type: ignore[index]
        written = path[:size]
        for part in path[size:]:
            inner = mark.child(part)
            if inner is not None:
                mark, written = inner, (*written, part)
            elif part != 0:  # the first of a list of one may be written without the list
                break
        return file, mark, written


class DefinitionError(CascadeError):
    """Faulty model or scenario files: all problems of a reading together."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(set(problems))
        shown = [str(p) for p in self.problems[:SHOWN_PROBLEMS]]
        if len(self.problems) > SHOWN_PROBLEMS:
            shown.append(f"... and {len(self.problems) - SHOWN_PROBLEMS} more")
        super().__init__("\n".join(shown))


class UsageError(CascadeError):
    """A request that names something that is not there, or contradicts itself."""


class RunawayError(CascadeError):
    """A simulation that passed its cap of changes; the text names the loop."""
