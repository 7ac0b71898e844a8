"""Reporting triangle and chain ladder of the outbreak of STEC O104:H4, Germany 2011.

Höhle M, an der Heiden M. Biometrics 2014;70:993-1002, doi 10.1111/biom.12194; data and figures: dataset
husO104Hosp and the first example of ``nowcast`` in the R package surveillance 1.20.3, which prints the triangle of
4 July 2011 with its sums n.x, N.x and N.tT. Shares reported: the same package, method "lawless".
"""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tongchou.surveillance.nowcasting.lawless import (
    nowcast_lawless,
    reported_share,
    reverse_hazards,
)
from tongchou.surveillance.nowcasting.triangle import reporting_triangle

DATA = Path(__file__).with_name("hus_o104_2011.csv")

N_X = [4, 17, 38, 51, 66, 64, 59, 49, 54, 47, 34, 22, 26, 10, 14, 71]
N_X_BY = [4, 21, 59, 110, 176, 240, 299, 346, 399, 446, 479, 501, 526, 533, 544, 615]
N_T = [
    *(1, 0, 0, 0, 0, 2, 6, 1, 9, 12, 17, 19, 29, 35, 66, 42, 44, 51, 49, 34, 34, 22, 19, 26, 17, 16, 6),
    *(11, 4, 6, 9, 4, 1, 2, 2, 2, 2, 1, 2, 2, 3, 4, 1, 2, 0, 3, 3, 1, 0, 1, 0, 1, 2, 0, 0, 0, 0, 0, 0),
]  # fmt: skip

# surveillance::nowcast(now = 2011-06-09, D = 15, method = "lawless"), share reported of the last 16 days of
# hospitalisation, oldest first; second, with m = 20 and m.interpretation = "lawless1994".
SHARES = [
    1.0,
    0.8563968668407,
    0.8253852811334,
    0.8078238921731,
    0.7578554039975,
    0.7160838462968,
    0.6560977649316,
    0.5841966400076,
    0.5044546654072,
    0.4263236397886,
    0.3348519009833,
    0.241926493055,
    0.1508113203459,
    0.0807373735185,
    0.02789109267,
    0.005578218534,
]
SHARES_OF_21_DAYS = [
    1.0,
    0.8563968668407,
    0.8253852811334,
    0.8078238921731,
    0.757726286457,
    0.7178459555908,
    0.6577122629759,
    0.5856342067593,
    0.5056960064302,
    0.427372719239,
    0.33567589059,
    0.2425218156894,
    0.1511824305596,
    0.0809360486834,
    0.0279597259088,
    0.0055919451818,
]


@pytest.fixture(scope="module")
def cases():
    return pl.read_csv(DATA, comment_prefix="#", try_parse_dates=True)


def triangle_of(cases, day):
    return reporting_triangle(cases, as_of=day, max_delay=15, window=100, count="n")


def test_the_triangle_of_4_july(cases):
    triangle = triangle_of(cases, date(2011, 7, 4))
    assert triangle.reported.values[0].tolist() == N_T
    n_x, N_x = reverse_hazards(triangle.cells())
    assert n_x[0].tolist() == N_X
    assert N_x[0].tolist() == N_X_BY


def test_all_630_cases_are_there(cases):
    assert cases["n"].sum() == 630


@pytest.mark.parametrize(("window", "printed"), [(None, SHARES), (21, SHARES_OF_21_DAYS)])
def test_the_share_reported_on_9_june(cases, window, printed):
    result = nowcast_lawless(triangle_of(cases, date(2011, 6, 9)), window=window)
    share = result["share"].values[0, -16:]
    assert share == pytest.approx(printed, rel=1e-9)
    reported = result["reported"].values[0, -16:]
    assert result["estimate"].values[0, -16:] == pytest.approx(reported / share, rel=1e-12)


def test_the_variance_of_the_share_is_that_of_independent_hazards():
    # Two delays: F(0) = 1 − g(1), g a share of 40 by binomial chance.
    share, variance = reported_share(np.array([[30.0, 10.0]]), np.array([[30.0, 40.0]]))
    assert share[0, 0] == 0.75
    assert variance[0, 0] == pytest.approx(0.25 * 0.75 / 40)
