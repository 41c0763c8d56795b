"""Two failures at once: arithmetic by hand, and the rules that skip pairs against simulating all of them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import model as world
from click.testing import CliRunner
from random_models import Wishes, build, dice, random_draft

import cascade
from cascade.cli import main
from cascade.errors import UsageError
from cascade.model import Model, Scenario
from cascade.results.pairs import MEASURES, SUMS, _Search, _World, pairs
from cascade.simulation.network import compile_network
from cascade.simulation.run import simulate
from cascade.simulation.sweep import AFTER, cases

ALL: dict[str, Any] = {"people": "100%"}
QUIET = Wishes(manipulation=False, repairs=False, measures=False, short=False)
BRIEF = 50
"""Seconds that things are out in a random model: its reserves last up to a minute."""


def needing(**needs: Any) -> dict[str, Any]:
    return {**ALL, "needs": needs}


def row(found: Any, first: str, second: str) -> dict[str, Any]:
    rows = found.table[(found.table["first"] == first) & (found.table["second"] == second)].to_dict("records")
    return dict(rows[0]) if rows else {}


# ------------------------------------------------------------------ by hand


def test_two_stand_ins_are_worse_than_their_parts() -> None:
    # 1,000 people; the load has what it needs from either plant, so one failure alone does nothing
    small = world({"load": needing(power={"any_of": ["plant-a", "plant-b"]}), "plant-a": {}, "plant-b": {}})
    found = pairs(small)
    assert row(found, "plant-a", "plant-b") == {
        "first": "plant-a", "second": "plant-b", "joint": 24_000.0, "first_alone": 0.0, "second_alone": 0.0,
        "synergy": 24_000.0, "synergy_share": 1.0,
    }  # fmt: skip
    assert len(found.worse) == 1
    # both plants with the load: what is hit does not count in the cascade, so nothing is left to compare
    assert len(found.table) == 1


def test_what_is_out_already_is_not_lost_again() -> None:
    small = world({"load": needing(power={"from": "a"}, water={"from": "b"}), "a": {}, "b": {}})
    found = pairs(small)
    # each alone costs 1,000 people 24 h, and so do both
    assert row(found, "a", "b")["synergy"] == -24_000.0
    assert row(found, "a", "b")["synergy_share"] == -0.5
    assert found.overlapping["first"].tolist() == ["a"]
    assert found.worse.empty


def test_a_reserve_that_a_stand_in_would_have_saved() -> None:
    # on mains the battery keeps full; on diesel alone 10 h of battery; with both out it goes flat after 10 h of 24
    need = {"any_of": ["mains", "diesel"], "endures": "10h", "recharge": "1h"}
    found = pairs(world({"load": needing(power=need), "mains": {}, "diesel": {}}))
    assert row(found, "diesel", "mains")["joint"] == 14_000.0


def test_of_a_cascade_both_failures_themselves_are_left_out() -> None:
    # a -> b -> c: b alone takes c, a alone takes b and c; together c only is neither
    small = world({"a": ALL, "b": needing(power={"from": "a"}), "c": needing(power={"from": "b"})})
    found = row(pairs(small), "a", "b")
    assert (found["first_alone"], found["second_alone"], found["joint"]) == (24_000, 24_000, 24_000)
    # of everything: a, b and c with a alone, b and c with b alone, three with both
    found = row(pairs(small, measure="hours"), "a", "b")
    assert (found["first_alone"], found["second_alone"], found["joint"]) == (72_000, 48_000, 72_000)


def test_euros_and_people_without_a_basic_need() -> None:
    need = {"any_of": ["a", "b"]}
    load = {**needing(power=need), "basic_need": "yes", "cost_per_day": "5 MEUR"}
    small = world({"load": load, "a": {}, "b": {}})
    euros, hours, peak = (row(pairs(small, measure=m), "a", "b") for m in ("euros", "basic_hours", "basic_peak"))
    assert euros["joint"] == euros["synergy"] == 5e6
    assert hours["synergy"] == 24_000
    assert peak["synergy"] == 1_000


def test_two_spells_can_join_into_one_that_lasts_too_long() -> None:
    # heat ends with the failure after two days; water begins to fail after one and a half and takes three days to return:
    # each spell is shorter than the 72 h that people can do without, the two together are not
    heat = {**ALL, "basic_need": "yes", "needs": {"gas": {"from": "gas"}}}
    water = {**ALL, "basic_need": "yes", "restart": "60h", "needs": {"power": {"from": "power", "endures": "40h"}}}
    small = world({"heat": heat, "water": water, "gas": {}, "power": {}}, self_reliance="72h")
    found = pairs(small, duration=48 * 3600, measure="basic_beyond")
    # water is out from 40 h to 108 h (68 h); with heat 0 to 108 h, of which 36 h are beyond 72 h
    assert row(found, "gas", "power")["joint"] == 36_000
    assert found.searched.independent < 6
    assert row(found, "gas", "power")["synergy"] == 36_000


def test_two_that_wait_for_each_other_lock() -> None:
    # each can start from either of the others: one alone comes back, of two the third falls too and nobody can begin
    ring = {"x": ("y", "z"), "y": ("x", "z"), "z": ("x", "y")}
    found = pairs(
        world({name: needing(start={"any_of": list(others)}) for name, others in ring.items()}), measure="locked"
    )
    assert found.table["joint"].tolist() == [3, 3, 3]
    assert found.table["synergy"].tolist() == [3, 3, 3]


def test_two_that_hold_each_other_s_reserve_may_never_return() -> None:
    # a day out, and a day of reserve for the lack of the other: alone each is back just in time. Together both reserves
    # end at the instant of return, and each waits for the other: 14 days more
    pair = {"x": needing(y={"from": "y", "endures": "24h"}), "y": needing(x={"from": "x", "endures": "24h"})}
    found = pairs(world(pair), measure="hours")
    assert row(found, "x", "y")["synergy"] == 2 * 14 * 24_000
    assert row(pairs(world(pair), duration=23 * 3600, measure="hours"), "x", "y") == {}


def test_of_basic_needs_only_half_of_what_is_lost_alone_is_taken_off() -> None:
    # a and b alone each cost 24 h of a basic need, three times over; together one more is away for 100 h: 52 on top
    three = {f"p{n}": {**needing(x={"from": ["a", "b"]}), "basic_need": "yes"} for n in range(3)}
    last = {**needing(x={"any_of": ["a", "b"]}), "basic_need": "yes", "restart": "76h"}
    found = pairs(world({**three, "r": last, "a": {}, "b": {}}), measure="basic_hours", threshold=40_000)
    assert row(found, "a", "b")["synergy"] == 52_000


# ------------------------------------------------------------------ nothing is skipped by luck


def populated(seed: int, wishes: Wishes = QUIET) -> Model:
    """Draw a model in which people rely on everything, some of it a basic need, at some cost."""
    draft, rng = random_draft(seed, wishes), dice(seed)
    for text in draft["processes"].values():
        text["people"] = rng.choice(("100%", "40%", "7%"))
        text["cost_per_day"] = rng.choice(("1 MEUR", "20 MEUR"))
        if rng.random() < 0.5:
            text["basic_need"] = "yes"
    small, _ = build(draft)
    return replace(small, info=small.info.model_copy(update={"self_reliance": 60}))


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("of", ["processes", "copies"])
def test_skipping_leaves_out_nothing(measure: str, of: str) -> None:
    independent = bounded = kept = 0
    for seed in range(40 if of == "processes" else 12):
        small = populated(seed)
        whole = pairs(small, of, BRIEF, measure, prune=False)
        assert whole.searched.simulated == whole.searched.pairs
        size = float(whole.table["synergy"].abs().median()) if len(whole.table) else 1.0
        for threshold in (0.0, size):
            found = pairs(small, of, BRIEF, measure, threshold=threshold)
            wanted = whole.table[whole.table["synergy"].abs() >= threshold].reset_index(drop=True)
            assert found.table.to_dict("records") == wanted.to_dict("records"), (seed, threshold)
            assert sum(found.searched[2:]) == found.searched.pairs
            independent, bounded = independent + found.searched.independent, bounded + found.searched.bounded
            kept += len(wanted)
    assert kept > 20
    assert independent > 20
    assert bounded > 20 or measure not in (*SUMS, "basic_hours")


def test_what_does_not_touch_runs_side_by_side() -> None:
    """Rule 1 itself: the joint log is the union of the two."""
    seen = 0
    for seed in range(40):
        small = populated(seed)
        network = compile_network(small)
        found = cases(small, network, "copies")
        search = _Search(_World(network, BRIEF, "hours"), list(found), "copies", 0.0)

        def log(
            *which: int, small: Model = small, labels: tuple[str, ...] = tuple(c.label for c in found)
        ) -> list[Any]:
            event = {"hits": [labels[k] for k in which], "at": "0s", "level": "0%", "for": f"{BRIEF}s"}
            given = {"name": "s", "horizon": f"{BRIEF + AFTER}s", "events": [event]}
            return simulate(small, Scenario.model_validate(given)).rows()

        for a, b in list(zip(*np.nonzero(np.triu(search.independent, 1)), strict=True))[:6]:
            assert log(a, b) == sorted(log(a) + log(b))
            seen += 1
    assert seen > 100


def test_a_country_that_is_short_from_the_start_is_not_pruned() -> None:
    short = {**needing(power={"at_least": {"count": "2", "of": ["a", {"id": "b", "gives": "60%"}]}})}
    small = world({"load": short, "a": {}, "b": {}, "lone": {}})
    found = pairs(small, measure="hours")
    assert found.searched.independent == found.searched.bounded == 0
    # what is lost anyway is nobody's effect
    assert row(found, "a", "lone") == {}


def test_the_shipped_model_without_and_with_skipping() -> None:
    shipped = cascade.load("sectors")
    given: dict[str, Any] = {"sectors": ["telecom", "health"], "regions": ["VR13", "VR12"], "threshold": 10.0}
    found, whole = (pairs(shipped, "copies", prune=prune, **given) for prune in (True, False))
    assert found.table.to_dict("records") == whole.table.to_dict("records")
    assert found.searched.independent > 0
    assert len(found.table) > 10


def test_effects_beyond_64_bits_and_a_folder_to_go_on_from(tmp_path: Path) -> None:
    # 20 million people for 14 days, in steps of 1/10 000 level x 1/10 000 person x second: more than 2^64
    parts = {"load": needing(power={"any_of": ["plant-a", "plant-b"]}), "plant-a": {}, "plant-b": {}}
    large = world(parts, {"R1": 20_000_000})
    found = pairs(large, duration="14d", store=tmp_path)
    assert row(found, "plant-a", "plant-b")["joint"] == 20_000_000.0 * 14 * 24
    told: list[tuple[int, int]] = []
    again = pairs(large, duration="14d", store=tmp_path, progress=lambda *n: told.append(n))
    assert again.table.equals(found.table)
    assert told == [(found.searched.simulated, found.searched.simulated)]  # at once: all was kept
    with pytest.raises(UsageError, match="holds other work"):
        pairs(large, duration="13d", store=tmp_path)


def test_the_number_of_workers_means_nothing() -> None:
    small = populated(3)
    one, two = (pairs(small, "copies", BRIEF, "hours", workers=n) for n in (1, 2))
    assert one.table.equals(two.table)


# ------------------------------------------------------------------ wrong use


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"measure": "cascade-hours"}, "did you mean 'cascade_hours'"),
        ({"of": "regions"}, "not of 'regions'"),
        ({"duration": 0}, "longer than 0 seconds"),
        ({"threshold": float("nan")}, "0 or more"),
        ({"sectors": ["two"]}, "no sector 'two'"),
        ({"regions": ["R1"]}, "ask for pairs of copies"),
        ({"of": "copies", "regions": ["R9"]}, "no region 'R9'"),
        ({"sectors": ["three"]}, "candidates, not 1"),
    ],
)
def test_wrong_use_is_named(given: dict[str, Any], said: str) -> None:
    small = world({"a": {}, "b": {}, "c": {"sector": "three"}})
    with pytest.raises(UsageError, match=said):
        pairs(small, **given)


# ------------------------------------------------------------------ as a command

CALL = ["pairs", "--sector", "emergency", "--sector", "telecom", "--threshold", "1000"]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ("at least 1,000 person-hours worse together than the sum", "Skipped: provably")),
        ("nl", ("samen ten minste 1.000 persoonsuren erger dan de som", "Overgeslagen")),
    ],
)
def test_the_command_says_what_it_means(lang: str, said: tuple[str, ...]) -> None:
    answer = CliRunner().invoke(main, [*CALL, "--top", "3", "--lang", lang])
    assert answer.exit_code == 0, answer.output
    text = " ".join(answer.stdout.split())
    assert all(part in text for part in said), text
    assert max(map(len, answer.stdout.splitlines())) <= 100


def test_without_a_pair_worse_than_its_parts_it_says_up_to_where() -> None:
    answer = CliRunner().invoke(main, [*CALL[:-1], "1e15", "--lang", "en"])
    assert "none is at least" in " ".join(answer.stdout.split())


def test_data_have_every_pair() -> None:
    answer = CliRunner().invoke(main, [*CALL, "--format", "json", "--lang", "en"])
    data = json.loads(answer.stdout)
    found = pairs(cascade.load("sectors"), sectors=["emergency", "telecom"], threshold=1000)
    assert [(r["first"], r["second"], r["synergy"]) for r in data["worse"]] == list(
        found.worse[["first", "second", "synergy"]].itertuples(index=False, name=None)
    )
    assert data["searched"]["simulated"] == found.searched.simulated
    assert data["searched"]["threshold"] == 1000


@pytest.mark.parametrize("wrong", [["--duration", "24"], ["--sector", "nowhere"], ["--region", "nowhere"]])
def test_wrong_use_of_the_command_ends_in_a_line(wrong: list[str]) -> None:
    answer = CliRunner().invoke(main, ["pairs", *wrong])
    assert answer.exit_code == 2
    assert len(answer.stderr.strip().splitlines()) == 1


def test_a_duration_may_be_text() -> None:
    model = cascade.load("sectors")
    asked = {"measure": "cascade_hours", "sectors": ["water"]}
    texts, numbers = (cascade.pairs(model, duration=d, **asked) for d in ("8h", 8 * 3600))
    assert texts.table.equals(numbers.table)
