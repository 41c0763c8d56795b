"""How outages spread through vital sectors, exactly and hour by hour.

The public face for notebooks: a short list of names, loaded when first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cascade.errors import CascadeError, DefinitionError, UsageError
    from cascade.files.amending import amend
    from cascade.files.joining import join
    from cascade.files.reading import load, load_capacity, load_scenario
    from cascade.results.attribution import attribute
    from cascade.results.comparison import compare_models, compare_runs
    from cascade.results.cutsets import cutsets
    from cascade.results.evidence import evidence
    from cascade.results.hindcast import hindcast
    from cascade.results.impact import assess
    from cascade.results.interface import interface_of
    from cascade.results.pairs import pairs
    from cascade.results.protection import protect
    from cascade.results.ranking import rank
    from cascade.results.recovery import recovery
    from cascade.results.sampling import sampled_runs
    from cascade.results.sensitivity import drivers, failure
    from cascade.results.stocks import stock_use
    from cascade.results.wwke import notifications, scorecard
    from cascade.simulation.network import compile_network, to_networkx
    from cascade.simulation.run import simulate
    from cascade.telling.folders import import_workbook, start_folder
    from cascade.telling.notebook import (
        explore,
        plot_chain,
        plot_doubt,
        plot_hindcast,
        plot_levels,
        plot_map,
        plot_people,
        plot_plan,
        plot_ranking,
        plot_scenarios,
        report,
        timeline,
    )
    from cascade.telling.showing import html
    from cascade.telling.workbook import export_workbook, write_template

__version__ = "0.1.0"

_HOMES = {
    "CascadeError": "errors",
    "DefinitionError": "errors",
    "UsageError": "errors",
    "amend": "files.amending",
    "assess": "results.impact",
    "attribute": "results.attribution",
    "compare_models": "results.comparison",
    "compare_runs": "results.comparison",
    "compile_network": "simulation.network",
    "cutsets": "results.cutsets",
    "drivers": "results.sensitivity",
    "evidence": "results.evidence",
    "explore": "telling.notebook",
    "export_workbook": "telling.workbook",
    "failure": "results.sensitivity",
    "hindcast": "results.hindcast",
    "html": "telling.showing",
    "import_workbook": "telling.folders",
    "interface_of": "results.interface",
    "join": "files.joining",
    "load": "files.reading",
    "load_capacity": "files.reading",
    "load_scenario": "files.reading",
    "notifications": "results.wwke",
    "pairs": "results.pairs",
    "plot_chain": "telling.notebook",
    "plot_doubt": "telling.notebook",
    "plot_hindcast": "telling.notebook",
    "plot_levels": "telling.notebook",
    "plot_map": "telling.notebook",
    "plot_people": "telling.notebook",
    "plot_plan": "telling.notebook",
    "plot_ranking": "telling.notebook",
    "plot_scenarios": "telling.notebook",
    "protect": "results.protection",
    "rank": "results.ranking",
    "recovery": "results.recovery",
    "report": "telling.notebook",
    "sampled_runs": "results.sampling",
    "scorecard": "results.wwke",
    "simulate": "simulation.run",
    "start_folder": "telling.folders",
    "stock_use": "results.stocks",
    "timeline": "telling.notebook",
    "to_networkx": "simulation.network",
    "write_template": "telling.workbook",
}
__all__ = [
    "CascadeError",
    "DefinitionError",
    "UsageError",
    "amend",
    "assess",
    "attribute",
    "compare_models",
    "compare_runs",
    "compile_network",
    "cutsets",
    "drivers",
    "evidence",
    "explore",
    "export_workbook",
    "failure",
    "hindcast",
    "html",
    "import_workbook",
    "interface_of",
    "join",
    "load",
    "load_capacity",
    "load_scenario",
    "notifications",
    "pairs",
    "plot_chain",
    "plot_doubt",
    "plot_hindcast",
    "plot_levels",
    "plot_map",
    "plot_people",
    "plot_plan",
    "plot_ranking",
    "plot_scenarios",
    "protect",
    "rank",
    "recovery",
    "report",
    "sampled_runs",
    "scorecard",
    "simulate",
    "start_folder",
    "stock_use",
    "timeline",
    "to_networkx",
    "write_template",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'cascade' has no attribute {name!r}")
    return getattr(import_module(f"cascade.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
