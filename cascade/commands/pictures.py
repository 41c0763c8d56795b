"""The command that writes the pictures of a run for a report on paper: parse, call, print, like those of ``cli``."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from cascade.errors import UsageError
from cascade.telling.talk import Described, Talk, answers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cascade.model import Model
    from cascade.results.ranking import Ranking
    from cascade.telling.columns import Table
    from cascade.telling.plots import Sheet
    from cascade.telling.screen import Screen

KINDS = ("pdf", "svg", "png")
UNITS = {"mm": 1 / 25.4, "cm": 1 / 2.54, "in": 1.0}
PICTURE_TABLES = ("pictures",)
OUTAGE = "24h"
"""How long each process is out in the ranking."""
INTERRUPTED = 130


def _kinds(_: click.Context, __: click.Parameter, value: str) -> tuple[str, ...]:
    """Read a list of kinds with commas."""
    found = tuple(dict.fromkeys(kind.strip().lower() for kind in value.split(",")))
    for kind in found:
        if kind not in KINDS:
            raise click.BadParameter(f"no kind of picture {kind!r}; write one or more of {', '.join(KINDS)}")
    return found


@click.command(cls=Described, short_help="The pictures of a scenario for a report on paper: PDF, SVG or PNG.")
@click.argument("scenario")
@click.option(
    "--kind",
    "kinds",
    default="pdf,png",
    metavar="KINDS",
    callback=_kinds,
    help="pdf (fonts embedded), svg, png (300 dots an inch), or several with commas; by default pdf,png.",
)
@click.option(
    "--width",
    default="160mm",
    metavar="WIDTH",
    help="As printed: 160mm (the default), 24cm, 6.5in. Texts stay 7 points or more.",
)
@click.option(
    "--ranking",
    "samples",
    type=click.IntRange(0, 100_000),
    default=0,
    metavar="SAMPLES",
    help="Draw the uncertain numbers anew so many times, for the ranking with intervals; without it there are none.",
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, help="Of those draws; by default 1.")
@click.option("--workers", type=click.IntRange(1, 256), default=1, help="Threads; the result does not depend on it.")
@click.option(
    "--region", "regions", multiple=True, metavar="REGION", help="Only this region, by code or name; may be repeated."
)
@answers(out="Folder for the pictures and a manifest.", tables=PICTURE_TABLES)
def pictures(talk: Talk, scenario: str, width: str, regions: tuple[str, ...], **asked: Any) -> None:
    r"""Draw a SCENARIO for a report on paper, and the ranking of single failures beside it.

    Levels by sector, people without, a strip by region, maps, chains of causes, and which single failures are worst. A
    curve of what more capacity brings comes from protect --pareto --out.

    \b
    Examples:
      cascade pictures national-power-outage --out pictures --lang nl
      cascade pictures gas-shortage --out pictures --kind pdf --width 24cm
      cascade pictures river-flood --out pictures --ranking 200 --workers 2
      cascade pictures river-flood --out pictures --region VR08
    """
    from cascade.results.impact import assess
    from cascade.simulation.farm import Interrupted
    from cascade.telling.dossier import find_region
    from cascade.telling.report import run_pictures, write_pictures
    from cascade.telling.strips import narrowed
    from cascade.words import word

    if talk.out is None or talk.one_file:
        raise UsageError("pictures need a folder: add --out pictures")
    talk.ready(folder=True)
    inches = _inches(width)
    model = talk.load()
    codes = [find_region(model, region) for region in regions]
    file = talk.scenario(scenario, model)
    run = talk.simulate(model, file.scenario)
    try:
        ranking = _ranked(talk, model, asked)
    except Interrupted as stopped:
        talk.say("rank_lost_work", done=stopped.done, tasks=stopped.tasks)
        click.get_current_context().exit(INTERRUPTED)
    run = narrowed(run, codes) if codes else run
    mark = talk.mark(model, file.scenario)
    sheets = run_pictures(run, assess(run), talk.lang, mark, inches)
    sheets |= _ranking_sheets(ranking, talk, mark, inches)
    talk.mosaic(len(ranking.cases))
    options = {"width_mm": round(inches * 25.4, 1), "samples": asked["samples"], "seed": asked["seed"]}
    written = write_pictures(
        run, sheets, talk.out, asked["kinds"], talk.lang, mark, [file.source], options, talk.notice(), talk.progress()
    )
    table = _table(sheets, asked["kinds"], talk)

    def draw(screen: Screen) -> None:
        screen.title(word("pictures_title", screen.lang, name=file.scenario.name[screen.lang]), mark)
        screen.table(replace(table, title=""))

    head = {"scenario": file.source.path, "width_mm": options["width_mm"], "marking": mark}
    replace(talk, out=None).answer(head, [table], draw)
    talk.say("written", n=len(written), folder=talk.out)


def _inches(text: str) -> float:
    """Read a width with its unit."""
    from cascade.telling.plots import WIDTHS

    found = re.fullmatch(r"(\d+(?:[.,]\d+)?)\s*(mm|cm|in)", text.strip().lower())
    if found is None:
        raise UsageError(f"--width {text!r}: write a width with mm, cm or in, such as 160mm")
    inches = float(found[1].replace(",", ".")) * UNITS[found[2]]
    low, high = (round(side * 25.4) for side in WIDTHS)
    if not low - 0.5 <= inches * 25.4 <= high + 0.5:
        raise UsageError(f"--width {text!r}: names need room, so write a width from {low}mm to {high}mm")
    return inches


def _ranked(talk: Talk, model: Model, asked: dict[str, Any]) -> Ranking:
    """Let every process fail alone for a day."""
    from cascade.results.ranking import rank

    return rank(
        model,
        durations=(OUTAGE,),
        samples=asked["samples"],
        seed=asked["seed"],
        workers=asked["workers"],
        progress=talk.progress(),
    )


def _ranking_sheets(found: Ranking, talk: Talk, mark: str, inches: float) -> dict[str, Sheet]:
    """Draw the ranking, and with draws its intervals."""
    from cascade.telling.scatters import draw_rank_doubt, draw_ranking
    from cascade.units import HOUR
    from cascade.words import duration, word

    told = word("pictures_ranked", talk.lang, outage=duration(found.main, talk.lang))
    sheets = {"ranking": draw_ranking(found.table(), found.model, talk.lang, mark, told, inches)}
    if found.samples:
        frame = found.doubt().cases.copy()
        frame[["low", "median", "high"]] /= HOUR
        told = word("pictures_drawn", talk.lang, told=told, n=found.samples, seed=found.seed)
        sheets["ranking-intervals"] = draw_rank_doubt(
            frame, found.model, talk.lang, mark, told, top=found.top, width=inches
        )
    return sheets


def _table(sheets: Mapping[str, Sheet], kinds: tuple[str, ...], talk: Talk) -> Table:
    """List what was drawn: each picture, what it shows, and its files."""
    from cascade.telling.columns import Column, Table
    from cascade.words import word

    columns = (
        Column("picture", word("pictures_name", talk.lang)),
        Column("title", word("pictures_shows", talk.lang)),
        Column("files", word("file", talk.lang)),
    )
    rows = [
        {"picture": name, "title": sheet.title, "files": ", ".join(f"{name}.{kind}" for kind in kinds)}
        for name, sheet in sheets.items()
    ]
    return Table("pictures", word("pictures_list", talk.lang), columns, rows)


COMMANDS: tuple[click.Command, ...] = (pictures,)
"""What ``cli`` adds to its own."""
