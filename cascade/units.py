"""Durations, shares, money and uncertain numbers: text to integers and back.

Time is in whole seconds, levels and shares in whole 1/10 000 (``FULL``), money in whole euros.
"""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple

FULL: Final = 10_000
MINUTE: Final = 60
HOUR: Final = 3_600
DAY: Final = 86_400
WEEK: Final = 604_800
LONGEST: Final = 3_660 * DAY
"""No duration may pass ten years: clocks (level x seconds) then stay far inside int64."""

_WORDS = {
    1: "s sec second seconds seconde seconden",
    MINUTE: "m min mins minute minutes minuut minuten",
    HOUR: "h hr hrs hour hours u uur uren",
    DAY: "d day days dag dagen",
    WEEK: "w week weeks weken",
}
_SECONDS = {word: size for size, words in _WORDS.items() for word in words.split()}
UNITS: Final = tuple(sorted(_SECONDS, key=lambda word: (-len(word), word)))
"""Every unit of time that is read, in English and Dutch; the longest first."""
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)", re.ASCII)
_COMMA = re.compile(r"(?<=\d),(?=\d)", re.ASCII)
_ISO = re.compile(
    r"P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?"
    r"(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?",
    re.ASCII,
)
_ISO_UNITS = (WEEK, DAY, HOUR, MINUTE, 1)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_MONEY = re.compile(r"(\d+(?:\.\d+)?)\s*(k|M|B)?EUR", re.ASCII)
_EUROS = {None: 1, "k": 1_000, "M": 1_000_000, "B": 1_000_000_000}


class Uncertain(NamedTuple):
    """An uncertain whole number: low <= mode <= high; a certain one has all three equal."""

    low: int
    mode: int
    high: int

    @property
    def certain(self) -> bool:
        """Whether there is nothing to draw."""
        return self.low == self.high


def sure(value: int) -> Uncertain:
    """Give a certain number the shape of an uncertain one."""
    return Uncertain(value, value, value)


def comma_hint(text: str, parse: Callable[[str], object]) -> str:
    """Say which text with a decimal point was meant by one with a decimal comma, or nothing."""
    meant = _COMMA.sub(".", text)
    if meant == text:
        return ""
    try:
        parse(meant)
    except ValueError:
        return ""
    return f"write a point for the decimals, {meant}"


def _refuse_comma(text: str, parse: Callable[[str], object], what: str = "") -> None:
    if "," in text and (cure := comma_hint(text, parse)):
        raise ValueError(f"{what}{text!r} has a decimal comma; {cure}")


def parse_number(text: str) -> Decimal:
    """Read a plain decimal number (``10``, ``0.5``, ``1e3``); leading zeros mean nothing."""
    if not _NUMBER.fullmatch(text):
        _refuse_comma(text, parse_number)
        raise ValueError(f"{text!r} is not a number; write for example 10 or 0.5")
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is not a number; write for example 10 or 0.5") from error


def _whole(number: Decimal, text: str, what: str) -> int:
    if number != number.to_integral_value():
        raise ValueError(f"{text!r} is not a whole number of {what}; round it")
    return int(number)


def parse_integer(text: str) -> int:
    """Read a whole number; ``1e3`` is 1000 and ``010`` is 10, ``200.000`` is refused."""
    if re.fullmatch(r"[+-]?\d+([.,]\d+)+", text):
        raise ValueError(f"{text!r} is not a whole number; write it without {'commas' if ',' in text else 'points'}")
    return _whole(parse_number(text), text, "units")


def parse_duration(text: str) -> int:
    """Read ``30m``, ``6h``, ``1d 12h``, ``2 weken`` or ISO 8601 ``PT72H`` as whole seconds, 0 or more."""
    text = text.strip()
    total = Decimal(0)
    iso = _ISO.fullmatch(text)
    if iso and any(iso.groups()) and not text.endswith("T"):
        for amount, unit in zip(iso.groups(), _ISO_UNITS, strict=True):
            total += Decimal(amount or 0) * unit
    else:
        at = 0
        while at < len(text):
            part = _PART.match(text, at)
            if part is None or part[2] not in _SECONDS:
                _refuse_comma(text, parse_duration, "duration ")
                raise ValueError(_duration_fault(text))
            total += Decimal(part[1]) * _SECONDS[part[2]]
            at = part.end()
            while at < len(text) and text[at] == " ":
                at += 1
        if not text:
            raise ValueError("a duration is missing; write for example 30m, 6h, 3d or 2w")
    seconds = _whole(total, text, "seconds")
    if seconds > LONGEST:
        raise ValueError(f"duration {text!r} is longer than ten years; shorten it")
    return seconds


def _duration_fault(text: str) -> str:
    if re.fullmatch(r"\d+:\d\d(:\d\d)?", text):
        return f"{text!r} is a clock time, not a duration; write for example 12h 30m"
    if _NUMBER.fullmatch(text):
        return f"duration {text!r} needs a unit; write s, m, h, d or w behind it, {text}h for hours"
    return f"{text!r} is not a duration; write for example 30m, 6h, 3d, 2w or PT72H"


def parse_share(text: str) -> int:
    """Read ``95%`` or ``0.95`` as 1/10 000, between 0 and ``FULL``."""
    text = text.strip()
    _refuse_comma(text, parse_share, "share ")
    if text.endswith("%"):
        parts = parse_number(text[:-1].strip()) * (FULL // 100)
    else:
        number = parse_number(text)
        if number > 1:
            raise ValueError(f"share {text!r} is above 1; write {text}% for per cent")
        parts = number * FULL
    if parts < 0 or parts > FULL:
        raise ValueError(f"share {text!r} is outside 0% to 100%; correct it")
    return _whole(parts, text, "1/10 000, that is at most two decimals of a per cent")


def parse_factor(text: str) -> int:
    """Read a factor (``0.4``, ``x0.5``, ``2``) as 1/10 000, 0 or more, at most 1000."""
    _refuse_comma(text, parse_factor, "factor ")
    parts = parse_number(text.strip().removeprefix("x")) * FULL
    if parts < 0 or parts > 1000 * FULL:
        raise ValueError(f"factor {text!r} is outside 0 to 1000; correct it")
    return _whole(parts, text, "1/10 000")


def parse_money(text: str) -> int:
    """Read ``90 MEUR``, ``1.5 BEUR``, ``500 kEUR`` or ``70 EUR`` as whole euros."""
    match = _MONEY.fullmatch(text.strip())
    if not match:
        _refuse_comma(text, parse_money)
        raise ValueError(f"{text!r} is not an amount of money; write for example 90 MEUR or 500 kEUR")
    if re.fullmatch(r"\d+\.\d{3}", match[1]):
        raise ValueError(f"{text!r} can be read in two ways; write thousands without a point, or fewer decimals")
    euros = _whole(Decimal(match[1]) * _EUROS[match[2]], text, "euros")
    if euros > 10**15:
        raise ValueError(f"{text!r} is more money than there is; correct it")
    return euros


def parse_moment(text: str) -> datetime:
    """Read a moment with its time zone: ``2027-01-18T17:00+01:00``."""
    example = "write for example 2027-01-18T17:00+01:00"
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{text!r} is not a moment; {example}") from None
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone; {example}")
    return moment


def format_duration(seconds: int) -> str:
    """Write seconds the way a person would: ``1d 12h``, ``90m``; reading it gives them back."""
    if seconds == 0:
        return "0h"
    if seconds < 2 * HOUR and seconds % MINUTE == 0 and seconds % HOUR:
        return f"{seconds // MINUTE}m"
    parts = []
    for unit, size in (("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", 1)):
        amount, seconds = divmod(seconds, size)
        if amount:
            parts.append(f"{amount}{unit}")
    return " ".join(parts)


def format_share(parts: int) -> str:
    """Write 1/10 000 as per cent with as many decimals as needed: ``95%``, ``12.5%``."""
    return f"{Decimal(parts) / 100:f}".rstrip("0").rstrip(".") + "%" if parts % 100 else f"{parts // 100}%"


def format_factor(parts: int) -> str:
    """Write a factor as a plain decimal number: ``0.4``."""
    text = f"{Decimal(parts) / FULL:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_money(euros: int) -> str:
    """Write euros with the largest unit that leaves no more than needed: ``90 MEUR``."""
    for unit in ("B", "M", "k"):
        size = _EUROS[unit]
        # at most two decimals: three would look like thousands
        if euros >= size and euros % (size // 100) == 0:
            text = f"{Decimal(euros) / size:f}"
            return (text.rstrip("0").rstrip(".") if "." in text else text) + f" {unit}EUR"
    return f"{euros} EUR"
