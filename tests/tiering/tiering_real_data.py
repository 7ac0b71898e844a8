"""Readers of the real files for the tests marked ``real``."""

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import xarray as xr


def folder() -> Path:
    named = os.environ.get("TONGCHOU_DATA")
    if named is None:
        pytest.skip("TONGCHOU_DATA names no folder")
    return Path(named) / "china2020"


def prefecture_cube() -> xr.DataArray:
    rows = pl.read_csv(
        folder() / "cases_prefecture_panel.csv", schema_overrides={"adcode": pl.Utf8}
    )
    wide = rows.sort("date").pivot(on="date", index="adcode", values="confirmed")
    return xr.DataArray(
        wide.drop("adcode").to_numpy(),
        dims=("place", "date"),
        coords={
            "place": wide["adcode"].to_list(),
            "date": np.array(wide.columns[1:], dtype="datetime64[ns]"),
        },
        attrs={"units": "persons"},
    )


def hubei_list(day: str) -> pl.DataFrame:
    """Give one published list: place, tier, name.

    From March the urban districts of a city are one unit, the city core, coded like the whole
    prefecture. A core is the whole prefecture only where no county of it is listed beside it.
    """
    rows = pl.read_csv(
        folder() / "risk_levels_hubei_county.csv", schema_overrides={"adcode": pl.Utf8}
    ).filter(pl.col("as_of_24h") == day)
    part = (pl.col("unit") == "city_core") & (pl.len().over(pl.col("adcode").str.slice(0, 4)) > 1)
    return rows.select(
        place=pl.when(part).then(pl.col("adcode") + "-core").otherwise(pl.col("adcode")),
        tier="risk",
        name="name",
    )


def counting_units(places: list[str], cube: xr.DataArray) -> dict[str, str]:
    """Give each listed place the finest unit that has counts: itself or its prefecture."""
    known = set(cube["place"].to_numpy().tolist())
    return {p: p if p in known else f"{p[:4]}00" for p in places}
