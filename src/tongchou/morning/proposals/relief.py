"""Rest for staff, relief for firms, prices, and end dates for measures."""

from collections.abc import Iterator

import polars as pl

from tongchou.economy import livelihood, work
from tongchou.morning.order import Decision
from tongchou.morning.proposals.common import NOTHING, Context, option, propose
from tongchou.morning.standing import standing_measures
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.text import Text, count


def staff_decisions(context: Context) -> Iterator[Decision]:
    """Propose rest where staff work beyond their hours."""
    situation, scope = context.picture.situation, context.picture.scope
    if not situation.has("staff_teams"):
        return
    teams = scope.inside(situation.table("staff_teams")).filter(pl.col("date") == situation.cut)
    over = teams.filter(pl.col("staff_over_hours") > 0)
    n = float(over["staff_over_hours"].sum())
    if n == 0:
        return
    by = (
        over.group_by("place")
        .agg(pl.col("staff_over_hours").sum())
        .sort(["staff_over_hours", "place"], descending=[True, False])
    )
    yield propose(
        context,
        "over_hours",
        id="over_hours",
        sentence=Text(
            zh="安排 {n} 名超时人员轮休", en="Give all staff beyond their hours a rest ({n})"
        ).fill(n=count(n)),
        where=context.names(by["place"].head(4).to_list()),
        places=by["place"].to_list(),
        options=(
            option(
                Text(
                    zh="72 小时内轮休，空缺由支援队补",
                    en="rest within 72 hours, gaps filled by supporting teams",
                ),
                Text(zh="{n} 人回到工时限内", en="{n} back within their hours").fill(n=count(n)),
                recommended=True,
            ),
            option(
                Text(zh="仅重症岗位先轮休", en="critical care first"),
                Text(zh="其余人员继续超时", en="the others go on beyond their hours"),
            ),
            option(
                NOTHING,
                Text(zh="{n} 人继续超时", en="{n} go on beyond their hours").fill(n=count(n)),
            ),
        ),
        amounts={"over_hours_day": n},
        rows=by,
        formula=Text(
            zh="各队伍报告的超时人数之和。", en="Sum of members beyond hours in the teams' reports."
        ),
    )


def relief_decisions(context: Context) -> Iterator[Decision]:
    """Propose relief for firms short of cash, and the price linkage where its threshold is reached."""
    yield from _cash(context)
    yield from _prices(context)


def _cash(context: Context) -> Iterator[Decision]:
    situation, scope = context.picture.situation, context.picture.scope
    if not situation.has("enterprises"):
        return
    firms = work.chained(scope.inside(situation.table("enterprises")), situation.cut)
    by = (
        work.work_back(firms, ["place"])
        .filter(pl.col("cash_short") > 0)
        .sort(["cash_short", "place"], descending=[True, False])
    )
    n = float(by["cash_short"].sum())
    if n == 0:
        return
    yield propose(
        context,
        "cash_short",
        id="cash_short",
        sentence=Text(
            zh="为 {n} 家现金不足14天的企业办理展期缓缴",
            en="Grant deferral to all firms with under 14 days of cash ({n})",
        ).fill(n=count(n)),
        where=context.names(by["place"].head(4).to_list()),
        places=by["place"].to_list(),
        options=(
            option(
                Text(
                    zh="资料预填，72 小时内办结",
                    en="forms filled in beforehand, done within 72 hours",
                ),
                Text(zh="{n} 家度过14天线", en="{n} firms pass the 14-day line").fill(n=count(n)),
                recommended=True,
            ),
            option(
                Text(zh="企业自行申请", en="let firms apply"),
                Text(zh="办理时间取决于申请", en="it takes as long as applying takes"),
            ),
            option(
                NOTHING, Text(zh="{n} 家现金将断", en="{n} firms run out of cash").fill(n=count(n))
            ),
        ),
        amounts={"firm_short_day": n},
        rows=by.select("place", "firms", "cash_short"),
        formula=Text(
            zh="现金可支撑天数 < 14 且未获纾困的企业数。",
            en="Firms with under 14 days of cash and no relief granted.",
        ),
    )


def _prices(context: Context) -> Iterator[Decision]:
    situation, scope = context.picture.situation, context.picture.scope
    if not situation.has("prices"):
        return
    alerts = livelihood.price_alerts(scope.inside(situation.table("prices")), situation.cut)
    if alerts.is_empty():
        return
    places = alerts["place"].unique().sort().to_list()
    people = context.population([p for p in places if p in scope.population])
    yield propose(
        context,
        "price_alerts",
        id="price_alerts",
        sentence=Text(
            zh="在 {n} 地启动价格联动补贴并投放储备",
            en="Start the price subsidy and release reserves where prices passed the threshold (places: {n})",
        ).fill(n=len(places)),
        where=context.names([p for p in places if p in scope.names]),
        places=places,
        options=(
            option(
                Text(
                    zh="20 个工作日内发放补贴，同时投放储备",
                    en="pay within 20 working days and release reserves",
                ),
                Text(zh="覆盖 {p} 人所在地区", en="in places of {p} people").fill(p=count(people)),
                recommended=True,
            ),
            option(
                Text(zh="仅投放储备", en="release reserves only"),
                Text(zh="困难群众支出不获补偿", en="the poor carry the rise themselves"),
            ),
            option(
                NOTHING,
                Text(zh="{n} 项价格超过阈值", en="{n} prices stay beyond the threshold").fill(
                    n=alerts.height
                ),
            ),
        ),
        amounts={"price_person_day": people},
        rows=alerts.select("place", "item", "date", "price", "rise", "threshold"),
        formula=Text(
            zh="价格 ÷ 上年同期 − 1 ≥ 阈值。", en="Price ÷ a year before − 1 ≥ threshold."
        ),
    )


def open_ended_decisions(context: Context) -> Iterator[Decision]:
    """Propose end dates where measures stand without one: every measure lapses by itself."""
    try:
        standing = standing_measures(context.picture, Text(zh="在行措施", en="measures in force"))
    except MissingData:
        return
    without = [s for s in standing if s.expires is None]
    if not without:
        return
    rows = pl.DataFrame(
        {
            "place": [s.place for s in without],
            "kind": [s.kind for s in without],
            "since": [s.start for s in without],
        }
    )
    by = rows.group_by("place").len().sort(["len", "place"], descending=[True, False])
    n = float(rows.height)
    yield propose(
        context,
        "open_ended",
        id="open_ended",
        sentence=Text(
            zh="为 {n} 项没有到期日的措施规定期限",
            en="Set an end date for all measures that have none ({n})",
        ).fill(n=count(n)),
        where=context.names([p for p in by["place"].head(4) if p in context.picture.scope.names]),
        places=by["place"].to_list(),
        options=(
            option(
                Text(
                    zh="7日内补定期限与复核日，逾期自动失效",
                    en="set an end and a review date within 7 days, else they lapse",
                ),
                Text(zh="{n} 项有期限可查", en="{n} get an end date on record").fill(n=count(n)),
                recommended=True,
            ),
            option(
                Text(zh="先清理影响通行的措施", en="those on movement first"),
                Text(zh="其余措施继续无期限", en="the others stay open-ended"),
            ),
            option(NOTHING, Text(zh="{n} 项继续无期限", en="{n} stay open-ended").fill(n=count(n))),
        ),
        amounts={"open_ended_measure_day": n},
        rows=rows.sort("since", "place"),
        formula=Text(
            zh="在行而未登记到期日的措施。", en="Measures in force without an expiry on record."
        ),
    )
