"""What is believed before the counts are seen, and how standard normal numbers become an epidemic's parameters.

Every uncertain thing is a latent number, standard normal before the data. Paths of log R are built of
steps, so that an observation never moves what comes after it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
from scipy import special

from tongchou.transmission.calibration.eakf import DAMPED, FULLY, NOT
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]

SHARED = -1
"""Owner of what all groups but the sources share."""


def _value(name: str) -> float:
    return parameter(f"calibration_{name}").value


@dataclass(frozen=True, slots=True, kw_only=True)
class Beliefs:
    """What is believed before the counts are seen; ``from_table`` reads it from the parameters.

    Attributes
    ----------
    reproduction, reproduction_sd
        Median of R on the first day, and standard deviation of its logarithm.
    knot_days
        Days between the knots of log R, straight lines between them.
    step_sd
        Standard deviation of a step of log R, per square root of a day.
    break_on, break_days, break_sd, break_ratio
        From ``break_on`` and for ``break_days`` a step may be far larger, ``break_sd`` from knot to
        knot; ``break_ratio`` is the median of R after all these steps over R before them.
    pooled
        Share of the variance of log R that all groups but the sources have in common.
    reporting, reporting_sd
        Median share of infections reported before the break, and standard deviation of its log-odds;
        the log-odds after it differ from those before by ``reporting_step`` on average, with standard
        deviation ``reporting_step_sd``.
    reporting_from, reporting_to
        Days between which the share goes from the one to the other.
    reporting_group_sd
        Standard deviation of the logarithm by which each group's share differs.
    place_sd
        Standard deviation of the logarithm of a place's R against its group.
    seeds_sd
        Standard deviation of the logarithm of the number infected on the first day.
    dispersion
        Negative-binomial dispersion k of a group's daily count.
    chance
        Variance of the infections that one infects, over their mean: how far chance moves R in few cases.
    """

    reproduction: float
    reproduction_sd: float
    knot_days: int
    step_sd: float
    break_on: date | None
    break_days: int
    break_sd: float
    break_ratio: float
    pooled: float
    reporting: float
    reporting_sd: float
    reporting_step: float
    reporting_step_sd: float
    reporting_from: date | None
    reporting_to: date | None
    reporting_group_sd: float
    place_sd: float
    seeds_sd: float
    dispersion: float
    chance: float

    @classmethod
    def from_table(
        cls,
        *,
        break_on: date | None = None,
        reporting_from: date | None = None,
        reporting_to: date | None = None,
    ) -> "Beliefs":
        """Read the numbers from the table of parameters; the dates belong to an epidemic."""
        return cls(
            reproduction=parameter("basic_reproduction").value,
            reproduction_sd=_value("reproduction_sd"),
            knot_days=int(_value("knot_days")),
            step_sd=_value("step_sd"),
            break_on=break_on,
            break_days=int(_value("break_days")),
            break_sd=_value("break_sd"),
            break_ratio=_value("break_ratio"),
            pooled=_value("pooled"),
            reporting=_value("reporting"),
            reporting_sd=_value("reporting_sd"),
            reporting_step=0.0,
            reporting_step_sd=_value("reporting_step_sd"),
            reporting_from=reporting_from or break_on,
            reporting_to=reporting_to or reporting_from or break_on,
            reporting_group_sd=_value("reporting_group_sd"),
            place_sd=_value("place_sd"),
            seeds_sd=_value("seeds_sd"),
            dispersion=_value("dispersion"),
            chance=_value("chance"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What the members believe, with the member first.

    ``log_reproduction`` and ``noise`` (member, day, group): R, and what chance adds to it;
    ``place`` (member, place) and ``seeds`` (member, place) are logarithms too; ``reporting``
    (member, day, group) is a share.
    """

    log_reproduction: Floats
    noise: Floats
    place: Floats
    seeds: Floats
    reporting: Floats


class Latents:
    """Where each latent number stands, whose it is, and what the numbers mean.

    Parameters
    ----------
    beliefs
    dates
        Days of the model.
    groups
        Names of the groups.
    sources
        Groups whose path of R is their own, and from which the others may be infected.
    group_of : ndarray (place)
        Number of the group of each place.
    seeded : ndarray (place), bool
        Where somebody is infected on the first day.
    infected : ndarray (day, group), persons a day
        Rough number of new infections, from which the size of chance follows.
    """

    def __init__(
        self,
        beliefs: Beliefs,
        dates: Days,
        groups: Sequence[str],
        sources: Sequence[str],
        group_of: npt.NDArray[np.int64],
        seeded: npt.NDArray[np.bool_],
        infected: Floats,
    ) -> None:
        self.beliefs, self.dates, self.groups = beliefs, dates, tuple(groups)
        strange = sorted(set(sources) - set(groups))
        if strange:
            raise BadParameter("sources", ", ".join(strange), _SOURCES)
        self.own = np.array([g in sources for g in groups])
        self.knots = np.arange(0, len(dates) + beliefs.knot_days - 1, beliefs.knot_days)
        self.weights = knot_weights(self.knots, len(dates))
        self.steps, self.drift = self._steps()
        self.chance = self._chance_sds(infected)
        K, G = len(self.knots), len(groups)
        self.classes = [int(g) for g in np.flatnonzero(self.own)] + [SHARED] * bool(
            (~self.own).any()
        )
        self.seeded = np.flatnonzero(seeded)
        sizes = {
            "common": K,
            "path": G * K,
            "noise": G * K,
            "reporting": 2 * len(self.classes),
            "reporting_group": G,
            "place": len(group_of),
            "seeds": len(self.seeded),
        }
        ends = np.cumsum(list(sizes.values()))
        self.at = {
            n: slice(int(e - s), int(e)) for (n, s), e in zip(sizes.items(), ends, strict=True)
        }
        self.size = int(ends[-1])
        since = np.concatenate([[0], self.knots[:-1]])  # a line to a knot begins at the knot before
        self.since = np.zeros(self.size, np.int64)
        self.since[self.at["common"]] = since
        self.since[self.at["path"]] = np.tile(since, G)
        self.since[self.at["noise"]] = np.tile(since, G)
        self.owner = np.full(self.size, SHARED)
        for name in ("path", "noise"):
            self.owner[self.at[name]] = np.repeat(np.arange(G), K)
        self.owner[self.at["reporting"]] = np.repeat(self.classes, 2)
        self.owner[self.at["reporting_group"]] = np.arange(G)
        self.owner[self.at["place"]] = len(groups)
        self.owner[self.at["seeds"]] = group_of[self.seeded]
        if beliefs.reporting_from is not None:
            ramp = slice(self.at["reporting"].start + 1, self.at["reporting"].stop, 2)
            self.since[ramp] = _day(beliefs.reporting_from, dates)

    def _steps(self) -> tuple[Floats, Floats]:
        """Give the standard deviation and the mean of the step of log R to each knot."""
        b = self.beliefs
        sd = np.full(len(self.knots), b.step_sd * np.sqrt(b.knot_days))
        mean = np.zeros(len(self.knots))
        sd[0] = b.reproduction_sd
        if b.break_on is not None:
            first = _day(b.break_on, self.dates)
            begins = self.knots[:-1]
            turning = (begins + b.knot_days > first) & (begins < first + b.break_days)
            sd[1:][turning] = b.break_sd
            mean[1:][turning] = np.log(b.break_ratio) / max(turning.sum(), 1)
        return sd, mean

    def _chance_sds(self, infected: Floats) -> Floats:
        """Give the standard deviation that chance adds to log R from knot to knot (group, knot)."""
        near = self.weights.T @ infected
        return np.asarray(np.sqrt(self.beliefs.chance / np.maximum(near, 4.0)).T)

    def within_totals(self, total_of: Floats) -> npt.NDArray[np.int64]:
        """Give how the count of a total moves each latent (total, latent).

        A source's count moves the source alone. That of the others moves what they share, and,
        damped, what each group has of its own and what the sources have.
        """
        how = np.full((total_of.shape[1], self.size), DAMPED)
        for total, groups in enumerate(total_of.T > 0):
            if self.own[groups].all():
                how[total] = np.where(np.isin(self.owner, np.flatnonzero(groups)), FULLY, NOT)
            else:
                how[total, self.owner == SHARED] = FULLY
        how[:, self.at["place"]] = NOT
        return how

    def of_groups(self) -> npt.NDArray[np.bool_]:
        """Give which latents are a group's own (group, latent)."""
        owned = self.owner == np.arange(len(self.groups))[:, None]
        owned[:, self.at["place"]] = False
        return np.asarray(owned)

    def of_places(self) -> npt.NDArray[np.bool_]:
        """Give which latents are a place's own (place, latent): its R against the group's, and who came infected."""
        at, seeds = self.at["place"], self.at["seeds"]
        owned = np.zeros((at.stop - at.start, self.size), bool)
        owned[np.arange(at.stop - at.start), np.arange(at.start, at.stop)] = True
        owned[self.seeded, np.arange(seeds.start, seeds.stop)] = True
        return owned

    def own_numbers(self) -> npt.NDArray[np.int64]:
        """Give the number of the total that each group belongs to: sources each their own."""
        return np.where(self.own, np.cumsum(self.own) - 1, self.own.sum()).astype(np.int64)

    def parameters(self, latent: Floats) -> Parameters:
        """Give what the latents (latent, member) mean."""
        b, G, K = self.beliefs, len(self.groups), len(self.knots)
        members = latent.shape[1]
        common = latent[self.at["common"]].T
        path = latent[self.at["path"]].T.reshape(members, G, K)
        c = np.where(self.own, 0.0, b.pooled)[:, None]
        steps = np.sqrt(c) * common[:, None] + np.sqrt(1 - c) * path
        level = np.log(b.reproduction) + np.cumsum(self.drift + steps * self.steps, axis=2)
        noise = latent[self.at["noise"]].T.reshape(members, G, K) * self.chance
        places = np.zeros((members, self.at["place"].stop - self.at["place"].start))
        places += b.place_sd * latent[self.at["place"]].T
        return Parameters(
            log_reproduction=np.swapaxes(level @ self.weights.T, 1, 2),
            noise=np.swapaxes(noise @ self.weights.T, 1, 2),
            place=places,
            seeds=b.seeds_sd * latent[self.at["seeds"]].T,
            reporting=self._reporting(latent),
        )

    def _reporting(self, latent: Floats) -> Floats:
        b, members = self.beliefs, latent.shape[1]
        z = latent[self.at["reporting"]].T.reshape(members, len(self.classes), 2)
        ramp = self._ramp()
        before = special.logit(b.reporting) + b.reporting_sd * z[..., 0]
        step = b.reporting_step + b.reporting_step_sd * z[..., 1]
        odds = before[..., None] + step[..., None] * ramp
        which = [self.classes.index(g if own else SHARED) for g, own in enumerate(self.own)]
        differs = b.reporting_group_sd * latent[self.at["reporting_group"]].T
        return np.asarray(special.expit(np.swapaxes(odds[:, which] + differs[..., None], 1, 2)))

    def _ramp(self) -> Floats:
        b = self.beliefs
        if b.reporting_from is None or b.reporting_to is None:
            return np.zeros(len(self.dates))
        first, last = (_day(d, self.dates) for d in (b.reporting_from, b.reporting_to))
        day = np.arange(len(self.dates))
        return np.clip((day - first + 1) / (last - first + 1), 0.0, 1.0)


def knot_weights(knots: npt.NDArray[np.int64], length: int) -> Floats:
    """Give the weight of each knot on each day (day, knot), straight lines between knots.

    >>> knot_weights(np.array([0, 2, 4]), 4).tolist()
    [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.0, 1.0, 0.0], [0.0, 0.5, 0.5]]
    """
    day = np.arange(length)
    return np.stack([np.interp(day, knots, row) for row in np.eye(len(knots))], axis=1)


def _day(when: date, dates: Days) -> int:
    return int((np.datetime64(when) - dates[0]).astype(int))


def numbers_of(
    groups: Mapping[str, str], places: Sequence[str]
) -> tuple[tuple[str, ...], npt.NDArray[np.int64]]:
    """Give the names of the groups, in the order in which places name them, and the number of each place's.

    Raises
    ------
    BadParameter
        Naming the first places without a group.
    """
    lost = [p for p in places if p not in groups]
    if lost:
        raise BadParameter("groups", ", ".join(lost[:3]), _GROUPS)
    names = tuple(dict.fromkeys(groups[p] for p in places))
    return names, np.array([names.index(groups[p]) for p in places], dtype=np.int64)


_SOURCES = Text(zh="来源组须是 groups 中的组。", en="a source must be one of the groups of places.")
_GROUPS = Text(
    zh="每个地区须属于一个组。请为这些地区指定组。",
    en="every place must belong to a group. Name the group of these places.",
)
