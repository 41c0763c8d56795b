"""The nearest thing to a physical limit: the shared speed task by a bare compiled sweep over a frontier.

No levels, clocks, causes or log: a process is up or down, and a failure moves one hop an hour.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

Ints = npt.NDArray[np.int32]


def consumers(suppliers: npt.NDArray[np.int64]) -> tuple[Ints, Ints]:
    """Turn rows of suppliers (N x 5) around: ``target[start[j]:start[j + 1]]`` are the consumers of ``j``."""
    n, per = suppliers.shape
    order = np.argsort(suppliers.ravel(), kind="stable")
    start = np.concatenate(([0], np.cumsum(np.bincount(suppliers.ravel(), minlength=n))))
    return start.astype(np.int32), (order // per).astype(np.int32)


@njit(cache=True)
def spread(start, target, need, seeds, hops, stamp, seen, failed, queue):  # type: ignore[no-untyped-def]
    """Fail the seeds and count what is down after so many hops."""
    head = tail = 0
    for seed in seeds:
        seen[seed], failed[seed] = stamp, 127
        queue[tail] = seed
        tail += 1
    for _ in range(hops):
        if head == tail:
            break
        last = tail
        while head < last:
            j = queue[head]
            head += 1
            for at in range(start[j], start[j + 1]):
                i = target[at]
                if seen[i] != stamp:
                    seen[i], failed[i] = stamp, 0
                failed[i] += 1
                if failed[i] == need[i]:
                    queue[tail] = i
                    tail += 1
    return tail


@njit(cache=True)
def spread_each(start, target, need, hops, seen, failed, queue, down):  # type: ignore[no-untyped-def]
    """Fail each process alone; ``down`` (N) gets the number down at the end."""
    seed = np.empty(1, np.int32)
    for j in range(need.size):
        seed[0] = j
        down[j] = spread(start, target, need, seed, hops, np.int32(j), seen, failed, queue)


def room(n: int) -> tuple[Ints, npt.NDArray[np.int8], Ints]:
    """Return the state of a sweep: stamps, counters of failed suppliers, queue."""
    return np.full(n, -1, np.int32), np.zeros(n, np.int8), np.zeros(n, np.int32)
