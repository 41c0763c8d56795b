"""The commands about more than one failure at once: parse, call, print, like those of ``cli``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cascade.telling.talk import Described, Talk, answers

if TYPE_CHECKING:
    from cascade.telling.screen import Screen

PAIR_TABLES = ("worse", "overlapping", "searched")
PART_TABLES = ("parts", "interactions", "totals")
MEASURES = ("hours", "cascade_hours", "basic_hours", "basic_peak", "basic_beyond", "euros", "locked")
INTERRUPTED = 130


@click.command(cls=Described, short_help="Which two failures are worse together than the sum of each alone.")
@click.option(
    "--of",
    type=click.Choice(["processes", "copies"]),
    default="processes",
    help="Two processes everywhere at once, or two regions' copies of them.",
)
@click.option("--duration", metavar="TIME", default="24h", help="How long both are out (8h, 3d); by default 24h.")
@click.option(
    "--measure", type=click.Choice(MEASURES), default="cascade_hours", help="What to compare; by default cascade_hours."
)
@click.option(
    "--threshold",
    type=click.FloatRange(min=0),
    default=0.0,
    help="Leave out pairs that differ less than this from their parts (person-hours, people, euros); saves time.",
)
@click.option(
    "--sector", "sectors", multiple=True, metavar="ID", help="Only failures in this sector (may be repeated)."
)
@click.option(
    "--region", "regions", multiple=True, metavar="REGION", help="Only copies in this region; implies --of copies."
)
@click.option("--top", type=click.IntRange(1, 100_000), default=20, help="Rows to show; by default 20.")
@click.option("--all", "whole", is_flag=True, help="Every pair.")
@click.option("--workers", type=click.IntRange(1, 256), default=1, help="Threads; the result does not depend on it.")
@click.option("--resume", metavar="FOLDER", help="Keep what is done here, and go on from there after an interruption.")
@click.option("--cluster", metavar="ADDRESS", help="Compute on a running Dask cluster, such as tcp://host:8786.")
@answers(tables=PAIR_TABLES)
def pairs(talk: Talk, whole: bool, top: int, regions: tuple[str, ...], resume: str | None, **asked: Any) -> None:
    r"""Let every two processes fail together, and compare that with each of them alone.

    A pair above the sum of its parts is worse than they are, such as two that stand in for each
    other. A pair below it overlaps. No
    pair is skipped by luck: what is left out provably stays under the threshold, and how many were is said.

    \b
    Examples:
      cascade pairs --lang nl
      cascade pairs --measure basic_hours --duration 72h
      cascade pairs --of copies --region VR13 --threshold 10000
      cascade pairs --all --format csv --table worse --out pairs.csv
    """
    from cascade.results.pairs import pairs as search
    from cascade.simulation.farm import Interrupted
    from cascade.telling.dossier import find_region
    from cascade.telling.joint import pair_summary, pair_tables
    from cascade.words import word

    talk.ready()
    duration = _seconds(asked.pop("duration"))
    model = talk.load()
    codes = [find_region(model, region) for region in regions]
    asked["of"] = "copies" if codes else asked["of"]
    talk.announce_compiling()
    try:
        found = search(model, duration=duration, regions=codes, store=resume, progress=talk.progress(), **asked)
    except Interrupted as stopped:
        key = "rank_resume" if resume else "rank_lost_work"
        talk.say(key, done=stopped.done, tasks=stopped.tasks, folder=resume)
        click.get_current_context().exit(INTERRUPTED)
    every = whole or talk.format != "table"
    tables = pair_tables(found, model, talk.lang, None if every else top)
    mark = talk.mark(model)

    def draw(screen: Screen) -> None:
        screen.title(word("joint_pairs_title", screen.lang), mark)
        for line in pair_summary(found, model, screen.lang):
            screen.say(line)
        for table in tables:
            if table.rows:
                screen.table(table)

    talk.answer({"marking": mark}, tables, draw, ("worse", "overlapping"))


@click.command(cls=Described, short_help="What each event of a scenario contributed to its effect.")
@click.argument("scenario")
@click.option("--measure", type=click.Choice(MEASURES), default="hours", help="What to divide; by default hours.")
@click.option(
    "--orders",
    "permutations",
    type=click.IntRange(4, 1_000_000),
    help="Draw at most so many orders of the events; by default exact up to 10 events, else 600.",
)
@click.option(
    "--precision",
    type=click.FloatRange(min=0),
    default=0.01,
    help="End when no part is further off than this share of the whole; by default 0.01, 0 draws all.",
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, help="Of those draws; by default 1.")
@click.option("--all", "whole", is_flag=True, help="Every two events, not only those that act on each other most.")
@answers(tables=PART_TABLES)
def attribute(talk: Talk, scenario: str, whole: bool, **asked: Any) -> None:
    r"""Divide the effect of a SCENARIO among its events.

    Every set of events is played, and each event gets what it adds to the others on average over all orders (its
    Shapley value). The parts add up to the whole. With more than 10 events orders are drawn, with error bars.

    \b
    Examples:
      cascade attribute outage-112 --lang nl
      cascade attribute hybrid-campaign --measure euros
      cascade attribute rail-sabotage --format json --out parts.json
    """
    from cascade.results.attribution import attribute as divide
    from cascade.telling.joint import part_summary, part_tables

    talk.ready()
    model = talk.load()
    file = talk.scenario(scenario, model)
    talk.announce_compiling()
    found = divide(model, file.scenario, progress=talk.progress(), **asked)
    tables = part_tables(found, file.scenario, model, talk.lang, whole=whole or talk.format != "table")
    mark = talk.mark(model, file.scenario)
    head = {"scenario": file.source.path, "name": file.scenario.name[talk.lang], "marking": mark}

    def draw(screen: Screen) -> None:
        screen.title(file.scenario.name[screen.lang], mark)
        for line in part_summary(found, file.scenario, model, screen.lang):
            screen.say(line)
        for table in tables:
            if table.rows and table.name != "totals":
                screen.table(table)

    talk.answer(head, tables, draw)


def _seconds(text: str) -> int:
    from cascade.errors import UsageError
    from cascade.units import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise UsageError(f"--duration: {error}") from None


COMMANDS: tuple[click.Command, ...] = (pairs, attribute)
"""What ``cli`` adds to its own."""
