"""A ranking of single failures as short tables: two axes, the front, who falls through whom, and how firm the order is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from cascade.model import Lang, Model
from cascade.results.effects import CLEAR
from cascade.results.ranking import DRAWS, FREELY, Ranking
from cascade.simulation.sweep import AFTER
from cascade.telling.columns import Column, Form, Table, as_records, name_of
from cascade.units import FULL, HOUR, parse_duration
from cascade.words import WORDS, duration, in_millions, number, share, word

if TYPE_CHECKING:
    import pandas as pd

MOST: Final = 20
MOST_OTHERS: Final = 12
"""Rows that people see of the tables after the first."""
OWING: Final = 5
OWED_SHOWN: Final = 3
"""Processes, and those that each owes most to, that people see."""
FEW_DRAWS: Final = 100
"""Fewer draws than this are said to be coarse; own choice."""
_MEASURES: Final = (
    "own_hours", "basic_beyond", "locked", "short", "defence_hours", "quick_hours", "quick_basic",
)  # fmt: skip
_DOUBTS: Final = (
    "cascade_low", "cascade_high", "basic_low", "basic_high", "in_top", "in_top_error", "rank_low", "rank_high", "group",
)  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """What of a ranking someone wants to see; ranks and layers count all the same."""

    whole: bool = False
    """Every duration and every row."""
    most: int = MOST
    sectors: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    lenses: tuple[str, ...] = ()
    """Those to show, the first sets the order; by default all, in the order of the ranking."""

    def narrows(self) -> bool:
        """Whether only some cases are wanted."""
        return bool(self.sectors or self.regions)

    def chosen(self) -> str:
        """Name the sectors and regions that are wanted."""
        return ", ".join((*self.sectors, *self.regions))

    def keep(self, frame: "pd.DataFrame", model: Model) -> "pd.DataFrame":
        """Leave out the cases that are not wanted."""
        process = frame["label"].str.partition("@")
        kept = frame
        if self.sectors:
            kept = kept[[model.sector_of.get(p, "") in self.sectors for p in process[0]]]
        if self.regions:
            kept = kept[process.loc[kept.index, 2].isin(self.regions)]
        return kept


def tables(found: Ranking, lang: Lang, wish: Wish | None = None, copies: Ranking | None = None) -> list[Table]:
    """Return every table of a ranking, in the order in which people read them.

    Parameters
    ----------
    found : Ranking
    lang : {"nl", "en"}
    wish : Wish, optional
    copies : Ranking, optional
        The same of copies, for one table more.
    """
    wish = wish or Wish()
    made = [ranking(found, lang, wish), front(found, lang, wish)]
    if copies is not None:
        made.append(ranking(copies, lang, wish, "copies"))
    orders = [doubts(found, lang, wish)] if found.sampled is not None else []
    orders += [lenses(found, lang, wish), weights(found, lang), stability(found, lang)]
    if uncounted(found):  # nothing can be said of an order that is none
        orders = [replace(table, rows=[]) for table in orders]
    made += orders
    if found.processes is not None:
        made += [vulnerability(found, lang, wish), owes(found, lang, wish)]
    return made


def case_name(model: Model, label: str, lang: Lang) -> str:
    """Name a failure: the process, and the region where it is one copy."""
    process, _, region = label.partition("@")
    name = name_of(model, process, lang)
    return f"{name}, {model.regions[region].name}" if region else name


def title(found: Ranking, lang: Lang) -> str:
    """Say what was let fail, and for how long."""
    return word("rank_title", lang, of=word(f"rank_{found.of}", lang), duration=duration(found.main, lang))


def summary(found: Ranking, lang: Lang) -> list[str]:
    """Say what was done and how to read it, and who stands on the front."""
    lasting = ", ".join(duration(d, lang) for d in found.durations)
    what = word(f"rank_n_{found.of}", lang, n=number(len(found.cases), lang))
    how = word("rank_how", lang, what=what, durations=lasting, after=duration(AFTER, lang))
    ahead = found.front()["label"]
    if ahead.empty:
        if not uncounted(found):
            return [how, word("rank_none", lang)]
        return [how, word("rank_no_people" if found.model.population else "rank_no_inhabitants", lang)]
    names = "; ".join(case_name(found.model, label, lang) for label in ahead)
    return [how, word("rank_front_says", lang, duration=duration(found.main, lang), names=names)]


def uncounted(found: Ranking) -> bool:
    """Whether failures do have effects, but nobody who can be counted: then there is no order to speak of."""
    return found.front()["label"].empty and bool(found.table()["first_h"].notna().any())


# ------------------------------------------------------------------ the two axes


def ranking(found: Ranking, lang: Lang, wish: Wish, name: str = "ranking") -> Table:
    """List failures by Pareto layer and then by cascade, both axes side by side."""
    rows, note = _cases(found, lang, wish, found.table)
    heading = word("rank_copies_title" if name == "copies" else "rank_ranking", lang)
    note = " ".join(filter(None, [word("rank_ranking_note", lang, clear=share(CLEAR / FULL, lang)), note]))
    return Table(name, heading, _axes(found, lang, wish), rows, note)


def front(found: Ranking, lang: Lang, wish: Wish) -> Table:
    """List the failures that nothing surpasses on both axes."""
    rows, _ = _cases(found, lang, wish, found.front, None)
    return Table("front", word("rank_front", lang), _axes(found, lang, wish), rows)


def _cases(
    found: Ranking, lang: Lang, wish: Wish, frame: Callable[[int], "pd.DataFrame"], most: int | None = 0
) -> tuple[list[dict[str, Any]], str]:
    """Return the rows of a frame by duration, and what to say of those left out."""
    most = wish.most if most == 0 else most
    rows: list[dict[str, Any]] = []
    notes = []
    for lasting in found.durations if wish.whole else (found.main,):
        whole = wish.keep(frame(lasting), found.model)
        shown = whole if wish.whole or most is None else whole.head(most)
        unordered = {"rank": None, "layer": None} if uncounted(found) else {}
        rows += [{**row, **unordered, "name": case_name(found.model, row["label"], lang)} for row in as_records(shown)]
        if len(shown) < len(whole):
            notes.append(word("rank_only", lang, n=len(shown), m=number(len(whole), lang)))
    if wish.narrows():
        notes.append(word("rank_narrowed", lang, what=wish.chosen(), m=number(len(found.cases), lang)))
    return rows, " ".join(notes)


def _axes(found: Ranking, lang: Lang, wish: Wish) -> tuple[Column, ...]:
    shown: tuple[tuple[str, str, Form], ...] = (
        ("cascade_hours", "cascade", "large"),
        ("basic_hours", "basic", "large"),
        ("basic_peak", "peak", "large"),
        ("euros", "euros", "money"),
        ("sectors", "sectors", "number"),
        ("first_h", "first", "hours"),
    )
    return (
        Column("rank", "#", "right"),
        Column("layer", word("rank_layer", lang), "right"),
        Column("label", "", on="data"),
        Column("process", "", on="data"),
        Column("region", "", on="data"),
        Column("sector", "", on="data"),
        _failure(found, lang),
        Column("duration_h", word("rank_duration", lang), "hours", on="both" if _several(found, wish) else "data"),
        Column("front", "", on="data"),
        *(Column(key, word(f"rank_{heading}", lang), form) for key, heading, form in shown),
        Column("half_h", "", on="data"),
        Column("regions", "", on="data"),
        Column("amplification", "", on="data"),
        *(Column(key, "", on="data") for key in _MEASURES),
    )


def _failure(found: Ranking, lang: Lang) -> Column:
    """Return the column that names a failure; that of a copy is never shortened, for its region comes last."""
    return Column("name", word("rank_failure", lang), clip=found.of == "processes")


def _several(found: Ranking, wish: Wish) -> bool:
    return wish.whole and len(found.durations) > 1


# ------------------------------------------------------------------ doubt


def doubts(found: Ranking, lang: Lang, wish: Wish) -> Table:
    """List the failures with the intervals of both axes, and how sure their places are."""
    ties = found.doubt().cases.set_index("label")["ties"]
    whole = wish.keep(found.table(found.main), found.model)
    shown = whole if wish.whole else whole.head(wish.most)
    largest = {axis: float(shown[f"{axis}_high"].max()) if len(shown) else 0.0 for axis in ("cascade", "basic")}
    rows = [
        {
            **row,
            "ties": float(ties[row["label"]]),
            "name": case_name(found.model, row["label"], lang),
            **{f"{axis}_text": _between(row[f"{axis}_low"], row[f"{axis}_high"], most, lang) for axis, most in largest.items()},
            "places": f"{row['rank_low']:g}–{row['rank_high']:g}",
        }
        for row in as_records(shown)
    ]  # fmt: skip
    columns = (
        Column("rank", "#", "right"),
        Column("label", "", on="data"),
        _failure(found, lang),
        Column("cascade_text", word("rank_cascade", lang), "right", on="screen"),
        Column("basic_text", word("rank_basic", lang), "right", on="screen"),
        *(Column(key, "", on="data") for key in ("duration_h", *_DOUBTS) if key not in ("in_top", "group")),
        Column("in_top", word("rank_in_top", lang, k=found.top), "share"),
        Column("places", word("rank_range", lang), "right", on="screen"),
        Column("group", word("rank_group", lang), "right"),
        Column("ties", word("rank_ties", lang), "share"),
    )
    lasting = duration(found.main, lang)
    note = word("rank_doubt_note", lang, duration=lasting, seed=found.seed, k=found.top)
    if found.samples < FEW_DRAWS:
        worst = 200 * max((row["in_top_error"] or 0.0 for row in rows), default=0.0)
        note += " " + word("rank_few_draws", lang, n=found.samples, points=number(worst, lang))
    return Table("doubt", word("rank_doubt", lang, n=number(found.samples, lang)), columns, rows, note)


def _between(low: float, high: float, largest: float, lang: Lang) -> str:
    if high <= 0:
        return "-"
    if largest < 999_500:
        return f"{number(low, lang)} – {number(high, lang)}"
    end = in_millions(high, largest, lang)
    start = in_millions(low, largest, lang) if low > 0 else "0"
    return f"{start.removesuffix(' ' + word('million', lang))} – {end}"


# ------------------------------------------------------------------ lenses


def lens_name(lens: str, lang: Lang) -> str:
    """Name a lens; one of somebody's own by its key."""
    return word(f"lens_{lens}", lang) if f"lens_{lens}" in WORDS else lens


def lenses(found: Ranking, lang: Lang, wish: Wish) -> Table:
    """List failures with their rank under each lens, and how often they stay in the top whatever the weights."""
    chosen = wish.lenses or tuple(found.lenses)
    frame = found.by_lens.merge(found.weightings[["label", "in_top", "first"]], on="label", how="left")
    for lens in chosen:
        frame[f"score_{lens}"] = found.scores(lens).set_index("label")["score"].loc[frame["label"]].to_numpy()
    if wish.lenses:
        frame = frame.sort_values([chosen[0]], kind="stable")
    whole = wish.keep(frame, found.model)
    shown = whole if wish.whole else whole.head(wish.most)
    rows = [
        {
            "label": row["label"],
            "name": case_name(found.model, row["label"], lang),
            "in_top": row["in_top"],
            "first": row["first"],
            **{f"rank_{lens}": row[lens] for lens in chosen},
            **{f"score_{lens}": row[f"score_{lens}"] for lens in chosen},
        }
        for row in as_records(shown)
    ]
    one = chosen[0] if len(chosen) == 1 else None
    columns = (
        Column("label", "", on="data"),
        _failure(found, lang),
        *(Column(f"rank_{lens}", lens_name(lens, lang), "right") for lens in chosen),
        *(
            Column(f"score_{lens}", word("rank_score", lang), "share", on="both" if lens == one else "data")
            for lens in chosen
        ),
        Column("in_top", word("rank_robust", lang, k=found.top), "share"),
        Column("first", "", on="data"),
    )
    note = word(
        "rank_lenses_note",
        lang,
        weights=" ".join(_weights_text(found, lens, lang) for lens in chosen),
        scale=word(f"rank_scale_{found.scale}", lang),
        n=number(DRAWS, lang),
        measures=", ".join(word(f"effect_{m}", lang) for m in FREELY),
        k=found.top,
        seed=found.seed,
    )
    return Table("lenses", word("rank_lenses", lang), columns, rows, note)


def _weights_text(found: Ranking, lens: str, lang: Lang) -> str:
    parts = [f"{share(w, lang)} {word(f'effect_{m}', lang)}" for m, w in found.lenses[lens].items() if w]
    name = lens_name(lens, lang)
    return f"{name[:1].upper()}{name[1:]}: {' + '.join(parts)}."


def weights(found: Ranking, lang: Lang) -> Table:
    """Give the weights of every lens."""
    rows = [
        {
            "lens": lens,
            "measure": measure,
            "weight": weight,
            "lens_text": lens_name(lens, lang),
            "measure_text": word(f"effect_{measure}", lang),
        }
        for lens, given in found.lenses.items()
        for measure, weight in given.items()
    ]
    columns = (
        Column("lens", "", on="data"),
        Column("measure", "", on="data"),
        Column("lens_text", word("rank_lens", lang), on="screen"),
        Column("measure_text", word("rank_measure", lang), on="screen"),
        Column("weight", word("rank_weight", lang), "share"),
    )
    return Table("weights", word("rank_weights", lang), columns, rows)


def stability(found: Ranking, lang: Lang) -> Table:
    """Say how far orders under different lenses and durations agree."""
    rows = []
    for row in as_records(found.stability):
        a, b = (_order_name(row["kind"], row[end], lang) for end in "ab")
        tau = "" if row["tau"] is None else number(row["tau"], lang, 2)
        rows.append({**row, "what": word(f"rank_kind_{row['kind']}", lang), "pair": f"{a} – {b}", "tau_text": tau})
    columns = (
        *(Column(key, "", on="data") for key in ("kind", "a", "b", "tau")),
        Column("what", word("rank_kind", lang), on="screen"),
        Column("pair", "", on="screen"),
        Column("tau_text", word("rank_tau", lang), "right", on="screen"),
        Column("same_top", word("rank_same_top", lang), "share"),
    )
    note = word("rank_stability_note", lang, k=found.top)
    return Table("stability", word("rank_stability", lang), columns, rows, note)


def _order_name(kind: str, order: str, lang: Lang) -> str:
    return lens_name(order, lang) if kind == "lens" else duration(parse_duration(order), lang)


# ------------------------------------------------------------------ the other way round


def vulnerability(found: Ranking, lang: Lang, wish: Wish) -> Table:
    """List processes by how often the failure of something else brings them down."""
    frame = found.vulnerability
    if not wish.whole:
        frame = frame[frame["duration_h"] == found.main / HOUR].head(MOST_OTHERS)
    rows = [
        {
            **row,
            "name": name_of(found.model, row["process"], lang),
            "most": case_name(found.model, row["owes_most"], lang) if row["owes_most"] else "",
        }
        for row in as_records(frame)
    ]
    columns = (
        Column("process", "", on="data"),
        Column("sector", "", on="data"),
        Column("name", word("process", lang), clip=True),
        Column("duration_h", word("rank_duration", lang), "hours", on="both" if _several(found, wish) else "data"),
        Column("falls", word("rank_falls", lang), "number"),
        Column("share", "", on="data"),
        Column("soonest_h", word("rank_soonest", lang), "hours"),
        Column("median_h", word("rank_median", lang), "hours"),
        Column("deepest", word("rank_deepest", lang), "share"),
        Column("lost_h", "", on="data"),
        Column("owes_most", "", on="data"),
        Column("most", word("rank_owes_most", lang), on="screen", clip=True),
        Column("owes_share", word("rank_share", lang), "share"),
    )
    # of a process in many regions its other copies are no other failure
    others = number(len(found.cases) - 1, lang)
    note = word(
        "rank_vulnerability_note",
        lang,
        n=others if found.of == "processes" else word("rank_at_most", lang, n=others),
        duration=duration(found.main, lang),
        clear=share(CLEAR / FULL, lang),
    )
    return Table("vulnerability", word("rank_vulnerability", lang), columns, rows, note + _of_all(found, lang, wish))


def _of_all(found: Ranking, lang: Lang, wish: Wish) -> str:
    """Say of a table that sectors and regions do not narrow that they do not."""
    if not wish.narrows():
        return ""
    return " " + word("rank_not_narrowed", lang, what=wish.chosen(), m=number(len(found.cases), lang))


def owes(found: Ranking, lang: Lang, wish: Wish) -> Table:
    """Say through whose failure each process loses most."""
    worst = set(found.vulnerability[found.vulnerability["duration_h"] == found.main / HOUR]["process"].head(OWING))
    rows: list[dict[str, Any]] = []
    for lasting in found.durations if wish.whole else (found.main,):
        frame = found.owes(lasting)
        if not wish.whole:
            frame = frame[frame["process"].isin(worst) & (frame["place"] <= OWED_SHOWN)]
        for row in as_records(frame):
            name = name_of(found.model, row["process"], lang) if wish.whole or row["place"] == 1 else ""
            other = case_name(found.model, row["label"], lang)
            rows.append({**row, "duration_h": lasting / HOUR, "name": name, "other": other})
    columns = (
        Column("process", "", on="data"),
        Column("duration_h", word("rank_duration", lang), "hours", on="both" if _several(found, wish) else "data"),
        Column("place", "#", "right"),
        Column("label", "", on="data"),
        Column("name", word("process", lang), on="screen", clip=True),
        Column("other", word("rank_failure", lang), on="screen", clip=True),
        Column("lost_h", word("rank_lost", lang), "hours"),
        Column("share", word("rank_share", lang), "share"),
        Column("peak", word("rank_deepest", lang), "share"),
        Column("tenth_h", word("rank_tenth", lang), "hours"),
    )
    note = word("rank_owes_note", lang, duration=duration(found.main, lang))
    return Table("owes", word("rank_owes", lang), columns, rows, note + _of_all(found, lang, wish))
