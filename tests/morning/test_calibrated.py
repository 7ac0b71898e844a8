"""A night's fit: what it takes from the picture, what it gives, kept and carried on."""

from datetime import timedelta

import numpy as np
import pytest

from tongchou.morning import calibration_inputs as inputs
from tongchou.morning.calibrated import fit_night
from tongchou.morning.calibration_table import VARIABLES, table
from tongchou.morning.kept_fit import FitRefused, keep, read_fit
from tongchou.morning.picture import assess
from tongchou.morning.projection import measures_ahead, project
from tongchou.transmission.metapopulation.disease import disease

MEMBERS, ROUNDS = 40, 3


@pytest.fixture(scope="module")
def night(exercise_pack):
    return exercise_pack.last - timedelta(days=14)


@pytest.fixture(scope="module")
def picture(exercise_pack, night):
    return assess(exercise_pack.as_of(night))


@pytest.fixture(scope="module")
def fit(picture):
    return fit_night(picture, members=MEMBERS, rounds=ROUNDS)


@pytest.fixture(scope="module")
def kept(fit, tmp_path_factory):
    path = tmp_path_factory.mktemp("fits") / "night.npz"
    keep(fit, path)
    return path


def test_bands_hold_the_counts_and_nobody_is_lost(fit, picture):
    assert fit.calibration.fit()["in95"].mean() > 0.9
    people = sum(int(picture.scope.population[u]) for u in picture.scope.units)
    state = fit.calibration.state
    np.testing.assert_allclose(state.sum(axis=(1, 2, 3)), people, rtol=1e-9)
    assert state.min() > -1e-6


def test_it_says_what_was_assumed_in_both_languages(fit):
    assert len(fit.notes) >= 5
    assert all(note["zh"] and note["en"] for note in fit.notes)


def test_only_what_was_known_that_night_is_used(fit, night):
    assert fit.calibration.observed["date"].values.max() == np.datetime64(night)
    assert fit.calibration.model.dates[-1] == np.datetime64(night)


def test_the_same_seed_gives_the_same_draws(picture):
    one, other = (fit_night(picture, members=20, rounds=1, whole_areas=True) for _ in range(2))
    np.testing.assert_array_equal(one.calibration.state, other.calibration.state)


def test_the_engine_starts_from_it(fit, picture):
    found = project(picture, fit=fit, replicates=128)
    assert found.model.start.shape[0] == found.model.scale.shape[0] == MEMBERS
    place = picture.scope.place
    lately = float(picture.analytic.sel(place=place)[-14:].mean())
    first = found.ahead["confirmed"].sel(place=place)[:3].mean("date")
    assert float(first.sel(quantile=0.025)) < lately < 2 * float(first.sel(quantile=0.975))
    mean = found.ahead["confirmed_mean"]
    units = mean.sel(place=list(picture.scope.units)).sum("place")
    np.testing.assert_allclose(units, mean.sel(place=place), rtol=1e-4)


def test_a_measure_lowers_what_will_be_reported(fit, picture):
    effect = measures_ahead(picture, ["stay_home"], 21)
    place = picture.scope.place
    plain, home = (
        project(picture, fit=fit, replicates=64, horizon=21, timeline=t).ahead["confirmed_mean"].sel(place=place)
        for t in (None, effect)
    )  # fmt: skip
    assert home[-5:].sum() < plain[-5:].sum()
    assert float(home[0]) == pytest.approx(
        float(plain[0]), rel=0.01
    )  # hardly anybody is reported on the day of infection
    assert (home <= plain + 1e-6).all()  # the same chance meets both


def test_growth_is_answered_and_control_is_kept(fit, picture):
    dates = np.datetime64(picture.situation.cut) + np.arange(1, 36)
    R, drawn = np.log(fit.scale(dates)), np.log(fit.calibration.scale(dates))
    never_above = (drawn < -0.1).all("date")
    assert never_above.any()
    np.testing.assert_allclose(R.where(never_above), drawn.where(never_above), atol=1e-9)
    assert (drawn.max() + 1e-9 >= R).all()
    assert float(R.max()) <= np.log(3.9) + 1e-9


def test_rows_are_by_variable_area_and_day(fit, picture):
    rows = table(fit)
    places = {picture.scope.place, *picture.scope.areas}
    assert set(rows["variable"]) == set(VARIABLES)
    assert set(rows["place"]) == places
    assert rows.height == len(VARIABLES) * len(places) * len(fit.calibration.model.dates)
    assert (rows["q025"] <= rows["median"]).all()
    assert rows.filter(variable="reporting")["q975"].max() <= 1
    whole = rows.filter(variable="infections", place=picture.scope.place)["mean"].sum()
    parts = rows.filter(variable="infections").filter(place=picture.scope.place)["mean"].sum()
    assert whole == pytest.approx(parts)


def test_whole_areas_are_places_and_the_leading_unit_stands_apart(picture):
    coarse = fit_night(picture, members=MEMBERS, rounds=ROUNDS, whole_areas=True)
    assert len(coarse.ground.places) <= len(picture.scope.areas) + 1
    people = sum(int(picture.scope.population[u]) for u in picture.scope.units)
    assert coarse.ground.people.sum() == people
    found = project(picture, fit=coarse, replicates=64)
    assert {picture.scope.place, *picture.scope.areas} <= set(found.ahead["place"].values)


@pytest.mark.parametrize("cases", ["none", "few", "most"])
def test_a_small_area_of_any_number_of_cases_is_fitted(exercise_pack, night, picture, cases):
    """One unit without a case, with a few, and with the most: bands in order, and none far beyond what came."""
    total = picture.analytic.sel(place=list(picture.scope.units)).sum("date").to_series()
    some = total[total > 0]
    unit = {"none": total.idxmin(), "few": some.idxmin(), "most": total.idxmax()}[cases]
    small = assess(exercise_pack.as_of(night), str(unit))
    ahead = project(small, fit=fit_night(small, members=MEMBERS, rounds=ROUNDS), replicates=64)
    upper = ahead.ahead["confirmed"].sel(place=str(unit), quantile=0.975)
    most = small.analytic.sel(place=str(unit)).max()
    assert (upper <= 10 * max(float(most), 1.0)).all()


def test_the_first_night_of_a_pack_is_fitted(exercise_pack):
    early = assess(exercise_pack.as_of(exercise_pack.first))
    found = project(early, fit=fit_night(early, members=MEMBERS, rounds=1), replicates=64)
    assert np.isfinite(found.ahead["confirmed"].to_numpy()).all()


def test_a_kept_fit_gives_the_same_days_ahead(fit, kept, picture):
    again = read_fit(kept, picture)
    assert [n["en"] for n in again.notes] == [n["en"] for n in fit.notes]
    one, other = (project(picture, fit=f, replicates=64).ahead for f in (fit, again))
    assert one.identical(other)
    assert table(again).equals(table(fit))


def test_a_fit_is_carried_on_for_a_week(exercise_pack, night, kept, fit):
    later = assess(exercise_pack.as_of(night + timedelta(days=5)))
    carried = read_fit(kept, later)
    days = len(fit.calibration.model.dates)
    assert len(carried.calibration.model.dates) == days + 5
    np.testing.assert_array_equal(carried.calibration.infections[:, :days], fit.calibration.infections)  # fmt: skip
    assert "5" in carried.notes[-1]["en"]
    found = project(later, fit=carried, replicates=64)
    assert found.ahead["date"].values[0] == np.datetime64(night + timedelta(days=6), "ns")
    held = table(carried).filter(variable="reported", place=later.scope.place)
    assert held["observed"].drop_nulls().len() == carried.calibration.observed.sizes["date"]


@pytest.mark.parametrize("days", [-1, 8])
def test_a_fit_of_a_later_night_or_too_old_is_refused(exercise_pack, night, kept, days):
    other = assess(exercise_pack.as_of(night + timedelta(days=days)))
    with pytest.raises(FitRefused, match="was fitted to"):
        read_fit(kept, other)


def test_a_fit_of_another_place_is_refused(exercise_pack, night, kept, picture):
    other = assess(exercise_pack.as_of(night), picture.scope.areas[0])
    with pytest.raises(FitRefused, match="it is of place"):
        read_fit(kept, other)


def test_what_is_no_fit_is_refused(tmp_path, picture, kept):
    broken = tmp_path / "broken.npz"
    for content in (b"", b"nonsense", kept.read_bytes()[:5000]):
        broken.write_bytes(content)
        with pytest.raises(FitRefused, match="no whole calibration"):
            read_fit(broken, picture)
    np.savez(broken, manifest="{}", state=np.zeros(3))
    with pytest.raises(FitRefused, match="no whole calibration"):
        read_fit(broken, picture)


def test_an_interrupted_write_leaves_the_old_file(fit, kept, monkeypatch):
    def full(*_arrays, **_named):
        raise OSError("disk full")

    before = kept.read_bytes()
    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(OSError, match="full"):
        keep(fit, kept)
    assert kept.read_bytes() == before


def test_sparks_are_for_quiet_places_only():
    counts = np.zeros((40, 3))
    counts[30, 1] = 1.0
    sparks = inputs.sparks_of(counts, 0.5)
    # one first case on 3 x 14 days less the 9 after it: (1 + 1/2) / (33 + 14) a day, half reported
    assert sparks.tolist() == pytest.approx([2 * 1.5 / 47, 0.0, 2 * 1.5 / 47])


def test_a_source_is_the_area_with_most_cases_and_its_leading_unit(picture):
    ground = inputs.ground_of(picture, disease("covid2020"))
    groups, sources, _ = inputs.sources_of(ground, picture.scope.names)
    assert set(sources) <= set(groups.values())
    total = ground.counts.sum("date").to_series()
    if len(sources) == 2:
        assert groups[sources[0]] == sources[0]
        area = picture.scope.area_of(sources[0])
        assert total[sources[0]] == max(
            n for p, n in total.items() if picture.scope.area_of(p) == area
        )


@pytest.mark.real
def test_zhejiang_on_10_february_2020(china2020):
    """R well below 1 by then, counts of the fit within its bands; of the fortnight after none above those ahead.

    Fewer came than the lower end on most days: delays had shortened, which a delay from the table does not know.
    """
    picture = assess(china2020.as_of("2020-02-10"), "330000")
    found = fit_night(picture)
    rows = table(found).filter(place="330000", variable="reproduction")
    assert rows["q975"][-1] < 1
    assert found.calibration.fit()["in95"].mean() > 0.9
    ahead = project(picture, fit=found, replicates=200).ahead["confirmed"].sel(place="330000")
    later = assess(china2020.as_of("2020-02-24"), "330000").analytic.sel(place="330000")[-14:]
    assert (later <= ahead.sel(quantile=0.975)).mean() >= 0.9
    assert float(ahead.sel(quantile=0.5)[-1]) < 0.5 * float(ahead.sel(quantile=0.5)[0])


@pytest.mark.real
def test_a_province_with_one_case_in_all(china2020):
    """Tibet: one case, and hardly any is to be expected."""
    picture = assess(china2020.as_of("2020-02-10"), "540000")
    ahead = project(picture, fit=fit_night(picture, members=40, rounds=2), replicates=64).ahead
    assert float(ahead["confirmed"].sel(quantile=0.975).max()) <= 3
