"""Proposals that close the gaps of this morning."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

import polars as pl

from tongchou.economy import work
from tongchou.morning.gaps import OpenGap
from tongchou.morning.order import Decision, Option
from tongchou.morning.proposals.common import NOTHING, Context, option, propose
from tongchou.morning.standing import measure_links, standing_measures
from tongchou.vocabulary.measure import measures as levers
from tongchou.vocabulary.text import Text, count, estimate

Amounts = Mapping[str, float]


SENTENCES: dict[str, Text] = {
    "not_admitted": Text(
        zh="今日内收治 {n} 名确诊未入院者", en="Admit today all confirmed who are in no bed ({n})"
    ),
    "not_tested": Text(
        zh="今日内完成 {n} 名疑似者的检测", en="Test today all suspected without a result ({n})"
    ),
    "not_placed": Text(
        zh="今日内落实 {n} 名密接的隔离", en="Place today all contacts not yet in quarantine ({n})"
    ),
    "not_watched": Text(
        zh="将 {n} 名较高风险地区来人纳入观察",
        en="Take under watch all arrivals from higher tiers ({n})",
    ),
    "silent": Text(
        zh="{n} 个未报告单位今日 12 时前补报",
        en="Have all silent units report by 12:00 today ({n})",
    ),
    "below_floor": Text(
        zh="向 {n} 家低于防护底线的机构补给",
        en="Supply all facilities below the protective floor ({n})",
    ),
    "expired": Text(zh="解除 {n} 项已到期的措施", en="Lift all measures that have lapsed ({n})"),
    "without_basis": Text(
        zh="解除 {n} 项无法律依据的措施", en="Lift all measures without a legal basis ({n})"
    ),
    "unpaid": Text(zh="发放 {n} 笔逾期款项", en="Make all overdue payments ({n})"),
    "visits_late": Text(zh="补上 {n} 次逾期走访", en="Make all overdue visits ({n})"),
    "blocked_roads": Text(zh="放行 {n} 批受阻物资", en="Free all shipments held up ({n})"),
    "blocked_chains": Text(
        zh="逐一解决 {n} 家受阻企业，先上游后下游",
        en="Unblock enterprises held up, suppliers upstream first ({n})",
    ),
}


def gap_decisions(context: Context) -> Iterator[Decision]:
    """Propose to close each gap that is open this morning."""
    for gap in context.gaps:
        if gap.items is None or gap.items.is_empty() or gap.kind.id not in PLANS:
            continue
        plan = PLANS[gap.kind.id]
        options, amounts = plan(context, gap)
        yield propose(
            context,
            gap.kind.id,
            id=gap.kind.id,
            sentence=SENTENCES[gap.kind.id].fill(n=count(gap.items.height)),
            where=context.names([p for p, _ in gap.worst(4)]),
            places=gap.items["place"].unique().sort().to_list(),
            options=(*options, _nothing(gap, context.picture.situation.cut)),
            amounts=amounts,
            rows=gap.items.group_by("place", "since").len("open").sort("since", "place"),
            formula=gap.kind.rule,
        )


def _nothing(gap: OpenGap, cut: date) -> Option:
    oldest = gap.oldest()
    days = (cut - oldest).days if oldest else 0
    return option(
        NOTHING,
        Text(
            zh="{n} 项继续悬置，最久的已 {d} 天",
            en="{n} stay open, the oldest for {d} days already",
        ).fill(n=count(0 if gap.items is None else gap.items.height), d=days),
    )


def _simple(
    kind: str, recommended: Text, other: Text, other_effect: Text
) -> Callable[[Context, OpenGap], tuple[tuple[Option, ...], Amounts]]:
    """Make the plan of a gap whose harm is its count times a weight."""

    def plan(context: Context, gap: OpenGap) -> tuple[tuple[Option, ...], Amounts]:
        n = 0 if gap.items is None else gap.items.height
        return (
            option(
                recommended,
                Text(zh="{n} 项清零", en="all {n} closed").fill(n=count(n)),
                recommended=True,
            ),
            option(other, other_effect.fill(n=count(n))),
        ), {kind: float(n)}

    return plan


def _admit(context: Context, gap: OpenGap) -> tuple[tuple[Option, ...], Amounts]:
    found = context.plan.assignments
    n = 0 if gap.items is None else gap.items.height
    if found is None:
        return (
            option(
                Text(zh="按应收尽收安排床位", en="find a bed for each"),
                Text(zh="{n} 人收治", en="{n} admitted").fill(n=n),
                recommended=True,
            ),
        ), {"patient_waiting_day": float(n)}
    beds = found.filter(pl.col("outcome") == "admit")
    up = found.height - beds.height
    by_class = dict(found.group_by("class").len().iter_rows())
    far = beds["distance_km"].max()
    return (
        option(
            Text(zh="按附件 C 的床位安排收治", en="admit as Annex C assigns"),
            Text(
                zh="{a} 人有床，最远 {k} 公里；{u} 人上报协调",
                en="{a} get a bed, {k} km at the farthest; {u} are escalated",
            ).fill(
                a=count(beds.height),
                k=estimate(float(str(far))) if far is not None else "–",
                u=count(up),
            ),
            recommended=True,
        ),
        option(
            Text(zh="仅在本地收治", en="admit within the own place only"),
            Text(zh="{a} 人有床", en="{a} get a bed").fill(
                a=count(beds.filter(pl.col("distance_km") < 1).height)
            ),
        ),
    ), {
        "patient_waiting_day": float(by_class.get("mild", 0)),
        "severe_waiting_day": float(by_class.get("severe", 0)),
        "critical_waiting_day": float(by_class.get("critical", 0)),
    }


def _supply(context: Context, gap: OpenGap) -> tuple[tuple[Option, ...], Amounts]:
    n = 0 if gap.items is None else gap.items.height
    shared = context.plan.balance
    moved = 0 if shared is None else shared.transfers.height
    left = 0 if shared is None else shared.unmet.height
    staff = _staff_below(context, gap)
    return (
        option(
            Text(zh="按附件 E 调剂库存", en="move stock as Annex E proposes"),
            Text(
                zh="{m} 笔调剂；之后仍有 {l} 个地区—品种低于目标",
                en="{m} transfers; {l} place–item pairs stay below target",
            ).fill(m=count(moved), l=count(left)),
            recommended=True,
        ),
        option(
            Text(zh="等待在途物资", en="wait for goods on the way"),
            Text(zh="{n} 家机构继续低于底线", en="{n} facilities stay below the floor").fill(
                n=count(n)
            ),
        ),
    ), {"unprotected_staff_day": staff}


def _staff_below(context: Context, gap: OpenGap) -> float:
    """Count the staff in places with a facility below the floor; one each where none is recorded."""
    situation = context.picture.situation
    n = float(0 if gap.items is None else gap.items.height)
    if not situation.has("staff_teams") or gap.items is None:
        return n
    teams = situation.table("staff_teams").filter(
        (pl.col("date") == situation.cut)
        & pl.col("facility_id").is_not_null()
        & pl.col("place").is_in(gap.items["place"].unique().to_list())
    )
    facilities = situation.table("facilities").filter(pl.col("date") == situation.cut)
    share = n / max(
        facilities.filter(pl.col("place").is_in(gap.items["place"].unique().to_list())).height, 1
    )
    return max(float(teams["staff"].sum()) * min(share, 1.0), n)


def _measures(kind: str) -> Callable[[Context, OpenGap], tuple[tuple[Option, ...], Amounts]]:
    """Make the plan for measures that should not stand: whom they bind."""

    def plan(context: Context, gap: OpenGap) -> tuple[tuple[Option, ...], Amounts]:
        bound = _people_bound(context, gap)
        n = 0 if gap.items is None else gap.items.height
        return (
            option(
                Text(zh="12 小时内解除并公告", en="lift within 12 hours and publish it"),
                Text(zh="约 {p} 人解除限制", en="about {p} people are freed").fill(
                    p=estimate(bound)
                ),
                recommended=True,
            ),
            option(
                Text(zh="由发布机关补依据或续期", en="let the issuing body renew or show a basis"),
                Text(zh="{n} 项待补，期间仍属无效", en="{n} to be mended, void until then").fill(
                    n=count(n)
                ),
            ),
        ), {kind: max(bound, float(n))}

    return plan


def _people_bound(context: Context, gap: OpenGap) -> float:
    """Estimate the people under measures: residents × the share their lever touches (library)."""
    if gap.items is None:
        return 0.0
    open_places = dict(gap.items.group_by("place").len().iter_rows())
    total = 0.0
    for s in standing_measures(context.picture, gap.kind.label):
        if s.place not in open_places:
            continue
        flagged = {f.kind for f in s.flags} & {"expired", "no_basis"}
        lever = measure_links().get(s.kind)
        if flagged and lever is not None:
            total += context.population([s.place]) * levers()[lever].people_share
    return total


def _chains(context: Context, gap: OpenGap) -> tuple[tuple[Option, ...], Amounts]:
    situation, scope = context.picture.situation, context.picture.scope
    firms = work.chained(scope.inside(situation.table("enterprises")), situation.cut)
    away = float(work.blocks(firms)["staff_away"].sum())
    top = work.bottlenecks(firms).head(10)
    waiting = float(top["waiting_staff"].sum())
    return (
        option(
            Text(zh="先解决附件 G 的十家上游企业", en="first the ten firms upstream in Annex G"),
            Text(zh="最多 {w} 名职工可随之复工", en="up to {w} staff can follow them back").fill(
                w=count(waiting)
            ),
            recommended=True,
        ),
        option(
            Text(zh="按报告先后处理", en="in the order reported"),
            Text(
                zh="{a} 名未返岗职工，上游不通则下游返岗无效",
                en="{a} staff away; downstream returns wait for upstream",
            ).fill(a=count(away)),
        ),
    ), {"work_day_lost": away}


PLANS: dict[str, Callable[[Context, OpenGap], tuple[tuple[Option, ...], Amounts]]] = {
    "not_admitted": _admit,
    "not_tested": _simple(
        "suspect_untested_day",
        Text(zh="集中检测力量，样本当日送检", en="pool the laboratories, samples out the same day"),
        Text(zh="仅检有流行病学史者", en="test only those with a known exposure"),
        Text(zh="{n} 人中未知暴露者继续等待", en="of {n}, those without known exposure wait on"),
    ),
    "not_placed": _simple(
        "contact_unplaced_day",
        Text(
            zh="集中隔离点接收，居家条件合格者居家",
            en="central sites, at home where the home is fit",
        ),
        Text(zh="一律居家观察", en="all at home"),
        Text(
            zh="{n} 人居家，家庭内传播风险较高",
            en="{n} at home, with a higher risk within the household",
        ),
    ),
    "not_watched": _simple(
        "arrival_unwatched_day",
        Text(
            zh="社区登记并每日问询症状，14日到期自动解除",
            en="register and ask symptoms daily, release by itself after 14 days",
        ),
        Text(zh="仅发告知单", en="hand out the notice only"),
        Text(zh="{n} 人自我观察", en="{n} watch themselves"),
    ),
    "silent": _simple(
        "silent_unit_day",
        Text(zh="电话核实并补报", en="call and complete the report"),
        Text(zh="按前7日均值暂计", en="count the mean of seven days for now"),
        Text(zh="{n} 个单位为估计值并标注", en="{n} units estimated and marked so"),
    ),
    "below_floor": _supply,
    "expired": _measures("confined_without_basis_day"),
    "without_basis": _measures("confined_without_basis_day"),
    "unpaid": _simple(
        "family_unpaid_day",
        Text(zh="48 小时内发放，资料以已有为准", en="pay within 48 hours on the data already held"),
        Text(zh="核对后发放", en="pay after a check"),
        Text(zh="{n} 户多等核对的天数", en="{n} families wait for the check"),
    ),
    "visits_late": _simple(
        "visit_missed_day",
        Text(
            zh="今日补访，先高龄独居与独处儿童", en="visit today, the old and children alone first"
        ),
        Text(zh="先电话后上门", en="call first, visit later"),
        Text(zh="{n} 户先有电话问候", en="{n} households get a call first"),
    ),
    "blocked_roads": _simple(
        "shipment_blocked_day",
        Text(zh="开绿色通道，不停车、不检查", en="open the green channel: no stop, no check"),
        Text(zh="改线运输", en="send them another way"),
        Text(zh="{n} 批绕行", en="{n} take a detour"),
    ),
    "blocked_chains": _chains,
}
