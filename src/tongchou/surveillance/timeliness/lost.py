"""The step in which cases lose most days, corrected for the cases whose step has not ended yet."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from tongchou.surveillance.delays import STEPS, Span
from tongchou.surveillance.timeliness.strata import LEAST, estimate_delays

COLUMNS = (
    "place", "delay", "measured", "before", "mean", "mean_low", "mean_high", "basis",
    "per_case", "lost", "slowest",
)  # fmt: skip


def lost_days(
    cases: pl.DataFrame, as_of: date, steps: Sequence[Span] = STEPS, *, least: int = LEAST
) -> pl.DataFrame:
    """Give for each place and step the mean days in it, the days lost, and the slowest step.

    The mean is that of the fitted delay (:func:`.strata.estimate_delays`), so that a step is not
    excused by the cases still in it. Where no distribution can be fitted (all on the same day, or
    too few everywhere) it is the mean of what was seen. Who was isolated or admitted before the
    step began lost no day in it::

        lost = mean × measured        per case = lost ÷ (measured + before)

    Parameters
    ----------
    cases
        One row per case with ``place`` and dates of table ``cases``. A step whose columns the list
        does not have is left out.
    as_of
        Cut-off: the last day that is known.
    steps
        Single steps of the path of a case.
    least
        Dated delays that a fit of its own needs.

    Returns
    -------
    DataFrame
        ``place, delay, measured, before, mean, mean_low, mean_high, basis, per_case, lost,
        slowest``: days; ``basis`` as for the fits, or ``seen``; ``slowest`` true for the step of
        each place that loses most per case, the earlier one where two tie.

    Examples
    --------
    Five people wait four days for a doctor and one for a result:

    >>> dates = {"onset_on": 1, "visited_on": 5, "sampled_on": 5, "result_on": 6}
    >>> cases = pl.DataFrame(
    ...     {"place": ["440300"] * 5, **{n: [date(2020, 2, d)] * 5 for n, d in dates.items()}})
    >>> lost_days(cases, date(2020, 3, 1)).filter("slowest").select("delay", "per_case", "lost").row(0)
    ('to_visit', 4.0, 20.0)
    """
    kept = [step for step in steps if set(step.columns) <= set(cases.columns)]
    table = estimate_delays(cases, as_of, kept, by=("place",), least=least)
    seen = pl.col("mean").is_null() & (pl.col("measured") > 0)
    order = {step.name: k for k, step in enumerate(kept)}
    most = (pl.col("per_case") == pl.col("per_case").max()) & (pl.col("per_case") > 0)
    return (
        table.with_columns(
            order=pl.col("delay").replace_strict(order, return_dtype=pl.Int64),
            mean=pl.when(seen).then("observed_mean").otherwise("mean"),
            basis=pl.when(seen).then(pl.lit("seen")).otherwise("basis"),
        )
        .with_columns(lost=pl.col("mean") * pl.col("measured"))
        .with_columns(per_case=pl.col("lost") / (pl.col("measured") + pl.col("before")))
        .sort("place", "order")
        .with_columns(slowest=most.over("place").fill_null(False))
        .with_columns(slowest=pl.col("slowest") & (pl.col("slowest").cum_sum().over("place") == 1))
        .select(*COLUMNS)
    )
