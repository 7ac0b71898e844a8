"""A Bayesian nowcast of all places at once: what is known of one day or place helps the others."""

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.surveillance.nowcasting.drawing import LEAST, draw_course, draw_open_days
from tongchou.surveillance.nowcasting.intensity import (
    APART_SD,
    GROWTH_SD,
    Course,
    bands,
    fit_courses,
    level,
)
from tongchou.surveillance.nowcasting.places import Places, fit_places
from tongchou.surveillance.nowcasting.reporting import FAR, Reporting, fit_reporting
from tongchou.surveillance.nowcasting.triangle import Counts, Triangle
from tongchou.surveillance.nowcasting.undated import draw_onsets
from tongchou.surveillance.nowcasting.weighing import keep_likely
from tongchou.vocabulary.parameter import parameter

Floats = npt.NDArray[np.float64]

DRAWS = int(parameter("nowcast_draws").value)
HIGHEST = 16.0
"""Log of nine million cases a day, beyond which a draw is held."""
ROUNDS = 2
"""Rounds in which reporting and places are fitted in turn."""
IMPUTATIONS = 5
PROPOSALS = 4
"""Draws of the hazard for one that is kept."""


def nowcast_draws(
    triangle: Triangle, *, draws: int = DRAWS, rng: np.random.Generator
) -> xr.DataArray:
    """Draw the cases by onset with those not yet reported, for all places together.

    Three layers, each fitted in the light of the others:

    1. *Reporting* (:func:`~tongchou.surveillance.nowcasting.reporting.fit_reporting`): the hazard of being
       reported by delay and by day of the calendar, common to all places.
    2. *Places* (:func:`~tongchou.surveillance.nowcasting.places.fit_places`): each place is faster or slower by e^u,
       and single days are uneven: with F the share reported by now,
       y | N ~ BetaBinomial(N, M F, M (1 − F)).
    3. *Course* (:func:`~tongchou.surveillance.nowcasting.intensity.fit_courses`): N_t ~ NegativeBinomial(mean e^(c_t + x_t),
       size r), c the course of all places together and x that of the place around it, both smooth
       with growth that lasts for a while.

    A draw takes one set of reporting parameters and one common course for all places, so a sum over places carries their common
    uncertainty. Cases without an onset are given one five times over, in equal shares of the draws.

    Parameters
    ----------
    triangle
        See :func:`~tongchou.surveillance.nowcasting.triangle.reporting_triangle`.
    draws
        Number of draws.
    rng
        Source of chance.

    Returns
    -------
    DataArray (draw, place, date), persons per day
        Days older than the longest delay are complete and alike in all draws (but for cases without an onset).

    References
    ----------
    Höhle M, an der Heiden M. Biometrics 2014;70:993-1002, doi 10.1111/biom.12194. Stoner O, Economou T. Biometrics
    2020;76:789-798, doi 10.1111/biom.13188 (overdispersed shares). Günther F et al. Biom J 2021;63:490-502,
    doi 10.1002/bimj.202000112. Rue H, Martino S, Chopin N. J R Stat Soc B 2009;71:319-392,
    doi 10.1111/j.1467-9868.2008.00700.x (Laplace approximations of such models).
    """
    cells = triangle.cells()
    reporting, places = fit_delays(cells, _weekdays(triangle))
    known = cells.sum(axis=2)
    # Place by place in memory, as they are drawn and summed up; the dimensions stand as elsewhere.
    result = np.empty((len(known), draws, known.shape[1]), dtype=np.int32)
    times = IMPUTATIONS if bool(triangle.undated.any()) else 1
    for part in np.array_split(np.arange(draws), times):
        seen = known + draw_onsets(triangle, rng)
        result[:, part[0] : part[-1] + 1] = seen[:, None]
        _draw_missing(seen, reporting, places, part, result, rng)
    coords = {
        "draw": np.arange(draws),
        "place": triangle.counts["place"],
        "date": triangle.counts["date"],
    }
    attrs = {"units": "persons per day"}
    return xr.DataArray(result.transpose(1, 0, 2), coords, ("draw", "place", "date"), attrs=attrs)


def fit_delays(cells: Counts, weekday: npt.NDArray[np.int64]) -> tuple[Reporting, Places]:
    """Give the common hazard of report and what places and days differ by, each in the light of the other."""
    weight = np.ones(cells.shape[:2])
    for far in (0.0,) * (ROUNDS - 1) + (FAR,):
        reporting = fit_reporting((cells * weight[:, :, None]).sum(axis=0), weekday, far)
        places = fit_places(cells, reporting.hazards())
        M = places.precision
        weight = (1 + M) / (np.maximum(cells.sum(axis=2), 1) + M)
    return reporting, places


def _draw_missing(
    seen: Counts,
    reporting: Reporting,
    places: Places,
    part: npt.NDArray[np.int64],
    result: Counts,
    rng: np.random.Generator,
) -> None:
    """Add the cases of the open days not yet reported to the draws ``part`` of ``result``."""
    days = seen.shape[1]
    width = min(reporting.delays, days)
    y = seen.astype(float)
    M = places.precision
    total, together = y.sum(axis=0), M * _effective(y.sum(axis=1))
    proposed = reporting.cumulated(reporting.draws(PROPOSALS * len(part), rng))[:, -width:]
    hazard = keep_likely(total, proposed, together, len(part), rng)
    speed = np.exp(places.draws(len(part), rng))
    share = np.ones_like(y)
    share[:, -width:] = -np.expm1(-speed.mean(axis=0)[:, None] * hazard.mean(axis=0))
    share = np.maximum(share, LEAST)
    common, lift = np.zeros(days), np.ones((len(part), width))
    apart = GROWTH_SD
    if len(y) > 1:
        common, middle = _common_course(total, hazard, together, rng)
        lift = np.exp(np.minimum(middle, HIGHEST))
        apart = APART_SD
    exposure = share * np.exp(common)
    courses = fit_courses(y, exposure, (1 - share) / (share * (M + 1)), apart)
    for course, mine in _shared_out(courses, len(part), rng):
        seeds = rng.integers(0, 2**32, len(y), dtype=np.uint32)
        draw_open_days(
            y, common, lift[mine], hazard[mine], speed[mine], bands(days, course.memory, course.step),
            level(y, exposure), 1 / course.excess, M, seeds, part[mine], result,
        )  # fmt: skip


def _effective(sums: Floats) -> float:
    """Give the effective number of independent places, (Σ N)² / Σ N²: together they are as uneven as so many."""
    return float(max(sums.sum() ** 2 / max((sums**2).sum(), 1.0), 1.0))


def _common_course(
    total: Floats, hazard: Floats, M: float, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Give the log course of all places together: its mode, and draws of the open days."""
    days, width = len(total), hazard.shape[1]
    share = np.ones(days)
    share[-width:] = np.maximum(-np.expm1(-hazard.mean(axis=0)), LEAST)
    uneven = (1 - share) / (share * (M + 1))
    mode, draws = np.zeros(days), np.zeros((len(hazard), width))
    courses = fit_courses(total[None], share[None], uneven[None])
    for number, (course, mine) in enumerate(_shared_out(courses, len(hazard), rng)):
        x, draws[mine] = draw_course(
            total, share, hazard[mine], bands(days, course.memory, course.step),
            level(total, share), 1 / course.excess, M, rng.integers(0, 2**32),
        )  # fmt: skip
        mode = x if number == 0 else mode
    return mode, draws


def _shared_out(
    courses: tuple[Course, ...], draws: int, rng: np.random.Generator
) -> list[tuple[Course, npt.NDArray[np.int64]]]:
    """Give each setting its share of the draws, by weight; the likeliest first."""
    courses = tuple(sorted(courses, key=lambda course: -course.weight))
    weights = np.array([course.weight for course in courses])
    turn = rng.choice(len(courses), size=draws, p=weights / weights.sum())
    parts = [(course, np.flatnonzero(turn == k)) for k, course in enumerate(courses)]
    return [(course, mine) for course, mine in parts if len(mine)]


def _weekdays(triangle: Triangle) -> npt.NDArray[np.int64]:
    days = triangle.counts["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    return np.asarray((days + 3) % 7)
