"""What the Wwke asks as short tables: the scorecard of article 7(1), and whether an outage has to be notified."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from cascade.model import Lang, Model
from cascade.telling.columns import Column, Form, Table, as_records, name_of
from cascade.units import HOUR
from cascade.words import duration, euros, large, number, share, word

if TYPE_CHECKING:
    import pandas as pd

MAIN_NOTIFICATIONS: Final = 12
SHOWN_NAMES: Final = 4
"""People see the first so many names that a figure rests on; data have all."""
CRITERIA: Final = {
    "a": "wwke_a", "b": "wwke_b", "c": "wwke_c", "d": "wwke_d", "e": "wwke_e", "f": "wwke_f", "": "wwke_historical",
}  # fmt: skip
MEASURES: Final[dict[str, tuple[str, Form]]] = {
    "users": ("wwke_users", "large"),
    "users_peak": ("wwke_users_peak", "large"),
    "sectors": ("wwke_sectors", "number"),
    "annex_items": ("wwke_annex_items", "number"),
    "dependents": ("wwke_dependents", "number"),
    "soonest_h": ("wwke_soonest", "hours"),
    "back_h": ("wwke_back", "hours"),
    "cost_eur": ("wwke_cost", "money"),
    "basic_people_peak": ("basic_people_peak", "large"),
    "basic_person_h": ("basic_person_h", "large"),
    "care_person_h": ("wwke_care", "large"),
    "safety_processes": ("wwke_safety", "number"),
    "environment": ("wwke_environment", "text"),
    "market_share": ("wwke_market_share", "share"),
    "regions": ("wwke_regions", "number"),
    "regions_felt": ("wwke_regions_felt", "number"),
    "isolated": ("wwke_isolated", "number"),
    "cross_border": ("wwke_cross_border", "text"),
    "needs": ("wwke_needs", "number"),
    "needs_with_stand_in": ("wwke_needs_with_stand_in", "number"),
    "averted": ("wwke_averted", "share"),
    "outside_alternatives": ("wwke_outside_alternatives", "text"),
    "nctv_category": ("wwke_nctv_category", "text"),
}
"""What each figure is called, and how its value is written."""
BASES: Final = {"computed": "basis_computed", "model": "basis_model", "open": "basis_open"}
NAMED: Final = {"sectors": "sectors", "isolated": "regions", "regions": "regions"}
"""What the evidence of a figure names, where that is not processes."""
ABSENT: Final = {"soonest_h": "none", "back_h": "wwke_not_back", "nctv_category": "none"}
"""What people read where nothing was found."""
MISSING: Final = {
    "population": "wwke_no_population", "people": "wwke_no_people", "basic_need": "wwke_no_basic_need", "cost_per_day": "wwke_no_cost",
}  # fmt: skip
"""What is said of a field that the model lacks."""
VERDICTS: Final = {"passes": "verdict_passes", "below": "verdict_below", "unknown": "verdict_unknown"}


# ------------------------------------------------------------------ scorecard


def scorecard(frame: "pd.DataFrame", model: Model, lang: Lang, lasting: int) -> Table:
    """Give every figure of the article 7(1) scorecard with what it rests on; of one process or of several."""
    rows: list[dict[str, Any]] = []
    before = None
    for record in as_records(frame):
        letter, key = record["criterion"], (record["process"], record["criterion"])
        head = word(CRITERIA[letter], lang)
        rows.append(
            {
                **record,
                "criterion_text": "" if key == before else f"{letter}  {head}" if letter else head,
                "label": _label(model, record, lang),
                "value_text": _value(record, lang),
                "basis_text": word(BASES[record["basis"]], lang),
                "evidence_text": _evidence(model, record, lang),
            }
        )
        before = key
    columns = (
        Column("process", "", on="data"),
        Column("sector", "", on="data"),
        Column("criterion", "", on="data"),
        Column("measure", "", on="data"),
        Column("criterion_text", word("criterion", lang), on="screen"),
        Column("label", word("figure", lang), on="screen"),
        Column("value", "", on="data"),
        Column("value_text", word("value_head", lang), "right", on="screen"),
        Column("basis", "", on="data"),
        Column("basis_text", word("basis_head", lang), on="screen"),
        Column("evidence", "", on="data"),
        Column("evidence_text", word("evidence", lang), on="screen"),
        Column("source", "", on="data"),
        Column("confidence", "", on="data"),
    )
    note = word("wwke_note", lang, d=duration(lasting, lang))
    return Table("scorecard", word("wwke_scorecard", lang), columns, rows, note)


def _label(model: Model, record: dict[str, Any], lang: Lang) -> str:
    if record["measure"] in MEASURES:
        return word(MEASURES[record["measure"]][0], lang)
    found = model.info.parameters.get(record["evidence"])
    return found.title[lang] if found is not None else str(record["measure"])


def _value(record: dict[str, Any], lang: Lang) -> str:
    """Write a value the way people read it; an open field stays a field."""
    value, measure = record["value"], record["measure"]
    if record["basis"] == "open":
        return "…"
    if value is None:
        return word(ABSENT[measure], lang) if measure in ABSENT else "-"
    form = MEASURES[measure][1] if measure in MEASURES else "text"
    if form == "hours":
        return duration(value * HOUR, lang) if value else word("at_once", lang)
    forms = {"number": number, "large": large, "share": share, "money": euros}
    return forms[form](value, lang) if form in forms else str(value)


def _evidence(model: Model, record: dict[str, Any], lang: Lang) -> str:
    """Say what a figure rests on: names, or the source of what the model says."""
    measure, ids = record["measure"], record["evidence"].split()
    if measure == "nctv_category":
        return word("wwke_category_note", lang)
    if measure == "cross_border":
        return word("wwke_abroad" if ids else "wwke_fill_in", lang)
    if record["basis"] == "open":
        why = word(MISSING[record["evidence"]], lang) if record["evidence"] in MISSING else ""
        return ": ".join(filter(None, [word("wwke_fill_in", lang), why]))
    if measure in ("users", "market_share"):
        sure = word(record["confidence"] or "confidence_unknown", lang)
        return f"{sure}: {', '.join(record['source'].split()) or word('no_source', lang)}"
    if measure == "annex_items":
        return ", ".join(sorted(ids, key=_item_order))
    if measure not in MEASURES:
        return ", ".join(ids)
    kind = NAMED.get(measure, "processes")
    if kind == "sectors":
        names = [model.sectors[i].name[lang] for i in ids]
    elif kind == "regions":
        names = [model.regions[i].name for i in ids]
    else:
        names = [name_of(model, i, lang) for i in ids]
    more = word("and_n_more", lang, n=len(names) - SHOWN_NAMES) if len(names) > SHOWN_NAMES else ""
    return ", ".join(names[:SHOWN_NAMES]) + more


def _item_order(item: str) -> tuple[int, str]:
    """Order items of the annex as the annex does: ``1c`` before ``11``."""
    digits = item[: len(item) - len(item.lstrip("0123456789"))]
    return int(digits or 0), item


def scorecards(frame: "pd.DataFrame", model: Model, lang: Lang, lasting: int) -> Table:
    """Set the main figures of the scorecards side by side, one line per process, by sector."""
    rows: dict[str, dict[str, Any]] = {}
    for record in as_records(frame):
        process = record["process"]
        row = rows.setdefault(
            process, {"sector": record["sector"], "process": process, "name": name_of(model, process, lang)}
        )
        row[record["measure"]] = record["value"]
    listed = sorted(rows.values(), key=lambda row: (row["sector"], row["process"]))
    measures = dict.fromkeys(measure for row in listed for measure in row)
    for row in listed:
        row.update({measure: None for measure in measures if measure not in row})
    shown = {
        "users": Column("users", word("wwke_users_head", lang), "large", empty="…"),
        "sectors": Column("sectors", word("wwke_sectors_head", lang), "number"),
        "soonest_h": Column("soonest_h", word("wwke_soonest_head", lang), "hours", empty="-"),
        "basic_person_h": Column("basic_person_h", word("wwke_basic_head", lang), "large", empty="…"),
        "cost_eur": Column("cost_eur", word("wwke_cost_head", lang), "money", empty="…"),
        "regions_felt": Column("regions_felt", word("wwke_regions_head", lang), "number"),
        "averted": Column("averted", word("wwke_averted_head", lang), "share", empty="-"),
        "nctv_category": Column("nctv_category", word("wwke_category_head", lang), empty="-"),
    }
    columns = (
        Column("sector", "", on="data"),
        Column("process", "", on="data"),
        Column("name", word("process", lang), clip=True),
        *shown.values(),
        *(Column(m, "", on="data") for m in measures if m not in {"sector", "process", "name", *shown}),
    )
    note = word("wwke_heads", lang) + " " + word("wwke_note", lang, d=duration(lasting, lang))
    return Table("scorecards", word("wwke_scorecards", lang), columns, listed, note)


# ------------------------------------------------------------------ notification


def notification(frame: "pd.DataFrame", model: Model, lang: Lang, most: int | None = MAIN_NOTIFICATIONS) -> Table:
    """Say which outages pass a threshold and when they would have to be notified.

    People see of each process the threshold that it passes first; ``most`` None keeps every threshold and process.
    """
    records = as_records(frame)
    passing = [r for r in records if r["verdict"] == "passes"]
    soonest: dict[str, dict[str, Any]] = {}
    for record in passing:
        soonest.setdefault(record["process"], record)
    first = list(soonest.values())
    kept = records if most is None else first[:most]
    rows = [{**row, **_notified(model, row, lang)} for row in kept]
    columns = (
        *(Column(key, "", on="data") for key in ("set", "threshold", "process", "sector")),
        Column("name_text", word("process", lang), on="screen", clip=True),
        Column("name", word("threshold", lang), clip=True),
        Column("limit_text", word("limit", lang), on="screen"),
        Column("verdict", "", on="data"),
        *([Column("verdict_text", word("verdict_head", lang), on="screen")] if most is None else []),
        *(Column(key, "", on="data") for key in ("by", "users", "without", "share")),
        *(Column(f"min_{key}", "", on="data") for key in ("share", "people", "duration_h", "user_hours")),
        Column("isolated", "", on="data"),
        Column("first_h", "", on="data"),
        Column("passes_h", word("passes_after", lang), "hours", empty="-"),
        Column("notice_from_h", "", on="data"),
        Column("notice_by_h", "", on="data"),
        Column("notice_text", word("notice_span", lang), "right", on="screen"),
        Column("report_by_h", word("report_by", lang), "hours", empty="-"),
        *(Column(key, "", on="data") for key in ("placeholder", "source", "confidence")),
    )
    return Table(
        "notification", word("notification", lang), columns, rows, _remarks(records, first, len(rows), most, lang)
    )


def _remarks(
    records: list[dict[str, Any]], first: list[dict[str, Any]], shown: int, most: int | None, lang: Lang
) -> str:
    """Say what the limits are worth, what was left out, and what could not be judged."""
    if not records:
        return ""
    parts = [word("notification_note", lang)]
    if any(r["placeholder"] for r in records):
        parts.insert(0, word("notification_placeholder", lang))
    if not first:
        parts.insert(0, word("notification_none", lang))
    if most is not None and shown < len(first):
        parts.append(word("notification_few", lang, n=shown, m=len(first)))
    unknown = {r["process"] for r in records if r["verdict"] == "unknown"} - {r["process"] for r in first}
    if unknown:
        parts.append(word("notification_unknown", lang, n=len(unknown)))
    return " ".join(parts)


def _notified(model: Model, row: dict[str, Any], lang: Lang) -> dict[str, str]:
    name = row["name"][lang] if row["name"] is not None else f"{row['set']} {row['threshold']}"
    return {
        "name": name,
        "name_text": name_of(model, row["process"], lang),
        "limit_text": limit_text(row, lang),
        "verdict_text": word(VERDICTS[row["verdict"]], lang),
        "notice_text": _span(row["notice_from_h"], row["notice_by_h"], lang),
    }


def _span(first: float | None, last: float | None, lang: Lang) -> str:
    """Write from when and until when something has to be told: ``0 h – 1 d``; ``-`` where it never has to."""
    if first is None or last is None:
        return "-"
    return f"{duration(first * HOUR, lang)} – {duration(last * HOUR, lang)}"


def limit_text(row: dict[str, Any], lang: Lang) -> str:
    """Write a limit: ``5% or 1.00 M people, 1 h``."""
    sizes: list[str] = []
    if row["min_share"] is not None:
        sizes.append(share(row["min_share"], lang))
    if row["min_people"] is not None:
        people = "one_person" if row["min_people"] == 1 else "n_people"
        sizes.append(word(people, lang, n=large(row["min_people"], lang)))
    lasting = [duration(row["min_duration_h"] * HOUR, lang)] if sizes and row["min_duration_h"] else []
    counted = [", ".join([_either(sizes, lang), *lasting])] if sizes else []
    if row["min_user_hours"] is not None:
        counted.append(word("n_user_hours", lang, n=large(row["min_user_hours"], lang)))
    return _either(counted, lang)


def _either(parts: Iterable[str], lang: Lang) -> str:
    return f" {word('or', lang)} ".join(parts)
