"""A run as a handful of short tables: in short, by sector, what fails when, who suffers, what is back, what is not."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cascade.model import Lang, Model, Scenario
from cascade.simulation.run import Run
from cascade.telling import wwke
from cascade.telling.aftermath import MAIN_EFFECTS, MAIN_EVENTS, course, effects, events, exercise, jobs, locked
from cascade.telling.columns import Column, Table, as_records, back_text, name_of, plain
from cascade.telling.strips import NOTHING_SHOWN, Narrowed, in_regions, regions_shown
from cascade.units import HOUR
from cascade.words import date, duration, euros, large, share, word

if TYPE_CHECKING:
    from cascade.results.impact import Impact

MAIN_PROCESSES: Final = 15


def header(run: Run, lang: Lang) -> list[str]:
    """Say in two or three lines what was simulated."""
    scenario, model = run.scenario, run.model
    parts = [f"{word('horizon', lang)}: {duration(run.horizon, lang)}"]
    if scenario.start is not None:
        parts.append(f"{word('start', lang)}: {date(scenario.start, lang)}")
    if scenario.likelihood is not None:
        parts.append(f"{word('likelihood', lang)}: {likelihood(model, scenario.likelihood, lang)}")
    narrow = [word("only_regions", lang, where=in_regions(run, lang))] if isinstance(run, Narrowed) else []
    return [" · ".join(parts), *narrow]


def likelihood(model: Model, letter: str, lang: Lang) -> str:
    """Name a class of likelihood: ``C (somewhat likely)``."""
    for parameters in model.info.parameters.values():
        if parameters.classes and letter in parameters.classes:
            return f"{letter} ({parameters.classes[letter].name[lang]})"
    return letter


def totals(run: Run, impact: "Impact", lang: Lang) -> Table:
    """Give the main figures of a run: people, hours, euros, reach."""
    values = {key: plain(value) for key, value in impact.totals.items()}
    model = run.model
    people = values.get("basic_people_peak") or 0
    all_people = max(model.population, 1)
    hours = model.info.self_reliance // HOUR
    reached = word(
        "reached_text",
        lang,
        processes=f"{values['processes_hit']}/{len(impact.by_process)}",
        sectors=f"{values['sectors_hit']}/{len(model.sectors)}",
        regions=f"{values['regions_hit']}/{len(regions_shown(run))}",
    )
    first = values["first_effect_h"]
    texts: dict[str, str] = {
        "basic_people_peak": word("people_of_all", lang, n=large(people, lang), share=share(people / all_people, lang)),
        "basic_person_h": large(values["basic_person_h"], lang),
        "basic_person_h_beyond": large(values["basic_person_h_beyond"], lang),
        "cost_eur": euros(values["cost_eur"], lang),
        "first_effect_h": word("first_effect_none", lang) if first is None else _soon(first, lang),
        "cascade_share": _share_of_all(values, lang),
        "processes_hit": reached,
    }
    rows = [
        {
            "key": key,
            "value": value,
            "label": word("reached" if key == "processes_hit" else key, lang, h=hours) if key in texts else "",
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


def _share_of_all(values: Mapping[str, Any], lang: Lang) -> str:
    """Say which part comes by knock-on effects, and of how many person-hours: those of all processes."""
    if values["cascade_share"] is None:
        return ""
    return word("cascade_share_of", lang, share=share(values["cascade_share"], lang), n=large(values["person_h"], lang))


def _soon(hours: float, lang: Lang) -> str:
    return word("at_once", lang) if hours == 0 else word("after_d", lang, d=duration(hours * HOUR, lang))


def _rank(key: str, first: Mapping[str, str]) -> tuple[int, str]:
    order = list(first)
    return (order.index(key), key) if key in first else (len(order), key)


def anv(impact: "Impact", lang: Lang) -> Table:
    """Give the classes of impact of the national risk analysis, with the numbers they rest on."""
    rows = []
    for record in impact.anv.to_dict("records"):
        people, hours, cost = (plain(record.get(k)) for k in ("people", "duration_h", "cost_eur"))
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


def sectors(run: Run, impact: "Impact", lang: Lang) -> Table:
    """Give one line per sector: how much of it is touched, how deep, for how many, at what cost, until when."""
    rows = []
    for record in as_records(
        impact.by_sector.sort_values(["person_h", "cost_eur", "lost_h"], ascending=False, kind="stable")
    ):
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


def processes(run: Run, impact: "Impact", lang: Lang, most: int | None = MAIN_PROCESSES) -> Table:
    """List the processes that cost people the most hours, and when each was back.

    What has the tag ``indicator`` only mirrors other processes and stands in the data, not among the hardest.
    """
    frame = impact.by_process[impact.by_process["lost_h"] > 0]
    order = ["person_h", "cost_eur", "lost_h"]
    rows = as_records(frame.sort_values(order, ascending=False, kind="stable"))
    rows = [
        {**r, "name": name_of(run.model, r["process"], lang), "back_text": back_text(r["back_h"], lang)} for r in rows
    ]
    mirrors = {p for p, d in run.model.processes.items() if "indicator" in d.tags}
    with_people = [r for r in rows if r["person_h"] > 0 and r["process"] not in mirrors]
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
    rows = [row for row in as_records(impact.basic_needs) if row["region"] in regions_shown(run)]
    for row in rows:
        trifle = row["peak_people"] < NOTHING_SHOWN * row["people"]
        for key in ("peak_people", "person_h", "person_h_beyond", "longest_h"):
            row[f"{key}_shown"] = (0 if key != "longest_h" else None) if trifle else row[key]
        row["name"] = run.model.regions[row["region"]].name
        row["worst_name"] = (
            name_of(run.model, row["worst_process"], lang) if row["worst_process"] and not trifle else "-"
        )
    beyond = word("person_h_beyond", lang, h=run.model.info.self_reliance // HOUR)
    columns = (
        Column("region", "", on="data"),
        Column("name", word("region", lang)),
        Column("people", word("inhabitants_head", lang), "large"),
        *(Column(key, "", on="data") for key in ("peak_people", "person_h", "person_h_beyond", "longest_h")),
        Column("peak_people_shown", word("peak_people", lang), "large", on="screen"),
        Column("person_h_shown", word("person_h", lang), "large", on="screen"),
        Column("person_h_beyond_shown", beyond, "large", on="screen"),
        Column("longest_h_shown", word("longest", lang), "hours", on="screen", empty="-"),
        Column("worst_process", "", on="data"),
        Column("worst_name", word("worst_need", lang), on="screen", clip=True),
    )
    return Table("regions", word("by_region", lang), columns, rows, word("regions_note", lang))


def notification(run: Run, lang: Lang, *, whole: bool = False) -> Table:
    """Say whether a run has to be notified by the thresholds of the model; for some regions only the table is empty."""
    from cascade.results.wwke import notifications

    # limits are shares of the country's users
    found = notifications(run, () if isinstance(run, Narrowed) else None)
    return wwke.notification(found, run.model, lang, None if whole else wwke.MAIN_NOTIFICATIONS)


def run_tables(run: Run, impact: "Impact", lang: Lang, *, whole: bool = False) -> list[Table]:
    """Return every table of a run, in the order in which people read them."""
    scores = anv(impact, lang)
    most = (None, None) if whole else (MAIN_EFFECTS, MAIN_PROCESSES)
    return [
        totals(run, impact, lang),
        replace(scores, rows=[]) if isinstance(run, Narrowed) else scores,  # its limits are the country's
        events(run, lang, None if whole else MAIN_EVENTS),
        sectors(run, impact, lang),
        effects(run, impact, lang, most[0]),
        processes(run, impact, lang, most[1]),
        regions(run, impact, lang),
        course(run, lang),
        locked(run, lang),
        jobs(run, lang),
        notification(run, lang, whole=whole),
        exercise(run, lang),
    ]


def scenario_table(files: Iterable[tuple[str, Scenario | None]], lang: Lang) -> Table:
    """List scenarios: name, what it is, how long it is looked at, how likely; None stands for a faulty one."""
    rows = [
        {
            "scenario": name,
            "title": scenario.name[lang] if scenario else word("faulty_scenario", lang),
            "horizon_h": scenario.horizon / HOUR if scenario else None,
            "likelihood": scenario.likelihood if scenario else None,
            "events": len(scenario.events) if scenario else None,
            "about": scenario.about[lang].strip() if scenario and scenario.about is not None else None,
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
