"""Annexes G and H: reopening, chains, prices, payments, visits."""

import polars as pl

from tongchou.economy import livelihood, work
from tongchou.morning.annexes.common import PERSONS, head, named_rows
from tongchou.morning.order import Table
from tongchou.morning.picture import Picture
from tongchou.morning.records import item_name
from tongchou.morning.terms import term
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.text import Text, same

SCHEMES = {
    "price_subsidy": Text(zh="价格临时补贴", en="price subsidy"),
    "unemployment": Text(zh="失业保险金", en="unemployment benefit"),
    "health_worker_allowance": Text(zh="医务人员临时性工作补助", en="health worker allowance"),
    "temporary_relief": Text(zh="临时救助", en="temporary relief"),
    "job_retention": Text(zh="稳岗返还", en="job retention refund"),
}


def _chained(picture: Picture, title: Text) -> pl.DataFrame:
    firms = picture.scope.inside(picture.situation.table("enterprises", title))
    if firms.is_empty():
        raise MissingData("enterprises", title)
    return work.chained(firms, picture.situation.cut)


def work_table(picture: Picture, id: str, title: Text) -> Table:
    """Give work back by place."""
    rows = work.work_back(_chained(picture, title), ["place"])
    return Table(
        id=id,
        title=title,
        headings=(
            head("name", "地区", "Place"),
            head("firms", "企业", "Firms", "count"),
            head("staff", "职工", "Staff", "count", PERSONS),
            head("work_back", "返岗率", "Work back", "share"),
            head("chain_back", "按链条", "By chain", "share"),
            head("held_up", "被上游拖住", "Held up by a supplier", "count"),
            head("cash_short", "现金不足", "Short of cash", "count"),
        ),
        rows=named_rows(picture, list(rows.iter_rows(named=True))),
    )


def blocks_table(picture: Picture, id: str, title: Text) -> Table:
    """Give what blocks the restart, by reason."""
    rows = work.blocks(_chained(picture, title))
    return Table(
        id=id,
        title=title,
        headings=(
            head("reason_name", "原因", "Reason"),
            head("firms", "企业", "Firms", "count"),
            head("staff_away", "未返岗职工", "Staff away", "count", PERSONS),
        ),
        rows=tuple(
            {**r, "reason_name": Text(zh=r["zh"], en=r["en"])} for r in rows.iter_rows(named=True)
        ),
    )


def bottlenecks_table(picture: Picture, id: str, title: Text) -> Table:
    """Give the firms that hold up others."""
    rows = work.bottlenecks(_chained(picture, title)).head(50)
    return Table(
        id=id,
        title=title,
        headings=(
            head("enterprise_id", "企业编号", "Enterprise", "code"),
            head("name", "地区", "Place"),
            head("own", "本企业复工", "Own restart", "share"),
            head("held_up", "拖住企业", "Firms held up", "count"),
            head("waiting_staff", "待工职工", "Staff waiting", "count", PERSONS),
        ),
        rows=named_rows(picture, list(rows.iter_rows(named=True))),
    )


def prices_table(picture: Picture, id: str, title: Text) -> Table:
    """Give the prices beyond their threshold."""
    nation = picture.situation.gazetteer.nation
    prices = picture.situation.table("prices", title).filter(
        pl.col("place").is_in([*picture.scope.members, nation.code])
    )
    if prices["price_year_before"].is_null().all():
        raise MissingData("prices", title, column="price_year_before")
    rows = livelihood.price_alerts(prices, picture.situation.cut)
    names = {nation.code: nation.name, **picture.scope.names}
    return Table(
        id=id,
        title=title,
        headings=(
            head("name", "地区", "Place"),
            head("item_name", "品种", "Item"),
            head("date", "日期", "Day", "date"),
            head("price", "价格", "Price", "estimate"),
            head("unit", "单位", "Unit"),
            head("rise", "同比", "Over a year before", "share"),
            head("threshold", "阈值", "Threshold", "share"),
        ),
        rows=tuple(
            {
                **r,
                "name": names.get(r["place"], same(r["place"])),
                "item_name": item_name(r["item"]),
                "unit": term(r["unit"]),
            }
            for r in rows.iter_rows(named=True)
        ),
    )


def payments_table(picture: Picture, id: str, title: Text) -> Table:
    """Give the payments late, by scheme."""
    rows = picture.scope.inside(picture.situation.table("payments", title))
    late = livelihood.late_rows(rows, "paid_on", picture.situation.cut, ["scheme"])
    return Table(
        id=id,
        title=title,
        headings=(
            head("scheme_name", "项目", "Scheme"),
            head("late", "逾期笔数", "Late", "count"),
            head("oldest", "最早应发日", "Oldest due day", "date"),
        ),
        rows=tuple({**r, "scheme_name": SCHEMES[r["scheme"]]} for r in late.iter_rows(named=True)),
    )


def visits_table(picture: Picture, id: str, title: Text) -> Table:
    """Give the visits late, by place."""
    rows = picture.scope.inside(picture.situation.table("visits", title))
    late = livelihood.late_rows(rows, "done_on", picture.situation.cut, ["place"])
    return Table(
        id=id,
        title=title,
        headings=(
            head("name", "地区", "Place"),
            head("late", "逾期走访", "Late", "count"),
            head("oldest", "最早应访日", "Oldest due day", "date"),
        ),
        rows=named_rows(picture, list(late.iter_rows(named=True))),
    )
