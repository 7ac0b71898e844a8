"""Who infected whom, as probabilities: trees drawn from their posterior distribution.

Every case i infects, in a Poisson process, ν_i p(d) people who fall ill d days after it; ν_i is a
gamma of mean R and shape k, so that the offspring are negative binomial; λ people a day are infected
by somebody who is not on the list. With w_ij what the days and other evidence say of the pair, a tree
(every case has one infector or comes from outside, and nobody descends from themselves) has ::

    P(tree | data) ∝ Π_links w_ij · Π_outside λ o_j · Π_i Γ(k + n_i) / (Γ(k) (k/R)^−k (k/R + c_i)^(k + n_i))

n_i the people whom i infected. Given all other links, case j was infected by i with odds
w_ij (k + n_i) / (k/R + c_i) against λ o_j from outside: links are drawn anew one after the other
(Gibbs sampling), and R, k, λ and what shared households and clusters mean are drawn in between.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from numba import njit
from scipy import special

from tongchou.surveillance.chains.candidates import KINDS, Candidates
from tongchou.surveillance.chains.offspring import negative_binomial
from tongchou.vocabulary.parameter import parameter

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

OUTSIDE = -1
WARM_UP, BETWEEN = 150, 2
"""Sweeps over all cases before the first tree is kept, and from one kept tree to the next."""

LOG_R_SD = parameter("chain_reproduction_prior_sd").value
LOG_K_SD = parameter("chain_dispersion_prior_sd").value
"""Before anything is seen R and k are log-normal about 1 with these standard deviations."""

LOG_R_STEP, LOG_K_STEP, TRIES = 0.2, 0.5, 5
"""Lengths of the Metropolis steps, and how many there are in one sweep."""

LARGEST_K = 1e6

GROUPED = 2
"""From this kind on (cluster, household) people who share it are expected to be linked."""

SECOND_PRIOR = 1 / parameter("chain_second_introduction").value - 1
"""ε is a beta(1, this) before anything is seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """Trees drawn, and what they say together.

    ``trees`` is an array (draw, case) of the index of the infector, −1 for nobody on the list;
    ``probability`` is that of each candidate link, ``outside`` that each case has no infector on the
    list; ``R``, ``k`` and ``per_day`` (λ) go with the draws.
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


@dataclass
class _State:
    """What is being drawn."""

    tree: Ints
    offspring: Ints
    R: float = 1.0
    k: float = 1.0
    per_day: float = 0.1
    likelier: Floats = field(default_factory=lambda: np.ones(len(KINDS)))


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
    n = len(candidates.case_id)
    state = _first_state(candidates)
    links, outside = np.zeros(len(candidates.infector)), np.zeros(n)
    trees = np.empty((draws, n), dtype=np.int64)
    kept: dict[str, list[float]] = {"R": [], "k": [], "per_day": []}
    fixed = np.diff(candidates.start) == 0
    for sweep in range(WARM_UP + draws * BETWEEN):
        weight = _weights(candidates, state)
        learn = sweep >= WARM_UP
        _sweep(
            state.tree,
            state.offspring,
            candidates.start,
            candidates.infector,
            weight,
            candidates.outside * state.per_day,
            candidates.exposure,
            state.R,
            state.k,
            rng.random(n),
            links,
            outside,
            learn,
        )
        _draw_numbers(candidates, state, fixed, rng)
        if learn and (sweep - WARM_UP) % BETWEEN == 0:
            trees[(sweep - WARM_UP) // BETWEEN] = state.tree
            for name, values in kept.items():
                values.append(float(getattr(state, name)))
    outside[fixed] = draws * BETWEEN
    return Posterior(
        candidates=candidates,
        trees=trees,
        probability=links / (draws * BETWEEN),
        outside=outside / (draws * BETWEEN),
        R=np.array(kept["R"]),
        k=np.array(kept["k"]),
        per_day=np.array(kept["per_day"]),
    )


def _first_state(c: Candidates) -> _State:
    """Begin with known links, everybody else from outside."""
    n = len(c.case_id)
    tree = np.full(n, OUTSIDE, dtype=np.int64)
    tree[c.infectee[c.known]] = c.infector[c.known]
    offspring = np.bincount(tree[tree >= 0], minlength=n).astype(np.int64)
    return _State(tree=tree, offspring=offspring, per_day=max(n, 1) / c.span / 4)


def _weights(c: Candidates, state: _State) -> Floats:
    """Give w_ij: the days, the list, and how much likelier a link is among those who share a kind."""
    return np.asarray(c.time * c.named * state.likelier[c.kind])


@njit(cache=True)
def _sweep(
    tree: Ints,
    offspring: Ints,
    start: Ints,
    infector: Ints,
    weight: Floats,
    outside_weight: Floats,
    exposure: Floats,
    R: float,
    k: float,
    uniform: Floats,
    links: Floats,
    outside: Floats,
    learn: bool,
) -> None:
    """Draw the infector of every case anew, given everybody else's; add up the probabilities."""
    n = len(tree)
    odds = np.empty(0)
    for j in range(n):
        low, high = start[j], start[j + 1]
        m = high - low
        if m == 0:
            continue
        if len(odds) < m:
            odds = np.empty(2 * m)
        if tree[j] >= 0:
            offspring[tree[j]] -= 1
        total = outside_weight[j]
        for e in range(m):
            i = infector[low + e]
            value = weight[low + e] * (k + offspring[i]) / (k / R + exposure[i])
            if offspring[j] > 0:
                above = i
                while above >= 0 and above != j:
                    above = tree[above]
                if above == j:
                    value = 0.0
            odds[e] = value
            total += value
        chosen = OUTSIDE
        if total > 0:
            point = uniform[j] * total
            for e in range(m):
                point -= odds[e]
                if point < 0:
                    chosen = infector[low + e]
                    break
            if learn:
                for e in range(m):
                    links[low + e] += odds[e] / total
                outside[j] += outside_weight[j] / total
        elif learn:
            outside[j] += 1.0
        tree[j] = chosen
        if chosen >= 0:
            offspring[chosen] += 1


def _draw_numbers(
    c: Candidates, state: _State, fixed: npt.NDArray[np.bool_], rng: np.random.Generator
) -> None:
    """Draw λ, R, k and the shares of each kind of link, given the tree."""
    from_outside = int(((state.tree == OUTSIDE) & ~(c.imported & fixed)).sum())
    state.per_day = float(rng.gamma(max(from_outside, 1)) / c.span)
    _draw_offspring(c, state, rng)
    state.likelier = _draw_likelier(c, state, rng)


def _draw_offspring(c: Candidates, state: _State, rng: np.random.Generator) -> None:
    """Draw R and k by Metropolis steps on their logarithms."""

    def score(log_R: float, log_k: float) -> float:
        if log_k > np.log(LARGEST_K):
            return -np.inf
        prior = -0.5 * ((log_R / LOG_R_SD) ** 2 + (log_k / LOG_K_SD) ** 2)
        mean = np.exp(log_R) * c.exposure
        return prior + float(negative_binomial(state.offspring, mean, np.exp(log_k)).sum())

    at = np.log([state.R, state.k])
    now = score(at[0], at[1])
    steps = rng.normal(0, 1, (TRIES, 2)) * (LOG_R_STEP, LOG_K_STEP)
    for step, u in zip(steps, rng.random(TRIES), strict=True):
        then = score(*(at + step))
        if np.log(u) < then - now:
            at, now = at + step, then
    state.R, state.k = (float(x) for x in np.exp(at))


def _draw_likelier(c: Candidates, state: _State, rng: np.random.Generator) -> Floats:
    """Draw how much likelier a link is when the two share a place, cluster or household.

    Links divide among the kinds with shares that are flat before anything is seen. Against the share of
    a place stands how often candidates share one. People who share a household (or cluster) without an
    infection between them got there by a second introduction, with probability ε, into one of the H
    households that have cases: against the share of households stands ε / H.
    """
    present = c.background > 0
    if present.sum() < 2:
        return np.ones(len(KINDS))
    linked = state.tree[c.infectee] == c.infector
    counts = np.bincount(c.kind[linked], minlength=len(KINDS))
    shares = np.zeros(len(KINDS))
    shares[present] = rng.dirichlet(counts[present] + 1.0)
    usual = c.background / max(c.background[:GROUPED].sum(), 1.0)
    for kind in range(GROUPED, len(KINDS)):
        if present[kind]:
            usual[kind] = _draw_by_chance(c.groups[kind - 1], state.tree, rng)
    return np.where(present, shares / np.maximum(usual, 1e-12), 1.0)


def _draw_by_chance(group: Ints, tree: Ints, rng: np.random.Generator) -> float:
    """Draw ε / H: the chance that somebody falls into a given group without being infected there."""
    known = group >= 0
    groups = len(np.unique(group[known]))
    linked = known & (tree >= 0) & (group[tree] == group)
    apart = int(known.sum() - linked.sum())
    again = apart - groups
    return float(rng.beta(1 + again, SECOND_PRIOR + apart - again) / groups)
