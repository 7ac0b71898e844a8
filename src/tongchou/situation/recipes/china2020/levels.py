"""Response levels of provinces: the packaged fact table, filled up by the received file."""

import polars as pl

from tongchou import reference
from tongchou.situation import corrections as corrections_of
from tongchou.situation.contract import contract

_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4}
_FACTS = "tiering/response_levels_2020.csv"
_STEP = ["place", "level", "time"]


def response_levels(received: pl.DataFrame | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the response levels and the notes on dates that two sources give differently.

    For one step of one province (the first, second … time it came to a level) the packaged fact
    table is taken, since it knows the hour; the received file adds the steps that table lacks. A step at 24:00 takes effect on the
    day after. A level is taken to be known on the day it takes effect.
    """
    packaged = _numbered(_packaged())
    other = _numbered(_received(received))
    steps = pl.concat([packaged, other.join(packaged, on=_STEP, how="anti")])
    steps = steps.sort("place", "date").unique(["place", "date"], keep="first", maintain_order=True)
    nothing = [pl.lit(None, dtype=pl.String).alias(c) for c in ("legal_basis", "decided_by")]
    frame = steps.with_columns(
        *nothing, known_on="date", review_on=pl.lit(None, dtype=pl.Date)
    ).select(list(contract("response_levels").schema))
    return frame, _conflicts(packaged, other)


def _packaged() -> pl.DataFrame:
    table = pl.read_csv(reference.path(_FACTS), infer_schema=False).with_row_index("row", offset=1)
    late = pl.col("effective_local").str.ends_with("T24:00")
    return table.select(
        place="area",
        date=pl.col("effective_local").str.slice(0, 10).str.to_date()
        + pl.duration(days=late.cast(pl.Int64)),
        level=pl.col("level").replace_strict(_ROMAN, return_dtype=pl.Int64),
        source_row=pl.format("{}:{} ({}; {})", pl.lit(_FACTS), "row", "source", "confidence"),
    )


def _received(received: pl.DataFrame | None) -> pl.DataFrame:
    if received is None:
        return _packaged().clear()
    return received.select(
        place="province_adcode",
        date=pl.col("date").str.to_date(),
        level=pl.col("level").cast(pl.Int64),
        source_row=pl.format("response_levels_province.csv:{} ({})", "row", "source"),
    )


def _numbered(steps: pl.DataFrame) -> pl.DataFrame:
    """Say for each step whether it is the first, second … time its province came to its level."""
    return steps.sort("place", "date").with_columns(
        pl.int_range(pl.len()).over("place", "level").alias("time")
    )


def _conflicts(packaged: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    both = packaged.join(other, on=_STEP, suffix="_other").filter(
        pl.col("date") != pl.col("date_other")
    )
    day, day_other = pl.col("date").cast(pl.String), pl.col("date_other").cast(pl.String)
    later = pl.max_horizontal("date", "date_other")
    return (
        both.sort("place", "date")
        .select(
            correction_id=pl.format(
                "L{}", pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(2)
            ),
            table=pl.lit("response_levels"),
            place="place",
            date="date",
            column=pl.lit("date"),
            action=pl.lit("note"),
            value=day_other,
            window_days=pl.lit(None, dtype=pl.Int64),
            known_on=later,
            reason_zh=pl.format(
                "{}级生效日期两处来源不同：采用{}，另一来源为{}。", "level", day, day_other
            ),
            reason_en=pl.format(
                "Two sources date level {} differently: {} is taken, the other says {}.",
                "level",
                day,
                day_other,
            ),
            source=pl.format("{}; {}", "source_row", "source_row_other"),
            confidence=pl.lit("medium"),
        )
        .select(list(corrections_of.SCHEMA))
    )
