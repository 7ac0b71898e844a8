"""Diseases: published severity comes back in any age groups, and nothing impossible gets in."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from tongchou.transmission.metapopulation.contacts import group_people, reference_people
from tongchou.transmission.metapopulation.disease import (
    SHARES,
    UnknownDisease,
    disease,
    diseases,
)
from tongchou.transmission.metapopulation.shares import conditional_shares, regroup
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.parameter import parameter

# Verity and others 2020, table 1 (China): infection fatality and share of the infected admitted,
# both by decade; ages 0 to 9 had no admissions in the source, see the row of the table.
FATALITY = (0.0000161, 0.0000695, 0.000309, 0.000844, 0.00161, 0.00595, 0.0193, 0.0428, 0.0780)
ADMITTED = (0.0000945, 0.000408, 0.0104, 0.0343, 0.0425, 0.0816, 0.118, 0.166, 0.184)
DECADES = tuple(range(0, 90, 10))


def test_covid_by_decade_is_the_table_of_verity():
    covid = disease("covid2020", DECADES)
    assert covid.infection_fatality == pytest.approx(FATALITY, rel=1e-12)
    assert covid.hospitalised == pytest.approx(ADMITTED, rel=1e-12)


def test_fatality_of_the_population_is_that_of_verity():
    # 0.66 % (95 % credible interval 0.39 to 1.33 %) with every age equally often infected; the
    # ages here are those of the reference population, 2010, a little younger than the paper's.
    overall = disease("covid2020", (0,)).infection_fatality[0]
    published = parameter("infection_fatality", "China")
    assert published.low <= overall <= published.high


@pytest.mark.parametrize("name", diseases())
@pytest.mark.parametrize("ages", [(0,), (0, 20, 40, 60), (0, 65), tuple(range(0, 80, 5))])
def test_deaths_and_admissions_do_not_depend_on_the_age_groups(name, ages):
    fine = disease(name, (0, 20, 40, 60))
    other = disease(name, ages)

    def total(d, x):
        return float(x @ group_people(reference_people(), d.ages).to_numpy())

    assert total(other, other.infection_fatality) == pytest.approx(
        total(fine, fine.infection_fatality), rel=1e-12
    )
    assert total(other, other.hospitalised) == pytest.approx(
        total(fine, fine.hospitalised), rel=1e-12
    )


@pytest.mark.parametrize("name", diseases())
def test_a_missing_bed_is_never_better(name):
    d = disease(name)
    with_bed = d.critical * d.icu_death + (1 - d.critical) * d.ward_death
    assert (d.no_icu_death >= d.icu_death).all()
    assert (d.no_bed_death >= with_bed - 1e-12).all()


def test_infection_before_onset():
    covid, sars = disease("covid2020"), disease("sars2003")
    he = parameter("presymptomatic_share")
    assert he.low <= covid.presymptomatic_share <= he.high
    assert sars.presymptomatic_share == 0.0
    lauer = parameter("incubation_mean", "181 cases outside Hubei and abroad")
    assert covid.incubation_days == pytest.approx(lauer.value)
    # Donnelly and others 2003: mean incubation 6.4 days.
    assert sars.incubation_days == pytest.approx(6.4)


def test_generation_time_of_influenza():
    # Cauchemez and others 2009: 2.6 days (2.2 to 3.5) from onset to onset in households. Infection falls evenly on each stage, and an infector
    # met at random in an exponential stage has spent its mean in it.
    flu = disease("influenza")
    share = flu.presymptomatic_share
    mean = flu.latent_days + share * flu.presymptomatic_days
    mean += (1 - share) * (flu.presymptomatic_days + flu.symptomatic_days)
    assert mean == pytest.approx(2.6, abs=0.05)


def test_every_number_names_its_source():
    table = packaged("transmission/diseases")
    direct = table.filter(table["value"].is_not_null())
    assert direct["source"].null_count() == 0
    judged = direct.filter(direct["confidence"] == "assumption")
    assert judged["may_change_zh"].null_count() == 0
    remembered = direct.filter(direct["source"].str.contains("from memory"))
    assert set(remembered["confidence"]) <= {"low", "medium"}
    ranged = direct.filter(direct["low"].is_not_null())
    assert (ranged["low"] <= ranged["value"]).all()
    assert (ranged["value"] <= ranged["high"]).all()


shares = st.floats(0.0, 1.0)


@given(
    clinical=st.floats(0.01, 1.0),
    admitted=shares,
    dead=shares,
    critical=shares,
    icu_death=shares,
)
def test_shares_multiply_to_what_was_published(clinical, admitted, dead, critical, icu_death):
    h = clinical * admitted
    f = h * dead
    one = [np.array([x]) for x in (clinical, h, f, critical, icu_death)]
    try:
        severe, ward, icu = conditional_shares(*one)
    except BadParameter:
        # More deaths than the critical in intensive care and all others together can give.
        assert dead > critical * icu_death + (1 - critical) - 1e-9
        return
    assert clinical * severe[0] == pytest.approx(h)
    if h > 1e-9 and critical < 1 - 1e-6:
        dies = critical * icu[0] + (1 - critical) * ward[0]
        assert h * dies == pytest.approx(f, abs=1e-9)


@given(
    values=st.lists(shares, min_size=3, max_size=3),
    heads=st.lists(st.floats(0, 1e6), min_size=3, max_size=3),
)
def test_a_group_lies_between_its_bands(values, heads):
    people = xr.DataArray(heads, coords={"age": [0, 10, 20]}, dims="age")
    group = float(regroup(dict(zip((0, 10, 20), values, strict=True)), people, (0,))[0])
    assert min(values) - 1e-9 <= group <= max(values) + 1e-9


def test_bad_input_is_refused():
    with pytest.raises(UnknownDisease, match="measles"):
        disease("measles")
    with pytest.raises(BadParameter, match="ages"):
        disease("covid2020", (0, 33))
    with pytest.raises(BadParameter, match="ages"):
        disease("covid2020", (5, 20))
    with pytest.raises(BadParameter, match="ages"):
        disease("covid2020", tuple(range(0, 85, 5)))
    covid = disease("covid2020")
    for name in SHARES:
        with pytest.raises(BadParameter, match=name):
            replace(covid, **{name: np.array([0.1, 0.2, 0.3, 1.2])})
    with pytest.raises(BadParameter, match="latent_days"):
        replace(covid, latent_days=0.0)
    with pytest.raises(BadParameter, match="susceptibility"):
        replace(covid, susceptibility=np.array([1.0]))
    with pytest.raises(BadParameter, match="isolated_infectiousness"):
        replace(covid, isolated_infectiousness=-0.1)
