"""A paper as a Word document: real headings, tables that repeat their head, boxes that Word knows as content controls.

The mark stands in the header and the footer of every page. Equal papers give equal bytes: nothing in the file says when it
was made.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt, RGBColor

from cascade.model import Lang
from cascade.telling.columns import Column, Table
from cascade.telling.paper import Blank, Paper, Part, Picture, Sheet
from cascade.words import clipped, word

FONT: Final = "Calibri"
ACCENT: Final = "154273"
INK: Final = "1D2129"
MUTED: Final = "59616B"
RULE: Final = "B8C0CA"
HEAD: Final = "E4EBF4"
BAND: Final = "F1F4F8"
GREY: Final = "6E6E6E"
BOX: Final = "FFFBE8"
BOX_RULE: Final = "9A8A4A"
TLP: Final = {
    "TLP:RED": "FF2B2B",
    "TLP:AMBER+STRICT": "FFC000",
    "TLP:AMBER": "FFC000",
    "TLP:GREEN": "33FF00",
    "TLP:CLEAR": "FFFFFF",
}
"""Colours of the marks, on black (FIRST, TLP 2.0)."""
PROOFING: Final = {"nl": "nl-NL", "en": "en-GB"}
MARGIN_MM: Final = 19
LONG_MM, SHORT_MM = 297, 210
TWIPS: Final = 56.6929
"""Twentieths of a point in a millimetre."""
LETTER: Final = 86
"""Room for a letter in a table, twentieths of a point; own measurement for this font and size."""
ROOMY: Final = 18
"""Letters that a box has room for."""
LONGEST: Final = 70
"""A column asks for no more letters than this."""
TOGETHER: Final = 3
"""Rows at the end of a table that stay together on one page."""
LONGEST_TAG: Final = 64
"""Letters that Word takes for the name of a content control."""
FIXED: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""The moment that the file gives for everything that wants one."""
ILLEGAL: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold."""


def to_word(paper: Paper, pictures: Mapping[str, bytes], foot: str) -> bytes:
    """Write a paper as a Word document.

    Parameters
    ----------
    paper : Paper
    pictures : mapping
        Name to PNG, for the pictures that its parts show.
    foot : str
        What stands in the footer beside the page number: the model and its version.

    Returns
    -------
    bytes
        A ``.docx`` file.
    """
    return _Writer(paper, pictures, foot).written()


# ------------------------------------------------------------------ XML


def _node(tag: str, *children: Any, **attributes: object) -> Any:
    """Make an element of WordprocessingML with its children and attributes."""
    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        made.set(qn(f"w:{name.rstrip('_')}"), str(value))
    for child in children:
        made.append(child)
    return made


def _clean(text: str) -> str:
    return ILLEGAL.sub("�", text)


def _run(text: str, *properties: Any) -> Any:
    """Make a run of text; new lines become breaks."""
    made = _node("r", *([_node("rPr", *properties)] if properties else []))
    for k, line in enumerate(_clean(text).split("\n")):
        if k:
            made.append(_node("br"))
        piece = _node("t")
        piece.text = line
        piece.set(qn("xml:space"), "preserve")
        made.append(piece)
    return made


def _paragraph(style: str, *children: Any, extra: Iterable[Any] = ()) -> Any:
    return _node("p", _node("pPr", _node("pStyle", val=style), *extra), *children)


def _field(code: str, shown: Iterable[Any] = (), *, dirty: bool = False) -> list[Any]:
    """Make the runs of a field: what Word works out, and what stands there until it has."""
    begin = _node("fldChar", fldCharType="begin", **({"dirty": "true"} if dirty else {}))
    instruction = _node("instrText")
    instruction.text = f" {code} "
    instruction.set(qn("xml:space"), "preserve")
    parts = (begin, instruction, _node("fldChar", fldCharType="separate"))
    return [*(_node("r", part) for part in parts), *shown, _node("r", _node("fldChar", fldCharType="end"))]


def _borders(kind: str, colour: str, size: int, sides: Sequence[str]) -> Any:
    return _node(kind, *(_node(side, val="single", sz=size, space=0, color=colour) for side in sides))


def _mark_runs(mark: str) -> list[Any]:
    """Write a mark, that of TLP in its own colour on black; both at 12 points."""
    runs: list[Any] = []
    for k, part in enumerate(mark.split(" / ")):
        if k:
            runs.append(_run("  "))
        bold = (_node("b"), _node("color", val=TLP.get(part, INK)), _node("sz", val=24))
        shade = [_node("shd", val="clear", color="auto", fill="000000")] if part in TLP else []
        runs.append(_run(f"\u00a0{part}\u00a0" if shade else part, *bold, *shade))
    return runs


# ------------------------------------------------------------------ the document


class _Writer:
    """Builds one document."""

    def __init__(self, paper: Paper, pictures: Mapping[str, bytes], foot: str) -> None:
        self.paper, self.pictures, self.foot = paper, pictures, foot
        self.lang: Lang = paper.lang
        self.document = docx.Document()
        self.body: Any = self.document.element.body
        for child in list(self.body):
            if child.tag != qn("w:sectPr"):
                self.body.remove(child)
        self.controls = 0
        self.headings: list[tuple[int, str, str]] = []
        self.room = 0

    def written(self) -> bytes:
        """Write all parts."""
        self._styles()
        self._page(self.document.sections[0], wide=False)
        self._front()
        wide = False
        for number, part in enumerate(self.paper.parts, 1):
            if part.wide != wide or number == 1:
                wide = part.wide
                self._page(self.document.add_section(WD_SECTION.NEW_PAGE), wide=wide)
            self._part(number, part)
        self._contents()
        self._properties()
        file = io.BytesIO()
        self.document.save(file)
        return _repacked(file.getvalue())

    # -------------------------------------------------------------- set-up

    def _styles(self) -> None:
        """Set letters, sizes and colours, and the language in which Word checks the spelling."""
        styles = self.document.styles
        fonts = (
            ("Normal", 10, INK, False, 0, 4), ("Title", 26, ACCENT, True, 18, 4), ("Subtitle", 13, MUTED, False, 0, 18),
            ("Heading 1", 17, ACCENT, True, 18, 6), ("Heading 2", 12, ACCENT, True, 14, 4), ("List Bullet", 10, INK, False, 0, 3),
            ("Caption", 9, MUTED, False, 4, 8), ("Header", 9, MUTED, False, 0, 0), ("Footer", 9, MUTED, False, 0, 0),
            ("Cell", 8.5, INK, False, 0, 0), ("Small", 6, INK, False, 0, 0), ("Note", 8.5, MUTED, False, 4, 8), ("toc 1", 10, INK, True, 2, 0),
            ("toc 2", 9, INK, False, 0, 0), ("Contents", 13, ACCENT, True, 8, 4),
        )  # fmt: skip
        for name, size, colour, bold, before, after in fonts:
            style: Any = styles[name] if name in styles else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            style.font.name, style.font.size, style.font.bold = FONT, Pt(size), bold
            style.font.italic, style.font.color.rgb = False, RGBColor.from_string(colour)
            style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
            fonts_of = style.element.rPr.rFonts
            for name_of in list(fonts_of.attrib):
                del fonts_of.attrib[name_of]
            for kind in ("ascii", "hAnsi", "cs", "eastAsia"):
                fonts_of.set(qn(f"w:{kind}"), FONT)
        for name, tag in (("Title", "w:pBdr"), ("Header", "w:tabs"), ("Footer", "w:tabs")):
            for old in styles[name].element.pPr.findall(qn(tag)):
                styles[name].element.pPr.remove(old)
        prompt: Any = styles.add_style("Placeholder Text", WD_STYLE_TYPE.CHARACTER)
        prompt.font.color.rgb = RGBColor.from_string(GREY)
        language = PROOFING[self.lang]
        for found in styles.element.iter(qn("w:lang")):
            found.set(qn("w:val"), language)
        theme = self.document.settings.element.find(qn("w:themeFontLang"))
        if theme is not None:
            theme.set(qn("w:val"), language)

    def _page(self, section: Any, *, wide: bool) -> None:
        """Lay out the pages of a section, with the mark above and below."""
        width, height = (LONG_MM, SHORT_MM) if wide else (SHORT_MM, LONG_MM)
        section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Mm(width), Mm(height)
        section.left_margin = section.right_margin = Mm(MARGIN_MM)
        section.top_margin = section.bottom_margin = Mm(22)
        section.header_distance = section.footer_distance = Mm(9)
        self.room = round((width - 2 * MARGIN_MM) * TWIPS)
        stops = _node("tabs", _node("tab", val="right", pos=self.room))
        page = [_run(f"{word('filing_page', self.lang)} "), *_field("PAGE", [_run("1")])]
        page += [_run(f" {word('filing_of', self.lang)} "), *_field("NUMPAGES", [_run("1")])]
        tab = _node("r", _node("tab"))
        lines = (
            (section.header, "Header", [_run(clipped(self.paper.title, 70))]),
            (section.footer, "Footer", [*page, _run(f"   ·   {clipped(self.foot, 90)}")]),
        )
        for edge, style, left in lines:
            edge.is_linked_to_previous = False
            for old in list(edge._element):
                edge._element.remove(old)
            runs = [*left, _copy(tab), *_mark_runs(self.paper.mark)]
            edge._element.append(_paragraph(style, *runs, extra=[_copy(stops)]))

    def _properties(self) -> None:
        """Give title, subject and language; no author and no moment."""
        core = self.document.core_properties
        core.title, core.subject = _clean(self.paper.title), _clean(self.paper.subtitle)
        core.language = PROOFING[self.lang]
        core.author = core.last_modified_by = core.comments = ""
        core.category = core.keywords = self.paper.mark
        core.created = core.modified = core.last_printed = FIXED
        core.revision = 1
        package = self.document.part.package
        for key, relation in list(package.rels.items()):
            if relation.reltype.endswith("/thumbnail"):
                del package.rels[key]

    # -------------------------------------------------------------- content

    def _add(self, element: Any) -> None:
        """Add an element at the end of the text, before the properties of the last section."""
        self.body.insert(len(self.body) - 1, element)

    def _front(self) -> None:
        """Write the title and the place of the contents, which are made last."""
        self._add(_paragraph("Title", _run(self.paper.title)))
        self._add(_paragraph("Subtitle", _run(self.paper.subtitle)))
        for notice in self.paper.notices:
            self._add(_paragraph("Normal", _run(notice, _node("b"))))
        for line in self.paper.lines:
            self._add(_paragraph("Normal", _run(line)))
        self._add(_paragraph("Contents", _run(word("filing_contents", self.lang))))
        self.front = len(self.body) - 1

    def _contents(self) -> None:
        """Write the table of contents: a field that Word fills in with page numbers, and till then links."""
        entries = []
        for level, text, anchor in self.headings:
            link = _node("hyperlink", _run(text), anchor=anchor, history=1)
            entries.append(_paragraph(f"toc{level}", link))
        start, end = _split(_field(r'TOC \o "1-2" \h \z \u', dirty=True))
        for k, run in enumerate(start):
            entries[0].insert(1 + k, run)
        for run in end:
            entries[-1].append(run)
        for k, entry in enumerate(entries):
            self.body.insert(self.front + k, entry)

    def _heading(self, level: int, text: str) -> None:
        anchor = f"_Toc{len(self.headings) + 1:06d}"
        self.headings.append((level, text, anchor))
        number = len(self.headings)
        start = _node("bookmarkStart", id=number, name=anchor)
        self._add(_paragraph(f"Heading{level}", start, _run(text), _node("bookmarkEnd", id=number)))

    def _part(self, number: int, part: Part) -> None:
        self._heading(1, f"{number}  {part.title}")
        for line in part.lines:
            self._add(_paragraph("Normal", _run(line)))
        for k, sheet in enumerate(part.sheets, 1):
            self._sheet(f"{number}.{k}", sheet)
        for picture in part.pictures:
            self._picture(picture)
        for line in part.closing:
            self._add(_paragraph("Normal", _run(line)))

    def _sheet(self, number: str, sheet: Sheet) -> None:
        table = sheet.table
        if table.title:
            self._heading(2, f"{number}  {table.title}")
        if table.keyed and len(table.shown) == 1:
            for row in table.rows:
                self._add(_paragraph("ListBullet", _run(str(row[table.shown[0].key]))))
        elif table.rows:
            self._add(self._table(sheet))
        if table.note:
            self._add(_paragraph("Note", _run(table.note)))
        elif table.rows:
            self._add(_paragraph("Note"))

    def _table(self, sheet: Sheet) -> Any:
        """Make a table; its head comes back on every page, no row is split over two."""
        table, columns = sheet.table, sheet.table.shown
        rows = [row for row in table.rows if not table.keyed or str(row["text"])]
        widths = _widths(table, columns, rows, self.room, self.lang)
        margins = ((side, (80 if side in ("left", "right") else 40) // (4 if sheet.small else 1)) for side in _SIDES)
        properties = _node(
            "tblPr",
            _node("tblW", w=sum(widths), type="dxa"),
            _borders("tblBorders", RULE, 4, ("top", "bottom", "insideH")),
            _node("tblLayout", type="fixed"),
            _node("tblCellMar", *(_node(side, w=width, type="dxa") for side, width in margins)),
            _node("tblCaption", val=_clean(table.title or table.name)),
        )
        made = _node("tbl", properties, _node("tblGrid", *(_node("gridCol", w=width) for width in widths)))
        if any(column.heading for column in columns):
            cells = [self._cell(c.heading, w, head=True, right=_right(c)) for c, w in zip(columns, widths, strict=True)]
            made.append(_node("tr", _node("trPr", _node("cantSplit"), _node("tblHeader")), *cells))
        for band, members in sheet.bands():
            if band:
                across = self._cell(band, sum(widths), span=len(columns), band=True)
                made.append(_node("tr", _node("trPr", _node("cantSplit")), across))
            for row in (one for one in members if one in rows):
                made.append(_node("tr", _node("trPr", _node("cantSplit")), *self._cells(table, row, widths)))
        _kept_together(made, last=bool(table.note))
        if sheet.small:
            for style in made.iter(qn("w:pStyle")):
                style.set(qn("w:val"), "Small")
        return made

    def _cells(self, table: Table, row: Mapping[str, Any], widths: Sequence[int]) -> list[Any]:
        cells = []
        for k, (column, width) in enumerate(zip(table.shown, widths, strict=True)):
            value = row[column.key]
            if isinstance(value, Blank):
                cells.append(self._box(value, width, column.heading))
            else:
                text = table.show(column, dict(row), self.lang)
                cells.append(self._cell(text, width, bold=table.keyed and k == 0, right=_right(column)))
        return cells

    def _cell(
        self,
        text: str,
        width: int,
        *,
        head: bool = False,
        band: bool = False,
        bold: bool = False,
        right: bool = False,
        span: int = 1,
    ) -> Any:
        properties = [_node("tcW", w=width, type="dxa")]
        if span > 1:
            properties.append(_node("gridSpan", val=span))
        if head or band:
            properties.append(_node("shd", val="clear", color="auto", fill=HEAD if head else BAND))
        if head:
            properties.append(_node("vAlign", val="bottom"))
        strong = [_node("b"), *([_node("color", val=ACCENT)] if head or band else [])] if head or band or bold else []
        extra = [*([_node("keepNext")] if head or band else []), *([_node("jc", val="right")] if right else [])]
        return _node("tc", _node("tcPr", *properties), _paragraph("Cell", _run(text, *strong), extra=extra))

    def _box(self, blank: Blank, width: int, heading: str) -> Any:
        """Make an open field: a cell with a frame round a content control that asks for what belongs in it.

        Where the column says so already it only asks to be filled in.
        """
        shown = word("filing_fill_in", self.lang) if blank.prompt == heading else blank.prompt
        self.controls += 1
        kinds: dict[str, Any] = {
            "text": lambda: _node("richText"),  # plain text would lose its grey in other programs than Word
            "date": lambda: _node(
                "date", _node("dateFormat", val="d MMMM yyyy"), _node("lid", val=PROOFING[self.lang]),
                _node("storeMappedDataAs", val="dateTime"), _node("calendar", val="gregorian"),
            ),
            "choice": lambda: _node(
                "dropDownList", *(_node("listItem", displayText=_clean(c), value=_clean(c)) for c in blank.choices)
            ),
        }  # fmt: skip
        asked = clipped(_clean(blank.prompt), 60)
        control = _node(
            "sdt",
            _node(
                "sdtPr",
                _node("alias", val=asked),
                _node("tag", val=_tag(blank.key, self.controls)),
                _node("id", val=self.controls),
                _node("showingPlcHdr"),
                kinds[blank.kind](),
            ),
            _node("sdtContent", _run(shown, _node("rStyle", val="PlaceholderText"), _node("color", val=GREY))),
        )
        frame = (
            _node("tcW", w=width, type="dxa"),
            _borders("tcBorders", BOX_RULE, 6, ("top", "left", "bottom", "right")),
            _node("shd", val="clear", color="auto", fill=BOX),
        )
        return _node("tc", _node("tcPr", *frame), _paragraph("Cell", control))

    def _picture(self, picture: Picture) -> None:
        """Add a picture with its title below, and what it shows for those who do not see it."""
        if picture.name not in self.pictures:
            return
        most = Emu(round(self.room * 635 * 0.8)), Mm(115)
        holder = self.document.add_paragraph(style="Normal")
        holder.paragraph_format.keep_with_next = True
        shape = holder.add_run().add_picture(io.BytesIO(self.pictures[picture.name]))
        factor = min(1.0, most[0] / shape.width, most[1] / shape.height)
        shape.width, shape.height = Emu(round(shape.width * factor)), Emu(round(shape.height * factor))
        described = shape._inline.docPr
        described.set("descr", _clean(picture.alt))
        described.set("title", _clean(picture.title))
        described.set("name", picture.name)
        self._add(_paragraph("Caption", _run(picture.title)))


_SIDES: Final = ("top", "left", "bottom", "right")


def _kept_together(table: Any, *, last: bool) -> None:
    """Keep the last rows of a table on one page, so that none stands alone on the next; ``last``: with what follows too."""
    rows = table.findall(qn("w:tr"))
    for row in rows[-TOGETHER:] if last else rows[-TOGETHER:-1]:
        for style in row.iter(qn("w:pStyle")):
            if style.getparent().find(qn("w:keepNext")) is None:
                style.addnext(_node("keepNext"))


def _tag(key: str, number: int) -> str:
    """Shorten the name of a box to what Word takes, without making two equal."""
    return key if len(key) <= LONGEST_TAG else f"{key[: LONGEST_TAG - 8]}-{number}"


def _right(column: Column) -> bool:
    return column.form not in ("text", "flag")


def _copy(element: Any) -> Any:
    from copy import deepcopy

    return deepcopy(element)


def _split(runs: list[Any]) -> tuple[list[Any], list[Any]]:
    """Take the end of a field apart from what comes before it."""
    return runs[:-1], runs[-1:]


def _widths(
    table: Table, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], room: int, lang: Lang
) -> list[int]:
    """Share the width of a page over columns: to each its longest word, the rest by how much there is to read."""
    least, wanted = [], []
    for column in columns:
        texts = [column.heading]
        for row in rows:
            value = row[column.key]
            texts.append("x" * 12 if isinstance(value, Blank) else table.show(column, dict(row), lang))
        boxed = any(isinstance(cell := row[column.key], Blank) and cell.kind == "text" for row in rows)
        longest = max((len(w) for text in texts for w in re.split(r"[\s/–-]", text)), default=1)
        lengths = sorted(len(line) for text in texts for line in text.split("\n"))
        usual = lengths[len(lengths) * 9 // 10]
        least.append((min(longest, 24) + 2) * LETTER + 160)
        wanted.append((max(min(usual, LONGEST), ROOMY if boxed else 4) + 2) * LETTER + 160)
    wanted = [max(pair) for pair in zip(least, wanted, strict=True)]
    spare = room - sum(least)
    asked = [want - low for want, low in zip(wanted, least, strict=True)]
    if spare <= 0:
        found = [low * room // sum(least) for low in least]
    elif sum(asked) >= spare:
        found = [low + more * spare // sum(asked) for low, more in zip(least, asked, strict=True)]
    else:
        found = [want * room // sum(wanted) for want in wanted]
    found[-1] += room - sum(found)
    return found


def _repacked(data: bytes) -> bytes:
    """Write the parts of a document again with one fixed moment for all of them."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 0, 0
            new.writestr(entry, old.read(name))
    return made.getvalue()
