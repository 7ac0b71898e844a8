"""The way back from a number to its formula and its rows."""

from collections.abc import Iterable

import polars as pl

from tongchou.morning.order import Evidence
from tongchou.morning.picture import Picture
from tongchou.morning.terms import term
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.parameter import Parameter
from tongchou.vocabulary.text import Text, same

SHOWN = 60
"""Rows of a series carried with a number; all of them are in the data pack."""


def evidence(
    id: str,
    title: Text,
    method: str,
    formula: Text,
    rows: pl.DataFrame,
    *,
    parameters: Iterable[Parameter] = (),
    notes: Iterable[Text] = (),
    total_rows: int | None = None,
) -> Evidence:
    """Give the evidence of a number; only the last rows are carried, and it says how many there were."""
    return Evidence(
        id=id,
        title=title,
        method=method,
        formula=formula,
        rows=rows.tail(SHOWN),
        total_rows=rows.height if total_rows is None else total_rows,
        parameters=tuple(parameter_line(p) for p in parameters),
        notes=tuple(notes),
    )


def no_data(missing: MissingData) -> Text:
    """Say which table, or which column of it, is not there."""
    what = missing.table if missing.column is None else f"{missing.table}.{missing.column}"
    return Text(zh=f"无数据：表 {what}", en=f"no data: table {what}")


def parameter_line(row: Parameter) -> tuple[Text, Text, Text]:
    """Give a parameter as (name, value with range and unit, source or who may change it)."""
    low, high = row.low, row.high
    bounds = (
        Text(zh="", en="")
        if low is None or high is None
        else Text(zh=f"（{low:g}～{high:g}）", en=f" ({low:g} to {high:g})")
    )
    value = Text(zh="{v}{b} {u}", en="{v}{b} {u}").fill(
        v=f"{row.value:g}", b=bounds, u=term(row.unit)
    )
    source = same(row.source if not row.doi else f"{row.source}, doi {row.doi}")
    if row.is_assumption:
        source = Text(zh="假设，可由{w}修改", en="assumption; may be changed by the {w}").fill(
            w=row.may_change
        )
    name = Text(zh="{l}（{p}）", en="{l} ({p})").fill(l=row.label, p=row.population)
    return name, value, source


def count_rows(picture: Picture, place: str, days: int = 28) -> pl.DataFrame:
    """Give the received count rows of a place, and what was made of each day.

    Returns
    -------
    DataFrame
        table, place, date, confirmed, recovered, deaths, known_on, source_row (of received rows; blank
        where the day had none), new, analytic.
    """
    series = pl.DataFrame(
        {
            "date": picture.counts["date"].values.astype("datetime64[ms]"),
            "new": picture.new.sel(place=place).values,
            "analytic": picture.analytic.sel(place=place).values,
        }
    ).with_columns(pl.col("date").cast(pl.Date))
    received = (
        picture.situation.table("case_counts")
        .filter(pl.col("place") == place)
        .select("date", "confirmed", "recovered", "deaths", "known_on", "source_row")
    )
    return (
        series.join(received, on="date", how="left")
        .sort("date")
        .tail(days)
        .select(
            pl.lit("case_counts").alias("table"),
            pl.lit(place).alias("place"),
            "date",
            "confirmed",
            "recovered",
            "deaths",
            "new",
            pl.col("analytic").round(1),
            "known_on",
            "source_row",
        )
    )
