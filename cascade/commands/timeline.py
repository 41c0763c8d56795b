"""The command about exercises: parse, call, print, like those of ``cli``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cascade.errors import UsageError
from cascade.telling.talk import Described, Talk, answers

if TYPE_CHECKING:
    from datetime import datetime

    from cascade.files.exercises import Phrases
    from cascade.model import Input, Model, Scenario
    from cascade.simulation.run import Run
    from cascade.telling.columns import Table
    from cascade.telling.injects import Timeline
    from cascade.telling.screen import Screen

TABLES = ("injects", "moved")
MOST_MOVED = 15
"""Shifts shown on the screen."""


@click.command(cls=Described, short_help="A scenario as the timeline of an exercise, with injects.")
@click.argument("scenario")
@click.option(
    "--detail",
    type=click.Choice(["brief", "normal", "full"]),
    default="normal",
    help="How much is told by itself; the rest is gathered by sector and part of the day.",
)
@click.option("--sector", "sectors", multiple=True, metavar="ID", help="Only this sector (may be repeated).")
@click.option("--region", "regions", multiple=True, metavar="REGION", help="Only this region, by code or name.")
@click.option(
    "--audience",
    "audiences",
    multiple=True,
    metavar="WHO",
    help="Only what this audience hears: ministry, safety-region, sector, press .., or one by name (EZ, VR05, telecom).",
)
@click.option("--players", is_flag=True, help="What players may see: without chains, certainty and held-back injects.")
@click.option("--start", metavar="MOMENT", help="When the exercise begins, e.g. 2027-01-18T09:00+01:00.")
@click.option(
    "--injects",
    "files",
    multiple=True,
    metavar="FILE",
    help="Your own injects and changes: YAML, or the sheet (.xlsx, .csv) that this command wrote and you edited.",
)
@click.option("--phrases", metavar="FOLDER", help="Your own sentences; what they leave out is said as shipped.")
@click.option(
    "--if",
    "moves",
    multiple=True,
    metavar="WHAT",
    help="Something done during play: 'mobile-access@VR13 +generator at 6h', 'rail-service back at D+1 04:00', "
    "'mobile-core fails at 3h for 2h'.",
)
@click.option(
    "--against",
    "old",
    metavar="OLD",
    help="Also say what moved, beside this scenario: the one before SCENARIO was edited.",
)
@click.option("--from", "begin", metavar="MOMENT", help="Only from here on, e.g. 'D+1 06:00' or 30h.")
@click.option("--until", "end", metavar="MOMENT", help="Only before this moment: hand players no more than is past.")
@click.option("--all", "whole", is_flag=True, help="Every shift, not only those that most people notice.")
@answers(
    out="Folder for every format, or one file: .md .csv .json .xlsx (event list) .ics .html; name.openaev.xlsx for OpenAEV.",
    tables=TABLES,
)
def timeline(
    talk: Talk, scenario: str, start: str | None, moves: tuple[str, ...], old: str | None, whole: bool, **given: Any
) -> None:
    r"""Tell a SCENARIO as an exercise: who notices what, when and where, and what they may be expected to ask.

    Several regions at once are one inject and small changes are gathered. The chain behind each inject is for the control
    staff; --players leaves it out. Sentences come from scenarios/phrases: copy and edit them.

    \b
    Examples:
      cascade timeline national-power-outage --lang nl
      cascade timeline national-power-outage --detail brief --audience ministry
      cascade timeline river-flood --region VR08 --players --out players.md
      cascade timeline outage-112 --out exercise
      cascade timeline outage-112 --injects exercise/msel.xlsx --out exercise-2
      cascade timeline national-power-outage --if "mobile-access@VR13 +generator at 6h" --table moved
    """
    from cascade.files.exercises import read_phrases
    from cascade.telling.exports import check_name, is_one_file, refuse_edited
    from cascade.telling.timeline import moved_table

    talk.ready(folder=not talk.one_file and not is_one_file(talk.out or ""))
    if _as_files(talk) and talk.out is not None:
        check_name(talk.out)
        refuse_edited(talk.out)
    if moves and old:
        raise UsageError("--if and --against both say what to compare with; use one of them")
    if talk.table == "moved" and not (moves or old):
        raise UsageError("--table moved needs something that changes: add --if or --against")
    model = talk.load()
    file = talk.scenario(scenario, model)
    plain = _started(file.scenario, start)
    inputs = [file.source]
    before: Run | None = None
    if moves:
        before = talk.simulate(model, plain)
        run = _played(talk, model, plain, moves)
    else:
        run = talk.simulate(model, plain)
    if old is not None:
        other = talk.scenario(old, model)
        inputs.append(other.source)
        before = talk.simulate(model, other.scenario)
    phrases = read_phrases(model, given["phrases"])
    made, more = _told(talk, run, phrases, given)
    most = None if _data(talk, whole) else MOST_MOVED
    shifts = [] if before is None else [moved_table(before, run, phrases, talk.lang, most)]
    _answer(talk, run, made, shifts, [*inputs, *more], {"if": list(moves)} if moves else {})


def _data(talk: Talk, whole: bool) -> bool:
    return whole or talk.format != "table" or talk.out is not None


def _as_files(talk: Talk) -> bool:
    """Whether the timeline is written as files; a list as CSV too, since it can come back with the planner's changes."""
    return talk.out is not None and talk.table is None and talk.format != "json" and not talk.out.endswith(".txt")


def _started(scenario: Scenario, start: str | None) -> Scenario:
    if start is None:
        return scenario
    return scenario.model_copy(update={"start": _moment(start)})


def _after(option: str, text: str | None) -> int | None:
    from cascade.exercise import parse_after

    if text is None:
        return None
    try:
        return parse_after(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None


def _moment(text: str) -> datetime:
    from cascade.units import parse_moment

    try:
        return parse_moment(text)
    except ValueError as error:
        raise UsageError(f"--start: {error}") from None


def _played(talk: Talk, model: Model, scenario: Scenario, moves: tuple[str, ...]) -> Run:
    from cascade.results.whatif import played, read_moves, still_held
    from cascade.simulation.run import simulate

    meant = read_moves(moves, model, scenario.horizon)
    run = simulate(*played(model, scenario, meant))
    for move in meant:
        lacking = still_held(run, move)
        if lacking:
            names = {"name": move.process, "lacking": run.model.processes[lacking].name[talk.lang]}
            talk.say("still_held", move=move.text, **names)
    return run


def _told(talk: Talk, run: Run, phrases: Phrases, given: dict[str, Any]) -> tuple[Timeline, list[Input]]:
    """Return the timeline, and the files that were read for it."""
    from cascade.files.exercises import read_injects
    from cascade.telling.dossier import find_region
    from cascade.telling.timeline import Wish, tell

    model = run.model
    read = [read_injects(path, model, talk.lang, phrases.general.audiences) for path in given["files"]]
    wish = Wish(
        detail=given["detail"],
        sectors=given["sectors"],
        regions=tuple(find_region(model, one) for one in given["regions"]),
        audiences=given["audiences"],
        begin=_after("--from", given["begin"]) or 0,
        end=_after("--until", given["end"]),
        players=given["players"],
    )
    made = tell(run, phrases, talk.lang, wish, [injects for injects, _ in read], talk.mark(model, run.scenario))
    if not made.players:
        made = replace(made, notes=(*made.notes, *talk.cut_notes()))
    return made, [*phrases.inputs, *(source for _, source in read)]


def _answer(
    talk: Talk, run: Run, made: Timeline, shifts: list[Table], inputs: list[Input], options: dict[str, Any]
) -> None:
    from cascade.telling.injects import inject_table
    from cascade.telling.pages import draw_timeline

    tables = [inject_table(made), *shifts]
    head = {"scenario": made.title, "marking": made.marking, "notes": list(made.notes)}

    def draw(screen: Screen) -> None:
        draw_timeline(screen, made, shifts)

    if talk.out is None or not _as_files(talk):
        talk.answer(head, tables, draw)
        return
    from cascade.telling.exports import write_timeline

    written = write_timeline(run.model, made, shifts, talk.out, inputs, options, talk.notice())
    if len(written) == 1:
        talk.say("written_one", file=written[0])
    else:
        talk.say("written", n=len(written), folder=talk.out)


@click.command(cls=Described, short_help="Copy the sentences of exercises, to edit them.")
@click.argument("folder")
def phrases(folder: str) -> None:
    r"""Copy the sentences that ``cascade timeline`` tells with to a FOLDER, to edit them there.

    Leave out what you do not change: what a folder named with --phrases does not say is said as shipped.

    \b
    Examples:
      cascade phrases my-sentences
      cascade timeline outage-112 --phrases my-sentences
    """
    from cascade.files.exercises import phrase_texts
    from cascade.telling.writing import write_file

    for name, text in phrase_texts().items():
        path = Path(folder) / name
        if path.exists():
            raise UsageError(f"{path} is there already; name another folder")
        click.echo(write_file(text, path), err=True)


COMMANDS = (timeline, phrases)
