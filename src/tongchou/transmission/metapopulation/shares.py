"""Shares by age: from published shares of the infected to those of each stage, and to other age groups."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.transmission.metapopulation.ages import ages_of, members
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]


def regroup(
    values: Mapping[int, float], people: xr.DataArray, ages: tuple[int, ...]
) -> xr.DataArray:
    """Bring values by age band to other age groups, as averages over people.

    x_A = Σ_(p in A) N_p x(p) / Σ_(p in A) N_p, where p are the fine ages of the population and
    x(p) is the value of the band that p lies in; a group without people takes the plain average.

    Parameters
    ----------
    values
        Value by lower bound of its band; a band ends where the next one starts.
    people : DataArray (age), persons
        Weights, in fine ages that cut neither the bands nor the groups.
    ages
        Lower bounds of the groups.

    Examples
    --------
    >>> n = xr.DataArray([30.0, 10.0, 60.0], coords={"age": [0, 10, 20]}, dims="age")
    >>> regroup({0: 0.1, 10: 0.5}, n, (0, 20)).round(6).to_numpy().tolist()
    [0.2, 0.5]
    """
    fine = ages_of(people)
    x = np.array(list(values.values())) @ members(tuple(values), fine)
    belongs = members(ages, fine)
    n = people.to_numpy().astype(float)
    heads = belongs @ n
    weight = np.where(heads[:, None] > 0, belongs * n, belongs)
    return xr.DataArray(weight @ x / weight.sum(axis=1), coords={"age": list(ages)}, dims="age")


def conditional_shares(
    clinical: Floats,
    hospitalised: Floats,
    infection_fatality: Floats,
    critical: Floats,
    icu_death: Floats,
) -> tuple[Floats, Floats, Floats]:
    """Give severe, ward_death and icu_death such that published shares of the infected come out.

    With h the share of the infected who are admitted, f who die, c of the admitted who are
    critical and d = f / h who die of the admitted::

        severe = h / clinical,   icu_death = min(icu_death, d / c),
        ward_death = (d − c · icu_death) / (1 − c)

    so that clinical · severe = h and h (c · icu_death + (1 − c) ward_death) = f exactly.

    Raises
    ------
    BadParameter
        If more are admitted than are ill, or more die than these shares can give.

    Examples
    --------
    Ages 80 and over of COVID-19 in China (Verity 2020): 18.4 % admitted, 7.8 % dead.

    >>> s, w, i = conditional_shares(*(np.array([x]) for x in (0.69, 0.184, 0.078, 0.709, 0.5)))
    >>> s.round(3).tolist(), w.round(3).tolist(), i.tolist()
    ([0.267], [0.239], [0.5])
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        severe = np.where(hospitalised > 0, hospitalised / clinical, 0.0)
        d = np.where(hospitalised > 0, infection_fatality / hospitalised, 0.0)
        in_icu = np.where(critical > 0, np.minimum(icu_death, d / critical), icu_death)
        ward = np.where(critical < 1, (d - critical * in_icu) / (1 - critical), 0.0)
    too_many = d > critical * in_icu + (1 - critical) + 1e-12
    if (
        (severe > 1 + 1e-12).any()
        or too_many.any()
        or (infection_fatality[hospitalised == 0] > 0).any()
    ):
        raise BadParameter(
            "hospitalised, infection_fatality",
            (hospitalised.tolist(), infection_fatality.tolist()),
            Text(
                zh="住院比例不得大于有症状比例，病死比例不得大于住院比例。",
                en="the admitted cannot exceed the ill, nor the dead the admitted.",
            ),
        )
    return np.minimum(severe, 1.0), np.clip(ward, 0.0, 1.0), in_icu
