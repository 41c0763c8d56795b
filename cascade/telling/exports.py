"""Which files a timeline becomes: every format under its name, or the one that a name asks for."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from cascade.telling.agenda import calendar
from cascade.telling.chronicle import markdown, rows
from cascade.telling.injects import Timeline, for_players
from cascade.telling.openaev import openaev_mapper, openaev_sheet
from cascade.telling.sheets import event_list

PLAYERS_PAGE: Final = "players.html"
FORMATS: Final = (".md", ".csv", ".xlsx", ".ics", ".html", ".openaev.json")
"""What a name of one file ends with; ``.openaev.xlsx`` is another than ``.xlsx``."""

Page = Callable[[Timeline, str], str]
"""Makes the page of a timeline; the second is the name of the page for players beside it, or nothing."""


def is_one_file(name: str) -> bool:
    """Whether a name is that of one file; any other is that of a folder."""
    return name.lower().endswith(FORMATS)


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
        "msel.xlsx": event_list(timeline, about),
    }
    if timeline.start is not None:
        made["timeline.ics"] = calendar(timeline)
    players = for_players(timeline)
    made[PLAYERS_PAGE] = page(players, "").encode()
    if not timeline.players:
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
