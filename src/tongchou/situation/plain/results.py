"""Results as tidy tables: one row for each place and date, CSV or Parquet by the name of the file."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import xarray as xr

from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text


def tidy(dataset: xr.Dataset, columns: Sequence[str]) -> pl.DataFrame:
    """Give variables over place and date as a table, one row for each place and date.

    Rows in which every variable is missing are left out.

    Parameters
    ----------
    dataset : Dataset (place, date)
    columns
        Names of its variables, in the order wanted.

    Examples
    --------
    >>> import numpy as np
    >>> dates = np.array(["2020-02-01", "2020-02-02"], "datetime64[ns]")
    >>> R = xr.Dataset(
    ...     {"mean": (("place", "date"), [[np.nan, 1.5]])}, {"place": ["420100"], "date": dates})
    >>> tidy(R, ["mean"]).rows()
    [('420100', datetime.date(2020, 2, 2), 1.5)]
    """
    cubes = [dataset[c].transpose("place", "date") for c in columns]
    places, days = dataset["place"].to_numpy(), dataset["date"].to_numpy()
    frame = pl.DataFrame(
        {
            "place": pl.Series(places.astype(str)).gather(
                pl.int_range(len(places), eager=True).repeat_by(len(days)).explode()
            ),
            "date": pl.concat([pl.Series(days.astype("datetime64[D]"))] * len(places)),
            **{c: cube.to_numpy().ravel() for c, cube in zip(columns, cubes, strict=True)},
        }
    )
    floats = [c for c in columns if frame[c].dtype.is_float()]
    frame = frame.with_columns(pl.col(floats).fill_nan(None)) if floats else frame
    return frame.filter(pl.any_horizontal(pl.col(list(columns)).is_not_null()))


def write_result(frame: pl.DataFrame, path: Path) -> None:
    """Write a table as CSV (``.csv``) or Parquet (``.parquet``).

    Raises
    ------
    BadParameter
        If the name ends otherwise, or its folder is not there.
    """
    if path.suffix.lower() not in (".csv", ".parquet"):
        raise BadParameter("--out", path.name, _SUFFIX)
    if not path.parent.is_dir():
        raise BadParameter("--out", str(path), _FOLDER)
    if path.suffix.lower() == ".csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path)


_SUFFIX = Text(
    zh="结果写成 CSV 或 Parquet，请让文件名以 .csv 或 .parquet 结尾。",
    en="results are written as CSV or Parquet; let the name end in .csv or .parquet.",
)
_FOLDER = Text(zh="没有这个文件夹，请先建立。", en="its folder is not there; make it first.")
