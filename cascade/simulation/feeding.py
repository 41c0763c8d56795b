"""Where the copies of a process are, and which of them feed which consumer.

Instances are in canonical order: by process id, then region code, then asset id, so the copies of a process lie together
and those of one region do too.
"""

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cascade.errors import UsageError
from cascade.model import ALL, HERE, NEIGHBOURS, Assets, Model, Need
from cascade.simulation.distances import nearest

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Copies:
    """The n copies of one process, in canonical order."""

    first: int
    """Instance number of the first."""
    regions: Ints
    """(n) index of the region; -1 for a national process."""
    weights: Ints
    """(n) inhabitants, of assets the capacity, else 1."""
    labels: Sequence[str]
    assets: Sequence[str]
    """(n) asset ids; empty texts where copies are no assets."""
    rows: Ints
    """(n) of assets the row in their table."""

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.labels)


class Groups(NamedTuple):
    """G lists of suppliers, one behind the other."""

    start: Ints
    """(G) where each begins in ``member`` and ``weight``."""
    size: Ints
    """(G)."""
    member: Ints
    """Instance numbers."""
    weight: Ints
    least: int
    most: int
    """How small and how large the smallest and largest are."""


def place(model: Model) -> dict[str, Copies]:
    """Give every copy or asset of every process its instance number."""
    codes = sorted(model.regions)
    number = {code: i for i, code in enumerate(codes)}
    people = np.array([model.regions[code].population for code in codes], np.int64)
    ends = [f"@{code}" for code in codes]
    found: dict[str, Copies] = {}
    first = 0
    for process in sorted(model.processes):
        definition = model.processes[process]
        if definition.assets is not None:
            found[process] = _place_assets(process, first, model.assets[process], number)
        elif definition.per is not None:
            labels = [process + end for end in ends]
            at = np.arange(len(codes))
            found[process] = Copies(first, at, people, labels, [""] * len(codes), at)
        else:
            one = np.ones(1, np.int64)
            found[process] = Copies(first, -one, one, [process], [""], one - 1)
        first += found[process].count
    return found


def _place_assets(process: str, first: int, table: Assets, number: Mapping[str, int]) -> Copies:
    homes, ids = table.regions, table.ids
    rows: Sequence[int] = range(len(ids))
    # tables that were read are in order; looking costs far less than sorting
    if not all(map(operator.le, zip(homes, ids, strict=True), islice(zip(homes, ids, strict=True), 1, None))):
        rows = sorted(rows, key=lambda a: (homes[a], ids[a]))
        homes, ids = tuple(homes[a] for a in rows), tuple(ids[a] for a in rows)
    order = np.array(rows, np.int64)
    head = {home: f"{process}@{home}#" for home in dict.fromkeys(homes)}
    return Copies(
        first=first,
        regions=np.array([number[home] for home in homes], np.int64),
        weights=np.array(table.capacities, np.int64)[order],
        labels=[head[home] + asset for home, asset in zip(homes, ids, strict=True)],
        assets=ids,
        rows=order,
    )


class Feeders:
    """Finds the copies that each written supply stands for, and their weights."""

    def __init__(self, model: Model, copies: Mapping[str, Copies]) -> None:
        self.model = model
        self.copies = copies
        self.codes = sorted(model.regions)
        self.number = {code: i for i, code in enumerate(self.codes)}
        self._known: dict[tuple[str, str | None, bool], Groups] = {}

    def of(self, consumer: str, supplier: str, place: str | None, at: Ints) -> tuple[Groups, Ints]:
        """Find who feeds copies of a consumer from a place.

        Parameters
        ----------
        consumer, supplier : str
            Process ids.
        place : str, optional
            ``here``, ``neighbours``, ``all`` or a region code, as written.
        at : int64 (n)
            Which copies of the consumer, counted from its first.

        Returns
        -------
        Groups
        int64 (n)
            The group of each.

        Raises
        ------
        UsageError
            If one of them finds nobody.
        """
        homes = self.copies[consumer].regions[at]
        within = bool(len(homes)) and homes[0] >= 0
        by_region = place == NEIGHBOURS or (place in (None, HERE) and within)
        if not self.model.processes[supplier].regional:
            by_region = False
        groups = self._groups(supplier, place, by_region=by_region)
        of = homes if by_region else np.zeros(len(at), np.int64)
        if not groups.least and not (filled := groups.size[of] > 0).all():
            home = int(homes[int(np.argmin(filled))])
            where = f"@{place}" if place else ""
            here = f" in {self.codes[home]}" if home >= 0 else ""
            raise UsageError(f"{consumer}: {supplier}{where} has no copy to supply it{here}")
        return groups, of

    def _groups(self, supplier: str, place: str | None, *, by_region: bool) -> Groups:
        """Return one group for each region, or one for all."""
        key = (supplier, place, by_region)
        if key not in self._known:
            self._known[key] = self._find(supplier, place, by_region=by_region)
        return self._known[key]

    def _find(self, supplier: str, place: str | None, *, by_region: bool) -> Groups:
        there = self.copies[supplier]
        numbers = there.first + np.arange(there.count)
        if not self.model.processes[supplier].regional or (place in (None, ALL) and not by_region):
            return weighed(np.array([0, there.count]), numbers, there.weights)
        bounds = np.searchsorted(there.regions, np.arange(len(self.codes) + 1))
        if by_region and place != NEIGHBOURS:
            return weighed(bounds, numbers, there.weights)
        if place != NEIGHBOURS:
            home = self.number.get(str(place))
            span = slice(0, 0) if home is None else slice(bounds[home], bounds[home + 1])
            return weighed(np.array([0, span.stop - span.start]), numbers[span], there.weights[span])
        around = [sorted(self.number[c] for c in self.model.regions[code].neighbours) for code in self.codes]
        spans = [[np.arange(bounds[r], bounds[r + 1]) for r in near] for near in around]
        chosen = [np.concatenate([np.zeros(0, np.int64), *each]) for each in spans]
        rows = np.concatenate([np.zeros(0, np.int64), *chosen])
        # a group at the end, empty, for a consumer that is nowhere: number -1
        start = np.cumsum([0, *(len(each) for each in chosen), 0])
        return weighed(start, numbers[rows], there.weights[rows])

    def told(self, consumer: str, name: str, need: Need, at: Ints) -> tuple[Groups, Ints]:
        """Find who feeds copies of a consumer where a table, distances or serving areas say so; as :meth:`of`."""
        supplier = need.supplies[0].process
        if need.by == "by_table":
            groups, of = self._by_table(consumer, name, supplier), at
        elif need.by_nearest is not None:
            groups, of = self._by_nearest(consumer, supplier, need.by_nearest), at
        else:
            groups, group_of = self._by_area(consumer, supplier)
            of = group_of[at]
        if not groups.least and not (filled := groups.size[of] > 0).all():
            here, first = self.copies[consumer], int(at[int(np.argmin(filled))])
            label, key = here.labels[first], here.assets[first] or here.labels[first]
            why = f"its table names no supplier for {key!r}" if need.by == "by_table" else f"nobody feeds it {need.by}"
            raise UsageError(f"need {name!r} of {label}: {why}")
        return groups, of

    def _by_table(self, consumer: str, name: str, supplier: str) -> Groups:
        here, there = self.copies[consumer], self.copies[supplier]
        table = self.model.links[consumer, name]
        keys = {asset or label: i for i, (asset, label) in enumerate(zip(here.assets, here.labels, strict=True))}
        names = {asset or label: i for i, (asset, label) in enumerate(zip(there.assets, there.labels, strict=True))}
        of = np.array([keys.get(key, -1) for key in table.consumers], np.int64)
        member = np.array([names[key] for key in table.suppliers], np.int64) + there.first
        weight = np.array(table.weights, np.int64)
        order = np.lexsort((weight, member, of))[np.count_nonzero(of < 0) :]
        start = np.searchsorted(of[order], np.arange(here.count + 1))
        return weighed(start, member[order], weight[order])

    def _by_nearest(self, consumer: str, supplier: str, count: int) -> Groups:
        there = self.copies[supplier]
        by_id = np.array(sorted(range(there.count), key=there.assets.__getitem__), np.int64)
        near = nearest(self._located(consumer), self._located(supplier)[by_id], count)
        copies = np.sort(by_id[near], axis=1)
        start = np.arange(len(copies) + 1) * copies.shape[1]
        return weighed(start, there.first + copies.reshape(-1), there.weights[copies.reshape(-1)])

    def _located(self, process: str) -> npt.NDArray[np.float64]:
        """Return latitude and longitude of every copy (n, 2)."""
        given = self.model.assets[process].locations or ()
        found = np.array([at for at in given if at is not None], np.float64).reshape(-1, 2)
        copies = self.copies[process]
        if len(found) < copies.count:
            raise UsageError(f"by_nearest: {copies.count - len(found)} assets of {process!r} have no place")
        return found[copies.rows]

    def _by_area(self, consumer: str, supplier: str) -> tuple[Groups, Ints]:
        there, tables = self.copies[supplier], self.model.assets
        areas = tables[supplier].areas or ()
        rows = {area: i for i, area in enumerate(dict.fromkeys(area for area in areas if area))}
        # the last group is empty: for what has no area, or one that nobody serves
        serves = _numbered(tables[supplier], rows)[there.rows]
        order = np.argsort(serves, kind="stable")
        start = np.searchsorted(serves[order], np.arange(len(rows) + 1))
        start = np.append(start, start[-1])
        served = order[: start[-1]]
        groups = weighed(start, there.first + served, there.weights[served])
        return groups, _numbered(tables[consumer], rows)[self.copies[consumer].rows]


def _numbered(table: Assets, rows: Mapping[str, int]) -> Ints:
    """Return the number of the area of each asset; one above all where it has none that is known."""
    areas = table.areas or (None,) * len(table.ids)
    return np.array([rows.get(area or "", len(rows)) for area in areas], np.int64)


def weighed(bounds: Ints, member: Ints, weight: Ints) -> Groups:
    """Make groups, bounded by ``bounds`` (G + 1), in which a lone member weighs 1, and members that weigh nothing alike."""
    start, end = bounds[:-1], bounds[1:]
    size = end - start
    least, most = (int(size.min()), int(size.max())) if size.size else (0, 0)
    if most == 1:
        return Groups(start, size, member, np.ones(member.size, np.int64), least, most)
    total = np.zeros(member.size + 1, np.int64)
    np.cumsum(weight, out=total[1:])
    alike = (size == 1) | (total[end] == total[start])
    if alike.any():
        weight = np.where(np.repeat(alike, size), 1, weight)
    return Groups(start, size, member, weight, least, most)
