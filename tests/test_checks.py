"""Whole-model checks: each finds its fault, names the place, and can be switched off."""

import dataclasses
import shutil
from pathlib import Path

import pytest

from cascade.errors import DefinitionError, Problem
from cascade.files.checks import CHECKS, check_capacity, check_model, check_scenario
from cascade.files.reading import load, load_capacity, load_scenario, read_capacity, read_scenario
from cascade.model import Model, Scenario

DEFINITIONS = Path(__file__).parent / "definitions"
BASE = DEFINITIONS / "valid" / "base"
ADVICE = sorted(name for name, check in CHECKS.items() if not check.fatal)
REFUSALS = sorted(name for name, check in CHECKS.items() if check.fatal)


@pytest.fixture(scope="module")
def model() -> Model:
    return load(BASE)


def changed(folder: Path, file: str, old: str, new: str) -> Model:
    shutil.copytree(BASE, folder, dirs_exist_ok=True)
    text = (folder / file).read_text()
    assert text.count(old) == 1
    (folder / file).write_text(text.replace(old, new))
    return load(folder)


def found(problems: list[Problem], name: str) -> list[str]:
    return [str(problem).rpartition("/")[2] for problem in problems if problem.check == name]


def read(kind: str, folder: Path, model: Model) -> None:
    if kind in ("scenario", "capacity"):
        (load_scenario if kind == "scenario" else load_capacity)(folder / "case.yaml", model)
    load(folder)


def test_every_refusal_has_a_file_that_provokes_it(tmp_path: Path, model: Model) -> None:
    provoked: set[str] = set()
    for i, case in enumerate(sorted((DEFINITIONS / "invalid").glob("*/*.yaml"))):
        folder = tmp_path / str(i)
        kind = case.parent.name
        shutil.copytree(BASE, folder)
        shutil.copy(case, folder / ("case.yaml" if kind in ("sector", "scenario", "capacity") else f"{kind}.yaml"))
        if case.with_suffix(".csv").exists():
            shutil.copy(case.with_suffix(".csv"), folder / "case.csv")
        with pytest.raises(DefinitionError) as caught:
            read(kind, folder, model)
        provoked |= {problem.check for problem in caught.value.problems}
    # a regional process without any region is provoked below
    assert sorted(provoked - {""}) == sorted(set(REFUSALS) - {"no-regions"})


def test_a_regional_process_without_regions_is_refused(model: Model) -> None:
    without = dataclasses.replace(model, regions={})
    assert "energy.yaml:13:10: power.per: there are no regions - add them to regions.yaml" in found(
        check_model(without), "no-regions"
    )


def test_every_check_says_what_it_does() -> None:
    for name, check in CHECKS.items():
        assert check.name == name
        assert check.about.startswith("Refuse" if check.fatal else "Point out")
        assert check.about.endswith(".")
        assert check.severity == ("error" if check.fatal else "warning")
        assert check.of in ("model", "scenario", "capacity")
    assert len(CHECKS) == len(ADVICE) + len(REFUSALS) > 30


def test_problems_are_sorted_and_each_stands_once(model: Model) -> None:
    problems = check_model(model)
    assert problems == sorted(set(problems))
    assert {problem.check for problem in problems} == {"no-source", "no-confidence", "no-lists", "unused-process"}
    assert all(problem.line > 0 for problem in problems)


def test_a_check_can_be_switched_off(model: Model) -> None:
    before = check_model(model)
    after = check_model(model, without=["no-source"])
    assert after == [problem for problem in before if problem.check != "no-source"]
    assert check_model(model, without=list(CHECKS)) == []


@pytest.mark.parametrize(
    ("name", "file", "old", "new", "says"),
    [
        (
            "no-source", "energy.yaml", "source: [own, \"1953\"], ", "",
            "energy.yaml:22:7: power.needs.grid: no source - add source: [..], or [own] for an estimate",
        ),
        (
            "no-confidence", "energy.yaml", ", confidence: low", "",
            "energy.yaml:22:7: power.needs.grid: no confidence - add confidence: high, medium or low",
        ),
        (
            "no-lists", "energy.yaml", "    lists: {nctv: no, cer: 1a, nato: ~}\n", "",
            "energy.yaml:5:3: grid: no lists - add lists: {nctv: .., cer: ..}, with null where it stands in none",
        ),
        (
            "unused-process", "telecom.yml", "  fuel:", "  idle:\n    name: Idle\n  fuel:",
            "telecom.yml:11:3: idle: nobody needs it and no people rely on it - add people, or who needs it",
        ),
        (
            "short-from-the-start", "telecom.yml", "{from: [mobile, power@all]}",
            "{at_least: {count: 2, of: [mobile, {id: power@all, gives: 60%}]}}",
            "telecom.yml:16:33: fuel.needs.order.at_least.count: asks for 2 suppliers, but only 1 give all, so it is "
            "never met in full - lower the count, or let more of them give all",
        ),
        (
            "empty-region", "regions.yaml", "population: 010", "population: 0",
            "regions.yaml:3:40: R3.population: has no inhabitants, so its processes count for nobody - check the number",
        ),
        (
            "self-need", "telecom.yml", "[mobile, power@all]", "[mobile, fuel]",
            "telecom.yml:16:30: fuel.needs.order.from[2]: needs itself, so once down it stays down - name another supplier",
        ),
        (
            "need-twins", "telecom.yml", "      clock: {", "      Power: {from: power@R1}\n      clock: {",
            "telecom.yml:10:7: mobile.needs.Power: differs from need 'power' only in capitals, and counts beside it - give one "
            "of them another name, or keep one",
        ),
        (
            "ration-stranger", "energy.yaml", "serves: care", "serves: [care, clinics]",
            "energy.yaml:19:25: power.rations[1].serves[2]: 'clinics' does not need 'power' - remove it, or add the need",
        ),
        (
            "stock-unseen", "stocks.yaml", "usable_with: [mobile]", "usable_with: [mobile, clinics]",
            "stocks.yaml:9:25: tanks.usable_with[2]: the stock needs 'clinics', but no need that it bridges fails without "
            "it - add such a need, or name it under not_in_model",
        ),
    ],
)  # fmt: skip
def test_advice_on_models(name: str, file: str, old: str, new: str, says: str, model: Model, tmp_path: Path) -> None:
    assert says not in found(check_model(model), name)
    assert says in found(check_model(changed(tmp_path, file, old, new)), name)


def test_a_process_whose_assets_name_people_is_relied_on(tmp_path: Path) -> None:
    tmp_path.joinpath("idle.csv").write_text("id,region,capacity\na,R1,1\n")
    idle = "  idle:\n    name: Idle\n    assets: idle.csv\n  fuel:"
    said = found(check_model(changed(tmp_path, "telecom.yml", "  fuel:", idle)), "unused-process")
    assert any("idle: nobody needs it" in one for one in said)
    tmp_path.joinpath("idle.csv").write_text("id,region,capacity,people\na,R1,1,10\n")
    assert not any("idle" in one for one in found(check_model(load(tmp_path)), "unused-process"))


def test_a_process_may_need_its_neighbours_copies(tmp_path: Path) -> None:
    made = changed(tmp_path, "telecom.yml", "[mobile, power@all]", "[mobile, fuel@R1]")
    assert found(check_model(made), "self-need") == []


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        (
            "late-event", "events:\n- {hits: power, level: 0%, at: 14d}\n",
            "s.yaml:4:32: events[1].at: starts at or after the horizon, so it never happens "
            "- lengthen the horizon, or remove the event",
        ),
        ("idle-crew", "crews: {ship: 1}\n", "s.yaml:3:9: crews.ship: no event waits for this crew - remove it"),
    ],
)  # fmt: skip
def test_advice_on_scenarios(name: str, text: str, says: str, model: Model, tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("name: Proef\nhorizon: 14d\n" + text)
    file = read_scenario(path, model)
    assert found(check_scenario(file.scenario, model, places=file.places), name) == [says]
    assert check_scenario(file.scenario, model, without=[name]) == []


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        (
            "kind-without-units", "available: {generator: 0}\nbudget: 1 MEUR\n",
            "c.yaml:3:13: available.generator: there is not one unit of 'generator' - remove it, or add units",
        ),
        (
            "kind-without-units", "limits: {generator: {each: {at_most: 1}}}\n",
            "c.yaml:3:10: limits.generator: no 'generator' is available - add it to available, or remove it from limits",
        ),
        (
            "unusable-candidate", "candidates: [{measure: guard}, {measure: generator}]\n",
            "c.yaml:3:42: candidates[2].measure: measure 'generator' takes generator, of which there is none "
            "- make some available, or remove the candidate",
        ),
    ],
)  # fmt: skip
def test_advice_on_capacity_files(name: str, text: str, says: str, model: Model, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("name: Proef\nattacker: {targets: 1}\n" + text)
    file = read_capacity(path, model)
    assert found(check_capacity(file.capacity, model, places=file.places), name) == [says]
    assert check_capacity(file.capacity, model, without=[name]) == []


def test_all_advice_is_tried() -> None:
    tried = [test_advice_on_models, test_advice_on_scenarios, test_advice_on_capacity_files]
    names = {case[0] for test in tried for mark in test.pytestmark for case in mark.args[1]}  # type: ignore[attr-defined]
    assert sorted(names) == ADVICE


def test_without_places_the_problem_still_names_its_subject(model: Model) -> None:
    scenario = Scenario.model_validate({"name": "X", "horizon": "1d", "sources": ["nobody"]})
    assert [str(problem) for problem in check_scenario(scenario, model)] == [
        "scenario: sources[1]: no source 'nobody' - known: 1953, own"
    ]


def test_the_shipped_model_is_sound() -> None:
    shipped = load(Path(__file__).parent.parent / "sectors")
    assert [str(problem) for problem in check_model(shipped, without=ADVICE)] == []


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parent.parent / "scenarios").glob("*.yaml")), ids=lambda p: p.stem
)
def test_the_shipped_scenarios_are_sound(path: Path) -> None:
    shipped = load(Path(__file__).parent.parent / "sectors")
    file = read_scenario(path, shipped)
    assert [str(problem) for problem in check_scenario(file.scenario, shipped, places=file.places)] == []
