"""The tables of a country's folder, read, checked and turned into places."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import polars as pl

from tongchou.vocabulary.crosswalk import Crosswalk, Kind, Succession
from tongchou.vocabulary.errors import BadInput, Fault
from tongchou.vocabulary.text import Text

PLACES = (
    "code", "level", "name_zh", "name_en", "name_short_zh", "name_short_en", "aliases",
    "parent", "counted", "longitude", "latitude", "source",
)  # fmt: skip
POPULATION = ("code", "date", "population", "source", "confidence")
CROSSWALK = (
    "old_code", "old_name", "new_code", "share", "effective", "kind", "source", "confidence",
)  # fmt: skip
BOUNDARY_CODES = ("boundary_code", "code", "note")

SETTINGS = {
    "country": ("code", "levels"),
    "boundaries": ("file", "code_property"),
    "plane": ("crs", "boundary_crs", "tolerances_km"),
    "lines": ("file", "reaching_south_of"),
    "inset": ("box", "main_ends_south_at"),
}


@dataclass(frozen=True, kw_only=True)
class Tables:
    """The checked tables of one folder."""

    country: Mapping[str, Any]
    places: pl.DataFrame
    crosswalk: Crosswalk
    boundary_codes: Mapping[str, str]


def read(folder: Path) -> Tables:
    """Read and check the tables of a folder.

    Raises
    ------
    BadInput
        With every fault found in any of the tables.
    """
    country = _country(folder)
    faults: list[Fault] = []
    places = _table(folder, "places.csv", PLACES, faults)
    population = _table(folder, "population.csv", POPULATION, faults, needed=False)
    changes = _table(folder, "crosswalk.csv", CROSSWALK, faults, needed=False)
    aliases = _table(folder, "boundary_codes.csv", BOUNDARY_CODES, faults, needed=False)
    if not faults:
        faults += _place_faults(places, country)
        faults += _code_faults("population.csv", "code", population, places)
        faults += _code_faults("boundary_codes.csv", "code", aliases, places)
        faults += _number_faults("population.csv", "population", population, 0, 1e11)
        faults += _crosswalk_faults(changes)
    if faults:
        raise BadInput(faults)
    return Tables(
        country=country,
        places=_typed(places, population),
        crosswalk=Crosswalk(rows=tuple(map(_succession, changes.rows(named=True)))),
        boundary_codes=dict(aliases.select("boundary_code", "code").iter_rows()),
    )


def _country(folder: Path) -> dict[str, Any]:
    file = folder / "country.toml"
    if not file.is_file():
        raise BadInput([_fault("country.toml", problem=_NO_FILE, remedy=_SEE_DOCS)])
    try:
        country = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        problem = Text(zh=f"不是有效的 TOML（{error}）。", en=f"This is not valid TOML ({error}).")
        raise BadInput([_fault("country.toml", problem=problem, remedy=_SEE_DOCS)]) from error
    missing = [
        f"{section}.{key}"
        for section, keys in SETTINGS.items()
        for key in keys
        if (section == "country" or section in country) and key not in country.get(section, {})
    ]
    if "boundaries" in country and "plane" not in country:
        missing.append("plane")
    if missing:
        raise BadInput(
            [_fault("country.toml", None, k, problem=_MISSING, remedy=_SEE_DOCS) for k in missing]
        )
    return country


def _table(
    folder: Path, name: str, columns: Iterable[str], faults: list[Fault], needed: bool = True
) -> pl.DataFrame:
    """Read one table as text; a missing optional table is an empty one."""
    wanted = list(columns)
    empty = pl.DataFrame(schema={c: pl.String() for c in wanted})
    if not (folder / name).is_file():
        if needed:
            faults.append(_fault(name, problem=_NO_FILE, remedy=_SEE_DOCS))
        return empty
    table = pl.read_csv(folder / name, infer_schema=False)
    missing = [c for c in wanted if c not in table.columns]
    faults += [_fault(name, column=c, problem=_MISSING, remedy=_SEE_DOCS) for c in missing]
    return empty if missing else table.select(wanted)


def _place_faults(places: pl.DataFrame, country: Mapping[str, Any]) -> list[Fault]:
    name, nation = "places.csv", country["country"]["code"]
    rank = {level: i for i, level in enumerate(country["country"]["levels"])}
    levels = dict(places.select("code", "level").iter_rows())
    faults: list[Fault] = []
    seen: set[str] = set()
    for number, row in enumerate(places.rows(named=True), 1):
        code, level, parent = row["code"], row["level"], row["parent"]

        def found(
            column: str,
            problem: Text,
            remedy: Text,
            row: dict[str, Any] = row,
            number: int = number,
        ) -> None:
            value = row[column]
            faults.append(_fault(name, number, column, value, problem=problem, remedy=remedy))

        if not code or code in seen:
            found("code", _DUPLICATE, _CORRECT)
        seen.add(code)
        if level not in rank:
            found("level", _LEVEL, _CORRECT)
        if code == nation:
            if parent:
                found("parent", _NATION, _CORRECT)
        elif parent not in levels:
            found("parent", _PARENT, _CORRECT)
        elif rank.get(levels[parent], -1) >= rank.get(level, len(rank)):
            found("parent", _PARENT_LEVEL, _CORRECT)
        for column in ("name_zh", "name_en", "name_short_zh", "name_short_en"):
            if not row[column]:
                found(column, _MISSING, _CORRECT)
        if row["counted"] not in ("true", "false"):
            found("counted", _TRUE_FALSE, _CORRECT)
    if nation not in levels:
        faults.append(
            _fault(name, column="code", value=nation, problem=_NO_NATION, remedy=_CORRECT)
        )
    faults += _number_faults(name, "longitude", places, -180, 180)
    faults += _number_faults(name, "latitude", places, -90, 90)
    return faults


def _number_faults(
    name: str, column: str, table: pl.DataFrame, low: float, high: float
) -> list[Fault]:
    numbers = table[column].cast(pl.Float64, strict=False)
    good = numbers.is_between(low, high).fill_null(False)
    return [
        _fault(name, row, column, value, problem=_RANGE.fill(low=low, high=high), remedy=_CORRECT)
        for row, (value, fine) in enumerate(zip(table[column], good, strict=True), 1)
        if not fine
    ]


def _code_faults(name: str, column: str, table: pl.DataFrame, places: pl.DataFrame) -> list[Fault]:
    known = set(places["code"])
    return [
        _fault(name, row, column, value, problem=_NOT_A_PLACE, remedy=_CORRECT)
        for row, value in enumerate(table[column], 1)
        if value not in known
    ]


def _crosswalk_faults(changes: pl.DataFrame) -> list[Fault]:
    name, faults = "crosswalk.csv", []
    for number, row in enumerate(changes.rows(named=True), 1):
        if row["kind"] not in get_args(Kind):
            faults.append(_fault(name, number, "kind", row["kind"], problem=_KIND, remedy=_CORRECT))
    shares = changes.with_row_index("row", 1).filter(pl.col("share").is_not_null())
    good = shares["share"].cast(pl.Float64, strict=False).is_between(0, 1).fill_null(False)
    for (number, value), fine in zip(shares.select("row", "share").iter_rows(), good, strict=True):
        if not fine:
            problem = _RANGE.fill(low=0, high=1)
            faults.append(_fault(name, number, "share", value, problem=problem, remedy=_CORRECT))
    return faults


def _typed(places: pl.DataFrame, population: pl.DataFrame) -> pl.DataFrame:
    """Give the places with their types and the newest population of each."""
    newest = population.sort("date").group_by("code", maintain_order=True).last()
    return (
        places.with_columns(
            pl.col("longitude", "latitude").cast(pl.Float64),
            pl.col("counted") == "true",
            pl.col("aliases").fill_null(""),
        )
        .join(
            newest.select("code", pl.col("population").cast(pl.Int64)),
            on="code",
            how="left",
            maintain_order="left",
        )
        .sort("code")
    )


def _succession(row: Mapping[str, Any]) -> Succession:
    return Succession(
        old_code=row["old_code"],
        old_name=row["old_name"] or "",
        new_code=row["new_code"],
        share=None if row["share"] is None else float(row["share"]),
        effective=row["effective"] or "",
        kind=row["kind"],
        source=row["source"] or "",
        confidence=row["confidence"] or "",
    )


def _fault(
    file: str,
    row: int | None = None,
    column: str | None = None,
    value: object = None,
    *,
    problem: Text,
    remedy: Text,
) -> Fault:
    text = None if value is None else str(value)
    return Fault(file=file, row=row, column=column, value=text, problem=problem, remedy=remedy)


_NO_FILE = Text(zh="文件夹里没有这个文件。", en="The folder does not hold this file.")
_MISSING = Text(zh="缺少内容。", en="This is missing.")
_DUPLICATE = Text(zh="代码为空或重复。", en="The code is empty or occurs twice.")
_LEVEL = Text(
    zh="该级别未列在 country.toml 的 levels 中。", en="country.toml does not list this level."
)
_NATION = Text(zh="全国没有上级。", en="The nation has no place above it.")
_PARENT = Text(zh="没有这个上级代码。", en="No place bears this code.")
_PARENT_LEVEL = Text(
    zh="上级的级别不高于本级。", en="The place above is not of a higher level than this one."
)
_NO_NATION = Text(
    zh="country.toml 所写的全国代码不在表中。", en="The nation's code in country.toml has no row."
)
_TRUE_FALSE = Text(zh="应写 true 或 false。", en="This is neither true nor false.")
_RANGE = Text(zh="应是 {low} 到 {high} 之间的数。", en="This is no number from {low} to {high}.")
_NOT_A_PLACE = Text(zh="places.csv 里没有这个代码。", en="places.csv has no such code.")
_KIND = Text(zh="不是已知的变更类型。", en="This is no known kind of change.")
_CORRECT = Text(zh="请更正该行。", en="Correct the row.")
_SEE_DOCS = Text(
    zh="格式见 docs/methods/places.md。", en="The layout is in docs/methods/places.md."
)
