"""Single futures: as paths in memory for few rows, and on disk for all."""

import numpy as np
import pytest

from tongchou.transmission.metapopulation import run
from tongchou.transmission.metapopulation.run import paths, simulate
from tongchou.vocabulary.errors import BadParameter


@pytest.fixture(scope="module")
def three_towns(world):
    return world([40_000, 20_000, 5_000], days=30, seeds=[10, 4, 0])


def test_paths_are_the_futures_behind_the_quantiles(three_towns):
    """The mean of the paths is the mean told by the ensemble of the same seed; the third town saw nobody."""
    found = paths(
        three_towns, replicates=80, seed=3, places=["000", "002"], areas={"all": three_towns.places}
    )
    assert found.dims == ("replicate", "place", "date")
    assert found["place"].values.tolist() == ["000", "002", "all"]
    told = simulate(three_towns, replicates=80, seed=3, areas={"all": three_towns.places})
    expected = told["infections_mean"].sel(place=["000", "002", "all"])
    np.testing.assert_allclose(found.mean("replicate"), expected, rtol=1e-5)
    assert not found.sel(place="002").any()


def test_a_path_is_the_same_alone_and_among_many(three_towns, monkeypatch):
    alone = paths(three_towns, replicates=3, seed=3, variable="ward", threads=1)
    monkeypatch.setattr(run, "FEWEST", 8)
    monkeypatch.setattr(run, "MOST", 8)
    monkeypatch.setattr(run, "TOLD_ROOM", 8 * 3 * 4 * 7)  # a week of a block at a time
    many = paths(three_towns, replicates=20, seed=3, variable="ward", threads=2)
    np.testing.assert_array_equal(alone, many[:3])


def test_a_path_of_nowhere_cannot_be_asked_for(three_towns):
    with pytest.raises(BadParameter, match="009"):
        paths(three_towns, places=["009"])
    with pytest.raises(BadParameter, match="beds"):
        paths(three_towns, variable="beds")
