"""Help in a terminal: lines are filled by the columns that letters take there, two for a Chinese one."""

import re
import unicodedata
from collections.abc import Iterable

import click
from click.formatting import measure_table

_PIECES = re.compile(
    r"\s+|[\u2e80-\uffef][，。；：、）”！？]*|[^\s\u2e80-\uffef]+[，。；：、）”！？]*"
)
"""What a line is not broken within: a Latin word, or a Chinese letter and the marks that close it."""


def columns(text: str) -> int:
    """Give the columns a text takes in a terminal.

    >>> columns("R = 早")
    6
    """
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def filled(text: str, width: int) -> list[str]:
    """Give the lines of a text, none wider than ``width`` columns unless one word is.

    >>> filled("结果表（.csv 或 .parquet）。Result table.", 16)
    ['结果表（.csv 或', '.parquet）。', 'Result table.']
    """
    lines = [""]
    for piece in _PIECES.findall(" ".join(text.split())):
        if columns(lines[-1] + piece.rstrip()) > width and lines[-1]:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]


class WideFormatter(click.HelpFormatter):
    """Write help as click does, in lines that fit the terminal in Chinese too."""

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        width = max(self.width - self.current_indent, 11)
        paragraphs = text.split("\n\n")
        super().write_text("\n\n".join(_kept(filled(one, width)) for one in paragraphs))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write options or commands, each with its help."""
        rows = list(rows)
        first = min(measure_table(rows)[0], col_max) + col_spacing
        width = max(self.width - first - self.current_indent, 10)
        kept = [(name, _kept(filled(told, width))) for name, told in rows]
        super().write_dl(kept, col_max, col_spacing)


def _kept(lines: list[str]) -> str:
    """Mark lines as filled, as click asks for it."""
    return "\n".join(["\b", *lines])
