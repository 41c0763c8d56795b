"""A plan against someone who sees it, as short tables: how good it is, what goes where, and what can still be done to it."""

from typing import Any, Final

from cascade.model import Lang, Model
from cascade.results.attacker import Defence, Threat
from cascade.telling.columns import Column, Form, Table, name_of
from cascade.telling.joint import measure_text, unit_text
from cascade.telling.protection import instance_text, measure_name, units_text
from cascade.units import HOUR
from cascade.words import duration, large, number, word

MAIN: Final = 10
"""Rows that people see of each table."""


def defence_tables(found: Defence, model: Model, lang: Lang, most: int | None = MAIN) -> list[Table]:
    """Return how good the plan is, what goes where, the worst attacks that remain, and the targets.

    Parameters
    ----------
    found : Defence
    model : Model
    lang : {"nl", "en"}
    most : int, optional
        Rows of the attacks and targets; None for all.
    """
    return [
        _quality(found, lang), _posts(found, model, lang), _attacks(found, model, lang, most),
        _targets(found, model, lang, most),
    ]  # fmt: skip


def defence_summary(found: Defence, model: Model, lang: Lang) -> list[str]:
    """Say what the worst attack does without and with the plan, and what is proven."""
    told = {
        "n": number(found.size, lang),
        "duration": duration(found.duration, lang),
        "candidates": number(len(found.targets), lang),
        "before": harm_text(found, found.before.before, lang),
        "targets": _names(found.before.targets, model, lang),
        "after": harm_text(found, found.value, lang),
        "left": _names(found.worst.targets, model, lang),
        "options": number(len(found.options), lang),
        "bound": harm_text(found, found.bound, lang),
        "gap": f"{number(100 * found.gap, lang, 1)}%",
        "most": harm_text(found, found.at_most, lang),
        "looked": number(found.looked, lang),
        "attacks": number(found.attacks, lang),
        "runs": number(found.runs, lang),
        "time": duration(round(found.seconds), lang),
    }
    one = "_one" if found.size == 1 else ""
    lines = [word(f"attack_before{one}", lang, **told), word("attack_after", lang, **told)]
    best = found.gap <= 1e-6
    lines.append(word("attack_best" if best else "attack_bound", lang, **told))
    if found.at_most > found.value * (1 + 1e-9):
        lines.append(word("attack_unseen", lang, **told))
    if found.interrupted:
        lines.append(word("attack_stopped", lang, **told))
    return [*lines, word("attack_effort", lang, **told), word("attack_fixed", lang)]


def harm_text(found: Defence, value: float, lang: Lang) -> str:
    """Write a harm with its unit."""
    if list(found.weights.values()) == [1.0]:
        return unit_text(value, next(iter(found.weights)), lang)
    return word("protect_points", lang, n=large(value, lang))


def harm_name(found: Defence, lang: Lang) -> str:
    """Say what harm is measured by: one measure, or a stated weighting."""
    if list(found.weights.values()) == [1.0]:
        return measure_text(next(iter(found.weights)), lang)
    return " + ".join(f"{weight:g} × {measure_text(measure, lang)}" for measure, weight in found.weights.items())


def _form(found: Defence) -> Form:
    return "money" if found.weights == {"euros": 1.0} else "large"


def _names(labels: tuple[str, ...], model: Model, lang: Lang) -> str:
    return " + ".join(instance_text(model, label, lang) for label in labels)


def _guards(labels: tuple[str, ...], model: Model, lang: Lang) -> str:
    """Name guards by their measure and place."""
    names = []
    for label in labels:
        measure, _, place = label.partition(": ")
        names.append(f"{measure_name(model, measure, lang)}: {instance_text(model, place, lang)}")
    return "; ".join(names)


# ------------------------------------------------------------------ tables


def _quality(found: Defence, lang: Lang) -> Table:
    said: dict[str, Any] = {
        "before": found.before.before,
        "after": found.value,
        "at_most": found.at_most,
        "bound": found.bound,
        "gap": found.gap,
        "proven": found.proven,
        "targets_at_once": found.size,
        "duration_h": found.duration / HOUR,
        "targets": len(found.targets),
        "attacks": found.attacks,
        "looked": found.looked,
        "interrupted": found.interrupted,
    }
    shown = {key: harm_text(found, said[key], lang) for key in ("before", "after", "at_most", "bound")}
    shown |= {"gap": f"{number(100 * found.gap, lang, 1)}%"}
    shown |= {key: number(said[key], lang) for key in ("attacks", "looked")}
    rows = [
        {
            "key": key,
            "value": value,
            "label": word(f"attack_n_{key}", lang) if key in shown else "",
            "text": shown.get(key, ""),
        }
        for key, value in said.items()
    ]
    columns = (
        Column("key", "", on="data"),
        Column("value", "", on="data"),
        Column("label", "", on="screen"),
        Column("text", "", "right", on="screen"),
    )
    return Table("defence", word("attack_quality", lang), columns, rows, word("attack_quality_note", lang), keyed=True)


def _posts(found: Defence, model: Model, lang: Lang) -> Table:
    guards = {label for target in found.targets for label in target.guarded}
    rows = [
        {
            "label": option.label,
            "measure": option.measure,
            "process": option.process,
            "region": option.region or None,
            "region_name": model.regions[option.region].name if option.region else "",
            "process_name": name_of(model, option.process, lang),
            "measure_name": measure_name(model, option.measure, lang),
            "units": units_text(model.measures[option.measure].takes, lang),
            "at_target": option.label in guards,
        }
        for option in sorted(found.options, key=lambda o: (o.region, o.process, o.measure))
    ]
    columns = (
        *(Column(key, "", on="data") for key in ("label", "measure", "process", "region")),
        Column("region_name", word("region", lang), on="screen"),
        Column("process_name", word("process", lang), on="screen"),
        Column("measure_name", word("attack_measure", lang), on="screen"),
        Column("units", word("attack_units", lang), on="screen"),
        Column("at_target", word("attack_at_target", lang), "flag"),
    )
    return Table("posts", word("attack_posts", lang), columns, rows, word("attack_posts_note", lang))


def _attacks(found: Defence, model: Model, lang: Lang, most: int | None) -> Table:
    rows = [{"rank": rank, **_threat(threat, model, lang)} for rank, threat in enumerate(found.next[:most], 1)]
    columns = (
        Column("rank", "#", "right"),
        Column("targets", "", on="data"),
        Column("targets_name", word("attack_targets", lang), on="screen"),
        Column("before", word("attack_without", lang), _form(found)),
        Column("after", word("attack_with", lang), _form(found)),
        Column("guarded", "", on="data"),
        Column("guarded_name", word("attack_guarded", lang), on="screen"),
    )
    note = f"{harm_name(found, lang).capitalize()}. {word('attack_attacks_note', lang)}"
    return Table("attacks", word("attack_attacks", lang), columns, rows, note)


def _threat(threat: Threat, model: Model, lang: Lang) -> dict[str, Any]:
    return {
        "targets": list(threat.targets),
        "targets_name": _names(threat.targets, model, lang),
        "before": threat.before,
        "after": threat.after,
        "guarded": list(threat.guarded),
        "guarded_name": _guards(threat.guarded, model, lang),
    }


def _targets(found: Defence, model: Model, lang: Lang, most: int | None) -> Table:
    rows = [
        {
            "rank": rank,
            "target": target.label,
            "target_name": instance_text(model, target.label, lang),
            "before": target.before,
            "after": target.after,
            "guarded": list(target.guarded),
            "guarded_name": _guards(target.guarded, model, lang),
        }
        for rank, target in enumerate(found.targets[:most], 1)
    ]
    columns = (
        Column("rank", "#", "right"),
        Column("target", "", on="data"),
        Column("target_name", word("attack_target", lang), on="screen"),
        Column("before", word("attack_without", lang), _form(found)),
        Column("after", word("attack_with", lang), _form(found)),
        Column("guarded", "", on="data"),
        Column("guarded_name", word("attack_guarded", lang), on="screen"),
    )
    note = word("attack_targets_note", lang)
    if len(rows) < len(found.targets):
        note += " " + word("only_largest", lang, n=len(rows), m=number(len(found.targets), lang))
    return Table("targets", word("attack_considered", lang), columns, rows, note)
