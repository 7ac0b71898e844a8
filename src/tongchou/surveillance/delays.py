"""The four earlies as delays that were seen: found, reported, isolated, treated; and the slowest step.

What is seen runs short while an epidemic grows: of those who fell ill lately only the quickly
handled are on record yet. :mod:`tongchou.surveillance.timeliness` corrects for it.
"""

from dataclasses import dataclass

import polars as pl

from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.text import Text

MILESTONES = (
    "onset_on",
    "visited_on",
    "sampled_on",
    "result_on",
    "confirmed_on",
    "reported_on",
    "isolated_on",
    "admitted_on",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A delay between two milestones of a case, days.

    Each end names a column of dates, or ``first..last``: two columns that hold the first and the
    last day on which it may have been.

    Examples
    --------
    >>> incubation = Span(
    ...     name="incubation", start="exposed_from..exposed_to", end="onset_on",
    ...     label=Text(zh="潜伏期", en="incubation period"))
    >>> incubation.start_columns, incubation.end_columns
    (('exposed_from', 'exposed_to'), ('onset_on', 'onset_on'))
    """

    name: str
    start: str
    end: str
    label: Text

    @property
    def start_columns(self) -> tuple[str, str]:
        """Columns of the first and the last day of the start."""
        return _first_last(self.start)

    @property
    def end_columns(self) -> tuple[str, str]:
        """Columns of the first and the last day of the end."""
        return _first_last(self.end)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column, once."""
        return tuple(dict.fromkeys((*self.start_columns, *self.end_columns)))

    @property
    def may_precede(self) -> bool:
        """Whether the end may come before the start: isolated or admitted before onset is the aim."""
        return self.end in ("isolated_on", "admitted_on")


def _first_last(column: str) -> tuple[str, str]:
    first, mark, last = column.partition("..")
    return (first, last) if mark else (column, column)


EARLIES = (
    Span(
        name="found",
        start="onset_on",
        end="confirmed_on",
        label=Text(zh="早发现：发病至确诊", en="found early: onset to confirmation"),
    ),
    Span(
        name="reported",
        start="confirmed_on",
        end="reported_on",
        label=Text(zh="早报告：确诊至报告", en="reported early: confirmation to report"),
    ),
    Span(
        name="isolated",
        start="onset_on",
        end="isolated_on",
        label=Text(zh="早隔离：发病至隔离", en="isolated early: onset to isolation"),
    ),
    Span(
        name="treated",
        start="onset_on",
        end="admitted_on",
        label=Text(zh="早治疗：发病至入院", en="treated early: onset to admission"),
    ),
)
"""四早: the four delays that make up the national outcome."""

STEPS = (
    Span(
        name="to_visit",
        start="onset_on",
        end="visited_on",
        label=Text(zh="发病至就诊", en="onset to first visit"),
    ),
    Span(
        name="to_sample",
        start="visited_on",
        end="sampled_on",
        label=Text(zh="就诊至采样", en="first visit to sample"),
    ),
    Span(
        name="to_result",
        start="sampled_on",
        end="result_on",
        label=Text(zh="采样至出结果", en="sample to result"),
    ),
    Span(
        name="to_confirmation",
        start="result_on",
        end="confirmed_on",
        label=Text(zh="结果至确诊", en="result to confirmation"),
    ),
    Span(
        name="to_report",
        start="confirmed_on",
        end="reported_on",
        label=Text(zh="确诊至报告", en="confirmation to report"),
    ),
    Span(
        name="to_isolation",
        start="visited_on",
        end="isolated_on",
        label=Text(zh="就诊至隔离", en="first visit to isolation"),
    ),
    Span(
        name="to_admission",
        start="confirmed_on",
        end="admitted_on",
        label=Text(zh="确诊至入院", en="confirmation to admission"),
    ),
)
"""Single steps of the path of a case, each in the hands of one service."""


def measure_delays(cases: pl.DataFrame, spans: tuple[Span, ...] = EARLIES) -> pl.DataFrame:
    """Give median and 90th percentile of delays, for each place and delay.

    Percentiles are nearest-rank from above, so each is a delay that somebody had. A step that ends
    before it starts is a fault of the record: it is left out and counted. For isolation and
    admission an end before the start is no fault, it is the aim (found inside quarantine), and
    counts as 0 days.

    Parameters
    ----------
    cases
        One row per case with ``place`` and the milestone dates of ``spans`` (null if unknown).
    spans
        Delays to measure.

    Returns
    -------
    DataFrame
        ``place, delay, known, faults, median, p90, mean, lost``: days, ``known`` cases with both
        dates, ``lost`` the person-days in the delay. Sorted by place, in the order of ``spans``.

    Examples
    --------
    >>> from datetime import date
    >>> cases = pl.DataFrame({
    ...     "place": ["440300"] * 3,
    ...     "onset_on": [date(2020, 1, 20), date(2020, 1, 22), date(2020, 1, 30)],
    ...     "isolated_on": [date(2020, 1, 26), date(2020, 1, 23), date(2020, 1, 30)],
    ... })
    >>> measure_delays(cases, (EARLIES[2],)).select("known", "median", "p90").row(0)
    (3, 1.0, 6.0)
    """
    _need(cases, ["place", *{column for span in spans for column in (span.start, span.end)}])
    tables = [_measure(cases, span, order) for order, span in enumerate(spans)]
    return pl.concat(tables).sort("place", "order").drop("order")


def _measure(cases: pl.DataFrame, span: Span, order: int) -> pl.DataFrame:
    days = (pl.col(span.end) - pl.col(span.start)).dt.total_days()
    sound = days.clip(lower_bound=0) if span.may_precede else pl.when(days >= 0).then(days)
    return (
        cases.select("place", days=sound, fault=days)
        .group_by("place")
        .agg(
            order=pl.lit(order),
            delay=pl.lit(span.name),
            known=pl.col("days").count().cast(pl.Int64),
            faults=pl.lit(0, dtype=pl.Int64)
            if span.may_precede
            else (pl.col("fault") < 0).sum().cast(pl.Int64),
            median=pl.col("days").quantile(0.5, interpolation="higher"),
            p90=pl.col("days").quantile(0.9, interpolation="higher"),
            mean=pl.col("days").mean(),
            lost=pl.col("days").sum().cast(pl.Int64),
        )
    )


def _need(cases: pl.DataFrame, columns: list[str]) -> None:
    for column in columns:
        if column not in cases.columns:
            raise MissingData(
                "cases", Text(zh="四早时延", en="delay of the four earlies"), column=column
            )
