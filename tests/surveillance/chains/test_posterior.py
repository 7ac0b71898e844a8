"""Trees drawn from their posterior: against the exact sum over trees, laws, and hostile lists."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from tongchou.surveillance.chains.candidates import MOST, find_candidates
from tongchou.surveillance.chains.exact import link_probabilities
from tongchou.surveillance.chains.gibbs import OUTSIDE, draw_mean_and_shape, sweep, turn
from tongchou.surveillance.chains.interval import Interval
from tongchou.surveillance.chains.listed import check_links
from tongchou.surveillance.chains.offspring import fit_offspring
from tongchou.surveillance.chains.posterior import draw_trees
from tongchou.surveillance.chains.trees import generations, offspring_counts, probability_over

NORMAL = Interval(family="normal", mean=4, sd=3)


def find(cases, links, interval=NORMAL, **more):
    return find_candidates(cases, check_links(cases, links), interval, **more)


def no_circles(trees):
    depth, _ = generations(trees)
    return (depth >= 1).all() and depth.max() <= trees.shape[1]


def test_drawn_probabilities_are_the_exact_ones(cases, links):
    # With equal infectiousness and known rates a tree is as likely as the product of its weights.
    c = find(cases({"A": 0, "B": 1, "C": 3, "D": 3, "E": 6}), links())
    R, k, outside_weight = 0.8, 1e9, np.full(5, 0.05)
    rng, rounds = np.random.default_rng(1), 30_000
    tree, offspring = np.full(5, OUTSIDE), np.zeros(5, dtype=np.int64)
    linked, outside = np.zeros(len(c.infector)), np.zeros(5)
    for _ in range(rounds):
        weights = (c.start, c.infector, c.time, outside_weight, c.exposure, R, k)
        turn(tree, offspring, *weights, rng.integers(0, 5, 5), rng.random(5))
        sweep(tree, offspring, *weights, rng.random(5), linked, outside, True)
    link, none, _ = link_probabilities(c.start, c.infector, c.time * R, outside_weight)
    # 30,000 dependent sweeps, averaged conditional probabilities: error well below 0.01
    assert linked / rounds == pytest.approx(link, abs=0.012)
    assert outside / rounds == pytest.approx(none, abs=0.012)
    assert no_circles(tree[None, :])


def test_mean_and_shape_follow_counts_without_prior_to_speak_of():
    # 4,000 counts of mean 1.2 and shape 0.5, seen for 0.8 of their time: standard errors 0.03 and 0.03.
    rng = np.random.default_rng(10)
    n = rng.negative_binomial(0.5, 0.5 / (0.5 + 1.2 * 0.8), 4000)
    now, kept = np.zeros(2), []
    wide = (np.zeros(2), np.full(2, 10.0), np.array([0.05, 0.1]))
    for _ in range(600):
        draw_mean_and_shape(n, np.full(4000, 0.8), now, *wide, 5, rng)
        kept.append(np.exp(now))
    mean, shape = np.mean(kept[100:], axis=0)
    fit = fit_offspring(n, exposure=np.full(4000, 0.8))
    # Posterior mean against maximum: a quarter of a standard error apart, drawing included.
    assert mean == pytest.approx(fit.R.value, abs=0.015)
    assert shape == pytest.approx(fit.k.value, abs=0.015)


def test_R_and_k_are_drawn_with_the_trees(cases, links):
    found = find(cases({f"C{i}": i % 9 for i in range(40)}), links())
    drawn = draw_trees(found, 60, np.random.default_rng(2))
    assert not drawn.is_certain
    said = drawn.offspring()
    assert said.R.low < said.R.value == np.median(drawn.R) < said.R.high
    assert said.infected == round((drawn.trees >= 0).sum() / 60)


def test_a_group_in_two_places_does_not_stop_the_drawing(cases, links):
    frame = cases({f"C{i}": i for i in range(6)}, household_id=["H"] * 6)
    frame = frame.with_columns(place=pl.Series(["a", "b"] * 3))
    drawn = draw_trees(find(frame, links()), 30, np.random.default_rng(11))
    assert np.isfinite(drawn.probability).all()
    assert np.isfinite(drawn.R).all()


def test_probabilities_of_a_case_add_to_one(cases, links):
    found = find(cases({f"C{i}": i % 9 for i in range(40)}), links(("C1", "C5")))
    drawn = draw_trees(found, 60, np.random.default_rng(2))
    total = np.bincount(found.infectee, drawn.probability, minlength=40) + drawn.outside
    assert total == pytest.approx(1)
    assert (drawn.entropy >= 0).all()
    assert no_circles(drawn.trees)


def test_a_known_link_is_certain_and_an_imported_case_has_no_infector(cases, links):
    frame = cases({"A": 0, "B": 4, "C": 5}, exposed_at=["travel", None, "travel"])
    drawn = draw_trees(find(frame, links(("A", "B"))), 30, np.random.default_rng(3))
    assert drawn.outside.tolist() == [1, 0, 1]
    assert drawn.trees.tolist() == [[-1, 0, -1]] * 30
    assert drawn.entropy == pytest.approx([0, 0, 0])


def test_those_who_are_named_are_likelier(cases, links):
    frame = cases({"A": 0, "B": 0, "C": 0, "D": 4})
    named = draw_trees(find(frame, links(("A", "D"), ("B", "D"))), 200, np.random.default_rng(4))
    p = {
        (i, j): value
        for i, j, value in zip(
            named.candidates.infector, named.candidates.infectee, named.probability, strict=True
        )
    }
    assert p[0, 3] > 0.25 > p[2, 3]
    # with certain lists nobody else comes into question
    sure = find(frame, links(("A", "D"), ("B", "D")), list_trust=1.0)
    all_of_d = draw_trees(sure, 100, np.random.default_rng(4))
    assert all_of_d.outside[3] == 0
    assert (all_of_d.trees[:, 3] != 2).all()


def test_who_shares_a_household_is_likelier(cases, links):
    homes = ["H1"] * 2 + [f"X{i}" for i in range(8)]
    frame = cases({f"C{i}": 0 if i != 1 else 4 for i in range(10)}, household_id=homes)
    drawn = draw_trees(find(frame, links()), 300, np.random.default_rng(5))
    at_home = drawn.probability[(drawn.candidates.infectee == 1) & (drawn.candidates.infector == 0)]
    others = drawn.probability[(drawn.candidates.infectee == 1) & (drawn.candidates.infector != 0)]
    assert at_home.item() > 0.4 > 5 * others.max()


def test_other_places_are_left_out_and_many_candidates_are_cut(cases, links):
    frame = cases(dict.fromkeys((f"C{i}" for i in range(300)), 3) | {"Z": 7}).with_columns(
        place=pl.Series(["a"] * 300 + ["b"])
    )
    found = find(frame, links())
    assert np.diff(found.start)[300] == 0
    assert np.diff(found.start).max() == MOST
    # the pressure of those cut is given to those kept
    per_case = np.bincount(found.infectee, found.time, minlength=301)
    assert per_case[0] == pytest.approx(299 * NORMAL.probability([0])[0])


def test_only_listed_links(cases, links):
    found = find(cases({"A": 0, "B": 4, "C": 5}), links(("A", "B")), beyond_list=False)
    assert found.infector.tolist() == [0]
    assert draw_trees(found, 10, np.random.default_rng(6)).outside.tolist() == [1, 0, 1]


def test_one_case_no_onset_and_all_on_one_day(cases, links):
    for frame in (cases({"A": 0}), cases({"A": None, "B": None}), cases({"A": 2, "B": 2, "C": 2})):
        drawn = draw_trees(find(frame, links()), 20, np.random.default_rng(7))
        assert drawn.trees.shape == (20, len(frame))
        assert no_circles(drawn.trees)


def test_the_newest_cases_have_had_no_time(cases, links):
    frame = cases({"A": 0, "B": 27})
    found = find(frame, links(), as_of=date(2020, 2, 28))
    assert found.exposure[0] == pytest.approx(1)
    assert found.exposure[1] < 0.2
    over = probability_over(np.array([[-1, -1]]), found.exposure, np.array([1.0]), np.array([0.5]))
    assert over[0] == pytest.approx(1)
    # nobody infected yet in share c of its time: ((k/R + c) / (k/R + 1))^k, by hand
    c = found.exposure[1]
    assert over[1] == pytest.approx(((0.5 + c) / 1.5) ** 0.5)


def test_the_same_seed_gives_the_same_trees(cases, links):
    found = find(cases({f"C{i}": i for i in range(12)}), links())
    one, other = (draw_trees(found, 20, np.random.default_rng(8)) for _ in range(2))
    assert (one.trees == other.trees).all()


def test_counts_follow_the_trees(cases, links):
    found = find(cases({f"C{i}": i for i in range(12)}), links())
    drawn = draw_trees(replace(found), 20, np.random.default_rng(9))
    counts = offspring_counts(drawn.trees)
    assert (counts.sum(axis=1) == (drawn.trees >= 0).sum(axis=1)).all()
