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

from tongchou.transmission.calibration.eakf import DAMPED, FULLY, NOT, Reach, assimilate
from tongchou.transmission.calibration.members import Journeys, live_members
from tongchou.transmission.calibration.observation import CountScale, delay_table
from tongchou.transmission.calibration.priors import Beliefs, Latents, Parameters, numbers_of
from tongchou.transmission.calibration.result import Calibration
from tongchou.transmission.calibration.seeds import seeded_places, starts_of
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
NOTHING = 1e12
"""Error variance of a count that is not read."""

LEAST = 0.2
"""Mean count, persons, below which the error of an observation is taken as of so many."""

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
        Median number infected on the first day, by place.
    delay
        Probabilities of days from infection to report, for all days or (date, lag).
    beliefs
        See :class:`.priors.Beliefs`.
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
    start, seeded = seeded_places(model, seeds)
    table = delay_table(delay, model.dates)
    member_of = np.eye(len(names))[group_of]
    by_group = observed.T @ member_of  # (day, group)
    blind = _unread(unread or {}, names, model, first, len(by_group))
    latents = Latents(
        beliefs, model.dates, names, sources, group_of, seeded > 0,
        _rough_infections(by_group, first, table, beliefs, len(model.dates)),
    )  # fmt: skip
    scale = CountScale(beliefs.dispersion)
    latent = rng.standard_normal((latents.size, members))
    for done in range(rounds):
        parameters = latents.parameters(latent)
        _, arriving = _live(model, start, seeded, parameters, table, journeys, threads)
        arriving = np.maximum(arriving[:, first : first + len(by_group)], 0.0)
        reported = arriving @ member_of * parameters.reporting[:, first : first + len(by_group)]
        _adjust_totals(latent, latents, reported, by_group, blind, first, scale, rounds)
        shares: tuple[_Split, ...] = (
            (reported, by_group, latents.own_numbers(), latents.of_groups(), 1),
            (arriving, observed.T, group_of, latents.of_places(), WINDOW),
        )
        for means, came, whole, owned, window in shares:
            _adjust_shares(latent, latents, means, came, whole, owned, window, first, scale, rounds)
        if inflation != 1.0:
            middle = latent.mean(axis=1, keepdims=True)
            latent = middle + inflation * (latent - middle)
        if told is not None:
            told(done + 1, rounds + 1)
    parameters = latents.parameters(latent)
    state, infections, arriving = _live_to_end(
        model, start, seeded, parameters, table, journeys, threads
    )
    if told is not None:
        told(rounds + 1, rounds + 1)
    return Calibration(
        model=model,
        groups=names,
        nobody_ill=start,
        seeded=seeded,
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
    seeded: Floats,
    parameters: Parameters,
    delay: Floats,
    journeys: Journeys | None,
    threads: int,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    _, infections, arriving = _live_to_end(
        model, start, seeded, parameters, delay, journeys, threads
    )
    return infections, arriving


def _live_to_end(
    model: Model,
    start: Floats,
    seeded: Floats,
    parameters: Parameters,
    delay: Floats,
    journeys: Journeys | None,
    threads: int,
) -> tuple[Floats, npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    state = starts_of(start, seeded, parameters)
    infections, arriving = live_members(
        model,
        state,
        np.exp(parameters.log_reproduction + parameters.noise),
        np.exp(parameters.place),
        delay,
        mode=EXPECTED,
        journeys=journeys,
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
    smooth = _smoothed(by_group)
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


def _smoothed(by_group: Floats) -> Floats:
    """Give the mean of the seven days around each (day, group)."""
    weights = np.ones(7)
    days = np.convolve(np.ones(len(by_group)), weights, "same")
    columns = [np.convolve(column, weights, "same") / days for column in by_group.T]
    return np.stack(columns, axis=1)


def _adjust_totals(
    latent: Floats,
    latents: Latents,
    reported: Floats,
    by_group: Floats,
    blind: npt.NDArray[np.bool_],
    first: int,
    scale: CountScale,
    rounds: int,
) -> None:
    """Adjust everything but places to the daily counts of each source, and of all other groups together."""
    days = len(by_group)
    total_of = _totals(latents.own)
    totals = total_of.shape[1]
    counts = by_group @ total_of
    means = np.moveaxis(reported @ total_of, 0, -1).reshape(days * totals, -1)
    variance = scale.variance(np.maximum(_smoothed(counts), LEAST)) * rounds
    variance[(blind @ total_of) > 0] = NOTHING
    reach = Reach(
        owner=np.tile(np.arange(totals), days),
        day=np.repeat(np.arange(days) + first, totals),
        latent=latents.within_totals(total_of),
        others=DAMPED + np.eye(totals, dtype=np.int64),
        since=latents.since,
    )
    assimilate(scale.expected(means), scale.of(counts).ravel(), variance.ravel(), reach, latent)


def _totals(own: npt.NDArray[np.bool_]) -> Floats:
    """Give which group belongs to which total (group, total): each source alone, the others together.

    >>> _totals(np.array([False, True, False])).T.tolist()
    [[0.0, 1.0, 0.0], [1.0, 0.0, 1.0]]
    """
    columns = [np.eye(len(own))[g] for g in np.flatnonzero(own)]
    if not own.all():
        columns.append((~own).astype(float))
    return np.stack(columns, axis=1)


def _adjust_shares(
    latent: Floats,
    latents: Latents,
    means: npt.NDArray[np.floating[Any]],
    counts: Floats,
    parent: npt.NDArray[np.int64],
    owned: npt.NDArray[np.bool_],
    window: int,
    first: int,
    scale: CountScale,
    rounds: int,
) -> None:
    """Adjust what each part has of its own to its share of the whole, window by window.

    ``means`` (member, day, part) are expected, ``counts`` (day, part) came, ``parent`` (part) numbers
    the wholes and ``owned`` (part, latent) says what a part may move. A part that is the whole tells nothing.
    """
    parts = np.bincount(parent)[parent] > 1
    starts = np.arange(0, len(counts), window)
    member_of = np.eye(parent.max() + 1)[parent]
    cases = np.add.reduceat(counts, starts, axis=0)  # (window, part)
    whole = (cases @ member_of)[:, parent]
    expected = np.maximum(np.add.reduceat(means, starts, axis=1).astype(float), 0.0)
    share = expected / np.maximum((expected @ member_of)[..., parent], 1e-12)
    when, part = np.nonzero((whole > 0) & parts)
    if not len(when):
        return
    wanted = share[:, when, part].T * whole[when, part][:, None]
    reach = Reach(
        owner=part,
        day=np.minimum(starts[when] + window, len(counts)) - 1 + first,
        latent=np.where(owned, FULLY, NOT),
        others=FULLY * np.eye(len(parent), dtype=np.int64),
        since=latents.since,
    )
    near = whole * _share_near(cases, whole)
    variance = scale.variance(np.maximum(near[when, part], LEAST)) * rounds
    assimilate(scale.expected(wanted), scale.of(cases[when, part]), variance, reach, latent)


def _share_near(cases: Floats, whole: Floats) -> Floats:
    """Give each part's share of the whole over three windows, from the counts themselves."""
    around = [np.convolve(c, np.ones(3), "same") for c in cases.T]
    whole_around = [np.convolve(c, np.ones(3), "same") for c in whole.T]
    return np.asarray(np.stack(around, axis=1) / np.maximum(np.stack(whole_around, axis=1), 1e-12))


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
