"""Fault trees: static dependency models turned round, with exact minimal cut sets, probability and importance.

An ``or`` gate is a process that needs all its inputs, an ``and`` gate one that needs any, ``atleast k`` of n one that
needs n - k + 1 of them. The top event is the top process being down.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Final, Literal, NamedTuple
from xml.etree import ElementTree

from cascade.errors import DefinitionError, Problem, UsageError, did_you_mean, short
from cascade.model import Model, ModelInfo, Process, Region, Sector
from cascade.results.diagrams import NO, YES, Diagram, Node
from cascade.simulation.network import RULES, Network
from cascade.units import FULL

MOST_BYTES: Final = 20_000_000
"""Greatest file that is read."""
MOST_PARTS: Final = 200_000
"""Most gates and basic events of one tree."""
EVENTS: Final = "events"
GATES: Final = "gates"
"""Sectors of the model that a tree becomes."""

Kind = Literal["or", "and", "atleast"]


class Gate(NamedTuple):
    """One gate: it fails when ``least`` of its inputs have failed (``or``: one, ``and``: all)."""

    kind: Kind
    inputs: tuple[str, ...]
    least: int

    @classmethod
    def of(cls, kind: Kind, inputs: Iterable[str], least: int = 0) -> "Gate":
        """Make a gate; an input that is written twice counts once, except in ``atleast``."""
        members = tuple(inputs)
        if kind != "atleast":
            members = tuple(dict.fromkeys(members))
            least = 1 if kind == "or" else len(members)
        return cls(kind, members, least)


@dataclass(frozen=True)
class FaultTree:
    """A coherent fault tree: gates over basic events, none of them below itself."""

    name: str
    top: str
    gates: Mapping[str, Gate]
    events: Mapping[str, float | None]
    """Probability of each basic event, None where it is not known; all independent."""

    @property
    def order(self) -> tuple[str, ...]:
        """Basic events below the top, depth first: those that are used together lie together."""
        return tuple(name for name in _visited(self.gates, self.top) if name not in self.gates)


def _visited(gates: Mapping[str, Gate], top: str) -> Iterator[str]:
    """Yield all that is below ``top`` depth first, each once; inputs with less below them come first."""
    below = _below(gates, top)
    seen = {top}
    todo = [top]
    while todo:
        name = todo.pop()
        yield name
        inputs = gates[name].inputs if name in gates else ()
        for one in sorted(inputs, key=lambda n: -below.get(n, 0)):
            if one not in seen:
                seen.add(one)
                todo.append(one)


def _below(gates: Mapping[str, Gate], top: str) -> dict[str, int]:
    """Count the gates below each gate, a shared one as often as it is reached."""
    found: dict[str, int] = {}
    for name in _bottom_up(gates, top):
        found[name] = 1 + sum(found.get(one, 0) for one in gates[name].inputs)
    return found


def _bottom_up(gates: Mapping[str, Gate], top: str) -> list[str]:
    """Return the gates under ``top``, every input before its gate.

    Raises
    ------
    UsageError
        If a gate is below itself; the text names the loop.
    """
    done: dict[str, bool] = {}
    order: list[str] = []
    todo: list[tuple[str, Iterator[str]]] = []

    def enter(name: str) -> None:
        done[name] = False
        todo.append((name, iter(gates[name].inputs)))

    if top in gates:
        enter(top)
    while todo:
        name, inputs = todo[-1]
        inner = next((one for one in inputs if one in gates and not done.get(one, False)), None)
        if inner is None:
            todo.pop()
            done[name] = True
            order.append(name)
        elif inner in done:
            path = [n for n, _ in todo]
            raise UsageError(f"gate {inner!r} is below itself: {' <- '.join([*path[path.index(inner) :], inner])}")
        else:
            enter(inner)
    return order


# ------------------------------------------------------------------ reading


def read_tree(path: str | Path, top: str | None = None) -> FaultTree:
    """Read a fault tree in the Open-PSA exchange format.

    Gates ``or``, ``and`` and ``atleast min=k``, also written inside one another; basic events with a probability.

    Parameters
    ----------
    path : str or path
    top : str, optional
        Gate whose failure is looked at; by default the only one that is no input of another.

    Raises
    ------
    DefinitionError
        If it is no such file, has a gate of another kind (``not``, ``xor``: more harm could then help), or names what
        is not there.
    UsageError
        If there is no such top gate, or no single one.
    """
    path = Path(path)
    reader = _Reader(str(path))
    reader.read(_parsed(path))
    return reader.tree(top)


def _parsed(path: Path) -> ElementTree.Element:
    """Return the root of a file, refusing before it is parsed what a file of data has no use for."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise _fault(str(path), "file", error.strerror or str(error), "name a fault tree (.xml)") from None
    except UnicodeDecodeError:
        raise _fault(str(path), "file", "this is no text in UTF-8", "save it as UTF-8") from None
    if len(data) > MOST_BYTES:
        raise _fault(str(path), "file", f"it has more than {MOST_BYTES // 1_000_000} MB", "split it")
    # entities are declared in a document type only; text is taken as it is, whatever encoding it claims
    if "<!DOCTYPE" in text:
        raise _fault(str(path), "file", "it has a document type (DOCTYPE)", "leave that line out")
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        line, column = error.position
        what = f"this is no XML: {short(error.msg)}"
        raise DefinitionError([Problem(str(path), line, column + 1, "file", what, "correct it")]) from None


def _fault(file: str, subject: str, what: str, remedy: str) -> DefinitionError:
    return DefinitionError([Problem(file, 0, 0, subject, what, remedy)])


class _Reader:
    """One pass over a file, noting gates, basic events and every fault."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.name = ""
        self.gates: dict[str, Gate] = {}
        self.events: dict[str, float | None] = {}
        self.named: dict[str, str] = {}
        """By what is used as a basic event or gate: where."""
        self.problems: list[Problem] = []

    def note(self, subject: str, what: str, remedy: str) -> None:
        self.problems.append(Problem(self.file, 0, 0, subject, what, remedy))

    def read(self, root: ElementTree.Element) -> None:
        if root.tag != "opsa-mef":
            self.note("file", f"its root is <{short(root.tag)}>", "give a fault tree whose root is <opsa-mef>")
            return
        for number, part in enumerate(root.iter()):
            if number > 10 * MOST_PARTS:
                self.note("file", f"it has more than {10 * MOST_PARTS} elements", "split it")
                return
            if part.tag == "define-fault-tree":
                self.name = self.name or part.get("name", "")
            elif part.tag == "define-gate":
                self._gate(part)
            elif part.tag == "define-basic-event":
                self._event(part)
            elif part.tag == "define-house-event":
                self.note(f"house event {part.get('name')!r}", "house events are not read", "put its value in")

    def _event(self, part: ElementTree.Element) -> None:
        name = part.get("name", "")
        subject = f"basic event {name!r}"
        numbers = [child.get("value", "") for child in part if child.tag == "float"]
        others = [child.tag for child in part if child.tag not in ("float", "label", "attributes")]
        if not name or name in self.events:
            self.note(subject, "it is defined twice" if name else "it has no name", "give each its own name")
        probability = None
        if others or len(numbers) > 1:
            self.note(subject, f"its probability is {short((others or ['two numbers'])[0])}", "write one <float>")
        elif numbers:
            probability = _probability(numbers[0])
            if probability is None:
                self.note(subject, f"its probability is {short(numbers[0])!r}", "give a number from 0 to 1")
        self.events[name] = probability

    def _gate(self, part: ElementTree.Element) -> None:
        name = part.get("name", "")
        formulas = [child for child in part if child.tag not in ("label", "attributes")]
        if not name or name in self.gates:
            what = "it is defined twice" if name else "it has no name"
            self.note(f"gate {name!r}", what, "give each its own name")
        if len(formulas) != 1:
            self.note(f"gate {name!r}", f"it has {len(formulas)} formulas", "write exactly one")
            return
        self._formula(name, formulas[0], 0)

    def _formula(self, name: str, part: ElementTree.Element, depth: int) -> None:
        """Note a formula as a gate of that name, formulas inside it as gates of their own."""
        subject = f"gate {name!r}"
        if part.tag in ("gate", "basic-event", "event"):
            self.gates[name] = Gate.of("or", [self._input(name, part, 0, depth)])
            return
        if part.tag not in ("or", "and", "atleast"):
            remedy = "only or, and, and atleast are read: with others more failures could help"
            self.note(subject, f"it holds <{short(part.tag)}>", remedy)
            return
        if depth > 100:
            self.note(subject, "its formulas stand more than 100 deep in one another", "give inner ones a gate")
            return
        inputs = [self._input(name, child, k, depth) for k, child in enumerate(part)]
        count = part.get("min", "1")
        if not inputs:
            self.note(subject, "it has no inputs", "name them")
        elif part.tag == "atleast" and not (count.isdecimal() and 1 <= int(count[:9]) <= len(inputs)):
            self.note(subject, f"min is {short(count)!r} of {len(inputs)}", "give a number from 1 to the inputs")
        else:
            kind: Kind = "and" if part.tag == "and" else "or" if part.tag == "or" else "atleast"
            self.gates[name] = Gate.of(kind, inputs, int(count) if kind == "atleast" else 0)

    def _input(self, gate: str, part: ElementTree.Element, number: int, depth: int) -> str:
        if part.tag in ("gate", "basic-event", "event"):
            name = part.get("name", "")
            self.named.setdefault(name, gate)
            return name
        inner = f"{gate}.{number + 1}"
        self._formula(inner, part, depth + 1)
        return inner

    def tree(self, top: str | None) -> FaultTree:
        """Return what was read, or all its faults."""
        for name, gate in self.named.items():
            if name not in self.gates and name not in self.events:
                self.note(
                    f"gate {gate!r}", f"its input {short(name)!r} is not defined", "define it, or correct the name"
                )
        for name in sorted(set(self.gates) & set(self.events)):
            self.note(f"gate {name!r}", "a basic event has that name too", "rename one of them")
        if len(self.gates) + len(self.events) > MOST_PARTS:
            self.note("file", f"it has more than {MOST_PARTS} gates and basic events", "split it")
        if not self.problems and not self.gates:
            self.note("file", "it has no gates", "give a fault tree")
        if self.problems:
            raise DefinitionError(self.problems)
        chosen = top or self._top()
        if chosen not in self.gates:
            raise UsageError(f"no gate {chosen!r} in {self.file}; {did_you_mean(chosen, self.gates)}")
        _bottom_up(self.gates, chosen)
        return FaultTree(self.name or Path(self.file).stem, chosen, self.gates, self.events)

    def _top(self) -> str:
        inputs = {one for gate in self.gates.values() for one in gate.inputs}
        tops = [name for name in self.gates if name not in inputs]
        if len(tops) != 1:
            names = f": {', '.join(short(t) for t in sorted(tops)[:12])}" if tops else ""
            raise UsageError(f"{self.file} has {len(tops)} gates that are no input of another{names}; name the top one")
        return tops[0]


def _probability(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


# ------------------------------------------------------------------ what a tree says


@dataclass(frozen=True, eq=False)
class Solved:
    """A tree worked out: its function and its minimal cut sets, exact and of all sizes, in one diagram."""

    tree: FaultTree
    diagram: Diagram = field(repr=False)
    function: Node
    family: Node

    @property
    def counts(self) -> dict[int, int]:
        """Number of minimal cut sets by size, ascending."""
        d = self.diagram
        found: dict[Node, tuple[int, ...]] = {NO: (), YES: (1,)}
        for node in d.ascending(self.family):
            low, high = found[d.low[node]], (0, *found[d.high[node]])
            found[node] = tuple(a + b for a, b in itertools.zip_longest(low, high, fillvalue=0))
        return {size: count for size, count in enumerate(found[self.family]) if count}

    @property
    def count(self) -> int:
        """Number of minimal cut sets of all sizes."""
        return sum(self.counts.values())

    def sets(self, most: int | None = None) -> Iterator[tuple[str, ...]]:
        """Yield the minimal cut sets of at most so many events, each in alphabetical order, in any order."""
        d = self.diagram
        shortest = {NO: len(d.names) + 1, YES: 0}
        for node in d.ascending(self.family):
            shortest[node] = min(shortest[d.low[node]], 1 + shortest[d.high[node]])
        todo: list[tuple[Node, tuple[str, ...]]] = [(self.family, ())]
        while todo:
            node, chosen = todo.pop()
            if most is not None and len(chosen) + shortest[node] > most:
                continue
            if node == YES:
                yield tuple(sorted(chosen))
            elif node != NO:
                todo.append((d.low[node], chosen))
                todo.append((d.high[node], (*chosen, d.names[d.var[node]])))

    @property
    def in_sets(self) -> dict[str, int]:
        """In how many minimal cut sets each event is; the others are in none."""
        d = self.diagram
        below = {NO: 0, YES: 1}
        order = d.ascending(self.family)
        for node in order:
            below[node] = below[d.low[node]] + below[d.high[node]]
        above = dict.fromkeys(order, 0)
        above[self.family] = 1
        found: dict[str, int] = {}
        for node in reversed(order):
            name = d.names[d.var[node]]
            found[name] = found.get(name, 0) + above[node] * below[d.high[node]]
            for child in (d.low[node], d.high[node]):
                if child in above:
                    above[child] += above[node]
        return found if self.family > YES else {}

    @property
    def probability(self) -> float | None:
        """Probability of the top event, exact but for rounding; None if an event has none."""
        chances = self._chances()
        return None if chances is None else self._probabilities(chances)[self.function]

    def _chances(self) -> list[float] | None:
        given = [self.tree.events[name] for name in self.diagram.names]
        known = [p for p in given if p is not None]
        return known if len(known) == len(given) else None

    def _probabilities(self, chances: list[float]) -> dict[Node, float]:
        d = self.diagram
        found = {NO: 0.0, YES: 1.0}
        for node in d.ascending(self.function):
            p = chances[d.var[node]]
            found[node] = p * found[d.high[node]] + (1 - p) * found[d.low[node]]
        return found

    def importance(self) -> "dict[str, Importance]":
        """Return the four measures of every basic event below the top; empty without probabilities.

        One pass down the diagram: the chance to arrive at a node, times what the answer there changes, summed over the
        nodes that ask for an event, is its Birnbaum measure. All else follows from that.
        """
        chances = self._chances()
        if chances is None:
            return {}
        d = self.diagram
        value = self._probabilities(chances)
        order = d.ascending(self.function)
        arrive = dict.fromkeys(order, 0.0)
        arrive[self.function] = 1.0
        birnbaum = [0.0] * len(d.names)
        for node in reversed(order):
            p, low, high = chances[d.var[node]], d.low[node], d.high[node]
            birnbaum[d.var[node]] += arrive[node] * (value[high] - value[low])
            for child, chance in ((low, 1 - p), (high, p)):
                if child in arrive:
                    arrive[child] += arrive[node] * chance
        top = value[self.function]
        return {
            name: Importance.of(top, chance, change)
            for name, chance, change in zip(d.names, chances, birnbaum, strict=True)
        }


class Importance(NamedTuple):
    """How much one basic event matters to the top event, of which P is the probability.

    References
    ----------
    W. E. Vesely et al. (1983), Measures of risk importance and their applications, NUREG/CR-3385.
    """

    birnbaum: float
    """P given that it has failed, minus P given that it works."""
    fussell_vesely: float
    """Share of P that is gone if it never fails: 1 - P(works) / P."""
    raw: float
    """Risk achievement worth: P given that it has failed / P."""
    rrw: float
    """Risk reduction worth: P / P given that it works; infinite if nothing is left."""

    @classmethod
    def of(cls, top: float, chance: float, birnbaum: float) -> "Importance":
        """Work the measures out from P, the event's own probability and its Birnbaum measure."""
        failed, works = top + (1 - chance) * birnbaum, max(0.0, top - chance * birnbaum)
        if not top:
            return cls(birnbaum, 0.0, 1.0 if not failed else inf, 1.0)
        return cls(birnbaum, chance * birnbaum / top, failed / top, top / works if works else inf)


def solve(tree: FaultTree) -> Solved:
    """Work out a tree: every minimal cut set, however large, without approximation.

    The function of each gate is built from below as a decision diagram; its minimal true sets follow by Rauzy's
    recursion: those of ``low``, and those of ``high`` that include none of ``low``.

    Raises
    ------
    UsageError
        If a gate is below itself.
    CascadeError
        If its diagram has no room.
    """
    diagram = Diagram(tree.order)
    found = {name: diagram.node(k, NO, YES) for k, name in enumerate(diagram.names)}
    for name in _bottom_up(tree.gates, tree.top):
        gate = tree.gates[name]
        found[name] = diagram.at_least(gate.least, [found[one] for one in gate.inputs])
    function = found[tree.top]
    return Solved(tree, diagram, function, diagram.minimal(function))


# ------------------------------------------------------------------ trees and models


def as_model(tree: FaultTree) -> Model:
    """Return a tree as a model of one region: gates become processes of sector ``gates``, events of ``events``.

    Nothing has a clock: what lacks a supply is down at once and altogether.
    """
    names = list(dict.fromkeys(_visited(tree.gates, tree.top)))
    processes = {name: Process.model_validate({"name": name, "needs": _needs(tree.gates.get(name))}) for name in names}
    sector_of = {name: GATES if name in tree.gates else EVENTS for name in names}
    sectors = {
        sector: Sector.model_validate(
            {"sector": sector, "name": sector, "processes": {p: processes[p] for p in names if sector_of[p] == sector}}
        )
        for sector in sorted(set(sector_of.values()))
    }
    region = Region.model_validate({"code": "R1", "name": "R1", "population": "1"})
    return Model(
        info=ModelInfo.model_validate({"title": tree.name, "version": "1"}),
        regions={region.code: region},
        sources={},
        sectors=sectors,
        processes=processes,
        sector_of=sector_of,
    )


def _needs(gate: Gate | None) -> dict[str, object]:
    if gate is None:
        return {}
    inputs = list(gate.inputs)
    if gate.kind == "or":
        return {"inputs": {"from": inputs}}
    if gate.kind == "and":
        return {"inputs": {"any_of": inputs}}
    return {"inputs": {"at_least": {"count": str(len(inputs) - gate.least + 1), "of": inputs}}}


def tree_of(network: Network, failures: Mapping[str, Iterable[int]], targets: Iterable[int]) -> FaultTree | None:
    """Turn the part of a network on which a target rests into a tree, if clocks and shares play no part in it.

    That is so where every need is lost at once and altogether, every supply is one instance that gives all, none is
    rationed, nothing is needed in shares, and nothing needs itself. Levels are then full or nothing, whatever the
    response to a partial supply, and for failures that last nothing ever rises.

    Parameters
    ----------
    network : Network
    failures : mapping of str to iterable of int
        Which instances each single failure takes; no instance is in two.
    targets : iterable of int
        Instances of which any one is looked at.

    Returns
    -------
    FaultTree or None
        Its basic events are the failures.
    """
    base = {i: name for name, instances in failures.items() for i in instances}
    gates: dict[str, Gate] = {}
    todo = sorted(targets)
    top = "#"
    gates[top] = Gate.of("or", [f"#{i}" for i in todo])
    while todo:
        i = todo.pop()
        if f"#{i}" in gates:
            continue
        needs = _gates_of(network, i)
        if needs is None:
            return None
        inner = {f"#{i}.{n}": gate for n, gate in enumerate(needs)}
        gates |= inner
        gates[f"#{i}"] = Gate.of("or", [*inner, *([base[i]] if i in base else [])])
        todo += [int(one[1:]) for gate in needs for one in gate.inputs]
    try:
        _bottom_up(gates, top)
    except UsageError:
        return None
    return FaultTree("model", top, gates, dict.fromkeys(failures))


def _gates_of(network: Network, instance: int) -> list[Gate] | None:
    """Return a gate for each need of an instance: when it is not met; None if that is no matter of yes and no."""
    a = network.arrays
    found = []
    for need in range(a.need_start[instance], a.need_start[instance + 1]):
        terms = range(a.term_start[need], a.term_start[need + 1])
        members = [int(a.member_start[t]) for t in terms]
        at_once = a.step_start[need + 1] - a.step_start[need] == 1 and a.step_time[a.step_start[need]] == 0
        whole = all(a.gives[t] == FULL and a.member_start[t + 1] - a.member_start[t] == 1 for t in terms)
        whole = whole and all(a.lo[m] == 0 and a.hi[m] == FULL for m in members)
        if not (at_once and a.step_level[a.step_start[need]] == 0 and whole):
            return None
        inputs = [f"#{a.supplier[m]}" for m in members]
        rule = int(a.rule[need])
        if rule == RULES["at_least"]:
            found.append(Gate.of("atleast", inputs, len(inputs) - int(a.count[need]) + 1))
        else:
            found.append(Gate.of("and" if rule == RULES["any_of"] else "or", inputs))
    return found
