"""What stands behind a process: what it needs, from whom, who needs it, and on what evidence."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from cascade.errors import UsageError, did_you_mean
from cascade.model import Evidence, Lang, Model, Need, Process, Supply
from cascade.simulation.network import arcs
from cascade.telling.columns import Column, Table, as_records, name_of
from cascade.units import FULL, HOUR, Uncertain, format_duration, format_share
from cascade.words import duration, euros, number, share, word

if TYPE_CHECKING:
    import pandas as pd

SHOWN_STEPS: Final = 3
"""A fade of more steps than this is written without its ranges."""


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
    named = [
        p for p, d in model.processes.items() if wanted in (p.casefold(), d.name.nl.casefold(), d.name.en.casefold())
    ]
    if not named and wanted:
        named = [
            p
            for p, d in model.processes.items()
            if any(name.casefold().startswith(wanted) for name in (p, d.name.nl, d.name.en))
        ]
    if len(named) == 1:
        return named[0]
    if named:
        raise UsageError(f"{text!r} may mean several processes: {', '.join(sorted(named))}; give one of these")
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
    code = find_region(model, place)
    if not model.processes[process].regional:
        raise UsageError(f"{process} is a national process: leave out @{place}")
    return f"{process}@{code}{mark}{asset}"


def find_region(model: Model, text: str) -> str:
    """Return the code of the region that someone means by its code or its name.

    Raises
    ------
    UsageError
        If there is none; the text names the nearest.
    """
    names = {r.name.casefold(): code for code, r in model.regions.items()} | {c.casefold(): c for c in model.regions}
    if text.strip().casefold() not in names:
        known = [*model.regions, *(r.name for r in model.regions.values())]
        raise UsageError(f"no region {text!r} in the model; {did_you_mean(text, known)}")
    return names[text.strip().casefold()]


def supply_name(model: Model, supply: Supply, lang: Lang, *, ids: bool = False) -> str:
    """Name a supplier, with its id where that is wanted, its place and the most that it gives."""
    name = name_of(model, supply.process, lang) + (f" [{supply.process}]" if ids else "")
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
    """Say from whom a need comes, in words: ``any of: A [a]; B [b] (at most 60%)``."""
    names = "; ".join(supply_name(model, s, lang, ids=True) for s in need.supplies)
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
        process = need.sustained_by.partition("@")[0]
        lines.append(word("kept_up_by", lang, name=f"{name_of(model, process, lang)} [{process}]"))
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
    yield "where", "region" if definition.regional else "", (word(_spread(definition), lang, n=copies))
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
        yield (
            "rations",
            {" ".join(r.serves): r.share / FULL for r in definition.rations},
            _rations(model, definition, lang),
        )
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


def _users(model: Model, process: str) -> Iterator[tuple[str, str, Need]]:
    """Yield the needs that a process serves, as a supplier or by refilling a reserve."""
    for supplier, consumer, name, need in arcs(model):
        if supplier == process:
            yield consumer, name, need
    for consumer, definition in model.processes.items():
        for name, need in definition.needs.items():
            refills = need.sustained_by is not None and need.sustained_by.partition("@")[0] == process
            if refills and all(s.process != process for s in need.supplies):
                yield consumer, name, need


def _consumer(model: Model, process: str, consumer: str, name: str, need: Need, lang: Lang) -> dict[str, Any]:
    refills = all(s.process != process for s in need.supplies)
    # what only refills a reserve is missed when that reserve begins to run out
    steps = [(after.mode, lost.mode) for after, lost in need.steps if after.mode or not refills] or [(0, FULL)]
    # the first that names the process is meant; its copies in other regions stand in for it
    own = next((n for n, s in enumerate(need.supplies) if s.process == process), None)
    others = [supply_name(model, s, lang) for n, s in enumerate(need.supplies) if n != own]
    stand_ins = others if need.rule in ("any_of", "at_least") and not refills else []
    use = purpose(name, need, lang)
    return {
        "consumer": consumer,
        "need": name,
        "refills": refills,
        "first_h": next((after for after, lost in steps if lost), steps[-1][0]) / HOUR,
        "lost": steps[-1][1] / FULL,
        "lost_after_h": steps[-1][0] / HOUR,
        "in_the_end": _lost_text(*steps[-1], lang),
        "name": name_of(model, consumer, lang),
        "purpose": word("refills", lang, use=use) if refills else use,
        "stand_ins": "; ".join(stand_ins) or word("none", lang),
        "confidence": need.confidence,
        "source": " ".join(need.source),
        "sure": word(need.confidence or "confidence_unknown", lang),
    }


def _lost_text(after: int, lost: int, lang: Lang) -> str:
    part = share(lost / FULL, lang)
    if after == 0:
        return word("loses_at_once", lang, share=part)
    return word("loses_after", lang, share=part, d=duration(after, lang))


def consumers(model: Model, process: str, lang: Lang) -> Table:
    """List who needs a process, the soonest effect first."""
    rows = [_consumer(model, process, *user, lang) for user in _users(model, process)]
    rows.sort(key=lambda r: (r["first_h"], -r["lost"], r["consumer"], r["need"]))
    columns = (
        Column("first_h", word("bites_after", lang), "hours"),
        Column("in_the_end", word("in_the_end", lang), on="screen"),
        Column("consumer", word("id", lang)),
        Column("need", "", on="data"),
        Column("refills", "", on="data"),
        Column("lost", "", on="data"),
        Column("lost_after_h", "", on="data"),
        Column("name", word("who", lang), on="screen", clip=True),
        Column("purpose", word("purpose", lang), on="screen", clip=True),
        Column("stand_ins", word("stand_in_head", lang), on="screen", clip=True),
        Column("sure", word("sure_head", lang), on="screen"),
        Column("confidence", "", on="data"),
        Column("source", "", on="data"),
    )
    return Table("consumers", word("needed_by", lang), columns, rows, "" if rows else word("no_consumers", lang))


def _timing(lang: Lang) -> tuple[Column, ...]:
    return (
        Column("over10_h", word("over10_head", lang), "hours", empty="-"),
        Column("over50_h", word("over50_head", lang), "hours", empty="-"),
        Column("lost", "", on="data"),
        Column("lost_shown", word("lost_head", lang), "share", on="screen", empty="-"),
        Column("first_h", "", on="data"),
    )


def _reached(model: Model, record: dict[str, Any], lang: Lang) -> dict[str, Any]:
    """Write one row of who depends on whom: names, the way between the two, and nothing where nothing is lost."""
    between = record["chain"].split(" > ")[1:-1]
    return {
        **record,
        "name": name_of(model, record["process"], lang),
        "lost_shown": record["lost"] or None,
        "way": " > ".join(name_of(model, p, lang) for p in between) or word("directly", lang),
    }


def depends_on(frame: "pd.DataFrame", model: Model, lang: Lang, lasting: int, *, whole: bool = False) -> Table:
    """List on whom a process depends (see `results.reach.suppliers`), the soonest effect first.

    Those that cost it at most 10% and are neither direct nor foreign are left out, unless the ``whole`` is wanted.
    """
    rows = []
    for record in as_records(frame):
        row = _reached(model, record, lang)
        ids = (stand_in.partition("@")[0] for stand_in in record["stand_ins"].split())
        names = dict.fromkeys(name_of(model, stand_in, lang) for stand_in in ids)
        row["stand_ins_text"] = "; ".join(names) or word("none", lang)
        if record["role"] == "sustains":
            row["way"] = word("only_refills", lang, way=row["way"])
        if record["foreign"]:
            row["way"] = word("from_abroad", lang, way=row["way"])
        rows.append(row)
    shown = [r for r in rows if whole or r["over10_h"] is not None or r["direct"] or r["foreign"]]
    columns = (
        *_timing(lang),
        Column("process", "", on="data"),
        Column("name", word("supplier", lang), clip=True),
        Column("sector", "", on="data"),
        Column("way", word("by_way_of", lang), on="screen"),
        Column("stand_ins_text", word("stand_in_head", lang), on="screen", clip=True),
        *(Column(key, "", on="data") for key in ("direct", "role", "links", "foreign", "need", "through", "chain")),
        *(Column(key, "", on="data") for key in ("endures_h", "stand_ins", "confidence", "source")),
    )
    note = word("depends_on_note", lang, d=duration(lasting, lang)) if rows else word("depends_on_none", lang)
    if len(shown) < len(rows):
        note += " " + word("reach_smaller_on", lang, n=len(rows) - len(shown))
    return Table("depends-on", word("depends_on", lang), columns, shown, note)


def dependents(
    frame: "pd.DataFrame", model: Model, lang: Lang, lasting: int, region: str | None = None, *, whole: bool = False
) -> Table:
    """List who falls with a process (see `results.reach.dependents`), the soonest effect first.

    Those that lose at most 10% are left out, unless the ``whole`` is wanted.
    """
    rows = [_reached(model, record, lang) for record in as_records(frame)]
    shown = [r for r in rows if whole or r["over10_h"] is not None]
    columns = (
        *_timing(lang),
        Column("process", "", on="data"),
        Column("name", word("who", lang), clip=True),
        Column("sector", "", on="data"),
        Column("people", "", on="data"),
        Column("peak_people", word("peak_people", lang), "large"),
        Column("way", word("by_way_of", lang), on="screen"),
        *(Column(key, "", on="data") for key in ("regions", "direct", "need", "through", "chain", "locked")),
    )
    where = word("everywhere", lang) if region is None else f"{word('in', lang)} {model.regions[region].name}"
    note = (
        word("dependents_note", lang, where=where, d=duration(lasting, lang)) if rows else word("dependents_none", lang)
    )
    if len(shown) < len(rows):
        note += " " + word("reach_smaller", lang, n=len(rows) - len(shown))
    return Table("dependents", word("dependents_title", lang), columns, shown, note)


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
    consumers_of = {process: {consumer for consumer, *_ in _users(model, process)} for process in model.processes}
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
