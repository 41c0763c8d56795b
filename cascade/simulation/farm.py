"""Many independent tasks: on threads, on a Dask cluster, and in a folder from which interrupted work goes on.

What comes out depends on the job alone: not on how many work at it, on their order, on one that dies, or on how often the
work was taken up again. Threads do here, since the engine holds no interpreter lock: nothing is pickled, and no worker can
be killed by itself. A cluster is spoken to through ``distributed`` and its futures, not through joblib: the job then
travels once and is made anew where a worker dies, each finished chunk comes home (and into the folder) at once, and a
chunk on which workers keep dying is named.
"""

import hashlib
import importlib.metadata
import json
import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from itertools import islice
from math import prod
from pathlib import Path
from threading import Event, get_ident
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from cascade import __version__
from cascade.errors import CascadeError, UsageError

Array = npt.NDArray[Any]
Progress = Callable[[int, int], None]
"""Called with the number of tasks done and the number there are, after each chunk; what was kept counts as done."""

CHUNKS: Final = 512
"""Chunks that the tasks are cut into, if each then has no more than ``CHUNK`` tasks: enough to share out among many."""
CHUNK: Final = 256
CONNECT_S: Final = 20
"""Seconds that a scheduler has to answer ..."""
WORKERS_S: Final = 120
"""... and to have a first worker: a cluster that grows on demand needs a while."""
_LOOK_S: Final = 0.5
_SEAL: Final = hashlib.sha256().digest_size
_MANIFEST: Final = "manifest.json"
_ALLOWED: Final = (np.dtype(np.int64), np.dtype(np.float64))


class Job(Protocol):
    """Many tasks that do not need each other; can be pickled, and does not change.

    One that stands for a job of another type has its name as ``stands_for``, so that both go on in one folder.
    """

    def fingerprint(self) -> bytes:
        """Return what tells this job from all that give another result; see :func:`digest`."""

    def tasks(self) -> int:
        """Return how many tasks there are."""

    def start(self) -> Any:
        """Build what the tasks of one thread share, a simulator for example; called once in each thread."""

    def run(self, state: Any, task: int) -> Array:
        """Do one task: int64 or float64, in one shape for all tasks; it may not depend on the tasks done before."""


class Interrupted(KeyboardInterrupt):
    """Somebody stopped the work; what was finished is in the store, if there is one."""

    def __init__(self, done: int, tasks: int, store: Path | None) -> None:
        kept = f"kept in {store}; the same command goes on from there" if store else "none kept"
        super().__init__(f"{done} of {tasks} done, {kept}")
        self.done, self.tasks, self.store = done, tasks, store


class Span(NamedTuple):
    """The tasks of one chunk: from ``first`` up to but not ``last``."""

    number: int
    first: int
    last: int


Finished = Iterator[tuple[Span, Array]]


def run_tasks(
    job: Job,
    *,
    workers: int = 1,
    cluster: str | None = None,
    store: str | Path | None = None,
    progress: Progress | None = None,
    chunk: int | None = None,
) -> Array:
    """Do all tasks of a job, one at least, and stack what they give, by number; equal jobs give equal bytes.

    Parameters
    ----------
    job : Job
    workers : int
        Threads on this machine; not used with a cluster.
    cluster : str, optional
        Address of a running Dask scheduler, ``tcp://host:8786``, whose workers have this same version. Dask sends
        pickled code: use only a cluster that you trust.
    store : path, optional
        A folder to keep finished chunks in, new or begun by the same job: the work goes on where it stopped.
    progress : callable, optional
    chunk : int, optional
        Tasks to hand out at a time; by default about one in 512, at most 256. A store keeps the size that it began with.

    Returns
    -------
    ndarray
        One row per task.

    Raises
    ------
    UsageError
        If the store is of another job or version, or the cluster is not there, not fit or of another version.
    CascadeError
        If the store cannot be written, the scheduler is lost, or workers keep dying on a chunk.
    Interrupted
        A KeyboardInterrupt that says how much was done.
    """
    tasks = job.tasks()
    size = min(CHUNK, -(-tasks // CHUNKS)) if chunk is None else chunk
    if min(tasks, workers, size) < 1:
        raise ValueError(f"tasks, workers and chunk must be at least 1, got {tasks}, {workers} and {chunk}")
    kept = None if store is None else _Store(Path(store), job, tasks, size)
    rows = _Rows(tasks)
    spans = _cut(tasks, size if kept is None else kept.chunk)
    left = [span for span in spans if kept is None or not rows.take(span, kept.read(span))]
    if progress is not None and not left:
        progress(tasks, tasks)
    try:
        for span, values in _finished(job, left, workers, cluster):
            if kept is not None:
                kept.write(span, values)
            rows.take(span, values)
            if progress is not None:
                progress(rows.done, tasks)
    except KeyboardInterrupt:
        raise Interrupted(rows.done, tasks, kept.folder if kept else None) from None
    assert rows.values is not None
    return rows.values


def _cut(tasks: int, size: int) -> list[Span]:
    return [Span(k, a, min(a + size, tasks)) for k, a in enumerate(range(0, tasks, size))]


def digest(*parts: object) -> bytes:
    """Return a fingerprint (32 bytes) of arrays, texts, numbers, None, and tuples or lists of them, in order.

    Raises
    ------
    TypeError
        For anything else: what has no fixed form has no fixed bytes.
    """
    found = hashlib.sha256()
    for part in parts:
        kind, plain = _plain(part)
        found.update(f"{kind} {len(plain)}:".encode())
        found.update(plain)
    return found.digest()


def _plain(part: object) -> tuple[str, bytes]:
    if isinstance(part, np.ndarray) and not part.dtype.hasobject:
        return f"array {part.dtype.descr} {part.shape}", part.tobytes()
    if isinstance(part, tuple | list):
        if part and all(type(one) is str for one in part):  # names by the million
            lengths = np.fromiter(map(len, part), np.int64, len(part))
            return f"texts {len(part)}", lengths.tobytes() + "".join(part).encode()
        return f"row {len(part)}", digest(*part)
    if isinstance(part, bytes):
        return "bytes", part
    if part is None or isinstance(part, bool | int | float | str | np.integer | np.floating | np.bool_):
        plain = part.item() if isinstance(part, np.generic) else part
        return type(plain).__name__, (plain if isinstance(plain, str) else repr(plain)).encode()
    raise TypeError(f"no fingerprint of a {type(part).__name__}")


class _Rows:
    """What is done so far, each task in its place."""

    def __init__(self, tasks: int) -> None:
        self.tasks, self.done = tasks, 0
        self.values: Array | None = None

    def take(self, span: Span, values: Array | None) -> bool:
        """Put the rows of a chunk in their place; None is no chunk."""
        if values is None:
            return False
        if self.values is None:
            self.values = np.empty((self.tasks, *values.shape[1:]), values.dtype)
        _demand_alike(values, self.values)
        self.values[span.first : span.last] = values
        self.done += span.last - span.first
        return True


def _demand_alike(new: Array, all_: Array) -> None:
    if new.shape[1:] != all_.shape[1:] or new.dtype != all_.dtype:
        raise ValueError(f"tasks differ: {all_.dtype} {all_.shape[1:]}, then {new.dtype} {new.shape[1:]}")


# ------------------------------------------------------------------ working


class _Held:
    """A job with the state of each thread that works at it; when it travels it leaves these behind."""

    def __init__(self, job: Job, about: dict[str, str]) -> None:
        self.job, self.about = job, about
        self.states: dict[int, Any] = {}

    def __reduce__(self) -> Any:
        return _Held, (self.job, self.about)

    def state(self) -> Any:
        """Return the state of this thread, on its first call after a look at whether this is the same program."""
        thread = get_ident()
        if thread not in self.states:
            if self.about != _about():
                raise UsageError(
                    f"a worker of the cluster is not the same program: {_differences(self.about, _about())}"
                )
            self.states[thread] = self.job.start()
        return self.states[thread]


def _done(held: _Held, first: int, last: int, stop: Event | None = None) -> Array:
    """Do the tasks of one chunk; between two of them the work can be stopped."""
    state = held.state()
    values: Array | None = None
    for task in range(first, last):
        if stop is not None and stop.is_set():
            raise CancelledError
        row = held.job.run(state, task)
        if row.dtype not in _ALLOWED:
            raise ValueError(f"a task gives int64 or float64, got {row.dtype}")
        if values is None:
            values = np.empty((last - first, *row.shape), row.dtype)
        _demand_alike(row[None], values)
        values[task - first] = row  # copied at once: a job may use its array again
    assert values is not None
    return values


def _finished(job: Job, spans: Sequence[Span], workers: int, cluster: str | None) -> Finished:
    """Yield chunks as they are finished, in any order."""
    if not spans:
        return
    if cluster is not None:
        yield from _on_cluster(job, spans, cluster)
        return
    held = _Held(job, _about())
    if workers == 1:
        for span in spans:
            yield span, _done(held, span.first, span.last)
        return
    yield from _on_threads(held, spans, workers)


def _on_threads(held: _Held, spans: Sequence[Span], workers: int) -> Finished:
    stop, ahead = Event(), iter(spans)
    at: dict[Future[Array], Span] = {}

    def hand_out(count: int) -> None:
        for span in islice(ahead, count):
            at[pool.submit(_done, held, span.first, span.last, stop)] = span

    with ThreadPoolExecutor(workers) as pool:
        try:
            hand_out(2 * workers)
            while at:
                # not for ever: on some systems Ctrl-C is heard only between two waits
                for future in wait(at, _LOOK_S, FIRST_COMPLETED).done:
                    span = at.pop(future)
                    hand_out(1)
                    yield span, future.result()
        finally:
            stop.set()


def _on_cluster(job: Job, spans: Sequence[Span], address: str) -> Finished:
    """Yield chunks from a cluster; one whose worker dies is done again by another, as often as the scheduler allows."""
    try:
        import dask.config
        from distributed import KilledWorker, as_completed
    except ImportError as error:
        raise UsageError("a cluster needs one more package: pip install 'cascade-vitaal[cluster]'") from error
    with _connected(address) as client:
        # a task rather than scattered data: what dies with a worker the scheduler then makes anew
        packed = pickle.dumps((job, _about()), protocol=5)
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TB"}):
            held = client.submit(_unpacked, packed, pure=False)
        futures = client.map(
            _done, [held] * len(spans), *zip(*((s.first, s.last) for s in spans), strict=True), pure=False
        )
        at = {future.key: span for future, span in zip(futures, spans, strict=True)}
        finished = as_completed(futures, loop=client.loop, with_results=True)
        del futures  # so that a worker can forget what has come home
        try:
            for future, values in finished:
                if not isinstance(values, np.ndarray):
                    raise CascadeError(f"the scheduler at {address} is gone, or has dropped this work: {values}")
                yield at.pop(future.key), values
        except KilledWorker as error:
            raise CascadeError(f"workers keep dying on the same tasks, perhaps for want of memory: {error}") from error


def _connected(address: str) -> Any:
    """Return a client of a scheduler that has workers, to be closed after use."""
    from distributed import Client

    if "://" not in address:
        raise UsageError(f"{address!r} is no address of a Dask scheduler; one looks like tcp://host:8786")
    try:
        client: Any = Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(f"no Dask scheduler answers at {address}: {error}") from error
    try:
        client.wait_for_workers(1, timeout=WORKERS_S)
    except TimeoutError as error:
        client.close()
        raise UsageError(f"the scheduler at {address} has no workers") from error
    for place in _without_program(client):
        client.close()
        raise UsageError(
            f"{place} of the cluster cannot load this program: install the same version of cascade-vitaal there"
        )
    return client


def _without_program(client: Any) -> Iterator[str]:
    """Yield who of a cluster cannot load this module; sent to it, such a worker would end, and the next one after it.

    Asked with what every Python has; those who come later are on their own.
    """
    try:
        there = client.run_on_scheduler(find_spec, __name__)
    except ImportError:
        there = None
    if there is None:
        yield "the scheduler"
    for worker, found in sorted(client.run(find_spec, __name__, on_error="return").items()):
        if found is None or isinstance(found, ImportError):
            yield f"worker {worker}"


def _unpacked(packed: bytes) -> _Held:
    """Return the job that a client has sent."""
    return _Held(*pickle.loads(packed))


@cache
def _about() -> dict[str, str]:
    """Return what else than the job decides on the bytes of a result: the code and the libraries that compute it."""
    root = Path(__file__).parents[1]
    code = hashlib.sha256()
    for path in (*(root / name for name in ("model.py", "units.py")), *_modules(root / "simulation", root / "results")):
        # with the line ends of one system, whichever this is
        code.update(f"{path.name} ".encode() + path.read_bytes().replace(b"\r\n", b"\n"))
    libraries = {name: importlib.metadata.version(name) for name in ("numba", "numpy", "scipy")}
    return {"cascade": __version__, "code": code.hexdigest()[:16], **libraries}


def _modules(*folders: Path) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(folder.glob("*.py"))


def _differences(ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    return ", ".join(f"{k} {ours[k]} here, {theirs.get(k, 'none')} there" for k in ours if ours[k] != theirs.get(k))


# ------------------------------------------------------------------ keeping


class _Store:
    """A folder with finished chunks: a manifest, and one array of numbers per chunk, whole or not at all.

    A chunk is a plain ``.npy`` file with a seal behind the array: the hash of job, place and content. Without the right
    seal it counts as not done. What is read is numbers of a known type and shape and nothing else; nothing is unpickled.
    """

    def __init__(self, folder: Path, job: Job, tasks: int, chunk: int) -> None:
        self.folder, self.chunk = folder, chunk
        of = digest(getattr(job, "stands_for", type(job).__qualname__), job.fingerprint(), tasks)
        self.mark: dict[str, Any] = {"format": 1, "job": of.hex(), "tasks": tasks, **_about()}
        self.row: tuple[list[int], str] | None = None
        """Shape and type of what a task gives; known from the first chunk on."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if (folder / _MANIFEST).exists():
                self._take_up()
            elif other := next((path.name for path in sorted(folder.iterdir()) if path.suffix != ".part"), None):
                raise UsageError(f"{folder} holds {other}, and no work to resume; name a new or empty folder")
        except OSError as error:
            raise UsageError(f"cannot keep work in {folder}: {error.strerror or error}") from error

    def _take_up(self) -> None:
        try:
            found = json.loads((self.folder / _MANIFEST).read_text("utf-8"))
            same = {key: found[key] for key in self.mark}
            chunk, shape, dtype = int(found["chunk"]), [int(n) for n in found["shape"]], np.dtype(found["dtype"])
            if chunk < 1 or dtype not in _ALLOWED or min(shape, default=1) < 0:
                raise ValueError(f"chunk {chunk}, {dtype} {shape}")
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(f"{self.folder / _MANIFEST} is damaged ({error}); name another folder") from error
        if same["job"] != self.mark["job"] or same["tasks"] != self.mark["tasks"]:
            raise UsageError(
                f"{self.folder} holds other work: the model, the scenario or an option is not the same; name another folder"
            )
        if same != self.mark:
            raise UsageError(
                f"{self.folder} was begun by another version ({_differences(self.mark, same)}); name another folder"
            )
        self.chunk, self.row = chunk, (shape, dtype.str)

    def read(self, span: Span) -> Array | None:
        """Return a finished chunk, or None if it is missing or damaged."""
        if self.row is None:
            return None
        shape, dtype = (span.last - span.first, *self.row[0]), np.dtype(self.row[1])
        head = _head(shape, dtype)
        size = len(head) + prod(shape) * dtype.itemsize
        try:
            with self._path(span).open("rb") as file:
                body, seal = file.read(size), file.read(_SEAL + 1)
        except OSError:
            return None
        if seal != self._seal(span, body):
            return None
        return np.frombuffer(body, dtype, offset=len(head)).reshape(shape)

    def write(self, span: Span, values: Array) -> None:
        """Keep a finished chunk."""
        try:
            if self.row is None:
                self.row = list(values.shape[1:]), values.dtype.str
                about = {**self.mark, "chunk": self.chunk, "shape": self.row[0], "dtype": self.row[1]}
                _write_whole(self.folder / _MANIFEST, (json.dumps(about, indent=1) + "\n").encode())
            body = _head(values.shape, values.dtype) + values.tobytes()
            _write_whole(self._path(span), body + self._seal(span, body))
        except OSError as error:
            raise CascadeError(f"cannot keep work in {self.folder}: {error.strerror or error}") from error

    def _path(self, span: Span) -> Path:
        return self.folder / f"chunk-{span.number:06d}.npy"

    def _seal(self, span: Span, body: bytes) -> bytes:
        return digest(self.mark["job"], span.number, body)


def _head(shape: tuple[int, ...], dtype: np.dtype[Any]) -> bytes:
    """Return what an array of this shape and type has before its numbers in a .npy file."""
    file = BytesIO()
    about = {"descr": dtype.str, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, about)
    return file.getvalue()


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all, whenever this process is killed.

    After a power cut it may be damaged, which a seal shows; waiting for the disk costs more than doing a chunk again.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
