"""What results rest on: influence by hand, doubt by who says so, and that what is skipped could not have mattered."""

import json
from pathlib import Path
from typing import Any

import builders
import numpy as np
import pytest
from click.testing import CliRunner
from random_models import Draft, build, enlarged, random_draft
from test_ensemble import doubtful

import cascade
from cascade.cli import main
from cascade.errors import UsageError
from cascade.files.reading import load
from cascade.model import Evidence, Model, Scenario
from cascade.results.evidence import Grounds, doubt, evidence, standing
from cascade.simulation.ensemble import prepare_draws
from cascade.simulation.network import compile_network
from cascade.simulation.run import simulate
from cascade.telling.grounds import summary, tables
from cascade.units import FULL, HOUR
from cascade.words import WORDS

ROOT = Path(__file__).resolve().parents[1]

WORLD: dict[str, dict[str, Any]] = {
    "power": {"restart": ["0h", "0h", "3h"], "source": ["own"], "confidence": "low"},
    "water": {"restart": ["1h", "2h", "3h"]},
    "care": {
        "sector": "two",
        "people": ["25%", "50%", "100%"],
        "restart": ["0h", "0h", "1h"],
        "cost_per_day": ["1 MEUR", "2 MEUR", "3 MEUR"],
        "source": ["I01", "own"],
        "confidence": "medium",
        "needs": {
            "power": {
                "from": "power",
                "endures": ["2h", "4h", "6h"],
                "loses": ["50%", "100%", "100%"],
                "source": ["FMT", "mem"],
                "confidence": "high",
                "facts": ["H01"],
            },
            "water": {"from": "water", "endures": ["0h", "1h", "2h"], "source": ["mem"], "confidence": "medium"},
        },
    },
    "mirror": {
        "people": "100%",
        "tags": ["indicator"],
        "needs": {"care": {"from": "care", "endures": ["0h", "1h", "2h"]}},
    },
}
OUTAGE = builders.scenario({"hits": "power", "for": "10h"}, horizon="20h")


def world(**changes: dict[str, Any]) -> Model:
    return builders.model({name: {**text, **changes.get(name, {})} for name, text in WORLD.items()})


def row(found: Grounds, name: str) -> dict[str, Any]:
    return dict(found.numbers[found.numbers["name"] == name].iloc[0])


# ------------------------------------------------------------------ influence


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        # power is out for 10 h; of 1,000 people 500 rely on care, which lasts 4 h and is then lost for 6 h: 3,000
        ("care.power.endures", 1_000, -1_000),  # lost for 8 h or for 4 h
        ("care.power.loses", -1_500, 0),  # half of it; the high is the mode
        ("care.people", -1_500, 3_000),  # 250 or 1,000 people, 6 h each
        ("care.restart", 0, 500),  # an hour longer
        ("power.restart", 0, 1_500),  # three hours longer
        ("water.restart", 0, 0),  # nothing happens to water
        ("care.water.endures", 0, 0),
        ("mirror.care.endures", 0, 0),  # an indicator mirrors what is counted already
    ],
)
def test_the_influence_of_a_number_is_what_it_does_to_person_hours(name: str, low: int, high: int) -> None:
    found = evidence(world(), [OUTAGE])
    number = row(found, name)
    assert (number["low_person_h"], number["high_person_h"]) == (low, high)
    assert number["swing_person_h"] == max(low, high, 0) - min(low, high, 0)
    assert number["mostly_in"] == ("s" if low or high else "")
    assert found.totals["person_h"] == 3_000
    assert "care.cost_per_day" not in set(found.numbers["name"])


def test_scenarios_add_up_and_the_one_that_matters_most_is_named() -> None:
    longer = OUTAGE.model_copy(update={"name": type(OUTAGE.name)(nl="l", en="long")})
    drought = builders.scenario({"hits": "water", "for": "3h"}, horizon="20h")
    drought = drought.model_copy(update={"name": type(OUTAGE.name)(nl="d", en="drought")})
    found = evidence(world(), [longer, drought])
    assert row(found, "care.power.endures")["mostly_in"] == "long"
    # water is out for 3 h and starts for 2 h: care lasts an hour and is lost for 4; an hour either way
    water = row(found, "care.water.endures")
    assert (water["mostly_in"], water["low_person_h"], water["high_person_h"]) == ("drought", 500, -500)
    assert found.totals["person_h"] == 3_000 + 2_000
    # longer restart of care: 500 in each
    assert row(found, "care.restart")["high_person_h"] == 1_000
    assert list(found.scenarios) == ["long", "drought"]


def test_a_number_whose_mode_is_best_moves_as_far_as_its_worst_end() -> None:
    need = {"from": "signal", "endures": "1h", "if_manipulated": {"level": "50%", "noticed_after": ["1h", "4h", "9h"]}}
    model = builders.model({"signal": {}, "ship": {"people": "100%", "needs": {"signal": need}}})
    found = evidence(model, [builders.scenario({"hits": "signal", "manipulated": "true", "for": "5h"}, horizon="1d")])
    # noticed after 1 h: half for 1 h, its reserve for 1 h, nothing for 3 h: 3.5 h lost. After 4 h: half for 4 h and
    # the reserve does the rest: 2 h. Never: half for 5 h: 2.5 h.
    number = row(found, "ship.signal.if_manipulated.noticed_after")
    assert (number["low_person_h"], number["high_person_h"], number["swing_person_h"]) == (1_500, 500, 1_500)
    assert found.totals["person_h"] == 2_000


def raised(draft: Draft) -> tuple[Model, Scenario]:
    """Build a draft in hours instead of seconds, with people for every process."""
    draft = enlarged(doubtful(draft, draft["seed"]), HOUR)
    for number, process in enumerate(draft["processes"].values()):
        process["people"] = "100%" if number % 2 else "40%"
    for region in draft["regions"].values():
        region["population"] = f"{int(region['population']) * 1_000}"
    return build(draft)


def brute(model: Model, scenario: Scenario) -> dict[str, tuple[int, int]]:
    """Run every number at both ends, skipping none, and count people by the log of levels."""
    network = compile_network(model, scenario)
    draws = prepare_draws(network)
    shares = np.array([model.processes[p].people.mode for p in network.processes])  # type: ignore[union-attr]
    inhabitants = {code: region.population for code, region in model.regions.items()} | {"": model.population}
    people = np.array([inhabitants[network.region(i)] for i in range(network.size)], float)
    for process, table in model.assets.items():
        for i in network.instances(process):
            sizes = {
                a: s
                for a, r, s in zip(table.ids, table.regions, table.capacities, strict=True)
                if r == network.region(i)
            }
            people[i] = people[i] * sizes[network.asset_of[i]] // sum(sizes.values())
    people *= shares[network.process_of] / FULL

    def lost(u: np.ndarray) -> float:
        return float((simulate(draws.network_at(u), scenario).state.proc["lost"] * people).sum() / FULL / HOUR)

    base, found = lost(draws.modes()), {}
    for k, name in enumerate(draws.names):
        ends = []
        for end in (0.0, 1.0):
            u = draws.modes()
            u[k] = end
            ends.append(lost(u) - base)
        found[name] = (ends[0], ends[1])
    return found


def test_skipping_what_is_never_touched_changes_nothing() -> None:
    skipped = moved = 0
    for seed in range(30):
        model, scenario = raised(random_draft(seed))
        by_hand = brute(model, scenario)
        found = evidence(model, [scenario])
        for number in found.numbers.to_dict("records"):
            expected = by_hand[number["name"]]
            assert (number["low_person_h"], number["high_person_h"]) == pytest.approx(expected, abs=0.6), (seed, number)
        skipped += len(found.numbers) - (found.totals["runs"] - 1) // 2
        moved += int(found.totals["numbers_moving"])
    assert skipped > 100
    assert moved > 50


def test_the_number_of_threads_changes_nothing() -> None:
    one, three = (evidence(load(ROOT / "sectors"), ["outage-112"], workers=n) for n in (1, 3))
    assert one.numbers.equals(three.numbers)
    assert one.totals == three.totals


def test_progress_ends_at_all_of_it() -> None:
    told: list[tuple[int, int]] = []
    found = evidence(world(), [OUTAGE], progress=lambda done, size: told.append((done, size)))
    # touched by the outage: the two restarts, care's power twice, the mirror's; care's water and water are not
    assert told[-1] == (5, 5)
    assert found.totals["runs"] == 1 + 2 * 5


def test_what_cannot_be_judged_is_said() -> None:
    with pytest.raises(UsageError, match="no scenario to judge"):
        evidence(world(), [])
    assert cascade.evidence is evidence


# ------------------------------------------------------------------ standing and doubt


@pytest.mark.parametrize(
    ("source", "confidence", "stands", "doubts"),
    [
        (["FMT"], "high", "sourced", 1),
        (["I01", "mem"], "medium", "sourced", 1.5),
        (["FMT"], "low", "derived", 4),
        (["FMT"], None, "derived", 4),
        (["FMT", "own"], "high", "derived", 2),
        (["own"], "low", "prior", 6),
        (["mem"], "medium", "prior", 4.5),
        ([], None, "prior", 6),
    ],
)
def test_doubt_follows_from_who_says_so(source: list[str], confidence: Any, stands: str, doubts: float) -> None:
    entry = Evidence.model_validate({"source": source, "confidence": confidence})
    assert (standing(entry), doubt(entry)) == (stands, doubts)


def test_numbers_come_in_order_of_influence_times_doubt() -> None:
    found = evidence(world(), [OUTAGE])
    first = [(r["name"], r["priority"]) for r in found.numbers.to_dict("records")[:5]]
    assert first == [
        ("care.people", 4_500 * 3),  # I01 and own, medium: 2 × 1.5
        ("power.restart", 1_500 * 6),
        ("care.power.endures", 2_000),
        ("care.power.loses", 1_500),
        ("care.restart", 500 * 3),
    ]
    assert found.numbers["rank"].tolist() == list(range(1, 9))
    number = row(found, "care.power.endures")
    assert [number[key] for key in ("low", "mode", "high", "source", "facts", "standing")] == [
        "2h", "4h", "6h", "FMT mem", "H01", "sourced",
    ]  # fmt: skip


def test_processes_and_sectors_count_their_needs() -> None:
    found = evidence(world(), [OUTAGE])
    assert found.processes.to_dict("records") == [
        {"sector": "one", "process": "mirror", "needs": 1, "sourced": 0, "derived": 0, "prior": 1,
         "share_sourced": 0.0, "swing_person_h": 0, "priority": 0},
        {"sector": "two", "process": "care", "needs": 2, "sourced": 1, "derived": 0, "prior": 1,
         "share_sourced": 0.5, "swing_person_h": 8_500, "priority": 13_500 + 2_000 + 1_500 + 1_500},
    ]  # fmt: skip
    sectors = {r["sector"]: r for r in found.sectors.to_dict("records")}
    assert (sectors["one"]["processes"], sectors["one"]["swing_person_h"]) == (3, 1_500)
    totals = found.totals
    assert [totals[k] for k in ("needs", "sourced", "derived", "prior", "numbers", "numbers_moving", "scenarios")] == [
        3, 1, 0, 2, 8, 5, 1,
    ]  # fmt: skip
    # of 10,000 person-hours of swing: care's power 3,500 sourced, care itself 5,000 derived, power's restart 1,500
    assert [totals[f"swing_{s}"] for s in ("sourced", "derived", "prior")] == [0.35, 0.5, 0.15]


# ------------------------------------------------------------------ for people


def test_every_kind_of_number_has_words() -> None:
    numbers = prepare_draws(compile_network(load(ROOT / "sectors"))).numbers.numbers
    for field in {n.field for n in numbers} | {"people", "recharge", "fades", "spread"}:
        assert f"field_{field.rpartition('.')[2]}" in WORDS


def test_people_read_what_it_is_what_it_rests_on_and_how_sure_that_is() -> None:
    model = world()
    found = evidence(model, [OUTAGE])
    numbers = {lang: tables(found, model, lang)[0] for lang in ("nl", "en")}  # type: ignore[arg-type]
    first = numbers["nl"].rows[2]
    assert first["what"] == "care zonder power: hoe lang het doorgaat"
    assert first["values"] == "4 u (2 u – 6 u)"
    assert first["rests_on"] == "met bron, hoog: FMT, mem"
    assert first["doubt_text"] == "1"
    assert numbers["en"].rows[0]["what"] == "care: share of the people who rely on it"
    assert numbers["en"].rows[0]["values"] == "50% (25% – 100%)"
    assert len(numbers["en"].rows) == 5  # what moves nothing is left to the data
    assert len(tables(found, model, "en", whole=True)[0].rows) == 8
    said = summary(found, "en")
    assert said[0].startswith("Of the 3 needs, 1 (33%) are sourced")
    assert "5 have influence in this scenario" in said[1]
    assert "35% belongs to sourced numbers, 50% to derived ones and 15% to estimates" in said[1]


def ask(*given: str) -> Any:
    answer = CliRunner().invoke(main, ["evidence", "--model", str(ROOT / "sectors"), *given])
    assert answer.exit_code == 0, answer.output
    return answer


def test_the_command_answers_people_in_both_languages() -> None:
    dutch = ask("--scenario", "outage-112", "--lang", "nl").stdout
    assert "Eerst uitzoeken: veel invloed, weinig onderbouwing" in dutch
    assert "Noodnummer 112" in dutch or "telefonie" in dutch
    assert all(len(line) <= 100 for line in dutch.splitlines())
    english = ask("--scenario", "outage-112", "--lang", "en", "--all").stdout
    assert "By sector" in english


def test_of_one_scenario_it_does_not_speak_of_all() -> None:
    model = world()
    assert "in this one scenario" in tables(evidence(model, [OUTAGE]), model, "en")[0].note


def test_the_command_gives_data() -> None:
    data = json.loads(ask("--scenario", "outage-112", "--format", "json").stdout)
    assert data["scenarios"] == ["outage-112"]
    assert data["totals"]["needs"] == sum(s["needs"] for s in data["sectors"])
    assert len(data["numbers"]) == data["totals"]["numbers"]
    csv = ask("--scenario", "outage-112", "--format", "csv", "--table", "processes").stdout.splitlines()
    assert csv[0] == "sector,process,name,needs,sourced,derived,prior,share_sourced,swing_person_h,priority"
    assert len(csv) == 1 + len(data["processes"])


def test_an_unknown_scenario_is_wrong_use() -> None:
    answer = CliRunner().invoke(main, ["evidence", "--model", str(ROOT / "sectors"), "--scenario", "outage-113"])
    assert answer.exit_code == 2
    assert "outage-112" in answer.output
