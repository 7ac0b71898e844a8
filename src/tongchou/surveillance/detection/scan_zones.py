"""Circles over the centroids of places: the bases of the cylinders that a scan statistic looks at."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.vocabulary.distance import chord_km, on_unit_sphere
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text, join

Floats = npt.NDArray[np.float64]

SHARE = parameter("scan_share").value
SAME_KM = 1e-6
"""Places whose distances differ by less than a millimetre enter a circle together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circles:
    """All circles around each place, nested: the members of a centre in order of distance.

    The members of centre i stand at ``starts[i]`` … ``starts[i + 1]``; where ``ends`` is true the
    members up to and including that one make a circle of radius ``radius_km``.
    """

    places: tuple[str, ...]
    starts: npt.NDArray[np.int64]
    members: npt.NDArray[np.int32]
    ends: npt.NDArray[np.bool_]
    radius_km: Floats

    def __len__(self) -> int:
        return int(self.ends.sum())

    def of(self, centre: int, last: int) -> npt.NDArray[np.int32]:
        """Give the positions of the places in the circle that ends at row ``last`` of ``members``."""
        return self.members[self.starts[centre] : last + 1]


def circles(
    points: xr.Dataset,
    weight: xr.DataArray,
    *,
    share: float = SHARE,
    radius_km: float = np.inf,
    most_places: int | None = None,
) -> Circles:
    """Give the circles around each place that hold at most a share of the whole.

    A centre with its nearest neighbour, its two nearest, and so on, by great-circle distance. Places
    at equal distance enter together. The centre alone is always a circle.

    Parameters
    ----------
    points : Dataset (place)
        ``longitude`` and ``latitude``, degrees.
    weight : DataArray (place), persons
        What the share is of: population, expected cases or cases.
    share
        Largest part of the whole weight in a circle, above 0 and at most 0.5.
    radius_km
        Largest radius, km.
    most_places
        Most places in a circle.

    References
    ----------
    Kulldorff M. Communications in Statistics 1997;26:1481-1496, doi 10.1080/03610929708831995.

    Examples
    --------
    Three places on a line, a degree apart; no circle with more than half of the people:

    >>> points = xr.Dataset(
    ...     {"longitude": ("place", [100.0, 101.0, 102.0]), "latitude": ("place", [0.0, 0.0, 0.0])},
    ...     {"place": ["a", "b", "c"]})
    >>> people = xr.DataArray([10.0, 10.0, 20.0], {"place": ["a", "b", "c"]}, ("place",))
    >>> found = circles(points, people, share=0.5)
    >>> [[found.places[m] for m in found.of(i, found.starts[i + 1] - 1)] for i in range(3)]
    [['a', 'b'], ['b'], ['c']]
    >>> round(float(found.radius_km[1]), 1)
    111.2
    """
    points, weight = xr.align(points, weight, join="exact")
    _refuse(points, weight, share=share, radius_km=radius_km, most_places=most_places)
    at = on_unit_sphere(points["longitude"], points["latitude"])
    w = weight.to_numpy().astype(float)
    room = share * w.sum() * (1 + 1e-12)
    most = len(w) if most_places is None else most_places
    rows = [_around(at, w, centre, room, radius_km, most) for centre in range(len(w))]
    starts = np.concatenate([[0], np.cumsum([len(m) for m, _, _ in rows])])
    return Circles(
        places=tuple(str(p) for p in points["place"].to_numpy()),
        starts=starts.astype(np.int64),
        members=np.concatenate([m for m, _, _ in rows]).astype(np.int32),
        ends=np.concatenate([e for _, e, _ in rows]),
        radius_km=np.concatenate([r for _, _, r in rows]),
    )


def _around(
    at: Floats, weight: Floats, centre: int, room: float, radius_km: float, most: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_], Floats]:
    chord = np.sqrt(((at - at[centre]) ** 2).sum(axis=1))
    away = chord_km(chord)
    order = np.argsort(away, kind="stable")
    r = away[order]
    ends = np.append(np.diff(r) > SAME_KM, True)
    fits = (np.cumsum(weight[order]) <= room) & (r <= radius_km) & (np.arange(len(r)) < most)
    # With the tie group in which the room runs out left out whole; the centre's own always stays.
    whole = np.flatnonzero(ends & fits)
    last = max(int(whole[-1]) if len(whole) else 0, int(np.argmax(ends)))
    return order[: last + 1], ends[: last + 1], r[: last + 1]


def _refuse(
    points: xr.Dataset,
    weight: xr.DataArray,
    *,
    share: float,
    radius_km: float,
    most_places: int | None,
) -> None:
    if not 0 < share <= 0.5:
        raise BadParameter("share", share, _SHARE)
    if not radius_km > 0:
        raise BadParameter("radius_km", radius_km, _POSITIVE)
    if most_places is not None and most_places < 1:
        raise BadParameter("most_places", most_places, _POSITIVE)
    faults = [
        _NO_POINT.fill(places=_named(points, bad))
        for name, bound in {"longitude": 180.0, "latitude": 90.0}.items()
        if (bad := ~(np.abs(points[name].to_numpy().astype(float)) <= bound)).any()
    ]
    if (bad := ~(weight.to_numpy().astype(float) >= 0)).any():
        faults.append(_NO_WEIGHT.fill(places=_named(points, bad)))
    if not faults and not float(weight.sum()) > 0:
        faults.append(_NOBODY)
    if faults:
        raise BadParameter("places", f"{points.sizes['place']}", join(faults))


def _named(points: xr.Dataset, bad: npt.NDArray[np.bool_]) -> str:
    return ", ".join(str(p) for p in points["place"].to_numpy()[bad][:3])


_SHARE = Text(zh="必须大于 0 且不超过 0.5。", en="it must be above 0 and at most 0.5.")
_POSITIVE = Text(zh="必须大于零。", en="it must be positive.")
_NO_POINT = Text(
    zh="{places} 等地没有可用的经纬度，无法判断远近",
    en="places such as {places} have no usable longitude and latitude, so nothing is near them",
)
_NO_WEIGHT = Text(
    zh="{places} 等地的人口缺失或为负", en="places such as {places} have no population of 0 or more"
)
_NOBODY = Text(zh="各地人口之和为零", en="the population of all places together is zero")
