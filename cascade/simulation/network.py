"""Regions and assets unfolded: a model becomes integers once, and a directed graph on request.

Arcs run from supplier to consumer, the way an outage travels.
"""

import heapq
import itertools
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, get_args
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt

from cascade.errors import UsageError, did_you_mean
from cascade.model import Model, Need, Process, Rule, Scenario
from cascade.simulation.unfolding import unfold_model
from cascade.units import FULL, format_duration, format_share

if TYPE_CHECKING:
    import networkx

RULES: Final = {rule: number for number, rule in enumerate(get_args(Rule))}

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
    found = unfold_model(model, scenario)
    copies = found.copies.values()
    none = np.zeros(0, np.int64)
    return Network(
        model=model,
        labels=tuple(itertools.chain.from_iterable(one.labels for one in copies)),
        processes=tuple(found.copies),
        regions=tuple(sorted(model.regions)),
        process_of=np.repeat(np.arange(len(copies), dtype=np.int32), [one.count for one in copies]),
        region_of=np.concatenate([none, *(one.regions for one in copies)]).astype(np.int32),
        asset_of=tuple(itertools.chain.from_iterable(one.assets for one in copies)),
        need_names=found.need_names,
        measures=found.measures,
        arrays=Arrays(**found.columns),
    )


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
