"""The place of processes in the web of needs as short tables, beside what a simulation says of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from cascade.model import Lang, Model
from cascade.results.structure import AXES, MEASURES, MOST, correlation, differences
from cascade.telling.columns import Column, Table, as_records, name_of
from cascade.words import number, word

if TYPE_CHECKING:
    import pandas as pd

MAIN_PROCESSES: Final = 15
MAIN_MEASURES: Final = ("out_degree", "betweenness", "pagerank")
"""What people mostly reach for; what these get wrong is shown, all others stand in the data."""
NAMED: Final = 3
"""Over- and underrated processes that people see, of each measure."""
WEIGHED: Final = "_loss"
EFFECT_WORDS: Final = {"cascade_hours": "shape_cascade", "basic_hours": "shape_basic"}


def tables(
    found: "pd.DataFrame",
    ranking: "pd.DataFrame | None",
    model: Model,
    lang: Lang,
    *,
    whole: bool = False,
    effects: Sequence[str] = AXES,
) -> list[Table]:
    """Return every table of the structure, in the order in which people read them.

    Parameters
    ----------
    found : pandas.DataFrame
        From `results.structure.structure`.
    ranking : pandas.DataFrame or None
        One row per process with the columns named in ``effects``; without it only the measures are told.
    model : Model
    lang : str
    whole : bool
        All rows instead of the first.
    effects : sequence of str
        Simulated effects to hold the measures against.
    """
    first = structure(found, model, lang, None if whole else MAIN_PROCESSES)
    if ranking is None:
        return [first]
    return [first, agreement(found, ranking, lang, effects), missed(found, ranking, model, lang, effects, whole=whole)]


def summary(found: "pd.DataFrame", ranking: "pd.DataFrame", lang: Lang) -> str:
    """Say which measure comes nearest to the simulated cascade, and that it is no more than that."""
    table = correlation(found, ranking, AXES[:1]).dropna(subset=["spearman"])
    if table.empty:
        return word("shape_no_order", lang)
    # of equals the first in the order of the measures
    best = max(as_records(table), key=lambda row: row["spearman"])
    return word("shape_best", lang, measure=measure_name(best["measure"], lang), r=number(best["spearman"], lang, 2))


def measure_name(measure: str, lang: Lang) -> str:
    """Name a structural measure; whether it weighs arcs by what is lost without them is said too."""
    name = word(f"shape_{measure.removesuffix(WEIGHED)}", lang)
    return word("shape_by_loss", lang, name=name) if measure.endswith(WEIGHED) else name


def _effect_name(effect: str, lang: Lang) -> str:
    return word(EFFECT_WORDS[effect], lang) if effect in EFFECT_WORDS else effect


def structure(found: "pd.DataFrame", model: Model, lang: Lang, most: int | None = MAIN_PROCESSES) -> Table:
    """List processes by PageRank towards suppliers, with what else their arcs say."""
    order = found.sort_values(["pagerank", "process"], ascending=[False, True], kind="stable")
    rows = [
        {**row, "name": name_of(model, row["process"], lang), **_texts(row, lang)}
        for row in as_records(order if most is None else order.head(most))
    ]
    few = len(rows) < len(found)
    note = word("shape_note", lang) + (" " + word("only_largest", lang, n=len(rows), m=len(found)) if few else "")
    shown = ("pagerank", "out_degree", "in_degree", "out_reach", "in_reach", "betweenness", "core", "group")
    texts = {"pagerank", "betweenness"}
    columns = (
        Column("process", "", on="data"),
        Column("sector", "", on="data"),
        *(Column(measure, "", on="data") for measure in MEASURES),
        Column("name", word("process", lang), clip=True),
        *(
            Column(
                f"{m}_text" if m in texts else m,
                word(f"shape_{m}_head", lang),
                "right" if m in texts else "number",
                "screen",
            )
            for m in shown
        ),
    )
    return Table("structure", word("shape_title", lang), columns, rows, note)


def _texts(row: dict[str, Any], lang: Lang) -> dict[str, str]:
    """Write shares of a whole in per cent with one decimal: most lie below one."""
    return {f"{m}_text": f"{number(100 * row[m], lang, 1)}%" for m in ("pagerank", "betweenness")}


def agreement(found: "pd.DataFrame", ranking: "pd.DataFrame", lang: Lang, effects: Sequence[str] = AXES) -> Table:
    """Say of each measure how far it orders processes as the simulation does, the nearest to the first effect on top."""
    by_measure: dict[str, dict[str, Any]] = {}
    for row in as_records(correlation(found, ranking, effects)):
        line = by_measure.setdefault(row["measure"], {"measure": row["measure"], "processes": row["processes"]})
        for kind in ("spearman", "kendall"):
            key = f"{kind}_{row['effect']}"
            line[key] = row[kind]
            line[f"{key}_text"] = "" if row[kind] is None else _signed(row[kind], lang)
    first = f"spearman_{effects[0]}"
    rows = sorted(by_measure.values(), key=lambda r: -2.0 if r[first] is None else r[first], reverse=True)
    rows = [{**row, "name": measure_name(row["measure"], lang)} for row in rows]
    keys = [(kind, effect) for effect in effects for kind in ("spearman", "kendall")]
    columns = (
        Column("measure", "", on="data"),
        Column("processes", "", on="data"),
        *(Column(f"{kind}_{effect}", "", on="data") for kind, effect in keys),
        Column("name", word("shape_measure", lang), on="screen"),
        *(
            Column(f"{kind}_{effect}_text", f"{_effect_name(effect, lang)}, {word(f'shape_{kind}', lang)}", "right", "screen")
            for kind, effect in keys
        ),
    )  # fmt: skip
    return Table("agreement", word("shape_agreement", lang), columns, rows, word("shape_agreement_note", lang))


def _signed(value: float, lang: Lang) -> str:
    """Write a correlation with two decimals and a true minus; never minus nothing."""
    text = number(abs(value), lang, 2)
    return f"−{text}" if round(value, 2) < 0 else text


def missed(
    found: "pd.DataFrame",
    ranking: "pd.DataFrame",
    model: Model,
    lang: Lang,
    effects: Sequence[str] = AXES,
    *,
    whole: bool = False,
) -> Table:
    """List what each measure places much too high and much too low against the simulation."""
    rows = []
    frame = differences(found, ranking, effects if whole else effects[:1])
    for (effect, measure), part in frame.groupby(["effect", "measure"], sort=False):
        if not whole and measure not in MAIN_MEASURES:
            continue
        for verdict, sign in (("overrated", -1), ("underrated", 1)):
            # the key first: a column that is given to an empty frame fills it with rows of nothing
            keyed = part.assign(key=sign * part["difference"])
            chosen = keyed[keyed["key"] < 0]
            chosen = chosen.sort_values(["key", "process"], kind="stable").head(MOST if whole else NAMED)
            for row in as_records(chosen.drop(columns="key")):
                rows.append(
                    {
                        **row,
                        "verdict": verdict,
                        "verdict_text": word(f"shape_{verdict}", lang),
                        "measure_text": measure_name(str(measure), lang),
                        "effect_text": _effect_name(str(effect), lang),
                        "name": name_of(model, row["process"], lang),
                        "structure_text": _rank(row["structure_rank"], lang),
                        "effect_rank_text": _rank(row["effect_rank"], lang),
                    }
                )
    data = ("effect", "measure", "verdict", "process", "value", "simulated")
    columns = (
        *(Column(key, "", on="data") for key in (*data, "structure_rank", "effect_rank", "difference")),
        *((Column("effect_text", word("shape_effect", lang), on="screen"),) if whole else ()),
        Column("measure_text", word("shape_measure", lang), on="screen"),
        Column("verdict_text", "", on="screen"),
        Column("name", word("process", lang), on="screen", clip=True),
        Column("structure_text", word("shape_rank_graph", lang), "right", on="screen"),
        Column("effect_rank_text", word("shape_rank_run", lang), "right", on="screen"),
    )
    return Table("missed", word("shape_missed", lang), columns, rows, word("shape_missed_note", lang))


def _rank(rank: float, lang: Lang) -> str:
    """Write a rank; a shared one can lie half-way between two."""
    return number(rank, lang, 0 if rank == int(rank) else 1)
