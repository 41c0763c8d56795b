"""Small cases worked out on paper; both simulators must write exactly these rows.

A row is (time, instance, level before, level after, kind, event, need, supply). Levels are 1/10 000, times seconds;
``H`` is an hour. The sums stand next to the rows they lead to.
"""

from collections.abc import Callable
from typing import Any

import pytest
from naive import Row, naive_run
from random_models import build

from cascade.model import Model, Scenario
from cascade.simulation.run import simulate

FULL = 10_000
M = 60
H = 3_600

Outcome = tuple[list[Row], set[str]]
Simulator = Callable[[Model, Scenario], Outcome]


def by_naive(model: Model, scenario: Scenario) -> Outcome:
    run = naive_run(model, scenario)
    return run.log, run.locked


def by_engine(model: Model, scenario: Scenario) -> Outcome:
    run = simulate(model, scenario)
    return run.rows(), set(run.locked_instances)


@pytest.fixture(params=[by_naive, by_engine], ids=["naive", "engine"])
def simulator(request: pytest.FixtureRequest) -> Any:
    return request.param


def world(needs: dict[str, dict[str, Any]], *events: dict[str, Any], **scenario: Any) -> tuple[Model, Scenario]:
    """Build national processes and a scenario; the keys of a process stand beside its needs."""
    own = ("restart", "stops_below", "rations", "passes_on_manipulation")
    processes = {
        pid: {
            "sector": "one",
            **{key: value for key, value in text.items() if key in own},
            "needs": {name: need for name, need in text.items() if name not in own},
        }
        for pid, text in needs.items()
    }
    return build(
        {
            "regions": {"R1": {"population": "1"}},
            "processes": processes,
            "assets": {},
            "links": {},
            "measures": {},
            "scenario": {"horizon": "30d", "events": list(events), **scenario},
        }
    )


def test_chain(simulator: Simulator) -> None:
    """An outage of two hours travels down: half an hour of battery in the middle, a quarter to restart at the end."""
    case = world(
        {
            "a": {},
            "b": {"power": {"from": "a", "endures": "30m"}},
            "c": {"restart": "15m", "power": {"from": "b"}},
        },
        {"hits": "a", "at": "1h", "level": "0%", "for": "2h"},
    )
    log, locked = simulator(*case)
    assert log == [
        (1 * H, "a", FULL, 0, "event", 0, "", ""),
        # the clock of b fills at 10 000 a second: 1 h + 30 min
        (1 * H + 30 * M, "b", FULL, 0, "need", -1, "power", "a"),
        (1 * H + 30 * M, "c", FULL, 0, "need", -1, "power", "b"),
        (3 * H, "a", 0, FULL, "", -1, "", ""),
        (3 * H, "b", 0, FULL, "", -1, "", ""),
        # c could deliver from 3 h on, and was at 0 until then: 3 h + 15 min
        (3 * H + 15 * M, "c", 0, FULL, "", -1, "", ""),
    ]
    assert locked == set()


def test_diamond(simulator: Simulator) -> None:
    """A source at 40 % reaches its consumers over two branches of different endurance."""
    case = world(
        {
            "source": {},
            "left": {"power": {"from": "source", "endures": "1h"}},
            "right": {"power": {"from": "source", "endures": "2h"}},
            "both": {"input": {"from": ["left", "right"]}},
            "either": {"input": {"any_of": ["left", "right"]}},
            "blend": {"input": {"shares": {"left": "75%", "right": "25%"}}},
        },
        {"hits": "source", "level": "40%", "for": "4h"},
    )
    log, _ = simulator(*case)
    # 6 000 short a second: 1 h of full shortage lasts 3600 / 0.6 = 6000 s, 2 h last 12 000 s
    assert log == [
        (0, "source", FULL, 4000, "event", 0, "", ""),
        (6000, "blend", FULL, 5500, "need", -1, "input", "left"),  # 0.75 * 4000 + 0.25 * 10 000
        (6000, "both", FULL, 4000, "need", -1, "input", "left"),
        (6000, "left", FULL, 4000, "need", -1, "power", "source"),
        (12_000, "blend", 5500, 4000, "need", -1, "input", "left"),  # 75 * 6000 weighs more than 25 * 6000
        (12_000, "either", FULL, 4000, "need", -1, "input", "left"),  # a tie: the first in the file
        (12_000, "right", FULL, 4000, "need", -1, "power", "source"),
        (4 * H, "blend", 4000, FULL, "", -1, "", ""),
        (4 * H, "both", 4000, FULL, "", -1, "", ""),
        (4 * H, "either", 4000, FULL, "", -1, "", ""),
        (4 * H, "left", 4000, FULL, "", -1, "", ""),
        (4 * H, "right", 4000, FULL, "", -1, "", ""),
        (4 * H, "source", 4000, FULL, "", -1, "", ""),
    ]


def test_loop_without_black_start(simulator: Simulator) -> None:
    """Gas needs power and the plant needs gas: once down, each waits for the other for good."""
    case = world(
        {"gas": {"power": {"from": "plant"}}, "plant": {"fuel": {"from": "gas", "endures": "30m"}}},
        {"hits": "plant", "at": "1h", "level": "0%", "for": "1h"},
    )
    log, locked = simulator(*case)
    assert log == [
        (1 * H, "gas", FULL, 0, "need", -1, "power", "plant"),
        (1 * H, "plant", FULL, 0, "event", 0, "", ""),
        # at 2 h the plant's stock of 30 min has been gone for 30 min
    ]
    assert locked == {"gas", "plant"}


@pytest.mark.parametrize("stock", ["2h", "105m"])
def test_loop_with_black_start(simulator: Simulator, stock: str) -> None:
    """With gas in stock the plant comes back first and takes the gas along.

    The plant's clock runs from 1 h until the gas is back at 2 h + 30 min + 15 min, that is 1 h 45 min: a stock of just
    105 minutes is enough, since rises come before falls at one instant.
    """
    case = world(
        {
            "gas": {"restart": "15m", "power": {"from": "plant"}},
            "plant": {"restart": "30m", "fuel": {"from": "gas", "endures": stock}},
        },
        {"hits": "plant", "at": "1h", "level": "0%", "for": "1h"},
    )
    log, locked = simulator(*case)
    assert log == [
        (1 * H, "gas", FULL, 0, "need", -1, "power", "plant"),
        (1 * H, "plant", FULL, 0, "event", 0, "", ""),
        (2 * H + 30 * M, "plant", 0, FULL, "", -1, "", ""),
        (2 * H + 45 * M, "gas", 0, FULL, "", -1, "", ""),
    ]
    assert locked == set()


def test_stock_one_second_short(simulator: Simulator) -> None:
    """One second less in stock and the plant falls again just before the gas is back, for good."""
    case = world(
        {
            "gas": {"restart": "15m", "power": {"from": "plant"}},
            "plant": {"restart": "30m", "fuel": {"from": "gas", "endures": "104m 59s"}},
        },
        {"hits": "plant", "at": "1h", "level": "0%", "for": "1h"},
    )
    log, locked = simulator(*case)
    assert log == [
        (1 * H, "gas", FULL, 0, "need", -1, "power", "plant"),
        (1 * H, "plant", FULL, 0, "event", 0, "", ""),
        (2 * H + 30 * M, "plant", 0, FULL, "", -1, "", ""),
        (2 * H + 45 * M - 1, "plant", FULL, 0, "need", -1, "fuel", "gas"),
    ]
    assert locked == {"gas", "plant"}


def test_two_step_fade(simulator: Simulator) -> None:
    """A hospital loses 5 % at once and 90 % after 72 h; what it has used comes back as fast as it went."""
    case = world(
        {
            "grid": {},
            "hospital": {"restart": "30m", "power": {"from": "grid", "fades": {"0h": "5%", "72h": "90%"}}},
        },
        {"hits": "grid", "level": "0%", "for": "80h"},
        {"hits": "grid", "at": "90h", "level": "0%", "for": "1h"},
        {"hits": "grid", "at": "100h", "level": "0%", "until": "120h"},
    )
    log, _ = simulator(*case)
    assert log == [
        (0, "grid", FULL, 0, "event", 0, "", ""),
        (0, "hospital", FULL, 9500, "need", -1, "power", "grid"),
        (72 * H, "hospital", 9500, 1000, "need", -1, "power", "grid"),
        (80 * H, "grid", 0, FULL, "", -1, "", ""),
        (80 * H + 30 * M, "hospital", 1000, FULL, "", -1, "", ""),
        # the clock stood at 72 h (not at 80 h) and has come down to 62 h
        (90 * H, "grid", FULL, 0, "event", 1, "", ""),
        (90 * H, "hospital", FULL, 9500, "need", -1, "power", "grid"),
        (91 * H, "grid", 0, FULL, "", -1, "", ""),
        (91 * H + 30 * M, "hospital", 9500, FULL, "", -1, "", ""),
        # 63 h - 9 h = 54 h: after 18 h more the second step is there
        (100 * H, "grid", FULL, 0, "event", 2, "", ""),
        (100 * H, "hospital", FULL, 9500, "need", -1, "power", "grid"),
        (118 * H, "hospital", 9500, 1000, "need", -1, "power", "grid"),
        (120 * H, "grid", 0, FULL, "", -1, "", ""),
        (120 * H + 30 * M, "hospital", 1000, FULL, "", -1, "", ""),
    ]


def test_tank_whose_refuelling_fails(simulator: Simulator) -> None:
    """A tank of ten hours holds while lorries come, empties slowly while few come, and fast when none does."""
    case = world(
        {
            "grid": {},
            "lorries": {},
            "pump": {"power": {"from": "grid", "endures": "10h", "sustained_by": "lorries"}},
        },
        {"hits": "grid", "level": "0%", "for": "60h"},
        {"hits": "lorries", "at": "20h", "level": "40%", "for": "5h"},
        {"hits": "lorries", "at": "30h", "level": "0%"},
    )
    log, locked = simulator(*case)
    assert log == [
        (0, "grid", FULL, 0, "event", 0, "", ""),
        # until 20 h nothing drains; then 60 % of full use for 5 h, which takes 3 h of the tank
        (20 * H, "lorries", FULL, 4000, "event", 1, "", ""),
        (25 * H, "lorries", 4000, FULL, "", -1, "", ""),
        (30 * H, "lorries", FULL, 0, "event", 2, "", ""),
        # 7 h are left
        (37 * H, "pump", FULL, 0, "need", -1, "power", "grid"),
        (60 * H, "grid", 0, FULL, "", -1, "", ""),
        (60 * H, "pump", 0, FULL, "", -1, "", ""),
    ]
    assert locked == set()


def test_spoofed_clock(simulator: Simulator) -> None:
    """False time is believed for two hours where it can be; what happens then depends on what stands ready.

    ``antenna`` has no alternative but an hour of holdover, ``mobile`` has a second clock, ``lock`` refuses false time
    at once, ``relay`` hands it on while it believes it, and ``siren`` refuses what the relay hands on.
    """
    believed = {"level": "60%", "noticed_after": "2h"}
    case = world(
        {
            "clock": {},
            "second": {},
            "antenna": {"time": {"from": "clock", "endures": "1h", "loses": "80%", "if_manipulated": believed}},
            "lock": {"time": {"from": "clock"}},
            "mobile": {"time": {"any_of": ["clock", "second"], "if_manipulated": believed}},
            "relay": {
                "passes_on_manipulation": "yes",
                "time": {"from": "clock", "if_manipulated": {"level": "100%", "noticed_after": "2h"}},
            },
            "siren": {"time": {"from": "relay"}},
        },
        {"hits": "clock", "at": "1h", "manipulated": "true", "for": "6h"},
    )
    log, _ = simulator(*case)
    assert log == [
        (1 * H, "antenna", FULL, 6000, "need", -1, "time", "clock"),
        (1 * H, "lock", FULL, 0, "need", -1, "time", "clock"),
        (1 * H, "mobile", FULL, 6000, "need", -1, "time", "clock"),
        (1 * H, "siren", FULL, 0, "need", -1, "time", "relay"),
        # noticed: the holdover of one hour starts only now; the relay is no longer wrong but without time
        (3 * H, "antenna", 6000, FULL, "", -1, "", ""),
        (3 * H, "mobile", 6000, FULL, "", -1, "", ""),
        (3 * H, "relay", FULL, 0, "need", -1, "time", "clock"),
        (4 * H, "antenna", FULL, 2000, "need", -1, "time", "clock"),
        (7 * H, "antenna", 2000, FULL, "", -1, "", ""),
        (7 * H, "lock", 0, FULL, "", -1, "", ""),
        (7 * H, "relay", 0, FULL, "", -1, "", ""),
        (7 * H, "siren", 0, FULL, "", -1, "", ""),
    ]


def test_spoofing_without_a_gap_is_noticed_once(simulator: Simulator) -> None:
    """Two spoofings that touch are one; after a gap the belief starts anew."""
    case = world(
        {
            "clock": {},
            "user": {"time": {"from": "clock", "if_manipulated": {"level": "60%", "noticed_after": "2h"}}},
        },
        {"hits": "clock", "at": "1h", "manipulated": "true", "for": "1h"},
        {"hits": "clock", "at": "2h", "manipulated": "true", "for": "2h"},
        {"hits": "clock", "at": "5h", "manipulated": "true", "for": "1h"},
    )
    log, _ = simulator(*case)
    assert log == [
        (1 * H, "user", FULL, 6000, "need", -1, "time", "clock"),
        (3 * H, "user", 6000, 0, "need", -1, "time", "clock"),
        (4 * H, "user", 0, FULL, "", -1, "", ""),
        (5 * H, "user", FULL, 6000, "need", -1, "time", "clock"),
        (6 * H, "user", 6000, FULL, "", -1, "", ""),
    ]


def test_spoofing_of_a_part_misleads_in_part(simulator: Simulator) -> None:
    """Of a weighted mean only a part may be wrong; what can be lost, 1 - 40 %, is lost in that proportion."""
    case = world(
        {
            "east": {},
            "west": {},
            "user": {
                "time": {
                    "shares": {"east": "25%", "west": "75%"},
                    "if_manipulated": {"level": "40%", "noticed_after": "2h"},
                }
            },
        },
        {"hits": "east", "at": "1h", "manipulated": "true", "for": "4h"},
        {"hits": "west", "at": "2h", "manipulated": "true", "for": "30m"},
    )
    log, _ = simulator(*case)
    assert log == [
        (1 * H, "user", FULL, 8500, "need", -1, "time", "east"),  # 1 - 0.6 * 0.25
        (2 * H, "user", 8500, 4000, "need", -1, "time", "east"),  # both wrong: 1 - 0.6
        (2 * H + 30 * M, "user", 4000, 8500, "need", -1, "time", "east"),
        (3 * H, "user", 8500, 7500, "need", -1, "time", "east"),  # noticed: east counts as nothing
        (5 * H, "user", 7500, FULL, "", -1, "", ""),
    ]


def test_three_classes(simulator: Simulator) -> None:
    """The first class is served in full until the output falls below its share."""
    case = world(
        {
            "grid": {
                "rations": [
                    {"serves": ["hospital"], "share": "20%"},
                    {"serves": ["water"], "share": "30%"},
                    {"serves": "others", "share": "50%"},
                ]
            },
            "home": {"power": {"from": "grid"}},
            "hospital": {"power": {"from": "grid"}},
            "water": {"power": {"from": "grid"}},
        },
        {"hits": "grid", "levels": {"0h": "90%", "1h": "40%", "2h": "10%"}, "for": "3h"},
    )
    log, _ = simulator(*case)
    assert log == [
        (0, "grid", FULL, 9000, "event", 0, "", ""),
        (0, "home", FULL, 8000, "need", -1, "power", "grid"),  # (9000 - 5000) / 5000
        (1 * H, "grid", 9000, 4000, "event", 0, "", ""),
        (1 * H, "home", 8000, 0, "need", -1, "power", "grid"),
        (1 * H, "water", FULL, 6666, "need", -1, "power", "grid"),  # (4000 - 2000) / 3000, rounded down
        (2 * H, "grid", 4000, 1000, "event", 0, "", ""),
        (2 * H, "hospital", FULL, 5000, "need", -1, "power", "grid"),  # 1000 / 2000
        (2 * H, "water", 6666, 0, "need", -1, "power", "grid"),
        (3 * H, "grid", 1000, FULL, "", -1, "", ""),
        (3 * H, "home", 0, FULL, "", -1, "", ""),
        (3 * H, "hospital", 5000, FULL, "", -1, "", ""),
        (3 * H, "water", 0, FULL, "", -1, "", ""),
    ]


@pytest.mark.parametrize(("ships", "back"), [("1", (10, 19, 14)), ("2", (10, 7, 11))])
def test_repair_queue(simulator: Simulator, ships: str, back: tuple[int, int, int]) -> None:
    """One ship: first come at 0 h (10 h of work), then ``third`` by order (10 to 14 h), then ``second`` (to 19 h).

    Two ships: the second one takes ``second`` at 2 h, when nothing else is there, and ``third`` at 7 h.
    """
    case = world(
        {"a": {}, "b": {}, "c": {}},
        {"id": "first", "hits": "a", "at": "0h", "level": "0%", "repair": {"crew": "ship", "work": "10h"}},
        {"id": "second", "hits": "b", "at": "2h", "level": "0%", "repair": {"crew": "ship", "work": "5h"}},
        {"id": "third", "hits": "c", "at": "3h", "level": "50%", "repair": {"crew": "ship", "work": "4h"}},
        crews={"ship": ships},
        repair_order=["third"],
    )
    log, _ = simulator(*case)
    ends = [
        (back[0] * H, "a", 0, FULL, "", -1, "", ""),
        (back[1] * H, "b", 0, FULL, "", -1, "", ""),
        (back[2] * H, "c", 5000, FULL, "", -1, "", ""),
    ]
    assert log == [
        (0, "a", FULL, 0, "event", 0, "", ""),
        (2 * H, "b", FULL, 0, "event", 1, "", ""),
        (3 * H, "c", FULL, 5000, "event", 2, "", ""),
        *sorted(ends),
    ]


@pytest.mark.parametrize("rule", ["any_of", "at_least"])
def test_handover_at_one_instant(simulator: Simulator, rule: str) -> None:
    """The new supplier is up after its restart at 1 h, the old one goes out at 1 h: nobody notices.

    The user and its mate need each other: fallen for a moment, they would never rise again.
    """
    supply: Any = {"count": "1", "of": ["old", "new"]} if rule == "at_least" else ["old", "new"]
    case = world(
        {
            "mate": {"help": {"from": "user"}},
            "new": {"restart": "30m"},
            "old": {},
            "user": {"power": {rule: supply}, "help": {"from": "mate"}},
        },
        {"hits": "new", "level": "0%", "until": "30m"},
        {"hits": "old", "at": "1h", "level": "0%"},
    )
    log, _ = simulator(*case)
    assert log == [
        (0, "new", FULL, 0, "event", 0, "", ""),
        (1 * H, "new", 0, FULL, "", -1, "", ""),
        (1 * H, "old", FULL, 0, "event", 1, "", ""),
    ]


def test_restart_takes_the_least_of_its_window(simulator: Simulator) -> None:
    """A level given up at 20 s no longer counts 10 s later; a process below its least useful level stops."""
    case = world(
        {"a": {"restart": "10s"}, "b": {"stops_below": "60%", "power": {"from": "a"}}},
        {"hits": "a", "at": "10s", "levels": {"0s": "0%", "10s": "50%"}, "for": "20s"},
    )
    log, _ = simulator(*case)
    assert log == [
        (10, "a", FULL, 0, "event", 0, "", ""),
        (10, "b", FULL, 0, "need", -1, "power", "a"),
        # at 20 s a could do 50 %, but [10, 20) holds 0; at 30 s it could do all, and [20, 30) holds 50 %
        (30, "a", 0, 5000, "restart", -1, "", ""),
        # b gets 50 % at 30 s, below its 60 %
        (40, "a", 5000, FULL, "", -1, "", ""),
        (40, "b", 0, FULL, "", -1, "", ""),
    ]


def test_response_and_recharge_at_once(simulator: Simulator) -> None:
    """A partial supply holds a partial level for good; a buffer that refills at once protects again in full."""
    case = world(
        {
            "grid": {},
            "mill": {"power": {"from": "grid", "endures": "10s", "recharge": "0s", "response": {"50%": "80%"}}},
        },
        {"hits": "grid", "at": "100s", "level": "25%", "for": "20s"},
        {"hits": "grid", "at": "121s", "level": "75%", "for": "60s"},
    )
    log, _ = simulator(*case)
    assert log == [
        (100, "grid", FULL, 2500, "event", 0, "", ""),
        (114, "mill", FULL, 4000, "need", -1, "power", "grid"),  # 100 000 / 7 500 = 13.3, rounded up; 0.25 * 8000 / 0.5
        (120, "grid", 2500, FULL, "", -1, "", ""),
        (120, "mill", 4000, FULL, "", -1, "", ""),
        (121, "grid", FULL, 7500, "event", 1, "", ""),
        (161, "mill", FULL, 9000, "need", -1, "power", "grid"),  # 100 000 / 2 500 = 40; 8000 + 2000 / 2
        (181, "grid", 7500, FULL, "", -1, "", ""),
        (181, "mill", 9000, FULL, "", -1, "", ""),
    ]
