"""The command for the smallest sets of failures: parse, call, print, like those of ``cli``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cascade.errors import UsageError, did_you_mean
from cascade.telling.talk import Described, Talk, answers

if TYPE_CHECKING:
    from collections.abc import Callable

    from cascade.model import Model
    from cascade.results.cutsets import CutSets
    from cascade.telling.screen import Screen

CUTSETS_TABLES = ("sets", "importance", "searched")
SIZE = 3
LIMIT = 50_000


@click.command(cls=Described, short_help="The smallest sets of failures that bring something down.")
@click.argument("target", required=False)
@click.option("--basic-need", metavar="REGION", help="Instead of a TARGET: any basic need of this region.")
@click.option("--within", default="72h", show_default=True, metavar="TIME", help="How soon it must be down.")
@click.option("--level", default="50%", show_default=True, metavar="SHARE", help="Below this level it counts as down.")
@click.option("--size", type=click.IntRange(1, 1000), help=f"Most failures at once; by default {SIZE}.")
@click.option(
    "--of",
    type=click.Choice(["processes", "copies"]),
    default="processes",
    show_default=True,
    help="Processes fail everywhere, or their copies in one region.",
)
@click.option(
    "--among", multiple=True, metavar="ID", help="Only failures in this sector or of this process; repeatable."
)
@click.option("--for", "duration", metavar="TIME", help="How long each failure lasts; by default for good.")
@click.option(
    "--limit", type=click.IntRange(1), default=LIMIT, show_default=True, help="Most simulations; what is left is said."
)
@click.option("--tree", metavar="FILE", help="Instead of the model: a fault tree in the Open-PSA format (.xml).")
@click.option("--top", metavar="GATE", help="With --tree: look at this gate.")
@click.option("--all", "whole", is_flag=True, help="Every set and member, not only the first.")
@answers(tables=CUTSETS_TABLES)
def cutsets(talk: Talk, target: str | None, tree: str | None, top: str | None, whole: bool, **asked: Any) -> None:
    r"""Find the smallest sets of simultaneous failures that bring a TARGET below a level within a time.

    TARGET is a process, or PROCESS@REGION. Every set up to the size asked is found, or the answer says what was not
    searched. For what has no clocks the answer comes from an exact fault tree, in full and at once.

    \b
    Examples:
      cascade cutsets hospital-care@VR13 --within 72h --level 50% --size 3
      cascade cutsets --basic-need Utrecht --lang nl
      cascade cutsets drinking-water@VR05 --of copies --among energy --size 2
      cascade cutsets --tree tree.xml --format csv --table importance
    """
    talk.ready()
    if tree is not None:
        if target is not None or asked["basic_need"] is not None:
            raise UsageError("a fault tree has its own top event: leave out the target, or --tree")
        _answer_tree(talk, tree, top, asked["size"], whole)
        return
    if top is not None:
        raise UsageError("--top belongs to --tree")
    from cascade.results.cutsets import cutsets as search
    from cascade.telling.dossier import find_instance, find_region

    model = talk.load()
    talk.announce_compiling()
    region = asked.pop("basic_need")
    found = search(
        model,
        None if target is None else find_instance(model, target),
        basic_need=None if region is None else find_region(model, region),
        among=[_named(model, name) for name in asked.pop("among")],
        size=asked.pop("size") or SIZE,
        progress=_progress(talk),
        **asked,
    )
    _answer(talk, found, model, "", talk.mark(model), whole)


def _named(model: Model, name: str) -> str:
    """Return the sector or process that is meant."""
    from cascade.telling.dossier import find_process

    if name in model.sectors:
        return name
    try:
        return find_process(model, name)
    except UsageError as error:
        if "may mean" in str(error):
            raise
        near = did_you_mean(name, (*model.sectors, *model.processes))
        raise UsageError(f"--among: no sector or process {name!r} in the model; {near}") from None


def _progress(talk: Talk) -> Callable[[int, int], None]:
    """Return what tells how far a size has come; each size begins at nothing, with a clock of its own."""
    clock = talk.progress()

    def tell(done: int, size: int) -> None:
        nonlocal clock
        if not done:
            clock = talk.progress()
        clock(done, size)

    return tell


def _answer_tree(talk: Talk, file: str, top: str | None, size: int | None, whole: bool) -> None:
    from cascade.results.cutsets import tree_cutsets
    from cascade.results.faulttrees import read_tree

    tree = read_tree(file, top)
    _answer(talk, tree_cutsets(tree, size), None, tree.name, talk.marking or "", whole)


def _answer(talk: Talk, found: CutSets, model: Model | None, name: str, mark: str, whole: bool) -> None:
    from cascade.telling.cuts import summary, tables, title

    whole = whole or talk.format != "table"
    made = tables(found, model, talk.lang, whole=whole)

    def draw(screen: Screen) -> None:
        screen.title(title(found, talk.lang, name), mark)
        for line in summary(found, model, talk.lang):
            screen.say(line)
        for table in made:
            if table.rows:
                screen.table(table)

    talk.answer({"complete": found.complete, "marking": mark}, made, draw, ("sets", "importance"))


COMMANDS: tuple[click.Command, ...] = (cutsets,)
"""What ``cli`` adds to its own."""
