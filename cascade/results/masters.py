"""The one door to the solver of linear programs with whole numbers (HiGHS, through scipy).

A master problem says which plans are still worth a look. The solver works with floating point, so a caller whose bound must
hold to the last unit takes the margin of :data:`MARGIN` off, and checks every plan against its limits himself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]
Sparse = Mapping[int, float] | tuple[Sequence[int] | npt.NDArray[np.int64], Sequence[float] | npt.NDArray[np.generic]]
"""What stands before each variable in a row: number and coefficient, or a list of both."""
Rows = Sequence[tuple[Sparse, float, float]]
"""Rows, each with its least and greatest value; infinite for none."""
Status = Literal["optimal", "infeasible", "time", "failed"]

MARGIN: Final = 1e-6
"""Relative error of a bound, from the tolerances of the solver."""

_STATUS: Final[dict[int, Status]] = {0: "optimal", 1: "time", 2: "infeasible", 3: "failed", 4: "failed"}


@dataclass(frozen=True, eq=False)
class Answer:
    """What the solver found."""

    x: Floats | None
    """The best point found (n), whole variables rounded; None if there is none."""
    value: float
    """Its cost; infinite without one."""
    bound: float
    """A proven lower bound on the cost of every point; infinite if there is none at all, minus infinity if unknown."""
    status: Status
    """``optimal``: within the gap; ``time``: stopped by the clock; ``infeasible``: proven that there is no point."""

    @property
    def chosen(self) -> frozenset[int]:
        """Numbers of the variables that are 1 or more in the best point; empty without one."""
        return frozenset() if self.x is None else frozenset(np.flatnonzero(self.x > 0.5).tolist())


def minimise(
    cost: Sequence[float] | npt.NDArray[np.generic],
    rows: Rows,
    whole: Sequence[bool] | npt.NDArray[np.bool_] | bool = True,
    lower: Sequence[float] | npt.NDArray[np.generic] | float = 0.0,
    upper: Sequence[float] | npt.NDArray[np.generic] | float = 1.0,
    seconds: float = np.inf,
    gap: float = 0.0,
) -> Answer:
    """Minimise a linear cost under rows of limits; the same answer every time unless the clock stops it.

    Parameters
    ----------
    cost : sequence of float (n)
    rows : Rows
    whole : sequence of bool (n) or bool
        Which variables are whole numbers.
    lower, upper : sequence of float (n) or float
        Least and greatest value of each variable.
    seconds : float
        At most this long.
    gap : float
        Stop when value and bound differ by no more than this share of the value.

    Raises
    ------
    ValueError
        If a row names a variable that is not there.
    """
    prices = np.asarray(cost, np.float64)
    n = prices.size
    kinds = np.broadcast_to(np.asarray(whole, np.bool_), (n,))
    least, most = (np.broadcast_to(np.asarray(side, np.float64), (n,)) for side in (lower, upper))
    if n == 0:
        empty = all(low <= 0 <= high for _, low, high in rows)
        return Answer(np.zeros(0), 0.0, 0.0, "optimal") if empty else Answer(None, np.inf, np.inf, "infeasible")
    if seconds <= 0:
        return Answer(None, np.inf, -np.inf, "time")
    result = milp(
        prices,
        integrality=kinds.astype(np.uint8),
        bounds=Bounds(least, most),
        constraints=_constraints(rows, n),
        options={"mip_rel_gap": gap, **({"time_limit": float(seconds)} if np.isfinite(seconds) else {})},
    )
    status = _STATUS[int(result.status)]
    if status == "failed" and result.x is None and np.isfinite(least).all() and np.isfinite(most).all():
        # with all variables bounded, "infeasible or unbounded" leaves one of the two
        status = "infeasible" if "infeasible" in str(result.message).lower() else "failed"
    if status == "infeasible":
        return Answer(None, np.inf, np.inf, "infeasible")
    return _answer(result.x, prices, kinds, result.mip_dual_bound, status)


def _constraints(rows: Rows, n: int) -> list[LinearConstraint]:
    if not rows:
        return []
    at: list[npt.NDArray[np.int64]] = []
    values: list[Floats] = []
    for terms, _, _ in rows:
        numbers, factors = (list(terms), list(terms.values())) if isinstance(terms, Mapping) else terms
        at.append(np.asarray(numbers, np.int64).ravel())
        values.append(np.asarray(factors, np.float64).ravel())
    starts = np.concatenate(([0], np.cumsum([part.size for part in at])))
    every = np.concatenate(at)
    if every.size and not 0 <= int(every.min()) <= int(every.max()) < n:
        raise ValueError(f"a row names variable {int(every.max())} of {n}")
    matrix = csr_array((np.concatenate(values), every, starts), shape=(len(rows), n))
    matrix.sum_duplicates()
    return [LinearConstraint(matrix, [low for _, low, _ in rows], [high for _, _, high in rows])]


def _answer(x: Floats | None, cost: Floats, whole: npt.NDArray[np.bool_], dual: float | None, status: Status) -> Answer:
    bound = -np.inf if dual is None or np.isnan(dual) else float(dual)
    if x is None:
        return Answer(None, np.inf, bound, status)
    point = np.where(whole, np.round(x), x) + 0.0  # no minus zero
    value = float(cost @ point)
    if not whole.any() and status == "optimal":
        bound = value if dual is None or not np.isfinite(bound) else bound
    return Answer(point, value, bound, status)
