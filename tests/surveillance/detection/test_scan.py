"""The scan beside a plain second implementation, laws, and what it refuses."""

import itertools
import math

import numpy as np
import polars as pl
import pytest
import xarray as xr

from tongchou.surveillance.detection import scan_kernel
from tongchou.surveillance.detection.scan_clusters import p_value
from tongchou.surveillance.detection.scan_places import scan_places
from tongchou.surveillance.detection.scan_statistic import scan_permutation, scan_poisson
from tongchou.surveillance.detection.scan_zones import circles
from tongchou.vocabulary.errors import BadParameter


def world(rng, places=12, days=20, mean=1.5):
    names = [f"p{i:02d}" for i in range(places)]
    where = {"place": names}
    points = xr.Dataset(
        {
            "longitude": ("place", 110 + rng.random(places) * 4),
            "latitude": ("place", 28 + rng.random(places) * 4),
        },
        where,
    )
    people = xr.DataArray(rng.lognormal(11, 0.7, places), where, ("place",))
    dates = np.datetime64("2020-02-01", "ns") + np.arange(days) * np.timedelta64(1, "D")
    rate = people.to_numpy()[:, None] / people.to_numpy().mean() * mean
    y = rng.poisson(np.repeat(rate, days, axis=1))
    return xr.DataArray(y, {**where, "date": dates}, ("place", "date")), points, people


def great_circle(points, i, j):
    """Give the distance by the haversine formula, as textbooks print it."""
    x, y = np.radians(points["longitude"].to_numpy()), np.radians(points["latitude"].to_numpy())
    h = (
        math.sin((y[i] - y[j]) / 2) ** 2
        + math.cos(y[i]) * math.cos(y[j]) * math.sin((x[i] - x[j]) / 2) ** 2
    )
    return 2 * 6371.0088 * math.asin(math.sqrt(h))


def every_cylinder(y, mean, points, weight, share, longest):
    """Give every circle and every length, one by one: (score, members, length)."""
    total = y.sum()
    for centre in range(len(y)):
        order = sorted(range(len(y)), key=lambda j: great_circle(points, centre, j))
        for size in range(1, len(y) + 1):
            inside = order[:size]
            if size > 1 and sum(weight[j] for j in inside) > share * sum(weight):
                break
            for length in range(1, longest + 1):
                c = sum(y[j, -t] for j in inside for t in range(1, length + 1))
                mu = sum(mean[j, -t] for j in inside for t in range(1, length + 1))
                if c >= 2 and c > mu:
                    rest = (total - c) * math.log((total - c) / (total - mu)) if c < total else 0.0
                    yield c * math.log(c / mu) + rest, frozenset(inside), length


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("model", ["poisson", "permutation"])
def test_the_most_likely_cluster_is_that_of_a_plain_search(seed, model):
    cases, points, people = world(np.random.default_rng(seed))
    y = cases.to_numpy().astype(float)
    if model == "poisson":
        weight = people.to_numpy()
        mean = np.repeat(weight[:, None] / weight.sum(), y.shape[1], axis=1) / y.shape[1] * y.sum()
        expected = people
    else:
        weight = y.sum(axis=1)
        mean = weight[:, None] * y.sum(axis=0) / y.sum()
        expected = None
    best, members, length = max(every_cylinder(y, mean, points, weight, 0.5, 5))
    found = scan_places(
        cases, points, expected, share=0.5, longest=5, replicates=19, alpha=0.05,
        rng=np.random.default_rng(seed),
    )  # fmt: skip
    first = found.clusters.row(0, named=True)
    assert first["score"] == pytest.approx(best, rel=1e-10)
    assert (first["last"] - first["first"]).days + 1 == length
    named = found.members.filter(found.members["cluster"] == 1)["place"]
    assert {f"p{i:02d}" for i in members} == set(named)


@pytest.mark.parametrize("mean", [0.05, 1.0, 40.0])
def test_the_highest_of_replicates_equals_that_of_a_full_look(mean):
    """The bound passes over no cylinder that is the highest, for few cases and for many."""
    rng = np.random.default_rng(3)
    cases, points, people = world(rng, places=40, days=12, mean=mean)
    zones = circles(points, people, share=0.5)
    abreast, steps = scan_kernel.ABREAST, 6
    share = people.to_numpy() / people.to_numpy().sum()
    total = float(cases.sum())
    expected = np.cumsum(np.repeat(share[:, None] * total / 12, steps, axis=1), axis=1)
    drawn = rng.poisson(np.repeat(share[:, None] * total / 12, 4 * abreast * steps, axis=1))
    sets = np.cumsum(drawn.reshape(40, 4 * abreast, steps), axis=2).astype(float)
    cube = sets.transpose(1, 0, 2).reshape(4, abreast, 40, steps).transpose(0, 2, 1, 3)
    ring = (zones.starts, zones.members, zones.ends)
    quick = scan_kernel.highest(
        cube.reshape(4, 40, abreast * steps).astype(np.float32), expected, total, 2.0, *ring
    ).ravel()
    full = [
        scan_kernel.every_circle(np.ascontiguousarray(sets[:, k]), expected, total, 2.0, *ring)[
            0
        ].max()
        for k in range(4 * abreast)
    ]
    assert quick == pytest.approx(full, rel=1e-12)


def test_the_bound_holds_for_every_window():
    for total, c, mu in itertools.product([10.0, 100.0], range(1, 11), [0.01, 0.5, 3.0, 5.0]):
        if mu < c and c + mu <= total:
            bound = (c - mu) ** 2 / (2 * mu * (1 - mu / total))
            assert scan_kernel.log_likelihood_ratio(float(c), mu, total) <= bound * (1 + 1e-12)


def test_it_is_the_same_for_the_same_seed_and_for_more_replicates_of_the_same():
    cases, points, people = world(np.random.default_rng(1))
    one, two, more = (
        scan_places(cases, points, people, replicates=n, alpha=0.05, rng=np.random.default_rng(4))
        for n in (99, 99, 199)
    )
    assert one.highest.tolist() == two.highest.tolist()
    assert set(one.highest) <= set(more.highest)


def test_a_planted_cluster_is_found_with_its_places_and_days():
    cases, points, people = world(np.random.default_rng(2), places=60, days=40)
    zones = circles(points, people, share=0.1)
    inside = zones.of(7, zones.starts[7] + 2)
    cases[inside, -4:] = cases[inside, -4:].to_numpy() + 6
    found = scan_places(cases, points, people, share=0.1, rng=np.random.default_rng(1))
    first = found.clusters.row(0, named=True)
    assert first["p_value"] < 0.001
    assert set(found.members.filter(found.members["cluster"] == 1)["place"]) == {
        zones.places[i] for i in inside
    }
    assert (first["last"] - first["first"]).days + 1 == 4
    assert found.by_place["alarm"].to_numpy().sum() == first["places"]


def test_clusters_share_no_place_and_fall_in_likelihood():
    cases, points, people = world(np.random.default_rng(5), places=80, mean=0.4)
    found = scan_places(
        cases, points, people, replicates=19, alpha=0.05, rng=np.random.default_rng(1)
    )
    assert found.clusters.height > 3
    assert not found.members["place"].is_duplicated().any()
    assert found.clusters["score"].is_sorted(descending=True)
    sums = found.members.group_by("cluster", maintain_order=True).agg(
        pl.col("observed", "expected").sum()
    )
    assert sums["observed"].to_list() == found.clusters["observed"].to_list()
    assert sums["expected"].to_numpy() == pytest.approx(found.clusters["expected"].to_numpy())


def test_permutation_sees_neither_what_is_always_so_nor_what_is_so_everywhere():
    cases, points, _ = world(np.random.default_rng(6), days=30)
    always = np.arange(1, 13)[:, None]
    today = np.where(np.arange(30) >= 26, 3, 1)[None, :]
    cases = cases.copy(data=np.broadcast_to(always * today, cases.shape))
    found = scan_places(cases, points, replicates=19, alpha=0.05, rng=np.random.default_rng(1))
    assert found.clusters.filter(found.clusters["score"] > 1e-9).height == 0


def test_a_baseline_over_time_takes_out_a_known_rise():
    cases, points, people = world(np.random.default_rng(8), places=30)
    rise = xr.DataArray(np.where(np.arange(20) >= 16, 4.0, 1.0), {"date": cases["date"]}, ("date",))
    grown = cases.copy(data=np.random.default_rng(9).poisson(2 * people / people.mean() * rise))
    flat = scan_places(grown, points, people, rng=np.random.default_rng(1))
    known = scan_places(grown, points, people * rise, rng=np.random.default_rng(1))
    assert flat.alarms.height > 0
    assert known.alarms.height == 0


def test_weeks_give_a_recurrence_in_days():
    cases, points, people = world(np.random.default_rng(1))
    weeks = cases["date"].to_numpy()[0] + np.arange(20) * np.timedelta64(7, "D")
    found = scan_places(
        cases.assign_coords(date=weeks),
        points,
        people,
        replicates=19,
        alpha=0.05,
        rng=np.random.default_rng(1),
    )
    first = found.clusters.row(0, named=True)
    assert first["recurrence_days"] == pytest.approx(7 / first["p_value"])
    assert (first["last"] - first["first"]).days in (0, 7)


def test_beyond_the_replicates_p_goes_on_by_gumbel():
    drawn = np.random.default_rng(1).gumbel(5, 0.8, 999)
    exact = -math.expm1(-math.exp(-(12 - 5) / 0.8))
    # Mean and sd of 999 draws: about 2 and 4 % off, which at 9 scales above is a factor below 2.
    assert p_value(12.0, drawn) == pytest.approx(exact, rel=0.7)
    assert p_value(float(np.sort(drawn)[-10]), drawn) == 0.011


def test_two_places_at_one_point_enter_together():
    where = {"place": ["a", "b", "c"]}
    points = xr.Dataset(
        {"longitude": ("place", [1.0, 1.0, 2.0]), "latitude": ("place", [0.0, 0.0, 0.0])}, where
    )
    people = xr.DataArray([10.0, 10.0, 30.0], where, ("place",))
    zones = circles(points, people, share=0.5)
    assert [len(zones.of(0, row)) for row in np.flatnonzero(zones.ends)[:1]] == [2]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda y: y.where(y != y.max(), -1), "negative"),
        (lambda y: y + 0.5, "not whole"),
        (lambda y: y.where(y != y.max()), "missing"),
        (lambda y: y.isel(date=[0, 1, 3]), "evenly"),
        (lambda y: y.isel(date=slice(0)), "hold something"),
    ],
)
def test_counts_that_do_not_fit_are_refused_with_their_fault(change, said):
    cases, points, people = world(np.random.default_rng(1))
    with pytest.raises(BadParameter, match=said):
        scan_places(change(cases.astype(float)), points, people, rng=np.random.default_rng(1))


def test_other_faults_are_refused():
    cases, points, people = world(np.random.default_rng(1))
    rng = np.random.default_rng(1)
    zones = circles(points, people)
    with pytest.raises(BadParameter, match="replicates"):
        scan_poisson(cases, people, zones, replicates=19, alpha=0.001, rng=rng)
    with pytest.raises(BadParameter, match="have cases"):
        scan_poisson(cases, people.where(people != people.max(), 0.0), zones, rng=rng)
    with pytest.raises(BadParameter, match="places of the counts"):
        scan_permutation(cases.isel(place=slice(1, None)), zones, rng=rng)
    with pytest.raises(BadParameter, match="no point"):
        scan_places(cases, points.isel(place=slice(1, None)), rng=rng)
    with pytest.raises(BadParameter, match="share"):
        circles(points, people, share=0.6)
    with pytest.raises(BadParameter, match="nothing is near"):
        circles(points.assign(longitude=points["longitude"] * np.nan), people)


def test_nothing_one_case_and_one_place_give_no_cluster():
    cases, points, people = world(np.random.default_rng(1))
    for only in (cases * 0, (cases * 0).where(cases["place"] != "p03", 0)):
        found = scan_places(
            only, points, people, replicates=19, alpha=0.05, rng=np.random.default_rng(1)
        )
        assert (found.clusters.height, found.alarms.height) == (0, 0)
    single = cases * 0
    single[3, -1] = 1
    for expected in (people, None):
        found = scan_places(
            single, points, expected, replicates=19, alpha=0.05, rng=np.random.default_rng(1)
        )
        assert found.clusters.height == 0
    alone = cases.isel(place=[0])
    found = scan_places(
        alone, points.isel(place=[0]), replicates=19, alpha=0.05, rng=np.random.default_rng(1)
    )
    assert found.alarms.height == 0
