"""The attacker who sees the plan: brute force over all plans and attacks, hand-made cases in which greedy fails, and laws."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import builders
import numpy as np
import pytest
from random_models import Wishes, build, dice, random_draft

from cascade.errors import UsageError
from cascade.model import Capacity, Lang, Measure, Model, Scenario
from cascade.results.attacker import Defence, Defender, attacks_of, defend
from cascade.results.attacks import Attacks, Block, Blow, _attacks_in, _halves, mask_of, plan_of
from cascade.results.candidates import Choices, Limits, choices, limits
from cascade.results.effects import Meter
from cascade.results.faulttrees import as_model, read_tree, solve
from cascade.results.harm import Case, Gauge
from cascade.results.masters import Sparse, minimise
from cascade.results.plans import NoPlan
from cascade.simulation.attacking import Siege
from cascade.simulation.run import simulate
from cascade.telling.attack import defence_summary, defence_tables

ARALIA = Path(__file__).resolve().parents[2] / "shared" / "benchmarks" / "aralia"
MODELS = 100
QUIET = Wishes(manipulation=False, repairs=False, measures=False, events=(0,))
NOTHING = Scenario.model_validate({"name": "nothing", "horizon": "1s", "events": []})


def measure(takes: dict[str, int], effect: dict[str, str], *processes: str, need: str | None = None) -> Measure:
    applies: dict[str, Any] = {"processes": list(processes)} | ({"need": need} if need else {})
    told = {"name": "m", "lever": "robustness", "applies_to": applies, "effect": effect, "takes": takes}
    return Measure.model_validate(told)


def guarded(model: Model, share: str = "100%", **more: Measure) -> Model:
    """Let every process be guarded by one unit."""
    return replace(
        model, measures={"guard": measure({"guard": 1}, {"prevents": share}, *sorted(model.processes)), **more}
    )


def capacity(targets: int = 1, units: int = 1, **more: Any) -> Capacity:
    told = {
        "name": "c",
        "available": {"guard": units},
        "harm": "hours",
        "attacker": {"targets": targets, "duration": "24h"},
    }
    return Capacity.model_validate(told | more)


def solved(model: Model, given: Capacity, **more: Any) -> Defence:
    found = choices(model, given)
    return defend(model, given, found, limits(found), **more)


# ------------------------------------------------------------------ random worlds


def drawn(seed: int) -> tuple[Model, Capacity]:
    """Draw a small model, a few measures, and who attacks."""
    draft, rng = random_draft(seed, QUIET), dice(seed + 10**6)
    for text in draft["regions"].values():
        text["population"] = str(rng.choice((100, 1000, 5000)))
    for text in draft["processes"].values():
        text["people"] = rng.choice(("100%", "50%", "3%"))
        text["cost_per_day"] = f"{rng.randint(1, 50)} MEUR"
        if rng.random() < 0.5:
            text["basic_need"] = "true"
    model, _ = build(draft)
    measures = {f"m{n}": _drawn_measure(model, rng) for n in range(rng.randint(1, 3))}
    told = {
        "name": "c",
        "available": {"guard": rng.randint(0, 3), "tank": rng.randint(0, 3)},
        "attacker": {"targets": rng.choice((1, 2, 2, 3)), "duration": rng.choice(("20s", "60s")), "most": rng.choice((4, 6))},
        "harm": rng.choice(("hours", "basic_hours", "cascade_hours", "euros", {"hours": 1, "basic_peak": 3})),
    }  # fmt: skip
    return replace(model, measures=measures), Capacity.model_validate(told)


def _drawn_measure(model: Model, rng: Random) -> Measure:
    every = sorted(model.processes)
    pid = rng.choice(every)
    needs = list(model.processes[pid].needs)
    takes = {rng.choice(("guard", "tank")): rng.randint(1, 2)}
    if needs and rng.random() < 0.3:
        return measure(takes, {"endures": rng.choice(("+10s", "+40s"))}, pid, need=rng.choice(needs))
    if rng.random() < 0.15:
        return measure(takes, {"restart": "x0.5"}, pid)
    return measure(
        takes, {"prevents": rng.choice(("100%", "100%", "80%", "50%"))}, *rng.sample(every, rng.randint(1, 2))
    )


def worlds(count: int, most: int = 6) -> Iterator[tuple[int, Model, Capacity, Choices]]:
    """Give random worlds with few enough options for brute force."""
    seed = 0
    while count:
        seed += 1
        model, given = drawn(seed)
        try:
            found = choices(model, given)
        except UsageError:
            continue
        if found.size <= most:
            count -= 1
            yield seed, model, given, found


def every_attack(attacks: Attacks) -> list[tuple[int, ...]]:
    sizes = range(1, attacks.size + 1)
    return [tuple(sorted(some)) for n in sizes for some in combinations(attacks.targets, n)]


def brute(attacks: Attacks, within: Limits) -> tuple[float, float]:
    """Return min over plans of max over attacks, and max over attacks of min over plans."""
    plans = [plan_of(mask) for mask in range(1 << within.choices.size)]
    plans = [plan for plan in plans if within.allow(plan)]
    table = np.array([[attacks.strike(attack, plan) for attack in every_attack(attacks)] for plan in plans])
    return float(table.max(axis=1).min()), float(table.min(axis=0).max())


def check(attacks: Attacks, found: Choices) -> bool:
    """Compare one answer with brute force; return whether the plan averts anything."""
    within = limits(found)
    answer = Defender(attacks, found).solve(within, seconds=120)
    best, other = brute(attacks, within)
    assert answer.value == pytest.approx(best, rel=1e-9)
    assert answer.at_most == pytest.approx(best, rel=1e-9)
    assert answer.bound == pytest.approx(best, rel=1e-8)
    assert answer.proven
    assert other <= best
    assert within.allow(answer.plan)
    # no attack that is worse than the last one told of is left out
    told = {threat.targets for threat in answer.next}
    for attack in every_attack(attacks):
        harm = attacks.strike(attack, answer.plan)
        counted = len(attack) == attacks.size or not attacks.toll.rising
        if counted and harm > answer.next[-1].after * (1 + 1e-9) and len(answer.next) == 10:
            slim = attacks.slim(Blow(harm, attack), mask_of(answer.plan)).attack
            assert tuple(attacks.siege.targets[t].label for t in slim) in told
    return best < answer.before.before


def test_brute_force_agrees_on_random_models() -> None:
    averted = sum(check(attacks_of(model, given, found), found) for _, model, given, found in worlds(MODELS))
    assert averted > MODELS // 4  # the comparison is about something


def logical(seed: int) -> tuple[Model, Capacity]:
    """Draw a system of and, or and k-of-n over a few parts, all of which can be guarded."""
    rng = dice(seed)
    parts = [f"p{n}" for n in range(rng.randint(3, 5))]
    processes: dict[str, Any] = {p: {"people": rng.choice(("0%", "0%", "1%"))} for p in parts}
    for n in range(rng.randint(1, 4)):
        some = rng.sample([*parts, *(f"g{m}" for m in range(n))], rng.randint(2, 3))
        kind = rng.choice(("from", "any_of", "at_least"))
        need: dict[str, Any] = {kind: some} if kind != "at_least" else {kind: {"count": 2, "of": some}}
        processes[f"g{n}"] = {"people": rng.choice(("10%", "50%", "100%")), "needs": {"n": need}}
    world = builders.model(processes)
    share = rng.choice(("100%", "100%", "60%"))
    measures = {"guard": measure({"guard": 1}, {"prevents": share}, *parts)}
    attacker = {"targets": rng.choice((1, 2, 3)), "duration": "24h", "processes": parts}
    return replace(world, measures=measures), capacity(units=rng.randint(0, 3), attacker=attacker)


def test_brute_force_agrees_on_and_or_models() -> None:
    averted = 0
    for seed in range(MODELS):
        model, given = logical(seed)
        found = choices(model, given)
        averted += check(attacks_of(model, given, found), found)
    assert averted > MODELS // 4


# ------------------------------------------------------------------ by hand


def test_two_that_are_both_needed_and_both_hit_show_greedy_nothing() -> None:
    # out needs a and b; the attacker takes both. One guard averts nothing, two avert all, and c is worth one guard
    world = builders.model(
        {"a": {}, "b": {}, "c": {"people": "10%"}, "out": {"people": "100%", "needs": {"x": {"from": ["a", "b"]}}}}
    )
    given = capacity(2, 2, attacker={"targets": 2, "duration": "24h", "processes": ["a", "b", "c"]})
    model = guarded(world)
    found = solved(model, given)
    attacks = attacks_of(model, given, choices(model, given))
    for plan in ((), (0,), (1,)):  # without out 1,000 people for 24 hours
        assert attacks.strike((0, 1), frozenset(plan)) == 24_000.0
    assert attacks.strike((0, 1), frozenset({0, 1})) == 0.0
    # what is left is c: a tenth of the people
    assert [option.process for option in found.options] == ["a", "b"]
    assert (found.value, found.bound, found.proven) == (2400.0, 2400.0, True)


def test_of_two_that_stand_in_for_each_other_one_guard_is_enough() -> None:
    world = builders.model({"a": {}, "b": {}, "out": {"people": "100%", "needs": {"x": {"any_of": ["a", "b"]}}}})
    given = capacity(2, 1, attacker={"targets": 2, "duration": "24h", "processes": ["a", "b"]})
    found = solved(guarded(world), given)
    assert (found.value, found.bound, len(found.plan)) == (0.0, 0.0, 1)
    alone = capacity(1, 1, attacker={"targets": 1, "duration": "24h", "processes": ["a", "b"]})
    assert solved(guarded(world), alone).before.before == 0.0


def test_a_guard_that_prevents_a_part_leaves_a_weaker_hit() -> None:
    world = builders.model({"a": {"people": "100%"}})
    found = solved(guarded(world, "80%"), capacity())
    assert found.before.before == 24_000.0
    assert found.value == pytest.approx(4_800.0)
    assert found.worst.guarded == ("guard: a",)


def test_what_helps_may_be_no_guard() -> None:
    # a day without power is bridged by a tank; the guard is at a process that is worth less
    world = builders.model({"power": {}, "care": {"people": "100%", "needs": {"power": {"from": "power"}}}})
    tank = measure({"guard": 1}, {"endures": "+48h"}, "care", need="power")
    guard = measure({"guard": 1}, {"prevents": "50%"}, "power")
    model = replace(world, measures={"guard": guard, "tank": tank})
    given = capacity(attacker={"targets": 1, "duration": "24h", "processes": ["power"]})
    found = solved(model, given)
    assert [option.label for option in found.options] == ["tank: care"]
    assert found.value == 0.0


def test_limits_that_clash_are_named() -> None:
    world = builders.model({"a": {"per": "region", "people": "100%"}}, {"R1": 10, "R2": 10})
    given = capacity(units=1, limits={"guard": {"each": {"at_least": 1}}})
    with pytest.raises(NoPlan) as caught:
        solved(guarded(world), given)
    assert len(caught.value.clash) == 3


def test_no_attacker_and_nothing_to_attack_are_said() -> None:
    model = guarded(builders.model({"a": {"people": "100%"}}))
    with pytest.raises(UsageError, match="no attacker"):
        solved(model, capacity(attacker=None, scenarios={"x": 1}))
    with pytest.raises(UsageError, match="nothing can be attacked"):
        solved(model, capacity(attacker={"targets": 1, "where": ["R1"]}))
    slower = replace(model, measures={"m": measure({"guard": 1}, {"restart": "x2"}, "a")})
    with pytest.raises(UsageError, match="restart slower"):
        solved(slower, capacity())


# ------------------------------------------------------------------ the judge


def test_every_harm_is_that_of_simulate() -> None:
    rng = dice(5)
    for _, model, given, found in worlds(25):
        attacks = attacks_of(model, given, found)
        siege = attacks.siege
        meter = Meter(siege.network)
        for _ in range(4):
            attack = tuple(sorted(rng.sample(attacks.targets, attacks.size)))
            plan = frozenset(k for k in range(found.size) if rng.random() < 0.5)
            scene = siege.scene(attack, plan)
            case = Case(model, scene, (), attacks.weights, meter=meter)
            assert attacks.strike(attack, plan) == pytest.approx(case.harm(()), rel=1e-12, abs=1e-12)
            log, work = siege.attack(attack, plan)
            run = simulate(model, scene)
            assert (work.proc["lost"] == run.state.proc["lost"]).all()
            assert len(log.time) == len(run.log)


def test_the_toll_is_the_gauge_of_scenarios() -> None:
    _, model, given, found = next(worlds(1))
    attacks = attacks_of(model, given, found)
    case = Case(model, attacks.siege.scene((0,), frozenset()), found.options, attacks.weights)
    assert isinstance(case.gauge, Gauge)
    assert attacks.strike((0,), frozenset()) == float(case.none.sum())


def test_an_option_said_not_to_matter_does_not() -> None:
    for _, model, given, found in worlds(30):
        attacks = attacks_of(model, given, found)
        attacks.open(0, count=10**6)
        every = mask_of(range(found.size))
        for attack, seen in list(attacks.seen.items())[:12]:
            assert attacks.strike(attack, plan_of(every)) == attacks.strike(attack, plan_of(every & seen.relevant))


# ------------------------------------------------------------------ bounds and laws


def test_blocks_hold_each_attack_once() -> None:
    todo: list[Block] = [((0, 9, 3),)]
    leaves = []
    while todo:
        block = todo.pop()
        if _attacks_in(block) == 1:
            leaves.append(tuple(sorted(r for first, last, _ in block for r in range(first, last))))
        else:
            todo += _halves(block)
    assert sorted(leaves) == list(combinations(range(9), 3))


def test_the_bound_of_a_block_is_never_below_an_attack_in_it() -> None:
    for seed, model, given, found in worlds(30):
        attacks = attacks_of(model, given, found)
        worst = attacks.strike(max(every_attack(attacks), key=lambda a: attacks.strike(a, frozenset())), frozenset())
        while attacks.closed(0) > 0:
            opened = max((seen.none for seen in attacks.seen.values()), default=0.0)
            assert max(opened, attacks.closed(0)) >= worst * (1 - 1e-12), seed
            attacks.open(0, count=10**6, floor=attacks.closed(0) * 0.9)


def test_more_capacity_never_hurts() -> None:
    for seed in range(8):
        model, given = logical(seed)
        found = choices(model, given)
        within = limits(found)
        defender = Defender(attacks_of(model, given, found), found)
        values = [defender.solve(within.more("guard", n)).value for n in range(4)]
        assert values == sorted(values, reverse=True)
        assert values[0] == pytest.approx(solved(model, given).value)  # what was learnt does not change the answer


def test_protecting_everything_leaves_nothing_to_attack() -> None:
    model, given = logical(3)
    model = guarded(model)
    found = solved(model, given.model_copy(update={"available": {"guard": 99}}))
    assert (found.value, found.bound) == (0.0, 0.0)


def test_the_order_of_input_and_the_number_of_threads_change_nothing() -> None:
    for seed in range(6):
        model, given = logical(seed)
        turned = replace(
            model,
            processes=dict(reversed(model.processes.items())),
            sector_of=dict(reversed(model.sector_of.items())),
        )
        one, other = solved(model, given), solved(turned, given, workers=3)
        assert replace(one, seconds=0.0) == replace(other, seconds=0.0)


def test_inside_and_outside_are_kept_to() -> None:
    world = builders.model({p: {"people": f"{n}0%"} for n, p in enumerate("abc", 1)})
    model, given = guarded(world), capacity(1, 1)
    found = choices(model, given)
    defender = Defender(attacks_of(model, given, found), found)
    free = defender.solve(limits(found))
    assert [o.process for o in free.options] == ["c"]
    assert free.value == 0.2 * 24_000
    kept = defender.solve(limits(found), outside=free.plan)
    assert kept.value == kept.bound == pytest.approx(0.3 * 24_000)
    forced = defender.solve(limits(found), inside=frozenset({0}))
    assert forced.plan == {0}


def test_no_time_still_gives_a_plan_and_honest_bounds() -> None:
    for _, model, given, found in worlds(12):
        attacks = attacks_of(model, given, found)
        within = limits(found)
        best, _ = brute(attacks, within)
        answer = Defender(attacks, found).solve(within, seconds=0.0)
        assert within.allow(answer.plan)
        # neither bound may claim what is not so
        assert answer.bound <= best * (1 + 1e-12)
        assert answer.at_most >= max(attacks.strike(a, answer.plan) for a in every_attack(attacks)) * (1 - 1e-12)


def test_control_c_gives_the_best_plan_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    model, given = logical(1)
    found = choices(model, given)
    attacks = attacks_of(model, given, found)
    best, _ = brute(attacks, limits(found))
    asked = 0

    def stop(value: float, bound: float, seconds: float) -> None:
        nonlocal asked
        asked += 1
        if asked == 2:
            raise KeyboardInterrupt

    answer = Defender(attacks, found).solve(limits(found), progress=stop)
    assert answer.interrupted
    assert answer.bound <= best <= answer.at_most


# ------------------------------------------------------------------ what people read


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_tables_and_sentences_say_what_was_found(lang: Lang) -> None:
    world = builders.model({"a": {"people": "10%"}, "b": {"people": "30%"}, "c": {"people": "100%"}})
    model = guarded(world)
    found = solved(model, capacity(2, 1))
    # 1,000 people: a 2,400, b 7,200, c 24,000 person-hours; one guard, at c
    tables = {table.name: table for table in defence_tables(found, model, lang)}
    said = {row["key"]: row["value"] for row in tables["defence"].rows}
    assert (said["before"], said["after"], said["bound"], said["proven"]) == (31_200.0, 9_600.0, 9_600.0, True)
    assert [row["label"] for row in tables["posts"].rows] == ["guard: c"]
    assert tables["attacks"].rows[0]["targets"] == ["a", "b"]
    # a and c as well as b and c: the guard at c leaves one target of each
    assert [row["after"] for row in tables["attacks"].rows] == [9_600.0, 7_200.0, 2_400.0]
    assert [row["target"] for row in tables["targets"].rows] == ["c", "b", "a"]
    assert [row["guarded"] for row in tables["targets"].rows] == [["guard: c"], [], []]
    lines = defence_summary(found, model, lang)
    assert len(lines) == 5
    assert {"nl": "9.600", "en": "9,600"}[lang] in lines[1]
    assert {"nl": "Bewezen", "en": "Proven"}[lang] in lines[2]
    assert not any("{" in line for line in lines)


def test_what_was_not_looked_at_is_said() -> None:
    # twenty of 1 to 20 per cent: more pairs than are tried at first; all at once would be 2,100 people for 24 hours
    model = guarded(builders.model({f"p{n:02}": {"people": f"{n}%"} for n in range(1, 21)}))
    late = solved(model, capacity(2, 0), seconds=0.0)
    lines = defence_summary(late, model, "en")
    assert late.value == pytest.approx(390 * 24)
    assert late.at_most == pytest.approx(2_100 * 24)
    assert late.looked < late.attacks
    assert any(line.startswith("Time was up") for line in lines)
    stopped = defence_summary(replace(late, interrupted=True), model, "nl")
    assert any(line.startswith("Afgebroken") for line in stopped)


# ------------------------------------------------------------------ the solver


def test_the_solver_says_what_is_proven() -> None:
    covering: list[tuple[Sparse, float, float]] = [
        ({0: 1.0, 1: 1.0}, 1.0, np.inf),
        ((np.array([1, 2]), np.array([1, 1])), 1.0, np.inf),
    ]
    found = minimise([1, 1, 1], covering)
    assert (found.status, found.value, found.bound, found.chosen) == ("optimal", 1.0, 1.0, frozenset({1}))
    assert minimise([1, 1], [({0: 1.0, 1: 1.0}, 3.0, np.inf)]).status == "infeasible"
    assert minimise([1.0], [], seconds=0.0).status == "time"
    assert minimise([1.0, 2.0], [({0: 1.0, 1: 1.0}, 0.5, np.inf)], whole=False).value == 0.5
    with pytest.raises(ValueError, match="variable 7"):
        minimise([1.0], [({7: 1.0}, 0.0, 1.0)])


# ------------------------------------------------------------------ published fault trees


@pytest.mark.parametrize(("name", "most"), [("chinese", 3), ("das9201", 2), ("isp9605", 3), ("baobab2", 2)])
def test_the_smallest_attacks_on_a_fault_tree_are_its_smallest_cut_sets(name: str, most: int) -> None:
    if not ARALIA.is_dir():
        pytest.skip("the public fault trees are not here")
    tree = read_tree(ARALIA / f"{name}.xml")
    published = solve(tree).counts
    model = as_model(tree)
    top = replace(model, processes={p: _people(q, p == tree.top) for p, q in model.processes.items()})
    for size in range(1, most + 1):
        siege = Siege(top, NOTHING, (), 3600, sorted(tree.events))
        attacks = Attacks(siege, {"hours": 1.0}, size, most=len(tree.events))
        attacks.open(0, count=10**6, floor=0.0)
        harmful = [attack for attack, seen in attacks.seen.items() if seen.none > 0]
        if published.get(size):
            assert len(harmful) == published[size]
            return
        assert not harmful
    raise AssertionError("no cut set was small enough; this test says nothing")


def _people(process: Any, top: bool) -> Any:
    from cascade.units import FULL, sure

    return process.model_copy(update={"people": sure(FULL) if top else sure(0)})
