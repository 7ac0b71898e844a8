"""The choice between families by Akaike's criterion, and what is said where they cannot be told apart."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from tongchou.surveillance.timeliness.families import FAMILIES, FamilyName, Floats
from tongchou.surveillance.timeliness.fits import QUANTITIES, FamilyFit, fit_family
from tongchou.surveillance.timeliness.likelihood import Ints, Likelihood, Windows
from tongchou.vocabulary.parameter import parameter

SAME = parameter("delay_same_aic").value
"""Families whose AIC differ by less are not told apart."""

ESTIMATES = tuple(f"{q}{end}" for q in QUANTITIES for end in ("", "_low", "_high"))


def estimates(fit: FamilyFit) -> dict[str, Floats]:
    """Give the :data:`ESTIMATES` of a fit as columns."""
    table, bounds = fit.quantities(), fit.intervals()
    for name in QUANTITIES:
        table[f"{name}_low"], table[f"{name}_high"] = bounds[name]
    return table


def fit_strata(
    windows: Windows,
    strata: int,
    families: Sequence[FamilyName] = ("gamma", "lognormal", "weibull"),
) -> pl.DataFrame:
    """Fit every family to every stratum and keep the one of smallest AIC.

    Parameters
    ----------
    windows
        Dated delays.
    strata
        Number of strata.
    families
        Those to choose from.

    Returns
    -------
    DataFrame
        One row per stratum: ``stratum, family, rivals, fitted, loglik, aic``, each of
        :data:`QUANTITIES` with ``_low`` and ``_high``, days. ``rivals`` are the families, best
        first and divided by ``|``, whose AIC is within :data:`SAME` of the smallest: the value is
        that of the best, the interval spans those of all of them. The family is null where no
        likelihood has a top.
    """
    likelihood = Likelihood(windows, strata)
    fits = [fit_family(likelihood, FAMILIES[name], windows) for name in families]
    aic = np.stack([np.where(fit.found, fit.aic, np.inf) for fit in fits])
    best = np.argmin(aic, axis=0)
    some = np.isfinite(aic.min(axis=0))
    near = aic < aic.min(axis=0) + SAME
    names = np.array(families)
    table: dict[str, object] = {
        "stratum": np.arange(strata),
        "family": [str(names[k]) if ok else None for k, ok in zip(best, some, strict=True)],
        "rivals": [_rivals(column, families) for column in aic.T],
        "fitted": np.bincount(windows.stratum, minlength=strata),
        "loglik": np.where(some, _picked([fit.loglik for fit in fits], best), np.nan),
        "aic": np.where(some, aic.min(axis=0), np.nan),
    }
    values = [fit.quantities() for fit in fits]
    bounds = [fit.intervals() for fit in fits]
    for name in QUANTITIES:
        table[name] = np.where(some, _picked([v[name] for v in values], best), np.nan)
        low, high = (np.stack([b[name][end] for b in bounds]) for end in (0, 1))
        table[f"{name}_low"] = np.where(some, np.where(near, low, np.inf).min(axis=0), np.nan)
        table[f"{name}_high"] = np.where(some, np.where(near, high, -np.inf).max(axis=0), np.nan)
    return pl.DataFrame(table, schema_overrides={"family": pl.String, "rivals": pl.String})


def _picked(arrays: list[Floats], best: Ints) -> Floats:
    return np.asarray(np.stack(arrays)[best, np.arange(len(best))])


def _rivals(aic: Floats, families: Sequence[FamilyName]) -> str | None:
    best = int(np.argmin(aic))
    near = [k for k in np.argsort(aic, kind="stable") if k != best and aic[k] < aic[best] + SAME]
    return "|".join(families[k] for k in near) or None
