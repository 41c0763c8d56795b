"""What the living page of a run needs: every level at every moment as packed numbers, and the words beside them.

Pure data, in both languages; :func:`cascade.telling.living.write_replay` puts it into a page. The numbers are exact:
seconds and 1/10 000, the same as in the log.
"""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cascade.model import Lang, Model, Region, Words
from cascade.results.impact import Impact, people_without, sector_levels, sector_weights
from cascade.results.shortfall import PERSON, Ints, People, sums, whole
from cascade.simulation.events import targets
from cascade.simulation.network import arcs
from cascade.simulation.run import KINDS, Run
from cascade.telling.causes import why
from cascade.telling.columns import Column, Table, as_records, event_name
from cascade.telling.dossier import fade_text, purpose
from cascade.telling.geometry import Shapes
from cascade.telling.injects import relative
from cascade.telling.plots import BANDS
from cascade.telling.standings import case_name
from cascade.telling.strips import NOTHING_SHOWN, regions_shown
from cascade.units import DAY, FULL, HOUR, MINUTE
from cascade.words import clipped, large, moment, number, share, word

if TYPE_CHECKING:
    from cascade.results.ranking import Ranking

LANGS: Final[tuple[Lang, Lang]] = ("nl", "en")
SHOWN_FAILURES: Final = 15
RANKED_FOR: Final = "24h"
"""How long each process is out in the ranking of the page."""
SHORT: Final = 36
"""Characters of a name in its cell; the whole name stands in the panel beside it."""
FEW: Final = 0.01
"""Share of a region's inhabitants below which a map of them would look empty; own choice."""
LONG_WORD: Final = 9
_TAIL: Final = re.compile(
    "(?<=[a-z)]{3})(automaten|bemaling|bepaling|betalingen|bevoorrading|centra|centrales|chemicals|chemie|dam|depots|"
    "diensten|dienst|handel|houderij|industrie|keringen|knooppunten|land|landen|leiding|leidingen|levering|lichten|machines|"
    "markets|markten|middelen|mond|netten|netwerken|opvang|productie|raffinage|signaal|stations|streek|systemen|telefonie|"
    "terminals|transport|treinen|tunnels|verbindingen|verkeers?|vervoer|verwerking|voorziening|zorg|zuivering)"
    "(?![a-z]{1,2}\\b)"
)
_KINDS: Final = {"": 0, "event": 1, "need": 2, "restart": 3}
_WIDTHS: Final = (("u1", 1 << 8), ("u2", 1 << 16), ("u4", 1 << 32))


# ------------------------------------------------------------------ packed numbers


def pack(values: Any) -> dict[str, str]:
    """Pack whole numbers into as few bytes as the largest needs, as text: ``t`` their type, ``d`` base64, low byte first.

    Raises
    ------
    ValueError
        If one is below 0 or above what four bytes hold.
    """
    array = np.asarray(values, np.int64)
    low, high = (int(array.min()), int(array.max())) if array.size else (0, 0)
    kind = next((name for name, size in _WIDTHS if high < size), None)
    if low < 0 or kind is None:
        raise ValueError(f"only numbers from 0 to 2^32 can be packed, not {low} to {high}")
    return {"t": kind, "d": b64encode(array.astype(f"<{kind}").tobytes()).decode()}


# ------------------------------------------------------------------ the payload


def payload(run: Run, shapes: Shapes | None = None) -> dict[str, Any]:
    """Gather all that the page replays.

    Parameters
    ----------
    run : Run
    shapes : Shapes, optional
        Outlines of the regions; without them each has a tile.

    Returns
    -------
    dict
        Plain data: names as ``[nl, en]``, times in seconds, levels in 1/10 000, lists of numbers packed as :func:`pack`
        does. Processes, regions, sectors and copies go by their number; a number that may be missing counts from 1,
        with 0 for none.
    """
    model, network, scenario = run.model, run.network, run.scenario
    people = People(run)
    sectors = lanes(model)
    return {
        "start": None if scenario.start is None else _seconds(scenario.start),
        "horizon": run.horizon,
        "shown": shown_until(run),
        "full": FULL,
        "opens": _opens(run, sectors),
        "frame": None if shapes is None else [shapes.width, shapes.height],
        "bands": [NOTHING_SHOWN, *(top for top, _, _ in BANDS)],
        "regions": _regions(run, shapes),
        "sectors": [[breakable(text) for text in _both(model.sectors[s].name)] for s in sectors],
        "processes": _processes(run, people, sectors),
        "copies": {
            "process": pack(network.process_of),
            "region": pack(np.asarray(network.region_of) + 1),
            "people": pack(people.base // (1 + int(people.base.max(initial=0)) // (1 << 32))),
            "names": list(network.asset_of) if any(network.asset_of) else [],
        },
        "changes": _changes(run),
        "without": _without(run),
        "events": _events(run),
    }


def _opens(run: Run, sectors: Sequence[str]) -> str:
    """Choose what the map shows first: people without a basic need, or where these are few the sector that falls lowest."""
    frame = people_without(run)
    most = frame.groupby("region")["people"].max()
    if any(n >= FEW * max(run.model.regions[str(code)].population, 1) for code, n in most.items()):
        return "people"
    lowest = sector_levels(run).groupby("sector")["level"].min()
    worst = min(sectors, key=lambda s: float(lowest[s]))
    return f"s{sectors.index(worst)}" if lowest[worst] <= 1 - NOTHING_SHOWN else "people"


def _seconds(at: datetime) -> int:
    """Seconds of a clock time since 1970 by that same clock: only weekday and time of day are read off it."""
    return round((at.replace(tzinfo=None) - datetime(1970, 1, 1)).total_seconds())


def _both(words: Words) -> list[str]:
    return [words.nl, words.en]


def shown_until(run: Run) -> int:
    """Return where the slider ends (seconds): a twentieth after the last change if all is back then, else the horizon."""
    changes = run.changes
    if not len(changes.time):
        return run.horizon
    last = np.full(run.network.size, FULL, np.int64)
    # rows are in order of time, so the last one of a copy stays
    last[changes.instance] = changes.after
    if (last < FULL).any():
        return run.horizon
    end = int(changes.time.max()) * 21 // 20
    return min(run.horizon, max(-(-end // HOUR) * HOUR, HOUR))


def lanes(model: Model) -> list[str]:
    """Order sectors from those that others need to those that need others; own choice, equal for every scenario.

    What counts is how many processes elsewhere a sector's processes feed, less how many elsewhere feed them.
    """
    balance = dict.fromkeys(model.sectors, 0)
    for supplier, consumer in dict.fromkeys((a, b) for a, b, _, _ in arcs(model)):
        giving, taking = model.sector_of[supplier], model.sector_of[consumer]
        if giving != taking:
            balance[giving] += 1
            balance[taking] -= 1
    return sorted(balance, key=lambda s: (-balance[s], s))


def _regions(run: Run, shapes: Shapes | None) -> list[dict[str, Any]]:
    places = tiles(run.model.regions)
    found = []
    for code in run.network.regions:
        region = run.model.regions[code]
        row: dict[str, Any] = {
            "code": code,
            "name": region.name,
            "short": breakable(region.name),
            "people": region.population,
            "tile": places[code],
        }
        if shapes is not None:
            row |= {"path": shapes.paths[code], "at": shapes.middles[code]}
        found.append(row)
    return found


def tiles(regions: Mapping[str, Region]) -> dict[str, tuple[int, int]]:
    """Return column and row of every region; those without a tile follow in rows of six below the others."""
    found = {code: region.tile for code, region in regions.items() if region.tile is not None}
    first = max((row for _, row in found.values()), default=-1) + 1
    left = [code for code in sorted(regions) if code not in found]
    return {**found, **{code: (k % 6, first + k // 6) for k, code in enumerate(left)}}


def breakable(name: str) -> str:
    """Mark in long words where they may be broken, before the last part of a compound; own choice of such parts."""
    return " ".join(_TAIL.sub("\u00ad\\1", part) if len(part) > LONG_WORD else part for part in name.split(" "))


def _processes(run: Run, people: People, sectors: Sequence[str]) -> list[dict[str, Any]]:
    """Describe every process: names, lane, how it weighs there, who relies on it, and its needs."""
    model, names = run.model, run.network.processes
    number = {name: n for n, name in enumerate(names)}
    weights = sector_weights(run, people)[2]
    relying = sums(run.network.process_of, people.weight, len(names)) / FULL
    found = []
    for n, name in enumerate(names):
        process = model.processes[name]
        needs = [
            {
                "use": [purpose(key, need, lang) for lang in LANGS],
                "from": [number[s] for s in dict.fromkeys(s.process for s in need.supplies)],
                "one": need.rule in ("any_of", "at_least"),
                "fade": [fade_text(need, lang) for lang in LANGS],
                "sure": need.confidence or "",
            }
            for key, need in process.needs.items()
        ]
        found.append(
            {
                "id": name,
                "name": _both(process.name),
                "short": [breakable(clipped(process.name[lang], SHORT)) for lang in LANGS],
                "sector": sectors.index(model.sector_of[name]),
                "weight": round(float(weights[n]), 12),
                "people": round(float(relying[n])),
                "basic": bool(process.basic_need),
                "regional": bool((run.network.region_of[run.network.process_of == n] >= 0).any()),
                "mirror": "indicator" in process.tags,
                "needs": needs,
            }
        )
    return found


def _changes(run: Run) -> dict[str, Any]:
    """Pack the log by copy and then by time: from which row each copy's changes start, and what each was due to.

    ``need`` counts the needs of the copy's process from 1, ``supplier`` copies and ``event`` events; 0 is none. ``wrong``
    is 1 where what the supplier sent was wrong rather than short.
    """
    network, c = run.network, run.changes
    order = np.lexsort((c.time, c.instance))
    first = np.searchsorted(c.instance[order], np.arange(network.size + 1))
    kinds = np.array([_KINDS[KINDS[k]] for k in range(max(KINDS) + 1)], np.int64)
    return {
        "first": pack(first),
        "time": pack(c.time[order]),
        "level": pack(c.after[order]),
        "kind": pack(kinds[c.kind[order]]),
        "event": pack(np.asarray(c.event[order]) + 1),
        "need": pack(_need_numbers(run)[order]),
        "supplier": pack(np.asarray(c.supplier[order]) + 1),
        "wrong": pack(_misled(run)[order]),
    }


def _misled(run: Run) -> Ints:
    """Return for each row of the log whether a supplier that had lost nothing until then sent something wrong."""
    c = run.changes
    found = np.zeros(len(c.time), np.int64)
    if not any(event.manipulated for event in run.scenario.events):
        return found
    begins = np.full(run.network.size, run.horizon, np.int64)
    np.minimum.at(begins, c.instance, c.time)
    known: dict[tuple[int, int], bool] = {}
    for row in np.flatnonzero((c.need >= 0) & (c.supplier >= 0)).tolist():
        time, supplier = int(c.time[row]), int(c.supplier[row])
        if begins[supplier] <= time:
            continue
        if (supplier, time) not in known:
            steps = why(run, int(c.instance[row]), "en", time)
            known[supplier, time] = any(step.data["because"] == "wrong" for step in steps)
        found[row] = known[supplier, time]
    return found


def _need_numbers(run: Run) -> Ints:
    """Return for each row of the log which need of its process it was, from 1; 0 for none."""
    network, c = run.network, run.changes
    place = {
        (n, key): k
        for n, name in enumerate(network.processes)
        for k, key in enumerate(run.model.processes[name].needs, 1)
    }
    names = network.need_names
    process = network.process_of[c.instance].tolist()
    return np.array(
        [place[p, names[need]] if need >= 0 else 0 for p, need in zip(process, c.need.tolist(), strict=True)], np.int64
    )


def _without(run: Run) -> dict[str, Any]:
    """Pack who lacks a basic need, region by region: the same numbers as in the static map."""
    all_times, everywhere = total_without(run)
    frame = people_without(run)
    frame = frame[frame["time_h"] * HOUR < run.horizon]
    times = np.rint(frame["time_h"].to_numpy(float) * HOUR).astype(np.int64)
    number = {code: n for n, code in enumerate(run.network.regions)}
    of = frame["region"].map(number).to_numpy(np.int64)
    # the frame holds one region after another, each in order of time
    return {
        "first": pack(np.searchsorted(of, np.arange(len(number) + 1))),
        "time": pack(times),
        "people": pack(frame["people"].to_numpy(np.int64)),
        "all_time": pack(all_times),
        "all_people": pack(everywhere),
    }


def total_without(run: Run) -> tuple[Ints, Ints]:
    """Return moments (seconds, from 0) and how many people in all lack a basic need from then on, rounded only at the end."""
    people = People(run)
    curves = people.curves(people.basic)
    times = np.concatenate([np.zeros(1, np.int64), *(t for t, _ in curves)])
    steps = np.concatenate([np.zeros(1, np.int64), *(np.diff(v, prepend=0) for _, v in curves)])
    moments, column = np.unique(times, return_inverse=True)
    changes = np.zeros(moments.size, np.int64)
    np.add.at(changes, column, steps)
    return moments, whole(np.cumsum(changes) / PERSON)


def spans(run: Run) -> list[tuple[int, int, Ints]]:
    """Return for every event when it begins and is over (seconds), and the copies that it hits."""
    ends: dict[int, int] = {}
    for job in run.jobs:
        ends[job.event] = max(job.end, ends.get(job.event, 0))
    found = []
    for n, event in enumerate(run.scenario.events):
        start = event.at.mode
        if event.for_ is not None:
            end = start + event.for_.mode
        elif event.until is not None:
            end = event.until.mode
        else:
            end = ends.get(n, run.horizon)
        found.append((start, min(end, run.horizon), np.asarray(targets(event, run.network), np.int64)))
    return found


def _events(run: Run) -> list[dict[str, Any]]:
    return [
        {
            "name": [event_name(run.model, event, lang) for lang in LANGS],
            "from": start,
            "to": end,
            "wrong": bool(event.manipulated),
            "hits": pack(hits),
        }
        for event, (start, end, hits) in zip(run.scenario.events, spans(run), strict=True)
    ]


# ------------------------------------------------------------------ words beside it


@dataclass(frozen=True)
class Bar:
    """A row of the ranking: place, name, and per axis a text and its share of the largest in the list (0 to 1)."""

    rank: int
    front: bool
    name: str
    cascade: str
    cascade_part: float
    basic: str
    basic_part: float
    peak: str


def in_short(run: Run, impact: Impact, lang: Lang) -> list[str]:
    """Say in a few plain sentences how bad it gets, when, through what mostly, and whether it is over at the end."""
    at, people, last = _peak(run)
    if not people:
        return [word("replay_nobody", lang), _reached(run, impact, lang)]
    everyone = max(sum(run.model.regions[c].population for c in regions_shown(run)), 1)
    peak = {
        "n": spelled(people, lang),
        "share": share(people / everyone, lang),
        "d": lasting(at, lang),
        "needs": _worst_needs(run, impact, lang),
    }
    lines = [word("replay_peak" if at else "replay_peak_at_once", lang, **peak), _reached(run, impact, lang)]
    if last is None:
        lines.append(word("replay_not_over", lang, d=lasting(run.horizon, lang)))
    else:
        lines.append(word("replay_over", lang, d=lasting(last, lang)))
    return lines


def spelled(people: int, lang: Lang) -> str:
    """Write a number of people with the word in full: ``17.9 million``."""
    text, short = large(people, lang), word("million", lang)
    return f"{text.removesuffix(short)}{word('replay_million', lang)}" if text.endswith(f" {short}") else text


def lasting(seconds: int, lang: Lang) -> str:
    """Write a length of time in one unit and in full: ``36 hours``, ``9 days``; short ones to the minute."""
    if seconds < 3 * HOUR and seconds % HOUR:
        return word("replay_minutes", lang, n=number(max(1, round(seconds / MINUTE)), lang))
    hours, days = round(seconds / HOUR), round(seconds / DAY)
    if seconds <= 3 * DAY:
        return word("replay_hour" if hours == 1 else "replay_hours", lang, n=hours)
    return word("replay_days", lang, n=number(days, lang))


def _peak(run: Run) -> tuple[int, int, int | None]:
    """Return when (seconds) most people lack a basic need, how many, and when nobody does any more (None: not)."""
    times, people = total_without(run)
    if not people.any():
        return 0, 0, 0
    k = int(people.argmax())
    after = int(np.flatnonzero(people)[-1]) + 1
    return int(times[k]), int(people[k]), int(times[after]) if after < len(times) else None


def _worst_needs(run: Run, impact: Impact, lang: Lang) -> str:
    """Name the one or two basic needs that cost people most hours."""
    basic = [p for p, d in run.model.processes.items() if d.basic_need]
    frame = impact.by_process[impact.by_process["process"].isin(basic) & (impact.by_process["person_h"] > 0)]
    rows = frame.sort_values(["person_h", "process"], ascending=[False, True]).head(2)
    names = [run.model.processes[p].name[lang] for p in rows["process"]]
    return f" {word('and', lang)} ".join(names)


def _reached(run: Run, impact: Impact, lang: Lang) -> str:
    values = impact.totals
    return word(
        "replay_reached",
        lang,
        p=values["processes_hit"],
        all_p=len(impact.by_process),
        s=values["sectors_hit"],
        all_s=len(run.model.sectors),
        r=values["regions_hit"],
        all_r=len(regions_shown(run)),
    )


def failures(found: "Ranking", lang: Lang) -> list[Bar]:
    """Return the first places of a ranking of single failures, each on both axes."""
    rows = as_records(found.table().head(SHOWN_FAILURES))
    most = {axis: max((r[axis] for r in rows), default=0) or 1 for axis in ("cascade_hours", "basic_hours")}
    return [
        Bar(
            rank=row["rank"],
            front=row["front"],
            name=case_name(found.model, row["label"], lang),
            cascade=large(row["cascade_hours"], lang) if row["cascade_hours"] else "-",
            cascade_part=row["cascade_hours"] / most["cascade_hours"],
            basic=large(row["basic_hours"], lang) if row["basic_hours"] else "-",
            basic_part=row["basic_hours"] / most["basic_hours"],
            peak=large(row["basic_peak"], lang) if row["basic_peak"] else "-",
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Still:
    """A map that stands still, for print: the moment, and for each region its share, that as a text, and its band."""

    title: str
    people: str
    tiles: list[dict[str, Any]]


def stills(run: Run, moments_h: Sequence[float], lang: Lang) -> list[Still]:
    """Return maps of some moments (hours): which share of the inhabitants lacks a basic need."""
    frame = people_without(run)
    found = []
    for at_h in moments_h:
        now = frame[frame["time_h"] <= at_h].groupby("region")["people"].last()
        tiles = []
        for n, code in enumerate(run.network.regions):
            region = run.model.regions[code]
            part = float(now[code]) / max(region.population, 1)
            tiles.append({"n": n, "name": breakable(region.name), "text": share(part, lang), "band": band(part)})
        clock = moment(run.scenario.start, at_h * HOUR, lang)
        title = relative(round(at_h * HOUR)) + (f" · {clock}" if clock else "")
        found.append(Still(title, large(_at(run, at_h), lang), tiles))
    return found


def _at(run: Run, at_h: float) -> int:
    times, people = total_without(run)
    return int(people[int(np.searchsorted(times, round(at_h * HOUR), "right")) - 1])


def band(value: float) -> int:
    """Return the number of the band of a share that is lost: 0 for none or next to none, 6 for most."""
    return 0 if value < NOTHING_SHOWN else next(k for k, (top, _, _) in enumerate(BANDS, 1) if value <= top or top >= 1)


def people_course(run: Run, lang: Lang, hours: Sequence[float]) -> Table:
    """List how many people lack a basic need at some moments: the table behind the small chart."""
    everyone = max(sum(run.model.regions[c].population for c in regions_shown(run)), 1)
    rows = []
    for at_h in hours:
        people = _at(run, at_h)
        clock = moment(run.scenario.start, at_h * HOUR, lang)
        rows.append({"at": relative(round(at_h * HOUR)), "clock": clock, "people": people, "share": people / everyone})
    columns = (
        Column("at", word("after", lang)),
        Column("clock", word("replay_clock", lang)),
        Column("people", word("replay_people", lang), "large"),
        Column("share", word("replay_share", lang), "share"),
    )
    return Table("people", word("replay_people", lang), columns, rows)


def script_json(data: Mapping[str, Any]) -> str:
    """Write data so that nothing in it can end the element of a page it stands in, whatever it says."""
    import json

    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in ("<", ">", "&", "\u2028", "\u2029"):
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
