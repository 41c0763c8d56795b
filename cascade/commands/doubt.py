"""The commands about how sure a result is: parse, call, print, like those of ``cli``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cascade.telling.talk import Described, Talk, answers

if TYPE_CHECKING:
    from cascade.model import Model, Scenario
    from cascade.results.sampling import SampledRuns
    from cascade.results.sensitivity import Drivers
    from cascade.telling.columns import Table
    from cascade.telling.screen import Screen

DOUBT_TABLES = ("totals", "processes", "ranks", "pairs", "drivers", "screening")
DRIVERS_TABLES = ("drivers", "screening")
DRIVER_MEASURES = (
    "person_h", "cascade_hours", "basic_hours", "basic_beyond", "basic_peak", "euros", "processes_hit", "locked",
    "defence_hours", "quick_hours", "quick_basic",
)  # fmt: skip
INTERRUPTED = 130


@click.command(cls=Described, short_help="A scenario with every uncertain number drawn anew: how sure is the result?")
@click.argument("scenario")
@click.option(
    "--samples",
    type=click.IntRange(2, 1_000_000),
    default=1000,
    help="How often the numbers are drawn; by default 1000.",
)
@click.option(
    "--design",
    type=click.Choice(["lhs", "sobol", "random"]),
    default="lhs",
    help="How they are drawn: Latin hypercube (the default), Sobol sequence (powers of two; for few numbers) or "
    "independently.",
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, help="Of the draws; by default 1.")
@click.option(
    "--top",
    type=click.IntRange(1, 50),
    default=10,
    help="Give the chance to be among the first so many; by default 10.",
)
@click.option(
    "--drivers",
    "driving",
    is_flag=True,
    help="Also find which numbers drive the result: takes minutes; not kept by --resume.",
)
@click.option(
    "--measure",
    type=click.Choice(DRIVER_MEASURES),
    default="person_h",
    help="Result that --drivers is about; by default person_h.",
)
@click.option("--all", "whole", is_flag=True, help="Every process, pair and number, not only the first.")
@click.option("--workers", type=click.IntRange(1, 256), default=1, help="Threads; the result does not depend on it.")
@click.option("--resume", metavar="FOLDER", help="Keep what is done here, and go on from there after an interruption.")
@click.option("--cluster", metavar="ADDRESS", help="Compute on a running Dask cluster, such as tcp://host:8786.")
@answers(tables=DOUBT_TABLES)
def doubt(talk: Talk, scenario: str, whole: bool, driving: bool, **asked: Any) -> None:
    r"""Play a scenario many times, every uncertain number drawn anew, and show how far the results spread.

    Shows the interval of the totals, for each process the interval of its loss and of its rank, the chance of each rank,
    and the pairs whose order is not sure. With --drivers also which numbers the spread comes from.

    \b
    Examples:
      cascade doubt national-power-outage --workers 2 --lang nl
      cascade doubt gas-shortage --samples 256 --design sobol
      cascade doubt outage-112 --drivers --measure basic_hours
      cascade doubt national-power-outage --format csv --table processes
    """
    from cascade.results.sampling import sampled_runs
    from cascade.simulation.farm import Interrupted
    from cascade.telling.doubts import drivers_tables, tables

    talk.ready()
    model = talk.load()
    file = talk.scenario(scenario, model)
    talk.announce_compiling()
    shared = {"workers": asked["workers"], "cluster": asked["cluster"]}
    try:
        found = sampled_runs(
            model,
            file.scenario,
            asked["samples"],
            asked["seed"],
            kind=asked["design"],
            store=asked["resume"],
            progress=talk.progress(),
            **shared,
        )
    except Interrupted as stopped:
        _interrupted(talk, stopped, asked["resume"])
    driven = _drivers(talk, model, [file.scenario], asked["measure"], asked["seed"], shared) if driving else None
    wide = whole or talk.format != "table"
    made = tables(found, model, talk.lang, top=asked["top"], whole=wide)
    if driven is not None:
        made += drivers_tables(driven, model, talk.lang, whole=wide)
    mark = talk.mark(model, file.scenario)
    head = {"scenario": file.scenario.name[talk.lang], "samples": found.samples, "design": found.kind}
    head |= {"seed": found.seed, "numbers": len(found.experiment.names), "marking": mark}

    def draw(screen: Screen) -> None:
        _draw(screen, found, driven, made, mark)

    talk.answer(head, made, draw)


def _interrupted(talk: Talk, stopped: Any, folder: str | None) -> None:
    key = "rank_resume" if folder else "rank_lost_work"
    talk.say(key, done=stopped.done, tasks=stopped.tasks, folder=folder)
    click.get_current_context().exit(INTERRUPTED)


def _drivers(
    talk: Talk, model: Model, scenarios: list[Scenario], measure: str, seed: int, shared: dict[str, Any]
) -> Drivers:
    from cascade.results.sensitivity import drivers
    from cascade.simulation.farm import Interrupted

    against = scenarios[1] if len(scenarios) > 1 else None
    try:
        return drivers(model, scenarios[0], against, measure, seed=seed, progress=talk.progress(), **shared)
    except Interrupted:
        talk.say("drivers_lost_work")
        click.get_current_context().exit(INTERRUPTED)


def _draw(screen: Screen, found: SampledRuns, driven: Drivers | None, made: list[Table], mark: str) -> None:
    from cascade.results.sampling import MEASURES
    from cascade.telling.doubts import SHOWN, drivers_summary, summary
    from cascade.words import word

    lang = screen.lang
    screen.title(word("doubt_title", lang, name=found.experiment.scenario.name[lang]), mark)
    for line in summary(found, lang):
        screen.say(line)
    for table in made:
        if table.name == "totals":
            table.rows[:] = [row for row in table.rows if row["measure"] in SHOWN]
        if table.name == "drivers" and driven is not None:
            column = MEASURES.index(driven.question.measure)
            screen.say()
            screen.say(drivers_summary(driven, lang, float(found.effects[:, column].var())))
        if table.rows:
            screen.table(table)


@click.command(
    cls=Described, short_help="Which uncertain numbers decide how bad a failure is, or which of two is worse."
)
@click.argument("failure")
@click.argument("other", required=False)
@click.option("--duration", default="24h", metavar="TIME", help="How long it is out; by default 24h.")
@click.option(
    "--measure", type=click.Choice(DRIVER_MEASURES), default="cascade_hours", help="By default cascade_hours."
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, help="Of the draws; by default 1.")
@click.option("--all", "whole", is_flag=True, help="Every number, not only the first.")
@click.option("--workers", type=click.IntRange(1, 256), default=1, help="Threads; the result does not depend on it.")
@click.option("--cluster", metavar="ADDRESS", help="Compute on a running Dask cluster, such as tcp://host:8786.")
@answers(tables=DRIVERS_TABLES)
def drivers(talk: Talk, failure: str, other: str | None, duration: str, whole: bool, **asked: Any) -> None:
    r"""Find the numbers that decide how bad a single failure is, or which of two failures is worse.

    FAILURE and OTHER are processes, or one copy: process@REGION. All numbers are screened; of those that do most, shares
    of the variance say how much each does by itself and with others.

    \b
    Examples:
      cascade drivers drinking-water --lang nl
      cascade drivers drinking-water fixed-access --duration 72h --workers 2
      cascade drivers hospital-care@VR13 --measure basic_hours --format csv
    """
    from cascade.errors import UsageError
    from cascade.results.sensitivity import failure as failing
    from cascade.simulation.sweep import seconds
    from cascade.telling.doubts import drivers_summary, drivers_tables
    from cascade.words import duration as said
    from cascade.words import word

    talk.ready()
    model = talk.load()
    labels = [_label(model, text) for text in (failure, other) if text is not None]
    if len(set(labels)) < len(labels):
        raise UsageError(f"{failure} and {other} are the same failure; name two, or one")
    (length,) = seconds([duration])
    talk.announce_compiling()
    shared = {"workers": asked["workers"], "cluster": asked["cluster"]}
    chosen = [failing(label, length) for label in labels]
    found = _drivers(talk, model, chosen, asked["measure"], asked["seed"], shared)
    made = drivers_tables(found, model, talk.lang, whole=whole or talk.format != "table")
    mark = talk.mark(model)

    def draw(screen: Screen) -> None:
        names = [_name(model, label, talk.lang) for label in labels]
        key = "drivers_of_two" if other is not None else "drivers_of_one"
        told = {"a": names[0], "b": names[-1], "duration": said(length, talk.lang)}
        screen.title(word(key, talk.lang, **told), mark)
        screen.say(drivers_summary(found, talk.lang))
        for table in made:
            if table.rows:
                screen.table(table)

    head = {"failures": labels, "duration_s": length, "measure": asked["measure"], "marking": mark}
    talk.answer(head, made, draw)


def _label(model: Model, text: str) -> str:
    """Return the failure that is meant: a process by id or name, and a region by code or name."""
    from cascade.errors import UsageError
    from cascade.telling.dossier import find_process, find_region

    name, _, place = text.partition("@")
    process = find_process(model, name)
    if not place:
        return process
    if not model.processes[process].regional:
        raise UsageError(f"{process} is national; leave @{place} out")
    return f"{process}@{find_region(model, place)}"


def _name(model: Model, label: str, lang: Any) -> str:
    from cascade.telling.columns import name_of

    process, _, region = label.partition("@")
    return f"{name_of(model, process, lang)}, {model.regions[region].name}" if region else name_of(model, process, lang)


COMMANDS: tuple[click.Command, ...] = (doubt, drivers)
"""What ``cli`` adds to its own."""
