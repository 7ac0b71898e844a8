"""Strata with few cases borrow from the others: partial pooling by empirical Bayes.

θ of each stratum is taken to be normal around a common centre, with a spread that all the strata
tell together (their scatter beyond chance). A stratum with many cases keeps nearly its own fit, one
with few moves towards the centre, and one with none stays there, with an interval as wide as the
strata differ.
"""

import numpy as np

from tongchou.surveillance.timeliness.families import Family, Floats
from tongchou.surveillance.timeliness.fits import FamilyFit, Prior, fit_family
from tongchou.surveillance.timeliness.likelihood import Bools, Likelihood, Windows, some_strata

FEWEST_STRATA = 5
"""Strata from which a spread can be told."""
FEWEST_CASES = 3
"""Cases of a stratum that helps to tell it."""
_LARGEST = 60
_ROUNDS = 15
_CLOSE = 0.02
_START = 0.5
_LEAST_SPREAD = 0.02


def fit_shared(windows: Windows, strata: int, family: Family) -> FamilyFit | None:
    """Fit every stratum with what the strata have in common; None where too few strata tell it.

    The centre and the spread are those of largest marginal likelihood, by expectation and
    maximisation with each stratum's posterior taken as normal ::

        centre = mean θ̂_g        spread² = mean [(θ̂_g − centre)² + Var(θ_g)]

    over the strata with at least :data:`FEWEST_CASES` cases (the 60 largest of them).

    Parameters
    ----------
    windows
        Dated delays.
    strata
        Number of strata.
    family
        Of the delay, the same for all.
    """
    size = np.bincount(windows.stratum, minlength=strata)
    telling = np.argsort(-size, kind="stable")[:_LARGEST]
    telling = telling[size[telling] >= FEWEST_CASES]
    if len(telling) < FEWEST_STRATA:
        return None
    prior = _common(*some_strata(windows, telling, strata), family)
    return fit_family(Likelihood(windows, strata), family, windows, prior)


def _common(windows: Windows, strata: int, family: Family) -> Prior:
    """Give centre and spread of the strata."""
    likelihood = Likelihood(windows, strata)
    first = fit_family(likelihood, family, windows)
    centre = _middle(first.one, first.found), _middle(first.two, first.found)
    prior = Prior(centre=centre, spread=(_START, _START))
    start: tuple[Floats, Floats] | None = None
    for _ in range(_ROUNDS):
        fit = fit_family(likelihood, family, windows, prior, start)
        kept = fit.found
        if not kept.any():
            break
        last, prior = prior, _updated(fit)
        one, two = prior.centre
        start = np.where(kept, fit.one, one), np.where(kept, fit.two, two)
        if _apart(last, prior) < _CLOSE:
            break
    return prior


def _updated(fit: FamilyFit) -> Prior:
    kept = fit.found
    centre = float(fit.one[kept].mean()), float(fit.two[kept].mean())
    scatter = [
        (theta[kept] - middle) ** 2 + fit.covariance[kept, k, k]
        for k, (theta, middle) in enumerate(zip((fit.one, fit.two), centre, strict=True))
    ]
    wide, deep = (max(float(np.sqrt(square.mean())), _LEAST_SPREAD) for square in scatter)
    return Prior(centre=centre, spread=(wide, deep))


def _apart(a: Prior, b: Prior) -> float:
    before, after = (np.array([*p.centre, *np.log(p.spread)]) for p in (a, b))
    return float(np.abs(before - after).max())


def _middle(theta: Floats, found: Bools) -> float:
    return float(np.median(theta[found])) if found.any() else 0.0
