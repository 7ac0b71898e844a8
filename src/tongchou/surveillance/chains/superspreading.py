"""Few infect many: the share of transmission that comes from the most infectious cases."""

import numpy as np
import numpy.typing as npt
import polars as pl
import scipy
from scipy import special

Floats = npt.NDArray[np.float64]

TOP = 0.2
EVENT_PROBABILITY = 0.99


def expected_share(k: float, top: float = TOP) -> float:
    """Give the share of transmission expected from the most infectious fraction of cases.

    The individual reproduction number is a gamma of shape k and mean R; with x its quantile
    1 − ``top`` the share is the mean above x over the whole mean ::

        t = 1 − F(x; k + 1),      F(x; k) = 1 − top

    (F of a gamma with scale 1: R drops out.)

    Parameters
    ----------
    k
        Dispersion.
    top
        Fraction of cases, the most infectious first.

    References
    ----------
    Lloyd-Smith JO, Schreiber SJ, Kopp PE, Getz WM. Nature 2005;438:355-359,
    doi 10.1038/nature04153, figure 1b and supplementary methods.

    Examples
    --------
    SARS in Singapore, k = 0.16: a fifth of the cases make nine tenths of the transmission; without
    variation (k large) they make a fifth.

    >>> round(expected_share(0.16), 2), round(expected_share(1e6), 2)
    (0.88, 0.2)
    """
    if not np.isfinite(k):
        return top
    return float(special.gammaincc(k + 1, special.gammainccinv(k, top)))


def fraction_causing(R: float, k: float, share: float = 0.8) -> float:
    """Give the fraction of cases, the most infecting first, that cause a share of all infections.

    Counted in people infected (negative binomial), so that cases who infect nobody count too ::

        1 − fraction = ∫_0^X NB(⌊x⌋; k, R),      1 − share = (1/R) ∫_0^X ⌊x⌋ NB(⌊x⌋; k, R)

    Parameters
    ----------
    R, k
        Of the offspring distribution.
    share
        Of all infections.

    References
    ----------
    Endo A and others. Wellcome Open Res 2020;5:67, doi 10.12688/wellcomeopenres.15842.3.

    Examples
    --------
    >>> round(fraction_causing(2.5, 0.1), 2)
    0.09
    """
    distribution = scipy.stats.nbinom(k, k / (k + R)) if np.isfinite(k) else scipy.stats.poisson(R)
    last = int(distribution.isf(1e-12)) + 1
    n = np.arange(last + 1)
    p = distribution.pmf(n)
    rest = (1 - share) * R
    caused = np.cumsum(n * p)
    at = int(np.searchsorted(caused, rest))
    before = caused[at - 1] if at > 0 else 0.0
    part = (rest - before) / at if at > 0 else 0.0
    return float(1 - (p[:at].sum() + part))


def observed_share(counts: npt.ArrayLike, top: float = TOP) -> float:
    """Give the share of infections made by the fraction of cases who infected most.

    A fraction that does not fall on a whole case takes part of the next one.

    >>> observed_share([0, 0, 0, 1, 0, 0, 7, 0, 2, 0])
    0.9
    """
    n = np.sort(np.asarray(counts, dtype=float))[::-1]
    if n.sum() == 0:
        return float("nan")
    cut = top * len(n)
    whole = int(np.floor(cut + 1e-9))
    part = (cut - whole) * n[whole] if whole < len(n) else 0.0
    return float((n[:whole].sum() + part) / n.sum())


def superspreading_events(
    case_id: tuple[str, ...], counts: npt.NDArray[np.int64], R: float
) -> pl.DataFrame:
    """Give the cases who infected more people than 99 % would if all were equally infectious.

    Parameters
    ----------
    case_id, counts : array (draw, case)
        People infected by each case, in each tree.
    R
        Mean of the offspring: the bound is the 99th percentile of a Poisson of this mean.

    Returns
    -------
    DataFrame
        ``case_id, infected, q025, q975, probability``: mean and range over trees, and the probability
        of being above the bound; those above half, most first.

    References
    ----------
    Lloyd-Smith JO and others. Nature 2005;438:355-359, doi 10.1038/nature04153 (definition of a
    superspreading event).
    """
    n = np.arange(int(R + 10 * np.sqrt(R)) + 20)
    bound = int(np.searchsorted(special.pdtr(n, R), EVENT_PROBABILITY)) if R > 0 else 0
    low, high = np.quantile(counts, [0.025, 0.975], axis=0)
    table = pl.DataFrame(
        {
            "case_id": list(case_id),
            "infected": counts.mean(axis=0),
            "q025": low,
            "q975": high,
            "probability": (counts > bound).mean(axis=0),
        }
    )
    return table.filter(pl.col("probability") >= 0.5).sort(
        "infected", "case_id", descending=[True, False]
    )
