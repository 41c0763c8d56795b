"""From files to a model and back: what is read, what is refused before it can hurt, and where things are found."""

import dataclasses
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cascade.errors import DefinitionError, Places, UsageError, subject
from cascade.files import parsing, reading, tables
from cascade.files.checks import check_model
from cascade.files.reading import (
    SCHEMAS,
    find_model,
    find_scenario,
    input_of,
    load,
    load_scenario,
    read_as,
    read_scenario,
    resolved,
    resolved_scenario,
    schema,
)
from cascade.model import Assets, Links, Model, Need, Scenario, Supply
from cascade.units import FULL, HOUR, Uncertain, sure

DEFINITIONS = Path(__file__).parent / "definitions"
BASE = DEFINITIONS / "valid" / "base"
SCENARIO = DEFINITIONS / "valid" / "scenario.yaml"
ROOT = Path(__file__).parent.parent
SCENARIO_HEAD = "name: Proef\nhorizon: 1d\n"


@pytest.fixture(scope="module")
def model() -> Model:
    return load(BASE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(BASE, tmp_path / "model")
    return tmp_path / "model"


def problems_of(read: Callable[[], object]) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        read()
    return [str(problem).rpartition("/")[2] for problem in caught.value.problems]


def comparable(model: Model) -> Model:
    return dataclasses.replace(model, inputs=(), root="")


# what is read


def test_a_folder_becomes_a_model(model: Model) -> None:
    assert list(model.processes) == ["care", "clinics", "fuel", "grid", "mobile", "power", "stations"]
    assert list(model.sectors) == ["care", "energy", "telecom"]
    assert list(model.regions) == ["R1", "R2", "R3"]
    assert model.sector_of["mobile"] == "telecom"
    assert model.authority("care") == "VWS"
    assert model.authority("power") == "KGG"
    assert model.population == 300_010


def test_words_get_their_type_from_their_field(model: Model) -> None:
    assert model.processes["grid"].lists == {"nctv": "no", "cer": "1a", "nato": None}
    assert model.processes["power"].lists["nctv"] == "on"
    assert model.processes["power"].basic_need is True
    assert model.regions["R3"].population == 10
    assert model.regions["R3"].isolated is True
    assert model.info.version == "1.10"
    assert model.info.parameters["daily"].people == (10_000, 100_000)
    assert model.sources["own"].date == "2026-03-01"
    assert model.sources["1953"].note == "12:30"


def test_numbers_are_whole_and_may_be_uncertain(model: Model) -> None:
    power = model.processes["power"]
    assert power.people == Uncertain(9_000, 9_500, FULL)
    assert power.restart == Uncertain(60, 600, 5_400)
    needs = model.processes["care"].needs
    assert needs["power"].steps == (
        (sure(0), sure(500)),
        (Uncertain(28 * HOUR + 2_880, 72 * HOUR, 144 * HOUR), Uncertain(8_000, 9_000, FULL)),
    )
    assert needs["power"].response == {5_000: 8_000, 9_000: FULL}
    assert needs["data"].supplies == (Supply(id="mobile"), Supply(id="care@all", gives=3_000))
    assert needs["data"].loses == sure(3_500)
    assert model.processes["mobile"].needs["power"].supplies == (
        Supply(id="power", weight=6_000),
        Supply(id="grid", weight=4_000),
    )


def test_assets_are_sorted_and_their_sizes_whole(model: Model) -> None:
    assert model.assets["stations"] == Assets(
        ids=("s1", "s2", "s3"),
        names=("Eerste, oude", "Tweede", "s3"),
        regions=("R1", "R1", "R2"),
        capacities=(1_000, 125, 400),
        people=(900, 1_000, 0),
        locations=(None, (52.0, 4.25), (51.5, -0.125)),
    )
    assert model.assets["clinics"].capacities == (60, 40)
    assert model.links["clinics", "power"] == Links(("c1", "c1", "c2"), ("s1", "s2", "s3"), (75, 25, 100))


def test_a_scenario_is_read(model: Model) -> None:
    scenario = load_scenario(SCENARIO, model)
    storm, gas, last = scenario.events
    assert scenario.start is not None
    assert scenario.start.isoformat() == "2027-01-18T17:00:00+01:00"
    assert scenario.sources == ("1953",)
    assert storm.at == Uncertain(HOUR, 2 * HOUR, 3 * HOUR)
    assert storm.levels == {0: sure(0), 12 * HOUR: Uncertain(3_000, 4_000, 5_000), 36 * HOUR: sure(FULL)}
    assert gas.about is not None
    assert gas.about.nl == "Two lines,\nwritten out.\n"
    assert gas.for_ == sure(6 * HOUR)
    assert last.until == sure(72 * HOUR)


def test_the_order_and_names_of_files_do_not_matter(folder: Path, model: Model) -> None:
    (folder / "care.yaml").rename(folder / "zz.yaml")
    (folder / "telecom.yml").rename(folder / "aa.yml")
    regions = (folder / "regions.yaml").read_text().splitlines()
    (folder / "regions.yaml").write_text("\n".join(reversed(regions)))
    rows = (folder / "stations.csv").read_text().splitlines()
    (folder / "stations.csv").write_text("\r\n".join([rows[0], *reversed(rows[1:])]), newline="")
    again = load(folder)
    assert comparable(again) == comparable(model)
    assert list(again.regions) == list(model.regions)


def test_files_that_are_no_definitions_are_left_alone(folder: Path, model: Model) -> None:
    (folder / "README.md").write_text("- not: [yaml")
    (folder / ".hidden.yaml").write_text("{")
    (folder / "old.csv").write_text("x")
    (folder / "deeper").mkdir()
    (folder / "deeper" / "more.yaml").write_text("{")
    assert comparable(load(folder)) == comparable(model)


@pytest.mark.parametrize("kind", ["folder", "pipe", "broken link", "link out"])
def test_what_is_no_file_of_the_folder_is_not_left_out_in_silence(kind: str, folder: Path, tmp_path: Path) -> None:
    odd = folder / "odd.yaml"
    if kind == "folder":
        odd.mkdir()
    elif kind == "pipe":
        os.mkfifo(odd)
    else:
        (tmp_path / "elsewhere.txt").write_text("secret")
        odd.symlink_to(tmp_path / ("elsewhere.txt" if kind == "link out" else "nothing"))
    with pytest.raises(DefinitionError) as caught:
        load(folder)
    assert "odd.yaml: file: is no file of this folder - put the file itself here, or remove it" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("escape", ["\\e[31m", "\\u009b31m", "\\a", "\\u202e", "\\t", "\\r"])
def test_no_text_holds_what_a_terminal_would_obey(escape: str, folder: Path) -> None:
    own = (folder / "sources.yaml").read_text()
    (folder / "sources.yaml").write_text(own + f'bad: {{title: "x{escape}"}}\n')
    with pytest.raises(DefinitionError, match="the invisible character U"):
        load(folder)


def test_a_name_too_long_for_any_file_is_just_not_there() -> None:
    with pytest.raises(UsageError, match="no scenario 'x"):
        find_scenario("x" * 5000)
    with pytest.raises(UsageError, match="there is no folder"):
        find_model("x" * 5000)


def test_every_file_read_has_its_fingerprint(model: Model) -> None:
    assert [source.path for source in model.inputs] == [
        "authorities.yaml", "care.yaml", "clinics.csv", "energy.yaml", "feeds.csv", "hazards.yaml", "measures.yaml",
        "model.yaml", "regions.yaml", "sources.yaml", "stations.csv", "stocks.yaml", "telecom.yml",
    ]  # fmt: skip
    for source in model.inputs:
        assert source == input_of(BASE / source.path, source.path)
    assert read_scenario(SCENARIO, model).source == input_of(SCENARIO)
    with pytest.raises(UsageError, match="cannot be read"):
        input_of(BASE / "nothing.yaml")


def test_places_lead_back_to_the_file(model: Model) -> None:
    places = model.places
    file = (BASE / "care.yaml").as_posix()
    assert places.at("processes", "care", "needs", "power", "from") == (file, 12, 15)
    assert places.at("processes", "care", "needs", "power", "from", 0, "id") == (file, 12, 15)
    assert places.at("processes", "care", "needs", "power", key=True) == (file, 11, 7)
    assert places.at("processes", "care", "needs", "data", "any_of", 1, "id") == (file, 19, 31)
    assert places.at("regions", "R2", "tile", 1)[1:] == (2, 74)
    assert places.at("processes", "nobody") == ("processes", 0, 0)
    assert Places().at("model", "title") == ("model", 0, 0)
    assert subject(("processes", "care", "needs", "data", "any_of", 1)) == "care.needs.data.any_of[2]"


# back to text


def test_resolved_text_gives_the_same_model(model: Model, tmp_path: Path) -> None:
    for name, text in resolved(model).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    again = load(tmp_path)
    assert comparable(again) == comparable(model)
    assert resolved(again) == resolved(model)


def test_resolved_text_gives_the_same_shipped_model(tmp_path: Path) -> None:
    shipped = load(ROOT / "sectors")
    for name, text in resolved(shipped).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert comparable(load(tmp_path)) == comparable(shipped)


def test_resolved_scenario_gives_the_same_scenario(model: Model, tmp_path: Path) -> None:
    scenario = load_scenario(SCENARIO, model)
    (tmp_path / "s.yaml").write_text(resolved_scenario(scenario), encoding="utf-8")
    assert load_scenario(tmp_path / "s.yaml", model) == scenario


def test_resolved_text_writes_every_default_out(model: Model) -> None:
    text = resolved(model)["telecom.yaml"]
    assert "    restart: 0h\n" in text
    assert "          gives: 100%\n" in text
    assert "    passes_on_manipulation: false\n" in text
    assert "    restart: [1m, 10m, 90m]\n" in resolved(model)["energy.yaml"]


def test_a_sector_may_bear_the_name_of_another_file(folder: Path, tmp_path: Path) -> None:
    text = (folder / "care.yaml").read_text().replace("sector: care", "sector: regions")
    (folder / "care.yaml").write_text(text)
    again = tmp_path / "again"
    again.mkdir()
    for name, text in resolved(load(folder)).items():
        (again / name).write_text(text, encoding="utf-8")
    assert comparable(load(again)) == comparable(load(folder))


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=40).filter(
    lambda text: not parsing._HIDDEN.search(text)
)
traps = st.sampled_from(
    [
        "12:30",
        "no",
        "~",
        "null",
        "",
        "<<",
        "010",
        "1e3",
        "a: b",
        "# x",
        "- x",
        "&a",
        "*a",
        "!t",
        "@",
        "%",
        "x\n",
        " x ",
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from("abc"), words | traps | st.lists(words | traps, max_size=3)))
def test_any_text_survives_writing_and_reading(tmp_path: Path, data: dict[str, Any]) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(parsing.to_yaml(data).encode())
    document, _ = parsing.read_document(path, "x.yaml")
    assert document.problems == []
    assert document.data == data


durations = st.integers(0, 10**7)
triples = st.lists(durations, min_size=3, max_size=3).map(lambda three: Uncertain(*sorted(three)))
needs = st.builds(
    lambda endures, loses, kind: Need(from_=("grid",), endures=endures, loses=loses, kind=kind),
    st.none() | triples | durations.map(sure),
    st.none() | st.integers(0, FULL).map(sure),
    st.none() | st.sampled_from(["physical", "cyber"]),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["a", "b", "c-1", "5"]), needs, min_size=1))
def test_any_needs_survive_writing_and_reading(model: Model, tmp_path: Path, found: dict[str, Need]) -> None:
    care = model.processes["mobile"].model_copy(update={"needs": found})
    sector = model.sectors["telecom"].model_copy(
        update={"processes": model.sectors["telecom"].processes | {"mobile": care}}
    )
    path = tmp_path / "telecom.yaml"
    changed = dataclasses.replace(model, sectors={"telecom": sector})
    path.write_text(resolved(changed)["telecom.yaml"], encoding="utf-8")
    assert read_as(type(sector), path)[0] == sector


# refused before it can hurt


@pytest.mark.parametrize("piece", ["[", "{", "- ", "? ", "{a: ", "- [", "[{a: ["])
def test_a_hundred_thousand_levels_are_refused_at_once(piece: str, tmp_path: Path) -> None:
    (tmp_path / "deep.yaml").write_text(piece * 100_000)
    code = (
        "import sys\n"
        "from cascade.errors import DefinitionError\n"
        "from cascade.model import Scenario\n"
        "from cascade.files.reading import read_as\n"
        "try:\n"
        "    read_as(Scenario, sys.argv[1])\n"
        "except DefinitionError as error:\n"
        "    print(error)\n"
        "    sys.exit(3)\n"
    )
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "deep.yaml")],
        capture_output=True, text=True, timeout=60, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert done.stdout.startswith(f"{(tmp_path / 'deep.yaml').as_posix()}:1:")
    assert done.stdout.count("\n") == 1
    assert time.monotonic() - start < 5


PIECES = ["[", "]", "{", ": ", "- ", "~", '"', "\n", "\n  ", "&a ", "*a", "!!x ", "<<: ", "@", "#", "-1", "1e99", "%",
          "9" * 30, "\t", "\0", "[1h, 2h, 3h]", "{a: b}", "[]", "{}", "others", "@R1", "? ", "| ", "12:30", "\r"]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_damaged_files_are_refused_in_good_order(seed: int, folder: Path) -> None:
    rng = random.Random(seed)  # noqa: S311
    files = sorted(path for path in folder.iterdir())
    refused: list[DefinitionError] = []
    for _ in range(50):
        path = rng.choice(files)
        sound = path.read_text()
        word = rng.choice(list(re.finditer(r"[\w%.-]+", sound)))
        cut = rng.choice([word.start(), word.end()])
        path.write_text(sound[:cut] + rng.choice(PIECES) + sound[word.end() :])
        try:
            check_model(load(folder))
        except DefinitionError as error:
            refused.append(error)
        path.write_text(sound)
    assert len(refused) > 20
    assert all(problem.line > 0 and problem.remedy for error in refused for problem in error.problems)


@pytest.mark.parametrize("seed", range(4))
def test_damaged_scenarios_are_refused_in_good_order(seed: int, model: Model, tmp_path: Path) -> None:
    rng = random.Random(seed)  # noqa: S311
    sound = SCENARIO.read_text()
    refused: list[DefinitionError] = []
    for _ in range(50):
        text = sound
        for _ in range(rng.randint(1, 3)):
            word = rng.choice(list(re.finditer(r"[\w%.-]+", text)))
            text = text[: rng.choice([word.start(), word.end()])] + rng.choice(PIECES) + text[word.end() :]
        (tmp_path / "s.yaml").write_text(text)
        try:
            load_scenario(tmp_path / "s.yaml", model)
        except DefinitionError as error:
            refused.append(error)
    assert len(refused) > 20
    assert all(problem.line > 0 and problem.remedy for error in refused for problem in error.problems)
    # nothing is said about what stands in for a faulty name
    assert not any("no process 'x'" in problem.what for error in refused for problem in error.problems)


def small_caps(monkeypatch: pytest.MonkeyPatch, module: Any, **caps: int) -> None:
    for name, value in caps.items():
        monkeypatch.setattr(module, name, value)


def test_caps_on_size_and_number(tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(SCENARIO_HEAD + "sources: [" + "own, " * 500 + "]\n")
    small_caps(monkeypatch, parsing, MAX_NODES=100)
    assert problems_of(lambda: load_scenario(path, model)) == [
        "s.yaml:3:476: file: more than 100 values - split the file, or use a table"
    ]
    small_caps(monkeypatch, parsing, MAX_YAML=1_000)
    assert problems_of(lambda: load_scenario(path, model)) == [
        "s.yaml: file: is larger than 0 MB - split it into several files"
    ]


def test_a_large_file_is_read_in_seconds(tmp_path: Path, model: Model) -> None:
    events = "".join(f"- {{hits: power@R1, at: {i}s, level: 5%, for: 1h}}\n" for i in range(10_000))
    (tmp_path / "s.yaml").write_text(SCENARIO_HEAD + "events:\n" + events)
    start = time.monotonic()
    assert len(load_scenario(tmp_path / "s.yaml", model).events) == 10_000
    assert time.monotonic() - start < 15


def test_expansion_bombs_find_no_purchase(tmp_path: Path, model: Model) -> None:
    rows = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    rows += [f"{b}: &{b} [" + ", ".join([f"*{a}"] * 9) + "]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
    (tmp_path / "s.yaml").write_text("\n".join(rows))
    found = problems_of(lambda: load_scenario(tmp_path / "s.yaml", model))
    assert "s.yaml:1:4: a: an anchor &a - remove it, and write repeated values out" in found
    assert len(found) > 80


def test_reading_stops_after_a_thousand_faults_of_form(tmp_path: Path, model: Model) -> None:
    (tmp_path / "s.yaml").write_text(SCENARIO_HEAD + "marking: TLP:RED\n" * 50_000)
    assert len(problems_of(lambda: load_scenario(tmp_path / "s.yaml", model))) == 1_000


def test_many_faults_make_a_short_message(tmp_path: Path, model: Model) -> None:
    (tmp_path / "s.yaml").write_text(SCENARIO_HEAD + "sources:\n" + "- nobody\n" * 1_000)
    with pytest.raises(DefinitionError) as caught:
        load_scenario(tmp_path / "s.yaml", model)
    assert len(caught.value.problems) == 1_000
    assert str(caught.value).count("\n") == 200
    assert str(caught.value).endswith("... and 800 more")


def test_what_is_not_there_is_said(folder: Path, model: Model, tmp_path: Path) -> None:
    assert problems_of(lambda: load_scenario(tmp_path / "s.yaml", model)) == [
        "s.yaml: file: is not there, or is no file - check the name"
    ]
    with pytest.raises(UsageError, match="no such model folder"):
        load(tmp_path / "nowhere")
    (folder / "regions.yaml").unlink()
    (folder / "model.yml").write_text("title: Another\nversion: 1\n")
    assert problems_of(lambda: load(folder)) == [
        "model: folder: regions.yaml is missing - every model folder has model, regions and sources .yaml",
        "model.yml: file: stands beside model.yaml - remove one of the two",
    ]


def test_a_file_that_is_unreadable_hides_no_other_fault(folder: Path) -> None:
    (folder / "energy.yaml").write_text("sector: [\n")
    (folder / "telecom.yml").write_text((folder / "telecom.yml").read_text().replace("12.5%", "12.5"))
    # nothing is said about processes of the unreadable file that others need
    assert problems_of(lambda: load(folder)) == [
        "energy.yaml:2:1: file: a value is missing, or a bracket is never closed - write the value, or close it",
        "telecom.yml:10:38: mobile.needs.clock.loses: share '12.5' is above 1 - write 12.5% for per cent",
    ]


def test_a_faulty_need_is_left_out_and_the_rest_still_judged(folder: Path) -> None:
    text = (folder / "telecom.yml").read_text()
    (folder / "telecom.yml").write_text(text.replace("12.5%", "12.5").replace("[mobile, power@all]", "[mobil]"))
    assert problems_of(lambda: load(folder)) == [
        "telecom.yml:10:38: mobile.needs.clock.loses: share '12.5' is above 1 - write 12.5% for per cent",
        "telecom.yml:16:22: fuel.needs.order.from[1]: no process 'mobil' - did you mean 'mobile'?",
    ]


def test_faults_of_form_in_a_scenario_hide_no_unknown_names(model: Model, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("""\
name: Proef
horizon: 1x
events:
  - {id: a, hits: [mobil, {sctor: x}, power], level: 0%, repair: {crew: ship, work: 2d}}
  - {id: b, hits: grit, level: 200%}
  - {hit: power, level: 0%}
  - {hits: care@R9, level: 0%, for: 1h, until: 2h}
  - {hits: power, level: 0%, where: R8, repair: {crew: boat, work: 2x}}
  - a text
with_measures:
  - {measure: generatr, at: care, wher: [R1]}
observed:
  - {process: powr, lost: 200%}
""")
    assert problems_of(lambda: load_scenario(tmp_path / "s.yaml", model)) == [
        "s.yaml:2:10: horizon: '1x' is not a duration - write for example 30m, 6h, 3d, 2w or PT72H",
        "s.yaml:4:20: events[1].hits[1]: no process 'mobil' - did you mean 'mobile'?",
        "s.yaml:4:27: events[1].hits[2]: a mapping names no target - "
        "write a process id, {sector: ..}, {tag: ..} or {list: .., item: ..}",
        "s.yaml:4:73: events[1].repair.crew: crew 'ship' has no teams - add crews: {ship: 1}",
        "s.yaml:5:19: events[2].hits: no process 'grit' - did you mean 'grid'?",
        "s.yaml:5:32: events[2].level: share '200%' is outside 0% to 100% - correct it",
        "s.yaml:6:5: events[3]: field 'hits' is missing - write hits: ...",
        "s.yaml:6:6: events[3]: unknown field 'hit' - did you mean 'hits'?",
        "s.yaml:7:5: events[4]: an event ends in one way, here for and until - keep one",
        "s.yaml:7:12: events[4].hits: no region 'R9' - known: R1 (Noord), R2 (Zuid), R3 (Eiland)",
        "s.yaml:8:37: events[5].where: no region 'R8' - known: R1 (Noord), R2 (Zuid), R3 (Eiland)",
        "s.yaml:8:56: events[5].repair.crew: crew 'boat' has no teams - add crews: {boat: 1}",
        "s.yaml:8:68: events[5].repair.work: '2x' is not a duration - write for example 30m, 6h, 3d, 2w or PT72H",
        "s.yaml:9:5: events[6]: expected a mapping, got 'a text' - write name: value below it",
        "s.yaml:11:15: with_measures[1].measure: no measure 'generatr' - did you mean 'generator'?",
        "s.yaml:11:35: with_measures[1]: unknown field 'wher' - did you mean 'where'?",
        "s.yaml:13:15: observed[1].process: no process 'powr' - did you mean 'power'?",
        "s.yaml:13:27: observed[1].lost: share '200%' is outside 0% to 100% - correct it",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("crews: [ship]", "s.yaml:5:1: crews: expected a mapping, got a list - write name: value below it"),
        ("crews: {ship: 1.5}", "s.yaml:5:15: crews.ship: '1.5' is not a whole number - write it without points"),
    ],
)
def test_what_had_to_be_left_out_of_a_scenario_is_not_missed(
    text: str, says: str, model: Model, tmp_path: Path
) -> None:
    events = "events:\n  - {hits: power, level: 0%, repair: {crew: ship, work: 1h}}\n"
    (tmp_path / "s.yaml").write_text(SCENARIO_HEAD + events + text + "\n")
    assert problems_of(lambda: load_scenario(tmp_path / "s.yaml", model)) == [says]


def test_an_event_that_lost_its_name_or_repair_is_not_missed_in_the_order(model: Model, tmp_path: Path) -> None:
    head = SCENARIO_HEAD + "crews: {ship: 1}\nrepair_order: [a]\n"
    for name, repair in (("[a]", "repair"), ("a", "repiar")):
        event = f"events: [{{id: {name}, hits: power, level: 0%, {repair}: {{crew: ship, work: 1h}}}}]\n"
        (tmp_path / "s.yaml").write_text(head + event)
        assert len(problems_of(lambda: load_scenario(tmp_path / "s.yaml", model))) == 1
    (tmp_path / "s.yaml").write_text(
        head + "events: [{id: b, hits: power, level: 0x, repair: {crew: ship, work: 1h}}]\n"
    )
    assert "no event 'a'" in problems_of(lambda: load_scenario(tmp_path / "s.yaml", model))[0]


def test_an_unreadable_sector_hides_no_unknown_region_or_source(folder: Path) -> None:
    (folder / "care.yaml").write_text("sector: [\n")
    text = (folder / "telecom.yml").read_text()
    (folder / "telecom.yml").write_text(
        text.replace("power@all", "power@R9").replace("mobile:", "mobile:\n    source: nobody", 1)
    )
    said = problems_of(lambda: load(folder))
    assert said[0].startswith("care.yaml:2:1: file: a value is missing")
    assert [line.partition(": ")[2] for line in said[1:]] == [
        "mobile.source: no source 'nobody' - known: 1953, own",
        "fuel.needs.order.from[2]: no region 'R9' - known: R1 (Noord), R2 (Zuid), R3 (Eiland); or here, neighbours, all",
    ]


def test_a_process_that_contradicts_itself_hides_no_unknown_name(folder: Path) -> None:
    text = (folder / "telecom.yml").read_text()
    text = text.replace("[mobile, power@all]", "[mobil]").replace("  fuel:", "  fuel:\n    assets: x.csv")
    (folder / "telecom.yml").write_text(text)
    said = [line.partition(": ")[2] for line in problems_of(lambda: load(folder))]
    assert said == [
        "fuel: per stands beside assets - write one of the two",
        "fuel.needs.order.from[1]: no process 'mobil' - did you mean 'mobile'?",
    ]


NEAR = "no region {!r} - did you mean 'VR22' (Brabant-Zuidoost)?"


def test_a_region_by_its_name_is_led_to_its_code(model: Model, folder: Path, tmp_path: Path) -> None:
    info = model.regions["R1"].model_copy(update={"code": "VR22", "name": "Brabant-Zuidoost"})
    many = {f"VR{i:02}": info.model_copy(update={"code": f"VR{i:02}", "name": f"Streek {i}"}) for i in range(1, 26)}
    larger = dataclasses.replace(model, regions={**many, "VR22": info})
    for name in ("Brabant-Zuidoost", "brabant zuidoost", "Brabant Zuid-Oost"):
        text = f"events:\n  - {{hits: care, where: [{name}], level: 0%}}\n  - {{hits: care@{name}, level: 0%}}\n"
        (tmp_path / "s.yaml").write_text(SCENARIO_HEAD + text)
        said = problems_of(lambda: load_scenario(tmp_path / "s.yaml", larger))
        assert [line.partition(": ")[2].partition(": ")[2] for line in said] == [NEAR.format(name)] * 2
    (tmp_path / "s.yaml").write_text(SCENARIO_HEAD + "events:\n  - {hits: care, where: Eindhoven, level: 0%}\n")
    said = problems_of(lambda: load_scenario(tmp_path / "s.yaml", larger))
    assert "VR22 (Brabant-Zuidoost), VR23 (Streek 23), VR24 (Streek 24), VR25 (Streek 25)" in said[0]
    (folder / "regions.yaml").write_text(
        (folder / "regions.yaml").read_text().replace("R2", "VR22").replace("Zuid", "Brabant-Zuidoost")
    )
    (folder / "clinics.csv").write_text((folder / "clinics.csv").read_text().replace("R2", "VR22"))
    (folder / "stations.csv").write_text("id,region,share\na,Brabant Zuidoost,1\n")
    text = (folder / "telecom.yml").read_text()
    (folder / "telecom.yml").write_text(text.replace("power@all", "power@Brabant Zuidoost"))
    said = problems_of(lambda: load(folder))
    assert [line.partition(": ")[2] for line in said] == [
        f"region: {NEAR.format('Brabant Zuidoost')}",
        f"fuel.needs.order.from[2]: {NEAR.format('Brabant Zuidoost')}",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_table_may_not_lead_outside(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.csv").write_text((folder / "stations.csv").read_text())
    (folder / "stations.csv").unlink()
    (folder / "stations.csv").symlink_to(tmp_path / "outside.csv")
    assert problems_of(lambda: load(folder)) == [
        "energy.yaml:25:13: stations.assets: 'stations.csv' leads outside the model folder - "
        "put the file itself inside the folder"
    ]


def test_tables_have_caps_and_do_not_repeat_themselves(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_caps(monkeypatch, tables, MAX_ROWS=2)
    assert problems_of(lambda: load(folder)) == [
        "feeds.csv:4:1: table: more than 2 rows - split the process into several",
        "stations.csv:4:1: table: more than 2 rows - split the process into several",
    ]
    small_caps(monkeypatch, tables, MAX_ROWS=100, SHOWN_ROWS=2)
    (folder / "stations.csv").write_text("id,region,share\n" + "".join(f"s{i},R{i},1\n" for i in range(3, 10)))
    assert problems_of(lambda: load(folder)) == [
        "stations.csv:3:4: region: no region 'R4' - known: R1 (Noord), R2 (Zuid), R3 (Eiland)",
        "stations.csv:4:4: region: no region 'R5' - known: R1 (Noord), R2 (Zuid), R3 (Eiland)",
        "stations.csv:5:1: region: 4 more rows with faults of this kind, from here on - mend the ones above first",
    ]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"id,region,share\na,R1,\xff\n", "stations.csv:2:6: file: byte 0xff is not UTF-8 text"),
        (b"", "stations.csv:1:1: table: column 'id' is missing"),
        (b"id,region,share\na,R1,1\n\nb,R9,1\n", "stations.csv:4:3: region: no region 'R9'"),
        (b'id,region,name,share\na,R1,"x, y",0\n', "stations.csv:2:13: share: '0' is not a number above 0"),
        (b'id,region,share\na,R1,"1\n', "stations.csv:2:1: table: cannot be read as a table"),
        (b"id,region,share\na\0b,R1,1\n", "stations.csv:2:1: "),
    ],
)  # fmt: skip
def test_odd_tables_are_refused_with_their_place(folder: Path, data: bytes, says: str) -> None:
    (folder / "stations.csv").write_bytes(data)
    assert problems_of(lambda: load(folder))[0].startswith(says)


def test_a_byte_order_mark_is_no_fault_in_any_file(folder: Path, model: Model) -> None:
    for path in folder.iterdir():
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert comparable(load(folder)) == comparable(model)
    (folder / "care.yaml").write_bytes(b"\xef\xbb\xbf\xef\xbb\xbf" + (BASE / "care.yaml").read_bytes())
    assert problems_of(lambda: load(folder))[0].startswith("care.yaml:1:1: file: the invisible character U+FEFF")


COMMAS = "; write a point for the decimals, a decimal comma starts a new cell"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("id;region;share;lat;lon\na;R1;1;52,1;4.3\n", "2:8: lat: '52,1' has a decimal comma - write a point for the decimals, 52.1"),
        ("id;region;share\na;R1;0,5%\n", "2:6: share: '0,5%' has a decimal comma - write a point for the decimals, 0.5%"),
        ('id,region,share\na,R1,"0,5"\n', "2:6: share: '0,5' has a decimal comma - write a point for the decimals, 0.5"),
        ("id,region,share\na,R1,0,5\n", "2:1: table: 4 cells under 3 column names - give every row as many cells as the first line" + COMMAS),
        ("id,region,share\na,R1,0,x\n", "2:1: table: 4 cells under 3 column names - give every row as many cells as the first line"),
        ("id;region;share\na;R1;0;5\n", "2:1: table: 4 cells under 3 column names - give every row as many cells as the first line"),
    ],
)  # fmt: skip
def test_decimal_commas_in_tables_are_recognised(folder: Path, data: str, says: str) -> None:
    (folder / "stations.csv").write_text(data)
    assert problems_of(lambda: load(folder))[0] == f"stations.csv:{says}"


@pytest.mark.parametrize(
    "data",
    [
        "id;region;share\na;R1;12\nb;R2;3\n",
        "id,region,share\r\na,R1,12.5%\r\n",
        '\ufeff"id";"region";"name"\n"a";"R1";"x: y"\n',
        "id;name;url\na;x: y;http://x\n",
    ],
)
def test_a_table_saved_as_yaml_is_recognised(data: str, folder: Path, model: Model) -> None:
    says = (
        "file: this looks like a CSV table - save it as .csv, and name it under assets: or by_table: in a sector file"
    )
    (folder / "table.yaml").write_bytes(data.encode())
    assert problems_of(lambda: load(folder)) == [f"table.yaml:1:1: {says}"]
    assert problems_of(lambda: load_scenario(folder / "table.yaml", model)) == [f"table.yaml:1:1: {says}"]


def test_a_list_of_words_is_no_table(folder: Path) -> None:
    for text in ("just words, and more\n", "a, b\nc\n", "a; b: c\n"):
        (folder / "table.yaml").write_text(text)
        assert "CSV" not in problems_of(lambda: load(folder))[0]


def test_a_table_from_a_spreadsheet_is_read(folder: Path, model: Model) -> None:
    text = (folder / "stations.csv").read_text().replace("Eerste, oude", "Eerste; oude").replace(",", ";")
    text = text.replace("Eerste; oude", "Eerste, oude")
    (folder / "stations.csv").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert load(folder).assets == model.assets


def test_a_hundred_thousand_assets_are_read_in_seconds(tmp_path: Path) -> None:
    rows = "".join(f"a{i},R{i % 3},{i % 7 + 1}.5,{i}\n" for i in range(100_000))
    (tmp_path / "many.csv").write_text("id,region,capacity,people\n" + rows)
    start = time.monotonic()
    found, source, problems = tables.read_assets(tmp_path, "many.csv", ("x", 1, 1), "x", ["R0", "R1", "R2"])
    assert time.monotonic() - start < 10
    assert problems == []
    assert source is not None
    assert found is not None
    assert found.ids[:2] == ("a0", "a10002")
    assert found.capacities[:2] == (15, 75)


# finding


def test_the_model_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CASCADE_MODEL", raising=False)
    assert find_model() == ROOT / "sectors"
    (tmp_path / "sectors").mkdir()
    assert find_model() == ROOT / "sectors"  # an empty folder of that name is no model
    (tmp_path / "sectors" / "model.yaml").touch()
    assert find_model() == Path("sectors")
    monkeypatch.setenv("CASCADE_MODEL", str(BASE))
    assert find_model() == BASE
    assert find_model(str(tmp_path)) == tmp_path
    with pytest.raises(UsageError, match="--model: there is no folder 'nowhere'"):
        find_model("nowhere")
    monkeypatch.setenv("CASCADE_MODEL", "gone")
    with pytest.raises(UsageError, match="CASCADE_MODEL: there is no folder 'gone'"):
        find_model()


def test_a_scenario_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere" / "scenarios").mkdir(parents=True)
    beside = tmp_path / "elsewhere" / "scenarios" / "big-storm.yaml"
    beside.touch()
    found = tmp_path / "elsewhere" / "model"
    assert find_scenario("big-storm", found) == beside
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "big-storm.yaml").touch()
    assert find_scenario("big-storm", found) == Path("scenarios") / "big-storm.yaml"
    assert find_scenario("big-storm.yaml") == Path("scenarios") / "big-storm.yaml"
    assert find_scenario(str(beside)) == beside
    with pytest.raises(UsageError, match=r"no scenario 'big-strom'; did you mean 'big-storm'\?"):
        find_scenario("big-strom")
    with pytest.raises(UsageError, match=r"no scenario '\.\./scenarios/nothing'"):
        find_scenario("../scenarios/nothing")


# schemas


class Plain(yaml.SafeLoader):
    """YAML as editors read it: numbers, true and false; no dates, no clock times, no yes and no."""


Plain.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$", "-+0123456789"),
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
):
    Plain.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


def as_editors_see(path: Path) -> Any:
    def keys_as_text(node: Any) -> Any:
        if isinstance(node, dict):
            return {str(key): keys_as_text(value) for key, value in node.items()}
        return [keys_as_text(value) for value in node] if isinstance(node, list) else node

    return keys_as_text(yaml.load(path.read_text(encoding="utf-8"), Loader=Plain))


@pytest.mark.parametrize("kind", SCHEMAS)
def test_schemas_accept_what_is_sound(kind: str, model: Model, tmp_path: Path) -> None:
    described = schema(kind)
    jsonschema.Draft202012Validator.check_schema(described)
    check = jsonschema.Draft202012Validator(described)
    folders = [BASE, ROOT / "sectors"]
    others = ("model", "regions", "sources", "measures", "stocks", "hazards", "authorities")
    if kind == "scenario":
        files = [SCENARIO, *sorted((ROOT / "scenarios").glob("*.yaml"))]
    elif kind == "sector":
        files = [f for folder in folders for f in sorted(folder.glob("*.y*ml")) if f.stem not in others]
    elif kind == "capacity":
        files = [SCENARIO.with_name("capacity.yaml"), *sorted((ROOT / "scenarios" / "capacity").glob("*.yaml"))]
    elif kind == "phrases":
        files = [f for f in sorted((ROOT / "scenarios" / kind).glob("*.yaml")) if f.stem != "general"]
    elif kind == "injects":
        files = sorted((ROOT / "scenarios" / kind).glob("*.yaml"))
    else:
        files = [folder / f"{kind}.yaml" for folder in folders]
    for name, text in (resolved(model) | {"scenario.yaml": resolved_scenario(load_scenario(SCENARIO, model))}).items():
        if name == f"{kind}.yaml" or (kind == "sector" and name in ("care.yaml", "energy.yaml")):
            (tmp_path / name).write_text(text, encoding="utf-8")
            files.append(tmp_path / name)
    for file in files:
        assert [f"{file.name}: {e.json_path}: {e.message}" for e in check.iter_errors(as_editors_see(file))] == []


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("sector", {"sector": "x", "name": "X", "processes": {"a": {"name": "A", "peopel": 1}}}),
        ("sector", {"sector": "x", "name": {"nl": "X"}, "processes": {"a": {"name": "A"}}}),
        ("sector", {"sector": "x", "name": "X", "processes": {"a": {"name": "A", "restart": 4}}}),
        ("sector", {"sector": "x", "name": "X", "processes": {"a": {"name": "A", "restart": ["1h", "2h"]}}}),
        ("scenario", {"name": "X"}),
        ("scenario", {"name": "X", "horizon": "2,5d"}),
        ("scenario", {"name": "X", "horizon": "3 months"}),
        ("scenario", {"name": "X", "horizon": "5d", "events": [{"hits": {"process": "a"}}]}),
        ("regions", {"code": "R1"}),
        ("sources", {"a b": {"title": "X"}}),
        ("measures", {"a": {"name": "A", "lever": "hope"}}),
        ("model", {"title": "X", "version": "1", "weight": 5}),
        ("capacity", {"name": "X", "available": {"generator": "few"}}),
        ("capacity", {"name": "X", "limits": {"generator": {"each": {"at_mots": 1}}}}),
        ("capacity", {"name": "X", "harm": "fear"}),
        ("capacity", {"name": "X", "budget": 70}),
    ],
)
def test_schemas_refuse_what_is_not(kind: str, data: Any) -> None:
    assert not jsonschema.Draft202012Validator(schema(kind)).is_valid(data)


@pytest.mark.parametrize("text", ["12u", "36 uur", "20 dagen", "1 week 2 days", "1d 12h", "PT72H", "90min"])
def test_schemas_accept_every_way_to_write_a_duration(text: str) -> None:
    assert jsonschema.Draft202012Validator(schema("scenario")).is_valid({"name": "X", "horizon": text})


def test_schemas_describe_their_fields() -> None:
    process = schema("sector")["$defs"]["Process"]["properties"]
    assert process["people"]["description"] == "Share of the inhabitants who rely on it."
    assert "weight" not in schema("sector")["$defs"]["Supply"]["properties"]
    with pytest.raises(UsageError, match="no schema 'sectors'; did you mean 'sector'"):
        schema("sectors")


def test_a_scenario_needs_no_model_to_be_made_by_hand() -> None:
    assert Scenario(name="X", horizon="1d").horizon == 24 * HOUR  # type: ignore[arg-type]


def test_nothing_is_read_twice_by_one_name(folder: Path) -> None:
    assert reading.MAX_FILES >= 100
    text = (folder / "energy.yaml").read_text()
    (folder / "energy.yaml").write_text(text + "  more:\n    name: Meer\n    assets: stations.csv\n")
    again = load(folder)
    assert again.assets["more"] == again.assets["stations"]
    assert len(again.inputs) == 13
