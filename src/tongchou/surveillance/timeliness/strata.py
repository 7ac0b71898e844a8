"""Delays by place and week: each stratum its own fit where its cases suffice, a shared one where not."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal, cast

import numpy as np
import polars as pl

from tongchou.surveillance.delays import EARLIES, Span
from tongchou.surveillance.timeliness.choice import ESTIMATES, estimates, fit_strata
from tongchou.surveillance.timeliness.families import FAMILIES, FamilyName
from tongchou.surveillance.timeliness.likelihood import Bools, Windows, some_strata
from tongchou.surveillance.timeliness.sharing import fit_shared
from tongchou.surveillance.timeliness.windows import dated_delays, windows_of
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

By = Literal["place", "week"]

LEAST = int(parameter("delay_fit_cases").value)

BASES = {
    "own": Text(zh="本组病例", en="its own cases"),
    "shared": Text(
        zh="本组病例向各组共同水平收缩", en="its own cases, drawn towards what all strata share"
    ),
    "all": Text(zh="各组合并", en="all strata together"),
}
"""Whose cases a fit rests on."""


def estimate_delays(
    cases: pl.DataFrame,
    as_of: date,
    spans: Sequence[Span] = EARLIES,
    *,
    by: Sequence[By] = ("place",),
    families: Sequence[FamilyName] = tuple(FAMILIES),
    least: int = LEAST,
    since: date | None = None,
) -> pl.DataFrame:
    """Give the distribution of each delay for each place and week, censoring and truncation corrected.

    A stratum with fewer than ``least`` dated delays is drawn towards what the strata share
    (:func:`.sharing.fit_shared`), the more the fewer it has; where there are too few strata to tell
    that, it takes the fit of all together. ``basis`` says which. The week is that of the start: to
    sort by the end would mix the quick of late starts with the slow of early ones.

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

    Returns
    -------
    DataFrame
        One row per delay and stratum: ``delay``; ``place`` and ``week`` as asked; ``cases`` on
        record, of whom ``measured`` (``same_day`` of them without a day between), ``before, fault,
        open, unknown``; ``observed_mean`` and ``observed_median``, days as seen from middle to
        middle of the windows; ``basis, fitted, family, rivals``; and ``mean, sd,
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
) -> pl.DataFrame:
    table = _counted(dated, span, by).with_row_index("stratum")
    measured = dated.filter(pl.col("standing") == "measured")
    if by:
        measured = measured.join(table.select("stratum", *by), on=list(by))
    else:
        measured = measured.with_columns(stratum=pl.lit(0))
    windows, strata = windows_of(measured, as_of), table.height
    enough = table["measured"].to_numpy() >= least
    fits = _own_fits(windows, enough, families)
    if len(windows) >= least and not enough.all():
        pool = fit_strata(_as_one(windows), 1, families).row(0, named=True)
        fits += _borrowed_fits(windows, strata, pool)
    found = pl.concat([pl.DataFrame(schema=_FIT_SCHEMA), *fits]).unique(
        "stratum", keep="first", maintain_order=True
    )
    return table.join(found, on="stratum", how="left", maintain_order="left").drop("stratum")


def _own_fits(
    windows: Windows, enough: Bools, families: Sequence[FamilyName]
) -> list[pl.DataFrame]:
    """Fit the strata with enough dated delays, each for itself."""
    if not enough.any():
        return []
    fits = fit_strata(*some_strata(windows, np.flatnonzero(enough), len(enough)), families)
    fits = fits.with_columns(pl.Series("stratum", np.flatnonzero(enough)))
    return [_based(fits.filter(pl.col("family").is_not_null()), "own")]


def _borrowed_fits(windows: Windows, strata: int, pool: Mapping[str, object]) -> list[pl.DataFrame]:
    """Give every stratum what it shares with the others, or the fit of all together."""
    everyone = pl.DataFrame({"stratum": np.arange(strata)})
    if pool["family"] is None:
        return []
    all_of = everyone.with_columns(
        pl.lit(value).alias(name) for name, value in pool.items() if name != "stratum"
    )
    family = FAMILIES[cast(FamilyName, pool["family"])]
    fit = fit_shared(windows, strata, family)
    if fit is None:
        return [_based(all_of, "all")]
    shared = everyone.with_columns(
        family=pl.lit(family.name),
        rivals=pl.lit(None, pl.String),
        fitted=np.bincount(windows.stratum, minlength=strata),
        **estimates(fit),
    ).filter(pl.Series(fit.found) & (pl.col("fitted") > 0))
    return [_based(shared, "shared")]


def _based(fits: pl.DataFrame, basis: str) -> pl.DataFrame:
    return fits.with_columns(basis=pl.lit(basis)).select(
        pl.col(name).cast(dtype) for name, dtype in _FIT_SCHEMA.items()
    )


def _as_one(windows: Windows) -> Windows:
    return replace(windows, stratum=np.zeros_like(windows.stratum))


_FIT_SCHEMA: Mapping[str, Any] = {
    "stratum": pl.UInt32,
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
    seen = _middle().filter(standing == "measured")
    same_day = (standing == "measured") & (pl.col("days") == 0)
    numbers = {
        "cases": pl.len().cast(pl.Int64),
        **{
            name: (standing == name).sum().cast(pl.Int64)
            for name in ("measured", "before", "fault", "open", "unknown")
        },
        "same_day": same_day.sum().cast(pl.Int64),
        "observed_mean": seen.mean(),
        "observed_median": seen.median(),
    }
    grouped = (
        kept.group_by(list(by)).agg(**numbers).sort(list(by)) if by else kept.select(**numbers)
    )
    return grouped.select(pl.lit(span.name).alias("delay"), pl.all())


def _middle() -> pl.Expr:
    """Days from the middle of the start window to the middle of the end window."""
    twice = [
        (pl.col(f"end_{day}") - pl.col(f"start_{day}")).dt.total_days() for day in ("first", "last")
    ]
    return pl.sum_horizontal(twice) / 2
