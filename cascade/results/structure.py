"""What the web of needs says by its arcs alone, and how far that agrees with what a simulation says.

Arcs run from supplier to consumer, the way an outage travels. A structural measure looks at arcs, or at arcs and how much
is lost in the end; it knows nothing of reserves, of time, of alternatives (``any_of``), of repair or of how many people a
process serves. Hence the comparison: what ranks high here and low in a simulation, or the reverse, is what an analyst who
only draws the graph would get wrong.

The measures, each larger where it says "more important":

======================  ============================================================================================
``out_degree``          processes that need this one directly
``in_degree``           processes that this one needs directly
``out_reach``           processes downstream, over any number of links
``in_reach``            processes upstream, over any number of links
``betweenness``         share of all pairs of others whose shortest paths lead through this one (Freeman 1977)
``pagerank``            importance handed from consumer to supplier: see below
``core``                the largest k for which it is in the k-core: a part in which each has k neighbours (Seidman 1983)
``group``               processes that it both feeds and is fed by, over any number of links, itself included
======================  ============================================================================================

A name ending in ``_loss`` weighs each arc by what the consumer loses in the end without that need: degrees become sums of
losses; reach becomes the sum, over all others, of the greatest product of losses along a path; the length of an arc in
``betweenness_loss`` is one divided by the loss; and PageRank hands on in proportion to losses. Where several needs name the
same supplier the largest loss counts. An arc without loss (a reserve that is only measured) carries no weight.

**The direction of PageRank.** On arcs supplier -> consumer it would gather importance in the consumers: the end of every
chain, the victims, would come out on top. Here importance runs the other way: every process starts with an equal share and
hands 85 % of what it has to the processes it needs, so that a supplier is important when important consumers need it (Page,
Brin, Motwani and Winograd 1999, on the reversed graph). What needs nothing spreads its share over all.

Processes tagged ``indicator`` only mirror others and are left out, as they are from the simulated effects. What keeps a
reserve filled (``sustained_by``) counts as a supplier. A process that needs its own copies elsewhere is not its own consumer.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cascade.errors import UsageError, did_you_mean
from cascade.model import Model
from cascade.simulation.network import graph_measures, to_networkx
from cascade.units import FULL

MEASURES: Final = (
    "out_degree", "in_degree", "out_reach", "in_reach", "betweenness", "pagerank", "core", "group",
    "out_degree_loss", "in_degree_loss", "out_reach_loss", "in_reach_loss", "betweenness_loss", "pagerank_loss",
)  # fmt: skip
AXES: Final = ("cascade_hours", "basic_hours")
"""The two simulated effects that structure is held against, unless others are named."""
MOST: Final = 5
"""Processes named as over- and as underrated."""
INDICATOR: Final = "indicator"
_COUNTS: Final = ("out_degree", "in_degree", "out_reach", "in_reach", "core", "group")

Floats = npt.NDArray[np.float64]


def structure(model: Model) -> pd.DataFrame:
    """Measure the place of each process in the web of needs.

    Parameters
    ----------
    model : Model

    Returns
    -------
    pandas.DataFrame
        One row per process, by id: ``process, sector``, then :data:`MEASURES`. Counts are whole, degrees by loss are
        in whole services lost, betweenness is a share, and each PageRank sums to 1.
    """
    nodes = [p for p in sorted(model.processes) if INDICATOR not in model.processes[p].tags]
    known = set(nodes)
    links: dict[tuple[str, str], int] = {}
    for supplier, consumer, told in to_networkx(model).edges(data=True):
        if supplier in known and consumer in known:
            pair = (supplier, consumer)
            links[pair] = max(links.get(pair, 0), round(FULL * told["loses"]))
    found = graph_measures(links, nodes)
    frame = pd.DataFrame({"process": nodes, "sector": [model.sector_of.get(p, "") for p in nodes]})
    for measure in MEASURES:
        frame[measure] = np.array(found[measure], np.int64 if measure in _COUNTS else np.float64)
    return frame


def correlation(
    structure: pd.DataFrame, ranking: pd.DataFrame, effects: Sequence[str] = AXES, most: int = MOST
) -> pd.DataFrame:
    """Say how far each structural measure puts processes in the order in which a simulation puts them.

    Parameters
    ----------
    structure : pandas.DataFrame
        As from :func:`structure`.
    ranking : pandas.DataFrame
        One row per process: ``process`` and the columns named in ``effects``, larger is worse.
    effects : sequence of str
        Simulated effects, each a column of ``ranking``.
    most : int
        How many processes to name as over- and underrated.

    Returns
    -------
    pandas.DataFrame
        One row per effect and measure, in the order of both: ``effect, measure, processes`` (in both frames),
        ``spearman, kendall`` (tau-b; from -1 to 1, not-a-number where all are equal), ``overrated, underrated``: ids,
        the largest rank difference first, separated by a space.

    Raises
    ------
    UsageError
        If a column is missing, a process stands twice, or the two have no process in common.
    """
    rows = []
    for (effect, measure), part in differences(structure, ranking, effects).groupby(["effect", "measure"], sort=False):
        moved = part[part["difference"] != 0].sort_values(["difference", "process"], kind="stable")
        over = part[part["difference"] > 0].sort_values(
            ["difference", "process"], ascending=[False, True], kind="stable"
        )
        rows.append(
            {
                "effect": effect,
                "measure": measure,
                "processes": len(part),
                "spearman": spearman(part["value"].to_numpy(float), part["simulated"].to_numpy(float)),
                "kendall": kendall(part["value"].to_numpy(float), part["simulated"].to_numpy(float)),
                "overrated": " ".join(over["process"].head(most)),
                "underrated": " ".join(moved[moved["difference"] < 0]["process"].head(most)),
            }
        )
    return pd.DataFrame(rows)


def differences(structure: pd.DataFrame, ranking: pd.DataFrame, effects: Sequence[str] = AXES) -> pd.DataFrame:
    """Rank every process by each measure and by each simulated effect, side by side.

    Returns
    -------
    pandas.DataFrame
        One row per effect, measure and process: ``effect, measure, process, value, simulated, structure_rank,
        effect_rank, difference``. Rank 1 is the largest; equal values share the mean of their ranks. The difference is
        effect rank less structure rank: above zero the graph alone puts a process higher than the simulation does
        (overrated), below zero it overlooks it (underrated).

    Raises
    ------
    UsageError
        As :func:`correlation`.
    """
    for name in ("process", *effects):
        if name not in ranking:
            raise UsageError(f"the ranking has no column {name!r}; {did_you_mean(name, map(str, ranking.columns))}")
    for frame in (structure, ranking):
        _once(frame)
    both = structure.merge(ranking[["process", *effects]], on="process").sort_values("process", ignore_index=True)
    if both.empty:
        raise UsageError("the structure and the ranking have no process in common")
    parts = []
    for effect in effects:
        simulated = both[effect].to_numpy(float)
        if np.isnan(simulated).any():
            raise UsageError(f"{effect!r} has no value for {both['process'][int(np.isnan(simulated).argmax())]!r}")
        for measure in (m for m in MEASURES if m in structure):
            value = both[measure].to_numpy(float)
            by_structure, by_effect = ranks(value), ranks(simulated)
            parts.append(
                pd.DataFrame(
                    {
                        "effect": effect, "measure": measure, "process": both["process"], "value": value,
                        "simulated": simulated, "structure_rank": by_structure, "effect_rank": by_effect,
                        "difference": by_effect - by_structure,
                    }
                )
            )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _once(frame: pd.DataFrame) -> None:
    twice = frame["process"][frame["process"].duplicated()]
    if len(twice):
        raise UsageError(f"process {twice.iloc[0]!r} stands in the table more than once; compare one row per process")


# ------------------------------------------------------------------ ranks and how far they agree


def ranks(values: Iterable[float] | Floats) -> Floats:
    """Return ranks from 1 for the largest; equal values share the mean of the ranks they take up together."""
    given = np.asarray(values, np.float64)
    _, where, count = np.unique(-given, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - (count - 1) / 2)[where], np.float64)


def spearman(a: Floats, b: Floats) -> float:
    """Return Spearman's rank correlation: Pearson's of the ranks, ties at their mean rank; NaN where all are equal."""
    # twice the rank is whole, so that the sums are exact
    x, y = (np.rint(2 * ranks(v)).astype(np.int64) for v in (a, b))
    n = len(x)
    sx, sy = int(x.sum()), int(y.sum())
    across = n * int((x * y).sum()) - sx * sy
    spread = (n * int((x * x).sum()) - sx * sx) * (n * int((y * y).sum()) - sy * sy)
    return across / spread**0.5 if spread else float("nan")


def kendall(a: Floats, b: Floats) -> float:
    """Return Kendall's tau-b: pairs in equal order less pairs in opposite order, corrected for ties (Kendall 1945).

    NaN where all of one are equal. Takes N x N bytes.
    """
    x, y = (np.sign(np.subtract.outer(v, v)).astype(np.int8) for v in (np.asarray(a), np.asarray(b)))
    across = int((x * y).sum(dtype=np.int64))
    spread = int(np.count_nonzero(x)) * int(np.count_nonzero(y))
    return across / spread**0.5 if spread else float("nan")
