"""Times in order, and the clocks of the four earlies: one rule for the page and for the list."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongchou.station.cases.clocks import (
    any_late,
    clocks,
    delays_by_place,
    late,
    read_clock,
    readings,
)
from tongchou.station.cases.times import FIELDS, check_times

NOW = datetime(2020, 2, 10, 12, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


def at(day, hour=0):
    return datetime(2020, 2, day, hour, tzinfo=UTC)


def test_a_fault_names_both_fields_and_both_values():
    found = check_times({"sampled_at": at(3), "result_at": at(2)}, now=NOW, zone=ZONE)
    assert [p.field for p in found] == ["result_at"]
    for word in ("首次结果时间", "2020-02-02 08:00", "首次采样时间", "2020-02-03 08:00"):
        assert word in found[0].text.zh


def test_a_day_and_a_time_compare_by_the_day_of_the_station():
    onset = {"onset_on": date(2020, 2, 4), "reported_at": datetime(2020, 2, 3, 17, tzinfo=UTC)}
    assert check_times(onset, now=NOW, zone=ZONE) == [], "01:00 on the 4th in the station's zone"
    assert check_times(onset, now=NOW, zone=UTC)


def test_the_future_is_refused():
    found = check_times({"confirmed_at": NOW + timedelta(hours=1)}, now=NOW, zone=ZONE)
    assert "2020-02-10 21:00" in found[0].text.en


def test_a_sound_path_has_no_fault():
    path = dict.fromkeys(FIELDS)
    path |= {
        "onset_on": date(2020, 2, 1),
        "visited_at": at(2),
        "suspected_at": at(2, 1),
        "reported_at": at(2, 2),
    }
    path |= {
        "sampled_at": at(2, 3),
        "result_at": at(3),
        "confirmed_at": at(3, 1),
        "admitted_at": at(3, 2),
    }
    path |= {"severe_at": at(4), "recovered_at": at(9), "released_at": at(10)}
    assert check_times(path, now=NOW, zone=ZONE) == []


@pytest.mark.parametrize(
    ("name", "times", "standing", "late_by"),
    [
        ("admit", {}, "waiting", None),
        ("admit", {"confirmed_at": at(10, 0)}, "running", None),
        ("admit", {"confirmed_at": at(9, 12)}, "running", None),
        ("admit", {"confirmed_at": at(9, 11)}, "late", 1),
        ("admit", {"confirmed_at": at(9), "admitted_at": at(10)}, "met", None),
        ("admit", {"confirmed_at": at(9), "admitted_at": at(10, 3)}, "missed", 3),
        ("admit", {"confirmed_at": at(9), "admitted_at": at(8)}, "met", None),
        ("admit", {"confirmed_at": at(1), "died_at": at(2)}, "void", None),
        ("sample", {"suspected_at": at(8)}, "late", 36),
        ("sample", {"suspected_at": at(8), "excluded_at": at(9)}, "void", None),
        ("report", {"suspected_at": at(10, 11), "confirmed_at": at(9)}, "late", 34),
    ],
)
def test_how_a_clock_stands(name, times, standing, late_by):
    found = read_clock(clocks()[name], times, NOW)
    assert found.standing == standing
    assert found.late_by == (None if late_by is None else timedelta(hours=late_by))


def meets(condition, times):
    """Work a query condition out by hand, as the database does."""
    answers = []
    for child in condition.children:
        if hasattr(child, "children"):
            answers.append(meets(child, times))
            continue
        (name, test), value = child[0].rsplit("__", 1), child[1]
        found = times.get(name)
        answers.append(
            (found is None) is value if test == "isnull" else found is not None and found < value
        )
    joined = all(answers) if condition.connector == "AND" else any(answers)
    return joined != condition.negated


moments = st.one_of(st.none(), st.integers(-200, 0).map(lambda h: NOW + timedelta(hours=h)))


@given(st.fixed_dictionaries({f: moments for f in FIELDS if f != "onset_on"}))
def test_the_list_of_late_cases_and_the_page_of_a_case_agree(times):
    for reading in readings(times, NOW):
        assert meets(late(reading.clock.name, NOW), times) is (reading.standing == "late")
    assert meets(any_late(NOW), times) is any(r.standing == "late" for r in readings(times, NOW))


def test_delays_of_a_place_count_a_report_from_the_first_diagnosis():
    frame = pl.DataFrame(
        {
            "place": ["640104", "640104"],
            "onset_on": [date(2020, 2, 1), date(2020, 2, 1)],
            "visited_on": [date(2020, 2, 5), date(2020, 2, 3)],
            "suspected_on": [date(2020, 2, 5), None],
            "sampled_on": [date(2020, 2, 5), date(2020, 2, 3)],
            "result_on": [date(2020, 2, 7), date(2020, 2, 4)],
            "confirmed_on": [date(2020, 2, 7), date(2020, 2, 4)],
            "reported_on": [date(2020, 2, 5), date(2020, 2, 5)],
            "isolated_on": [date(2020, 2, 5), None],
            "admitted_on": [date(2020, 2, 8), None],
        }
    )
    found = {r["delay"]: r for r in delays_by_place(frame).iter_rows(named=True)}
    assert (found["to_report"]["known"], found["to_report"]["faults"]) == (2, 0)
    assert found["to_report"]["p90"] == 1
    assert [n for n, r in found.items() if r["slowest"]] == ["to_visit"]
