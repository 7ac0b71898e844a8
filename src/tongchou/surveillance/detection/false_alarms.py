"""How many alarms are false when thousands of places are judged every day, and how to hold them down."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]
Procedure = Literal["bh", "by"]


def mid_p(found: xr.Dataset) -> xr.DataArray:
    """Give P(Y > y) + P(Y = y)/2, which a count's steps do not push up.

    P(Y ≥ y) of a count is too large on average (1/2 plus half the probability of a tie), so that
    procedures made for smooth scores would hold back more than they promise.

    References
    ----------
    Lancaster HO. J Am Stat Assoc 1961;56:223-234, doi 10.1080/01621459.1961.10482105.
    """
    middle = (found["at_least"] + found["above"]) / 2
    middle.attrs = {"units": "probability"}
    return middle


def randomised_p(found: xr.Dataset, rng: np.random.Generator) -> xr.DataArray:
    """Give P(Y > y) + U P(Y = y), U even in 0 … 1: even itself where a detector is calibrated.

    To check a detector with; chance has no place in the alarm itself.
    """
    share = rng.random(found["above"].shape)
    p = found["above"] + share * (found["at_least"] - found["above"])
    p.attrs = {"units": "probability"}
    return p


def adjusted(p: xr.DataArray, procedure: Procedure = "bh") -> xr.DataArray:
    """Give, for each place, the smallest false discovery rate at which it is an alarm that date.

    With p_(1) ≤ … ≤ p_(m) of the m places judged on one date ::

        q_(i) = min_(j ≥ i) min(1, c m p_(j) / j)

    - ``bh``: c = 1, for places that are independent or rise together;
    - ``by``: c = 1 + 1/2 + … + 1/m, for any dependence.

    Parameters
    ----------
    p : DataArray (place, date), probability
        NaN: not judged, and not counted.

    References
    ----------
    Benjamini Y, Hochberg Y. J R Stat Soc B 1995;57:289-300, doi 10.1111/j.2517-6161.1995.tb02031.x.
    Benjamini Y, Yekutieli D. Ann Stat 2001;29:1165-1188, doi 10.1214/aos/1013699998.

    Examples
    --------
    >>> day = {"place": ["a", "b", "c", "d"], "date": [np.datetime64("2020-02-01", "ns")]}
    >>> p = xr.DataArray([[0.01], [0.04], [0.03], [0.5]], day, ("place", "date"))
    >>> adjusted(p).values[:, 0].round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]
    """
    if procedure not in ("bh", "by"):
        raise BadParameter("procedure", procedure, Text(zh="可用 bh、by。", en="it is bh or by."))
    p = p.transpose("place", "date")
    values = p.to_numpy()
    order = np.argsort(values, axis=0)  # NaN come last
    ranked = np.take_along_axis(values, order, axis=0)
    number = np.isfinite(values).sum(axis=0)
    rank = np.arange(1, len(values) + 1)[:, None]
    scale = _harmonic(number) if procedure == "by" else np.ones(len(number))
    raised = np.where(np.isnan(ranked), np.inf, ranked * scale * number / rank)
    lowest = np.minimum.accumulate(raised[::-1], axis=0)[::-1]
    q = np.empty_like(values)
    np.put_along_axis(q, order, np.minimum(lowest, 1.0), axis=0)
    return p.copy(data=np.where(np.isnan(values), np.nan, q))


def _harmonic(number: npt.NDArray[np.int64]) -> Floats:
    sums = np.concatenate([[1.0], np.cumsum(1 / np.arange(1, number.max(initial=1) + 1))])
    return np.asarray(sums[number])


def hold_down(found: xr.Dataset, rate: float, procedure: Procedure = "bh") -> xr.Dataset:
    """Give the same findings with alarms of which on average at most the share ``rate`` is false.

    The limits of each place stay as they were; what changes is which places are an alarm on a date, judged
    beside all others of that date. ``adjusted`` is added.

    Parameters
    ----------
    found : Dataset (place, date)
        Of any detector, with ``at_least`` and ``above``.
    rate
        False discovery rate.
    procedure
        As :func:`adjusted` has them.
    """
    if not 0 < rate < 1:
        raise BadParameter(
            "rate", rate, Text(zh="须在 0 与 1 之间。", en="it lies between 0 and 1.")
        )
    q = adjusted(mid_p(found), procedure)
    q.attrs = {"units": "false discovery rate"}
    alarm = (q <= rate) & (found["observed"] > found["expected"])
    alarm.attrs = dict(found["alarm"].attrs)
    return found.assign(alarm=alarm, adjusted=q)


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAlarms:
    """What to expect while nothing goes on anywhere.

    ``each_step``, mean number of false alarms in all places on one day or week; ``run_length``, mean
    number of steps between two of them in one place.
    """

    each_step: float
    run_length: float


def without_control(places: int, probability: float) -> FalseAlarms:
    """Give the false alarms of places that are each judged by their own limit.

    >>> without_control(2900, 0.005)
    FalseAlarms(each_step=14.5, run_length=200.0)
    """
    return FalseAlarms(each_step=places * probability, run_length=1 / probability)


def with_control(places: int, rate: float, procedure: Procedure = "bh") -> FalseAlarms:
    """Give the false alarms of many independent places whose false discovery rate is held at ``rate``.

    While nothing goes on anywhere a date has a false alarm at all with probability at most q, and the mean
    number of them tends to q/(1 − q)² as places grow many; for ``by`` q is the rate divided by
    1 + 1/2 + … + 1/m.

    References
    ----------
    Finner H, Roters M. Ann Stat 2002;30:220-238, doi 10.1214/aos/1015362191.

    Examples
    --------
    >>> quiet = with_control(2900, 0.05)
    >>> round(quiet.each_step, 4), round(quiet.run_length)
    (0.0554, 52345)
    """
    q = rate / float(_harmonic(np.array([places]))[0]) if procedure == "by" else rate
    each_step = q / (1 - q) ** 2
    return FalseAlarms(each_step=each_step, run_length=places / each_step)
