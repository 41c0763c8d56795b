"""Many tasks: the same bytes whoever works at them, and however often the work was cut short.

The tasks here cost nothing or a fixed wait, and note in a file who did them; so a test sees that two workers really
worked, that one really died, and that what was kept was not done again. Workers of other processes import this module.
"""

import json
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import get_ident
from typing import Any

import numpy as np
import pytest

from cascade.errors import CascadeError, UsageError
from cascade.files.reading import load
from cascade.model import Model
from cascade.results.effects import Meter
from cascade.simulation import engine, farm
from cascade.simulation.events import Imposed
from cascade.simulation.farm import Interrupted, digest, run_tasks
from cascade.simulation.network import Arrays, compile_network
from cascade.simulation.sweep import FolderJob, Singles, SweepJob, by_folder, cases
from cascade.telling.talk import Talk
from cascade.units import DAY, HOUR

ROOT = Path(__file__).resolve().parents[1]
HOLD_S = 20.0


@dataclass(frozen=True)
class Table:
    """Row ``k`` of a table of three columns; the state is an array that is used again for every task."""

    count: int
    factor: int = 7
    wait_s: float = 0.0
    diary: str = ""
    kind: str = "<i8"

    def fingerprint(self) -> bytes:
        return digest(self.factor, self.kind)

    def tasks(self) -> int:
        return self.count

    def start(self) -> np.ndarray:
        self.note("start", -1)
        return np.zeros((3,), self.kind)

    def run(self, state: np.ndarray, task: int) -> np.ndarray:
        self.note("task", task)
        time.sleep(self.wait_s)
        state[:] = task * self.factor, task**2, -task
        return state

    def note(self, what: str, task: int) -> None:
        if self.diary:
            with open(self.diary, "a", encoding="utf-8") as file:
                file.write(f"{what} {task} {os.getpid()} {get_ident()}\n")


def expected(job: Table) -> np.ndarray:
    k = np.arange(job.count)
    return np.stack((k * job.factor, k**2, -k), axis=1).astype(job.kind)


def noted(path: Path, what: str = "task") -> list[tuple[int, int, int]]:
    """Task, process and thread of all that was noted."""
    lines = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
    return [(int(a), int(b), int(c)) for kind, a, b, c in lines if kind == what]


def chunks(store: Path) -> list[Path]:
    return sorted(store.glob("chunk-*.npy"))


# ------------------------------------------------------------------ threads


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize(("count", "chunk"), [(1, None), (7, 3), (40, 1), (40, 64), (700, None)])
def test_the_bytes_do_not_depend_on_workers_and_chunks(workers: int, count: int, chunk: int | None) -> None:
    found = run_tasks(Table(count), workers=workers, chunk=chunk)
    assert found.dtype == np.int64
    assert found.tobytes() == expected(Table(count)).tobytes()


def test_threads_share_the_work_and_start_once_each(tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    run_tasks(Table(30, wait_s=0.005, diary=str(diary)), workers=3, chunk=1)
    threads = {thread for _, _, thread in noted(diary)}
    assert len(threads) == 3
    assert sorted(thread for _, _, thread in noted(diary, "start")) == sorted(threads)
    assert sorted(task for task, _, _ in noted(diary)) == list(range(30))


def test_floats_and_rows_of_any_shape_are_kept_to_the_bit(tmp_path: Path) -> None:
    class Odd(Table):
        def run(self, state: Any, task: int) -> np.ndarray:
            return np.array([[[0.1 * task, -0.0], [np.nan, np.inf]]]) / 3

    one = run_tasks(Odd(9), workers=2, store=tmp_path, chunk=2)
    assert one.shape == (9, 1, 2, 2)
    assert run_tasks(Odd(9), store=tmp_path).tobytes() == one.tobytes() == run_tasks(Odd(9)).tobytes()


def test_progress_counts_tasks_and_what_was_kept(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    run_tasks(Table(10), chunk=4, store=tmp_path, progress=lambda *n: told.append(n))
    assert told == [(4, 10), (8, 10), (10, 10)]
    chunks(tmp_path)[1].unlink()
    run_tasks(Table(10), store=tmp_path, progress=lambda *n: told.append(n))
    run_tasks(Table(10), store=tmp_path, progress=lambda *n: told.append(n))
    assert told[3:] == [(10, 10), (10, 10)]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_fault_in_a_task_ends_the_work(workers: int) -> None:
    class Faulty(Table):
        def run(self, state: Any, task: int) -> np.ndarray:
            if task == 5:
                raise UsageError("task five")
            return super().run(state, task)

    with pytest.raises(UsageError, match="task five"):
        run_tasks(Faulty(1000, wait_s=0.001), workers=workers, chunk=2)


def test_tasks_must_be_alike() -> None:
    class Growing(Table):
        def run(self, state: Any, task: int) -> np.ndarray:
            return np.zeros(1 + (task > 2), np.int64)

    class Text(Table):
        def run(self, state: Any, task: int) -> np.ndarray:
            return np.array(["a"])

    for chunk in (1, 5):
        with pytest.raises(ValueError, match=r"tasks differ: int64 \(1,\), then int64 \(2,\)"):
            run_tasks(Growing(5), chunk=chunk)
    with pytest.raises(ValueError, match="int64 or float64, got <U1"):
        run_tasks(Text(5))


@pytest.mark.parametrize("given", [{"workers": 0}, {"chunk": 0}])
def test_sizes_must_be_positive(given: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        run_tasks(Table(5), **given)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least 1"):
        run_tasks(Table(0))


def test_a_digest_tells_apart_what_is_not_the_same() -> None:
    a = np.arange(4)
    different = [
        digest(a), digest(a.astype(np.int32)), digest(a.reshape(2, 2)), digest(a[:3]), digest(a[::-1]), digest(*a.tolist()),
        digest("ab", "c"), digest("a", "bc"), digest(("a", "bc")), digest(b"a", "bc"), digest(1), digest(1.0), digest("1"),
        digest(True), digest(None), digest(), digest(()), digest((), ()),
    ]  # fmt: skip
    assert len(set(different)) == len(different)
    assert digest(np.int64(3), np.array(a), [1, "x"]) == digest(3, a.copy(), (1, "x"))
    for bad in ({1: 2}, {1}, object(), np.array([object()])):
        with pytest.raises(TypeError, match="no fingerprint"):
            digest(bad)


# ------------------------------------------------------------------ a real simulation


@dataclass(frozen=True, eq=False)
class Alone:
    """Every process of a random graph out by itself; how many are down and what was lost."""

    seed: int
    size: int

    def fingerprint(self) -> bytes:
        return digest(self.seed, self.size)

    def tasks(self) -> int:
        return self.size

    def start(self) -> Any:
        random = np.random.default_rng(self.seed)
        n, zeros, none = self.size, np.zeros(self.size, np.int64), np.zeros(0, np.int64)
        supplier = (np.arange(n)[:, None] + random.integers(1, n, (n, 3))) % n
        arrays = Arrays(
            stops_below=zeros, restart=zeros, passes_on=zeros.astype(bool), need_start=np.arange(n + 1),
            rule=np.full(n, 2, np.int32), count=np.full(n, 2, np.int32), recharge=zeros, cap=zeros - 1, notice=zeros,
            step_start=np.arange(n + 1), step_time=random.integers(1, 5, n) * 3600, step_level=zeros,
            response_start=np.zeros(n + 1, np.int64), response_x=none, response_y=none,
            term_start=np.arange(n + 1) * 3, gives=np.full(3 * n, 10_000), term_weight=np.zeros(3 * n, np.int64),
            member_start=np.arange(3 * n + 1), supplier=supplier.ravel().astype(np.int32), weight=np.ones(3 * n, np.int64),
            lo=np.zeros(3 * n, np.int64), hi=np.full(3 * n, 10_000),
            sustain_start=np.zeros(n + 1, np.int64), sustainer=np.zeros(0, np.int32), sustain_weight=none,
        )  # fmt: skip
        return arrays

    def run(self, state: Any, task: int) -> np.ndarray:
        one, zero = np.array([task, (task + 1) % self.size], np.int32), np.zeros(2, np.int64)
        imposed = Imposed(zero, one, zero, zero.astype(np.int32), zero.astype(bool))
        below, lost = engine.run_each(state, np.array([0, 2]), imposed, 72 * 3600)
        return np.array([below[0], lost[0]], np.int64)


def test_simulations_give_the_same_on_any_number_of_threads() -> None:
    one = run_tasks(Alone(3, 60))
    assert len(np.unique(one[:, 0])) > 1
    assert one.tobytes() == run_tasks(Alone(3, 60), workers=2, chunk=7).tobytes()
    assert one.tobytes() != run_tasks(Alone(4, 60)).tobytes()


# ------------------------------------------------------------------ the store


def test_what_is_kept_is_not_done_again(tmp_path: Path) -> None:
    job = Table(20, diary=str(tmp_path / "diary"))
    store = tmp_path / "new" / "store"
    whole = run_tasks(job, store=store, chunk=3)
    assert len(chunks(store)) == 7
    (tmp_path / "diary").unlink()
    assert run_tasks(job, store=store, workers=2).tobytes() == whole.tobytes()
    assert noted(tmp_path / "diary") == []
    # the size of a chunk stays what it was
    chunks(store)[2].unlink()
    assert run_tasks(job, store=store, chunk=20).tobytes() == whole.tobytes()
    assert [task for task, _, _ in noted(tmp_path / "diary")] == [6, 7, 8]


def test_a_chunk_is_a_plain_array(tmp_path: Path) -> None:
    run_tasks(Table(5), store=tmp_path, chunk=3)
    assert (np.load(chunks(tmp_path)[1], allow_pickle=False) == expected(Table(5))[3:]).all()


def wrong_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    path.write_bytes(bytes(data))


def longer_head(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"(3, 3)", b"(9, 3)"))


def pickled(path: Path) -> None:
    np.save(path, np.array([[print, print, print]] * 3, object), allow_pickle=True)


@pytest.mark.parametrize(
    "spoil",
    [
        wrong_byte,
        longer_head,
        pickled,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(path.read_bytes() + b"x"),
        lambda path: path.write_bytes(path.with_name("chunk-000000.npy").read_bytes()),
        lambda path: path.unlink(),
    ],
    ids=["byte", "head", "pickle", "empty", "cut", "long", "other chunk", "gone"],
)
def test_a_damaged_chunk_is_done_again(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    job, store = Table(12, diary=str(tmp_path / "diary")), tmp_path / "store"
    whole = run_tasks(job, store=store, chunk=3)
    (tmp_path / "diary").unlink()
    spoil(chunks(store)[2])
    assert run_tasks(job, store=store).tobytes() == whole.tobytes()
    assert [task for task, _, _ in noted(tmp_path / "diary")] == [6, 7, 8]
    assert run_tasks(job, store=store).tobytes() == whole.tobytes()
    assert len(noted(tmp_path / "diary")) == 3


def test_a_chunk_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    run_tasks(Table(12), store=tmp_path, chunk=3)
    chunks(tmp_path)[2].unlink()
    (tmp_path / "chunk-000002.npy").mkdir()
    with pytest.raises(CascadeError, match="cannot keep work in"):
        run_tasks(Table(12), store=tmp_path)
    assert not list(tmp_path.glob("*.part"))


class Other(Table):
    """The same fingerprint, but another kind of job."""


@pytest.mark.parametrize("job", [Table(10, factor=8), Table(11), Other(10)])
def test_a_store_of_another_job_is_refused_and_left_alone(tmp_path: Path, job: Table) -> None:
    run_tasks(Table(10), store=tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(UsageError, match="holds other work: the model, the scenario or an option is not the same"):
        run_tasks(job, store=tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_store_of_another_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_tasks(Table(10), store=tmp_path)
    other = farm._about() | {"numpy": "0.1"}
    monkeypatch.setattr(farm, "_about", lambda: other)
    with pytest.raises(UsageError, match=r"begun by another version \(numpy 0.1 here, 2.*there\)"):
        run_tasks(Table(10), store=tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", "nonsense", "null", '{"chunk": -1'])
def test_a_damaged_manifest_is_refused(tmp_path: Path, text: str) -> None:
    run_tasks(Table(10), store=tmp_path)
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(UsageError, match=r"manifest\.json is damaged .*; name another folder"):
        run_tasks(Table(10), store=tmp_path)


@pytest.mark.parametrize(
    ("key", "value"),
    [("chunk", 0), ("dtype", "O"), ("dtype", "<i4"), ("dtype", 5), ("shape", [-1]), ("shape", 3), ("shape", ["x"])],
)
def test_a_manifest_that_makes_no_sense_is_refused(tmp_path: Path, key: str, value: object) -> None:
    run_tasks(Table(10), store=tmp_path)
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {key: value}))
    with pytest.raises(UsageError, match="is damaged"):
        run_tasks(Table(10), store=tmp_path)


def test_a_folder_with_something_else_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(UsageError, match=r"holds letter\.txt, and no work to resume"):
        run_tasks(Table(10), store=tmp_path)
    with pytest.raises(UsageError, match="cannot keep work in"):
        run_tasks(Table(10), store=tmp_path / "letter.txt")


def test_a_manifest_without_a_clock_or_a_path(tmp_path: Path) -> None:
    for name in ("a", "b"):
        run_tasks(Table(10), store=tmp_path / name, workers=1 + (name == "b"))
    a, b = ((tmp_path / name / "manifest.json").read_bytes() for name in "ab")
    assert a == b
    assert set(json.loads(a)) == {
        "format", "job", "tasks", "cascade", "code", "numba", "numpy", "scipy", "chunk", "shape", "dtype",
    }  # fmt: skip


# ------------------------------------------------------------------ cut short


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_keeps_what_is_finished_and_the_rest_follows(tmp_path: Path, workers: int) -> None:
    job, store = Table(40, wait_s=0.002, diary=str(tmp_path / "diary")), tmp_path / "store"

    def stop(done: int, _: int) -> None:
        if done >= 20:
            raise KeyboardInterrupt

    with pytest.raises(
        Interrupted, match=r"^20 of 40 done, kept in .*store; the same command goes on from there$"
    ) as found:
        run_tasks(job, workers=workers, store=store, progress=stop, chunk=5)
    assert (found.value.done, found.value.tasks, found.value.store) == (20, 40, store)
    assert len(chunks(store)) == 4
    # the threads have stopped, and not at the end of the work
    before = len(noted(tmp_path / "diary"))
    time.sleep(0.05)
    assert len(noted(tmp_path / "diary")) == before < 40
    assert run_tasks(job, store=store).tobytes() == expected(job).tobytes()
    with pytest.raises(Interrupted, match=r"^20 of 40 done, none kept$"):
        run_tasks(job, workers=workers, progress=stop, chunk=5)


def test_ctrl_c_does_not_wait_for_the_end_of_a_chunk(tmp_path: Path) -> None:
    def stop(done: int, _: int) -> None:
        raise KeyboardInterrupt

    job = Table(1000, wait_s=0.001, diary=str(tmp_path / "diary"))
    with pytest.raises(Interrupted):
        run_tasks(job, workers=2, progress=stop, chunk=250)
    assert 250 <= len(noted(tmp_path / "diary")) < 740


def test_a_chunk_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: Path) -> None:
        raise KeyboardInterrupt

    run_tasks(Table(10), store=tmp_path, chunk=5)
    chunks(tmp_path)[1].unlink()
    with monkeypatch.context() as at_the_worst_moment:
        at_the_worst_moment.setattr(Path, "replace", killed)
        with pytest.raises(Interrupted, match=r"^5 of 10 done"):
            run_tasks(Table(10), store=tmp_path)
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["chunk-000000.npy", "manifest.json"]
    assert run_tasks(Table(10), store=tmp_path).tobytes() == expected(Table(10)).tobytes()


def in_a_process(code: str) -> subprocess.Popen[str]:
    """Start Python on some lines that know this module."""
    lines = f"from test_farm import *\n{code}"
    return subprocess.Popen([sys.executable, "-c", lines], env=environment(), stderr=subprocess.PIPE, text=True)


def environment(*before: str) -> dict[str, str]:
    """Where other processes find this tree and this module, after what comes before."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (*before, str(ROOT), str(ROOT / "tests"))))}


def wait_until(what: Callable[[], Any], seconds: float = HOLD_S) -> Any:
    """Wait for something true, and hand it back."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.01)
    raise AssertionError("waited in vain")


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["kill", "ctrl-c"])
def test_a_process_killed_half_way_goes_on_to_the_same_bytes(tmp_path: Path, how: signal.Signals) -> None:
    diary, store = tmp_path / "diary", tmp_path / "store"
    job = Table(200, wait_s=0.02, diary=str(diary))
    process = in_a_process(f"run_tasks({job!r}, workers=2, store={str(store)!r}, chunk=4)")
    try:
        wait_until(lambda: len(chunks(store)) >= 10)
    finally:
        process.send_signal(how)
        said = process.communicate(timeout=HOLD_S)[1]
    assert process.returncode != 0
    assert ("the same command goes on from there" in said) == (how == signal.SIGINT)
    kept = len(chunks(store))
    assert 10 <= kept < 40
    fast = replace(job, wait_s=0.0, diary=str(tmp_path / "again"))
    assert (
        run_tasks(fast, workers=2, store=store).tobytes() == run_tasks(Table(200)).tobytes() == expected(job).tobytes()
    )
    assert len(noted(tmp_path / "again")) == 200 - 4 * kept


# ------------------------------------------------------------------ a cluster


class Cluster:
    """A scheduler and workers as processes of their own, on loopback."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []
        about = folder / "scheduler.json"
        self.scheduler = self.begin(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(about)
        )
        self.address: str = json.loads(wait_until(lambda: about.exists() and about.read_text()))["address"]

    def begin(self, kind: str, *options: str, path: str = "") -> subprocess.Popen[bytes]:
        """Start one of them; what it says goes to a file, for whoever looks for the fault."""
        line = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *options]
        env = environment(path) | {"DASK_TEMPORARY_DIRECTORY": str(self.folder)}
        with (self.folder / f"{kind}.log").open("ab") as log:
            return subprocess.Popen(line, cwd=self.folder, env=env, stdout=log, stderr=log)

    def have(self, count: int, path: str = "") -> list[subprocess.Popen[bytes]]:
        """See to it that just so many workers live, and hand back their processes."""
        from distributed import Client

        while len(self.workers) > count:
            self.kill(self.workers[-1])
        while len(self.workers) < count:
            worker = self.begin(
                "worker", self.address, "--no-nanny", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1",
                "--death-timeout", "30", path=path,
            )  # fmt: skip
            self.workers.append(worker)
        with Client(self.address, set_as_default=False) as client:
            wait_until(lambda: len(client.scheduler_info(n_workers=-1)["workers"]) == count)
        return self.workers[:]

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        worker.kill()
        worker.wait(HOLD_S)
        self.workers.remove(worker)

    def end(self) -> None:
        for worker in self.workers[:]:
            self.kill(worker)
        self.scheduler.kill()
        self.scheduler.wait(HOLD_S)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        yield made
    finally:
        made.end()


class Deadly(Table):
    """Takes its process with it."""

    def run(self, state: Any, task: int) -> np.ndarray:
        os._exit(1)


class Five(Table):
    """Fails at one task."""

    def run(self, state: Any, task: int) -> np.ndarray:
        if task == 5:
            raise UsageError("task five")
        return super().run(state, task)


@pytest.mark.slow
def test_a_scheduler_without_workers(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.have(0)
    monkeypatch.setattr(farm, "WORKERS_S", 0.3)
    with pytest.raises(UsageError, match=f"the scheduler at {cluster.address} has no workers"):
        run_tasks(Table(10), cluster=cluster.address)


@pytest.mark.slow
def test_a_worker_without_this_program_is_named(cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "cascade").mkdir()
    (tmp_path / "cascade" / "__init__.py").touch()
    cluster.have(0)
    (bare,) = cluster.have(1, path=str(tmp_path))
    try:
        with pytest.raises(UsageError, match=r"^worker tcp://127.* cannot load this program: install"):
            run_tasks(Table(10), cluster=cluster.address)
    finally:
        cluster.kill(bare)


@pytest.mark.slow
def test_two_workers_give_the_same_bytes(tmp_path: Path, cluster: Cluster) -> None:
    first, second = cluster.have(2)
    diary = tmp_path / "diary"
    job = Table(60, wait_s=0.02, diary=str(diary))
    told: list[int] = []
    found = run_tasks(job, cluster=cluster.address, chunk=3, progress=lambda done, _: told.append(done))
    assert found.tobytes() == run_tasks(Table(60)).tobytes() == expected(job).tobytes()
    assert {pid for _, pid, _ in noted(diary)} == {first.pid, second.pid}
    assert len(noted(diary, "start")) == 2
    assert told == list(range(3, 61, 3))


@pytest.mark.slow
def test_the_sweep_of_the_shipped_model_gives_the_same_on_a_cluster(cluster: Cluster) -> None:
    model = load(ROOT / "sectors")
    network = compile_network(model)
    job = SweepJob(network, cases(model, network)[::8], (8 * HOUR, DAY), Meter, consumers=True)
    here = run_tasks(job)
    assert here.any()
    cluster.have(2)
    assert run_tasks(job, cluster=cluster.address).tobytes() == here.tobytes()


SMALL = str(ROOT / "tests" / "definitions" / "valid" / "base")
COMMANDS = {
    "rank": ("--duration", "24h", "--samples", "3", "--table", "ranking"),
    "doubt": (str(ROOT / "tests" / "definitions" / "valid" / "scenario.yaml"), "--samples", "6", "--table", "totals"),
    "drivers": ("grid", "--table", "drivers"),
    "pairs": ("--measure", "hours", "--table", "overlapping"),
}


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_on_a_cluster_says_the_same_to_the_byte(
    command: str, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # here and not above: each worker imports this module
    from click.testing import CliRunner

    from cascade.cli import main
    from cascade.results import sensitivity

    brief = partial(sensitivity.drivers, trajectories=4, base=8)
    monkeypatch.setattr(sensitivity, "drivers", brief)
    line = [command, *COMMANDS[command], "--model", SMALL, "--format", "csv", "--lang", "en"]
    here = CliRunner().invoke(main, line)
    assert here.exit_code == 0, here.stderr
    assert len(here.stdout.splitlines()) > 1
    cluster.have(2)
    there = CliRunner().invoke(main, [*line, "--cluster", cluster.address])
    assert (there.exit_code, there.stdout) == (0, here.stdout), there.stderr
    if command in ("rank", "pairs"):  # kept on the cluster, and taken up from there without one
        kept = [*line, "--resume", str(tmp_path / "kept")]
        assert CliRunner().invoke(main, [*kept, "--cluster", cluster.address]).stdout == here.stdout
        assert list((tmp_path / "kept").rglob("chunk-*.npy"))
        assert CliRunner().invoke(main, kept).stdout == here.stdout


@dataclass(frozen=True)
class Heavy(Table):
    """A table with ballast, which notes when it is packed and unpacked."""

    ballast: bytes = b""

    def __getstate__(self) -> dict[str, Any]:
        self.note("packed", -1)
        return self.__dict__

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.note("unpacked", -1)


@pytest.mark.slow
def test_the_job_travels_once_to_each_worker(tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed.comm.tcp import TCP

    write, sent = TCP.write, [0]

    async def counted(comm: Any, *message: Any, **how: Any) -> Any:
        size: Any = await write(comm, *message, **how)  # type: ignore[no-untyped-call]
        sent[0] += size
        return size

    monkeypatch.setattr(TCP, "write", counted)
    first, second = cluster.have(2)
    diary = tmp_path / "diary"
    # noise, so that nothing on the way makes it smaller
    job = Heavy(60, wait_s=0.02, diary=str(diary), ballast=np.random.default_rng(1).bytes(2_000_000))
    assert run_tasks(job, cluster=cluster.address, chunk=1).tobytes() == expected(job).tobytes()
    assert 2_000_000 < sent[0] < 2_300_000  # from here: once, and what there is to say about 60 chunks
    assert {pid for _, pid, _ in noted(diary)} == {first.pid, second.pid}
    assert sorted(pid for _, pid, _ in noted(diary, "unpacked")) == sorted((first.pid, second.pid))
    # once from here, and once from the worker that had it first to the other
    packers = [pid for _, pid, _ in noted(diary, "packed")]
    assert packers[0] == os.getpid()
    assert len(packers) == 2


def small_sweep(model: Model) -> SweepJob:
    """Every copy of a small model alone."""
    network = compile_network(model)
    return SweepJob(network, Singles(network), (DAY,), Meter)


def test_a_job_can_travel_as_the_folder_of_its_model(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(SMALL, folder)
    model = load(folder)
    job = small_sweep(model)
    light = by_folder(model, job, small_sweep)
    assert len(pickle.dumps(light)) < 1_000 < len(pickle.dumps(job)) / 20
    here = run_tasks(job, store=tmp_path / "store")
    assert here.any()
    assert run_tasks(pickle.loads(pickle.dumps(light)), workers=2).tobytes() == here.tobytes()
    # either goes on with what the other began
    chunks(tmp_path / "store")[1].unlink()
    assert run_tasks(light, store=tmp_path / "store").tobytes() == here.tobytes()
    care = folder / "care.yaml"
    care.write_text(care.read_text().replace("Klinieken", "Ziekenhuizen"))
    with pytest.raises(UsageError, match="holds another model than the one of this job"):
        run_tasks(light)
    shutil.rmtree(folder)
    with pytest.raises(UsageError, match=r"a worker cannot use the model .* which all must be able to read"):
        run_tasks(light)


def test_a_model_that_is_not_its_folder_travels_itself() -> None:
    model = load(SMALL)
    for other in (replace(model, root=""), replace(model, gone=frozenset({"care"}))):
        with pytest.raises(UsageError, match="only a whole model that was read from a folder"):
            by_folder(other, small_sweep(other), small_sweep)


@pytest.mark.slow
def test_a_large_model_is_ranked_from_its_folder(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    from cascade.results import ranking

    model = load(SMALL)
    here = ranking.rank(model, "24h", samples=3)
    sent: list[Any] = []
    monkeypatch.setattr(ranking, "BY_FOLDER", here.network.size)

    def noting(job: Any, **how: Any) -> np.ndarray:
        sent.append(job)
        return run_tasks(job, **how)

    monkeypatch.setattr(ranking, "run_tasks", noting)
    cluster.have(2)
    there = ranking.rank(model, "24h", samples=3, cluster=cluster.address)
    assert [type(job) for job in sent] == [FolderJob, FolderJob]
    assert there.effects.tobytes() == here.effects.tobytes()
    assert here.sampled is not None
    assert there.sampled is not None
    assert there.sampled.tobytes() == here.sampled.tobytes()


@pytest.mark.slow
def test_a_worker_killed_half_way_changes_nothing(tmp_path: Path, cluster: Cluster) -> None:
    first, second = cluster.have(2)
    diary = tmp_path / "diary"
    job = Table(90, wait_s=0.02, diary=str(diary))
    before: list[int] = []

    def kill(done: int, _: int) -> None:
        if done >= 30 and not before:
            wait_until(lambda: noted(diary)[-1][1] == second.pid)  # in the middle of a chunk
            cluster.kill(second)
            before.append(len(noted(diary)))

    found = run_tasks(job, cluster=cluster.address, chunk=3, store=tmp_path / "store", progress=kill)
    assert found.tobytes() == expected(job).tobytes()
    assert {pid for _, pid, _ in noted(diary)[: before[0]]} == {first.pid, second.pid}
    assert {pid for _, pid, _ in noted(diary)[before[0] :]} == {first.pid}
    assert len(noted(diary)) > 90  # what the dead one had begun was done again
    assert run_tasks(replace(job, wait_s=0.0), store=tmp_path / "store").tobytes() == found.tobytes()


@pytest.mark.slow
def test_work_on_a_cluster_goes_on_where_it_stopped(tmp_path: Path, cluster: Cluster) -> None:
    cluster.have(1)
    diary, store = tmp_path / "diary", tmp_path / "store"
    job = Table(40, diary=str(diary))

    def stop(done: int, _: int) -> None:
        if done >= 20:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match=r"^20 of 40 done"):
        run_tasks(job, cluster=cluster.address, store=store, progress=stop, chunk=5)
    assert len(chunks(store)) == 4
    assert run_tasks(job, cluster=cluster.address, store=store).tobytes() == expected(job).tobytes()


@pytest.mark.slow
def test_a_fault_of_a_task_comes_home_as_it_is(cluster: Cluster) -> None:
    cluster.have(1)
    with pytest.raises(UsageError, match="task five"):
        run_tasks(Five(40), cluster=cluster.address)


@pytest.mark.slow
def test_a_worker_of_another_version_is_refused(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.have(1)
    other = farm._about() | {"code": "abc"}
    monkeypatch.setattr(farm, "_about", lambda: other)
    with pytest.raises(UsageError, match=r"a worker of the cluster is not the same program: code abc here, .* there"):
        run_tasks(Table(10), cluster=cluster.address)


@pytest.mark.slow
def test_a_deadly_task_and_a_lost_scheduler_are_told(
    tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = cluster
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")
    cluster = Cluster(tmp_path)
    store, job = tmp_path / "store", Table(1000, factor=3, wait_s=0.005)
    try:
        (worker,) = cluster.have(1)
        with pytest.raises(CascadeError, match="workers keep dying on the same tasks"):
            run_tasks(Deadly(1), cluster=cluster.address)
        cluster.kill(worker)
        cluster.have(1)
        with pytest.raises(CascadeError, match="is gone"):
            run_tasks(job, cluster=cluster.address, store=store, chunk=20, progress=lambda *_: cluster.scheduler.kill())
    finally:
        cluster.end()
    kept = len(chunks(store))
    assert 1 <= kept < 50
    # what was kept is taken up by another cluster, to the bytes of one thread
    others.have(1)
    diary = tmp_path / "diary"
    rest = replace(job, wait_s=0.0, diary=str(diary))
    assert run_tasks(rest, cluster=others.address, store=store).tobytes() == expected(job).tobytes()
    assert len(noted(diary)) == 1000 - 20 * kept


def test_nobody_at_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(farm, "CONNECT_S", 0.5)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for address in (f"tcp://127.0.0.1:{port}", "nonsense://there"):
        with pytest.raises(UsageError, match=f"no Dask scheduler answers at {address}"):
            run_tasks(Table(10), cluster=address)
    for address in ("", "127.0.0.1", f"127.0.0.1:{port}"):
        with pytest.raises(UsageError, match="is no address of a Dask scheduler; one looks like tcp://host:8786"):
            run_tasks(Table(10), cluster=address)


def test_without_the_package_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pip install 'cascade-vitaal\[cluster\]'"):
        run_tasks(Table(10), cluster="tcp://127.0.0.1:1")


def test_the_package_is_not_loaded_for_anything_else() -> None:
    process = in_a_process("run_tasks(Table(3), workers=2)\nassert 'distributed' not in sys.modules")
    assert process.communicate(timeout=HOLD_S)[1] == ""
    assert process.returncode == 0


# ------------------------------------------------------------------ time left


def test_the_clock_of_the_time_left_starts_at_the_first_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    tell = Talk("en", "table", None, None, None).progress()
    # an hour of other work before, and 600 of 1,000 kept from an earlier time: neither says how fast this goes
    for at, done in ((3600.0, 600), (3601.0, 610), (3602.0, 620), (3603.0, 630), (3610.0, 700), (3640.0, 1000)):
        now[0] = at
        tell(done, 1000)
    assert capsys.readouterr().err.splitlines() == [
        "620 of 1000 done; about 38 s left",
        "700 of 1000 done; about 30 s left",
    ]


def test_a_first_report_of_nothing_done_starts_the_clock(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    tell = Talk("en", "table", None, None, None).progress()
    for at, done in ((50.0, 0), (55.0, 0), (60.0, 10), (70.0, 10), (80.0, 20)):
        now[0] = at
        tell(done, 30)
    assert capsys.readouterr().err.splitlines() == [
        "10 of 30 done; about 20 s left",
        "10 of 30 done; about 40 s left",
        "20 of 30 done; about 15 s left",
    ]
