"""The recipe's own fact tables: corrections and published totals."""

import polars as pl

from tongchou import reference
from tongchou.situation import corrections as corrections_of
from tongchou.situation.pack import PUBLISHED_SCHEMA


def corrections() -> pl.DataFrame:
    """Give the known errors of the received files."""
    return pl.read_csv(reference.path("china2020/corrections.csv"), schema=corrections_of.SCHEMA)


def published_totals() -> pl.DataFrame:
    """Give the totals that the pack must reproduce, beside what was published."""
    return pl.read_csv(reference.path("china2020/published_totals.csv"), schema=PUBLISHED_SCHEMA)
