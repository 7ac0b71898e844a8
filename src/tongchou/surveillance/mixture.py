"""A gamma posterior that is itself uncertain: the mixture of many, its moments and its quantiles."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]

CELLS_AT_ONCE = 2_000_000
"""Draws × cells held in memory at once while quantiles are sought."""
STEPS = 100
EXACT = 1e-10
"""Relative width at which a quantile is taken as found."""


def gamma_mixture(shape: Floats, rate: Floats, quantiles: Mapping[str, float]) -> dict[str, Floats]:
    """Give mean, standard deviation and quantiles of an equal mixture of gammas, cell by cell.

    With m_k = a_k / b_k and v_k = a_k / b_k² of the components ::

        mean = Σ m_k / K,   sd² = Σ (v_k + m_k²) / K − mean²

    and a quantile x of probability p solves Σ F(x; a_k, b_k) / K = p. So the uncertainty of the
    components' own parameters is carried exactly; nothing is sampled here.

    Parameters
    ----------
    shape, rate : array (draw, cell)
        Of the components; a component whose rate is NaN is left out of its cell.
    quantiles
        Name and probability of each.

    Returns
    -------
    dict of array (cell)
        ``mean``, ``sd`` and each quantile; NaN where a cell has no component.

    Examples
    --------
    A mixture of one is the gamma itself, and of two equal ones too:

    >>> one = gamma_mixture(np.array([[2.0], [2.0]]), np.array([[4.0], [4.0]]), {"median": 0.5})
    >>> [round(float(one[n][0]), 4) for n in ("mean", "sd", "median")]
    [0.5, 0.3536, 0.4196]
    """
    shape = np.broadcast_to(shape, rate.shape)
    held = np.isfinite(rate) & np.isfinite(shape)
    many = held.sum(axis=0)
    some = many > 0
    a, b = np.where(held, shape, 1.0), np.where(held, rate, 1.0)
    m = np.where(held, a / b, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = m.sum(axis=0) / many
        second = np.where(held, a * (a + 1) / b**2, 0.0).sum(axis=0) / many
    found = {"mean": mean, "sd": np.sqrt(np.maximum(second - mean**2, 0.0))}
    for name, probability in quantiles.items():
        x = np.full(mean.shape, np.nan)
        cells = np.flatnonzero(some)
        for part in np.array_split(cells, max(1, len(cells) * len(a) // CELLS_AT_ONCE)):
            if len(part):
                x[part] = _quantile(
                    a[:, part], b[:, part], held[:, part], probability, found["mean"][part],
                    found["sd"][part],
                )  # fmt: skip
        found[name] = x
    return found


def _quantile(
    a: Floats, b: Floats, held: npt.NDArray[np.bool_], p: float, mean: Floats, sd: Floats
) -> Floats:
    """Solve F(x) = p by Newton's step on the logarithms of both, where a gamma's tail is a line.

    It starts from the gamma of the same mean and sd. A step that leaves the bracket found so far is
    replaced by the bracket's middle on the log scale, or by a step outwards where it is open.
    """
    like = (mean / np.maximum(sd, 1e-300)) ** 2
    x = np.maximum(special.gammaincinv(like, p) * mean / like, mean * 1e-12)
    low, high = np.zeros_like(x), np.full_like(x, np.inf)
    weight = held / held.sum(axis=0)
    log_constant = a * np.log(b) - special.gammaln(a)
    for _ in range(STEPS):
        reached = (weight * special.gammainc(a, b * x)).sum(axis=0)
        low, high = np.where(reached < p, x, low), np.where(reached < p, high, x)
        with np.errstate(all="ignore"):
            density = (weight * np.exp(log_constant + a * np.log(x) - b * x)).sum(axis=0)
            step = x * np.exp(np.log(p / reached) * reached / density)
            middle = np.where(np.isfinite(high), np.sqrt(low * high), 8 * x)
        middle = np.where(low > 0, middle, x / 8)
        found = (np.abs(step - x) <= EXACT * x) | (high - low <= EXACT * x)
        if found.all():
            break
        moved = np.where((step > low) & (step < high), step, middle)
        x = np.where(found, x, moved)
    return np.asarray(x)
