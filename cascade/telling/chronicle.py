"""A timeline as a document to read (Markdown) and as rows for other programs (CSV); and what players may see of it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from typing import Final

from cascade.files.msel import EVENT, Origin, stamp
from cascade.model import LOWEST
from cascade.telling.columns import Column, Table
from cascade.telling.injects import Inject, Timeline, clock, inject_table, relative, seen
from cascade.telling.screen import as_csv
from cascade.units import DAY
from cascade.words import date, moment, word

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|~&])")
_LEADING: Final = re.compile(r"\A(\s*)([-+=]|\d+[.)])", re.ASCII)


def origin(inject: Inject) -> Origin:
    """Say whose an inject is."""
    if inject.kind in ("planned", EVENT):
        return "own" if inject.kind == "planned" else "event"
    return "model" if inject.status == "model" else "edited"


def lines_of(timeline: Timeline) -> list[tuple[Inject, int | None, str]]:
    """Return what stands in an event list, in order of time, with its number and its status.

    What the planner took out stands at its time, without a number, so that it stays out when the list is handed back.
    """
    found = [(one, n, status_of(one)) for n, one in enumerate(timeline.injects, 1)]
    return sorted([*found, *((one, None, "dropped") for one in timeline.dropped)], key=lambda line: line[0].time)


def status_of(inject: Inject) -> str:
    """Return the status of an inject; that of an event of the scenario, which is none, is a status of its own."""
    return EVENT if inject.kind == EVENT else inject.status


def ids_of(inject: Inject) -> dict[str, str]:
    """Return process, sector and audiences of an inject as a planner's file names them."""
    kinds = {"region": "safety-region"}
    to = (kinds.get(kind, kind) for kind, _, _ in (key.partition(":") for key in inject.to))
    return {"process": inject.process, "sector": inject.sector, "to": ",".join(dict.fromkeys(to))}


def audience_names(timeline: Timeline, regions: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return whom injects are for, with what people call them, in order of what they are called.

    Regions are called by ``regions`` (name by code). The others stand in ``to_text`` in the same order as in ``to``,
    before the regions, with ``;`` between them; where that does not fit they are called by their own key.
    """
    found: dict[str, str] = {}
    for one in timeline.injects:
        others = [key for key in one.to if not key.startswith("region:")]
        parts = one.to_text.split("; ")
        for key, text in zip(others, parts if len(parts) >= len(others) else others, strict=False):
            found.setdefault(key, text)
        for code in (key.partition(":")[2] for key in one.to if key.startswith("region:")):
            found.setdefault(f"region:{code}", (regions or {}).get(code, code))
    return dict(sorted(found.items(), key=lambda item: (item[1].casefold(), item[0])))


def marking_of_inject(timeline: Timeline, inject: Inject) -> str:
    """Return the mark of one inject: its own, else that of the list."""
    return inject.marking or timeline.marking


def asked(inject: Inject) -> str:
    """Return the expected questions and decisions, a line each."""
    return "\n".join(" ".join(ask.split()) for ask in inject.asks)


# ------------------------------------------------------------------ Markdown


def markdown(timeline: Timeline) -> str:
    """Write a timeline as a document: a heading for each day and each inject, and what belongs to it below.

    Text is escaped, so that what a name or a planner's text holds is never taken for markup.
    """
    timeline = seen(timeline)
    lang = timeline.lang
    blocks = [_mark(timeline), f"# {escaped(timeline.title)}", _opening(timeline)]
    if not timeline.injects:
        blocks.append(word("msel_empty", lang))
    for day, among in groupby(timeline.injects, key=lambda one: one.time // DAY):
        blocks.append(f"## {_day(timeline, day)}")
        for one in among:
            blocks += _inject_blocks(timeline, one)
    if timeline.notes:
        blocks.append(f"## {word('msel_how', lang)}")
        blocks.append(_list(timeline.notes))
    if timeline.version:
        blocks.append(escaped(f"{word('model', lang)}: {timeline.version}"))
    blocks.append(_mark(timeline))
    return "\n\n".join(block for block in blocks if block) + "\n"


def escaped(text: str) -> str:
    """Write a text so that Markdown shows it as it is, on one line."""
    text = " ".join(text.split())
    text = _SPECIAL.sub(r"\\\1", text)
    return _LEADING.sub(lambda m: m[1] + m[2][:-1] + "\\" + m[2][-1], text)


def _mark(timeline: Timeline) -> str:
    exercise = word("msel_exercise", timeline.lang)
    return f"**{escaped(' · '.join(part for part in (timeline.marking, exercise) if part))}**"


def _opening(timeline: Timeline) -> str:
    lang = timeline.lang
    start = date(timeline.start, lang) if timeline.start else word("msel_no_start", lang)
    lines = [f"{word('msel_start', lang)}: {start}.", word("msel_times", lang)]
    if not timeline.players:
        lines.append(f"**{word('msel_control', lang)}**")
    return "  \n".join(lines)


def _day(timeline: Timeline, day: int) -> str:
    title = word("msel_day", timeline.lang, day=day)
    if timeline.start is None:
        return title
    begins = timeline.start + timedelta(days=day)
    return f"{title} · {date(begins, timeline.lang)}"


def _inject_blocks(timeline: Timeline, one: Inject) -> list[str]:
    lang = timeline.lang
    when = [relative(one.time), moment(timeline.start, one.time, lang), one.where]
    if one.kind == EVENT:
        when.append(word("msel_is_event", lang))
        return [f"*{escaped(' · '.join(part for part in when if part))}: {escaped(one.text)}*"]
    if one.status == "held":
        when.append(word("msel_is_held", lang))
    heading = "### " + escaped(" · ".join(part for part in when if part))
    lines = [
        (word("inject_to", lang), one.to_text),
        (word("inject_by", lang), one.by),
        (word("inject_asks", lang), asked(one)),
    ]
    if not timeline.players:
        lines += [
            (word("inject_unless", lang), one.unless),
            (word("msel_status", lang), word(f"msel_is_{one.status}", lang)),
            (word("process", lang), " / ".join(part for part in (one.sector_name, one.process_name) if part)),
            (word("inject_certainty", lang), word(one.certainty, lang) if one.certainty else ""),
            (word("inject_why", lang), one.why),
            (word("inject_note", lang), one.note),
            (word("id", lang), one.id),
        ]
    if one.marking and one.marking != timeline.marking:
        lines.append((word("marking", lang), one.marking))
    return [heading, escaped(one.text), _pairs(lines)]


def _pairs(lines: Iterable[tuple[str, str]]) -> str:
    """Write labels and what they say as a list; of several lines each gets a point of its own."""
    found = []
    for label, text in lines:
        parts = [part for part in text.split("\n") if part.strip()]
        if len(parts) == 1:
            found.append(f"- {label}: {escaped(parts[0])}")
        elif parts:
            found.append(f"- {label}:")
            found += [f"  - {escaped(part)}" for part in parts]
    return "\n".join(found)


def _list(texts: Iterable[str]) -> str:
    return "\n".join(f"- {escaped(text)}" for text in texts)


# ------------------------------------------------------------------ CSV


def rows(timeline: Timeline) -> str:
    """Write a timeline as CSV that can be edited and handed back: a row for each inject, with its stamp.

    What the planner took out stands in it too, as dropped.
    """
    timeline = seen(timeline)
    lines = lines_of(timeline)
    table = inject_table(replace(timeline, injects=tuple(one for one, _, _ in lines)))
    hidden = ("id", "kind", "process", "asks") if timeline.players else ()
    columns = [c for c in table.columns if c.key not in hidden]
    marked = timeline.marking not in ("", LOWEST) or any(one.marking for one, _, _ in lines)
    for (one, number, status), row in zip(lines, table.rows, strict=True):
        row["nr"] = number
        row |= {"asks": asked(one), "status": status} if not timeline.players else {}
        row["marking"] = marking_of_inject(timeline, one) if marked else ""
        if not timeline.players:
            texts = {key: str(value) for key, value in row.items()}
            row["stamp"] = stamp(texts, origin(one), one.time, clock(timeline, one), ids_of(one))
    if marked:
        columns.append(Column("marking", "", on="data"))
    if not timeline.players:
        columns.append(Column("stamp", "", on="data"))
    return as_csv(Table(table.name, table.title, tuple(columns), table.rows))
