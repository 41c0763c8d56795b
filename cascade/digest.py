"""A run as a handful of short tables: in short, by sector, what fails when, who suffers, what is back, what is not.

A :class:`Table` holds plain values under English keys; how they look on a screen is said by its columns. The same
table is printed for people and given as data, so the two cannot differ.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt

from cascade.model import Event, HitList, HitSector, HitTag, Lang, Model, Scenario, higher_marking
from cascade.run import Run
from cascade.units import FULL, HOUR
from cascade.words import date, duration, euros, large, number, share, word

if TYPE_CHECKING:
    import pandas as pd

    from cascade.impact import Impact

Form = Literal["text", "right", "number", "large", "hours", "share", "money", "flag"]
MAIN_EFFECTS: Final = 25
MAIN_PROCESSES: Final = 15
MERGED_FROM: Final = 3
"""A process whose regions fall at more different moments than this gets one line instead of one for each."""


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

    @property
    def fields(self) -> tuple[Column, ...]:
        """Columns that data have."""
        return tuple(c for c in self.columns if c.on != "screen")

    @property
    def shown(self) -> tuple[Column, ...]:
        """Columns that people see."""
        return tuple(c for c in self.columns if c.on != "data")


@dataclass(frozen=True)
class Strip:
    """A picture in characters: one row per thing, one value (0 to 1) per stretch of time."""

    title: str
    legend: str
    rows: list[tuple[str, list[float]]]
    horizon_h: float
    style: Literal["loss", "level"]


def marking_of(model: Model, *others: str | None) -> str:
    """Return the mark that covers a model, its sectors and anything else named."""
    mark = model.info.marking
    for other in (*(s.marking for s in model.sectors.values()), *others):
        if other:
            mark = higher_marking(mark, other)
    return mark


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


# ---------------------------------------------------------------------------------------------- in short


def header(run: Run, lang: Lang) -> list[str]:
    """Say in two or three lines what was simulated."""
    scenario, model = run.scenario, run.model
    parts = [f"{word('horizon', lang)}: {duration(run.horizon, lang)}"]
    if scenario.start is not None:
        parts.append(f"{word('start', lang)}: {date(scenario.start, lang)}")
    if scenario.likelihood is not None:
        parts.append(f"{word('likelihood', lang)}: {_likelihood(model, scenario.likelihood, lang)}")
    return [" · ".join(parts)]


def _likelihood(model: Model, letter: str, lang: Lang) -> str:
    for parameters in model.info.parameters.values():
        if parameters.classes and letter in parameters.classes:
            return f"{letter} ({parameters.classes[letter].name[lang]})"
    return letter


def totals(run: Run, impact: "Impact", lang: Lang) -> Table:
    """Give the main figures of a run: people, hours, euros, reach."""
    values = {key: _plain(value) for key, value in impact.totals.items()}
    model = run.model
    people = values.get("basic_people_peak") or 0
    all_people = max(model.population, 1)
    hours = model.info.self_reliance // HOUR
    reached = word(
        "reached_text",
        lang,
        processes=f"{values['processes_hit']}/{len(impact.by_process)}",
        sectors=f"{values['sectors_hit']}/{len(model.sectors)}",
        regions=f"{values['regions_hit']}/{len(model.regions)}",
    )
    first = values["first_effect_h"]
    texts: dict[str, str] = {
        "basic_people_peak": word(
            "people_of_all", lang, n=large(people, lang), share=share(people / all_people, lang)
        ),
        "basic_person_h": large(values["basic_person_h"], lang),
        "basic_person_h_beyond": large(values["basic_person_h_beyond"], lang),
        "cost_eur": euros(values["cost_eur"], lang),
        "first_effect_h": word("first_effect_none", lang) if first is None else _soon(first, lang),
        "cascade_share": "" if values["cascade_share"] is None else share(values["cascade_share"], lang),
        "reached": reached,
    }
    rows = [
        {
            "key": key,
            "value": value,
            "label": word(key, lang, h=hours) if key in texts else "",
            "text": texts.get(key, ""),
        }
        for key, value in sorted(values.items(), key=lambda item: _rank(item[0], texts))
    ]
    columns = (
        Column("key", "", on="data"),
        Column("value", "", on="data"),
        Column("label", "", on="screen"),
        Column("text", "", on="screen"),
    )
    return Table("totals", word("totals", lang), columns, rows, keyed=True)


def _soon(hours: float, lang: Lang) -> str:
    return word("at_once", lang) if hours == 0 else word("after_d", lang, d=duration(hours * HOUR, lang))


def _rank(key: str, first: Mapping[str, str]) -> tuple[int, str]:
    order = list(first)
    return (order.index(key), key) if key in first else (len(order), key)


def _plain(value: Any) -> Any:
    """Turn a numpy scalar into a plain number, and not-a-number into nothing."""
    value = value.item() if isinstance(value, np.generic) else value
    missing = (isinstance(value, float) and np.isnan(value)) or type(value).__name__ == "NAType"
    return None if missing else value


def anv(impact: "Impact", lang: Lang) -> Table:
    """Give the classes of impact of the national risk analysis, with the numbers they rest on."""
    rows = []
    for record in impact.anv.to_dict("records"):
        people, hours, cost = (_plain(record.get(k)) for k in ("people", "duration_h", "cost_eur"))
        if record["score"] == "-":
            basis = word("anv_none", lang)
        elif cost is not None:
            basis = euros(cost, lang)
        else:
            basis = word("anv_people", lang, n=large(people or 0, lang), d=duration((hours or 0) * HOUR, lang))
        rows.append(
            {
                "criterion": str(record["criterion"]),
                "title": _in(record["title"], lang),
                "score": record["score"],
                "label": _in(record["label"], lang),
                "people": people,
                "duration_h": hours,
                "cost_eur": cost,
                "basis": basis,
            }
        )
    columns = (
        Column("criterion", "", on="data"),
        Column("title", word("criterion", lang)),
        Column("score", word("class", lang)),
        Column("label", word("meaning", lang)),
        Column("people", "", on="data"),
        Column("duration_h", "", on="data"),
        Column("cost_eur", "", on="data"),
        Column("basis", word("basis", lang), on="screen"),
    )
    return Table("anv", word("anv", lang), columns, rows)


def _in(text: Any, lang: Lang) -> str:
    """Take one language of a text; what has no languages is taken as it is."""
    return text if isinstance(text, str) else "" if text is None else str(text[lang])


# ---------------------------------------------------------------------------------------------- what happens


def events(run: Run, lang: Lang) -> Table:
    """List what happens from outside: what, where, from when to when, and what is left."""
    scenario, model = run.scenario, run.model
    ends: dict[int, int] = {}
    for job in run.jobs:
        ends[job.event] = max(job.end, ends.get(job.event, 0))
    rows = []
    for n, event in enumerate(scenario.events):
        start = event.at.mode
        rows.append(
            {
                "event": n + 1,
                "what": event_name(model, event, lang),
                "where": where_text(model, event.where or _places(event), lang),
                "from_h": start / HOUR,
                "to_h": _end(event, start, ends.get(n), run.horizon),
                "level": _level(event),
                "manipulated": event.manipulated,
            }
        )
    columns = (
        Column("event", "#", "number"),
        Column("what", word("what_happens", lang), clip=True),
        Column("where", word("where", lang), clip=True),
        Column("from_h", word("from", lang), "hours"),
        Column("to_h", word("until", lang), "hours", empty=word("past_end", lang)),
        Column("level", word("left", lang), "share", empty=word("wrong_signal", lang)),
        Column("manipulated", "", "flag", on="data"),
    )
    return Table("events", word("events_title", lang), columns, rows)


def _places(event: Event) -> list[str]:
    return [h.partition("@")[2] for h in event.hits if isinstance(h, str) and "@" in h]


def _end(event: Event, start: int, repaired: int | None, horizon: int) -> float | None:
    if event.for_ is not None:
        end = start + event.for_.mode
    elif event.until is not None:
        end = event.until.mode
    elif event.repair is not None and repaired is not None:
        end = repaired
    else:
        return None
    return end / HOUR if end < horizon else None


def _level(event: Event) -> float | None:
    """Return the least that an event leaves; nothing where it only makes output wrong."""
    if event.level is not None:
        return event.level.mode / FULL
    if event.levels is not None:
        return min(level.mode for level in event.levels.values()) / FULL
    return None


@dataclass(frozen=True)
class _Fall:
    """How one copy of a process fell: when first and to what, when lowest, and for lack of whom."""

    region: str
    weight: int
    first_s: int
    first: int
    lowest_s: int
    lowest: int
    need: str
    supplier: str
    lost_h: float
    person_h: int
    back_h: float | None


def _fall(run: Run, instance: int, record: dict[str, Any]) -> _Fall | None:
    changes = run.changes_of(instance)
    if not changes:
        return None
    lowest = min(changes, key=lambda c: (c.after, c.time))
    region = run.network.region(instance)
    weight = run.model.regions[region].population if region else 1
    supplier = run.network.process(lowest.supplier) if lowest.supplier >= 0 else ""
    return _Fall(
        region,
        max(weight, 1),
        changes[0].time,
        changes[0].after,
        lowest.time,
        lowest.after,
        lowest.need,
        supplier,
        record["lost_h"],
        record["person_h"],
        record["back_h"],
    )


def effects(run: Run, impact: "Impact", lang: Lang, most: int | None = MAIN_EFFECTS) -> Table:
    """List the knock-on effects in order of time: one line per process and first moment.

    Copies that an event hits are left out: theirs is no knock-on effect. The largest by lost hours (weighed by
    inhabitants) are kept; ``most`` None keeps all.
    """
    found: dict[str, list[_Fall]] = {}
    touched = impact.by_copy[(impact.by_copy["lost_h"] > 0) & ~impact.by_copy["hit"].astype(bool)]
    for record in as_records(touched[["process", "instance", "lost_h", "person_h", "back_h"]]):
        instance = run.network.index[record["instance"]]
        fall = _fall(run, instance, record)
        if fall is not None:
            found.setdefault(record["process"], []).append(fall)
    rows = [_effect(run, p, group, lang) for p, falls in found.items() for group in _grouped(falls)]
    most_h = max((r["weight_h"] for r in rows), default=1.0) or 1.0
    most_people = max((r["person_h"] for r in rows), default=1.0) or 1.0
    # what matters is both how much of a service is gone and how many people feel it
    rows.sort(key=lambda r: (-(r["weight_h"] / most_h + r["person_h"] / most_people), r["process"], r["first_h"]))
    kept = rows if most is None else rows[:most]
    kept = sorted(kept, key=lambda r: (r["first_h"], r["lowest_h"], r["process"], r["where"]))
    note = word("effects_note_all", lang)
    if len(kept) < len(rows):
        note = word("effects_note", lang, n=len(kept), m=len(rows))
    columns = (
        Column("first_h", word("after", lang), "hours"),
        Column("process", "", on="data"),
        Column("name", word("process", lang), clip=True),
        Column("where", word("where", lang), clip=True),
        Column("regions", "", on="data"),
        Column("first_level", word("falls_to", lang), "share"),
        Column("lowest", word("then_lowest", lang), "share"),
        Column("lowest_h", word("at", lang), "hours"),
        Column("need", "", on="data"),
        Column("supplier", "", on="data"),
        Column("because", word("because", lang), clip=True),
        Column("weight_h", "", on="data"),
        Column("person_h", "", on="data"),
        Column("back_h", "", on="data"),
    )
    return Table("effects", word("effects", lang), columns, kept, note)


def _grouped(falls: list[_Fall]) -> list[list[_Fall]]:
    by_time: dict[int, list[_Fall]] = {}
    for fall in falls:
        by_time.setdefault(fall.first_s, []).append(fall)
    return list(by_time.values()) if len(by_time) <= MERGED_FROM else [falls]


def _effect(run: Run, process: str, falls: list[_Fall], lang: Lang) -> dict[str, Any]:
    model = run.model
    weight = np.array([f.weight for f in falls], np.float64)
    reasons: dict[tuple[str, str], float] = {}
    for fall in falls:
        reasons[fall.supplier, fall.need] = reasons.get((fall.supplier, fall.need), 0.0) + fall.weight
    supplier, need = max(sorted(reasons), key=lambda r: reasons[r])
    lowest = min(falls, key=lambda f: (f.lowest, f.lowest_s))
    regions = sorted({f.region for f in falls} - {""})
    backs = [f.back_h for f in falls]
    everywhere = weight.sum() if not regions else max(model.population, 1)
    return {
        "process": process,
        "name": name_of(model, process, lang),
        "where": where_text(model, regions, lang),
        "regions": " ".join(regions),
        "first_h": min(f.first_s for f in falls) / HOUR,
        "first_level": _mean([f.first for f in falls], weight),
        "lowest": _mean([f.lowest for f in falls], weight),
        "lowest_h": lowest.lowest_s / HOUR,
        "need": need,
        "supplier": supplier,
        "because": name_of(model, supplier, lang) if supplier else "",
        "weight_h": float((np.array([f.lost_h for f in falls]) * weight).sum() / everywhere),
        "person_h": sum(f.person_h for f in falls),
        "back_h": None if any(b is None for b in backs) else max(b for b in backs if b is not None),
    }


def _mean(levels: list[int], weight: npt.NDArray[np.float64]) -> float:
    return float((np.array(levels) * weight).sum() / weight.sum() / FULL)


# ---------------------------------------------------------------------------------------------- who suffers


def sectors(run: Run, impact: "Impact", lang: Lang) -> Table:
    """Give one line per sector: how much of it is touched, how deep, for how many, at what cost, until when."""
    rows = []
    for record in as_records(impact.by_sector.sort_values(["person_h", "cost_eur"], ascending=False, kind="stable")):
        sector = record["sector"]
        part = impact.by_process[impact.by_process["sector"] == sector]
        touched = part[part["first_h"].notna()]
        back = None if touched.empty or touched["back_h"].isna().any() else float(touched["back_h"].max())
        rows.append(
            {
                **record,
                "name": run.model.sectors[sector].name[lang],
                "hit_text": word("of", lang, a=record["processes_hit"], b=record["processes"]),
                "back_h": back,
                "back_text": "-" if touched.empty else back_text(back, lang),
            }
        )
    columns = (
        Column("sector", "", on="data"),
        Column("name", word("sector", lang), clip=True),
        Column("processes", "", on="data"),
        Column("processes_hit", "", on="data"),
        Column("hit_text", word("processes_hit", lang), "right", on="screen"),
        Column("first_h", word("first_loss", lang), "hours", empty="-"),
        Column("lowest", word("lowest", lang), "share"),
        Column("lost_h", "", on="data"),
        Column("peak_people", word("peak_people", lang), "large"),
        Column("person_h", word("person_h", lang), "large"),
        Column("cost_eur", word("cost", lang), "money"),
        Column("back_h", "", on="data"),
        Column("back_text", word("back", lang), "right", on="screen"),
    )
    return Table("sectors", word("by_sector", lang), columns, rows, word("sectors_note", lang))


def back_text(hours: float | None, lang: Lang) -> str:
    """Say after how long something was back in full, or that it is not."""
    return word("not_back", lang) if hours is None else duration(hours * HOUR, lang)


def as_records(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    """Return the rows of a frame as plain values; what is missing becomes None."""
    return [{str(k): _plain(v) for k, v in r.items()} for r in frame.to_dict("records")]


def processes(run: Run, impact: "Impact", lang: Lang, most: int | None = MAIN_PROCESSES) -> Table:
    """List the processes that cost people the most hours, and when each was back."""
    frame = impact.by_process[impact.by_process["lost_h"] > 0]
    order = ["person_h", "cost_eur", "lost_h"]
    rows = as_records(frame.sort_values(order, ascending=False, kind="stable"))
    rows = [{**r, "name": name_of(run.model, r["process"], lang), "back_text": back_text(r["back_h"], lang)} for r in rows]
    with_people = [r for r in rows if r["person_h"] > 0]
    kept = rows if most is None else with_people[:most]
    note = "" if len(kept) == len(rows) else word("top_note", lang, n=len(kept), m=len(rows))
    columns = (
        Column("sector", "", on="data"),
        Column("process", "", on="data"),
        Column("name", word("process", lang), clip=True),
        Column("regions_hit", "", on="data"),
        Column("people", "", on="data"),
        Column("lost_h", "", on="data"),
        Column("peak_people", word("peak_people", lang), "large"),
        Column("person_h", word("person_h", lang), "large"),
        Column("person_h_beyond", word("person_h_beyond", lang, h=run.model.info.self_reliance // HOUR), "large"),
        Column("cost_eur", word("cost", lang), "money"),
        Column("lowest", "", on="data"),
        Column("first_h", "", on="data"),
        Column("back_h", "", on="data"),
        Column("back_text", word("back", lang), "right", on="screen"),
    )
    return Table("processes", word("top_processes", lang), columns, kept, note)


def regions(run: Run, impact: "Impact", lang: Lang) -> Table:
    """Give one line per region: who lacks a basic need there, for how long, and mostly which."""
    rows = as_records(impact.basic_needs)
    for row in rows:
        row["name"] = run.model.regions[row["region"]].name
        row["worst_name"] = name_of(run.model, row["worst_process"], lang) if row["worst_process"] else "-"
    columns = (
        Column("region", "", on="data"),
        Column("name", word("region", lang)),
        Column("people", word("inhabitants_head", lang), "large"),
        Column("peak_people", word("peak_people", lang), "large"),
        Column("person_h", word("person_h", lang), "large"),
        Column("person_h_beyond", word("person_h_beyond", lang, h=run.model.info.self_reliance // HOUR), "large"),
        Column("longest_h", word("longest", lang), "hours"),
        Column("worst_process", "", on="data"),
        Column("worst_name", word("worst_need", lang), on="screen", clip=True),
    )
    return Table("regions", word("by_region", lang), columns, rows)


# ---------------------------------------------------------------------------------------------- what comes back


def locked(run: Run, lang: Lang) -> Table:
    """List the groups that wait for one another at the end, and who only waits for them."""
    rows = [
        {
            "group": n + 1,
            "members": " ".join(group.members),
            "held": " ".join(group.held),
            "members_text": _copies(run, group.members, lang),
            "held_text": _copies(run, group.held, lang) or "-",
        }
        for n, group in enumerate(run.locked)
    ]
    columns = (
        Column("group", "", on="data"),
        Column("members", "", on="data"),
        Column("held", "", on="data"),
        Column("members_text", word("locked_group", lang), on="screen"),
        Column("held_text", word("locked_held", lang), on="screen"),
    )
    return Table("locked", word("locked", lang), columns, rows, word("locked_text", lang))


def _copies(run: Run, labels: Iterable[str], lang: Lang) -> str:
    """Name copies process by process: ``Hospital care (3 regions)``."""
    found: dict[str, list[str]] = {}
    for label in labels:
        i = run.network.index[label]
        found.setdefault(run.network.process(i), []).append(run.network.region(i))
    model = run.model
    return "; ".join(
        name_of(model, p, lang) + (f" ({where_text(model, r, lang)})" if any(r) else "") for p, r in found.items()
    )


def jobs(run: Run, lang: Lang) -> Table:
    """List the repairs: what waited for which crew, and how long."""
    rows = [
        {
            "event": job.event + 1,
            "instance": run.network.labels[job.instance],
            "name": instance_name(run, job.instance, lang),
            "crew": job.crew,
            "available_h": job.available / HOUR,
            "waits_h": (job.begin - job.available) / HOUR,
            "begin_h": job.begin / HOUR,
            "end_h": job.end / HOUR,
        }
        for job in sorted(run.jobs, key=lambda j: (j.begin, j.end, j.instance))
    ]
    columns = (
        Column("event", "", on="data"),
        Column("instance", "", on="data"),
        Column("name", word("what", lang), clip=True),
        Column("crew", word("crew", lang)),
        Column("available_h", "", on="data"),
        Column("waits_h", word("waits", lang), "hours"),
        Column("begin_h", word("work_begins", lang), "hours"),
        Column("end_h", word("work_ends", lang), "hours"),
    )
    return Table("jobs", word("jobs", lang), columns, rows)


# ---------------------------------------------------------------------------------------------- pictures in characters


def region_strip(run: Run, lang: Lang, cells: int) -> Strip:
    """Show who lacks a basic need, region by region; each cell holds the worst moment of its stretch of time."""
    from cascade.impact import people_without

    frame = people_without(run)
    rows = []
    for code, part in frame.groupby("region", sort=True):
        region = run.model.regions[str(code)]
        values = part["people"].to_numpy(float) / max(region.population, 1)
        rows.append((region.name, _cells(part["time_h"].to_numpy(float), values, run.horizon, cells)))
    return Strip(word("strip", lang), word("strip_legend", lang), rows, run.horizon / HOUR, "loss")


def sector_strip(run: Run, lang: Lang, cells: int) -> Strip:
    """Show the mean level of each sector; each cell holds the worst moment of its stretch of time."""
    from cascade.impact import sector_levels

    frame = sector_levels(run)
    rows = []
    for sector, part in frame.groupby("sector", sort=True):
        lost = 1 - part["level"].to_numpy(float)
        cut = _cells(part["time_h"].to_numpy(float), lost, run.horizon, cells)
        rows.append((run.model.sectors[str(sector)].name[lang], [1 - v for v in cut]))
    return Strip(word("sector_strip", lang), word("sector_strip_legend", lang), rows, run.horizon / HOUR, "level")


def _cells(times: npt.NDArray[np.float64], values: npt.NDArray[np.float64], horizon: int, cells: int) -> list[float]:
    """Cut a step function into equal stretches and return the largest value in each."""
    edges = np.linspace(0, horizon / HOUR, cells + 1)
    found = []
    for start, end in zip(edges[:-1], edges[1:], strict=True):
        first = max(int(np.searchsorted(times, start, "right")) - 1, 0)
        last = max(int(np.searchsorted(times, end, "left")), first + 1)
        found.append(float(values[first:last].max()))
    return found


def scenario_table(files: Iterable[tuple[str, Scenario]], lang: Lang) -> Table:
    """List scenarios: name, what it is, how long it is looked at, how likely."""
    rows = [
        {
            "scenario": name,
            "title": scenario.name[lang],
            "horizon_h": scenario.horizon / HOUR,
            "likelihood": scenario.likelihood,
            "events": len(scenario.events),
            "about": scenario.about[lang].strip() if scenario.about is not None else None,
        }
        for name, scenario in files
    ]
    columns = (
        Column("scenario", word("name", lang)),
        Column("title", word("scenario", lang)),
        Column("horizon_h", word("horizon", lang), "hours"),
        Column("likelihood", word("likelihood", lang), empty="-"),
        Column("events", "", on="data"),
        Column("about", "", on="data"),
    )
    return Table("scenarios", word("scenarios_here", lang), columns, rows)


def run_tables(run: Run, impact: "Impact", lang: Lang, *, whole: bool = False) -> list[Table]:
    """Return every table of a run, in the order in which people read them."""
    most = (None, None) if whole else (MAIN_EFFECTS, MAIN_PROCESSES)
    return [
        totals(run, impact, lang),
        anv(impact, lang),
        events(run, lang),
        sectors(run, impact, lang),
        effects(run, impact, lang, most[0]),
        processes(run, impact, lang, most[1]),
        regions(run, impact, lang),
        locked(run, lang),
        jobs(run, lang),
    ]
