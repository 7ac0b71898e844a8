"""Numbers from elsewhere and judgements of our own, each read from one row of one table.

The table is ``reference/parameters.csv``. A row whose confidence is ``assumption`` is a
judgement; it says who may change it. A caller changes a value by handing another one to the
function concerned, never by editing a running table.
"""

import csv
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NoReturn

from tongchou.reference import path
from tongchou.vocabulary.errors import MissingData, NotFound
from tongchou.vocabulary.text import Text, text_of

if TYPE_CHECKING:
    from tongchou.vocabulary.distributions import Gamma, Lognormal

Confidence = Literal["high", "medium", "low", "assumption"]


class UnknownParameter(NotFound):
    """A parameter name, or a population of it, that no row bears."""

    kind = Text(zh="参数", en="parameter")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One number with its range, unit, population, source and standing.

    ``low`` and ``high`` are the 95 % confidence interval unless ``note`` says otherwise; for an
    assumption they are the range within which it should be varied.
    """

    name: str
    label: Text
    population: Text
    value: float
    low: float | None
    high: float | None
    sd: float | None
    unit: str
    distribution: str
    source: str
    doi: str
    confidence: Confidence
    note: Text
    may_change: Text

    @property
    def is_assumption(self) -> bool:
        """Whether this is a judgement of ours and not a number from elsewhere."""
        return self.confidence == "assumption"

    def delay(self) -> "Gamma | Lognormal":
        """Give the delay whose mean this parameter is.

        Raises
        ------
        MissingData
            If the row holds no standard deviation or no known family.
        """
        if self.sd is None or self.distribution not in ("gamma", "lognormal"):
            raise MissingData(
                "reference/parameters.csv",
                Text(
                    zh=f"延迟分布（{self.name}，{self.population.zh}）",
                    en=f"delay distribution of {self.name} ({self.population.en})",
                ),
                column="sd",
            )
        # Distributions bring the numerical library with them; most readers of a parameter need none.
        from tongchou.vocabulary.distributions import Gamma, Lognormal

        if self.distribution == "gamma":
            return Gamma(mean=self.value, sd=self.sd)
        return Lognormal.from_mean_sd(mean=self.value, sd=self.sd)


def _number(cell: str) -> float | None:
    return float(cell) if cell else None


def _parameter(row: dict[str, str]) -> Parameter:
    confidence: Confidence = "low"
    match row["confidence"]:
        case "high" | "medium" | "assumption" as known:
            confidence = known
    return Parameter(
        name=row["name"],
        label=text_of(row, "label"),
        population=Text(zh=row["population_zh"], en=row["population"]),
        value=float(row["value"]),
        low=_number(row["low"]),
        high=_number(row["high"]),
        sd=_number(row["sd"]),
        unit=row["unit"],
        distribution=row["distribution"],
        source=row["source"],
        doi=row["doi"],
        confidence=confidence,
        note=text_of(row, "note"),
        may_change=text_of(row, "may_change"),
    )


@cache
def parameters() -> MappingProxyType[tuple[str, str], Parameter]:
    """Give every row of the table by name and population, in the order of the table."""
    with path("parameters.csv").open(encoding="utf-8", newline="") as file:
        rows = [_parameter(row) for row in csv.DictReader(file)]
    return MappingProxyType({(row.name, row.population.en): row for row in rows})


def parameter(name: str, population: str | None = None) -> Parameter:
    """Give one row of the table of parameters.

    Parameters
    ----------
    name
        Name of the number, such as ``"serial_interval_mean"``.
    population
        Population in English as the table writes it; may be left out where the name has one row.

    Raises
    ------
    UnknownParameter
        If there is no such name, no such population, or several populations and none was named.

    Examples
    --------
    >>> interval = parameter("serial_interval_mean", population="outside Hubei")
    >>> interval.value, interval.unit, interval.doi
    (5.1, 'days', '10.1016/S1473-3099(20)30230-9')
    >>> parameter("forecast_drift_sd").may_change.en
    'lead epidemiologist'
    """
    table = parameters()
    if population is not None:
        if (name, population) in table:
            return table[name, population]
    elif len(rows := [row for (known, _), row in table.items() if known == name]) == 1:
        return rows[0]
    _refuse(name, population)


def _refuse(name: str, population: str | None) -> NoReturn:
    names = sorted({known for known, _ in parameters()})
    populations = [of for known, of in parameters() if known == name]
    if populations:
        step = Text(
            zh="请指定上列人群之一：parameter(名称, population=人群)。",
            en="Name one of these populations: parameter(name, population=...).",
        )
        raise UnknownParameter(f"{name} ({population or '?'})", populations, step)
    step = Text(
        zh="参数表 reference/parameters.csv 列有全部名称。",
        en="The table reference/parameters.csv lists every name.",
    )
    raise UnknownParameter(name, get_close_matches(name, names, n=3), step)
