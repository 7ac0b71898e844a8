"""The page on gaps in a second hand: each rule worked out record by record in plain Python."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

import pytest

from tongchou.morning.check import check
from tongchou.morning.gaps import KINDS, find_gaps
from tongchou.morning.picture import count_series
from tongchou.morning.scope import scope_of
from tongchou.situation.situation import Situation

Record = dict[str, Any]
Items = Iterable[tuple[str, date]]
DAY = timedelta(days=1)


def records(night: Situation, table: str) -> list[Record]:
    return night.table(table).to_dicts()


def confirmed_not_admitted(night: Situation) -> Items:
    for c in records(night, "cases"):
        ended = c["admitted_on"] or c["recovered_on"] or c["died_on"]
        if c["confirmed_on"] and not ended:
            yield c["place"], c["confirmed_on"]


def suspected_not_tested(night: Situation) -> Items:
    for c in records(night, "cases"):
        settled = c["result_on"] or c["confirmed_on"] or c["excluded_on"] or c["died_on"]
        if c["suspected_on"] and not settled:
            yield c["place"], c["suspected_on"]


def unplaced(night: Situation, arrivals: bool) -> Items:
    for c in records(night, "contacts"):
        still_due = c["release_due"] is None or c["release_due"] > night.cut
        if (c["setting"] == "arrival") != arrivals or c["placed_on"] or c["released_on"]:
            continue
        if still_due:
            yield c["place"], c["known_on"]


def past_due(night: Situation, table: str, due: str, done: str) -> Items:
    for r in records(night, table):
        if r[due] is not None and r[due] < night.cut and r[done] is None:
            yield r["place"], r[due] + DAY


def without_basis(night: Situation) -> Items:
    for m in records(night, "measures"):
        over = m["lifted_on"] or (m["expires_on"] is not None and m["expires_on"] < night.cut)
        if not over and not m["legal_basis"]:
            yield m["place"], m["start_on"]


def held_up(night: Situation) -> Items:
    for s in records(night, "shipments"):
        if s["blocked_at"] and not s["arrived_on"]:
            yield s["blocked_at"], s["sent_on"] or s["known_on"]


def firms_held_up(night: Situation) -> Items:
    of_firm: dict[str, list[Record]] = {}
    for r in sorted(records(night, "enterprises"), key=lambda r: r["date"]):
        of_firm.setdefault(r["enterprise_id"], []).append(r)
    for reports in of_firm.values():
        free = [r["date"] for r in reports if r["blocked_by"] in (None, "none")]
        if reports[-1]["blocked_by"] not in (None, "none"):
            yield reports[-1]["place"], max(free) + DAY if free else reports[0]["date"]


BY_HAND: dict[str, Callable[[Situation], Items]] = {
    "not_admitted": confirmed_not_admitted,
    "not_tested": suspected_not_tested,
    "not_placed": lambda night: unplaced(night, arrivals=False),
    "not_watched": lambda night: unplaced(night, arrivals=True),
    "expired": lambda night: past_due(night, "measures", "expires_on", "lifted_on"),
    "without_basis": without_basis,
    "unpaid": lambda night: past_due(night, "payments", "due_on", "paid_on"),
    "visits_late": lambda night: past_due(night, "visits", "due_on", "done_on"),
    "blocked_roads": held_up,
    "blocked_chains": firms_held_up,
}


@pytest.fixture(scope="module")
def found(exercise_pack):
    night = exercise_pack.as_of(exercise_pack.last)
    scope = scope_of(night)
    gaps = find_gaps(night, scope, check(night, scope, count_series(night, scope)))
    return night, {g.kind.id: g for g in gaps}


@pytest.mark.parametrize("kind", BY_HAND)
def test_each_rule_finds_what_its_sentence_says(found, kind):
    night, gaps = found
    expected = Counter(BY_HAND[kind](night))
    assert expected, "the exercise has an example of every gap"
    assert Counter(gaps[kind].items.select("place", "since").iter_rows()) == expected


def test_only_the_floor_has_its_second_hand_elsewhere():
    """The protective floor is worked out by hand in the tests of supplies."""
    assert {k.id for k in KINDS} - set(BY_HAND) == {"below_floor"}


def test_the_worst_three_and_the_oldest_are_those_of_the_list(found):
    _, gaps = found
    for gap in gaps.values():
        if gap.items is None or gap.items.is_empty():
            continue
        by_place = Counter(gap.items["place"])
        worst = sorted(by_place.items(), key=lambda pair: (-pair[1], pair[0]))[:3]
        assert gap.worst() == worst
        assert gap.oldest() == min(gap.items["since"])
