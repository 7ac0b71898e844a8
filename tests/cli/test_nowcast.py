"""``tongchou nowcast`` on plain files: what it writes, what it says, what it refuses."""

from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from tongchou.cli.main import tongchou
from tongchou.vocabulary.errors import TongchouError

O104 = Path(__file__).parents[1] / "published" / "hus_o104_2011.csv"
COLUMNS = ["place", "date", "reported", "estimate", "q025", "median", "q975"]


@pytest.fixture
def linelist(tmp_path):
    rows = O104.read_text().splitlines()
    path = tmp_path / "cases.csv"
    path.write_text("\n".join(row for row in rows if not row.startswith("#")))
    return path


def run(*words):
    return CliRunner().invoke(tongchou, ["nowcast", *map(str, words)], catch_exceptions=False)


def test_a_table_of_every_day(linelist, tmp_path):
    out = tmp_path / "nowcast.csv"
    said = run(
        linelist, "--count", "n", "--as-of", "2011-06-09", "--max-delay", 15, "--out", out, "--lang", "en",
    )  # fmt: skip
    assert said.exit_code == 0
    table = pl.read_csv(out, try_parse_dates=True)
    assert table.columns == COLUMNS
    assert table.height == 34
    assert table["place"].unique().to_list() == ["all"]
    assert (table["estimate"] >= table["reported"]).all()
    assert table["q975"][-1] > table["reported"][-1]


def test_the_last_report_is_taken_and_said(linelist):
    said = run(linelist, "--count", "n", "--max-delay", 15, "--method", "lawless", "--lang", "zh")
    assert "2011-07-05" in said.stderr
    assert said.stdout.startswith(",".join(COLUMNS))


def test_by_place_each_place_has_its_rows(tmp_path):
    path = tmp_path / "two.csv"
    days = [(f"2020-02-{d:02d}", f"2020-02-{d + 2:02d}") for d in range(1, 20)]
    rows = [f"{place},{a},{b}" for place in ("武汉", "孝感") for a, b in days]
    path.write_text("地区,发病日期,网络直报日期\n" + "\n".join(rows))
    out = tmp_path / "out.parquet"
    said = run(path, "--by", "place", "--max-delay", 5, "--out", out, "--today", "2020-03-01")
    assert said.exit_code == 0
    table = pl.read_parquet(out)
    assert set(table["place"]) == {"武汉", "孝感"}
    assert table.group_by("place").len()["len"].to_list() == [21, 21]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_drawing(linelist, tmp_path, lang):
    plot = tmp_path / "nowcast.svg"
    run(linelist, "--count", "n", "--max-delay", 15, "--plot", plot, "--lang", lang)
    words = plot.read_text(encoding="utf-8")
    assert ("已报告" if lang == "zh" else "reported") in words


def test_before_the_first_report_there_is_nothing_to_say(linelist):
    with pytest.raises(TongchouError, match="2011-05-18"):
        run(linelist, "--count", "n", "--as-of", "2011-05-01")
