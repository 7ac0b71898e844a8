from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from tongchou.planning.beds import (
    BEDS,
    bed_cube,
    bed_need,
    bed_out,
    by_place,
    free_beds,
    mean_bed_days,
    relative_load,
    stays,
    still_in_bed,
)
from tongchou.vocabulary.fact_table import packaged

CUT = date(2020, 2, 2)


def facilities(**columns: list[object]) -> pl.DataFrame:
    n = len(next(iter(columns.values())))
    base: dict[str, list[object]] = {
        "facility_id": [f"H{i}" for i in range(n)],
        "date": [CUT] * n,
        "place": ["420100"] * n,
        "name_zh": ["医院"] * n,
        "name_en": ["hospital"] * n,
        "kind": ["designated"] * n,
        "longitude": [114.3] * n,
        "latitude": [30.6] * n,
    }
    for bed in BEDS:
        base |= {f"beds_{bed}": [0] * n, f"occupied_{bed}": [0] * n}
    return pl.DataFrame(base | columns)


def cases(path: list[float], quantile: float = 0.5) -> xr.DataArray:
    days = [np.datetime64(CUT + timedelta(d + 1), "ns") for d in range(len(path))]
    return xr.DataArray(
        np.array(path)[None, :, None],
        coords={"place": ["420100"], "date": days, "quantile": [quantile]},
        dims=("place", "date", "quantile"),
    )


def beds(mild: float = 0, severe: float = 0, critical: float = 0) -> xr.DataArray:
    return xr.DataArray(
        [[mild, severe, critical]],
        coords={"place": ["420100"], "bed": list(BEDS)},
        dims=("place", "bed"),
    )


def test_the_shares_of_the_classes_are_those_of_the_published_count() -> None:
    # Wu and McGoogan 2020: 36,160, 6,168 and 2,087 of 44,415, to four decimals.
    counts = np.array([36_160, 6_168, 2_087])
    np.testing.assert_allclose(
        packaged("planning/clinical_classes")["share"].to_numpy(), counts / counts.sum(), atol=5e-5
    )


def test_an_overfull_hospital_takes_no_free_bed_from_its_neighbour() -> None:
    rows = facilities(beds_mild=[100, 50], occupied_mild=[130, 20])
    assert free_beds(rows, CUT).select("free_mild", "over_mild").rows() == [(0, 30), (30, 0)]
    total = by_place(free_beds(rows, CUT)).filter(pl.col("bed") == "mild")
    assert total.select("beds", "occupied", "free").rows() == [(150, 150, 30)]


def test_beds_whose_occupancy_is_not_known_are_not_called_free() -> None:
    rows = facilities(beds_mild=[100], occupied_mild=[None])
    assert free_beds(rows, CUT)["free_mild"].to_list() == [None]
    assert "mild" not in by_place(free_beds(rows, CUT))["bed"].to_list()


def test_steady_admissions_keep_the_beds_as_full_as_they_are() -> None:
    # Little's law: 100 cases a day hold 100 × share × mean stay beds, day after day.
    level = {bed: 100 * share * stay.mean for bed, (share, stay) in stays().items()}
    need = bed_need(cases([100.0] * 14), beds(**level), beds(), CUT)
    expected = np.array([level[bed] for bed in BEDS])
    np.testing.assert_allclose(
        need.values[0, :, 0], np.tile(expected, (14, 1)), rtol=2e-6
    )  # the tail of a discretised stay


def test_without_new_cases_the_beds_empty_by_the_residual_stay() -> None:
    need = bed_need(cases([0.0] * 14), beds(mild=1000), beds(), CUT).sel(bed="mild").values[0, :, 0]
    assert (np.diff(need) < 0).all()
    # Half of the patients found in bed are gone after about half a mean stay, were stays equal.
    assert need[6] == pytest.approx(500, rel=0.05)


def test_the_residual_stay_agrees_with_a_simulated_hospital() -> None:
    """Second opinion: admissions at random hours for a year, those in bed at its end followed on."""
    rng = np.random.default_rng(7)
    _, stay = stays()["mild"]
    start = rng.uniform(0, 365, 2_000_000)
    leave = start + rng.gamma(stay.shape, 1 / stay.rate, start.size)
    left = leave[leave > 365] - 365
    days = np.array([1.0, 5.0, 10.0, 20.0])
    # About 77,000 patients are found: sampling error below 0.002, three times that allowed.
    np.testing.assert_allclose(
        [(left > d).mean() for d in days], still_in_bed(stay, days), atol=0.006
    )


def test_patients_waiting_need_a_bed_at_once() -> None:
    none = bed_need(cases([0.0] * 3), beds(), beds(), CUT)
    queue = bed_need(cases([0.0] * 3), beds(), beds(mild=500), CUT)
    assert float((queue - none).sel(bed="mild")[0, 0, 0]) == pytest.approx(500, rel=1e-3)


def test_wuhan_on_2_february_is_out_of_beds_on_the_first_day() -> None:
    # 5,142 confirmed cases against 1,000 beds (Cambridge shelter-hospital paper).
    share = {bed: s for bed, (s, _) in stays().items()}
    in_bed = beds(*(1000 * share[b] for b in BEDS))
    queue = beds(*(4142 * share[b] for b in BEDS))
    out = bed_out(bed_need(cases([500.0] * 14), in_bed, queue, CUT), in_bed, CUT)
    assert out["on"].to_list() == [date(2020, 2, 3)] * 3
    assert out["probability"].to_list() == [1.0] * 3


def test_the_range_of_the_day_comes_from_the_range_of_the_forecast() -> None:
    paths = xr.concat(
        [cases([c] * 14, q) for q, c in ((0.025, 10.0), (0.5, 40.0), (0.975, 80.0))], dim="quantile"
    )
    row = (
        bed_out(bed_need(paths, beds(), beds(), CUT), beds(mild=200, severe=999, critical=999), CUT)
        .filter(pl.col("bed") == "mild")
        .row(0, named=True)
    )
    # 40 × 0.8141 = 32.6 a day: 200 are filled on the 7th day, as few leave within a week.
    assert row["on"] == CUT + timedelta(7)
    assert row["early"] < row["on"]
    assert row["late"] is None
    assert 0.5 < row["probability"] < 0.975


def test_draws_and_quantiles_of_the_same_forecast_tell_the_same_day() -> None:
    rng = np.random.default_rng(3)
    levels = np.linspace(0.01, 0.99, 99)
    base = cases([1.0] * 14).isel(quantile=0, drop=True)
    drawn = base.expand_dims(draw=np.arange(4000)) * xr.DataArray(
        rng.lognormal(4, 0.4, 4000), dims="draw"
    )
    spread = drawn.quantile(levels, dim="draw")
    found = [
        bed_out(bed_need(p, beds(), beds(), CUT), beds(mild=300, severe=40, critical=30), CUT)
        for p in (drawn, spread)
    ]
    assert found[0].select("early", "on", "late").equals(found[1].select("early", "on", "late"))
    # Levels one per cent apart: reading between two of them errs by less than one per cent.
    np.testing.assert_allclose(found[0]["probability"], found[1]["probability"], atol=0.01)


@given(path=st.lists(st.floats(0, 500), min_size=14, max_size=14), more=st.floats(0, 100))
def test_more_cases_never_need_fewer_beds(path: list[float], more: float) -> None:
    low = bed_need(cases(path), beds(50, 10, 5), beds(), CUT)
    high = bed_need(cases([c + more for c in path]), beds(50, 10, 5), beds(), CUT)
    assert (high >= low - 1e-9).all()


def test_the_load_that_drives_supplies_is_relative_to_today_and_one_where_nobody_is_in_bed() -> (
    None
):
    need = bed_need(cases([0.0] * 14), beds(mild=100), beds(), CUT)
    assert float(relative_load(need, beds(mild=100))[0, 0, 0]) == pytest.approx(
        float(need.sum("bed")[0, 0, 0]) / 100
    )
    assert (relative_load(need, beds()) == 1).all()


def test_bed_cubes_follow_the_order_of_the_places_asked_for() -> None:
    rows = by_place(free_beds(facilities(beds_severe=[7], occupied_severe=[3]), CUT))
    cube = bed_cube(rows, "free", ["420200", "420100"])
    assert cube.sel(bed="severe").values.tolist() == [0.0, 4.0]


def test_a_case_needs_thirteen_bed_days_on_average() -> None:
    # 0.8141 × 14 + 0.1389 × 7 + 0.0470 × 14, worked by hand: 11.40 + 0.97 + 0.66.
    assert mean_bed_days() == pytest.approx(13.03, abs=0.01)
