"""Tables and strips on a screen of 100 columns, or the same as CSV or JSON text."""

import csv
import io
import json
import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any, Final

from rich.box import Box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from cascade.model import LOWEST, Lang
from cascade.telling.columns import Column, Table
from cascade.telling.strips import NOTHING_SHOWN, Strip
from cascade.words import clipped, duration, word

WIDTH: Final = 100
WIDEST: Final = 130
LABELS: Final = 26
"""Width of the names beside a strip."""

GAP: Final = 2
NUMERIC: Final = ("right", "number", "large", "hours", "share", "money")
_LINES: Final = Box("    \n    \n ─  \n    \n    \n    \n    \n    \n")
_LOSS: Final = "·░▒▓█"
_LEVEL: Final = "▁▂▃▄▅▆▇█"
_STYLES: Final = ("dim", "yellow", "dark_orange", "red", "bold red")


class Screen:
    """Where people read: a terminal in its own width and colours, or plain text of 100 columns."""

    def __init__(self, lang: Lang, *, plain: bool = False, notes: Sequence[str] = ()) -> None:
        self.lang = lang
        self._notes = list(notes)
        # a closed standard output is no terminal
        self.terminal = sys.stdout is not None and sys.stdout.isatty() and not plain
        probe = Console(file=sys.stdout or io.StringIO())
        self.width = min(max(probe.width, 60), WIDEST) if self.terminal else WIDTH
        self._console = Console(
            file=io.StringIO(),
            width=self.width,
            force_terminal=self.terminal,
            color_system=probe.color_system if self.terminal else None,  # type: ignore[arg-type]
            highlight=False,
            markup=False,
            emoji=False,
        )

    def text(self) -> str:
        """Return everything said so far; outside a terminal no line ends in blanks."""
        if self._notes:
            self.say()
            self._say_notes()
        found = self._console.file.getvalue()  # type: ignore[attr-defined]
        if not self.terminal:
            found = "\n".join(line.rstrip() for line in found.split("\n"))
        return str(found)

    def say(self, text: str = "", style: str = "", indent: int = 0) -> None:
        """Write a paragraph, wrapped, every line of it indented."""
        for line in Text(text, style=style).wrap(self._console, self.width - indent):
            self._console.print(Text(" " * indent) + line)

    def raw(self, text: str) -> None:
        """Write a line as it is, however long: an editor or another program reads it."""
        self._console.print(Text(text), soft_wrap=True)

    def title(self, left: str, right: str = "") -> None:
        """Write the top line: what this is, and its marking on the right."""
        room = self.width - len(right) - 2
        line = Text(clipped(left, room), style="bold")
        line.append(" " * (self.width - len(line.plain) - len(right)))
        line.append(right, style="bold")
        self._console.print(line)
        self._console.print(Text("═" * self.width, style="dim"))
        self._say_notes()

    def _say_notes(self) -> None:
        """Write, once, what a reader must know first: below the first title, or at the end where there is none."""
        while self._notes:
            self.say(self._notes.pop(0), style="bold")

    def heading(self, text: str) -> None:
        """Write the title of a part."""
        self._console.print()
        self._console.print(Text(text, style="bold cyan"))

    def table(self, table: Table) -> None:
        """Write a table under its title, with its note."""
        if table.title:
            self.heading(table.title)
        shown = table.shown
        rows = [[table.show(column, row, self.lang) for column in shown] for row in table.rows]
        rows = [cells for cells in rows if any(cells[1:]) or len(cells) == 1]
        widths = _widths(shown, rows, self.width)
        head = any(c.heading for c in shown)
        made = RichTable(
            box=_LINES if head else None,
            show_header=head,
            show_edge=False,
            pad_edge=False,
            header_style="",
            padding=(0, GAP - 1, 0, 0) if head else (0, GAP, 0, 0),
            leading=int(_loose(shown, rows, widths)),
        )
        for column, width, heading in zip(shown, widths, _headings(shown, widths), strict=True):
            side: Any = "right" if column.form in NUMERIC else "left"
            made.add_column(Text(heading, style="dim"), justify=side, width=width, overflow="fold")
        for cells in rows:
            made.add_row(*(self._fit(cell, c, w) for cell, c, w in zip(cells, shown, widths, strict=True)))
        if rows:
            self._console.print(made)
        if table.note:
            self.say(table.note, style="dim italic")

    def pairs(self, lines: Iterable[tuple[str, str]], indent: int = 0) -> None:
        """Write labels and what they say, two columns, wrapped."""
        lines = list(lines)
        size = max((len(label) for label, _ in lines), default=0) + GAP
        for label, text in lines:
            wrapped = Text(text).wrap(self._console, self.width - indent - size)
            for k, line in enumerate(wrapped):
                head = Text(" " * indent + (label if k == 0 else "").ljust(size), style="dim")
                self._console.print(head + line)

    @staticmethod
    def _fit(cell: str, column: Column, width: int) -> Text:
        return Text(clipped(cell, width) if column.clip else cell)

    def strip(self, strip: Strip) -> None:
        """Write a strip: a ruler of days or hours, a row of characters per thing, and what they mean."""
        self.heading(strip.title)
        if not strip.rows:
            self.say(strip.legend)
            return
        cells = len(strip.rows[0][1])
        self._console.print(Text(" " * (LABELS + 1) + _ruler(strip.span_h, cells, self.lang), style="dim"))
        for name, values in strip.rows:
            line = Text(clipped(name, LABELS).ljust(LABELS + 1))
            for value in values:
                sign, style = _cell(value, strip.style)
                line.append(sign, style=style)
            self._console.print(line)
        self.say(strip.legend, style="dim italic")

    @property
    def cells(self) -> int:
        """How many characters a strip has room for."""
        return self.width - LABELS - 1


def _headings(columns: Sequence[Column], widths: Sequence[int]) -> list[str]:
    """Wrap headings to the widths of their columns, so that all end on the same line."""
    wrapped = [textwrap.wrap(c.heading, w) or [""] for c, w in zip(columns, widths, strict=True)]
    most = max(len(lines) for lines in wrapped)
    return ["\n".join([""] * (most - len(lines)) + lines) for lines in wrapped]


def _loose(columns: Sequence[Column], rows: list[list[str]], widths: Sequence[int]) -> bool:
    """Whether so many rows need several lines that a blank line between them helps."""
    wraps = [k for k, column in enumerate(columns) if not column.clip]
    tall = sum(1 for cells in rows if any("\n" in cells[k] or len(cells[k]) > widths[k] for k in wraps))
    return tall * 2 > len(rows) and max((len(r) for r in rows), default=0) > 2


def _widths(columns: Sequence[Column], rows: list[list[str]], room: int) -> list[int]:
    """Give numbers the room they need and let the widest texts give way until all fits."""
    found = []
    for k, column in enumerate(columns):
        words = [len(w) for w in column.heading.split()] or [0]
        natural = max((len(line) for cells in rows for line in cells[k].split("\n")), default=0)
        # a heading may wrap into two lines; a wide one gets half its length rather than its longest word
        found.append(max(natural, max(words), -(-len(column.heading) // 2) if natural > 6 else 1))
    excess = sum(found) + GAP * (len(found) - 1) - room
    # no word is broken while another text can give way
    whole = [max((len(w) for cells in rows for w in cells[k].split()), default=0) for k in range(len(columns))]
    for clip, longest in ((14, whole), (10, whole), (10, [14] * len(columns))):
        least = [
            w if c.form != "text" else min(w, clip if c.clip else max(14, most))
            for c, w, most in zip(columns, found, longest, strict=True)
        ]
        excess = _give_way(columns, found, least, excess)
    return found


def _give_way(columns: Sequence[Column], found: list[int], least: Sequence[int], excess: int) -> int:
    """Narrow the widest columns, none below its least width, and return what is still too much."""
    while excess > 0:
        widest = max(range(len(found)), key=lambda k: (found[k] - least[k] > 0, columns[k].form == "text", found[k]))
        if found[widest] <= least[widest]:
            break
        found[widest] -= 1
        excess -= 1
    return excess


def _cell(value: float, style: str) -> tuple[str, str]:
    """Return the character of a value and its style: the worse, the redder."""
    loss = value if style == "loss" else 1 - value
    step = 0 if loss < (NOTHING_SHOWN if style == "loss" else 0.005) else min(1 + int(loss * 4 - 1e-9), 4)
    if style == "loss":
        return _LOSS[step], _STYLES[step]
    # a full block is kept for what works in full
    return _LEVEL[-1 if step == 0 else int(value * (len(_LEVEL) - 1))], _STYLES[step]


def _ruler(horizon_h: float, cells: int, lang: Lang) -> str:
    """Write marks of time over a strip, as dense as there is room for."""
    step = next((s for s in (1, 2, 3, 6, 12, 24, 48, 72, 168, 336, 720) if s * cells / horizon_h >= 8), 2160)
    ruler = ""
    for mark in range(0, int(horizon_h) + 1, step):
        at = int(mark * cells / horizon_h)
        label = "│" + duration(mark * 3600, lang)
        if at + len(label) <= cells:
            ruler = ruler.ljust(at) + label
    return ruler


# ---------------------------------------------------------------------------------------------- as data


def as_csv(table: Table, mark: str = "") -> str:
    """Write the data of a table as CSV; text that a spreadsheet could take for a formula gets a ``'`` in front.

    A mark that restricts anything stands in every row, in a last column ``marking``.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    keys = [column.key for column in table.fields]
    last = [] if mark in ("", LOWEST) else [mark]
    writer.writerow([*keys, *("marking" for _ in last)])
    writer.writerows([*(_safe(row[key]) for key in keys), *last] for row in table.rows)
    return out.getvalue()


def _safe(value: Any) -> Any:
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    risky = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if risky else value


def as_data(table: Table) -> Any:
    """Return the data of a table: rows as mappings, or one mapping where it holds single values."""
    if table.keyed:
        return {row["key"]: row["value"] for row in table.rows}
    return [{column.key: row[column.key] for column in table.fields} for row in table.rows]


def as_json(head: dict[str, Any], tables: Iterable[Table]) -> str:
    """Write tables as one JSON object, each under its name, after what ``head`` says."""
    return json.dumps({**head, **{t.name: as_data(t) for t in tables}}, ensure_ascii=False, indent=2) + "\n"


def note_one_table(table: Table, tables: Iterable[Table], lang: Lang) -> str:
    """Say that CSV holds one table, and how to get the others."""
    others = ", ".join(t.name for t in tables if t is not table)
    return word("csv_one_table", lang, name=table.name, others=others)
