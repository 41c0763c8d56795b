"""How a command is asked and answers: the options that all share, and data or pages, to the screen or a file."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cascade.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from cascade.files.reading import ScenarioFile
    from cascade.model import Lang, Model, Scenario
    from cascade.simulation.run import Run
    from cascade.telling.columns import Table
    from cascade.telling.screen import Screen

F = TypeVar("F", bound=Callable[..., Any])
ONE_FILE = {".csv": "csv", ".json": "json", ".txt": "table"}
"""Endings of a name that mean one file, and the format of what goes into it."""
QUIET_S = 2.0
"""Seconds between two messages on how far a long computation is."""
FULL_MARKS = {
    "departementaal vertrouwelijk": "Dep. V.",
    "staatsgeheim confidentieel": "Stg. C",
    "stg. confidentieel": "Stg. C",
    "staatsgeheim geheim": "Stg. G",
    "stg. geheim": "Stg. G",
    "staatsgeheim zeer geheim": "Stg. ZG",
    "stg. zeer geheim": "Stg. ZG",
}
"""Markings as they are written in full, and as the data has them."""


@dataclass(frozen=True)
class Talk:
    """How someone wants to be answered: language, format, file, marking, and which model it is about."""

    lang: Lang
    format: str
    out: str | None
    marking: str | None
    model: str | None
    table: str | None = None
    """The one table that is wanted."""

    @property
    def one_file(self) -> bool:
        """Whether the target is meant as one file: one table was asked for, or its name ends like a file of data."""
        return self.out is not None and (self.table is not None or Path(self.out).suffix.lower() in ONE_FILE)

    def ready(self, *, folder: bool = False) -> None:
        """Make sure, before anything is computed, that the target can be written.

        Raises
        ------
        UsageError
            If it cannot.
        """
        if self.out is None:
            return
        path = Path(self.out)
        if folder and path.exists() and not path.is_dir():
            raise UsageError(f"--out: {path} is a file, and a report needs a folder; name another")
        if not folder and path.is_dir():
            raise UsageError(f"--out: {path} is a folder; name a file in it")
        near = path if path.exists() else next((p for p in path.absolute().parents if p.exists()), path)
        if near != path and not near.is_dir():
            raise UsageError(f"--out: cannot write {path}: {near} is no folder")
        if not os.access(near, os.W_OK):
            raise UsageError(f"--out: cannot write {path}: {near} may not be written to")

    def say(self, key: str, **filled: object) -> None:
        """Say something that is no data: on stderr."""
        from cascade.words import word

        click.echo(word(key, self.lang, **filled), err=True)

    def load(self) -> Model:
        """Read the model that is meant."""
        from cascade.files.reading import find_model, load

        return load(find_model(self.model))

    def scenario(self, name: str, model: Model) -> ScenarioFile:
        """Read the scenario that is meant: a path, or the name of one at hand."""
        from cascade.files.reading import find_scenario, read_scenario

        return read_scenario(find_scenario(name, model.root), model)

    def announce_compiling(self) -> None:
        """Say so when the engine turns out to need compiling: that takes a while."""
        from cascade.simulation.engine import on_compiling

        on_compiling(lambda: self.say("compiling"))

    def simulate(self, model: Model, scenario: Scenario) -> Run:
        """Play a scenario; the first time on a machine the engine is compiled, which is announced."""
        from cascade.simulation.run import simulate

        self.announce_compiling()
        return simulate(model, scenario)

    def progress(self) -> Callable[[int, int], None]:
        """Return what a long computation may call with how much is done, and of how much.

        What takes more than two seconds is told on stderr, at most every two seconds, with the time left. The clock
        starts at the first report: whatever came before it, the compiling of the engine or an earlier day, says nothing
        of how fast the rest will go.
        """
        from time import monotonic

        from cascade.words import duration

        start: tuple[float, int] | None = None
        told = 0.0

        def tell(done: int, size: int) -> None:
            nonlocal start, told
            now = monotonic()
            if start is None:
                start, told = (now, done), now
                return
            began, first = start
            if first < done < size and now - told >= QUIET_S:
                told = now
                left = (now - began) * (size - done) / (done - first)
                self.say("runs_done", done=done, size=size, left=duration(max(1, round(left)), self.lang))

        return tell

    def mark(self, model: Model, *scenarios: Scenario) -> str:
        """Return the marking of what is written: that of the data, or a higher one that was asked for."""
        from cascade.telling.columns import marking_of

        of_data = marking_of(model, *(s.marking for s in scenarios))
        mark = marking_of(model, *(s.marking for s in scenarios), self.marking)
        if self.marking is not None and self.marking not in mark.split(" / "):
            self.say("marking_kept", kept=of_data)
        return mark

    def write(self, text: str) -> None:
        """Write data to the file that was named, else to stdout."""
        if self.out is None:
            click.echo(text, nl=False)
            return
        from cascade.telling.report import write_file

        self.say("written_one", file=write_file(text, self.out))

    def answer(
        self,
        head: dict[str, Any],
        tables: list[Table],
        draw: Callable[[Screen], None],
    ) -> None:
        """Give tables, or the one that is wanted, as data or, drawn by ``draw``, for people."""
        from cascade.telling.screen import Screen, as_csv, as_json, note_one_table

        chosen, names = self.table, [t.name for t in tables]
        if chosen is not None and chosen not in names:
            raise UsageError(f"no table {chosen!r} in this answer; there is: {', '.join(names)}")
        if self.format == "json":
            self.write(as_json(head, [t for t in tables if chosen in (None, t.name)]))
            return
        if self.format == "csv":
            table = next((t for t in tables if t.name == chosen), tables[0])
            if chosen is None and len(tables) > 1:
                click.echo(note_one_table(table, tables, self.lang), err=True)
            self.write(as_csv(table))
            return
        screen = Screen(self.lang, plain=self.out is not None)
        if chosen is None:
            draw(screen)
        else:
            table = next(t for t in tables if t.name == chosen)
            if "marking" in head:  # a table by itself carries the mark as well
                screen.title(table.title, str(head["marking"]))
                table = dataclasses.replace(table, title="")
            screen.table(table)
        self.write(screen.text())


class Described(click.Command):
    """A command whose help keeps its examples line by line."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.help = unwrapped(self.help)


def unwrapped(text: str | None) -> str | None:
    """Turn the written mark of a paragraph that is not to be wrapped into the character that click looks for."""
    return text.replace(r"\b", "\b") if text else text


def _default_lang() -> str:
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "nl" if spoken.lower().startswith("nl") else "en"


def _not_empty(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and not value.strip():
        raise click.BadParameter("name a file or a folder")
    return value


def _marks(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """Check a marking against the known families, whatever its capitals."""
    if value is None:
        return None
    from cascade.model import MARKINGS

    known = {mark.lower(): mark for marks in MARKINGS.values() for mark in marks}
    meant = value.strip().lower()
    if meant in known:
        return known[meant]
    if meant in FULL_MARKS:
        return FULL_MARKS[meant]
    if f"tlp:{meant}" in known:
        raise click.BadParameter(f"{value!r} is no marking; did you mean {known[f'tlp:{meant}']!r}?")
    near = did_you_mean(value, known.values())
    near = f"{near} " if near.startswith("did") else ""
    raise click.BadParameter(f"{value!r} is no marking; {near}known: {', '.join(known.values())}")


def _format(format: str | None, out: str | None, tables: Sequence[str]) -> str:
    """Return the format that is meant: the one asked for, else the one that the ending of the target says."""
    by_name = ONE_FILE.get(Path(out).suffix.lower()) if out is not None else None
    if format is None:
        return by_name if by_name is not None and tables else "table"
    if by_name not in (None, format) and by_name != "table":
        raise UsageError(f"--out {out} says {by_name} and --format says {format}; leave one of them out")
    return format


def answers(
    out: str = "Write to this file instead of the screen.", model: bool = True, tables: Sequence[str] = ()
) -> Callable[[F], Any]:
    """Give a command the options that mean the same in all of them, as one ``talk``."""

    def decorate(function: F) -> Any:
        def command(
            lang: str,
            format: str | None,
            out: str | None,
            marking: str | None,
            model: str | None = None,
            table: str | None = None,
            **given: Any,
        ) -> Any:
            meant = _format(format, out, tables)
            return function(Talk("nl" if lang == "nl" else "en", meant, out, marking, model, table), **given)

        command.__name__, command.__doc__ = function.__name__, function.__doc__
        made: Any = command
        if tables:
            made = click.option("--table", type=click.Choice(tables), help="Only this table.")(made)
        if model:
            made = click.option(
                "--model", metavar="FOLDER", help="Model folder; by default ./sectors or the one shipped."
            )(made)
        made = click.option(
            "--marking",
            metavar="MARK",
            callback=_marks,
            help="Raise the marking, e.g. TLP:AMBER; it is never lowered.",
        )(made)
        made = click.option("--out", metavar="PATH", callback=_not_empty, help=out_help)(made)
        made = click.option(
            "--format",
            type=click.Choice(["table", "csv", "json"]),
            help="For people, or as data; by default what --out ends with, else table.",
        )(made)
        made = click.option(
            "--lang",
            type=click.Choice(["nl", "en"]),
            envvar="CASCADE_LANG",
            default=_default_lang,
            help="Language of the answer.",
        )(made)
        return made

    out_help = out
    return decorate
