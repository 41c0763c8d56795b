"""Two failures at once, and the events of a scenario, as short tables: what is worse together, and who did what."""

from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from cascade.model import Lang, Model, Scenario
from cascade.results.attribution import Attribution
from cascade.results.pairs import Pairs
from cascade.telling.columns import Column, Form, Table, as_records, event_name, name_of
from cascade.units import HOUR
from cascade.words import duration, euros, large, number, share, word

if TYPE_CHECKING:
    import pandas as pd

MAIN_PAIRS: Final = 20
MAIN_INTERACTIONS: Final = 10
_FORMS: Final[dict[str, Form]] = {"euros": "money", "locked": "number"}
_SMALL: Final = 0.0005
"""Part of the whole effect under which two events are said not to act on each other."""


def unit_text(value: float, measure: str, lang: Lang) -> str:
    """Write an effect with its unit: ``12.3 M person-hours``."""
    if measure == "euros":
        return euros(value, lang)
    return word(f"joint_unit_{measure}", lang, n=large(value, lang))


def measure_text(measure: str, lang: Lang) -> str:
    """Say what an effect is measured by."""
    return word(f"joint_{measure}", lang)


def _begun(text: str) -> str:
    """Begin a sentence with a capital."""
    return text[:1].upper() + text[1:]


# ------------------------------------------------------------------ pairs


def pair_tables(found: Pairs, model: Model, lang: Lang, most: int | None = MAIN_PAIRS) -> list[Table]:
    """Return the pairs worse than their parts, those that overlap, and how all were dealt with.

    Parameters
    ----------
    found : Pairs
    model : Model
    lang : {"nl", "en"}
    most : int, optional
        Rows of each table; None for all.
    """
    return [
        _pairs("worse", found.worse, found, model, lang, most),
        _pairs("overlapping", found.overlapping, found, model, lang, most),
        _searched(found, lang),
    ]


def _pairs(name: str, frame: "pd.DataFrame", found: Pairs, model: Model, lang: Lang, most: int | None) -> Table:
    shown = frame if most is None else frame.head(most)
    rows = [
        {
            "rank": rank,
            **row,
            "first_name": _place(model, row["first"], lang),
            "second_name": _place(model, row["second"], lang),
            "size": abs(row["synergy"]),
            "size_share": abs(row["synergy_share"]),
        }
        for rank, row in enumerate(as_records(shown), 1)
    ]
    form = _FORMS.get(found.measure, "large")
    columns = (
        Column("rank", "#", "right"),
        Column("first", "", on="data"),
        Column("second", "", on="data"),
        # the region of a copy comes last and is never cut off
        Column("first_name", word("joint_first", lang), on="screen", clip=found.of == "processes"),
        Column("second_name", word("joint_second", lang), on="screen", clip=found.of == "processes"),
        Column("first_alone", word("joint_first_alone", lang), form),
        Column("second_alone", word("joint_second_alone", lang), form),
        Column("joint", word("joint_together", lang), form),
        Column("size", word(f"joint_{name}_size", lang), form, on="screen"),
        Column("size_share", word("joint_part", lang), "share", on="screen"),
        Column("synergy", "", on="data"),
        Column("synergy_share", "", on="data"),
    )
    note = f"{_begun(measure_text(found.measure, lang))}. {word(f'joint_{name}_note', lang)}"
    if found.measure == "cascade_hours":
        note += " " + word("joint_cascade_note", lang)
    if len(rows) < len(frame):
        note += " " + word("only_largest", lang, n=len(rows), m=number(len(frame), lang))
    return Table(name, word(f"joint_{name}", lang), columns, rows, note)


def _place(model: Model, label: str, lang: Lang) -> str:
    """Name a process, or one copy of it."""
    process, _, region = label.partition("@")
    name = name_of(model, process, lang)
    return f"{name}, {model.regions[region].name}" if region else name


def _searched(found: Pairs, lang: Lang) -> Table:
    said: dict[str, Any] = {
        **found.searched._asdict(),
        "found": len(found.table),
        "worse": len(found.worse),
        "overlapping": len(found.overlapping),
        "measure": found.measure,
        "of": found.of,
        "duration_h": found.duration_h,
        "horizon_h": found.horizon_h,
        "threshold": found.threshold,
    }
    shown = ("pairs", "independent", "bounded", "simulated")
    rows = [
        {
            "key": key,
            "value": value,
            "label": word(f"joint_n_{key}", lang) if key in shown else "",
            "text": number(value, lang) if key in shown else "",
        }
        for key, value in said.items()
    ]
    note = word("joint_complete", lang)
    if found.threshold:
        note = word("joint_complete_from", lang, threshold=unit_text(found.threshold, found.measure, lang))
    return Table("searched", word("joint_searched", lang), _keyed(), rows, note, keyed=True)


def _keyed() -> tuple[Column, ...]:
    return (
        Column("key", "", on="data"),
        Column("value", "", on="data"),
        Column("label", "", on="screen"),
        Column("text", "", "right", on="screen"),
    )


def pair_summary(found: Pairs, model: Model, lang: Lang) -> list[str]:
    """Say what was done, and which pair is worst."""
    lines = [
        word(
            f"joint_pairs_how_{found.of}",
            lang,
            n=number(found.searched.candidates, lang),
            duration=duration(found.duration_h * HOUR, lang),
            after=duration((found.horizon_h - found.duration_h) * HOUR, lang),
            measure=measure_text(found.measure, lang),
        )
    ]
    least = unit_text(found.threshold, found.measure, lang)
    filled = {
        "pairs": number(found.searched.pairs, lang),
        "least": word("joint_least", lang, threshold=least) if found.threshold else "",
    }
    if found.worse.empty:
        return [*lines, word("joint_no_worse", lang, **filled)]
    worst = as_records(found.worse.head(1))[0]
    lines.append(
        word(
            "joint_worst",
            lang,
            **filled,
            worse=number(len(found.worse), lang),
            first=_place(model, worst["first"], lang),
            second=_place(model, worst["second"], lang),
            joint=unit_text(worst["joint"], found.measure, lang),
            apart=unit_text(worst["first_alone"] + worst["second_alone"], found.measure, lang),
        )
    )
    return lines


# ------------------------------------------------------------------ attribution


def part_tables(
    found: Attribution, scenario: Scenario, model: Model, lang: Lang, *, whole: bool = False
) -> list[Table]:
    """Return each event's part, how events act on each other (when that is exact), and what was done.

    Parameters
    ----------
    found : Attribution
    scenario : Scenario
    model : Model
    lang : {"nl", "en"}
    whole : bool
        Every two events, not only those that act on each other most.
    """
    names = [event_name(model, event, lang) for event in scenario.events]
    tables = [_parts(found, names, lang), _totals(found, lang)]
    if found.interaction is not None:
        tables.insert(1, _interactions(found, names, lang, whole=whole))
    return tables


def _parts(found: Attribution, names: list[str], lang: Lang) -> Table:
    form = _FORMS.get(found.measure, "large")
    rows = [
        {**row, "name": name, "interval": _interval(row, found, lang)}
        for row, name in zip(as_records(found.events), names, strict=True)
    ]
    rows.sort(key=lambda row: (-row["part"], row["number"]))
    data = ("id", "error", "low", "high")
    columns = (
        Column("number", "#", "right"),
        *(Column(key, "", on="data") for key in data),
        Column("name", word("event", lang), on="screen"),
        Column("at_h", word("after", lang), "hours"),
        Column("part", word("joint_event_part", lang), form),
        Column("part_share", word("joint_share", lang), "share"),
        *(() if found.exact else (Column("interval", word("joint_interval", lang), "right", on="screen"),)),
        Column("alone", word("joint_alone", lang), form),
        Column("last", word("joint_last", lang), form),
    )
    note = f"{_begun(measure_text(found.measure, lang))}. {word('joint_parts_note', lang)}"
    if found.measure in ("hours", "cascade_hours"):
        note += " " + word("joint_no_indicators", lang)
    if not found.exact:
        note += " " + word("joint_drawn_note", lang)
    return Table("parts", word("joint_parts", lang), columns, rows, note)


def _interval(row: dict[str, Any], found: Attribution, lang: Lang) -> str:
    """Write how far a drawn part may be off, in parts of the whole."""
    if found.exact or not found.whole:
        return ""
    return f"± {number(100 * (row['high'] - row['part']) / abs(found.whole), lang, 2)}%"


def _interactions(found: Attribution, names: list[str], lang: Lang, *, whole: bool) -> Table:
    """List every two events by how much they act on each other."""
    values = [] if found.interaction is None else found.interaction.to_numpy().tolist()
    rows: list[dict[str, Any]] = [
        {
            "first": a + 1,
            "second": b + 1,
            "first_name": f"{a + 1}. {names[a]}",
            "second_name": f"{b + 1}. {names[b]}",
            "interaction": values[a][b],
            "interaction_share": values[a][b] / found.whole if found.whole else None,
        }
        for a, b in combinations(range(len(values)), 2)
    ]
    for row in rows:
        row["kind"] = word("joint_amplify" if row["interaction"] > 0 else "joint_overlap", lang)
        row["size"] = abs(row["interaction"])
        row["size_share"] = abs(row["interaction_share"] or 0.0)
    rows.sort(key=lambda row: (-row["size"], row["first"], row["second"]))
    if not whole:
        rows = [row for row in rows if row["size_share"] >= _SMALL][:MAIN_INTERACTIONS]
    form = _FORMS.get(found.measure, "large")
    columns = (
        *(Column(key, "", on="data") for key in ("first", "second", "interaction", "interaction_share")),
        Column("first_name", word("event", lang), on="screen"),
        Column("second_name", word("joint_and", lang), on="screen"),
        Column("kind", word("joint_kind", lang), on="screen"),
        Column("size", word("joint_by", lang), form, on="screen"),
        Column("size_share", word("joint_share", lang), "share", on="screen"),
    )
    return Table("interactions", word("joint_interactions", lang), columns, rows, word("joint_interactions_note", lang))


def _totals(found: Attribution, lang: Lang) -> Table:
    said: dict[str, Any] = {
        "whole": found.whole,
        "measure": found.measure,
        "exact": found.exact,
        "events": len(found.events),
        "runs": found.runs,
        "permutations": found.permutations,
        "seed": found.seed,
    }
    text = {"whole": unit_text(found.whole, found.measure, lang), "runs": number(found.runs, lang)}
    rows = [
        {
            "key": key,
            "value": value,
            "label": word(f"joint_total_{key}", lang) if key in text else "",
            "text": text.get(key, ""),
        }
        for key, value in said.items()
    ]
    return Table("totals", "", _keyed(), rows, keyed=True)


def part_summary(found: Attribution, scenario: Scenario, model: Model, lang: Lang) -> list[str]:
    """Say what the whole effect is, which event has most of it, and how sure that is."""
    filled = {"n": number(len(found.events), lang), "measure": measure_text(found.measure, lang)}
    if not found.whole:
        return [word("joint_no_effect", lang, **filled)]
    top = as_records(found.events.sort_values(["part", "number"], ascending=[False, True]).head(1))[0]
    lines = [
        word("joint_whole", lang, whole=unit_text(found.whole, found.measure, lang), **filled),
        word(
            "joint_most",
            lang,
            event=event_name(model, scenario.events[top["number"] - 1], lang),
            share=share(top["part_share"], lang),
        ),
    ]
    runs = number(found.runs, lang)
    if found.exact:
        return [*lines, word("joint_exact", lang, runs=runs)]
    off = max(row["high"] - row["part"] for row in as_records(found.events)) / abs(found.whole)
    orders = number(found.permutations, lang)
    return [*lines, word("joint_drawn", lang, runs=runs, orders=orders, off=f"{number(100 * off, lang, 2)}%")]
