"""Annexes C to F: beds, teams, supplies, production, measures."""

import polars as pl

from tongchou.morning.annexes.common import BEDS, DAYS, PERSONS, head, named_rows
from tongchou.morning.levels import level_reviews
from tongchou.morning.order import Table
from tongchou.morning.picture import Picture
from tongchou.morning.records import item_name, supply_of
from tongchou.morning.standing import standing_measures
from tongchou.morning.strategy import class_name, strategies
from tongchou.planning import beds, supply
from tongchou.planning.balance import surplus_deficit
from tongchou.tiering.levels import level_name
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.text import Text, text_of

SKILLS = {
    "doctor": Text(zh="医生", en="doctors"),
    "nurse": Text(zh="护士", en="nurses"),
    "critical_care_nurse": Text(zh="重症护士", en="critical care nurses"),
    "laboratory": Text(zh="检验", en="laboratory"),
    "tracer": Text(zh="流调", en="tracers"),
    "grid_worker": Text(zh="网格员", en="grid workers"),
    "logistics": Text(zh="后勤", en="logistics"),
}


def beds_table(picture: Picture, id: str, title: Text) -> Table:
    """Give beds by place and class."""
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
        rows=named_rows(
            picture, [{**r, "class": words[r["bed"]]} for r in rows.iter_rows(named=True)]
        ),
    )


def teams_table(picture: Picture, id: str, title: Text) -> Table:
    """Give teams by skill."""
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


def supply_table(picture: Picture, id: str, title: Text) -> Table:
    """Give days of supply by item."""
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


def production_table(picture: Picture, id: str, title: Text) -> Table:
    """Give output and capacity by item on the last day reported."""
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


def measures_table(picture: Picture, id: str, title: Text) -> Table:
    """Give the measures in force with basis, expiry and what is wrong with them."""
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
        rows=named_rows(picture, [s.row() for s in standing]),
    )


def surplus_table(picture: Picture, id: str, title: Text) -> Table:
    """Give what each place can spare and what it lacks, by item, where either is not zero."""
    rows = surplus_deficit(supply_of(picture.situation, picture.scope, title)).filter(
        (pl.col("surplus") > 0) | (pl.col("deficit") > 0)
    )
    pieces = Text(zh="件", en="pieces")
    return Table(
        id=id,
        title=title,
        headings=(
            head("item_name", "品种", "Item"),
            head("name", "地区", "Place"),
            head("quantity", "库存", "Stock", "count", pieces),
            head("daily_use", "日消耗", "Use a day", "estimate", pieces),
            head("days", "可用天数", "Days", "estimate", DAYS),
            head("surplus", "可调出", "Can spare", "count", pieces),
            head("deficit", "短缺", "Lacks", "count", pieces),
            head("floor_deficit", "距底线短缺", "Lacks to the floor", "count", pieces),
        ),
        rows=named_rows(
            picture,
            [{**r, "item_name": item_name(r["item"])} for r in rows.iter_rows(named=True)],
        ),
        note=Text(
            zh="按地区合计；一地富余可掩盖其中一院之缺，调剂建议因此逐机构求解。",
            en="Totals by place; a place's surplus may hide a hospital in want, so transfers are solved by facility.",
        ),
    )


def levels_table(picture: Picture, id: str, title: Text) -> Table:
    """Give the level in force in each area that has its own, and what its checklist says."""
    if not picture.situation.has("response_levels"):
        raise MissingData("response_levels", title)
    advice = {
        "step_down": Text(zh="可下调", en="may step down"),
        "stay": Text(zh="保持", en="stay"),
        "step_up": Text(zh="应上调", en="step up"),
    }
    rows = [
        {
            "place": r.place,
            "level": level_name(r.readiness.level),
            "since": None if r.standing.since is None else r.standing.since.effective.date(),
            "review": r.standing.review_on,
            "advice": advice[r.readiness.advice],
            "reason": r.readiness.reason,
        }
        for r in level_reviews(picture)
    ]
    return Table(
        id=id,
        title=title,
        headings=(
            head("name", "地区", "Place"),
            head("level", "级别", "Level"),
            head("since", "自", "Since", "date"),
            head("review", "复核日", "Review", "date"),
            head("advice", "核对结果", "Checklist"),
            head("reason", "理由", "Reason"),
        ),
        rows=named_rows(picture, rows),
    )


def strategy_table(picture: Picture, id: str, title: Text) -> Table:
    """Give the strategy class of each area, by the published rule."""
    rows = strategies(picture)
    return Table(
        id=id,
        title=title,
        headings=(
            head("name", "地区", "Place"),
            head("class_name", "类别", "Class"),
            head("strategy", "策略", "Strategy"),
            head("reason", "依据", "Reason"),
        ),
        rows=named_rows(
            picture,
            [
                {
                    "place": r["area"],
                    "class_name": class_name(r["class"]),
                    "strategy": text_of(r, "strategy"),
                    "reason": text_of(r, "reason"),
                }
                for r in rows.iter_rows(named=True)
            ],
        ),
        note=None
        if rows.height
        else Text(zh="本级没有下一级地区可分类。", en="No areas below to classify."),
    )
