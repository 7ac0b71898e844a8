"""Results as tables: one row per place and date, in the format that the name says."""

import numpy as np
import polars as pl
import pytest
import xarray as xr

from tongchou.situation.plain.interval import read_serial_interval
from tongchou.situation.plain.results import tidy, write_result
from tongchou.vocabulary.errors import BadInput, BadParameter

DATES = np.array(["2020-02-01", "2020-02-02"], "datetime64[ns]")


def made(**cubes):
    return xr.Dataset(
        {n: (("place", "date"), c) for n, c in cubes.items()},
        {"place": ["甲", "乙"], "date": DATES},
    )


def test_rows_of_places_in_turn_and_none_where_nothing_is_known():
    frame = tidy(
        made(mean=[[1.0, np.nan], [np.nan, 4.0]], alarm=[[True, False], [False, True]]), ["mean"]
    )
    assert frame.columns == ["place", "date", "mean"]
    assert frame.select("place", "mean").rows() == [("甲", 1.0), ("乙", 4.0)]


def test_csv_and_parquet_hold_the_same(tmp_path):
    frame = tidy(made(mean=[[1.0, 2.0], [3.0, np.nan]]), ["mean"])
    for name in ("r.csv", "r.parquet"):
        write_result(frame, tmp_path / name)
    assert pl.read_csv(tmp_path / "r.csv", try_parse_dates=True).equals(frame)
    assert pl.read_parquet(tmp_path / "r.parquet").equals(frame)


@pytest.mark.parametrize("name", ["r.txt", "none/r.csv"])
def test_a_name_that_cannot_be_written_is_refused(tmp_path, name):
    with pytest.raises(BadParameter, match="--out"):
        write_result(pl.DataFrame({"place": ["甲"]}), tmp_path / name)


@pytest.mark.parametrize(
    ("text", "w"),
    [
        ("0\n0.25\n0.75\n", [[0, 0.25, 0.75]]),
        ("probability\n0\n0.25\n0.75\n", [[0, 0.25, 0.75]]),
        ("day,w\n1,0.25\n2,0.75\n", [[0, 0.25, 0.75]]),
        ("天,一,二\n1,0.25,1\n2,0.75,\n", [[0, 0.25, 0.75], [0, 1, 0]]),
        ("0,0\n0.25,1\n0.75,0\n", [[0, 0.25, 0.75], [0, 1, 0]]),
    ],
)
def test_a_serial_interval_with_and_without_names(tmp_path, text, w):
    (tmp_path / "si.csv").write_text(text, encoding="utf-8")
    assert read_serial_interval(tmp_path / "si.csv").tolist() == w


@pytest.mark.parametrize(
    ("text", "problem"),
    [("w\n0\n-1\n", "negative"), ("day,w\n1,1\n1,0\n", "twice"), ("w\n0\nx\n", "not a number")],
)
def test_a_serial_interval_that_is_none(tmp_path, text, problem):
    (tmp_path / "si.csv").write_text(text)
    with pytest.raises(BadInput, match=problem):
        read_serial_interval(tmp_path / "si.csv")
