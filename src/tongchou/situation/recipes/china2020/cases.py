"""Cumulative case counts: prefecture-level units from the city rows, provinces and the nation.

Everything particular to the source (a lag of one day, a day repeated, pseudo-codes) is a row of
the corrections table; the code below only knows the actions, not the dates.
"""

from datetime import date

import polars as pl

from tongchou.situation.contract import contract

VALUES = ("confirmed", "recovered", "deaths")
PREFECTURE_LEVELS = ("prefecture", "province_direct_county")


def prefecture_counts(city_rows: pl.DataFrame, corrections: pl.DataFrame) -> pl.DataFrame:
    """Give the counts of prefecture-level units on the nights their rows speak of.

    Only rows that the source has are given; the reader carries the last one forward. Where a
    second code counts towards a unit, the unit's value is the sum of both, each carried forward.

    Parameters
    ----------
    city_rows
        ``cases_city_daily.csv`` as received, with ``row`` numbers.
    corrections
        The corrections table; rows of ``case_counts`` with ``shift_day``, ``drop_day`` and
        ``merge_place`` are applied.
    """
    known = corrections.filter(pl.col("table") == "case_counts")
    rows = city_rows.filter(pl.col("level").is_in(PREFECTURE_LEVELS)).select(
        place="adcode",
        date=pl.col("date").str.to_date(),
        **{v: pl.col(v).cast(pl.Int64) for v in VALUES},
        source_row=pl.format("cases_city_daily.csv:{}", "row"),
    )
    rows = _shifted(_without_dropped(rows, known), known)
    return _merged(rows, known)


def province_counts(province_rows: pl.DataFrame) -> pl.DataFrame:
    """Give the totals of provinces, municipalities and regions as the source states them.

    The number of suspected is not taken over: the source writes 0 both for none and for unknown.
    """
    return province_rows.select(
        place="province_adcode",
        date=pl.col("date").str.to_date(),
        **{v: pl.col(v).cast(pl.Int64) for v in VALUES},
        source_row=pl.format("cases_province_daily.csv:{}", "row"),
    )


def nation_counts(
    provinces: pl.DataFrame, national_rows: pl.DataFrame, nation: str, counted: set[str]
) -> pl.DataFrame:
    """Give the nation as the sum over its counted provinces, each carried forward.

    The source's own national row also includes Hong Kong, Macao and Taiwan, so only its number of
    suspected, which the national bulletin gave for the mainland, is taken over (from 20 January
    2020, the first day it is above zero).
    """
    days = provinces.select(pl.date_range(pl.col("date").min(), pl.col("date").max()))
    parts = provinces.filter(pl.col("place").is_in(counted))
    total = (
        _carried(parts, days, "place")
        .group_by("date")
        .agg(*[pl.col(v).sum() for v in VALUES])
        .sort("date")
    )
    suspected = national_rows.select(
        date=pl.col("date").str.to_date(), suspected=pl.col("suspected").cast(pl.Int64)
    )
    first = suspected.filter(pl.col("suspected") > 0)["date"].min()
    return total.join(suspected, on="date", how="left").with_columns(
        pl.lit(nation).alias("place"),
        pl.when(pl.col("date") >= first).then(pl.col("suspected")).alias("suspected"),
        pl.format("cases_province_daily.csv: sum of {} provinces", pl.lit(len(counted))).alias(
            "source_row"
        ),
    )


def case_counts(
    city_rows: pl.DataFrame,
    province_rows: pl.DataFrame,
    national_rows: pl.DataFrame,
    corrections: pl.DataFrame,
    nation: str,
    counted: set[str],
) -> pl.DataFrame:
    """Give the whole table ``case_counts``; a row is known on the night it speaks of."""
    provinces = province_counts(province_rows)
    frame = pl.concat(
        [
            nation_counts(provinces, national_rows, nation, counted),
            provinces,
            prefecture_counts(city_rows, corrections),
        ],
        how="diagonal",
    ).with_columns(known_on="date", imported=pl.lit(None, dtype=pl.Int64))
    return frame.select(list(contract("case_counts").schema)).sort("place", "date")


def carried_panel(counts: pl.DataFrame, first: date, last: date) -> pl.DataFrame:
    """Give counts on a full grid of places and days, the last row carried forward, zero before."""
    days = counts.select(pl.date_range(pl.col("date").min(), last))
    return _carried(counts, days, "place").filter(pl.col("date") >= first)


def _shifted(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    for row in known.filter(pl.col("action") == "shift_day").iter_rows(named=True):
        moved = pl.col("date") + pl.duration(days=int(row["value"]))
        rows = rows.with_columns(
            pl.when(pl.col("date") >= row["date"]).then(moved).otherwise("date").alias("date")
        )
    return rows


def _without_dropped(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    dropped = known.filter(pl.col("action") == "drop_day")["date"]
    return rows.filter(~pl.col("date").is_in(dropped.implode()))


def _merged(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    merges = known.filter(pl.col("action") == "merge_place")
    into = dict(zip(merges["place"], merges["value"], strict=True))
    both = rows.filter(pl.col("place").is_in([*into, *into.values()]))
    if both.is_empty():
        return rows
    days = both.select(pl.col("date").unique())
    summed = (
        _carried(both, days, "place")
        .with_columns(pl.col("place").replace(into))
        .group_by("place", "date", maintain_order=True)
        .agg(
            *[pl.col(v).sum() for v in VALUES],
            pl.col("source_row").drop_nulls().str.join(" + "),
        )
        .filter(pl.col("source_row") != "")
    )
    alone = rows.filter(~pl.col("place").is_in([*into, *into.values()]))
    return pl.concat([alone, summed.select(alone.columns)])


def _carried(rows: pl.DataFrame, days: pl.DataFrame, key: str) -> pl.DataFrame:
    grid = rows.select(pl.col(key).unique(maintain_order=True)).join(days, how="cross")
    return (
        grid.join(rows, on=[key, "date"], how="left")
        .sort(key, "date")
        .with_columns(
            *[pl.col(v).forward_fill().over(key).fill_null(0).alias(v) for v in VALUES],
        )
    )
