from datetime import date

import polars as pl
import pytest

from tongchou.economy.livelihood import (
    late_rows,
    payments_on_time,
    price_alerts,
    staff_load,
    visits_on_time,
)

CUT = date(2020, 3, 10)


def prices(*rows: tuple[str, float, float | None]) -> pl.DataFrame:
    schema = {"item": pl.Utf8, "price": pl.Float64, "price_year_before": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        place=pl.lit("100000"), date=pl.lit(date(2020, 2, 29)), unit=pl.lit("index")
    )


def test_february_2020_starts_the_subsidy_twice_over_and_flags_pork_but_not_vegetables() -> None:
    # NBS, 10 March 2020: CPI +5.2 %, food +21.9 %, pork +135.2 %, vegetables +10.9 %.
    found = price_alerts(
        prices(
            ("cpi", 105.2, 100),
            ("food_cpi", 121.9, 100),
            ("pork", 235.2, 100),
            ("vegetables", 110.9, 100),
        ),
        CUT,
    )
    assert found.select("item", "starts").rows() == [
        ("pork", None),
        ("food_cpi", "price_subsidy"),
        ("cpi", "price_subsidy"),
    ]


@pytest.mark.parametrize(
    ("item", "price", "alert"),
    [
        ("cpi", 103.5, True),
        ("cpi", 103.4, False),
        ("food_cpi", 106, True),
        ("food_cpi", 105.9, False),
    ],
)
def test_the_subsidy_starts_at_the_threshold_itself(item: str, price: float, alert: bool) -> None:
    # 103.5 ÷ 100 − 1 is 0.03499… in floating point, and still 3.5 %.
    assert (len(price_alerts(prices((item, price, 100)), CUT)) == 1) is alert


def test_a_price_without_last_year_s_is_not_judged() -> None:
    assert price_alerts(prices(("pork", 50, None)), CUT).is_empty()


def test_the_newest_price_counts_and_a_later_one_is_not_seen() -> None:
    dear = prices(("pork", 300, 100)).with_columns(date=pl.lit(date(2020, 2, 1)))
    cheap = prices(("pork", 100, 100))
    future = dear.with_columns(date=pl.lit(date(2020, 4, 1)))
    assert price_alerts(pl.concat([dear, cheap, future]), CUT).is_empty()


def payments(*rows: tuple[date, date | None]) -> pl.DataFrame:
    schema = {"due_on": pl.Date, "paid_on": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        amount=pl.lit(300.0), place=pl.lit("420100"), scheme=pl.lit("unemployment")
    )


STANDING = payments(
    (date(2020, 3, 1), date(2020, 2, 28)),  # in time
    (date(2020, 3, 1), date(2020, 3, 4)),  # paid, but late
    (date(2020, 3, 3), None),  # owed for seven days
    (date(2020, 3, 10), None),  # owed since tonight
    (date(2020, 3, 11), None),  # due tomorrow
)


def test_payments_due_are_paid_in_time_paid_late_or_still_owed() -> None:
    found = payments_on_time(STANDING, CUT)
    assert (found.due, found.on_time, found.late, found.oldest_days) == (4, 1, 2, 7)
    assert found.late_amount == 600.0
    assert found.on_time_share == 0.25


def test_nothing_due_has_no_share_rather_than_a_perfect_one() -> None:
    assert payments_on_time(STANDING, date(2020, 2, 1)).on_time_share is None


def test_late_payments_are_listed_by_place_and_scheme_with_the_oldest() -> None:
    rows = late_rows(STANDING, "paid_on", CUT, ["place", "scheme"]).rows()
    assert rows == [("420100", "unemployment", 2, date(2020, 3, 3))]


def test_visits_follow_the_same_rule() -> None:
    visits = STANDING.select("due_on", done_on="paid_on")
    found = visits_on_time(visits, CUT)
    assert (found.due, found.on_time, found.late, found.late_amount) == (4, 1, 2, 0.0)


def teams(*rows: tuple[str, str, int, int | None, float | None]) -> pl.DataFrame:
    schema = {
        "team_id": pl.Utf8,
        "skill": pl.Utf8,
        "staff": pl.Int64,
        "staff_over_hours": pl.Int64,
        "form_minutes": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(date=pl.lit(CUT))


def test_minutes_of_forms_are_those_of_grid_workers_weighted_by_staff() -> None:
    load = staff_load(
        teams(
            ("g1", "grid_worker", 30, 5, 20.0),
            ("g2", "grid_worker", 10, None, 60.0),
            ("n1", "nurse", 100, 15, 90.0),
        ),
        CUT,
    )
    # (30 × 20 + 10 × 60) ÷ 40 minutes; 20 of the 130 in teams that report their hours.
    assert (load.form_minutes, load.grid_workers) == (30.0, 40)
    assert (load.over_hours, load.staff) == (20, 130)


def test_without_grid_workers_there_is_no_figure() -> None:
    assert staff_load(teams(("n1", "nurse", 9, 1, 5.0)), CUT).form_minutes is None
