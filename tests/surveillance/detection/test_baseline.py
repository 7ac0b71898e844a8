import numpy as np
import pytest

from tongchou.surveillance.detection.baseline import all_weeks, same_weeks, years_back
from tongchou.vocabulary.errors import BadParameter

MONDAYS = np.datetime64("2004-01-05") + 7 * np.arange(530)


def test_the_same_week_is_the_monday_nearest_to_the_same_date():
    now = 420  # 23 January 2012; 2004 and 2009 had 53 weeks
    back = years_back(MONDAYS, now, 5)
    for years, at in enumerate(back, 1):
        then = np.datetime64(f"{2012 - years}-01-23")
        assert abs(MONDAYS[at] - then) <= np.timedelta64(3, "D")


def test_a_leap_day_has_a_year_before():
    weeks = np.datetime64("2016-02-29") - 7 * np.arange(60)[::-1]
    assert weeks[years_back(weeks, 59, 1)][0] == np.datetime64("2015-03-02")


def test_same_weeks_are_windows_of_seven():
    found = same_weeks(MONDAYS, 300, years=4, half_window=3, year="52 weeks")
    middles = [300 - 52 * k for k in (4, 3, 2, 1)]
    assert found.weeks.tolist() == [m + d for m in middles for d in range(-3, 4)]
    assert same_weeks(MONDAYS, 210, years=4, half_window=3, year="52 weeks") is None


def test_seasons_of_a_year_are_as_equal_as_weeks_allow():
    now = 5 * 52 + 40
    found = all_weeks(MONDAYS, now, 5, 3, periods=10, left_out=26, year="52 weeks")
    assert found.weeks.tolist() == list(range(37, now - 26))
    one_year = found.period[found.weeks < 37 + 52]
    # seven weeks around the same week, and 45 weeks in nine seasons of five
    assert np.bincount(one_year).tolist() == [5] * 9 + [7]
    assert set(found.period[(found.weeks >= now - 52 - 3) & (found.weeks <= now - 52 + 3)]) == {9}


def test_with_53_weeks_the_first_seasons_take_the_weeks_left_over():
    now = int(np.flatnonzero(np.datetime64("2010-06-28") == MONDAYS)[0])
    found = all_weeks(MONDAYS, now, 3, 3, periods=10, left_out=26)
    last_year = years_back(MONDAYS, now, 2)
    inside = (found.weeks > last_year[1] + 3) & (found.weeks < last_year[0] - 3)
    lengths = np.bincount(found.period[inside])
    assert lengths.sum() == last_year[0] - last_year[1] - 7
    assert (np.diff(lengths) <= 0).all()
    assert np.ptp(lengths) <= 1


def test_more_seasons_than_weeks_are_refused():
    with pytest.raises(BadParameter, match="periods"):
        all_weeks(MONDAYS, 300, 3, 3, periods=60, left_out=26)
