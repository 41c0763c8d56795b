"""The command about recovery: in which order crews repair, and where mobile generators go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cascade.errors import UsageError
from cascade.telling.talk import Described, Talk, answers

if TYPE_CHECKING:
    from cascade.model import Model, Scenario
    from cascade.telling.recovery import Told
    from cascade.telling.screen import Screen

TABLES = ("orders", "jobs", "course", "moves", "searched")
HARMS = ("hours", "cascade_hours", "basic_hours", "basic_peak", "basic_beyond", "euros")
PICTURES = ("svg", "png", "pdf")
INTERRUPTED = 130


@click.command(cls=Described, short_help="In which order to repair, and where mobile generators go, hour by hour.")
@click.argument("scenario")
@click.option("--harm", type=click.Choice(HARMS), default="hours", help="What to judge by; by default hours.")
@click.option(
    "--generators",
    type=click.IntRange(min=1),
    help="Also place so many mobile generators over time; where they may go says the measure standby-generator.",
)
@click.option("--every", metavar="TIME", default="12h", help="How often generators are assigned anew; by default 12h.")
@click.option(
    "--time", "seconds", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS",
    help="Stop looking for a better order after so long; the result then depends on the machine.",
)  # fmt: skip
@click.option("--simulations", type=click.IntRange(min=1), help="Stop looking for a better order after so many.")
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=1, help="Of what is drawn in the search; by default 1."
)
@click.option("--picture", metavar="FILE", help="Draw the two courses as well; the file ends in .svg, .png or .pdf.")
@click.option("--all", "whole", is_flag=True, help="All repairs, moves and moments.")
@answers(tables=TABLES)
def recover(talk: Talk, scenario: str, picture: str | None, whole: bool, **asked: Any) -> None:
    r"""Find the order of repair in a SCENARIO that does the least harm, with a proven bound.

    Crews serve one job after the other; the order decides who waits. Every order is judged by a simulation. Up to 8
    repairs with a queue the best order is proven to be the best; beyond that the answer says how much better any order could
    be. Ctrl-C gives the best so far. The order shown can be written in the scenario as its repair_order.

    \b
    Examples:
      cascade recover north-sea-sabotage --harm euros --lang nl
      cascade recover hybrid-campaign --picture recovery.svg
      cascade recover regional-power-outage --generators 10 --harm basic_hours
      cascade recover north-sea-sabotage --format csv --table jobs
    """
    from cascade.telling.recovery import recovery_summary, recovery_tables
    from cascade.words import word

    talk.ready()
    kind = _kind(picture)
    every = _seconds(asked.pop("every"))
    if talk.table == "moves" and asked["generators"] is None:
        raise UsageError("--table moves: say how many generators there are with --generators")
    model = talk.load()
    file = talk.scenario(scenario, model)
    if talk.table == "jobs" and not any(event.repair is not None for event in file.scenario.events):
        raise UsageError("--table jobs: nothing in this scenario waits for repair")
    talk.announce_compiling()
    told = _found(talk, model, file.scenario, every, asked)
    tables = recovery_tables(told, talk.lang, whole=whole or talk.format != "table")
    mark = talk.mark(model, file.scenario)
    head = {"scenario": file.source.path, "name": file.scenario.name[talk.lang], "marking": mark}

    def draw(screen: Screen) -> None:
        screen.title(word("recover_title", screen.lang, scenario=file.scenario.name[screen.lang]), mark)
        for line in recovery_summary(told, screen.lang):
            screen.say(line)
        for table in tables:
            if table.rows and table.name != "searched":
                screen.table(table)

    if picture is not None:
        _draw(talk, told, picture, kind, mark)
    talk.answer(head, tables, draw)
    if (told.order and told.order.interrupted) or (told.pool and told.pool.interrupted):
        click.get_current_context().exit(INTERRUPTED)


def _found(talk: Talk, model: Model, scenario: Scenario, every: int, asked: dict[str, Any]) -> Told:
    """Look for the best order, and with it in place for the best moves of generators."""
    from cascade.results.generators import generators
    from cascade.results.recovery import recovery
    from cascade.telling.recovery import Told

    order = pool = None
    repaired = any(event.repair is not None for event in scenario.events)
    if not repaired and asked["generators"] is None:
        raise UsageError("nothing in this scenario waits for repair; add --generators N, or choose another scenario")
    if repaired:
        given = {name: asked[name] for name in ("seed", "simulations", "seconds")}
        order = recovery(model, scenario, asked["harm"], progress=talk.progress(), **given)
    if asked["generators"] is not None and not (order and order.interrupted):
        best = scenario if order is None else order.best.run.scenario
        pool = generators(
            model, best, asked["generators"], asked["harm"], every=every, seed=asked["seed"], progress=talk.progress()
        )
    return Told(model, scenario, asked["harm"], order, pool)


def _seconds(text: str) -> int:
    from cascade.units import parse_duration

    try:
        found = parse_duration(text)
    except ValueError as error:
        raise UsageError(f"--every: {error}") from None
    if found <= 0:
        raise UsageError(f"--every {text}: write a time above 0, such as 12h")
    return found


def _kind(picture: str | None) -> str:
    """Return the kind of a picture by the ending of its name."""
    if picture is None:
        return ""
    kind = Path(picture).suffix.lower().removeprefix(".")
    if kind not in PICTURES:
        raise UsageError(f"--picture {picture}: the name ends in .svg, .png or .pdf")
    return kind


def _draw(talk: Talk, told: Told, picture: str, kind: str, mark: str) -> None:
    from cascade.telling.courses import draw_courses
    from cascade.telling.plots import render
    from cascade.telling.writing import write_file

    data = render(draw_courses(told, talk.lang, mark), kind)  # type: ignore[arg-type]
    talk.say("written_one", file=write_file(data, picture))


COMMANDS: tuple[click.Command, ...] = (recover,)
"""What ``cli`` adds to its own."""
