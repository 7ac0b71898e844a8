"""Salmonella Newport in Germany, weekly 2004 to 2014, through Farrington's methods and EARS.

Salmon M, Schumacher D, Höhle M. J Stat Softw 2016;70(10), doi 10.18637/jss.v070.i10, section 3 (figures of
EARS C1 and of the improved Farrington method). Series and numbers: R package surveillance 1.20.3, dataset
``salmNewport`` (SurvStat@RKI, Robert Koch Institute), summed over the 16 states, in ``salmonella_newport.csv``;
code of its vignette ``monitoringCounts``, run with the regressions converged to 1e-15.
"""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import xarray as xr
from scipy import special

from tongchou.surveillance.detection.ears import ears
from tongchou.surveillance.detection.farrington_flexible import farrington_flexible

# con.noufaily of the vignette: four years, ten seasons, 26 weeks left out, trend always, nbPlugin, alpha 0.05.
UPPERBOUND = [
    *(4, 3, 3, 4, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 3, 3, 4, 4, 4, 4, 3, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5),
    *(5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 4, 4, 4, 3, 3),
]  # fmt: skip
MEAN = [
    *(1.2242453672, 1.1827682146, 1.2069217329, 1.2889107434, 1.1933369178, 1.0916809892, 1.0816606676),
    *(0.9669959000, 1.0134266997, 0.9143763974, 0.9995578767, 1.0680982360, 1.1444595997, 1.2716653886),
    *(1.0991084422, 1.1585742208, 1.2350848565, 1.3021872890, 1.3949389109, 1.3985650959, 1.2406642880),
    *(1.5196408848, 1.6101725408, 1.5579869170, 1.5347015377, 1.4656640031, 1.7642347005, 1.9995625379),
    *(1.8218180440, 1.8635464968, 1.9584590893, 1.9798916032, 2.2472732533, 2.0926503175, 1.9364738336),
    *(1.8711009229, 1.8722235458, 1.8723197477, 1.9892549233, 2.0993658493, 2.3159869298, 2.4051542457),
    *(2.4468006052, 2.4943812096, 2.4321738087, 2.1806603578, 1.9043507061, 1.6469378800, 1.4055697867),
    *(1.3626007505, 1.1253296321, 1.1491381411),
]  # fmt: skip
ALARMS = [
    "2011-08-29", "2011-10-31", "2011-11-07", "2011-11-14", "2011-11-21", "2011-12-12", "2011-12-19", "2011-12-26",
]  # fmt: skip

EARS_UPPERBOUND = [  # the last ten weeks of the figure
    *(2.622790197, 3.293660131, 7.530017431, 32.492405858, 46.986384636, 47.730635452),
    *(47.665103042, 47.402175468, 47.283045465, 47.333675132),
]  # fmt: skip
EARS_ALARMS = ["2011-08-01", "2011-08-29", "2011-10-24", "2011-10-31", "2011-11-07", "2011-11-14"]


@pytest.fixture(scope="module")
def newport():
    frame = pl.read_csv(Path(__file__).with_name("salmonella_newport.csv"), try_parse_dates=True)
    dates = frame["date"].to_numpy().astype("datetime64[ns]")
    cases = frame["cases"].to_numpy().astype(float)
    return xr.DataArray(cases[None], {"place": ["DE"], "date": dates}, ("place", "date"))


def in_2011(found):
    return found.sel(date=slice("2011-01-03", "2011-12-26")).isel(place=0)


def alarm_dates(found):
    dates = found["date"].values[found["alarm"].values]
    return dates.astype("datetime64[D]").astype(str).tolist()


def test_improved_farrington_gives_the_limits_means_and_alarms_of_2011(newport):
    # limit54 = c(0, 50) in the vignette: no least number of cases.
    found = in_2011(farrington_flexible(newport, years=4, alpha=0.05, least_cases=0, last=165))
    assert found["threshold"].values.tolist() == UPPERBOUND
    assert found["expected"].values == pytest.approx(MEAN, rel=1e-9)
    assert alarm_dates(found) == ALARMS


def test_ears_c1_gives_the_limits_and_alarms_of_2011(newport):
    found = in_2011(ears(newport, "C1", limit=special.ndtri(0.95), least_sd=0))
    assert found["threshold"].values[-10:] == pytest.approx(EARS_UPPERBOUND, rel=1e-9)
    # The paper: the four last ones are the outbreak from bean sprouts.
    assert alarm_dates(found) == EARS_ALARMS
    assert np.isfinite(found["score"].values).all()
