"""How many people each case infects: reproduction number R and dispersion k of the offspring."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from tongchou.surveillance.chains.likelihood import Estimate, maximise, profile
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LEAST_DISPERSION = 1e-7
"""1/k below which the negative binomial is the Poisson to the last digit that matters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offspring:
    """The number of people infected by one case: negative binomial with mean R and dispersion k.

    The variance is R (1 + R / k): k = ∞ is the Poisson, small k is superspreading.
    """

    R: Estimate
    k: Estimate
    cases: int
    infected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OffspringFit(Offspring):
    """R and k of greatest likelihood, and how high that is."""

    loglik: float


def negative_binomial(n: npt.ArrayLike, mean: npt.ArrayLike, k: npt.ArrayLike) -> Floats:
    """Give the logarithm of the probability of ``n`` offspring.

    ::

        p(n) = Γ(n + k) / (Γ(k) n!) · (k / (k + m))^k · (m / (k + m))^n

    >>> float(np.exp(negative_binomial(0, 1.0, 1.0)).round(3))  # geometric: 1 / (1 + R)
    0.5
    """
    n, m, k = np.asarray(n, dtype=float), np.asarray(mean, dtype=float), np.asarray(k, dtype=float)
    return np.asarray(
        special.gammaln(n + k)
        - special.gammaln(k)
        - special.gammaln(n + 1)
        - k * np.log1p(m / k)
        + special.xlogy(n, m)
        - n * np.log(k + m)
    )


def _poisson(n: Floats, mean: Floats) -> Floats:
    return np.asarray(special.xlogy(n, mean) - mean - special.gammaln(n + 1))


def offspring_loglik(n: Floats, exposure: Floats, log_R: float, log_alpha: float) -> Floats:
    """Give the log-probability of each count with mean R × exposure and dispersion 1 / α."""
    mean = np.exp(log_R) * exposure
    alpha = float(np.exp(log_alpha))
    if alpha < LEAST_DISPERSION:
        return _poisson(n, mean)
    return negative_binomial(n, mean, 1 / alpha)


def fit_offspring(
    counts: npt.ArrayLike,
    *,
    exposure: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> OffspringFit:
    """Give R and k of greatest likelihood with intervals by profile likelihood.

    For a tree that is known; where it is not, :meth:`.posterior.Posterior.offspring`.

    Parameters
    ----------
    counts : array (case)
        People infected by each case.
    exposure : array (case)
        Share of the infections of each case that can be on the list already (1 where its time is
        over): the mean of case i is R × exposure_i. All 1 by default.
    level
        Coverage.

    Returns
    -------
    OffspringFit
        An upper bound of k that is infinite says that the data agree with no overdispersion.

    References
    ----------
    Lloyd-Smith JO, Schreiber SJ, Kopp PE, Getz WM. Nature 2005;438:355-359,
    doi 10.1038/nature04153. Lloyd-Smith JO. PLoS ONE 2007;2:e180, doi 10.1371/journal.pone.0000180
    (maximum likelihood of k).

    Examples
    --------
    >>> fit = fit_offspring([0, 0, 0, 0, 0, 0, 1, 0, 2, 7, 0, 1, 0, 0, 3, 0])
    >>> fit.R.rounded(), fit.k.rounded()
    ((0.88, 0.29, 4.06), (0.25, 0.06, 1.13))
    """
    n = np.asarray(counts, dtype=float)
    c = np.ones(len(n)) if exposure is None else np.asarray(exposure, dtype=float)
    _check(n, c)
    data = _Counts.of(n, c)
    if not data.n.any():
        return _nobody(c, level)
    R = float(n[c > 0].sum() / c.sum())
    start = np.array([np.log(max(R, 1e-3)), _first_log_alpha(n, c, R)])
    peak, height = maximise(data.loglik, start)
    poisson = np.array([np.log(R), np.log(LEAST_DISPERSION / 10)])
    flat = data.loglik(poisson)
    if peak[1] < np.log(LEAST_DISPERSION) + 1 or flat >= height - 1e-9:
        peak, height = poisson, max(flat, data.loglik(poisson))
    r_low, r_high = profile(data.loglik, peak, height, 0, level)
    a_low, a_high = _alpha_bounds(data, peak, height, level)
    k = float(np.exp(-peak[1])) if peak[1] > np.log(LEAST_DISPERSION) else np.inf
    return OffspringFit(
        R=Estimate(
            value=float(np.exp(peak[0])), low=float(np.exp(r_low)), high=float(np.exp(r_high))
        ),
        k=Estimate(value=k, low=float(np.exp(-a_high)), high=float(np.exp(-a_low))),
        loglik=height,
        cases=int((c > 0).sum()),
        infected=int(n[c > 0].sum()),
    )


def _check(n: Floats, c: Floats) -> None:
    if (
        n.ndim != 1
        or n.size == 0
        or not np.isfinite(n).all()
        or (n < 0).any()
        or (n != np.round(n)).any()
    ):
        text = Text(
            zh="每例的续发人数须为非负整数，且至少一例。",
            en="each case needs a whole number of people infected, none negative.",
        )
        raise BadParameter("counts", "…", text)
    if c.shape != n.shape or (c < 0).any() or (c > 1).any() or not (c > 0).any():
        text = Text(
            zh="每例一个 0 至 1 的份额，且不全为零。",
            en="one share from 0 to 1 for each case, not all 0.",
        )
        raise BadParameter("exposure", "…", text)


def _first_log_alpha(n: Floats, c: Floats, R: float) -> float:
    excess = float(((n - R * c) ** 2 - n).mean() / max((R * c) @ (R * c) / len(c), 1e-12))
    return float(np.log(np.clip(excess, 0.05, 50)))


def _alpha_bounds(
    data: "_Counts", peak: Floats, height: float, level: float
) -> tuple[float, float]:
    at_poisson = peak[1] <= np.log(LEAST_DISPERSION)
    start = np.array([peak[0], np.log(1e-3)]) if at_poisson else peak
    low, high = profile(data.loglik, start, height, 1, level)
    return (-np.inf if at_poisson or low < np.log(LEAST_DISPERSION) else low), high


def _nobody(c: Floats, level: float) -> OffspringFit:
    """Nobody infected anybody: R is 0, bounded above as a Poisson; nothing is said about k."""
    high = -np.log((1 - level) / 2) / float(c.sum())
    return OffspringFit(
        R=Estimate(value=0.0, low=0.0, high=float(high)),
        k=Estimate(value=np.nan, low=0.0, high=np.inf),
        loglik=0.0,
        cases=int((c > 0).sum()),
        infected=0,
    )


@dataclass(frozen=True, slots=True)
class _Counts:
    """How often each count stands beside each exposure: one probability for each kind."""

    n: Floats
    c: Floats
    often: Floats

    @classmethod
    def of(cls, n: Floats, c: Floats) -> "_Counts":
        kept = c > 0
        pairs = np.stack([n[kept], np.round(c[kept], 6)])
        (counts, shares), often = np.unique(pairs, axis=1, return_counts=True)
        return cls(counts, shares, often.astype(float))

    def loglik(self, x: Floats) -> float:
        """Give the log-likelihood at log R and log 1/k."""
        if abs(x[0]) > 50 or abs(x[1]) > 60:
            return -1e300
        return float(self.often @ offspring_loglik(self.n, self.c, float(x[0]), float(x[1])))
