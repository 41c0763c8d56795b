"""How sure an order is: intervals, ranks and their probabilities over samples, with ties as ties.

Nothing here knows of models: plain functions on ``effects`` (samples, cases), of which more is worse and ranks first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from cascade.errors import UsageError
from cascade.results.shortfall import Flags, Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

Effects = npt.NDArray[Any]
"""Whole numbers or fractions (samples, cases)."""

POINTS: Final = (5, 50, 95)
"""Per cent of the samples at or below the ends and the middle of an interval."""
SURE: Final = 95
"""Per cent of the samples in which one case must pass another before their order is called sure."""

# ------------------------------------------------------------------ samples to statements


def _checked(effects: Effects) -> Effects:
    found = np.asarray(effects)
    if found.ndim != 2 or not found.shape[0]:
        raise UsageError(f"effects: one row for each sample and one column for each case, not shape {found.shape}")
    if found.dtype.kind not in "iuf" or (found.dtype.kind == "f" and np.isnan(found).any()):
        raise UsageError("effects: numbers only, none of them missing")
    return found


def intervals(effects: Effects, points: Sequence[float] = POINTS) -> Effects:
    """Return the value that so many per cent of the samples do not pass, for each case.

    Parameters
    ----------
    effects : (samples, cases)
    points : sequence of float
        Per cent, above 0 and at most 100.

    Returns
    -------
    (points, cases)
        Nearest rank: values that really occurred, of the type of ``effects``; never one between two samples.
    """
    effects = _checked(effects)
    if not all(0 < p <= 100 for p in points):
        raise UsageError("points of an interval are above 0 and at most 100 per cent")
    rows = [int(np.ceil(np.round(p * len(effects) / 100, 9))) - 1 for p in points]
    return np.asarray(np.sort(effects, axis=0)[rows])


def ranks(effects: Effects) -> tuple[Ints, Ints]:
    """Rank the cases of each sample, the greatest first.

    Returns
    -------
    rank : int64 (samples, cases)
        From 1; equal values share the best rank of their group, and the ranks after it are left out (1, 2, 2, 4).
    tied : int64 (samples, cases)
        How many share that rank, the case itself among them.
    """
    effects = _checked(effects)
    ascending = np.sort(effects, axis=1)
    rank = np.empty(effects.shape, np.int64)
    tied = np.empty(effects.shape, np.int64)
    for row, (values, own) in enumerate(zip(ascending, effects, strict=True)):
        after = np.searchsorted(values, own, side="right")
        rank[row] = 1 + values.size - after
        tied[row] = after - np.searchsorted(values, own, side="left")
    return rank, tied


def acceptability(effects: Effects) -> Floats:
    """Return the probability of each rank.

    Returns
    -------
    float (cases, ranks)
        Column r is rank r + 1. Rows add up to 1, and so do columns: m cases that tie over the ranks r to r + m - 1 get
        one part in m of each of them, as if lots were drawn. Whole counts are divided only at the end.

    Source
    ------
    Rank acceptability: Lahdelma and Salminen (2001), SMAA-2, doi 10.1287/opre.49.3.444.11220; the sharing of ties is our
    own choice, as the only one that favours nobody.
    """
    return _acceptability(*ranks(effects))


def _acceptability(rank: Ints, tied: Ints) -> Floats:
    samples, cases = rank.shape
    who = np.broadcast_to(np.arange(cases), rank.shape)
    found = np.zeros((cases, cases))
    for size in np.unique(tied).tolist():
        here = tied == size
        opened = np.zeros((cases, cases + 1), np.int64)
        np.add.at(opened, (who[here], rank[here] - 1), 1)
        np.add.at(opened, (who[here], rank[here] - 1 + size), -1)
        found += np.cumsum(opened, axis=1)[:, :cases] / size
    return np.asarray(found / samples)


def top(effects: Effects, k: int) -> Floats:
    """Return the probability of each case (cases) to be among the first k; a tie over the border shares the places."""
    return _in_top(*ranks(effects), k)


def _in_top(rank: Ints, tied: Ints, k: int) -> Floats:
    if k < 1:
        raise UsageError(f"top: a number of 1 or more, not {k}")
    return np.asarray(np.clip((k - (rank - 1)) / tied, 0.0, 1.0).mean(axis=0))


def wins(effects: Effects) -> Floats:
    """Return the probability that one case passes another.

    Returns
    -------
    float (cases, cases)
        Row against column, equal values counting half; so ``wins + wins.T`` is 1 and the diagonal 1/2.
    """
    return _wins(ranks(effects)[0])


def _wins(rank: Ints) -> Floats:
    """Compare ranks instead of effects: the same order, in fewer bytes."""
    samples, count = rank.shape
    small = np.ascontiguousarray(rank.T.astype(np.int32 if count > np.iinfo(np.int16).max else np.int16))
    twice = np.full((count, count), samples, np.int64)
    for case in range(count - 1):
        own, rest = small[case], small[case + 1 :]
        twice[case, case + 1 :] = np.count_nonzero(own < rest, axis=1) + np.count_nonzero(own <= rest, axis=1)
        twice[case + 1 :, case] = 2 * samples - twice[case, case + 1 :]
    return np.asarray(twice / (2 * samples))


def unsure(won: Floats, sure: float = SURE) -> Flags:
    """Say of which pairs (cases, cases) the order is not sure: either passes the other in too few of the samples."""
    found = np.maximum(won, won.T) < sure / 100
    np.fill_diagonal(found, False)
    return np.asarray(found)


def groups(won: Floats, order: Ints, sure: float = SURE) -> Ints:
    """Cut an order into groups between which it is sure.

    Parameters
    ----------
    won : float (cases, cases)
        From :func:`wins`.
    order : int64 (cases)
        The cases, the first one first.
    sure : float
        Per cent.

    Returns
    -------
    int64 (cases)
        Group of each case, from 1. Every case of a group passes every case of all later groups in at least so many per
        cent of the samples; the groups are the smallest of which that holds. Within a group some pairs may be sure all
        the same: a group only says that no cut goes through it.
    """
    ahead = won[np.ix_(order, order)] >= sure / 100
    count = order.size
    group = np.empty(count, np.int64)
    number, open_pairs = 0, 0
    # how many pairs reach over the cut before place n without being sure: none means that a group ends there
    for place in range(count):
        if place == 0 or open_pairs == 0:
            number += 1
        group[order[place]] = number
        open_pairs += int((~ahead[place, place + 1 :]).sum()) - int((~ahead[:place, place]).sum())
    return group


def standard_error(share: float | Floats, samples: int) -> Floats:
    """Return the standard error of a share of so many samples.

    With two samples more of either kind, so that 0 and 1 out of few samples are not called certain. For samples that are
    drawn independently; those of a Latin hypercube or a Sobol sequence are mostly better than this.

    Source
    ------
    Agresti and Coull (1998), doi 10.1080/00031305.1998.10480550.
    """
    if samples < 1:
        raise UsageError(f"samples: a number of 1 or more, not {samples}")
    near = (np.asarray(share, np.float64) * samples + 2) / (samples + 4)
    return np.asarray(np.sqrt(near * (1 - near) / (samples + 4)))


@dataclass(frozen=True, eq=False)
class Doubt:
    """How sure an order is, over samples; cases in order of their mean rank, equal ones by label."""

    samples: int
    top: int
    cases: "pd.DataFrame"
    """One row per case: ``label, low, median, high`` (5, 50 and 95 per cent of the samples), ``mean_rank`` (a tie counts
    as the middle of its ranks), ``rank_low, rank_median, rank_high``, ``first`` and ``in_top`` (probability), ``in_top_error``
    (standard error), ``ties`` (share of the samples in which it shares its rank), ``group``, ``rivals`` (how many cases it
    is not surely before or after)."""
    ranks: "pd.DataFrame"
    """Rank acceptability: ``label, rank, probability``, those above 0."""
    pairs: "pd.DataFrame"
    """Pairs whose order is not sure: ``label, other, passes`` (probability that the first passes the second), ``error``;
    each pair once, as they stand in ``cases``."""
    wins: Floats = field(repr=False)
    """(cases, cases) in the order of ``cases``."""


def doubt(effects: Effects, labels: Sequence[str], top: int = 10) -> Doubt:
    """Say how sure an order of cases is.

    Parameters
    ----------
    effects : (samples, cases)
        The greater the earlier.
    labels : sequence of str
        Of the cases.
    top : int
        Of how many first places the probability is wanted.

    Returns
    -------
    Doubt

    Raises
    ------
    UsageError
        If shapes do not fit, or a number is missing.
    """
    effects = _checked(effects)
    samples, count = effects.shape
    if len(labels) != count:
        raise UsageError(f"{count} cases need as many labels, not {len(labels)}")
    rank, tied = ranks(effects)
    mean_rank = (2 * rank + tied - 1).sum(axis=0) / (2 * samples)
    order = np.array(sorted(range(count), key=lambda c: (mean_rank[c], labels[c])), np.int64)
    won, accepted, in_top = _wins(rank), _acceptability(rank, tied), _in_top(rank, tied, top)
    ends = dict(zip(("low", "median", "high"), intervals(effects), strict=True))
    rank_ends = dict(zip(("rank_low", "rank_median", "rank_high"), intervals(rank), strict=True))
    columns: dict[str, npt.NDArray[Any]] = {
        "label": np.array(labels, object),
        **ends,
        "mean_rank": mean_rank,
        **rank_ends,
        "first": accepted[:, :1].sum(axis=1),
        "in_top": in_top,
        "in_top_error": standard_error(in_top, samples),
        "ties": (tied > 1).mean(axis=0),
        "group": groups(won, order),
        "rivals": unsure(won).sum(axis=1),
    }
    return _framed({key: values[order] for key, values in columns.items()}, accepted[order], won, order, samples, top)


def _framed(
    columns: dict[str, npt.NDArray[Any]], accepted: Floats, won: Floats, order: Ints, samples: int, top: int
) -> Doubt:
    """Put what was found, already in order but for ``won``, into frames."""
    import pandas as pd

    named, passes = columns["label"], won[np.ix_(order, order)]
    case, place = np.nonzero(accepted)
    first, second = np.nonzero(np.triu(unsure(passes)))
    chances = {"label": named[case], "rank": place + 1, "probability": accepted[case, place]}
    error = standard_error(passes[first, second], samples)
    pairs = {"label": named[first], "other": named[second], "passes": passes[first, second], "error": error}
    return Doubt(samples, top, pd.DataFrame(columns), pd.DataFrame(chances), pd.DataFrame(pairs), passes)
