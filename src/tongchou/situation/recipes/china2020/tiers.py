"""Published county tiers of Hubei: what the province said, to hold a rule against."""

import polars as pl

from tongchou.vocabulary.places import Gazetteer

NAME = "published_tiers"


def published_tiers(gazetteer: Gazetteer, received: pl.DataFrame) -> pl.DataFrame:
    """Give the published tiers: place, date (24:00), tier, unit, whether named in the source.

    ``unit`` is ``county``, or ``city_core`` where the districts of a city were one unit and the
    place is the city. ``named`` is false where the tier is the remainder of a list.
    """
    now = {
        c: c if c in gazetteer else gazetteer.resolve(c).code for c in received["adcode"].unique()
    }
    return received.select(
        place=pl.col("adcode").replace(now),
        date=pl.col("as_of_24h").str.to_date(),
        tier="risk",
        unit="unit",
        named=pl.col("named_in_source") == "1",
        source="source",
    ).sort("date", "place")
