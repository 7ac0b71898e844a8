"""The scan in one call: circles and model chosen by what is known of the places."""

import numpy as np
import xarray as xr

from tongchou.surveillance.detection.scan_clusters import Scan
from tongchou.surveillance.detection.scan_statistic import (
    ALPHA,
    REPLICATES,
    scan_permutation,
    scan_poisson,
)
from tongchou.surveillance.detection.scan_zones import SHARE, circles
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text


def scan_places(
    cases: xr.DataArray,
    points: xr.Dataset,
    expected: xr.DataArray | None = None,
    *,
    share: float = SHARE,
    radius_km: float = np.inf,
    longest: int | None = None,
    replicates: int = REPLICATES,
    alpha: float = ALPHA,
    rng: np.random.Generator,
) -> Scan:
    """Give the living clusters of cases over places with known points.

    Beside ``expected`` by :func:`~tongchou.surveillance.detection.scan_statistic.scan_poisson`; without
    it by :func:`~tongchou.surveillance.detection.scan_statistic.scan_permutation`. A place that has a
    point and no counts had no case.

    Parameters
    ----------
    cases : DataArray (place, date), persons per step
        Days or weeks.
    points : Dataset (place)
        ``longitude`` and ``latitude``, degrees; of every place of ``cases`` at least.
    expected : DataArray (place) or (place, date)
        Population, or a baseline; over the places of ``points``.
    share
        Largest part of ``expected``, or of the cases, in a circle.
    radius_km
        Largest radius, km.
    longest
        Longest cylinder, steps; 14 days by default.
    replicates, alpha, rng
        Random sets, p of an alarm, and their stream.

    Examples
    --------
    >>> dates = np.datetime64("2020-02-01", "ns") + np.arange(20) * np.timedelta64(1, "D")
    >>> daily = np.ones((3, 20), int)
    >>> daily[1, -3:] = 8
    >>> where = {"place": ["a", "b", "c"]}
    >>> cases = xr.DataArray(daily, {**where, "date": dates}, ("place", "date"))
    >>> points = xr.Dataset(
    ...     {"longitude": ("place", [100.0, 101.0, 102.0]), "latitude": ("place", [30.0, 30.0, 30.0])}, where)
    >>> people = xr.DataArray([1e4, 1e4, 1e4], where, ("place",))
    >>> found = scan_places(cases, points, people, share=0.4, rng=np.random.default_rng(1))
    >>> found.alarms.select("centre", "first", "observed", "expected").rows()
    [('b', datetime.date(2020, 2, 18), 24, 4.05)]
    >>> found.by_place["alarm"].values.ravel().tolist()
    [False, True, False]
    """
    strange = [str(p) for p in cases["place"].to_numpy() if p not in points["place"].to_numpy()]
    if strange:
        raise BadParameter("places", len(strange), _STRANGE.fill(places=", ".join(strange[:5])))
    cases = cases.reindex(place=points["place"], fill_value=0)
    if expected is None:
        weight = cases.sum("date")
        weight = weight if bool(weight.any()) else xr.ones_like(weight)
        zones = circles(points, weight, share=share, radius_km=radius_km)
        return scan_permutation(
            cases, zones, longest=longest, replicates=replicates, alpha=alpha, rng=rng
        )
    weight = expected.sum("date") if "date" in expected.dims else expected
    zones = circles(points, weight, share=share, radius_km=radius_km)
    return scan_poisson(
        cases, expected, zones, longest=longest, replicates=replicates, alpha=alpha, rng=rng
    )


_STRANGE = Text(
    zh="{places} 等地有病例而没有经纬度，请补入地区表。",
    en="places such as {places} have counts and no point; add them to the table of places.",
)
