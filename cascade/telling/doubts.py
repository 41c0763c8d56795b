"""How sure results are as short tables: intervals, chances of ranks, and the numbers that drive them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from cascade.model import Lang, Model, Scenario
from cascade.results.doubt import Doubt, doubt
from cascade.results.sampling import SampledRuns
from cascade.results.sensitivity import Drivers
from cascade.telling.columns import Column, Table, as_records, event_name, name_of
from cascade.units import HOUR
from cascade.words import WORDS, clipped, duration, euros, in_millions, large, number, share, word

if TYPE_CHECKING:
    import pandas as pd

MAIN_PROCESSES: Final = 20
MAIN_PAIRS: Final = 15
MAIN_NUMBERS: Final = 20
MAIN_RANKS: Final = 10
LONGEST: Final = 48
"""Letters of what an event says of itself."""

PERSON_SECONDS: Final = ("own_hours", "cascade_hours", "basic_hours", "basic_beyond", "quick_hours", "quick_basic")
SECONDS: Final = ("first_s", "half_s", "defence_hours")
UNITS: Final = {
    "person_h": "person-hours",
    "euros": "euros",
    "basic_peak": "people",
    **dict.fromkeys(PERSON_SECONDS, "person-hours"),
    **dict.fromkeys(SECONDS, "hours"),
}
"""Of the measures in tables; all others count things."""
SHOWN: Final = (
    "person_h", "basic_hours", "basic_beyond", "basic_peak", "euros", "processes_hit", "sectors", "regions", "locked",
)  # fmt: skip
"""Measures that people see."""

_SPREAD: Final = ("at_modes", "low", "median", "high")

# ------------------------------------------------------------------ samples


def tables(found: SampledRuns, model: Model, lang: Lang, *, top: int = 10, whole: bool = False) -> list[Table]:
    """Return every table of a sampled scenario, in the order in which people read them."""
    frame = found.by_process(top)
    ranked = _ranked(found, frame, top)
    return [
        totals(found, lang),
        processes(frame, model, lang, top, None if whole else MAIN_PROCESSES),
        ranks(ranked, model, lang, None if whole else top),
        pairs(ranked, model, lang, None if whole else MAIN_PAIRS),
    ]


def _ranked(found: SampledRuns, frame: "pd.DataFrame", top: int) -> Doubt:
    names = frame["process"].tolist()
    place = {p: n for n, p in enumerate(found.experiment.network.processes)}
    return doubt(found.person_h[:, [place[name] for name in names]], names, top)


def summary(found: SampledRuns, lang: Lang) -> list[str]:
    """Say what was drawn, and how far the heaviest total spreads."""
    row = next(r for r in as_records(found.totals()) if r["measure"] == "person_h")
    drawn = word(
        "doubt_drawn",
        lang,
        numbers=number(len(found.experiment.names), lang),
        samples=number(found.samples, lang),
        kind=word(f"design_{found.kind}", lang),
        seed=found.seed,
    )
    spread = word("doubt_spread", lang, **{k: large(row[k], lang) for k in ("low", "high", "at_modes")})
    return [drawn, spread]


def totals(found: SampledRuns, lang: Lang) -> Table:
    """Give each measure with the numbers as usual, and the interval of the draws."""
    rows = []
    for row in as_records(found.totals()):
        measure = row["measure"]
        unit = HOUR if measure in PERSON_SECONDS + SECONDS else 1
        if measure in ("first_s", "half_s"):
            continue  # what may never happen has no interval
        values = {k: row[k] / unit if row[k] is not None else None for k in row if k != "measure"}
        texts = {f"{k}_text": _value(measure, values[k], lang) for k in ("at_modes", "low", "median", "high")}
        told = word(f"effect_{measure}", lang)
        rows.append({"measure": measure, "unit": UNITS.get(measure, "count"), **values, **texts, "what": told})
    rows.sort(key=lambda r: SHOWN.index(r["measure"]) if r["measure"] in SHOWN else len(SHOWN))
    columns = (
        Column("what", word("doubt_total", lang), on="screen"),
        *(
            Column(f"{key}_text", word(f"doubt_{key}", lang), "right", on="screen")
            for key in ("at_modes", "low", "median", "high")
        ),
        *(
            Column(key, "", on="data")
            for key in ("measure", "unit", "at_modes", "low", "median", "high", "mean", "error")
        ),
    )
    return Table("totals", word("doubt_totals", lang), columns, rows, word("doubt_totals_note", lang))


def _value(measure: str, value: float | None, lang: Lang) -> str:
    if value is None:
        return ""
    if measure == "euros":
        return euros(value, lang)
    return duration(value * HOUR, lang) if measure in SECONDS else large(value, lang)


def processes(frame: "pd.DataFrame", model: Model, lang: Lang, top: int, most: int | None = MAIN_PROCESSES) -> Table:
    """Give each process its loss and its rank, with the intervals of both."""
    rows = []
    kept = as_records(frame if most is None else frame.head(most))
    most_hours = max((row["high"] for row in kept), default=0.0)
    for row in kept:
        low, high = row["rank_low"], row["rank_high"]
        reach = f"{low}" if low == high else f"{low} – {high}"
        texts = {f"{key}_text": _beside(row[key], most_hours, lang) for key in _SPREAD}
        rows.append({**row, **texts, "name": name_of(model, row["process"], lang), "reach": reach})
    note = word("doubt_processes_note", lang)
    if most is not None and len(frame) > len(rows):
        note += " " + word("only_largest", lang, n=len(rows), m=len(frame))
    shown = {"process", "at_modes", "low", "median", "high", "in_top", "rivals"}
    columns = (
        Column("process", "", on="data"),
        Column("name", word("process", lang), clip=True, on="screen"),
        *(Column(key, "", on="data") for key in _SPREAD),
        *(Column(f"{key}_text", word(f"doubt_{key}", lang), "right", on="screen") for key in _SPREAD),
        Column("reach", word("doubt_reach", lang), "right", on="screen"),
        Column("in_top", word("doubt_in_top", lang, k=top), "share"),
        Column("rivals", word("doubt_rivals", lang), "number"),
        *(Column(str(key), "", on="data") for key in frame.columns if key not in shown),
    )
    return Table("processes", word("doubt_processes", lang), columns, rows, note)


def _beside(value: float, largest: float, lang: Lang) -> str:
    """Write person-hours in one unit and with equal decimals throughout a row and a table."""
    if not value:
        return "-"
    return number(value, lang) if largest < 999_500 else in_millions(value, largest, lang)


def ranks(found: Doubt, model: Model, lang: Lang, most: int | None = MAIN_RANKS) -> Table:
    """Give the probability of each rank; people see the first ranks, data have those above 0 of all."""
    labels = found.cases["label"].tolist()
    shown = labels if most is None else labels[:most]
    table = found.ranks[found.ranks["label"].isin(shown)]
    places = min(len(labels), MAIN_RANKS if most is None else most)
    by_label: dict[str, dict[int, float]] = {label: {} for label in shown}
    for label, rank, chance in zip(table["label"], table["rank"], table["probability"], strict=True):
        by_label[label][int(rank)] = float(chance)
    rows = []
    for label, chances in by_label.items():
        later = sum(chance for rank, chance in chances.items() if rank > places)
        told = {f"rank_{r}": chances.get(r) for r in range(1, places + 1)}
        process = label.partition("@")[0]
        rows.append(
            {
                "label": label,
                "name": name_of(model, process, lang) if process in model.processes else label,
                **told,
                "later": later or None,
                "probability": {str(r): chances[r] for r in sorted(chances)},
            }
        )
    columns = (
        Column("label", "", on="data"),
        Column("name", word("process", lang), clip=True, on="screen"),
        *(Column(f"rank_{r}", str(r), "share", on="screen", empty="·") for r in range(1, places + 1)),
        Column("later", word("doubt_later", lang), "share", on="screen", empty="·"),
        Column("probability", "", on="data"),
    )
    return Table("ranks", word("doubt_ranks", lang), columns, rows, word("doubt_ranks_note", lang))


def pairs(found: Doubt, model: Model, lang: Lang, most: int | None = MAIN_PAIRS) -> Table:
    """List pairs whose order is not sure, those nearest the top first."""
    frame = found.pairs if most is None else found.pairs.head(most)

    def named(label: str) -> str:
        process = label.partition("@")[0]
        return name_of(model, process, lang) if process in model.processes else label

    rows = [{**r, "name": named(r["label"]), "other_name": named(r["other"])} for r in as_records(frame)]
    note = word("doubt_pairs_note", lang)
    if most is not None and len(found.pairs) > len(rows):
        note += " " + word("only_largest", lang, n=len(rows), m=len(found.pairs))
    columns = (
        Column("label", "", on="data"),
        Column("other", "", on="data"),
        Column("name", word("process", lang), clip=True, on="screen"),
        Column("other_name", word("doubt_other", lang), clip=True, on="screen"),
        Column("passes", word("doubt_passes", lang), "share"),
        Column("error", "", on="data"),
    )
    return Table("pairs", word("doubt_pairs", lang), columns, rows, note)


# ------------------------------------------------------------------ drivers


def drivers_tables(found: Drivers, model: Model, lang: Lang, *, whole: bool = False) -> list[Table]:
    """Return what drives a result: shares of variance of a few numbers, and the screening of all."""
    return [indices(found, model, lang), screening(found, model, lang, None if whole else MAIN_NUMBERS)]


def drivers_summary(found: Drivers, lang: Lang, variance: float | None = None) -> str:
    """Say how much of what moves the result the kept numbers are; of its variance too, where that is known."""
    if found.indices.empty:
        return word("drivers_none", lang, m=len(found.screening), measure=_measure_text(found, lang))
    told = {"n": len(found.indices), "m": len(found.screening), "covered": share(found.covered, lang)}
    text = word("drivers_says", lang, **told, measure=_measure_text(found, lang))
    if variance:
        text += " " + word("drivers_variance", lang, share=share(found.variance / variance, lang))
    return text


def _unit(measure: str) -> str:
    """Return the key of the word for what a measure counts."""
    return f"unit_{UNITS.get(measure, 'count').replace('-', '_')}"


def _measure_text(found: Drivers, lang: Lang) -> str:
    return word(f"effect_{found.question.measure}", lang)


def indices(found: Drivers, model: Model, lang: Lang) -> Table:
    """Give for each number kept its share of the variance, by itself and with others."""
    scenarios = [e.scenario for e in found.question.experiments]
    rows = [{**r, "what": what(model, r, lang, scenarios), **_ends(r, lang)} for r in as_records(found.indices)]
    columns = (
        Column("rank", "#", "right"),
        Column("what", word("which_number", lang), on="screen"),
        Column("first", word("drivers_first", lang), "share", on="data"),
        Column("first_text", word("drivers_first", lang), "right", on="screen"),
        Column("total", word("drivers_total", lang), "share", on="data"),
        Column("total_text", word("drivers_total", lang), "right", on="screen"),
        *(
            Column(key, "", on="data")
            for key in ("name", "process", "need", "field", "first_low", "first_high", "total_low", "total_high")
        ),
    )
    return Table("drivers", word("drivers_title", lang), columns, rows, word("drivers_note", lang))


def _ends(row: dict[str, Any], lang: Lang) -> dict[str, str]:
    """Write both shares with their intervals, in per cent."""

    def told(key: str) -> str:
        # a little below nothing is nothing
        ends = (number(round(100 * row[k]) or 0, lang) for k in (key, f"{key}_low", f"{key}_high"))
        value, low, high = (end.replace("-", "−") for end in ends)
        return f"{value}% ({low} – {high})"

    return {"first_text": told("first"), "total_text": told("total")}


def screening(found: Drivers, model: Model, lang: Lang, most: int | None = MAIN_NUMBERS) -> Table:
    """List what each number does to the result when it moves half its range."""
    measure = found.question.measure
    unit = HOUR if measure in PERSON_SECONDS + SECONDS else 1
    moving = found.screening[found.screening["mu_star"] > 0]
    scenarios = [e.scenario for e in found.question.experiments]
    rows = []
    for r in as_records(found.screening if most is None else moving.head(most)):
        values = {key: None if r[key] is None else r[key] / unit for key in ("mu_star", "mu", "sigma")}
        way = "+" if r["mu"] == r["mu_star"] else "−" if r["mu"] == -r["mu_star"] else "±"
        rows.append({**r, **values, "what": what(model, r, lang, scenarios), "way": way if r["mu_star"] else ""})
    note = word("screening_note", lang, measure=_measure_text(found, lang), unit=word(_unit(measure), lang))
    if most is not None and len(moving) > len(rows):
        note += " " + word("only_largest", lang, n=len(rows), m=len(moving))
    columns = (
        Column("rank", "#", "right"),
        Column("what", word("which_number", lang), on="screen"),
        Column("mu_star", word("screening_moves", lang), "money" if measure == "euros" else "large"),
        Column("way", word("screening_way", lang), "right", on="screen"),
        *(Column(key, "", on="data") for key in ("name", "process", "need", "field", "mu", "sigma", "kept")),
    )
    return Table("screening", word("screening_title", lang), columns, rows, note)


def what(model: Model, row: dict[str, Any], lang: Lang, scenarios: Iterable[Scenario] = ()) -> str:
    """Say in words which number a row is about; of an event of these scenarios, what it says of itself."""
    owner, need = row["process"], row["need"]
    field = row["field"].rpartition(".")[2]
    kind, _, name = owner.partition(".")
    if kind.startswith("events"):
        place = kind.removeprefix("events").strip("[]")
        events = [e for s in scenarios for n, e in enumerate(s.events) if (e.id == name if name else str(n) == place)]
        which = clipped(event_name(model, events[0], lang), LONGEST) if events else name or place
        return word("number_of_event", lang, name=which, what=word(f"event_{field}", lang))
    key = f"field_{field}"
    said = word(key, lang) if key in WORDS else field
    if kind == "measures":
        return f"{model.measures[name].name[lang]}: {said}"
    told = name_of(model, owner, lang)
    if need:
        supplies = [name_of(model, supply.process, lang) for supply in model.processes[owner].needs[need].supplies]
        names = supplies[0] if len(supplies) == 1 else word("and_others", lang, name=supplies[0], n=len(supplies) - 1)
        told = word("process_without", lang, process=told, names=names)
    return f"{told}: {said}"
