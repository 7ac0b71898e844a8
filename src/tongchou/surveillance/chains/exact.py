"""Probabilities of links without drawing: the sum over all trees, by the matrix-tree theorem."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def link_probabilities(
    start: Ints, infector: Ints, weight: Floats, outside: Floats
) -> tuple[Floats, Floats, float]:
    """Give the probability of each link when a tree is as likely as the product of its weights.

    With w_ij the weight of i → j, o_j that of j coming from outside, and the matrix ::

        L_jj = o_j + Σ_i w_ij,      L_ij = −w_ij    (i ≠ j)

    the sum of the products over all trees is det L, and P(i → j) = w_ij (L⁻¹_jj − L⁻¹_ji),
    P(j from outside) = o_j L⁻¹_jj. Nobody can descend from themselves: that is in the determinant.

    Parameters
    ----------
    start, infector, weight
        Candidate links in rows by infectee.
    outside : array (case)
        Weight of no infector on the list.

    Returns
    -------
    tuple
        Probability of each link, probability of outside for each case, and log det L.

    References
    ----------
    Tutte WT. Graph Theory. 1984, theorem VI.29; marginals by differentiation, Koo T, Globerson A,
    Carreras X, Collins M. EMNLP-CoNLL 2007:141-150.

    Examples
    --------
    Two cases that may have infected each other, or come from outside with the same weight: three
    trees, for both cannot be the infector of the other.

    >>> start, infector = np.array([0, 1, 2]), np.array([1, 0])
    >>> link, outside, _ = link_probabilities(start, infector, np.ones(2), np.ones(2))
    >>> link.round(3).tolist(), outside.round(3).tolist()
    ([0.333, 0.333], [0.667, 0.667])
    """
    n = len(start) - 1
    infectee = np.repeat(np.arange(n), np.diff(start))
    L = np.zeros((n, n))
    np.add.at(L, (infector, infectee), -weight)
    L[np.arange(n), np.arange(n)] += outside + np.bincount(infectee, weight, minlength=n)
    sign, log_det = np.linalg.slogdet(L)
    if sign <= 0:
        return np.full(len(weight), np.nan), np.full(n, np.nan), -np.inf
    inverse = np.linalg.inv(L)
    own = np.diag(inverse)
    links = weight * (own[infectee] - inverse[infectee, infector])
    return links, np.asarray(outside * own), float(log_det)
