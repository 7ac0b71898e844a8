import numpy as np
import polars as pl
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from tongchou.transmission.importation import (
    flow_matrix,
    importation_pressure,
    pressure_index,
    prevalence,
)
from tongchou.vocabulary.errors import BadParameter, MissingData

PLACES = ["420100", "420200", "430100"]
LEAVING = xr.DataArray([1000.0, 200.0, 50.0], {"place": PLACES}, ("place",))
FLOWS = pl.DataFrame(
    {
        "origin": ["420100", "420100", "420200", "420100", "990000"],
        "destination": ["420200", "430100", "420100", "420100", "430100"],
        "share": [0.6, 0.4, 1.0, 0.3, 0.5],
    }
)
shares = st.lists(st.floats(0, 0.1), min_size=3, max_size=3)


def at(values):
    return xr.DataArray(np.array(values, dtype=float), {"place": PLACES}, ("place",))


def test_shares_become_persons_by_the_departures_of_their_origin():
    flow = flow_matrix(FLOWS, PLACES, scale=LEAVING)
    # flows to itself and from places not asked for are left out
    assert flow.toarray().tolist() == [[0, 600, 400], [200, 0, 0], [0, 0, 0]]


def test_persons_are_taken_as_they_are():
    flows = FLOWS.select("origin", "destination", persons=pl.col("share") * 10)
    assert flow_matrix(flows, PLACES).toarray()[0].tolist() == [0, 6, 4]


@given(shares, st.floats(0, 1))
def test_every_infected_traveller_arrives_once_or_is_found(infected, detection):
    flow = flow_matrix(FLOWS, PLACES, scale=LEAVING)
    arrived = importation_pressure(flow, at(infected), detection=detection).sum().item()
    left = (flow.sum(axis=1) * infected).sum()
    assert arrived == pytest.approx(left * (1 - detection))


@settings(deadline=None)
@given(infected=shares, more=st.floats(0, 0.1))
def test_more_infection_at_an_origin_means_more_only_where_its_flow_goes(infected, more):
    flow = flow_matrix(FLOWS, PLACES, scale=LEAVING)
    raised = [infected[0], infected[1] + more, infected[2]]
    change = importation_pressure(flow, at(raised)) - importation_pressure(flow, at(infected))
    assert change.values == pytest.approx([200 * more, 0, 0], abs=1e-9)


def test_a_gate_protects_its_own_place_only():
    flow = flow_matrix(FLOWS, PLACES, scale=LEAVING)
    open_, gated = (
        importation_pressure(flow, at([0.01, 0, 0]), detection=d).values
        for d in (0.0, at([0, 0.9, 0]))
    )
    assert open_.tolist() == [0, 6, 4]
    assert gated == pytest.approx([0, 0.6, 4])


@settings(deadline=None)
@given(scale=st.floats(0.01, 1e6))
def test_the_index_does_not_depend_on_the_unit_of_the_flow(scale):
    flow = flow_matrix(FLOWS, PLACES)
    one, other = (pressure_index(f, at([0.01, 0.02, 0])) for f in (flow, flow * scale))
    np.testing.assert_allclose(one, other)
    assert one.mean().item() == pytest.approx(1)


def test_no_affected_origin_means_no_pressure_and_no_division_by_it():
    assert pressure_index(flow_matrix(FLOWS, PLACES), at([0, 0, 0])).values.tolist() == [0, 0, 0]


def test_a_sparse_product_equals_the_dense_one():
    rng = np.random.default_rng(23)
    dense = rng.random((60, 60)) * (rng.random((60, 60)) < 0.1)
    infected = xr.DataArray(rng.random(60), {"place": [f"{i:06d}" for i in range(60)]}, ("place",))
    pressure = importation_pressure(sparse.csr_array(dense), infected, detection=0.25)
    np.testing.assert_allclose(pressure, 0.75 * dense.T @ infected.to_numpy())


def test_prevalence_by_hand_and_never_above_one(cube):
    people = xr.DataArray([11_000_000.0, 10.0], {"place": ["420000", "420001"]}, ("place",))
    result = prevalence(cube([[50] * 7, [9] * 7]), people, infectious_days=9.8, ascertainment=0.41)
    assert result.values == pytest.approx([50 * 9.8 / 0.41 / 11e6, 1.0])


@given(st.floats(0.05, 1))
def test_fewer_found_at_home_means_more_on_the_road(ascertainment):
    dates = np.datetime64("2020-01-01", "ns") + np.arange(7) * np.timedelta64(1, "D")
    cases = xr.DataArray([[5.0] * 7], {"place": ["420100"], "date": dates}, ("place", "date"))
    people = xr.DataArray([1e6], {"place": ["420100"]}, ("place",))
    all_found = prevalence(cases, people, ascertainment=1.0).item()
    assert prevalence(cases, people, ascertainment=ascertainment).item() == pytest.approx(
        all_found / ascertainment
    )


def test_a_matrix_of_other_places_is_refused():
    with pytest.raises(BadParameter, match="flow_matrix"):
        importation_pressure(flow_matrix(FLOWS, PLACES[:2]), at([0.1, 0, 0]))


@pytest.mark.parametrize(
    "fault", [{"ascertainment": 0.0}, {"ascertainment": 1.2}, {"infectious_days": -1.0}]
)
def test_an_impossible_share_is_refused_by_name(cube, fault):
    people = xr.DataArray([1e6], {"place": ["420000"]}, ("place",))
    with pytest.raises(BadParameter) as refused:
        prevalence(cube([1] * 7), people, **fault)
    assert refused.value.name == next(iter(fault))


def test_a_table_without_flows_is_named():
    with pytest.raises(MissingData, match=r"mobility\.share"):
        flow_matrix(pl.DataFrame({"origin": ["a"], "destination": ["b"]}), PLACES)
