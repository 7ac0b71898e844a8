"""Where the people are today: infections behind the reports, lived through the course of illness.

A report of today is an infection of some days ago. Infections up to then follow from the reports,
those since from the reproduction number; all are then lived through the engine's own course, and
what is left of them is the state from which a forecast starts.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.transmission.metapopulation.chance import EXACT, EXPECTED
from tongchou.transmission.metapopulation.compartments import (
    COMPARTMENTS,
    CONFIRMED,
    COUNT,
    E1,
    TOLD,
    WEIGHT,
    S,
)
from tongchou.transmission.metapopulation.hospitals import beds_for_all
from tongchou.transmission.metapopulation.next_generation import infectious_days, next_generation
from tongchou.transmission.metapopulation.progression import progress
from tongchou.transmission.metapopulation.streams import open_stream, stretch
from tongchou.transmission.transmissibility import estimate_transmissibility
from tongchou.vocabulary.compiled import compiled
from tongchou.vocabulary.daily import daily_counts
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]

LONGEST = 75
"""Days of infections that are lived through; whoever was infected earlier has recovered or died."""

MATCHED = 7
"""Days whose reports the start agrees with (assumption: a week evens out the habits of weekdays)."""

WEIGHT_OF_ALL = 10.0
"""Weight of the common factor in that of a place, as cases (assumption, as in the renewal forecast)."""

PURPOSE = 2
"""Purpose, in the address of a stream, of what was lived before the first day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """States before the first day and transmissibility since, in draws that belong together.

    ``state`` (variant, place, age, compartment), persons; ``scale`` (variant, date, group): what
    multiplies a transmissibility of 1, with every place a group of its own; ``reproduction``
    (variant, place) on the first day ahead.
    """

    state: xr.DataArray
    scale: xr.DataArray
    reproduction: xr.DataArray


def generation_profile(course: Floats, *, isolate: float = 0.0, days: int = 60) -> Floats:
    """Give the share of its infections that a case causes on each day after its own, day 1 first.

    From the engine's step taken in expectation on one person, averaged over ages.

    Parameters
    ----------
    course
        Table of :func:`.course.course_of` for one step a day.
    isolate
        Hazard per day of being isolated after onset.
    """
    ages = course.shape[1]
    zero = np.uint64(0)
    infects = np.zeros(days)
    state = np.zeros((1, ages, COUNT))
    state[0, :, E1] = 1.0
    told = np.zeros((1, TOLD))
    for day in range(days):
        infects[day] = sum(course[WEIGHT : WEIGHT + COUNT, a] @ state[0, a] for a in range(ages))
        for a in range(ages):
            progress(state, 0, a, course, isolate, 0.0, 0.0, zero, zero, EXPECTED, told)
            beds_for_all(state, 0, a)
    return np.asarray(infects / infects.sum())


def start_from_reports(
    new_cases: xr.DataArray,
    people: xr.DataArray,
    course: Floats,
    intensity: Floats,
    assumptions: ForecastAssumptions,
    *,
    ascertainment: float,
    delay: int,
    isolate: float,
    horizon: int,
    variants: int,
    rng: np.random.Generator,
) -> Start:
    """Give states and transmissibility that agree with the reports of each place.

    With y_i(t) the reports, ρ the share of infections reported, d the days from infection to report::

        infections(t) = y(t + d) + NegBin(y(t + d), ρ)          t ≤ T − d
        infections(t) ~ Poisson(R(t) Σ_s g_s infections(t − s))    T − d < t ≤ T

    R that the reports show tonight is that of the infections of d days ago. From there on it takes
    the path that the renewal forecast draws (shrunk towards the common one, an excess over 1 halved,
    a fall kept and damped), first up to tonight and then ahead. g is the generation profile. Because
    the course spreads reports over many days and not over the d-th alone, all infections of a place
    are then multiplied so that the course, in expectation, gives as many confirmed in the last
    ``MATCHED`` days as were reported (places of few cases by the factor of all together).

    Parameters
    ----------
    new_cases : DataArray (place, date), persons per day
        Reports up to the last day known, without gaps.
    people : DataArray (place, age), persons
        Of the same places.
    course, intensity
        Course of illness, and contact intensity over all settings (age, contact age).
    ascertainment
        ρ, share.
    delay
        d, days.
    isolate
        Hazard per day of being isolated after onset, as in the timeline ahead.
    horizon
        Days ahead.
    variants
        Draws.

    Raises
    ------
    BadParameter
        If the places of cases and people differ, or the series is shorter than the delay.
    """
    counts = daily_counts(new_cases, "new_cases")
    people = people.transpose("place", "age")
    if list(counts["place"].values) != list(people["place"].values):
        raise BadParameter("people", people.sizes["place"], _PLACES)
    y = counts.to_numpy()[:, -LONGEST:]
    if y.shape[1] <= delay or not 0 < ascertainment <= 1:
        raise BadParameter("delay", f"{delay}; {ascertainment}", _DELAY)
    now = estimate_transmissibility(counts, assumptions)
    size = (variants, len(y))
    R = rng.gamma(now.shape, 1 / now.rate, size)
    g = generation_profile(course, isolate=isolate)
    log_R = _path(np.log(np.maximum(R, 1e-9)), now.trend, assumptions, delay + horizon, rng)
    infections = _infections(y, np.exp(log_R[:, :delay]), g, ascertainment, delay, rng)
    matrix = next_generation(
        course, intensity, people.sum("place").to_numpy(), infectious_days(course, isolate=isolate)
    )
    values, vectors = np.linalg.eig(matrix)
    lead = int(np.abs(values).argmax())
    by_age = np.abs(vectors[:, lead].real)
    infections = _matched(infections, y, course, isolate, rng)
    state = np.zeros((variants, *people.shape, COUNT))
    state[..., S] = people.to_numpy()
    for v in range(variants):
        share = by_age * people.to_numpy() / people.sum("place").to_numpy()
        total = share.sum(axis=1, keepdims=True)
        share = np.divide(share, total, out=np.zeros_like(share), where=total > 0)
        fresh = rng.multinomial(infections[v].astype(np.int64), share[:, None, :]).astype(float)
        _live_through(state[v], fresh, course, isolate, np.uint64(rng.integers(2**63)), v, EXACT)
    dates = counts["date"].to_numpy()[-1] + np.arange(1, horizon + 1) * np.timedelta64(1, "D")
    names = [str(p) for p in people["place"].values]
    return Start(
        state=xr.DataArray(
            state,
            {"place": names, "age": people["age"].values, "compartment": list(COMPARTMENTS)},
            ("variant", "place", "age", "compartment"),
        ),
        scale=xr.DataArray(
            np.exp(log_R[:, delay:]) / float(np.abs(values[lead])),
            {"date": dates, "group": names},
            ("variant", "date", "group"),
        ),
        reproduction=xr.DataArray(np.exp(log_R[:, delay]), {"place": names}, ("variant", "place")),
    )


def _infections(
    y: Floats, R: Floats, g: Floats, ascertainment: float, delay: int, rng: np.random.Generator
) -> Floats:
    """Give infections (variant, place, day) up to the last day; R is (variant, day, place) of the days unreported."""
    variants, (places, length) = len(R), y.shape
    found = np.zeros((variants, places, length))
    seen = np.maximum(y[:, delay:], 0)
    missed = rng.negative_binomial(np.maximum(seen, 1), ascertainment, (variants, *seen.shape))
    found[..., : length - delay] = seen + np.where(seen > 0, missed, 0)
    for day in range(length - delay, length):
        back = min(day, len(g))
        pressure = found[..., day - back : day] @ g[:back][::-1]
        found[..., day] = rng.poisson(R[:, day - length + delay] * pressure)
    return found


def _matched(
    infections: Floats, y: Floats, course: Floats, isolate: float, rng: np.random.Generator
) -> Floats:
    """Scale infections (variant, place, day) to the reports of the last days, whole persons again."""
    ages = course.shape[1]
    mean = infections.mean(axis=0)
    state = np.zeros((len(y), ages, COUNT))
    state[..., S] = np.inf
    fresh = np.repeat(mean[:, :, None] / ages, ages, axis=2)
    confirmed = _live_through(state, fresh, course, isolate, np.uint64(0), 0, EXPECTED)
    given = confirmed[:, -MATCHED:].sum(axis=1)
    seen = y[:, -MATCHED:].sum(axis=1)
    together = seen.sum() / given.sum() if given.sum() > 0 else 1.0
    factor = (seen + WEIGHT_OF_ALL * together) / (given + WEIGHT_OF_ALL)
    scaled = infections * factor[None, :, None]
    return np.asarray(np.floor(scaled + rng.random(scaled.shape)))


def _path(
    x: Floats, trend: Any, assumptions: ForecastAssumptions, days: int, rng: np.random.Generator
) -> Floats:
    """Give paths of log R (variant, day, place) as the renewal forecast draws them."""
    ceiling = np.log(assumptions.reproduction_ceiling)
    answer = 0.5 ** (1 / assumptions.response_half_life)
    path = np.empty((x.shape[0], days, x.shape[1]))
    for day in range(days):
        x = np.where(x > 0, answer * x, x) + trend
        drift = rng.standard_normal(
            (len(x), 1)
        )  # what nobody foresees comes over all places together
        x = np.minimum(x + assumptions.drift_sd * drift, ceiling)
        trend = trend * assumptions.trend_damping
        path[:, day] = x
    return path


@compiled(nogil=True)
def _live_through(
    state: Any, fresh: Any, course: Any, isolate: float, seed: Any, variant: int, mode: int
) -> Any:
    """Let infections (place, day, age) run their course into ``state``; give the confirmed (place, day)."""
    places, days, ages = fresh.shape
    told = np.zeros((places, TOLD))
    confirmed = np.zeros((places, days))
    for i in range(places):
        begun = False
        for day in range(days):
            for a in range(ages):
                begun = begun or fresh[i, day, a] > 0.0
            if not begun:
                continue
            before = told[i, CONFIRMED]
            opened, step = open_stream(seed, variant, day, i, PURPOSE)
            for a in range(ages):
                start = stretch(opened, step, a)
                progress(state, i, a, course, isolate, 0.0, 0.0, start, step, mode, told)
                beds_for_all(state, i, a)
                new = min(fresh[i, day, a], state[i, a, S])
                state[i, a, S] -= new
                state[i, a, E1] += new
            confirmed[i, day] = told[i, CONFIRMED] - before
    return confirmed


_PLACES = Text(
    zh="病例与人口的地区须相同且次序一致。",
    en="cases and people must be of the same places in the same order.",
)
_DELAY = Text(
    zh="序列须长于感染到报告的天数，且报告比例在 0 与 1 之间。",
    en="the series must be longer than the days from infection to report, and the share reported between 0 and 1.",
)
