"""Past one process: the same work on a Dask cluster of 1, 2 and 4 workers, each a process of its own on this machine.

Measures how long it takes and what moves, and checks that the bytes of the result are those of one thread. More workers
than cores cannot go faster; what they show is that nothing else stands in the way. Wall clock needs a quiet machine;
processor seconds and bytes do not. ``python benchmarks/cluster.py --json cluster.json``; ``--share 0.1`` for a tenth of
the work.

Bytes are counted where each message is written, in the client and, by being their preload, in scheduler and workers.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
WORKERS = (1, 2, 4)
SAMPLES = 150
FAILURES = 20_000
ASSETS = 100_000
EMPTY = 4_000
PATIENCE_S = 120.0
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100

Row = dict[str, Any]


# ---------------------------------------------------------------- bytes


def dask_setup(server: Any) -> None:
    """Count what a scheduler or worker writes (Dask calls this in each that is begun below)."""
    server.written = count_writes()


def count_writes() -> list[int]:
    """Count the bytes of all messages that this process writes from now on; the one number of the list grows."""
    from distributed.comm.tcp import TCP

    write, found = TCP.write, [0]

    async def counted(comm: Any, *message: Any, **how: Any) -> Any:
        size = await write(comm, *message, **how)
        found[0] += size
        return size

    TCP.write = counted
    return found


class Moved(NamedTuple):
    """Bytes written so far: by the client, by the scheduler, and by all workers."""

    client: int
    scheduler: int
    workers: int


def _of_scheduler(dask_scheduler: Any) -> int:
    return int(dask_scheduler.written[0])


def _of_worker(dask_worker: Any) -> int:
    return int(dask_worker.written[0])


# ---------------------------------------------------------------- a cluster


@dataclass
class Cluster:
    """A scheduler and some workers of one thread each, begun for one measurement."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]
    written: list[int]

    def moved(self) -> Moved:
        """Return what was written so far, by the client since the program began."""
        from distributed import Client

        by_client = self.written[0]
        with Client(self.address, set_as_default=False) as client:
            by_workers = sum(client.run(_of_worker).values())
            return Moved(by_client, client.run_on_scheduler(_of_scheduler), by_workers)

    def seconds(self) -> tuple[float, float]:
        """Return the processor seconds of the scheduler, and of all workers together."""
        return _cpu(self.scheduler.pid), sum(_cpu(worker.pid) for worker in self.workers)


def _cpu(process: int) -> float:
    """Return the processor seconds of a process; NaN on systems without /proc."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def cluster(workers: int, written: list[int]) -> Iterator[Cluster]:
    """Begin a scheduler and workers on this machine, and end them."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        about = folder / "scheduler.json"
        begun: list[subprocess.Popen[bytes]] = []

        def begin(kind: str, *options: str) -> subprocess.Popen[bytes]:
            line = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *options, "--no-dashboard"]
            line += ["--host", "127.0.0.1", "--preload", str(Path(__file__).resolve())]
            # workers find this module by its name
            known = os.pathsep.join(filter(None, (str(Path(__file__).parent), os.environ.get("PYTHONPATH"))))
            env = os.environ | {"DASK_TEMPORARY_DIRECTORY": temporary, "PYTHONPATH": known}
            with (folder / f"{kind}.log").open("ab") as log:
                begun.append(subprocess.Popen(line, cwd=folder, env=env, stdout=log, stderr=log))
            return begun[-1]

        try:
            scheduler = begin("scheduler", "--port", "0", "--scheduler-file", str(about))
            address = str(json.loads(_waited(lambda: about.exists() and about.read_text()))["address"])
            living = [begin("worker", address, "--no-nanny", "--nthreads", "1") for _ in range(workers)]
            _wait_for(address, workers)
            yield Cluster(address, scheduler, living, written)
        finally:
            for process in reversed(begun):
                process.kill()
                process.wait()


def _waited(what: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.02)
    raise SystemExit("the cluster does not begin")


def _wait_for(address: str, workers: int) -> None:
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=PATIENCE_S)


# ---------------------------------------------------------------- work


class Empty:
    """Tasks that do nothing: what is left is handing them out."""

    def __init__(self, count: int) -> None:
        self.count = count

    def fingerprint(self) -> bytes:
        """Return the same for all."""
        return b"empty"

    def tasks(self) -> int:
        """Return how many there are."""
        return self.count

    def start(self) -> None:
        """Need nothing."""

    def run(self, state: None, task: int) -> np.ndarray:
        """Give the number of the task."""
        return np.array([task], np.int64)


class Work(NamedTuple):
    """A job, what it is called, what one of its tasks counts for, and how many tasks go in a chunk."""

    name: str
    job: Any
    each: int
    chunk: int | None = None


def national(share: float) -> Work:
    """Every process of the shipped model alone, with its numbers drawn anew for each sample."""
    from cascade.files.reading import find_model, load
    from cascade.results.effects import Meter
    from cascade.simulation.ensemble import prepare_draws
    from cascade.simulation.network import compile_network
    from cascade.simulation.numbers import design
    from cascade.simulation.sweep import SampledJob, cases
    from cascade.units import DAY

    model = load(find_model(None))
    network = compile_network(model)
    u = design(prepare_draws(network).names, "lhs", max(8, round(SAMPLES * share)), 1)
    found = cases(model, network)
    return Work("national", SampledJob(network, found, (DAY,), Meter, len(u), 1, quantiles=u), len(found))


def _some_assets(model: Any, count: int) -> Any:
    """Return the job of some assets alone, spread over all of them."""
    from cascade.results.effects import Meter
    from cascade.simulation.network import compile_network
    from cascade.simulation.sweep import Singles, SweepJob
    from cascade.units import DAY

    network = compile_network(model)
    chosen = np.linspace(0, network.size - 1, min(count, network.size)).astype(np.int64)
    return SweepJob(network, Singles(network, chosen), (DAY,), Meter)


def of_assets(folder: Path, assets: int, share: float) -> Iterator[Work]:
    """Single assets of a made-up country: the whole job sent, and the path of its model sent."""
    from cascade.files.reading import load
    from cascade.files.synthetic import synthetic
    from cascade.simulation.sweep import by_folder

    for name, data in synthetic(max(1_000, round(assets * share))).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    model = load(folder / "sectors")
    make = partial(_some_assets, count=max(512, round(FAILURES * share)))
    job = make(model)
    yield Work("assets, sent", job, 1)
    yield Work("assets, by path", by_folder(model, job, make), 1)


def measured(work: Work, here: str, workers: int, written: list[int]) -> Row:
    """Do a job on a new cluster; times from its call on."""
    from cascade.simulation.farm import run_tasks

    first: list[float] = []

    def progress(done: int, tasks: int) -> None:
        if not first:
            first.append(time.monotonic())

    with cluster(workers, written) as on:
        before, busy = on.moved(), on.seconds()
        own, begin = time.process_time(), time.monotonic()
        found = run_tasks(work.job, cluster=on.address, progress=progress, chunk=work.chunk)
        wall, own = time.monotonic() - begin, time.process_time() - own
        after, now = on.moved(), on.seconds()
    client, scheduler, by_workers = (b - a for a, b in zip(before, after, strict=True))
    assert _hash(found) == here, "the cluster gives other bytes than one thread"
    tasks, start = work.job.tasks(), first[0] - begin
    chunks = -(-tasks // (work.chunk or min(256, -(-tasks // 512))))
    return {
        "work": work.name,
        "workers": workers,
        "tasks": tasks,
        "chunks": chunks,
        "wall_s": round(wall, 2),
        "first_chunk_s": round(start, 2),
        "tasks_a_second": round(tasks / max(wall - start, 1e-9), 1),
        "runs_a_second": round(tasks * work.each / max(wall - start, 1e-9)),
        "workers_cpu_s": round(now[1] - busy[1], 2),
        "scheduler_cpu_s": round(now[0] - busy[0], 2),
        "client_cpu_s": round(own, 2),
        "client_mb": round(client / 1e6, 3),
        "scheduler_mb": round(scheduler / 1e6, 3),
        "workers_mb": round(by_workers / 1e6, 3),
        "result_mb": round(found.nbytes / 1e6, 3),
    }


def _hash(found: np.ndarray) -> str:
    return hashlib.sha256(found.tobytes()).hexdigest()


def alone(work: Work) -> tuple[Row, str]:
    """Do a job on one thread of this process."""
    from cascade.simulation.farm import run_tasks

    cpu, begin = time.process_time(), time.monotonic()
    found = run_tasks(work.job)
    wall, cpu, tasks = time.monotonic() - begin, time.process_time() - cpu, work.job.tasks()
    row = {"work": work.name, "workers": 0, "tasks": tasks, "wall_s": round(wall, 2), "workers_cpu_s": round(cpu, 2)}
    return row | {"tasks_a_second": round(tasks / wall, 1), "runs_a_second": round(tasks * work.each / wall)}, _hash(
        found
    )


def measure(share: float = 1.0, workers: tuple[int, ...] = WORKERS, assets: int = ASSETS) -> list[Row]:
    """Measure everything; ``workers`` 0 in a row is one thread without a cluster."""
    rows: list[Row] = []
    written = count_writes()
    with tempfile.TemporaryDirectory() as folder:
        for work in (national(share), *of_assets(Path(folder), assets, share), empty(share)):
            row, here = alone(work)
            rows.append(row)
            for count in workers:
                print(f"{work.name}: {count} workers", file=sys.stderr)
                rows.append(measured(work, here, count, written))
            _compare(rows)
    return [{name: row.get(name, "") for name in COLUMNS} for row in rows]


def empty(share: float) -> Work:
    """Return tasks of nothing, one a chunk."""
    return Work("nothing", Empty(max(200, round(EMPTY * share))), 1, chunk=1)


def _compare(rows: list[Row]) -> None:
    """Put beside each row how many times faster it is than the first of its work with workers."""
    for row in rows:
        base = next((r for r in rows if r["work"] == row["work"] and r["workers"]), None)
        if base is not None:
            row["speed"] = round(row["tasks_a_second"] / base["tasks_a_second"], 2)


COLUMNS = (
    "work", "workers", "tasks", "chunks", "wall_s", "first_chunk_s", "tasks_a_second", "runs_a_second", "speed",
    "workers_cpu_s", "scheduler_cpu_s", "client_cpu_s", "client_mb", "scheduler_mb", "workers_mb",
    "result_mb",
)  # fmt: skip


def show(rows: list[Row]) -> None:
    """Print the rows under short heads."""
    heads = [name.replace("_a_second", "/s").replace("_mb", " MB").replace("_", " ") for name in COLUMNS]
    cells = [[str(row.get(name, "")) for name in COLUMNS] for row in rows]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    for line in (heads, *cells):
        print("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))
    print(
        f"\n{os.cpu_count()} cores here; workers 0: one thread, no cluster. Speed: tasks a second after the first chunk, as a"
    )
    print("multiple of one worker. Client, scheduler, workers: megabytes that each has written.")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file as well")
    parser.add_argument(
        "--share", type=float, default=1.0, help="how much of the work; by default 1, about six minutes"
    )
    parser.add_argument("--workers", type=int, nargs="+", default=list(WORKERS))
    parser.add_argument("--assets", type=int, default=ASSETS, help="assets of the made-up country")
    options = parser.parse_args()
    rows = measure(options.share, tuple(options.workers), options.assets)
    show(rows)
    if options.json:
        options.json.write_text(json.dumps({"cores": os.cpu_count(), "rows": rows}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    # under its own name, by which the workers find what they are sent
    from cluster import main as begin_here

    begin_here()
