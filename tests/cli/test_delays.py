"""A line list in a plain file through ``tongchou delays``."""

import os
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from tongchou.cli.main import tongchou
from tongchou.vocabulary.distributions import Gamma
from tongchou.vocabulary.errors import BadInput, MissingData

FIRST = date(2020, 1, 6)
COLUMNS = ["onset_on", "visited_on", "isolated_on", "confirmed_on", "admitted_on"]


@pytest.fixture(scope="module")
def linelist(tmp_path_factory):
    rng, n = np.random.default_rng(3), 240
    onset = rng.integers(0, 40, n)
    visit = np.floor(onset + rng.random(n) + Gamma(mean=3.0, sd=2.0).quantile(rng.random(n)))
    confirmed, isolated = visit + rng.integers(1, 5, n), visit + rng.integers(-6, 3, n)
    admitted = confirmed + rng.integers(0, 4, n)
    frame = pl.DataFrame(
        {
            "case_id": [f"c{k}" for k in range(n)],
            "place": rng.choice(["440300", "330300", "420100"], n),
            **{
                name: [FIRST + timedelta(int(d)) for d in days]
                for name, days in zip(
                    COLUMNS, (onset, visit, isolated, confirmed, admitted), strict=True
                )
            },
            "found_inside": isolated < onset,
        }
    )
    path = tmp_path_factory.mktemp("lists") / "linelist.csv"
    frame.write_csv(path)
    return path


def run(*words):
    result = CliRunner().invoke(
        tongchou, ["delays", *map(str, words), "--lang", "en"], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return result


def table(tmp_path, *words):
    out = tmp_path / "out.csv"
    said = run(*words, "--out", out).stderr
    return pl.read_csv(out, try_parse_dates=True, infer_schema_length=None), said


def test_the_four_earlies_that_the_list_has_by_place(linelist, tmp_path):
    frame, said = table(tmp_path, linelist, "--today", "2020-03-15")
    assert frame["delay"].unique(maintain_order=True).to_list() == ["found", "isolated", "treated"]
    assert frame["place"].n_unique() == 3
    assert frame["mean"].null_count() == 0
    assert "which is the aim" in said


def test_by_week_as_known_on_an_earlier_night(linelist, tmp_path):
    frame, said = table(
        tmp_path, linelist, "--today", "2020-03-15", "--as-of", "2020-02-05",
        "--span", "onset_on:visited_on", "--by", "week", "--family", "gamma",
    )  # fmt: skip
    assert "2020-02-05" in said
    assert frame["week"].max() <= date(2020, 2, 3)
    assert frame["delay"].unique().to_list() == ["to_visit"]
    assert set(frame["family"].drop_nulls()) == {"gamma"}


def test_all_together(linelist, tmp_path):
    frame, _ = table(
        tmp_path, linelist, "--today", "2020-03-15", "--by", "", "--span", "onset_on:visited_on"
    )
    assert frame.height == 1
    assert frame["mean_low"][0] < 3.0 < frame["mean_high"][0]


@pytest.mark.parametrize(
    ("show", "columns"),
    [
        ("lost", {"per_case", "slowest"}),
        ("late", {"clock", "days_late"}),
        ("inside", {"share", "low", "high"}),
    ],
)
def test_the_other_tables(show, columns, linelist, tmp_path):
    frame, _ = table(tmp_path, linelist, "--today", "2020-03-15", "--show", show)
    assert frame.height
    assert columns <= set(frame.columns)


@pytest.mark.parametrize("show", ["fits", "lost", "late", "inside"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_each_table_is_drawn(show, lang, linelist, tmp_path):
    plot = tmp_path / "plot.svg"
    run(linelist, "--today", "2020-03-15", "--show", show, "--plot", plot, "--lang", lang)
    assert "<svg" in plot.read_text(encoding="utf-8")


def test_weeks_are_drawn(linelist, tmp_path):
    plot = tmp_path / "plot.svg"
    run(linelist, "--today", "2020-03-15", "--by", "place,week", "--plot", plot)
    assert "<svg" in plot.read_text(encoding="utf-8")


def test_an_exposure_window_from_columns_of_the_lists_own(tmp_path):
    path = tmp_path / "exposures.csv"
    rows = [
        f"a{k},2020-01-0{1 + k % 3},2020-01-0{4 + k % 4},2020-01-{10 + k % 9}" for k in range(40)
    ]
    path.write_text("case_id,first_contact,last_contact,onset_on\n" + "\n".join(rows))
    frame, _ = table(
        tmp_path,
        path,
        "--today",
        "2020-03-15",
        "--span",
        "first_contact..last_contact:onset_on",
        "--by",
        "",
    )
    assert 5 < frame["mean"][0] < 12


def test_a_window_without_a_first_day_begins_where_it_is_said(tmp_path):
    path = tmp_path / "exposures.csv"
    rows = [f"a{k},,2020-01-0{4 + k % 4},2020-01-{10 + k % 9}" for k in range(40)]
    path.write_text("case_id,first_contact,last_contact,onset_on\n" + "\n".join(rows))
    words = (
        path,
        "--today",
        "2020-03-15",
        "--span",
        "first_contact..last_contact:onset_on",
        "--by",
        "",
    )
    frame, said = table(tmp_path, *words)
    assert frame["unknown"][0] == 40
    assert "no known start" in said
    frame, _ = table(tmp_path, *words, "--since", "2020-01-01")
    assert frame["measured"][0] == 40


def test_a_date_that_is_none_is_named_with_its_row(tmp_path):
    path = tmp_path / "hostile.csv"
    path.write_text("case_id,onset_on,seen\na,2020-01-01,2020-01-05\nb,2020-01-02,2//2020\n")
    with pytest.raises(BadInput, match=r"row 2, column seen, value “2//2020”"):
        run(path, "--today", "2020-03-15", "--span", "onset_on:seen")


def test_a_list_without_any_delay_says_what_is_missing(tmp_path):
    path = tmp_path / "bare.csv"
    path.write_text("case_id,onset_on\na,2020-01-01\n")
    with pytest.raises(MissingData, match="isolated_on") as missing:
        run(path, "--today", "2020-03-15")
    for told in missing.value.text().as_dict().values():
        assert "bare.csv" in told
        assert "--column confirmed_on=" in told


@pytest.mark.parametrize(
    "words",
    [
        ("--by", "city"),
        ("--by", "week,week"),
        ("--span", "onset_on"),
        ("--show", "late", "--family", "gamma"),
    ],
)
def test_a_misspelt_option_is_refused(words, linelist):
    result = CliRunner().invoke(tongchou, ["delays", str(linelist), *words])
    assert result.exit_code == 2


def test_the_late_list_says_which_levels_it_could_judge(linelist, tmp_path):
    _, said = table(tmp_path, linelist, "--today", "2020-03-15", "--show", "late")
    assert "isolation after diagnosis, admission after confirmation" in said


def test_a_blank_stop_is_taken_as_not_done_and_said(tmp_path):
    path = tmp_path / "open.csv"
    path.write_text("case_id,confirmed_on,admitted_on\na,2020-02-01,\nb,2020-02-01,2020-02-02\n")
    frame, said = table(tmp_path, path, "--today", "2020-02-10", "--show", "late")
    assert frame["case_id"].to_list() == ["a"]
    assert "1 of them have no date of the stop" in said


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "words", "delays"),
    [
        ("tianjin", ("--column", "confirmed_on=confirm_date", "--today", "2020-02-22"), ["found"]),
        (
            "tianjin",
            (
                "--span",
                "start_source..end_source:onset_on",
                "--since",
                "2019-12-01",
                "--by",
                "",
                "--today",
                "2020-02-22",
            ),
            ["start_source..end_source:onset_on"],
        ),
    ],
)
def test_a_real_line_list(name, words, delays, tmp_path):
    folder = os.environ.get("TONGCHOU_DATA")
    if folder is None:
        pytest.skip("TONGCHOU_DATA names no folder")
    frame, _ = table(tmp_path, f"{folder}/china2020/linelist_{name}.csv", *words)
    assert frame["delay"].to_list() == delays
    assert frame["mean"].null_count() == 0
