"""The ensemble adjustment Kalman filter: one observation after the other moves what it is correlated with.

References
----------
Anderson JL. Mon Weather Rev 2001;129:2884, doi 10.1175/1520-0493(2001)129<2884:AEAKFF>2.0.CO;2 (the
filter). Anderson JL. Mon Weather Rev 2003;131:634, doi 10.1175/1520-0493(2003)131<0634:ALLSFF>2.0.CO;2
(one observation at a time, by regression). Anderson JL. Mon Weather Rev 2012;140:2359,
doi 10.1175/MWR-D-11-00013.1 (regressions of a small ensemble are damped).
"""

from typing import Any, NamedTuple

import numpy as np

from tongchou.vocabulary.compiled import compiled

NOT, DAMPED, FULLY = 0, 1, 2
"""Whether an observation moves something: what is its own, fully; what it shares with many, damped."""


class Reach(NamedTuple):
    """What an observation may move.

    ``owner`` (observation) is whose it is and ``day`` (observation) when it was made;
    ``latent`` (owner, parameter) and ``others`` (owner, owner) say whether it may move a
    parameter, or what is expected of another owner's observations: ``NOT``, ``DAMPED`` or
    ``FULLY``; ``since`` (parameter) is the first day on which an observation can know of a parameter.
    """

    owner: Any
    day: Any
    latent: Any
    others: Any
    since: Any


@compiled(inline="always")
def damping(square: Any, members: Any) -> Any:
    """Give the factor by which a regression of a small ensemble is damped.

    With r² the squared sample correlation of M members, the adjusted coefficient of determination
    over the plain one: max(0, 1 − (1 − r²) / ((M − 2) r²)). What chance alone would show counts nothing.

    >>> round(damping(0.5, 102), 3), damping(0.005, 102)
    (0.99, 0.0)
    """
    if square <= 0.0:
        return 0.0
    return max(0.0, 1.0 - (1.0 - square) / ((members - 2) * square))


@compiled(nogil=True)
def _regress(target: Any, away: Any, moved: Any, square_sum: float, how: int) -> None:
    """Move a target (member) along its regression on an observed quantity."""
    members = target.shape[0]
    mean = 0.0
    for m in range(members):
        mean += target[m]
    mean /= members
    with_it, own = 0.0, 0.0
    for m in range(members):
        d = target[m] - mean
        with_it += d * away[m]
        own += d * d
    if own <= 0.0:
        return
    slope = with_it / square_sum
    if how == DAMPED:
        slope *= damping(with_it * with_it / (square_sum * own), members)
    if slope != 0.0:
        for m in range(members):
            target[m] += slope * moved[m]


@compiled(nogil=True)
def assimilate(expected: Any, observed: Any, variance: Any, reach: Reach, latent: Any) -> None:
    """Adjust an ensemble to observations, one after the other; both arrays of members change.

    For an observation y with error variance v, of which the ensemble expects h_m with mean h̄ and
    variance s², each member moves by::

        Δh_m = s² / (s² + v) (y − h̄) + (√(v / (s² + v)) − 1) (h_m − h̄)

    so that mean and variance are those of the Kalman filter, and everything else within reach by
    its regression on h, damped where it is not its own.

    Parameters
    ----------
    expected : ndarray (observation, member)
        What each member expects of each observation, in the order of the days.
    observed, variance : ndarray (observation)
    reach
        What each may move.
    latent : ndarray (parameter, member)
    """
    count, members = expected.shape
    away, moved = np.empty(members), np.empty(members)
    for o in range(count):
        mean = 0.0
        for m in range(members):
            mean += expected[o, m]
        mean /= members
        square_sum = 0.0
        for m in range(members):
            away[m] = expected[o, m] - mean
            square_sum += away[m] * away[m]
        s2, v = square_sum / (members - 1), variance[o]
        if s2 < 1e-10:
            continue
        toward = s2 / (s2 + v) * (observed[o] - mean)
        narrower = np.sqrt(v / (s2 + v)) - 1.0
        for m in range(members):
            moved[m] = toward + narrower * away[m]
        mine, today = reach.owner[o], reach.day[o]
        for p in range(latent.shape[0]):
            how = reach.latent[mine, p]
            if how != NOT and reach.since[p] <= today:
                _regress(latent[p], away, moved, square_sum, how)
        for q in range(o + 1, count):
            how = reach.others[mine, reach.owner[q]]
            if how != NOT:
                _regress(expected[q], away, moved, square_sum, how)
