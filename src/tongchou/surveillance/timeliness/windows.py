"""From the records of cases to dated delays: which can be measured, and what became of the others."""

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import polars as pl

from tongchou.surveillance.delays import Span
from tongchou.surveillance.timeliness.likelihood import Windows
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.text import Text

STANDINGS: Mapping[str, Text] = {
    "measured": Text(zh="可测", en="measured"),
    "before": Text(zh="结束先于开始（即目标）", en="ended before it started, which is the aim"),
    "fault": Text(zh="记录有误", en="fault of the record"),
    "open": Text(zh="尚无结束日期", en="no end on record"),
    "unknown": Text(zh="开始日期不明", en="start unknown"),
}
"""What a record is to a delay."""


def dated_delays(
    cases: pl.DataFrame, span: Span, as_of: date, *, since: date | None = None
) -> pl.DataFrame:
    """Give for every case the windows of a delay and its standing.

    An end after the cut-off is not known yet, nor is a case whose start or ``known_on`` lies after
    it. A window of which one bound is missing runs from ``since``, and to the last day of the end:
    nobody is exposed after falling ill.

    Parameters
    ----------
    cases
        One row per case with the columns of ``span``, dates; ``place`` and ``known_on`` if known.
    span
        The delay.
    as_of
        Cut-off: the last day that is known.
    since
        First day of a start window whose own first day is unknown; without it such a start is
        unknown.

    Returns
    -------
    DataFrame
        The cases on record at the cut-off with ``start_first, start_last, end_first, end_last``,
        ``days`` (from first to last day), ``week`` (Monday of the start) and ``standing``
        (:data:`STANDINGS`).

    Examples
    --------
    >>> from tongchou.surveillance.delays import EARLIES
    >>> cases = pl.DataFrame({
    ...     "onset_on": [date(2020, 1, 20), date(2020, 1, 22), date(2020, 1, 23), None],
    ...     "isolated_on": [date(2020, 1, 26), date(2020, 1, 20), None, date(2020, 1, 26)],
    ... })
    >>> dated_delays(cases, EARLIES[2], date(2020, 2, 1)).select("days", "standing").rows()
    [(6, 'measured'), (-2, 'before'), (None, 'open'), (None, 'unknown')]
    """
    missing = [name for name in span.columns if name not in cases.columns]
    if missing:
        raise MissingData("cases", span.label, column=", ".join(missing))
    if "known_on" in cases.columns:
        cases = cases.filter((pl.col("known_on") <= as_of).fill_null(True))
    (start, start_to), (end, end_to) = span.start_columns, span.end_columns
    seen = cases.with_columns(
        start_first=pl.col(start),
        start_last=pl.col(start_to),
        end_first=_if_known(pl.col(end), pl.col(end_to), as_of),
        end_last=_if_known(pl.col(end_to), pl.col(end_to), as_of),
    )
    if start != start_to:
        seen = _with_open_bounds(seen, since)
    seen = seen.filter((pl.col("start_first") <= as_of).fill_null(True))
    days = (pl.col("end_last") - pl.col("start_first")).dt.total_days()
    standing = (
        pl.when(pl.col("start_first").is_null() | pl.col("start_last").is_null())
        .then(pl.lit("unknown"))
        .when(pl.col("end_first").is_null() | pl.col("end_last").is_null())
        .then(pl.lit("open"))
        .when(days < 0)
        .then(pl.lit("before" if span.may_precede else "fault"))
        .when(pl.col("start_last") < pl.col("start_first"))
        .then(pl.lit("fault"))
        .when(pl.col("end_last") < pl.col("end_first"))
        .then(pl.lit("fault"))
        .otherwise(pl.lit("measured"))
    )
    # A start is no later than its end, and an end no earlier than its start.
    return seen.with_columns(
        days=pl.when(pl.col("start_last").is_not_null()).then(days),
        week=pl.col("start_first").dt.truncate("1w"),
        standing=standing,
    ).with_columns(
        start_last=pl.when(pl.col("standing") == "measured")
        .then(pl.min_horizontal("start_last", "end_last"))
        .otherwise("start_last"),
        end_first=pl.when(pl.col("standing") == "measured")
        .then(pl.max_horizontal("end_first", "start_first"))
        .otherwise("end_first"),
    )


def _if_known(day: pl.Expr, last: pl.Expr, as_of: date) -> pl.Expr:
    return pl.when(last <= as_of).then(day)


def _with_open_bounds(seen: pl.DataFrame, since: date | None) -> pl.DataFrame:
    some = pl.col("start_first").is_not_null() | pl.col("start_last").is_not_null()
    return seen.with_columns(
        start_first=pl.when(some).then(pl.col("start_first").fill_null(pl.lit(since, pl.Date))),
        start_last=pl.when(some).then(pl.col("start_last").fill_null(pl.col("end_last"))),
    )


def windows_of(measured: pl.DataFrame, as_of: date) -> Windows:
    """Give the dated delays as arrays, a day being from its midnight to the next.

    Parameters
    ----------
    measured
        Rows of :func:`dated_delays` whose standing is ``measured``, with ``stratum``, 0, 1, ….
    as_of
        Cut-off: the last day that is known. A delay that ends after it would not be on the list.
    """

    def days(column: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return measured[column].cast(pl.Int32).cast(pl.Float64).to_numpy()

    cutoff = float((as_of + timedelta(days=1) - date(1970, 1, 1)).days)
    return Windows(
        stratum=measured["stratum"].cast(pl.Int64).to_numpy(),
        start_from=days("start_first"),
        start_to=days("start_last") + 1,
        end_from=days("end_first"),
        end_to=days("end_last") + 1,
        cutoff=np.full(measured.height, cutoff),
    )
