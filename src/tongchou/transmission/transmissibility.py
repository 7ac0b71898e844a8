"""Where a forecast starts: R of each place shrunk towards the common R, its trend, its scatter."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.vocabulary.daily import daily_counts
from tongchou.vocabulary.distributions import delayed, serial_interval_probabilities
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transmissibility:
    """What the past tells a forecast.

    Attributes
    ----------
    shape, rate
        Posterior gamma of R, one number per place; or (place, draw) where the past is itself uncertain.
    common
        R of all places together.
    trend
        Daily change of log of the common R, never above 0; one number, or one for each draw of the past.
    dispersion
        k of the negative binomial: variance = μ + μ² / k.
    spark_shape, spark_rate
        Posterior gamma of the daily number of sparks, first cases that no known case explains.
    """

    shape: Floats
    rate: Floats
    common: float
    trend: float | Floats
    dispersion: float
    spark_shape: Floats
    spark_rate: Floats

    def of(self, rows: npt.NDArray[np.intp]) -> "Transmissibility":
        """Give the same for some places; what all places have in common stays."""
        return replace(
            self,
            shape=self.shape[rows],
            rate=self.rate[rows],
            spark_shape=self.spark_shape[rows],
            spark_rate=self.spark_rate[rows],
        )


def estimate_transmissibility(
    new_cases: xr.DataArray, assumptions: ForecastAssumptions
) -> Transmissibility:
    """Give the starting point of a forecast from all the counts up to its date.

    With I the new cases, Λ their infectivity and sums over the last τ days:

    - *Common R*: Σ_places v ΣI over Σ_places v ΣΛ with weights v = 1 / √(ΣI + ΣΛ), so that one large place
      does not speak for all; it starts from the basic number R₀ with the weight of n_R cases ::

          R̄ = (n_R + Σ v ΣI) / (n_R / R₀ + Σ v ΣΛ)

    - *R of a place*: gamma of shape ΣI + n₀ and rate ΣΛ + n₀ / R̄. With few cases it is the common R, with
      many its own (Cori 2013 with an empirical prior).
    - *Trend*: (log R̄_t − log R̄_(t−τ)) / τ, kept only if it falls, at most ``trend_limit`` a day.
    - *Dispersion*: over days and places with expected counts μ ≥ 1, 1/k is the mean of
      ((y − μ)² − μ) / μ² weighted by μ / (1 + μ/10), each term cut at 9 so that one change of case
      definition does not decide it; μ uses the R of the days before.
    - *Sparks*: quiet place-days (infectivity below ``quiet_infectivity``) on which a case appears; a cluster
      found in one day is one spark, whatever its size. Their common rate is the prior mean of a gamma of shape ``spark_shape`` that each place updates with its own quiet days.

    Parameters
    ----------
    new_cases : DataArray (place, date), persons per day
        At least two windows and a day long.
    assumptions
        See :class:`~tongchou.transmission.assumptions.ForecastAssumptions`.

    References
    ----------
    Cori A et al. Am J Epidemiol 2013;178:1505-1512, doi 10.1093/aje/kwt133.

    Examples
    --------
    >>> dates = np.datetime64("2020-02-01", "ns") + np.arange(40) * np.timedelta64(1, "D")
    >>> steady = xr.DataArray(np.full((2, 40), 50.0), {"place": ["420100", "420200"], "date": dates}, ("place", "date"))
    >>> now = estimate_transmissibility(steady, ForecastAssumptions.from_table())
    >>> (now.shape / now.rate).round(2).tolist()
    [1.01, 1.01]
    """
    I = daily_counts(new_cases, "new_cases").to_numpy()
    tau = assumptions.window
    if I.shape[1] < 2 * tau + 1:
        raise BadParameter(
            "new_cases",
            I.shape[1],
            Text(
                zh=f"至少需要 {2 * tau + 1} 天的逐日数据，请把序列从更早的日期开始（无病例的日子填 0）。",
                en=f"at least {2 * tau + 1} days of counts are needed; start the series earlier, with 0 on days without a case.",
            ),
        )
    L = delayed(I, serial_interval_probabilities(assumptions.serial_interval))
    A, B = _window_sum(I, tau), _window_sum(L, tau)
    common = _common(A, B, assumptions)
    shape, rate = A + assumptions.pooling_cases, B + assumptions.pooling_cases / common
    fall = np.log(common[-1] / common[-1 - tau]) / tau
    spark_shape, spark_rate = _sparks(I, L, assumptions)
    return Transmissibility(
        shape=shape[:, -1],
        rate=rate[:, -1],
        common=float(common[-1]),
        trend=float(np.clip(fall, -assumptions.trend_limit, 0.0)),
        dispersion=_dispersion(I[:, tau:], (shape / rate)[:, :-1] * L[:, tau:], assumptions),
        spark_shape=spark_shape,
        spark_rate=spark_rate,
    )


def past_as_drawn(
    now: Transmissibility, recent: Floats, w: Floats, assumptions: ForecastAssumptions
) -> Transmissibility:
    """Give the starting point for each of several draws of a past that is not known for certain.

    R of a place, the common R and the trend are estimated anew from each draw, with the formulas of
    :func:`estimate_transmissibility`; dispersion and sparks, which look back further, stay.

    Parameters
    ----------
    now
        From the central counts.
    recent : array (draw, place, day), persons per day
        The last days, as each draw has them: at least two windows and the length of w.
    w
        Serial interval, probabilities of 0, 1, 2, … days.
    assumptions
        See :class:`~tongchou.transmission.assumptions.ForecastAssumptions`.
    """
    tau, days = assumptions.window, recent.shape[2]
    ends = (days, days - tau)
    A = [recent[:, :, end - tau : end].sum(axis=2) for end in ends]
    B = [recent @ _window_weights(w, days, end - tau, end) for end in ends]
    common = [_common(a.T, b.T, assumptions) for a, b in zip(A, B, strict=True)]
    fall = np.log(common[0] / common[1]) / tau
    n0 = assumptions.pooling_cases
    return replace(
        now,
        shape=A[0].T + n0,
        rate=B[0].T + n0 / common[0],
        common=float(common[0].mean()),
        trend=np.clip(fall, -assumptions.trend_limit, 0.0),
    )


def _window_weights(w: Floats, days: int, start: int, end: int) -> Floats:
    """Give what a case of each day adds to the infectivity summed from ``start`` until before ``end``."""
    F = np.concatenate([[0.0], np.cumsum(w)])
    last, first = (np.clip(edge - np.arange(days), 0, len(w)) for edge in (end, start))
    return np.asarray(F[last] - F[first])


def _window_sum(values: Floats, window: int) -> Floats:
    """Sum every full window; column j ends on day j + window − 1."""
    total = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)
    return np.asarray(total[:, window:] - total[:, :-window])


def _common(A: Floats, B: Floats, assumptions: ForecastAssumptions) -> Floats:
    v = 1 / np.sqrt(np.maximum(A + B, 1.0))
    n = assumptions.prior_cases
    common = (n + (v * A).sum(axis=0)) / (n / assumptions.basic_reproduction + (v * B).sum(axis=0))
    return np.asarray(common)


def _dispersion(y: Floats, mu: Floats, assumptions: ForecastAssumptions) -> float:
    y, mu = (x[:, -assumptions.dispersion_window :] for x in (y, mu))
    seen = mu >= 1
    y, mu = y[seen], mu[seen]
    low, high = assumptions.dispersion_low, assumptions.dispersion_high
    if not len(mu):
        return low
    weight = mu / (1 + mu / 10)
    excess = np.minimum(((y - mu) ** 2 - mu) / mu**2, 9.0)
    return float(np.clip(1 / max(np.average(excess, weights=weight), 1e-9), low, high))


def _sparks(I: Floats, L: Floats, assumptions: ForecastAssumptions) -> tuple[Floats, Floats]:
    days = assumptions.spark_window
    quiet = L[:, -days:] < assumptions.quiet_infectivity
    at_risk, seen = quiet.sum(axis=1), ((I[:, -days:] > 0) & quiet).sum(axis=1)
    # Half a case in one place's window keeps the rate above zero where nothing was ever seen.
    common = (seen.sum() + 0.5) / (at_risk.sum() + days)
    kappa = assumptions.spark_shape
    return kappa + seen, kappa / common + at_risk
