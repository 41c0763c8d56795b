"""A paper to be filled in: numbered parts with tables, and empty boxes for what only its reader can know.

A box stands in a table as a :class:`Blank`. Every form of the paper (Word, HTML, a screen, data) comes from one
:class:`Paper`, so that they cannot differ in what they leave open.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from cascade.model import Lang
from cascade.telling.columns import Column, Table
from cascade.words import word


@dataclass(frozen=True)
class Blank:
    """An empty box: what nobody but the reader can fill in."""

    key: str
    """Its own name within the paper, by which programs find it."""
    prompt: str
    """What belongs in it."""
    kind: Literal["text", "date", "choice"] = "text"
    choices: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "…"


def blank(key: str, lang: Lang, prompt: str = "filing_open_prompt") -> Blank:
    """Make an empty box for text."""
    return Blank(key, word(prompt, lang))


@dataclass(frozen=True)
class Sheet:
    """A table as it stands on paper."""

    table: Table
    group: str = ""
    """Key of the text that becomes a line across the table wherever it changes; empty: none."""
    small: bool = False
    """Whether it is small print: there to be looked up, not to be read."""

    def bands(self) -> Iterator[tuple[str, list[dict[str, object]]]]:
        """Yield the rows under each line across, which is empty where there are no groups."""
        text, rows = "", list[dict[str, object]]()
        for row in self.table.rows:
            here = str(row[self.group]) if self.group else ""
            if rows and here != text:
                yield text, rows
                rows = []
            text = here
            rows.append(row)
        if rows:
            yield text, rows


@dataclass(frozen=True)
class Picture:
    """A picture in a paper, by the name under which it was drawn."""

    name: str
    title: str
    alt: str
    """What it shows, for those who do not see it."""


@dataclass(frozen=True)
class Part:
    """One numbered part: sentences, tables, pictures and a closing note."""

    key: str
    title: str
    sheets: tuple[Sheet, ...] = ()
    lines: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    closing: tuple[str, ...] = ()
    wide: bool = False
    """Whether its tables ask for a page on its side."""


@dataclass(frozen=True)
class Paper:
    """A whole paper."""

    title: str
    subtitle: str
    lines: tuple[str, ...]
    parts: tuple[Part, ...]
    lang: Lang
    mark: str
    notices: tuple[str, ...] = ()
    """What has to be said first: that something was left out, that the whole may deserve a higher mark."""

    @property
    def tables(self) -> list[Table]:
        """Every table, in order."""
        return [sheet.table for part in self.parts for sheet in part.sheets]

    @property
    def blanks(self) -> list[tuple[int, Blank]]:
        """Every empty box with the number of its part, in order."""
        return [
            (number, cell)
            for number, part in enumerate(self.parts, 1)
            for sheet in part.sheets
            for row in sheet.table.rows
            for column in sheet.table.shown
            if isinstance(cell := row[column.key], Blank)
        ]

    def number(self, key: str) -> int:
        """Return the number of a part."""
        return next(number for number, part in enumerate(self.parts, 1) if part.key == key)

    def open_table(self) -> Table:
        """List every empty box as data: which part, which box, what belongs in it."""
        rows = [
            {
                "part": number,
                "part_title": self.parts[number - 1].title,
                "field": blank.key,
                "prompt": blank.prompt,
                "kind": blank.kind,
            }
            for number, blank in self.blanks
        ]
        columns = (
            Column("part", word("filing_part", self.lang), "number"),
            Column("part_title", word("filing_what", self.lang)),
            Column("field", "", on="data"),
            Column("prompt", word("filing_open_field", self.lang)),
            Column("kind", "", on="data"),
        )
        return Table("open", word("filing_open_title", self.lang), columns, rows)


def made_from(paper: Paper, versions: Mapping[str, str], inputs: Mapping[str, str]) -> Paper:
    """Add to the last part of a paper with what it was made: versions of programs, and the SHA-256 of files."""
    lang = paper.lang
    tables = [
        Table(
            name,
            word(f"filing_{name}", lang),
            (Column("what", word(head, lang)), Column("value", value)),
            [{"what": what, "value": told} for what, told in found.items()],
        )
        for name, head, value, found in (
            ("versions", "filing_program", word("filing_version", lang), versions),
            ("inputs", "file", "SHA-256", inputs),
        )
    ]
    last = paper.parts[-1]
    more = replace(last, sheets=(*last.sheets, *(Sheet(table, small=True) for table in tables)))
    return replace(paper, parts=(*paper.parts[:-1], more))
