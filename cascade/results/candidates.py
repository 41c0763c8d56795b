"""What may be chosen and what there is to choose with: the candidates of a capacity file, and its limits as rows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from cascade.errors import UsageError, did_you_mean
from cascade.model import BUDGET, NATIONAL, Capacity, MeasureAt, Model, Place, Scenario, cost_at
from cascade.simulation.placing import Option

Ints = npt.NDArray[np.int64]

UNLIMITED: Final = 2**53


class Row(NamedTuple):
    """One limit: least <= the sum over chosen options (and helpers) <= most."""

    name: str
    """For people: ``guard-team``, ``guard-team in VR13``."""
    options: Ints
    amounts: Ints
    helpers: tuple[tuple[int, int], ...]
    """(number, amount) of helper variables: units of the national pool used in a region with units of its own."""
    least: int
    most: int

    @property
    def span(self) -> tuple[float, float]:
        """Least and most for a solver: infinite where nothing is asked.

        With 2^53 written out instead, HiGHS has called plans optimal that were not.
        """
        least = -np.inf if self.least <= -UNLIMITED else float(self.least)
        return least, np.inf if self.most >= UNLIMITED else float(self.most)


@dataclass(frozen=True, eq=False)
class Choices:
    """The candidates of a capacity file, in order of measure, process and region.

    Attributes
    ----------
    options : tuple of Option
        n candidates.
    takes : dict
        Kind to units taken by each (n); only kinds that are limited.
    cost : int64 (n)
        Euros.
    """

    options: tuple[Option, ...]
    takes: dict[str, Ints]
    cost: Ints
    model: Model = field(repr=False)
    capacity: Capacity = field(repr=False)

    @property
    def size(self) -> int:
        """Number of candidates."""
        return len(self.options)

    def at(self, places: Iterable[Place]) -> list[int]:
        """Return the candidates that some places stand for, in order."""
        wanted = set(_spread(self.model, places))
        return [k for k, option in enumerate(self.options) if option in wanted]

    def find(self, label: str) -> int:
        """Return the candidate with a label ``measure: process@REGION``.

        Raises
        ------
        UsageError
            If there is none.
        """
        for k, option in enumerate(self.options):
            if option.label == label:
                return k
        raise UsageError(f"no candidate {label!r}; candidates read like {self.options[0].label!r}")

    def told(self, plan: Iterable[int]) -> list[str]:
        """Return a plan as labels."""
        return [self.options[k].label for k in sorted(plan)]

    @property
    def regional(self) -> dict[str, list[int]]:
        """Candidates by region; national ones under the empty code."""
        found: dict[str, list[int]] = {}
        for k, option in enumerate(self.options):
            found.setdefault(option.region, []).append(k)
        return found


def choices(model: Model, capacity: Capacity) -> Choices:
    """Return the candidates of a capacity file.

    Raises
    ------
    UsageError
        If nothing can be chosen.
    """
    placed = set(_spread(model, capacity.placed))
    asked = capacity.candidates or tuple(Place.model_validate({"measure": m}) for m in sorted(model.measures))
    options = sorted({o for o in _spread(model, asked) if o not in placed and _usable(model, capacity, o)})
    if not options:
        raise UsageError(
            "nothing can be chosen with this capacity file: no measure takes only what is available; "
            "see the kinds under takes in measures.yaml"
        )
    takes = {
        kind: np.array([model.measures[o.measure].takes.get(kind, 0) for o in options], np.int64)
        for kind in capacity.kinds
    }
    cost = np.array([cost_at(model, o.measure, o.process, o.region or None) for o in options], np.int64)
    return Choices(tuple(options), takes, cost, model, capacity)


def placed_already(model: Model, capacity: Capacity, scenario: Scenario) -> Scenario:
    """Return a scenario with what the capacity file says is in place."""
    more = tuple(
        MeasureAt.model_validate({"measure": o.measure, "at": [o.process], "where": [o.region] if o.region else None})
        for o in sorted(_spread(model, capacity.placed))
    )
    return scenario.model_copy(update={"with_measures": (*scenario.with_measures, *more)})


def _usable(model: Model, capacity: Capacity, option: Option) -> bool:
    measure = model.measures[option.measure]
    late = measure.lead_time is not None and capacity.ready_within is not None
    if late and measure.lead_time is not None and measure.lead_time.mode > (capacity.ready_within or 0):
        return False
    return capacity.usable(measure)


def _spread(model: Model, places: Iterable[Place]) -> Iterator[Option]:
    """Give every copy that some places stand for."""
    for place in places:
        for process in place.at or model.measures[place.measure].applies_to.processes:
            if not model.processes[process].regional:
                if place.where is None:
                    yield Option(place.measure, process, "")
                continue
            for region in place.where or sorted(model.regions):
                yield Option(place.measure, process, region)


# ------------------------------------------------------------------ limits


@dataclass(frozen=True, eq=False)
class Limits:
    """What a plan may use: units by kind and place, euros, least and most by region, and what excludes what."""

    choices: Choices
    units: dict[str, dict[str, int]]
    budget: int | None
    regional: tuple[tuple[str, str, int, int], ...]
    """(kind or budget, region, least, most)."""
    excludes: tuple[tuple[int, ...], ...]
    """Of each group of candidates at most one."""

    def more(self, kind: str, number: int) -> "Limits":
        """Return the limits with more units of a kind that can be used anywhere, or with more euros."""
        if kind == BUDGET:
            return self if self.budget is None else replace(self, budget=self.budget + number)
        there = dict(self.units.get(kind, {}))
        there[NATIONAL] = there.get(NATIONAL, 0) + number
        return replace(self, units={**self.units, kind: there})

    def amounts(self, kind: str) -> Ints:
        """Return what each candidate takes of a kind, or its euros (n)."""
        return self.choices.cost if kind == BUDGET else self.choices.takes[kind]

    def used(self, plan: Iterable[int]) -> dict[str, int]:
        """Return what a plan takes in all, by kind and in euros."""
        rows = sorted(plan)
        found = {kind: int(self.choices.takes[kind][rows].sum()) for kind in self.units}
        return {**found, BUDGET: int(self.choices.cost[rows].sum())}

    def rows(self) -> tuple[list[Row], int]:
        """Return all limits as rows, and the number of helper variables (whole, 0 or more)."""
        return self._rows

    @cached_property
    def _rows(self) -> tuple[list[Row], int]:
        found: list[Row] = []
        helpers = 0
        where = self.choices.regional
        for kind, there in sorted(self.units.items()):
            amounts = self.amounts(kind)
            own = {r: n for r, n in there.items() if r != NATIONAL}
            pool: list[tuple[int, int]] = []
            for region, number in sorted(own.items()):
                members = _taking(where.get(region, []), amounts)
                found.append(
                    Row(f"{kind} in {region}", members, amounts[members], ((helpers, -1),), -UNLIMITED, number)
                )
                pool.append((helpers, 1))
                helpers += 1
            rest = _taking([k for r, ks in where.items() if r not in own for k in ks], amounts)
            found.append(Row(kind, rest, amounts[rest], tuple(pool), -UNLIMITED, there.get(NATIONAL, 0)))
        if self.budget is not None:
            paid = _taking(range(self.choices.size), self.choices.cost)
            found.append(Row(BUDGET, paid, self.choices.cost[paid], (), -UNLIMITED, self.budget))
        for kind, region, least, most in self.regional:
            amounts = self.amounts(kind)
            members = _taking(where.get(region, []), amounts)
            found.append(Row(f"{kind} in {region}, least and most", members, amounts[members], (), least, most))
        for number, group in enumerate(self.excludes, 1):
            members = np.array(group, np.int64)
            found.append(Row(f"at most one of excludes {number}", members, np.ones_like(members), (), -UNLIMITED, 1))
        return found, helpers

    def allow(self, plan: Iterable[int]) -> bool:
        """Whether a plan keeps to all limits, the least ones included."""
        return self._kept(plan, True)

    def leave_room(self, plan: Iterable[int]) -> bool:
        """Whether a plan keeps to all limits but, perhaps, the least ones, which more can still reach."""
        return self._kept(plan, False)

    def _kept(self, plan: Iterable[int], least: bool) -> bool:
        chosen = np.zeros(self.choices.size, np.bool_)
        chosen[list(plan)] = True
        rows, helpers = self._rows
        needed = [0] * helpers
        for row in rows:
            total = int(row.amounts[chosen[row.options]].sum())
            if row.helpers and row.helpers[0][1] < 0:  # what a region lacks comes from the national pool
                needed[row.helpers[0][0]] = max(0, total - row.most)
                continue
            total += sum(needed[number] for number, _ in row.helpers)
            if total > row.most or (least and total < row.least):
                return False
        return True

    @cached_property
    def _in_rows(self) -> list[list[tuple[int, int]]]:
        """For each candidate the rows that it stands in, and what it takes there."""
        found: list[list[tuple[int, int]]] = [[] for _ in self.choices.options]
        for number, row in enumerate(self._rows[0]):
            for option, amount in zip(row.options.tolist(), row.amounts.tolist(), strict=True):
                found[option].append((number, amount))
        return found

    def room(self, plan: Iterable[int] = ()) -> "Room":
        """Return what a plan leaves, to fill up option by option."""
        room = Room(self)
        for option in sorted(plan):
            room.take(option)
        return room


class Room:
    """What is left of some limits, the least ones aside; quick to ask again and again."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        rows, _ = limits._rows
        self._used = [0] * len(rows)
        self._pool = {n: number for number, row in enumerate(rows) for n, amount in row.helpers if amount > 0}

    def fits(self, option: int) -> bool:
        """Whether an option still fits."""
        return all(self._after(number, amount) for number, amount in self._limits._in_rows[option])

    def _after(self, number: int, amount: int) -> bool:
        row = self._limits._rows[0][number]
        total = self._used[number] + amount
        if row.helpers and row.helpers[0][1] < 0:  # what a region lacks comes from the national pool
            pool = self._pool[row.helpers[0][0]]
            more = max(0, total - row.most) - max(0, self._used[number] - row.most)
            return self._used[pool] + more <= self._limits._rows[0][pool].most
        return total <= row.most

    def take(self, option: int) -> None:
        """Take an option, whether it fits or not."""
        for number, amount in self._limits._in_rows[option]:
            row = self._limits._rows[0][number]
            before, self._used[number] = self._used[number], self._used[number] + amount
            if row.helpers and row.helpers[0][1] < 0:
                pool = self._pool[row.helpers[0][0]]
                self._used[pool] += max(0, before + amount - row.most) - max(0, before - row.most)


def _taking(members: Iterable[int], amounts: Ints) -> Ints:
    found = np.array(sorted(members), np.int64)
    return found[amounts[found] > 0] if found.size else found


def limits(found: Choices, phases: int = 0) -> Limits:
    """Return the limits of a capacity file with its first phases, 0 or more."""
    capacity, model = found.capacity, found.model
    # files are checked when they are read; this is for one that was changed by hand
    for kind in sorted(set(capacity.limits) - {*capacity.kinds, BUDGET}):
        known = did_you_mean(kind, [*capacity.kinds, BUDGET])
        raise UsageError(f"limits of {kind!r}, of which there is nothing in available; {known}")
    units = {kind: capacity.units(kind, phases) for kind in capacity.kinds}
    regional = []
    for kind in sorted(capacity.limits):
        for region in sorted(model.regions):
            limit = capacity.limit(kind, region)
            if limit is not None:
                most = limit.at_most if limit.at_most is not None else UNLIMITED
                regional.append((kind, region, limit.at_least or 0, most))
    return Limits(found, units, capacity.money(phases), tuple(regional), tuple(_excluded(found)))


def _excluded(found: Choices) -> Iterator[tuple[int, ...]]:
    """Give groups of which one may be chosen: of different entries of a list, in each region; national ones in all."""
    for places in found.capacity.excludes:
        entries = [found.at((place,)) for place in places]
        codes = sorted({found.options[k].region for members in entries for k in members} - {""})
        groups = set()
        for code in codes or [""]:
            here = [[k for k in members if found.options[k].region in ("", code)] for members in entries]
            here = [members for members in here if members]
            if all(len(members) == 1 for members in here):
                groups.add(tuple(sorted({k for members in here for k in members})))
            else:  # an entry may stand for several copies, which do not exclude one another
                groups.update(
                    (min(a, b), max(a, b)) for one, other in combinations(here, 2) for a in one for b in other if a != b
                )
        yield from sorted(group for group in groups if len(group) > 1)
