"""Past incidents played again and compared with what was seen: lines, scores, and how they fare under other draws."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cascade.errors import UsageError
from cascade.files.reading import ScenarioFile, find_scenario, hindcast_files, read_scenario
from cascade.model import Input, Model, Scenario, Text
from cascade.results.judging import IN_TIME, KINDS, Kind, Line, Score, judge, prepare, score
from cascade.simulation.network import Network, compile_network
from cascade.simulation.run import Run, simulate
from cascade.units import FULL, HOUR

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[int, int], None]
"""Told how much is done, of how much."""
Read = Callable[[str | Path, Model], ScenarioFile]
"""Reads a scenario from a path, for a model."""


@dataclass(frozen=True, eq=False)
class Verdict:
    """One incident played again: its file, the run and the lines."""

    incident: str
    source: Input
    run: Run = field(repr=False)
    lines: tuple[Line, ...] = field(repr=False)

    @property
    def scenario(self) -> Scenario:
        """The incident as filed."""
        return self.run.scenario

    def reason(self, line: Line) -> Text | None:
        """Return why an observation lies outside what is modelled, in the words of the file."""
        return self.scenario.observed[line.number].out_of_scope if line.number >= 0 else None


@dataclass(frozen=True)
class Sampled:
    """What became of one line when the uncertain numbers were drawn anew each time."""

    judged: int
    """Samples in which it counted."""
    met: float
    """Share of those with the full point."""
    points: float
    """Mean of its points."""


@dataclass(frozen=True, eq=False)
class Samples:
    """What became of the comparison over all samples."""

    number: int
    seed: int
    of_line: dict[tuple[str, int, Kind], Sampled] = field(repr=False)
    """By incident, number of the observation and kind; false alarms are not followed."""
    totals: tuple[float, ...] = field(repr=False)
    """Score of each sample, false alarms included."""

    def quantiles(self) -> tuple[float, float, float]:
        """Return the score that 5, 50 and 95% of the samples stay below."""
        low, middle, high = np.quantile(np.array(self.totals), [0.05, 0.5, 0.95]).tolist()
        return low, middle, high

    def of(self, line: Line) -> Sampled | None:
        """Return what became of a line; None for an alarm and for what never counted."""
        return self.of_line.get((line.incident, line.number, line.kind))


@dataclass(frozen=True, eq=False)
class Hindcast:
    """Past incidents beside their runs.

    Frames are for notebooks: hours and shares (0 to 1) instead of seconds and 1/10 000.
    """

    model: Model = field(repr=False)
    verdicts: tuple[Verdict, ...]
    samples: Samples | None = None

    def _repr_html_(self) -> str:
        """Show itself in a notebook."""
        import cascade

        return cascade.html(self)

    @property
    def all_lines(self) -> list[Line]:
        """Every line of every incident, in order of name and then of the file."""
        return [line for verdict in self.verdicts for line in verdict.lines]

    @property
    def total(self) -> Score:
        """Score over everything, false alarms included."""
        return score(self.all_lines)

    @property
    def total_without_alarms(self) -> Score:
        """Score over what was observed alone."""
        return score(line for line in self.all_lines if line.kind != "alarm")

    def groups(self, by: str) -> dict[str, Score]:
        """Score the lines by ``kind``, ``incident``, ``process``, ``sector`` or ``evidence``, in order of first appearance.

        Raises
        ------
        UsageError
            If they cannot be grouped so.
        """
        keys: dict[str, Callable[[Line], str]] = {
            "kind": lambda line: line.kind,
            "incident": lambda line: line.incident,
            "process": lambda line: line.process,
            "sector": lambda line: self.model.sector_of.get(line.process, ""),
            "evidence": lambda line: line.evidence,
        }
        if by not in keys:
            raise UsageError(f"no scores by {by!r}; choose {', '.join(keys)}")
        found: dict[str, list[Line]] = {kind: [] for kind in KINDS} if by == "kind" else {}
        for line in self.all_lines:
            found.setdefault(keys[by](line), []).append(line)
        return {key: score(lines) for key, lines in found.items() if any(line.scored for line in lines)}

    def scores(self, by: str = "kind") -> "pd.DataFrame":
        """Return scores by group: columns ``by``, ``lines``, ``met``, ``half``, ``weight``, ``score``, ``unweighted``."""
        import pandas as pd

        rows = [
            {
                by: key,
                "lines": found.lines,
                "met": found.met,
                "half": found.half,
                "weight": float(found.weight),
                "score": found.share,
                "unweighted": found.plain,
            }
            for key, found in self.groups(by).items()
        ]
        return pd.DataFrame(rows, columns=[by, "lines", "met", "half", "weight", "score", "unweighted"])

    @cached_property
    def lines(self) -> "pd.DataFrame":
        """One row a line.

        Columns: ``incident``, ``process``, ``where`` (codes; empty for a national process), ``kind`` (onset, degree,
        end, quiet, alarm), ``seen_low``, ``seen``, ``seen_high``, ``predicted`` (hours, or the share lost), ``points``,
        ``weight``, ``evidence``, ``status`` (scored, given, left-out, out-of-scope); with samples also ``met`` (share of
        them with the full point) and ``mean_points``.
        """
        import pandas as pd

        return pd.DataFrame([self.record(line) for line in self.all_lines], columns=self._columns)

    @property
    def _columns(self) -> list[str]:
        named = ["incident", "process", "where", "kind", "seen_low", "seen", "seen_high", "predicted"]
        named += ["points", "weight", "evidence", "status"]
        return named + (["met", "mean_points"] if self.samples is not None else [])

    def record(self, line: Line) -> dict[str, Any]:
        """Write a line as plain values: hours and shares."""
        unit = HOUR if line.kind in IN_TIME else FULL
        low, mode, high = line.seen if line.seen is not None else (None, None, None)
        found: dict[str, Any] = {
            "incident": line.incident,
            "process": line.process,
            "where": " ".join(line.where),
            "kind": line.kind,
            "seen_low": None if low is None else low / unit,
            # a bound is no value that was seen
            "seen": None if mode is None or line.kind == "quiet" else mode / unit,
            "seen_high": None if high is None else high / unit,
            "predicted": None if line.predicted is None else line.predicted / unit,
            "points": None if line.points is None else float(line.points),
            "weight": float(line.weight),
            "evidence": line.evidence,
            "status": line.status,
        }
        if self.samples is not None:
            sampled = self.samples.of(line)
            found |= {"met": sampled.met if sampled else None, "mean_points": sampled.points if sampled else None}
        return found

    @property
    def structural(self) -> list[Line]:
        """Lines missed in the run and in every sample: no number within its range mends them, so the structure must.

        Of a degree seen as one sure number half a point is enough to stay out: no draw meets it to the last digit.
        """
        if self.samples is None:
            return []
        found = [(line, self.samples.of(line)) for line in self.all_lines if line.missed]
        return [
            line for line, sampled in found if sampled is not None and sampled.met == 0 and not _near(line, sampled)
        ]


def _near(line: Line, sampled: Sampled) -> bool:
    return line.kind == "degree" and line.seen is not None and line.seen.certain and sampled.points > 0


def hindcast(
    model: Model,
    files: Iterable[str | Path] | None = None,
    samples: int = 0,
    seed: int = 1,
    progress: Progress | None = None,
    read: Read = read_scenario,
) -> Hindcast:
    """Play past incidents again and compare each run with what was seen.

    Parameters
    ----------
    model : Model
    files : iterable of str or Path, optional
        Scenarios with observations, by path or name; by default all of ``scenarios/hindcasts`` beside the model, or
        those shipped.
    samples : int
        So many times the uncertain numbers are drawn anew, besides the run with the most likely ones.
    seed : int
        Of the draws.
    progress : callable, optional
        Called with the number of runs done and of all runs.
    read : callable, optional
        Reads an incident from a path, for the model.

    Returns
    -------
    Hindcast

    Raises
    ------
    UsageError
        If there is no such file, one holds no observations, or there are no incidents at all.
    DefinitionError
        If a file is faulty.
    """
    if samples < 0:
        raise UsageError(f"samples: a number of 0 or more, not {samples}")
    found = _find(model, files, read)
    steps = _Steps(len(found) * (1 + samples), progress)
    verdicts = []
    plain: Network | None = None
    for name, file in found.items():
        # unfolding takes longer than a run, and most incidents share one network
        if file.scenario.with_measures or file.scenario.rations:
            network = compile_network(model, file.scenario)
        else:
            network = plain = plain or compile_network(model, file.scenario)
        run = simulate(network, file.scenario)
        verdicts.append(Verdict(name, file.source, run, tuple(judge(run, name))))
        steps.next()
    return Hindcast(model, tuple(verdicts), _sample(verdicts, samples, seed, steps) if samples else None)


class _Steps:
    """Counts what is done, and tells."""

    def __init__(self, size: int, tell: Progress | None) -> None:
        self.size, self.tell, self.done = size, tell, 0

    def next(self) -> None:
        self.done += 1
        if self.tell is not None:
            self.tell(self.done, self.size)


def _find(model: Model, files: Iterable[str | Path] | None, read: Read) -> dict[str, ScenarioFile]:
    """Read the incidents meant, by name."""
    root = model.root or None
    if files is None:
        paths = list((hindcast_files(root, beside_only=True) if root else {}).values()) or list(
            hindcast_files(root).values()
        )
    else:
        paths = [find_scenario(str(file), root) for file in ([files] if isinstance(files, str | Path) else files)]
    if not paths:
        raise UsageError("no past incidents found; name files with 'observed', or put them in scenarios/hindcasts")
    found: dict[str, ScenarioFile] = {}
    for path in dict.fromkeys(paths):
        file = read(path, model)
        if not file.scenario.observed:
            raise UsageError(
                f"{path}: nothing to compare with; write under 'observed' what was seen, or leave the file out"
            )
        # two files of one name are told apart by their folders
        found[path.stem if path.stem not in found else path.as_posix()] = file
    return found


def _sample(verdicts: Sequence[Verdict], samples: int, seed: int, steps: _Steps) -> Samples:
    """Judge every incident on as many draws; a draw is the same for all incidents."""
    from cascade.simulation.ensemble import prepare_draws, sampled_scenario

    networks = {id(verdict.run.network): verdict.run.network for verdict in verdicts}
    draws = {key: prepare_draws(network) for key, network in networks.items()}
    dockets = [prepare(verdict.run, verdict.incident) for verdict in verdicts]
    tallies: dict[tuple[str, int, Kind], list[Fraction]] = {}
    totals: list[float] = []
    for sample in range(samples):
        drawn = {key: draw.network(seed, sample) for key, draw in draws.items()}
        lines: list[Line] = []
        for verdict, docket in zip(verdicts, dockets, strict=True):
            scenario = sampled_scenario(verdict.scenario, seed, sample)
            lines += judge(simulate(drawn[id(verdict.run.network)], scenario), docket=docket)
            steps.next()
        totals.append(score(lines).share or 0.0)
        for line in lines:
            if line.points is not None and line.number >= 0:
                tallies.setdefault((line.incident, line.number, line.kind), []).append(line.points)
    of_line = {
        key: Sampled(len(points), sum(1 for p in points if p == 1) / len(points), float(sum(points)) / len(points))
        for key, points in tallies.items()
    }
    return Samples(samples, seed, of_line, tuple(totals))
