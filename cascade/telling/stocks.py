"""Stocks as short tables: which there are and what must work for them, how far they go in a scenario, and without them."""

from typing import Any, Final

from cascade.model import Lang, Model, Stock
from cascade.results.stocks import HARM, StockUse, Use, register
from cascade.telling.columns import Column, Form, Table, as_records, name_of
from cascade.telling.dossier import evidence_text, purpose
from cascade.units import FULL, HOUR
from cascade.words import duration, euros, large, number, share, word

KINDS: Final = ("strategic", "required", "working", "household")
"""In the order in which people read them."""
_MORE: Final[dict[str, tuple[str, Form]]] = {
    "more_person_h": ("stock_more_person_h", "large"),
    "more_basic_person_h": ("stock_more_basic", "large"),
    "more_cost_eur": ("stock_more_cost", "money"),
    "more_basic_people_peak": ("stock_more_peak", "large"),
}


# ------------------------------------------------------------------ the register


def register_tables(model: Model, lang: Lang) -> list[Table]:
    """Return which stocks there are, and what each bridges and cannot be used without."""
    rows = as_records(register(model))
    rows.sort(key=lambda row: (KINDS.index(row["kind"]), row["stock"]))
    return [_register(model, rows, lang), _usable(model, rows, lang)]


def _register(model: Model, records: list[dict[str, Any]], lang: Lang) -> Table:
    rows = [
        {
            **record,
            "name": model.stocks[record["stock"]].name[lang],
            "kind_text": word(f"stock_kind_{record['kind']}", lang),
            "holder": model.stocks[record["stock"]].holder[lang],
            "holds": model.stocks[record["stock"]].holds[lang],
            "model_text": _span(record["model_h"], record["model_h"], record["model_longest_h"], lang),
            "published_text": _span(record["published_h"], record["published_low_h"], record["published_high_h"], lang),
        }
        for record in records
    ]
    data = ("stock", "kind", "part", "model_h", "model_longest_h", "published_low_h", "published_h", "published_high_h")
    columns = (
        *(Column(key, "", on="data") for key in data),
        Column("name", word("stock_name", lang), on="screen"),
        Column("kind_text", word("stock_kind", lang), on="screen"),
        Column("holder", word("stock_holder", lang)),
        Column("holds", "", on="data"),
        Column("model_text", word("stock_model", lang), "right", on="screen"),
        Column("published_text", word("stock_published", lang), "right", on="screen"),
        Column("agrees", word("stock_agrees", lang), "flag"),
        Column("source", "", on="data"),
        Column("confidence", "", on="data"),
    )
    note = word("stock_register_note", lang) if rows else word("stock_none", lang)
    return Table("register", word("stock_register", lang), columns, rows, note)


def _span(usual: float | None, low: float | None, high: float | None, lang: Lang) -> str:
    """Write a duration, or the range of several; the middle of three is left to the data."""
    if usual is None or low is None or high is None:
        return ""
    ends = [duration(value * HOUR, lang) for value in (low, high)]
    return ends[0] if low == high else word("stock_range", lang, low=ends[0], high=ends[1])


def _usable(model: Model, records: list[dict[str, Any]], lang: Lang) -> Table:
    rows = []
    for record in records:
        stock, unknown = model.stocks[record["stock"]], record["not_in_model"].split()
        names = [
            word("stock_unseen", lang, name=name_of(model, p, lang)) if p in unknown else name_of(model, p, lang)
            for p in stock.usable_with
        ]
        rows.append(
            {
                **record,
                "name": stock.name[lang],
                "bridges_text": _bridges(model, stock, lang) or word("stock_bridges_none", lang),
                "usable_text": "; ".join(names) or word("stock_needs_none", lang),
                "decides_text": word("stock_decides", lang, who=stock.released_by[lang]) if stock.released_by else "",
                "released_by": stock.released_by[lang] if stock.released_by is not None else None,
                "evidence_text": evidence_text(stock, lang),
                "note": stock.note[lang].strip() if stock.note is not None else None,
            }
        )
    columns = (
        *(Column(key, "", on="data") for key in ("stock", "bridges", "usable_with", "not_in_model")),
        Column("name", word("stock_name", lang), on="screen"),
        Column("bridges_text", word("stock_bridges", lang), on="screen"),
        Column("needs_text", word("stock_needs", lang), on="screen"),
        Column("evidence_text", word("evidence", lang), on="screen"),
        Column("released_by", "", on="data"),
        Column("note", "", on="data"),
    )
    for row in rows:
        row["needs_text"] = ". ".join(text for text in (row["usable_text"], row["decides_text"]) if text)
    starred = any(row["not_in_model"] for row in rows)
    return Table(
        "usable", word("stock_usable", lang), columns, rows, word("stock_usable_note", lang) if starred else ""
    )


def _bridges(model: Model, stock: Stock, lang: Lang) -> str:
    key, part = ("stock_bridge", stock.part.mode) if stock.part.mode == FULL else ("stock_bridge_part", stock.part.mode)
    texts = []
    for bridge in stock.bridges:
        need = model.processes[bridge.process].needs[bridge.need]
        blanks = {"name": name_of(model, bridge.process, lang), "need": purpose(bridge.need, need, lang)}
        if key == "stock_bridge":
            texts.append(word("stock_bridge", lang, **blanks))
        else:
            texts.append(word("stock_bridge_part", lang, part=share(part / FULL, lang), **blanks))
    return "; ".join(texts)


# ------------------------------------------------------------------ a scenario


def use_tables(found: StockUse, lang: Lang, *, whole: bool = False) -> list[Table]:
    """Return how far each stock goes, the run without each, every copy, and the run without any.

    Parameters
    ----------
    found : StockUse
    lang : {"nl", "en"}
    whole : bool
        Also the stocks that are not drawn on.
    """
    model = found.run.model
    records = as_records(found.table)
    rows = [_row(model, record, lang) for record in records]
    shown = rows if whole else [row for row in rows if row["copies_drawn"]]
    return [
        _use(found, shown, _left_out(model, records, lang), lang),
        _without(shown, lang),
        _copies(found, lang),
        _totals(found, lang),
    ]


def _row(model: Model, record: dict[str, Any], lang: Lang) -> dict[str, Any]:
    first, blocked = record["first_worse"], record["blocked_by"]
    at = duration((record["first_worse_h"] or 0.0) * HOUR, lang)
    return {
        **record,
        "name": model.stocks[record["stock"]].name[lang],
        "blocked_text": word(
            "stock_blocked_for",
            lang,
            d=duration(record["blocked_h"] * HOUR, lang),
            name=name_of(model, blocked, lang),
        )
        if blocked
        else "",
        "first_text": word("stock_hit_at", lang, name=name_of(model, first, lang), d=at) if first else "",
    }


def _left_out(model: Model, records: list[dict[str, Any]], lang: Lang) -> str:
    """Name the stocks that are not drawn on, and those of which the model knows nothing."""
    said = []
    for verdict in ("idle", "unknown"):
        names = [model.stocks[r["stock"]].name[lang] for r in records if r["verdict"] == verdict]
        if names:
            said.append(word(f"stock_{verdict}", lang, names=", ".join(names)))
    return " ".join(said)


def _use(found: StockUse, rows: list[dict[str, Any]], left_out: str, lang: Lang) -> Table:
    columns = (
        *(Column(key, "", on="data") for key in ("stock", "copies", "copies_drawn", "instance", "region", "lasts_h")),
        Column("name", word("stock_name", lang), on="screen"),
        Column("first_h", word("stock_first", lang), "hours"),
        Column("drawn_h", word("stock_drawn", lang), "hours"),
        Column("used", word("stock_used", lang), "share"),
        Column("empty_h", word("stock_empty", lang), "hours", empty=word("stock_not_empty", lang)),
        Column("blocked_h", "", on="data"),
        Column("blocked_by", "", on="data"),
        Column("blocked_text", word("stock_blocked", lang), on="screen"),
    )
    note = word("stock_use_note", lang, below=share(found.below / FULL, lang))
    return Table("use", word("stock_use", lang), columns, rows, f"{note} {left_out}".strip() if rows else left_out)


def _without(rows: list[dict[str, Any]], lang: Lang) -> Table:
    # a column of nothing but zeros tells people nothing
    told = {key for key in _MORE if any(row[key] for row in rows)}
    columns = (
        *(Column(key, "", on="data") for key in ("stock", "verdict")),
        Column("name", word("stock_name", lang), on="screen"),
        Column("usable", word("stock_usable_share", lang), "share"),
        *(
            Column(key, word(heading, lang), form, on="both" if key in told else "data")
            for key, (heading, form) in _MORE.items()
        ),
        Column("first_text", word("stock_hit_first", lang), on="screen"),
        *(Column(key, "", on="data") for key in ("first_worse_h", "first_worse", "first_worse_regions", "most_worse")),
    )
    return Table("without", word("stock_without", lang), columns, rows, word("stock_without_note", lang))


def _copies(found: StockUse, lang: Lang) -> Table:
    model = found.run.model
    rows = [_copy(model, use, lang) for name in found.stocks for use in found.of(name)]
    columns = (
        *(Column(key, "", on="data") for key in ("stock", "process", "need", "instance", "region", "lasts_h")),
        Column("name", word("stock_name", lang), on="screen"),
        Column("process_text", word("process", lang), on="screen"),
        Column("where", word("where", lang), on="screen", clip=True),
        Column("first_h", word("stock_first", lang), "hours"),
        Column("drawn_h", word("stock_drawn", lang), "hours"),
        Column("used", word("stock_used", lang), "share"),
        Column("empty_h", word("stock_empty", lang), "hours"),
        Column("blocked_h", word("stock_blocked", lang), "hours"),
        Column("blocked_by", "", on="data"),
    )
    return Table("copies", word("stock_copies", lang), columns, rows)


def _copy(model: Model, use: Use, lang: Lang) -> dict[str, Any]:
    return {
        "stock": use.stock,
        "process": use.process,
        "need": use.need,
        "instance": use.instance,
        "region": use.region,
        "lasts_h": use.lasts / HOUR,
        "name": model.stocks[use.stock].name[lang],
        "process_text": name_of(model, use.process, lang),
        "where": model.regions[use.region].name if use.region else word("national", lang),
        "first_h": None if use.first is None else use.first / HOUR,
        "drawn_h": use.drawn / HOUR,
        "used": use.used,
        "empty_h": None if use.empty is None else use.empty / HOUR,
        "blocked_h": use.blocked / HOUR,
        "blocked_by": max(use.lacking, key=lambda p: use.lacking[p], default=None),
    }


def _totals(found: StockUse, lang: Lang) -> Table:
    rows = []
    for key in HARM:
        usual, more = int(found.usual[key] or 0), found.lost_all.harm[key]
        write = euros if key == "cost_eur" else large
        rows.append(
            {
                "key": key,
                "with_all": usual,
                "with_none": usual + more,
                "more": more,
                "label": word(key, lang),
                "with_text": write(usual, lang),
                "none_text": write(usual + more, lang),
            }
        )
    columns = (
        *(Column(key, "", on="data") for key in ("key", "with_all", "with_none", "more")),
        Column("label", "", on="screen"),
        Column("with_text", word("stock_with_all", lang), "right", on="screen"),
        Column("none_text", word("stock_with_none", lang), "right", on="screen"),
    )
    return Table("totals", word("stock_totals", lang), columns, rows)


def summary(found: StockUse, lang: Lang) -> list[str]:
    """Say how many stocks are drawn on, which would be missed most, and which could never be used."""
    model, records = found.run.model, as_records(found.table)
    drawn = [r for r in records if r["copies_drawn"]]
    if not drawn:
        return [word("stock_said_none", lang, n=number(len(records), lang))]
    empty = sum(1 for r in drawn if any(use.empty is not None for use in found.of(r["stock"])))
    told = {"n": number(len(records), lang), "drawn": number(len(drawn), lang), "empty": number(empty, lang)}
    lines = [word("stock_said", lang, **told)]
    most = max(drawn, key=lambda r: (r["more_person_h"], r["more_cost_eur"]))
    if most["more_person_h"] > 0:
        hours, cost = large(most["more_person_h"], lang), euros(most["more_cost_eur"], lang)
        name = model.stocks[most["stock"]].name[lang]
        lines.append(word("stock_said_most", lang, name=name, hours=hours, cost=cost))
    elif not any(r["more_person_h"] or r["more_cost_eur"] for r in drawn):
        lines.append(word("stock_said_no_matter", lang))
    unusable = [model.stocks[r["stock"]].name[lang] for r in drawn if r["verdict"] == "unusable"]
    if unusable:
        lines.append(word("stock_said_unusable", lang, names=", ".join(unusable)))
    return lines
