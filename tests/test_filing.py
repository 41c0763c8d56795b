"""The dossier of one process: numbers as elsewhere and by hand, what stays open, and what is written of it."""

import dataclasses
import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from browser import Sheet, chromium, new_sheet  # noqa: F401
from builders import ANV, model, scenario
from click.testing import CliRunner, Result
from docx2python import docx2python

from cascade.cli import main
from cascade.commands.dossier import DOSSIER_TABLES
from cascade.files.reading import hindcast_files, load, load_scenario, scenario_files
from cascade.model import Authority, Hazard, Lang, Measure, Model, Scenario
from cascade.results.filing import (
    LETTERS,
    Filing,
    applicable,
    blanks,
    claims,
    filing,
    months_later,
    terms,
    with_measure,
)
from cascade.results.impact import assess
from cascade.results.reach import LONGEST, dependents, suppliers
from cascade.results.wwke import LASTING, notifications, scorecard
from cascade.simulation.run import simulate
from cascade.telling.duties import KINDS, effect_text
from cascade.telling.filing import CHAIN, because, chained, paper
from cascade.telling.folio import _paper_page, write_paper
from cascade.telling.paper import Blank, Paper, made_from
from cascade.telling.paperwork import to_word
from cascade.telling.plots import draw_chain, render
from cascade.units import HOUR
from cascade.words import WORDS, word

ROOT = Path(__file__).resolve().parents[1]
BASE = ROOT / "tests" / "definitions" / "valid" / "base"
SCENARIO = BASE.with_name("scenario.yaml")
LANGS: tuple[Lang, ...] = ("nl", "en")
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PLAYED = ("drinking-water-outage", "telecom-internet-outage", "gas-shortage")
MARK = "TLP:AMBER / Dep. V."


# ---------------------------------------------------------------- worlds


def world(**more: Any) -> Model:
    """Power feeds water (6 h, then half of it) in two regions; water feeds care; a generator lasts 12 h longer.

    Without the lamp the water works for as long as the van comes.
    """
    made = model(
        {
            "power": {"sector": "energy", "people": "100%", "lists": {"cer": "1a"}, "tags": ["foreign"]},
            "fuel": {"sector": "energy"},
            "spare": {"sector": "energy"},
            "lamp": {"sector": "energy"},
            "van": {"sector": "energy"},
            "water": {
                "sector": "water", "per": "region", "people": "100%", "basic_need": True, "cost_per_day": "1 MEUR",
                "lists": {"cer": "6"}, "authority": "IenW", "source": "own", "confidence": "low",
                "needs": {
                    "power": {"from": "power", "endures": "6h", "loses": "50%", "source": "mem"},
                    "light": {"from": "lamp", "endures": "2h", "sustained_by": "van", "source": "X1", "confidence": "low"},
                    "parts": {"any_of": ["fuel", {"id": "spare", "gives": "60%"}], "endures": "1d", "source": "X1", "confidence": "high"},
                },
            },
            "care": {
                "sector": "care", "per": "region", "people": "10%", "lists": {"cer": "5"},
                "needs": {"water": {"from": "water", "loses": "40%"}},
            },
            **more,
        },
        {"R1": 1_000, "R2": 3_000},
        ANV,
    )  # fmt: skip
    measures = {
        "generator": {"effect": {"endures": "+12h"}, "applies_to": {"processes": ["water"], "need": "power"}, "article_13": "c", "cost": "10 kEUR", "lead_time": "2d"},
        "guard": {"effect": {"prevents": "80%"}, "applies_to": {"processes": ["water", "care"]}, "article_13": "b", "national_cost": "3 MEUR"},
        "elsewhere": {"effect": {"repair": "0.5"}, "applies_to": {"processes": ["care"]}, "article_13": "d"},
    }  # fmt: skip
    hazards = {
        "flood": {"name": "Flood", "kind": "natural", "scenarios": ["dark", "gone"]},
        "theft": {"name": "Theft", "kind": "antagonistic", "processes": ["care"]},
    }
    entry = {"name": "Water", "processes": ["water"], "ministry": "IenW", "supervisor": "ILT", "confidence": "high"}
    return dataclasses.replace(
        made,
        measures={k: Measure.model_validate({"name": k, "lever": "redundancy", **v}) for k, v in measures.items()},
        hazards={k: Hazard.model_validate(v) for k, v in hazards.items()},
        authorities={"water": Authority.model_validate(entry)},
    )


def dark(**more: Any) -> Scenario:
    """A day without power, which happens by itself."""
    return scenario({"hits": "power", "for": "24h", "about": "The lights go out."}, horizon="4d", **more)


@pytest.fixture(scope="module")
def small() -> Filing:
    quiet = scenario({"hits": "spare", "for": "1h"}, horizon="2d")
    return filing(world(), "water", {"dark": dark(likelihood="C"), "quiet": quiet}, designated=date(2026, 9, 1))


@pytest.fixture(scope="module")
def shipped() -> Model:
    return load(ROOT / "sectors")


@pytest.fixture(scope="module")
def water(shipped: Model) -> Filing:
    files = scenario_files(shipped.root, beside_only=True)
    return filing(shipped, "drinking-water", {name: load_scenario(files[name], shipped) for name in PLAYED})


def rows(made: Paper, name: str) -> list[dict[str, Any]]:
    return next(table.rows for table in made.tables if table.name == name)


def written(found: Filing, lang: Lang, out: Path, mark: str = "TLP:CLEAR", *, drawn: bool = False) -> list[Path]:
    made = paper(found, lang, mark, "cascade test", ["left out: a thing"])
    worst = chained(found) if drawn else None
    figures = {} if worst is None else {CHAIN: draw_chain(worst.run, worst.instance, lang, mark)}
    return write_paper(found.model, made, figures, out)


@pytest.fixture(scope="module")
def folder(small: Filing, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dossier") / "en"
    written(small, "en", out, MARK, drawn=True)
    return out


def cascade(*words: str, at: Path = ROOT / "sectors") -> Result:
    return CliRunner().invoke(main, ["dossier", *words, "--model", str(at)])


# ---------------------------------------------------------------- numbers


def test_the_frames_are_those_of_reach_and_wwke(water: Filing, shipped: Model) -> None:
    assert water.suppliers.equals(suppliers(shipped, "drinking-water", LONGEST))
    assert water.dependents.equals(dependents(shipped, "drinking-water", LASTING))
    assert water.scorecard.equals(scorecard(shipped, LASTING, "drinking-water"))
    noted = notifications(water.own)
    assert water.notifications.equals(noted[noted["process"] == "drinking-water"].reset_index(drop=True))
    assert len(water.notifications) == 3
    assert water.own.scenario.horizon == LASTING + LONGEST


def test_scenarios_say_what_their_runs_say(water: Filing, shipped: Model) -> None:
    files = scenario_files(shipped.root, beside_only=True)
    assert sorted(one.name for one in water.scenarios) == sorted(PLAYED)
    for one in water.scenarios:
        run = simulate(shipped, load_scenario(files[one.name], shipped))
        copies = assess(run, ()).by_copy
        copy = copies[copies["instance"] == run.network.labels[run.find("drinking-water")]].iloc[0]
        assert one.lowest == copy["lowest"]
        assert one.lost_h == pytest.approx(copy["lost_h"], abs=1e-9)
        for mine, theirs in ((one.first_h, copy["first_h"]), (one.back_h, copy["back_h"])):
            assert mine == theirs or (mine is None and theirs != theirs)
    assert [one.name for one in water.reached] == ["drinking-water-outage", "telecom-internet-outage"]


def test_a_scenario_by_hand(small: Filing) -> None:
    # half of the water from hour 6 to hour 24, in both regions; the spare hurts nobody
    (one,) = small.reached
    assert (one.name, one.lowest, one.first_h, one.lowest_h, one.back_h, one.lost_h) == ("dark", 0.5, 6, 6, 24, 9)
    assert not one.direct
    assert because(one, "en") == "For lack of power (needed for: power); the chain begins with: The lights go out."
    quiet = small.by_name["quiet"]
    assert (quiet.reached, quiet.lowest, quiet.first_h, quiet.back_h, quiet.lost_h) == (False, 1, None, None, 0)


def test_what_a_measure_changes_by_hand(small: Filing) -> None:
    helped = {one.measure: one for one in small.helped}
    assert list(helped) == ["guard", "generator"]  # by letter
    # 12 h more: half is lost from hour 18 to 24 only
    generator = helped["generator"]
    assert generator.before is not None
    assert generator.after is not None
    assert (generator.before.lost_h, generator.after.lost_h, generator.after.lowest) == (9, 3, 0.5)
    # nothing in the dark is deliberate
    assert not helped["guard"].differs
    again = simulate(small.model, with_measure(dark(), "generator", "water"))
    assert again.rows() == generator.after.run.rows()


def test_a_measure_is_shown_where_it_matters_and_not_twice() -> None:
    attack = scenario({"hits": "water", "for": "2h", "deliberate": True, "level": "90%"}, horizon="4d")
    placed = [{"measure": "generator", "at": ["water"]}]
    found = filing(world(), "water", {"attack": attack, "dark": dark(with_measures=placed)})
    assert [one.name for one in found.reached] == ["dark", "attack"]
    helped = {one.measure: one for one in found.helped}
    assert helped["guard"].before is not None
    assert helped["guard"].before.name == "attack"
    assert helped["guard"].after is not None
    assert helped["guard"].after.lowest == pytest.approx(0.98)
    assert (helped["generator"].differs, helped["generator"].already) == (False, True)
    texts = {row["measure"]: row["difference"] for row in rows(paper(found, "en", "", "c"), "article-13")}
    assert texts["generator"] == word("duty_difference_already", "en")
    assert texts["guard"] == "s: lowest 90% → 98%; 0.2 → 0.0 hours lost"


def test_one_region_only(small: Filing) -> None:
    hit = scenario({"hits": "water", "where": ["R2"], "for": "5h", "level": "20%"}, horizon="2d")
    found = filing(world(), "water", {"hit": hit}, 24 * HOUR, "R1")
    assert found.reached == ()
    assert filing(world(), "water", {"hit": hit}, 24 * HOUR, "R2").reached[0].lowest == 0.2
    care = found.dependents.set_index("process").loc["care"]
    assert (care["regions"], care["peak_people"]) == (1, 40)  # 40% of the 10% of 1,000
    made = paper(found, "en", "TLP:CLEAR", "c")
    assert made.title == "Dossier: water, R1"
    row = next(row for row in rows(made, "article-13") if row["measure"] == "guard")
    assert row["cost_eur"] == 750_000  # a quarter of the inhabitants
    assert word("duty_national", "en") in made.parts[4].lines


# ---------------------------------------------------------------- what the paper says


def test_tables_carry_the_numbers(small: Filing) -> None:
    made = paper(small, "en", "TLP:CLEAR", "cascade test")
    incoming = {(row["needs"], row["process"]): row for row in rows(made, "incoming")}
    assert set(incoming) == {
        ("power", "power"), ("parts", "fuel"), ("parts", "spare"), ("light", "lamp"), ("light", "van")
    }  # fmt: skip
    assert incoming["power", "power"]["over10_h"] == 6
    assert incoming["power", "power"]["foreign"] is True
    assert [key for key, row in incoming.items() if not isinstance(row["abroad"], Blank)] == [("power", "power")]
    assert (incoming["light", "van"]["role"], incoming["light", "lamp"]["over10_h"]) == ("sustains", None)
    assert incoming["parts", "fuel"]["others"] == "spare (at most 60%)"
    # the spare gives at most 60%, so without fuel a day of reserve lasts for 24 / 0.4 hours
    assert incoming["parts", "fuel"]["over10_h"] == 60
    assert incoming["parts", "spare"]["felt_after"] == "not within 14 d"
    assert incoming["parts", "spare"]["lost_text"] == "nothing"
    (annexed,) = rows(made, "outgoing-annex")
    assert (annexed["item"], annexed["processes"], annexed["over10_h"], annexed["people"]) == ("5", 1, 0, 160)
    assert annexed["name"] == "5  Health"
    listed = [row for row in rows(made, "register") if row["process"]]
    assert {row["process"] for row in listed} == {"power", "fuel", "spare", "lamp", "van"}
    scores = {row["measure"]: row["value"] for row in rows(made, "scorecard")}
    assert (scores["annex_items"], scores["users"]) == (1, 4_000)


def supplied(**needs: Any) -> list[dict[str, Any]]:
    """Return the incoming table of a shop with some needs; power and net never fail but in turn."""
    named = {name: {"use": name.title(), "source": "own", **need} for name, need in needs.items()}
    made = model({"power": {}, "net": {}, "van": {}, "shop": {"needs": named}}, {"R1": 1_000}, ANV)
    return rows(paper(filing(made, "shop", {}), "en", "", "c"), "incoming")


def test_a_supplier_of_two_needs_stands_once_with_what_its_failure_did() -> None:
    twice = supplied(
        pumps={"from": "power", "endures": "6h", "loses": "50%"},
        lamps={"from": "power", "endures": "1h", "loses": "5%"},
    )
    (row,) = twice
    assert (row["process"], row["needs"], row["over10_h"], row["lost"]) == ("power", "pumps lamps", 6, 0.5)
    assert row["purpose"] == "1. Pumps\n2. Lamps"
    assert row["without"] == "1. 50% lost after 6 h\n2. 5% lost after 1 h"
    assert row["evidence"] == "unknown: own"  # equal for both, so said once


def test_a_loss_that_is_small_or_late_is_said_and_not_waved_away() -> None:
    listed = {
        row["process"]: row
        for row in supplied(
            chemicals={"from": "net", "endures": "20d", "loses": "60%"},
            pumps={"from": "power", "loses": "10%", "endures": "2d", "sustained_by": "van"},
        )
    }
    assert listed["net"]["felt_after"] == "not within 14 d\nonly after 20 d: 60%"
    assert listed["net"]["after_14d"] == "480h:60%"
    assert (listed["net"]["lost"], listed["net"]["lost_text"]) == (0, "nothing")
    assert listed["van"]["felt_after"].endswith("only counts when the supply itself is gone too")
    small = supplied(pumps={"from": "power", "loses": "3%"})
    assert (small[0]["felt_after"], small[0]["lost_text"]) == ("not within 14 d", "3%")
    tenth = supplied(pumps={"from": "power", "loses": "10%", "endures": "2h"})
    assert (tenth[0]["felt_after"], tenth[0]["lost_text"]) == ("a tenth, no more (after 2 h)", "10%")
    # where another can step in, or the reserve is filled up, nobody can say when it ends
    assert supplied(c={"any_of": ["net", "van"], "endures": "20d"})[0]["after_14d"] == ""
    kept = supplied(c={"from": "net", "endures": "20d", "sustained_by": "van"})
    assert {row["after_14d"] for row in kept} == {""}
    note = next(t.note for t in paper(filing(world(), "water", {}), "en", "", "c").tables if t.name == "incoming")
    assert "where it is filled up meanwhile (emergency fuel)" in note


def test_one_is_not_many(small: Filing) -> None:
    said = {row["key"]: row["text"] for row in rows(paper(small, "en", "", "c"), "summary")}
    assert "of 1 other process, in 1 sector (its own sector counts too)" in said["dependents"]
    assert (
        said["measures"]
        == "The model knows 2 measures for this process; none under the letters a, d, e, f of article 13."
    )
    dutch = {row["key"]: row["text"] for row in rows(paper(small, "nl", "", "c"), "summary")}
    assert "van 1 ander proces, in 1 sector, meer dan" in dutch["dependents"]
    shop = model({"power": {}, "shop": {"needs": {"p": {"from": "power"}}}}, {"R1": 1_000}, ANV)
    listed = {row["key"]: row["text"] for row in rows(paper(filing(shop, "shop", {}), "nl", "", "c"), "summary")}
    assert listed["needs"].startswith("Dit proces rust op 1 rechtstreekse leverancier. ")
    five = dataclasses.replace(
        small.model,
        measures={
            letter: small.model.measures["guard"].model_copy(update={"article_13": letter}) for letter in "bcdef"
        },
    )
    said = {row["key"]: row["text"] for row in rows(paper(filing(five, "water", {}), "nl", "", "c"), "summary")}
    assert said["measures"].endswith("onder de letter a van artikel 13 geen enkele.")
    notice = {row["content"]: row["foothold"] for row in rows(paper(small, "en", "", "c"), "notice")}
    assert notice["cascade"] == "more than a tenth lost of 1 other process"


def test_every_count_says_what_it_counts(small: Filing) -> None:
    notes = {table.name: table.note for table in paper(small, "en", "", "c").tables}
    assert word("filing_own_counts", "en") in notes["totals"]
    assert word("duty_scorecard_counts", "en") in notes["scorecard"]


def test_notice_is_at_the_latest_and_may_be_due_at_once(water: Filing) -> None:
    made = paper(water, "en", "", "c")
    law = next(row for row in rows(made, "thresholds") if row.get("min_people") == 1)
    assert (law["passes_h"], law["notice_from_h"], law["notice_by_h"]) == (24, 0, 48)
    table = next(t for t in made.tables if t.name == "thresholds")
    assert [c.heading for c in table.shown][-2:] == ["Notify:\nexpected –\nat latest", "Report within"]
    assert law["notice_text"] == "0 h – 2 d"
    assert word("notification_note", "en") in table.note
    said = {row["key"]: row["text"] for row in rows(made, "summary")}
    assert said["notification"].endswith("as soon as this is expected, at the earliest at once.")
    rule = next(row["rule"] for row in rows(made, "terms") if row["term"] == "notice")
    assert "Drinkwaterwet article 35: consultation at once" in rule


def test_the_head_holds_the_mark_and_a_box_for_its_end(small: Filing) -> None:
    keys = [row["key"] for row in rows(paper(small, "en", MARK, "c"), "general")]
    assert keys.index("marking_until") == keys.index("marking") + 1
    head = {row["key"]: row["text"] for row in rows(paper(small, "en", MARK, "c"), "general")}
    assert (head["marking"], isinstance(head["marking_until"], Blank)) == (MARK, True)


def test_assets_protection_and_plans_are_tables_to_fill_in(small: Filing) -> None:
    made = paper(small, "en", "", "c")
    part = next(part for part in made.parts if part.key == "safeguards")
    assert [sheet.table.name for sheet in part.sheets] == ["assets", "physical", "plans"]
    for sheet in part.sheets:
        assert len(sheet.table.rows) >= 6
        assert all(sum(isinstance(cell, Blank) for cell in row.values()) >= 4 for row in sheet.table.rows)
    assert "why" in {column.key for column in part.sheets[0].table.shown}
    listed = {row["element"]: row for row in rows(made, "elements")}
    number = made.number("safeguards")
    for element in ("register", "physical", "continuity"):
        assert listed[element]["here"] == f"part {number}: table to be filled in"
        assert (listed[element]["covered"], listed[element]["own"]) == ("open", "")


def test_assets_that_the_model_knows_are_in_the_register() -> None:
    base = load(BASE)
    for region, known in (("R1", ["s1", "s2"]), (None, ["s1", "s2", "s3"])):
        listed = rows(paper(filing(base, "stations", {}, region=region), "en", "", "c"), "assets")
        assert [row["asset"] for row in listed if row["asset"]] == known
        assert all(isinstance(row["why"], Blank) for row in listed)


def test_the_head_says_who_supervises_or_asks(small: Filing) -> None:
    head = {row["key"]: row for row in rows(paper(small, "en", "", "c"), "general")}
    assert (head["ministry"]["value"], head["supervisor"]["value"]) == ("IenW", "ILT")
    assert "expected" in head["supervisor"]["text"]
    assert isinstance(head["incident_team"]["text"], Blank)
    assert head["designated"]["text"] == "2026-09-01"
    assert head["annex"]["text"] == "6  Drinking water"
    care = {row["key"]: row for row in rows(paper(filing(world(), "care", {}), "en", "", "c"), "general")}
    assert isinstance(care["supervisor"]["text"], Blank)
    assert isinstance(care["ministry"]["text"], Blank)
    assert isinstance(care["designated"]["text"], Blank)


def test_letters_without_a_measure_are_open(small: Filing) -> None:
    listed = rows(paper(small, "nl", "", "c"), "article-13")
    assert [row["letter"] for row in listed] == list("abcdef")
    assert {row["letter"] for row in listed if isinstance(row["name"], Blank)} == set("adef")
    generator = next(row for row in listed if row["measure"] == "generator")
    assert (generator["cost_eur"], generator["lead_h"]) == (20_000, 48)  # one in each of two regions
    assert isinstance(next(row for row in listed if row["measure"] == "guard")["lead_text"], Blank)


def test_hazards_are_listed_by_class_and_always_open(small: Filing) -> None:
    listed = rows(paper(small, "en", "", "c"), "hazards")
    assert [row["band"] for row in listed[: len(KINDS)]] == [word(f"duty_kind_{kind}", "en") for kind in KINDS]
    found = {row["hazard"]: row for row in listed if row["hazard"]}
    assert found["flood"]["in_model"] == "s: lowest 50%, from 6 h\ngone: not played now"
    assert found["theft"]["in_model"] == "in no scenario; strikes first: care"
    asked = ("assessed", "likelihood", "consequence", "judgement", "measure", "irrelevant")
    assert all(isinstance(row[box], Blank) for row in listed for box in asked)
    assert {row["likelihood"].choices for row in listed} == {("A", "B", "C", "D", "E")}
    without = dataclasses.replace(world(), hazards={})
    assert len(rows(paper(filing(without, "water", {}), "en", "", "c"), "hazards")) == len(KINDS) + 3


def test_what_a_scenario_does_is_laid_at_no_door_but_that_of_its_only_hazard(small: Filing) -> None:
    both = {
        **small.model.hazards,
        "storm": Hazard.model_validate({"name": "Storm", "kind": "natural", "scenarios": ["dark", "quiet"]}),
    }
    shared = dataclasses.replace(small, model=dataclasses.replace(small.model, hazards=both))
    told = {row["hazard"]: row["in_model"] for row in rows(paper(shared, "en", "", "c"), "hazards")}
    among = word("duty_hazard_among", "en", name="s")
    assert told["flood"] == f"{among}\ngone: not played now"
    assert told["storm"] == f"{among}\n{word('duty_hazard_untouched', 'en', name='s')}"
    assert "50%" not in told["flood"] + told["storm"]


def test_weak_evidence_and_missing_numbers_are_named(small: Filing) -> None:
    assert [(c.need, c.weakness) for c in claims(small.model, "water")] == [
        ("", "own"),
        ("power", "memory"),
        ("light", "low"),
        ("parts", ""),
    ]
    assert [c.weakness for c in claims(small.model, "care")] == ["unsourced", "unsourced"]
    assert blanks(small.model, "water") == [
        ("", "market_share"),
        ("", "operator"),
        ("power", "kind"),
        ("light", "kind"),
        ("parts", "kind"),
    ]
    assert ("water", "endures") in blanks(small.model, "care")


def test_terms_are_counted_by_the_calendar() -> None:
    assert dict(terms(date(2026, 9, 1))) == {
        "assessment": date(2027, 6, 1),
        "duties": date(2027, 7, 1),
        "renewal": date(2031, 6, 1),
    }
    assert months_later(date(2026, 5, 31), 9) == date(2027, 2, 28)
    assert months_later(date(2026, 12, 31), 1) == date(2027, 1, 31)
    assert [day for _, day in terms(None)] == [None, None, None]
    early = filing(world(), "care", {}, designated=date(2026, 8, 1))
    note = next(t.note for t in paper(early, "en", "", "c").tables if t.name == "terms")
    assert note.startswith(word("duty_terms_early", "en"))


@pytest.mark.parametrize("lang", LANGS)
def test_every_effect_has_words(shipped: Model, lang: Lang) -> None:
    texts = {name: effect_text(shipped, m.effect, m.against, lang) for name, m in shipped.measures.items()}
    assert all(texts.values())
    assert texts["guard-team"] != texts["early-warning"] != texts["personnel-screening"]


def test_nothing_open_has_a_value_and_all_boxes_have_names(water: Filing) -> None:
    for lang in LANGS:
        made = paper(water, lang, "TLP:CLEAR", "cascade test")
        keys = [blank.key for _, blank in made.blanks]
        assert len(keys) == len(set(keys)) > 100
        assert sum(1 for row in rows(made, "scorecard") if row["basis"] == "open") == 4
        assert all(isinstance(row["value_text"], Blank) for row in rows(made, "scorecard") if row["basis"] == "open")
        assert [t.name for t in made.tables] + ["open"] == list(DOSSIER_TABLES)
        said = [cell for table in made.tables for row in table.rows for cell in row.values() if isinstance(cell, str)]
        assert not any(re.search(r"\{\w+\}", text) for text in [*said, *(t.note for t in made.tables), *made.lines])


def test_the_two_languages_ask_the_same(water: Filing) -> None:
    nl, en = (paper(water, lang, "", "c") for lang in LANGS)
    assert [blank.key for _, blank in nl.blanks] == [blank.key for _, blank in en.blanks]
    assert [part.key for part in nl.parts] == [part.key for part in en.parts]
    assert not {part.title for part in nl.parts} & {part.title for part in en.parts}


# ---------------------------------------------------------------- Word


def inside(path: Path, name: str) -> ET.Element:
    with zipfile.ZipFile(path) as file:
        return ET.fromstring(file.read(name))


def test_word_holds_every_box_as_a_control(folder: Path, small: Filing) -> None:
    made = paper(small, "en", MARK, "cascade test")
    controls = list(inside(folder / "dossier.docx", "word/document.xml").iter(f"{W}sdt"))
    tags = [str(c.find(f"{W}sdtPr/{W}tag").get(f"{W}val")) for c in controls]  # type: ignore[union-attr]
    assert tags == [blank.key for _, blank in made.blanks]
    assert all(c.find(f"{W}sdtPr/{W}showingPlcHdr") is not None for c in controls)
    assert len({c.find(f"{W}sdtPr/{W}id").get(f"{W}val") for c in controls}) == len(controls)  # type: ignore[union-attr]
    kinds = {blank.kind for _, blank in made.blanks}
    assert kinds == {"text", "date", "choice"}
    assert len(list(inside(folder / "dossier.docx", "word/document.xml").iter(f"{W}dropDownList"))) == sum(
        1 for _, blank in made.blanks if blank.kind == "choice"
    )


def test_word_reads_back_with_another_program(folder: Path, small: Filing) -> None:
    made = paper(small, "en", MARK, "cascade test")
    with docx2python(folder / "dossier.docx") as read:
        text, sections = read.text, len(read.header)
        edges = [*read.header, *read.footer]
    assert sections == 4  # title, upright, on its side, upright
    assert len(edges) == 2 * sections
    for edge in edges:
        flat = str(edge)
        assert "TLP:AMBER" in flat
        assert "Dep. V." in flat
    for number, part in enumerate(made.parts, 1):
        assert text.count(f"{number}  {part.title}") == 2, part.title  # in the contents and above the part
    for table in made.tables:
        for row in table.rows:
            for column in table.shown:
                cell = row[column.key]
                shown = cell.prompt if isinstance(cell, Blank) else table.show(column, row, "en")
                wanted = word("filing_fill_in", "en") if isinstance(cell, Blank) and shown == column.heading else shown
                assert all(line in text for line in wanted.split("\n")), wanted


def test_every_section_has_its_own_header_and_footer(folder: Path) -> None:
    document = inside(folder / "dossier.docx", "word/document.xml")
    for section in document.iter(f"{W}sectPr"):
        for edge in ("header", "footer"):
            assert [e.get(f"{W}type") for e in section.findall(f"{W}{edge}Reference")] == ["default"]
        assert section.find(f"{W}titlePg") is None  # no first page without a mark
    sides = [s.find(f"{W}pgSz").get(f"{W}orient", "portrait") for s in document.iter(f"{W}sectPr")]  # type: ignore[union-attr]
    assert sides == ["portrait", "portrait", "landscape", "portrait"]


def test_word_has_headings_heads_that_repeat_and_a_language(folder: Path) -> None:
    document = inside(folder / "dossier.docx", "word/document.xml")
    styles = [p.get(f"{W}val") for p in document.iter(f"{W}pStyle")]
    assert styles.count("Heading1") == 11
    assert styles.count("Heading2") > 20
    for table in document.iter(f"{W}tbl"):
        headed = table.findall(f"{W}tr/{W}trPr/{W}tblHeader")
        caption = table.find(f"{W}tblPr/{W}tblCaption")
        assert caption is not None
        keyed = caption.get(f"{W}val") in (word("filing_head", "en"), word("filing_own", "en"))
        assert len(headed) == (0 if keyed else 1)
    codes = "".join(i.text or "" for i in document.iter(f"{W}instrText"))
    assert "TOC" in codes
    languages = {e.get(f"{W}val") for e in inside(folder / "dossier.docx", "word/styles.xml").iter(f"{W}lang")}
    assert languages == {"en-GB"}
    pictures = [e for e in document.iter() if e.tag.endswith("}docPr")]
    assert [bool(e.get("descr")) for e in pictures] == [True]
    links = {e.get(f"{W}anchor") for e in document.iter(f"{W}hyperlink")}
    assert links == {e.get(f"{W}name") for e in document.iter(f"{W}bookmarkStart")}


def test_the_last_rows_of_a_table_stay_together(folder: Path) -> None:
    for table in inside(folder / "dossier.docx", "word/document.xml").iter(f"{W}tbl"):
        last = table.findall(f"{W}tr")[-3:-1]
        assert all(p.find(f"{W}pPr/{W}keepNext") is not None for row in last for p in row.iter(f"{W}p"))


def test_checksums_are_small_print(small: Filing, tmp_path: Path) -> None:
    made = made_from(paper(small, "en", MARK, "c"), {"cascade": "1"}, {"a.yaml": "0" * 64, "b.yaml": "1" * 64})
    (tmp_path / "d.docx").write_bytes(to_word(made, {}, "foot"))
    *_, normal, versions, sums = inside(tmp_path / "d.docx", "word/document.xml").iter(f"{W}tbl")
    assert {p.get(f"{W}val") for p in sums.iter(f"{W}pStyle")} == {"Small"}
    assert {p.get(f"{W}val") for p in versions.iter(f"{W}pStyle")} == {"Small"}
    assert {p.get(f"{W}val") for p in normal.iter(f"{W}pStyle")} == {"Cell"}
    assert _paper_page(made, {}).count('<table class="small">') == 2


def test_equal_papers_give_equal_bytes(small: Filing, folder: Path, tmp_path: Path) -> None:
    written(small, "en", tmp_path / "again", MARK, drawn=True)
    ours = {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert ours == {
        p.relative_to(tmp_path / "again"): p.read_bytes() for p in (tmp_path / "again").rglob("*") if p.is_file()
    }
    with zipfile.ZipFile(folder / "dossier.docx") as file:
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not any("thumbnail" in entry.filename for entry in file.infolist())
        core = file.read("docProps/core.xml").decode()
    assert "2000-01-01T00:00:00Z" in core
    assert "python" not in core


# ---------------------------------------------------------------- HTML and the folder


class Page(HTMLParser):
    """What a page holds: boxes, text, and tags with anything that could run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fields: list[str] = []
        self.text: list[str] = []
        self.live: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if "data-field" in given:
            self.fields.append(str(given["data-field"]))
        if tag in ("script", "iframe", "object", "link", "b") or any(k.startswith("on") or k == "style" for k in given):
            self.live.append(tag)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_page_holds_the_same_boxes(folder: Path, small: Filing) -> None:
    page = Page((folder / "dossier.html").read_text("utf-8"))
    assert page.fields == [blank.key for _, blank in paper(small, "en", MARK, "c").blanks]
    assert page.live == []
    assert page.text.count(MARK) == 3  # above, below, and in the head beside the box for its end
    assert "left out: a thing" in page.text


def test_the_folder_has_tables_marks_and_a_manifest(folder: Path, small: Filing) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["marking"] == MARK
    assert {"dossier.docx", "dossier.html", "open.csv", "hazards.csv", "MARKING.txt"} <= set(manifest["files"])
    listed = (folder / "open.csv").read_text("utf-8").splitlines()
    assert len(listed) == len(paper(small, "en", MARK, "c").blanks) + 1
    assert all(line.endswith(MARK) for line in listed[1:])


def test_a_paper_that_was_filled_in_is_never_written_over(small: Filing, tmp_path: Path) -> None:
    out = tmp_path / "dossier"
    written(small, "nl", out)
    written(small, "nl", out)  # nobody touched it
    (out / "dossier.docx").write_bytes((out / "dossier.docx").read_bytes() + b" ")
    with pytest.raises(Exception, match="may have been filled in; name another place, or remove it first"):
        written(small, "nl", out)
    one = tmp_path / "one.html"
    assert written(small, "nl", one) == [one]
    with pytest.raises(Exception, match=r"one\.html is there already"):
        written(small, "nl", one)


def test_hostile_names_are_only_text(tmp_path: Path) -> None:
    nasty = '</script><b onload="x">&amp;\x0b\u202e"\'=1+1'
    made = world(evil={"sector": "care", "name": nasty, "needs": {"w": {"from": "water"}}})
    process = made.processes["water"].model_copy(update={"name": made.processes["evil"].name})
    made = dataclasses.replace(made, processes={**made.processes, "water": process})
    found = filing(made, "water", {"dark": dark()})
    written(found, "en", tmp_path / "d")
    page = Page((tmp_path / "d" / "dossier.html").read_text("utf-8"))
    assert page.live == []
    assert any(nasty in text for text in page.text)
    with docx2python(tmp_path / "d" / "dossier.docx") as read:
        assert nasty.replace("\x0b", "�") in read.text
    assert not any(line.startswith("=") for line in (tmp_path / "d" / "outgoing.csv").read_text("utf-8").split(","))


def test_a_long_key_stays_its_own_in_word(small: Filing) -> None:
    made = paper(small, "en", "", "c")
    part = made.parts[0]
    table = part.sheets[1].table
    long = [{**table.rows[0], "text": Blank("x" * 80 + end, "long")} for end in "ab"]
    part = dataclasses.replace(
        part, sheets=(dataclasses.replace(part.sheets[1], table=dataclasses.replace(table, rows=long)),)
    )
    data = to_word(dataclasses.replace(made, parts=(part,)), {}, "foot")
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        tags = [e.get(f"{W}val") for e in ET.fromstring(file.read("word/document.xml")).iter(f"{W}tag")]
    assert len(set(tags)) == 2
    assert all(len(str(tag)) <= 64 for tag in tags)


def test_the_page_in_a_browser(folder: Path, new_sheet: Callable[..., Sheet]) -> None:  # noqa: F811
    sheet = new_sheet(width=360)
    sheet.open(folder / "dossier.html")
    assert not sheet.overflowing()
    assert not sheet.axe("svg *")
    box = sheet.page.locator("[data-field=entity]")
    box.fill("Waterbedrijf")
    assert box.inner_text() == "Waterbedrijf"
    sheet.assert_silent()


# ---------------------------------------------------------------- the command


def test_the_command_answers_on_the_screen_and_as_data() -> None:
    line = ("care", "--scenario", str(SCENARIO), "--lang", "en")
    result = cascade(*line, at=BASE)
    assert result.exit_code == 0, result.output
    assert "open fields for the assessor" in result.stdout
    assert max(len(text) for text in result.stdout.splitlines()) <= 100
    data = json.loads(cascade(*line, "--format", "json", "--designated", "2026-09-01", at=BASE).stdout)
    assert data["terms"][0] == {"term": "assessment", "until": "2027-06-01"}
    assert set(DOSSIER_TABLES) <= set(data)
    assert {row["field"] for row in data["open"]} >= {"entity", "measure-a", "hazard-other-1"}
    assert "designated" not in {row["field"] for row in data["open"]}


def test_the_command_writes_one_paper(tmp_path: Path) -> None:
    out = tmp_path / "x.docx"
    line = ("care", "--scenario", str(SCENARIO), "--lang", "nl", "--marking", "TLP:RED", "--out", str(out))
    assert cascade(*line, at=BASE).exit_code == 0
    with docx2python(out) as read:
        assert f"Dossier: {load(BASE).processes['care'].name.nl}" in read.text
        assert all("TLP:RED" in str(edge) and "Stg. C" in str(edge) for edge in [*read.header, *read.footer])
    languages = {e.get(f"{W}val") for e in inside(out, "word/styles.xml").iter(f"{W}lang")}
    assert languages == {"nl-NL"}
    again = cascade(*line, at=BASE)
    assert (again.exit_code, "may have been filled in" in again.stderr) == (2, True)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("drinking-watr",), "no process 'drinking-watr' in the model; did you mean 'drinking-water'?"),
        (("gas-supply", "--region", "VR01", "--scenario", "gas-shortage"), "gas-supply is a national process: leave the region out"),
        (("drinking-water", "--region", "Nergens", "--scenario", "gas-shortage"), "no region 'Nergens' in the model; "),
        (("drinking-water", "--scenario", "gas-shortag"), "did you mean 'gas-shortage'?"),
        (("drinking-water", "--scenario", "foo"), "no scenario 'foo'; at hand: card-payments-three-days, drinking-water-outage"),
        (("drinking-water", "--designated", "1-9-2026"), "is no date; write it as 2026-09-01"),
        (("drinking-water", "--designated", "0026-09-01"), "write a year between 2000 and 2200"),
        (("drinking-water", "--for", "3"), "needs a unit"),
        (("drinking-water", "--out", "x.pdf"), "a dossier is written as .docx or .html"),
        (("drinking-water", "--out", "x.docx", "--format", "json"), "is a whole paper"),
    ],
)  # fmt: skip
def test_wrong_use_names_the_remedy(line: tuple[str, ...], said: str) -> None:
    result = cascade(*line)
    assert result.exit_code == 2
    assert said in result.stderr


def test_every_scenario_at_hand_is_named_and_no_past_incident(shipped: Model) -> None:
    said = cascade("drinking-water", "--scenario", "foo").stderr.split("at hand: ")[1].strip().split(", ")
    assert said == sorted(scenario_files(shipped.root))
    assert not set(said) & set(hindcast_files(shipped.root))


def test_the_name_of_a_csv_file_can_name_its_table(tmp_path: Path) -> None:
    line = ("care", "--scenario", str(SCENARIO), "--lang", "en", "--out")
    assert cascade(*line, str(tmp_path / "open.csv"), at=BASE).exit_code == 0
    assert (tmp_path / "open.csv").read_text("utf-8").startswith("part,part_title,field")
    other = cascade(*line, str(tmp_path / "x.csv"), at=BASE)
    assert (tmp_path / "x.csv").read_text("utf-8").startswith("key,value")
    assert "'summary'" in other.stderr or "summary" in other.stderr


def test_names_above_the_limit_are_nowhere(tmp_path: Path) -> None:
    shutil.copytree(BASE, tmp_path / "model")
    (tmp_path / "scenarios").mkdir()
    for name, mark in (("hush-hush", "TLP:RED"), ("open-day", "TLP:CLEAR")):
        text = f"name: {name}\nhorizon: 2d\nmarking: {mark}\nevents: [{{hits: grid, level: 0%, for: 1d}}]\n"
        (tmp_path / "scenarios" / f"{name}.yaml").write_text(text)
    hazards = tmp_path / "model" / "hazards.yaml"
    hazards.write_text(hazards.read_text().replace("national-power-outage", "[hush-hush, open-day]"))
    line = ["dossier", "care", "--model", str(tmp_path / "model"), "--lang", "en", "--format", "json"]
    everything = CliRunner().invoke(main, line).stdout
    assert everything.count("hush-hush") >= 2
    within = CliRunner().invoke(main, [*line, "--max-marking", "TLP:AMBER / Stg. ZG"])
    assert within.exit_code == 0, within.output
    assert "hush" not in within.output
    assert "open-day" in within.stdout
    assert json.loads(within.stdout)["cut"]["scenarios"] == 1
    # and nothing is said to be in no scenario when nobody may know
    paged = CliRunner().invoke(main, [*line[:-2], "--table", "hazards", "--max-marking", "TLP:AMBER / Stg. ZG"]).stdout
    assert word("duty_hazard_withheld", "en")[:13] in paged
    assert "in no scenario" not in paged
    wrong = CliRunner().invoke(main, [*line, "--max-marking", "TLP:AMBER / Stg. ZG", "--scenario", "hus-hush"])
    assert wrong.exit_code == 2
    assert "open-day" in wrong.stderr
    assert "hush-hush" not in wrong.stderr


# ---------------------------------------------------------------- the data that come with it


def test_every_class_has_hazards_and_every_scenario_a_hazard(shipped: Model) -> None:
    assert {hazard.kind for hazard in shipped.hazards.values()} == set(KINDS)
    named = {name for hazard in shipped.hazards.values() for name in hazard.scenarios}
    assert named == set(scenario_files(shipped.root, beside_only=True))
    for hazard in shipped.hazards.values():
        assert hazard.source
        assert hazard.confidence
        assert set(hazard.source) != {"own"} or hazard.confidence == "low"


def test_authorities_agree_with_the_model(shipped: Model) -> None:
    """But for what the table gives to another minister than the one of the sector, which the dossier shows."""
    found = {p: shipped.supervised_by(p) for p in shipped.processes}
    other = {p for p, key in found.items() if key and shipped.authority(p) not in shipped.authorities[key].ministry}
    assert other == {"border-control", "prisons-and-courts", "social-benefits"}
    assert {p for p, key in found.items() if key is None and shipped.sector_of[p] not in ("emergency", "society")} == {
        "meteorological-services",
        "water-chemicals",
    }


def test_letters_are_those_of_the_model() -> None:
    letters = Measure.model_fields["article_13"].annotation
    assert all(letter in str(letters) for letter in LETTERS)
    assert [key for key in WORDS if key.startswith("duty_letter_") and key != "duty_letter_"] == [
        f"duty_letter_{letter}" for letter in LETTERS
    ]
    assert list(applicable(world(), "water")) == ["guard", "generator"]


def test_a_picture_only_where_there_is_a_way(small: Filing, water: Filing) -> None:
    worst = chained(water)
    assert worst is not None
    assert worst.name == "telecom-internet-outage"
    (drawn,) = (part for part in paper(water, "en", "", "c").parts if part.key == "scenarios")
    assert drawn.closing == (word("filing_picture_other", "en", name=water.reached[0].scenario.name.en),)
    (same,) = (part for part in paper(small, "en", "", "c").parts if part.key == "scenarios")
    assert same.closing == ()
    (none,) = (
        p for p in paper(filing(world(), "power", {"dark": dark()}), "en", "", "c").parts if p.key == "scenarios"
    )
    assert none.closing == (word("filing_picture_none", "en", name="s"),)
    assert render(draw_chain(worst.run, worst.instance, "en", MARK), "png").startswith(b"\x89PNG")
    assert chained(filing(world(), "power", {"dark": dark()})) is None
