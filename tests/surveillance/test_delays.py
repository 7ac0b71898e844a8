from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongchou.surveillance.delays import (
    EARLIES,
    MILESTONES,
    STEPS,
    measure_delays,
)
from tongchou.surveillance.rates import found_inside_share
from tongchou.vocabulary.errors import MissingData

DAY = date(2020, 1, 15)
FOUND = EARLIES[0]


def line_list(rows, places=None):
    """Milestones as days after 15 January 2020, one dict per case."""
    columns = {
        name: [None if row.get(name) is None else DAY + timedelta(row[name]) for row in rows]
        for name in MILESTONES
    }
    frame = pl.DataFrame(columns, schema=dict.fromkeys(MILESTONES, pl.Date))
    return frame.with_columns(place=pl.Series(places or ["440300"] * len(rows), dtype=pl.String))


def test_median_and_90th_percentile_are_delays_that_somebody_had():
    days = [1, 2, 3, 4, 5, 6, 7, 8, 9, 30]
    table = measure_delays(line_list([{"onset_on": 0, "confirmed_on": d} for d in days]), (FOUND,))
    assert table.select("known", "median", "p90", "mean", "lost").row(0) == (10, 6.0, 30.0, 7.5, 75)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(-3, 40)), min_size=1, max_size=25))
def test_faults_are_counted_and_never_measured(days):
    table = measure_delays(line_list([{"onset_on": 0, "confirmed_on": d} for d in days]), (FOUND,))
    row = table.row(0, named=True)
    sound = sorted(d for d in days if d is not None and d >= 0)
    assert row["known"] == len(sound)
    assert row["faults"] == sum(d is not None and d < 0 for d in days)
    assert row["lost"] == sum(sound)
    if sound:
        assert sound[0] <= row["median"] <= row["p90"] <= sound[-1]
        # At least half (nine tenths) of the cases had to wait no longer.
        assert sum(d <= row["median"] for d in sound) >= len(sound) / 2
        assert sum(d <= row["p90"] for d in sound) >= 0.9 * len(sound)


def test_isolated_before_falling_ill_is_the_aim_and_no_fault():
    table = measure_delays(line_list([{"onset_on": 5, "isolated_on": 0}]), (EARLIES[2],))
    assert table.select("known", "faults", "median").row(0) == (1, 0, 0.0)


def test_the_four_earlies_stand_in_their_order_for_each_place():
    rows = [
        {"onset_on": 0, "confirmed_on": 4, "reported_on": 4, "isolated_on": 3, "admitted_on": 5}
    ] * 2
    table = measure_delays(line_list(rows, ["440300", "330300"]))
    assert table["place"].to_list() == ["330300"] * 4 + ["440300"] * 4
    assert table["delay"].to_list()[:4] == ["found", "reported", "isolated", "treated"]
    assert table["median"].to_list()[:4] == [4, 0, 3, 5]


def test_every_step_joins_two_milestones_and_is_named_in_both_languages():
    for span in (*EARLIES, *STEPS):
        assert {span.start, span.end} <= set(MILESTONES)
        assert span.label.zh
        assert span.label.en


def test_share_found_inside_is_of_those_whose_status_is_known():
    cases = pl.DataFrame(
        {
            "place": ["330300"] * 5,
            "confirmed_on": [DAY, DAY, DAY, DAY, None],
            "found_inside": [True, True, False, None, True],
        }
    )
    row = found_inside_share(cases).row(0, named=True)
    assert [row[n] for n in ("confirmed", "known", "inside")] == [4, 3, 2]
    assert row["share"] == pytest.approx(2 / 3)
    # Wilson 1927: (2 + 1.92) / (3 + 3.84) ± 1.96 √(2/9 / 3 + 3.84 / 36) / (1 + 3.84 / 3)
    assert [row["low"], row["high"]] == pytest.approx([0.2077, 0.9385], abs=5e-4)


def test_a_missing_milestone_is_named():
    with pytest.raises(MissingData, match=r"cases\."):
        measure_delays(pl.DataFrame({"place": ["440300"]}))
