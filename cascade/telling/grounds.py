"""What results rest on as short tables: the numbers to look up first, and how well each process is sourced."""

from typing import Any, Final

from cascade.model import Lang, Model, Need
from cascade.results.evidence import STANDINGS, Grounds
from cascade.telling.columns import Column, Table, as_records, name_of
from cascade.units import FULL, parse_duration, parse_factor, parse_share
from cascade.words import duration, large, number, share, word

MAIN_NUMBERS: Final = 20
MAIN_PROCESSES: Final = 12
SHOWN_SOURCES: Final = 4
"""People see the first so many keys of a number's sources; data have all of them."""


def tables(found: Grounds, model: Model, lang: Lang, *, whole: bool = False) -> list[Table]:
    """Return every table of the evidence, in the order in which people read them."""
    most = (None, None) if whole else (MAIN_NUMBERS, MAIN_PROCESSES)
    return [
        numbers(found, model, lang, most[0]),
        processes(found, model, lang, most[1]),
        sectors(found, model, lang),
        totals(found, lang),
    ]


def summary(found: Grounds, lang: Lang) -> list[str]:
    """Say in two sentences how much rests on documents, and how much of what can move the results does not."""
    t = found.totals
    counts = {key: number(t[key], lang) for key in ("needs", *STANDINGS)}
    moving: dict[str, str] = {
        "numbers": number(t["numbers"], lang),
        "moving": number(t["numbers_moving"], lang),
        "scenarios": number(t["scenarios"], lang),
        **{str(name): share(t[f"swing_{name}"], lang) for name in STANDINGS},
    }
    return [
        word("evidence_needs", lang, share=share(t["share_sourced"], lang), **counts),
        word("evidence_one_scenario" if t["scenarios"] == 1 else "evidence_swings", lang, **moving),
    ]


# ------------------------------------------------------------------ numbers


def numbers(found: Grounds, model: Model, lang: Lang, most: int | None = MAIN_NUMBERS) -> Table:
    """List the numbers that move the results most and rest on least, with what they are and who says so."""
    frame = found.numbers
    shown = frame if most is None else frame[frame["priority"] > 0].head(most)
    rows = [{**row, **_said(model, row, lang)} for row in as_records(shown)]
    moving = int((frame["priority"] > 0).sum())
    few = most is not None and moving > len(rows)
    over = word("over_one_scenario" if len(found.scenarios) == 1 else "over_all_scenarios", lang)
    note = word("evidence_note", lang, over=over) + (
        " " + word("only_largest", lang, n=len(rows), m=moving) if few else ""
    )
    columns = (
        Column("rank", "#", "right"),
        Column("what", word("which_number", lang), on="screen"),
        Column("values", word("values_head", lang), on="screen"),
        Column("rests_on", word("rests_on", lang), on="screen"),
        Column("swing_person_h", word("swing", lang), "large"),
        Column("doubt_text", word("doubt", lang), "right", on="screen"),
        *(
            Column(key, "", on="data")
            for key in (
                *(
                    "name",
                    "process",
                    "need",
                    "field",
                    "low",
                    "mode",
                    "high",
                    "standing",
                    "confidence",
                    "source",
                    "facts",
                ),
                *("low_person_h", "high_person_h", "mostly_in", "doubt", "priority"),
            )
        ),
    )
    return Table("numbers", word("evidence_numbers", lang), columns, rows, note)


def _said(model: Model, row: dict[str, Any], lang: Lang) -> dict[str, str]:
    """Write one number in words."""
    process, name = model.processes[row["process"]], name_of(model, row["process"], lang)
    what = word(f"field_{row['field'].rpartition('.')[2]}", lang)
    if row["need"]:
        names = _suppliers(model, process.needs[row["need"]], lang)
        name = word("process_without", lang, process=name, names=names)
    keys = row["source"].split()
    sources = ", ".join(keys[:SHOWN_SOURCES] + ["…"] * (len(keys) > SHOWN_SOURCES)) or word("no_source", lang)
    confidence = word(row["confidence"] or "confidence_unknown", lang)
    return {
        "what": f"{name}: {what}",
        "values": _values(row, lang),
        "rests_on": f"{word(row['standing'], lang)}, {confidence}: {sources}",
        "doubt_text": _factor(row["doubt"], lang),
    }


def _suppliers(model: Model, need: Need, lang: Lang) -> str:
    """Name who supplies a need, the first of several."""
    names = [name_of(model, supply.process, lang) for supply in need.supplies]
    return names[0] if len(names) == 1 else word("and_others", lang, name=names[0], n=len(names) - 1)


def _values(row: dict[str, Any], lang: Lang) -> str:
    """Write mode, low and high the way people read them; of a fade the losses of its last step."""
    low, mode, high = (_value(row["field"], row[end].split(", ")[-1], lang) for end in ("low", "mode", "high"))
    return f"{mode} ({low} – {high})"


def _factor(value: float, lang: Lang) -> str:
    """Write a factor with no more decimals than it has, at most two."""
    return number(value, lang, 0 if value == round(value) else 1 if 10 * value == round(10 * value) else 2)


def _value(field: str, text: str, lang: Lang) -> str:
    if field == "spread":
        return f"× {_factor(parse_factor(text) / FULL, lang)}"
    if text.endswith("%"):
        return share(parse_share(text) / FULL, lang)
    return duration(parse_duration(text), lang)


# ------------------------------------------------------------------ processes and sectors


def _counts(lang: Lang) -> tuple[Column, ...]:
    return (
        Column("needs", word("needs", lang), "number"),
        *(Column(name, word(f"{name}_head", lang), "number") for name in STANDINGS),
        Column("share_sourced", word("share_sourced", lang), "share"),
        Column("swing_person_h", word("swing", lang), "large"),
        Column("priority", "", on="data"),
    )


def processes(found: Grounds, model: Model, lang: Lang, most: int | None = MAIN_PROCESSES) -> Table:
    """List processes by how few of their needs are sourced; among equals the one on which most rests comes first."""
    frame = found.processes
    shown = frame if most is None else frame[frame["swing_person_h"] > 0].head(most)
    rows = [{**row, "name": name_of(model, row["process"], lang)} for row in as_records(shown)]
    few = most is not None and len(frame) > len(rows)
    note = word("evidence_few_processes", lang, n=len(rows), m=len(frame)) if few else ""
    columns = (
        Column("sector", "", on="data"),
        Column("process", "", on="data"),
        Column("name", word("process", lang), clip=True),
        *_counts(lang),
    )
    return Table("processes", word("evidence_processes", lang), columns, rows, note)


def sectors(found: Grounds, model: Model, lang: Lang) -> Table:
    """Give one line per sector, the least sourced first."""
    rows = [{**row, "name": model.sectors[row["sector"]].name[lang]} for row in as_records(found.sectors)]
    columns = (
        Column("sector", "", on="data"),
        Column("name", word("sector", lang), clip=True),
        Column("processes", "", on="data"),
        *_counts(lang),
    )
    return Table("sectors", word("by_sector", lang), columns, rows)


def totals(found: Grounds, lang: Lang) -> Table:
    """Give the counts of the whole, and which scenarios they look at."""
    told = {
        "person_h": (word("evidence_base", lang), large(found.totals["person_h"], lang)),
        "runs": (word("evidence_runs", lang), number(found.totals["runs"], lang)),
    }
    values: dict[str, Any] = {**found.totals, "scenario_names": list(found.scenarios)}
    rows = [
        {"key": key, "value": value, "label": told.get(key, ("", ""))[0], "text": told.get(key, ("", ""))[1]}
        for key, value in values.items()
    ]
    columns = (
        Column("key", "", on="data"),
        Column("value", "", on="data"),
        Column("label", "", on="screen"),
        Column("text", "", on="screen"),
    )
    return Table("totals", "", columns, rows, keyed=True)
