"""The words by which a value of the data contract is known: ``reference/plain_choices.csv``."""

import csv
from collections.abc import Mapping

from tongchou import reference
from tongchou.situation.contract import Column


def words_of(column: Column) -> Mapping[str, tuple[str, ...]]:
    """Give for each allowed value of a column its words, the Chinese one first.

    >>> from tongchou.situation.contract import contract
    >>> words_of(contract("cases").column("sex"))["female"][:2]
    ('女', 'female')
    """
    with reference.path("plain_choices.csv").open(encoding="utf-8", newline="") as handle:
        rows = [r for r in csv.DictReader(handle) if r["column"] == column.name]
    words = {r["value"]: (r["zh"], r["en"], *filter(None, r["aliases"].split("|"))) for r in rows}
    return {value: words.get(value, (value,)) for value in column.allowed}
