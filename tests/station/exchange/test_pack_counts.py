"""Counts follow the line list, and keep every version of what was reported."""

from datetime import date

import polars as pl
import pytest

from tongchou.situation.contract import contract
from tongchou.station.exchange.packs.counts import CHANGE_SCHEMA, changes, merge, tally

D = [date(2030, 1, d) for d in range(1, 11)]
ABOVE = {"C": ("P",), "E": ("P",)}


def reported(*rows):
    """Rows as (place, day, day known, confirmed)."""
    return pl.DataFrame(
        [
            {
                "place": p,
                "date": D[d],
                "known_on": D[k],
                "confirmed": n,
                "suspected": 0,
                "recovered": 0,
                "deaths": 0,
            }
            for p, d, k, n in rows
        ],
    ).pipe(
        lambda f: (
            contract("case_counts").empty()
            if f.is_empty()
            else pl.concat([contract("case_counts").empty(), f], how="diagonal")
        )
    )


def change(*rows):
    return pl.DataFrame(
        [(p, "confirmed", D[d], D[k], n) for p, d, k, n in rows], schema=CHANGE_SCHEMA, orient="row"
    )


def cells(frame):
    return [
        (p, d.day - 1, k.day - 1, n)
        for p, d, k, n in frame.select("place", "date", "known_on", "confirmed").iter_rows()
    ]


@pytest.mark.parametrize(
    ("held", "moved", "cut", "expected"),
    [
        pytest.param([("C", 0, 0, 5)], [], 0, [("C", 0, 0, 5)], id="nothing changed"),
        pytest.param([("C", 0, 0, 5), ("C", 1, 1, 6)], [("C", 1, 1, 1)], 1, [("C", 0, 0, 5), ("C", 1, 1, 7)], id="one more on the day"),
        pytest.param(
            [("C", 0, 0, 5), ("C", 1, 1, 6)], [("C", 0, 1, 1)], 1,
            [("C", 0, 0, 5), ("C", 0, 1, 6), ("C", 1, 1, 7)], id="known a day late: the day before gets a version",
        ),
        pytest.param([("C", 0, 0, 5)], [], 2, [("C", 0, 0, 5), ("C", 1, 1, 5), ("C", 2, 2, 5)], id="days after the last report"),
        pytest.param([], [("E", 1, 1, 2)], 2, [("E", 1, 1, 2), ("E", 2, 2, 2)], id="never reported: from the list alone"),
        pytest.param(
            [("P", 0, 0, 9), ("C", 0, 0, 5), ("P", 1, 1, 9)], [("C", 1, 1, 1)], 1,
            [("C", 0, 0, 5), ("C", 1, 1, 6), ("P", 0, 0, 9), ("P", 1, 1, 10)], id="the place above moves with it, a silent county speaks",
        ),
        pytest.param(
            [("P", 0, 0, 9), ("P", 1, 1, 9), ("P", 2, 2, 9), ("C", 0, 0, 5)], [("C", 0, 0, 1)], 2,
            [("C", 0, 0, 6), ("P", 0, 0, 10), ("P", 1, 1, 10), ("P", 2, 2, 10)], id="a silent county stays silent where nothing is dated",
        ),
        pytest.param([("C", 0, 0, 5)], [("C", 0, 1, 1)], 0, [("C", 0, 0, 5)], id="not known by the cut-off"),
        pytest.param([("C", 0, 0, 5)], [("C", 0, 0, -1)], 0, [("C", 0, 0, 4)], id="one case less"),
    ],
)  # fmt: skip
def test_counts_as_reported_moved_by_the_line_list(held, moved, cut, expected):
    made = merge(reported(*held), change(*moved), D[cut], ABOVE)
    assert cells(made) == expected


def test_a_suspected_person_is_counted_until_confirmed():
    one = pl.DataFrame(
        {"place": ["C"], "known_on": [D[0]], "suspected_on": [D[0]], "confirmed_on": [D[2]]}
    )
    made = merge(reported(), tally(one), D[3], ABOVE)
    assert made["suspected"].to_list() == [1, 1, 0, 0]
    assert made["confirmed"].to_list() == [0, 0, 1, 1]


def test_an_unchanged_line_list_changes_nothing():
    one = tally(pl.DataFrame({"place": ["C"], "known_on": [D[0]], "confirmed_on": [D[2]]}))
    assert changes(one, one).is_empty()
