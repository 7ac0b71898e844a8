"""Spread to stop, clusters to contain."""

from collections.abc import Iterator

import numpy as np
import polars as pl
import xarray as xr

from tongchou.morning.order import Decision
from tongchou.morning.picture import Picture
from tongchou.morning.proposals.common import NOTHING, Context, option, propose
from tongchou.morning.proposals.weighing import (
    ALWAYS,
    assumed_levers,
    compared,
    cost_text,
    effect_text,
)
from tongchou.morning.standing import levers_recorded
from tongchou.scenario import measures as library
from tongchou.scenario.measures import KEEP
from tongchou.vocabulary.text import Text, count, day, estimate, share

SPREADING_CASES = 10
"""New cases in seven days from which an R above one asks for a decision (assumption: the 11 cases of
the window rule of Cori et al., rounded; the lead epidemiologist may change it)."""


MOST_SPREADING = 4
"""Units for which packages are compared on one morning, those with most new cases first."""


BURST_SHARE = 0.5
"""Share of seven days' cases on one day above which R speaks of that report (assumption; the lead
epidemiologist may change it)."""


def spreading(picture: Picture) -> list[str]:
    """Give the units for which packages are compared this morning, those with most cases first."""
    rt = picture.rt.isel(date=-1)
    week = picture.analytic.isel(date=slice(-7, None)).sum("date")
    found = [
        a
        for a in picture.scope.units
        if float(rt["q025"].sel(place=a)) > 1 and float(week.sel(place=a)) >= SPREADING_CASES
    ]
    return sorted(found, key=lambda a: -float(week.sel(place=a)))[:MOST_SPREADING]


def spread_decisions(context: Context) -> Iterator[Decision]:
    """Propose a package for each unit where R is credibly above one and cases are not few.

    Units, not provinces: a cluster in one place (a prison, a hospital) is no reason to bind a province.
    """
    picture = context.picture
    for area in spreading(picture):
        members = [area]
        in_force = levers_recorded(picture, members) | ALWAYS
        adding = tuple(o for o in library.options(in_force) if not o.lift and o.id != KEEP)
        if not adding:
            continue
        outcomes = compared(context, members, in_force, adding).sort("averted", descending=True)
        if burst(picture.analytic.sel(place=area)) > BURST_SHARE:
            yield _cluster_decision(context, area, outcomes)
        else:
            yield _spread_decision(context, area, members, in_force, outcomes)


def burst(new: xr.DataArray) -> float:
    """Give the largest share of the last seven days' cases that came on a single day.

    A report of many cases at once, from one prison, hospital or home, makes R look high without
    spread in the community.
    """
    week = new.isel(date=slice(-7, None))
    total = float(week.sum())
    return float(week.max()) / total if total > 0 else 0.0


def recommended_package(outcomes: pl.DataFrame, r_upper: float) -> str:
    """Give the lightest option that brings R below one, else the lightest with the strongest effect.

    Where freedom is taken the least burdensome way to the same end is proposed (M065): of the
    options whose multiplier brings the upper bound of R below one, that of least burden.

    Parameters
    ----------
    outcomes
        Result of :func:`tongchou.scenario.compare.compare`.
    r_upper
        Upper bound (97.5 %) of R today.
    """
    choices = outcomes.filter(pl.col("option") != KEEP)
    enough = choices.filter(pl.col("multiplier") * r_upper < 1)
    if enough.is_empty():
        enough = choices.filter(pl.col("least_burden"))
    if enough.is_empty():
        enough = choices.sort("averted", descending=True).head(1)
    return str(enough.sort("burden_days", "option")["option"][0])


def _cluster_decision(context: Context, area: str, outcomes: pl.DataFrame) -> Decision:
    """Propose to contain a burst where it is, before anybody else is bound."""
    week = context.picture.analytic.sel(place=area).isel(date=slice(-7, None))
    peak = float(week.max())
    on = week["date"].values[int(np.argmax(week.to_numpy()))].astype("datetime64[D]").item()
    keep = outcomes.filter(pl.col("option") == KEEP).row(0, named=True)
    wide = (
        outcomes.filter(pl.col("option") != KEEP)
        .sort("averted", descending=True)
        .row(0, named=True)
    )
    note = context.picture.situation.corrections.filter(
        (pl.col("place") == area) & (pl.col("date") == on)
    )
    known = [Text(zh=r["reason_zh"], en=r["reason_en"]) for r in note.iter_rows(named=True)]
    seen = Text(
        zh="近7日 {t} 例中 {n} 例在{d}一天报告",
        en="{n} of the {t} cases of seven days were reported on one day, {d}",
    ).fill(t=count(float(week.sum())), n=count(peak), d=day(on))
    return propose(
        context,
        "cluster",
        id=f"cluster-{area}",
        sentence=Text(
            zh="查清并就地控制{a}的聚集性疫情",
            en="Investigate and contain the cluster in {a} where it is",
        ).fill(a=context.name(area)),
        where=Text(zh="{a}，{s}", en="{a}; {s}").fill(a=context.name(area), s=seen),
        places=[area],
        options=(
            option(
                Text(
                    zh="封控所在场所，场所内全员检测、密接全部隔离",
                    en="close the setting, test all in it, place all its contacts",
                ),
                known[0] if known else seen,
                recommended=True,
                burden=Text(zh="仅限所在场所人员", en="only the people of the setting"),
            ),
            option(
                Text(zh="对全市采取：{m}", en="for the whole place: {m}").fill(
                    m=Text(zh=wide["name_zh"], en=wide["name_en"])
                ),
                effect_text(wide),
                cost=cost_text(wide),
                burden=Text(zh="受限 {n} 人", en="{n} people under a measure").fill(
                    n=count(wide["people_under_burden"])
                ),
            ),
            option(
                NOTHING,
                Text(
                    zh="若为社区传播，14日内感染 {n} 例（{lo}～{hi}）",
                    en="if it spreads in the community, {n} infections in 14 days ({lo} to {hi})",
                ).fill(
                    n=estimate(keep["infections"], 2),
                    lo=estimate(keep["infections_low"], 2),
                    hi=estimate(keep["infections_high"], 2),
                ),
            ),
        ),
        amounts={},
        harm=max(float(wide["averted"]), 0.0) / context.outlook.upper.sizes["date"],
        rows=outcomes.select("option", "multiplier", "infections", "averted", "burden_days"),
        formula=Text(
            zh="一天报告的病例超过近7日的 {s}，R 主要反映这一次报告，先查场所；危害按社区传播时可避免的感染 ÷ 14 计，为上限。",
            en="More than {s} of seven days' cases came on one day, so R mainly reflects that report: the setting first. Harm is the infections averted if it were community spread ÷ 14, an upper bound.",
        ).fill(s=share(BURST_SHARE)),
        notes=known,
    )


def _spread_decision(
    context: Context,
    area: str,
    members: list[str],
    in_force: frozenset[str],
    outcomes: pl.DataFrame,
) -> Decision:
    rt = context.picture.rt.isel(date=-1).sel(place=area)
    best = recommended_package(outcomes, float(rt["q975"]))
    chosen = outcomes.filter(pl.col("option") == best).row(0, named=True)
    other = outcomes.filter(~pl.col("option").is_in([KEEP, best])).head(1)
    rows = [(chosen, True), *((r, False) for r in other.iter_rows(named=True))]
    options = tuple(
        option(
            Text(zh=r["name_zh"], en=r["name_en"]),
            effect_text(r),
            recommended=recommended,
            cost=cost_text(r),
            burden=Text(zh="受限 {n} 人", en="{n} people under a measure").fill(
                n=count(r["people_under_burden"])
            ),
        )
        for r, recommended in rows
    )
    keep = outcomes.filter(pl.col("option") == KEEP).row(0, named=True)
    nothing = option(
        NOTHING,
        Text(
            zh="14日内感染 {n} 例（{lo}～{hi}）", en="{n} infections in 14 days ({lo} to {hi})"
        ).fill(
            n=estimate(keep["infections"], 2),
            lo=estimate(keep["infections_low"], 2),
            hi=estimate(keep["infections_high"], 2),
        ),
        cost=cost_text(keep),
    )
    return propose(
        context,
        "spread",
        id=f"spread-{area}",
        sentence=Text(zh="在{a}{m}", en="In {a}: {m}").fill(
            a=context.name(area), m=Text(zh=chosen["name_zh"], en=chosen["name_en"])
        ),
        where=Text(zh="{a}，R {r}（{lo}～{hi}）", en="{a}, R {r} ({lo} to {hi})").fill(
            a=context.name(area),
            r=estimate(float(rt["median"])),
            lo=estimate(float(rt["q025"])),
            hi=estimate(float(rt["q975"])),
        ),
        places=members,
        options=(*options, nothing),
        amounts={},
        harm=max(float(chosen["averted"]), 0.0) / context.outlook.upper.sizes["date"],
        rows=outcomes.select(
            "option",
            "multiplier",
            "infections",
            "averted",
            "deaths",
            "output_at_stake",
            "burden_days",
            "pareto",
            "least_burden",
        ),
        formula=Text(
            zh="各方案在同一随机数下预测14日；建议为能使 R 上限降到1以下的方案中负担最小者；危害 = 避免感染 ÷ 14。",
            en="Each option forecast for 14 days on the same random numbers; of those that bring the upper bound of R below one the least burdensome is recommended; harm = infections averted ÷ 14.",
        ),
        notes=[assumed_levers(in_force)],
    )
