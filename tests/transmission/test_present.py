import dataclasses

import numpy as np
import pytest
import xarray as xr

from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.transmission.renewal import forecast
from tongchou.transmission.score import coverage
from tongchou.transmission.transmissibility import estimate_transmissibility, past_as_drawn
from tongchou.vocabulary.distributions import (
    Gamma,
    daily_probabilities,
    serial_interval_probabilities,
)
from tongchou.vocabulary.errors import BadParameter

TABLE = ForecastAssumptions.from_table()


def rng(seed=7):
    return np.random.default_rng(seed)


def drawn(counts, draws):
    return counts.expand_dims(draw=draws).copy()


def truncated(cube, places=120, days=60, seed=3):
    """Make epidemics of R 0.95 by onset, as known on the last day, and what came after."""
    chance = np.random.default_rng(seed)
    w = serial_interval_probabilities(TABLE.serial_interval)
    cases = np.zeros((places, days + 14))
    cases[:, :7] = 60
    for day in range(7, days + 14):
        lags = np.arange(1, min(day, len(w) - 1) + 1)
        mean = 0.95 * (cases[:, day - lags] @ w[lags])
        cases[:, day] = chance.poisson(mean * chance.gamma(20, 1 / 20, places))
    F = np.cumsum(daily_probabilities(Gamma(mean=3.0, sd=2.0)))
    share = np.ones(days)
    share[-len(F) :] = F[::-1][-days:]
    known = chance.binomial(cases[:, :days].astype(int), share)
    return cube(cases), cube(known), share


def nowcast(known, share, draws, chance):
    """Draw what is not reported yet: Poisson, its rate a gamma around the last complete week."""
    usual = known.isel(date=slice(-28, -21)).mean("date").values[:, None]
    rate = chance.gamma(20 + known.values, 1 / (20 / usual + share), (draws, *known.shape))
    return drawn(known, draws) + chance.poisson(rate * (1 - share))


def test_draws_that_are_all_alike_are_a_certain_past(cube):
    rows = cube(np.random.default_rng(1).poisson(20, (3, 40)))
    one = forecast(rows, TABLE, draws=200, rng=rng())
    two = forecast(drawn(rows, 5), TABLE, draws=200, rng=rng())
    xr.testing.assert_allclose(one, two)


def test_a_start_from_the_nowcast_is_right_where_the_reported_counts_are_too_low(cube):
    cases, known, share = truncated(cube)
    came = cases.isel(date=slice(60, None))
    draws = nowcast(known, share, 100, rng(2))
    naive = forecast(known, TABLE, draws=400, rng=rng())["new_cases"]
    knowing = forecast(draws, TABLE, draws=400, rng=rng())["new_cases"]
    assert naive.sel(quantile=0.5).sum() < 0.6 * came.sum()
    assert knowing.sel(quantile=0.5).sum().item() == pytest.approx(came.sum().item(), rel=0.2)
    assert coverage(knowing, came, 0.95).mean().item() > 0.93


def test_an_uncertain_present_widens_the_first_days(cube):
    # The last five days of each place are known within a factor of about 2.2.
    rows = cube(np.random.default_rng(4).poisson(40, (40, 60)))
    draws = drawn(rows, 100)
    draws[:, :, -5:] *= np.exp(rng(2).normal(0, 0.4, (100, 40, 1)))
    wide = forecast(draws, TABLE, draws=400, rng=rng())["new_cases"]
    sure = forecast(draws.mean("draw"), TABLE, draws=400, rng=rng())["new_cases"]

    def width(ahead):
        return (ahead.sel(quantile=0.975) - ahead.sel(quantile=0.025)).isel(date=0).mean().item()

    assert width(wide) > 1.3 * width(sure)


def test_an_uncertain_serial_interval_widens_the_last_days(cube):
    rows = cube(np.round(600 * np.exp(-0.05 * np.arange(40)))[None].repeat(6, axis=0))
    calm = dataclasses.replace(TABLE, drift_sd=0.0)
    sure, unsure = (
        forecast(rows, calm, draws=800, serial_interval_se=se, rng=rng())["cumulative"].isel(
            date=-1
        )
        for se in (0.0, 1.5)
    )

    def width(ahead):
        return (ahead.sel(quantile=0.9) - ahead.sel(quantile=0.1)).mean().item()

    assert width(unsure) > width(sure)
    middles = [x.sel(quantile=0.5).mean().item() for x in (sure, unsure)]
    assert middles[1] == pytest.approx(middles[0], rel=0.15)


def test_each_draw_of_the_past_is_estimated_as_if_it_were_the_only_one(cube):
    rows = [cube(np.random.default_rng(s).poisson(9, (4, 60))) for s in (1, 2)]
    w = serial_interval_probabilities(TABLE.serial_interval)
    alone = [estimate_transmissibility(r, TABLE) for r in rows]
    together = past_as_drawn(alone[0], np.stack([r.values[:, -50:] for r in rows]), w, TABLE)
    for number, one in enumerate(alone):
        assert together.shape[:, number] == pytest.approx(one.shape)
        assert together.rate[:, number] == pytest.approx(one.rate, rel=1e-6)
        assert together.trend[number] == pytest.approx(one.trend, abs=1e-6)


def test_missing_or_negative_draws_are_refused(cube):
    bad = drawn(cube([5.0] * 40), 3)
    bad[1, 0, -1] = -2
    with pytest.raises(BadParameter, match="negative"):
        forecast(bad, TABLE, rng=rng())
    bad[1, 0, -1] = np.nan
    with pytest.raises(BadParameter, match="missing"):
        forecast(bad, TABLE, rng=rng())


def test_only_some_places_of_a_drawn_present(cube):
    rows = drawn(cube(np.random.default_rng(1).poisson(20, (3, 40))), 4)
    ahead = forecast(rows, TABLE, draws=100, only=["420001"], rng=rng())
    assert ahead["place"].values.tolist() == ["420001"]
