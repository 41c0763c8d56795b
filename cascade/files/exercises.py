"""Files of an exercise: the phrases in which changes are told, and the injects that a planner adds or edits."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cascade.errors import DefinitionError, Path_, Problem, UsageError, did_you_mean, short
from cascade.exercise import General, Injects, Phrase, Planned
from cascade.files.fields import validate
from cascade.files.model_checks import strange_marks
from cascade.files.parsing import Document, is_there, read_document
from cascade.files.reading import phrase_folders
from cascade.model import Frozen, Input, Lang, Model, Words

GENERAL: Final = "general.yaml"
SHEETS: Final = (".xlsx", ".csv")
_BRACES: Final = re.compile(r"\{([^{}]*)\}|[{}]")
_FILLED: Final[dict[str, frozenset[str]]] = {
    "phrase": frozenset({"where", "process"}),
    "short": frozenset({"list"}),
    "gathered": frozenset({"where", "list"}),
    "one": frozenset({"region"}),
    "few": frozenset({"regions", "last"}),
    "many": frozenset({"n", "regions"}),
    "most": frozenset({"regions"}),
    "audiences": frozenset({"name", "n"}),
}
"""What may stand in braces where."""


@dataclass(frozen=True)
class Phrases:
    """All sentences of an exercise."""

    general: General
    by_process: Mapping[str, Phrase]
    inputs: tuple[Input, ...]

    @property
    def after(self) -> dict[str, int]:
        """Seconds until anybody notices that a process fails, where that is not at once."""
        return {process: phrase.after for process, phrase in self.by_process.items() if phrase.after}

    @property
    def concerns(self) -> dict[str, int]:
        """Share of the inhabitants (1/10 000) whom a process matters to, where the phrases say so."""
        return {process: phrase.concerns for process, phrase in self.by_process.items() if phrase.concerns}


def read_phrases(model: Model, folder: str | Path | None = None) -> Phrases:
    """Read the phrases at hand; of one process, what a nearer folder says goes before what a farther one says.

    Parameters
    ----------
    model : Model
        Its processes are those that phrases can be about.
    folder : path, optional
        Goes before all others.

    Raises
    ------
    UsageError
        If there is no such folder.
    DefinitionError
        With every fault of every file.
    """
    if folder is not None and not is_there(Path(folder), folder=True):
        raise UsageError(f"--phrases: there is no folder {short(str(folder))!r}; name a folder with phrases in it")
    folders = ([Path(folder)] if folder is not None else []) + _distinct(phrase_folders(model.root or None))
    general: General | None = None
    found: dict[str, Phrase] = {}
    inputs: list[Input] = []
    problems: list[Problem] = []
    for number, one in enumerate(folders):
        named = folder is not None and number == 0
        for path in sorted(one.glob("*.y*ml")):
            document, digest = read_document(path, path.as_posix())
            inputs.append(Input(path.as_posix(), digest))
            if path.name == GENERAL:
                general = general or _general(document)
            else:
                _take(document, model if named else None, found)
            problems += document.problems
    if problems:
        raise DefinitionError(problems)
    if general is None:
        raise UsageError(f"no phrases found: no folder scenarios/phrases with {GENERAL}; name one with --phrases")
    return Phrases(general, found, tuple(inputs))


def phrase_texts() -> dict[str, str]:
    """Return the phrases that are shipped, by name of their file, as they are written."""
    folder = phrase_folders()[-1]
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yaml"))}


def _distinct(folders: Iterable[Path]) -> list[Path]:
    return list({folder.resolve(): folder for folder in folders}.values())


def _general(document: Document) -> General | None:
    if document.mark is None:
        return None
    value, _ = validate(General, document, document.data)
    if value is not None:
        _check_braces(document, value, (), "")
    return value


def _take(document: Document, model: Model | None, found: dict[str, Phrase]) -> None:
    """Add the phrases of one file; those of a process that the model lacks are a fault where the model is given."""
    if document.mark is None:
        return
    if not isinstance(document.data, dict):
        document.fault(
            (), "expected a mapping (process: ...)", "begin every entry with the id of a process and a colon"
        )
        return
    for key, data in document.data.items():
        value, _ = validate(Phrase, document, data, (key,))
        if value is None:
            continue
        if model is not None and key not in model.processes:
            document.fault((key,), f"no process {short(key)!r}", did_you_mean(key, model.processes), key=True)
        _check_braces(document, value, (key,), "phrase")
        old = found.get(key)
        # what an earlier, nearer folder said stays
        found[key] = (
            value if old is None else value.model_copy(update={f: getattr(old, f) for f in old.model_fields_set})
        )


def _check_braces(document: Document, value: Frozen, path: Path_, kind: str) -> None:
    """Refuse braces that nothing is filled into."""
    for name in type(value).model_fields:
        inner = getattr(value, name)
        here = "phrase" if name == "otherwise" else name if name in _FILLED else kind
        for part, one in _parts(inner):
            where = (*path, name, *part)
            if isinstance(one, Words):
                _check_words(document, one, where, _FILLED.get(here, frozenset()))
            elif isinstance(one, Frozen):
                _check_braces(document, one, where, here)


def _parts(value: Any) -> Iterable[tuple[Path_, Any]]:
    if isinstance(value, Mapping):
        return [((key,), one) for key, one in value.items()]
    if isinstance(value, tuple):
        return [((i,), one) for i, one in enumerate(value)]
    return [((), value)]


def _check_words(document: Document, words: Words, path: Path_, allowed: frozenset[str]) -> None:
    for text in dict.fromkeys((words.nl, words.en)):
        for match in _BRACES.finditer(text):
            if match[1] not in allowed:
                may = ", ".join(f"{{{one}}}" for one in sorted(allowed)) or "no braces"
                document.fault(path, f"nothing is filled in for {match[0]}", f"here may stand: {may}")


def fill(words: Words, lang: Lang, **filled: str) -> str:
    """Fill a sentence; what it does not ask for is left out, and braces in what is filled in stay as they are."""
    return _BRACES.sub(lambda match: filled.get(match[1] or "", match[0]), words[lang])


# ------------------------------------------------------------------ planned injects


def read_injects(
    path: str | Path, model: Model, lang: Lang = "nl", audiences: Mapping[str, Words] | None = None
) -> tuple[Injects, Input]:
    """Read a planner's injects: YAML, or a sheet (``.xlsx``, ``.csv``) that a timeline was written to and edited.

    Parameters
    ----------
    path : path
    model : Model
        Its processes, sectors and regions are those that can be named.
    lang : str
        Of the sheet.
    audiences : mapping, optional
        What audiences are called in a sheet.

    Raises
    ------
    DefinitionError
        With every fault, unknown processes and regions included.
    UsageError
        If there is no such file.
    """
    path = Path(path)
    if not is_there(path):
        raise UsageError(f"--injects: there is no file {short(str(path))!r}")
    if path.suffix.lower() not in (*SHEETS, ".yaml", ".yml"):
        raise UsageError(f"--injects: {path} is no file of injects; save it as .xlsx or .csv, or write .yaml")
    if path.suffix.lower() in SHEETS:
        from cascade.files.sheets import read_sheet

        return read_sheet(path, model, lang, audiences)
    document, digest = read_document(path, path.as_posix())
    value = validate(Injects, document, document.data)[0] if document.mark else None
    if value is not None:
        for problem_path, what, remedy in strange_injects(value, model):
            document.fault(problem_path, what, remedy)
    if document.problems or value is None:
        raise DefinitionError(document.problems)
    return value, Input(path.as_posix(), digest)


def strange_injects(injects: Injects, model: Model) -> Iterable[tuple[Path_, str, str]]:
    """Yield what in a planner's injects does not fit the model: where, what and the remedy."""
    regions = {**{code: code for code in model.regions}, **{r.name.lower(): c for c, r in model.regions.items()}}
    for what, remedy in strange_marks(injects.marking):
        yield ("marking",), what, remedy
    seen: dict[str, int] = {}
    for i, one in enumerate(injects.injects):
        here: Path_ = ("injects", i)
        yield from _strange(one, here, model, regions)
        if one.id is not None:
            if one.id in seen:
                yield (*here, "id"), f"{one.id!r} is also the id of entry {seen[one.id] + 1}", "give one another id"
            seen.setdefault(one.id, i)


def _strange(one: Planned, here: Path_, model: Model, regions: Mapping[str, str]) -> Iterable[tuple[Path_, str, str]]:
    if one.process is not None and one.process not in model.processes:
        remedy = did_you_mean(one.process, model.processes)
        yield (*here, "process"), f"no process {short(one.process)!r} in the model", remedy
    if one.sector is not None and one.sector not in model.sectors:
        yield (
            (*here, "sector"),
            f"no sector {short(one.sector)!r} in the model",
            did_you_mean(one.sector, model.sectors),
        )
    for code in one.where or ():
        if code not in model.regions and code.lower() not in regions:
            yield (
                (*here, "where"),
                f"no region {short(code)!r} in the model",
                did_you_mean(code, [*model.regions, *(one.name for one in model.regions.values())]),
            )
    for what, remedy in strange_marks(one.marking):
        yield (*here, "marking"), what, remedy
