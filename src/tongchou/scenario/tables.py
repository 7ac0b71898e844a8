"""The door to this room's packaged tables, and its named assumptions."""

from functools import cache

import polars as pl

from tongchou import reference
from tongchou.vocabulary.errors import NotFound
from tongchou.vocabulary.text import Text


@cache
def table(name: str) -> pl.DataFrame:
    """Give a packaged table of this room.

    >>> table("measures")["lever"].unique().sort().to_list()
    ['route', 'source']
    """
    return pl.read_csv(reference.path(f"scenario/{name}.csv"), infer_schema_length=None)


def assumption(name: str) -> float:
    """Give the value of a named assumption of this room.

    >>> assumption("decisions_shown")
    12.0
    """
    rows = table("assumptions").filter(pl.col("name") == name)
    if rows.is_empty():
        raise NotFound(
            name,
            near=table("assumptions")["name"].to_list(),
            next_step=Text(
                zh="请在 reference/scenario/assumptions.csv 中查看。",
                en="See reference/scenario/assumptions.csv.",
            ),
        )
    return float(rows["value"][0])
