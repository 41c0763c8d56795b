"""The rows that the engine works on: what a network is and what it has at the moment, side by side.

Plain structured arrays, no compiled code: the engine alone knows what to do with them.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from cascade.simulation.network import Arrays
from cascade.units import FULL

Array = npt.NDArray[Any]
Rows = tuple[Array, Array, Array, Array, Array]
"""The columns of :class:`~cascade.simulation.events.Imposed`."""

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

# rows of ``lists``
QUEUE: Final = 0
SEEN: Final = 1
CHANGED: Final = 2
RUN_PROCESSES: Final = 3
WRONG: Final = 4
WRONG_NEW: Final = 5
TOUCHED: Final = 6
NOTED: Final = 7
RUN_NEEDS: Final = 8
LISTS: Final = 9

SCRATCH: Final = 1 << 11
"""Least room for sorting: as many counts as a digit has values."""

PROCESS = np.dtype([
    ("x", "i4"), ("p", "i4"), ("target", "i4"), ("own", "i4"), ("before", "i4"), ("own_event", "i4"), ("stops", "i4"),
    ("head", "i4"), ("tail", "i4"),
    ("queued", "u1"), ("seen", "u1"), ("changed", "u1"), ("ran", "u1"),
    ("passes", "u1"), ("source", "u1"), ("wrong", "u1"), ("moved", "u1"),
    ("restart", "i8"), ("lost", "i8"), ("lost_t", "i8"),
    ("need_first", "i4"), ("need_last", "i4"), ("out_first", "i4"), ("out_last", "i4"),
    ("sustain_out_first", "i4"), ("sustain_out_last", "i4"),
], align=True)  # fmt: skip
"""One row per instance: what it is, what it has now, and where its needs and consumers begin."""

NEED = np.dtype([
    ("supply", "i4"), ("met", "i4"), ("fulls", "i4"), ("fulls_asked", "i4"), ("zeros", "i4"), ("zeros_asked", "i4"),
    ("dirty", "u1"), ("touched", "u1"), ("noted", "u1"), ("ran", "u1"), ("misled", "u1"),
    ("owner", "i4"), ("rule", "i4"), ("count", "i4"), ("cap", "i4"), ("capped", "i4"),
    ("term_first", "i4"), ("term_last", "i4"), ("step_first", "i4"), ("step_last", "i4"),
    ("clock", "i8"), ("clock_t", "i8"), ("rate", "i8"), ("most", "i8"), ("back", "i8"),
    ("curve_first", "i4"), ("curve_last", "i4"), ("sustain_first", "i4"), ("sustain_last", "i4"),
    ("notice", "i8"), ("since", "i8"), ("need_sum", "i8"), ("sustain_sum", "i8"),
    ("healthy_fulls", "i4"), ("healthy_supply", "i4"),
], align=True)  # fmt: skip
"""One row per need. ``most``: D_max; ``back``: clock units a second while fully supplied, -1 empties at once;
``cap``: level while misled by a supply that is all wrong, -1 where a wrong supplier is refused at once; ``capped``: the
level at present. ``fulls`` and ``zeros`` count the terms that give all and nothing: with ``fulls_asked`` of them the supply
is full, with ``zeros_asked`` it is nothing, whatever the others do; so most changes of a supplier need no second look."""

TERM = np.dtype([
    ("acc", "i8"), ("sum", "i8"), ("weight", "i8"), ("gives", "i4"), ("member_first", "i4"), ("member_last", "i4"),
], align=True)  # fmt: skip
"""One row per written supply. ``acc``: sum of weight x what arrives; ``sum``: sum of the weights."""

MEMBER = np.dtype([("weight", "i8"), ("supplier", "i4"), ("lo", "i4"), ("hi", "i4"), ("zero", "u1")], align=True)
OUT = np.dtype([
    ("weight", "i8"), ("member", "i4"), ("term", "i4"), ("need", "i4"), ("owner", "i4"), ("lo", "i2"), ("hi", "i2"),
    ("whole", "u1"),
], align=True)  # fmt: skip
"""The members once more, in the order of their supplier. ``term``: -1 where the member is the only one, so that the
supplier's level says all; ``whole``: whether the term can be full."""

STEP = np.dtype([("at", "i8"), ("level", "i8")])
CURVE = np.dtype([("x", "i8"), ("y", "i8")])
SUSTAIN = np.dtype([("weight", "i8"), ("instance", "i8")])
POOL = np.dtype([("t", "i8"), ("value", "i4"), ("next", "i4"), ("prev", "i4")], align=True)
HEAP = np.dtype([("t", "i8"), ("id", "i8")])


class Work(NamedTuple):
    """One simulator: the network in rows, with the state of the run beside what never changes.

    Rows rather than one array a field: what is used together lies together, and compiling takes a fraction.
    """

    proc: Array
    need: Array
    term: Array
    member: Array
    out: Array
    step: Array
    curve: Array
    sustain: Array
    sustain_out: Array
    """Needs sustained, in the order of the sustaining instance."""
    pool: Array
    """Targets given up and still remembered: a list per instance."""
    heap: Array
    heap_pos: Array
    lists: Array
    """Lists of instances and needs, one row each: the queue (a ring) and what an instant and a run have touched."""
    scratch: Array
    deficient: Array
    """Needs that a healthy country does not meet."""
    reg: Array
    means: int
    """Terms of several members, which keep a running sum."""


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


def lay_out(a: Arrays) -> Work:
    """Build a simulator of a healthy country: every level full, every clock at rest, no need short."""
    n, m, e = a.restart.size, a.rule.size, a.supplier.size
    proc, need, term = _processes(a), _needs(a), _terms(a)
    member = np.zeros(e, MEMBER)
    member["supplier"], member["weight"], member["lo"], member["hi"] = a.supplier, a.weight, a.lo, a.hi
    out = _outward(a)
    sustain = np.zeros(a.sustainer.size, SUSTAIN)
    sustain["instance"], sustain["weight"] = a.sustainer, a.sustain_weight
    order = np.argsort(a.sustainer, kind="stable")
    sustain_out = np.repeat(np.arange(m, dtype=np.int32), np.diff(a.sustain_start))[order]
    step, curve = np.zeros(a.step_time.size, STEP), np.zeros(a.response_x.size, CURVE)
    step["at"], step["level"] = a.step_time * FULL, a.step_level
    curve["x"], curve["y"] = a.response_x, a.response_y
    reg = np.zeros(REGISTERS, np.int64)
    reg[POOL_FREE] = -1
    wide = int(np.diff(a.term_start).max()) if m else 0
    return Work(
        proc=proc, need=need, term=term, member=member, out=out, step=step, curve=curve,
        sustain=sustain, sustain_out=sustain_out, pool=np.zeros(2 * n + 16, POOL),
        heap=np.zeros(2 * m + n, HEAP), heap_pos=np.full(2 * m + n, -1, np.int32), lists=np.zeros((LISTS, max(n, m)), np.int32),
        scratch=np.zeros(max(wide + 1, SCRATCH), np.int32), deficient=np.zeros(0, np.int64), reg=reg,
        means=int((np.diff(a.member_start) > 1).sum()),
    )  # fmt: skip


def _processes(a: Arrays) -> Array:
    n = a.restart.size
    proc = np.zeros(n, PROCESS)
    for name in ("x", "own", "p", "target", "before"):
        proc[name] = FULL
    for name in ("own_event", "head", "tail"):
        proc[name] = -1
    proc["stops"], proc["restart"], proc["passes"] = a.stops_below, a.restart, a.passes_on
    _set_span(proc, "need", a.need_start)
    _set_span(proc, "out", _starts(a.supplier, n))
    _set_span(proc, "sustain_out", _starts(a.sustainer, n))
    return proc


def _needs(a: Arrays) -> Array:
    need = np.zeros(a.rule.size, NEED)
    need["supply"] = need["met"] = need["healthy_supply"] = FULL
    terms = np.diff(a.term_start)
    need["fulls_asked"] = np.choose(a.rule, [terms, 1, a.count, terms])
    need["zeros_asked"] = np.choose(a.rule, [1, terms, terms - a.count + 1, terms])
    need["fulls"] = need["healthy_fulls"] = _sums((a.gives == FULL).astype(np.int64), a.term_start)
    need["owner"] = np.repeat(np.arange(a.restart.size), np.diff(a.need_start))
    need["rule"], need["count"], need["cap"], need["notice"] = a.rule, a.count, a.cap, a.notice
    need["since"] = -1
    need["capped"] = FULL
    last = a.step_time[a.step_start[1:] - 1] if need.size else np.zeros(0, np.int64)
    need["most"] = last * FULL
    need["back"] = np.where(a.recharge == 0, -1, -(-last * FULL // np.maximum(a.recharge, 1)))
    need["need_sum"] = np.maximum(_sums(a.term_weight, a.term_start), 1)
    need["sustain_sum"] = _sums(a.sustain_weight, a.sustain_start)
    for name, start in (("term", a.term_start), ("step", a.step_start), ("curve", a.response_start)):
        _set_span(need, name, start)
    _set_span(need, "sustain", a.sustain_start)
    return need


def _terms(a: Arrays) -> Array:
    term = np.zeros(a.gives.size, TERM)
    term["sum"] = _sums(a.weight, a.member_start)
    term["acc"] = term["sum"] * FULL
    term["gives"], term["weight"] = a.gives, a.term_weight
    _set_span(term, "member", a.member_start)
    return term


def _outward(a: Arrays) -> Array:
    """Turn the members around, so that a supplier finds its consumers."""
    order = np.argsort(a.supplier, kind="stable")
    owner = np.repeat(np.arange(a.restart.size), np.diff(a.need_start))
    need_of = np.repeat(np.arange(a.rule.size), np.diff(a.term_start))
    term = np.repeat(np.arange(a.gives.size), np.diff(a.member_start))[order]
    out = np.zeros(order.size, OUT)
    out["member"], out["term"], out["need"] = order, term, need_of[term]
    out["owner"], out["whole"] = owner[need_of[term]], a.gives[term] == FULL
    out["term"][np.diff(a.member_start)[term] == 1] = -1
    out["weight"], out["lo"], out["hi"] = a.weight[order], a.lo[order], a.hi[order]
    return out


def _set_span(rows: Array, name: str, start: Array) -> None:
    rows[f"{name}_first"], rows[f"{name}_last"] = start[:-1], start[1:]


def _sums(values: Array, start: Array) -> Array:
    total = np.concatenate(([0], np.cumsum(values, dtype=np.int64)))
    return np.asarray(total[start[1:]] - total[start[:-1]])


def _starts(keys: Array, size: int) -> Array:
    return np.concatenate(([0], np.cumsum(np.bincount(keys, minlength=size)))).astype(np.int64)


def new_log(rows: int) -> Log:
    """Return room for so many rows."""
    return Log(
        np.zeros(rows, np.int64), np.zeros(rows, np.int32), np.zeros(rows, np.int16), np.zeros(rows, np.int16),
        np.zeros(rows, np.int8), np.zeros(rows, np.int32), np.zeros(rows, np.int32), np.zeros(rows, np.int32),
    )  # fmt: skip


def grown(rows: Array, size: int) -> Array:
    """Return a longer copy of some rows."""
    more = np.zeros(size, rows.dtype)
    more[: rows.size] = rows
    return more
