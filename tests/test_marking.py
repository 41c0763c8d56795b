"""Marks: read, raised to the highest, held against a limit, and written into every file.

In the small country of these tests everything that only few may know is called swan, so that a leak is one word to look for.
"""

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cascade.cli import GRAPH_KINDS, main
from cascade.errors import UsageError
from cascade.files.capacity_cutting import cut_capacity
from cascade.files.checks import check_capacity, check_model, check_scenario
from cascade.files.cutting import Cut, above, cut_model, cut_scenario, names_gone
from cascade.files.reading import (
    load,
    load_capacity,
    load_scenario,
    not_at_loading,
    resolved,
    resolved_capacity,
    resolved_scenario,
)
from cascade.model import Input, Model, Need, Scenario, higher_marking, is_secret
from cascade.simulation.network import compile_network
from cascade.simulation.run import simulate
from cascade.telling.columns import marking_of
from cascade.telling.writing import provenance

BASE = Path(__file__).parent / "definitions" / "valid" / "base"
SWAN = "swan"
GREEN, AMBER, BOTH = "TLP:GREEN", "TLP:AMBER", "TLP:AMBER / Dep. V."

MODEL = {
    "model.yaml": """
        title: {nl: Klein land, en: Small country}
        version: "1"
        marking: TLP:GREEN
        parameters:
          anv-2.3:
            title: {nl: Basisbehoeften, en: Basic needs}
            criterion: "2.3"
            measure: basic-need
            processes: [grid, swan-pump, tap]
            people: [100]
            durations: [1h]
            scores: [[A, B]]
          swan-only: {title: x, measure: basic-need, processes: swan-pump, people: [1], durations: [1h], scores: [[A, B]]}
          daily:
            title: {nl: Dagelijks leven, en: Daily life}
            measure: daily-life
            people: [100]
            durations: [1h]
            scores: [[A, B]]
            indicators: {work: {name: x, processes: [swan-pump, tap]}, swans: {name: x, processes: [swan-pump]}}
          wwke:
            title: {nl: Melden, en: Notify}
            thresholds:
              - {sectors: [swans, energy], processes: [swan-pump], min_share: 5%, min_duration: 1h}
              - {name: swan, sectors: [swans], min_share: 1%, min_duration: 1h}
          labels: {title: x, labels: {A: {nl: beperkt, en: limited}, B: {nl: erg, en: bad}}}
    """,
    "regions.yaml": """
        - {code: R1, name: Noord, population: 1000, neighbours: [R2]}
        - {code: R2, name: Zuid, population: 3000, neighbours: [R1]}
    """,
    "sources.yaml": """
        HAND: {title: A handbook}
        SWAN: {title: The swan papers}
    """,
    "energy.yaml": """
        sector: energy
        name: {nl: Energie, en: Energy}
        authority: KGG
        processes:
          grid:
            name: {nl: Stroomnet, en: Power grid}
            people: 100%
            basic_need: true
            restart: 1h
            cost_per_day: 1 MEUR
            source: HAND
            rations:
              - {serves: [swan-pump, tap], share: 20%}
              - {serves: [swan-signal], share: 10%}
              - {serves: [others], share: 70%}
            needs:
              gas: {at_least: {count: 2, of: [gas, swan-field, sun]}, endures: 2h}
          gas: {name: {nl: Gas, en: Gas}, tags: [fuel], cost_per_day: 1 MEUR}
          sun: {name: {nl: Zon, en: Sun}, cost_per_day: 1 MEUR}
          fuel: {name: {nl: Brandstof, en: Fuel}, per: region, tags: [fuel]}
          swan-field:
            name: {nl: Zwaan swan, en: The swan}
            marking: TLP:AMBER+STRICT
            assets: swan-fields.csv
            tags: [swan]
            lists: {nctv: swan}
            note: {nl: swan, en: swan}
            source: SWAN
    """,
    "swan-fields.csv": "id,name,region,capacity\nswan-1,A swan,R1,1\nswan-2,A swan,R2,1\n",
    "care.yaml": """
        sector: care
        name: {nl: Zorg, en: Care}
        processes:
          tap:
            name: {nl: Kraan, en: Tap}
            per: region
            people: 100%
            basic_need: true
            cost_per_day: 1 MEUR
            lists: {nctv: b}
            needs:
              power: {from: grid, fades: {0h: 10%, 6h: 80%}, sustained_by: swan-signal, source: HAND}
              mix: {shares: {gas: 30%, swan-pump: 40%, fuel: 30%}, endures: 1h}
              back: {any_of: [swan-pump, {id: fuel, gives: 60%}], endures: 1h}
              swan-link: {from: sun, marking: "Dep. V.", source: SWAN, note: swan}
              order: {from: swan-signal}
          shop: {name: {nl: Winkel, en: Shop}, per: region, people: 80%, cost_per_day: 2 MEUR, needs: {tap: {from: tap}}}
          bank: {name: {nl: Bank, en: Bank}, people: 90%, cost_per_day: 3 MEUR, needs: {power: {from: grid, endures: 4h}}}
          school: {name: {nl: School, en: School}, per: region, cost_per_day: 1 MEUR, needs: {power: {from: grid}}}
    """,
    "swans.yaml": """
        sector: swans
        name: {nl: Swanen, en: Swans}
        marking: TLP:RED
        processes:
          swan-signal: {name: swan, people: 5%, needs: {power: {from: grid, endures: 3h}}}
          swan-pump: {name: swan, per: region, people: 50%, basic_need: true, needs: {power: {from: grid}}}
    """,
    "measures.yaml": """
        battery:
          name: {nl: Accu, en: Battery}
          lever: redundancy
          applies_to: {processes: [tap, bank], need: power}
          effect: {endures: +6h}
          takes: {battery: 1}
          cost: 1 MEUR
        guard:
          name: {nl: Bewaking, en: Guard}
          lever: robustness
          applies_to: {processes: [grid, swan-pump]}
          effect: {prevents: 80%}
          takes: {team: 1}
          cost: 1 MEUR
        swan-guard:
          name: swan
          marking: TLP:AMBER
          lever: robustness
          applies_to: {processes: [grid]}
          effect: {prevents: 90%}
          takes: {swan-team: 1}
        swan-feeder:
          name: swan
          lever: redundancy
          applies_to: {processes: [shop], need: tap}
          effect: {adds_supply: {id: swan-pump, gives: 60%}}
        swan-order:
          name: swan
          lever: redundancy
          applies_to: {processes: [tap], need: swan-link}
          effect: {endures: +1h}
    """,
    "stocks.yaml": """
        tanks:
          name: {nl: Tanks, en: Tanks}
          holds: {nl: diesel, en: diesel}
          kind: strategic
          holder: {nl: het Rijk, en: the state}
          bridges: [{process: tap, need: power}, {process: swan-signal, need: power}]
          usable_with: [grid, swan-signal]
          not_in_model: [swan-signal]
        pond:
          name: {nl: Vijver, en: Pond}
          holds: water
          kind: working
          holder: x
          bridges: [{process: tap, need: back}]
          part: 50%
        swan-pond: {name: swan, holds: swan, kind: working, holder: swan, marking: Stg. G}
    """,
    "hazards.yaml": """
        storm: {name: {nl: Storm, en: Storm}, kind: natural, processes: [grid, swan-pump]}
        theft: {name: swan, kind: antagonistic, processes: [swan-field], source: SWAN}
        any: {name: {nl: Alles, en: Anything}, kind: cross-border}
    """,
    "authorities.yaml": """
        power: {name: {nl: Stroom, en: Power}, sectors: [energy], processes: [swan-pump], ministry: KGG, supervisor: RDI}
        swan: {name: swan, sectors: [swans], ministry: swan, supervisor: swan}
    """,
}
SCENARIOS = {
    "storm": """
        name: {nl: Storm, en: Storm}
        about: Storm strikes the swan.
        exercise: The swan is told to the players at noon.
        start: 2027-01-18T17:00+01:00
        horizon: 2d
        sources: [HAND, SWAN]
        events:
          - {id: cable, hits: [grid, swan-field], level: 0%, about: Grid and swan are gone, repair: {crew: ship, work: 5h}}
          - {id: lines, hits: gas, level: 0%, repair: {crew: ship, work: 5h}, about: {nl: Gas weg, en: Gas gone}}
          - {id: swan-raid, hits: grid, marking: TLP:RED, level: 0%, repair: {crew: swans, work: 1h}, source: SWAN}
          - {hits: {sector: swans}, level: 0%, for: 3h}
          - {hits: [{tag: swan}, {list: nctv, item: swan}], level: 0%, for: 3h}
          - {hits: {tag: fuel}, where: R1, level: 20%, for: 6h, source: [HAND, SWAN]}
          - {hits: [swan-field], assets: [swan-1], level: 0%, for: 3h}
        crews: {ship: {teams: 1, needs: {bank: 10%, swan-signal: 20%}}, swans: 1}
        repair_order: [swan-raid, cable@swan-field@R1#swan-1, lines, cable]
        rations:
          grid: [{serves: [swan-pump, tap], share: 20%}, {serves: [others], share: 80%}]
          swan-pump: [{serves: [others], share: 100%}]
        with_measures:
          - {measure: guard, at: [grid, swan-pump]}
          - {measure: swan-guard, at: [grid]}
          - {measure: swan-order, at: [tap]}
        observed:
          - {process: tap, starts: 1h, lost: 40%, ends: 9h, source: [HAND, SWAN], evidence: S-h}
          - {process: swan-pump, starts: 1h, lost: 40%, ends: 9h}
    """,
    "calm": "{name: {nl: Kalm, en: Calm}, horizon: 1d, events: [{hits: shop, level: 0%, for: 3h}]}",
    "swan-plan": "{name: swan, marking: TLP:RED, horizon: 1d, events: [{hits: grid, level: 0%, for: 3h}]}",
}
PAST = {
    "i01-past": """
        name: {nl: Vroeger, en: Past}
        horizon: 1d
        events: [{hits: grid, level: 0%, for: 5h}]
        observed: [{process: tap, starts: 0h, lost: 90%, ends: 6h}, {process: swan-pump, starts: 0h, lost: 90%, ends: 6h}]
    """,
    "i02-swan": """
        name: swan
        marking: TLP:AMBER
        horizon: 1d
        events: [{hits: grid, level: 0%, for: 5h}]
        observed: [{process: tap, starts: 0h, lost: 90%, ends: 6h}]
    """,
}
CAPACITIES = {
    "units": """
        name: {nl: Eenheden, en: Units}
        about: Also for the swan
        available: {team: 1, battery: 2, swan-team: 1}
        limits: {swan-team: {each: {at_most: 1}}}
        manning: {swan-team: {posts: 1, people: "6"}}
        excludes: [[{measure: guard, at: [grid]}, {measure: swan-guard, at: [grid]}]]
        candidates: [{measure: guard, at: [grid, swan-pump]}, {measure: swan-guard}, {measure: battery}]
        placed: [{measure: swan-order, at: [tap]}]
        scenarios: {storm: 1, calm: 1, swan-plan: 2}
        sources: [HAND, SWAN]
        harm: hours
        phases: [{name: x, available: {swan-team: 1}}, {name: y, available: {battery: 1}}]
    """,
    "swan-units": "{name: swan, marking: TLP:AMBER, available: {team: 1}, scenarios: {calm: 1}}",
}
LIST = "process,measure\nswan-pump,guard\nbank,battery\ngrid,\n"


def _dedent(text: str) -> str:
    lines = text.strip("\n").split("\n")
    margin = len(lines[0]) - len(lines[0].lstrip())
    return "\n".join(line[margin:] for line in lines) + "\n"


def _yaml(files: dict[str, str]) -> dict[str, str]:
    return {f"{name}.yaml": text for name, text in files.items()}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("world")
    folders = {
        "sectors": MODEL,
        "scenarios": _yaml(SCENARIOS),
        "scenarios/hindcasts": _yaml(PAST),
        "scenarios/capacity": _yaml(CAPACITIES),
        ".": {"list.csv": LIST},
    }
    for folder, files in folders.items():
        (root / folder).mkdir(exist_ok=True)
        for name, text in files.items():
            (root / folder / name).write_text(_dedent(text) if name.endswith("yaml") else text, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def whole(world: Path) -> Model:
    return load(world / "sectors")


@pytest.fixture(scope="module")
def left(whole: Model) -> Model:
    return cut_model(whole, GREEN)[0]


@pytest.fixture
def cascade(world: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command in the small country."""
    monkeypatch.chdir(world)

    def call(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, [*words], env={"CASCADE_LANG": "en"}, prog_name="cascade")
        assert result.exit_code == code, f"{words}: {result.output}\n{result.exception!r}"
        return result

    return call


# ---------------------------------------------------------------- marks


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("TLP:CLEAR", "TLP:AMBER", "TLP:AMBER"),
        ("TLP:AMBER+STRICT", "TLP:AMBER", "TLP:AMBER+STRICT"),
        ("Dep. V.", "TLP:RED", "TLP:RED / Dep. V."),
        ("TLP:GREEN / Stg. C", "TLP:AMBER / Dep. V.", "TLP:AMBER / Stg. C"),
        ("TLP:WHITE", "", "TLP:CLEAR"),
    ],
)
def test_the_higher_mark_covers_both_whatever_the_order(one: str, other: str, both: str) -> None:
    assert higher_marking(one, other) == both == higher_marking(other, one)


@pytest.mark.parametrize(
    ("mark", "limit", "higher"),
    [
        ("TLP:AMBER", "TLP:AMBER", False),
        ("TLP:AMBER+STRICT", "TLP:AMBER", True),
        ("Dep. V.", "TLP:RED", True),
        ("TLP:GREEN / Dep. V.", "TLP:RED", True),
        ("TLP:GREEN / Dep. V.", BOTH, False),
        ("TLP:GREEN / Stg. C", BOTH, True),
        ("TLP:GREEN", "Dep. V.", True),
        ("TLP:CLEAR", "Dep. V.", False),
        (None, "TLP:CLEAR", False),
    ],
)
def test_families_are_never_converted(mark: str | None, limit: str, higher: bool) -> None:
    assert above(mark, limit) is higher


def test_the_first_version_of_tlp_is_read_and_rewritten_everywhere() -> None:
    need = Need.model_validate({"from": "grid", "marking": "TLP:WHITE"})
    scenario = Scenario.model_validate(
        {"name": "x", "horizon": "1d", "marking": "TLP:WHITE / Dep. V.", "events": [{"hits": "a", "level": "0%", "marking": "TLP:WHITE"}]}
    )  # fmt: skip
    assert (need.marking, scenario.marking, scenario.events[0].marking) == (
        "TLP:CLEAR",
        "TLP:CLEAR / Dep. V.",
        "TLP:CLEAR",
    )
    assert "WHITE" not in resolved_scenario(scenario)


def test_a_state_secret_begins_at_confidential() -> None:
    assert [is_secret(mark) for mark in ("TLP:RED", "Dep. V.", "Stg. C", "TLP:CLEAR / Stg. ZG", None)] == [
        False, False, True, True, False,
    ]  # fmt: skip


def test_every_part_raises_the_mark(whole: Model, left: Model, world: Path) -> None:
    assert marking_of(whole) == "TLP:RED / Stg. G"
    assert marking_of(left) == GREEN
    storm = load_scenario(world / "scenarios" / "storm.yaml", whole)
    assert marking_of(left, storm, None, "Dep. V.") == "TLP:RED / Dep. V."
    assert cut_model(whole, "TLP:RED / Dep. V.")[0].markings.count("TLP:RED") == 1
    assert marking_of(cut_model(whole, "TLP:AMBER+STRICT / Dep. V.")[0]) == "TLP:AMBER+STRICT / Dep. V."


# ---------------------------------------------------------------- cutting a model


def _texts(model: Model) -> str:
    return "".join(name + text for name, text in resolved(model).items())


def test_nothing_above_the_limit_is_left_to_read(whole: Model, left: Model) -> None:
    assert SWAN in _texts(whole).lower()
    assert SWAN not in _texts(left).lower()
    assert SWAN not in (repr(left) + repr(left.places)).lower()


def test_what_is_left_is_a_sound_model(left: Model, tmp_path: Path) -> None:
    assert check_model(left, without=not_at_loading(partial=False)) == []
    for name, text in resolved(left).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    again = load(tmp_path)
    for part in (
        "info",
        "regions",
        "sources",
        "sectors",
        "processes",
        "measures",
        "stocks",
        "hazards",
        "authorities",
        "assets",
        "links",
    ):
        assert getattr(again, part) == getattr(left, part), part
    assert compile_network(left).labels == compile_network(again).labels


def test_suppliers_that_are_gone_drop_out_of_needs(left: Model) -> None:
    needs = left.processes["tap"].needs
    assert list(needs) == ["power", "mix"]
    assert needs["power"].sustained_by is None
    # 30 and 30 of the 60 that are left
    assert needs["mix"].shares == {"gas": 5000, "fuel": 5000}
    grid = left.processes["grid"]
    assert grid.needs["gas"].at_least is not None
    assert (grid.needs["gas"].at_least.count, [s.id for s in grid.needs["gas"].supplies]) == (2, ["gas", "sun"])
    # 20 and 70 of 90; the class of the signal went
    assert [(r.serves, r.share) for r in grid.rations or ()] == [(("tap",), 2222), (("others",), 7778)]


def test_whoever_lost_a_need_is_no_longer_served(whole: Model) -> None:
    needs = {**whole.processes["bank"].needs, "power": Need.model_validate({"from": "grid", "marking": "TLP:RED"})}
    bank = whole.processes["bank"].model_copy(update={"needs": needs})
    rations = [{"serves": ["bank", "tap"], "share": "20%"}, {"serves": ["others"], "share": "80%"}]
    grid = type(bank).model_validate({"name": "g", "rations": rations})
    given = {**whole.processes, "bank": bank, "grid": grid}
    sectors = {
        n: s.model_copy(update={"processes": {p: given[p] for p in s.processes}}) for n, s in whole.sectors.items()
    }
    from dataclasses import replace

    left, _ = cut_model(replace(whole, processes=given, sectors=sectors), GREEN)
    assert [r.serves for r in left.processes["grid"].rations or ()] == [("tap",), ("others",)]


def test_the_count_of_at_least_falls_to_what_is_left(whole: Model, world: Path) -> None:
    from dataclasses import replace

    need = Need.model_validate(
        {"at_least": {"count": 3, "of": ["gas", "swan-field", "sun", {"id": "fuel", "gives": "50%"}]}}
    )
    grid = whole.processes["grid"].model_copy(update={"needs": {"gas": need}})
    energy = whole.sectors["energy"].model_copy(
        update={"processes": {**whole.sectors["energy"].processes, "grid": grid}}
    )
    changed = replace(whole, processes={**whole.processes, "grid": grid}, sectors={**whole.sectors, "energy": energy})
    found = cut_model(changed, GREEN)[0].processes["grid"].needs["gas"].at_least
    assert found is not None
    assert (found.count, len(found.of)) == (2, 3)


def test_references_go_with_what_they_name(left: Model) -> None:
    assert list(left.measures) == ["battery", "guard"]
    assert left.measures["guard"].applies_to.processes == ("grid",)
    assert list(left.stocks) == ["pond", "tanks"]
    assert [b.process for b in left.stocks["tanks"].bridges] == ["tap"]
    assert (left.stocks["tanks"].usable_with, left.stocks["tanks"].not_in_model) == (("grid",), ())
    assert (left.stocks["pond"].bridges, left.stocks["pond"].part.mode) == ((), 10_000)
    assert list(left.sources) == ["HAND"]
    assert list(left.hazards) == ["any", "storm"]
    assert left.hazards["storm"].processes == ("grid",)
    assert list(left.authorities) == ["power"]
    sets = left.info.parameters
    assert list(sets) == ["anv-2.3", "daily", "wwke", "labels"]
    assert sets["anv-2.3"].processes == ("grid", "tap")
    assert list(sets["daily"].indicators or ()) == ["work"]
    assert [(t.sectors, t.processes) for t in sets["wwke"].thresholds or ()] == [(("energy",), ())]
    assert (left.assets, list(left.sectors)) == ({}, ["care", "energy"])


def test_it_counts_what_went_and_names_nothing(whole: Model) -> None:
    _, cut = cut_model(whole, GREEN)
    # needs of tap: swan-link is marked; back and order have nobody left who gives all
    assert cut == Cut(sectors=1, processes=3, needs=3, suppliers=2, measures=3, stocks=1, hazards=1)
    assert cut_model(whole, "TLP:RED / Stg. G") == (whole, Cut())


def test_files_of_what_is_gone_lose_their_names_and_keep_their_fingerprints(whole: Model, left: Model) -> None:
    assert {one.sha256 for one in left.inputs} == {one.sha256 for one in whole.inputs}
    gone = {one.path: one.sha256 for one in whole.inputs}
    withheld = {one.sha256 for one in left.inputs if one.path.startswith("withheld-")}
    assert withheld == {gone["swans.yaml"], gone["swan-fields.csv"]}
    assert Input("energy.yaml", gone["energy.yaml"]) in left.inputs


def test_a_table_that_something_else_still_needs_keeps_its_name() -> None:
    left, cut = cut_model(load(BASE), "TLP:GREEN / Dep. V.")
    assert (cut.sectors, cut.processes) == (1, 2)
    assert "stations.csv" in {one.path for one in left.inputs}
    assert {"care.yaml", "clinics.csv", "feeds.csv"}.isdisjoint({one.path for one in left.inputs})
    assert list(left.links) == []
    assert check_model(left, without=not_at_loading(partial=False)) == []


@pytest.mark.parametrize("limit", ["TLP:CLEAR", "TLP:GREEN", "Dep. V.", "Stg. ZG"])
def test_a_model_marked_too_high_as_a_whole_is_refused(limit: str) -> None:
    with pytest.raises(UsageError, match="this model as a whole is marked TLP:GREEN"):
        cut_model(load(BASE), limit)


# ---------------------------------------------------------------- cutting what goes with it


@pytest.fixture(scope="module")
def storm(whole: Model, world: Path) -> Scenario:
    return load_scenario(world / "scenarios" / "storm.yaml", whole)


def test_a_scenario_loses_whatever_speaks_of_what_is_gone(
    storm: Scenario, whole: Model, left: Model, tmp_path: Path
) -> None:
    found, cut = cut_scenario(storm, whole, GREEN)
    text = resolved_scenario(found)
    assert SWAN not in text.lower()
    assert check_scenario(found, left, without=not_at_loading(partial=False)) == []
    (tmp_path / "s.yaml").write_text(text, encoding="utf-8")
    assert load_scenario(tmp_path / "s.yaml", left) == found
    assert cut == Cut(events=4, measures_in_place=3, observations=1, texts=3)
    assert simulate(left, found).horizon == storm.horizon


def test_what_stays_of_a_scenario(storm: Scenario, whole: Model) -> None:
    found, _ = cut_scenario(storm, whole, GREEN)
    assert [event.hits for event in found.events if isinstance(event.hits[0], str)] == [("grid",), ("gas",)]
    assert (found.about, found.exercise, found.events[0].about) == (None, None, None)
    assert found.events[1].about is not None
    assert found.repair_order == ("lines", "cable")
    assert {name: list(crew.needs) for name, crew in found.crews.items()} == {"ship": ["bank"]}
    assert {name: [r.serves for r in classes] for name, classes in found.rations.items()} == {
        "grid": [("tap",), ("others",)]
    }
    assert [(m.measure, m.at) for m in found.with_measures] == [("guard", ("grid",))]
    assert found.observed[0].source == ("HAND",)
    assert cut_scenario(storm, whole, "TLP:RED / Stg. G") == (storm, Cut())


def test_texts_of_a_scenario_go_even_if_only_its_model_was_cut(whole: Model) -> None:
    calm = Scenario.model_validate(
        {"name": "x", "about": "swan", "horizon": "1d", "events": [{"hits": "gas", "level": "0%"}]}
    )
    found, cut = cut_scenario(calm, whole, GREEN)
    assert (found.about, cut) == (None, Cut(texts=1))


def test_a_scenario_marked_too_high_as_a_whole_is_refused(world: Path, whole: Model) -> None:
    with pytest.raises(UsageError, match=r"this scenario as a whole is marked TLP:RED.*raise the limit"):
        cut_scenario(load_scenario(world / "scenarios" / "swan-plan.yaml", whole), whole, AMBER)


def test_a_capacity_file_without_what_is_gone(whole: Model, left: Model, world: Path, tmp_path: Path) -> None:
    units = load_capacity(world / "scenarios" / "capacity" / "units.yaml", whole)
    found, cut = cut_capacity(units, whole, GREEN, lambda name: name == "swan-plan")
    assert SWAN not in resolved_capacity(found).lower()
    assert check_capacity(found, left, without=not_at_loading(partial=False)) == []
    assert cut == Cut(scenarios=1, entries=5, texts=1)
    assert ([p.measure for p in found.candidates or ()], len(found.phases)) == (["guard", "battery"], 1)
    with pytest.raises(UsageError, match="nothing left"):
        cut_capacity(units, whole, GREEN, lambda name: True)


# ---------------------------------------------------------------- no leak in any answer

ELSEWHERE = {
    "schema",
    "phrases",
    "timeline",
    "report",
    "dossier",
    "pictures",
    "init",
    "template",
    "import",
    "export",
} | {
    "interface",
    "join",
    "synthetic",
}
"""Commands without data, and those whose own tests look at marks."""
QUICK = ("--time", "2s", "--no-picture")
CALLS: dict[str, list[tuple[str, ...]]] = {
    "run": [("run",), ("run", "storm", "--all"), ("run", "storm", "--region", "R1")],
    "check": [("check",), ("check", "--scenario", "storm"), ("check", "--capacity", "units")],
    "show": [("show",), ("show", "tap", "--effects"), ("show", "grid")],
    "explain": [("explain", "storm", "tap@R1")],
    "graph": [("graph",), ("graph", "json"), ("graph", "graphml"), ("graph", "gexf"), ("graph", "csv", "--of", "copies")],
    "compare": [("compare", "storm", "calm"), ("compare", "sectors", "sectors", "--scenario", "storm")],
    "hindcast": [("hindcast", "--all", "--why"), ("hindcast", "i01-past")],
    "evidence": [("evidence", "--all")],
    "rank": [("rank", "--all", "--duration", "8h"), ("rank", "--of", "copies", "--duration", "8h")],
    "doubt": [("doubt", "storm", "--samples", "4", "--all")],
    "drivers": [("drivers", "sun", "--duration", "1h")],
    "wwke": [("wwke",), ("wwke", "tap")],
    "cutsets": [("cutsets", "tap@R1", "--size", "1", "--all")],
    "pairs": [("pairs", "--all")],
    "attribute": [("attribute", "storm", "--all")],
    "protect": [("protect",), ("protect", "units", "--all", "--against", "list.csv", *QUICK)],
    "stocks": [("stocks",), ("stocks", "storm", "--all")],
    "recover": [("recover", "storm", "--all")],
}  # fmt: skip


def test_every_command_is_tried() -> None:
    assert set(CALLS) | ELSEWHERE >= set(main.commands)


@pytest.mark.parametrize("words", [call for calls in CALLS.values() for call in calls], ids=" ".join)
def test_nothing_above_the_limit_is_in_an_answer(cascade: Any, words: tuple[str, ...]) -> None:
    said = cascade(*words, "--max-marking", GREEN)
    assert SWAN not in said.stdout.lower()
    assert SWAN not in said.stderr.lower()
    assert "Left out because it is marked higher than TLP:GREEN" in said.stderr
    if words[0] != "graph":
        assert "3 processes" in " ".join(said.stdout.split())
    if words[0] != "graph" and words in (calls[0] for calls in CALLS.values()):
        data = cascade(*words, "--max-marking", GREEN, "--format", "json").stdout
        assert SWAN not in data.lower()
        assert json.loads(data)["marking"] == GREEN
        assert json.loads(data)["cut"]["processes"] in (3, 6)


@pytest.mark.parametrize(
    "words", [("run", "calm"), ("rank", "--samples", "4"), ("hindcast",), ("protect", "units", "--time", "1s")],
    ids=lambda words: words[0],
)  # fmt: skip
def test_nothing_above_the_limit_is_in_a_folder_and_the_mark_is_on_all_of_it(
    cascade: Any, words: tuple[str, ...], tmp_path: Path
) -> None:
    cascade(*words, "--max-marking", GREEN, "--marking", BOTH, "--out", str(tmp_path / "out"))
    files = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert len(files) > 5
    assert [path.name for path, data in files.items() if SWAN.encode() in (path.name.encode() + data).lower()] == []
    assert [path.name for path, data in files.items() if not _carries(path.name, data)] == []
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert manifest["cut"]["sectors"] == 1
    assert ("mosaic" in manifest) == (words[0] in ("rank", "protect"))
    for path, data in files.items():
        if path.suffix == ".html":
            assert b"Left out because it is marked higher than TLP:GREEN" in data
            assert (b"may deserve a higher marking" in data) == (words[0] == "protect")


def test_without_a_limit_everything_is_there(cascade: Any) -> None:
    said = cascade("run", "storm", "--all")
    assert SWAN in said.stdout
    assert "Left out" not in said.output
    assert said.stdout.splitlines()[0].endswith("TLP:RED / Stg. G")
    assert "cut" not in json.loads(cascade("run", "storm", "--format", "json").stdout)


def test_a_limit_that_cuts_nothing_says_so_in_data_alone(cascade: Any) -> None:
    said = cascade("show", "tap", "--max-marking", "TLP:RED / Stg. ZG", "--format", "json")
    cut = json.loads(said.stdout)["cut"]
    assert (cut["limit"], cut["notes"], cut["processes"]) == ("TLP:RED / Stg. ZG", [], 0)
    assert "Left out" not in said.stderr


def test_what_is_marked_too_high_as_a_whole_is_refused_with_a_way_out(cascade: Any) -> None:
    for words in (("run", "swan-plan"), ("hindcast", "i02-swan"), ("protect", "swan-units")):
        assert "raise the limit" in cascade(*words, "--max-marking", GREEN, code=2).stderr
    assert "this model as a whole is marked TLP:GREEN" in cascade("show", "--max-marking", "TLP:CLEAR", code=2).stderr
    assert "no process 'swan-pump'" in cascade("show", "swan-pump", "--max-marking", GREEN, code=2).stderr


def test_of_many_scenarios_those_marked_too_high_are_passed_over_and_counted(cascade: Any) -> None:
    data = json.loads(cascade("run", "--max-marking", GREEN, "--format", "json").stdout)
    assert [row["scenario"] for row in data["scenarios"]] == ["calm", "storm"]
    assert data["cut"]["scenarios"] == 1
    assert json.loads(cascade("hindcast", "--max-marking", GREEN, "--format", "json").stdout)["played"] == ["i01-past"]
    assert json.loads(cascade("hindcast", "--format", "json").stdout)["played"] == ["i01-past", "i02-swan"]


def test_faults_cannot_be_told_below_a_limit(cascade: Any, world: Path, tmp_path: Path) -> None:
    shutil.copytree(world / "sectors", tmp_path / "model")
    (tmp_path / "model" / "swans.yaml").write_text(
        "{sector: swans, name: swan, marking: TLP:RED, processes: {swan: {}}}"
    )
    assert (
        "check without --max-marking"
        in cascade("check", str(tmp_path / "model"), "--max-marking", GREEN, code=2).stderr
    )


def test_limits_are_read_like_marks(cascade: Any) -> None:
    said = cascade("show", "tap", "--max-marking", "tlp:green / departementaal vertrouwelijk", "--format", "json")
    assert json.loads(said.stdout)["cut"]["limit"] == "TLP:GREEN / Dep. V."
    assert "two marks of one family" in cascade("show", "--max-marking", "TLP:RED/TLP:AMBER", code=2).stderr
    assert "is no marking" in cascade("show", "--max-marking", "secret", code=2).stderr
    assert json.loads(cascade("show", "tap", "--marking", "tlp:white", "--format", "json").stdout)[
        "marking"
    ].startswith("TLP:RED")


def test_a_note_stands_on_every_page_that_is_read(cascade: Any) -> None:
    lines = cascade("run", "storm", "--max-marking", GREEN, "--lang", "nl").stdout.splitlines()
    assert lines[2].startswith("Weggelaten omdat het hoger gemarkeerd is dan TLP:GREEN")
    assert "milder" in " ".join(lines[2:6])
    listed = cascade("check", "--max-marking", GREEN).stdout
    assert listed.rstrip().endswith("may speak of it.")


# ---------------------------------------------------------------- warnings


def test_a_state_secret_is_warned_of_once(cascade: Any) -> None:
    for words in (
        ("show", "tap"),
        ("compare", "storm", "calm"),
        ("hindcast",),
        ("show", "tap", "--max-marking", GREEN),
    ):
        assert cascade(*words).stderr.count("not accredited") == 1
    assert "LET OP" in cascade("show", "tap", "--lang", "nl").stderr


def test_a_state_secret_is_named_with_its_place_on_stderr_alone(cascade: Any) -> None:
    said = cascade("show", "tap", "--format", "json")
    assert "stocks.yaml:16: swan-pond is marked Stg. G" in said.stderr
    assert "stocks.yaml" not in said.stdout
    under = cascade("show", "tap", "--max-marking", GREEN).stderr
    assert "stocks.yaml" not in under
    assert "Without --max-marking this says in which file" in under


def test_asking_for_a_state_secret_is_warned_of(cascade: Any, world: Path, tmp_path: Path) -> None:
    for path in (world / "sectors").iterdir():
        (tmp_path / path.name).write_text(path.read_text("utf-8").replace("Stg. G", "Dep. V."), "utf-8")
    call = ("show", "tap", "--model", str(tmp_path), "--marking")
    assert "the marking Stg. C was asked for" in cascade(*call, "Stg. C").stderr
    assert "accredited" not in cascade(*call, "Dep. V.").stderr


# ---------------------------------------------------------------- hazards, and files that name what was cut


def test_a_hazard_carries_a_mark_like_everything_else(whole: Model, cascade: Any) -> None:
    from dataclasses import replace

    storm = whole.hazards["storm"].model_copy(update={"marking": AMBER})
    left, cut = cut_model(replace(whole, hazards={**whole.hazards, "storm": storm}), GREEN)
    assert (list(left.hazards), cut.hazards) == (["any"], 2)
    assert (("hazards", "storm"), AMBER) in replace(whole, hazards={"storm": storm}).marked
    wrong = storm.model_copy(update={"marking": "TLP:BLUE"})
    faults = check_model(replace(whole, hazards={"storm": wrong}), without=not_at_loading(partial=False))
    assert any(fault.check == "unknown-marking" and "storm" in fault.subject for fault in faults)
    assert "1 hazard" in " ".join(cascade("show", "tap", "--max-marking", GREEN).stdout.split())
    assert "1 gevaar" in " ".join(cascade("show", "tap", "--max-marking", GREEN, "--lang", "nl").stdout.split())


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("phrases/swans.yaml", True),
        ("Swan_Pump notes.csv", True),
        ("SWAN-SIGNAL.xlsx", True),
        ("swans/plan.yaml", True),
        ("phrases/swansea.yaml", False),
        ("phrases/energy.yaml", False),
        ("pump.yaml", False),
    ],
)
def test_a_file_that_names_what_was_left_out(left: Model, path: str, names: bool) -> None:
    assert names_gone(path, left.gone) is names


def test_such_names_are_withheld_from_every_manifest(whole: Model, left: Model) -> None:
    given = [Input("a/swans.yaml", "2" * 64), Input("a/energy.yaml", "3" * 64), Input("swan-pump.csv", "1" * 64)]
    found = provenance(left, "en", GREEN, given, {})["inputs"]
    assert {found["withheld-1"], found["withheld-2"], found["a/energy.yaml"]} == {"1" * 64, "2" * 64, "3" * 64}
    assert found["withheld-1"] == "1" * 64  # numbered by what says nothing
    assert SWAN not in json.dumps(found)
    assert "a/swans.yaml" in provenance(whole, "en", GREEN, given, {})["inputs"]


def test_a_scenario_whose_name_says_what_was_left_out_is_withheld(cascade: Any, world: Path, tmp_path: Path) -> None:
    path = tmp_path / "swan-pump-down.yaml"
    path.write_text((world / "scenarios" / "calm.yaml").read_text("utf-8"), "utf-8")
    assert json.loads(cascade("run", str(path), "--format", "json").stdout)["scenario"] == path.as_posix()
    out = tmp_path / "out"
    cascade("run", str(path), "--max-marking", GREEN, "--out", str(out))
    assert "withheld-1" in json.loads((out / "manifest.json").read_text("utf-8"))["inputs"]
    assert [f.name for f in out.rglob("*") if f.is_file() and b"swan-pump" in f.read_bytes().lower()] == []


def test_no_warning_where_nothing_is_secret(cascade: Any, world: Path, tmp_path: Path) -> None:
    shutil.copytree(world / "sectors", tmp_path / "model")
    stocks = tmp_path / "model" / "stocks.yaml"
    stocks.write_text(stocks.read_text().replace("Stg. G", "Dep. V."))
    assert "accredited" not in cascade("show", "tap", "--model", str(tmp_path / "model")).stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("rank", "--duration", "8h"), True),
        (("rank", "--top", "3", "--duration", "8h", "--table", "ranking"), False),
        (("rank", "--duration", "8h", "--table", "weights"), False),
        (("pairs", "--all"), True),
        (("wwke",), True),
        (("wwke", "tap"), False),
        (("run", "storm"), False),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_a_list_of_weak_points_may_deserve_more_than_its_parts(
    cascade: Any, words: tuple[str, ...], told: bool
) -> None:
    assert cascade(*words).stderr.count("may deserve a higher marking") == told


def test_a_written_page_of_weak_points_says_so_too(cascade: Any, tmp_path: Path) -> None:
    cascade("wwke", "--out", str(tmp_path / "wwke.txt"))
    assert "may deserve a higher marking" in " ".join((tmp_path / "wwke.txt").read_text("utf-8").split())


# ---------------------------------------------------------------- the mark in every file

WRITTEN: list[tuple[tuple[str, ...], str]] = [
    (("run", "storm"), "a.json"),
    (("run", "storm", "--table", "regions"), "a.csv"),
    (("run", "storm", "--table", "totals"), "a.txt"),
    (("run",), "a.csv"),
    (("check",), "a.json"),
    (("check", "--table", "counts"), "a.csv"),
    (("show",), "a.txt"),
    (("show", "tap"), "a.csv"),
    (("show", "tap", "--effects"), "a.json"),
    (("explain", "storm", "tap@R1"), "a.csv"),
    (("explain", "storm", "tap@R1"), "a.txt"),
    (("compare", "storm", "calm"), "a.json"),
    (("compare", "sectors", "sectors"), "a.txt"),
    (("hindcast",), "a.json"),
    (("evidence",), "a.csv"),
    (("rank", "--duration", "8h"), "a.json"),
    (("doubt", "storm", "--samples", "4"), "a.csv"),
    (("drivers", "sun", "--duration", "1h"), "a.json"),
    (("wwke", "tap"), "a.csv"),
    (("cutsets", "tap@R1", "--size", "1"), "a.json"),
    (("pairs",), "a.csv"),
    (("attribute", "calm"), "a.json"),
    (("protect",), "a.json"),
    (("protect", "units", *QUICK), "a.csv"),
    (("stocks",), "a.csv"),
    (("recover", "storm"), "a.json"),
    *((("graph",), f"a.{kind}") for kind in GRAPH_KINDS),
    (("stocks", "--picture"), "a.svg"),
    (("stocks", "storm", "--picture"), "a.png"),
    (("recover", "storm", "--picture"), "a.svg"),
]


@pytest.fixture(scope="module")
def marked(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same country, in which only the model as a whole is marked."""
    root = tmp_path_factory.mktemp("marked")
    shutil.copytree(world, root, dirs_exist_ok=True)
    for path in root.rglob("*.yaml"):
        text = path.read_text("utf-8")
        for mark in ("TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", '"Dep. V."', "Stg. G"):
            text = text.replace(f"marking: {mark}", "marking: TLP:WHITE")
        path.write_text(text, "utf-8")
    model = root / "sectors" / "model.yaml"
    model.write_text(model.read_text("utf-8").replace("TLP:WHITE", BOTH), "utf-8")
    return root


def _carries(name: str, data: bytes) -> bool:
    if name.endswith(".csv"):
        rows = list(csv.reader(io.StringIO(data.decode())))
        return rows[0][-1] == "marking" and all(row[-1] == BOTH for row in rows[1:])
    if name.endswith(".json") and not name.startswith("graph"):
        found = json.loads(data)
        return BOTH in (found.get("marking"), found.get("graph", {}).get("marking"))
    if name.endswith(".pdf"):
        return BOTH.encode() in data or BOTH.encode("utf-16-be") in data
    return BOTH.encode() in data


@pytest.mark.parametrize(
    ("words", "name"), WRITTEN, ids=lambda value: value if isinstance(value, str) else " ".join(value)
)
def test_the_mark_is_in_every_file(
    marked: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: tuple[str, ...], name: str
) -> None:
    monkeypatch.chdir(marked)
    target = tmp_path / "out" / name
    call = [*words, str(target)] if words[-1] == "--picture" else [*words, "--out", str(target)]
    result = CliRunner().invoke(main, call, env={"CASCADE_LANG": "en"}, prog_name="cascade")
    assert result.exit_code == 0, result.output
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert files
    assert [path.name for path in files if not _carries(path.name, path.read_bytes())] == []


def test_csv_on_the_screen_carries_it_and_unmarked_csv_has_no_such_column(
    marked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(marked)
    call = ["graph", "csv"], ["show", "tap", "--format", "csv"]
    for words in call:
        rows = list(csv.reader(io.StringIO(CliRunner().invoke(main, words, env={"CASCADE_LANG": "en"}).stdout)))
        assert (rows[0][-1], {row[-1] for row in rows[1:]}) == ("marking", {BOTH})
    model = marked / "sectors" / "model.yaml"
    written = model.read_text("utf-8")
    model.write_text(written.replace(BOTH, "TLP:WHITE"), "utf-8")
    try:
        for words in call:
            assert "marking" not in CliRunner().invoke(main, words, env={"CASCADE_LANG": "en"}).stdout
    finally:
        model.write_text(written, "utf-8")
