"""A run as one page that replays it: everything in one file, in both languages."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cascade.model import Input, Lang, Model
from cascade.results.impact import Impact
from cascade.simulation.run import Run
from cascade.telling import handout, plots, replay
from cascade.telling.columns import NO_NOTICE, Notice, Table, marking_of
from cascade.telling.digest import header, run_tables
from cascade.telling.geometry import Shapes
from cascade.telling.gist import (
    SHOWN_ASSUMPTIONS,
    SHOWN_CHAINS,
    assumption_rows,
    assumptions,
    map_moments,
    shown_chains,
    sureness,
    told_chain,
)
from cascade.telling.markup import THEMED, fingerprint, templates_for
from cascade.telling.writing import run_manifest, write_file
from cascade.words import duration, word

if TYPE_CHECKING:
    from cascade.results.ranking import Ranking


_CARDS: Final = ("basic_people_peak", "basic_person_h", "cost_eur", "processes_hit")


def write_replay(
    run: Run,
    impact: Impact,
    path: str | Path,
    lang: Lang = "nl",
    marking: str = "",
    inputs: Iterable[Input] = (),
    notices: Mapping[Lang, Notice] | None = None,
    *,
    ranking: "Ranking | None" = None,
    shapes: Shapes | None = None,
) -> Path:
    """Write a run as one page that replays it: everything in one file, in both languages, asking nothing of anybody.

    Parameters
    ----------
    run : Run
    impact : Impact
        Of this run.
    path : path
    lang : str
        The language it opens in.
    marking : str
        Raises the mark.
    inputs : iterable of Input
        Files read besides those of the model.
    notices : mapping, optional
        By language what a reader must know of what was left out.
    ranking : Ranking, optional
        Single failures of its main duration, for a list of the worst.
    shapes : Shapes, optional
        Outlines of the regions; without them a map of tiles.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    UsageError
        If the file cannot be written.
    """
    mark = marking_of(run.model, run.scenario, marking)
    told = {one: (notices or {}).get(one, NO_NOTICE) for one in replay.LANGS}
    manifest = {**run_manifest(run, lang, mark, inputs), **told[lang].data}
    manifest["options"]["ranking"] = None if ranking is None else duration(ranking.main, "en")
    given = {
        "lang": lang,
        "mark": mark,
        "manifest": manifest,
        "data": replay.script_json({"marking": mark, **replay.payload(run, shapes)}),
        "pages": _replayed(run, impact, ranking, told),
        "ranked": 0 if ranking is None else len(ranking.cases),
        "ranked_for": {one: replay.lasting(ranking.main, one) for one in replay.LANGS} if ranking else {},
        "shapes": shapes,
        "clocked": run.scenario.start is not None,
    }
    return write_file(_replay_page(run.model, given), path)


def _replay_page(model: Model, given: Mapping[str, Any]) -> str:
    """Fill the template of the living page; its style and script go by their fingerprints."""
    templates, _ = templates_for(given["mark"])
    places = replay.tiles(model.regions)
    spots = [places[code] for code in sorted(places)]
    columns = 1 + max((column for column, _ in spots), default=0)
    style = templates.get_template("replay.css").render(
        mark=given["mark"], themed=THEMED, columns=columns, places=sorted(set(spots))
    )
    script = templates.get_template("replay.js").render()
    return templates.get_template("replay.html").render(
        **given,
        style=style,
        script=script,
        style_hash=fingerprint(style),
        script_hash=fingerprint(script),
        model_title=model.info.title,
        about=model.info.about,
        codes=sorted(places),
        spots=spots,
    )


def _replayed(
    run: Run, impact: Impact, ranking: "Ranking | None", told: Mapping[Lang, Notice]
) -> dict[Lang, dict[str, Any]]:
    """Gather what the living page says, by language."""
    lengths = {t.name: len(t.rows) for t in run_tables(run, impact, "en", whole=True)}
    moments, labels = map_moments(run), shown_chains(run, impact, SHOWN_CHAINS)
    rested, worst = assumptions(run, impact), handout.worst_moment(run)
    pages: dict[Lang, dict[str, Any]] = {}
    for lang in replay.LANGS:
        tables = {t.name: replace(t, note=_page_note(t, lengths[t.name], lang)) for t in run_tables(run, impact, lang)}
        hours = [float(c.key[6:-1]) for c in tables["course"].columns if c.key.startswith("level_")]
        tables["people"] = replay.people_course(run, lang, hours)
        tables["jobs"] = handout.grouped_jobs(run, lang)
        rows = [row for row in tables["totals"].rows if row["text"]]
        tables["totals"] = replace(tables["totals"], rows=rows)
        pages[lang] = {
            "name": run.scenario.name[lang],
            "header": header(run, lang),
            "short": replay.in_short(run, impact, lang),
            "cut": told[lang].notes,
            "mosaic": told[lang].mosaic,
            "cards": [_card(row, lang) for key in _CARDS for row in rows if row["key"] == key],
            "tables": tables,
            "stills": replay.stills(run, moments, lang),
            "lanes": None if worst is None else handout.lanes_at(run, worst, lang),
            "chains": [told_chain(run, label, lang) for label in labels],
            "failures": [] if ranking is None else replay.failures(ranking, lang),
            "assumptions": assumption_rows(run, rested.head(SHOWN_ASSUMPTIONS), lang),
            "sureness": sureness(rested, lang),
            "say": partial(plots.say, lang),
            "word": partial(_said, lang),
        }
    return pages


def _said(lang: Lang, key: str, **filled: object) -> str:
    return word(key, lang, **filled)


def _page_note(table: Table, rows: int, lang: Lang) -> str:
    """Return the note of a table as a page has it: without the options of a command."""
    own = {"effects": "effects_note_all", "course": "replay_course_note"}
    kept = table.name in own or len(table.rows) == rows
    note = word(own[table.name], lang) if table.name in own else table.note
    some = "" if len(table.rows) == rows else word("replay_some", lang, n=len(table.rows), m=rows)
    return " ".join(filter(None, [note if kept else "", some]))


def _card(row: Mapping[str, Any], lang: Lang) -> dict[str, str]:
    """Split a key figure into the number that is shown large and what is said of it."""
    text = str(row["text"])
    if row["key"] == "processes_hit":
        first, _, more = text.partition(", ")
        return {"label": word("processes_hit", lang), "value": first.partition(" ")[0], "more": more}
    value, _, more = text.partition(" (")
    return {"label": str(row["label"]).strip(), "value": value, "more": more.removesuffix(")")}
