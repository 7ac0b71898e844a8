"""Word as a gazette is set: fonts by name, ruled tables with repeated heads, numbered pages.

The pieces that :mod:`tongchou.morning.documents.word` builds the order from; nothing here knows the order.
"""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from docx import Document
from docx.document import Document as Doc
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

SONG, FANG, HEI = "宋体", "仿宋", "黑体"
LATIN = "Times New Roman"
RED, GREY = RGBColor(0x8A, 0x12, 0x12), RGBColor(0x44, 0x44, 0x44)
RIGHT = WD_ALIGN_PARAGRAPH.RIGHT
CENTRE = WD_ALIGN_PARAGRAPH.CENTER
FIELD_MM = 186.0
"""Width of the printable field."""


def blank(size: float) -> Doc:
    """Give an empty A4 document whose plain text is set in 仿宋 of a size in points."""
    made = Document()
    section = made.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(12)
    section.top_margin, section.bottom_margin = Mm(12), Mm(11)
    section.header_distance, section.footer_distance = Mm(5), Mm(5)
    plain = made.styles["Normal"]
    plain.font.name, plain.font.size = LATIN, Pt(size)
    _east_asian(plain.element, FANG)
    plain.paragraph_format.space_after = plain.paragraph_format.space_before = Pt(0)
    plain.paragraph_format.line_spacing = 1.0
    for level, points in ((1, 15.0), (2, 10.5), (3, 9.0)):
        style = made.styles[f"Heading {level}"]
        style.font.name, style.font.size, style.font.bold = LATIN, Pt(points), True
        style.font.color.rgb = RGBColor(0, 0, 0)
        _east_asian(style.element, SONG if level == 1 else HEI)
        style.paragraph_format.space_before = Pt(3)
        style.paragraph_format.space_after = Pt(1)
        style.paragraph_format.keep_with_next = True
    return made


def _east_asian(element: Any, font: str) -> None:
    fonts = element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for script, name in (("ascii", LATIN), ("hAnsi", LATIN), ("eastAsia", font)):
        fonts.set(qn(f"w:{script}"), name)


def write(
    paragraph: Paragraph,
    text: str,
    *,
    bold: bool = False,
    colour: RGBColor | None = None,
    size: float | None = None,
) -> Paragraph:
    """Add words to a paragraph, and give the paragraph."""
    run = paragraph.add_run(text)
    run.bold = bold or None
    if colour is not None:
        run.font.color.rgb = colour
    if size is not None:
        run.font.size = Pt(size)
    if bold:
        _east_asian(run._element, HEI)
    return paragraph


def heading(made: Doc, text: str, level: int, *, on_new_page: bool = False) -> Paragraph:
    """Add a heading, on a new page if asked for."""
    paragraph: Paragraph = made.add_heading(text, level)
    paragraph.paragraph_format.page_break_before = on_new_page
    return paragraph


def header_and_footer(made: Doc, head: str, foot: str, page: tuple[str, str]) -> None:
    """Set the line above and below every page; the page number stands between two words."""
    section = made.sections[0]
    above, below = section.header.paragraphs[0], section.footer.paragraphs[0]
    above.alignment = CENTRE
    write(above, head, bold=True, colour=RED, size=8)
    below.alignment = CENTRE
    write(below, f"{foot}　　{page[0]}", colour=GREY, size=7.5)
    _page_field(below)
    write(below, page[1], colour=GREY, size=7.5)


def _page_field(paragraph: Paragraph) -> None:
    run = paragraph.add_run()
    run.font.size = Pt(7.5)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = text
        run._element.append(part)


def table(
    made: Doc,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    widths: Sequence[float],
    numeric: Sequence[bool],
    size: float,
) -> Table:
    """Set a ruled table: head row repeated on every page, numbers to the right, rows unbroken.

    ``widths`` are shares of the printable field; ``size`` is in points.
    """
    grid: Table = made.add_table(rows=1 + len(rows), cols=len(heads))
    _frame(grid, widths)
    cells = grid._cells
    for at, text in enumerate(text for row in (heads, *rows) for text in row):
        head, column = at < len(heads), at % len(heads)
        paragraph = cells[at].paragraphs[0]
        write(paragraph, text, size=size, bold=head)
        if numeric[column]:
            paragraph.alignment = RIGHT
    for at, row in enumerate(grid.rows):
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if at == 0:
            properties.append(OxmlElement("w:tblHeader"))
    _gap(made)
    return grid


def panes(made: Doc, rows: int, widths: Sequence[float]) -> Table:
    """Give a table without rules, to set things side by side; rows are never broken."""
    grid: Table = made.add_table(rows=rows, cols=len(widths))
    _frame(grid, widths, ruled=False)
    for row in grid.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    _gap(made)
    return grid


def _gap(made: Doc) -> None:
    """Leave a little room after a table; two that touch would be one to Word."""
    made.add_paragraph().paragraph_format.line_spacing = Pt(3)


def _frame(grid: Table, widths: Sequence[float], *, ruled: bool = True) -> None:
    grid.alignment = WD_TABLE_ALIGNMENT.CENTER
    grid.autofit = False
    properties = grid._tbl.tblPr
    layout, look = properties.find(qn("w:tblLayout")), properties.find(qn("w:tblLook"))
    if ruled:
        borders = OxmlElement("w:tblBorders")
        for side, weight in (("top", "6"), ("bottom", "6"), ("insideH", "2")):
            borders.append(_part(side, val="single", sz=weight, space="0", color="777777"))
        layout.addprevious(borders)
    margins = OxmlElement("w:tblCellMar")
    margins.append(_part("left", w="40", type="dxa"))
    margins.append(_part("right", w="60", type="dxa"))
    look.addprevious(margins)
    whole = sum(widths)
    sizes = [Mm(FIELD_MM * w / whole) for w in widths]
    for column, size in zip(grid.columns, sizes, strict=True):
        column.width = size
    for at, each in enumerate(grid._cells):
        each.width = sizes[at % len(sizes)]


def rule_above(each: _Cell) -> None:
    """Draw a line above one cell."""
    borders = OxmlElement("w:tcBorders")
    borders.append(_part("top", val="single", sz="6", space="0", color="000000"))
    each._tc.get_or_add_tcPr().append(borders)


def _part(name: str, **attributes: str) -> Any:
    part = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        part.set(qn(f"w:{key}"), value)
    return part


def picture(paragraph: Paragraph, png: bytes, width_mm: float, text: str) -> None:
    """Set a drawing, with the text that a screen reader says for it."""
    shape = paragraph.add_run().add_picture(io.BytesIO(png), width=Mm(width_mm))
    shape._inline.docPr.set("descr", text)


def finish(made: Doc, *, title: str, author: str, on: date, language: str) -> bytes:
    """Give the bytes of the document, the same for the same content: its dates are those of the data."""
    moment = datetime(on.year, on.month, on.day, 23, 59, 59)  # noqa: DTZ001 - Word keeps no zone
    core = made.core_properties
    core.title, core.author, core.language = title, author, language
    core.last_modified_by, core.comments = author, ""
    core.created = core.modified = moment
    core.revision = 1
    page = io.BytesIO()
    made.save(page)
    return _same_bytes(page.getvalue(), on)


def _same_bytes(packed: bytes, on: date) -> bytes:
    """Pack again with the date of the data, for the packer writes the clock."""
    moment = (on.year, on.month, on.day, 23, 59, 58)
    page = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(packed)) as old,
        zipfile.ZipFile(page, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            part = zipfile.ZipInfo(name, moment)
            part.compress_type = zipfile.ZIP_DEFLATED
            part.external_attr = 0o600 << 16
            new.writestr(part, old.read(name))
    return page.getvalue()
