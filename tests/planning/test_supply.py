from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from tongchou.planning.chance import chance_by_day
from tongchou.planning.supply import below_floor, days_of_supply, hospital_days, stock_out
from tongchou.vocabulary.errors import BadInput, BadParameter

CUT = date(2020, 2, 22)


def stocks(*rows: tuple[str, str, date, float, float | None]) -> pl.DataFrame:
    schema = {
        "facility_id": pl.Utf8,
        "item": pl.Utf8,
        "date": pl.Date,
        "quantity": pl.Float64,
        "daily_use": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(place=pl.lit("420100"))


def shipments(*rows: tuple[str, str, float, date | None, date | None, str | None]) -> pl.DataFrame:
    schema = {
        "item": pl.Utf8,
        "destination": pl.Utf8,
        "quantity": pl.Float64,
        "due_on": pl.Date,
        "arrived_on": pl.Date,
        "blocked_at": pl.Utf8,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def load(paths: list[list[float]], levels: list[float]) -> xr.DataArray:
    """Give patients relative to today in Wuhan, one list of days for each quantile."""
    days = [np.datetime64(CUT + timedelta(d + 1), "ns") for d in range(len(paths[0]))]
    return xr.DataArray(
        np.array(paths).T[None],
        coords={"place": ["420100"], "date": days, "quantile": levels},
        dims=("place", "date", "quantile"),
    )


FLAT = load([[1.0] * 14], [0.5])


def test_the_newest_row_of_a_stock_counts_and_a_stock_without_use_has_no_days() -> None:
    rows = stocks(
        ("H1", "gloves", date(2020, 2, 20), 900, 100),
        ("H1", "gloves", date(2020, 2, 22), 500, 200),
        ("H2", "gloves", CUT, 500, 0),
        ("H3", "gloves", CUT, 500, None),
    )
    assert days_of_supply(rows, shipments(), CUT)["days"].to_list() == [2.5, None, None]


def test_only_shipments_that_can_be_relied_upon_count_as_on_the_way() -> None:
    moving = shipments(
        ("gloves", "H1", 10, date(2020, 2, 23), None, None),
        ("gloves", "H1", 20, date(2020, 2, 25), None, None),
        ("gloves", "H1", 40, date(2020, 2, 22), None, None),  # overdue
        ("gloves", "H1", 80, date(2020, 2, 24), None, "421100"),  # held up
        ("gloves", "H1", 160, date(2020, 2, 21), date(2020, 2, 21), None),  # already in stock
    )
    row = days_of_supply(stocks(("H1", "gloves", CUT, 5, 1)), moving, CUT).row(0, named=True)
    assert (row["in_transit"], row["next_due"], row["held_up"]) == (30, date(2020, 2, 23), 120)


def test_a_stock_runs_out_on_the_day_its_use_exceeds_it() -> None:
    # 500 pieces at 100 a day last through the fifth day; the sixth, 28 February, is short.
    supply = days_of_supply(stocks(("H1", "gloves", CUT, 500, 100)), shipments(), CUT)
    row = stock_out(supply, shipments(), FLAT, CUT).row(0, named=True)
    assert (row["early"], row["on"], row["late"]) == (date(2020, 2, 28),) * 3
    assert row["probability"] == 1.0


def test_an_arrival_in_time_moves_the_day_and_one_held_up_does_not() -> None:
    stock = stocks(("H1", "gloves", CUT, 500, 100))
    for blocked, expected in ((None, date(2020, 3, 1)), ("421100", date(2020, 2, 28))):
        moving = shipments(("gloves", "H1", 200, date(2020, 2, 27), None, blocked))
        supply = days_of_supply(stock, moving, CUT)
        assert stock_out(supply, moving, FLAT, CUT)["on"].to_list() == [expected]


def test_more_patients_bring_the_day_forward_and_give_it_a_range() -> None:
    # Low path: use as today, 10 days. High path: doubled, 5 days, so the 6th is short.
    paths = load([[1.0] * 14, [1.25] * 14, [2.0] * 14], [0.025, 0.5, 0.975])
    supply = days_of_supply(stocks(("H1", "gloves", CUT, 1000, 100)), shipments(), CUT)
    row = stock_out(supply, shipments(), paths, CUT).row(0, named=True)
    assert row["on"] == CUT + timedelta(9)  # 1000 / 125 = 8 days, the 9th is short
    assert CUT + timedelta(6) <= row["early"] < row["on"] < row["late"] <= CUT + timedelta(11)


def test_a_stock_without_a_forecast_is_refused_by_name() -> None:
    other = stocks(("H1", "gloves", CUT, 5, 1)).with_columns(place=pl.lit("420200"))
    supply = days_of_supply(other, shipments(), CUT)
    with pytest.raises(BadInput, match="420200"):
        stock_out(supply, shipments(), FLAT, CUT)


def test_a_forecast_must_start_the_day_after_the_cut_off() -> None:
    supply = days_of_supply(stocks(("H1", "gloves", CUT, 5, 1)), shipments(), CUT)
    with pytest.raises(BadParameter, match="day after"):
        stock_out(supply, shipments(), FLAT, CUT - timedelta(1))


def test_the_tenth_percentile_is_over_hospitals_that_use_the_item() -> None:
    # Days 1 … 11: by straight-line interpolation the 10th percentile is 2.
    rows = stocks(*[(f"H{d:02}", "gloves", CUT, float(d), 1.0) for d in range(1, 12)])
    depot = stocks(("D1", "gloves", CUT, 0.1, 1.0))
    kinds = pl.DataFrame(
        {
            "facility_id": [f"H{d:02}" for d in range(1, 12)] + ["D1"],
            "kind": ["designated"] * 11 + ["depot"],
        }
    )
    row = hospital_days(days_of_supply(pl.concat([rows, depot]), shipments(), CUT), kinds)
    assert row.select("hospitals", "percentile_days", "median_days", "lowest_days").row(0) == (
        11,
        pytest.approx(2.0),
        6.0,
        1.0,
    )


def test_a_ward_below_its_floor_is_listed_with_the_pieces_it_lacks() -> None:
    # The packaged floor is three days: 250 pieces at 100 a day lack 50.
    rows = stocks(("H1", "n95_mask", CUT, 250, 100), ("H2", "n95_mask", CUT, 300, 100))
    found = below_floor(days_of_supply(rows, shipments(), CUT))
    assert found.select("facility_id", "lacking").rows() == [("H1", 50)]


@given(
    stock=st.integers(0, 2000),
    more=st.integers(0, 500),
    growth=st.lists(st.floats(0.2, 3.0), min_size=14, max_size=14),
)
def test_more_stock_never_runs_out_sooner(stock: int, more: int, growth: list[float]) -> None:
    def day(quantity: int) -> date:
        supply = days_of_supply(stocks(("H1", "gloves", CUT, quantity, 100)), shipments(), CUT)
        found = stock_out(supply, shipments(), load([growth], [0.5]), CUT)["on"][0]
        return found or date.max

    assert day(stock + more) >= day(stock)


def test_the_chance_of_quantile_paths_agrees_with_the_draws_they_summarise() -> None:
    rng = np.random.default_rng(20200222)
    draws = rng.normal(0.3, 1.0, size=(4, 20_000))[:, None, :]
    levels = np.linspace(0.01, 0.99, 99)
    paths = np.moveaxis(np.quantile(draws, levels, axis=-1), 0, -1)
    # 99 levels one per cent apart: reading between two of them errs by less than one per cent.
    np.testing.assert_allclose(chance_by_day(paths, levels), chance_by_day(draws, None), atol=0.01)
