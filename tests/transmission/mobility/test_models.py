import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from tongchou.transmission.mobility.counties import (
    commuting_links,
    county_travel_links,
    share_out,
)
from tongchou.transmission.mobility.gravity import Gravity, fit_gravity
from tongchou.transmission.mobility.radiation import compare_models, radiation_weights
from tongchou.transmission.mobility.spatial import common_part, kilometres, spread, unit_vectors
from tongchou.vocabulary.errors import BadParameter

seeds = st.integers(0, 2**32 - 1)
MODEL = Gravity(
    constant=0, origin=1, destination=0.8, distance=1.9, errors=(), explained=1, pairs=9
)


def country(rng, n=40):
    people = np.exp(rng.normal(13, 1, n))
    return people, np.stack([rng.uniform(100, 120, n), rng.uniform(22, 40, n)], axis=1)


def law(people, points, alpha, beta, gamma, level=3.0):
    km = kilometres(unit_vectors(points))
    mean = np.outer(people**alpha, people**beta) * km**-gamma * (1 - np.eye(people.size))
    return mean / mean.mean() * level


def test_exponents_of_simulated_flows_are_covered_by_their_errors():
    # 60 repeats: 95 % bands hold the truth in 85 to 100 % of them with probability 0.999 if they cover 93 %.
    truth, inside = np.array([0.7, 0.9, 1.6]), []
    rng = np.random.default_rng(20200123)
    for _ in range(60):
        people, points = country(rng)
        mean = law(people, points, *truth)
        noise = rng.gamma(1 / 0.3, 0.3, mean.shape)
        model = fit_gravity(sparse.csr_array(rng.poisson(mean * noise)), people, points)
        found = np.array([model.origin, model.destination, model.distance])
        inside.append(np.abs(found - truth) < 2.02 * np.array(model.errors))
    share = np.mean(inside, axis=0)
    assert (share >= 0.83).all(), share


def test_exact_flows_give_the_exact_exponents_with_and_without_departures():
    people, points = country(np.random.default_rng(2), 25)
    flow = sparse.csr_array(law(people, points, 0.46, 0.64, 2.1))
    free, given_ = (fit_gravity(flow, people, points, constrained=c) for c in (False, True))
    assert (free.origin, free.destination, free.distance) == pytest.approx((0.46, 0.64, 2.1))
    assert (given_.destination, given_.distance) == pytest.approx((0.64, 2.1))
    assert free.explained == pytest.approx(1)
    np.testing.assert_allclose(free.departures(people, points), flow.sum(axis=1), rtol=1e-6)


def test_given_departures_any_propensity_to_travel_leaves_the_exponents_alone():
    rng = np.random.default_rng(4)
    people, points = country(rng, 25)
    flow = law(people, points, 0.5, 0.8, 1.5) * np.exp(rng.normal(0, 1, (25, 1)))
    model = fit_gravity(sparse.csr_array(flow), people, points, constrained=True)
    assert (model.destination, model.distance) == pytest.approx((0.8, 1.5))
    assert model.origin is None
    with pytest.raises(BadParameter, match="constrained"):
        model.departures(people, points)


@given(seeds)
def test_radiation_sends_everyone_somewhere_and_nobody_home(seed):
    rng = np.random.default_rng(seed)
    people, points = country(rng, 12)
    p = radiation_weights(people, points)(slice(0, 12))
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-9)
    assert (np.diag(p) == 0).all()
    assert (p >= 0).all()


def test_radiation_does_not_depend_on_the_unit_of_population():
    people, points = country(np.random.default_rng(9), 12)
    one, thousand = (radiation_weights(people * s, points)(slice(0, 12)) for s in (1, 1000))
    np.testing.assert_allclose(one, thousand, rtol=1e-9)


def test_places_without_people_send_and_receive_nobody():
    people, points = country(np.random.default_rng(3), 8)
    people[2] = 0
    model = Gravity(
        constant=0, origin=1, destination=0.9, distance=2, errors=(), explained=1, pairs=9
    )
    for weights in (radiation_weights(people, points), model.weights(people, points)):
        values = weights(slice(0, 8))
        assert (values[2] == 0).all()
        assert (values[:, 2] == 0).all()
        assert (values.sum(axis=1)[people > 0] > 0).all()


def test_blocks_of_origins_give_the_same_as_all_at_once():
    people, points = country(np.random.default_rng(6), 300)
    weights = radiation_weights(people, points)
    whole = weights(slice(0, 300))
    np.testing.assert_array_equal(weights(slice(256, 300)), whole[256:])
    matrix, moved = spread(weights, people, cap=300)
    np.testing.assert_allclose(matrix.toarray(), whole * people[:, None], rtol=1e-9)
    assert moved.max() < 1e-12


def test_the_model_that_made_the_flows_foretells_held_out_pairs_best():
    rng = np.random.default_rng(11)
    people, points = country(rng, 30)
    made = sparse.csr_array(law(people, points, 0.7, 0.9, 1.6, level=50.0))
    found = compare_models(made, people, points, rng=rng)
    best = found.sort("cpc", descending=True)
    assert best["model"][0].startswith("gravity")
    assert best["cpc"][0] == pytest.approx(1, abs=1e-6)
    assert found.sort("log_likelihood")["model"][0] == "population"
    radiated = radiation_weights(people, points)(slice(0, 30)) * people[:, None]
    other = compare_models(sparse.csr_array(radiated), people, points, rng=rng)
    assert other.sort("cpc", descending=True)["model"][0] == "radiation"


def test_the_common_part_of_nothing_is_all():
    assert common_part([0.0], [0.0]) == 1
    assert common_part([1.0, 0.0], [0.0, 1.0]) == 0


@given(seeds, st.integers(1, 6))
def test_sharing_out_keeps_every_total_between_prefectures(seed, cap):
    rng = np.random.default_rng(seed)
    people, points = country(rng, 12)
    above = np.repeat(np.arange(4), 3)
    flow = rng.random((4, 4)) * 1000 * (1 - np.eye(4))
    model = Gravity(
        constant=0, origin=1, destination=0.8, distance=1.9, errors=(), explained=1, pairs=9
    )
    shared, moved = share_out(sparse.csr_array(flow), above, people, points, model, cap=cap)
    group = sparse.csr_array((np.ones(12), (above, np.arange(12))))
    np.testing.assert_allclose((group @ shared @ group.T).toarray(), flow, rtol=1e-9, atol=1e-9)
    assert 0 <= moved < 1


def test_flows_of_a_prefecture_without_residents_are_reported_not_lost_in_silence():
    model = Gravity(
        constant=0, origin=1, destination=1, distance=2, errors=(), explained=1, pairs=9
    )
    flow = sparse.csr_array([[0.0, 6.0], [2.0, 0.0]])
    shared, moved = share_out(flow, [0, 1], [0.0, 10.0], [[100, 30], [101, 30]], model)
    assert shared.sum() == 0
    assert moved == 1
    with pytest.raises(BadParameter, match="above"):
        share_out(flow, [0, 2], [5.0, 10.0], [[100, 30], [101, 30]], model)


def test_nobody_commutes_beyond_reach_and_the_share_is_the_one_given():
    people, points = country(np.random.default_rng(12), 60)
    codes = [str(i) for i in range(60)]
    links = commuting_links(people, points, codes, share=0.2, farthest_km=300, days=2)
    layer = links.layer
    km = kilometres(unit_vectors(points))
    origin = np.repeat(np.arange(60), np.diff(layer.start))
    assert km[origin, layer.place].max() <= 300
    linked = np.diff(layer.start) > 0
    np.testing.assert_allclose(layer.stay[0][linked], 0.8, rtol=1e-6)
    assert (layer.stay[0][~linked] == 1).all()
    assert layer.leave.shape == (2, 60)


@pytest.mark.parametrize(
    ("flow", "people"),
    [
        (np.zeros((4, 4)), [1, 1, 1, 1]),
        (-np.ones((4, 4)), [1, 1, 1, 1]),
        (np.full((4, 4), np.nan), [1, 1, 1, 1]),
        (np.ones((4, 4)), [1, 1, 0, 0]),
    ],
)
def test_flows_that_teach_nothing_are_refused(flow, people):
    points = [[100, 30], [101, 30], [103, 31], [104, 33]]
    with pytest.raises(BadParameter, match="flow"):
        fit_gravity(sparse.csr_array(flow), people, points)


def test_an_unknown_point_is_refused():
    with pytest.raises(BadParameter, match="points"):
        unit_vectors([[100.0, np.nan]])


def test_counties_travel_as_their_prefectures_do(flows_of):
    rng = np.random.default_rng(14)
    people, points = country(rng, 9)
    above, codes = np.repeat(np.arange(3), 3), [str(i) for i in range(9)]
    persons = rng.random((3, 3, 5)) * people.min() / 10
    persons[:, :, 3] *= 0.1  # a day on which hardly anybody travels
    flows = flows_of(persons)
    links, moved = county_travel_links(
        flows, above, people, points, codes, MODEL, stay_days=1, cap=9
    )
    away = (1 - links.layer.stay.astype(float)) * people
    for day in range(5):
        by_prefecture = np.bincount(above, away[day])
        wanted = np.bincount(flows.origin, flows.persons[:, day])
        np.testing.assert_allclose(by_prefecture, wanted, rtol=2e-3)
    np.testing.assert_allclose(links.layer.present.sum(axis=1), people.sum(), rtol=1e-5)
    assert moved == pytest.approx(0, abs=1e-12)


def test_what_a_province_adds_comes_back_and_is_used():
    rng = np.random.default_rng(21)
    people, points = country(rng, 30)
    regions = [str(k) for k in rng.integers(0, 4, 30)]
    same = np.equal.outer(regions, regions)
    flow = sparse.csr_array(law(people, points, 0.7, 0.9, 1.6) * np.where(same, 4.0, 1.0))
    free, given_ = (
        fit_gravity(flow, people, points, constrained=c, regions=regions) for c in (False, True)
    )
    for model in (free, given_):
        assert (model.destination, model.distance) == pytest.approx((0.9, 1.6))
        assert np.exp(model.region) == pytest.approx(4)
    spread_, _ = spread(given_.weights(people, points, regions), flow.sum(axis=1), cap=30)
    np.testing.assert_allclose(spread_.toarray(), flow.toarray(), rtol=1e-6)
    np.testing.assert_allclose(
        free.departures(people, points, regions), flow.sum(axis=1), rtol=1e-6
    )
    found = compare_models(flow, people, points, regions=regions, rng=rng)
    assert found.sort("cpc", descending=True)["model"][0] == "gravity_regions"


@pytest.mark.parametrize("regions", [None, ["a"]])
def test_a_model_with_regions_asks_for_them_again(regions):
    people, points = country(np.random.default_rng(22), 8)
    flow = sparse.csr_array(law(people, points, 0.7, 0.9, 1.6))
    model = fit_gravity(flow, people, points, regions=list("aabbaabb"))
    with pytest.raises(BadParameter, match="regions"):
        model.weights(people, points, regions)
    with pytest.raises(BadParameter, match="regions"):
        fit_gravity(flow, people, points).weights(people, points, list("aabbaabb"))
