"""The smallest sets of failures as short tables: what has to fail together, who is in most, what was searched."""

from typing import Any, Final

from cascade.model import Lang, Model
from cascade.results.cutsets import CutSets
from cascade.telling.columns import Column, Table, as_records, name_of
from cascade.units import FULL
from cascade.words import duration, number, share, word

MAIN_SETS: Final = 25
MAIN_MEMBERS: Final = 15
SHOWN_NAMES: Final = 12
NOTHING: Final = "–"


def tables(found: CutSets, model: Model | None, lang: Lang, *, whole: bool = False) -> list[Table]:
    """Return every table of a search; without a model the members are the basic events of a fault tree."""
    most = (None, None) if whole else (MAIN_SETS, MAIN_MEMBERS)
    return [sets(found, model, lang, most[0]), importance(found, model, lang, most[1]), searched(found, model, lang)]


def title(found: CutSets, lang: Lang, tree: str = "") -> str:
    """Say what this is."""
    return word("cut_tree_title", lang, name=tree) if found.asked is None else word("cut_title", lang)


def _question(found: CutSets, model: Model | None, lang: Lang) -> list[str]:
    """Say what was asked."""
    asked = found.asked
    if asked is None or model is None:
        return []
    target = member_name(model, asked.target, lang)
    if asked.basic_need:
        target = word("cut_basic_need", lang, region=model.regions[asked.target].name)
    level, within = share(asked.level / FULL, lang), duration(asked.within, lang)
    if asked.duration is None:
        return [word("cut_question", lang, target=target, level=level, within=within)]
    lasting = duration(asked.duration, lang)
    return [word("cut_question_for", lang, target=target, level=level, within=within, lasting=lasting)]


def summary(found: CutSets, model: Model | None, lang: Lang) -> list[str]:
    """Say what was asked, how many sets there are, and whether these are all of them."""
    sizes = ", ".join(
        word("cut_one_failure", lang, n=number(n, lang))
        if k == 1
        else word("cut_of_size", lang, n=number(n, lang), size=k)
        for k, n in found.sizes.items()
    )
    count = number(len(found.members), lang)
    if not found.members:
        lines = [word("cut_none", lang)]
    elif found.members == ((),):
        lines = [word("cut_already", lang)]
    else:
        lines = [word("cut_one" if len(found.members) == 1 else "cut_found", lang, n=count, sizes=sizes)]
    return [*_question(found, model, lang), *lines, *_reach(found, model, lang)]


def _reach(found: CutSets, model: Model | None, lang: Lang) -> list[str]:
    """Say how far the search came, and what it did not look at."""
    told, asked = found.searched, found.asked
    candidates = number(told["candidates"], lang)
    if told["method"] == "fault-tree":
        if told["complete_to"] is None:
            return [word("cut_exact", lang, n=candidates)]
        return [word("cut_exact_to", lang, n=candidates, size=told["complete_to"])]
    if asked is None or asked.size is None:
        return []
    if found.complete:
        possible = number(told["possible"], lang)
        runs = number(told["simulated"], lang)
        return [word("cut_complete", lang, n=candidates, size=asked.size, possible=possible, runs=runs)]
    lines = [word("cut_incomplete", lang, size=told["complete_to"], runs=number(told["simulated"], lang))]
    names = [member_name(model, one, lang) for one in told["done_with"]]
    following = told["complete_to"] + 1
    if names:
        more = ", …" if len(names) > SHOWN_NAMES else ""
        lines.append(word("cut_partly", lang, size=following, names=", ".join(names[:SHOWN_NAMES]) + more))
    else:
        lines.append(word("cut_not_begun", lang, size=following))
    return lines


def member_name(model: Model | None, label: str, lang: Lang) -> str:
    """Name a failure: a process, with its region; a basic event of a tree by its own name."""
    process, _, rest = label.partition("@")
    if model is None or process not in model.processes:
        return label
    name = name_of(model, process, lang)
    code, _, asset = rest.partition("#")
    place = model.regions[code].name if code in model.regions else code
    return ", ".join(part for part in (name, place, asset) if part)


def _small(value: float | None, lang: Lang) -> str:
    """Write a probability or a measure in three digits."""
    if value is None:
        return NOTHING
    if value == float("inf"):
        return "∞"
    text = f"{value:.3g}" if value == 0 or 0.001 <= abs(value) < 100_000 else f"{value:.2e}"
    return text.replace(".", ",") if lang == "nl" else text


def sets(found: CutSets, model: Model | None, lang: Lang, most: int | None = MAIN_SETS) -> Table:
    """List the sets, the smallest first."""
    shown = found.sets if most is None else found.sets.head(most)
    chances = bool(found.sets["probability"].notna().any())
    rows = [
        {
            **row,
            "names": " + ".join(member_name(model, one, lang) for one in row["members"].split()),
            "chance": _small(row["probability"], lang),
        }
        for row in as_records(shown)
    ]
    columns = [
        Column("number", "#", "right"),
        Column("size", word("cut_size", lang), "right"),
        Column("names", word("cut_together", lang), on="screen"),
        Column("members", "", on="data"),
        Column("falls_h", word("cut_falls", lang), "hours", on="both" if found.asked else "data"),
        Column("chance", word("cut_probability", lang), "right", on="screen"),
        Column("probability", "", on="data"),
    ]
    if not chances:
        columns = [column for column in columns if column.key != "chance"]
    few = len(rows) < len(found.sets)
    note = word("only_first", lang, n=len(rows), m=number(len(found.sets), lang)) if few else ""
    return Table("sets", word("cut_sets", lang), tuple(columns), rows, note)


def importance(found: CutSets, model: Model | None, lang: Lang, most: int | None = MAIN_MEMBERS) -> Table:
    """List the members by how much rests on them."""
    frame = found.importance
    measured = bool(frame["birnbaum"].notna().any())
    kept = frame if most is None else frame.head(most)
    measures = ("probability", "birnbaum", "fussell_vesely", "raw", "rrw")
    rows = []
    for row in as_records(kept):
        infinite = row["rrw"] == float("inf")
        texts = {f"{key}_text": _small(row[key], lang) for key in measures}
        # JSON has no infinity
        rows.append(
            {**row, **texts, "name": member_name(model, row["member"], lang), "rrw": None if infinite else row["rrw"]}
        )
    columns = [
        Column("member", "", on="data"),
        Column("name", word("cut_failure", lang), on="screen"),
        Column("in_sets", word("cut_in_sets", lang), "number"),
        Column("share", word("cut_share", lang), "share"),
        Column("smallest", word("cut_smallest", lang), "right"),
    ]
    for key in measures:
        if measured:
            columns.append(Column(f"{key}_text", word(f"cut_{key}", lang), "right", on="screen"))
        columns.append(Column(key, "", on="data"))
    note = word("cut_measures_note" if measured else "cut_order_note", lang)
    if len(rows) < len(frame):
        note = f"{note} {word('only_first', lang, n=len(rows), m=number(len(frame), lang))}".strip()
    return Table("importance", word("cut_importance", lang), tuple(columns), rows, note)


def searched(found: CutSets, model: Model | None, lang: Lang) -> Table:
    """Give what was searched and what was left out, as single values."""
    told = found.searched
    values: dict[str, Any] = {**told, "sizes": {str(k): n for k, n in found.sizes.items()}, "complete": found.complete}
    if found.asked is not None:
        asked = found.asked
        values |= {
            "target": asked.target,
            "basic_need": asked.basic_need,
            "within_s": asked.within,
            "level": asked.level / FULL,
            "size": asked.size,
            "of": asked.of,
            "among": list(asked.among),
            "duration_s": asked.duration,
        }
    shown = {
        "method": word("cut_by_tree" if told["method"] == "fault-tree" else "cut_by_simulation", lang),
        "candidates": number(told["candidates"], lang),
        **{key: number(told[key], lang) for key in _COUNTED if told[key]},
    }
    if told["probability"] is not None:
        shown["probability"] = _small(told["probability"], lang)
    rows = [
        {
            "key": key,
            "value": value,
            "label": word(_LABELS[key], lang) if key in shown else "",
            "text": shown.get(key, ""),
        }
        for key, value in values.items()
    ]
    columns = (
        Column("key", "", on="data"),
        Column("value", "", on="data"),
        Column("label", "", on="screen"),
        Column("text", "", on="screen"),
    )
    return Table("searched", word("cut_searched", lang), columns, rows, keyed=True)


_COUNTED: Final = (
    "left_out_no_path",
    "left_out_target",
    "left_out_indicator",
    "possible",
    "simulated",
    "spared_safe",
    "spared_cut",
    "branches",
    "branches_closed",
)
_LABELS: Final = {
    "method": "cut_method",
    "candidates": "cut_candidates",
    "left_out_no_path": "cut_no_path",
    "left_out_target": "cut_itself",
    "left_out_indicator": "cut_indicator",
    "possible": "cut_possible",
    "simulated": "cut_simulated",
    "spared_safe": "cut_spared_safe",
    "spared_cut": "cut_spared_cut",
    "branches": "cut_branches",
    "branches_closed": "cut_branches_closed",
    "probability": "cut_top_probability",
}
