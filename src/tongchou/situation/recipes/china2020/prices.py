"""Wholesale food prices: national averages, as sparse as the sources are."""

import polars as pl

from tongchou.situation.contract import contract
from tongchou.vocabulary.fact_table import assumption


def prices(facts: pl.DataFrame, nation: str) -> pl.DataFrame:
    """Give one row for each published price, dated by the last day it averages over.

    A daily price is taken to be known the same day, a weekly one after
    ``weekly_price_known_after`` days (assumption).
    """
    delay = pl.when(pl.col("freq") == "week").then(
        int(assumption("china2020", "weekly_price_known_after"))
    )
    last = pl.col("end").str.to_date()
    return (
        facts.select(
            place=pl.lit(nation),
            item="product",
            date=last,
            known_on=last + pl.duration(days=delay.otherwise(0)),
            price=pl.col("price").cast(pl.Float64),
            unit="unit",
            price_year_before=pl.lit(None, dtype=pl.Float64),
            source_row=pl.format("food_prices_facts.csv:{} ({}, {})", "row", "agency", "source"),
        )
        .select(list(contract("prices").schema))
        .sort("item", "date")
    )
