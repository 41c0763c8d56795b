"""Failures one at a time: which there are, what each does in whole numbers, and that it does not matter who counts."""

import pickle
import tracemalloc
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from cascade.errors import CascadeError, UsageError
from cascade.files.reading import find_model, load, load_scenario, scenario_files
from cascade.model import Assets, Model, ModelInfo
from cascade.results import effects
from cascade.results.effects import COLUMN, EFFECTS, Meter, defence
from cascade.results.impact import assess
from cascade.results.shortfall import PERSON, People, area
from cascade.simulation.events import targets
from cascade.simulation.farm import run_tasks
from cascade.simulation.network import compile_network
from cascade.simulation.run import Run, simulate
from cascade.simulation.sweep import AFTER, Case, SampledJob, Simulator, Singles, SweepJob, cases, seconds, split
from cascade.units import DAY, FULL, HOUR
from tests.builders import model, scenario
from tests.random_models import Wishes, build, dice, random_draft

PEOPLE = {"R1": 1_000, "R2": 3_000}
WORLD: dict[str, dict[str, Any]] = {
    "power": {},
    "shop": {
        "sector": "two",
        "per": "region",
        "people": "50%",
        "cost_per_day": "24000 EUR",
        "needs": {"water": {"from": "water", "endures": "0h", "loses": "50%"}},
    },
    "water": {
        "per": "region",
        "people": "100%",
        "basic_need": True,
        "tags": ["military-mobility"],
        "needs": {"power": {"from": "power", "endures": "1h", "loses": "100%"}},
    },
}


def told(row: Any) -> dict[str, int]:
    return dict(zip(EFFECTS, row.tolist(), strict=True))


def swept(world: Model, durations: tuple[int, ...], **rest: Any) -> tuple[SweepJob, Any]:
    network = compile_network(world)
    job = SweepJob(network, cases(world, network, **rest), durations, Meter)
    return job, run_tasks(job)


def alone(world: Model, case: Case, duration: int, horizon: int) -> Run:
    """Play one failure as a scenario, through the front door."""
    network = compile_network(world)
    hits = [network.labels[i].partition("#")[0] for i in case.instances]
    event = {"hits": sorted(set(hits)), "for": f"{duration}s"}
    return simulate(network, scenario(event, horizon=f"{horizon}s"))


# ------------------------------------------------------------------ which failures there are


def test_cases_are_processes_or_their_copies() -> None:
    assets = {"mast": Assets(("m1", "m2", "m3"), ("m1", "m2", "m3"), ("R1", "R2", "R1"), (1, 2, 3), None)}
    world = model({"zoo": {}, "mast": {"assets": "m.csv"}, "gp": {"per": "region"}}, PEOPLE, assets=assets)
    network = compile_network(world)
    whole = {case.label: [network.labels[i] for i in case.instances] for case in cases(world, network)}
    assert whole == {
        "gp": ["gp@R1", "gp@R2"],
        "mast": ["mast@R1#m1", "mast@R1#m3", "mast@R2#m2"],
        "zoo": ["zoo"],
    }
    copies = {case.label: [network.labels[i] for i in case.instances] for case in cases(world, network, "copies")}
    assert copies == {
        "gp@R1": ["gp@R1"],
        "gp@R2": ["gp@R2"],
        "mast@R1": ["mast@R1#m1", "mast@R1#m3"],
        "mast@R2": ["mast@R2#m2"],
        "zoo": ["zoo"],
    }
    with pytest.raises(UsageError, match="'sectors'"):
        cases(world, network, "sectors")  # type: ignore[arg-type]


def test_durations_are_read_sorted_and_checked() -> None:
    assert seconds(["3d", 8 * HOUR, "8h"]) == (8 * HOUR, 3 * DAY)
    for wrong in ([], ["0h"], [-5], ["soon"]):
        with pytest.raises(UsageError):
            seconds(wrong)


# ------------------------------------------------------------------ sums by hand


def test_every_effect_of_a_failure_by_hand() -> None:
    # power out 0-2 h: water lasts 1 h, so it is out 1-2 h for 4,000 people: 4,000 person-hours, all a basic need, of
    # which after half an hour of self-reliance 2,000. The shops lose half of it: 2,000 x 50% x 1 h = 1,000. Cost: 24,000
    # a day, 0.5 h lost. Half of 5,000 is lost half-way between 1 h and 2 h.
    world = model(WORLD, PEOPLE, self_reliance="30m")
    job, found = swept(world, (2 * HOUR,))
    assert [case.label for case in job.cases] == ["power", "shop", "water"]
    assert told(found[0, 0]) == {
        "own_hours": 0,
        "cascade_hours": 5_000 * HOUR,
        "basic_hours": 4_000 * HOUR,
        "basic_peak": 4_000,
        "basic_beyond": 2_000 * HOUR,
        "euros": 500,
        "sectors": 1,
        "regions": 2,
        "first_s": HOUR,
        "half_s": HOUR + HOUR // 2,
        "locked": 0,
        "defence_hours": HOUR,
        "quick_hours": 5_000 * HOUR,
        "quick_basic": 4_000 * HOUR,
        "short": 0,
    }
    # the shops themselves: 2 h for half of 4,000 people, 2 h of cost; nothing else
    shop = told(found[1, 0])
    assert (shop["own_hours"], shop["cascade_hours"], shop["euros"]) == (4_000 * HOUR, 0, 2_000)
    assert (shop["first_s"], shop["half_s"], shop["sectors"], shop["regions"], shop["basic_hours"]) == (-1, -1, 0, 0, 0)
    # water fails by itself in all of the country: 2 h for everybody, which is also the basic need; shops 2 h x 50%
    water = told(found[2, 0])
    assert (water["own_hours"], water["cascade_hours"], water["basic_hours"]) == (
        8_000 * HOUR,
        2_000 * HOUR,
        8_000 * HOUR,
    )
    assert (water["first_s"], water["half_s"], water["defence_hours"]) == (0, HOUR, 2 * HOUR)


def test_a_copy_hits_its_own_region_only() -> None:
    job, found = swept(model(WORLD, PEOPLE), (2 * HOUR,), of="copies")
    assert [case.label for case in job.cases] == ["power", "shop@R1", "shop@R2", "water@R1", "water@R2"]
    water = told(found[4, 0])
    assert (water["own_hours"], water["cascade_hours"], water["basic_peak"], water["regions"]) == (
        6_000 * HOUR, 1_500 * HOUR, 3_000, 1,
    )  # fmt: skip
    # a mean over inhabitants: the copy that fails by itself has three quarters of them
    assert water["defence_hours"] == 2 * HOUR * 3 // 4


def test_what_is_quick_is_the_first_day() -> None:
    _, found = swept(model(WORLD, PEOPLE), (3 * DAY,))
    power = told(found[0, 0])
    assert power["basic_hours"] == 4_000 * 71 * HOUR
    assert power["quick_basic"] == 4_000 * 23 * HOUR
    assert power["quick_hours"] == 5_000 * 23 * HOUR


def test_ten_per_cent_is_not_more_than_ten_per_cent() -> None:
    def reached(loses: str) -> tuple[int, int]:
        needs = {"power": {"from": "power", "endures": "0h", "loses": loses}}
        _, found = swept(model({"power": {}, "shop": {"sector": "two", "needs": needs, "per": "region"}}), (HOUR,))
        return told(found[0, 0])["sectors"], told(found[0, 0])["regions"]

    assert reached("10%") == (0, 0)
    assert reached("10.01%") == (1, 1)


def test_indicators_are_no_effect() -> None:
    needs = {"power": {"from": "power", "endures": "0h", "loses": "100%"}}
    world = model({"power": {}, "gauge": {"sector": "two", "people": "100%", "tags": ["indicator"], "needs": needs}})
    _, found = swept(world, (HOUR,))
    power = told(found[1, 0])
    assert (power["cascade_hours"], power["sectors"], power["first_s"], power["half_s"]) == (0, 0, -1, -1)


def test_processes_that_wait_for_each_other_are_locked_and_short() -> None:
    feed = {"from": "b", "endures": "0h", "loses": "100%"}
    back = {"from": "a", "endures": "0h", "loses": "100%"}
    world = model({"a": {"needs": {"b": feed}}, "b": {"needs": {"a": back}}})
    _, found = swept(world, (HOUR,))
    assert (told(found[0, 0])["locked"], told(found[0, 0])["short"]) == (2, 2)


def test_defence_relies_on_the_tag_and_on_three_baseline_requirements() -> None:
    world = model(
        {
            "road": {"tags": ["military-mobility"]},
            **{f"n{k}": {"lists": {"nato": str(k)}} for k in range(1, 8)},
            "none": {},
        }
    )
    assert defence(world) == ("n2", "n6", "n7", "road")


# ------------------------------------------------------------------ the same as everything else says


def worlds(seed: int) -> Model:
    """A random model whose processes have people, costs and basic needs."""
    draft = random_draft(seed, Wishes(manipulation=False, repairs=False, measures=False))
    rng = dice(seed)
    for text in draft["processes"].values():
        if rng.random() < 0.8:
            text["people"] = rng.choice(("3%", "50%", "100%", "33.33%"))
        text["basic_need"] = rng.random() < 0.5
        text["cost_per_day"] = rng.choice(("1 MEUR", "777 EUR"))
        text["tags"] = rng.choice(([], [], ["indicator"], ["military-mobility"]))
    built, _ = build(draft)
    info = ModelInfo.model_validate({"title": "random", "version": "1", "self_reliance": "20s"})
    return replace(built, info=info)


def plainly(run: Run, hit: set[int], quick: int) -> dict[str, int]:
    """Count the effects anew from stretches of constant level, in whole numbers without end."""
    network, world = run.network, run.model
    people = People(run)
    mirrors = {i for i in range(network.size) if "indicator" in world.processes[network.process(i)].tags}
    others = [i for i in range(network.size) if i not in hit and i not in mirrors]
    stretches = {i: [tuple(map(int, s)) for s in zip(*run.stretches(i), strict=True)] for i in range(network.size)}
    weight = people.weight.tolist()

    def lost(i: int, until: int) -> int:
        return sum((FULL - level) * (min(b, until) - a) for a, b, level in stretches[i] if a < until)

    def cascade(until: int) -> int:
        return sum(lost(i, until) * weight[i] for i in others)

    low, high = 0, run.horizon
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if 2 * cascade(middle) >= cascade(run.horizon) else (middle + 1, high)
    falls = [a for i in others for (_, _, x), (a, _, y) in pairwise([(0, 0, FULL), *stretches[i]]) if x != y]
    spells = [s for region in people.spells(people.basic) for s in region]
    clear = list(_clear_copies(run, stretches, others))
    sectors = {world.sector_of[network.process(i)] for i in clear} - {world.sector_of[network.process(i)] for i in hit}
    return {
        "own_hours": sum(lost(i, run.horizon) * weight[i] for i in hit) // PERSON,
        "cascade_hours": cascade(run.horizon) // PERSON,
        "quick_hours": cascade(min(quick, run.horizon)) // PERSON,
        "basic_hours": area(spells) // PERSON,
        "basic_beyond": area(spells, world.info.self_reliance) // PERSON,
        "first_s": min(falls, default=-1),
        "half_s": low if cascade(run.horizon) else -1,
        "sectors": len(sectors),
        "regions": len({network.region(i) for i in clear} - {""}),
        "short": sum(s[-1][2] < FULL for s in stretches.values()),
    }


def _clear_copies(run: Run, stretches: dict[int, list[tuple[int, ...]]], others: list[int]) -> set[int]:
    """Return one instance of each copy that at some moment has lost more than a tenth."""
    network, world = run.network, run.model
    size = dict.fromkeys(range(network.size), 1)
    for process, table in world.assets.items():
        for i in network.instances(process):
            size[i] = table.capacities[table.ids.index(network.asset_of[i])]
    groups: dict[tuple[str, str], list[int]] = {}
    for i in others:
        groups.setdefault((network.process(i), network.region(i)), []).append(i)
    found = set()
    for members in groups.values():
        for moment in {a for i in members for a, _, _ in stretches[i]}:
            without = sum(size[i] * (FULL - next(x for a, b, x in stretches[i] if a <= moment < b)) for i in members)
            if 10 * without > FULL * sum(size[i] for i in members):
                found.add(members[0])
    return found


@pytest.mark.parametrize("of", ["processes", "copies"])
def test_a_sweep_counts_as_single_simulations_do(of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effects, "QUICK", 45)
    compared = 0
    for seed in range(14 if of == "processes" else 6):
        world = worlds(seed)
        network = compile_network(world)
        job = SweepJob(network, cases(world, network, of), (15, 60), Meter, after=90)
        found = run_tasks(job)
        for c, case in enumerate(job.cases):
            for k, duration in enumerate(job.durations):
                run = alone(world, case, duration, duration + job.after)
                totals, row = assess(run).totals, told(found[c, k])
                want = plainly(run, set(case.instances.tolist()), 45)
                assert {key: row[key] for key in want} == want, (seed, case.label, duration)
                assert row["basic_peak"] == totals["basic_people_peak"]
                assert row["euros"] == totals["cost_eur"]
                assert row["locked"] == totals["locked"]
                day = People(alone(world, case, duration, min(45, duration + job.after)))
                spells = [s for region in day.spells(day.basic) for s in region]
                assert row["quick_basic"] == area(spells) // PERSON
                compared += row["cascade_hours"] > 0
    assert compared > 20


SHIPPED = ("national-power-outage", "gas-shortage", "rotating-disconnection", "river-flood", "outage-112")


@pytest.mark.parametrize("name", SHIPPED)
def test_a_meter_agrees_with_the_tables_of_a_run(name: str) -> None:
    world = load(find_model(None))
    script = load_scenario(scenario_files(world.root)[name], world)
    run = simulate(world, script)
    hit = np.unique([i for event in script.events for i in targets(event, run.network)])
    row, totals, people = (
        told(Meter(run.network).of(run.changes, run.state, run.horizon, hit)),
        assess(run).totals,
        People(run),
    )
    spells = [s for region in people.spells(people.basic) for s in region]
    assert row["basic_hours"] == area(spells) // PERSON
    assert row["basic_beyond"] == area(spells, world.info.self_reliance) // PERSON
    assert abs(row["basic_hours"] / HOUR - float(totals["basic_person_h"] or 0)) <= 0.5
    assert row["basic_peak"] == totals["basic_people_peak"]
    assert row["euros"] == totals["cost_eur"]
    mirrored = assess(run).by_process.query("process == 'warning-channels'")["person_h"].sum()
    assert abs((row["own_hours"] + row["cascade_hours"]) / HOUR + mirrored - float(totals["person_h"] or 0)) <= 1


# ------------------------------------------------------------------ what became of others


def test_consumers_by_hand() -> None:
    world = model(WORLD, PEOPLE)
    network = compile_network(world)
    job = SweepJob(network, cases(world, network, "copies"), (2 * HOUR,), Meter, consumers=True)
    _, became = split(run_tasks(job), len(EFFECTS))
    shop, water = network.processes.index("shop"), network.processes.index("water")
    power = became[0, 0]
    assert power[water].tolist() == [FULL, HOUR, HOUR]
    assert power[shop].tolist() == [FULL // 2, HOUR, HOUR // 2]
    # water out in R2, with three quarters of the people: the shops there lose half of 2 h; of water itself the rest is fine
    assert became[4, 0, shop].tolist() == [FULL // 2, 0, HOUR * 3 // 4]
    assert became[4, 0, water].tolist() == [0, -1, 0]


@pytest.mark.parametrize(("sizes", "first"), [((1, 9), -1), ((10_001, 89_999), 0)])
def test_a_process_of_assets_has_lost_what_its_capacity_says(sizes: tuple[int, int], first: int) -> None:
    # one of ten parts is a tenth, which is not more than a tenth; 10.001% is
    assets = {"mast": Assets(("a", "b"), ("a", "b"), ("R1", "R1"), sizes, None)}
    world = model({"plant": {}, "mast": {"assets": "m.csv"}, "other": {}}, {"R1": 100}, assets=assets)
    network = compile_network(world)
    small = Case("a mast", np.array([network.index["mast@R1#a"]]))
    simulator, meter = Simulator(network), Meter(network)
    log = simulator.fail(small, HOUR, 2 * HOUR)
    became = meter.consumers(log, simulator.work, np.array([network.index["plant"]]))
    assert became[network.processes.index("mast")].tolist()[:2] == [FULL // 10 + (first == 0), first]


def test_counting_does_not_grow_with_the_network() -> None:
    # 20,000 masts, of which one fails and takes one consumer along: what is made to count that fits in a few pages
    size = 20_000
    names = tuple(f"m{k:05d}" for k in range(size))
    assets = {"mast": Assets(names, names, ("R1",) * size, (1,) * size, None)}
    shop = {"per": "region", "people": "50%", "basic_need": True, "cost_per_day": "1 MEUR"}
    shop |= {"tags": ["military-mobility"], "needs": {"mast": {"from": "mast", "endures": "0h", "loses": "100%"}}}
    world = model({"mast": {"assets": "m.csv", "people": "10%"}, "shop": shop}, {"R1": 1_000_000}, assets=assets)
    network = compile_network(world)
    simulator, meter = Simulator(network), Meter(network)
    (case,) = Singles(network, np.array([network.index["mast@R1#m00007"]]))
    log = simulator.fail(case, DAY, 2 * DAY)
    meter.of(log, simulator.work, 2 * DAY, case.instances)
    tracemalloc.start()
    row = told(meter.of(log, simulator.work, 2 * DAY, case.instances))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert row["own_hours"] > 0
    assert row["cascade_hours"] > 0
    assert peak < size  # a single flag for each instance would be more


def test_singles_are_all_instances_alone() -> None:
    network = compile_network(model(WORLD, PEOPLE))
    every = Singles(network)
    assert [(case.label, case.instances.tolist()) for case in every] == [(a, [i]) for i, a in enumerate(network.labels)]
    assert [case.label for case in every[1:3]] == list(network.labels[1:3])
    assert every[-1].label == network.labels[-1]
    assert len(every) == network.size
    with pytest.raises(IndexError):
        every[network.size]
    (chosen,) = Singles(network, np.array([2]))
    assert (chosen.label, chosen.instances.tolist()) == (network.labels[2], [2])
    job = SweepJob(network, every, (2 * HOUR,), Meter)
    plain = replace(job, cases=tuple(every))
    assert run_tasks(job).tobytes() == run_tasks(plain).tobytes()
    assert job.fingerprint() == plain.fingerprint()


# ------------------------------------------------------------------ jobs


def test_workers_and_pickles_give_the_same_bytes() -> None:
    world = load(find_model(None))
    network = compile_network(world)
    job = SweepJob(network, cases(world, network)[:30], (8 * HOUR, DAY), Meter, consumers=True)
    one = run_tasks(job)
    assert np.array_equal(run_tasks(job, workers=2), one)
    copy = pickle.loads(pickle.dumps(job))
    assert copy.fingerprint() == job.fingerprint()
    assert np.array_equal(run_tasks(copy), one)


def test_a_fingerprint_tells_apart_what_gives_other_numbers() -> None:
    world = model(WORLD, PEOPLE)
    network = compile_network(world)

    def print_of(model_: Model = world, **changed: Any) -> bytes:
        unfolded = network if model_ is world else compile_network(model_)
        return replace(SweepJob(unfolded, cases(model_, unfolded), (HOUR,), Meter), **changed).fingerprint()

    base = print_of()
    assert base == print_of()
    assert base == print_of(model(WORLD, PEOPLE))
    dearer = {**WORLD, "shop": {**WORLD["shop"], "cost_per_day": "25000 EUR"}}
    others = [
        print_of(durations=(2 * HOUR,)),
        print_of(after=AFTER + 1),
        print_of(consumers=True),
        print_of(cases=cases(world, network, "copies")),
        print_of(model(dearer, PEOPLE)),
        print_of(model(WORLD, {**PEOPLE, "R1": 1_001})),
        print_of(model(WORLD, PEOPLE, self_reliance="71h")),
    ]
    assert len({base, *others}) == 1 + len(others)


def test_a_sample_is_the_run_of_its_own_draw() -> None:
    unsure = {
        **WORLD,
        "water": {
            **WORLD["water"],
            "people": ["80%", "90%", "100%"],
            "needs": {"power": {"from": "power", "endures": ["10m", "1h", "3h"], "loses": "100%"}},
        },
        "shop": {**WORLD["shop"], "cost_per_day": ["1000 EUR", "24000 EUR", "50000 EUR"]},
    }
    world = model(unsure, PEOPLE)
    network = compile_network(world)
    found = cases(world, network)
    job = SampledJob(network, found, (2 * HOUR,), Meter, samples=6, seed=3)
    got = run_tasks(job)
    assert got.shape == (6, 3, 1, len(EFFECTS))
    assert np.array_equal(run_tasks(job, workers=2), got)
    _, draws = job.start()
    for sample in range(6):
        drawn = draws.drawn(3, sample)
        start = draws.network(3, sample).arrays.step_time[0]  # of the shop's water
        assert start == 0
        lasts = int(drawn.network.arrays.step_time[-1])
        people = int(drawn.people[network.processes.index("water")])
        without = max(0, 2 * HOUR - lasts)
        assert told(got[sample, 0, 0])["basic_hours"] == without * 4_000 * people // FULL
        cost = int(drawn.cost_per_day[network.processes.index("shop")])
        assert told(got[sample, 1, 0])["euros"] == round(cost * 2 / 24)
    assert len({told(row)["basic_hours"] for row in got[:, 0, 0]}) == 6
    assert job.fingerprint() != replace(job, seed=4).fingerprint()


def test_a_failure_that_does_not_settle_is_named() -> None:
    world = model(WORLD, PEOPLE)
    network = compile_network(world)
    simulator = Simulator(network)
    simulator._caps = np.array([1, 1_000], np.int64)
    with pytest.raises(CascadeError, match="failure of power does not settle"):
        simulator.fail(cases(world, network)[0], HOUR, DAY)


def test_one_run_leaves_nothing_behind_for_the_next() -> None:
    world = load(find_model(None))
    network = compile_network(world)
    found = {case.label: case for case in cases(world, network)}
    simulator, meter = Simulator(network), Meter(network)

    def effects_of(label: str) -> list[int]:
        log = simulator.fail(found[label], DAY, DAY + AFTER)
        return meter.of(log, simulator.work, DAY + AFTER, found[label].instances).tolist()

    first = effects_of("drinking-water")
    assert first[COLUMN["cascade_hours"]] > 0
    assert effects_of("electricity-transmission") != first
    assert effects_of("drinking-water") == first


def test_a_meter_leaves_its_network_alone() -> None:
    world = model(WORLD, PEOPLE)
    network = compile_network(world)
    before = pickle.dumps(network.arrays)
    Meter(network)
    assert pickle.dumps(network.arrays) == before
    with pytest.raises(UsageError, match="not compiled from a model"):
        Meter(replace(network, model=None))
