"""Uncertain numbers: their names, a quantile for each, and the values that follow.

Three steps, each of which can be replaced on its own: :class:`Numbers` says what is uncertain; :meth:`Numbers.quantiles`
gives every number a quantile for a seed and a sample, :func:`design` a whole set of samples that fills the space more
evenly; :meth:`Numbers.values` turns quantiles into whole seconds, 1/10 000 and euros.

A number's quantile is a function of the seed, the sample and the number's own name, and of nothing else. So numbers
that are added, or that stand in another order, leave the draws of all others alone. The function is Philox 4x32 with ten
rounds (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): the name's hash is the counter, the sample's
``SeedSequence`` gives the key. One generator per name would cost 20 microseconds each; this takes all of them at once, and
its results do not change with a version of numpy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from cascade.errors import UsageError
from cascade.units import Uncertain

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Words = npt.NDArray[np.uint64]

MODE: Final = float("nan")
"""The quantile that means: at its mode. A quantile that moves several values has no other common one for that."""

Kind = Literal["random", "lhs", "sobol"]
KINDS: Final[tuple[Kind, ...]] = ("random", "lhs", "sobol")
MOST_SOBOL: Final = 21_201
"""Numbers that a Sobol sequence has directions for (Joe and Kuo 2008)."""
_SOBOL_BITS: Final = 30

_MULTIPLIERS: Final = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_WEYL: Final = (np.uint64(0x9E3779B9), np.uint64(0xBB67AE85))
_LOW_HALF: Final = np.uint64(0xFFFFFFFF)
_HALF: Final = np.uint64(32)
_ROUNDS: Final = 10


def philox(counter: Words, key: Words) -> Words:
    """Return the four random words that a counter has under a key: Philox 4x32-10.

    Parameters
    ----------
    counter : uint64 (..., 4)
        Words of 32 bits.
    key : uint64 (2)
        Words of 32 bits.

    Returns
    -------
    uint64 (..., 4)
        Words of 32 bits.

    Source
    ------
    Salmon, Moraes, Dror and Shaw (2011), doi 10.1145/2063384.2063405; tested against the values its authors publish.
    """
    a, b, c, d = (counter[..., n] for n in range(4))
    one, two = key[0], key[1]
    for _ in range(_ROUNDS):
        first, second = _MULTIPLIERS[0] * a, _MULTIPLIERS[1] * c
        a, b = (second >> _HALF) ^ b ^ one, second & _LOW_HALF
        c, d = (first >> _HALF) ^ d ^ two, first & _LOW_HALF
        one, two = (one + _WEYL[0]) & _LOW_HALF, (two + _WEYL[1]) & _LOW_HALF
    return np.stack((a, b, c, d), axis=-1)


def _counters(names: Sequence[str]) -> Words:
    """Return what stands for each name (K, 4) in the generator: its hash."""
    hashes = b"".join(blake2b(name.encode(), digest_size=16).digest() for name in names)
    return np.frombuffer(hashes, "<u4").reshape(-1, 4).astype(np.uint64)


def _words(counters: Words, seed: int, sample: int) -> Words:
    """Return the four random words (K, 4) that each number has in a sample."""
    if seed < 0 or sample < 0:
        raise UsageError(f"seed and sample are whole numbers from 0, not {seed} and {sample}")
    key = np.random.SeedSequence(seed, spawn_key=(sample,)).generate_state(2, np.uint32).astype(np.uint64)
    return philox(counters, key)


def _uniform(high: Words, low: Words) -> Floats:
    """Turn two words into a number above 0 and below 1."""
    bits = (high << _HALF | low) >> np.uint64(11)  # as many as a float holds
    return (bits.astype(np.float64) + 0.5) * 2.0**-53


def design(names: Sequence[str], kind: Kind, count: int, seed: int) -> Floats:
    """Return the quantiles of a set of samples.

    Parameters
    ----------
    names : sequence of str
        Of the K numbers, each once.
    kind : str
        ``random``: every sample by itself, as :meth:`Numbers.quantiles` draws it. ``lhs``: Latin hypercube, every
        number once in each of ``count`` equal strata, which are matched at random between numbers. ``sobol``: scrambled
        Sobol sequence, even in several numbers at once; for a few dozen of them. With hundreds some pairs go together
        (correlations of 0.9 among 900 numbers in 1,024 samples).
    count : int
        Samples, 1 or more; for ``sobol`` rounded up to a power of two, without which it loses its balance.
    seed : int

    Returns
    -------
    float (samples, K)
        Above 0 and below 1; equal for equal arguments.

    Raises
    ------
    UsageError
        If there are no samples, or too many numbers for a Sobol sequence.

    Notes
    -----
    With ``random`` and ``lhs`` a number's column follows from its own name, so that other numbers may come and go
    without moving it; with ``lhs`` another ``count`` draws anew. With ``sobol`` the columns are dealt out in the order of
    the names: another set of numbers, or another version of scipy, may move all of them.

    Source
    ------
    McKay, Beckman and Conover (1979), doi 10.2307/1268522; Sobol (1967) with the directions of Joe and Kuo (2008),
    doi 10.1137/070709359, scrambled as scipy does it (Matousek 1998).
    """
    if count < 1:
        raise UsageError(f"samples: a number of 1 or more, not {count}")
    if kind == "sobol":
        return _sobol(names, count, seed)
    counters = _counters(names)
    words = np.stack([_words(counters, seed, sample) for sample in range(count)])
    u = _uniform(words[..., 0], words[..., 1])
    if kind == "random":
        return u
    stratum = np.argsort(np.argsort(u, axis=0, kind="stable"), axis=0, kind="stable")
    within = _uniform(words[..., 2], words[..., 3])
    return np.clip((stratum + within) / count, 2.0**-53, 1 - 2.0**-53)


def _sobol(names: Sequence[str], count: int, seed: int) -> Floats:
    from scipy.stats import qmc

    if len(names) > MOST_SOBOL:
        raise UsageError(f"a Sobol sequence has room for {MOST_SOBOL} numbers, not {len(names)}; use lhs")
    if seed < 0:
        raise UsageError(f"seed: a whole number from 0, not {seed}")
    power = (count - 1).bit_length()
    if not names:
        return np.zeros((1 << power, 0))
    if power > _SOBOL_BITS:
        raise UsageError(f"a Sobol sequence has at most {1 << _SOBOL_BITS} samples, not {count}; use random")
    made = qmc.Sobol(len(names), bits=_SOBOL_BITS, seed=np.random.default_rng(np.random.SeedSequence(seed)))
    # points lie on the edge of their cell, and the first cell begins at 0
    u = made.random_base2(power) + 0.5 * 2.0**-_SOBOL_BITS
    order = np.argsort(np.argsort(np.array(names, object), kind="stable"), kind="stable")
    return np.asarray(u[:, order])


class Number(NamedTuple):
    """Where one uncertain number is written."""

    owner: str
    """Process id; ``measures.ID``; ``events.ID``, or ``events[N]`` with N from 0 where the event has no id."""
    need: str
    """Empty where it belongs to the owner itself."""
    field: str

    @property
    def name(self) -> str:
        """Stable name: ``hospital-care.water.endures``, ``mobile-core.restart``, ``events[3].level``."""
        return ".".join(part for part in self if part)


@dataclass(frozen=True, eq=False)
class Numbers:
    """K uncertain numbers, each with one quantile, and the V values that these move.

    Mostly a number is one value; the losses of a fade are several values that move together.
    """

    numbers: tuple[Number, ...]
    """(K)."""
    of: Ints
    """(V) number that moves a value; -1: none does, the value is certain."""
    low: Ints
    """(V) whole seconds, 1/10 000 or euros."""
    mode: Ints
    high: Ints
    log: Flags
    """(V) whether it is drawn on a log scale: durations, and factors on durations, with low > 0."""

    @property
    def size(self) -> int:
        """K, how many quantiles there are to choose."""
        return len(self.numbers)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """(K)."""
        return tuple(number.name for number in self.numbers)

    def modes(self) -> Floats:
        """Return the quantiles (K) with which every number is at its mode."""
        return np.full(self.size, MODE)

    @cached_property
    def _counters(self) -> Words:
        return _counters(self.names)

    def quantiles(self, seed: int, sample: int) -> Floats:
        """Return the quantiles (K) of one sample, above 0 and below 1; equal for equal names, seeds and samples."""
        words = _words(self._counters, seed, sample)
        return _uniform(words[:, 0], words[:, 1])

    def design(self, kind: Kind, count: int, seed: int) -> Floats:
        """Return the quantiles (samples, K) of a set of samples, see :func:`design`."""
        return design(self.names, kind, count, seed)

    def values(self, u: Floats) -> Ints:
        """Turn quantiles into values, rounded at once so that no noise of the arithmetic gets into a run.

        Parameters
        ----------
        u : float (..., K)
            Quantiles from 0 (all low) to 1 (all high); NaN (``MODE``) is the mode itself.

        Returns
        -------
        int64 (..., V)
            PERT: a beta distribution over [low, high] with alpha = 1 + 4 (mode - low) / (high - low) and
            beta = 1 + 4 (high - mode) / (high - low), of the logarithm where ``log`` says so.

        Raises
        ------
        UsageError
            If there are not K of them, or one is below 0 or above 1.
        """
        from scipy.special import betaincinv

        u = np.asarray(u, np.float64)
        if not u.ndim or u.shape[-1] != self.size:
            raise UsageError(
                f"{self.size} uncertain numbers need as many quantiles, not {u.shape[-1] if u.ndim else 1}"
            )
        if ((u < 0) | (u > 1)).any():
            raise UsageError("a quantile lies from 0 to 1, or is NaN for the mode")
        at = np.concatenate((u, np.full((*u.shape[:-1], 1), MODE)), axis=-1)[..., self.of]
        low, width, alpha, beta = self._shape
        moved = ~np.isnan(at)
        drawn = low + width * betaincinv(alpha, beta, at, where=moved, out=np.zeros_like(at))
        np.exp(drawn, out=drawn, where=self.log)
        drawn = np.rint(np.where(moved, drawn, self.mode)).astype(np.int64)
        return np.asarray(np.clip(drawn, self.low, self.high))

    @cached_property
    def _shape(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Low end, width, alpha and beta (V each), on the scale on which they are drawn."""
        low, mode, high = (
            np.where(self.log, np.log(np.where(self.log, v, 1)), v) for v in (self.low, self.mode, self.high)
        )
        width = high - low
        safe = np.where(width > 0, width, 1)
        return low, width, 1 + 4 * (mode - low) / safe, 1 + 4 * (high - mode) / safe


class Listing:
    """Numbers and values as they are found."""

    def __init__(self) -> None:
        self.numbers: list[Number] = []
        self.rows: list[tuple[int, int, int, int, bool]] = []

    def add(self, number: Number, *triples: Uncertain | None, time: bool = False) -> list[int]:
        """Note a number; return where its values stand, -1 for those that are certain or not written."""
        places = []
        for triple in triples:
            if triple is None or triple.certain:
                places.append(-1)
                continue
            if not self.numbers or self.numbers[-1] != number:
                self.numbers.append(number)
            places.append(len(self.rows))
            self.rows.append((len(self.numbers) - 1, *triple, time and triple.low > 0))
        return places

    def certain(self, value: int) -> int:
        """Note a value that nothing moves; return where it stands."""
        self.rows.append((-1, value, value, value, False))
        return len(self.rows) - 1

    def built(self) -> Numbers:
        """Return what was found."""
        columns = np.array(self.rows, np.int64).reshape(-1, 5).T
        of, low, mode, high, log = columns
        return Numbers(tuple(self.numbers), of, low, mode, high, log.astype(np.bool_))
