"""Plans and what follows from them: by hand, against brute force on random models, and against the run itself."""

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from builders import model, scenario
from random_models import Wishes, build, dice, random_draft

import cascade
from cascade.model import Capacity, Measure, Model, Scenario
from cascade.results.advice import made_worse, same
from cascade.results.candidates import Limits
from cascade.results.impact import assess
from cascade.results.plans import NoPlan
from cascade.results.protection import Protection, completed, harm_of, judge_of, protect
from cascade.results.protection import _given as given_of
from cascade.results.scanning import scan
from cascade.simulation.placing import in_place
from cascade.simulation.run import simulate
from cascade.telling import choices as pictures
from cascade.telling.advised import advice_tables, worse_line
from cascade.telling.plots import render
from cascade.telling.protection import manned, people_text, plan_tables, summary, taken

GUARD = {"lever": "robustness", "article_13": "b", "takes": {"team": 1}, "cost": "1 MEUR", "lead_time": "24h"}


def with_measures(world: Model, **measures: dict[str, Any]) -> Model:
    """Give a model measures, each with the processes that it applies to."""
    made = {name: Measure.model_validate({"name": name, **GUARD, **text}) for name, text in measures.items()}
    return replace(world, measures=made)


def guarded() -> Model:
    """A home needs water and power, both attacked; a shop needs cash. 1,000 people; 300 of them use the shop."""
    home = {"basic_need": True, "people": "100%", "needs": {"all": {"from": ["water", "power"]}}}
    shop = {"people": "30%", "needs": {"till": {"from": "cash"}}}
    world = model({"water": {}, "power": {}, "cash": {}, "home": home, "shop": shop})
    guard = {"applies_to": {"processes": ["water", "power", "cash"]}, "effect": {"prevents": "100%"}}
    return with_measures(world, guard=guard)


def attack(*processes: str, hours: int = 10, **rest: Any) -> Scenario:
    """Return a scenario in which processes are hit on purpose."""
    hits = [{"hits": p, "at": "0h", "for": f"{hours}h", "deliberate": True} for p in processes]
    return scenario(*hits, **rest)


def capacity(**text: Any) -> Capacity:
    """Return a capacity file; by default two teams against one scenario, judged by all person-hours."""
    given = {"name": "c", "available": {"team": 2}, "scenarios": {"s": 1}, "harm": "hours"}
    return Capacity.model_validate({**given, **text})


def told(found: Protection) -> set[str]:
    """Return the processes that the plan guards."""
    return {found.choices.options[k].process for k in found.plan}


# ------------------------------------------------------------------ by hand


def test_two_needs_that_only_help_together_are_found_where_greedy_takes_the_shop() -> None:
    # 10 h: homes 1,000 x 10 = 10,000 person-hours, the shop 300 x 10 = 3,000. One guard at water or at power averts nothing,
    # one at cash 3,000; two at water and power avert 10,000, so 3,000 is left, and that is the least
    found = protect(guarded(), capacity(), scenarios={"s": attack("water", "power", "cash")}, gap=0.0)
    assert told(found) == {"water", "power"}
    assert (found.none, found.value) == (13_000, 3_000)
    assert found.bound == pytest.approx(3_000, rel=1e-5)
    assert found.floor == 0
    assert found.gap < 1e-5
    water = found.worths[found.choices.find("guard: water")]
    assert (water.alone, water.averts, water.without, water.having, water.part) == (13_000, 0, 13_000, 3_000, 10_000)
    assert water.raw == pytest.approx(13 / 3)
    assert water.rrw == 1.0
    assert water.fussell_vesely == 0.0
    cash = found.worths[found.choices.find("guard: cash")]
    assert (cash.chosen, cash.part, cash.averts, cash.raw, cash.rrw) == (False, 3_000, 3_000, 1.0, None)


def test_with_all_candidates_is_a_simulation_also_where_repairs_queue() -> None:
    # one team: x from hour 0 in 10 hours, l from 5 in 100, h (first in order) from 8 in 10; 10 + 115 + 12 without. With x
    # done in 5 hours l goes before h: 5 + 100 + 107. A team for each, as the bound has it, would say 5 + 100 + 10
    world = model({name: {"people": "100%"} for name in ("x", "l", "h")})
    world = with_measures(world, spares={"applies_to": {"processes": ["x"]}, "effect": {"repair": "x0.5"}})
    jobs = {"x": (0, 10), "l": (5, 100), "h": (8, 10)}
    events = [
        {"id": name, "hits": name, "at": f"{at}h", "repair": {"crew": "team", "work": f"{work}h"}}
        for name, (at, work) in jobs.items()
    ]
    given = scenario(*events, crews={"team": "1"}, repair_order=["h", "x", "l"])
    found = protect(world, capacity(), scenarios={"s": given})
    assert (found.none, found.floor, found.untouched) == (137_000, 212_000, ())
    (table,) = (t for t in plan_tables(found, "en") if t.name == "scenarios")
    assert table.rows[0]["floor"] == 212_000


def test_what_follows_from_it_by_hand() -> None:
    found = protect(guarded(), capacity(), scenarios={"s": attack("water", "power", "cash")}, gap=0.0)
    of = {found.choices.options[one.option].process: one for one in found.forced}
    # without water the next best is cash, with whichever: 10,000 is left; with cash in it, the same
    assert {p: one.cost(found.value) for p, one in of.items()} == {"water": 7_000, "power": 7_000, "cash": 7_000}
    assert [one.cost_at_least(found.value) for one in found.forced] == pytest.approx([7_000] * 3, rel=1e-5)
    assert found.solution is not None
    prices = {one.step: one for one in found.prices}
    assert prices[1].change(found.solution) == 3_000
    assert prices[1].proven(found.solution) == pytest.approx((3_000, 3_000), rel=1e-5)
    assert prices[-1].change(found.solution) == 7_000
    assert found.fair is None
    rest = {(one.scope, one.name): one for one in found.left}
    assert (rest["scenario", "s"].before, rest["scenario", "s"].after, rest["scenario", "s"].gain) == (
        13_000,
        3_000,
        3_000,
    )
    assert rest["process", "shop"].after == 3_000
    assert ("process", "home") not in rest
    assert rest["region", ""].after == 3_000
    assert found.worse == ()
    chains = {found.choices.options[one.option].process: one for one in found.cuts}
    assert chains["water"].instance == "home"
    assert chains["water"].links == ("home", "water")
    assert chains["water"].hours == 10
    assert [harm for _, harm in found.ladder] == [13_000, 3_000]


def test_stand_ins_leave_one_guard_over() -> None:
    # a home that lives on either: one guard is enough, the second brings nothing and is left unused
    home = {"basic_need": True, "people": "100%", "needs": {"any": {"any_of": ["water", "power"]}}}
    world = model({"water": {}, "power": {}, "home": home})
    guard = {"applies_to": {"processes": ["water", "power"]}, "effect": {"prevents": "100%"}}
    found = protect(with_measures(world, guard=guard), capacity(), scenarios={"s": attack("water", "power")}, gap=0.0)
    assert len(found.plan) == 1
    assert found.value == 0
    assert found.idle == {"team": 1}
    assert found.forced[0].cost(found.value) == 0
    assert "Not used: 1 × team." in summary(found, "en")
    (table,) = (t for t in advice_tables(found, "nl") if t.name == "next")
    assert table.rows[0]["cost_text"] == "niets"


def test_room_that_a_search_left_is_used() -> None:
    found = protect(guarded(), capacity(), scenarios={"s": attack("water", "power", "cash")}, gap=0.0)
    assert found.search is not None
    cash = found.choices.find("guard: cash")
    none: frozenset[int] = frozenset()
    judge = found.search.judge
    assert completed(found.search, found.limits, none, scan(judge, none)) == {cash}
    assert completed(found.search, found.limits.more("team", -2), none, scan(judge, none)) == none


def test_equal_choices_share_a_place() -> None:
    found = protect(guarded(), capacity(), scenarios={"s": attack("water", "power")}, gap=0.0)
    (plan,) = (t for t in plan_tables(found, "en") if t.name == "plan")
    assert [row["rank"] for row in plan.rows] == ["1=", "1="]


def test_weights_are_a_mean_and_the_tail_is_its_worst_part() -> None:
    # 13,000 person-hours with weight 3 and 3,000 with weight 1: mean 10,500; the worst half is all of the first
    both = {"a": attack("water", "cash"), "b": attack("cash")}
    text: dict[str, Any] = {"scenarios": {"a": 3, "b": 1}, "available": {"team": 0}}
    assert protect(guarded(), capacity(**text), scenarios=both).value == 10_500
    assert protect(guarded(), capacity(**text, tail="50%"), scenarios=both).value == 13_000


def test_what_is_placed_already_counts_and_is_no_candidate() -> None:
    placed = {"placed": [{"measure": "guard", "at": ["water"]}], "available": {"team": 1}}
    found = protect(guarded(), capacity(**placed), scenarios={"s": attack("water", "power", "cash")}, gap=0.0)
    assert told(found) == {"power"}
    assert (found.none, found.value) == (13_000, 3_000)


def test_a_least_for_a_region_costs_what_it_costs() -> None:
    house = {"basic_need": True, "people": "100%", "per": "region", "needs": {"w": {"from": "water"}}}
    world = model({"water": {"per": "region"}, "home": house}, {"R1": 1_000, "R2": 10})
    world = with_measures(world, guard={"applies_to": {"processes": ["water"]}, "effect": {"prevents": "100%"}})
    least = {"limits": {"team": {"R2": {"at_least": 1}}}, "available": {"team": 1}}
    hit = scenario({"hits": "water", "at": "0h", "for": "10h", "deliberate": True})
    found = protect(world, capacity(**least), scenarios={"s": hit}, gap=0.0)
    assert {found.choices.options[k].region for k in found.plan} == {"R2"}
    assert found.solution is not None
    assert found.fair is not None
    assert found.fair.change(found.solution) == 9_900
    (without,) = (one for one in found.forced if one.chosen)
    assert without.solution is None
    assert any("R2" in name for name in without.clash)


def test_limits_that_clash_are_named() -> None:
    least = {"limits": {"team": {"each": {"at_least": 3}}}, "available": {"team": 2}}
    house = {"people": "100%", "per": "region"}
    world = with_measures(
        model({"home": house}, {"R1": 10}),
        guard={"applies_to": {"processes": ["home"]}, "effect": {"prevents": "100%"}},
    )
    with pytest.raises(NoPlan) as caught:
        protect(world, capacity(**least), scenarios={"s": attack("home")})
    assert any("R1" in name for name in caught.value.clash)


def test_a_side_effect_is_told() -> None:
    # taken the other way round the plan is one that lets water, power and homes fail for ten hours
    found = protect(guarded(), capacity(), scenarios={"s": attack("water", "power", "cash")}, gap=0.0)
    assert worse_line(found, "en") == "Nothing loses more with the plan than without it, in any of the scenarios."
    (one,) = found.played
    turned = replace(one, before=one.after, after=one.before)
    worse = made_worse([turned])
    assert [(w.instance, w.before_h, w.after_h) for w in worse] == [("home", 0, 10), ("power", 0, 10), ("water", 0, 10)]
    wrong = replace(found, worse=tuple(worse))
    assert worse_line(wrong, "nl").startswith("Let op: 3 keer")
    (table,) = (t for t in advice_tables(wrong, "en") if t.name == "side-effects")
    assert [row["instance"] for row in table.rows] == ["home", "power", "water"]


def test_a_crew_that_is_free_sooner_can_be_away_when_it_is_needed() -> None:
    # without spares the crew is at the mill 0-8 h, at the tap 8-10 h (it comes first), at the lock 10-20 h; with spares it is at
    # the mill 0-4 h, finds only the lock waiting, and is there 4-14 h, so that the tap, out from 6 h on, waits until 16 h
    world = model({"mill": {"people": "100%"}, "lock": {"people": "100%"}, "tap": {"people": "10%"}})
    spares = {"applies_to": {"processes": ["mill"]}, "effect": {"repair": "0.5"}}
    jobs = {"mill": ("0h", "8h"), "lock": ("0h", "10h"), "tap": ("6h", "2h")}
    events = [{"id": p, "hits": p, "at": at, "repair": {"crew": "van", "work": work}} for p, (at, work) in jobs.items()]
    happens = scenario(*events, crews={"van": 1}, repair_order=["mill", "tap", "lock"])
    found = protect(
        with_measures(world, spares=spares), capacity(available={"team": 1}), scenarios={"s": happens}, gap=0.0
    )
    assert (found.none, found.value) == (8_000 + 20_000 + 400, 4_000 + 14_000 + 1_000)
    assert [(w.scenario, w.instance, w.before_h, w.after_h) for w in found.worse] == [("s", "tap", 4, 10)]
    assert "1 times" in worse_line(found, "en")


# ------------------------------------------------------------------ the run is the judge


def random_case(seed: int) -> tuple[Model, Scenario, Capacity]:
    """Draw a small model with people, a scenario of deliberate hits, guards and batteries at most processes."""
    rng = dice(seed)
    draft = random_draft(seed, Wishes(measures=False, manipulation=False, repairs=seed % 3 == 0))
    for text in draft["processes"].values():
        if rng.random() < 0.7:
            text["people"] = rng.choice(("3%", "50%", "100%"))
            text["basic_need"] = rng.random() < 0.5
            text["cost_per_day"] = "1 MEUR"
    for event in draft["scenario"]["events"]:
        event["deliberate"] = "yes"
    world, happens = build(draft)
    ids = sorted(world.processes)
    needs = sorted({name for p in world.processes.values() for name in p.needs})
    measures: dict[str, dict[str, Any]] = {
        "guard": {"applies_to": {"processes": ids}, "effect": {"prevents": rng.choice(("100%", "60%"))}}
    }
    if needs:
        need = rng.choice(needs)
        able = [p for p in ids if need in world.processes[p].needs]
        measures["battery"] = {"applies_to": {"processes": able, "need": need}, "effect": {"endures": "20s"}}
    world = with_measures(world, **measures)
    harm = rng.choice(("hours", "basic_hours", "euros", "cascade_hours", {"hours": 1, "euros": 0.01}))
    every = [
        {"measure": m, "at": [p], **({"where": [r]} if r else {})}
        for m, text in measures.items()
        for p in text["applies_to"]["processes"]
        for r in (sorted(world.regions) if world.processes[p].regional else [""])
    ]
    return world, happens, capacity(
        available={"team": rng.choice((1, 2, 3))}, harm=harm, candidates=rng.sample(every, min(7, len(every)))
    )  # fmt: skip


def brute_force(found: Protection, limits: Limits, inside: frozenset[int], outside: frozenset[int]) -> float:
    """Return the least harm of all plans within limits."""
    judge = judge_of(found.model, found.given, found.choices.options, found.capacity)
    n = found.choices.size
    every = (frozenset(p) for size in range(n + 1) for p in combinations(range(n), size))
    return min(judge.value(p) for p in every if limits.allow(p) and inside <= p and not p & outside)


SEEDS = range(60)


@pytest.mark.parametrize("seed", SEEDS)
def test_plans_questions_and_prices_equal_brute_force(seed: int) -> None:
    world, happens, there = random_case(seed)
    found = protect(world, there, scenarios={"s": happens}, gap=0.0, seconds=900, every=True)
    none: frozenset[int] = frozenset()
    best = brute_force(found, found.limits, none, none)
    assert same(found.value, best)
    assert found.bound <= best or same(found.bound, best)
    assert found.solution is not None
    for one in found.forced:
        assert one.solution is not None
        k = frozenset({one.option})
        truth = brute_force(found, found.limits, none if one.chosen else k, k if one.chosen else none)
        assert one.solution.bound <= truth or same(one.solution.bound, truth)
        assert one.solution.value >= truth or same(one.solution.value, truth)
        assert (one.cost_at_least(found.value) or 0.0) <= truth - found.value + 1e-6 * max(1.0, truth)
    for price in found.prices:
        truth = brute_force(found, found.limits.more(price.kind, price.step), none, none)
        proven, change = price.proven(found.solution), (best - truth) * (1 if price.step > 0 else -1)
        assert proven is not None
        assert proven[0] <= change + 1e-6 * max(1.0, best)
        assert proven[1] >= change - 1e-6 * max(1.0, best)


@pytest.mark.parametrize("seed", range(40))
def test_every_harm_is_that_of_the_run_itself(seed: int) -> None:
    world, happens, there = random_case(seed)
    there = there.model_copy(update={"harm": {"basic_hours": 1.0, "euros": 2.0}})
    found = protect(world, there, scenarios={"s": happens}, gap=0.0, seconds=900)
    options = [found.choices.options[k] for k in sorted(found.plan)]
    totals: dict[str, Any] = dict(assess(simulate(world, in_place(happens, options))).totals)
    assert found.value == pytest.approx(totals["basic_person_h"] + 2 * totals["cost_eur"], abs=3.1)
    assert found.search is not None
    assert same(found.value, found.search.judge.value(found.plan))
    for k, worth in found.worths.items():
        other = found.plan - {k} if worth.chosen else found.plan | {k}
        run = simulate(world, in_place(happens, [found.choices.options[j] for j in sorted(other)]))
        meter = found.search.judge.cases[0].gauge._meter
        assert same(
            worth.without if worth.chosen else worth.having, harm_of(run, {"basic_hours": 1.0, "euros": 2.0}, meter)
        )


@pytest.mark.parametrize("seed", range(20))
def test_side_effects_are_those_of_the_runs(seed: int) -> None:
    world, happens, there = random_case(seed)
    found = protect(world, there, scenarios={"s": happens}, gap=0.0, seconds=900)
    plan = in_place(happens, [found.choices.options[k] for k in sorted(found.plan)])
    before, after = simulate(world, happens), simulate(world, plan)
    truth = {
        label
        for label, a, b in zip(before.network.labels, before.state.proc["lost"], after.state.proc["lost"], strict=True)
        if b > a
    }
    assert {one.instance for one in found.worse} == truth


@pytest.mark.parametrize("seed", range(0, 20, 2))
def test_order_of_input_and_number_of_workers_change_nothing(seed: int) -> None:
    world, happens, there = random_case(seed)
    assert there.candidates is not None
    turned = there.model_copy(update={"candidates": there.candidates[::-1]})
    other = replace(world, measures=dict(reversed(world.measures.items())))
    first = protect(world, there, scenarios={"s": happens}, gap=0.0, seconds=900)
    second = protect(other, turned, scenarios={"s": happens}, gap=0.0, seconds=900, workers=2)
    assert plain(first) == plain(second)


def plain(found: Protection) -> list[Any]:
    """Return all tables as data."""
    tables = [*plan_tables(found, "en", None), *advice_tables(found, "en", None)]
    return [(t.name, [{c.key: row[c.key] for c in t.fields} for row in t.rows]) for t in tables]


# ------------------------------------------------------------------ samples


def sampled(seed: int = 1) -> Protection:
    """Plan with an endurance in doubt: power lasts 1 to 9 hours in a house, of which 5 is likeliest."""
    home = {
        "basic_need": True,
        "people": "100%",
        "needs": {"p": {"from": "power", "endures": ["1h", "5h", "9h"]}, "w": {"from": "water"}},
    }
    world = model({"water": {}, "power": {}, "home": home})
    guard = {"applies_to": {"processes": ["water", "power"]}, "effect": {"prevents": "100%"}}
    there = capacity(available={"team": 1}, scenarios={"s": 1, "t": 1})
    happens = {"s": attack("power", hours=10), "t": attack("water", hours=4)}
    return protect(with_measures(world, guard=guard), there, samples=8, seed=seed, scenarios=happens, gap=0.0)


def test_a_plan_on_samples_is_told_on_fresh_ones() -> None:
    found = sampled()
    assert found.fresh is not None
    fresh, given = found.fresh, found.given
    judge = judge_of(found.model, given, found.choices.options, found.capacity, samples=range(8, 16))
    assert fresh.whole == pytest.approx(judge.value(found.plan))
    assert fresh.plan.mean() == pytest.approx(fresh.whole)
    assert fresh.planned == found.value
    mean, low, high = fresh.interval(fresh.plan)
    half = 1.959964 * np.std(fresh.plan, ddof=1) / np.sqrt(8)
    assert (mean, low, high) == pytest.approx((fresh.plan.mean(), mean - half, mean + half))
    assert fresh.rival is not None
    wins = [1.0 if a < b else 0.5 if a == b else 0.0 for a, b in zip(fresh.plan, fresh.rival, strict=True)]
    assert fresh.better == sum(wins) / 8
    (table,) = (t for t in advice_tables(found, "nl") if t.name == "fresh")
    assert [row["plan"] for row in table.rows] == ["none", "plan", "rival"]


def test_samples_follow_from_the_seed() -> None:
    assert plain(sampled()) == plain(sampled())
    assert sampled().none != sampled(2).none


def test_fresh_draws_are_not_those_that_were_planned_with() -> None:
    found = sampled()
    assert found.fresh is not None
    own = judge_of(found.model, found.given, found.choices.options, found.capacity, samples=range(8))
    assert own.value(()) != pytest.approx(float(found.fresh.none.mean()))


# ------------------------------------------------------------------ told and drawn


def test_posts_and_people_are_counted() -> None:
    text = {"manning": {"team": {"posts": 2, "people": ["6.6", "7.3", "8.2"]}}}
    found = protect(guarded(), capacity(**text), scenarios={"s": attack("water", "power", "cash")})
    posts, people = manned(found, found.plan)
    assert posts == 4
    assert people is not None
    assert people == (132_000, 146_000, 164_000)
    assert people_text(people, "nl") == "14–15–17"
    assert taken(found, found.plan) == {"team": 2}


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_tables_and_pictures_are_whole_and_repeat(lang: Any) -> None:
    found = protect(guarded(), capacity(), scenarios={"s": attack("water", "power", "cash")}, gap=0.0)
    for table in [*plan_tables(found, lang), *advice_tables(found, lang)]:
        for row in table.rows:
            assert all(isinstance(table.show(c, row, lang), str) for c in table.shown), table.name
            assert all(c.key in row for c in table.fields), table.name
    for draw in (pictures.draw_plan_map, pictures.draw_scenario_bars, pictures.draw_ladder):
        assert render(draw(found, lang, "TLP:AMBER")) == render(draw(found, lang, "TLP:AMBER"))


def test_the_summary_says_how_good_the_plan_is() -> None:
    found = protect(guarded(), capacity(), scenarios={"s": attack("water", "power", "cash")}, gap=0.0)
    assert summary(found, "en")[1:3] == [
        "The plan (2 choices) brings harm from 13,000 person-hours to 3,000 person-hours: 77% less.",
        "Proven: no plan with this capacity is better by more than a millionth.",
    ]
    assert found.solution is not None
    looser = replace(found, solution=replace(found.solution, bound=2_400.0))
    assert summary(looser, "en")[2] == (
        "Proven: no plan with this capacity gets below 2,400 person-hours, at most 20% better. This plan averts "
        "10,000 person-hours: 94% of what any plan could avert at most."
    )


def test_the_public_name() -> None:
    assert cascade.protect is protect
    assert given_of(guarded(), capacity(), {"s": attack("cash")}, [])[0].name == "s"
