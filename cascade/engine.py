"""The simulator: semantics.md on flat integer arrays, event by event, with the interpreter lock released.

Work per instant is proportional to what changed. Nothing here knows names, files or frames.
"""

import os
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from cascade.errors import CascadeError
from cascade.events import Imposed
from cascade.network import Arrays
from cascade.units import FULL


def cache_folder() -> Path:
    """Return where compiled code is kept: the user's cache folder, so that a read-only install works."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or str(Path.home() / ".cache")
    return Path(os.environ.get("NUMBA_CACHE_DIR") or Path(base) / "cascade-vitaal")


def is_compiled() -> bool:
    """Whether an earlier run has left compiled code behind, so that this one need not wait for it."""
    return any(cache_folder().rglob("engine.advance*.nbi"))


os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_folder()))

from numba import njit  # noqa: E402  (the cache folder must be set before)

jit = njit(cache=True, nogil=True, error_model="numpy")

DONE: Final = 0
LOG_FULL: Final = 1
POOL_FULL: Final = 2
RUNAWAY: Final = 3

KIND_NONE: Final = 0
KIND_EVENT: Final = 1
KIND_NEED: Final = 2
KIND_RESTART: Final = 3

# registers: the few scalars of a run, kept in an array so that a run can be taken up again
Q_FIRST: Final = 0
Q_COUNT: Final = 1
N_TOUCHED: Final = 2
N_SEEN: Final = 3
N_CHANGED: Final = 4
HEAP_SIZE: Final = 5
POOL_FREE: Final = 6
POOL_USED: Final = 7
LOG_ROWS: Final = 8
IMPOSED: Final = 9
UPDATES: Final = 10
N_RUN_PROCESSES: Final = 11
N_RUN_NEEDS: Final = 12
N_WRONG: Final = 13
STARTED: Final = 14
ROWS: Final = 15
N_NOTED: Final = 16
REGISTERS: Final = 17

Array = npt.NDArray[Any]


class Net(NamedTuple):
    """What never changes: the arrays of a network, with rows by consumer and again by supplier."""

    stops: Array
    restart: Array
    passes: Array
    need_start: Array
    owner: Array
    rule: Array
    count: Array
    back: Array
    """(M) clock units a second while fully supplied; -1 empties at once."""
    most: Array
    """(M) D_max."""
    cap: Array
    notice: Array
    step_start: Array
    step_at: Array
    step_level: Array
    response_start: Array
    response_x: Array
    response_y: Array
    term_start: Array
    gives: Array
    term_weight: Array
    term_sum: Array
    """(T) sum of the members' weights."""
    need_sum: Array
    """(M) sum of the terms' weights."""
    member_start: Array
    supplier: Array
    weight: Array
    lo: Array
    hi: Array
    out_start: Array
    out_member: Array
    out_term: Array
    out_need: Array
    out_owner: Array
    out_weight: Array
    out_lo: Array
    out_hi: Array
    sustain_start: Array
    sustainer: Array
    sustain_weight: Array
    sustain_sum: Array
    sustain_out_start: Array
    sustain_out_need: Array
    deficient: Array
    """Needs that a healthy country does not meet."""


class State(NamedTuple):
    """What changes during a run, and the lists of what has changed, so that it can be undone."""

    x: Array
    own: Array
    own_event: Array
    p: Array
    target: Array
    source: Array
    wrong: Array
    wrong_list: Array
    acc: Array
    supply: Array
    met: Array
    clock: Array
    clock_t: Array
    rate: Array
    misled: Array
    since: Array
    zero: Array
    dirty: Array
    touched: Array
    touched_list: Array
    noted: Array
    noted_list: Array
    queue: Array
    queued: Array
    seen: Array
    seen_list: Array
    changed: Array
    changed_list: Array
    before: Array
    head: Array
    tail: Array
    pool_value: Array
    pool_t: Array
    pool_next: Array
    pool_prev: Array
    heap_t: Array
    heap_id: Array
    heap_pos: Array
    run_process: Array
    run_processes: Array
    run_need: Array
    run_needs: Array
    lost: Array
    lost_t: Array
    scratch: Array
    reg: Array


class Log(NamedTuple):
    """The rows of a log, as arrays of one length."""

    time: Array
    instance: Array
    before: Array
    after: Array
    kind: Array
    event: Array
    need: Array
    supplier: Array


# ------------------------------------------------------------------ heap of coming instants, one entry per id


@jit
def _heap_swap(st: State, a: int, b: int) -> None:
    ta, ia = st.heap_t[a], st.heap_id[a]
    tb, ib = st.heap_t[b], st.heap_id[b]
    st.heap_t[a] = tb
    st.heap_id[a] = ib
    st.heap_pos[ib] = a
    st.heap_t[b] = ta
    st.heap_id[b] = ia
    st.heap_pos[ia] = b


@jit
def _heap_up(st: State, at: int) -> None:
    while at > 0:
        parent = (at - 1) >> 1
        if st.heap_t[parent] <= st.heap_t[at]:
            return
        _heap_swap(st, parent, at)
        at = parent


@jit
def _heap_down(st: State, at: int) -> None:
    size = st.reg[HEAP_SIZE]
    while True:
        child = 2 * at + 1
        if child >= size:
            return
        if child + 1 < size and st.heap_t[child + 1] < st.heap_t[child]:
            child += 1
        if st.heap_t[at] <= st.heap_t[child]:
            return
        _heap_swap(st, at, child)
        at = child


@jit
def _heap_set(st: State, key: int, t: int) -> None:
    at = st.heap_pos[key]
    if at < 0:
        at = st.reg[HEAP_SIZE]
        st.reg[HEAP_SIZE] = at + 1
        st.heap_t[at] = t
        st.heap_id[at] = key
        st.heap_pos[key] = at
        _heap_up(st, at)
        return
    old = st.heap_t[at]
    st.heap_t[at] = t
    if t < old:
        _heap_up(st, at)
    elif t > old:
        _heap_down(st, at)


@jit
def _heap_remove(st: State, key: int) -> None:
    at = st.heap_pos[key]
    if at < 0:
        return
    last = st.reg[HEAP_SIZE] - 1
    if at != last:
        _heap_swap(st, at, last)
    st.reg[HEAP_SIZE] = last
    st.heap_pos[key] = -1
    if at != last:
        _heap_up(st, at)
        _heap_down(st, at)


# ------------------------------------------------------------------ marking what must be looked at again


@jit
def _note_process(st: State, i: int) -> None:
    if not st.run_process[i]:
        st.run_process[i] = 1
        st.run_processes[st.reg[N_RUN_PROCESSES]] = i
        st.reg[N_RUN_PROCESSES] += 1


@jit
def _enqueue(net: Net, st: State, i: int) -> None:
    if not st.queued[i]:
        st.queued[i] = 1
        n = st.x.size
        at = st.reg[Q_FIRST] + st.reg[Q_COUNT]
        if at >= n:
            at -= n
        st.queue[at] = i
        st.reg[Q_COUNT] += 1


@jit
def _touch(st: State, need: int) -> None:
    if not st.touched[need]:
        st.touched[need] = 1
        st.touched_list[st.reg[N_TOUCHED]] = need
        st.reg[N_TOUCHED] += 1
        if not st.run_need[need]:
            st.run_need[need] = 1
            st.run_needs[st.reg[N_RUN_NEEDS]] = need
            st.reg[N_RUN_NEEDS] += 1


@jit
def _mark(net: Net, st: State, need: int, owner: int) -> None:
    st.dirty[need] = 1
    _touch(st, need)
    _enqueue(net, st, owner)


@jit
def _arrives(x: int, lo: int, hi: int) -> int:
    """What arrives over one supply: semantics 3."""
    if lo == 0 and hi == FULL:
        return x
    r = (x - lo) * FULL // (hi - lo)
    if r < 0:
        return 0
    return FULL if r > FULL else r


@jit
def _propagate(net: Net, st: State, j: int, old: int, new: int) -> None:
    for o in range(net.out_start[j], net.out_start[j + 1]):
        if st.zero[net.out_member[o]]:
            continue
        lo, hi = net.out_lo[o], net.out_hi[o]
        change = _arrives(new, lo, hi) - _arrives(old, lo, hi)
        if change != 0:
            st.acc[net.out_term[o]] += net.out_weight[o] * change
            _mark(net, st, net.out_need[o], net.out_owner[o])
    for o in range(net.sustain_out_start[j], net.sustain_out_start[j + 1]):
        _touch(st, net.sustain_out_need[o])


# ------------------------------------------------------------------ one need, one process


@jit
def _term(net: Net, st: State, k: int) -> int:
    r = st.acc[k] // net.term_sum[k]
    return min(r, net.gives[k])


@jit
def _kth(net: Net, st: State, first: int, last: int, k: int) -> int:
    """Return the k-th greatest of some terms."""
    n = 0
    for t in range(first, last):
        r = _term(net, st, t)
        at = n
        while at > 0 and st.scratch[at - 1] < r:
            st.scratch[at] = st.scratch[at - 1]
            at -= 1
        st.scratch[at] = r
        n += 1
    return int(st.scratch[k - 1])


@jit
def _supplied(net: Net, st: State, need: int) -> int:
    first, last = net.term_start[need], net.term_start[need + 1]
    rule = net.rule[need]
    if last - first == 1 and rule != 3:
        return _term(net, st, first)
    if rule == 2:
        return _kth(net, st, first, last, net.count[need])
    if rule == 3:
        total = 0
        for t in range(first, last):
            total += net.term_weight[t] * _term(net, st, t)
        return total // net.need_sum[need]
    s = _term(net, st, first)
    for t in range(first + 1, last):
        r = _term(net, st, t)
        if (rule == 0 and r < s) or (rule == 1 and r > s):
            s = r
    return s


@jit
def _respond(net: Net, need: int, s: int) -> int:
    """Return the level held for good on a partial supply: semantics 4."""
    first, last = net.response_start[need], net.response_start[need + 1]
    if first == last:
        return s
    for a in range(first + 1, last):
        if s <= net.response_x[a]:
            x0, y0 = net.response_x[a - 1], net.response_y[a - 1]
            return int(y0 + (net.response_y[a] - y0) * (s - x0) // (net.response_x[a] - x0))
    return FULL


@jit
def _wind(net: Net, st: State, need: int, t: int) -> None:
    """Bring a clock to the present."""
    if st.clock_t[need] != t:
        d = st.clock[need] + st.rate[need] * (t - st.clock_t[need])
        st.clock[need] = min(max(d, 0), net.most[need])
        st.clock_t[need] = t


@jit
def _unmisled(net: Net, st: State, need: int, t: int) -> int:
    """Return how far a need is met, were nothing wrong."""
    s = st.supply[need]
    if s == FULL:
        return FULL
    _wind(net, st, need, t)
    level = FULL
    for k in range(net.step_start[need], net.step_start[need + 1]):
        if st.clock[need] >= net.step_at[k]:
            level = net.step_level[k]
    return int(max(level, _respond(net, need, s)))


@jit
def _evaluate(net: Net, st: State, i: int, t: int) -> None:
    """Find what a process could deliver now: semantics 5."""
    p = st.own[i]
    for need in range(net.need_start[i], net.need_start[i + 1]):
        if st.dirty[need]:
            st.dirty[need] = 0
            st.supply[need] = _supplied(net, st, need)
            met = _unmisled(net, st, need, t)
            if st.misled[need]:
                met = min(met, net.cap[need])
            st.met[need] = met
        if st.met[need] < p:
            p = st.met[need]
    st.p[i] = 0 if p < net.stops[i] else p


@jit
def _waits(net: Net, st: State, i: int) -> int:
    """Return w: the least it could have delivered at any moment of its last ``restart`` seconds."""
    if net.restart[i] == 0:
        return FULL
    w = st.target[i]
    if st.head[i] >= 0:
        w = min(w, st.pool_value[st.head[i]])
    return int(w)


@jit
def _set_level(net: Net, st: State, i: int, new: int) -> None:
    old = st.x[i]
    if not st.changed[i]:
        st.changed[i] = 1
        st.before[i] = old
        st.changed_list[st.reg[N_CHANGED]] = i
        st.reg[N_CHANGED] += 1
    st.x[i] = new
    st.reg[UPDATES] += 1
    _propagate(net, st, i, old, new)


@jit
def _settle(net: Net, st: State, t: int, rising: bool, cap: int) -> bool:
    """Rise to the least fixed point above, or fall to the greatest below; False if it will not end."""
    n = st.x.size
    while st.reg[Q_COUNT] > 0:
        first = st.reg[Q_FIRST]
        i = st.queue[first]
        st.reg[Q_FIRST] = 0 if first + 1 == n else first + 1
        st.reg[Q_COUNT] -= 1
        st.queued[i] = 0
        _evaluate(net, st, i, t)
        if not st.seen[i]:
            st.seen[i] = 1
            st.seen_list[st.reg[N_SEEN]] = i
            st.reg[N_SEEN] += 1
            _note_process(st, i)
        if rising:
            new = min(st.p[i], _waits(net, st, i))
            if new > st.x[i]:
                _set_level(net, st, i, new)
        elif st.p[i] < st.x[i]:
            _set_level(net, st, i, st.p[i])
        if st.reg[UPDATES] > cap:
            return False
    return True


# ------------------------------------------------------------------ manipulation


@jit
def _spread_wrong(net: Net, st: State, t: int) -> None:
    """Find the least closed set of wrong outputs afresh, and what it changes: semantics 7."""
    reg = st.reg
    old_count = reg[N_WRONG]
    for a in range(old_count):
        st.wrong[st.wrong_list[a]] = 2
    # the second half of wrong_list takes the new set; sources are at the front of it
    n = st.x.size
    count = 0
    for a in range(reg[N_RUN_PROCESSES]):
        i = st.run_processes[a]
        if st.source[i]:
            st.wrong_list[n + count] = i
            count += 1
            st.wrong[i] |= 1
    reg[N_NOTED] = 0
    at = 0
    while at < count:
        j = st.wrong_list[n + at]
        at += 1
        for o in range(net.out_start[j], net.out_start[j + 1]):
            need = net.out_need[o]
            if not st.noted[need]:
                st.noted[need] = 1
                st.noted_list[reg[N_NOTED]] = need
                reg[N_NOTED] += 1
            else:
                continue
            if net.cap[need] < 0:
                continue
            since = st.since[need] if st.since[need] >= 0 else t
            if t >= since + net.notice[need]:
                continue
            i = net.out_owner[o]
            if net.passes[i] and not st.wrong[i] & 1:
                st.wrong[i] |= 1
                st.wrong_list[n + count] = i
                count += 1
    _apply_wrong(net, st, t, old_count, count)
    for a in range(reg[N_NOTED]):
        st.noted[st.noted_list[a]] = 0
    for a in range(old_count):
        if not st.wrong[st.wrong_list[a]] & 1:
            st.wrong[st.wrong_list[a]] = 0
    for a in range(count):
        i = st.wrong_list[n + a]
        st.wrong[i] = 1
        st.wrong_list[a] = i
        _note_process(st, i)
    reg[N_WRONG] = count


@jit
def _apply_wrong(net: Net, st: State, t: int, old_count: int, count: int) -> None:
    n = st.x.size
    for a in range(st.reg[N_NOTED]):
        need = st.noted_list[a]
        if st.since[need] < 0:
            st.since[need] = t
            _touch(st, need)
        _set_misled(net, st, need, t)
    for half in range(2):
        first, number = (0, old_count) if half == 0 else (n, count)
        for a in range(first, first + number):
            j = st.wrong_list[a]
            for o in range(net.out_start[j], net.out_start[j + 1]):
                need = net.out_need[o]
                if not st.noted[need] and st.since[need] >= 0:
                    st.since[need] = -1
                    _touch(st, need)
                    _set_misled(net, st, need, t)
                refused = (st.wrong[j] & 1) == 1 and st.misled[need] == 0
                _set_refused(net, st, o, j, refused)


@jit
def _set_misled(net: Net, st: State, need: int, t: int) -> None:
    since = st.since[need]
    misled = since >= 0 and net.cap[need] >= 0 and t < since + net.notice[need]
    if misled != st.misled[need]:
        st.misled[need] = misled
        _mark(net, st, need, net.owner[need])
    key = st.met.size + need
    if misled:
        _heap_set(st, key, since + net.notice[need])
    else:
        _heap_remove(st, key)


@jit
def _set_refused(net: Net, st: State, o: int, j: int, refused: bool) -> None:
    member = net.out_member[o]
    if refused == st.zero[member]:
        return
    r = _arrives(st.x[j], net.out_lo[o], net.out_hi[o])
    st.acc[net.out_term[o]] += net.out_weight[o] * (-r if refused else r)
    st.zero[member] = refused
    _mark(net, st, net.out_need[o], net.out_owner[o])


# ------------------------------------------------------------------ clocks and restart windows after an instant


@jit
def _growth(net: Net, st: State, need: int) -> int:
    s = st.supply[need]
    if s == FULL:
        return int(-net.back[need])
    first, last = net.sustain_start[need], net.sustain_start[need + 1]
    if first == last:
        return int(FULL - s)
    total = 0
    for a in range(first, last):
        total += net.sustain_weight[a] * st.x[net.sustainer[a]]
    return int((FULL - s) * (FULL - total // net.sustain_sum[need]) // FULL)


@jit
def _set_clock(net: Net, st: State, need: int, t: int) -> None:
    if net.most[need] == 0:
        return
    _wind(net, st, need, t)
    if st.supply[need] == FULL and net.back[need] < 0:
        st.clock[need] = 0
        rate = 0
    else:
        rate = _growth(net, st, need)
    st.rate[need] = rate
    if rate > 0:
        for k in range(net.step_start[need], net.step_start[need + 1]):
            missing = net.step_at[k] - st.clock[need]
            if missing > 0:
                _heap_set(st, need, t + (missing + rate - 1) // rate)
                return
    _heap_remove(st, need)


@jit
def _pool_take(st: State) -> int:
    free = st.reg[POOL_FREE]
    if free >= 0:
        st.reg[POOL_FREE] = st.pool_next[free]
        return int(free)
    used = st.reg[POOL_USED]
    st.reg[POOL_USED] = used + 1
    return int(used)


@jit
def _pool_give(st: State, a: int) -> None:
    st.pool_next[a] = st.reg[POOL_FREE]
    st.reg[POOL_FREE] = a


@jit
def _drop_first(st: State, i: int) -> None:
    a = st.head[i]
    st.head[i] = st.pool_next[a]
    if st.head[i] < 0:
        st.tail[i] = -1
    else:
        st.pool_prev[st.head[i]] = -1
    _pool_give(st, a)


@jit
def _drop_last_from(st: State, i: int, value: int) -> None:
    """Forget given-up targets of at least this value: a later one bounds them."""
    while st.tail[i] >= 0 and st.pool_value[st.tail[i]] >= value:
        a = st.tail[i]
        st.tail[i] = st.pool_prev[a]
        if st.tail[i] < 0:
            st.head[i] = -1
        else:
            st.pool_next[st.tail[i]] = -1
        _pool_give(st, a)


@jit
def _remember(net: Net, st: State, i: int, t: int) -> None:
    """Keep the target found at this instant for the restart window."""
    old, new = st.target[i], st.p[i]
    if net.restart[i] == 0:
        st.target[i] = new
        return
    if new != old:
        _drop_last_from(st, i, min(old, new))
        if new > old:
            a = _pool_take(st)
            st.pool_value[a] = old
            st.pool_t[a] = t
            st.pool_next[a] = -1
            st.pool_prev[a] = st.tail[i]
            if st.tail[i] < 0:
                st.head[i] = a
            else:
                st.pool_next[st.tail[i]] = a
            st.tail[i] = a
        st.target[i] = new
    key = 2 * st.met.size + i
    if st.head[i] >= 0:
        _heap_set(st, key, st.pool_t[st.head[i]] + net.restart[i])
    else:
        _heap_remove(st, key)


# ------------------------------------------------------------------ what a change is due to


@jit
def _wrong_member(net: Net, st: State, need: int) -> int:
    for m in range(net.member_start[net.term_start[need]], net.member_start[net.term_start[need + 1]]):
        if st.wrong[net.supplier[m]]:
            return int(net.supplier[m])
    return -1


@jit
def _binding_term(net: Net, st: State, need: int) -> int:
    first, last = net.term_start[need], net.term_start[need + 1]
    if net.rule[need] == 3:
        best, worst = first, -1
        for t in range(first, last):
            short = net.term_weight[t] * (FULL - _term(net, st, t))
            if short > worst:
                best, worst = t, short
        return int(best)
    for t in range(first, last):
        if _term(net, st, t) == st.supply[need]:
            return int(t)
    return int(first)


@jit
def _binding_supplier(net: Net, st: State, need: int, t: int) -> int:
    if st.misled[need] and st.met[need] < _unmisled(net, st, need, t):
        return _wrong_member(net, st, need)
    term = _binding_term(net, st, need)
    best, worst = -1, -1
    for m in range(net.member_start[term], net.member_start[term + 1]):
        j = net.supplier[m]
        r = 0
        if not st.zero[m]:
            r = _arrives(st.x[j], net.lo[m], net.hi[m])
        short = net.weight[m] * (FULL - r)
        if short > worst:
            best, worst = j, short
    return int(best)


@jit
def _write_row(net: Net, st: State, log: Log, i: int, t: int) -> None:
    row = st.reg[LOG_ROWS]
    st.reg[LOG_ROWS] = row + 1
    log.time[row] = t
    log.instance[row] = i
    log.before[row] = st.before[i]
    log.after[row] = st.x[i]
    least = st.own[i]
    for need in range(net.need_start[i], net.need_start[i + 1]):
        least = min(least, st.met[need])
    kind, event, bound, supplier = KIND_NONE, -1, -1, -1
    if least < FULL and st.own[i] == least:
        kind, event = KIND_EVENT, st.own_event[i]
    elif least < FULL:
        kind = KIND_NEED
        for need in range(net.need_start[i], net.need_start[i + 1]):
            if st.met[need] == least:
                bound, supplier = need, _binding_supplier(net, st, need, t)
                break
    log.kind[row] = KIND_RESTART if st.x[i] < st.p[i] else kind
    log.event[row] = event
    log.need[row] = bound
    log.supplier[row] = supplier


# ------------------------------------------------------------------ an instant


@jit
def _take_imposed(net: Net, st: State, imposed: Imposed, t: int) -> bool:
    """Apply what changes from outside; True if a source of wrong output came or went."""
    spoof = False
    at = st.reg[IMPOSED]
    while at < imposed[0].size and imposed[0][at] == t:
        i = imposed[1][at]
        _note_process(st, i)
        st.own[i] = imposed[2][at]
        st.own_event[i] = imposed[3][at]
        if st.source[i] != imposed[4][at]:
            st.source[i] = imposed[4][at]
            spoof = True
        _enqueue(net, st, i)
        at += 1
    st.reg[IMPOSED] = at
    return spoof


@jit
def _take_due(net: Net, st: State, t: int) -> bool:
    """Take the steps, notices and window ends that fall due; True if a notice is among them."""
    needs = st.met.size
    notice = False
    while st.reg[HEAP_SIZE] > 0 and st.heap_t[0] == t:
        key = st.heap_id[0]
        _heap_remove(st, key)
        if key < needs:
            _mark(net, st, key, net.owner[key])
        elif key < 2 * needs:
            notice = True
        else:
            i = key - 2 * needs
            while st.head[i] >= 0 and st.pool_t[st.head[i]] + net.restart[i] <= t:
                _drop_first(st, i)
            _enqueue(net, st, i)
    return notice


@jit
def _instant(net: Net, st: State, imposed: Imposed, log: Log, keep: bool, t: int, cap: int) -> bool:
    """Find the new levels at one instant, and what follows from them: semantics 5 and 6."""
    reg = st.reg
    spoof = _take_imposed(net, st, imposed, t)
    notice = _take_due(net, st, t)
    if not reg[STARTED]:
        reg[STARTED] = 1
        for a in range(net.deficient.size):
            _mark(net, st, net.deficient[a], net.owner[net.deficient[a]])
    if spoof or notice:
        _spread_wrong(net, st, t)
    if not _settle(net, st, t, True, cap):
        return False
    for a in range(reg[N_SEEN]):
        _enqueue(net, st, st.seen_list[a])
    if not _settle(net, st, t, False, cap):
        return False
    for a in range(reg[N_TOUCHED]):
        need = st.touched_list[a]
        st.touched[need] = 0
        _set_clock(net, st, need, t)
    reg[N_TOUCHED] = 0
    _close(net, st, log, keep, t)
    return True


@jit
def _close(net: Net, st: State, log: Log, keep: bool, t: int) -> None:
    """Remember the targets, book the losses and write the log of an instant."""
    reg = st.reg
    for a in range(reg[N_SEEN]):
        i = st.seen_list[a]
        st.seen[i] = 0
        _remember(net, st, i, t)
    reg[N_SEEN] = 0
    count = reg[N_CHANGED]
    if keep and count > 1:
        st.changed_list[:count].sort()
    for a in range(count):
        i = st.changed_list[a]
        st.changed[i] = 0
        if st.before[i] == st.x[i]:
            continue
        st.lost[i] += (FULL - st.before[i]) * (t - st.lost_t[i])
        st.lost_t[i] = t
        reg[ROWS] += 1
        if keep:
            _write_row(net, st, log, i, t)
    reg[N_CHANGED] = 0


@jit
def advance(net: Net, st: State, imposed: Imposed, log: Log, keep: bool, horizon: int, caps: Array) -> int:
    """Go from instant to instant until the horizon, or until room or patience (``caps``) runs out."""
    reg = st.reg
    n = st.x.size
    while True:
        t = horizon
        if reg[IMPOSED] < imposed[0].size:
            t = min(t, imposed[0][reg[IMPOSED]])
        if reg[HEAP_SIZE] > 0:
            t = min(t, st.heap_t[0])
        if not reg[STARTED] and net.deficient.size > 0:
            t = 0
        if t >= horizon:
            break
        if keep and reg[LOG_ROWS] + n > log.time.size:
            return LOG_FULL
        if reg[POOL_USED] + n > st.pool_t.size:
            return POOL_FULL
        if not _instant(net, st, imposed, log, keep, t, caps[1]) or reg[ROWS] > caps[0]:
            return RUNAWAY
    for a in range(reg[N_RUN_PROCESSES]):
        i = st.run_processes[a]
        st.lost[i] += (FULL - st.x[i]) * (horizon - st.lost_t[i])
        st.lost_t[i] = horizon
    return DONE


@jit
def reset(net: Net, st: State) -> None:
    """Undo a run: only what it touched."""
    reg = st.reg
    for a in range(reg[N_RUN_PROCESSES]):
        i = st.run_processes[a]
        st.run_process[i] = 0
        st.x[i] = FULL
        st.own[i] = FULL
        st.own_event[i] = -1
        st.p[i] = FULL
        st.target[i] = FULL
        st.source[i] = 0
        st.wrong[i] = 0
        st.head[i] = -1
        st.tail[i] = -1
        st.lost[i] = 0
        st.lost_t[i] = 0
        st.queued[i] = 0
        st.seen[i] = 0
        st.changed[i] = 0
    for a in range(reg[N_RUN_NEEDS]):
        need = st.run_needs[a]
        st.run_need[need] = 0
        st.touched[need] = 0
        st.dirty[need] = 0
        st.met[need] = FULL
        st.clock[need] = 0
        st.clock_t[need] = 0
        st.rate[need] = 0
        st.misled[need] = 0
        st.since[need] = -1
        for k in range(net.term_start[need], net.term_start[need + 1]):
            st.acc[k] = net.term_sum[k] * FULL
            if reg[N_WRONG] > 0 or reg[N_NOTED] > 0:
                for m in range(net.member_start[k], net.member_start[k + 1]):
                    st.zero[m] = 0
        st.supply[need] = _supplied(net, st, need)
    for a in range(reg[HEAP_SIZE]):
        st.heap_pos[st.heap_id[a]] = -1
    reg[:] = 0
    reg[POOL_FREE] = -1


@jit
def sweep(
    net: Net, st: State, log: Log, first: Array, hits: Imposed, horizon: int, caps: Array, done: int, below: Array, lost: Array
) -> tuple[int, int]:
    """Run many scenarios one after another without a log, from number ``done`` on.

    ``first`` (R + 1) tells which rows of ``hits`` belong to which run; ``below`` (R) gets the number of processes
    below full at the end, ``lost`` (R) their lost level x seconds in all.
    """
    for r in range(done, below.size):
        a, b = first[r], first[r + 1]
        imposed = (hits[0][a:b], hits[1][a:b], hits[2][a:b], hits[3][a:b], hits[4][a:b])
        status = advance(net, st, imposed, log, False, horizon, caps)
        if status != DONE:
            reset(net, st)
            return status, r
        for c in range(st.reg[N_RUN_PROCESSES]):
            i = st.run_processes[c]
            below[r] += st.x[i] < FULL
            lost[r] += st.lost[i]
        reset(net, st)
    return DONE, int(below.size)


# ------------------------------------------------------------------ from Python


def prepare(a: Arrays) -> Net:
    """Turn the rows of a network around, so that a supplier finds its consumers."""
    instances, needs = a.restart.size, a.rule.size
    terms, members = a.gives.size, a.supplier.size
    owner = np.repeat(np.arange(instances, dtype=np.int32), np.diff(a.need_start))
    term_need = np.repeat(np.arange(needs, dtype=np.int32), np.diff(a.term_start))
    member_term = np.repeat(np.arange(terms, dtype=np.int32), np.diff(a.member_start))
    order = np.argsort(a.supplier, kind="stable").astype(np.int32)
    sustain_need = np.repeat(np.arange(needs, dtype=np.int32), np.diff(a.sustain_start))
    sustain_order = np.argsort(a.sustainer, kind="stable")
    last = np.zeros(needs, np.int64)
    if needs:
        last = a.step_time[a.step_start[1:] - 1]
    most = last * FULL
    safe = np.maximum(a.recharge, 1)
    back = np.where(a.recharge == 0, -1, -(-most // safe))
    out_term = member_term[order]
    net = Net(
        stops=a.stops_below,
        restart=a.restart,
        passes=a.passes_on,
        need_start=a.need_start,
        owner=owner,
        rule=a.rule,
        count=a.count,
        back=back,
        most=most,
        cap=a.cap,
        notice=a.notice,
        step_start=a.step_start,
        step_at=a.step_time * FULL,
        step_level=a.step_level,
        response_start=a.response_start,
        response_x=a.response_x,
        response_y=a.response_y,
        term_start=a.term_start,
        gives=a.gives,
        term_weight=a.term_weight,
        term_sum=_sums(a.weight, a.member_start),
        need_sum=np.maximum(_sums(a.term_weight, a.term_start), 1),
        member_start=a.member_start,
        supplier=a.supplier,
        weight=a.weight,
        lo=a.lo,
        hi=a.hi,
        out_start=_starts(a.supplier, instances),
        out_member=order,
        out_term=out_term,
        out_need=term_need[out_term],
        out_owner=owner[term_need[out_term]],
        out_weight=a.weight[order],
        out_lo=a.lo[order],
        out_hi=a.hi[order],
        sustain_start=a.sustain_start,
        sustainer=a.sustainer,
        sustain_weight=a.sustain_weight,
        sustain_sum=_sums(a.sustain_weight, a.sustain_start),
        sustain_out_start=_starts(a.sustainer, instances),
        sustain_out_need=sustain_need[sustain_order],
        deficient=np.zeros(0, np.int64),
    )
    if members and (a.gives < FULL).any():
        fresh = new_state(net)
        short = [n for n in range(needs) if _supplied(net, fresh, n) < FULL]
        net = net._replace(deficient=np.array(short, np.int64))
    return net


def _sums(values: Array, start: Array) -> Array:
    total = np.concatenate(([0], np.cumsum(values, dtype=np.int64)))
    return np.asarray(total[start[1:]] - total[start[:-1]])


def _starts(keys: Array, size: int) -> Array:
    return np.concatenate(([0], np.cumsum(np.bincount(keys, minlength=size)))).astype(np.int64)


def new_state(net: Net) -> State:
    """Return a healthy country: every level full, every clock at rest."""
    n, m, t, e = net.restart.size, net.rule.size, net.gives.size, net.supplier.size
    pool = 2 * n + 16

    def flags(size: int) -> Array:
        return np.zeros(size, np.uint8)

    def ids(size: int) -> Array:
        return np.zeros(size, np.int32)

    def full(size: int) -> Array:
        return np.full(size, FULL, np.int32)

    wide = int(np.diff(net.term_start).max()) if m else 0
    reg = np.zeros(REGISTERS, np.int64)
    reg[POOL_FREE] = -1
    st = State(
        x=full(n), own=full(n), own_event=np.full(n, -1, np.int32), p=full(n), target=full(n),
        source=flags(n), wrong=flags(n), wrong_list=ids(2 * n), acc=net.term_sum * FULL, supply=full(m), met=full(m),
        clock=np.zeros(m, np.int64), clock_t=np.zeros(m, np.int64), rate=np.zeros(m, np.int64),
        misled=flags(m), since=np.full(m, -1, np.int64), zero=flags(e), dirty=flags(m),
        touched=flags(m), touched_list=ids(m), noted=flags(m), noted_list=ids(m),
        queue=ids(n), queued=flags(n), seen=flags(n), seen_list=ids(n), changed=flags(n), changed_list=ids(n),
        before=full(n), head=np.full(n, -1, np.int32), tail=np.full(n, -1, np.int32),
        pool_value=ids(pool), pool_t=np.zeros(pool, np.int64), pool_next=ids(pool), pool_prev=ids(pool),
        heap_t=np.zeros(2 * m + n, np.int64), heap_id=ids(2 * m + n), heap_pos=np.full(2 * m + n, -1, np.int32),
        run_process=flags(n), run_processes=ids(n), run_need=flags(m), run_needs=ids(m),
        lost=np.zeros(n, np.int64), lost_t=np.zeros(n, np.int64), scratch=ids(wide + 1), reg=reg,
    )  # fmt: skip
    return st


def new_log(rows: int) -> Log:
    """Return room for so many rows."""
    return Log(
        np.zeros(rows, np.int64), np.zeros(rows, np.int32), np.zeros(rows, np.int16), np.zeros(rows, np.int16),
        np.zeros(rows, np.int8), np.zeros(rows, np.int32), np.zeros(rows, np.int32), np.zeros(rows, np.int32),
    )  # fmt: skip


def _grown(rows: Array, size: int) -> Array:
    more = np.zeros(size, rows.dtype)
    more[: rows.size] = rows
    return more


def _grow_log(log: Log, size: int) -> Log:
    return Log(*(_grown(column, size) for column in log))


def _grow_pool(st: State) -> State:
    size = 2 * st.pool_t.size
    names = ("pool_value", "pool_t", "pool_next", "pool_prev")
    return st._replace(**{name: _grown(getattr(st, name), size) for name in names})


def default_caps(instances: int) -> Array:
    """Return the caps of a run: logged changes, and updates of a level while fixed points are sought."""
    return np.array([max(2_000_000, 20 * instances), max(50_000_000, 500 * instances)], np.int64)


class Result(NamedTuple):
    """What one simulation yields: its log and the state at the horizon."""

    log: Log
    state: State
    runaway: bool


def run(net: Net, imposed: Imposed, horizon: int, caps: Array | None = None) -> Result:
    """Simulate one scenario from a healthy country to its horizon (seconds, exclusive)."""
    n = net.restart.size
    st = new_state(net)
    log = new_log(n + max(1024, n))
    limits = default_caps(n) if caps is None else caps
    rows = _columns(imposed)
    while True:
        status = advance(net, st, rows, log, True, horizon, limits)
        if status == LOG_FULL:
            log = _grow_log(log, 2 * log.time.size)
        elif status == POOL_FULL:
            st = _grow_pool(st)
        else:
            break
    count = int(st.reg[LOG_ROWS])
    return Result(Log(*(column[:count] for column in log)), st, status == RUNAWAY)


def run_each(net: Net, first: Array, hits: Imposed, horizon: int, caps: Array | None = None) -> tuple[Array, Array]:
    """Simulate many scenarios without a log, one after another on one state.

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
    st = new_state(net)
    limits = default_caps(net.restart.size) if caps is None else caps
    below, lost = np.zeros(first.size - 1, np.int64), np.zeros(first.size - 1, np.int64)
    rows, no_log, done = _columns(hits), new_log(0), 0
    while True:
        status, done = sweep(net, st, no_log, first, rows, horizon, limits, done, below, lost)
        if status == POOL_FULL:
            st = _grow_pool(st)
        elif status == RUNAWAY:
            raise CascadeError(f"run {done} of the sweep does not settle: it passed {limits[0]} changes; simulate it alone to see why")
        else:
            return below, lost


def _columns(imposed: Imposed) -> Any:
    return (imposed.time, imposed.instance, imposed.own, imposed.event, imposed.wrong.astype(np.uint8))
