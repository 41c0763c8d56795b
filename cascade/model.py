"""The nouns of the dependency language: what people write, typed, checked field by field and frozen.

Each class mirrors one mapping of the YAML files (design: the format page of the manual). Durations are whole
seconds, shares whole 1/10 000 of full (``FULL``), money whole euros; an uncertain number is a
:class:`~cascade.units.Uncertain`. The JSON Schema for editors is generated from these classes.
"""

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    ModelWrapValidatorHandler,
    PlainSerializer,
    PrivateAttr,
    StringConstraints,
    Tag,
    WithJsonSchema,
    field_serializer,
    model_validator,
)

from cascade.errors import Places, did_you_mean, short
from cascade.units import (
    FULL,
    UNITS,
    Uncertain,
    format_duration,
    format_factor,
    format_money,
    format_share,
    parse_duration,
    parse_factor,
    parse_integer,
    parse_moment,
    parse_money,
    parse_number,
    parse_share,
    sure,
)

HERE: Final = "here"
NEIGHBOURS: Final = "neighbours"
ALL: Final = "all"
OTHERS: Final = "others"
MARKINGS: Final = {
    "TLP": ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"),
    "rubricering": ("Dep. V.", "Stg. C", "Stg. G", "Stg. ZG"),
}
"""Two families of marks, each from low to high; they are never converted into one another."""
LOWEST: Final = MARKINGS["TLP"][0]
"""The mark that restricts nothing."""
SECRET: Final = "Stg. C"
"""From this mark on it is a state secret, and this program is no accredited system."""


class Frozen(BaseModel):
    """A mapping of a file: no unknown keys, never changed after reading."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        validate_by_name=True,
        validate_by_alias=True,
        use_attribute_docstrings=True,
    )


def _read(parse: Callable[[str], Any]) -> BeforeValidator:
    """Type a scalar by its field: text is parsed, values already parsed pass."""
    return BeforeValidator(lambda value: parse(value) if isinstance(value, str) else value)


def _read_uncertain(parse: Callable[[str], int]) -> BeforeValidator:
    def read(value: Any) -> Any:
        if isinstance(value, str):
            return sure(parse(value))
        if isinstance(value, list):
            if len(value) != 3 or not all(isinstance(v, str) for v in value):
                raise ValueError(_not_three(value, parse))
            triple = Uncertain(*(parse(v) for v in value))
            if not triple.low <= triple.mode <= triple.high:
                raise ValueError(f"[{', '.join(value)}] does not rise; write [low, mode, high]")
            return triple
        if isinstance(value, dict):
            raise ValueError("an uncertain number has three values; write [low, mode, high]")
        return value

    return BeforeValidator(read)


def _not_three(values: list[Any], parse: Callable[[str], int]) -> str:
    """Say why a list is no uncertain number; commas that were meant as decimal points are guessed."""
    what = "an uncertain number has three values"
    texts = [str(value) for value in values]
    at = [i for i in range(len(texts) - 1) if texts[i].isdecimal() and texts[i + 1][:1].isdecimal()]
    meant = []
    for joints in itertools.combinations(at, len(texts) - 3) if 3 < len(texts) <= 6 else ():
        if any(joint + 1 in joints for joint in joints):
            continue
        joined = [f"{t}.{texts[i + 1]}" if i in joints else t for i, t in enumerate(texts) if i - 1 not in joints]
        try:
            rises = [parse(text) for text in joined]
        except ValueError:
            continue
        if rises == sorted(rises):
            meant.append(f"[{', '.join(joined)}]")
    if meant:
        for_example = ", for example" if len(meant) > 1 else ""
        return f"{what}, and a decimal comma splits one in two; write a point for the decimals{for_example}, {meant[0]}"
    return f"{what}; write [low, mode, high]"


def _write(form: Callable[[int], str]) -> PlainSerializer:
    """Dump a number as the text that reads back as the same number."""
    return PlainSerializer(form, return_type=str)


def _write_uncertain(form: Callable[[int], str]) -> PlainSerializer:
    def write(value: Uncertain) -> Any:
        return form(value.mode) if value.certain else [form(v) for v in value]

    return PlainSerializer(write)


def _read_flag(value: Any) -> Any:
    if isinstance(value, str):
        if value.lower() not in _FLAGS:
            raise ValueError(f"{value!r} is neither true nor false; write one of the two")
        return _FLAGS[value.lower()]
    return value


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


_DURATION = {
    "type": "string",
    "pattern": rf"^(P.+|(\d+(\.\d+)?\s*({'|'.join(UNITS)})\s*)+)$",
    "examples": ["30m", "6h", "3d"],
}
_SHARE = {"type": ["string", "number"], "examples": ["95%", 0.95]}
_MONEY = {"type": "string", "examples": ["90 MEUR", "500 kEUR"]}
_FACTOR = {"type": ["number", "string"], "examples": [0.4, "x0.5"]}


def _triple(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "array", "items": schema, "minItems": 3, "maxItems": 3}]}


Duration = Annotated[int, _read(parse_duration), _write(format_duration), WithJsonSchema(_DURATION)]
UncertainDuration = Annotated[
    Uncertain,
    _read_uncertain(parse_duration),
    _write_uncertain(format_duration),
    WithJsonSchema(_triple(_DURATION)),
]
Share = Annotated[int, _read(parse_share), _write(format_share), WithJsonSchema(_SHARE)]
UncertainShare = Annotated[
    Uncertain, _read_uncertain(parse_share), _write_uncertain(format_share), WithJsonSchema(_triple(_SHARE))
]
Factor = Annotated[int, _read(parse_factor), _write(format_factor), WithJsonSchema(_FACTOR)]
UncertainFactor = Annotated[
    Uncertain,
    _read_uncertain(parse_factor),
    _write_uncertain(format_factor),
    WithJsonSchema(_triple(_FACTOR)),
]
Money = Annotated[int, _read(parse_money), _write(format_money), WithJsonSchema(_MONEY)]
UncertainMoney = Annotated[
    Uncertain, _read_uncertain(parse_money), _write_uncertain(format_money), WithJsonSchema(_triple(_MONEY))
]
UncertainNumber = Annotated[
    Uncertain,
    _read_uncertain(parse_factor),
    _write_uncertain(format_factor),
    WithJsonSchema(_triple({"type": "number", "examples": [6.6]})),
]
"""A number with decimals, in 1/10 000; at most 1000."""
Whole = Annotated[int, _read(parse_integer), WithJsonSchema({"type": "integer"})]
Real = Annotated[float, _read(lambda text: float(parse_number(text))), WithJsonSchema({"type": "number"})]
Moment = Annotated[
    datetime,
    _read(parse_moment),
    PlainSerializer(datetime.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["2027-01-18T17:00+01:00"]}),
]
_FLAGS = {"true": True, "yes": True, "ja": True, "false": False, "no": False, "nee": False}
_FLAG = {"anyOf": [{"type": "boolean"}, {"enum": list(_FLAGS)}]}
Flag = Annotated[bool, BeforeValidator(_read_flag), WithJsonSchema(_FLAG)]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+-]*$", max_length=100)]
"""An id: letters, digits, ``- _ . +``; it may not hold ``@`` or ``#``, which mark a place and an asset."""
Names = Annotated[tuple[Name, ...], BeforeValidator(_as_list, json_schema_input_type=Name | tuple[Name, ...])]
_PLACED = r"^[A-Za-z0-9][A-Za-z0-9_.+-]*(@[^@#]+)?$"
"""An id with perhaps a place; a place may be the name of a region, so that the remedy can name its code."""
RegionNames = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=100)], ...],
    BeforeValidator(_as_list, json_schema_input_type=Name | tuple[Name, ...]),
]
"""Codes of regions; judged by whether there are such regions, not by their look."""
Confidence = Literal["high", "medium", "low"]
Lang = Literal["nl", "en"]


def _read_mark(value: Any) -> Any:
    """Read a mark, that of the first version of TLP under its name of today."""
    if not isinstance(value, str) or "TLP:WHITE" not in value:
        return value
    return " / ".join(LOWEST if part == "TLP:WHITE" else part for part in value.split(" / "))


Marking = Annotated[str, BeforeValidator(_read_mark)]
"""One mark, or one of each family with `` / `` between: ``TLP:AMBER / Dep. V.``; ``TLP:WHITE`` is ``TLP:CLEAR``."""


class Words(Frozen):
    """A text people see, in Dutch and English."""

    nl: str = Field(max_length=20_000)
    en: str = Field(max_length=20_000)

    def __getitem__(self, lang: str) -> str:
        return self.nl if lang == "nl" else self.en

    def __str__(self) -> str:
        return self.en


Text = Annotated[
    Words,
    BeforeValidator(
        lambda value: {"nl": value, "en": value} if isinstance(value, str) else value,
        json_schema_input_type=str | Words,
    ),
]


class Evidence(Frozen):
    """Where a number comes from and how sure it is."""

    source: Names = ()
    """Keys of ``sources.yaml``."""
    confidence: Confidence | None = None
    facts: Names = ()
    """Rows of the parameter study that this entry carries."""
    note: Text | None = None


class Source(Frozen):
    """One document or data set that numbers come from."""

    title: str
    publisher: str = ""
    date: str = ""
    url: str = ""
    note: str = ""


class Region(Evidence):
    """An area with inhabitants; regional processes have one copy in each."""

    code: Name
    name: str
    population: Whole = Field(ge=0, le=10**10)
    neighbours: RegionNames = ()
    tile: tuple[Whole, Whole] | None = None
    """Column and row in the tile map."""
    isolated: Flag = False


def _read_supply(value: Any) -> Any:
    if isinstance(value, dict) and "weight" in value:
        raise ValueError("a weight is written under shares; write for example shares: {a: 60%, b: 40%}")
    return {"id": value} if isinstance(value, str) else value


class Supply(Frozen):
    """One supplier of a need: an id, perhaps with a place, perhaps with a most that it gives."""

    id: Annotated[str, StringConstraints(pattern=_PLACED)]
    gives: Share = FULL
    weight: Share = Field(default=0, exclude=True, json_schema_extra={"deprecated": True})

    @property
    def process(self) -> str:
        """Id of the supplying process."""
        return self.id.partition("@")[0]

    @property
    def place(self) -> str | None:
        """``here``, ``neighbours``, ``all``, a region code, or None where nothing is written."""
        return self.id.partition("@")[2] or None


SupplyItem = Annotated[Supply, BeforeValidator(_read_supply, json_schema_input_type=str | Supply)]
Supplies = Annotated[
    tuple[SupplyItem, ...],
    BeforeValidator(_as_list, json_schema_input_type=str | tuple[SupplyItem, ...]),
    Field(min_length=1),
]
PlacedId = Annotated[str, StringConstraints(pattern=_PLACED)]


class AtLeast(Frozen):
    """So many of these suppliers must deliver."""

    count: Whole = Field(ge=1)
    of: Supplies

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.count > len(self.of):
            raise ValueError(
                f"count {self.count} is more than the {len(self.of)} suppliers named; lower it, or name more"
            )
        return self


class IfManipulated(Frozen):
    """What is left of a need while a supplier's wrong output is believed, and for how long it is."""

    level: UncertainShare
    noticed_after: UncertainDuration


Rule = Literal["from", "any_of", "at_least", "shares"]
By = Literal["by_table", "by_nearest", "by_area"]
MOST_NEAREST: Final = 16


class Need(Evidence):
    """One thing a process cannot do without, who supplies it and how long it can be missed.

    Exactly one supply rule; either ``endures``/``loses`` or ``fades``, or neither (all is lost at once).
    """

    from_: Supplies | None = Field(default=None, alias="from")
    any_of: Supplies | None = None
    at_least: AtLeast | None = None
    shares: dict[PlacedId, Share] | None = None
    by_table: str | None = None
    """CSV with the columns consumer, supplier, share: which asset feeds which."""
    by_nearest: Annotated[Whole, Field(ge=1, le=MOST_NEAREST)] | None = None
    """So many assets of the supplier, the nearest as the crow flies, feed each asset; by their capacities."""
    by_area: Flag = False
    """The assets of the supplier with the same text under ``area`` feed each asset; by their capacities."""
    kind: Literal["physical", "cyber", "geographic", "logical"] | None = None
    use: Text | None = None
    endures: UncertainDuration | None = None
    loses: UncertainShare | None = None
    fades: dict[Duration, UncertainShare] | None = Field(default=None, min_length=1, max_length=100)
    spread: UncertainFactor | None = None
    sustained_by: PlacedId | None = None
    recharge: UncertainDuration | None = None
    response: dict[Share, Share] | None = Field(default=None, max_length=100)
    if_manipulated: IfManipulated | None = None
    marking: Marking | None = None
    """With whom this one dependence may be shared, where that is less than the rest."""

    @property
    def by(self) -> By | None:
        """What says which asset feeds which; None where the places of both do."""
        if self.by_table is not None:
            return "by_table"
        if self.by_nearest is not None:
            return "by_nearest"
        return "by_area" if self.by_area else None

    @property
    def rule(self) -> Rule:
        """Name of the one supply rule written."""
        for name in ("any_of", "at_least", "shares"):
            if getattr(self, name) is not None:
                return name
        return "from"

    @cached_property
    def supplies(self) -> tuple[Supply, ...]:
        """Suppliers in file order; under ``shares`` each carries its weight."""
        if self.shares is not None:
            return tuple(Supply(id=key, weight=weight) for key, weight in self.shares.items())
        if self.at_least is not None:
            return self.at_least.of
        return self.any_of or self.from_ or ()

    @cached_property
    def steps(self) -> tuple[tuple[Uncertain, Uncertain], ...]:
        """Fade profile: (time without supply in seconds, share lost), times ascending, losses rising."""
        if self.fades is not None:
            spread = self.spread or sure(FULL)
            return tuple(
                (Uncertain(*(after * factor // FULL for factor in spread)), lost)
                for after, lost in sorted(self.fades.items())
            )
        return ((self.endures or sure(0), self.loses or sure(FULL)),)

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        rules = [
            n
            for n in ("from", "any_of", "at_least", "shares")
            if getattr(self, "from_" if n == "from" else n) is not None
        ]
        if len(rules) != 1:
            given = " and ".join(rules) or "none"
            raise ValueError(f"a need has one of from, any_of, at_least and shares, here {given}; write exactly one")
        if self.fades is not None and (self.endures is not None or self.loses is not None):
            raise ValueError("fades stands beside endures or loses; write either fades, or endures and loses")
        if self.spread is not None and self.fades is None:
            raise ValueError("spread belongs to fades; with endures write [low, mode, high] instead")
        if self.shares is not None and sum(self.shares.values()) != FULL:
            total = sum(self.shares.values())
            raise ValueError(f"the shares add up to {format_share(total)}; make them 100% together")
        if self.shares is not None and not all(self.shares.values()):
            raise ValueError("a share of 0% supplies nothing; leave that supplier out")
        self._check_by()
        self._check_gives()
        self._check_steps()
        self._check_response()
        return self

    def _check_by(self) -> None:
        given = [name for name in get_args(By) if getattr(self, name) not in (None, False)]
        if len(given) > 1:
            raise ValueError(f"{given[1]} stands beside {given[0]}; write one of the two")

    def _check_gives(self) -> None:
        if self.rule in ("any_of", "at_least"):
            if all(s.gives < FULL for s in self.supplies):
                raise ValueError("no supplier gives all; let at least one give 100%")
        elif any(s.gives < FULL for s in self.supplies):
            raise ValueError("gives belongs to a stand-in; use it under any_of or at_least")
        if any(s.gives == 0 for s in self.supplies):
            raise ValueError("a supplier that gives 0% supplies nothing; leave it out")

    def _check_steps(self) -> None:
        for (_, before), (_, after) in zip(self.steps, self.steps[1:], strict=False):
            if any(b > a for b, a in zip(before, after, strict=True)):
                raise ValueError("losses fall from step to step in fades; let them rise with time")

    def _check_response(self) -> None:
        points = sorted((self.response or {}).items())
        for (_, low), (_, high) in itertools.pairwise(points):
            if low > high:
                raise ValueError("the levels held in response fall; let them rise with the supply")
        for supply, level in points:
            if supply == 0 and level != 0:
                raise ValueError("without supply response must be 0%; write what is kept then with loses or fades")
            if supply == FULL and level != FULL:
                raise ValueError("at full supply response must be 100%; leave that point out")


class Ration(Frozen):
    """One class of consumers and its share of a rationed output."""

    serves: Annotated[Names, Field(min_length=1)]
    share: Share = Field(gt=0)


def _check_rations(rations: tuple[Ration, ...]) -> tuple[Ration, ...]:
    total = sum(r.share for r in rations)
    if total != FULL:
        raise ValueError(f"the shares of the classes add up to {format_share(total)}; make them 100% together")
    seen: set[str] = set()
    for ration in rations:
        twice = seen.intersection(ration.serves)
        if twice:
            raise ValueError(f"{sorted(twice)[0]!r} stands in two classes; keep it in one")
        seen.update(ration.serves)
    if OTHERS not in seen:
        raise ValueError("no class serves 'others'; add one, so that every consumer has a class")
    return rations


Rations = Annotated[tuple[Ration, ...], Field(min_length=1), AfterValidator(_check_rations)]


class Process(Evidence):
    """A service or a group of assets: once in every region (``per: region``), as assets, or once nationally."""

    name: Text
    per: Literal["region"] | None = None
    assets: str | None = None
    """CSV of the assets this process consists of, instead of one copy a region."""
    people: UncertainShare | None = None
    """Share of the inhabitants who rely on it."""
    basic_need: Flag = False
    cost_per_day: UncertainMoney | None = None
    """Euros lost a day at total outage, nationally."""
    restart: UncertainDuration = sure(0)
    stops_below: Share = 0
    operator: str | None = None
    authority: str | None = None
    market_share: Share | None = None
    location: tuple[Real, Real] | None = None
    tags: Names = ()
    lists: dict[Name, str | None] = Field(default_factory=dict)
    marking: Marking | None = None
    """With whom this may be shared; it covers the needs of the process too."""
    passes_on_manipulation: Flag = False
    rations: Rations | None = None
    needs: dict[Name, Need] = Field(default_factory=dict, max_length=200)

    @property
    def regional(self) -> bool:
        """Whether there is a copy (or are assets) per region."""
        return self.per is not None or self.assets is not None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.per is not None and self.assets is not None:
            raise ValueError("per stands beside assets; write one of the two")
        return self


class Sector(Evidence):
    """One sector file: a sector and its processes."""

    sector: Name
    name: Text
    authority: str = ""
    marking: Marking | None = None
    """With whom this may be shared; it covers the processes of the sector too."""
    processes: dict[Name, Process] = Field(min_length=1)


class AppliesTo(Frozen):
    """Where a measure can be taken: at these processes, on this need of theirs."""

    processes: Names
    need: Name | None = None


AddedDuration = Annotated[
    Uncertain,
    _read_uncertain(lambda text: parse_duration(text.removeprefix("+"))),
    _write_uncertain(lambda seconds: "+" + format_duration(seconds)),
    WithJsonSchema(_triple({"type": "string", "examples": ["+72h"]})),
]


class Effect(Frozen):
    """What a measure changes; exactly one field."""

    endures: AddedDuration | None = None
    prevents: UncertainShare | None = None
    restart: UncertainFactor | None = None
    repair: UncertainFactor | None = None
    adds_supply: SupplyItem | None = None
    serves_first: Flag | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError(f"an effect is one of {', '.join(type(self).model_fields)}; write exactly one")
        return self


class Measure(Evidence):
    """Something that can be done to make processes withstand or recover better."""

    name: Text
    lever: Literal["robustness", "redundancy", "recovery"]
    article_13: Literal["a", "b", "c", "d", "e", "f"] | None = None
    applies_to: AppliesTo
    effect: Effect
    against: Annotated[tuple[Literal["on-site", "remote"], ...], Field(min_length=1)] = ("on-site",)
    """Which deliberate hits ``prevents`` works on."""
    takes: dict[Name, Whole] = Field(default_factory=dict)
    people: UncertainNumber | None = None
    """Persons whom one copy keeps busy, in 1/10 000; those of guard posts follow from ``manning`` of a capacity file."""
    cost: UncertainMoney | None = None
    """Euros for one copy of a process."""
    national_cost: UncertainMoney | None = None
    """Euros for all copies of a process together; a region pays its share by inhabitants."""
    lead_time: UncertainDuration | None = None
    marking: Marking | None = None
    """With whom this may be shared."""

    @model_validator(mode="after")
    def _one_cost(self) -> Self:
        if self.cost is not None and self.national_cost is not None:
            raise ValueError("cost stands beside national_cost; write one of the two")
        return self

    @model_validator(mode="after")
    def _need_named(self) -> Self:
        wants = self.effect.endures is not None or self.effect.adds_supply is not None
        if wants and self.applies_to.need is None:
            raise ValueError("this effect changes a need; name it with applies_to: {need: ..}")
        return self


class Bridge(Frozen):
    """The need of a process whose endurance is a stock."""

    process: Name
    need: Name


Bridges = Annotated[
    tuple[Bridge, ...],
    BeforeValidator(
        lambda value: [value] if isinstance(value, dict | Bridge) else value,
        json_schema_input_type=Bridge | tuple[Bridge, ...],
    ),
]


class Stock(Evidence):
    """Something laid in to bridge a time without supply; how long it lasts in a run is the endurance of needs."""

    name: Text
    holds: Text
    """What it is a stock of."""
    kind: Literal["strategic", "required", "working", "household"]
    """Kept by or for the state for a crisis; prescribed to those who need it; what companies happen to have; at home."""
    holder: Text
    bridges: Bridges = ()
    """The needs that it stands in for; none where no number of the model is this stock."""
    part: UncertainShare = sure(FULL)
    """Share of their endurance that is this stock. It is used last: before it comes the working stock of those in need."""
    lasts: UncertainDuration | None = None
    """As published, without any other supply; never used in a run."""
    usable_with: Names = ()
    """What must work before anybody can draw on it."""
    not_in_model: Names = ()
    """Those of them that no need asks for, so that a run lets the stock help without them."""
    released_by: Text | None = None
    marking: Marking | None = None
    """With whom this may be shared."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        strange = [name for name in self.not_in_model if name not in self.usable_with]
        if strange:
            raise ValueError(f"not_in_model names {strange[0]!r}, which is not in usable_with; add it there")
        if not self.bridges and "part" in self.model_fields_set and self.part != sure(FULL):
            raise ValueError("part stands without bridges; name the need whose endurance is this stock")
        return self


HazardKind = Literal[
    "natural", "accident", "public-health", "antagonistic", "terrorist", "cross-sector", "cross-border"
]
"""The classes of risk that article 12(2) of the CER directive names."""


class Hazard(Evidence):
    """Something that a risk assessment has to weigh, or has to say of why it does not matter."""

    name: Text
    kind: HazardKind
    scenarios: Names = ()
    """Names of the scenarios that play it, or an important part of it."""
    processes: Names = ()
    """What it strikes first; left out: it can strike anything."""
    marking: Marking | None = None


class Authority(Evidence):
    """Who makes policy for some processes, who helps them in a cyber incident, and who supervises them."""

    name: Text
    """What the law calls this sector."""
    sectors: Names = ()
    processes: Names = ()
    """Which processes it is about, beside all those of its sectors; a process that is named goes before its sector."""
    ministry: str
    incident_team: str | None = None
    supervisor: str


@dataclass(frozen=True)
class Assets:
    """The assets of one process, read from its table; one entry per asset in each tuple."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    regions: tuple[str, ...]
    capacities: tuple[int, ...]
    """Relative sizes, whole and above 0; consumers are fed in proportion."""
    people: tuple[int, ...] | None = None
    locations: tuple[tuple[float, float] | None, ...] | None = None
    """Latitude and longitude in degrees."""
    areas: tuple[str | None, ...] | None = None
    """The serving area of each, for needs with ``by_area``; None where the cell is empty."""


@dataclass(frozen=True)
class Links:
    """Which instance of a consumer is fed by which asset of a supplier, and with what weight."""

    consumers: tuple[str, ...]
    suppliers: tuple[str, ...]
    weights: tuple[int, ...]


class HitSector(Frozen):
    """All processes of a sector."""

    sector: Name


class HitTag(Frozen):
    """All processes with a tag."""

    tag: Name


class HitList(Frozen):
    """All processes with this item in this list."""

    list: Name
    item: str


def _hit_kind(value: Any) -> str | None:
    """Tell the ways to name targets apart; the tags are no words that could stand in a file."""
    for key, kind in (("sector", HitSector), ("tag", HitTag), ("list", HitList)):
        if isinstance(value, kind) or (isinstance(value, dict) and key in value):
            return f"<{key}>"
    return "<id>" if isinstance(value, str) else None


Hit = Annotated[
    Annotated[PlacedId, Tag("<id>")]
    | Annotated[HitSector, Tag("<sector>")]
    | Annotated[HitTag, Tag("<tag>")]
    | Annotated[HitList, Tag("<list>")],
    Discriminator(_hit_kind),
]
Hits = Annotated[
    tuple[Hit, ...],
    BeforeValidator(
        lambda value: [value] if isinstance(value, str | dict) else value,
        json_schema_input_type=Hit | tuple[Hit, ...],
    ),
    Field(min_length=1),
]


class Repair(Frozen):
    """An end that depends on a crew: who does it and how long it takes once begun."""

    crew: Name
    work: UncertainDuration


class Crew(Frozen):
    """The teams of one kind that repair things, and what they cannot work at full speed without."""

    teams: Whole = Field(ge=1)
    needs: dict[Name, Annotated[Share, Field(gt=0)]] = Field(default_factory=dict, max_length=100)
    """Process to the share of their speed that is lost while all of it is gone, where the job is."""


def _read_crew(value: Any) -> Any:
    return {"teams": value} if isinstance(value, str | int) else value


def _write_crew(crew: Crew) -> Any:
    """Dump a crew without needs as the number of its teams, so that it reads as it was written."""
    return crew.model_dump() if crew.needs else crew.teams


CrewItem = Annotated[
    Crew,
    BeforeValidator(_read_crew, json_schema_input_type=Annotated[Whole, Field(ge=1)] | Crew),
    PlainSerializer(_write_crew),
]
JobNames = Annotated[
    tuple[
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+-]*(@[^@]+){0,2}$", max_length=400)], ...
    ],
    BeforeValidator(_as_list, json_schema_input_type=str | tuple[str, ...]),
]
"""Names of repair jobs: an event, perhaps with a region, or with a copy (``event@process@REGION#asset``)."""


class Event(Frozen):
    """What a scenario does to processes from outside: targets, a start, an end and what is left meanwhile."""

    id: Name | None = None
    about: Text | None = None
    hits: Hits
    where: RegionNames | None = None
    assets: Names | None = None
    """Only these assets of the processes hit."""
    at: UncertainDuration = sure(0)
    level: UncertainShare | None = None
    levels: dict[Duration, UncertainShare] | None = Field(default=None, min_length=1, max_length=10_000)
    """Course of remaining levels; times count from the start of the event."""
    manipulated: Flag = False
    deliberate: Flag = False
    """An attack: guard measures can prevent a share of it."""
    remote: Flag = False
    """Done from afar: over a network, by radio, by rumour; guards on the spot do not prevent it."""
    for_: UncertainDuration | None = Field(default=None, alias="for")
    until: UncertainDuration | None = None
    repair: Repair | None = None
    marking: Marking | None = None
    """With whom this may be shared, where that is less than the rest of the scenario."""
    source: Names = ()
    confidence: Confidence | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ends = [n for n in ("for", "until", "repair") if getattr(self, "for_" if n == "for" else n) is not None]
        if len(ends) > 1:
            raise ValueError(f"an event ends in one way, here {' and '.join(ends)}; keep one")
        if self.level is not None and self.levels is not None:
            raise ValueError("level stands beside levels; write one of the two")
        if self.remote and not self.deliberate:
            raise ValueError("remote says how it is done on purpose; add deliberate: true, or remove remote")
        if self.level is None and self.levels is None and not self.manipulated:
            raise ValueError("nothing says what remains; write level, levels or manipulated: true")
        if self.until is not None and self.until.mode <= self.at.mode:
            raise ValueError("until does not come after at; both count from the start of the scenario")
        return self


class MeasureAt(Frozen):
    """A measure that is in place in this scenario, and where."""

    measure: Name
    at: Names
    where: RegionNames | None = None


def _graded(text: str) -> str:
    if text and not re.fullmatch("[SDM]-[hml]", text):
        raise ValueError(f"{text!r} is no grade of evidence; write S, D or M and h, m or l, for example S-h or D-m")
    return text


class Observation(Frozen):
    """What was really seen: an effect with its onset, depth and end, or that nothing much happened."""

    process: Name | None = None
    what: Text | None = None
    """What it was about, where the model has no process for it."""
    where: RegionNames | None = None
    """Left out: where the events hit; of a national process its one copy is meant in any case."""
    starts: UncertainDuration | None = None
    lost: UncertainShare | None = None
    """Greatest share of the normal function that was lost there."""
    ends: UncertainDuration | None = None
    """When nine tenths of it were back; like ``starts`` from the start of the scenario."""
    lost_at_most: Share | None = None
    out_of_scope: Text | None = None
    """Why this is listed and not judged."""
    source: Annotated[tuple[str, ...], BeforeValidator(_as_list, json_schema_input_type=str | tuple[str, ...])] = ()
    """Keys of ``sources.yaml``, or titles of what is not in there."""
    evidence: Annotated[str, AfterValidator(_graded)] = ""
    """Stated, derived or from memory; high, medium or low confidence: ``S-h`` to ``M-l``."""
    note: Text | None = None

    @model_validator(mode="after")
    def _judgeable(self) -> Self:
        if self.process is None and (self.what is None or self.out_of_scope is None):
            raise ValueError("no process is named; write process, or what was seen and why it is out_of_scope")
        if self.lost_at_most is not None and (self.lost or self.starts or self.ends):
            raise ValueError("lost_at_most stands beside an effect; write it as an observation of its own")
        if self.out_of_scope is None and not (self.lost_at_most is not None or self.lost or self.starts or self.ends):
            raise ValueError("nothing was seen; write starts, lost and ends, or lost_at_most")
        return self


class Scenario(Frozen):
    """What happens from outside, when, and for how long it is looked at."""

    name: Text
    about: Text | None = None
    exercise: Text | None = None
    """A page for the exercise planner."""
    start: Moment | None = None
    horizon: Duration = Field(gt=0)
    likelihood: Literal["A", "B", "C", "D", "E"] | None = None
    marking: Marking | None = None
    """With whom this may be shared; for the whole scenario."""
    sources: Names = ()
    events: tuple[Event, ...] = ()
    crews: dict[Name, CrewItem] = Field(default_factory=dict)
    repair_order: JobNames = ()
    """Ids of events with a repair, first served first; ``event@REGION`` and ``event@copy`` single out its jobs there. The
    others follow as filed."""
    rations: dict[Name, Rations] = Field(default_factory=dict)
    with_measures: tuple[MeasureAt, ...] = ()
    observed: tuple[Observation, ...] = ()

    @property
    def markings(self) -> tuple[str, ...]:
        """Every mark in the scenario, its own first."""
        return tuple(mark for _, mark in self.marked)

    @property
    def marked(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        """Every mark in the scenario after the path of what carries it, its own first."""
        own = (("scenario",), self.marking)
        events = ((("scenario", "events", i), event.marking) for i, event in enumerate(self.events))
        return tuple((path, mark) for path, mark in (own, *events) if mark)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.start is not None and self.start.tzinfo is None:
            raise ValueError("start needs a time zone, for example 2027-01-18T17:00+01:00")
        return self


NATIONAL: Final = "national"
"""Place of units that can be used anywhere."""
EACH: Final = "each"
"""Place of limits that hold for every region."""
BUDGET: Final = "budget"
"""What limits call the sum of costs, beside the kinds of units."""

Harm = Literal["hours", "cascade_hours", "basic_hours", "basic_beyond", "basic_peak", "euros", "defence_hours"]
"""What a plan can be judged by: measures of :mod:`cascade.results.effects`; ``hours`` are ``own_hours`` and ``cascade_hours``."""
HARMS: Final[tuple[str, ...]] = get_args(Harm)


class Place(Frozen):
    """A measure at some processes in some regions; what is left out means all of them."""

    measure: Name
    at: Names | None = Field(default=None, min_length=1)
    where: RegionNames | None = Field(default=None, min_length=1)


def _some_places(places: tuple[Place, ...]) -> tuple[Place, ...]:
    if not places:
        raise ValueError("is empty; name at least one, or leave the field out")
    return places


def _two_places(places: tuple[Place, ...]) -> tuple[Place, ...]:
    if len(places) < 2:
        raise ValueError("nothing is excluded by fewer than two entries; add another, or remove the list")
    return places


def _read_amount(text: str) -> int:
    """Read units, or euros where the text says so."""
    return parse_money(text) if "EUR" in text else parse_integer(text)


_AMOUNT = {"type": ["integer", "string"], "examples": [2, "5 MEUR"]}
Amount = Annotated[int, _read(_read_amount), Field(ge=0), WithJsonSchema(_AMOUNT)]


class RegionLimit(Frozen):
    """Least and most of a kind of units, or of euros, that a plan gives a region; what is placed already does not count."""

    at_least: Amount | None = None
    at_most: Amount | None = None
    _euros: tuple[str, ...] = PrivateAttr(default=())

    @property
    def in_euros(self) -> tuple[str, ...]:
        """Names of the fields that were written as money."""
        return self._euros

    @model_validator(mode="wrap")
    @classmethod
    def _noted(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        made = handler(data)
        if isinstance(data, dict):
            made._euros = tuple(sorted(k for k, v in data.items() if isinstance(v, str) and "EUR" in v))
        return made

    @field_serializer("at_least", "at_most")
    def _written(self, value: int | None) -> int | str | None:
        return format_money(value) if self._euros and value is not None else value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise ValueError("nothing is limited; write at_least or at_most")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError(f"at_least {self.at_least} is more than at_most {self.at_most}; correct one of the two")
        return self


def _units_kind(value: Any) -> str:
    return "<by place>" if isinstance(value, dict) else "<anywhere>"


_Count = Annotated[Whole, Field(ge=0)]
Units = Annotated[
    Annotated[_Count, Tag("<anywhere>")] | Annotated[dict[Name, _Count], Field(min_length=1), Tag("<by place>")],
    Discriminator(_units_kind),
]
"""Units of one kind: a number that can be used anywhere, or numbers by place (``national`` or a region)."""
UnitsByKind = dict[Name, Units]


def _units(available: UnitsByKind, kind: str) -> dict[str, int]:
    found = available.get(kind, 0)
    return (
        {place: n for place, n in found.items() if n} if isinstance(found, dict) else {NATIONAL: found} if found else {}
    )


class Attacker(Frozen):
    """Someone who sees the plan and then chooses what hurts most."""

    targets: Whole = Field(ge=1, le=3)
    """How many targets are hit at once."""
    duration: Duration = Field(default=72 * 3600, gt=0)
    """How long each is down."""
    processes: Names | None = Field(default=None, min_length=1)
    where: RegionNames | None = Field(default=None, min_length=1)
    most: Whole = Field(default=100, ge=1)
    """Only so many of the targets that hurt most by themselves are considered."""


class Manning(Frozen):
    """What one unit means in people."""

    posts: Whole = Field(default=1, ge=0)
    """Continuous posts."""
    people: UncertainNumber
    """Persons needed to man them day and night, in 1/10 000."""


class Phase(Frozen):
    """What is added later; its plan contains those of the phases before it."""

    name: Text
    available: UnitsByKind = Field(default_factory=dict)
    budget: Money | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.budget and not any(_units(self.available, kind) for kind in self.available):
            raise ValueError("this phase adds nothing; write available or budget, or remove it")
        return self


def _read_harm(value: Any) -> Any:
    if isinstance(value, str):
        if value not in HARMS:
            raise ValueError(f"{short(value)!r} is no measure of harm; {did_you_mean(value, HARMS)}")
        return {value: 1.0}
    return value


def _check_harm(weights: dict[Harm, float]) -> dict[Harm, float]:
    if not any(weights.values()):
        raise ValueError("no measure of harm has a weight; write at least one above 0")
    return weights


class Capacity(Frozen):
    """What is there to protect with, where it may go, and by what a plan is judged."""

    name: Text
    about: Text | None = None
    marking: Marking | None = None
    """With whom this may be shared; for the whole file."""
    sources: Names = ()
    available: UnitsByKind = Field(default_factory=dict)
    """Units by kind; the kinds are those that measures take."""
    budget: Money | None = None
    """Euros; limits the sum of costs."""
    limits: dict[Name, dict[Name, RegionLimit]] = Field(default_factory=dict)
    """By kind or ``budget``, then by region or ``each``."""
    excludes: tuple[Annotated[tuple[Place, ...], AfterValidator(_two_places)], ...] = ()
    """Of each list at most one entry may be chosen; at a regional process: at most one in a region."""
    candidates: Annotated[tuple[Place, ...], AfterValidator(_some_places)] | None = None
    """What may be chosen; left out: every measure wherever it applies."""
    placed: tuple[Place, ...] = ()
    """In place already; takes nothing from what is available."""
    ready_within: Duration | None = None
    """Measures with a longer lead time (mode) are no candidates."""
    scenarios: dict[str, Annotated[Real, Field(gt=0)]] = Field(default_factory=dict)
    """Scenarios by name or path, with their weights."""
    attacker: Attacker | None = None
    harm: Annotated[
        dict[Harm, Annotated[Real, Field(ge=0)]],
        BeforeValidator(_read_harm, json_schema_input_type=Harm | dict[Harm, float]),
        AfterValidator(_check_harm),
    ] = {"basic_hours": 1.0}
    """Weights of the measures that harm is the sum of."""
    tail: Annotated[Share, Field(gt=0)] | None = None
    """Judge by the mean of the worst part of the cases; left out: by the mean of all."""
    manning: dict[Name, Manning] = Field(default_factory=dict)
    """What one unit of a kind means in posts and people."""
    phases: tuple[Phase, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of units that are there from the start or in some phase, sorted."""
        return tuple(sorted({*self.available, *(kind for phase in self.phases for kind in phase.available)}))

    def units(self, kind: str, phases: int = 0) -> dict[str, int]:
        """Return the units of a kind by place (``national`` or a region), the first ``phases`` phases included.

        A place without units is left out.
        """
        total: dict[str, int] = {}
        for available in (self.available, *(phase.available for phase in self.phases[:phases])):
            for place, number in _units(available, kind).items():
                total[place] = total.get(place, 0) + number
        return dict(sorted(total.items()))

    def money(self, phases: int = 0) -> int | None:
        """Return the euros there are with the first ``phases`` phases; None where money is no limit."""
        given = [self.budget, *(phase.budget for phase in self.phases[:phases])]
        if all(euros is None for euros in (self.budget, *(phase.budget for phase in self.phases))):
            return None
        return sum(euros or 0 for euros in given)

    def limit(self, kind: str, region: str) -> RegionLimit | None:
        """Return what holds for a kind (or ``budget``) in a region: its own limit, and for the rest that of ``each``."""
        by_place = self.limits.get(kind, {})
        found = [limit for place in (region, EACH) if (limit := by_place.get(place)) is not None]
        if not found:
            return None
        least = next((one.at_least for one in found if one.at_least is not None), None)
        most = next((one.at_most for one in found if one.at_most is not None), None)
        return RegionLimit.model_construct(at_least=least, at_most=most)

    def usable(self, measure: Measure) -> bool:
        """Whether a measure can be chosen with what is there, in some phase.

        Every kind of unit it takes is available; or it has a cost and there is a budget, and then money buys the units of
        the kinds that are not available. Where there is a budget every cost counts against it.
        """
        priced = measure.cost is not None or measure.national_cost is not None
        bought = priced and self.money(len(self.phases)) is not None
        return bought or set(measure.takes) <= set(self.kinds)

    @model_validator(mode="after")
    def _judged(self) -> Self:
        if not self.scenarios and self.attacker is None:
            raise ValueError("nothing says what happens; write scenarios or attacker")
        return self


class AnvIndicator(Frozen):
    """One indicator of criterion 5.1 and the processes that carry it."""

    name: Text
    processes: Names


class Correction(Frozen):
    """How the number of indicators hit moves a score one class down or up."""

    minus_one_up_to: Whole
    plus_one_from: Whole


class Threshold(Evidence):
    """A notification threshold: so many users without service for so long; of several numbers any one suffices."""

    name: Text | None = None
    sectors: Names = ()
    processes: Names = ()
    """Which processes it is about, beside all those of its sectors."""
    min_share: Share | None = None
    """Share of the users of a process, in the whole country."""
    min_people: Whole | None = None
    min_duration: Duration
    """How long each of them is without, on end."""
    min_user_hours: Whole | None = None
    """Users times hours without, whatever the duration."""
    isolated: Flag = False
    """Only users in isolated regions count."""
    placeholder: Flag = False
    """A number from elsewhere, for want of the real one."""


class LikelihoodClass(Frozen):
    """One class of likelihood over five years."""

    name: Text
    above: Share | None = None
    up_to: Share | None = None


class ParameterSet(Evidence):
    """A named, sourced and replaceable set of limits; which fields it has follows from its use."""

    title: Text
    criterion: str | None = None
    measure: Literal["basic-need", "daily-life", "costs"] | None = None
    processes: Names | None = None
    """Basic needs that count here; all of them where nothing is written."""
    people: tuple[Whole, ...] | None = None
    durations: tuple[Duration, ...] | None = None
    limits: tuple[Money, ...] | None = None
    scores: tuple[tuple[str, ...], ...] | tuple[str, ...] | None = None
    indicators: dict[Name, AnvIndicator] | None = None
    correction: Correction | None = None
    labels: dict[Name, Text] | None = None
    classes: dict[Name, LikelihoodClass] | None = None
    thresholds: tuple[Threshold, ...] | None = None


class ModelInfo(Evidence):
    """``model.yaml``: what this model is, its marking and its parameter sets."""

    title: Text
    version: str
    about: Text | None = None
    marking: Marking = LOWEST
    """With whom the model may be shared; single parts can have a higher mark of their own."""
    self_reliance: Duration = 72 * 3600
    """How long households are asked to manage by themselves."""
    parameters: dict[Name, ParameterSet] = Field(default_factory=dict)


@dataclass(frozen=True)
class Input:
    """A file that was read: its path as given and the SHA-256 of its bytes."""

    path: str
    sha256: str


@dataclass(frozen=True)
class Model:
    """A whole model folder, every process under its id, in the order of the ids."""

    info: ModelInfo
    regions: dict[str, Region]
    sources: dict[str, Source]
    sectors: dict[str, Sector]
    processes: dict[str, Process]
    sector_of: dict[str, str]
    measures: dict[str, Measure] = field(default_factory=dict)
    stocks: dict[str, Stock] = field(default_factory=dict)
    hazards: dict[str, Hazard] = field(default_factory=dict)
    authorities: dict[str, Authority] = field(default_factory=dict)
    assets: dict[str, Assets] = field(default_factory=dict)
    links: dict[tuple[str, str], Links] = field(default_factory=dict)
    """By (process, need)."""
    inputs: tuple[Input, ...] = ()
    root: str = ""
    places: Places = field(default_factory=Places, compare=False, repr=False)
    """Where each thing was written, for messages."""
    gone: frozenset[str] = field(default=frozenset(), compare=False, repr=False)
    """Ids of what was left out because of its mark, only to keep them out of what is written."""

    def __repr__(self) -> str:
        return f"Model(version {self.info.version}, {len(self.processes)} processes, {len(self.regions)} regions)"

    def _repr_html_(self) -> str:
        """Show itself in a notebook."""
        import cascade

        return cascade.html(self)

    @property
    def population(self) -> int:
        """Inhabitants of all regions."""
        return sum(r.population for r in self.regions.values())

    @property
    def markings(self) -> tuple[str, ...]:
        """Every mark in the model, its own first."""
        return tuple(mark for _, mark in self.marked)

    @property
    def marked(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        """Every mark in the model after the path of what carries it, its own first."""
        found: list[tuple[tuple[str | int, ...], str]] = [(("model",), self.info.marking)]
        kinds: dict[str, dict[str, Any]] = {
            "sectors": self.sectors,
            "processes": self.processes,
            "measures": self.measures,
            "stocks": self.stocks,
            "hazards": self.hazards,
        }
        for kind, things in kinds.items():
            found += [((kind, name), thing.marking) for name, thing in things.items() if thing.marking]
        for name, process in self.processes.items():
            needs = process.needs.items()
            found += [(("processes", name, "needs", key), need.marking) for key, need in needs if need.marking]
        return tuple(found)

    def authority(self, process: str) -> str:
        """Return the ministry responsible for a process."""
        return self.processes[process].authority or self.sectors[self.sector_of[process]].authority

    def supervised_by(self, process: str) -> str | None:
        """Return the entry of ``authorities`` that is about a process: one that names it, else one that names its sector."""
        for named in (
            (key for key, entry in self.authorities.items() if process in entry.processes),
            (key for key, entry in self.authorities.items() if self.sector_of[process] in entry.sectors),
        ):
            if (found := next(named, None)) is not None:
                return found
        return None


def cost_at(model: Model, measure: str, process: str, region: str | None = None) -> int:
    """Return what a measure costs at one copy of a process, in whole euros (the mode).

    Parameters
    ----------
    model : Model
    measure, process : str
        Their ids.
    region : str, optional
        Code of the copy's region; left out for a national process.

    Notes
    -----
    A ``national_cost`` is split over the regions in which the process has copies by their inhabitants (evenly where
    nobody lives), rounded to the nearest euro; a process that is national itself pays all of it. Own choice, as the
    cost of a day of standstill is split. A measure without a cost is free.
    """
    what, definition = model.measures[measure], model.processes[process]
    if what.national_cost is None:
        return 0 if what.cost is None else what.cost.mode
    if not definition.regional or region is None:
        return what.national_cost.mode
    homes = sorted(set(model.assets[process].regions)) if process in model.assets else list(model.regions)
    if region not in homes:
        return 0
    people = [model.regions[code].population for code in homes]
    part, whole = (model.regions[region].population, sum(people)) if any(people) else (1, len(homes))
    return (2 * what.national_cost.mode * part + whole) // (2 * whole)


def higher_marking(one: str, other: str) -> str:
    """Return the mark that covers both; marks of two families stand side by side, TLP first.

    Own choice of rule (high-water mark); no family is converted into the other.
    """
    found = mark_ranks(one)
    for family, rank in mark_ranks(other).items():
        found[family] = max(found.get(family, 0), rank)
    return " / ".join(MARKINGS[family][found[family]] for family in MARKINGS if family in found)


def mark_ranks(marking: str | None) -> dict[str, int]:
    """Return how high a mark is in each family it names, 0 the lowest; what is no mark is passed over."""
    parts = {LOWEST if part.strip() == "TLP:WHITE" else part.strip() for part in (marking or "").split(" / ")}
    return {
        family: max(marks.index(part) for part in parts if part in marks)
        for family, marks in MARKINGS.items()
        if parts.intersection(marks)
    }


def is_secret(marking: str | None) -> bool:
    """Whether a mark says state secret."""
    return mark_ranks(marking).get("rubricering", -1) >= MARKINGS["rubricering"].index(SECRET)
