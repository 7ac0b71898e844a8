"""Who infected whom, as probabilities: trees drawn from their posterior distribution.

Every case i infects, in a Poisson process, ν_i p(d) people who fall ill d days after it; ν_i is a
gamma of mean R and shape k, so that the offspring are negative binomial; λ people a day are infected
by somebody who is not on the list. With w_ij what the days and other evidence say of the pair, a tree
(every case has one infector or comes from outside, and nobody descends from themselves) has ::

    P(tree | data) ∝ Π_links w_ij · Π_outside λ o_j · Π_i Γ(k + n_i) / (Γ(k) (k/R)^−k (k/R + c_i)^(k + n_i))

n_i the people whom i infected. Given all other links, case j was infected by i with odds
w_ij (k + n_i) / (k/R + c_i) against λ o_j from outside (λ by week, times the share of j's place): links are drawn anew one after the other
(Gibbs sampling), links are turned round (Metropolis steps), and R, k, λ, how steady λ is from week to week and what shared households and
clusters mean are drawn in between.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit
from scipy import special

from tongchou.surveillance.chains.candidates import KINDS, UNKNOWN_DAY, Candidates
from tongchou.surveillance.chains.gibbs import (
    OUTSIDE,
    count_kinds,
    draw_likelier,
    draw_mean_and_shape,
    draw_outside,
    sweep,
    turn,
)
from tongchou.surveillance.chains.likelihood import Estimate
from tongchou.surveillance.chains.offspring import Offspring
from tongchou.vocabulary.parameter import parameter

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

WARM_UP, BETWEEN = 150, 2
"""Sweeps over all cases before the first tree is kept, and from one kept tree to the next."""

LOG_R_SD = parameter("chain_reproduction_prior_sd").value
LOG_K_SD = parameter("chain_dispersion_prior_sd").value
"""Before anything is seen R and k are log-normal about 1 with these standard deviations."""

R_K_STEP, ZEROS, TRIES = np.array([0.2, 0.5]), np.zeros(2), 5
"""Lengths of the Metropolis steps, and how many there are in one sweep."""

WEEK = 7
FROM_OUTSIDE = 0.25
"""λ has a value for each week; these vary about their mean as a gamma. Before anything is seen a quarter of all
cases comes from outside, within a factor of 50 either way."""

USUAL_SPREAD, USUAL_STEP = np.array([2.0, 1.5]), np.array([0.3, 0.6])
"""Standard deviations of the logarithms of that mean and of the gamma's shape (about LOG_STEADY), and lengths of their
steps. A fixed shape takes a steady λ for one that varies, and what it then explains as chains raises R."""

LOG_STEADY = 1.5

SECOND_PRIOR = 1 / parameter("chain_second_introduction").value - 1
"""ε is a beta(1, this) before anything is seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """Trees drawn, and what they say together.

    ``trees`` is an array (draw, case) of the index of the infector, −1 for nobody on the list;
    ``probability`` is that of each candidate link, ``outside`` that each case has no infector on the
    list; ``R``, ``k`` and ``per_day`` (λ) have one value for each sweep, ``BETWEEN`` to a tree.
    """

    candidates: Candidates
    trees: Ints
    probability: Floats
    outside: Floats
    R: Floats
    k: Floats
    per_day: Floats

    @property
    def entropy(self) -> Floats:
        """Give for each case how open its source is, bits: 0 certain, 1 two equally likely."""
        c = self.candidates
        bits = -special.xlogy(self.probability, self.probability) / np.log(2)
        own = -special.xlogy(self.outside, self.outside) / np.log(2)
        return np.asarray(own + np.bincount(c.infectee, bits, minlength=len(c.case_id)))

    @property
    def is_certain(self) -> bool:
        """Whether nothing is open: every case has one source."""
        return bool((self.entropy < 1e-9).all())

    def offspring(self, level: float = 0.95) -> Offspring:
        """Give the median of R and k with their ranges: they were drawn together with the trees."""
        tails = [0.5, (1 - level) / 2, (1 + level) / 2]
        R, k = (np.quantile(values, tails) for values in (self.R, self.k))
        return Offspring(
            R=Estimate(value=float(R[0]), low=float(R[1]), high=float(R[2])),
            k=Estimate(value=float(k[0]), low=float(k[1]), high=float(k[2])),
            cases=self.trees.shape[1],
            infected=round(float((self.trees >= 0).sum(axis=1).mean())),
        )


def draw_trees(candidates: Candidates, draws: int, rng: np.random.Generator) -> Posterior:
    """Draw trees from their posterior distribution.

    Parameters
    ----------
    candidates
        From :func:`.candidates.find_candidates`.
    draws
        Trees to keep.
    rng
        Random numbers.

    References
    ----------
    Wallinga J, Teunis P. Am J Epidemiol 2004;160:509-516, doi 10.1093/aje/kwh255 (the weights, there
    with equal ν and nobody from outside). Lloyd-Smith JO and others. Nature 2005;438:355-359,
    doi 10.1038/nature04153 (gamma distributed ν). Zhuang J, Ogata Y, Vere-Jones D. J Am Stat Assoc
    2002;97:369-380, doi 10.1198/016214502760046925 (outside against inside, as for earthquakes).
    """
    c, n = candidates, len(candidates.case_id)
    place, week = np.maximum(c.groups[0], 0), _weeks(c)
    fixed = np.diff(c.start) == 0
    here, distinct = _groups(c, place)
    trees, links, outside, numbers = _run(
        _first_tree(c),
        c.start,
        c.infector,
        c.time * c.named,
        c.kind,
        c.outside,
        c.exposure,
        week,
        place,
        c.groups,
        here,
        distinct,
        ~(c.imported & fixed),
        FROM_OUTSIDE * max(n, 1) / (int(week.max(initial=0)) + 1),
        np.array([LOG_R_SD, LOG_K_SD]),
        SECOND_PRIOR,
        draws,
        rng,
    )
    outside[fixed] = draws * BETWEEN
    return Posterior(
        candidates=c,
        trees=trees,
        probability=links / (draws * BETWEEN),
        outside=outside / (draws * BETWEEN),
        R=np.exp(numbers[:, 0]),
        k=np.exp(numbers[:, 1]),
        per_day=numbers[:, 2],
    )


def _first_tree(c: Candidates) -> Ints:
    """Begin with known links, everybody else from outside."""
    tree = np.full(len(c.case_id), OUTSIDE, dtype=np.int64)
    tree[c.infectee[c.known]] = c.infector[c.known]
    return tree


def _weeks(c: Candidates) -> Ints:
    """Give the week of each onset, the first being 0."""
    dated = c.onset != UNKNOWN_DAY
    first = c.onset[dated].min() if dated.any() else 0
    return np.where(dated, (c.onset - first) // WEEK, 0)


def _groups(c: Candidates, place: Ints) -> tuple[Floats, Ints]:
    """Give how many groups of each kind have cases in each place (kind, place), and in all."""
    here = np.zeros((len(KINDS), int(place.max(initial=0)) + 1))
    distinct = np.zeros(len(KINDS), dtype=np.int64)
    for kind in range(1, len(KINDS)):
        group = c.groups[kind - 1]
        known = group >= 0
        pairs = np.unique(np.stack([place[known], group[known]]), axis=1)
        here[kind] = np.bincount(pairs[0], minlength=here.shape[1])
        distinct[kind] = len(np.unique(group[known]))
    return here, distinct


@njit(cache=True)
def _run(
    tree: Ints,
    start: Ints,
    infector: Ints,
    base: Floats,
    kind: Ints,
    factor: Floats,
    exposure: Floats,
    week: Ints,
    place: Ints,
    groups: Ints,
    here: Floats,
    distinct: Ints,
    counted: Bools,
    usual_week: float,
    spread: Floats,
    second: float,
    draws: int,
    rng: np.random.Generator,
) -> tuple[Ints, Floats, Floats, Floats]:
    """Draw links and numbers in turn; give the trees kept, the sums of probabilities, and the numbers."""
    n, places, weeks = len(tree), here.shape[1], week.max() + 1
    offspring = np.zeros(n, np.int64)
    for j in range(n):
        if tree[j] >= 0:
            offspring[tree[j]] += 1
    links, outside = np.zeros(len(infector)), np.zeros(n)
    trees, numbers = np.empty((draws, n), np.int64), np.empty((draws * BETWEEN, 3))
    R_k, usual = np.zeros(2), np.array([math.log(usual_week), LOG_STEADY])
    ones, centre = np.ones(weeks), usual.copy()
    per_day, share = np.full(weeks, usual_week / WEEK), np.full(places, 1.0 / places)
    likelier = np.ones((len(KINDS), places))
    present = distinct > 0
    present[1] = True
    kinds, weight, outside_weight = np.zeros(len(KINDS)), base.copy(), np.empty(n)
    by_week, by_place = np.zeros(weeks, np.int64), np.zeros(places)
    for step in range(WARM_UP + draws * BETWEEN):
        for j in range(n):
            outside_weight[j] = factor[j] * per_day[week[j]] * share[place[j]]
            for e in range(start[j], start[j + 1]):
                weight[e] = base[e] * likelier[kind[e], place[j]]
        R, k = math.exp(R_k[0]), math.exp(R_k[1])
        which = (rng.random(n) * n).astype(np.int64)
        luck = rng.random(n)
        turn(tree, offspring, start, infector, weight, outside_weight, exposure, R, k, which, luck)
        learn = step >= WARM_UP
        luck = rng.random(n)
        sweep(
            tree,
            offspring,
            start,
            infector,
            weight,
            outside_weight,
            exposure,
            R,
            k,
            luck,
            links,
            outside,
            learn,
        )
        by_week[:] = 0
        by_place[:] = 0
        for j in range(n):
            if tree[j] < 0 and counted[j]:
                by_week[week[j]] += 1
                by_place[place[j]] += 1
        draw_mean_and_shape(by_week, ones, usual, centre, USUAL_SPREAD, USUAL_STEP, TRIES, rng)
        draw_outside(by_week, by_place, usual, WEEK, per_day, share, rng)
        draw_mean_and_shape(offspring, exposure, R_k, ZEROS, spread, R_K_STEP, TRIES, rng)
        count_kinds(tree, start, infector, kind, kinds)
        draw_likelier(kinds, present, tree, groups, here, distinct, second, likelier, rng)
        if learn:
            at = step - WARM_UP
            numbers[at, :2] = R_k
            numbers[at, 2] = per_day.mean()
            if at % BETWEEN == 0:
                trees[at // BETWEEN] = tree
    return trees, links, outside, numbers
