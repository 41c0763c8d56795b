"""All smallest sets that make something happen, up to a size, found by asking as little as possible.

The question may be any that only answers yes more often when a set grows. Sets are whole numbers: bit ``e`` is element
``e``. What the question is about stands elsewhere.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Question = Callable[[int], bool]
"""Whether a set brings it about; a set with more in it never does so less."""


class LimitReached(Exception):
    """The question has been asked as often as it may be."""


@dataclass
class Tally:
    """How many sets were asked about, and how many needed no asking, by the rule that spared it."""

    asked: int = 0
    within_safe: int = 0
    """Parts of a set that was found safe."""
    holds_cut: int = 0
    """Sets with a smaller cut in them."""
    branches: int = 0
    """Partial sets that had to be looked into."""
    closed: int = 0
    """Partial sets that stay safe with everything left added, so that nothing is to be found there."""


@dataclass
class Search:
    """The search for all minimal cuts of ``size`` elements, one size after another.

    A *cut* is a set to which the answer is yes; a *safe* set is no cut. Since more is never less, every part of a safe
    set is safe, and everything around a cut is a cut. The search keeps the minimal cuts found, and large safe sets.

    **Branching.** Let S be a safe partial set, U the elements still allowed, and M a safe set around S. A cut T with
    S < T <= S + U has an element outside M: it would be safe otherwise. So with C = U - M = {e1, e2, ...} each such T
    has a first member ei in C, and is found in the branch S + ei with U - {e1 .. ei}. If C is empty there is none. For
    the last element e of T, only those have to be tried that are in no safe set around S, together first: if S + A is
    safe, so is S + e for every e in A.

    **Minimality.** Sizes are searched in order, so when size k is searched every minimal cut with fewer elements is
    known. A set of k elements that holds none of those and is a cut is therefore minimal, and whatever holds one is
    left out. By induction every minimal cut is found, once.

    The idea of growing safe sets and branching over what is outside them: M. H. Liffiton et al. (2016),
    10.1007/s10601-015-9183-0, and R. Reiter (1987), 10.1016/0004-3702(87)90062-2.
    """

    elements: int
    """How many there are."""
    question: Question
    limit: int | None = None
    """Most times that the question may be asked."""
    progress: Callable[[int, int], None] | None = None
    """Called with the part done of a size, and the whole."""
    cuts: list[int] = field(default_factory=list)
    """Minimal cuts found, by size."""
    tally: Tally = field(default_factory=Tally)
    complete: int = -1
    """All minimal cuts of at most so many elements have been found."""
    started: list[int] = field(default_factory=list)
    """First elements of the size that was not finished, in the order in which they are looked into."""
    finished: int = 0
    """How many of those were looked into to the end."""
    _safe: list[int] = field(default_factory=list)
    _trouble: list[int] = field(default_factory=list)

    def run(self, size: int) -> None:
        """Search all sizes from 0 to ``size``; ``complete`` tells how far it came."""
        everything = (1 << self.elements) - 1
        self._trouble = [0] * self.elements
        try:
            if self._is_cut(0):
                self.cuts.append(0)
                self.complete = size
                return
            self.complete = 0
            for k in range(1, size + 1):
                self.started, self.finished = [], 0
                self._search(0, everything, k)
                self.complete = k
        except LimitReached:
            return

    # -------------------------------------------------------------- asking

    def _is_cut(self, chosen: int) -> bool:
        if any(cut & ~chosen == 0 for cut in self.cuts):
            self.tally.holds_cut += 1
            return True
        if any(chosen & ~safe == 0 for safe in self._safe):
            self.tally.within_safe += 1
            return False
        if self.limit is not None and self.tally.asked >= self.limit:
            raise LimitReached
        self.tally.asked += 1
        return self.question(chosen)

    def _cover(self, chosen: int, allowed: int) -> int:
        """Return what is left of ``allowed`` outside the best known safe set around ``chosen``."""
        left = allowed
        best = left.bit_count()
        for safe in self._safe:
            if chosen & ~safe == 0:
                outside = allowed & ~safe
                if outside.bit_count() < best:
                    left, best = outside, outside.bit_count()
                    if not outside:
                        break
        return left

    def _uncovered(self, chosen: int, allowed: int) -> int:
        """Return what lies together with ``chosen`` in no known safe set: only that can be the last of a cut."""
        for safe in self._safe:
            if chosen & ~safe == 0:
                allowed &= ~safe
        return allowed

    def _keep(self, safe: int) -> None:
        self._safe = [other for other in self._safe if other & ~safe]
        self._safe.append(safe)

    def _grow(self, chosen: int, allowed: int) -> int:
        """Keep a safe set around ``chosen`` to which nothing allowed can be added; return what is left outside.

        What was left outside most often before is tried last.
        """
        grown = chosen
        order = sorted(_bits(allowed & ~chosen), key=lambda e: (self._trouble[e], e))
        todo = [order]
        while todo:
            part = todo.pop()
            more = sum(1 << e for e in part)
            if not self._is_cut(grown | more):
                grown |= more
            elif len(part) > 1:
                half = len(part) // 2
                todo += [part[half:], part[:half]]
        self._keep(grown)
        outside = allowed & ~grown
        for e in _bits(outside):
            self._trouble[e] += 1
        return outside

    # -------------------------------------------------------------- looking

    def _search(self, chosen: int, allowed: int, more: int) -> None:
        """Find every minimal cut that adds just ``more`` of ``allowed`` to a safe set."""
        self.tally.branches += 1
        for cut in self.cuts:
            rest = cut & ~chosen
            if rest & (rest - 1) == 0:  # with one element more it would hold a smaller cut
                allowed &= ~rest
        left = self._cover(chosen, allowed) if more > 1 else self._uncovered(chosen, allowed)
        if not left:
            self.tally.closed += 1
            return
        if more == 1:
            self._finish(chosen, left)
            return
        left = self._grow(chosen, allowed)
        while left:
            first = left & -left
            if not chosen:
                self._tell(left, first)
            allowed &= ~first
            self._search(chosen | first, allowed, more - 1)
            left = self._cover(chosen, allowed)

    def _tell(self, left: int, first: int) -> None:
        self.finished = len(self.started)
        self.started.append(first.bit_length() - 1)
        if self.progress is not None:
            self.progress(self.finished, self.finished + left.bit_count())

    def _finish(self, chosen: int, candidates: int) -> None:
        """Find the last elements of cuts: those that are a cut together with what is chosen."""
        todo = [list(_bits(candidates))]
        while todo:
            part = todo.pop()
            added = sum(1 << e for e in part)
            if not self._is_cut(chosen | added):
                if len(part) > 1:
                    self._keep(chosen | added)
            elif len(part) > 1:
                half = len(part) // 2
                todo += [part[half:], part[:half]]
            else:
                self.cuts.append(chosen | added)


def _bits(chosen: int) -> Iterator[int]:
    """Yield the elements of a set, ascending."""
    while chosen:
        first = chosen & -chosen
        yield first.bit_length() - 1
        chosen ^= first
