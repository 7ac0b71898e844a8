"""The engine's outlook from the picture of an exercise, and what a measure changes in it."""

from datetime import timedelta

import pytest

from tongchou.morning import projection
from tongchou.morning.picture import assess
from tongchou.transmission.metapopulation.compartments import S
from tongchou.vocabulary.measure import UnknownMeasure


@pytest.fixture(scope="module")
def picture(exercise_pack):
    return assess(exercise_pack.as_of(exercise_pack.last - timedelta(days=14)))


@pytest.fixture(scope="module")
def kept(picture):
    return projection.project(picture, replicates=128)


def test_it_tells_every_unit_area_and_the_whole(picture, kept):
    scope = picture.scope
    told = set(kept.ahead["place"].values)
    assert {scope.place, *scope.areas, *scope.units} <= told
    assert kept.ahead.sizes["date"] == 14
    rows = projection.table(kept)
    assert rows.height == len(projection.VARIABLES) * len(told) * 14
    assert (rows["q025"] <= rows["median"]).all()
    assert (rows["median"] <= rows["q975"]).all()


def test_the_parts_add_up_to_the_whole(picture, kept):
    scope = picture.scope
    mean = kept.ahead["confirmed_mean"]
    units = mean.sel(place=list(scope.units)).sum("place")
    assert units.to_numpy() == pytest.approx(mean.sel(place=scope.place).to_numpy(), rel=1e-6)


def test_everybody_of_the_area_is_in_it(picture, kept):
    people = sum(int(picture.scope.population[u]) for u in picture.scope.units)
    assert kept.model.people.sum() == people
    assert (kept.model.start[..., S].sum(axis=(1, 2)) < people).all()


def test_the_first_days_are_near_the_reports(picture, kept):
    """The last fortnight of reports a day lies within the band of the first three days ahead."""
    place = picture.scope.place
    lately = float(picture.analytic.sel(place=place)[-14:].mean())
    ahead = kept.ahead["confirmed"].sel(place=place)[:3].mean("date")
    assert float(ahead.sel(quantile=0.025)) < lately < 1.5 * float(ahead.sel(quantile=0.975))


def test_a_measure_lowers_what_comes_and_meets_the_same_chance(picture, kept):
    effect = projection.measures_ahead(picture, ["stay_home"], 14)
    home = projection.project(picture, replicates=128, timeline=effect)
    place = picture.scope.place
    infections, fewer = (
        float(p.ahead["infections_mean"].sel(place=place).sum()) for p in (kept, home)
    )
    assert fewer < 0.8 * infections
    first = [p.ahead["ward_mean"].sel(place=place)[0].item() for p in (kept, home)]
    assert first[0] == first[1]  # nobody infected today is on a ward today


def test_a_measure_nobody_knows_is_named(picture):
    with pytest.raises(UnknownMeasure, match="stay_hme"):
        projection.measures_ahead(picture, ["stay_hme"], 14)
