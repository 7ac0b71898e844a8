"""Drawing trees: one infector anew, one link turned round, and the numbers that go with a tree.

Everything here is compiled and works on plain arrays; :mod:`.posterior` says what is drawn and why.
"""

import math

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

OUTSIDE = -1
GROUPED = 2
"""From this kind on (cluster, household) people who share it are expected to be linked."""

LARGEST_LOG_SHAPE = 13.8
"""A negative binomial of a larger shape, e^13.8 or a million, is a Poisson."""


@njit(cache=True)
def sweep(
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
def turn(
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


@njit(cache=True)
def log_score(n: Ints, exposure: Floats, mean: float, shape: float) -> float:
    """Give the log-probability of negative binomial counts, less what holds neither mean nor shape.

    ::

        Σ_i log [ Γ(a + n_i) / Γ(a) · (a/m)^a / (a/m + c_i)^(a + n_i) ]
    """
    above = np.zeros(n.max() + 1)
    for count in n:
        for m in range(count):
            above[m] += 1
    rate = shape / mean
    total = len(n) * shape * math.log(rate)
    for m in range(len(above)):
        total += above[m] * math.log(shape + m)
    for i in range(len(n)):
        total -= (shape + n[i]) * math.log(rate + exposure[i])
    return total


@njit(cache=True)
def draw_mean_and_shape(
    n: Ints,
    exposure: Floats,
    now: Floats,
    centre: Floats,
    spread: Floats,
    step: Floats,
    tries: int,
    rng: np.random.Generator,
) -> None:
    """Draw mean and shape of negative binomial counts by Metropolis steps on their logarithms ``now``.

    Both are log-normal before anything is seen, with the logarithms of ``centre`` and ``spread``.
    """
    score = log_score(n, exposure, math.exp(now[0]), math.exp(now[1]))
    score -= 0.5 * (((now - centre) / spread) ** 2).sum()
    for _ in range(tries):
        there = now + step * rng.standard_normal(2)
        luck = math.log(rng.random())
        if abs(there[1]) > LARGEST_LOG_SHAPE:
            continue
        then = log_score(n, exposure, math.exp(there[0]), math.exp(there[1]))
        then -= 0.5 * (((there - centre) / spread) ** 2).sum()
        if luck < then - score:
            now[:] = there
            score = then


@njit(cache=True)
def count_kinds(tree: Ints, start: Ints, infector: Ints, kind: Ints, counts: Floats) -> None:
    """Count the links of a tree by what the two share."""
    counts[:] = 0
    for j in range(len(tree)):
        if tree[j] >= 0:
            low, high = start[j], start[j + 1]
            counts[kind[low + np.searchsorted(infector[low:high], tree[j])]] += 1


@njit(cache=True)
def apart_from_group(tree: Ints, group: Ints) -> int:
    """Count the cases of known group whose infector is not of it."""
    apart = 0
    for j in range(len(tree)):
        if group[j] >= 0 and (tree[j] < 0 or group[tree[j]] != group[j]):
            apart += 1
    return apart


@njit(cache=True)
def draw_likelier(
    counts: Floats,
    present: Bools,
    tree: Ints,
    groups: Ints,
    here: Floats,
    distinct: Ints,
    second: float,
    likelier: Floats,
    rng: np.random.Generator,
) -> None:
    """Draw how much likelier a link is when the two share a cluster or household (kind, place).

    Links divide among the kinds with shares that are flat before anything is seen. People who share a
    household (or cluster) without an infection between them got there by a second introduction, with
    probability ε, into one of the H households of their place that have cases (``here``; ``distinct``
    in all): a link within weighs its share over ε / H. ε is a beta(1, ``second``) before anything is seen.
    """
    total = 0.0
    shares = np.zeros(len(counts))
    for kind in range(len(counts)):
        if present[kind]:
            shares[kind] = rng.standard_gamma(1.0 + counts[kind])
            total += shares[kind]
    for kind in range(len(counts)):
        if not present[kind]:
            continue
        likelier[kind] = shares[kind] / total
        if kind >= GROUPED:
            later = apart_from_group(tree, groups[kind - 1]) - distinct[kind]
            again = rng.standard_gamma(1.0 + later)
            chance = again / (again + rng.standard_gamma(second + distinct[kind]))
            likelier[kind] *= np.maximum(here[kind], 1.0) / chance


@njit(cache=True)
def draw_outside(
    by_week: Ints,
    by_place: Floats,
    usual: Floats,
    days: int,
    per_day: Floats,
    share: Floats,
    rng: np.random.Generator,
) -> None:
    """Draw λ for each week about the usual (log mean of a week, log shape), and the share of each place."""
    shape = math.exp(usual[1])
    rate = shape / math.exp(usual[0])
    for week in range(len(by_week)):
        per_day[week] = rng.standard_gamma(shape + by_week[week]) / (rate + 1) / days
    total = 0.0
    for place in range(len(by_place)):
        share[place] = rng.standard_gamma(1.0 + by_place[place])
        total += share[place]
    share /= total
