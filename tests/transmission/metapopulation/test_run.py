"""Ensembles: the same for any number of threads, comparable between scenarios, resumed, told in quantiles."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from tongchou.transmission.metapopulation import block, run
from tongchou.transmission.metapopulation.cluster import Cancelled
from tongchou.transmission.metapopulation.compartments import COUNT, E1, S
from tongchou.transmission.metapopulation.quantiles import LEVELS, put_together, summary_of
from tongchou.transmission.metapopulation.run import simulate
from tongchou.vocabulary.errors import BadParameter


@pytest.fixture(scope="module")
def two_cities(world, links):
    people = np.array([400_000.0, 90_000.0])
    return world(
        people, days=50, R=3, seeds=[30, 0], commute=links([[0, 0.02], [0.05, 0]], people, 50)
    )


def test_the_same_for_one_thread_and_for_eight(two_cities):
    one, eight = (simulate(two_cities, replicates=80, seed=4, threads=t) for t in (1, 8))
    xr.testing.assert_identical(one, eight)


def test_more_replicates_leave_the_first_ones_as_they_were(two_cities):
    few = block.plan_of(two_cities, 3, 4, "exact", ["infections"], None, True)
    many = block.plan_of(two_cities, 9, 4, "exact", ["infections"], None, True)
    a, _ = run.run_block(two_cities, few, 2, 1, threads=1, stop=lambda: False)
    b, _ = run.run_block(two_cities, many, 2, 1, threads=2, stop=lambda: False)
    assert (a == b).all()


def test_whole_persons_are_held_in_four_bytes_and_parts_of_them_in_eight(world, monkeypatch):
    """Futures cut into single days are those lived in one go, also from a state with half a person."""
    model = world([20_000, 5_000], days=30, R=3, seeds=[20, 0])
    half = replace(model, start=model.start + np.eye(COUNT)[E1] * 0.5 - np.eye(COUNT)[S] * 0.5)
    for m, mode in ((model, "exact"), (half, "exact"), (model, "expected")):
        with monkeypatch.context() as patched:
            whole = simulate(m, replicates=8, seed=2, mode=mode)
            patched.setattr(block, "GRID_ROOM", 1)
            xr.testing.assert_allclose(simulate(m, replicates=8, seed=2, mode=mode), whole, rtol=1e-12)  # fmt: skip
    kinds = [block._states(m, k, 0, 1).dtype for m, k in ((model, 0), (half, 0), (model, 2))]
    assert kinds == [np.uint32, float, float]


def test_two_scenarios_meet_the_same_chance(world):
    """With common random numbers the difference of two runs varies far less than with chance of its own."""
    difference = {}
    for name, seeds in (("common", (1, 1)), ("own", (1, 2))):
        totals = []
        for r in (2.0, 2.1):
            model = world([500_000], days=40, R=r, seeds=[40])
            plan = block.plan_of(model, 64, seeds[len(totals)], "exact", ["infections"], None, True)
            runs = [
                run.run_block(model, plan, k, 1, threads=1, stop=lambda: False)[1].sum()
                for k in range(40)
            ]
            totals.append(np.array(runs))
        difference[name] = (totals[1] - totals[0]).std()
    assert difference["common"] < 0.6 * difference["own"]


def test_a_place_split_in_two_is_the_same_epidemic(world, links):
    """Two halves whose people mix evenly are one place: in expectation exactly, by chance in distribution."""
    whole = world([200_000], days=60, R=2.5, seeds=[40], mixing=np.ones((2, 2)))
    people = np.array([100_000.0, 100_000.0])
    even = links([[0, 0.5], [0.5, 0]], people, 60)
    nowhere = {"home": 0.0, "school": 0.0}
    parts = world(
        people, days=60, R=2.5, seeds=[20, 20], mixing=np.ones((2, 2)),
        commute=even, travel=even, timeline=xr.Dataset(nowhere | {"transmissibility": 14 / 9}),
    )  # fmt: skip
    both = {"all": parts.places}
    exact = [
        simulate(m, replicates=1, mode="expected", areas=a, units=False)["infections_mean"].values
        for m, a in ((whole, {"all": whole.places}), (parts, both))
    ]
    assert exact[1] == pytest.approx(exact[0], rel=1e-4)
    drawn = [
        simulate(m, replicates=512, areas=a, units=False, seed=3)
        for m, a in ((whole, {"all": whole.places}), (parts, both))
    ]
    totals = [d["infections_mean"].sum().item() for d in drawn]
    spread = [(d["infections"].isel(date=-1, quantile=3) - d["infections"].isel(date=-1, quantile=1)).item() for d in drawn]  # fmt: skip
    assert totals[1] == pytest.approx(totals[0], rel=0.08)
    assert spread[1] == pytest.approx(spread[0], rel=0.3)


def test_the_hybrid_is_close_to_the_exact(two_cities):
    """Means of 1,024 futures, and the share of places that saw nobody infected."""
    exact, hybrid = (
        simulate(two_cities, replicates=1024, seed=8, mode=m) for m in ("exact", "hybrid")
    )
    for name in ("infections_mean", "deaths_mean", "ward_mean"):
        assert hybrid[name].sum().item() == pytest.approx(exact[name].sum().item(), rel=0.02)
    band = exact["infections"].isel(date=-1)
    assert hybrid["infections"].isel(date=-1).values == pytest.approx(band.values, rel=0.08)


def test_full_hospitals_cost_lives_and_infect(world):
    beds = {"catchments": {"000": "north"}}
    wide, narrow = (
        world(
            [300_000], days=120, R=2.2, seeds=[50], **beds,
            beds=xr.DataArray([n], {"catchment": ["north"]}, ("catchment",)),
            icu_beds=xr.DataArray([n / 10], {"catchment": ["north"]}, ("catchment",)),
        )
        for n in (100_000.0, 500.0)
    )  # fmt: skip
    asked = ["infections", "deaths", "ward", "icu", "waiting", "waiting_icu"]
    free, full = (simulate(m, replicates=64, variables=asked) for m in (wide, narrow))
    assert float(full["ward"].max()) <= 500
    assert float(full["icu"].max()) <= 50
    assert float(free["waiting"].max()) == 0
    assert float(full["waiting_mean"].max()) > 1000
    assert full["deaths_mean"].sum() > 1.5 * free["deaths_mean"].sum()
    assert full["infections_mean"].sum() > free["infections_mean"].sum()


def test_a_run_that_was_stopped_goes_on_from_its_blocks(world, tmp_path, monkeypatch):
    monkeypatch.setattr(block, "MOST", 64)
    model = world([20_000], days=30, seeds=[5])
    whole = simulate(model, replicates=192, seed=2)
    told = []
    with pytest.raises(Cancelled):
        simulate(
            model, replicates=192, seed=2, folder=tmp_path,
            told=lambda done, _: told.append(done), stop=lambda: len(told) == 2,
        )  # fmt: skip
    assert told == [64, 128]
    assert len(list(tmp_path.iterdir())) == 2
    made = []
    one = run.run_block
    monkeypatch.setattr(run, "run_block", lambda *a, **k: made.append(a[2]) or one(*a, **k))
    again = simulate(model, replicates=192, seed=2, folder=tmp_path)
    assert made == [128]
    xr.testing.assert_identical(again, whole)


@pytest.mark.parametrize("law", ["poisson", "negative binomial", "lognormal"])
def test_quantiles_put_together_are_near_those_of_all_values(law):
    """1,024 values in sixteen blocks: an error below that of sampling, and no drift."""
    rng = np.random.default_rng(5)
    drawn = {
        "poisson": lambda s: rng.poisson(40, s),
        "negative binomial": lambda s: rng.negative_binomial(0.5, 0.01, s),
        "lognormal": lambda s: rng.lognormal(3, 1, s),
    }[law]((300, 1024)).astype(np.float32)
    together = summary_of(drawn[:, :64])
    for done in range(64, 1024, 64):
        put_together(together, done, summary_of(drawn[:, done : done + 64]), 64)
    for q in (0.025, 0.25, 0.5, 0.75, 0.975):
        exact = np.quantile(drawn, q, axis=1, method="hazen")
        error = together[:, int(np.argmin(np.abs(LEVELS - q)))] - exact
        assert np.sqrt((error**2).mean()) < 1.2 * exact.std() + 1e-6
        assert abs(error.mean()) < 0.5 * exact.std() + 0.02 * drawn.std()


def test_what_is_not_there_cannot_be_asked_for(two_cities):
    for wrong in (
        {"replicates": 0},
        {"mode": "guess"},
        {"variables": ["beds"]},
        {"areas": {"north": ["009"]}},
        {"quantiles": [0.123]},
    ):
        with pytest.raises(BadParameter):
            simulate(two_cities, **wrong)
