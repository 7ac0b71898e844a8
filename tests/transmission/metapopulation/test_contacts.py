"""Contacts: marginals of the source, reciprocity, other age groups, other populations."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from tongchou.transmission.metapopulation.contacts import (
    SETTINGS,
    contacts,
    group_people,
    intensities,
    reference_people,
    scaled,
    unreciprocated,
)
from tongchou.vocabulary.errors import BadParameter

FOUR = (0, 20, 40, 60)
FIVES = tuple(range(0, 80, 5))


def test_contacts_by_setting_are_those_of_the_source():
    # Mistry and others 2021: 4.11 at home of those who live with others, 11.41 of those at school,
    # 8.07 of those at work, 2.79 elsewhere. China: 97 % of ages 10 to 14 at school, 80 % of 40 to 44 at work.
    m = contacts(FIVES).sum("contact_age")
    assert float(m.sel(setting="school", age=10)) == pytest.approx(11.41 * 0.9709, rel=1e-3)
    assert float(m.sel(setting="work", age=40)) == pytest.approx(8.07 * 0.8003, rel=1e-3)
    assert m.sel(setting="home").to_numpy() == pytest.approx(4.11, rel=0.2)
    assert m.sel(setting="other").to_numpy() == pytest.approx(2.79)


def test_total_beside_surveys_in_china():
    # Zhang and others 2020 (doi 10.1126/science.abb8001): 14.6 contacts a day in Wuhan and 18.8 in
    # Shanghai before the epidemic; the weights of the source are European and a little lower.
    people = group_people(reference_people(), FOUR)
    total = (contacts(FOUR).sum(["setting", "contact_age"]) * people).sum() / people.sum()
    assert 11 < float(total) < 19


@pytest.mark.parametrize("ages", [(0,), FOUR, (0, 15, 65), FIVES])
def test_what_one_gives_the_other_receives(ages):
    m, people = contacts(ages), reference_people()
    assert (
        unreciprocated(m, people) < 2e-3
    )  # six digits of the table, and school contacts of a millionth
    k = intensities(m, people)
    swapped = k.rename(age="contact_age", contact_age="age").transpose(*k.dims)
    assert k.to_numpy() == pytest.approx(swapped.to_numpy(), rel=2e-3, abs=1e-12)


def test_groups_keep_all_contacts():
    people = reference_people()

    def per_person(ages):
        n = group_people(people, ages)
        return (contacts(ages).sum("contact_age") * n).sum("age") / n.sum()

    assert per_person(FOUR).to_numpy() == pytest.approx(per_person(FIVES).to_numpy(), rel=1e-12)


def test_a_place_without_children_has_no_contacts_with_them():
    people = xr.DataArray(
        [[0.0, 100.0, 300.0, 100.0], [50.0, 50.0, 50.0, 50.0]],
        coords={"place": ["A", "B"], "age": list(FOUR)},
        dims=("place", "age"),
    )
    m = scaled(intensities(contacts(FOUR), reference_people()), people)
    assert set(m.dims) == {"setting", "age", "contact_age", "place"}
    assert float(m.sel(place="A", contact_age=0).max()) == 0.0
    assert float(m.sel(place="B", contact_age=0).sum()) > 0.0
    # Elsewhere everybody meets 2.79 others, whatever the ages.
    assert m.sel(setting="other").sum("contact_age").to_numpy() == pytest.approx(2.79)


def test_a_place_without_people_has_no_contacts():
    people = xr.DataArray(np.zeros(4), coords={"age": list(FOUR)}, dims="age")
    m = scaled(intensities(contacts(FOUR), reference_people()), people)
    assert np.isfinite(m).all()
    assert float(m.sum()) == 0.0


@given(heads=st.lists(st.floats(1.0, 1e6), min_size=4, max_size=4))
def test_reciprocal_in_every_population(heads):
    people = xr.DataArray(heads, coords={"age": list(FOUR)}, dims="age")
    m = scaled(intensities(contacts(FOUR), reference_people()), people)
    assert unreciprocated(m, people) < 2e-3


def test_settings_are_those_of_the_engine():
    assert SETTINGS == ("home", "school", "work", "other")


def test_impossible_groups_are_refused():
    with pytest.raises(BadParameter, match="12"):
        contacts((0, 12))
    empty = xr.DataArray([1.0, 0.0, 1.0, 1.0], coords={"age": list(FOUR)}, dims="age")
    with pytest.raises(BadParameter, match="reference population"):
        intensities(contacts(FOUR), empty)
