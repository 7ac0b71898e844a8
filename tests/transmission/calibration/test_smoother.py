"""Truth comes back, nobody is lost, and what cannot be read is refused by name."""

import numpy as np
import pytest
import xarray as xr

from tongchou.transmission.calibration.smoother import calibrate
from tongchou.transmission.metapopulation.model import build_model
from tongchou.vocabulary.errors import BadParameter


@pytest.fixture(scope="module")
def fit(country, beliefs, twin):
    def run(counts=twin.counts, **more):
        given = {
            "groups": country.groups,
            "sources": country.sources,
            "seeds": country.seeds,
            "delay": country.delay,
            "beliefs": beliefs,
            "members": 60,
            "rounds": 4,
            "rng": np.random.default_rng(5),
        }
        return calibrate(country.model, counts, **(given | more))

    return run


@pytest.fixture(scope="module")
def found(fit):
    return fit()


def test_bands_hold_the_truth_of_R_and_of_the_share_reported(country, beliefs):
    """Eight epidemics, 320 values of R and 64 shares: bands of 95 % hold about so many (validation counts 30 or 50)."""
    held: dict[str, list[float]] = {"log_reproduction": [], "reporting": []}
    for number in range(8):
        twin = country.epidemic(beliefs, rng=np.random.default_rng(number))
        found = calibrate(
            country.model, twin.counts, groups=country.groups, sources=country.sources,
            seeds=country.seeds, delay=country.delay, beliefs=beliefs, members=180,
            rng=np.random.default_rng([5, number]),
        )  # fmt: skip
        for name, days in (("log_reproduction", slice(5, 55, 5)), ("reporting", [10, 50])):
            draws, truth = getattr(found.parameters, name), getattr(twin.truth, name)[0]
            low, high = np.quantile(draws, (0.025, 0.975), axis=0)
            held[name].append(float(((low <= truth) & (truth <= high))[days].mean()))
    assert 0.9 <= np.mean(held["log_reproduction"]) <= 0.99
    assert np.mean(held["reporting"]) >= 0.85


def test_fitted_counts_lie_about_the_reported_ones(found):
    fit = found.fit()
    assert fit["in95"].mean() > 0.9
    assert fit["error"].max() < 2.5


def test_nobody_is_lost_and_nothing_is_negative(found, country):
    people = country.model.start[0].sum(axis=-1)
    assert found.state.min() > -1e-6
    np.testing.assert_allclose(found.state.sum(axis=-1), np.broadcast_to(people, found.state.shape[:3]), rtol=1e-9)  # fmt: skip


def test_state_and_scale_start_a_forecast(found, country):
    ahead = np.datetime64("2020-03-01") + np.arange(7)
    start = found.start(rng=np.random.default_rng(1))
    assert (start >= 0).all()
    assert (start % 1 == 0).all()
    people = start.isel(variant=0).sum("compartment")
    world = country.model.world
    model = build_model(
        people,
        dict(zip(("home", "school", "work", "other"), world[1:5], strict=True)),
        country.model.course,
        dates=ahead,
        transmissibility=float(country.model.factor[0, 0]),
        state=start,
        scale=found.scale(ahead),
        groups={p: p for p in country.model.places},
    )
    assert model.start.shape[0] == model.scale.shape[0] == found.draws


def test_the_same_for_the_same_seed(fit, found):
    again = fit()
    np.testing.assert_array_equal(
        again.parameters.log_reproduction, found.parameters.log_reproduction
    )


def test_tidy_tells_median_and_band_by_group_and_date(found):
    tidy = found.tidy()
    assert tidy["variable"].unique().sort().to_list() == ["infections", "reported", "reporting", "reproduction"]  # fmt: skip
    assert (tidy["q025"] <= tidy["q500"]).all()
    assert tidy.height == 4 * len(found.groups) * len(found.model.dates)


def test_unread_counts_move_nothing(fit, twin):
    """The source reports nonsense until a day: whatever it is, the fit is the same."""
    early = twin.counts["date"] < np.datetime64("2020-02-01")
    source = twin.counts["place"] == "000000"
    unread = {"source": np.datetime64("2020-02-01").astype(object)}
    one, other = (
        fit(xr.where(early & source, n, twin.counts).transpose("place", "date"), unread=unread)
        for n in (0.0, 5.0)
    )
    mine = one.groups.index("source")
    # The rough size of chance follows from all counts: nearly the same, not to the bit.
    R, other_R = (np.median(c.parameters.log_reproduction[..., mine], axis=0) for c in (one, other))
    assert np.abs(R - other_R).max() < 0.25


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda c: c.where(c["place"] != "000001"), "missing"),
        (lambda c: c - 1e6, "negative"),
        (lambda c: c.isel(date=[0, 2, 3]), "day by day"),
        (lambda c: c.isel(place=slice(1, None)), "000000"),
        (lambda c: c.assign_coords(date=c["date"] - np.timedelta64(90, "D")), "days of the counts"),
    ],
)
def test_counts_that_cannot_be_read_are_refused(fit, twin, change, named):
    with pytest.raises(BadParameter, match=named):
        fit(change(twin.counts))


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"groups": {}}, "groups"),
        ({"sources": ["nowhere"]}, "nowhere"),
        ({"seeds": {"nowhere": 5.0}}, "nowhere"),
        ({"seeds": {"000000": 1e9}}, "seeds"),
        ({"seeds": {}}, "seeds"),
        ({"delay": [0.5, 0.2]}, "delay"),
        ({"unread": {"nowhere": np.datetime64("2020-02-01").astype(object)}}, "nowhere"),
        ({"rounds": 0}, "rounds"),
    ],
)
def test_wrong_arguments_are_named(fit, more, named):
    with pytest.raises(BadParameter, match=named):
        fit(**more)


def test_no_case_at_all_is_an_answer(fit, twin):
    """All zero: R and the share reported fall or stay, and nothing breaks."""
    quiet = fit(twin.counts * 0)
    assert np.isfinite(quiet.parameters.log_reproduction).all()
    assert np.median(quiet.dataset()["reported"].sel(group="source")) < 0.5
