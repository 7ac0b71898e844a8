"""Severity as a table: one row for each place, group, date and method."""

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl
import xarray as xr

from tongchou.surveillance.cohorts import cohort_counts
from tongchou.surveillance.outcomes import ENDS, competing_outcomes
from tongchou.surveillance.severity import (
    Delays,
    rolling_severity,
    static_severity,
    time_varying_severity,
)
from tongchou.surveillance.severity_likelihood import Likelihood

COLUMNS = (
    "place",
    "group",
    "date",
    "method",
    "estimate",
    "q025",
    "q975",
    "cases",
    "events",
    "known",
)
EVERYBODY = "all"
_KINDS: dict[str, pl.DataType] = {
    "place": pl.String(), "group": pl.String(), "date": pl.Date(), "method": pl.String()
}  # fmt: skip
AGE_BAND = 10
"""Years of an age group; 80 and over are one."""
OLDEST = 80


def severity_of_counts(
    new_cases: xr.DataArray,
    new_events: xr.DataArray,
    delay: Delays | None,
    *,
    course: str = "static",
    window: int = 7,
    likelihood: Likelihood = "matched",
    group: str = EVERYBODY,
) -> pl.DataFrame:
    """Give the share of cases that come to an event, naive and adjusted, as a table.

    Parameters
    ----------
    new_cases, new_events : DataArray (place, date), persons per day
    delay
        See :func:`tongchou.surveillance.severity.rolling_severity`; without it only the naive share.
    course
        ``static``: on the last date; ``rolling``: as it could be estimated on each date; ``varying``: of the outcomes
        that fall due in a window ending on each date (of several delays the middle one).
    window
        Days of the window.
    likelihood
        See :func:`tongchou.surveillance.severity.rolling_severity`.
    group
        Written into the column ``group``.

    Returns
    -------
    DataFrame
        ``place, group, date, method`` (``naive`` or ``adjusted``), ``estimate, q025, q975, cases, events, known``.

    Examples
    --------
    >>> import numpy as np
    >>> dates = np.datetime64("2020-02-01", "ns") + np.arange(2) * np.timedelta64(1, "D")
    >>> def cube(row):
    ...     return xr.DataArray([row], {"place": ["420100"], "date": dates}, ("place", "date"))
    >>> table = severity_of_counts(cube([40.0, 0]), cube([0.0, 3]), np.array([0.5, 0.25, 0.25]))
    >>> table.select("method", "estimate").rows()
    [('naive', 0.075), ('adjusted', 0.1)]
    """
    methods: Mapping[str, Delays | None] = {"naive": None} | (
        {} if delay is None else {"adjusted": delay}
    )
    parts = []
    for method, of in methods.items():
        if course == "static":
            last = new_cases["date"].to_numpy()[-1:]
            result = static_severity(new_cases, new_events, of, likelihood=likelihood).expand_dims(
                date=last
            )
        elif course == "rolling":
            result = rolling_severity(new_cases, new_events, of, likelihood=likelihood)
        else:
            one = of[len(of) // 2] if isinstance(of, Sequence) else of
            result = time_varying_severity(new_cases, new_events, one, window=window)
        parts.append(_rows(result, method, group))
    return pl.concat(parts)


def severity_of_cases(
    cases: pl.DataFrame,
    as_of: date,
    delay: Delays | None,
    *,
    event: str = "death",
    start: str = "onset_on",
    by: Sequence[str] = (),
    course: str = "static",
    window: int = 7,
    likelihood: Likelihood = "matched",
) -> pl.DataFrame:
    """Give the share of persons of a line list that come to an event, by place and group.

    Beside ``naive`` and ``adjusted`` stand, for the static course, ``closed`` (events among those whose wait has
    ended) and ``competing`` (:func:`tongchou.surveillance.outcomes.competing_outcomes`), where another end is dated.

    Parameters
    ----------
    cases
        One row per case in the columns of the contract.
    as_of
        Last day on which an end can be known.
    delay
        From start to event; without it no ``adjusted``.
    event, start
        See :func:`tongchou.surveillance.outcomes.competing_outcomes`.
    by
        ``age`` (bands of ten years), ``class`` (ordinary, severe, critical: the worst so far), ``place``, or any
        column.
    course, window, likelihood
        As for :func:`severity_of_counts`.

    Returns
    -------
    DataFrame
        Columns of :func:`severity_of_counts`. A group is written as ``age=60-69, class=severe``.

    Examples
    --------
    >>> day = date(2020, 2, 1)
    >>> cases = pl.DataFrame({
    ...     "place": ["420100"] * 4, "age": [64, 68, 33, 35], "onset_on": [day] * 4,
    ...     "died_on": [date(2020, 2, 9), None, None, None],
    ...     "recovered_on": [None, date(2020, 2, 20), date(2020, 2, 20), None],
    ... })
    >>> table = severity_of_cases(cases, date(2020, 3, 1), None, by=("age",))
    >>> table.filter(method="competing").select("group", "estimate").rows()
    [('age=30-39', 0.0), ('age=60-69', 0.5)]
    """
    cases = grouped(cases, by)
    parts = []
    for (place, group), part in cases.group_by("place_", "group_", maintain_order=True):
        here = part.with_columns(place=pl.lit(place))
        usable = here.filter(pl.col(start) <= as_of)
        if usable.is_empty():
            continue
        counts = cohort_counts(usable, as_of, event=ENDS[event][0], start=start)
        parts.append(
            severity_of_counts(
                counts["cases"],
                counts["events"],
                delay,
                course=course,
                window=window,
                likelihood=likelihood,
                group=str(group),
            )
        )
        if course == "static":
            parts.append(_competing(usable, as_of, event, start, str(place), str(group)))
    if not parts:
        return pl.DataFrame(schema=_SCHEMA)
    return pl.concat(parts).sort("place", "group", "date", maintain_order=True)


def grouped(cases: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Give cases with ``place_`` and ``group_``, sorted by them; a group is written ``age=60-69, class=severe``."""
    cases = cases.with_columns(
        place_=pl.col("place").cast(pl.String) if "place" in by else pl.lit(EVERYBODY)
    )
    names = [name for name in by if name != "place"]
    labels = [pl.lit(f"{name}=") + _label(cases, name) for name in names]
    group = pl.concat_str(labels, separator=", ") if labels else pl.lit(EVERYBODY)
    return cases.with_columns(group_=group).sort("place_", "group_", maintain_order=True)


def _label(cases: pl.DataFrame, name: str) -> pl.Expr:
    if name == "age":
        low = (pl.col("age") // AGE_BAND) * AGE_BAND
        band = pl.concat_str(low, pl.lit("-"), low + AGE_BAND - 1)
        return (
            pl.when(pl.col("age") >= OLDEST)
            .then(pl.lit(f"{OLDEST}+"))
            .otherwise(band)
            .fill_null("?")
        )
    if name == "class" and "class" not in cases.columns:
        word = pl.lit("ordinary")
        for worse in ("severe", "critical"):
            if f"{worse}_on" in cases.columns:
                word = (
                    pl.when(pl.col(f"{worse}_on").is_not_null()).then(pl.lit(worse)).otherwise(word)
                )
        return word
    return pl.col(name).cast(pl.String).fill_null("?")


def _rows(result: xr.Dataset, method: str, group: str) -> pl.DataFrame:
    result = result.transpose("place", "date")
    places, dates = result["place"].to_numpy(), result["date"].to_numpy().astype("datetime64[D]")
    frame = pl.DataFrame(
        {
            "place": [str(p) for p in places for _ in dates],
            "group": group,
            "date": dates.tolist() * len(places),
            "method": method,
        }
        | {
            theirs: result[ours].to_numpy().ravel()
            for theirs, ours in (
                ("estimate", "estimate"), ("q025", "low"), ("q975", "high"),
                ("cases", "cases"), ("events", "events"), ("known", "known"),
            )
        },
        schema_overrides={"date": pl.Date},
    )  # fmt: skip
    return frame.with_columns(pl.col("estimate", "q025", "q975").fill_nan(None))


def _competing(
    cases: pl.DataFrame, as_of: date, event: str, start: str, place: str, group: str
) -> pl.DataFrame:
    found = competing_outcomes(cases, as_of, event=event, start=start).row(0, named=True)
    if not found["others"]:
        return pl.DataFrame(schema=_SCHEMA)
    closed = found["events"] + found["others"]
    from_closed = {"estimate": found["closed"], "q025": None, "q975": None, "known": float(closed)}
    shared = {"estimate": found["estimate"], "q025": found["low"], "q975": found["high"]}
    rows = [
        {"method": "closed"} | from_closed,
        {"method": "competing"} | shared | {"known": float(closed)},
    ]
    common = {
        "place": place, "group": group, "date": as_of,
        "cases": float(found["cases"]), "events": float(found["events"]),
    }  # fmt: skip
    return pl.DataFrame([common | row for row in rows], schema_overrides=_SCHEMA).select(COLUMNS)


_SCHEMA: dict[str, pl.DataType] = {name: _KINDS.get(name, pl.Float64()) for name in COLUMNS}
