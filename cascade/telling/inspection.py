"""A model folder and its scenarios looked over: every fault and warning, and what the model holds."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from cascade.errors import DefinitionError, Problem, UsageError
from cascade.files.checks import CHECKS, check_capacity, check_model, check_scenario
from cascade.files.reading import (
    CapacityFile,
    ScenarioFile,
    capacity_files,
    find_capacity,
    find_model,
    find_scenario,
    hindcast_files,
    scenario_files,
)
from cascade.model import Capacity, Lang, Model, Scenario
from cascade.telling.columns import Column, Table
from cascade.words import number, word


class Reader(Protocol):
    """Who reads files, and knows which of them may be shown."""

    def load(self, folder: str | None = None) -> Model:
        """Read the model of a folder."""

    def read(self, path: str | Path, model: Model) -> ScenarioFile:
        """Read a scenario."""

    def within(
        self,
        path: str | Path,
        model: Model,
        kind: Literal["scenario", "capacity"] = "scenario",
        *,
        faulty: bool = False,
    ) -> bool:
        """Whether a file may be shown; ``faulty`` says what holds of one that cannot be read."""

    def capacity(self, name: str, model: Model) -> CapacityFile:
        """Read a capacity file."""


@dataclass(frozen=True)
class Inspection:
    """What was found; ``model`` is missing where its files are too faulty to make one."""

    model: Model | None
    problems: list[Problem]
    tables: list[Table]
    """The problems first, then what the model holds."""
    lines: list[str]
    """One line per problem, as editors read them."""
    verdict: str
    others: tuple[Scenario | Capacity, ...] = ()
    """The scenarios and capacity files that could be read."""

    @property
    def faults(self) -> int:
        """Number of problems that loading refuses."""
        return sum(1 for p in self.problems if is_fault(p))

    @property
    def warnings(self) -> int:
        """Number of problems that are advice."""
        return len(self.problems) - self.faults


def is_fault(problem: Problem) -> bool:
    """Whether loading refuses a problem; what no named check found was found in reading."""
    return problem.check not in CHECKS or CHECKS[problem.check].fatal


def inspect(
    folder: str | None, scenarios: Sequence[str], lang: Lang, capacities: Sequence[str], reader: Reader
) -> Inspection:
    """Look over a model folder, its scenarios and its capacity files; all of those beside it where none is named."""
    if folder is not None and Path(folder).is_file():
        near = Path(folder).parent.as_posix()
        raise UsageError(f"{folder} is a file; a model is a folder: cascade check {near}")
    root = find_model(folder)
    problems: list[Problem] = []
    checked: list[str] = []
    allotted: list[str] = []
    others: list[Scenario | Capacity] = []
    model = None
    try:
        model = reader.load(root.as_posix())
    except DefinitionError as error:
        problems += error.problems
    else:
        problems += check_model(model)
        beside = [*scenario_files(root, beside_only=True).values(), *hindcast_files(root, beside_only=True).values()]
        for file in [find_scenario(s, root) for s in scenarios] if scenarios or capacities else beside:
            if file in beside and not reader.within(file, model, faulty=True):
                continue
            problems += _scenario_problems(file, model, reader, others)
            checked.append(file.as_posix())
        shipped = list(capacity_files(root, beside_only=True).values())
        for path in [find_capacity(c, root) for c in capacities] if scenarios or capacities else shipped:
            if path in shipped and not reader.within(path, model, "capacity", faulty=True):
                continue
            problems += _capacity_problems(path, model, reader, others)
            allotted.append(path.as_posix())
    problems = sorted(set(problems))
    faults = sum(1 for p in problems if is_fault(p))
    tables = [_problem_table(problems, lang)]
    if model is not None:
        tables.append(counts(model, len(checked), len(allotted), lang))
    return Inspection(
        model,
        problems,
        tables,
        [problem_line(p, lang) for p in problems],
        _verdict(faults, len(problems), lang),
        tuple(others),
    )


def _scenario_problems(file: Path, model: Model, reader: Reader, others: list[Scenario | Capacity]) -> list[Problem]:
    try:
        read = reader.read(file, model)
    except DefinitionError as error:
        return error.problems
    others.append(read.scenario)
    return check_scenario(read.scenario, model, places=read.places)


def _capacity_problems(file: Path, model: Model, reader: Reader, others: list[Scenario | Capacity]) -> list[Problem]:
    try:
        read = reader.capacity(file.as_posix(), model)
    except DefinitionError as error:
        return error.problems
    others.append(read.capacity)
    return check_capacity(read.capacity, model, places=read.places)


def _verdict(faults: int, problems: int, lang: Lang) -> str:
    if faults:
        return word("check_one_fault", lang) if faults == 1 else word("check_faults", lang, n=faults)
    if problems == 1:
        return word("check_one_warning", lang)
    return word("check_warnings", lang, n=problems) if problems else word("check_fine", lang)


def _severity(problem: Problem, lang: Lang) -> str:
    return word("fault" if is_fault(problem) else "warning", lang)


def problem_line(problem: Problem, lang: Lang) -> str:
    """Say in one line where something is wrong, how bad that is, and what helps."""
    place, _, rest = str(problem).partition(f": {problem.subject}: ")
    return f"{place}: {_severity(problem, lang)}: {problem.subject}: {rest}"


def _problem_table(problems: list[Problem], lang: Lang) -> Table:
    rows = [
        {
            "severity": "fault" if is_fault(p) else "warning",
            "file": p.file,
            "line": p.line,
            "column": p.column,
            "subject": p.subject,
            "what": p.what,
            "remedy": p.remedy,
            "check": p.check,
        }
        for p in problems
    ]
    keys = ("severity", "file", "line", "column", "subject", "what", "remedy", "check")
    return Table("problems", word("problems", lang), tuple(Column(key, key) for key in keys), rows)


def counts(model: Model, scenarios: int, capacities: int, lang: Lang) -> Table:
    """Count what a model holds, its needs also by how sure they are."""
    processes = model.processes.values()
    needs = [need for process in processes for need in process.needs.values()]
    sure = Counter(need.confidence or "confidence_unknown" for need in needs)
    assets = [p for p, d in model.processes.items() if d.assets is not None]
    regional = sum(1 for d in processes if d.per is not None)
    copies = regional * len(model.regions) + sum(len(model.assets[p].ids) for p in assets)
    national = len(model.processes) - regional - len(assets)
    figures: list[tuple[str, str, int]] = [
        ("sectors", word("sectors", lang), len(model.sectors)),
        ("processes", word("processes", lang), len(model.processes)),
        ("regional", "  " + word("regional_processes", lang), regional),
        ("national", "  " + word("national_processes", lang), national),
        ("assets", "  " + word("asset_processes", lang), len(assets)),
        ("copies", word("instances", lang), copies + national),
        ("regions", word("regions", lang), len(model.regions)),
        ("inhabitants", word("inhabitants", lang), model.population),
        ("needs", word("needs", lang).lower(), len(needs)),
    ]
    for level in ("high", "medium", "low", "confidence_unknown"):
        if sure[level] or level != "confidence_unknown":
            figures.append((f"needs_{level}", "  " + word("needs_with", lang, c=word(level, lang)), sure[level]))
    unsourced = sum(1 for need in needs if not need.source)
    figures += [
        ("needs_without_source", "  " + word("needs_without_source", lang), unsourced),
        ("measures", word("measures", lang), len(model.measures)),
        ("sources", word("sources", lang), len(model.sources)),
        ("scenarios", word("check_scenarios", lang).lower(), scenarios),
        ("capacities", word("check_capacities", lang).lower(), capacities),
    ]
    rows: list[dict[str, Any]] = [
        {"key": key, "value": n, "label": label, "text": number(n, lang)}
        for key, label, n in figures
        if n or key not in ("assets", "capacities")
    ]
    columns = (
        Column("key", "", on="data"),
        Column("value", "", on="data"),
        Column("label", "", on="screen"),
        Column("text", "", "right", on="screen"),
    )
    return Table("counts", word("check_counts", lang), columns, rows, keyed=True)
