"""Plans on a stage against the same measures written into the scenario: the same log and the same losses, to the last bit."""

from collections import Counter
from dataclasses import replace

import pytest
from builders import model, scenario
from protection_models import EFFECTS, copies, protection_draft
from random_models import ANYTHING, Draft, build, dice, show

from cascade.errors import CascadeError, RunawayError
from cascade.model import Measure, Model, Scenario
from cascade.simulation.ensemble import prepare_draws, prepare_scenario_draws
from cascade.simulation.layout import Log, Work
from cascade.simulation.network import compile_network
from cascade.simulation.placing import Option, Plan, Stage
from cascade.simulation.run import simulate
from cascade.units import FULL

BLOCK, BLOCKS, PLANS = 20, 4, 6
Told = tuple[list[tuple[int, ...]], list[int]] | None


def told(log: Log, work: Work) -> Told:
    """Return all rows of a log and what every instance lost."""
    return list(zip(*(column.tolist() for column in log), strict=True)), work.proc["lost"].tolist()


def played(stage: Stage, plan: Plan) -> Told:
    """Return what a stage makes of a plan; None if it does not settle."""
    try:
        return told(*stage.play(plan))
    except CascadeError:
        return None


def written(world: Model, given: Scenario, stage: Stage, plan: Plan, sample: tuple[int, int] | None) -> Told:
    """Return what the plan gives written into the scenario, at the modes or in one sample of everything."""
    placed = stage.with_plan(plan)
    try:
        if sample is None:
            run = simulate(world, placed)
        else:
            meant = given.model_copy(update={"with_measures": placed.with_measures})
            network = prepare_draws(compile_network(world, meant)).network(*sample)
            run = simulate(network, prepare_scenario_draws(meant).scenario(*sample))
    except RunawayError:
        return None
    return told(run.changes, run.state)


def plans_for(seed: int, size: int) -> list[Plan]:
    """Draw plans in no order: nothing, everything, and others, some of them twice."""
    rng = dice(seed)
    drawn = [frozenset(k for k in range(size) if rng.random() < 0.5) for _ in range(PLANS - 2)]
    found = [frozenset[int](), frozenset(range(size)), *drawn, drawn[0]]
    return rng.sample(found, len(found))


def difference(draft: Draft, sample: tuple[int, int] | None) -> str | None:
    """Return how a stage differs from the model with the plan written into it; None if it does not."""
    world, given = build(draft)
    options = copies(world, 9, dice(draft["seed"]))
    stage = Stage(world, given, options, sample=sample)
    other = stage.twin()
    for number, plan in enumerate(plans_for(draft["seed"], len(options))):
        found, meant = played((stage, other)[number % 2], plan), written(world, given, stage, plan, sample)
        if found != meant:
            return f"plan {[options[k].label for k in sorted(plan)]} sample {sample}:\n  stage {found}\n  model {meant}"
    return None


@pytest.mark.parametrize("block", range(BLOCKS))
def test_a_stage_is_the_model_with_the_plan_in_it(block: int) -> None:
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        draft = protection_draft(seed, ANYTHING, doubt=True, slower=True)
        for sample in (None, (3, seed)):
            found = difference(draft, sample)
            assert found is None, f"seed {seed}: {found}\n{show(draft)}"


def test_plans_of_every_kind_are_played() -> None:
    """Each effect changes some runs of those drafts, and so do plans under queues, crews with needs and wrong supplies."""
    met: Counter[str] = Counter()
    for seed in range(BLOCK * BLOCKS):
        world, given = build(protection_draft(seed, ANYTHING, doubt=True, slower=True))
        stage = Stage(world, given, copies(world, 9, dice(seed)))
        nothing = played(stage, frozenset())
        effects = [next(iter(world.measures[option.measure].effect.model_fields_set)) for option in stage.options]
        for kind in sorted(set(effects)):
            if played(stage, frozenset(k for k, effect in enumerate(effects) if effect == kind)) != nothing:
                met.update([kind, *others_met(stage, kind)])
    wanted = (*EFFECTS, "a queue of repairs", "crews that need something", "a supply that can mislead", "beside others")
    assert all(met[kind] > 0 for kind in wanted), met


def others_met(stage: Stage, kind: str) -> list[str]:
    """Return what else a plan of one kind of effect meets in a scenario."""
    found = ["a queue of repairs"] if stage.queues else []
    found += ["crews that need something"] if any(crew.needs for crew in stage.scenario.crews.values()) else []
    found += ["a supply that can mislead"] if kind == "adds_supply" and not stage.monotone else []
    return found + (["beside others"] if stage.scenario.with_measures else [])


# ------------------------------------------------------------------ by hand


def chain(effect: dict[str, str], back: str = "4h") -> tuple[Model, Scenario, list[Option]]:
    """Return water with a stock for 2 hours without power, power out for 10 hours on purpose, and a measure at either."""
    world = model({"power": {}, "water": {"restart": back, "needs": {"pumps": {"from": "power", "endures": "2h"}}}})
    at = "power" if "prevents" in effect else "water"
    text = {"lever": "robustness", "applies_to": {"processes": [at], "need": "pumps"}, "effect": effect}
    measure = Measure.model_validate({"name": "m", **text})
    event = {"hits": "power", "at": "1h", "for": "10h", "deliberate": True}
    return replace(world, measures={"m": measure}), scenario(event, horizon="2d"), [Option("m", at, "")]


@pytest.mark.parametrize(
    ("effect", "without", "hours"),
    [
        ({"endures": "3h"}, 8 + 4, 5 + 4),  # out from hour 3 (6) to hour 11, and 4 hours to restart
        ({"restart": "x0.5"}, 8 + 4, 8 + 2),
        ({"prevents": "100%"}, 8 + 4, 0),
    ],
)
def test_by_hand(effect: dict[str, str], without: int, hours: int) -> None:
    world, given, options = chain(effect)
    stage = Stage(world, given, options)
    water = stage.network.labels.index("water")
    for plan, lost in (((), without), ((0,), hours), ((), without)):
        assert stage.play(plan)[1].proc["lost"][water] == lost * 3600 * FULL


def test_a_stock_that_is_larger_refills_as_long_as_it_lasts() -> None:
    """Power is out from hour 0 to 5 and from 6 to 12; water has a stock for 2 hours, or for 4 with the measure.

    Without it water is out from 2 to 5; in the hour between a stock for one hour comes in, so it is out from 7 to 12: 8 hours.
    With it from 4 to 5, and after the same hour of refilling from 7 to 12: 6 hours.
    """
    world, _, options = chain({"endures": "2h"}, "0h")
    given = scenario(*({"hits": "power", "at": f"{a}h", "for": f"{n}h"} for a, n in ((0, 5), (6, 6))), horizon="2d")
    stage = Stage(world, given, options)
    water = stage.network.labels.index("water")
    assert [stage.play(plan)[1].proc["lost"][water] / 3600 / FULL for plan in ((), (0,))] == [8, 6]


def test_a_need_that_is_short_from_the_start_can_use_a_measure() -> None:
    """Nobody who supplies the home falls, but of the two that are needed one gives 50% only: the home is short after a while."""
    need = {"at_least": {"count": 2, "of": ["a", {"id": "b", "gives": "50%"}]}}
    world = model({"a": {}, "b": {}, "c": {}, "home": {"needs": {"all": need}}})
    text = {"lever": "redundancy", "applies_to": {"processes": ["home"], "need": "all"}}
    extra = Measure.model_validate({"name": "m", **text, "effect": {"endures": "5h"}})
    world = replace(world, measures={"m": extra})
    stage = Stage(world, scenario({"hits": "c", "at": "0h", "for": "1h"}, horizon="2d"), [Option("m", "home", "")])
    lost = stage.play(())[1].proc["lost"] > 0
    before = stage.play(())[1].proc["lost"].tolist()
    assert stage.play((0,))[1].proc["lost"].tolist() != before
    assert stage.matters(lost) == [0]


def test_a_twin_forgets_networks_that_only_the_other_one_keeps() -> None:
    """Numbers of networks that are gone are given to new ones: what is known under such a number would be wrong."""
    for seed in range(60):
        world, given = build(protection_draft(seed, ANYTHING))
        stage = Stage(world, given, copies(world, 6, dice(seed)))
        if not stage.monotone:
            played(stage, frozenset(range(len(stage.options))))
            assert set(stage.twin()._changes) <= {id(stage.network)}
            return
    raise AssertionError("no draft has an added supply that can mislead")
