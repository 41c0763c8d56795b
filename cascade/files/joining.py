"""The models of several owners as one: what one leaves to others is filled in by whoever defines it.

A *stub* is a process that is somebody else's: tagged ``external``, without needs. Where owners contradict each other
nothing is chosen for them: every contradiction is an error that names both places and a remedy.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from cascade.errors import DefinitionError, Path_, Places, Problem, UsageError
from cascade.files.checks import check_model
from cascade.files.cutting import again
from cascade.files.model_checks import evidence, fault
from cascade.files.reading import not_at_loading, resolved
from cascade.model import (
    OTHERS,
    Evidence,
    Frozen,
    Input,
    Model,
    ModelInfo,
    ParameterSet,
    Process,
    Region,
    Sector,
    Source,
    higher_marking,
)

T = TypeVar("T", bound=Frozen)
EXTERNAL: Final = "external"
"""Tag of a process that somebody else defines."""
_TAGGED: Final = f"tag it {EXTERNAL} and leave out its needs in all but one, or give one of them another id"


def is_stub(process: Process) -> bool:
    """Whether a process only stands for one that somebody else defines."""
    return EXTERNAL in process.tags and not process.needs


def stub(process: Process) -> Process:
    """Return what a consumer must know of somebody else's process: its name, where it has copies, and its mark."""
    known = {name: getattr(process, name) for name in ("name", "per", "assets", "marking")}
    return Process.model_validate({**{k: v for k, v in known.items() if v is not None}, "tags": (EXTERNAL,)})


def suppliers_of(process: Process) -> set[str]:
    """Return the ids that the needs of a process name, what sustains them included."""
    found = {supply.process for need in process.needs.values() for supply in need.supplies}
    return found | {n.sustained_by.partition("@")[0] for n in process.needs.values() if n.sustained_by is not None}


def digest_of(model: Model) -> str:
    """Return the SHA-256 of what a model says, every default written out, wherever its files stand."""
    text = json.dumps(resolved(model), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def part(model: Model, own: Collection[str]) -> Model:
    """Return the network of one owner: its own processes as they are, and what these name of others as stubs.

    Measures, stocks, hazards, authorities and parameter sets are left out: they may speak of the processes of several owners.

    Parameters
    ----------
    model : Model
    own : collection of str
        Ids of its processes.

    Raises
    ------
    UsageError
        If there is no such process, or none at all.
    """
    strange = sorted(set(own).difference(model.processes))
    if strange or not own:
        raise UsageError(f"no process {strange[0]!r} in this model" if strange else "no process is named")
    named = {supplier for name in own for supplier in suppliers_of(model.processes[name])}
    for name in own:
        named |= {served for ration in model.processes[name].rations or () for served in ration.serves} - {OTHERS}
    processes = {
        name: model.processes[name] if name in own else stub(model.processes[name])
        for name in sorted({*own, *(named & set(model.processes))})
    }
    found = replace(
        model,
        info=again(model.info, parameters={}),
        **_grouped(processes, model.sector_of, model.sectors),
        measures={},
        stocks={},
        hazards={},
        authorities={},
        assets={p: table for p, table in model.assets.items() if p in processes},
        links={key: rows for key, rows in model.links.items() if key[0] in own},
    )
    used = {key for _, claim in evidence(found) for key in claim.source}
    return replace(found, sources={key: source for key, source in model.sources.items() if key in used})


def _grouped(processes: Mapping[str, Process], sector_of: Mapping[str, str], sectors: Mapping[str, Sector]) -> Any:
    """Return processes with the sectors that hold them."""
    inner: dict[str, dict[str, Process]] = {}
    for name, process in processes.items():
        inner.setdefault(sector_of[name], {})[name] = process
    return {
        "processes": dict(processes),
        "sector_of": {name: sector_of[name] for name in processes},
        "sectors": {name: again(sectors[name], processes=inner[name]) for name in sorted(inner)},
    }


# ------------------------------------------------------------------ joining


@dataclass(frozen=True)
class Owner:
    """What one of the joined models brought: ids in order."""

    title: str
    root: str
    defines: tuple[str, ...]
    filled: tuple[str, ...]
    """Its stubs that another owner defines."""
    left: tuple[str, ...]
    """Its stubs that nobody defines."""
    feeds_itself: tuple[str, ...]
    """Those of ``filled`` that depend, through other owners, on what this owner defines."""


@dataclass(frozen=True, eq=False)
class Joined:
    """Several models as one, and what each of them brought, in the order in which they were given."""

    model: Model
    owners: tuple[Owner, ...]
    renamed: tuple[tuple[str, str, str], ...]
    """Sources that got another key: (title of the model, before, after)."""


def join(models: Sequence[Model]) -> Joined:
    """Join the models of several owners.

    The result does not depend on the order in which they are given. Sources are the one thing that is renamed: of two with
    the same key and other content, that of the later model in order of title gets ``.2`` behind it.

    Parameters
    ----------
    models : sequence of Model
        Two or more.

    Returns
    -------
    Joined

    Raises
    ------
    UsageError
        If there are fewer than two.
    DefinitionError
        With everything on which they contradict each other, or that is wrong with the whole.
    """
    if len(models) < 2:
        raise UsageError("joining takes two models or more; name their folders")
    order = sorted(models, key=lambda m: (m.info.title.en, m.info.version, digest_of(m)))
    problems: list[Problem] = []
    sources, moved = _sources(order)
    parts = [_moved(model, keys) for model, keys in zip(order, moved, strict=True)]
    homes = _homes(parts, problems)
    regions = _regions(parts, problems)
    sectors = _sectors(parts, homes, problems)
    shared: dict[str, Any] = {
        kind: _same(parts, kind, problems) for kind in ("measures", "stocks", "hazards", "authorities")
    }
    info = _info(parts, problems)
    if problems:
        raise DefinitionError(problems)
    processes, tables = _tabled(parts, homes)
    sector_of = {name: parts[home].sector_of[name] for name, home in homes.items()}
    model = Model(
        info=info,
        regions=regions,
        sources=sources,
        **_grouped(processes, sector_of, sectors),
        **shared,
        **tables,
        gone=frozenset().union(*(m.gone for m in order)),
        inputs=tuple(Input(f"{_folder(m)}/{i.path}", i.sha256) for m in order for i in m.inputs),
        places=Places(_roots(parts, homes)),
    )
    faults = check_model(model, without=not_at_loading(partial=False))
    if faults:
        raise DefinitionError(faults)
    number = {id(model): at for at, model in enumerate(order)}
    owners = tuple(_owner(model, number[id(one)], one, homes) for one in models)
    renamed = [
        (order[i].info.title.en, before, after) for i, keys in enumerate(moved) for before, after in keys.items()
    ]
    return Joined(model, owners, tuple(sorted(renamed)))


def _folder(model: Model) -> str:
    return Path(model.root).resolve().name if model.root else model.info.title.en


def _stands(model: Model, *path: str) -> str:
    """Say where something stands, for a message about another place."""
    file, line, _ = model.places.at(*path, key=True)
    return f"{file}:{line}" if line else model.root or f"model {model.info.title.en!r}"


def _clash(one: Model, other: Model, path: tuple[str, ...], what: str, remedy: str) -> Problem:
    return fault(one.places, path, f"{what} in {_stands(other, *path)}", remedy, key=True)


def _homes(models: Sequence[Model], problems: list[Problem]) -> dict[str, int]:
    """Return which model each process is taken from: the one that defines it, else the first that has a stub."""
    homes: dict[str, int] = {}
    for i, model in enumerate(models):
        for name, process in model.processes.items():
            before = homes.get(name)
            if before is None:
                homes[name] = i
                continue
            known = models[before].processes[name]
            path: Path_ = ("processes", name)
            if not is_stub(process) and not is_stub(known):
                problems.append(_clash(model, models[before], ("processes", name), "is defined", _TAGGED))
            elif (process.per, process.assets is None) != (known.per, known.assets is None):
                what = f"is not regional here as it is in {_stands(models[before], 'processes', name)}"
                problems.append(fault(model.places, path, what, "write per: region, or assets, in both", key=True))
            if is_stub(known) and not is_stub(process):
                homes[name] = i
    return dict(sorted(homes.items()))


def _regions(models: Sequence[Model], problems: list[Problem]) -> dict[str, Region]:
    """Return the regions, which all models that have any must share."""
    having = [model for model in models if model.regions]
    if not having:
        return {}
    first = having[0]
    for model in having[1:]:
        for code in sorted({*model.regions, *first.regions}):
            one, other = model.regions.get(code), first.regions.get(code)
            if one is None or other is None:
                with_it, without = (model, first) if other is None else (first, model)
                what = f"is no region of {without.root or without.info.title.en}"
                problems.append(fault(with_it.places, ("regions", code), what, "give both models the same regions"))
                continue
            for name in ("population", "name", "neighbours", "isolated"):
                a, b = (sorted(v) if isinstance(v := getattr(r, name), tuple) else v for r in (one, other))
                if a != b:
                    what = f"{a!r} differs from {b!r} in {_stands(first, 'regions', code)}"
                    at = ("regions", code, name)
                    problems.append(fault(model.places, at, what, "take over one of the two in both"))
    return {code: min((m.regions[code] for m in having), key=_text) for code in first.regions if _in_all(having, code)}


def _in_all(models: Sequence[Model], code: str) -> bool:
    return all(code in model.regions for model in models)


def _sectors(models: Sequence[Model], homes: Mapping[str, int], problems: list[Problem]) -> dict[str, Sector]:
    """Return the sectors that hold what is left; one that several owners fill must be called the same by all."""
    found: dict[str, tuple[int, Sector]] = {}
    for i, model in enumerate(models):
        for name in sorted({model.sector_of[p] for p, home in homes.items() if home == i}):
            sector = model.sectors[name]
            if name not in found:
                found[name] = (i, sector)
                continue
            at, known = found[name]
            if (sector.name, sector.authority) != (known.name, known.authority):
                remedy = "give both the same name and authority, or one of them another id"
                problems.append(_clash(model, models[at], ("sectors", name), "has another name or authority", remedy))
            found[name] = (at, _one_sector(known, sector))
    return {name: sector for name, (_, sector) in found.items()}


def _one_sector(one: Sector, other: Sector) -> Sector:
    """Merge what two owners say of a sector beside its name: the higher mark, all sources, and of notes the first in order."""
    said = {
        "marking": higher_marking(one.marking or "", other.marking or "") or None,
        "source": tuple(sorted({*one.source, *other.source})),
        "facts": tuple(sorted({*one.facts, *other.facts})),
        "note": min((n for n in (one.note, other.note) if n is not None), key=_text, default=None),
        "confidence": max(  # the lowest that anybody gives
            (c for c in (one.confidence, other.confidence) if c is not None),
            key=("high", "medium", "low").index,
            default=None,
        ),
    }
    return again(one, **said)


def _same(models: Sequence[Model], kind: str, problems: list[Problem]) -> dict[str, Any]:
    """Return the entries of a kind; two with one id must be equal."""
    found: dict[str, tuple[Model, Any]] = {}
    for model in models:
        for name, thing in getattr(model, kind).items():
            known, other = found.setdefault(name, (model, thing))
            if other != thing:
                problems.append(
                    _clash(model, known, (kind, name), "says something else", "rename one, or make them equal")
                )
    return {name: thing for name, (_, thing) in sorted(found.items())}


def _info(models: Sequence[Model], problems: list[Problem]) -> ModelInfo:
    infos = [model.info for model in models]
    parameters: dict[str, tuple[Model, ParameterSet]] = {}
    for model in models:
        for name, given in model.info.parameters.items():
            known, other = parameters.setdefault(name, (model, given))
            if other != given:
                what = f"says something else in {_stands(known, 'model', 'parameters', name)}"
                at = ("model", "parameters", name)
                problems.append(fault(model.places, at, what, "rename one, or make them equal", key=True))
        if model.info.self_reliance != infos[0].self_reliance:
            what = f"differs from that in {_stands(models[0], 'model', 'self_reliance')}"
            problems.append(fault(model.places, ("model", "self_reliance"), what, "write the same in both"))
    marking = infos[0].marking
    for info in infos:
        marking = higher_marking(marking, info.marking)
    return ModelInfo.model_validate(
        {
            "title": {lang: " + ".join(info.title[lang] for info in infos) for lang in ("nl", "en")},
            "version": " + ".join(info.version for info in infos),
            "marking": marking,
            "self_reliance": infos[0].self_reliance,
            "parameters": {name: given for name, (_, given) in sorted(parameters.items())},
            "source": tuple(sorted({key for info in infos for key in info.source})),
        }
    )


def _owner(joined: Model, at: int, model: Model, homes: Mapping[str, int]) -> Owner:
    defines = tuple(p for p, home in homes.items() if home == at and not is_stub(model.processes[p]))
    stubs = [p for p, process in sorted(model.processes.items()) if is_stub(process)]
    filled = tuple(p for p in stubs if not is_stub(joined.processes[p]))
    behind = _consumers_of(joined, defines)
    return Owner(
        title=model.info.title.en,
        root=model.root,
        defines=defines,
        filled=filled,
        left=tuple(p for p in stubs if p not in filled),
        feeds_itself=tuple(p for p in filled if p in behind),
    )


def _consumers_of(model: Model, start: Iterable[str]) -> set[str]:
    """Return all that depends, at whatever distance, on some processes."""
    consumers: dict[str, list[str]] = {}
    for name, process in model.processes.items():
        for supplier in suppliers_of(process):
            consumers.setdefault(supplier, []).append(name)
    found: set[str] = set()
    todo = list(start)
    while todo:
        new = [name for name in consumers.get(todo.pop(), ()) if name not in found]
        found.update(new)
        todo.extend(new)
    return found


def _roots(models: Sequence[Model], homes: Mapping[str, int]) -> dict[tuple[str, ...], Any]:
    """Return where things of the whole were written."""
    roots: dict[tuple[str, ...], Any] = {}
    for i, model in enumerate(models):
        for key, place in model.places.roots.items():
            if key[0] != "processes" or homes.get(key[1]) == i:
                roots.setdefault(key, place)
    return roots


# ------------------------------------------------------------------ sources and tables


def _sources(models: Sequence[Model]) -> tuple[dict[str, Source], list[dict[str, str]]]:
    """Return all sources, and by model which keys had to change."""
    found: dict[str, Source] = {}
    moved: list[dict[str, str]] = []
    taken = {key for model in models for key in model.sources}
    for model in models:
        moved.append({})
        for key, source in model.sources.items():
            new, n = key, 2
            while new in found and found[new] != source:
                new, n = f"{key}.{n}", n + 1
                while new in taken and new not in found:
                    new, n = f"{key}.{n}", n + 1
            found[new] = source
            if new != key:
                moved[-1][key] = new
    return dict(sorted(found.items())), moved


def _moved(model: Model, keys: Mapping[str, str]) -> Model:
    """Return a model that names its sources by other keys."""
    if not keys:
        return model
    processes = {name: _renamed(process, keys) for name, process in model.processes.items()}
    kinds = ("regions", "measures", "stocks", "hazards", "authorities")
    others: Any = {kind: {n: _renamed(one, keys) for n, one in getattr(model, kind).items()} for kind in kinds}
    return replace(
        model,
        info=_renamed(model.info, keys),
        sectors={
            name: _renamed(sector, keys).model_copy(update={"processes": {p: processes[p] for p in sector.processes}})
            for name, sector in model.sectors.items()
        },
        processes=processes,
        **others,
    )


def _renamed(thing: T, keys: Mapping[str, str]) -> T:
    """Return a thing, with all in it, that names sources by other keys."""
    changed: dict[str, Any] = {}
    for name in ("needs", "parameters"):
        if inner := getattr(thing, name, None):
            changed[name] = {key: _renamed(value, keys) for key, value in inner.items()}
    if isinstance(thing, ParameterSet) and thing.thresholds:
        changed["thresholds"] = tuple(_renamed(one, keys) for one in thing.thresholds)
    if isinstance(thing, Evidence) and set(thing.source) & set(keys):
        changed["source"] = tuple(keys.get(key, key) for key in thing.source)
    return thing.model_copy(update=changed) if changed else thing


def _tabled(models: Sequence[Model], homes: Mapping[str, int]) -> tuple[dict[str, Process], Any]:
    """Return the processes and their tables, each table under a file name that no other owner's table has."""
    assets, links = {}, {}
    used: dict[str, int] = {}
    processes: dict[str, Process] = {}
    for name, home in homes.items():
        model = models[home]
        process, needs = model.processes[name], dict(model.processes[name].needs)
        if name in model.assets:
            assets[name] = model.assets[name]
            file = _free(str(process.assets), home, used, f"{name}.csv")
            process = process if file == process.assets else again(process, assets=file)
        for key, need in process.needs.items():
            if (name, key) in model.links:
                links[name, key] = model.links[name, key]
                file = _free(str(need.by_table), home, used, f"{name}-{key}.csv")
                needs[key] = need if file == need.by_table else again(need, by_table=file)
        processes[name] = process if needs == process.needs else again(process, needs=needs)
    return processes, {"assets": assets, "links": links}


def _free(file: str, home: int, used: dict[str, int], instead: str) -> str:
    """Return the name of a table, or another one where that of a different owner is called so."""
    for name in _candidates(file, instead):
        if used.setdefault(name, home) == home:
            return name
    raise AssertionError  # there are always more numbers


def _candidates(file: str, instead: str) -> Iterator[str]:
    yield file
    yield instead
    n = 2
    while True:
        yield f"{n}-{instead}"
        n += 1


def _text(thing: Frozen) -> str:
    return thing.model_dump_json()
