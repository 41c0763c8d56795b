"""How little harm any plan could leave: cuts that hold for every plan, and the linear program over them.

Take a case (a scenario) and a set T of options. A plan that has nothing of T leaves of each part c of the harm (an instance, a
region) at least ``floor_T(c)``: what is left with *all* options but T in place, since more is never worse (semantics 11). And
every plan leaves at least ``best(c)``, what is left with all options. So for every plan, as 0 or 1 for each option,

    harm(c) >= best(c) + (floor_T(c) - best(c)) * (1 - sum of T)

Where some of T is in place and some is not, the drop is followed block by block: let v(S) be the drop of a part when of T the
blocks S are in place (and all outside T). In a chosen order, take for each block the most that it adds to any set of blocks before it;
then the sum over S of these is at least v(S), since v(S) is a sum of such additions, and so they may stand before the options
instead of the whole drop (sequential lifting).

Such a cut is strong where T is small. In a model of weakest links it can be: a part is held down by what binds it, so T needs only
the options along its chain of causes; all others may be in place without helping it. Hence cuts are made part by part, and
for one simulation each gives a cut for all parts at once. Logic-based Benders cuts (Hooker & Ottosson 2003), strengthened to
maximal sets; the separate parts and the search along causes are our own choice.

No cut knows of the limits of a plan, so all of them are kept while limits change.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from time import monotonic
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from cascade.results.candidates import Limits, Row
from cascade.results.harm import Case, Judge
from cascade.results.masters import MARGIN, Answer, Sparse, minimise
from cascade.simulation.engine import KIND_NEED
from cascade.simulation.layout import Log, Work
from cascade.simulation.network import Network
from cascade.simulation.placing import Plan
from cascade.units import FULL

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

NEGLIGIBLE: Final = 1e-9
"""Parts that no plan can relieve by more than this share of the harm of all cases count as beyond help."""
SEPARATED: Final = 30
"""Times that the linear program is solved with more cuts, at most, before new ones are made."""
BLOCKS: Final = 4
"""Blocks of a lifted cut: so many simulations as they have sets."""
CAUSES: Final = 400
"""Instances followed back from one part, at most."""


@dataclass(frozen=True, eq=False)
class Cut:
    """One set T of options and what the live parts of a case keep without it, above their best (L)."""

    options: Ints
    gain: Floats


@dataclass(frozen=True, eq=False)
class Lifted:
    """A cut in which each option has a factor of its own."""

    options: Ints
    gain: Floats
    """What live parts keep above their best with nothing of it (L)."""
    drop: Floats
    """Most that each option takes off (options, L)."""


@dataclass(eq=False)
class Leaf:
    """The cuts of one case."""

    case: Case
    share: float
    live: Ints
    """Parts that some plan can relieve (L)."""
    best: Floats
    """Their harm with all options (L)."""
    idle: float
    """Harm of all other parts, which no plan changes for certain (a lower bound)."""
    cuts: dict[Plan, Cut] = field(default_factory=dict)
    lifted: list[Lifted] = field(default_factory=list)
    tried: set[tuple[Plan, ...]] = field(default_factory=set)
    """Blocks that were lifted already."""

    def lift(self, blocks: tuple[Plan, ...]) -> Lifted:
        """Return a lifted cut of some blocks of options, in their order, by a simulation for each set of them."""
        every = frozenset().union(*blocks)
        count = len(blocks)
        kept = np.empty((1 << count, self.live.size))
        for chosen in range(1 << count):
            there = frozenset().union(*(b for k, b in enumerate(blocks) if chosen >> k & 1))
            kept[chosen] = self.case.least(self.case.relevant - (every - there))[self.live]
        drop = np.maximum(kept[0] - kept, 0.0)
        rows: list[int] = []
        each: list[Floats] = []
        for k, block in enumerate(blocks):
            adds = np.max([drop[s | 1 << k] - drop[s] for s in range(1 << k)], axis=0)
            rows += sorted(block)
            each += [adds] * len(block)
        gain = np.maximum(kept[0] - self.best, 0.0)
        return Lifted(np.array(rows, np.int64), gain, np.minimum(np.array(each), gain))

    def cut(self, left_out: Plan) -> Cut:
        """Return the cut of a set of relevant options, by one simulation."""
        floor = self.case.least(self.case.relevant - left_out)[self.live]
        return Cut(np.array(sorted(left_out), np.int64), np.maximum(floor - self.best, 0.0))


class Fraction(NamedTuple):
    """A point of the linear program: options as shares, and how much harm each live part has by the cuts."""

    y: Floats
    theta: tuple[Floats, ...]
    """By leaf (L)."""
    bound: float


class Bounds:
    """Cuts for all cases of a judge, and the master program over them."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.leaves: list[Leaf] = []
        self.used: dict[tuple[int, int, Plan | int], None] = {}
        """(leaf, part, set of options or number of a lifted cut) of the cuts that some program needed, in order."""
        bests = judge.spread(lambda case: case.best, judge.cases)
        whole = sum(s * c.none.sum() for s, c in zip(judge.shares, judge.cases, strict=True))
        for case, share, best in zip(judge.cases, judge.shares, bests, strict=True):
            ceiling = case.none if case.monotone and not case.stage.queues else np.full_like(best, np.inf)
            live = np.flatnonzero(share * (ceiling - best) > NEGLIGIBLE * whole) if case.relevant else np.zeros(0, int)
            live = live[(best[live] > 0) | (ceiling[live] > 0)]
            idle = float(best.sum() - best[live].sum())
            leaf = Leaf(case, float(share), live.astype(np.int64), best[live], idle)
            self.leaves.append(leaf)

    # -------------------------------------------------------------- cuts

    def add(self, wanted: Iterable[tuple[int, Plan]]) -> int:
        """Make cuts for (leaf, options left out), with all threads; return how many are new."""
        jobs = list(dict.fromkeys((k, t & self.leaves[k].case.relevant) for k, t in wanted))
        jobs = [(k, t) for k, t in jobs if t and t not in self.leaves[k].cuts]
        made = self.judge.spread(lambda job: self.leaves[job[0]].cut(job[1]), jobs)
        for (k, left_out), cut in zip(jobs, made, strict=True):  # in one order, whichever thread was first
            self.leaves[k].cuts[left_out] = cut
        return len(jobs)

    def first(self) -> list[tuple[int, Plan]]:
        """Return the sets to begin with: all options at one instance, and those along what binds it without a plan.

        The cases that matter most come first.
        """
        found: list[tuple[int, Plan]] = []
        nothing: Plan = frozenset()
        for k in sorted(range(len(self.leaves)), key=lambda k: (-self.worth[k], k)):
            leaf = self.leaves[k]
            if leaf.live.size:
                found += [(k, t) for t in self._biting(k)]
                found += self._explained(k, range(leaf.live.size), nothing)
        return list(dict.fromkeys(found))

    def _biting(self, k: int) -> list[Plan]:
        """Return the options at each instance of processes whose options, everywhere, make a cut that says something."""
        leaf, network = self.leaves[k], self.leaves[k].case.stage.network
        groups: dict[int, list[Plan]] = {}
        for i, options in self._here[k].items():
            groups.setdefault(int(network.process_of[i]), []).append(options)
        whole = {p: frozenset().union(*there) for p, there in groups.items()}
        self.add((k, t) for t in whole.values())
        return [t for p, there in groups.items() if leaf.cuts[whole[p]].gain.any() for t in there]

    @cached_property
    def worth(self) -> list[float]:
        """What plans can avert at most in each case, by its share (W)."""
        return [x.share * float(x.case.none[x.live].sum() - x.best.sum()) for x in self.leaves]

    @cached_property
    def _here(self) -> list[dict[int, Plan]]:
        """For each leaf the relevant options at each instance."""
        found = []
        for leaf in self.leaves:
            there: dict[int, set[int]] = {}
            for j in leaf.case.relevant:
                for i in leaf.case.stage.instances(j).tolist():
                    there.setdefault(i, set()).add(j)
            found.append({i: frozenset(options) for i, options in sorted(there.items())})
        return found

    def explained(self, plan: Plan, point: Fraction, most: int) -> list[tuple[int, Plan]]:
        """Return sets that would show why a plan leaves more harm than the cuts know of.

        For the parts where most is missing: the options, not in the plan, along the need that binds them longest and
        what that comes from; then those along all needs that ever bind.
        """
        missing: list[tuple[float, int, int]] = []
        for k, leaf in enumerate(self.leaves):
            if leaf.live.size:
                above = leaf.share * (leaf.case.parts(plan)[leaf.live] - point.theta[k])
                missing += [(-float(a), k, int(c)) for c, a in enumerate(above) if a > 0]
        missing.sort()
        chosen: dict[int, list[int]] = {}
        for _, k, c in missing[:most]:
            chosen.setdefault(k, []).append(c)
        return [one for k, parts in chosen.items() for one in self._explained(k, parts, plan)]

    def _explained(self, k: int, parts: Iterable[int], plan: Plan) -> list[tuple[int, Plan]]:
        leaf = self.leaves[k]
        trace = _Trace(leaf.case.stage.network, *leaf.case.stage.play(plan & leaf.case.relevant))
        found: list[tuple[int, Plan]] = []
        for c in parts:
            for instance in self._carriers(leaf, int(leaf.live[c]), trace):
                for narrow in (True, False):
                    left_out = self._along(k, trace.causes(instance, narrow)) - plan
                    found.append((k, left_out or leaf.case.relevant - plan))
        return list(dict.fromkeys(found))

    def _carriers(self, leaf: Leaf, part: int, trace: "_Trace") -> list[int]:
        """Return the instances whose loss makes a part of the harm."""
        gauge, network = leaf.case.gauge, leaf.case.stage.network
        if part < gauge.instances.size:
            return [int(gauge.instances[part])]
        region = part - gauge.instances.size
        basic = np.array([d.basic_need for d in (leaf.case.stage.model.processes[p] for p in network.processes)])
        there = basic[network.process_of]
        if region < gauge.regions:
            there &= (network.region_of == region) | (network.region_of < 0)
        worst = np.flatnonzero(there & (trace.lost > 0))
        return [int(i) for i in worst[np.argsort(-trace.lost[worst], kind="stable")][:3]]

    def _along(self, k: int, instances: Iterable[int]) -> Plan:
        here = self._here[k]
        return frozenset().union(*(here[i] for i in instances if i in here))

    def lift(self, point: Fraction, most: int, until: float = np.inf) -> int:
        """Lift the cuts that hold a point where it is and have some of their options in it; return how many were lifted."""
        wanted: dict[tuple[int, tuple[Plan, ...]], float] = {}
        for k, c, chosen in self.used:
            if isinstance(chosen, int) or len(chosen) < 2:
                continue
            leaf = self.leaves[k]
            cut = leaf.cuts[chosen]
            covered = min(1.0, float(point.y[cut.options].sum()))
            held = leaf.best[c] + cut.gain[c] * (1.0 - covered)
            if covered > 0.01 and point.theta[k][c] <= held + 1e-6 * leaf.best[c] + 1e-9:
                blocks = self._blocks(point, cut.options)
                wanted[k, blocks] = wanted.get((k, blocks), 0.0) + leaf.share * cut.gain[c] * covered
        fresh = [w for w in wanted if w[1] not in self.leaves[w[0]].tried]
        fresh.sort(key=lambda w: (-wanted[w], w[0], [sorted(b) for b in w[1]]))
        done = 0
        for at in range(0, min(most, len(fresh)), 32):
            if monotonic() >= until:
                break
            part = fresh[at : min(at + 32, most)]
            made = self.judge.spread(lambda w: self.leaves[w[0]].lift(w[1]), part)
            for (k, blocks), lifted in zip(part, made, strict=True):
                self.leaves[k].tried.add(blocks)
                self.leaves[k].lifted.append(lifted)
            done += len(part)
        return done

    def _blocks(self, point: Fraction, options: Ints) -> tuple[Plan, ...]:
        """Cut a set of options into blocks: those that a point has most of one by one, and all others last."""
        order = [int(j) for j in options[np.argsort(-point.y[options], kind="stable")]]
        first, rest = order[: BLOCKS - 1], order[BLOCKS - 1 :]
        return (*(frozenset((j,)) for j in first), *([frozenset(rest)] if rest else []))

    # -------------------------------------------------------------- the program

    def relax(self, limits: Limits, inside: Plan, outside: Plan, until: float = np.inf) -> Fraction | None:
        """Solve the linear program over the cuts, with fewer of them when the clock says so; None if no plan fits."""
        program = _Program(self, limits, inside, outside)
        for _ in range(SEPARATED):
            answer = program.solve(False, np.inf, 0.0)
            if answer.x is None:
                return None
            if monotonic() >= until or not program.separate(answer.x):
                break
        self._program = program
        return program.point(answer)

    def whole(self, seconds: float, gap: float) -> Answer:
        """Solve the last program in whole numbers; cuts that its plan breaks are in the next program."""
        answer = self._program.solve(True, seconds, gap)
        if answer.x is not None:
            self._program.separate(answer.x)
        return answer

    def harm(self, answer: Answer) -> float:
        """Return the bound on harm that an answer of the last program proves."""
        return self._program.harm(answer.bound)

    @cached_property
    def least(self) -> float:
        """Return the harm with all options in place: a bound for all limits."""
        bests = [leaf.idle + float(leaf.best.sum()) for leaf in self.leaves]
        return self.judge.whole(np.array(bests, np.float64)) * (1 - MARGIN)


class _Program:
    """The master program: options and helpers, harm of each live part, and of each case where only the worst count."""

    def __init__(self, bounds: Bounds, limits: Limits, inside: Plan, outside: Plan) -> None:
        self.bounds, self.judge = bounds, bounds.judge
        self.size = limits.choices.size
        rows, helpers = limits.rows()
        self.first = self.size + helpers
        self.at: list[int] = []
        """First variable of each leaf's parts."""
        count = self.first
        for leaf in bounds.leaves:
            self.at.append(count)
            count += leaf.live.size
        # the solver's tolerances are absolute: in ten-thousandths of all harm they are far below the margin
        self.scale = (
            sum(s * c.none.sum() for s, c in zip(self.judge.shares, self.judge.cases, strict=True)) / FULL or 1.0
        )
        self.cost = np.zeros(count)
        self.rows: list[tuple[Sparse, float, float]] = [self._limit(row) for row in rows]
        self.constant = 0.0
        if self.judge.tail < 1:
            self._weigh_tail(count)
        else:
            for leaf, at in zip(bounds.leaves, self.at, strict=True):
                self.cost[at : at + leaf.live.size] = leaf.share
                self.constant += leaf.share * (leaf.idle + float(leaf.best.sum()))
        self.constant /= self.scale
        self.lower = np.zeros(self.cost.size)
        self.upper = np.full(self.cost.size, np.inf)
        self.upper[: self.size] = 1.0
        self.lower[list(inside)] = 1.0
        self.upper[list(outside)] = 0.0
        self.tables = [self._table(leaf) for leaf in bounds.leaves]
        for k, c, chosen in bounds.used:
            self._cut(k, c, chosen)

    def _limit(self, row: Row) -> tuple[Sparse, float, float]:
        numbers = [*row.options.tolist(), *(self.size + number for number, _ in row.helpers)]
        factors = [*map(float, row.amounts.tolist()), *(float(amount) for _, amount in row.helpers)]
        return (numbers, factors), *row.span

    def _weigh_tail(self, count: int) -> None:
        """Mean of the worst part: eta + sum of shares x excess over eta / tail (Rockafellar & Uryasev 2000, eq. 9)."""
        cases = len(self.bounds.leaves)
        self.cost = np.zeros(count + cases + 1)
        eta = count + cases
        self.cost[eta] = 1.0
        for k, (leaf, at) in enumerate(zip(self.bounds.leaves, self.at, strict=True)):
            self.cost[count + k] = leaf.share / self.judge.tail
            numbers = [count + k, eta, *range(at, at + leaf.live.size)]
            idle = (leaf.idle + float(leaf.best.sum())) / self.scale
            self.rows.append(((numbers, [1.0, 1.0, *[-1.0] * leaf.live.size]), idle, np.inf))

    def _table(self, leaf: Leaf) -> tuple[list[Plan], Floats, Floats]:
        """Return the sets of a leaf, their gains (K, L), and which options they have (K, n)."""
        sets = list(leaf.cuts)
        gains = np.array([leaf.cuts[t].gain for t in sets]).reshape(len(sets), leaf.live.size) / self.scale
        member = np.zeros((len(sets), self.size))
        for row, t in enumerate(sets):
            member[row, leaf.cuts[t].options] = 1.0
        return sets, gains, member

    def solve(self, whole: bool, seconds: float, gap: float) -> Answer:
        kinds = np.zeros(self.cost.size, np.bool_)
        kinds[: self.first] = whole
        return minimise(self.cost, self.rows, kinds, self.lower, self.upper, seconds, gap)

    def separate(self, x: Floats) -> int:
        """Add for each part the cut that a point breaks most; return how many."""
        added, y = 0, x[: self.size]
        for k, (leaf, at) in enumerate(zip(self.bounds.leaves, self.at, strict=True)):
            sets, gains, member = self.tables[k]
            if not sets:
                continue
            asked = gains * np.clip(1.0 - member @ y, 0.0, None)[:, None]
            names: list[Plan | int] = list(sets)
            if leaf.lifted:
                names += range(len(leaf.lifted))
                asked = np.concatenate((asked, [(c.gain - y[c.options] @ c.drop) / self.scale for c in leaf.lifted]))
            worst = asked.argmax(axis=0)
            most = asked[worst, np.arange(leaf.live.size)]
            for c in np.flatnonzero(most > x[at : at + leaf.live.size] + 1e-7).tolist():
                wanted = (k, c, names[worst[c]])
                if wanted not in self.bounds.used:
                    self.bounds.used[wanted] = None
                    self._cut(*wanted)
                    added += 1
        return added

    def _cut(self, k: int, c: int, chosen: Plan | int) -> None:
        leaf = self.bounds.leaves[k]
        if isinstance(chosen, int):
            lifted = leaf.lifted[chosen]
            options, gain, factors = lifted.options, float(lifted.gain[c]), lifted.drop[:, c] / self.scale
        else:
            cut = leaf.cuts[chosen]
            options, gain = cut.options, float(cut.gain[c])
            factors = np.full(options.size, gain / self.scale)
        numbers = [self.at[k] + c, *options.tolist()]
        self.rows.append(((numbers, [1.0, *factors.tolist()]), gain / self.scale, np.inf))

    def point(self, answer: Answer) -> Fraction:
        """Return what an answer means in harm."""
        assert answer.x is not None
        theta = tuple(
            leaf.best + answer.x[at : at + leaf.live.size] * self.scale
            for leaf, at in zip(self.bounds.leaves, self.at, strict=True)
        )
        return Fraction(answer.x[: self.size], theta, self.harm(answer.bound))

    def harm(self, bound: float) -> float:
        """Return a bound of the program as harm, less what the solver may be wrong by."""
        return (bound - MARGIN * abs(bound)) * self.scale + self.constant * self.scale


class _Trace:
    """Who was held down by what, and how long, in one run."""

    def __init__(self, network: Network, log: Log, work: Work) -> None:
        self.network = network
        self.lost: Ints = work.proc["lost"].astype(np.int64)
        order = np.argsort(log.instance, kind="stable")
        which = log.instance[order].astype(np.int64)
        time = log.time[order]
        same = np.append(which[1:] == which[:-1], False)[: which.size]
        until = np.where(same, np.append(time[1:], 0)[: which.size], time)
        held = (FULL - log.after[order].astype(np.int64)) * (until - time)
        kind, need = log.kind[order], log.need[order]
        self._held: dict[int, dict[int, int]] = {}
        for i, h, k, n in zip(which.tolist(), held.tolist(), kind.tolist(), need.tolist(), strict=True):
            if k == KIND_NEED:
                by_need = self._held.setdefault(i, {})
                by_need[n] = by_need.get(n, 0) + h

    def causes(self, instance: int, narrow: bool) -> list[int]:
        """Return the instances that held one down, itself first: along the need that did most, or along all."""
        found, todo = [instance], [instance]
        seen = {instance}
        while todo and len(found) < CAUSES:
            i = todo.pop(0)
            held = self._held.get(i, {})
            needs: Sequence[int] = [max(held, key=lambda n: (held[n], -n))] if narrow and held else sorted(held)
            for n in needs:
                for j in self._short_inputs(n):
                    if j not in seen:
                        seen.add(j)
                        found.append(j)
                        todo.append(j)
        return found

    def _short_inputs(self, need: int) -> list[int]:
        a = self.network.arrays
        first, last = a.member_start[a.term_start[need]], a.member_start[a.term_start[need + 1]]
        inputs = [
            *a.supplier[first:last].tolist(),
            *a.sustainer[a.sustain_start[need] : a.sustain_start[need + 1]].tolist(),
        ]
        return [j for j in dict.fromkeys(inputs) if self.lost[j] > 0]
