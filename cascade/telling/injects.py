"""The nouns of an exercise: an inject, and the timeline that is made of them."""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from cascade.model import Lang
from cascade.telling.columns import Column, Table
from cascade.units import DAY, HOUR, MINUTE
from cascade.words import moment, word

Kind = Literal["less", "poor", "gone", "back", "gathered", "planned", "event"]
"""What is told: works less, hardly, not, again; small changes together; something of the planner's own; or, for the control staff
alone, that an event of the scenario begins."""
Status = Literal["model", "edited", "planned", "held"]
"""Made from the run; made from the run and changed by the planner; the planner's own; only if players do not act."""
_VEILED: Final = re.compile("p-[0-9a-f]{12}")


@dataclass(frozen=True)
class Inject:
    """One message to players, with what only the control staff may know."""

    id: str
    """Stays the same when the timeline is made anew: what it is about, and the first region it is about."""
    time: int
    """Seconds from the start of the scenario."""
    until: int
    """When the last of what it gathers happens; ``time`` where it is one moment."""
    kind: Kind
    status: Status
    process: str
    """Id; empty for planned injects about none, and for what is gathered."""
    process_name: str
    sector: str
    """Id; empty where none is meant."""
    sector_name: str
    regions: tuple[str, ...]
    """Codes; empty for what is national."""
    where: str
    """The same in words."""
    text: str
    """What players notice."""
    to: tuple[str, ...]
    """For whom, to be matched: ``sector:telecom``, ``region:VR05``, ``ministry:EZ``, or a word of the phrases such as ``press``."""
    to_text: str
    by: str
    """How it reaches them, with what still works there then; empty where nothing says so."""
    asks: tuple[str, ...]
    """Questions or decisions that players may be expected to come to."""
    certainty: str
    """``high``, ``medium``, ``low``: the weakest evidence along the chain; empty for planned injects."""
    why: str
    """The chain behind it, for the control staff alone."""
    unless: str = ""
    """Fires only if players do not do this; else empty."""
    note: str = ""
    """The planner's remark, for the control staff alone."""
    people: int = 0
    """People who rely on what it is about, there."""
    marking: str = ""


@dataclass(frozen=True)
class Timeline:
    """Injects in order of time, and what was done to make them readable."""

    title: str
    lang: Lang
    start: datetime | None
    horizon: int
    marking: str
    injects: tuple[Inject, ...]
    notes: tuple[str, ...]
    """How it was gathered, what was left out, what the model does not know."""
    version: str
    """Of the model."""
    dropped: tuple[Inject, ...] = ()
    """Those of the run that the planner has taken out: only the event list shows them, so that they stay out."""
    players: bool = False
    """Whether everything that only the control staff may know was taken out."""


def for_players(timeline: Timeline) -> Timeline:
    """Take out everything that only the control staff may know.

    What goes: held-back injects, chains, certainty, remarks, conditions, where an inject comes from and which process of
    the model it is about, the ids that say so, how the list was gathered, and the name of the scenario, since that often
    gives the cause away. Expected questions and decisions go too: they are what players have to come to by themselves.
    """
    shown = [one for one in timeline.injects if one.status != "held" and one.kind != "event"]
    injects = tuple(
        replace(
            one, id=_veiled(timeline, one), kind="planned", status="planned", process="", process_name="", asks=(),
            certainty="", why="", unless="", note="", people=0,
        )
        for one in shown
    )  # fmt: skip
    title = word("msel_for_players", timeline.lang)
    return replace(timeline, title=title, injects=injects, dropped=(), notes=(), version="", players=True)


def _veiled(timeline: Timeline, one: Inject) -> str:
    """Return an id that says nothing, and stays the same when the timeline is made anew."""
    if _VEILED.fullmatch(one.id):
        return one.id
    return "p-" + hashlib.sha256(f"{timeline.title}\0{one.id}".encode()).hexdigest()[:12]


def seen(timeline: Timeline) -> Timeline:
    """Return a timeline as it may be written: one for players without anything else, whatever it still holds."""
    return for_players(timeline) if timeline.players else timeline


def relative(seconds: int) -> str:
    """Write a moment as exercises do: ``D+1 04:30`` is four and a half hours into the second day."""
    days, rest = divmod(seconds, DAY)
    return f"D+{days} {rest // HOUR:02d}:{rest % HOUR // MINUTE:02d}"


def clock(timeline: Timeline, inject: Inject) -> datetime | None:
    """Return the moment by the clock, in the time zone of the scenario; None where it has no start."""
    return None if timeline.start is None else timeline.start + timedelta(seconds=inject.time)


def inject_table(timeline: Timeline) -> Table:
    """Give the injects as a table: one row each, for people and as data."""
    lang, control = timeline.lang, not timeline.players
    columns = [
        Column("nr", "#", "right"),
        Column("id", word("id", lang), on="data"),
        Column("at", word("inject_at", lang)),
        Column("clock", word("inject_clock", lang), on="both" if timeline.start else "data"),
        Column("time_h", "", on="data"),
        Column("where", word("region", lang)),
        Column("regions", "", on="data"),
        Column("sector", word("sector", lang), on="data"),
        Column("process", word("process", lang), on="data"),
        Column("kind", "", on="data"),
        Column("text", word("inject_text", lang)),
        Column("to", word("inject_to", lang)),
        Column("by", word("inject_by", lang), on="data"),
        Column("asks", word("inject_asks", lang), on="data"),
    ]
    if control:
        columns += [
            Column("certainty", word("inject_certainty", lang)),
            Column("status", "", on="data"),
            Column("unless", word("inject_unless", lang), on="data"),
            Column("why", word("inject_why", lang), on="data"),
            Column("note", word("inject_note", lang), on="data"),
        ]
    rows = [_row(timeline, number, inject) for number, inject in enumerate(timeline.injects, 1)]
    return Table("injects", timeline.title, tuple(columns), rows)


def _row(timeline: Timeline, number: int, inject: Inject) -> dict[str, object]:
    lang = timeline.lang
    row: dict[str, object] = {
        "nr": number,
        "id": inject.id,
        "at": relative(inject.time),
        "clock": moment(timeline.start, inject.time, lang),
        "time_h": inject.time / HOUR,
        "where": inject.where,
        "regions": " ".join(inject.regions),
        "sector": inject.sector,
        "process": inject.process,
        "kind": inject.kind,
        "text": inject.text,
        "to": inject.to_text,
        "by": inject.by,
        "asks": "\n".join(inject.asks),
    }
    if not timeline.players:
        certainty = word(inject.certainty, lang) if inject.certainty else ""
        row |= {
            "certainty": certainty,
            "status": inject.status,
            "unless": inject.unless,
            "why": inject.why,
            "note": inject.note,
        }
    return row
