"""The way back from a number to its formula and its rows."""

from collections.abc import Iterable

import polars as pl

from tongchou.morning.order import Evidence
from tongchou.morning.picture import Picture
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.parameter import Parameter
from tongchou.vocabulary.text import Text, estimate

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


def parameter_line(row: Parameter) -> tuple[str, str, str]:
    """Give a parameter as (name, value with range and unit, source)."""
    low_high = "" if row.low is None or row.high is None else f" ({row.low:g}–{row.high:g})"
    source = row.source if not row.doi else f"{row.source}, doi {row.doi}"
    if row.is_assumption:
        source = (
            f"assumption 假设; may be changed by {row.may_change.en} 可由{row.may_change.zh}修改"
        )
    return (
        f"{row.name} ({row.population.en})",
        f"{estimate(row.value)}{low_high} {row.unit}",
        source,
    )


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
