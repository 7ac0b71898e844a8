"""The gravity model of movement: fitted by Poisson regression, with or without the departures of each origin given.

References
----------
Santos Silva JMC, Tenreyro S. Rev Econ Stat 2006;88:641, doi 10.1162/rest.88.4.641 (Poisson
pseudo-maximum likelihood). Wilson AG. Environ Plan A 1971;3:1, doi 10.1068/a030001 (production-constrained
model). Cameron AC, Miller DL. J Hum Resour 2015;50:317, doi 10.3368/jhr.50.2.317
(errors by cluster, section VI).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import xlogy

from tongchou.transmission.mobility.spatial import Weights, kilometres, unit_vectors
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

ROUNDS = 100
PRECISION = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class Gravity:
    """A fitted gravity model, T_ij = k m_i^α n_j^β d_ij^(−γ), times e^ρ within a region.

    ``constant`` (log k) and ``origin`` (α) are None where departures are given, ``region`` (ρ) where no regions
    are; ``errors`` are standard errors of α, β, γ, ρ as far as they were fitted, from leaving out one origin after
    the other. ``explained`` is the share of deviance explained, against one and the same flow for all pairs.
    """

    constant: float | None
    origin: float | None
    destination: float
    distance: float
    errors: tuple[float, ...]
    explained: float
    pairs: int
    region: float | None = None

    def weights(
        self, people: npt.ArrayLike, points: npt.ArrayLike, regions: Sequence[str] | None = None
    ) -> Weights:
        """Give n_j^β d_ij^(−γ) by block of origins; nothing stays, nobody goes where nobody lives.

        ``regions`` names the region of each place, where the model was fitted with regions.
        """
        size = np.asarray(people, dtype=float)
        if (regions is None) != (self.region is None):
            raise BadParameter("regions", "–" if regions is None else len(regions), _REGIONS)
        group = None if regions is None else _groups(regions, size.size)
        more = 1.0 if self.region is None else np.exp(self.region)
        vectors = unit_vectors(points)
        pull = np.where(size > 0, np.maximum(size, 1.0) ** self.destination, 0.0)

        def of(rows: slice) -> Floats:
            values = pull * kilometres(vectors, rows) ** -self.distance
            if group is not None:
                values = np.where(group[rows, None] == group, more * values, values)
            start, stop, _ = rows.indices(size.size)
            values[np.arange(stop - start), np.arange(start, stop)] = 0.0
            values[size[rows] <= 0] = 0.0
            return np.asarray(values)

        return of

    def departures(
        self, people: npt.ArrayLike, points: npt.ArrayLike, regions: Sequence[str] | None = None
    ) -> Floats:
        """Give the persons a day that the model lets leave each place; needs the model of all exponents."""
        if self.origin is None or self.constant is None:
            raise BadParameter("gravity", "constrained", _NO_DEPARTURES)
        size = np.asarray(people, dtype=float)
        out = np.where(size > 0, np.maximum(size, 1.0) ** self.origin, 0.0)
        total = self.weights(people, points, regions)(slice(0, size.size)).sum(axis=1)
        return np.asarray(np.exp(self.constant) * out * total)


_NO_DEPARTURES = Text(
    zh="给定流出人数而拟合的模型不含流出人数，请用 constrained=False 拟合。",
    en="a model fitted with departures given holds none; fit it with constrained=False.",
)


_REGIONS = Text(
    zh="拟合时给了区域（如省）就须再给，没有给则不能给；每个地区一个。",
    en="a model fitted with regions (such as provinces) needs them again, one without takes none; one for each place.",
)


def _groups(regions: Sequence[str], places: int) -> Ints:
    if len(regions) != places:
        raise BadParameter("regions", len(regions), _REGIONS)
    return np.asarray(
        np.unique(np.asarray(regions, dtype=str), return_inverse=True)[1], dtype=np.intp
    )


def fit_gravity(
    flow: sparse.csr_array,
    people: npt.ArrayLike,
    points: npt.ArrayLike,
    *,
    constrained: bool = False,
    regions: Sequence[str] | None = None,
    chosen: npt.NDArray[np.bool_] | None = None,
) -> Gravity:
    """Fit the exponents of the gravity model to flows, all pairs counted, those without flow as zero.

    log E T_ij = k + α log m_i + β log n_j − γ log d_ij (Poisson). Constrained: each origin has its own
    constant, which makes T_ij multinomial with n_j^β d_ij^(−γ) given the departures of i.

    Parameters
    ----------
    flow
        Origin × destination, persons a day.
    people
        Residents (place); pairs with a place of none are left out.
    points
        Longitude and latitude (place, 2), degrees.
    constrained
        Whether departures of each origin are given.
    regions
        Region of each place, such as its province: fits how much more is travelled within one, e^ρ.
    chosen
        Pairs (origin, destination) to fit on; all where not given.

    Examples
    --------
    Four towns whose flows follow the law exactly:

    >>> people, points = np.array([1e5, 2e5, 4e5, 8e5]), [[100, 30], [101, 30], [103, 31], [104, 33]]
    >>> km = kilometres(unit_vectors(points))
    >>> flow = sparse.csr_array(1e-6 * np.outer(people**0.8, people**0.6) * km**-1.5 * (1 - np.eye(4)))
    >>> model = fit_gravity(flow, people, points)
    >>> round(model.origin, 4), round(model.destination, 4), round(model.distance, 4)
    (0.8, 0.6, 1.5)
    >>> round(fit_gravity(flow, people, points, constrained=True).distance, 4)
    1.5
    """
    row, column, persons, size, km = _pairs(flow, people, points, chosen)
    columns = [np.log(size[column]), -np.log(km)]
    if regions is not None:
        group = _groups(regions, size.size)
        columns.append((group[row] == group[column]).astype(float))
    if constrained:
        fit, first = _multinomial(row, persons, np.stack(columns, axis=1)), 0
    else:
        both = [np.ones_like(km), np.log(size[row]), *columns]
        fit, first = _poisson(row, persons, np.stack(both, axis=1)), 2
    even = np.full_like(persons, persons.mean())
    return Gravity(
        constant=None if constrained else float(fit.slope[0]),
        origin=None if constrained else float(fit.slope[1]),
        destination=float(fit.slope[first]),
        distance=float(fit.slope[first + 1]),
        region=None if regions is None else float(fit.slope[-1]),
        errors=tuple(float(e) for e in fit.errors[0 if constrained else 1 :]),
        explained=1 - _deviance(persons, fit.mean) / _deviance(persons, even),
        pairs=int(persons.size),
    )


def _pairs(
    flow: sparse.csr_array,
    people: npt.ArrayLike,
    points: npt.ArrayLike,
    chosen: npt.NDArray[np.bool_] | None,
) -> tuple[Ints, Ints, Floats, Floats, Floats]:
    """Give the pairs to fit on: numbers of origin and destination, persons, residents of places, km."""
    size = np.asarray(people, dtype=float)
    wanted = (
        ~np.eye(size.size, dtype=bool)
        if chosen is None
        else chosen & ~np.eye(size.size, dtype=bool)
    )
    wanted &= np.outer(size > 0, size > 0)
    row, column = np.nonzero(wanted)
    persons = flow.toarray()[row, column].astype(float)
    if (
        persons.size <= 4
        or not np.isfinite(persons).all()
        or (persons < 0).any()
        or persons.sum() <= 0
    ):
        raise BadParameter(
            "flow",
            persons.size,
            Text(
                zh="至少要有 5 对有人居住的地区，人数不小于 0 且不全为 0。",
                en="at least 5 pairs of places with residents are needed, no flow below 0 and not all 0.",
            ),
        )
    return row, column, persons, size, kilometres(unit_vectors(points))[row, column]


class _Fit(NamedTuple):
    slope: Floats
    mean: Floats
    errors: Floats


def _poisson(row: Ints, y: Floats, x: Floats) -> _Fit:
    """Fit a Poisson regression with log link by reweighted least squares."""
    mean = (y + y.mean()) / 2
    eta, beta, last = np.log(mean), np.zeros(x.shape[1]), np.inf
    for _ in range(ROUNDS):
        weighted = x * mean[:, None]
        beta = np.linalg.solve(x.T @ weighted, weighted.T @ (eta + (y - mean) / mean))
        eta = np.clip(x @ beta, -50.0, 50.0)
        mean = np.exp(eta)
        deviance = _deviance(y, mean)
        if abs(last - deviance) <= PRECISION * (abs(deviance) + PRECISION):
            break
        last = deviance
    return _Fit(beta, mean, _errors(row, x, mean, y))


def _multinomial(row: Ints, y: Floats, x: Floats) -> _Fit:
    """Fit the shares within each origin by Newton's method, with its departures given."""
    origins = int(row.max()) + 1
    total = np.bincount(row, y, origins)
    beta = np.zeros(x.shape[1])
    for _ in range(ROUNDS):
        share = _shares(row, x @ beta, origins)
        mean = total[row] * share
        centre = [np.bincount(row, share * x[:, k], origins) for k in range(x.shape[1])]
        apart = x - np.stack(centre, axis=1)[row]
        step = np.linalg.solve(apart.T @ (apart * mean[:, None]), apart.T @ (y - mean))
        beta = beta + np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < PRECISION:
            break
    return _Fit(beta, mean, _errors(row, apart, mean, y))


def _errors(row: Ints, x: Floats, mean: Floats, y: Floats) -> Floats:
    """Give standard errors by leaving out one origin after the other, each by one step of Newton.

    The flows of an origin may go together, and a few large origins may carry the fit. For the multinomial
    each origin's own constant is profiled out of ``x``.
    """
    origins = np.unique(row, return_inverse=True)[1]
    count = int(origins.max()) + 1
    width = x.shape[1]
    parts = np.zeros((count, width, width))
    scores = np.zeros((count, width))
    for a in range(width):
        scores[:, a] = np.bincount(origins, x[:, a] * (y - mean), count)
        for b in range(width):
            parts[:, a, b] = np.bincount(origins, x[:, a] * x[:, b] * mean, count)
    without = parts.sum(axis=0) - parts
    moved = np.linalg.solve(without, scores[..., None])[..., 0]
    apart = moved - moved.mean(axis=0)
    return np.asarray(np.sqrt((apart**2).sum(axis=0) * (count - 1) / count), dtype=float)


def _shares(row: Ints, score: Floats, origins: int) -> Floats:
    top = np.full(origins, -np.inf)
    np.maximum.at(top, row, score)
    weight = np.exp(score - top[row])
    return np.asarray(weight / np.bincount(row, weight, origins)[row])


def _deviance(y: Floats, mean: Floats) -> float:
    return float(2 * (xlogy(y, y) - xlogy(y, np.maximum(mean, 1e-300)) - (y - mean)).sum())
