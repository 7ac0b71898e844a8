import numpy as np
import pytest

from tongchou.surveillance.detection import laplace
from tongchou.surveillance.detection.false_alarms import randomised_p
from tongchou.surveillance.detection.gamma_poisson import gamma_poisson
from tongchou.surveillance.detection.negative_binomial import tail_at_least
from tongchou.surveillance.detection.regression import count_regression
from tongchou.vocabulary.errors import BadParameter

WEEKDAYS = np.array([1, 1, 1, 1, 0.9, 0.6, 0.5])


def test_with_a_level_alone_and_no_scatter_it_is_gamma_and_poisson_exactly(cube):
    rng = np.random.default_rng(1)
    y = rng.poisson(rng.gamma(1, 3, (50, 1)), (50, 31)).astype(float)
    y[0] = 0
    still = np.array([0.0, 1e12])  # no trend
    fit = laplace.predictive(y, np.zeros((31, 0)), 30, 30, 0, still, np.zeros(1))[:, 0]
    conjugate = gamma_poisson(cube(y), half_window=30)
    assert fit[:, 0] == pytest.approx(conjugate["expected"].values[:, 0], rel=1e-7)
    assert tail_at_least(y[:, 30], fit[:, 0], np.exp(-fit[:, 1])) == pytest.approx(
        conjugate["at_least"].values[:, 0], rel=1e-6
    )


def test_the_top_of_the_posterior_is_where_its_slope_is_none(cube):
    rng = np.random.default_rng(1)
    n, omega = 60, 0.3
    X = np.column_stack([np.ones(n), np.linspace(-0.5, 0.5, n), rng.normal(size=n)])
    y = rng.poisson(5, n).astype(float)
    precision, beta = np.array([0, 1, 4.0]), np.array([1.0, 0, 0])
    laplace._mode(y, X, beta, precision, omega, np.empty(3), np.empty((3, 3)))

    def log_posterior(b):
        mu = np.exp(X @ b)
        likelihood = (y * np.log(mu) - (y + 1 / omega) * np.log1p(omega * mu)).sum()
        return likelihood - (precision * b**2).sum() / 2 + b[0] / 2

    for j in range(3):
        step = 1e-4 * np.eye(3)[j]
        slope = (log_posterior(beta + step) - log_posterior(beta - step)) / 2e-4
        assert slope == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("mean", [0.3, 5, 100])
@pytest.mark.parametrize("scatter", [0, 0.2])
def test_days_with_weekdays_are_calibrated(cube, mean, scatter):
    rng = np.random.default_rng(2)
    level = mean * WEEKDAYS[np.arange(120) % 7] * np.exp(0.004 * np.arange(120))
    y = rng.poisson(
        level * (rng.gamma(1 / scatter, scatter, (300, 120)) if scatter else np.ones((300, 1)))
    )
    p = randomised_p(count_regression(cube(y), last=5), rng).values
    # 1,500 dates: three standard errors of 0.05 are 0.017; five of 1,500 at 0.005 are 7.5 ± 8.
    assert (p < 0.05).mean() == pytest.approx(0.05, abs=0.022)
    assert (p < 0.005).mean() < 0.012
    assert p.mean() == pytest.approx(0.5, abs=0.03)


def test_weeks_with_a_season_are_calibrated(weeks, season):
    rng = np.random.default_rng(2)
    found = count_regression(weeks(rng.poisson(season(6, 300, 300))), last=4)
    p = randomised_p(found, rng).values
    assert (p < 0.05).mean() == pytest.approx(0.05, abs=0.022)
    assert found["alarm"].mean().item() < 0.012


def test_a_sunday_is_judged_as_a_sunday(cube):
    level = np.array([20, 20, 20, 20, 20, 20, 5.0])[np.arange(100) % 7]
    found = count_regression(cube(level), last=7)["expected"].values[0]
    # days of weak prior belief: within a tenth
    assert found == pytest.approx(level[-7:], rel=0.1)


@pytest.mark.parametrize(
    "y",
    [np.zeros(3650), np.eye(3650)[3600], np.full(3650, 1e7)],
    ids=["all zeros", "one case", "huge"],
)
def test_hard_series_of_ten_years_give_numbers(cube, y):
    found = count_regression(cube(y), last=30)
    for name in ("expected", "threshold", "score", "at_least", "above"):
        assert np.isfinite(found[name].values).all(), name
    assert not found["alarm"].any()


def test_after_zeros_only_one_case_is_no_alarm_and_three_are(cube):
    y = np.zeros((3, 100))
    y[:, -1] = [1, 2, 3]
    assert count_regression(cube(y), last=1)["alarm"].values[:, 0].tolist()[::2] == [False, True]


def test_too_short_a_history_names_the_steps_needed(cube, weeks):
    with pytest.raises(BadParameter, match="bayes needs at least 36 days"):
        count_regression(cube(np.ones(35)))
    with pytest.raises(BadParameter, match="bayes needs at least 109 weeks"):
        count_regression(weeks(np.ones(108)))
    with pytest.raises(BadParameter, match="gamma-poisson needs at least 7 days"):
        gamma_poisson(cube(np.ones(6)))


def test_a_missing_day_is_left_out_and_not_a_zero(cube):
    y = np.full(100, 10.0)
    y[60:70] = np.nan
    found = count_regression(cube(y), last=1)
    assert found["expected"].item() == pytest.approx(10, rel=0.01)
    sparse = gamma_poisson(cube(y), half_window=80, last=1)
    assert sparse["expected"].item() == pytest.approx((700 + 0.5) / 70)


def test_years_need_weeks_and_something_to_refer_to(cube, weeks):
    with pytest.raises(BadParameter, match="years"):
        gamma_poisson(cube(np.ones(900)), years=1)
    with pytest.raises(BadParameter, match="recent"):
        gamma_poisson(weeks(np.ones(20)), recent=False)
