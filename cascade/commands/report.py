"""The command that writes a run as one living page: parse, call, print, like those of ``cli``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cascade.errors import UsageError
from cascade.telling.talk import Described, Talk, answers

if TYPE_CHECKING:
    from cascade.model import Input, Lang, Model
    from cascade.results.ranking import Ranking
    from cascade.telling.columns import Notice
    from cascade.telling.geometry import Shapes

OURS = b'<meta name="generator" content="cascade report">'
"""What the head of such a page says."""
HEAD = 2_000
"""Bytes in which it says so."""


@click.command(cls=Described, short_help="A scenario as one page that replays it: map, dependencies, numbers, reasons.")
@click.argument("scenario")
@click.option(
    "--geometry",
    metavar="GEOJSON",
    type=click.Path(exists=True, dir_okay=False),
    help="Outlines of the regions, each with its code or name as a property; without them a map of tiles.",
)
@click.option(
    "--ranking/--no-ranking",
    "ranked",
    default=True,
    help="With or without the worst single failures of the model, which takes a few seconds.",
)
@answers(out="The page to write (.html); by default the name of the scenario, here.")
def report(talk: Talk, scenario: str, geometry: str | None, ranked: bool) -> None:
    r"""Write a SCENARIO as one page that replays it, hour by hour, for people to look at.

    The page needs nothing else and asks nothing of anybody: open it from disk, mail it, print it. It holds both languages;
    --lang says in which it opens.

    \b
    Examples:
      cascade report national-power-outage --lang nl
      cascade report river-flood --out flood.html --no-ranking
      cascade report river-flood --geometry regions.geojson
    """
    from cascade.results.impact import assess
    from cascade.telling.living import write_replay
    from cascade.words import number

    if talk.format != "table":
        raise UsageError("a report is one page for people; for data: cascade run SCENARIO --format json")
    if talk.out is not None and Path(talk.out).suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"--out {talk.out}: a report is one page; give it a name that ends in .html")
    talk.ready()
    model = talk.load()
    file = talk.scenario(scenario, model)
    path = Path(talk.out) if talk.out is not None else _named(file.source.path)
    shapes, inputs = _shapes(talk, geometry, model)
    done = talk.simulate(model, file.scenario)
    found = _ranking(talk, model) if ranked else None
    talk.mark(model, file.scenario)
    written = write_replay(
        done,
        assess(done),
        path,
        talk.lang,
        talk.marking or "",
        [file.source, *inputs],
        _notices(talk),
        ranking=found,
        shapes=shapes,
    )
    size = number(written.stat().st_size / 1e6, talk.lang, 1)
    talk.say("replay_written", file=written, size=size)


def _named(scenario: str) -> Path:
    """Return the name of a page after its scenario; what somebody else keeps under that name is left alone.

    Raises
    ------
    UsageError
        If there is such a file.
    """
    path = Path(f"{Path(scenario).stem}.html")
    if path.is_dir() or (path.is_file() and OURS not in path.read_bytes()[:HEAD]):
        raise UsageError(f"{path} is there already and is no report of cascade; name another with --out")
    return path


def _shapes(talk: Talk, geometry: str | None, model: Model) -> tuple[Shapes | None, list[Input]]:
    """Read outlines where they are given, and say what the file holds beyond the regions."""
    if geometry is None:
        return None, []
    import hashlib

    from cascade.model import Input
    from cascade.telling.geometry import read_shapes

    shapes = read_shapes(geometry, model.regions)
    if shapes.unused:
        talk.say("replay_unused", n=shapes.unused, file=geometry)
    return shapes, [Input(geometry, hashlib.sha256(Path(geometry).read_bytes()).hexdigest())]


def _ranking(talk: Talk, model: Model) -> Ranking:
    """Let every process fail alone for a day, and note that a list of weak points was made."""
    from cascade.results.ranking import rank
    from cascade.telling.replay import RANKED_FOR, SHOWN_FAILURES

    found = rank(model, durations=(RANKED_FOR,), progress=talk.progress())
    talk.mosaic(min(len(found.cases), SHOWN_FAILURES))
    return found


def _notices(talk: Talk) -> dict[Lang, Notice]:
    """Return what a reader must know, in both languages of the page."""
    langs: tuple[Lang, Lang] = ("nl", "en")
    return {lang: replace(talk, lang=lang).notice() for lang in langs}


COMMANDS: tuple[click.Command, ...] = (report,)
"""What ``cli`` adds to its own."""
