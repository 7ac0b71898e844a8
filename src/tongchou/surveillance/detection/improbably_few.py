"""Places that report fewer cases than their neighbours make likely: a question to ask, no accusation (M048)."""

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy import special

from tongchou.surveillance.detection.negative_binomial import tail_at_least
from tongchou.surveillance.detection.scan_zones import Circles
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

VARIETY = np.geomspace(0.1, 1000, 61)
"""Values of k that are tried: from places of altogether different rates to places all alike."""


def improbably_few(cases: xr.DataArray, exposure: xr.DataArray, neighbours: Circles) -> xr.Dataset:
    """Give the probability of so few cases in each place, given its neighbours.

    With y_i cases in a place of exposure E_i (its people, or the infections expected to arrive),
    rates that vary between neighbours as Gamma(mean m, shape k), and a neighbourhood j ∈ N(i)
    without i itself, the local mean has about the posterior ::

        w_j = E_j / (1 + E_j m / k),   s = 1 + Σ w_j y_j / E_j,   m = s / (1 / r + Σ w_j)

    with r the rate of all places together as prior, worth one case. Then y_i is negative binomial of
    mean E_i m and size κ, 1 / κ = 1 / k + 1 / s + 1 / (k s), and ``p`` = P(Y ≤ y_i). The variety k is
    that which makes the counts at or above their neighbourhood's the most likely, given that they are:
    what is hidden lies below, and must not pass for variety. For k → ∞ this is the exact posterior
    predictive of a Poisson with gamma prior.

    Parameters
    ----------
    cases : DataArray (place), persons
        Reported in some time, such as 14 days.
    exposure : DataArray (place), persons
        Above 0.
    neighbours
        Each place with those around it; the places of the largest circle count.

    Returns
    -------
    Dataset (place)
        ``observed``; ``expected`` = E_i m; ``p``; ``q``, the smallest share of false questions among
        the places asked at which this one is asked (Benjamini–Hochberg); ``likely_missing``,
        expected less observed where that is positive. Attribute ``variety`` is k.

    References
    ----------
    Clayton D, Kaldor J. Biometrics 1987;43:671-681, doi 10.2307/2532003. Benjamini Y, Hochberg Y.
    J R Stat Soc B 1995;57:289-300, doi 10.1111/j.2517-6161.1995.tb02031.x.

    Examples
    --------
    Nine towns of the same size with 20 cases each and one among them with none:

    >>> from tongchou.surveillance.detection.scan_zones import circles
    >>> where = {"place": [str(i) for i in range(10)]}
    >>> points = xr.Dataset(
    ...     {"longitude": ("place", np.arange(10) / 10), "latitude": ("place", np.full(10, 30.0))}, where)
    >>> people = xr.DataArray(np.full(10, 1e5), where, ("place",))
    >>> cases = xr.DataArray([20.0] * 5 + [0.0] + [20.0] * 4, where, ("place",))
    >>> found = improbably_few(cases, people, circles(points, people, share=0.5, most_places=5))
    >>> found["place"].values[found["q"].values < 0.1].tolist()
    ['5']
    """
    cases, exposure = xr.align(cases, exposure, join="exact")
    y, E = cases.to_numpy().astype(float), exposure.to_numpy().astype(float)
    _refuse(cases, y, E, neighbours)
    rate = y.sum() / E.sum()
    if rate == 0:
        expected, p, k = np.zeros_like(y), np.ones_like(y), float("inf")
    else:
        at, around = _pairs(neighbours)
        usual = np.ceil(E * _local(y, E, at, around, rate, np.inf)[1])
        k = max(
            VARIETY, key=lambda k: _likelihood(y, E, usual, *_local(y, E, at, around, rate, k), k)
        )
        s, m = _local(y, E, at, around, rate, k)
        expected, size = E * m, _size(s, k)
        p = special.betainc(size, y + 1, size / (size + expected))
    result = xr.Dataset(attrs={"variety": float(k)})
    for name, values, units in (
        ("observed", y, "persons"),
        ("expected", expected, "persons"),
        ("p", p, "probability"),
        ("q", false_discovery(p), "share"),
        ("likely_missing", np.maximum(expected - y, 0), "persons"),
    ):
        result[name] = cases.copy(data=values)
        result[name].attrs = {"units": units}
    return result


def false_discovery(p: Floats) -> Floats:
    """Give for each p the least false discovery rate at which it is taken (Benjamini–Hochberg).

    >>> false_discovery(np.array([0.01, 0.04, 0.03, 0.5])).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]
    """
    order = np.argsort(p)[::-1]
    n = len(p)
    ratio = p[order] * n / np.arange(n, 0, -1)
    q = np.empty(n)
    q[order] = np.minimum.accumulate(np.minimum(ratio, 1.0))
    return q


def _pairs(zones: Circles) -> tuple[Ints, Ints]:
    """Give who (position) has whom (position) around it, itself left out."""
    at = np.repeat(np.arange(len(zones.places)), np.diff(zones.starts))
    around = zones.members.astype(np.int64)
    others = at != around
    return at[others], around[others]


def _local(
    y: Floats, E: Floats, at: Ints, around: Ints, rate: float, k: float
) -> tuple[Floats, Floats]:
    """Give shape s and mean m of the local rate; m stands in its own weights, so it is found twice."""
    m = np.full(len(y), rate)
    for _ in range(3):
        w = E[around] / (1 + E[around] * m[at] / k)
        s = 1 + np.bincount(at, w * y[around] / E[around], minlength=len(y))
        m = s / (1 / rate + np.bincount(at, w, minlength=len(y)))
    return np.asarray(s, dtype=float), np.asarray(m, dtype=float)


def _size(s: Floats, k: float) -> Floats:
    return np.asarray(1 / (1 / k + 1 / s + 1 / (k * s)))


def _likelihood(y: Floats, E: Floats, usual: Floats, s: Floats, m: Floats, k: float) -> float:
    """Give the log likelihood of the counts that are at least ``usual``, given that they are."""
    above = y >= usual
    size, mean, y, usual = _size(s, k)[above], (E * m)[above], y[above], usual[above]
    log_mass = (
        special.gammaln(y + size)
        - special.gammaln(size)
        - special.gammaln(y + 1)
        - size * np.log1p(mean / size)
        + special.xlogy(y, mean / (size + mean))
    )
    return float((log_mass - np.log(tail_at_least(usual, mean, size))).sum())


def _refuse(cases: xr.DataArray, y: Floats, E: Floats, neighbours: Circles) -> None:
    for name, bad in (("cases", ~(y >= 0)), ("exposure", ~(E > 0))):
        if bad.any():
            named = ", ".join(str(p) for p in cases["place"].to_numpy()[bad][:3])
            raise BadParameter(name, int(bad.sum()), _BAD.fill(places=named))
    if tuple(cases["place"].to_numpy().astype(str)) != neighbours.places:
        raise BadParameter("neighbours", len(neighbours.places), _OTHER)


_BAD = Text(
    zh="{places} 等地的值缺失、为负，或暴露人数不大于零。",
    en="values are missing or negative, or the exposure is not above zero, in places such as {places}.",
)
_OTHER = Text(
    zh="须与病例数的地区相同且次序一致。",
    en="it must be over the places of the cases, in their order.",
)
