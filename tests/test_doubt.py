"""How sure an order is, by hand; and scenarios with their numbers drawn anew."""

import json
from dataclasses import replace
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import builders
import numpy as np
import pytest
from click.testing import CliRunner

import cascade
from cascade.cli import main
from cascade.errors import UsageError
from cascade.model import Assets, Measure, Model, Process
from cascade.results.doubt import acceptability, doubt, groups, intervals, ranks, standard_error, top, unsure, wins
from cascade.results.impact import assess
from cascade.results.sampling import MEASURES, Player, prepare_experiment, sampled_runs
from cascade.simulation.numbers import KINDS, Listing, Number, Numbers, design
from cascade.simulation.run import simulate
from cascade.telling.doubts import processes
from cascade.units import HOUR, Uncertain, sure

HAND = np.array([[9, 5, 5, 1], [9, 9, 5, 5], [1, 9, 5, 0], [7, 7, 7, 7]])
"""Four samples of four cases: a tie in the middle, two ties, none, and all equal."""

NAMES = [f"process.need-{k}.endures" for k in range(40)]


# ------------------------------------------------------------------ designs


@pytest.mark.parametrize("kind", KINDS)
def test_a_design_fills_the_range_and_repeats_itself(kind: Any) -> None:
    u = design(NAMES, kind, 64, 7)
    assert u.shape == (64, 40)
    assert (u > 0).all()
    assert (u < 1).all()
    assert (u == design(NAMES, kind, 64, 7)).all()
    assert (u != design(NAMES, kind, 64, 8)).any()


@pytest.mark.parametrize("kind", ["random", "lhs"])
def test_columns_do_not_go_together(kind: Any) -> None:
    # chance gives 0.03 to a pair of 1,000 rows, and five times that to the worst of 780
    assert np.abs(np.corrcoef(design(NAMES, kind, 1000, 7).T) - np.eye(40)).max() < 0.16


@pytest.mark.parametrize("kind", ["lhs", "sobol"])
def test_each_number_falls_once_into_each_stratum(kind: Any) -> None:
    strata = np.sort(np.floor(design(NAMES, kind, 64, 3) * 64), axis=0)
    assert (strata == np.arange(64)[:, None]).all()


def test_one_by_one_is_what_samples_draw() -> None:
    found = Listing()
    for k in range(5):
        found.add(Number("p", f"n{k}", "endures"), Uncertain(10, 20, 60), time=True)
    numbers: Numbers = found.built()
    rows = numbers.design("random", 6, 11)
    assert all((rows[s] == numbers.quantiles(11, s)).all() for s in range(6))


@pytest.mark.parametrize("kind", ["random", "lhs"])
def test_a_column_follows_from_its_own_name(kind: Any) -> None:
    fewer = design(NAMES[10:20], kind, 32, 1)
    assert (fewer == design(NAMES, kind, 32, 1)[:, 10:20]).all()


def test_sobol_columns_go_by_name_and_samples_by_powers_of_two() -> None:
    u = design(NAMES, "sobol", 33, 1)
    assert len(u) == 64
    assert (u == design(NAMES[::-1], "sobol", 64, 1)[:, ::-1]).all()
    assert design([], "sobol", 3, 1).shape == (4, 0)
    with pytest.raises(UsageError, match="room for 21201 numbers, not 21202"):
        design(["x"] * 21_202, "sobol", 1, 1)


def test_no_samples_are_refused() -> None:
    with pytest.raises(UsageError, match="samples: a number of 1 or more, not 0"):
        design(NAMES, "lhs", 0, 1)
    with pytest.raises(UsageError, match="seed"):
        design(NAMES, "sobol", 4, -1)


# ------------------------------------------------------------------ by hand


def test_ranks_share_the_best_of_a_tie() -> None:
    rank, tied = ranks(HAND)
    assert rank.tolist() == [[1, 2, 2, 4], [1, 1, 3, 3], [3, 1, 2, 4], [1, 1, 1, 1]]
    assert tied.tolist() == [[1, 2, 2, 1], [2, 2, 2, 2], [1, 1, 1, 1], [4, 4, 4, 4]]


def test_acceptability_by_hand() -> None:
    # case 0: first; half of 1 and 2; third; a quarter of each. Times a quarter:
    found = acceptability(HAND)
    assert found[0].tolist() == [1.75 / 4, 0.75 / 4, 1.25 / 4, 0.25 / 4]
    # case 3: fourth; half of 3 and 4; fourth; a quarter of each
    assert found[3].tolist() == [0.25 / 4, 0.25 / 4, 0.75 / 4, 2.75 / 4]


def test_ties_are_shared_as_if_lots_were_drawn() -> None:
    effects = np.random.default_rng(5).integers(0, 4, (9, 4))
    expected = np.zeros((4, 4))
    for row in effects:
        orders = [o for o in permutations(range(4)) if all(row[a] >= row[b] for a, b in pairwise(o))]
        for order in orders:
            expected[list(order), range(4)] += 1 / len(orders)
    assert acceptability(effects) == pytest.approx(expected / 9, abs=1e-15)


def test_rows_and_columns_add_up_to_one() -> None:
    effects = np.random.default_rng(1).integers(0, 30, (200, 25))
    found = acceptability(effects)
    assert found.sum(axis=0) == pytest.approx(np.ones(25), abs=1e-12)
    assert found.sum(axis=1) == pytest.approx(np.ones(25), abs=1e-12)
    for k in (1, 4, 25):
        assert top(effects, k) == pytest.approx(found[:, :k].sum(axis=1), abs=1e-12)
        assert top(effects, k).sum() == pytest.approx(k)


def test_wins_by_hand() -> None:
    # 0 against 1: ahead, equal, behind, equal: 1 + 1/2 + 0 + 1/2 of 4
    found = wins(HAND)
    assert found[0, 1] == 2 / 4
    assert found[2, 3] == (1 + 0.5 + 1 + 0.5) / 4
    assert (found + found.T == 1).all()
    assert (np.diag(found) == 0.5).all()


def test_intervals_are_values_that_occurred() -> None:
    # nearest rank of 5, 50 and 95% of 20: the 1st, 10th and 19th
    effects = np.arange(20)[:, None] * 10
    assert intervals(effects[::-1]).ravel().tolist() == [0, 90, 180]
    assert intervals(effects[:1]).ravel().tolist() == [0, 0, 0]
    assert intervals(np.arange(1, 101)[:, None], (1, 29, 100)).ravel().tolist() == [1, 29, 100]
    assert intervals(effects).dtype == effects.dtype
    with pytest.raises(UsageError, match="above 0"):
        intervals(effects, (0,))


def test_groups_end_where_the_order_is_sure() -> None:
    # a always first; b and c change places; d always last, but equal to e
    samples = [[9, 5, 4, 1, 1], [9, 4, 5, 1, 1]] * 20
    won = wins(np.array(samples))
    assert groups(won, np.arange(5)).tolist() == [1, 2, 2, 3, 3]
    assert np.argwhere(np.triu(unsure(won))).tolist() == [[1, 2], [3, 4]]
    # in 1 sample of 20 e comes first: 95% is still sure, 2 of 20 is not, and takes all between along
    once = np.array([[9, 5, 3, 2, 1]] * 19 + [[9, 5, 3, 2, 10]])
    assert groups(wins(once), np.arange(5)).tolist() == [1, 2, 3, 4, 5]
    twice = np.array([[9, 5, 3, 2, 1]] * 18 + [[9, 5, 3, 2, 10]] * 2)
    assert groups(wins(twice), np.arange(5)).tolist() == [1, 1, 1, 1, 1]


def test_groups_are_the_finest_that_hold() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        won = wins(rng.normal(rng.uniform(0, 6, 8), 1, (60, 8)))
        order = np.argsort(-won.sum(axis=1), kind="stable")
        group = groups(won, order)
        for cut in range(1, 8):
            sure = all(won[a, b] >= 0.95 for a in order[:cut] for b in order[cut:])
            assert sure == (group[order[cut]] != group[order[cut - 1]])


def test_a_standard_error_never_claims_certainty() -> None:
    assert float(standard_error(0.5, 96)) == 0.05
    assert standard_error(np.array([0.0, 1.0]), 100) == pytest.approx(np.sqrt(2 * 102) / 104**1.5)


def test_doubt_tells_it_in_frames() -> None:
    found = doubt(HAND, ["d", "a", "c", "b"], top=2)
    cases = found.cases.set_index("label")
    # mean of the middle of the ranks: 1, 1.5, 3, 2.5; and 2.5, 1.5, 1, 2.5
    assert list(found.cases["label"]) == ["a", "d", "c", "b"]
    assert cases.loc["d", "mean_rank"] == 2.0
    assert cases.loc["a", "mean_rank"] == 1.875
    assert cases.loc["d", "ties"] == 0.5
    assert cases.loc["d", "in_top"] == pytest.approx((1 + 1 + 0 + 0.5) / 4)
    assert cases.loc["d", ["low", "median", "high"]].tolist() == [1, 7, 9]
    assert cases.loc["d", ["rank_low", "rank_median", "rank_high"]].tolist() == [1, 1, 3]
    assert found.ranks.groupby("label")["probability"].sum().tolist() == pytest.approx([1, 1, 1, 1])
    assert set(found.pairs.columns) == {"label", "other", "passes", "error"}
    assert cases["rivals"].sum() == 2 * len(found.pairs)


def test_equal_means_stand_in_order_of_label() -> None:
    assert list(doubt(np.ones((3, 3)), ["c", "a", "b"]).cases["label"]) == ["a", "b", "c"]


@pytest.mark.parametrize("effects", [np.zeros(3), np.zeros((0, 3)), np.array([[np.nan]]), np.array([["x"]])])
def test_what_are_no_effects_is_refused(effects: Any) -> None:
    with pytest.raises(UsageError, match="effects"):
        doubt(effects, [])


def test_labels_and_places_must_fit() -> None:
    with pytest.raises(UsageError, match="4 cases need as many labels, not 1"):
        doubt(HAND, ["a"])
    with pytest.raises(UsageError, match="top"):
        top(HAND, 0)


# ------------------------------------------------------------------ samples of a scenario


def world() -> Model:
    """Power, care that needs it, and a basic need; all with doubt about times, losses, people and costs."""
    return builders.model(
        {
            "power": {"per": "region", "restart": ["1h", "2h", "8h"], "people": "100%", "sector": "energy"},
            "care": {
                "per": "region",
                "people": ["10%", "20%", "60%"],
                "cost_per_day": ["1 MEUR", "2 MEUR", "9 MEUR"],
                "needs": {"power": {"from": "power", "endures": ["1h", "4h", "30h"], "loses": ["20%", "50%", "100%"]}},
                "sector": "health",
            },
            "water": {
                "per": "region",
                "people": "100%",
                "basic_need": True,
                "needs": {"power": {"from": "power", "endures": ["2h", "6h", "80h"], "loses": ["20%", "50%", "100%"]}},
                "sector": "water",
            },
            "fun": {"needs": {"power": {"from": "power@all", "endures": "200d"}}, "sector": "other"},
        },
        regions={"R1": 1_000, "R2": 5_000},
    )


def outage() -> Any:
    return builders.scenario({"hits": "power", "at": ["0h", "1h", "5h"], "for": ["4h", "20h", "60h"]}, horizon="20d")


def with_people(model: Model, process: str, people: int, cost: int) -> Model:
    changed: Process = model.processes[process].model_copy(
        update={"people": sure(people), "cost_per_day": sure(cost)},
    )
    return replace(model, processes={**model.processes, process: changed})


def test_a_sample_is_the_run_with_its_numbers() -> None:
    model, scenario = world(), outage()
    found = sampled_runs(model, scenario, 6, seed=3, kind="random")
    experiment = found.experiment
    for sample in range(6):
        drawn = experiment.draws.drawn(3, sample)
        own = dict(zip(drawn.network.processes, zip(drawn.people, drawn.cost_per_day, strict=True), strict=True))
        changed = with_people(model, "care", *(int(v) for v in own["care"]))
        run = simulate(replace(drawn.network, model=changed), experiment.events.scenario(3, sample))
        impact = assess(run)
        row = dict(zip(MEASURES, found.effects[sample].tolist(), strict=True))
        assert row["person_h"] == impact.totals["person_h"]
        assert row["processes_hit"] == impact.totals["processes_hit"]
        assert row["euros"] == impact.totals["cost_eur"]
        assert row["basic_peak"] == impact.totals["basic_people_peak"]
        assert row["basic_hours"] / HOUR == pytest.approx(impact.totals["basic_person_h"], abs=1)
        assert row["basic_beyond"] / HOUR == pytest.approx(impact.totals["basic_person_h_beyond"], abs=1)
        assert found.person_h[sample].tolist() == impact.by_process["person_h"].tolist()
        assert found.lost_s[sample] / HOUR == pytest.approx(impact.by_process["lost_h"].to_numpy(), abs=1e-3)


def test_what_guards_prevent_is_drawn_with_the_rest() -> None:
    guard = {
        "name": "guard",
        "lever": "robustness",
        "applies_to": {"processes": "power"},
        "effect": {"prevents": ["10%", "50%", "90%"]},
    }
    model = replace(world(), measures={"guard": Measure.model_validate(guard)})
    scenario = builders.scenario(
        {"hits": "power", "deliberate": "true", "for": "40h"}, with_measures=[{"measure": "guard", "at": "power"}]
    )
    found = sampled_runs(model, scenario, 5, seed=1, kind="random")
    power = found.experiment.network.processes.index("power")
    for sample in range(5):
        run = simulate(found.experiment.draws.network(1, sample), scenario)
        assert found.person_h[sample, power] == assess(run).by_process["person_h"][power]
    assert np.unique(found.person_h[:, power]).size == 5


def test_of_assets_that_count_their_people_the_share_is_no_matter() -> None:
    table = Assets(("s1", "s2"), ("", ""), ("R1", "R2"), (3, 1), (700, 90))
    model = builders.model(
        {
            "power": {"per": "region", "restart": ["1h", "2h", "8h"]},
            "pump": {"assets": "s.csv", "people": ["10%", "50%", "90%"], "needs": {"power": {"from": "power"}}},
        },
        {"R1": 1_000, "R2": 100},
        assets={"pump": table},
    )
    found = sampled_runs(model, builders.scenario({"hits": "power", "for": "10h"}), 5, kind="random")
    pump = found.experiment.network.processes.index("pump")
    assert found.person_h[:, pump].tolist() == [(790 * s + 1_800) // 3_600 for s in found.lost_s[:, pump].tolist()]


def test_the_modes_stand_beside_the_draws() -> None:
    found = sampled_runs(world(), outage(), 4)
    impact = assess(simulate(world(), outage()))
    assert dict(zip(MEASURES, found.at_modes.tolist(), strict=True))["person_h"] == impact.totals["person_h"]
    assert found.processes_at_modes[0].tolist() == impact.by_process["person_h"].tolist()


def test_samples_do_not_depend_on_workers_or_on_being_resumed(tmp_path: Path) -> None:
    one = sampled_runs(world(), outage(), 16, seed=2)
    two = sampled_runs(world(), outage(), 16, seed=2, workers=2, store=tmp_path / "kept")
    kept = sampled_runs(world(), outage(), 16, seed=2, store=tmp_path / "kept")
    assert (one.effects == two.effects).all()
    assert (one.lost_s == two.lost_s).all()
    assert (one.effects == kept.effects).all()
    assert (one.person_h == kept.person_h).all()
    assert (one.effects != sampled_runs(world(), outage(), 16, seed=4).effects).any()
    with pytest.raises(UsageError, match="holds other work"):
        sampled_runs(world(), outage(), 16, seed=4, store=tmp_path / "kept")


def test_frames_of_samples() -> None:
    found = sampled_runs(world(), outage(), 20, kind="sobol")
    assert found.samples == 32
    totals = found.totals().set_index("measure")
    assert (totals["low"] <= totals["median"]).all()
    assert (totals["median"] <= totals["high"]).all()
    processes = found.by_process(top=2)
    # fun holds out longer than any outage lasts
    assert set(processes["process"]) == {"power", "care", "water"}
    assert processes["in_top"].sum() == pytest.approx(2)
    assert (processes["lost_low_h"] <= processes["lost_high_h"]).all()


def test_what_was_not_looked_at_is_told_by_the_engine() -> None:
    experiment = prepare_experiment(world(), outage())
    player = Player(experiment)
    player.play(experiment.modes())
    need, proc = player.ran()
    assert need[experiment.network.arrays.need_start[experiment.network.index["care@R1"]]]
    assert proc.any()


# ------------------------------------------------------------------ the command


def ask(*words: str) -> Any:
    return CliRunner().invoke(main, ["doubt", "outage-112", "--samples", "6", *words])


@pytest.mark.parametrize(("lang", "title"), [("nl", "Hoe zeker is het"), ("en", "How sure is it")])
def test_the_command_answers_in_both_languages(lang: str, title: str) -> None:
    told = ask("--lang", lang)
    assert told.exit_code == 0, told.output
    assert title in told.stdout
    assert max(map(len, told.stdout.splitlines())) <= 100


def test_person_hours_stand_in_one_unit_with_equal_decimals() -> None:
    model = cascade.load("sectors")
    found = sampled_runs(model, "outage-112", 6)
    table = processes(found.by_process(10), model, "en", 10)
    texts = [row[f"{key}_text"] for row in table.rows for key in ("at_modes", "low", "median", "high")]
    shown = [text.removesuffix(" M").removeprefix("<") for text in texts if text != "-"]
    assert len(shown) > 20
    assert {len(text.partition(".")[2]) for text in shown} == {len(shown[0].partition(".")[2])}
    assert all(text.endswith(" M") for text in texts if text != "-")


def test_the_command_gives_data() -> None:
    told = json.loads(ask("--format", "json", "--design", "sobol").stdout)
    assert told["samples"] == 8
    assert {row["measure"] for row in told["totals"]} >= {"person_h", "basic_hours", "euros"}
    ranks_ = {row["label"]: row["probability"] for row in told["ranks"]}
    assert all(sum(chances.values()) == pytest.approx(1) for chances in ranks_.values())
    lines = ask("--format", "csv", "--table", "processes").stdout.splitlines()
    assert lines[0].startswith("process,at_modes,low,median,high,in_top")
