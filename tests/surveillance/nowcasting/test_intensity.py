from itertools import pairwise

import numpy as np
import pytest

from tongchou.surveillance.nowcasting.intensity import back, bands, climb, fit_courses, solve


def dense(Q):
    days = Q.shape[1]
    A = np.diag(Q[0])
    for k in (1, 2):
        for t in range(days - k):
            A[t + k, t] = A[t, t + k] = Q[k, t]
    return A


@pytest.mark.parametrize("days", [1, 2, 3, 9])
@pytest.mark.parametrize("memory", [0.0, 0.85])
def test_the_band_is_the_sum_of_squared_steps(days, memory):
    rows = [np.eye(days)[0] / 2.0]
    steps = np.diff(np.eye(days), axis=0)
    if days > 1:
        rows.append(steps[0] * np.sqrt(1 - memory**2) / 0.3)
    rows += [(b - memory * a) / 0.3 for a, b in pairwise(steps)]
    assert dense(bands(days, memory, 0.3)) == pytest.approx(np.array(rows).T @ np.array(rows))


def test_the_mode_has_no_slope_and_its_factor_is_that_of_the_curvature():
    rng = np.random.default_rng(1)
    y, F, r = rng.poisson(6.0, 20).astype(float), rng.uniform(0.2, 1, 20), np.full(20, 8.0)
    Q, x, L = bands(20, 0.6, 0.2), np.zeros(20), np.zeros((3, 20))
    climb(y, F, r, Q, 1.0, x, L)
    mu = np.exp(x) * F
    assert r * (y - mu) / (r + mu) == pytest.approx(dense(Q) @ (x - 1.0), abs=1e-3)
    curved = dense(Q) + np.diag((r + y) * r * mu / (r + mu) ** 2)
    b = rng.normal(size=20)
    ours = b.copy()
    solve(L, ours)
    assert ours == pytest.approx(np.linalg.solve(curved, b), abs=1e-4)
    root = np.linalg.cholesky(curved)
    half = b.copy()
    back(L, half, 0)
    assert half == pytest.approx(np.linalg.solve(root.T, b), abs=1e-3)


def test_a_quiet_place_and_a_wild_one_get_other_scales():
    rng = np.random.default_rng(2)
    ones = np.ones((1, 60))
    steady = fit_courses(rng.poisson(50.0, (1, 60)).astype(float), ones, ones * 0)
    wild = fit_courses(rng.poisson(50 * rng.gamma(2, 0.5, (1, 60))).astype(float), ones, ones * 0)
    mean = [sum(c.excess * c.weight for c in courses) for courses in (steady, wild)]
    assert mean[0] < 0.05 < mean[1]
    assert sum(c.weight for c in wild) == pytest.approx(1, abs=0.3)


def test_nothing_but_zeros():
    zeros = np.zeros((3, 30))
    courses = fit_courses(zeros, np.ones((3, 30)), zeros)
    assert all(np.isfinite(c.weight) for c in courses)
