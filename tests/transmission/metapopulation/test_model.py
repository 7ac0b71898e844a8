"""Hostile input gets a named error or a right answer."""

import numpy as np
import pytest
import xarray as xr

from tongchou.transmission.metapopulation.run import simulate
from tongchou.vocabulary.errors import BadParameter


def beds(**by_catchment):
    return xr.DataArray(
        list(map(float, by_catchment.values())), {"catchment": list(by_catchment)}, ("catchment",)
    )


def test_places_without_links_have_an_epidemic_of_their_own(world):
    alone = simulate(world([9_000, 9_000], seeds=[50, 0]), replicates=64)
    assert alone["infections_mean"].sel(place="000").sum() > 100
    assert alone["infections_mean"].sel(place="001").sum() == 0


def test_a_place_without_people_stays_empty(world, links):
    people = np.array([5_000.0, 0.0])
    away = links([[0, 0.1], [0.1, 0]], people, 60)
    result = simulate(world(people, seeds=[20, 0], commute=away), replicates=64)
    assert np.isfinite(result["infections_mean"]).all()
    assert result["infections_mean"].sel(place="001").sum() == 0


def test_seeds_ten_times_the_people_are_refused_by_place(world):
    with pytest.raises(BadParameter, match="001"):
        world([5_000, 400], seeds=[10, 4_000])


def test_a_missing_day_is_named(world):
    days = np.datetime64("2020-01-01") + np.array([0, 1, 3])
    with pytest.raises(BadParameter, match="2020-01-03"):
        world([100], days=4, timeline=xr.Dataset({"work": ("date", [1.0, 1, 1])}, {"date": days}))


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"catchments": {"000": "north"}, "beds": beds(south=3)}, "south"),
        ({"catchments": {"000": "north", "001": "south"}, "beds": beds(north=3)}, "south"),
        ({"catchments": {"009": "north"}}, "009"),
        ({"timeline": xr.Dataset({"wrok": 0.5})}, "wrok"),
        ({"timeline": xr.Dataset({"work": -0.5})}, "-0.5"),
        ({"timeline": xr.Dataset({"imported": ("place", [0.0, 1.0])}, {"place": ["000", "001"]})}, "001"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(world, wrong, named):
    with pytest.raises(BadParameter, match=named):
        world([100, 0], **wrong)


def test_people_are_whole_and_there(world):
    with pytest.raises(BadParameter, match="001"):
        world([[10, 5], [3.5, 1]])
    with pytest.raises(BadParameter, match="contacts"):
        world([0, 0])
