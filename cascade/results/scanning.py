"""Which candidates would avert most on top of a plan, and where: by scenario, process and region."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from cascade.results.harm import Case, Judge
from cascade.simulation.placing import Plan

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

SCANNED: Final = 200
"""Candidates outside the plan that are tried on top of it: those that avert most by themselves. Own choice."""
TRIED: Final = 40
"""Of those, how many are looked at process by process."""
NOTHING: Final = 1e-9
"""Gains up to this are rounding."""


@dataclass(frozen=True, eq=False)
class Scan:
    """What candidates avert on top of a plan, whatever the limits say.

    Attributes
    ----------
    options : int64 (K)
    gain : float (K)
        In all.
    by_scenario : dict
        Name of a scenario to gains (K), unweighted.
    by_region : float (K, R + 1)
        Weighted; the last column is what no region bears alone.
    """

    options: Ints
    gain: Floats
    by_scenario: dict[str, Floats]
    by_region: Floats

    def best(self, gains: Floats) -> tuple[int, float] | None:
        """Return the candidate with the greatest gain, and the gain; None where none has any."""
        if not gains.size or gains.max() <= NOTHING:
            return None
        at = int(np.argmax(gains))
        return int(self.options[at]), float(gains[at])


def one_each(judge: Judge) -> list[Case]:
    """Return one case of every scenario: its only one, or its first sample."""
    found: dict[str, Case] = {}
    for case in judge.cases:
        found.setdefault(case.name, case)
    return list(found.values())


def by_place(case: Case, parts: Floats) -> Floats:
    """Add up the parts of a harm by region (R + 1); the last is what no region bears alone."""
    network = case.stage.network
    regions = len(network.regions)
    own = case.gauge.instances.size
    found = np.zeros(regions + 1)
    at = network.region_of[case.gauge.instances].astype(np.int64)
    np.add.at(found, np.where(at < 0, regions, at), parts[:own])
    found[: case.gauge.regions] += parts[own : own + case.gauge.regions]
    found[regions] += parts[own + case.gauge.regions :].sum()
    return found


def scan(judge: Judge, plan: Plan, most: int = SCANNED) -> Scan:
    """Try candidates on top of a plan, those that avert most by themselves first.

    Parameters
    ----------
    judge : Judge
        Of several samples of a scenario only the first is played.
    plan : set of int
    most : int
        How many candidates.
    """
    cases = one_each(judge)
    weight = np.array([case.weight for case in cases])
    weight = weight / weight.sum()
    touching = sorted({k for case in cases for k in case.relevant} - plan)
    alone = np.zeros(len(touching))
    for case, share in zip(cases, weight.tolist(), strict=True):
        there = [n for n, k in enumerate(touching) if k in case.relevant]
        left = judge.spread(case.harm, [frozenset({touching[n]}) for n in there])
        alone[there] += share * (case.harm(()) - np.array(left, np.float64))
    chosen = np.sort(np.argsort(-alone, kind="stable")[:most])
    options = np.array(touching, np.int64)[chosen]
    by_scenario = {case.name: np.zeros(options.size) for case in cases}
    regions = len(cases[0].stage.network.regions) + 1 if cases else 1
    by_region = np.zeros((options.size, regions))
    for case, share in zip(cases, weight.tolist(), strict=True):
        rows = [n for n, k in enumerate(options.tolist()) if k in case.relevant]
        now = case.parts(plan)
        plans = [plan | {int(options[n])} for n in rows]
        for n, parts in zip(rows, judge.spread(case.parts, plans), strict=True):
            by_scenario[case.name][n] = float((now - parts).sum())
            by_region[n] += share * by_place(case, now - parts)
    shares = dict(zip((case.name for case in cases), weight.tolist(), strict=True))
    gain = sum((shares[name] * gains for name, gains in by_scenario.items()), np.zeros(options.size))
    return Scan(options, gain, by_scenario, by_region)


def process_gains(judge: Judge, plan: Plan, scanned: Scan, rates: dict[str, Floats]) -> dict[int, Floats]:
    """Return what the best candidates avert on top of a plan, process by process.

    Parameters
    ----------
    judge, plan, scanned
    rates : dict
        Scenario to person-hours of each instance (N) for each level x second lost.

    Returns
    -------
    dict
        Option to person-hours averted by process (P), weighted over the scenarios.
    """
    order = scanned.options[np.argsort(-scanned.gain, kind="stable")][:TRIED].tolist()
    cases = one_each(judge)
    total = sum(case.weight for case in cases)
    found: dict[int, Floats] = {}
    for case in cases:
        network, stage = case.stage.network, case.stage.twin()

        def lost(chosen: Collection[int], stage=stage, rate=rates[case.name]) -> Floats:  # type: ignore[no-untyped-def]
            return np.asarray(stage.play(chosen)[1].proc["lost"] * rate)

        now = lost(plan & case.relevant)
        for k in order:
            sums = found.setdefault(k, np.zeros(len(network.processes)))
            if k in case.relevant:
                averted = now - lost((plan | {k}) & case.relevant)
                np.add.at(sums, network.process_of, case.weight / total * averted)
    return found
