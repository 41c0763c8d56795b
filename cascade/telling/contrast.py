"""Two runs or two models side by side as short tables."""

from typing import Any, Final, NamedTuple

from cascade.model import Lang, Model
from cascade.results.comparison import compare_models, compare_runs, compare_scores, compare_totals
from cascade.results.impact import Impact
from cascade.telling.columns import Column, Form, Table, as_records, name_of
from cascade.units import HOUR
from cascade.words import word

MOST_ROWS: Final = 20
_TOTALS: Final[tuple[tuple[str, Form], ...]] = (
    ("basic_people_peak", "large"),
    ("basic_person_h", "large"),
    ("basic_person_h_beyond", "large"),
    ("cost_eur", "money"),
    ("first_effect_h", "hours"),
    ("cascade_share", "share"),
    ("processes_hit", "number"),
    ("sectors_hit", "number"),
    ("regions_hit", "number"),
    ("locked", "number"),
)


class Sides(NamedTuple):
    """What is compared: the difference is always b minus a."""

    a: Impact
    b: Impact


def contrast_runs(sides: Sides, model: Model, lang: Lang, *, whole: bool = False) -> list[Table]:
    """Set two runs side by side: totals, classes of impact, and the processes that differ most."""
    return [_totals(sides, model, lang), _scores(sides, lang), _processes(sides, model, lang, whole=whole)]


def _signed(value: Any, form: Form, lang: Lang) -> str:
    """Write a difference with its sign; nothing where there is none."""
    if value is None or value == 0:
        return "="
    return ("+" if value > 0 else "−") + Column("", "", form).show(abs(value), lang)


def _totals(sides: Sides, model: Model, lang: Lang) -> Table:
    records = {r["what"]: r for r in as_records(compare_totals(sides.a, sides.b))}
    forms = dict(_TOTALS)
    hours = model.info.self_reliance // HOUR
    rows = []
    for key in [*(k for k in forms if k in records), *(k for k in records if k not in forms)]:
        record, form = records[key], forms.get(key, "number")
        label = word(key, lang, h=hours) if key in forms else ""
        texts = {f"{side}_text": Column("", "", form, empty="-").show(record[side], lang) for side in ("a", "b")}
        change = _signed(record["difference"], form, lang)
        rows.append({**record, "label": label, **texts, "change": change} if label else {**record, **_blank()})
    columns = (
        Column("what", "", on="data"),
        *(Column(k, "", on="data") for k in ("a", "b", "difference")),
        Column("label", "", on="screen"),
        Column("a_text", "A", "right", on="screen"),
        Column("b_text", "B", "right", on="screen"),
        Column("change", word("difference", lang), "right", on="screen"),
    )
    return Table("totals", word("compare_totals", lang), columns, rows)


def _blank() -> dict[str, str]:
    return dict.fromkeys(("label", "a_text", "b_text", "change"), "")


def _scores(sides: Sides, lang: Lang) -> Table:
    titles = {}
    for impact in sides:
        for record in impact.anv.to_dict("records"):
            titles[record["criterion"]] = record["title"][lang]
    rows = [{**r, "title": titles.get(r["criterion"], r["criterion"])} for r in as_records(compare_scores(*sides))]
    columns = (
        Column("criterion", "", on="data"),
        Column("parameters", "", on="data"),
        Column("title", word("criterion", lang), on="screen"),
        Column("a", "A"),
        Column("b", "B"),
    )
    return Table("anv", word("anv", lang), columns, rows)


def _processes(sides: Sides, model: Model, lang: Lang, *, whole: bool) -> Table:
    records = as_records(compare_runs(*sides))
    differ = [r for r in records if any(v not in (0, None) for k, v in r.items() if k.endswith("_difference"))]
    kept = differ if whole else differ[:MOST_ROWS]
    rows = [
        {
            **r,
            "name": name_of(model, r["process"], lang) if r["process"] in model.processes else r["process"],
            "person_h_change": _signed(r["person_h_difference"], "large", lang),
            "cost_change": _signed(r["cost_eur_difference"], "money", lang),
        }
        for r in kept
    ]
    data = [k for k in (records[0] if records else {}) if k != "process"]
    on_screen = {"person_h_a", "person_h_b", "lowest_a", "lowest_b"}
    columns = (
        Column("process", "", on="data"),
        Column("name", word("process", lang), on="screen", clip=True),
        Column("person_h_a", word("person_h", lang) + " A", "large"),
        Column("person_h_b", word("person_h", lang) + " B", "large"),
        Column("person_h_change", word("difference", lang), "right", on="screen"),
        Column("lowest_a", word("lowest", lang) + " A", "share"),
        Column("lowest_b", word("lowest", lang) + " B", "share"),
        Column("cost_change", word("cost_difference", lang), "right", on="screen"),
        *(Column(k, "", on="data") for k in data if k not in on_screen),
    )
    note = "" if len(kept) == len(differ) else word("only_largest", lang, n=len(kept), m=len(differ))
    return Table("processes", word("compare_processes", lang), columns, rows, note)


def contrast_models(a: Model, b: Model, lang: Lang) -> list[Table]:
    """Say what was added, removed and changed between two models."""
    rows = [{**r, "change_text": word(r["change"], lang)} for r in as_records(compare_models(a, b, lang))]
    columns = (
        Column("change", "", on="data"),
        Column("change_text", word("change", lang), on="screen"),
        Column("what", word("what", lang)),
        Column("where", word("where", lang)),
        Column("a", "A"),
        Column("b", "B"),
    )
    return [Table("models", word("compare_models", lang), columns, rows)]
