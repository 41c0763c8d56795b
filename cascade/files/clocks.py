"""Moments by the clock as people and spreadsheets write them, in Dutch, English and ISO forms."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

EXAMPLE: Final = "2027-01-18 17:20"
"""A form that can mean one thing only."""
LONGEST: Final = 60
"""Characters of what can be a moment."""
_WEEKDAYS: Final = (
    "ma maandag mon monday", "di dinsdag tue tues tuesday", "wo woensdag wed wednesday",
    "do donderdag thu thur thurs thursday", "vr vrijdag fri friday", "za zaterdag sat saturday", "zo zondag sun sunday",
)  # fmt: skip
_MONTHS: Final = (
    "jan januari january", "feb februari february", "mrt maart mar march", "apr april", "mei may", "jun juni june",
    "jul juli july", "aug augustus august", "sep sept september", "okt oktober oct october", "nov november",
    "dec december",
)  # fmt: skip
_DAY_OF: Final = {name: number for number, names in enumerate(_WEEKDAYS) for name in names.split()}
_MONTH_OF: Final = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_TIME: Final = re.compile(
    r"(?:(.*?)(?:\s*,\s*|\s+|(?<=\d)t|\s+(?:om|at)\s+))?(\d{1,2})[:.](\d{2})(?::(\d{2}))?(?:\s*(am|pm|uur|u|h))?",
    re.ASCII,
)
_ISO: Final = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", re.ASCII)
_NUMBERS: Final = re.compile(r"(\d{1,2})([-./])(\d{1,2})\2(\d{4}|\d{2})", re.ASCII)
_DAY_FIRST: Final = re.compile(r"(\d{1,2})[\s-]([a-z]+)\.?(?:,?[\s-](\d{4}|\d{2}))?", re.ASCII)
_MONTH_FIRST: Final = re.compile(r"([a-z]+)\.?\s(\d{1,2})(?:,?\s(\d{4}))?", re.ASCII)


def read_clock(text: str, near: datetime | None = None, same_day: bool = False) -> list[datetime]:
    """Return what a clock time may mean, in order of time.

    Parameters
    ----------
    text : str
        A date and a time: ``2027-01-18 17:20``, ``18-1-2027 17:20``, ``ma 18 jan 17:20``, ``Jan 18, 2027 5:20 pm``.
    near : datetime, optional
        Gives the year where none is written: the one that brings the moment nearest to it.
    same_day : bool
        A time alone, or with the weekday of ``near``, is one on the day of ``near``.

    Returns
    -------
    list of datetime
        None where it cannot be read; two where the day and the month may stand either way round (``1/2/2027``).
    """
    match = _TIME.fullmatch(" ".join(text.casefold().split())) if len(text) <= LONGEST else None
    if match is None:
        return []
    hour, minute, second = int(match[2]), int(match[3]), int(match[4] or 0)
    if match[5] in ("am", "pm"):
        if not 1 <= hour <= 12:
            return []
        hour = hour % 12 + (12 if match[5] == "pm" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return []
    first, _, rest = (match[1] or "").partition(" ")
    weekday = _DAY_OF.get(first.rstrip(".,"))
    written = (match[1] or "") if weekday is None else rest
    days = list(_days(written.strip(" ,"), near))
    if not written and near is not None and same_day:
        days = [near]
    found = {day.replace(hour=hour, minute=minute, second=second, microsecond=0) for day in days}
    return sorted(one for one in found if weekday is None or one.weekday() == weekday)


def _days(text: str, near: datetime | None) -> Iterator[datetime]:
    """Yield the days that a date may mean."""
    if match := _ISO.fullmatch(text):
        yield from _day(int(match[1]), int(match[2]), int(match[3]))
    elif match := _NUMBERS.fullmatch(text):
        year, one, two = _year(match[4]), int(match[1]), int(match[3])
        yield from _day(year, two, one)
        if match[2] == "/":  # the day comes second in American English
            yield from _day(year, one, two)
    elif match := _DAY_FIRST.fullmatch(text):
        yield from _named(match[3], match[2], int(match[1]), near)
    elif match := _MONTH_FIRST.fullmatch(text):
        yield from _named(match[3], match[1], int(match[2]), near)


def _named(year: str | None, month: str, day: int, near: datetime | None) -> Iterator[datetime]:
    if month not in _MONTH_OF:
        return
    if year is not None:
        yield from _day(_year(year), _MONTH_OF[month], day)
    elif near is not None:
        about = near
        years = (one for add in (-1, 0, 1) for one in _day(about.year + add, _MONTH_OF[month], day))
        yield from sorted(years, key=lambda one: abs(one - about))[:1]


def _year(text: str) -> int:
    return int(text) + (2000 if len(text) == 2 else 0)


def _day(year: int, month: int, day: int) -> Iterator[datetime]:
    try:
        yield datetime(year, month, day)
    except ValueError:
        return
