"""The incubation period from 101 travellers, exposure and onset each known to a window.

Lauer SA et al. The incubation period of 2019-nCoV from publicly reported confirmed cases, medRxiv
2020, doi 10.1101/2020.02.02.20020016 (then Ann Intern Med 2020;172:577, doi 10.7326/M20-0504, with 181
cases). Windows, days since 1 December 2019: lauer_2020_windows.csv, from the traveller data that the
authors published with the first version, with their rules for blank ends (exposure from 1 December
2019 and up to the end of the onset window; onset from the start of exposure). Figures: the table of
29 January 2020 beside those data, fitted by coarseDataTools.
"""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tongchou.surveillance.timeliness.families import FAMILIES
from tongchou.surveillance.timeliness.fits import fit_family
from tongchou.surveillance.timeliness.likelihood import Likelihood, Windows
from tongchou.vocabulary.distributions import Lognormal

PRINTED = {
    0.025: 2.542, 0.05: 2.850, 0.25: 4.052, 0.5: 5.174, 0.75: 6.608, 0.95: 9.394, 0.975: 10.531,
}  # fmt: skip


@pytest.fixture(scope="module")
def incubation():
    table = pl.read_csv(Path(__file__).with_name("lauer_2020_windows.csv"))
    start_from, start_to, end_from, end_to = table.to_numpy().T
    windows = Windows(
        stratum=np.zeros(table.height, dtype=int),
        start_from=start_from,
        start_to=start_to,
        end_from=end_from,
        end_to=end_to,
        cutoff=np.full(table.height, np.inf),
    )
    fit = fit_family(Likelihood(windows, 1), FAMILIES["lognormal"], windows)
    return fit.family.delay(fit.one[0], fit.two[0])


def test_parameters_of_the_lognormal(incubation):
    assert isinstance(incubation, Lognormal)
    assert round(incubation.meanlog, 3) == 1.644
    assert round(incubation.sdlog, 3) == 0.363


def test_every_percentile_that_is_printed(incubation):
    assert incubation.quantile(list(PRINTED)) == pytest.approx(list(PRINTED.values()), abs=5.1e-4)
