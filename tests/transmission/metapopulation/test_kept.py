"""Single futures: as paths in memory for few rows, and on disk for all."""

import numpy as np
import polars as pl
import pytest
import xarray as xr

from tongchou.transmission.metapopulation import block
from tongchou.transmission.metapopulation.cluster import Cancelled
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
    monkeypatch.setattr(block, "FEWEST", 8)
    monkeypatch.setattr(block, "MOST", 8)
    monkeypatch.setattr(block, "TOLD_ROOM", 8 * 3 * 4 * 7)  # a week of a block at a time
    many = paths(three_towns, replicates=20, seed=3, variable="ward", threads=2)
    np.testing.assert_array_equal(alone, many[:3])


def test_a_path_of_nowhere_cannot_be_asked_for(three_towns):
    with pytest.raises(BadParameter, match="009"):
        paths(three_towns, places=["009"])
    with pytest.raises(BadParameter, match="beds"):
        paths(three_towns, variable="beds")


def kept_in(folder):
    return pl.scan_parquet(folder / "*.parquet").collect()


def test_every_future_is_written_as_one_table(three_towns, tmp_path, monkeypatch):
    """Four blocks of a few days at a time are read as one table, and give the paths number by number."""
    monkeypatch.setattr(block, "FEWEST", 8)
    monkeypatch.setattr(block, "MOST", 8)
    monkeypatch.setattr(block, "TOLD_ROOM", 8 * 3 * 2 * 4 * 11)
    asked = {"replicates": 26, "seed": 3}
    with_futures = simulate(three_towns, variables=["ward", "deaths"], keep=tmp_path, **asked)
    xr.testing.assert_identical(
        with_futures, simulate(three_towns, variables=["ward", "deaths"], **asked)
    )
    rows = kept_in(tmp_path)
    assert rows.columns == ["replicate", "place", "date", "variable", "value"]
    assert rows.height == 26 * 3 * 30 * 2
    assert len(list(tmp_path.iterdir())) == 3 * 3 + 1  # the last block, of two, is told at once
    ward = rows.filter(pl.col("variable") == "ward").sort("replicate", "place", "date")
    expected = paths(three_towns, variable="ward", **asked)
    np.testing.assert_array_equal(ward["value"].to_numpy(), expected.values.ravel())


def test_a_run_cut_off_goes_on_with_its_futures(three_towns, tmp_path, monkeypatch):
    monkeypatch.setattr(block, "FEWEST", 8)
    monkeypatch.setattr(block, "MOST", 8)
    asked = {"replicates": 24, "seed": 5, "folder": tmp_path / "blocks", "keep": tmp_path / "all"}
    done = []
    with pytest.raises(Cancelled):
        simulate(
            three_towns, told=lambda n, _: done.append(n), stop=lambda: len(done) == 2, **asked
        )
    before = {f: f.stat().st_mtime_ns for f in (tmp_path / "all").iterdir()}
    assert len(before) == 2
    simulate(three_towns, **asked)
    assert {f: f.stat().st_mtime_ns for f in before} == before
    rows = kept_in(tmp_path / "all")
    assert rows["replicate"].n_unique() == 24
    assert rows.height == 24 * 3 * 30 * 5


def test_futures_of_two_runs_are_not_mixed(three_towns, tmp_path):
    simulate(three_towns, replicates=2, seed=1, keep=tmp_path)
    with pytest.raises(BadParameter, match="another run"):
        simulate(three_towns, replicates=2, seed=2, keep=tmp_path)
