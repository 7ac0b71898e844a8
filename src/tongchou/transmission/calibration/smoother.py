"""The engine fitted to reported counts: an ensemble lives all days again and again, and learns a little each time.

Each round the members live from the first day to the last by the engine itself, in expectation, and
are adjusted to the counts, whose error variance is taken ``rounds`` times as large: after all rounds
the counts have been used once. Only parameters are adjusted, never the people, so nobody is lost and
nothing is negative. The counts of the sources and of all other groups together adjust what all share; how
they are spread over the groups adjusts what a group has of its own, and how a group's are spread over its
places what a place has: the likelihood of Poisson counts is the product of the three.

References
----------
Li R and others. Science 2020;368:489, doi 10.1126/science.abb3221. Ionides EL, Bretó C, King AA. PNAS
2006;103:18438, doi 10.1073/pnas.0603181103 (iterated filtering). Emerick AA, Reynolds AC. Comput Geosci
2013;55:3, doi 10.1016/j.cageo.2012.03.011 (the same data several times, each with a larger error).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.transmission.calibration.adjust import adjust_shares, adjust_totals, smoothed
from tongchou.transmission.calibration.members import Journeys, live_members
from tongchou.transmission.calibration.observation import CountScale, delay_table
from tongchou.transmission.calibration.priors import Beliefs, Latents, Parameters, numbers_of
from tongchou.transmission.calibration.result import Calibration
from tongchou.transmission.calibration.seeds import Seeds, seeded_places, starts_of
from tongchou.transmission.metapopulation.chance import EXPECTED
from tongchou.transmission.metapopulation.model import Model
from tongchou.vocabulary.daily import daily_counts
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]
_Split = tuple[
    npt.NDArray[np.floating[Any]], Floats, npt.NDArray[np.int64], npt.NDArray[np.bool_], int
]
ROUNDS = 6
FEWEST = 20
"""Members below which correlations of an ensemble mean nothing."""

MEMBERS = int(parameter("calibration_members").value)
INFLATION = parameter("calibration_inflation").value
MANY = 1e12
"""Infections of days on which chance moves no R: those ahead, where it is drawn as it comes."""

WINDOW = 7
"""Days over which the cases of a group's places are compared."""


def calibrate(
    model: Model,
    counts: xr.DataArray,
    *,
    groups: Mapping[str, str],
    sources: Sequence[str],
    seeds: Mapping[str, float],
    delay: npt.ArrayLike | xr.DataArray,
    beliefs: Beliefs,
    arrivals: xr.DataArray | None = None,
    ahead: int = 0,
    members: int = MEMBERS,
    rounds: int = ROUNDS,
    inflation: float = INFLATION,
    journeys: Journeys | None = None,
    unread: Mapping[str, date] | None = None,
    threads: int = 1,
    told: Callable[[int, int], None] | None = None,
    rng: np.random.Generator,
) -> Calibration:
    """Fit an ensemble of the engine to reported counts.

    Parameters
    ----------
    model
        Places, days, links, course and measures; its transmissibility must be that of R = 1, for
        R is what is fitted. Its own start and scale are not used.
    counts : DataArray (place, date), persons a day
        Reported; every place of the model, on days of the model. Earlier days of the model are lived
        without being compared.
    groups
        Group of each place: R and the share reported are those of a group.
    sources
        Groups that have a path of R of their own and infect the others; counts elsewhere tell of them too.
    seeds
        Median number infected before the first day, by place.
    delay
        Probabilities of days from infection to report, for all days or (date, lag).
    beliefs
        See :class:`.priors.Beliefs`.
    arrivals : DataArray (place, date), persons a day, optional
        Median number who come infected from outside; a member multiplies those of a place by one factor.
    ahead
        Days after the last one of the model for which R and the share reported are drawn too.
    members, rounds
        Size of the ensemble, and how often it lives.
    inflation
        Factor on the spread of the ensemble after each round; 1 leaves it.
    journeys
        Who moves from place to place and falls ill there: see :class:`.members.Journeys`.
    unread
        Groups whose counts before a day are not read, because they tell of tests rather than of cases.
    threads
        Threads that live members.
    told
        Called with rounds done and asked for.
    rng
        Randomness of the beliefs drawn.

    Raises
    ------
    BadParameter
        Naming rounds, members or inflation out of range, or counts that are missing, negative, or of a place without people or group.
    """
    if rounds < 1 or members < FEWEST or not inflation >= 1:
        raise BadParameter("rounds, members, inflation", (rounds, members, inflation), _ASKED)
    observed, first = _observed(counts, model)
    names, group_of = numbers_of(groups, model.places)
    model = replace(model, group=group_of)
    start, given = seeded_places(model, seeds, arrivals)
    table = delay_table(delay, model.dates)
    member_of = np.eye(len(names))[group_of]
    by_group = observed.T @ member_of  # (day, group)
    blind = _unread(unread or {}, names, model, first, len(by_group))
    rough = _rough_infections(by_group, first, table, beliefs, len(model.dates))
    days = np.arange(model.dates[0], model.dates[-1] + ahead + 1)
    later = np.full((ahead, len(names)), MANY)
    latents = Latents(
        beliefs, days, names, sources, group_of, given.seeded, np.concatenate([rough, later])
    )
    scale = CountScale(beliefs.dispersion)
    latent = rng.standard_normal((latents.size, members))
    for done in range(rounds):
        parameters = latents.parameters(latent)
        _, arriving = _live(model, start, given, parameters, table, journeys, threads)
        arriving = np.maximum(arriving[:, first : first + len(by_group)], 0.0)
        reported = arriving @ member_of * parameters.reporting[:, first : first + len(by_group)]
        adjust_totals(latent, latents, reported, by_group, blind, first, scale, rounds)
        shares: tuple[_Split, ...] = (
            (reported, by_group, latents.own_numbers(), latents.of_groups(), 1),
            (arriving, observed.T, group_of, latents.of_places(), WINDOW),
        )
        for means, came, whole, owned, window in shares:
            adjust_shares(latent, latents, means, came, whole, owned, window, first, scale, rounds)
        if inflation != 1.0:
            middle = latent.mean(axis=1, keepdims=True)
            latent = middle + inflation * (latent - middle)
        if told is not None:
            told(done + 1, rounds + 1)
    parameters = latents.parameters(latent)
    state, infections, arriving = _live_to_end(
        model, start, given, parameters, table, journeys, threads
    )
    if told is not None:
        told(rounds + 1, rounds + 1)
    return Calibration(
        model=model,
        groups=names,
        nobody_ill=start,
        seeds=given,
        parameters=parameters,
        state=state,
        infections=infections,
        arriving=arriving,
        delay=table,
        observed=counts,
        dispersion=beliefs.dispersion,
    )


def _observed(counts: xr.DataArray, model: Model) -> tuple[Floats, int]:
    counts = daily_counts(counts, "counts")
    have = counts["place"].to_numpy().astype(str)
    lost = np.setdiff1d(np.array(model.places), have)
    strange = np.setdiff1d(have, np.array(model.places))
    if len(lost) or len(strange):
        raise BadParameter("counts", ", ".join([*lost, *strange][:3]), _PLACES)
    days = counts["date"].to_numpy().astype("datetime64[D]")
    if days[0] < model.dates[0] or days[-1] > model.dates[-1]:
        raise BadParameter("counts", f"{days[0]}…{days[-1]}", _DATES)
    values = counts.assign_coords(place=have).sel(place=list(model.places)).to_numpy()
    empty = (model.people == 0) & (values.sum(axis=1) > 0)
    if empty.any():
        raise BadParameter("counts", ", ".join(np.array(model.places)[empty][:3]), _EMPTY)
    return values, int((days[0] - model.dates[0]).astype(int))


def _live(
    model: Model,
    start: Floats,
    seeds: Seeds,
    parameters: Parameters,
    delay: Floats,
    journeys: Journeys | None,
    threads: int,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    _, infections, arriving = _live_to_end(
        model, start, seeds, parameters, delay, journeys, threads
    )
    return infections, arriving


def _live_to_end(
    model: Model,
    start: Floats,
    seeds: Seeds,
    parameters: Parameters,
    delay: Floats,
    journeys: Journeys | None,
    threads: int,
) -> tuple[Floats, npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    state = starts_of(start, seeds, parameters)
    lived = slice(0, len(model.dates))
    infections, arriving = live_members(
        model,
        state,
        np.exp(parameters.log_reproduction[:, lived] + parameters.noise[:, lived]),
        np.exp(parameters.place),
        delay,
        mode=EXPECTED,
        journeys=journeys,
        brought=(seeds.daily, seeds.factors(parameters)),
        threads=threads,
    )
    return state, infections, arriving


def _rough_infections(
    by_group: Floats, first: int, delay: Floats, beliefs: Beliefs, length: int
) -> Floats:
    """Give new infections (day, group) as the counts roughly show them: moved back by the delay, over the share believed."""
    back = round(float(delay[-1] @ np.arange(delay.shape[1])))
    share = beliefs.reporting
    rough = np.zeros((length, by_group.shape[1]))
    at = np.clip(np.arange(length) + back - first, 0, len(by_group) - 1)
    smooth = smoothed(by_group)
    rough[:] = smooth[at] / share
    before = np.arange(length) + back < first
    rough[before] = np.minimum(rough[before], smooth[0] / share)
    return rough


def _unread(
    unread: Mapping[str, date], names: Sequence[str], model: Model, first: int, days: int
) -> npt.NDArray[np.bool_]:
    """Give which counts are not read (day, group)."""
    strange = sorted(set(unread) - set(names))
    if strange:
        raise BadParameter("unread", ", ".join(strange[:3]), _NO_GROUP)
    blind = np.zeros((days, len(names)), bool)
    for name, until in unread.items():
        end = int((np.datetime64(until) - model.dates[first]).astype(int))
        blind[: max(end, 0), names.index(name)] = True
    return blind


_ASKED = Text(
    zh="至少一轮、20 个成员，放大倍数不小于 1。",
    en="there must be at least one round and 20 members, and an inflation of at least 1.",
)
_NO_GROUP = Text(zh="没有这样的组。", en="there is no such group.")
_PLACES = Text(
    zh="病例数须恰好覆盖模型的全部地区。没有病例的地区写 0。",
    en="counts must be there for the places of the model, all of them and no others; a place without cases has 0.",
)
_DATES = Text(
    zh="病例日期须在模型日期之内。", en="the days of the counts must lie within those of the model."
)
_EMPTY = Text(
    zh="没有居民的地区报告了病例。请核对人口或把病例归到居住地。",
    en="cases are reported where nobody lives. Check the people, or count the cases where they live.",
)
