"""What happens in a run and what follows: events, knock-on effects, the course of it, locked groups, repairs."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from cascade.model import Event, Lang, Model
from cascade.simulation.events import NEVER, targets
from cascade.simulation.run import Run
from cascade.telling.columns import Column, Table, as_records, event_name, instance_name, name_of, where_text
from cascade.telling.strips import NOTHING_SHOWN, Narrowed, in_regions
from cascade.units import FULL, HOUR
from cascade.words import word

if TYPE_CHECKING:
    from cascade.results.impact import Impact

MAIN_EFFECTS: Final = 25
MAIN_EVENTS: Final = 30
MERGED_FROM: Final = 3
"""A process whose regions fall at more different moments than this gets one line instead of one for each."""

MOMENTS_H: Final = (0, 1, 2, 4, 6, 12, 24, 36, 48, 72)
LATER_D: Final = (4, 5, 6, 7, 10, 14, 21, 28, 42, 60, 90, 120, 180, 270, 365)
SHOWN_MOMENTS: Final = 10


def events(run: Run, lang: Lang, most: int | None = None) -> Table:
    """List what happens from outside: what, where, from when to when, and what is left; ``most`` None keeps all."""
    scenario, model = run.scenario, run.model
    ends: dict[int, int] = {}
    for job in run.jobs:
        ends[job.event] = max(job.end, ends.get(job.event, 0))
    rows = []
    for n, event in enumerate(scenario.events):
        start = event.at.mode
        if isinstance(run, Narrowed) and not _concerns(run, event):
            continue
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
    note = ""
    if most is not None and len(rows) > most:
        note = word("events_note", lang, n=most, m=len(rows))
    return Table("events", word("events_title", lang), columns, rows[:most], note)


def _concerns(run: Narrowed, event: Event) -> bool:
    """Whether an event hits a national process or a copy in the regions that are looked at."""
    return any(run.network.region(i) in ("", *run.shown) for i in targets(event, run.network))


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
    weight: float
    """Inhabitants behind it: of its region, shared among the copies there."""
    first_s: int
    first: int
    lowest_s: int
    lowest: int
    need: str
    supplier: str
    lost_h: float
    person_h: int
    back_h: float | None


def _fall(run: Run, instance: int, record: dict[str, Any], beside: int) -> _Fall | None:
    changes = run.changes_of(instance)
    if not changes:
        return None
    lowest = min(changes, key=lambda c: (c.after, c.time))
    region = run.network.region(instance)
    weight = run.model.regions[region].population if region else 1
    supplier = run.network.process(lowest.supplier) if lowest.supplier >= 0 else ""
    return _Fall(
        region,
        max(weight, 1) / beside,
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
    beside = Counter(zip(impact.by_copy["process"], impact.by_copy["region"], strict=True))
    touched = impact.by_copy[(impact.by_copy["lost_h"] > 0) & ~impact.by_copy["hit"].astype(bool)]
    for record in as_records(touched[["process", "region", "instance", "lost_h", "person_h", "back_h"]]):
        instance = run.network.index[record["instance"]]
        fall = _fall(run, instance, record, beside[record["process"], record["region"]])
        if fall is not None:
            found.setdefault(record["process"], []).append(fall)
    rows = [_effect(run, p, group, lang) for p, falls in found.items() for group in _grouped(falls)]
    rows.sort(key=_main_first(rows, run.model))
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


def _main_first(rows: list[dict[str, Any]], model: Model) -> Callable[[dict[str, Any]], Any]:
    """Order effects by how much of a service is gone, how many people feel it, and whether they can do without.

    Own choice: each of the first two against the largest in this run, and up to half a point for a basic need.
    """
    most_h = max((row["weight_h"] for row in rows), default=0.0) or 1.0
    most_people = max((row["person_h"] for row in rows), default=0) or 1

    def key(row: dict[str, Any]) -> Any:
        needed = (1 - row["lowest"]) / 2 if model.processes[row["process"]].basic_need else 0
        size = row["weight_h"] / most_h + row["person_h"] / most_people + needed
        return -size, row["process"], row["first_h"]

    return key


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


def course(run: Run, lang: Lang) -> Table:
    """Give the level of each process that changes at fixed moments, a mean over the inhabitants it is about."""
    from cascade.results.shortfall import People, sums

    network, c = run.network, run.changes
    of, count = network.process_of, len(network.processes)
    base = People(run).base
    total = sums(of, base, count)
    # where nobody lives all copies weigh alike
    weight = np.where(total[of] > 0, base / np.maximum(total[of], 1), 1 / np.bincount(of, minlength=count)[of])
    lowest = np.full(network.size, FULL, np.int64)
    np.minimum.at(lowest, c.instance, c.after)
    falls = 1 - sums(of, weight * lowest / FULL, count) >= NOTHING_SHOWN
    moments = _moments(run, falls[of[c.instance]])
    levels = run.levels_at(h * HOUR for h in moments).to_numpy(float)
    means = np.stack([sums(of, weight * row, count) for row in levels])
    model = run.model
    order = {process: n for n, process in enumerate(model.processes)}
    shown = sorted((model.sector_of[p], order[p], n) for n, p in enumerate(network.processes) if falls[n])
    rows: list[dict[str, Any]] = []
    for sector, _, n in shown:
        process = network.processes[n]
        first = not rows or rows[-1]["sector"] != sector
        row = {"sector": sector, "sector_text": model.sectors[sector].name[lang] if first else ""}
        row |= {"process": process, "name": name_of(model, process, lang)}
        rows.append(row | {f"level_{h}h": round(float(v), 6) for h, v in zip(moments, means[:, n], strict=True)})
    seen = {moments[k] for k in np.linspace(0, len(moments) - 1, SHOWN_MOMENTS).round().astype(int).tolist()}
    columns = (
        Column("sector", "", on="data"),
        Column("sector_text", word("sector", lang), on="screen", clip=True),
        Column("process", "", on="data"),
        Column("name", word("process", lang), clip=True),
        *(Column(f"level_{h}h", _short(h, lang), "share", "both" if h in seen else "data") for h in moments),
    )
    where = in_regions(run, lang).removeprefix(f" {word('in', lang)} ") or word("whole_country", lang)
    return Table(
        "course", word("levels_over_time", lang) + in_regions(run, lang), columns, rows,
        word("course_note", lang, where=where),
    )  # fmt: skip


def _short(hours: int, lang: Lang) -> str:
    return f"{hours // 24}d" if hours > MOMENTS_H[-1] else f"{hours}{'u' if lang == 'nl' else 'h'}"


def _moments(run: Run, counted: npt.NDArray[np.bool_]) -> list[int]:
    """Choose moments (hours) up to the first at which all that counts is back."""
    last: dict[int, tuple[int, int]] = {}
    rows = np.flatnonzero(counted)
    for i, t, level in zip(
        *(x[rows].tolist() for x in (run.changes.instance, run.changes.time, run.changes.after)), strict=True
    ):
        last[i] = (t, level)
    ends = [t if level == FULL else run.horizon for t, level in last.values()]
    end = max(ends, default=0)
    found = []
    for h in (*MOMENTS_H, *(24 * d for d in LATER_D)):
        if h * HOUR >= run.horizon:
            break
        found.append(h)
        if h * HOUR >= end:
            break
    return found


def exercise(run: Run, lang: Lang) -> Table:
    """Give the page for the exercise planner, a paragraph a row."""
    page = run.scenario.exercise
    parts = [" ".join(p.split()) for p in page[lang].split("\n\n")] if page is not None else []
    rows = [{"paragraph": n, "text": text} for n, text in enumerate(filter(None, parts), 1)]
    columns = (Column("paragraph", "", on="data"), Column("text", ""))
    return Table("exercise", word("exercise", lang), columns, rows)


def _mean(levels: list[int], weight: npt.NDArray[np.float64]) -> float:
    return float((np.array(levels) * weight).sum() / weight.sum() / FULL)


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
            "waits_h": (job.begin - job.available) / HOUR if job.begin < NEVER else None,
            "begin_h": job.begin / HOUR if job.begin < NEVER else None,
            "end_h": job.end / HOUR if job.end < NEVER else None,
        }
        for job in sorted(run.jobs, key=lambda j: (j.begin, j.end, j.instance))
    ]
    columns = (
        Column("event", "", on="data"),
        Column("instance", "", on="data"),
        Column("name", word("what", lang), clip=True),
        Column("crew", word("crew", lang)),
        Column("available_h", "", on="data"),
        Column("waits_h", word("waits", lang), "hours", empty=word("past_end", lang)),
        Column("begin_h", word("work_begins", lang), "hours", empty=word("past_end", lang)),
        Column("end_h", word("work_ends", lang), "hours", empty=word("past_end", lang)),
    )
    return Table("jobs", word("jobs", lang), columns, rows)
