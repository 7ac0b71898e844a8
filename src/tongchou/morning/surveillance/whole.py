"""The survey of one night: every part of it found, or the table named that it would need."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import numpy as np
import polars as pl
import xarray as xr

from tongchou.morning.scope import Scope
from tongchou.morning.surveillance.alerts import Alert, find_alerts, points_of
from tongchou.morning.surveillance.blind import quiet_places
from tongchou.morning.surveillance.chains import recent_chains
from tongchou.morning.surveillance.onsets import Onsets, confirmed_cases, estimate_onsets
from tongchou.morning.surveillance.severity import severity_tables
from tongchou.situation.situation import Situation
from tongchou.surveillance.chains.study import ChainStudy
from tongchou.surveillance.delays import EARLIES
from tongchou.surveillance.timeliness.late import late_cases
from tongchou.surveillance.timeliness.lost import lost_days
from tongchou.surveillance.timeliness.strata import estimate_delays
from tongchou.vocabulary.distributions import Gamma
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.text import Text

Found = TypeVar("Found")

RECENT_DAYS = 28
"""Onsets of so many days make a delay of "now" (assumption: the longest delay of interest, twice)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What surveillance adds to the counts of an area.

    Each part is what was found, or the :class:`MissingData` that says which table it would need.
    ``delays``: the four earlies as distributions, censoring and truncation corrected; ``steps``: days
    lost in each step of the path and the slowest (:func:`.lost_days`); ``late``: cases
    beyond a service level, counted by clock and place; ``blind_spots``: questions to units.
    """

    onsets: Onsets | MissingData
    delays: pl.DataFrame | MissingData
    steps: pl.DataFrame | MissingData
    late: pl.DataFrame | MissingData
    severity: pl.DataFrame | MissingData
    chains: ChainStudy | MissingData
    alerts: tuple[Alert, ...]
    blind_spots: pl.DataFrame


def survey(
    situation: Situation,
    scope: Scope,
    counts: xr.Dataset,
    analytic: xr.DataArray,
    serial_interval: Gamma,
    rng: np.random.Generator,
) -> Survey:
    """Survey an area.

    Parameters
    ----------
    counts : Dataset (place, date)
        Cumulative counts and ``observed``, of the area's units at least.
    analytic : DataArray (place, date), persons per day
        New cases of the same with backlog spread back.
    rng
        Each part has a stream of its own.
    """
    for_onsets, for_chains, for_alerts = rng.spawn(3)
    return Survey(
        onsets=_or_missing(lambda: estimate_onsets(situation, scope, serial_interval, for_onsets)),
        delays=_or_missing(lambda: _delays(situation, scope)),
        steps=_or_missing(lambda: _steps(situation, scope)),
        late=_or_missing(lambda: _late(situation, scope)),
        severity=_or_missing(lambda: severity_tables(situation, scope)),
        chains=_or_missing(lambda: recent_chains(situation, scope, for_chains)),
        alerts=find_alerts(situation, scope, analytic, for_alerts),
        blind_spots=quiet_places(scope, analytic, counts["observed"], points_of(situation, scope)),
    )


def _or_missing(find: Callable[[], Found]) -> Found | MissingData:
    try:
        return find()
    except MissingData as missing:
        return missing


def _recent(situation: Situation, scope: Scope) -> pl.DataFrame:
    needed = Text(zh="四早时延的分布", en="distribution of the four earlies")
    cases = confirmed_cases(situation, scope, needed).filter(
        pl.col("onset_on") > situation.cut - timedelta(days=RECENT_DAYS)
    )
    if cases.is_empty():
        raise MissingData("cases", needed, column="onset_on")
    return cases.with_columns(place=pl.lit(scope.place))


def _delays(situation: Situation, scope: Scope) -> pl.DataFrame:
    return estimate_delays(_recent(situation, scope), situation.cut, EARLIES, by=())


def _steps(situation: Situation, scope: Scope) -> pl.DataFrame:
    return lost_days(_recent(situation, scope), situation.cut)


def _late(situation: Situation, scope: Scope) -> pl.DataFrame:
    """Count late cases: nobody's number leaves this file."""
    needed = Text(zh="迟滞个案", en="late cases")
    cases = confirmed_cases(situation, scope, needed).filter(
        pl.col("known_on") > situation.cut - timedelta(days=RECENT_DAYS)
    )
    open_now = late_cases(cases, situation.cut).filter(pl.col("ended_on").is_null())
    return (
        open_now.group_by("clock", "place")
        .agg(pl.len().alias("open"), longest=pl.col("days_late").max())
        .sort(["open", "clock", "place"], descending=[True, False, False])
    )
