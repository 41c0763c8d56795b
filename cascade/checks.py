"""Judging a model as a whole, and a scenario against a model: one function per check."""
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from cascade.errors import Places, Problem
from cascade.model import Model, Scenario


@dataclass(frozen=True)
class Check:
    run: Callable[..., Any]
    fatal: bool = True
    on_parts: bool = False


CHECKS: dict[str, Check] = {}


def check_model(model: Model, without: Collection[str] = ()) -> list[Problem]:
    return []


def check_scenario(scenario: Scenario, model: Model, without: Collection[str] = (), places: Places | None = None) -> list[Problem]:
    return []
