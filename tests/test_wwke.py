"""What the Wwke asks: scorecards and notification, against sums that can be done by hand."""

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from builders import ANV, model, run, scenario
from click.testing import CliRunner

import cascade
from cascade.cli import main
from cascade.errors import UsageError
from cascade.files.parameter_checks import misfits
from cascade.files.reading import find_model, load
from cascade.model import Model, ParameterSet
from cascade.results.effects import COLUMN, Meter
from cascade.results.impact import assess
from cascade.results.reach import LONGEST, alone
from cascade.results.shortfall import Layer
from cascade.results.wwke import NOTICE, _Bench, first_times, notifications, scorecard
from cascade.simulation.network import compile_network
from cascade.simulation.run import simulate
from cascade.telling import wwke as telling
from cascade.telling.dossier import consumers
from cascade.telling.wwke import limit_text
from cascade.units import DAY, HOUR

# ------------------------------------------------------------------ scorecard


def country(**more: Any) -> Model:
    """Power feeds water (6 h), care and police; a spare stands in for half of what the shop gets."""
    return model(
        {
            "power": {"sector": "energy", "people": "100%", "cost_per_day": "1 MEUR", "lists": {"cer": "1a", "nctv-category": "A"}},
            "spare": {"sector": "energy", "lists": {"cer": "1a"}},
            "water": {
                "sector": "water", "per": "region", "people": "100%", "basic_need": True, "lists": {"cer": "6"},
                "needs": {"power": {"from": "power", "endures": "6h", "loses": "50%"}},
            },
            "care": {
                "sector": "care", "per": "region", "people": "10%", "cost_per_day": "2 MEUR", "lists": {"cer": "5"},
                "needs": {"power": {"from": "power", "endures": "12h"}},
            },
            "shop": {
                "sector": "shops", "people": "50%", "market_share": "40%", "source": "own", "confidence": "low",
                "needs": {"power": {"any_of": ["power", {"id": "spare", "gives": "50%"}]}},
            },
            "police": {"sector": "emergency", "needs": {"power": {"from": "power", "loses": "10%"}}},
            "mirror": {"sector": "shops", "tags": ["indicator"], "needs": {"power": {"from": "power"}}},
            **more,
        },
        {"R1": 1_000, "R2": 3_000},
        ANV,
    )  # fmt: skip


def card(world: Model, process: str, duration: str = "24h") -> dict[str, dict[str, Any]]:
    frame = scorecard(world, duration, process)
    assert set(frame["process"]) == {process}
    assert frame["measure"].is_unique
    return {row["measure"]: row for row in frame.to_dict("records")}


def test_the_six_criteria_of_a_day_without_power() -> None:
    found = {measure: row["value"] for measure, row in card(country(), "power").items()}
    # a: all 4000; they are also the most that lack anything
    assert (found["users"], found["users_peak"]) == (4_000, 4_000)
    # b: water, care and shop lose more than a tenth; police exactly a tenth; the mirror is no service
    assert (found["sectors"], found["annex_items"], found["dependents"], found["soonest_h"]) == (3, 2, 3, 0)
    # c: 18 h at half of the water for 4000; 12 h without care for 400; a day of power and half a day of care
    assert (found["basic_people_peak"], found["basic_person_h"]) == (2_000, 36_000)
    assert (found["care_person_h"], found["cost_eur"]) == (4_800, 2_000_000)
    assert (found["back_h"], found["safety_processes"], found["environment"]) == (24, 0, None)
    assert (found["anv_2.3"], found["anv_3.1"]) == (None, "A")
    # d: not given; e: a national process works everywhere
    assert (found["market_share"], found["regions"], found["regions_felt"], found["isolated"]) == (None, 2, 2, 0)
    assert found["nctv_category"] == "A"


def test_what_stand_ins_avert() -> None:
    found = {measure: row["value"] for measure, row in card(country(), "power").items()}
    # five needs name power, one of them has another supplier
    assert (found["needs"], found["needs_with_stand_in"]) == (5, 1)
    # with the spare: water 36,000 + care 4,800 + shop 24 h at half of 2000; without: the shop's other 24,000 too
    assert found["averted"] == pytest.approx(1 - 64_800 / 88_800)
    # the spare is only a stand-in: nobody is worse off without power standing in for it
    assert card(country(), "spare")["averted"]["value"] is None


def test_without_stand_ins_is_the_model_written_without_them() -> None:
    world = country(
        lamp={"needs": {"p": {"at_least": {"count": 1, "of": ["power", "spare", {"id": "water@all", "gives": "20%"}]}}}}
    )
    bare = _Bench(world).without_stand_ins("power")
    assert bare is not None
    plain = country(lamp={"needs": {"p": {"at_least": {"count": 2, "of": ["power", "spare"]}}}})
    written = dataclasses.replace(
        plain,
        processes={
            **plain.processes,
            "shop": plain.processes["shop"].model_copy(
                update={"needs": {"power": plain.processes["police"].needs["power"]}}
            ),
        },
    )
    s = alone(world, "power", DAY, 2 * DAY)
    kept = [r for r in simulate(bare, s).rows() if not r[1].startswith("shop")]
    assert kept == [r for r in simulate(compile_network(written), s).rows() if not r[1].startswith("shop")]
    # the shop now has nothing but power
    assert [r[2:4] for r in simulate(bare, s).rows() if r[1] == "shop"] == [(10_000, 0), (0, 10_000)]
    # and without a failure all is as it was
    assert simulate(bare, scenario()).rows() == []
    assert _Bench(world).without_stand_ins("care") is None


def test_figures_say_what_they_rest_on() -> None:
    found = card(country(), "power")
    basis = {m: r["basis"] for m, r in found.items()}
    assert basis["users"] == "model"
    assert basis["sectors"] == "computed"
    assert {m for m, b in basis.items() if b == "open"} == {
        "environment",
        "market_share",
        "cross_border",
        "outside_alternatives",
    }
    assert found["sectors"]["evidence"] == "care shops water"
    assert found["annex_items"]["evidence"] == "5 6"
    assert found["dependents"]["evidence"] == "shop water care"
    assert found["cost_eur"]["evidence"] == "care power"
    shop = card(country(), "shop")
    assert (shop["market_share"]["value"], shop["market_share"]["basis"], shop["market_share"]["source"]) == (
        0.4,
        "model",
        "own",
    )
    assert (card(country(), "police")["users"]["value"], card(country(), "police")["users"]["basis"]) == (None, "open")
    assert card(country(), "police")["safety_processes"]["value"] == 1


def test_its_own_sector_and_item_are_no_others() -> None:
    heat = {"sector": "energy", "lists": {"cer": "1a"}, "needs": {"power": {"from": "power"}}}
    found = card(country(heat=heat), "power")
    assert (found["dependents"]["value"], found["sectors"]["value"], found["annex_items"]["value"]) == (4, 3, 2)
    assert found["annex_items"]["evidence"] == "5 6"


def test_what_the_model_has_no_sector_for_is_open() -> None:
    world = model({"a": {"people": "10%"}, "b": {"needs": {"a": {"from": "a"}}}})
    found = card(world, "a")
    assert (found["safety_processes"]["basis"], found["care_person_h"]["basis"]) == ("open", "open")
    assert found["nctv_category"]["value"] is None


def test_what_nobody_counted_is_open_and_says_why() -> None:
    needs = {"b": {"from": "a", "endures": "1h"}}
    bare = model({"a": {"sector": "x"}, "b": {"sector": "x", "needs": needs}}, {"R1": 0}, ANV)
    found = card(bare, "a")
    missing = {"users": "people", "users_peak": "population", "cost_eur": "cost_per_day", "averted": "population"}
    missing |= dict.fromkeys(("basic_people_peak", "basic_person_h"), "population")
    for measure, why in missing.items():
        assert [found[measure][key] for key in ("value", "basis", "evidence")] == [None, "open", why], measure
    assert {row["basis"] for measure, row in found.items() if measure.startswith("anv_")} == {"open"}
    assert [found[m]["value"] for m in ("dependents", "soonest_h")] == [1, 1.0]
    # of people and costs that are known nothing is open, and neither is what is known to be nobody
    peopled = model(
        {"a": {"sector": "x", "people": "100%", "cost_per_day": "1 MEUR"}, "b": {"sector": "x", "basic_need": True, "people": "50%"}},
        {"R1": 100},
    )  # fmt: skip
    found = card(peopled, "a")
    assert {found[m]["basis"] for m in ("users", "users_peak", "cost_eur", "basic_person_h")} == {"model", "computed"}
    assert (found["basic_person_h"]["value"], card(peopled, "b")["cost_eur"]["basis"]) == (0, "open")
    table = telling.scorecard(scorecard(bare, "24h", "a"), bare, "nl", 24 * HOUR)
    said = {row["measure"]: (row["value_text"], row["evidence_text"]) for row in table.rows}
    assert said["users_peak"] == ("…", "zelf in te vullen: het model heeft geen inwoners")
    assert said["cost_eur"] == ("…", "zelf in te vullen: het model kent geen kosten van wat geraakt is")
    limits = {
        "t": {
            "title": "t",
            "thresholds": [
                {"processes": ["a"], "min_share": "5%", "min_people": 10, "min_duration": "1h", "placeholder": True}
            ],
        }
    }
    judged = model({"a": {"sector": "x", "people": "100%"}}, {"R1": 0}, limits)
    assert notifications(simulate(judged, alone(judged, "a", DAY, 2 * DAY)))["verdict"].tolist() == ["unknown"]


def test_isolated_regions_are_named() -> None:
    world = country()
    regions = {c: r.model_copy(update={"isolated": c == "R2"}) for c, r in world.regions.items()}
    found = card(dataclasses.replace(world, regions=regions), "power")
    assert (found["isolated"]["value"], found["isolated"]["evidence"]) == (1, "R2")


def test_what_stays_down_is_said() -> None:
    world = model(
        {"a": {"needs": {"b": {"from": "b", "endures": "1h"}}}, "b": {"needs": {"a": {"from": "a", "endures": "1h"}}}}
    )
    found = card(world, "a")
    assert (found["back_h"]["value"], found["back_h"]["evidence"]) == (None, "a b")


def test_the_card_agrees_with_the_ranking_and_the_report() -> None:
    world = cascade.load(find_model(None))
    found = card(world, "drinking-water", "72h")
    done = simulate(world, alone(world, "drinking-water", 72 * HOUR, 72 * HOUR + LONGEST))
    effects = Meter(done.network).of(
        done.changes, done.state, done.horizon, pd.array(done.network.instances("drinking-water")).to_numpy()
    )
    totals = assess(done).totals
    assert found["sectors"]["value"] == effects[COLUMN["sectors"]] == len(found["sectors"]["evidence"].split())
    assert found["regions_felt"]["value"] == effects[COLUMN["regions"]]
    assert found["basic_person_h"]["value"] == totals["basic_person_h"]
    assert found["cost_eur"]["value"] == totals["cost_eur"] == effects[COLUMN["euros"]]


def test_all_processes_by_default_and_none_unknown() -> None:
    told: list[tuple[int, int]] = []
    frame = scorecard(country(), progress=lambda done, size: told.append((done, size)))
    assert frame["process"].nunique() == len(country().processes) == told[-1][1] == len(told)
    with pytest.raises(UsageError, match="no process 'powr' in the model; did you mean 'power'"):
        scorecard(country(), "24h", "powr")
    with pytest.raises(UsageError):
        scorecard(country(), "soon")


# ------------------------------------------------------------------ notification


def limited(*thresholds: dict[str, Any], **processes: Any) -> Model:
    """Two regions of 1000 and 3000, and thresholds on ``net``, on which half of the people rely."""
    given = [{"processes": ["net"], "min_duration": "0h", **t} for t in thresholds]
    world = model(
        {"net": {"per": "region", "people": "50%"}, **processes},
        {"R1": 1_000, "R2": 3_000},
        {"limits": {"title": "limits", "thresholds": given}},
    )
    return world


def judged(world: Model, *events: dict[str, Any], **rest: Any) -> dict[str, Any]:
    frame = notifications(run(world, *events, **rest))
    assert len(frame) == 1
    found: dict[str, Any] = frame.to_dict("records")[0]
    return found


@pytest.mark.parametrize(
    ("limit", "passes"),
    [
        ({"min_share": "25%", "min_duration": "4h"}, 5),  # R1 is a quarter of the users
        ({"min_share": "25.01%", "min_duration": "4h"}, 6),  # R2 falls an hour later
        ({"min_share": "100%", "min_duration": "4h"}, 6),
        ({"min_people": "500", "min_duration": "4h"}, 5),
        ({"min_people": "501", "min_duration": "4h"}, 6),
        ({"min_people": "2000", "min_duration": "9h"}, 11),  # R2 is out exactly 9 h
        ({"min_people": "501", "min_duration": "9h 1m"}, None),
        ({"min_people": "500", "min_duration": "0h"}, 1),
        ({"min_people": "500", "min_share": "100%", "min_duration": "4h"}, 5),  # either is enough
        ({"min_people": "2001"}, None),
    ],
)
def test_from_which_hour_on(limit: dict[str, Any], passes: float | None) -> None:
    # 500 users in R1 from 1 h to 11 h, 1500 in R2 from 2 h to 11 h
    out = [
        {"hits": "net", "where": ["R1"], "at": "1h", "for": "10h"},
        {"hits": "net", "where": ["R2"], "at": "2h", "for": "9h"},
    ]
    found = judged(limited(limit), *out)
    assert found["passes_h"] == passes
    assert found["verdict"] == ("below" if passes is None else "passes")
    assert (found["users"], found["first_h"]) == (2_000, 1)
    if passes is not None:
        assert (found["notice_by_h"], found["report_by_h"]) == (passes + 24, passes + 24 + 30 * 24)
    # who expects it has to tell from the first loss on; what passes nothing has no such moment
    assert found["notice_from_h"] == (None if passes is None else 1)


def test_user_hours_add_up_whatever_the_duration() -> None:
    # half of 2000 from 1 h: 1000 user-hours an hour; from 3 h all: 2000; 5000 after 1 + 2 + 1.5 h
    out = [{"hits": "net", "at": "1h", "for": "9h", "levels": {"0h": "50%", "2h": "0%"}}]
    found = judged(limited({"min_user_hours": "5000", "min_duration": "8h"}), *out)
    assert (found["passes_h"], found["by"]) == (4.5, "user-hours")
    assert judged(limited({"min_user_hours": "16000"}), *out)["passes_h"] == 10
    assert judged(limited({"min_user_hours": "16001"}), *out)["verdict"] == "below"


def test_the_first_limit_passed_is_named() -> None:
    both = {"min_people": "1000", "min_share": "25%", "min_duration": "1h"}
    out = [{"hits": "net", "for": "2d", "levels": {"0h": "70%", "2h": "50%"}}]
    # 30% of the users at once, 1000 people from 2 h on, each after an hour
    found = judged(limited(both), *out)
    assert (found["by"], found["passes_h"], found["without"], found["share"]) == ("share", 1, 1_000, 0.5)


def test_taking_turns_is_not_going_without_for_long() -> None:
    turns = [{"hits": "net", "where": [r], "at": f"{2 * k}h", "for": "2h"} for k, r in enumerate(["R1", "R2"] * 3)]
    assert judged(limited({"min_people": "1", "min_duration": "2h 1m"}), *turns)["verdict"] == "below"
    # each counts once, however often it is his turn
    assert judged(limited({"min_people": "2000", "min_duration": "2h"}), *turns)["passes_h"] == 4
    assert judged(limited({"min_people": "2001", "min_duration": "2h"}), *turns)["without"] == 2_000


def test_a_dip_in_the_middle_does_not_start_the_clock_anew_for_all() -> None:
    # 60% out, for an hour only 20%, then 60% again: a fifth of the users are without all along
    out = [{"hits": "net", "for": "9h", "levels": {"0h": "40%", "4h": "80%", "5h": "40%"}}]
    found = judged(limited({"min_people": "1", "min_duration": "6h"}), *out)
    assert (found["passes_h"], found["without"]) == (6, 400)
    # the others are without from 0 h to 4 h, and again for 4 h from 5 h
    assert judged(limited({"min_people": "401", "min_duration": "4h"}), *out)["without"] == 1_200


def test_isolated_users_only() -> None:
    world = limited({"min_people": "500", "min_duration": "1h", "isolated": "true"})
    regions = {c: r.model_copy(update={"isolated": c == "R1"}) for c, r in world.regions.items()}
    world = dataclasses.replace(world, regions=regions)
    assert judged(world, {"hits": "net", "where": ["R2"], "for": "5h"})["verdict"] == "below"
    found = judged(world, {"hits": "net", "for": "5h"})
    assert (found["passes_h"], found["users"]) == (1, 500)


def test_without_a_number_of_users_people_cannot_be_judged() -> None:
    world = limited({"processes": ["core"], "min_people": "1"}, core={})
    assert judged(world, {"hits": "core", "for": "1h"})["verdict"] == "unknown"
    assert judged(world, {"hits": "net", "for": "1h"})["verdict"] == "below"  # the core loses nothing
    shared = limited({"processes": ["core"], "min_share": "40%", "min_people": "1"}, core={})
    found = judged(shared, {"hits": "core", "for": "1h", "level": "60%"})
    assert (found["verdict"], found["by"], found["users"], found["share"]) == ("passes", "share", None, 0.4)
    assert judged(shared, {"hits": "core", "for": "1h", "level": "61%"})["verdict"] == "unknown"


def test_knock_on_effects_count_and_sectors_cover_their_processes() -> None:
    world = limited(
        {"processes": [], "sectors": ["one"], "min_people": "1000", "min_duration": "1h"},
        core={"needs": {"net": {"from": "net", "endures": "3h"}}, "people": "50%"},
        mirror={"needs": {"net": {"from": "net"}}, "people": "50%", "tags": ["indicator"]},
    )
    frame = notifications(run(world, {"hits": "net", "for": "1d"}))
    assert list(zip(frame["process"], frame["passes_h"], strict=True)) == [("net", 1), ("core", 4)]


def test_a_month_goes_by_the_calendar_where_the_start_is_known() -> None:
    world = limited({"min_people": "1"})
    start = datetime(2027, 1, 30, 12, tzinfo=UTC).isoformat()
    found = judged(world, {"hits": "net", "for": "1h"}, start=start)
    # notice on 31 January at noon; February has 28 days
    assert (found["notice_by_h"], found["report_by_h"]) == (24, 24 + 28 * 24)
    # and from 31 March to 30 April
    found = judged(world, {"hits": "net", "for": "1h"}, start=datetime(2027, 3, 30, 12, tzinfo=UTC).isoformat())
    assert found["report_by_h"] == 24 + 30 * 24
    # and from 15 December to 15 January
    found = judged(world, {"hits": "net", "for": "1h"}, start=datetime(2026, 12, 14, 12, tzinfo=UTC).isoformat())
    assert found["report_by_h"] == 24 + 31 * 24
    assert NOTICE == DAY


def test_sets_can_be_chosen_and_must_say_from_what_size() -> None:
    done = run(limited({"min_people": "1"}), {"hits": "net", "for": "1h"})
    assert len(notifications(done, "limits")) == 1
    assert notifications(done, ()).empty
    with pytest.raises(UsageError, match=r"no parameter set 'x' with thresholds \(known: limits\)"):
        notifications(done, ["x"])
    with pytest.raises(UsageError, match="threshold 1 of 'limits' does not say from what size"):
        notifications(run(limited({}), {"hits": "net", "for": "1h"}))


def test_heights_count_from_the_first_spell_that_lasts() -> None:
    spells = [Layer(0, 10, 0, 4), Layer(0, 30, 10, 20), Layer(20, 50, 12, 15), Layer(5, 15, 30, 50)]
    # lasting 5: 0-30 from 15 on, nothing above; 5-15 again later adds nothing
    assert {at for at, _ in first_times(spells, 5)} == {15}
    assert sum(size for _, size in first_times(spells, 5)) == 30
    # lasting 3: 0-10 from 3 on, 10-30 from 13 on, 30-50 from 15 on
    found: dict[int, int] = {}
    for at, size in first_times(spells, 3):
        found[at] = found.get(at, 0) + size
    assert found == {3: 10, 13: 20, 15: 20}
    assert list(first_times([], 0)) == []


# ------------------------------------------------------------------ parameter sets


def test_sets_that_fit_are_let_through() -> None:
    for given in cascade.load(find_model(None)).info.parameters.values():
        assert list(misfits(given)) == []


@pytest.mark.parametrize("measure", ["basic-need", "costs"])
def test_what_would_stop_a_run_is_found_beforehand(measure: str) -> None:
    name = "anv-2.3" if measure == "basic-need" else "anv-3.1"
    fields = ("people", "durations", "scores") if measure == "basic-need" else ("limits", "scores")
    for field in fields:
        for fault in (None, ANV[name][field][:1], ANV[name][field][::-1]):
            changed = {**ANV[name], field: fault}
            world = model({"x": {}}, parameters={"odd": changed})
            try:
                assess(run(world))
            except UsageError:
                assert list(misfits(ParameterSet.model_validate(changed))), changed


# ------------------------------------------------------------------ as people and programs meet it


def told(*words: str, code: int = 0) -> Any:
    result = CliRunner().invoke(main, list(words))
    assert result.exit_code == code, (result.output, result.exception)
    return result


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("nl", ["Scorekaart artikel 7", "zelf in te vullen", "van vóór de Wwke", "Plaatsvervangers"]),
        ("en", ["Scorecard of article 7(1)", "to be filled in", "from before the Wwke", "Placeholders"]),
    ],
)
def test_a_page_for_one_process(lang: str, said: list[str]) -> None:
    text = told("wwke", "drinking-water", "--lang", lang).stdout
    flat = " ".join(text.split())
    assert all(part in flat for part in said), text
    assert ("Drinkwaterwet artikel 35 vraagt" if lang == "nl" else "Drinkwaterwet article 35 asks") in flat
    assert max(map(len, text.splitlines())) <= 100


def test_a_page_as_data() -> None:
    data = json.loads(told("wwke", "drinking-water", "--format", "json", "--for", "30h").stdout)
    assert (data["process"], data["for_h"]) == ("drinking-water", 30)
    values = {row["measure"]: row["value"] for row in data["scorecard"]}
    assert (values["users"], values["nctv_category"], values["environment"]) == (17_947_000, "A", None)
    law = next(row for row in data["notification"] if row["min_people"] == 1)
    assert (law["passes_h"], law["notice_by_h"], law["placeholder"]) == (24, 48, True)
    assert "no process 'watr'" in told("wwke", "watr", code=2).stderr
    assert "duration" in told("wwke", "drinking-water", "--for", "long", code=2).stderr


def test_items_of_the_annex_come_in_its_own_order() -> None:
    flat = " ".join(told("wwke", "drinking-water", "--lang", "en").stdout.split())
    assert "1c, 2a, 5, 7, 8, 9, 11" in flat


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["--table", "notification"], "name a PROCESS"),
        (["drinking-water", "--table", "scorecards"], "leave PROCESS out"),
    ],
)
def test_a_table_of_the_other_question_is_refused_before_computing(
    line: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cascade.results.wwke.scorecard", lambda *_, **__: pytest.fail("computed"))
    assert said in told("wwke", *line, code=2).stderr


def test_on_the_page_of_one_process_thresholds_are_named_in_full() -> None:
    text = told("wwke", "drinking-water", "--lang", "nl", "--table", "notification").stdout
    assert "Drinkwater in een regionaal scenario" in text


def test_a_copy_in_another_region_stands_in_for_one_region_and_not_where_all_fail() -> None:
    """`show` speaks of one copy, the scorecard of the process failing everywhere."""
    scores = json.loads(told("wwke", "hospital-care", "--format", "json").stdout)["scorecard"]
    counted = next(row for row in scores if row["measure"] == "needs_with_stand_in")
    table = consumers(load(find_model()), "hospital-care", "en")
    assert counted["value"] == 0
    assert [row["stand_ins"] for row in table.rows] == ["Hospital care (neighbouring regions, at most 70%)"]


def test_a_process_that_no_threshold_covers_says_so() -> None:
    assert "No threshold of the model is about this process." in told("wwke", "police", "--lang", "en").stdout


@pytest.mark.parametrize(
    ("lang", "said"), [("nl", "Moet dit gemeld worden?"), ("en", "Does this have to be notified?")]
)
def test_a_run_says_what_would_have_to_be_notified(lang: str, said: str) -> None:
    text = told("run", "telecom-internet-outage", "--lang", lang, "--table", "notification").stdout
    assert said in text
    assert max(map(len, text.splitlines())) <= 100
    rows = json.loads(told("run", "telecom-internet-outage", "--table", "notification", "--format", "json").stdout)
    assert {row["verdict"] for row in rows["notification"]} >= {"passes", "below"}
    passed = [row["passes_h"] for row in rows["notification"] if row["verdict"] == "passes"]
    assert passed == sorted(passed)


def test_people_see_each_process_once_the_soonest_first() -> None:
    text = told("run", "national-power-outage", "--lang", "en", "--table", "notification").stdout
    assert text.count("Regional electricity supply") == 1
    assert "Telecom, step 5" not in text  # passed too, after step 1
    assert text.index("Regional electricity supply") < text.index("Fixed internet access")


def test_for_some_regions_there_is_no_notification() -> None:
    command = ("run", "national-power-outage", "--region", "VR01", "--table", "notification", "--format", "json")
    assert json.loads(told(*command).stdout)["notification"] == []


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ({"min_share": 0.05, "min_people": 1_000_000, "min_duration_h": 1.0}, "5% or 1.00 M people, 1 h"),
        ({"min_people": 1, "min_duration_h": 24.0}, "1 person, 1 d"),
        ({"min_share": 1.0, "min_duration_h": 0.0}, "100%"),
        ({"min_user_hours": 1_000_000, "min_duration_h": 0.0}, "1.00 M user-hours"),
        ({"min_share": 0.1, "min_user_hours": 500, "min_duration_h": 2.0}, "10%, 2 h or 500 user-hours"),
    ],
)
def test_limits_read_aloud(limit: dict[str, Any], said: str) -> None:
    given = {"min_share": None, "min_people": None, "min_user_hours": None, **limit}
    assert limit_text(given, "en") == said
