"""Laws of the rule, and the vectorised engine beside a plain second implementation."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tiering_cubes import cumulative, days
from tiering_plain_rule import plain_tier
from xarray import DataArray

from tongchou.tiering.engine import tier_history
from tongchou.tiering.rules import TIERS, tier_rules
from tongchou.tiering.tiers import assign_tiers

RULES = tier_rules()
LENGTH = 24

steps = st.lists(
    st.one_of(st.just(0), st.just(0), st.integers(-3, 3), st.integers(0, 60)),
    min_size=LENGTH,
    max_size=LENGTH,
)
rises = st.lists(
    st.one_of(st.just(0), st.just(0), st.integers(0, 30)), min_size=LENGTH, max_size=LENGTH
)
flags = st.lists(st.booleans(), min_size=LENGTH, max_size=LENGTH)


def totals(new):
    return np.maximum(np.cumsum(new), 0).astype(float)


def last(cube, **more):
    return int(tier_history(cube, RULES, **more)["tier"].values[0, -1])


def test_the_engine_equals_the_plain_reading_on_random_cubes_with_gaps_and_corrections():
    rng = np.random.default_rng(20200223)
    new = rng.poisson(0.15, (60, 80)) * rng.integers(1, 25, (60, 1))
    total = np.maximum(np.cumsum(new - (rng.random((60, 80)) < 0.02), axis=1), 0).astype(float)
    total[rng.random((60, 80)) < 0.1] = np.nan
    happened = rng.random((60, 80)) < 0.05
    cube = cumulative({f"{i:06d}": row.tolist() for i, row in enumerate(total)})
    known = [f"{i:06d}" for i in range(0, 60, 2)]
    clusters = DataArray(
        happened[::2], dims=("place", "date"), coords={"place": known, "date": days(80)}
    )
    codes = tier_history(cube, RULES, clusters=clusters)["tier"].values
    for i in range(60):
        on = set(np.flatnonzero(happened[i]).tolist()) if i % 2 == 0 else None
        expected = [plain_tier(total[i].tolist(), d, on) for d in range(80)]
        found = [None if c < 0 else TIERS[c] for c in codes[i]]
        assert found == expected


@settings(max_examples=150, deadline=None)
@given(rises, rises)
def test_more_cases_at_any_time_never_give_a_lower_tier(few, more):
    """True because low is tried first: a county with a superset of cases is never below."""
    both = np.add(few, more)
    assert last(cumulative({"1": totals(few)})) <= last(cumulative({"1": totals(both)}))


@settings(max_examples=150, deadline=None)
@given(rises, rises, flags)
def test_a_part_is_never_above_its_whole(part, rest, clusters):
    """The ground of "data too coarse": a county is never in a higher tier than its prefecture."""
    flag = DataArray(
        [clusters], dims=("place", "date"), coords={"place": ["1"], "date": days(LENGTH)}
    )
    whole = cumulative({"1": totals(np.add(part, rest))})
    # clusters of the part are clusters of the whole
    assert last(cumulative({"1": totals(part)}), clusters=flag) <= last(whole, clusters=flag)


@settings(max_examples=100, deadline=None)
@given(rises)
def test_with_nothing_new_the_tier_only_falls_and_is_low_after_fourteen_days(new):
    series = [*totals(new), *[sum(new)] * 14]
    codes = tier_history(cumulative({"1": series}), RULES)["tier"].values[0, LENGTH - 1 :]
    assert np.all(np.diff(codes) <= 0)
    assert codes[-1] == TIERS.index("low")


@settings(max_examples=60, deadline=None)
@given(rises)
def test_the_promised_way_down_comes_true(new):
    series = totals(new)
    row = assign_tiers(cumulative({"1": series}), RULES).row("1")
    wait = row["days_to_lower"]
    if wait is None:
        assert row["tier"] == "low"
        return
    later = assign_tiers(cumulative({"1": [*series, *[series[-1]] * wait]}), RULES).row("1")
    assert later["tier"] == row["lower_tier"]
    before = assign_tiers(cumulative({"1": [*series, *[series[-1]] * (wait - 1)]}), RULES)
    assert before.row("1")["tier"] == row["tier"]


@settings(max_examples=60, deadline=None)
@given(rises)
def test_the_promised_way_up_comes_true(new):
    series = totals(new)
    row = assign_tiers(cumulative({"1": series}), RULES).row("1")
    cases = row["cases_to_higher"]
    if cases is None:
        assert row["tier"] == "high"
        return
    assert last(cumulative({"1": [*series[:-1], series[-1] + cases]})) > TIERS.index(row["tier"])
    fewer = cumulative({"1": [*series[:-1], series[-1] + cases - 1]})
    assert last(fewer) == TIERS.index(row["tier"])


@settings(max_examples=60, deadline=None)
@given(steps, st.integers(0, 30))
def test_quiet_days_before_the_first_report_change_nothing(new, earlier):
    series = totals(new)
    assert last(cumulative({"1": series})) == last(cumulative({"1": [0] * earlier + [*series]}))


@settings(max_examples=60, deadline=None)
@given(rises)
def test_the_longer_window_is_never_the_milder_one(new):
    cube = cumulative({"1": totals(new)})
    table = assign_tiers(cube, RULES)
    tiers = dict(table.variants.select("variant", "tier").iter_rows())
    ranks = [TIERS.index(tiers[f"late_{d}"]) for d in (1, 2, 3)]
    assert ranks == sorted(ranks)
    assert ranks[0] >= TIERS.index(table.row("1")["tier"])
