import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from tongchou.planning.balance import Balance, allocate, balance, surplus_deficit
from tongchou.planning.transport import Unmet, least_cost_flow
from tongchou.vocabulary.errors import BadInput

LIMITS = pl.DataFrame(
    {"item": ["suit"], "floor_days": [3], "target_days": [7], "home_days": [10], "priority": [1]}
)
Rows = list[tuple[str, float, float | None]]


def supply(rows: Rows, in_transit: float = 0.0) -> pl.DataFrame:
    schema = {"place": pl.Utf8, "quantity": pl.Float64, "daily_use": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        item=pl.lit("suit"), in_transit=pl.lit(in_transit)
    )


def on_a_meridian(rows: Rows) -> pl.DataFrame:
    """Put the places one degree of latitude apart, in the order given."""
    codes = list(dict.fromkeys(place for place, _, _ in rows))
    return pl.DataFrame(
        {
            "place": codes,
            "longitude": [114.0] * len(codes),
            "latitude": [30.0 + i for i in range(len(codes))],
        }
    )


def solved(rows: Rows) -> Balance:
    return balance(supply(rows), on_a_meridian(rows), LIMITS)


def test_a_hand_solved_example() -> None:
    # A can spare 2,000 − 10 × 100 = 1,000. B lacks 700 and C 7 × 50 − 100 = 250: 950 in all.
    # D, next to C, can spare 300, so C is served from D and the rest of D goes to nobody.
    rows: Rows = [("A", 2000, 100), ("B", 0, 100), ("C", 100, 50), ("D", 400, 10)]
    result = solved(rows)
    moved = result.transfers.select("origin", "destination", "quantity").rows()
    assert moved == [("A", "B", 700), ("D", "C", 250)]
    # One degree of latitude is 111.2 km.
    assert result.transfers["distance_km"].to_list() == pytest.approx([111.2, 111.2], abs=0.1)
    assert result.unmet.is_empty()


def test_when_there_is_too_little_everyone_reaches_the_floor_before_anyone_goes_beyond() -> None:
    # 700 to spare; floors of B and C are 300 + 150. The other 250 go to whoever has fewest days.
    rows: Rows = [("A", 1700, 100), ("B", 0, 100), ("C", 0, 50)]
    result = solved(rows)
    received = dict(result.unmet.select("place", "received").rows())
    assert sum(received.values()) == 700
    assert result.unmet["unmet_floor"].to_list() == [0, 0]
    assert result.unmet["days_after"].to_list() == pytest.approx([700 / 150] * 2, abs=0.02)


def test_a_reserve_without_use_gives_all_it_has_and_says_so() -> None:
    transfer = solved([("D", 50, 0), ("B", 0, 100)]).transfers.row(0, named=True)
    assert transfer["quantity"] == 50
    assert transfer["reason_en"].startswith("The sender is a reserve")
    assert transfer["reason_zh"].startswith("调出地为储备")


def test_goods_on_the_way_lower_the_deficit_but_are_nobody_s_surplus() -> None:
    rows = surplus_deficit(supply([("A", 0, 100), ("B", 1000, 100)], in_transit=500), LIMITS)
    assert rows.select("deficit", "surplus").rows() == [(200, 0), (0, 0)]


def test_stock_whose_use_is_unknown_is_neither_given_nor_lacking() -> None:
    row = surplus_deficit(supply([("A", 900, None)]), LIMITS).row(0, named=True)
    assert (row["surplus"], row["deficit"], row["use_unknown"]) == (0, 0, 900)


def test_a_hospital_in_want_inside_a_well_stocked_place_shows_when_facilities_are_balanced() -> (
    None
):
    rows = supply([("420106", 9000, 0), ("420106", 0, 100)]).with_columns(
        facility_id=pl.Series(["depot", "hospital"])
    )
    assert surplus_deficit(rows, LIMITS)["deficit"].to_list() == [0]
    sites = pl.DataFrame(
        {"place": ["depot", "hospital"], "longitude": [114.3, 114.4], "latitude": [30.5, 30.5]}
    )
    moved = balance(rows.with_columns(place="facility_id"), sites, LIMITS).transfers
    assert moved.select("origin", "destination", "quantity").rows() == [("depot", "hospital", 700)]


def test_days_in_the_wrong_order_are_refused_with_the_row() -> None:
    with pytest.raises(BadInput, match="suit: 3, 12, 10"):
        surplus_deficit(supply([("A", 1, 1)]), LIMITS.with_columns(target_days=pl.lit(12)))


def test_a_place_without_a_position_is_still_served() -> None:
    nowhere = pl.DataFrame(
        {"place": ["A"], "longitude": [None], "latitude": [None]},
        schema={"place": pl.Utf8, "longitude": pl.Float64, "latitude": pl.Float64},
    )
    result = balance(supply([("A", 2000, 100), ("B", 0, 100)]), nowhere, LIMITS)
    assert result.transfers.select("quantity", "distance_km").rows() == [(700, None)]


quantities = st.tuples(st.integers(0, 3000), st.sampled_from([0.0, 1.5, 10.0, 33.3, 100.0]))
many = st.lists(quantities, min_size=2, max_size=6)


def named(drawn: list[tuple[int, float]]) -> Rows:
    return [(f"{i:06}", float(q), u) for i, (q, u) in enumerate(drawn)]


@settings(max_examples=60, deadline=None)
@given(drawn=many)
def test_nothing_is_created_no_donor_goes_below_its_home_days_and_nobody_gets_too_much(
    drawn: list[tuple[int, float]],
) -> None:
    rows = named(drawn)
    result = solved(rows)
    sent = dict(result.transfers.group_by("origin").agg(pl.col("quantity").sum()).rows())
    got = dict(result.transfers.group_by("destination").agg(pl.col("quantity").sum()).rows())
    assert sum(sent.values()) == sum(got.values())
    assert not sent.keys() & got.keys()
    for place, quantity, use in rows:
        assert quantity - sent.get(place, 0) >= min(quantity, 10 * (use or 0.0)) - 1e-6
        assert got.get(place, 0) <= np.ceil(max(0.0, 7 * (use or 0.0) - quantity)) + 1e-6
    table = result.table
    total = int(table["deficit"].sum()) - int(table["surplus"].sum())
    assert int(result.unmet["unmet"].sum()) == max(0, total)


@settings(max_examples=60, deadline=None)
@given(drawn=many, more=st.integers(1, 500), where=st.integers(0, 5))
def test_more_stock_anywhere_never_leaves_more_unmet(
    drawn: list[tuple[int, float]], more: int, where: int
) -> None:
    rows = named(drawn)
    i = where % len(rows)
    richer = [(p, q + more if n == i else q, u) for n, (p, q, u) in enumerate(rows)]
    for column in ("unmet", "unmet_floor"):
        assert int(solved(richer).unmet[column].sum()) <= int(solved(rows).unmet[column].sum())


@settings(max_examples=20, deadline=None)
@given(drawn=many)
def test_the_order_in_which_places_are_listed_does_not_matter(
    drawn: list[tuple[int, float]],
) -> None:
    rows = named(drawn)
    turned = balance(supply(rows[::-1]), on_a_meridian(rows), LIMITS)
    assert turned.transfers.equals(solved(rows).transfers)
    assert turned.unmet.equals(solved(rows).unmet)


def test_twins_receive_alike() -> None:
    given_ = allocate(100, np.zeros(2), np.full(2, 20.0), 3, 7, np.array([1, 1]))
    assert given_.tolist() == [50, 50]


@settings(max_examples=60, deadline=None)
@given(
    need=st.lists(
        st.tuples(st.floats(0, 500), st.floats(1, 100), st.integers(1, 3)), min_size=2, max_size=6
    ),
    pool=st.integers(0, 3000),
)
def test_the_allocation_is_the_optimum_of_the_linear_programme(
    need: list[tuple[float, float, int]], pool: int
) -> None:
    """Second implementation: the longest shortest days, then least weighted unmet need."""
    stock, use, rank = (np.array(column, dtype=float) for column in zip(*need, strict=True))
    stock = np.minimum(stock, 7 * use)
    given_ = allocate(pool, stock, use, 3, 7, rank.astype(np.int64))
    n, lack = len(use), np.maximum(0, 7 * use - stock)
    # Variables: pieces x, level v of the worst place, up to the floor.
    ahead = np.hstack([-np.eye(n), use[:, None]])
    first = linprog(
        [*np.zeros(n), -1],
        A_ub=np.vstack([ahead, [*np.ones(n), 0]]),
        b_ub=[*stock, pool],
        bounds=[*((0, amount) for amount in lack), (0, 3)],
    )
    floor = np.clip(-first.fun * use - stock, 0, lack)
    # Whole pieces: a place may be given up to one piece beyond the level, at another's expense.
    assert np.maximum(0, floor - given_).sum() <= n + 1e-6
    second = linprog(
        -rank, A_ub=[np.ones(n)], b_ub=[pool], bounds=list(zip(floor, lack, strict=True))
    )
    unmet = float(rank @ np.maximum(0, lack - given_))
    # Rounding moves at most one piece of weight 3 for each place.
    assert unmet <= float(rank @ lack + second.fun) + 3 * n + 1e-6


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_flow_is_the_cheapest_of_all_that_leave_least_unmet(data: st.DataObject) -> None:
    """Second implementation: all whole flows of a 2 × 2 problem, one by one."""
    small = st.integers(0, 3)
    s, d = (np.array([data.draw(small), data.draw(small)]) for _ in range(2))
    c = np.array([float(data.draw(st.integers(0, 9))) for _ in range(4)])
    p = np.array([float(data.draw(st.integers(1, 3))) for _ in range(2)])
    i, j = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    flow = least_cost_flow(s, i, j, c, Unmet(destination=np.arange(2), limit=d, points=p))

    def worth(x: np.ndarray) -> tuple[float, float]:
        received = np.bincount(j, weights=x, minlength=2)
        return float(p @ (d - received)), float(c @ x)

    feasible = [
        np.array(x)
        for x in itertools.product(range(4), repeat=4)
        if (np.bincount(i, weights=x, minlength=2) <= s).all()
        and (np.bincount(j, weights=x, minlength=2) <= d).all()
    ]
    assert worth(flow) == pytest.approx(min(worth(x) for x in feasible))


@pytest.mark.parametrize("most", [45, 60])
def test_with_too_little_and_with_enough_the_optimum_is_that_over_all_arcs(most: int) -> None:
    """Second implementation: every arc at once. Near depots are empty, so far ones are needed."""
    rng = np.random.default_rng(11)
    n, m = 40, 60
    cost = rng.uniform(1, 100, (n, m))
    cost[:15] /= 50
    supply_, need = (
        np.r_[np.zeros(15, dtype=int), rng.integers(most - 30, most, n - 15)],
        rng.integers(1, 30, m),
    )
    i, j = (a.ravel() for a in np.indices((n, m)))
    assert bool(supply_.sum() < need.sum()) is (most == 45)
    unmet = Unmet(destination=np.arange(m), limit=need, points=np.ones(m))
    flow = least_cost_flow(supply_, i, j, cost.ravel(), unmet)
    everything = linprog(
        np.r_[cost.ravel(), np.full(m, 1e5)],
        A_ub=np.hstack([np.equal.outer(np.arange(n), i), np.zeros((n, m))]),
        b_ub=supply_,
        A_eq=np.hstack([np.equal.outer(np.arange(m), j), np.eye(m)]),
        b_eq=need,
    )
    short = need.sum() - flow.sum()
    assert flow @ cost.ravel() + 1e5 * short == pytest.approx(everything.fun)
    assert short == max(0, need.sum() - supply_.sum())
