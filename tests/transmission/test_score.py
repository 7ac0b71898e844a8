import numpy as np
import pytest
import scoringrules
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from tongchou.transmission.renewal import HUB_QUANTILES
from tongchou.transmission.score import coverage, persistence, skill, weighted_interval_score
from tongchou.vocabulary.errors import BadParameter

LEVELS = np.array(HUB_QUANTILES)
counts = st.floats(0, 1e4)
quantiles = st.lists(counts, min_size=23, max_size=23).map(sorted)


def ahead(values, levels=LEVELS):
    return xr.DataArray(np.array(values, dtype=float), {"quantile": levels}, ("quantile",))


@given(values=quantiles, y=counts)
def test_wis_is_twice_the_mean_quantile_score(values, y):
    # Bracher et al 2021, equation 4: a second road to the same number.
    pinball = scoringrules.quantile_score(y, np.array(values), LEVELS, backend="numpy")
    wis = weighted_interval_score(ahead(values), xr.DataArray(y)).item()
    assert wis == pytest.approx(2 * pinball.mean(), abs=1e-6)
    assert wis >= 0


@given(low=counts, width=counts, y=counts, level=st.sampled_from([0.2, 0.5, 0.9]))
def test_one_interval_scores_as_the_library_says(low, width, y, level):
    alpha, high = 1 - level, low + width
    levels = np.array([alpha / 2, 0.5, 1 - alpha / 2])
    middle = (low + high) / 2
    theirs = scoringrules.interval_score(y, low, high, alpha, backend="numpy")
    wis = weighted_interval_score(ahead([low, middle, high], levels), xr.DataArray(y)).item()
    assert wis == pytest.approx(
        (abs(y - middle) / 2 + alpha / 2 * theirs) / 1.5, rel=1e-12, abs=1e-9
    )


@given(value=counts, y=counts)
def test_a_point_forecast_scores_its_absolute_error(value, y):
    wis = weighted_interval_score(ahead([value] * 23), xr.DataArray(y)).item()
    assert wis == pytest.approx(abs(y - value), abs=1e-9)


@given(values=quantiles, y=counts, factor=st.floats(0.1, 50))
def test_wis_has_the_unit_of_the_observations(values, y, factor):
    one = weighted_interval_score(ahead(values), xr.DataArray(y)).item()
    scaled = weighted_interval_score(ahead(values) * factor, xr.DataArray(y * factor)).item()
    assert scaled == pytest.approx(one * factor, abs=1e-6)


def test_one_interval_by_hand():
    # median 10, 50 % interval 8-14, 90 % interval 4-20, observed 22:
    # (½·12 + ¼·(6 + 4·8) + 0.05·(16 + 20·2)) / 2.5 = (6 + 9.5 + 2.8) / 2.5
    forecast = ahead([4, 8, 10, 14, 20], [0.05, 0.25, 0.5, 0.75, 0.95])
    assert weighted_interval_score(forecast, xr.DataArray(22.0)).item() == pytest.approx(7.32)


def test_the_true_distribution_scores_best_on_average():
    rng = np.random.default_rng(17)
    y = xr.DataArray(rng.normal(50, 8, 4000), dims="date")
    z = np.sort(np.quantile(rng.normal(size=200_000), LEVELS))
    mean = {
        (shift, scale): weighted_interval_score(ahead(50 + shift + 8 * scale * z), y).mean().item()
        for shift, scale in ((0, 1), (4, 1), (0, 0.5), (0, 2))
    }
    assert min(mean, key=mean.get) == (0, 1)


def test_labels_that_do_not_match_are_not_guessed():
    dates = np.array(["2020-02-01", "2020-02-02"], dtype="datetime64[ns]")
    forecast = xr.DataArray(
        np.ones((1, 3)), {"date": dates[:1], "quantile": [0.25, 0.5, 0.75]}, ("date", "quantile")
    )
    with pytest.raises(ValueError, match="date"):
        weighted_interval_score(forecast, xr.DataArray([1.0], {"date": dates[1:]}, ("date",)))


def test_lopsided_levels_are_refused():
    with pytest.raises(BadParameter, match="symmetric"):
        weighted_interval_score(ahead([1, 2, 3], [0.1, 0.5, 0.8]), xr.DataArray(1.0))


def test_coverage_of_the_true_distribution_is_its_level():
    rng = np.random.default_rng(18)
    y = xr.DataArray(rng.normal(size=20_000), dims="date")
    z = np.quantile(rng.normal(size=400_000), LEVELS)
    for level in (0.5, 0.95):
        # standard error at 20 000 observations: 0.35 %; four of them
        assert coverage(ahead(z), y, level).mean().item() == pytest.approx(level, abs=0.015)


def test_a_level_without_its_quantiles_is_refused():
    with pytest.raises(KeyError):
        coverage(ahead([1, 2, 3], [0.25, 0.5, 0.75]), xr.DataArray(1.0), 0.95)


def test_persistence_repeats_the_week_and_is_as_unsure_as_it_was_wrong(cube):
    rng = np.random.default_rng(19)
    rows = cube(rng.poisson(30, (300, 74)))
    base = persistence(rows[:, :60])
    assert base.dims == ("place", "date", "quantile")
    xr.testing.assert_allclose(
        base.sel(quantile=0.5, drop=True).isel(date=0, drop=True),
        rows[:, 53:60].mean("date"),
    )
    # Nothing changes in this world, so the baseline is right about its own errors.
    assert coverage(base, rows[:, 60:], 0.95).mean().item() == pytest.approx(0.95, abs=0.03)
    assert coverage(base, rows[:, 60:], 0.5).mean().item() == pytest.approx(0.5, abs=0.06)
    assert (base >= 0).all()
    assert (base.diff("quantile") >= 0).all()


def test_persistence_needs_a_week_and_its_horizon(cube):
    with pytest.raises(BadParameter, match="21 days"):
        persistence(cube([1] * 20))


def test_skill_is_one_against_itself_and_by_place_if_asked():
    score = xr.DataArray([[1.0, 3.0], [2.0, 2.0]], {"place": ["a", "b"]}, ("place", "date"))
    assert skill(score, score).item() == 1
    assert skill(score, 2 * score, "date").values.tolist() == [0.5, 0.5]
    assert np.isnan(skill(score, 0 * score).item())
