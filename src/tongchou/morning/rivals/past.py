"""How the members have done: made again on past days, scored by what came, and weighed by it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr

from tongchou.morning.picture import Picture, with_quiet_past
from tongchou.morning.rivals.members import as_it_stood
from tongchou.transmission.score import coverage, persistence, weighted_interval_score
from tongchou.transmission.training import Training

Floats = npt.NDArray[np.float64]

LEAST_DAYS = 7
"""Days of a pack before a forecast made on it is scored (assumption: one window of R)."""

EVERY, EARLIEST, LATEST = 4, 14, 3
"""Past forecasts are made on each fourth day of the calendar, between 14 and 3 days back: always three,
and mostly the same three on two nights that follow one another."""

BASELINE = "persistence"
"""Scored beside the members as a yardstick; no member."""

Remake = Callable[[Picture], Mapping[str, xr.DataArray]]
"""Makes the members again for a past picture: by name, daily quantiles (place, date, quantile) of the scope."""

SCORES = {
    "made_on": pl.Date,
    "member": pl.String,
    "date": pl.Date,
    "observed": pl.Float64,
    "median": pl.Float64,
    "wis": pl.Float64,
    "in95": pl.Float64,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Past forecasts, their scores, and the weights that follow.

    ``scores``: made_on, member (the baseline too), date, observed, median, wis, in95. ``made`` holds the
    forecasts by what they were made from, for another night that would make the same again.
    """

    weights: Mapping[str, float]
    scores: pl.DataFrame
    made: Mapping[tuple[object, ...], Mapping[str, xr.DataArray]] = field(repr=False)

    def summary(self) -> pl.DataFrame:
        """Give the mean score by member: member, days, wis, in95; the best first."""
        return (
            self.scores.group_by("member")
            .agg(pl.len().alias("days"), pl.col("wis", "in95").mean())
            .sort("wis", "member")
        )


def past_origins(picture: Picture) -> list[date]:
    """Give the last days known of the forecasts made again, earliest first.

    A pack younger than a week on such a day has none.
    """
    cut, first = picture.situation.cut, picture.situation.origin.first
    days = [cut - timedelta(days=back) for back in range(EARLIEST, LATEST - 1, -1)]
    return [d for d in days if d.toordinal() % EVERY == 0 and (d - first).days >= LEAST_DAYS]


def weigh(
    picture: Picture, names: tuple[str, ...], remake: Remake, known: Past | None = None
) -> Past:
    """Give the weights of the members, by how well they foresaw the area as a whole.

    On each past day both are made again from tonight's analytic series cut there, so corrections known
    tonight are in it, to both alike; mobility and measures are as known that day. Scored are the days up
    to tonight, by weighted interval score; weights follow by the rule of
    :class:`tongchou.transmission.training.Training`, equal where nothing can be scored. The scores of the
    area's own total decide for its parts too: over its parts most days are 0, which a forecast that never
    expects a case foresees best.

    Parameters
    ----------
    picture
        Tonight's.
    names
        Of the members; with one there is nothing to weigh.
    remake
        See :data:`Remake`.
    known
        The past of another night: forecasts made from the same are taken from there.
    """
    if len(names) < 2:
        return Past(weights=dict.fromkeys(names, 1.0), scores=pl.DataFrame(schema=SCORES), made={})
    place = [picture.scope.place]
    counts = with_quiet_past(picture.analytic.sel(place=place))
    training = Training(of=names)
    made, scored = {}, []
    for origin in past_origins(picture):
        then = as_it_stood(picture, (picture.situation.cut - origin).days)
        key = _made_from(then)
        held = {} if known is None else known.made
        made[key] = held[key] if key in held else remake(then)
        series = with_quiet_past(then.analytic.sel(place=place))
        training.learn(series)
        training.remember(made[key])
        rivals = {**made[key], BASELINE: persistence(series)}
        scored.append(_scores(origin, rivals, counts))
    training.learn(counts)
    return Past(
        weights=training.weights(),
        scores=pl.concat(scored) if scored else pl.DataFrame(schema=SCORES),
        made=made,
    )


def _made_from(picture: Picture) -> tuple[object, ...]:
    scope, series = picture.scope, picture.analytic
    return (
        picture.situation.cut,
        scope.place,
        scope.units,
        tuple(series["place"].values),
        series.to_numpy().tobytes(),
    )


def _scores(origin: date, rivals: Mapping[str, xr.DataArray], counts: xr.DataArray) -> pl.DataFrame:
    """Score the forecasts of one past day; all at once, since aligning labels costs more than the sums."""
    days = np.intersect1d(next(iter(rivals.values()))["date"], counts["date"])
    stacked = xr.concat(list(rivals.values()), dim="member", join="exact").sel(date=days)
    came = counts.sel(date=days).expand_dims(member=len(rivals))

    def flat(values: xr.DataArray) -> Floats:
        return values.transpose("member", "place", "date").to_numpy().ravel().astype(float)

    return pl.DataFrame(
        {
            "made_on": [origin] * (len(rivals) * len(days)),
            "member": np.repeat(list(rivals), len(days)).tolist(),
            "date": [d.astype("datetime64[D]").item() for d in days] * len(rivals),
            "observed": flat(came),
            "median": flat(stacked.sel(quantile=0.5)),
            "wis": flat(weighted_interval_score(stacked, came)),
            "in95": flat(coverage(stacked, came, 0.95)),
        },
        schema=SCORES,
    )
