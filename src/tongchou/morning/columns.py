"""Lines of a plain table in a terminal, where a Chinese character is two columns wide."""

from collections.abc import Sequence
from unicodedata import east_asian_width


def line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Lay out one line; a negative width sets the cell to the left.

    >>> line(["武汉", "1,200"], (-8, 8))
    '武汉       1,200'
    """
    laid = []
    for cell, width in zip(cells, widths, strict=True):
        gap = " " * max(abs(width) - _columns(cell), 1)
        laid.append(cell + gap if width < 0 else gap + cell)
    return "".join(laid).rstrip()


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)
