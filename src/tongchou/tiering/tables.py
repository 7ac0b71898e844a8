"""The door to this room's packaged tables, and its named settings."""

from functools import cache

import polars as pl

from tongchou import reference
from tongchou.vocabulary.errors import NotFound
from tongchou.vocabulary.text import Text


def table(name: str) -> pl.DataFrame:
    """Give a packaged table of this room; numbers parsed, empty cells null, codes as text.

    >>> table("tiers")["tier"].to_list()
    ['low', 'medium', 'high']
    """
    return _read(name).clone()


@cache
def _read(name: str) -> pl.DataFrame:
    return pl.read_csv(
        reference.path(f"tiering/{name}.csv"),
        infer_schema_length=None,
        schema_overrides={"area": pl.Utf8, "place": pl.Utf8},
    )


def assumption(name: str) -> float:
    """Give the value of a named assumption of this room.

    >>> assumption("reporting_delay_days")
    3.0
    """
    rows = _read("assumptions").filter(pl.col("name") == name)
    if rows.is_empty():
        raise NotFound(
            name,
            near=_read("assumptions")["name"].to_list(),
            next_step=Text(
                zh="请在 reference/tiering/assumptions.csv 中查看。",
                en="See reference/tiering/assumptions.csv.",
            ),
        )
    return float(rows["value"][0])
