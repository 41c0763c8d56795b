"""The small tables that people and programs read alike, and the names things go by in them.

A :class:`Table` holds plain values under English keys; how they look on a screen is said by its columns. The same
table is printed for people and given as data, so the two cannot differ.
"""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from cascade.model import Capacity, Event, HitList, HitSector, HitTag, Lang, Model, Scenario, higher_marking
from cascade.simulation.run import Run
from cascade.units import HOUR
from cascade.words import duration, euros, in_millions, large, number, share, word

if TYPE_CHECKING:
    import pandas as pd

Form = Literal["text", "right", "number", "large", "hours", "share", "money", "flag"]


@dataclass(frozen=True)
class Column:
    """One column: its key in data, its heading for people, and how its values are written for them."""

    key: str
    heading: str
    form: Form = "text"
    on: Literal["both", "screen", "data"] = "both"
    clip: bool = False
    """Whether a text that does not fit is shortened instead of wrapped."""
    empty: str = ""
    """What people read where there is no value."""

    def show(self, value: Any, lang: Lang) -> str:
        """Write a value the way people read it."""
        if value is None or (isinstance(value, float) and np.isnan(value)):
            return self.empty
        if self.form in ("text", "right"):
            return str(value)
        if self.form == "hours":
            return duration(value * HOUR, lang)
        if self.form == "flag":
            return word("yes" if value else "no", lang)
        if value == 0 and self.form in ("large", "money"):
            return "-"
        forms = {"number": number, "large": large, "share": share, "money": euros}
        return forms[self.form](value, lang)


@dataclass(frozen=True)
class Table:
    """A small table with a name for data and a title and a note for people."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: list[dict[str, Any]]
    note: str = ""
    keyed: bool = False
    """Whether its data are single values by key instead of rows."""

    def show(self, column: Column, row: dict[str, Any], lang: Lang) -> str:
        """Write a value the way people read it, large ones in the unit of the largest of their column."""
        value = row[column.key]
        if column.form in ("large", "money") and value and value > 0:
            largest = max((r[column.key] or 0 for r in self.rows), default=0)
            if largest >= 999_500:
                return ("€ " if column.form == "money" else "") + in_millions(value, largest, lang)
        return column.show(value, lang)

    @property
    def fields(self) -> tuple[Column, ...]:
        """Columns that data have."""
        return tuple(c for c in self.columns if c.on != "screen")

    @property
    def shown(self) -> tuple[Column, ...]:
        """Columns that people see."""
        return tuple(c for c in self.columns if c.on != "data")


def plain(value: Any) -> Any:
    """Turn a numpy scalar into a plain number, and what is no finite number into nothing."""
    value = value.item() if isinstance(value, np.generic) else value
    missing = (isinstance(value, float) and not np.isfinite(value)) or type(value).__name__ == "NAType"
    return None if missing else value


def as_records(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    """Return the rows of a frame as plain values; what is missing becomes None."""
    return [{str(k): plain(v) for k, v in r.items()} for r in frame.to_dict("records")]


def back_text(hours: float | None, lang: Lang) -> str:
    """Say after how long something was back in full, or that it is not."""
    return word("not_back", lang) if hours is None else duration(hours * HOUR, lang)


@dataclass(frozen=True)
class Notice:
    """What a reader must know of what is written: what was left out of it, and that the whole tells more than its parts."""

    notes: tuple[str, ...] = ()
    """Sentences for people on what was left out; empty where nothing was."""
    mosaic: str = ""
    """A sentence where weak points stand together."""
    cut: Mapping[str, Any] | None = None
    """The same as ``notes`` for programs; None where no limit was asked for."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """Everything there is to say to people."""
        return (*self.notes, self.mosaic) if self.mosaic else self.notes

    @property
    def data(self) -> dict[str, Any]:
        """Everything there is to say to programs, under the keys ``cut`` and ``mosaic``."""
        found: dict[str, Any] = {} if self.cut is None else {"cut": dict(self.cut)}
        return {**found, "mosaic": self.mosaic} if self.mosaic else found


NO_NOTICE: Final = Notice()


def marking_of(model: Model, *others: Scenario | Capacity | str | None) -> str:
    """Return the mark that covers a model with all its parts, and scenarios with theirs or anything else named."""
    found = list(model.markings)
    for other in others:
        if isinstance(other, Scenario):
            found += other.markings
        else:
            found.append((other.marking if isinstance(other, Capacity) else other) or "")
    return functools.reduce(higher_marking, dict.fromkeys(found), "")


def name_of(model: Model, process: str, lang: Lang) -> str:
    """Return the name people know a process by."""
    return model.processes[process].name[lang]


def instance_name(run: Run, instance: int, lang: Lang) -> str:
    """Name one copy of a process: its name, and its region or asset."""
    network, model = run.network, run.model
    name = name_of(model, network.process(instance), lang)
    asset = network.asset_of[instance] if network.asset_of else ""
    if asset:
        table = model.assets[network.process(instance)]
        return f"{name}, {table.names[table.ids.index(asset)]}"
    region = network.region(instance)
    return f"{name}, {model.regions[region].name}" if region else name


def event_name(model: Model, event: Event, lang: Lang) -> str:
    """Say what an event is: its own words, else what it hits."""
    if event.about is not None:
        return event.about[lang]
    return ", ".join(_hit_name(model, hit, lang) for hit in event.hits)


def _hit_name(model: Model, hit: Any, lang: Lang) -> str:
    if isinstance(hit, HitSector):
        return model.sectors[hit.sector].name[lang]
    if isinstance(hit, HitTag):
        return hit.tag
    if isinstance(hit, HitList):
        return f"{hit.list} {hit.item}"
    process, _, region = hit.partition("@")
    name = name_of(model, process, lang)
    return f"{name}, {model.regions[region].name}" if region else name


def where_text(model: Model, regions: Iterable[str], lang: Lang) -> str:
    """Say where: nationwide, everywhere, one region by name, or how many."""
    codes = sorted(set(regions))
    if codes in ([], [""]):
        return word("national", lang)
    if len(codes) == 1:
        return model.regions[codes[0]].name
    if len(codes) == len(model.regions):
        return word("everywhere", lang)
    return word("n_regions", lang, n=len(codes))
