"""Draws of uncertain numbers: what is drawn, from what distribution, shared by whom, and that nothing else moves."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import builders
import numpy as np
import pytest
from naive import naive_run
from random_models import Draft, build, dice, random_draft, show
from scipy import stats

from cascade.errors import UsageError
from cascade.files.reading import load
from cascade.model import Model, Need, Process, Scenario
from cascade.simulation import engine
from cascade.simulation.ensemble import Draws, prepare_draws, prepare_scenario_draws, retune, sampled_scenario
from cascade.simulation.events import unfold
from cascade.simulation.layout import new_log
from cascade.simulation.network import Arrays, Network, compile_network
from cascade.simulation.numbers import MODE, Number, Numbers, philox
from cascade.simulation.run import simulate
from cascade.units import DAY, FULL, HOUR, Uncertain, sure

ROOT = Path(__file__).resolve().parents[1]
SEEDS = range(150)

POWER: dict[str, Any] = {"per": "region", "restart": ["1h", "2h", "8h"]}
CARE: dict[str, Any] = {
    "per": "region",
    "people": ["10%", "20%", "60%"],
    "cost_per_day": ["1 MEUR", "2 MEUR", "9 MEUR"],
    "needs": {
        "power": {
            "from": "power",
            "fades": {"0h": ["10%", "20%", "40%"], "6h": ["50%", "60%", "90%"], "2d": "95%"},
            "spread": ["0.5", "1", "3"],
        },
        "water": {
            "from": "water",
            "endures": ["0h", "4h", "6h"],
            "loses": ["10%", "30%", "100%"],
            "recharge": ["1h", "5h", "7h"],
            "if_manipulated": {"level": ["10%", "50%", "60%"], "noticed_after": ["1h", "3h", "4h"]},
        },
    },
}
WORLD: dict[str, dict[str, Any]] = {"power": POWER, "care": CARE, "water": {"restart": "3h"}}
NAMES = {
    "care.people",
    "care.cost_per_day",
    "care.power.spread",
    "care.power.fades",
    "care.water.endures",
    "care.water.loses",
    "care.water.recharge",
    "care.water.if_manipulated.level",
    "care.water.if_manipulated.noticed_after",
    "power.restart",
}


def world(**more: dict[str, Any]) -> Model:
    return builders.model({**WORLD, **more}, regions={"R1": 100, "R2": 300})


def draws_of(model: Model, scenario: Scenario | None = None) -> Draws:
    return prepare_draws(compile_network(model, scenario))


def chosen(draws: Draws, **at: float) -> np.ndarray:
    """Quantiles with which all is at its mode but for some, named with a dot written as two lines."""
    u = draws.modes()
    for name, quantile in at.items():
        u[draws.names.index(name.replace("__", "."))] = quantile
    return u


def same(one: Arrays, other: Arrays) -> list[str]:
    """Names of the arrays that differ."""
    return [f.name for f in fields(Arrays) if not np.array_equal(getattr(one, f.name), getattr(other, f.name))]


def row(network: Network, label: str, need: str) -> int:
    i = network.index[label]
    first = int(network.arrays.need_start[i])
    return first + network.need_names[first : int(network.arrays.need_start[i + 1])].index(need)


def steps(network: Network, label: str, need: str) -> list[tuple[int, int]]:
    a, n = network.arrays, row(network, label, need)
    of = slice(int(a.step_start[n]), int(a.step_start[n + 1]))
    return list(zip(a.step_time[of].tolist(), a.step_level[of].tolist(), strict=True))


# ------------------------------------------------------------------ the generator


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [  # the known answers that the authors publish with Random123 (kat_vectors, philox4x32 10)
        ("00000000" * 4, "00000000" * 2, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff" * 4, "ffffffff" * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a8885a308d313198a2e03707344", "a4093822299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
)
def test_the_generator_gives_the_published_answers(counter: str, key: str, words: str) -> None:
    def split(text: str) -> np.ndarray:
        return np.array([int(text[at : at + 8], 16) for at in range(0, len(text), 8)], np.uint64)

    assert " ".join(f"{word:08x}" for word in philox(split(counter), split(key)).tolist()) == words


def test_quantiles_are_uniform_over_samples_and_over_names() -> None:
    draws = draws_of(world())
    over_samples = np.array([draws.numbers.quantiles(1, s) for s in range(2_000)])
    assert ((over_samples > 0) & (over_samples < 1)).all()
    for column in over_samples.T:
        assert stats.kstest(column, "uniform").pvalue > 0.001
    assert np.abs(np.corrcoef(over_samples.T) - np.eye(len(NAMES))).max() < 0.1
    many = prepare_draws(compile_network(load(ROOT / "sectors"))).numbers
    assert stats.kstest(many.quantiles(7, 0), "uniform").pvalue > 0.001


def test_a_sample_depends_on_seed_and_number() -> None:
    draws = draws_of(world())
    assert not same(draws.network(5, 1).arrays, draws.network(5, 1).arrays)
    for seed, sample in ((5, 2), (6, 1)):
        assert "step_time" in same(draws.network(5, 1).arrays, draws.network(seed, sample).arrays)
    with pytest.raises(UsageError, match="from 0, not -1 and 0"):
        draws.network(-1, 0)


def test_a_process_more_leaves_the_draws_of_the_others_alone() -> None:
    extra = {"needs": {"power": {"from": "power", "endures": ["1h", "2h", "3h"]}}, "restart": ["1h", "2h", "3h"]}
    small, large = draws_of(world()), draws_of(world(aardvark=extra, zebra=extra))
    assert large.numbers.size == small.numbers.size + 4
    alone, beside = (dict(zip(d.names, d.numbers.quantiles(3, 4).tolist(), strict=True)) for d in (small, large))
    assert {name: beside[name] for name in alone} == alone
    for label in ("care@R1", "care@R2"):
        for need in ("power", "water"):
            assert steps(small.network(3, 4), label, need) == steps(large.network(3, 4), label, need)


# ------------------------------------------------------------------ the distribution


def triple(low: int, mode: int, high: int, *, log: bool = False) -> Numbers:
    one = [np.array([value], np.int64) for value in (0, low, mode, high)]
    return Numbers((Number("p", "", "f"),), *one, np.array([log]))


def drawn(numbers: Numbers, samples: int = 4_000) -> np.ndarray:
    return numbers.values(np.array([numbers.quantiles(11, s) for s in range(samples)]))[:, 0]


@pytest.mark.parametrize("numbers", [(0, 2 * HOUR, 10 * HOUR), (0, 0, 5_000), (100, 9_000, 9_000)])
def test_values_follow_pert(numbers: tuple[int, int, int]) -> None:
    low, mode, high = numbers
    alpha, beta = 1 + 4 * (mode - low) / (high - low), 1 + 4 * (high - mode) / (high - low)
    law = stats.beta(alpha, beta, low, high - low)
    found = drawn(triple(*numbers))
    assert stats.kstest(found, law.cdf).pvalue > 0.001
    assert law.mean() == pytest.approx((low + 4 * mode + high) / 6)  # what the name PERT stands for
    assert found.mean() == pytest.approx(law.mean(), abs=4 * law.std() / len(found) ** 0.5)
    at = np.linspace(0, 1, 21)
    assert triple(*numbers).values(at[:, None])[:, 0] == pytest.approx(law.ppf(at), abs=0.51)


def test_durations_above_nothing_are_drawn_on_a_log_scale() -> None:
    low, mode, high = HOUR, 10 * HOUR, 1_000 * HOUR
    found = np.log(drawn(triple(low, mode, high, log=True)) / HOUR)
    # logarithms: 0, ln 10 and ln 1000, so the mode stands at a third: alpha = 1 + 4/3, beta = 1 + 8/3
    law = stats.beta(1 + 4 / 3, 1 + 8 / 3, 0, np.log(1_000))
    assert stats.kstest(found, law.cdf).pvalue > 0.001
    found = draws_of(world()).numbers
    log = {found.names[n] for n in found.of[found.log].tolist()}
    assert log == {
        "care.power.spread",
        "care.water.recharge",
        "care.water.if_manipulated.noticed_after",
        "power.restart",
    }  # water endures [0h, ..], so its low has no logarithm; shares, people and money never


def test_the_ends_and_the_mode_are_met_exactly() -> None:
    numbers = triple(1, 123_456_789_012_347, 10**15 - 1)  # money: more digits than a beta quantile keeps
    assert numbers.values(np.array([[0.0], [1.0], [MODE]]))[:, 0].tolist() == [1, 10**15 - 1, 123_456_789_012_347]
    for u in (-0.1, 1.1):
        with pytest.raises(UsageError, match="from 0 to 1"):
            numbers.values(np.array([u]))
    for wrong in (np.array([0.1, 0.2]), np.array(0.5)):
        with pytest.raises(UsageError, match="1 uncertain numbers need as many quantiles"):
            numbers.values(wrong)


# ------------------------------------------------------------------ networks


def test_every_uncertain_number_has_a_name_and_certain_ones_have_none() -> None:
    assert set(draws_of(world()).names) == NAMES
    assert len(draws_of(world()).names) == len(NAMES)
    certain = draws_of(builders.model({"a": {"restart": "3h"}, "b": {"needs": {"x": {"from": "a"}}}}))
    assert certain.names == ()
    assert not same(certain.network(1, 1).arrays, certain.network_at_modes.arrays)
    nameless = replace(certain.network_at_modes, model=None)
    with pytest.raises(UsageError, match="compiled from a model"):
        prepare_draws(nameless)


def test_at_the_modes_nothing_moves() -> None:
    for network in (compile_network(load(ROOT / "sectors")), compile_network(world())):
        draws = prepare_draws(network)
        assert draws.numbers.size > 5
        assert not same(draws.network_at(draws.modes()).arrays, network.arrays)


def test_one_quantile_moves_all_times_of_a_need_and_one_all_its_losses() -> None:
    draws = draws_of(world())
    low = draws.network_at(chosen(draws, care__power__spread=0, care__power__fades=1))
    # half as long: 0, 3 h and 1 d; the most is lost: 40%, 90% and the certain 95%
    assert steps(low, "care@R1", "power") == [(0, 6_000), (3 * HOUR, 1_000), (DAY, 500)]
    high = draws.network_at(chosen(draws, care__power__spread=1))
    assert steps(high, "care@R2", "power") == [(0, 8_000), (18 * HOUR, 4_000), (6 * DAY, 500)]
    n = row(high, "care@R2", "power")
    assert int(high.arrays.recharge[n]) == 6 * DAY  # not written, so as long as the last step


def test_each_field_goes_to_its_place() -> None:
    draws = draws_of(world())
    ends = {
        "care.water.endures": ("step_time", [0, 6 * HOUR]),
        "care.water.loses": ("step_level", [9_000, 0]),
        "care.water.recharge": ("recharge", [HOUR, 7 * HOUR]),
        "care.water.if_manipulated.level": ("cap", [1_000, 6_000]),
        "care.water.if_manipulated.noticed_after": ("notice", [HOUR, 4 * HOUR]),
    }
    for name, (array, values) in ends.items():
        for u, value in zip((0, 1), values, strict=True):
            network = draws.network_at(chosen(draws, **{name.replace(".", "__"): u}))
            assert same(network.arrays, draws.network_at_modes.arrays) == [array]
            for label in ("care@R1", "care@R2"):  # copies share the draw
                n = row(network, label, "water")
                at = int(network.arrays.step_start[n]) if array.startswith("step") else n
                assert int(getattr(network.arrays, array)[at]) == value
    network = draws.network_at(chosen(draws, power__restart=1))
    assert [int(network.arrays.restart[network.index[f"power@R{r}"]]) for r in (1, 2)] == [8 * HOUR] * 2
    assert int(network.arrays.restart[network.index["water"]]) == 3 * HOUR


def test_people_and_costs_come_beside_the_network() -> None:
    draws = draws_of(world())
    found = draws.drawn_at(chosen(draws, care__people=1, care__cost_per_day=0))
    assert dict(zip(found.network.processes, found.people.tolist(), strict=True)) == {
        "care": 6_000, "power": 0, "water": 0,
    }  # fmt: skip
    assert found.cost_per_day.tolist() == [1_000_000, 0, 0]
    assert draws.drawn(1, 2).people.tolist() == draws.drawn(1, 2).people.tolist() != draws.drawn(1, 3).people.tolist()
    assert draws.drawn_at(draws.modes()).cost_per_day.tolist() == [2_000_000, 0, 0]


def test_losses_stay_rising_where_their_distributions_cross() -> None:
    # at one and the same quantile the first loss, skewed upwards, passes the second, skewed downwards
    need = {"from": "a", "fades": {"1h": ["0%", "10%", "10%"], "2h": ["0%", "10%", "100%"]}}
    draws = draws_of(builders.model({"a": {}, "b": {"needs": {"x": need}}}))
    first, second = draws.numbers.values(np.array([0.1])).tolist()
    assert first > second
    assert steps(draws.network_at(np.array([0.1])), "b", "x") == [(HOUR, FULL - first), (2 * HOUR, FULL - first)]


def test_drawing_changes_no_input() -> None:
    network = compile_network(world())
    before = {f.name: getattr(network.arrays, f.name).copy() for f in fields(Arrays)}
    prepare_draws(network).network(1, 1)
    assert all(np.array_equal(getattr(network.arrays, name), rows) for name, rows in before.items())


# ------------------------------------------------------------------ against models built by hand


class Doubt:
    """Makes most numbers of a draft uncertain."""

    def __init__(self, seed: int) -> None:
        self.rng = dice(seed)

    def time(self, text: Any) -> Any:
        if not isinstance(text, str) or self.rng.random() < 0.3:
            return text
        sign, at = "+" * text.startswith("+"), int(text.strip("+s"))
        return [f"{sign}{at // 2}s", f"{sign}{at}s", f"{sign}{at * 3}s"]

    def share(self, text: Any, always: bool = False) -> Any:
        if not isinstance(text, str) or (self.rng.random() < 0.3 and not always):
            return text
        at = float(text.strip("%"))
        return [f"{at // 2:g}%", text, f"{(at + 100) // 2 if at <= 99 else 100:g}%"]

    def factor(self, text: str) -> Any:
        return text if text == "0" else ["0.25", "0.5", "3"]

    def widen(self, owner: Draft, **kinds: Any) -> None:
        for key, kind in kinds.items():
            if key in owner:
                owner[key] = kind(owner[key])


def doubtful(draft: Draft, seed: int) -> Draft:
    """Make most numbers of a draft uncertain, also those of measures and events."""
    doubt = Doubt(seed)
    for process in draft["processes"].values():
        doubt.widen(process, restart=doubt.time)
        for need in process["needs"].values():
            doubt.widen(need, endures=doubt.time, loses=doubt.share, recharge=doubt.time)
            doubt.widen(need.get("if_manipulated", {}), level=doubt.share, noticed_after=doubt.time)
            if "fades" in need:  # all of them, so that low, mode and high still rise
                need["fades"] = {at: doubt.share(loss, True) for at, loss in need["fades"].items()}
                need.setdefault("spread", ["0.3", "1", "2.5"])
    for measure in draft["measures"].values():
        kinds = {"restart": doubt.factor, "repair": doubt.factor, "endures": doubt.time, "prevents": doubt.share}
        doubt.widen(measure["effect"], **kinds)
    for event in draft["scenario"]["events"]:
        doubt.widen(event, level=doubt.share, **{"for": doubt.time})
        doubt.widen(event.get("repair", {}), work=doubt.time)
        if "until" not in event:
            doubt.widen(event, at=doubt.time)
        if "levels" in event:
            event["levels"] = {at: doubt.share(level) for at, level in event["levels"].items()}
    return draft


class Values:
    """The values that some numbers take, by name; what is certain keeps its own."""

    def __init__(self, numbers: Numbers, u: np.ndarray) -> None:
        self.of: dict[str, list[int]] = {}
        for number, value in zip(numbers.of.tolist(), numbers.values(u).tolist(), strict=True):
            if number >= 0:
                self.of.setdefault(numbers.names[number], []).append(value)

    def __call__(self, name: str, triple: Uncertain | None) -> Uncertain | None:
        return triple if triple is None or triple.certain else sure(self.of[name].pop(0))


def settled_need(name: str, need: Need, value: Values) -> Need:
    update: dict[str, Any] = {
        field: value(f"{name}.{field}", getattr(need, field)) for field in ("endures", "loses", "spread", "recharge")
    }
    if need.fades is not None:
        most, found = 0, {}
        for after, loss in sorted(need.fades.items()):
            one = value(f"{name}.fades", loss)
            most = max(most, one.mode if one else 0)
            found[after] = sure(most)
        update["fades"] = found
    if need.if_manipulated is not None:
        misled = {
            f: value(f"{name}.if_manipulated.{f}", getattr(need.if_manipulated, f)) for f in ("level", "noticed_after")
        }
        update["if_manipulated"] = need.if_manipulated.model_copy(update=misled)
    given = {f: getattr(need, f) for f in Need.model_fields if f in need.model_fields_set}
    return Need.model_validate({**given, **{f: v for f, v in update.items() if v is not None}})


def settled(model: Model, draws: Draws, u: np.ndarray) -> Model:
    """Write the drawn values into the model itself, as certain numbers."""
    value = Values(draws.numbers, u)
    processes: dict[str, Process] = {}
    for name, process in model.processes.items():
        needs = {n: settled_need(f"{name}.{n}", need, value) for n, need in process.needs.items()}
        restart = value(f"{name}.restart", process.restart)
        processes[name] = process.model_copy(update={"needs": needs, "restart": restart})
    measures = {}
    used = {name.split(".")[1] for name in draws.names if name.startswith("measures.")}
    for name, measure in model.measures.items():
        update = {
            f: value(f"measures.{name}.{f}", getattr(measure.effect, f))
            for f in ("endures", "restart", "prevents", "repair") if name in used
        }  # fmt: skip
        measures[name] = measure.model_copy(update={"effect": measure.effect.model_copy(update=update)})
    return replace(model, processes=processes, measures=measures)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_drawn_network_is_the_network_of_the_model_with_those_values(seed: int) -> None:
    draft = doubtful(random_draft(seed), seed)
    model, scenario = build(draft)
    draws, of_events = draws_of(model, scenario), prepare_scenario_draws(scenario)
    u = draws.numbers.quantiles(seed, 1)
    u[dice(seed).randrange(u.size) :] = seed % 2 if seed % 3 else MODE  # some at an end or at the mode
    network, then = draws.network_at(u), of_events.scenario(seed, 1)
    by_hand = settled(model, draws, u)
    assert not same(network.arrays, compile_network(by_hand, scenario).arrays), show(draft)
    # and the engine runs on it as the plain simulator does on the model written by hand
    slow, fast = naive_run(by_hand, then), simulate(network, then)
    assert slow.log == fast.rows(), show(draft)


@pytest.mark.parametrize("seed", SEEDS)
def test_drawn_profiles_rise_in_time_and_fall_in_level(seed: int) -> None:
    draws = draws_of(*build(doubtful(random_draft(seed), seed)))
    for sample in range(5):
        a = draws.network(seed, sample).arrays
        inner = np.setdiff1d(np.arange(1, a.step_time.size), a.step_start)
        assert (a.step_time[inner] >= a.step_time[inner - 1]).all()
        assert (a.step_level[inner] <= a.step_level[inner - 1]).all()
        assert (a.step_level >= 0).all()
        assert (a.step_level <= FULL).all()
        assert min(a.step_time.min(initial=0), a.recharge.min(initial=0), a.restart.min(initial=0)) >= 0


def test_the_random_models_hold_every_kind_of_number() -> None:
    kinds: set[str] = set()
    for seed in SEEDS:
        model, scenario = build(doubtful(random_draft(seed), seed))
        for numbers in (draws_of(model, scenario).numbers, prepare_scenario_draws(scenario).numbers):
            kinds.update(f"{n.owner.split('.')[0] if '.' in n.owner else ''}:{n.field}" for n in numbers.numbers)
    assert kinds >= {
        ":endures", ":loses", ":spread", ":fades", ":recharge", ":restart", ":if_manipulated.level",
        ":if_manipulated.noticed_after", "measures:endures", "measures:restart", "measures:prevents",
        "measures:repair", "events:at", "events:for", "events:level", "events:levels", "events:work",
    }  # fmt: skip


# ------------------------------------------------------------------ scenarios

EVENTS: list[dict[str, Any]] = [
    {"hits": "power", "at": ["1h", "2h", "3h"], "level": ["0%", "10%", "50%"], "for": ["1h", "6h", "9h"]},
    {"id": "flood", "hits": "water", "levels": {"0h": ["0%", "10%", "20%"], "9h": "80%"}, "until": ["1d", "2d", "3d"]},
    {"hits": "care", "level": "0%", "repair": {"crew": "ship", "work": ["1d", "2d", "9d"]}},
]


def test_the_numbers_of_events_are_drawn_as_written() -> None:
    scenario = builders.scenario(*EVENTS, crews={"ship": 1})
    draws = prepare_scenario_draws(scenario)
    assert draws.names == (
        "events[0].at", "events[0].level", "events[0].for", "events.flood.levels", "events.flood.until",
        "events[2].work",
    )  # fmt: skip
    assert draws.scenario_at(draws.numbers.modes()).events[0].at.mode == 2 * HOUR
    low, high = (draws.scenario_at(np.full(6, u)) for u in (0.0, 1.0))
    assert [e.at.mode for e in low.events] == [HOUR, 0, 0]
    assert [e.at.mode for e in high.events] == [3 * HOUR, 0, 0]
    assert (low.events[0].level, high.events[0].level) == (sure(0), sure(5_000))
    assert (low.events[0].for_, high.events[0].for_) == (sure(HOUR), sure(9 * HOUR))
    assert low.events[1].levels == {0: sure(0), 9 * HOUR: sure(8_000)}
    assert high.events[1].levels == {0: sure(2_000), 9 * HOUR: sure(8_000)}
    assert (low.events[1].until, high.events[1].until) == (sure(DAY), sure(3 * DAY))
    assert [s.events[2].repair.work.mode for s in (low, high) if s.events[2].repair] == [DAY, 9 * DAY]
    assert scenario.events[0].at == (HOUR, 2 * HOUR, 3 * HOUR)  # the input is as it was


def test_a_sampled_scenario_is_the_same_each_time() -> None:
    scenario = builders.scenario(*EVENTS, crews={"ship": 1})
    assert sampled_scenario(scenario, 4, 2) == sampled_scenario(scenario, 4, 2)
    assert sampled_scenario(scenario, 4, 2) != sampled_scenario(scenario, 4, 3)
    certain = builders.scenario({"hits": "power"})
    assert sampled_scenario(certain, 4, 2) is certain


def test_an_event_whose_start_is_drawn_after_its_end_does_nothing() -> None:
    scenario = builders.scenario({"hits": "power", "at": ["1h", "2h", "9h"], "until": "4h"}, horizon="1d")
    draws, network = prepare_scenario_draws(scenario), compile_network(world())
    assert unfold(network, draws.scenario_at(np.array([1.0])))[0].time.size == 0
    assert unfold(network, draws.scenario_at(np.array([0.0])))[0].time.size > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_simulator_can_be_used_again_for_the_next_sample(seed: int) -> None:
    model, scenario = build(doubtful(random_draft(seed), seed))
    draws = draws_of(model, scenario)
    imposed, _ = unfold(draws.network_at_modes, scenario)
    work = engine.prepare(draws.network_at_modes.arrays)
    rows = (imposed.time, imposed.instance, imposed.own, imposed.event, imposed.wrong.astype(np.uint8))
    for sample in range(3):
        arrays = draws.network(seed, sample).arrays
        retune(work, arrays)
        fresh = engine.prepare(arrays)
        for name in ("proc", "need", "term", "member", "step"):
            one, other = getattr(work, name), getattr(fresh, name)
            for column in one.dtype.names:
                # what a level was before is written before it is read
                assert column == "before" or np.array_equal(one[column], other[column]), (name, column)
        status = engine.advance(work, rows, new_log(0), False, scenario.horizon, engine.default_caps(work.proc.size))
        if status == engine.DONE:
            assert np.array_equal(work.proc["lost"], engine.run(arrays, imposed, scenario.horizon).work.proc["lost"])
        engine.reset(work)


def test_the_shipped_country_runs_on_a_sample() -> None:
    model = load(ROOT / "sectors")
    draws = draws_of(model)
    scenario = builders.scenario({"hits": "electricity-transmission", "for": ["6h", "1d", "3d"]})
    lost = [simulate(draws.network(1, s), sampled_scenario(scenario, 1, s)).state.proc["lost"].sum() for s in (0, 0, 1)]
    assert lost[0] == lost[1] != lost[2]
