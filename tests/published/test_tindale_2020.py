"""Incubation in the clusters of Tianjin and Singapore, from bounds on the days since exposure.

Tindale LC, Stockdale JE, Coombe M et al. eLife 2020;9:e57149, doi 10.7554/eLife.57149, appendix 1 table
1: three families fitted to the least and the most days since exposure (at least 1 and 3), the start
being an exact time. Bounds of Tianjin as the authors' analysis prints them; those of Singapore from the
exposure and onset days of the same supplement.
"""

import numpy as np
import pytest

from tongchou.surveillance.timeliness.families import FAMILIES
from tongchou.surveillance.timeliness.fits import FamilyFit, fit_family
from tongchou.surveillance.timeliness.likelihood import Likelihood, Windows
from tongchou.vocabulary.distributions import Gamma, Lognormal, Weibull

MOMENT = 1e-3  # a window so short that it is a time: moves no printed digit

TIANJIN_MOST = [
    *(9, 20, 20, 20, 20, 20, 20, 4, 20, 6, 20, 20, 20, 20, 20, 20, 20, 7, 4, 20, 9, 20, 20, 20, 20),
    *(20, 8, 20, 11, 9, 5, 20, 20, 8, 20, 20, 9, 7, 11, 11, 20, 3, 20, 20, 20, 6, 15, 11, 7, 7),
    *(20, 20, 20, 8, 9, 6, 20, 20, 9, 20, 20, 20, 14, 11, 6, 9, 20, 20, 6, 20, 3, 6, 13, 12, 20),
    *(3, 11, 10, 20, 20, 20, 20, 20, 20, 13, 20, 20, 20, 20, 7, 20, 20, 20, 20, 20, 20, 20, 16, 20, 11),
    *(20, 20, 20, 20, 3, 11, 20, 19, 16, 20, 17, 20, 11, 20, 20, 6, 19, 20, 20, 14, 20, 16, 20, 20, 20),
]  # fmt: skip
TIANJIN_LEAST = [
    *(0, 0, 0, 0, 0, 0, 1, 1, 7, 4, 0, 0, 0, 6, 2, 0, 7, 7, 4, 7, 2, 3, 3, 12, 8),
    *(5, 8, 0, 7, 5, 2, 3, 4, 0, 4, 1, 8, 1, 5, 5, 0, 0, 4, 1, 5, 6, 9, 11, 7, 0),
    *(8, 3, 7, 8, 9, 6, 14, 0, 0, 0, 0, 0, 1, 8, 0, 9, 0, 0, 6, 0, 3, 6, 12, 1, 0),
    *(3, 11, 10, 0, 0, 0, 0, 0, 0, 13, 0, 12, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 16, 0, 4),
    *(0, 0, 0, 0, 3, 11, 0, 0, 0, 0, 17, 0, 4, 0, 0, 6, 19, 0, 0, 11, 6, 16, 11, 0, 2),
]  # fmt: skip
SINGAPORE = [  # (least, most): how many
    ((1, 3), 6), ((1, 4), 2), ((1, 5), 2), ((1, 6), 3), ((1, 7), 2), ((1, 8), 3), ((1, 10), 4),
    ((1, 11), 4), ((1, 12), 8), ((1, 13), 2), ((1, 20), 23), ((2, 9), 1), ((2, 14), 1), ((2, 20), 1),
    ((3, 7), 1), ((3, 20), 1), ((4, 4), 1), ((4, 17), 1), ((4, 20), 1), ((5, 9), 1), ((5, 13), 1),
    ((5, 18), 1), ((5, 20), 3), ((6, 10), 1), ((6, 18), 2), ((6, 20), 2), ((7, 15), 1), ((7, 20), 1),
    ((8, 20), 1), ((11, 19), 1), ((17, 25), 1),
]  # fmt: skip


def fitted(least, most, family) -> FamilyFit:
    least = np.maximum(np.asarray(least, dtype=float), 1.0)
    most = np.maximum(np.asarray(most, dtype=float), 3.0)
    exact = least == most
    windows = Windows(
        stratum=np.zeros(len(least), dtype=int),
        start_from=np.zeros(len(least)),
        start_to=np.full(len(least), MOMENT),
        end_from=np.where(exact, least, least + MOMENT / 2),
        end_to=np.where(exact, most + MOMENT, most + MOMENT / 2),
        cutoff=np.full(len(least), np.inf),
    )
    return fit_family(Likelihood(windows, 1), FAMILIES[family], windows)


def printed(delay: Gamma | Lognormal | Weibull) -> list[float]:
    match delay:
        case Gamma():
            return [round(delay.shape, 2), round(1 / delay.rate, 2)]
        case Lognormal():
            return [round(delay.meanlog, 2), round(delay.sdlog, 2)]
        case Weibull():
            return [round(delay.shape, 2), round(delay.scale, 2)]


@pytest.mark.parametrize(
    ("family", "parameters", "mean"),
    # The printed means are of 10,000 draws of the parameters: 0.03 above ours at the top.
    [("weibull", [2.41, 10.01], 8.89), ("gamma", [4.74, 1.83], 8.68), ("lognormal", [2.04, 0.47], 8.60)],
)  # fmt: skip
def test_tianjin(family, parameters, mean):
    fit = fitted(TIANJIN_LEAST, TIANJIN_MOST, family)
    assert printed(fit.family.delay(fit.one[0], fit.two[0])) == parameters
    assert fit.quantities()["mean"][0] == pytest.approx(mean, abs=0.05)


def test_tianjin_interval_of_the_mean():
    low, high = fitted(TIANJIN_LEAST, TIANJIN_MOST, "gamma").intervals()["mean"]
    assert [low[0], high[0]] == pytest.approx([7.72, 9.70], abs=0.05)  # theirs by draws


@pytest.mark.parametrize(
    ("family", "parameters"),
    [("weibull", [1.83, 6.91]), ("gamma", [3.05, 1.95]), ("lognormal", [1.57, 0.60])],
)
def test_singapore(family, parameters):
    least, most = zip(*(pair for pair, many in SINGAPORE for _ in range(many)), strict=True)
    fit = fitted(least, most, family)
    assert printed(fit.family.delay(fit.one[0], fit.two[0])) == parameters
