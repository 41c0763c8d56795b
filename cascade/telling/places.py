"""Assets and what feeds them as a map: GeoJSON (RFC 7946) and layers of a GeoPackage."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cascade.errors import UsageError, did_you_mean, short
from cascade.files.geo import Layer
from cascade.model import Model
from cascade.simulation.network import Network
from cascade.simulation.run import Run

MOST_LINKS: Final = 5_000_000
LINKS: Final = "links"
"""The layer of lines, from supplier to consumer."""

Ints = npt.NDArray[np.int64]


def chosen(model: Model, process: str | None = None) -> list[str]:
    """Return the processes that a map shows: those with assets, or the one that is asked for.

    Raises
    ------
    UsageError
        If there is none.
    """
    if process is not None and process not in model.processes:
        raise UsageError(f"--process: no process {short(process)!r}; {did_you_mean(process, model.assets)}")
    if process is not None and process not in model.assets:
        known = (
            f"those that have: {', '.join(sorted(model.assets)[:12])}" if model.assets else "no process here has them"
        )
        raise UsageError(f"--process: {process} has no assets, so it has no places; {known}")
    if not model.assets:
        raise UsageError(
            "no process of this model has assets, so there is nothing to put on a map; see assets: in the manual"
        )
    return [process] if process is not None else sorted(model.assets)


def points(
    model: Model, processes: Sequence[str], mark: str, run: Run | None = None, at: int | None = None
) -> list[Layer]:
    """Put the assets of processes on a map.

    Parameters
    ----------
    model : Model
    processes : sequence of str
        As from :func:`chosen`.
    mark : str
        Stands with every asset.
    run, at : Run, int, optional
        The level of each asset (0 to 1) at a moment of a run, in seconds after its start.

    Returns
    -------
    list of Layer
        One a process; an asset without coordinates has no place, and is there all the same.
    """
    levels: dict[str, float] = {}
    if run is not None:
        row = run.levels_at([at or 0]).iloc[0]
        levels = dict(zip(row.index, row.to_numpy().tolist(), strict=True))
    made = []
    for process in processes:
        table = model.assets[process]
        columns: dict[str, Sequence[Any]] = {
            "process": [process] * len(table.ids),
            "id": list(table.ids),
            "name": list(table.names),
            "region": list(table.regions),
            "capacity": list(table.capacities),
        }
        if table.people is not None:
            columns["people"] = list(table.people)
        if table.areas is not None:
            columns["area"] = list(table.areas)
        if run is not None:
            labels = (f"{process}@{r}#{a}" for r, a in zip(table.regions, table.ids, strict=True))
            columns["level"] = [levels[label] for label in labels]
        columns["marking"] = [mark] * len(table.ids)
        made.append(Layer(process, columns, _places(model, process)))
    return made


def _places(model: Model, process: str) -> npt.NDArray[np.float64]:
    """Return longitude and latitude of every asset, (N, 2)."""
    table = model.assets[process]
    spots = table.locations if table.locations is not None else (None,) * len(table.ids)
    return np.array([(at[1], at[0]) if at else (np.nan, np.nan) for at in spots], np.float64).reshape(-1, 2)


# ------------------------------------------------------------------ links


def links(network: Network, processes: Sequence[str], mark: str) -> Layer:
    """Draw what feeds which asset: by a table, by nearness or by serving area, as the network has it.

    Parameters
    ----------
    network : Network
        Unfolded from a model.
    processes : sequence of str
        Links of which at least one end is an asset of these.
    mark : str
        Stands with every link.

    Returns
    -------
    Layer
        Lines from supplier to consumer, in order of the network; those with an end without coordinates are left out.

    Raises
    ------
    UsageError
        If there are more than ``MOST_LINKS``.
    """
    model = network.model
    assert model is not None, "a network of a model"
    consumer, need, member = _members(network, model, set(processes))
    a = network.arrays
    supplier = a.supplier[member].astype(np.int64)
    spots = _all_places(network, model)
    ends = np.column_stack((spots[supplier], spots[consumer]))
    keep = ~np.isnan(ends).any(axis=1)
    share = a.weight[member] / np.bincount(need, a.weight[member], int(need.max(initial=-1)) + 1)[need]
    consumer, supplier, need, share, ends = consumer[keep], supplier[keep], need[keep], share[keep], ends[keep]
    names = np.array(network.asset_of, object)
    kinds = np.array(network.processes, object)
    columns: dict[str, Sequence[Any]] = {
        "supplier_process": kinds[network.process_of[supplier]].tolist(),
        "supplier": names[supplier].tolist(),
        "consumer_process": kinds[network.process_of[consumer]].tolist(),
        "consumer": names[consumer].tolist(),
        "need": np.array(network.need_names, object)[need].tolist(),
        "share": np.round(share, 6).tolist(),
        "marking": [mark] * len(ends),
    }
    return Layer(_free_name(model), columns, ends)


def _members(network: Network, model: Model, wanted: set[str]) -> tuple[Ints, Ints, Ints]:
    """Return consumer, need and place in the members of every link that is asked for."""
    a = network.arrays
    owner = np.repeat(np.arange(network.size), np.diff(a.need_start))
    names = np.array(network.need_names, object)
    asked = np.zeros(len(owner), np.bool_)
    of_owner = network.process_of[owner]
    for number, process in enumerate(network.processes):
        for name, need in model.processes[process].needs.items():
            if need.by is None or process not in model.assets or not wanted & {process, need.supplies[0].process}:
                continue
            first, last = np.searchsorted(of_owner, [number, number + 1])
            asked[first:last] |= names[first:last] == name
    needs = np.flatnonzero(asked)
    # only the first supply of such a need follows the map; what a measure adds does not
    term = a.term_start[needs]
    sizes = a.member_start[term + 1] - a.member_start[term]
    if int(sizes.sum()) > MOST_LINKS:
        raise UsageError(
            f"--links: {int(sizes.sum()):,} lines, more than {MOST_LINKS:,}; choose one process with --process"
        )
    within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.repeat(owner[needs], sizes), np.repeat(needs, sizes), np.repeat(a.member_start[term], sizes) + within


def _all_places(network: Network, model: Model) -> npt.NDArray[np.float64]:
    """Return longitude and latitude of every instance, NaN where it has none, (N, 2)."""
    found = np.full((network.size, 2), np.nan)
    for process in model.assets:
        table = model.assets[process]
        # assets and instances stand in the same order: by region and id
        found[list(network.instances(process))] = _places(model, process)[
            sorted(range(len(table.ids)), key=lambda i, t=table: (t.regions[i], t.ids[i]))  # type: ignore[misc]
        ]
    return found


def _free_name(model: Model) -> str:
    return LINKS if LINKS not in model.assets else f"{LINKS}-of-assets"


# ------------------------------------------------------------------ GeoJSON


def geojson(layers: Sequence[Layer], told: Mapping[str, Any]) -> str:
    """Write layers as one collection of features in WGS84, one feature a line; equal layers give equal text.

    Parameters
    ----------
    layers : sequence of Layer
    told : mapping
        What stands beside the features, such as the mark.
    """
    head = json.dumps({"type": "FeatureCollection", **told}, ensure_ascii=False)
    lines = ",\n".join(line for layer in layers for line in _features(layer))
    return f'{head[:-1]}, "features": [\n{lines}\n]}}\n'


def _features(layer: Layer) -> Iterator[str]:
    names = list(layer.columns)
    for cells, at in zip(zip(*layer.columns.values(), strict=True), layer.places.tolist(), strict=True):
        geometry: dict[str, Any] | None = None
        if layer.lines:
            geometry = {"type": "LineString", "coordinates": [at[:2], at[2:]]}
        elif at[0] == at[0]:
            geometry = {"type": "Point", "coordinates": at}
        properties = {name: cell for name, cell in zip(names, cells, strict=True) if cell is not None}
        yield json.dumps({"type": "Feature", "properties": properties, "geometry": geometry}, ensure_ascii=False)
