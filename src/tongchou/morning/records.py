"""Figures made of record tables: one rule each, asked on any night.

No row of a personal table leaves this file: what stands behind a figure is counted by place and day.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from types import MappingProxyType
from typing import Literal

import polars as pl

from tongchou.economy import livelihood, work
from tongchou.morning.order import Flag
from tongchou.morning.scope import Scope
from tongchou.planning import beds, supply
from tongchou.situation.situation import Situation
from tongchou.surveillance import delays, rates
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.text import Text, count, estimate, same, share

RECENT_DAYS = 14
"""Records of the last so many days make a rate of "now" (assumption: two weeks, as the tier rule)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a rule found: the value and its range, words beside it, the rows by place and day."""

    value: float | None
    low: float | None = None
    high: float | None = None
    small: Text | None = None
    rows: pl.DataFrame = field(default_factory=pl.DataFrame)
    total_rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRule:
    """One figure made of records."""

    id: str
    label: Text
    unit: Text
    write: Callable[[float | None], str]
    better: Literal["up", "down", "neither"]
    method: str
    formula: Text
    measure: Callable[[Situation, Scope], Measured]
    parameters: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()


def cases_of(situation: Situation, scope: Scope, needed_for: Text) -> pl.DataFrame:
    """Give the line list of the area."""
    cases = scope.inside(situation.table("cases", needed_for))
    if cases.is_empty():
        raise MissingData("cases", needed_for)
    return cases


def _admission(situation: Situation, scope: Scope) -> Measured:
    cases = cases_of(situation, scope, ADMISSION.label)
    first = situation.cut - timedelta(days=RECENT_DAYS)
    table = rates.admission_rate(
        cases.with_columns(place=pl.lit(scope.place)), situation.cut, confirmed_from=first
    )
    by_place = rates.admission_rate(cases, situation.cut, confirmed_from=first)
    if table.is_empty():
        return Measured(value=None, rows=by_place)
    row = table.row(0, named=True)
    return Measured(
        value=row["admission_rate"],
        low=row["low"],
        high=row["high"],
        small=Text(
            zh="应收 {due} 人，24小时内 {done} 人，仍待收 {waiting} 人",
            en="{due} due, {done} within 24 h, {waiting} still waiting",
        ).fill(due=count(row["due"]), done=count(row["in_time"]), waiting=count(row["waiting"])),
        rows=by_place,
        total_rows=by_place.height,
    )


def _isolation(situation: Situation, scope: Scope) -> Measured:
    cases = cases_of(situation, scope, ISOLATION.label).filter(
        pl.col("isolated_on") > situation.cut - timedelta(days=RECENT_DAYS)
    )
    span = tuple(s for s in delays.EARLIES if s.name == "isolated")
    whole = delays.measure_delays(cases.with_columns(place=pl.lit(scope.place)), span)
    by_place = delays.measure_delays(cases, span)
    if whole.is_empty() or whole["median"][0] is None:
        return Measured(value=None, rows=by_place)
    row = whole.row(0, named=True)
    return Measured(
        value=row["median"],
        small=Text(
            zh="第90百分位 {p} 天；由隔离日回溯，前瞻并校正的见附件C",
            en="90th percentile {p} days; looking back from isolation; forward and corrected in Annex C",
        ).fill(p=estimate(row["p90"])),
        rows=by_place,
        total_rows=by_place.height,
    )


def _found_inside(situation: Situation, scope: Scope) -> Measured:
    cases = cases_of(situation, scope, FOUND_INSIDE.label).filter(
        pl.col("confirmed_on") > situation.cut - timedelta(days=RECENT_DAYS)
    )
    whole = rates.found_inside_share(cases.with_columns(place=pl.lit(scope.place)))
    by_place = rates.found_inside_share(cases)
    if whole.is_empty():
        return Measured(value=None, rows=by_place)
    row = whole.row(0, named=True)
    low, high = rates.wilson(row["inside"], row["known"])
    return Measured(
        value=row["share"],
        low=float(low),
        high=float(high),
        rows=by_place,
        total_rows=by_place.height,
    )


def _beds(situation: Situation, scope: Scope) -> Measured:
    facilities = scope.inside(situation.table("facilities", BEDS.label))
    free = beds.by_place(beds.free_beds(facilities, situation.cut))
    total = dict(free.group_by("bed").agg(pl.col("free").sum()).iter_rows())
    occupied, there = int(free["occupied"].sum()), int(free["beds"].sum())
    return Measured(
        value=float(sum(total.values())),
        small=Text(
            zh="轻型普通型 {mild}、重型 {severe}、危重型 {critical}；占用 {s}",
            en="mild {mild}, severe {severe}, critical {critical}; {s} occupied",
        ).fill(
            mild=count(total.get("mild", 0)),
            severe=count(total.get("severe", 0)),
            critical=count(total.get("critical", 0)),
            s=share(occupied / there if there else None),
        ),
        rows=free,
        total_rows=free.height,
    )


def supply_of(situation: Situation, scope: Scope, needed_for: Text) -> pl.DataFrame:
    """Give the days of supply of every stock of the area."""
    stocks = scope.inside(situation.table("stocks", needed_for))
    if stocks.is_empty():
        raise MissingData("stocks", needed_for)
    shipments = situation.table("shipments", needed_for)
    return supply.days_of_supply(stocks, shipments, situation.cut)


def _supply(situation: Situation, scope: Scope) -> Measured:
    found = supply_of(situation, scope, SUPPLY.label)
    facilities = situation.table("facilities", SUPPLY.label)
    items = supply.hospital_days(found, facilities).sort("percentile_days", "item")
    if items.is_empty():
        return Measured(value=None, rows=items)
    row = items.row(0, named=True)
    return Measured(
        value=row["percentile_days"],
        small=Text(
            zh="最紧品种：{item}；其中位医院 {m} 天，最低 {l} 天",
            en="tightest item: {item}; median hospital {m} days, lowest {l}",
        ).fill(
            item=item_name(row["item"]),
            m=estimate(row["median_days"]),
            l=estimate(row["lowest_days"]),
        ),
        rows=items,
        total_rows=items.height,
    )


def _hours(situation: Situation, scope: Scope) -> Measured:
    teams = scope.inside(situation.table("staff_teams", HOURS.label))
    load = livelihood.staff_load(teams, situation.cut)
    if not load.staff:
        raise MissingData("staff_teams", HOURS.label, column="staff_over_hours")
    return Measured(
        value=float(load.over_hours),
        small=Text(zh="占 {n} 人的 {s}", en="{s} of {n}").fill(
            n=count(load.staff), s=share(load.over_hours / load.staff)
        ),
        rows=_by_place(teams, situation, ["staff", "staff_over_hours"]),
    )


def _forms(situation: Situation, scope: Scope) -> Measured:
    teams = scope.inside(situation.table("staff_teams", FORMS.label))
    load = livelihood.staff_load(teams, situation.cut)
    if load.form_minutes is None:
        raise MissingData("staff_teams", FORMS.label, column="form_minutes")
    return Measured(
        value=load.form_minutes,
        small=Text(zh="{n} 名网格员", en="{n} grid workers").fill(n=count(load.grid_workers)),
        rows=_by_place(
            teams.filter(pl.col("skill") == "grid_worker"), situation, ["staff", "form_minutes"]
        ),
    )


def _by_place(teams: pl.DataFrame, situation: Situation, columns: list[str]) -> pl.DataFrame:
    today = teams.filter(pl.col("date") == situation.cut)
    aggregated = [
        pl.col(c).mean().round(1) if c == "form_minutes" else pl.col(c).sum() for c in columns
    ]
    return today.group_by("place", "skill").agg(*aggregated).sort("place", "skill")


def _work(situation: Situation, scope: Scope) -> Measured:
    firms = scope.inside(situation.table("enterprises", WORK.label))
    chained = work.chained(firms, situation.cut)
    whole = work.work_back(chained).row(0, named=True)
    return Measured(
        value=whole["work_back"],
        small=Text(
            zh="按链条计 {c}；缺现金而未获纾困 {k} 家",
            en="by chain {c}; {k} firms short of cash without relief",
        ).fill(c=share(whole["chain_back"]), k=count(whole["cash_short"])),
        rows=work.work_back(chained, ["place"]),
        total_rows=scope.inside(firms)["place"].n_unique(),
    )


def _prices(situation: Situation, scope: Scope) -> Measured:
    nation = situation.gazetteer.nation.code
    prices = situation.table("prices", PRICES.label).filter(
        pl.col("place").is_in([*scope.members, nation])
    )
    if prices["price_year_before"].is_null().all():
        raise MissingData("prices", PRICES.label, column="price_year_before")
    alerts = livelihood.price_alerts(prices, situation.cut)
    worst = None
    if not alerts.is_empty():
        row = alerts.row(0, named=True)
        worst = Text(zh="最高：{i} 同比 {r}", en="highest: {i} {r} over a year before").fill(
            i=item_name(row["item"]), r=share(row["rise"])
        )
    return Measured(value=float(alerts.height), small=worst, rows=alerts, total_rows=alerts.height)


def item_name(item: str) -> Text:
    """Give an item's name in words; the code itself where the table of items has none.

    >>> item_name("n95_mask")["en"], item_name("thermometer")["zh"]
    ('medical respirator N95', 'thermometer')
    """
    return _item_names().get(item, same(item))


@cache
def _item_names() -> Mapping[str, Text]:
    rows = packaged("items").iter_rows(named=True)
    return MappingProxyType({row["item"]: Text(zh=row["zh"], en=row["en"]) for row in rows})


ADMISSION = RecordRule(
    id="admission_rate",
    label=Text(zh="收治率", en="Admission rate"),
    unit=Text(zh="24小时内，近14日", en="within 24 h, last 14 days"),
    write=share,
    better="up",
    method="rates",
    formula=Text(
        zh="确诊后次日24时前入院人数 ÷ 应收人数；只计确诊已满一日者。",
        en="Admitted by the end of the day after confirmation ÷ confirmed at least a day ago.",
    ),
    measure=_admission,
    parameters=("admission_hours",),
)
ISOLATION = RecordRule(
    id="onset_to_isolation",
    label=Text(zh="发病到隔离（中位）", en="Onset to isolation (median)"),
    unit=Text(zh="天，近14日隔离者", en="days, isolated in the last 14 days"),
    write=estimate,
    better="down",
    method="delays",
    formula=Text(
        zh="隔离日 − 发病日 的中位数与第90百分位；发病前已隔离者计0天。",
        en="Median and 90th percentile of day isolated less day of onset; isolated before onset counts 0.",
    ),
    measure=_isolation,
)
FOUND_INSIDE = RecordRule(
    id="found_inside",
    label=Text(zh="隔离中发现占比", en="Found inside quarantine"),
    unit=Text(zh="占近14日确诊", en="of confirmed, last 14 days"),
    write=share,
    better="up",
    method="delays",
    formula=Text(
        zh="确诊时已在隔离或观察中的人数 ÷ 已登记该项的确诊人数。",
        en="Confirmed while already in quarantine or under watch ÷ confirmed with that fact on record.",
    ),
    measure=_found_inside,
)
BEDS = RecordRule(
    id="beds_free",
    label=Text(zh="空余床位", en="Beds free"),
    unit=Text(zh="张", en="beds"),
    write=count,
    better="up",
    method="beds",
    formula=Text(
        zh="各机构分级床位 − 占用，逐院不小于0后相加；一院超收不冲抵他院空床。",
        en="Beds less occupied by class, never below 0 in a facility, then summed: one overfull hospital takes no bed from another.",
    ),
    measure=_beds,
)
SUPPLY = RecordRule(
    id="days_of_supply",
    label=Text(zh="物资可用天数", en="Days of supply"),
    unit=Text(
        zh="天，第10百分位医院、最紧品种", en="days, 10th-percentile hospital, tightest item"
    ),
    write=estimate,
    better="up",
    method="supply",
    formula=Text(
        zh="库存 ÷ 日消耗；各品种取第10百分位医院，报最低的一种；在途不计。",
        en="Stock ÷ use a day; for each item the 10th-percentile hospital, the lowest item shown; what is on the way does not count.",
    ),
    measure=_supply,
)
HOURS = RecordRule(
    id="over_hours",
    label=Text(zh="超时工作人员", en="Staff beyond hours"),
    unit=Text(zh="人", en="persons"),
    write=count,
    better="down",
    method="livelihood",
    formula=Text(
        zh="各队伍最近一次报告的超时工作人数之和。",
        en="Sum of members beyond the work-hour limit in each team's latest report.",
    ),
    measure=_hours,
)
WORK = RecordRule(
    id="work_back",
    label=Text(zh="复工（按职工）", en="Work back (by staff)"),
    unit=Text(zh="占职工", en="of staff"),
    write=share,
    better="up",
    method="work-back",
    formula=Text(
        zh="返岗职工 ÷ 职工；按链条计时，每家企业不高于其上游供应企业。",
        en="Staff back ÷ staff; by chain, no firm counts above its suppliers upstream.",
    ),
    measure=_work,
)
PRICES = RecordRule(
    id="price_alerts",
    label=Text(zh="价格预警", en="Price alerts"),
    unit=Text(zh="项", en="items"),
    write=count,
    better="down",
    method="livelihood",
    formula=Text(
        zh="价格 ÷ 上年同期 − 1 达到阈值的地区—品种数。",
        en="Number of place–item pairs whose price ÷ the year before − 1 reaches the threshold.",
    ),
    measure=_prices,
)
FORMS = RecordRule(
    id="form_minutes",
    label=Text(zh="网格员填表", en="Forms, grid worker"),
    unit=Text(zh="分钟／人·日", en="minutes a person a day"),
    write=estimate,
    better="down",
    method="livelihood",
    formula=Text(
        zh="网格员队伍填表分钟数按人数加权平均。",
        en="Minutes on forms of grid-worker teams, weighted by members.",
    ),
    measure=_forms,
)
RECORD_RULES = (ADMISSION, ISOLATION, FOUND_INSIDE, BEDS, SUPPLY, HOURS, WORK, PRICES, FORMS)
