"""Who infected whom, as probabilities: trees drawn from their posterior distribution.

Every case i infects, in a Poisson process, ν_i p(d) people who fall ill d days after it; ν_i is a
gamma of mean R and shape k, so that the offspring are negative binomial; λ people a day are infected
by somebody who is not on the list. With w_ij what the days and other evidence say of the pair, a tree
(every case has one infector or comes from outside, and nobody descends from themselves) has ::

    P(tree | data) ∝ Π_links w_ij · Π_outside λ o_j · Π_i Γ(k + n_i) / (Γ(k) (k/R)^−k (k/R + c_i)^(k + n_i))

n_i the people whom i infected. Given all other links, case j was infected by i with odds
w_ij (k + n_i) / (k/R + c_i) against λ o_j from outside (λ by week, times the share of j's place): links are drawn anew one after the other
(Gibbs sampling), links are turned round (Metropolis steps), and R, k, λ and what shared households and clusters mean are drawn in between.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit
from scipy import special

from tongchou.surveillance.chains.candidates import KINDS, UNKNOWN_DAY, Candidates
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

WEEK, STEADY = 7, 2.0
"""λ has a value for each week; these vary about their mean as a gamma of this shape."""

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
    per_day: Floats
    usual_per_day: float
    place_share: Floats
    likelier: Floats
    R: float = 1.0
    k: float = 1.0


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
    week, place = _weeks(candidates), np.maximum(candidates.groups[0], 0)
    for sweep in range(WARM_UP + draws * BETWEEN):
        weight = _weights(candidates, state)
        outside_weight = candidates.outside * state.per_day[week] * state.place_share[place]
        _turn(
            state.tree,
            state.offspring,
            candidates.start,
            candidates.infector,
            weight,
            outside_weight,
            candidates.exposure,
            state.R,
            state.k,
            rng.integers(0, n, n),
            rng.random(n),
        )
        learn = sweep >= WARM_UP
        _sweep(
            state.tree,
            state.offspring,
            candidates.start,
            candidates.infector,
            weight,
            outside_weight,
            candidates.exposure,
            state.R,
            state.k,
            rng.random(n),
            links,
            outside,
            learn,
        )
        _draw_numbers(candidates, state, week, fixed, rng)
        if learn and (sweep - WARM_UP) % BETWEEN == 0:
            trees[(sweep - WARM_UP) // BETWEEN] = state.tree
            for name, values in kept.items():
                values.append(float(np.mean(getattr(state, name))))
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
    usual = max(n, 1) / c.span / 4
    weeks = int(_weeks(c).max(initial=0)) + 1
    places = int(c.groups[0].max(initial=0)) + 1
    return _State(
        tree=tree,
        offspring=offspring,
        per_day=np.full(weeks, usual),
        usual_per_day=usual,
        place_share=np.full(places, 1 / places),
        likelier=np.ones((len(KINDS), places)),
    )


def _weeks(c: Candidates) -> Ints:
    """Give the week of each onset, the first being 0."""
    dated = c.onset != UNKNOWN_DAY
    first = c.onset[dated].min() if dated.any() else 0
    return np.where(dated, (c.onset - first) // WEEK, 0)


def _weights(c: Candidates, state: _State) -> Floats:
    """Give w_ij: the days, the list, and how much likelier a link is among those who share a kind."""
    place = np.maximum(c.groups[0], 0)[c.infectee]
    return np.asarray(c.time * c.named * state.likelier[c.kind, place])


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


@njit(cache=True)
def _weight_of(
    start: Ints, infector: Ints, weight: Floats, outside_weight: Floats, i: int, j: int
) -> float:
    """Give the weight of i → j, 0 where i is no candidate; infectors stand in rising order."""
    if i < 0:
        return float(outside_weight[j])
    low, high = start[j], start[j + 1]
    at = low + np.searchsorted(infector[low:high], i)
    return float(weight[at]) if at < high and infector[at] == i else 0.0


@njit(cache=True)
def _turn(
    tree: Ints,
    offspring: Ints,
    start: Ints,
    infector: Ints,
    weight: Floats,
    outside_weight: Floats,
    exposure: Floats,
    R: float,
    k: float,
    which: Ints,
    uniform: Floats,
) -> None:
    """Propose to turn links round: from p → i → j to p → j → i, as likely as it is the better tree.

    Two who almost surely infected one another, in an order not known, would otherwise stay in the order in
    which they were first drawn.
    """
    for step in range(len(which)):
        j = which[step]
        i = tree[j]
        if i < 0:
            continue
        p = tree[i]
        turned = _weight_of(start, infector, weight, outside_weight, j, i)
        if turned <= 0:
            continue
        new = turned * _weight_of(start, infector, weight, outside_weight, p, j)
        new *= (k + offspring[j]) / (k / R + exposure[j])
        old = _weight_of(start, infector, weight, outside_weight, i, j)
        old *= _weight_of(start, infector, weight, outside_weight, p, i)
        old *= (k + offspring[i] - 1) / (k / R + exposure[i])
        if uniform[step] * old < new:
            tree[j], tree[i] = p, j
            offspring[i] -= 1
            offspring[j] += 1


def _draw_numbers(
    c: Candidates, state: _State, week: Ints, fixed: npt.NDArray[np.bool_], rng: np.random.Generator
) -> None:
    """Draw λ, R, k and the shares of each kind of link, given the tree."""
    from_outside = (state.tree == OUTSIDE) & ~(c.imported & fixed)
    weeks = len(state.per_day)
    counts = np.bincount(week[from_outside], minlength=weeks)
    state.per_day = rng.gamma(STEADY + counts) / (STEADY / state.usual_per_day + WEEK)
    # 1/mean of gammas of shape a given their sum is a gamma of shape a · weeks, flat in its logarithm.
    total = STEADY * max(float(state.per_day.sum()), 1e-12)
    state.usual_per_day = total / float(rng.gamma(STEADY * weeks))
    place = np.maximum(c.groups[0], 0)
    places = int(place.max(initial=0)) + 1
    state.place_share = rng.dirichlet(1.0 + np.bincount(place[from_outside], minlength=places))
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
    """Draw how much likelier a link is when the two share a cluster or household (kind, place).

    Links divide among the kinds with shares that are flat before anything is seen. People who share a
    household (or cluster) without an infection between them got there by a second introduction, with
    probability ε, into one of the H households of their place that have cases: a link within weighs its
    share over ε / H.
    """
    place = np.maximum(c.groups[0], 0)
    places = int(place.max(initial=0)) + 1
    present = np.array([False, True, *((c.groups[k - 1] >= 0).any() for k in range(2, len(KINDS)))])
    linked = state.tree[c.infectee] == c.infector
    counts = np.bincount(c.kind[linked], minlength=len(KINDS))
    likelier = np.ones((len(KINDS), places))
    likelier[present] = rng.dirichlet(counts[present] + 1.0)[:, None]
    for kind in range(GROUPED, len(KINDS)):
        if present[kind]:
            likelier[kind] *= _groups_over_chance(c.groups[kind - 1], place, state.tree, rng)
    return likelier


def _groups_over_chance(group: Ints, place: Ints, tree: Ints, rng: np.random.Generator) -> Floats:
    """Draw H / ε for each place: H groups with cases there, ε that a case falls into one by chance."""
    known = group >= 0
    groups = len(np.unique(group[known]))
    apart = int(known.sum() - (known & (tree >= 0) & (group[tree] == group)).sum())
    chance = rng.beta(1 + apart - groups, SECOND_PRIOR + groups)
    pairs = np.unique(np.stack([place[known], group[known]]), axis=1)
    here = np.bincount(pairs[0], minlength=int(place.max(initial=0)) + 1)
    return np.maximum(here, 1) / chance
