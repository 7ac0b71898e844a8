"""Parts of the exercise whose answer a reader can work out by hand."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from tongchou.cli.exercise import exercise as command
from tongchou.situation import pack
from tongchou.situation.exercise import laboratory
from tongchou.situation.exercise.epidemic import outbreak
from tongchou.situation.exercise.settings import NEVER, improving, rows, setting, whole_days
from tongchou.situation.exercise.world import ROLES, places, stage
from tongchou.vocabulary.places import china


def small(seed=1, **size):
    size = {"province": "640000", "population": 200_000, "hospitals": 5, "days": 60} | size
    return stage(seed, first=date(2030, 1, 1), gazetteer=china(), **size)


def test_a_laboratory_takes_suspected_cases_first_and_the_rest_in_order_of_arrival():
    """Two tests a day: the suspected case of day 1 overtakes the contact left over from day 0."""
    received = np.array([0, 0, 0, 1, 1])
    urgent = np.array([1, 1, 1, 0, 0])
    tests = np.full((1, 4), 2)
    out = laboratory.results(received, urgent, np.zeros(5, dtype=int), tests, 4)
    assert out.tolist() == [0, 0, 2, 1, 1]


def test_a_sample_the_laboratory_never_reaches_has_no_result():
    out = laboratory.results(
        np.zeros(3, dtype=int),
        np.ones(3, dtype=int),
        np.zeros(3, dtype=int),
        np.ones((1, 2), int),
        2,
    )
    assert out.tolist() == [0, 1, NEVER]


@settings(max_examples=40, deadline=None)
@given(
    received=st.lists(st.integers(-3, 9), min_size=1, max_size=60),
    capacity=st.integers(1, 5),
    seed=st.integers(0, 9),
)
def test_no_sample_has_its_result_before_it_came_and_no_day_does_too_much(received, capacity, seed):
    rng = np.random.default_rng(seed)
    arrived = np.array(received)
    lab = rng.integers(0, 2, len(arrived))
    out = laboratory.results(
        arrived, rng.integers(0, 2, len(arrived)), lab, np.full((2, 10), capacity), 10
    )
    done = out < NEVER
    assert (out[done] >= arrived[done]).all()
    for k in range(2):
        assert np.bincount(out[done & (lab == k)] + 3, minlength=1).max() <= capacity


@pytest.mark.parametrize("mean", [0.3, 1.2, 4.6])
def test_waits_have_the_mean_asked_for(mean):
    """Ten standard errors of a geometric mean over 100 000 draws."""
    draw = whole_days(mean, np.random.default_rng(1), 100_000)
    assert draw.min() == 0
    assert draw.mean() == pytest.approx(mean, abs=10 * np.sqrt(mean * (1 + mean) / 100_000))


def test_what_improves_goes_straight_from_first_to_last():
    first, last = setting("visit_delay_first"), setting("visit_delay_last")
    middle = improving("visit_delay", np.array([0, 29.5, 59]), 60)
    assert middle.tolist() == pytest.approx([first, (first + last) / 2, last])


def test_every_number_says_where_it_is_from():
    for table in ("parameters", "items", "staffing", "ages", "sectors", "prices", "needs"):
        for row in rows(table):
            assert row["source"], row
            assert row["confidence"] in ("high", "medium", "low", "assumption"), row
            assert (row["source"] == "assumption") <= (row["confidence"] == "assumption"), row


def test_every_role_is_played_and_every_resident_is_somewhere():
    world = small()
    assert set(world.roles) == set(ROLES)
    assert int(world.population.sum()) == 200_000
    frame = places(world, china())
    assert frame.filter(pl.col("place") == "640000")["population"].to_list() == [200_000]


def test_counties_without_a_role_in_the_outbreak_have_no_infection():
    world = small()
    chain = outbreak(world)
    assert not world.plays("never")[chain.county].any()


def test_every_infection_lies_between_the_infection_and_the_isolation_of_its_source():
    chain = outbreak(small(2))
    linked = chain.infector >= 0
    source = chain.infector[linked]
    assert (chain.infected[linked] > chain.infected[source]).all()
    assert (chain.infected[linked] < chain.isolated[source]).all()
    assert (chain.county[linked] == chain.county[source]).all()


def test_one_county_is_the_same_whatever_the_others_do():
    """Each county has its own stream: more days change none of the residents or roles."""
    assert small(3).roles == small(3, days=70).roles
    assert (small(3).population == small(3, hospitals=9).population).all()


def test_the_command_writes_a_pack_that_opens(tmp_path):
    folder = tmp_path / "drill"
    words = ["--province", "640000", "--population", "200000", "--hospitals", "5", "--days", "45"]
    said = CliRunner().invoke(
        command, [*words, "--seed", "7", "--lang", "zh", "--out", str(folder)]
    )
    assert said.exit_code == 0, said.output
    assert "演练" in said.output
    opened = pack.open_folder(folder)
    assert opened.whole.origin.synthetic
    assert (opened.last - opened.first).days == 44
