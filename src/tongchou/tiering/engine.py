"""The rule applied to all places and dates at once."""

import numpy as np
import polars as pl
import xarray as xr
from numpy.typing import NDArray

from tongchou.tiering.counts import Counts, Flags, Whole, prepare_counts, within
from tongchou.tiering.rules import TIERS, UNKNOWN, TierRule, TierRules

Codes = NDArray[np.int8]


def apply_rules(
    counts: Counts,
    rules: TierRules,
    at: Whole,
    *,
    ahead: int = 0,
    extra: int = 0,
    clustered: bool = False,
) -> tuple[Codes, Codes]:
    """Give the tier and the clause that fired, each (place, at), as codes.

    Parameters
    ----------
    at
        Columns of the dates to judge.
    ahead
        Judge as if so many days without any new case had followed.
    extra
        Judge as if so many more cases had been confirmed on the day itself.
    clustered
        Whether those extra cases belong to one cluster with the recent ones, if together they
        are enough for a cluster.
    """
    shape = (counts.cumulative.shape[0], at.size)
    tier = np.full(shape, UNKNOWN, dtype=np.int8)
    fired = np.full(shape, UNKNOWN, dtype=np.int8)
    open_ = counts.reported_once[:, at]
    cumulative = counts.cumulative[:, at] + extra
    for position, clause in enumerate(rules.clauses):
        fits = open_ & _cumulative_fits(clause, cumulative)
        if clause.new != "any":
            new = within(counts.new_to, at, clause.window_days - ahead) + extra
            fits &= (new > 0) == (clause.new == "some")
        if clause.cluster != "any":
            seen = cluster_seen(counts, clause, at, ahead=ahead, extra=extra, clustered=clustered)
            fits &= seen == (clause.cluster == "some")
        tier[fits], fired[fits] = TIERS.index(clause.tier), position
        open_ = open_ & ~fits
    return tier, fired


def cluster_seen(
    counts: Counts,
    clause: TierRule,
    at: Whole,
    *,
    ahead: int = 0,
    extra: int = 0,
    clustered: bool = False,
) -> Flags:
    """Give whether a cluster fell within the window, known or assumed, (place, at)."""
    recent = within(counts.new_to, at, clause.cluster_window_days - ahead) + extra
    enough = recent >= clause.cluster_size
    known = within(counts.clusters_to, at, clause.window_days - ahead) > 0
    if clustered:
        known = known | enough
    assumed = {
        "count": enough,
        "absent": np.zeros_like(enough),
        "present": np.ones_like(enough),
    }[clause.cluster_when_unknown]
    seen: Flags = np.where(counts.cluster_known[:, None], known, assumed)
    return seen


def tier_history(
    confirmed_total: xr.DataArray,
    rules: TierRules,
    *,
    new_confirmed: xr.DataArray | None = None,
    clusters: xr.DataArray | None = None,
) -> xr.Dataset:
    """Give the tier of every place on every date, as known from the cube.

    Parameters
    ----------
    confirmed_total, new_confirmed, clusters
        As in :func:`tongchou.tiering.counts.prepare_counts`.
    rules
        The rule, from :func:`tongchou.tiering.rules.tier_rules`.

    Returns
    -------
    xarray.Dataset
        Over (place, date): ``tier`` (0 low, 1 medium, 2 high, -1 never reported), ``clause``
        (position of the clause that fired), ``days_since_last`` (days, NaN for no case),
        ``new`` (persons within the longest window), ``cumulative`` (persons).

    Examples
    --------
    >>> from tongchou.tiering.rules import tier_rules
    >>> days = np.array(["2020-02-01", "2020-02-02"], dtype="datetime64[ns]")
    >>> cube = xr.DataArray([[50, 51]], dims=("place", "date"),
    ...                     coords={"place": ["420102"], "date": days})
    >>> tier_history(cube, tier_rules())["tier"].values
    array([[1, 2]], dtype=int8)
    """
    counts = prepare_counts(confirmed_total, new_confirmed, clusters)
    at = np.arange(counts.dates.size)
    tier, clause = apply_rules(counts, rules, at)
    cubes = {
        "tier": (tier, "code: 0 low, 1 medium, 2 high, -1 never reported"),
        "clause": (clause, "position of the clause in the rule"),
        "days_since_last": (counts.days_since_last(at), "days"),
        "new": (within(counts.new_to, at, rules.window_days), "persons"),
        "cumulative": (counts.cumulative, "persons"),
    }
    return xr.Dataset(
        {
            name: (("place", "date"), values, {"units": units})
            for name, (values, units) in cubes.items()
        },
        coords={"place": counts.places, "date": counts.dates},
    )


def tier_changes(history: xr.Dataset, within_days: int = 14) -> pl.DataFrame:
    """Give every change of tier, and whether it undid a change of the days before.

    Returns
    -------
    polars.DataFrame
        place, date, from_tier, to_tier, reversal (true if the same place moved the other way
        within ``within_days``).
    """
    codes = history["tier"].to_numpy()
    place, step = np.nonzero(np.diff(codes, axis=1))
    before, after = codes[place, step], codes[place, step + 1]
    seen = (before != UNKNOWN) & (after != UNKNOWN)
    names = pl.Series([*TIERS], dtype=pl.Utf8)
    moves = pl.DataFrame(
        {
            "place": history["place"].to_numpy()[place[seen]],
            "date": history["date"].to_numpy()[step[seen] + 1],
            "from_tier": names.gather(before[seen].astype(np.uint32)),
            "to_tier": names.gather(after[seen].astype(np.uint32)),
            "direction": np.sign(after[seen].astype(int) - before[seen].astype(int)),
        },
        schema_overrides={"place": pl.Utf8},
    ).with_columns(pl.col("date").cast(pl.Date))
    earlier = pl.col("date").shift(1).over("place")
    other_way = pl.col("direction").shift(1).over("place") != pl.col("direction")
    recent = (pl.col("date") - earlier) <= pl.duration(days=within_days)
    return moves.with_columns(reversal=(other_way & recent).fill_null(False)).drop("direction")


def _cumulative_fits(clause: TierRule, cumulative: Whole) -> Flags:
    match clause.cumulative:
        case "zero":
            fits: Flags = cumulative == 0
        case "at_most":
            fits = cumulative <= clause.threshold
        case "over":
            fits = cumulative > clause.threshold
        case _:
            fits = np.ones_like(cumulative, dtype=np.bool_)
    return fits
