"""What is put in force, where and until when: by hand, as a tier's package, or as recorded.

Every entry ends: on its last day, or on the day by which it must be reviewed. Who wants it longer
renews it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import polars as pl

from tongchou.transmission.metapopulation.levers import levers
from tongchou.vocabulary.distributions import Delay
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One measure, or the package of a tier, in some places for some days.

    Attributes
    ----------
    what
        Id of a measure of the library, or ``low``, ``medium``, ``high`` for a tier's package.
    places
        Codes; a province or city stands for all that is in it.
    start, until
        First and last day in force.
    review
        Day by which it must be renewed; without ``until`` it lapses on that day by itself.
    strength
        From 0, nothing, to 1, in full.
    delay
        Of isolation or tracing, in the place of the library's: a delay that grows shorter is a
        row of entries, one for each time.
    """

    what: str
    places: tuple[str, ...]
    start: date
    until: date | None = None
    review: date | None = None
    strength: float = 1.0
    delay: Delay | None = None

    def __post_init__(self) -> None:
        if self.until is None and self.review is None:
            raise BadParameter(
                "until",
                None,
                Text(
                    zh=f"措施“{self.what}”须有截止日或复核日：没有期限的措施不予执行。",
                    en=f"the measure “{self.what}” needs a last day or a day of review: nothing is in force without an end.",
                ),
            )
        if self.last < self.start:
            raise BadParameter(
                "until",
                self.last,
                Text(
                    zh=f"措施“{self.what}”的截止日早于开始日 {self.start}。",
                    en=f"the measure “{self.what}” ends before it starts on {self.start}.",
                ),
            )
        if not 0.0 <= self.strength <= 1.0:
            raise BadParameter(
                "strength",
                self.strength,
                Text(
                    zh="力度须在0（无）与1（全部）之间。",
                    en="strength lies between 0 and 1, in full.",
                ),
            )

        delayed = any(lever.delay for m in self.measures for lever in levers().get(m, ()))
        if self.delay is not None and not delayed:
            raise BadParameter(
                "delay",
                self.delay,
                Text(
                    zh=f"措施“{self.what}”不以时延起作用，请去掉 delay。",
                    en=f"the measure “{self.what}” does not work by a delay: leave it out.",
                ),
            )

    @property
    def last(self) -> date:
        """Last day in force: the earlier of its end and the day of review."""
        return min(d for d in (self.until, self.review) if d is not None)

    @property
    def measures(self) -> tuple[str, ...]:
        """Measures of the library that it puts in force."""
        return tier_package(self.what) if self.what in tiers() else (self.what,)


@cache
def measure_kinds() -> Mapping[str, str]:
    """Give the measure of the library by kind of the contract's table ``measures``.

    Kinds with an effect on R are those of ``reference/morning/measure_links.csv``; those that act
    on travel alone stand in ``reference/transmission/measure_kinds.csv``. Other kinds have no
    known effect on transmission.

    >>> measure_kinds()["community_closed"], measure_kinds()["outbound_control"]
    ('stay_home', 'control_exits')
    """
    links = packaged("morning/measure_links").select("measure", "lever")
    travel = packaged("transmission/measure_kinds").select("kind", "measure")
    return dict([*links.iter_rows(), *travel.iter_rows()])


@cache
def tiers() -> tuple[str, ...]:
    """Give the tiers that have a package, the lowest first."""
    return tuple(packaged("tiering/packages")["tier"].unique(maintain_order=True))


@cache
def tier_package(tier: str) -> tuple[str, ...]:
    """Give the measures of the library that a tier's package turns on.

    The packages are those of the risk tiers, ``reference/tiering/packages.csv``.

    >>> tier_package("low")
    ('isolate_cases', 'protect_work', 'trace_contacts')
    """
    rows = packaged("tiering/packages").filter(pl.col("tier") == tier, pl.col("state") == "on")
    known = measure_kinds()
    return tuple(sorted({known[k] for k in rows["measure"] if k in known}))


def recorded_entries(
    recorded: pl.DataFrame, as_of: date, review_days: int | None = None
) -> tuple[tuple[Entry, ...], tuple[Text, ...]]:
    """Give the entries of the contract's table ``measures`` as known on a day.

    A row counts once it is known. It is in force from ``start_on`` to ``expires_on`` or the day
    before ``lifted_on``, whichever comes first; a lifting later than ``as_of`` is not yet known.
    A row without either lapses by itself ``review_days`` after ``as_of``. Its kind is read as
    :func:`measure_kinds` says, in full strength, because the table records none.

    Parameters
    ----------
    recorded
        Table ``measures`` of a situation.
    as_of
        Day from which the situation is seen.
    review_days
        Days a measure without an end goes on; by default the parameter ``measure_review_days``.

    Returns
    -------
    entries, and notes on kinds that have no effect here.
    """
    ahead = int(parameter("measure_review_days").value) if review_days is None else review_days
    known = recorded.filter(pl.col("known_on") <= as_of)
    found: list[Entry] = []
    for row in known.iter_rows(named=True):
        measure = measure_kinds().get(row["kind"])
        if measure is None:
            continue
        lifted = row["lifted_on"] if row["lifted_on"] and row["lifted_on"] <= as_of else None
        ends = [d for d in (row["expires_on"], lifted and lifted - timedelta(days=1)) if d]
        until = min(ends) if ends else None
        if until is not None and until < row["start_on"]:
            continue
        review = None if until else max(as_of, row["start_on"]) + timedelta(days=ahead)
        found.append(
            Entry(
                what=measure,
                places=(row["place"],),
                start=row["start_on"],
                until=until,
                review=review,
            )
        )
    return tuple(found), _without_effect(known)


def _without_effect(known: pl.DataFrame) -> tuple[Text, ...]:
    kinds = sorted(set(known["kind"]) - set(measure_kinds()))
    if not kinds:
        return ()
    return (
        Text(
            zh=f"以下措施种类在传播模型中没有已知作用，未计入：{'、'.join(kinds)}。",
            en=f"These kinds of measure have no known effect in the model and are left out: {', '.join(kinds)}.",
        ),
    )
