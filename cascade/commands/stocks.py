"""The command about stocks: parse, call, print, like those of ``cli``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cascade.errors import UsageError
from cascade.telling.talk import Described, Talk, answers

if TYPE_CHECKING:
    from cascade.model import Model
    from cascade.telling.screen import Screen

REGISTER_TABLES = ("register", "usable")
USE_TABLES = ("use", "without", "copies", "totals")
PICTURES = ("svg", "png", "pdf")


@click.command(
    cls=Described, short_help="How long stocks last, whether they can be used, and what it would be without."
)
@click.argument("scenario", required=False)
@click.option("--stock", "chosen", multiple=True, metavar="ID", help="Only this stock (may be repeated).")
@click.option(
    "--below",
    metavar="LEVEL",
    default="50%",
    help="A stock cannot be used while something it asks for works below this level; by default 50%.",
)
@click.option("--all", "whole", is_flag=True, help="Also stocks that are not drawn on, and every region.")
@click.option("--picture", metavar="FILE", help="Draw it as well; the file ends in .svg, .png or .pdf.")
@answers(tables=(*REGISTER_TABLES, *USE_TABLES))
def stocks(
    talk: Talk, scenario: str | None, chosen: tuple[str, ...], below: str, whole: bool, picture: str | None
) -> None:
    r"""Show the stocks of the model, or what becomes of them in a SCENARIO.

    Without SCENARIO: what each holds, who keeps it, how long it lasts in the model and by what is published, and what must
    work before anybody can draw on it. With one: when it is drawn on, when it is empty, when it was wanted but could not be
    used, and the same scenario without it.

    \b
    Examples:
      cascade stocks --lang nl
      cascade stocks national-power-outage
      cascade stocks gas-shortage --stock gas-storage --picture gas.svg
      cascade stocks food-distribution-blocked --format csv --table without
    """
    talk.ready()
    kind = _kind(picture)
    if talk.table is not None and (talk.table in USE_TABLES) != (scenario is not None):
        raise UsageError(f"--table {talk.table}: {_where(talk.table)}")
    share = _share(below)
    model = talk.load()
    for name in chosen:
        from cascade.results.stocks import find

        find(model, name)
    if scenario is None:
        _register(talk, model, chosen, picture, kind)
    else:
        _use(talk, model, scenario, chosen, share, whole=whole, picture=picture, kind=kind)


def _register(talk: Talk, model: Model, chosen: tuple[str, ...], picture: str | None, kind: str) -> None:
    from dataclasses import replace

    from cascade.telling.stocks import register_tables
    from cascade.words import word

    mark = talk.mark(model)
    if chosen:
        model = replace(model, stocks={name: model.stocks[name] for name in chosen})
    tables = register_tables(model, talk.lang)
    if picture is not None:
        from cascade.telling.reserves import draw_register

        _draw(talk, picture, kind, draw_register(model, talk.lang, mark))

    def draw(screen: Screen) -> None:
        screen.title(word("stock_register", screen.lang), mark)
        for table in (replace(tables[0], title=""), *tables[1:]):
            screen.table(table)
        screen.say()
        screen.say(talk.next_command("stock_next"), style="dim")

    talk.answer({"marking": mark}, tables, draw)


def _use(
    talk: Talk,
    model: Model,
    scenario: str,
    chosen: tuple[str, ...],
    below: int,
    *,
    whole: bool,
    picture: str | None,
    kind: str,
) -> None:
    from cascade.results.stocks import stock_use
    from cascade.telling.stocks import summary, use_tables
    from cascade.words import word

    file = talk.scenario(scenario, model)
    talk.announce_compiling()
    found = stock_use(model, file.scenario, below, chosen or None, progress=talk.progress())
    tables = use_tables(found, talk.lang, whole=whole or talk.format != "table")
    mark = talk.mark(model, file.scenario)
    if picture is not None:
        from cascade.telling.reserves import draw_use

        _draw(talk, picture, kind, draw_use(found, talk.lang, mark))
    name = file.scenario.name[talk.lang]
    head: dict[str, Any] = {"scenario": file.source.path, "name": name, "below": below / 10_000, "marking": mark}

    def draw(screen: Screen) -> None:
        screen.title(word("stock_title", screen.lang, name=name), mark)
        for line in summary(found, screen.lang):
            screen.say(line)
        for table in tables:
            if (table.rows or table.name == "use") and (whole or table.name != "copies"):
                screen.table(table)

    talk.answer(head, tables, draw)


def _where(table: str) -> str:
    return "name a SCENARIO" if table in USE_TABLES else "leave SCENARIO out"


def _share(text: str) -> int:
    from cascade.units import parse_share

    try:
        return parse_share(text)
    except ValueError as error:
        raise UsageError(f"--below: {error}") from None


def _kind(picture: str | None) -> str:
    """Return the kind of a picture by the ending of its name."""
    if picture is None:
        return ""
    kind = Path(picture).suffix.lower().removeprefix(".")
    if kind not in PICTURES:
        raise UsageError(f"--picture {picture}: the name ends in .svg, .png or .pdf")
    return kind


def _draw(talk: Talk, picture: str, kind: str, figure: Any) -> None:
    from cascade.telling.plots import render
    from cascade.telling.writing import write_file

    talk.say("written_one", file=write_file(render(figure, kind), picture))  # type: ignore[arg-type]


COMMANDS: tuple[click.Command, ...] = (stocks,)
"""What ``cli`` adds to its own."""
