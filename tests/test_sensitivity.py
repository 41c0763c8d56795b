"""What drives a result: estimators against closed forms and against SALib, and runs that are left out by right."""

import json
from pathlib import Path
from typing import Any

import builders
import numpy as np
import pytest
from click.testing import CliRunner
from random_models import build, random_draft
from SALib.analyze import sobol as salib
from test_doubt import outage, world

from cascade.cli import main
from cascade.errors import UsageError
from cascade.results.sampling import MEASURES, Player, prepare_experiment
from cascade.results.sensitivity import Answerer, Question, drivers, failure, saltelli, shifted, sobol_indices
from cascade.results.shortfall import Floats
from cascade.simulation.farm import Interrupted
from cascade.simulation.numbers import design
from cascade.units import HOUR

SMALL = str(Path(__file__).parent / "definitions" / "valid" / "base")
ISHIGAMI = ["x1", "x2", "x3"]


def ishigami(u: Floats, a: float = 7.0, b: float = 0.1) -> Floats:
    x = np.pi * (2 * u - 1)
    return np.asarray(np.sin(x[..., 0]) + a * np.sin(x[..., 1]) ** 2 + b * x[..., 2] ** 4 * np.sin(x[..., 0]))


def by_salib(y: Floats) -> Any:
    k = y.shape[1] - 2
    problem = {"num_vars": k, "names": [f"x{n}" for n in range(k)], "bounds": [[0, 1]] * k}
    return salib.analyze(problem, y.ravel(), calc_second_order=False, num_resamples=10, seed=1)


def test_ishigami_comes_out_as_its_closed_form() -> None:
    found = sobol_indices(ishigami(saltelli(ISHIGAMI, 8192, 1)), resamples=100)
    a, b = 7.0, 0.1
    variance = a**2 / 8 + b * np.pi**4 / 5 + b**2 * np.pi**8 / 18 + 0.5
    first = np.array([0.5 * (1 + b * np.pi**4 / 5) ** 2, a**2 / 8, 0]) / variance
    both = 8 * b**2 * np.pi**8 / 225 / variance
    assert found.variance == pytest.approx(variance, rel=0.01)
    assert found.first == pytest.approx(first, abs=0.02)
    assert found.total == pytest.approx([first[0] + both, first[1], both], abs=0.02)
    assert (found.first_low <= found.first).all()
    assert (found.first <= found.first_high).all()
    assert (found.total_low <= found.total).all()
    assert (found.total <= found.total_high).all()


@pytest.mark.parametrize("base", [16, 256])
def test_equal_samples_give_the_estimates_of_salib(base: int) -> None:
    y = ishigami(saltelli(ISHIGAMI, base, 3)) + 50
    ours, theirs = sobol_indices(y, resamples=50), by_salib(y)
    assert ours.first == pytest.approx(theirs["S1"], abs=1e-9)
    assert ours.total == pytest.approx(theirs["ST"], abs=1e-9)


def test_a_bootstrap_is_about_as_wide_as_that_of_salib() -> None:
    y = ishigami(saltelli(ISHIGAMI, 512, 3))
    ours = sobol_indices(y)
    k = 3
    problem = {"num_vars": k, "names": ISHIGAMI, "bounds": [[0, 1]] * k}
    theirs = salib.analyze(problem, y.ravel(), calc_second_order=False, num_resamples=1000, conf_level=0.9, seed=1)
    assert (ours.total_high - ours.total_low) / 2 == pytest.approx(theirs["ST_conf"], rel=0.2)


def test_the_rows_of_a_design_swap_one_number_each() -> None:
    u = saltelli(["a", "b"], 8, 1)
    first, last = u[:, 0], u[:, -1]
    assert (u[:, 1] == np.stack((last[:, 0], first[:, 1]), axis=1)).all()
    assert (u[:, 2] == np.stack((first[:, 0], last[:, 1]), axis=1)).all()
    assert (first != last).all()
    with pytest.raises(UsageError, match="power of two of rows, not 12"):
        saltelli(["a"], 12, 1)


def test_nothing_that_varies_has_no_shares() -> None:
    found = sobol_indices(np.full((8, 5), 3.0))
    assert not found.first.any()
    assert not found.total.any()
    assert found.variance == 0


def test_a_bootstrap_repeats_itself() -> None:
    y = ishigami(saltelli(ISHIGAMI, 64, 3))
    assert (sobol_indices(y, 5).first_low == sobol_indices(y, 5).first_low).all()
    assert (sobol_indices(y, 5).first_low != sobol_indices(y, 6).first_low).any()


# ------------------------------------------------------------------ runs left out


def played(question: Question, u: Floats) -> float:
    """Answer with every run played anew."""
    values = []
    for experiment, columns in zip(question.experiments, question.columns, strict=True):
        player = Player(experiment)
        player.play(u[columns])
        values.append(float(player.measures()[MEASURES.index(question.measure)]))
    return values[0] - sum(values[1:])


@pytest.mark.parametrize("measure", ["person_h", "basic_hours", "euros", "processes_hit"])
def test_runs_are_left_out_by_right(measure: str) -> None:
    question = Question((prepare_experiment(world(), outage()),), measure)
    answerer = Answerer(question)
    for u in design(question.names, "lhs", 4, 5):
        changes = [(k, shifted(u, k)) for k in range(u.size)]
        found = answerer.around(u, changes)
        assert found.tolist() == [played(question, u), *(played(question, moved) for _, moved in changes)]


def test_what_misleads_is_played_where_something_is_wrong() -> None:
    believed = {"level": ["10%", "50%", "90%"], "noticed_after": ["1h", "3h", "9h"]}
    model = builders.model(
        {
            "clock": {},
            "phone": {"people": "100%", "needs": {"time": {"from": "clock", "if_manipulated": believed}}},
        }
    )
    wrong = builders.scenario({"hits": "clock", "manipulated": "true", "level": "100%", "for": "6h"})
    question = Question((prepare_experiment(model, wrong),), "person_h")
    (u,) = design(question.names, "lhs", 1, 1)
    changes = [(k, shifted(u, k)) for k in range(u.size)]
    found = Answerer(question).around(u, changes)
    assert found.tolist() == [played(question, v) for v in (u, *(moved for _, moved in changes))]
    assert len(set(found.tolist())) == 3
    # and where nothing is, it cannot matter
    assert drivers(model, failure("clock", HOUR), base=8).indices.empty


@pytest.mark.parametrize("seed", range(40))
def test_runs_are_left_out_by_right_in_random_models(seed: int) -> None:
    model, scenario = build(random_draft(seed))
    question = Question((prepare_experiment(model, scenario),), "defence_hours" if seed % 2 else "processes_hit")
    answerer = Answerer(question)
    (u,) = design(question.names, "random", 1, seed)
    changes = [(k, shifted(u, k)) for k in range(u.size)]
    expected = [played(question, v) for v in (u, *(moved for _, moved in changes))]
    assert answerer.around(u, changes).tolist() == expected


def test_a_difference_is_that_of_two_runs_with_equal_numbers() -> None:
    model = world()
    pair = tuple(prepare_experiment(model, failure(p, 30 * HOUR)) for p in ("power", "water"))
    question = Question(pair, "person_h")
    (u,) = design(question.names, "lhs", 1, 1)
    changes = [(k, shifted(u, k)) for k in range(u.size)]
    found = Answerer(question).around(u, changes)
    assert found.tolist() == [played(question, v) for v in (u, *(moved for _, moved in changes))]


# ------------------------------------------------------------------ drivers


def test_drivers_of_a_small_cascade_are_those_of_salib() -> None:
    model, scenario = world(), outage()
    found = drivers(model, scenario, measure="person_h", keep=4, base=32, seed=2)
    names = list(found.screening["name"][:4])
    assert set(found.indices["name"]) == set(names)
    question = found.question
    rows = saltelli(names, 32, 2)
    u = np.full((*rows.shape[:2], len(question.names)), np.nan)
    for n, name in enumerate(names):
        u[..., question.names.index(name)] = rows[..., n]
    y = np.array([[played(question, one) for one in row] for row in u])
    theirs = by_salib(y)
    ours = found.indices.set_index("name").loc[names]
    assert ours["first"].to_numpy() == pytest.approx(theirs["S1"], abs=1e-9)
    assert ours["total"].to_numpy() == pytest.approx(theirs["ST"], abs=1e-9)


def test_the_screening_by_hand() -> None:
    # water loses all from some hour on until the power is back after 48 h: each hour that it holds out saves 1,000
    # person-hours, so half of its range counts; what it may cost counts for nothing
    model = builders.model(
        {
            "power": {"per": "region"},
            "water": {
                "per": "region",
                "people": "100%",
                "cost_per_day": ["1 MEUR", "2 MEUR", "3 MEUR"],
                "needs": {"power": {"from": "power", "endures": ["0h", "12h", "24h"], "recharge": "0h"}},
            },
        }
    )
    found = drivers(model, failure("power", 48 * HOUR), trajectories=3, base=16, seed=4)
    numbers = prepare_experiment(model, failure("power", 48 * HOUR)).draws.numbers
    starts = design(numbers.names, "lhs", 3, 4)
    k = numbers.names.index("water.power.endures")
    hours = [abs(int(numbers.values(shifted(u, k))[k]) - int(numbers.values(u)[k])) / HOUR for u in starts]
    row = found.screening.iloc[0]
    assert row["name"] == "water.power.endures"
    assert row["mu_star"] == pytest.approx(np.mean(hours) * 1000, abs=1)
    assert row["mu"] == -row["mu_star"]
    assert found.screening["mu_star"].iloc[1:].eq(0).all()
    # of one number that matters, all of the variance is its own
    assert list(found.indices["name"]) == ["water.power.endures"]
    assert found.indices["total"].iloc[0] == pytest.approx(1, abs=0.35)
    assert found.covered == 1


def test_drivers_do_not_depend_on_workers() -> None:
    one = drivers(world(), outage(), keep=3, base=8)
    two = drivers(world(), outage(), keep=3, base=8, workers=2)
    assert one.screening.equals(two.screening)
    assert one.indices.equals(two.indices)


def test_what_drives_the_order_of_two_failures() -> None:
    told: list[tuple[int, int]] = []
    pair = failure("power", 30 * HOUR), failure("water", 30 * HOUR)
    found = drivers(world(), *pair, keep=3, base=8, progress=lambda done, size: told.append((done, size)))
    assert len(found.question.experiments) == 2
    assert found.indices["total"].max() > 0
    assert told[-1][0] == told[-1][1]


def test_nothing_drives_what_nothing_moves() -> None:
    found = drivers(world(), failure("fun", 8 * HOUR), measure="basic_hours", base=8)
    assert found.indices.empty
    assert found.covered == 1
    assert found.variance == 0


def test_what_cannot_be_asked_is_refused() -> None:
    with pytest.raises(UsageError, match="no measure 'joy'"):
        drivers(world(), outage(), measure="joy")
    with pytest.raises(UsageError, match="1 or more"):
        drivers(world(), outage(), keep=0)


@pytest.mark.parametrize(
    ("lang", "title"), [("nl", "Wat bepaalt welke erger is"), ("en", "What decides which is worse")]
)
def test_the_command_answers_in_both_languages(lang: str, title: str) -> None:
    told = CliRunner().invoke(main, ["drivers", "grid", "power", "--model", SMALL, "--lang", lang])
    assert told.exit_code == 0, told.output
    assert title in told.stdout
    assert max(map(len, told.stdout.splitlines())) <= 100


def test_the_command_gives_data() -> None:
    told = json.loads(CliRunner().invoke(main, ["drivers", "grid", "--model", SMALL, "--format", "json"]).stdout)
    assert told["failures"] == ["grid"]
    assert len(told["screening"]) >= len(told["drivers"]) > 0
    assert {"name", "mu_star", "mu", "sigma", "kept"} <= set(told["screening"][0])


def test_the_command_says_what_moves_and_in_what_unit() -> None:
    told = CliRunner().invoke(main, ["drivers", "grid", "--model", SMALL, "--lang", "en"])
    text = " ".join(told.stdout.split())
    assert "The result in question: knock-on effect." in text
    assert "Moves: by so many person-hours does" in text


def test_a_failure_is_not_held_against_itself() -> None:
    told = CliRunner().invoke(main, ["drivers", "grid", "grid", "--model", SMALL])
    assert (told.exit_code, "are the same failure" in told.stderr) == (2, True)


def test_an_interruption_promises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def stops(*_: Any, **__: Any) -> Any:
        raise Interrupted(1, 2, None)

    monkeypatch.setattr("cascade.results.sensitivity.drivers", stops)
    told = CliRunner().invoke(main, ["drivers", "grid", "--model", SMALL, "--lang", "en"])
    assert told.exit_code == 130
    assert "nothing was kept" in told.stderr
    assert "--resume" not in told.stderr


def test_the_command_wants_a_region_of_a_regional_process_only() -> None:
    told = CliRunner().invoke(main, ["drivers", "grid@XX", "--model", SMALL, "--lang", "en"])
    assert told.exit_code == 2
    assert "XX" in told.output
