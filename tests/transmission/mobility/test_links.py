from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from tongchou.transmission.mobility.brakes import fit_brakes
from tongchou.transmission.mobility.links import cap_links, make_links, travel_links
from tongchou.vocabulary.errors import BadInput, BadParameter

seeds = st.integers(0, 2**32 - 1)


def random_shares(rng, n=6):
    shares = rng.random((n, n)) * (rng.random((n, n)) < 0.6) * 0.9 / n
    np.fill_diagonal(shares, 0.0)
    return sparse.csr_array(shares)


@given(seeds)
def test_everyone_is_somewhere_on_every_day(seed):
    rng = np.random.default_rng(seed)
    people = rng.integers(0, 5000, 6).astype(float)
    leave, enter = rng.random((4, 6)), rng.random((4, 6))
    links = make_links(
        random_shares(rng), people, list("abcdef"), leave=leave, enter=enter, cap=3
    ).layer
    for day in range(4):
        for i in range(6):
            own = slice(links.start[i], links.start[i + 1])
            away = (
                links.share[own] * links.leave[day, i] * links.enter[day, links.place[own]]
            ).sum()
            assert away + links.stay[day, i] == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(links.present.sum(axis=1), people.sum(), rtol=1e-5)


def test_the_layer_has_the_types_of_the_engine():
    layer = make_links(
        random_shares(np.random.default_rng(1)), [9.0] * 6, list("abcdef"), days=3
    ).layer
    assert layer.share.dtype == np.float64
    assert {a.dtype for a in (layer.leave, layer.enter, layer.stay, layer.present)} == {
        np.dtype(np.float32)
    }
    assert layer.leave.shape == layer.present.shape == (3, 6)


@given(seeds, st.integers(1, 8))
def test_the_cap_keeps_row_sums_and_tells_what_it_left_out(seed, cap):
    matrix = random_shares(np.random.default_rng(seed), 8)
    kept, discarded = cap_links(matrix, cap)
    np.testing.assert_allclose(kept.sum(axis=1), matrix.sum(axis=1), atol=1e-12)
    assert np.diff(kept.indptr).max(initial=0) <= cap
    for i, row in enumerate(matrix.toarray()):
        best = np.sort(row)[::-1][:cap].sum()
        assert discarded[i] == pytest.approx(1 - best / row.sum() if row.sum() else 0, abs=1e-9)


def test_two_factors_that_made_the_flows_come_back(flows_of):
    rng = np.random.default_rng(5)
    mean, leave, enter = (
        rng.random((5, 5)) * 100,
        rng.random((5, 9)) + 0.1,
        rng.random((5, 9)) + 0.1,
    )
    persons = mean[:, :, None] * leave[:, None] * enter[None]
    brakes = fit_brakes(flows_of(persons))
    # the mean over days is not of the same form, so equality is not exact
    assert brakes.misplaced.max() < 0.05
    steady = fit_brakes(flows_of(np.repeat(mean[:, :, None], 9, axis=2)))
    assert steady.misplaced == pytest.approx(np.zeros(9), abs=1e-6)
    np.testing.assert_allclose(steady.leave, 1, atol=1e-5)
    np.testing.assert_allclose(steady.enter, 1, atol=1e-5)


def test_brakes_keep_the_departures_and_arrivals_of_each_day(flows_of):
    rng = np.random.default_rng(8)
    persons = rng.random((5, 5, 4)) * 100
    flows = flows_of(persons)
    brakes = fit_brakes(flows)
    mean = flows.matrix().toarray()
    for day in range(4):
        fitted = mean * np.outer(brakes.leave[day], brakes.enter[day])
        truth = np.where(np.eye(5, dtype=bool), 0, persons[:, :, day])
        np.testing.assert_allclose(fitted.sum(axis=1), truth.sum(axis=1), rtol=1e-3)
        np.testing.assert_allclose(fitted.sum(axis=0), truth.sum(axis=0), rtol=1e-3)


def test_a_day_on_which_nobody_travels_leaves_all_at_home(flows_of):
    persons = np.ones((3, 3, 2)) * 10
    persons[:, :, 1] = 0
    links, brakes = travel_links(flows_of(persons), [100, 100, 100], stay_days=1)
    assert links.layer.stay[1].tolist() == [1, 1, 1]
    assert brakes.misplaced[1] == 0


def test_time_away_grows_with_the_days_of_a_trip(flows_of):
    flows = flows_of(np.ones((3, 3, 2)) * 10)
    short, long = (travel_links(flows, [1000] * 3, stay_days=d)[0].layer.stay for d in (1, 4))
    np.testing.assert_allclose(1 - long, 4 * (1 - short), rtol=1e-4)


def test_visitors_who_go_home_do_not_empty_a_small_place(flows_of):
    persons = np.ones((3, 3, 2)) * 10
    persons[0] = 5000  # an island of 100 people that thousands visit
    links, _ = travel_links(flows_of(persons), [100, 10_000, 10_000], stay_days=1)
    assert links.layer.stay[:, 0] == pytest.approx([0.5, 0.5])
    assert "p0 (1e+02)" in links.notes[0].en


def test_rows_over_one_are_refused_with_the_place():
    with pytest.raises(BadInput) as refusal:
        make_links(
            sparse.csr_array([[0.0, 0.7, 0.6], [0, 0, 0], [0, 0, 0]]), [1, 1, 1], ["甲", "乙", "丙"]
        )
    assert "place 甲" in str(refusal.value)
    assert "1.300" in str(refusal.value)


def test_a_brake_above_one_may_take_a_row_over_one():
    shares = sparse.csr_array([[0.0, 0.6], [0.0, 0.0]])
    with pytest.raises(BadInput, match="on day 2"):
        make_links(shares, [1, 1], ["a", "b"], leave=np.array([[1.0, 1], [2, 1]]))


def test_disconnected_places_and_places_without_people_are_named_and_right():
    shares = sparse.csr_array([[0.0, 0.2, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0.5, 0, 0, 0]])
    links = make_links(shares, [100, 50, 10, 0], ["a", "b", "lone", "empty"])
    assert links.disconnected == ("lone", "empty")
    assert links.layer.stay.tolist() == [[pytest.approx(0.8), 1, 1, 1]]
    assert links.layer.present.tolist() == [[80, 70, 10, 0]]
    assert [note.en for note in links.notes] == [
        "2 places have no link to any other place: lone, empty.",
        "1 places have no residents, and nobody leaves: empty.",
    ]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("people", {"people": [1, -1]}),
        ("people", {"people": [1]}),
        ("shares", {"shares": sparse.csr_array((3, 3))}),
        ("leave", {"leave": np.array([[1.0, np.nan]])}),
        ("enter", {"leave": np.ones((2, 2)), "enter": np.ones((1, 2))}),
        ("cap", {"cap": 0}),
    ],
)
def test_bad_input_is_named(name, change):
    given_ = {
        "shares": sparse.csr_array([[0, 0.1], [0, 0]]),
        "people": [1, 1],
        "places": ["a", "b"],
    }
    with pytest.raises(BadParameter) as refusal:
        make_links(**(given_ | change))
    assert refusal.value.name == name


def test_a_negative_share_is_refused():
    with pytest.raises(BadInput, match="place a"):
        make_links(sparse.csr_array([[0, -0.1], [0, 0]]), [1, 1], ["a", "b"])


def test_flows_have_the_days_of_their_dates(flows_of):
    assert flows_of(np.ones((2, 2, 3))).dates[0] == np.datetime64(date(2020, 1, 1))


def test_without_any_link_everyone_stays_at_home():
    links = make_links(sparse.csr_array((3, 3)), [5, 0, 7], ["a", "b", "c"], days=2)
    assert links.layer.stay.tolist() == [[1, 1, 1]] * 2
    assert links.layer.present.tolist() == [[5, 0, 7]] * 2
    assert links.discarded_in_all == 0
    assert links.disconnected == ("a", "b", "c")
