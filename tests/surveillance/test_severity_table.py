from datetime import date, timedelta

import polars as pl
import pytest
import xarray as xr

from tongchou.surveillance.cohorts import cohort_counts, health_worker_infections
from tongchou.surveillance.rates import health_worker_infection_rate
from tongchou.surveillance.severity_table import COLUMNS, severity_of_cases, severity_of_counts
from tongchou.vocabulary.distributions import Gamma
from tongchou.vocabulary.errors import MissingData

DAY = date(2020, 2, 1)
DELAY = Gamma(mean=6.0, sd=3.0)


@pytest.fixture
def cases():
    n = 40
    return pl.DataFrame(
        {
            "case_id": [str(i) for i in range(n)],
            "place": ["420100", "420200"] * (n // 2),
            "age": [25, 45, 65, 85, None] * (n // 5),
            "onset_on": [DAY + timedelta(i % 10) for i in range(n)],
            "severe_on": [DAY + timedelta(i % 10 + 4) if i % 3 == 0 else None for i in range(n)],
            "died_on": [DAY + timedelta(i % 10 + 6) if i % 5 == 3 else None for i in range(n)],
            "recovered_on": [
                DAY + timedelta(i % 10 + 12) if i % 5 != 3 else None for i in range(n)
            ],
        }
    )


def test_every_group_has_its_rows_and_together_they_are_all(cases):
    table = severity_of_cases(cases, DAY + timedelta(60), DELAY, by=("age", "place"))
    assert table.columns == list(COLUMNS)
    assert set(table["group"]) == {"age=20-29", "age=40-49", "age=60-69", "age=80+", "age=?"}
    assert set(table["place"]) == {"420100", "420200"}
    assert set(table["method"]) == {"naive", "adjusted", "closed", "competing"}
    assert table.filter(method="naive")["cases"].sum() == cases.height
    dead = table.filter(method="naive", group="age=80+")
    assert dead["estimate"].to_list() == [1.0, 1.0]


def test_the_worst_class_so_far_makes_a_group(cases):
    table = severity_of_cases(cases, DAY + timedelta(60), None, by=("class",))
    found = table.filter(method="naive").select("group", "cases").rows()
    assert dict(found) == {"class=ordinary": 26.0, "class=severe": 14.0}


@pytest.mark.parametrize("course", ["rolling", "varying"])
def test_over_time_there_is_a_row_for_each_date_and_method(cases, course):
    table = severity_of_cases(cases, DAY + timedelta(30), DELAY, course=course)
    assert set(table["method"]) == {"naive", "adjusted"}
    assert table.filter(method="adjusted").height == 31


def test_an_event_that_nobody_dated_is_named(cases):
    with pytest.raises(MissingData, match="critical_on"):
        severity_of_cases(cases, DAY, None, event="critical")


def test_counts_give_two_rows_a_place(cube):
    table = severity_of_counts(cube([[9, 0], [8, 0]]), cube([[0, 1], [0, 0]]), DELAY)
    assert table["method"].to_list() == ["naive", "naive", "adjusted", "adjusted"]
    assert table["group"].unique().to_list() == ["all"]


def test_cases_and_events_are_of_the_same_persons(cases):
    some = cases.with_columns(
        onset_on=pl.when(pl.col("case_id").cast(pl.Int64) >= 10).then(pl.col("onset_on"))
    )
    counts = cohort_counts(some, DAY + timedelta(40), event="died_on")
    assert counts["cases"].sum() == 30
    assert counts["events"].sum() == 6


def test_infections_of_health_workers_by_place_and_week_per_thousand_staff_weeks():
    monday = date(2020, 2, 3)
    staff = pl.DataFrame(
        {
            "place": ["420100"] * 4 + ["420200"] * 2,
            "health_worker": [True, True, True, None, False, True],
            "confirmed_on": [monday + timedelta(d) for d in (0, 6, 16, 1, 2, 40)],
        }
    )
    infections = health_worker_infections(staff, monday + timedelta(20))
    assert infections.values.tolist() == [[2.0, 0.0, 1.0], [0.0, 0.0, 0.0]]
    rate = health_worker_infection_rate(infections, xr.full_like(infections, 500.0))
    assert rate["rate"].values[0].tolist() == [4.0, 0.0, 2.0]
    # Garwood: −ln 0.025 = 3.69 per half a thousand staff-weeks
    assert rate["high"].values[1, 0] == pytest.approx(7.378, abs=0.001)
