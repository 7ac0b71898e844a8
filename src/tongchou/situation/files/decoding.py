"""From bytes to text: which encoding a file is in, and which character parts its columns."""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from tongchou.situation.files.limits import Unreadable
from tongchou.vocabulary.text import Text

SEPARATORS = (",", "\t", ";", "|", "，", "；")
"""Characters that part columns; the last two are what a Chinese input method types."""
SAMPLE_LINES = 50


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, and the encoding it was in."""

    text: str
    encoding: str


def decode(data: bytes) -> Decoded:
    """Give the text of a file and its encoding, found from the bytes themselves.

    A byte order mark decides; then UTF-16 without a mark, known by its zero bytes; then UTF-8,
    which other text hardly ever is by chance; then GB18030, which holds all of GBK and GB2312.

    >>> decode("姓名".encode("gb18030"))
    Decoded(text='姓名', encoding='GB18030')

    Raises
    ------
    Unreadable
        If it is text in none of them.
    """
    for mark, codec, name in (
        (codecs.BOM_UTF8, "utf-8-sig", "UTF-8-BOM"),
        (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
        (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
    ):
        if data.startswith(mark):
            return Decoded(_strict(data, codec, name), name)
    if bare := _bare_utf16(data):
        return Decoded(_strict(data, bare, "UTF-16"), "UTF-16")
    for codec, name in (("utf-8", "UTF-8"), ("gb18030", "GB18030")):
        try:
            return Decoded(_without_nul(data.decode(codec)), name)
        except UnicodeDecodeError:
            continue
    raise _not_text()


def _bare_utf16(data: bytes) -> str | None:
    """Give the byte order of UTF-16 without a mark: ASCII separators leave a zero in every pair."""
    head = data[:4000]
    if len(head) < 4:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    pairs = len(head) // 2
    if odd > pairs * 0.05 and even == 0:
        return "utf-16-le"
    if even > pairs * 0.05 and odd == 0:
        return "utf-16-be"
    return None


def _strict(data: bytes, codec: str, name: str) -> str:
    try:
        return _without_nul(data.decode(codec))
    except UnicodeDecodeError as fault:
        raise Unreadable(
            "encoding",
            Text(
                zh=f"文件标明为 {name}，但第 {fault.start:,} 字节处不是 {name} 文字，可能已损坏。请从原系统重新导出。",
                en=f"The file says that it is {name}, but byte {fault.start:,} is not {name} text; it may be damaged. Export it again from where it came.",
            ),
        ) from fault


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise _not_text()
    return text


def _not_text() -> Unreadable:
    return Unreadable(
        "not text",
        Text(
            zh="文件不是 UTF-8、GB18030 或 UTF-16 的文本，也不是 xlsx/xls 工作簿。请在表格软件中另存为 CSV UTF-8 或 xlsx 后再试。",
            en="The file is not text in UTF-8, GB18030 or UTF-16, nor an xlsx or xls workbook. Save it from your spreadsheet as CSV UTF-8 or xlsx and try again.",
        ),
    )


def separator(text: str) -> str:
    r"""Give the character that parts the columns of a text.

    The one that gives the first lines the same number of columns, and the most of them; the header
    decides where lines differ. A text of one column has none, and a comma is given.

    >>> separator("姓名；性别；年龄\n甲；男；3"), separator("a\tb, c\n1\t2")
    ('；', '\t')
    """

    def even(mark: str) -> tuple[int, int]:
        widths = [len(row) for row in _some_rows(text, mark)]
        if not widths or max(widths) < 2:
            return 0, 0
        usual = max(set(widths), key=widths.count)
        return (widths.count(usual) * (usual > 1), usual)

    best = max(SEPARATORS, key=lambda mark: (*even(mark), -SEPARATORS.index(mark)))
    return best if even(best)[0] else ","


def _some_rows(text: str, mark: str) -> Iterator[list[str]]:
    rows = csv.reader(io.StringIO(text[:20_000], newline=""), delimiter=mark)
    try:
        for _, row in zip(range(SAMPLE_LINES), rows, strict=False):
            if row:
                yield row
    except csv.Error:
        return


def rows_of(text: str, mark: str) -> Iterator[list[str]]:
    """Give the rows of a text, quotes and line breaks inside cells understood.

    Raises
    ------
    Unreadable
        If a quotation is never closed, or a cell is far too long.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=False)
    try:
        yield from reader
    except csv.Error as fault:
        raise Unreadable(
            "quotes",
            Text(
                zh=f"第 {reader.line_num:,} 行附近的引号没有配对或单元格过长，无法分列。请改正后再试。",
                en=f"Near line {reader.line_num:,} a quotation mark is not closed or a cell is far too long, so columns cannot be told apart. Correct it and try again.",
            ),
        ) from fault
