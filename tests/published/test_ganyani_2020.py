"""Generation time in the clusters of Singapore, January and February 2020.

Ganyani T, Kremer C, Chen D, Torneri A, Faes C, Wallinga J, Hens N. Euro Surveill 2020;25:2000257,
doi 10.2807/1560-7917.ES.2020.25.17.2000257. Days of onset and possible infectors: program and data that
go with the paper (github.com/cecilekremer/COVID19, MCMC_generation_interval.R). The printed estimates
are medians of a chain of 3 million steps whose likelihood is itself drawn with 300 points a pair.
"""

import numpy as np
import pytest

from tongchou.surveillance.chains.generation import fit_generation_time
from tongchou.surveillance.chains.interval_fit import Pairs
from tongchou.vocabulary.distributions import Gamma

INCUBATION = Gamma(mean=5.2, sd=2.8)  # Zhang et al 2020, as in the paper

ONSET = [
    *(4, 4, 3, 10, 14, 8, 20, 3, 9, 10, 14, 12, 15, 15, 27, 12, 14, 15, 21, 22, 21, 19, 21, 17, 20, 21, 20),
    *(20, 23, 20, 27, 9, 5, 13, 10, 4, 12, 7, 10, 1, 4, 9, 12, 17, 18, 23, 22, 1, 8, 8, 11, 18, 10, 21),
]  # fmt: skip


def candidates() -> dict[int, list[int]]:
    """Give the possible infectors of each case (numbered from 1) who has any."""
    first, second, all_of = list(range(16, 23)), list(range(23, 32)), list(range(1, 9))
    of = {3: all_of, 4: all_of, 5: all_of, 6: [1, 2], 7: all_of, 8: [1, 2]}
    of |= {j: [6, 8] for j in range(9, 16)}
    of |= {j: [9, *first] for j in first}
    of |= {23: [9, *first, *second], 24: [9, 27], 27: [24], 28: [18]}
    of |= {j: [9, *first, *second] for j in (25, 26, 29, 30, 31)}
    of |= {34: [32], 37: [32], 38: [32, 33], 39: [32, 33], 40: [41, 42], 41: [40, 42], 42: [40, 41]}
    of |= {43: [44, 45], 44: [43, 45, 46], 45: [43, 44], 46: [44], 47: [43, 44, 45, 46]}
    of |= {51: [49, 50], 52: [53, 54], 54: [52]}
    return {j: [i for i in infectors if i != j] for j, infectors in of.items()}


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    """Give the candidates whose onset came first, or on the same day.

    This rule stands in the program for Tianjin; for Singapore it is our reading of the baseline. With all
    candidates the mean is 3.8 days (2.0-6.6), with those at most 3 days later 4.2 (2.5-6.0).
    """
    rows = [(ONSET[j - 1] - ONSET[i - 1], j) for j, all_i in candidates().items() for i in all_i]
    days, infectee = (np.array(x) for x in zip(*rows, strict=True))
    return Pairs.of(days[days >= 0], infectee=infectee[days >= 0])


def test_the_baseline_of_singapore(pairs):
    found = fit_generation_time(pairs, INCUBATION)
    # Table: mean 5.20 (3.78-6.78); ours is without the noise of the chain, hence a fifth of a day
    assert found.mean.rounded() == pytest.approx((5.20, 3.78, 6.78), abs=0.2)
    # Table: sd 1.72 (0.91-3.93)
    assert found.sd.rounded() == pytest.approx((1.72, 0.91, 3.93), abs=0.2)


def test_the_share_before_symptoms(pairs):
    found = fit_generation_time(pairs, INCUBATION)
    # The abstract says 48 %, 32 to 67
    assert found.presymptomatic.rounded() == pytest.approx((0.48, 0.32, 0.67), abs=0.015)


def test_the_mean_serial_interval_is_the_mean_generation_time(pairs):
    found = fit_generation_time(pairs, INCUBATION)
    # sd of the serial interval: √(1.72² + 2 · 2.8²) = 4.32, as the paper derives it
    assert found.serial_sd.value == pytest.approx(4.32, abs=0.03)
