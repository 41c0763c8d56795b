"""Which event did what: parts by hand, by definition over all orders, and by draws beside the exact ones."""

import json
from dataclasses import replace
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from builders import model as world
from builders import scenario
from click.testing import CliRunner
from random_models import Wishes, build, dice, random_draft

import cascade
from cascade.cli import main
from cascade.errors import UsageError
from cascade.model import Model, Scenario
from cascade.results.attribution import MEASURES, Attribution, attribute
from cascade.results.impact import assess
from cascade.simulation.run import simulate

ALL: dict[str, Any] = {"people": "100%"}


def needing(**needs: Any) -> dict[str, Any]:
    return {**ALL, "needs": needs}


def parts(found: Attribution) -> list[float]:
    return [float(part) for part in found.events["part"]]


def two(rule: str) -> Attribution:
    small = world({"load": needing(power={rule: ["a", "b"]}), "a": {}, "b": {}})
    return attribute(small, scenario({"hits": "a", "at": "0h", "for": "24h"}, {"hits": "b", "at": "0h", "for": "24h"}))


# ------------------------------------------------------------------ by hand


def test_two_that_only_harm_together_share_it() -> None:
    # 1,000 people for 24 h, only with both out: each has half, and the pair makes all of it
    found = two("any_of")
    assert found.whole == 24_000
    assert parts(found) == [12_000, 12_000]
    assert found.events["alone"].tolist() == [0, 0]
    assert found.events["last"].tolist() == [24_000, 24_000]
    assert found.interaction is not None
    assert found.interaction.to_numpy().tolist() == [[0, 24_000], [24_000, 0]]
    assert (found.exact, found.runs, found.permutations, found.seed) == (True, 4, 0, None)


def test_two_that_harm_the_same_share_it_too() -> None:
    found = two("from")
    assert parts(found) == [12_000, 12_000]
    assert found.events["alone"].tolist() == [24_000, 24_000]
    assert found.events["last"].tolist() == [0, 0]
    assert found.interaction is not None
    assert found.interaction.loc[1, 2] == -24_000


def test_three_of_which_one_does_nothing() -> None:
    # a or b and c: of the 6 orders c closes 2 with a and 2 with b before it and neither in 1 -> 4/6, a and b 1/6 each
    small = world({"load": needing(power={"any_of": ["ab", "c"]}), "ab": {"needs": {"x": {"from": ["a", "b"]}}},
                   "a": {}, "b": {}, "c": {}, "lone": {}})  # fmt: skip
    events = [{"hits": hit, "at": "0h", "for": "24h"} for hit in ("a", "b", "c", "lone")]
    found = attribute(small, scenario(*events))
    assert parts(found) == pytest.approx([4_000, 4_000, 16_000, 0])
    assert found.events["part_share"].tolist() == pytest.approx([1 / 6, 1 / 6, 4 / 6, 0])
    assert found.interaction is not None
    assert found.interaction.loc[4].tolist() == [0, 0, 0, 0]
    # a and b stand in each other's way, each with c makes it worse
    assert found.interaction.loc[1, 2] == pytest.approx(-12_000)
    assert found.interaction.loc[1, 3] == pytest.approx(12_000)


def test_without_an_event_its_crew_is_free_for_the_others() -> None:
    # one team, ten hours each: with both events the second waits for the first
    jobs = [{"hits": hit, "at": "0h", "repair": {"crew": "team", "work": "10h"}} for hit in ("a", "b")]
    found = attribute(world({"a": ALL, "b": ALL}), scenario(*jobs, crews={"team": "1"}))
    assert found.whole == 30_000
    assert found.events["alone"].tolist() == [10_000, 10_000]
    assert found.events["last"].tolist() == [20_000, 20_000]
    assert parts(found) == [15_000, 15_000]


def test_what_an_event_hits_is_no_cascade_whichever_events_there_are() -> None:
    small = world({"a": ALL, "b": needing(power={"from": "a"}), "c": needing(power={"from": "b"})})
    events = [{"hits": hit, "at": "0h", "for": "10h"} for hit in ("a", "b")]
    found = attribute(small, scenario(*events), "cascade_hours")
    assert found.whole == 10_000
    assert parts(found) == [5_000, 5_000]


def test_what_is_short_without_events_is_nobody_s_part() -> None:
    short = needing(power={"at_least": {"count": "2", "of": ["a", {"id": "b", "gives": "60%"}]}})
    found = attribute(world({"load": short, "a": {}, "b": {}}), scenario({"hits": "a", "at": "0h", "for": "10h"}))
    # 40% is missing all the time; the outage takes the other 60% for 10 h
    assert found.whole == 6_000
    assert parts(found) == [6_000]
    assert found.interaction is None


def test_an_event_after_the_horizon_has_no_part() -> None:
    events = [{"hits": "a", "at": "0h", "for": "1h"}, {"hits": "a", "at": "40d", "for": "1h"}]
    assert parts(attribute(world({"a": ALL}), scenario(*events))) == [1_000, 0]


# ------------------------------------------------------------------ by definition


def drawn(seed: int) -> tuple[Model, Scenario]:
    draft, rng = random_draft(seed, Wishes(events=(2, 3, 4))), dice(seed)
    for text in draft["processes"].values():
        text["people"] = rng.choice(("100%", "40%"))
        text["cost_per_day"] = "20 MEUR"
        if rng.random() < 0.5:
            text["basic_need"] = "yes"
    small, given = build(draft)
    return replace(small, info=small.info.model_copy(update={"self_reliance": 20})), given


@pytest.mark.parametrize("seed", range(12))
def test_parts_are_means_over_all_orders(seed: int) -> None:
    """The definition, with every set of events simulated by the plain way and counted by `assess`."""
    small, given = drawn(seed)
    size, known = len(given.events), dict[frozenset[int], int]()

    def value(chosen: frozenset[int]) -> int:
        if chosen not in known:
            events = tuple(e for k, e in enumerate(given.events) if k in chosen)
            run = simulate(small, given.model_copy(update={"events": events}))
            known[chosen] = int(assess(run).totals["cost_eur"] or 0)
        return known[chosen]

    wanted = np.zeros(size)
    orders = list(permutations(range(size)))
    for order in orders:
        for k, i in enumerate(order):
            before = frozenset(order[:k])
            wanted[i] += (value(before | {i}) - value(before)) / len(orders)
    found = attribute(small, given, "euros")
    assert parts(found) == pytest.approx(wanted.tolist(), abs=1e-6)
    everyone = frozenset(range(size))
    assert found.whole == value(everyone) - value(frozenset())
    assert found.events["alone"].tolist() == [value(frozenset({i})) - value(frozenset()) for i in range(size)]
    assert found.events["last"].tolist() == [value(everyone) - value(everyone - {i}) for i in range(size)]


@pytest.mark.parametrize("measure", MEASURES)
def test_parts_add_up_and_events_alike_get_alike(measure: str) -> None:
    for seed in range(8):
        small, given = drawn(seed)
        plain = [e.model_copy(update={"repair": None, "id": None}) for e in given.events]
        twice = given.model_copy(update={"events": (*plain[:3], plain[0]), "repair_order": ()})
        found = attribute(small, twice, measure)
        assert sum(parts(found)) == pytest.approx(found.whole)
        assert parts(found)[0] == parts(found)[-1]
        sampled = attribute(small, twice, measure, permutations=8, precision=0)
        assert sum(parts(sampled)) == pytest.approx(found.whole)


def test_the_whole_is_what_the_run_says() -> None:
    model = cascade.load("sectors")
    given = cascade.load_scenario("scenarios/outage-112.yaml", model)
    totals = assess(simulate(model, given)).totals
    for measure, key in (("basic_hours", "basic_person_h"), ("euros", "cost_eur"), ("basic_peak", "basic_people_peak")):
        assert attribute(model, given, measure).whole == pytest.approx(totals[key], abs=1)


# ------------------------------------------------------------------ draws


def eight() -> tuple[Model, Scenario]:
    """Loads that hold on to some of eight plants, so that events matter by threes and fours; in parts also by clocks."""
    plants = [f"p{n}" for n in range(8)]
    loads: dict[str, Any] = {
        "three": needing(x={"at_least": {"count": "6", "of": plants}}),
        "four": needing(x={"at_least": {"count": "3", "of": plants[:6]}, "endures": "6h"}),
        "mean": needing(x={"shares": {plants[0]: "40%", plants[3]: "30%", plants[7]: "30%"}, "endures": "4h"}),
        "stand-in": needing(x={"any_of": [plants[1], plants[6]], "endures": "9h", "recharge": "20h"}),
    }
    events = [{"hits": p, "at": f"{n}h", "for": f"{10 + 3 * n}h"} for n, p in enumerate(plants)]
    return world({**loads, **{p: {} for p in plants}}, {"R1": 1_000}), scenario(*events)


def test_draws_fall_within_their_error_of_the_exact_parts() -> None:
    small, given = eight()
    exact = attribute(small, given)
    assert exact.runs == 256
    assert len(set(parts(exact))) > 6
    within = 0
    for seed in range(5):
        found = attribute(small, given, seed=seed, permutations=100, precision=0)
        assert (found.exact, found.permutations, found.seed, found.interaction) == (False, 100, seed, None)
        off = np.abs(found.events["part"] - exact.events["part"])
        assert (off <= 4 * found.events["error"]).all()
        assert (found.events["error"] > 0).sum() >= 7
        within += int(
            ((found.events["low"] <= exact.events["part"]) & (exact.events["part"] <= found.events["high"])).sum()
        )
    # 40 intervals of 95%
    assert within >= 34


def test_draws_repeat_themselves_and_end_at_the_precision() -> None:
    small, given = eight()
    one, again, other = (attribute(small, given, seed=seed, permutations=80, precision=0) for seed in (1, 1, 2))
    assert one.events.equals(again.events)
    assert parts(one) != parts(other)
    soon = attribute(small, given, permutations=600, precision=0.05)
    assert 60 <= soon.permutations < 600
    assert 1.96 * soon.events["error"].max() <= 0.05 * soon.whole
    few = attribute(small, given, permutations=600, precision=0.02)
    assert few.permutations > soon.permutations


def test_many_events_are_drawn_unasked() -> None:
    small = world({f"p{n:02}": ALL for n in range(11)})
    found = attribute(small, scenario(*({"hits": f"p{n:02}", "at": "0h", "for": f"{n + 1}h"} for n in range(11))))
    assert not found.exact
    # nothing depends on anything, so every draw says the same
    assert parts(found) == [1_000.0 * (n + 1) for n in range(11)]
    assert found.events["error"].max() == 0


# ------------------------------------------------------------------ wrong use


def test_wrong_use_is_named() -> None:
    small, given = world({"a": ALL}), scenario({"hits": "a", "at": "0h", "for": "1h"})
    with pytest.raises(UsageError, match="did you mean 'euros'"):
        attribute(small, given, "euro")
    with pytest.raises(UsageError, match="no events"):
        attribute(small, scenario())
    with pytest.raises(UsageError, match="4 orders"):
        attribute(small, given, permutations=2)
    with pytest.raises(UsageError, match="precision"):
        attribute(small, given, precision=-1)


# ------------------------------------------------------------------ as a command


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", ("The parts are exact", "Contribution")), ("nl", ("De delen zijn exact", "Bijdrage"))],
)
def test_the_command_says_what_it_means(lang: str, said: tuple[str, ...]) -> None:
    answer = CliRunner().invoke(main, ["attribute", "outage-112", "--lang", lang])
    assert answer.exit_code == 0, answer.output
    assert all(part in answer.stdout for part in said)
    assert max(map(len, answer.stdout.splitlines())) <= 100


def test_it_says_that_what_mirrors_others_does_not_count() -> None:
    assert (
        "Processes that only mirror others"
        in CliRunner().invoke(main, ["attribute", "outage-112", "--lang", "en"]).stdout
    )
    euros = CliRunner().invoke(main, ["attribute", "outage-112", "--lang", "en", "--measure", "euros"]).stdout
    assert "mirror" not in euros


def test_drawn_parts_claim_no_more_than_their_intervals() -> None:
    call = ["attribute", "outage-112", "--orders", "6", "--precision", "0", "--lang", "en"]
    text = " ".join(CliRunner().invoke(main, call).stdout.split())
    assert "the widest 95% interval is ±" in text


def test_data_have_every_part_with_its_interval() -> None:
    call = ["attribute", "outage-112", "--orders", "6", "--precision", "0", "--format", "json", "--measure", "euros"]
    data = json.loads(CliRunner().invoke(main, call).stdout)
    assert sum(row["part"] for row in data["parts"]) == pytest.approx(data["totals"]["whole"])
    assert all(row["low"] <= row["part"] <= row["high"] for row in data["parts"])
    assert data["totals"]["permutations"] == 6
    assert "interactions" not in data
