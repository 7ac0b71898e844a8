"""R and k of outbreaks whose offspring counts are printed or published.

- Ebola, Conakry 2014: Faye O et al. Lancet Infect Dis 2015;15:320-326, doi 10.1016/S1473-3099(14)71075-8;
  R and k in Althaus CL. Lancet Infect Dis 2015;15:507-508, doi 10.1016/S1473-3099(15)70135-0. Counts as in
  the vignette of the R package superspreading.
- COVID-19, Hong Kong, January to April 2020: Adam DC et al. Nat Med 2020;26:1714-1719,
  doi 10.1038/s41591-020-1092-0; counts from the transmission pairs that go with the paper.
- Table of Lloyd-Smith JO et al. Nature 2005;438:355-359, doi 10.1038/nature04153: what follows from R and k.
"""

import numpy as np
import pytest

from tongchou.surveillance.chains.offspring import fit_offspring
from tongchou.surveillance.chains.superspreading import (
    expected_share,
    fraction_causing,
    observed_share,
)

CONAKRY = [
    *(1, 2, 2, 5, 14, 1, 4, 4, 1, 3, 3, 8, 2, 1, 1, 4, 9, 9, 1, 1, 17, 2),
    *(1, 1, 1, 4, 3, 3, 4, 2, 5, 1, 2, 2, 1, 9, 1, 3, 1, 2, 1, 1, 2),
]  # fmt: skip
CONAKRY_CASES = 152

# 91 people infected 169 others; 153 of those infected nobody, nor did 46 sporadic local cases
HONG_KONG = np.repeat([0, 1, 2, 3, 4, 5, 6, 10, 11], [199, 57, 18, 6, 5, 1, 2, 1, 1])


@pytest.fixture(scope="module")
def ebola():
    return fit_offspring(CONAKRY + [0] * (CONAKRY_CASES - len(CONAKRY)))


@pytest.fixture(scope="module")
def hong_kong():
    return fit_offspring(HONG_KONG)


def test_ebola_in_conakry(ebola):
    # Althaus: R 0.95 (0.57-1.34), k 0.18 (0.10-0.26), by maximum likelihood
    assert ebola.R.value == pytest.approx(0.95, abs=0.005)
    assert ebola.k.value == pytest.approx(0.18, abs=0.005)
    # its intervals are symmetric (Wald); ours by profile are shifted to the right
    assert (ebola.R.low, ebola.R.high) == pytest.approx((0.64, 1.47), abs=0.01)
    assert (ebola.k.low, ebola.k.high) == pytest.approx((0.117, 0.279), abs=0.001)


def test_the_vignette_of_the_same_counts(ebola):
    # superspreading prints k 0.1814260 and mean 0.9537995 from fitdistrplus at its default precision
    assert ebola.k.value == pytest.approx(0.1814260, rel=1e-3)
    assert ebola.R.value == pytest.approx(0.9537995, rel=1e-3)


def test_covid_in_hong_kong(hong_kong):
    # Adam: R 0.58 (0.45-0.71), k 0.43 (0.29-0.67)
    assert hong_kong.R.value == pytest.approx(0.58, abs=0.005)
    assert hong_kong.k.value == pytest.approx(0.43, abs=0.005)
    assert hong_kong.k.low == pytest.approx(0.29, abs=0.01)
    # theirs by bootstrap
    assert hong_kong.k.high == pytest.approx(0.67, abs=0.03)


def test_a_fifth_of_the_cases_of_hong_kong_make_four_fifths(hong_kong):
    # Adam: 19 % (15-24) of cases seeded 80 % of all local transmission
    assert fraction_causing(hong_kong.R.value, hong_kong.k.value) == pytest.approx(0.19, abs=0.005)
    assert observed_share(HONG_KONG, 0.19) == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize(
    ("k", "share"),
    [
        (0.16, 0.88),  # SARS, Singapore 2003: "20 % of cases cause 88 % of transmission", figure 1b
        (1.0, 0.52),  # geometric: 0.2 (1 − ln 0.2), in closed form
    ],
)
def test_the_share_of_the_most_infectious_fifth(k, share):
    assert expected_share(k) == pytest.approx(share, abs=0.005)


def test_the_superspreading_of_early_covid():
    # Endo 2020, doi 10.12688/wellcomeopenres.15842.3: at R0 2.5 and k 0.1, about 10 % cause 80 %
    assert fraction_causing(2.5, 0.1) == pytest.approx(0.1, abs=0.01)
