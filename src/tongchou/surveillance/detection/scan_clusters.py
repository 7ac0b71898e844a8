"""What a scan found: the clusters, their places, and what each place is told."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr

from tongchou.surveillance.detection.scan_zones import Circles

Floats = npt.NDArray[np.float64]

MOST_CLUSTERS = 20
"""Clusters listed; those after are never near significance."""
TIE = 1e-9
"""Counts are whole, so equal scores occur; they may differ in the last digit they were summed to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What a scan found.

    Parameters
    ----------
    clusters
        One row per cluster, the most likely first: ``cluster, centre, radius_km, places, first,
        last, observed, expected, relative_risk, score, p_value, recurrence_days``.
    members
        One row per place of a cluster, nearest to the centre first: ``cluster, place, observed,
        expected, relative_risk``.
    highest : array (replicate)
        Score of the most likely cluster of each random replicate, highest first.
    critical
        The score that must be exceeded for p ≤ ``alpha``.
    alpha
        p at which a cluster is an alarm.
    as_of
        Last date of the counts; every cluster ends on it.
    total
        All cases in the whole period.
    by_place : Dataset (place, date)
        For the last date: ``observed`` and ``expected``, cases of that step in the place itself;
        ``score``, that of the cluster it lies in, 0 in none; ``threshold``, the critical score;
        ``alarm``, score above threshold.
    """

    clusters: pl.DataFrame
    members: pl.DataFrame
    highest: Floats
    critical: float
    alpha: float
    as_of: date
    total: int
    by_place: xr.Dataset

    @property
    def alarms(self) -> pl.DataFrame:
        """Give the clusters whose score exceeds the critical one."""
        return self.clusters.filter(pl.col("score") > self.critical)


def gather(
    cases: xr.DataArray,
    counted: Floats,
    expected: Floats,
    total: float,
    zones: Circles,
    score: Floats,
    length: npt.NDArray[np.int32],
    highest: Floats,
    critical: float,
    alpha: float,
    days: int,
) -> Scan:
    """Give the clusters out of the scores of all circles.

    Parameters
    ----------
    cases : DataArray (place, date)
        For its labels.
    counted, expected : array (place, length)
        Sums over the last 1, 2, … steps.
    total
        All cases.
    zones
        The circles.
    score, length : array (row of ``zones.members``)
        Best score of the circle that ends there, and the length less one that gives it.
    highest : array (replicate)
        Scores of the replicates, highest first.
    critical
        Score that must be exceeded.
    alpha
        p that belongs to it.
    days
        Days in a step.
    """
    last = cases["date"].to_numpy()[-1].astype("datetime64[D]").item()
    rows, members = [], []
    of_place = np.zeros(len(zones.places))
    for number, (centre, row) in enumerate(apart(score, zones), start=1):
        inside, t = zones.of(centre, row), int(length[row])
        c, mu = float(counted[inside, t].sum()), float(expected[inside, t].sum())
        p = p_value(float(score[row]), highest)
        of_place[inside] = score[row]
        first = last - timedelta(days=t * days)
        rows.append(
            (
                number, zones.places[centre], float(zones.radius_km[row]), len(inside), first, last,
                int(c), mu, relative_risk(c, mu, total), float(score[row]), p, days / p,
            )
        )  # fmt: skip
        members += [
            (
                number, zones.places[place], int(counted[place, t]), float(expected[place, t]),
                relative_risk(counted[place, t], expected[place, t], total),
            )
            for place in inside
        ]  # fmt: skip
    return Scan(
        clusters=pl.DataFrame(rows, schema=_CLUSTERS, orient="row"),
        members=pl.DataFrame(members, schema=_MEMBERS, orient="row"),
        highest=highest,
        critical=critical,
        alpha=alpha,
        as_of=last,
        total=int(total),
        by_place=_by_place(cases, counted[:, 0], expected[:, 0], of_place, critical),
    )


def _by_place(
    cases: xr.DataArray, observed: Floats, expected: Floats, score: Floats, critical: float
) -> xr.Dataset:
    last = cases.transpose("place", "date").isel(date=slice(-1, None))
    variables: dict[str, tuple[npt.ArrayLike, str]] = {
        "observed": (observed, "persons per step"),
        "expected": (expected, "persons per step"),
        "threshold": (np.full(len(score), critical), "log likelihood ratio"),
        "score": (score, "log likelihood ratio"),
        "alarm": (score > critical, "true or false"),
    }
    result = xr.Dataset()
    for name, (values, units) in variables.items():
        result[name] = last.copy(data=np.asarray(values)[:, None])
        result[name].attrs = {"units": units}
    return result


def apart(score: Floats, zones: Circles) -> list[tuple[int, int]]:
    """Give centre and row of the best circle, then of the best that shares no place with those before."""
    centres = np.repeat(np.arange(len(zones.places)), np.diff(zones.starts))
    free = score.copy()
    taken = np.zeros(len(zones.places), dtype=bool)
    found = []
    for _ in range(MOST_CLUSTERS):
        best = free.max(initial=0.0)
        if best <= 0:
            break
        equal = np.flatnonzero(free >= best * (1 - TIE))
        row = int(equal[zones.radius_km[equal].argmin()])
        centre = int(centres[row])
        found.append((centre, row))
        taken[zones.of(centre, row)] = True
        # A circle that holds a taken place: every one from where that place enters.
        touched = np.cumsum(taken[zones.members])
        before = np.concatenate([[0], touched])[zones.starts[:-1]]
        free[touched > before[centres]] = 0
    return found


def p_value(score: float, highest: Floats) -> float:
    """Give the rank of a score among those of the replicates; beyond the highest, by Gumbel.

    >>> p_value(3.0, np.array([5.0, 3.0, 2.0, 1.0]))
    0.6
    """
    beaten_by = int((highest >= score * (1 - TIE)).sum())
    rank = (1 + beaten_by) / (len(highest) + 1)
    if beaten_by or len(highest) < 2:
        return rank
    scale = highest.std(ddof=1) * np.sqrt(6) / np.pi
    if not scale > 0:
        return rank
    z = (score - highest.mean()) / scale + np.euler_gamma
    return max(min(rank, float(-np.expm1(-np.exp(-z)))), np.finfo(float).tiny)


def relative_risk(c: float, mu: float, total: float) -> float | None:
    """Give the risk inside over the risk outside, None where there is no case outside."""
    return None if c >= total or mu <= 0 else float(c / mu / ((total - c) / (total - mu)))


_CLUSTERS = {
    "cluster": pl.Int64, "centre": pl.String, "radius_km": pl.Float64, "places": pl.Int64,
    "first": pl.Date, "last": pl.Date, "observed": pl.Int64, "expected": pl.Float64,
    "relative_risk": pl.Float64, "score": pl.Float64, "p_value": pl.Float64,
    "recurrence_days": pl.Float64,
}  # fmt: skip
_MEMBERS = {
    "cluster": pl.Int64, "place": pl.String, "observed": pl.Int64, "expected": pl.Float64,
    "relative_risk": pl.Float64,
}  # fmt: skip
