import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from tongchou.cli.main import tongchou
from tongchou.vocabulary.errors import BadInput, BadParameter

COLUMNS = ["place", "date", "mean", "sd", "q025", "median", "q975"]
INTERVAL = ("--si-mean", "5.1", "--si-sd", "2.7")


def run(*words, lang="en"):
    return CliRunner().invoke(
        tongchou, ["rt", *map(str, words), "--lang", lang], catch_exceptions=False
    )


def table(result):
    assert result.exit_code == 0, result.stderr
    return pl.read_csv(result.stdout.encode(), try_parse_dates=True)


@pytest.fixture
def counts(tmp_path):
    """Write forty days of two places, each case followed by one other."""
    rng = np.random.default_rng(1)
    rows = [
        f"{np.datetime64('2020-02-01') + day},{place},{n + 20},{n}"
        for place in ("420100", "440300")
        for day, n in enumerate(rng.poisson(3, 40))
    ]
    path = tmp_path / "counts.csv"
    path.write_text("date,place,cases,imported\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_the_table_of_one_row_per_place_and_date(counts):
    result = run(counts, *INTERVAL)
    frame = table(result)
    assert frame.columns == COLUMNS
    assert frame.height == 2 * 33
    assert frame.filter(pl.col("q025") > pl.col("median")).is_empty()
    assert "imported cases infect here" in result.stderr
    assert "14 of 80 pairs" in result.stderr


def test_imported_cases_lower_r_and_leaving_the_column_out_raises_it(counts, tmp_path):
    told = table(run(counts, *INTERVAL))
    plain = tmp_path / "plain.csv"
    pl.read_csv(counts).drop("imported").write_csv(plain)
    assert (table(run(plain, *INTERVAL))["mean"] > told["mean"]).all()


def test_the_serial_interval_is_named_where_nobody_gave_one(counts):
    result = run(counts)
    assert "mean 5.1, sd 2.7 days (outside Hubei; Zhang et al" in result.stderr
    assert table(result).equals(table(run(counts, *INTERVAL)))
    assert "湖北以外" in run(counts, lang="zh").stderr


def test_a_serial_interval_from_a_file_and_many_draws_of_it(counts, tmp_path):
    one, many = tmp_path / "one.csv", tmp_path / "many.csv"
    one.write_text("0\n0.2\n0.3\n0.3\n0.2\n")
    many.write_text("day,a,b\n1,0.2,0.1\n2,0.3,0.2\n3,0.3,0.3\n4,0.2,0.4\n")
    certain, doubtful = table(run(counts, "--si-file", one)), table(run(counts, "--si-file", many))
    assert certain.height == doubtful.height == 66
    assert not certain.equals(doubtful)


def test_doubt_about_the_serial_interval_widens_the_range_and_repeats_itself(counts):
    doubt = (*INTERVAL, "--si-mean-sd", "1", "--si-sd-sd", "0.3", "--draws", "50")
    first, again, other = run(counts, *doubt), run(counts, *doubt), run(counts, *doubt, "--seed", 2)
    assert first.stdout == again.stdout
    assert first.stdout != other.stdout
    wide, narrow = table(first), table(run(counts, *INTERVAL))
    assert wide.height == narrow.height


def test_cohorts_leave_out_those_who_may_yet_infect(counts):
    result = run(counts, *INTERVAL, "--method", "wallinga-teunis")
    frame = table(result)
    assert str(frame["date"].max()) < "2020-03-05"
    assert "cohorts are left out" in result.stderr


def test_a_nowcast_carried_into_r(tmp_path):
    rng = np.random.default_rng(3)
    onset = np.datetime64("2020-02-01") + np.sort(rng.integers(0, 40, 600))
    report = onset + rng.integers(1, 6, 600)
    seen = report <= np.datetime64("2020-03-11")
    path = tmp_path / "cases.csv"
    pl.DataFrame({"onset_on": onset[seen], "reported_on": report[seen]}).write_csv(path)
    frame = table(run("--nowcast", path, *INTERVAL))
    assert frame.columns == COLUMNS
    # steady onsets: R stays about 1 up to the last day although its cases are hardly reported yet
    assert frame["mean"][-1] == pytest.approx(1.0, abs=0.35)
    assert frame["sd"][-1] > frame["sd"][-8]


def test_files_of_the_result_and_its_drawing(counts, tmp_path):
    out, plot = tmp_path / "r.parquet", tmp_path / "r.html"
    result = run(counts, *INTERVAL, "--out", out, "--plot", plot, lang="zh")
    assert result.stdout == ""
    assert pl.read_parquet(out).columns == COLUMNS
    assert "实时再生数" in plot.read_text(encoding="utf-8")
    assert "已写出 66 行" in result.stderr


def test_nothing_but_zeros_and_one_case_give_an_empty_table(tmp_path):
    path = tmp_path / "quiet.csv"
    for first in (0, 1):
        path.write_text(
            "date,cases\n" + "\n".join(f"2020-02-{d:02},{first * (d == 1)}" for d in range(1, 29))
        )
        assert run(path, *INTERVAL).stdout.strip() == ",".join(COLUMNS)


def test_weekly_counts_are_refused(tmp_path):
    path = tmp_path / "weekly.csv"
    path.write_text("date,cases\n2020-02-03,1\n2020-02-10,2\n2020-02-17,3\n")
    with pytest.raises(BadParameter, match="weekly"):
        run(path, *INTERVAL)


def test_faults_of_the_file_come_through(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("date,cases\n2020-02-03,-1\n")
    with pytest.raises(BadInput, match="negative"):
        run(path, *INTERVAL)


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("COUNTS", "--si-mean", "5"),
        ("COUNTS", "--si-mean-sd", "1"),
        ("COUNTS", "--column", "place"),
        ("COUNTS", "--si-file", "COUNTS", "--si-mean", "5"),
        ("COUNTS", "--nowcast", "COUNTS"),
        (
            "COUNTS",
            *INTERVAL,
            "--si-mean-sd",
            "1",
            "--si-sd-sd",
            "0.3",
            "--method",
            "wallinga-teunis",
        ),
    ],
)
def test_options_that_do_not_go_together(counts, words):
    result = run(*(counts if w == "COUNTS" else w for w in words))
    assert result.exit_code == 2
