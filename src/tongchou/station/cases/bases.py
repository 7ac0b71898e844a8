"""Legal bases of quarantine and watch: a table, so that the sheet handed over says them in both languages."""

import csv
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from tongchou import reference
from tongchou.vocabulary.text import Text, same


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with reference.path("station/legal_bases.csv").open(encoding="utf-8", newline="") as handle:
        return tuple(csv.DictReader(handle))


@cache
def bases(purpose: str) -> Mapping[str, Text]:
    """Give the bases that may be chosen for ``quarantine`` or ``arrival``.

    >>> list(bases("arrival"))
    ['notice1', 'law42']
    """
    return MappingProxyType(
        {r["key"]: Text(zh=r["zh"], en=r["en"]) for r in _rows() if purpose in r["for"].split("|")}
    )


def basis_text(key: str) -> Text:
    """Give a basis in words; one that came from elsewhere stands as it was written."""
    found = next((r for r in _rows() if r["key"] == key), None)
    return Text(zh=found["zh"], en=found["en"]) if found else same(key)
