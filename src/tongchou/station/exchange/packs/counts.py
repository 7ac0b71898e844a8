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
        .cast(CHANGE_SCHEMA)
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
    last = held["date"].max() if held.height else None
    reporting = set(held["place"].unique())
    moved: dict[str, list[pl.DataFrame]] = {}
    for (place,), rows in changed.group_by(["place"], maintain_order=True):
        for line in (place, *(a for a in above.get(place, ()) if a in reporting)):
            moved.setdefault(line, []).append(rows)
    later = last is not None and cut > last
    touched = sorted(set(moved) | (reporting if later else set()))
    if not touched:
        return held
    made = [
        _place(
            place,
            held.filter(pl.col("place") == place),
            pl.concat(moved[place]) if place in moved else changed.clear(),
            cut,
            last,
        )
        for place in touched
    ]
    rest = held.filter(~pl.col("place").is_in(touched))
    return pl.concat([rest, *made]).sort("place", "date", "known_on")


def _place(
    place: str, held: pl.DataFrame, moved: pl.DataFrame, cut: date, last: date | None
) -> pl.DataFrame:
    first = min(d for d in (held["date"].min(), moved["date"].min()) if d is not None)
    n = (cut - first).days + 1
    added = _added(moved, first, n)
    base = _reported(held, first, n)
    own = np.zeros((n, n), dtype=bool)
    for day, known in held.select("date", "known_on").iter_rows():
        own[(known - first).days, (day - first).days] = True
    beyond = 0 if last is None else max(0, (last - first).days + 1)
    known, day = _versions(added, own, beyond if held.height else 0)
    told = {
        c: base[c][known, day] + (added[COUNTED.index(c), known, day] if c in COUNTED else 0)
        for c in base
    }
    start = np.datetime64(first)
    return pl.DataFrame(
        {
            "place": [place] * len(day),
            "date": start + day,
            "known_on": start + known,
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
    eve = np.concatenate([np.zeros_like(added[:, :, :1]), added[:, :, :-1]], axis=2)
    dated = (added != eve).any(axis=(0, 1))
    starts = np.zeros((n, n), dtype=bool)
    starts[1:] = (added[:, 1:] != added[:, :-1]).any(axis=0) & (told | (days >= beyond) | dated)
    moved = (added != eve).any(axis=0)[days, days]
    starts[days, days] = (days >= beyond) | (~told & moved)
    wanted = (own | starts) & (days[:, None] >= days[None, :])
    day, known = np.nonzero(wanted.T)
    return known, day


def _added(moved: pl.DataFrame, first: date, n: int) -> Cube:
    """Give the sum of changes (column, known by, dated up to)."""
    cube = np.zeros((len(COUNTED), n, n))
    for column, day, known, change in moved.select(
        "column", "date", "known_on", "change"
    ).iter_rows():
        cube[COUNTED.index(column), (known - first).days, (day - first).days] += change
    return cube.cumsum(axis=1).cumsum(axis=2)


def _reported(held: pl.DataFrame, first: date, n: int) -> dict[str, Cube]:
    """Give each column as reported (known by, day), the last report carried forward."""
    found = {}
    for column in (*COUNTED, "imported"):
        cube = np.full((n, n), np.nan)
        rows = held.sort("known_on").select("date", "known_on", column)
        for day, known, value in rows.iter_rows():
            if value is not None:
                cube[(known - first).days :, (day - first).days] = value
        for d in range(1, n):
            gap = np.isnan(cube[:, d])
            cube[gap, d] = cube[gap, d - 1]
        found[column] = np.nan_to_num(cube) if column in COUNTED else cube
    return found
