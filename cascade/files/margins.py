"""What a sheet of a workbook holds beside its cells: marks in words, page headers and footers, rows that are hidden."""

import re
from html import unescape
from typing import Final

from cascade.model import LOWEST, MARKINGS, higher_marking

FULL_MARKS: Final = {
    "departementaal vertrouwelijk": "Dep. V.",
    "staatsgeheim confidentieel": "Stg. C",
    "stg. confidentieel": "Stg. C",
    "staatsgeheim geheim": "Stg. G",
    "stg. geheim": "Stg. G",
    "staatsgeheim zeer geheim": "Stg. ZG",
    "stg. zeer geheim": "Stg. ZG",
}
"""Markings as they are written in full, and as the data has them."""
_AS_WRITTEN: Final = {
    **FULL_MARKS, "tlp:white": LOWEST, **{mark.casefold(): mark for marks in MARKINGS.values() for mark in marks}
}  # fmt: skip
"""Marks by how people write them, in small letters."""
_MARK: Final = re.compile(
    rf"(?<!\w)(?:{'|'.join(re.escape(mark) for mark in sorted(_AS_WRITTEN, key=len, reverse=True))})(?!\w)",
    re.IGNORECASE,
)
# no tag may hold another one, so that a hostile part is read in one pass
_MARGIN: Final = re.compile(rb"<(/?)(?:[\w.-]{1,100}:)?(?:odd|even|first)(?:Header|Footer)(?:\s[^<>]*)?>")
_HIDDEN: Final = re.compile(rb"<(?:[\w.-]{1,100}:)?(?:row|col)\s(?:[^<>]*\s)?hidden=[\"'](?:1|true)[\"']")
_LETTERING: Final = re.compile(r'&(?:"[^"]*"|K(?:[0-9A-Fa-f]{6}|\d\d[+-]\d{3})|\d+|[BIUESXYOH])')
"""Codes in a header that change how letters look: they may stand in the middle of a word."""
_CODE: Final = re.compile(r"&[A-Za-z+-]")
"""Other codes: the left, middle and right part, page numbers, dates, names."""


def highest_mark(text: str) -> str:
    """Return the highest mark in a text, alone or in a sentence, as people write it; empty where there is none."""
    found = ""
    for part in _MARK.findall(" ".join(text.split())):
        found = higher_marking(found, _AS_WRITTEN[part.casefold()])
    return found


def margins(part: bytes) -> list[str]:
    """Return what the page headers and footers of a sheet say, those of first and even pages too.

    Parameters
    ----------
    part : bytes
        The XML of the sheet, without declarations of its own.
    """
    found, start = [], -1
    for tag in _MARGIN.finditer(part):
        if tag[1] and start >= 0:
            found.append(_plain(part[start : tag.start()].decode("utf-8", "replace")))
        start = -1 if tag[1] or tag[0].endswith(b"/>") else tag.end()
    return [text for text in found if text]


def _plain(text: str) -> str:
    """Take the markup and the codes of a spreadsheet out of a header."""
    bare = re.sub(r"<!--.*?-->|<!\[CDATA\[|\]\]>", "", text, flags=re.DOTALL)
    parts = unescape(bare).split("&&")
    return "&".join(_CODE.sub(" ", _LETTERING.sub("", part)) for part in parts).strip()


def hides(part: bytes) -> bool:
    """Whether a sheet, as XML, has hidden rows or columns; what a filter leaves out is hidden too."""
    return _HIDDEN.search(part) is not None
