"""Which failures are worst: every process (or copy) out alone, on two axes, and how far an order of them can be trusted.

The axes are how large the cascade is and how much it takes away of the basic needs. There is no hidden total: processes
are put in order by Pareto layer and then by the cascade, and whoever wants one number names the weights (a lens) and sees
them, with what other weights would have made of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt

from cascade.errors import UsageError, did_you_mean
from cascade.model import Model
from cascade.results.doubt import Doubt, doubt, top
from cascade.results.effects import CLEAR, COLUMN, CONSUMER, EFFECTS, INDICATOR, Meter
from cascade.results.structure import kendall
from cascade.simulation.ensemble import prepare_draws
from cascade.simulation.farm import Job, run_tasks
from cascade.simulation.network import Network, compile_network
from cascade.simulation.numbers import Kind, design
from cascade.simulation.sweep import (
    BY_FOLDER,
    DURATIONS,
    Case,
    Of,
    SampledJob,
    SweepJob,
    by_folder,
    cases,
    seconds,
    split,
)
from cascade.units import DAY, FULL, HOUR, format_duration

if TYPE_CHECKING:
    import pandas as pd

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]
Scale = Literal["largest", "ranks"]

AXES: Final = ("cascade_hours", "basic_hours")
"""The two that make the Pareto layers: size of the cascade, people without a basic need."""
LENSES: Final[dict[str, dict[str, float]]] = {
    "both-axes": {"cascade_hours": 0.5, "basic_hours": 0.5},
    "basic-needs": {"basic_hours": 0.5, "basic_peak": 0.25, "basic_beyond": 0.25},
    "economy": {"euros": 1.0},
    "defence-support": {"defence_hours": 1.0},
    "quick-effect": {"quick_hours": 0.5, "quick_basic": 0.5},
}
"""Ways to look, each with its weights. Own choice; replace them or add your own."""
FREELY: Final = ("cascade_hours", "basic_hours", "euros", "defence_hours", "quick_hours")
"""Measures over which weights are drawn to see which places do not hang on them: one for each way to look."""
WEIGHABLE: Final = tuple(name for name in EFFECTS if name not in ("first_s", "half_s"))
"""Measures of which more is worse."""
DRAWS: Final = 2_000
"""Weightings drawn, evenly from all that add up to 1."""
TOP: Final = 10
MAIN: Final = DAY
"""Duration that is shown first, if it is among those asked for."""
OWED: Final = 5
"""Others that a process owes most to."""
MOST_CELLS: Final = 5_000_000
"""Cases x durations x processes beyond which it is not kept what became of each process."""
_IN_HOURS: Final = (
    "own_hours",
    "cascade_hours",
    "basic_hours",
    "basic_beyond",
    "defence_hours",
    "quick_hours",
    "quick_basic",
)


@dataclass(frozen=True, eq=False)
class Ranking:
    """What every single failure does, and the orders that follow; frames are in order, worst first.

    In frames hours are fractions of hours, times to an effect NaN where there is none, shares from 0 to 1. Processes
    tagged ``indicator`` only mirror others: they do not count as an effect and do not fail here.
    """

    model: Model = field(repr=False)
    network: Network = field(repr=False)
    of: Of
    cases: tuple[Case, ...] = field(repr=False)
    durations: tuple[int, ...]
    """Seconds, rising."""
    effects: Ints = field(repr=False)
    """(cases, durations, measures), exact, as `effects.EFFECTS` names them."""
    lenses: Mapping[str, Mapping[str, float]]
    """Weights by name, adding up to 1."""
    scale: Scale
    top: int
    """How many places count as the top."""
    seed: int
    sampled: Ints | None = field(default=None, repr=False)
    """(samples, cases, measures) for the main duration."""
    processes: Ints | None = field(default=None, repr=False)
    """(cases, durations, P, 3) what became of each process; None where that would be too much to keep."""

    def _repr_html_(self) -> str:
        """Show itself in a notebook."""
        import cascade

        return cascade.html(self)

    @property
    def labels(self) -> tuple[str, ...]:
        """What the cases are called: a process, or ``process@REGION``."""
        return tuple(case.label for case in self.cases)

    @property
    def samples(self) -> int:
        """How often the uncertain numbers were drawn."""
        return 0 if self.sampled is None else self.sampled.shape[0]

    @property
    def main(self) -> int:
        """The duration that is shown first: a day, else the shortest (seconds)."""
        return MAIN if MAIN in self.durations else self.durations[0]

    def measure(self, name: str, duration: int | str | None = None) -> Ints:
        """Return one measure of every case."""
        return self.effects[:, self._at(duration), _column(name)]

    def _at(self, duration: int | str | None) -> int:
        wanted = self.main if duration is None else seconds([duration])[0]
        if wanted not in self.durations:
            known = ", ".join(format_duration(d) for d in self.durations)
            raise UsageError(f"this ranking has no failures of {format_duration(wanted)} (it has: {known})")
        return self.durations.index(wanted)

    # ------------------------------------------------------------------ the two axes

    def layers(self, duration: int | str | None = None) -> Ints:
        """Return the Pareto layer of every case on the two axes; 1 is the front."""
        return pareto_layers(*(self.measure(axis, duration) for axis in AXES))

    def table(self, duration: int | str | None = None) -> "pd.DataFrame":
        """Return every case with all that is counted, by Pareto layer and then by cascade.

        Parameters
        ----------
        duration : int or str, optional
            Seconds, or text such as ``"72h"``; by default the main one.

        Returns
        -------
        pandas.DataFrame
            ``rank`` (equal layer and cascade: equal rank), ``layer``, ``front``, ``label, process, region, sector``,
            ``duration_h``, then the measures of `effects.EFFECTS` in hours and people, ``first_h`` and ``half_h`` for
            those in seconds, ``amplification`` (cascade over own loss; NaN where nobody relies on it directly); with
            samples also ``cascade_low, cascade_high, basic_low, basic_high`` (5 and 95 per cent), ``in_top`` and
            ``in_top_error`` (probability to be in the top by cascade), ``rank_low, rank_high, group`` (by cascade).
        """
        import pandas as pd

        k = self._at(duration)
        found = self.effects[:, k]
        layer = self.layers(duration)
        order = self.order(duration)
        process = [case.label.partition("@")[0] for case in self.cases]
        frame = pd.DataFrame(
            {
                "rank": _ranked(-layer, found[:, COLUMN["cascade_hours"]]),
                "layer": layer,
                "front": (layer == 1) & found[:, [COLUMN[axis] for axis in AXES]].any(axis=1),
                "label": self.labels,
                "process": process,
                "region": [case.label.partition("@")[2] for case in self.cases],
                "sector": [self.model.sector_of.get(p, "") for p in process],
                "duration_h": self.durations[k] / HOUR,
                **{name: _told(name, found[:, COLUMN[name]]) for name in EFFECTS if not name.endswith("_s")},
                **{f"{n}_h": _times(found[:, COLUMN[f"{n}_s"]]) for n in ("first", "half")},
                "amplification": _ratio(found[:, COLUMN["cascade_hours"]], found[:, COLUMN["own_hours"]]),
            }
        )
        if self.sampled is not None and self.durations[k] == self.main:
            frame = self._with_doubt(frame)
        return frame.iloc[order].reset_index(drop=True)

    def _with_doubt(self, frame: "pd.DataFrame") -> "pd.DataFrame":
        cascade = self.doubt("cascade_hours").cases.set_index("label").loc[list(self.labels)]
        basic = self.doubt("basic_hours").cases.set_index("label").loc[list(self.labels)]
        return frame.assign(
            cascade_low=cascade["low"].to_numpy() / HOUR,
            cascade_high=cascade["high"].to_numpy() / HOUR,
            basic_low=basic["low"].to_numpy() / HOUR,
            basic_high=basic["high"].to_numpy() / HOUR,
            in_top=cascade["in_top"].to_numpy(),
            in_top_error=cascade["in_top_error"].to_numpy(),
            rank_low=cascade["rank_low"].to_numpy(),
            rank_high=cascade["rank_high"].to_numpy(),
            group=cascade["group"].to_numpy(),
        )

    def order(self, duration: int | str | None = None) -> Ints:
        """Return the cases (numbers) by Pareto layer, then by cascade, then by name."""
        layer, cascade = self.layers(duration), self.measure("cascade_hours", duration)
        return np.array(sorted(range(len(self.cases)), key=lambda c: (layer[c], -cascade[c], self.labels[c])), np.int64)

    def front(self, duration: int | str | None = None) -> "pd.DataFrame":
        """Return the cases that no other surpasses on both axes, equal ones all; none where nothing has an effect."""
        table = self.table(duration)
        return table[table["front"]].reset_index(drop=True)

    # ------------------------------------------------------------------ lenses

    def score(self, lens: str, duration: int | str | None = None) -> Floats:
        """Return the score of every case under a lens, from 0 to 1."""
        if lens not in self.lenses:
            raise UsageError(f"no lens {lens!r}; {did_you_mean(lens, self.lenses)}")
        return self._weighed(self.lenses[lens], duration)

    def _weighed(self, weights: Mapping[str, float], duration: int | str | None) -> Floats:
        parts = [w * scaled(self.measure(m, duration), self.scale) for m, w in weights.items()]
        # rounded, so that what is equal stays equal whatever the order of adding up
        return np.asarray(np.round(np.sum(parts, axis=0), 12))

    def scores(self, lens: str, duration: int | str | None = None) -> "pd.DataFrame":
        """Return the order under one lens, with what each measure adds to it.

        Returns
        -------
        pandas.DataFrame
            ``rank, label, lens, score`` (0 to 1) and, for each measure of the lens, its part of the score (weight times
            its share of the largest, or of the ranks).
        """
        import pandas as pd

        score = self.score(lens, duration)
        weights = self.lenses[lens]
        frame = pd.DataFrame(
            {
                "rank": _ranked(score),
                "label": self.labels,
                "lens": lens,
                "score": score,
                **{m: w * scaled(self.measure(m, duration), self.scale) for m, w in weights.items()},
            }
        )
        return frame.sort_values(["rank", "label"], kind="stable", ignore_index=True)

    @cached_property
    def by_lens(self) -> "pd.DataFrame":
        """Rank of every case under every lens, at the main duration: ``label``, then one column a lens."""
        import pandas as pd

        found = {lens: _ranked(self.score(lens)) for lens in self.lenses}
        return pd.DataFrame({"label": self.labels, **found}).iloc[self.order()].reset_index(drop=True)

    @cached_property
    def stability(self) -> "pd.DataFrame":
        """How far two orders agree.

        Columns ``kind`` (lens: two lenses at the main duration; duration: the cascades of two durations), ``a, b``,
        ``tau`` (Kendall's tau-b, -1 to 1; NaN where all are equal), ``same_top`` (share of the top places in common,
        ties at the last place shared out).
        """
        import pandas as pd

        lenses = [("lens", lens, self.score(lens)) for lens in self.lenses]
        told = [format_duration(d) for d in self.durations]
        lasting = [
            ("duration", name, self.measure(AXES[0], d).astype(float))
            for name, d in zip(told, self.durations, strict=True)
        ]
        rows = [
            {"kind": kind, "a": a, "b": b, "tau": kendall(x, y), "same_top": self._same_top(x, y)}
            for group in (lenses, lasting)
            for n, (kind, a, x) in enumerate(group)
            for _, b, y in group[n + 1 :]
        ]
        return pd.DataFrame(rows, columns=["kind", "a", "b", "tau", "same_top"])

    def _same_top(self, a: Floats, b: Floats) -> float:
        """Return the part of the top that two orders have in common; where the last place is shared, in parts."""
        k = min(self.top, len(self.cases))
        return float(np.minimum(top(a[None], k), top(b[None], k)).sum() / k) if k else 1.0

    @cached_property
    def weightings(self) -> "pd.DataFrame":
        """What becomes of the places when the weights of five measures are drawn at will, at the main duration.

        Columns ``label``, ``in_top`` (share of the weightings in which it is in the top), ``best, worst`` (rank),
        ``first`` (share in which it is first); in order of ``in_top``.
        """
        import pandas as pd

        weights = np.random.default_rng(self.seed).dirichlet(np.ones(len(FREELY)), DRAWS)
        values = np.array([scaled(self.measure(m), self.scale) for m in FREELY])
        score = np.round(weights @ values, 12)
        k = min(self.top, len(self.cases))
        rank = 1 + np.array([np.searchsorted(np.sort(-row), -row) for row in score])
        frame = pd.DataFrame(
            {
                "label": self.labels,
                "in_top": top(score, k),
                "first": top(score, 1),
                "best": rank.min(axis=0),
                "worst": rank.max(axis=0),
            }
        )
        return frame.sort_values(["in_top", "first", "label"], ascending=[False, False, True], ignore_index=True)

    # ------------------------------------------------------------------ doubt

    def doubt(self, measure: str = "cascade_hours") -> Doubt:
        """Say how sure the order by one measure is, over the samples, at the main duration.

        Raises
        ------
        UsageError
            If nothing was sampled.
        """
        if self.sampled is None:
            raise UsageError("this ranking has no samples; ask for them with samples=200")
        if measure not in self._doubts:
            self._doubts[measure] = doubt(self.sampled[:, :, _column(measure)], self.labels, self.top)
        return self._doubts[measure]

    @cached_property
    def _doubts(self) -> dict[str, Doubt]:
        return {}

    # ------------------------------------------------------------------ the other way round

    def _consumers(self) -> Ints:
        if self.processes is None:
            raise UsageError("too many cases to keep what became of each process; rank processes instead of copies")
        return self.processes

    @cached_property
    def vulnerability(self) -> "pd.DataFrame":
        """How often and how soon each process falls when something else fails alone, for each duration.

        Columns ``process, sector, duration_h``, ``falls`` (cases in which a copy loses more than 10%), ``share`` (of the
        cases that are not itself), ``soonest_h`` and ``median_h`` (until it has lost 10%, over those), ``deepest`` (share
        lost), ``lost_h`` (hours of total outage, a mean over inhabitants, summed over cases), ``owes_most`` (the case that
        costs it most of them; empty where none does) and ``owes_share``. Most often hit first.
        """
        import pandas as pd

        found = self._consumers()
        own = self._own
        rows = []
        for k, duration in enumerate(self.durations):
            for p, process in enumerate(self.network.processes):
                if self._mirrors(process):
                    continue
                peak, tenth, lost = (found[~own[:, p], k, p, c] for c in range(len(CONSUMER)))
                others = np.flatnonzero(~own[:, p])
                fell = tenth[peak > CLEAR]
                worst = int(np.argmax(lost)) if lost.size else -1
                most = int(lost[worst]) if lost.size else 0
                rows.append(
                    {
                        "process": process,
                        "sector": self.model.sector_of.get(process, ""),
                        "duration_h": duration / HOUR,
                        "falls": int(fell.size),
                        "share": fell.size / max(1, lost.size),
                        "soonest_h": float(fell.min()) / HOUR if fell.size else np.nan,
                        "median_h": float(np.median(fell)) / HOUR if fell.size else np.nan,
                        "deepest": int(peak.max(initial=0)) / FULL,
                        "lost_h": int(lost.sum()) / HOUR,
                        "owes_most": self.labels[others[worst]] if most else "",
                        "owes_share": most / int(lost.sum()) if most else np.nan,
                    }
                )
        frame = pd.DataFrame(rows)
        return frame.sort_values(
            ["duration_h", "falls", "lost_h", "process"], ascending=[True, False, False, True], ignore_index=True
        )

    def owes(self, duration: int | str | None = None, most: int = OWED) -> "pd.DataFrame":
        """Say to whom each process owes most: the failures of others that cost it most hours.

        Returns
        -------
        pandas.DataFrame
            ``process, place`` (1 the most), ``label, lost_h, share`` (of its hours lost to all others), ``peak`` (share
            lost at worst), ``tenth_h`` (hours until it has lost 10%; NaN never).
        """
        import pandas as pd

        k, found, rows = self._at(duration), self._consumers(), []
        for p, process in enumerate(self.network.processes):
            if self._mirrors(process):
                continue
            peak, tenth, lost = (np.where(self._own[:, p], 0, found[:, k, p, c]) for c in range(len(CONSUMER)))
            order = sorted(np.flatnonzero(lost > 0).tolist(), key=lambda c: (-lost[c], self.labels[c]))
            rows += [
                {
                    "process": process,
                    "place": place,
                    "label": self.labels[c],
                    "lost_h": int(lost[c]) / HOUR,
                    "share": int(lost[c]) / int(lost.sum()),
                    "peak": int(peak[c]) / FULL,
                    "tenth_h": int(tenth[c]) / HOUR if peak[c] > CLEAR else np.nan,
                }
                for place, c in enumerate(order[:most], 1)
            ]
        return pd.DataFrame(rows, columns=["process", "place", "label", "lost_h", "share", "peak", "tenth_h"])

    @cached_property
    def _own(self) -> npt.NDArray[np.bool_]:
        """Whether a case is a failure of a process itself, or of a copy of it (cases, P)."""
        of = [self.network.process_of[case.instances[0]] for case in self.cases]
        return np.asarray(np.equal.outer(np.array(of), np.arange(len(self.network.processes))))

    def _mirrors(self, process: str) -> bool:
        return INDICATOR in self.model.processes[process].tags


def rank(
    model: Model,
    durations: Sequence[int | str] | str = DURATIONS,
    of: Of = "processes",
    *,
    lenses: Mapping[str, Mapping[str, float]] | None = None,
    weights: Mapping[str, float] | None = None,
    scale: Scale = "largest",
    top: int = TOP,
    samples: int = 0,
    seed: int = 1,
    kind: Kind = "lhs",
    workers: int = 1,
    cluster: str | None = None,
    store: str | Path | None = None,
    progress: Progress | None = None,
) -> Ranking:
    """Let every process, or every copy of it, fail alone, and see what that does.

    Parameters
    ----------
    model : Model
    durations : sequence of int or str
        How long things are out: seconds, or text such as ``"24h"``. Each run goes on for 14 days after that.
    of : {"processes", "copies"}
        A process everywhere at once, or one copy of it (``process@REGION``).
    lenses, weights : mapping, optional
        Weights by measure, by name of a lens (by default `LENSES`); and of one more, ``own``. They are scaled to sum to 1.
    scale : {"largest", "ranks"}
        What is weighed: a measure as a share of its largest over all cases, or the share of other cases it surpasses.
    top, samples, seed : int
        How many places count as the top; how often the uncertain numbers are drawn, for failures of the main duration (a
        day, else the shortest); and of those draws and of the weightings tried.
    kind : {"lhs", "sobol", "random"}
        How they are drawn: see :func:`cascade.simulation.numbers.design`.
    workers, cluster, store, progress
        See `farm.run_tasks`; nothing depends on them. A store holds a folder for each part of the work.

    Returns
    -------
    Ranking

    Raises
    ------
    UsageError
        If a duration, a measure, a weight or a choice is none.
    CascadeError
        If a failure does not settle.
    """
    lasting = seconds([durations] if isinstance(durations, str) else durations)
    chosen = _lenses(LENSES if lenses is None else lenses, weights)
    if scale not in ("largest", "ranks"):
        raise UsageError(f"a measure is scaled by 'largest' or by 'ranks', not by {scale!r}")
    if samples < 0 or top < 1:
        raise UsageError(f"samples from 0 and a top from 1, not {samples} and {top}")
    how = {"workers": workers, "cluster": cluster}
    return _simulated(model, lasting, of, chosen, scale, top, (samples, seed, kind), how, store, progress)


def _simulated(
    model: Model,
    lasting: tuple[int, ...],
    of: Of,
    lenses: dict[str, dict[str, float]],
    scale: Scale,
    top: int,
    drawing: tuple[int, int, Kind],
    how: dict[str, Any],
    store: str | Path | None,
    progress: Progress | None,
) -> Ranking:
    """Let everything fail once, and then once for each sample."""
    samples, seed, kind = drawing
    job = _all_single(model, of, lasting)
    parts = _Parts(job.tasks(), samples * len(job.cases), progress)
    folder = None if store is None else Path(store)
    sent = _as_sent(model, job, partial(_all_single, of=of, lasting=lasting), how)
    swept = run_tasks(sent, store=folder and folder / "single", progress=parts.first, **how)
    effects, processes = split(swept, len(EFFECTS))
    keep = processes if job.consumers else None
    network, found = job.network, tuple(job.cases)
    ranking = Ranking(model, network, of, found, lasting, effects, lenses, scale, top, seed, processes=keep)
    if not samples:
        return ranking
    u = design(prepare_draws(network).names, kind, samples, seed)
    drawn = SampledJob(network, found, (ranking.main,), Meter, len(u), seed, quantiles=u)
    anew = _as_sent(model, drawn, partial(_all_sampled, of=of, lasting=(ranking.main,), seed=seed, u=u), how)
    sampled = run_tasks(anew, store=folder and folder / "samples", progress=parts.second, **how)
    return replace(ranking, sampled=sampled[:, :, 0])


def _all_single(model: Model, of: Of, lasting: tuple[int, ...]) -> SweepJob:
    """Return all single failures but those of what only mirrors others."""
    network = compile_network(model)
    found = tuple(c for c in cases(model, network, of) if INDICATOR not in _tags(model, c))
    keep = len(found) * len(lasting) * len(network.processes) <= MOST_CELLS
    return SweepJob(network, found, lasting, Meter, consumers=keep)


def _all_sampled(model: Model, of: Of, lasting: tuple[int, ...], seed: int, u: Floats) -> SampledJob:
    once = _all_single(model, of, lasting)
    return SampledJob(once.network, once.cases, lasting, Meter, len(u), seed, quantiles=u)


def _as_sent(model: Model, job: SweepJob | SampledJob, make: Callable[[Model], Job], how: dict[str, Any]) -> Job:
    """Return what goes to a cluster: of a large model the folder that workers read it from."""
    large = job.network.size >= BY_FOLDER and bool(model.root) and not model.gone
    return by_folder(model, job, make) if large and how["cluster"] is not None else job


class _Parts:
    """Two pieces of work told as one: all cases once, then all of them for each sample."""

    def __init__(self, cases: int, sampled: int, progress: Progress | None) -> None:
        self.cases, self.sampled, self.progress = cases, sampled, progress

    def first(self, done: int, size: int) -> None:
        if self.progress is not None:
            self.progress(done, self.cases + self.sampled)

    def second(self, done: int, size: int) -> None:
        if self.progress is not None:
            self.progress(self.cases + self.sampled * done // size, self.cases + self.sampled)


def _tags(model: Model, case: Case) -> tuple[str, ...]:
    return tuple(model.processes[case.label.partition("@")[0]].tags)


def _column(name: str) -> int:
    if name not in COLUMN:
        raise UsageError(f"no measure {name!r}; {did_you_mean(name, EFFECTS)}")
    return COLUMN[name]


def _lenses(
    lenses: Mapping[str, Mapping[str, float]], weights: Mapping[str, float] | None
) -> dict[str, dict[str, float]]:
    """Check weights and let those of each lens add up to 1."""
    named = {**lenses, **({"own": weights} if weights else {})}
    found: dict[str, dict[str, float]] = {}
    for name, given in named.items():
        for measure, weight in given.items():
            if measure not in WEIGHABLE:
                raise UsageError(f"lens {name!r}: no measure {measure!r} to weigh; {did_you_mean(measure, WEIGHABLE)}")
            if not 0 <= weight < float("inf"):
                raise UsageError(f"lens {name!r}: the weight of {measure} is a number from 0, not {weight!r}")
        total = sum(given.values())
        if not total > 0:
            raise UsageError(f"lens {name!r}: at least one weight must be above 0")
        found[name] = {measure: weight / total for measure, weight in given.items()}
    return found


# ------------------------------------------------------------------ orders


def pareto_layers(a: Ints, b: Ints) -> Ints:
    """Return the layer of each point: 1 where no other is at least as large on both axes and larger on one.

    Layer 2 is what is left on the front without layer 1, and so on; equal points share a layer.

    Parameters
    ----------
    a, b : int64 (N)

    Source
    ------
    Non-dominated sorting for two objectives by a single pass in order of the first (Jensen 2003, doi
    10.1109/TEVC.2003.817234).
    """
    found = np.zeros(a.size, np.int64)
    highest: list[
        int
    ] = []  # of each layer so far, the largest b; falling, so that the first that is lower is the layer
    order = np.lexsort((-b, -a))
    new = np.append(True, (a[order][1:] != a[order][:-1]) | (b[order][1:] != b[order][:-1]))[: order.size]
    for same in np.split(order, np.flatnonzero(new)[1:]) if order.size else ():
        height = int(b[same[0]])
        layer = next((k for k, best in enumerate(highest) if best < height), len(highest))
        highest[layer : layer + 1] = [height]
        found[same] = layer + 1
    return found


def scaled(values: Ints, scale: Scale) -> Floats:
    """Bring a measure to 0 ... 1: as a share of the largest, or as the share of others surpassed (ties count half)."""
    if scale == "largest":
        return values / max(1, int(values.max(initial=0)))
    ordered = np.sort(values)
    below, up_to = np.searchsorted(ordered, values), np.searchsorted(ordered, values, side="right")
    return np.asarray((below + (up_to - below - 1) / 2) / max(1, values.size - 1))


def _ranked(*keys: npt.NDArray[Any]) -> Ints:
    """Return ranks from 1, largest first by the first key and then the next; equal ones share the best rank."""
    order = np.lexsort(tuple(-key for key in reversed(keys)))
    apart = np.zeros(order.size, np.bool_)
    for key in keys:
        apart[1:] |= key[order][1:] != key[order][:-1]
    first = np.maximum.accumulate(np.where(apart, np.arange(order.size), 0))
    found = np.zeros(order.size, np.int64)
    found[order] = first + 1
    return found


def _told(name: str, values: Ints) -> Floats | Ints:
    return values / HOUR if name in _IN_HOURS else values


def _times(values: Ints) -> Floats:
    return np.where(values < 0, np.nan, values / HOUR)


def _ratio(part: Ints, whole: Ints) -> Floats:
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)
