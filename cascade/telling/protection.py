"""A plan for a capacity file as short tables: what goes where, how much harm that averts, and how good it is at best."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from math import ceil, log10
from typing import Any, Final

from cascade.model import BUDGET, Lang, Model
from cascade.results.advice import same
from cascade.results.candidates import Choices
from cascade.results.protection import Protection, left_by_region, scenario_harms, weights_of
from cascade.telling.columns import Column, Form, Table, name_of, plain
from cascade.telling.joint import measure_text, unit_text
from cascade.units import FULL, HOUR, Uncertain
from cascade.words import WORDS, duration, euros, large, number, share, word

MAIN: Final = 20
"""Rows that people see of the plan."""
MARGIN: Final = 1e-6
"""Gap that says no more than that the solver of the bound works with floating point."""
MAIN_OTHERS: Final = 10
"""Rows that people see of each table after it."""


def harm_name(found: Protection, lang: Lang) -> str:
    """Say what harm is measured by: one measure, or a stated weighting."""
    weights = weights_of(found.capacity)
    if list(weights.values()) == [1.0]:
        return measure_text(next(iter(weights)), lang)
    return " + ".join(f"{number(w, lang, _decimals(w))} × {measure_text(m, lang)}" for m, w in weights.items())


def _decimals(weight: float) -> int:
    """Return how many decimals a weight needs, at most 6."""
    return next((n for n in range(6) if round(weight, n) == weight), 6)


def harm_text(found: Protection, value: float, lang: Lang) -> str:
    """Write a harm with its unit."""
    weights = weights_of(found.capacity)
    if list(weights.values()) == [1.0]:
        return unit_text(value, next(iter(weights)), lang)
    return word("protect_points", lang, n=large(value, lang))


def harm_texts(found: Protection | Choices, values: Mapping[str, float], lang: Lang) -> dict[str, str]:
    """Write harms that differ little with so many decimals that what differs shows."""
    weights, largest = weights_of(found.capacity), max(values.values(), default=0.0)
    key, size = ("billion", 1e9) if largest >= 9.995e8 else ("million", 1e6) if largest >= 9.995e5 else ("", 1.0)
    differing = [abs(a - b) / size for a, b in pairwise(sorted(values.values())) if not same(a, b)]
    decimals = min(6, max([0, *(ceil(2 - log10(d)) for d in differing)])) if key else 0
    texts = {
        name: f"{number(v / size, lang, decimals)} {word(key, lang)}" if key else number(v, lang)
        for name, v in values.items()
    }
    if weights == {"euros": 1.0}:
        return {name: f"€ {text}" for name, text in texts.items()}
    one = next(iter(weights)) if list(weights.values()) == [1.0] else ""
    return {name: word(f"joint_unit_{one}" if one else "protect_points", lang, n=text) for name, text in texts.items()}


def harm_form(found: Protection) -> Form:
    """Return how harms are written in a table."""
    return "money" if weights_of(found.capacity) == {"euros": 1.0} else "large"


def option_name(found: Protection, option: int, lang: Lang) -> str:
    """Name a candidate: the measure, the process and the region."""
    one = found.choices.options[option]
    name = f"{measure_name(found.model, one.measure, lang)}: {name_of(found.model, one.process, lang)}"
    return f"{name}, {found.model.regions[one.region].name}" if one.region else name


def measure_name(model: Model, measure: str, lang: Lang) -> str:
    """Name a measure."""
    return model.measures[measure].name[lang]


def scenario_name(found: Protection, name: str, lang: Lang) -> str:
    """Name a scenario by its own words."""
    return next((one.scenario.name[lang] for one in found.given if one.name == name), name)


def instance_text(model: Model, label: str, lang: Lang) -> str:
    """Name an instance from its label."""
    process, _, rest = label.partition("@")
    region, _, asset = rest.partition("#")
    name = name_of(model, process, lang)
    if asset and process in model.assets and asset in model.assets[process].ids:
        table = model.assets[process]
        return f"{name}, {table.names[table.ids.index(asset)]}"
    return f"{name}, {model.regions[region].name}" if region in model.regions else name


def unit_name(kind: str, lang: Lang) -> str:
    """Name a kind of units; one of somebody's own by its id."""
    key = f"unit_{kind}"
    return word(key, lang) if key in WORDS else kind


def units_text(units: dict[str, int], lang: Lang) -> str:
    """Write units by kind: ``2 × guard team, 1 × generator``."""
    return ", ".join(f"{number(n, lang)} × {unit_name(kind, lang)}" for kind, n in sorted(units.items()) if n)


def taken(found: Protection, options: Iterable[int]) -> dict[str, int]:
    """Return the units by kind that some options take, those that money buys included."""
    total: dict[str, int] = {}
    for k in options:
        for kind, n in found.model.measures[found.choices.options[k].measure].takes.items():
            total[kind] = total.get(kind, 0) + n
    return dict(sorted(total.items()))


def manned(found: Protection, options: Iterable[int]) -> tuple[int | None, Uncertain | None]:
    """Return posts and people (1/10 000) that options ask for; None where nothing says so.

    Units ask for those of the capacity file's ``manning``; a measure can keep people of its own busy.
    """
    chosen, posts, people = sorted(options), list[int](), list[Uncertain]()
    for kind, n in taken(found, chosen).items():
        if kind in found.capacity.manning:
            manning = found.capacity.manning[kind]
            posts.append(manning.posts * n)
            people.append(Uncertain(*(one * n for one in manning.people)))
    own = (found.model.measures[found.choices.options[k].measure].people for k in chosen)
    people += [Uncertain(*one) for one in own if one is not None]
    whole = Uncertain(*(sum(one[j] for one in people) for j in range(3))) if people else None
    return (sum(posts) if posts else None), whole


def people_text(people: Uncertain, lang: Lang) -> str:
    """Write people as low, most likely and high, in whole persons, rounded up."""
    low, mode, high = (-(-n // FULL) for n in people)
    return number(mode, lang) if low == high else f"{number(low, lang)}–{number(mode, lang)}–{number(high, lang)}"


# ------------------------------------------------------------------ what is done


def plan_tables(found: Protection, lang: Lang, most: int | None = MAIN) -> list[Table]:
    """Return the plan, what it takes, and what it averts.

    Parameters
    ----------
    found : Protection
        With scenarios.
    lang : {"nl", "en"}
    most : int, optional
        Rows of the plan; None for all.
    """
    return [
        _plan(found, lang, most), _measures(found, lang), _regions(found, lang, most), _processes(found, lang, most),
        _scenarios(found, lang), _totals(found, lang),
    ]  # fmt: skip


def ordered(found: Protection) -> list[tuple[int, str]]:
    """Return the options of the plan by what they are worth in it, each with its place; equals share one."""
    worth = found.worths
    plan = sorted(found.plan, key=lambda k: (-worth[k].part, -worth[k].averts, k) if k in worth else (0.0, 0.0, k))
    places: list[tuple[int, str]] = []
    values = [worth[k].part if k in worth else float("nan") for k in plan]
    for n, k in enumerate(plan):
        first = next((m for m in range(n + 1) if same(values[m], values[n])), n)
        tied = sum(same(value, values[n]) for value in values) > 1
        places.append((k, f"{first + 1}=" if tied else str(n + 1)))
    return places


def _plan(found: Protection, lang: Lang, most: int | None) -> Table:
    chains = {one.option: one for one in found.cuts}
    places = ordered(found)
    rows = [_plan_row(found, k, place, lang) for k, place in places[:most]]
    for row in rows:
        one = chains.get(row.pop("option"))
        row["scenario"] = one.scenario if one else ""
        row["instance"] = one.instance if one else ""
        row["spared_h"] = one.hours if one else None
        row["chain"] = " < ".join(one.links) if one else ""
    form, money = harm_form(found), found.limits.budget is not None
    data = ("measure", "process", "region", "units", "posts", "people_low", "people", "people_high", "lead_time_h")
    more = ("article_13", "confidence", "scenario", "instance", "spared_h", "chain")
    columns = (
        Column("rank", "#", "right"),
        Column("label", "", on="data"),
        *(Column(key, "", on="data") for key in data),
        Column("measure_name", word("measure", lang), on="screen"),
        Column("place", word("protect_where", lang), on="screen"),
        Column("takes", word("protect_takes", lang), on="screen"),
        Column("euros", word("joint_euros", lang).capitalize(), "money", on="both" if money else "data"),
        Column("part", word("protect_part", lang), form),
        Column("alone", word("protect_alone", lang), form),
        *(Column(key, "", on="data") for key in more),
    )
    note = word("protect_plan_note", lang)
    if len(rows) < len(places):
        note += " " + word("only_largest", lang, n=len(rows), m=number(len(places), lang))
    return Table("plan", word("protect_plan", lang), columns, rows, note)


def _plan_row(found: Protection, k: int, place: str, lang: Lang) -> dict[str, Any]:
    option, worth = found.choices.options[k], found.worths.get(k)
    measure, units = found.model.measures[option.measure], taken(found, [k])
    posts, people = manned(found, [k])
    return {
        "option": k,
        "rank": place,
        "label": option.label,
        "measure": option.measure,
        "process": option.process,
        "region": option.region,
        "measure_name": measure_name(found.model, option.measure, lang),
        "place": instance_text(found.model, option.label.partition(": ")[2], lang),
        "units": units,
        "takes": units_text(units, lang),
        "euros": int(found.choices.cost[k]),
        "posts": posts,
        "people_low": people.low / FULL if people else None,
        "people": people.mode / FULL if people else None,
        "people_high": people.high / FULL if people else None,
        "lead_time_h": measure.lead_time.mode / HOUR if measure.lead_time is not None else None,
        "article_13": measure.article_13,
        "confidence": measure.confidence or "",
        "part": worth.part if worth else None,
        "alone": worth.averts if worth else None,
    }


def _measures(found: Protection, lang: Lang) -> Table:
    """Add up by measure what the plan takes: units, posts and people, euros; lead time and CER article 13."""
    by: dict[str, list[int]] = {}
    for k in sorted(found.plan):
        by.setdefault(found.choices.options[k].measure, []).append(k)
    rows = []
    for name, options in sorted(by.items(), key=lambda item: (-len(item[1]), item[0])):
        measure, units = found.model.measures[name], taken(found, options)
        (posts, people), lead = manned(found, options), measure.lead_time
        rows.append(
            {
                "measure": name,
                "name": measure_name(found.model, name, lang),
                "places": len(options),
                "units": units,
                "takes": units_text(units, lang),
                "posts": posts,
                "people": people_text(people, lang) if people else "",
                "people_low": people.low / FULL if people else None,
                "people_mode": people.mode / FULL if people else None,
                "people_high": people.high / FULL if people else None,
                "euros": sum(int(found.choices.cost[k]) for k in options),
                "lead_time_h": lead.mode / HOUR if lead is not None else None,
                "article_13": measure.article_13,
            }
        )
    columns = (
        Column("measure", "", on="data"),
        Column("name", word("measure", lang), on="screen"),
        Column("places", word("protect_places", lang), "number"),
        Column("units", "", on="data"),
        Column("takes", word("protect_takes", lang), on="screen"),
        Column("posts", word("protect_posts", lang), "number"),
        Column("people", word("protect_people", lang), "right", on="screen"),
        *(Column(key, "", on="data") for key in ("people_low", "people_mode", "people_high")),
        Column("euros", word("joint_euros", lang).capitalize(), "money"),
        Column("lead_time_h", word("protect_lead", lang), "hours"),
        Column("article_13", word("protect_article", lang)),
    )
    return Table("measures", word("protect_measures", lang), columns, rows, word("protect_measures_note", lang))


def _summed(found: Protection, options: list[int], lang: Lang) -> dict[str, Any]:
    units = taken(found, options)
    money = sum(int(found.choices.cost[k]) for k in options)
    return {"choices": len(options), "units": units, "takes": units_text(units, lang), "euros": money}


def _regions(found: Protection, lang: Lang, most: int | None) -> Table:
    before, after = left_by_region(found)
    where = found.choices.regional
    rows: list[dict[str, Any]] = []
    for n, code in enumerate((*found.model.regions, "")):
        options = [k for k in where.get(code, []) if k in found.plan]
        name = found.model.regions[code].name if code else word("national", lang)
        harms = {"before": float(before[n]), "after": float(after[n])}
        rows.append({"region": code, "name": name, **_summed(found, options, lang), **harms})
    rows.sort(key=lambda r: (r["after"] - r["before"], -r["choices"], r["region"]))
    return Table(
        "regions", word("protect_regions", lang), _place_columns("region", harm_form(found), lang),
        [row for row in rows if row["choices"] or row["before"]][:most], word("protect_regions_note", lang),
    )  # fmt: skip


def _place_columns(key: str, form: Form, lang: Lang) -> tuple[Column, ...]:
    return (
        Column(key, "", on="data"),
        Column("name", word(key, lang), on="screen"),
        Column("choices", word("protect_choices", lang), "number"),
        Column("units", "", on="data"),
        Column("takes", word("protect_takes", lang), on="screen"),
        Column("euros", word("joint_euros", lang).capitalize(), "money"),
        Column("before", word("protect_before", lang), form),
        Column("after", word("protect_after", lang), form),
    )


def _processes(found: Protection, lang: Lang, most: int | None) -> Table:
    """Add up by process what the plan takes, and the hours of total outage it has left in a mean region."""
    by: dict[str, list[int]] = {}
    for k in sorted(found.plan):
        by.setdefault(found.choices.options[k].process, []).append(k)
    lost = {after: _process_hours(found, after=after) for after in (False, True)}
    rows = [
        {
            "process": process,
            "name": name_of(found.model, process, lang),
            **_summed(found, options, lang),
            "before": lost[False].get(process, 0.0),
            "after": lost[True].get(process, 0.0),
        }
        for process, options in sorted(by.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    return Table(
        "processes", word("protect_processes", lang), _place_columns("process", "hours", lang), rows[:most],
        word("protect_processes_note", lang),
    )  # fmt: skip


def _process_hours(found: Protection, *, after: bool) -> dict[str, float]:
    """Return the hours of total outage of each process, a mean over its copies and over the scenarios by weight."""
    total, sums = sum(one.weight for one in found.played), dict[str, float]()
    for one in found.played:
        network, lost = one.before.network, one.lost(after=after)
        for process in network.processes:
            mean = float(lost[list(network.instances(process))].mean())
            sums[process] = sums.get(process, 0.0) + one.weight / total * mean
    return sums


def _scenarios(found: Protection, lang: Lang) -> Table:
    assert found.search is not None
    total, harms = sum(one.weight for one in found.given), scenario_harms(found)
    rows: list[dict[str, Any]] = []
    for one in found.given:
        cases = [case for case in found.search.judge.cases if case.name == one.name]
        mean = harms[one.name]
        floor = sum(case.harm(range(found.choices.size)) for case in cases) / len(cases)
        rows.append(
            {
                "scenario": one.name,
                "name": one.scenario.name[lang],
                "weight": one.weight,
                "weight_share": one.weight / total,
                "before": mean[0],
                "after": mean[1],
                "averted": mean[0] - mean[1],
                "averted_share": (mean[0] - mean[1]) / mean[0] if mean[0] else None,
                "floor": floor,
                "candidates": len(cases[0].relevant),
            }
        )
    rows.sort(key=lambda r: (-r["weight"] * r["before"], r["scenario"]))
    form = harm_form(found)
    columns = (
        *(Column(key, "", on="data") for key in ("scenario", "weight")),
        Column("name", word("scenario", lang)),
        Column("weight_share", word("protect_weight", lang), "share"),
        Column("before", word("protect_before", lang), form),
        Column("after", word("protect_after", lang), form),
        Column("averted", "", on="data"),
        Column("averted_share", word("protect_averted", lang), "share"),
        Column("floor", word("protect_floor", lang), form),
        Column("candidates", word("protect_candidates", lang), "number"),
    )
    return Table("scenarios", word("protect_scenarios", lang), columns, rows, word("protect_scenarios_note", lang))


# ------------------------------------------------------------------ in all


def _totals(found: Protection, lang: Lang) -> Table:
    assert found.solution is not None
    most = found.none - found.bound
    said: dict[str, Any] = {
        "none": found.none,
        "value": found.value,
        "bound": found.bound,
        "floor": found.floor,
        "averted": found.none - found.value,
        "gap": found.gap,
        "achieved": min(1.0, (found.none - found.value) / most) if most > 0 else 1.0,
        "proven": plain(found.solution.proven),
        "choices": len(found.plan),
        "candidates": found.choices.size,
        "scenarios": len(found.given),
        "samples": found.samples,
        "seed": found.seed if found.samples else None,
        "used": found.limits.used(found.plan),
        "unused": found.idle,
        "harm": weights_of(found.capacity),
        "tail": found.capacity.tail / FULL if found.capacity.tail is not None else None,
        "cut_by_time": found.cut_short,
        "interrupted": found.interrupted,
    }
    shown = harm_texts(found, {key: said[key] for key in ("none", "value", "bound", "floor")}, lang)
    shown["averted"] = harm_text(found, said["averted"], lang)
    shown |= {key: precise(said[key], lang) for key in ("gap", "achieved")}
    rows = [
        {
            "key": key,
            "value": value,
            "label": word(f"protect_total_{key}", lang) if key in shown else "",
            "text": shown.get(key, ""),
        }
        for key, value in said.items()
    ]
    columns = (
        Column("key", "", on="data"), Column("value", "", on="data"),
        Column("label", "", on="screen"), Column("text", "", "right", on="screen"),
    )  # fmt: skip
    return Table("totals", word("totals", lang), columns, rows, keyed=True)


def precise(value: float, lang: Lang) -> str:
    """Write a share with as many decimals as a small one needs."""
    if value == 0 or value >= 0.1:
        return share(value, lang)
    return (
        f"{number(100 * value, lang, 1 if value >= 0.01 else 2)}%"
        if value >= 0.0001
        else "<0.01%"
        if lang == "en"
        else "<0,01%"
    )


def summary(found: Protection, lang: Lang) -> list[str]:
    """Say what was asked, what the plan averts, and how good it is at best."""
    assert found.solution is not None
    texts = harm_texts(found, {"none": found.none, "value": found.value, "bound": found.bound}, lang)
    texts["averted"] = harm_text(found, found.none - found.value, lang)
    judged = "protect_judged"
    if found.capacity.tail is not None:
        judged = "protect_judged_tail"
    lines = [
        word(
            judged, lang, n=number(len(found.given), lang), measure=harm_name(found, lang),
            candidates=number(found.choices.size, lang), tail=share((found.capacity.tail or 0) / FULL, lang),
        ),
        word(
            "protect_does", lang, **texts, n=number(len(found.plan), lang),
            share=precise((found.none - found.value) / found.none if found.none else 0.0, lang),
        ),
        _bound_line(found, texts, lang),
    ]  # fmt: skip
    if found.samples:
        lines.append(word("protect_sampled", lang, n=number(found.samples, lang), seed=found.seed))
    if found.capacity.phases:
        lines.append(word("protect_all_phases", lang, n=len(found.capacity.phases)))
    if found.cut_short:
        lines.append(word("protect_cut_short", lang, gap=precise(found.solution.asked, lang)))
    answers = [*(one.solution for one in found.forced), *(one.solution for one in found.prices)]
    asked = [answer for answer in answers if answer is not None]
    open_still = sum(not answer.proven for answer in asked)
    if open_still:
        lines.append(word("protect_questions_cut", lang, n=open_still, m=len(asked)))
    if found.interrupted:
        lines.append(word("protect_interrupted", lang))
    idle = {kind: n for kind, n in found.idle.items() if n > 0 and kind != BUDGET}
    if idle:
        lines.append(word("protect_idle", lang, units=units_text(idle, lang)))
    if found.idle.get(BUDGET, 0) > 0:
        lines.append(word("protect_idle", lang, units=euros(found.idle[BUDGET], lang)))
    if found.untouched:
        names = "; ".join(scenario_name(found, name, lang) for name in found.untouched)
        lines.append(word("protect_untouched", lang, names=names))
    return lines


def _bound_line(found: Protection, texts: dict[str, str], lang: Lang) -> str:
    most = found.none - found.bound
    achieved = min(1.0, (found.none - found.value) / most) if most > 0 else 1.0
    if found.gap <= MARGIN:
        return word("protect_best", lang)
    line = word("protect_bound", lang, **texts, gap=precise(found.gap, lang), achieved=precise(achieved, lang))
    queues = found.search is not None and any(case.stage.queues for case in found.search.judge.cases)
    loose = queues and found.solution is not None and not found.solution.proven
    return f"{line} {word('protect_queues', lang)}" if loose else line


def effort(found: Protection, lang: Lang) -> str:
    """Say what the answer took; for a screen only, as it differs from one time to the next."""
    assert found.solution is not None
    assert found.search is not None
    return word(
        "protect_effort", lang, seconds=duration(max(1, round(found.solution.seconds)), lang),
        rounds=number(found.solution.rounds, lang), runs=number(found.search.judge.runs, lang),
    )  # fmt: skip
