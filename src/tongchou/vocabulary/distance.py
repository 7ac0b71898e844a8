"""How far it is from one point to another over the globe: one formula for points, one for chords."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth (IUGG), km."""

FARTHEST_KM = float(np.pi * EARTH_RADIUS_KM)
"""Half the circumference: no two points are farther apart."""


def great_circle_km(
    longitude: npt.ArrayLike,
    latitude: npt.ArrayLike,
    to_longitude: npt.ArrayLike,
    to_latitude: npt.ArrayLike,
) -> Floats:
    """Give the great-circle distance by the haversine formula, km; NaN where a point is unknown.

    a = sin²(Δφ/2) + cos φ₁ cos φ₂ sin²(Δλ/2), d = 2 R arcsin √a, with latitudes φ, longitudes λ
    and R = 6371.0088 km. Arguments broadcast.

    References
    ----------
    Sinnott RW. Virtues of the haversine. Sky and Telescope 1984;68:159.

    Examples
    --------
    A quarter of a meridian is a quarter of the circumference.

    >>> round(float(great_circle_km(114.3, 0.0, 114.3, 90.0)), 1)
    10007.6
    """
    lon, lat, to_lon, to_lat = (
        np.radians(np.asarray(v, dtype=float))
        for v in (longitude, latitude, to_longitude, to_latitude)
    )
    a = (
        np.sin((to_lat - lat) / 2) ** 2
        + np.cos(lat) * np.cos(to_lat) * np.sin((to_lon - lon) / 2) ** 2
    )
    return chord_km(2 * np.sqrt(np.clip(a, 0.0, 1.0)))


def on_unit_sphere(longitude: npt.ArrayLike, latitude: npt.ArrayLike) -> Floats:
    """Give points as vectors (point, 3) of the unit sphere, from degrees.

    Where one point meets thousands, chords of vectors take a fraction of the time of haversines.

    Examples
    --------
    >>> on_unit_sphere([0.0, 90.0], [0.0, 0.0]).round(12).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    east = np.radians(np.asarray(longitude, dtype=float))
    north = np.radians(np.asarray(latitude, dtype=float))
    flat = np.cos(north)
    return np.stack([flat * np.cos(east), flat * np.sin(east), np.sin(north)], axis=-1)


def chord_km(chord: npt.ArrayLike) -> Floats:
    """Give the distance over the globe that a chord of the unit sphere spans: 2 R arcsin(c / 2), km.

    Examples
    --------
    The longest chord is the diameter, and spans half the circumference.

    >>> [round(float(chord_km(c)), 1) for c in (0.0, 2.0)]
    [0.0, 20015.1]
    """
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(np.asarray(chord) / 2, 1.0)))
