import itertools

import numpy as np
import pytest

from tongchou.surveillance.nowcasting.calendar_effects import SIZES, log_prior, scales_at
from tongchou.surveillance.nowcasting.reporting import fit_reporting

WEEKDAY = np.arange(60) % 7


def test_the_grid_is_a_probability():
    total = sum(np.exp(log_prior(place)) for place in itertools.product(*map(range, SIZES)))
    assert total == pytest.approx(1.0)


def test_a_late_trend_leaves_the_days_before_it_alike():
    late = scales_at((3, 0, 0, 0)).covariance(WEEKDAY, np.zeros(60, dtype=bool))
    steady = scales_at((0, 0, 0, 0)).covariance(WEEKDAY, np.zeros(60, dtype=bool))
    trend = late - steady
    assert trend[:45, :45] == pytest.approx(np.full((45, 45), trend[0, 0]))
    assert trend[-1] == pytest.approx(np.zeros(60))


def test_delays_halved_in_a_fortnight_are_seen_in_many_cases():
    rng = np.random.default_rng(11)
    delays = 15
    day = np.add.outer(np.arange(60), np.arange(delays))
    hazards = 0.2 * 2 ** np.clip((day - 45) / 14, 0, 1)
    left = np.exp(-np.concatenate([np.zeros((60, 1)), np.cumsum(hazards, axis=1)], axis=1))
    p = np.concatenate([left[:, :-1] - left[:, 1:], left[:, -1:]], axis=1)
    n = np.stack([rng.multinomial(3000, row / row.sum()) for row in p])
    n[np.add.outer(np.arange(60), np.arange(delays + 1)) >= 60] = 0
    fit = fit_reporting(n.astype(float), WEEKDAY)
    share = 1 - np.exp(-fit.cumulated(fit.settings[0].mode))
    truth = [1 - np.exp(-hazards[t, : 60 - t].sum()) for t in range(60 - delays, 60)]
    # Steady delays would give 0.18 on the last day instead of 0.33; sd of each share below 0.015
    assert share == pytest.approx(truth, abs=0.04)
    assert fit.settings[0].scales.lasting == 14
