"""Many failures beside what was counted, as short tables: where effects begin, where they end up, how far they reach."""

from typing import Any

from cascade.model import Lang
from cascade.results.witness import (
    CASCADES_FROM,
    CLASSES,
    COUNTS,
    DURATION_CONFIDENCE,
    HORIZON,
    LASTING,
    LOSS,
    PEOPLE,
    Witness,
)
from cascade.telling.columns import Column, Table, as_records
from cascade.units import FULL
from cascade.words import WORDS, duration, number, share, word

NOTHING = "-"
_LABELS = {
    "starts": "witness_starts_all",
    "results_per_cascade": "witness_results_per_cascade",
    "elsewhere_per_cascade": "witness_elsewhere_per_cascade",
    "processes_per_cascade": "witness_processes_per_cascade",
    "again": "witness_again",
    "again_processes": "witness_again_processes",
}
_NUMBERS = ("results_per_cascade", "elsewhere_per_cascade", "processes_per_cascade")
"""Measures that are numbers a cascade; the others are shares."""


def tables(witness: Witness, lang: Lang) -> list[Table]:
    """Set what the model says about many failures beside what was counted.

    Parameters
    ----------
    witness : Witness
    lang : {"nl", "en"}

    Returns
    -------
    list of Table
        ``initiators``, ``results`` and ``measures``.
    """
    return [_initiators(witness, lang), _results(witness, lang), _measures(witness, lang)]


def _initiators(witness: Witness, lang: Lang) -> Table:
    records = as_records(witness.initiators)
    shares = ("share", "published", "published_cascades", "starts", "starts_published")
    rows = [
        {
            **r,
            **{f"{key}_text": _percent(r[key], lang) for key in shares},
            "name": _name(r["sector"], lang),
            "each": _decimal(r["results_per_cascade"], lang),
            **_band(r, lang),
        }
        for r in records
    ]
    columns = (
        *_data(records),
        Column("name", word("sector", lang), on="screen"),
        _shown("share_text", "witness_share", lang),
        _shown("published_text", "witness_published", lang),
        _shown("published_cascades_text", "witness_published_cascades", lang),
        _shown("band", "witness_band", lang),
        _shown("within", "witness_passes", lang),
        _shown("starts_text", "witness_starts", lang),
        _shown("starts_published_text", "witness_starts_published", lang),
        _shown("each", "witness_per_cascade", lang),
    )
    source, confidence = COUNTS
    note = word(
        "witness_initiators_note",
        lang,
        sources=f"{source}, {CASCADES_FROM[0]}",
        confidence=word(confidence, lang),
    )
    if witness.unplaced:
        note += " " + word("witness_unplaced", lang, names=", ".join(witness.unplaced))
    if witness.absent:
        note += " " + word("witness_absent", lang, names=", ".join(_name(s, lang) for s in witness.absent))
    return Table("initiators", word("witness_initiators", lang), columns, rows, note)


def _results(witness: Witness, lang: Lang) -> Table:
    records = as_records(witness.results)
    shares = ("share", "share_processes", "published")
    rows = [
        {**r, **{f"{key}_text": _percent(r[key], lang) for key in shares}, "name": _name(r["sector"], lang)}
        for r in records
    ]
    columns = (
        *_data(records),
        Column("name", word("sector", lang), on="screen"),
        *(_shown(f"{key}_text", f"witness_{key}", lang) for key in shares),
    )
    source, confidence = COUNTS
    note = word(
        "witness_results_note",
        lang,
        loss=share(LOSS / FULL, lang),
        lasting=duration(LASTING, lang),
        people=number(PEOPLE, lang),
        sources=source,
        confidence=word(confidence, lang),
    )
    return Table("results", word("witness_results", lang), columns, rows, note)


def _measures(witness: Witness, lang: Lang) -> Table:
    records = as_records(witness.measures)
    rows = []
    for r in records:
        write = _decimal if r["measure"] in _NUMBERS else _percent
        rows.append(
            {
                **r,
                "label": word(_LABELS[r["measure"]], lang),
                "value_text": write(r["value"], lang),
                "published_text": write(r["published"], lang),
                "sure": word(r["confidence"], lang) if r["confidence"] else NOTHING,
                **_band(r, lang),
            }
        )
    columns = (
        *_data(records),
        Column("label", word("witness_figure", lang), on="screen"),
        _shown("value_text", "witness_share", lang),
        _shown("published_text", "witness_published", lang),
        _shown("sure", "confidence", lang),
        _shown("band", "witness_band", lang),
        _shown("within", "witness_passes", lang),
    )
    note = word(
        "witness_measures_note",
        lang,
        n=number(len(witness.failures), lang),
        horizon=duration(HORIZON, lang),
        classes=CLASSES,
        confidence=word(DURATION_CONFIDENCE, lang),
    )
    return Table("measures", word("witness_measures", lang), columns, rows, note)


def _data(records: list[dict[str, Any]]) -> tuple[Column, ...]:
    return tuple(Column(key, "", on="data") for key in records[0])


def _shown(key: str, heading: str, lang: Lang) -> Column:
    return Column(key, word(heading, lang), "right", on="screen")


def _name(sector: str, lang: Lang) -> str:
    """Name a sector of the database; one of somebody else's by its key."""
    key = f"counted_{sector}"
    return word(key, lang) if key in WORDS else sector


def _percent(value: float | None, lang: Lang) -> str:
    return NOTHING if value is None else f"{number(100 * value, lang, 1)}%"


def _decimal(value: float | None, lang: Lang) -> str:
    return NOTHING if value is None else number(value, lang, 2)


def _band(record: dict[str, Any], lang: Lang) -> dict[str, str]:
    low, high, passes = record["low"], record["high"], record["passes"]
    if low is None or high is None:
        return {"band": NOTHING, "within": NOTHING}
    within = NOTHING if passes is None else word("yes" if passes else "no", lang)
    return {"band": f"{number(100 * low, lang)}–{number(100 * high, lang)}%", "within": within}
