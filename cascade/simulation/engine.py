"""The simulator: semantics.md on flat integer arrays, event by event, with the interpreter lock released.

Work per instant is proportional to what changed. Nothing here knows names, files or frames.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from cascade.errors import CascadeError
from cascade.simulation.events import Imposed
from cascade.simulation.layout import (
    CHANGED,
    HEAP_SIZE,
    IMPOSED,
    LOG_ROWS,
    N_CHANGED,
    N_NOTED,
    N_RUN_NEEDS,
    N_RUN_PROCESSES,
    N_SEEN,
    N_TOUCHED,
    N_WRONG,
    NOTED,
    POOL_FREE,
    POOL_USED,
    Q_COUNT,
    Q_FIRST,
    QUEUE,
    ROWS,
    RUN_NEEDS,
    RUN_PROCESSES,
    SCRATCH,
    SEEN,
    STARTED,
    TOUCHED,
    UPDATES,
    WRONG,
    WRONG_NEW,
    Array,
    Log,
    Rows,
    Work,
    grown,
    lay_out,
    new_log,
)
from cascade.simulation.network import Arrays
from cascade.units import FULL


def cache_folder() -> Path:
    """Return where compiled code is kept: the user's cache folder, so that a read-only install works."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or str(Path.home() / ".cache")
    return Path(os.environ.get("NUMBA_CACHE_DIR") or Path(base) / "cascade-vitaal")


os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_folder()))

from numba import njit  # noqa: E402  (the cache folder must be set before)
from numba.core.event import Event, Listener, register  # noqa: E402

# No array is made or freed in here, so reference counting is switched off: counting costs more than the work does.
_OPTIONS: Any = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}
jit: Any = njit(**_OPTIONS)
inlined: Any = njit(**_OPTIONS, forceinline=True)

DONE: Final = 0
LOG_FULL: Final = 1
POOL_FULL: Final = 2
RUNAWAY: Final = 3

DIGIT_BITS: Final = SCRATCH.bit_length() - 1
MANY: Final = 1 << 10
"""Instances from which on sorting digit by digit is faster than on a heap."""
DUE_LEAST: Final = 64
DUE_PART: Final = 40
"""When more than the first number and one in so many of the heap were taken at an instant, the rest of it goes in one sweep."""

KIND_NONE: Final = 0
KIND_EVENT: Final = 1
KIND_NEED: Final = 2
KIND_RESTART: Final = 3

# ------------------------------------------------------------------ heap of coming instants, one entry per id


@inlined
def _heap_put(g: Work, at: int, t: int, key: int) -> None:
    g.heap[at].t = t
    g.heap[at].id = key
    g.heap_pos[key] = at


@inlined
def _heap_up(g: Work, at: int, t: int, key: int) -> None:
    """Move an entry from a free place towards the root."""
    while at > 0:
        parent = (at - 1) >> 1
        if g.heap[parent].t <= t:
            break
        _heap_put(g, at, g.heap[parent].t, g.heap[parent].id)
        at = parent
    _heap_put(g, at, t, key)


@inlined
def _heap_down(g: Work, at: int, t: int, key: int) -> None:
    """Move an entry from a free place towards the leaves."""
    size = g.reg[HEAP_SIZE]
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and g.heap[child + 1].t < g.heap[child].t:
            child += 1
        if t <= g.heap[child].t:
            break
        _heap_put(g, at, g.heap[child].t, g.heap[child].id)
        at = child
    _heap_put(g, at, t, key)


@inlined
def _heap_set(g: Work, key: int, t: int) -> None:
    at = g.heap_pos[key]
    if at < 0:
        at = g.reg[HEAP_SIZE]
        g.reg[HEAP_SIZE] = at + 1
        _heap_up(g, at, t, key)
    elif t < g.heap[at].t:
        _heap_up(g, at, t, key)
    elif t > g.heap[at].t:
        _heap_down(g, at, t, key)


@inlined
def _heap_remove(g: Work, key: int) -> None:
    at = g.heap_pos[key]
    if at < 0:
        return
    last = g.reg[HEAP_SIZE] - 1
    g.reg[HEAP_SIZE] = last
    g.heap_pos[key] = -1
    if at < last:
        t, moved = g.heap[last].t, g.heap[last].id
        if at > 0 and g.heap[(at - 1) >> 1].t > t:
            _heap_up(g, at, t, moved)
        else:
            _heap_down(g, at, t, moved)


# ------------------------------------------------------------------ marking what must be looked at again


@inlined
def _note_process(g: Work, i: int) -> None:
    if not g.proc[i].ran:
        g.proc[i].ran = 1
        g.lists[RUN_PROCESSES, g.reg[N_RUN_PROCESSES]] = i
        g.reg[N_RUN_PROCESSES] += 1


@inlined
def _enqueue(g: Work, i: int) -> None:
    if not g.proc[i].queued:
        g.proc[i].queued = 1
        n = g.proc.size
        at = g.reg[Q_FIRST] + g.reg[Q_COUNT]
        if at >= n:
            at -= n
        g.lists[QUEUE, at] = i
        g.reg[Q_COUNT] += 1


@inlined
def _touch(g: Work, need: int) -> None:
    if not g.need[need].touched:
        g.need[need].touched = 1
        g.lists[TOUCHED, g.reg[N_TOUCHED]] = need
        g.reg[N_TOUCHED] += 1
        if not g.need[need].ran:
            g.need[need].ran = 1
            g.lists[RUN_NEEDS, g.reg[N_RUN_NEEDS]] = need
            g.reg[N_RUN_NEEDS] += 1


@inlined
def _mark(g: Work, need: int, owner: int) -> None:
    g.need[need].dirty = 1
    _touch(g, need)
    _enqueue(g, owner)


@inlined
def _arrives(x: int, lo: int, hi: int) -> int:
    """Return what arrives over one supply: semantics 3."""
    if lo == 0 and hi == FULL:
        return x
    r = (x - lo) * FULL // (hi - lo)
    if r < 0:
        return 0
    return FULL if r > FULL else r


@inlined
def _shift(g: Work, o: int, before: int, after: int) -> None:
    """Book that what arrives over one supply has changed; mark its need unless that leaves it as it is."""
    k, need = g.out[o].term, g.out[o].need
    top, bottom = FULL, 1
    if k >= 0:
        top, bottom = g.term[k].sum * FULL, g.term[k].sum
        change = g.out[o].weight * (after - before)
        before = g.term[k].acc
        after = before + change
        g.term[k].acc = after
    if g.out[o].whole:
        g.need[need].fulls += (after == top) - (before == top)
    g.need[need].zeros += (after < bottom) - (before < bottom)
    supply = g.need[need].supply
    if supply == FULL and g.need[need].fulls >= g.need[need].fulls_asked:
        return
    if supply == 0 and g.need[need].zeros >= g.need[need].zeros_asked:
        return
    _mark(g, need, g.out[o].owner)


@inlined
def _propagate(g: Work, j: int, old: int, new: int) -> None:
    spoof = g.reg[N_WRONG] > 0
    for o in range(g.proc[j].out_first, g.proc[j].out_last):
        if spoof and g.member[g.out[o].member].zero:
            continue
        lo, hi = g.out[o].lo, g.out[o].hi
        before, after = _arrives(old, lo, hi), _arrives(new, lo, hi)
        if before != after:
            _shift(g, o, before, after)
    for o in range(g.proc[j].sustain_out_first, g.proc[j].sustain_out_last):
        _touch(g, g.sustain_out[o])


# ------------------------------------------------------------------ one need, one process


@inlined
def _term(g: Work, k: int) -> int:
    first = g.term[k].member_first
    if g.term[k].member_last - first > 1:
        return min(g.term[k].acc // g.term[k].sum, g.term[k].gives)
    if g.member[first].zero:
        return 0
    x = g.proc[g.member[first].supplier].x
    return min(_arrives(x, g.member[first].lo, g.member[first].hi), g.term[k].gives)


@inlined
def _kth(g: Work, first: int, last: int, k: int) -> int:
    """Return the k-th greatest of some terms."""
    for t in range(first, last):
        r = _term(g, t)
        at = t - first
        while at > 0 and g.scratch[at - 1] < r:
            g.scratch[at] = g.scratch[at - 1]
            at -= 1
        g.scratch[at] = r
    return int(g.scratch[k - 1])


@inlined
def _supplied(g: Work, need: int) -> int:
    if g.need[need].fulls >= g.need[need].fulls_asked:
        return FULL
    if g.need[need].zeros >= g.need[need].zeros_asked:
        return 0
    first, last = g.need[need].term_first, g.need[need].term_last
    rule = g.need[need].rule
    if last - first == 1 and rule != 3:
        return _term(g, first)
    if rule == 2:
        return _kth(g, first, last, g.need[need].count)
    if rule == 3:
        total = 0
        for t in range(first, last):
            total += g.term[t].weight * _term(g, t)
        return total // g.need[need].need_sum
    s = _term(g, first)
    for t in range(first + 1, last):
        r = _term(g, t)
        if (rule == 0 and r < s) or (rule == 1 and r > s):
            s = r
    return s


@inlined
def _respond(g: Work, need: int, s: int) -> int:
    """Return the level held for good on a partial supply: semantics 4."""
    first, last = g.need[need].curve_first, g.need[need].curve_last
    if first == last:
        return s
    for a in range(first + 1, last):
        if s <= g.curve[a].x:
            x0, y0 = g.curve[a - 1].x, g.curve[a - 1].y
            return int(y0 + (g.curve[a].y - y0) * (s - x0) // (g.curve[a].x - x0))
    return FULL


@inlined
def _wind(g: Work, need: int, t: int) -> None:
    """Bring a clock to the present."""
    if g.need[need].clock_t != t:
        d = g.need[need].clock + g.need[need].rate * (t - g.need[need].clock_t)
        g.need[need].clock = min(max(d, 0), g.need[need].most)
        g.need[need].clock_t = t


@inlined
def _unmisled(g: Work, need: int, t: int) -> int:
    """Return how far a need is met, were nothing wrong."""
    s = g.need[need].supply
    if s == FULL:
        return FULL
    _wind(g, need, t)
    level = FULL
    for k in range(g.need[need].step_first, g.need[need].step_last):
        if g.need[need].clock >= g.step[k].at:
            level = g.step[k].level
    return int(max(level, _respond(g, need, s)))


@inlined
def _evaluate(g: Work, i: int, t: int) -> None:
    """Find what a process could deliver now: semantics 5."""
    p = g.proc[i].own
    for need in range(g.proc[i].need_first, g.proc[i].need_last):
        if g.need[need].dirty:
            g.need[need].dirty = 0
            g.need[need].supply = _supplied(g, need)
            met = _unmisled(g, need, t)
            if g.need[need].misled:
                met = min(met, g.need[need].capped)
            g.need[need].met = met
        if g.need[need].met < p:
            p = g.need[need].met
    g.proc[i].p = 0 if p < g.proc[i].stops else p


@inlined
def _waits(g: Work, i: int) -> int:
    """Return w: the least it could have delivered at any moment of its last ``restart`` seconds."""
    if g.proc[i].restart == 0:
        return FULL
    w = g.proc[i].target
    if g.proc[i].head >= 0:
        w = min(w, g.pool[g.proc[i].head].value)
    return int(w)


@inlined
def _set_level(g: Work, i: int, new: int) -> None:
    old = g.proc[i].x
    if not g.proc[i].changed:
        g.proc[i].changed = 1
        g.proc[i].before = old
        g.lists[CHANGED, g.reg[N_CHANGED]] = i
        g.reg[N_CHANGED] += 1
    g.proc[i].x = new
    g.proc[i].moved = 1
    g.reg[UPDATES] += 1
    _propagate(g, i, old, new)


@jit
def _settle(g: Work, t: int, rising: bool, cap: int) -> bool:
    """Rise to the least fixed point above, or fall to the greatest below; False if it will not end."""
    n = g.proc.size
    while g.reg[Q_COUNT] > 0:
        first = g.reg[Q_FIRST]
        i = g.lists[QUEUE, first]
        g.reg[Q_FIRST] = 0 if first + 1 == n else first + 1
        g.reg[Q_COUNT] -= 1
        g.proc[i].queued = 0
        _evaluate(g, i, t)
        if not g.proc[i].seen:
            g.proc[i].seen = 1
            g.lists[SEEN, g.reg[N_SEEN]] = i
            g.reg[N_SEEN] += 1
            _note_process(g, i)
        if rising:
            new = min(g.proc[i].p, _waits(g, i))
            if new > g.proc[i].x:
                _set_level(g, i, new)
        elif g.proc[i].p < g.proc[i].x:
            _set_level(g, i, g.proc[i].p)
        if g.reg[UPDATES] > cap:
            return False
    return True


# ------------------------------------------------------------------ manipulation


@jit
def _spread_wrong(g: Work, t: int) -> None:
    """Find the least closed set of wrong outputs afresh, and what it changes: semantics 7."""
    reg = g.reg
    old_count = reg[N_WRONG]
    for a in range(old_count):
        g.proc[g.lists[WRONG, a]].wrong = 2
    count = 0
    for a in range(reg[N_RUN_PROCESSES]):
        i = g.lists[RUN_PROCESSES, a]
        if g.proc[i].source:
            g.lists[WRONG_NEW, count] = i
            count += 1
            g.proc[i].wrong |= 1
    reg[N_NOTED] = 0
    at = 0
    while at < count:
        j = g.lists[WRONG_NEW, at]
        at += 1
        for o in range(g.proc[j].out_first, g.proc[j].out_last):
            need = g.out[o].need
            if not g.need[need].noted:
                g.need[need].noted = 1
                g.lists[NOTED, reg[N_NOTED]] = need
                reg[N_NOTED] += 1
            else:
                continue
            if g.need[need].cap < 0:
                continue
            since = g.need[need].since if g.need[need].since >= 0 else t
            if t >= since + g.need[need].notice:
                continue
            i = g.out[o].owner
            if g.proc[i].passes and not g.proc[i].wrong & 1:
                g.proc[i].wrong |= 1
                g.lists[WRONG_NEW, count] = i
                count += 1
    _apply_wrong(g, t, old_count, count)
    for a in range(reg[N_NOTED]):
        g.need[g.lists[NOTED, a]].noted = 0
    for a in range(old_count):
        if not g.proc[g.lists[WRONG, a]].wrong & 1:
            g.proc[g.lists[WRONG, a]].wrong = 0
    for a in range(count):
        i = g.lists[WRONG_NEW, a]
        g.proc[i].wrong = 1
        g.proc[i].moved = 1
        g.lists[WRONG, a] = i
        _note_process(g, i)
    reg[N_WRONG] = count


@jit
def _apply_wrong(g: Work, t: int, old_count: int, count: int) -> None:
    for a in range(g.reg[N_NOTED]):
        need = g.lists[NOTED, a]
        if g.need[need].since < 0:
            g.need[need].since = t
            _touch(g, need)
        _set_misled(g, need, t)
    for half in range(2):
        for a in range(old_count if half == 0 else count):
            j = g.lists[WRONG, a] if half == 0 else g.lists[WRONG_NEW, a]
            for o in range(g.proc[j].out_first, g.proc[j].out_last):
                need = g.out[o].need
                if not g.need[need].noted and g.need[need].since >= 0:
                    g.need[need].since = -1
                    _touch(g, need)
                    _set_misled(g, need, t)
                refused = (g.proc[j].wrong & 1) == 1 and g.need[need].misled == 0
                _set_refused(g, o, j, refused)


@jit
def _up(value: int, by: int) -> int:
    """Divide upwards: towards less service."""
    return (value + by - 1) // by


@jit
def _capped(g: Work, need: int) -> int:
    """Return the level while misled: the less of a weighted mean is wrong, the less it misleads."""
    most, total = 0, 0
    for k in range(g.need[need].term_first, g.need[need].term_last):
        weight = 0
        for m in range(g.term[k].member_first, g.term[k].member_last):
            if g.proc[g.member[m].supplier].wrong & 1:
                weight += g.member[m].weight
        wrong = _up(FULL * weight, g.term[k].sum)
        most = max(most, wrong)
        total += g.term[k].weight * wrong
    if g.need[need].rule == 3:
        most = _up(total, g.need[need].need_sum)
    return FULL - _up((FULL - g.need[need].cap) * most, FULL)


@jit
def _set_misled(g: Work, need: int, t: int) -> None:
    since = g.need[need].since
    misled = since >= 0 and g.need[need].cap >= 0 and t < since + g.need[need].notice
    capped = _capped(g, need) if misled else FULL
    if misled != g.need[need].misled or capped != g.need[need].capped:
        g.need[need].misled = misled
        g.need[need].capped = capped
        _mark(g, need, g.need[need].owner)
    key = g.need.size + need
    if misled:
        _heap_set(g, key, since + g.need[need].notice)
    else:
        _heap_remove(g, key)


@jit
def _set_refused(g: Work, o: int, j: int, refused: bool) -> None:
    member = g.out[o].member
    if refused == g.member[member].zero:
        return
    r = _arrives(g.proc[j].x, g.out[o].lo, g.out[o].hi)
    g.member[member].zero = refused
    if r > 0 and refused:
        _shift(g, o, r, 0)
    elif r > 0:
        _shift(g, o, 0, r)


# ------------------------------------------------------------------ clocks and restart windows after an instant


@inlined
def _growth(g: Work, need: int) -> int:
    s = g.need[need].supply
    if s == FULL:
        return int(-g.need[need].back)
    first, last = g.need[need].sustain_first, g.need[need].sustain_last
    if first == last:
        return int(FULL - s)
    total = 0
    for a in range(first, last):
        total += g.sustain[a].weight * g.proc[g.sustain[a].instance].x
    return int((FULL - s) * (FULL - total // g.need[need].sustain_sum) // FULL)


@inlined
def _set_clock(g: Work, need: int, t: int) -> None:
    if g.need[need].most == 0:
        return
    _wind(g, need, t)
    if g.need[need].supply == FULL and g.need[need].back < 0:
        g.need[need].clock = 0
        rate = 0
    else:
        rate = _growth(g, need)
    g.need[need].rate = rate
    if rate > 0:
        for k in range(g.need[need].step_first, g.need[need].step_last):
            missing = g.step[k].at - g.need[need].clock
            if missing > 0:
                _heap_set(g, need, t + (missing + rate - 1) // rate)
                return
    _heap_remove(g, need)


@inlined
def _pool_take(g: Work) -> int:
    free = g.reg[POOL_FREE]
    if free >= 0:
        g.reg[POOL_FREE] = g.pool[free].next
        return int(free)
    used = g.reg[POOL_USED]
    g.reg[POOL_USED] = used + 1
    return int(used)


@inlined
def _pool_give(g: Work, a: int) -> None:
    g.pool[a].next = g.reg[POOL_FREE]
    g.reg[POOL_FREE] = a


@jit
def _drop_first(g: Work, i: int) -> None:
    a = g.proc[i].head
    g.proc[i].head = g.pool[a].next
    if g.proc[i].head < 0:
        g.proc[i].tail = -1
    else:
        g.pool[g.proc[i].head].prev = -1
    _pool_give(g, a)


@inlined
def _drop_last_from(g: Work, i: int, value: int) -> None:
    """Forget given-up targets of at least this value: a later one bounds them."""
    while g.proc[i].tail >= 0 and g.pool[g.proc[i].tail].value >= value:
        a = g.proc[i].tail
        g.proc[i].tail = g.pool[a].prev
        if g.proc[i].tail < 0:
            g.proc[i].head = -1
        else:
            g.pool[g.proc[i].tail].next = -1
        _pool_give(g, a)


@inlined
def _remember(g: Work, i: int, t: int) -> None:
    """Keep the target found at this instant for the restart window."""
    old, new = g.proc[i].target, g.proc[i].p
    if g.proc[i].restart == 0:
        g.proc[i].target = new
        return
    if new != old:
        _drop_last_from(g, i, min(old, new))
        if new > old:
            a = _pool_take(g)
            g.pool[a].value = old
            g.pool[a].t = t
            g.pool[a].next = -1
            g.pool[a].prev = g.proc[i].tail
            if g.proc[i].tail < 0:
                g.proc[i].head = a
            else:
                g.pool[g.proc[i].tail].next = a
            g.proc[i].tail = a
        g.proc[i].target = new
    key = 2 * g.need.size + i
    if g.proc[i].head >= 0:
        _heap_set(g, key, g.pool[g.proc[i].head].t + g.proc[i].restart)
    else:
        _heap_remove(g, key)


# ------------------------------------------------------------------ what a change is due to


@jit
def _wrong_member(g: Work, need: int) -> int:
    for m in range(g.term[g.need[need].term_first].member_first, g.term[g.need[need].term_last - 1].member_last):
        if g.proc[g.member[m].supplier].wrong:
            return int(g.member[m].supplier)
    return -1


@jit
def _binding_term(g: Work, need: int) -> int:
    first, last = g.need[need].term_first, g.need[need].term_last
    if g.need[need].rule == 3:
        best, worst = first, -1
        for t in range(first, last):
            short = g.term[t].weight * (FULL - _term(g, t))
            if short > worst:
                best, worst = t, short
        return int(best)
    for t in range(first, last):
        if _term(g, t) == g.need[need].supply:
            return int(t)
    return int(first)


@jit
def _binding_supplier(g: Work, need: int, t: int) -> int:
    if g.need[need].misled and g.need[need].met < _unmisled(g, need, t):
        return _wrong_member(g, need)
    term = _binding_term(g, need)
    best, worst = -1, -1
    for m in range(g.term[term].member_first, g.term[term].member_last):
        j = g.member[m].supplier
        r = 0
        if not g.member[m].zero:
            r = _arrives(g.proc[j].x, g.member[m].lo, g.member[m].hi)
        short = g.member[m].weight * (FULL - r)
        if short > worst:
            best, worst = j, short
    return int(best)


@jit
def _write_row(g: Work, log: Log, i: int, t: int) -> None:
    row = g.reg[LOG_ROWS]
    g.reg[LOG_ROWS] = row + 1
    log.time[row] = t
    log.instance[row] = i
    log.before[row] = g.proc[i].before
    log.after[row] = g.proc[i].x
    least = g.proc[i].own
    for need in range(g.proc[i].need_first, g.proc[i].need_last):
        least = min(least, g.need[need].met)
    kind, event, bound, supplier = KIND_NONE, -1, -1, -1
    if least < FULL and g.proc[i].own == least:
        kind, event = KIND_EVENT, g.proc[i].own_event
    elif least < FULL:
        kind = KIND_NEED
        for need in range(g.proc[i].need_first, g.proc[i].need_last):
            if g.need[need].met == least:
                bound, supplier = need, _binding_supplier(g, need, t)
                break
    log.kind[row] = KIND_RESTART if g.proc[i].x < g.proc[i].p else kind
    log.event[row] = event
    log.need[row] = bound
    log.supplier[row] = supplier


# ------------------------------------------------------------------ an instant


@jit
def _take_imposed(g: Work, imposed: Rows, t: int) -> bool:
    """Apply what changes from outside; True if a source of wrong output came or went."""
    spoof = False
    at = g.reg[IMPOSED]
    while at < imposed[0].size and imposed[0][at] == t:
        i = imposed[1][at]
        _note_process(g, i)
        g.proc[i].own = imposed[2][at]
        g.proc[i].own_event = imposed[3][at]
        if g.proc[i].source != imposed[4][at]:
            g.proc[i].source = imposed[4][at]
            spoof = True
        _enqueue(g, i)
        at += 1
    g.reg[IMPOSED] = at
    return spoof


@inlined
def _heed_due(g: Work, key: int, t: int) -> bool:
    """Look again at what an entry of the heap is about; True if it is a notice."""
    needs = g.need.size
    if key < needs:
        _mark(g, key, g.need[key].owner)
    elif key >= 2 * needs:
        i = key - 2 * needs
        while g.proc[i].head >= 0 and g.pool[g.proc[i].head].t + g.proc[i].restart <= t:
            _drop_first(g, i)
        _enqueue(g, i)
    return bool(needs <= key < 2 * needs)


@jit
def _take_due(g: Work, t: int) -> bool:
    """Take the steps, notices and window ends that fall due; True if a notice is among them."""
    notice, taken = False, 0
    while g.reg[HEAP_SIZE] > 0 and g.heap[0].t == t:
        if taken > DUE_LEAST and DUE_PART * taken > g.reg[HEAP_SIZE]:
            return _sweep_due(g, t) or notice
        key = g.heap[0].id
        _heap_remove(g, key)
        notice |= _heed_due(g, key, t)
        taken += 1
    return notice


@jit
def _sweep_due(g: Work, t: int) -> bool:
    """Take all that falls due in one sweep over the heap, and order what stays anew: for when much of it is due."""
    notice, kept = False, 0
    for at in range(g.reg[HEAP_SIZE]):
        key = g.heap[at].id
        if g.heap[at].t == t:
            g.heap_pos[key] = -1
            notice |= _heed_due(g, key, t)
        else:
            g.heap[kept].t, g.heap[kept].id = g.heap[at].t, key
            kept += 1
    g.reg[HEAP_SIZE] = kept
    for at in range(kept):
        g.heap_pos[g.heap[at].id] = at
    for at in range(kept // 2 - 1, -1, -1):
        _heap_down(g, at, g.heap[at].t, g.heap[at].id)
    return notice


@jit
def _instant(g: Work, imposed: Rows, log: Log, keep: bool, t: int, cap: int) -> bool:
    """Find the new levels at one instant, and what follows from them: semantics 5 and 6."""
    reg = g.reg
    spoof = _take_imposed(g, imposed, t)
    notice = _take_due(g, t)
    if not reg[STARTED]:
        reg[STARTED] = 1
        for a in range(g.deficient.size):
            _mark(g, g.deficient[a], g.need[g.deficient[a]].owner)
    if spoof or notice:
        _spread_wrong(g, t)
    if not _settle(g, t, True, cap):
        return False
    for a in range(reg[N_SEEN]):
        i = g.lists[SEEN, a]
        # what was looked at can fall by what is known of it; what is in the queue already is looked at again
        if g.proc[i].p < g.proc[i].x and not g.proc[i].queued:
            _set_level(g, i, g.proc[i].p)
    if not _settle(g, t, False, cap):
        return False
    for a in range(reg[N_TOUCHED]):
        need = g.lists[TOUCHED, a]
        g.need[need].touched = 0
        _set_clock(g, need, t)
    reg[N_TOUCHED] = 0
    _close(g, log, keep, t)
    return True


@inlined
def _sift(g: Work, at: int, size: int) -> None:
    value = g.lists[CHANGED, at]
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and g.lists[CHANGED, child + 1] > g.lists[CHANGED, child]:
            child += 1
        if g.lists[CHANGED, child] <= value:
            break
        g.lists[CHANGED, at] = g.lists[CHANGED, child]
        at = child
    g.lists[CHANGED, at] = value


@jit
def _sort_changed(g: Work, count: int) -> None:
    """Put the instances changed at this instant in canonical order (heap sort: no memory needed)."""
    for at in range(count // 2 - 1, -1, -1):
        _sift(g, at, count)
    for last in range(count - 1, 0, -1):
        first = g.lists[CHANGED, 0]
        g.lists[CHANGED, 0] = g.lists[CHANGED, last]
        g.lists[CHANGED, last] = first
        _sift(g, 0, last)


@jit
def _sort_many(g: Work, count: int) -> None:
    """Put many in canonical order digit by digit, to and fro between two lists: the queue is empty by now."""
    digits = SCRATCH
    here, there = CHANGED, QUEUE
    shift = 0
    while g.proc.size >> shift > 0:
        g.scratch[:digits] = 0
        for a in range(count):
            g.scratch[(g.lists[here, a] >> shift) & (digits - 1)] += 1
        before = 0
        for digit in range(digits):
            before, g.scratch[digit] = before + g.scratch[digit], before
        for a in range(count):
            digit = (g.lists[here, a] >> shift) & (digits - 1)
            g.lists[there, g.scratch[digit]] = g.lists[here, a]
            g.scratch[digit] += 1
        here, there = there, here
        shift += DIGIT_BITS
    for a in range(count if here != CHANGED else 0):
        g.lists[CHANGED, a] = g.lists[QUEUE, a]


@jit
def _close(g: Work, log: Log, keep: bool, t: int) -> None:
    """Remember the targets, book the losses and write the log of an instant."""
    reg = g.reg
    for a in range(reg[N_SEEN]):
        i = g.lists[SEEN, a]
        g.proc[i].seen = 0
        _remember(g, i, t)
    reg[N_SEEN] = 0
    count = reg[N_CHANGED]
    if keep and count >= MANY:
        _sort_many(g, count)
    elif keep and count > 1:
        _sort_changed(g, count)
    for a in range(count):
        i = g.lists[CHANGED, a]
        g.proc[i].changed = 0
        if g.proc[i].before == g.proc[i].x:
            continue
        g.proc[i].lost += (FULL - g.proc[i].before) * (t - g.proc[i].lost_t)
        g.proc[i].lost_t = t
        reg[ROWS] += 1
        if keep:
            _write_row(g, log, i, t)
    reg[N_CHANGED] = 0


@jit
def advance(g: Work, imposed: Rows, log: Log, keep: bool, horizon: int, caps: Array) -> int:
    """Go from instant to instant until the horizon, or until room or patience (``caps``) runs out."""
    reg = g.reg
    n = g.proc.size
    while True:
        t = horizon
        if reg[IMPOSED] < imposed[0].size:
            t = min(t, imposed[0][reg[IMPOSED]])
        if reg[HEAP_SIZE] > 0:
            t = min(t, g.heap[0].t)
        if not reg[STARTED] and g.deficient.size > 0:
            t = 0
        if t >= horizon:
            break
        if keep and reg[LOG_ROWS] + n > log.time.size:
            return LOG_FULL
        if reg[POOL_USED] + n > g.pool.size:
            return POOL_FULL
        if not _instant(g, imposed, log, keep, t, caps[1]) or reg[ROWS] > caps[0]:
            return RUNAWAY
    for a in range(reg[N_RUN_PROCESSES]):
        i = g.lists[RUN_PROCESSES, a]
        g.proc[i].lost += (FULL - g.proc[i].x) * (horizon - g.proc[i].lost_t)
        g.proc[i].lost_t = horizon
    return DONE


@inlined
def _reset_process(g: Work, i: int) -> None:
    g.proc[i].ran = 0
    g.proc[i].x = FULL
    g.proc[i].own = FULL
    g.proc[i].own_event = -1
    g.proc[i].p = FULL
    g.proc[i].target = FULL
    g.proc[i].source = 0
    g.proc[i].wrong = 0
    g.proc[i].head = -1
    g.proc[i].tail = -1
    g.proc[i].lost = 0
    g.proc[i].lost_t = 0
    g.proc[i].queued = 0
    g.proc[i].seen = 0
    g.proc[i].changed = 0
    g.proc[i].moved = 0


@inlined
def _reset_need(g: Work, need: int) -> None:
    g.need[need].ran = 0
    g.need[need].touched = 0
    g.need[need].dirty = 0
    g.need[need].met = FULL
    g.need[need].clock = 0
    g.need[need].clock_t = 0
    g.need[need].rate = 0
    g.need[need].misled = 0
    g.need[need].capped = FULL
    g.need[need].since = -1
    g.need[need].supply = g.need[need].healthy_supply
    g.need[need].fulls = g.need[need].healthy_fulls
    g.need[need].zeros = 0


@jit
def _reset_all(g: Work) -> None:
    """Go through the rows as they lie: cheaper than from one touched row to the next, when most are touched."""
    for i in range(g.proc.size):
        _reset_process(g, i)
    for need in range(g.need.size):
        _reset_need(g, need)
    for k in range(g.term.size if g.means > 0 else 0):
        g.term[k].acc = g.term[k].sum * FULL
    for m in range(g.member.size if g.reg[N_WRONG] > 0 else 0):
        g.member[m].zero = 0


@jit
def _reset_touched(g: Work) -> None:
    reg = g.reg
    for a in range(reg[N_RUN_PROCESSES]):
        i = g.lists[RUN_PROCESSES, a]
        if g.proc[i].moved:
            for o in range(g.proc[i].out_first, g.proc[i].out_last):
                k, need = g.out[o].term, g.out[o].need
                if k >= 0:
                    g.term[k].acc = g.term[k].sum * FULL
                g.need[need].fulls = g.need[need].healthy_fulls
                g.need[need].zeros = 0
                if reg[N_WRONG] > 0:
                    g.member[g.out[o].member].zero = 0
        _reset_process(g, i)
    for a in range(reg[N_RUN_NEEDS]):
        _reset_need(g, g.lists[RUN_NEEDS, a])


@jit
def reset(g: Work) -> None:
    """Undo a run."""
    reg = g.reg
    if 2 * reg[N_RUN_PROCESSES] > g.proc.size:
        _reset_all(g)
    else:
        _reset_touched(g)
    for a in range(reg[HEAP_SIZE]):
        g.heap_pos[g.heap[a].id] = -1
    reg[:] = 0
    reg[POOL_FREE] = -1


@jit
def sweep(
    g: Work, log: Log, first: Array, hits: Rows, horizon: int, caps: Array, done: int, below: Array, lost: Array
) -> tuple[int, int]:
    """Run many scenarios one after another without a log, from number ``done`` on.

    ``first`` (R + 1) tells which rows of ``hits`` belong to which run; ``below`` (R) gets the number of processes
    below full at the end, ``lost`` (R) their lost level x seconds in all.
    """
    for r in range(done, below.size):
        a, b = first[r], first[r + 1]
        imposed = (hits[0][a:b], hits[1][a:b], hits[2][a:b], hits[3][a:b], hits[4][a:b])
        status = advance(g, imposed, log, False, horizon, caps)
        if status != DONE:
            reset(g)
            return status, r
        for c in range(g.reg[N_RUN_PROCESSES]):
            i = g.lists[RUN_PROCESSES, c]
            below[r] += g.proc[i].x < FULL
            lost[r] += g.proc[i].lost
        reset(g)
    return DONE, int(below.size)


# ------------------------------------------------------------------ from Python


class _Compiling(Listener):
    """Tells once that the engine is being compiled."""

    tell: Callable[[], None] | None = None

    def on_start(self, event: Event) -> None:
        """Tell it, the first time."""
        tell, self.tell = self.tell, None
        if tell is not None:
            tell()

    def on_end(self, event: Event) -> None:
        """Say nothing more."""


_compiling = _Compiling()
register("numba:compile", _compiling)  # type: ignore[no-untyped-call]


def on_compiling(tell: Callable[[], None]) -> None:
    """Call ``tell`` once, from now on, when something of the engine is compiled, and not read from what was kept."""
    _compiling.tell = tell


def prepare(arrays: Arrays) -> Work:
    """Build a simulator, with the needs that even a healthy country does not meet."""
    work = lay_out(arrays)
    need = work.need
    short = np.flatnonzero(need["healthy_fulls"] < need["fulls_asked"])
    need["supply"][short] = need["healthy_supply"][short] = [_supplied(work, i) for i in short.tolist()]
    return work._replace(deficient=short)


def default_caps(instances: int) -> Array:
    """Return the caps of a run: logged changes, and updates of a level while fixed points are sought."""
    return np.array([max(2_000_000, 20 * instances), max(50_000_000, 500 * instances)], np.int64)


class Result(NamedTuple):
    """What one simulation yields: its log and the simulator as it stands at the horizon."""

    log: Log
    work: Work
    runaway: bool


def run(arrays: Arrays, imposed: Imposed, horizon: int, caps: Array | None = None) -> Result:
    """Simulate one scenario from a healthy country to its horizon (seconds, exclusive)."""
    work = prepare(arrays)
    n = work.proc.size
    log = new_log(n + max(1024, n))
    limits = default_caps(n) if caps is None else caps
    rows = _columns(imposed)
    while True:
        status = advance(work, rows, log, True, horizon, limits)
        if status == LOG_FULL:
            log = Log(*(grown(column, 2 * column.size) for column in log))
        elif status == POOL_FULL:
            work = work._replace(pool=grown(work.pool, 2 * work.pool.size))
        else:
            break
    count = int(work.reg[LOG_ROWS])
    return Result(Log(*(column[:count] for column in log)), work, status == RUNAWAY)


def run_each(
    arrays: Arrays, first: Array, hits: Imposed, horizon: int, caps: Array | None = None
) -> tuple[Array, Array]:
    """Simulate many scenarios without a log, one after another on one simulator.

    Parameters
    ----------
    first : int64 (R + 1)
        Rows ``first[r]:first[r + 1]`` of ``hits`` are run ``r``.

    Returns
    -------
    below : int64 (R)
        Instances below full at the horizon.
    lost : int64 (R)
        Lost level x seconds of all instances.
    """
    work = prepare(arrays)
    limits = default_caps(work.proc.size) if caps is None else caps
    below, lost = np.zeros(first.size - 1, np.int64), np.zeros(first.size - 1, np.int64)
    rows, no_log, done = _columns(hits), new_log(0), 0
    while True:
        status, done = sweep(work, no_log, first, rows, horizon, limits, done, below, lost)
        if status == POOL_FULL:
            work = work._replace(pool=grown(work.pool, 2 * work.pool.size))
        elif status == RUNAWAY:
            raise CascadeError(
                f"run {done} of the sweep does not settle: it passed {limits[0]} changes; simulate it alone to see why"
            )
        else:
            return below, lost


def _columns(imposed: Imposed) -> Rows:
    return (imposed.time, imposed.instance, imposed.own, imposed.event, imposed.wrong.astype(np.uint8))
