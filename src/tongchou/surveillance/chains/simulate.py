"""Outbreaks with a known tree, to see whether the methods find it again."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from tongchou.vocabulary.distributions import Delay

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbreak:
    """How a simulated outbreak goes.

    Parameters
    ----------
    R, k
        Mean and dispersion of the number infected by one case (negative binomial).
    generation_time, incubation
        Days from infection to infection, and from infection to onset.
    seeds_per_day
        Cases infected by nobody on the list, a day, over ``days``.
    days
        Length of the time in which seeds come, days.
    household_share
        Share of infections that happen within the household of the infector.
    most
        Cases at which the outbreak is cut.
    """

    R: float
    k: float
    generation_time: Delay
    incubation: Delay
    seeds_per_day: float
    days: int
    household_share: float = 0.0
    most: int = 100_000


def simulate_outbreak(
    outbreak: Outbreak, rng: np.random.Generator, *, first: date = date(2020, 1, 20)
) -> pl.DataFrame:
    """Give one outbreak, all who were infected with their true infector.

    Parameters
    ----------
    outbreak
        How it goes.
    rng
        Random numbers.
    first
        Day on which the first seed may be infected.

    Returns
    -------
    DataFrame
        ``case_id, onset_on, household_id, true_infector`` (null for a seed) and
        ``before_onset``: whether the infection happened before the infector's onset.

    Examples
    --------
    >>> from tongchou.vocabulary.distributions import Gamma
    >>> how = Outbreak(R=0.8, k=0.5, generation_time=Gamma(mean=5, sd=2), incubation=Gamma(mean=5, sd=2),
    ...     seeds_per_day=1.0, days=30)
    >>> simulate_outbreak(how, np.random.default_rng(1)).columns
    ['case_id', 'onset_on', 'household_id', 'true_infector', 'before_onset']
    """
    seeds = int(rng.poisson(outbreak.seeds_per_day * outbreak.days))
    infected = np.sort(rng.uniform(0, outbreak.days, seeds))
    onset = infected + _draw(outbreak.incubation, seeds, rng)
    parent = np.full(seeds, -1, dtype=np.int64)
    household = np.arange(seeds, dtype=np.int64)
    early = np.zeros(seeds, dtype=bool)
    began = 0
    while began < len(parent) <= outbreak.most:
        at = np.arange(began, len(parent))
        began = len(parent)
        nu = rng.gamma(outbreak.k, outbreak.R / outbreak.k, len(at))
        by = np.repeat(at, rng.poisson(nu))
        when = infected[by] + _draw(outbreak.generation_time, len(by), rng)
        own = np.arange(began, began + len(by))
        same = rng.random(len(by)) < outbreak.household_share
        household = np.concatenate([household, np.where(same, household[by], own)])
        early = np.concatenate([early, when < onset[by]])
        infected = np.concatenate([infected, when])
        onset = np.concatenate([onset, when + _draw(outbreak.incubation, len(by), rng)])
        parent = np.concatenate([parent, by])
    return _table(parent, onset, household, early, first)


def _table(
    parent: Ints, onset: Floats, household: Ints, early: npt.NDArray[np.bool_], first: date
) -> pl.DataFrame:
    days = [first + timedelta(days=int(day)) for day in np.floor(onset)]
    return pl.DataFrame(
        {
            "case_id": [f"C{i}" for i in range(len(parent))],
            "onset_on": days,
            "household_id": [f"H{h}" for h in household],
            "true_infector": [f"C{i}" if i >= 0 else None for i in parent],
            "before_onset": early,
        },
        schema_overrides={"true_infector": pl.String, "onset_on": pl.Date},
    )


def _draw(delay: Delay, n: int, rng: np.random.Generator) -> Floats:
    return delay.quantile(rng.random(n))
