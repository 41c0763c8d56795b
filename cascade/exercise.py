"""The nouns of an exercise: what is said when something changes, and what the planner adds; typed and frozen."""

import re
from typing import Annotated, Final, Self

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema, model_validator

from cascade.model import Duration, Flag, Frozen, Name, Names, RegionNames, Share, Text
from cascade.units import DAY, HOUR, MINUTE, parse_duration

_MOMENT: Final = re.compile(r"[DT]\s*\+\s*(\d{1,4})(?:\s+(\d{1,2}):(\d{2}))?", re.ASCII | re.IGNORECASE)


def parse_after(text: str) -> int:
    """Read a moment of an exercise, in seconds from its start: ``D+1 04:30``, ``D+1``, or a duration (``28h``).

    ``D+0`` is the first 24 hours of the scenario, whatever the clock says.
    """
    text = text.strip()
    if found := _MOMENT.fullmatch(text):
        days, hours, minutes = (int(part or 0) for part in found.groups())
        if hours > 23 or minutes > 59:
            raise ValueError(f"{text!r} is no time of a day; write for example D+1 04:30")
        return days * DAY + hours * HOUR + minutes * MINUTE
    try:
        return parse_duration(text)
    except ValueError as error:
        raise ValueError(f"{str(error).partition(';')[0]}; write for example D+1 04:30, or 28h") from None


After = Annotated[
    int,
    BeforeValidator(lambda value: parse_after(value) if isinstance(value, str) else value),
    Field(ge=0),
    WithJsonSchema({"type": "string", "examples": ["D+1 04:30", "28h"]}),
]
InjectName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+@-]*$", max_length=200)]


class Phrase(Frozen):
    """What is noticed of one process when its level changes; ``{where}`` and ``{process}`` are filled in."""

    less: Text | None = None
    """It works for the greater part: 50 to 90 %."""
    poor: Text | None = None
    """It works for the smaller part, 10 to 50 %; left out: as ``less``."""
    gone: Text | None = None
    """It hardly works: below 10 %; left out: as ``poor``."""
    back: Text | None = None
    """It works again: 90 % or more."""
    after: Duration = 0
    """How long it takes until anybody notices that it fails; what is back by then is not told."""
    concerns: Share = 0
    """Share of the inhabitants whom it matters to in an exercise, where that is more than rely on it: it is told sooner."""
    asks: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    """Questions or decisions that players may be expected to come to."""
    to: Names = ()
    """Who hears it: ``sector``, ``safety-region``, ``ministry``, or a word under ``audiences`` of the general phrases."""


class Channel(Frozen):
    """A way in which a message reaches players, and the process that it needs."""

    process: Name
    by: Text
    only_for: Names = ()
    """Audiences that have it; left out: everybody."""


class Short(Frozen):
    """How the same change of several processes is told: ``{list}`` with a word or two."""

    less: Text
    poor: Text
    gone: Text
    back: Text


class General(Frozen):
    """``general.yaml`` of the phrases: what holds for all processes."""

    otherwise: Phrase
    """For a process without sentences of its own."""
    short: Short
    gathered: Text
    """Small changes ``{where}``: ``{list}`` is made of the short ones."""
    everywhere: Text
    """``{where}`` for the whole country."""
    one: Text
    """``{where}`` for one region, ``{region}``."""
    few: Text
    """``{where}`` for some regions: ``{regions}``, with ``{last}`` after them."""
    many: Text
    """``{where}`` for ``{n}`` regions of which ``{regions}`` are named."""
    most: Text
    """``{where}`` for all regions but ``{regions}``."""
    audiences: dict[Name, Text]
    channels: tuple[Channel, ...]
    """The first whose process still works there is used."""
    courier: Text
    """The way that is left when none of them works."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        missing = [name for name in ("less", "poor", "gone", "back") if getattr(self.otherwise, name) is None]
        if missing:
            raise ValueError(f"otherwise has no {missing[0]}; write it, since it stands in where a process has none")
        return self


class Planned(Frozen):
    """An inject of the planner's own, or what changes in one that the run gives (by its ``id``)."""

    id: InjectName | None = None
    at: After | None = None
    where: RegionNames | None = None
    process: Name | None = None
    sector: Name | None = None
    text: Text | None = None
    to: Names = ()
    by: Text | None = None
    asks: tuple[Text, ...] = ()
    unless: Text | None = None
    """Held back: fires only if players do not do this."""
    note: Text | None = None
    """For the control staff alone."""
    marking: str | None = None
    drop: Flag = False
    """Takes an inject of the run out."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.id is None and (self.at is None or self.text is None):
            raise ValueError("an inject of your own needs at and text; write both, or the id of one that you change")
        if self.drop and self.id is None:
            raise ValueError("drop takes out an inject of the run; name it with id")
        return self


class Injects(Frozen):
    """A file of planned injects."""

    marking: str | None = None
    injects: Annotated[tuple[Planned, ...], Field(max_length=20_000)]
