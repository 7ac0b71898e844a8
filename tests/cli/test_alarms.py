import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from tongchou.cli.main import tongchou
from tongchou.vocabulary.errors import BadParameter

COLUMNS = ["place", "date", "observed", "expected", "threshold", "score", "alarm"]


def run(*words):
    return CliRunner().invoke(
        tongchou, ["alarms", *map(str, words), "--lang", "en"], catch_exceptions=False
    )


def written(folder, days, step):
    """Write steady counts of three places of Hubei, the first with a burst on the last date."""
    rng = np.random.default_rng(1)
    dates = np.datetime64("2014-01-06") + step * np.arange(days)
    rows = [
        f"{date},{place},{rng.poisson(5) + (40 if place == '420100' and date == dates[-1] else 0)}"
        for date in dates
        for place in ("420100", "420200", "420300")
    ]
    file = folder / "counts.csv"
    file.write_text("date,place,cases\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return file


@pytest.fixture
def daily(tmp_path):
    return written(tmp_path, 120, 1)


@pytest.fixture
def weekly(tmp_path):
    return written(tmp_path, 300, 7)


@pytest.mark.parametrize(
    "method", ["ears-c1", "ears-c2", "ears-c3", "cusum", "gamma-poisson", "bayes", "ewma", "scan"]
)
def test_each_method_finds_the_burst_in_days(daily, tmp_path, method):
    out = tmp_path / "alarms.csv"
    result = run(daily, "--method", method, "--out", out)
    assert result.exit_code == 0, result.stderr
    table = pl.read_csv(out, try_parse_dates=True)
    assert table.columns == COLUMNS
    last = table.filter(pl.col("date") == table["date"].max())
    alarms = last.filter("alarm")["place"].to_list()
    # A scan may take a neighbour into its circle.
    assert 420100 in alarms if method == "scan" else alarms == [420100]


@pytest.mark.parametrize("method", ["farrington", "farrington-flexible", "bayes"])
def test_weekly_methods_find_it_in_weeks(weekly, method):
    result = run(weekly, "--method", method, "--last", 1)
    assert result.stdout.count("\n") == 4
    assert "420100" in next(line for line in result.stdout.splitlines() if line.endswith("true"))
    assert (
        "0.015 false alarms a date over the places judged (3), one in 200 dates in each"
        in result.stderr
    )


def test_days_are_summed_for_farrington_and_it_is_said(tmp_path):
    result = run(written(tmp_path, 2000, 1), "--method", "farrington", "--years", 3, "--last", 1)
    assert "Days were summed to weeks" in result.stderr
    assert result.stdout.count("true") == 1


def test_a_false_discovery_rate_is_held_over_places(daily):
    result = run(daily, "--method", "bayes", "--fdr", 0.05, "--last", 1)
    # q / (1 − q)² = 0.0554 a date over all places
    assert "0.055 false alarms a date" in result.stderr
    assert "Alarms: 1; on the last date: 1" in result.stderr
    strict = run(daily, "--method", "bayes", "--fdr", 0.05, "--dependent", "--last", 1)
    assert "0.029 false alarms a date" in strict.stderr


def test_options_change_what_they_name(daily):
    def thresholds(*options):
        lines = run(daily, *options, "--last", 1).stdout.splitlines()[1:]
        return [float(line.split(",")[4]) for line in lines]

    pairs = [
        (("--method", "bayes"), ("--alpha", 0.2)),
        (("--method", "ewma"), ("--limit", 1)),
        (("--method", "ears-c1"), ("--limit", 1)),
    ]
    for method, option in pairs:
        assert thresholds(*method, *option) < thresholds(*method)


def test_cusum_takes_run_lengths_and_no_reset(daily):
    strict = run(daily, "--method", "cusum", "--run-length", 5000, 3, "--no-reset")
    assert "one in 5,000 dates in each" in strict.stderr
    assert run(daily, "--method", "cusum", "--run-length", 20, 3).stderr != strict.stderr


def test_the_bound_of_the_improved_method(weekly):
    limits = {
        run(weekly, "--method", "farrington-flexible", "--last", 1, "--bound", b).stdout
        for b in ("nb-plugin", "delta")
    }
    assert len(limits) == 2


@pytest.mark.parametrize(
    ("method", "option"),
    [
        ("bayes", "--years"),
        ("farrington", "--limit"),
        ("ears-c1", "--alpha"),
        ("scan", "--fdr"),
        ("ewma", "--seed"),
    ],
)
def test_an_option_that_the_method_does_not_take_is_refused(daily, method, option):
    result = run(daily, "--method", method, option, 1)
    assert result.exit_code == 2
    assert f"{method} takes no {option}" in result.stderr


def test_a_file_that_is_too_short_says_how_many_are_needed(tmp_path):
    with pytest.raises(BadParameter, match="bayes needs at least 36 days"):
        run(written(tmp_path, 20, 1), "--method", "bayes")


@pytest.mark.parametrize("suffix", ["html", "svg"])
def test_it_is_drawn(daily, tmp_path, suffix):
    plot = tmp_path / f"alarms.{suffix}"
    assert run(daily, "--method", "bayes", "--plot", plot).exit_code == 0
    assert "threshold" in plot.read_text(encoding="utf-8")
