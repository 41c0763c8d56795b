"""How outages spread through vital sectors, exactly and hour by hour.

The public face for notebooks: a short list of names, loaded when first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cascade.errors import CascadeError, DefinitionError, UsageError
    from cascade.files.reading import load, load_capacity, load_scenario
    from cascade.results.attribution import attribute
    from cascade.results.comparison import compare_models, compare_runs
    from cascade.results.cutsets import cutsets
    from cascade.results.evidence import evidence
    from cascade.results.hindcast import hindcast
    from cascade.results.impact import assess
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

__version__ = "0.1.0"

_HOMES = {
    "CascadeError": "errors",
    "DefinitionError": "errors",
    "UsageError": "errors",
    "assess": "results.impact",
    "attribute": "results.attribution",
    "compare_models": "results.comparison",
    "compare_runs": "results.comparison",
    "compile_network": "simulation.network",
    "cutsets": "results.cutsets",
    "drivers": "results.sensitivity",
    "evidence": "results.evidence",
    "failure": "results.sensitivity",
    "hindcast": "results.hindcast",
    "load": "files.reading",
    "load_capacity": "files.reading",
    "load_scenario": "files.reading",
    "notifications": "results.wwke",
    "pairs": "results.pairs",
    "protect": "results.protection",
    "rank": "results.ranking",
    "recovery": "results.recovery",
    "sampled_runs": "results.sampling",
    "scorecard": "results.wwke",
    "simulate": "simulation.run",
    "stock_use": "results.stocks",
    "to_networkx": "simulation.network",
}
__all__ = [
    "CascadeError",
    "DefinitionError",
    "UsageError",
    "assess",
    "attribute",
    "compare_models",
    "compare_runs",
    "compile_network",
    "cutsets",
    "drivers",
    "evidence",
    "failure",
    "hindcast",
    "load",
    "load_capacity",
    "load_scenario",
    "notifications",
    "pairs",
    "protect",
    "rank",
    "recovery",
    "sampled_runs",
    "scorecard",
    "simulate",
    "stock_use",
    "to_networkx",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'cascade' has no attribute {name!r}")
    return getattr(import_module(f"cascade.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
