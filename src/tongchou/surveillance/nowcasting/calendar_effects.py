"""What the day of the calendar does to the speed of reports: how far, and how surely, it may change it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MONTH = 30.0
TRENDS = ((0.0, 1000), (0.5, 1000), (0.75, 28), (1.5, 14))
"""Grid of the trend: its sd, log hazard per month, and the days it has lasted. None; by two thirds a month either
way all along; and up or down by half within the last four weeks or fortnight, steady before."""
TREND_CHANCES = (0.65, 0.2, 0.05, 0.1)
"""Prior probability of each. Of a change of the last days the delays themselves say little: what is not reported
yet is missing from them. So the chance of one is not waived by the data, and each band allows for it."""
DRIFTS = (0.01, 0.05, 0.12, 0.3, 0.7)
"""Grid of the drift of the hazard, log sd per square root of a day: in a week twofold at 0.3, sixfold at 0.7."""
WEEKDAYS = (0.03, 0.2, 0.8)
"""Grid of the sd between days of the week, log hazard: at 0.8 some are twice as fast as others."""
SINGLE_DAYS = (0.02, 0.1, 0.25, 0.5, 1.0, 2.0)
"""Grid of the sd between single days: at 2 reports come in batches."""
USUAL_DRIFT, USUAL_WEEKDAY, USUAL_SINGLE_DAY = 0.15, 0.2, 0.1
"""Prior means of the three scales. Of the drift, the one under which replays of six real line lists score best: real
delays change far more than a smaller one would allow (validation page)."""
UNUSUAL_SD = 3.0
"""Prior sd of the effect of a day taken out of the ordinary, log hazard: nearly free."""
SIZES = (len(TRENDS), len(DRIFTS), len(WEEKDAYS), len(SINGLE_DAYS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scales:
    """How much the hazard of being reported changes with the calendar.

    Attributes
    ----------
    trend, lasting
        sd of the steady change, log hazard per month, and the days it has lasted: before them there was none.
    drift
        sd of the unsteady change, log hazard per square root of a day.
    weekday, single_day
        sd between days of the week and between single days, log hazard.
    """

    trend: float
    lasting: int
    drift: float
    weekday: float
    single_day: float

    def covariance(self, weekday: Ints, unusual: Flags) -> Floats:
        """Give the prior covariance of the effects of the days, of which the last is today.

        All change is counted back from today, so that the course over the delay is today's. Days b and b' back
        share, with g the trend and L the days it has lasted, ::

            g² min(b, L) min(b', L) + drift² min(b, b')

        and the effect of the weekday if it is the same.

        Parameters
        ----------
        weekday : (day,)
            Day of the week, 0 to 6.
        unusual : (day,)
            Days out of the ordinary, whose effect is nearly free.

        Examples
        --------
        >>> one = Scales(trend=0.0, lasting=14, drift=0.5, weekday=0.0, single_day=0.0)
        >>> one.covariance(np.arange(3), np.zeros(3, dtype=bool)).tolist()
        [[0.5, 0.25, 0.0], [0.25, 0.25, 0.0], [0.0, 0.0, 0.0]]
        """
        back = np.arange(len(weekday))[::-1].astype(float)
        changed = np.minimum(back, self.lasting) * self.trend / MONTH
        effect = self.drift**2 * np.minimum.outer(back, back) + np.multiply.outer(changed, changed)
        effect += self.weekday**2 * (weekday[:, None] == weekday[None, :])
        effect[np.diag_indices(len(weekday))] += np.where(unusual, UNUSUAL_SD, self.single_day) ** 2
        return np.asarray(effect)


def scales_at(place: tuple[int, ...]) -> Scales:
    """Give the scales of a point of the grid."""
    trend, drift, weekday, single_day = place
    return Scales(
        trend=TRENDS[trend][0], lasting=TRENDS[trend][1], drift=DRIFTS[drift],
        weekday=WEEKDAYS[weekday], single_day=SINGLE_DAYS[single_day],
    )  # fmt: skip


def log_prior(place: tuple[int, ...]) -> float:
    """Give the log prior probability of a point of the grid.

    A scale is exponential: no change at all is the simplest case and the likeliest, and the data must speak for
    another. Each point of the grid stands for the values nearer to it, in proportion, than to the others.

    References
    ----------
    Simpson D, Rue H, Riebler A, Martins TG, Sørbye SH. Stat Sci 2017;32:1-28, doi 10.1214/16-STS576
    (priors that penalise complexity).
    """
    trend, *scales = place
    chances = [masses[k] for masses, k in zip(_MASSES, scales, strict=True)]
    return float(np.log([TREND_CHANCES[trend], *chances]).sum())


def _masses(grid: tuple[float, ...], mean: float) -> Floats:
    """Give the mass of an exponential distribution that falls to each point of a grid.

    >>> _masses((1.0, 4.0), 2.0).round(3).tolist()
    [0.632, 0.368]
    """
    cuts = np.sqrt(np.array(grid[1:]) * np.array(grid[:-1]))
    return np.asarray(np.diff(-np.expm1(-np.array([0.0, *cuts, np.inf]) / mean)))


_MASSES = (
    _masses(DRIFTS, USUAL_DRIFT),
    _masses(WEEKDAYS, USUAL_WEEKDAY),
    _masses(SINGLE_DAYS, USUAL_SINGLE_DAY),
)
