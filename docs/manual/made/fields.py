"""Every field of every kind of file, read off the classes that read the files."""

import inspect
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import yaml
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from cascade import exercise, model, units
from cascade.files import reading
from made.markdown import code, prose, table

TYPES: Final[dict[str, tuple[Any, str]]] = {
    "duration": (model.Duration, "a length of time with its unit; whole seconds once read"),
    "uncertain duration": (model.UncertainDuration, "a duration, or three of them: `[low, mode, high]`"),
    "added duration": (model.AddedDuration, "a duration that comes on top of another, or three of them"),
    "share": (model.Share, "a part of the whole, as per cents or as a number from 0 to 1; whole 1/10 000 once read"),
    "uncertain share": (model.UncertainShare, "a share, or three of them: `[low, mode, high]`"),
    "factor": (model.Factor, "what something is multiplied by; whole 1/10 000 once read"),
    "uncertain factor": (model.UncertainFactor, "a factor, or three of them: `[low, mode, high]`"),
    "uncertain number": (model.UncertainNumber, "a number with decimals, at most 1000, or three of them"),
    "money": (
        model.Money,
        "euros, in thousands (`kEUR`), millions (`MEUR`) or billions (`BEUR`); whole euros once read",
    ),
    "uncertain money": (model.UncertainMoney, "an amount of money, or three of them: `[low, mode, high]`"),
    "amount": (model.Amount, "a number of units, or euros where it is written as money"),
    "whole number": (model.Whole, "a number without decimals"),
    "number": (model.Real, "a number, with decimals or without"),
    "yes or no": (model.Flag, "true or false; `yes`, `no`, `ja` and `nee` are read too"),
    "moment": (model.Moment, "a date with a time and a time zone (ISO 8601)"),
    "moment of an exercise": (exercise.After, "a day and a time from the start of the scenario, or a duration"),
    "id": (model.Name, "letters, digits and `- _ . +`, beginning with a letter or digit; at most 100"),
    "id with a place": (model.PlacedId, "an id, perhaps with `@here`, `@neighbours`, `@all` or `@` and a region"),
    "id of an inject": (exercise.InjectName, "as an id, with `@` as well; at most 200"),
    "ids": (model.Names, "one id, or a list of them"),
    "regions": (model.RegionNames, "one code of a region, or a list of them"),
    "names of jobs": (model.JobNames, "events, perhaps with `@` and a region or a copy"),
    "text": (model.Text, "words that people see: `{nl: ..., en: ...}`, or one text for both"),
    "mark": (model.Marking, "one mark, or one of each family with ` / ` between: see the scales"),
    "supply": (
        model.SupplyItem,
        "an id with a place, or [`{id: ..., gives: share}`](#class-supply) for a stand-in that cannot give all",
    ),
    "supplies": (model.Supplies, "one supply, or a list of them"),
    "rations": (
        model.Rations,
        "a list of [classes](#class-ration); their shares make 100 % together and one of them serves `others`",
    ),
    "targets": (
        model.Hits,
        "an id with a place, [`{sector: ..}`](#class-hitsector), [`{tag: ..}`](#class-hittag), [`{list: .., item: ..}`](#class-hitlist), or a list of these",
    ),
    "crew": (model.CrewItem, "a number of teams, or [teams with needs](#class-crew)"),
    "units": (model.Units, "a number that may be used anywhere, or numbers by place (`national` or a region)"),
    "bridges": (model.Bridges, "one [need of a process](#class-bridge), or a list of them"),
}
"""Types that have a form of their own in a file, by the name that this manual uses."""
MODEL_KINDS = ("model", "regions", "sources", "sector", "measures", "stocks", "hazards", "authorities")
SCENARIO_KINDS = ("scenario", "capacity", "injects", "phrases")
GENERAL = "general"
FORMS = {"one": "one mapping", "list": "a list", "mapping": "a mapping of ids"}


@cache
def meanings() -> dict[str, str]:
    """Return what fields mean of which the code says nothing, by ``Class.field`` or ``*.field``."""
    text = (Path(__file__).parent / "meanings.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def classes() -> dict[str, type[BaseModel]]:
    """Return every class of the model and of exercises that stands for a mapping of a file, by name."""
    found: dict[str, type[BaseModel]] = {}
    for module in (model, exercise):
        for name, value in vars(module).items():
            if inspect.isclass(value) and issubclass(value, model.Frozen) and value is not model.Frozen:
                found[name] = value
    return found


def root_of(kind: str) -> tuple[type[BaseModel], str]:
    """Return the class of one kind of file, and whether the file holds one, a list or a mapping of it."""
    if kind == GENERAL:
        return exercise.General, "one"
    schema = reading.schema(kind)
    form = "list" if schema.get("type") == "array" else "one" if "properties" in schema else "mapping"
    inner = schema if form == "one" else schema["items" if form == "list" else "additionalProperties"]
    return classes()[str(inner["title"])], form


def parts_of(root: type[BaseModel]) -> list[type[BaseModel]]:
    """Return the classes that a class refers to, itself first, in the order in which they are met."""
    found: list[type[BaseModel]] = []

    def visit(kind: Any) -> None:
        if inspect.isclass(kind) and issubclass(kind, BaseModel):
            if kind not in found and kind is not model.Words:
                found.append(kind)
                for hint in _hints(kind).values():
                    visit(hint)
        else:
            for inner in get_args(kind):
                visit(inner)

    visit(root)
    return found


def fields_of(kind: type[BaseModel]) -> Iterator[tuple[str, FieldInfo, Any]]:
    """Give each field that may be written: its name in the file, what pydantic knows, and its type as declared."""
    hints = _hints(kind)
    for name, info in kind.model_fields.items():
        if not (isinstance(info.json_schema_extra, dict) and info.json_schema_extra.get("deprecated")):
            yield info.alias or name, info, hints[name]


def meaning(kind: type[BaseModel], name: str, info: FieldInfo) -> str:
    """Return what a field means: what its class says, else what stands in ``meanings.yaml``."""
    if info.description:
        return prose(info.description)
    known = meanings()
    return known.get(f"{kind.__name__}.{name}") or known[f"*.{name}"]


def default(info: FieldInfo, hint: Any) -> str:
    """Return what holds where a field is left out, as it would be written; empty where nothing does."""
    if info.is_required():
        return "must be given"
    value = info.get_default(call_default_factory=True, validated_data={})
    if value in (None, (), {}, ""):
        return ""
    written = TypeAdapter(hint).dump_python(value)
    return code(str(written).lower() if isinstance(written, bool) else _flow(written))


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return str(value)


@cache
def _hints(kind: type[BaseModel]) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def written_type(hint: Any) -> str:
    """Return a type in the words of this manual, as Markdown with links."""
    for name, (known, _) in TYPES.items():
        if hint == known:
            return f"[{name}](#type-{_anchor(name)})"
    if inspect.isclass(hint) and issubclass(hint, BaseModel):
        return f"[{hint.__name__}](#class-{hint.__name__.lower()})"
    if hint in _BARE:
        return _BARE[hint]
    return _composed(get_origin(hint), get_args(hint))


def _composed(origin: Any, inner: tuple[Any, ...]) -> str:
    """Return a type that is made of others."""
    if origin is Annotated:
        return _annotated(inner[0], inner[1:])
    if origin in (Union, UnionType):
        return " or ".join(written_type(one) for one in inner if one is not NoneType)
    if origin is Literal:
        return "one of " + ", ".join(code(value) for value in inner)
    if origin is tuple and len(inner) == 2 and inner[1] is Ellipsis:
        return f"list of {written_type(inner[0])}"
    if origin is tuple:
        return f"list of {len(inner)}: " + ", ".join(map(written_type, inner))
    if origin is dict:
        return f"mapping of {written_type(inner[0])} to {written_type(inner[1])}"
    raise TypeError(f"no words for the type {origin} of {inner}; add it to TYPES")


def _annotated(base: Any, metadata: tuple[Any, ...]) -> str:
    """Return a type with limits: the longest beginning of its metadata that is a known type, then the rest in words."""
    for n in range(len(metadata) - 1, 0, -1):
        core = Annotated[base, *metadata[:n]]
        if core in _known():
            return _with(written_type(core), _limits(metadata[n:]))
    return _with(written_type(base), _limits(metadata))


def _with(text: str, limits: str) -> str:
    return f"{text}, {limits}" if limits else text


_BARE: Final[dict[Any, str]] = {str: "one text", float: "number"}


def _limits(metadata: Iterable[Any]) -> str:
    """Return the limits in the metadata of a type, in words."""
    said = []
    for one in metadata:
        for limit in getattr(one, "metadata", [one]) if isinstance(one, FieldInfo) else [one]:
            for name, word in (("ge", "at least"), ("gt", "above"), ("le", "at most"), ("lt", "below")):
                value = getattr(limit, name, None)
                if isinstance(value, int):
                    said.append(f"{word} {value:,}".replace(",", " "))
    return ", ".join(said)


def _own_limits(info: FieldInfo, hint: Any) -> str:
    """Return the limits that a field adds to a type of its own form."""
    return _limits(info.metadata) if hint in _known() else ""


def _known() -> list[Any]:
    return [known for known, _ in TYPES.values()]


def _anchor(name: str) -> str:
    return name.replace(" ", "-")


def _section(kind: type[BaseModel], head: str) -> str:
    """Write what a class is and its fields, those of evidence last, under a heading."""
    ordered = sorted(fields_of(kind), key=lambda field: field[0] in model.Evidence.model_fields)
    rows = [
        (code(name), _with(written_type(hint), _own_limits(info, hint)), default(info, hint), meaning(kind, name, info))
        for name, info, hint in ordered
    ]
    about = "\n\n".join(prose(part) for part in (inspect.getdoc(kind) or "").split("\n\n"))
    anchor = f"(class-{kind.__name__.lower()})="
    return f"{anchor}\n{head}\n\n{about}\n\n{table(('field', 'type', 'if left out', 'meaning'), rows)}"


def _kinds(kinds: Iterable[str], elsewhere: Iterable[str] = ()) -> str:
    """Write kinds of files one after the other, each class where it is met first."""
    done = {part for kind in elsewhere for part in parts_of(root_of(kind)[0])}
    text = []
    for kind in kinds:
        root, form = root_of(kind)
        for part in parts_of(root):
            if part not in done:
                done.add(part)
                text.append(f"(kind-{kind})=\n" * (part is root))
                text.append(_section(part, f"## {kind}: {FORMS[form]}" if part is root else f"### {part.__name__}"))
    return "\n".join(text)


def model_files() -> str:
    """Return the files of a model folder."""
    return _kinds(MODEL_KINDS)


def scenario_files() -> str:
    """Return scenarios, capacity files and what belongs to exercises."""
    return _kinds((*SCENARIO_KINDS, GENERAL), MODEL_KINDS)


def types() -> str:
    """Return the forms of what is written in a field, and the units of time."""
    text = []
    for name, (kind, about) in TYPES.items():
        examples = ", ".join(map(code, _examples(TypeAdapter(kind).json_schema())))
        example = f" For example {examples}." if examples else ""
        text.append(f"(type-{_anchor(name)})=\n## {name.capitalize()}\n\n{about[:1].upper()}{about[1:]}.{example}\n")
    rows = [
        (f"{units.parse_duration('1' + words[0]):,}".replace(",", " "), ", ".join(map(code, words)))
        for words in _units()
    ]
    text.append(f"(units-of-time)=\n## Units of time\n\n{table(('seconds', 'written as'), rows)}")
    return "\n".join(text)


def _examples(schema: dict[str, Any]) -> list[Any]:
    if "examples" in schema:
        return list(schema["examples"])
    return next((one["examples"] for one in schema.get("anyOf", ()) if "examples" in one), [])


def _units() -> list[list[str]]:
    """Return the words for each unit of time, the shortest word first, the units from short to long."""
    found: dict[int, list[str]] = {}
    for word in sorted(units.UNITS, key=lambda word: (len(word), word)):
        found.setdefault(units.parse_duration(f"1{word}"), []).append(word)
    return [found[size] for size in sorted(found)]


def tables() -> str:
    """Return the columns of the CSV tables."""
    text = []
    for name in ("assets", "links"):
        columns = {key.partition(".")[2]: words for key, words in meanings().items() if key.startswith(f"{name}.")}
        text += [
            f"(table-{name})=\n## {name.capitalize()}\n",
            table(("column", "meaning"), [(code(c), w) for c, w in columns.items()]),
        ]
    return "\n".join(text)
