"""What the page of a timeline shows: days with their injects, and the choices of its filters; in words, without markup."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import groupby
from typing import Any

from cascade.telling.chronicle import audience_names, status_of
from cascade.telling.injects import Inject, Timeline, relative, seen
from cascade.units import DAY
from cascade.words import date, moment, word


def playbook(timeline: Timeline, regions: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return what the template of the page needs.

    Parameters
    ----------
    timeline : Timeline
        Of one for players nothing of the control staff's is in what is returned.
    regions : mapping, optional
        Names of regions by code.

    Returns
    -------
    dict
        ``timeline``, ``control`` (whether it is for the control staff), ``start`` in words, ``days`` (title and rows) and
        ``filters`` (key, label, choices as value and text).
    """
    timeline = seen(timeline)
    lang = timeline.lang
    days = [
        (_day(timeline, day), [_row(timeline, one) for one in among])
        for day, among in groupby(timeline.injects, key=lambda one: one.time // DAY)
    ]
    return {
        "timeline": timeline,
        "control": not timeline.players,
        "start": date(timeline.start, lang) if timeline.start else word("msel_no_start", lang),
        "days": days,
        "filters": [
            one
            for one in (
                ("sector", word("sector", lang), _sectors(timeline)),
                ("region", word("region", lang), _regions(timeline, regions or {})),
                ("audience", word("msel_audience", lang), _audiences(timeline, regions)),
            )
            if len(one[2]) > 1
        ],
    }


def _day(timeline: Timeline, day: int) -> str:
    title = word("msel_day", timeline.lang, day=day)
    return f"{title} · {date(timeline.start + timedelta(days=day), timeline.lang)}" if timeline.start else title


def _row(timeline: Timeline, one: Inject) -> dict[str, Any]:
    lang = timeline.lang
    kinds = ("region" if key.startswith("region:") else key for key in one.to)
    row: dict[str, Any] = {
        "at": relative(one.time),
        "clock": moment(timeline.start, one.time, lang),
        "where": one.where,
        "text": one.text,
        "asks": one.asks,
        "to": one.to_text,
        "by": one.by,
        "mark": one.marking if one.marking != timeline.marking else "",
        "sector": one.sector,
        "regions": "|".join(one.regions),
        "audience": "|".join(dict.fromkeys(kinds)),
    }
    if not timeline.players:
        details = (
            (word("process", lang), " / ".join(part for part in (one.sector_name, one.process_name) if part)),
            (word("inject_certainty", lang), word(one.certainty, lang) if one.certainty else ""),
            (word("inject_why", lang), one.why),
            (word("inject_note", lang), one.note),
            (word("id", lang), one.id),
        )
        row |= {
            "status": status_of(one),
            "unless": one.unless,
            "details": [(label, text) for label, text in details if text],
        }
    return row


def _sectors(timeline: Timeline) -> list[tuple[str, str]]:
    found = {one.sector: one.sector_name for one in timeline.injects if one.sector}
    return _sorted(found)


def _regions(timeline: Timeline, names: Mapping[str, str]) -> list[tuple[str, str]]:
    return _sorted({code: names.get(code, code) for one in timeline.injects for code in one.regions})


def _audiences(timeline: Timeline, regions: Mapping[str, str] | None) -> list[tuple[str, str]]:
    """Return whom injects are for; regions, which have a filter of their own, are one choice."""
    found = audience_names(timeline, regions)
    some = {key: text for key, text in found.items() if not key.startswith("region:")}
    if len(some) < len(found):
        some["region"] = word("msel_safety_regions", timeline.lang)
    return _sorted(some)


def _sorted(names: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(names.items(), key=lambda item: (item[1].casefold(), item[0]))
