"""Links written by investigators: what is taken, what is named."""

import pytest

from tongchou.surveillance.chains.listed import PROBLEMS, check_links
from tongchou.vocabulary.errors import MissingData


def test_one_infector_is_known_and_two_are_candidates(cases, links):
    checked = check_links(
        cases({"A": 0, "B": 3, "C": 5}), links(("A", "B"), ("A", "C"), ("B", "C"))
    )
    assert checked.links.rows() == [
        ("A", "B", True, 3),
        ("A", "C", False, 5),
        ("B", "C", False, 2),
    ]
    assert checked.faults.is_empty()


def test_every_contradiction_is_named(cases, links):
    checked = check_links(
        cases({"A": 0, "B": 3, "C": 30, "D": 8, "E": 9}),
        links(
            ("A", "A"), ("A", "B"), ("A", "B"), ("C", "B"), ("A", "X"), ("D", "E"), ("E", "D")
        ),
    )  # fmt: skip
    named = {(a, b): problem for a, b, problem in checked.faults.iter_rows()}
    assert named[("A", "A")] == "self"
    assert ("A", "B", "duplicate") in checked.faults.rows()
    assert named[("C", "B")] == "too_early"  # 27 days before the infector
    assert named[("A", "X")] == "not_listed"
    assert ("D", "E", "circle") in checked.faults.rows()
    assert ("E", "D", "infectee_first") in checked.faults.rows()
    assert {row[2] for row in checked.faults.iter_rows()} <= set(PROBLEMS)
    # D and E cannot both be the infector of the other: neither is taken for certain.
    assert not checked.links.filter(infectee="E")["known"].item()


def test_two_known_infectors_of_one_person_are_demoted_and_named(cases, links):
    checked = check_links(
        cases({"A": 0, "B": 1, "C": 5}), links(("A", "C"), ("B", "C"), known=[True, True])
    )
    assert checked.links["known"].to_list() == [False, False]
    assert checked.faults["problem"].to_list() == ["several", "several"]


def test_a_known_infector_settles_the_candidates(cases, links):
    checked = check_links(
        cases({"A": 0, "B": 1, "C": 5}), links(("A", "C"), ("B", "C"), known=[True, False])
    )
    assert checked.links.rows() == [("A", "C", True, 5)]


def test_a_long_circle_is_found(cases, links):
    names = [f"C{i}" for i in range(6)]
    around = list(zip(names, names[1:] + names[:1], strict=True))
    checked = check_links(cases(dict.fromkeys(names, 4)), links(*around))
    assert checked.faults.filter(problem="circle").height == 6
    assert not checked.links["known"].any()


def test_cases_without_onset_keep_their_links(cases, links):
    checked = check_links(cases({"A": 0, "B": None}), links(("A", "B")))
    assert checked.links.rows() == [("A", "B", True, None)]


def test_columns_that_are_needed_are_named(cases, links):
    with pytest.raises(MissingData, match="onset_on"):
        check_links(cases({"A": 0}).drop("onset_on"), links())
    with pytest.raises(MissingData, match=r"links\.infectee"):
        check_links(cases({"A": 0}), links().drop("infectee"))


def test_no_links_and_no_cases_are_no_fault(cases, links):
    assert check_links(cases({"A": 0}), links()).links.is_empty()
    assert check_links(cases({}), links(("A", "B"))).faults["problem"].to_list() == ["not_listed"]
