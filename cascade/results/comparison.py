"""Two runs or two models side by side: what differs, the greatest difference first."""

import json
from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from cascade.model import Frozen, Lang, Model
from cascade.results.impact import Impact

FIGURES: Final = ("person_h", "person_h_beyond", "lost_h", "lowest", "first_h", "back_h", "peak_people", "cost_eur")
"""Columns of ``Impact.by_process`` that are compared."""
FRACTIONS: Final = ("lost_h", "lowest", "first_h", "back_h")

Entries = dict[tuple[str, str], dict[str, Any]]
"""What a model says about each thing, by kind and name."""


def compare_runs(impact_a: Impact, impact_b: Impact) -> pd.DataFrame:
    """Set what two runs did to each process side by side.

    Parameters
    ----------
    impact_a, impact_b : Impact

    Returns
    -------
    pandas.DataFrame
        Column ``process``, and of each of ``FIGURES`` three columns: ``_a``, ``_b`` and ``_difference`` (b - a); empty
        where a run has no such process. Greatest difference in person-hours first, then in lost hours, then by id.
    """
    a, b = (impact.by_process.set_index("process")[list(FIGURES)].astype("Float64") for impact in (impact_a, impact_b))
    processes = sorted({*a.index, *b.index})
    a, b = a.reindex(processes), b.reindex(processes)
    table: dict[str, Any] = {"process": processes}
    for figure in FIGURES:
        for name, column in (("a", a[figure]), ("b", b[figure]), ("difference", b[figure] - a[figure])):
            table[f"{figure}_{name}"] = column.array if figure in FRACTIONS else column.astype("Int64").array
    frame = pd.DataFrame(table)
    # a process that one run does not have lost nothing there, so it ranks by what it lost in the other
    size = pd.DataFrame({f: (b[f].fillna(0) - a[f].fillna(0)).abs().array for f in ("person_h", "lost_h")})
    order = size.sort_values(["person_h", "lost_h"], ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def compare_totals(impact_a: Impact, impact_b: Impact) -> pd.DataFrame:
    """Set the totals of two runs side by side: ``what``, ``a``, ``b``, ``difference`` (b - a), in their own order."""
    frame = pd.DataFrame(
        {
            "what": list(impact_a.totals),
            "a": pd.array(list(impact_a.totals.values()), "Float64"),
            "b": pd.array([impact_b.totals[key] for key in impact_a.totals], "Float64"),
        }
    )
    return frame.assign(difference=frame["b"] - frame["a"])


def compare_scores(impact_a: Impact, impact_b: Impact) -> pd.DataFrame:
    """Set the classes of two runs side by side: ``criterion``, ``parameters``, ``a``, ``b``; empty where not scored."""
    keys = ["criterion", "parameters"]
    a, b = (impact.anv[[*keys, "score"]] for impact in (impact_a, impact_b))
    frame = a.merge(b, on=keys, how="outer", suffixes=("_a", "_b")).fillna("")
    return frame.rename(columns={"score_a": "a", "score_b": "b"}).sort_values(keys, ignore_index=True)


def compare_models(model_a: Model, model_b: Model, lang: Lang = "en") -> pd.DataFrame:
    """Say what was added, removed and changed between two models.

    What is new or gone as a whole is one row: the needs of a new process are not listed again. Order in the files does
    not count, except inside lists.

    Parameters
    ----------
    model_a, model_b : Model
    lang : {"en", "nl"}
        Language of the titles of what is new or gone.

    Returns
    -------
    pandas.DataFrame
        Columns ``change`` (added, removed, changed), ``what`` (model, parameters, region, source, sector, process,
        need, measure, stock, hazard, authority, assets, table), ``where`` (its name, and the field for a change), ``a``, ``b`` (as written in
        the files; empty where absent), in that order of kinds and then by name.
    """
    a, b = _entries(model_a), _entries(model_b)
    found: list[dict[str, str]] = []
    for key in sorted({*a, *b}, key=lambda k: (_KINDS.index(k[0]), k[1])):
        if key in a and key in b:
            found.extend(_changes(key, a[key], b[key]))
        elif not _inside(key, a if key in b else b):
            found.append(_whole_thing(key, a.get(key), b.get(key), lang))
    return pd.DataFrame(found, columns=["change", "what", "where", "a", "b"])


_KINDS = (
    "model", "parameters", "region", "source", "sector", "process", "need", "measure", "stock", "hazard", "authority", "assets",
    "table",
)  # fmt: skip
_SEPARATOR = " / "


def _entries(model: Model) -> Entries:
    found: Entries = {("model", ""): _dump(model.info, "parameters")}
    named: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("parameters", model.info.parameters, ""),
        ("region", model.regions, ""),
        ("source", model.sources, ""),
        ("sector", model.sectors, "processes"),
        ("process", model.processes, "needs"),
        ("measure", model.measures, ""),
        ("stock", model.stocks, ""),
        ("hazard", model.hazards, ""),
        ("authority", model.authorities, ""),
    )
    for kind, things, left_out in named:
        found.update({(kind, name): _dump(thing, left_out) for name, thing in things.items()})
    for process, definition in model.processes.items():
        # being in a list without an item is an entry too, though its value is none
        listed = {name: item or "-" for name, item in definition.lists.items()}
        found["process", process] |= {"sector": model.sector_of.get(process, ""), "lists": listed}
        for need, described in definition.needs.items():
            found["need", f"{process}{_SEPARATOR}{need}"] = _dump(described)
    found.update(_tables(model))
    return found


def _dump(thing: Frozen, left_out: str = "") -> dict[str, Any]:
    return thing.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={left_out})


def _tables(model: Model) -> Entries:
    found: Entries = {}
    for process, assets in model.assets.items():
        none = [""] * len(assets.ids)
        columns = (assets.ids, assets.names, assets.regions, assets.capacities, assets.people or none)
        # where an asset is and whom it serves can decide who feeds whom
        places = (assets.locations or [None] * len(assets.ids), assets.areas or none)
        found["assets", process] = {
            asset: {"name": name, "region": region, "capacity": capacity, "people": people}
            | {"lat": str(at[0]) if at else "", "lon": str(at[1]) if at else "", "area": area or ""}
            for asset, name, region, capacity, people, at, area in zip(*columns, *places, strict=True)
        }
    for (process, need), links in model.links.items():
        fed: dict[str, Any] = {}
        for consumer, supplier, weight in zip(links.consumers, links.suppliers, links.weights, strict=True):
            fed.setdefault(consumer, {})[supplier] = weight
        found["table", f"{process}{_SEPARATOR}{need}"] = fed
    return found


def _inside(key: tuple[str, str], other: Entries) -> bool:
    """Whether a thing is new only because the process it belongs to is."""
    kind, name = key
    return kind in ("need", "assets", "table") and ("process", name.split(_SEPARATOR)[0]) not in other


def _whole_thing(
    key: tuple[str, str], a: dict[str, Any] | None, b: dict[str, Any] | None, lang: Lang
) -> dict[str, str]:
    kind, name = key
    text = _title(b if a is None else a, lang)
    change = "added" if a is None else "removed"
    return {
        "change": change,
        "what": kind,
        "where": name,
        "a": "" if a is None else text,
        "b": "" if b is None else text,
    }


def _title(thing: dict[str, Any] | None, lang: Lang) -> str:
    """Say what a thing is called, else what it needs: enough to recognise it by."""
    thing = thing or {}
    for field in ("name", "title", "from", "any_of", "at_least", "shares"):
        value = thing.get(field)
        if value:
            return str(value[lang]) if isinstance(value, dict) and lang in value else _text(value)
    return ""


def _changes(key: tuple[str, str], a: dict[str, Any], b: dict[str, Any]) -> Iterator[dict[str, str]]:
    kind, name = key
    before, after = dict(_leaves(a)), dict(_leaves(b))
    for path in sorted({*before, *after}):
        one, other = before.get(path, ""), after.get(path, "")
        if one != other:
            change = "changed" if one and other else "added" if other else "removed"
            where = _SEPARATOR.join(part for part in (name, *path) if part)
            yield {"change": change, "what": kind, "where": where, "a": one, "b": other}


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key)))
    else:
        yield path, _text(value)


def _text(value: Any) -> str:
    """Write a value much as the files do."""
    if isinstance(value, list):
        return "[" + ", ".join(_text(v) for v in value) + "]" if value else ""
    if isinstance(value, dict):
        if set(value) <= {"id", "gives"}:
            return f"{value['id']}" if value.get("gives", "100%") == "100%" else f"{value['id']} ({value['gives']})"
        return ", ".join(f"{k}: {_text(v)}" for k, v in value.items())
    return value if isinstance(value, str) else json.dumps(value)
