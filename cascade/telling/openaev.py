"""A timeline as a sheet that OpenAEV (formerly OpenBAS) imports with relative times, and the mapper that it needs for that.

Form and pitfalls are those of its importer as published in 2026: ``InjectImportService``, ``InjectImportUtils`` and
``MapperService`` of OpenAEV-Platform/openaev (commits 1ac24f4, 08ce584), and "Importing Injects into a Scenario" in
OpenAEV-Platform/docs (ea0c23f). How a sheet is read there:

* a column of types says which importer of the mapper a row is for (a regular expression); rows that fit none, such as the
  first, are passed over with a note;
* ``trigger_time`` may be relative: ``D+2 H+3 M+45``. Where all rows are, times count from the earliest of them; hence a
  first row at the very start;
* teams are separated by commas without blanks, and those that are missing are made;
* the body of a mail is HTML, and ``${..}`` in texts is filled in by a template engine, so both are disarmed here;
* a rule needs ``title``, ``description`` and ``trigger_time``, a default value that is not null, and a ``timePattern``.

Held-back injects would fire by the clock if they were mails. They become reminders to the animation team (the injector
"Manual"), which send nothing.
"""

import html
import json
from collections.abc import Mapping
from typing import Any, Final

from cascade.files.msel import EVENT
from cascade.telling.chronicle import audience_names, marking_of_inject
from cascade.telling.injects import Inject, Timeline, relative, seen
from cascade.telling.sheets import plain_sheet
from cascade.units import DAY, HOUR, MINUTE
from cascade.words import word

SHEET: Final = "OpenAEV"
COLUMNS: Final = ("type", "trigger_time", "title", "description", "teams", "subject", "body", "expectation", "expected")
WIDTHS: Final = (12, 18, 40, 60, 40, 50, 70, 40, 50)
MAIL: Final = "138ad8f8-32f8-4a22-8114-aaa12322bd09"
"""Contract "Send individual mails" (``EmailContract.EMAIL_DEFAULT``)."""
MANUAL: Final = "d02e9132-b9d0-4daa-b3b1-4b9871f8472c"
"""Contract "Manual" (``ManualContract.MANUAL_DEFAULT``)."""
TITLE: Final = 120
"""Characters of a title."""


def trigger(seconds: int) -> str:
    """Write a moment as the importer reads it: ``D+1 H+4 M+30``; parts of minutes are dropped."""
    days, rest = divmod(seconds, DAY)
    return f"D+{days} H+{rest // HOUR} M+{rest % HOUR // MINUTE}"


def openaev_sheet(timeline: Timeline, regions: Mapping[str, str] | None = None) -> bytes:
    """Make the workbook that OpenAEV imports (``.xlsx``).

    Parameters
    ----------
    timeline : Timeline
        Of one for players nothing of the control staff's stands in the descriptions.
    regions : mapping, optional
        Names of regions by code, for the names of teams.

    Returns
    -------
    bytes
        One sheet, ``OpenAEV``, with the columns that :func:`openaev_mapper` names.
    """
    timeline = seen(timeline)
    teams = audience_names(timeline, regions)
    rows: list[tuple[str, ...]] = [COLUMNS]
    # that an event begins is nothing to send
    injects = [one for one in timeline.injects if one.kind != EVENT]
    if injects and injects[0].time >= MINUTE:
        begins = _plain(f"{word('msel_exercise', timeline.lang)} · {word('msel_begins', timeline.lang)}")
        rows.append(("reminder", trigger(0), begins, timeline.marking, "", "", "", "", ""))
    rows += [_row(timeline, one, teams) for one in injects]
    return plain_sheet(SHEET, rows, WIDTHS, timeline.marking, timeline.lang)


def _row(timeline: Timeline, one: Inject, teams: Mapping[str, str]) -> tuple[str, ...]:
    lang, mark = timeline.lang, marking_of_inject(timeline, one)
    title = _plain(" · ".join(part for part in (relative(one.time), one.where, one.text) if part))
    title = title if len(title) <= TITLE else title[: TITLE - 1].rstrip() + "…"
    described = _plain(_described(timeline, one))
    if one.status == "held":
        return ("reminder", trigger(one.time), f"{word('msel_reminder', lang)}: {title}", described, "", "", "", "", "")
    exercise = word("msel_exercise", lang)
    subject = _plain(" · ".join(part for part in (mark, exercise, one.where) if part))
    body = "\n".join(part for part in (mark, exercise, "", one.text, "", exercise, mark) if part or part == "")
    who = ",".join(dict.fromkeys(teams[key].replace(",", " -") for key in one.to))
    asks = [_plain(ask) for ask in one.asks]
    kind = "mail-ask" if asks else "mail"
    markup = html.escape(_plain(body), quote=False)
    return (
        kind,
        trigger(one.time),
        title,
        described,
        who,
        subject,
        markup,
        asks[0] if asks else "",
        "\n".join(asks[1:]),
    )


def _described(timeline: Timeline, one: Inject) -> str:
    """Return what the animation team sees beside an inject."""
    lang = timeline.lang
    lines = [
        (word("marking", lang), marking_of_inject(timeline, one)),
        (word("inject_by", lang), one.by),
        (word("inject_unless", lang), one.unless),
        ("", one.text if one.status == "held" else ""),
        (word("inject_to", lang), one.to_text if one.status == "held" else ""),
        (word("inject_certainty", lang), word(one.certainty, lang) if one.certainty else ""),
        (word("inject_why", lang), one.why),
        (word("inject_note", lang), one.note),
        (word("id", lang), "" if timeline.players else one.id),
    ]
    return "\n".join(f"{label}: {text}" if label else text for label, text in lines if text)


def _plain(text: str) -> str:
    """Break up what the template engine there would fill in."""
    for sign in ("${", "#{", "<#", "[="):
        text = text.replace(sign, f"{sign[0]} {sign[1]}")
    return text


def openaev_mapper(timeline: Timeline) -> str:
    """Write the mapper for :func:`openaev_sheet`, as OpenAEV imports it (Settings, Data ingestion, Import; JSON)."""
    common = {"title": "title", "description": "description", "trigger_time": "trigger_time"}
    mail = {**common, "teams": "teams", "subject": "subject", "body": "body"}
    ask = {**mail, "expectation_name": "expectation", "expectation_description": "expected", "expectation_score": ""}
    kinds = (("^mail$", MAIL, mail), ("^mail-ask$", MAIL, ask), ("^reminder$", MANUAL, common))
    mapper = {
        "import_mapper_name": f"cascade {SHEET} ({timeline.lang})",
        "import_mapper_inject_type_column": _letter("type"),
        "import_mapper_inject_importers": [
            {
                "inject_importer_type_value": pattern,
                "inject_importer_injector_contract": contract,
                "inject_importer_rule_attributes": [_rule(name, column) for name, column in rules.items()],
            }
            for pattern, contract, rules in kinds
        ],
    }
    return json.dumps([mapper], indent=1) + "\n"


def _letter(column: str) -> str:
    return chr(ord("A") + COLUMNS.index(column))


def _rule(name: str, column: str) -> dict[str, Any]:
    """Say which column a field comes from; a score has none, and is 100 as in forms filled in by hand there."""
    return {
        "rule_attribute_name": name,
        "rule_attribute_columns": _letter(column) if column else None,
        "rule_attribute_default_value": "" if column else "100",
        "rule_attribute_additional_config": {"timePattern": ""} if name == "trigger_time" else {},
    }
