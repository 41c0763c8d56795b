"""Capacity files: what they say, what is wrong with them, and what a measure costs where."""

import dataclasses
import hashlib
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cascade
from cascade.cli import main
from cascade.errors import DefinitionError, UsageError
from cascade.files.checks import check_capacity
from cascade.files.reading import capacity_files, find_capacity, load, read_capacity, resolved_capacity
from cascade.model import HARMS, Capacity, Measure, Model, cost_at
from cascade.units import DAY, FULL, HOUR, WEEK, Uncertain

ROOT = Path(__file__).parent.parent
VALID = Path(__file__).parent / "definitions" / "valid"
FILE = VALID / "capacity.yaml"


@pytest.fixture(scope="module")
def model() -> Model:
    return load(VALID / "base")


@pytest.fixture(scope="module")
def capacity(model: Model) -> Capacity:
    return cascade.load_capacity(FILE, model)


def made(**fields: object) -> Capacity:
    return Capacity.model_validate({"name": "X", "attacker": {"targets": "1"}, **fields})


def faults(text: str, folder: Path, model: Model) -> list[str]:
    (folder / "c.yaml").write_text(text)
    with pytest.raises(DefinitionError) as caught:
        read_capacity(folder / "c.yaml", model)
    return [str(problem).rpartition("/")[2] for problem in caught.value.problems]


def call(*words: str) -> Result:
    return CliRunner().invoke(main, list(words), catch_exceptions=False)


def test_every_field_means_what_it_says(capacity: Capacity) -> None:
    assert (capacity.name.nl, capacity.name.en) == ("Proef", "Trial")
    assert (capacity.marking, capacity.sources) == ("TLP:AMBER", ("own",))
    assert capacity.budget == 1_000_000
    assert capacity.ready_within == 26 * WEEK
    assert capacity.scenarios == {"hybrid-campaign": 2, "national-power-outage": 0.5}
    assert capacity.harm == {"basic_hours": 1, "euros": 0.01}
    assert capacity.tail == FULL // 10
    assert capacity.attacker is not None
    attacker = capacity.attacker
    assert (attacker.targets, attacker.duration, attacker.most) == (2, DAY, 10)
    assert (attacker.processes, attacker.where) == (("care", "power"), ("R1",))
    assert capacity.manning["generator"].posts == 0
    assert capacity.manning["generator"].people == Uncertain(FULL, 3 * FULL // 2, 3 * FULL)
    assert capacity.candidates is not None
    assert (capacity.candidates[0].at, capacity.candidates[0].where) == (None, None)
    assert (capacity.candidates[1].at, capacity.candidates[1].where) == (("power",), ("R1", "R3"))
    assert capacity.excludes[0][0].at == ("care",)
    assert capacity.placed[0].measure == "guard"


def test_what_is_left_out() -> None:
    bare = made()
    assert bare.harm == {"basic_hours": 1}
    assert bare.attacker is not None
    assert (bare.attacker.duration, bare.attacker.most, bare.attacker.processes) == (72 * HOUR, 100, None)
    assert (bare.budget, bare.money(), bare.candidates, bare.tail, bare.ready_within) == (None, None, None, None, None)
    assert (bare.kinds, bare.units("generator")) == ((), {})


def test_units_by_place_and_phase(capacity: Capacity) -> None:
    assert capacity.kinds == ("generator",)
    assert capacity.units("generator") == {"R2": 3, "national": 2}
    assert capacity.units("generator", 1) == {"R2": 3, "national": 3}
    assert capacity.units("generator", 2) == {"R1": 2, "R2": 3, "national": 3}
    assert list(capacity.units("generator", 2)) == ["R1", "R2", "national"]
    assert capacity.units("guard-team", 2) == {}
    assert [capacity.money(n) for n in (0, 1, 2)] == [1_000_000, 1_200_000, 1_200_000]


def test_money_that_comes_later_is_no_money_now() -> None:
    later = made(phases=[{"name": "2027", "budget": "5 MEUR"}])
    assert [later.money(n) for n in (0, 1)] == [0, 5_000_000]


def test_a_region_has_its_own_limits_and_else_those_of_each(capacity: Capacity) -> None:
    own, other = capacity.limit("generator", "R2"), capacity.limit("generator", "R1")
    assert own is not None
    assert other is not None
    assert (own.at_least, own.at_most) == (1, 4)
    assert (other.at_least, other.at_most) == (None, 2)
    half = made(limits={"generator": {"each": {"at_least": "1", "at_most": "3"}, "R2": {"at_most": "5"}}}).limit(
        "generator", "R2"
    )
    assert half is not None
    assert (half.at_least, half.at_most) == (1, 5)
    assert capacity.limit("guard-team", "R1") is None
    money = capacity.limit("budget", "R3")
    assert money is not None
    assert money.at_most == 500_000


def measure(**fields: object) -> Measure:
    text = {"name": "m", "lever": "robustness", "applies_to": {"processes": ["p"]}, "effect": {"prevents": "50%"}}
    return Measure.model_validate({**text, **fields})


def test_what_can_be_chosen() -> None:
    units, money = made(available={"crew": "2"}), made(budget="1 MEUR")
    later = made(phases=[{"name": "x", "available": {"ship": "1"}}])
    crew, both = measure(takes={"crew": "1"}), measure(takes={"crew": "1", "ship": "1"})
    priced = measure(takes={"ship": "1"}, national_cost="1 MEUR")
    assert [units.usable(m) for m in (crew, both, priced, measure())] == [True, False, False, True]
    assert [money.usable(m) for m in (crew, both, priced)] == [False, False, True]
    assert [later.usable(m) for m in (crew, both, priced)] == [False, False, True]


def test_writing_it_back_gives_an_equal_one(capacity: Capacity, model: Model, tmp_path: Path) -> None:
    files = [FILE, *capacity_files(ROOT / "sectors").values()]
    assert len(files) > 4
    for file in files:
        whole = model if file == FILE else load(ROOT / "sectors")
        read = cascade.load_capacity(file, whole)
        (tmp_path / "again.yaml").write_text(resolved_capacity(read), encoding="utf-8")
        assert cascade.load_capacity(tmp_path / "again.yaml", whole) == read


def test_a_file_is_known_by_its_bytes(model: Model) -> None:
    file = read_capacity(FILE, model)
    assert file.source.path == FILE.as_posix()
    assert file.source.sha256 == hashlib.sha256(FILE.read_bytes()).hexdigest()
    assert file.places.at("capacity", "budget") == (FILE.as_posix(), 7, 9)


def test_loading_takes_a_name_as_well() -> None:
    whole = load(ROOT / "sectors")
    by_name = cascade.load_capacity("attacker", whole)
    assert by_name == cascade.load_capacity(ROOT / "scenarios" / "capacity" / "attacker.yaml", whole)
    with pytest.raises(UsageError, match="no capacity file 'nowhere"):
        cascade.load_capacity("nowhere/mine.yaml", whole)


def test_found_by_name_beside_the_scenarios(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_capacity("attacker").stem == "attacker"
    assert find_capacity("attacker.yaml") == find_capacity("attacker")
    assert find_capacity(str(FILE)) == FILE
    monkeypatch.chdir(tmp_path)
    assert find_capacity("attacker").is_file()  # those that come with the program
    (tmp_path / "scenarios" / "capacity").mkdir(parents=True)
    own = tmp_path / "scenarios" / "capacity" / "attacker.yaml"
    own.write_text("name: Own\n")
    assert find_capacity("attacker").resolve() == own
    with pytest.raises(UsageError, match=r"^no capacity file 'atacker'; did you mean 'attacker'\?$"):
        find_capacity("atacker")
    with pytest.raises(UsageError, match="scenarios is a folder; name a capacity file in it"):
        find_capacity("scenarios")
    assert "attacker" in capacity_files(beside_only=False)


def test_all_faults_come_at_once(tmp_path: Path, model: Model) -> None:
    text = """name: Proef
available: {genrator: 3, generator: many}
limits:
  generator: {each: {at_most: few}, R9: {at_least: 1}}
candidates:
  - {measure: generator, at: [1x, caer]}
  - {measure: gard}
  - {at: [care], where: [R8]}
scenarios: {hybrid-campain: 1, hybrid-campaign: none}
attacker: {targets: 5, processes: [car]}
harm: fear
phases:
  - {name: a}
  - {name: b, available: {genrators: 1}}
"""
    places = [found.split(": ")[0] for found in faults(text, tmp_path, model)]
    assert places == [
        "c.yaml:2:13", "c.yaml:2:37", "c.yaml:4:31", "c.yaml:4:37", "c.yaml:6:31", "c.yaml:6:35", "c.yaml:7:15",
        "c.yaml:8:5", "c.yaml:8:26", "c.yaml:9:13", "c.yaml:9:49", "c.yaml:10:21", "c.yaml:10:36", "c.yaml:11:7",
        "c.yaml:13:5", "c.yaml:14:27",
    ]  # fmt: skip


def test_faults_of_what_stands_in_are_not_told(tmp_path: Path, model: Model) -> None:
    text = "name: X\nattacker: {targets: 1}\n"
    assert len(faults(text + "candidates: [5, {measure: guard}]\n", tmp_path, model)) == 1
    assert len(faults(text + "excludes: [[{at: care}, {measure: guard}]]\n", tmp_path, model)) == 1
    assert len(faults(text + "phases: 3\n", tmp_path, model)) == 1
    assert len(faults("- a list\n", tmp_path, model)) == 1
    assert len(faults("attacker: 3\nname: X\n", tmp_path, model)) == 1
    assert len(faults("", tmp_path, model)) == 1


def test_a_minimum_counts_units_of_the_region_first(tmp_path: Path, model: Model) -> None:
    """R2 has three of its own and needs one; R1 and R3 take the two that can be used anywhere."""
    text = "name: X\nattacker: {targets: 1}\navailable: {generator: {national: 2, R2: 3}}\n"
    (tmp_path / "c.yaml").write_text(text + "limits: {generator: {each: {at_least: 1}}}\n")
    read_capacity(tmp_path / "c.yaml", model)
    (found,) = faults(text + "limits: {generator: {each: {at_least: 1}, R2: {at_least: 4}}}\n", tmp_path, model)
    assert "takes 3 that can be used anywhere, and there are 2" in found


def test_a_minimum_may_be_met_by_a_later_phase_or_bought(tmp_path: Path, model: Model) -> None:
    limits = "limits: {generator: {each: {at_least: 1}}}\n"
    for means in ("phases: [{name: a, available: {generator: 3}}]\n", "budget: 1 MEUR\n"):
        (tmp_path / "c.yaml").write_text("name: X\nattacker: {targets: 1}\n" + limits + means)
        read_capacity(tmp_path / "c.yaml", model)
    (found,) = faults(
        "name: X\nattacker: {targets: 1}\nphases: [{name: a, available: {generator: 2}}]\n" + limits, tmp_path, model
    )
    assert found.startswith("c.yaml:4:10: limits.generator: the regions have to get 3 of 'generator' in all")


def test_without_a_list_of_scenarios_their_names_are_not_judged(model: Model) -> None:
    unknown = made(scenarios={"x": "1"}, budget="1 MEUR")
    assert check_capacity(unknown, model) == []
    (problem,) = check_capacity(unknown, model, scenarios=["y"])
    assert str(problem) == "capacity: scenarios.x: no scenario 'x' - known: y"


def test_a_national_measure_in_a_region_is_refused_without_a_process_too(model: Model) -> None:
    only = dataclasses.replace(model, measures={"fence": measure(applies_to={"processes": ["grid"]})})
    case = made(candidates=[{"measure": "fence", "where": ["R1"]}], budget="1 MEUR")
    (problem,) = check_capacity(case, only)
    assert (problem.check, problem.subject) == ("capacity-national", "candidates[1].measure")


def test_a_scenario_may_be_named_by_its_path(tmp_path: Path, model: Model) -> None:
    text = f"name: X\nscenarios: {{'{VALID / 'scenario.yaml'}': 1}}\nbudget: 1 MEUR\n"
    (tmp_path / "c.yaml").write_text(text)
    assert len(cascade.load_capacity(tmp_path / "c.yaml", model).scenarios) == 1


def test_cost_at_one_copy(model: Model) -> None:
    """100,000 + 200,000 + 10 inhabitants; a cost is for one copy, a national cost is shared by inhabitants."""
    fixed = measure(applies_to={"processes": ["care", "grid"]}, cost="30 kEUR")
    shared = measure(applies_to={"processes": ["care", "grid", "clinics"]}, national_cost="3 MEUR")
    world = dataclasses.replace(model, measures={"fixed": fixed, "shared": shared, "free": measure()})
    assert [cost_at(world, "fixed", "care", code) for code in ("R1", "R3")] == [30_000, 30_000]
    assert cost_at(world, "fixed", "grid") == 30_000
    # 3,000,000 x 100,000 / 300,010 = 999,966.67; x 200,000 = 1,999,933.34; x 10 = 99.997
    assert [cost_at(world, "shared", "care", code) for code in ("R1", "R2", "R3")] == [999_967, 1_999_933, 100]
    assert cost_at(world, "shared", "grid") == 3_000_000
    # the clinics stand in R1 and R2 only
    assert [cost_at(world, "shared", "clinics", code) for code in ("R1", "R2", "R3")] == [1_000_000, 2_000_000, 0]
    assert cost_at(world, "free", "care", "R1") == 0


def test_cost_where_nobody_lives_is_split_evenly(model: Model) -> None:
    empty = {code: region.model_copy(update={"population": 0}) for code, region in model.regions.items()}
    world = dataclasses.replace(model, regions=empty, measures={"m": measure(national_cost="100 EUR")})
    assert [cost_at(world, "m", "care", code) for code in ("R1", "R2", "R3")] == [33, 33, 33]


def test_a_measure_has_one_kind_of_cost() -> None:
    with pytest.raises(ValueError, match="cost stands beside national_cost; write one of the two"):
        measure(cost="1 MEUR", national_cost="1 MEUR")


def test_harms_are_measures_that_sweeps_count() -> None:
    from cascade.results.effects import EFFECTS

    assert set(HARMS) - {"hours"} <= set(EFFECTS)


def test_check_looks_at_capacity_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    shipped = len(list((ROOT / "scenarios" / "capacity").glob("*.yaml")))
    assert re.search(rf"capacity files +{shipped}\n", call("check", "--lang", "en").stdout)
    assert "capaciteitsbestanden" in call("check", "--lang", "nl", "--capacity", "attacker").stdout
    one = call("check", "--capacity", "attacker", "--format", "json")
    counts = json.loads(one.stdout)["counts"]
    assert (counts["capacities"], counts["scenarios"]) == (1, 0)
    only = json.loads(call("check", "--scenario", "outage-112", "--format", "json").stdout)["counts"]
    assert (only.get("capacities"), only["scenarios"]) == (None, 1)
    faulty = tmp_path / "mine.yaml"
    faulty.write_text("name: X\nattacker: {targets: 2}\navailable: {guard-teams: 5}\n")
    found = call("check", "--capacity", str(faulty), "--lang", "en")
    assert found.exit_code == 3
    assert "mine.yaml:3:13: fault: available.guard-teams: no kind of unit 'guard-teams' - did you mean" in found.stdout
    faulty.write_text("name: X\nattacker: {targets: 2}\navailable: {guard-team: 0}\nbudget: 1 MEUR\n")
    assert call("check", "--capacity", str(faulty)).exit_code == 0
    assert call("check", "--capacity", str(faulty), "--strict").exit_code == 3
    lost = call("check", "--capacity", "attackers", "--lang", "en")
    assert (lost.exit_code, lost.stderr) == (2, "cascade: no capacity file 'attackers'; did you mean 'attacker'?\n")


def test_schema_knows_capacity_files() -> None:
    described = json.loads(call("schema", "capacity").stdout)
    assert {"available", "limits", "attacker", "phases", "harm"} <= set(described["properties"])
    assert described["properties"]["placed"]["description"].startswith("In place already")
