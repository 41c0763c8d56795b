"""Which event of a scenario did what: every event's fair part of the whole effect, together and alone.

The events are players, and what some of them do together is a full simulation of the scenario with only those. An
event's part is its **Shapley value**: what it adds to the events before it, on average over all orders. The parts add up to
the whole; events alike get alike; one that never adds anything gets nothing.

Source
------
Shapley (1953), A value for n-person games. Interaction of two: Grabisch and Roubens (1999), An axiomatic approach to the
concept of interaction among players in cooperative games. Permutations with their reverses: Mitchell, Cooper, Frank and
Holmes (2022), Sampling permutations for Shapley value estimation; here without their kernels.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import comb, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from cascade.errors import CascadeError, UsageError, did_you_mean
from cascade.model import Model, Scenario
from cascade.results.effects import COLUMN, Meter
from cascade.simulation.events import targets
from cascade.simulation.network import compile_network
from cascade.simulation.repairs import follow
from cascade.simulation.run import scenario_meant
from cascade.simulation.sweep import Simulator
from cascade.units import HOUR

if TYPE_CHECKING:
    import pandas as pd

Floats: TypeAlias = npt.NDArray[np.float64]
Progress: TypeAlias = Callable[[int, int], None]
"""Called with the number of simulations done and the most there can be."""

MEASURES: Final = ("hours", "cascade_hours", "basic_hours", "basic_peak", "basic_beyond", "euros", "locked")
"""What an effect can be measured by. ``hours``: person-hours of everything, ``cascade_hours``: of what no event of the
scenario hits; the others as in `results.effects`."""
SCALE: Final = dict.fromkeys(("hours", "cascade_hours", "basic_hours", "basic_beyond"), HOUR)
"""Whole steps in which a measure is counted, to the unit in which it is told; 1 for the others."""
EXACT: Final = 10
"""Events up to which every set of them is simulated: 1,024 runs."""
PERMUTATIONS: Final = 600
"""Orders drawn at most beyond that, half of them the reverses of the others. Own choice."""
FEWEST: Final = 60
"""Orders drawn before a precision is believed. Own choice."""
PRECISION: Final = 0.01
"""Half the width of the widest 95% interval, as a part of the whole effect, at which drawing ends. Own choice."""
Z95: Final = 1.959964


@dataclass(frozen=True, eq=False)
class Attribution:
    """What each event of a scenario contributed to its effect, in the unit of the measure.

    An effect counts beyond that of a scenario without events (nothing, in a sound model).
    """

    events: "pd.DataFrame"
    """One row per event, in file order: ``number`` (from 1), ``id``, ``at_h``, ``part`` (Shapley value), ``part_share`` (of the
    whole), ``error`` (standard error; 0 when exact), ``low``, ``high`` (95% interval), ``alone`` (the event by itself),
    ``last`` (whole less the scenario without it)."""
    interaction: "pd.DataFrame | None"
    """Shapley interaction of every two events (file order, numbers as names): above 0 they make each other worse, below 0
    they overlap. None when sampled, or with one event."""
    whole: float
    """Effect of all events together."""
    measure: str
    exact: bool
    runs: int
    """Simulations made."""
    permutations: int
    """Orders drawn; 0 when exact."""
    seed: int | None
    """Of the draws; None when exact."""


def attribute(
    model: Model,
    scenario: Scenario | str | Path,
    measure: str = "hours",
    *,
    seed: int = 1,
    permutations: int | None = None,
    precision: float = PRECISION,
    progress: Progress | None = None,
) -> Attribution:
    """Divide the effect of a scenario among its events.

    An event that does not take part is not there at all: crews that would repair it are free for others. Measures in
    place and rationing stay. Up to 10 events all sets of them are simulated and the parts are exact; beyond that orders
    are drawn, each with its reverse, until the widest 95% interval is within ``precision`` of the whole (stopping then makes
    the intervals a little narrow) or all ``permutations`` are drawn. Sampled parts too add up to the whole.

    Parameters
    ----------
    model : Model
    scenario : Scenario, or path or name of one
    measure : str
        One of `MEASURES`. For ``cascade_hours`` what any event of the scenario hits is left out throughout, so that a
        service does not change sides with the set of events.
    seed : int
        Of the draws.
    permutations : int, optional
        Draw at most so many orders, whatever the number of events; by default exact up to 10 events, else 600.
    precision : float
        Part of the whole effect; 0 draws all.
    progress : callable, optional

    Returns
    -------
    Attribution

    Raises
    ------
    UsageError
        If there is no such measure, or the scenario has no events.
    CascadeError
        If a set of events does not settle.
    """
    scenario = scenario_meant(model, scenario)
    if measure not in MEASURES:
        raise UsageError(f"no measure {measure!r}; {did_you_mean(measure, MEASURES)} (known: {', '.join(MEASURES)})")
    if not scenario.events:
        raise UsageError("this scenario has no events, so there is nothing to divide")
    if permutations is not None and permutations < 4:
        raise UsageError(f"a standard error takes 4 orders or more, not {permutations}")
    if not precision >= 0:  # also refuses what is not a number
        raise UsageError(f"the precision is 0 or more, not {precision}")
    game = _Game(model, scenario, measure)
    size = len(scenario.events)
    if size <= EXACT and permutations is None:
        parts, interaction = _exactly(game, progress)
        return _tell(game, np.array([float(part) for part in parts]), np.zeros(size), interaction, None)
    most = PERMUTATIONS if permutations is None else permutations
    drawn = _sampled(game, max(2, -(-most // 2)), seed, precision, progress)
    return _tell(game, drawn.mean(axis=0), drawn.std(axis=0, ddof=1) / sqrt(len(drawn)), None, (seed, 2 * len(drawn)))


class _Game:
    """What every set of events does; each set is simulated once. A set is a number with a bit for each event."""

    def __init__(self, model: Model, scenario: Scenario, measure: str) -> None:
        self.scenario, self.measure = scenario, measure
        self.size = len(scenario.events)
        self.everyone = (1 << self.size) - 1
        self.network = compile_network(model, scenario)
        self._meter = Meter(self.network)
        self._simulator = Simulator(self.network)
        hit = {i for e in scenario.events if e.at.mode < scenario.horizon for i in targets(e, self.network)}
        self._hit = np.array(sorted(hit), np.int64)
        self._known: dict[int, int] = {}
        self._idle = 0
        self._idle = self.value(0)
        self._known[0] = 0

    @property
    def runs(self) -> int:
        """Simulations made."""
        return len(self._known)

    def value(self, chosen: int) -> int:
        """Return the effect of some events beyond that of none, in steps of the measure."""
        if chosen not in self._known:
            self._known[chosen] = self._simulated(chosen) - self._idle
        return self._known[chosen]

    def _simulated(self, chosen: int) -> int:
        events = tuple(e for number, e in enumerate(self.scenario.events) if chosen >> number & 1)
        scenario = self.scenario.model_copy(update={"events": events})
        log = follow(self.network, scenario, self._simulator.run)
        if log is None:
            numbers = ", ".join(str(n + 1) for n in range(self.size) if chosen >> n & 1)
            raise CascadeError(f"the scenario with only events {numbers} does not settle; simulate it to see why")
        found = self._meter.of(log, self._simulator.work, self.scenario.horizon, self._hit)
        if self.measure == "hours":
            return int(found[COLUMN["own_hours"]] + found[COLUMN["cascade_hours"]])
        return int(found[COLUMN[self.measure]])


def _exactly(game: _Game, progress: Progress | None) -> tuple[list[Fraction], list[list[Fraction]]]:
    """Return Shapley values and pairwise interactions, from all sets; fractions, so that they add up exactly."""
    size = game.size
    values = []
    for chosen in range(1 << size):
        values.append(game.value(chosen))
        if progress is not None:
            progress(chosen + 1, 1 << size)
    parts = []
    for i in range(size):
        gains = [0] * size
        for chosen in _without(size, 1 << i):
            gains[chosen.bit_count()] += values[chosen | 1 << i] - values[chosen]
        # sets of s others stand before i in one of every size * comb(size - 1, s) orders
        parts.append(sum((Fraction(g, size * comb(size - 1, s)) for s, g in enumerate(gains)), Fraction(0)))
    interaction = [[Fraction(0)] * size for _ in range(size)]
    for i, j in combinations(range(size), 2):
        a, b = 1 << i, 1 << j
        gains = [0] * (size - 1)
        for chosen in _without(size, a | b):
            both = values[chosen | a | b] - values[chosen | a] - values[chosen | b] + values[chosen]
            gains[chosen.bit_count()] += both
        found = sum((Fraction(g, (size - 1) * comb(size - 2, s)) for s, g in enumerate(gains)), Fraction(0))
        interaction[i][j] = interaction[j][i] = found
    return parts, interaction


def _without(size: int, left_out: int) -> Iterator[int]:
    """Yield all sets of events that hold none of some."""
    return (chosen for chosen in range(1 << size) if not chosen & left_out)


def _sampled(game: _Game, most: int, seed: int, precision: float, progress: Progress | None) -> Floats:
    """Return what each event adds, a mean over an order and its reverse, one row per pair of orders."""
    random = np.random.Generator(np.random.Philox(seed))
    goal = precision * abs(game.value(game.everyone))
    found: list[Floats] = []
    while len(found) < most:
        order = random.permutation(game.size)
        found.append((_gains(game, order.tolist()) + _gains(game, order[::-1].tolist())) / 2)
        if progress is not None:
            progress(len(found), most)
        if 2 * len(found) >= min(FEWEST, 2 * most) and precision > 0 and len(found) > 1:
            half = Z95 * np.std(found, axis=0, ddof=1).max() / sqrt(len(found))
            if half <= goal:
                break
    return np.array(found)


def _gains(game: _Game, order: list[int]) -> Floats:
    gains, chosen, before = np.zeros(game.size), 0, 0
    for i in order:
        chosen |= 1 << i
        after = game.value(chosen)
        gains[i], before = after - before, after
    return gains


def _tell(
    game: _Game,
    parts: Floats,
    errors: Floats,
    interaction: list[list[Fraction]] | None,
    drawn: tuple[int, int] | None,
) -> Attribution:
    import pandas as pd

    scale = SCALE.get(game.measure, 1)
    whole, events = game.value(game.everyone), game.scenario.events
    alone = np.array([game.value(1 << i) for i in range(game.size)])
    last = np.array([whole - game.value(game.everyone & ~(1 << i)) for i in range(game.size)])
    numbers = list(range(1, game.size + 1))
    table = pd.DataFrame(
        {
            "number": numbers,
            "id": [event.id or "" for event in events],
            "at_h": [event.at.mode / HOUR for event in events],
            "part": parts / scale,
            "part_share": parts / whole if whole else np.full(game.size, np.nan),
            "error": errors / scale,
            "low": (parts - Z95 * errors) / scale,
            "high": (parts + Z95 * errors) / scale,
            "alone": alone / scale,
            "last": last / scale,
        }
    )
    matrix = None
    if interaction is not None and game.size > 1:
        told = [[float(value) / scale for value in row] for row in interaction]
        matrix = pd.DataFrame(told, index=pd.Index(numbers, name="number"), columns=numbers)
    seed, permutations = drawn or (None, 0)
    return Attribution(table, matrix, whole / scale, game.measure, drawn is None, game.runs, permutations, seed)
