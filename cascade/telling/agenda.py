"""A timeline as a calendar (iCalendar, RFC 5545): an event for each inject, by the clock of the scenario."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final

from icalendar import Calendar, Event, Timezone, TimezoneStandard, vUTCOffset

from cascade import __version__
from cascade.errors import UsageError
from cascade.files.msel import EVENT
from cascade.telling.chronicle import marking_of_inject, status_of
from cascade.telling.injects import Inject, Timeline, clock, relative, seen
from cascade.words import word

SUMMARY: Final = 70
"""Characters of the text that stand in the line that calendars show."""


def calendar(timeline: Timeline) -> bytes:
    """Write a timeline as a calendar file (``.ics``).

    Ids stay the same when the timeline is made anew, so a calendar that reads the file again moves events instead of
    doubling them. The mark stands in the text: the classes of a calendar are others, and no mark is converted. The time
    zone is the offset that the scenario has; the moment of making (DTSTAMP) is the start, so that equal timelines give
    equal bytes.

    Raises
    ------
    UsageError
        If the scenario has no start.
    """
    timeline = seen(timeline)
    if timeline.start is None:
        raise UsageError(word("msel_no_calendar", timeline.lang))
    found = Calendar()
    found.add("prodid", f"-//cascade//{__version__}//{timeline.lang.upper()}")
    found.add("version", "2.0")
    found.add("x-wr-calname", " · ".join(part for part in (timeline.marking, timeline.title) if part))
    zone = _zone(timeline.start)
    found.add_component(zone)
    for one in timeline.injects:
        found.add_component(_event(timeline, one, str(zone["tzid"])))
    return bytes(found.to_ical(sorted=True))


def _offset(start: datetime) -> timedelta:
    offset = start.utcoffset()
    assert offset is not None
    return offset


def _zone(start: datetime) -> Timezone:
    """Describe the offset of the scenario as a time zone without summer time; no name of a place is guessed."""
    offset = _offset(start)
    minutes = abs(int(offset.total_seconds())) // 60
    zone, rule = Timezone(), TimezoneStandard()
    zone.add("tzid", f"UTC{'-' if offset < timedelta(0) else '+'}{minutes // 60:02d}{minutes % 60:02d}")
    rule.add("dtstart", datetime(1970, 1, 1))
    rule.add("tzoffsetfrom", vUTCOffset(offset))
    rule.add("tzoffsetto", vUTCOffset(offset))
    zone.add_component(rule)
    return zone


def _event(timeline: Timeline, one: Inject, zone: str) -> Event:
    lang, when = timeline.lang, clock(timeline, one)
    assert when is not None
    assert timeline.start is not None
    event = Event()
    about = hashlib.sha256(timeline.title.encode()).hexdigest()[:12]
    event.add("uid", f"{one.id}.{about}@cascade.invalid")
    event.add("dtstamp", timeline.start.astimezone(UTC))
    event.add("dtstart", when.replace(tzinfo=None), parameters={"TZID": zone})
    short = one.text if len(one.text) <= SUMMARY else one.text[: SUMMARY - 1].rstrip() + "…"
    kind = word(f"msel_is_{status_of(one)}", lang) if status_of(one) in ("held", EVENT) else ""
    parts = (marking_of_inject(timeline, one), word("msel_exercise", lang), kind, one.where, short)
    event.add("summary", " · ".join(part for part in parts if part))
    event.add("description", _described(timeline, one))
    if one.where:
        event.add("location", one.where)
    if one.sector_name:
        event.add("categories", [one.sector_name])
    event.add("status", "TENTATIVE" if one.status == "held" else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event


def _described(timeline: Timeline, one: Inject) -> str:
    """Return everything there is to say of an inject, a line each."""
    lang = timeline.lang
    lines = [
        ("", one.text),
        (word("inject_at", lang), relative(one.time)),
        (word("inject_to", lang), one.to_text),
        (word("inject_by", lang), one.by),
        (word("inject_asks", lang), " ".join(one.asks)),
        (word("inject_unless", lang), one.unless),
        (word("inject_certainty", lang), word(one.certainty, lang) if one.certainty else ""),
        (word("inject_why", lang), one.why),
        (word("inject_note", lang), one.note),
        (word("marking", lang), marking_of_inject(timeline, one)),
    ]
    return "\n".join(f"{label}: {text}" if label else text for label, text in lines if text)
