"""Links that investigators wrote down, checked against the cases: what contradicts is named."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.text import Text

EARLIEST = -14
"""An infectee whose onset is more days than this before the infector's was not infected by them."""

PROBLEMS: Mapping[str, Text] = MappingProxyType(
    {
        "self": Text(zh="病例与自己相连，不取", en="a case linked with itself: left out"),
        "not_listed": Text(
            zh="名单上没有其中一例，不取", en="one of the two is not on the list: left out"
        ),
        "duplicate": Text(zh="重复，只取一次", en="written twice: taken once"),
        "too_early": Text(
            zh="被传染者发病过早，不可能，不取",
            en="the infectee fell ill too long before the infector: left out",
        ),
        "infectee_first": Text(
            zh="被传染者先发病，可能（症状前传播），保留，请核对",
            en="the infectee fell ill first: possible before symptoms, kept, worth checking",
        ),
        "several": Text(
            zh="同一人有几名认定的传染者，作为可能人选",
            en="several infectors found for one person: taken as candidates",
        ),
        "circle": Text(
            zh="首尾相接成环，作为可能人选", en="links that run in a circle: taken as candidates"
        ),
    }
)
"""What can contradict, and what was done about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedLinks:
    """Links that can be used, and those with a problem.

    ``links`` has ``infector, infectee, known, serial_interval_days`` (null where an onset is not
    known); ``known`` links are certain, the others are candidates of which one may be true.
    ``faults`` has ``infector, infectee, problem`` with the codes of :data:`PROBLEMS`.
    """

    links: pl.DataFrame
    faults: pl.DataFrame


def check_links(
    cases: pl.DataFrame, links: pl.DataFrame, *, earliest: int = EARLIEST
) -> ListedLinks:
    """Check links against the cases and against each other.

    A link without a word on its standing is known where it is the only one of its infectee, and a
    candidate where there are several. Known links that contradict each other become candidates.

    Parameters
    ----------
    cases
        ``case_id`` and ``onset_on`` (null if unknown).
    links
        ``infector, infectee``, and ``known`` (true, false or null) if there is more to say.
    earliest
        Least serial interval that is possible, days.

    Examples
    --------
    >>> from datetime import date
    >>> cases = pl.DataFrame({
    ...     "case_id": ["A", "B", "C"], "onset_on": [date(2020, 2, d) for d in (1, 5, 4)]
    ... })
    >>> links = pl.DataFrame({"infector": ["A", "A", "B", "C"], "infectee": ["B", "B", "C", "C"]})
    >>> checked = check_links(cases, links)
    >>> checked.links.rows()
    [('A', 'B', True, 4), ('B', 'C', True, -1)]
    >>> checked.faults.rows()
    [('A', 'B', 'duplicate'), ('B', 'C', 'infectee_first'), ('C', 'C', 'self')]
    """
    _need(cases, ("case_id", "onset_on"))
    _need(links, ("infector", "infectee"), "links")
    if "known" not in links.columns:
        links = links.with_columns(known=pl.lit(None, dtype=pl.Boolean))
    onsets = cases.select(
        pl.col("case_id").cast(pl.String), pl.col("onset_on").cast(pl.Date)
    ).unique("case_id", keep="first")
    found = (
        links.select(pl.col("infector", "infectee").cast(pl.String).str.strip_chars(), "known")
        .drop_nulls(["infector", "infectee"])
        .join(onsets.rename({"case_id": "infector", "onset_on": "first"}), "infector", "left")
        .join(onsets.rename({"case_id": "infectee", "onset_on": "second"}), "infectee", "left")
        .with_columns(
            serial_interval_days=(pl.col("second") - pl.col("first")).dt.total_days(),
            listed=pl.col("infector").is_in(onsets["case_id"].implode())
            & pl.col("infectee").is_in(onsets["case_id"].implode()),
            twice=~pl.struct("infector", "infectee").is_first_distinct(),
        )
    )
    days = pl.col("serial_interval_days").fill_null(0)
    found = found.with_columns(
        problem=pl.when(pl.col("infector") == pl.col("infectee"))
        .then(pl.lit("self"))
        .when(~pl.col("listed"))
        .then(pl.lit("not_listed"))
        .when("twice")
        .then(pl.lit("duplicate"))
        .when(days < earliest)
        .then(pl.lit("too_early"))
        .when(days < 0)
        .then(pl.lit("infectee_first"))
    )
    kept = found.filter(
        pl.col("problem").is_null() | (pl.col("problem") == "infectee_first")
    ).select("infector", "infectee", "known", "serial_interval_days")
    kept, contradictions = _settle(kept)
    faults = pl.concat(
        [
            found.filter(pl.col("problem").is_not_null()).select("infector", "infectee", "problem"),
            *contradictions,
        ]
    )
    return ListedLinks(
        links=kept.sort("infectee", "infector"), faults=faults.sort("infector", "infectee")
    )


def direct_links(cases: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Give links that only say that two cases met, from the one who fell ill first to the other.

    Two who fell ill on the same day, or without a day, keep the order in which they are written.
    A pair written both ways is given once. Infections before symptoms that turn the order of onsets
    round are lost by this: intervals come out too long.

    Parameters
    ----------
    cases
        ``case_id, onset_on``.
    links
        ``infector, infectee`` in any order.

    Examples
    --------
    >>> from datetime import date
    >>> cases = pl.DataFrame({"case_id": ["A", "B"], "onset_on": [date(2020, 2, 5), date(2020, 2, 1)]})
    >>> links = pl.DataFrame({"infector": ["A", "B"], "infectee": ["B", "A"]})
    >>> direct_links(cases, links).rows()
    [('B', 'A')]
    """
    days = cases.select(pl.col("case_id").cast(pl.String), "onset_on").unique("case_id")
    both = (
        links.select(pl.col("infector", "infectee").cast(pl.String))
        .join(days.rename({"case_id": "infector", "onset_on": "first"}), "infector", "left")
        .join(days.rename({"case_id": "infectee", "onset_on": "second"}), "infectee", "left")
        .with_columns(turned=(pl.col("second") < pl.col("first")).fill_null(value=False))
    )
    directed = both.select(
        infector=pl.when("turned").then("infectee").otherwise("infector"),
        infectee=pl.when("turned").then("infector").otherwise("infectee"),
    )
    pair = pl.concat_list("infector", "infectee").list.sort()
    return directed.filter(pair.is_first_distinct())


def _settle(links: pl.DataFrame) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Say which links are known, and demote those that contradict each other."""
    links = links.with_columns(
        known=pl.col("known").fill_null(pl.len().over("infectee") == 1),
        found=pl.col("known").fill_null(value=False).sum().over("infectee"),
    )
    several = links.filter((pl.col("found") > 1) & pl.col("known"))
    links = links.with_columns(known=pl.col("known") & (pl.col("found") <= 1)).drop("found")
    # One known infector makes the other candidates of that person false.
    settled = pl.col("known").any().over("infectee")
    links = links.filter(pl.col("known") | ~settled)
    circles = set(_circles(links.filter("known")))
    in_circle = pl.struct("infector", "infectee").map_elements(
        lambda pair: (pair["infector"], pair["infectee"]) in circles, return_dtype=pl.Boolean
    )
    faults = [_named(several, "several")]
    if circles:
        links = links.with_columns(known=pl.col("known") & ~in_circle)
        faults.append(_named(links.filter(in_circle), "circle"))
    return links, faults


def _named(links: pl.DataFrame, problem: str) -> pl.DataFrame:
    return links.select("infector", "infectee", problem=pl.lit(problem))


def _circles(known: pl.DataFrame) -> Iterator[tuple[str, str]]:
    """Give every link of every circle; each person has at most one known infector."""
    above = dict(known.select("infectee", "infector").iter_rows())
    seen: set[str] = set()
    for start in above:
        path: list[str] = []
        case = start
        while case in above and case not in seen:
            seen.add(case)
            path.append(case)
            case = above[case]
        if case in path:
            yield from ((above[c], c) for c in path[path.index(case) :])


def _need(frame: pl.DataFrame, columns: tuple[str, ...], table: str = "cases") -> None:
    for column in columns:
        if column not in frame.columns:
            raise MissingData(table, Text(zh="传播链", en="chain of transmission"), column=column)
