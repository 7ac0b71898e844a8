"""The same code on a cluster of two workers: the same result, and a worker killed in mid-run costs nothing."""

import os
import signal
import threading

import polars as pl
import pytest
import xarray as xr

from tongchou.transmission.metapopulation import block
from tongchou.transmission.metapopulation.cluster import Cancelled
from tongchou.transmission.metapopulation.run import simulate
from tongchou.vocabulary.errors import BadParameter

pytestmark = pytest.mark.drill


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1", silence_logs=50
    ) as made:
        yield made


@pytest.fixture
def model(world):
    return world([200_000, 50_000], days=60, R=2.5, seeds=[20, 5])


def test_two_workers_give_what_threads_give(cluster, model, monkeypatch):
    monkeypatch.setattr(block, "MOST", 64)
    asked = {"replicates": 320, "seed": 5}
    there = simulate(model, scheduler=cluster.scheduler_address, **asked)
    xr.testing.assert_identical(there, simulate(model, **asked))


def test_a_worker_killed_in_mid_run_changes_nothing(cluster, model, monkeypatch):
    monkeypatch.setattr(block, "MOST", 64)
    asked = {"replicates": 1024, "seed": 6}
    victim = next(iter(cluster.workers.values())).pid
    killed = threading.Event()

    def told(done, _):
        if not killed.is_set():
            os.kill(victim, signal.SIGKILL)
            killed.set()

    there = simulate(model, scheduler=cluster.scheduler_address, told=told, **asked)
    assert killed.is_set()
    xr.testing.assert_identical(there, simulate(model, **asked))


def test_a_run_on_a_cluster_can_be_stopped(cluster, model):
    told = []
    with pytest.raises(Cancelled):
        simulate(
            model, replicates=2048, scheduler=cluster.scheduler_address,
            told=lambda done, _: told.append(done), stop=lambda: bool(told),
        )  # fmt: skip
    assert len(told) == 1


def test_where_no_scheduler_answers_it_is_said(model):
    with pytest.raises(BadParameter, match=r"127\.0\.0\.1:9"):
        simulate(model, scheduler="tcp://127.0.0.1:9", replicates=1)


def test_what_is_kept_of_each_future_comes_back_from_the_workers(
    cluster, model, tmp_path, monkeypatch
):
    monkeypatch.setattr(block, "MOST", 64)
    asked = {"replicates": 160, "seed": 5}
    simulate(model, scheduler=cluster.scheduler_address, keep=tmp_path / "afar", **asked)
    simulate(model, keep=tmp_path / "here", **asked)
    afar, here = (
        pl.read_parquet(tmp_path / where / "*.parquet").sort(
            "variable", "replicate", "place", "date"
        )
        for where in ("afar", "here")
    )
    assert afar.equals(here)
