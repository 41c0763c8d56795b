"""Shared decision diagrams: Boolean functions and families of sets over many events, exact and without recursion.

References
----------
R. E. Bryant (1986), 10.1109/TC.1986.1676819; S. Minato (1993), 10.1145/157485.164890; A. Rauzy (1993),
10.1016/0951-8320(93)90060-C.
"""

from collections.abc import Callable, Iterable
from typing import Final

from cascade.errors import CascadeError

MOST_NODES: Final = 8_000_000
"""Most nodes of a decision diagram before we give up; about 2 GB. Own choice."""

Node = int
NO: Final[Node] = 0
YES: Final[Node] = 1


class Diagram:
    """Shared decision diagrams of one tree, with an order of its basic events: node 0 is no, node 1 yes.

    A function is the node where it starts: it asks for the event of that node, and goes on with ``high`` if that failed
    and with ``low`` if not. Read as a Boolean function a question left out means that it does not matter; read as a
    family of sets that the event is in none of them (Minato's zero-suppressed form). Each reading has its own rule for
    which questions are left out, and its own table.
    """

    def __init__(self, order: Iterable[str]) -> None:
        self.names = tuple(order)
        self.level = {name: k for k, name in enumerate(self.names)}
        last = len(self.names)
        self.var = [last, last]
        self.low = [NO, YES]
        self.high = [NO, YES]
        self._found: dict[tuple[int, Node, Node], Node] = {}
        self._known: dict[tuple[str, Node, Node], Node] = {}

    def node(self, var: int, low: Node, high: Node) -> Node:
        """Return the node with this question and these answers.

        Raises
        ------
        CascadeError
            If there is no room left.
        """
        key = (var, low, high)
        found = self._found.get(key)
        if found is None:
            found = len(self.var)
            if found > MOST_NODES:
                raise CascadeError(f"this tree needs more than {MOST_NODES} nodes; split it, or look at a lower gate")
            self._found[key] = found
            self.var.append(var)
            self.low.append(low)
            self.high.append(high)
        return found

    def ask(self, var: int, low: Node, high: Node) -> Node:
        """Return a Boolean function: a question whose answer does not matter is left out."""
        return low if low == high else self.node(var, low, high)

    def sets(self, var: int, low: Node, high: Node) -> Node:
        """Return a family of sets: ``low`` without the event, ``high`` with it."""
        return low if high == NO else self.node(var, low, high)

    # -------------------------------------------------------------- operations, without recursion: diagrams are deep

    def either(self, a: Node, b: Node) -> Node:
        """Return a or b, of functions."""
        return self._work("or", a, b)

    def both(self, a: Node, b: Node) -> Node:
        """Return a and b, of functions."""
        return self._work("and", a, b)

    def minimal(self, a: Node) -> Node:
        """Return the family of minimal sets that make a function true, which must rise with every event."""
        return self._work("minimal", a, a)

    def without(self, a: Node, b: Node) -> Node:
        """Return the sets of family a that include no set of family b (both families)."""
        return self._work("without", a, b)

    def at_least(self, count: int, inputs: Iterable[Node]) -> Node:
        """Return the function that at least so many functions are true, built for every lesser number at once."""
        wanted = [YES] + [NO] * count
        # those that ask for the latest events first: what is added is then small
        for one in sorted(inputs, key=lambda node: -self.var[node]):
            wanted = [YES] + [self.either(self.both(one, wanted[k - 1]), wanted[k]) for k in range(1, count + 1)]
        return wanted[count]

    def ascending(self, root: Node) -> list[Node]:
        """Return the nodes under a root, itself included and the two ends not, every node after those below it."""
        seen = {NO, YES}
        todo = [root]
        found = []
        while todo:
            node = todo.pop()
            if node not in seen:
                seen.add(node)
                found.append(node)
                todo += (self.low[node], self.high[node])
        # a node is made after those below it
        return sorted(found)

    def _work(self, op: str, a: Node, b: Node) -> Node:
        known = self._known
        todo = [(op, a, b)]
        while todo:
            task = todo[-1]
            if task in known:
                todo.pop()
                continue
            answer = _AT_ONCE[task[0]](task[1], task[2])
            if answer < 0:
                answer = self._step(task, todo)
            if answer >= 0:
                known[task] = answer
                todo.pop()
        return known[op, a, b]

    def _step(self, task: tuple[str, Node, Node], todo: list[tuple[str, Node, Node]]) -> Node:
        """Return the answer to a task; -1 after noting what has to be known first."""
        op, a, b = task
        known, var = self._known, self.var
        top = min(var[a], var[b])
        a0, a1 = (self.low[a], self.high[a]) if var[a] == top else (a, a)
        b0, b1 = (self.low[b], self.high[b]) if var[b] == top else (b, b)
        if op == "minimal":
            tasks = [("minimal", a0, a0), ("minimal", a1, a1)]
        elif op == "without":
            return self._without(task, top, todo)
        else:
            tasks = [_sorted(op, a0, b0), _sorted(op, a1, b1)]
        missing = [t for t in tasks if t not in known]
        if missing:
            todo.extend(missing)
            return -1
        low, high = known[tasks[0]], known[tasks[1]]
        if op != "minimal":
            return self.ask(top, low, high)
        rest = ("without", high, low)
        if rest not in known:
            todo.append(rest)
            return -1
        return self.sets(top, low, known[rest])

    def _without(self, task: tuple[str, Node, Node], top: int, todo: list[tuple[str, Node, Node]]) -> Node:
        """Answer for families: a set of a with the top event may include a set of b with it or one without it."""
        _, a, b = task
        known, var = self._known, self.var
        if var[b] < var[a]:
            first = ("without", a, self.low[b])  # no set of a holds the top event
            if first not in known:
                todo.append(first)
                return -1
            return known[first]
        b0, b1 = (self.low[b], self.high[b]) if var[b] == top else (b, NO)
        tasks = [("without", self.low[a], b0), ("without", self.high[a], b0)]
        missing = [t for t in tasks if t not in known]
        if missing:
            todo.extend(missing)
            return -1
        last = ("without", known[tasks[1]], b1)
        if last not in known:
            todo.append(last)
            return -1
        return self.sets(top, known[tasks[0]], known[last])


def _sorted(op: str, a: Node, b: Node) -> tuple[str, Node, Node]:
    return (op, a, b) if a <= b else (op, b, a)


_AT_ONCE: Final[dict[str, Callable[[Node, Node], Node]]] = {
    "or": lambda a, b: YES if YES in (a, b) else a | b if NO in (a, b) else a if a == b else -1,
    "and": lambda a, b: NO if NO in (a, b) else a * b if YES in (a, b) else a if a == b else -1,
    "minimal": lambda a, _: a if a <= YES else -1,
    "without": lambda a, b: NO if a in (NO, b) or b == YES else a if b == NO else -1,
}
"""Answers that need no work; -1 where they do. A set of family b that is empty is in every set."""
