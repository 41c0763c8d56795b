"""A run in Python: helpful refusals, two runs at once, a runaway that names its loop, and what a graph tells."""

import threading
import time
from pathlib import Path

import numpy as np
import pytest

import cascade
from cascade.errors import RunawayError, UsageError
from cascade.model import Event, Model, Scenario
from cascade.simulation import engine
from cascade.simulation.events import Imposed
from cascade.simulation.network import compile_network
from cascade.simulation.run import Run, simulate

ROOT = Path(__file__).parent.parent
OUTAGE = {"hits": "electricity-transmission", "level": "0%", "for": "12h"}


@pytest.fixture(scope="module")
def model() -> Model:
    return cascade.load(ROOT / "sectors")


@pytest.fixture(scope="module")
def run(model: Model) -> Run:
    return simulate(model, scenario())


def scenario(**changes: object) -> Scenario:
    return Scenario.model_validate({"name": "outage", "horizon": "48h", "events": [OUTAGE], **changes})


def test_a_lone_name_is_no_list_of_letters(run: Run) -> None:
    levels = run.levels("mobile-access", "VR13")
    assert set(levels["instance"]) == {"mobile-access@VR13"}
    assert list(cascade.assess(run, "anv-3.1").anv["criterion"]) == ["3.1"]


@pytest.mark.parametrize("hour", [-1.0, 49.0, float("nan"), float("inf")])
def test_moments_outside_the_run_are_refused(run: Run, hour: float) -> None:
    with pytest.raises(UsageError, match=r"is not in this run, which goes from 0 to 48 h"):
        run.why("hospital-care@VR13", hour)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"with_measures": [{"measure": "nope", "at": "police"}]}, "no measure 'nope' in this model"),
        ({"with_measures": [{"measure": "guard-team", "at": "polise"}]}, "did you mean 'police'?"),
        ({"with_measures": [{"measure": "guard-team", "at": "police", "where": "VR99"}]}, "no region 'VR99'"),
        ({"rations": {"nope": [{"serves": "others", "share": "100%"}]}}, "no process 'nope' in this model"),
        ({"events": [{**OUTAGE, "hits": "police", "where": "VR99"}]}, "no region 'VR99'"),
        ({"events": [{**OUTAGE, "hits": "polise"}]}, "'polise'"),
        ({"events": [{**OUTAGE, "hits": "gas-supply", "where": "VR13"}]}, "it is national"),
    ],
)
def test_names_that_are_not_there(model: Model, changes: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError) as caught:
        simulate(model, scenario(**changes))
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"horizon": 5.5}, "whole number of seconds"),
        ({"horizon": 0}, "whole number of seconds"),
        ({"events": (Event.model_validate(OUTAGE).model_copy(update={"level": 5000}),)}, "event 1: level is 5000"),
        ({"events": (Event.model_validate(OUTAGE).model_copy(update={"at": 3600}),)}, "event 1: at is 3600"),
    ],
)
def test_a_scenario_changed_by_hand_into_nonsense(model: Model, changed: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        simulate(model, scenario().model_copy(update=changed))


@pytest.mark.parametrize(("source", "what"), [("sectors", "str"), (None, "NoneType")])
def test_simulate_says_what_it_needs(source: object, what: str) -> None:
    with pytest.raises(UsageError, match=f"needs a model or a network, not {what}"):
        simulate(source, scenario())  # type: ignore[arg-type]


def test_inputs_are_not_changed_and_runs_are_equal(model: Model) -> None:
    given = scenario()
    before = (given.model_dump_json(), compile_network(model).arrays.weight.tobytes())
    first, second = simulate(model, given), simulate(model, given)
    assert first.rows() == second.rows()
    assert before == (given.model_dump_json(), compile_network(model).arrays.weight.tobytes())


def test_the_interpreter_goes_on_while_the_engine_runs(model: Model) -> None:
    """A counter in this thread moves while a sweep runs in another; with the lock held it could not."""
    network = compile_network(model)
    hit = network.instances("electricity-transmission")[0]
    runs = 300
    hits = Imposed(
        np.zeros(runs, np.int64), np.full(runs, hit, np.int32), np.zeros(runs, np.int64), np.zeros(runs, np.int32),
        np.zeros(runs, np.bool_),
    )  # fmt: skip
    engine.run_each(network.arrays, np.arange(2), Imposed(*(c[:1] for c in vars(hits).values())), 3600)
    sweep = threading.Thread(target=engine.run_each, args=(network.arrays, np.arange(runs + 1), hits, 14 * 86400))
    sweep.start()
    ticks = 0
    while sweep.is_alive():
        time.sleep(0.001)
        ticks += 1
    assert ticks > 20


def pulse(**changes: object) -> Model:
    """Two processes that knock each other over for ever: one blow goes round and round."""
    return Model(
        info=cascade.load(ROOT / "sectors").info,
        regions={},
        sources={},
        sectors={},
        processes={
            name: cascade.model.Process.model_validate(
                {"name": name, "restart": "5s", "needs": {"n": {"from": other, "endures": "5s", "recharge": "1s"}}}
            )
            for name, other in (("a", "b"), ("b", "a"))
        },
        sector_of={"a": "s", "b": "s"},
    )


def test_a_runaway_ends_in_an_error_that_names_the_loop() -> None:
    blow = Scenario.model_validate(
        {"name": "pulse", "horizon": "3650d", "events": [{"hits": "a", "level": "0%", "for": "2s"}]}
    )
    with pytest.raises(RunawayError, match=r"more than 2\d{6} changes.*The loop is (a <- b <- a|b <- a <- b)"):
        simulate(pulse(), blow)


def test_a_billion_teams_are_no_more_than_the_jobs(model: Model) -> None:
    blow = {"hits": "gas-supply", "level": "0%", "repair": {"crew": "team", "work": "3h"}}
    found = simulate(model, scenario(events=[blow], crews={"team": "1000000000"}))
    assert [(job.begin, job.end) for job in found.jobs] == [(0, 3 * 3600)]


def test_a_graph_tells_refuelling_and_every_step(model: Model) -> None:
    graph = cascade.to_networkx(model)
    power = graph["electricity-distribution"]["drinking-water"]["power"]
    assert power["endures_s"] == 6 * 3600
    assert power["fades"].startswith("6h: 4%, ")
    assert power["loses"] == 0.95
    fuel = graph["emergency-fuel-delivery"]["drinking-water"]["power:sustained"]
    assert fuel["role"] == "sustains"


def test_a_scenario_goes_by_its_name_too(model: Model) -> None:
    by_name = cascade.load_scenario("outage-112", model)
    assert by_name == cascade.load_scenario(ROOT / "scenarios" / "outage-112.yaml", model)
    with pytest.raises(UsageError, match="did you mean 'outage-112'"):
        cascade.load_scenario("outage-113", model)


def test_a_name_means_the_scenario_beside_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the shipped one of that name, and not one in the working folder, which is another."""
    cascade.start_folder(tmp_path / "own", "en")
    own = cascade.load(tmp_path / "own" / "sectors")
    file = tmp_path / "own" / "scenarios" / "outage-112.yaml"
    file.with_name("power-outage.yaml").rename(file)
    monkeypatch.chdir(tmp_path)
    assert simulate(own, "outage-112").scenario == cascade.load_scenario(file, own)


def test_frames_show_texts_and_not_their_makings(run: Run) -> None:
    assert "nl=" not in cascade.assess(run).anv.to_string()


def test_what_only_mirrors_others_does_not_lead_the_list(run: Run) -> None:
    from cascade.telling.digest import processes

    impact = cascade.assess(run)
    assert "warning-channels" in set(impact.by_process["process"])
    assert "warning-channels" not in {row["process"] for row in processes(run, impact, "en").rows}
    assert "warning-channels" in {row["process"] for row in processes(run, impact, "en", None).rows}


def test_compiling_is_told_when_it_happens_and_only_then(run: Run) -> None:
    """``run`` has compiled the engine; something else that is compiled in this process is told, once."""
    from numba import njit

    told: list[str] = []
    engine.on_compiling(lambda: told.append("compiling"))
    simulate(run.network.model, run.scenario)
    assert told == []
    for _ in range(2):
        njit(lambda: 1)()
    assert told == ["compiling"]
