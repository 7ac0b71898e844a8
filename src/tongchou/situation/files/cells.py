"""What a single cell says: nothing, yes, no, or a number that a spreadsheet has rounded."""

import re
import unicodedata

ROUNDED = re.compile(r"^[+-]?\d(?:\.\d+)?[Ee]\+(1[1-9]|[2-9]\d)$")
"""A long number as a spreadsheet shows it after rounding it."""
BLANKS = frozenset({"", "-", "--", "—", "/", "无", "N/A", "n/a", "NULL", "null", "None", "#N/A"})
"""Cells that say nothing, in fields that are not free text."""
YES = frozenset({"是", "有", "yes", "y", "true", "1", "√", "✓", "对"})
NO = frozenset({"否", "无", "没有", "no", "n", "false", "0", "×", "✗", "不是"})


def choice_word(word: str) -> str:
    """Give a word of a choice as it is compared: no case, no width, no blanks.

    >>> choice_word("Ｍale "), choice_word("临床 诊断")
    ('male', '临床诊断')
    """
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", word)).casefold()
