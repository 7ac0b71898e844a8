"""The ledger of work as a table: which move follows from where, by whose hand."""

from datetime import UTC, datetime, timedelta

import pytest

from tongchou.station.incident.rules import ledger
from tongchou.station.incident.rules.ledger import Line, State

NOON = datetime(2020, 2, 22, 12, tzinfo=UTC)
OWNER, ISSUER, HOLDER = (frozenset({h}) for h in ("owner", "issuer", "holder"))


@pytest.mark.parametrize(
    ("state", "hands", "moves"),
    [
        ("new", OWNER, ["accept", "start", "refuse", "block"]),
        ("new", ISSUER, ["withdraw"]),
        ("accepted", OWNER, ["start", "finish", "refuse", "block"]),
        ("doing", OWNER, ["finish", "refuse", "block"]),
        ("done", OWNER, []),
        ("done", ISSUER, ["verify", "reopen"]),
        ("verified", ISSUER, ["reopen"]),
        ("refused", OWNER, []),
        ("refused", ISSUER, ["send_again", "withdraw"]),
        ("doing", HOLDER, ["urge"]),
        ("blocked", OWNER, []),
        ("blocked", HOLDER, ["raise_further", "unblock"]),
        ("lapsed", OWNER | ISSUER | HOLDER, []),
        ("withdrawn", OWNER | ISSUER | HOLDER, []),
    ],
)
def test_moves_by_state_and_hand(state, hands, moves):
    assert [m.name for m in ledger.moves_from(state, hands)] == moves


def test_every_state_but_the_last_three_has_a_way_on():
    everyone = OWNER | ISSUER | HOLDER
    stuck = {s for s in State if not ledger.moves_from(s, everyone)}
    assert stuck == {State.WITHDRAWN, State.LAPSED}


def test_every_refusal_needs_a_reason_and_every_result_its_evidence():
    assert all(
        m.reason
        for m in ledger.MOVES.values()
        if m.ends in (State.REFUSED, State.BLOCKED, State.WITHDRAWN)
    )
    assert all(m.evidence for m in ledger.MOVES.values() if m.ends == State.DONE)


def test_late_work_is_raised_once_and_again_after_the_wait():
    due, wait = NOON - timedelta(hours=1), timedelta(hours=24)
    assert ledger.raise_due("new", due, None, NOON, wait)
    assert not ledger.raise_due("new", due, NOON, NOON + timedelta(hours=23), wait)
    assert ledger.raise_due("new", due, NOON, NOON + timedelta(hours=24), wait)
    assert not ledger.raise_due("done", due, None, NOON, wait), "what is done waits for the issuer"
    assert not ledger.raise_due("new", None, None, NOON, wait)


def test_a_tally_counts_what_fell_due_and_leaves_out_what_was_withdrawn():
    hour = timedelta(hours=1)
    told = ledger.tally(
        [
            Line(state="verified", due=NOON, done_at=NOON - hour, reopened=0),
            Line(state="verified", due=NOON - hour, done_at=NOON, reopened=1),
            Line(state="doing", due=NOON - hour, done_at=None, reopened=0),
            Line(state="new", due=NOON + hour, done_at=None, reopened=0),
            Line(state="withdrawn", due=NOON - hour, done_at=None, reopened=0),
        ],
        NOON,
    )
    assert (told.total, told.open, told.late, told.closed, told.reopened) == (4, 2, 1, 2, 1)
    assert told.on_time_share == pytest.approx(1 / 3)
