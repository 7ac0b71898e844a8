"""The annexes A to K: whole tables behind the two pages."""

import csv
from collections.abc import Callable, Mapping
from datetime import timedelta

import polars as pl

from tongchou import reference
from tongchou.economy import livelihood, work
from tongchou.morning.evidence import no_data
from tongchou.morning.order import Annex, Decision, Heading, Kind, Table
from tongchou.morning.outlook import Outlook
from tongchou.morning.picture import Picture, differences
from tongchou.morning.records import item_name, supply_of
from tongchou.morning.solve import Plan
from tongchou.morning.standing import standing_measures
from tongchou.morning.words import SERIES
from tongchou.planning import beds, supply
from tongchou.situation.contract import contract
from tongchou.tiering.rules import tier_name
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.text import Text, day, same, text_of

Row = Mapping[str, object]

PERSONS = Text(zh="人", en="persons")
CASES = Text(zh="例", en="cases")
DAYS = Text(zh="天", en="days")
BEDS = Text(zh="张", en="beds")


def head(key: str, zh: str, en: str, kind: Kind = "text", unit: Text | None = None) -> Heading:
    """Give the head of a column."""
    return Heading(key=key, label=Text(zh=zh, en=en), kind=kind, unit=unit)


def build_annexes(
    picture: Picture, outlook: Outlook, plan: Plan, decisions: tuple[Decision, ...]
) -> tuple[Annex, ...]:
    """Give the eleven annexes in their order."""
    return (
        _annex(
            "A",
            "各地情况",
            "Places",
            [places_table(picture, "areas"), places_table(picture, "units")],
        ),
        _annex("B", "预测", "Forecasts", [forecast_table(outlook), tier_moves_table(outlook)]),
        _annex(
            "C",
            "患者与床位",
            "Patients and beds",
            [_or_missing("beds", _beds, picture), *plan.patient_tables()],
        ),
        _annex("D", "队伍与排班", "Teams and rosters", [_or_missing("teams", _teams, picture)]),
        _annex(
            "E",
            "物资与生产",
            "Supplies and production",
            [
                _or_missing("supply", _supply, picture),
                *plan.supply_tables(),
                _or_missing("production", _production, picture),
            ],
        ),
        _annex(
            "F",
            "在行措施：依据与期限",
            "Measures in force: basis and expiry",
            [_or_missing("measures", _measures, picture)],
        ),
        _annex(
            "G",
            "复工与产业链",
            "Reopening and chains",
            [
                _or_missing("work", _work, picture),
                _or_missing("blocks", _blocks, picture),
                _or_missing("bottlenecks", _bottlenecks, picture),
            ],
        ),
        _annex(
            "H",
            "民生",
            "Livelihood",
            [
                _or_missing("prices", _prices, picture),
                _or_missing("payments", _payments, picture),
                _or_missing("visits", _visits, picture),
            ],
        ),
        _annex(
            "I",
            "数据质量：未报、迟报、重复、更正",
            "Data quality: silent, late, doubled, corrected",
            quality_tables(picture),
        ),
        _annex(
            "J",
            "方法、参数、来源",
            "Methods, parameters, sources",
            [sources_table(picture), tables_held(picture)],
        ),
        _annex("K", "机制与责任", "Mechanisms and owners", [mechanisms_table(decisions)]),
    )


def _annex(letter: str, zh: str, en: str, tables: list[Table]) -> Annex:
    return Annex(letter=letter, title=Text(zh=zh, en=en), tables=tuple(tables))


TITLES: dict[str, Text] = {
    "beds": Text(zh="床位：按地区与级别", en="Beds by place and class"),
    "teams": Text(zh="队伍：按专业", en="Teams by skill"),
    "supply": Text(zh="物资可用天数：按品种", en="Days of supply by item"),
    "production": Text(zh="生产：按品种", en="Production by item"),
    "measures": Text(zh="在行措施", en="Measures in force"),
    "work": Text(zh="复工：按地区", en="Work back by place"),
    "blocks": Text(zh="受阻原因", en="What blocks the restart"),
    "bottlenecks": Text(zh="拖住他人的企业", en="Firms that hold up others"),
    "prices": Text(zh="价格预警", en="Price alerts"),
    "payments": Text(zh="应发未发", en="Payments late"),
    "visits": Text(zh="应访未访", en="Visits late"),
}


def _or_missing(id: str, build: Callable[[Picture, str, Text], Table], picture: Picture) -> Table:
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


def _named(picture: Picture, rows: list[dict[str, object]]) -> tuple[Row, ...]:
    names = picture.scope.names
    return tuple({**r, "name": names.get(str(r["place"]), same(str(r["place"])))} for r in rows)


def places_table(picture: Picture, which: str) -> Table:
    """Give the situation of each area, or of each finest unit."""
    scope = picture.scope
    codes = scope.areas if which == "areas" else scope.units
    tiers = {r["place"]: r for r in picture.tiers.frame.iter_rows(named=True)}
    silent = dict(picture.quality.silent.select("place", "days").iter_rows())
    rows = [_place_row(picture, c, tiers.get(c), silent) for c in codes]
    headings = [
        head("name", "地区", "Place"),
        head("place", "代码", "Code", "code"),
        *([head("area", "所属", "In")] if which == "units" else []),
        head("tier", "等级", "Tier"),
        head("confirmed", "累计确诊", "Confirmed", "count", CASES),
        head("new", "当日新增", "New", "count", CASES),
        head("new7", "7日新增", "New in 7 days", "count", CASES),
        head(
            "weekly",
            "7日发病率",
            "7-day incidence",
            "estimate",
            Text(zh="／10万", en="per 100,000"),
        ),
        head("r", "R", "R", "estimate"),
        head("r_low", "R 下限", "R low", "estimate"),
        head("r_high", "R 上限", "R high", "estimate"),
        head(
            "doubling",
            "倍增时间（负为减半）",
            "Doubling time (negative: halving)",
            "estimate",
            DAYS,
        ),
        head("recovered", "累计治愈", "Recovered", "count", CASES),
        head("deaths", "累计死亡", "Deaths", "count", CASES),
        head("silent", "未报天数", "Silent", "count", DAYS),
    ]
    title = (
        Text(zh="下一级地区", en="Areas of the next level")
        if which == "areas"
        else Text(zh="最细报告单位", en="Finest reporting units")
    )
    return Table(id=which, title=title, headings=tuple(headings), rows=tuple(rows))


def _place_row(
    picture: Picture, code: str, tier: Row | None, silent: Mapping[str, int]
) -> dict[str, object]:
    counts = picture.counts.sel(place=code).isel(date=-1)
    new = picture.new.sel(place=code)
    rt = picture.rt.sel(place=code).isel(date=-1)
    growth = picture.growth.sel(place=code).isel(date=-1)
    scope = picture.scope
    return {
        "place": code,
        "name": scope.names[code],
        "area": scope.names.get(scope.area_of(code), same("")),
        "tier": None if tier is None or tier["tier"] is None else tier_name(tier["tier"]),  # type: ignore[arg-type]
        "confirmed": _whole(counts["confirmed"]),
        "new": _whole(new[-1]),
        "new7": _whole(new[-7:].sum()),
        "weekly": _real(picture.weekly.sel(place=code)[-1]),
        "r": _real(rt["median"]),
        "r_low": _real(rt["q025"]),
        "r_high": _real(rt["q975"]),
        "doubling": _doubling(growth),
        "recovered": _whole(counts["recovered"]),
        "deaths": _whole(counts["deaths"]),
        "silent": silent.get(code, 0),
    }


def _doubling(growth: object) -> float | None:
    double, halve = _real(growth["doubling_time"]), _real(growth["halving_time"])  # type: ignore[index]
    return double if double is not None else None if halve is None else -halve


def _whole(value: object) -> int | None:
    number = float(value)  # type: ignore[arg-type]
    return None if number != number else round(number)


def _real(value: object) -> float | None:
    number = float(value)  # type: ignore[arg-type]
    return None if number != number or number in (float("inf"), float("-inf")) else number


def forecast_table(outlook: Outlook) -> Table:
    """Give the new cases of the next 7 and 14 days for the scope and its areas."""
    scope = outlook.picture.scope
    rows = []
    for code in (scope.place, *scope.areas):
        one = outlook.upper["cumulative"].sel(place=code)
        row: dict[str, object] = {"place": code, "name": scope.names[code]}
        for days in (7, 14):
            for name, level in (
                ("low", 0.025),
                ("q25", 0.25),
                ("median", 0.5),
                ("q75", 0.75),
                ("high", 0.975),
            ):
                row[f"{name}{days}"] = float(one.sel(quantile=level)[days - 1])
        rows.append(row)
    headings = [head("name", "地区", "Place")]
    for days in (7, 14):
        headings += [
            head(f"median{days}", f"{days}日中位", f"{days} days, median", "estimate", CASES),
            head(f"q25{days}", f"{days}日50%低", f"{days} days, 50 % low", "estimate", CASES),
            head(f"q75{days}", f"{days}日50%高", f"{days} days, 50 % high", "estimate", CASES),
            head(f"low{days}", f"{days}日95%低", f"{days} days, 95 % low", "estimate", CASES),
            head(f"high{days}", f"{days}日95%高", f"{days} days, 95 % high", "estimate", CASES),
        ]
    return Table(
        id="forecasts",
        title=Text(zh="今后14日新增确诊", en="New confirmed in the next 14 days"),
        headings=tuple(headings),
        rows=tuple(rows),
        note=Text(
            zh="各地分别预测，中位数不可相加。",
            en="Each place is forecast by itself; medians do not add up.",
        ),
    )


def tier_moves_table(outlook: Outlook) -> Table:
    """Give the tier changes possible within the horizon, with their probability."""
    scope = outlook.picture.scope
    rows = [
        {
            "place": r["place"],
            "name": scope.names[r["place"]],
            "tier": tier_name(r["tier"]),
            "to": tier_name(r["to"]),
            "on": r["on"],
            "probability": r["probability"],
        }
        for r in outlook.tier_moves.iter_rows(named=True)
    ]
    return Table(
        id="tier_moves",
        title=Text(zh="14日内可能的等级变化", en="Tier changes possible within 14 days"),
        headings=(
            head("name", "单位", "Unit"),
            head("tier", "现为", "Now"),
            head("to", "可变为", "May become"),
            head("on", "最早／不迟于", "On or by", "date"),
            head("probability", "概率", "Probability", "share"),
        ),
        rows=tuple(rows),
    )


def _beds(picture: Picture, id: str, title: Text) -> Table:
    facilities = picture.scope.inside(picture.situation.table("facilities", title))
    rows = beds.by_place(beds.free_beds(facilities, picture.situation.cut))
    words = {
        "mild": Text(zh="轻型、普通型", en="mild and ordinary"),
        "severe": Text(zh="重型", en="severe"),
        "critical": Text(zh="危重型", en="critical"),
    }
    return Table(
        id=id,
        title=title,
        headings=(
            head("name", "地区", "Place"),
            head("class", "级别", "Class"),
            head("facilities", "机构", "Facilities", "count"),
            head("beds", "床位", "Beds", "count", BEDS),
            head("occupied", "占用", "Occupied", "count", BEDS),
            head("free", "空余", "Free", "count", BEDS),
        ),
        rows=_named(picture, [{**r, "class": words[r["bed"]]} for r in rows.iter_rows(named=True)]),
    )


SKILLS = {
    "doctor": Text(zh="医生", en="doctors"),
    "nurse": Text(zh="护士", en="nurses"),
    "critical_care_nurse": Text(zh="重症护士", en="critical care nurses"),
    "laboratory": Text(zh="检验", en="laboratory"),
    "tracer": Text(zh="流调", en="tracers"),
    "grid_worker": Text(zh="网格员", en="grid workers"),
    "logistics": Text(zh="后勤", en="logistics"),
}


def _teams(picture: Picture, id: str, title: Text) -> Table:
    teams = picture.scope.inside(picture.situation.table("staff_teams", title))
    today = supply.latest(teams, ["team_id"], picture.situation.cut)
    total = (
        today.group_by("skill")
        .agg(
            teams=pl.len(),
            staff=pl.col("staff").sum(),
            from_outside=pl.col("staff")
            .filter(~pl.col("home_place").is_in(list(picture.scope.members)))
            .sum(),
            over=pl.col("staff_over_hours").sum(),
            infected=pl.col("infected").sum(),
        )
        .sort("skill")
    )
    return Table(
        id=id,
        title=title,
        headings=(
            head("skill_name", "专业", "Skill"),
            head("teams", "队伍", "Teams", "count"),
            head("staff", "人数", "Staff", "count", PERSONS),
            head("from_outside", "其中外来支援", "From outside", "count", PERSONS),
            head("over", "超时", "Beyond hours", "count", PERSONS),
            head("infected", "累计感染", "Infected so far", "count", PERSONS),
        ),
        rows=tuple({**r, "skill_name": SKILLS[r["skill"]]} for r in total.iter_rows(named=True)),
    )


def _supply(picture: Picture, id: str, title: Text) -> Table:
    found = supply_of(picture.situation, picture.scope, title)
    items = supply.hospital_days(found, picture.situation.table("facilities", title))
    under = dict(supply.below_floor(found).group_by("item").len().iter_rows())
    return Table(
        id=id,
        title=title,
        headings=(
            head("item_name", "品种", "Item"),
            head("hospitals", "医院", "Hospitals", "count"),
            head("percentile_days", "第10百分位", "10th percentile", "estimate", DAYS),
            head("median_days", "中位", "Median", "estimate", DAYS),
            head("lowest_days", "最低", "Lowest", "estimate", DAYS),
            head("under", "低于底线", "Below floor", "count"),
        ),
        rows=tuple(
            {**r, "item_name": item_name(r["item"]), "under": under.get(r["item"], 0)}
            for r in items.iter_rows(named=True)
        ),
    )


def _production(picture: Picture, id: str, title: Text) -> Table:
    rows = picture.situation.table("production", title)
    makers = picture.situation.table("enterprises", title).select("enterprise_id", "place").unique()
    rows = picture.scope.inside(rows.join(makers, on="enterprise_id", how="inner"))
    today = rows.filter(pl.col("date") == pl.col("date").max())
    total = (
        today.group_by("item")
        .agg(
            output=pl.col("output").sum(),
            capacity=pl.col("capacity").sum(),
            limited=(pl.col("limiting_input").ne_missing("none")).sum(),
        )
        .sort("item")
    )
    per_day = Text(zh="件／日", en="pieces a day")
    return Table(
        id=id,
        title=title,
        headings=(
            head("item_name", "品种", "Item"),
            head("output", "产量", "Output", "count", per_day),
            head("capacity", "产能", "Capacity", "count", per_day),
            head("limited", "受限产线", "Lines held back", "count"),
        ),
        rows=tuple({**r, "item_name": item_name(r["item"])} for r in total.iter_rows(named=True)),
    )


def _measures(picture: Picture, id: str, title: Text) -> Table:
    standing = standing_measures(picture, title)
    return Table(
        id=id,
        title=title,
        headings=(
            head("name", "地区", "Place"),
            head("measure", "措施", "Measure"),
            head("start", "开始", "Start", "date"),
            head("expires", "到期", "Expiry", "date"),
            head("basis", "依据", "Basis"),
            head("owner", "责任单位", "Owner"),
            head("flags", "问题", "Flags"),
        ),
        rows=_named(picture, [s.row() for s in standing]),
    )


def _chained(picture: Picture, title: Text) -> pl.DataFrame:
    firms = picture.scope.inside(picture.situation.table("enterprises", title))
    if firms.is_empty():
        raise MissingData("enterprises", title)
    return work.chained(firms, picture.situation.cut)


def _work(picture: Picture, id: str, title: Text) -> Table:
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
        rows=_named(picture, list(rows.iter_rows(named=True))),
    )


def _blocks(picture: Picture, id: str, title: Text) -> Table:
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


def _bottlenecks(picture: Picture, id: str, title: Text) -> Table:
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
        rows=_named(picture, list(rows.iter_rows(named=True))),
    )


def _prices(picture: Picture, id: str, title: Text) -> Table:
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
            }
            for r in rows.iter_rows(named=True)
        ),
    )


SCHEMES = {
    "price_subsidy": Text(zh="价格临时补贴", en="price subsidy"),
    "unemployment": Text(zh="失业保险金", en="unemployment benefit"),
    "health_worker_allowance": Text(zh="医务人员临时性工作补助", en="health worker allowance"),
    "temporary_relief": Text(zh="临时救助", en="temporary relief"),
    "job_retention": Text(zh="稳岗返还", en="job retention refund"),
}


def _payments(picture: Picture, id: str, title: Text) -> Table:
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


def _visits(picture: Picture, id: str, title: Text) -> Table:
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
        rows=_named(picture, list(late.iter_rows(named=True))),
    )


def quality_tables(picture: Picture) -> list[Table]:
    """Give what is silent, late, revised, corrected, and how totals differ from published ones."""
    quality = picture.quality
    cut = picture.situation.cut
    return [
        Table(
            id="differences",
            title=Text(
                zh=f"{day(cut).zh}合计与公布数的差异",
                en=f"Totals of {day(cut).en} beside those published",
            ),
            headings=(
                head("name", "地区", "Place"),
                head("series", "本包序列", "Series of the pack"),
                head("column", "栏目", "Column"),
                head("here", "本包", "Here", "count", CASES),
                head("published", "公布", "Published", "count", CASES),
                head("difference", "差", "Difference", "count", CASES),
                head("reason", "原因", "Reason"),
            ),
            rows=_named(
                picture,
                [
                    {
                        **r,
                        "series": SERIES.get(r["series"], same(r["series"])),
                        "difference": r["here"] - r["published"],
                        "reason": text_of(r, "reason"),
                    }
                    for r in differences(picture).iter_rows(named=True)
                ],
            ),
            note=None
            if differences(picture).height
            else Text(
                zh="数据包未附当日的公布数。",
                en="The pack carries no published total for this day.",
            ),
        ),
        Table(
            id="corrections",
            title=Text(zh="已知更正", en="Known corrections"),
            headings=(
                head("correction_id", "编号", "Id", "code"),
                head("name", "地区", "Place"),
                head("date", "日期", "Day", "date"),
                head("action", "处理", "Action", "code"),
                head("value", "数值", "Value", "code"),
                head("reason", "说明", "Reason"),
                head("source", "来源", "Source"),
            ),
            rows=_named(
                picture,
                [
                    {**r, "reason": text_of(r, "reason")}
                    for r in touching_corrections(picture).iter_rows(named=True)
                ],
            ),
        ),
        _plain(
            picture,
            "silent_units",
            Text(zh="未报告单位", en="Silent units"),
            (
                head("name", "单位", "Unit"),
                head("last_report", "最后报告", "Last report", "date"),
                head("days", "未报天数", "Days silent", "count", DAYS),
            ),
            quality.silent,
        ),
        _plain(
            picture,
            "revised",
            Text(zh="修订的数字（旧值与新值）", en="Figures revised: old value and new"),
            (
                head("name", "地区", "Place"),
                head("date", "日期", "Day", "date"),
                head("column", "栏目", "Column", "code"),
                head("was", "原为", "Was", "count"),
                head("now", "现为", "Now", "count"),
                head("known_on", "修订日", "Revised on", "date"),
            ),
            quality.revised,
        ),
        _plain(
            picture,
            "late",
            Text(zh="近7日迟报", en="Late reports of the last 7 days"),
            (
                head("name", "地区", "Place"),
                head("rows", "行数", "Rows", "count"),
                head("longest_days", "最长迟报", "Longest delay", "count", DAYS),
            ),
            quality.late,
        ),
        _plain(
            picture,
            "negative",
            Text(zh="累计数下修的日子（近28日）", en="Days on which a total went down (28 days)"),
            (
                head("name", "地区", "Place"),
                head("date", "日期", "Day", "date"),
                head("change", "变化", "Change", "count", CASES),
            ),
            quality.negative.filter(pl.col("date") > cut - timedelta(days=28)),
        ),
        _plain(
            picture,
            "unplaced",
            Text(
                zh="地区合计中有、而不在任何单位的病例（监狱、未定地区等；负数为单位合计较多）",
                en="Cases in an area's total and in none of its units (prisons, place not yet known; negative: the units hold more)",
            ),
            (
                head("name", "地区", "Place"),
                head("confirmed", "累计", "In all", "count", CASES),
                head("fortnight", "近14日变化", "Change in 14 days", "count", CASES),
            ),
            quality.unplaced,
        ),
    ]


def touching_corrections(picture: Picture) -> pl.DataFrame:
    """Give the corrections that touch the area: its own, those inside it and those above it."""
    above = set(picture.scope.ancestors.get(picture.scope.place, ()))
    return picture.situation.corrections.filter(
        pl.col("place").is_null() | pl.col("place").is_in([*picture.scope.members, *above])
    )


def _plain(
    picture: Picture, id: str, title: Text, headings: tuple[Heading, ...], frame: pl.DataFrame
) -> Table:
    return Table(
        id=id,
        title=title,
        headings=headings,
        rows=_named(picture, list(frame.iter_rows(named=True))),
        note=None if frame.height else Text(zh="无。", en="None."),
    )


def sources_table(picture: Picture) -> Table:
    """Give the sources and the licence of the pack."""
    origin = picture.situation.origin
    rows = [
        {"what": Text(zh="许可", en="licence"), "text": origin.licence},
        *({"what": Text(zh="来源", en="source"), "text": same(s)} for s in origin.sources),
        *({"what": Text(zh="说明", en="note"), "text": n} for n in origin.notes),
    ]
    return Table(
        id="sources",
        title=Text(zh="数据来源与许可", en="Sources and licence"),
        headings=(head("what", "项", "Item"), head("text", "内容", "Content")),
        rows=tuple(rows),
    )


def tables_held(picture: Picture) -> Table:
    """Give the tables of the contract: held with rows and last day known, or missing."""
    quality = picture.quality
    rows: list[Row] = [
        {**r, "title": contract(r["table"]).title} for r in quality.held.iter_rows(named=True)
    ]
    rows += [
        {"table": t, "title": contract(t).title, "rows": None, "last_known": None}
        for t in quality.missing
    ]
    return Table(
        id="tables",
        title=Text(zh="数据表", en="Tables"),
        headings=(
            head("table", "表", "Table", "code"),
            head("title", "内容", "Content"),
            head("rows", "行数（空为无数据）", "Rows (blank: no data)", "count"),
            head("last_known", "最近知悉日", "Last known on", "date"),
        ),
        rows=tuple(rows),
    )


def mechanisms_table(decisions: tuple[Decision, ...]) -> Table:
    """Give the register of mechanisms, and which decision of today calls on each."""
    called: dict[str, list[str]] = {}
    owners: dict[str, Text] = {}
    for number, decision in enumerate(decisions, 1):
        for mechanism in decision.mechanisms:
            called.setdefault(mechanism, []).append(str(number))
            owners.setdefault(mechanism, decision.owner)
    with reference.path("mechanisms.csv").open(encoding="utf-8", newline="") as handle:
        register = list(csv.DictReader(handle))
    rows = [
        {
            "id": m["id"],
            "what": Text(zh=m["phrase_zh"], en=m["meaning_en"]),
            "group": m["group"],
            "decisions": same(", ".join(called.get(m["id"], []))),
            "owner": owners.get(m["id"]),
        }
        for m in register
    ]
    return Table(
        id="mechanisms",
        title=Text(zh="机制登记表", en="Register of mechanisms"),
        headings=(
            head("id", "编号", "Id", "code"),
            head("what", "机制", "Mechanism"),
            head("group", "组", "Group", "code"),
            head("decisions", "今日决定", "Decisions today"),
            head("owner", "责任单位", "Owner"),
        ),
        rows=tuple(rows),
        note=Text(
            zh="责任单位取自今日决定；机构职责表由指挥平台登记，本数据包中没有。",
            en="Owners are those of today's decisions; duties of agencies are registered in the station and are not part of this pack.",
        ),
    )
