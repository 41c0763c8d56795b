"""What follows from a plan, as short tables: why each choice, the next best, prices, what stays open, and side effects."""

from typing import Any, Final

from cascade.model import BUDGET, Lang
from cascade.results.advice import Forced, Price, Worth, same
from cascade.results.protection import Protection, Rest
from cascade.results.scanning import SCANNED, TRIED
from cascade.telling.columns import Column, Table, name_of, plain
from cascade.telling.protection import (
    MAIN_OTHERS,
    harm_form,
    harm_text,
    instance_text,
    option_name,
    ordered,
    precise,
    scenario_name,
    unit_name,
)
from cascade.words import euros, number, word

MOST_LINKS: Final = 5
"""Links of a chain that people see; of a longer one the first and the last."""


def advice_tables(found: Protection, lang: Lang, most: int | None = MAIN_OTHERS) -> list[Table]:
    """Return everything that follows from a plan.

    Parameters
    ----------
    found : Protection
        With scenarios.
    lang : {"nl", "en"}
    most : int, optional
        Rows of each table; None for all.
    """
    made = [
        _chains(found, lang, most), _forced(found, lang, chosen=True), _forced(found, lang, chosen=False),
        _prices(found, lang), _left(found, lang), _worse(found, lang, most), _importance(found, lang, most),
        _ladder(found, lang, most),
    ]  # fmt: skip
    return [*made, _fresh(found, lang)] if found.fresh is not None else made


def _chains(found: Protection, lang: Lang, most: int | None) -> Table:
    """Say of each choice what would go without what if it were left out."""
    by = {one.option: one for one in found.cuts}
    rows = [
        {
            "label": found.choices.options[k].label,
            "name": option_name(found, k, lang),
            "scenario": by[k].scenario,
            "scenario_name": scenario_name(found, by[k].scenario, lang),
            "instance": by[k].instance,
            "hours": by[k].hours,
            "links": list(by[k].links),
            "chain": _chain_text(found, by[k].links, lang),
        }
        for k, _ in ordered(found)
        if k in by
    ]
    columns = (
        *(Column(key, "", on="data") for key in ("label", "scenario", "instance")),
        Column("name", word("protect_choice", lang), on="screen"),
        Column("scenario_name", word("scenario", lang), on="screen"),
        Column("hours", word("protect_spared", lang), "hours"),
        Column("links", "", on="data"),
        Column("chain", word("protect_chain", lang), on="screen"),
    )
    return Table("chains", word("protect_chains", lang), columns, rows[:most], word("protect_chains_note", lang))


def _chain_text(found: Protection, links: tuple[str, ...], lang: Lang) -> str:
    names = [instance_text(found.model, label, lang) for label in links]
    if len(names) > MOST_LINKS:
        names = [*names[: MOST_LINKS - 1], "…", names[-1]]
    return " < ".join(names)


# ------------------------------------------------------------------ next best


def _forced(found: Protection, lang: Lang, *, chosen: bool) -> Table:
    """List the best plans without choices of the plan, or with others in it."""
    those = [one for one in found.forced if one.chosen == chosen]
    rows = sorted((_forced_row(found, one, lang) for one in those), key=_by_cost)
    kind = "without" if chosen else "with"
    form = harm_form(found)
    data = ("label", "value", "bound", "proven", "out", "in", "clash")
    columns = (
        *(Column(key, "", on="data") for key in data),
        Column("name", word(f"protect_forced_{kind}", lang), on="screen"),
        Column("on_top", word("protect_part" if chosen else "protect_on_top", lang), form),
        Column("cost", word("protect_costs", lang), form, on="data"),
        Column("cost_text", word("protect_costs", lang), "right", on="screen"),
        Column("cost_at_least", word("protect_at_least", lang), form),
        Column("instead", word(f"protect_instead_{kind}", lang), on="screen"),
    )
    return Table(
        "next" if chosen else "runners-up", word(f"protect_next_{kind}", lang), columns, rows,
        word(f"protect_next_{kind}_note", lang),
    )  # fmt: skip


def _by_cost(row: dict[str, Any]) -> tuple[bool, float, str]:
    return row["cost"] is None, row["cost"] or 0.0, row["label"]


def _forced_row(found: Protection, one: Forced, lang: Lang) -> dict[str, Any]:
    worth, solution = found.worths.get(one.option), one.solution
    base = found.solution.value if found.solution else 0.0
    plan = solution.plan if solution else frozenset[int]()
    gone = sorted(found.plan - plan - {one.option}) if solution else []
    came = sorted(plan - found.plan - {one.option}) if solution else []
    cost = one.cost(base)
    if cost is None:
        text = word("protect_impossible", lang)
    elif same(base + cost, base):
        cost, text = 0.0, word("protect_nothing", lang)
    else:
        text = harm_text(found, cost, lang) if cost > 0 else f"-{harm_text(found, -cost, lang)}"
    return {
        "label": found.choices.options[one.option].label,
        "name": option_name(found, one.option, lang),
        "on_top": worth.part if worth else None,
        "value": solution.value if solution else None,
        "bound": plain(solution.bound) if solution else None,
        "proven": plain(solution.proven) if solution else None,
        "cost": cost,
        "cost_text": text,
        "cost_at_least": one.cost_at_least(base),
        "out": found.choices.told(gone),
        "in": found.choices.told(came),
        "clash": list(one.clash),
        "instead": _few(found, came if one.chosen else gone, lang) if solution else "; ".join(one.clash),
    }


def _few(found: Protection, options: list[int], lang: Lang) -> str:
    """Name a few options; of more than two the number."""
    if not options:
        return word("protect_no_other", lang)
    if len(options) > 2:
        return word("protect_n_others", lang, n=len(options))
    return "; ".join(option_name(found, k, lang) for k in options)


# ------------------------------------------------------------------ prices


def _prices(found: Protection, lang: Lang) -> Table:
    """List what one unit more and one fewer of each kind would change."""
    used, idle = found.limits.used(found.plan), found.idle
    rows = [_price_row(found, one, lang) for one in found.prices]
    for row in rows:
        row["available"] = used[row["kind"]] + idle[row["kind"]]
        row["used"] = used[row["kind"]]
    if found.fair is not None:
        row = _price_row(found, found.fair, lang)
        rows.append({**row, "available": None, "used": None, "step_text": word("protect_fair", lang)})
    form = harm_form(found)
    columns = (
        Column("kind", "", on="data"),
        Column("step", "", on="data"),
        Column("step_text", word("protect_step", lang), on="screen"),
        Column("available", word("protect_available", lang), "number"),
        Column("used", word("protect_used", lang), "number"),
        Column("change", word("protect_change", lang), form, on="data"),
        Column("change_text", word("protect_change", lang), "right", on="screen"),
        Column("least", word("protect_least", lang), form),
        Column("most", word("protect_most", lang), form),
        *(Column(key, "", on="data") for key in ("value", "bound", "proven", "clash")),
    )
    return Table("prices", word("protect_prices", lang), columns, rows, word("protect_prices_note", lang))


def _price_row(found: Protection, one: Price, lang: Lang) -> dict[str, Any]:
    assert found.solution is not None
    change, proven, solution = one.change(found.solution), one.proven(found.solution), one.solution
    if change is None:
        text = word("protect_impossible", lang)
    elif same(found.value + change, found.value):
        change, text = 0.0, word("protect_nothing", lang)
    else:
        sign = "-" if (change > 0) == (one.step > 0) else "+"
        text = f"{sign}{harm_text(found, abs(change), lang)}"
    key = "protect_more" if one.step > 0 else "protect_fewer"
    size = euros(abs(one.step), lang) if one.kind == BUDGET else f"{abs(one.step)} × {unit_name(one.kind, lang)}"
    return {
        "kind": one.kind,
        "step": one.step,
        "step_text": word(key, lang, size=size),
        "change": change,
        "change_text": text,
        "least": proven[0] if proven else None,
        "most": proven[1] if proven else None,
        "value": solution.value if solution else None,
        "bound": plain(solution.bound) if solution else None,
        "proven": plain(solution.proven) if solution else None,
        "clash": list(one.clash),
    }


# ------------------------------------------------------------------ what stays open


def _left(found: Protection, lang: Lang) -> Table:
    """List the largest harms that are left, and who would help most there."""
    forced = {one.option: one for one in found.forced}
    rows = [
        {
            "scope": rest.scope,
            "name": rest.name,
            "scope_text": word(f"protect_scope_{rest.scope}", lang),
            "name_text": _rest_name(found, rest, lang),
            "before": rest.before,
            "after": rest.after,
            "candidate": found.choices.options[rest.candidate].label if rest.candidate is not None else "",
            "candidate_text": option_name(found, rest.candidate, lang)
            if rest.candidate is not None
            else word("protect_no_candidate", lang),
            "gain": rest.gain if rest.candidate is not None else None,
            "why": _why_not(found, rest, forced, lang),
        }
        for rest in found.left
        if rest.after > 0
    ]
    form = harm_form(found)
    columns = (
        Column("scope", "", on="data"),
        Column("name", "", on="data"),
        Column("scope_text", word("protect_scope", lang), on="screen"),
        Column("name_text", word("protect_where", lang), on="screen"),
        Column("before", word("protect_before", lang), form, on="data"),
        Column("after", word("protect_after", lang), form),
        Column("candidate", "", on="data"),
        Column("candidate_text", word("protect_helps", lang), on="screen"),
        Column("gain", word("protect_by", lang), form),
        Column("why", word("protect_why_not", lang), on="screen"),
    )
    note = word("protect_uncovered_note", lang, n=SCANNED, m=TRIED)
    if found.samples:
        note += " " + word("protect_uncovered_sampled", lang)
    return Table("uncovered", word("protect_uncovered", lang), columns, rows, note)


def _rest_name(found: Protection, rest: Rest, lang: Lang) -> str:
    if rest.scope == "scenario":
        return scenario_name(found, rest.name, lang)
    if rest.scope == "process":
        return name_of(found.model, rest.name, lang)
    return found.model.regions[rest.name].name if rest.name else word("national", lang)


def _why_not(found: Protection, rest: Rest, forced: dict[int, Forced], lang: Lang) -> str:
    """Say why the candidate that would help most there is not in the plan."""
    if rest.candidate is None:
        return ""
    one, base = forced.get(rest.candidate), found.solution.value if found.solution else 0.0
    if one is not None and one.solution is None:
        return word("protect_clashes", lang, names="; ".join(one.clash))
    costs = [one.cost(base)] if one is not None else []
    costs.append(found.swaps.get(rest.candidate))
    known = [cost for cost in costs if cost is not None]
    if not known:
        return word("protect_not_asked", lang)
    cost = min(known)
    if same(base + cost, base) or cost < 0:
        return word("protect_as_good", lang)
    return word("protect_better_elsewhere", lang, cost=harm_text(found, cost, lang))


def _worse(found: Protection, lang: Lang, most: int | None) -> Table:
    rows = [
        {
            "scenario": one.scenario,
            "scenario_name": scenario_name(found, one.scenario, lang),
            "instance": one.instance,
            "name": instance_text(found.model, one.instance, lang),
            "before_h": one.before_h,
            "after_h": one.after_h,
        }
        for one in found.worse[:most]
    ]
    columns = (
        Column("scenario", "", on="data"),
        Column("instance", "", on="data"),
        Column("name", word("process", lang), on="screen"),
        Column("scenario_name", word("scenario", lang), on="screen"),
        Column("before_h", word("protect_before", lang), "hours"),
        Column("after_h", word("protect_after", lang), "hours"),
    )
    note = word("protect_worse_note", lang)
    if most is not None and len(found.worse) > most:
        note += " " + word("only_largest", lang, n=len(rows), m=number(len(found.worse), lang))
    return Table("side-effects", word("protect_worse", lang), columns, rows, note)


def worse_line(found: Protection, lang: Lang) -> str:
    """Say whether anything loses more with the plan than without it."""
    if not found.worse:
        return word("protect_none_worse", lang)
    return word("protect_some_worse", lang, n=number(len(found.worse), lang))


# ------------------------------------------------------------------ importance, fresh samples


def _importance(found: Protection, lang: Lang, most: int | None) -> Table:
    """List importance measures of reliability beside ours, for the plan and the candidates spoken of."""
    order = sorted(found.worths.values(), key=lambda w: (-w.part, w.option))
    rows = [_importance_row(found, worth, lang) for worth in order[:most]]
    form = harm_form(found)
    columns = (
        Column("label", "", on="data"),
        Column("name", word("protect_choice", lang), on="screen"),
        Column("chosen", word("protect_chosen", lang), "flag"),
        Column("birnbaum", "Birnbaum", form),
        Column("fussell_vesely", "Fussell-Vesely", on="data"),
        Column("fv_text", "Fussell-Vesely", "right", on="screen"),
        Column("raw", "RAW", on="data"),
        Column("raw_text", "RAW", "right", on="screen"),
        Column("rrw", "RRW", on="data"),
        Column("rrw_text", "RRW", "right", on="screen"),
    )
    return Table("importance", word("protect_importance", lang), columns, rows, word("protect_importance_note", lang))


def _importance_row(found: Protection, worth: Worth, lang: Lang) -> dict[str, Any]:
    fv, raw, rrw = worth.fussell_vesely, worth.raw, worth.rrw
    return {
        "label": found.choices.options[worth.option].label,
        "name": option_name(found, worth.option, lang),
        "chosen": worth.chosen,
        "birnbaum": worth.part,
        "fussell_vesely": fv,
        "fv_text": "" if fv is None else precise(fv, lang),
        "raw": raw,
        "raw_text": "" if raw is None else number(raw, lang, 4),
        "rrw": rrw,
        "rrw_text": "" if rrw is None else number(rrw, lang, 4),
    }


def _fresh(found: Protection, lang: Lang) -> Table:
    """List the harm on the samples planned with, and on fresh ones."""
    fresh = found.fresh
    assert fresh is not None
    rows: list[dict[str, Any]] = []
    for key, values in (("none", fresh.none), ("plan", fresh.plan), ("rival", fresh.rival)):
        if values is None:
            continue
        mean, low, high = fresh.interval(values)
        planned = {"none": found.none, "plan": fresh.planned}.get(key)
        rows.append(
            {
                "plan": key,
                "name": _fresh_name(found, key, lang),
                "planned": planned,
                "mean": mean,
                "low": None if low != low else low,
                "high": None if high != high else high,
                "judged": fresh.whole if key == "plan" else None,
                "better": fresh.better if key == "rival" else None,
            }
        )
    form = harm_form(found)
    columns = (
        Column("plan", "", on="data"),
        Column("name", word("protect_which_plan", lang), on="screen"),
        Column("planned", word("protect_planned", lang), form),
        Column("mean", word("protect_mean", lang), form),
        Column("low", word("protect_low", lang), form),
        Column("high", word("protect_high", lang), form),
        Column("judged", "", on="data"),
        Column("better", "", on="data"),
    )
    note = word("protect_fresh_note", lang, n=number(found.samples, lang))
    if fresh.better is not None:
        note += " " + word("protect_beats", lang, share=precise(fresh.better, lang))
    return Table("fresh", word("protect_fresh", lang), columns, rows, note)


def _fresh_name(found: Protection, key: str, lang: Lang) -> str:
    fresh = found.fresh
    if key == "rival" and fresh is not None and fresh.without is not None:
        return word("protect_plan_rival", lang, name=option_name(found, fresh.without, lang))
    return word(f"protect_plan_{key}", lang)


def _ladder(found: Protection, lang: Lang, most: int | None) -> Table:
    """List the harm as the choices of the plan come one by one."""
    rows = [
        {
            "choices": n,
            "label": found.choices.options[k].label,
            "name": option_name(found, k, lang),
            "harm": harm,
        }
        for n, (k, harm) in enumerate(found.ladder, 1)
    ]
    columns = (
        Column("choices", "#", "right"),
        Column("label", "", on="data"),
        Column("name", word("protect_choice", lang), on="screen"),
        Column("harm", word("protect_harm", lang), harm_form(found)),
    )
    return Table("ladder", word("protect_ladder", lang), columns, rows[:most], word("protect_ladder_note", lang))
