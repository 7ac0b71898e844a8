from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from tongchou.surveillance.nowcasting.triangle import reporting_triangle
from tongchou.vocabulary.errors import BadParameter, MissingData

DAY = date(2020, 1, 1)


def english(triangle):
    return " ".join(note.en for note in triangle.notes)


def test_what_is_reported_later_is_not_seen(listed):
    cases = listed([(0, 0), (0, 2), (1, 5), (2, 2)])
    triangle = reporting_triangle(cases, as_of=date(2020, 1, 3), max_delay=4)
    assert triangle.reported.values.tolist() == [[2.0, 0.0, 1.0]]
    assert np.isnan(triangle.counts.values[0, 1, 2:]).all()


def test_the_last_report_is_the_day_where_none_is_named(listed):
    assert reporting_triangle(listed([(0, 3), (1, 2)]), max_delay=4).as_of == date(2020, 1, 4)


def test_a_report_before_onset_is_known_on_the_onset(listed):
    triangle = reporting_triangle(listed([(3, 1), (0, 3)]), max_delay=3)
    assert triangle.counts.sel(delay=0).values[0, 3] == 1
    assert "1 cases were reported before their onset" in english(triangle)


def test_an_onset_in_the_future_is_left_out_and_said(listed):
    triangle = reporting_triangle(listed([(9, 1), (0, 3)]), max_delay=3)
    assert triangle.reported.sum() == 1
    assert "2020-01-04" in english(triangle)


def test_a_case_that_stands_twice_counts_once(listed):
    cases = listed([(0, 1), (0, 1)]).with_columns(case_id=pl.lit("a"))
    triangle = reporting_triangle(cases, max_delay=3)
    assert triangle.reported.sum() == 1
    assert "repeat" in english(triangle)


def test_one_case(listed):
    assert reporting_triangle(listed([(0, 0)])).counts.shape == (1, 1, 31)


def test_longer_delays_are_lumped_into_the_last(listed):
    triangle = reporting_triangle(listed([(0, 9), (0, 3)]), max_delay=3)
    assert triangle.counts.values[0, 0].tolist() == [0, 0, 0, 2]
    assert "longer than 3 days" in english(triangle)


def test_cases_without_onset_or_report_stand_apart(listed):
    triangle = reporting_triangle(listed([(None, 2), (0, 2), (1, None)]), max_delay=3)
    assert triangle.undated.values[0].tolist() == [0, 0, 1]
    assert triangle.reported.sum() == 1
    assert "no date of report" in english(triangle)
    assert "no onset" in english(triangle)


def test_ten_years_keep_the_window(listed):
    cases = listed([(d, d + 2) for d in range(3650)])
    triangle = reporting_triangle(cases, window=90)
    assert triangle.counts.sizes["date"] == 90
    assert triangle.reported.values[0, :-2].tolist() == [1.0] * 88
    assert "3,5" not in english(triangle)
    assert "earlier than the window" in english(triangle)


def test_named_places_have_a_row_without_any_case(listed):
    triangle = reporting_triangle(
        listed([(0, 1)], ["b"]), as_of=date(2020, 1, 5), places=["a", "b"], window=40
    )
    assert triangle.reported.sum("date").values.tolist() == [0, 1]
    assert triangle.reported.sizes["date"] == 40


def test_no_case_at_all(listed):
    triangle = reporting_triangle(listed([]), as_of=date(2020, 1, 5), places=["a"])
    assert triangle.reported.sum() == 0
    with pytest.raises(MissingData):
        reporting_triangle(listed([]), as_of=date(2020, 1, 5))


def test_nothing_is_known_before_the_first_report(listed):
    with pytest.raises(BadParameter, match="2020-01-03"):
        reporting_triangle(listed([(0, 2)]), as_of=date(2020, 1, 1))


def test_counted_rows(listed):
    cases = listed([(0, 1), (0, 2)]).with_columns(n=pl.Series([3, 4]))
    assert reporting_triangle(cases, count="n", max_delay=3).counts.values[0, 0, :3].tolist() == [
        0.0,
        3.0,
        4.0,
    ]


def test_negative_counts_are_refused(listed):
    cases = listed([(0, 1), (0, 2)]).with_columns(n=pl.Series([3, -4]))
    with pytest.raises(BadParameter, match="-4"):
        reporting_triangle(cases, count="n", max_delay=3)


@pytest.mark.parametrize("wrong", [{"max_delay": 0}, {"window": 10, "max_delay": 10}])
def test_settings_that_say_nothing_are_refused(listed, wrong):
    with pytest.raises(BadParameter):
        reporting_triangle(listed([(0, 1)]), **wrong)


def test_a_later_look_only_adds(listed):
    rng = np.random.default_rng(5)
    onset = rng.integers(0, 30, 400)
    cases = listed(
        [(int(a), int(a + b)) for a, b in zip(onset, rng.integers(0, 9, 400), strict=True)]
    )
    early, late = (
        reporting_triangle(cases, as_of=DAY + timedelta(days=d), max_delay=10).counts
        for d in (24, 29)
    )
    both = late.sel(date=early["date"]).where(early.notnull())
    assert both.equals(early)
