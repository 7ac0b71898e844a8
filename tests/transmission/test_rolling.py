import numpy as np
import pytest

from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.transmission.forecast_table import (
    COLUMNS,
    draws_from_bands,
    forecast_dataset,
    forecast_quantiles,
    past_origins,
    score_table,
)
from tongchou.transmission.members import BASELINES, ENSEMBLE_OF, forecasters
from tongchou.transmission.rolling import score_past
from tongchou.transmission.score import persistence, weighted_interval_score
from tongchou.vocabulary.errors import BadParameter

TABLE = ForecastAssumptions.from_table()


@pytest.fixture(scope="module")
def rows(cube):
    rng = np.random.default_rng(12)
    wave = 40 * np.exp(-(((np.arange(70) - 35) / 15) ** 2))
    return cube(rng.poisson(wave, (4, 70)))


@pytest.fixture(scope="module")
def scores(rows):
    origins = rows["date"].values[40:68:4]
    return score_past(
        rows, forecasters(TABLE, draws=100), origins=origins, of=ENSEMBLE_OF, horizon=7
    )


def test_each_past_day_is_scored_with_what_it_saw(rows, scores):
    origin = scores["origin"].values[2]
    base = persistence(rows.sel(date=slice(None, origin)), horizon=7)
    wis = weighted_interval_score(base, rows.sel(date=base["date"]))
    ours = scores["wis"].sel(model="persistence", origin=origin)
    assert ours.transpose("place", "ahead").values == pytest.approx(wis.values)


def test_days_that_have_not_come_have_no_score(scores):
    last = scores.isel(origin=-1)["wis"]
    assert last.notnull().sum("ahead").max().item() < 7
    assert scores.isel(origin=0)["wis"].notnull().all()


def test_weights_start_equal_and_are_shares(scores):
    weight = scores["weight"].sel(model=list(ENSEMBLE_OF))
    assert weight.isel(origin=0).values == pytest.approx([0.5, 0.5])
    assert weight.sum("model").values == pytest.approx(1.0)


def test_an_ensemble_of_one_is_that_one(rows):
    origins = rows["date"].values[50:56]
    alone = score_past(
        rows, forecasters(TABLE, names=["persistence"]), origins=origins, of=["persistence"]
    )
    a, b = (alone["wis"].sel(model=m).values for m in ("persistence", "ensemble"))
    assert a == pytest.approx(b, nan_ok=True)


def test_the_table_has_everything_by_model_place_and_day_ahead(rows):
    table = score_table(rows, assumptions=TABLE, horizon=7, number=4, step=3, draws=100)
    assert set(table["model"]) == {"renewal", *BASELINES, "ensemble"}
    assert table.height == 6 * (1 + 4 + 7)
    assert table.filter(model="persistence")["ratio"].to_list() == pytest.approx([1.0] * 12)


def test_a_short_series_cannot_be_scored(cube):
    with pytest.raises(BadParameter, match="backtest needs"):
        score_table(cube([3] * 29), assumptions=TABLE)
    assert len(past_origins(cube([3] * 29), 14, 5, 1)) == 0


@pytest.mark.parametrize("model", ["renewal", "ensemble", "damped_trend"])
def test_a_forecast_is_a_table_of_six_columns(rows, model):
    members = forecasters(TABLE, draws=200)
    ahead = forecast_dataset(forecast_quantiles(rows, members, model=model, horizon=5))
    assert list(ahead.data_vars) == list(COLUMNS)
    assert (ahead["q025"] <= ahead["median"]).all()
    assert (ahead["mean"] >= ahead["q025"]).all()
    assert ahead.sizes["date"] == 5


def test_the_ensemble_starts_from_a_nowcast_too(cube, rows):
    import polars as pl

    last = [d.astype("datetime64[D]").item() for d in rows["date"].values[-2:]]
    bands = pl.DataFrame(
        {"place": ["420000"] * 2, "date": last, "reported": [5.0, 1.0], "q025": [6.0, 4.0],
         "median": [8.0, 9.0], "q975": [11.0, 20.0]}
    )  # fmt: skip
    draws = draws_from_bands(rows, bands, draws=400, rng=np.random.default_rng(1))
    late = draws.sel(place="420000").isel(date=-1)
    # 400 draws: the standard error of a quantile of 97.5 % is about 4 % of the width
    assert np.quantile(late, [0.025, 0.5, 0.975]) == pytest.approx([4, 9, 20], abs=1.5)
    assert (draws.sel(place="420001") == rows.sel(place="420001")).all()
    members = forecasters(TABLE, draws=100)
    assert forecast_quantiles(draws, members, model="ensemble", horizon=3).sizes["date"] == 3
