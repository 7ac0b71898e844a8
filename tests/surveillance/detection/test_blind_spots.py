"""Silence, habits of reporting, counts that are too few for the neighbourhood, and settings nobody visits."""

from datetime import date

import numpy as np
import polars as pl
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tongchou.surveillance.detection.blind_spots import KINDS, blind_spots, unvisited
from tongchou.surveillance.detection.improbably_few import false_discovery, improbably_few
from tongchou.surveillance.detection.reporting import reporting_habits, silence
from tongchou.surveillance.detection.scan_zones import circles
from tongchou.vocabulary.errors import BadParameter

GAP = np.nan


def counts(*rows):
    dates = np.datetime64("2020-02-01", "ns") + np.arange(len(rows[0])) * np.timedelta64(1, "D")
    return xr.DataArray(
        np.array(rows, float),
        {"place": list("abcdefgh"[: len(rows)]), "date": dates},
        ("place", "date"),
    )


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_silence_is_the_run_without_a_report_at_the_end(heard):
    dates = np.datetime64("2020-02-01", "ns") + np.arange(len(heard)) * np.timedelta64(1, "D")
    result = silence(xr.DataArray([heard], {"place": ["420100"], "date": dates}, ("place", "date")))
    run = next((k for k, h in enumerate(reversed(heard)) if h), len(heard))
    assert result["days"].item() == run
    assert result["silent"].item() == (run >= 1)
    assert result["reported_share"].item() == pytest.approx(np.mean(heard))


def test_the_silence_of_the_regular_says_more_than_that_of_the_irregular():
    habits = reporting_habits(counts([1.0] * 26 + [GAP] * 2, [1.0, GAP] * 13 + [GAP] * 2))
    regular, irregular = habits["p_silence"].to_numpy()
    assert regular < 0.002 < 0.1 < irregular
    assert habits["p_irregular"].to_numpy()[1] < 1e-6 < 0.2 < habits["p_irregular"].to_numpy()[0]


def test_the_chance_of_a_silence_is_that_of_a_plain_sum_over_rates():
    habits = reporting_habits(counts([1.0] * 7 + [GAP] * 3 + [1.0] * 3 + [GAP] * 2))
    rate = np.linspace(0, 1, 200_001)[1:-1]
    weight = stats.beta.pdf(rate, 10.5, 3.5)
    # d = 2, n = 10 of the 13 days before.
    assert habits["p_silence"].item() == pytest.approx(
        (weight * (1 - rate) ** 2).sum() / weight.sum(), rel=1e-4
    )


def test_a_place_that_never_reports_zero_is_asked_about_its_silent_days():
    never = [2.0, GAP, 1.0, GAP, GAP, 1.0, GAP, GAP, 1.0] * 4
    spots = blind_spots(counts(never, [0.0, 1.0, 0.0] * 12))
    assert spots.select("kind", "place", "days").rows() == [("no_zero", "a", 20)]


def test_many_cases_every_day_are_no_fault_of_zeros():
    assert blind_spots(counts([9.0] * 20 + [GAP] + [9.0] * 10)).height == 0


def test_one_day_of_silence_a_place_never_heard_and_one_that_is_well():
    spots = blind_spots(counts([1.0] * 19 + [GAP], [GAP] * 20, [0.0] * 20))
    assert spots.select("kind", "place", "days").rows() == [("never", "b", 20), ("silent", "a", 1)]
    assert spots["score"].is_sorted(descending=True)
    assert "{" not in "".join(spots["reason_zh"]) + "".join(spots["reason_en"])


def grid(n, rng, k=np.inf, rate=3e-4):
    where = {"place": [f"p{i:03d}" for i in range(n)]}
    points = xr.Dataset(
        {
            "longitude": ("place", 110 + 5 * rng.random(n)),
            "latitude": ("place", 28 + 5 * rng.random(n)),
        },
        where,
    )
    people = xr.DataArray(rng.lognormal(11.5, 0.6, n), where, ("place",))
    wave = 1 + 0.8 * np.sin(points["longitude"].to_numpy())
    vary = rng.gamma(k, 1 / k, n) if np.isfinite(k) else 1.0
    y = xr.DataArray(rng.poisson(people * rate * wave * vary).astype(float), where, ("place",))
    return y, people, circles(points, people, share=0.5, most_places=9)


def test_without_variety_it_is_the_exact_predictive_of_a_gamma_poisson():
    y, people, around = grid(60, np.random.default_rng(1), rate=1e-4)
    found = improbably_few(y, people, around)
    at = 5
    others = [j for j in around.of(at, around.starts[at + 1] - 1) if j != at]
    E, r = people.to_numpy(), float(y.sum() / people.sum())
    shape, gamma_rate = 1 + y.to_numpy()[others].sum(), 1 / r + E[others].sum()
    exact = stats.nbinom.cdf(y.to_numpy()[at], shape, gamma_rate / (gamma_rate + E[at]))
    if found.attrs["variety"] >= 999:
        assert found["p"].to_numpy()[at] == pytest.approx(exact, rel=0.05)
    assert found["expected"].to_numpy()[at] == pytest.approx(E[at] * shape / gamma_rate, rel=0.15)


def test_the_hidden_are_asked_and_few_others():
    rng = np.random.default_rng(4)
    asked, hidden_asked, hidden_all = 0, 0, 0
    for _ in range(10):
        y, people, around = grid(200, rng, k=30)
        hidden = rng.choice(200, 10, replace=False)
        y[hidden] = np.floor(y.to_numpy()[hidden] * 0.05)
        q = improbably_few(y, people, around)["q"].to_numpy()
        flagged = np.flatnonzero(q <= 0.1)
        asked += len(flagged)
        hidden_asked += len(set(flagged) & set(hidden))
        hidden_all += 10
    # Of 100 hidden, most stand out; of those asked, at most about a tenth by chance (± 3 × 3 %).
    assert hidden_asked / hidden_all > 0.5
    assert (asked - hidden_asked) / max(asked, 1) < 0.19


def test_no_cases_at_all_give_no_question():
    y, people, around = grid(30, np.random.default_rng(1))
    found = improbably_few(y * 0, people, around)
    assert (found["p"].to_numpy() == 1).all()
    assert (found["q"].to_numpy() == 1).all()


def test_what_does_not_fit_is_refused():
    y, people, around = grid(30, np.random.default_rng(1))
    with pytest.raises(BadParameter, match="negative"):
        improbably_few(y - 1000, people, around)
    with pytest.raises(BadParameter, match="exposure"):
        improbably_few(y, people * 0, around)
    with pytest.raises(BadParameter, match="in their order"):
        improbably_few(y[::-1], people[::-1], around)


@given(st.lists(st.floats(1e-9, 1), min_size=1, max_size=40))
def test_false_discovery_is_monotone_and_never_below_p(p):
    p = np.array(p)
    q = false_discovery(p)
    assert (q >= p * (1 - 1e-12)).all()
    assert (q <= 1).all()
    assert (np.diff(q[np.argsort(p)]) >= 0).all()


def test_few_are_asked_in_words_of_a_question():
    y, people, around = grid(100, np.random.default_rng(2), rate=1e-3)
    y[3] = 0
    dates = np.array(["2020-02-01", "2020-02-02"], "datetime64[ns]")
    daily = xr.concat([y, y * 0], "date").assign_coords(date=dates)
    spots = blind_spots(daily, exposure=people, neighbours=around)
    first = spots.filter(pl.col("kind") == "few").row(0, named=True)
    assert (first["place"], first["observed"]) == ("p003", 0)
    assert "no accusation" in first["reason_en"]
    assert "不是指责" in first["reason_zh"]


def test_settings_nobody_visited_for_a_week():
    seen = pl.DataFrame(
        {
            "subject": ["A", "A", "B", "C", "D"],
            "place": ["a"] * 5,
            "visited_on": [
                date(2020, 2, 1),
                date(2020, 2, 2),
                date(2020, 2, 9),
                None,
                date(2020, 3, 1),
            ],
        }
    )
    found = unvisited(seen, today=date(2020, 2, 9))
    assert found.select("subject", "days").rows() == [("A", 7), ("C", 14)]
    spots = blind_spots(counts([1.0] * 9), visits=seen)
    assert spots["subject"].to_list() == ["C", "A"]


def test_every_kind_has_both_languages():
    assert all(text.zh and text.en for text in KINDS.values())
