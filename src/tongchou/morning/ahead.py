"""The next fourteen days in dates: running out, tiers, imports, reviews, deadlines."""

from collections.abc import Iterator
from datetime import timedelta

import polars as pl

from tongchou.morning.annexes.outlook import BED_NAMES
from tongchou.morning.levels import level_reviews
from tongchou.morning.order import Ahead
from tongchou.morning.outlook import Outlook
from tongchou.morning.picture import Picture
from tongchou.morning.records import item_name
from tongchou.morning.rivals.members import HORIZON
from tongchou.morning.solve import Plan
from tongchou.tiering.rules import Tier, tier_name
from tongchou.vocabulary.text import Text, count, day, estimate, join, same

SHOWN = 3
"""Entries of one kind written out; the annexes hold all."""

LIKELY = 0.5
"""Chance from which a tier change is called likely."""


def look_at_dates(picture: Picture, outlook: Outlook, plan: Plan) -> tuple[Ahead, ...]:
    """Give the dates of the next fourteen days, earliest first."""
    found = [
        *_beds(picture, plan),
        *_stocks(picture, plan),
        *_tiers(picture, outlook),
        *_imports(picture, outlook),
        *_levels(picture),
        *_deadlines(picture),
    ]
    return tuple(sorted(found, key=lambda a: (a.on, a.kind)))


def _name(picture: Picture, place: str) -> Text:
    return picture.scope.names.get(place, same(place))


def _beds(picture: Picture, plan: Plan) -> Iterator[Ahead]:
    if plan.bed_out is None:
        return
    rows = plan.bed_out.filter(pl.col("on").is_not_null()).sort("on", "place").head(SHOWN)
    for row in rows.iter_rows(named=True):
        yield Ahead(
            kind="beds",
            on=row["on"],
            until=None,
            where=_name(picture, row["place"]),
            text=Text(
                zh="{c}床位住满（共 {b} 张，峰值需 {p} 张）",
                en="beds for {c} run out ({b} beds, peak need {p})",
            ).fill(c=BED_NAMES[row["bed"]], b=count(row["beds"]), p=estimate(row["peak"])),
            probability=row["probability"],
        )


def _stocks(picture: Picture, plan: Plan) -> Iterator[Ahead]:
    if plan.stock_out is None:
        return
    rows = plan.stock_out.filter(pl.col("on").is_not_null())
    by_item = rows.group_by("item").agg(
        pl.col("on").min(),
        n=pl.len(),
        place=pl.col("place").sort_by("on", "place").first(),
        p=pl.col("probability").max(),
    )
    for row in by_item.sort("on", "item").head(SHOWN).iter_rows(named=True):
        yield Ahead(
            kind="stock",
            on=row["on"],
            until=None,
            where=_name(picture, row["place"]),
            text=Text(
                zh="{i}断供，此后14日内共 {n} 家机构",
                en="{i} runs out; {n} facilities within the 14 days",
            ).fill(i=item_name(row["item"]), n=count(row["n"])),
            probability=row["p"],
        )


def _tiers(picture: Picture, outlook: Outlook) -> Iterator[Ahead]:
    moves = outlook.tier_moves.filter(pl.col("probability") >= LIKELY)
    groups = moves.group_by(
        "to", week=(pl.col("on") - pl.lit(picture.situation.cut)).dt.total_days() > 7
    ).agg(
        pl.len(),
        first=pl.col("on").min(),
        last=pl.col("on").max(),
        p=pl.col("probability").mean(),
        places=pl.col("place").sort_by("on", "place").head(3),
    )
    for row in groups.sort("first", "to").iter_rows(named=True):
        tier: Tier = row["to"]
        yield Ahead(
            kind="tier",
            on=row["first"],
            until=row["last"],
            where=join([_name(picture, p) for p in row["places"]]),
            text=Text(
                zh="共 {n} 个单位很可能变为{t}，平均概率如右",
                en="units likely to become {t}: {n}; mean probability beside",
            ).fill(n=count(row["len"]), t=tier_name(tier)),
            probability=row["p"],
        )


def _imports(picture: Picture, outlook: Outlook) -> Iterator[Ahead]:
    pressure = outlook.imports
    if pressure is None:
        return
    exposed = picture.tiers.frame.filter(pl.col("tier") != "high")["place"].to_list()
    top = pressure.frame.filter(pl.col("place").is_in(exposed)).head(3)
    if top.is_empty():
        return
    start = picture.situation.cut + timedelta(days=1)
    names = join([_name(picture, p) for p in top["place"]])
    text = (
        Text(
            zh="预计每日输入感染合计 {n} 人，最多的三地如左（流动数据日 {d}）",
            en="{n} imported infections a day expected in all; the three most exposed places beside (flows of {d})",
        ).fill(n=estimate(float(pressure.frame["pressure"].sum())), d=pressure.flows_of)
        if pressure.in_persons
        else Text(
            zh="中低风险单位中输入压力指数最高的三地，为全部单位平均的 {x} 倍以上（仅有流动比例，未计出口管控；流动数据日 {d}）",
            en="highest importation index among low and medium units, {x} times the mean of all units or more (shares only, exit controls not counted; flows of {d})",
        ).fill(x=estimate(float(top["pressure"].to_numpy().min())), d=pressure.flows_of)
    )
    yield Ahead(
        kind="imports", on=start, until=start + timedelta(days=HORIZON - 1), where=names, text=text
    )


def _levels(picture: Picture) -> Iterator[Ahead]:
    last = picture.situation.cut + timedelta(days=HORIZON)
    due = [
        r for r in level_reviews(picture) if r.standing.review_on and r.standing.review_on <= last
    ]
    overdue = [
        r for r in due if r.standing.review_on and r.standing.review_on <= picture.situation.cut
    ]
    soon = [r for r in due if r not in overdue]
    for reviews, text in (
        (
            overdue,
            Text(
                zh="响应级别复核已到期，共 {n} 地（最早 {d}）",
                en="level reviews overdue, areas: {n} (the oldest since {d})",
            ),
        ),
        (
            soon,
            Text(
                zh="响应级别须复核，共 {n} 地（最早 {d}）",
                en="level reviews due, areas: {n} (the first on {d})",
            ),
        ),
    ):
        if not reviews:
            continue
        first = min(reviews, key=lambda r: (r.standing.review_on, r.place))
        on = first.standing.review_on
        assert on is not None
        yield Ahead(
            kind="level",
            on=max(on, picture.situation.cut + timedelta(days=1)),
            until=None,
            where=join([_name(picture, r.place) for r in reviews[:SHOWN]]),
            text=text.fill(n=len(reviews), d=day(on)),
        )


def _deadlines(picture: Picture) -> Iterator[Ahead]:
    situation, scope = picture.situation, picture.scope
    last = situation.cut + timedelta(days=HORIZON)
    if situation.has("payments"):
        rows = scope.inside(situation.table("payments")).filter(
            pl.col("paid_on").is_null()
            & (pl.col("due_on") > situation.cut)
            & (pl.col("due_on") <= last)
        )
        if not rows.is_empty():
            yield Ahead(
                kind="deadline",
                on=rows["due_on"].min(),  # type: ignore[arg-type]
                until=rows["due_on"].max(),  # type: ignore[arg-type]
                where=scope.name,
                text=Text(
                    zh="{n} 笔款项到发放期限，合计 {m} 万元",
                    en="{n} payments fall due, {k} thousand CNY in all",
                ).fill(
                    n=count(rows.height),
                    m=estimate(float(rows["amount"].sum()) / 1e4),
                    k=estimate(float(rows["amount"].sum()) / 1e3),
                ),
            )
    if situation.has("measures"):
        rows = scope.inside(situation.table("measures")).filter(
            pl.col("lifted_on").is_null()
            & (pl.col("expires_on") > situation.cut)
            & (pl.col("expires_on") <= last)
        )
        if not rows.is_empty():
            yield Ahead(
                kind="deadline",
                on=rows["expires_on"].min(),  # type: ignore[arg-type]
                until=rows["expires_on"].max(),  # type: ignore[arg-type]
                where=scope.name,
                text=Text(
                    zh="{n} 项措施到期，不依法续期即自动失效",
                    en="{n} measures expire and lapse unless lawfully renewed",
                ).fill(n=count(rows.height)),
            )
