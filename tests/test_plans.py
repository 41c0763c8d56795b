"""The search against brute force: every plan of thousands of small problems, limits that clash, interruptions, and two models by hand."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from random import Random
from typing import Any

import pytest
from builders import model, scenario
from protection_models import (
    TAKES,
    gates_draft,
    judge,
    keeps,
    other_scenarios,
    problem,
    random_capacity,
    reordered,
    subsets,
)
from random_models import Wishes, dice

from cascade.model import BUDGET, NATIONAL, Capacity, Measure, Model, Scenario
from cascade.results.candidates import Choices, Limits, choices, limits
from cascade.results.harm import Case, Judge
from cascade.results.plans import CLOSE, NoPlan, Search, Solution
from cascade.simulation.placing import Plan

BLOCKS, BLOCK, ROUNDS = 6, 8, 16
ANY = Wishes(measures=True)
ROUNDING = 1e-9


class Known:
    """A problem of which the harm of every plan is known."""

    def __init__(self, judged: Judge, given: Limits) -> None:
        self.judge, self.limits, self.choices = judged, given, given.choices
        self.search = Search(judged, given.choices)
        self.plans = subsets(range(given.choices.size))
        self.values = dict(zip(self.plans, judged.values(self.plans), strict=True))

    @property
    def orderly(self) -> bool:
        """Whether more is never worse here, so that a proof can be asked for."""
        cases = self.judge.cases
        return all(c.monotone and not c.stage.queues and not c.stage.harmful & c.relevant for c in cases)

    def allowed(self, given: Limits, inside: Plan = frozenset(), outside: Plan = frozenset()) -> list[Plan]:
        rows, _ = given.rows()
        return [p for p in self.plans if inside <= p and not outside & p and keeps(rows, p)]

    def best(self, plans: Sequence[Plan]) -> float:
        return min(self.values[p] for p in plans)


def known(seed: int, most: int = 6, **how: Any) -> Known | None:
    """Return a random problem with the harm of every plan; None where nothing can be chosen."""
    found = problem(seed, most, **how)
    return None if found is None else Known(*found)


def drawn(given: Limits, rng: Random) -> Limits:
    """Draw other limits for the same candidates; some of them cannot be kept."""
    units = {}
    for kind in given.units:
        own = rng.sample(("R1", "R2"), rng.choice((0, 0, 1, 2)))
        units[kind] = {NATIONAL: rng.choice((0, 1, 2, 2, 3, 4, 6)), **{region: rng.choice((0, 1, 2)) for region in own}}
    regional = []
    for kind in given.units:
        if rng.random() < 0.25:
            least = rng.choice((0, 0, 1, 2))
            regional.append((kind, rng.choice(("R1", "R2")), least, least + rng.choice((0, 1, 2, 2**53))))
    group = tuple(sorted(rng.sample(range(given.choices.size), min(given.choices.size, rng.choice((2, 2, 3))))))
    excludes = (group,) if rng.random() < 0.4 and len(group) > 1 else ()
    budget = rng.choice((None, None, 0, 6_000_000, 13_000_000, 30_000_000))
    return replace(given, units=units, budget=budget, regional=tuple(regional), excludes=excludes)


def fixed(size: int, rng: Random) -> tuple[Plan, Plan]:
    """Draw options that must be chosen and options that must not; mostly none."""
    some = rng.sample(range(size), min(size, 2)) if rng.random() < 0.3 else []
    return frozenset(some[:1]), frozenset(some[1:])


def asked(one: Known, given: Limits, inside: Plan = frozenset(), outside: Plan = frozenset()) -> Solution | None:
    """Search, and judge all that is said on the way and in the end by every plan there is; None where there is none."""
    plans = one.allowed(given, inside, outside)
    heard: list[tuple[float, float]] = []
    found = solved(
        one.search, given, inside=inside, outside=outside, progress=lambda v, b, _: heard.append((float(v), float(b)))
    )
    assert isinstance(found, Solution) == bool(plans), found
    if isinstance(found, NoPlan):
        return None
    best = one.best(plans)
    assert found.plan in plans
    assert found.value == one.values[found.plan]
    assert found.bound <= best <= found.value, (found.bound, best, found.value)
    assert all(bound <= best <= value for value, bound in heard), (heard, best)
    if found.proven:
        assert found.value <= best * (1 + CLOSE)
    return found


def solved(search: Search, given: Limits, **how: Any) -> Solution | NoPlan:
    """Search for the best plan of all, or say what clashes."""
    try:
        return search.solve(given, gap=0.0, **how)
    except NoPlan as clash:
        return clash


# ------------------------------------------------------------------ against every plan


@pytest.mark.parametrize("block", range(BLOCKS))
def test_the_search_finds_what_brute_force_finds(block: int) -> None:
    """Cuts that were made under other limits help, and never mislead."""
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        one = known(seed, tail=(1.0, 1.0, 0.5)[seed % 3])
        if one is None:
            continue
        rng = dice(seed)
        for number in range(ROUNDS):
            given = one.limits if not number else drawn(one.limits, rng)
            found = asked(one, given, *fixed(one.choices.size, rng))
            assert found is None or found.proven, (seed, number, found)
            assert found is None or found.value <= found.bound * (1 + 2 * CLOSE), (
                seed,
                number,
                found,
            )


def test_models_of_every_kind() -> None:
    """Also with added supplies that mislead, queues of repairs and measures that slow down: a bound that holds."""
    proofs = 0
    for seed in range(40):
        one = known(seed, 5, wishes=ANY, slower=seed % 2 == 0)
        if one is not None:
            found = asked(one, one.limits)
            proofs += found is not None and found.proven and found.value < found.none
            assert found is None or found.proven, (seed, found)
    assert proofs > 2


def test_ten_candidates() -> None:
    larger = (known(seed, 10) for seed in range(30))
    for one in islice((one for one in larger if one is not None and one.choices.size == 10), 2):
        found = asked(one, one.limits)
        assert found is None or found.proven


def test_more_is_never_worse() -> None:
    better = 0
    for seed in range(12):
        one = known(seed)
        if one is None or not one.orderly:
            continue
        before = asked(one, one.limits)
        for kind in (*TAKES, BUDGET) if before is not None else ():
            after = asked(one, one.limits.more(kind, 5_000_000 if kind == BUDGET else 1))
            assert before is not None
            assert after is not None
            assert after.value <= before.value * (1 + ROUNDING)
            better += after.value < before.value * (1 - ROUNDING)
    assert better > 1


def test_problems_are_worth_solving() -> None:
    """In most problems plans differ, greedy by single gain fails now and then, and some limits cannot be kept."""
    useful = failing = impossible = 0
    for seed in range(30):
        one = known(seed)
        rng = dice(seed)
        for _ in range(6 if one is not None else 0):
            assert one is not None
            given = drawn(one.limits, rng)
            plans = one.allowed(given)
            impossible += not plans
            if plans:
                best = one.best(plans)
                useful += best < one.values[frozenset()]
                failing += one.values[greedy(one, given)] > best * (1 + ROUNDING)
    assert useful >= 60
    assert failing >= 5
    assert impossible >= 20


def greedy(one: Known, given: Limits) -> Plan:
    """Add what averts most on top of what is there, as long as that averts anything."""
    chosen: Plan = frozenset()
    while True:
        steps = [chosen | {k} for k in range(one.choices.size) if k not in chosen and given.leave_room(chosen | {k})]
        best = min(steps, key=lambda p: one.values[p], default=chosen)
        if one.values[best] >= one.values[chosen]:
            return chosen
        chosen = best


# ------------------------------------------------------------------ by hand


def guarded(need: dict[str, Any], others: dict[str, Any], teams: int) -> Known:
    """Return sources that are attacked for 10 hours and whom 1,000 people miss, and teams that guard a source each."""
    sources: dict[str, dict[str, Any]] = {name: {} for name in ("a", "b", "c", "d") if name in str(need) + str(others)}
    homes = {"home": {"people": "100%", "needs": {"all": need}}, **others}
    guard = {"applies_to": {"processes": sorted(sources)}, "effect": {"prevents": "100%"}, "takes": {"team": 1}}
    measure = Measure.model_validate({"name": "guard", "lever": "robustness", **guard})
    world = replace(model({**sources, **homes}), measures={"guard": measure})
    hits = [{"hits": name, "at": "0h", "for": "10h", "deliberate": True} for name in sources]
    text = {"name": "teams", "available": {"team": teams}, "scenarios": {"s": 1}, "harm": "hours"}
    found = choices(world, Capacity.model_validate(text))
    return Known(judge(world, [scenario(*hits)], found.options, {"hours": 1.0}), limits(found))


def test_and_by_hand() -> None:
    """Two teams; a home needs a and b, a shop (10% of the people) needs c; all three are attacked for 10 hours.

    Without guards all 1,000 people lack the home and 100 the shop, for 10 hours: 11,000 person-hours. A guard at a alone
    or at b alone averts nothing, since the other one still stops the home; at c it averts 1,000. So greedy takes c, and
    then sees zero for a and zero for b: it ends at 10,000. Guards at a and b avert the 10,000 of the home: 1,000 is left.
    """
    shop = {"shop": {"people": "10%", "needs": {"all": {"from": "c"}}}}
    one = guarded({"from": ["a", "b"]}, shop, 2)
    assert one.values[frozenset()] == 11_000
    assert one.values[greedy(one, one.limits)] == 10_000
    found = asked(one, one.limits)
    assert found is not None
    assert one.choices.told(found.plan) == ["guard: a", "guard: b"]
    assert found.value == 1_000
    assert found.proven


def test_or_by_hand() -> None:
    """Two teams; a home can live on a or on b (100%), an office (60%) on a or c, a shop (60%) on b or d.

    Without guards 10 hours x (1,000 + 600 + 600) = 22,000. One guard at a averts home and office, 16,000, and so does one at b
    with home and shop; at c or d 6,000. On top of a a guard at b averts 6,000 more, the shop, although alone it averts
    16,000: the two stand in for each other at home. A guard at d does that too. Adding up single gains would promise 32,000
    averted for a and b, more than there is; a bound from them would say that harm can be negative. What is left is 0.
    """
    others = {
        "office": {"people": "60%", "needs": {"all": {"any_of": ["a", "c"]}}},
        "shop": {"people": "60%", "needs": {"all": {"any_of": ["b", "d"]}}},
    }
    one = guarded({"any_of": ["a", "b"]}, others, 2)
    a, b, c, d = range(4)
    told = [one.values[frozenset(plan)] for plan in ((), (a,), (b,), (c,), (a, b), (a, d), (c, d))]
    assert told == [22_000, 6_000, 6_000, 16_000, 0, 0, 10_000]
    found = asked(one, one.limits)
    assert found is not None
    assert found.value == 0
    assert found.bound == 0
    single = asked(one, replace(one.limits, units={"team": {NATIONAL: 1}}))
    assert single is not None
    assert (single.value, single.proven) == (6_000, True)


def test_or_where_greedy_fails() -> None:
    """Two teams; homes live on any of a, b and c; shops: left (70%) needs b, right (70%) c, west (80%) a or b, east (80%) a or c.

    Without guards 10,000 + 7,000 + 7,000 + 8,000 + 8,000 = 40,000. A guard at a averts homes, west and east, 26,000; at b
    homes, left and west, 25,000; at c the same. Greedy takes a, and then b or c for 7,000: 7,000 is left. Guards at b and c
    leave nothing: with them nobody needs a.
    """
    others = {
        "left": {"people": "70%", "needs": {"all": {"from": "b"}}},
        "right": {"people": "70%", "needs": {"all": {"from": "c"}}},
        "west": {"people": "80%", "needs": {"all": {"any_of": ["a", "b"]}}},
        "east": {"people": "80%", "needs": {"all": {"any_of": ["a", "c"]}}},
    }
    one = guarded({"any_of": ["a", "b", "c"]}, others, 2)
    assert one.values[frozenset()] == 40_000
    assert one.values[greedy(one, one.limits)] == 7_000
    found = asked(one, one.limits)
    assert found is not None
    assert one.choices.told(found.plan) == ["guard: b", "guard: c"]
    assert found.value == 0


# ------------------------------------------------------------------ limits that cannot be kept


def test_a_clash_names_what_is_needed_for_it_and_nothing_else() -> None:
    clashes = 0
    for seed in range(16):
        one = known(seed, 5)
        rng = dice(seed + 1)
        for _ in range(4 if one is not None else 0):
            assert one is not None
            given = drawn(one.limits, rng)
            others = tuple(row for row in given.regional if row[:2] != ("guard", "R1"))
            given = replace(given, regional=(*others, ("guard", "R1", rng.choice((1, 2, 5)), 2**53)))
            inside, outside = fixed(one.choices.size, rng)
            rows, _ = given.rows()
            plans = [p for p in one.plans if inside <= p and not outside & p]
            found = solved(one.search, given, seconds=0.0, inside=inside, outside=outside)
            assert isinstance(found, Solution) == any(keeps(rows, p) for p in plans)
            if isinstance(found, NoPlan):
                clashes += 1
                named = [row for row in rows if row.name in found.clash]
                assert [row.name for row in named] == list(found.clash)
                assert not any(keeps(named, p) for p in plans), found.clash
                assert all(row.name in str(found) for row in named)
                for row in named:
                    fewer = [other for other in named if other is not row]
                    assert any(keeps(fewer, p) for p in plans), (found.clash, row.name)
    assert clashes > 10


# ------------------------------------------------------------------ interrupted


@pytest.mark.parametrize("seed", [0, 3])
def test_interrupted_at_any_moment(seed: int) -> None:
    """Ctrl-C gives a plan within the limits and a bound that holds, whenever it comes."""
    n, interrupted = 0, True
    while interrupted:
        n += 1
        one = known(seed, 6)
        assert one is not None
        found = one.search.solve(one.limits, gap=0.0, progress=raising(n))
        best = one.best(one.allowed(one.limits))
        assert found.plan in one.allowed(one.limits)
        assert found.bound <= best <= found.value == one.values[found.plan]
        interrupted = found.interrupted
    assert n > 1
    assert found.proven


def test_ctrl_c_before_the_first_round_still_gives_what_is_known_to_help() -> None:
    helped = 0
    for seed in range(12):
        one = known(seed)
        if one is None or not one.allowed(one.limits) or not one.search._telling():
            continue
        found = one.search.solve(one.limits, progress=raising(1))
        assert found.interrupted
        assert found.plan in one.allowed(one.limits)
        assert found.bound <= one.best(one.allowed(one.limits)) <= found.value == one.values[found.plan]
        single = [plan for plan in one.allowed(one.limits) if len(plan) == 1 and one.values[plan] < found.none]
        if frozenset() in one.allowed(one.limits) and single:
            assert found.plan
            helped += 1
    assert helped > 1


def raising(calls: int) -> Callable[[float, float, float], None]:
    """Return a progress that is interrupted at some call."""
    count = iter(range(1, 10**9))

    def progress(_value: float, _bound: float, _seconds: float) -> None:
        if next(count) == calls:
            raise KeyboardInterrupt

    return progress


def test_no_time_at_all() -> None:
    for seed in range(6):
        one = known(seed)
        if one is None or not one.allowed(one.limits):
            continue
        found = one.search.solve(one.limits, seconds=0.0)
        assert found.plan in one.allowed(one.limits)
        assert found.bound <= one.best(one.allowed(one.limits)) <= found.value


# ------------------------------------------------------------------ the same answer every time


def test_two_workers_give_what_one_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever thread is first: all plans, values, bounds and cuts are the same, in the same order."""
    rng, ask = dice(1), Case.least

    def slowly(case: Case, plan: Any) -> Any:
        for _ in range(rng.choice((0, 0, 3000))):
            pass
        return ask(case, plan)

    monkeypatch.setattr(Case, "least", slowly)
    for seed in (0, 3, 6, 9, 11, 14):
        told = []
        for workers in (1, 2, 2):
            found = problem(seed, 7, workers=workers)
            assert found is not None
            search = Search(found[0], found[1].choices)
            solution = solved(search, found[1], seconds=1e6)
            if isinstance(solution, NoPlan):
                continue
            cuts = [[(sorted(t), cut.gain.tolist()) for t, cut in leaf.cuts.items()] for leaf in search.bounds.leaves]
            lifted = [[cut.drop.tolist() for cut in leaf.lifted] for leaf in search.bounds.leaves]
            told.append((sorted(solution.plan), solution.value, solution.bound, solution.rounds, cuts, lifted))
        assert all(one == told[0] for one in told), seed


def test_the_order_of_the_files_changes_nothing() -> None:
    for seed in range(5):
        world, scenarios = other_scenarios(gates_draft(seed), 3)
        found = random_capacity(world, seed)
        if found is None:
            continue
        rng = dice(seed)
        told = [labelled(world, dict(enumerate(scenarios)), found.capacity)]
        for _ in range(2):
            places = tuple(rng.sample(list(found.capacity.candidates or ()), len(found.capacity.candidates or ())))
            shuffled = found.capacity.model_copy(update={"candidates": places})
            told.append(labelled(reordered(world, rng), dict(enumerate(scenarios)), shuffled))
        assert all(one == told[0] for one in told), seed


def labelled(world: Model, scenarios: dict[int, Scenario], capacity: Capacity) -> tuple[list[str], float] | None:
    """Return the plan for a model as labels, and its harm."""
    found: Choices = choices(world, capacity)
    judged = judge(world, [scenarios[n] for n in sorted(scenarios)], found.options, {"hours": 1.0, "euros": 0.5})
    solution = solved(Search(judged, found), limits(found))
    return None if isinstance(solution, NoPlan) else (found.told(solution.plan), solution.value)
