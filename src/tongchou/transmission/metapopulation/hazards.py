"""Delays of isolation and tracing as the hazards that keep the expected infectious time."""

from collections.abc import Callable

import numpy as np
import scipy

from tongchou.vocabulary.distributions import Delay, Gamma
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text


def _expected(f: Callable[[float], float], delay: Delay) -> float:
    """Give E f(T) over a delay, by its quantiles: ∫₀¹ f(Q(u)) du."""
    return float(
        scipy.integrate.quad(lambda u: f(float(delay.quantile(u))), 0.0, 1.0, limit=200)[0]
    )


def laplace(delay: Delay, rate: float) -> float:
    """Give E exp(−rate · T), the probability that the delay ends before an exponential clock.

    For a gamma (1 + rate / β)^(−α); for others by quadrature over the quantiles.

    >>> round(laplace(Gamma(mean=2.0, sd=2.0), 0.5), 6)
    0.5
    """
    if isinstance(delay, Gamma):
        return float((1.0 + rate / delay.rate) ** -delay.shape)
    return _expected(lambda t: float(np.exp(-rate * t)), delay)


def isolation_hazard(delay: Delay, share_found: float, removal_rate: float) -> float:
    """Give the hazard of isolation that leaves the expected infectious time of a delay.

    With removal rate g, delay distribution F and share found s, the days at large are
    ∫ exp(−g t) (1 − s F(t)) dt = (1 − s φ) / g with φ = E exp(−g T). A constant hazard κ leaves
    1 / (g + κ) days, hence ::

        κ = g s φ / (1 − s φ)

    Parameters
    ----------
    delay
        From onset to isolation of those who are found, days.
    share_found
        Share of the ill who would be found if illness did not end first.
    removal_rate
        Rate of recovery or admission without isolation, per day.

    Returns
    -------
    float, per day.

    Examples
    --------
    If everybody is found after an exponential delay, the hazard is its own rate.

    >>> round(isolation_hazard(Gamma(mean=4.0, sd=4.0), 1.0, 0.3), 6)
    0.25
    """
    _check_share(share_found)
    reached = share_found * laplace(delay, removal_rate)
    return removal_rate * reached / (1.0 - reached)


def tracing(
    delay: Delay, share_found: float, latent_days: float, removal_rate: float
) -> tuple[float, float]:
    """Give the share of infected contacts isolated before they infect, and the hazard afterwards.

    T runs from infection to isolation, L is the latent period, of two exponential stages (rate
    λ = 2 / latent_days each). Before they infect ::

        traced = s P(T < L) = s E exp(−λ T) (1 + λ T)

    and those at large after that have, with u counted from the end of L, the expected days
    ∫ exp(−g u) P(not found by L + u) du / (1 − traced) = 1 / (g + κ), which gives κ. With
    h(t) = E exp(−g (t − L)⁺) the integral is (1 − s E h(T)) / g and ::

        κ = g (1 − traced) / (1 − s E h(T)) − g

    Parameters
    ----------
    delay
        From infection to isolation of a contact who is found, days.
    share_found
        Share of infected contacts who would ever be found.
    latent_days
        Mean of the latent period.
    removal_rate
        Rate of leaving the stage that follows, without tracing, per day.

    Examples
    --------
    An exponential delay does not age: the hazard is its own rate.

    >>> traced, hazard = tracing(Gamma(mean=5.0, sd=5.0), 1.0, 4.0, 0.4)
    >>> round(traced, 6) == round(1 - (0.5 / 0.7) ** 2, 6), round(hazard, 6)
    (True, 0.2)
    """
    _check_share(share_found)
    rate, g = 2.0 / latent_days, removal_rate

    def later(t: float) -> float:
        """Give P(L ≥ t), which is also h(t) as g grows."""
        return float(np.exp(-rate * t) * (1.0 + rate * t))

    def discounted(t: float) -> float:
        c = rate - g
        if abs(c) * t < 1e-3:
            inner = float(np.exp(-g * t)) * (t**2 / 2 - c * t**3 / 3 + c**2 * t**4 / 8)
        else:
            inner = float(np.exp(-g * t) - np.exp(-rate * t) * (1.0 + c * t)) / c**2
        return later(t) + rate**2 * inner

    before = share_found * _expected(later, delay)
    reached = share_found * _expected(discounted, delay)
    return before, max(g * (1.0 - before) / (1.0 - reached) - g, 0.0)


def _check_share(share: float) -> None:
    if not 0.0 <= share <= 1.0:
        raise BadParameter(
            "share_found",
            share,
            Text(zh="发现比例须在0与1之间。", en="the share found lies between 0 and 1."),
        )
