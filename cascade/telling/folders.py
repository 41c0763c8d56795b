"""Model folders that are made for somebody: a small one to begin with, and one out of sheets; whole or not at all."""

import contextlib
import functools
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Final

from cascade import __version__
from cascade.errors import DefinitionError, Places, UsageError
from cascade.files.gathering import KNOWN, Base, Draft
from cascade.files.reading import bundled, load
from cascade.files.recognition import Plan, Question, draft, read_mapping, understand
from cascade.files.sheets import read_pages
from cascade.files.workbook import check_mark, gather
from cascade.model import Input, Lang, Model
from cascade.telling.columns import marking_of
from cascade.telling.writing import json_bytes, listed, sha256, short_path, write_file

Ask = Callable[[Question], str]
"""Gives the key of the column that is meant, or ``-`` to pass it over."""
MANIFEST: Final = "manifest.json"


@dataclass(frozen=True)
class Imported:
    """A model folder that was made out of sheets."""

    folder: Path
    model: Model
    files: tuple[str, ...]
    """Names of the files in the folder."""
    notes: tuple[str, ...]
    """What was decided on the way."""
    tables: tuple[tuple[str, str, int], ...]
    """Name of each sheet that was read, what it is, and how many rows it has."""
    mapping: str
    """What its sheets and columns are, as a mapping file."""
    own: tuple[str, ...] = ()
    """Processes of which the sheets say what they need, in order of id."""


# ------------------------------------------------------------------ a folder to begin with


def start_folder(folder: str | Path, lang: Lang = "nl") -> list[Path]:
    """Write a small model with a scenario and a capacity file, with comments that teach; it runs as it is.

    Parameters
    ----------
    folder : path
        Is made; may be there if it is empty.
    lang : str
        Of the comments.

    Returns
    -------
    list of Path
        The files written: a model in ``sectors``, and ``scenarios`` beside it.

    Raises
    ------
    UsageError
        If the folder holds anything, or cannot be written.
    """
    source = Path(str(resources.files("cascade"))) / "starters" / lang
    files = {
        path.relative_to(source).as_posix(): path.read_bytes() for path in sorted(source.rglob("*")) if path.is_file()
    }
    target = Path(folder)
    _refuse_filled(target)
    with _staged(target) as stage:
        _fill(stage, files)
        _place(stage, target)
    return [target / name for name in files]


# ------------------------------------------------------------------ a folder out of sheets


def import_workbook(
    path: str | Path,
    out: str | Path,
    *,
    mapping: str | Path | None = None,
    sheets: Iterable[str] = (),
    onto: str | Path | None = None,
    lang: Lang = "nl",
    marking: str = "",
    ask: Ask | None = None,
    mapping_out: str | Path | None = None,
) -> Imported:
    """Make a model folder out of a workbook or a table of dependencies, and load it.

    Parameters
    ----------
    path : path
        ``.xlsx``, or ``.csv`` with one table.
    out : path
        Folder to make. One that an earlier import made and nobody changed is replaced.
    mapping : path, optional
        Says what sheets and columns are that go by other names.
    sheets : iterable of str
        Only these sheets; without it, all that are recognised.
    onto : path, optional
        A model folder to put the imported things beside; without it they are a model of their own.
    lang : str
        Of the notes.
    marking : str
        Raises that of what is written.
    ask : callable, optional
        Is asked about every column that nobody is sure of; without it these are refused.
    mapping_out : path, optional
        Write there what was understood, as a mapping file to fill in.

    Raises
    ------
    DefinitionError
        With all faults, each with its sheet and cell; nothing is written then but the draft of a mapping.
    UsageError
        If the folder holds what no import wrote, or cannot be written, or ``marking`` is none.
    """
    check_mark(marking)
    target = Path(out)
    _refuse_foreign(target)
    pages, source = read_pages(path)
    plan = understand(pages, source.path, None if mapping is None else read_mapping(mapping), sheets)
    _settle(plan, ask, mapping_out)
    base = None if onto is None else _base(onto)
    made = gather(plan, lang, base, functools.cache(lambda: load(bundled("sectors"))), marking)
    _point_to_base(made, onto)
    with _staged(target) as stage:
        model = _checked(made, stage)
        about = _manifest(made, model, [source, *([] if base is None else base.model.inputs)])
        _fill(stage, {MANIFEST: about})
        _place(stage, target)
    tables = tuple((t.page.name, t.sheet.key, sum(line > t.row for line, _ in t.page.rows)) for t in plan.tables)
    own = sorted({str(path[1]) for _, path in made.origins if path[:1] == ("processes",) and path[2:3] == ("needs",)})
    names = tuple(sorted(made.files))
    return Imported(target, _moved(model, stage, target), names, tuple(made.notes), tables, draft(plan), tuple(own))


def _settle(plan: Plan, ask: Ask | None, mapping_out: str | Path | None) -> None:
    """Have every open question answered, or refuse; the draft of a mapping is written in any case."""
    while plan.questions and ask is not None:
        question = plan.questions[0]
        plan.answer(question, ask(question))
    if mapping_out is not None:
        write_file(draft(plan), mapping_out)
    if plan.questions:
        raise DefinitionError([*plan.problems()])


def _base(folder: str | Path) -> Base:
    """Read a model with the bytes of all its files."""
    model = load(folder)
    return Base(model, {one.path: (Path(folder) / one.path).read_bytes() for one in model.inputs})


def _point_to_base(made: Draft, onto: str | Path | None) -> None:
    """Where a workbook holds what an earlier import put there already, name the likelier remedy: the model before that."""
    if onto is None or listed(Path(onto)) is None:
        return
    first = (
        f"{Path(onto).as_posix()} was made by an import: after --onto, name the model that was there before that; or "
    )
    made.problems[:] = [
        replace(problem, remedy=first + problem.remedy) if KNOWN in problem.what else problem
        for problem in made.problems
    ]


def _checked(made: Draft, stage: Path) -> Model:
    """Load what was made; faults are told with the cells they came from."""
    _fill(stage, made.files)
    try:
        model = load(stage)
    except DefinitionError as error:
        raise DefinitionError([*made.explained(error.problems, stage)]) from None
    if made.problems:
        raise DefinitionError([*made.problems])
    return model


def _moved(model: Model, stage: Path, target: Path) -> Model:
    """Return a model that was loaded from one folder as it is in another."""
    places = {
        key: ((target / Path(file).relative_to(stage)).as_posix(), mark)
        for key, (file, mark) in model.places.roots.items()
    }
    return replace(model, root=target.as_posix(), places=Places(places))


def _manifest(made: Draft, model: Model, inputs: Iterable[Input]) -> bytes:
    """Say what a folder was made from, and the hash of each file, so that a later import knows what somebody changed."""
    return json_bytes(
        {
            "marking": marking_of(model),
            "versions": {"cascade": __version__},
            "inputs": {short_path(one.path): one.sha256 for one in inputs},
            "files": {name: sha256(data) for name, data in sorted(made.files.items())},
        }
    )


# ------------------------------------------------------------------ whole or not at all


def _refuse_filled(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; name a folder that is not there yet")
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty; name a folder that is not there yet")


def _refuse_foreign(folder: Path) -> None:
    """Refuse a folder in which anything stands that an import did not write, or that was changed since."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not folder.is_dir():
        raise UsageError(f"{folder} is a file; name a folder that is not there yet")
    known = listed(folder)
    if known is None:
        raise UsageError(f"{folder} is not empty, and was not made by an import; name a folder that is not there yet")
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    strange = sorted(there - {*known, MANIFEST})
    changed = [name for name in sorted(known) if name in there and sha256((folder / name).read_bytes()) != known[name]]
    for name in (*strange, *changed):
        raise UsageError(f"{folder / name} was added or changed since the import; name another folder, or move it away")


@contextlib.contextmanager
def _staged(target: Path) -> Iterator[Path]:
    """Give an empty folder beside the target, with the same neighbours; it is gone afterwards."""
    near = target.absolute().parent
    stage = near / f".{target.absolute().name}.{os.getpid()}.part"
    try:
        stage.mkdir(parents=True)
    except OSError as error:
        raise UsageError(f"cannot write {target}: {error.strerror or error}") from error
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _fill(folder: Path, files: Mapping[str, bytes]) -> None:
    try:
        for name, data in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
    except OSError as error:
        raise UsageError(f"cannot write {folder.name}: {error.strerror or error}") from error


def _place(stage: Path, target: Path) -> None:
    """Put a finished folder in its place; the one that was there goes only when the new one stands."""
    old = stage.with_suffix(".old")
    try:
        if target.exists():
            target.replace(old)
        stage.replace(target)
    except OSError as error:
        if old.exists() and not target.exists():
            old.replace(target)
        raise UsageError(f"cannot write {target}: {error.strerror or error}") from error
    shutil.rmtree(old, ignore_errors=True)
