"""The likelihood of a share whose outcomes are only partly known, and its profile interval."""

from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]
Likelihood = Literal["matched", "binomial", "poisson"]

HALVINGS = 45
"""Bisections of [0, 1]: leaves 10⁻¹³."""
GOLDEN = (np.sqrt(5) - 1) / 2


def profile(
    D: Floats, K: Floats, S: Floats, likelihood: Likelihood, level: float
) -> tuple[Floats, Floats, Floats]:
    """Give the share of greatest likelihood and the ends of its profile interval.

    Parameters
    ----------
    D : array (place, date), persons
        Events seen.
    K : array (delay, place, date), persons
        Known outcomes, for each delay.
    S : array (delay, place, date), persons
        Sum of cases times squared probability of being known.
    likelihood
        See :func:`tongchou.surveillance.severity.rolling_severity`.
    level
        Coverage.

    Returns
    -------
    share, low, high : arrays (place, date)
        NaN where no share explains the events.

    Examples
    --------
    Three events among forty, all outcomes known: the ends lie where the likelihood has fallen by 1.92.

    >>> one = np.array([[40.0]])
    >>> share, low, high = profile(np.array([[3.0]]), one[None], one[None], "matched", 0.95)
    >>> share.item(), round(low.item(), 4), round(high.item(), 4)
    (0.075, 0.0192, 0.1831)
    """
    floor_drop = float(special.chdtri(1, 1 - level)) / 2
    known = (K > 0).all(axis=0)
    explained = known & _explained(D, K, S, likelihood, floor_drop)
    share, low, high = (np.full(D.shape, np.nan) for _ in range(3))
    if not explained.any():
        return share, low, high
    d, k, s = D[explained], K[:, explained], S[:, explained]
    p = _maximum(d, k, s, likelihood)
    floor = log_likelihood(p, d, k, s, likelihood) - floor_drop
    share[explained] = p
    low[explained] = _bound(np.zeros_like(p), p, floor, d, k, s, likelihood)
    high[explained] = _bound(np.ones_like(p), p, floor, d, k, s, likelihood)
    return share, low, high


def log_likelihood(p: Floats, d: Floats, k: Floats, s: Floats, likelihood: Likelihood) -> Floats:
    """Give the log of the mean likelihood of share p over the delays; −∞ where it is impossible.

    Examples
    --------
    >>> ten = np.array([[10.0]])
    >>> value = log_likelihood(np.array([0.5]), np.array([5.0]), ten, ten, "binomial").item()
    >>> round(float(np.exp(value)), 6)  # C(10, 5) / 2¹⁰
    0.246094
    """
    if likelihood == "poisson":
        each = special.xlogy(d, p * k) - p * k - special.gammaln(d + 1)
    else:
        n, q = (
            (k, np.broadcast_to(p, k.shape)) if likelihood == "binomial" else (k**2 / s, p * s / k)
        )
        each = np.where(n >= d, _binomial(d, np.maximum(n, d), np.minimum(q, 1.0)), -np.inf)
    if len(each) == 1:
        return np.asarray(each[0])
    return np.asarray(special.logsumexp(each, axis=0) - np.log(len(each)))


def _binomial(d: Floats, n: Floats, q: Floats) -> Floats:
    choose = special.gammaln(n + 1) - special.gammaln(d + 1) - special.gammaln(n - d + 1)
    return np.asarray(choose + special.xlogy(d, q) + special.xlog1py(n - d, -q))


def _explained(
    D: Floats, K: Floats, S: Floats, likelihood: Likelihood, drop: float
) -> npt.NDArray[np.bool_]:
    """Whether some share up to 1 explains the events: fewer than K, or not significantly more."""
    most = K.max(axis=0)
    fewer = most >= D
    if likelihood == "binomial" or fewer.all():
        return np.asarray(fewer)
    with np.errstate(divide="ignore", invalid="ignore"):
        free = log_likelihood(D / most, D, K, S, likelihood)
        held = log_likelihood(np.ones_like(D), D, K, S, likelihood)
    return np.asarray(fewer | (np.isfinite(held) & (held >= free - drop)))


def _maximum(d: Floats, k: Floats, s: Floats, likelihood: Likelihood) -> Floats:
    if len(k) == 1:
        return np.asarray(np.minimum(d / k[0], 1.0))
    # The mean of likelihoods whose maxima lie between the smallest and the largest ratio.
    a, b = (np.minimum(x, 1.0) for x in (d / k.max(axis=0), d / k.min(axis=0)))
    for _ in range(60):
        left, right = b - GOLDEN * (b - a), a + GOLDEN * (b - a)
        rises = log_likelihood(left, d, k, s, likelihood) < log_likelihood(
            right, d, k, s, likelihood
        )
        a, b = np.where(rises, left, a), np.where(rises, b, right)
    return np.asarray((a + b) / 2)


def _bound(
    outside: Floats,
    inside: Floats,
    floor: Floats,
    d: Floats,
    k: Floats,
    s: Floats,
    likelihood: Likelihood,
) -> Floats:
    """Bisect between an edge of [0, 1] and the maximum; the edge itself where it is not outside."""
    edge = log_likelihood(outside, d, k, s, likelihood) >= floor
    inside = np.where(edge, outside, inside)
    for _ in range(HALVINGS):
        middle = (outside + inside) / 2
        within = log_likelihood(middle, d, k, s, likelihood) >= floor
        inside, outside = np.where(within, middle, inside), np.where(within, outside, middle)
    return inside
