from datetime import date

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from tongchou.transmission.importation import importation_pressure
from tongchou.transmission.mobility.arrivals import (
    daily_imports,
    expected_imports,
    imports_by_origin,
)
from tongchou.transmission.mobility.defence import (
    Line,
    combined_leak,
    lines_of_defence,
    weakest_lines,
)
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

PLACES = {"place": ["420100", "420200", "430100"]}
FLOW = sparse.csr_array(np.array([[0.0, 600, 400], [200, 0, 0], [0, 0, 0]]))
SICK = xr.DataArray([0.01, 0.001, 0.0], PLACES, ("place",))
unit = st.floats(0, 1)


def line(leak, covers=1.0, code="line"):
    return Line(
        code=code, name=Text(zh="线", en="line"), leak=leak, low=leak, high=leak, covers=covers
    )


@given(st.lists(st.tuples(unit, unit), min_size=1, max_size=6))
def test_more_lines_never_let_more_pass(pairs):
    lines = [line(*pair) for pair in pairs]
    leaks = [combined_leak(lines[:k]) for k in range(len(lines) + 1)]
    assert leaks[0] == 1
    assert (np.diff(leaks) <= 1e-12).all()


@given(st.lists(st.tuples(unit, unit), min_size=2, max_size=5), st.floats(0, 100))
def test_the_slope_is_what_the_last_point_of_leak_adds(pairs, arriving):
    lines = [line(*pair, code=str(k)) for k, pair in enumerate(pairs)]
    table = {row["line"]: row for row in weakest_lines(lines, arriving).iter_rows(named=True)}
    total = arriving * combined_leak(lines)
    for k, (leak, covers) in enumerate(pairs):
        changed = [
            line(leak * 0.5, covers, str(k)) if i == k else other for i, other in enumerate(lines)
        ]
        saved = total - arriving * combined_leak(changed)
        assert saved == pytest.approx(table[str(k)]["slope"] * leak * 0.5, abs=1e-9)


def test_without_lines_everyone_infected_arrives():
    found = expected_imports(FLOW, SICK, [], ranges={}, rng=np.random.default_rng(1))
    np.testing.assert_allclose(found["imports"], importation_pressure(FLOW, SICK, detection=0))
    assert found["low"].identical(found["high"]) or (found["low"] == found["high"]).all()


def test_a_closed_line_stops_all_and_an_open_one_none():
    for leak, share in ((0.0, 0.0), (1.0, 1.0)):
        found = expected_imports(FLOW, SICK, [line(leak)], ranges={}, rng=np.random.default_rng(1))
        np.testing.assert_allclose(found["imports"], share * found["arriving"])


@pytest.mark.parametrize("profile", ["county", "capital", "epicentre_closed"])
def test_the_range_holds_the_estimate_and_every_line_leaves_fewer(profile):
    lines = lines_of_defence(profile)
    found = expected_imports(FLOW, SICK, lines, rng=np.random.default_rng(3))
    assert (found["low"] <= found["imports"]).all()
    assert (found["imports"] <= found["high"]).all()
    assert (found["left"].diff("stage") <= 0).all()
    np.testing.assert_allclose(found["left"].isel(stage=-1), found["imports"])


def test_the_range_of_a_single_line_is_that_of_its_row():
    gate = Line(code="gate", name=Text(zh="卡口", en="gate"), leak=0.6, low=0.3, high=0.8)
    found = expected_imports(
        FLOW, SICK, [gate], ranges={}, draws=200_000, rng=np.random.default_rng(5)
    )
    np.testing.assert_allclose(found["low"] / found["arriving"].where(found["arriving"] > 0), [0.3, 0.3, 0.3], rtol=0.02)  # fmt: skip
    np.testing.assert_allclose(found["high"] / found["arriving"].where(found["arriving"] > 0), [0.8, 0.8, 0.8], rtol=0.02)  # fmt: skip


def test_the_same_generator_gives_the_same_range():
    one, other = (
        expected_imports(FLOW, SICK, lines_of_defence(), rng=np.random.default_rng(7)) for _ in "ab"
    )
    assert one.identical(other)


def test_the_capital_is_guarded_better_than_a_county():
    assert combined_leak(lines_of_defence("capital")) < combined_leak(lines_of_defence("county"))


def test_what_comes_from_city_and_village_adds_up():
    parts = imports_by_origin(FLOW, SICK, ["city", "village", "village"])
    whole = importation_pressure(FLOW, SICK, detection=0)
    for place, total in zip(PLACES["place"], whole.values, strict=True):
        assert parts.filter(place=place)["arriving"].sum() == pytest.approx(total)
    with pytest.raises(BadParameter, match="groups"):
        imports_by_origin(FLOW, SICK, ["city"])


@pytest.mark.parametrize(
    "bad", [{"leak": 1.2, "high": 1.2}, {"leak": 0.1, "low": 0.2}, {"covers": -0.1}]
)
def test_a_line_outside_its_range_is_refused(bad):
    with pytest.raises(BadParameter, match="gate"):
        Line(
            code="gate",
            name=Text(zh="卡口", en="gate"),
            **({"leak": 0.5, "low": 0.4, "high": 0.6} | bad),
        )


def test_an_unknown_profile_names_those_there_are():
    with pytest.raises(BadParameter, match="capital, county"):
        lines_of_defence("village")


def daily(flows_of, sick=None, **more):
    persons = np.zeros((3, 3, 4))
    persons[0, 1], persons[0, 2], persons[1, 0] = 600, 400, 200
    flows = flows_of(persons)
    sick = sick if sick is not None else SICK.assign_coords(place=list(flows.places))
    return daily_imports(flows, sick, lines_of_defence(), rng=np.random.default_rng(1), **more)


def test_every_day_has_the_imports_of_its_flow(flows_of):
    found = daily(flows_of)
    once = expected_imports(FLOW, SICK, lines_of_defence(), rng=np.random.default_rng(1))
    for day in range(4):
        for name in ("arriving", "imports", "low", "high"):
            np.testing.assert_allclose(found[name][:, day], once[name], rtol=1e-6)


def test_a_line_stands_from_its_first_day(flows_of):
    found = daily(flows_of, since={"quarantine": date(2020, 1, 3)})
    share = (found["imports"].sum("place") / found["arriving"].sum("place")).values
    without = [line for line in lines_of_defence() if line.code != "quarantine"]
    np.testing.assert_allclose(
        share, [combined_leak(without)] * 2 + [combined_leak(lines_of_defence())] * 2
    )
    assert (found["low"] <= found["imports"]).all()
    assert (found["imports"] <= found["high"]).all()


def test_prevalence_may_differ_by_day(flows_of):
    days = np.datetime64("2020-01-01", "ns") + np.arange(4) * np.timedelta64(1, "D")
    sick = SICK.assign_coords(place=["p0", "p1", "p2"]).expand_dims(date=days) * xr.DataArray(
        [0, 1, 2, 3], {"date": days}, ("date",)
    )
    arriving = daily(flows_of, sick)["arriving"].sel(place="p1").values
    np.testing.assert_allclose(arriving, [0, 6, 12, 18], rtol=1e-6)


@pytest.mark.parametrize(
    ("sick", "more", "named"),
    [
        (SICK, {}, "prevalence"),
        (SICK.assign_coords(place=["p0", "p1", "p2"]) * 200, {}, "prevalence"),
        (None, {"since": {"moat": date(2020, 1, 3)}}, "since"),
    ],
)
def test_what_does_not_fit_the_flows_is_named(flows_of, sick, more, named):
    with pytest.raises(BadParameter, match=named):
        daily(flows_of, sick, **more)
