"""Who meets whom: contacts by age at home, school, work and elsewhere, and their intensities."""

from functools import cache
from typing import Literal, get_args

import numpy as np
import xarray as xr

from tongchou.transmission.metapopulation.ages import ages_of, members
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.text import Text

Setting = Literal["home", "school", "work", "other"]
SETTINGS: tuple[Setting, ...] = get_args(Setting)


@cache
def _reference_people() -> xr.DataArray:
    row = packaged("transmission/contact_matrices").row(0)
    ages = packaged("transmission/contact_matrices").columns[2:]
    return xr.DataArray(
        np.array(row[2:], dtype=float),
        coords={"age": [int(a) for a in ages]},
        dims="age",
        name="people",
        attrs={"units": "persons"},
    )


def reference_people() -> xr.DataArray:
    """Give the population the contacts were measured in: five-year ages, named by their lower bound.

    Only its shares matter. It is the synthetic population of China of the source.

    >>> people = reference_people()
    >>> people.sizes["age"], round(float(people.sel(age=20) / people.sum()), 3)
    (18, 0.093)
    """
    return _reference_people().copy()


@cache
def _source_contacts() -> xr.DataArray:
    people = _reference_people()
    table = packaged("transmission/contact_matrices")
    settings = packaged("transmission/contact_settings")
    share = (people / people.sum()).to_numpy()
    layers = []
    for setting in SETTINGS:
        weight, mixing = (
            settings.filter(settings["setting"] == setting)
            .select("contacts_per_day", "mixing")
            .row(0)
        )
        if mixing == "proportionate":
            shape = np.broadcast_to(share, (len(share), len(share)))
        else:
            shape = table.filter(table["setting"] == setting).drop("setting", "age").to_numpy()
        layers.append(weight * shape)
    bounds = people["age"].to_numpy()
    return xr.DataArray(
        np.stack(layers).astype(float),
        coords={"setting": list(SETTINGS), "age": bounds, "contact_age": bounds},
        dims=("setting", "age", "contact_age"),
        name="contacts",
        attrs={"units": "persons a day"},
    )


def contacts(ages: tuple[int, ...]) -> xr.DataArray:
    """Give the mean daily contacts of a person of one age with persons of another, by setting.

    From five-year ages to the groups asked for, with N the reference population::

        M_AB = Σ_(a in A) N_a Σ_(b in B) M_ab / Σ_(a in A) N_a

    which keeps reciprocity, N_A M_AB = N_B M_BA.

    Parameters
    ----------
    ages
        Lower bounds of the groups, from 0, multiples of five up to 85; at most 16 groups.

    Returns
    -------
    DataArray (setting, age, contact_age), persons a day.

    References
    ----------
    Mistry D and others. Inferring high-resolution human mixing patterns for disease modeling.
    Nat Commun 2021;12:323, doi 10.1038/s41467-020-20544-y: China; 4.11 contacts a day at home,
    11.41 at school and 8.07 at work of those who go there, 2.79 elsewhere.

    Examples
    --------
    People under 20 meet most others at school, those of 60 and over at home.

    >>> m = contacts((0, 20, 40, 60)).sum("contact_age")
    >>> m.sel(age=0).round(1).to_numpy().tolist(), m.sel(age=60).round(1).to_numpy().tolist()
    ([4.0, 7.7, 0.2, 2.8], [3.7, 0.0, 2.3, 2.8])
    """
    fine, people = _source_contacts(), _reference_people()
    belongs = members(ages, tuple(people["age"].to_numpy().tolist()))
    n = people.to_numpy()
    weight = belongs * n / (belongs @ n)[:, None]
    grouped = np.einsum("Aa,sab,Bb->sAB", weight, fine.to_numpy(), belongs.astype(float))
    return xr.DataArray(
        grouped,
        coords={"setting": list(SETTINGS), "age": list(ages), "contact_age": list(ages)},
        dims=fine.dims,
        name="contacts",
        attrs=fine.attrs,
    )


def intensities(matrix: xr.DataArray, people: xr.DataArray) -> xr.DataArray:
    """Give the intensity of contact: daily contacts divided by the share of the age that is met.

    K_ab = M_ab / (N_b / N). It belongs to the behaviour and not to the age structure, so that
    a place with other shares n′ has the contacts M′_ab = K_ab n′_b: the density correction. It
    is symmetric where contacts are reciprocal.

    Parameters
    ----------
    matrix : DataArray (setting, age, contact_age), persons a day
    people : DataArray (age), persons
        The population in which the contacts were measured, in any ages that refine the groups.

    References
    ----------
    Arregui S, Aleta A, Sanz J, Moreno Y. Projecting social contact matrices to different
    demographic structures. PLoS Comput Biol 2018;14:e1006638, doi 10.1371/journal.pcbi.1006638,
    method M2.

    Examples
    --------
    Elsewhere everybody meets anybody: one intensity for all pairs.

    >>> k = intensities(contacts((0, 20, 40, 60)), reference_people())
    >>> np.unique(k.sel(setting="other").round(6)).tolist()
    [2.79]
    """
    n = group_people(people, ages_of(matrix)).to_numpy()
    if (n <= 0).any():
        raise BadParameter(
            "people",
            n.tolist(),
            Text(
                zh="参照人口各年龄组必须大于零。",
                en="the reference population needs people in every age group.",
            ),
        )
    result = matrix / xr.DataArray(
        n / n.sum(), coords={"contact_age": matrix["contact_age"]}, dims="contact_age"
    )
    return result.rename("intensity").assign_attrs(units="persons a day")


def scaled(intensity: xr.DataArray, people: xr.DataArray) -> xr.DataArray:
    """Give the daily contacts in a population with its own ages: M′_ab = K_ab n′_b.

    Parameters
    ----------
    intensity : DataArray (setting, age, contact_age), persons a day
    people : DataArray (…, age), persons
        In any ages that refine those of the intensity; may have places.

    Examples
    --------
    In the reference population it gives back what was measured.

    >>> m = contacts((0, 20, 40, 60))
    >>> bool(np.allclose(scaled(intensities(m, reference_people()), reference_people()), m))
    True
    """
    n = group_people(people, ages_of(intensity)).rename(age="contact_age")
    total = n.sum("contact_age")
    share = (n / total.where(total > 0)).fillna(0.0)
    result = intensity * share
    return result.rename("contacts").assign_attrs(units="persons a day")


def group_people(people: xr.DataArray, ages: tuple[int, ...]) -> xr.DataArray:
    """Give a population in coarser age groups.

    >>> group_people(reference_people(), (0, 60)).to_numpy().tolist()
    [526537.0, 82731.0]
    """
    belongs = members(ages, ages_of(people))
    matrix = xr.DataArray(
        belongs.astype(float),
        coords={"group": list(ages), "age": people["age"]},
        dims=("group", "age"),
    )
    grouped: xr.DataArray = (
        xr.dot(people, matrix, dim="age")
        .rename(group="age")
        .rename("people")
        .assign_attrs(people.attrs)
    )
    return grouped


def unreciprocated(matrix: xr.DataArray, people: xr.DataArray) -> float:
    """Give the largest relative difference between contacts given and received.

    max |N_a M_ab − N_b M_ba| / max(N_a M_ab, N_b M_ba), over settings and pairs of ages.

    >>> unreciprocated(contacts((0, 20, 40, 60)), reference_people()) < 1e-4
    True
    """
    n = group_people(people, ages_of(matrix))
    given = matrix * n
    back = given.rename(age="contact_age", contact_age="age").transpose(*given.dims)
    # Labels coincide, and the arithmetic needs none of them.
    x, y = given.to_numpy(), back.to_numpy()
    largest = np.maximum(x, y)
    with np.errstate(invalid="ignore"):
        return float(np.nanmax(np.where(largest > 0, np.abs(x - y) / largest, 0.0)))
