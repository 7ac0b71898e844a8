"""What the number of cases reported so far says of the share reported: draws of the hazard weighed by it."""

import numpy as np
import numpy.typing as npt

from tongchou.surveillance.nowcasting.drawing import LEAST
from tongchou.surveillance.nowcasting.intensity import (
    Course,
    bands,
    fit_courses,
    level,
    log_evidence,
)
from tongchou.vocabulary.compiled import compiled

Floats = npt.NDArray[np.float64]

EFFECTIVE = 0.25
"""Share of the draws that must be left in effect; below it the counts are believed in part only."""


def keep_likely(
    counts: Floats, hazard: Floats, precision: float, number: int, rng: np.random.Generator
) -> Floats:
    """Give ``number`` of the draws of the hazard, those likelier that fit the cases reported so far.

    The hazard is fitted to the delays of what is reported, and how *much* is reported of each onset says
    something too, because the course of cases is smooth: with y the cases reported, θ the hazard and c the scales
    of the course ::

        p(θ | y, delays) ∝ p(θ | delays) p(y | θ),      w = p(y | θ, c) / p(y | θ̄, c),   c ~ p(c | y, θ̄)

    Draws of θ from the delays are drawn again with weights w. Where few would be left in effect, (Σ w)² / Σ w²,
    the weights are w^a, a < 1.

    Parameters
    ----------
    counts : (day,), persons per day
        Reported so far.
    hazard : (draw, open day)
        Draws of the cumulated hazard Λ.
    precision
        M of the beta-binomial.

    References
    ----------
    Rubin DB. Using the SIR algorithm to simulate posterior distributions. In: Bayesian Statistics 3. Oxford
    University Press, 1988, 395-402 (sampling-importance resampling).
    """
    share = np.ones(len(counts))
    width = hazard.shape[1]
    share[-width:] = np.maximum(-np.expm1(-hazard.mean(axis=0)), LEAST)
    uneven = (1 - share) / (share * (precision + 1))
    courses = fit_courses(counts[None], share[None], uneven[None])
    weights = np.array([course.weight for course in courses])
    turn = rng.choice(len(courses), size=len(hazard), p=weights / weights.sum())
    score = np.zeros(len(hazard))
    middle = -np.log1p(-np.minimum(share[None, -width:], 1 - 1e-12))
    for which, course in enumerate(courses):
        mine = turn == which
        if mine.any():
            known = (course, precision, level(counts, share))
            score[mine] = _scores(counts, hazard[mine], *known)
            score[mine] -= _scores(counts, middle, *known)
    chance = _weights(score)
    at = (np.arange(number) + rng.random()) / number
    kept = np.minimum(np.searchsorted(np.cumsum(chance), at), len(hazard) - 1)
    return np.asarray(hazard[rng.permutation(kept)])


def _scores(counts: Floats, hazard: Floats, course: Course, M: float, mean: float) -> Floats:
    Q = bands(len(counts), course.memory, course.step)
    return np.asarray(_evidences(counts, hazard, course.excess, M, Q, mean))


def _weights(score: Floats) -> Floats:
    """Give weights in proportion to e^(a score), with the largest a ≤ 1 that leaves enough in effect.

    >>> _weights(np.log([1.0, 1.0, 2.0, 4.0])).tolist()
    [0.125, 0.125, 0.25, 0.5]
    """
    told = np.isfinite(score)
    score = np.where(told, score, score[told].min(initial=0.0))
    power = 1.0
    while True:
        weights = np.exp(power * (score - score.max()))
        weights /= weights.sum()
        if 1 / (weights**2).sum() >= EFFECTIVE * len(score):
            return np.asarray(weights)
        power *= 0.9


@compiled()
def _evidences(y, hazard, excess, M, Q, mean):  # type: ignore[no-untyped-def]
    """Give the log evidence of the counts (draw,) for each draw of the hazard."""
    number, width = hazard.shape
    days = len(y)
    x, L = np.zeros(days), np.zeros((3, days))
    F, r = np.ones(days), np.full(days, 1 / excess)
    out = np.zeros(number)
    for s in range(number):
        for i in range(width):
            share = max(1 - np.exp(-hazard[s, i]), LEAST)
            F[days - width + i] = share
            r[days - width + i] = 1 / (excess + (1 - share) / (share * (M + 1)))
        out[s] = log_evidence(y, F, r, Q, mean, x, L)
    return out
