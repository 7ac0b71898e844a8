"""The radiation model of movement, which needs no fit; and which model foretells flows it was not fitted on.

References
----------
Simini F, González MC, Maritan A, Barabási A-L. Nature 2012;484:96, doi 10.1038/nature10856, eq. 2. Masucci
AP et al. Phys Rev E 2013;88:022812, doi 10.1103/PhysRevE.88.022812 (correction for a finite country).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from tongchou.transmission.mobility.gravity import fit_gravity
from tongchou.transmission.mobility.spatial import (
    Weights,
    common_part,
    kilometres,
    unit_vectors,
)

Floats = npt.NDArray[np.float64]


def radiation_weights(people: npt.ArrayLike, points: npt.ArrayLike) -> Weights:
    """Give the shares of those who leave i that go to j, by block of origins.

    p_ij = m_i n_j / ((m_i + s_ij)(m_i + n_j + s_ij)) / (1 − m_i / M), with s_ij the residents nearer to i than
    j is (without i and j) and M all residents. Rows add to 1.

    Parameters
    ----------
    people
        m = n, residents (place).
    points
        Longitude and latitude (place, 2), degrees.

    Examples
    --------
    Three towns on a line, 100, 100 and 200 people; by hand (100 × 100) / (100 × 200) / (1 − 1/4) = 2/3.

    >>> p = radiation_weights([100, 100, 200], [[100.0, 30.0], [101.0, 30.0], [103.0, 30.0]])
    >>> p(slice(0, 3)).round(4).tolist()
    [[0.0, 0.6667, 0.3333], [0.6667, 0.0, 0.3333], [0.3333, 0.6667, 0.0]]
    """
    size = np.asarray(people, dtype=float)
    vectors = unit_vectors(points)
    everyone = size.sum()

    def of(rows: slice) -> Floats:
        km = kilometres(vectors, rows)
        start, stop, _ = rows.indices(size.size)
        own = np.arange(start, stop)
        km[np.arange(own.size), own] = 0.0
        order = np.argsort(km, axis=1, kind="stable")
        near = np.cumsum(size[order], axis=1) - size[order]  # residents nearer than j, i included
        m = size[rows, None]
        below = near * (near + size[order])
        sorted_ = np.divide(m * size[order], below, out=np.zeros_like(near), where=below > 0)
        values = np.empty_like(km)
        np.put_along_axis(values, order, sorted_, axis=1)
        values[np.arange(own.size), own] = 0.0
        rest = 1 - m / everyone if everyone > 0 else np.ones_like(m)
        return np.asarray(np.divide(values, rest, out=np.zeros_like(values), where=rest > 0))

    return of


def compare_models(
    flow: sparse.csr_array,
    people: npt.ArrayLike,
    points: npt.ArrayLike,
    *,
    regions: Sequence[str] | None = None,
    held_out: float = 0.3,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Give how well gravity and radiation foretell pairs that the fit has not seen.

    Pairs are held out by chance. Each model spreads what an origin sends to its held-out pairs over them;
    ``cpc`` is the common part of commuters, ``log_likelihood`` the mean of log p over persons.

    Parameters
    ----------
    flow
        Origin × destination, persons a day.
    people
        Residents (place).
    points
        Longitude and latitude (place, 2), degrees.
    regions
        Region of each place; adds the gravity model that knows them.
    held_out
        Share of pairs held out.
    rng
        Chooses them.

    Returns
    -------
    DataFrame
        ``model`` (gravity, gravity_constrained, gravity_regions, radiation, population), ``cpc``,
        ``log_likelihood``. The last sends people in proportion to residents only.
    """
    size = np.asarray(people, dtype=float)
    test = rng.random((size.size, size.size)) < held_out
    test &= np.outer(size > 0, size > 0) & ~np.eye(size.size, dtype=bool)
    every = slice(0, size.size)
    fits = [fit_gravity(flow, people, points, constrained=c, chosen=~test) for c in (False, True)]
    known = (
        {}
        if regions is None
        else {"gravity_regions": _with_regions(flow, people, points, regions, ~test)}
    )
    models = {
        "gravity": fits[0].weights(people, points)(every),
        "gravity_constrained": fits[1].weights(people, points)(every),
        **known,
        "radiation": radiation_weights(people, points)(every),
        "population": np.broadcast_to(size, test.shape),
    }
    observed = np.where(test, flow.toarray(), 0.0)
    sent = observed.sum(axis=1, keepdims=True)
    rows = []
    for name, weights in models.items():
        weight = np.where(test, weights, 0.0)
        total = weight.sum(axis=1, keepdims=True)
        p = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
        rows.append(
            {
                "model": name,
                "cpc": common_part(observed, sent * p),
                "log_likelihood": float(
                    (observed * np.log(np.maximum(p, 1e-12))).sum() / sent.sum()
                ),
            }
        )
    return pl.DataFrame(rows)


def _with_regions(
    flow: sparse.csr_array,
    people: npt.ArrayLike,
    points: npt.ArrayLike,
    regions: Sequence[str],
    chosen: npt.NDArray[np.bool_],
) -> Floats:
    """Give the weights of the gravity model with departures given that knows regions."""
    model = fit_gravity(flow, people, points, constrained=True, regions=regions, chosen=chosen)
    return model.weights(people, points, regions)(slice(0, len(regions)))
