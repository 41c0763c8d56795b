"""The smallest sets of failures: by hand, against every set there is, and what the search says of itself."""

import itertools
import json
from pathlib import Path
from typing import Any

import builders
import numpy as np
import pytest
from click.testing import CliRunner
from random_models import Draft, Wishes, build, dice, random_draft, show

import cascade
from cascade.cli import main
from cascade.errors import UsageError
from cascade.files.reading import load
from cascade.model import Assets, Model, Scenario
from cascade.results.cutsets import CutSets, cutsets
from cascade.results.minimal import Search
from cascade.simulation.network import Network, compile_network
from cascade.simulation.run import Run, simulate
from cascade.telling.cuts import summary, tables
from cascade.units import FULL, HOUR

ROOT = Path(__file__).resolve().parents[1]

HOSPITAL: dict[str, dict[str, Any]] = {
    # power fails: diesel for 24 h, as long as it comes by road for ever; water fails: 8 h
    "grid": {},
    "roads": {},
    "wells": {},
    "diesel": {"needs": {"roads": {"from": "roads", "endures": "6h"}}},
    "water": {"needs": {"wells": {"from": "wells", "endures": "8h"}}},
    "care": {
        "basic_need": "yes",
        "people": "100%",
        "needs": {
            "power": {"from": "grid", "endures": "24h", "sustained_by": "diesel"},
            "water": {"from": "water"},
        },
    },
    "mirror": {"tags": ["indicator"], "needs": {"care": {"from": "care"}}},
    "other": {"needs": {"care": {"from": "care"}}},
}


def world(**changes: dict[str, Any]) -> Model:
    return builders.model({name: {**text, **changes.get(name, {})} for name, text in HOSPITAL.items()})


def falls(found: CutSets) -> dict[tuple[str, ...], float]:
    return dict(zip(found.members, found.sets["falls_h"], strict=True))


# ------------------------------------------------------------------ by hand


def test_sets_and_times_by_hand() -> None:
    found = cutsets(world(), "care", within="72h", level="50%")
    assert falls(found) == {
        ("water",): 0,
        ("wells",): 8,
        # with the diesel gone the clock runs from the start: 24 h
        ("diesel", "grid"): 24,
        # the diesel comes for 6 h more, and only then the clock begins: 30 h
        ("grid", "roads"): 30,
    }
    assert found.sizes == {1: 2, 2: 2}
    assert found.complete
    assert list(found.importance["member"]) == ["water", "wells", "grid", "diesel", "roads"]
    assert list(found.importance["in_sets"]) == [1, 1, 2, 1, 1]
    assert list(found.importance["share"]) == [0.25, 0.25, 0.5, 0.25, 0.25]


def test_what_lasts_just_so_long_holds() -> None:
    for hours, sets in ((8, 1), (9, 2), (24, 2), (25, 3), (30, 3), (31, 4)):
        assert len(cutsets(world(), "care", within=hours * HOUR).members) == sets, hours


def test_failures_that_end() -> None:
    # wells back after 8 h: water has just held; after 9 h it has been down for an hour
    assert set(cutsets(world(), "care", duration="8h").members) == {("water",)}
    assert falls(cutsets(world(), "care", duration="9h")) == {("water",): 0, ("wells",): 8}
    assert cutsets(world(), "care", duration="72h").asked.duration is None  # type: ignore[union-attr]


def test_only_what_holds_after_an_instant_ever_was_so() -> None:
    """One copy falls just when another rises: half of the people are without at any moment, never all."""
    needs = {"q": {"from": "q"}, "late": {"from": "late", "endures": "1h"}}
    text = {
        "p": {"per": "region"},
        "q": {"per": "region"},
        "late": {"per": "region", "restart": "1h", "needs": {"p": {"from": "p", "endures": "4h"}}},
        "care": {"per": "region", "needs": needs},
    }
    model = builders.model(text, {"R1": 10, "R2": 10})
    # without q down from 0 to 5 h; without p, which is back at 5 h, from 5 to 6 h
    found = cutsets(model, "care", of="copies", duration="5h", among=["p", "q"])
    assert falls(found) == {("q@R1", "q@R2"): 0, ("p@R1", "p@R2"): 5}


def test_level_is_a_limit_that_still_holds() -> None:
    half = world(care={"needs": {"water": {"from": "water", "loses": "50%"}}})
    assert cutsets(half, "care", level="50%").members == ()
    assert cutsets(half, "care", level="50.01%").members == (("water",), ("wells",))


def test_what_was_left_out_is_counted() -> None:
    told = cutsets(world(), "care").searched
    # mirror is left out as an indicator before one asks whether it leads anywhere
    assert (told["left_out_target"], told["left_out_indicator"], told["left_out_no_path"]) == (1, 1, 1)
    assert told["candidates"] == 5
    assert told["possible"] == 5 + 10 + 10


def test_only_failures_among_some() -> None:
    model = builders.model({**HOSPITAL, "grid": {"sector": "two"}, "roads": {"sector": "two"}})
    assert cutsets(model, "care", among=["two"]).members == (("grid", "roads"),)
    assert cutsets(model, "care", among=["grid", "diesel"]).members == (("diesel", "grid"),)


TWO_REGIONS = {"R1": 3_000, "R2": 1_000}
REGIONAL: dict[str, dict[str, Any]] = {
    "power": {"per": "region"},
    "care": {"per": "region", "needs": {"power": {"from": "power"}}, "basic_need": "yes"},
    "bank": {"basic_need": "yes", "needs": {"care": {"from": "care"}}},
}


def test_copies_and_the_mean_over_inhabitants() -> None:
    model = builders.model(REGIONAL, TWO_REGIONS)
    assert cutsets(model, "care@R2", of="copies").members == (("power@R2",),)
    # care falls to a quarter without R1, to three quarters without R2
    assert cutsets(model, "care", of="copies").members == (("power@R1",),)
    assert cutsets(model, "care", of="copies", level="80%").members == (("power@R1",), ("power@R2",))
    assert cutsets(model, "care", of="copies", level="25%").members == (("power@R1", "power@R2"),)
    assert cutsets(model, "care").members == (("power",),)


def test_assets_count_by_capacity() -> None:
    table = Assets(ids=("a", "b"), names=("a", "b"), regions=("R1", "R1"), capacities=(9, 1), people=None)
    stations = {"feed": {}, "station": {"assets": "s.csv", "needs": {"feed": {"from": "feed"}}}}
    model = builders.model({**stations, "care": {"needs": {"station": {"from": "station"}}}}, assets={"station": table})
    assert cutsets(model, "station@R1#a").members == (("feed",),)
    assert cutsets(model, "station@R1", level="95%").members == (("feed",),)
    assert cutsets(model, "care", of="copies").members == (("feed",), ("station@R1",))


def test_any_basic_need_of_a_region() -> None:
    model = builders.model(REGIONAL, TWO_REGIONS)
    # the bank is national, and a basic need in R2 too; it rests on R1 for three quarters
    assert cutsets(model, basic_need="R2", of="copies").members == (("care@R1",), ("power@R1",), ("power@R2",))
    assert cutsets(model, basic_need="R1").members == (("power",),)


def test_a_target_that_is_down_anyway_needs_no_failure() -> None:
    short = {
        "a": {},
        "b": {},
        "t": {"needs": {"n": {"at_least": {"count": "2", "of": ["a", {"id": "b", "gives": "30%"}]}}}},
    }
    found = cutsets(builders.model(short), "t")
    assert found.members == ((),)
    assert "even without any failure" in summary(found, builders.model(short), "en")[1]


def test_nothing_that_brings_it_down() -> None:
    found = cutsets(world(), "grid")
    assert found.members == ()
    assert found.complete
    assert found.importance.empty


# ------------------------------------------------------------------ against every set


def lowest(run: Run, weights: dict[int, int], within: int) -> float:
    """Return the lowest weighted mean, read off the log instant by instant."""
    level = dict.fromkeys(weights, FULL)
    total = sum(weights.values())
    found = FULL * 1.0
    rows = list(zip(run.changes.time.tolist(), run.changes.instance.tolist(), run.changes.after.tolist(), strict=True))
    for t, changes in itertools.groupby(rows, key=lambda row: row[0]):
        for _, i, after in changes:
            if i in level:
                level[i] = after
        if t < within:
            found = min(found, sum(w * level[i] for i, w in weights.items()) / total)
    return found


def weighed(model: Model, network: Network, label: str) -> dict[int, int]:
    process, _, region = label.partition("@")
    capacity = {}
    if process in model.assets:
        table = model.assets[process]
        capacity = dict(zip(table.ids, table.capacities, strict=True))
    found = {}
    for i in network.instances(process, region or None):
        code = network.region(i)
        found[i] = capacity.get(network.asset_of[i]) or (model.regions[code].population if code else 1)
    return found if any(found.values()) else dict.fromkeys(found, 1)


def brute(model: Model, groups: list[dict[int, int]], found: CutSets, failures: dict[str, str]) -> set[tuple[str, ...]]:
    """Simulate every set of at most the size asked, and keep those of which no part will do."""
    asked = found.asked
    assert asked is not None
    assert asked.size is not None
    network = compile_network(model)
    cuts: list[set[str]] = []
    for size in range(asked.size + 1):
        for chosen in itertools.combinations(sorted(failures), size):
            if any(cut <= set(chosen) for cut in cuts):
                continue
            ends = {} if asked.duration is None else {"for": f"{asked.duration}s"}
            event = {"hits": list(chosen), "level": "0%", **ends}
            scenario = {"name": "s", "horizon": f"{asked.within}s", "events": [event] if chosen else []}
            run = simulate(network, Scenario.model_validate(scenario))
            if any(lowest(run, group, asked.within) < asked.level for group in groups):
                cuts.append(set(chosen))
    return {tuple(sorted(cut)) for cut in cuts}


DYNAMIC = Wishes(manipulation=False, repairs=False, measures=False)


def drawn(seed: int) -> tuple[Draft, Model, dict[str, Any]]:
    """Draw a model with clocks, loops, shares, assets and rationing, and a question about it."""
    rng = dice(seed)
    draft = random_draft(seed, DYNAMIC)
    for text in draft["processes"].values():
        if rng.random() < 0.4:
            text["basic_need"] = "yes"
    model, _ = build(draft)
    target = rng.choice(sorted(model.processes))
    question: dict[str, Any] = {
        "within": rng.choice((1, 20, 45, 100, 250)),
        "level": rng.choice((1, 2_500, 5_000, 9_000, FULL)),
        "duration": rng.choice((None, None, 5, 20, 60)),
        "of": "processes",
    }
    if any(d.basic_need for d in model.processes.values()) and rng.random() < 0.3:
        question["basic_need"] = rng.choice(sorted(model.regions))
    else:
        regions = sorted(model.regions)
        regional = model.processes[target].regional
        question["target"] = f"{target}@{rng.choice(regions)}" if regional and rng.random() < 0.7 else target
    if len(model.regions) <= 2 and rng.random() < 0.4:
        question["of"] = "copies"
    return draft, model, question


def expected(model: Model, question: dict[str, Any], found: CutSets) -> set[tuple[str, ...]]:
    network = compile_network(model)
    region = question.get("basic_need")
    if region is None:
        groups = [weighed(model, network, question["target"])]
    else:
        basic = [p for p, d in model.processes.items() if d.basic_need]
        groups = [weighed(model, network, f"{p}@{region}" if model.processes[p].regional else p) for p in basic]
    itself = {i for group in groups for i in group}
    failures: dict[str, set[int]] = {}
    for i in range(network.size):
        place = network.region(i) if question["of"] == "copies" else ""
        failures.setdefault(network.process(i) + (f"@{place}" if place else ""), set()).add(i)
    free = {label: label for label, instances in failures.items() if not instances & itself}
    return brute(model, groups, found, free)


@pytest.mark.parametrize("seed", range(100))
def test_random_models_against_every_set(seed: int) -> None:
    draft, model, question = drawn(seed)
    found = cutsets(model, size=3 if len(model.processes) < 9 else 2, method="simulation", **question)
    assert set(found.members) == expected(model, question, found), f"{question}\n{show(draft)}"
    assert len(set(found.members)) == len(found.members)
    assert found.complete


def test_those_models_have_something_to_find() -> None:
    sizes: list[int] = []
    for seed in range(60):
        _, model, question = drawn(seed)
        sizes += [len(cut) for cut in cutsets(model, method="simulation", **question).members]
    assert min(sizes.count(k) for k in (1, 2, 3)) >= 5


@pytest.mark.parametrize("seed", range(30))
def test_with_or_without_a_tree_the_answer_is_the_same(seed: int) -> None:
    """What a model without clocks says does not depend on the way."""
    draft = random_draft(seed, Wishes(manipulation=False, repairs=False, measures=False, cross_region=False))
    for text in draft["processes"].values():
        text.pop("rations", None)
        for need in text["needs"].values():
            for key in ("endures", "loses", "fades", "spread", "recharge", "sustained_by"):
                need.pop(key, None)
            for supply in need.get("any_of", []):
                if isinstance(supply, dict):
                    supply["gives"] = "100%"
    model, _ = build(draft)
    for target in sorted(model.processes):
        found = cutsets(model, target)
        assert falls(found) == falls(cutsets(model, target, method="simulation")), f"{target}\n{show(draft)}"


def test_some_of_these_are_trees_and_clocks_are_none() -> None:
    static = {"a": {}, "b": {}, "t": {"needs": {"n": {"any_of": ["a", "b"]}}}}
    assert cutsets(builders.model(static), "t").searched["method"] == "fault-tree"
    late = {**static, "t": {"needs": {"n": {"any_of": ["a", "b"], "endures": "1h"}}}}
    ring = {**static, "a": {"needs": {"t": {"from": "t"}}}}
    part = {**static, "t": {"needs": {"n": {"any_of": ["a", {"id": "b", "gives": "60%"}]}}}}
    shared = {**static, "t": {"needs": {"n": {"shares": {"a": "50%", "b": "50%"}}}}}
    lossy = {**static, "t": {"needs": {"n": {"any_of": ["a", "b"], "loses": "60%"}}}}
    for other in (late, ring, part, shared, lossy):
        model = builders.model(other)
        assert cutsets(model, "t").searched["method"] == "simulation"
        with pytest.raises(UsageError, match="no fault tree; simulate"):
            cutsets(model, "t", method="fault-tree")
        with pytest.raises(UsageError, match="give the most failures at once"):
            cutsets(model, "t", size=None)


# ------------------------------------------------------------------ the search


def random_cuts(seed: int) -> tuple[int, list[int]]:
    rng = dice(seed)
    elements = rng.randint(4, 12)
    cuts = [
        sum(1 << e for e in rng.sample(range(elements), rng.randint(1, min(5, elements))))
        for _ in range(rng.randint(0, 9))
    ]
    return elements, cuts


@pytest.mark.parametrize("seed", range(200))
def test_the_search_finds_all_smallest_sets_of_any_rising_question(seed: int) -> None:
    elements, cuts = random_cuts(seed)
    search = Search(elements, lambda chosen: any(cut & ~chosen == 0 for cut in cuts))
    size = dice(seed).randint(1, 5)
    search.run(size)
    minimal = {cut for cut in cuts if not any(o != cut and o & ~cut == 0 for o in cuts)}
    assert sorted(search.cuts) == sorted(cut for cut in minimal if cut.bit_count() <= size)
    assert search.complete == size


def test_the_search_asks_little() -> None:
    """Of 110 elements there are 221,925 sets of at most 3; with six cuts some hundred questions do."""
    cuts = [1 << 3, 1 << 70, (1 << 9) + (1 << 20), (1 << 9) + (1 << 100), 7 << 40, 7 << 50]
    search = Search(110, lambda chosen: any(cut & ~chosen == 0 for cut in cuts))
    search.run(3)
    assert sorted(search.cuts) == sorted(cuts)
    assert search.tally.asked < 300


@pytest.mark.parametrize("limit", range(0, 60, 4))
def test_a_limit_is_kept_and_said(limit: int) -> None:
    cuts = [0b11, 0b1100, 0b10110000, 0b1001010000]
    search = Search(10, lambda chosen: any(cut & ~chosen == 0 for cut in cuts), limit)
    search.run(3)
    assert search.tally.asked <= limit
    within = [cut for cut in cuts if cut.bit_count() <= search.complete]
    assert set(within) <= set(search.cuts) <= set(cuts)
    if search.complete < 3:
        # what is said to be searched of the next size has been
        done = sum(1 << e for e in search.started[: search.finished])
        following = [cut for cut in cuts if cut.bit_count() == search.complete + 1 and cut & done]
        assert set(following) <= set(search.cuts)


def test_limits_are_felt_at_every_depth() -> None:
    cuts = [0b11, 0b1100, 0b10110000, 0b1001010000]
    seen = set()
    for limit in range(60):
        search = Search(10, lambda chosen: any(cut & ~chosen == 0 for cut in cuts), limit)
        search.run(3)
        seen.add((search.complete, search.finished > 0))
    assert {(-1, False), (0, False), (1, False), (2, True)} <= seen


def test_an_unfinished_search_says_what_it_did_not_look_at() -> None:
    found = cutsets(world(), "care", limit=14)
    assert not found.complete
    assert found.searched["simulated"] <= 14
    text = " ".join(summary(found, world(), "en"))
    assert "Not complete: after 14 simulated sets" in text
    assert "at least" not in text


def test_progress_tells_the_parts_of_each_size() -> None:
    told: list[tuple[int, int]] = []
    cutsets(world(), "care", progress=lambda done, size: told.append((done, size)))
    assert told
    assert all(0 <= done < size for done, size in told)


def test_equal_questions_have_equal_answers() -> None:
    one, other = (cutsets(world(), "care") for _ in range(2))
    assert one.searched == other.searched
    assert one.sets.equals(other.sets)


# ------------------------------------------------------------------ questions that make no sense


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "one of the two"),
        ({"target": "care", "basic_need": "R1"}, "one of the two"),
        ({"target": "carr"}, "did you mean 'care'"),
        ({"target": "care@R1"}, "care is in: no region, it is national"),
        ({"basic_need": "R9"}, "no region 'R9'"),
        ({"target": "care", "within": "soon"}, "within: "),
        ({"target": "care", "within": 0}, "within is above 0"),
        ({"target": "care", "level": "0%"}, "level is above 0"),
        ({"target": "care", "level": FULL + 1}, "not above 100%"),
        ({"target": "care", "size": 0}, "at least 1"),
        ({"target": "care", "among": ["twoo"]}, "no sector or process 'twoo'"),
        ({"target": "care", "of": "things"}, "'things'"),
        ({"target": "care", "duration": 0}, "duration is above 0"),
    ],
)
def test_questions_that_make_no_sense(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        cutsets(world(), **given)


def test_a_model_without_basic_needs() -> None:
    with pytest.raises(UsageError, match="no process of this model is marked as a basic need"):
        cutsets(builders.model({"a": {}}), basic_need="R1")


# ------------------------------------------------------------------ the shipped model, tables and the command


@pytest.fixture(scope="module")
def shipped() -> Model:
    return load(ROOT / "sectors")


def test_single_failures_of_the_shipped_model_one_by_one(shipped: Model) -> None:
    """The smallest of all searches, simulated plainly: every other process alone."""
    network = compile_network(shipped)
    target = network.index["hospital-care@VR13"]
    found = cascade.cutsets(shipped, "hospital-care@VR13", size=1)
    down = set()
    for process in shipped.processes:
        event = {"hits": process, "level": "0%"}
        run = simulate(network, Scenario.model_validate({"name": "s", "horizon": "72h", "events": [event]}))
        if process != "hospital-care" and lowest(run, {target: 1}, 72 * HOUR) < FULL // 2:
            down.add((process,))
    assert set(found.members) == down
    assert down


def test_pairs_in_the_shipped_model_within_one_sector(shipped: Model) -> None:
    found = cutsets(shipped, "hospital-care@VR13", size=2, among=["energy"])
    network = compile_network(shipped)
    energy = {p: p for p, sector in shipped.sector_of.items() if sector == "energy"}
    weights = {network.index["hospital-care@VR13"]: 1}
    assert set(found.members) == brute(shipped, [weights], found, energy)


def told(*arguments: str) -> Any:
    result = CliRunner().invoke(main, ["cutsets", *arguments])
    assert result.exit_code == 0, result.output
    return result


def test_the_command_for_people(shipped: Model) -> None:
    text = told("hospital-care@VR13", "--size", "2", "--lang", "nl").stdout
    assert text.startswith("Kleinste combinaties van uitval")
    said = " ".join(text.split())
    assert "om Ziekenhuiszorg, Amsterdam-Amstelland binnen 3 d onder 50% te brengen?" in said
    assert "Dit is volledig voor ten hoogste 2 tegelijk" in said
    assert "Drinkwater" in text
    text = told("--basic-need", "Amsterdam-Amstelland", "--size", "1", "--lang", "en").stdout
    assert "to bring a basic need in Amsterdam-Amstelland below 50% within 3 d?" in " ".join(text.split())
    text = told("hospital-care@VR13", "--size", "1", "--for", "24h", "--lang", "en").stdout
    assert "What has to fail at once, for 1 d, to bring" in text


def test_the_command_as_data() -> None:
    answer = json.loads(told("hospital-care@VR13", "--size", "2", "--format", "json").stdout)
    assert answer["complete"] is True
    assert answer["searched"]["complete_to"] == 2
    assert answer["searched"]["target"] == "hospital-care@VR13"
    assert all(row["size"] == len(row["members"].split()) for row in answer["sets"])
    lines = told("hospital-care@VR13", "--size", "2", "--format", "csv", "--table", "sets").stdout.splitlines()
    assert lines[0] == "number,size,members,falls_h,probability"
    assert len(lines) == 1 + len(answer["sets"])


def test_a_wrong_name_among_failures_may_have_been_a_sector() -> None:
    result = CliRunner().invoke(main, ["cutsets", "hospital-care@VR13", "--among", "energi"])
    assert (result.exit_code, "did you mean 'energy'?" in result.stderr) == (2, True)


def test_the_command_with_a_limit() -> None:
    text = told("hospital-care@VR13", "--limit", "60", "--lang", "en").stdout
    assert "Not complete: after 60 simulated sets the limit was reached (--limit)." in " ".join(text.split())


def test_the_command_with_a_tree(tmp_path: Path) -> None:
    file = tmp_path / "pumps.xml"
    file.write_text(
        '<opsa-mef><define-fault-tree name="pumps"><define-gate name="top"><atleast min="2"><basic-event name="p1"/>'
        '<basic-event name="p2"/><basic-event name="p3"/></atleast></define-gate></define-fault-tree><model-data>'
        + "".join(f'<define-basic-event name="p{n}"><float value="0.1"/></define-basic-event>' for n in (1, 2, 3))
        + "</model-data></opsa-mef>"
    )
    text = told("--tree", str(file), "--lang", "nl").stdout
    assert text.startswith("Foutenboom pumps")
    assert "0,028" in text  # 3 x 0.01 x 0.9 + 0.001
    answer = json.loads(told("--tree", str(file), "--format", "json").stdout)
    assert [row["members"] for row in answer["sets"]] == ["p1 p2", "p1 p3", "p2 p3"]
    assert answer["searched"]["probability"] == pytest.approx(0.028)
    assert answer["importance"][0]["birnbaum"] == pytest.approx(0.19 - 0.01)
    result = CliRunner().invoke(main, ["cutsets", "care", "--tree", str(file)])
    assert result.exit_code == 2
    assert "leave out the target" in result.stderr


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_tables_tell_all_in_both_languages(lang: Any) -> None:
    found = cutsets(world(), "care")
    made = {table.name: table for table in tables(found, world(), lang, whole=True)}
    assert list(made) == ["sets", "importance", "searched"]
    for table in made.values():
        for row in table.rows:
            assert all(isinstance(column.show(row[column.key], lang), str) for column in table.shown)
            assert not any(isinstance(row[column.key], np.generic) for column in table.fields)
