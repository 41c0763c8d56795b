"""Harm by part against the counts of a run, and what bounds are built on: no measure may make a part worse."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from builders import model, scenario
from protection_models import HARMS, PLAIN, copies, gates_draft, protection_draft, subsets
from random_models import ANYTHING, Wishes, build, dice

from cascade.errors import CascadeError
from cascade.model import Measure
from cascade.results.effects import EFFECTS, Meter
from cascade.results.harm import Case, Judge
from cascade.results.impact import assess
from cascade.simulation.ensemble import prepare_draws
from cascade.simulation.network import compile_network
from cascade.simulation.placing import Option, Plan
from cascade.simulation.run import simulate
from cascade.units import HOUR

MEASURES = ("hours", "cascade_hours", "basic_hours", "basic_beyond", "basic_peak", "euros", "defence_hours")
QUEUES = Wishes(measures=False, manipulation=False)


def cases(
    seeds: range, wishes: Wishes | None = None, most: int = 5, *, slower: bool = False, **how: Any
) -> Iterator[tuple[int, Case]]:
    """Give a case for each draft that settles, judged by turns in each way."""
    for seed in seeds:
        draft = gates_draft(seed) if wishes is None else protection_draft(seed, wishes, doubt=True, slower=slower)
        world, given = build(draft)
        weights = {name: float(weight) for name, weight in HARMS[seed % len(HARMS)].items()}
        try:
            options = copies(world, most, dice(seed))
            case = Case(world, given, options, how.get("weights", weights), sample=how.get("sample"))
        except CascadeError:
            continue
        yield seed, case


# ------------------------------------------------------------------ what is counted


@pytest.mark.parametrize("sample", [None, (5, 2)])
def test_harm_is_what_a_run_is_counted_as(sample: tuple[int, int] | None) -> None:
    """For plans of random models: the sum of all parts is each figure of the meter, on a network made with the plan in it."""
    counted = 0
    for measure in MEASURES:
        for seed, case in cases(range(12), PLAIN, weights={measure: 1.0}, sample=sample):
            for plan in subsets(range(len(case.stage.options)))[:: 1 + 2 ** len(case.stage.options) // 4]:
                found, told = case.harm(plan), meant(case, plan, measure, sample)
                assert found == pytest.approx(told, rel=1e-9, abs=1), (seed, measure, plan)
                counted += told > 1
    assert counted > 40


def meant(case: Case, plan: Plan, measure: str, sample: tuple[int, int] | None) -> float:
    """Count a run made without the stage: hours are seconds there, and so is what stands under them."""
    stage = case.stage
    network = compile_network(stage.as_written, stage.with_plan(plan))
    meter = Meter(network)
    if sample is not None:
        drawn = prepare_draws(network).drawn(*sample)
        network, meter = drawn.network, meter.redrawn(drawn.people, drawn.cost_per_day)
    run = simulate(network, stage.with_plan(plan))
    told: dict[str, int] = dict(
        zip(EFFECTS, meter.of(run.changes, run.state, stage.horizon, stage.hit).tolist(), strict=True)
    )
    if measure == "hours":
        return (told["own_hours"] + told["cascade_hours"]) / HOUR
    return told[measure] / (1 if measure in ("basic_peak", "euros") else HOUR)


def test_harm_by_hand() -> None:
    """1,000 people; power out on purpose for 10 hours from hour 1, the homes of all and the shop of 20% with it.

    Person-hours: 10 x (1,000 + 200) of the cascade; power counts nobody. A guard prevents 50% of it: half of that.
    """
    homes = {"people": "100%", "basic_need": True, "needs": {"all": {"from": "power"}}}
    world = model({"power": {}, "home": homes, "shop": {"people": "20%", "needs": {"all": {"from": "power"}}}})
    guard = {"lever": "robustness", "applies_to": {"processes": ["power"]}, "effect": {"prevents": "50%"}}
    world = replace(world, measures={"guard": Measure.model_validate({"name": "guard", **guard})})
    given = scenario({"hits": "power", "at": "1h", "for": "10h", "deliberate": True})
    case = Case(world, given, [Option("guard", "power", "")], {"hours": 1.0})
    assert [case.harm(()), case.harm({0})] == [12_000, 6_000]
    both = Case(world, given, [Option("guard", "power", "")], {"basic_hours": 2.0, "basic_peak": 1.0})
    assert both.harm(()) == 2 * 10_000 + 1_000
    assert both.harm({0}) == 2 * 5_000 + 500
    impact = assess(simulate(world, case.stage.with_plan({0})))
    assert impact.basic_needs["person_h"].sum() == 5_000
    assert impact.by_copy["lost_h"].sum() == pytest.approx(3 * 5)


# ------------------------------------------------------------------ what bounds are built on


def lower(one: Any, other: Any, case: Case) -> bool:
    """Whether no part of one is above the other, but for floating point."""
    return bool((one <= other + 1e-9 * (float(case.none.sum()) + 1)).all())


def test_no_measure_makes_any_part_worse() -> None:
    """Without queues, misleading supplies and measures that slow down: P within Q, and each part of Q is at most P's."""
    better = 0
    for wishes, seeds in ((None, range(20)), (PLAIN, range(60)), (ANYTHING, range(60))):
        for seed, case in cases(seeds, wishes):
            if not case.monotone or case.stage.queues:
                continue
            for plan in subsets(range(len(case.stage.options))):
                for k in set(range(len(case.stage.options))) - plan - case.stage.harmful:
                    less, more = case.parts(plan), case.parts(plan | {k})
                    assert lower(more, less, case), (seed, plan, k)
                    better += bool((more < less).any())
    assert better > 300


@pytest.mark.parametrize("wishes", [QUEUES, ANYTHING])
def test_what_no_plan_can_go_below(wishes: Wishes) -> None:
    """Also with queues, supplies that mislead and measures that slow down."""
    queues = slow = 0
    for seed, case in cases(range(40), wishes, 4, slower=True):
        plans = subsets(range(len(case.stage.options)))
        for plan in plans:
            least = case.least(plan)
            assert all(lower(least, case.parts(within), case) for within in plans if within <= plan), (seed, plan)
            assert lower(case.best, least, case)
        queues += case.stage.queues and bool((case.best < case.none).any())
        slow += bool(case.stage.harmful & case.relevant)
    assert slow > 0
    assert queues > 1


def test_only_what_can_matter_is_asked() -> None:
    """An option that is left out changes nothing, whatever else is in place; neither at the modes nor in a sample."""
    left_out = 0
    for sample in (None, (1, 1)):
        for seed, case in cases(range(50), ANYTHING, 5, slower=True, sample=sample):
            every = frozenset(range(len(case.stage.options)))
            left_out += len(every - case.relevant)
            for plan in subsets(every)[:: 1 if every - case.relevant else 32]:
                if plan - case.relevant:
                    assert (case.gauge.of(*case.stage.play(plan)) == case.parts(plan)).all(), (seed, plan)
    assert left_out > 30


def test_a_faster_repair_can_put_off_another_one() -> None:
    """One team; x can be repaired from hour 0 in 10 hours, l from hour 5 in 100, h, which goes first, from hour 8 in 10.

    x done at 10, then h to 20, then l to 120: 10 + 12 + 115 hours without. With x done in 5 hours h is not there yet: l to
    105, then h to 115: 5 + 107 + 100. So the measure makes h worse, and no plan can be bounded by it: with a team for each
    repair it would be 5 + 10 + 100.
    """
    world = model({name: {"people": "100%"} for name in ("x", "l", "h")})
    spares = {"lever": "recovery", "applies_to": {"processes": ["x"]}, "effect": {"repair": "x0.5"}}
    world = replace(world, measures={"spares": Measure.model_validate({"name": "spares", **spares})})
    jobs = {"x": (0, 10), "l": (5, 100), "h": (8, 10)}
    events = [
        {"id": name, "hits": name, "at": f"{at}h", "repair": {"crew": "team", "work": f"{work}h"}}
        for name, (at, work) in jobs.items()
    ]
    given = scenario(*events, crews={"team": "1"}, repair_order=["h", "x", "l"])
    case = Case(world, given, [Option("spares", "x", "")], {"hours": 1.0})
    hours = [
        dict(zip("hlx", (found / 1000).tolist(), strict=True)) for found in (case.parts(()), case.parts({0}), case.best)
    ]
    assert hours == [
        {"h": 12, "l": 115, "x": 10},
        {"h": 107, "l": 100, "x": 5},
        {"h": 10, "l": 100, "x": 5},
    ]
    assert (case.best <= case.none).all()


def test_what_a_wrong_supply_brings_down_can_be_protected() -> None:
    """A home with a second clock believes that one when it is wrong; the shop that needs the home can lay in a stock.

    Without the second clock nothing falls. With it the home is out, so the stock matters although nothing falls without a
    plan.
    """
    home = {"needs": {"time": {"any_of": ["first"], "if_manipulated": {"level": "0%", "noticed_after": "9h"}}}}
    shop = {"people": "100%", "needs": {"goods": {"from": "home"}}}
    world = model({"first": {}, "second": {}, "home": home, "shop": shop})
    texts: dict[str, dict[str, Any]] = {
        "clock": {"applies_to": {"processes": ["home"], "need": "time"}, "effect": {"adds_supply": {"id": "second"}}},
        "stock": {"applies_to": {"processes": ["shop"], "need": "goods"}, "effect": {"endures": "2h"}},
    }
    made = {name: Measure.model_validate({"name": name, "lever": "redundancy", **text}) for name, text in texts.items()}
    wrong = {"hits": "second", "at": "1h", "for": "20h", "manipulated": True, "level": "100%"}
    options = [Option("clock", "home", ""), Option("stock", "shop", "")]
    case = Case(replace(world, measures=made), scenario(wrong), options, {"hours": 1.0})
    assert case.relevant == {0, 1}
    assert case.harm({1}) == case.harm(()) == 0 < case.harm({0, 1}) < case.harm({0})
    assert not case.least({0, 1}).any()


# ------------------------------------------------------------------ many cases


def test_a_mean_and_the_worst_part_of_it() -> None:
    """Shares 1/2, 1/4, 1/4 of harms 1, 4, 9: mean 3.75; the worst quarter 9; the worst half (9 + 4) / 2."""
    none = [Case.__new__(Case) for _ in range(3)]
    for case, weight in zip(none, (2.0, 1.0, 1.0), strict=True):
        case.weight = weight
    harms = np.array([1.0, 4.0, 9.0])
    told = [Judge(tuple(none), (), tail=tail).whole(harms) for tail in (1.0, 0.25, 0.5, 0.75)]
    assert told == pytest.approx([3.75, 9.0, 6.5, (0.25 * (9 + 4) + 0.25 * 1) / 0.75])


def test_more_workers_give_the_same_harms() -> None:
    for _, case in cases(range(3)):
        plans = subsets(range(len(case.stage.options)))
        one, two = (Judge((case, case), case.stage.options, workers).many(plans) for workers in (1, 2))
        assert (one == two).all()
