"""What a cell of a sheet says, as people type it, to the plain text of a model file; and back.

``4 uur``, ``0,5 dag``, ``50 %``, a number in a cell that Excel shows as per cent, ``ja``, a name instead of an id: all
become what a YAML file would say. Every way to write a cell gives a cell that reads back as the same.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from cascade.errors import did_you_mean, short, which_region
from cascade.files.headings import plain
from cascade.model import Lang
from cascade.units import (
    format_duration,
    format_factor,
    format_money,
    format_share,
    parse_duration,
    parse_factor,
    parse_integer,
    parse_money,
    parse_number,
    parse_share,
)

LONGEST: Final = 32_000
"""Characters that a cell takes; a spreadsheet program cuts at 32,767."""


class Cell(NamedTuple):
    """A value as it was read, and how the spreadsheet shows it."""

    value: Any
    form: str = ""
    """The number format of the cell."""

    @property
    def empty(self) -> bool:
        """Whether nothing is written in it."""
        return self.value is None or (isinstance(self.value, str) and not self.value.strip())


@dataclass
class Names:
    """What names in cells can mean; those that nobody knows yet are the importer's to judge."""

    processes: Mapping[str, str] = field(default_factory=dict)
    """Id by every word for it, as compared (:func:`cascade.files.headings.plain`)."""
    regions: Mapping[str, str] = field(default_factory=dict)
    """Code by every word for it."""
    region_names: Mapping[str, str] = field(default_factory=dict)
    """Name by code, for what is suggested."""
    strange: Callable[[str, bool], str] | None = None
    """Gives the id of a process that is not known, after ``@`` was taken off; True for a supplier. None: it stands."""
    title: Callable[[str], str] | None = None
    """Gives the key of a source that is named by its title."""

    def process(self, text: str, *, supplier: bool = False) -> str:
        """Return the id that a word means."""
        found = self.processes.get(plain(text))
        if found is not None:
            return found
        return text if self.strange is None else self.strange(text, supplier)

    def placed(self, text: str) -> str:
        """Return an id with perhaps a place that ``text`` means: ``Ziekenhuis@buren``."""
        if plain(text) in self.processes:
            return self.process(text, supplier=True)
        name, at, place = text.rpartition("@")
        if not at:
            return self.process(text, supplier=True)
        place = _PLACES.get(plain(place), place.strip())
        return f"{self.process(name.strip(), supplier=True)}@{self.regions.get(plain(place), place)}"

    def region(self, text: str) -> str:
        """Return the code of a region.

        Raises
        ------
        ValueError
            If there is none of that name.
        """
        found = self.regions.get(plain(text))
        if found is None and self.regions:
            raise ValueError(f"no region {short(text)!r}; {which_region(text, self.region_names)}")
        return found or text


_PLACES: Final = {
    "buren": "neighbours", "neighbors": "neighbours", "buurregio's": "neighbours", "alle": "all", "overal": "all", "hier": "here",
}  # fmt: skip
_TRUE: Final = ("ja", "yes", "true", "waar", "j", "y", "x", "1")
_FALSE: Final = ("nee", "no", "false", "onwaar", "n", "0", "-")
_AT_ONCE: Final = ("direct", "meteen", "onmiddellijk", "at once", "immediately", "0")
_ALL: Final = {
    "alles": "100%", "all": "100%", "everything": "100%", "volledig": "100%", "geheel": "100%", "helemaal": "100%",
    "completely": "100%", "niets": "0%", "nothing": "0%",
}  # fmt: skip
_UNKNOWN: Final = (
    "?",
    "??",
    "onbekend",
    "unknown",
    "weet niet",
    "niet bekend",
    "not known",
    "nvt",
    "n.v.t.",
    "n/a",
    "-",
    "tbd",
)
_TWO: Final = re.compile(r"\d\s*(?:[-\u2010\u2011]|à|a|tot|tot en met|of|en|to|or|and)\s*\d", re.IGNORECASE)
"""Two numbers in one cell, as in 2-3 dagen, 2 à 3 dagen, 20 to 30 %."""
_COMMA: Final = re.compile(r"(?<=\d),(?=\d)", re.ASCII)
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,99}", re.ASCII)
_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)
_BETWEEN: Final = re.compile(r"\s*(?:/|;|\||\n)\s*|\s+-\s+|\s*–\s*")
_UNIT_BEHIND: Final = re.compile(r"\d\s*([^\d\s.,].*)$", re.DOTALL)
_BRACKETS: Final = re.compile(r"\s*\(\s*([\d.,]+\s*%?)\s*\)$")
_MONEY: Final = re.compile(r"(?:€|eur|euro)?\s*([\d.,]+)\s*([^\d\s.,€]*)\s*(?:€|eur|euro)?", re.ASCII | re.IGNORECASE)
_THOUSANDS: Final = {
    "": "", "eur": "", "euro": "", "k": "k", "keur": "k", "duizend": "k", "thousand": "k", "m": "M", "mln": "M", "meur": "M",
    "miljoen": "M", "million": "M", "mld": "B", "miljard": "B", "bn": "B", "b": "B", "beur": "B", "billion": "B",
}  # fmt: skip
CHOICES: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "confidence": {"high": ("hoog", "high"), "medium": ("midden", "medium"), "low": ("laag", "low")},
    "kind": {
        "physical": ("fysiek", "physical"), "cyber": ("cyber", "cyber"), "geographic": ("geografisch", "geographic"),
        "logical": ("logisch", "logical"),
    },
    "lever": {
        "robustness": ("robuustheid", "robustness"), "redundancy": ("redundantie", "redundancy"), "recovery": ("herstel", "recovery"),
    },
    "stock_kind": {
        "strategic": ("strategisch", "strategic"), "required": ("verplicht", "required"), "working": ("werkvoorraad", "working"),
        "household": ("huishouden", "household"),
    },
    "bool": {"true": ("ja", "yes"), "false": ("nee", "no")},
    "per": {"region": ("ja", "yes"), "": ("nee", "no")},
}  # fmt: skip
"""Words for the values of fields that have few, in Dutch and English."""
RULES: Final = {"all": ("alle", "all"), "any_of": ("een ervan", "any of"), "at_least": ("minstens", "at least"),
                "shares": ("aandelen", "shares")}  # fmt: skip
"""Words for how suppliers go together."""
_CHOICES_ALSO: Final = {
    "middel": "medium", "gemiddeld": "medium", "matig": "medium", "geographical": "geographic", "digitaal": "cyber",
    "digital": "cyber", "logic": "logical", "physic": "physical",
}  # fmt: skip
_RULES_ALSO: Final = {"alles": "all", "en": "all", "and": "all", "of": "any_of", "or": "any_of", "any": "any_of", "een van": "any_of",
                      "één van": "any_of", "één ervan": "any_of", "one of": "any_of", "any_of": "any_of"}  # fmt: skip


# ------------------------------------------------------------------ text out of a cell


def text_of(cell: Cell) -> str:
    """Return what stands in a cell as text.

    Raises
    ------
    ValueError
        If it holds what no text may.
    """
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _digits(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    text = str(value).replace("\r\n", "\n").replace("\r", "\n")
    hidden = _HIDDEN.search(text)
    if hidden is not None:
        raise ValueError(f"the invisible character U+{ord(hidden[0]):04X}; remove it")
    return text


def _digits(value: float) -> str:
    """Write a number in full, without what binary fractions leave behind."""
    if isinstance(value, int) or float(value).is_integer():
        return str(int(value))
    return f"{Decimal(f'{value:.12g}'):f}"


def _typed(cell: Cell) -> str:
    return " ".join(text_of(cell).replace("\u00a0", " ").split(" ")).strip()


def _triple(text: str) -> list[str]:
    """Split low, mode and high; a unit behind the last holds for those that have none."""
    inner = text[1:-1] if text[:1] == "[" and text[-1:] == "]" else text
    parts = [part.strip() for part in (re.split(r",\s+|;\s*", inner) if inner != text else _BETWEEN.split(text))]
    two = len(parts) == 1 and _TWO.search(text) is not None
    if len(parts) == 1 and not two:
        return parts
    if len(parts) != 3:
        count = 2 if two else len(parts)
        raise ValueError(f"{short(text)!r} has {count} values; write one, or three: low / most likely / high")
    unit = _UNIT_BEHIND.search(parts[-1])
    return [part if unit is None or not re.fullmatch(r"[\d.,]+", part) else f"{part} {unit[1]}" for part in parts]


def _one_or_three(read: Callable[[Cell, str], str]) -> Callable[[Cell, str, Names], Any]:
    def both(cell: Cell, unit: str, _: Names) -> Any:
        if not isinstance(cell.value, str):
            return read(cell, unit)
        text = _typed(cell)
        if text.casefold() in _UNKNOWN:
            what = f"{text!r} is no value"
            raise ValueError(f"{what}; write an estimate (low / most likely / high, certainty low), or empty the cell")
        found = [read(Cell(part), unit) for part in _triple(text)]
        return found[0] if len(found) == 1 else found

    return both


def _duration(cell: Cell, unit: str) -> str:
    if isinstance(cell.value, timedelta):
        return format_duration(round(cell.value.total_seconds()))
    if isinstance(cell.value, datetime | date | time):
        raise ValueError(f"{text_of(cell)} is a moment, not a duration; write it as text, for example 4 uur or 4 h")
    text = _COMMA.sub(".", _typed(cell))
    if text.casefold() in _AT_ONCE:
        return "0h"
    if re.fullmatch(r"[\d.]+", text):
        text = f"{text}{unit}" if unit and not unit.endswith(("%", "EUR")) else text
    return format_duration(parse_duration(text if text.startswith("P") else text.lower()))


def _share(cell: Cell, unit: str) -> str:
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool) and "%" in cell.form:
        return format_share(parse_share(_digits(float(Decimal(f"{value:.12g}") * 100)) + "%"))
    text = _COMMA.sub(".", _typed(cell))
    if text.casefold() in _ALL:
        return _ALL[text.casefold()]
    text = re.sub(r"(?<=[\d\s])(procent|percent|per cent|pct)$", "%", text.casefold()) if text else text
    return format_share(parse_share(f"{text}%" if unit == "%" and re.fullmatch(r"[\d.]+", text) else text))


def _money(cell: Cell, unit: str) -> str:
    shown_as_money = re.search("€|EUR", cell.form) is not None
    text = _COMMA.sub(".", _typed(cell))
    match = _MONEY.fullmatch(text)
    size = None if match is None else _THOUSANDS.get(match[2].casefold())
    if match is None or size is None:
        return format_money(parse_money(text))
    if re.fullmatch(r"[\d.]+", text):  # a bare number
        if not unit.endswith("EUR") and not shown_as_money:
            raise ValueError(f"{text!r} says no amount; write {text} EUR, or {text} MEUR for millions")
        return format_money(parse_money(f"{match[1]} {unit if unit.endswith('EUR') else 'EUR'}"))
    return format_money(parse_money(f"{match[1]} {size}EUR"))


def _factor(cell: Cell, _: str) -> str:
    return format_factor(parse_factor(_COMMA.sub(".", _typed(cell))))


def _choice(codec: str) -> Callable[[Cell, str, Names], str]:
    known = {plain(word): key for key, words in CHOICES[codec].items() for word in (key, *words) if word}

    def read(cell: Cell, _: str, __: Names) -> str:
        text = plain(_typed(cell))
        found = known.get(text, _CHOICES_ALSO.get(text))
        if codec in ("bool", "per") and found is None:
            yes, no = ("true", "false") if codec == "bool" else ("region", "")
            found = yes if text in _TRUE else no if text in _FALSE else None
        if found is None or found not in CHOICES[codec]:
            words = sorted({word for pair in CHOICES[codec].values() for word in pair})
            raise ValueError(f"{short(_typed(cell))!r} is not one of {', '.join(words)}; {did_you_mean(text, words)}")
        return found

    return read


def split(text: str, signs: str = ";\n") -> list[str]:
    """Split a list in a cell; what is empty is left out."""
    return [part.strip() for part in re.split(f"[{signs}]", text) if part.strip()]


def _names(cell: Cell, _: str, __: Names) -> list[str]:
    found = split(_typed(cell), ";,\n")
    for name in found:
        if not _ID.fullmatch(name):
            raise ValueError(f"{short(name)!r} is not an id; use letters, digits and - _ . +, with ; between several")
    return found


def _sources(cell: Cell, _: str, names: Names) -> list[str]:
    parts = split(_typed(cell))
    if len(parts) == 1 and all(_ID.fullmatch(part) for part in split(parts[0], ",")):
        parts = split(parts[0], ",")
    return list(dict.fromkeys(part if names.title is None else names.title(part) for part in parts))


def _references(cell: Cell, _: str, names: Names) -> list[str]:
    return [names.process(part, supplier=True) for part in listed(_typed(cell), names)]


def listed(text: str, names: Names) -> list[str]:
    """Split a list of processes; commas separate only where every part is known.

    Raises
    ------
    ValueError
        If a comma can mean two things.
    """
    found: list[str] = []
    for part in split(text):
        pieces = split(part, ",")
        known = [plain(_BRACKETS.sub("", piece)).partition("@")[0] in names.processes for piece in pieces]
        if len(pieces) == 1 or plain(_BRACKETS.sub("", part)) in names.processes:
            found.append(part)
        elif all(known) or all(_ID.fullmatch(piece) for piece in pieces):
            found += pieces
        else:
            raise ValueError(f"a comma in {short(part)!r} can mean two things; put ; between several suppliers")
    return found


def _suppliers(cell: Cell, _: str, names: Names) -> list[tuple[str, str]]:
    """Return each supplier with what stands in brackets behind it."""
    found = []
    for part in listed(_typed(cell), names):
        match = None if plain(part) in names.processes else _BRACKETS.search(part)
        given = "" if match is None else _share(Cell(match[1]), "")
        found.append((names.placed(part[: match.start()] if match else part), given))
    return found


def _rule(cell: Cell, _: str, __: Names) -> str:
    """Return how suppliers go together: ``all``, ``any_of``, ``shares``, or ``at_least 2``."""
    text = plain(_typed(cell))
    known = {plain(word): key for key, words in RULES.items() for word in (key, *words)} | _RULES_ALSO
    match = re.fullmatch(
        r"(?:(?:minstens|ten minste|tenminste|at least|at_least)\s+)?(\d{1,3})(?:\s+(?:van|of).*)?", text
    )
    if match:
        return f"at_least {match[1]}"
    found = known.get(text)
    if found is None or found == "at_least":
        words = "alle, een ervan, minstens 2, aandelen; all, any of, at least 2, shares"
        raise ValueError(f"{short(_typed(cell))!r} is no way in which suppliers go together; write one of {words}")
    return found


def _pairs(text: str) -> list[tuple[str, str]]:
    found = []
    for part in split(text):
        key, colon, value = part.partition(":")
        if not colon:
            raise ValueError(f"{short(part)!r} has no colon; write what comes first, a colon, and the share: 6 h: 5 %")
        found.append((key.strip(), value.strip()))
    return found


def _by_step(read_key: Callable[[Cell, str], str]) -> Callable[[Cell, str, Names], dict[str, Any]]:
    shares = _one_or_three(_share)

    def read(cell: Cell, _: str, names: Names) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in _pairs(_typed(cell)):
            at = read_key(Cell(key), "")
            if at in found:
                raise ValueError(f"{key!r} is given twice; keep one of the two")
            found[at] = shares(Cell(value), "", names)
        return found

    return read


def _lists(cell: Cell, _: str, __: Names) -> dict[str, str | None]:
    return {key: None if value == "-" else value for key, value in _pairs(text_of(cell))}


def _two(cell: Cell, _: str, __: Names) -> list[str]:
    text = _typed(cell)
    parts = split(text) if ";" in text else split(text, ",")
    if len(parts) != 2:
        raise ValueError(f"{short(text)!r} is no pair of numbers; write two with ; between")
    return [_digits(float(parse_number(_COMMA.sub(".", part)))) for part in parts]


def _number(cell: Cell, _: str, __: Names) -> str:
    text = _COMMA.sub(".", _typed(cell))
    return f"{parse_number(text):f}"


def _degrees(cell: Cell, _: str, __: Names) -> str:
    value = cell.value
    number = float(value) if isinstance(value, int | float) else float(parse_number(_COMMA.sub(".", _typed(cell))))
    return f"{number:.12f}".rstrip("0").rstrip(".")


def _amount(cell: Cell, unit: str, names: Names) -> str:
    if isinstance(cell.value, int | float) and "%" in cell.form:
        return _share(cell, unit)
    text = _COMMA.sub(".", _typed(cell)).replace(" ", "")
    return text if text.endswith("%") else _number(Cell(text), unit, names)


READERS: Final[dict[str, Callable[[Cell, str, Names], Any]]] = {
    "text": lambda cell, _, __: text_of(cell),
    "date": lambda cell, _, __: text_of(cell),
    "label": lambda cell, _, __: _typed(cell),
    "id": lambda cell, _, __: _typed(cell),
    "process": lambda cell, _, names: names.process(_typed(cell)),
    "placed": lambda cell, _, names: names.placed(_typed(cell)),
    "processes": _references,
    "suppliers": _suppliers,
    "rule": _rule,
    "names": _names,
    "sources": _sources,
    "region": lambda cell, _, names: names.region(_typed(cell)),
    "regions": lambda cell, _, names: [names.region(part) for part in split(_typed(cell), ";,\n")],
    "duration": lambda cell, unit, _: _duration(cell, unit),
    "duration3": _one_or_three(_duration),
    "share": lambda cell, unit, _: _share(cell, unit),
    "share3": _one_or_three(_share),
    "money3": _one_or_three(_money),
    "factor3": _one_or_three(_factor),
    "steps": _by_step(_duration),
    "levels": _by_step(_share),
    "lists": _lists,
    "pair": _two,
    "int": lambda cell, _, __: str(parse_integer(_typed(cell))),
    "whole": lambda cell, _, __: str(parse_integer(_typed(cell))),
    "amount": _amount,
    "degrees": _degrees,
    "yaml": lambda cell, _, __: text_of(cell),
    **{name: _choice(name) for name in CHOICES},
}
"""How the cells of each kind of column are read; a ValueError says what is wrong and, after ``; ``, the remedy."""


# ------------------------------------------------------------------ and back


def _write_uncertain(data: Any) -> str | None:
    if isinstance(data, str):
        return data
    return " / ".join(data) if isinstance(data, list) and len(data) == 3 else None


def _write_steps(data: Any) -> str | None:
    found = [(key, _write_uncertain(value)) for key, value in data.items()]
    return "; ".join(f"{key}: {value}" for key, value in found)


def _write_list(data: Any) -> str:
    return "; ".join(data if isinstance(data, list) else [data])


def _write_number(data: Any) -> float | int | str:
    number = Decimal(data)
    return int(number) if number == number.to_integral_value() else float(number)


def write(codec: str, data: Any, lang: Lang) -> str | float | None:
    """Return what a cell says for plain data; None where it cannot say it so that it reads back the same.

    Parameters
    ----------
    codec : str
        Kind of column.
    data : text, list or dict of text
        As in a model file; a list stands where a list or an uncertain number is meant.
    lang : str
        Of the words for yes, no, and the like.
    """
    made: str | float | None = None
    try:
        if codec in CHOICES:
            made = CHOICES[codec][data][0 if lang == "nl" else 1]
        elif codec in ("duration3", "share3", "money3", "factor3"):
            made = _write_uncertain(data)
        elif codec in ("steps", "levels"):
            made = _write_steps(data)
        elif codec == "lists":
            made = "; ".join(f"{key}: {'-' if value is None else value}" for key, value in data.items())
        elif codec in ("names", "sources", "regions", "processes", "pair"):
            made = _write_list(data)
        elif codec in ("int", "whole", "degrees", "amount"):
            made = _write_number(data)
        elif isinstance(data, str):
            made = data
        if made is None or (isinstance(made, str) and (not made.strip() or len(made) > LONGEST)):
            return None
        back = READERS[codec](Cell(made), "", Names())
    except (ValueError, KeyError, TypeError, ArithmeticError):
        return None
    return made if back == data or (isinstance(back, list) and back == [data]) else None
