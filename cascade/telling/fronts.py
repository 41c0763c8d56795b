"""Fronts, plans over years and somebody else's list as short tables and sentences."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from cascade.model import BUDGET, Lang
from cascade.results.candidates import Choices
from cascade.results.fronts import Front, Point, Tradeoff
from cascade.results.phased import Phased
from cascade.results.protection import weights_of
from cascade.results.rivals import Left, Rivalry, Wish
from cascade.telling.columns import Column, Form, Table, name_of
from cascade.telling.joint import unit_text
from cascade.telling.protection import harm_texts, measure_name, unit_name, units_text
from cascade.words import euros, large, number, share, word

NAMED: Final = 2
"""Choices of a point that are named on a screen; the others are counted."""
SURE: Final = 1e-6
"""Gap below which a plan is called the best there is: bounds are worked out with floating point."""


def harm_text(choices: Choices, value: float, lang: Lang) -> str:
    """Write a harm with its unit."""
    weights = weights_of(choices.capacity)
    if list(weights.values()) == [1.0]:
        return unit_text(value, next(iter(weights)), lang)
    return word("protect_points", lang, n=large(value, lang))


def harm_form(choices: Choices) -> Form:
    """Return how harms are written in a table."""
    return "money" if weights_of(choices.capacity) == {"euros": 1.0} else "large"


def amount_text(kind: str, amount: int, lang: Lang) -> str:
    """Write an amount of a kind: ``€ 10.0 M``, ``12 × guard team``."""
    return euros(amount, lang) if kind == BUDGET else f"{number(amount, lang)} × {unit_name(kind, lang)}"


def kind_text(kind: str, lang: Lang) -> str:
    """Name a kind of units, or money."""
    return word("front_euros", lang) if kind == BUDGET else unit_name(kind, lang).capitalize()


def choice_name(choices: Choices, option: int, lang: Lang) -> str:
    """Name a candidate: the measure, the process and the region."""
    one = choices.options[option]
    name = f"{measure_name(choices.model, one.measure, lang)}: {name_of(choices.model, one.process, lang)}"
    return f"{name}, {choices.model.regions[one.region].name}" if one.region else name


def some_names(choices: Choices, options: Iterable[int], lang: Lang, most: int = NAMED) -> str:
    """Name the first few of some candidates, and count the others."""
    every = sorted(options)
    shown = [choice_name(choices, k, lang) for k in every[:most]]
    if len(every) > most:
        shown.append(word("front_more", lang, n=len(every) - most))
    return "; ".join(shown)


def _labels(choices: Choices, options: Iterable[int]) -> str:
    return "; ".join(choices.told(options))


def _small(value: float, lang: Lang) -> str:
    """Write a share that is often far below one per cent."""
    if value <= SURE:
        return "0%"
    return f"{number(100 * value, lang, 2)}%" if 0.0001 <= value < 0.1 else share(value, lang)


def _gap(harm: float, bound: float) -> float:
    return max(0.0, harm - bound) / harm if harm > 0 else 0.0


def _averted(none: float, harm: float) -> float:
    return (none - harm) / none if none > 0 else 0.0


# ------------------------------------------------------------------ fronts


def front_tables(front: Front, choices: Choices, lang: Lang) -> list[Table]:
    """Return the points that nothing beats, and every amount that was asked.

    Parameters
    ----------
    front : Front
    choices : Choices
    lang : {"nl", "en"}
    """
    return [
        _points("front", front, front.points, choices, lang, word("front_note", lang)),
        _points("amounts", front, front.steps, choices, lang, word("front_amounts_note", lang)),
    ]


def _points(name: str, front: Front, points: Sequence[Point], choices: Choices, lang: Lang, note: str) -> Table:
    rows = [
        {
            "kind": front.kind,
            "allowed": point.allowed,
            "used": point.used,
            "harm": point.harm,
            "bound": point.bound,
            "averted": front.none - point.harm,
            "most": front.none - point.bound,
            "averted_share": _averted(front.none, point.harm),
            "gap": point.gap,
            "at_most": _small(point.gap, lang),
            "chosen": len(point.plan),
            "new": _labels(choices, point.new),
            "dropped": _labels(choices, point.dropped),
            "plan": _labels(choices, point.plan),
            "adds": some_names(choices, point.new, lang),
            "gives_up": some_names(choices, point.dropped, lang, 1),
        }
        for point in points
    ]
    form: Form = "money" if front.kind == BUDGET else "number"
    columns = (
        Column("kind", "", on="data"),
        Column("allowed", word("front_allowed", lang), form, on="both" if name == "amounts" else "data"),
        Column("used", word("front_used", lang, kind=kind_text(front.kind, lang)), form),
        Column("harm", word("front_harm", lang), harm_form(choices)),
        Column("bound", "", on="data"),
        Column("averted", word("front_averted", lang), harm_form(choices)),
        Column("most", word("front_most", lang), harm_form(choices)),
        Column("averted_share", "", on="data"),
        Column("gap", "", on="data"),
        Column("at_most", word("front_at_most", lang), "right", on="screen"),
        Column("chosen", word("front_chosen", lang), "number"),
        *(Column(key, "", on="data") for key in ("new", "dropped", "plan")),
        *((Column("adds", word("front_new", lang), on="screen"),) if name == "front" else ()),
        *(
            (Column("gives_up", word("front_dropped", lang), on="screen"),)
            if name == "front" and any(p.dropped for p in points)
            else ()
        ),
    )
    return Table(name, word(f"front_title_{name}", lang, kind=kind_text(front.kind, lang)), columns, rows, note)


def front_summary(front: Front, choices: Choices, lang: Lang) -> list[str]:
    """Say what all there is averts, how little of it brings half of that, and how sure that is."""
    last = front.points[-1]
    most = front.none - last.harm
    texts = harm_texts(choices, {"none": front.none, "harm": last.harm}, lang)
    lines = [
        word("front_whole", lang, amount=amount_text(front.kind, last.used, lang), **texts)
        if most > 0
        else word("front_nothing", lang, kind=kind_text(front.kind, lang))
    ]
    for part in (0.5, 0.9):
        point = next(p for p in front.points if front.none - p.harm >= part * most)
        if most > 0 and 0 < point.used < last.used:
            amount = amount_text(front.kind, point.used, lang)
            lines.append(
                word(
                    "front_part", lang, amount=amount, share=share(_averted(most, most - front.none + point.harm), lang)
                )
            )
    worst = max(point.gap for point in front.steps)
    lines.append(word("front_proven" if worst <= SURE else "front_gap", lang, gap=_small(worst, lang)))
    if front.impossible:
        amount = amount_text(front.kind, front.impossible[-1], lang)
        lines.append(word("front_impossible", lang, amount=amount))
    if front.interrupted:
        lines.append(word("front_interrupted", lang, amount=amount_text(front.kind, front.steps[-1].allowed, lang)))
    return lines


def tradeoff_tables(found: Tradeoff, choices: Choices, lang: Lang) -> list[Table]:
    """Return harm for every two amounts of two kinds."""
    rows = [
        {
            "one": found.kinds[0],
            "other": found.kinds[1],
            **{
                f"{key}_{at}": getattr(split, at)[n]
                for n, key in enumerate(("one", "other"))
                for at in ("allowed", "used")
            },
            "harm": split.harm,
            "bound": split.bound,
            "averted_share": _averted(found.none, split.harm),
            "at_most": _small(_gap(split.harm, split.bound), lang),
            "efficient": split.efficient,
            "plan": _labels(choices, split.plan),
        }
        for split in found.splits
    ]
    amounts = [
        Column(f"{key}_allowed", kind_text(kind, lang), "money" if kind == BUDGET else "number")
        for key, kind in zip(("one", "other"), found.kinds, strict=True)
    ]
    columns = (
        *(Column(key, "", on="data") for key in ("one", "other", "one_used", "other_used", "plan")),
        *amounts,
        Column("harm", word("front_harm", lang), harm_form(choices)),
        Column("bound", word("front_bound", lang), harm_form(choices)),
        Column("averted_share", word("front_averted", lang), "share"),
        Column("at_most", word("front_at_most", lang), "right", on="screen"),
        Column("efficient", word("front_efficient", lang), "flag"),
    )
    kinds = [kind_text(kind, lang) for kind in found.kinds]
    title = word("front_tradeoff", lang, one=kinds[0], other=kinds[1])
    return [Table("tradeoff", title, columns, rows, word("front_tradeoff_note", lang))]


# ------------------------------------------------------------------ phases


def _phase_name(found: Phased, at: int, lang: Lang) -> str:
    name = found.names[at]
    return word("phase_start", lang) if name is None else name[lang]


def phased_tables(found: Phased, choices: Choices, lang: Lang) -> list[Table]:
    """Return harm, bound and means by phase, and what each phase adds.

    Parameters
    ----------
    found : Phased
    choices : Choices
    lang : {"nl", "en"}
    """
    used, additions = found.used, found.ahead.additions
    rows = [
        {
            "phase": _phase_name(found, at, lang),
            "harm": harm,
            "myopic": found.myopic.harms[at] if found.myopic else None,
            "alone": found.alone[at],
            "bound": found.bounds[at],
            "averted_share": _averted(found.none, harm),
            "chosen": len(found.ahead.plans[at]),
            "added": len(additions[at]),
            "euros": used[at][BUDGET],
            "budget": found.limits[at].budget,
            "units": units_text({k: n for k, n in used[at].items() if k != BUDGET}, lang),
            **{f"{kind}_used": n for kind, n in used[at].items() if kind != BUDGET},
            "waived": found.waived[at],
        }
        for at, harm in enumerate(found.ahead.harms)
    ]
    form = harm_form(choices)
    kinds = [kind for kind in used[-1] if kind != BUDGET]
    columns = (
        Column("phase", word("phase", lang)),
        Column("harm", word("phase_ahead", lang), form),
        Column("myopic", word("phase_myopic", lang), form, empty="-"),
        Column("alone", "", form, on="data"),
        Column("bound", word("front_bound", lang), form),
        Column("averted_share", word("front_averted", lang), "share"),
        Column("chosen", "", on="data"),
        Column("added", word("phase_added", lang), "number"),
        Column("euros", word("front_euros", lang), "money"),
        Column("budget", word("phase_budget", lang), "money", empty="-"),
        Column("units", word("phase_units", lang), on="screen"),
        *(Column(f"{kind}_used", "", on="data") for kind in kinds),
        *((Column("waived", word("phase_waived", lang), "flag"),) if any(found.waived) else ()),
    )
    return [
        Table("phases", word("phase_title", lang), columns, rows, word("phase_note", lang)),
        _additions(found, choices, lang),
    ]


def _additions(found: Phased, choices: Choices, lang: Lang) -> Table:
    ahead, model = found.ahead, choices.model
    myopic = {k: at for at, plan in enumerate(found.myopic.additions if found.myopic else ()) for k in plan}
    rows = []
    for at, plan in enumerate(ahead.additions):
        for k in sorted(plan):
            option = choices.options[k]
            before = myopic.get(k)
            rows.append(
                {
                    "phase": _phase_name(found, at, lang),
                    "option": option.label,
                    "measure": measure_name(model, option.measure, lang),
                    "process": name_of(model, option.process, lang),
                    "region": model.regions[option.region].name if option.region else "",
                    "euros": int(choices.cost[k]),
                    "myopic": _phase_name(found, before, lang) if before is not None else None,
                }
            )
    columns = (
        Column("phase", word("phase", lang)),
        Column("option", "", on="data"),
        Column("measure", word("front_measure", lang)),
        Column("process", word("process", lang), clip=True),
        Column("region", word("region", lang)),
        Column("euros", word("front_euros", lang), "money"),
        Column("myopic", word("phase_myopic_when", lang), empty=word("phase_never", lang)),
    )
    return Table("additions", word("phase_additions", lang), columns, rows, word("phase_additions_note", lang))


def phased_summary(found: Phased, choices: Choices, lang: Lang) -> list[str]:
    """Say what looking ahead brings, how good that is at least, and which rules could not hold yet."""
    total = len(found.names) * found.none
    lines = [
        word(
            "phase_whole",
            lang,
            n=len(found.names),
            none=harm_text(choices, total, lang),
            harm=harm_text(choices, found.ahead.total, lang),
            share=share(_averted(total, found.ahead.total), lang),
        )
    ]
    if found.price is None:
        lines.append(word("phase_stuck", lang, names="; ".join(found.clash)))
    elif found.price > SURE * total:
        lines.append(word("phase_price", lang, price=harm_text(choices, found.price, lang)))
    else:
        lines.append(word("phase_no_price", lang))
    regret = found.regret
    if regret <= SURE * total:
        lines.append(word("phase_best", lang))
    else:
        gap = _small(_gap(found.ahead.total, sum(found.bounds)), lang)
        lines.append(word("phase_regret", lang, regret=harm_text(choices, regret, lang), gap=gap))
    waived = [_phase_name(found, at, lang) for at, left in enumerate(found.waived) if left]
    if waived:
        lines.append(word("phase_waived_line", lang, names=", ".join(waived)))
    if found.interrupted:
        lines.append(word("phase_interrupted", lang))
    return lines


# ------------------------------------------------------------------ somebody else's list


def rival_tables(found: Rivalry, choices: Choices, lang: Lang, most: int | None = None) -> list[Table]:
    """Return their list, what of it our plan leaves and why, what theirs misses of ours, and the figures in all.

    Parameters
    ----------
    found : Rivalry
    choices : Choices
    lang : {"nl", "en"}
    most : int, optional
        Rows of each table; by default all.
    """
    tables = [_list(found, choices, lang), _left(found, choices, lang), _missed(found, choices, lang)]
    shown = [_first(table, most, lang) for table in tables]
    return [*shown, _rival_totals(found, choices, lang)]


def _first(table: Table, most: int | None, lang: Lang) -> Table:
    if most is None or len(table.rows) <= most:
        return table
    note = f"{table.note} {word('only_first', lang, n=most, m=number(len(table.rows), lang))}".strip()
    return Table(table.name, table.title, table.columns, table.rows[:most], note, table.keyed)


def _where(choices: Choices, region: str, lang: Lang) -> str:
    return choices.model.regions[region].name if region else ""


def _list(found: Rivalry, choices: Choices, lang: Lang) -> Table:
    ours = found.ours.plan
    rows = []
    for wish in found.wishes:
        entry = wish.entry
        rows.append(
            {
                "rank": entry.rank,
                "process": entry.process,
                "name": name_of(choices.model, entry.process, lang),
                "region": entry.region,
                "where": _where(choices, entry.region, lang),
                "measure": entry.measure,
                "gain": wish.gain,
                "taken": len(wish.taken),
                "shared": len(ours.intersection(wish.taken)),
                "full": wish.full,
                "plan": _labels(choices, wish.taken),
                "remark": _remark(wish, lang),
            }
        )
    columns = (
        Column("rank", "#", "right"),
        Column("process", "", on="data"),
        Column("region", "", on="data"),
        Column("measure", "", on="data"),
        Column("name", word("process", lang), on="screen", clip=True),
        Column("where", word("region", lang), on="screen", empty=""),
        Column("gain", word("rival_gain", lang), harm_form(choices)),
        Column("taken", word("rival_taken", lang), "number"),
        Column("shared", word("rival_shared", lang), "number"),
        Column("full", word("rival_full", lang), "number"),
        Column("plan", "", on="data"),
        Column("remark", word("rival_remark", lang), on="screen"),
    )
    return Table(
        "their-list", word("rival_list", lang, name=found.theirs.name), columns, rows, word("rival_list_note", lang)
    )


def _remark(wish: Wish, lang: Lang) -> str:
    if wish.none:
        return word("rival_no_candidate", lang)
    if not wish.taken:
        return word("rival_no_room" if wish.full else "rival_earlier", lang)
    return ""


def _left(found: Rivalry, choices: Choices, lang: Lang) -> Table:
    rows = [
        {
            "rank": left.rank,
            "option": choices.options[left.option].label,
            "name": choice_name(choices, left.option, lang),
            "alone": left.alone,
            "added": left.added,
            "instead": left.instead,
            "reason": left.why,
            "covered_by": _labels(choices, left.covered_by),
            "displaced": _labels(choices, left.displaced),
            "why": why_text(left, choices, lang),
        }
        for left in found.left
    ]
    form = harm_form(choices)
    columns = (
        Column("rank", "#", "right"),
        Column("option", "", on="data"),
        Column("name", word("rival_theirs", lang), on="screen"),
        Column("alone", word("rival_alone", lang), form),
        Column("added", word("rival_added", lang), form),
        *(Column(key, "", on="data") for key in ("instead", "reason", "covered_by", "displaced")),
        Column("why", word("rival_why", lang), on="screen"),
    )
    return Table("left-out", word("rival_left", lang), columns, rows, word("rival_left_note", lang))


def why_text(left: Left, choices: Choices, lang: Lang) -> str:
    """Say why our plan leaves something of theirs."""
    if left.why == "covered":
        if not left.covered_by:
            return word("rival_covered_together", lang)
        return word("rival_covered", lang, names=some_names(choices, left.covered_by, lang))
    if left.why == "weaker":
        if left.instead is None:
            return word("rival_bound", lang)
        return word(
            "rival_weaker",
            lang,
            names=some_names(choices, left.displaced, lang),
            more=harm_text(choices, left.instead, lang),
        )
    return word(f"rival_{left.why}", lang)


def _missed(found: Rivalry, choices: Choices, lang: Lang) -> Table:
    rows = [
        {
            "option": choices.options[missed.option].label,
            "name": choice_name(choices, missed.option, lang),
            "worth": missed.worth,
            "brings": missed.brings,
            "rank": missed.rank,
        }
        for missed in found.missed
    ]
    form = harm_form(choices)
    columns = (
        Column("option", "", on="data"),
        Column("name", word("rival_ours", lang), on="screen"),
        Column("worth", word("rival_worth", lang), form),
        Column("brings", word("rival_brings", lang), form),
        Column("rank", word("rival_rank", lang), "right", empty=word("rival_unlisted", lang)),
    )
    return Table("missed", word("rival_missed", lang), columns, rows, word("rival_missed_note", lang))


def _rival_totals(found: Rivalry, choices: Choices, lang: Lang) -> Table:
    ours, theirs = found.ours.plan, found.their_plan
    harms, texts = _rival_harms(found), harm_texts(choices, _rival_harms(found), lang)
    said: dict[str, tuple[Any, str]] = {
        **{key: (harm, texts[key]) for key, harm in harms.items()},
        "their_choices": (len(theirs), number(len(theirs), lang)),
        "our_choices": (len(ours), number(len(ours), lang)),
        "both": (len(found.both), number(len(found.both), lang)),
        "overlap": (found.overlap, share(found.overlap, lang) if found.overlap is not None else "-"),
        "agreement": (found.agreement, number(found.agreement, lang, 2) if found.agreement is not None else "-"),
    }
    rows = [
        {"key": key, "value": value, "label": word(f"rival_total_{key}", lang), "text": text}
        for key, (value, text) in said.items()
    ]
    columns = (
        Column("key", "", on="data"),
        Column("value", "", on="data"),
        Column("label", "", on="screen"),
        Column("text", "", "right", on="screen"),
    )
    return Table("rivalry", word("rival_totals", lang), columns, rows, word("rival_totals_note", lang), keyed=True)


def _rival_harms(found: Rivalry) -> dict[str, float]:
    """Return the harms that stand side by side, so that they are written with equal decimals."""
    completed = {} if found.completed is None else {"completed_harm": found.completed.value}
    theirs = {"none": found.none, "their_harm": found.their_harm, **completed}
    return {**theirs, "our_harm": found.ours.value, "bound": float(found.ours.bound)}


def rival_summary(found: Rivalry, choices: Choices, lang: Lang) -> list[str]:
    """Say how far both lists agree, and what the difference does."""
    ours, theirs = found.ours.plan, found.their_plan
    texts = harm_texts(choices, _rival_harms(found), lang)
    lines = [
        word("rival_overlap", lang, name=found.theirs.name, theirs=len(theirs), ours=len(ours), both=len(found.both)),
        word("rival_harms", lang, theirs=texts["their_harm"], ours=texts["our_harm"], none=texts["none"]),
    ]
    if found.overlap is not None and found.both:
        lines.append(word("rival_common", lang, share=share(found.overlap, lang)))
    if found.completed is not None and found.completed.value < found.their_harm * (1 - SURE):
        lines.append(word("rival_completed", lang, harm=texts["completed_harm"]))
    if not found.kept:
        lines.append(word("rival_not_kept", lang))
    if found.agreement is not None:
        lines.append(word("rival_agreement", lang, tau=number(found.agreement, lang, 2)))
    if found.improved:
        lines.append(word("rival_improved", lang))
    return lines
