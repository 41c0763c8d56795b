"""A timeline as a workbook: the event list (MSEL) of the control staff, or what players may see, and what it is about.

Everything that is text stays text: nothing is taken for a formula or a link, whatever a name begins with. Equal timelines
give equal bytes.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from textwrap import wrap
from typing import Any, Final

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from cascade.files.msel import COLUMNS, EVENT, OWN, STATUSES, heading_key, stamp
from cascade.files.sheets import MSEL
from cascade.model import Lang
from cascade.telling.chronicle import asked, ids_of, lines_of, marking_of_inject, origin
from cascade.telling.injects import Inject, Timeline, clock, relative, seen
from cascade.words import clipped, date, word

MADE: Final = datetime(2000, 1, 1)
"""Moment of making in every workbook, so that equal input gives equal bytes."""
LONGEST: Final = 32_767
"""Characters that a cell can hold."""
SPARE: Final = 200
"""Empty rows below the list that are ready for a planner's own injects."""
A4: Final = 9
PLAYERS: Final = ("nr", "at", "clock", "where", "to", "by", "text", "marking")
HIDDEN: Final = ("stamp",)
PRINTED: Final = ("nr", "at", "clock", "where", "text", "to", "by", "asks", "status", "unless")
"""Columns on the printed page; the others are for work on the screen, and the mark is on every page."""
_TALL: Final = (*PRINTED, "note")
"""Columns that decide how high a row is; a long chain would leave white gaps on paper."""
_WIDTHS: Final = {
    "nr": 4, "id": 14, "at": 9.5, "clock": 15, "where": 13, "sector": 12, "process": 14, "from": 10, "to": 16, "by": 10.5,
    "text": 42, "asks": 26, "certainty": 10, "status": 12, "unless": 13, "why": 60, "note": 24, "responsible": 15,
    "done": 9, "observed": 18, "regions": 14, "marking": 12, "stamp": 8,
}  # fmt: skip
"""Characters of the ordinary size; those that are printed fit on A4 across at 8 points or more."""
_SIZE: Final = 9.5
"""Points of the text in cells."""
_LINE, _TALLEST = 12.75, 400
"""Points: the height of a line, and of a row at most."""
_FILL: Final = 1.25
"""Characters in cells for each of the ordinary size: most letters are narrower than a digit, and the text is smaller."""
_SHADES: Final = {"edited": "#DCE9F7", "planned": "#E3F1DC", "held": "#FCE8C8"}
"""Behind a status, which is written out as well."""
_SPEAKS: Final = {"nl": "[$-413]", "en": "[$-809]"}
"""Says in which language days and months stand, whatever the reader's own."""
_ROWS: Final[dict[str, dict[str, Any]]] = {
    "dropped": {"bg_color": "#E4E4E4", "font_color": "#595959", "font_strikeout": True},
    EVENT: {"bg_color": "#F5F5F5", "font_color": "#595959", "italic": True},
}
"""The look of whole rows with a status."""


@dataclass
class Book:
    """A workbook being made, in memory."""

    marking: str
    lang: Lang

    def __post_init__(self) -> None:
        self.data = io.BytesIO()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self.book = xlsxwriter.Workbook(self.data, options)
        cell = {"text_wrap": True, "valign": "top", "border": 1, "border_color": "#C8CED6", "font_size": _SIZE}
        formats = {
            "cell": cell,
            "own": {**cell, "bg_color": "#F2F2F2"},
            "clock": {**cell, "num_format": f"{_SPEAKS[self.lang]}ddd d mmm hh:mm", "align": "left"},
            "nr": {**cell, "align": "center"},
            "head": {**cell, "bold": True, "bg_color": "#154273", "font_color": "#FFFFFF", "valign": "vcenter"},
            "mark": {"bold": True, "font_size": 12},
            "title": {"bold": True, "font_size": 16},
            "plain": {"text_wrap": False},
            "wrap": {"text_wrap": True, "valign": "top"},
            "label": {"bold": True, "valign": "top"},
        }
        self.formats = {name: self.book.add_format(given) for name, given in formats.items()}

    def sheet(self, name: str) -> Any:
        """Add a sheet that prints across on A4, as wide as the paper, with the mark on every page."""
        page = self.book.add_worksheet(name)
        page.set_landscape()
        page.set_paper(A4)
        page.fit_to_pages(1, 0)
        page.set_margins(left=0.4, right=0.4, top=0.8, bottom=0.8)
        mark = "&B" + self.marking.replace("&", "&&")
        page.set_header(f"&C{mark}&R{name}")
        pages = word("msel_page", self.lang, page="&P", pages="&N")
        page.set_footer(f"&C{mark}&R{pages}")
        return page

    def finish(self, title: str) -> bytes:
        """Close the workbook, and return its bytes."""
        self.book.set_properties({"title": title, "comments": self.marking, "author": "cascade", "created": MADE})
        self.book.close()
        return self.data.getvalue()

    def put(self, page: Any, row: int, column: int, value: object, form: str = "cell") -> None:
        """Write a cell: a moment as one, a number as one, all else as text."""
        if isinstance(value, datetime):
            page.write_datetime(row, column, value.replace(tzinfo=None), self.formats[form])
        elif isinstance(value, int | float) and not isinstance(value, bool):
            page.write_number(row, column, value, self.formats[form])
        elif value:
            page.write_string(row, column, clipped(str(value), LONGEST), self.formats[form])
        else:
            page.write_blank(row, column, None, self.formats[form])


def event_list(
    timeline: Timeline, about: Iterable[tuple[str, str]] = (), regions: Mapping[str, str] | None = None
) -> bytes:
    """Make the workbook of a timeline (``.xlsx``): for the control staff or for players, never both in one.

    Parameters
    ----------
    timeline : Timeline
        What the planner took out of it stands in the list as dropped.
    about : iterable of (str, str)
        More to say of it: label and text, such as the scenario, options and hashes of what was read.
    regions : mapping, optional
        Not needed; regions stand in it by code and in words.

    Returns
    -------
    bytes
        Sheets ``MSEL``, or for players ``Spelers`` or ``Players``; and ``Over`` or ``About``.
    """
    timeline = seen(timeline)
    lang = timeline.lang
    book = Book(timeline.marking, lang)
    name, columns = (word("msel_players_sheet", lang), PLAYERS) if timeline.players else (MSEL, COLUMNS)
    _fill(book, book.sheet(name), timeline, [key for key in columns if key != "clock" or timeline.start])
    _about(book, timeline, about)
    return book.finish(timeline.title)


# ------------------------------------------------------------------ a list


def _fill(book: Book, page: Any, timeline: Timeline, columns: Sequence[str]) -> None:
    """Write a list of injects: its head, a row for each, and what helps to work with it."""
    lang = timeline.lang
    top = _head(book, page, timeline)
    for number, key in enumerate(columns):
        page.set_column(number, number, _WIDTHS[key], None, {"hidden": key in HIDDEN})
        book.put(page, top, number, word(heading_key(key), lang), "head")
    page.set_row(top, 32)
    lines = lines_of(timeline)
    for row, (one, place, status) in enumerate(lines, top + 1):
        values = cells_of(timeline, one, place, status, columns)
        for number, key in enumerate(columns):
            form = key if key in ("clock", "nr") else "own" if key in OWN else "cell"
            book.put(page, row, number, values.get(key, ""), form)
        page.set_row(row, _height(values))
    last, side = top + max(len(lines), 1), len(columns) - 1
    page.autofilter(top, 0, last, side)
    page.freeze_panes(top + 1, columns.index("where"))
    page.repeat_rows(top)
    page.print_area(0, 0, last, max(n for n, key in enumerate(columns) if key in PRINTED))
    if "status" in columns:
        _help(book, page, columns, top + 1, last + SPARE, lang)


def _head(book: Book, page: Any, timeline: Timeline) -> int:
    """Write mark, title and start above a list, and return the row of its column names (from 0)."""
    lang = timeline.lang
    start = date(timeline.start, lang) if timeline.start else word("msel_no_start", lang)
    book.put(page, 0, 0, " · ".join(part for part in (timeline.marking, word("msel_exercise", lang)) if part), "mark")
    page.set_row(1, 24)
    book.put(page, 1, 0, timeline.title, "title")
    book.put(page, 2, 0, f"{word('msel_start', lang)}: {start}. {word('msel_times', lang)}", "plain")
    if timeline.players:
        return 4
    how, _, own = word("msel_edit", lang).partition(". ")  # one line would be cut off on paper
    book.put(page, 3, 0, f"{word('msel_control', lang)} {how}.", "plain")
    book.put(page, 4, 0, own, "plain")
    return 5


def cells_of(
    timeline: Timeline, one: Inject, number: int | None, status: str, columns: Iterable[str]
) -> dict[str, object]:
    """Return what stands in the row of an inject, by column: text, a number, or a moment in the time of the scenario."""
    lang = timeline.lang
    texts = {
        "id": one.id,
        "at": relative(one.time),
        "where": one.where,
        "regions": ", ".join(one.regions),
        "sector": one.sector_name,
        "process": one.process_name,
        "to": one.to_text,
        "by": one.by,
        "text": one.text,
        "asks": asked(one),
        "certainty": word(one.certainty, lang) if one.certainty else "",
        "status": word(f"msel_is_{status}", lang),
        "unless": one.unless,
        "why": one.why,
        "note": one.note,
        "marking": marking_of_inject(timeline, one),
    }
    when = clock(timeline, one)
    found: dict[str, object] = {key: clipped(text, LONGEST) for key, text in texts.items()}
    found |= {"nr": number, "clock": when or "", "stamp": stamp(texts, origin(one), one.time, when, ids_of(one))}
    return {key: found[key] for key in columns if key in found}


def _height(values: Mapping[str, object]) -> float:
    """Return how high the row of an inject must be, in points."""
    return row_height((value, _WIDTHS[key]) for key, value in values.items() if isinstance(value, str) and key in _TALL)


def row_height(cells: Iterable[tuple[object, float]]) -> float:
    """Return how high a row must be for values in columns so wide, in points; not every program works that out by itself."""
    lines = 1
    for value, width in cells:
        if isinstance(value, str):
            room = int(width * _FILL)
            if len(value) <= room and "\n" not in value:
                continue
            lines = max(lines, sum(max(len(wrap(line, room)), 1) for line in value.split("\n")))
    return min(lines * _LINE + 3, _TALLEST)


def _help(book: Book, page: Any, columns: Sequence[str], first: int, last: int, lang: Lang) -> None:
    """Offer the statuses in a list, and give each a shade of its own."""
    column = columns.index("status")
    words = {key: word(f"msel_is_{key}", lang) for key in (*STATUSES, EVENT)}
    page.data_validation(
        first, column, last, column,
        {
            "validate": "list",
            "source": [words[key] for key in STATUSES],
            "input_title": word("msel_status", lang),
            "input_message": word("msel_status_help", lang),
            "error_type": "warning",
        },
    )  # fmt: skip
    for key, colour in _SHADES.items():
        form = book.book.add_format({"bg_color": colour, "font_color": "#1A1A1A"})
        rule = {"type": "cell", "criteria": "==", "value": f'"{words[key]}"', "format": form}
        page.conditional_format(first, column, last, column, rule)
    cell = xl_rowcol_to_cell(first, column, col_abs=True)
    for key, given in _ROWS.items():
        rule = {"type": "formula", "criteria": f'={cell}="{words[key]}"', "format": book.book.add_format(given)}
        page.conditional_format(first, 0, last, len(columns) - 1, rule)


# ------------------------------------------------------------------ what it is about


def _about(book: Book, timeline: Timeline, more: Iterable[tuple[str, str]]) -> None:
    """Write what the workbook is about, how it was made and what it does not know."""
    lang = timeline.lang
    page = book.sheet(word("msel_about_sheet", lang))
    page.set_column(0, 0, 28)
    page.set_column(1, 1, 100)
    start = date(timeline.start, lang) if timeline.start else word("msel_no_start", lang)
    lines = [
        (word("marking", lang), timeline.marking),
        (word("scenario", lang) if not timeline.players else "", timeline.title),
        (word("msel_start", lang), start),
        (word("inject_at", lang), word("msel_times", lang)),
        (word("msel_count", lang), str(sum(1 for one in timeline.injects if one.kind != EVENT))),
    ]
    if not timeline.players:
        lines += [(word("msel_rows", lang), word("msel_deleting", lang))]
        lines.append((word("model", lang), timeline.version))
        lines += [(word("msel_how", lang) if n == 0 else "", note) for n, note in enumerate(timeline.notes)]
        lines += [*more]
    book.put(page, 0, 0, " · ".join(part for part in (timeline.marking, word("msel_exercise", lang)) if part), "mark")
    for row, (label, text) in enumerate(((label, text) for label, text in lines if text), 2):
        book.put(page, row, 0, label, "label")
        book.put(page, row, 1, text, "wrap")
    page.print_area(0, 0, len(lines) + 2, 1)


# ------------------------------------------------------------------ a plain table


def plain_sheet(name: str, rows: Iterable[Sequence[str]], widths: Sequence[int], marking: str, lang: Lang) -> bytes:
    """Make a workbook of one sheet in which every cell is text; the first row holds the names of the columns."""
    book = Book(marking, lang)
    page = book.sheet(name)
    for number, width in enumerate(widths):
        page.set_column(number, number, width)
    last = 0
    for last, cells in enumerate(rows):
        for number, text in enumerate(cells):
            book.put(page, last, number, text, "head" if last == 0 else "cell")
    page.freeze_panes(1, 0)
    page.repeat_rows(0)
    page.print_area(0, 0, last, len(widths) - 1)
    return book.finish(name)
