"""The outlook: two members weighed by their past, chances that are honest, beds beside need."""

import hashlib
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
import xarray as xr

from tongchou.morning.annexes.outlook import members_table, past_table
from tongchou.morning.beds_ahead import beds_ahead
from tongchou.morning.calibrated import fit_night
from tongchou.morning.compose import sign_off
from tongchou.morning.kept_fit import keep
from tongchou.morning.outlook import look_ahead, weight_sentence
from tongchou.morning.picture import assess
from tongchou.morning.rivals import members as rivals
from tongchou.morning.rivals.members import ENGINE, RENEWAL, Member, as_it_stood, quantiles_of
from tongchou.morning.rivals.past import Past, past_origins, weigh
from tongchou.morning.rivals.together import tier_moves, together
from tongchou.transmission.renewal import HUB_QUANTILES
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.text import same

LEVELS = np.array(sorted(HUB_QUANTILES))


@pytest.fixture(scope="module")
def picture(exercise_pack):
    return assess(exercise_pack.as_of(exercise_pack.last - timedelta(days=14)))


@pytest.fixture(scope="module")
def outlook(picture):
    return look_ahead(picture, 1, draws=200)


def saying(picture, value: float) -> xr.DataArray:
    """Forecast one number for the scope on each of the next days, with a band of a tenth."""
    dates = picture.analytic["date"].values[-1] + np.arange(1, 15) * np.timedelta64(1, "D")
    around = value * (1 + 0.1 * (LEVELS - 0.5))
    return xr.DataArray(
        np.broadcast_to(around, (1, 14, len(LEVELS))).copy(),
        {"place": [picture.scope.place], "date": dates, "quantile": LEVELS},
        ("place", "date", "quantile"),
    )


def test_the_member_that_was_right_weighs_more(picture):
    def remake(then):
        came = float(picture.analytic.sel(place=picture.scope.place)[-14:].mean())
        return {RENEWAL: saying(then, came), ENGINE: saying(then, 5 * came)}

    past = weigh(picture, (RENEWAL, ENGINE), remake)
    assert past.weights[RENEWAL] > 0.95
    turned = weigh(
        picture,
        (RENEWAL, ENGINE),
        lambda t: dict(zip(remake(t), reversed(remake(t).values()), strict=True)),
    )
    assert turned.weights[ENGINE] == pytest.approx(past.weights[RENEWAL])
    sentence = weight_sentence(past)
    assert "of the transmission model was" in sentence.en
    assert "传播模型的误差评分为更新方程预测的" in sentence.zh


def test_two_members_that_say_the_same_weigh_alike(picture):
    past = weigh(
        picture, (RENEWAL, ENGINE), lambda t: dict.fromkeys((RENEWAL, ENGINE), saying(t, 7.0))
    )
    assert past.weights == {RENEWAL: 0.5, ENGINE: 0.5}


def test_without_a_past_they_weigh_alike_and_it_says_so(exercise_pack):
    early = assess(exercise_pack.as_of(exercise_pack.first + timedelta(days=5)))
    assert past_origins(early) == []
    past = weigh(early, (RENEWAL, ENGINE), lambda t: pytest.fail("nothing to be made"))
    assert past.weights == {RENEWAL: 0.5, ENGINE: 0.5}
    assert "half each" in weight_sentence(past).en


def test_past_forecasts_see_nothing_of_what_followed(picture):
    seen = []

    def remake(then):
        seen.append(
            (then.situation.cut, then.analytic["date"].values[-1].astype("datetime64[D]").item())
        )
        assert then.situation.table("mobility")["known_on"].max() <= then.situation.cut
        return {RENEWAL: saying(then, 7.0), ENGINE: saying(then, 7.0)}

    weigh(picture, (RENEWAL, ENGINE), remake)
    assert len(seen) == 3
    for cut, last in seen:
        assert cut == last
        assert 3 <= (picture.situation.cut - cut).days <= 14


def test_what_another_night_made_from_the_same_is_not_made_again(picture, outlook):
    again = weigh(picture, (RENEWAL, ENGINE), lambda t: pytest.fail("made already"), outlook.past)
    assert again.weights == outlook.past.weights
    assert again.scores.equals(outlook.past.scores)


def test_the_whole_lies_between_its_members_and_is_the_renewal_where_the_engine_is_silent(outlook):
    r, e = (outlook.members[n].upper["new_cases"] for n in (RENEWAL, ENGINE))
    whole = outlook.upper["new_cases"]
    assert (whole >= np.minimum(r, e) - 1e-9).all()
    assert (whole <= np.maximum(r, e) + 1e-9).all()
    assert (whole.diff("quantile") >= 0).all()
    first = r["place"].values[0]
    forecasts = {n: m.upper for n, m in outlook.members.items()}
    forecasts[ENGINE] = forecasts[ENGINE].drop_sel(place=first)
    apart = together(forecasts, {RENEWAL: 0.5, ENGINE: 0.5})
    assert apart["place"].values.tolist() == r["place"].values.tolist()
    np.testing.assert_array_equal(apart["new_cases"].sel(place=first), r.sel(place=first))
    np.testing.assert_allclose(
        apart["mean"].sel(place=first), forecasts[RENEWAL]["mean"].sel(place=first)
    )


def test_without_people_the_renewal_forecast_stands_alone_and_it_is_said(picture, monkeypatch):
    def nobody(*_, **__):
        raise MissingData("places", same("model"), column="population")

    monkeypatch.setattr(rivals, "model_of", nobody)
    alone = look_ahead(picture, 1, draws=100)
    assert list(alone.members) == [RENEWAL]
    assert alone.past.weights == {RENEWAL: 1.0}
    np.testing.assert_array_equal(alone.upper["mean"], alone.members[RENEWAL].upper["mean"])
    assert "places" in alone.notes[0].en
    assert members_table(alone).rows[0]["weight"] == 1.0


def futures(counts: np.ndarray, places: list[str]) -> xr.DataArray:
    dates = np.datetime64("2020-02-23", "ns") + np.arange(counts.shape[-1]) * np.timedelta64(1, "D")
    return xr.DataArray(
        counts.astype(np.float32),
        {"replicate": np.arange(len(counts)), "place": places, "date": dates},
        ("replicate", "place", "date"),
    )


def test_chances_are_counted_over_whole_futures():
    """Of four futures one has no case in three days and two have three cases or more in all."""
    told = futures(np.array([[[0, 0, 0]], [[1, 0, 0]], [[1, 1, 1]], [[0, 0, 5]]]), ["420100"])
    seen = quantiles_of(told, 1e9, np.random.default_rng(1))
    member = Member(name=ENGINE, upper=seen, units=seen, futures=told)
    assert member.chance_of_none("420100", 3) == pytest.approx(1.5 / 5)
    assert member.chance_of_none("420100", 2) == pytest.approx(2.5 / 5)
    assert member.chance_of_at_least("420100", 3, 3) == pytest.approx(2.5 / 5)
    assert member.chance_of_at_least("420100", 2, 3) == pytest.approx(0.5 / 5)


def test_chances_said_come_true_as_often():
    """Two thousand units of known chance: what is said with 10 to 30 % comes as often, give or take 6 points.

    Units see on average 0.2 to 3 cases in 14 days. What comes is drawn from the same law as the futures;
    σ of a share of 0.2 over about 400 units is 2 points.
    """
    rng = np.random.default_rng(7)
    places = [f"{k:06d}" for k in range(2000)]
    mean = rng.uniform(0.2, 3.0, len(places)) / 14
    told = futures(rng.poisson(mean[:, None], (128, len(places), 14)), places)
    came = rng.poisson(mean[:, None], (len(places), 14)).sum(axis=1)
    seen = quantiles_of(told, 5.0, rng)
    member = Member(name=ENGINE, upper=seen, units=seen, futures=told)
    none = seen["no_case"][:, -1].to_numpy()
    three = np.array([member.chance_of_at_least(p, 14, 3) for p in places])
    for said, happened in ((none, came == 0), (three, came >= 3)):
        for low, high in ((0.1, 0.3), (0.3, 0.6)):
            inside = (said >= low) & (said < high)
            assert inside.sum() > 150
            assert happened[inside].mean() == pytest.approx(said[inside].mean(), abs=0.06)


def test_reports_that_scatter_are_wider_and_keep_their_mean():
    told = futures(np.full((4000, 1, 1), 50.0), ["420100"])
    seen = quantiles_of(told, 4.0, np.random.default_rng(3))
    band = seen["new_cases"][0, 0]
    assert float(band.sel(quantile=0.025)) == pytest.approx(50 / 4 * 1.09, abs=3)  # gamma(4): 1.09
    assert float(band.sel(quantile=0.975)) == pytest.approx(50 / 4 * 8.77, abs=5)
    assert seen["mean"].item() == 50


def test_tier_moves_are_averages_of_the_members(picture, outlook):
    moves = outlook.tier_moves
    assert moves["probability"].is_between(0, 1).all()
    own = {
        n: tier_moves(picture, [m], {n: 1.0}).sort("place", "to")
        for n, m in outlook.members.items()
    }
    w = outlook.past.weights
    mixed = sum(w[n] * own[n]["probability"].to_numpy() for n in own)
    np.testing.assert_allclose(moves.sort("place", "to")["probability"], mixed, atol=1e-12)


def test_the_annex_tells_members_and_their_past(outlook):
    table = members_table(outlook)
    assert sum(r["weight"] for r in table.rows if r["weight"] is not None) == pytest.approx(1.0)
    assert table.rows[-1]["weight"] is None  # the yardstick is no member
    assert table.evidence is not None
    assert (
        table.evidence.rows.height == 60 or table.evidence.rows.height == outlook.past.scores.height
    )
    assert [r["days"] for r in past_table(outlook).rows] == [
        (outlook.picture.situation.cut - d).days for d in past_origins(outlook.picture)
    ]


def test_beds_needed_of_the_areas_stand_beside_the_beds_there_are(picture, outlook):
    found = beds_ahead(picture, outlook).demand
    for days in (7, 14):
        assert (found[f"low{days}"] <= found[f"median{days}"]).all()
        assert (found[f"median{days}"] <= found[f"high{days}"]).all()
    areas = found.filter(pl.col("place") != picture.scope.place)
    top = found.filter(pl.col("place") == picture.scope.place)
    for bed in ("mild", "severe", "critical"):
        of = areas.filter(pl.col("bed") == bed)
        assert of["now"].sum() == top.filter(pl.col("bed") == bed)["now"].sum()
        assert of["beds"].sum() == top.filter(pl.col("bed") == bed)["beds"].sum()


def test_an_order_from_a_kept_calibration_names_it_and_uses_it(
    exercise_pack, picture, outlook, tmp_path
):
    file = tmp_path / "night.npz"
    keep(fit_night(picture, members=30, rounds=1), file)
    fitted = look_ahead(picture, 1, draws=200, calibration=file)
    assert fitted.calibration == hashlib.sha256(file.read_bytes()).hexdigest()
    assert fitted.past.weights == outlook.past.weights
    np.testing.assert_array_equal(
        fitted.members[RENEWAL].upper["mean"], outlook.members[RENEWAL].upper["mean"]
    )
    assert not np.array_equal(
        fitted.members[ENGINE].upper["mean"], outlook.members[ENGINE].upper["mean"]
    )
    assert sign_off(picture, 1, None, fitted.calibration).digest != sign_off(picture, 1).digest


def test_a_picture_of_the_past_is_cut_and_nothing_else(picture):
    then = as_it_stood(picture, 5)
    assert then.situation.cut == picture.situation.cut - timedelta(days=5)
    assert then.scope is picture.scope
    assert isinstance(weigh(then, (RENEWAL,), lambda t: {}), Past)
