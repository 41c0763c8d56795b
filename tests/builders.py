"""Small worlds for tests of what a run means: a few processes, round numbers of people, events in one line."""

from typing import Any

from cascade.model import Assets, Model, ModelInfo, Process, Region, Scenario, Sector
from cascade.simulation.run import Run, simulate

ANV: dict[str, Any] = {
    "anv-2.3": {
        "title": "basic needs",
        "criterion": "2.3",
        "measure": "basic-need",
        "people": ["10000", "100000", "1000000"],
        "durations": ["2d", "7d", "30d", "182d"],
        "scores": [["A", "B", "C", "D"], ["B", "C", "D", "E"], ["C", "D", "E", "E"], ["D", "E", "E", "E"]],
        "source": "ANV",
    },
    "anv-3.1": {
        "title": "costs",
        "criterion": "3.1",
        "measure": "costs",
        "limits": ["50 MEUR", "500 MEUR", "5 BEUR", "50 BEUR"],
        "scores": ["A", "B", "C", "D", "E"],
        "source": "ANV",
    },
    "anv-labels": {"title": "classes", "labels": {"A": {"nl": "beperkt", "en": "limited"}, "E": "worst"}},
}
"""Limits like those of the shipped model, so that a test can say its sums out loud."""


def model(
    processes: dict[str, dict[str, Any]],
    regions: dict[str, int] | None = None,
    parameters: dict[str, Any] | None = None,
    assets: dict[str, Assets] | None = None,
    **info: Any,
) -> Model:
    """Build a model; a process may name its sector, else it is in sector ``one``."""
    people = {"R1": 1_000} if regions is None else regions
    sector_of = {process: text.get("sector", "one") for process, text in processes.items()}
    built = {
        process: Process.model_validate({"name": process, **{k: v for k, v in text.items() if k != "sector"}})
        for process, text in processes.items()
    }
    return Model(
        info=ModelInfo.model_validate({"title": "t", "version": "1", "parameters": parameters or {}, **info}),
        regions={
            code: Region.model_validate({"code": code, "name": code, "population": str(number)})
            for code, number in people.items()
        },
        sources={},
        sectors={
            name: Sector.model_validate(
                {"sector": name, "name": name, "processes": {p: d for p, d in built.items() if sector_of[p] == name}}
            )
            for name in sorted(set(sector_of.values()))
        },
        processes=built,
        sector_of=sector_of,
        assets=assets or {},
    )


def scenario(*events: dict[str, Any], horizon: str = "30d", **rest: Any) -> Scenario:
    """Build a scenario of total outages, unless an event says what is left."""
    filled = [e if {"level", "levels", "manipulated"} & set(e) else {**e, "level": "0%"} for e in events]
    return Scenario.model_validate({"name": "s", "horizon": horizon, "events": filled, **rest})


def run(world: Model, *events: dict[str, Any], **rest: Any) -> Run:
    """Simulate a model under some events."""
    return simulate(world, scenario(*events, **rest))
