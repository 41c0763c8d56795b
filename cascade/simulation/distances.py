"""Which places are nearest: the same answer on every machine.

Whoever has a map tells near from far by eye; a program has to say what a tie is. Places are rounded to a millionth of a
degree (about a decimetre) and distances to whole metres, and what is equally far is taken in the order given (own
choices). Only additions, multiplications, divisions and square roots are used, which every processor rounds alike; the
sine of the library is not among these, hence a series here.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

EARTH: Final = 6_371_009
"""Mean radius of the earth in metres (IUGG)."""
DEGREE: Final = 1_000_000
BATCH: Final = 100_000
"""Places looked around at a time, which bounds the memory."""
SPARE: Final = 4
"""So many more than asked for are looked at, so that a tie of a metre is seen."""

_AS_ONE: Final = np.array([1_000 * DEGREE, 1])
"""What makes one number of latitude and longitude."""
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def nearest(from_: Floats, to: Floats, count: int) -> Ints:
    """Find the nearest places as the crow flies.

    Parameters
    ----------
    from_ : float64 (C, 2)
        Latitude and longitude in degrees.
    to : float64 (S, 2)
        As ``from_``; what comes first is taken first of what is equally far.
    count : int
        How many are wanted, 1 or more.

    Returns
    -------
    int64 (C, min(count, S))
        Rows of ``to``, nearest first.

    Notes
    -----
    Compared are straight lines through the earth in whole metres, which order places as the great circles over it do.
    """
    count = min(count, len(to))
    if not count or not len(from_):
        return np.zeros((len(from_), count), np.int64)
    rows, spots = _first_of_each_place(_rounded(to), count)
    # each place once, and in the order of their latitude: what is looked up together lies together
    starts = _rounded(from_)
    _, first, copies = np.unique(starts @ _AS_ONE, return_index=True, return_inverse=True)
    here = _on_sphere(starts[first])
    search = _Search(_on_sphere(spots), rows, count)
    found = [search.around(here[at : at + BATCH]) for at in range(0, len(here), BATCH)]
    return np.asarray(np.concatenate(found)[copies])


def _rounded(places: Floats) -> Ints:
    """Return places in millionths of a degree."""
    return np.rint(np.asarray(places, np.float64) * DEGREE).astype(np.int64)


def _first_of_each_place(places: Ints, count: int) -> tuple[Ints, Ints]:
    """Return the rows that can be chosen, and where they are: of many at one place only the first few can."""
    order = np.lexsort((places[:, 1], places[:, 0]))
    ordered = places[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    at = np.arange(len(order))
    rank = at - np.maximum.accumulate(np.where(new, at, 0))
    kept = np.sort(order[rank < count])
    return kept, places[kept]


class _Search:
    """Places among which the nearest are looked for."""

    def __init__(self, points: Floats, rows: Ints, count: int) -> None:
        from scipy.spatial import cKDTree

        self.points, self.rows, self.count = points, rows, count
        self.tree = cKDTree(points)

    def around(self, here: Floats) -> Ints:
        """Return the nearest rows (C, count) to points on the sphere (C, 3)."""
        found = np.zeros((len(here), self.count), np.int64)
        waiting, looked = np.arange(len(here)), self.count + SPARE
        while waiting.size:
            looked = min(looked, len(self.points))
            near = self.tree.query(here[waiting], looked)[1].reshape(waiting.size, looked).astype(np.int64)
            metres = _metres(here[waiting][:, None], self.points[near])
            order = np.lexsort((self.rows[near], metres), axis=1)
            metres = np.take_along_axis(metres, order, 1)
            chosen = np.take_along_axis(near, order, 1)[:, : self.count]
            found[waiting] = self.rows[chosen]
            # the tree orders by unrounded distances: what it left out is at least as far as the last it found
            unsure = metres[:, self.count - 1] >= metres[:, -1] - 1
            waiting = waiting[unsure] if looked < len(self.points) else waiting[:0]
            looked *= 2
        return found


def _metres(a: Floats, b: Floats) -> Ints:
    """Return the straight lines between points on the unit sphere, in whole metres."""
    x, y, z = (a[..., i] - b[..., i] for i in range(3))
    return np.floor(np.sqrt(x * x + y * y + z * z) * EARTH + 0.5).astype(np.int64)


def _on_sphere(places: Ints) -> Floats:
    """Return points on the unit sphere (C, 3) for places in millionths of a degree."""
    (north, level), (east, along) = (_sine_and_cosine(places[:, i]) for i in range(2))
    return np.stack((level * along, level * east, north), axis=1)


def _sine_and_cosine(angle: Ints) -> tuple[Floats, Floats]:
    """Work out both from their series, for angles in millionths of a degree.

    Whole quarter turns are taken off first, so that at most an eighth of a turn is left and eleven terms are exact to
    the last bit or two.
    """
    quarter = 90 * DEGREE
    turns = (angle + quarter // 2) // quarter
    x = (angle - turns * quarter).astype(np.float64) * (np.pi / (180 * DEGREE))
    square = x * x
    sine, cosine = np.ones_like(x), np.ones_like(x)
    for n in range(22, 0, -2):
        sine = 1.0 - square * sine / (n * (n + 1))
        cosine = 1.0 - square * cosine / (n * (n - 1))
    sine = sine * x
    turned = turns % 4
    return (
        np.choose(turned, [sine, cosine, -sine, -cosine]),
        np.choose(turned, [cosine, -sine, -cosine, sine]),
    )
