"""From the shape of the public repositories to the shape of the received files.

The layout of ``cases`` (one CSV a day) and ``mobility`` (one matrix a day, origins down, in Chinese
names and per cent) was seen; that of ``policy`` is presumed from the received file. Whatever does
not have the columns on record is refused, not guessed at.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import polars as pl

from tongchou import reference
from tongchou.vocabulary.errors import UnknownPlace
from tongchou.vocabulary.places import Gazetteer, china
from tongchou.vocabulary.text import Text, text_of

MUNICIPALITIES = ("11", "12", "31", "50")
HUNDREDTHS = 100
_CHINA = pl.col("country") == "中国"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamSet:
    """Files of one public repository at one commit, and the received files they make."""

    name: str
    title: Text
    repository: str
    commit: str
    paths: tuple[str, ...]
    columns: tuple[str, ...]
    makes: tuple[str, ...]
    needed: bool
    restricted: bool
    licence: str
    layout: str


@lru_cache(maxsize=1)
def upstream_sets() -> tuple[UpstreamSet, ...]:
    """Give the table ``reference/china2020/upstream.csv``."""
    table = pl.read_csv(reference.path("china2020/upstream.csv"), infer_schema=False)
    return tuple(
        UpstreamSet(
            name=row["set"],
            title=text_of(row, "title"),
            repository=row["repository"],
            commit=row["commit"],
            paths=_paths(row["path"], row["first"], row["last"]),
            columns=tuple((row["columns"] or "").split("|")) if row["columns"] else (),
            makes=tuple(row["makes"].split("|")),
            needed=row["needed"] == "yes",
            restricted=row["restricted"] == "yes",
            licence=row["licence"],
            layout=row["layout"],
        )
        for row in table.iter_rows(named=True)
    )


def convert(name: str, files: Sequence[Path], folder: Path) -> tuple[Path, ...]:
    """Make the received files of a set from its upstream files, in the order of their paths."""
    return _CONVERT[name](files, folder)


def _paths(pattern: str, first: str | None, last: str | None) -> tuple[str, ...]:
    if first is None or last is None:
        return (pattern,)
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    days = (start + timedelta(days=i) for i in range((end - start).days + 1))
    return tuple(pattern.format(day=day) for day in days)


def _cases(files: Sequence[Path], folder: Path) -> tuple[Path, ...]:
    rows = pl.concat([pl.read_csv(f, infer_schema=False) for f in files]).filter(_CHINA)
    in_province, in_city = pl.col("province").is_not_null(), pl.col("city").is_not_null()
    counts = {"confirmed": "confirmed", "recovered": "cured", "deaths": "dead"}
    with_suspected = {
        "confirmed": "confirmed",
        "suspected": "suspected",
        "recovered": "cured",
        "deaths": "dead",
    }
    tables = {
        "cases_city_daily.csv": rows.filter(in_city).select(
            date="date",
            province_adcode="provinceCode",
            adcode="cityCode",
            name="city",
            level=_level(),
            **counts,
        ),
        "cases_province_daily.csv": rows.filter(in_province & ~in_city).select(
            date="date", province_adcode="provinceCode", name="province", **with_suspected
        ),
        "cases_national_daily.csv": rows.filter(~in_province).select(date="date", **with_suspected),
    }
    for name, table in tables.items():
        table.write_csv(folder / name)
    return tuple(folder / name for name in tables)


def _level() -> pl.Expr:
    """Give the level a code stands for; codes of the source's own ("3100xx") are no prefecture."""
    code = pl.col("cityCode")
    return (
        pl.when(code.is_null())
        .then(pl.lit("unassigned"))
        .when(code.str.ends_with("0000"))
        .then(pl.lit("province"))
        .when(code.str.slice(0, 2).is_in(MUNICIPALITIES))
        .then(pl.lit("municipality_district"))
        .when(code.str.contains(r"^\d{4}00$"))
        .then(pl.lit("prefecture"))
        .when(code.str.contains(r"^\d\d90\d\d$"))
        .then(pl.lit("province_direct_county"))
        .otherwise(pl.lit("county"))
    )


def _policy(files: Sequence[Path], folder: Path) -> tuple[Path, ...]:
    target = folder / "policy_events_gpl.csv"
    columns = next(s.columns for s in upstream_sets() if s.name == "policy")
    pl.read_csv(files[0], infer_schema=False).select(columns).write_csv(target)
    return (target,)


def _mobility(files: Sequence[Path], folder: Path) -> tuple[Path, ...]:
    target = folder / "mobility_od_outflow_share_2020.parquet"
    gazetteer = china()
    days = [_flows(gazetteer, f) for f in files]
    pl.concat(days).write_parquet(target, compression="zstd")
    return (target,)


def _flows(gazetteer: Gazetteer, file: Path) -> pl.DataFrame:
    """Give one day's matrix as rows; provinces that are divided into prefectures are left out."""
    matrix = pl.read_csv(file, infer_schema=False)
    origin = matrix.columns[0]
    codes = _codes(gazetteer, [*matrix[origin], *matrix.columns[1:]])
    day = date.fromisoformat(file.stem.removeprefix("BaiduNet_out_"))
    return (
        matrix.unpivot(index=origin, variable_name="to", value_name="share")
        .drop_nulls("share")
        .with_columns(pl.col(origin).replace_strict(codes), pl.col("to").replace_strict(codes))
        .filter(pl.col(origin).is_not_null() & pl.col("to").is_not_null())
        .select(
            date=pl.lit(day),
            from_adcode=pl.col(origin).cast(pl.Int32),
            to_adcode=pl.col("to").cast(pl.Int32),
            share_of_outflow_pct_x100=(pl.col("share").cast(pl.Float64) * HUNDREDTHS)
            .round()
            .cast(pl.UInt16),
        )
        .sort("from_adcode", "to_adcode")
    )


def _codes(gazetteer: Gazetteer, names: Sequence[str]) -> dict[str, str | None]:
    codes: dict[str, str | None] = {}
    for name in dict.fromkeys(names):
        try:
            code = gazetteer.find(name)[0].code
        except UnknownPlace:
            code = None
        divided = code is not None and bool(gazetteer.children(code, "prefecture"))
        codes[name] = None if divided else code
    return codes


_CONVERT: Mapping[str, Callable[[Sequence[Path], Path], tuple[Path, ...]]] = {
    "cases": _cases,
    "policy": _policy,
    "mobility": _mobility,
}
