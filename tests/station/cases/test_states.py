"""The table of states: every path stays inside it, every open state has a way out."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongchou.station.cases.problems import NotAccepted
from tongchou.station.cases.states import (
    FIELD_NAMES,
    RULES,
    Swab,
    evidence,
    find_move,
    moves,
    open_moves,
    states,
    two_negatives,
)
from tongchou.station.cases.tables import definition_on
from tongchou.station.cases.times import FIELDS

DAY = datetime(2020, 2, 3, 8, tzinfo=UTC)


def test_the_table_names_only_what_is_declared():
    for m in moves():
        assert {m.start, m.to} <= set(states())
        assert set(m.needs) <= set(FIELD_NAMES)
        assert m.stamps in ("", *FIELDS)
        assert m.given in ("", *FIELDS)
        assert m.rule in ("", *RULES)


@settings(max_examples=300, derandomize=True)
@given(st.lists(st.integers(0, 30), max_size=40))
def test_no_path_reaches_an_undeclared_state(choices):
    state, held = "suspected", set()
    for choice in choices:
        possible = open_moves(state, held)
        if not possible:
            assert states()[state].closed
            break
        step = possible[choice % len(possible)]
        assert find_move(state, step.action, held) == step
        state = step.to
        held |= {step.stamps} - {""}
        assert state in states()


@pytest.mark.parametrize("state", [s.name for s in states().values() if not s.closed])
def test_every_open_state_leads_to_a_closed_one(state):
    reached, frontier = {state}, [state]
    while frontier:
        here = frontier.pop()
        for m in moves():
            if m.start == here and m.to not in reached:
                reached.add(m.to)
                frontier.append(m.to)
    assert any(states()[s].closed for s in reached)
    assert all(any(m.start == s for m in moves()) for s in reached if not states()[s].closed)


def test_only_an_exclusion_can_be_opened_again():
    assert {m.start for m in moves() if states()[m.start].closed} == {"excluded"}


def test_confirmation_of_a_person_already_in_hospital_leads_into_care():
    assert find_move("tested", "confirm", ["admitted_at", "isolated_at"]).to == "admitted"
    assert find_move("tested", "confirm", ["isolated_at"]).to == "isolated"
    assert find_move("tested", "confirm", []).to == "confirmed"


def test_a_refusal_says_what_is_possible():
    with pytest.raises(NotAccepted) as refused:
        find_move("suspected", "release", [])
    assert "confirm" in refused.value.text()["en"]
    assert "确诊" in refused.value.text()["zh"]


@pytest.mark.parametrize(
    ("results", "enough"),
    [
        ([("negative", 0), ("negative", 24)], True),
        ([("negative", 0), ("negative", 23)], False),
        ([("negative", 0)], False),
        ([("negative", 0), ("negative", 12), ("negative", 30)], True),
        ([("negative", 0), ("positive", 12), ("negative", 30)], False),
        ([("positive", 0), ("negative", 24), ("negative", 50)], True),
        ([("negative", 0), ("negative", 30), ("positive", 40)], False),
        ([("negative", 0), ("invalid", 12), ("negative", 30)], True),
        ([("negative", 0), ("", 30)], False),
    ],
)
def test_two_negatives_in_a_row_a_day_apart(results, enough):
    tests = [Swab(taken_at=DAY + timedelta(hours=h), result=r) for r, h in results]
    assert (two_negatives(tests) == []) is enough
    assert (two_negatives(tests[::-1]) == []) is enough, "the order of entry does not matter"


@pytest.mark.parametrize(
    ("classification", "day", "results", "written", "fields"),
    [
        ("confirmed", "2020-02-10", ["positive"], "", []),
        ("confirmed", "2020-02-10", ["negative"], "", ["evidence"]),
        ("confirmed", "2020-02-10", [], "市三院 2 月 9 日核酸阳性报告", []),
        ("clinical", "2020-02-10", [], "", []),
        ("clinical", "2020-02-20", [], "", ["classification"]),
        ("suspected", "2020-02-10", ["positive"], "", ["classification"]),
    ],
)
def test_a_class_rests_on_evidence_and_on_the_edition_in_force(
    classification, day, results, written, fields
):
    tests = [Swab(taken_at=DAY, result=r) for r in results]
    edition = definition_on("covid-19", datetime.fromisoformat(day).date())
    assert [p.field for p in evidence(classification, tests, written, edition)] == fields
