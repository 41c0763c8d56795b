"""A model as a workbook that an assessor can read, change and hand back; and an empty or filled one to begin with.

Reading such a workbook (:mod:`cascade.files.workbook`) gives an equal model: a value goes into a cell only where the cell
reads back as that value; all else stands as YAML in the last column. Equal models give equal bytes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cascade.errors import DefinitionError, UsageError
from cascade.files.cells import CHOICES, LONGEST, RULES, write
from cascade.files.headings import (
    AUTHORITIES,
    BY_KEY,
    DEPENDENCIES,
    EXPLANATION,
    HAZARDS,
    MEASURES,
    MODEL,
    PARAMETERS,
    PROCESSES,
    REGIONS,
    SECTORS,
    SHEETS,
    SOURCES,
    STOCKS,
    Column,
    Sheet,
)
from cascade.files.parsing import to_flow
from cascade.files.reading import resolved
from cascade.files.workbook import check_mark
from cascade.model import Assets, Frozen, Lang, Links, Model, Need, Process
from cascade.telling.columns import marking_of
from cascade.telling.sheets import Book, row_height
from cascade.telling.writing import write_all
from cascade.words import word

MOST_ROWS: Final = 100_000
"""Rows of assets and links that go into the workbook; larger tables stand beside it as CSV."""
SPARE: Final = 300
"""Rows of a template that are ready to be filled."""
_TOP: Final = 3
"""Row (from 0) of the headings: the mark, the title and an empty row stand above."""
_PIECE: Final = 30_000
"""Characters of YAML in one cell; what is longer goes on in the row below."""
Cells = dict[str, str | float]
"""What one row says, by column."""


@dataclass
class Content:
    """What goes into a workbook: rows by sheet, and tables that are too large for it."""

    rows: dict[str, list[Cells]] = field(default_factory=dict)
    beside: dict[str, bytes] = field(default_factory=dict)
    """Bytes of each table beside the workbook, by name."""


# ------------------------------------------------------------------ plain data to cells


def _plain(data: Any) -> Any:
    """Return data as a file holds it: every scalar as text."""
    if isinstance(data, dict):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, float):
        return f"{data:.12f}".rstrip("0").rstrip(".")
    return None if data is None else str(data)


def _written(thing: Frozen, without: Iterable[str] = ()) -> dict[str, Any]:
    """Return what a thing says beyond the defaults, as plain data."""
    dumped = thing.model_dump(by_alias=True, exclude_defaults=True, exclude=set(without))
    found: dict[str, Any] = _plain(dumped)
    return found


def _take(data: dict[str, Any], path: Sequence[str]) -> Any:
    """Return the value at a path; None where there is none."""
    here: Any = data
    for part in path:
        if not isinstance(here, dict) or part not in here:
            return None
        here = here[part]
    return here


def _drop(data: dict[str, Any], path: Sequence[str]) -> None:
    """Take the value at a path out, and what is empty then."""
    *above, last = path
    homes = [data]
    for part in above:
        homes.append(homes[-1][part])
    del homes[-1][last]
    for part, home in zip(reversed(above), reversed(homes[:-1]), strict=True):
        if home[part]:
            break
        del home[part]


def _cells(sheet: Sheet, data: dict[str, Any], lang: Lang) -> Cells:
    """Lay a thing out over the columns of its sheet; what no column can say goes into the last as YAML."""
    found: Cells = {}
    for column in sheet.columns:
        value = _take(data, column.path) if column.path else None
        if value is None:
            continue
        if column.codec in ("names", "sources", "regions", "processes") and not isinstance(value, list):
            value = [value]
        cell = write(column.codec, value, lang)
        if cell is not None:
            found[column.key] = cell
            _drop(data, column.path)
    if data:
        found["more"] = to_flow(data)
    return found


def _continued(rows: list[Cells]) -> Iterator[Cells]:
    """Let YAML that is too long for a cell go on in rows of its own."""
    for row in rows:
        more = str(row.get("more", ""))
        yield row | {"more": more[:_PIECE]} if more else row
        for start in range(_PIECE, len(more), _PIECE):
            yield {"more": more[start : start + _PIECE]}


def content_of(model: Model, lang: Lang) -> Content:
    """Lay a whole model out in sheets."""
    made = Content()
    info = _written(model.info, ["parameters"])
    made.rows["model"] = [_cells(MODEL, info, lang)]
    sets = model.info.parameters.items()
    made.rows["parameters"] = [{"id": name, **_cells(PARAMETERS, _written(one), lang)} for name, one in sets]
    made.rows["regions"] = [
        {"code": code, **_cells(REGIONS, _written(region, ["code"]), lang)} for code, region in model.regions.items()
    ]
    things: Mapping[str, tuple[Sheet, Mapping[str, Frozen]]] = {
        "sources": (SOURCES, model.sources),
        "measures": (MEASURES, model.measures),
        "stocks": (STOCKS, model.stocks),
        "hazards": (HAZARDS, model.hazards),
        "authorities": (AUTHORITIES, model.authorities),
    }
    for key, (sheet, known) in things.items():
        made.rows[key] = [{"id": name, **_cells(sheet, _written(thing), lang)} for name, thing in known.items()]
    made.rows["sectors"] = [
        {"id": name, **_cells(SECTORS, _written(sector, ["sector", "processes"]), lang)}
        for name, sector in model.sectors.items()
    ]
    order = [name for sector in model.sectors.values() for name in sector.processes]
    made.rows["processes"] = [_process(model, name, lang) for name in order]
    made.rows["dependencies"] = [
        _need(name, key, need, lang) for name in order for key, need in model.processes[name].needs.items()
    ]
    for key in made.rows:
        made.rows[key] = list(_continued(made.rows[key]))
    _tables(model, made)
    return made


def _process(model: Model, name: str, lang: Lang) -> Cells:
    process: Process = model.processes[name]
    data = _written(process, ["needs"])
    return {"id": name, "sector": model.sector_of[name], **_cells(PROCESSES, data, lang)}


def _need(process: str, name: str, need: Need, lang: Lang) -> Cells:
    """Return the row of a need: its suppliers in one cell, and how they go together in another."""
    data = _written(need)
    index = 0 if lang == "nl" else 1
    found: Cells = {"process": process, "need": name}
    rule = need.rule
    part = {"shares": "weight"}.get(rule, "gives")
    items = []
    for supply in need.supplies:
        share = getattr(supply, part)
        bare = rule != "shares" and share == 10_000
        items.append(supply.id if bare else f"{supply.id} ({_percent(share)})")
    text = "; ".join(items)
    if len(text) <= LONGEST:
        found["from"] = text
        data.pop(rule)
        if rule == "at_least" and need.at_least is not None:
            found["rule"] = f"{RULES['at_least'][index]} {need.at_least.count}"
        elif rule != "from":
            found["rule"] = RULES[rule][index]
    return found | _cells(DEPENDENCIES, data, lang)


def _percent(share: int) -> str:
    return f"{share / 100:.2f}".rstrip("0").rstrip(".") + "%"


# ------------------------------------------------------------------ tables


def _tables(model: Model, made: Content) -> None:
    """Put tables of assets and links into their sheets; those that do not fit go beside the workbook."""
    assets: list[Cells] = []
    links: list[Cells] = []
    texts: dict[str, str] | None = None
    for name, table in model.assets.items():
        if len(assets) + len(links) + len(table.ids) <= MOST_ROWS and _fits(table):
            assets += _asset_rows(name, table)
            continue
        texts = texts or resolved(model)
        file = str(model.processes[name].assets)
        made.beside[file] = texts[file].encode()
    for (name, need), pairs in model.links.items():
        if len(assets) + len(links) + len(pairs.consumers) <= MOST_ROWS:
            links += _link_rows(name, need, pairs)
            continue
        texts = texts or resolved(model)
        file = str(model.processes[name].needs[need].by_table)
        made.beside[file] = texts[file].encode()
    made.rows["assets"], made.rows["links"] = assets, links


def _fits(table: Assets) -> bool:
    """Whether rows can tell an empty column from one that is not there."""
    return not any(column is not None and not any(column) for column in (table.locations, table.areas))


def _asset_rows(process: str, table: Assets) -> list[Cells]:
    rows: list[Cells] = []
    for i, name in enumerate(table.ids):
        row: Cells = {"process": process, "id": name, "name": table.names[i], "region": table.regions[i]}
        row["capacity"] = int(table.capacities[i])
        if table.people is not None:
            row["people"] = int(table.people[i])
        at = table.locations[i] if table.locations is not None else None
        if at is not None:
            row["lat"], row["lon"] = float(at[0]), float(at[1])
        if table.areas is not None and table.areas[i]:
            row["area"] = str(table.areas[i])
        rows.append(row)
    return rows


def _link_rows(process: str, need: str, table: Links) -> list[Cells]:
    rows = zip(table.consumers, table.suppliers, table.weights, strict=True)
    return [
        {"process": process, "need": need, "consumer": consumer, "supplier": supplier, "share": int(weight)}
        for consumer, supplier, weight in rows
    ]


# ------------------------------------------------------------------ the workbook


def workbook_of(model: Model, lang: Lang = "nl", mark: str = "") -> tuple[bytes, dict[str, bytes]]:
    """Make the workbook of a model.

    Parameters
    ----------
    model : Model
    lang : str
        Of the headings.
    mark : str
        What stands on every sheet, where that is more than the marks in the model.

    Returns
    -------
    tuple
        The bytes of the workbook, and those of tables too large for it, by name.
    """
    content = content_of(model, lang)
    book = Book(marking_of(model, mark), lang)
    title = model.info.title[lang]
    for sheet in SHEETS:
        rows = content.rows.get(sheet.key, [])
        if rows:
            known = {key for row in rows for key in row}
            _page(book, sheet, rows, [column for column in sheet.columns if column.key in known], title)
    return book.finish(title), content.beside


def export_workbook(model: Model, path: str | Path, lang: Lang = "nl", mark: str = "") -> list[Path]:
    """Write a model as a workbook; :func:`cascade.telling.folders.import_workbook` gives an equal model back.

    Parameters
    ----------
    model : Model
    path : path
        Ends in ``.xlsx``. Tables of more than ``MOST_ROWS`` rows go into a folder beside it, as CSV.
    lang : str
        Of the headings.
    mark : str
        Raises the mark on the sheets.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    UsageError
        If the name has another ending, or cannot be written, or ``mark`` is none.
    """
    check_mark(mark)
    target = _workbook_name(path)
    data, beside = workbook_of(model, lang, mark)
    files = {f"{target.stem}-tables/{name}": table for name, table in beside.items()}
    return write_all(target.parent, {target.name: data, **files})


def _workbook_name(path: str | Path) -> Path:
    if Path(path).suffix.lower() != ".xlsx":
        raise UsageError(f"{path}: a workbook needs a name that ends in .xlsx")
    return Path(path)


def _page(
    book: Book, sheet: Sheet, rows: Sequence[Cells], columns: Sequence[Column], title: str, notes: bool = False
) -> Any:
    """Write one sheet: the mark, a title, the headings, and a row for each thing."""
    lang = book.lang
    page = book.sheet(sheet.name[lang])
    book.put(page, 0, 0, book.marking, "mark")
    book.put(page, 1, 0, f"{title}: {sheet.name[lang]}", "title")
    for number, column in enumerate(columns):
        page.set_column(number, number, column.width)
        book.put(page, _TOP, number, column.heading[lang], "head")
        if notes and column.help is not None:
            page.write_comment(_TOP, number, column.help[lang], {"x_scale": 2, "y_scale": 1.2})
    page.set_row(_TOP, 32)
    for row, cells in enumerate(rows, _TOP + 1):
        for number, column in enumerate(columns):
            book.put(page, row, number, cells.get(column.key, ""))
        page.set_row(row, row_height((cells.get(column.key, ""), column.width) for column in columns))
    last = _TOP + max(len(rows), 1)
    page.autofilter(_TOP, 0, last, len(columns) - 1)
    page.freeze_panes(_TOP + 1, 1)
    page.repeat_rows(_TOP)
    page.print_area(0, 0, last, len(columns) - 1)
    return page


# ------------------------------------------------------------------ a template


def write_template(path: str | Path, lang: Lang = "nl", example: bool = False, mark: str = "") -> Path:
    """Write the workbook that an assessor fills in, empty or with an example.

    Parameters
    ----------
    path : path
        Ends in ``.xlsx``.
    lang : str
    example : bool
        Fill it with the dependencies of a small water company that does not exist.
    mark : str
        Stands on every sheet.

    Raises
    ------
    UsageError
        If the name has another ending, or cannot be written, or ``mark`` is none.
    """
    check_mark(mark)
    target = _workbook_name(path)
    rows = example_rows(lang) if example else {}
    book = Book(mark, lang)
    title = word("own_example" if example else "own_template", lang)
    _explain(book, title)
    for sheet in SHEETS:
        if sheet.shown:
            columns = [column for column in sheet.columns if column.shown]
            page = _page(book, sheet, rows.get(sheet.key, []), columns, title, notes=True)
            _lists(page, columns, lang)
    return write_all(target.parent, {target.name: book.finish(title)})[0]


def _lists(page: Any, columns: Sequence[Column], lang: Lang) -> None:
    """Offer the words that a column knows in a list; other ways to write them stay allowed."""
    index = 0 if lang == "nl" else 1
    for number, column in enumerate(columns):
        words = [pair[index] for pair in CHOICES.get(column.codec, {}).values()]
        if column.codec == "rule":
            words = [f"{pair[index]} 2" if key == "at_least" else pair[index] for key, pair in RULES.items()]
        if words:
            rule = {"validate": "list", "source": words, "error_type": "warning"}
            page.data_validation(_TOP + 1, number, _TOP + SPARE, number, rule)


def _explain(book: Book, title: str) -> None:
    """Write the sheet that explains the others, column by column."""
    lang = book.lang
    page = book.sheet(EXPLANATION[lang])
    page.set_column(0, 0, 24)
    page.set_column(1, 1, 100)
    book.put(page, 0, 0, book.marking, "mark")
    book.put(page, 1, 0, title, "title")
    row = 3
    for text in word("own_explained", lang).split("\n"):
        _line(book, page, row, "", text)
        row += 1
    for sheet in SHEETS:
        if not sheet.shown:
            continue
        row += 1
        _line(book, page, row, sheet.name[lang], word(f"own_sheet_{sheet.key}", lang), "label")
        row += 1
        for column in sheet.columns:
            if column.shown and column.help is not None:
                _line(book, page, row, column.heading[lang], column.help[lang])
                row += 1
    page.print_area(0, 0, row, 1)


def _line(book: Book, page: Any, row: int, label: str, text: str, form: str = "wrap") -> None:
    book.put(page, row, 0, label, form)
    book.put(page, row, 1, text, "wrap")
    page.set_row(row, row_height([(text, 80)]))


def example_rows(lang: Lang) -> dict[str, list[Cells]]:
    """Return the rows of the filled example, from the data that comes with the program."""
    from importlib import resources

    from cascade.files.parsing import read_document

    place = Path(str(resources.files("cascade"))) / "starters" / "example.yaml"
    document, _ = read_document(place, place.name)
    if document.problems:
        raise DefinitionError(document.problems)
    found: dict[str, list[Cells]] = {}
    for key, rows in document.data.items():
        found[key] = [
            {name: _cell(BY_KEY[key].column(name), value, lang) for name, value in row.items()} for row in rows
        ]
    return found


def _cell(column: Column, value: Any, lang: Lang) -> str | float:
    """Return a cell of the example: its text in one language; numbers as numbers, as people type them."""
    text = str(value[lang] if isinstance(value, dict) else value)
    if column.codec in ("int", "degrees", "amount", "whole"):
        return float(text) if "." in text else int(text)
    return text
