"""Judging models and scenarios as a whole; every check has a name by which it can be switched off."""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from cascade.errors import Places, Problem
from cascade.files.asset_checks import ASSET_CHECKS
from cascade.files.capacity_checks import CAPACITY_CHECKS, Allotment
from cascade.files.model_checks import MODEL_CHECKS, Check
from cascade.files.scenario_checks import SCENARIO_CHECKS, Case
from cascade.model import (
    Capacity,
    Model,
    Scenario,
)

CHECKS: Final[dict[str, Check]] = MODEL_CHECKS | ASSET_CHECKS | SCENARIO_CHECKS | CAPACITY_CHECKS
"""Every check by its name."""


def check_model(model: Model, without: Collection[str] = ()) -> list[Problem]:
    """Judge a whole model.

    Parameters
    ----------
    model : Model
    without : collection of str
        Names of checks to leave out.

    Returns
    -------
    list of Problem
        Sorted by place, each once; ``Problem.check`` names the check, ``CHECKS`` its severity.
    """
    found: set[Problem] = set()
    for name, check in (MODEL_CHECKS | ASSET_CHECKS).items():
        if name not in without:
            found.update(replace(problem, check=name) for problem in check.run(model))
    return sorted(found)


def check_scenario(
    scenario: Scenario, model: Model, without: Collection[str] = (), places: Places | None = None
) -> list[Problem]:
    """Judge a scenario against the model it is for; as :func:`check_model`.

    Without ``places`` (of :func:`cascade.files.reading.read_scenario`) the problems name no line.
    """
    case = Case(scenario, model, places or Places())
    found: set[Problem] = set()
    for name, check in SCENARIO_CHECKS.items():
        if name not in without:
            found.update(replace(problem, check=name) for problem in check.run(case))
    return sorted(found)


def check_capacity(
    capacity: Capacity,
    model: Model,
    without: Collection[str] = (),
    places: Places | None = None,
    scenarios: Collection[str] | None = None,
) -> list[Problem]:
    """Judge a capacity file against the model it is for; as :func:`check_model`.

    Parameters
    ----------
    capacity : Capacity
    model : Model
    without : collection of str
        Names of checks to leave out.
    places : Places, optional
        Where it was written (:func:`cascade.files.reading.read_capacity`); without it the problems name no line.
    scenarios : collection of str, optional
        Names of the scenarios at hand; without it the names it uses are not judged.
    """
    case = Allotment(capacity, model, places or Places(), scenarios)
    found: set[Problem] = set()
    for name, check in CAPACITY_CHECKS.items():
        if name not in without:
            found.update(replace(problem, check=name) for problem in check.run(case))
    return sorted(found)
