"""What a measure does inside the engine: contacts, travel, transmissibility, isolation, tracing.

The library of measures (:mod:`tongchou.vocabulary.measure`) says what a measure costs people and
work; ``reference/transmission/levers.csv`` says which lever of the engine it pulls, and how far.
Nothing here names a disease: the same delays act on the days of whichever disease is at hand.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np
from scipy import integrate

from tongchou.transmission.metapopulation.disease import Disease
from tongchou.vocabulary.distributions import Delay, Gamma
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.measure import effective, measures
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

Multiplied = Literal["home", "school", "work", "other", "leave", "enter", "transmissibility"]
MULTIPLIED: tuple[Multiplied, ...] = get_args(Multiplied)
"""Targets that a lever multiplies by a factor between 0 and 1."""

End = Literal["value", "low", "high"]
"""Which effect: the expected one, the strongest (low) or the weakest (high)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """One effect of one measure.

    Attributes
    ----------
    target
        One of :data:`MULTIPLIED`, ``isolate`` or ``trace``.
    value, low, high
        Factor at full strength, or share found; ``low`` is the strongest factor and the
        smallest share found.
    delay
        From onset to isolation, or from infection to isolation of a contact, days.
    """

    measure: str
    target: str
    value: float
    low: float
    high: float
    delay: Delay | None
    source: str
    confidence: str

    def at(self, strength: float, end: End = "value") -> float:
        """Give the factor, or the share found, at a strength between 0 and 1.

        A factor m acts as 1 − s (1 − m), a share f as s f.

        >>> close = levers()["close_schools"][0]
        >>> close.at(1.0), close.at(0.5), close.at(0.0)
        (0.0, 0.5, 1.0)
        """
        if not 0.0 <= strength <= 1.0:
            raise BadParameter(
                "strength",
                strength,
                Text(
                    zh="力度须在0（无）与1（全部）之间。",
                    en="strength lies between 0 and 1, in full.",
                ),
            )
        if self.target in MULTIPLIED:
            return (1.0 - strength) + strength * float(getattr(self, end))
        # The strongest effect of finding people is the largest share found.
        name = {"value": "value", "low": "high", "high": "low"}[end]
        return strength * float(getattr(self, name))


@cache
def levers() -> MappingProxyType[str, tuple[Lever, ...]]:
    """Give the levers by measure.

    >>> [lever.target for lever in levers()["close_nonessential_business"]]
    ['other', 'work']
    """
    found: dict[str, list[Lever]] = {}
    for row in packaged("transmission/levers").iter_rows(named=True):
        found.setdefault(row["measure"], []).append(_lever(row))
    return MappingProxyType({k: tuple(v) for k, v in found.items()})


def _lever(row: Mapping[str, str | float | None]) -> Lever:
    measure = measures()[str(row["measure"])]
    match row["from_library"]:
        case "multiplier":
            value, low, high = measure.multiplier, measure.low, measure.high
        case "work_share":
            value = low = high = 1.0 - measure.work_share
        case _:
            value, low, high = (float(row[k] or 0) for k in ("value", "low", "high"))
    delay = None
    if row["delay_sd"] is not None:
        mean = parameter(str(row["delay_from"])).value if row["delay_from"] else row["delay_mean"]
        delay = Gamma(mean=float(mean or 0), sd=float(row["delay_sd"]))
    return Lever(
        measure=measure.id,
        target=str(row["target"]),
        value=min(value, 1.0),
        low=min(low, 1.0),
        high=min(high, 1.0),
        delay=delay,
        source=str(row["source"]),
        confidence=str(row["confidence"]),
    )


def _expected(f: Callable[[float], float], delay: Delay) -> float:
    """Give E f(T) over a delay, by its quantiles: ∫₀¹ f(Q(u)) du."""
    return float(integrate.quad(lambda u: f(float(delay.quantile(u))), 0.0, 1.0, limit=200)[0])


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What measures together do in one place on one day.

    ``home`` … ``transmissibility`` are factors between 0 and 1; ``isolate`` and ``trace`` hazards
    per day; ``traced`` the share of infected contacts isolated before they infect.
    """

    home: float = 1.0
    school: float = 1.0
    work: float = 1.0
    other: float = 1.0
    isolate: float = 0.0
    trace: float = 0.0
    traced: float = 0.0
    leave: float = 1.0
    enter: float = 1.0
    transmissibility: float = 1.0


def combined(chosen: Mapping[str, float], disease: Disease, end: End = "value") -> Effect:
    """Give what several measures do together.

    Factors on one target multiply; hazards of isolation add, because each can find a person
    first; of contacts those are missed whom every tracing misses, 1 − Π (1 − traced). A measure
    contained in another one adds nothing to it: of the two the stronger factor counts.

    Parameters
    ----------
    chosen
        Strength, 0 to 1, by id of the measure.
    disease
        Whose days the delays of isolation and tracing act on.
    end
        Expected, strongest (``low``) or weakest (``high``) effect of every measure.

    Raises
    ------
    UnknownMeasure
        If the library does not hold one of them.
    BadParameter
        If a strength is not between 0 and 1.

    Examples
    --------
    >>> from tongchou.transmission.metapopulation.disease import disease
    >>> e = combined({"close_schools": 1.0, "protect_work": 0.5}, disease("covid2020"))
    >>> e.school, e.work, e.home, e.isolate
    (0.0, 0.9, 1.0, 0.0)
    """
    within = _contained(chosen)
    out = asdict(Effect())
    factors = {
        (lv.measure, lv.target): lv.at(chosen[lv.measure], end)
        for lv in _pulled(chosen)
        if lv.target in MULTIPLIED
    }
    for target in MULTIPLIED:
        for measure in sorted(chosen):
            if measure in within:
                continue
            inner = (m for m in measures()[measure].includes if m in chosen)
            out[target] *= min(factors.get((m, target), 1.0) for m in (measure, *inner))
    for lever in _pulled(chosen):
        if lever.delay is None:
            continue
        found = lever.at(chosen[lever.measure], end)
        if lever.target == "isolate":
            out["isolate"] += isolation_hazard(lever.delay, found, 1 / disease.symptomatic_days)
        else:
            before, hazard = tracing(
                lever.delay, found, disease.latent_days, 1 / disease.presymptomatic_days
            )
            out["trace"] += hazard
            out["traced"] = 1 - (1 - out["traced"]) * (1 - before)
    return Effect(**out)


def _pulled(chosen: Iterable[str]) -> tuple[Lever, ...]:
    return tuple(lever for m in sorted(chosen) for lever in levers().get(m, ()))


def _contained(chosen: Iterable[str]) -> frozenset[str]:
    """Give the measures that another one of them contains."""
    return frozenset(chosen) - {m.id for m in effective(chosen)}
