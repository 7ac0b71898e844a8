import numpy as np
import pytest

from tongchou.surveillance.detection.series import series, weekly
from tongchou.vocabulary.errors import BadParameter


def test_days_and_weeks_are_told_apart(cube, weeks):
    assert series(cube([1, 2, 3])).step == np.timedelta64(1, "D")
    assert series(weeks([1, 2, 3])).step == np.timedelta64(7, "D")


def test_negative_counts_are_refused_with_their_place(cube):
    with pytest.raises(BadParameter, match=r"1 counts are negative \(such as 420001\)"):
        series(cube([[1, 2], [3, -1]]))


def test_missing_dates_are_refused(cube):
    with pytest.raises(BadParameter, match="day by day or week by week"):
        series(cube([1, 2, 3, 4])[:, [0, 1, 3]])


def test_weeks_end_on_the_last_day_and_lose_only_the_first_days(cube):
    daily = cube(np.arange(17))
    sums = weekly(daily)
    assert sums["date"].values[-1] == daily["date"].values[-1]
    assert sums.values.tolist() == [[sum(range(3, 10)), sum(range(10, 17))]]


def test_a_week_with_a_missing_day_is_missing(cube):
    assert np.isnan(weekly(cube([1, 1, 1, np.nan, 1, 1, 1]))).all()
