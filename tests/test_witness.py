"""Many failures beside what was counted: sums by hand, a plain second judge, and the shipped Netherlands."""

import dataclasses
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import model, run
from random_models import build, random_draft

import cascade
from cascade.errors import CascadeError, UsageError
from cascade.model import Assets, Lang, Model
from cascade.results import witness as module
from cascade.results.witness import (
    BANDS,
    BOTH,
    CASCADES,
    CASCADES_FROM,
    CLASSES,
    COUNTS,
    HORIZON,
    OUTSIDE,
    PUBLISHED,
    Counted,
    Witness,
    durations,
    witness,
)
from cascade.simulation import engine
from cascade.simulation.layout import new_log
from cascade.simulation.network import compile_network
from cascade.simulation.run import Run
from cascade.telling.columns import Table
from cascade.telling.screen import as_csv
from cascade.telling.testimony import tables
from cascade.units import FULL, HOUR, MINUTE

ROOT = Path(__file__).parent.parent

WORLD: dict[str, dict[str, Any]] = {
    "power": {"per": "region"},
    "phone": {"per": "region", "needs": {"p": {"from": "power", "endures": "1h"}}},
    "shop": {"per": "region", "needs": {"t": {"from": "phone"}}},
    "gnss-signal": {},
}
PEOPLE = {"R1": 75_000, "R2": 20_000, "R3": 5_000}


def counted(initiating: int, resulting: int, independent: int, hours: float, *processes: str) -> Counted:
    """One sector of a small database; every failure lasts as long."""
    seconds = round(hours * HOUR)
    return Counted(
        initiating, resulting, independent, initiating + resulting + independent, (seconds, seconds), processes
    )


SMALL = {
    "energy": counted(4, 1, 6, 2, "power"),
    "telecom": counted(3, 5, 1, 3, "phone"),
    "food": counted(1, 2, 1, 3, "shop"),
}


def ask(world: Model, published: dict[str, Counted], **rest: Any) -> Witness:
    return witness(world, published=published, **rest)


def cells(frame: pd.DataFrame, key: str, column: str) -> dict[str, Any]:
    return dict(zip(frame[key], frame[column], strict=True))


def only(found: Witness, process: str) -> dict[str, Any]:
    """Return the first failure of a process."""
    frame = found.failures
    return {str(k): v for k, v in frame[frame["process"] == process].iloc[0].to_dict().items()}


# ------------------------------------------------------------------ sums by hand


def test_the_figures_of_a_small_world() -> None:
    # exogenous failures: power 4 + 6 = 10, phone 3 + 1 = 4, shop 1 + 1 = 2; over regions 75%, 20% and 5%.
    # R3 has too few people for any result. Elsewhere power out for 2 h takes the phone after 1 h and the shop with it:
    # 2 results, of which the phone's starts the shop's. The phone takes the shop: 1 result. The shop takes nothing.
    # cascades: power 9.5, phone 3.8, together 13.3; results: 19 + 3.8 = 22.8
    found = ask(model(WORLD, PEOPLE), SMALL)
    first = found.initiators
    assert cells(first, "sector", "failures") == {"energy": 10, "telecom": 4, "food": 2}
    assert cells(first, "sector", "share") == pytest.approx({"energy": 9.5 / 13.3, "telecom": 3.8 / 13.3, "food": 0})
    assert cells(first, "sector", "published") == pytest.approx({"energy": 4 / 8, "telecom": 3 / 8, "food": 1 / 8})
    assert cells(first, "sector", "starts") == pytest.approx({"energy": 0.95, "telecom": 0.95, "food": 0})
    assert cells(first, "sector", "starts_published") == pytest.approx(
        {"energy": 4 / 11, "telecom": 3 / 9, "food": 1 / 4}
    )
    each = cells(first, "sector", "results_per_cascade")
    assert each == {"energy": pytest.approx(2), "telecom": pytest.approx(1), "food": None}
    assert cells(found.results, "sector", "share") == pytest.approx(
        {"energy": 0, "telecom": 9.5 / 22.8, "food": 13.3 / 22.8}
    )
    assert cells(found.results, "sector", "published") == pytest.approx(
        {"energy": 1 / 8, "telecom": 5 / 8, "food": 2 / 8}
    )
    value = cells(found.measures, "measure", "value")
    assert value == pytest.approx(
        {
            "starts": 13.3 / 16,
            "results_per_cascade": 22.8 / 13.3,
            "elsewhere_per_cascade": 22.8 / 13.3,
            "processes_per_cascade": 22.8 / 13.3,
            "again": 9.5 / 22.8,
            "again_processes": 9.5 / 22.8,
        }
    )
    assert cells(found.measures, "measure", "published")["results_per_cascade"] == pytest.approx(8 / 8)
    assert found.unplaced == ()
    assert found.absent == ()


def test_only_a_band_is_judged_and_its_ends_are_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    found = ask(model(WORLD, PEOPLE), SMALL)
    # energy 71% of 45-65%, no band for telecom alone or for food, 42% start further of at most 20%
    assert found.verdicts == {"energy": False, "again": False}
    share = cells(found.initiators, "sector", "share")["energy"]
    for low, high, passes in ((share, 1.0, True), (0.0, share, True), (np.nextafter(share, 1), 1.0, False)):
        monkeypatch.setitem(BANDS, "energy", (low, high))
        assert ask(model(WORLD, PEOPLE), SMALL).verdicts["energy"] is passes


def test_telecom_and_internet_also_stand_together() -> None:
    published = {**SMALL, "internet": counted(2, 0, 2, 3, "gnss-signal")}
    found = ask(model(WORLD, PEOPLE), published).initiators.set_index("sector")
    assert list(found.index) == ["energy", "telecom", "food", "internet", BOTH]
    # the signal has no consumer, so it adds failures and no cascade
    assert found.loc[BOTH, "failures"] == 8
    assert found.loc[BOTH, "published"] == pytest.approx(5 / 10)
    assert found.loc[BOTH, "share"] == pytest.approx(3.8 / 13.3)
    assert found.loc[BOTH, "starts"] == pytest.approx(3.8 / 8)
    assert found.loc[BOTH, "published_cascades"] == 0.28


def test_the_own_sector_counts_as_a_result_but_not_as_elsewhere_and_not_as_further() -> None:
    world = model({"grid": {}, "power": {"per": "region", "needs": {"g": {"from": "grid"}}}}, {"R1": 20_000})
    found = ask(world, {"energy": counted(1, 0, 0, 2, "grid", "power")})
    assert only(found, "grid")["results"] == 1
    assert only(found, "grid")["results_elsewhere"] == 0
    assert only(found, "grid")["region"] == ""
    longer = model(
        {
            "grid": {},
            "power": {"per": "region", "needs": {"g": {"from": "grid"}}},
            "lamp": {"per": "region", "needs": {"p": {"from": "power"}}},
        },
        {"R1": 20_000},
    )
    same = only(ask(longer, {"energy": counted(1, 0, 0, 2, "grid", "power", "lamp")}), "grid")
    assert (same["results"], same["processes"]) == (1, 2)
    # power starts the lamp, which is a further result among processes but stays in the sector
    assert (same["results_further"], same["processes_further"]) == (0, 1)


def test_the_failed_process_elsewhere_is_no_result() -> None:
    world = model(
        {
            "power": {"per": "region", "needs": {"n": {"from": "power@R1"}}},
            "pump": {"needs": {"p": {"from": "power@R2"}}},
        },
        {"R1": 20_000, "R2": 20_000},
    )
    found = only(ask(world, {"energy": counted(1, 0, 0, 2, "power"), "water": counted(0, 0, 1, 2, "pump")}), "power")
    # R1 takes R2 along, which is the same process; the pump on R2 is the one result, and nothing but it starts there
    assert (found["region"], found["results"], found["processes"], found["results_further"]) == ("R1", 1, 1, 0)


@pytest.mark.parametrize(
    ("need", "people", "hours", "counts"),
    [
        ({"loses": "30%"}, 10_000, 1, False),
        ({"loses": "30.01%"}, 10_000, 1, True),
        ({}, 9_999, 1, False),
        ({"endures": "30m"}, 10_000, 1, True),
        ({"endures": "30m 1s"}, 10_000, 1, False),
    ],
)
def test_what_counts_as_a_result(need: dict[str, str], people: int, hours: float, counts: bool) -> None:
    world = model(
        {"power": {"per": "region"}, "pump": {"per": "region", "needs": {"p": {"from": "power", **need}}}},
        {"R1": people},
    )
    found = ask(world, {"energy": counted(1, 0, 0, hours, "power"), "water": counted(1, 0, 0, hours, "pump")})
    assert only(found, "power")["results"] == int(counts)


def test_a_national_process_counts_all_people_of_the_country() -> None:
    world = model({"core": {}, "bank": {"needs": {"c": {"from": "core"}}}}, {"R1": 6_000, "R2": 4_000})
    found = ask(world, {"telecom": counted(3, 0, 0, 1, "core"), "money": counted(1, 0, 0, 1, "bank")})
    assert only(found, "core")["results"] == 1
    assert found.failures.groupby("process")["weight"].sum().to_dict() == pytest.approx({"bank": 1, "core": 3})


def test_a_loss_that_never_comes_back_lasts_to_the_end() -> None:
    # two that wait for each other stay down after the hour
    world = model(
        {"a": {"needs": {"b": {"from": "b"}}}, "b": {"needs": {"a": {"from": "a", "endures": "50m"}}}}, {"R1": 20_000}
    )
    found = ask(world, {"one": counted(1, 0, 0, 1, "a"), "two": counted(1, 0, 0, 1, "b")})
    assert only(found, "a")["results"] == 1  # b from 50 min on; 10 minutes if it came back with a


def test_frequencies_are_spread_evenly_over_processes_and_by_people_over_regions() -> None:
    world = model({"a": {"per": "region"}, "b": {}}, {"R1": 30_000, "R2": 10_000})
    frame = ask(world, {"x": counted(3, 9, 5, 1, "a", "b", "not-there")}).failures
    weight = frame.groupby(["process", "region"])["weight"].sum().to_dict()
    assert weight == pytest.approx({("a", "R1"): 3, ("a", "R2"): 1, ("b", ""): 4})
    assert len(frame) == 3 * CLASSES
    assert frame["weight"].nunique() == 3  # evenly over the classes of durations


def test_regions_without_people_weigh_the_same() -> None:
    frame = ask(model({"a": {"per": "region"}}, {"R1": 0, "R2": 0}), {"x": counted(1, 0, 1, 1, "a")}).failures
    assert frame.groupby("region")["weight"].sum().to_dict() == pytest.approx({"R1": 1, "R2": 1})


def test_nothing_is_left_out_in_silence() -> None:
    found = ask(model({**WORLD, "newcomer": {}}, PEOPLE), {**SMALL, "water": counted(1, 0, 0, 1, "tap")})
    assert found.unplaced == ("newcomer",)
    assert found.absent == ("water",)
    note = tables(found, "en")[0].note
    assert "newcomer" in note
    assert note.endswith("Counted, but without a process in the model: Water.")
    with pytest.raises(UsageError, match="belongs to a sector"):
        ask(model(WORLD, PEOPLE), {"water": counted(1, 0, 0, 1, "tap")})


def test_a_failure_that_does_not_settle_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "default_caps", lambda size: np.array([1, 1], np.int64))
    with pytest.raises(CascadeError, match=r"the failure of power@R1 does not settle"):
        ask(model(WORLD, PEOPLE), {"energy": SMALL["energy"]})


def test_between_two_assets_that_change_at_one_instant_nothing_comes_back() -> None:
    # of 2 + 1 capacity the first is out until 20 min, the second from then to 40 min: 67% and 33% lost, one spell
    table = Assets(ids=("a", "b"), names=("a", "b"), regions=("R1", "R1"), capacities=(2, 1))
    world = model({"pump": {"assets": "pumps.csv"}}, {"R1": 20_000}, assets={"pump": table})
    sweep = module._Sweep.of(world, compile_network(world), {"water": counted(1, 0, 0, 1, "pump")})
    log = new_log(4)
    log.time[:] = [0, 20 * MINUTE, 20 * MINUTE, 40 * MINUTE]
    log.instance[:] = [0, 0, 1, 1]
    log.before[:], log.after[:] = [FULL, 0, FULL, 0], [0, FULL, 0, FULL]
    assert sweep._passing(log).tolist() == [0]


# ------------------------------------------------------------------ durations


def test_durations_are_the_middles_of_equally_likely_classes() -> None:
    found = durations(90 * MINUTE, 12 * HOUR)
    # the middle class is the median; ln 8 / 1.6449 = 1.2642 is the spread; z of 13/14 is 1.4652
    assert found[CLASSES // 2] == 90 * MINUTE
    assert found[-1] == round(90 * np.exp(1.26420 * 1.46523)) * MINUTE
    assert found[0] == round(90 * np.exp(-1.26420 * 1.46523)) * MINUTE
    assert found == sorted(found)
    assert durations(HOUR, HOUR) == [HOUR] * CLASSES


# ------------------------------------------------------------------ a second, plain judge


def judged(
    world: Run, failed: str, lasting: int, sector_of: dict[str, str]
) -> tuple[set[str], set[str], set[str], set[str]]:
    """Return result processes and sectors, and those of them that start further, straight from the definition."""
    network = world.network
    capacity = {
        i: table.capacities[table.ids.index(network.asset_of[i])]
        for process, table in world.model.assets.items()
        for i in network.instances(process)
    }
    places: dict[tuple[str, str], list[int]] = {}
    for i in range(network.size):
        places.setdefault((network.process(i), network.region(i)), []).append(i)
    began: dict[tuple[str, str], int] = {}
    for place, members in places.items():
        moments = sorted({0, *(c.time for i in members for c in world.changes_of(i))})
        since = None
        for moment in [*moments, HORIZON]:
            lost = sum((FULL - level(world, i, moment)) * capacity.get(i, 1) for i in members)
            over = 10 * lost > 3 * FULL * sum(capacity.get(i, 1) for i in members)
            if since is not None and (not over or moment == HORIZON):
                if moment - since >= lasting:
                    began.setdefault(place, since)
                since = None
            elif since is None and over:
                since = moment
    began = {p: t for p, t in began.items() if p[0] != failed and p[0] in sector_of}
    further: set[tuple[str, str]] = set()
    for place, since in began.items():
        last = max(i for i in places[place] if any(c.time == since for c in world.changes_of(i)))
        for link in world.chain(last, since)[1:]:
            through = (network.process(link.instance), network.region(link.instance))
            if through in began:
                further.add((through[0], place[0]))
    return (
        {p for p, _ in began},
        {sector_of[p] for p, _ in began},
        {a for a, b in further if a != b},
        {sector_of[a] for a, b in further if sector_of[a] != sector_of[b]},
    )


def level(world: Run, instance: int, moment: int) -> int:
    before = [c.after for c in world.changes_of(instance) if c.time <= moment]
    return before[-1] if before else FULL


@pytest.mark.parametrize("seed", range(60))
def test_a_plain_judge_agrees_on_random_models(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PEOPLE", 0)
    monkeypatch.setattr(module, "LASTING", 15)
    world, _ = build(random_draft(seed))
    ids = sorted(world.processes)
    sector_of = {p: ("red", "blue", "green")[k % 3] for k, p in enumerate(ids) if k % 4 < 3 or k < 3}
    published = {
        s: Counted(1, 1, 1, 3, (MINUTE, MINUTE), tuple(p for p in sector_of if sector_of[p] == s))
        for s in ("red", "blue", "green")
    }
    for row in ask(world, published).failures.iloc[::CLASSES].to_dict("records"):
        hit = f"{row['process']}@{row['region']}" if row["region"] else row["process"]
        plain = run(world, {"hits": hit, "for": "1m"})
        processes, sectors, again, again_sectors = judged(plain, row["process"], 15, sector_of)
        found = (row["processes"], row["results"], row["processes_further"], row["results_further"])
        assert found == (len(processes), len(sectors), len(again), len(again_sectors)), hit
        assert row["results_elsewhere"] == len(sectors - {row["sector"]})


# ------------------------------------------------------------------ what is published


def test_the_counts_add_up_to_the_printed_totals() -> None:
    rows = PUBLISHED.values()
    assert sum(c.initiating for c in rows) == 268
    assert sum(c.resulting for c in rows) == 501
    assert sum(c.independent for c in rows) == 1017
    assert sum(c.total for c in rows) == 1786
    assert sum(c.sample for c in rows) == 1749
    assert {name: c.exogenous for name, c in PUBLISHED.items()} == {
        "energy": 534,
        "transport": 295,
        "telecom": 183,
        "internet": 110,
        "water": 60,
        "financial": 34,
        "government": 28,
        "health": 23,
        "industry": 12,
        "food": 4,
        "other": 2,
    }


def test_every_process_of_the_shipped_model_has_a_sector_or_is_left_out_on_purpose() -> None:
    placed = [p for c in PUBLISHED.values() for p in c.processes] + list(OUTSIDE)
    assert len(placed) == len(set(placed))
    processes = set(shipped().processes)
    assert processes - set(placed) == set(), "give a new process its sector in results/witness.py, or put it in OUTSIDE"
    assert set(placed) - processes == set(), "these are no longer in the model"


def test_what_is_published_names_a_known_source() -> None:
    sources = shipped().sources
    assert COUNTS[0] in sources
    assert CASCADES_FROM[0] in sources
    assert set(CASCADES) <= {*PUBLISHED, BOTH}
    assert set(BANDS) <= {*PUBLISHED, BOTH, "again"}


# ------------------------------------------------------------------ the shipped Netherlands


@cache
def shipped() -> Model:
    return cascade.load(ROOT / "sectors")


@cache
def asked() -> Witness:
    return witness(shipped())


def test_the_shipped_model_is_asked_in_full() -> None:
    found = asked()
    network = compile_network(shipped())
    failing = [i for i in range(network.size) if network.process(i) not in OUTSIDE]
    assert len(found.failures) == len(failing) * CLASSES
    by_sector = found.failures.groupby("sector")["weight"].sum().to_dict()
    assert by_sector == pytest.approx({name: c.exogenous for name, c in PUBLISHED.items()})
    assert found.failures["weight"].sum() == pytest.approx(1285)
    alone = found.initiators[found.initiators["sector"] != BOTH]
    for frame, column in (
        (alone, "share"),
        (alone, "published"),
        (found.results, "share"),
        (found.results, "published"),
    ):
        assert frame[column].sum() == pytest.approx(1)
    assert set(found.verdicts) == set(BANDS)
    published = cells(found.measures, "measure", "published")
    assert round(published["results_per_cascade"], 2) == 1.87
    assert round(published["again"], 3) == 0.074
    assert round(published["starts"], 3) == 0.153
    shares = {name: round(100 * value, 1) for name, value in cells(found.initiators, "sector", "published").items()}
    assert shares["energy"] == 54.5
    assert (shares["telecom"], shares["internet"], shares[BOTH]) == (25.7, 5.6, 31.3)
    assert (shares["transport"], shares["water"], shares["industry"]) == (7.1, 3.4, 1.9)
    assert cells(found.initiators, "sector", "starts_published")["energy"] == pytest.approx(146 / 609)


def test_threads_and_repetition_change_nothing() -> None:
    few = {name: PUBLISHED[name] for name in ("water", "government")}
    calls: list[tuple[int, int]] = []
    one = ask(shipped(), few, workers=1, progress=lambda done, all_: calls.append((done, all_)))
    two = ask(shipped(), few, workers=2)
    for part in dataclasses.fields(Witness):
        a, b = getattr(one, part.name), getattr(two, part.name)
        assert a.equals(b) if isinstance(a, pd.DataFrame) else a == b, part.name
    assert calls[-1] == (len(one.failures), len(one.failures))
    assert [done for done, _ in calls] == sorted(done for done, _ in calls)
    assert len(calls) > 1


# ------------------------------------------------------------------ tables


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_tables_show_every_figure_in_both_languages(lang: Lang) -> None:
    found = asked()
    first, results, measures = tables(found, lang)
    assert [t.name for t in (first, results, measures)] == ["initiators", "results", "measures"]
    assert len(first.rows) == len(PUBLISHED) + 1
    for table in (first, results, measures):
        for row in table.rows:
            for column in table.columns:
                assert isinstance(table.show(column, row, lang), str)
    texts = {r["sector"]: r for r in first.rows}
    assert texts["energy"]["published_text"] == ("54,5%" if lang == "nl" else "54.5%")
    assert texts["energy"]["band"] == "45–65%"
    assert texts["energy"]["within"] in ("ja", "nee", "yes", "no")
    assert texts["telecom"]["within"] == "-"
    figures = {r["measure"]: r for r in measures.rows}
    assert figures["results_per_cascade"]["published_text"] == ("1,87" if lang == "nl" else "1.87")
    assert figures["again"]["published_text"] == ("7,4%" if lang == "nl" else "7.4%")
    assert figures["again"]["sure"] == ("midden" if lang == "nl" else "medium")
    assert figures["processes_per_cascade"]["published_text"] == "-"
    assert names(first, "data") == [str(c) for c in found.initiators.columns]


def names(table: Table, on: str) -> list[str]:
    return [c.key for c in table.columns if c.on == on]


def test_data_carry_source_and_confidence_beside_every_published_figure() -> None:
    for table in tables(asked(), "en"):
        for row in table.rows:
            assert (row["published"] is None) == (row["source"] is None)
            assert row["confidence"] == (COUNTS[1] if row["source"] else None)
        assert as_csv(table).splitlines()[0] == ",".join(names(table, "data"))
