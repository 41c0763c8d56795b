"""Which files a timeline becomes: every format under its name, or the one that a name asks for."""

import re
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from cascade import __version__
from cascade.errors import UsageError
from cascade.model import Input, Model
from cascade.telling.agenda import calendar
from cascade.telling.chronicle import markdown, rows
from cascade.telling.columns import NO_NOTICE, Notice, Table
from cascade.telling.injects import Timeline, for_players
from cascade.telling.markup import fingerprint, templates_for
from cascade.telling.openaev import openaev_mapper, openaev_sheet
from cascade.telling.playbook import playbook
from cascade.telling.screen import as_csv
from cascade.telling.sheets import event_list
from cascade.telling.writing import changed_in, listed, provenance, write_all, write_folder
from cascade.words import word

PLAYERS_PAGE: Final = "players.html"
EDITED: Final = ("msel.xlsx", "injects.csv")
"""Lists in a folder that the control staff may have worked in."""
FORMATS: Final = (".md", ".csv", ".xlsx", ".ics", ".html", ".openaev.json")
"""What a name of one file ends with; ``.openaev.xlsx`` is another than ``.xlsx``."""
ANSWERS: Final = (".json", ".txt")
"""Endings of what stands on the screen, as a file; the command writes these by itself."""

Page = Callable[[Timeline, str], str]
"""Makes the page of a timeline; the second is the name of the page for players beside it, or nothing."""


def is_one_file(name: str) -> bool:
    """Whether a name is that of one file; any other is that of a folder."""
    return name.lower().endswith(FORMATS)


def check_name(out: str | Path) -> None:
    """Refuse a name with an ending that is none of ours, which would become a folder of that name.

    Raises
    ------
    UsageError
        With the endings that there are.
    """
    path = Path(out)
    ending = path.suffix.lower()
    # what ends in a number (a date, a version) is a name of a folder
    if (
        path.is_dir()
        or is_one_file(path.name)
        or ending in ANSWERS
        or not re.fullmatch(r"\.[a-z][a-z0-9]{1,5}", ending)
    ):
        return
    endings = ", ".join((*FORMATS[:-1], ".openaev.xlsx", FORMATS[-1], *ANSWERS))
    raise UsageError(
        f"--out: a timeline is not written as {ending}; choose a name that ends with one of {endings}, or a folder"
    )


def refuse_edited(out: str | Path) -> None:
    """Refuse to write over an event list that somebody may have worked in: remarks in its own columns would be lost.

    Raises
    ------
    UsageError
        If there is a workbook of that name, or a list in that folder that is not as it was written.
    """
    path = Path(out)
    remedy = "hand it back with --injects and name another place"
    if path.name.lower().endswith(".xlsx"):
        if path.is_file():
            raise UsageError(f"--out: {path} is there already and may have been edited since it was written; {remedy}")
        return
    if is_one_file(path.name):
        return
    for place in changed_in(path, EDITED) if listed(path) is not None else ():
        raise UsageError(f"--out: {place} was edited since it was written; {remedy}")


def timeline_files(
    timeline: Timeline, regions: Mapping[str, str], page: Page, about: Iterable[tuple[str, str]] = (), name: str = ""
) -> dict[str, bytes]:
    """Make the files of a timeline in memory.

    Parameters
    ----------
    timeline : Timeline
    regions : mapping
        Names of regions by code.
    page : callable
        Makes the page.
    about : iterable of (str, str)
        Label and text of what the workbook says of how it was made.
    name : str
        Of the one file that is wanted; without it every format is made.

    Returns
    -------
    dict
        Bytes by name. A calendar is left out where the scenario has no start, unless it is the one that is wanted.

    Raises
    ------
    UsageError
        If a calendar is wanted and cannot be made.
    """
    about = list(about)
    if name:
        return {name: _one(timeline, regions, page, about, name.lower())}
    made = {
        "timeline.md": markdown(timeline).encode(),
        "injects.csv": rows(timeline).encode(),
    }
    if timeline.start is not None:
        made["timeline.ics"] = calendar(timeline)
    players = for_players(timeline)
    made[PLAYERS_PAGE] = page(players, "").encode()
    made["players.xlsx"] = event_list(players)
    if not timeline.players:
        made["msel.xlsx"] = event_list(timeline, about)
        made["players.md"] = markdown(players).encode()
        made["timeline.html"] = page(timeline, PLAYERS_PAGE).encode()
        made["openaev.xlsx"] = openaev_sheet(timeline, regions)
        made["openaev-mapper.json"] = openaev_mapper(timeline).encode()
    return made


def _one(
    timeline: Timeline, regions: Mapping[str, str], page: Page, about: Iterable[tuple[str, str]], name: str
) -> bytes:
    """Make the one file that a name asks for by how it ends."""
    if name.endswith(".openaev.xlsx"):
        return openaev_sheet(timeline, regions)
    if name.endswith(".xlsx"):
        return event_list(timeline, about)
    if name.endswith(".ics"):
        return calendar(timeline)
    if name.endswith(".html"):
        return page(timeline, "").encode()
    text = {".md": markdown, ".csv": rows, ".json": openaev_mapper}
    return text[name[name.rindex(".") :]](timeline).encode()


def write_timeline(
    model: Model,
    timeline: Timeline,
    shifts: Iterable[Table],
    out: str | Path,
    inputs: Iterable[Input] = (),
    options: Mapping[str, Any] | None = None,
    notice: Notice = NO_NOTICE,
) -> list[Path]:
    """Write the timeline of an exercise: one file by what its name ends with, or a folder with every format.

    Parameters
    ----------
    model : Model
    timeline : Timeline
        Of one for players nothing of the control staff's is written, and no name of what was read.
    shifts : iterable of Table
        What moved; they go into a folder of the control staff.
    out : path
        ``.md``, ``.csv``, ``.xlsx`` (``.openaev.xlsx`` for OpenAEV), ``.ics`` or ``.html``; anything else is a folder.
    inputs : iterable of Input
        Files read besides those of the model.
    options : mapping, optional
        What else was asked for, for the manifest.
    notice : Notice
        What a reader must know of what was left out.

    Returns
    -------
    list of Path
        Every file written.

    Raises
    ------
    UsageError
        If the folder or a file cannot be written, has a name that ends otherwise, or would take the place of a list that
        was edited; or if a calendar is wanted of a scenario without a start.
    """
    check_name(out)
    refuse_edited(out)
    path, mark = Path(out), timeline.marking
    manifest = _timeline_manifest(model, timeline, inputs, options or {}, notice)
    names = {code: region.name for code, region in model.regions.items()}
    made = timeline_files(
        timeline,
        names,
        lambda shown, other: _timeline_page(shown, names, manifest, notice, other),
        [("cascade", __version__), *manifest["inputs"].items()],
        path.name if is_one_file(path.name) else "",
    )
    if is_one_file(path.name):
        return write_all(path.parent, made)
    files = {**made, **({} if timeline.players else {f"{t.name}.csv": as_csv(t, mark).encode() for t in shifts})}
    return write_folder(path, files, mark, manifest)


def _timeline_manifest(
    model: Model, timeline: Timeline, inputs: Iterable[Input], options: Mapping[str, Any], notice: Notice
) -> dict[str, Any]:
    """Say how a timeline was made; to players without the names of files and options, which give the scenario away."""
    manifest = {**provenance(model, timeline.lang, timeline.marking, inputs, options), **notice.data}
    manifest["versions"] |= {name: version(name) for name in ("icalendar", "xlsxwriter")}
    if timeline.players:
        digests = sorted(manifest["inputs"].values())
        manifest |= {"options": {"lang": timeline.lang}, "inputs": {f"{n}": one for n, one in enumerate(digests, 1)}}
    return manifest


def _timeline_page(
    timeline: Timeline, regions: Mapping[str, str], manifest: Mapping[str, Any], notice: Notice, other: str
) -> str:
    """Fill the template of a timeline; ``other`` is the file for players beside it, if there is one."""
    lang, mark = timeline.lang, timeline.marking
    templates, style = templates_for(mark)
    style += templates.get_template("timeline.css").render(exercise=word("msel_exercise", lang))
    script = templates.get_template("timeline.js").render()
    return templates.get_template("timeline.html").render(
        **playbook(timeline, regions),
        lang=lang,
        mark=mark,
        style=style,
        style_hash=fingerprint(style),
        script=script,
        script_hash=fingerprint(script),
        say=lambda nl, en: nl if lang == "nl" else en,
        word=lambda key, **filled: word(key, lang, **filled),
        notices=() if timeline.players else notice.sentences,
        about=[("cascade", manifest["versions"]["cascade"]), *manifest["inputs"].items()],
        players_file=other,
    )
