import numpy as np
import pytest

from tongchou.surveillance.timeliness.choice import fit_strata
from tongchou.surveillance.timeliness.families import FAMILIES
from tongchou.surveillance.timeliness.fits import QUANTITIES, fit_family
from tongchou.surveillance.timeliness.likelihood import Likelihood
from tongchou.surveillance.timeliness.sharing import fit_shared
from tongchou.vocabulary.distributions import Gamma, Lognormal, Weibull

TRUTHS = {
    "gamma": Gamma(mean=6.0, sd=4.0),
    "lognormal": Lognormal.from_mean_sd(mean=6.0, sd=4.0),
    "weibull": Weibull(shape=1.5, scale=6.6),
}


@pytest.mark.parametrize("family", TRUTHS)
def test_a_known_delay_comes_back_from_a_growing_epidemic_and_the_plain_mean_does_not(
    family, outbreak, day_windows
):
    truth = TRUTHS[family]
    starts, ends = outbreak(truth, np.random.default_rng(1), cases=4000)
    windows = day_windows(starts, ends, cutoff=60)
    fit = fit_strata(windows, 1, (family,)).row(0, named=True)
    # 4,000 cases: the standard error of the mean is about 0.15 days under this truncation.
    assert fit["mean"] == pytest.approx(truth.mean, abs=0.5)
    assert windows.middle.mean() < truth.mean - 0.8


@pytest.mark.parametrize("family", TRUTHS)
def test_intervals_hold_the_truth_as_often_as_they_say(family, outbreak, day_windows):
    truth, repeats = TRUTHS[family], 200
    rng = np.random.default_rng(2)
    lists = [outbreak(truth, rng, cases=80) for _ in range(repeats)]
    windows = day_windows(
        *(np.concatenate(part) for part in zip(*lists, strict=True)),
        cutoff=60,
        stratum=np.repeat(np.arange(repeats), 80),
    )
    known, chosen = fit_strata(windows, repeats, (family,)), fit_strata(windows, repeats)
    median, p90, p95 = truth.quantile([0.5, 0.9, 0.95])
    values = {"mean": truth.mean, "sd": truth.sd, "median": median, "p90": p90, "p95": p95}
    for quantity in QUANTITIES:
        held = [
            ((t[f"{quantity}_low"] < values[quantity]) & (t[f"{quantity}_high"] > values[quantity])).mean()
            for t in (known, chosen)
        ]  # fmt: skip
        # 200 repeats of 95 %: one in a thousand such runs falls under 0.90. With the family chosen by
        # AIC the interval spans all that cannot be told apart, and may hold more.
        assert held[0] >= 0.90
        assert held[1] >= 0.89


def test_a_stratum_is_fitted_alike_alone_and_among_others(outbreak, day_windows):
    rng = np.random.default_rng(3)
    parts = [outbreak(truth, rng, cases=50) for truth in TRUTHS.values()]
    together = day_windows(
        *(np.concatenate(p) for p in zip(*parts, strict=True)),
        cutoff=60,
        stratum=np.repeat(np.arange(3), 50),
    )
    table = fit_strata(together, 3)
    for k, (starts, ends) in enumerate(parts):
        alone = fit_strata(day_windows(starts, ends, cutoff=60), 1)
        assert alone["family"][0] == table["family"][k]
        assert alone["mean"][0] == pytest.approx(table["mean"][k], rel=1e-6)


def test_twice_the_days_are_twice_the_delay(outbreak, day_windows):
    starts, ends = outbreak(TRUTHS["gamma"], np.random.default_rng(4), cases=60)
    windows = day_windows(starts, ends, cutoff=60)
    doubled = type(windows)(
        stratum=windows.stratum,
        **{n: 2 * getattr(windows, n) for n in windows.__slots__ if n != "stratum"},
    )
    for family in FAMILIES.values():
        once, twice = (fit_family(Likelihood(w, 1), family, w) for w in (windows, doubled))
        for name, value in once.quantities().items():
            assert twice.quantities()[name] == pytest.approx(2 * value, rel=1e-6)


def test_the_family_that_made_many_delays_is_chosen(outbreak, day_windows):
    for k, (name, truth) in enumerate(TRUTHS.items()):
        parts = outbreak(truth, np.random.default_rng(k), cases=20_000, growth=0.02, days=200)
        row = fit_strata(day_windows(*parts, cutoff=200), 1).row(0, named=True)
        assert (row["family"], row["rivals"]) == (name, None)


def test_families_that_cannot_be_told_apart_are_named_and_spanned(outbreak, day_windows):
    windows = day_windows(*outbreak(TRUTHS["gamma"], np.random.default_rng(6), cases=40), cutoff=60)
    row = fit_strata(windows, 1).row(0, named=True)
    rivals = row["rivals"].split("|")
    for name in rivals:
        alone = fit_strata(windows, 1, (name,)).row(0, named=True)
        assert row["aic"] <= alone["aic"] < row["aic"] + 4
        assert row["p95_low"] <= alone["p95_low"]
        assert row["p95_high"] >= alone["p95_high"]


@pytest.mark.parametrize("days", [[0] * 40, [3] * 40, [0], [5, 9]])
def test_delays_that_tell_no_shape_have_no_fit_and_no_number(days, day_windows):
    row = fit_strata(day_windows([0] * len(days), days), 1).row(0, named=True)
    if row["family"] is None:
        assert all(np.isnan(row[q]) for q in QUANTITIES)
    else:  # all on one day three days on: a narrow delay, never a negative or endless one
        assert 0 < row["mean_low"] <= row["mean"] <= row["mean_high"] < 40


def test_a_cut_off_too_close_gives_no_fit_rather_than_a_tail_out_of_nothing(day_windows):
    rng = np.random.default_rng(7)
    starts = rng.integers(0, 3, 50)
    row = fit_strata(
        day_windows(starts, starts + rng.integers(0, 3, 50).clip(max=2 - starts), cutoff=3), 1
    )
    assert row["family"][0] is None


def test_small_strata_are_drawn_to_what_all_share_and_large_ones_are_not(day_windows):
    rng = np.random.default_rng(8)
    sizes = np.array([400, *rng.integers(2, 12, 60)])
    means = np.array([12.0, *(5 * np.exp(rng.normal(0, 0.3, 60)))])
    stratum = np.repeat(np.arange(61), sizes)
    delay = rng.gamma(4, means[stratum] / 4)
    start = rng.random(len(stratum))
    windows = day_windows(np.zeros(len(stratum)), np.floor(start + delay), stratum=stratum)
    fit = fit_shared(windows, 61, FAMILIES["gamma"])
    ours = fit.quantities()["mean"]
    assert ours[0] == pytest.approx(windows.middle[stratum == 0].mean(), rel=0.03)
    seen = np.bincount(stratum, windows.middle) / sizes
    # Nearer to the truth than each stratum's own mean, and spread less than they are.
    assert (
        np.square(np.log(ours / means)[1:]).mean()
        < np.square(np.log((seen + 0.2) / means)[1:]).mean()
    )
    assert np.log(ours[1:]).std() < np.log(seen[1:] + 0.2).std()
    low, high = fit.intervals()["mean"]
    # 60 strata of 95 %: fewer than 51 inside has probability 0.002.
    assert ((low < means) & (means < high))[1:].sum() >= 51


def test_too_few_strata_share_nothing(day_windows):
    windows = day_windows([0] * 8, [1, 2, 3, 4] * 2, stratum=[0] * 4 + [1] * 4)
    assert fit_shared(windows, 2, FAMILIES["gamma"]) is None
