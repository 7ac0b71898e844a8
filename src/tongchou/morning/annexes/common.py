"""What the tables of all annexes share."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import polars as pl

from tongchou.morning.evidence import no_data
from tongchou.morning.order import Heading, Kind, Table
from tongchou.morning.picture import Picture
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.text import Text, same

Row = Mapping[str, object]
Found = TypeVar("Found")


PERSONS = Text(zh="人", en="persons")


CASES = Text(zh="例", en="cases")


DAYS = Text(zh="天", en="days")


BEDS = Text(zh="张", en="beds")


def head(key: str, zh: str, en: str, kind: Kind = "text", unit: Text | None = None) -> Heading:
    """Give the head of a column."""
    return Heading(key=key, label=Text(zh=zh, en=en), kind=kind, unit=unit)


TITLES: dict[str, Text] = {
    "beds": Text(zh="床位：按地区与级别", en="Beds by place and class"),
    "onsets": Text(
        zh="按发病日：已确诊与现时估计", en="By day of onset: confirmed so far and nowcast"
    ),
    "chains": Text(zh="传播链：近28日确诊者", en="Chains of transmission, confirmed in 28 days"),
    "delays": Text(
        zh="四早：近28日发病者的时延",
        en="The four earlies: delays of those who fell ill in 28 days",
    ),
    "late": Text(zh="超时未办的个案：按环节与地区", en="Cases past their clock, by step and place"),
    "severity": Text(
        zh="病情：死亡、入院与危重比例", en="Severity: shares dead, admitted, critical"
    ),
    "health_workers": Text(zh="医务人员感染", en="Infections of health workers"),
    "teams": Text(zh="队伍：按专业", en="Teams by skill"),
    "supply": Text(zh="物资可用天数：按品种", en="Days of supply by item"),
    "surplus": Text(zh="余缺：按地区与品种", en="Surplus and deficit by place and item"),
    "levels": Text(zh="响应级别与核对单", en="Response levels and their checklists"),
    "strategy": Text(zh="分类策略", en="Strategy classes"),
    "production": Text(zh="生产：按品种", en="Production by item"),
    "measures": Text(zh="在行措施", en="Measures in force"),
    "work": Text(zh="复工：按地区", en="Work back by place"),
    "blocks": Text(zh="受阻原因", en="What blocks the restart"),
    "bottlenecks": Text(zh="拖住他人的企业", en="Firms that hold up others"),
    "prices": Text(zh="价格预警", en="Price alerts"),
    "payments": Text(zh="应发未发", en="Payments late"),
    "visits": Text(zh="应访未访", en="Visits late"),
}


def or_missing(id: str, build: Callable[[Picture, str, Text], Table], picture: Picture) -> Table:
    """Build a table, or say which table of the contract is missing."""
    title = TITLES[id]
    try:
        return build(picture, id, title)
    except MissingData as missing:
        return Table(
            id=id,
            title=title,
            headings=(),
            rows=(),
            missing=no_data(missing),
        )


def found_or_raise(found: Found | MissingData) -> Found:
    """Give a part of the survey, or say which table it would need."""
    if isinstance(found, MissingData):
        raise found
    return found


def named_rows(picture: Picture, rows: Sequence[Mapping[str, object]]) -> tuple[Row, ...]:
    """Give rows with the name of their place."""
    names = picture.scope.names
    everywhere = Text(zh="全部地区", en="everywhere")

    def name(place: object) -> Text:
        return everywhere if place is None else names.get(str(place), same(str(place)))

    return tuple({**r, "name": name(r["place"])} for r in rows)


def plain_table(
    picture: Picture, id: str, title: Text, headings: tuple[Heading, ...], frame: pl.DataFrame
) -> Table:
    """Give a table made of a frame; without rows it says so."""
    return Table(
        id=id,
        title=title,
        headings=headings,
        rows=named_rows(picture, list(frame.iter_rows(named=True))),
        note=None if frame.height else Text(zh="无。", en="None."),
    )


def whole(value: object) -> int | None:
    """Give a whole number, None where unknown."""
    number = float(value)  # type: ignore[arg-type]
    return None if number != number else round(number)


def real(value: object) -> float | None:
    """Give a finite number, None where unknown."""
    number = float(value)  # type: ignore[arg-type]
    return None if number != number or number in (float("inf"), float("-inf")) else number
