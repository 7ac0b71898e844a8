"""The library of measures: lever, effect on R, share of work and of people affected, burden (M006)."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

from tongchou.vocabulary.errors import NotFound
from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.text import Text


class UnknownMeasure(NotFound):
    """A measure that the library does not hold."""

    kind = Text(zh="措施", en="measure")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure.

    Attributes
    ----------
    lever
        ``source`` (find and isolate sources) or ``route`` (cut routes of transmission).
    multiplier, low, high
        Factor on the reproduction number, central and range; low is the strongest effect.
    people_share, work_share
        Share of the population under the measure, and share of output it stops.
    burden
        Points from 1 (hardly felt) to 5 (takes liberty).
    includes
        Measures whose effect this one already contains.
    """

    id: str
    name: Text
    lever: Literal["source", "route"]
    multiplier: float
    low: float
    high: float
    people_share: float
    work_share: float
    burden: int
    includes: tuple[str, ...]
    source: str
    confidence: str


@cache
def measures() -> MappingProxyType[str, Measure]:
    """Give the library by id.

    >>> measures()["stay_home"].burden, measures()["close_nonessential_business"].includes
    (5, ('close_high_risk_business',))
    """
    return MappingProxyType(
        {
            row["id"]: Measure(
                id=row["id"],
                name=Text(zh=row["zh"], en=row["en"]),
                lever=row["lever"],
                multiplier=row["multiplier"],
                low=row["low"],
                high=row["high"],
                people_share=row["people_share"],
                work_share=row["work_share"],
                burden=row["burden"],
                includes=listed_ids(row["includes"]),
                source=row["source"],
                confidence=row["confidence"],
            )
            for row in packaged("scenario/measures").iter_rows(named=True)
        }
    )


def listed_ids(cell: str | None) -> tuple[str, ...]:
    """Give the names of a cell that lists them with bars between.

    >>> listed_ids("masks|stay_home"), listed_ids(None)
    (('masks', 'stay_home'), ())
    """
    return tuple(cell.split("|")) if cell else ()


def effective(chosen: Iterable[str]) -> tuple[Measure, ...]:
    """Give the measures that count, those contained in another one left out.

    Raises
    ------
    UnknownMeasure
        If the library does not hold one of them.
    """
    ids = sorted(set(chosen))
    for name in ids:
        if name not in measures():
            raise UnknownMeasure(
                name,
                near=tuple(measures()),
                next_step=Text(
                    zh="措施库为 reference/scenario/measures.csv。",
                    en="The library is reference/scenario/measures.csv.",
                ),
            )
    contained = {inner for name in ids for inner in measures()[name].includes}
    return tuple(measures()[name] for name in ids if name not in contained)
