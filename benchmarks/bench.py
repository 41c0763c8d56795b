"""Speed in ratios: against a bare compiled sweep, against a plain reading of the semantics, and what a user waits for.

Seconds depend on the machine and on who shares it; ratios, measured side by side in one run, much less so. Everything
runs on one thread but the searches for plans, which have two. Compilation is left out by a warm-up. ``make bench``, or
``make bench ARGS="--json bench.json"``, or one part of it: ``make bench ARGS="--only protect"``. Without the country of
a million assets (two minutes): ``make bench ARGS="--assets 1000 10000 100000"``.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cascade.files.reading import load, load_capacity, load_scenario
from cascade.results.attacker import defend
from cascade.results.candidates import choices, limits
from cascade.results.harm import Judge
from cascade.results.plans import Search
from cascade.results.protection import _given, judge_of
from cascade.simulation import engine
from cascade.simulation.events import Imposed
from cascade.simulation.network import Arrays, compile_network
from cascade.simulation.placing import Stage
from cascade.simulation.run import simulate
from cascade.units import FULL, HOUR

import size  # isort: skip
from cluster import measure as on_a_cluster  # isort: skip
import yardstick  # isort: skip  (after the engine, which says where numba keeps compiled code)

ROOT = Path(__file__).resolve().parents[1]
NATIONAL = ROOT / "scenarios" / "national-power-outage.yaml"
SUPPLIERS = 5
WORKERS = 2
HOURS = 720


class Known(NamedTuple):
    """The answers of the shared task: down at the end of A; mean down and runs with all down in B."""

    a_down: int
    b_mean: float
    b_all: int


KNOWN = {1_000: Known(1_000, 49.772, 47), 10_000: Known(295, 13.5815, 10), 100_000: Known(100_000, 58.77086, 55)}

Row = dict[str, Any]


# ---------------------------------------------------------------- the shared task


def draw(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw the graph: five distinct suppliers of each process (N x 5), and how many must fail to stop it (N)."""
    random = np.random.default_rng(7)
    suppliers = np.empty((n, SUPPLIERS), np.int64)
    for i in range(n):
        found: list[int] = []
        while len(found) < SUPPLIERS:
            near = i >= 10 and random.random() < 0.8
            j = int(i * random.random() ** 2) if near else int(random.integers(n))
            if j != i and j not in found:
                found.append(j)
        suppliers[i] = found
    r = np.random.default_rng(5).random(n)
    return suppliers, np.where(r < 0.14, 1, np.where(r < 0.75, 2, 4)).astype(np.int8)


def seeds(n: int) -> np.ndarray:
    """Draw the processes that fail together in task A."""
    return np.sort(np.random.default_rng(11).choice(n, max(1, n // 100), replace=False))


def as_network(suppliers: np.ndarray, stops_at: np.ndarray) -> Arrays:
    """Build the graph as the engine takes it: one need, at_least 5 - stops_at + 1 of 5, gone after an hour."""
    n, terms = len(stops_at), suppliers.size
    empty, zeros = np.zeros(0, np.int64), np.zeros(n, np.int64)
    return Arrays(
        stops_below=zeros, restart=zeros, passes_on=zeros.astype(bool), need_start=np.arange(n + 1),
        rule=np.full(n, 2, np.int32), count=(SUPPLIERS - stops_at + 1).astype(np.int32),
        recharge=zeros, cap=zeros - 1, notice=zeros,
        step_start=np.arange(n + 1), step_time=np.full(n, HOUR), step_level=zeros,
        response_start=np.zeros(n + 1, np.int64), response_x=empty, response_y=empty,
        term_start=np.arange(n + 1) * SUPPLIERS, gives=np.full(terms, FULL), term_weight=np.zeros(terms, np.int64),
        member_start=np.arange(terms + 1), supplier=suppliers.ravel().astype(np.int32), weight=np.ones(terms, np.int64),
        lo=np.zeros(terms, np.int64), hi=np.full(terms, FULL),
        sustain_start=np.zeros(n + 1, np.int64), sustainer=np.zeros(0, np.int32), sustain_weight=empty,
    )  # fmt: skip


def out_for_good(instances: np.ndarray) -> Imposed:
    """Let these fail at hour 0 and stay failed."""
    zeros = np.zeros(instances.size, np.int64)
    return Imposed(zeros, instances.astype(np.int32), zeros, zeros.astype(np.int32), zeros.astype(bool))


class Task:
    """The shared task at one size, for both simulators."""

    def __init__(self, n: int) -> None:
        self.n = n
        suppliers, self.stops_at = draw(n)
        self.start, self.target = yardstick.consumers(suppliers)
        self.arrays = as_network(suppliers, self.stops_at)
        self.seeds = seeds(n)

    def a_yardstick(self) -> int:
        room = yardstick.room(self.n)
        return int(yardstick.spread(self.start, self.target, self.stops_at, self.seeds, HOURS, np.int32(0), *room))

    def a_cascade(self) -> int:
        done = engine.run(self.arrays, out_for_good(self.seeds), HOURS * HOUR)
        return int((done.work.proc["x"] == 0).sum())

    def b_yardstick(self) -> np.ndarray:
        down = np.zeros(self.n, np.int64)
        yardstick.spread_each(self.start, self.target, self.stops_at, HOURS, *yardstick.room(self.n), down)
        return down

    def b_cascade(self) -> np.ndarray:
        each = np.arange(self.n)
        below, _ = engine.run_each(self.arrays, np.arange(self.n + 1), out_for_good(each), HOURS * HOUR)
        return below


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    begin = time.perf_counter()
    result = work()
    return time.perf_counter() - begin, result


def side_by_side(repeats: int, *works: Callable[[], Any]) -> tuple[list[float], list[Any]]:
    """Time works in turn, so that a busy moment hits them alike; the least seconds of each, and the results."""
    rounds = [[seconds(work) for work in works] for _ in range(repeats)]
    return [min(r[k][0] for r in rounds) for k in range(len(works))], [result for _, result in rounds[-1]]


def shared_task(sizes: list[int]) -> Iterator[Row]:
    """Compare with the bare sweep; the answers must be the known ones, and those of B alike run by run."""
    warm = Task(50)
    side_by_side(1, warm.a_yardstick, warm.a_cascade, warm.b_yardstick, warm.b_cascade)
    for n in sizes:
        task, known = Task(n), KNOWN[n]
        (a_bare, a_ours, laid), (a, a_too, _) = side_by_side(
            5, task.a_yardstick, task.a_cascade, lambda task=task: engine.prepare(task.arrays)
        )
        assert a == a_too == known.a_down, (a, a_too)
        (b_bare, b_ours), (b, b_too) = side_by_side(2 if n < 100_000 else 1, task.b_yardstick, task.b_cascade)
        assert (b == b_too).all()
        assert abs(b.mean() - known.b_mean) < 1e-9, b.mean()
        assert (b == n).sum() == known.b_all
        yield {
            "task": "A",
            "n": n,
            "yardstick_s": a_bare,
            "cascade_s": a_ours,
            "ratio": a_ours / a_bare,
            "setup_s": laid,
        }
        yield {
            "task": "B",
            "n": n,
            "yardstick_s": b_bare,
            "cascade_s": b_ours,
            "ratio": b_ours / b_bare,
            "setup_s": laid,
        }


# ---------------------------------------------------------------- the national model


def against_naive(hours: int) -> Row:
    """Compare with the naive simulator of the tests, on a run cut off after some hours: both recount the same log."""
    sys.path.insert(0, str(ROOT / "tests"))
    from naive import naive_run

    model = load(ROOT / "sectors")
    scenario = load_scenario(NATIONAL, model).model_copy(update={"horizon": hours * HOUR})
    network = compile_network(model, scenario)
    simulate(network, scenario)
    (ours, whole), (run, _) = side_by_side(5, lambda: simulate(network, scenario), lambda: simulate(model, scenario))
    plain, naive = seconds(lambda: naive_run(model, scenario))
    assert len(naive.log) == len(run.changes.time), (len(naive.log), len(run.changes.time))
    return {
        "hours": hours, "instances": network.size, "changes": len(naive.log),
        "naive_s": plain, "cascade_s": ours, "with_compile_network_s": whole, "ratio": plain / whole,
    }  # fmt: skip


# ---------------------------------------------------------------- one large run, in a process of its own


def one_large_run() -> Row:
    """Simulate task A at 100,000 once, with the whole log, and tell the most memory this process has held."""
    before = size.peak_memory()
    task = Task(100_000)
    ready = size.peak_memory()
    engine.run(Task(50).arrays, out_for_good(np.arange(1)), HOURS * HOUR)
    took, done = seconds(lambda: engine.run(task.arrays, out_for_good(task.seeds), HOURS * HOUR))
    return {
        "n": task.n, "log_rows": len(done.log.time), "seconds": took,
        "peak_mb": size.peak_memory(), "libraries_mb": before, "with_the_graph_mb": ready,
    }  # fmt: skip


def in_a_fresh_process() -> Row:
    said = subprocess.run([sys.executable, __file__, "--large"], check=True, capture_output=True, encoding="utf-8")
    row: Row = json.loads(said.stdout)
    return row


# ---------------------------------------------------------------- what a user waits for


def whole_commands(repeats: int = 5) -> Iterator[Row]:
    """Time whole processes from an empty folder, warm: the median of a few."""
    start = [sys.executable, "-c", "import sys; from cascade.cli import main; sys.argv[0] = 'cascade'; main()"]
    with tempfile.TemporaryDirectory() as folder:
        uses = {
            "cascade --help": ["--help"],
            "cascade run national-power-outage.yaml": ["run", str(NATIONAL)],
            "cascade run national-power-outage.yaml --out": ["run", str(NATIONAL), "--out", f"{folder}/out"],
        }
        for title, options in uses.items():
            line = [*start, *options]

            def call(line: list[str] = line) -> Any:
                return subprocess.run(line, check=True, capture_output=True, cwd=folder)

            call()
            yield {"command": title, "seconds": statistics.median(seconds(call)[0] for _ in range(repeats))}


# ---------------------------------------------------------------- protection: how good a plan is, and how soon


def plays() -> Row:
    """Time a plan on a stage against the model with the plan written into its scenario: the losses must be the same."""
    model = load(ROOT / "sectors")
    scenario = load_scenario(NATIONAL, model)
    found = choices(model, load_capacity("guards-and-generators", model))
    stage = Stage(model, scenario, found.options)
    guards = [k for k, option in enumerate(found.options) if option.measure == "guard-team"]
    plan = range(guards[0], found.size, max(1, found.size // 65))
    stage.play(plan)
    placed = stage.with_plan(plan)
    (ours, whole), ((_, work), run) = side_by_side(5, lambda: stage.play(plan), lambda: simulate(model, placed))
    assert (work.proc["lost"] == run.state.proc["lost"]).all()
    return {
        "scenario": NATIONAL.stem, "options": found.size, "measures": len(plan),
        "simulate_s": whole, "stage_s": ours, "ratio": whole / ours,
    }  # fmt: skip


def plan_search(limit: float) -> Row:
    """Search the shipped plan for all scenarios up to a gap of 0.5% or the limit; tell when the gap was below 5%."""
    model = load(ROOT / "sectors")
    capacity = load_capacity("guards-and-generators", model)
    found = choices(model, capacity)
    judged: list[Judge] = []
    given = _given(model, capacity, None, [])
    made, _ = seconds(lambda: judged.append(judge_of(model, given, found.options, capacity, workers=WORKERS)))
    heard: list[tuple[float, float]] = []

    def hear(value: float, bound: float, at: float) -> None:
        heard.append((at, max(0.0, value - bound) / value if value > 0 else 0.0))

    search = Search(judged[0], found)
    solution = search.solve(limits(found), gap=0.005, seconds=limit, progress=hear)
    heard.append((solution.seconds, solution.gap))
    return {
        "scenarios": len(judged[0].cases), "candidates": found.size, "chosen": len(solution.plan),
        "setup_s": made, "below_5%_s": next((at for at, gap in heard if gap <= 0.05), None),
        "seconds": solution.seconds, "gap_%": 100 * solution.gap, "averted_%": 100 * solution.averted / solution.none,
        "of_what_is_possible_%": 100 * solution.achieved, "rounds": solution.rounds, "runs": judged[0].runs,
    }  # fmt: skip


def attacker_search(limit: float) -> Row:
    """Search the shipped plan against an attacker who chooses two of the hundred worst targets."""
    model = load(ROOT / "sectors")
    capacity = load_capacity("attacker", model)
    found = choices(model, capacity)
    took, defence = seconds(lambda: defend(model, capacity, found, limits(found), workers=WORKERS, seconds=limit))
    return {
        "targets": len(defence.targets), "at_once": defence.size, "attacks": defence.attacks, "candidates": found.size,
        "seconds": took, "gap_%": 100 * defence.gap, "proven": "yes" if defence.proven else "no", "looked_at": defence.looked,
        "runs": defence.runs,
    }  # fmt: skip


# ---------------------------------------------------------------- telling


def table(title: str, rows: list[Row]) -> None:
    print(f"\n{title}")
    cells = [list(rows[0])] + [[shown(value) for value in row.values()] for row in rows]
    widths = [max(len(row[k]) for row in cells) for k in range(len(cells[0]))]
    for row in cells:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))


def shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.1f}" if value >= 10 else f"{value:.5f}" if value < 0.1 else f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file as well")
    parser.add_argument("--sizes", type=int, nargs="+", choices=sorted(KNOWN), default=sorted(KNOWN))
    parser.add_argument("--assets", type=int, nargs="+", default=size.SIZES, help="sizes of the synthetic country")
    parser.add_argument("--naive-hours", type=int, default=6, help="length of the run both simulators do")
    parser.add_argument("--only", default="", metavar="TEXT", help="only the parts that have this in their title")
    parser.add_argument("--plan-seconds", type=float, default=120.0, help="time for the search of a plan")
    parser.add_argument("--attacker-seconds", type=float, default=300.0, help="time for the search against an attacker")
    parser.add_argument("--large", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.large:
        print(json.dumps(one_large_run()))
        return
    found: dict[str, list[Row]] = {}

    @cache
    def countries() -> list[Row]:
        return list(size.measured(options.assets))

    parts: dict[str, Callable[[], list[Row]]] = {
        "Shared task: every process alone (B) and one in a hundred together (A); ratio = cascade / yardstick":
            lambda: list(shared_task(options.sizes)),
        "National power outage: ratio = naive / cascade, the model unfolded anew in both":
            lambda: [against_naive(options.naive_hours)],
        "One run of 100,000 processes with its whole log": lambda: [in_a_fresh_process()],
        "Whole commands, warm, median of 5": lambda: list(whole_commands()),
        "Size: a synthetic country, read and unfolded (CPU seconds)": lambda: size.by_country(countries()),
        "Size: its scenarios; engine_us = the engine alone for one change, ratio = to that at the smallest size":
            lambda: size.by_run(countries()),
        "Size: single assets out for a day, a sample; all_s = what all of them would take, on one thread":
            lambda: size.by_failure(countries()),
        "Size: what was asked": lambda: size.against_aims(countries()),
        "Past one process: a Dask cluster of 1, 2 and 4 workers": lambda: on_a_cluster(0.4, assets=250_000),
        "To protect: one plan; ratio = simulate / stage, the model unfolded anew in the first": lambda: [plays()],
        "To protect: the best plan for all scenarios, two threads": lambda: [plan_search(options.plan_seconds)],
        "To protect: the best plan against an attacker who sees it": lambda: [attacker_search(options.attacker_seconds)],
    }  # fmt: skip
    for title, part in parts.items():
        if options.only.casefold() not in title.casefold():
            continue
        found[title] = part()
        if found[title]:
            table(title, found[title])
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
