"""Tiers to sign, and those to hold for a week."""

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl

from tongchou.morning.order import Decision, Option
from tongchou.morning.proposals.common import NOTHING, Context, option, propose
from tongchou.morning.proposals.weighing import (
    ALWAYS,
    assumed_levers,
    compared,
    cost_text,
    effect_text,
    join_sentences,
    swap_text,
)
from tongchou.morning.standing import levers_of, levers_recorded
from tongchou.scenario import measures as library
from tongchou.scenario.harm import package_harm_per_day
from tongchou.scenario.measures import KEEP
from tongchou.tiering.resurgence import resurgence_range
from tongchou.tiering.rules import Tier, tier_name
from tongchou.vocabulary.text import Text, count, share

RISKY_RESURGENCE = 0.5
"""Resurgence probability (central) from which waiting is advised instead of "low" (assumption: more
likely than not; the province may change it)."""


WAIT_DAYS = 7


def tier_decisions(context: Context) -> Iterator[Decision]:
    """Propose to sign the tiers that moved since yesterday, one decision for each kind of move."""
    frame = context.picture.tiers.frame
    moved = frame.filter(pl.col("change").is_in(["up", "down"])).with_columns(
        risky=(pl.col("tier") == "low")
        & (pl.col("resurgence_central").fill_null(0.0) >= RISKY_RESURGENCE)
    )
    keys = ["change", "previous_tier", "tier", "risky"]
    for key, rows in sorted(moved.group_by(keys), key=lambda pair: pair[0]):
        change, old, new = (str(k) for k in key[:3])
        if key[3]:
            yield _hold_decision(context, old, rows.sort("place"))  # type: ignore[arg-type]
        else:
            yield _tier_decision(context, change, old, new, rows.sort("place"))  # type: ignore[arg-type]


def _hold_decision(context: Context, old: Tier, rows: pl.DataFrame) -> Decision:
    """Advise to wait where the rule gives "low" and a resurgence is more likely than not."""
    places = rows["place"].to_list()
    people = context.population(places)
    wait = _waiting(context, rows, "low")
    worst = _resurgence_text(context, rows)
    before = levers_of(old) | levers_recorded(context.picture, places) | ALWAYS
    sign = library.Option(
        id="sign",
        name=Text(zh="签署低风险", en="sign “low” today"),
        lift=tuple(sorted(levers_of(old) - levers_of("low"))),
    )
    signed = compared(context, places, before, (sign,)).filter(pl.col("option") == "sign")
    row = signed.row(0, named=True)
    return propose(
        context,
        "tier_hold",
        id=f"tier-hold-{old}",
        sentence=Text(
            zh="{p}暂不下调，再观察 {d} 天", en="Hold {p} for {d} more days before “low”"
        ).fill(p=context.names(places), d=WAIT_DAYS),
        where=Text(zh="{n} 个单位，{p} 人；{w}", en="units: {n}, people: {p}; {w}").fill(
            n=len(places), p=count(people), w=worst
        ),
        places=places,
        options=(
            option(wait.name, wait.effect, recommended=True),
            option(sign.name, effect_text(row), cost=cost_text(row)),
            option(
                NOTHING,
                Text(zh="规则给出低风险而无人表态", en="the rule says low and nobody has said so"),
            ),
        ),
        amounts={},
        harm=max(-float(row["averted"]), 0.0) / context.outlook.upper.sizes["date"],
        rows=rows.select(
            "place",
            "rule",
            "cumulative",
            "days_since_last",
            "resurgence_low",
            "resurgence_central",
            "resurgence_high",
        ),
        formula=Text(
            zh="复燃概率中值不低于 {s} 的单位，建议再观察；危害 = 今日即下调所增加的感染 ÷ 14。",
            en="Units whose central resurgence probability is {s} or more are advised to wait; harm = infections added by signing today ÷ 14.",
        ).fill(s=share(RISKY_RESURGENCE)),
    )


def _tier_decision(
    context: Context, change: str, old: Tier, new: Tier, rows: pl.DataFrame
) -> Decision:
    scope = context.picture.scope
    places = rows["place"].to_list()
    before = levers_of(old) | levers_recorded(context.picture, places) | ALWAYS
    after = (before - (levers_of(old) - levers_of(new))) | levers_of(new)
    sign = library.Option(
        id="sign",
        name=Text(zh="签署{t}并换用相应措施", en="sign “{t}” and swap to its measures").fill(
            t=tier_name(new)
        ),
        add=tuple(sorted(after - before)),
        lift=tuple(sorted(before - after)),
    )
    outcomes = package_harm_per_day(
        compared(context, places, before, (sign,)), context.outlook.upper.sizes["date"]
    )
    signed = outcomes.filter(pl.col("option") == "sign").row(0, named=True)
    kept = cost_text(outcomes.filter(pl.col("option") == KEEP).row(0, named=True))
    people = context.population(places)
    risk = _resurgence_text(context, rows) if new == "low" else None
    effect = effect_text(signed)
    verb = {
        "down": Text(zh="将{p}下调为{t}", en="Lower {p} to {t}"),
        "up": Text(zh="将{p}上调为{t}", en="Raise {p} to {t}"),
    }[change]
    options = (
        option(
            sign.name,
            effect if risk is None else join_sentences(effect, risk),
            recommended=True,
            cost=cost_text(signed),
            burden=swap_text(before - after, after - before),
        ),
        _waiting(context, rows, new) if change == "down" else _partly(context, rows, old),
        option(
            NOTHING,
            Text(
                zh="{n} 人继续按{old}管理，与规则不符",
                en="{n} people stay under “{old}” against the rule",
            ).fill(n=count(people), old=tier_name(old)),
            cost=kept,
        ),
    )
    areas = list(dict.fromkeys(scope.area_of(p) for p in places))
    return propose(
        context,
        f"tier_{change}",
        id=f"tier-{change}-{old}-{new}",
        sentence=verb.fill(p=context.names(places), t=tier_name(new)),
        where=Text(zh="{a}：{n} 个单位，{p} 人", en="{a}; units: {n}, people: {p}").fill(
            a=context.names(areas), n=len(places), p=count(people)
        ),
        places=places,
        options=options,
        amounts={},
        harm=_tier_harm(context, change, signed),
        rows=rows.select(
            "place", "previous_tier", "tier", "rule", "cumulative", "new", "days_since_last"
        ),
        formula=Text(
            zh="与维持现状在同一随机数下相比：上调按避免感染 ÷ 14 计，下调按（找回产出与减轻负担的加权值 − 增加的感染）÷ 14 计。",
            en="Against keeping things, on the same random numbers: a move up weighs infections averted ÷ 14, a move down (weighted output and burden regained − infections added) ÷ 14.",
        ),
        notes=[
            assumed_levers(before),
            *(
                Text(zh="{p}：{r}", en="{p}: {r}").fill(
                    p=context.name(r["place"]), r=Text(zh=r["reason_zh"], en=r["reason_en"])
                )
                for r in rows.head(12).iter_rows(named=True)
            ),
        ],
    )


def _tier_harm(context: Context, change: str, signed: Mapping[str, float]) -> float:
    """Weigh a move: upwards by the infections averted, downwards by output and burden regained."""
    if change == "up":
        return max(float(signed["averted"]), 0.0) / context.outlook.upper.sizes["date"]
    return max(float(signed["harm_per_day"]), 0.0)


def _resurgence_text(context: Context, rows: pl.DataFrame) -> Text:
    known = rows.filter(pl.col("resurgence_central").is_not_null())
    if known.is_empty():
        return Text(zh="从未报告病例，无复燃估计", en="never a case, no resurgence estimate")
    worst = known.sort("resurgence_central").row(-1, named=True)
    return Text(
        zh="复燃概率最高为{p} {c}（{lo}～{hi}）",
        en="highest resurgence probability {c} ({lo} to {hi}), in {p}",
    ).fill(
        p=context.name(worst["place"]),
        c=share(worst["resurgence_central"]),
        lo=share(worst["resurgence_low"]),
        hi=share(worst["resurgence_high"]),
    )


def _waiting(context: Context, rows: pl.DataFrame, new: Tier) -> Option:
    """Wait a week more: what the resurgence probability falls to, and who stays bound."""
    people = context.population(rows["place"].to_list())
    name = Text(zh="再观察 {d} 天", en="wait {d} more days").fill(d=WAIT_DAYS)
    if new != "low" or rows["days_since_last"].is_null().all():
        return option(
            name,
            Text(zh="{n} 人的限制延长 {d} 天", en="{n} people stay bound for {d} more days").fill(
                n=count(people), d=WAIT_DAYS
            ),
        )
    silent = rows["days_since_last"].drop_nulls().to_numpy().astype(float)
    later = resurgence_range(silent + WAIT_DAYS, np.ones_like(silent))
    return option(
        name,
        Text(
            zh="复燃概率降至 {p}（单位最高值），{n} 人的限制延长 {d} 天",
            en="resurgence probability falls to {p} (highest unit); {n} people stay bound for {d} more days",
        ).fill(p=share(float(later.sel(scenario="central").max())), n=count(people), d=WAIT_DAYS),
    )


def _partly(context: Context, rows: pl.DataFrame, old: Tier) -> Option:
    return option(
        Text(
            zh="等级不变，先行流调并隔离全部密接",
            en="keep the tier, investigate and place all contacts first",
        ),
        Text(
            zh="{n} 人不增加限制；若属社区传播，{old}的措施不足以压低 R",
            en="{n} people see no new restriction; if it spreads in the community, the measures of “{old}” will not bring R down",
        ).fill(n=count(context.population(rows["place"].to_list())), old=tier_name(old)),
    )
