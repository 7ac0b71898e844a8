"""R_t of the school outbreak of influenza in Pennsylvania, 2009, as EpiEstim prints it.

Cori A et al. Am J Epidemiol 2013;178:1505-1512, doi 10.1093/aje/kwt133. Figures: vignette "EpiEstim
demonstration", discr_si(0:20, mu = 2.6, sigma = 1.5) and head(res_parametric_si$R). Daily onsets: dataset
Flu2009 of the same package (Cauchemez S et al. PNAS 2011, doi 10.1073/pnas.1008895108).
"""

import numpy as np
import pytest
import xarray as xr

from tongchou.surveillance.reproduction import estimate_reproduction
from tongchou.vocabulary.distributions import Gamma, serial_interval_probabilities

SERIAL_INTERVAL = Gamma(mean=2.6, sd=1.5)  # Ferguson et al 2005, as in the vignette

FLU_2009 = [
    *(1, 1, 0, 2, 5, 3, 3, 3, 6, 2, 5, 9, 13, 12, 13, 11),
    *(12, 6, 6, 6, 3, 1, 0, 2, 0, 0, 0, 0, 2, 0, 2, 0),
]  # fmt: skip

PRINTED_INTERVAL = [
    *(0.000000e00, 2.331721e-01, 3.585794e-01, 1.981108e-01, 1.033427e-01, 5.290518e-02, 2.682146e-02),
    *(1.351620e-02, 6.783438e-03, 3.394351e-03, 1.694674e-03, 8.445945e-04, 4.203313e-04, 2.089422e-04),
    *(1.037609e-04, 5.148480e-05, 2.552773e-05, 1.264952e-05, 6.264667e-06, 3.101068e-06, 1.534394e-06),
]  # fmt: skip

PRINTED = {  # windows ending on days 8 … 13
    "mean": [1.735798, 1.749168, 1.537058, 1.431839, 1.422725, 1.635373],
    "sd": [0.4091314, 0.3647267, 0.3074116, 0.2705921, 0.2515046, 0.2523436],
    "q025": [1.0287437, 1.1088223, 0.9947030, 0.9514466, 0.9731426, 1.1786332],
    "q25": [1.445198, 1.491345, 1.320090, 1.241251, 1.245996, 1.458847],
    "median": [1.703761, 1.723884, 1.516613, 1.414830, 1.407932, 1.622413],
    "q75": [1.991520, 1.979457, 1.731761, 1.603900, 1.583340, 1.797779],
    "q975": [2.624781, 2.533119, 2.195540, 2.008849, 1.956336, 2.165745],
}


@pytest.fixture(scope="module")
def result():
    dates = np.datetime64("2009-04-27", "ns") + np.arange(32) * np.timedelta64(1, "D")
    cases = xr.DataArray([FLU_2009], {"place": ["420000"], "date": dates}, ("place", "date"))
    return estimate_reproduction(cases, SERIAL_INTERVAL)


def test_the_serial_interval_of_each_day():
    w = serial_interval_probabilities(SERIAL_INTERVAL)[:21]
    # seven significant digits are printed
    assert w == pytest.approx(PRINTED_INTERVAL, rel=5e-7, abs=1e-12)


@pytest.mark.parametrize("figure", PRINTED)
def test_the_first_six_windows(result, figure):
    printed = PRINTED[figure]
    # half a unit of the last printed digit
    assert result[figure].values[0, 7:13] == pytest.approx(printed, abs=5.1e-7)


def test_nothing_is_said_before_the_first_window_and_where_cases_are_few(result):
    assert np.isnan(result["mean"].values[0, :7]).all()
    # The last windows hold fewer than 11 cases: posterior CV above 0.3.
    last = result.isel(date=-1)
    assert sum(FLU_2009[-7:]) == 4
    assert not last["usable"].item()
    assert np.isnan(last["mean"].item())
