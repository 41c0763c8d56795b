"""Own data: a folder to begin with, sheets to fill, what they say as a model, and a model as sheets and back."""

import re
import shlex
import shutil
import zipfile
from dataclasses import fields
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from random_models import Draft, build, random_draft

import cascade
from cascade.cli import main
from cascade.errors import DefinitionError, UsageError
from cascade.files import sheets
from cascade.files.cells import CHOICES, READERS, Cell, Names, write
from cascade.files.checks import check_model
from cascade.files.headings import SHEETS, known_headings, known_sheets, plain, split_unit
from cascade.files.margins import highest_mark, margins
from cascade.files.reading import load, load_capacity, load_scenario, resolved
from cascade.files.recognition import Question
from cascade.model import Assets, Model, Words
from cascade.telling import workbook
from cascade.telling.folders import Imported, import_workbook, start_folder
from cascade.telling.workbook import export_workbook, write_template

ROOT = Path(__file__).parent.parent
LANGS = ("nl", "en")
Rows = list[list[Any]]
DEPENDENCIES = ["Proces", "Behoefte", "Van", "Houdt vol", "Verliest"]


@pytest.fixture(scope="module")
def shipped() -> Model:
    return load(ROOT / "sectors")


def book(path: Path, **pages: Rows) -> Path:
    """Write a workbook of plain cells, as somebody would in a spreadsheet program."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in pages.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


def faults(call: Any) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        call()
    return [re.sub(r"^[^ ]*/", "", str(problem)) for problem in caught.value.problems]


def differences(one: Model, other: Model) -> list[str]:
    """Name what differs between two models, but for where they were read from."""
    names = [f.name for f in fields(Model) if f.name not in ("root", "inputs", "places", "gone")]
    return [name for name in names if getattr(one, name) != getattr(other, name)]


def there_and_back(model: Model, folder: Path, lang: Any = "nl") -> Imported:
    written = export_workbook(model, folder / "book.xlsx", lang)
    return import_workbook(written[0], folder / "back")


# ---------------------------------------------------------------- a model as sheets, and back


def test_the_shipped_model_comes_back_equal(shipped: Model, tmp_path: Path) -> None:
    made = there_and_back(shipped, tmp_path)
    assert differences(shipped, made.model) == []
    assert made.notes == ()
    # what has a column of its own stands nowhere else
    rows = workbook.content_of(shipped, "nl").rows
    assert not [row for key in ("dependencies", "sources", "regions", "hazards") for row in rows[key] if "more" in row]
    assert [row["id"] for row in rows["processes"] if "more" in row] == ["gas-transmission"]
    found = openpyxl.load_workbook(tmp_path / "book.xlsx", read_only=True)
    pages = found.worksheets
    assert [page["A1"].value for page in pages] == ["TLP:CLEAR"] * len(pages)
    found.close()
    assert {page.title for page in pages} >= {
        "Processen",
        "Afhankelijkheden",
        "Regio's",
        "Bronnen",
        "Voorraden",
        "Toezicht",
    }


def loadable(draft: Draft) -> Draft:
    """Take out what a random draft may hold and a file may not: weights of 0, and consumers that are nobody."""
    draft["links"] = {key: [(a, b, weight or 1) for a, b, weight in rows] for key, rows in draft["links"].items()}
    for process in draft["processes"].values():
        if "nobody" in str(process.get("rations")):
            del process["rations"]
    return draft


@pytest.fixture(scope="module")
def some(tmp_path_factory: pytest.TempPathFactory) -> list[Model]:
    """Random models as they are after being read from files."""
    found, folder = [], tmp_path_factory.mktemp("models")
    for seed in range(34):
        here = folder / str(seed)
        here.mkdir()
        for name, text in resolved(build(loadable(random_draft(seed)))[0]).items():
            (here / name).write_text(text, encoding="utf-8")
        try:
            found.append(load(here))
        except DefinitionError:  # a few supply themselves in ways that a file may not
            continue
    assert len(found) >= 30
    return found


def test_random_models_come_back_equal(some: list[Model], tmp_path: Path) -> None:
    for number, model in enumerate(some):
        made = there_and_back(model, tmp_path, LANGS[number % 2])
        assert differences(model, made.model) == []
        if number < 3:
            again = export_workbook(made.model, tmp_path / "again.xlsx", LANGS[number % 2])
            assert again[0].read_bytes() == (tmp_path / "book.xlsx").read_bytes()
        shutil.rmtree(made.folder)
    assert sum(bool(model.assets) for model in some) > 10
    assert sum(bool(model.links) for model in some) > 3


def strange(**changed: Any) -> Model:
    """A small model with everything in it that is hard to put in a cell."""
    draft = random_draft(7)
    model, _ = build(loadable(draft))
    name = next(iter(model.processes))
    process = model.processes[name].model_copy(update=changed)
    sector = model.sectors[model.sector_of[name]]
    processes = {**model.processes, name: process}
    made = {
        **model.sectors,
        sector.sector: sector.model_copy(update={"processes": {**sector.processes, name: process}}),
    }
    return Model(**{**{f.name: getattr(model, f.name) for f in fields(Model)}, "processes": processes, "sectors": made})


@pytest.mark.parametrize(
    "changed",
    [
        {"note": Words(nl="=1+1", en="  blanks around  ")},
        {"note": Words(nl="regel\nen nog een\n", en="")},
        {"operator": "010"},
        {"operator": "ja"},
        {"operator": "- {x: y}, 'q' #"},
        {"lists": {"cer": "a; b: c", "nato": "-", "eu": None}},
        {"location": (52.1, -0.000001)},
    ],
)
def test_odd_texts_come_back_as_they_are(changed: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    for name, text in resolved(strange(**changed)).items():
        (tmp_path / "m" / name).write_text(text, encoding="utf-8")
    model = load(tmp_path / "m")
    assert differences(model, there_and_back(model, tmp_path).model) == []


def test_long_yaml_goes_on_in_the_rows_below(
    some: list[Model], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "_PIECE", 7)
    model = next(m for m in some if any(p.rations for p in m.processes.values()))
    assert differences(model, there_and_back(model, tmp_path).model) == []


def test_large_tables_stand_beside_the_workbook(
    some: list[Model], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 0)
    model = next(m for m in some if m.assets and m.links)
    written = export_workbook(model, tmp_path / "book.xlsx")
    tables = {*(p.assets for p in model.processes.values() if p.assets), *(str(n.by_table) for p in model.processes.values() for n in p.needs.values() if n.by_table)}  # fmt: skip
    assert {path.name for path in written} == {"book.xlsx", *tables}
    assert {path.parent.name for path in written[1:]} | {path.parent.name for path in written[:1]} == {
        "book-tables",
        tmp_path.name,
    }
    assert differences(model, import_workbook(tmp_path / "book.xlsx", tmp_path / "back").model) == []
    shutil.rmtree(tmp_path / "book-tables")
    assert all(
        "beside this one" in fault for fault in faults(lambda: import_workbook(tmp_path / "book.xlsx", tmp_path / "b"))
    )


def test_serving_areas_and_places_come_back(tmp_path: Path) -> None:
    table = Assets(
        ("a", "b"), ("A", "b"), ("R1", "R1"), (3, 4), (10, 0), ((52.123456789012, -4.5), None), ("north", None)
    )
    rows = workbook._asset_rows("p", table)
    assert rows[0] == {"process": "p", "id": "a", "name": "A", "region": "R1", "capacity": 3, "people": 10, "lat": 52.123456789012, "lon": -4.5, "area": "north"}  # fmt: skip
    assert "lat" not in rows[1]
    assert "area" not in rows[1]


# ---------------------------------------------------------------- marks


def test_marks_stay_and_rise(tmp_path: Path) -> None:
    rows = [DEPENDENCIES, ["pomp", "stroom", "net", "4 uur", "50 %"]]
    path = book(tmp_path / "b.xlsx", Afhankelijkheden=[["TLP:AMBER · geheim project"], [], *rows])
    made = import_workbook(path, tmp_path / "one")
    assert made.model.info.marking == "TLP:AMBER"
    assert import_workbook(path, tmp_path / "two", marking="TLP:RED").model.info.marking == "TLP:RED"
    assert import_workbook(path, tmp_path / "three", marking="TLP:GREEN").model.info.marking == "TLP:AMBER"
    (page,) = {
        p["A1"].value for p in openpyxl.load_workbook(export_workbook(made.model, tmp_path / "o.xlsx")[0]).worksheets
    }
    assert page == "TLP:AMBER"


def test_beside_a_model_the_imported_things_carry_the_mark_of_their_sheet(tmp_path: Path) -> None:
    start_folder(tmp_path / "mine", "en")
    path = book(
        tmp_path / "b.xlsx",
        Afhankelijkheden=[["TLP:RED"], DEPENDENCIES, ["pomp", "stroom", "electricity-distribution"]],
    )
    model = import_workbook(path, tmp_path / "out", onto=tmp_path / "mine" / "sectors").model
    assert (model.info.marking, model.processes["pomp"].marking) == ("TLP:CLEAR", "TLP:RED")
    assert model.processes["hospital-care"].marking is None


def test_a_mark_that_is_none_is_refused_from_python_too(tmp_path: Path, shipped: Model) -> None:
    path = book(tmp_path / "b.xlsx", Afhankelijkheden=[DEPENDENCIES[:3], ["a", "b", "c"]])
    for call in (
        lambda: import_workbook(path, tmp_path / "out", marking="AMBER"),
        lambda: write_template(tmp_path / "t.xlsx", mark="TLP:AMBER / geheim"),
        lambda: export_workbook(shipped, tmp_path / "e.xlsx", mark="amber"),
    ):
        with pytest.raises(UsageError, match="is no marking; "):
            call()
    assert [p.name for p in tmp_path.iterdir()] == ["b.xlsx"]
    made = import_workbook(path, tmp_path / "out", marking="TLP:AMBER / Stg. C")
    assert made.model.info.marking == "TLP:AMBER / Stg. C"


def test_a_mark_in_a_sentence_above_the_headings_counts(tmp_path: Path) -> None:
    above = [["Ingevuld door Facilitair, versie 3 - tlp:amber+strict, Dep. V."], ["TLP:GREENISH; geen TLP:CLEAR"]]
    path = book(tmp_path / "b.xlsx", Afhankelijkheden=[*above, DEPENDENCIES[:3], ["a", "b", "c"]])
    made = import_workbook(path, tmp_path / "out")
    assert made.model.info.marking == "TLP:AMBER+STRICT / Dep. V."
    above = [["Rubricering: Departementaal VERTROUWELIJK"]]
    path = book(tmp_path / "c.xlsx", Afhankelijkheden=[*above, DEPENDENCIES[:3], ["a", "b", "c"]])
    assert "Dep. V." in import_workbook(path, tmp_path / "c").model.info.marking


@pytest.mark.parametrize(
    ("place", "text", "mark"),
    [
        ("oddHeader", '&"Arial,Bold"&12Departementaal &BVERTROU&BWELIJK', "TLP:CLEAR / Dep. V."),
        ("evenFooter", "versie 3, tlp:green&D", "TLP:GREEN"),
        ("firstHeader", "&K00FF00TLP:RED&P", "TLP:RED"),
        ("oddFooter", "R && D: TLP:AMBER", "TLP:AMBER"),
    ],
)
def test_a_mark_in_a_page_header_or_footer_counts(place: str, text: str, mark: str, tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", Afhankelijkheden=[DEPENDENCIES[:3], ["a", "b", "c"]])
    made = openpyxl.load_workbook(path)
    getattr(made.worksheets[0], place).right.text = text
    made.save(path)
    assert import_workbook(path, tmp_path / "out").model.info.marking == mark


def test_headers_are_found_however_the_file_writes_them() -> None:
    part = b"<s><x:oddHeader><![CDATA[TLP:R]]><!-- no -->ED</x:oddHeader><evenFooter/><oddFooter>&amp;CStg. &#71;</oddFooter></s>"
    assert [highest_mark(text) for text in margins(part)] == ["TLP:RED", "Stg. G"]


def test_what_is_hidden_is_read_and_told(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", Afhankelijkheden=[DEPENDENCIES[:3], ["a", "b", "c"], ["d", "e", "f"]], Regels=[[]])
    told = "What is hidden or filtered away was read too: sheet Afhankelijkheden."
    for hide in (None, "row", "column", "sheet"):
        made = openpyxl.load_workbook(path)
        sheet = made.worksheets[0]
        sheet.row_dimensions[3].hidden = hide == "row"
        sheet.column_dimensions["C"].hidden = hide == "column"
        sheet.sheet_state = "hidden" if hide == "sheet" else "visible"
        made.active = 1
        made.save(path)
        found = import_workbook(path, tmp_path / "out", lang="en")
        assert "d" in found.model.processes
        assert (told in found.notes) == (hide is not None), hide


def test_a_cell_too_far_to_the_right_is_a_fault(tmp_path: Path) -> None:
    far: list[Any] = [*["a", "b", "c"], *[None] * 200, "x"]
    path = book(tmp_path / "b.xlsx", Afhankelijkheden=[DEPENDENCIES[:3], far, ["a", "b", "?"], far])
    said = faults(lambda: import_workbook(path, tmp_path / "out"))
    assert said[0] == (
        "b.xlsx:Afhankelijkheden:GV2: cell: stands right of column CV, and would not be read - "
        "keep a sheet within columns A to CV, or clear the cell"
    )
    assert sum("right of column" in line for line in said) == 1


def test_export_leaves_out_what_is_marked_above_the_limit(tmp_path: Path) -> None:
    start_folder(tmp_path / "m", "en")
    water = tmp_path / "m" / "sectors" / "water.yaml"
    water.write_text(water.read_text("utf-8").replace("    basic_need: true\n", "    basic_need: true\n    marking: TLP:RED\n    operator: swan\n"), "utf-8")  # fmt: skip
    for limit, seen in ((("--max-marking", "TLP:GREEN"), False), ((), True)):
        out = tmp_path / f"{seen}.xlsx"
        done = CliRunner().invoke(main, ["export", str(tmp_path / "m" / "sectors"), "--out", str(out), *limit])
        assert done.exit_code == 0, done.output
        with zipfile.ZipFile(out) as archive:
            text = b"".join(archive.read(name) for name in archive.namelist())
        assert (b"swan" in text, b"drinking-water" in text, b"TLP:RED" in text) == (seen, seen, seen)


# ---------------------------------------------------------------- cells as people type them


@pytest.mark.parametrize(
    ("codec", "typed", "meant"),
    [
        ("duration3", "4 uur", "4h"),
        ("duration3", "2 dagen", "2d"),
        ("duration3", "72 h", "3d"),
        ("duration3", "0,5 uur", "30m"),
        ("duration3", "Direct", "0h"),
        ("duration3", "2 / 8 / 24 uur", ["2h", "8h", "1d"]),
        ("duration3", "30 min - 2 uur - 1,5 dag", ["30m", "2h", "1d 12h"]),
        ("duration3", "[2h, 8h, 24h]", ["2h", "8h", "1d"]),
        ("duration3", timedelta(hours=8), "8h"),
        ("share3", "50 %", "50%"),
        ("share3", "0,5", "50%"),
        ("share3", 0.07, "7%"),
        ("share3", "30 / 60 / 80 %", ["30%", "60%", "80%"]),
        ("share3", "alles", "100%"),
        ("share3", "Geheel", "100%"),
        ("duration3", "1 dag 12 uur", "1d 12h"),
        ("share3", "12,5 procent", "12.5%"),
        ("money3", "€ 1,5 mln", "1.5 MEUR"),
        ("money3", "90 MEUR", "90 MEUR"),
        ("money3", "500 k€", "500 kEUR"),
        ("bool", "Ja", "true"),
        ("bool", False, "false"),
        ("confidence", "Gemiddeld", "medium"),
        ("kind", "digitaal", "cyber"),
        ("rule", "minstens 2", "at_least 2"),
        ("rule", "één ervan", "any_of"),
        ("steps", "0 uur: 5 %; 72 uur: 80 / 90 / 100 %", {"0h": "5%", "3d": ["80%", "90%", "100%"]}),
        ("pair", "52,1; 4,3", ["52.1", "4.3"]),
        ("degrees", "52,1", "52.1"),
        ("amount", "12,50", "12.50"),
        ("int", 602000.0, "602000"),
        ("lists", "cer: 6; nctv: -", {"cer": "6", "nctv": None}),
        ("suppliers", "a; b (60 %); c@buren", [("a", ""), ("b", "60%"), ("c@neighbours", "")]),
        ("date", datetime(2024, 5, 1), "2024-05-01"),
    ],
)
def test_cells_are_read_as_they_are_meant(codec: str, typed: Any, meant: Any) -> None:
    assert READERS[codec](Cell(typed), "", Names()) == meant


def test_units_come_from_the_heading_or_the_look_of_a_cell() -> None:
    assert split_unit("Overbrugging (uur)") == ("Overbrugging", "h")
    assert split_unit("Verlies [%]") == ("Verlies", "%")
    assert split_unit("Naam (Nederlands)") == ("Naam (Nederlands)", "")
    assert READERS["duration3"](Cell(4), "h", Names()) == "4h"
    assert READERS["share3"](Cell(50), "%", Names()) == "50%"
    assert READERS["share3"](Cell(0.5, "0%"), "%", Names()) == "50%"
    assert READERS["share3"](Cell(1, "0.0%"), "", Names()) == "100%"
    assert READERS["money3"](Cell(2.5), "MEUR", Names()) == "2.5 MEUR"
    assert READERS["money3"](Cell(2500, '"€" #,##0'), "", Names()) == "2.5 kEUR"


@pytest.mark.parametrize(
    ("codec", "typed", "said"),
    [
        ("duration3", "4", "needs a unit"),
        ("duration3", 4, "needs a unit"),
        ("duration3", "vier uur", "is not a duration"),
        ("duration3", "2 - 8 uur", "has 2 values"),
        ("duration3", "2 à 3 dagen", "has 2 values; write one, or three"),
        ("duration3", "2-3 dagen", "has 2 values"),
        ("share3", "20 tot 30 %", "has 2 values"),
        ("duration3", "Onbekend", "'Onbekend' is no value; write an estimate"),
        ("share3", "?", "or empty the cell"),
        ("duration3", time(4), "is a moment, not a duration"),
        ("share3", "50", "above 1"),
        ("share3", "120 %", "outside 0% to 100%"),
        ("money3", "1500", "says no amount"),
        ("money3", "1,5 peren", "not an amount"),
        ("bool", "misschien", "is not one of ja, nee, no, yes"),
        ("confidence", "hoogg", "did you mean 'hoog'"),
        ("rule", "ongeveer", "no way in which suppliers go together"),
        ("steps", "72 uur 90 %", "has no colon"),
        ("int", "602.000", "without points"),
        ("suppliers", "a b, c", "can mean two things"),
        ("names", "a b", "is not an id"),
        ("text", "a\x00b", "invisible character U+0000"),
    ],
)
def test_cells_that_cannot_be_meant_are_refused(codec: str, typed: Any, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        READERS[codec](Cell(typed), "", Names())


def test_a_cell_is_only_written_where_it_reads_back() -> None:
    assert write("lists", {"cer": "6", "nctv": None}, "nl") == "cer: 6; nctv: -"
    assert write("lists", {"cer": "-"}, "nl") is None
    assert write("text", "x" * 40_000, "nl") is None
    assert write("int", "12345678901234567890", "en") == 12345678901234567890
    for codec, words in CHOICES.items():
        for key, pair in words.items():
            for lang, shown in zip(LANGS, pair, strict=True):
                assert READERS[codec](Cell(shown), "", Names()) == key
                assert write(codec, key, "nl" if lang == "nl" else "en") == shown


def test_every_heading_means_one_column_in_either_language() -> None:
    for sheet in SHEETS:
        known = known_headings(sheet)
        for column in sheet.columns:
            assert [known[plain(text)] for text in (column.key, column.heading.nl, column.heading.en)] == [
                column.key
            ] * 3
            assert column.codec in READERS
            assert column.help is not None or not column.shown or column.key in ("name", "title", "publisher", "date", "url", "note", "population", "version")  # fmt: skip
        assert {known_sheets()[plain(sheet.name[lang])] for lang in LANGS} == {sheet.key}


# ---------------------------------------------------------------- an assessor's own sheet

OWN = [
    ["Inventarisatie 2026"],
    [],
    ["Dienst", "Wat is nodig?", "Leverancier", "Overbrugging (uur)", "Verlies", "Wie zegt dat", "Ingevuld door"],
    ["Zuivering", "stroom", "Mobiel bellen en internet", 4, "50 %", "Gesprek 2026", "JB"],
    ["Zuivering", "chloor", "Chemie BV; Reserve BV", "2 / 3 / 7 dagen", "0,5", "Gesprek 2026", "JB"],
    ["Pompen", "water", "Zuivering", "0,5", "alles", "DWW", "JB"],
]  # fmt: skip


def mapping(path: Path, **columns: str) -> Path:
    lines = "".join(f"      {heading}: '{key}'\n" for heading, key in columns.items())
    path.write_text(f"sheets:\n  Blad1:\n    is: dependencies\n    columns:\n{lines}", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return book(tmp_path_factory.mktemp("own") / "own.xlsx", Blad1=OWN)


def test_a_sheet_in_own_words(own: Path, tmp_path: Path) -> None:
    answers = mapping(tmp_path / "m.yaml", **{"Ingevuld door": "-"})
    made = import_workbook(own, tmp_path / "out", mapping=answers, lang="en")
    processes = made.model.processes
    assert sorted(processes) == ["chemie-bv", "mobile-access", "pompen", "reserve-bv", "zuivering"]
    # a name of the shipped model gives its id, both names and whether it is regional, and nothing else
    assert (processes["mobile-access"].per, processes["mobile-access"].name.en) == ("region", "Mobile voice and data")
    assert processes["mobile-access"].needs == {}
    need = processes["zuivering"].needs["chloor"]
    assert [s.id for s in need.supplies] == ["chemie-bv", "reserve-bv"]
    assert tuple(need.endures or ()) == (2 * 86400, 3 * 86400, 7 * 86400)
    assert tuple(processes["zuivering"].needs["stroom"].endures or ())[1] == 4 * 3600
    assert tuple(processes["pompen"].needs["water"].endures or ())[1] == 1800
    # free text becomes a source of that title; a key of the shipped model brings its source along
    assert made.model.sources["gesprek-2026"].title == "Gesprek 2026"
    assert made.model.sources["DWW"].title == "Drinkwaterwet en Drinkwaterbesluit"
    assert made.model.population == 0
    assert [note.split(":")[0] for note in made.notes] == [
        "No regions are given", "New source gesprek-2026", "New source DWW", "Only named and described nowhere (3)",
    ]  # fmt: skip
    text = (tmp_path / "out" / "own.yaml").read_text("utf-8")
    assert "        endures: [2d, 3d, 7d]\n        loses: 50%\n        source: gesprek-2026\n" in text


def test_a_column_that_is_not_understood_stops_the_import(own: Path, tmp_path: Path) -> None:
    out, draft = tmp_path / "out", tmp_path / "draft.yaml"
    said = faults(lambda: import_workbook(own, out, mapping_out=draft))
    assert len(said) == 1
    assert said[0].startswith("own.xlsx:Blad1:G3: dependencies: column 'Ingevuld door' is not understood - ")
    assert not out.exists()
    assert faults(lambda: import_workbook(own, out, mapping=draft)) == [
        "draft.yaml:15:22: sheets.Blad1.columns.Ingevuld door: is still open - write what it is, or - to pass it over"
    ]
    draft.write_text(draft.read_text("utf-8").replace("'?'", "'-'"), "utf-8")
    again = import_workbook(own, out, mapping=draft)
    assert import_workbook(own, tmp_path / "two", mapping=draft).files == again.files
    assert "Ingevuld door: '-'" in again.mapping


def test_without_a_terminal_the_command_names_the_columns(own: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["import", str(own), "--out", str(tmp_path / "x"), "--mapping-out", str(tmp_path / "m.yaml")])  # fmt: skip
    assert done.exit_code == 3
    assert "G3: dependencies: column 'Ingevuld door'" in done.stderr
    assert f"--mapping {tmp_path / 'm.yaml'}" in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "x").exists()
    done = CliRunner().invoke(main, ["import", str(own), "--out", str(tmp_path / "x"), "--mapping-out", str(tmp_path / "m.yaml")])  # fmt: skip
    assert done.exit_code == 2


def test_on_a_terminal_it_asks(own: Path, tmp_path: Path) -> None:
    asked: list[Question] = []

    def ask(question: Question) -> str:
        asked.append(question)
        return "note"

    made = import_workbook(own, tmp_path / "out", ask=ask)
    assert [(q.heading, q.samples) for q in asked] == [("Ingevuld door", ("JB", "JB", "JB"))]
    assert str(made.model.processes["pompen"].needs["water"].note) == "JB"


def test_what_somebody_answers_is_understood(monkeypatch: pytest.MonkeyPatch, own: Path, tmp_path: Path) -> None:
    from cascade.commands import own as command
    from cascade.telling.talk import Talk

    said = iter(["onzin", "opmerking"])
    monkeypatch.setattr(command.click, "prompt", lambda *_, **__: next(said))
    talk = Talk("nl", "table", None, None, None)
    made = import_workbook(own, tmp_path / "out", ask=lambda question: command._ask(talk, question))
    assert "Ingevuld door: note" in made.mapping
    said = iter([str(tmp_path / "kept.yaml")])
    monkeypatch.setattr(command.click, "prompt", lambda *_, **__: next(said))
    command._keep(talk, made.mapping)
    assert import_workbook(own, tmp_path / "two", mapping=tmp_path / "kept.yaml").mapping == made.mapping


def test_answers_outlive_a_fault_in_a_cell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from cascade.commands import own as command

    rows: Rows = [["Proces", "Van", "Ingevuld door", "Houdt vol"], ["a", "b", "JB", "vier uur"]]
    path = book(tmp_path / "b.xlsx", Afhankelijkheden=rows)
    said = iter(["-", str(tmp_path / "kept.yaml")])
    monkeypatch.setattr(command.click, "prompt", lambda *_, **__: next(said))
    for stream in ("stdin", "stderr"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True)
    with pytest.raises(DefinitionError, match="'vier uur' is not a duration"):
        command.import_.main([str(path), "--out", str(tmp_path / "out")], standalone_mode=False)
    book(path, Afhankelijkheden=[rows[0], ["a", "b", "JB", "4 uur"]])
    assert import_workbook(path, tmp_path / "out", mapping=tmp_path / "kept.yaml").own == ("a",)


@pytest.mark.parametrize(
    ("headings", "said"),
    [
        (["Proces", "Behoefte", "Vann", "Houdt vol"], ":C1: dependencies: column 'Vann' is not understood - did you mean 'Van' / 'From'?"),
        (["Proces", "Behoefte", "Van", "Leverancier"], ":D1: dependencies: column 'Leverancier' is the second for 'from' - "),
        (["Proces", "Behoefte", "Van", None], ":D1: dependencies: cells below, and no heading above them - "),
    ],
)  # fmt: skip
def test_headings_that_are_nearly_right_are_questions(headings: list[Any], said: str, tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", Afhankelijkheden=[headings, ["a", "b", "c", "4 uur"]])
    (fault,) = faults(lambda: import_workbook(path, tmp_path / "out"))
    assert said in fault


def test_a_table_as_csv(tmp_path: Path) -> None:
    path = tmp_path / "dependencies.csv"
    path.write_text(
        "process;need;from;endures;loses\nPump;power;Grid;0,5 dag;80 %\nPump;water;Plant (60%); ;\n", encoding="utf-8"
    )
    (fault,) = faults(lambda: import_workbook(path, tmp_path / "out"))
    assert fault.startswith(
        "dependencies.csv:C3: from: a share in brackets says nothing where all suppliers are needed"
    )
    path.write_text("process;need;from;endures;loses\nPump;power;Grid;0,5 dag;80 %\n", encoding="utf-8")
    made = import_workbook(path, tmp_path / "out")
    assert tuple(made.model.processes["pump"].needs["power"].endures or ())[1] == 12 * 3600


def test_which_sheet_is_read(tmp_path: Path) -> None:
    rows = [DEPENDENCIES[:3], ["a", "b", "c"]]
    path = book(tmp_path / "b.xlsx", Een=rows, Twee=rows)
    (fault,) = faults(lambda: import_workbook(path, tmp_path / "out"))
    assert "name one with --sheet: Een, Twee" in fault
    assert import_workbook(path, tmp_path / "out", sheets=["twee"]).tables == (("Twee", "dependencies", 1),)
    (fault,) = faults(lambda: import_workbook(path, tmp_path / "x", sheets=["Drie"]))
    assert "no sheet 'Drie'" in fault
    path = book(tmp_path / "c.xlsx", Dependencies=rows, Kladblok=[["x", "y"]])
    assert import_workbook(path, tmp_path / "c", lang="en").notes[-1].startswith("Sheet Kladblok was not read; ")


# ---------------------------------------------------------------- faults


def test_all_faults_at_once_each_with_its_cell(tmp_path: Path) -> None:
    path = book(
        tmp_path / "deps.xlsx",
        Processen=[["Id", "Naam", "Mensen (deel)", "Beheerder"], ["pomp", "Pomp", "veel"], [None, None, None, "x"], ["net", "Net"], ["pomp", "Weer"]],
        Afhankelijkheden=[
            [*DEPENDENCIES, "Zekerheid", "Overig (YAML)"],
            ["Pomp", "stroom", "Nett", "4 uur", "50 %"],
            ["Pomp", "water", "net", "vier uur", "50", "hoogg"],
            [None, "water", "net"],
            ["pomp", "dubbel", "net"],
            ["pomp", "dubbel", "net"],
            ["pomp", "raar", "net", None, None, None, "{fades: {0h: 5%}, spreadd: 3}"],
            ["pomp", "kapot", "net", None, None, None, "{a: [}"],
            ["pomp", "niets"],
            ["pomp", "plek", "net@Nergens"],
        ],
        Onderdelen=[["Proces", "Id", "Regio", "Capaciteit"], ["net", "n1", "R9", 0], ["net", "n2", "R1", 4]],
        Regions=[["Code", "Name", "Population"], ["R1", "Een", "12.000"]],
    )  # fmt: skip
    said = faults(lambda: import_workbook(path, tmp_path / "out"))
    assert [fault.partition(" - ")[0] for fault in said[:10]] == [
        "deps.xlsx:Afhankelijkheden:C2: from: no process 'Nett'",
        "deps.xlsx:Afhankelijkheden:D3: endures: 'vier uur' is not a duration",
        "deps.xlsx:Afhankelijkheden:E3: loses: share '50' is above 1",
        "deps.xlsx:Afhankelijkheden:F3: confidence: 'hoogg' is not one of high, hoog, laag, low, medium, midden",
        "deps.xlsx:Afhankelijkheden:A4: process: says not which process needs it",
        "deps.xlsx:Afhankelijkheden:B6: need: 'pomp' has a need 'dubbel' already, in row 5",
        "deps.xlsx:Afhankelijkheden:G7: pomp.needs.raar: unknown field 'spreadd'",
        "deps.xlsx:Afhankelijkheden:G8: more: cannot be read as YAML: a value is missing, or a bracket is never closed",
        "deps.xlsx:Afhankelijkheden:C9: from: says not from whom it comes",
        "deps.xlsx:Afhankelijkheden:C10: pomp.needs.plek.from: no region 'Nergens'",
    ]
    assert "did you mean 'net'? If it is another one, describe it in sheet Processes" in said[0]
    rest = "\n".join(said[10:])
    for fault in (
        "deps.xlsx:Onderdelen:C2: region: no region 'R9'",
        "deps.xlsx:Processen:C2: people: 'veel' is not a number",
        "deps.xlsx:Processen:A3: id: the row has no id and no name",
        "deps.xlsx:Processen:A5: id: 'pomp' is there twice",
        "deps.xlsx:Regions:C2: population: '12.000' is not a whole number",
    ):
        assert fault in rest
    assert not (tmp_path / "out").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["deps.xlsx"]


def test_faults_that_only_loading_finds_have_their_cell_too(tmp_path: Path) -> None:
    path = book(
        tmp_path / "b.xlsx",
        Processen=[["Id", "Naam", "In elke regio"], ["a", "A", None], ["b", "B", "ja"], ["net", "Net", "nee"]],
        Afhankelijkheden=[[*DEPENDENCIES, "Verloop"], ["b", "x", "net@R1", "4 uur"], ["b", "y", "net", "4 uur", None, "0 uur: 5 %"]],
        Onderdelen=[["versie 3"], [], ["Proces", "Id", "Regio", "Capaciteit"], ["a", "n1", "R1", 0], ["a", "n1", "R1", 4]],
        Regions=[["Code", "Name", "Population"], ["R1", "Een", 5]],
    )  # fmt: skip
    said = faults(lambda: import_workbook(path, tmp_path / "out"))
    assert [fault.partition(" - ")[0] for fault in said] == [
        "b.xlsx:Afhankelijkheden:A3: b.needs.y: fades stands beside endures or loses",
        "b.xlsx:Onderdelen:D4: capacity: '0' is not a number above 0",
        "b.xlsx:Onderdelen:B5: id: 'n1' stands in row 4 as well",
    ]


def test_a_table_may_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("id,region,capacity\na,R1,1\n")
    (tmp_path / "in").mkdir()
    for name in ("../secret.csv", "/etc/x.csv", "model.yaml", "C:\\x.csv"):
        rows = [["Id", "Naam", "Tabel met onderdelen"], ["a", "A", name]]
        path = book(tmp_path / "in" / "b.xlsx", Processen=rows)
        assert any(
            "is no name of a table in the folder" in f
            for f in faults(lambda p=path: import_workbook(p, tmp_path / "out"))
        )  # type: ignore[misc]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "secret.csv"]


def test_hostile_workbooks_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = book(tmp_path / "b.xlsx", Afhankelijkheden=[DEPENDENCIES[:3], ["a", "b", "=1+1"]])
    assert (
        "b.xlsx:Afhankelijkheden:C2: cell: a formula without its outcome - "
        in faults(lambda: import_workbook(path, tmp_path / "o"))[0]
    )
    bad = tmp_path / "bad.xlsx"
    with zipfile.ZipFile(path) as good, zipfile.ZipFile(bad, "w") as evil:
        for name in good.namelist():
            data = good.read(name)
            evil.writestr(name, b'<!DOCTYPE x [<!ENTITY e "e">]>' + data if name.endswith("sheet1.xml") else data)
    assert "declarations of its own" in faults(lambda: import_workbook(bad, tmp_path / "o"))[0]
    monkeypatch.setattr(sheets, "MAX_BOOK_UNZIPPED", 1000)
    assert "unzips to more than" in faults(lambda: import_workbook(path, tmp_path / "o"))[0]
    (tmp_path / "c.xlsx").write_bytes(b"PK no zip")
    assert "is no workbook that can be read" in faults(lambda: import_workbook(tmp_path / "c.xlsx", tmp_path / "o"))[0]
    assert "cannot be read as .ods" in faults(lambda: import_workbook(tmp_path / "c.ods", tmp_path / "o"))[0]
    monkeypatch.setattr(sheets, "MAX_BOOK_ROWS", 1)
    (tmp_path / "d.csv").write_text("process,from\na,b\nc,d\n")
    assert "holds more than 1 rows" in faults(lambda: import_workbook(tmp_path / "d.csv", tmp_path / "o"))[0]


# ---------------------------------------------------------------- where it is written


def test_an_import_is_done_again_but_never_over_somebody_elses_work(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", Afhankelijkheden=[DEPENDENCIES[:3], ["a", "b", "c"]])
    out = tmp_path / "out"
    first = {p.name: p.read_bytes() for p in import_workbook(path, out).folder.iterdir()}
    book(path, Afhankelijkheden=[DEPENDENCIES[:3], ["a", "b", "d"]])
    assert "d" in import_workbook(path, out).model.processes
    book(path, Afhankelijkheden=[DEPENDENCIES[:3], ["a", "b", "c"]])
    again = {p.name: p.read_bytes() for p in import_workbook(path, out).folder.iterdir()}
    assert {k: v for k, v in first.items() if k != "manifest.json"} == {
        k: v for k, v in again.items() if k != "manifest.json"
    }
    (out / "own.yaml").write_text((out / "own.yaml").read_text() + "# mine\n")
    with pytest.raises(UsageError, match=r"own.yaml was added or changed since the import"):
        import_workbook(path, out)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x").write_text("x")
    with pytest.raises(UsageError, match="is not empty, and was not made by an import"):
        import_workbook(path, tmp_path / "other")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b.xlsx", "other", "out"]


def test_beside_a_model_its_files_stay_as_they_are(tmp_path: Path) -> None:
    start_folder(tmp_path / "mine", "nl")
    base = tmp_path / "mine" / "sectors"
    path = book(
        tmp_path / "b.xlsx",
        Processen=[["Id", "Naam", "Sector"], ["pomp", "Pomp", "Drinkwater"], ["lab", "Laboratorium", "Nieuw"], ["mobile-access", "Mobiel", None]],
        Afhankelijkheden=[[*DEPENDENCIES, "Bron"], ["Pomp", "stroom", "Regionale elektriciteitsvoorziening@Drenthe", "4 uur", "50 %", "Interview"],
                          ["Laboratorium", "water", "drinking-water; Mobiel bellen en internet", None, None, "DWW"]],
        Regions=[["Code", "Name", "Population", "Neighbours"], ["VR03", "Drenthe", 5, None], ["X1", "Nieuw gebied", 7, None]],
    )  # fmt: skip
    made = import_workbook(path, tmp_path / "out", onto=base)
    assert made.model.sector_of["pomp"] == "water"
    assert made.model.sectors["nieuw" if "nieuw" in made.model.sectors else "Nieuw"].processes.keys() == {"lab"}
    assert made.model.processes["pomp"].needs["stroom"].supplies[0].id == "electricity-distribution@VR03"
    assert made.model.regions["X1"].population == 7
    assert made.model.regions["VR03"].population == load(base).regions["VR03"].population
    for old in base.iterdir():
        new = (tmp_path / "out" / old.name).read_text("utf-8")
        assert new.startswith(old.read_text("utf-8").rstrip()), old.name
        changed = {"water.yaml": "pomp", "sources.yaml": "Interview", "regions.yaml": "X1"}
        assert (new == old.read_text("utf-8")) == (old.name not in changed)
        assert changed.get(old.name, "") in new[len(old.read_text("utf-8").rstrip()) :]
    assert any("mobile-access, VR03" in note for note in made.notes)


def test_what_a_model_has_already_is_not_changed(tmp_path: Path) -> None:
    start_folder(tmp_path / "mine", "nl")
    rows = [DEPENDENCIES[:3], ["Drinkwatervoorziening", "x", "mobile-access"], ["pomp", "y", "Ziekenhuizorg"]]
    path = book(tmp_path / "b.xlsx", Afhankelijkheden=rows, Bronnen=[["Sleutel", "Titel"], ["DWW", "Heel iets anders"]])
    said = faults(lambda: import_workbook(path, tmp_path / "out", onto=tmp_path / "mine" / "sectors"))
    assert [fault.partition(" - ")[0] for fault in said] == [
        "b.xlsx:Afhankelijkheden:A2: process: 'drinking-water' is in the model already, and its needs are not changed by an import",
        "b.xlsx:Afhankelijkheden:C3: from: no process 'Ziekenhuizorg'",
        "b.xlsx:Bronnen:A2: id: source 'DWW' is in the model already",
    ]
    assert "did you mean 'ziekenhuiszorg'?" in said[1]


def test_a_workbook_that_was_put_beside_a_model_before_names_the_model_before_that(tmp_path: Path) -> None:
    start_folder(tmp_path / "mine", "nl")
    path = book(tmp_path / "b.xlsx", Afhankelijkheden=[DEPENDENCIES[:3], ["pomp", "x", "mobile-access"]])
    once = import_workbook(path, tmp_path / "out", onto=tmp_path / "mine" / "sectors").folder
    said = faults(lambda: import_workbook(path, tmp_path / "again", onto=once))
    hint = "was made by an import: after --onto, name the model that was there before that; or "
    assert [line.partition(hint)[2] for line in said] == [
        "fill sheet Processes or Dependencies",
        "give yours a name of its own in sheet Processes",
    ]
    assert not (tmp_path / "again").exists()


def test_commands_after_an_answer_name_the_model_that_was_asked_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CASCADE_MODEL", raising=False)
    path = book(tmp_path / "b.xlsx", Afhankelijkheden=[DEPENDENCIES, ["pomp", "stroom", "net", "4 uur", "50 %"]])
    import_workbook(path, tmp_path / "m 1")
    outage = Path("m 1 out.yaml")
    outage.write_text("name: uit\nhorizon: 3d\nevents:\n- {hits: net, level: 0%, for: 1d}\n", "utf-8")
    for words, fewest in ((["show", "pomp"], 1), (["run", str(outage)], 4), (["dossier", "pomp"], 1), (["stocks"], 0)):
        done = CliRunner().invoke(main, [*words, "--model", "m 1", "--lang", "en"])
        assert done.exit_code == 0, done.output
        text = " ".join(done.stdout.split())
        lines = re.findall(r"cascade ((?:show|run|report|timeline|explain|dossier|stocks) .*?)(?= [A-Z][a-z]|$)", text)
        assert len(lines) >= fewest, text
        assert all(line.endswith("--model 'm 1'") for line in lines), lines
        if words[0] == "dossier":
            assert "hold faults" not in done.stderr
            assert re.search(r"Of the \d+ found elsewhere \d+ do not fit this model", done.stderr)
        if words[0] in ("show", "run"):
            again = CliRunner().invoke(main, shlex.split(lines[0]))
            assert again.exit_code == 0, again.output
    done = CliRunner().invoke(main, ["run", "--model", "m 1", "--lang", "en"])
    assert (done.exit_code, "(faulty" in done.stdout) == (0, False)
    done = CliRunner().invoke(main, ["dossier", "pomp", "--model", "m 1", "--scenario", "power-outag"])
    assert (done.exit_code, "national-power-outage" in done.stderr) == (2, False)


def test_what_is_tied_to_nothing_of_the_model_beside_it_is_said(tmp_path: Path) -> None:
    start_folder(tmp_path / "mine", "nl")
    path = book(tmp_path / "b.xlsx", Afhankelijkheden=[DEPENDENCIES[:3], ["Apotheek", "stroom", "netbeheerder"]])
    made = import_workbook(path, tmp_path / "out", onto=tmp_path / "mine" / "sectors", lang="en")
    assert made.own == ("apotheek",)
    assert made.notes[-1].startswith("No outage of anything in “")
    assert "reaches them. " in made.notes[-1]
    assert "for example Regional electricity supply (electricity-distribution)" in made.notes[-1]
    assert not any("reaches them" in note for note in import_workbook(path, tmp_path / "alone", lang="en").notes)


def test_an_id_as_it_was_written_and_a_source_of_one_word_are_understood(tmp_path: Path) -> None:
    pages: dict[str, Rows] = {
        "Processen": [["Id", "Naam"], ["Lab Oost!", "Laboratorium"], ["net", "Net"]],
        "Afhankelijkheden": [[*DEPENDENCIES[:3], "Bron"], ["Lab Oost!", "stroom", "net", "ICT"], ["net", "lab", "lab oost!", "ICT"]],
    }  # fmt: skip
    path = book(tmp_path / "b.xlsx", **pages, Bronnen=[["Sleutel", "Titel"]])  # the sheet of the template, left empty
    made = import_workbook(path, tmp_path / "out")
    assert sorted(made.model.processes) == ["lab-oost", "net"]
    assert made.model.processes["net"].needs["lab"].supplies[0].id == "lab-oost"
    assert made.model.sources["ICT"].title == "ICT"
    book(path, **pages, Bronnen=[["Sleutel", "Titel"], ["KPN", "KPN"]])
    assert "no source 'ICT'" in faults(lambda: import_workbook(path, tmp_path / "x"))[0]


# ---------------------------------------------------------------- templates


@pytest.mark.parametrize("lang", LANGS)
def test_the_example_loads_and_runs(lang: Any, tmp_path: Path) -> None:
    path = write_template(tmp_path / "t.xlsx", lang, example=True)
    assert path.read_bytes() == write_template(tmp_path / "again.xlsx", lang, example=True).read_bytes()
    made = cascade.import_workbook(path, tmp_path / "out", lang=lang)
    assert made.notes == ()
    assert len(made.model.assets["example-pumping"].ids) == 3
    assert {p.check for p in check_model(made.model)} <= {"unused-process"}
    done = cascade.simulate(made.model, load_scenario(_outage(tmp_path), made.model))
    # pressure goes down after four hours; the diesel contract loses 90 % at once, so the tank of the treatment runs dry
    lows = done.log.groupby("process")["after"].min()
    assert list(lows[["example-diesel", "example-treatment", "example-pumping"]].round(4)) == [0.1, 0.05, 0.05]


def _outage(folder: Path) -> Path:
    path = folder / "outage.yaml"
    path.write_text("{name: x, horizon: 20d, events: [{hits: electricity-distribution, level: 0%, for: 15d}]}")
    return path


def test_the_example_goes_beside_the_shipped_model(shipped: Model, tmp_path: Path) -> None:
    path = write_template(tmp_path / "t.xlsx", "nl", example=True)
    made = import_workbook(path, tmp_path / "out", onto=ROOT / "sectors")
    assert set(made.model.processes) - set(shipped.processes) == {
        "example-treatment",
        "example-pumping",
        "example-diesel",
    }
    assert made.model.sources == shipped.sources
    assert {name: p for name, p in made.model.processes.items() if name in shipped.processes} == shipped.processes


@pytest.mark.parametrize("lang", LANGS)
def test_the_empty_template_has_every_heading_with_a_note(lang: Any, tmp_path: Path) -> None:
    path = write_template(tmp_path / "t.xlsx", lang)
    found = openpyxl.load_workbook(path)
    shown = [sheet for sheet in SHEETS if sheet.shown]
    assert found.sheetnames == [{"nl": "Uitleg", "en": "Explanation"}[lang], *(sheet.name[lang] for sheet in shown)]
    for sheet in shown:
        cells = next(found[sheet.name[lang]].iter_rows(min_row=4, max_row=4))
        columns = [column for column in sheet.columns if column.shown]
        assert [cell.value for cell in cells] == [column.heading[lang] for column in columns]
        notes = [cell.comment.text if cell.comment else None for cell in cells]
        assert notes == [column.help[lang] if column.help else None for column in columns]
    lists = [rule.formula1 for rule in found[BY["dependencies"][lang]].data_validations.dataValidation]
    assert len(lists) == 3
    (fault,) = faults(lambda: import_workbook(path, tmp_path / "out"))
    assert "holds no process - fill sheet Processes or Dependencies" in fault


BY = {sheet.key: sheet.name for sheet in SHEETS}


# ---------------------------------------------------------------- a folder to begin with


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("started")
    for lang in LANGS:
        start_folder(folder / lang, "nl" if lang == "nl" else "en")
    return {lang: folder / lang for lang in LANGS}


@pytest.mark.parametrize("lang", LANGS)
def test_the_first_model_has_no_faults_and_no_warnings(lang: str, started: dict[str, Path]) -> None:
    model = load(started[lang] / "sectors")
    assert check_model(model) == []
    assert (len(model.sectors), len(model.processes), len(model.regions), len(model.measures)) == (4, 8, 3, 1)
    needs = [need for process in model.processes.values() for need in process.needs.values()]
    assert {need.rule for need in needs} == {"from", "any_of", "shares"}
    assert all(need.source and need.confidence for need in needs)
    assert any(need.fades for need in needs)
    assert any(need.sustained_by for need in needs)
    for path in (started[lang] / "scenarios").glob("*.yaml"):
        load_scenario(path, model)
    for path in (started[lang] / "scenarios" / "capacity").glob("*.yaml"):
        load_capacity(path, model)
    assert all("#" in path.read_text("utf-8") for path in started[lang].rglob("*.yaml"))


def test_both_languages_are_the_same_model(started: dict[str, Path]) -> None:
    dutch, english = (load(started[lang] / "sectors") for lang in LANGS)
    assert differences(dutch, english) == ["info"]
    texts = [
        "\n".join(re.findall(r"#.*", p.read_text("utf-8")))
        for lang in LANGS
        for p in sorted((started[lang] / "sectors").iterdir())
    ]
    half = len(texts) // 2
    assert all(one != other for one, other in zip(texts[:half], texts[half:], strict=True))
    assert re.search(r"\b(the|which|with|your)\b", " ".join(texts[:half])) is None
    assert re.search(r"\b(het|een|zonder|uw)\b", " ".join(texts[half:])) is None


def test_its_numbers_are_those_of_the_shipped_model(started: dict[str, Path], shipped: Model) -> None:
    for name, process in load(started["nl"] / "sectors").processes.items():
        original = shipped.processes[name]
        assert (process.restart, process.people, set(process.source) <= set(original.source)) == (original.restart, original.people, True)  # fmt: skip
        for key, need in process.needs.items():
            other = original.needs[key]
            assert set(need.source) <= set(other.source)
            assert (need.endures, need.loses, need.spread) == (other.endures, other.loses, other.spread)
            assert set((need.fades or {}).items()) <= set((other.fades or {}).items())


@pytest.mark.parametrize("lang", LANGS)
def test_the_commands_it_ends_with_work(lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CASCADE_MODEL", raising=False)
    done = CliRunner().invoke(main, ["init", "my region", "--lang", lang])
    assert done.exit_code == 0, done.output
    lines = [line.strip() for line in done.stderr.splitlines() if line.startswith("  ")]
    assert lines[0] == "cd 'my region'"
    monkeypatch.chdir(tmp_path / "my region")
    for line in lines[1:] if lang == "nl" else lines[1:2]:
        again = CliRunner().invoke(main, [*shlex.split(line)[1:], "--lang", lang])
        assert again.exit_code == 0, again.output
    for line in re.findall(
        r"^#   (cascade .*?)(?:  .*)?$", Path("sectors/model.yaml").read_text("utf-8"), re.MULTILINE
    ):
        assert CliRunner().invoke(main, shlex.split(line)[1:]).exit_code == 0, line
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["init", "my region"])
    assert (done.exit_code, "is not empty" in done.stderr) == (2, True)


def test_the_commands_after_an_import_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (
        ["template", "t.xlsx", "--example"],
        ["template", "empty.xlsx", "--marking", "TLP:AMBER"],
        ["import", "t.xlsx", "--out", "m"],
    ):
        done = CliRunner().invoke(main, [*words, "--lang", "en"])
        assert (done.exit_code, done.stdout) == (0, ""), done.output
    for line in [line.strip() for line in done.stderr.splitlines() if line.startswith("  ")]:
        again = CliRunner().invoke(main, shlex.split(line)[1:])
        assert again.exit_code == 0, again.output
    assert openpyxl.load_workbook("empty.xlsx").worksheets[1]["A1"].value == "TLP:AMBER"
    assert CliRunner().invoke(main, ["template", "t.xlsx"]).exit_code == 2
    assert CliRunner().invoke(main, ["template", "t.txt"]).exit_code == 2
    assert CliRunner().invoke(main, ["import", "t.xlsx"]).exit_code == 2
    assert CliRunner().invoke(main, ["export", "m"]).exit_code == 2
