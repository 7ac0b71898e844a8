"""Fits of one family to many strata at once: the largest likelihood or posterior, and its spread."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from tongchou.surveillance.timeliness.families import Family, Floats
from tongchou.surveillance.timeliness.likelihood import Bools, Likelihood, Slopes, Windows
from tongchou.vocabulary.parameter import parameter

QUANTITIES = ("mean", "sd", "median", "p90", "p95")
LEVELS = {"median": 0.5, "p90": 0.9, "p95": 0.95}

WIDEST = parameter("delay_widest_interval").value
"""Largest ratio of the upper to the lower bound of the mean at which a fit counts."""

PRIOR_CASES = 4.0
"""Cases that a prior is worth in the degrees of freedom: one for each of its four numbers."""

_ROUNDS = 40
_STEP_LIMIT = 1.0
_BOUND_ONE = (np.log(0.02), np.log(400.0))
_BOUND_TWO = (np.log(0.03), np.log(200.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyFit:
    """One family fitted to every stratum.

    Attributes
    ----------
    family
        Which.
    one, two : array (stratum)
        θ at the largest likelihood.
    loglik : array (stratum)
        Logarithm of the largest likelihood.
    covariance : array (stratum, 2, 2)
        Inverse of the observed information.
    freedom : array (stratum)
        Degrees of freedom of the intervals.
    found : array (stratum)
        False where the likelihood has no top inside the allowed range (too few different delays), or
        where the 95 % interval of the mean is wider than :data:`WIDEST` (a cut-off so close that the
        tail cannot be told).
    """

    family: Family
    one: Floats
    two: Floats
    loglik: Floats
    covariance: Floats
    freedom: Floats
    found: Bools

    @property
    def aic(self) -> Floats:
        """Akaike's criterion, 2 · 2 − 2 log L."""
        return 4.0 - 2.0 * self.loglik

    def quantities(self) -> dict[str, Floats]:
        """Give mean, sd, median, p90 and p95 of each stratum, days."""
        return quantities(self.family, self.one, self.two)

    def intervals(self, level: float = 0.95) -> dict[str, tuple[Floats, Floats]]:
        """Give the interval of each quantity: the delta method on its logarithm.

        q exp(±t se), se² = ∇ᵀ V ∇ with the gradient of log q in θ, V the inverse information and t
        Student's quantile with n − 1 degrees of freedom, n + 4 where a prior takes the place of the
        two numbers fitted.
        """
        h, t = 1e-5, special.stdtrit(self.freedom, (1 + level) / 2)
        shifted = [
            quantities(self.family, self.one + a, self.two + b)
            for a, b in ((h, 0.0), (-h, 0.0), (0.0, h), (0.0, -h))
        ]
        found = {}
        for name, value in self.quantities().items():
            up, down, more, less = (np.log(q[name]) for q in shifted)
            slope = np.stack([up - down, more - less], axis=-1) / (2 * h)
            variance = np.einsum("gi,gij,gj->g", slope, self.covariance, slope)
            spread = np.exp(np.minimum(t * np.sqrt(variance), 300.0))
            found[name] = (value / spread, value * spread)
        return found


def quantities(family: Family, one: Floats, two: Floats) -> dict[str, Floats]:
    """Give mean, sd, median, p90 and p95 at each θ, days."""
    mean, sd = family.mean_sd(one, two)
    return {
        "mean": mean,
        "sd": sd,
        **{name: family.quantile(level, one, two) for name, level in LEVELS.items()},
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What the strata have in common: both numbers of θ are normal around ``centre``, with ``spread``."""

    centre: tuple[float, float]
    spread: tuple[float, float]

    def weigh(self, at: Slopes, one: Floats, two: Floats) -> Slopes:
        """Add the logarithm of the prior to a log-likelihood."""
        (a, b), (p, q) = self.centre, (self.spread[0] ** -2, self.spread[1] ** -2)
        return Slopes(
            value=at.value - p * (one - a) ** 2 / 2 - q * (two - b) ** 2 / 2,
            one=at.one - p * (one - a),
            two=at.two - q * (two - b),
            one_one=at.one_one - p,
            one_two=at.one_two,
            two_two=at.two_two - q,
        )


def fit_family(
    likelihood: Likelihood,
    family: Family,
    windows: Windows,
    prior: Prior | None = None,
    start: tuple[Floats, Floats] | None = None,
) -> FamilyFit:
    """Find the largest likelihood of a family in every stratum by damped Newton steps.

    Parameters
    ----------
    likelihood
        Made from ``windows``.
    family
        Of the delay.
    windows
        Their mean and standard deviation, uncorrected, are where the search starts.
    prior
        If given, the largest posterior density is found, and ``covariance`` is that of the
        posterior.
    start
        θ where the search starts, if not there or at the centre of the prior.
    """

    def slopes(one: Floats, two: Floats, active: Bools) -> Slopes:
        at = likelihood.slopes(family, one, two, active)
        return at if prior is None else prior.weigh(at, one, two)

    if start is not None:
        one, two = start
    elif prior is None:
        one, two = family.start(*_plain_moments(windows, likelihood.strata))
    else:
        one, two = (np.full(likelihood.strata, centre) for centre in prior.centre)
    one, two = np.clip(one, *_BOUND_ONE), np.clip(two, *_BOUND_TWO)
    size = np.bincount(windows.stratum, minlength=likelihood.strata)
    active = (size > 0) | (prior is not None)
    at = slopes(one, two, active)
    damping = np.full(likelihood.strata, 1e-6)
    for _ in range(_ROUNDS):
        if not active.any():
            break
        step_one, step_two = _newton_step(at, damping)
        try_one = np.clip(one + step_one, *_BOUND_ONE)
        try_two = np.clip(two + step_two, *_BOUND_TWO)
        then = slopes(try_one, try_two, active)
        better = active & (then.value >= at.value - 1e-10 * np.abs(at.value))
        moved = np.hypot(try_one - one, try_two - two)
        one, two = np.where(better, try_one, one), np.where(better, try_two, two)
        at = _merged(at, then, better)
        damping = np.where(better, damping / 10, np.maximum(damping, 1e-3) * 10)
        active &= ~((better & (moved < 1e-7)) | (damping > 1e12)) & _inside(one, two)
    freedom = size.astype(np.float64) + (-1.0 if prior is None else PRIOR_CASES)
    return _family_fit(family, one, two, at, np.where(active, 0.0, freedom))


def _plain_moments(windows: Windows, strata: int) -> tuple[Floats, Floats]:
    size = np.maximum(np.bincount(windows.stratum, minlength=strata), 1)
    middle = np.maximum(windows.middle, 0.25)
    mean = np.bincount(windows.stratum, middle, strata) / size
    square = np.bincount(windows.stratum, middle**2, strata) / size
    mean = np.where(mean > 0, mean, 1.0)
    return mean, np.maximum(np.sqrt(np.maximum(square - mean**2, 0.0)), 0.2 * mean)


def _newton_step(at: Slopes, damping: Floats) -> tuple[Floats, Floats]:
    """Give a step uphill: Newton's where the Hessian bends down, damped towards the gradient else."""
    a, b, c = -at.one_one, -at.one_two, -at.two_two
    middle = (a + c) / 2
    smallest = middle - np.sqrt(((a - c) / 2) ** 2 + b**2)
    lift = np.maximum(0.0, 1e-8 * np.abs(middle) - smallest) + damping * np.maximum(
        np.abs(middle), 1e-8
    )
    a, c = a + lift, c + lift
    determinant = a * c - b**2
    with np.errstate(divide="ignore", invalid="ignore"):
        one = (c * at.one - b * at.two) / determinant
        two = (a * at.two - b * at.one) / determinant
        long = np.maximum(np.hypot(one, two) / _STEP_LIMIT, 1.0)
    ok = np.isfinite(one) & np.isfinite(two)
    return np.where(ok, one / long, 0.0), np.where(ok, two / long, 0.0)


def _merged(old: Slopes, new: Slopes, take: Bools) -> Slopes:
    return Slopes(
        **{
            name: np.where(take, getattr(new, name), getattr(old, name))
            for name in Slopes.__slots__
        }
    )


def _inside(one: Floats, two: Floats) -> Bools:
    """Tell whether θ keeps off the bounds: a stratum that runs into one has no top."""
    return np.asarray(
        (one > _BOUND_ONE[0])
        & (one < _BOUND_ONE[1])
        & (two > _BOUND_TWO[0])
        & (two < _BOUND_TWO[1])
    )


def _family_fit(family: Family, one: Floats, two: Floats, at: Slopes, freedom: Floats) -> FamilyFit:
    a, b, c = -at.one_one, -at.one_two, -at.two_two
    determinant = a * c - b**2
    found = (freedom > 0) & _inside(one, two) & (a > 0) & (determinant > 0) & np.isfinite(at.value)
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = (
            np.stack([np.stack([c, -b], -1), np.stack([-b, a], -1)], -2)
            / determinant[:, None, None]
        )
    fit = FamilyFit(
        family=family,
        one=np.where(found, one, np.nan),
        two=np.where(found, two, np.nan),
        loglik=np.where(found, at.value, np.nan),
        covariance=np.where(found[:, None, None], inverse, np.nan),
        freedom=np.maximum(freedom, 1.0),
        found=found,
    )
    low, high = fit.intervals()["mean"]
    return replace(fit, found=found & (high <= WIDEST * low))
