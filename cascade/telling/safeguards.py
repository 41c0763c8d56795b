"""What only the entity knows, as tables to be filled in: its assets, how they are protected, and its plans.

Source
------
What belongs in them: Besluit weerbaarheid kritieke entiteiten (consultation text), articles 5, 8 and 9. The layout is our own.
"""

from typing import Any, Final

from cascade.model import Lang
from cascade.results.filing import Filing
from cascade.telling.columns import Column, Table, name_of
from cascade.telling.paper import Blank, Part, Sheet
from cascade.words import word

MOST_ASSETS: Final = 40
"""A model that knows more assets than this of a process does not put them in the register: they are of many owners."""
EMPTY_ASSETS: Final = 6
"""Empty rows at the end of the register of assets."""
ASSET_BOXES: Final = ("kind", "place", "why", "without", "utilities")
SUBJECTS: Final = (
    "zones", "access", "rooms", "outside", "utilities", "monitoring", "storage", "above", "below",
)  # fmt: skip
"""What physical protection is about."""
SUBJECT_BOXES: Final = ("now", "lacking", "measure", "role")
PLANS: Final = ("crisis", "continuity", "provisions", "protection", "recovery", "communication", "exercise")
"""What has to be planned, and tried."""
PLAN_BOXES: Final = ("document", "date", "role", "tested", "lesson")
DATES: Final = ("date", "tested")


def safeguards_part(found: Filing, lang: Lang) -> Part:
    """Give the register of assets, physical protection and plans, each as a table to be filled in."""
    sheets = (Sheet(_assets(found, lang)), Sheet(_physical(found, lang)), Sheet(_plans(lang)))
    return Part("safeguards", word("filing_part_safeguards", lang), sheets, wide=True)


def _boxes(table: str, key: str, asked: tuple[str, ...], lang: Lang) -> dict[str, Any]:
    return {
        box: Blank(f"{table}-{key}-{box}", word(f"safe_{table}_{box}", lang), "date" if box in DATES else "text")
        for box in asked
    }


def _columns(table: str, asked: tuple[str, ...], lang: Lang) -> tuple[Column, ...]:
    return tuple(Column(box, word(f"safe_{table}_{box}", lang), on="screen") for box in asked)


def _assets(found: Filing, lang: Lang) -> Table:
    """Make the register: what the model knows of assets of this process, and empty rows."""
    model, process = found.model, found.process
    table = model.assets.get(process)
    known = [
        (asset, name, region)
        for asset, name, region in (zip(table.ids, table.names, table.regions, strict=True) if table else ())
        if found.region in (None, region)
    ]
    listed = known if len(known) <= MOST_ASSETS else []
    rows: list[dict[str, Any]] = [
        {"asset": asset, "region": region, "name": name}
        | _boxes("asset", asset, ASSET_BOXES, lang)
        | {"place": model.regions[region].name}
        for asset, name, region in listed
    ]
    for k in range(1, EMPTY_ASSETS + 1):
        own = {"name": Blank(f"asset-other-{k}", word("asset_other", lang))}
        rows.append({"asset": None, "region": None, **own, **_boxes("asset", f"other-{k}", ASSET_BOXES, lang)})
    columns = (
        *(Column(key, "", on="data") for key in ("asset", "region")),
        Column("name", word("asset_name", lang), on="screen"),
        *_columns("asset", ASSET_BOXES, lang),
    )
    note = word("asset_note", lang)
    if len(known) > len(listed):
        note = f"{note} {word('asset_many', lang, n=len(known))}"
    return Table("assets", word("asset_title", lang), columns, rows, note)


def _physical(found: Filing, lang: Lang) -> Table:
    needs = found.model.processes[found.process].needs.values()
    served = dict.fromkeys(s.process for need in needs if need.kind == "physical" for s in need.supplies)
    named = ", ".join(name_of(found.model, process, lang) for process in served)
    rows = [
        {
            "subject": subject,
            "name": word(f"physical_on_{subject}", lang),
            "foothold": named if subject == "utilities" else "",
            **_boxes("physical", subject, SUBJECT_BOXES, lang),
        }
        for subject in SUBJECTS
    ]
    columns = (
        Column("subject", "", on="data"),
        Column("name", word("physical_subject", lang), on="screen"),
        Column("foothold", word("physical_foothold", lang)),
        *_columns("physical", SUBJECT_BOXES, lang),
    )
    return Table("physical", word("physical_title", lang), columns, rows, word("physical_note", lang))


def _plans(lang: Lang) -> Table:
    rows = [
        {"plan": plan, "name": word(f"plan_for_{plan}", lang), **_boxes("plan", plan, PLAN_BOXES, lang)}
        for plan in PLANS
    ]
    columns = (
        Column("plan", "", on="data"),
        Column("name", word("plan_subject", lang), on="screen"),
        *_columns("plan", PLAN_BOXES, lang),
    )
    return Table("plans", word("plan_title", lang), columns, rows, word("plan_note", lang))
