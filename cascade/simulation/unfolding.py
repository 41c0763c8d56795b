"""Regions and assets unfolded: a model becomes columns of whole numbers.

What the copies of a process have alike is worked out once, for every set of measures among them, and laid out for all in
one stroke; who feeds whom differs from copy to copy, and is looked up for all copies of a process together. So a million
assets cost some dozens of array operations for each need of a process, and a small model not much either.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from cascade.errors import UsageError
from cascade.model import OTHERS, Measure, Model, Need, Process, Ration, Rule, Scenario, Supply
from cascade.simulation.feeding import Copies, Feeders, Groups, place
from cascade.units import FULL

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_RULES: Final = get_args(Rule)
_COLUMNS: Final = {
    "process": ("stops_below", "restart", "passes_on", "needs"),
    "need": ("rule", "count", "recharge", "cap", "notice", "steps", "responses"),
    "step": ("step_time", "step_level"),
    "response": ("response_x", "response_y"),
}
"""What copies have alike; of ``needs``, ``steps`` and ``responses`` how many."""
_KINDS: Final = {
    "passes_on": np.bool_,
    **dict.fromkeys(("rule", "count", "supplier", "sustainer"), np.int32),
}


class Unfolded(NamedTuple):
    """Everything a network is made of: N instances, M needs."""

    copies: dict[str, Copies]
    """By process, in order."""
    measures: tuple[tuple[str, ...], ...]
    """(N)."""
    need_names: tuple[str, ...]
    """(M)."""
    columns: dict[str, Any]
    """Fields of the arrays by name."""


@dataclass(frozen=True)
class _Form:
    """What all copies of a need have in common, measures included."""

    name: str
    need: Need
    rule: str
    count: int
    supplies: tuple[Supply, ...]
    steps: tuple[tuple[int, int], ...]
    recharge: int
    response: tuple[tuple[int, int], ...]
    cap: int
    notice: int


def _form(name: str, need: Need) -> _Form:
    steps = tuple((after.mode, FULL - lost.mode) for after, lost in need.steps)
    misled = need.if_manipulated
    return _Form(
        name=name,
        need=need,
        rule=need.rule,
        count=need.at_least.count if need.at_least else 0,
        supplies=need.supplies,
        steps=steps,
        recharge=need.recharge.mode if need.recharge else steps[-1][0],
        response=_response(need.response),
        cap=misled.level.mode if misled else -1,
        notice=misled.noticed_after.mode if misled else 0,
    )


def _need_row(form: _Form) -> tuple[int, ...]:
    """Return the whole numbers of a need, as in ``_COLUMNS``."""
    rule = _RULES.index(form.rule)
    return rule, form.count, form.recharge, form.cap, form.notice, len(form.steps), len(form.response)


def _response(points: dict[int, int] | None) -> tuple[tuple[int, int], ...]:
    """Return the corners of the response; none means that the level held is the supply itself."""
    if not points:
        return ()
    return tuple(sorted({0: 0, **points, FULL: FULL}.items()))


def _with_measure(form: _Form, measure: Measure) -> _Form:
    """Change a need's form by a measure that applies to it."""
    effect = measure.effect
    if measure.applies_to.need != form.name:
        return form
    if effect.endures is not None:
        more = effect.endures.mode
        steps = tuple((after + more, level) for after, level in form.steps)
        return replace(form, steps=steps, recharge=form.recharge if form.need.recharge is not None else steps[-1][0])
    if effect.adds_supply is not None:
        if form.rule == "shares" or (form.rule == "from" and len(form.supplies) > 1):
            raise UsageError(
                f"a supply cannot be added to need {form.name!r}: it is {form.rule!r} of {len(form.supplies)} suppliers; "
                "only one supplier, any_of or at_least can take another"
            )
        rule = "any_of" if form.rule == "from" else form.rule
        return replace(form, rule=rule, supplies=(*form.supplies, effect.adds_supply))
    return form


@dataclass(frozen=True)
class _Variant:
    """What copies of a process with the same measures have alike."""

    forms: tuple[_Form, ...]
    restart: int
    first: bool
    """Whether they are served first."""


def _variant(process: Process, forms: Sequence[_Form], measures: Sequence[Measure]) -> _Variant:
    restart = process.restart.mode
    for measure in measures:
        forms = [_with_measure(form, measure) for form in forms]
        if measure.effect.restart is not None:
            restart = restart * measure.effect.restart.mode // FULL
    return _Variant(tuple(forms), restart, any(measure.effect.serves_first for measure in measures))


class _Fill(NamedTuple):
    """Members of one term of some needs, to be put in place once it is known where each term begins."""

    rows: Ints
    """Needs (n)."""
    term: int
    """Which term of them."""
    after: int
    """Members of the term that come before these."""
    groups: Groups
    of: Ints
    """(n) the group of each."""
    weight: int | None
    """Of all of them, instead of their own."""
    lo: int
    hi: int


def unfold_model(model: Model, scenario: Scenario | None = None) -> Unfolded:
    """Unfold a model over its regions and assets, with the measures and rationing of a scenario.

    Raises
    ------
    UsageError
        If a measure cannot be applied, or a place holds no supplier.
    """
    return _Unfolding(model, scenario).unfolded()


class _Unfolding:
    """One pass over the model, collecting columns."""

    def __init__(self, model: Model, scenario: Scenario | None) -> None:
        self.model = model
        self.rations: dict[str, tuple[Ration, ...]] = {
            **{p: d.rations for p, d in model.processes.items() if d.rations},
            **(scenario.rations if scenario else {}),
        }
        self.copies = place(model)
        self.feeders = Feeders(model, self.copies)
        self.measures = _measures_by_region(model, scenario)
        self.placed: list[tuple[str, ...]] = []
        self.need_names: list[str] = []
        self.needs = 0
        """Rows of needs so far."""
        self.parts: dict[str, list[Ints]] = {name: [] for name in _COLUMNS}
        self.terms: list[tuple[Ints, int, int, int, Ints | int]] = []
        """Needs (n), which term of them, what it gives, its weight, and how many members it has (n)."""
        self.fills: list[_Fill] = []
        self.sustainers: list[tuple[Ints, Groups, Ints]] = []

    def unfolded(self) -> Unfolded:
        for process, copies in self.copies.items():
            self._unfold(process, copies)
        found: dict[str, Ints] = {}
        for kind, names in _COLUMNS.items():
            rows = np.concatenate([np.zeros((0, len(names)), np.int64), *self.parts.pop(kind)])
            found |= {name: np.ascontiguousarray(rows[:, i]) for i, name in enumerate(names)}
        for kind in ("need", "step", "response"):
            found[f"{kind}_start"] = _starts(found.pop(f"{kind}s"))
        found |= self._laid_terms() | self._laid_sustainers()
        columns: dict[str, Any] = {}
        for name in list(found):  # one after the other, so that no column is there twice for long
            columns[name] = found.pop(name).astype(_KINDS.get(name, np.int64), copy=False)
        return Unfolded(self.copies, tuple(self.placed), tuple(self.need_names), columns)

    def _unfold(self, process: str, copies: Copies) -> None:
        """Lay out one process."""
        definition = self.model.processes[process]
        forms = [_form(name, need) for name, need in definition.needs.items()]
        by_region = self.measures.get(process, {})
        kinds = {placed: i for i, placed in enumerate(dict.fromkeys(by_region.values()))}
        kinds.setdefault((), len(kinds))
        variants = [_variant(definition, forms, [self.model.measures[m] for m in placed]) for placed in kinds]
        if by_region:
            placed = [by_region.get(region, ()) for region in copies.regions.tolist()]
            kind = np.array([kinds[each] for each in placed], np.int64)
        else:
            placed, kind = [()] * copies.count, np.zeros(copies.count, np.int64)
        self.placed += placed
        self._lay_alike(definition, variants, kind)
        first, width = self.needs, len(forms)
        for number, variant in enumerate(variants):
            at = np.flatnonzero(kind == number)
            for k, form in enumerate(variant.forms if at.size else ()):
                self._lay_need(process, form, variant.first, at, first + width * at + k)
        self.needs += width * copies.count
        self.need_names += list(definition.needs) * copies.count

    def _lay_alike(self, definition: Process, variants: Sequence[_Variant], kind: Ints) -> None:
        """Lay out what copies with the same measures have alike."""
        least, passes = definition.stops_below, definition.passes_on_manipulation
        each = [(v, v.forms) for v in variants]
        rows: dict[str, list[list[tuple[int, ...]]]] = {
            "process": [[(least, v.restart, passes, len(forms))] for v, forms in each],
            "need": [[_need_row(form) for form in forms] for _, forms in each],
            "step": [[step for form in forms for step in form.steps] for _, forms in each],
            "response": [[point for form in forms for point in form.response] for _, forms in each],
        }
        for name, alike in rows.items():
            wide = len(_COLUMNS[name])
            self.parts[name].append(np.array(alike, np.int64).reshape(len(each), -1)[kind].reshape(-1, wide))

    # -------------------------------------------------------------- who feeds whom

    def _lay_need(self, process: str, form: _Form, first: bool, at: Ints, rows: Ints) -> None:
        """Find who feeds one need of some copies (n), of which the rows (n) are given."""
        if form.need.sustained_by is not None:
            name, _, where = form.need.sustained_by.partition("@")
            self.sustainers.append((rows, *self.feeders.of(process, name, where or None, at)))
        found = [self._feeders(process, form, number, at) for number in range(len(form.supplies))]
        one: Flags | None = None
        if form.rule == "shares":
            one = np.logical_and.reduce([groups.size[of] == 1 for groups, of in found])
            self._lay_mean(process, form, first, rows[one], [(groups, of[one]) for groups, of in found])
            if one.all():
                return
        for number, (groups, of) in enumerate(found):
            supply = form.supplies[number]
            bounds = self._bounds(supply.process, process, first)
            rest, of_ = (rows, of) if one is None else (rows[~one], of[~one])
            self.terms.append((rest, number, supply.gives, supply.weight, groups.size[of_]))
            self.fills.append(_Fill(rest, number, 0, groups, of_, None, *bounds))

    def _lay_mean(
        self, process: str, form: _Form, first: bool, rows: Ints, found: Sequence[tuple[Groups, Ints]]
    ) -> None:
        """Lay out shares as one weighted mean instead of many terms of one member: the same, kept up to date in one step."""
        self.terms.append((rows, 0, FULL, FULL, len(found)))
        for number, (supply, (groups, of)) in enumerate(zip(form.supplies, found, strict=True)):
            bounds = self._bounds(supply.process, process, first)
            self.fills.append(_Fill(rows, 0, number, groups, of, supply.weight, *bounds))

    def _feeders(self, process: str, form: _Form, number: int, at: Ints) -> tuple[Groups, Ints]:
        supply = form.supplies[number]
        if form.need.by is not None and number == 0:  # a supply that a measure adds is not told by it
            return self.feeders.told(process, form.name, form.need, at)
        return self.feeders.of(process, supply.process, supply.place, at)

    def _bounds(self, supplier: str, consumer: str, first: bool) -> tuple[int, int]:
        """Return which part of the supplier's output a consumer sees: semantics 8."""
        rations = self.rations.get(supplier)
        if not rations:
            return 0, FULL
        served = (
            0
            if first
            else next(
                (c for c, ration in enumerate(rations) if consumer in ration.serves),
                next(c for c, ration in enumerate(rations) if OTHERS in ration.serves),
            )
        )
        lo = sum(ration.share for ration in rations[:served])
        return lo, lo + rations[served].share

    # -------------------------------------------------------------- what differs, put in place

    def _laid_terms(self) -> dict[str, Ints]:
        counts = np.zeros(self.needs, np.int64)
        for rows, *_ in self.terms:
            counts[rows] += 1
        term_start = _starts(counts)
        gives, weights, sizes = (np.zeros(term_start[-1], np.int64) for _ in range(3))
        for rows, number, given, weight, size in self.terms:
            at = term_start[rows] + number
            gives[at], weights[at], sizes[at] = given, weight, size
        member_start = _starts(sizes)
        supplier, weight_, lo = (np.zeros(member_start[-1], np.int64) for _ in range(3))
        hi = np.full(member_start[-1], FULL, np.int64)
        for fill in self.fills:
            into, from_ = _matched(member_start[term_start[fill.rows] + fill.term] + fill.after, fill.groups, fill.of)
            supplier[into] = fill.groups.member[from_]
            weight_[into] = fill.groups.weight[from_] if fill.weight is None else fill.weight
            if (fill.lo, fill.hi) != (0, FULL):
                lo[into], hi[into] = fill.lo, fill.hi
        return {
            "term_start": term_start,
            "gives": gives,
            "term_weight": weights,
            "member_start": member_start,
            "supplier": supplier,
            "weight": weight_,
            "lo": lo,
            "hi": hi,
        }

    def _laid_sustainers(self) -> dict[str, Ints]:
        counts = np.zeros(self.needs, np.int64)
        for rows, groups, of in self.sustainers:
            counts[rows] = groups.size[of]
        start = _starts(counts)
        sustainer, weight = np.zeros(start[-1], np.int64), np.zeros(start[-1], np.int64)
        for rows, groups, of in self.sustainers:
            into, from_ = _matched(start[rows], groups, of)
            sustainer[into], weight[into] = groups.member[from_], groups.weight[from_]
        return {"sustain_start": start, "sustainer": sustainer, "sustain_weight": weight}


def _starts(counts: Ints) -> Ints:
    """Return where each of some lists begins that lie one behind the other, and where the last ends."""
    found = np.zeros(counts.size + 1, np.int64)
    np.cumsum(counts, out=found[1:])
    return found


def _matched(into: Ints, groups: Groups, of: Ints) -> tuple[Ints, Ints]:
    """Return where each member of the groups ``of`` (n) goes and where it comes from, for lists that begin at ``into`` (n)."""
    from_ = groups.start[of]
    if groups.most == 1:
        return into, from_
    sizes = groups.size[of]
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.repeat(into, sizes) + within, np.repeat(from_, sizes) + within


def _measures_by_region(model: Model, scenario: Scenario | None) -> dict[str, dict[int, tuple[str, ...]]]:
    """Return the measures in place by process and region number (-1 national), in file order."""
    codes = sorted(model.regions)
    number = {code: i for i, code in enumerate(codes)}
    found: dict[str, dict[int, tuple[str, ...]]] = {}
    for placed in scenario.with_measures if scenario else ():
        for process in placed.at:
            chosen: Mapping[str, int] | Sequence[str] = placed.where if placed.where is not None else codes
            regional = model.processes[process].regional
            here = found.setdefault(process, {})
            for region in [number[code] for code in chosen] if regional else [-1]:
                here[region] = (*here.get(region, ()), placed.measure)
    return found
