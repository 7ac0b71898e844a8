"""Small cells stay hidden: checked against every table that a reader could imagine."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongchou.morning.documents.masking import LEFT_OPEN, SMALL, Cell, mask

CEILING = 14  # the largest count of the small tables that are searched whole


def possible(shown: list[Cell], total: int, at: int) -> set[int]:
    """Give every value that one cell may have, by trying all tables that look like this one."""
    span = {"<5": range(1, SMALL), "※": range(SMALL, total + 1)}
    choices = [span[c] if isinstance(c, str) else [c] for c in shown]
    return {table[at] for table in product(*choices) if sum(table) == total}


cells = st.lists(st.integers(0, CEILING), min_size=1, max_size=5)


@settings(max_examples=150, deadline=None)
@given(cells)
def test_a_masked_cell_cannot_be_worked_out_from_the_total(values: list[int]) -> None:
    found = mask(values, ["one"] * len(values))
    assert isinstance(found.total, int) == (found.total == sum(values))
    if isinstance(found.total, int):
        for i, cell in enumerate(found.cells):
            if cell == "<5":
                assert len(possible(list(found.cells), found.total, i)) >= LEFT_OPEN


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, CEILING), st.sampled_from("ab")), min_size=1, max_size=6))
def test_nor_from_the_total_of_its_group_which_another_bulletin_prints(
    rows: list[tuple[int, str]],
) -> None:
    """A city prints its own bulletin: what it prints of its total opens no cell of its province."""
    values, groups = [v for v, _ in rows], [g for _, g in rows]
    found = mask(values, groups)
    for group in set(groups):
        inside = [i for i, g in enumerate(groups) if g == group]
        city = mask([values[i] for i in inside], [group] * len(inside))
        shown = [found.cells[i] for i in inside]
        if isinstance(city.total, int):
            for at, cell in enumerate(shown):
                if cell == "<5":
                    assert len(possible(shown, city.total, at)) >= LEFT_OPEN


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=30))
def test_what_is_printed_is_true(values: list[int]) -> None:
    found = mask(values, ["a"] * len(values))
    for value, cell in zip(values, found.cells, strict=True):
        if cell == "<5":
            assert 0 < value < SMALL
        elif cell == "※":
            assert value >= SMALL
        else:
            assert cell == value
            assert not 0 < value < SMALL
    assert found.total in (sum(values), "<5", "※")


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=30))
def test_a_table_without_small_cells_is_printed_whole(values: list[int]) -> None:
    large = [v for v in values if v == 0 or v >= SMALL]
    assert list(mask(large, ["a"] * len(large)).cells) == large


def test_a_city_and_its_province_hide_the_same_cells() -> None:
    city = [3, 60, 12, 0]
    alone = mask(city, ["city"] * 4).cells
    within = mask([*city, 700, 800], ["city"] * 4 + ["other"] * 2).cells
    assert within[:4] == alone


def test_another_column_may_not_give_a_withheld_cell_away() -> None:
    """New in 14 days is at most the confirmed: a low ceiling takes protection away."""
    assert mask([2, 6, 40], ["a"] * 3).cells == ("<5", "※", 40)
    # With 6 confirmed the withheld cell is 5 or 6, so the small one would be 2 or 3: too few.
    assert mask([2, 6, 40], ["a"] * 3, ceilings=[60, 6, 60]).cells == ("<5", "※", "※")


@pytest.mark.parametrize("values", [[4], [1, 1], [2, 0, 0]])
def test_a_total_below_five_is_itself_small(values: list[int]) -> None:
    assert mask(values, ["a"] * len(values)).total == "<5"


def test_where_nothing_is_left_to_hide_the_total_goes() -> None:
    """Two times four is eight and nothing else: printing eight would print both."""
    assert mask([4, 4], ["a", "a"]).total == "※"
