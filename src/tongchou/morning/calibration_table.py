"""A night's fit as rows: R, share reported, infections and reported counts, by area and day, with bands."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from tongchou.morning.calibrated import NightFit

Floats = npt.NDArray[np.float64]

BANDS = {"q025": 0.025, "q25": 0.25, "median": 0.5, "q75": 0.75, "q975": 0.975}
VARIABLES = ("reproduction", "reporting", "infections", "reported")


def table(fit: NightFit) -> pl.DataFrame:
    """Give one row for each variable, area and day of the fit.

    R of an area is the mean over its groups of places, weighed by their infections; the share reported is
    that of the infections whose report falls on the day. ``reported`` is a count as it might have come,
    chance of the count included; ``observed`` beside it is what came.

    Returns
    -------
    DataFrame
        variable, place, date, mean, q025, q25, median, q75, q975, observed (null where it does not apply).
    """
    dates = fit.calibration.model.dates.astype("datetime64[D]")
    parts = []
    for place, variable, draws, observed in _draws(fit):
        columns = {n: np.quantile(draws, q, axis=0) for n, q in BANDS.items()}
        parts.append(
            pl.DataFrame(
                {"variable": variable, "place": place, "date": dates, "mean": draws.mean(axis=0)}
                | columns
                | {"observed": observed if observed is not None else np.full(len(dates), np.nan)}
            ).with_columns(pl.col("observed").fill_nan(None))
        )
    return pl.concat(parts)


def _draws(fit: NightFit) -> Iterator[tuple[str, str, Floats, Floats | None]]:
    """Give for each area and variable the draws (draw, day) and what was observed (day)."""
    found = fit.calibration
    days, group = len(found.model.dates), found.model.group
    R = np.exp(found.parameters.log_reproduction[:, :days])
    share = found.parameters.reporting[:, :days]
    count = found.predicted_places(rng=np.random.default_rng(fit.seed))
    seen = found.observed.sel(place=fit.ground.places).to_numpy()
    for place, members in areas_of(fit).items():
        at = [fit.ground.places.index(m) for m in members]
        infections = found.infections[..., at].astype(float)
        arriving = np.maximum(found.arriving[..., at].astype(float), 0.0)
        weight, told = infections + 1e-9, arriving + 1e-9
        observed = np.full(days, np.nan)
        observed[days - seen.shape[1] :] = seen[at].sum(axis=0)
        yield place, "reproduction", (R[..., group[at]] * weight).sum(2) / weight.sum(2), None
        yield place, "reporting", (share[..., group[at]] * told).sum(2) / told.sum(2), None
        yield place, "infections", infections.sum(axis=2), None
        yield place, "reported", count[..., at].sum(axis=2), observed


def areas_of(fit: NightFit) -> dict[str, list[str]]:
    """Give the places of the scope, of its areas, and of those areas that are places themselves."""
    scope = fit.picture.scope
    return fit.areas | {a: [a] for a in scope.areas if a in fit.ground.places}
