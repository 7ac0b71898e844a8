"""Delays by place and week: each stratum its own fit where its cases suffice, a wider pool's where not."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

import polars as pl

from tongchou.surveillance.delays import EARLIES, Span
from tongchou.surveillance.timeliness.families import FAMILIES, FamilyName
from tongchou.surveillance.timeliness.fits import QUANTITIES, fit_strata
from tongchou.surveillance.timeliness.windows import dated_delays, windows_of
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

By = Literal["place", "week"]

LEAST = int(parameter("delay_fit_cases").value)

BASES = {
    "own": Text(zh="本组病例", en="its own cases"),
    "place": Text(zh="本地各周合并", en="the place, all weeks"),
    "week": Text(zh="各地本周合并", en="the week, all places"),
    "all": Text(zh="各地各周合并", en="all places and weeks"),
}
"""Whose cases a fit rests on."""

ESTIMATES = tuple(f"{q}{end}" for q in QUANTITIES for end in ("", "_low", "_high"))


def estimate_delays(
    cases: pl.DataFrame,
    as_of: date,
    spans: Sequence[Span] = EARLIES,
    *,
    by: Sequence[By] = ("place",),
    families: Sequence[FamilyName] = tuple(FAMILIES),
    least: int = LEAST,
    since: date | None = None,
    truncated: bool = True,
) -> pl.DataFrame:
    """Give the distribution of each delay for each place and week, censoring and truncation corrected.

    A stratum with fewer than ``least`` dated delays takes the fit of a wider pool: the place over
    all weeks, else the week over all places, else all; ``basis`` says which. The week is that of
    the start: to sort by the end would mix the quick of late starts with the slow of early ones.

    Parameters
    ----------
    cases
        One row per case with ``place`` and the columns of ``spans``, dates (null if unknown).
    as_of
        Cut-off: the last day that is known.
    spans
        Delays.
    by
        What makes a stratum: place, week of the start, both or none.
    families
        To choose from.
    least
        Dated delays that a fit of its own needs.
    since
        First day of an exposure window that has none.
    truncated
        Whether a delay that had not ended by the cut-off would be missing. False for delays
        counted in cases that were all followed to their end.

    Returns
    -------
    DataFrame
        One row per delay and stratum: ``delay``; ``place`` and ``week`` as asked; ``cases`` on
        record, of whom ``measured, before, fault, open, unknown``; ``observed_mean`` and
        ``observed_median``, days as seen; ``basis, fitted, family, rivals``; and ``mean, sd,
        median, p90, p95`` with ``_low`` and ``_high``, days, null where no fit was found.

    Examples
    --------
    Every day 1 to 20 January two people fall ill; one waits two days, the other six. On the 20th
    the six days of the last six have not passed:

    >>> from datetime import timedelta
    >>> onset = [date(2020, 1, 1) + timedelta(d) for d in range(20) for _ in range(2)]
    >>> cases = pl.DataFrame({"place": ["440300"] * 40, "onset_on": onset,
    ...     "isolated_on": [d + timedelta(w) for d, w in zip(onset, [2, 6] * 20)]})
    >>> row = estimate_delays(cases, date(2020, 1, 20), (EARLIES[2],)).row(0, named=True)
    >>> row["measured"], row["open"], round(row["observed_mean"], 2), round(row["mean"], 1)
    (32, 8, 3.75, 4.2)
    """
    tables = [
        _estimate(
            dated_delays(cases, span, as_of, since=since),
            span,
            as_of,
            by,
            families,
            least,
            truncated,
        )
        for span in spans
    ]
    return pl.concat(tables)


def _estimate(
    dated: pl.DataFrame,
    span: Span,
    as_of: date,
    by: Sequence[By],
    families: Sequence[FamilyName],
    least: int,
    truncated: bool,
) -> pl.DataFrame:
    table = _counted(dated, span, by)
    measured = dated.filter(pl.col("standing") == "measured")
    for basis, pool in _ladder(by):
        fits = _pool_fits(measured, pool, as_of, families, least, truncated)
        if fits.is_empty():
            continue
        missing = pl.col("family").is_null()
        named = fits.with_columns(basis=pl.lit(basis))
        on = list(pool)
        joined = (
            table.join(named, on=on, how="left", suffix="_new", nulls_equal=True)
            if on
            else table.join(named, how="cross", suffix="_new")
        )
        table = joined.with_columns(
            pl.when(missing).then(pl.col(f"{name}_new")).otherwise(pl.col(name)).alias(name)
            for name in _FIT_COLUMNS
        ).select(table.columns)
    return table


def _ladder(by: Sequence[By]) -> list[tuple[str, tuple[By, ...]]]:
    own: list[tuple[str, tuple[By, ...]]] = [("own", tuple(by))]
    if len(by) == 2:
        own += [("place", ("place",)), ("week", ("week",))]
    return [*own, ("all", ())] if by else own


_FIT_COLUMNS = ("basis", "fitted", "family", "rivals", *ESTIMATES)
_FIT_TYPES = {
    "basis": pl.String,
    "fitted": pl.Int64,
    "family": pl.String,
    "rivals": pl.String,
    **dict.fromkeys(ESTIMATES, pl.Float64),
}


def _counted(dated: pl.DataFrame, span: Span, by: Sequence[By]) -> pl.DataFrame:
    """Count the standings of each stratum, with the delays as they were seen."""
    kept = dated.filter(
        pl.all_horizontal([pl.col(name).is_not_null() for name in by] or pl.lit(True))
    )
    standing = pl.col("standing")
    seen = pl.col("days").filter(standing == "measured")
    numbers = {
        "cases": pl.len().cast(pl.Int64),
        **{
            name: (standing == name).sum().cast(pl.Int64)
            for name in ("measured", "before", "fault", "open", "unknown")
        },
        "observed_mean": seen.mean(),
        "observed_median": seen.median(),
    }
    grouped = (
        kept.group_by(list(by)).agg(**numbers).sort(list(by)) if by else kept.select(**numbers)
    )
    return grouped.select(
        pl.lit(span.name).alias("delay"),
        pl.all(),
        *(pl.lit(None, dtype).alias(name) for name, dtype in _FIT_TYPES.items()),
    )


def _pool_fits(
    measured: pl.DataFrame,
    pool: Sequence[By],
    as_of: date,
    families: Sequence[FamilyName],
    least: int,
    truncated: bool,
) -> pl.DataFrame:
    """Fit each stratum of a pool that has enough dated delays."""
    if pool:
        sizes = measured.group_by(list(pool)).agg(size=pl.len()).sort(list(pool))
        enough = sizes.filter(pl.col("size") >= least).drop("size").with_row_index("stratum")
        rows = measured.join(enough, on=list(pool), nulls_equal=True)
    else:
        enough = pl.DataFrame(
            {"stratum": [0] if measured.height >= least else []}, {"stratum": pl.UInt32}
        )
        rows = measured.with_columns(stratum=pl.lit(0)).head(measured.height * enough.height)
    if enough.is_empty():
        return enough.drop("stratum").with_columns(
            pl.lit(None, t).alias(n) for n, t in _FIT_TYPES.items() if n != "basis"
        )
    fits = fit_strata(windows_of(rows, as_of, truncated=truncated), enough.height, families)
    found = enough.join(fits.with_columns(pl.col("stratum").cast(pl.UInt32)), on="stratum")
    return found.drop("stratum", "loglik", "aic").with_columns(
        pl.col(ESTIMATES).fill_nan(None), pl.col("fitted").cast(pl.Int64)
    )
