"""A whole study: the parts agree with each other, at the scale of an outbreak and of one case."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from tongchou.morning.plots.chains import chains_chart
from tongchou.surveillance.chains.interval import Interval
from tongchou.surveillance.chains.simulate import Outbreak, simulate_outbreak
from tongchou.surveillance.chains.study import study_chains
from tongchou.vocabulary.distributions import Gamma

HOW = Outbreak(
    R=0.8,
    k=0.4,
    generation_time=Gamma(mean=5, sd=2),
    incubation=Gamma(mean=5.2, sd=2.8),
    seeds_per_day=1,
    days=30,
    household_share=0.4,
)


@pytest.fixture(scope="module")
def outbreak():
    return simulate_outbreak(HOW, np.random.default_rng(3))


@pytest.fixture(scope="module")
def study(outbreak):
    told = outbreak.drop_nulls("true_infector").sample(fraction=0.6, seed=1)
    links = told.select(infector="true_infector", infectee="case_id")
    return study_chains(outbreak, links, draws=60, rng=np.random.default_rng(4))


def test_tables_hold_together(study, outbreak):
    n = outbreak.height
    assert study.cases.height == n
    assert study.links.filter("shown").height == n
    assert study.trees.sizes == {"draw": 60, "case": n}
    infected = study.cases["infected"].sum()
    assert infected == pytest.approx(n - (study.trees.values < 0).sum(axis=1).mean())
    assert study.chains["cases"].sum() <= n
    assert study.chains["generations"].max() >= 2


def test_what_was_told_is_kept_and_R_comes_back(study):
    known = study.links.filter("known", "listed")
    assert (known["probability"] == 1).all()
    assert study.offspring.R.low < 0.8 < study.offspring.R.high
    assert study.offspring.k.low < 0.4 < study.offspring.k.high
    assert study.interval.mean.low < 5 < study.interval.mean.high
    assert study.generation.presymptomatic.low < 0.5 < study.generation.presymptomatic.high


def test_links_can_come_with_the_cases(outbreak):
    listed = outbreak.with_columns(infector_id="true_infector")
    study = study_chains(listed, draws=20, beyond_list=False, rng=np.random.default_rng(5))
    truth = outbreak.drop_nulls("true_infector").height
    assert study.offspring.infected == truth
    assert study.cases["entropy_bits"].max() == 0


def test_one_case_alone_and_the_same_twice():
    one = pl.DataFrame({"case_id": ["A", "A"], "onset_on": [date(2020, 2, 1)] * 2})
    study = study_chains(one, draws=20, rng=np.random.default_rng(6))
    assert study.cases.rows()[0][:3] == ("A", date(2020, 2, 1), None)
    assert study.interval is None
    assert study.offspring.R.value == 0
    assert chains_chart(study.links, "zh").to_dict()["layer"]


def test_no_onset_anywhere():
    cases = pl.DataFrame({"case_id": ["A", "B"], "confirmed_on": [date(2020, 2, 1), None]})
    study = study_chains(cases, draws=20, rng=np.random.default_rng(7))
    assert study.links["infectee_on"].to_list() == [date(2020, 2, 1), None]
    assert not study.links["dated"].any()


def test_the_interval_is_taken_from_the_caller(outbreak):
    given = Interval(family="gamma", mean=7, sd=3)
    study = study_chains(
        outbreak.head(30), serial_interval=given, draws=20, rng=np.random.default_rng(8)
    )
    assert study.assumed is given


def test_ten_years_of_cases_a_week_apart_are_chains_of_one():
    days = [date(2015, 1, 1).toordinal() + 30 * i for i in range(120)]
    cases = pl.DataFrame(
        {"case_id": [f"C{i}" for i in range(120)], "onset_on": [date.fromordinal(d) for d in days]}
    )
    study = study_chains(cases, draws=20, rng=np.random.default_rng(9))
    assert study.cases["outside"].to_list() == pytest.approx([1] * 120)
    assert study.chains.is_empty()


def test_a_picture_of_hundreds_leaves_the_names_out():
    many = pl.DataFrame(
        {
            "infector": [None] * 500,
            "infectee": [f"C{i}" for i in range(500)],
            "probability": 1.0,
            "known": False,
            "infectee_on": [date(2020, 2, 1 + i % 28) for i in range(500)],
            "dated": True,
            "shown": True,
        },
        schema_overrides={"infector": pl.String},
    )
    layers = chains_chart(many, "en").to_dict()["layer"]
    assert not any(layer["mark"]["type"] == "text" for layer in layers)


def test_clusters_give_R_where_no_link_is_listed(outbreak):
    clusters = pl.col("household_id").alias("cluster_id")
    study = study_chains(outbreak.with_columns(clusters), draws=20, rng=np.random.default_rng(10))
    n, chains = outbreak.height, outbreak["household_id"].n_unique()
    # All are over, one first case each: R = 1 - chains / cases, whatever k.
    assert study.clusters.R.value == pytest.approx(1 - chains / n, rel=1e-4)
    assert 0.2 < study.top_fifth <= 1
    lone = study_chains(outbreak.head(20), draws=20, rng=np.random.default_rng(10))
    assert lone.clusters is None


def test_links_leave_the_sizes_of_clusters_aside(study):
    assert study.clusters is None


def test_the_interval_that_agrees_best_weighs_the_links():
    # 600 pairs: the tails of two gammas of incubation are seen, and no normal has them.
    how = Outbreak(
        R=0.9,
        k=1.0,
        generation_time=Gamma(mean=4, sd=1),
        incubation=Gamma(mean=5.2, sd=4.5),
        seeds_per_day=2,
        days=60,
    )
    cases = simulate_outbreak(how, np.random.default_rng(12))
    study = study_chains(
        cases.with_columns(infector_id="true_infector"),
        incubation=Gamma(mean=5.2, sd=4.5),
        draws=20,
        rng=np.random.default_rng(13),
    )
    assert study.assumed.family == "generation_time"
    assert study.assumed.mean == study.generation.mean.value
