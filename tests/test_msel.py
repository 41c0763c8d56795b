"""Files of a timeline, each read back with another library than it was written with; and lists that a planner edited."""

import csv
import hashlib
import html
import io
import json
import re
import zipfile
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import vobject
from browser import Sheet, chromium, new_sheet  # noqa: F401
from builders import model
from markdown_it import MarkdownIt

from cascade.errors import DefinitionError, UsageError
from cascade.exercise import Injects
from cascade.files import sheets as reading
from cascade.files.msel import COLUMNS, read_stamp
from cascade.files.sheets import read_sheet
from cascade.model import Input, Lang, Model, Words
from cascade.telling.agenda import calendar
from cascade.telling.chronicle import audience_names, markdown, rows
from cascade.telling.columns import Table
from cascade.telling.exports import check_name, refuse_edited, write_timeline
from cascade.telling.injects import Inject, Timeline, for_players
from cascade.telling.openaev import COLUMNS as OPENAEV
from cascade.telling.openaev import openaev_mapper, openaev_sheet
from cascade.telling.sheets import event_list
from cascade.units import DAY, HOUR, MINUTE
from cascade.words import word

START = datetime.fromisoformat("2027-01-18T17:00+01:00")
MARK = "TLP:AMBER / Dep. V."
SECRETS = ("GEHEIME-KETEN", "GEHEIME-OPMERKING", "GEHEIME-VRAAG", "GEHEIME-NAAM", "ALS-SPELERS-NIETS-DOEN", "HELDTEKST")
"""What only the control staff may see."""
HOSTILE = '=HYPERLINK("http://x.invalid";"klik") <script>alert(1)</script> & ${7*7} *vet* [a](http://b.invalid) | #1'
AUDIENCES = {
    "press": Words(nl="pers en omroepen", en="press and broadcasters"),
    "sector": Words(nl="sector {name}", en="sector {name}"),
    "safety-region": Words(nl="veiligheidsregio {name}", en="safety region {name}"),
}


def world() -> Model:
    return model(
        {"masts": {"sector": "telecom", "per": "region"}, "power": {"sector": "energy", "per": "region"}},
        {"R1": 1_000, "R2": 3_000},
    )


def inject(time: int, name: str, text: str, **rest: Any) -> Inject:
    given: dict[str, Any] = {
        "kind": "gone", "status": "model", "process": "masts", "process_name": "masts", "sector": "telecom",
        "sector_name": "telecom", "regions": ("R1",), "where": "R1", "to": ("sector:telecom", "region:R1"),
        "to_text": "sector telecom; veiligheidsregio R1", "by": "e-mail", "asks": ("GEHEIME-VRAAG: wie doet wat?", "En dan?"),
        "certainty": "low", "why": "power R1 0% → GEHEIME-KETEN",
    }  # fmt: skip
    return Inject(id=name, time=time, until=time, text=text, **given | rest)


def timeline(lang: Lang = "nl", start: datetime | None = START, **rest: Any) -> Timeline:
    own: dict[str, Any] = {"kind": "planned", "process": "", "process_name": "", "certainty": "", "why": ""}
    injects = (
        inject(20 * MINUTE, "masts.gone@R1", "Bellen lukt niet in R1."),
        inject(5 * HOUR + 30, "power.gone", HOSTILE, regions=(), where="landelijk", process="power", process_name="power"),
        inject(
            DAY + 4 * HOUR + 30 * MINUTE, "own-1", "+31 belt: is er bericht?", status="planned", to=("press",), asks=(),
            to_text="pers en omroepen", note="GEHEIME-OPMERKING", regions=("R1", "R2"), where="R1, R2", sector="",
            sector_name="", **own,
        ),
        inject(
            DAY + 5 * HOUR, "own-2", "HELDTEKST van een journalist", status="held", unless="ALS-SPELERS-NIETS-DOEN", **own
        ),
        inject(2 * DAY, "masts.back@R1", "Bellen kan weer.", kind="back", status="edited", marking="TLP:RED"),
    )  # fmt: skip
    made = Timeline("Proef GEHEIME-NAAM", lang, start, 3 * DAY, MARK, injects, ("Zo & zo gemaakt.",), "model 1")
    return replace(made, **rest)


def page_of(data: bytes, name: str = "MSEL") -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))[name]


def heads(page: Any) -> tuple[int, dict[str, int]]:
    """The row of column names and the number of each, by key."""
    names = {word(k, "nl"): k for k in ("id", "process", "sector", "marking")}
    for key in COLUMNS:
        for kind in ("inject_", "msel_"):
            with_kind = kind + key
            try:
                names.setdefault(word(with_kind, "nl"), key)
            except KeyError:
                continue
    for row in page.iter_rows(max_row=20):
        texts = [str(cell.value or "") for cell in row]
        if word("inject_text", "nl") in texts:
            return row[0].row, {names[text]: n for n, text in enumerate(texts, 1) if text}
    raise AssertionError("no row of column names")


def texts_in(data: bytes) -> str:
    """Everything readable in a workbook, sheets, headers and properties."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return html.unescape(" ".join(archive.read(name).decode("utf-8") for name in archive.namelist()))


# ------------------------------------------------------------------ Excel


def test_the_event_list_has_a_row_for_each_inject() -> None:
    made = timeline()
    page = page_of(event_list(made, [("Bestand", "abc123")]))
    top, columns = heads(page)
    assert list(columns) == list(COLUMNS)
    assert page.cell(1, 1).value == f"{MARK} · OEFENING"
    found = [{key: page.cell(top + n, column).value for key, column in columns.items()} for n in range(1, 6)]
    assert [one["nr"] for one in found] == [1, 2, 3, 4, 5]
    assert [one["id"] for one in found] == [one.id for one in made.injects]
    assert [one["at"] for one in found] == ["D+0 00:20", "D+0 05:00", "D+1 04:30", "D+1 05:00", "D+2 00:00"]
    # the clock of the scenario, to the second, as a moment that can be sorted
    assert [one["clock"] for one in found] == [
        (START + timedelta(seconds=one.time)).replace(tzinfo=None) for one in made.injects
    ]
    assert [one["text"] for one in found] == [one.text for one in made.injects]
    assert found[0]["asks"] == "GEHEIME-VRAAG: wie doet wat?\nEn dan?"
    assert [one["status"] for one in found] == [
        "uit het model", "uit het model", "van de oefenleiding", "achter de hand", "aangepast",
    ]  # fmt: skip
    assert (found[0]["certainty"], found[2]["certainty"]) == ("laag", None)
    assert (found[2]["regions"], found[3]["unless"]) == ("R1, R2", "ALS-SPELERS-NIETS-DOEN")
    assert (found[0]["marking"], found[4]["marking"]) == (MARK, "TLP:RED")
    assert all(one[key] is None for one in found for key in ("from", "responsible", "done", "observed"))
    assert page.cell(top + 6, columns["text"]).value is None


def test_the_event_list_is_ready_to_work_with() -> None:
    page = page_of(event_list(timeline()))
    top, columns = heads(page)
    letter = {key: openpyxl.utils.get_column_letter(number) for key, number in columns.items()}
    assert page.freeze_panes == f"{letter['where']}{top + 1}"
    assert page.auto_filter.ref == f"A{top}:{letter['stamp']}{top + 5}"
    assert page.print_title_rows == f"${top}:${top}"
    assert page.print_area == f"'MSEL'!$A$1:${letter['unless']}${top + 5}"
    # no width is one page
    assert (page.page_setup.orientation, page.page_setup.fitToHeight, page.page_setup.fitToWidth) == (
        "landscape",
        0,
        None,
    )
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.column_dimensions[letter["stamp"]].hidden
    assert not page.column_dimensions[letter["text"]].hidden
    (check,) = page.data_validations.dataValidation
    assert check.formula1 == '"uit het model,aangepast,van de oefenleiding,achter de hand,vervallen"'
    assert f"{letter['status']}{top + 1}" in str(check.sqref)
    rules = [rule for ranged in page.conditional_formatting for rule in ranged.rules]
    status = f"${letter['status']}{top + 1}"
    assert sorted(rule.formula[0] for rule in rules) == [
        '"aangepast"', '"achter de hand"', '"van de oefenleiding"', f'{status}="gebeurtenis"', f'{status}="vervallen"',
    ]  # fmt: skip
    struck = next(rule for rule in rules if "vervallen" in rule.formula[0])
    assert struck.dxf.font.strike
    # where nothing is worked out by itself, rules for rows do nothing
    assert openpyxl.load_workbook(io.BytesIO(event_list(timeline()))).calculation.calcMode != "manual"
    assert page.cell(top + 1, columns["text"]).alignment.wrap_text


def test_the_printed_columns_fit_on_a4_and_can_be_read(tmp_path: Path) -> None:
    page = page_of(event_list(timeline()))
    top, columns = heads(page)
    printed = ["nr", "at", "clock", "where", "text", "to", "by", "asks", "status", "unless"]
    assert list(columns)[:10] == printed
    assert page.page_setup.paperSize == 9  # A4
    # of the ordinary size (Calibri 11) a character is 7 pixels wide, with 5 around each cell
    pixels = sum(7 * page.column_dimensions[openpyxl.utils.get_column_letter(columns[key])].width for key in printed)
    points = pixels * 72 / 96
    room = (297 / 25.4 - page.page_margins.left - page.page_margins.right) * 72
    size = page.cell(top + 1, columns["text"]).font.size
    assert int(100 * room / points) / 100 * size >= 8


def test_the_mark_is_on_every_page_of_every_sheet() -> None:
    for made in (timeline(), timeline(players=True), timeline("en", marking="A & B")):
        book = openpyxl.load_workbook(io.BytesIO(event_list(made)))
        for page in book:
            assert made.marking in page.oddHeader.center.text.replace("&&", "&")
            assert made.marking in page.oddFooter.center.text.replace("&&", "&")
            assert str(page.cell(1, 1).value).startswith(made.marking)
    with zipfile.ZipFile(io.BytesIO(event_list(timeline(marking="A & B")))) as archive:
        assert b"A &amp;&amp; B" in archive.read("xl/worksheets/sheet1.xml")  # a lone & would begin a code


def test_text_in_a_sheet_is_never_a_formula_or_a_link() -> None:
    data = event_list(timeline())
    page = page_of(data)
    top, columns = heads(page)
    for row, text in ((2, HOSTILE), (3, "+31 belt: is er bericht?")):
        cell = page.cell(top + row, columns["text"])
        assert (cell.data_type, cell.value, cell.hyperlink) == ("s", text, None)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert not any("<f>" in text for name, text in parts.items() if "worksheets/" in name)
    assert not any(
        "hyperlink" in name or "externalLink" in name or 'TargetMode="External"' in parts[name] for name in parts
    )


def test_the_sheet_about_it_says_how_it_was_made() -> None:
    text = {
        row[1].value: row[0].value
        for row in page_of(event_list(timeline(), [("scenarios/x.yaml", "abc123")]), "Over").iter_rows(min_row=3)
    }
    assert text["abc123"] == "scenarios/x.yaml"
    assert {MARK, "Proef GEHEIME-NAAM", "model 1", "Zo & zo gemaakt.", "ma 18 januari 2027 17:00"} <= set(text)
    deleting = next(str(one) for one, label in text.items() if label == "Regels wissen")
    assert "wissen doet niets" in deleting
    assert "Met de status vervallen gaat hij eruit" in deleting


def test_a_workbook_without_a_start_has_no_clock() -> None:
    page = page_of(event_list(timeline("en", start=None)))
    names = [cell.value for row in page.iter_rows(min_row=6, max_row=6) for cell in row]
    assert "Clock" not in names
    assert "Moment" in names


def test_texts_that_are_too_long_for_a_cell_are_shortened_in_the_open() -> None:
    page = page_of(event_list(timeline(injects=(inject(0, "a", "a" * 40_000),))))
    top, columns = heads(page)
    assert page.cell(top + 1, columns["text"]).value == "a" * 32_766 + "…"


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_players_get_nothing_of_the_control_staffs(lang: Lang) -> None:
    made = timeline(lang, players=True)
    book = event_list(made, [("scenarios/GEHEIME-NAAM.yaml", "abc")])
    written = {
        "xlsx": texts_in(book),
        "md": markdown(made),
        "csv": rows(made),
        "ics": calendar(made).decode().replace("\r\n ", ""),
        "openaev": texts_in(openaev_sheet(made)),
    }
    for kind, text in written.items():
        told = [secret for secret in (*SECRETS, "masts.gone", "own-1", "abc", "model 1") if secret in text]
        assert told == [], kind
        assert "Bellen lukt niet in R1." in text, kind
        assert MARK in text, kind
    assert openpyxl.load_workbook(io.BytesIO(book)).sheetnames == [
        word("msel_players_sheet", lang),
        word("msel_about_sheet", lang),
    ]
    # and the two are never in one workbook, since the whole of it is what is sent
    control = openpyxl.load_workbook(io.BytesIO(event_list(timeline(lang)))).sheetnames
    assert control == ["MSEL", word("msel_about_sheet", lang)]


def test_for_players_again_changes_nothing() -> None:
    once = for_players(timeline())
    assert for_players(once) == once
    assert len(once.injects) == 4


def test_equal_timelines_give_equal_bytes() -> None:
    for make in (event_list, calendar, markdown, rows, openaev_sheet, openaev_mapper):
        assert make(timeline()) == make(timeline())  # type: ignore[operator]
    for data in (event_list(timeline()), openaev_sheet(timeline())):
        assert openpyxl.load_workbook(io.BytesIO(data)).properties.created == datetime(2000, 1, 1)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


# ------------------------------------------------------------------ Markdown and CSV


def test_the_document_reads_as_it_was_meant() -> None:
    tokens = MarkdownIt("commonmark").parse(markdown(timeline()))
    headings = [tokens[n + 1].content for n, token in enumerate(tokens) if token.type == "heading_open"]
    assert headings[0] == "Proef GEHEIME-NAAM"
    assert headings[1] == "Dag D+0 · ma 18 januari 2027 17:00"
    assert headings[2] == "D+0 00:20 · ma 17:20 · R1"
    assert headings[-1] == "Hoe deze lijst gemaakt is"
    assert "D+1 05:00 · di 22:00 · R1 · achter de hand" in headings
    # whatever stands in a text is shown as it is
    plain = "".join(
        child.content
        for token in tokens
        for child in token.children or ()
        if child.type in ("text", "text_special", "softbreak")
    )
    assert HOSTILE in plain
    kinds = {child.type for token in tokens for child in token.children or ()} | {token.type for token in tokens}
    assert not kinds & {"html_inline", "html_block", "link_open", "code_inline", "image"}
    assert markdown(timeline()).count(f"**{MARK} · OEFENING**") == 2


@pytest.mark.parametrize(
    "text", ["1. een", "- a", "+ b", "# c", "> d", "=== e", "a\n\n# b", "~~~", "| a | b |", "\\*x"]
)
def test_no_text_becomes_markup(text: str) -> None:
    made = timeline(injects=(inject(0, "x", text, asks=(text,), why="", where=""),))
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown(made))
    shown = " ".join(text.split())
    paragraphs = ["".join(c.content for c in t.children or ()) for t in tokens if t.type == "inline"]
    assert shown in paragraphs
    assert f"Vragen en besluiten: {shown}" in paragraphs
    assert sum(1 for token in tokens if token.type == "heading_open") == 4


def test_csv_holds_every_inject() -> None:
    found = list(csv.DictReader(io.StringIO(rows(timeline()))))
    assert [one["id"] for one in found] == [one.id for one in timeline().injects]
    assert found[1]["text"] == "'" + HOSTILE
    assert found[2]["text"] == "'+31 belt: is er bericht?"
    assert {one["marking"] for one in found} == {MARK, "TLP:RED"}
    assert "marking" not in rows(timeline(marking="TLP:CLEAR", injects=timeline().injects[:1])).partition("\n")[0]


# ------------------------------------------------------------------ calendar


def test_a_calendar_has_an_event_for_each_inject() -> None:
    made = timeline()
    found = vobject.readOne(calendar(made).decode())
    events = found.contents["vevent"]
    assert len(events) == len(made.injects)
    for one, event in zip(made.injects, events, strict=True):
        assert event.dtstart.value == START + timedelta(seconds=one.time)
        assert event.dtstart.value.utcoffset() == timedelta(hours=1)
        assert one.text in event.description.value
        assert (one.marking or MARK) in event.summary.value
        assert (one.marking or MARK) in event.description.value
        assert event.summary.value.startswith(f"{one.marking or MARK} · OEFENING · ")
        assert "class" not in event.contents
    assert events[0].categories.value == ["telecom"]
    assert [event.status.value for event in events] == ["CONFIRMED"] * 3 + ["TENTATIVE", "CONFIRMED"]
    assert len({event.uid.value for event in events}) == 5
    assert all(len(line.encode()) <= 75 for line in calendar(made).decode().split("\r\n"))


def test_ids_of_events_stay_when_the_text_changes() -> None:
    def ids(made: Timeline) -> list[str]:
        return re.findall(r"UID:(.+)\r\n", calendar(made).decode().replace("\r\n ", ""))

    made = timeline()
    moved = replace(made, injects=tuple(replace(one, text="anders", time=one.time + HOUR) for one in made.injects[1:]))
    assert ids(made)[1:] == ids(moved)
    kept = ids(replace(made, players=True))
    assert kept[1:] == ids(replace(moved, players=True))
    assert not set(kept) & set(ids(made))


def test_a_calendar_needs_a_start() -> None:
    with pytest.raises(UsageError, match=r"this scenario has no start; give one with --start"):
        calendar(timeline("en", start=None))


# ------------------------------------------------------------------ OpenAEV


def imported(data: bytes, mapper: str) -> list[dict[str, Any]]:
    """Read a sheet as the importer of OpenAEV does, with its regular expressions (InjectImportService)."""
    (mapping,) = json.loads(mapper)
    page = page_of(data, "OpenAEV")
    found = []
    for row in page.iter_rows():
        cells = {cell.column_letter: "" if cell.value is None else cell.value for cell in row}
        kind = cells[mapping["import_mapper_inject_type_column"]]
        fits = [
            one
            for one in mapping["import_mapper_inject_importers"]
            if re.search(one["inject_importer_type_value"], kind)
        ]
        if not fits:
            continue
        (importer,) = fits  # several would be refused there
        rules = {one["rule_attribute_name"]: one for one in importer["inject_importer_rule_attributes"]}
        fields = {name: cells.get(one["rule_attribute_columns"] or "", "") for name, one in rules.items()}
        assert {"title", "description", "trigger_time"} <= set(rules)
        assert all(one["rule_attribute_default_value"] is not None for one in rules.values())
        assert rules["trigger_time"]["rule_attribute_additional_config"] == {"timePattern": ""}
        when = fields["trigger_time"]
        day = re.fullmatch(r".*[DJ]([+\-]?[0-9]*)(.*)", when)
        hour = re.fullmatch(r".*[HT]([+\-]?[0-9]*).*", when)
        minute = re.fullmatch(r".*[M]([+\-]?[0-9]*).*", when)
        assert day is not None
        assert hour is not None
        assert minute is not None
        with pytest.raises(
            ValueError, match="does not match"
        ):  # what follows the day is no time of day, which would need a start there
            datetime.strptime(day[2].strip(), "%H:%M")
        fields["minutes"] = (int(day[1]) * 24 + int(hour[1])) * 60 + int(minute[1])
        fields["contract"] = importer["inject_importer_injector_contract"]
        found.append(fields)
    first = min(one["minutes"] for one in found)
    return [{**one, "minutes": one["minutes"] - first} for one in found]


def test_openaev_fires_every_inject_at_its_moment() -> None:
    made = timeline()
    begin, *found = imported(openaev_sheet(made), openaev_mapper(made))
    assert begin["minutes"] == 0
    assert "OEFENING" in begin["title"]
    assert [one["minutes"] for one in found] == [one.time // MINUTE for one in made.injects]
    mail, manual = "138ad8f8-32f8-4a22-8114-aaa12322bd09", "d02e9132-b9d0-4daa-b3b1-4b9871f8472c"
    # what is held back is never sent by the clock
    assert [one["contract"] for one in (begin, *found)] == [manual, mail, mail, mail, manual, mail]
    assert found[0]["teams"].split(",") == ["sector telecom", "R1"]
    assert found[0]["subject"] == f"{MARK} · OEFENING · R1"
    assert found[0]["expectation_name"] == "GEHEIME-VRAAG: wie doet wat?"
    assert "expectation_name" not in found[2]
    assert "HELDTEKST" in found[3]["description"]
    assert all("HELDTEKST" not in one.get("body", "") for one in found)


def test_openaev_gets_mails_without_markup_or_templates() -> None:
    _, _, sly, *_ = imported(openaev_sheet(timeline()), openaev_mapper(timeline()))
    assert "<script>" not in sly["body"]
    assert "&lt;script&gt;" in sly["body"]
    assert not any("${" in str(value) for value in sly.values())
    assert sly["body"].startswith(f"{MARK}\nOEFENING\n")


def test_openaev_needs_no_row_for_the_start_where_an_inject_stands_there() -> None:
    made = timeline(injects=(inject(0, "a", "Nu."), inject(HOUR, "b", "Later.")))
    assert [one["minutes"] for one in imported(openaev_sheet(made), openaev_mapper(made))] == [0, 60]
    assert [cell.value for cell in page_of(openaev_sheet(made), "OpenAEV")[1]] == list(OPENAEV)


def test_audiences_are_called_as_the_text_has_them() -> None:
    assert audience_names(timeline(), {"R1": "Twente"}) == {
        "press": "pers en omroepen",
        "sector:telecom": "sector telecom",
        "region:R1": "Twente",
    }


# ------------------------------------------------------------------ a list that comes back


Edit = Callable[[Any, int, dict[str, int]], None]


def handed_back(tmp_path: Path, edit: Edit | None = None, made: Timeline | None = None) -> tuple[Injects, Input]:
    """Write a list, edit it with another program, and read it."""
    book = openpyxl.load_workbook(io.BytesIO(event_list(made or timeline())))
    if edit is not None:
        top, columns = heads(book["MSEL"])
        edit(book["MSEL"], top, columns)
    book.save(tmp_path / "msel.xlsx")
    return read_sheet(tmp_path / "msel.xlsx", world(), "nl", AUDIENCES)


def said(injects: Injects) -> dict[str | None, dict[str, Any]]:
    return {
        one.id: {key: getattr(one, key) for key in sorted(one.model_fields_set) if key != "id"}
        for one in injects.injects
    }


def both(text: str) -> Words:
    return Words(nl=text, en=text)


def test_an_unchanged_list_says_what_the_planner_said_and_nothing_more(tmp_path: Path) -> None:
    injects, source = handed_back(tmp_path)
    assert source.sha256 == hashlib.sha256((tmp_path / "msel.xlsx").read_bytes()).hexdigest()
    assert injects.marking == MARK
    found = said(injects)
    assert set(found) == {"own-1", "own-2", "masts.back@R1"}
    assert found["own-1"] == {
        "at": DAY + 4 * HOUR + 30 * MINUTE,
        "where": ("R1", "R2"),
        "to": ("press",),
        "by": both("e-mail"),
        "text": both("+31 belt: is er bericht?"),
        "note": both("GEHEIME-OPMERKING"),
        "marking": MARK,
    }
    assert found["own-2"]["unless"] == both("ALS-SPELERS-NIETS-DOEN")
    assert found["own-2"]["to"] == ("sector", "safety-region")
    assert "process" not in found["masts.back@R1"]
    assert found["masts.back@R1"]["marking"] == "TLP:RED"


def test_only_what_was_changed_is_the_planners(tmp_path: Path) -> None:
    def edit(page: Any, top: int, columns: dict[str, int]) -> None:
        page.cell(top + 1, columns["text"]).value = "Bellen lukt nergens in R1."
        page.cell(top + 2, columns["at"]).value = "D+0 06:30"
        page.cell(top + 2, columns["to"]).value = "Pers en omroepen; veiligheidsregio R2"
        page.cell(top + 2, columns["regions"]).value = "R2"
        page.cell(top + 2, columns["observed"]).value = "om 23:31 gezien"

    found = said(handed_back(tmp_path, edit)[0])
    assert found["masts.gone@R1"] == {"text": both("Bellen lukt nergens in R1.")}
    assert found["power.gone"] == {
        "at": 6 * HOUR + 30 * MINUTE, "to": ("press", "safety-region"), "where": ("R2",),
    }  # fmt: skip


def test_a_clock_that_was_moved_moves_the_inject(tmp_path: Path) -> None:
    def edit(page: Any, top: int, columns: dict[str, int]) -> None:
        for row in (2, 3):
            page.cell(top + row, columns["clock"]).value += timedelta(minutes=45)
        page.cell(top + 6, columns["clock"]).value = datetime(2027, 1, 18, 18, 15)
        page.cell(top + 6, columns["text"]).value = "Nieuw, op de klok."

    injects = handed_back(tmp_path, edit)[0]
    found = said(injects)
    assert found["power.gone"] == {"at": 5 * HOUR + 30 + 45 * MINUTE}
    assert found["own-1"]["at"] == DAY + 5 * HOUR + 15 * MINUTE
    assert found[None] == {"at": 75 * MINUTE, "text": both("Nieuw, op de klok.")}


def test_rows_are_added_dropped_held_and_copied(tmp_path: Path) -> None:
    def edit(page: Any, top: int, columns: dict[str, int]) -> None:
        def put(row: int, **cells: Any) -> None:
            for key, value in cells.items():
                page.cell(top + row, columns[key]).value = value

        put(1, status="vervallen")
        put(2, status="Achter de hand", unless="aggregaten sturen")
        put(3, status="vervallen")
        put(
            6,
            at="28h",
            text="Een oproep\nin twee regels",
            regions="r1, R2",
            process="masts",
            sector="Telecom",
            asks="- Wie?\n- Wat?",
        )
        for key, column in columns.items():  # a copied row of which the id was cleared
            put(7, **{key: page.cell(top + 2, column).value if key != "id" else None})
        put(7, at="D+1", status=None)
        page.cell(top + 7, columns["text"]).data_type = "s"  # else it would begin a formula

    injects = handed_back(tmp_path, edit)[0]
    found = said(injects)
    assert found["masts.gone@R1"] == {"drop": True}
    assert found["power.gone"] == {"unless": both("aggregaten sturen")}
    assert "own-1" not in found
    new, copied = (one for one in injects.injects if one.id is None)
    assert (new.at, new.where, new.process, new.sector) == (28 * HOUR, ("R1", "R2"), "masts", "telecom")
    assert new.text == both("Een oproep\nin twee regels")
    assert new.asks == (both("Wie?"), both("Wat?"))
    assert (copied.at, copied.text, copied.where) == (DAY, both(HOSTILE), ())


@pytest.mark.parametrize(
    ("row", "cells", "message"),
    [
        (1, {"at": "13 uur later"}, "MSEL!B7: '13 uur later' is not a duration"),
        (1, {"at": 0.5}, "MSEL!B7: 0.5 is a number or clock time, and not a time from the start - write it as text"),
        (1, {"text": None}, "MSEL!E7: is empty - write the message, or set the status to dropped"),
        (1, {"process": "power"}, "MSEL!S7: the process of an inject from the model cannot be changed - put it back; or"),
        (1, {"regions": "R9"}, "MSEL!U7: no region 'R9' - "),
        (1, {"to": "de buren"}, "MSEL!F7: nobody is called 'de buren' - known: pers en omroepen, sector, veiligheidsregio; or"),
        (1, {"status": "vervalen"}, "MSEL!I7: no status 'vervalen' - did you mean 'vervallen'?"),
        (1, {"status": "achter de hand"}, "MSEL!J7: is empty, and the row is held back - write what players must not"),
        (1, {"stamp": None}, "MSEL!I7: the row was made by the program, but what it was made with"),
        (1, {"marking": "TLP:PINK"}, "MSEL!V7: 'TLP:PINK' is no marking - "),
        (2, {"id": "masts.gone@R1"}, "MSEL!T8: 'masts.gone@R1' is also the id of row 7 - clear the id of the copy"),
        (6, {"text": "Nieuw"}, "MSEL!B12: is empty - write the moment, for example D+1 04:30"),
        (6, {"at": "D+1"}, "MSEL!E12: is empty - write the message"),
        (6, {"at": "D+1", "text": "a", "process": "mast"}, "MSEL!S12: no process 'mast' - did you mean 'masts'?"),
        (6, {"at": "D+1", "text": "a\u202eb"}, "MSEL!E12: the invisible character U+202E - remove it"),
        (6, {"at": "D+1", "text": "a", "id": "a b"}, "'a b' is not an id - use letters"),
    ],
)  # fmt: skip
def test_faults_name_sheet_cell_and_remedy(tmp_path: Path, row: int, cells: dict[str, Any], message: str) -> None:
    def edit(page: Any, top: int, columns: dict[str, int]) -> None:
        for key, value in cells.items():
            page.cell(top + row, columns[key]).value = value

    with pytest.raises(DefinitionError) as caught:
        handed_back(tmp_path, edit)
    assert message in str(caught.value)
    assert f"{tmp_path.as_posix()}/msel.xlsx:" in str(caught.value)
    assert len(caught.value.problems) == 1


def test_a_list_made_by_hand_is_read_in_both_languages(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Tijd", "Tekst", "Waar", "Locatie", "Alleen als spelers niet"])
    book.active.append(["D+0 01:00", "Een bericht", "R1", "hier", None])
    book.active.append([])
    book.active.append(["PT2H", 112, None, None, "opschalen"])
    book.save(tmp_path / "plan.xlsx")
    injects, _ = read_sheet(tmp_path / "plan.xlsx", world())
    assert [(one.at, one.text.nl if one.text else "", one.where) for one in injects.injects] == [
        (HOUR, "Een bericht", ("R1",)),
        (2 * HOUR, "112", None),
    ]
    assert injects.injects[1].unless == both("opschalen")
    (tmp_path / "plan.csv").write_text("at;text;to\n1h;'=a;press\n", encoding="utf-8")
    (one,) = read_sheet(tmp_path / "plan.csv", world())[0].injects
    assert (one.at, one.text, one.to) == (HOUR, both("=a"), ("press",))


def test_csv_comes_back_like_a_sheet(tmp_path: Path) -> None:
    made = list(csv.DictReader(io.StringIO(rows(timeline()))))
    made[0]["text"] = "Bellen lukt nergens."
    made[1]["by"] = ""
    with (tmp_path / "injects.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, list(made[0]), delimiter=";", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(made)
    found = said(read_sheet(tmp_path / "injects.csv", world(), "nl", AUDIENCES)[0])
    assert found["masts.gone@R1"] == {"text": both("Bellen lukt nergens.")}
    assert found["power.gone"] == {"by": both("")}
    assert set(found) == {"masts.gone@R1", "power.gone", "own-1", "own-2", "masts.back@R1"}
    made[2]["at"] = "later"
    (tmp_path / "bad.csv").write_text(
        "\n".join(",".join(f'"{one}"' for one in row.values()) for row in (dict.fromkeys(made[0]), *made)), "utf-8"
    )
    with pytest.raises(DefinitionError, match=r"bad.csv: |bad.csv:1:1: A1: no row with the names of the columns"):
        read_sheet(tmp_path / "bad.csv", world())


def test_a_slip_in_a_column_name_is_no_silence(tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text("at,text,unles\n1h,a,b\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"plan\.csv:1:3: C1: unknown column 'unles' - did you mean 'unless'\?"):
        read_sheet(tmp_path / "plan.csv", world())


def test_stamps_survive_what_programs_do_to_texts() -> None:
    mark = read_stamp("masts.gone@R1|model|1230|2027-01-18T17:20:30|at=0123456789 text=0123456789|process=masts to=a,b")
    assert mark is not None
    assert (mark.time, mark.ids["to"]) == (1230, "a,b")
    assert read_stamp("x") is None
    assert read_stamp("x|model|1|2027-99-99T00:00:00||") is None


# ------------------------------------------------------------------ what the planner took out


def with_dropped(lang: Lang = "nl") -> Timeline:
    gone = inject(4 * HOUR, "masts.poor@R2", "WEGGELATEN bericht", kind="poor", regions=("R2",), where="R2")
    return timeline(lang, dropped=(gone,))


def test_what_was_taken_out_stays_out_however_often_the_list_comes_back(tmp_path: Path) -> None:
    made = with_dropped()
    page = page_of(event_list(made))
    top, columns = heads(page)
    found = [{key: page.cell(top + n, column).value for key, column in columns.items()} for n in range(1, 7)]
    assert [one["nr"] for one in found] == [1, None, 2, 3, 4, 5]
    assert (found[1]["text"], found[1]["at"], found[1]["status"]) == ("WEGGELATEN bericht", "D+0 04:00", "vervallen")
    back, _ = handed_back(tmp_path, made=made)
    assert said(back)["masts.poor@R2"] == {"drop": True}
    (tmp_path / "injects.csv").write_text(rows(made), encoding="utf-8")
    again = said(read_sheet(tmp_path / "injects.csv", world(), "nl", AUDIENCES)[0])
    assert again["masts.poor@R2"] == {"drop": True}
    assert set(again) == set(said(back))


def test_what_was_taken_out_comes_back_when_its_status_is_put_back(tmp_path: Path) -> None:
    for status in ("uit het model", None):

        def edit(page: Any, top: int, columns: dict[str, int], status: str | None = status) -> None:
            page.cell(top + 2, columns["status"]).value = status

        assert "masts.poor@R2" not in said(handed_back(tmp_path, edit, with_dropped())[0])


def test_only_the_event_list_shows_what_was_taken_out(tmp_path: Path) -> None:
    for made, holders in ((with_dropped(), {"msel.xlsx", "injects.csv"}), (for_players(with_dropped()), set[str]())):
        place = tmp_path / str(made.players)
        texts = {
            path.name: texts_in(path.read_bytes()) if path.suffix == ".xlsx" else path.read_text("utf-8")
            for path in write_timeline(world(), made, [], place)
        }
        assert {name for name, text in texts.items() if "WEGGELATEN" in text} == holders
    leaky = replace(with_dropped(), players=True)
    assert "WEGGELATEN" not in texts_in(event_list(leaky)) + rows(leaky)


# ------------------------------------------------------------------ events of the scenario


def with_event(lang: Lang = "nl", **rest: Any) -> Timeline:
    made = timeline(lang, **rest)
    begins = inject(
        0, "event.1", "Gebeurtenis 1 begint: STROOMUITVAL *overal*.", kind="event", process="", process_name="", sector="",
        sector_name="", to=(), to_text="", by="", asks=(), certainty="", why="", regions=(), where="landelijk",
    )  # fmt: skip
    return replace(made, injects=(begins, *made.injects))


def test_an_event_stands_quietly_in_what_the_control_staff_see() -> None:
    made = with_event()
    page = page_of(event_list(made))
    top, columns = heads(page)
    assert page.cell(top + 1, columns["status"]).value == "gebeurtenis"
    count = {row[0].value: row[1].value for row in page_of(event_list(made), "Over").iter_rows(min_row=3)}
    assert count["Berichten"] == "5"
    tokens = MarkdownIt("commonmark").parse(markdown(made))
    (line,) = (token for token in tokens if token.type == "inline" and "STROOMUITVAL" in token.content)
    assert line.children is not None
    assert [child.type for child in line.children][0 :: len(line.children) - 1] == ["em_open", "em_close"]
    assert "landelijk · gebeurtenis: Gebeurtenis 1" in "".join(child.content for child in line.children)
    assert sum(token.type == "heading_open" and token.tag == "h3" for token in tokens) == 5
    assert next(csv.DictReader(io.StringIO(rows(made))))["status"] == "event"
    (event, *_) = vobject.readOne(calendar(made).decode()).contents["vevent"]
    assert event.summary.value.startswith(f"{MARK} · OEFENING · gebeurtenis · landelijk")
    titles = texts_in(openaev_sheet(made))
    assert "STROOMUITVAL" not in titles
    begin, first, *_ = imported(openaev_sheet(made), openaev_mapper(made))
    assert (begin["minutes"], first["minutes"]) == (0, 20)


def test_players_never_see_an_event(tmp_path: Path) -> None:
    for one in write_timeline(world(), with_event(players=True), [], tmp_path / "p"):
        text = texts_in(one.read_bytes()) if one.suffix == ".xlsx" else one.read_text("utf-8")
        assert "STROOMUITVAL" not in text, one.name


def test_an_event_is_no_inject_of_the_planners(tmp_path: Path) -> None:
    assert set(said(handed_back(tmp_path, made=with_event())[0])) == set(said(handed_back(tmp_path)[0]))


@pytest.mark.parametrize(
    ("row", "cells", "message"),
    [
        (
            1,
            {"text": "Iets anders."},
            "MSEL!E7: an event of the scenario cannot be changed here - put it back; change the",
        ),
        (1, {"clock": datetime(2027, 1, 18, 18, 0)}, "MSEL!C7: an event of the scenario cannot be changed here"),
        (1, {"status": "vervallen"}, "MSEL!I7: an event of the scenario has no other status - put it back"),
        (2, {"status": "gebeurtenis"}, "MSEL!I8: an inject is no event of the scenario - put the status back"),
        (
            7,
            {"at": "1h", "text": "a", "status": "event"},
            "MSEL!I13: an event of the scenario cannot be added here - choose",
        ),
    ],
)
def test_an_event_is_changed_in_the_scenario(tmp_path: Path, row: int, cells: dict[str, Any], message: str) -> None:
    def edit(page: Any, top: int, columns: dict[str, int]) -> None:
        for key, value in cells.items():
            page.cell(top + row, columns[key]).value = value

    with pytest.raises(DefinitionError) as caught:
        handed_back(tmp_path, edit, with_event())
    assert message in str(caught.value)
    assert len(caught.value.problems) == 1


# ------------------------------------------------------------------ moments and clocks


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        (1, {"at": "D+0 03:00", "clock": datetime(2027, 1, 18, 21, 0)}),
        (3, {"at": "D+1 06:00", "clock": datetime(2027, 1, 18, 21, 0)}),
        (6, {"at": "D+0 03:00", "clock": datetime(2027, 1, 18, 21, 0), "text": "Nieuw"}),
        (6, {"at": "D+0 03:00", "clock": "18-1-2027 21:00", "text": "Nieuw"}),
    ],
)
def test_a_moment_and_a_clock_that_contradict_each_other_are_a_fault(
    tmp_path: Path, row: int, cells: dict[str, Any]
) -> None:
    def edit(page: Any, top: int, columns: dict[str, int]) -> None:
        for key, value in cells.items():
            page.cell(top + row, columns[key]).value = value

    with pytest.raises(DefinitionError) as caught:
        handed_back(tmp_path, edit)
    what = (
        f"MSEL!C{6 + row}: 2027-01-18 21:00 is another time than {cells['at']!r} in the column before it - change one"
    )
    assert what in str(caught.value)
    assert len(caught.value.problems) == 1


def test_a_moment_and_a_clock_that_say_the_same_are_fine(tmp_path: Path) -> None:
    def edit(page: Any, top: int, columns: dict[str, int]) -> None:
        page.cell(top + 1, columns["at"]).value = "D+0 03:00"
        page.cell(top + 1, columns["clock"]).value = datetime(2027, 1, 18, 20, 0)
        page.cell(top + 2, columns["at"]).value = None  # cleared, so that the clock says it
        page.cell(top + 2, columns["clock"]).value = datetime(2027, 1, 18, 23, 0)

    found = said(handed_back(tmp_path, edit)[0])
    assert found["masts.gone@R1"] == {"at": 3 * HOUR}
    assert found["power.gone"] == {"at": 6 * HOUR}


@pytest.mark.parametrize(
    "text",
    [
        "2027-01-18 18:15", "2027-01-18T18:15:00", "18-1-2027 18:15", "18/01/2027 18:15", "1/18/2027 6:15 PM",
        "18-01-27 18.15 uur", "ma 18 jan 18:15", "Mon 18 Jan 18:15", "maandag 18 januari 2027 om 18:15",
        "Jan 18, 2027 6:15 pm", "Monday, 18 January 2027, 18:15",
    ],
)  # fmt: skip
def test_a_clock_that_was_written_as_text_is_read(tmp_path: Path, text: str) -> None:
    def edit(page: Any, top: int, columns: dict[str, int]) -> None:
        page.cell(top + 1, columns["clock"]).value = text
        page.cell(top + 6, columns["clock"]).value = text
        page.cell(top + 6, columns["text"]).value = "Nieuw"

    found = said(handed_back(tmp_path, edit)[0])
    assert found["masts.gone@R1"] == {"at": 75 * MINUTE}
    assert found[None]["at"] == 75 * MINUTE


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("na het eten", "MSEL!C12: the clock time 'na het eten' cannot be read - write the date and the time, for example 2027"),
        ("18:15", "MSEL!C12: the clock time '18:15' cannot be read - write the date and the time"),
        ("di 18 jan 2027 18:15", "MSEL!C12: the clock time 'di 18 jan 2027 18:15' cannot be read"),
        ("1/2/2027 18:15", "MSEL!C12: '1/2/2027 18:15' can mean two dates - write for example 2027-01-18 17:20"),
        (46405.7, "MSEL!C12: the clock time '46405.7' cannot be read"),
    ],
)  # fmt: skip
def test_a_clock_that_cannot_be_read_says_so(tmp_path: Path, text: object, message: str) -> None:
    def edit(page: Any, top: int, columns: dict[str, int]) -> None:
        page.cell(top + 6, columns["clock"]).value = text
        page.cell(top + 6, columns["text"]).value = "Nieuw"

    with pytest.raises(DefinitionError) as caught:
        handed_back(tmp_path, edit)
    assert message in str(caught.value)
    assert len(caught.value.problems) == 1


def test_clocks_in_csv_are_read_as_they_are_shown(tmp_path: Path) -> None:
    made = list(csv.DictReader(io.StringIO(rows(timeline()))))
    assert made[0]["clock"] == "ma 17:20"
    made[0]["clock"] = "ma 18:20"
    made[1]["clock"] = "ma 18 jan 22:00"  # the same, as another program shows it: to the minute
    with (tmp_path / "injects.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(made[0]))
        writer.writeheader()
        writer.writerows(made)
    found = said(read_sheet(tmp_path / "injects.csv", world(), "nl", AUDIENCES)[0])
    assert found["masts.gone@R1"] == {"at": 80 * MINUTE}
    assert "power.gone" not in found


# ------------------------------------------------------------------ whom it is for, and which file it is


def test_one_word_is_an_audience_of_its_own(tmp_path: Path) -> None:
    def edit(page: Any, top: int, columns: dict[str, int]) -> None:
        page.cell(top + 1, columns["to"]).value = "burgemeester, pers en omroepen"

    assert said(handed_back(tmp_path, edit)[0])["masts.gone@R1"] == {"to": ("burgemeester", "press")}


@pytest.mark.parametrize(
    ("lang", "text", "near"),
    [("nl", "pers en omroep", "pers en omroepen"), ("en", "press + broadcasters", "press and broadcasters")],
)
def test_a_slip_in_an_audience_is_answered_in_the_same_language(
    tmp_path: Path, lang: Lang, text: str, near: str
) -> None:
    (tmp_path / "plan.csv").write_text(f"at,text,to\n1h,a,{text}\n", encoding="utf-8")
    with pytest.raises(
        DefinitionError, match=rf"C2: nobody is called '.+' - did you mean '{near}'\?; or write one word"
    ):
        read_sheet(tmp_path / "plan.csv", world(), lang, AUDIENCES)


@pytest.mark.parametrize("name", ["plan.ods", "plan.xls", "plan.xlsm", "plan"])
def test_other_kinds_of_files_are_refused_with_the_remedy(tmp_path: Path, name: str) -> None:
    assert "cannot be read as" in refused(tmp_path, event_list(timeline()), name)
    assert "save as .xlsx or .csv" in refused(tmp_path, event_list(timeline()), name)


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_list_for_players_is_not_handed_back(tmp_path: Path, lang: Lang) -> None:
    made = for_players(timeline(lang))
    lists = {"players.xlsx": event_list(made), "players.csv": rows(made).encode()}
    book = openpyxl.load_workbook(io.BytesIO(lists["players.xlsx"]))
    book.active.delete_rows(1, 4)  # without its title
    book.save(tmp_path / "bare.xlsx")
    lists["bare.xlsx"] = (tmp_path / "bare.xlsx").read_bytes()
    for name, data in lists.items():
        message = refused(tmp_path, data, name)
        assert "is the list for players" in message
        assert "edit msel.xlsx, the list of the control staff, and hand that back" in message


# ------------------------------------------------------------------ files that mean harm


def refused(tmp_path: Path, data: bytes, name: str = "bad.xlsx") -> str:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DefinitionError) as caught:
        read_sheet(tmp_path / name, world())
    return str(caught.value)


def rezipped(data: bytes, **changed: bytes) -> bytes:
    """A workbook of which some parts are replaced, or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, changed.pop(name.rpartition("/")[2].partition(".")[0], None) or old.read(name))
        for name, text in changed.items():
            new.writestr(f"xl/{name}.xml", text)
    return out.getvalue()


def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    good = event_list(timeline())
    for data in (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" * 600, good[: len(good) // 2], rezipped(good, workbook=b"<a")):
        assert "bad.xlsx: file: is no workbook that can be read - save it as .xlsx" in refused(tmp_path, data)


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_UNZIPPED", 3_000_000)
    bomb = rezipped(event_list(timeline()), blank=b" " * 4_000_000)
    assert len(bomb) < 100_000
    assert "unzips to more than 3 MB - save only the list" in refused(tmp_path, bomb)
    monkeypatch.setattr(reading, "MAX_PARTS", 5)
    assert "holds more than 5 parts" in refused(tmp_path, event_list(timeline()))
    monkeypatch.setattr(reading, "MAX_SHEET", 1_000_000)
    assert "is larger than 1 MB" in refused(tmp_path, b"x" * 1_000_001)


def test_declarations_in_xml_are_refused(tmp_path: Path) -> None:
    lol = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;">]><a>&c;</a>'
    for text in (lol, lol.decode().encode("utf-16")):
        assert "holds XML with declarations of its own" in refused(
            tmp_path, rezipped(event_list(timeline()), sheet1=text)
        )


def test_formulas_are_not_evaluated_and_errors_are_faults(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["at", "text", "note"])
    book.active.append(["1h", '=WEBSERVICE("http://x.invalid/")', "a"])
    book.active["C2"] = "#REF!"
    book.active["C2"].data_type = "e"
    book.save(tmp_path / "plan.xlsx")
    message = refused(tmp_path, (tmp_path / "plan.xlsx").read_bytes(), "plan.xlsx")
    assert "plan.xlsx:2:3: Sheet!C2: holds the error #REF! - write a value instead of the formula" in message


def test_too_many_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_ROWS", 2)
    text = "at,text\n" + "1h,a\n" * 3
    assert "bad.csv:4:1: A4: more than 2 rows - split the list" in refused(tmp_path, text.encode(), "bad.csv")
    wide = ",".join(["at", "text", *("x" for _ in range(200))])
    assert "more than 100 columns" in refused(tmp_path, wide.encode(), "bad.csv")


# ------------------------------------------------------------------ the page


class Page(HTMLParser):
    """What a browser would see of a page: its policy, scripts, styles and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.policy, self.within, self.parts, self.tags = (
            "",
            "",
            dict[str, str](),
            list[tuple[str, dict[str, str | None]]](),
        )
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if dict(attrs).get("http-equiv") == "Content-Security-Policy":
            self.policy = str(dict(attrs)["content"])
        self.within = tag if tag in ("script", "style") else "text"

    def handle_endtag(self, tag: str) -> None:
        self.within = "text"

    def handle_data(self, data: str) -> None:
        self.parts[self.within] = self.parts.get(self.within, "") + data


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("exercise")
    shifts = [Table("moved", "", (), [])]
    for lang in ("nl", "en"):
        write_timeline(
            world(), timeline(lang), shifts, place / lang, [Input("a/GEHEIME-NAAM.yaml", "f" * 64)], {"if": []}
        )
    return place


def test_a_folder_holds_every_format(folder: Path) -> None:
    names = {path.name for path in (folder / "nl").iterdir()}
    assert names == {
        "timeline.md", "timeline.html", "timeline.ics", "players.html", "players.md", "players.xlsx", "msel.xlsx", "injects.csv",
        "moved.csv", "openaev.xlsx", "openaev-mapper.json", "MARKING.txt", "manifest.json",
    }  # fmt: skip
    manifest = json.loads((folder / "nl" / "manifest.json").read_text())
    assert manifest["files"] == {
        name: hashlib.sha256((folder / "nl" / name).read_bytes()).hexdigest()
        for name in sorted(names - {"manifest.json"})
    }
    assert (folder / "nl" / "msel.xlsx").read_bytes() == event_list(
        timeline(), [("cascade", manifest["versions"]["cascade"]), ("a/GEHEIME-NAAM.yaml", "f" * 64)]
    )
    assert (folder / "nl" / "players.xlsx").read_bytes() == event_list(for_players(timeline()))


def test_a_folder_for_players_tells_nothing_more(tmp_path: Path) -> None:
    made = timeline(players=True)
    written = write_timeline(
        world(), made, [], tmp_path / "p", [Input("a/GEHEIME-NAAM.yaml", "f" * 64)], {"if": ["GEHEIME-KETEN"]}
    )
    assert {path.name for path in written} == {
        "timeline.md", "timeline.ics", "players.html", "players.xlsx", "injects.csv", "MARKING.txt", "manifest.json",
    }  # fmt: skip
    for path in written:
        text = texts_in(path.read_bytes()) if path.suffix == ".xlsx" else path.read_text("utf-8").replace("\n ", "")
        assert not [secret for secret in SECRETS if secret in text], path.name


def test_a_list_that_was_edited_is_not_written_over(tmp_path: Path) -> None:
    place = tmp_path / "exercise"
    write_timeline(world(), timeline(), [], place)
    refuse_edited(place)
    write_timeline(world(), timeline(), [], place)  # what nobody touched may be made anew
    for name in ("msel.xlsx", "injects.csv"):
        kept = (place / name).read_bytes()
        (place / name).write_bytes(kept + b" ")
        before = {path: path.read_bytes() for path in place.iterdir()}
        for refusing in (lambda: refuse_edited(place), lambda: write_timeline(world(), timeline("en"), [], place)):
            with pytest.raises(
                UsageError, match=rf"{name} was edited since it was written; hand it back with --injects and"
            ):
                refusing()
        assert {path: path.read_bytes() for path in place.iterdir()} == before
        (place / name).write_bytes(kept)


def test_a_workbook_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_bytes(b"mine")
    with pytest.raises(
        UsageError, match=r"x\.xlsx is there already and may have been edited .*; hand it back with --injects"
    ):
        write_timeline(world(), timeline(), [], tmp_path / "x.xlsx")
    assert (tmp_path / "x.xlsx").read_bytes() == b"mine"


@pytest.mark.parametrize("name", ["x.pdf", "x.docx", "x.PDF", "x.xls", "x.yaml"])
def test_a_name_with_another_ending_is_refused(tmp_path: Path, name: str) -> None:
    for refusing in (check_name, lambda out: write_timeline(world(), timeline(), [], out)):
        with pytest.raises(UsageError, match=r"not written as \.\w+; choose .*\.md, \.csv, \.xlsx, .*, or a folder"):
            refusing(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_names_of_folders_and_of_our_files_are_fine(tmp_path: Path) -> None:
    (tmp_path / "old.pdf").mkdir()
    for name in ("x", "x.md", "x.openaev.xlsx", "x.openaev.json", "x.json", "x.txt", "oefening-18.01.2027", "old.pdf"):
        check_name(tmp_path / name)


@pytest.mark.parametrize("name", ["x.md", "x.csv", "x.xlsx", "x.ics", "x.html", "x.openaev.xlsx", "x.openaev.json"])
def test_one_file_by_its_name(tmp_path: Path, name: str) -> None:
    (written,) = write_timeline(world(), timeline(), [], tmp_path / name)
    starts = {
        "md": b"**TLP",
        "csv": b"nr,id,at",
        "xlsx": b"PK",
        "ics": b"BEGIN:VCALENDAR",
        "html": b"<!DOCTYPE",
        "json": b"[\n",
    }
    assert written.read_bytes().startswith(starts[name.rpartition(".")[2]])
    assert [path.name for path in tmp_path.iterdir()] == [name]
    if name == "x.html":
        assert "players.html" not in written.read_text("utf-8")


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("name", ["timeline.html", "players.html"])
def test_the_page_needs_nothing_and_takes_nothing_for_markup(folder: Path, lang: str, name: str) -> None:
    text = (folder / lang / name).read_text("utf-8")
    page = Page(text)
    for kind in ("style", "script"):
        digest = b64encode(hashlib.sha256(page.parts[kind].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in page.policy
    assert page.policy.startswith("default-src 'none';")
    assert sum(1 for tag, _ in page.tags if tag == "script") == 1
    assert not [
        attrs for _, attrs in page.tags for key in attrs if key == "style" or key.startswith("on") or key == "src"
    ]
    assert {str(attrs["href"]) for tag, attrs in page.tags if tag == "a"} <= {"players.html"}
    assert HOSTILE in page.parts["text"]
    assert page.parts["text"].count(MARK) >= 2
    secret = [one for one in SECRETS if one in text]
    assert secret == ([] if name == "players.html" else [*SECRETS])
    assert ("masts.gone" in text) == (name != "players.html")


def test_filters_leave_what_fits(folder: Path, new_sheet: Callable[..., Sheet]) -> None:  # noqa: F811
    sheet = new_sheet()
    sheet.open(folder / "nl" / "timeline.html")
    rows_shown = "[...document.querySelectorAll('tr[data-sector]')].filter(r => r.offsetParent).length"
    assert sheet.page.evaluate(rows_shown) == 5
    assert sheet.page.inner_text("#shown") == "5 van 5 berichten"
    sheet.page.select_option("select[data-filter=region]", "R2")  # what is national stays
    assert sheet.page.evaluate(rows_shown) == 2
    sheet.page.select_option("select[data-filter=audience]", "press")
    assert sheet.page.evaluate(rows_shown) == 1
    assert sheet.page.inner_text("#shown") == "1 van 5 berichten"
    assert "+31 belt" in sheet.page.inner_text("tbody:not([hidden])")
    assert sheet.axe() == []
    sheet.assert_silent()


def test_events_are_not_counted_among_the_messages(tmp_path: Path, new_sheet: Callable[..., Sheet]) -> None:  # noqa: F811
    write_timeline(world(), with_event(), [], tmp_path / "x.html")
    sheet = new_sheet()
    sheet.open(tmp_path / "x.html")
    assert sheet.page.inner_text("#shown") == "5 van 5 berichten"
    assert sheet.page.inner_text("tr.event .tag") == "gebeurtenis"
    assert "STROOMUITVAL" in sheet.page.inner_text("tr.event")
    assert sheet.axe() == []


def test_the_page_reads_well_on_a_phone_in_the_dark_and_on_paper(folder: Path, new_sheet: Callable[..., Sheet]) -> None:  # noqa: F811
    phone = new_sheet(width=360, height=800, scheme="dark", java_script_enabled=False)
    phone.open(folder / "en" / "timeline.html")
    assert phone.page.is_hidden("#filters")
    assert phone.page.is_visible("text=Bellen lukt niet in R1.")
    paper = new_sheet()
    paper.open(folder / "nl" / "timeline.html")
    assert paper.overflowing() == []
    printed = paper.printed()
    assert all(page.count(MARK) >= 2 for page in printed)
    assert "GEHEIME-KETEN" in " ".join(printed)
    narrow = new_sheet(width=360, height=800, scheme="dark")
    narrow.open(folder / "nl" / "players.html")
    assert narrow.overflowing() == []
    assert narrow.axe() == []
    narrow.assert_silent()


def test_seconds_and_offsets_are_kept() -> None:
    west = datetime.fromisoformat("2027-07-18T17:00-03:30")
    event = vobject.readOne(calendar(timeline(start=west)).decode()).contents["vevent"][1]
    assert event.dtstart.value.astimezone(UTC) == (west + timedelta(hours=5, seconds=30)).astimezone(UTC)
    assert event.dtstart.value.hour == 22
