"""How a command is asked and answers: the options that all share, and data or pages, to the screen or a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from cascade.model import Lang, Model, Scenario
    from cascade.telling.columns import Table
    from cascade.telling.screen import Screen

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Talk:
    """How someone wants to be answered: language, format, file, marking, and which model it is about."""

    lang: Lang
    format: str
    out: str | None
    marking: str | None
    model: str | None

    def say(self, key: str, **filled: object) -> None:
        """Say something that is no data: on stderr."""
        from cascade.words import word

        click.echo(word(key, self.lang, **filled), err=True)

    def load(self) -> Model:
        """Read the model that is meant."""
        from cascade.files.reading import find_model, load

        return load(find_model(self.model))

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
        chosen: str | None = None,
    ) -> None:
        """Give tables as data or, drawn by ``draw``, for people; ``chosen`` names the one table wanted."""
        from cascade.telling.screen import Screen, as_csv, as_json, note_one_table

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
            screen.table(next(t for t in tables if t.name == chosen))
        self.write(screen.text())


def _default_lang() -> str:
    import os

    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "nl" if spoken.lower().startswith("nl") else "en"


def _marks(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """Check a marking against the known families, whatever its capitals."""
    if value is None:
        return None
    from cascade.model import MARKINGS

    known = {mark.lower(): mark for marks in MARKINGS.values() for mark in marks}
    if value.lower() not in known:
        raise click.BadParameter(f"{value!r} is no marking; known: {', '.join(known.values())}")
    return known[value.lower()]


def answers(out: str = "Write to this file instead of the screen.", model: bool = True) -> Callable[[F], Any]:
    """Give a command the options that mean the same in all of them, as one ``talk``."""

    def decorate(function: F) -> Any:
        def command(
            lang: str,
            format: str,
            out: str | None,
            marking: str | None,
            model: str | None = None,
            **given: Any,
        ) -> Any:
            return function(Talk("nl" if lang == "nl" else "en", format, out, marking, model), **given)

        command.__name__, command.__doc__ = function.__name__, function.__doc__
        made: Any = command
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
        made = click.option("--out", metavar="PATH", help=out_help)(made)
        made = click.option(
            "--format",
            type=click.Choice(["table", "csv", "json"]),
            default="table",
            help="For people, or as data.",
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
