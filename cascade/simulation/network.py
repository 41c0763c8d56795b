"""Regions and assets unfolded: a model becomes integers once, and a directed graph on request.

Arcs run from supplier to consumer, the way an outage travels.
"""

import heapq
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt

from cascade.errors import UsageError, did_you_mean
from cascade.model import ALL, HERE, NEIGHBOURS, OTHERS, Measure, Model, Need, Process, Ration, Scenario, Supply
from cascade.units import FULL, format_duration, format_share

if TYPE_CHECKING:
    import networkx

RULES: Final = {"from": 0, "any_of": 1, "at_least": 2, "shares": 3}

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Group = tuple[tuple[int, ...], tuple[int, ...]]
"""Instances and their weights."""


@dataclass(frozen=True, eq=False)
class Arrays:
    """The network as flat arrays: N instances, M needs, T terms, E members, S fade steps.

    Rows of one owner lie together; ``a_start[i]:a_start[i + 1]`` are those of owner ``i``.
    """

    stops_below: Ints
    restart: Ints
    """Seconds, (N)."""
    passes_on: Flags
    need_start: Ints
    """(N + 1) into the needs."""
    rule: Small
    """(M) 0 from, 1 any_of, 2 at_least, 3 shares."""
    count: Small
    """(M) how many suppliers ``at_least`` asks for."""
    recharge: Ints
    """(M) seconds from empty to full; 0 at once."""
    cap: Ints
    """(M) level while misled; -1 where a wrong supplier is refused at once."""
    notice: Ints
    """(M) seconds until a wrong supplier is noticed."""
    step_start: Ints
    step_time: Ints
    step_level: Ints
    response_start: Ints
    response_x: Ints
    response_y: Ints
    term_start: Ints
    """(M + 1) into the terms."""
    gives: Ints
    term_weight: Ints
    member_start: Ints
    """(T + 1) into the members."""
    supplier: Small
    weight: Ints
    lo: Ints
    hi: Ints
    sustain_start: Ints
    """(M + 1) into the sustaining instances."""
    sustainer: Small
    sustain_weight: Ints


@dataclass(frozen=True, eq=False)
class Network:
    """A model, unfolded to instances: names for people, arrays for the engine.

    Instances are in canonical order: by process id, then region code, then asset id.
    """

    model: Model | None
    labels: tuple[str, ...]
    processes: tuple[str, ...]
    regions: tuple[str, ...]
    process_of: Small
    region_of: Small
    """(N) index into ``regions``; -1 for a national process."""
    asset_of: tuple[str, ...] = ()
    need_names: tuple[str, ...] = ()
    """(M)."""
    arrays: Arrays = field(repr=False, kw_only=True)
    measures: tuple[tuple[str, ...], ...] = ()
    """(N) ids of the measures in place; empty where a model is compiled without a scenario."""

    @property
    def size(self) -> int:
        """Number of instances."""
        return len(self.labels)

    @cached_property
    def index(self) -> dict[str, int]:
        """Instance number by label."""
        return {label: i for i, label in enumerate(self.labels)}

    def process(self, instance: int) -> str:
        """Process id of an instance."""
        return self.processes[int(self.process_of[instance])]

    def region(self, instance: int) -> str:
        """Region code of an instance, empty for a national one."""
        region = int(self.region_of[instance])
        return self.regions[region] if region >= 0 else ""

    def instances(self, process: str, region: str | None = None) -> tuple[int, ...]:
        """Return the instances of a process, in canonical order; in one region where that is given."""
        if process not in self._of_process:
            raise UsageError(f"no process {process!r} in this network")
        found = self._of_process[process]
        if region is None:
            return found
        return tuple(i for i in found if self.region(i) == region)

    @cached_property
    def _of_process(self) -> dict[str, tuple[int, ...]]:
        found: dict[str, list[int]] = {p: [] for p in self.processes}
        for i, p in enumerate(self.process_of.tolist()):
            found[self.processes[p]].append(i)
        return {p: tuple(members) for p, members in found.items()}


@dataclass(frozen=True)
class _Form:
    """What all copies of a need have in common, measures included."""

    name: str
    rule: str
    count: int
    supplies: tuple[Supply, ...]
    steps: tuple[tuple[int, int], ...]
    recharge: int
    response: tuple[tuple[int, int], ...]
    cap: int
    notice: int
    sustained_by: str | None
    linked: bool


def _form(name: str, need: Need) -> _Form:
    steps = tuple((after.mode, FULL - lost.mode) for after, lost in need.steps)
    misled = need.if_manipulated
    return _Form(
        name=name,
        rule=need.rule,
        count=need.at_least.count if need.at_least else 0,
        supplies=need.supplies,
        steps=steps,
        recharge=need.recharge.mode if need.recharge else steps[-1][0],
        response=_response(need.response),
        cap=misled.level.mode if misled else -1,
        notice=misled.noticed_after.mode if misled else 0,
        sustained_by=need.sustained_by,
        linked=need.by_table is not None,
    )


def _response(points: dict[int, int] | None) -> tuple[tuple[int, int], ...]:
    """Return the corners of the response; none means that the level held is the supply itself."""
    if not points:
        return ()
    return tuple(sorted({0: 0, **points, FULL: FULL}.items()))


def _with_measure(form: _Form, process: Process, measure: Measure) -> _Form:
    """Change a need's form by a measure that applies to it."""
    effect = measure.effect
    if measure.applies_to.need != form.name:
        return form
    if effect.endures is not None:
        more = effect.endures.mode
        own_recharge = process.needs[form.name].recharge is not None
        steps = tuple((after + more, level) for after, level in form.steps)
        return replace(form, steps=steps, recharge=form.recharge if own_recharge else steps[-1][0])
    if effect.adds_supply is not None:
        if form.rule == "shares" or (form.rule == "from" and len(form.supplies) > 1):
            raise UsageError(
                f"a supply cannot be added to need {form.name!r}: it is {form.rule!r} of {len(form.supplies)} suppliers; "
                "only one supplier, any_of or at_least can take another"
            )
        rule = "any_of" if form.rule == "from" else form.rule
        return replace(form, rule=rule, supplies=(*form.supplies, effect.adds_supply))
    return form


def compile_network(model: Model, scenario: Scenario | None = None) -> Network:
    """Unfold a model over its regions and assets, with the measures and rationing of a scenario.

    Parameters
    ----------
    model : Model
        As loaded; it is not changed.
    scenario : Scenario, optional
        Its ``with_measures`` and ``rations`` are built in; its events are not.

    Returns
    -------
    Network
        N instances in canonical order.

    Raises
    ------
    UsageError
        If a measure cannot be applied, or a place holds no supplier.
    """
    _check_names(model, scenario)
    return _Unfolding(model, scenario).network()


def _check_names(model: Model, scenario: Scenario | None) -> None:
    """Refuse a scenario built by hand that names what is not there; files are checked when they are read."""
    placed = scenario.with_measures if scenario else ()
    named: list[tuple[str, set[str], Iterable[str]]] = [
        ("process", set(scenario.rations if scenario else ()), model.processes),
        ("measure", {p.measure for p in placed}, model.measures),
        ("process", {process for p in placed for process in p.at}, model.processes),
        ("region", {region for p in placed for region in p.where or ()}, model.regions),
    ]
    for what, names, known in named:
        for name in sorted(names.difference(known)):
            raise UsageError(f"no {what} {name!r} in this model; {did_you_mean(name, known)}")


class _Unfolding:
    """One pass over the model, collecting rows for the arrays."""

    def __init__(self, model: Model, scenario: Scenario | None) -> None:
        self.model = model
        self.rations: dict[str, tuple[Ration, ...]] = {
            **{p: d.rations for p, d in model.processes.items() if d.rations},
            **(scenario.rations if scenario else {}),
        }
        self.regions = tuple(sorted(model.regions))
        self.place_of = {code: i for i, code in enumerate(self.regions)}
        self.labels: list[str] = []
        self.region_of: list[int] = []
        self.asset_of: list[str] = []
        self.process_of: list[int] = []
        self.of_region: dict[tuple[str, int], Group] = {}
        self.groups: dict[tuple[str, str | None, int], Group] = {}
        self.spans: dict[str, range] = {}
        self.measures = _measures_by_instance(model, scenario)
        self.rows: dict[str, list[int]] = {name: [] for name in Arrays.__dataclass_fields__}
        for name in ("need_start", "step_start", "response_start", "term_start", "member_start", "sustain_start"):
            self.rows[name].append(0)
        self.need_names: list[str] = []

    def network(self) -> Network:
        ids = sorted(self.model.processes)
        for number, process in enumerate(ids):
            self._place(number, process)
        placed = [self.measures.get((p, self.region_of[i]), ()) for p in ids for i in self.spans[p]]
        for process in ids:
            self._unfold(process)
        small = {"rule", "count", "supplier", "sustainer"}
        kinds = {n: np.int32 if n in small else np.bool_ if n == "passes_on" else np.int64 for n in self.rows}
        return Network(
            model=self.model,
            labels=tuple(self.labels),
            processes=tuple(ids),
            regions=self.regions,
            process_of=np.array(self.process_of, np.int32),
            region_of=np.array(self.region_of, np.int32),
            asset_of=tuple(self.asset_of),
            need_names=tuple(self.need_names),
            measures=tuple(placed),
            arrays=Arrays(**{n: np.array(row, kinds[n]) for n, row in self.rows.items()}),
        )

    def _place(self, number: int, process: str) -> None:
        """Give every copy or asset of a process its instance number."""
        first = len(self.labels)
        definition = self.model.processes[process]
        if definition.assets is not None:
            table = self.model.assets[process]
            order = sorted(range(len(table.ids)), key=lambda a: (table.regions[a], table.ids[a]))
            copies = [(self.place_of[table.regions[a]], table.ids[a], table.capacities[a]) for a in order]
        elif definition.per is not None:
            copies = [(r, "", self.model.regions[code].population) for r, code in enumerate(self.regions)]
        else:
            copies = [(-1, "", 1)]
        by_region: dict[int, tuple[list[int], list[int]]] = {}
        for region, asset, weight in copies:
            place = f"@{self.regions[region]}" if region >= 0 else ""
            members, weights = by_region.setdefault(region, ([], []))
            members.append(len(self.labels))
            weights.append(weight)
            self.labels.append(f"{process}{place}#{asset}" if asset else f"{process}{place}")
            self.region_of.append(region)
            self.asset_of.append(asset)
            self.process_of.append(number)
        self.spans[process] = range(first, len(self.labels))
        for region, (members, weights) in by_region.items():
            self.of_region[process, region] = (tuple(members), tuple(weights))

    def _unfold(self, process: str) -> None:
        definition = self.model.processes[process]
        plain = [_form(name, need) for name, need in definition.needs.items()]
        rows = self.rows
        for instance in self.spans[process]:
            measures = [self.model.measures[m] for m in self.measures.get((process, self.region_of[instance]), ())]
            forms = plain
            restart = definition.restart.mode
            for measure in measures:
                forms = [_with_measure(form, definition, measure) for form in forms]
                if measure.effect.restart is not None:
                    restart = restart * measure.effect.restart.mode // FULL
            first = any(m.effect.serves_first for m in measures)
            rows["stops_below"].append(definition.stops_below)
            rows["restart"].append(restart)
            rows["passes_on"].append(definition.passes_on_manipulation)
            for form in forms:
                self._add_need(process, instance, form, first)
            rows["need_start"].append(len(self.need_names))

    def _add_need(self, process: str, instance: int, form: _Form, first: bool) -> None:
        rows = self.rows
        self.need_names.append(form.name)
        rows["rule"].append(RULES[form.rule])
        rows["count"].append(form.count)
        rows["recharge"].append(form.recharge)
        rows["cap"].append(form.cap)
        rows["notice"].append(form.notice)
        rows["step_time"].extend(after for after, _ in form.steps)
        rows["step_level"].extend(level for _, level in form.steps)
        rows["step_start"].append(len(rows["step_time"]))
        rows["response_x"].extend(x for x, _ in form.response)
        rows["response_y"].extend(y for _, y in form.response)
        rows["response_start"].append(len(rows["response_x"]))
        self._add_terms(process, instance, form, first)
        if form.sustained_by is not None:
            name, _, place = form.sustained_by.partition("@")
            members, weights = self._group(name, place or None, self.region_of[instance], process)
            rows["sustainer"].extend(members)
            rows["sustain_weight"].extend(weights)
        rows["sustain_start"].append(len(rows["sustainer"]))

    def _add_terms(self, process: str, instance: int, form: _Form, first: bool) -> None:
        rows = self.rows
        terms = [(s, self._members(process, instance, form, k)) for k, s in enumerate(form.supplies)]
        if form.rule == "shares" and all(len(group[0]) == 1 for _, group in terms):
            # one weighted mean instead of many terms of one member: the same value, kept up to date in one step
            self._add_members(process, first, [(s.process, g[0][0], s.weight) for s, g in terms])
            rows["gives"].append(FULL)
            rows["term_weight"].append(FULL)
        else:
            for supply, (members, weights) in terms:
                self._add_members(
                    process, first, [(supply.process, m, w) for m, w in zip(members, weights, strict=True)]
                )
                rows["gives"].append(supply.gives)
                rows["term_weight"].append(supply.weight)
        rows["term_start"].append(len(rows["gives"]))

    def _add_members(self, consumer: str, first: bool, members: list[tuple[str, int, int]]) -> None:
        rows = self.rows
        for supplier, instance, weight in members:
            lo, hi = self._bounds(supplier, consumer, first)
            rows["supplier"].append(instance)
            rows["weight"].append(weight)
            rows["lo"].append(lo)
            rows["hi"].append(hi)
        rows["member_start"].append(len(rows["supplier"]))

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

    def _members(self, process: str, instance: int, form: _Form, number: int) -> Group:
        supply = form.supplies[number]
        if form.linked and number == 0:  # a supply that a measure adds is not in the table
            return self._linked(process, instance, form, supply)
        return self._group(supply.process, supply.place, self.region_of[instance], process)

    def _linked(self, process: str, instance: int, form: _Form, supply: Supply) -> Group:
        chosen = self._links(process, form.name, supply.process)
        key = self.asset_of[instance] or self.labels[instance]
        if key not in chosen:
            raise UsageError(f"need {form.name!r} of {self.labels[instance]}: its table names no supplier for {key!r}")
        return chosen[key]

    def _links(self, process: str, need: str, supplier: str) -> dict[str, Group]:
        found = self._link_cache.get((process, need))
        if found is None:
            assets = {self.asset_of[i] or self.labels[i]: i for i in self.spans[supplier]}
            table = self.model.links[process, need]
            lists: dict[str, tuple[list[int], list[int]]] = {}
            for consumer, name, weight in zip(table.consumers, table.suppliers, table.weights, strict=True):
                members, weights = lists.setdefault(consumer, ([], []))
                members.append(assets[name])
                weights.append(weight)
            found = {}
            for consumer, (members, weights) in lists.items():
                pairs = sorted(zip(members, weights, strict=True))
                found[consumer] = (tuple(m for m, _ in pairs), _positive(tuple(w for _, w in pairs)))
            self._link_cache[process, need] = found
        return found

    @cached_property
    def _link_cache(self) -> dict[tuple[str, str], dict[str, Group]]:
        return {}

    def _group(self, supplier: str, place: str | None, region: int, consumer: str) -> Group:
        """Return the copies that one written supply stands for, and their weights."""
        key = (supplier, place, region)
        if key not in self.groups:
            group = self._find_group(supplier, place, region)
            if not group[0]:
                where = f"@{place}" if place else ""
                at = f" in {self.regions[region]}" if region >= 0 else ""
                raise UsageError(f"{consumer}: {supplier}{where} has no copy to supply it{at}")
            self.groups[key] = group
        return self.groups[key]

    def _find_group(self, supplier: str, place: str | None, region: int) -> Group:
        if not self.model.processes[supplier].regional:
            return self.of_region[supplier, -1][0], (1,)
        if place in (None, HERE) and region >= 0:
            chosen = [region]
        elif place in (None, ALL):
            chosen = list(range(len(self.regions)))
        elif place == NEIGHBOURS:
            codes = self.model.regions[self.regions[region]].neighbours if region >= 0 else ()
            chosen = sorted(self.place_of[c] for c in codes)
        else:
            chosen = [self.place_of[place]] if place in self.place_of else []
        groups = [self.of_region[supplier, r] for r in chosen if (supplier, r) in self.of_region]
        members = tuple(m for g in groups for m in g[0])
        return members, _positive(tuple(w for g in groups for w in g[1]))


def _positive(weights: tuple[int, ...]) -> tuple[int, ...]:
    """Return the weights; a lone one is 1, and where all are 0 each counts the same."""
    return weights if len(weights) > 1 and any(weights) else (1,) * len(weights)


def _measures_by_instance(model: Model, scenario: Scenario | None) -> dict[tuple[str, int], tuple[str, ...]]:
    """Return the measures in place by (process, region number; -1 national), in file order."""
    place_of = {code: i for i, code in enumerate(sorted(model.regions))}
    found: dict[tuple[str, int], tuple[str, ...]] = {}
    for placed in scenario.with_measures if scenario else ():
        for process in placed.at:
            regional = model.processes[process].regional
            codes = placed.where if placed.where is not None else tuple(place_of)
            for place in [place_of[c] for c in codes] if regional else [-1]:
                key = (process, place)
                found[key] = (*found.get(key, ()), placed.measure)
    return found


def arcs(model: Model) -> Iterator[tuple[str, str, str, Need]]:
    """Yield every dependency of a model as (supplier id, consumer id, need name, need), in order."""
    for consumer in sorted(model.processes):
        for name, need in model.processes[consumer].needs.items():
            for supplier in dict.fromkeys(s.process for s in need.supplies):
                yield supplier, consumer, name, need


def to_networkx(source: Model | Network) -> "networkx.MultiDiGraph":
    """Give a model (its processes) or a network (its instances) as a networkx graph.

    Returns
    -------
    networkx.MultiDiGraph
        Arcs run supplier -> consumer, one per need, and from what keeps its reserve filled (``role``: supplies or
        sustains); only plain text and numbers as attributes, so that every
        exchange format can hold them.
    """
    import networkx

    graph = networkx.MultiDiGraph()
    if isinstance(source, Model):
        _add_processes(graph, source)
    else:
        _add_instances(graph, source)
    return graph


def _add_processes(graph: "networkx.MultiDiGraph", model: Model) -> None:
    for process, definition in model.processes.items():
        graph.add_node(process, **_describe(model, process, definition))
    for supplier, consumer, name, need in arcs(model):
        told = _tell(name, need)
        graph.add_edge(supplier, consumer, key=name, role="supplies", **told)
        if need.sustained_by is not None:
            sustainer = need.sustained_by.partition("@")[0]
            graph.add_edge(sustainer, consumer, key=f"{name}:sustained", role="sustains", **told)


def _tell(name: str, need: Need) -> dict[str, Any]:
    """Describe a need in plain text and numbers: how long all of it lasts, what is lost in the end, and each step."""
    return {
        "need": name,
        "kind": need.kind or "",
        "rule": need.rule,
        "endures_s": next((after.mode for after, lost in need.steps if lost.mode), need.steps[-1][0].mode),
        "loses": need.steps[-1][1].mode / FULL,
        "fades": ", ".join(f"{format_duration(after.mode)}: {format_share(lost.mode)}" for after, lost in need.steps),
        "confidence": need.confidence or "",
        # in node-link data "source" is where an arc starts
        "sources": " ".join(need.source),
    }


def _describe(model: Model, process: str, definition: Process) -> dict[str, Any]:
    return {
        "sector": model.sector_of[process],
        "name_nl": definition.name.nl,
        "name_en": definition.name.en,
        "regional": definition.regional,
        "basic_need": definition.basic_need,
        "restart_s": definition.restart.mode,
        "authority": model.authority(process),
    }


def _add_instances(graph: "networkx.MultiDiGraph", network: Network) -> None:
    for i, label in enumerate(network.labels):
        graph.add_node(label, process=network.process(i), region=network.region(i))
    a = network.arrays
    for i, label in enumerate(network.labels):
        for n in range(a.need_start[i], a.need_start[i + 1]):
            first, last = a.member_start[a.term_start[n]], a.member_start[a.term_start[n + 1]]
            for m in range(first, last):
                supplier = network.labels[a.supplier[m]]
                graph.add_edge(supplier, label, key=network.need_names[n], need=network.need_names[n])


def strong_groups(nodes: tuple[int, ...], successors: dict[int, list[int]]) -> list[tuple[int, ...]]:
    """Return the groups of nodes that reach each other (also a node that feeds itself), in order."""
    import networkx

    graph = networkx.DiGraph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from((a, b) for a, following in successors.items() for b in following)
    groups = (tuple(sorted(g)) for g in networkx.strongly_connected_components(graph))
    return sorted(g for g in groups if len(g) > 1 or graph.has_edge(g[0], g[0]))


def graph_measures(links: Mapping[tuple[str, str], int], nodes: Sequence[str]) -> dict[str, list[float]]:
    """Return what the arcs alone say of each node; none of it knows of time, reserves or repair.

    Parameters
    ----------
    links : mapping
        (supplier, consumer) to the share of its service, 1/10 000, that the consumer loses in the end without that
        supplier. Arcs from a node to itself are left aside.
    nodes : sequence of str
        N names, in the order of the answer.

    Returns
    -------
    dict
        Lists of N by measure; what they mean is said in :mod:`cascade.results.structure`. Rounded to nine decimals, so
        that nodes in equal places tie instead of differing by the order of additions.
    """
    import networkx

    graph = networkx.DiGraph()
    graph.add_nodes_from(nodes)
    for (a, b), loss in sorted(links.items()):
        if a != b:
            # an arc without loss is an arc, but nothing flows along it; lengths are whole, so that equal paths tie
            graph.add_edge(a, b, loss=loss, length=FULL * FULL // loss if loss else 0)
    felt = networkx.DiGraph()
    felt.add_nodes_from(nodes)
    felt.add_edges_from((a, b, told) for a, b, told in graph.edges(data=True) if told["loss"])
    back, felt_back = graph.reverse(), felt.reverse()
    ranked = {"alpha": 0.85, "tol": 1e-12, "max_iter": 10_000}
    groups = {n: len(group) for group in networkx.strongly_connected_components(graph) for n in group}
    found: dict[str, Mapping[str, float]] = {
        "out_degree": dict(graph.out_degree()),
        "in_degree": dict(graph.in_degree()),
        "out_reach": {n: len(networkx.descendants(graph, n)) for n in nodes},
        "in_reach": {n: len(networkx.ancestors(graph, n)) for n in nodes},
        "betweenness": networkx.betweenness_centrality(graph),
        "pagerank": networkx.pagerank(back, weight=None, **ranked) if nodes else {},
        "core": networkx.core_number(graph.to_undirected()),
        "group": groups,
        "out_degree_loss": {n: k / FULL for n, k in felt.out_degree(weight="loss")},
        "in_degree_loss": {n: k / FULL for n, k in felt.in_degree(weight="loss")},
        "out_reach_loss": {n: _felt_reach(felt, n) for n in nodes},
        "in_reach_loss": {n: _felt_reach(felt_back, n) for n in nodes},
        "betweenness_loss": networkx.betweenness_centrality(felt, weight="length"),
        "pagerank_loss": networkx.pagerank(felt_back, weight="loss", **ranked) if nodes else {},
    }
    return {measure: [round(float(by_node[n]), 9) for n in nodes] for measure, by_node in found.items()}


def _felt_reach(graph: "networkx.DiGraph", start: str) -> float:
    """Sum over all nodes downstream the greatest product of losses along a path to them."""
    best, done = {start: 1.0}, set()
    heap = [(-1.0, start)]
    while heap:
        negative, node = heapq.heappop(heap)
        if node in done:
            continue
        done.add(node)
        for following, told in graph[node].items():
            carried = -negative * told["loss"] / FULL
            if carried > best.get(following, 0.0):
                best[following] = carried
                heapq.heappush(heap, (-carried, following))
    return math.fsum(best.values()) - 1.0


def exchange_text(graph: "networkx.MultiDiGraph", kind: str) -> str:
    """Write a graph in a format that other programs read; equal graphs give equal text.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        As from :func:`to_networkx`.
    kind : str
        ``graphml``, ``gexf`` or ``json`` (node-link).

    Raises
    ------
    UsageError
        If the kind is none of these.
    """
    import networkx

    if kind == "graphml":
        return "\n".join(networkx.generate_graphml(graph)) + "\n"
    if kind == "gexf":
        # the writer notes today's date, which would make equal graphs differ, and leaves out what holds of the whole graph
        text = re.sub(r' lastmodifieddate="[^"]*"', "", "\n".join(networkx.generate_gexf(graph))) + "\n"
        told = escape(" · ".join(str(graph.graph[key]) for key in ("marking", "cut", "mosaic") if key in graph.graph))
        return text.replace("</creator>", f"</creator>\n    <description>{told}</description>", 1) if told else text
    if kind == "json":
        data = networkx.node_link_data(graph, edges="edges")
        return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    raise UsageError(f"no graph format {kind!r}: choose graphml, gexf or json")
