"""Processes taken out of a network without any change in what the others do.

Only rewritings that are exactly equal are made, each a small theorem about the semantics:

* What nobody kept depends on can go.
* A need without endurance is met to just its supply. So a process that has no restart of its own, never stops below a
  level and does not ration can be replaced, where its consumer asks for all of its suppliers in that way, by its own needs.
* A process whose needs are all of that kind delivers the least of what it is supplied with. So its suppliers can stand in
  its place, under whatever rule and endurance its consumer has.

Where a consumer sees the mean of several copies, this holds only where a mean of equals or the same mean is meant; what is
not proven is left alone. It holds for outages of what is kept, loops included: such a process is at its target at the end of
every instant, and taking one equation out of a set changes neither its least nor its greatest solution. It is not claimed for
manipulation, nor for rations that serve a process that went in another class than its consumer.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, Final, Literal

from cascade.files.cutting import again
from cascade.files.joining import suppliers_of
from cascade.model import ALL, HERE, NEIGHBOURS, Need, Process, Supply
from cascade.units import FULL, sure

Processes = dict[str, Process]
Seen = Literal["one", "alike", "mean", "other"]
"""What a consumer sees of a regional supplier: the copy of its own region, copies that are all equal, their mean, else."""
MOST_NEEDS: Final = 60
"""A process that would get more needs than this is not folded further; own choice."""


class _Unequal(Exception):
    """A rewriting that is not known to be equal."""


def upstream(processes: Mapping[str, Process], start: str, kept: Collection[str]) -> Processes:
    """Return a process with all it depends on, going no further than what is kept."""
    found, todo = {start}, [start]
    while todo:
        name = todo.pop()
        for supplier in sorted(suppliers_of(processes[name])) if name == start or name not in kept else ():
            if supplier not in found:
                found.add(supplier)
                todo.append(supplier)
    return {name: processes[name] for name in sorted(found)}


def folded(processes: Mapping[str, Process], kept: Collection[str]) -> Processes:
    """Take out every process, but those kept, that can be taken out of all its consumers.

    Parameters
    ----------
    processes : mapping
        Ids to processes; every supplier is among them.
    kept : collection of str

    Returns
    -------
    dict
        What is left; what is neither kept nor a supplier of any that is left is gone.
    """
    found = dict(processes)
    again_ = True
    while again_:
        again_ = False
        for name in [n for n in sorted(found) if n not in kept]:
            smaller = _without(found, name)
            if smaller is not None:
                found, again_ = smaller, True
    return found


def _without(processes: Processes, name: str) -> Processes | None:
    """Return the network without one process; None where that might change something."""
    process = processes[name]
    if name in suppliers_of(process):
        return None
    found = {p: one for p, one in processes.items() if p != name}
    try:
        for consumer, one in processes.items():
            if consumer != name and name in suppliers_of(one):
                found[consumer] = _Rewriting(processes, consumer, name).process()
    except _Unequal:
        return None
    return found


def is_bare(need: Need) -> bool:
    """Whether a need is met to exactly its supply: nothing is endured, and nothing held on a part of it."""
    return (
        need.response is None
        and need.by is None
        and all(after == sure(0) for after, _ in need.steps)
        and need.steps[-1][1] == sure(FULL)
    )


class _Rewriting:
    """One process taken out of one of its consumers."""

    def __init__(self, processes: Processes, consumer: str, name: str) -> None:
        self.processes, self.consumer, self.name = processes, consumer, name
        self.gone, self.to = processes[name], processes[consumer]
        needs = list(self.gone.needs.values())
        if self.gone.restart != sure(0) or self.gone.stops_below or self.gone.rations or self.gone.assets:
            raise _Unequal
        self.bare = [need for need in needs if is_bare(need)]
        self.through = len(self.bare) == len(needs) and all(need.rule == "from" for need in needs)

    def process(self) -> Process:
        """Return the consumer with other suppliers."""
        found: dict[str, Need] = {}
        for key, need in self.to.needs.items():
            for other in self._needs(need):
                if other not in found.values():
                    found[_free(key, found)] = other
        if len(found) > MOST_NEEDS:
            raise _Unequal
        return again(self.to, needs=found)

    def _needs(self, need: Need) -> list[Need]:
        """Return what a need becomes; nothing where it is always met."""
        need = self._sustained(need)
        places = [supply.place for supply in need.supplies if supply.process == self.name]
        if not places:
            return [need]
        if need.by is not None:
            raise _Unequal
        for way in (self._through, self._inlined, self._ruled):
            try:
                return way(need, places)
            except _Unequal:
                continue
        raise _Unequal

    # -------------------------------------------------------------- three ways

    def _through(self, need: Need, places: Sequence[str | None]) -> list[Need]:
        """Put the suppliers of what goes in its place, where it delivers the least of them."""
        if not self.through:
            raise _Unequal
        inner = list(dict.fromkeys(s.id for n in self.gone.needs.values() for s in n.supplies))
        instead = {place: [self._moved(one, place, alone=len(inner) == 1) for one in inner] for place in places}
        if not inner:  # it never fails
            return self._without_it(need)
        if len(inner) > 1 and need.rule != "from":
            raise _Unequal
        supplies = [
            (new, supply.gives, supply.weight)
            for supply in need.supplies
            for new in (instead[supply.place] if supply.process == self.name else [supply.id])
        ]
        return [self._supplied(need, supplies)]

    def _without_it(self, need: Need) -> list[Need]:
        left = tuple(supply for supply in need.supplies if supply.process != self.name)
        if need.rule == "from":
            return [again(need, from_=left)] if left else []
        if need.rule == "any_of" and len(left) < len(need.supplies) and self._whole(need):
            return []
        raise _Unequal

    def _whole(self, need: Need) -> bool:
        return any(supply.process == self.name and supply.gives == FULL for supply in need.supplies)

    @staticmethod
    def _supplied(need: Need, supplies: list[tuple[str, int, int]]) -> Need:
        """Return a need with these suppliers under the rule it has; one named twice counts once, or with both shares."""
        merged: dict[str, tuple[int, int]] = {}
        for name, gives, weight in supplies:
            most, total = merged.get(name, (0, 0))
            if name in merged and need.rule == "at_least":
                raise _Unequal
            merged[name] = (max(most, gives), total + weight)
        if need.rule == "shares":
            return again(need, shares={name: weight for name, (_, weight) in merged.items()})
        written = tuple(Supply(id=name, gives=gives) for name, (gives, _) in merged.items())
        if need.at_least is not None:
            return again(need, at_least=again(need.at_least, of=written))
        return again(need, **{"from_" if need.rule == "from" else "any_of": written})

    def _inlined(self, need: Need, places: Sequence[str | None]) -> list[Need]:
        """Give the consumer the needs of what goes beside its own, where it asks for all of its suppliers and endures nothing."""
        if need.rule != "from" or not is_bare(need):
            raise _Unequal
        left = tuple(supply for supply in need.supplies if supply.process != self.name)
        inner = [
            self._everywhere(one, partial(self._moved, place=place, alone=False))
            for place in places
            for one in self.gone.needs.values()
        ]
        return ([again(need, from_=left)] if left else []) + inner

    def _ruled(self, need: Need, places: Sequence[str | None]) -> list[Need]:
        """Let the consumer take over the rule of the one need, where it asks for nothing else in this need of its own."""
        if len(need.supplies) > 1 or need.rule not in ("from", "any_of", "shares") or len(self.gone.needs) != 1:
            raise _Unequal
        if len(self.bare) != 1 or (need.rule == "any_of" and need.supplies[0].gives < FULL):
            raise _Unequal
        inner = self._everywhere(self.bare[0], lambda written: self._moved(written, places[0], alone=False))
        rules = ("from_", "any_of", "at_least", "shares")
        return [again(need, **{rule: getattr(inner, rule) for rule in rules})]

    def _sustained(self, need: Need) -> Need:
        """Let what keeps a reserve filled be the one supplier of what goes."""
        name, _, place = (need.sustained_by or "").partition("@")
        if name != self.name:
            return need
        inner = [s.id for n in self.gone.needs.values() for s in n.supplies]
        if not self.through or len(inner) != 1:
            raise _Unequal
        return again(need, sustained_by=self._moved(inner[0], place or None, alone=True))

    # -------------------------------------------------------------- places

    def _everywhere(self, need: Need, move: Callable[[str], str]) -> Need:
        """Return a need with every supplier at another place."""
        if need.by is not None:
            raise _Unequal
        changed: dict[str, Any] = {}
        if need.sustained_by is not None:
            changed["sustained_by"] = move(need.sustained_by)
        moved = [(move(supply.id), supply.gives, supply.weight) for supply in need.supplies]
        if len({name for name, _, _ in moved}) < len(moved):
            raise _Unequal
        return again(self._supplied(need, moved), **changed)

    def _moved(self, written: str, place: str | None, *, alone: bool) -> str:
        """Return how the consumer must write a supplier of what goes, which it calls by ``place`` itself.

        With ``alone`` what goes delivers exactly that one supply, so that a mean over its copies is one over those of the
        supplier.
        """
        name, _, inner = written.partition("@")
        supplier = self.processes[name]
        if supplier.rations:  # it would serve the consumer in a class of its own
            raise _Unequal
        if not supplier.regional:
            return name
        inner = "" if inner == HERE else inner
        fixed = inner not in ("", NEIGHBOURS)
        if not self.gone.regional:  # one copy: without a place it means all of the supplier
            return written if fixed else f"{name}@{ALL}"
        if fixed:  # all copies are supplied alike
            return written
        if place in (None, HERE) and self.to.regional:
            return written
        if place not in (None, HERE, NEIGHBOURS, ALL) and not inner:
            return f"{name}@{place}"
        if alone and not inner and supplier.assets is None:  # the same mean, with the same weights
            return f"{name}@{place}" if place else f"{name}@{ALL}"
        raise _Unequal


def _free(key: str, taken: Mapping[str, Need]) -> str:
    names = [key, *(f"{key}-{n}" for n in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)
