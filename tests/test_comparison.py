"""Two runs and two models side by side; every difference is one that the test made."""

import dataclasses
from typing import Any

import pandas as pd
import pytest
from builders import ANV, model, run

from cascade.model import Assets, Links, Measure, Model, Source
from cascade.results.comparison import FIGURES, compare_models, compare_runs, compare_scores, compare_totals
from cascade.results.impact import assess

WORLD: dict[str, dict[str, Any]] = {
    "desk": {},
    "power": {"people": "100%", "cost_per_day": "24 MEUR"},
    "shop": {"needs": {"p": {"from": "power", "endures": "1h"}}},
    "water": {"people": "50%", "needs": {"p": {"from": "power", "endures": "2h"}}},
}


def rows(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    return [tuple(record) for record in frame.itertuples(index=False)]


# ------------------------------------------------------------------ runs


def test_runs_stand_side_by_side_with_the_greatest_difference_first() -> None:
    world = model(WORLD)
    a = assess(run(world, {"hits": "power", "for": "3h"}))
    b = assess(run(world, {"hits": "power", "for": "8h"}))
    frame = compare_runs(a, b)
    # person-hours: power 8000 - 3000, water 500 x (6 - 1); the shop has no people but 5 h more, the desk nothing
    assert frame["process"].tolist() == ["power", "water", "shop", "desk"]
    assert frame["person_h_a"].tolist() == [3_000, 500, 0, 0]
    assert frame["person_h_b"].tolist() == [8_000, 3_000, 0, 0]
    assert frame["person_h_difference"].tolist() == [5_000, 2_500, 0, 0]
    assert frame["lost_h_difference"].tolist() == pytest.approx([5, 5, 5, 0])
    assert frame["cost_eur_difference"].tolist() == [5_000_000, 0, 0, 0]
    assert frame["back_h_difference"].tolist()[:3] == [5, 5, 5]
    assert frame["first_h_a"].tolist()[:3] == [0, 2, 1]
    assert frame["first_h_a"].isna().tolist() == [False, False, False, True]
    assert frame["lowest_a"].tolist() == [0, 0, 0, 1]
    assert str(frame["person_h_a"].dtype) == "Int64"
    assert len(frame.columns) == 1 + 3 * len(FIGURES)


def test_less_harm_ranks_by_its_size_too() -> None:
    world = model({"a": {"people": "100%"}, "b": {"people": "100%"}})
    one = assess(run(world, {"hits": "a", "for": "1h"}, {"hits": "b", "for": "9h"}))
    other = assess(run(world, {"hits": "a", "for": "2h"}, {"hits": "b", "for": "1h"}))
    frame = compare_runs(one, other)
    assert frame["process"].tolist() == ["b", "a"]
    assert frame["person_h_difference"].tolist() == [-8_000, 1_000]


def test_a_process_that_one_run_does_not_have_is_empty_there() -> None:
    a = assess(run(model({"old": {"people": "100%"}, "same": {}}), {"hits": "old", "for": "2h"}))
    b = assess(run(model({"new": {"people": "100%"}, "same": {}}), {"hits": "new", "for": "5h"}))
    frame = compare_runs(a, b)
    assert frame["process"].tolist() == ["new", "old", "same"]
    assert frame["person_h_a"].isna().tolist() == [True, False, False]
    assert frame["person_h_b"].isna().tolist() == [False, True, False]
    assert frame["person_h_difference"].isna().tolist() == [True, True, False]


def test_totals_stand_side_by_side() -> None:
    world = model(WORLD)
    a, b = assess(run(world)), assess(run(world, {"hits": "power", "for": "3h"}))
    frame = compare_totals(a, b)
    assert frame["what"].tolist() == list(a.totals)
    figures = frame[frame["what"] == "person_h"]
    assert figures[["a", "b", "difference"]].to_numpy().tolist() == [[0, 3_500, 3_500]]
    # no share where nothing was lost
    assert frame[frame["what"] == "direct_share"].isna().to_numpy().tolist() == [[False, True, False, True]]


def test_scores_stand_side_by_side() -> None:
    world = model({"food": {"people": "100%", "basic_need": "yes"}}, {"R1": 20_000}, ANV)
    r = run(world, {"hits": "food", "for": "48h"})
    assert rows(compare_scores(assess(run(world)), assess(r))) == [
        ("2.3", "anv-2.3", "-", "B"),
        ("3.1", "anv-3.1", "-", "-"),
    ]
    assert rows(compare_scores(assess(r, ["anv-2.3"]), assess(r, ["anv-3.1"]))) == [
        ("2.3", "anv-2.3", "B", ""),
        ("3.1", "anv-3.1", "", "-"),
    ]


# ------------------------------------------------------------------ models


def changed(process: str, **update: Any) -> Model:
    """Write one process anew."""
    return model({**WORLD, process: {**WORLD[process], **update}})


def test_a_model_equals_itself() -> None:
    assert compare_models(model(WORLD), model(WORLD)).empty
    assert compare_models(model(WORLD), model(WORLD)).columns.tolist() == ["change", "what", "where", "a", "b"]


def test_a_number_of_a_process_changes() -> None:
    other = changed("power", people="90%", restart=["1h", "2h", "4h"])
    assert rows(compare_models(model(WORLD), other)) == [
        ("changed", "process", "power / people", "100%", "90%"),
        ("changed", "process", "power / restart", "0h", "[1h, 2h, 4h]"),
    ]


def test_a_number_is_added_or_removed() -> None:
    other = changed("desk", cost_per_day="90 MEUR")
    assert rows(compare_models(model(WORLD), other)) == [("added", "process", "desk / cost_per_day", "", "90 MEUR")]
    assert rows(compare_models(other, model(WORLD))) == [("removed", "process", "desk / cost_per_day", "90 MEUR", "")]


def test_an_endurance_and_a_supplier_of_a_need_change() -> None:
    other = changed("water", needs={"p": {"any_of": ["power", {"id": "desk", "gives": "60%"}], "endures": "3h"}})
    assert rows(compare_models(model(WORLD), other)) == [
        ("added", "need", "water / p / any_of", "", "[power, desk (60%)]"),
        ("changed", "need", "water / p / endures", "2h", "3h"),
        ("removed", "need", "water / p / from", "[power]", ""),
    ]


def test_a_whole_need_is_one_row() -> None:
    other = changed("desk", needs={"p": {"from": "power", "endures": "1h"}})
    assert rows(compare_models(model(WORLD), other)) == [("added", "need", "desk / p", "", "[power]")]


def test_a_new_process_is_one_row_and_not_its_needs() -> None:
    names = {"nl": "kas", "en": "till"}
    other = model({**WORLD, "till": {"name": names, "needs": {"p": {"from": "power"}}}})
    assert rows(compare_models(model(WORLD), other)) == [("added", "process", "till", "", "till")]
    assert rows(compare_models(other, model(WORLD), "nl")) == [("removed", "process", "till", "kas", "")]


def test_a_place_in_a_list_counts_even_without_an_item() -> None:
    one, other = changed("desk", lists={"cer": "5"}), changed("desk", lists={"cer": "6", "nctv": None})
    assert rows(compare_models(one, other)) == [
        ("changed", "process", "desk / lists / cer", "5", "6"),
        ("added", "process", "desk / lists / nctv", "", "-"),
    ]


def test_a_process_that_moves_to_another_sector_says_so() -> None:
    other = changed("desk", sector="two")
    assert rows(compare_models(model(WORLD), other)) == [
        ("added", "sector", "two", "", "two"),
        ("changed", "process", "desk / sector", "one", "two"),
    ]


def test_the_order_of_processes_and_needs_does_not_count() -> None:
    both = {"p": {"from": "power"}, "q": {"from": "water"}}
    turned = dict(reversed(both.items()))
    assert compare_models(changed("shop", needs=both), changed("shop", needs=turned)).empty


def test_regions_sources_measures_and_the_model_itself_are_compared() -> None:
    measure = Measure.model_validate(
        {"name": "spare", "lever": "recovery", "applies_to": {"processes": "desk"}, "effect": {"restart": "0.5"}}
    )
    a = model(WORLD, {"R1": 10}, {"costs": ANV["anv-3.1"]})
    b = model(WORLD, {"R1": 20, "R2": 5}, {"costs": {**ANV["anv-3.1"], "title": "euros"}}, self_reliance="48h")
    b = dataclasses.replace(b, measures={"spare": measure}, sources={"S": Source(title="book")})
    assert rows(compare_models(a, b)) == [
        ("changed", "model", "self_reliance", "3d", "2d"),
        ("changed", "parameters", "costs / title / en", "costs", "euros"),
        ("changed", "parameters", "costs / title / nl", "costs", "euros"),
        ("changed", "region", "R1 / population", "10", "20"),
        ("added", "region", "R2", "", "R2"),
        ("added", "source", "S", "", "book"),
        ("added", "measure", "spare", "", "spare"),
    ]


def test_assets_and_tables_of_who_feeds_whom_are_compared() -> None:
    plain = model({"p": {"assets": "p.csv"}, "c": {"needs": {"x": {"from": "p", "by_table": "x.csv"}}}})

    def built(capacity: int, weight: int) -> Model:
        return dataclasses.replace(
            plain,
            assets={"p": Assets(("s1", "s2"), ("S1", "S2"), ("R1", "R1"), (capacity, 1))},
            links={("c", "x"): Links(("c", "c"), ("s1", "s2"), (weight, 1))},
        )

    assert rows(compare_models(built(3, 1), built(4, 2))) == [
        ("changed", "assets", "p / s1 / capacity", "3", "4"),
        ("changed", "table", "c / x / c / s1", "1", "2"),
    ]
    assert rows(compare_models(model({"c": {"needs": {"x": {"from": "q"}}}, "q": {}}), built(3, 1)))[1:] == [
        ("removed", "process", "q", "q", ""),
        ("added", "need", "c / x / by_table", "", "x.csv"),
        ("changed", "need", "c / x / from", "[q]", "[p]"),
        ("added", "table", "c / x", "", ""),
    ]
    assert rows(compare_models(plain, built(3, 1))) == [
        ("added", "assets", "p", "", ""),
        ("added", "table", "c / x", "", ""),
    ]


def test_every_kind_of_thing_a_model_holds_is_compared() -> None:
    """A field added to the model must find its place in the comparison."""
    held = {f.name for f in dataclasses.fields(Model)}
    compared = {"info", "regions", "sources", "sectors", "processes", "sector_of", "measures"}
    compared |= {"stocks", "hazards", "authorities", "assets", "links"}
    assert held - compared == {"inputs", "root", "places", "gone"}
