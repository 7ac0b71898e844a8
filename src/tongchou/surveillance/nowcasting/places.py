"""How places differ in the speed of their reports, and how unevenly single days are reported."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import prange

from tongchou.vocabulary.compiled import compiled

Floats = npt.NDArray[np.float64]

PRECISIONS = np.array([3.0, 6.0, 12.0, 25.0, 50.0, 100.0, 200.0, 400.0, 1000.0, 3000.0, 1e5])
"""Grid of the precision M: 3, hardly any order; 100,000, none beyond chance."""
SPREADS = np.array([0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2])
"""Grid of the sd between places, log hazard: 0, all alike; 1.2, a third of them three times as fast or slow."""
SPREAD_MEDIAN, PRECISION_MEDIAN, PRIOR_SPREAD = 0.3, 100.0, 2.0
BUSIEST = 400
SPEED_STEP = 0.1
SPEEDS: Floats = np.arange(-30.0, 31.0) * SPEED_STEP
"""Grid of the log speed of a place against all together: a twentieth to twentyfold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Speed of each place on a grid, and the unevenness of single days.

    Attributes
    ----------
    weights : (place, speed)
        Posterior of the log speed u on :data:`SPEEDS`.
    precision
        M of the Dirichlet-multinomial.
    spread
        sd of u between places.
    """

    weights: Floats
    precision: float
    spread: float

    def draws(self, number: int, rng: np.random.Generator) -> Floats:
        """Give draws of u (draw, place), spread evenly within a step of the grid."""
        if self.spread == 0:
            return np.zeros((number, len(self.weights)))
        cumulated = np.cumsum(self.weights, axis=1)
        chance = rng.random((number, len(self.weights)))
        cell = np.array(
            [np.searchsorted(c, q * c[-1]) for c, q in zip(cumulated, chance.T, strict=True)]
        )
        within = rng.random((number, len(self.weights))) - 0.5
        return np.asarray(SPEEDS[np.minimum(cell.T, len(SPEEDS) - 1)] + within * SPEED_STEP)


def fit_places(cells: npt.NDArray[np.int32], hazards: Floats) -> Places:
    """Give the speed of each place and the unevenness of days, around a common hazard.

    In a place of speed u the hazard is e^u times the common one, so with Λ the common hazard
    cumulated, F(x; u) = 1 − exp(−e^u Λ(x)). u ~ Normal(0, τ²). The counts of one onset over the
    delays seen so far are Dirichlet-multinomial with parameters M p_(t,d)(u): truncation keeps that
    family. M and τ maximise the marginal likelihood over the busiest places.

    Parameters
    ----------
    cells : (place, onset, delay), persons
    hazards : (onset, delay)
        Common hazard, see :meth:`~tongchou.surveillance.nowcasting.reporting.Reporting.hazards`.
    """
    speeds: Floats = SPEEDS if len(cells) > 1 else np.zeros(1)
    precision, spread = _scales(cells, hazards, speeds[::2])
    score = _fit(*_listed(cells), hazards, speeds, precision, len(cells))
    score += _log_normal(speeds, spread)
    weights = np.exp(score - score.max(axis=1, keepdims=True))
    return Places(
        weights=weights / weights.sum(axis=1, keepdims=True), precision=precision, spread=spread
    )


def _scales(cells: npt.NDArray[np.int32], hazards: Floats, speeds: Floats) -> tuple[float, float]:
    """Give M and τ from the busiest places: the others hold too few cases to say anything of them."""
    busy = cells[np.argsort(-cells.sum(axis=(1, 2)), kind="stable")[:BUSIEST]]
    known = _listed(busy)
    best, found = -np.inf, (float(PRECISIONS[-1]), 0.0)
    for M in PRECISIONS:
        fit = _fit(*known, hazards, speeds, M, len(busy))
        for spread in SPREADS if len(cells) > 1 else SPREADS[:1]:
            value = _marginal(fit, speeds, spread) + _log_prior(M, spread)
            if value > best:
                best, found = value, (float(M), float(spread))
    return found


def _log_prior(precision: float, spread: float) -> float:
    off = (np.log(precision / PRECISION_MEDIAN) / PRIOR_SPREAD) ** 2
    if spread > 0:
        off += (np.log(spread / SPREAD_MEDIAN) / PRIOR_SPREAD) ** 2
    return float(-off / 2)


def _log_normal(speeds: Floats, spread: float) -> Floats:
    if spread == 0:
        return np.where(speeds == 0, 0.0, -np.inf)
    score = -((speeds / spread) ** 2) / 2
    return np.asarray(score - np.log(np.exp(score).sum()))


def _marginal(fit: Floats, speeds: Floats, spread: float) -> float:
    score = fit + _log_normal(speeds, spread)
    top = score.max(axis=1, keepdims=True)
    return float((top[:, 0] + np.log(np.exp(score - top).sum(axis=1))).sum())


def _listed(cells: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """List the filled cells (place, onset, delay, n) and the filled days (place, onset, n)."""
    where = np.nonzero(cells)
    total = cells.sum(axis=2)
    days = np.nonzero(total)
    return (
        np.stack([*where, cells[where]], axis=1).astype(np.int64),
        np.stack([*days, total[days]], axis=1).astype(np.int64),
    )


@compiled(parallel=True)
def _fit(filled, filled_days, hazards, speeds, M, places):  # type: ignore[no-untyped-def]
    """Give the log likelihood of each place at each speed."""
    days, delays = hazards.shape
    result = np.zeros((len(speeds), places))
    for s in prange(len(speeds)):
        a, log_a = np.zeros((days, delays + 1)), np.zeros((days, delays + 1))
        whole, log_whole = np.zeros(days), np.zeros(days)
        for t in range(days):
            left = 1.0
            for d in range(delays):
                kept = np.exp(-np.exp(speeds[s]) * hazards[t, d])
                a[t, d] = left * (1 - kept)
                left *= kept
            a[t, delays] = left
            whole[t] = 0.0
            for d in range(delays + 1):
                a[t, d] = M * max(a[t, d], 1e-12)
                log_a[t, d] = np.log(a[t, d])
                if t + d < days:
                    whole[t] += a[t, d]
            log_whole[t] = np.log(whole[t])
        for i in range(len(filled)):
            t, d = filled[i, 1], filled[i, 2]
            result[s, filled[i, 0]] += _rising(a[t, d], log_a[t, d], filled[i, 3])
        for i in range(len(filled_days)):
            t = filled_days[i, 1]
            result[s, filled_days[i, 0]] -= _rising(whole[t], log_whole[t], filled_days[i, 2])
    return result.T


@compiled()
def _rising(a, log_a, n):  # type: ignore[no-untyped-def]
    """Give log Γ(a + n) − log Γ(a)."""
    if n > 20:
        return math.lgamma(a + n) - math.lgamma(a)
    value = log_a
    for k in range(1, n):
        value += np.log(a + k)
    return value
