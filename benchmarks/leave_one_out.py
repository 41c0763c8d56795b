"""Leave-one-out: how well the model predicts an incident that had no say in its numbers.

For each incident the changes of ``choices.yaml`` are decided anew by the others alone: from the numbers of the parameter
study on, a change is adopted where it raises the weighted score over the other incidents, one after another, until
nothing changes. Only the points of the incident left out count. Own choice of procedure (coordinate ascent); a change
that rests on one incident alone can never help that incident here.
"""

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

import cascade
from cascade.files.reading import hindcast_files, load_scenario
from cascade.model import Model, Process, Scenario
from cascade.results.judging import KINDS, Docket, Line, judge, prepare, score
from cascade.simulation.network import compile_network
from cascade.simulation.run import simulate

HERE = Path(__file__).parent
Choice = tuple[dict[str, Any], ...]
"""What stood before, of one process or of several that only make sense together."""
Setting = tuple[bool, ...]
"""Which choices are adopted; the others stand as before."""


def merged(base: Any, change: Any) -> Any:
    """Lay a change over plain data; None takes a key away."""
    if not isinstance(base, dict) or not isinstance(change, dict):
        return change
    kept = {key: value for key, value in base.items() if key not in change}
    # a course of steps is one number, not a mapping to be merged
    steps = {"fades", "response"}
    new = {key: value if key in steps else merged(base.get(key), value) for key, value in change.items()}
    return kept | {key: value for key, value in new.items() if value is not None}


def undone(model: Model, choices: Iterable[Choice]) -> Model:
    """Return the model with some choices taken back."""
    processes = dict(model.processes)
    for part in (part for choice in choices for part in choice):
        change = {key: value for key, value in part.items() if key != "process"}
        plain = processes[part["process"]].model_dump(mode="json", by_alias=True, exclude_unset=True)
        processes[part["process"]] = Process.model_validate(merged(plain, change))
    return replace(model, processes=processes)


class Trial:
    """The incidents, and what each scores under a setting; a setting is computed once."""

    def __init__(self, model: Model, choices: list[Choice]) -> None:
        self.model, self.choices = model, choices
        self.scenarios: dict[str, Scenario] = {
            name: load_scenario(path, model) for name, path in hindcast_files(model.root).items()
        }
        self.dockets: dict[str, Docket] = {}
        self.found: dict[Setting, dict[str, list[Line]]] = {}

    def lines(self, setting: Setting) -> dict[str, list[Line]]:
        """Judge every incident under a setting."""
        if setting not in self.found:
            model = undone(self.model, (c for c, taken in zip(self.choices, setting, strict=True) if not taken))
            shared = compile_network(model)
            found = {}
            for name, scenario in self.scenarios.items():
                own = scenario.rations or scenario.with_measures
                run = simulate(compile_network(model, scenario) if own else shared, scenario)
                docket = self.dockets.setdefault(name, prepare(run, name))
                found[name] = judge(run, name, docket)
            self.found[setting] = found
            print(f"\r{len(self.found)} settings tried", end="", file=sys.stderr, flush=True)
        return self.found[setting]

    def share(self, setting: Setting, without: str) -> Fraction:
        """Return the weighted score of all incidents but one."""
        total = score(line for name, lines in self.lines(setting).items() if name != without for line in lines)
        return total.earned / total.weight

    def decide(self, without: str) -> Setting:
        """Choose from the study's numbers on, by all incidents but one."""
        setting: Setting = (False,) * len(self.choices)
        best = self.share(setting, without)
        while True:
            before = setting
            for k in range(len(self.choices)):
                other = (*setting[:k], not setting[k], *setting[k + 1 :])
                if (reached := self.share(other, without)) > best:
                    setting, best = other, reached
            if setting == before:
                return setting


def main() -> None:
    """Print the score before, as shipped and by leave-one-out, per kind and per incident."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="JSON file to write")
    given = parser.parse_args()
    model = cascade.load(HERE.parent / "sectors")
    choices = read_choices()
    trial = Trial(model, choices)
    none, all_ = (False,) * len(choices), (True,) * len(choices)
    decided = {name: trial.decide(name) for name in trial.scenarios}
    print(file=sys.stderr)
    sets = {
        "study": [line for lines in trial.lines(none).values() for line in lines],
        "shipped": [line for lines in trial.lines(all_).values() for line in lines],
        "left_out": [line for name, setting in decided.items() for line in trial.lines(setting)[name]],
    }
    result: dict[str, Any] = {"kinds": {}, "incidents": {}, "adopted": {}}
    for name, lines in sets.items():
        row = {"all": _share(lines), "without alarms": _share(line for line in lines if line.kind != "alarm")}
        row |= {kind: _share(line for line in lines if line.kind == kind) for kind in KINDS}
        result["kinds"][name] = row
    for incident in trial.scenarios:
        result["incidents"][incident] = {
            name: _share(line for line in lines if line.incident == incident) for name, lines in sets.items()
        }
    for k, choice in enumerate(choices):
        label = ", ".join(".".join([part["process"], *part.get("needs", {})]) for part in choice)
        result["adopted"][f"{k + 1} {label}"] = sum(setting[k] for setting in decided.values())
    text = json.dumps(result, indent=1)
    print(text)
    if given.out is not None:
        given.out.write_text(text + "\n", encoding="utf-8")


def read_choices() -> list[Choice]:
    """Read what stood before; a lone change is a choice of one."""
    read = yaml.load((HERE / "choices.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
    return [tuple(_with_nulls(part) for part in (item if isinstance(item, list) else [item])) for item in read]


def _with_nulls(value: Any) -> Any:
    """Turn the written null into none; all other scalars stay text, as the format reads them."""
    if isinstance(value, dict):
        return {key: _with_nulls(v) for key, v in value.items()}
    return None if value == "null" else value


def _share(lines: Iterable[Line]) -> float | None:
    found = score(lines).share
    return None if found is None else round(found, 4)


if __name__ == "__main__":
    main()
