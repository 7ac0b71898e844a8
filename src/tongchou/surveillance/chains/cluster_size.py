"""R and k from how large chains became, where it is not known who infected whom."""

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import special

from tongchou.surveillance.chains.likelihood import Estimate, maximise, profile
from tongchou.surveillance.chains.offspring import OffspringFit, negative_binomial
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]


def size_probability(size: npt.ArrayLike, R: float, k: float, seeds: npt.ArrayLike = 1) -> Floats:
    """Give the logarithm of the probability that chains from ``seeds`` cases end at ``size``.

    ::

        P(Y = y | s) = (s / y) · NB(y − s; mean y R, dispersion y k)

    which for one seed is Γ(k y + y − 1) / (Γ(k y) Γ(y + 1)) · (R/k)^(y−1) / (1 + R/k)^(k y + y − 1).

    Parameters
    ----------
    size
        y, all cases of the chains, seeds included.
    R, k
        Of the offspring.
    seeds
        s, first cases.

    References
    ----------
    Blumberg S, Lloyd-Smith JO. PLoS Comput Biol 2013;9:e1002993, doi 10.1371/journal.pcbi.1002993,
    equation 9. Several seeds: Dwass M. J Appl Probab 1969;6:682-686, doi 10.2307/3212112.

    Examples
    --------
    Without transmission from one case, 1 / (1 + R/k)^k:

    >>> float(np.exp(size_probability(1, 0.5, 1.0)).round(4))
    0.6667
    """
    y, s = np.asarray(size, dtype=float), np.asarray(seeds, dtype=float)
    return np.asarray(np.log(s / y) + negative_binomial(y - s, y * R, y * k))


def fit_cluster_sizes(
    size: npt.ArrayLike,
    *,
    seeds: npt.ArrayLike | None = None,
    ended: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> OffspringFit:
    """Give R and k of greatest likelihood from the sizes of chains.

    A chain that has not ended says only that it is at least this large. For chains that all ended,
    R = 1 − (seeds / cases), whatever k.

    Parameters
    ----------
    size : array (chain)
        Cases of each chain, its first cases included.
    seeds : array (chain)
        First cases of each, 1 by default.
    ended : array (chain) of bool
        Whether nobody can be added any more; all by default.
    level
        Coverage of the profile intervals.

    References
    ----------
    Blumberg S, Lloyd-Smith JO. PLoS Comput Biol 2013;9:e1002993, doi 10.1371/journal.pcbi.1002993.
    Chains that have not ended: Endo A and others. Wellcome Open Res 2020;5:67,
    doi 10.12688/wellcomeopenres.15842.3.

    Examples
    --------
    >>> fit = fit_cluster_sizes([1] * 14 + [2, 2, 3, 9])
    >>> fit.R.rounded(), fit.k.rounded()
    ((0.4, 0.15, 1.41), (0.29, 0.04, inf))
    """
    y = np.asarray(size, dtype=float)
    s = np.ones_like(y) if seeds is None else np.asarray(seeds, dtype=float)
    over = np.ones(len(y), dtype=bool) if ended is None else np.asarray(ended, dtype=bool)
    if len(y) == 0 or (y < s).any() or (s < 1).any() or (y != np.round(y)).any():
        text = Text(
            zh="每条链的规模须为整数且不小于首例数。",
            en="each chain needs a whole number of cases, not fewer than its first cases.",
        )
        raise BadParameter("size", "…", text)
    chains = np.unique(np.stack([y, s, over]), axis=1, return_counts=True)

    def loglik(x: Floats) -> float:
        if abs(x[0]) > 30 or abs(x[1]) > 16:
            return -1e300
        return _loglik(*chains, float(np.exp(x[0])), float(np.exp(-x[1])))

    guess = max(1 - float(s.sum() / y.sum()), 0.02)
    peak, height = maximise(loglik, np.array([np.log(guess), 0.5]))
    (r_low, r_high), (a_low, a_high) = (
        profile(loglik, peak, height, which, level) for which in (0, 1)
    )
    at_poisson = peak[1] < -10
    return OffspringFit(
        R=Estimate(
            value=float(np.exp(peak[0])), low=float(np.exp(r_low)), high=float(np.exp(r_high))
        ),
        k=Estimate(
            value=np.inf if at_poisson else float(np.exp(-peak[1])),
            low=float(np.exp(-a_high)),
            high=np.inf if at_poisson or a_low < -10 else float(np.exp(-a_low)),
        ),
        loglik=height,
        cases=int(y.sum()),
        infected=int((y - s).sum()),
    )


FEWEST_CHAINS = 3
OVER = 0.99
"""Share of the time of its last case after which a cluster is taken as ended."""


def fit_clusters(cases: pl.DataFrame, passed: Floats) -> OffspringFit | None:
    """Give R and k from the clusters of a line list, each a chain; None where they say nothing.

    A case of no cluster is a chain of its own. The imported cases of a cluster are its first ones; where it
    has none, one case is.

    Parameters
    ----------
    cases
        ``case_id, cluster_id`` and maybe ``imported``.
    passed : array (case)
        Share of the time in which each infects that has passed: a cluster is over when that of all its cases
        is 99 % or more.

    Examples
    --------
    Four lone cases, one pair and one of six: R = 1 − 6 / 12.

    >>> clusters = [None] * 4 + ["A"] * 2 + ["B"] * 6
    >>> cases = pl.DataFrame({"case_id": [str(i) for i in range(12)], "cluster_id": clusters})
    >>> round(fit_clusters(cases, np.ones(12)).R.value, 2)
    0.5
    """
    if "cluster_id" not in cases.columns:
        return None
    imported = (
        pl.col("imported").cast(pl.Boolean) if "imported" in cases.columns else pl.lit(value=False)
    )
    chains = (
        cases.select(
            chain=pl.coalesce(pl.format("c{}", "cluster_id"), pl.format("a{}", "case_id")),
            imported=imported.fill_null(value=False),
            passed=pl.Series(passed),
        )
        .group_by("chain")
        .agg(size=pl.len(), seeds=pl.col("imported").sum().clip(1), passed=pl.col("passed").min())
    )
    if chains.height < FEWEST_CHAINS or not (chains["size"] > chains["seeds"]).any():
        return None
    return fit_cluster_sizes(
        chains["size"].to_numpy(),
        seeds=chains["seeds"].to_numpy(),
        ended=chains["passed"].to_numpy() >= OVER,
    )


def _loglik(chains: Floats, often: npt.NDArray[np.int64], R: float, k: float) -> float:
    size, seeds, ended = chains
    over = ended > 0
    total = float(often[over] @ size_probability(size[over], R, k, seeds[over]))
    for y, s, n in zip(size[~over], seeds[~over], often[~over], strict=True):
        if y > s:
            smaller = size_probability(np.arange(s, y), R, k, s)
            total += n * float(np.log(-np.expm1(min(special.logsumexp(smaller), -1e-12))))
    return total
