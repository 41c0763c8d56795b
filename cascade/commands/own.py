"""The commands about somebody's own data: a folder to begin with, sheets to fill, read and write; parse, call, print."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from cascade.commands.places import WithMaps, export_map, import_map, is_map, with_maps_in, with_maps_out
from cascade.errors import DefinitionError, UsageError, did_you_mean
from cascade.telling.talk import Described, Talk, _marks, answers, default_lang

if TYPE_CHECKING:
    from cascade.files.recognition import Question
    from cascade.model import Model
    from cascade.telling.folders import Imported

SHOWN_WARNINGS = 10
SHOWN_COLUMNS = 12
LARGE = 200_000
"""Bytes of a workbook that takes more than a few seconds to read."""
_LANG = click.option(
    "--lang", type=click.Choice(["nl", "en"]), envvar="CASCADE_LANG", default=default_lang, help="Language of what is written."
)  # fmt: skip
_MARKING = click.option(
    "--marking", metavar="MARK", callback=_marks, help="Raise the marking, e.g. TLP:AMBER; it is never lowered."
)


def _talk(lang: str, out: str | None = None, marking: str | None = None) -> Talk:
    talk = Talk("nl" if lang == "nl" else "en", "table", out, marking, None)
    if marking is not None:
        talk.heed_asked()
    return talk


def _next(*lines: str) -> None:
    for line in lines:
        click.echo(f"  {line}", err=True)


@click.command(cls=Described, short_help="Begin: a small model of your own, with comments, that runs.")
@click.argument("folder")
@_LANG
def init(folder: str, lang: str) -> None:
    r"""Write a small model to a new FOLDER, with a scenario and a list of what there is to protect with.

    It runs as it is. The comments in its files, in Dutch or English, say what each line means and what to change first.

    \b
    Examples:
      cascade init my-region
      cascade init mijn-regio --lang nl
    """
    from cascade.telling.folders import start_folder

    talk = _talk(lang)
    start_folder(folder, talk.lang)
    talk.say("own_started", folder=folder)
    outage = "stroomuitval" if talk.lang == "nl" else "power-outage"
    _next(f"cd {_quoted(folder)}", "cascade check", f"cascade run {outage}")


@click.command(cls=Described, short_help="A spreadsheet to fill in: what you need, from whom, for how long.")
@click.argument("file", metavar="FILE.xlsx")
@click.option("--example", is_flag=True, help="Filled with the dependencies of a water company that does not exist.")
@_LANG
@_MARKING
def template(file: str, example: bool, lang: str, marking: str | None) -> None:
    r"""Write the spreadsheet that an assessor fills in: headings that explain themselves, lists to choose from.

    \b
    Examples:
      cascade template dependencies.xlsx --lang nl
      cascade template example.xlsx --example --lang en
    """
    from cascade.telling.workbook import write_template

    talk = _talk(lang, file, marking)
    talk.ready()
    if Path(file).exists():
        raise UsageError(f"{file} is there already, and somebody may have filled it in; name another file")
    talk.say("written_one", file=write_template(file, talk.lang, example, marking or ""))
    talk.say("own_filled_in")
    _next(f"cascade import {_quoted(file)} --out {_quoted(str(Path(file).with_suffix('')))}")


@click.command(
    "import", cls=WithMaps, short_help="A spreadsheet to a model folder, or a map to the assets of a process."
)
@click.argument("file")
@click.option("--out", metavar="FOLDER", help="Folder to make; one that an import made and nobody changed is replaced.")
@click.option("--mapping", metavar="FILE", help="Which sheet and column is what, where they have names of their own.")
@click.option("--mapping-out", metavar="FILE", help="Write what was understood as a mapping file, to fill in.")
@click.option("--sheet", "sheets", multiple=True, metavar="NAME", help="Read only this sheet; may be repeated.")
@click.option(
    "--onto", metavar="MODEL", help="A model folder to put it beside, e.g. sectors; it is copied, not changed."
)
@with_maps_in
@_LANG
@_MARKING
def import_(
    file: str,
    out: str | None,
    mapping: str | None,
    mapping_out: str | None,
    sheets: tuple[str, ...],
    onto: str | None,
    lang: str,
    marking: str | None,
    **maps: Any,
) -> None:
    r"""Read a spreadsheet (.xlsx, or .csv with one table) and write it as a model folder, whole or not at all.

    Sheets and columns are known by their headings in Dutch or English; what is not understood is asked on a terminal, and
    refused elsewhere. Cells may be as people type them: 4 uur, 0,5, 50 %, names instead of ids. All faults are named at once,
    each with its sheet and cell.

    A map (.gpkg, .geojson, or .csv with --process) becomes the assets of a process: points, or polygons of which a point
    inside is taken, from any coordinate system to degrees.

    \b
    Examples:
      cascade import dependencies.xlsx --out my-model
      cascade import dependencies.xlsx --out my-model --onto sectors
      cascade import our-own-list.xlsx --mapping-out mapping.yaml --out my-model
      cascade import stations.gpkg --process stations --into my-model --regions-from regions.geojson
    """
    talk = _talk(lang, out, marking)
    if is_map(file, maps):
        only = {"out": out, "mapping_out": mapping_out, "sheets": sheets, "onto": onto, "marking": marking}
        import_map(talk, file, mapping, maps, only)
        return
    if out is None:
        raise UsageError(f"name a folder to make: cascade import {file} --out FOLDER")
    if mapping_out is not None and Path(mapping_out).exists():
        raise UsageError(f"{mapping_out} is there already; name another file, or hand it in with --mapping")
    made = _imported(
        talk, file, out, mapping_out, mapping=mapping, sheets=sheets, onto=onto, lang=talk.lang, marking=marking or ""
    )
    _tell(talk, made, out)


def _imported(talk: Talk, file: str, out: str, mapping_out: str | None, **given: Any) -> Imported:
    """Read and write; on a terminal with questions, of which the answers can be kept even where cells are faulty."""
    from cascade.telling.folders import import_workbook

    asked: list[Question] = []

    def ask(question: Question) -> str:
        asked.append(question)
        return _ask(talk, question)

    if Path(file).is_file() and Path(file).stat().st_size > LARGE:
        talk.say("places_reading", file=file)
    terminal = sys.stdin.isatty() and sys.stderr.isatty() and mapping_out is None
    with TemporaryDirectory() as near:
        answered = Path(near) / "mapping.yaml"
        draft = answered if terminal else mapping_out
        try:
            made = import_workbook(file, out, ask=ask if terminal else None, mapping_out=draft, **given)
        except DefinitionError:
            if asked and answered.exists():
                _keep(talk, answered.read_text("utf-8"))
            if mapping_out is not None and Path(mapping_out).exists():
                talk.say("own_mapping_written", file=mapping_out, book=file, folder=out)
            raise
    if asked:
        _keep(talk, made.mapping)
    return made


def _ask(talk: Talk, question: Question) -> str:
    """Ask somebody what a column is, until the answer is one."""
    from cascade.files.headings import known_headings, plain
    from cascade.files.recognition import PASS
    from cascade.words import word

    known = known_headings(question.sheet)
    names = {key: question.sheet.column(key).heading[talk.lang] for key in question.free}
    filled = {"heading": question.heading, "samples": ", ".join(question.samples) or "-"}
    if question.guess:
        text = word("own_column", talk.lang, guess=names[question.guess], **filled)
    else:
        shown = [name for key, name in names.items() if question.sheet.column(key).shown][:SHOWN_COLUMNS]
        text = word("own_column_open", talk.lang, known=", ".join(shown), **filled)
    while True:
        said = click.prompt(text, default=names.get(question.guess, PASS), err=True).strip()
        key = known.get(plain(said), said)
        if said.casefold() in ("y", "yes", "j", "ja") and question.guess:
            return question.guess
        if key == PASS or key in question.free:
            return str(key)
        click.echo(did_you_mean(said, names.values()), err=True)


def _keep(talk: Talk, mapping: str) -> None:
    """Offer to write the answers to a file, so that they need not be given again."""
    from cascade.telling.writing import write_file
    from cascade.words import word

    file = click.prompt(word("own_keep_mapping", talk.lang), default="", show_default=False, err=True).strip()
    if file:
        talk.say("written_one", file=write_file(mapping, file))


def _tell(talk: Talk, made: Imported, out: str) -> None:
    """Say what was read and decided, what the checks say, and what to do next."""
    from cascade.files.checks import check_model
    from cascade.files.headings import BY_KEY
    from cascade.words import word

    parts = []
    for name, kind, rows in made.tables:
        sheet = BY_KEY[kind].name[talk.lang]
        as_called = name in ("", sheet)
        parts.append(
            f"{sheet} ({rows})" if as_called else word("own_read_as", talk.lang, name=name, kind=sheet, n=rows)
        )
    talk.say("own_read", what=", ".join(parts))
    for note in made.notes:
        talk.say_once(note)
    warnings = check_model(made.model)
    for warning in warnings[:SHOWN_WARNINGS]:
        click.echo(str(warning), err=True)
    model = made.model
    needs = sum(len(process.needs) for process in model.processes.values())
    talk.say("own_imported", folder=out, processes=len(model.processes), needs=needs, warnings=len(warnings))
    folder = _quoted(out)
    ranked = [f"cascade rank --model {folder}"] if model.population else []  # it counts in people
    _next(f"cascade check {folder}", f"cascade show {_telling(model, made.own)} --effects --model {folder}", *ranked)


def _telling(model: Model, own: tuple[str, ...]) -> str:
    """Return the process to look at first: of those in the sheets the one with most needs, else the one most needed."""
    if own:
        return max(own, key=lambda name: len(model.processes[name].needs))
    count = dict.fromkeys(model.processes, 0)
    for process in model.processes.values():
        for need in process.needs.values():
            for supply in need.supplies:
                count[supply.process] = count.get(supply.process, 0) + 1
    return max(count, key=lambda name: count[name])


def _quoted(path: str) -> str:
    import shlex

    return shlex.quote(path)


@click.command(
    "export", cls=WithMaps, short_help="A model as a spreadsheet that can be read back, or its assets as a map."
)
@click.argument("folder", metavar="[MODEL]", required=False)
@with_maps_out
@answers(out="File to write: FILE.xlsx, or FILE.gpkg or FILE.geojson for a map.", model=False)
def export(talk: Talk, folder: str | None, **maps: Any) -> None:
    r"""Write a MODEL as a spreadsheet; importing that gives the same model back. Or its assets as a map.

    \b
    Examples:
      cascade export --out vital-processes.xlsx --lang nl
      cascade export my-model --out my-model.xlsx --max-marking TLP:GREEN
      cascade export my-model --out assets.geojson --links
      cascade export my-model --out assets.gpkg --run power-outage --at 6h
    """
    from cascade.telling.workbook import export_workbook

    if talk.out is None:
        raise UsageError("name the file to write: cascade export --out FILE.xlsx")
    talk.ready()
    if is_map(talk.out, maps):
        export_map(talk, folder, maps)
        return
    model = talk.load(folder)
    mark = talk.mark(model)
    rows = sum(len(process.needs) for process in model.processes.values())
    talk.mosaic(rows)
    for path in export_workbook(model, talk.out, talk.lang, mark):
        talk.say("written_one", file=path)


COMMANDS: tuple[click.Command, ...] = (init, template, import_, export)
"""What ``cli`` adds to its own."""
