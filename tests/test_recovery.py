"""The best order of repair: brute force beside the search, bounds, the order given back, mobile generators."""

import json
from collections import Counter
from dataclasses import replace
from itertools import permutations, product
from math import factorial, prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import model, scenario
from click.testing import CliRunner
from random_models import Wishes, build, needy, random_draft, show

import cascade.results.generators as generators_module
from cascade.cli import main
from cascade.commands.recover import HARMS as COMMAND_HARMS
from cascade.errors import UsageError
from cascade.model import Measure, Model, Scenario
from cascade.results.effects import EFFECTS, Meter
from cascade.results.generators import generators
from cascade.results.orders import HARMS, Search, Yard
from cascade.results.recovery import Recovery, recovery
from cascade.simulation.events import targets
from cascade.simulation.network import compile_network
from cascade.simulation.run import Run, simulate
from cascade.telling.recovery import Told, recovery_tables
from cascade.units import HOUR, Uncertain

SOME = Wishes(events=(3, 4, 5), manipulation=False)
ALL_PEOPLE = {"people": "100%"}


def drawn(seed: int, *, coupled: bool, wishes: Wishes = SOME) -> tuple[Model, Scenario] | None:
    """Draw a model with people in it and a few jobs; None where nothing is to be repaired."""
    draft = random_draft(seed, wishes)
    for n, process in enumerate(draft["processes"].values()):
        process["people"] = ("100%", "30%", "0%")[n % 3]
        process["basic_need"] = "yes" if n % 2 else "no"
        process["cost_per_day"] = f"{n} MEUR"
    horizon = int(draft["scenario"]["horizon"][:-1])
    if not any("repair" in e and int(e["at"][:-1]) < horizon for e in draft["scenario"]["events"]):
        return None
    draft["scenario"]["crews"] = {"ship": "1", "van": str(1 + seed % 2)}
    draft["scenario"].pop("repair_order", None)
    if coupled:
        draft = needy(draft, seed)
        draft["scenario"].pop("repair_order", None)
    return build(draft)


def by_brute_force(world: Model, story: Scenario, harm: str, most: int = 120) -> float | None:
    """Play every repair order, job by job; None where that are too many, or only one."""
    network = compile_network(world, story)
    crews: dict[str, list[str]] = {}
    for job in simulate(network, story).jobs:
        crews.setdefault(job.crew, []).append(f"{story.events[job.event].id}@{network.labels[job.instance]}")
    if not 1 < prod(factorial(len(names)) for names in crews.values()) <= most:
        return None
    meter, orders = Meter(network), [list(permutations(names)) for names in crews.values()]
    stories = (story.model_copy(update={"repair_order": sum(order, ())}) for order in product(*orders))
    return min(value(simulate(network, one), harm, meter) for one in stories)


def value(run: Run, harm: str, meter: Meter | None = None) -> float:
    """Count the harm of a run apart from the code under test."""
    events = [e for e in run.scenario.events if e.at.mode < run.horizon and "mobile-generators" not in str(e.hits)]
    hit = {i for event in events for i in targets(event, run.network)}
    meter = meter or Meter(run.network)
    counted = meter.of(run.changes, run.state, run.horizon, np.array(sorted(hit), np.int64))
    found = dict(zip(EFFECTS, counted.tolist(), strict=True)) | {"hours": int(counted[0] + counted[1])}
    return found[harm] / (1 if harm in ("euros", "basic_peak") else 3600)


@pytest.mark.parametrize("coupled", [False, True])
@pytest.mark.parametrize("block", range(4))
def test_the_search_finds_what_brute_force_finds(block: int, *, coupled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    # without local search, so that the best order comes from opening partial orders by their bounds
    monkeypatch.setattr(Search, "improve", lambda *_, **__: None)
    compared = better = 0
    for seed in range(block * 60, (block + 1) * 60):
        built = drawn(seed, coupled=coupled)
        if built is None:
            continue
        harm = ("hours", "basic_hours", "euros", "basic_peak")[seed % 4]
        least = by_brute_force(*built, harm)
        if least is None:
            continue
        found = recovery(*built, harm)
        assert found.best.harm == least == found.bound, f"seed {seed} {harm}\n{show(random_draft(seed, SOME))}"
        assert found.proven
        compared += 1
        better += least < found.first_come.harm
    assert compared >= 12
    assert better >= 1


@pytest.mark.parametrize("coupled", [False, True])
def test_no_order_does_less_harm_than_the_bound_of_how_it_begins(*, coupled: bool) -> None:
    compared = Counter[str]()
    for seed in range(80):
        built = drawn(seed, coupled=coupled)
        least = by_brute_force(*built, "hours", most=24) if built is not None else None
        if built is None or least is None:
            continue
        yard = Yard(*built, "hours")
        search = Search(yard)
        search.value = 10**18
        for orders in product(*(permutations(queue) for queue in yard.tasks)):
            _, jobs = yard.load.work_off(yard.play, yard.queues(orders))
            harm, parts = yard.value(orders), []
            for crew, queue in zip(yard.crews, orders, strict=True):
                begins = {(job.event, job.instance): job.begin for job in jobs if job.crew == crew}
                begun = sorted(queue, key=lambda task: begins[task.event, task.instance])
                # jobs begun at one instant are in the order of the queue: it is the first that is available
                parts.append(tuple(task for task in begun if begins[task.event, task.instance] < built[1].horizon))
            for size in range(1 + max(map(len, parts), default=0)):
                bound = search._bound(tuple(part[:size] for part in parts))
                assert bound <= harm, (seed, size)
                compared["tight" if bound == harm else "loose"] += 1
    assert min(compared["tight"], compared["loose"]) >= 200


@pytest.mark.parametrize("coupled", [False, True])
def test_a_search_cut_short_never_claims_too_much(*, coupled: bool) -> None:
    compared = unproven = 0
    for seed in range(70):
        built = drawn(seed, coupled=coupled)
        least = by_brute_force(*built, "hours") if built is not None else None
        if built is None or least is None:
            continue
        for simulations in (1, 6, 20):
            found = recovery(*built, "hours", simulations=simulations)
            assert found.bound <= least <= found.best.harm <= found.first_come.harm, seed
            unproven += not found.proven
        compared += 1
    assert compared >= 15
    assert unproven >= 3


def test_where_nothing_is_proven_all_orders_are_tried() -> None:
    compared = 0
    for seed in range(300):
        built = drawn(seed, coupled=False, wishes=Wishes(events=(3, 4)))
        if built is None or not any(e.manipulated and e.repair for e in built[1].events):
            continue
        least = by_brute_force(*built, "hours", most=24)
        if least is None:
            continue
        found = recovery(*built, "hours")
        assert found.best.harm == least, seed
        compared += not found.bounded
    assert compared >= 5


# ------------------------------------------------------------------ by hand


def repairs(*jobs: tuple[str, str], crews: dict[str, Any] | None = None, **rest: Any) -> Scenario:
    """Break some processes at once, one job each."""
    events = [{"id": f"at-{p}", "hits": p, "repair": {"crew": "team", "work": work}} for p, work in jobs]
    return scenario(*events, crews=crews or {"team": 1}, **rest)


def test_short_work_first_and_many_people_first() -> None:
    world = model({"a": ALL_PEOPLE, "b": ALL_PEOPLE, "c": {"people": "10%"}})
    found = recovery(world, repairs(("a", "10h"), ("b", "2h"), ("c", "1h")))
    # per hour of work: b 1,000 people / 2, a 1,000 / 10 and c 100 / 1 alike: 1,000 x (2 + 12) + 100 x 13 either way
    assert found.best.harm == 1_000 * (2 + 12) + 100 * 13 == found.bound
    assert found.best.names[0] == "at-b"
    # as filed: a at 10, b at 12, c at 13
    assert found.first_come.harm == 1_000 * (10 + 12) + 100 * 13
    assert found.first_come.names == ("at-a", "at-b", "at-c")


def test_two_repairs_that_bring_nothing_apart() -> None:
    """Only both of a and b bring c back, which everybody needs: by value each alone is worth nothing."""
    needs = {"power": {"from": ["a", "b"]}}
    world = model({"a": {}, "b": {}, "c": {**ALL_PEOPLE, "needs": needs}, "d": {"people": "30%"}})
    found = recovery(world, repairs(("d", "2h"), ("a", "2h"), ("b", "2h")))
    # a and b first: c after 4 h, d after 6; d first would be 300 x 2 + 1,000 x 6
    assert found.best.harm == 1_000 * 4 + 300 * 6
    assert found.best.names[-1] == "at-d"


def test_mending_the_road_comes_first_when_the_crew_needs_it() -> None:
    world = model({"road": {}, "a": ALL_PEOPLE})
    crews = {"team": {"teams": 1, "needs": {"road": "90%"}}}
    found = recovery(world, repairs(("a", "4h"), ("road", "1h"), crews=crews))
    # road first: at a tenth of the speed 10 h, then a in 4; a first: 40 h
    assert found.first_come.harm == 1_000 * 40
    assert found.best.harm == 1_000 * 14 == found.bound
    assert found.best.names == ("at-road", "at-a")


def test_a_crew_that_nobody_waits_for_needs_no_order() -> None:
    world = model({"a": ALL_PEOPLE, "b": ALL_PEOPLE})
    found = recovery(world, repairs(("a", "4h"), ("b", "1h"), crews={"team": 2}))
    assert (found.contested, found.best.names, found.proven) == (0, (), True)
    assert found.best.harm == 1_000 * 5


def test_many_jobs_get_a_good_order_and_a_bound() -> None:
    world = model({f"p{n}": {"people": f"{1 + 7 * n % 11}%"} for n in range(12)})
    story = repairs(*((f"p{n}", f"{1 + 5 * n % 7}h") for n in range(12)))
    found = recovery(world, story, simulations=600)
    # one team and sums: people per hour of work decide (Smith)
    jobs = sorted((((1 + 5 * n % 7) / (1 + 7 * n % 11)), n) for n in range(12))
    done = total = 0
    for _, n in jobs:
        done += 1 + 5 * n % 7
        total += done * 10 * (1 + 7 * n % 11)
    assert found.best.harm == total
    assert 0 < found.bound <= total
    assert found.gap == pytest.approx(1 - found.bound / total)
    assert found.simulations <= 640


def test_the_order_given_back_is_a_repair_order_with_that_harm() -> None:
    for seed in range(80):
        built = drawn(seed, coupled=bool(seed % 2))
        if built is None:
            continue
        world, story = built
        found = recovery(world, story, "basic_hours", simulations=60)
        for order in (found.first_come, found.best):
            again = Scenario.model_validate({**story.model_dump(), "repair_order": list(order.names)})
            run = simulate(world, again)
            assert (run.rows(), value(run, "basic_hours")) == (order.run.rows(), order.harm), seed


def test_equal_input_in_another_order_gives_equal_answers() -> None:
    for seed in range(30):
        draft = random_draft(seed, SOME)
        if drawn(seed, coupled=False) is None:
            continue
        turned = {**draft, "processes": dict(reversed(draft["processes"].items()))}
        turned["scenario"] = {**draft["scenario"], "crews": dict(reversed(draft["scenario"]["crews"].items()))}
        one, other = (recovery(*build(d), simulations=80) for d in (draft, turned))
        assert (one.best.names, one.best.harm, one.bound) == (other.best.names, other.best.harm, other.bound)


def test_the_course_adds_up_to_the_harm() -> None:
    world = model({"a": {**ALL_PEOPLE, "basic_need": "yes", "cost_per_day": "24 MEUR"}, "b": {"people": "20%"}})
    found = recovery(world, repairs(("b", "9h"), ("a", "3h")))
    course = found.course()
    lasting = np.diff(course["time_h"])
    for name, order in (("first", found.first_come), ("best", found.best)):
        assert (course[f"{name}_services"][:-1] * lasting).sum() == pytest.approx(order.harm)
    assert (course["best_people"][:-1] * lasting).sum() == 1_000 * 3
    assert (course["best_euros"][:-1] * lasting / 24).sum() == 3_000_000


@pytest.mark.parametrize(
    ("story", "harm", "said"),
    [
        (scenario({"hits": "a", "for": "1h"}), "hours", "nothing in this scenario waits for repair"),
        (repairs(("a", "1h")), "ours", "no harm 'ours'; did you mean 'hours'"),
        (
            scenario(*({"hits": "a", "repair": {"crew": "t", "work": "1h"}} for _ in range(2)), crews={"t": 1}),
            "hours",
            "event 1 waits for repair and has no id; give it one",
        ),
    ],
)
def test_what_cannot_be_asked_says_what_to_do(story: Scenario, harm: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        recovery(model({"a": {}}), story, harm)


def test_ctrl_c_gives_the_best_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    world = model({f"p{n}": {"people": f"{1 + 7 * n % 11}%"} for n in range(12)})
    story = repairs(*((f"p{n}", f"{1 + 5 * n % 7}h") for n in range(12)))
    calls = 0

    def progress(done: int, size: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 100:
            raise KeyboardInterrupt

    found = recovery(world, story, progress=progress)
    assert found.interrupted
    assert 0 < found.bound < found.best.harm < found.first_come.harm


# ------------------------------------------------------------------ generators


def powered(*names: str, people: dict[str, str] | None = None, **endures: str) -> Model:
    """Processes in two regions that need power, and lose all after some time without."""
    processes: dict[str, dict[str, Any]] = {"grid": {"per": "region"}}
    for name in names:
        need = {"from": "grid", "endures": endures.get(name, "0h"), "recharge": "0h"}
        processes[name] = {"per": "region", "people": (people or {}).get(name, "100%"), "needs": {"power": need}}
    world = model(processes, {"R1": 1_000, "R2": 400})
    measure = Measure.model_validate(
        {
            "name": "g", "lever": "redundancy", "applies_to": {"processes": list(names), "need": "power"},
            "effect": {"endures": "+72h"}, "takes": {"generator": "1"},
        }
    )  # fmt: skip
    return replace(world, measures={"standby-generator": measure})


OUTAGE = {"hits": "grid", "for": "48h"}


def test_a_generator_goes_where_most_people_are() -> None:
    found = generators(powered("a", "b", people={"b": "50%"}), scenario(OUTAGE), 1)
    # a in R1: 1,000 people for 48 h
    assert [(m.at, m.source, m.target, m.until, m.people) for m in found.moves] == [
        (0, "", "a@R1", 48 * HOUR, 1_000),
        (48 * HOUR, "a@R1", "", 48 * HOUR, 0),
    ]
    assert found.harm_without == 48 * 1.5 * 1_400
    assert found.harm == found.harm_without - 48_000
    assert found.bound == 0


def test_a_generator_follows_the_batteries() -> None:
    """b has a battery for 24 hours and more people; before that the generator does a good turn at a."""
    world = powered("a", "b", people={"a": "40%"}, b="24h")
    found = generators(world, scenario(OUTAGE), 1, every=24 * HOUR)
    # without: a 1,400 x 40% x 48, b 1,400 x 24; a@R1 for a day averts 400 x 24, b@R1 1,000 x 24
    assert found.harm == 560 * 48 + 1_400 * 24 - 24 * (400 + 1_000)


def test_moving_takes_its_time() -> None:
    world = powered("a")
    slow = world.measures["standby-generator"].model_copy(
        update={"lead_time": Uncertain(6 * HOUR, 12 * HOUR, 24 * HOUR)}
    )
    found = generators(replace(world, measures={"standby-generator": slow}), scenario(OUTAGE), 2)
    assert found.moving == 6 * HOUR
    assert found.harm == 1_400 * 6


def test_the_choice_is_the_best_of_all_plans_in_a_small_case() -> None:
    world = powered("a", "b", people={"a": "70%"}, b="20h")
    story = scenario({"hits": "grid", "where": ["R1"], "for": "36h"}, {"hits": "grid", "where": ["R2"], "for": "24h"})
    found = generators(world, story, 1, every=12 * HOUR)
    site = generators_module._Site(world, story, "hours", 1, 12 * HOUR)
    stays = [frozenset[str](), *(frozenset({copy}) for copy in site.copies)]
    assert min(site.value(plan) for plan in product(stays, repeat=3)) == found.harm * HOUR


def test_helpers_that_are_off_change_nothing() -> None:
    compared = 0
    for seed in range(150):
        draft = random_draft(seed)
        fit = [p for p, text in draft["processes"].items() if text["needs"] and "assets" not in text]
        names = [(p, n) for p in sorted(fit) for n in draft["processes"][p]["needs"]]
        if not names:
            continue
        need = names[seed % len(names)][1]
        draft["measures"]["standby-generator"] = {
            "lever": "redundancy", "applies_to": {"processes": sorted(fit), "need": need}, "effect": {"endures": "+1s"},
        }  # fmt: skip
        world, story = build(draft)
        try:
            site = generators_module._Site(world, story, "hours", 1, 10)
        except UsageError:
            continue
        off = [row for row in simulate(site.network, site.with_plan(())).rows() if not row[1].startswith("mobile-gen")]
        assert off == simulate(world, story).rows(), seed
        compared += 1
    assert compared >= 30


def test_what_is_judged_is_what_is_told() -> None:
    for seed in range(60):
        built = drawn(seed, coupled=bool(seed % 2))
        if built is None:
            continue
        world, story = built
        fit = [p for p, d in world.processes.items() if d.assets is None and d.needs]
        if not fit:
            continue
        measure = Measure.model_validate(
            {
                "name": "g", "lever": "redundancy", "effect": {"endures": "+1s"},
                "applies_to": {"processes": fit[:1], "need": next(iter(world.processes[fit[0]].needs))},
            }
        )  # fmt: skip
        world = replace(world, measures={**world.measures, "standby-generator": measure})
        try:
            found = generators(world, story, 2, every=20, swaps=10)
        except UsageError:
            continue
        assert found.bound <= found.harm <= found.harm_without
        assert found.harm_without == value(simulate(world, story), "hours")
        assert found.harm == value(found.run, "hours")


def test_without_the_measure_nobody_knows_where_generators_go() -> None:
    with pytest.raises(UsageError, match=r"add it to measures\.yaml"):
        generators(model({"a": {}}), scenario({"hits": "a"}), 1)


# ------------------------------------------------------------------ the command


def test_the_command_tells_orders_jobs_course_and_moves(tmp_path: Path) -> None:
    runner = CliRunner()
    picture = tmp_path / "course.svg"
    asked = ["recover", "north-sea-sabotage", "--harm", "euros", "--picture", str(picture)]
    for lang, said in (("nl", "Bewezen: geen enkele volgorde is beter"), ("en", "Proven: no order at all is better")):
        answer = runner.invoke(main, [*asked, "--lang", lang])
        assert answer.exit_code == 0, answer.output
        assert said in answer.output
    assert picture.read_bytes().startswith(b"<?xml")
    told = json.loads(runner.invoke(main, [*asked[:4], "--format", "json"]).stdout)
    orders = {row["which"]: row for row in told["orders"]}
    assert orders["bound"]["harm"] == orders["best"]["harm"] < orders["first"]["harm"]
    assert told["searched"]["proven"] is True
    assert {row["crew"] for row in told["jobs"]} == {"cable-ship", "power-cable-ship", "diving-support-ship"}


def test_equal_repairs_of_one_event_are_told_once_and_by_its_id(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Recovery] = []  # the two commands tell of one search, which takes seconds

    def once(*args: Any, **options: Any) -> Recovery:
        if not found:
            found.append(recovery(*args, **options))
        return found[0]

    monkeypatch.setattr("cascade.results.recovery.recovery", once)
    told = CliRunner().invoke(main, ["recover", "rail-sabotage", "--table", "jobs", "--lang", "en"])
    rows = [line for line in told.output.splitlines() if "signal-team" in line]
    assert [line.split(":")[0] for line in rows] == ["cable-fires-day-1", "cable-fires-day-4"]
    assert all("25 regions" in line for line in rows)
    data = CliRunner().invoke(main, ["recover", "rail-sabotage", "--table", "jobs", "--format", "json"])
    assert len(json.loads(data.stdout)["jobs"]) == 75


def test_crews_that_need_something_say_so_and_moments_lie_where_something_lacks() -> None:
    world = model({"a": ALL_PEOPLE, "b": {"people": "10%"}, "road": {}, "dear": {"cost_per_day": "1 MEUR"}})
    # with the road gone all the time the work takes twice as long; euros are not shown, so they do not stretch the table
    events = [
        {"id": "road-gone", "hits": "road", "for": "400h"},
        {"hits": "dear", "for": "900h"},
        *({"id": f"at-{p}", "hits": p, "at": "100h", "repair": {"crew": "team", "work": "10h"}} for p in ("b", "a")),
        *({"hits": "a", "at": f"{200 + k}h", "for": "20m"} for k in range(20)),
    ]
    story = scenario(*events, horizon="1000h", crews={"team": {"teams": 1, "needs": {"road": "50%"}}})
    told = Told(world, story, "hours", recovery(world, story, "hours"), None)
    tables = {table.name: table for table in recovery_tables(told, "en")}
    assert [(row["begin_h"], row["end_h"]) for row in tables["jobs"].rows] == [(100, 120), (120, 140)]
    assert "with all of it gone: road (50%)" in tables["jobs"].note
    hours = [row["time_h"] for row in tables["course"].rows]
    assert (len(hours), hours[0]) == (12, 100)
    assert hours[-1] == pytest.approx(219 + 1 / 3)


def test_wrong_use_of_the_command_names_the_remedy() -> None:
    runner = CliRunner()
    for given, said in (
        (["recover", "regional-power-outage"], "add --generators N"),
        (["recover", "hybrid-campaign", "--every", "0h"], "write a time above 0"),
        (["recover", "hybrid-campaign", "--picture", "x.gif"], "the name ends in .svg, .png or .pdf"),
        (["recover", "hybrid-campaign", "--table", "moves"], "--generators"),
    ):
        answer = runner.invoke(main, given)
        assert answer.exit_code == 2
        assert said in answer.output


def test_an_interrupted_command_gives_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Search, "prove", stop)
    answer = CliRunner().invoke(main, ["recover", "north-sea-sabotage", "--harm", "euros", "--lang", "en"])
    assert answer.exit_code == 130
    assert "Interrupted: this is the best so far" in answer.output
    assert "Proven lower bound" in answer.output


def test_every_harm_can_be_asked_for() -> None:
    world = model({"a": {**ALL_PEOPLE, "basic_need": "yes", "cost_per_day": "1 MEUR"}, "b": ALL_PEOPLE})
    for harm in HARMS:
        assert recovery(world, repairs(("b", "2h"), ("a", "1h")), harm).proven
    assert set(HARMS) == set(COMMAND_HARMS)
