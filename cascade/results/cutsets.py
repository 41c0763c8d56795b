"""The smallest sets of failures that bring a process, or any basic need of a region, below a level within a time.

Two ways to one answer: full simulation of chosen sets, which knows clocks, shares and loops; and for models without
clocks the exact minimal cut sets of a fault tree.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import comb
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from cascade.errors import UsageError, did_you_mean, which_region
from cascade.model import Model
from cascade.results.faulttrees import FaultTree, Solved, solve, tree_of
from cascade.results.minimal import Search
from cascade.results.targets import INDICATOR, Group, Trial, basic_groups, process_group, upstream
from cascade.simulation.network import Network, compile_network
from cascade.simulation.sweep import Case, Of, cases
from cascade.units import FULL, HOUR, parse_duration, parse_share

if TYPE_CHECKING:
    import pandas as pd

Method = Literal["auto", "simulation", "fault-tree"]
Progress = Callable[[int, int], None]
"""Called, for each size anew, with the branches of the search that are done and those there are."""

MOST_SETS: Final = 2_000_000
"""Most minimal sets of a tree that are listed; more are only counted."""


@dataclass(frozen=True)
class Asked:
    """What was asked: when the target counts as down, and which failures are thought possible."""

    target: str
    """Label of the process, or the region's code."""
    basic_need: bool
    """Whether the target is any basic need of a region."""
    within: int
    """Seconds, exclusive: a reserve that lasts just so long holds."""
    level: int
    """Below this it is down, 1/10 000."""
    size: int | None
    """Most failures at once; None for any number."""
    of: Of
    among: tuple[str, ...]
    duration: int | None
    """Seconds that each failure lasts; None for good."""


@dataclass(frozen=True, eq=False)
class CutSets:
    """The minimal sets of failures found, and what was searched for them."""

    members: tuple[tuple[str, ...], ...]
    """Every set, by size and then by name."""
    sets: "pd.DataFrame"
    """One row per set: ``number``, ``size``, ``members`` (labels with a blank between), ``falls_h`` (hours until the
    target is down), ``probability`` (that all of them fail; None where that is not known)."""
    importance: "pd.DataFrame"
    """One row per member of some set: ``member``, ``in_sets``, ``share`` (of all sets), ``smallest`` (size of the
    smallest set it is in); ``probability``, ``birnbaum``, ``fussell_vesely``, ``raw``, ``rrw`` where they are known."""
    sizes: dict[int, int]
    """Number of sets by size."""
    searched: dict[str, Any]
    """What was searched: ``method``, ``candidates``, ``left_out_no_path``, ``left_out_target``, ``left_out_indicator``,
    ``possible`` (sets of that many candidates), ``complete_to`` (size; None for any), ``simulated``, ``spared_safe``,
    ``spared_cut``, ``branches``, ``branches_closed``, ``done_with`` (members of which all sets of the next size are
    found too), ``probability`` (of a tree's top event)."""
    asked: Asked | None = field(default=None)

    @property
    def complete(self) -> bool:
        """Whether every set that was asked for has been found."""
        if self.asked is None or self.searched["complete_to"] is None:
            return True
        return self.asked.size is not None and self.searched["complete_to"] >= self.asked.size


def cutsets(
    model: Model,
    target: str | None = None,
    *,
    basic_need: str | None = None,
    within: int | str = "72h",
    level: int | str = "50%",
    size: int | None = 3,
    of: Of = "processes",
    among: Iterable[str] = (),
    duration: int | str | None = None,
    method: Method = "auto",
    limit: int | None = None,
    progress: Progress | None = None,
) -> CutSets:
    """Find the minimal sets of failures at once, from 0 h on, that bring a target below a level within a time.

    Every set up to the size asked is found, or the result says what was not searched; the target itself is left out.

    Parameters
    ----------
    target, basic_need : str, optional
        One of the two: a process (``process``, ``process@REGION``, ``process@REGION#asset``; of several copies the mean
        by inhabitants counts, of assets by capacity), or a region of which no basic need may fall.
    within : int or str
        Seconds, or text; a reserve that lasts just so long holds.
    level : int or str
        1/10 000, or text: the target is down below it.
    size : int, optional
        Most failures at once; None for any number, which only models without clocks allow.
    of : {"processes", "copies"}
        Whether a failure takes a process everywhere, or in one region.
    among : iterable of str
        Only failures in these sectors or of these processes.
    duration : int or str, optional
        How long each failure lasts; by default for good.
    method : {"auto", "simulation", "fault-tree"}
        By default a fault tree where the target rests on no clocks and shares.
    limit : int, optional
        Most simulations.

    Raises
    ------
    UsageError
        If a name or number makes no sense, or a fault tree is asked for and there is none.
    """
    asked = _asked(model, target, basic_need, within, level, size, of, tuple(among), duration)
    network = compile_network(model)
    find = basic_groups if asked.basic_need else process_group
    groups = find(model, network, asked.target)
    choice = _Choice.of(model, network, asked, groups)
    tree = None if method == "simulation" else _tree(network, groups, choice)
    if tree is not None:
        return _from_tree(solve(tree), asked, choice)
    if method == "fault-tree":
        raise UsageError("this target rests on clocks, shares or loops, so there is no fault tree; simulate")
    if size is None:
        raise UsageError("this target rests on clocks, shares or loops; give the most failures at once (size)")
    trial = Trial(network, groups, asked.level, asked.within, asked.duration or asked.within)
    return _simulated(trial, asked, choice, limit, progress)


def tree_cutsets(tree: FaultTree, size: int | None = None) -> CutSets:
    """Return the minimal cut sets of a fault tree, with its probability and the importance of its basic events.

    Parameters
    ----------
    tree : FaultTree
    size : int, optional
        Only sets of at most so many basic events; the measures of importance are those of the whole tree in any case.
    """
    return _told(solve(tree), size)


# ------------------------------------------------------------------ what is asked


def _asked(
    model: Model,
    target: str | None,
    basic_need: str | None,
    within: int | str,
    level: int | str,
    size: int | None,
    of: Of,
    among: tuple[str, ...],
    duration: int | str | None,
) -> Asked:
    if (target is None) == (basic_need is None):
        raise UsageError("name a target process, or a region for its basic needs: one of the two")
    if basic_need is not None and basic_need not in model.regions:
        names = {code: region.name for code, region in model.regions.items()}
        raise UsageError(f"no region {basic_need!r} in the model; {which_region(basic_need, names)}")
    numbers = {"within": _number(within, parse_duration, "within"), "level": _number(level, parse_share, "level")}
    lasts = None if duration is None else _number(duration, parse_duration, "duration")
    if not 0 < numbers["level"] <= FULL:
        raise UsageError("the level below which the target is down lies above 0% and not above 100%")
    if size is not None and size < 1:
        raise UsageError("the size is a whole number of failures, at least 1")
    known = {*model.sectors, *model.processes}
    for name in among:
        if name not in known:
            raise UsageError(f"no sector or process {name!r} in the model; {did_you_mean(name, known)}")
    if lasts is not None and lasts >= numbers["within"]:
        lasts = None
    return Asked(
        target or basic_need or "", target is None, numbers["within"], numbers["level"], size, of, among, lasts
    )


def _number(value: int | str, parse: Callable[[str], int], name: str) -> int:
    try:
        number = parse(value) if isinstance(value, str) else int(value)
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from None
    if number <= 0:
        raise UsageError(f"{name} is above 0, not {value}")
    return number


# ------------------------------------------------------------------ what can fail


@dataclass(frozen=True, eq=False)
class _Choice:
    """The single failures thought possible, and how many were left out for which reason."""

    failures: tuple[Case, ...]
    no_path: int
    target: int
    indicator: int

    @classmethod
    def of(cls, model: Model, network: Network, asked: Asked, groups: Sequence[Group]) -> "_Choice":
        """Choose those from which a path of needs or refuelling leads to the target: no other can change it."""
        reaching = upstream(network, groups)
        itself = {int(i) for group in groups for i in group.instances}
        chosen = []
        left_out = {"no_path": 0, "target": 0, "indicator": 0}
        for failure in cases(model, network, asked.of):
            process = failure.label.partition("@")[0]
            if asked.among and not {process, model.sector_of[process]} & set(asked.among):
                continue
            if itself & set(failure.instances.tolist()):
                left_out["target"] += 1
            elif INDICATOR in model.processes[process].tags:
                left_out["indicator"] += 1
            elif not reaching[failure.instances].any():
                left_out["no_path"] += 1
            else:
                chosen.append(failure)
        return cls(tuple(chosen), **left_out)

    def together(self, chosen: int) -> Case:
        """Return some failures, given as bits, as one."""
        members = [self.failures[e] for e in _elements(chosen)]
        label = " + ".join(member.label for member in members[:12]) + (" + ..." if len(members) > 12 else "")
        none = np.zeros(0, np.int64)
        return Case(label, np.sort(np.concatenate([none, *(member.instances for member in members)])))


# ------------------------------------------------------------------ by simulation


def _simulated(trial: Trial, asked: Asked, choice: _Choice, limit: int | None, progress: Progress | None) -> CutSets:
    search = Search(len(choice.failures), lambda chosen: trial.down(choice.together(chosen)), limit, progress)
    search.run(asked.size or 0)
    found = sorted(
        ((tuple(sorted(choice.failures[e].label for e in _elements(cut))), cut) for cut in search.cuts),
        key=lambda pair: (len(pair[0]), pair[0]),
    )
    falls = [trial.falls_at(choice.together(cut)) for _, cut in found]
    tally = search.tally
    searched = {
        **_scope("simulation", choice, asked),
        "complete_to": max(search.complete, 0),
        "simulated": tally.asked,
        "spared_safe": tally.within_safe,
        "spared_cut": tally.holds_cut,
        "branches": tally.branches,
        "branches_closed": tally.closed,
        "done_with": _done_with(search, choice, asked),
        "probability": None,
    }
    members = tuple(names for names, _ in found)
    return _result(members, [None if t is None else t / HOUR for t in falls], searched, asked)


def _done_with(search: Search, choice: _Choice, asked: Asked) -> list[str]:
    """Name the failures of which all sets of the size that was not finished have been found nevertheless."""
    if search.complete >= (asked.size or 0):
        return []
    return sorted(choice.failures[e].label for e in search.started[: search.finished])


def _elements(chosen: int) -> list[int]:
    return [e for e in range(chosen.bit_length()) if chosen >> e & 1]


def _scope(method: str, choice: _Choice, asked: Asked) -> dict[str, Any]:
    n = len(choice.failures)
    return {
        "method": method,
        "candidates": n,
        "left_out_no_path": choice.no_path,
        "left_out_target": choice.target,
        "left_out_indicator": choice.indicator,
        "possible": None if asked.size is None else sum(comb(n, k) for k in range(1, asked.size + 1)),
    }


# ------------------------------------------------------------------ by fault tree


def _tree(network: Network, groups: Sequence[Group], choice: _Choice) -> FaultTree | None:
    if any(group.instances.size > 1 for group in groups):
        return None
    failures = {failure.label: failure.instances.tolist() for failure in choice.failures}
    return tree_of(network, failures, [int(group.instances[0]) for group in groups])


def _from_tree(solved: Solved, asked: Asked, choice: _Choice) -> CutSets:
    return _told(solved, asked.size, asked, _scope("fault-tree", choice, asked))


def _told(solved: Solved, size: int | None, asked: Asked | None = None, scope: dict[str, Any] | None = None) -> CutSets:
    """Tell what a tree says; without clocks the target is down at once."""
    sizes = {k: n for k, n in solved.counts.items() if size is None or k <= size}
    if sum(sizes.values()) > MOST_SETS:
        raise UsageError(
            f"there are {sum(sizes.values())} minimal sets, too many to list; ask for those of at most some size"
        )
    members = tuple(sorted(solved.sets(size), key=lambda names: (len(names), names)))
    searched: dict[str, Any] = {
        "method": "fault-tree",
        "candidates": len(solved.tree.order),
        "left_out_no_path": len(solved.tree.events) - len(solved.tree.order),
        "left_out_target": 0,
        "left_out_indicator": 0,
        "possible": None,
        **(scope or {}),
        "complete_to": size,
        "simulated": 0,
        "spared_safe": 0,
        "spared_cut": 0,
        "branches": 0,
        "branches_closed": 0,
        "done_with": [],
        "probability": solved.probability,
    }
    return _result(members, [0.0 if asked else None] * len(members), searched, asked, solved)


# ------------------------------------------------------------------ as frames


def _result(
    members: tuple[tuple[str, ...], ...],
    falls: Sequence[float | None],
    searched: dict[str, Any],
    asked: Asked | None,
    solved: Solved | None = None,
) -> CutSets:
    import pandas as pd

    events = solved.tree.events if solved else {}
    rows = [
        {
            "number": number,
            "size": len(names),
            "members": " ".join(names),
            "falls_h": falls_h,
            "probability": _product([events.get(name) for name in names]),
        }
        for number, (names, falls_h) in enumerate(zip(members, falls, strict=True), 1)
    ]
    sizes: dict[int, int] = {}
    for names in members:
        sizes[len(names)] = sizes.get(len(names), 0) + 1
    # object columns: pandas would turn an empty cell into a fraction
    return CutSets(
        members=members,
        sets=pd.DataFrame(rows, columns=["number", "size", "members", "falls_h", "probability"], dtype=object),
        importance=_importance(members, solved),
        sizes=sizes,
        searched=searched,
        asked=asked,
    )


def _product(chances: Sequence[float | None]) -> float | None:
    product = 1.0
    for chance in chances:
        if chance is None:
            return None
        product *= chance
    return product


def _importance(members: tuple[tuple[str, ...], ...], solved: Solved | None) -> "pd.DataFrame":
    """Count in how many sets each member is, most first; with the four measures of a tree that has probabilities."""
    import pandas as pd

    counts: dict[str, int] = {}
    smallest: dict[str, int] = {}
    for names in members:
        for name in names:
            counts[name] = counts.get(name, 0) + 1
            smallest.setdefault(name, len(names))
    measures = solved.importance() if solved else {}
    rows: list[dict[str, Any]] = []
    for name in sorted(set(counts) | set(measures)):
        given = measures.get(name)
        rows.append(
            {
                "member": name,
                "in_sets": counts.get(name, 0),
                "share": counts.get(name, 0) / len(members) if members else 0.0,
                "smallest": smallest.get(name),
                "probability": solved.tree.events[name] if solved else None,
                "birnbaum": given.birnbaum if given else None,
                "fussell_vesely": given.fussell_vesely if given else None,
                "raw": given.raw if given else None,
                "rrw": given.rrw if given else None,
            }
        )
    never = 1 + max((len(names) for names in members), default=0)
    # rounded: what is equal but for the last digit goes by name
    rows.sort(
        key=lambda r: (-float(f"{r['fussell_vesely'] or 0:.9g}"), r["smallest"] or never, -r["in_sets"], r["member"])
    )
    columns = ["member", "in_sets", "share", "smallest", "probability", "birnbaum", "fussell_vesely", "raw", "rrw"]
    return pd.DataFrame(rows, columns=columns, dtype=object)
