"""Age groups by their lower bounds, and what belongs to which."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

FOUR: tuple[int, ...] = (0, 20, 40, 60)
"""The usual groups: they cut neither the decades of published severity nor five-year ages of a census."""

MOST = 16
"""Most age groups of the engine."""


def checked_ages(ages: Sequence[int], most: int = MOST) -> tuple[int, ...]:
    """Give lower bounds as they should be: from 0, rising, not too many.

    Raises
    ------
    BadParameter
        If they are not.
    """
    bounds = tuple(int(a) for a in ages)
    rising = all(a < b for a, b in pairwise(bounds))
    if not bounds or bounds[0] != 0 or not rising or len(bounds) > most:
        raise BadParameter(
            "ages",
            bounds,
            Text(
                zh=f"年龄组由下限给出：从0起、逐个增大、最多{most}组，例如 (0, 20, 40, 60)。",
                en=f"age groups are given by lower bounds: from 0, rising, at most {most}, such as (0, 20, 40, 60).",
            ),
        )
    return bounds


def ages_of(array: xr.DataArray) -> tuple[int, ...]:
    """Give the lower bounds that label an array's ages.

    >>> ages_of(xr.DataArray([1.0, 2.0], coords={"age": [0, 60]}, dims="age"))
    (0, 60)
    """
    return tuple(int(a) for a in array["age"].to_numpy())


def members(groups: Sequence[int], bands: Sequence[int]) -> npt.NDArray[np.bool_]:
    """Give which band belongs to which group (group, band).

    Raises
    ------
    BadParameter
        If a group starts within a band, so that the band belongs to none as a whole.

    Examples
    --------
    >>> members((0, 20), (0, 10, 20, 30)).astype(int).tolist()
    [[1, 1, 0, 0], [0, 0, 1, 1]]
    """
    groups = checked_ages(groups, most=len(bands))
    cut = [g for g in groups if g not in bands]
    if cut:
        raise BadParameter(
            "ages",
            cut,
            Text(
                zh=f"年龄组的下限须是数据中的年龄下限之一：{', '.join(map(str, bands))}。",
                en=f"a lower bound of an age group must be one of the data's: {', '.join(map(str, bands))}.",
            ),
        )
    group_of = np.searchsorted(np.asarray(groups), np.asarray(bands), side="right") - 1
    return np.asarray(group_of[None, :] == np.arange(len(groups))[:, None])
