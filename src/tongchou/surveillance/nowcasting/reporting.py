"""How fast reports come in, and on which days of the calendar: the pooled hazard of being reported."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg

from tongchou.surveillance.nowcasting.calendar_effects import SIZES, Scales, log_prior, scales_at
from tongchou.surveillance.nowcasting.delay_likelihood import (
    Prior,
    by_report_day,
    cholesky,
    climb,
    inverse,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Place = tuple[int, ...]

DELAY_STEP_SD = 0.7
"""Prior sd of the change of a log hazard from one day of delay to the next: twofold is ordinary."""
LEVEL_SD = 3.0
"""Prior sd of the log hazard on the day of onset itself: nearly flat."""
LEVEL_MEAN = -2.0
LEAST_WEIGHT = 0.01
START: Place = (0, 1, 1, 1)
"""Setting from which the others are sought: hardly any change."""
FAR = 4.0
"""Log probability below the best at which the neighbours of a setting are no longer tried."""
UNUSUAL = 20.0
"""Deviance, chi-square on one degree of freedom, beyond which a day is taken out of the ordinary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting of the calendar scales: its weight, and the hazard as a Gaussian around its mode.

    Attributes
    ----------
    scales
        Of the effects of the calendar.
    weight
        Posterior probability of the setting.
    mode : (delay + calendar day,)
        γ_0 … γ_(D−1), then e of each day of the window.
    root : lower triangle
        Cholesky factor of the precision around the mode.
    """

    scales: Scales
    weight: float
    mode: Floats
    root: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """The fitted hazard of being reported.

    Attributes
    ----------
    settings
        The settings of the scales that the data support, the likeliest first.
    days, delays
        Days of the window; D.
    first_report
        Index of the first day on which anything was reported: before it there was no reporting.
    """

    settings: tuple[Setting, ...]
    days: int
    delays: int
    first_report: int

    def draws(self, number: int, rng: np.random.Generator) -> Floats:
        """Give draws of the parameters (draw, parameter)."""
        weights = np.array([setting.weight for setting in self.settings])
        turn = rng.choice(len(weights), size=number, p=weights / weights.sum())
        z = rng.standard_normal((number, self.delays + self.days))
        for which, setting in enumerate(self.settings):
            mine = turn == which
            off = linalg.solve_triangular(setting.root, z[mine].T, lower=True, trans="T")
            z[mine] = setting.mode + off.T
        return z

    def cumulated(self, parameters: Floats) -> Floats:
        """Give Λ_t, the hazard cumulated until today, for the D open days, oldest first (…, day)."""
        gamma, effect = parameters[..., : self.delays], parameters[..., self.delays :]
        result = np.zeros((*parameters.shape[:-1], self.delays))
        for place, age in enumerate(range(self.delays - 1, -1, -1)):
            onset = self.days - 1 - age
            lag = np.arange(age + 1)
            lag = lag[(onset + lag >= self.first_report) & (onset >= 0)]
            if len(lag):
                result[..., place] = np.exp(gamma[..., lag] + effect[..., onset + lag]).sum(-1)
        return result

    def hazards(self) -> Floats:
        """Give exp(γ_d + e_(t+d)) at the mode (onset, delay), 0 where nothing could be reported."""
        t, d = np.arange(self.days)[:, None], np.arange(self.delays)[None, :]
        day = t + d
        seen = (day < self.days) & (day >= self.first_report)
        mode = self.settings[0].mode
        effect = mode[self.delays :][np.minimum(day, self.days - 1)]
        return np.where(seen, np.exp(mode[: self.delays] + effect), 0.0)


def fit_reporting(cells: Floats, weekday: Ints, far: float = FAR) -> Reporting:
    """Give the hazard of being reported by delay and by day of the calendar, from a pooled triangle.

    A case of onset t not reported within d − 1 days is reported after d with probability ::

        h_(t,d) = 1 − exp(−exp(γ_d + e_(t+d))),  d < D;     h_(t,D) = 1

    so that F_t(x) = 1 − exp(−Σ_(d ≤ x) exp(γ_d + e_(t+d))). γ is the course over the delay; e_c that of
    calendar day c: a holiday or a day of arrears shows in it, because the cases of all onsets still
    open meet it together. The likelihood conditions on what has been reported of each onset,
    Π_d (p_(t,d) / F_t(T − t))^n, so that right truncation and the number of onsets drop out.

    Priors: γ a random walk over the delay; e a sum of a random walk over time (the delays change), an
    effect of the day of the week, and one of the single day; a day far off what was due (a
    holiday, a day of arrears) has an effect of its own, nearly free. The settings of the three scales on a grid
    are weighted by the Laplace approximation of their marginal likelihood.

    Parameters
    ----------
    cells : (onset, delay), persons
        Weighted counts, 0 where nothing can have been reported yet.
    weekday : (onset,)
        Day of the week of each day, 0 to 6.
    far
        Log probability below the best at which a setting has no neighbours tried; 0 climbs to the best alone.

    References
    ----------
    Günther F, Bender A, Katz K, Küchenhoff H, Höhle M. Biom J 2021;63:490-502, doi 10.1002/bimj.202000112
    (discrete hazards with effects of the reporting day). Höhle M, an der Heiden M. Biometrics
    2014;70:993-1002, doi 10.1111/biom.12194. Tierney L, Kadane JB. J Am Stat Assoc 1986;81:82-86,
    doi 10.1080/01621459.1986.10478240 (Laplace approximation).
    """
    days, delays = cells.shape[0], cells.shape[1] - 1
    n = np.ascontiguousarray(cells, dtype=float)
    first = _first_report(n)
    tail = np.cumsum(n[:, ::-1], axis=1)[:, ::-1]
    after = np.concatenate([tail[:, 1:], np.zeros((days, 1))], axis=1)
    ordinary = np.zeros(days, dtype=bool)
    start = np.concatenate([np.full(delays, LEVEL_MEAN), np.zeros(days)])
    guess = _explore(_scorer(n, after, first, weekday, ordinary), START, start, 0.0)[0]
    unusual = _unusual_days(n, after, first, guess.mode)
    tried = _explore(_scorer(n, after, first, weekday, unusual), guess.place, guess.mode, far)
    settings = _settings(tried)
    return Reporting(settings=settings, days=days, delays=delays, first_report=first)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    place: Place
    score: float
    mode: Floats
    root: Floats


_Score = Callable[[Place, Floats], _Tried]


def _scorer(n: Floats, after: Floats, first: int, weekday: Ints, unusual: Flags) -> _Score:
    """Give the function that fits a setting of the scales, starting from a mode near by."""
    delays = n.shape[1] - 1

    def score(place: Place, near: Floats) -> _Tried:
        prior = _prior(scales_at(place), weekday, delays, unusual)
        mode, root, fit = climb(n, after, first, prior, near)
        sharp = np.log(np.diag(prior.root)).sum() - np.log(np.diag(root)).sum()
        return _Tried(place=place, score=fit + sharp + log_prior(place), mode=mode, root=root)

    return score


def _settings(tried: list[_Tried]) -> tuple[Setting, ...]:
    """Give the settings that the data support, from all that were tried, the likeliest first."""
    weights = np.exp([one.score - tried[0].score for one in tried])
    weights /= weights.sum()
    return tuple(
        Setting(scales=scales_at(one.place), weight=float(w), mode=one.mode, root=one.root)
        for w, one in zip(weights, tried, strict=True)
        if w >= LEAST_WEIGHT
    )


def _explore(score: _Score, place: Place, mode: Floats, far: float) -> list[_Tried]:
    """Give the likely settings, the likeliest first: from the best one known outwards, step by step."""
    found = {place: score(place, mode)}
    outwards = [place]
    while outwards:
        best = max(one.score for one in found.values())
        outwards.sort(key=lambda one: found[one].score)
        here = found[outwards.pop()]
        if here.score < best - far:
            break
        for axis, size in enumerate(SIZES):
            for k in (here.place[axis] - 1, here.place[axis] + 1):
                beside = (*here.place[:axis], k, *here.place[axis + 1 :])
                if 0 <= k < size and beside not in found:
                    found[beside] = score(beside, here.mode)
                    outwards.append(beside)
    return sorted(found.values(), key=lambda one: -one.score)


def _unusual_days(n: Floats, after: Floats, first: int, mode: Floats) -> Flags:
    """Tell the days whose reports are far from what was due: holidays, and the days that make up for them."""
    seen, due = by_report_day(n, after, first, mode)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(seen > 0, seen * np.log(seen / due), 0.0)
    return np.asarray(2 * (ratio - (seen - due)) > UNUSUAL)


def _first_report(n: Floats) -> int:
    onset, delay = np.nonzero(n)
    return int((onset + delay).min()) if len(onset) else 0


def _prior(scales: Scales, weekday: Ints, delays: int, unusual: Flags) -> Prior:
    days = len(weekday)
    effect = scales.covariance(weekday, unusual)
    sharp = 1 / DELAY_STEP_SD**2
    course = np.diag(np.full(delays, 2 * sharp)) - sharp * (
        np.eye(delays, k=1) + np.eye(delays, k=-1)
    )
    course[-1, -1] = sharp
    course[0, 0] = 1 / LEVEL_SD**2 + (sharp if delays > 1 else 0.0)
    precision = linalg.block_diag(course, inverse(effect))
    mean = np.concatenate([np.full(delays, LEVEL_MEAN), np.zeros(days)])
    return Prior(mean=mean, precision=precision, root=cholesky(precision))
