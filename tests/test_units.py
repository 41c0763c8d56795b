"""Durations, shares, money and uncertain numbers, there and back."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cascade import units
from cascade.units import FULL, LONGEST, Uncertain, sure


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30m", 1_800),
        ("30min", 1_800),
        ("6h", 21_600),
        ("1.5h", 5_400),
        ("3d", 259_200),
        ("2w", 1_209_600),
        ("90s", 90),
        ("0h", 0),
        ("1d 12h", 129_600),
        ("1d12h", 129_600),
        (" 6 h ", 21_600),
        ("PT72H", 259_200),
        ("P1DT12H", 129_600),
        ("P2W", 1_209_600),
        ("PT0.5H", 1_800),
        ("PT1M30S", 90),
        ("010h", 36_000),
        ("12u", 43_200),
        ("36 u", 129_600),
        ("1 uur 30 minuten", 5_400),
        ("1 minuut", 60),
        ("20 dagen", 1_728_000),
        ("1 dag 2 uren", 93_600),
        ("3 weken", 1_814_400),
        ("1 week", 604_800),
        ("2 days 1 hour", 176_400),
        ("1 day 6 hours 5 minutes 1 second", 108_301),
        ("2weeks", 1_209_600),
    ],
)
def test_durations(text: str, seconds: int) -> None:
    assert units.parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("12:30", "'12:30' is a clock time, not a duration; write for example 12h 30m"),
        ("12:30:00", "'12:30:00' is a clock time, not a duration; write for example 12h 30m"),
        ("4", "duration '4' needs a unit; write s, m, h, d or w behind it, 4h for hours"),
        ("1e3", "duration '1e3' needs a unit; write s, m, h, d or w behind it, 1e3h for hours"),
        ("-4h", "'-4h' is not a duration; write for example 30m, 6h, 3d, 2w or PT72H"),
        ("2,5d", "duration '2,5d' has a decimal comma; write a point for the decimals, 2.5d"),
        ("1,5 uur", "duration '1,5 uur' has a decimal comma; write a point for the decimals, 1.5 uur"),
        ("1d, 12h", "'1d, 12h' is not a duration; write for example 30m, 6h, 3d, 2w or PT72H"),
        ("2,5", "'2,5' is not a duration; write for example 30m, 6h, 3d, 2w or PT72H"),
        ("3 months", "'3 months' is not a duration; write for example 30m, 6h, 3d, 2w or PT72H"),
        ("1_000h", "'1_000h' is not a duration; write for example 30m, 6h, 3d, 2w or PT72H"),
        ("٣h", "'٣h' is not a duration; write for example 30m, 6h, 3d, 2w or PT72H"),
        ("P", "'P' is not a duration; write for example 30m, 6h, 3d, 2w or PT72H"),
        ("PT", "'PT' is not a duration; write for example 30m, 6h, 3d, 2w or PT72H"),
        ("P1DT", "'P1DT' is not a duration; write for example 30m, 6h, 3d, 2w or PT72H"),
        ("", "a duration is missing; write for example 30m, 6h, 3d or 2w"),
        ("0.1s", "'0.1s' is not a whole number of seconds; round it"),
        ("600w", "duration '600w' is longer than ten years; shorten it"),
        ("9" * 400 + "h", "duration '" + "9" * 400 + "h' is longer than ten years; shorten it"),
    ],
)
def test_durations_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(says) + "$"):
        units.parse_duration(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("95%", 9_500),
        ("0.95", 9_500),
        ("12.5 %", 1_250),
        ("0.05%", 5),
        ("0", 0),
        ("1", FULL),
        ("1e-3", 10),
        ("100%", FULL),
    ],
)
def test_shares(text: str, parts: int) -> None:
    assert units.parse_share(text) == parts


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("95", "share '95' is above 1; write 95% for per cent"),
        ("101%", "share '101%' is outside 0% to 100%; correct it"),
        ("-0.1", "share '-0.1' is outside 0% to 100%; correct it"),
        ("12,5%", "share '12,5%' has a decimal comma; write a point for the decimals, 12.5%"),
        ("0,95", "share '0,95' has a decimal comma; write a point for the decimals, 0.95"),
        ("5,%", "'5,' is not a number; write for example 10 or 0.5"),
        ("no", "'no' is not a number; write for example 10 or 0.5"),
        ("1_0%", "'1_0' is not a number; write for example 10 or 0.5"),
        (
            "0.00001",
            "'0.00001' is not a whole number of 1/10 000, that is at most two decimals of a per cent; round it",
        ),
        ("nan", "'nan' is not a number; write for example 10 or 0.5"),
    ],
)
def test_shares_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(says) + "$"):
        units.parse_share(text)


@pytest.mark.parametrize(
    ("text", "number"), [("010", 10), ("1e3", 1_000), ("0", 0), ("-5", -5), ("17000000", 17_000_000), ("+3", 3)]
)
def test_whole_numbers(text: str, number: int) -> None:
    assert units.parse_integer(text) == number


def test_a_decimal_comma_is_recognised_in_every_number() -> None:
    readers: dict[str, Callable[[str], object]] = {
        "1,5 MEUR": units.parse_money,
        "x0,4": units.parse_factor,
        "52,25": units.parse_number,
    }
    for text, parse in readers.items():
        says = f"{text!r} has a decimal comma; write a point for the decimals, {text.replace(',', '.')}"
        with pytest.raises(ValueError, match=re.escape(says) + "$"):
            parse(text)
    with pytest.raises(ValueError, match=r"^'200,000' is not a whole number; write it without commas$"):
        units.parse_integer("200,000")


@pytest.mark.parametrize("text", ["1_000", "12:30", "200.000", "1.5", "0x10", "1e-1", "²", "", "1e400"])
def test_whole_numbers_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".; ."):
        units.parse_integer(text)


@pytest.mark.parametrize(
    ("text", "euros"),
    [
        ("90 MEUR", 90_000_000),
        ("1.5 BEUR", 1_500_000_000),
        ("500kEUR", 500_000),
        ("70 EUR", 70),
        ("0.75 MEUR", 750_000),
    ],
)
def test_money(text: str, euros: int) -> None:
    assert units.parse_money(text) == euros


@pytest.mark.parametrize(
    "text", ["90", "90 MUSD", "-5 EUR", "1.500 MEUR", "0.5 EUR", "1,5 MEUR", "99999999 BEUR", "€ 5"]
)
def test_money_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".; ."):
        units.parse_money(text)


def test_factors() -> None:
    assert [units.parse_factor(text) for text in ("x0.5", "0.4", "2", "x0", "1000")] == [
        5_000,
        4_000,
        20_000,
        0,
        10_000_000,
    ]
    for text in ("-1", "1001", "0.00001", "half", "0.5h"):
        with pytest.raises(ValueError, match=r".; ."):
            units.parse_factor(text)


def test_moments_need_a_time_zone() -> None:
    assert units.parse_moment("2027-01-18T17:00+01:00").isoformat() == "2027-01-18T17:00:00+01:00"
    for text in ("2027-01-18", "2027-01-18T17:00", "17:00", "20270118", "now"):
        with pytest.raises(ValueError, match="write for example 2027-01-18T17:00"):
            units.parse_moment(text)


def test_uncertain_numbers() -> None:
    assert sure(7) == Uncertain(7, 7, 7)
    assert sure(7).certain
    assert not Uncertain(1, 1, 2).certain


ROUNDS: list[tuple[Callable[[int], str], Callable[[str], int], int]] = [
    (units.format_duration, units.parse_duration, LONGEST),
    (units.format_share, units.parse_share, FULL),
    (units.format_factor, units.parse_factor, 1000 * FULL),
    (units.format_money, units.parse_money, 10**15),
]


@pytest.mark.parametrize(("form", "parse", "most"), ROUNDS, ids=lambda value: getattr(value, "__name__", ""))
def test_what_is_written_reads_back(form: Callable[[int], str], parse: Callable[[str], int], most: int) -> None:
    @given(st.integers(0, most))
    def there_and_back(number: int) -> None:
        assert parse(form(number)) == number

    there_and_back()


def test_written_as_people_write() -> None:
    assert [units.format_duration(s) for s in (0, 1_800, 5_400, 3_600, 129_600, 259_200, 90_061)] == [
        "0h", "30m", "90m", "1h", "1d 12h", "3d", "1d 1h 1m 1s",
    ]  # fmt: skip
    assert [units.format_share(p) for p in (9_500, 1_250, 5, 0, FULL)] == ["95%", "12.5%", "0.05%", "0%", "100%"]
    assert [units.format_money(e) for e in (90_000_000, 1_500_000_000, 1_234_000, 70, 0)] == [
        "90 MEUR", "1.5 BEUR", "1234 kEUR", "70 EUR", "0 EUR",
    ]  # fmt: skip
