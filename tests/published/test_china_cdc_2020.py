"""Case fatality by age, sex and class of 44,672 cases to 11 February 2020, as printed.

Source: The Novel Coronavirus Pneumonia Emergency Response Epidemiology Team. China CDC Weekly 2020;2(8):113-122,
doi 10.46234/ccdcw2020.032, table 1: cases, deaths, case fatality rate in per cent with one decimal.
"""

import numpy as np
import pytest

from tongchou.surveillance.severity import exact_binomial
from tongchou.vocabulary.parameter import parameter

TABLE_1 = {
    "10-19": (549, 1, 0.2),
    "20-29": (3619, 7, 0.2),
    "30-39": (7600, 18, 0.2),
    "40-49": (8571, 38, 0.4),
    "50-59": (10008, 130, 1.3),
    "60-69": (8583, 309, 3.6),
    "70-79": (3918, 312, 8.0),
    "80+": (1408, 208, 14.8),
    "male": (22981, 653, 2.8),
    "female": (21691, 370, 1.7),
    "health worker": (1716, 5, 0.3),
    "Hubei": (33367, 979, 2.9),
    "elsewhere": (11305, 44, 0.4),
    "all": (44672, 1023, 2.3),
}


def test_the_printed_rates():
    cases, deaths, printed = np.array(list(TABLE_1.values())).T
    share, low, high = exact_binomial(deaths, cases)
    assert np.round(100 * share, 1).tolist() == printed.tolist()
    assert ((low < share) & (share < high)).all()


def test_the_table_of_parameters_says_the_same():
    for name, group in (
        ("case_fatality_crude", "all"),
        ("case_fatality_crude_age_70_79", "70-79"),
        ("case_fatality_crude_age_80_plus", "80+"),
    ):
        cases, deaths, _ = TABLE_1[group]
        assert parameter(name).value == pytest.approx(deaths / cases, abs=5e-4)


def test_the_adjusted_share_of_the_oldest_lies_within_the_crude_interval():
    # Verity and others 2020: 13.4 % (11.2-15.9) after adjusting for delay and for who was found.
    cases, deaths, _ = TABLE_1["80+"]
    _, low, high = exact_binomial(deaths, cases)
    adjusted = parameter("case_fatality_adjusted_age_80_plus")
    assert adjusted.low < high
    assert low < adjusted.high
