"""Case counts by place and day, kept true to the line list.

What a place reported stays what it reported, with every version of it. The station's line list
moves it: each case that was added, moved, excluded or closed since the pack was loaded changes the
count of its responsible place, and of the places above it that report, from its day on; the change
becomes known when the case did. A place that never reported a count is counted from its line list
alone, and so is every day after the last one reported.

The count of a place on day ``d`` as known on day ``k`` is therefore
``reported(d, k) + Σ changes dated up to d and known by k``,
where a day without a report of its own carries the last report forward.
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from tongchou.situation.contract import contract

COUNTED = ("confirmed", "suspected", "recovered", "deaths")
"""Columns that the line list can tell; cases from abroad are not told apart in it."""
CHANGE_SCHEMA = {
    "place": pl.String(),
    "column": pl.String(),
    "date": pl.Date(),
    "known_on": pl.Date(),
    "change": pl.Int64(),
}
_KEY = ["place", "column", "date", "known_on"]

Cube = npt.NDArray[np.float64]
Days = npt.NDArray[np.int64]


def tally(cases: pl.DataFrame) -> pl.DataFrame:
    """Count a line list by place, column, day and day known: no row of it speaks of one person.

    A person is suspected from ``suspected_on`` until confirmed or excluded.

    Examples
    --------
    >>> one = pl.DataFrame({"place": ["360102"], "known_on": [date(2030, 1, 4)],
    ...                     "confirmed_on": [date(2030, 1, 3)]})
    >>> tally(one).rows()
    [('360102', 'confirmed', datetime.date(2030, 1, 3), datetime.date(2030, 1, 4), 1)]
    """
    absent = [c for c in _DATES if c not in cases.columns]
    whole = cases.with_columns(pl.lit(None, dtype=pl.Date).alias(c) for c in absent)
    leaves = pl.min_horizontal("confirmed_on", "excluded_on")
    was_suspected = pl.col("suspected_on").is_not_null()
    happened = {
        "confirmed": (pl.col("confirmed_on"), 1),
        "suspected": (pl.col("suspected_on"), 1),
        "left": (
            pl.when(was_suspected & leaves.is_not_null()).then(
                pl.max_horizontal(leaves, "suspected_on")
            ),
            -1,
        ),
        "recovered": (pl.col("recovered_on"), 1),
        "deaths": (pl.col("died_on"), 1),
    }
    parts = [
        whole.select(
            "place",
            column=pl.lit("suspected" if name == "left" else name),
            date=day,
            known_on=pl.max_horizontal(day, "known_on"),
            change=pl.lit(change, dtype=pl.Int64),
        ).filter(pl.col("date").is_not_null())
        for name, (day, change) in happened.items()
    ]
    return _summed(pl.concat(parts))


_DATES = ("confirmed_on", "suspected_on", "excluded_on", "recovered_on", "died_on")


def changes(now: pl.DataFrame, then: pl.DataFrame) -> pl.DataFrame:
    """Give what a tally says now beyond what it said when the pack was loaded."""
    return _summed(pl.concat([now, then.with_columns(-pl.col("change"))]))


def _summed(rows: pl.DataFrame) -> pl.DataFrame:
    return (
        rows.group_by(_KEY)
        .agg(pl.col("change").sum())
        .filter(pl.col("change") != 0)
        .sort(_KEY)
        .cast(dict(CHANGE_SCHEMA.items()))
        .select(list(CHANGE_SCHEMA))
    )


def merge(
    held: pl.DataFrame,
    changed: pl.DataFrame,
    cut: date,
    above: Mapping[str, tuple[str, ...]],
) -> pl.DataFrame:
    """Give the table ``case_counts`` as reported, moved by what changed in the line list.

    Parameters
    ----------
    held
        Rows as reported, known by the cut-off; may be empty.
    changed
        See :func:`changes`.
    cut
        The cut-off.
    above
        The places above each place.
    """
    changed = changed.filter(pl.col("known_on") <= cut)
    last = _day(held["date"].max())
    reporting = set(held["place"].unique())
    moved: dict[str, list[pl.DataFrame]] = {}
    for (place,), rows in changed.group_by(["place"], maintain_order=True):
        for line in (place, *(a for a in above.get(place, ()) if a in reporting)):
            moved.setdefault(line, []).append(rows)
    later = last is not None and cut > last
    touched = sorted(set(moved) | (reporting if later else set()))
    if not touched:
        return held
    of_place = {place: rows for (place,), rows in held.group_by(["place"], maintain_order=True)}
    made = [
        _place(
            place,
            of_place.get(place, held.clear()),
            pl.concat(moved[place]) if place in moved else changed.clear(),
            cut,
            last,
        )
        for place in touched
    ]
    rest = held.filter(~pl.col("place").is_in(touched))
    return pl.concat([rest, *made]).sort("place", "date", "known_on")


def _day(value: object) -> date | None:
    """Give a day that a column of dates holds, None where it holds none."""
    return value if isinstance(value, date) else None


def _place(
    place: str, held: pl.DataFrame, moved: pl.DataFrame, cut: date, last: date | None
) -> pl.DataFrame:
    days = (_day(held["date"].min()), _day(moved["date"].min()))
    first = min(d for d in days if d is not None)
    n = (cut - first).days + 1
    added = _added(moved, first, n)
    base = _reported(held, first, n)
    own = np.zeros((n, n), dtype=bool)
    own[_days(held["known_on"], first), _days(held["date"], first)] = True
    beyond = 0 if last is None else max(0, (last - first).days + 1)
    known, day = _versions(added, own, beyond if held.height else 0)
    told = {
        c: base[c][known, day] + (added[COUNTED.index(c), known, day] if c in COUNTED else 0)
        for c in base
    }
    start = np.datetime64(first, "D")
    return pl.DataFrame(
        {
            "place": [place] * len(day),
            "date": start + day.astype("timedelta64[D]"),
            "known_on": start + known.astype("timedelta64[D]"),
            **{c: pl.Series(np.maximum(v.round(), 0), nan_to_null=True) for c, v in told.items()},
            "source_row": [None] * len(day),
        },
        schema_overrides={"source_row": pl.String},
    ).cast(contract("case_counts").schema)  # type: ignore[arg-type]


def _versions(added: Cube, own: npt.NDArray[np.bool_], beyond: int) -> tuple[Days, Days]:
    """Give the versions that are needed as (day known, day): none where nothing new is said.

    ``beyond`` is the first day that nobody reported.
    """
    n = own.shape[0]
    days = np.arange(n)
    told = own.any(axis=0)
    dated = np.zeros((n, n), dtype=bool)
    moved = np.zeros((n, n), dtype=bool)
    for total in added:
        dated[:, 0] |= total[:, 0] != 0
        dated[:, 1:] |= total[:, 1:] != total[:, :-1]
        moved[1:] |= total[1:] != total[:-1]
    starts = moved & (told | (days >= beyond) | dated.any(axis=0))
    starts[days, days] = (days >= beyond) | (~told & dated[days, days])
    wanted = (own | starts) & (days[:, None] >= days[None, :])
    day, known = np.nonzero(wanted.T)
    return known, day


def _days(dates: pl.Series, first: date) -> Days:
    """Give the number of each day, ``first`` being 0."""
    days: Days = (dates.to_numpy() - np.datetime64(first)).astype(np.int64)
    return days


def _added(moved: pl.DataFrame, first: date, n: int) -> Cube:
    """Give the sum of changes (column, known by, dated up to)."""
    cube = np.zeros((len(COUNTED), n, n))
    for number, column in enumerate(COUNTED):
        rows = moved.filter(pl.col("column") == column)
        at = (_days(rows["known_on"], first), _days(rows["date"], first))
        np.add.at(cube[number], at, rows["change"].to_numpy())
    np.cumsum(cube, axis=1, out=cube)
    return np.cumsum(cube, axis=2, out=cube)


def _reported(held: pl.DataFrame, first: date, n: int) -> dict[str, Cube]:
    """Give each column as reported (known by, day), the last report carried forward."""
    found = {}
    for column in (*COUNTED, "imported"):
        cube = np.full((n, n), np.nan)
        rows = held.filter(pl.col(column).is_not_null()).sort("known_on", maintain_order=True)
        if rows.height:
            at = (_days(rows["known_on"], first), _days(rows["date"], first))
            cube[at] = rows[column].to_numpy()
            cube = _forward(_forward(cube).T).T
        found[column] = np.nan_to_num(cube) if column in COUNTED else cube
    return found


def _forward(cube: Cube) -> Cube:
    """Carry the last number of each column down over the gaps after it."""
    lines = np.arange(cube.shape[0])[:, None]
    last = np.maximum.accumulate(np.where(np.isnan(cube), 0, lines), axis=0)
    return np.take_along_axis(cube, last, axis=0)
