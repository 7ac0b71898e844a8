"""A backlog goes back to the days it belongs to; nothing is lost and nobody else changes."""

from datetime import date

import numpy as np
import polars as pl
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from tongchou.situation.corrections import ACTIONS, SCHEMA, known_at, spread_backlog
from tongchou.situation.recipes.china2020.tables import corrections

ANCESTORS = {
    "420000": ("100000",),
    "420100": ("420000", "100000"),
    "420200": ("420000", "100000"),
    "430000": ("100000",),
}


def daily(**counts: list[float]) -> xr.DataArray:
    """Make daily new counts from 1 February 2020, one row a place (``p420000=…``)."""
    days = np.array(["2020-02-01"], dtype="datetime64[ns]") + np.arange(
        len(next(iter(counts.values())))
    ) * np.timedelta64(1, "D")
    return xr.DataArray(
        np.array(list(counts.values()), dtype=float),
        dims=("place", "date"),
        coords={"place": [k.removeprefix("p") for k in counts], "date": days},
        attrs={"units": "persons per day"},
    )


def backlog(
    place: str, day: int, value: int, window: int, column: str = "confirmed"
) -> pl.DataFrame:
    """Make a table with one backlog of a day in February."""
    row = {
        "correction_id": "C1",
        "table": "case_counts",
        "place": place,
        "date": date(2020, 2, day),
        "column": column,
        "action": "backlog",
        "value": str(value),
        "window_days": window,
        "known_on": date(2020, 2, day),
    }
    return pl.DataFrame([row], schema=SCHEMA)


def test_a_backlog_is_spread_in_proportion_by_hand():
    """30 of the 40 go back over two days that had 1 and 2: 10 and 20 more."""
    new = daily(p420000=[5, 1, 2, 40, 3])
    spread = spread_backlog(new, backlog("420000", 4, 30, 2), ANCESTORS)
    assert spread.sel(place="420000").to_numpy().tolist() == [5, 11, 22, 10, 3]
    assert new.sel(place="420000").to_numpy().tolist() == [5, 1, 2, 40, 3]
    assert spread.attrs == new.attrs


def test_days_without_cases_share_evenly():
    spread = spread_backlog(daily(p420000=[0, 0, 40]), backlog("420000", 3, 30, 2), ANCESTORS)
    assert spread.sel(place="420000").to_numpy().tolist() == [15, 15, 10]


def test_cities_carry_their_share_the_nation_the_whole_and_others_nothing():
    new = daily(
        p100000=[10, 14, 60],
        p420000=[5, 5, 40],
        p420100=[4, 4, 30],
        p420200=[1, 1, 10],
        p430000=[5, 9, 20],
    )
    spread = spread_backlog(new, backlog("420000", 3, 20, 2), ANCESTORS)
    last = spread.isel(date=-1)
    assert float(last.sel(place="420000")) == 20
    assert float(last.sel(place="420100")) == 15
    assert float(last.sel(place="420200")) == 5
    assert float(last.sel(place="100000")) == 40
    np.testing.assert_array_equal(spread.sel(place="430000"), new.sel(place="430000"))


def test_a_backlog_of_deaths_does_not_touch_the_cases():
    new = daily(p420000=[5, 5, 40])
    table = backlog("420000", 3, 20, 2, column="deaths")
    assert spread_backlog(new, table, ANCESTORS).identical(new)
    assert float(spread_backlog(new, table, ANCESTORS, "deaths").isel(date=-1).squeeze()) == 20


@pytest.mark.parametrize("day", [1, 28])
def test_a_backlog_without_days_before_it_or_outside_the_series_changes_nothing(day):
    new = daily(p420000=[5, 5, 40])
    xr.testing.assert_equal(spread_backlog(new, backlog("420000", day, 20, 2), ANCESTORS), new)


@settings(deadline=None)
@given(
    st.lists(st.lists(st.integers(-20, 500), min_size=8, max_size=8), min_size=3, max_size=3),
    st.integers(1, 8),
    st.integers(0, 2_000),
    st.integers(1, 10),
)
def test_totals_of_every_place_stay(counts, day, value, window):
    new = daily(p420000=counts[0], p420100=counts[1], p430000=counts[2])
    spread = spread_backlog(new, backlog("420000", day, value, window), ANCESTORS)
    # sums of at most 8 numbers below 10^4: rounding stays far below a person
    np.testing.assert_allclose(spread.sum("date"), new.sum("date"), atol=1e-6)
    np.testing.assert_array_equal(
        spread.isel(date=slice(day, None)), new.isel(date=slice(day, None))
    )


def test_the_corrections_of_the_real_pack_say_everything_a_reader_needs():
    table = corrections()
    assert set(table["action"]) <= set(ACTIONS)
    assert table["correction_id"].is_unique().all()
    wanted = ("reason_zh", "reason_en", "source", "confidence", "known_on", "date")
    assert table.select(wanted).null_count().sum_horizontal().item() == 0
    assert (table["known_on"] >= table["date"]).all()
    backlogs = table.filter(pl.col("action") == "backlog")
    assert (
        backlogs.select("value", "window_days", "column").null_count().sum_horizontal().item() == 0
    )


def test_a_correction_is_not_known_before_its_day():
    table = corrections()
    assert "C06" not in known_at(table, date(2020, 2, 11))["correction_id"]
    assert "C06" in known_at(table, date(2020, 2, 12))["correction_id"]
