"""Deficit clocks over a run: where they stand at every instant, as the engine itself has them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cascade.errors import CascadeError
from cascade.simulation import engine
from cascade.simulation.layout import HEAP_SIZE, IMPOSED, STARTED, Rows, Work, grown, new_log
from cascade.simulation.run import Run
from cascade.units import FULL

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Clocks:
    """Deficit clocks of some needs (K) over a run: at each of some instants (I) where it stands and how fast it runs.

    Between two instants a clock goes on at that rate, between 0 and ``most`` (level x seconds, level 1/10 000).
    """

    times: Ints
    """Seconds, rising, the first 0."""
    clock: Ints
    """(I, K)."""
    rate: Ints
    """(I, K) per second; above 0 it runs down the stock, below 0 it fills up."""
    most: Ints
    """(K)."""
    horizon: int

    def ends(self) -> Iterator[tuple[int, int]]:
        """Yield each instant with the next one, the last with the horizon."""
        yield from zip(self.times.tolist(), [*self.times[1:].tolist(), self.horizon], strict=True)

    def at_end(self) -> Ints:
        """Return where the clocks stand at the horizon (K)."""
        moved = self.clock[-1] + self.rate[-1] * (self.horizon - self.times[-1])
        return np.asarray(np.minimum(np.maximum(moved, 0), self.most))


def clocks(run: Run, needs: Ints) -> Clocks:
    """Follow the deficit clocks of some needs through a run.

    The engine plays the run once more and is stopped after every instant, so that the clocks are its own.

    Parameters
    ----------
    run : Run
    needs : int64 (K)
        Numbers of needs in the network.

    Raises
    ------
    CascadeError
        If the run does not settle.
    """
    imposed = run.imposed
    rows: Rows = (imposed.time, imposed.instance, imposed.own, imposed.event, imposed.wrong.astype(np.uint8))
    work, log, caps = engine.prepare(run.network.arrays), new_log(0), engine.default_caps(run.network.size)
    still = np.zeros(needs.size, np.int64)
    found = [(0, still, still)]
    while (t := _next(work, rows)) < run.horizon:
        status = engine.advance(work, rows, log, False, t + 1, caps)
        if status == engine.POOL_FULL:
            work = work._replace(pool=grown(work.pool, 2 * work.pool.size))
            continue
        if status == engine.RUNAWAY:
            raise CascadeError("the run does not settle; simulate it alone to see why")
        at = work.need[needs]
        now = np.clip(at["clock"] + at["rate"] * (t - at["clock_t"]), 0, at["most"])
        since, clock, rate = found[-1]
        expected = np.clip(clock + rate * (t - since), 0, at["most"])
        if (now != expected).any() or (at["rate"] != rate).any():
            found.append((t, now, at["rate"].astype(np.int64)))
    if len(found) > 1 and found[1][0] == 0:
        found = found[1:]
    times, stood, ran = zip(*found, strict=True)
    most = run.network.arrays.step_time[run.network.arrays.step_start[needs + 1] - 1] * FULL
    return Clocks(np.array(times, np.int64), np.array(stood), np.array(ran), most, run.horizon)


def _next(work: Work, rows: Rows) -> int:
    """Return the next instant of a simulator; far beyond any horizon if there is none."""
    times = [int(np.iinfo(np.int64).max) - 1]
    if work.reg[IMPOSED] < rows[0].size:
        times.append(int(rows[0][work.reg[IMPOSED]]))
    if work.reg[HEAP_SIZE] > 0:
        times.append(int(work.heap["t"][0]))
    if not work.reg[STARTED] and work.deficient.size > 0:
        times.append(0)
    return min(times)


class Draw(NamedTuple):
    """A time during which a stock is drawn on: seconds, and the clock at both ends."""

    start: int
    end: int
    before: int
    after: int


def draws(found: Clocks, k: int, begin: int, end: int) -> list[Draw]:
    """Return when a clock runs between two of its positions (level x seconds): when that part of a reserve is used."""
    spans = []
    for (t, until), stood, rate in zip(
        found.ends(), found.clock[:, k].tolist(), found.rate[:, k].tolist(), strict=True
    ):
        if rate <= 0 or stood >= end:
            continue
        first = t if stood >= begin else t + -(-(begin - stood) // rate)
        last = min(until, t + -(-(end - stood) // rate))
        if first < last:
            at = [min(stood + rate * (moment - t), end) for moment in (first, last)]
            spans.append(Draw(first, last, at[0], at[1]))
    return spans
