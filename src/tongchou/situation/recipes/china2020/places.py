"""Places: the gazetteer's codes with the census, health staff and gross product."""

from collections.abc import Iterable

import polars as pl

from tongchou.situation.contract import contract
from tongchou.vocabulary.fact_table import assumption
from tongchou.vocabulary.places import Gazetteer

CNY_IN_10K = 10_000


def places(
    gazetteer: Gazetteer, census: pl.DataFrame | None, city_facts: pl.DataFrame | None
) -> pl.DataFrame:
    """Give every place of the gazetteer with what the received files say of it.

    Population is the census figure of the received file, or of the packaged gazetteer where the
    file is absent or silent. Health staff is ten times the long-form sample of people employed in
    health and social work; gross product is that of 2017.
    """
    frame = pl.DataFrame(list(_rows(gazetteer)), schema=contract("places").schema)
    for facts in (_census(census), _gross_product(city_facts)):
        frame = frame.update(facts, on="place", how="left")
    return frame


def _rows(gazetteer: Gazetteer) -> Iterable[dict[str, object]]:
    for level in gazetteer.levels:
        for place in gazetteer.units(level):
            yield {
                "place": place.code,
                "level": place.level,
                "name_zh": place.name.zh,
                "name_en": place.name.en,
                "parent": place.parent,
                "population": place.population,
                "longitude": place.longitude,
                "latitude": place.latitude,
            }


def _census(census: pl.DataFrame | None) -> pl.DataFrame:
    schema = {
        "place": pl.String,
        "population": pl.Int64,
        "households": pl.Int64,
        "health_staff": pl.Float64,
    }
    if census is None:
        return pl.DataFrame(schema=schema)
    country = pl.col("level") == "country"
    municipality = pl.col("adcode").str.contains(r"^(11|12|31|50)0[12]00$")
    return census.filter(
        (country | pl.col("adcode").is_not_null()) & ~municipality.fill_null(False)
    ).select(
        place=pl.when(country).then(pl.lit("100000")).otherwise("adcode"),
        population=pl.col("population").cast(pl.Int64),
        households=pl.col("households").cast(pl.Float64).cast(pl.Int64),
        health_staff=pl.col("emp10pct_health_social_work").cast(pl.Float64)
        * assumption("china2020", "long_form_factor"),
    )


def _gross_product(city_facts: pl.DataFrame | None) -> pl.DataFrame:
    if city_facts is None:
        return pl.DataFrame(schema={"place": pl.String, "gross_product": pl.Float64})
    return city_facts.select(
        place="adcode", gross_product=pl.col("gdp_2017_10k_cny").cast(pl.Float64) * CNY_IN_10K
    ).drop_nulls()
