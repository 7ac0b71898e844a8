"""A disease as the engine needs it: days of each stage, shares by age, infectiousness, susceptibility.

Nothing here names a disease: what is known of each stands in ``reference/transmission/diseases.csv``,
one row for each number, with range, source and standing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr

from tongchou.transmission.metapopulation.ages import FOUR, ages_of, checked_ages, members
from tongchou.transmission.metapopulation.contacts import reference_people
from tongchou.transmission.metapopulation.shares import conditional_shares, regroup
from tongchou.vocabulary.errors import BadParameter, NotFound
from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]

SHARES = (
    "clinical",
    "severe",
    "critical",
    "ward_death",
    "icu_death",
    "no_icu_death",
    "no_bed_death",
)
"""Shares by age, each of those whom the one before leaves: see :class:`Disease`."""


class UnknownDisease(NotFound):
    """A disease that the table of diseases does not hold."""

    kind = Text(zh="疾病参数", en="disease")


@dataclass(frozen=True, slots=True, kw_only=True)
class Disease:
    """The natural course of one disease, without any measure.

    Attributes
    ----------
    ages
        Lower bounds of the age groups of all arrays.
    latent_days
        Mean days from infection to infectiousness, two stages of equal mean together.
    presymptomatic_days, symptomatic_days, subclinical_days
        Mean days infectious before onset; from onset to recovery or need of a bed; and of those
        who never fall ill.
    ward_days, icu_days
        Mean days on a ward, to recovery, death or need of intensive care; and in intensive care.
    waiting_days, no_icu_days
        Mean days to the outcome of those without a bed, and without intensive care.
    clinical, severe, critical
        Shares by age: with illness of the infected; in need of a bed of the ill; in need of
        intensive care of the admitted.
    ward_death, icu_death, no_icu_death, no_bed_death
        Shares by age who die: of the admitted not critical; of the critical with and without
        intensive care; of those who need a bed and get none.
    presymptomatic_infectiousness, subclinical_infectiousness, isolated_infectiousness, ward_infectiousness
        Relative to the symptomatic at large; that of the ward also in intensive care.
    susceptibility
        By age, relative.
    basic_reproduction
        R0, to which contacts are scaled where nothing was calibrated.
    dispersion
        k of the offspring distribution of one case: the smaller, the more a few infect the many.
    """

    id: str
    name: Text
    ages: tuple[int, ...]
    latent_days: float
    presymptomatic_days: float
    symptomatic_days: float
    subclinical_days: float
    ward_days: float
    icu_days: float
    waiting_days: float
    no_icu_days: float
    clinical: Floats
    severe: Floats
    critical: Floats
    ward_death: Floats
    icu_death: Floats
    no_icu_death: Floats
    no_bed_death: Floats
    presymptomatic_infectiousness: float
    subclinical_infectiousness: float
    isolated_infectiousness: float
    ward_infectiousness: float
    susceptibility: Floats
    basic_reproduction: float
    dispersion: float

    def __post_init__(self) -> None:
        checked_ages(self.ages)
        for name in (f.name for f in fields(self)):
            value = getattr(self, name)
            if name in (*SHARES, "susceptibility"):
                _check_by_age(name, value, len(self.ages))
            elif name.endswith("_days") and not (np.isfinite(value) and value > 0):
                raise _wrong(name, value, "必须是正的天数。", "days must be finite and positive.")
            elif name == "dispersion":
                if not value > 0:
                    raise _wrong(name, value, "必须大于零。", "it must be above zero.")
            elif isinstance(value, float) and not (np.isfinite(value) and value >= 0):
                raise _wrong(name, value, "必须是非负数。", "must be finite and not negative.")

    @property
    def hospitalised(self) -> Floats:
        """Share of the infected who come to need a bed, by age, if nobody is isolated earlier."""
        return np.asarray(self.clinical * self.severe)

    @property
    def infection_fatality(self) -> Floats:
        """Share of the infected who die, by age, while every bed needed is there."""
        dies = self.critical * self.icu_death + (1 - self.critical) * self.ward_death
        return np.asarray(self.hospitalised * dies)

    @property
    def incubation_days(self) -> float:
        """Mean days from infection to onset."""
        return self.latent_days + self.presymptomatic_days

    @property
    def presymptomatic_share(self) -> float:
        """Share of the transmission by people who fall ill that comes before their onset.

        r_P T_P / (r_P T_P + T_I): relative infectiousness times days, of both stages.
        """
        before = self.presymptomatic_infectiousness * self.presymptomatic_days
        return before / (before + self.symptomatic_days)


def _wrong(name: str, value: object, zh: str, en: str) -> BadParameter:
    return BadParameter(name, value, Text(zh=zh, en=en))


def _check_by_age(name: str, value: Floats, count: int) -> None:
    if value.shape != (count,):
        raise _wrong(
            name,
            value.shape,
            f"每个年龄组须有一个值，共 {count} 个。",
            f"one value for each age group, {count}.",
        )
    top = 1.0 if name in SHARES else np.inf
    if not (np.isfinite(value).all() and (value >= 0).all() and (value <= top).all()):
        raise _wrong(
            name,
            value.tolist(),
            "份额须在0与1之间，易感性不得为负。",
            "shares lie between 0 and 1, susceptibility is not negative.",
        )


@cache
def diseases() -> MappingProxyType[str, Text]:
    """Give the names of the diseases in the table.

    >>> list(diseases())
    ['covid2020', 'influenza', 'sars2003']
    """
    rows = packaged("transmission/disease_list").select("disease", "zh", "en").iter_rows()
    return MappingProxyType({d: Text(zh=zh, en=en) for d, zh, en in rows})


@cache
def _rows(name: str) -> Mapping[str, Mapping[int, float]]:
    """Give the values of a disease by parameter and lower bound of the age band."""
    if name not in diseases():
        raise UnknownDisease(
            name,
            near=tuple(diseases()),
            next_step=Text(
                zh="疾病参数表为 reference/transmission/diseases.csv。",
                en="The table is reference/transmission/diseases.csv.",
            ),
        )
    table = packaged("transmission/diseases").filter(pl.col("disease") == name)
    found: dict[str, dict[int, float]] = {}
    for key, age, value, elsewhere in table.select(
        "parameter", "from_age", "value", "from_parameter"
    ).iter_rows():
        number = parameter(elsewhere).value if elsewhere else float(value)
        found.setdefault(key, {})[int(age or 0)] = number
    return found


def disease(name: str, ages: tuple[int, ...] = FOUR, people: xr.DataArray | None = None) -> Disease:
    """Give a disease of the table in the age groups wanted.

    Conditional shares are worked out in fine ages and averaged over those they are shares of
    (infected, ill, admitted, critical), with everybody equally often infected, so that the
    deaths and admissions of a group are exactly the population's average of the published ones.

    Parameters
    ----------
    name
        One of :func:`diseases`.
    ages
        Lower bounds of the groups, multiples of five, at most 16.
    people : DataArray (age), persons
        Population in fine ages that weighs within a group; by default the reference population
        of the contacts.

    Raises
    ------
    UnknownDisease
        If the table does not hold it.
    BadParameter
        If the age groups or a number of the table are impossible.

    Examples
    --------
    >>> covid = disease("covid2020")
    >>> (100 * covid.hospitalised).round(2).tolist()
    [0.03, 2.21, 5.84, 14.13]
    """
    ages = checked_ages(ages)
    weights = reference_people() if people is None else people
    rows = _rows(name)
    fine = ages_of(weights)

    def at(key: str) -> Floats:
        return np.asarray(np.array(list(rows[key].values())) @ members(tuple(rows[key]), fine))

    severe, ward_death, icu_death = conditional_shares(
        at("clinical"),
        at("hospitalised"),
        at("infection_fatality"),
        at("critical"),
        at("icu_death"),
    )
    without = np.minimum(ward_death * at("without_bed_ratio"), 1.0)
    no_bed = at("critical") * at("no_icu_death") + (1 - at("critical")) * without
    infected = xr.DataArray(
        weights.to_numpy().astype(float), coords={"age": list(fine)}, dims="age"
    )
    ill = infected * at("clinical")
    admitted = ill * severe
    critical = admitted * at("critical")

    def over(x: Floats, of: xr.DataArray) -> Floats:
        return regroup(dict(zip(fine, x.tolist(), strict=True)), of, ages).to_numpy()

    by_age: dict[str, Any] = {
        "clinical": over(at("clinical"), infected),
        "severe": over(severe, ill),
        "critical": over(at("critical"), admitted),
        "ward_death": over(ward_death, admitted - critical),
        "icu_death": over(icu_death, critical),
        "no_icu_death": over(at("no_icu_death"), critical),
        "no_bed_death": over(no_bed, admitted),
        "susceptibility": over(at("susceptibility"), infected),
    }
    single: dict[str, Any] = {
        k: v[0]
        for k, v in rows.items()
        if k.endswith(("_days", "_infectiousness")) or k in ("basic_reproduction", "dispersion")
    }
    return Disease(id=name, name=diseases()[name], ages=ages, **single, **by_age)
