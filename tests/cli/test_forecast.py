import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from tongchou.cli.main import tongchou
from tongchou.vocabulary.errors import BadInput, BadParameter


def run(*words):
    return CliRunner().invoke(tongchou, list(words), catch_exceptions=False)


@pytest.fixture(scope="module")
def counts(tmp_path_factory):
    rng = np.random.default_rng(2)
    days = np.datetime64("2020-01-01") + np.arange(60)
    rows = [
        f"{d},{p},{rng.poisson(20 + 10 * np.sin(i / 9))}\n"
        for p in ("甲", "乙")
        for i, d in enumerate(days)
    ]
    file = tmp_path_factory.mktemp("counts") / "counts.csv"
    file.write_text("date,place,cases\n" + "".join(rows), encoding="utf-8")
    return file


def test_fourteen_days_for_each_place_and_the_same_again(counts):
    first, second = (
        run("forecast", str(counts), "--draws", "200", "--lang", "en") for _ in range(2)
    )
    assert first.exit_code == 0
    table = pl.read_csv(first.stdout.encode())
    assert table.columns == ["place", "date", "mean", "q025", "q25", "median", "q75", "q975"]
    assert table.height == 28
    assert first.stdout == second.stdout
    assert "Serial interval taken as mean 5.1" in first.stderr


@pytest.mark.parametrize("model", ["ensemble", "persistence", "weekday"])
def test_other_models_and_a_drawing(counts, tmp_path, model):
    plot = tmp_path / "ahead.svg"
    result = run(
        "forecast", str(counts), "--model", model, "--horizon", "7", "--draws", "100", "--plot", str(plot),
        "--lang", "zh", "--si-mean", "6", "--si-sd", "3",
    )  # fmt: skip
    assert result.exit_code == 0
    assert "新增病例" in plot.read_text(encoding="utf-8")


def test_scores_of_past_days(counts, tmp_path):
    plot = tmp_path / "scores.html"
    result = run(
        "forecast", str(counts), "--score", "--origins", "3", "--draws", "100", "--horizon", "7",
        "--out", str(tmp_path / "scores.csv"), "--plot", str(plot), "--weekday",
    )  # fmt: skip
    assert result.exit_code == 0
    table = pl.read_csv(tmp_path / "scores.csv")
    assert table.filter(model="persistence", place="all", ahead="all")["ratio"].item() == 1.0
    assert "ensemble" in plot.read_text(encoding="utf-8") or "集合" in plot.read_text(
        encoding="utf-8"
    )


def test_it_starts_from_the_bands_of_a_nowcast(counts, tmp_path):
    nowcast = tmp_path / "nowcast.csv"
    nowcast.write_text(
        "place,date,reported,estimate,q025,median,q975\n甲,2020-02-29,4,20,12,20,30\n乙,2020-02-29,3,18,10,18,30\n",
        encoding="utf-8",
    )
    plain = run("forecast", str(counts), "--draws", "200")
    knowing = run("forecast", str(counts), "--draws", "200", "--nowcast", str(nowcast))
    assert knowing.exit_code == 0
    assert knowing.stdout != plain.stdout
    nowcast.write_text("place,date\n甲,2020-02-29\n", encoding="utf-8")
    with pytest.raises(BadParameter, match="reported"):
        run("forecast", str(counts), "--nowcast", str(nowcast))


def test_the_mean_is_that_of_the_futures(counts):
    table = pl.read_csv(run("forecast", str(counts), "--draws", "400").stdout.encode())
    # 400 futures: the mean lies off the centre of a skewed distribution, above its median in sum.
    assert table["mean"].sum() > table["median"].sum()
    assert (table["mean"] < table["q975"]).all()


def test_negative_counts_a_date_to_come_and_doubles_are_refused_by_row(tmp_path):
    file = tmp_path / "bad.csv"
    file.write_text(
        "date,cases\n2020-02-01,-3\n2020-02-02,4\n2020-02-02,5\n2120-01-01,6\n", encoding="utf-8"
    )
    with pytest.raises(BadInput) as refused:
        run("forecast", str(file), "--today", "2020-03-01")
    assert len(refused.value.faults) >= 2


def test_one_case_and_no_case_give_a_forecast(tmp_path):
    file = tmp_path / "quiet.csv"
    days = np.datetime64("2020-01-01") + np.arange(40)
    for one in (0, 1):
        rows = "".join(f"{d},{one if i == 20 else 0}\n" for i, d in enumerate(days))
        file.write_text("date,cases\n" + rows, encoding="utf-8")
        table = pl.read_csv(run("forecast", str(file), "--draws", "200").stdout.encode())
        assert table.height == 14
        assert table["mean"].max() < 1


def test_weekly_counts_and_a_short_series_are_refused(tmp_path):
    file = tmp_path / "weekly.csv"
    weeks = np.datetime64("2020-01-06") + 7 * np.arange(12)
    file.write_text("date,cases\n" + "".join(f"{w},30\n" for w in weeks), encoding="utf-8")
    with pytest.raises(BadParameter, match="weekly"):
        run("forecast", str(file))
    file.write_text("date,cases\n2020-01-01,4\n2020-01-02,5\n", encoding="utf-8")
    with pytest.raises(BadParameter, match="days of counts"):
        run("forecast", str(file))
