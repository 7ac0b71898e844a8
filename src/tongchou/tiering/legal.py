"""The register of legal bases: which there are, and on which day they hold."""

from datetime import date

import polars as pl

from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.text import Text


def basis_valid(basis: str | None, today: date) -> bool:
    """Say whether a legal basis is in the register and valid on a day."""
    rows = packaged("tiering/legal_bases").filter(pl.col("basis") == (basis or ""))
    if rows.is_empty():
        return False
    row = rows.row(0, named=True)
    issued, ends = row["issued"], row["valid_to"]
    return str(issued) <= today.isoformat() and (ends is None or str(ends) >= today.isoformat())


def basis_name(basis: str) -> Text:
    """Give the title of a legal basis."""
    rows = packaged("tiering/legal_bases").filter(pl.col("basis") == basis)
    if rows.is_empty():
        return Text(zh="无", en="none")
    return Text(zh=rows["zh"][0], en=rows["en"][0])
