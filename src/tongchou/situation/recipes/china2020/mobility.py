"""Movement of people between cities: shares of each day's departures, persons for January."""

from pathlib import Path

import polars as pl

from tongchou.situation.contract import contract
from tongchou.vocabulary.fact_table import assumption
from tongchou.vocabulary.parameter import parameter

SHARE_UNITS = 10_000
"""The file holds hundredths of a per cent."""


def mobility(shares: Path, index: pl.DataFrame | None) -> pl.DataFrame:
    r"""Give daily shares of departures, and persons where the scale index is known.

    .. math:: T_{ij,t} = c \, O_{i,t} \, s_{ij,t}

    with share :math:`s`, scale index of departures :math:`O` and :math:`c` persons for one unit of
    the index (parameter ``persons_per_index_point``, low confidence). The index ends on
    31 January 2020; later days have shares only.
    """
    days = pl.duration(days=int(assumption("china2020", "mobility_known_after")))
    frame = pl.read_parquet(shares).select(
        date=pl.col("date").cast(pl.Date),
        known_on=pl.col("date").cast(pl.Date) + days,
        origin=pl.col("from_adcode").cast(pl.String),
        destination=pl.col("to_adcode").cast(pl.String),
        share=pl.col("share_of_outflow_pct_x100") / SHARE_UNITS,
    )
    return _with_persons(frame, index).select(list(contract("mobility").schema))


def _with_persons(frame: pl.DataFrame, index: pl.DataFrame | None) -> pl.DataFrame:
    if index is None:
        return frame.with_columns(persons=pl.lit(None, dtype=pl.Float64))
    departures = index.select(
        date=pl.col("date").str.to_date(),
        origin="adcode",
        departures=pl.col("out_index").cast(pl.Float64)
        * parameter("persons_per_index_point").value,
    )
    return frame.join(
        departures, on=["date", "origin"], how="left", maintain_order="left"
    ).with_columns(persons=pl.col("share") * pl.col("departures"))
