"""The command that plans protection: what it prints and writes, what it refuses, and how it ends."""

import csv
import hashlib
import json
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cascade import words
from cascade.cli import main
from cascade.commands.protect import PROTECT_TABLES
from cascade.results.advice import Asking
from cascade.results.plans import Search

MODEL = {
    "model.yaml": """
        title: {nl: Klein land, en: Small country}
        version: "1"
    """,
    "regions.yaml": """
        - {code: R1, name: Noord, population: 1000, neighbours: [R2]}
        - {code: R2, name: Zuid, population: 3000, neighbours: [R1]}
    """,
    "sources.yaml": "HAND: {title: A handbook, publisher: A press, date: 2020}",
    "supply.yaml": """
        sector: supply
        name: {nl: Voorziening, en: Supply}
        processes:
          power: {name: {nl: Stroom, en: Power}, per: region}
          water: {name: {nl: Water, en: Water}, per: region}
          cash: {name: {nl: Contant geld, en: Cash}}
          home:
            name: {nl: Thuis, en: Home}
            per: region
            people: 100%
            basic_need: true
            needs: {all: {from: [power, water], endures: [0h, 1h, 3h]}}
          shop: {name: {nl: Winkel, en: Shop}, people: 20%, needs: {till: {from: cash}}}
    """,
    "measures.yaml": """
        guard:
          name: {nl: Wacht, en: Guard}
          lever: robustness
          article_13: b
          applies_to: {processes: [power, water, cash]}
          effect: {prevents: 100%}
          takes: {team: 1}
          cost: 1 MEUR
          lead_time: 24h
        battery:
          name: {nl: Accu, en: Battery}
          lever: redundancy
          article_13: c
          applies_to: {processes: [home], need: all}
          effect: {endures: 4h}
          takes: {battery: 1}
          cost: 2 MEUR
          lead_time: 2w
    """,
}
SCENARIOS = {
    "attack": """
        name: {nl: Aanval, en: Attack}
        horizon: 2d
        events:
          - {hits: [power, water], level: 0%, for: 10h, deliberate: true}
          - {hits: cash, level: 0%, for: 10h, deliberate: true}
    """,
    "storm": "{name: {nl: Storm, en: Storm}, horizon: 2d, events: [{hits: power, level: 0%, for: 8h}]}",
    "calm": "{name: {nl: Niets, en: Nothing}, horizon: 2d, events: [{hits: shop, level: 0%, for: 8h}]}",
}
CAPACITIES = {
    "guards": """
        name: {nl: Wachten en accu's, en: Guards and batteries}
        available: {team: 3, battery: 1}
        manning: {team: {posts: 1, people: ["6.6", "7.3", "8.2"]}}
        scenarios: {attack: 2, storm: 1, calm: 1}
        harm: hours
    """,
    "money": """
        name: {nl: Geld, en: Money}
        phases:
          - {name: "2027", budget: 2 MEUR}
          - {name: "2028", budget: 2 MEUR}
        scenarios: {attack: 1, storm: 1}
        harm: basic_hours
    """,
    "raid": """
        name: {nl: Overval, en: Raid}
        available: {team: 3}
        attacker: {targets: 2, duration: 12h}
        harm: hours
    """,
    "clash": """
        name: {nl: Te weinig, en: Too little}
        available: {team: 3}
        limits: {team: {each: {at_least: 1}}, budget: {R1: {at_most: 500 kEUR}}}
        scenarios: {attack: 1}
    """,
    "secret": """
        name: {nl: Geheim, en: Secret}
        marking: TLP:AMBER
        available: {team: 1}
        scenarios: {attack: 1}
        harm: hours
    """,
    "faulty": """
        name: {nl: Fout, en: Wrong}
        available: {teem: 1}
        scenarios: {attack: 1}
    """,
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("world")
    folders = {"sectors": MODEL, "scenarios": yaml(SCENARIOS), "scenarios/capacity": yaml(CAPACITIES)}
    for folder, files in folders.items():
        (root / folder).mkdir()
        for name, text in files.items():
            (root / folder / name).write_text(dedent(text), "utf-8")
    return root


def yaml(texts: dict[str, str]) -> dict[str, str]:
    return {f"{name}.yaml": text for name, text in texts.items()}


@pytest.fixture
def protect(world: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command in the small world; it ends with the number given."""
    monkeypatch.chdir(world)
    monkeypatch.delenv("CASCADE_MODEL", raising=False)
    monkeypatch.delenv("CASCADE_LANG", raising=False)

    def run(*given: str, code: int = 0, lang: str = "en") -> Result:
        result = CliRunner().invoke(main, ["protect", *given, "--lang", lang])
        assert result.exit_code == code, (result.output, result.stderr, result.exception)
        return result

    return run


def test_without_a_name_what_is_at_hand_is_listed(protect: Any) -> None:
    text = protect().stdout
    assert all(name in text for name in CAPACITIES)
    assert "has faults; see cascade check" in text
    assert "cascade protect clash" in text


# 10 h: homes lose 9 h (the reserve lasts one) for 4,000 people, shops 10 h for 800 of them; in the storm homes 7 h. The best
# three guards: both of the south and cash; and the battery goes north, where it is worth most
@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("nl", ["Het plan (4 keuzes) brengt de schade van", "Bewezen: geen plan met deze capaciteit", "Wacht", "Zuid"]),
        ("en", ["The plan (4 choices) brings harm from", "Proven: no plan with this capacity", "Guard", "Zuid"]),
    ],
)
def test_it_says_what_goes_where_and_how_good_that_is(protect: Any, lang: str, said: list[str]) -> None:
    result = protect("guards", "--gap", "0%", lang=lang)
    text = " ".join(result.stdout.split())
    assert all(words in text for words in said)
    assert ("No candidate changes anything in: Nothing." in text) == (lang == "en")
    wrong = {"nl": ("without", "choices", " harm "), "en": ("zonder", "keuzes", " schade ")}
    assert not any(word in text for word in wrong[lang])


def test_all_shows_every_table(protect: Any) -> None:
    short, whole = protect("guards").stdout, protect("guards", "--all").stdout
    for key in ("protect_regions", "protect_importance", "protect_ladder"):
        title = words.WORDS[key][1]
        assert title not in short
        assert title in whole


def test_data_hold_the_plan_and_its_bound(protect: Any) -> None:
    data = json.loads(protect("guards", "--gap", "0%", "--format", "json").stdout)
    totals = data["totals"]
    assert totals["value"] <= totals["none"]
    assert totals["bound"] <= totals["value"]
    assert totals["bound"] == pytest.approx(totals["value"], rel=1e-5)
    assert totals["harm"] == {"hours": 1.0}
    assert data["weights"] == {"attack": 2, "storm": 1, "calm": 1}
    assert data["marking"] == "TLP:CLEAR"
    plan = {row["label"] for row in data["plan"]}
    assert {"guard: power@R2", "guard: water@R2"} <= plan
    (row, *_) = [row for row in data["plan"] if row["measure"] == "guard"]
    assert (row["units"], row["posts"], row["people_low"], row["people"], row["people_high"]) == (
        {"team": 1},
        1,
        6.6,
        7.3,
        8.2,
    )
    assert (row["lead_time_h"], row["article_13"], row["euros"]) == (24, "b", 1_000_000)
    assert "seconds" not in json.dumps(data)
    by_scenario = {row["scenario"]: row for row in data["scenarios"]}
    mean = sum(row["weight"] * row["after"] for row in by_scenario.values()) / 4
    assert mean == pytest.approx(totals["value"])


def test_one_table_as_csv(protect: Any, tmp_path: Path) -> None:
    text = protect("guards", "--table", "prices", "--format", "csv").stdout
    assert text.splitlines()[0].startswith("kind,step,available,used,change,least,most")
    assert {line.split(",")[0] for line in text.splitlines()[1:]} == {"team", "battery"}
    protect("guards", "--table", "plan", "--out", str(tmp_path / "plan.csv"))
    assert (tmp_path / "plan.csv").read_text("utf-8").startswith("rank,label,")


def test_a_folder_holds_everything_and_is_the_same_every_time(protect: Any, tmp_path: Path) -> None:
    for name in ("one", "two"):
        protect("guards", "--gap", "0%", "--pareto", "team", "--out", str(tmp_path / name), lang="nl")
    files = sorted(p.relative_to(tmp_path / "one").as_posix() for p in (tmp_path / "one").rglob("*") if p.is_file())
    assert {
        "plan.csv",
        "report.html",
        "manifest.json",
        "front.csv",
        "pictures/map.svg",
        "pictures/front.png",
        "pictures/front.pdf",
    } <= set(files)
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file
    manifest = json.loads((tmp_path / "one" / "manifest.json").read_text("utf-8"))
    capacity = hashlib.sha256(Path("scenarios/capacity/guards.yaml").read_bytes()).hexdigest()
    assert manifest["inputs"]["capacity/guards.yaml"] == capacity
    assert {f"scenarios/{name}.yaml" for name in SCENARIOS} <= set(manifest["inputs"])
    assert "sectors/measures.yaml" in manifest["inputs"]
    page = (tmp_path / "one" / "report.html").read_text("utf-8")
    assert "Wachten en accu&#39;s" in page
    assert "<script" not in page
    assert page.count("<svg") == 4


def test_one_kind_against_another(protect: Any) -> None:
    """Posts against batteries: none of either is no plan, and all of both is the plan itself."""
    text = protect("guards", "--gap", "0%", "--pareto", "team:battery", "--table", "tradeoff", "--format", "csv").stdout
    rows = list(csv.DictReader(text.splitlines()))
    assert {(row["one"], row["other"]) for row in rows} == {("team", "battery")}
    totals = protect("guards", "--gap", "0%", "--table", "totals", "--format", "json").stdout
    harms = [float(row["harm"]) for row in rows]
    most = max(rows, key=lambda row: (int(row["one_allowed"]), int(row["other_allowed"])))
    assert float(most["harm"]) == min(harms)
    assert f"{min(harms):.6g}"[:5] in totals
    assert "against itself" in protect("guards", "--pareto", "team:team", code=2).stderr


def test_a_folder_without_pictures(protect: Any, tmp_path: Path) -> None:
    protect("guards", "--no-picture", "--out", str(tmp_path / "plain"))
    assert not (tmp_path / "plain" / "pictures").exists()


def test_phases_and_what_they_cost(protect: Any) -> None:
    data = json.loads(protect("money", "--format", "json").stdout)
    assert [row["phase"] for row in data["phases"]] == ["2027", "2028"]
    assert "everything that the 2 phases bring together" in " ".join(protect("money").stdout.split())


def test_an_attacker_who_sees_the_plan(protect: Any, tmp_path: Path) -> None:
    data = json.loads(protect("raid", "--format", "json").stdout)
    assert data["defence"]["bound"] <= data["defence"]["after"]
    assert len(data["posts"]) <= 3
    assert "plan" not in data
    protect("raid", "--out", str(tmp_path / "raid"))
    assert (tmp_path / "raid" / "pictures" / "defence.svg").exists()
    page = (tmp_path / "raid" / "report.html").read_text("utf-8")
    assert "attacks simulated" in protect("raid").stdout
    assert "attacks simulated" not in page  # it tells how long that took
    assert "worst" in page
    assert "--pareto needs scenarios" in protect("raid", "--pareto", "team", code=2).stderr


def test_a_list_of_somebody_else(protect: Any, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.csv"
    theirs.write_text("process;region\ncash;\nwater;R1\n", "utf-8")
    data = json.loads(protect("guards", "--against", str(theirs), "--format", "json").stdout)
    assert [row["process"] for row in data["their-list"]] == ["cash", "water"]
    theirs.write_text("process;region\nwatr;R1\n", "utf-8")
    assert f"{theirs}:2:1" in protect("guards", "--against", str(theirs), code=3).stderr


def test_samples_are_told_with_their_seed(protect: Any) -> None:
    data = json.loads(protect("guards", "--samples", "3", "--seed", "5", "--format", "json").stdout)
    assert (data["samples"], data["seed"]) == (3, 5)
    assert [row["plan"] for row in data["fresh"]][:2] == ["none", "plan"]
    other = json.loads(protect("guards", "--samples", "3", "--seed", "6", "--format", "json").stdout)
    assert other["totals"]["none"] != data["totals"]["none"]


# ------------------------------------------------------------------ refusals and ends


def test_limits_that_clash_end_with_four_and_their_names(protect: Any) -> None:
    for lang, said in (("en", "Widen one"), ("nl", "Verruim er een")):
        result = protect("clash", code=4, lang=lang)
        assert result.stdout == ""
        assert "R1" in result.stderr
        assert said in result.stderr


def test_a_faulty_file_ends_with_three_and_the_place(protect: Any) -> None:
    text = protect("faulty", code=3).stderr
    assert text.startswith("scenarios/capacity/faulty.yaml:3:")
    assert "teem" in text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["nowhere"], "no capacity file 'nowhere'"),
        (["gards"], "did you mean 'guards'?"),
        (["guards", "--pareto", "tem"], "--pareto: no kind 'tem' in this capacity file; did you mean 'team'?"),
        (["guards", "--gap", "many"], "--gap 'many': write a share, such as 1%"),
        (["guards", "--gap", "100%"], "--gap '100%': write a share from 0 up to 100%, such as 1%"),
        (["guards", "--time", "5"], "--time: "),
    ],
)
def test_wrong_use_is_told_before_anything_is_computed(protect: Any, given: list[str], said: str) -> None:
    result = protect(*given, code=2)
    assert said in result.stderr
    assert result.stdout == ""


def test_the_highest_mark_is_carried(protect: Any, tmp_path: Path) -> None:
    assert "TLP:AMBER" in protect("secret").stdout.splitlines()[0]
    assert "TLP:RED" in protect("secret", "--marking", "TLP:RED").stdout.splitlines()[0]
    protect("secret", "--out", str(tmp_path / "plan"))
    assert (tmp_path / "plan" / "MARKING.txt").read_text("utf-8") == "TLP:AMBER\n"
    assert json.loads(protect("secret", "--format", "json").stdout)["marking"] == "TLP:AMBER"


def stopped(*_: Any, **__: Any) -> Any:
    raise KeyboardInterrupt


def test_an_interrupted_search_gives_the_plan_so_far(protect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Search, "gains", stopped)
    text = " ".join(protect("guards", code=130).stdout.split())
    assert "The plan (0 choices)" in text
    assert "Interrupted: this is the best plan so far with its bound" in text


def test_interrupted_questions_leave_the_plan(protect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = json.loads(protect("guards", "--gap", "0%", "--format", "json").stdout)
    monkeypatch.setattr(Asking, "prices", stopped)
    data = json.loads(protect("guards", "--gap", "0%", "--format", "json", code=130).stdout)
    assert {row["label"] for row in data["plan"]} >= {row["label"] for row in whole["plan"]}
    assert data["totals"]["value"] == whole["totals"]["value"]
    assert data["totals"]["interrupted"] is True
    assert "prices" not in data


def test_every_table_has_a_name_that_can_be_asked_for(protect: Any, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.csv"
    theirs.write_text("process\ncash\n", "utf-8")
    head = {"capacity", "weights", "samples", "seed", "marking"}
    asked = (
        ["guards", "--against", str(theirs), "--pareto", "team", "--samples", "2"],
        ["guards", "--pareto", "team:battery"],
        ["money"],
        ["raid"],
    )
    found = {name for given in asked for name in json.loads(protect(*given, "--format", "json").stdout)}
    assert found - head == set(PROTECT_TABLES) - {"capacities"}
