"""Size: a synthetic country of a thousand to a million assets, from its files to every kind of run.

Each size in a process of its own, on one thread; compilation is left out by a warm-up. Seconds are CPU seconds, so that
others on the machine disturb them little. Memory is the most that the process has held, the files as written included.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cascade.files.checks import check_model
from cascade.files.reading import load, load_scenario
from cascade.files.synthetic import synthetic
from cascade.results.effects import Meter
from cascade.simulation import engine
from cascade.simulation.layout import Rows
from cascade.simulation.network import Network, compile_network
from cascade.simulation.run import simulate
from cascade.simulation.sweep import AFTER, Case, Simulator
from cascade.telling.writing import write_folder
from cascade.units import DAY

Row = dict[str, Any]
SIZES = (1_000, 10_000, 100_000, 1_000_000)
SCENARIOS = ("substation-out", "region-dark", "country-dark")
SAMPLE = 200
"""Single failures that stand for all of them."""
LEAST_S = 0.2
"""Seconds over which short runs are repeated."""

AIMS: dict[int, dict[str, float]] = {
    100_000: {"load + compile, s": 20, "slowest run, s": 2},
    1_000_000: {"slowest run, s": 30, "most memory, MB": 6_000, "cost of a change, x": 3},
}
"""What was asked of each size."""


def cpu(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of one piece of work, and what it gives."""
    begin = time.process_time()
    result = work()
    return time.process_time() - begin, result


# ---------------------------------------------------------------- one size, in a process of its own


def measure(folder: Path) -> Row:
    """Measure all of one country, as written."""
    _warm_up()
    row: Row = {}
    row["load_s"], model = cpu(lambda: load(folder / "sectors"))
    row["check_s"], warnings = cpu(lambda: check_model(model))
    assert not warnings, warnings
    row["compile_s"], network = cpu(lambda: compile_network(model))
    row["set_up_s"], simulator = cpu(lambda: Simulator(network))
    row["needs"], row["supplies"] = len(network.need_names), int(network.arrays.supplier.size)
    row["runs"] = [one_run(name, folder / "scenarios", network, simulator) for name in SCENARIOS]
    row["single"] = single_failures(network, simulator)
    row["peak_mb"] = peak_memory()
    return row


def _warm_up() -> None:
    """Have everything compiled, and the caches of libraries filled."""
    with tempfile.TemporaryDirectory() as folder:
        write_folder(folder, synthetic(30), "TLP:CLEAR", {})
        model = load(Path(folder) / "sectors")
        network = compile_network(model)
        check_model(model)
        simulator = Simulator(network)
        for name in SCENARIOS:
            one_run(name, Path(folder) / "scenarios", network, simulator)
        single_failures(network, simulator)


def one_run(name: str, folder: Path, network: Network, simulator: Simulator) -> Row:
    """Measure one scenario: the whole call, and the engine alone by the row of its log."""
    assert network.model is not None
    scenario = load_scenario(folder / f"{name}.yaml", network.model)
    whole, run = cpu(lambda: simulate(network, scenario))
    rows = len(run.changes.time)
    imposed = run.imposed
    seconds = engine_seconds(simulator, engine._columns(imposed), scenario.horizon)
    return {
        "scenario": name,
        "hit": int((imposed.time == 0).sum()),
        "changes": rows,
        "run_s": whole,
        "engine_us": 1e6 * seconds / rows,
    }


def engine_seconds(simulator: Simulator, hits: Rows, horizon: int) -> float:
    """Least seconds of the engine alone for one run, of several where it is short."""
    simulator.run(hits, horizon)  # makes room for the log
    least, begin = float("inf"), time.perf_counter()
    while time.perf_counter() - begin < LEAST_S or least == float("inf"):
        engine.reset(simulator.work)
        start = time.process_time()
        engine.advance(simulator.work, hits, simulator._log, True, horizon, simulator._caps)
        least = min(least, time.process_time() - start)
    return least


def single_failures(network: Network, simulator: Simulator) -> Row:
    """Let a sample of assets fail alone for a day: what one costs, and what all would."""
    chosen = np.random.default_rng(1).choice(network.size, SAMPLE, replace=network.size < SAMPLE)
    cases = [Case(network.labels[i], np.array([i], np.int64)) for i in chosen.tolist()]
    meter_s, meter = cpu(lambda: Meter(network))
    changes, ran, counted = 0, 0.0, 0.0
    for case in cases:
        took, log = cpu(lambda case=case: simulator.fail(case, DAY, DAY + AFTER))
        ran += took
        changes += len(log.time)
        counted += cpu(lambda case=case, log=log: meter.of(log, simulator.work, DAY + AFTER, case.instances))[0]
    each = (ran + counted) / SAMPLE
    return {
        "sample": SAMPLE, "changes_each": changes / SAMPLE, "run_ms": 1e3 * ran / SAMPLE, "count_ms": 1e3 * counted / SAMPLE,
        "meter_s": meter_s, "all_s": each * network.size,
    }  # fmt: skip


def peak_memory() -> float | None:
    """Megabytes that this process has held at most, where the system tells."""
    status = Path("/proc/self/status")
    if status.is_file():  # Linux counts what the parent held before into ru_maxrss, so ask for this process alone
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1e3
    try:
        import resource
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1e6 if sys.platform == "darwin" else 1e3)


# ---------------------------------------------------------------- all sizes


def measured(sizes: Sequence[int]) -> Iterator[Row]:
    """Write a country of each size, and measure it in a fresh process."""
    for assets in sizes:
        with tempfile.TemporaryDirectory() as folder:
            took, _ = cpu(lambda assets=assets, folder=folder: write_folder(folder, synthetic(assets), "TLP:CLEAR", {}))
            size = sum(file.stat().st_size for file in Path(folder).rglob("*.*"))
            line = [sys.executable, __file__, "--measure", folder]
            said = subprocess.run(line, check=True, stdout=subprocess.PIPE, encoding="utf-8")
        yield {"assets": assets, "write_s": took, "files_mb": size / 1e6, **json.loads(said.stdout)}


def by_country(rows: Sequence[Row]) -> list[Row]:
    """What is done once for a country."""
    names = (
        "assets",
        "write_s",
        "files_mb",
        "load_s",
        "check_s",
        "compile_s",
        "set_up_s",
        "needs",
        "supplies",
        "peak_mb",
    )
    return [{name: row[name] for name in names} for row in rows]


def by_run(rows: Sequence[Row]) -> list[Row]:
    """The scenarios; ratio = engine time for one change / the same at the smallest size."""
    first = {run["scenario"]: run["engine_us"] for run in rows[0]["runs"]}
    return [
        {"assets": row["assets"], **run, "ratio": run["engine_us"] / first[run["scenario"]]}
        for name in SCENARIOS
        for row in rows
        for run in row["runs"]
        if run["scenario"] == name
    ]


def by_failure(rows: Sequence[Row]) -> list[Row]:
    """Single failures of one day, with the two weeks after."""
    return [{"assets": row["assets"], **row["single"]} for row in rows]


def against_aims(rows: Sequence[Row]) -> list[Row]:
    """What was asked of these sizes, and what came out."""
    costs = by_run(rows)
    found: list[Row] = []
    for row in rows:
        slowest = max(run["run_s"] for run in row["runs"])
        got = {
            "load + compile, s": row["load_s"] + row["compile_s"],
            "slowest run, s": slowest,
            "most memory, MB": row["peak_mb"],
            "cost of a change, x": max(cost["ratio"] for cost in costs if cost["assets"] == row["assets"]),
        }
        aims = AIMS.get(row["assets"], {})
        found += [{"assets": row["assets"], "what": what, "aim": aims[what], "found": got[what]} for what in aims]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--measure", type=Path, metavar="FOLDER", help="one country, as written; figures as JSON")
    print(json.dumps(measure(parser.parse_args().measure)))


if __name__ == "__main__":
    main()
