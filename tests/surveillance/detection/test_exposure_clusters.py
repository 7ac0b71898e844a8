"""Clusters by setting: the rule, the household that counts once, outbreaks joined, and hostile lists."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongchou.station.cases.watch import number
from tongchou.surveillance.detection.cluster_summary import generations
from tongchou.surveillance.detection.exposure_clusters import link_clusters
from tongchou.surveillance.detection.setting_runs import DAYS, FEWEST, Visit, find_runs
from tongchou.vocabulary.errors import BadParameter

TODAY = date(2020, 3, 1)


def listed(*rows, **columns):
    """Give a line list of (case, day of February, household)."""
    frame = pl.DataFrame(
        [(c, None if d is None else date(2020, 2, d), h) for c, d, h in rows],
        schema={"case_id": pl.String, "onset_on": pl.Date, "household_id": pl.String},
        orient="row",
    )
    return frame.with_columns(**{n: pl.Series(n, v, dtype=pl.String) for n, v in columns.items()})


def test_the_rule_is_that_of_the_watch():
    assert (number("cluster_cases"), number("cluster_days")) == (FEWEST, DAYS)


@pytest.mark.parametrize(
    ("days", "sizes"),
    [((1,), []), ((1, 15), [2]), ((1, 16), []), ((1, 8, 20), [3]), ((1, 2, 20, 21, 22), [2, 3])],
)
def test_two_within_fourteen_days_are_a_cluster(days, sizes):
    cases = listed(*[(f"c{d}", d, "H") for d in days])
    found = link_clusters(cases, today=TODAY)
    assert sorted(found.clusters["cases"].to_list()) == sizes


def test_a_dinner_of_one_household_counts_once_and_of_two_counts_twice():
    cases = listed(("a", 1, "H"), ("b", 2, "H"), ("c", 3, "K"), inn=["x", "x", None])
    assert link_clusters(cases, settings=["inn"], today=TODAY).explained.rows() == [("inn", "x", 2)]
    cases = cases.with_columns(inn=pl.Series(["x", "x", "x"]))
    found = link_clusters(cases, settings=["inn"], today=TODAY)
    assert found.explained.height == 0
    assert found.clusters.select("cases", "households", "kinds").rows() == [
        (3, 2, "household; inn")
    ]


def test_chains_of_settings_are_one_outbreak_with_its_index_and_generations():
    cases = listed(
        ("w", 1, None), ("x", 4, "H"), ("y", 8, "H"), ("z", 12, None), ("far", 2, None),
        office=["o", "o", None, None, None], infector_id=[None, "w", "x", "y", None],
    )  # fmt: skip
    found = link_clusters(cases, settings=["office"], today=TODAY)
    line = found.clusters.row(0, named=True)
    assert found.clusters.height == 1
    assert (line["cases"], line["index_case"], line["generations"]) == (4, "w", 4)
    assert (line["first_on"], line["last_on"]) == (date(2020, 2, 1), date(2020, 2, 12))
    assert found.members["case_id"].to_list() == ["w", "x", "y", "z"]


def test_open_until_fourteen_days_without_a_case_and_growth_by_weeks():
    cases = listed(*[(f"c{d}", d, "H") for d in (1, 4, 9, 10, 11)])
    open_ = link_clusters(cases, today=date(2020, 2, 14)).clusters.row(0, named=True)
    assert (open_["last_7_days"], open_["week_before"], open_["growth"]) == (3, 2, 1.5)
    for day, is_open in ((24, True), (25, False)):
        line = link_clusters(cases, today=date(2020, 2, day)).clusters.row(0, named=True)
        assert line["open"] is is_open


def test_a_case_without_onset_counts_on_the_day_it_was_found_and_an_excluded_one_not_at_all():
    cases = pl.DataFrame(
        {
            "case_id": ["a", "b", "c"],
            "onset_on": [date(2020, 2, 1), None, date(2020, 2, 2)],
            "confirmed_on": [None, date(2020, 2, 9), None],
            "excluded_on": [None, None, date(2020, 2, 3)],
            "household_id": ["H", "H", "H"],
        }
    )
    found = link_clusters(cases, today=TODAY)
    assert found.members.select("case_id", "on").rows() == [
        ("a", date(2020, 2, 1)), ("b", date(2020, 2, 9)),
    ]  # fmt: skip


def test_named_clusters_take_the_commonest_setting_of_their_cases():
    cases = listed(
        ("a", 1, None), ("b", 2, None), ("c", 3, None),
        cluster_id=["K1"] * 3, exposed_at=["workplace", "workplace", "unknown"],
    )  # fmt: skip
    assert link_clusters(cases, today=TODAY).clusters["settings"].to_list() == ["workplace K1"]


def test_related_cases_join_whether_or_not_both_name_each_other():
    cases = listed(("1", 1, None), ("2", 2, None), ("3", 3, None), seen=["2, 9", None, "1;2"])
    found = link_clusters(cases, related=["seen"], today=TODAY)
    assert found.clusters.select("cases", "kinds").rows() == [(3, "link")]


def test_hostile_lists():
    none = listed()
    assert link_clusters(none, today=TODAY).clusters.height == 0
    one = listed(("a", 1, "H"))
    assert link_clusters(one, today=TODAY).clusters.height == 0
    undated = listed(("a", None, "H"), ("b", None, "H"))
    found = link_clusters(undated, today=TODAY)
    assert (found.clusters.height, found.undated) == (0, 2)
    with pytest.raises(BadParameter, match="one row"):
        link_clusters(listed(("a", 1, "H"), ("a", 2, "H")), today=TODAY)
    with pytest.raises(BadParameter, match="dated later"):
        link_clusters(one, today=date(2020, 1, 1))
    with pytest.raises(BadParameter, match="no such column"):
        link_clusters(one, settings=["inn"], today=TODAY)
    with pytest.raises(BadParameter, match="at least 2"):
        link_clusters(one, fewest=1, today=TODAY)


def test_a_ring_of_infectors_has_no_generations_and_ends():
    assert generations({"a": "b", "b": "a", "c": "a"}) == {}
    ring = listed(("a", 1, None), ("b", 2, None), infector_id=["b", "a"])
    assert link_clusters(ring, today=TODAY).clusters["generations"].to_list() == [None]


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.sampled_from("HKLM"), st.sampled_from(["o", "p", None])),
        max_size=30,
    )
)
def test_each_case_is_in_one_cluster_at_most_and_neighbours_in_time_share_it(rows):
    cases = pl.DataFrame(
        [(f"c{i}", date(2020, 1, 1) + timedelta(days=d), h, o) for i, (d, h, o) in enumerate(rows)],
        schema={"case_id": pl.String, "onset_on": pl.Date, "household_id": pl.String, "office": pl.String},
        orient="row",
    )  # fmt: skip
    found = link_clusters(cases, settings=["office"], today=TODAY)
    assert not found.members["case_id"].is_duplicated().any()
    of = dict(found.members.select("case_id", "cluster").iter_rows())
    homes = [Visit(h, on, c) for c, on, h, _ in cases.iter_rows()]
    for run in find_runs(homes):
        assert len({of[case] for case in run.cases}) == 1
    assert found.clusters["cases"].sum() == found.members.height
