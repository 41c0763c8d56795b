"""Crews that need something: the fast simulator against the plain one, laws, and arithmetic in comments."""

from collections import Counter

import pytest
from builders import model, run, scenario
from naive import naive_run
from random_models import Draft, Wishes, build, edited, enlarged, needy, random_draft, show

from cascade.errors import UsageError
from cascade.model import Model, Scenario
from cascade.results.attribution import attribute
from cascade.results.sampling import sampled_runs
from cascade.simulation.events import NEVER, unfold
from cascade.simulation.network import compile_network
from cascade.simulation.run import Run, simulate

HOUR = 3600
BLOCK, BLOCKS = 200, 6


def repairing(seed: int) -> Draft | None:
    """Draw a model in which some crew needs something."""
    draft = random_draft(seed, Wishes(events=(2, 3, 3, 4, 5)))
    return needy(draft, seed) if "crews" in draft["scenario"] else None


@pytest.mark.parametrize("block", range(BLOCKS))
def test_both_simulators_agree_to_the_last_bit(block: int) -> None:
    compared = 0
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        draft = repairing(seed)
        if draft is None:
            continue
        world, story = build(draft)
        assert simulate(world, story).rows() == naive_run(world, story).log, f"seed {seed}\n{show(draft)}"
        compared += 1
    assert compared > BLOCK // 2


def test_both_agree_over_years_and_with_millions() -> None:
    for seed in range(120):
        draft = repairing(seed)
        if draft is None:
            continue
        draft = enlarged(draft, 900_001)
        for region in draft["regions"].values():
            region["population"] = str(int(region["population"]) * 30_000_001)
        world, story = build(draft)
        assert simulate(world, story).rows() == naive_run(world, story).log, f"seed {seed}\n{show(draft)}"


def test_the_random_crews_are_slowed_down_and_wait_for_each_other() -> None:
    met: Counter[str] = Counter()
    for seed in range(600):
        draft = repairing(seed)
        if draft is None:
            continue
        world, story = build(draft)
        found, plain = simulate(world, story), simulate(world, without_needs(story))
        crews = {job.crew for job in found.jobs if story.crews[job.crew].needs}
        met["slowed"] += [(j.begin, j.end) for j in found.jobs] != [(j.begin, j.end) for j in plain.jobs]
        met["log"] += found.rows() != plain.rows()
        met["never"] += any(job.end == NEVER for job in found.jobs)
        met["two crews"] += len(crews) > 1
        met["three ends"] += sum(job.end < story.horizon for job in found.jobs if job.crew in crews) > 2
    assert all(met[name] >= 15 for name in ("slowed", "log", "never", "two crews", "three ends")), met


def without_needs(story: Scenario) -> Scenario:
    crews = {name: crew.model_copy(update={"needs": {}}) for name, crew in story.crews.items()}
    return story.model_copy(update={"crews": crews})


# ------------------------------------------------------------------ laws


def jobs(found: Run) -> list[tuple[int, int, int, int]]:
    return [(job.event, job.instance, job.begin, job.end) for job in found.jobs]


def test_a_crew_whose_needs_are_always_met_is_a_crew_without_needs() -> None:
    """A process that nothing reaches keeps every crew at full speed; then nothing changes, to the last bit."""
    for seed in range(300):
        draft = repairing(seed)
        if draft is None:
            continue
        draft["processes"]["zulu"] = {"needs": {}, "per": "region", "sector": "wet"}
        for event in draft["scenario"]["events"]:
            event["hits"] = [hit for hit in hits(event) if isinstance(hit, str)] or ["alpha"]
        if not set(map(str, (h.split("@")[0] for e in draft["scenario"]["events"] for h in e["hits"]))) <= set(
            draft["processes"]
        ):
            continue
        for crew in draft["scenario"]["crews"].values():
            crew["needs"] = {"zulu": "100%"}
        world, story = build(draft)
        assert simulate(world, story).rows() == simulate(world, without_needs(story)).rows(), seed
        with_ends = [(e, i, b, end) for e, i, b, end in jobs(simulate(world, story)) if end != NEVER]
        assert set(with_ends) <= set(jobs(simulate(world, without_needs(story))))


def hits(event: Draft) -> list[object]:
    return event["hits"] if isinstance(event["hits"], list) else [event["hits"]]


def test_a_greater_loss_never_ends_a_lone_job_sooner() -> None:
    for loss in range(0, 101, 10):
        ends = [slowed(f"{part}%").jobs[0].end for part in (loss, loss + 1) if 0 < part <= 100]
        assert ends == sorted(ends)


def slowed(loss: str) -> Run:
    """One job of 10 hours; the road is at 40% for the first 8 hours."""
    world = model({"road": {}, "pipe": {}})
    story = [
        {"hits": "road", "level": "40%", "for": "8h"},
        {"id": "leak", "hits": "pipe", "repair": {"crew": "team", "work": "10h"}},
    ]
    return run(world, *story, crews={"team": {"teams": "1", "needs": {"road": loss}}})


# ------------------------------------------------------------------ by hand


def test_arithmetic_of_one_job() -> None:
    # 100% lost without the road: at 40% the speed is 40%, 8 h do 3.2 h of work, 6.8 h are left: done at 14.8 h
    assert slowed("100%").jobs[0].end == 14 * HOUR + 48 * 60
    # 50% lost: the speed is 1 - 0.5 x 0.6 = 70%, 8 h do 5.6 h, done at 12.4 h
    assert slowed("50%").jobs[0].end == 12 * HOUR + 24 * 60
    # 33.33%: 10 000 - 3333 x 6000 // 10 000 = 8001; 8 h do 6.4008 h, 3.5992 h are left: 11 h 35 min 57.12 s, rounded up
    assert slowed("33.33%").jobs[0].end == 11 * HOUR + 35 * 60 + 58


def test_the_least_of_several_needs_counts() -> None:
    world = model({"road": {}, "fuel": {}, "pipe": {}})
    story = [
        {"hits": "road", "level": "50%", "for": "4h"},
        {"hits": "fuel", "for": "2h"},
        {"hits": "pipe", "repair": {"crew": "team", "work": "4h"}},
    ]
    found = run(world, *story, crews={"team": {"teams": 1, "needs": {"road": "100%", "fuel": "60%"}}})
    # 2 h at min(50%, 40%) do 0.8 h, 2 h at 50% do 1 h, 2.2 h are left at 4 h
    assert found.jobs[0].end == 6 * HOUR + 12 * 60


def test_mending_the_road_first_speeds_up_what_follows() -> None:
    """The crew mends the road it needs: the second job is slow until the first one ends."""
    world = model({"road": {}, "pipe": {}})
    story = [
        {"id": "slide", "hits": "road", "repair": {"crew": "digger", "work": "6h"}},
        {"id": "leak", "hits": "pipe", "repair": {"crew": "team", "work": "10h"}},
    ]
    found = run(world, *story, crews={"digger": 1, "team": {"teams": 1, "needs": {"road": "80%"}}})
    # 6 h at 20% do 1.2 h; 8.8 h are left
    assert [(job.crew, job.end) for job in found.jobs] == [("digger", 6 * HOUR), ("team", 14 * HOUR + 48 * 60)]
    stuck = run(world, *story, crews={"digger": {"teams": 1, "needs": {"road": "100%"}}, "team": 1})
    assert [job.end for job in stuck.jobs] == [NEVER, 10 * HOUR]
    assert [job.begin for job in stuck.jobs] == [0, 0]


def test_what_is_there_counts_where_the_job_is() -> None:
    """A regional process counts in the region of the job; for a national job all its copies do, by inhabitants."""
    world = model({"road": {"per": "region"}, "pipe": {"per": "region"}, "hub": {}}, {"R1": 1_000, "R2": 3_000})
    story = [
        {"hits": "road", "where": ["R1"], "for": "30d"},
        {"hits": "pipe", "repair": {"crew": "team", "work": "10h"}},
        {"hits": "hub", "repair": {"crew": "team", "work": "3h"}},
    ]
    found = run(world, *story, crews={"team": {"teams": 3, "needs": {"road": "90%"}}})
    labels = found.network.labels
    # R1: a tenth of the speed; R2: all of it; nationwide a quarter of the people have no road: 1 - 0.9 x 0.25 = 77.5%
    expected = {"pipe@R1": 100 * HOUR, "pipe@R2": 10 * HOUR, "hub": -(-3 * HOUR * 10_000 // 7750)}
    assert {labels[job.instance]: job.end for job in found.jobs} == expected


def test_a_team_is_free_at_the_instant_it_is_done() -> None:
    world = model({"road": {}, "a": {}, "b": {}})
    story = [
        {"hits": "road", "level": "50%", "for": "30d"},
        {"id": "one", "hits": "a", "repair": {"crew": "team", "work": "1h"}},
        {"id": "two", "hits": "b", "repair": {"crew": "team", "work": "1s"}},
    ]
    crews = {"team": {"teams": 1, "needs": {"road": "100%"}}}
    found = run(world, *story, crews=crews, repair_order=["two", "one"])
    assert [(job.begin, job.end) for job in found.jobs] == [(0, 2), (2, 2 + 2 * HOUR)]


# ------------------------------------------------------------------ the order


def test_an_order_can_single_out_one_region_or_one_copy() -> None:
    world = model({"pipe": {"per": "region"}, "wire": {"per": "region"}}, {"R1": 1, "R2": 1, "R3": 1})
    story = {"id": "storm", "hits": ["pipe", "wire"], "repair": {"crew": "team", "work": "1h"}}

    def served(*order: str) -> list[str]:
        found = run(world, story, crews={"team": 1}, repair_order=list(order))
        return [found.network.labels[job.instance] for job in found.jobs]

    assert served() == ["pipe@R1", "pipe@R2", "pipe@R3", "wire@R1", "wire@R2", "wire@R3"]
    assert served("storm@R3") == ["pipe@R3", "wire@R3", "pipe@R1", "pipe@R2", "wire@R1", "wire@R2"]
    assert served("storm@wire@R2", "storm@R3", "storm", "storm@pipe@R1") == [
        "wire@R2", "pipe@R3", "wire@R3", "pipe@R2", "wire@R1", "pipe@R1",
    ]  # fmt: skip


# ------------------------------------------------------------------ all who play scenarios


def test_laying_out_without_playing_is_refused() -> None:
    found = slowed("50%")
    with pytest.raises(UsageError, match="crew 'team' works as fast as its needs allow"):
        unfold(found.network, found.scenario)


def test_samples_and_parts_honour_the_needs() -> None:
    world = model({"road": {"people": "100%"}, "pipe": {"people": "100%"}})
    story = scenario(
        {"hits": "road", "level": "40%", "for": ["8h", "8h", "9h"]},
        {"hits": "pipe", "repair": {"crew": "team", "work": "10h"}},
        crews={"team": {"teams": 1, "needs": {"road": "100%"}}},
    )
    certain = story.model_copy(update={"events": (slowed("100%").scenario.events[0], story.events[1])})
    for one in (story, certain):
        found = sampled_runs(world, one, samples=2)
        # road: 8 h x 60%, pipe: 14.8 h, of 1,000 people
        assert found.at_modes[0] == 4_800 + 14_800
    parts = attribute(world, story).events
    # alone the pipe is mended in 10 h, together in 14.8: the difference is shared
    assert parts["part"].tolist() == [4_800 + 2_400, 10_000 + 2_400]


def test_equal_input_in_another_order_gives_an_equal_log() -> None:
    for seed in range(60):
        draft = repairing(seed)
        if draft is None:
            continue
        turned = edited(draft)
        turned["processes"] = dict(reversed(draft["processes"].items()))
        turned["scenario"]["crews"] = dict(reversed(draft["scenario"]["crews"].items()))
        for crew in turned["scenario"]["crews"].values():
            crew["needs"] = dict(reversed(crew["needs"].items()))
        assert rows(*build(draft)) == rows(*build(turned)), seed


def rows(world: Model, story: Scenario) -> list[tuple[object, ...]]:
    return list(simulate(compile_network(world, story), story).rows())
