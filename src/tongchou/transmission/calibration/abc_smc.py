"""A second opinion on few parameters: approximate Bayesian computation by sequential Monte Carlo.

No likelihood and no linear rule: draws whose simulated counts lie near those reported are kept, moved a
little, and held to a smaller distance, population after population.

References
----------
Toni T, Welch D, Strelkowa N, Ipsen A, Stumpf MPH. J R Soc Interface 2009;6:187, doi 10.1098/rsif.2008.0172.
Beaumont MA, Cornuet JM, Marin JM, Robert CP. Biometrika 2009;96:983, doi 10.1093/biomet/asp052 (a kernel
of twice the weighted variance).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Draws kept in the end: ``values`` (draw, parameter) with ``weights`` (draw), and the distances asked for."""

    names: tuple[str, ...]
    values: Floats
    weights: Floats
    distances: tuple[float, ...]

    def quantiles(self, levels: npt.ArrayLike) -> Floats:
        """Give weighted quantiles (level, parameter)."""
        wanted = np.atleast_1d(np.asarray(levels, dtype=float))
        columns = []
        for column in self.values.T:
            order = np.argsort(column)
            reached = np.cumsum(self.weights[order]) - self.weights[order] / 2
            columns.append(np.interp(wanted, reached, column[order]))
        return np.stack(columns, axis=1)


def abc_smc(
    distance: Callable[[Floats], Floats],
    prior: Mapping[str, tuple[float, float]],
    *,
    draws: int = 200,
    populations: int = 5,
    keep: float = 0.5,
    rng: np.random.Generator,
) -> Kept:
    """Keep draws whose simulations lie near the data.

    Population t holds draws θ with distance below ε_t, the ``keep`` quantile of the one before.
    A draw of the last population is moved by a normal kernel of twice its weighted variance and
    weighs::

        w_i = π(θ_i) / Σ_j w_j K(θ_i | θ_j)

    Parameters
    ----------
    distance
        From draws (draw, parameter) to distances (draw); it simulates.
    prior
        Mean and standard deviation of a normal for each parameter (take logarithms where needed).
    draws, populations, keep
        Draws of a population, how many populations, and the share kept at each.
    rng
        Randomness.

    Examples
    --------
    The mean of a normal, of which 3.0 was seen, with a prior around 0:

    >>> rng = np.random.default_rng(2)
    >>> seen = abc_smc(lambda d: np.abs(d[:, 0] - 3.0), {"mean": (0.0, 2.0)}, rng=rng)
    >>> bool(abs(seen.quantiles(0.5)[0, 0] - 3.0) < 0.3)
    True
    """
    if not (draws >= 20 and populations >= 1 and 0 < keep < 1):
        raise BadParameter("draws, populations, keep", (draws, populations, keep), _ASKED)
    mean, sd = (np.array(column, dtype=float) for column in zip(*prior.values(), strict=True))
    values = mean + sd * rng.standard_normal((draws, len(mean)))
    apart = _checked(distance(values))
    weights = np.full(draws, 1 / draws)
    asked = []
    for _ in range(populations):
        limit = float(np.quantile(apart, keep))
        asked.append(limit)
        values, apart, weights = _next(values, apart, weights, limit, distance, mean, sd, rng)
    return Kept(names=tuple(prior), values=values, weights=weights, distances=tuple(asked))


def _next(
    values: Floats,
    apart: Floats,
    weights: Floats,
    limit: float,
    distance: Callable[[Floats], Floats],
    mean: Floats,
    sd: Floats,
    rng: np.random.Generator,
) -> tuple[Floats, Floats, Floats]:
    """Give the next population: as many draws within the limit, or those found in so many tries."""
    draws = len(values)
    near = apart <= limit
    parents, share = values[near], weights[near] / weights[near].sum()
    middle = share @ parents
    spread = np.sqrt(2 * (share @ (parents - middle) ** 2)) + 1e-12
    found, far = [], []
    count = 0
    for _ in range(TRIES):
        picked = parents[rng.choice(len(parents), draws, p=share)]
        moved = picked + spread * rng.standard_normal(picked.shape)
        d = _checked(distance(moved))
        found.append(moved[d <= limit])
        far.append(d[d <= limit])
        count += len(far[-1])
        if count >= draws:
            break
    new, new_apart = (
        np.concatenate([parents, *found])[-draws:],
        np.concatenate([apart[near], *far])[-draws:],
    )
    log_prior = -0.5 * (((new - mean) / sd) ** 2).sum(axis=1)
    steps = (new[:, None] - parents[None]) / spread
    kernel = np.exp(-0.5 * (steps**2).sum(axis=2)) @ share
    raw = np.exp(log_prior - log_prior.max()) / np.maximum(kernel, 1e-300)
    return new, new_apart, raw / raw.sum()


TRIES = 8
"""Most times that a population's number of draws is simulated to fill the next one."""


def _checked(apart: Floats) -> Floats:
    return np.where(np.isfinite(apart), apart, np.inf)


_ASKED = Text(
    zh="至少 20 个抽样、1 个群体，保留比例在 0 与 1 之间。",
    en="at least 20 draws and 1 population are needed, and a share kept between 0 and 1.",
)
