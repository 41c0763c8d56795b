"""The commands about how far to trust a result: parse, call, print, like those of ``cli``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cascade.errors import UsageError
from cascade.telling.talk import Described, Talk, answers

if TYPE_CHECKING:
    from collections.abc import Callable

    from cascade.model import Model
    from cascade.results.hindcast import Hindcast
    from cascade.telling.columns import Table
    from cascade.telling.screen import Screen

HINDCAST_TABLES = (
    "totals", "kinds", "incidents", "processes", "lines", "misses", "alarms", "out-of-scope", "structural",
    "initiators", "results", "measures",
)  # fmt: skip
STATISTICS_TABLES = ("initiators", "results", "measures")
EVIDENCE_TABLES = ("numbers", "processes", "sectors", "totals")


@click.command(cls=Described, short_help="Past incidents played again, beside what was really seen.")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--why", is_flag=True, help="With every miss the whole chain of causes, back to the event.")
@click.option("--all", "whole", is_flag=True, help="Every line, process and miss, not only the heaviest.")
@click.option(
    "--samples", type=click.IntRange(0, 10_000), default=0, help="Also draw the uncertain numbers anew, so many times."
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, help="Of those draws; by default 1.")
@click.option("--statistics", is_flag=True, help="Also let everything fail once, beside published counts of outages.")
@answers(
    out="Folder for all tables, a picture and a manifest; with --table, or ending in .csv or .json, one file.",
    tables=HINDCAST_TABLES,
)
def hindcast(
    talk: Talk, files: tuple[str, ...], why: bool, whole: bool, samples: int, seed: int, statistics: bool
) -> None:
    r"""Play past incidents again and compare each run with what was really seen.

    FILE is a scenario with observations, by path, name or number (I03); without it all past incidents at hand are
    played. Each line of what was seen is tested on when it began, how deep it went, when it was over, or that it kept
    working.

    \b
    Examples:
      cascade hindcast --lang nl
      cascade hindcast i03-amsterdam-zaandam --why
      cascade hindcast --format csv --table lines
      cascade hindcast --samples 100 --out trial
    """
    from cascade.results.hindcast import hindcast as compare
    from cascade.telling.pages import draw_hindcast
    from cascade.telling.trial import tables as trial_tables

    talk.ready(folder=not talk.one_file)
    if talk.table == "structural" and not samples:
        raise UsageError("--table structural lists what no draw meets: say how many draws with --samples")
    model = talk.load()
    talk.announce_compiling()
    found = compare(model, _by_number(model, files) or _within(talk, model), samples, seed, talk.progress(), talk.read)
    counted = _statistics(talk, model) if statistics or talk.table in STATISTICS_TABLES else []
    tables = trial_tables(found, talk.lang, whole=whole or talk.format != "table") + counted
    mark = talk.mark(model, *(verdict.scenario for verdict in found.verdicts))
    head: dict[str, Any] = {"played": [verdict.incident for verdict in found.verdicts], "marking": mark}

    def draw(screen: Screen) -> None:
        draw_hindcast(screen, found, tables, mark, whole=whole, why=why)

    if talk.one_file or talk.out is None:
        talk.answer(head, tables, draw)
        return
    replace(talk, out=None).answer(head, tables, draw)
    _write_trial(talk, found, trial_tables(found, talk.lang, whole=True) + counted, mark)


def _by_number(model: Model, files: tuple[str, ...]) -> tuple[str, ...]:
    """Take a number such as ``I03``, by which the answer calls an incident, for the one whose name begins with it."""
    from cascade.files.reading import hindcast_files
    from cascade.telling.trial import short_name

    numbered: dict[str, list[str]] = {}
    for name in hindcast_files(model.root):
        numbered.setdefault(short_name(name), []).append(name)
    found = (numbered.get(file.upper(), []) if not Path(file).exists() else [] for file in files)
    return tuple(names[0] if len(names) == 1 else file for file, names in zip(files, found, strict=True))


def _within(talk: Talk, model: Model) -> list[Path] | None:
    """Choose the incidents at hand that may be shown and still say what was seen; None for all where there is no limit."""
    if talk.limit is None:
        return None
    from cascade.files.reading import hindcast_files

    at_hand = hindcast_files(model.root, beside_only=True) or hindcast_files(model.root)
    within = [path for path in at_hand.values() if talk.within(path, model)]
    return [path for path in within if talk.read(path, model).scenario.observed]


def _statistics(talk: Talk, model: Model) -> list[Table]:
    from cascade.results.witness import witness
    from cascade.telling.testimony import tables

    return tables(witness(model, talk.progress()), talk.lang)


def _write_trial(talk: Talk, found: Hindcast, tables: list[Table], mark: str) -> None:
    from cascade.telling.report import write_tables
    from cascade.telling.scatters import draw_predicted_against_seen

    options = {"samples": found.samples.number, "seed": found.samples.seed} if found.samples else {"seed": None}
    pictures = {"predicted-against-seen": draw_predicted_against_seen(found, talk.lang, mark)}
    sources = [verdict.source for verdict in found.verdicts]
    written = write_tables(
        found.model, tables, pictures, talk.out or "", talk.lang, mark, sources, options, notice=talk.notice()
    )
    talk.say("written", n=len(written), folder=talk.out)


@click.command(cls=Described, short_help="Which numbers carry the results and rest on the weakest evidence.")
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    metavar="SCENARIO",
    help="Judge influence by this scenario, by name or path (may be repeated); by default by all beside the model.",
)
@click.option("--all", "whole", is_flag=True, help="Every number, process and sector, not only the most urgent.")
@answers(tables=EVIDENCE_TABLES)
def evidence(talk: Talk, scenarios: tuple[str, ...], whole: bool) -> None:
    r"""Show what to look up, or whom to ask, first: numbers with great influence that rest on weak evidence.

    Every uncertain number goes to its low and its high value, one at a time, in every scenario; what that does to the
    person-hours without service is its influence. For all scenarios that takes up to a minute.

    \b
    Examples:
      cascade evidence --lang nl
      cascade evidence --scenario national-power-outage
      cascade evidence --format csv --table numbers --out numbers.csv
      cascade evidence --table processes --all
    """
    from cascade.results.evidence import evidence as weigh
    from cascade.telling.grounds import summary
    from cascade.telling.grounds import tables as grounds_tables
    from cascade.words import word

    talk.ready()
    model = talk.load()
    talk.announce_compiling()
    clock: list[Callable[[int, int], None]] = []

    def progress(done: int, size: int) -> None:
        if not clock:  # the time left is that of the runs, without what was read before
            clock.append(talk.progress())
        clock[0](done, size)

    chosen = scenarios or _shown(talk, model)
    found = weigh(model, chosen, progress=progress, read=lambda path, model: talk.read(path, model).scenario)
    tables = grounds_tables(found, model, talk.lang, whole=whole or talk.format != "table")
    mark = talk.mark(model, *found.scenarios.values())

    def draw(screen: Screen) -> None:
        screen.title(word("evidence_title", talk.lang), mark)
        for line in summary(found, talk.lang):
            screen.say(line)
        for table in tables if whole else tables[:2]:
            if table.rows:
                screen.table(table)

    talk.answer({"scenarios": list(found.scenarios), "marking": mark}, tables, draw)


def _shown(talk: Talk, model: Model) -> list[Path] | None:
    """Choose the scenarios at hand that may be shown; None for all where there is no limit."""
    if talk.limit is None:
        return None
    from cascade.files.reading import scenario_files

    at_hand = scenario_files(model.root, beside_only=True) or scenario_files(model.root)
    return [path for path in at_hand.values() if talk.within(path, model)]


COMMANDS: tuple[click.Command, ...] = (hindcast, evidence)
"""What ``cli`` adds to its own."""
