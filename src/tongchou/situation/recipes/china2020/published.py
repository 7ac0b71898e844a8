"""The checked totals: what the pack holds beside what was published, held to on every build."""

from collections.abc import Callable, Mapping
from datetime import date

import polars as pl

from tongchou.situation.recipes.china2020.cases import carried_panel
from tongchou.vocabulary.errors import BadInput, Fault
from tongchou.vocabulary.places import Gazetteer
from tongchou.vocabulary.text import Text

INDEX_SCALE = 100


def verify_totals(
    totals: pl.DataFrame,
    tables: Mapping[str, pl.DataFrame],
    gazetteer: Gazetteer,
    index: pl.DataFrame | None,
) -> pl.DataFrame:
    """Hold every published total that the tables can answer against the value found here.

    Returns
    -------
    DataFrame
        The totals that could be verified.

    Raises
    ------
    BadInput
        With every total whose value here is not the one on record.
    """
    faults: list[Fault] = []
    kept: list[bool] = []
    for number, row in enumerate(totals.iter_rows(named=True), 1):
        found = _FIND[row["series"]](row, tables, gazetteer, index)
        kept.append(found is not None)
        if found is not None and found != row["here"]:
            faults.append(_differs(number, row, found))
    if faults:
        raise BadInput(faults)
    return totals.filter(pl.Series(kept, dtype=pl.Boolean))


Row = Mapping[str, object]


def _place(
    row: Row, tables: Mapping[str, pl.DataFrame], gazetteer: Gazetteer, index: pl.DataFrame | None
) -> int | None:
    return _sum(row, tables, [str(row["place"])])


def _prefectures(
    row: Row, tables: Mapping[str, pl.DataFrame], gazetteer: Gazetteer, index: pl.DataFrame | None
) -> int | None:
    units = {p.code for p in gazetteer.reporting_units("prefecture")}
    inside = {p.code for p in gazetteer.descendants(str(row["place"]))} | {str(row["place"])}
    return _sum(row, tables, sorted(units & inside))


def _population(
    row: Row, tables: Mapping[str, pl.DataFrame], gazetteer: Gazetteer, index: pl.DataFrame | None
) -> int | None:
    found = tables["places"].filter(pl.col("place") == row["place"])[str(row["column"])]
    return None if found.is_empty() else int(found[0])


def _index(
    row: Row, tables: Mapping[str, pl.DataFrame], gazetteer: Gazetteer, index: pl.DataFrame | None
) -> int | None:
    if index is None:
        return None
    found = index.filter((pl.col("adcode") == row["place"]) & (pl.col("date") == str(row["date"])))
    return round(float(found["out_index"][0]) * INDEX_SCALE)


_FIND: Mapping[str, Callable[..., int | None]] = {
    "place": _place,
    "province": _place,
    "prefectures": _prefectures,
    "places": _population,
    "index_x100": _index,
}


def _sum(row: Row, tables: Mapping[str, pl.DataFrame], codes: list[str]) -> int | None:
    day = row["date"]
    assert isinstance(day, date)
    counts = tables["case_counts"].filter(pl.col("place").is_in(codes))
    last = counts["date"].max()
    if not isinstance(last, date) or last < day:
        return None
    return int(carried_panel(counts, day, day)[str(row["column"])].sum())


def _differs(number: int, row: Row, found: int) -> Fault:
    return Fault(
        file="reference/china2020/published_totals.csv",
        row=number,
        column=str(row["column"]),
        value=f"{found:,}",
        problem=Text(
            zh=f"{row['place']} 在 {row['date']} 的数（{row['series']}）应为 {row['here']:,}。",
            en=f"for {row['place']} on {row['date']} ({row['series']}) should be {row['here']:,}.",
        ),
        remedy=Text(
            zh="来源文件或推导已变：查明原因后再更新此表，不要直接改数。",
            en="The source files or the derivation changed: find out why before this table is changed.",
        ),
    )
