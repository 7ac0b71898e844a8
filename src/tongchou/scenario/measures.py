"""Options to add and lift measures, and what a set of them does to R, to work and to people (M006)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import prod
from typing import Literal

from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.measure import effective, listed_ids
from tongchou.vocabulary.text import Text

KEEP = "keep"
"""Id of the option that changes nothing; it is always compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way to decide: measures added and lifted, against what is in force."""

    id: str
    name: Text
    add: tuple[str, ...] = ()
    lift: tuple[str, ...] = ()

    def after(self, in_force: Collection[str]) -> frozenset[str]:
        """Give the measures in force once this option is taken."""
        return (frozenset(in_force) | frozenset(self.add)) - frozenset(self.lift)


def options(in_force: Collection[str]) -> tuple[Option, ...]:
    """Give the packaged options that would change something, after "keep".

    An option that lifts is offered only where at least one of its measures is in force.

    >>> [o.id for o in options(["isolate_cases", "trace_contacts", "limit_gatherings"])]
    ['keep', 'trace_high_risk', 'close_work', 'close_all', 'reopen_all']
    """
    known = [
        Option(
            id=row["id"],
            name=Text(zh=row["zh"], en=row["en"]),
            add=listed_ids(row["add"]),
            lift=listed_ids(row["lift"]),
        )
        for row in packaged("scenario/packages").iter_rows(named=True)
    ]
    now = frozenset(in_force)
    return tuple(
        o
        for o in known
        if o.id == KEEP or (o.after(now) != now and (not o.lift or not now.isdisjoint(o.lift)))
    )


def multiplier_between(
    before: Collection[str], after: Collection[str]
) -> tuple[float, float, float]:
    """Give the factor on R of going from one set of measures to another: low, central, high.

    Effects multiply (Brauner et al 2020): factor = Π_after m ÷ Π_before m. The range compares
    the two sets in the same world: both with every measure at its strongest, or both at its
    weakest.

    References
    ----------
    Brauner JM and others 2020, doi 10.1101/2020.05.28.20116129.

    Examples
    --------
    Adding contact tracing, and lifting it again.

    >>> [round(m, 3) for m in multiplier_between([], ["trace_contacts"])]
    [0.588, 0.688, 0.875]
    >>> [round(m, 3) for m in multiplier_between(["trace_contacts"], [])]
    [1.143, 1.455, 1.702]
    """

    def ratio(end: Literal["low", "multiplier", "high"]) -> float:
        factors = [prod(getattr(m, end) for m in effective(side)) for side in (after, before)]
        return float(factors[0] / factors[1])

    strong, central, weak = ratio("low"), ratio("multiplier"), ratio("high")
    return min(strong, central, weak), central, max(strong, central, weak)


Chosen = Collection[str] | Mapping[str, float]
"""Measures in force, in full, or each with its strength between 0 and 1."""


def work_stopped(chosen: Chosen) -> float:
    """Give the share of output stopped, 1 − Π (1 − strength × share), as if each hit at random.

    >>> work_stopped(["close_nonessential_business"])
    0.35
    >>> round(work_stopped({"close_nonessential_business": 0.5, "close_schools": 1.0}), 5)
    0.19975
    """
    return 1 - prod(1 - _strength(chosen, m.id) * m.work_share for m in effective(chosen))


def people_touched(chosen: Chosen) -> float:
    """Give the share of the population under at least one measure, 1 − Π (1 − strength × share)."""
    return 1 - prod(1 - _strength(chosen, m.id) * m.people_share for m in effective(chosen))


def burden_points(chosen: Chosen) -> float:
    """Give the burden of a person on average, Σ strength × share × points."""
    return sum(_strength(chosen, m.id) * m.people_share * m.burden for m in effective(chosen))


def _strength(chosen: Chosen, measure: str) -> float:
    return chosen[measure] if isinstance(chosen, Mapping) else 1.0
