"""The commands as a user meets them: exit codes, what is said in Dutch and English, and the same as data."""

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cascade import words
from cascade.cli import GRAPH_KINDS, RUN_TABLES, SCHEMA_KINDS, main
from cascade.telling.talk import Talk

MODEL = {
    "model.yaml": """
        title: {nl: Klein land, en: Small country}
        version: "1"
        parameters:
          anv-3.1: {title: {nl: Kosten, en: Costs}, criterion: "3.1", measure: costs, limits: [50 MEUR], scores: [A, B]}
          labels: {title: x, labels: {A: {nl: beperkt, en: limited}, B: {nl: erg, en: bad}}}
    """,
    "regions.yaml": """
        - {code: R1, name: Noord, population: 1000, neighbours: [R2]}
        - {code: R2, name: Zuid, population: 3000, neighbours: [R1]}
    """,
    "sources.yaml": "HAND: {title: A handbook, publisher: A press, date: 2020}",
    "energy.yaml": """
        sector: energy
        name: {nl: Energie, en: Energy}
        authority: KGG
        processes:
          grid: {name: {nl: Stroomnet, en: Power grid}, restart: 1h, people: 100%, basic_need: true, cost_per_day: 2 MEUR}
          clock: {name: {nl: Klok, en: Clock}}
          time:
            name: {nl: Tijd, en: Time}
            passes_on_manipulation: true
            needs: {signal: {from: clock, if_manipulated: {level: 100%, noticed_after: 9h}}}
          diesel: {name: {nl: Diesel, en: Diesel}}
    """,
    "care.yaml": """
        sector: care
        name: {nl: Zorg, en: Care}
        processes:
          hospital:
            name: {nl: Ziekenhuis (groot), en: Hospital (large)}
            per: region
            people: 10%
            basic_need: true
            cost_per_day: 1 MEUR
            needs:
              power:
                from: grid
                use: {nl: operaties, en: surgery}
                fades: {0h: 10%, 6h: 80%}
                sustained_by: diesel
                source: HAND
                confidence: high
              time:
                from: time
                if_manipulated: {level: 70%, noticed_after: 9h}
                endures: 2d
          records:
            name: {nl: Dossiers, en: Records}
            needs:
              power: {any_of: [grid, {id: diesel, gives: 60%}], endures: 2h, source: HAND}
    """,
}
SCENARIOS = {
    "dark": """
        name: {nl: Stroom weg, en: Power gone}
        start: 2027-01-18T17:00+01:00
        horizon: 2d
        events:
          - {about: {nl: Kabel stuk, en: Cable broken}, hits: grid, level: 0%, for: 12h, source: HAND, confidence: low}
          - {hits: diesel, level: 0%, for: 12h}
    """,
    "darker": """
        name: {nl: Langer weg, en: Gone for longer}
        horizon: 2d
        events:
          - {hits: grid, level: 0%, for: 24h}
          - {hits: diesel, level: 0%, for: 12h}
    """,
    "calm": "{name: {nl: Niets, en: Nothing}, horizon: 2d, events: [{hits: grid, at: 3d, level: 0%}]}",
    "false-time": "{name: {nl: Valse tijd, en: False time}, horizon: 2d, events: [{hits: clock, manipulated: true, for: 6h}]}",
    "queue": """
        name: {nl: Reparatie, en: Repair}
        horizon: 2d
        crews: {ship: 1}
        events: [{hits: [grid, diesel], level: 0%, repair: {crew: ship, work: 5h}}]
    """,
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("world")
    for folder, files in (("sectors", MODEL), ("scenarios", {f"{k}.yaml": v for k, v in SCENARIOS.items()})):
        (root / folder).mkdir()
        for name, text in files.items():
            (root / folder / name).write_text(_dedent(text), encoding="utf-8")
    return root


def _dedent(text: str) -> str:
    lines = text.strip("\n").split("\n")
    margin = len(lines[0]) - len(lines[0].lstrip())
    return "\n".join(line[margin:] for line in lines) + "\n"


@pytest.fixture
def cascade(world: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command in the small world."""
    monkeypatch.chdir(world)
    monkeypatch.delenv("CASCADE_MODEL", raising=False)
    monkeypatch.delenv("CASCADE_LANG", raising=False)
    monkeypatch.setenv("LC_ALL", "C")

    def run(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, list(words))
        assert result.exit_code == code, (result.output, result.exception)
        return result

    return run


def _json(result: Result) -> Any:
    return json.loads(result.stdout)


# ---------------------------------------------------------------- help


def test_help_loads_nothing_heavy() -> None:
    """`cascade --help` must be instant: none of the libraries that take time to load."""
    heavy = "numpy pandas numba pydantic yaml rich matplotlib networkx jinja2 scipy"
    code = (
        "import sys\nfrom cascade.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as end:\n    assert not end.code\n"
        f"found = sorted(set({heavy.split()!r}) & set(sys.modules))\nassert not found, found\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Start here" in done.stdout


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_has_help_with_an_example(cascade: Any, name: str) -> None:
    text = cascade(name, "--help").stdout
    assert re.search(rf"Examples?:\n +cascade {name}", text)
    assert name in cascade("--help").stdout


def test_version(cascade: Any) -> None:
    assert re.fullmatch(r"cascade, version \d+\.\d+\.\d+\n", cascade("--version").stdout)


# ---------------------------------------------------------------- run


def test_run_in_english(cascade: Any) -> None:
    text = cascade("run", "dark").stdout
    assert text.startswith("Power gone ")
    assert "Mon 18 January 2027 17:00" in text
    assert re.search(r"Most people without a basic need at one moment +4,000 \(100% of all inhabitants\)", text)
    # the grid is down for 12 h and starts for 1 h: 13 h of 2 MEUR a day, and the hospitals for 13 h of 1 MEUR
    assert re.search(r"Cost in this period +€ 1.\d\d M", text)
    # 10 % at once, and 80 % after six hours: the diesel is gone too
    assert re.search(r"0 h +Hospital.*everywhere +90% +20% +6 h +Power grid", text)
    assert re.search(r"2 h +Records +national +0% +0% +2 h +Power grid", text)


def test_run_in_dutch(cascade: Any) -> None:
    text = cascade("run", "dark", "--lang", "nl").stdout
    assert text.startswith("Stroom weg ")
    assert "ma 18 januari 2027 17:00" in text
    assert re.search(r"Meeste mensen zonder een eerste levensbehoefte +4\.000 \(100% van de inwoners\)", text)
    assert re.search(r"0 u +Ziekenhuis.*overal +90% +20% +6 u +Stroomnet", text)
    assert "Power" not in text


def test_language_comes_from_the_surroundings(cascade: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "nl_NL.UTF-8")
    assert cascade("run", "dark").stdout.startswith("Stroom weg")
    monkeypatch.setenv("CASCADE_LANG", "en")
    assert cascade("run", "dark").stdout.startswith("Power gone")


def test_run_as_data_says_what_the_table_says(cascade: Any) -> None:
    data = _json(cascade("run", "dark", "--format", "json"))
    text = cascade("run", "dark", "--all").stdout
    assert set(RUN_TABLES) < set(data)
    assert (data["marking"], data["scenario"]) == ("TLP:CLEAR", "scenarios/dark.yaml")
    totals = data["totals"]
    assert words.euros(totals["cost_eur"], "en") in text
    assert words.large(totals["basic_person_h"], "en") in text
    for row in data["sectors"]:
        line = next(line for line in text.splitlines() if line.startswith(row["name"]))
        assert f"{row['processes_hit']} of {row['processes']}" in line
        assert words.share(row["lowest"], "en") in line
        assert row["person_h"] == 0 or words.large(row["person_h"], "en") in line
    assert [r["people"] for r in data["regions"]] == [1000, 3000]
    hospital = next(r for r in data["effects"] if r["process"] == "hospital")
    assert (hospital["first_level"], hospital["lowest"], hospital["lowest_h"]) == (0.9, 0.2, 6.0)
    assert hospital["supplier"] == "grid"
    # what an event hits is no knock-on effect
    assert {r["process"] for r in data["effects"]} == {"hospital", "records"}


@pytest.mark.parametrize("name", RUN_TABLES)
def test_csv_and_json_agree(cascade: Any, name: str) -> None:
    data = _json(cascade("run", "queue", "--format", "json", "--table", name))[name]
    rows = list(csv.DictReader(io.StringIO(cascade("run", "queue", "--format", "csv", "--table", name).stdout)))
    if isinstance(data, dict):
        data = [{"key": key, "value": value} for key, value in data.items()]
    assert rows == [{k: "" if v is None else str(v) for k, v in row.items()} for row in data]


def test_csv_gives_one_table_and_says_so(cascade: Any) -> None:
    result = cascade("run", "dark", "--format", "csv")
    assert result.stdout.startswith("key,value\n")
    assert "--table: anv, events" in result.stderr


def test_run_lists_the_scenarios_at_hand(cascade: Any) -> None:
    text = cascade("run", "--lang", "nl").stdout
    assert all(name in text for name in SCENARIOS)
    assert "cascade run calm" in text


def test_a_faulty_scenario_does_not_hide_the_others(cascade: Any, world: Path) -> None:
    faulty = world / "scenarios" / "faulty.yaml"
    faulty.write_text("{name: x}")
    try:
        text = cascade("run").stdout
    finally:
        faulty.unlink()
    assert re.search(r"faulty +\(faulty; see cascade check\)", text)
    assert "dark " in text


def test_a_run_without_effect_says_so(cascade: Any) -> None:
    assert "no effect at all" in cascade("run", "calm").stdout


def test_a_run_that_harms_nobody_draws_no_empty_map(cascade: Any, tmp_path: Path) -> None:
    quiet = tmp_path / "quiet.yaml"
    quiet.write_text("{name: x, horizon: 1d, events: [{hits: records, level: 0%, for: 6h}]}")
    text = cascade("run", str(quiet)).stdout
    assert "In no region anyone lacks a basic need." in text
    assert "Noord" not in text
    assert re.search(r"Care +1 of 2 +0 h +\d+% +- +- +- +6 h", text)


def test_repairs_wait_for_the_one_crew(cascade: Any) -> None:
    text = cascade("run", "queue").stdout
    # jobs are taken in the order of the instances: diesel first, then the grid
    assert re.search(r"Diesel +ship +0 h +0 h +5 h\n *Power grid +ship +5 h +5 h +10 h", text)


def test_locked_groups_are_named(cascade: Any, tmp_path: Path, world: Path) -> None:
    """Two processes that need each other do not come back by themselves."""
    folder = _copy_of_model(world, tmp_path)
    (folder / "energy.yaml").write_text(
        (folder / "energy.yaml").read_text() + "  pump: {name: Pump, needs: {x: {from: valve}}}\n"
        "  valve: {name: Valve, needs: {x: {from: pump}}}\n"
    )
    scenario = tmp_path / "push.yaml"
    scenario.write_text("{name: Push, horizon: 1d, events: [{hits: pump, level: 0%, for: 1h}]}")
    text = cascade("run", str(scenario), "--model", str(folder)).stdout
    assert "Does not come back by itself" in text
    assert "Pump; Valve" in text


def _copy_of_model(world: Path, to: Path) -> Path:
    folder = to / "sectors"
    folder.mkdir()
    for file in (world / "sectors").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


COMMANDS = (
    ("run",),
    ("run", "dark", "--all"),
    ("run", "false-time"),
    ("show",),
    ("show", "hospital"),
    ("explain", "dark", "hospital"),
    ("explain", "false-time", "hospital@Zuid"),
    ("compare", "dark", "darker"),
)


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_plain_text_fits_in_a_hundred_columns(cascade: Any, command: tuple[str, ...], lang: str) -> None:
    text = cascade(*command, "--lang", lang).stdout
    assert max(len(line) for line in text.splitlines()) <= 100
    assert "\x1b" not in text
    assert not [line for line in text.splitlines() if line != line.rstrip()]


def test_run_writes_a_report(cascade: Any, tmp_path: Path) -> None:
    result = cascade("run", "dark", "--out", str(tmp_path / "report"), "--no-picture")
    assert (tmp_path / "report" / "report.html").is_file()
    assert "report.html" in result.stderr
    manifest = json.loads((tmp_path / "report" / "manifest.json").read_text(encoding="utf-8"))
    assert "scenarios/dark.yaml" in json.dumps(manifest)


# ---------------------------------------------------------------- wrong use and faulty input


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("run", "drak"), "did you mean 'dark'"),
        (("show", "hospitl"), "did you mean 'hospital'"),
        (("explain", "dark", "hospital@Noordd"), "did you mean 'Noord'"),
        (("explain", "dark", "grid@R1"), "national process"),
        (("explain", "dark", "hospital", "--at", "6"), "needs a unit"),
        (("run", "dark", "--model", "nowhere"), "no folder 'nowhere'"),
        (("compare", "dark", "sectors"), "not one of each"),
        (("graph", "png"), "needs a file"),
        (("graph", "--sector", "enrgy"), "did you mean 'energy'"),
        (("graph", "--out", "x.doc"), "no kind of graph 'doc'"),
        (("run", "dark", "--marking", "TLP:PURPLE"), "is no marking"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_use_ends_in_two(cascade: Any, command: tuple[str, ...], said: str) -> None:
    result = cascade(*command, code=2)
    assert said in result.stderr
    assert "Traceback" not in result.output
    assert result.stdout == ""


def test_faulty_input_ends_in_three_with_its_place(cascade: Any, tmp_path: Path) -> None:
    faulty = tmp_path / "faulty.yaml"
    faulty.write_text("name: x\nhorizon: 2d\nevents:\n  - {hits: gird, level: 0%}\n")
    result = cascade("run", str(faulty), code=3)
    assert re.search(r"faulty.yaml:4:\d+: .*gird.* - did you mean 'grid'", result.stderr)
    assert result.stdout == ""


def test_check_shows_all_faults_and_warnings(cascade: Any, tmp_path: Path, world: Path) -> None:
    folder = _copy_of_model(world, tmp_path)
    care = (folder / "care.yaml").read_text()
    (folder / "care.yaml").write_text(care.replace("from: grid", "from: gird").replace("endures: 2d", "endures: 2"))
    result = cascade("check", str(folder), code=3)
    assert "no process 'gird'" in result.stdout
    assert "'2' needs a unit" in result.stdout
    assert "2 faults." in result.stdout
    data = _json(cascade("check", str(folder), "--format", "json", code=3))
    assert data["faults"] == 2 == len([p for p in data["problems"] if p["severity"] == "fault"])


def test_check_counts_what_the_model_holds(cascade: Any) -> None:
    data = _json(cascade("check", "--format", "json"))
    counts = data["counts"]
    assert (counts["processes"], counts["regional"], counts["copies"]) == (6, 1, 7)
    assert (counts["needs"], counts["needs_high"], counts["scenarios"]) == (4, 1, len(SCENARIOS))
    assert data["faults"] == 0
    assert data["warnings"] == len(data["problems"]) > 0
    assert re.search(r"processes +6\n", cascade("check").stdout)


def test_check_is_strict_on_request(cascade: Any) -> None:
    assert "warnings, no faults" in cascade("check").stdout
    cascade("check", "--strict", code=3)


def test_check_takes_one_scenario(cascade: Any, tmp_path: Path) -> None:
    faulty = tmp_path / "faulty.yaml"
    faulty.write_text("{name: x, horizon: 2d, events: [{hits: gird, level: 0%}]}")
    assert "gird" in cascade("check", "--scenario", str(faulty), code=3).stdout


def test_interruption_ends_in_130(cascade: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: Talk) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Talk, "load", interrupt)
    assert "interrupted" in cascade("show", code=130).stderr


# ---------------------------------------------------------------- show, explain


def test_show_says_what_a_process_needs(cascade: Any) -> None:
    text = cascade("show", "hospital").stdout
    assert text.startswith("Hospital (large)")
    for said in (
        "surgery",
        "10% lost at once",
        "80% lost after 6 h",
        "longer with Diesel",
        "high: HAND",
        "A handbook",
    ):
        assert said in text
    assert "in each of 2 regions" in text


def test_show_takes_a_name_in_any_language(cascade: Any) -> None:
    assert "na 6 u 80% weg" in cascade("show", "ziekenhuis (groot)", "--lang", "nl").stdout


def test_show_says_who_needs_it_soonest_first(cascade: Any) -> None:
    rows = _json(cascade("show", "grid", "--format", "json"))["consumers"]
    assert [(r["consumer"], r["first_h"], r["lost"]) for r in rows] == [
        ("hospital", 0.0, 0.8),
        ("records", 2.0, 1.0),
    ]
    refilled = _json(cascade("show", "diesel", "--format", "json"))["consumers"]
    assert [(r["consumer"], r["refills"], r["first_h"]) for r in refilled] == [
        ("records", False, 2.0),
        ("hospital", True, 6.0),
    ]
    text = cascade("show", "grid").stdout
    assert "It needs nothing in this model." in text
    assert re.search(r"2 h +100% lost after 2 h +records +Records +power +Diesel \(at most 60%\)", text)


def test_show_lists_all(cascade: Any) -> None:
    rows = list(csv.DictReader(io.StringIO(cascade("show", "--format", "csv").stdout)))
    assert [(r["process"], r["consumers"]) for r in rows if r["sector"] == "energy"] == [
        ("grid", "2"), ("clock", "1"), ("time", "1"), ("diesel", "2"),
    ]  # fmt: skip


def test_explain_follows_the_chain_to_the_event(cascade: Any) -> None:
    text = cascade("explain", "dark", "hospital@R2").stdout
    assert text.startswith("Why Hospital (large), Zuid is down to 20%")
    assert "1  Hospital (large), Zuid: 20% from 6 h (Mon 23:00)" in text
    assert "lack of Power grid; needed for: surgery" in text
    assert "short for 6 h; after 6 h without, 80% is lost" in text
    assert "Diesel (0%)" in text
    assert "confidence high; A handbook [HAND]" in text
    assert "2  Power grid: 0% from 0 h" in text
    assert "event 1 of the scenario: Cable broken" in text
    dutch = cascade("explain", "dark", "hospital@Zuid", "--lang", "nl").stdout
    assert "gebeurtenis 1 van het scenario: Kabel stuk" in dutch


def test_explain_as_data(cascade: Any) -> None:
    data = _json(cascade("explain", "dark", "hospital@Zuid", "--format", "json"))
    assert data["instance"] == "hospital@R2"
    first, second = data["chain"]
    assert (first["level"], first["since_h"], first["supplier"], first["confidence"]) == (
        0.2,
        6.0,
        "grid",
        "high",
    )
    assert (first["sustained_level"], first["short_since_h"], first["supplier_level"]) == (0.0, 0.0, 0.0)
    assert (second["instance"], second["because"], second["event"]) == ("grid", "event", 1)
    assert data["course"][-1] == {"time_h": 13.0, "level": 1.0}


def test_explain_names_the_stand_ins(cascade: Any) -> None:
    assert re.search(r"stand-ins +Diesel \(0%\)", cascade("explain", "dark", "records").stdout)


def test_explain_at_another_moment(cascade: Any) -> None:
    assert "is down to 90%" in cascade("explain", "dark", "hospital", "--at", "1h").stdout


def test_explain_follows_a_wrong_signal(cascade: Any) -> None:
    """The hospital believes a clock that is wrong two steps away."""
    text = cascade("explain", "false-time", "hospital@R1").stdout
    assert "is down to 70%" in text
    assert "misled by Time, which gives a wrong signal" in text
    assert "3  Clock: gives a wrong signal" in text
    assert "event 1 of the scenario: Clock" in text


def test_explain_says_when_nothing_is_wrong(cascade: Any) -> None:
    assert "keeps working in full" in cascade("explain", "calm", "hospital").stdout


# ---------------------------------------------------------------- graph, schema, compare


@pytest.mark.parametrize("kind", GRAPH_KINDS)
def test_graph_writes_every_kind(cascade: Any, tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"graph.{kind}"
    assert str(file) in cascade("graph", "--out", str(file)).stderr
    assert file.stat().st_size > 200


def test_graph_of_processes_of_copies_and_of_a_sector(cascade: Any) -> None:
    edges = [line.split(",")[:2] for line in cascade("graph").stdout.splitlines()[1:]]
    assert ["grid", "hospital"] in edges
    assert ["grid", "hospital@R2"] in [
        line.split(",")[:2] for line in cascade("graph", "--of", "copies").stdout.splitlines()
    ]
    assert [line.split(",")[:2] for line in cascade("graph", "--sector", "energy").stdout.splitlines()[1:]] == [
        ["clock", "time"]
    ]


def test_schema(cascade: Any, tmp_path: Path) -> None:
    assert cascade("schema").stdout.split() == list(SCHEMA_KINDS)
    assert "processes" in _json(cascade("schema", "sector"))["properties"]
    cascade("schema", "--out", str(tmp_path))
    assert len(list(tmp_path.glob("cascade-*.json"))) == len(SCHEMA_KINDS)


def test_schema_kinds_are_those_of_reading() -> None:
    """The command names them itself, to keep its help fast."""
    from cascade.files.reading import SCHEMAS

    assert SCHEMA_KINDS == SCHEMAS


def test_compare_two_scenarios(cascade: Any) -> None:
    data = _json(cascade("compare", "dark", "darker", "--format", "json"))
    totals = {row["what"]: row for row in data["totals"]}
    assert totals["cost_eur"]["difference"] == totals["cost_eur"]["b"] - totals["cost_eur"]["a"] > 0
    # 12 h longer without power for 4,000 people
    grid = next(row for row in data["processes"] if row["process"] == "grid")
    assert grid["person_h_difference"] == 48_000
    assert re.search(r"Power grid +52,000 +100,000 +\+48,000", cascade("compare", "dark", "darker").stdout)


def test_compare_a_thing_with_itself(cascade: Any) -> None:
    assert "No difference." in cascade("compare", "sectors", "sectors").stdout


def test_compare_two_models_on_a_scenario(cascade: Any, tmp_path: Path, world: Path) -> None:
    folder = _copy_of_model(world, tmp_path)
    (folder / "care.yaml").write_text((folder / "care.yaml").read_text().replace("6h: 80%", "6h: 90%"))
    text = cascade("compare", "sectors", str(folder), "--scenario", "dark").stdout
    assert re.search(r"changed +need +hospital / power", text)
    assert re.search(r"Hospital.*20% +10%", text)


# ---------------------------------------------------------------- marking, files


def test_marking_is_raised_and_shown(cascade: Any) -> None:
    assert cascade("run", "dark", "--marking", "tlp:amber").stdout.splitlines()[0].endswith("TLP:AMBER")
    assert (
        _json(cascade("show", "grid", "--format", "json", "--marking", "Dep. V."))["marking"] == "TLP:CLEAR / Dep. V."
    )


def test_marking_is_never_lowered(cascade: Any, tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text("{name: x, horizon: 1d, marking: 'TLP:RED', events: [{hits: grid, level: 0%}]}")
    result = cascade("run", str(secret), "--marking", "TLP:GREEN")
    assert result.stdout.splitlines()[0].endswith("TLP:RED")
    assert "stays TLP:RED" in result.stderr


def test_an_answer_goes_to_a_file(cascade: Any, tmp_path: Path) -> None:
    file = tmp_path / "grid.txt"
    result = cascade("show", "grid", "--out", str(file))
    assert result.stdout == ""
    assert str(file) in result.stderr
    assert file.read_text(encoding="utf-8") == cascade("show", "grid").stdout


def test_csv_cells_are_no_formulas(cascade: Any, tmp_path: Path) -> None:
    sly = tmp_path / "sly.yaml"
    sly.write_text("{name: x, horizon: 1d, events: [{about: '=1+1', hits: grid, level: 0%}]}")
    assert ",'=1+1," not in cascade("run", str(sly), "--format", "json").stdout
    assert "'=1+1" in cascade("run", str(sly), "--format", "csv", "--table", "events").stdout


# ---------------------------------------------------------------- words


def test_both_languages_have_the_same_blanks() -> None:
    for key, (dutch, english) in words.WORDS.items():
        blanks = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (dutch, english)]
        assert blanks[0] == blanks[1], key


def test_every_word_is_used() -> None:
    folder = Path(words.__file__).parent
    text = "".join(
        p.read_text(encoding="utf-8")
        for p in sorted(folder.rglob("*"))
        if p.suffix in (".py", ".html") and p.name != "words.py"
    )
    named = set(re.findall(r"""["'](\w+)["']""", text)) | {"million", "billion"}
    # keys made of a fixed part and a value: f"rule_{...}", f"{...}_head"
    made = [
        re.sub(r"\{[^{}]*\}", r"[\\w+-]*", pattern)
        for pattern in re.findall(r"""f["']((?:\w|\{[^{}]*\})+)["']""", text)
        if len(re.sub(r"\{[^{}]*\}", "", pattern)) >= 4
    ]
    unused = [key for key in words.WORDS if key not in named and not any(re.fullmatch(p, key) for p in made)]
    assert unused == []


@pytest.mark.parametrize(
    ("seconds", "dutch", "english"),
    [
        (0, "0 u", "0 h"),
        (45, "45 s", "45 s"),
        (1800, "30 min", "30 min"),
        (5400, "1 u 30 min", "1 h 30 min"),
        (86399, "1 d", "1 d"),
        (129600, "1 d 12 u", "1 d 12 h"),
    ],
)
def test_durations_read_well(seconds: int, dutch: str, english: str) -> None:
    assert (words.duration(seconds, "nl"), words.duration(seconds, "en")) == (dutch, english)


def test_numbers_carry_the_marks_of_their_language() -> None:
    assert (words.number(1234.5, "nl", 1), words.number(1234.5, "en", 1)) == ("1.234,5", "1,234.5")
    assert (words.large(17_947_000, "nl"), words.large(999_499, "en")) == ("17,9 mln", "999,499")
    assert [words.large(v, "en") for v in (999_500, 999_999_999)] == ["1.00 M", "1.00 bn"]
    assert [words.share(v, "en") for v in (0, 0.001, 0.5, 0.999, 1)] == ["0%", "<1%", "50%", ">99%", "100%"]


def test_names_are_shortened_at_their_brackets_first() -> None:
    assert words.clipped("Gases (oxygen, nitrogen)", 20) == "Gases"
    assert words.clipped("Something very long", 10) == "Something…"
    assert words.clipped("Short (x)", 20) == "Short (x)"


# ---------------------------------------------------------------- one table, one file, one region


@pytest.mark.parametrize(
    "command",
    [("run", "dark"), ("show", "hospital"), ("show",), ("explain", "dark", "hospital"), ("compare", "dark", "darker"),
     ("compare", "sectors", "sectors", "--scenario", "dark"), ("check",), ("run",)],
    ids=" ".join,
)  # fmt: skip
def test_every_table_named_in_the_hint_can_be_had(cascade: Any, command: tuple[str, ...]) -> None:
    result = cascade(*command, "--format", "csv")
    named = re.findall(r"one table at a time: ([\w-]+)\. Others with --table: (.*)\.", result.stderr)
    names = [named[0][0], *named[0][1].split(", ")] if named else []
    assert len(names) > 1 or command in (("show",), ("run",))
    texts = [cascade(*command, "--format", "csv", "--table", name).stdout for name in names]
    assert texts[:1] == ([result.stdout] if names else [])
    assert len(set(texts)) == len(names)
    for name in names:
        assert name in _json(cascade(*command, "--format", "json", "--table", name))
        cascade(*command, "--table", name)


def test_a_table_that_an_answer_does_not_have_is_refused(cascade: Any) -> None:
    assert "there is: processes" in cascade("show", "--table", "needs", code=2).stderr


def test_an_ending_or_a_table_means_one_file(cascade: Any, tmp_path: Path) -> None:
    for name, more in (
        ("a.csv", ()),
        ("b.json", ()),
        ("c.csv", ("--table", "sectors")),
        ("d.txt", ("--table", "sectors")),
    ):
        result = cascade("run", "dark", "--out", str(tmp_path / name), *more)
        assert (tmp_path / name).is_file()
        assert result.stdout == ""
    assert (tmp_path / "a.csv").read_text().startswith("key,value\n")
    assert "totals" in json.loads((tmp_path / "b.json").read_text())
    assert (tmp_path / "c.csv").read_text().startswith("sector,")
    assert "leave one of them out" in cascade("run", "dark", "--out", "x.csv", "--format", "json", code=2).stderr


def test_a_target_is_looked_at_before_anything_is_computed(
    cascade: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Talk, "load", lambda _: pytest.fail("computed first"))
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.csv").mkdir()
    for out, said in (("file", "is a file"), ("folder.csv", "is a folder"), ("file/deeper", "no folder")):
        result = cascade("run", "dark", "--out", str(tmp_path / out), code=2)
        assert said in result.stderr
        assert result.stdout == ""
    assert "no folder" in cascade("show", "grid", "--out", str(tmp_path / "file" / "x.txt"), code=2).stderr


def test_the_page_for_the_planner_is_at_hand(cascade: Any, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "{name: x, horizon: 1d, exercise: {nl: 'Doel. Oefenen.', en: \"Aim. Practise.\\n\\nFirst hour. Wait.\"},"
        " events: [{hits: grid, level: 0%}]}"
    )
    assert "--table exercise" in cascade("run", str(own)).stdout
    assert "--table exercise" not in cascade("run", "dark").stdout
    text = cascade("run", str(own), "--table", "exercise").stdout
    assert "For the exercise planner" in text
    assert "First hour. Wait." in text
    assert len(_json(cascade("run", str(own), "--format", "json"))["exercise"]) == 2


def test_the_course_is_a_mean_over_people(cascade: Any) -> None:
    rows = {r["process"]: r for r in _json(cascade("run", "dark", "--format", "json"))["course"]}
    assert set(rows) == {"grid", "diesel", "hospital", "records"}
    hours = (0, 1, 2, 4, 6, 12, 24)
    assert [k for k in rows["hospital"] if k.startswith("level")] == [f"level_{h}h" for h in hours]
    assert [rows["hospital"][f"level_{h}h"] for h in hours] == [0.9, 0.9, 0.9, 0.9, 0.2, 0.2, 1.0]
    assert re.search(r"Hospital \(large\) +90% +90% +90% +90% +20%", cascade("run", "dark", "--table", "course").stdout)


def test_a_run_for_one_region(cascade: Any, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "{name: x, horizon: 1d, events: [{hits: hospital@R1, level: 50%, for: 2h}, {hits: diesel, level: 0%}]}"
    )
    whole = _json(cascade("run", str(own), "--format", "json"))
    data = _json(cascade("run", str(own), "--region", "noord", "--format", "json"))
    assert data["regions"] == whole["regions"][:1]
    assert [r["level_0h"] for r in data["course"] if r["process"] == "hospital"] == [0.5]
    assert [r["level_0h"] for r in whole["course"] if r["process"] == "hospital"] == [0.875]
    assert data["totals"]["basic_people_peak"] == whole["totals"]["basic_people_peak"] == 50
    other = _json(cascade("run", str(own), "--region", "R2", "--format", "json"))
    assert [r["process"] for r in other["course"]] == ["diesel"]
    assert [e["what"] for e in other["events"]] == ["Diesel"]
    both = _json(cascade("run", str(own), "--region", "R2", "--region", "R1", "--format", "json"))
    assert both["course"] == whole["course"]
    text = cascade("run", str(own), "--region", "R1").stdout
    assert "Only in Noord" in text
    assert "Course by process" in text
    assert "Zuid" not in text
    assert "did you mean 'Noord'" in cascade("run", "dark", "--region", "Nord", code=2).stderr
    cascade("run", str(own), "--region", "R1", "--out", str(tmp_path / "report"))
    levels = (tmp_path / "report" / "levels.csv").read_text()
    assert "hospital@R1" in levels
    assert "hospital@R2" not in levels


def test_costs_of_regions_add_up(cascade: Any) -> None:
    costs = [_json(cascade("run", "dark", *more, "--format", "json"))["totals"]["cost_eur"]
             for more in ((), ("--region", "R1"), ("--region", "R2"))]  # fmt: skip
    assert costs[0] > 0
    assert costs[1] + costs[2] == pytest.approx(costs[0], abs=2)


def test_trifles_count_as_none(cascade: Any, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "{name: x, horizon: 1d, events: [{hits: grid, level: 99.95%, for: 2h}, {hits: hospital, level: 50%, for: 1h, where: R1}]}"
    )
    line = next(x for x in cascade("run", str(own)).stdout.splitlines() if x.startswith("Zuid "))
    assert set(line.split()[1]) == {"·"}
    assert re.search(r"Zuid +3,000 +- +- +- +- +-", cascade("run", str(own), "--table", "regions").stdout)


# ---------------------------------------------------------------- what a reader needs


def test_a_lack_in_many_regions_is_said_of_all(cascade: Any, tmp_path: Path, world: Path) -> None:
    folder = _copy_of_model(world, tmp_path)
    (folder / "care.yaml").write_text(
        (folder / "care.yaml").read_text() + "  centre: {name: Centre, needs: {h: {from: hospital}}}\n"
    )
    text = cascade("explain", "dark", "centre", "--model", str(folder)).stdout
    assert "lack of Hospital (large) in all 2 regions (largest share: Zuid" in text
    part = tmp_path / "part.yaml"
    part.write_text("{name: x, horizon: 1d, events: [{hits: hospital@R1, level: 0%}]}")
    text = cascade("explain", str(part), "centre", "--model", str(folder)).stdout
    assert "in 1 of 2 regions (largest share: Noord)" in text


def test_a_course_merges_moments_and_drops_small_steps(cascade: Any, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    steps = "{0h: 10%, 24h: 20%, 24h 10m: 30%, 30h: 30.5%, 37h 5m: 60%, 40h: 100%}"
    own.write_text(f"{{name: x, horizon: 2d, events: [{{hits: clock, levels: {steps}}}]}}")
    text = " ".join(cascade("explain", str(own), "clock").stdout.split())
    assert "Course 0 h: 10% → 1 d: 30% → 1 d 13 h: 60% → 1 d 16 h: 100%" in text


def test_show_gives_ids_and_takes_a_beginning(cascade: Any) -> None:
    text = cascade("show", "hosp").stdout
    assert "Power grid [grid]" in text
    assert "[diesel]" in text
    assert cascade("show", "zieken", "--lang", "nl").stdout.startswith("Ziekenhuis")
    assert "several processes: diesel, records" in cascade("show", "d", code=2).stderr


def test_no_word_is_broken_while_there_is_room() -> None:
    from cascade.telling.screen import Column, Screen, Table

    long = "elektriciteitsvoorziening " * 3
    columns = tuple(Column(k, k) for k in "abcd")
    screen = Screen("nl", plain=True)
    screen.table(Table("t", "", columns, [dict.fromkeys("abcd", "kort woord en meer tekst " * 3) | {"b": long}]))
    assert "elektriciteitsvoorziening" in screen.text()


def test_a_check_of_a_file_names_its_folder(cascade: Any) -> None:
    said = cascade("check", "sectors/care.yaml", code=2).stderr
    assert "is a file" in said
    assert "cascade check sectors" in said


def test_one_fault_is_one_fault_and_no_inventory_follows(cascade: Any, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("{name: x, horizon: 1d, events: [{hits: nothing, level: 0%}]}")
    text = cascade("check", "--scenario", str(own), "--lang", "nl", code=3).stdout
    assert text.rstrip().endswith("1 fout.")
    assert "Wat er in het model staat" not in text


def test_markings_in_full_and_without_their_family(cascade: Any) -> None:
    first = cascade("run", "dark", "--marking", "Departementaal Vertrouwelijk").stdout.splitlines()[0]
    assert first.endswith("Dep. V.")
    assert "did you mean 'TLP:AMBER'" in cascade("run", "dark", "--marking", "amber", code=2).stderr


def test_a_basic_need_is_what_to_ask_about(cascade: Any, tmp_path: Path, world: Path) -> None:
    folder = _copy_of_model(world, tmp_path)
    (folder / "care.yaml").write_text(
        (folder / "care.yaml").read_text() + "  office: {name: Office, people: 90%, needs: {p: {from: grid}}}\n"
    )
    text = cascade("run", "dark", "--model", str(folder)).stdout
    assert re.search(r"cascade explain dark hospital\s+--model\s", text)


def test_a_column_has_one_unit() -> None:
    from cascade.telling.columns import Column, Table

    table = Table("t", "", (Column("n", "N", "large"), Column("e", "E", "money")), [
        {"n": 1_040_000_000, "e": 2e6}, {"n": 24_048, "e": 24_048}, {"n": 0, "e": 1}, {"n": None, "e": None},
    ])  # fmt: skip
    shown = [[table.show(c, row, "en") for c in table.columns] for row in table.rows]
    assert shown == [["1,040 M", "€ 2.00 M"], ["<1 M", "€ 0.02 M"], ["-", "€ <0.01 M"], ["", ""]]


def test_an_empty_target_is_refused(cascade: Any) -> None:
    assert "name a file or a folder" in cascade("show", "--out", "", code=2).output


def test_a_full_device_is_said_without_a_traceback() -> None:
    if not Path("/dev/full").exists():  # not on every system
        return
    code = "import sys; from cascade.cli import main; sys.argv = ['cascade', 'show']; main()"
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-c", code], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert "No space left on device" in done.stderr
    assert done.returncode == 2


def test_many_events_are_listed_up_to_a_limit(cascade: Any, world: Path) -> None:
    event = "  - {hits: grid, at: %dh, level: 50%%, for: 1h}\n"
    many = "name: Many\nhorizon: 100h\nevents:\n" + "".join(event % (2 * n) for n in range(40))
    (world / "many.yaml").write_text(many)
    assert "The first 30 of 40; all with --all." in cascade("run", "many.yaml", "--lang", "en").stdout
    assert "The first" not in cascade("run", "many.yaml", "--all", "--lang", "en").stdout
    assert len(_json(cascade("run", "many.yaml", "--table", "events", "--all", "--format", "json"))["events"]) == 40
