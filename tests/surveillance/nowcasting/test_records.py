from datetime import date

import numpy as np
import polars as pl
import pytest

from tongchou.surveillance.nowcasting.records import nowcast_cases, report_column
from tongchou.surveillance.nowcasting.summary import over_areas
from tongchou.vocabulary.errors import MissingData

AREAS = {"420102": "420000", "420103": "420000", "440303": "440000"}


@pytest.fixture(scope="module")
def result(listed):
    rng = np.random.default_rng(1)
    onset = rng.integers(0, 40, 600)
    report = onset + rng.geometric(0.3, 600) - 1
    cases = listed(
        list(zip(map(int, onset), map(int, report), strict=True)), ["420102", "440303"] * 300
    )
    return nowcast_cases(
        cases, list(AREAS), AREAS, as_of=date(2020, 2, 9), max_delay=12, window=40, draws=100,
        rng=np.random.default_rng(2),
    )  # fmt: skip


def test_every_unit_and_area_is_there(result):
    assert result.units["place"].values.tolist() == list(AREAS)
    assert result.areas["place"].values.tolist() == ["420000", "440000"]
    assert result.report == "reported_on"
    assert result.units["estimate"].sel(place="420103").values[:-12].sum() == 0


def test_an_area_is_the_sum_of_its_units_draw_by_draw(result):
    areas = over_areas(result.draws, AREAS)
    summed = result.draws.sel(place=["420102", "420103"]).sum("place")
    assert (areas.sel(place="420000") == summed).all()
    assert areas.sum("place").equals(result.draws.sum("place"))
    assert result.areas["estimate"].sel(place="420000").values == pytest.approx(
        result.units["estimate"].sel(place=["420102", "420103"]).sum("place").values
    )


def test_a_situation_without_cases_has_zeros(listed):
    empty = listed([], []).cast({"place": pl.String})
    result = nowcast_cases(
        empty, list(AREAS), AREAS, as_of=date(2020, 2, 9), draws=50, rng=np.random.default_rng(1)
    )
    assert float(result.areas["median"].max()) == 0


def test_an_as_of_before_everything_has_zeros(listed):
    cases = listed([(30, 33)], ["420102"])
    result = nowcast_cases(
        cases, list(AREAS), AREAS, as_of=date(2020, 1, 9), draws=50, rng=np.random.default_rng(1)
    )
    assert float(result.units["reported"].sum()) == 0


def test_the_confirmation_stands_in_for_the_report(listed):
    cases = listed([(0, 1)]).rename({"reported_on": "confirmed_on"})
    assert report_column(cases) == "confirmed_on"
    with pytest.raises(MissingData):
        report_column(cases.drop("confirmed_on"))
