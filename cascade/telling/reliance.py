"""Dependence both ways as the parts of a dossier: on whom a process rests, who rests on it, and a register of suppliers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from cascade.model import Lang, Model, Need, Supply
from cascade.results.effects import CLEAR
from cascade.results.filing import Filing
from cascade.results.reach import FOREIGN, LONGEST
from cascade.telling import dossier
from cascade.telling.columns import Column, Table, as_records, name_of
from cascade.telling.paper import Blank, Part, Sheet, blank
from cascade.units import FULL, HOUR, format_share
from cascade.words import annex, duration, number, share, word

MORE_ROWS: Final = 3
"""Empty rows at the end of a list that nobody can know the end of."""


def later(hours: float | None, lang: Lang) -> str:
    """Say after how long: ``at once``, ``after 6 h``; nothing where it never comes."""
    if hours is None:
        return ""
    return word("at_once", lang) if hours == 0 else word("after_d", lang, d=duration(hours * HOUR, lang))


def counted(what: str, n: int, lang: Lang) -> str:
    """Write how many of something there are: ``1 sector``, ``3 sectors``."""
    return word(f"filing_1_{what}" if n == 1 else f"filing_n_{what}", lang, n=number(n, lang))


def where_text(found: Filing, lang: Lang) -> str:
    """Say where the process fails: everywhere, or in the one region asked for."""
    if found.region is None:
        return word("everywhere", lang)
    return f"{word('in', lang)} {found.model.regions[found.region].name}"


# ------------------------------------------------------------------ dependence both ways


def dependence_part(found: Filing, lang: Lang) -> Part:
    """Give dependence both ways: direct suppliers, those further back, and who rests on the process."""
    sheets = (
        Sheet(_incoming(found, lang)),
        Sheet(_further(found, lang)),
        Sheet(_outgoing_annex(found, lang)),
        Sheet(_outgoing(found, lang)),
    )
    return Part("dependence", word("filing_part_dependence", lang), sheets, wide=True)


def _felt_after(record: dict[str, Any] | None, lang: Lang) -> str:
    """Say after how long more than a tenth was lost; where it was not, that it was not within the time played."""
    if record is not None and record["over10_h"] is not None:
        return duration(record["over10_h"] * HOUR, lang) if record["over10_h"] else word("at_once", lang)
    if record is not None and round(record["lost"] * FULL) == CLEAR:
        return word("filing_a_tenth", lang, when=later(record["first_h"], lang))
    return word("filing_not_within", lang, d=duration(LONGEST, lang))


def _lost(record: dict[str, Any] | None, lang: Lang) -> str:
    return share(record["lost"], lang) if record is not None and record["lost"] else word("filing_nothing", lang)


@dataclass(frozen=True)
class _Served:
    """One need that names a supplier, and how it does."""

    name: str
    need: Need
    supply: Supply
    keeps: bool
    """Whether it only keeps the reserve filled."""

    @property
    def others(self) -> list[Supply]:
        """Who else can meet the need."""
        some = not self.keeps and self.need.rule in ("any_of", "at_least")
        return [s for s in self.need.supplies if s is not self.supply] if some else []

    @property
    def later(self) -> list[tuple[int, int]]:
        """What is lost only after longer than was played, by this supplier alone: (seconds, share).

        Not where others can step in, or where the reserve is filled up meanwhile: then nobody can say when it ends.
        """
        if self.keeps or self.need.sustained_by is not None or len(self.need.supplies) > 1:
            return []
        return [(after.mode, lost.mode) for after, lost in self.need.steps if after.mode >= LONGEST and lost.mode]


def _served(model: Model, process: str) -> dict[str, list[_Served]]:
    """Gather by supplier the needs of a process that name it, in the order of the file."""
    found: dict[str, list[_Served]] = {}
    for name, need in model.processes[process].needs.items():
        for supply in need.supplies:
            found.setdefault(supply.process, []).append(_Served(name, need, supply, keeps=False))
        sustainer = (need.sustained_by or "").partition("@")[0]
        if sustainer and all(s.process != sustainer for s in need.supplies):
            found.setdefault(sustainer, []).append(_Served(name, need, Supply(id=sustainer), keeps=True))
    return found


def _numbered(texts: Sequence[str]) -> str:
    """Write what belongs to several needs one under another, numbered; what is the same for all only once."""
    if len(set(texts)) < 2:
        return texts[0]
    return "\n".join(f"{k}. {text}".replace("\n", "; ") for k, text in enumerate(texts, 1))


def _incoming(found: Filing, lang: Lang) -> Table:
    """List every supplier that a need names once, the soonest felt first: what was played is its failure as a whole."""
    by_process = {row["process"]: row for row in as_records(found.suppliers)}
    rows = [
        _incoming_row(found.model, process, served, by_process.get(process), lang)
        for process, served in _served(found.model, found.process).items()
    ]
    rows.sort(
        key=lambda row: (
            float("inf") if row["over10_h"] is None else row["over10_h"],
            -(row["lost"] or 0),
            row["process"],
        )
    )
    columns = (
        *(
            Column(key, "", on="data")
            for key in ("process", "needs", "role", "first_h", "over10_h", "lost", "after_14d", "stand_ins", "foreign")
        ),
        Column("name", word("supplier", lang), on="screen"),
        Column("purpose", word("purpose", lang), on="screen"),
        Column("felt_after", word("filing_felt_after", lang), on="screen"),
        Column("lost_text", word("filing_lost", lang), "right", on="screen"),
        Column("without", word("filing_reserve", lang), on="screen"),
        Column("others", word("filing_alternative", lang), on="screen"),
        Column("abroad", word("filing_foreign", lang), on="screen"),
        Column("evidence", word("evidence", lang), on="screen"),
        *(Column(key, "", on="data") for key in ("confidence", "source")),
    )
    note = word("filing_incoming_note", lang, d=duration(LONGEST, lang)) if rows else word("no_needs", lang)
    return Table("incoming", word("filing_incoming", lang), columns, rows, note)


def _incoming_row(
    model: Model, process: str, served: list[_Served], record: dict[str, Any] | None, lang: Lang
) -> dict[str, Any]:
    foreign = FOREIGN in model.processes[process].tags
    keeps = all(one.keeps for one in served)
    names = dict.fromkeys(dossier.supply_name(model, one.supply, lang) for one in served if keeps or not one.keeps)
    name = "; ".join(names)
    others = ["; ".join(dossier.supply_name(model, s, lang) for s in one.others) for one in served if not one.keeps]
    after = [step for one in served for step in one.later]
    told = [word("filing_only_after", lang, d=duration(d, lang), share=share(part / FULL, lang)) for d, part in after]
    if keeps:
        told = [word("filing_only_with", lang)]
    return {
        "process": process,
        "needs": " ".join(one.name for one in served),
        "role": "sustains" if keeps else "supplies",
        "first_h": record["first_h"] if record is not None else None,
        "over10_h": record["over10_h"] if record is not None else None,
        "lost": record["lost"] if record is not None else None,
        "after_14d": " ".join(f"{d // HOUR}h:{format_share(part)}" for d, part in after),
        "stand_ins": " ".join(dict.fromkeys(s.id for one in served for s in one.others)),
        "foreign": True if foreign else None,
        "name": word("filing_keeps_filled", lang, name=name) if keeps else name,
        "purpose": _numbered([dossier.purpose(one.name, one.need, lang) for one in served]),
        "felt_after": "\n".join([_felt_after(record, lang), *told]),
        "lost_text": _lost(record, lang),
        "without": "" if keeps else _numbered([dossier.without_text(model, one.need, lang) for one in served]),
        "others": _numbered([text or word("none", lang) for text in others]) if others else "",
        "abroad": word("filing_foreign_yes", lang)
        if foreign
        else Blank(f"abroad-{process}", word("filing_country_prompt", lang)),
        "evidence": _numbered([dossier.evidence_text(one.need, lang) for one in served]),
        "confidence": " ".join(dict.fromkeys(one.need.confidence or "" for one in served)).strip() or None,
        "source": " ".join(dict.fromkeys(source for one in served for source in one.need.source)),
    }


def _further(found: Filing, lang: Lang) -> Table:
    rows = []
    for record in as_records(found.suppliers):
        if record["direct"] or (record["over10_h"] is None and not record["foreign"]):
            continue
        between = record["chain"].split(" > ")[1:-1]
        rows.append(
            {
                **record,
                "name": name_of(found.model, record["process"], lang),
                "way": " > ".join(name_of(found.model, p, lang) for p in between) or word("directly", lang),
                "felt_after": _felt_after(record, lang),
                "lost_text": share(record["lost"], lang) if record["lost"] else "-",
                "abroad": word("filing_foreign_yes" if record["foreign"] else "filing_foreign_unknown", lang),
            }
        )
    columns = (
        Column("name", word("supplier", lang), on="screen"),
        *(
            Column(key, "", on="data")
            for key in ("process", "sector", "over10_h", "over50_h", "lost", "foreign", "chain")
        ),
        Column("way", word("by_way_of", lang), on="screen"),
        Column("felt_after", word("filing_felt_after", lang), on="screen"),
        Column("lost_text", word("filing_lost", lang), "right", on="screen"),
        Column("abroad", word("filing_foreign", lang), on="screen"),
    )
    note = word("filing_further_note", lang, d=duration(LONGEST, lang))
    return Table("further", word("filing_further", lang), columns, rows, note)


def _felt(found: Filing) -> list[dict[str, Any]]:
    """Rows of those who lose more than a tenth with the process, the soonest first."""
    return [row for row in as_records(found.dependents) if row["over10_h"] is not None]


def _outgoing_annex(found: Filing, lang: Lang) -> Table:
    """Gather who loses more than a tenth by item of the annex, in its order; the rest by sector."""
    model = found.model
    own = str(model.processes[found.process].lists.get("cer") or "")
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for record in _felt(found):
        item = str(model.processes[record["process"]].lists.get("cer") or "")
        groups.setdefault((item, record["sector"]), []).append(record)
    rows = []
    for (item, sector), members in sorted(groups.items(), key=lambda group: (_annex_order(group[0][0]), group[0][1])):
        name = annex(item, lang) if item else word("filing_outside_annex", lang)
        rows.append(
            {
                "item": item or None,
                "sector": sector,
                "processes": len(members),
                "over10_h": members[0]["over10_h"],
                "people": max(m["peak_people"] for m in members),
                "name": word("filing_annex_own", lang, name=name) if item and item == own else name,
                "sector_text": model.sectors[sector].name[lang],
                "felt_after": _felt_after(members[0], lang),
                "first": name_of(model, members[0]["process"], lang),
            }
        )
    columns = (
        Column("item", "", on="data"),
        Column("name", word("filing_annex_head", lang), on="screen"),
        Column("sector", "", on="data"),
        Column("sector_text", word("sector", lang), on="screen"),
        Column("processes", word("filing_count", lang), "number"),
        Column("over10_h", "", on="data"),
        Column("felt_after", word("filing_felt_after", lang), on="screen"),
        Column("first", word("filing_first_head", lang), on="screen"),
        Column("people", word("filing_people", lang), "large"),
    )
    note = word("filing_outgoing_annex_note", lang, d=duration(found.lasting, lang), where=where_text(found, lang))
    empty = word("filing_outgoing_none", lang)
    return Table("outgoing-annex", word("filing_outgoing_annex", lang), columns, rows, note if rows else empty)


def _annex_order(item: str) -> tuple[int, str]:
    digits = item[: len(item) - len(item.lstrip("0123456789"))]
    return int(digits or 999), item


def _outgoing(found: Filing, lang: Lang) -> Table:
    model, rows = found.model, []
    for record in _felt(found):
        between = record["chain"].split(" > ")[1:-1]
        item = model.processes[record["process"]].lists.get("cer")
        rows.append(
            {
                **record,
                "item": item,
                "item_text": item or "-",
                "name": name_of(model, record["process"], lang),
                "sector_text": model.sectors[record["sector"]].name[lang],
                "felt_after": _felt_after(record, lang),
                "way": " > ".join(name_of(model, p, lang) for p in between) or word("directly", lang),
            }
        )
    columns = (
        Column("item", "", on="data"),
        Column("item_text", word("filing_annex_head", lang), on="screen"),
        *(Column(key, "", on="data") for key in ("process", "sector")),
        Column("name", word("process", lang), on="screen"),
        Column("sector_text", word("sector", lang), on="screen"),
        *(Column(key, "", on="data") for key in ("first_h", "over10_h")),
        Column("felt_after", word("filing_felt_after", lang), on="screen"),
        Column("over50_h", word("over50_head", lang), "hours", empty="-"),
        Column("lost", word("filing_lost", lang), "share"),
        Column("people", word("filing_people", lang), "large"),
        Column("peak_people", word("peak_people", lang), "large"),
        Column("way", word("by_way_of", lang), on="screen"),
        Column("chain", "", on="data"),
    )
    return Table("outgoing", word("filing_outgoing", lang), columns, rows)


# ------------------------------------------------------------------ register of suppliers


def register_part(found: Filing, lang: Lang) -> Part:
    """Give a register to be filled in: a row for each direct supplier the model knows, and some for others."""
    rows = []
    for record in as_records(found.suppliers):
        if record["direct"]:
            rows.append(_supplier_row(found, record, lang))
    for k in range(1, MORE_ROWS + 1):
        own = {"name": blank(f"supplier-other-{k}", lang, "filing_other_supplier")}
        own["use"] = blank(f"supplier-other-{k}-use", lang)
        rows.append(
            {"process": None, "needs": None, "over10_h": None, "felt_after": "", **own, **_contact(f"other-{k}", lang)}
        )
    columns = (
        *(Column(key, "", on="data") for key in ("process", "needs", "over10_h")),
        Column("name", word("supplier", lang), on="screen"),
        Column("use", word("filing_supply", lang), on="screen"),
        Column("felt_after", word("filing_felt_after", lang), on="screen"),
        Column("firm", word("filing_firm", lang), on="screen"),
        Column("land", word("filing_firm_country", lang), on="screen"),
        Column("contract", word("filing_contract", lang), on="screen"),
        Column("contact", word("filing_contact", lang), on="screen"),
    )
    table = Table("register", word("filing_register", lang), columns, rows, word("filing_register_note", lang))
    return Part("register", word("filing_part_register", lang), (Sheet(table),), wide=True)


def _supplier_row(found: Filing, record: dict[str, Any], lang: Lang) -> dict[str, Any]:
    process, definition = record["process"], found.model.processes[found.process]
    served = [
        (name, need)
        for name, need in definition.needs.items()
        if process in {s.process for s in need.supplies} | {(need.sustained_by or "").partition("@")[0]}
    ]
    return {
        "process": process,
        "needs": " ".join(name for name, _ in served),
        "over10_h": record["over10_h"],
        "name": name_of(found.model, process, lang),
        "use": "; ".join(dossier.purpose(name, need, lang) for name, need in served),
        "felt_after": _felt_after(record, lang),
        **_contact(process, lang),
    }


def _contact(key: str, lang: Lang) -> dict[str, Blank]:
    return {
        "firm": Blank(f"supplier-{key}-firm", word("filing_firm", lang)),
        "land": Blank(f"supplier-{key}-country", word("filing_firm_country", lang)),
        "contract": Blank(f"supplier-{key}-contract", word("filing_contract", lang)),
        "contact": Blank(f"supplier-{key}-contact", word("filing_role_prompt", lang)),
    }
