"""Workbooks that unfold into more than they seem: found before the reader opens them.

An xlsx is a zip of XML. A file of a few kilobytes may unpack to gigabytes, put one cell at the far
corner of the sheet so that a dense table fills the memory, or point a million cells at one long
shared text. Each is measured here by reading the parts in pieces.
"""

import io
import re
import zipfile
from collections.abc import Iterator

from tongchou.situation.files.limits import Limits, Unreadable, too_much
from tongchou.vocabulary.text import Text

PIECE = 1 << 20
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]{0,200}?\br="([A-Z]{1,3})(\d{1,7})"')
_SHARED = re.compile(rb'\bt="s"[^>]{0,100}>\s*<(?:\w+:)?v>(\d{1,9})<')
_ITEM = re.compile(rb"<(?:\w+:)?si\b.*?</(?:\w+:)?si>", re.DOTALL)


def epoch_of_checked(data: bytes, limits: Limits) -> int:
    """Give the first year of an xlsx's calendar, 1900 or 1904, once its parts have been measured.

    Raises
    ------
    Unreadable
        If it is no sound xlsx, or holds more than is taken.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            _measure(packed, limits)
            return 1904 if _counts_from_1904(packed) else 1900
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, OSError) as fault:
        raise Unreadable(
            "damaged",
            Text(
                zh="文件的结尾或内容不完整，不是完好的 xlsx 工作簿。请重新另存为 xlsx 后再试。",
                en="The file is cut short or damaged and is not a sound xlsx workbook. Save it as xlsx once more and try again.",
            ),
        ) from fault


def _measure(packed: zipfile.ZipFile, limits: Limits) -> None:
    parts = packed.infolist()
    names = {p.filename for p in parts}
    if "xl/workbook.xml" not in names:
        raise Unreadable(
            "not xlsx",
            Text(
                zh="这是压缩文件，但不是 xlsx 工作簿（ods、xlsb 和 zip 不受理）。请另存为 xlsx 后再试。",
                en="This is a zip but not an xlsx workbook (ods, xlsb and plain zip are not taken). Save it as xlsx and try again.",
            ),
        )
    if len(parts) > limits.packed_files:
        raise too_much(
            Text(zh="内部文件个数", en="inner files"), len(parts), limits.packed_files, _PLAIN
        )
    unpacked = sum(p.file_size for p in parts)
    if unpacked > limits.unpacked_bytes:
        raise too_much(
            Text(zh="解压后的字节数", en="bytes when unpacked"),
            unpacked,
            limits.unpacked_bytes,
            _PLAIN,
        )
    lengths = _shared_lengths(packed) if "xl/sharedStrings.xml" in names else []
    for part in parts:
        if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
            _measure_sheet(packed, part.filename, lengths, limits)


def _measure_sheet(packed: zipfile.ZipFile, name: str, lengths: list[int], limits: Limits) -> None:
    rows = columns = characters = 0
    for piece in _pieces(packed, name):
        for letters, row in _CELL.findall(piece):
            rows = max(rows, int(row))
            columns = max(columns, _column(letters))
        for number in _SHARED.findall(piece):
            if int(number) < len(lengths):
                characters += lengths[int(number)]
    for found, most, what in (
        (rows, limits.rows + 100, Text(zh="行数", en="rows")),
        (columns, limits.columns + 1000, Text(zh="列数", en="columns")),
        (rows * columns, 60_000_000, Text(zh="单元格数", en="cells")),
        (characters, 2 * limits.unpacked_bytes, Text(zh="字数", en="characters")),
    ):
        if found > most:
            raise too_much(what, found, most, _PLAIN)


def _pieces(packed: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """Read a part in pieces cut where a cell ends, so that none is seen twice or missed.

    The size that a part states is true: reading checks it against the sum of the part.
    """
    kept = b""
    with packed.open(name) as part:
        while piece := part.read(PIECE):
            piece = kept + piece
            cut = piece.rfind(b"</")
            cut = len(piece) if cut < 0 or len(piece) - cut > PIECE else cut
            yield piece[:cut]
            kept = piece[cut:]
    yield kept


def _shared_lengths(packed: zipfile.ZipFile) -> list[int]:
    return [len(item) for item in _ITEM.findall(packed.read("xl/sharedStrings.xml"))]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _counts_from_1904(packed: zipfile.ZipFile) -> bool:
    return bool(
        re.search(
            rb'<(?:\w+:)?workbookPr\b[^>]*\bdate1904="(1|true)"', packed.read("xl/workbook.xml")
        )
    )


_PLAIN = Text(
    zh="请把数据复制到新的工作簿，只保留需要的行和列，或分成几个文件。",
    en="Copy the data into a new workbook with only the rows and columns needed, or part it into several files.",
)
