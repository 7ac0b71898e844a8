"""Where a table begins: the line of its column names, below titles and notes, on one line or two."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tongchou.situation.files.limits import Unreadable
from tongchou.vocabulary.text import Text

LOOKED_AT = 15
_DATA = re.compile(r"^[\d\s.,:/\-+%年月日TEe]+$|^(true|false)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Heading:
    """The names of the columns, and the last line they stand on, counted from 0."""

    names: tuple[str, ...]
    last: int


def find_heading(
    lines: Sequence[Sequence[str]],
    *,
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]] = (),
    header_line: int | None = None,
) -> Heading:
    """Give the column names of a table.

    The first line that fills most of the columns and holds words rather than numbers; a title in a
    merged cell fills one. Where cells of that line are merged across columns and the next line
    names the columns below them, both are read: the lower name counts, the upper where there is
    none, and both where the lower name stands under two of them.

    Parameters
    ----------
    lines
        Lines of the file.
    merged
        Merged ranges, as (row, column) of the first and last cell.
    header_line
        The line that a person named, from 1.
    """
    if header_line is not None:
        top = header_line - 1
        if not 0 <= top < len(lines) or not any(lines[top]):
            raise Unreadable(
                "header line",
                Text(
                    zh=f"第 {header_line} 行没有内容，不能作为列名。请另选一行。",
                    en=f"Line {header_line} is empty and cannot hold the column names. Choose another line.",
                ),
            )
    else:
        top = _first_full(lines)
    across = [
        (left, right)
        for (first, left), (last, right) in merged
        if first <= top <= last and right > left and first == last
    ]
    upper = [c.strip() for c in lines[top]]
    if across and top + 1 < len(lines) and _names_below(lines[top + 1], across):
        return Heading(_distinct(_two_lines(upper, lines[top + 1], across)), top + 1)
    return Heading(_distinct(upper), top)


def _first_full(lines: Sequence[Sequence[str]]) -> int:
    filled = [sum(1 for c in line if c.strip()) for line in lines[:LOOKED_AT]]
    widest = max(filled, default=0)
    for number, many in enumerate(filled):
        cells = [c for c in lines[number] if c.strip()]
        words = sum(1 for c in cells if not _DATA.match(c.strip()))
        if many and many >= 0.6 * widest and words * 2 > many:
            return number
    return next((n for n, many in enumerate(filled) if many), 0)


def _names_below(line: Sequence[str], across: Sequence[tuple[int, int]]) -> bool:
    under = [
        line[p].strip() for left, right in across for p in range(left, right + 1) if p < len(line)
    ]
    return sum(1 for c in under if c and not _DATA.match(c)) * 2 > len(under) > 0


def _two_lines(
    upper: Sequence[str], lower: Sequence[str], across: Sequence[tuple[int, int]]
) -> list[str]:
    width = max(len(upper), len(lower), *(right + 1 for _, right in across))
    top = [*upper, *[""] * (width - len(upper))]
    for left, right in across:
        top[left : right + 1] = [top[left]] * (right + 1 - left)
    low = [c.strip() for c in lower] + [""] * (width - len(lower))
    often = Counter(low)
    return [f"{a} {b}".strip() if often[b] > 1 else b or a for a, b in zip(top, low, strict=True)]


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Tell columns of the same name apart by number.

    >>> _distinct(["电话", "电话", ""])
    ('电话', '电话 (2)', '')
    """
    seen: Counter[str] = Counter()
    distinct = []
    for name in (" ".join(n.split()) for n in names):
        seen[name] += 1
        distinct.append(f"{name} ({seen[name]})" if name and seen[name] > 1 else name)
    return tuple(distinct)


def plain_header(name: str) -> str:
    """Give a column name as it is compared: no width, case, marks, units in brackets or stars.

    >>> plain_header("*姓 名（必填）"), plain_header("Date_of-Onset [yyyy-mm-dd]")
    ('姓名', 'dateofonset')
    """
    word = unicodedata.normalize("NFKC", name).casefold()
    bare = re.sub(r"\([^)]*\)|\[[^\]]*\]|【[^】]*】", "", word)
    kept = "".join(c for c in bare if c.isalnum())
    return kept or "".join(c for c in word if c.isalnum())
