"""What a run means for people, worked out by hand; the sums stand beside the numbers they lead to."""

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import ANV, model, run
from random_models import build, random_draft

from cascade.errors import UsageError
from cascade.model import Assets, Model
from cascade.results import impact as impact_module
from cascade.results.impact import assess, people_without, sector_levels
from cascade.results.shortfall import Layer, area, height, layers
from cascade.simulation.run import Run, simulate
from cascade.units import FULL, HOUR


def row(frame: pd.DataFrame, **where: str) -> dict[str, Any]:
    """Return the one row where these columns have these values."""
    for column, value in where.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1
    return {str(k): v for k, v in frame.iloc[0].to_dict().items()}


# ------------------------------------------------------------------ layers


def test_a_shortfall_is_cut_into_the_layers_that_last_as_one() -> None:
    # 20 from t=0, 50 from t=10, 30 from t=20, 0 at t=40: the lowest 20 go without for 40, the next 10 for 30, the top 20 for 10
    found = layers([0, 10, 20, 40], [20, 50, 30, 0], 100)
    assert sorted(found) == [Layer(0, 20, 0, 40), Layer(20, 30, 10, 40), Layer(30, 50, 10, 20)]


def test_a_layer_that_closes_and_opens_again_is_two_spells() -> None:
    found = layers([0, 10, 20, 30], [50, 20, 50, 0], 100)
    assert sorted(found) == [Layer(0, 20, 0, 30), Layer(20, 50, 0, 10), Layer(20, 50, 20, 30)]


def test_what_is_still_missing_at_the_horizon_ends_there() -> None:
    assert sorted(layers([5, 8], [10, 30], 20)) == [Layer(0, 10, 5, 20), Layer(10, 30, 8, 20)]


def test_area_beyond_takes_the_first_hours_of_every_spell_away() -> None:
    spells = [Layer(0, 20, 0, 40), Layer(20, 30, 10, 40), Layer(30, 50, 10, 20)]
    assert area(spells) == 20 * 40 + 10 * 30 + 20 * 10
    # beyond 25: 15 of the first, 5 of the second, none of the third
    assert area(spells, 25) == 20 * 15 + 10 * 5


def test_height_counts_each_person_once_however_often_they_go_without() -> None:
    spells = [Layer(0, 20, 0, 30), Layer(20, 50, 0, 10), Layer(20, 50, 20, 30), Layer(10, 60, 50, 60)]
    assert height(spells, 10) == 60
    assert height(spells, 11) == 20
    assert height(spells, 30) == 20
    assert height(spells, 31) == 0
    # apart: 0-10 and 30-40
    assert height([Layer(30, 40, 0, 5), Layer(0, 10, 0, 5)], 5) == 20


@pytest.mark.parametrize("seed", range(30))
def test_layers_agree_with_following_every_single_height(seed: int) -> None:
    draw = np.random.default_rng(seed)
    times = np.unique(draw.integers(0, 50, 12)).tolist()
    values = draw.integers(0, 9, len(times)).tolist()
    held = [next((v for t, v in zip(times[::-1], values[::-1], strict=True) if t <= now), 0) for now in range(60)]
    spells: list[list[int]] = []  # lengths, person by person
    for person in range(9):
        text = "".join("x" if value > person else " " for value in held)
        spells.append([len(part) for part in text.split()])
    found = layers(times, values, 60)
    for limit in (0, 1, 3, 7, 20):
        assert area(found, limit) == sum(max(0, n - limit) for person in spells for n in person)
        assert height(found, limit) == sum(any(n >= limit for n in person) for person in spells)


# ------------------------------------------------------------------ one process


def test_one_national_process_in_people_hours_and_euros() -> None:
    # 60% of 10 000 people rely on it; 40% is left for 5 h from hour 1, then it restarts for 2 h
    world = model({"power": {"people": "60%", "cost_per_day": "24 MEUR", "restart": "2h"}}, {"R1": 7_500, "R2": 2_500})
    impact = assess(run(world, {"hits": "power", "at": "1h", "for": "5h", "level": "40%"}))
    found = row(impact.by_copy, instance="power")
    assert found["people"] == 6_000
    assert found["peak_people"] == 3_600
    assert found["lost_h"] == pytest.approx(0.6 * 7)
    assert found["direct_h"] == pytest.approx(0.6 * 5)
    assert found["cascade_h"] == pytest.approx(0.6 * 2)
    assert (found["first_h"], found["back_h"], found["lowest"]) == (1, 8, 0.4)
    assert found["person_h"] == 6_000 * 0.6 * 7
    assert found["person_h_beyond"] == 0
    assert found["cost_eur"] == 4_200_000  # 1 MEUR an hour times 4.2
    assert found["hit"]
    assert not found["locked"]
    # regions share a national process by inhabitants
    assert impact.by_region["person_h"].tolist() == [25_200 * 3 // 4, 25_200 // 4]
    assert impact.by_region["cost_eur"].tolist() == [3_150_000, 1_050_000]
    assert impact.by_region["copies_hit"].tolist() == [0, 0]
    assert impact.by_region["peak_people"].tolist() == [2_700, 900]


def test_copies_weigh_by_their_inhabitants() -> None:
    world = model(
        {"water": {"per": "region", "people": "50%", "cost_per_day": "24 MEUR"}}, {"R1": 30_000, "R2": 10_000}
    )
    impact = assess(run(world, {"hits": "water", "where": "R1", "at": "2h", "for": "10h"}))
    assert impact.by_copy["lost_h"].tolist() == [10, 0]
    assert impact.by_copy["people"].tolist() == [15_000, 5_000]
    assert impact.by_copy["cost_eur"].tolist() == [7_500_000, 0]
    found = row(impact.by_process, process="water")
    assert found["lost_h"] == pytest.approx(7.5)
    assert found["direct_h"] == pytest.approx(7.5)
    assert found["cascade_h"] == pytest.approx(0)
    assert (found["people"], found["person_h"], found["regions_hit"], found["lowest"]) == (20_000, 150_000, 1, 0)
    assert (found["first_h"], found["back_h"], found["cost_eur"]) == (2, 12, 7_500_000)
    assert impact.by_region["person_h"].tolist() == [150_000, 0]
    assert impact.by_region["copies_hit"].tolist() == [1, 0]
    assert impact.by_region["first_h"].tolist()[0] == 2
    assert np.isnan(impact.by_region["first_h"].tolist()[1])


def test_not_back_and_never_lost_both_show_no_moment_of_return() -> None:
    world = model({"a": {"per": "region", "people": "100%"}, "b": {}}, {"R1": 1_000, "R2": 1_000})
    impact = assess(run(world, {"hits": "a@R1", "at": "3h"}, {"hits": "a@R2", "for": "1h"}, horizon="10h"))
    assert np.isnan(row(impact.by_copy, instance="a@R1")["back_h"])
    assert row(impact.by_copy, instance="a@R2")["back_h"] == 1
    found = row(impact.by_process, process="a")
    assert found["first_h"] == 0
    assert np.isnan(found["back_h"])
    assert found["lost_h"] == pytest.approx((7 + 1) / 2)
    untouched = row(impact.by_process, process="b")
    assert np.isnan(untouched["first_h"])
    assert np.isnan(untouched["back_h"])


def test_peaks_at_different_moments_do_not_add_up() -> None:
    # R3 is back at the very instant at which the other two fall
    world = model(
        {"water": {"per": "region", "people": "100%", "basic_need": "yes"}}, {"R1": 1_000, "R2": 2_000, "R3": 3_000}
    )
    r = run(world, {"hits": "water@R3", "for": "5h"}, {"hits": ["water@R1", "water@R2"], "at": "5h", "for": "5h"})
    impact = assess(r)
    assert row(impact.by_process, process="water")["peak_people"] == 3_000
    assert row(impact.by_sector, sector="one")["peak_people"] == 3_000
    assert impact.totals["people_peak"] == 3_000
    assert impact.totals["basic_people_peak"] == 3_000
    assert impact.basic_needs["peak_people"].tolist() == [1_000, 2_000, 3_000]


def test_the_peak_of_one_process_does_not_start_from_what_another_has_lost() -> None:
    world = model({"a": {"people": "100%"}, "b": {"people": "50%"}})
    impact = assess(run(world, {"hits": "a"}, {"hits": "b", "for": "1h", "level": "50%"}, horizon="2h"))
    assert impact.by_process["peak_people"].tolist() == [1_000, 250]


# ------------------------------------------------------------------ beyond what households manage


def test_only_the_hours_after_72_of_each_layer_count() -> None:
    # half is gone for 100 h, the other half for 50 of them: 500 people x (100 - 72), nobody else
    world = model({"heat": {"people": "100%", "basic_need": "yes"}})
    impact = assess(
        run(world, {"hits": "heat", "for": "100h", "level": "50%"}, {"hits": "heat", "at": "40h", "for": "50h"})
    )
    assert row(impact.by_copy, instance="heat")["person_h"] == 500 * 100 + 500 * 50
    assert row(impact.by_copy, instance="heat")["person_h_beyond"] == 500 * 28
    found = row(impact.basic_needs, region="R1")
    assert (found["person_h"], found["person_h_beyond"], found["longest_h"]) == (75_000, 14_000, 100)
    assert impact.totals["person_h_beyond"] == 14_000
    assert impact.totals["basic_person_h_beyond"] == 14_000


def test_exactly_72_hours_is_not_beyond_and_one_hour_more_is() -> None:
    world = model({"heat": {"people": "100%", "basic_need": "yes"}})
    assert assess(run(world, {"hits": "heat", "for": "72h"})).totals["basic_person_h_beyond"] == 0
    assert assess(run(world, {"hits": "heat", "for": "73h"})).totals["basic_person_h_beyond"] == 1_000


def test_two_short_outages_with_an_hour_between_are_two_spells() -> None:
    world = model({"heat": {"people": "100%", "basic_need": "yes"}})
    impact = assess(run(world, {"hits": "heat", "for": "60h"}, {"hits": "heat", "at": "61h", "for": "60h"}))
    assert impact.totals["basic_person_h_beyond"] == 0
    assert impact.totals["basic_person_h"] == 120_000


def test_one_need_after_the_other_is_one_spell_for_the_people() -> None:
    # neither lasts beyond 72 h, but nobody has all basic needs for 100 h
    world = model(
        {
            "heat": {"people": "100%", "basic_need": "yes"},
            "water": {"people": "80%", "basic_need": "yes"},
            "tv": {"people": "100%"},
        }
    )
    impact = assess(
        run(
            world,
            {"hits": "heat", "for": "50h"},
            {"hits": "water", "at": "50h", "for": "50h"},
            {"hits": "tv", "for": "200h"},
        )
    )
    assert impact.by_process["person_h_beyond"].tolist() == [0, 128_000, 0]
    found = row(impact.basic_needs, region="R1")
    assert found["person_h"] == 1_000 * 50 + 800 * 50
    assert found["person_h_beyond"] == 800 * 28
    assert (found["longest_h"], found["peak_people"], found["worst_process"]) == (100, 1_000, "heat")


def test_the_self_reliance_period_is_the_models() -> None:
    world = model({"heat": {"people": "100%", "basic_need": "yes"}}, self_reliance="24h")
    totals = assess(run(world, {"hits": "heat", "for": "73h"})).totals
    assert totals["basic_person_h_beyond"] == 49_000
    assert totals["person_h_beyond"] == 49_000


def test_whoever_lacks_two_needs_at_once_counts_once_for_a_moment_and_twice_for_the_hours() -> None:
    world = model({name: {"people": "40%", "basic_need": "yes"} for name in ("heat", "water")})
    impact = assess(run(world, {"hits": ["heat", "water"], "for": "2h"}))
    assert impact.basic_needs["peak_people"].tolist() == [400]
    assert impact.basic_needs["person_h"].tolist() == [800]
    assert row(impact.by_sector, sector="one")["peak_people"] == 400
    assert (impact.totals["people_peak"], impact.totals["person_h"]) == (400, 1_600)


def test_only_basic_needs_make_people_count_as_without_one() -> None:
    world = model({"heat": {"people": "40%", "basic_need": "yes"}, "tv": {"people": "100%"}})
    impact = assess(run(world, {"hits": ["heat", "tv"], "for": "2h"}))
    assert (impact.totals["people_peak"], impact.totals["basic_people_peak"]) == (1_000, 400)
    assert (impact.totals["person_h"], impact.totals["basic_person_h"]) == (2_800, 800)
    assert impact.by_region["peak_people"].tolist() == [1_000]


# ------------------------------------------------------------------ totals


def chain() -> Model:
    """Power feeds water (2 h of battery) and the telephone; 1000 people."""
    return model(
        {
            "phone": {"sector": "two", "people": "50%", "needs": {"p": {"from": "power"}}},
            "power": {"sector": "one", "people": "100%"},
            "water": {
                "sector": "two",
                "basic_need": "yes",
                "per": "region",
                "people": "100%",
                "needs": {"p": {"from": "power", "endures": "2h"}},
            },
            "spare": {"sector": "three"},
        },
        {"R1": 600, "R2": 400},
    )


def test_totals_of_a_chain() -> None:
    totals = assess(run(chain(), {"hits": "power", "at": "1h", "for": "10h"})).totals
    # power 10 h x 1000, phone 10 h x 500, water 8 h x 1000
    assert totals["person_h"] == 10_000 + 5_000 + 8_000
    assert totals["direct_share"] == pytest.approx(10 / 23)
    assert totals["cascade_share"] == pytest.approx(13 / 23)
    assert totals["direct_share_h"] == pytest.approx(10 / 28)
    assert totals["first_effect_h"] == 1
    assert (totals["sectors_hit"], totals["processes_hit"], totals["regions_hit"]) == (2, 3, 2)
    assert totals["people_peak"] == 1_000
    assert (totals["locked"], totals["population"], totals["horizon_h"]) == (0, 1_000, 720)


def test_the_first_effect_is_on_what_no_event_hits() -> None:
    world = model({"power": {}, "water": {"needs": {"p": {"from": "power", "endures": "2h"}}}})
    impact = assess(run(world, {"hits": "power", "at": "1h"}, horizon="9h"))
    assert impact.totals["first_effect_h"] == 3
    assert impact.by_copy["hit"].tolist() == [True, False]
    assert assess(run(world, {"hits": ["power", "water"], "at": "1h"}, horizon="9h")).totals["first_effect_h"] is None


def test_an_event_at_the_horizon_hits_nothing() -> None:
    impact = assess(run(chain(), {"hits": "power", "at": "9h"}, horizon="9h"))
    assert not impact.by_copy["hit"].any()


def test_where_nothing_happens_all_is_zero_and_no_share_is_claimed() -> None:
    impact = assess(run(chain()))
    totals = impact.totals
    assert totals["direct_share"] is None
    assert totals["cascade_share"] is None
    assert totals["direct_share_h"] is None
    assert totals["first_effect_h"] is None
    rest = {k: v for k, v in totals.items() if k not in ("population", "horizon_h") and v is not None}
    assert set(rest.values()) == {0}
    for frame in (impact.by_copy, impact.by_process, impact.by_sector, impact.by_region, impact.basic_needs):
        figures = frame.filter(regex="_h$|_eur$|peak").drop(columns=["first_h", "back_h"], errors="ignore")
        assert (figures.to_numpy() == 0).all()
    assert impact.basic_needs["worst_process"].tolist() == ["", ""]


def test_a_model_without_regions_or_people_still_counts_hours() -> None:
    impact = assess(run(model({"a": {"cost_per_day": "24 MEUR"}}, {}, ANV), {"hits": "a", "for": "3h"}))
    assert impact.by_process["lost_h"].tolist() == [3]
    assert impact.totals["cost_eur"] == 3_000_000
    assert impact.totals["direct_share_h"] == 1
    assert impact.totals["direct_share"] is None
    assert impact.basic_needs.empty
    assert people_without(run(model({"a": {}}, {}))).columns.tolist() == ["time_h", "region", "people"]


def test_regions_without_inhabitants_share_a_cost_evenly() -> None:
    world = model({"a": {"per": "region", "cost_per_day": "24 MEUR"}}, {"R1": 0, "R2": 0})
    impact = assess(run(world, {"hits": "a@R1", "for": "2h"}))
    assert impact.by_copy["cost_eur"].tolist() == [1_000_000, 0]


def test_locked_copies_are_counted() -> None:
    # a and b wait for each other once both are down, c only waits for them
    world = model(
        {
            "a": {"needs": {"x": {"from": "b"}}},
            "b": {"needs": {"x": {"from": "a"}}},
            "c": {"per": "region", "needs": {"x": {"from": "a"}}},
        },
        {"R1": 10, "R2": 10},
    )
    impact = assess(run(world, {"hits": ["a", "b"], "for": "1h"}))
    assert impact.by_copy["locked"].tolist() == [True] * 4
    assert impact.by_process["locked"].tolist() == [1, 1, 2]
    assert row(impact.by_sector, sector="one")["locked"] == 4
    assert impact.by_region["locked"].tolist() == [1, 1]
    assert impact.totals["locked"] == 4


# ------------------------------------------------------------------ assets


def substations(people: tuple[int, ...] | None) -> Model:
    table = Assets(("s1", "s2", "s3"), ("", "", ""), ("R1", "R1", "R2"), (3, 1, 5), people)
    return model(
        {"power": {"assets": "s.csv", "people": "50%", "basic_need": "yes", "cost_per_day": "24 MEUR"}},
        {"R1": 4_000, "R2": 1_000},
        assets={"power": table},
    )


def test_assets_carry_their_part_of_the_region_by_capacity() -> None:
    impact = assess(run(substations(None), {"hits": "power", "assets": "s1", "for": "2h"}))
    # s1 serves 3/4 of 4000 people, of whom half rely on it
    assert impact.by_copy["people"].tolist() == [1_500, 500, 500]
    assert row(impact.by_copy, instance="power@R1#s1")["person_h"] == 3_000
    assert row(impact.by_copy, instance="power@R1#s1")["cost_eur"] == 1_200_000  # 3000 of 5000 people
    assert impact.basic_needs["peak_people"].tolist() == [1_500, 0]
    assert row(impact.by_process, process="power")["lost_h"] == pytest.approx(2 * 0.6)


def test_assets_that_count_their_people_are_believed() -> None:
    impact = assess(run(substations((100, 300, 600)), {"hits": "power", "assets": ["s1", "s2"], "for": "2h"}))
    assert impact.by_copy["people"].tolist() == [100, 300, 600]
    assert impact.basic_needs["peak_people"].tolist() == [400, 0]
    assert row(impact.by_copy, instance="power@R1#s2")["cost_eur"] == 600_000


def test_no_more_people_go_without_than_live_in_a_region() -> None:
    impact = assess(run(substations((3_000, 3_000, 600)), {"hits": "power", "for": "2h"}))
    assert impact.basic_needs["peak_people"].tolist() == [4_000, 600]


# ------------------------------------------------------------------ criteria


def anv(world: Model, *events: dict[str, Any], criterion: str = "2.3", **rest: Any) -> dict[str, Any]:
    return row(assess(run(world, *events, **rest)).anv, criterion=criterion)


def fed(people: int) -> Model:
    return model({"food": {"people": "100%", "basic_need": "yes"}, "tv": {"people": "100%"}}, {"R1": people}, ANV)


@pytest.mark.parametrize(
    ("people", "hours", "score", "row_h"),
    [
        (10_000, 48, "A", 48),  # an upper limit belongs to the lower class
        (10_001, 48, "B", 48),
        (100_000, 48, "B", 48),
        (100_001, 48, "C", 48),
        (1_000_000, 48, "C", 48),
        (1_000_001, 48, "D", 48),
        (10_000, 7 * 24 - 1, "A", 48),  # a lower limit of durations belongs to the higher class
        (10_000, 7 * 24, "B", 168),
        (10_000, 30 * 24, "C", 720),
        (10_000, 182 * 24, "D", 4_368),
        (100_001, 30 * 24, "E", 720),
        (1_000_001, 7 * 24, "E", 168),
        (1_000_001, 182 * 24, "E", 168),  # of equal classes the shortest duration
    ],
)
def test_basic_needs_at_the_limits_of_the_classes(people: int, hours: int, score: str, row_h: int) -> None:
    found = anv(fed(people), {"hits": "food", "for": f"{hours}h"}, horizon="200d")
    assert (found["score"], found["people"], found["duration_h"]) == (score, people, row_h)
    assert found["cost_eur"] is None
    assert found["parameters"] == "anv-2.3"


def test_a_second_less_than_the_shortest_duration_scores_nothing() -> None:
    # the television is no basic need
    found = anv(fed(10_000_000), {"hits": "food", "for": f"{48 * HOUR - 1}s"}, {"hits": "tv"})
    assert (found["score"], found["label"], found["people"], found["duration_h"]) == ("-", None, 0, None)


def test_each_row_of_durations_counts_only_who_lasts_so_long() -> None:
    # 200 000 without for 3 days is C; of those 50 000 for 40 days is D (row of 30 days)
    found = anv(
        fed(200_000), {"hits": "food", "for": "3d"}, {"hits": "food", "for": "40d", "level": "75%"}, horizon="60d"
    )
    assert (found["score"], found["people"], found["duration_h"]) == ("D", 50_000, 720)


def test_people_of_all_regions_count_together_even_at_different_times() -> None:
    world = model({"food": {"per": "region", "people": "100%", "basic_need": "yes"}}, {"R1": 8_000, "R2": 8_000}, ANV)
    found = anv(world, {"hits": "food@R1", "for": "3d"}, {"hits": "food@R2", "at": "5d", "for": "3d"})
    assert (found["score"], found["people"]) == ("B", 16_000)


def test_the_words_of_a_class_come_with_it() -> None:
    found = anv(fed(10_000), {"hits": "food", "for": "48h"})
    assert found["label"]["nl"] == "beperkt"
    assert found["label"]["en"] == "limited"
    assert found["title"]["nl"] == "basic needs"
    assert found["source"] == "ANV"


@pytest.mark.parametrize(
    ("cost", "score"),
    [
        ("50 MEUR", "A"),
        ("50000001 EUR", "B"),
        ("500 MEUR", "B"),
        ("5 BEUR", "C"),
        ("50 BEUR", "D"),
        ("50000000001 EUR", "E"),
        ("0 EUR", "-"),
    ],
)
def test_costs_at_the_limits_of_the_classes(cost: str, score: str) -> None:
    world = model({"shop": {"cost_per_day": cost}}, parameters=ANV)
    found = anv(world, {"hits": "shop", "for": "1d"}, criterion="3.1")
    assert found["score"] == score
    assert found["people"] is None
    assert found["duration_h"] is None


INDICATORS = ("school", "work", "care", "travel", "shops")
DAILY: dict[str, Any] = {
    "daily": {
        "title": "daily life",
        "criterion": "5.1",
        "measure": "daily-life",
        "people": ["1000"],
        "durations": ["1d", "3d"],
        "scores": [["A", "C"], ["D", "E"]],
        "indicators": {name: {"name": name, "processes": [name, "absent"]} for name in INDICATORS},
        "correction": {"minus_one_up_to": "1", "plus_one_from": "4"},
    }
}


def daily(*events: dict[str, Any]) -> dict[str, Any]:
    world = model({name: {"people": "100%"} for name in INDICATORS}, {"R1": 10_000}, DAILY)
    return anv(world, *events, criterion="5.1")


@pytest.mark.parametrize(("hit", "score"), [(1, "A"), (2, "C"), (3, "C"), (4, "D"), (5, "D")])
def test_the_number_of_indicators_moves_daily_life_one_class(hit: int, score: str) -> None:
    # one day is row A, C: 10 000 people are C; the scores in use are A C D E, so below C lies A
    found = daily(*({"hits": name, "for": "1d"} for name in INDICATORS[:hit]))
    assert (found["score"], found["people"], found["duration_h"]) == (score, 10_000, 24)


def test_a_correction_stays_within_the_classes() -> None:
    assert daily({"hits": "work", "for": "1d", "level": "95%"})["score"] == "A"
    assert daily(*({"hits": name, "for": "3d"} for name in INDICATORS))["score"] == "E"


def test_an_indicator_that_hits_few_people_does_not_count() -> None:
    slight = [{"hits": name, "for": "1d", "level": "90%"} for name in INDICATORS[1:]]
    # 1000 people is the class of few: work alone makes the class of many
    assert daily({"hits": "work", "for": "1d"}, *slight)["score"] == "A"
    more = [{"hits": name, "for": "1d", "level": "89.99%"} for name in INDICATORS[1:]]
    assert daily({"hits": "work", "for": "1d"}, *more)["score"] == "D"


def test_indicators_count_by_the_row_of_durations() -> None:
    # the first day is row A, C with five indicators: D; three days row D, E with one: E, one down: D, no better than the first
    short = [{"hits": name, "for": "1d"} for name in INDICATORS[1:]]
    found = daily({"hits": "school", "for": "3d"}, *short)
    assert (found["score"], found["duration_h"]) == ("D", 24)
    found = daily({"hits": "school", "for": "3d"}, {"hits": "work", "for": "3d"}, *short)
    assert (found["score"], found["duration_h"]) == ("E", 72)


def test_one_indicator_after_the_other_is_one_disruption() -> None:
    found = daily({"hits": "school", "for": "12h"}, {"hits": "travel", "at": "12h", "for": "12h", "level": "40%"})
    # 6000 for a whole day; neither indicator alone lasts one, so none counts: one class down from C
    assert (found["score"], found["people"]) == ("A", 6_000)


def test_the_scores_follow_the_models_own_limits() -> None:
    tighter = {**ANV, "anv-2.3": {**ANV["anv-2.3"], "people": ["10", "20", "9999"]}}
    world = dataclasses.replace(fed(10_000), info=model({"x": {}}, parameters=tighter).info)
    assert anv(world, {"hits": "food", "for": "48h"})["score"] == "D"


def test_a_named_set_of_parameters_is_the_only_one_scored() -> None:
    r = run(fed(10_000), {"hits": "food", "for": "48h"})
    assert assess(r).anv["criterion"].tolist() == ["2.3", "3.1"]
    assert assess(r, ["anv-3.1"]).anv["criterion"].tolist() == ["3.1"]
    with pytest.raises(UsageError, match=r"no parameter set 'anv-labels' that measures .*known: anv-2.3, anv-3.1"):
        assess(r, ["anv-labels"])


@pytest.mark.parametrize(
    "fault",
    [{"people": ["1", "2"]}, {"durations": ["1d"]}, {"people": ["3", "2", "1"]}, {"scores": None}, {"people": None}],
)
def test_a_set_that_does_not_hang_together_is_refused(fault: dict[str, Any]) -> None:
    world = model({"x": {}}, parameters={"odd": {**ANV["anv-2.3"], **fault}})
    with pytest.raises(UsageError, match="parameter set 'odd' does not hang together"):
        assess(run(world))


# ------------------------------------------------------------------ over time


def test_people_without_is_a_step_function_from_start_to_horizon() -> None:
    world = model(
        {"water": {"per": "region", "people": "50%", "basic_need": "yes"}, "tv": {"people": "100%"}},
        {"R1": 1_000, "R2": 400},
    )
    frame = people_without(
        run(
            world,
            {"hits": "water@R2", "at": "2h", "for": "3h", "level": "25%"},
            {"hits": "tv", "for": "7h"},
            horizon="10h",
        )
    )
    assert frame.to_dict("list") == {
        "time_h": [0, 10, 0, 2, 5, 10],
        "region": ["R1", "R1", "R2", "R2", "R2", "R2"],
        "people": [0, 0, 0, 150, 0, 0],
    }


def test_a_sector_level_weighs_processes_by_people_and_copies_by_inhabitants() -> None:
    # weights: water 1000, phone 500, and the one without a number their mean, 750; of 2250
    world = model(
        {"water": {"per": "region", "people": "100%"}, "phone": {"people": "50%"}, "desk": {}}, {"R1": 800, "R2": 200}
    )
    r = run(world, {"hits": "water@R1", "at": "1h", "for": "1h"}, {"hits": "desk", "at": "4h"}, horizon="6h")
    frame = sector_levels(r)
    assert frame["sector"].unique().tolist() == ["one"]
    assert frame["time_h"].tolist() == [0, 1, 2, 4, 6]
    assert frame["level"].tolist() == pytest.approx([1, 1 - 800 / 2250, 1, 1 - 750 / 2250, 1 - 750 / 2250])
    found = row(assess(r).by_sector, sector="one")
    assert found["lost_h"] == pytest.approx(800 / 2250 * 1 + 750 / 2250 * 2)
    assert found["lowest"] == pytest.approx(1 - 800 / 2250)
    assert (found["processes"], found["processes_hit"], found["regions_hit"], found["first_h"]) == (3, 2, 1, 1)


def test_a_sector_without_any_number_of_people_weighs_its_processes_the_same() -> None:
    frame = sector_levels(run(model({"a": {}, "b": {}}), {"hits": "a"}, horizon="1h"))
    assert frame["level"].tolist() == [0.5, 0.5]


def test_a_sector_that_is_back_is_back_in_full() -> None:
    # numbers whose parts, added and taken away in this order, leave 0.9999999999999999
    people = dict(zip((f"R{n}" for n in range(1, 10)), (40, 78, 86, 29, 14, 56, 61, 71, 59), strict=True))
    lasts = zip(people, (4, 5, 5, 5, 5, 4, 5, 1, 1), strict=True)
    events = [{"hits": f"a@{code}", "at": f"{n}h", "for": f"{hours}h"} for n, (code, hours) in enumerate(lasts, 1)]
    frame = sector_levels(run(model({"a": {"per": "region"}, "b": {}}, people), *events, horizon="20h"))
    assert frame["level"].tolist()[-2:] == [1, 1]
    assert frame["level"].max() == 1


def test_a_crowded_curve_is_thinned_but_keeps_its_ends_and_its_lowest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(impact_module, "MOST_POINTS", 8)
    levels = {f"{n}h": f"{90 - n % 7}%" for n in range(50)} | {"33h": "1%"}
    frame = sector_levels(run(model({"a": {}}), {"hits": "a", "levels": levels}, horizon="50h"))
    assert len(frame) <= 9
    assert frame["level"].min() == pytest.approx(0.01)
    assert frame["time_h"].tolist()[0] == 0
    assert frame["time_h"].tolist()[-1] == 50
    assert frame["time_h"].is_monotonic_increasing


# ------------------------------------------------------------------ any model at all


def random_run(seed: int) -> Run:
    draft = random_draft(seed)
    for n, text in enumerate(draft["processes"].values()):
        text |= {
            "people": f"{(37 * n + seed) % 101}%",
            "cost_per_day": f"{n} kEUR",
            "basic_need": str(n % 2 == 0).lower(),
        }
    return simulate(*build(draft))


def own_levels(r: Run, instance: int, times: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Level that events leave, at each of some moments."""
    rows = r.imposed.instance == instance
    at = np.searchsorted(r.imposed.time[rows], times, side="right") - 1
    return np.append(r.imposed.own[rows], FULL)[at]


@pytest.mark.parametrize("seed", range(12))
def test_hours_equal_a_plain_integral_of_the_levels(seed: int) -> None:
    r = random_run(seed)
    impact = assess(r)
    for i, found in enumerate(impact.by_copy.to_dict("records")):
        start, end, level = r.stretches(i)
        cuts = np.unique(np.concatenate([start, end, r.imposed.time[r.imposed.instance == i]]))
        begin, lasting = cuts[:-1], np.diff(cuts)
        lost = FULL - level[np.searchsorted(start, begin, side="right") - 1]
        direct = np.minimum(lost, FULL - own_levels(r, i, begin))
        assert found["lost_h"] == pytest.approx((lost * lasting).sum() / (FULL * HOUR))
        assert found["direct_h"] == pytest.approx((direct * lasting).sum() / (FULL * HOUR))
        assert found["lowest"] == level.min() / FULL


@pytest.mark.parametrize("seed", range(12))
def test_tables_add_up_to_the_totals(seed: int) -> None:
    r = random_run(seed)
    impact = assess(r)
    for column in ("person_h", "person_h_beyond", "cost_eur"):
        for frame in (impact.by_copy, impact.by_process, impact.by_sector, impact.by_region):
            # rounded line by line
            assert frame[column].sum() == pytest.approx(impact.totals[column], abs=0.5 * len(frame) + 1)
    assert impact.basic_needs["person_h"].sum() == pytest.approx(impact.totals["basic_person_h"], abs=5)
    frame = people_without(r)
    last = frame.groupby("region")["time_h"].shift(-1) - frame["time_h"]
    assert (frame["people"] * last.fillna(0)).sum() == pytest.approx(
        impact.totals["basic_person_h"], abs=0.5 * r.horizon / HOUR * len(r.network.regions) + 1
    )
    assert (impact.basic_needs["peak_people"] <= impact.basic_needs["people"]).all()
    levels = sector_levels(r)
    lasting = levels.groupby("sector")["time_h"].shift(-1) - levels["time_h"]
    lost = ((1 - levels["level"]) * lasting.fillna(0)).groupby(levels["sector"]).sum()
    assert lost.tolist() == pytest.approx(impact.by_sector["lost_h"].tolist())
