"""Who feeds whom among assets: by the nearest and by serving area; tables read fast, with faults at their lines."""

import math
import time
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from builders import model, run
from random_models import dice

from cascade.errors import UsageError
from cascade.files import tables
from cascade.files.checks import check_model
from cascade.files.cutting import cut_model
from cascade.files.reading import load, resolved
from cascade.model import Assets, Links, Measure, Model, Scenario
from cascade.results.comparison import compare_models
from cascade.simulation.distances import nearest
from cascade.simulation.network import Network, compile_network

Processes = dict[str, dict[str, Any]]

# ------------------------------------------------------------------ distances


def by_hand(here: tuple[float, float], others: list[tuple[float, float]], count: int) -> list[int]:
    """Rank by the great circle in whole metres, worked out with the sines of the library."""

    def metres(there: tuple[float, float]) -> int:
        a, b, c, d = map(math.radians, (*here, *there))
        half = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
        return round(2 * 6_371_009 * math.sqrt(half))

    return sorted(range(len(others)), key=lambda i: (metres(others[i]), i))[:count]


def spots(rng: Random, size: int, step: float) -> list[tuple[float, float]]:
    return [(52 + rng.randint(-4, 4) * step, 5 + rng.randint(-4, 4) * step) for _ in range(size)]


@pytest.mark.parametrize("step", [0.000_001, 0.001, 0.1, 9.0])
@pytest.mark.parametrize("count", [1, 3, 16])
def test_the_nearest_are_those_of_a_plain_ranking(step: float, count: int) -> None:
    """Few places, so that many are equally far and the order given decides."""
    rng = dice(count)
    for size in (1, 2, 15, 60):
        here, there = spots(rng, 30, step), spots(rng, size, step)
        found = nearest(np.array(here), np.array(there), count)
        assert found.tolist() == [by_hand(one, there, count) for one in here]


def test_a_thousand_at_one_place_and_one_beside_it() -> None:
    there = np.array([[52.0, 5.0]] * 1000 + [[52.0, 5.000_001]] * 2)
    assert nearest(np.array([[52.0, 5.0]]), there, 3).tolist() == [[0, 1, 2]]
    assert nearest(np.array([[52.0, 5.0]]), there[::-1], 3).tolist() == [[0, 1, 2]]
    assert nearest(np.array([[52.0, 5.001]]), there[::-1], 3).tolist() == [[0, 1, 2]]


def test_round_the_date_line_and_over_the_pole() -> None:
    there = np.array([[0.0, 170.0], [0.0, -179.9], [89.9, 180.0], [0.0, 0.0]])
    assert nearest(np.array([[0.0, 179.9], [89.9, 0.0], [-1.0, -10.0]]), there, 1).tolist() == [[1], [2], [3]]


def test_all_over_the_world() -> None:
    rng = dice(1)
    there = [(float(rng.randint(-90, 90)), float(rng.randint(-180, 180))) for _ in range(400)]
    found = nearest(np.array(there[:100]), np.array(there), 8)
    assert found.tolist() == [by_hand(one, there, 8) for one in there[:100]]


def test_nobody_and_nothing_near() -> None:
    none = np.zeros((0, 2))
    assert nearest(np.array([[52.0, 5.0]]), none, 2).shape == (1, 0)
    assert nearest(none, np.array([[52.0, 5.0]]), 2).shape == (0, 1)


# ------------------------------------------------------------------ unfolded

STATIONS = Assets(
    ids=("s2", "s1", "s4", "s3"),
    names=("", "", "", ""),
    regions=("R1", "R2", "R2", "R1"),
    capacities=(5, 2, 9, 1),
    locations=((52.1, 5.0), (51.9, 5.0), (53.0, 6.0), (53.0, 6.0)),
    areas=("north", "south", None, "north"),
)
MASTS = Assets(
    ids=("m2", "m1", "m3"),
    names=("", "", ""),
    regions=("R2", "R1", "R2"),
    capacities=(1, 1, 1),
    locations=((52.0, 5.0), (53.0, 6.0), (52.05, 5.0)),
    areas=("north", "south", "south"),
)


def world(**need: Any) -> Model:
    processes: Processes = {
        "station": {"assets": "station.csv"},
        "mast": {"assets": "mast.csv", "needs": {"power": {"from": "station", **need}}},
    }
    return model(processes, {"R1": 10, "R2": 10}, assets={"station": STATIONS, "mast": MASTS})


def fed(network: Network, need: str = "power") -> dict[str, dict[str, int]]:
    """Who feeds the first term of a need of each asset, with what weight."""
    a = network.arrays
    found = {}
    for i, label in enumerate(network.labels):
        for row in range(a.need_start[i], a.need_start[i + 1]):
            if network.need_names[row] == need:
                term = a.term_start[row]
                members = range(a.member_start[term], a.member_start[term + 1])
                found[label] = {network.labels[a.supplier[m]]: int(a.weight[m]) for m in members}
    return found


def test_the_nearest_feed_by_their_capacities() -> None:
    """m2 lies as far from s1 as from s2 (0.1 degree each way), and s3 stands where s4 does."""
    assert fed(compile_network(world(by_nearest="1"))) == {
        "mast@R1#m1": {"station@R1#s3": 1},
        "mast@R2#m2": {"station@R2#s1": 1},
        "mast@R2#m3": {"station@R1#s2": 1},
    }
    assert fed(compile_network(world(by_nearest="3"))) == {
        "mast@R1#m1": {"station@R1#s2": 5, "station@R1#s3": 1, "station@R2#s4": 9},
        "mast@R2#m2": {"station@R1#s2": 5, "station@R1#s3": 1, "station@R2#s1": 2},
        "mast@R2#m3": {"station@R1#s2": 5, "station@R1#s3": 1, "station@R2#s1": 2},
    }
    everyone = {"station@R1#s2": 5, "station@R1#s3": 1, "station@R2#s1": 2, "station@R2#s4": 9}
    assert list(fed(compile_network(world(by_nearest="16"))).values()) == [everyone] * 3


def test_the_serving_area_feeds_by_capacity_and_no_area_serves_nobody() -> None:
    assert fed(compile_network(world(by_area="yes"))) == {
        "mast@R1#m1": {"station@R2#s1": 1},
        "mast@R2#m2": {"station@R1#s2": 5, "station@R1#s3": 1},
        "mast@R2#m3": {"station@R2#s1": 1},
    }


def test_a_station_out_takes_its_masts_along_wherever_they_are() -> None:
    played = run(world(by_area="yes"), {"hits": "station", "assets": ["s2"], "at": "1h"})
    assert [(label, after) for _, label, _, after, *_ in played.rows()] == [
        # a sixth of the capacity is left
        ("mast@R2#m2", 1_666),
        ("station@R1#s2", 0),
    ]


def test_what_a_measure_adds_is_found_by_its_place() -> None:
    """The nearest stay the first supply of the need; the added one is that of the region."""
    built = world(by_nearest="1")
    spare: dict[str, Any] = {"processes": ["mast"], "need": "power"}
    text = {"name": "m", "lever": "redundancy", "applies_to": spare, "effect": {"adds_supply": "station@R1"}}
    built = replace(built, measures={"m": Measure.model_validate(text)})
    placed = [{"measure": "m", "at": ["mast"], "where": ["R2"]}]
    plan = Scenario.model_validate({"name": "s", "horizon": "1d", "with_measures": placed})
    network = compile_network(built, plan)
    assert fed(network) == fed(compile_network(built))
    assert np.diff(network.arrays.term_start).tolist() == [1, 2, 2]
    last = network.arrays.supplier[-2:].tolist()
    assert [network.labels[i] for i in last] == ["station@R1#s2", "station@R1#s3"]
    nowhere = text | {"effect": {"adds_supply": "station@R9"}}
    missing = replace(built, measures={"m": Measure.model_validate(nowhere)})
    with pytest.raises(UsageError, match="mast: station@R9 has no copy to supply it in R2"):
        compile_network(missing, plan)


@pytest.mark.parametrize(
    ("need", "changed", "says"),
    [
        ({"by_nearest": "1"}, {"mast": replace(MASTS, locations=None)}, "3 assets of 'mast' have no place"),
        (
            {"by_area": "yes"},
            {"mast": replace(MASTS, areas=None)},
            "need 'power' of mast@R1#m1: nobody feeds it by_area",
        ),
        ({"by_area": "yes"}, {"mast": replace(MASTS, areas=("north", "south", "west"))}, "mast@R2#m3: nobody"),
        ({"by_table": "x.csv"}, {}, "need 'power' of mast@R2#m2: its table names no supplier for 'm2'"),
    ],
)
def test_what_a_model_built_by_hand_leaves_out_is_named(
    need: dict[str, Any], changed: dict[str, Assets], says: str
) -> None:
    built = world(**need)
    links = {("mast", "power"): Links(("m1", "m3", "m9"), ("s1", "s2", "s2"), (1, 1, 1))}
    built = replace(built, assets=built.assets | changed, links=links)
    with pytest.raises(UsageError, match=says):
        compile_network(built)


def test_a_supply_added_where_there_is_none_is_named_though_a_table_says_the_rest() -> None:
    spare: dict[str, Any] = {"processes": ["mast"], "need": "power"}
    text = {"name": "m", "lever": "redundancy", "applies_to": spare, "effect": {"adds_supply": "spare"}}
    built = world(by_nearest="1")
    only_north = replace(STATIONS, regions=("R1",) * 4)
    processes = dict(built.processes) | {"spare": built.processes["station"]}
    built = replace(built, processes=processes, sector_of=dict.fromkeys(processes, "one"))
    built = replace(built, assets=dict(built.assets) | {"spare": only_north})
    built = replace(built, measures={"m": Measure.model_validate(text)})
    assert [p.what for p in check_model(built) if p.check == "no-copy"] == ["there is no 'spare' in R2"]


def test_unfolding_costs_as_much_for_each_asset_however_many_there_are() -> None:
    """Ten times as many assets may cost forty times as much on a busy machine; what is quadratic costs a hundred times."""

    def seconds(size: int) -> float:
        rng = dice(size)
        ids = tuple(f"a{i:05d}" for i in range(size))
        places = tuple((51 + rng.random(), 4 + rng.random()) for _ in ids)
        areas = tuple(f"{i % (size // 10)}" for i in range(size))
        table = Assets(ids, ids, ("R1",) * size, (1,) * size, None, places, areas)
        few = size // 10
        less = Assets(ids[:few], ids[:few], ("R1",) * few, (1,) * few, None, places[:few], areas[:few])
        needs = {"a": {"from": "station", "by_nearest": "2"}, "b": {"from": "station", "by_area": "yes"}}
        processes: Processes = {"station": {"assets": "s.csv"}, "mast": {"assets": "m.csv", "needs": needs}}
        built = model(processes, assets={"station": less, "mast": table})
        start = time.process_time()
        compile_network(built)
        return time.process_time() - start

    seconds(500)
    assert seconds(20_000) < 40 * max(seconds(2_000), 0.01)


# ------------------------------------------------------------------ files


def written(folder: Path, need: str = "by_nearest: 2") -> Path:
    text = {
        "model.yaml": "title: t\nversion: 1\n",
        "regions.yaml": "[{code: R1, name: North, population: 9}, {code: R2, name: South, population: 9}]\n",
        "sources.yaml": "{}\n",
        "one.yaml": "sector: one\nname: One\nprocesses:\n  station: {name: S, assets: station.csv}\n"
        f"  mast: {{name: M, assets: mast.csv, needs: {{power: {{from: station, {need}}}}}}}\n",
        "station.csv": "id,region,capacity,lat,lon,area\ns2,R1,5,52.1,5,north\ns1,R2,2,51.9,5,\n",
        "mast.csv": "id,region,capacity,lat,lon,area\nm1,R2,1,52.1,5,north\n",
    }
    for name, content in text.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder


@pytest.mark.parametrize("need", ["by_nearest: 2", "by_area: ja"])
def test_a_model_is_written_back_with_places_areas_and_what_goes_by_them(tmp_path: Path, need: str) -> None:
    first = load(written(tmp_path, need))
    assert first.assets["station"].areas == ("north", None)
    assert first.processes["mast"].needs["power"].by == need.partition(":")[0]
    again = tmp_path / "again"
    again.mkdir()
    for name, text in resolved(first).items():
        (again / name).write_text(text, encoding="utf-8")
    second = load(again)
    assert (second.assets, second.processes) == (first.assets, first.processes)


def test_a_cut_model_keeps_who_feeds_whom_of_what_is_left(tmp_path: Path) -> None:
    folder = written(tmp_path)
    other = "sector: two\nname: Two\nmarking: TLP:RED\nprocesses: {x: {name: X, needs: {a: {from: mast}}}}\n"
    (folder / "two.yaml").write_text(other)
    built = load(folder)
    left = cut_model(built, "TLP:GREEN")[0]
    assert "x" not in left.processes
    assert check_model(left, without=["no-source", "no-confidence", "no-lists", "unused-process"]) == []
    assert fed(compile_network(left)) == fed(compile_network(built)) != {}
    (folder / "two.yaml").write_text(other.replace("mast", "station"))
    text = (folder / "one.yaml").read_text()
    (folder / "one.yaml").write_text(text.replace("name: S,", "name: S, marking: TLP:RED,"))
    assert cut_model(load(folder), "TLP:GREEN")[0].processes["mast"].needs == {}


def test_a_comparison_tells_what_was_moved(tmp_path: Path) -> None:
    one = load(written(tmp_path))
    (tmp_path / "mast.csv").write_text("id,region,capacity,lat,lon,area\nm1,R2,1,52.2,5,south\n")
    other = load(tmp_path)
    found = compare_models(one, other)
    assert {(row["where"], row["a"], row["b"]) for row in found.to_dict("records") if row["what"] == "assets"} == {
        ("mast / m1 / lat", "52.1", "52.2"),
        ("mast / m1 / area", "north", "south"),
    }


ROWS = [["a1", "R1", "5", "Plain"], ["a2", "R2", "7.5", "Bäcker & Söhne"], ["a3", "R1", "12.25%", "x, y"]]


def read(folder: Path, text: str) -> tuple[Assets | None, list[str]]:
    (folder / "t.csv").write_bytes(text.encode())
    regions = {"R1": "North", "R2": "South"}
    found, _, problems = tables.read_assets(folder, "t.csv", ("x", 1, 1), "x", regions)
    return found, [str(problem).rpartition("/")[2] for problem in problems]


def test_lines_without_a_row_or_with_half_a_one_change_nothing(tmp_path: Path) -> None:
    """A table in which rows and lines do not go together is read the slow way, with the same assets."""
    head, rows = "id,region,share,name\n", [",".join([*row[:3], f'"{row[3]}"']) for row in ROWS]
    plain, none = read(tmp_path, head + "\n".join(rows) + "\n")
    assert plain is not None
    assert none == []
    assert plain.capacities == (50_000, 1_225, 75_000)
    for end in ("\n\n", "\r\n", "\r\n\r\n"):
        assert read(tmp_path, head + end.join(rows) + end) == (plain, [])
    broken = read(tmp_path, head + "\n".join(rows).replace("x, y", "x,\ny"))[0]
    assert broken is not None
    assert broken == replace(plain, names=("Plain", "x,\ny", "Bäcker & Söhne"))


@pytest.mark.parametrize("between", ["", "\n", '"a,\nb"'])
def test_a_fault_is_at_its_line_whatever_stands_above(tmp_path: Path, between: str) -> None:
    above = f"a1,R1,5,{between}\n"
    text = "id,region,share,name\n" + above + "a b,R1,5,x\na3,R9,5,x\na4,R1,0.0%,x\na4,R1,12,x\n"
    line = 2 + above.count("\n")
    assert read(tmp_path, text)[1] == [
        f"t.csv:{line}:1: id: 'a b' is not an id - use letters, digits and - _ . +",
        f"t.csv:{line + 1}:4: region: no region 'R9' - known: R1 (North), R2 (South)",
        f"t.csv:{line + 3}:1: id: 'a4' stands on line {line + 2} as well - keep one of the two rows",
        f"t.csv:{line + 2}:7: share: '0.0%' is not a number above 0 - write a number above 0, for example 12.5 or 12.5%",
    ]


def test_hidden_characters_are_found_behind_ordinary_ones(tmp_path: Path) -> None:
    assert read(tmp_path, "id,region,share,name\na1,R1,5,é\n")[1] == []
    assert "invisible character U+202E" in read(tmp_path, "id,region,share,name\na1,R1,5,é\u202e\n")[1][0]


@pytest.mark.parametrize(
    ("lat", "lon", "fits"),
    [
        *(("90", "180", True), ("-090.0", "-180.000", True), ("5", "005.25", True), ("89.999999999999", "179.9", True)),
        *(("90.1", "4", False), ("91", "4", False), ("52", "180.5", False), ("52", "200", False), ("1e1", "4", False)),
        *(("052", "4", True), ("152", "4", False), ("52.", "4", False), ("+52", "4", False), ("52", "-0.5", True)),
    ],
)
def test_degrees_are_those_of_the_earth(tmp_path: Path, lat: str, lon: str, *, fits: bool) -> None:
    found, said = read(tmp_path, f"id,region,share,lat,lon\na1,R1,1,{lat},{lon}\n")
    assert (said == []) == fits
    if fits:
        assert found is not None
        assert found.locations == ((float(lat), float(lon)),)
