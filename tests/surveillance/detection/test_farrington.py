import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongchou.surveillance.detection.false_alarms import randomised_p
from tongchou.surveillance.detection.farrington import farrington
from tongchou.surveillance.detection.farrington_flexible import farrington_flexible
from tongchou.vocabulary.errors import BadParameter

SIX_YEARS = 52 * 6 + 30


@pytest.mark.parametrize("scatter", [0, 0.1])
def test_false_alarms_with_season_and_trend_are_as_rare_as_set(weeks, season, scatter):
    rng = np.random.default_rng(7)
    mean = season(8, 400, SIX_YEARS)
    level = mean * rng.gamma(1 / scatter, scatter, mean.shape) if scatter else mean
    found = farrington_flexible(weeks(rng.poisson(level)), alpha=0.01, least_cases=0, last=8)
    p = randomised_p(found, rng).values
    # 3,200 weeks that share their baselines: standard error about 0.005. The plug-in limit leaves out
    # the error of the mean, and one φ for all seasons its change with the mean: the rate is up to
    # half as large again as set, more in the far tail.
    assert 0.04 < (p < 0.05).mean() < 0.085
    assert found["alarm"].mean().item() < 0.03


def test_an_outbreak_is_seen_and_a_past_one_hides_it_only_without_weights(weeks, season):
    rng = np.random.default_rng(7)
    y = rng.poisson(season(5, 200, SIX_YEARS)).astype(float)
    y[:, -52 * 2 - 2 : -52 * 2 + 2] *= 8  # two years before
    y[:, -1] += 14
    seen = farrington_flexible(weeks(y), last=1)["alarm"].mean().item()
    blind = farrington_flexible(weeks(y), last=1, reweigh_above=1e9)["alarm"].mean().item()
    assert seen > 0.8 > blind


def test_the_newest_weeks_do_not_raise_their_own_limit(weeks):
    y = np.full(SIX_YEARS, 5.0)
    y[-20:] = 40
    assert farrington_flexible(weeks(y), last=1)["threshold"].item() < 15
    assert farrington_flexible(weeks(y), last=1, left_out=3)["threshold"].item() > 15


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), more=st.integers(1, 50))
@pytest.mark.parametrize("limit", ["nb-plugin", "muan", "delta", "1996"])
def test_more_cases_now_raise_score_and_never_the_limit(weeks, limit, seed, more):
    y = np.random.default_rng(seed).poisson(4, SIX_YEARS).astype(float)
    fuller = y.copy()
    fuller[-1] += more

    def judge(counts):
        if limit == "1996":
            return farrington(weeks(counts), last=1)
        return farrington_flexible(weeks(counts), last=1, limit=limit)

    before, after = judge(y), judge(fuller)
    assert before["threshold"].item() == after["threshold"].item()
    assert after["score"].item() > before["score"].item()
    assert after["at_least"].item() <= before["at_least"].item()


def test_fewer_than_five_cases_in_four_weeks_are_no_alarm(weeks):
    y = np.zeros(SIX_YEARS)
    y[-1] = 4
    found = farrington_flexible(weeks(y), last=1)
    assert (found["threshold"].item(), found["alarm"].item()) == (0, False)
    assert found["at_least"].item() == 1
    assert farrington_flexible(weeks(y), last=1, least_cases=4)["alarm"].item()


@pytest.mark.parametrize("method", [farrington, farrington_flexible])
@pytest.mark.parametrize(
    "y",
    [np.zeros(522), np.eye(522)[300], np.full(522, 1e8), np.arange(522.0)],
    ids=["all zeros", "one case", "huge", "a rise over ten years"],
)
def test_hard_series_of_ten_years_give_numbers(weeks, method, y):
    found = method(weeks(y), last=52)
    for name in ("expected", "threshold", "score", "at_least", "above"):
        assert np.isfinite(found[name].values).all(), name
    assert not found["alarm"].any()


@pytest.mark.parametrize("method", [farrington, farrington_flexible])
def test_too_short_a_history_names_the_weeks_needed(weeks, method):
    with pytest.raises(BadParameter, match="needs at least 265 weeks"):
        method(weeks(np.ones(264)))
    assert method(weeks(np.ones(265))).sizes["date"] == 1
    with pytest.raises(BadParameter, match="needs at least 161 weeks"):
        method(weeks(np.ones(160)), years=3)


@pytest.mark.parametrize("method", [farrington, farrington_flexible])
def test_days_are_sent_to_weekly(cube, method):
    with pytest.raises(BadParameter, match="weekly"):
        method(cube(np.ones(2000)))


def test_a_place_without_a_baseline_is_not_judged_and_its_neighbour_is(weeks):
    y = np.full((2, SIX_YEARS), 3.0)
    y[0, :-10] = np.nan
    found = farrington_flexible(weeks(y), last=1)
    assert np.isnan(found["threshold"].values[:, 0]).tolist() == [True, False]
    assert not found["alarm"].values[0, 0]


def test_the_limits_of_all_three_kinds_and_none_other(weeks):
    rng = np.random.default_rng(7)
    given = weeks(rng.negative_binomial(2, 0.2, (20, SIX_YEARS)))
    plugin, muan, delta = (
        farrington_flexible(given, last=1, limit=kind)["threshold"].values
        for kind in ("nb-plugin", "muan", "delta")
    )
    assert (muan >= plugin).all()
    assert (np.abs(delta / plugin - 1) < 0.25).all()
    with pytest.raises(BadParameter, match="nb-plugin, muan or delta"):
        farrington_flexible(given, limit="bonferroni")
