"""Very many changes at one instant: many copies of a small network side by side do what one does alone.

The engine sorts and takes from its heap in another way when very many are due; the small random models of the other
tests never get there.
"""

from dataclasses import fields

import numpy as np
import pytest
from random_models import build, random_draft, show

from cascade.simulation import engine
from cascade.simulation.events import Imposed, unfold
from cascade.simulation.layout import Log
from cascade.simulation.network import Arrays, compile_network

LEAST = 4 * engine.MANY
"""Instances that the copies of a network come to together."""


def side_by_side(arrays: Arrays, copies: int) -> Arrays:
    """Lay copies of a network beside each other, without any supply between them."""
    size = arrays.restart.size
    made = {}
    for name in (field.name for field in fields(Arrays)):
        rows = getattr(arrays, name)
        if name.endswith("_start"):
            steps = np.arange(copies, dtype=rows.dtype)[:, None] * rows[-1]
            made[name] = np.concatenate(([0], (steps + rows[1:]).ravel())).astype(rows.dtype)
        elif name in ("supplier", "sustainer"):
            made[name] = (np.arange(copies, dtype=rows.dtype)[:, None] * size + rows).ravel().astype(rows.dtype)
        else:
            made[name] = np.tile(rows, copies)
    return Arrays(**made)


def all_hit(imposed: Imposed, size: int, copies: int) -> Imposed:
    """Impose the same on every copy, in order of time."""
    columns = {field.name: np.tile(getattr(imposed, field.name), copies) for field in fields(Imposed)}
    columns["instance"] = columns["instance"] + np.repeat(np.arange(copies) * size, imposed.time.size).astype(np.int32)
    order = np.lexsort((columns["instance"], columns["time"]))
    return Imposed(**{name: column[order] for name, column in columns.items()})


def of_copy(log: Log, copy: int, size: int, needs: int) -> list[tuple[int, ...]]:
    """Rows of one copy, in the numbers of the network alone."""
    rows = log.instance // size == copy
    columns = [column[rows].astype(np.int64) for column in log]
    named = dict(zip(Log._fields, columns, strict=True))
    for name, by in (("instance", size), ("need", needs), ("supplier", size)):
        named[name] = np.where(named[name] >= 0, named[name] - copy * by, -1)
    return list(zip(*(column.tolist() for column in named.values()), strict=True))


@pytest.mark.parametrize("seeds", [range(25), range(25, 50)], ids=["first", "second"])
def test_copies_side_by_side_do_what_one_does_alone(seeds: range) -> None:
    busiest = 0
    for seed in seeds:
        draft = random_draft(seed)
        model, scenario = build(draft)
        network = compile_network(model, scenario)
        size, needs = network.size, len(network.need_names)
        copies = -(-LEAST // size)
        imposed = unfold(network, scenario)[0]
        alone = engine.run(network.arrays, imposed, scenario.horizon)
        many = engine.run(side_by_side(network.arrays, copies), all_hit(imposed, size, copies), scenario.horizon)
        assert not many.runaway
        expected = of_copy(alone.log, 0, size, needs)
        for copy in (0, 1, copies // 2, copies - 1):
            assert of_copy(many.log, copy, size, needs) == expected, f"seed {seed}\n{show(draft)}"
        assert len(many.log.time) == copies * len(expected)
        # in order of time, and then of instances
        order = np.lexsort((many.log.instance, many.log.time))
        assert (order == np.arange(order.size)).all()
        assert (many.work.proc["lost"].reshape(copies, size) == alone.work.proc["lost"]).all()
        busiest = max(busiest, int(np.unique(many.log.time, return_counts=True)[1].max(initial=0)))
    assert busiest > engine.MANY
