"""What the law asks, as the parts of a dossier: article 7, notification, measures, hazards, terms and required content."""

from dataclasses import replace
from typing import Any, Final

from cascade.model import Effect, Hazard, Lang, Measure, Model, cost_at
from cascade.results.filing import LETTERS, Filing, Helped, applicable, terms
from cascade.telling import wwke
from cascade.telling.columns import Column, Table, as_records, name_of
from cascade.telling.dossier import evidence_text, purpose
from cascade.telling.paper import Blank, Part, Sheet, blank
from cascade.telling.reliance import MORE_ROWS, counted
from cascade.units import FULL, HOUR, Uncertain
from cascade.words import duration, euros, large, number, share, word

KINDS: Final = ("natural", "accident", "public-health", "antagonistic", "terrorist", "cross-sector", "cross-border")
IN_FORCE: Final = "2026-08-15"
"""Day on which the Dutch law is said to have come into force."""
ELEMENTS: Final = (
    ("policy", "Bwke 3", "", "general"),
    ("hazards", "CER 12(2)", "", "hazards"),
    ("outgoing", "CER 12(2)", "dependence", ""),
    ("incoming", "CER 12(2)", "", "dependence"),
    ("suppliers", "Bwke 3(2), 7", "", "register"),
    ("register", "Bwke 5", "", "safeguards"),
    ("lifecycle", "Bwke 6", "", ""),
    ("physical", "Bwke 8", "", "safeguards"),
    ("continuity", "Bwke 9", "", "safeguards"),
    ("staff", "CER 13(1) e, f; Bwke 10", "", ""),
    ("information", "Bwke 11", "", ""),
    ("alerts", "Bwke 12", "", ""),
    ("evaluation", "Bwke 13", "", ""),
    ("measures", "CER 13(1), 13(2)", "", "measures"),
    ("liaison", "CER 13", "", ""),
)
"""What has to be there: its key, the rule, the part that has it in full, and the part that has some of it."""
ROOM: Final = "safeguards"
"""The part that holds nothing of the model's own, only tables to be filled in."""
SCALE: Final = ("A", "B", "C", "D", "E")
"""Classes of likelihood and of impact, as the model has them (ANV)."""
ASKED: Final = ("assessed", "likelihood", "consequence", "judgement", "measure", "irrelevant")
"""Boxes of every hazard: a risk is a matter of size and of likelihood (CER, article 2)."""
SOMETIMES: Final = ("users", "duration", "area", "cascade", "border")
"""Content of a notification of which the model can say something."""
ALWAYS_OPEN: Final = ("start", "cause", "recovery", "taken", "point")


# ------------------------------------------------------------------ article 7, notification


def criteria_part(found: Filing, lang: Lang) -> Part:
    """Give the scorecard of article 7, the thresholds and what a notification holds."""
    lines = (word("duty_national", lang),) if found.region is not None else ()
    sheets = (
        Sheet(_scorecard(found, lang), "criterion_band"),
        Sheet(_thresholds(found, lang)),
        Sheet(_notice(found, lang)),
    )
    return Part("criteria", word("filing_part_criteria", lang), sheets, lines=lines, wide=True)


def _scorecard(found: Filing, lang: Lang) -> Table:
    table = wwke.scorecard(found.scorecard, found.model, lang, found.lasting)
    for row in table.rows:
        letter = row["criterion"]
        head = word(wwke.CRITERIA[letter], lang)
        row["criterion_band"] = f"{letter}  {head}" if letter else head
        if row["basis"] == "open":
            row["value_text"] = Blank(f"article7-{row['measure']}", word("value_head", lang))
    columns = tuple(c for c in table.columns if c.key not in ("criterion_text", "process", "sector"))
    note = f"{table.note} {word('duty_scorecard_counts', lang)}"
    return replace(table, title=word("duty_scorecard", lang), columns=columns, note=note)


def _thresholds(found: Filing, lang: Lang) -> Table:
    table = wwke.notification(found.notifications, found.model, lang, None)
    for row in table.rows:
        if row["placeholder"]:
            row["name"] = word("duty_placeholder", lang, name=row["name"])
    columns = tuple(replace(c, clip=False) for c in table.columns if c.key not in ("name_text", "process", "sector"))
    real = {column.key: None for column in columns} | {
        "name": word("duty_real_threshold", lang),
        "limit_text": blank("threshold-limit", lang),
        "verdict_text": blank("threshold-outcome", lang),
    }
    note = f"{word('duty_thresholds_note', lang)} {word('notification_note', lang)}"
    return Table("thresholds", word("duty_thresholds", lang), columns, [*table.rows, real], note)


def _notice(found: Filing, lang: Lang) -> Table:
    texts = {
        "users": _users(found, lang),
        "duration": _duration(found, lang),
        "area": _area(found, lang),
        "cascade": _cascade(found, lang),
        "border": word("duty_border_text", lang),
    }
    rows = [
        {
            "content": key,
            "what": word(f"duty_notice_{key}", lang),
            "foothold": texts.get(key, ""),
            "own": Blank(f"notice-{key}", word("duty_own_words", lang)),
        }
        for key in (*SOMETIMES, *ALWAYS_OPEN)
    ]
    columns = (
        Column("content", "", on="data"),
        Column("what", word("filing_what", lang), on="screen"),
        Column("foothold", word("duty_from_model", lang)),
        Column("own", word("duty_own_words", lang), on="screen"),
    )
    return Table("notice", word("duty_notice", lang), columns, rows, word("duty_notice_note", lang))


def _cascade(found: Filing, lang: Lang) -> str:
    n = int(found.dependents["over10_h"].notna().sum())
    return word("duty_cascade_text", lang, who=counted("others", n, lang))


def _users(found: Filing, lang: Lang) -> str:
    row = next(r for r in as_records(found.impact.by_process) if r["process"] == found.process)
    if not row["people"]:
        return word("duty_users_unknown", lang)
    part = share(row["peak_people"] / max(found.model.population, 1), lang)
    return word("duty_users_text", lang, n=large(row["peak_people"], lang), share=part)


def _duration(found: Filing, lang: Lang) -> str:
    felt = [r for r in as_records(found.impact.by_process) if r["first_h"] is not None]
    d = duration(found.lasting, lang)
    if not felt or any(row["back_h"] is None for row in felt):
        return word("duty_duration_not", lang, d=d)
    back = max(row["back_h"] for row in felt)
    return word("duty_duration_text", lang, d=d, back=duration(back * HOUR, lang))


def _area(found: Filing, lang: Lang) -> str:
    model = found.model
    felt = int(found.impact.totals["regions_hit"] or 0)
    isolated = [r.name for r in model.regions.values() if r.isolated]
    if not isolated:
        return word("duty_area_unmarked", lang, n=felt, m=len(model.regions))
    return word("duty_area_text", lang, n=felt, m=len(model.regions), names=", ".join(isolated))


# ------------------------------------------------------------------ measures


def measures_part(found: Filing, lang: Lang) -> Part:
    """Give the measures by letter of article 13; a letter without any is an empty box."""
    model, chosen = found.model, applicable(found.model, found.process)
    rows = [_measure_row(found, helped, model.measures[helped.measure], lang) for helped in found.helped]
    kept = {measure.article_13 for measure in chosen.values()}
    for letter in LETTERS:
        if letter not in kept:
            empty = dict.fromkeys((c.key for c in _measure_columns(lang)), None)
            own = Blank(f"measure-{letter}", word("duty_no_measure", lang))
            rows.append({**empty, "letter": letter, "band": word(f"duty_letter_{letter}", lang), "name": own})
    rows.sort(key=lambda row: row["letter"] or "~")
    copies = found.region is None
    where = word("duty_all_copies", lang) if copies else model.regions[str(found.region)].name
    note = word("duty_measures_note", lang, where=where)
    table = Table("article-13", word("duty_measures", lang), _measure_columns(lang), rows, note)
    return Part("measures", word("filing_part_measures", lang), (Sheet(table, "band"),), wide=True)


def _measure_columns(lang: Lang) -> tuple[Column, ...]:
    data = (
        "letter", "measure", "need", "lever", "cost_eur", "lead_h", "scenario", "lowest", "lowest_with", "lost_h",
        "lost_h_with", "confidence", "source",
    )  # fmt: skip
    return (
        *(Column(key, "", on="data") for key in data),
        Column("name", word("measure", lang), on="screen"),
        Column("lever_text", word("duty_lever", lang), on="screen"),
        Column("effect_text", word("duty_effect", lang), on="screen"),
        Column("cost_text", word("duty_cost", lang), on="screen"),
        Column("lead_text", word("duty_lead", lang), on="screen"),
        Column("difference", word("duty_difference", lang), on="screen"),
        Column("evidence", word("evidence", lang), on="screen"),
        Column("status", word("duty_status", lang), on="screen"),
    )


def _measure_row(found: Filing, helped: Helped, measure: Measure, lang: Lang) -> dict[str, Any]:
    model, process, letter = found.model, found.process, measure.article_13 or ""
    need = measure.applies_to.need
    name = measure.name[lang]
    if need is not None:
        name = word("duty_measure_need", lang, name=name, use=purpose(need, model.processes[process].needs[need], lang))
    cost = _cost(model, helped.measure, process, found.region)
    before, after = helped.before, helped.after
    states = tuple(word(f"duty_status_{key}", lang) for key in ("there", "planned", "not"))
    return {
        "letter": letter,
        "band": word(f"duty_letter_{letter}", lang),
        "measure": helped.measure,
        "need": need,
        "lever": measure.lever,
        "cost_eur": cost,
        "lead_h": None if measure.lead_time is None else measure.lead_time.mode / HOUR,
        "scenario": before.name if before is not None else None,
        "lowest": before.lowest if before is not None else None,
        "lowest_with": after.lowest if after is not None else None,
        "lost_h": before.lost_h if before is not None else None,
        "lost_h_with": after.lost_h if after is not None else None,
        "confidence": measure.confidence,
        "source": " ".join(measure.source),
        "name": name,
        "lever_text": word(f"duty_lever_{measure.lever}", lang),
        "effect_text": effect_text(model, measure.effect, measure.against, lang),
        "cost_text": blank(f"cost-{helped.measure}", lang) if cost is None else euros(cost, lang),
        "lead_text": blank(f"lead-{helped.measure}", lang)
        if measure.lead_time is None
        else _lead(measure.lead_time, lang),
        "difference": _difference(found, helped, lang),
        "evidence": evidence_text(measure, lang),
        "status": Blank(
            f"status-{helped.measure}",
            word("duty_status", lang),
            "choice",
            (*states, word("duty_not_applicable", lang)),
        ),
    }


def _cost(model: Model, measure: str, process: str, region: str | None) -> int | None:
    """Euros a year for the copies looked at; None where the model has no number."""
    definition = model.measures[measure]
    if definition.cost is None and definition.national_cost is None:
        return None
    if region is not None or not model.processes[process].regional:
        return cost_at(model, measure, process, region)
    homes = sorted(set(model.assets[process].regions)) if process in model.assets else list(model.regions)
    return sum(cost_at(model, measure, process, code) for code in homes)


def _lead(lead: Uncertain, lang: Lang) -> str:
    text = duration(lead.mode, lang)
    return text if lead.certain else f"{text} ({duration(lead.low, lang)} – {duration(lead.high, lang)})"


def effect_text(model: Model, effect: Effect, against: tuple[str, ...], lang: Lang) -> str:
    """Say what a measure changes, in words, with the mode of its number."""
    if effect.endures is not None:
        return word("duty_effect_endures", lang, d=duration(effect.endures.mode, lang))
    if effect.prevents is not None:
        which = "both" if len(against) > 1 else "remote" if "remote" in against else "site"
        part = share(effect.prevents.mode / FULL, lang)
        return word("duty_effect_prevents", lang, share=part, against=word(f"duty_against_{which}", lang))
    if effect.restart is not None:
        return word("duty_effect_restart", lang, share=share(effect.restart.mode / FULL, lang))
    if effect.repair is not None:
        return word("duty_effect_repair", lang, share=share(effect.repair.mode / FULL, lang))
    if effect.adds_supply is not None:
        most = word("gives_most", lang, share=share(effect.adds_supply.gives / FULL, lang))
        name = name_of(model, effect.adds_supply.process, lang)
        return word("duty_effect_adds", lang, name=name if effect.adds_supply.gives == FULL else f"{name} ({most})")
    return word("duty_effect_first", lang)


def _difference(found: Filing, helped: Helped, lang: Lang) -> str:
    before, after = helped.before, helped.after
    if before is not None and after is not None:
        levels = {"a": share(before.lowest, lang), "b": share(after.lowest, lang)}
        hours = {"x": number(before.lost_h, lang, 1), "y": number(after.lost_h, lang, 1)}
        return word("duty_difference_text", lang, name=before.scenario.name[lang], **levels, **hours)
    if helped.already:
        return word("duty_difference_already", lang)
    return word("duty_difference_none" if found.reached else "duty_difference_no_scenario", lang)


# ------------------------------------------------------------------ hazards


def hazards_part(found: Filing, lang: Lang) -> Part:
    """List the hazards by class, each with boxes for how it was assessed, or for why it does not matter."""
    rows: list[dict[str, Any]] = []
    for kind in KINDS:
        listed = [(key, h) for key, h in found.model.hazards.items() if h.kind == kind]
        rows += [_hazard_row(found, key, hazard, lang) for key, hazard in listed]
        if not listed:
            rows.append(_other_hazard(kind, word(f"duty_kind_{kind}", lang), lang))
    rows += [_other_hazard(f"other-{k}", word("duty_other", lang), lang) for k in range(1, MORE_ROWS + 1)]
    columns = (
        *(Column(key, "", on="data") for key in ("kind", "hazard", "scenarios", "processes")),
        Column("name", word("duty_hazard", lang), on="screen"),
        Column("in_model", word("duty_in_model", lang), on="screen"),
        *(Column(key, word(f"duty_{key}", lang), on="screen") for key in ASKED),
        *(Column(key, "", on="data") for key in ("confidence", "source")),
    )
    table = Table("hazards", word("duty_hazards", lang), columns, rows, word("duty_hazards_note", lang))
    return Part("hazards", word("filing_part_hazards", lang), (Sheet(table, "band"),), wide=True)


def _boxes(key: str, lang: Lang) -> dict[str, Blank]:
    answers = tuple(word(f"duty_assessed_{answer}", lang) for answer in ("yes", "partly", "no"))
    choices = {"assessed": answers, "likelihood": SCALE, "consequence": SCALE}
    return {
        asked: Blank(
            f"hazard-{key}-{asked}",
            word(f"duty_{asked}", lang),
            "choice" if asked in choices else "text",
            choices.get(asked, ()),
        )
        for asked in ASKED
    }


def _hazard_row(found: Filing, key: str, hazard: Hazard, lang: Lang) -> dict[str, Any]:
    note = f"\n{hazard.note[lang].strip()}" if hazard.note is not None else ""
    return {
        "kind": hazard.kind,
        "band": word(f"duty_kind_{hazard.kind}", lang),
        "hazard": key,
        "scenarios": " ".join(hazard.scenarios),
        "processes": " ".join(hazard.processes),
        "name": f"{hazard.name[lang]}{note}\n[{evidence_text(hazard, lang)}]",
        "in_model": _in_model(found, key, hazard, lang),
        "confidence": hazard.confidence,
        "source": " ".join(hazard.source),
        **_boxes(key, lang),
    }


def _other_hazard(key: str, band: str, lang: Lang) -> dict[str, Any]:
    data = dict.fromkeys(("kind", "hazard", "scenarios", "processes", "confidence", "source"))
    name = blank(f"hazard-{key}", lang, "duty_other_hazard")
    return {**data, "band": band, "name": name, "in_model": "", **_boxes(key, lang)}


def _in_model(found: Filing, key: str, hazard: Hazard, lang: Lang) -> str:
    """Say which scenarios play a hazard, and what they do to the process only where nothing else of the list is in them.

    With another hazard in it a scenario cannot tell which of them did it.
    """
    lines = []
    for name in hazard.scenarios:
        played = found.by_name.get(name)
        if played is None:
            lines.append(word("duty_hazard_unplayed", lang, name=name))
        elif not found.alone_in(key, name):
            lines.append(word("duty_hazard_among", lang, name=played.scenario.name[lang]))
        elif not played.reached:
            lines.append(word("duty_hazard_untouched", lang, name=played.scenario.name[lang]))
        else:
            begins = duration((played.first_h or 0) * HOUR, lang)
            level = share(played.lowest, lang)
            lines.append(word("duty_hazard_scenario", lang, name=played.scenario.name[lang], level=level, d=begins))
    if lines:
        return "\n".join(lines)
    names = ", ".join(name_of(found.model, process, lang) for process in hazard.processes)
    nowhere = word("duty_hazard_withheld" if found.withheld else "duty_hazard_none", lang)
    return f"{nowhere}; {word('duty_hazard_strikes', lang, names=names)}" if names else nowhere


# ------------------------------------------------------------------ terms, required content


def duties_part(found: Filing, parts: dict[str, int], lang: Lang) -> Part:
    """Give the terms, and what the law wants to see with where it stands; ``parts`` numbers the other parts by key."""
    sheets = (Sheet(_terms(found, lang)), Sheet(_elements(parts, lang)))
    return Part("duties", word("filing_part_duties", lang), sheets)


def _terms(found: Filing, lang: Lang) -> Table:
    rows: list[dict[str, Any]] = [
        {
            "term": key,
            "name": word(f"duty_term_{key}", lang),
            "rule": word(f"duty_rule_{key}", lang),
            "until": None if day is None else day.isoformat(),
            "until_text": Blank(f"term-{key}", word("filing_date_prompt", lang), "date")
            if day is None
            else day.isoformat(),
        }
        for key, day in terms(found.designated)
    ]
    for key in ("notice", "report"):
        texts = {"name": word(f"duty_term_{key}", lang), "rule": word(f"duty_rule_{key}", lang)}
        rows.append({"term": key, **texts, "until": None, "until_text": word("duty_per_incident", lang)})
    columns = (
        Column("term", "", on="data"),
        Column("name", word("duty_term", lang), on="screen"),
        Column("rule", word("duty_rule", lang), on="screen"),
        Column("until", "", on="data"),
        Column("until_text", word("duty_until", lang), on="screen"),
    )
    note = word("duty_terms_note", lang)
    if found.designated is not None and found.designated.isoformat() < IN_FORCE:
        note = f"{word('duty_terms_early', lang)} {note}"
    return Table("terms", word("duty_terms", lang), columns, rows, note)


def _elements(parts: dict[str, int], lang: Lang) -> Table:
    rows = []
    for key, rule, whole, partly in ELEMENTS:
        here = word("duty_not_here", lang)
        if whole:
            here = word("duty_in", lang, n=parts[whole])
        elif partly:
            here = word("duty_room_in" if partly == ROOM else "duty_partly_in", lang, n=parts[partly])
        text = word(f"duty_element_{key}", lang)
        rows.append(
            {
                "element": key,
                "text": text,
                "rule": rule,
                "covered": "whole" if whole else "partly" if partly and partly != ROOM else "open",
                "here": here,
                "own": "" if whole or partly == ROOM else Blank(f"element-{key}", word("duty_by_entity", lang)),
            }
        )
    columns = (
        Column("element", "", on="data"),
        Column("text", word("duty_element", lang), on="screen"),
        Column("rule", word("duty_element_source", lang)),
        Column("covered", "", on="data"),
        Column("here", word("duty_here", lang), on="screen"),
        Column("own", word("duty_by_entity", lang), on="screen"),
    )
    return Table("elements", word("duty_elements", lang), columns, rows, word("duty_elements_note", lang))
