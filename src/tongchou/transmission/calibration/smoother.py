"""The engine fitted to reported counts: an ensemble lives all days again and again, and learns a little each time.

Each round the members live from the first day to the last by the engine itself, in expectation, and
are adjusted to the counts, whose error variance is taken larger, so that after all rounds the counts
have been used once. Only parameters are adjusted, never the people, so nobody is lost and
nothing is negative. A group's count of a day adjusts what its places share; how the cases of a group
are spread over its places adjusts each place's own: the two factors of a Poisson likelihood.

References
----------
Li R and others. Science 2020;368:489, doi 10.1126/science.abb3221. Ionides EL, Bretó C, King AA. PNAS
2006;103:18438, doi 10.1073/pnas.0603181103 (iterated filtering). Emerick AA, Reynolds AC. Comput Geosci
2013;55:3, doi 10.1016/j.cageo.2012.03.011 (the same data several times, each with a larger error).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.transmission.calibration.eakf import Reach, assimilate
from tongchou.transmission.calibration.members import Journeys, live_members
from tongchou.transmission.calibration.observation import CountScale, delay_table
from tongchou.transmission.calibration.priors import Beliefs, Latents, Parameters, numbers_of
from tongchou.transmission.calibration.result import Calibration
from tongchou.transmission.metapopulation.chance import EXPECTED
from tongchou.transmission.metapopulation.kernel import E1, E2, S
from tongchou.transmission.metapopulation.model import Model
from tongchou.vocabulary.daily import daily_counts
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]
INFLATION = parameter("calibration_inflation").value
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
    members: int = 150,
    rounds: int = 5,
    inflation: float = INFLATION,
    journeys: Journeys | None = None,
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
    threads
        Threads that live members.
    told
        Called with rounds done and asked for.
    rng
        Randomness of the beliefs drawn.

    Raises
    ------
    BadParameter
        Naming counts that are missing, negative, or of a place without people or group.
    """
    observed, first = _observed(counts, model)
    names, group_of = numbers_of(groups, model.places)
    model = replace(model, group=group_of)
    start, seeded = _seeded(model, seeds)
    table = delay_table(delay, model.dates)
    member_of = np.eye(len(names))[group_of]
    by_group = observed.T @ member_of  # (day, group)
    latents = Latents(
        beliefs, model.dates, names, sources, group_of, seeded > 0,
        _rough_infections(by_group, first, table, beliefs, len(model.dates)),
    )  # fmt: skip
    scale = CountScale(beliefs.dispersion)
    latent = rng.standard_normal((latents.size, members))
    for done, larger in enumerate(error_factors(rounds)):
        parameters = latents.parameters(latent)
        _, arriving = _live(model, start, seeded, parameters, table, journeys, threads)
        arriving = arriving[:, first : first + observed.shape[1]]
        _adjust_groups(
            latent, latents, parameters, arriving @ member_of, by_group, first, scale, larger
        )
        _adjust_places(
            latent, latents, arriving, observed, by_group, group_of, first, scale, larger
        )
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
        parameters=parameters,
        state=state,
        infections=infections,
        arriving=arriving,
        delay=table,
        observed=counts,
        dispersion=beliefs.dispersion,
    )


def error_factors(rounds: int) -> Floats:
    """Give the factors on the error variance by round: each round tells twice as much as the one before.

    1 / α_n = 2ⁿ / (2^N − 1), which sum to 1.

    >>> (1 / error_factors(3)).round(3).tolist()
    [0.143, 0.286, 0.571]
    """
    if rounds < 1:
        raise BadParameter("rounds", rounds, _ROUNDS)
    return np.asarray((2.0**rounds - 1) / 2.0 ** np.arange(rounds))


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


def _seeded(model: Model, seeds: Mapping[str, float]) -> tuple[Floats, Floats]:
    """Give the state before the first infection (place, age, compartment), and seeds (place)."""
    number = {p: i for i, p in enumerate(model.places)}
    strange = [p for p in seeds if p not in number]
    amount = np.zeros(len(model.places))
    for p, n in seeds.items():
        if p in number:
            amount[number[p]] = n
    if (
        strange
        or not (amount > 0).any()
        or (amount < 0).any()
        or (amount > model.people / 10).any()
    ):
        raise BadParameter("seeds", ", ".join(strange[:3]) or str(dict(seeds)), _SEEDS)
    start = np.zeros(model.start.shape[1:])
    start[..., S] = model.start[0].sum(axis=-1)
    return start, amount


def _starts(start: Floats, seeded: Floats, parameters: Parameters) -> Floats:
    """Give the state of each member before the first day; the infected are half way through their latent time."""
    members = len(parameters.seeds)
    state = np.repeat(start[None], members, axis=0)
    for k, i in enumerate(np.flatnonzero(seeded)):
        people = start[i, :, S]
        infected = np.minimum(seeded[i] * np.exp(parameters.seeds[:, k]), 0.5 * people.sum())
        by_age = infected[:, None] * people / people.sum()
        state[:, i, :, S] -= by_age
        state[:, i, :, E1] += by_age / 2
        state[:, i, :, E2] += by_age / 2
    return state


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
    state = _starts(start, seeded, parameters)
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


def _smoothed(by_group: Floats) -> Floats:
    """Give the mean of the seven days around each (day, group)."""
    weights = np.ones(7)
    days = np.convolve(np.ones(len(by_group)), weights, "same")
    columns = [np.convolve(column, weights, "same") / days for column in by_group.T]
    return np.stack(columns, axis=1)


def _adjust_groups(
    latent: Floats,
    latents: Latents,
    parameters: Parameters,
    arriving: Floats,
    by_group: Floats,
    first: int,
    scale: CountScale,
    larger: float,
) -> None:
    """Adjust what the places of a group share to its daily counts."""
    days, groups = by_group.shape
    share = parameters.reporting[:, first : first + days]
    means = np.moveaxis(arriving * share, 0, -1).reshape(days * groups, -1)
    variance = scale.variance(np.maximum(_smoothed(by_group), 0.2)).ravel() * larger
    reach = Reach(
        owner=np.tile(np.arange(groups), days),
        day=np.repeat(np.arange(days) + first, groups),
        latent=latents.localised(),
        others=np.ones((groups, groups), bool),
        since=latents.since,
    )
    assimilate(scale.expected(means), scale.of(by_group).ravel(), variance, reach, latent)


def _adjust_places(
    latent: Floats,
    latents: Latents,
    arriving: npt.NDArray[np.float32],
    observed: Floats,
    by_group: Floats,
    group_of: npt.NDArray[np.int64],
    first: int,
    scale: CountScale,
    larger: float,
) -> None:
    """Adjust each place's own R to its share of the cases of its group, week by week."""
    alone = np.bincount(group_of)[group_of] == 1
    starts = np.arange(0, observed.shape[1], WINDOW)
    cases = np.add.reduceat(observed, starts, axis=1)  # (place, week)
    group_cases = np.add.reduceat(by_group, starts, axis=0)[:, group_of].T
    weekly = np.add.reduceat(arriving, starts, axis=1).astype(float)  # (member, week, place)
    totals = weekly @ np.eye(len(latents.groups))[group_of]
    part = weekly / np.maximum(totals[..., group_of], 1e-12)
    place, week = np.nonzero((group_cases > 0) & ~alone[:, None])
    order = np.argsort(week, kind="stable")
    place, week = place[order], week[order]
    if not len(place):
        return
    expected = part[:, week, place].T * group_cases[place, week][:, None]
    y = cases[place, week]
    owned = np.zeros((len(observed), latents.size), bool)
    owned[
        np.arange(len(observed)), np.arange(latents.at["place"].start, latents.at["place"].stop)
    ] = True
    reach = Reach(
        owner=place,
        day=starts[week] + first,
        latent=owned,
        others=np.eye(len(observed), dtype=bool),
        since=latents.since,
    )
    variance = scale.variance(np.maximum(expected.mean(axis=1), 0.2)) * larger
    assimilate(scale.expected(expected), scale.of(y), variance, reach, latent)


_ROUNDS = Text(zh="至少一轮。", en="there must be at least one.")
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
_SEEDS = Text(
    zh="初始感染须给出模型中的地区，大于 0，且不超过当地人口的十分之一。",
    en="the infected of the first day must be in places of the model, above 0 and at most a tenth of the people.",
)
