"""The command about what the Wwke asks: parse, call, print, like those of ``cli``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from cascade.errors import UsageError
from cascade.telling.talk import Described, Talk, answers

if TYPE_CHECKING:
    from cascade.model import Model
    from cascade.telling.columns import Table
    from cascade.telling.screen import Screen

WWKE_TABLES = ("scorecard", "scorecards", "notification")


@click.command(cls=Described, short_help="The scorecard of article 7(1), and whether an outage has to be notified.")
@click.argument("process", required=False)
@click.option(
    "--for", "lasting", default="72h", metavar="DURATION", help="How long the process is out; by default 72h."
)
@answers(tables=WWKE_TABLES)
def wwke(talk: Talk, process: str | None, lasting: str) -> None:
    r"""Give what the Wwke asks of a PROCESS: the six criteria of article 7(1), and whether its outage has to be notified.

    PROCESS is an id or a name; without it all are set side by side. Each fails alone in a full simulation. What this
    model cannot know is left open, and says so; notification thresholds are placeholders as long as the real ones are
    not in the model.

    \b
    Examples:
      cascade wwke drinking-water --lang nl
      cascade wwke drinking-water --for 24h --format json
      cascade wwke --format csv --table scorecard --out scorecards.csv
    """
    from cascade.results.reach import seconds
    from cascade.results.wwke import scorecard
    from cascade.telling import dossier
    from cascade.telling import wwke as telling
    from cascade.words import word

    talk.ready()
    _check_table(talk.table, process)
    out_s = seconds(lasting)
    model = talk.load()
    name = dossier.find_process(model, process) if process is not None else None
    talk.announce_compiling()
    frame = scorecard(model, out_s, name, progress=talk.progress())
    whole = telling.scorecard(frame, model, talk.lang, out_s)
    mark = talk.mark(model)
    if name is None:
        tables = [telling.scorecards(frame, model, talk.lang, out_s), whole]
        title = word("wwke_scorecards", talk.lang)
    else:
        tables = [whole, _notification(talk, model, name, out_s)]
        title = word("wwke_page", talk.lang, name=model.processes[name].name[talk.lang])

    def draw(screen: Screen) -> None:
        screen.title(title, mark)
        for table in [replace(tables[0], title="")] if name is None else tables:
            screen.table(table)

    head: dict[str, Any] = {"for_h": out_s / 3600, "marking": mark}
    ranked = ("scorecards", "scorecard") if name is None else ()
    talk.answer(head if name is None else {"process": name, **head}, tables, draw, ranked)


def _check_table(table: str | None, process: str | None) -> None:
    """Refuse a table that this question has not, before anything is computed."""
    if table == "notification" and process is None:
        raise UsageError("--table notification is about one process: name a PROCESS")
    if table == "scorecards" and process is not None:
        raise UsageError("--table scorecards sets all processes side by side: leave PROCESS out, or take scorecard")


def _notification(talk: Talk, model: Model, process: str, lasting: int) -> Table:
    """Set the outage of one process against the thresholds that cover it."""
    from cascade.results.reach import LONGEST, alone
    from cascade.results.wwke import notifications
    from cascade.telling.wwke import notification
    from cascade.words import word

    run = talk.simulate(model, alone(model, process, lasting, lasting + LONGEST))
    found = notifications(run)
    table = notification(found[found["process"] == process], model, talk.lang, None)
    note = table.note or word("notification_uncovered", talk.lang)
    # the process is in the title: the room is for the threshold
    columns = tuple(c for c in table.columns if c.key != "name_text")
    return replace(table, columns=columns, title=word("notification_own", talk.lang), note=note)


COMMANDS: tuple[click.Command, ...] = (wwke,)
"""What ``cli`` adds to its own."""
