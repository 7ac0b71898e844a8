"""What a measure does inside the engine: contacts, travel, transmissibility, isolation, tracing.

The library of measures (:mod:`tongchou.vocabulary.measure`) says what a measure costs people and
work; ``reference/transmission/levers.csv`` says which lever of the engine it pulls, and how far.
Nothing here names a disease: the same delays act on the days of whichever disease is at hand.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal, get_args

from tongchou.transmission.metapopulation.disease import Disease
from tongchou.transmission.metapopulation.hazards import isolation_hazard, tracing
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


def combined(
    chosen: Mapping[str, float],
    disease: Disease,
    end: End = "value",
    delays: Mapping[str, Delay] | None = None,
) -> Effect:
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
    delays
        Delay by measure in the place of the library's: what surveillance finds in a place, or what
        finding people earlier would bring.

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
        delay = (delays or {}).get(lever.measure, lever.delay)
        found = lever.at(chosen[lever.measure], end)
        if lever.target == "isolate":
            out["isolate"] += isolation_hazard(delay, found, 1 / disease.symptomatic_days)
        else:
            before, hazard = tracing(
                delay, found, disease.latent_days, 1 / disease.presymptomatic_days
            )
            out["trace"] += hazard
            out["traced"] = 1 - (1 - out["traced"]) * (1 - before)
    return Effect(**out)


def _pulled(chosen: Iterable[str]) -> tuple[Lever, ...]:
    return tuple(lever for m in sorted(chosen) for lever in levers().get(m, ()))


def _contained(chosen: Iterable[str]) -> frozenset[str]:
    """Give the measures that another one of them contains."""
    return frozenset(chosen) - {m.id for m in effective(chosen)}
