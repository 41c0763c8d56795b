"""Recovery as short tables: orders and their harm, jobs, who goes without over time, and where generators go."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from cascade.model import Lang, Model, Scenario
from cascade.results.generators import Generators
from cascade.results.recovery import Recovery, courses
from cascade.simulation.events import NEVER
from cascade.simulation.run import Run
from cascade.telling.columns import Column, Form, Table, as_records, event_name, name_of
from cascade.telling.joint import measure_text, unit_text
from cascade.units import FULL, HOUR
from cascade.words import duration, number, share, word

if TYPE_CHECKING:
    import pandas as pd

MAIN_JOBS: Final = 25
MAIN_MOVES: Final = 25
MAIN_MOMENTS: Final = 12
"""Rows of the course that people see."""
MAIN_NAMES: Final = 6
"""Jobs of an order that people see."""
TABLES: Final = ("orders", "jobs", "course", "moves", "searched")
_FORMS: Final[dict[str, Form]] = {"euros": "money"}


@dataclass(frozen=True)
class Told:
    """What was found: the order of repair, the generators, or both."""

    model: Model
    scenario: Scenario
    harm: str
    order: Recovery | None
    pool: Generators | None

    @property
    def runs(self) -> dict[str, Run]:
        """The runs to be shown over time, by name."""
        found = {} if self.order is None else {"first": self.order.first_come.run, "best": self.order.best.run}
        if self.pool is not None:
            found |= {} if found else {"without": self.pool.without}
            found["generators"] = self.pool.run
        return found

    def course(self) -> "pd.DataFrame":
        """Return who goes without over time, in each of the runs."""
        return courses(self.runs)


def recovery_tables(told: Told, lang: Lang, *, whole: bool = False) -> list[Table]:
    """Return the orders, the jobs, the course, the moves of generators, and how the search went; all rows if ``whole``."""
    tables = [_orders(told, lang, whole=whole)]
    if told.order is not None:
        tables.append(_jobs(told, told.order, lang, whole=whole))
    tables.append(_course(told, lang, whole=whole))
    if told.pool is not None:
        tables.append(_moves(told, told.pool, lang, whole=whole))
    return [*tables, _searched(told, lang)]


def _orders(told: Told, lang: Lang, *, whole: bool) -> Table:
    found, rows = told.order, list[dict[str, Any]]()

    def add(which: str, harm: float, names: tuple[str, ...] = ()) -> None:
        first = rows[0]["harm"] if rows else harm
        shown = ", ".join(names if whole else names[:MAIN_NAMES]) + (
            " …" if not whole and len(names) > MAIN_NAMES else ""
        )
        less = 1 - harm / first if first else 0.0
        told_less = share(less, lang) if less >= 0 else f"-{share(-less, lang)}"
        rows.append(
            {"which": which, "name": word(f"recover_{which}", lang), "harm": harm, "less": less,
             "less_text": told_less if len(rows) else "", "names": list(names), "who": shown}
        )  # fmt: skip

    if found is not None:
        add("first", found.first_come.harm, found.first_come.names)
        if found.written is not None:
            add("written", found.written.harm, found.written.names)
        add("best", found.best.harm, found.best.names)
        if found.bounded:
            add("bound", found.bound)
    if told.pool is not None:
        if found is None:
            add("first", told.pool.harm_without)
            rows[0] |= {"which": "without", "name": word("recover_without", lang)}
        add("generators" if found is not None else "generators_only", told.pool.harm)
        add("everywhere", told.pool.bound)
    for row in rows:
        row["names"] = " ".join(row["names"])
    columns = (
        Column("which", "", on="data"),
        Column("name", word("recover_order", lang), on="screen"),
        Column("harm", word("recover_harm", lang), _FORMS.get(told.harm, "large")),
        Column("less", "", on="data"),
        Column(
            "less_text",
            word("recover_less" if found is not None else "recover_less_without", lang),
            "right",
            on="screen",
        ),
        Column("names", "", on="data"),
        *((Column("who", word("recover_names", lang), on="screen"),) if found is not None else ()),
    )
    title = word("recover_orders" if found is not None else "recover_generators_only", lang)
    note = word(
        "recover_orders_note" if found is not None else "recover_plans_note", lang, harm=measure_text(told.harm, lang)
    )
    return Table("orders", title, columns, rows, note)


def _jobs(told: Told, found: Recovery, lang: Lang, *, whole: bool) -> Table:
    run = found.best.run
    first = {(job.event, job.instance): job.end for job in found.first_come.jobs}
    rows = list[dict[str, Any]]()
    for job in found.best.jobs:
        if not whole and job.crew not in found.crews:
            continue
        rows.append(
            {
                "event": told.scenario.events[job.event].id or str(job.event + 1),
                "instance": run.network.labels[job.instance],
                "crew": job.crew,
                "name": _job_name(told, job.event, lang),
                "region": _region(run, job.instance),
                "begin_h": _hours(job.begin),
                "end_h": _hours(job.end),
                "first_end_h": _hours(first[job.event, job.instance]),
            }
        )
    if not whole:
        rows = _as_one(rows, lang)
    late = word("past_end", lang)
    columns = (
        Column("event", "", on="data"),
        Column("instance", "", on="data"),
        Column("name", word("recover_job", lang), on="screen", clip=True),
        Column("region", word("region", lang), on="screen", clip=True),
        Column("crew", word("crew", lang)),
        Column("begin_h", word("recover_begin", lang), "hours", empty=late),
        Column("end_h", word("recover_end", lang), "hours", empty=late),
        Column("first_end_h", word("recover_first_end", lang), "hours", empty=late),
    )
    shown = rows if whole else rows[:MAIN_JOBS]
    note = " ".join([word("recover_jobs_note", lang), *_slowed(told, {row["crew"] for row in rows}, lang)])
    if len(shown) < len(rows):
        note += " " + word("only_first", lang, n=len(shown), m=number(len(rows), lang))
    return Table("jobs", word("recover_jobs", lang), columns, shown, note)


def _as_one(rows: list[dict[str, Any]], lang: Lang) -> list[dict[str, Any]]:
    """Tell jobs of one event with the same times once, with the number of regions."""
    same = dict[tuple[Any, ...], list[dict[str, Any]]]()
    for row in rows:
        same.setdefault(tuple(row[k] for k in ("event", "crew", "begin_h", "end_h", "first_end_h")), []).append(row)
    found = []
    for group in same.values():
        regions = {row["region"] for row in group}
        region = word("n_regions", lang, n=len(regions)) if len(regions) > 1 else group[0]["region"]
        found.append({**group[0], "region": region})
    return found


def _slowed(told: Told, crews: Collection[str], lang: Lang) -> list[str]:
    """Say of each of these crews what it works slower without, and by how much."""
    lines = []
    for crew in sorted(crews):
        needs = told.scenario.crews[crew].needs
        what = ", ".join(f"{name_of(told.model, p, lang)} ({share(s / FULL, lang)})" for p, s in sorted(needs.items()))
        lines += [word("recover_slowed", lang, crew=crew, needs=what)] if needs else []
    return lines


def _job_name(told: Told, event: int, lang: Lang) -> str:
    """Begin with the id, since orders go by it."""
    found = told.scenario.events[event]
    name = event_name(told.model, found, lang)
    return f"{found.id}: {name}" if found.id else name


def _hours(seconds: int) -> float | None:
    return None if seconds >= NEVER else seconds / HOUR


def _region(run: Run, instance: int) -> str:
    region = run.network.region(instance)
    return run.model.regions[region].name if region else ""


def _course(told: Told, lang: Lang, *, whole: bool) -> Table:
    frame = told.course()
    rows = as_records(frame)
    columns = [Column("time_h", word("recover_at", lang), "hours")]
    for what in ("people", "services", "euros"):
        form: Form = "money" if what == "euros" else "large"
        on: Literal["both", "data"] = "data" if what == ("services" if told.harm == "euros" else "euros") else "both"
        columns += [Column(f"{n}_{what}", word(f"recover_col_{n}_{what}", lang), form, on=on) for n in told.runs]
    if not whole and len(rows) > MAIN_MOMENTS:
        # by the columns that are shown: what is lost in euros can last much longer
        seen = [column.key for column in columns[1:] if column.on == "both"]
        short = [k for k, row in enumerate(rows) if any(row[n] for n in seen)] or [0]
        begin, end = rows[short[0]]["time_h"], rows[min(short[-1] + 1, len(rows) - 1)]["time_h"]
        wanted = [begin + (end - begin) * k / (MAIN_MOMENTS - 1) for k in range(MAIN_MOMENTS)]
        # what holds at that moment; the moment itself is shown
        rows = [{**[r for r in rows if r["time_h"] <= at][-1], "time_h": at} for at in wanted]
    return Table("course", word("recover_course", lang), tuple(columns), rows, word("recover_course_note", lang))


def _moves(told: Told, found: Generators, lang: Lang, *, whole: bool) -> Table:
    rows = [
        {
            "time_h": move.at / HOUR,
            "from": move.source,
            "to": move.target,
            "from_name": _place(told, move.source, lang),
            "to_name": _place(told, move.target, lang),
            "process": move.target.partition("@")[0],
            "region": move.target.partition("@")[2],
            "until_h": move.until / HOUR if move.target else None,
            "people": move.people if move.target else None,
        }
        for move in found.moves
    ]
    columns = (
        Column("time_h", word("recover_at", lang), "hours"),
        *(Column(key, "", on="data") for key in ("from", "to", "process", "region")),
        Column("from_name", word("recover_from", lang), on="screen"),
        Column("to_name", word("recover_to", lang), on="screen"),
        Column("until_h", word("recover_until", lang), "hours"),
        Column("people", word("recover_helped", lang), "large"),
    )
    note = word("recover_moves_note", lang, units=found.units, moving=duration(found.moving, lang))
    shown = rows if whole else rows[:MAIN_MOVES]
    if len(shown) < len(rows):
        note += " " + word("only_first", lang, n=len(shown), m=number(len(rows), lang))
    return Table("moves", word("recover_moves", lang), columns, shown, note)


def _place(told: Told, label: str, lang: Lang) -> str:
    if not label:
        return word("recover_pool", lang)
    process, _, region = label.partition("@")
    name = name_of(told.model, process, lang)
    return f"{name}, {told.model.regions[region].name}" if region else name


def _searched(told: Told, lang: Lang) -> Table:
    said: dict[str, tuple[Any, str]] = {"harm": (told.harm, "")}
    if told.order is not None:
        found = told.order
        said |= {
            "contested": (found.contested, number(found.contested, lang)),
            "simulations": (found.simulations, number(found.simulations, lang)),
            "bound": (found.bound if found.bounded else None, ""),
            "gap": (found.gap, share(found.gap, lang)),
            "proven": (found.proven, ""),
            "interrupted": (found.interrupted, ""),
        }
    if told.pool is not None:
        pool = told.pool
        said |= {
            "generators": (pool.pool, ""),
            "every_h": (pool.every / HOUR, ""),
            "moving_h": (pool.moving / HOUR, ""),
            "places_considered": (pool.candidates, ""),
            "generator_simulations": (pool.simulations, ""),
            "generators_bound": (pool.bound, ""),
            "generators_interrupted": (pool.interrupted, ""),
        }
    rows = [
        {"key": key, "value": value, "label": word(f"recover_n_{key}", lang) if text else "", "text": text}
        for key, (value, text) in said.items()
    ]
    columns = (
        Column("key", "", on="data"),
        Column("value", "", on="data"),
        Column("label", "", on="screen"),
        Column("text", "", "right", on="screen"),
    )
    return Table("searched", word("recover_searched", lang), columns, rows, keyed=True)


def recovery_summary(told: Told, lang: Lang) -> list[str]:
    """Say what the order and the generators do, and what is proven of it."""
    lines = []
    if told.order is not None:
        lines += _order_summary(told.order, lang)
    if told.pool is not None:
        pool, key = told.pool, "recover_generators_do" if told.pool.moves else "recover_no_moves"
        filled = {n: unit_text(v, told.harm, lang) for n, v in (
            ("harm", pool.harm), ("without", pool.harm_without), ("bound", pool.bound))}  # fmt: skip
        lines.append(word(key, lang, pool=number(pool.pool, lang), every=duration(pool.every, lang), **filled))
    if (told.order and told.order.interrupted) or (told.pool and told.pool.interrupted):
        lines.append(word("recover_interrupted", lang))
    return lines


def _order_summary(found: Recovery, lang: Lang) -> list[str]:
    first, best = (unit_text(order.harm, found.harm, lang) for order in (found.first_come, found.best))
    simulations = number(found.simulations, lang)
    if not found.contested:
        return [word("recover_free", lang, first=first)]
    lines = [
        word(
            "recover_how", lang, jobs=number(len(found.best.jobs), lang), contested=number(found.contested, lang),
            harm=measure_text(found.harm, lang),
        )
    ]  # fmt: skip
    if found.best.harm < found.first_come.harm:
        less = share(1 - found.best.harm / found.first_come.harm, lang)
        lines.append(word("recover_better", lang, first=first, best=best, less=less))
    else:
        lines.append(word("recover_same", lang, first=first))
    if found.proven:
        lines.append(word("recover_proven", lang, n=simulations))
    elif found.bounded:
        bound = unit_text(found.bound, found.harm, lang)
        lines.append(word("recover_gap", lang, gap=share(found.gap, lang), bound=bound, n=simulations))
    else:
        lines.append(word("recover_unbounded", lang, n=simulations))
    if found.overlapping:
        lines.append(word("recover_overlapping", lang))
    return lines
