"""Cuts and bounds against every plan there is: none may ever promise more than a simulation keeps."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from protection_models import TAKES, gates_draft, judge, other_scenarios, problem, random_capacity, subsets
from random_models import Wishes, dice

from cascade.model import BUDGET
from cascade.results.bounds import Bounds, Leaf
from cascade.results.candidates import Limits
from cascade.results.harm import Judge
from cascade.results.plans import NoPlan, Search
from cascade.simulation.placing import Plan

Floats = npt.NDArray[np.float64]
ANY = Wishes(measures=True)
EMPTY: Plan = frozenset()


def searched(seeds: range, most: int = 6) -> Iterator[tuple[Judge, Limits, Search]]:
    """Search a few times under other limits, so that cuts of all kinds come up; half of the models hold anything."""
    for seed in seeds:
        how: dict[str, Any] = {"wishes": ANY, "slower": True} if seed % 2 else {}
        found = problem(seed, most - seed % 2, tail=(1.0, 0.5)[seed % 5 == 0], **how)
        if found is None:
            continue
        judged, given = found
        search = Search(judged, given.choices)
        for more in (0, 1, 2):
            for kind in TAKES:
                given = given.more(kind, more)
            try:
                search.solve(given.more(BUDGET, more * 5_000_000), gap=0.0)
            except NoPlan:
                continue
        yield judged, given, search


def all_parts(leaf: Leaf, plans: list[Plan]) -> Floats:
    """Return the harm of all plans in the live parts of a case (plans, L)."""
    return np.array([leaf.case.parts(plan)[leaf.live] for plan in plans]).reshape(len(plans), leaf.live.size)


def slack(leaf: Leaf) -> float:
    """Return what floating point may do to a part."""
    return 1e-9 * float(leaf.case.none.sum() + 1)


def test_every_cut_holds_for_every_plan() -> None:
    plain = lifted = tight = 0
    for judged, given, search in searched(range(32)):
        plans = subsets(range(given.choices.size))
        for leaf in search.bounds.leaves:
            parts = all_parts(leaf, plans)
            for options, cut in leaf.cuts.items():
                kept = np.array([max(0, 1 - len(options & plan)) for plan in plans])
                promised = leaf.best + cut.gain * kept[:, None]
                assert (promised <= parts + slack(leaf)).all(), (leaf.case.name, options)
                plain += 1
                tight += bool(cut.gain.any())
            for more in leaf.lifted:
                taken = np.array([[j in plan for j in more.options.tolist()] for plan in plans], float) @ more.drop
                assert (leaf.best + more.gain - taken <= parts + slack(leaf)).all(), (leaf.case.name, more.options)
                lifted += 1
        assert len(judged.cases) == 2
    assert plain > 150
    assert tight > 80
    assert lifted > 5


def test_what_is_beyond_help_is_bounded_too() -> None:
    for _, given, search in searched(range(12), 5):
        for leaf in search.bounds.leaves:
            rest = np.setdiff1d(np.arange(leaf.case.none.size), leaf.live)
            for plan in subsets(range(given.choices.size)):
                assert leaf.idle <= float(leaf.case.parts(plan)[rest].sum()) + slack(leaf)
                assert (leaf.best <= leaf.case.parts(plan)[leaf.live] + slack(leaf)).all()


def test_any_lifting_in_any_order_holds() -> None:
    """Blocks drawn at will: also those that no search has asked for."""
    for seed in range(15):
        world, scenarios = other_scenarios(gates_draft(seed), 1)
        found = random_capacity(world, seed, 6)
        if found is None:
            continue
        leaf = Bounds(judge(world, scenarios, found.options, {"hours": 1.0})).leaves[0]
        rng, relevant = dice(seed), sorted(leaf.case.relevant)
        plans = subsets(relevant)
        parts = all_parts(leaf, plans)
        for _ in range(4 if len(relevant) > 1 and leaf.live.size else 0):
            chosen = rng.sample(relevant, rng.randint(2, len(relevant)))
            at = rng.randint(1, len(chosen) - 1)
            blocks = (*(frozenset((j,)) for j in chosen[:at][:3]), frozenset(chosen[at:]))
            cut = leaf.lift(blocks)
            taken = np.array([[j in plan for j in cut.options.tolist()] for plan in plans], float) @ cut.drop
            assert (leaf.best + cut.gain - taken <= parts + slack(leaf)).all(), (seed, blocks)


@pytest.mark.parametrize("tail", [1.0, 0.5, 0.1])
def test_the_linear_program_is_below_every_plan(tail: float) -> None:
    """After every few cuts: its optimum is no more than the harm of any plan within the limits, and rises."""
    for seed in range(8):
        found = problem(seed, 6, tail=tail)
        if found is None:
            continue
        judged, given = found
        plans = [plan for plan in subsets(range(given.choices.size)) if given.allow(plan)]
        if not plans:
            continue
        best, bounds, last = min(judged.values(plans)), Bounds(judged), -np.inf
        wanted = bounds.first()
        for at in range(0, len(wanted) + 3, 3):
            bounds.add(wanted[at : at + 3])
            point = bounds.relax(given, EMPTY, EMPTY)
            assert point is not None
            assert last - 1e-6 * abs(last) <= point.bound <= best
            assert bounds.harm(bounds.whole(60.0, 0.0)) <= best
            last = point.bound
        assert bounds.least <= best


def test_threads_keep_the_order_of_cuts() -> None:
    """What was asked for first stands first, whoever found it first."""
    found = problem(0, 6, workers=2)
    assert found is not None
    bounds = Bounds(found[0])
    wanted = [(0, frozenset({j})) for j in sorted(bounds.leaves[0].case.relevant, reverse=True)]
    assert bounds.add(wanted) == len(wanted) > 1
    assert list(bounds.leaves[0].cuts) == [options for _, options in wanted]
    assert bounds.add(wanted) == 0
