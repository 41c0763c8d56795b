"""The process that gets assets: found in the sector files of a folder that need not be a whole model yet.

A process can name a table that is still to be made, and then the folder cannot be loaded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cascade.errors import DefinitionError, Mark, Problem, UsageError, did_you_mean, short
from cascade.files.parsing import Document, read_document
from cascade.model import higher_marking


@dataclass(frozen=True)
class Home:
    """The process that gets assets, as its sector file has it."""

    process: str
    file: str
    line: int
    per: bool
    """Whether it says ``per: region``, which has to make way."""
    assets: str | None
    marking: str
    regions: Mapping[str, str]
    """Names by code."""


def find_home(root: Path, process: str) -> Home:
    """Find a process in the sector files of a folder, which need not be a whole model yet: its table may be missing.

    Raises
    ------
    UsageError
        If there is no such folder or process.
    DefinitionError
        If the file of the regions, or of the process, is faulty.
    """
    if not root.is_dir():
        raise UsageError(f"{root}: no such model folder")
    files = sorted(p for p in root.iterdir() if p.suffix.lower() in (".yaml", ".yml") and not p.name.startswith("."))
    documents = {file.stem: read_document(file, file.as_posix())[0] for file in files if file.is_file()}
    if "regions" not in documents or documents["regions"].problems:
        raise DefinitionError(
            documents["regions"].problems
            if "regions" in documents
            else [Problem(root.as_posix(), 0, 0, "folder", "regions.yaml is missing", "name a model folder")]
        )
    regions = {
        str(entry["code"]): str(entry.get("name", ""))
        for entry in documents["regions"].data or ()
        if isinstance(entry, dict) and "code" in entry
    }
    info = documents["model"].data if "model" in documents else None
    overall = str(info.get("marking", "")) if isinstance(info, dict) else ""
    known: list[str] = []
    for document in documents.values():
        inside = document.data.get("processes") if isinstance(document.data, dict) else None
        if isinstance(inside, dict):
            known += inside
            if isinstance(inside.get(process), dict):
                return _home(document, process, overall, regions)
    faults = [problem for document in documents.values() for problem in document.problems]
    if faults:
        raise DefinitionError(faults)
    raise UsageError(f"--process: no process {short(process)!r} in {root}; {did_you_mean(process, known)}")


def _home(document: Document, process: str, overall: str, regions: Mapping[str, str]) -> Home:
    if document.problems:
        raise DefinitionError(document.problems)
    definition = document.data["processes"][process]
    mark: Mark | None = document.mark
    for part in ("processes", process):
        mark = mark.child(part) if mark else None
    marks = (overall, document.data.get("marking"), definition.get("marking"))
    marking = ""
    for one in marks:
        marking = higher_marking(marking, one if isinstance(one, str) else "")
    assets = definition.get("assets")
    line = mark.key[0] if mark and mark.key else 0
    return Home(
        process=process,
        file=document.file,
        line=line,
        per="per" in definition,
        assets=assets if isinstance(assets, str) else None,
        marking=marking,
        regions=regions,
    )


def target_of(root: Path, home: Home) -> Path:
    """Return where the table goes: where the process says, else beside the sector files under the process's name."""
    name = home.assets or f"{home.process}.csv"
    target = root / name
    if not name.lower().endswith(".csv") or not target.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"{home.file}: assets: {short(name)!r} is no .csv inside the model folder; correct it first")
    return target
