"""Fronts against all plans there are: small random worlds of links, pairs and stand-ins, each plan simulated."""

import functools
from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations
from random import Random
from typing import Any

import pytest
from builders import model as world
from test_plots import crowded, said

from cascade.errors import UsageError
from cascade.model import Capacity, Measure, Model, Scenario
from cascade.results.candidates import Choices, Limits, choices, limits
from cascade.results.fronts import Front, pareto, round_steps, tradeoff, trimmed, within
from cascade.results.harm import Case, Judge
from cascade.results.plans import NoPlan, Search, Solution
from cascade.simulation.placing import Plan
from cascade.telling.frontiers import _curves, front_picture
from cascade.telling.fronts import front_summary, front_tables, tradeoff_tables

PEOPLE = {"R1": 1_000, "R2": 3_000}
MEASURES: dict[str, dict[str, Any]] = {
    "early": {"effect": {"prevents": "20%"}, "takes": {"team": "1"}, "cost": "1 MEUR"},
    "guard": {"effect": {"prevents": "100%"}, "takes": {"team": "1"}, "cost": "3 MEUR"},
    "half": {"effect": {"prevents": "50%"}, "takes": {"team": "1"}, "cost": "1 MEUR"},
    "stock": {"effect": {"endures": "+1d"}, "takes": {"tank": "1"}, "cost": "2 MEUR"},
}


def with_measures(bare: Model, **chosen: dict[str, Any]) -> Model:
    """Give a model measures of MEASURES, by the processes (and need) that each applies to."""
    made = {
        name: Measure.model_validate({"name": name, "lever": "robustness", "applies_to": applies, **MEASURES[name]})
        for name, applies in chosen.items()
    }
    return replace(bare, measures=made)


def attack(hits: list[str], for_: str = "2d") -> Scenario:
    events = [{"hits": hit, "level": "0%", "for": for_, "deliberate": "true"} for hit in hits]
    return Scenario.model_validate({"name": "s", "horizon": "5d", "events": events})


def random_world(rng: Random) -> tuple[Model, list[Scenario]]:
    """Two or three plants; loads that need one of them, all, or any; scenarios that hit some of the plants."""
    plants = [f"plant-{letter}" for letter in "abc"[: rng.randint(2, 3)]]
    processes: dict[str, Any] = {plant: {} for plant in plants}
    for number in range(rng.randint(2, 3)):
        rule = rng.choice(("from", "from", "any_of"))
        supply = sorted(rng.sample(plants, rng.randint(1, 2)))
        need = {rule: supply if len(supply) > 1 or rule == "any_of" else supply[0], "endures": rng.choice(("0h", "6h"))}
        processes[f"load-{number}"] = {"per": "region", "people": f"{rng.randint(1, 9)}0%", "needs": {"power": need}}
    bare = world(processes, PEOPLE)
    loads = [p for p in processes if p.startswith("load")]
    chosen = {
        "guard": {"processes": plants},
        "half": {"processes": [rng.choice(plants)]},
        "stock": {"processes": [rng.choice(loads)], "need": "power"},
    }
    hits = [rng.sample(plants, rng.randint(1, len(plants))) for _ in range(rng.randint(1, 3))]
    return with_measures(bare, **chosen), [attack(sorted(h), rng.choice(("2d", "30h"))) for h in hits]


def searched(
    model: Model, scenarios: list[Scenario], kind: type[Search] = Search, **capacity: Any
) -> tuple[Search, Choices, Capacity]:
    """Set a search up as the command does, harm in person-hours."""
    names = {f"s{n}": "1" for n in range(len(scenarios))}
    file = Capacity.model_validate({"name": "c", "scenarios": names, "harm": "hours", **capacity})
    found = choices(model, file)
    cases = tuple(Case(model, s, found.options, file.harm, name=f"s{n}") for n, s in enumerate(scenarios))
    return kind(Judge(cases, found.options), found), found, file


class Brute(Search):
    """Tries every plan: what the search must equal, behind the same door."""

    asked = 0

    def solve(self, limits: Limits, *, gap: float = 0.01, seconds: float = 120.0, inside: Plan = frozenset(),
              outside: Plan = frozenset(), start: Iterable[Plan] = (), progress: Any = None) -> Solution:  # fmt: skip
        self.asked += 1
        fitting = [p for p in plans(self.choices.size) if inside <= p and not p & outside and limits.allow(p)]
        if not fitting:
            raise NoPlan(("something",))
        best = min(fitting, key=lambda p: (self.judge.value(p), len(p), sorted(p)))
        value = self.judge.value(best)
        return Solution(best, value, value, self.judge.value(()), 0.0, 1, gap, False)


@functools.cache
def plans(size: int) -> tuple[Plan, ...]:
    return tuple(frozenset(c) for n in range(size + 1) for c in combinations(range(size), n))


def dice(seed: int) -> Random:
    return Random(seed)  # noqa: S311 (no secrets here)


CAPACITY: dict[str, Any] = {"available": {"team": 2, "tank": 2}, "budget": "8 MEUR"}


# ------------------------------------------------------------------ by hand


def series() -> Model:
    """1,000 people with a load that needs both plants; only guards."""
    load = {"people": "100%", "needs": {"power": {"from": ["plant-a", "plant-b"]}}}
    return with_measures(
        world({"load": load, "plant-a": {}, "plant-b": {}}), guard={"processes": ["plant-a", "plant-b"]}
    )


def test_two_needed_plants_are_worth_nothing_one_at_a_time() -> None:
    # both out for 48 h: 48,000 person-hours at the load, whatever one guard of the two saves
    search, found, _ = searched(series(), [attack(["plant-a", "plant-b"])], available={"team": 2}, budget="6 MEUR")
    front = pareto(search, limits(found), "team", 2)
    assert front.none == 48_000
    assert [(p.allowed, p.used, p.harm) for p in front.points] == [(0, 0, 48_000), (2, 2, 0)]
    assert [p.bound for p in front.points] == pytest.approx([48_000, 0], rel=1e-5)
    # with one team nothing is gained, so the plan of that step is to do nothing
    assert [(p.allowed, p.used, p.harm) for p in front.steps] == [(0, 0, 48_000), (1, 0, 48_000), (2, 2, 0)]
    assert front.points[1].new == {0, 1}
    euros = pareto(search, limits(found), steps=3)
    assert [(p.allowed, p.used, p.harm) for p in euros.points] == [(0, 0, 48_000), (6_000_000, 6_000_000, 0)]


def test_a_point_tells_what_it_gives_up() -> None:
    # plant-a feeds 90 % of the people, plant-b and plant-c 50 % each: two small guards beat the large one that costs as much
    needs = {
        f"load-{x}": {"people": p, "needs": {"power": {"from": f"plant-{x}"}}}
        for x, p in zip("abc", ("90%", "50%", "50%"), strict=True)
    }
    plants = [f"plant-{x}" for x in "abc"]
    model = with_measures(world({**needs, **{p: {} for p in plants}}), guard={"processes": plants})
    small = Measure.model_validate(
        {
            "name": "guard",
            "lever": "robustness",
            "applies_to": {"processes": plants},
            "effect": {"prevents": "100%"},
            "cost": "2 MEUR",
        }
    )
    large = small.model_copy(
        update={"applies_to": small.applies_to.model_copy(update={"processes": ("plant-a",)}), "cost": MONEY}
    )
    less = small.model_copy(
        update={"applies_to": small.applies_to.model_copy(update={"processes": ("plant-b", "plant-c")})}
    )
    model = replace(model, measures={"large": large, "small": less})
    search, found, _ = searched(model, [attack(plants)], budget="4 MEUR")
    front = pareto(search, limits(found), steps=4)
    told = [(p.used, p.harm, found.told(p.new), found.told(p.dropped)) for p in front.points]
    assert told == [
        (0, 91_200, [], []),
        (2_000_000, 67_200, ["small: plant-b"], []),
        (3_000_000, 48_000, ["large: plant-a"], ["small: plant-b"]),
        (4_000_000, 43_200, ["small: plant-b", "small: plant-c"], ["large: plant-a"]),
    ]


MONEY = Measure.model_validate(
    {
        "name": "x",
        "lever": "robustness",
        "applies_to": {"processes": ["p"]},
        "effect": {"prevents": "1%"},
        "cost": "3 MEUR",
    }
).cost


def test_round_steps() -> None:
    assert round_steps(70_000_000, 8) == [
        0,
        10_000_000,
        20_000_000,
        30_000_000,
        40_000_000,
        50_000_000,
        60_000_000,
        70_000_000,
    ]
    assert round_steps(40, 8) == [0, 5, 10, 15, 20, 25, 30, 35, 40]
    assert round_steps(41, 8) == [0, 10, 20, 30, 40, 41]
    assert round_steps(3, 8) == [0, 1, 2, 3]
    assert round_steps(0, 8) == [0]
    assert round_steps(7, 1) == [0, 7]
    with pytest.raises(UsageError, match="at least one step, not 0"):
        round_steps(7, 0)


def test_units_of_one_region_count_among_all() -> None:
    # one team anywhere and two more in R1 only: three in all, and a cap of two leaves any two of them
    model = with_measures(world({"plant": {"per": "region", "people": "100%"}}, PEOPLE), guard={"processes": ["plant"]})
    search, found, _ = searched(model, [attack(["plant"])], available={"team": {"national": 1, "R1": 2}})
    whole = limits(found)
    assert whole.allow({0, 1})
    assert not within(whole, {"team": 1}).allow({0, 1})
    assert within(whole, {"team": 2}).allow({0, 1})
    front = pareto(search, whole, "team", 3)
    assert [(p.used, p.harm) for p in front.points] == [(0, 192_000), (1, 48_000), (2, 0)]
    assert [p.allowed for p in front.steps] == [0, 1, 2, 3]


def test_amounts_too_small_for_the_minimum_are_named() -> None:
    model = with_measures(world({"plant": {"per": "region", "people": "100%"}}, PEOPLE), guard={"processes": ["plant"]})
    least = {"team": {"each": {"at_least": 1}}}
    search, found, _ = searched(model, [attack(["plant"])], available={"team": 2}, limits=least)
    front = pareto(search, limits(found), "team", 2)
    assert front.impossible == (0, 1)
    assert [p.allowed for p in front.points] == [2]
    search, found, _ = searched(model, [attack(["plant"])], available={"team": 1}, limits=least)
    with pytest.raises(NoPlan, match="team"):
        pareto(search, limits(found), "team", 2)


def test_without_a_budget_the_front_ends_at_what_the_best_plan_costs() -> None:
    search, found, _ = searched(series(), [attack(["plant-a", "plant-b"])], available={"team": 2})
    front = pareto(search, limits(found), steps=2)
    assert [p.allowed for p in front.steps] == [0, 5_000_000, 6_000_000]
    assert front.points[-1].harm == 0


def test_what_is_refused() -> None:
    search, found, _ = searched(series(), [attack(["plant-a"])], available={"team": 2})
    with pytest.raises(UsageError, match="there are no units 'teem' in the capacity file; did you mean 'team'"):
        pareto(search, limits(found), "teem")
    with pytest.raises(UsageError, match="both kinds are 'team'"):
        tradeoff(search, limits(found), "team", "team")
    free = {"guard": series().measures["guard"].model_copy(update={"cost": None})}
    search, found, _ = searched(replace(series(), measures=free), [attack(["plant-a"])], available={"team": 2})
    with pytest.raises(UsageError, match="nothing that can be chosen costs anything"):
        pareto(search, limits(found))


def test_what_changes_nothing_is_left_out_the_dearest_first() -> None:
    search, found, _ = searched(series(), [attack(["plant-a"])], available={"team": 2})
    assert trimmed(search, limits(found), frozenset({0, 1})) == {found.find("guard: plant-a")}
    assert trimmed(search, limits(found), frozenset({0, 1}), frozenset({1})) == {0, 1}


# ------------------------------------------------------------------ against all plans


@pytest.mark.parametrize("kind", [Brute, Search])
@pytest.mark.parametrize("seed", range(40))
def test_each_point_of_a_front_is_the_best_there_is(seed: int, kind: type[Search]) -> None:
    rng = dice(seed)
    model, scenarios = random_world(rng)
    search, found, _ = searched(model, scenarios, kind, **CAPACITY)
    whole = limits(found)
    for axis in ("budget", "team"):
        front = pareto(search, whole, axis, rng.choice((2, 4, 8)), gap=0.0)
        for point in front.steps:
            fitting = [p for p in plans(found.size) if whole.allow(p) and whole.used(p)[axis] <= point.allowed]
            best = min(search.judge.value(p) for p in fitting)
            assert point.bound <= best + 1e-6 * front.none
            assert point.harm >= best
            if kind is Brute or point.gap < 1e-5:
                assert point.harm == pytest.approx(best, rel=1e-5, abs=1e-6 * front.none)
            assert whole.allow(point.plan)
            assert whole.used(point.plan)[axis] == point.used <= point.allowed
            assert search.judge.value(point.plan) == point.harm
        check_order(front)


def check_order(front: Front) -> None:
    """More is never worse, nothing on the front is beaten, and the plans follow from what is added and given up."""
    for early, late in zip(front.steps, front.steps[1:], strict=False):
        assert early.allowed < late.allowed
        assert early.harm >= late.harm
        assert early.bound >= late.bound
    plan: Plan = frozenset()
    for early, late in zip(front.points, front.points[1:], strict=False):
        assert early.used < late.used
        assert early.harm > late.harm
    for point in front.points:
        assert not point.new & plan
        assert point.dropped <= plan
        plan = (plan | point.new) - point.dropped
        assert plan == point.plan
    assert front.points[0].used == 0
    assert front.points[-1].harm == front.steps[-1].harm


@pytest.mark.parametrize("kind", [Brute, Search])
@pytest.mark.parametrize("seed", range(20))
def test_each_split_of_two_kinds_is_the_best_there_is(seed: int, kind: type[Search]) -> None:
    model, scenarios = random_world(dice(seed))
    search, found, _ = searched(model, scenarios, kind, **CAPACITY)
    whole = limits(found)
    grid = tradeoff(search, whole, "team", "tank", 2, gap=0.0)
    assert [s.allowed for s in grid.splits] == [(a, b) for a in range(3) for b in range(3)]
    for split in grid.splits:
        fitting = [
            p
            for p in plans(found.size)
            if whole.allow(p) and within(whole, dict(zip(grid.kinds, split.allowed, strict=True))).allow(p)
        ]
        best = min(search.judge.value(p) for p in fitting)
        assert split.bound <= best + 1e-6 * grid.none
        assert split.harm >= best
        if kind is Brute or split.harm - split.bound < 1e-5 * grid.none:
            assert split.harm == pytest.approx(best, rel=1e-5, abs=1e-5 * grid.none)
    kept = [s for s in grid.splits if s.efficient]
    assert len({(s.used, s.harm) for s in kept}) == len(kept)
    for split in grid.splits:
        beaten = any(
            o.used[0] <= split.used[0]
            and o.used[1] <= split.used[1]
            and o.harm <= split.harm
            and (o.used, o.harm) != (split.used, split.harm)
            for o in grid.splits
        )
        assert beaten or any((o.used, o.harm) == (split.used, split.harm) for o in kept)
        assert not (beaten and split.efficient)


# ------------------------------------------------------------------ stopping


class Stopped(Brute):
    """Stops like Ctrl-C at its third question."""

    def solve(self, limits: Limits, **rest: Any) -> Solution:
        return replace(super().solve(limits, **rest), interrupted=self.asked == 3)


def test_what_was_found_before_an_interruption_is_given() -> None:
    model, scenarios = random_world(dice(3))
    search, found, _ = searched(model, scenarios, Stopped, **CAPACITY)
    told: list[tuple[int, int]] = []
    front = pareto(search, limits(found), steps=8, progress=lambda done, of: told.append((done, of)))
    assert front.interrupted
    assert [p.allowed for p in front.steps] == [0, 1_000_000, 2_000_000]
    assert told == [(1, 9), (2, 9), (3, 9)]


def test_the_order_of_the_input_changes_nothing() -> None:
    model, scenarios = random_world(dice(5))
    turned = replace(
        model, processes=dict(reversed(model.processes.items())), measures=dict(reversed(model.measures.items()))
    )
    fronts = []
    for each in (model, turned):
        search, found, _ = searched(each, scenarios, **CAPACITY)
        front = pareto(search, limits(found))
        fronts.append([(p.used, p.harm, p.bound, found.told(p.plan)) for p in front.points])
    assert fronts[0] == fronts[1]


# ------------------------------------------------------------------ told


def shown(table: Any, lang: str) -> list[list[str]]:
    return [[table.show(c, row, lang) for c in table.shown] for row in table.rows]


def test_a_front_is_told_in_two_languages() -> None:
    search, found, _ = searched(
        series(), [attack(["plant-a", "plant-b"])], Brute, available={"team": 2}, budget="6 MEUR"
    )
    front = pareto(search, limits(found), steps=3)
    points, amounts = front_tables(front, found, "nl")
    assert [c.heading for c in points.shown] == [
        "Gebruikt: Euro's", "Schade", "Voorkomen", "Kan hoogstens", "Hoogstens beter", "Keuzes", "Nieuw",
    ]  # fmt: skip
    assert shown(points, "nl") == [
        ["-", "48.000", "-", "-", "0%", "0", ""],
        ["€ 6,00 mln", "-", "48.000", "48.000", "0%", "2", "guard: plant-a; guard: plant-b"],
    ]
    assert [row["allowed"] for row in amounts.rows] == [0, 2_000_000, 4_000_000, 6_000_000]
    assert points.rows[1]["new"] == "guard: plant-a; guard: plant-b"
    assert front_summary(front, found, "en") == [
        "With € 6.00 M harm falls from 48,000 person-hours to 0 person-hours.",
        "For each amount it is proven that no plan is better.",
    ]
    # what differs little is told apart
    first, last = replace(front.points[0], harm=155.02e6), replace(front.points[1], harm=154.91e6)
    near = replace(front, none=155.02e6, points=(first, last))
    assert front_summary(near, found, "en")[0] == (
        "With € 6.00 M harm falls from 155.020 M person-hours to 154.910 M person-hours."
    )
    idle = pareto(search, within(limits(found), {"budget": 3_000_000}), steps=3)
    assert front_summary(idle, found, "nl")[0] == "Geen enkele onderzochte hoeveelheid voorkomt iets: Euro's."


def test_how_little_brings_half_is_told() -> None:
    needs = {
        f"load-{x}": {"people": p, "needs": {"power": {"from": f"plant-{x}"}}}
        for x, p in zip("ab", ("90%", "10%"), strict=True)
    }
    model = with_measures(world({**needs, "plant-a": {}, "plant-b": {}}), guard={"processes": ["plant-a", "plant-b"]})
    search, found, _ = searched(
        model, [attack(["plant-a", "plant-b"])], Brute, available={"team": 2}, limits={"team": {"R1": {"at_most": 1}}}
    )
    front = pareto(search, limits(found), "team", 2)
    assert front_summary(front, found, "en")[1] == "1 × team averts 90% already of what all of it averts."
    assert [row["used"] for row in front_tables(front, found, "en")[0].rows] == [0, 1, 2]
    # a team more or less is whole: what is proven with one team holds until there are two
    assert _curves(front, 2) == ([0, 1, 2], [100, 10, 0], [100, 10, 0])
    euros = pareto(search, limits(found), steps=2)
    # asked: 0, 5 and 6 million; a guard takes 3, and up to 5 million that leaves 10 % at least
    assert _curves(euros, 6_000_000) == ([0, 3_000_000, 5_000_000, 6_000_000], [100, 10, 10, 0], [10, 10, 0, 0])


def test_gaps_minimums_and_interruptions_are_told() -> None:
    search, found, _ = searched(series(), [attack(["plant-a", "plant-b"])], Brute, available={"team": 2})
    front = pareto(search, limits(found), "team", 2)
    wide = replace(
        front, steps=tuple(replace(p, bound=0.9 * p.harm) for p in front.steps), impossible=(0, 1), interrupted=True
    )
    assert front_summary(wide, found, "nl")[1:] == [
        "Bij elke hoeveelheid is bewezen dat geen plan meer dan 10% minder schade geeft.",
        "Met 1 × team of minder voldoet geen enkel plan aan de minima.",
        "Afgebroken: onderzocht tot en met 2 × team.",
    ]


def test_two_kinds_are_told_as_a_grid() -> None:
    model, scenarios = random_world(dice(4))
    search, found, _ = searched(model, scenarios, Brute, **CAPACITY)
    grid = tradeoff(search, limits(found), "team", "tank", 2)
    (table,) = tradeoff_tables(grid, found, "en")
    assert table.title == "Team against Tank"
    assert [(row["one_allowed"], row["other_allowed"], row["harm"]) for row in table.rows] == [
        (*s.allowed, s.harm) for s in grid.splits
    ]
    assert {row[6] for row in shown(table, "en")} == {"yes", "no"}


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("kind", ["budget", "team"])
def test_the_picture_is_readable(kind: str, lang: Any) -> None:
    model, scenarios = random_world(dice(9))
    search, found, _ = searched(model, scenarios, Brute, **CAPACITY)
    front = pareto(search, limits(found), kind)
    figure = front_picture(front, model, lang, "OPENBAAR")
    assert crowded(figure) == []
    assert "OPENBAAR" in said(figure)
    at, harm, bound = _curves(front, front.steps[-1].allowed)
    assert all(low <= high for low, high in zip(bound, harm, strict=True))
    assert at == sorted(at)
