"""How wide text is in a picture, and text shortened or broken into lines so that it fits."""

import re
from functools import cache
from typing import Final

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

FONT: Final = "DejaVu Sans"
_BREAK: Final = re.compile(r" |(?<=[^\W\d]-)(?=[^\W\d])")
"""Where a line may end: after a word, and after a hyphen between letters."""


@cache
def text_width(text: str, size: float, bold: bool = False) -> float:
    """Return how wide a line of text is, inches."""
    if not text.strip():
        return 0.32 * size / 72 * len(text)
    # the corners that bend its outlines lie a hair outside them, and are there without any sums;
    # on a screen letters take whole dots, at small sizes up to 5% more
    weight = "bold" if bold else "normal"
    drawn = TextPath((0, 0), text, size=size, prop=FontProperties(family=FONT, weight=weight)).vertices
    return 1.05 * float(np.ptp(np.asarray(drawn)[:, 0])) / 72 if len(drawn) else 0.0


def cut(text: str, size: float, inches: float, bold: bool = False) -> str:
    """Shorten a text to what fits on one line, with an ellipsis."""
    text = " ".join(text.split())
    if text_width(text, size, bold) <= inches:
        return text
    # its letters are summed, which is nearly right, and then the sum is made right
    letters = np.cumsum([text_width(letter, size, bold) + 0.012 * size / 9 for letter in text])
    most = int(np.searchsorted(letters, 1.1 * inches))
    return next(
        (short for k in range(most, 0, -1) if text_width(short := f"{text[:k].rstrip()}…", size, bold) <= inches), "…"
    )


def wrapped(text: str, size: float, inches: float, most: int | None = None, bold: bool = False) -> list[str]:
    """Break a text into lines that fit, at most so many; what is left over ends in an ellipsis."""
    lines: list[str] = []
    left = " ".join(text.split())
    while left:
        if most is not None and len(lines) == most - 1:
            return [*lines, cut(left, size, inches, bold)]
        ends = [place.end() for place in _BREAK.finditer(left)] + [len(left)]
        taken = ends[0]
        for end in ends[1:]:
            if text_width(left[:end].rstrip(), size, bold) > inches:
                break
            taken = end
        lines.append(cut(left[:taken], size, inches, bold))
        left = left[taken:]
    return lines


def balanced(text: str, size: float, inches: float, bold: bool = False) -> list[str]:
    """Break a text into as few lines as fit, of about equal length, so that no word stands alone on the last."""
    lines = wrapped(text, size, inches, None, bold)
    while len(lines) > 1:
        inches *= 0.97
        closer = wrapped(text, size, inches, None, bold)
        if len(closer) > len(lines) or any("…" in line for line in closer):
            return lines
        lines = closer
    return lines
