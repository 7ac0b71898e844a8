"""How long a one-sided CUSUM runs until its alarm, and the chart that runs as long as wanted."""

from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]

NODES = 40
"""Points of the quadrature; run lengths of thousands do not change in ten digits beyond it."""


RESTING_NODES = 400
REACH = 20.0
"""Where the resting distribution ends, in units of 1/k: exp(−40) lies beyond."""


class Chart(NamedTuple):
    """Reference value k and decision value h of a CUSUM, in standard deviations."""

    k: float
    h: float


def run_length(chart: Chart, shift: float = 0.0) -> float:
    """Give the mean number of steps to the alarm of a CUSUM of normal scores, started at zero.

    With L(z) the mean run from the value z, φ and Φ those of the normal distribution with mean ``shift`` ::

        L(z) = 1 + L(0) Φ(k − z) + ∫_0^h L(x) φ(x + k − z) dx

    solved on Gauss–Legendre nodes.

    References
    ----------
    Page ES. Biometrika 1954;41:100-115, doi 10.1093/biomet/41.1-2.100. Brook D, Evans DA. Biometrika
    1972;59:539-549, doi 10.1093/biomet/59.3.539.

    Examples
    --------
    Half a standard deviation as reference, limit 5 (printed as 930 and 10.4):

    >>> chart = Chart(k=0.5, h=5)
    >>> round(run_length(chart), 1), round(run_length(chart, shift=1), 2)
    (930.9, 10.38)
    """
    x, step_to = _kernel(chart, shift)
    system = np.eye(len(x) + 1)
    ground = np.concatenate([[0.0], x])
    system[:, 0] -= special.ndtr(chart.k - ground - shift)
    system[:, 1:] -= step_to
    return float(np.linalg.solve(system, np.ones(len(system)))[0])


def _kernel(chart: Chart, shift: float) -> tuple[Floats, Floats]:
    """Give nodes in (0, h), and the probability of a step from 0 and each node to about each node."""
    node, weight = np.polynomial.legendre.leggauss(NODES)
    x, weight = chart.h * (node + 1) / 2, chart.h * weight / 2
    apart = x[None, :] + chart.k - np.concatenate([[0.0], x])[:, None] - shift
    return x, weight * np.exp(-(apart**2) / 2) / np.sqrt(2 * np.pi)


@cache
def chart_for(in_control: float, out_of_control: float) -> Chart:
    """Give the chart with these mean run lengths: nothing going on, and a shift of twice k.

    A larger mean run while nothing goes on and a short one after a change are bought with each other: for
    each k there is one h with the first, and one k at which the second holds too.

    Parameters
    ----------
    in_control
        Mean number of steps to a false alarm.
    out_of_control
        Mean number of steps until a lasting shift by 2k standard deviations is found.

    References
    ----------
    Rossi G, Lampugnani L, Marchi M. Stat Med 1999;18:2111-2122,
    doi 10.1002/(SICI)1097-0258(19990830)18:16<2111::AID-SIM171>3.0.CO;2-Q.

    Examples
    --------
    >>> [round(v, 3) for v in chart_for(500, 7)]
    [0.594, 3.801]
    >>> [round(v, 2) for v in chart_for(500, 3)]
    [1.01, 2.29]
    """
    if not in_control > out_of_control > 1:
        raise BadParameter(
            "run lengths",
            f"{in_control}, {out_of_control}",
            Text(
                zh="无事时的平均步数须大于有变化时的，且后者大于 1。",
                en="the run while nothing goes on must exceed the run after a change, and that must exceed 1.",
            ),
        )

    def excess(k: float) -> float:
        chart = Chart(k, _limit(k, in_control))
        return run_length(chart, 2 * k) - out_of_control

    # Beyond this k even h = 0 runs longer than wanted.
    largest = -special.ndtri(1 / in_control)
    k = float(optimize.brentq(excess, 0.05, largest - 1e-4, xtol=1e-10))
    return Chart(k, _limit(k, in_control))


def _limit(k: float, in_control: float) -> float:
    """Give the h at which a chart of reference k runs so long; the run grows with h."""
    high = 1.0
    while run_length(Chart(k, high)) < in_control:
        high *= 1.5
    low = 1e-6 if high == 1.0 else high / 1.5
    return float(
        optimize.brentq(
            lambda h: np.log(run_length(Chart(k, h)) / in_control), low, high, xtol=1e-10
        )
    )


@cache
def _resting(k: float) -> tuple[Floats, Floats]:
    """Give values c and log P(C ≥ c) of a CUSUM that never stops, nothing going on.

    An atom at zero and a density g: g(x) = p_0 φ(x + k) + ∫ g(y) φ(x + k − y) dy, as far as it reaches.
    """
    top = REACH / k
    node, weight = np.polynomial.legendre.leggauss(RESTING_NODES)
    x, weight = top * (node + 1) / 2, top * weight / 2
    ground = np.concatenate([[0.0], x])
    step = np.exp(-((x[:, None] + k - ground[None, :]) ** 2) / 2) / np.sqrt(2 * np.pi)
    step[:, 1:] *= weight
    # One unknown is free: take p_0 = 1, solve for g, then share out.
    g = np.linalg.solve(np.eye(len(x)) - step[:, 1:], step[:, 0])
    mass = np.concatenate([[1.0], weight * g])
    mass /= mass.sum()
    c = np.linspace(0, top * 0.9, 2000)
    tail = special.ndtr(ground[None, :] - k - c[:, None]) @ mass
    tail[0] = 1.0
    return c, np.log(tail)


def resting_tail(value: Floats, k: float) -> Floats:
    """Give P(C ≥ c) of a one-sided CUSUM of normal scores that is never reset, nothing going on.

    It falls off as exp(−2 k c).

    Examples
    --------
    >>> tail = resting_tail(np.array([0.0, 2.0, 4.0]), 0.5)
    >>> float(tail[0]), round(float(tail[1] / tail[2]), 2), round(float(np.exp(2 * 0.5 * 2)), 2)
    (1.0, 7.4, 7.39)
    """
    c, log_tail = _resting(k)
    slope = (log_tail[-1] - log_tail[-2]) / (c[-1] - c[-2])
    beyond = np.maximum(value - c[-1], 0.0) * slope
    return np.asarray(np.exp(np.interp(value, c, log_tail) + beyond))
