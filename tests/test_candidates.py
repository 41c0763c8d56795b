"""What may be chosen, and limits as rows: both say the same of every plan, and the order of writing does not count."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from builders import model
from protection_models import gates_draft, other_scenarios, random_capacity, reordered, subsets
from random_models import build, dice

from cascade.errors import UsageError
from cascade.model import BUDGET, NATIONAL, Capacity, Measure, Model, cost_at
from cascade.results.candidates import UNLIMITED, Limits, choices, limits, placed_already
from cascade.simulation.placing import Plan

REGIONS = {"R1": 100, "R2": 300, "R3": 600}


def country() -> Model:
    """Return a national and two regional processes in three regions, with guards and pumps."""
    world = model({"grid": {}, "water": {"per": "region"}, "care": {"per": "region"}}, REGIONS)
    texts: dict[str, dict[str, Any]] = {
        "guard": {"applies_to": {"processes": ["grid", "water", "care"]}, "takes": {"team": "1"}, "cost": "10 EUR"},
        "pump": {"applies_to": {"processes": ["water"]}, "takes": {"pump": "2"}, "national_cost": "1001 EUR"},
        "free": {"applies_to": {"processes": ["care"]}, "lead_time": "3d"},
    }
    told = {"lever": "robustness", "effect": {"prevents": "50%"}}
    measures = {name: Measure.model_validate({"name": name, **told, **text}) for name, text in texts.items()}
    return Model(**{**world.__dict__, "measures": measures})


def capacity(**text: Any) -> Capacity:
    """Return a capacity file with teams, unless told otherwise."""
    return Capacity.model_validate({"name": "c", "available": {"team": "2"}, "scenarios": {"s": "1"}, **text})


def given(**text: Any) -> Limits:
    """Return the limits of a capacity file for the country."""
    return limits(choices(country(), capacity(**text)))


def plan_of(found: Limits, *labels: str) -> Plan:
    """Return a plan by its labels."""
    return frozenset(found.choices.find(label) for label in labels)


def possible(found: Limits, plan: Plan, least: bool = True) -> bool:
    """Whether some whole values of the helpers satisfy all rows: by trying them."""
    rows, helpers = found.rows()
    least_of = [row.least if least else -UNLIMITED for row in rows]
    own = [sum(int(a) for k, a in zip(row.options, row.amounts, strict=True) if int(k) in plan) for row in rows]
    return any(
        all(
            least <= total + sum(a * values[n] for n, a in row.helpers) <= row.most
            for row, total, least in zip(rows, own, least_of, strict=True)
        )
        for values in product(range(7), repeat=helpers)
    )


# ------------------------------------------------------------------ rows and plans


def test_rows_say_what_allow_says() -> None:
    """For every plan of random capacity files, also whether the least ones can still be reached."""
    kept = broken = lent = 0
    for seed in range(30):
        world, _ = build(gates_draft(seed))
        found = random_capacity(world, seed, 5)
        if found is None:
            continue
        bounds = limits(found)
        if bounds.rows()[1] > 2:  # every value of every helper is tried
            continue
        lent += bounds.rows()[1] > 0
        for plan in subsets(range(found.size)):
            allowed = bounds.allow(plan)
            assert allowed == possible(bounds, plan), (seed, found.told(plan))
            assert bounds.leave_room(plan) == possible(bounds, plan, False), (seed, found.told(plan))
            kept += allowed
            broken += not allowed
    assert min(kept, broken) > 100
    assert lent > 5


def test_a_region_uses_its_own_units_first() -> None:
    """Two national teams and one of R1: R1 can use three, R2 two, and R1 with two leaves one for elsewhere."""
    found = given(available={"team": {"national": "2", "R1": "1"}})
    all_three = plan_of(found, "guard: care@R1", "guard: water@R1", "guard: grid")
    assert found.allow(all_three)
    assert not found.allow(all_three | plan_of(found, "guard: care@R2"))
    assert not found.allow(plan_of(found, "guard: care@R2", "guard: water@R2", "guard: grid"))
    assert found.used(all_three) == {"team": 3, BUDGET: 30}
    assert found.more("team", 1).allow(all_three | plan_of(found, "guard: care@R2"))


def test_a_region_can_have_units_where_the_country_has_none() -> None:
    found = given(available={"team": {"R1": "1"}})
    assert found.allow(plan_of(found, "guard: care@R1"))
    assert not found.allow(plan_of(found, "guard: care@R2"))
    assert not found.allow(plan_of(found, "guard: grid"))


def test_limits_for_each_region_fill_in_for_its_own() -> None:
    """R1 has a least number of its own, and the greatest of each region."""
    found = given(limits={"team": {"each": {"at_most": "1"}, "R1": {"at_least": "1"}}}, available={"team": "5"})
    assert found.regional == (("team", "R1", 1, 1), ("team", "R2", 0, 1), ("team", "R3", 0, 1))
    assert not found.allow(plan_of(found, "guard: care@R2"))
    assert found.leave_room(plan_of(found, "guard: care@R2"))
    assert not found.allow(plan_of(found, "guard: care@R1", "guard: water@R1"))
    assert found.allow(plan_of(found, "guard: care@R1", "guard: care@R2", "guard: grid"))


def test_at_most_one_of_what_excludes_each_other_in_each_region() -> None:
    found = given(
        available={"team": "9", "pump": "9"},
        excludes=[[{"measure": "guard", "at": ["grid"]}, {"measure": "guard", "at": ["water"]}, {"measure": "pump"}]],
    )
    assert not found.allow(plan_of(found, "guard: water@R1", "pump: water@R1"))
    assert found.allow(plan_of(found, "guard: water@R1", "pump: water@R2"))
    assert not found.allow(plan_of(found, "guard: grid", "pump: water@R2"))
    two = given(
        available={"team": "9", "pump": "9"}, excludes=[[{"measure": "guard", "at": ["water"]}, {"measure": "pump"}]]
    )
    assert len(two.excludes) == 3
    assert not two.allow(plan_of(two, "guard: water@R3", "pump: water@R3"))


def test_copies_of_one_entry_do_not_exclude_each_other() -> None:
    found = given(available={"team": "9", "pump": "9"}, excludes=[[{"measure": "guard"}, {"measure": "pump"}]])
    assert found.allow(plan_of(found, "guard: water@R1", "guard: care@R1", "guard: grid"))
    assert not found.allow(plan_of(found, "guard: care@R1", "pump: water@R1"))
    assert not found.allow(plan_of(found, "guard: grid", "pump: water@R1"))
    assert found.allow(plan_of(found, "guard: care@R1", "pump: water@R2"))


def test_money() -> None:
    """A regional cost is the region's; of a national one a region pays its part: 1,001 x 300 / 1,000 is 300, rounded down."""
    found = given(available={"team": "9", "pump": "9"}, budget="310 EUR")
    pump, guard = plan_of(found, "pump: water@R2"), plan_of(found, "guard: grid")
    assert [int(found.choices.cost[list(plan)].sum()) for plan in (pump, guard)] == [300, 10]
    assert found.allow(pump | guard)
    assert not found.allow(pump | guard | plan_of(found, "guard: care@R1"))
    assert found.more(BUDGET, 10).allow(pump | guard | plan_of(found, "guard: care@R1"))


def test_more_euros_where_money_is_no_limit_changes_nothing() -> None:
    found = given()
    assert found.more(BUDGET, 1).budget is None


def test_phases_add_up() -> None:
    text = {"phases": [{"name": "1", "available": {"team": "1"}}, {"name": "2", "available": {"team": {"R1": "1"}}}]}
    found = choices(country(), capacity(**text))
    assert [limits(found, n).units["team"] for n in range(3)] == [
        {NATIONAL: 2},
        {NATIONAL: 3},
        {NATIONAL: 3, "R1": 1},
    ]


def test_a_side_without_a_limit_is_infinite_for_a_solver() -> None:
    rows, _ = given(limits={"team": {"R1": {"at_least": "1"}}}).rows()
    assert [row.span for row in rows] == [(-np.inf, 2.0), (1.0, np.inf)]
    assert all(abs(side) == UNLIMITED for row in rows for side in (row.least, row.most) if side not in (1, 2))


# ------------------------------------------------------------------ candidates


def test_what_is_there_already_or_comes_too_late_is_no_candidate() -> None:
    found = choices(
        country(), capacity(placed=[{"measure": "guard", "at": ["care"], "where": ["R2"]}], ready_within="2d")
    )
    assert found.told(range(found.size)) == [
        "guard: care@R1", "guard: care@R3", "guard: grid", "guard: water@R1", "guard: water@R2", "guard: water@R3",
    ]  # fmt: skip


def test_nothing_to_choose() -> None:
    with pytest.raises(UsageError, match="nothing can be chosen"):
        choices(country(), capacity(available={"pump": "1"}, candidates=[{"measure": "guard"}]))


def test_no_such_candidate() -> None:
    with pytest.raises(UsageError, match="candidates read like"):
        given().choices.find("guard: moon")


def test_placed_measures_come_after_those_of_the_scenario() -> None:
    world, (scenario,) = other_scenarios(gates_draft(1), 1)
    places = [{"measure": "p0"}]
    placed = placed_already(world, capacity(placed=places), scenario)
    assert [m.measure for m in placed.with_measures[: len(scenario.with_measures)]] == [
        m.measure for m in scenario.with_measures
    ]
    assert {m.measure for m in placed.with_measures[len(scenario.with_measures) :]} == {"p0"}


def test_the_order_of_writing_does_not_count() -> None:
    for seed in range(10):
        world, _ = build(gates_draft(seed))
        found = random_capacity(world, seed)
        if found is None:
            continue
        rng = dice(seed)
        text = found.capacity
        places = tuple(rng.sample(list(text.candidates or ()), len(text.candidates or ())))
        units = {kind: text.available[kind] for kind in rng.sample(list(text.available), len(text.available))}
        other = choices(reordered(world, rng), text.model_copy(update={"candidates": places, "available": units}))
        assert other.options == found.options
        assert (other.cost == found.cost).all()
        for one, two in zip(limits(found).rows()[0], limits(other).rows()[0], strict=True):
            assert str(one) == str(two)


def test_a_candidate_costs_what_its_measure_costs_there() -> None:
    """Also where the process has no copy in some regions, which then pay nothing of a national cost."""
    found = given(available={"team": "9", "pump": "9"}, budget="310 EUR")
    asked = [cost_at(found.choices.model, o.measure, o.process, o.region or None) for o in found.choices.options]
    assert found.choices.cost.tolist() == asked
    assert any(asked)


def test_limits_of_what_is_not_there_are_refused() -> None:
    """As after ``amend``: a file would have been refused when it was read."""
    with pytest.raises(
        UsageError, match="limits of 'tean', of which there is nothing in available; did you mean 'team'"
    ):
        given(limits={"tean": {"R1": {"at_most": "1"}}})
