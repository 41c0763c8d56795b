"""What a result shows of itself in a notebook: its mark, a few sentences, short tables and perhaps a small picture, as HTML.

The tables are those of the commands, so that a notebook and a screen cannot differ. The HTML asks nothing of anybody: no
script, no style sheet, pictures inside it; every text is escaped, since names come from files that anybody can write.
"""

import os
import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from html import escape
from typing import Any, Final

from cascade.errors import UsageError
from cascade.files.checks import check_model
from cascade.model import Lang, Model
from cascade.results.hindcast import Hindcast
from cascade.results.impact import Impact, assess
from cascade.results.protection import Protection
from cascade.results.ranking import Ranking
from cascade.results.sampling import SampledRuns
from cascade.results.stocks import StockUse
from cascade.simulation.network import Network
from cascade.simulation.run import Run
from cascade.telling import aftermath, attack, digest, doubts, inspection, protection, standings, stocks, trial
from cascade.telling.columns import Column, Table, marking_of
from cascade.telling.plots import NARROW, Sheet, draw_sector_levels, render
from cascade.telling.strips import Narrowed
from cascade.words import number, word

MOST: Final = 10
"""Rows of the main table of a result; the whole of it is one attribute away."""
FEW: Final = 5
"""Rows of the tables after it, and warnings about a model."""
LARGE: Final = 50_000
"""Copies beyond which a model is not checked again only to be shown; own choice, about a second."""
DOTS: Final = 110
"""An inch of a picture."""
NUMERIC: Final = ("right", "number", "large", "hours", "share", "money")
_OPTION: Final = re.compile(r"\s*[;,]?[^.;,]*\s--[a-z][^.]*")
"""The part of a sentence that names an option of a command: of no use in a notebook."""
_LEFT: Final = ' style="text-align: left"'
_RIGHT: Final = ' style="text-align: right; white-space: nowrap"'


@dataclass(frozen=True)
class Card:
    """What is shown of a thing."""

    title: str
    mark: str
    lines: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    picture: Sheet | None = None


def language() -> Lang:
    """Return the language that notebooks are answered in: that of ``CASCADE_LANG`` (nl or en), else English."""
    return "nl" if os.environ.get("CASCADE_LANG", "").strip().lower() == "nl" else "en"


def html(thing: Any, lang: Lang | None = None) -> str:
    """Show a model or a result as HTML: what notebooks do with whatever ends a cell.

    Parameters
    ----------
    thing : Model, Run, Impact, Ranking, Protection, Hindcast, SampledRuns or StockUse
    lang : {"nl", "en"}, optional
        By default that of :func:`language`.

    Returns
    -------
    str
        Without scripts, style sheets or addresses; pictures stand in it as data.

    Raises
    ------
    UsageError
        If it is none of these.
    """
    make = next((_CARDS[kind] for kind in type(thing).__mro__ if kind in _CARDS), None)
    if make is None:
        known = ", ".join(kind.__name__ for kind in _CARDS)
        raise UsageError(f"nothing is shown of a {type(thing).__name__}; it can be a {known}")
    lang = lang or language()
    return _page(make(thing, lang), lang)


# ------------------------------------------------------------------ as markup


def _page(card: Card, lang: Lang) -> str:
    mark = f"<br><small>{escape(word('marking', lang))}: <strong>{escape(card.mark)}</strong></small>"
    parts = [f"<p{_LEFT}><strong>{escape(card.title)}</strong>{mark}</p>"]
    parts += [f"<p{_LEFT}>{_text(line)}</p>" for line in card.lines if line]
    parts += [_table(table, lang) for table in card.tables if table.rows]
    if card.picture is not None:
        parts.append(image(card.picture))
    return f'<div lang="{lang}">' + "\n".join(parts) + "</div>"


def image(sheet: Sheet) -> str:
    """Return a picture as an element that holds its own data."""
    data = b64encode(render(sheet, "png", DOTS)).decode()
    wide = round(float(sheet.get_size_inches()[0]) * 96)
    told = escape(f"{sheet.title}. {sheet.foot}")
    return f'<img alt="{told}" width="{wide}" src="data:image/png;base64,{data}">'


def _table(table: Table, lang: Lang) -> str:
    shown = table.shown
    rows = [[table.show(column, row, lang) for column in shown] for row in table.rows]
    rows = [cells for cells in rows if any(cells[1:]) or len(cells) == 1]
    parts = ["<table>"]
    if table.title:
        parts.append(f"<caption{_LEFT}><strong>{escape(table.title)}</strong></caption>")
    if any(column.heading for column in shown):
        heads = (f'<th scope="col"{_side(column)}>{escape(column.heading)}</th>' for column in shown)
        parts.append(f"<thead><tr>{''.join(heads)}</tr></thead>")
    parts.append("<tbody>")
    parts += [f"<tr>{''.join(_cells(shown, cells))}</tr>" for cells in rows]
    parts.append("</tbody></table>")
    if table.note:
        parts.append(f"<p{_LEFT}><small>{_text(table.note)}</small></p>")
    return "".join(parts)


def _text(said: str) -> str:
    """Return a sentence without its advice on commands, escaped."""
    return escape(_OPTION.sub("", said).replace("..", "."))


def _cells(columns: Iterable[Column], cells: Iterable[str]) -> Iterable[str]:
    for column, cell in zip(columns, cells, strict=True):
        yield f"<td{_side(column)}>{escape(cell).replace(chr(10), '<br>')}</td>"


def _side(column: Column) -> str:
    return _RIGHT if column.form in NUMERIC else _LEFT


# ------------------------------------------------------------------ what is shown of each


def _model(model: Model, lang: Lang) -> Card:
    table = inspection.counts(model, 0, 0, lang)
    kept = [row for row in table.rows if row["key"] not in ("scenarios", "capacities")]
    size = next(row["value"] for row in kept if row["key"] == "copies")
    lines = [word("showing_version", lang, version=model.info.version)]
    if size > LARGE:
        lines.append(word("showing_unchecked", lang, n=number(size, lang)))
    else:
        found = [inspection.problem_line(problem, lang) for problem in check_model(model)]
        lines += [word("showing_warnings", lang, n=len(found))] if found else [word("check_fine", lang)]
        lines += found[:FEW]
    return Card(model.info.title[lang], marking_of(model), tuple(lines), (replace(table, rows=kept),))


def _run(run: Run, lang: Lang) -> Card:
    impact = assess(run)
    lines = digest.header(run, lang)
    if not impact.totals["processes_hit"]:
        lines.append(word("no_harm", lang))
    tables = (
        digest.totals(run, impact, lang),
        digest.processes(run, impact, lang, FEW),
        _first(aftermath.locked(run, lang), FEW),
    )
    picture = draw_sector_levels(run, lang, width=NARROW - 0.5)
    return Card(run.scenario.name[lang], _run_mark(run), tuple(lines), tables, picture)


def _impact(impact: Impact, lang: Lang) -> Card:
    run = impact.run
    scores = digest.anv(impact, lang)
    tables = (
        digest.totals(run, impact, lang),
        # the limits of the classes are those of the whole country
        replace(scores, rows=[]) if isinstance(run, Narrowed) else scores,
        digest.sectors(run, impact, lang),
    )
    return Card(run.scenario.name[lang], _run_mark(run), tuple(digest.header(run, lang)), tables)


def _ranking(found: Ranking, lang: Lang) -> Card:
    wish = standings.Wish(most=MOST)
    tables = [standings.ranking(found, lang, wish)]
    if found.samples:
        tables.append(standings.doubts(found, lang, wish))
    lines = (*standings.summary(found, lang), word("mosaic", lang))
    return Card(standings.title(found, lang), marking_of(found.model), lines, tuple(tables))


def _protection(found: Protection, lang: Lang) -> Card:
    lines, tables = list[str](), list[Table]()
    if found.solution is not None:
        lines += protection.summary(found, lang)
        made = {table.name: table for table in protection.plan_tables(found, lang, MOST)}
        tables += [made["plan"], made["totals"]]
    if found.defence is not None:
        # how long it took is no part of the answer
        told = attack.defence_summary(found.defence, found.model, lang)
        later = replace(found.defence, seconds=found.defence.seconds + 3600)
        lines += [line for line in told if line in attack.defence_summary(later, found.model, lang)]
        tables += [_first(table, MOST) for table in attack.defence_tables(found.defence, found.model, lang)]
    mark = marking_of(found.model, found.capacity, *(one.scenario for one in found.given))
    title = word("protect_title", lang, name=found.capacity.name[lang])
    return Card(title, mark, (*lines, word("mosaic", lang)), tuple(tables))


def _hindcast(found: Hindcast, lang: Lang) -> Card:
    mark = marking_of(found.model, *(verdict.scenario for verdict in found.verdicts))
    return Card(word("hindcast_title", lang), mark, (), (trial.totals(found, lang), trial.kinds(found, lang)))


def _samples(found: SampledRuns, lang: Lang) -> Card:
    scenario, model = found.experiment.scenario, _model_of(found.experiment.network)
    made = doubts.tables(found, model, lang)
    tables = (made[0], _first(made[1], MOST))
    return Card(scenario.name[lang], marking_of(model, scenario), tuple(doubts.summary(found, lang)), tables)


def _stocks(found: StockUse, lang: Lang) -> Card:
    name = found.run.scenario.name[lang]
    made = {table.name: table for table in stocks.use_tables(found, lang)}
    tables = (made["use"], made["without"])
    return Card(word("stock_title", lang, name=name), _run_mark(found.run), tuple(stocks.summary(found, lang)), tables)


def _run_mark(run: Run) -> str:
    return marking_of(run.model, run.scenario)


def _model_of(network: Network) -> Model:
    if network.model is None:
        raise UsageError("this network was not compiled from a model")
    return network.model


def _first(table: Table, most: int) -> Table:
    return replace(table, rows=table.rows[:most])


_CARDS: Final[dict[type, Callable[[Any, Lang], Card]]] = {
    Model: _model,
    Run: _run,
    Impact: _impact,
    Ranking: _ranking,
    Protection: _protection,
    Hindcast: _hindcast,
    SampledRuns: _samples,
    StockUse: _stocks,
}
