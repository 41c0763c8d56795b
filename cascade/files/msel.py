"""A list of injects as rows under column names: what each column means, and which cells a planner has changed.

Every row that a timeline was written with carries a stamp in a hidden column: its id, its moment, and a short hash of
what stood in each cell. When the list comes back, a cell that no longer fits its hash is the planner's; all others
follow the model again. A row without a stamp is the planner's own.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from cascade.errors import did_you_mean, short, which_region
from cascade.exercise import parse_after
from cascade.files.clocks import EXAMPLE, read_clock
from cascade.model import MARKINGS, Lang, Model, Words, mark_ranks
from cascade.units import MINUTE
from cascade.words import WORDS

COLUMNS: Final = (
    "nr", "at", "clock", "where", "text", "to", "by", "asks", "status", "unless", "responsible", "done", "observed",
    "from", "note", "certainty", "why", "sector", "process", "id", "regions", "marking", "stamp",
)  # fmt: skip
"""Keys of all columns, in the order in which the control staff see them: first what is printed."""
READ: Final = ("at", "where", "regions", "sector", "process", "to", "by", "text", "asks", "unless", "note", "marking")
"""Those that a planner may change; the others are not read back."""
OWN: Final = ("from", "responsible", "done", "observed")
"""Those that are the control staff's to fill in; nothing is ever written there."""
STATUSES: Final = ("model", "edited", "planned", "held", "dropped")
"""Those that a planner may choose."""
EVENT: Final = "event"
"""The status of a row that says that an event of the scenario begins, which is no inject."""
_FIXED: Final = ("process", "sector")
"""Those that a planner may give to injects of his own alone."""
Origin = Literal["model", "edited", "own", "event"]
"""The run, the run as a planner changed it, the planner alone, or the scenario."""

_ALIASES: Final = {
    "at": "tijd moment time", "where": "waar regio region", "process": "proces", "to": "aan", "by": "kanaal channel",
    "text": "tekst", "asks": "vragen questions", "unless": "alleen_als", "note": "opmerking remark",
    "marking": "markering",
}  # fmt: skip
"""Other names that people give to columns."""
_SHARED: Final = ("id", "process", "sector", "marking")
"""Columns whose heading is a word of the program in general."""
_INJECT: Final = ("at", "clock", "to", "by", "text", "asks", "certainty", "unless", "why", "note")
"""Columns whose heading is a word of any list of injects."""
_STAMP: Final = re.compile(r"([^|\n]+)\|(model|edited|own|event)\|(\d{1,10})\|([0-9T:-]*)\|([^|]*)\|([^|]*)", re.ASCII)
_PAIR: Final = re.compile(r"([a-z]+)=(\S*)", re.ASCII)
_BETWEEN: Final = re.compile(r"[,;\n]")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,99}", re.ASCII)
"""What an audience of the planner's own can be called (:data:`cascade.model.Name`)."""

Fault = Callable[[str, str, str], None]
"""Called with the key of a column, what is wrong with the cell, and the remedy."""


def heading_key(key: str) -> str:
    """Return the word that stands above a column."""
    if key in _SHARED:
        return key
    return f"inject_{key}" if key in _INJECT else f"msel_{key}"


def column_keys() -> dict[str, str]:
    """Return every name of a column that is understood, in small letters, with its key."""
    found: dict[str, str] = {}
    for key in COLUMNS:
        for name in (key, *WORDS[heading_key(key)], *_ALIASES.get(key, "").split()):
            found.setdefault(name.casefold(), key)
    return found


def status_keys() -> dict[str, str]:
    """Return every word for a status that is understood, in small letters, with its key."""
    return {name.casefold(): key for key in (*STATUSES, EVENT) for name in (key, *WORDS[f"msel_is_{key}"])}


# ------------------------------------------------------------------ stamps


@dataclass(frozen=True)
class Stamp:
    """What a row was written with."""

    id: str
    origin: Origin
    time: int
    """Seconds from the start of the scenario."""
    clock: datetime | None
    hashes: Mapping[str, str]
    ids: Mapping[str, str]
    """Process, sector and audiences as ids, where the cells hold words for people."""


def tidy(text: str) -> str:
    """Return a text without what programs change by themselves: ends of lines, and blanks around and between words."""
    lines = [" ".join(line.split()) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return "\n".join(lines).strip("\n")


def _hash(text: str) -> str:
    return hashlib.sha256(tidy(text).encode()).hexdigest()[:10]


def stamp(
    texts: Mapping[str, str], origin: Origin, time: int, clock: datetime | None, ids: Mapping[str, str] | None = None
) -> str:
    """Write the stamp of a row.

    Parameters
    ----------
    texts : mapping
        What stands in the cells, by column.
    origin : str
    time : int
        Seconds from the start of the scenario.
    clock : datetime, optional
    ids : mapping, optional
        Process, sector and audiences (with commas) as ids.
    """
    hashes = " ".join(f"{key}={_hash(texts.get(key, ''))}" for key in READ)
    named = " ".join(f"{key}={value}" for key, value in sorted((ids or {}).items()) if value)
    at = "" if clock is None else clock.replace(tzinfo=None).isoformat(timespec="seconds")
    return f"{texts['id']}|{origin}|{time}|{at}|{hashes}|{named}"


def read_stamp(text: str) -> Stamp | None:
    """Read a stamp; None where there is none."""
    match = _STAMP.fullmatch(text.strip())
    if match is None:
        return None
    origin: Any = match[2]
    try:
        clock = datetime.fromisoformat(match[4]) if match[4] else None
    except ValueError:
        return None
    return Stamp(match[1], origin, int(match[3]), clock, dict(_PAIR.findall(match[5])), dict(_PAIR.findall(match[6])))


# ------------------------------------------------------------------ rows


@dataclass(frozen=True)
class Row:
    """One row of a list as it was read."""

    line: int
    texts: Mapping[str, str]
    """By column; empty cells are left out."""
    clock: datetime | None = None
    """A moment in the column of the clock, where there is a real one."""


@dataclass
class Context:
    """What the words of a row can mean."""

    model: Model
    audiences: Mapping[str, Words]
    """Who a message can be for, by name; their words may hold ``{name}`` and ``{n}``."""
    lang: Lang = "nl"
    """Of what is suggested."""
    start: datetime | None = None
    """Of the scenario, by the clock, as follows from the stamps."""
    first: dict[str, int] = field(default_factory=dict)
    """Line of each id so far."""
    unstamped: int = 0
    """Rows that the run gave and that have lost their stamp."""


def start_of(rows: Iterable[Row]) -> datetime | None:
    """Return when the scenario starts by the clock, as the stamps have it."""
    stamps = (read_stamp(row.texts.get("stamp", "")) for row in rows)
    return next((s.clock - timedelta(seconds=s.time) for s in stamps if s is not None and s.clock is not None), None)


def entry(row: Row, context: Context, fault: Fault) -> dict[str, Any] | None:
    """Return what a row says as an entry of a file of planned injects; None where it says nothing of the planner's.

    Parameters
    ----------
    row : Row
    context : Context
        Keeps count of the ids.
    fault : callable
        Called with every fault of the row.

    Returns
    -------
    dict or None
        Fields of :class:`cascade.exercise.Planned`. Of a row that the run gave only what was changed; a cell that was
        emptied is an empty text or list.
    """
    texts = row.texts
    status = _status(texts.get("status", ""), fault)
    if not any(key in texts for key in READ) and row.clock is None and status != "dropped":
        return None
    name = texts.get("id", "")
    source = read_stamp(texts.get("stamp", ""))
    # what has another id is a copy of a row, or one that got another id
    mark = source if source is not None and source.id == name else None
    if name and not _first(row, name, context, fault):
        return None
    if status == EVENT or (mark is not None and mark.origin == "event"):
        _event(row, status, mark, fault)
        return None
    if status == "dropped":
        return {"id": name, "drop": True} if name and (mark is None or mark.origin != "own") else None
    if mark is None and status == "model" and name:
        _unstamped(context, fault)
        return None
    if status == "held" and "unless" not in texts:
        fault("unless", "is empty, and the row is held back", "write what players must not have done for it to fire")
    row = _timed(row, source, context, fault)
    if mark is not None and mark.origin == "model":
        return _changes(row, mark, context, fault)
    return _own(row, mark, source, context, fault)


def _first(row: Row, name: str, context: Context, fault: Fault) -> bool:
    """Note an id that came before."""
    if name in context.first:
        what = f"{short(name)!r} is also the id of row {context.first[name]}"
        fault("id", what, "clear the id of the copy, so that it becomes an inject of its own")
        return False
    context.first[name] = row.line
    return True


def _event(row: Row, status: str, mark: Stamp | None, fault: Fault) -> None:
    """Note what was done to a row about an event of the scenario, or that a row of the planner's says that it is one."""
    remedy = "change the event in the scenario; what players get to hear of it goes into a row of your own"
    if mark is None:
        if not row.texts.get("id"):
            fault("status", "an event of the scenario cannot be added here", f"choose another status; or {remedy}")
        return
    if mark.origin != "event":
        fault("status", "an inject is no event of the scenario", "put the status back")
    elif status not in ("", EVENT):
        fault("status", "an event of the scenario has no other status", f"put it back; {remedy}")
    else:
        changed = [key for key in READ if _differs(key, row.texts, mark)]
        key = changed[0] if changed else "clock" if _moved(_timed(row, mark, None, fault), mark) else ""
        if key:
            fault(key, "an event of the scenario cannot be changed here", f"put it back; {remedy}")


def _unstamped(context: Context, fault: Fault) -> None:
    """Note, once, that rows of the program have lost what they were made with."""
    context.unstamped += 1
    if context.unstamped == 1:
        what = "the row was made by the program, but what it was made with (the hidden stamp) is gone"
        fault("status", what, "remove such rows where you changed nothing, and write 'edited' here where you did")


def _status(text: str, fault: Fault) -> str:
    if not text:
        return ""
    known = status_keys()
    found = known.get(text.casefold())
    if found is None:
        fault("status", f"no status {short(text)!r}", did_you_mean(text.casefold(), known))
    return found or ""


def _changes(row: Row, mark: Stamp, context: Context, fault: Fault) -> dict[str, Any] | None:
    """Return what was changed in a row that the run gave."""
    texts = row.texts
    changed = [key for key in READ if _differs(key, texts, mark)]
    found: dict[str, Any] = {}
    moved = _moved(row, mark)
    for key in changed:
        if key == "at" and key not in texts and row.clock is not None and mark.clock is not None:
            found["at"] = _after(mark.time + moved, fault)
            continue
        if key in _FIXED:
            what = f"the {key} of an inject from the model cannot be changed"
            fault(key, what, "put it back; or clear the id, which makes the row an inject of your own")
            continue
        _take(found, key, texts.get(key, ""), context, fault)
    if "at" not in changed and moved:
        found["at"] = _after(mark.time + moved, fault)
    elif moved:
        _refuse_two_times(row, found, mark.time + moved, fault)
    return {"id": mark.id, **found} if found else None


def _differs(key: str, texts: Mapping[str, str], mark: Stamp) -> bool:
    return _hash(texts.get(key, "")) != mark.hashes.get(key, "")


def _own(row: Row, mark: Stamp | None, source: Stamp | None, context: Context, fault: Fault) -> dict[str, Any]:
    """Return all that stands in a row of the planner's own, or in one that he changed before.

    ``source`` is the stamp of the row that it is a copy of, if it is one, else its own.
    """
    texts = row.texts
    name = texts.get("id", "")
    found: dict[str, Any] = {"id": name} if name else {}
    for key in READ:
        if key not in texts or (key == "where" and "regions" in texts):
            continue
        same = mark is not None and not _differs(key, texts, mark)
        if mark is not None and key in _FIXED and mark.origin == "edited":
            continue
        if mark is not None and same and key in mark.ids:
            found[key] = mark.ids[key].split(",") if key == "to" else mark.ids[key]
        elif not (same and key == "where"):  # its codes are empty: it was the whole country, or nowhere
            _take(found, key, texts[key], context, fault)
    found |= _moment(row, found, source, context, fault)
    if not name:
        _require(row, found, fault)
    return found


def _moment(row: Row, found: Mapping[str, Any], source: Stamp | None, context: Context, fault: Fault) -> dict[str, int]:
    """Return when a row of the planner's own is, where its clock says so and not the column before it."""
    if row.clock is None:
        return {}
    if source is not None and source.clock is not None:
        moved = _moved(row, source)
        if not _differs("at", row.texts, source):
            return {"at": _after(source.time + moved, fault)}
        if "at" in row.texts:
            if moved:
                _refuse_two_times(row, found, source.time + moved, fault)
            return {}
    if "at" in row.texts:
        if context.start is not None:
            _refuse_two_times(row, found, round((row.clock - context.start).total_seconds()), fault)
        return {}
    if context.start is None:
        what = "gives a clock time, and nothing here says when the scenario starts"
        fault("clock", what, "write the time from the start in the column before it, for example D+1 04:30")
        return {}
    return {"at": _after(round((row.clock - context.start).total_seconds()), fault)}


def _moved(row: Row, mark: Stamp) -> int:
    """Return how far the clock of a row was moved, seconds."""
    return 0 if row.clock is None or mark.clock is None else round((row.clock - mark.clock).total_seconds())


def _refuse_two_times(row: Row, found: Mapping[str, Any], seconds: int, fault: Fault) -> None:
    """Note that the moment and the clock do not say the same, to the minute."""
    if "at" in found and found["at"] // MINUTE != seconds // MINUTE:
        what = f"{row.clock:%Y-%m-%d %H:%M} is another time than {short(row.texts['at'])!r} in the column before it"
        fault("clock", what, "change one of the two, and put the other back or clear it")


def _timed(row: Row, source: Stamp | None, context: Context | None, fault: Fault) -> Row:
    """Read a clock that was written as text; one that says the same minute as before was not changed."""
    text = tidy(row.texts.get("clock", ""))
    if row.clock is not None or not text:
        return row
    old = None if source is None else source.clock
    start = None if context is None else context.start
    moments = read_clock(text, old or start, same_day=old is not None)
    if old is not None and old.replace(second=0, microsecond=0) in (one.replace(second=0) for one in moments):
        return replace(row, clock=old)
    if len(moments) == 1:
        return replace(row, clock=moments[0])
    if moments:
        fault("clock", f"{short(text)!r} can mean two dates", f"write for example {EXAMPLE}")
    else:
        remedy = f"write the date and the time, for example {EXAMPLE} or 18-1-2027 17:20"
        fault("clock", f"the clock time {short(text)!r} cannot be read", remedy)
    return row


def _require(row: Row, found: Mapping[str, Any], fault: Fault) -> None:
    """Note what an inject cannot do without; what was written wrongly has its fault already."""
    if "at" not in found and "at" not in row.texts and row.clock is None and "clock" not in row.texts:
        fault("at", "is empty", "write the moment, for example D+1 04:30")
    if "text" not in found:
        fault("text", "is empty", "write the message")


def _after(seconds: int, fault: Fault) -> int:
    if seconds < 0:
        fault("clock", "lies before the start of the scenario", "move it to after the start")
    return max(seconds, 0)


# ------------------------------------------------------------------ cells


def _take(found: dict[str, Any], key: str, text: str, context: Context, fault: Fault) -> None:
    """Understand one cell and note it among the fields of an entry."""
    text = tidy(text)
    if key == "at":
        try:
            found["at"] = parse_after(text)
        except ValueError as error:
            what, _, remedy = str(error).partition("; ")
            fault("at", what if text else "is empty", remedy or "write for example D+1 04:30")
    elif key in ("where", "regions"):
        # codes go before words; both at once say the same
        if key == "regions" or "where" not in found:
            found["where"] = _regions(key, text, context.model, fault)
    elif key in ("process", "sector"):
        names = context.model.processes if key == "process" else context.model.sectors
        found |= _named(key, text, names, fault)
    elif key == "to":
        found["to"] = _audience(text, context, fault)
    elif key == "asks":
        found["asks"] = [line for line in (part.lstrip("-•* ") for part in text.split("\n")) if line]
    elif key == "marking":
        found |= _marking(text, fault)
    elif key == "text" and not text:
        fault("text", "is empty", "write the message, or set the status to dropped")
    else:
        found[key] = text


def _regions(key: str, text: str, model: Model, fault: Fault) -> list[str]:
    """Return the codes of the regions that a cell names by code or name; none for the whole country."""
    if text.casefold() in {name.casefold() for word in ("national", "everywhere") for name in WORDS[word]}:
        return []
    known = {name.casefold(): code for code, region in model.regions.items() for name in (code, region.name)}
    found = []
    for part in filter(None, (part.strip() for part in _BETWEEN.split(text))):
        pieces = [part] if part.casefold() in known else part.split()
        if not all(piece.casefold() in known for piece in pieces):
            names = {code: region.name for code, region in model.regions.items()}
            fault(key, f"no region {short(part)!r}", which_region(part, names))
            continue
        found += [known[piece.casefold()] for piece in pieces]
    return list(dict.fromkeys(found))


def _named(key: str, text: str, things: Mapping[str, Any], fault: Fault) -> dict[str, str]:
    """Return the process or sector that a cell means, by id or by name in either language."""
    if not text:
        fault(key, "is empty, and something stood there", f"write the {key} again, or put back what stood there")
        return {}
    if text in things:
        return {key: text}
    known: dict[str, list[str]] = {}
    for name, thing in sorted(things.items()):
        for word in {thing.name.nl.casefold(), thing.name.en.casefold(), name.casefold()}:
            known.setdefault(word, []).append(name)
    found = known.get(text.casefold(), [])
    if len(found) == 1:
        return {key: found[0]}
    if found:
        fault(key, f"{short(text)!r} can mean {' or '.join(found)}", "write the id of one of them")
    else:
        near = did_you_mean(text.casefold(), known)
        fault(key, f"no {key} {short(text)!r}", near if near.startswith("did") else did_you_mean(text, things))
    return {}


def _audience(text: str, context: Context, fault: Fault) -> list[str]:
    """Return for whom a message is, as names; words of the phrases are understood in both languages.

    A single word that none of them is, is an audience of the planner's own.
    """
    found = []
    for part in filter(None, (part.strip() for part in _BETWEEN.split(text))):
        name = next((name for name, words in context.audiences.items() if _means(part, name, words)), None)
        if name is None and _NAME.fullmatch(part):
            name = part
        if name is None:
            own = "or write one word of your own: letters, digits, - and _"
            known = [_bare(words[context.lang]) for words in context.audiences.values()]
            near = did_you_mean(part, filter(None, known)) if any(known) else "write for example press"
            fault("to", f"nobody is called {short(part)!r}", f"{near}; {own}")
        else:
            found.append(name)
    return list(dict.fromkeys(found))


def _bare(text: str) -> str:
    """Return what an audience is called, without what is filled in."""
    return " ".join(re.sub(r"\{\w+\}", " ", text).split())


def _means(part: str, name: str, words: Words) -> bool:
    """Whether a text is the name of an audience, or one of its words with something filled in."""
    if part.casefold() == name.casefold():
        return True
    for text in (words.nl, words.en):
        pattern = re.sub(r"\\\{\w+\\\}", ".+", re.escape(text.casefold()))
        bare = _bare(text).casefold()
        if re.fullmatch(pattern, part.casefold()) or (bare and part.casefold() == bare):
            return True
    return False


def _marking(text: str, fault: Fault) -> dict[str, str]:
    if not text:
        return {}  # a mark is never lifted
    if not mark_ranks(text):
        known = [mark for marks in MARKINGS.values() for mark in marks]
        fault("marking", f"{short(text)!r} is no marking", did_you_mean(text, known))
        return {}
    return {"marking": text}
