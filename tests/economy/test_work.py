from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongchou.economy.work import blocks, bottlenecks, chained, limited_by_chain, work_back

CUT = date(2020, 2, 22)
SCHEMA = {
    "enterprise_id": pl.Utf8,
    "staff": pl.Int64,
    "staff_back": pl.Int64,
    "supplier_id": pl.Utf8,
    "cash_days": pl.Float64,
    "relief_granted": pl.Boolean,
    "blocked_by": pl.Utf8,
}
Row = tuple[str, int, int, str | None, float | None, bool | None, str | None]


def enterprises(*rows: Row) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").with_columns(
        date=pl.lit(CUT), place=pl.lit("420100"), sector=pl.lit("vehicles")
    )


# A car maker needs a parts maker, which needs a foundry of which one fifth is back.
CHAIN = enterprises(
    ("car", 1000, 900, "parts", 60.0, False, "material"),
    ("parts", 200, 120, "foundry", 10.0, True, "none"),
    ("foundry", 50, 10, None, 7.0, False, "labour"),
    ("bakery", 50, 50, None, None, None, "none"),
)


def test_a_hand_worked_chain() -> None:
    row = work_back(chained(CHAIN, CUT)).row(0, named=True)
    # Staff: (900 + 120 + 10 + 50) ÷ 1,300. Chain: (1,000 + 200 + 50) × 0.2 + 50 of 1,300.
    assert row["work_back"] == pytest.approx(1080 / 1300)
    assert row["chain_back"] == pytest.approx(300 / 1300)
    assert row["held_up"] == 2


def test_the_foundry_is_the_firm_to_help_first() -> None:
    found = bottlenecks(chained(CHAIN, CUT)).row(0, named=True)
    # Idle while it is missing: 1,000 × (0.9 − 0.2) + 200 × (0.6 − 0.2) staff.
    assert (found["enterprise_id"], found["held_up"]) == ("foundry", 2)
    assert found["waiting_staff"] == pytest.approx(780)


def test_firms_short_of_cash_without_relief_are_a_share_of_those_whose_cash_is_known() -> None:
    row = work_back(chained(CHAIN, CUT)).row(0, named=True)
    assert (row["cash_known"], row["cash_short"]) == (3, 1)
    assert row["cash_short_share"] == pytest.approx(1 / 3)


def test_what_blocks_is_counted_in_firms_and_staff_and_said_in_both_languages() -> None:
    found = blocks(chained(CHAIN, CUT))
    assert found.select("reason", "firms", "staff_away", "zh", "en").rows() == [
        ("material", 1, 100, "缺原料", "material"),
        ("labour", 1, 40, "缺员工", "labour"),
    ]


def test_figures_by_place_and_sector_add_up_to_the_whole() -> None:
    rows = CHAIN.with_columns(place=pl.Series(["420100", "420100", "420600", "420600"]))
    firms = chained(rows, CUT)
    parts = work_back(firms, ["place"])
    assert parts["place"].to_list() == ["420100", "420600"]
    assert parts["staff_back"].sum() == work_back(firms)["staff_back"][0]
    assert blocks(firms, ["place"])["place"].to_list() == ["420100", "420600"]


def test_a_later_report_replaces_an_earlier_one_and_a_future_one_is_not_seen() -> None:
    older = CHAIN.with_columns(date=pl.lit(date(2020, 2, 20)), staff_back=pl.lit(0, pl.Int64))
    future = CHAIN.with_columns(date=pl.lit(date(2020, 2, 25)), staff_back=pl.col("staff"))
    assert chained(pl.concat([older, CHAIN, future]), CUT)["own"].to_list() == [1.0, 0.9, 0.2, 0.6]


def test_more_staff_back_than_there_are_counts_as_all() -> None:
    firms = chained(enterprises(("a", 10, 12, None, None, None, None)), CUT)
    assert work_back(firms)["work_back"][0] == 1.0


def test_firms_in_a_circle_all_wait_for_the_slowest() -> None:
    e, by = limited_by_chain(np.array([0.9, 0.4, 0.7]), np.array([1, 2, 0]))
    assert e.tolist() == [0.4] * 3
    assert by.tolist() == [1, 1, 1]


rates = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@given(rate=rates, data=st.data())
def test_the_chain_agrees_with_walking_upstream_firm_by_firm(
    rate: list[float], data: st.DataObject
) -> None:
    """Second implementation: the lowest rate met on the way until a firm is met again."""
    n = len(rate)
    supplier = data.draw(st.lists(st.integers(-1, n - 1), min_size=n, max_size=n))

    def walk(i: int) -> float:
        seen: set[int] = set()
        while i >= 0 and i not in seen:
            seen.add(i)
            i = supplier[i]
        return min(rate[j] for j in seen)

    e, by = limited_by_chain(np.array(rate), np.array(supplier))
    assert e.tolist() == [walk(i) for i in range(n)]
    assert [rate[j] for j in by.tolist()] == e.tolist()


@given(rate=rates, data=st.data())
def test_a_firm_that_restarts_never_lowers_another(rate: list[float], data: st.DataObject) -> None:
    n = len(rate)
    supplier = np.array(data.draw(st.lists(st.integers(-1, n - 1), min_size=n, max_size=n)))
    helped = np.array(rate)
    helped[data.draw(st.integers(0, n - 1))] = 1.0
    before, after = (
        limited_by_chain(np.array(rate), supplier)[0],
        limited_by_chain(helped, supplier)[0],
    )
    assert (after >= before).all()
    assert (before <= np.array(rate)).all()
