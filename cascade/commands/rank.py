"""The command that ranks single failures: parse, call, print, like those of ``cli``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from cascade.telling.talk import Described, Talk, answers

if TYPE_CHECKING:
    from pathlib import Path

    from cascade.model import Model
    from cascade.results.ranking import Ranking
    from cascade.telling.columns import Table
    from cascade.telling.screen import Screen
    from cascade.telling.standings import Wish

RANK_TABLES = (
    "ranking", "front", "copies", "doubt", "lenses", "weights", "stability", "vulnerability", "owes",
    "structure", "agreement", "missed",
)  # fmt: skip
LENS_NAMES = ("both-axes", "basic-needs", "economy", "defence-support", "quick-effect")
RANKED = ("ranking", "front", "copies", "doubt", "lenses", "stability", "vulnerability", "owes", "structure")
"""Tables that set failures in an order."""
SHOWN = ("ranking", "copies", "doubt", "lenses", "stability", "vulnerability", "owes")
"""Tables that people see without asking."""
INTERRUPTED = 130


@click.command(cls=Described, short_help="Which single failures are worst, on two axes, and how sure that is.")
@click.option(
    "--of",
    type=click.Choice(["processes", "copies"]),
    default="processes",
    help="A process everywhere at once, or one region's copy of it.",
)
@click.option(
    "--duration",
    "durations",
    multiple=True,
    metavar="TIME",
    help="How long it is out (24h, 3d; may be repeated); by default 8h, 24h, 72h and 14d. A day is shown, else the shortest.",
)
@click.option(
    "--lens", "lenses", multiple=True, type=click.Choice(LENS_NAMES), help="Order by these weights (may be repeated)."
)
@click.option(
    "--weight",
    "weights",
    multiple=True,
    metavar="MEASURE=NUMBER",
    help="Weights of your own (may be repeated), such as euros=0.3. Measures: cascade_hours, basic_hours, basic_peak, "
    "basic_beyond, euros, sectors, regions, locked, short, own_hours, defence_hours, quick_hours, quick_basic.",
)
@click.option(
    "--scale",
    type=click.Choice(["largest", "ranks"]),
    default="largest",
    help="Weigh a measure as a share of its largest, or of the others it surpasses.",
)
@click.option("--sector", "sectors", multiple=True, metavar="ID", help="Show only this sector (may be repeated).")
@click.option(
    "--region", "regions", multiple=True, metavar="REGION", help="Show only copies in this region; implies --of copies."
)
@click.option("--top", type=click.IntRange(1, 100_000), default=20, help="Rows to show; by default 20.")
@click.option("--all", "whole", is_flag=True, help="Every duration, failure and process.")
@click.option(
    "--samples", type=click.IntRange(0, 100_000), default=0, help="Also draw the uncertain numbers anew, so many times."
)
@click.option(
    "--design",
    type=click.Choice(["lhs", "sobol", "random"]),
    default="lhs",
    help="How they are drawn: Latin hypercube (the default), Sobol sequence (powers of two) or independently.",
)
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=1, help="Of those draws and of random weights; by default 1."
)
@click.option("--workers", type=click.IntRange(1, 256), default=1, help="Threads; the result does not depend on it.")
@click.option("--resume", metavar="FOLDER", help="Keep what is done here, and go on from there after an interruption.")
@click.option("--cluster", metavar="ADDRESS", help="Compute on a running Dask cluster, such as tcp://host:8786.")
@answers(
    out="Folder for all tables, pictures and a manifest; with --table, or ending in .csv or .json, one file.",
    tables=RANK_TABLES,
)  # fmt: skip
def rank(talk: Talk, whole: bool, regions: tuple[str, ...], **asked: Any) -> None:
    r"""Let every process fail alone, and rank the failures on two axes.

    The axes are the size of the cascade and who lacks a basic need; no single number hides them. Lenses say what the order
    would be under weights that you can see and set, and --samples how far doubt about the numbers reaches.

    \b
    Examples:
      cascade rank --lang nl
      cascade rank --duration 72h --lens basic-needs --lens economy
      cascade rank --of copies --region VR13
      cascade rank --weight basic_hours=0.7 --weight euros=0.3
      cascade rank --samples 200 --workers 2 --out ranking
    """
    from cascade.simulation.farm import Interrupted
    from cascade.telling.dossier import find_region
    from cascade.telling.standings import Wish, tables
    from cascade.words import word

    folder = talk.out is not None and not talk.one_file
    talk.ready(folder=folder)
    model = talk.load()
    codes = tuple(find_region(model, region) for region in regions)
    _check_sectors(model, asked["sectors"])
    asked["of"] = "copies" if codes else asked["of"]
    talk.announce_compiling()
    try:
        found, copies = _computed(talk, model, asked, both=folder or talk.table == "copies")
    except Interrupted as stopped:
        key = "rank_resume" if asked["resume"] else "rank_lost_work"
        talk.say(key, done=stopped.done, tasks=stopped.tasks, folder=asked["resume"])
        click.get_current_context().exit(INTERRUPTED)
    lenses = asked["lenses"] + (("own",) if asked["weights"] else ())
    wish = Wish(whole or talk.format != "table", asked["top"], asked["sectors"], codes, lenses)
    made = tables(found, talk.lang, wish, copies) + _structure(talk, found, whole=wish.whole)
    mark = talk.mark(model)
    head = _head(found, mark)

    def draw(screen: Screen) -> None:
        _draw(screen, found, made, mark, wish, whole=whole)
        if not folder:
            screen.say()
            screen.say(word("rank_next_out", screen.lang), style="dim")

    if not folder:
        talk.answer(head, made, draw, RANKED)
        return
    replace(talk, out=None).answer(head, made, draw, RANKED)
    every = tables(found, talk.lang, replace(wish, whole=True), copies) + _structure(talk, found, whole=True)
    _write(talk, found, every, mark, asked)


def _check_sectors(model: Model, sectors: tuple[str, ...]) -> None:
    from cascade.errors import UsageError, did_you_mean

    for sector in sectors:
        if sector not in model.sectors:
            raise UsageError(f"no sector {sector!r} in the model; {did_you_mean(sector, model.sectors)}")


def _computed(talk: Talk, model: Model, asked: dict[str, Any], *, both: bool) -> tuple[Ranking, Ranking | None]:
    """Rank, and rank copies too where a table of them is wanted beside that of processes."""
    from pathlib import Path

    from cascade.results.ranking import rank as order
    from cascade.simulation.sweep import DURATIONS

    store = Path(asked["resume"]) if asked["resume"] else None
    given: dict[str, Any] = {
        "durations": asked["durations"] or DURATIONS,
        "weights": _weights(asked["weights"]),
        "scale": asked["scale"],
        "seed": asked["seed"],
        "kind": asked["design"],
        "workers": asked["workers"],
        "cluster": asked["cluster"],
    }
    found = order(
        model,
        of=asked["of"],
        samples=asked["samples"],
        store=_part(store, asked["of"]),
        progress=talk.progress(),
        **given,
    )
    if not both or found.of == "copies":
        return found, None
    return found, order(model, of="copies", store=_part(store, "copies"), progress=talk.progress(), **given)


def _part(store: Path | None, of: str) -> Path | None:
    return None if store is None else store / of


def _weights(texts: tuple[str, ...]) -> dict[str, float]:
    """Read ``measure=number``."""
    from cascade.errors import UsageError

    found = {}
    for text in texts:
        name, _, number = text.partition("=")
        try:
            found[name.strip()] = float(number)
        except ValueError:
            raise UsageError(f"--weight {text!r}: write a measure and a number, such as euros=0.3") from None
    return found


def _structure(talk: Talk, found: Ranking, *, whole: bool) -> list[Table]:
    """Hold what the arcs alone say against the simulation; only where whole processes failed."""
    if found.of != "processes":
        return []
    from cascade.results.structure import structure
    from cascade.telling.shape import tables

    return tables(structure(found.model), found.table(), found.model, talk.lang, whole=whole)


def _head(found: Ranking, mark: str) -> dict[str, Any]:
    from cascade.simulation.sweep import AFTER
    from cascade.units import HOUR

    return {
        "of": found.of,
        "cases": len(found.cases),
        "durations_h": [d / HOUR for d in found.durations],
        "shown_h": found.main / HOUR,
        "followed_h": AFTER / HOUR,
        "samples": found.samples,
        "seed": found.seed,
        "scale": found.scale,
        "marking": mark,
    }


def _draw(screen: Screen, found: Ranking, made: list[Table], mark: str, wish: Wish, *, whole: bool) -> None:
    from cascade.results.structure import structure
    from cascade.telling.shape import summary as shape_summary
    from cascade.telling.standings import summary, title, uncounted

    screen.title(title(found, screen.lang), mark)
    for line in summary(found, screen.lang):
        screen.say(line)
    if found.of == "processes" and not uncounted(found):
        screen.say(shape_summary(structure(found.model), found.table(), screen.lang))
    first = ["lenses"] if wish.lenses else []
    for table in sorted(made, key=lambda t: t.name not in first):
        if table.rows and (whole or table.name in SHOWN):
            screen.table(table)


def _write(talk: Talk, found: Ranking, tables: list[Table], mark: str, asked: dict[str, Any]) -> None:
    from cascade.telling.report import write_tables
    from cascade.telling.scatters import draw_rank_doubt, draw_ranking
    from cascade.units import HOUR
    from cascade.words import duration

    told = duration(found.main, talk.lang)
    pictures = {"ranking": draw_ranking(found.table(), found.model, talk.lang, mark, told)}
    if found.samples:
        frame = found.doubt().cases.copy()
        frame[["low", "median", "high"]] /= HOUR
        pictures["doubt"] = draw_rank_doubt(frame, found.model, talk.lang, mark, told, top=found.top)
    talk.mosaic(max(len(t.rows) for t in tables if t.name in RANKED))
    options = {**_head(found, mark), "lenses": {name: dict(w) for name, w in found.lenses.items()}, "top": found.top}
    written = write_tables(
        found.model, tables, pictures, talk.out or "", talk.lang, mark, (), options, notice=talk.notice()
    )
    talk.say("written", n=len(written), folder=talk.out)


COMMANDS: tuple[click.Command, ...] = (rank,)
"""What ``cli`` adds to its own."""
