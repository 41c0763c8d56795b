"""What stands behind a process: what it needs and who needs it, and why it failed in a run, with the evidence."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cascade.digest import Column, Table, event_name, instance_name, name_of
from cascade.errors import UsageError, did_you_mean
from cascade.model import Evidence, Lang, Model, Need, Process, Supply
from cascade.network import RULES, arcs
from cascade.run import Change, Run
from cascade.units import FULL, HOUR, Uncertain, format_duration, format_share
from cascade.words import clipped, duration, euros, moment, number, share, word

SHOWN_STEPS = 3
"""A fade of more steps than this is written without its ranges."""
SHOWN_COURSE = 8


# ---------------------------------------------------------------------------------------------- names people type


def find_process(model: Model, text: str) -> str:
    """Return the id of the process that someone means by its id or its name.

    Raises
    ------
    UsageError
        If there is none; the text names the nearest.
    """
    if text in model.processes:
        return text
    wanted = text.strip().casefold()
    named = [p for p, d in model.processes.items() if wanted in (p.casefold(), d.name.nl.casefold(), d.name.en.casefold())]
    if len(named) == 1:
        return named[0]
    raise UsageError(f"no process {text!r} in the model; {did_you_mean(text, model.processes)}")


def find_instance(model: Model, text: str) -> str:
    """Return the label someone means by ``process``, ``process@REGION`` (code or name) or ``process@REGION#asset``.

    Raises
    ------
    UsageError
        If there is no such process or region.
    """
    process, at, rest = text.partition("@")
    process = find_process(model, process)
    if not at:
        return process
    place, mark, asset = rest.partition("#")
    names = {r.name.casefold(): code for code, r in model.regions.items()} | {c.casefold(): c for c in model.regions}
    if place.casefold() not in names:
        known = [*model.regions, *(r.name for r in model.regions.values())]
        raise UsageError(f"no region {place!r} in the model; {did_you_mean(place, known)}")
    if not model.processes[process].regional:
        raise UsageError(f"{process} is a national process: leave out @{place}")
    return f"{process}@{names[place.casefold()]}{mark}{asset}"


# ---------------------------------------------------------------------------------------------- words for a need


def supply_name(model: Model, supply: Supply, lang: Lang) -> str:
    """Name a supplier, its place and the most that it gives."""
    name = name_of(model, supply.process, lang)
    extra = []
    if supply.place in ("neighbours", "all"):
        extra.append(word(f"place_{supply.place}", lang))
    elif supply.place not in (None, "here"):
        extra.append(model.regions[str(supply.place)].name)
    if supply.gives < FULL:
        extra.append(word("gives_most", lang, share=share(supply.gives / FULL, lang)))
    if supply.weight:
        extra.append(share(supply.weight / FULL, lang))
    return f"{name} ({', '.join(extra)})" if extra else name


def supplied_text(model: Model, need: Need, lang: Lang) -> str:
    """Say from whom a need comes, in words: ``any of: A; B (at most 60%)``."""
    names = "; ".join(supply_name(model, s, lang) for s in need.supplies)
    if len(need.supplies) == 1:
        return names
    count = need.at_least.count if need.at_least is not None else 0
    return word(f"rule_{need.rule}", lang, names=names, n=count)


def _range(value: Uncertain, text: str, low: str, high: str, *, ranges: bool) -> str:
    return text if value.certain or not ranges else f"{text} ({low} – {high})"


def fade_text(need: Need, lang: Lang) -> str:
    """Say what is lost after how long without supply, one step a line, with the ranges where these are few."""
    ranges = len(need.steps) <= SHOWN_STEPS
    lines = []
    for after, lost in need.steps:
        if lost.mode == 0:
            continue
        part = _range(lost, *(share(v / FULL, lang) for v in (lost.mode, lost.low, lost.high)), ranges=ranges)
        if after.high == 0:
            lines.append(word("loses_at_once", lang, share=part))
        else:
            d = _range(after, *(duration(v, lang) for v in (after.mode, after.low, after.high)), ranges=ranges)
            lines.append(word("loses_after", lang, share=part, d=d))
    return "\n".join(lines)


def without_text(model: Model, need: Need, lang: Lang) -> str:
    """Say what happens without supply: the fade, what keeps it up for longer, and what a wrong signal does."""
    lines = [fade_text(need, lang)]
    if need.sustained_by is not None:
        lines.append(word("kept_up_by", lang, name=name_of(model, need.sustained_by.partition("@")[0], lang)))
    if need.if_manipulated is not None:
        d = duration(need.if_manipulated.noticed_after.mode, lang)
        lines.append(word("misled_for", lang, d=d, share=share(need.if_manipulated.level.mode / FULL, lang)))
    return "\n".join(line for line in lines if line)


def evidence_text(thing: Evidence, lang: Lang) -> str:
    """Say how sure an entry is and which sources it names."""
    sure = word(thing.confidence or "confidence_unknown", lang)
    return f"{sure}: {', '.join(thing.source) or word('no_source', lang)}"


def purpose(name: str, need: Need, lang: Lang) -> str:
    """Say what a need is for; without such a text its own name."""
    return need.use[lang] if need.use is not None else name


# ---------------------------------------------------------------------------------------------- one process


def about(model: Model, process: str, lang: Lang) -> Table:
    """Give what the model says of a process itself."""
    definition = model.processes[process]
    facts = [(key, value, text) for key, value, text in _facts(model, process, definition, lang) if text]
    rows = [{"key": k, "value": v, "label": word(k, lang), "text": t} for k, v, t in facts]
    columns = (
        Column("key", "", on="data"),
        Column("value", "", on="data"),
        Column("label", "", on="screen"),
        Column("text", "", on="screen"),
    )
    return Table("process", "", columns, rows, keyed=True)


def _facts(model: Model, process: str, definition: Process, lang: Lang) -> Iterator[tuple[str, Any, str]]:
    sector = model.sector_of[process]
    copies = len(model.assets[process].ids) if process in model.assets else len(model.regions)
    yield "id", process, process
    yield "sector", sector, model.sectors[sector].name[lang]
    yield "authority", model.authority(process), model.authority(process)
    yield "where", "region" if definition.regional else "", (
        word(_spread(definition), lang, n=copies)
    )
    if definition.people is not None:
        people = definition.people.mode * model.population // FULL
        text = word("people_of_all", lang, n=number(people, lang), share=share(definition.people.mode / FULL, lang))
        yield "people_relying", people, text
    yield "basic_need", definition.basic_need, word("yes", lang) if definition.basic_need else ""
    if definition.cost_per_day is not None:
        cost = definition.cost_per_day
        low, high = euros(cost.low, lang), euros(cost.high, lang)
        yield "cost_per_day", cost.mode, _range(cost, euros(cost.mode, lang), low, high, ranges=True)
    restart = definition.restart
    spans = (duration(v, lang) for v in (restart.mode, restart.low, restart.high))
    text = word("restart_after", lang, d=_range(restart, *spans, ranges=True))
    yield "restart", restart.mode / HOUR, text if restart.high else word("restart_none", lang)
    if definition.stops_below:
        yield "stops_below", definition.stops_below / FULL, share(definition.stops_below / FULL, lang)
    if definition.rations is not None:
        yield "rations", {" ".join(r.serves): r.share / FULL for r in definition.rations}, _rations(model, definition, lang)
    lists = {k: v for k, v in definition.lists.items() if v}
    yield "lists", lists, "; ".join(f"{k}: {v}" for k, v in lists.items())
    yield "evidence", list(definition.source), evidence_text(definition, lang)
    note = definition.note[lang].strip() if definition.note is not None else ""
    yield "notes", note, note


def _spread(definition: Process) -> str:
    if definition.assets is not None:
        return "in_assets"
    return "in_regions" if definition.regional else "national"


def _rations(model: Model, definition: Process, lang: Lang) -> str:
    parts = []
    for ration in definition.rations or ():
        names = [word("others", lang) if s == "others" else name_of(model, s, lang) for s in ration.serves]
        parts.append(f"{', '.join(names)} ({share(ration.share / FULL, lang)})")
    return " > ".join(parts)


def needs(model: Model, process: str, lang: Lang) -> Table:
    """List what a process needs, from whom, what happens without, and who says so."""
    rows = [
        {
            "need": name,
            "suppliers": " ".join(s.id for s in need.supplies),
            "rule": need.rule,
            "kind": need.kind,
            "steps": _steps(need),
            "sustained_by": need.sustained_by,
            "confidence": need.confidence,
            "source": " ".join(need.source),
            "note": need.note[lang] if need.note is not None else None,
            "purpose": purpose(name, need, lang),
            "from_whom": supplied_text(model, need, lang),
            "without": without_text(model, need, lang),
            "evidence": evidence_text(need, lang),
        }
        for name, need in model.processes[process].needs.items()
    ]
    columns = (
        *(Column(key, "", on="data") for key in ("need", "suppliers", "rule", "kind", "steps", "sustained_by")),
        Column("purpose", word("purpose", lang), on="screen"),
        Column("from_whom", word("from_whom", lang), on="screen"),
        Column("without", word("without_it", lang), on="screen"),
        Column("evidence", word("evidence", lang), on="screen"),
        *(Column(key, "", on="data") for key in ("confidence", "source", "note")),
    )
    return Table("needs", word("needs_of", lang), columns, rows, "" if rows else word("no_needs", lang))


def _steps(need: Need) -> str:
    """Write a fade as data: ``0h:5% 72h:90%``, the modes."""
    return " ".join(f"{format_duration(a.mode).replace(' ', '')}:{format_share(lost.mode)}" for a, lost in need.steps)


def consumers(model: Model, process: str, lang: Lang) -> Table:
    """List who needs a process, the soonest effect first."""
    rows = []
    for supplier, consumer, name, need in arcs(model):
        if supplier != process:
            continue
        first = next((after.mode for after, lost in need.steps if lost.mode), need.steps[-1][0].mode)
        others = [supply_name(model, s, lang) for s in need.supplies if s.process != process]
        stand_ins = others if need.rule in ("any_of", "at_least") else []
        rows.append(
            {
                "consumer": consumer,
                "need": name,
                "first_h": first / HOUR,
                "lost": need.steps[-1][1].mode / FULL,
                "lost_after_h": need.steps[-1][0].mode / HOUR,
                "name": name_of(model, consumer, lang),
                "purpose": purpose(name, need, lang),
                "stand_ins": "; ".join(stand_ins) or word("none", lang),
                "confidence": need.confidence,
                "source": " ".join(need.source),
                "sure": word(need.confidence or "confidence_unknown", lang),
            }
        )
    rows.sort(key=lambda r: (r["first_h"], -r["lost"], r["consumer"], r["need"]))
    columns = (
        Column("consumer", "", on="data"),
        Column("need", "", on="data"),
        Column("first_h", word("bites_after", lang), "hours"),
        Column("lost", word("lost_in_end", lang), "share"),
        Column("lost_after_h", word("at", lang), "hours"),
        Column("name", word("who", lang), on="screen", clip=True),
        Column("purpose", word("purpose", lang), on="screen", clip=True),
        Column("stand_ins", word("stand_in_head", lang), on="screen", clip=True),
        Column("sure", word("confidence", lang), on="screen"),
        Column("confidence", "", on="data"),
        Column("source", "", on="data"),
    )
    return Table("consumers", word("needed_by", lang), columns, rows, "" if rows else word("no_consumers", lang))


def sources(model: Model, process: str, lang: Lang) -> Table:
    """List the documents behind a process and its needs."""
    definition = model.processes[process]
    keys = dict.fromkeys([*definition.source, *(k for n in definition.needs.values() for k in n.source)])
    return source_table(model, keys, lang)


def source_table(model: Model, keys: Iterable[str], lang: Lang) -> Table:
    """List documents by their key: title, publisher and date."""
    rows = []
    for key in sorted(set(keys)):
        source = model.sources.get(key)
        if source is not None:
            rest = ", ".join(part for part in (source.date, source.publisher) if part)
            text = source.title if not rest else f"{source.title} ({rest})"
            rows.append({"source": key, **source.model_dump(), "text": text})
    columns = (
        Column("source", word("source", lang)),
        Column("text", word("what", lang), on="screen", clip=True),
        *(Column(key, "", on="data") for key in ("title", "publisher", "date", "url", "note")),
    )
    return Table("sources", word("sources_title", lang), columns, rows)


def all_processes(model: Model, lang: Lang) -> Table:
    """List every process by sector, with its name and how many need it."""
    consumers_of: dict[str, set[str]] = {}
    for supplier, consumer, _, _ in arcs(model):
        consumers_of.setdefault(supplier, set()).add(consumer)
    rows = [
        {
            "sector": sector,
            "sector_name": definition.name[lang],
            "process": process,
            "name": model.processes[process].name[lang],
            "regional": model.processes[process].regional,
            "needs": len(model.processes[process].needs),
            "consumers": len(consumers_of.get(process, ())),
        }
        for sector, definition in model.sectors.items()
        for process in definition.processes
    ]
    columns = (
        Column("sector", word("sector", lang)),
        Column("sector_name", "", on="data"),
        Column("process", word("id", lang)),
        Column("name", word("process", lang), clip=True),
        Column("regional", "", on="data"),
        Column("needs", word("needs", lang), "number"),
        Column("consumers", word("rely", lang), "number"),
    )
    return Table("processes", word("list_processes", lang), columns, rows)


# ---------------------------------------------------------------------------------------------- why it failed


@dataclass(frozen=True)
class Step:
    """One link of a chain of causes: what people read (a head and lines), and the same as data."""

    head: str
    lines: list[tuple[str, str]]
    """A label and what it says."""
    data: dict[str, Any]


def why(run: Run, instance: int, lang: Lang, at: int | None = None) -> list[Step]:
    """Follow a process's state back to the event, link by link, each with its reserve, stand-ins and evidence."""
    links = run.chain(instance, at)
    steps = [_step(run, link, lang) for link in links]
    if links and links[-1].supplier >= 0:
        last = steps[-1]
        name = instance_name(run, links[-1].supplier, lang)
        last.lines.append(("", word("loop", lang, name=name)))
        last.data["loop"] = run.network.labels[links[-1].supplier]
    return steps


def _step(run: Run, link: Change, lang: Lang) -> Step:
    network = run.network
    when = _when(run, link.time, lang)
    head = f"{instance_name(run, link.instance, lang)}: {word('level_since', lang, level=share(link.after / FULL, lang), d=when)}"
    data: dict[str, Any] = {
        "instance": network.labels[link.instance],
        "since_h": link.time / HOUR,
        "level": link.after / FULL,
        "because": link.kind,
        "need": link.need,
        "supplier": network.labels[link.supplier] if link.supplier >= 0 else "",
    }
    lines: list[tuple[str, str]] = []
    if link.kind == "restart":
        d = duration(int(network.arrays.restart[link.instance]), lang)
        lines.append((word("because_label", lang), word("still_starting", lang, d=d)))
    if link.event >= 0:
        lines += _of_event(run, link, data, lang)
    if link.need:
        lines += _of_need(run, link, data, lang)
    return Step(head, lines, data)


def _when(run: Run, time: int, lang: Lang) -> str:
    clock = moment(run.scenario.start, time, lang)
    return f"{duration(time, lang)} ({clock})" if clock else duration(time, lang)


def _of_event(run: Run, link: Change, data: dict[str, Any], lang: Lang) -> list[tuple[str, str]]:
    event = run.scenario.events[link.event]
    name = event_name(run.model, event, lang)
    text = f"{word('event_n', lang, n=link.event + 1)}: {name}"
    data.update(event=link.event + 1, event_name=name, confidence=event.confidence, source=" ".join(event.source))
    lines = [(word("because_label", lang), text)]
    if event.source or event.confidence:
        lines.append((word("evidence_label", lang), _cited(run.model, event, lang)))
    return lines


def _of_need(run: Run, link: Change, data: dict[str, Any], lang: Lang) -> list[tuple[str, str]]:
    network, model = run.network, run.model
    need = model.processes[network.process(link.instance)].needs[link.need]
    number_ = _need_number(run, link.instance, link.need)
    supplier = instance_name(run, link.supplier, lang)
    use = word("lacks_for", lang, use=purpose(link.need, need, lang))
    lines = [(word("because_label", lang), f"{word('lacks', lang, name=supplier)}; {use}")]
    since = _short_since(run, link.supplier, link.time)
    data.update(
        supplier_level=_level(run, link.supplier, link.time) / FULL,
        short_since_h=since / HOUR,
        confidence=need.confidence,
        source=" ".join(need.source),
    )
    lines.append((word("reserve_label", lang), _reserve(run, link, number_, since, lang)))
    if need.sustained_by is not None:
        level = _mean_level(run, _sustainers(run, number_), link.time)
        name = name_of(model, need.sustained_by.partition("@")[0], lang)
        lines.append((word("refuelling_label", lang), f"{name} ({share(level / FULL, lang)})"))
        data.update(sustained_by=need.sustained_by, sustained_level=level / FULL)
    lines.append((word("stand_in_label", lang), _stand_ins(run, link, number_, need, data, lang)))
    lines.append((word("evidence_label", lang), _cited(model, need, lang)))
    short = _also_short(run, link, lang)
    if short:
        lines.append((word("also_label", lang), short))
    return lines


def _cited(model: Model, thing: Evidence, lang: Lang) -> str:
    titles = [clipped(model.sources[k].title, 60) + f" [{k}]" for k in thing.source if k in model.sources]
    sure = word("confidence_is", lang, c=word(thing.confidence or "confidence_unknown", lang))
    return f"{sure}; {'; '.join(titles) or word('no_source', lang)}"


def _need_number(run: Run, instance: int, need: str) -> int:
    a = run.network.arrays
    numbers = range(a.need_start[instance], a.need_start[instance + 1])
    return next(n for n in numbers if run.network.need_names[n] == need)


def _level(run: Run, instance: int, time: int) -> int:
    """Level of an instance at a moment, 1/10 000."""
    start, _, level = run.stretches(instance)
    return int(level[start.searchsorted(time, "right") - 1])


def _short_since(run: Run, instance: int, time: int) -> int:
    """Return since when an instance has been below full without a break, at a moment; the moment itself if it is not."""
    start, _, level = run.stretches(instance)
    k = int(start.searchsorted(time, "right")) - 1
    since = time
    while k >= 0 and level[k] < FULL:
        since = int(start[k])
        k -= 1
    return since


def _reserve(run: Run, link: Change, need: int, since: int, lang: Lang) -> str:
    """Say how much of its endurance was used; measures in place are in the network's steps."""
    a = run.network.arrays
    first, last = int(a.step_start[need]), int(a.step_start[need + 1])
    steps = list(zip(a.step_time[first:last].tolist(), a.step_level[first:last].tolist(), strict=True))
    passed = [(h, level) for h, level in steps if h <= link.time - since]
    if not any(h for h, _ in steps):
        return word("no_reserve", lang)
    if not passed:
        return word("partly_supplied", lang)
    h, level = passed[-1]
    lost = share(1 - level / FULL, lang)
    text = word("reserve_used", lang, d=duration(link.time - since, lang), h=duration(h, lang), lost=lost)
    if h == 0:
        text = word("reserve_at_once", lang, lost=lost)
    if link.after > level and link.kind == "need":
        text += "; " + word("partly_supplied", lang)
    coming = [(h, level) for h, level in steps if h > link.time - since]
    if coming:
        text += "; " + word("reserve_next", lang, h=duration(coming[0][0], lang), lost=share(1 - coming[0][1] / FULL, lang))
    return text


def _sustainers(run: Run, need: int) -> list[tuple[int, int]]:
    a = run.network.arrays
    first, last = int(a.sustain_start[need]), int(a.sustain_start[need + 1])
    return list(zip(a.sustainer[first:last].tolist(), a.sustain_weight[first:last].tolist(), strict=True))


def _mean_level(run: Run, members: list[tuple[int, int]], time: int) -> int:
    total = sum(w for _, w in members)
    return sum(w * _level(run, j, time) for j, w in members) // total if total else 0


def _members(run: Run, need: int) -> dict[str, list[tuple[int, int]]]:
    """Suppliers of a need by process, in file order: instances and their weights."""
    a, network = run.network.arrays, run.network
    found: dict[str, list[tuple[int, int]]] = {}
    for term in range(a.term_start[need], a.term_start[need + 1]):
        for m in range(a.member_start[term], a.member_start[term + 1]):
            j = int(a.supplier[m])
            found.setdefault(network.process(j), []).append((j, int(a.weight[m])))
    return found


def _stand_ins(run: Run, link: Change, number_: int, need: Need, data: dict[str, Any], lang: Lang) -> str:
    """Name the other suppliers of a need and how much they still delivered at that moment."""
    binding = run.network.process(link.supplier)
    levels = {
        process: _mean_level(run, members, link.time)
        for process, members in _members(run, number_).items()
        if process != binding
    }
    data["others"] = {process: level / FULL for process, level in levels.items()}
    texts = [f"{name_of(run.model, p, lang)} ({share(v / FULL, lang)})" for p, v in levels.items()]
    if run.network.arrays.rule[number_] not in (RULES["any_of"], RULES["at_least"]):
        return word("no_stand_in", lang)
    return "; ".join(texts) or word("no_stand_in", lang)


def _also_short(run: Run, link: Change, lang: Lang) -> str:
    """Name the other needs of a process of which no supplier delivered in full at that moment."""
    a = run.network.arrays
    found: dict[str, int] = {}
    for need in range(a.need_start[link.instance], a.need_start[link.instance + 1]):
        if run.network.need_names[need] == link.need:
            continue
        members = _members(run, need)
        levels = {p: _mean_level(run, m, link.time) for p, m in members.items()}
        one_is_enough = a.rule[need] in (RULES["any_of"], RULES["at_least"])
        pick = max if one_is_enough else min
        process = pick(levels, key=lambda p: levels[p])
        if levels[process] < FULL:
            found[process] = levels[process]
    texts = [f"{name_of(run.model, p, lang)} ({share(v / FULL, lang)})" for p, v in found.items()]
    return "; ".join(texts)


def course(run: Run, instance: int, lang: Lang) -> str:
    """Write how one instance went: ``0 h: 95% → 3 d: 10% → 4 d: 100%``; of many changes the first and the last."""
    parts = [f"{duration(c.time, lang)}: {share(c.after / FULL, lang)}" for c in run.changes_of(instance)]
    if len(parts) > SHOWN_COURSE:
        half = SHOWN_COURSE // 2
        parts = [*parts[:half], "…", *parts[-half:]]
    return " → ".join(parts)


def course_data(run: Run, instance: int) -> list[dict[str, float]]:
    """Give how one instance went as data: each moment of change and the level from then on."""
    return [{"time_h": c.time / HOUR, "level": c.after / FULL} for c in run.changes_of(instance)]


def chain_table(steps: list[Step], lang: Lang) -> Table:
    """Give a chain of causes as data: one row a link, with everything that was said of it."""
    keys = (
        "instance", "since_h", "level", "because", "need", "supplier", "supplier_level", "short_since_h",
        "sustained_by", "sustained_level", "others", "event", "event_name", "loop", "confidence", "source",
    )  # fmt: skip
    rows = [{"step": n, **dict.fromkeys(keys), **step.data} for n, step in enumerate(steps, 1)]
    return Table("chain", word("course", lang), tuple(Column(key, key) for key in ("step", *keys)), rows)
