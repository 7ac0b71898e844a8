"""The register of legal bases: which there are, and on which day they hold."""

from collections.abc import Mapping
from datetime import date
from functools import cache

from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.text import Text


@cache
def _register() -> Mapping[str, Mapping[str, str | None]]:
    rows = packaged("tiering/legal_bases").iter_rows(named=True)
    return {
        row["basis"]: {k: None if v is None else str(v) for k, v in row.items()} for row in rows
    }


def basis_valid(basis: str | None, today: date) -> bool:
    """Say whether a legal basis is in the register and valid on a day."""
    row = _register().get(basis or "")
    if row is None:
        return False
    issued, ends = row["issued"], row["valid_to"]
    return str(issued) <= today.isoformat() and (ends is None or ends >= today.isoformat())


def basis_name(basis: str) -> Text:
    """Give the title of a legal basis."""
    row = _register().get(basis)
    return Text(zh="无", en="none") if row is None else Text(zh=str(row["zh"]), en=str(row["en"]))
