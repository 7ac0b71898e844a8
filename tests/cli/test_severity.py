import polars as pl
import pytest
from click.testing import CliRunner

from tongchou.cli.main import tongchou
from tongchou.vocabulary.errors import BadInput, BadParameter

COUNTS = "date,place,cases,deaths\n" + "".join(
    f"2020-02-{d:02d},{p},{c},{x}\n"
    for p, c, x in (("甲", 10, 1), ("乙", 4, 0))
    for d in range(1, 21)
)
LIST = "case_id,age,onset,death_date,discharge_date,city\n" + "".join(
    f"{i},{20 + 10 * (i % 7)},2020-02-{1 + i % 9:02d},{'2020-02-20' if i % 6 == 0 else ''},"
    f"{'' if i % 6 == 0 else '2020-02-25'},A\n"
    for i in range(60)
)


def run(*words):
    return CliRunner().invoke(tongchou, list(words), catch_exceptions=False)


@pytest.fixture
def counts(tmp_path):
    file = tmp_path / "counts.csv"
    file.write_text(COUNTS, encoding="utf-8")
    return file


def test_counts_with_deaths_give_two_methods_a_place_and_say_which_delay(counts, tmp_path):
    out = tmp_path / "severity.csv"
    result = run(
        "severity", str(counts), "--today", "2020-03-01", "--out", str(out), "--lang", "en"
    )
    assert result.exit_code == 0
    assert "17.8 days" in result.stderr
    table = pl.read_csv(out)
    assert table.height == 4
    naive = table.filter(pl.col("place") == "甲", method="naive")["estimate"].item()
    assert naive == pytest.approx(0.1)


def test_a_line_list_is_known_by_its_columns_and_grouped(tmp_path):
    file = tmp_path / "list.csv"
    file.write_text(LIST, encoding="utf-8")
    result = run(
        "severity", str(file), "--today", "2020-03-10", "--by", "age", "--delay-mean", "14",
        "--delay-sd", "6", "--delay-se", "1", "--lang", "zh",
    )  # fmt: skip
    assert result.exit_code == 0
    table = pl.read_csv(result.stdout.encode())
    assert set(table["method"]) == {"naive", "adjusted", "closed", "competing"}
    assert "公开清单" in result.stderr


def test_counts_by_day_of_onset_in_chinese(tmp_path):
    file = tmp_path / "counts.csv"
    text = COUNTS.replace("date,place,cases,deaths", "发病日期,地区,新增病例,新增死亡")
    file.write_text(text, encoding="gb18030")
    result = run("severity", str(file), "--today", "2020-03-01")
    assert len(result.stdout.splitlines()) == 5


def test_a_line_list_with_a_column_named_deaths_is_still_a_line_list(tmp_path):
    file = tmp_path / "list.csv"
    rows = LIST.replace("city\n", "死亡\n").replace(",A\n", ",否\n")
    file.write_text(rows + "60,30,,,,否\n", encoding="utf-8")
    result = run("severity", str(file), "--today", "2020-03-10", "--lang", "en")
    table = pl.read_csv(result.stdout.encode())
    assert table.filter(method="naive")["cases"].item() == 60
    assert "1 cases without onset_on are left out" in result.stderr


@pytest.mark.parametrize("course", ["static", "rolling", "varying"])
@pytest.mark.parametrize("suffix", ["svg", "html"])
def test_every_course_is_drawn(counts, tmp_path, course, suffix):
    plot = tmp_path / f"severity.{suffix}"
    result = run(
        "severity", str(counts), "--today", "2020-03-01", "--course", course, "--plot", str(plot)
    )
    assert result.exit_code == 0
    assert plot.stat().st_size > 3000


def test_another_column_of_deaths_is_named(tmp_path):
    file = tmp_path / "counts.csv"
    file.write_text(COUNTS.replace("deaths", "decede"), encoding="utf-8")
    result = run("severity", str(file), "--today", "2020-03-01", "--deaths", "decede")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 5


def test_more_deaths_than_cases_and_negative_deaths_are_refused(tmp_path):
    file = tmp_path / "counts.csv"
    file.write_text("date,cases,deaths\n2020-02-01,3,5\n", encoding="utf-8")
    with pytest.raises(BadParameter, match="more events than cases"):
        run("severity", str(file), "--today", "2020-03-01")
    file.write_text("date,cases,deaths\n2020-02-01,3,-1\n", encoding="utf-8")
    with pytest.raises(BadInput, match="negative"):
        run("severity", str(file), "--today", "2020-03-01")


@pytest.mark.parametrize("words", [(), ("--deaths", "died")])
def test_counts_without_the_column_of_deaths_are_not_taken_for_a_line_list(tmp_path, words):
    path = tmp_path / "counts.csv"
    path.write_text("date,place,cases\n2020-02-01,420100,3\n", encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        run("severity", str(path), "--today", "2020-03-01", *words)
    told = refused.value.text()
    assert "counts.csv, column " + (words[1] if words else "deaths") in told.en
    assert "The input has 1 fault;" in told.en
    assert "--deaths" in told.zh
