"""Where places lie and how many live there: from a plain file, or from the codes and names of China."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import xarray as xr

from tongchou.situation.plain.columns import find_columns
from tongchou.situation.plain.sheet import read_sheet
from tongchou.situation.plain.values import read_numbers
from tongchou.vocabulary.errors import BadInput, Fault, UnknownPlace
from tongchou.vocabulary.places import Place, china
from tongchou.vocabulary.text import Text

NAMED_AT_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Places with their points.

    Parameters
    ----------
    points : Dataset (place)
        ``longitude`` and ``latitude``, degrees.
    population : DataArray (place), persons, or None
        Where it is known of every place.
    notes
        What was assumed, for the reader of the result.
    """

    points: xr.Dataset
    population: xr.DataArray | None
    notes: tuple[Text, ...]


def read_places(path: Path, *, columns: Mapping[str, str] | None = None) -> Places:
    """Give the places of a plain file with ``place, longitude, latitude`` and maybe ``population``.

    Raises
    ------
    BadInput
        With every fault: row, column, value and next step.
    """
    sheet = read_sheet(path)
    found = find_columns(sheet, "places", columns, ("place", "longitude", "latitude"))
    sheet.faults.raise_any()
    cells = sheet.cells[found["place"]]
    twice = cells.is_not_null() & ~cells.is_first_distinct()
    sheet.faults.rows(twice, cells, sheet.numbers, _AGAIN, _AGAIN_STEP, column=found["place"])
    numbers = {}
    for ours, bound in (("longitude", 180.0), ("latitude", 90.0), ("population", np.inf)):
        if ours in found:
            column = found[ours]
            numbers[ours] = read_numbers(sheet, column, whole=False)
            cells = sheet.cells[column]
            sheet.faults.rows(
                cells.is_null(), cells, sheet.numbers, _BLANK, _BLANK_STEP, column=column
            )
            low = 0.0 if ours == "population" else -bound
            beyond = ~numbers[ours].is_between(low, bound)
            sheet.faults.rows(beyond, cells, sheet.numbers, _BEYOND, _BEYOND_STEP, column=column)
    place = sheet.cells[found["place"]]
    sheet.faults.rows(
        place.is_null(), place, sheet.numbers, _BLANK, _BLANK_STEP, column=found["place"]
    )
    sheet.faults.raise_any()
    return _places(place.to_list(), numbers, ())


def locate_places(names: Sequence[str]) -> Places:
    """Give the points of division codes or names of China, and their people where all are known.

    Parameters
    ----------
    names
        Codes such as 420100 (of any year), or names such as 武汉市 or Wuhan that one place alone bears.

    Raises
    ------
    BadInput
        With the places that are unknown or that several bear.

    Examples
    --------
    >>> found = locate_places(["420100", "黄冈市"])
    >>> found.points["longitude"].round(0).values.tolist(), found.population is None
    ([114.0, 115.0], False)
    """
    found, faults = {}, []
    for name in names:
        try:
            found[name] = _one(name)
        except UnknownPlace as unknown:
            faults.append(
                Fault(
                    file="COUNTS", column="place", value=name, problem=unknown.text(), remedy=_GIVE
                )
            )
    if faults:
        raise BadInput(faults[:NAMED_AT_MOST], unlisted=max(len(faults) - NAMED_AT_MOST, 0))
    numbers = {
        "longitude": pl.Series([p.longitude for p in found.values()], dtype=pl.Float64),
        "latitude": pl.Series([p.latitude for p in found.values()], dtype=pl.Float64),
    }
    people = [p.population for p in found.values()]
    if all(n is not None for n in people):
        numbers["population"] = pl.Series(people, dtype=pl.Float64)
    return _places(list(found), numbers, (_FROM_CHINA.fill(n=len(found)),))


def _one(name: str) -> Place:
    if name.isascii() and name.isdigit():
        return china().resolve(name)
    bearing = china().find(name)
    if len(bearing) > 1 and bearing[0].level == bearing[1].level:
        raise UnknownPlace(
            name, [f"{p.code} {p.name.zh} {p.name.en}" for p in bearing[:5]], _SEVERAL
        )
    return bearing[0]


def _places(
    names: Sequence[str], numbers: Mapping[str, pl.Series], notes: tuple[Text, ...]
) -> Places:
    where = {"place": list(names)}
    points = xr.Dataset(
        {k: ("place", numbers[k].to_numpy().astype(float)) for k in ("longitude", "latitude")},
        where,
    )
    people = numbers.get("population")
    population = None
    if people is not None:
        population = xr.DataArray(
            people.to_numpy().astype(float), where, ("place",), attrs={"units": "persons"}
        )
    return Places(points=points, population=population, notes=notes)


_AGAIN = Text(zh="这个地区已有一行。", en="has a row already.")
_AGAIN_STEP = Text(zh="每个地区只留一行。", en="Leave one row for each place.")
_BLANK = Text(zh="此格为空。", en="is blank.")
_BLANK_STEP = Text(zh="填写此格或删除该行。", en="Fill it in or remove the row.")
_BEYOND = Text(zh="超出范围。", en="is out of range.")
_BEYOND_STEP = Text(
    zh="经度在 −180 与 180 之间，纬度在 −90 与 90 之间，人口不小于 0；请看经纬度是否写反。",
    en="Longitude lies within ±180, latitude within ±90, population is 0 or more; see whether the two are swapped.",
)
_GIVE = Text(
    zh="或用 --places 文件给出各地经纬度。", en="Or give longitude and latitude with --places FILE."
)
_SEVERAL = Text(zh="不止一地用这个名称，请改用代码。", en="Several places bear it; write the code.")
_FROM_CHINA = Text(
    zh="{n} 个地区的中心点取自内置的全国区划表。",
    en="The points of {n} places are those of the built-in table of divisions of China.",
)
