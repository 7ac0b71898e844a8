"""Proposals about the epidemic itself: tiers to sign, spread to stop, response levels to review."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import polars as pl
import xarray as xr

from tongchou.morning.levels import LevelReview, level_reviews
from tongchou.morning.order import Decision, Option
from tongchou.morning.picture import early_signs
from tongchou.morning.proposal import NOTHING, Context, option, propose
from tongchou.morning.standing import levers_of, levers_recorded
from tongchou.scenario import measures as library
from tongchou.scenario.compare import compare
from tongchou.scenario.harm import package_harm_per_day
from tongchou.scenario.measures import KEEP
from tongchou.tiering.levels import level_name
from tongchou.tiering.resurgence import resurgence_range
from tongchou.tiering.rules import Tier, tier_name
from tongchou.transmission.renewal import forecast
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text, count, day, estimate, join, share

DRAWS = 200
"""Futures drawn for each option: enough for a ranking, a fifth of those behind the forecasts."""

SPREADING_CASES = 10
"""New cases in seven days from which an R above one asks for a decision (assumption: the 11 cases of
the window rule of Cori et al., rounded; the lead epidemiologist may change it)."""

MOST_SPREADING = 4
"""Units for which packages are compared on one morning, those with most new cases first."""

RISKY_RESURGENCE = 0.5
"""Resurgence probability (central) from which waiting is advised instead of "low" (assumption: more
likely than not; the province may change it)."""

BURST_SHARE = 0.5
"""Share of seven days' cases on one day above which R speaks of that report (assumption; the lead
epidemiologist may change it)."""

WAIT_DAYS = 7

VISIBLE = 1.0
"""Difference in infections below which an effect is said to be under one case."""

ALWAYS = frozenset({"isolate_cases", "trace_contacts"})
"""Levers that the law keeps in force everywhere: they are taken as standing where no record says so."""


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
    signed = _compared(context, places, before, (sign,)).filter(pl.col("option") == "sign")
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
            option(sign.name, _effect(row), cost=_cost(row)),
            option(
                NOTHING,
                Text(zh="规则给出低风险而无人表态", en="the rule says low and nobody has said so"),
            ),
        ),
        amounts={},
        harm=max(-float(row["averted"]), 0.0) / context.outlook.upper.sizes["date"],
        rows=rows.select(
            "place", "rule", "cumulative", "days_since_last", "resurgence_low", "resurgence_central", "resurgence_high"
        ),
        formula=Text(
            zh="反弹概率中值不低于 {s} 的单位，建议再观察；危害 = 今日即下调所增加的感染 ÷ 14。",
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
        _compared(context, places, before, (sign,)), context.outlook.upper.sizes["date"]
    )
    signed = outcomes.filter(pl.col("option") == "sign").row(0, named=True)
    kept = _cost(outcomes.filter(pl.col("option") == KEEP).row(0, named=True))
    people = context.population(places)
    risk = _resurgence_text(context, rows) if new == "low" else None
    effect = _effect(signed)
    verb = {
        "down": Text(zh="将{p}下调为{t}", en="Lower {p} to {t}"),
        "up": Text(zh="将{p}上调为{t}", en="Raise {p} to {t}"),
    }[change]
    options = (
        option(
            sign.name,
            effect if risk is None else join_sentences(effect, risk),
            recommended=True,
            cost=_cost(signed),
            burden=_swap_text(before - after, after - before),
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
            _assumed_levers(before),
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


def join_sentences(*parts: Text) -> Text:
    """Give sentences as one text."""
    return Text(zh="；".join(p.zh for p in parts), en="; ".join(p.en for p in parts))


def _compared(
    context: Context,
    where: list[str],
    in_force: frozenset[str],
    choices: tuple[library.Option, ...] | None,
) -> pl.DataFrame:
    """Compare options for some units, the others going on as they are."""
    picture, outlook = context.picture, context.outlook
    units = list(picture.scope.units)
    known = picture.analytic.sel(place=units)

    def ahead(multiplier: xr.DataArray, rng: np.random.Generator) -> xr.Dataset:
        return forecast(
            known, outlook.assumptions, draws=DRAWS, multiplier=multiplier, only=where, rng=rng
        )

    return compare(
        ahead,
        economic_places(context),
        in_force,
        parameter("case_fatality_adjusted", population="China"),
        np.random.default_rng(outlook.seed),
        where=where,
        choices=choices,
    )


def economic_places(context: Context) -> pl.DataFrame:
    """Give place, population and gross product of the units, null where the pack has none."""
    scope, situation = context.picture.scope, context.picture.situation
    product: dict[str, float] = {}
    if situation.has("places"):
        product = dict(
            situation.table("places")
            .filter(pl.col("gross_product").is_not_null())
            .select("place", "gross_product")
            .iter_rows()
        )
    units = list(scope.units)
    return pl.DataFrame(
        {
            "place": units,
            "population": [float(scope.population.get(u) or 0) for u in units],
            "gross_product": [product.get(u) for u in units],
        },
        schema={"place": pl.String, "population": pl.Float64, "gross_product": pl.Float64},
    )


def _effect(row: dict[str, float]) -> Text:
    averted = float(row["averted"])
    if max(abs(float(row[c])) for c in ("averted", "averted_low", "averted_high")) < VISIBLE:
        return Text(
            zh="14日内感染差别不足1例", en="under one case of difference in infections in 14 days"
        )
    fewer = averted >= 0
    words = (
        Text(
            zh="14日内少感染 {n} 例（{lo}～{hi}），少死亡 {d}",
            en="{n} fewer infections in 14 days ({lo} to {hi}), {d} fewer deaths",
        )
        if fewer
        else Text(
            zh="14日内多感染 {n} 例（{lo}～{hi}），多死亡 {d}",
            en="{n} more infections in 14 days ({lo} to {hi}), {d} more deaths",
        )
    )
    bounds = sorted((abs(float(row["averted_low"])), abs(float(row["averted_high"]))))
    per_case = float(row["deaths"]) / float(row["infections"]) if row["infections"] else 0.0
    return words.fill(
        n=estimate(abs(averted), 2),
        lo=estimate(bounds[0], 2),
        hi=estimate(bounds[1], 2),
        d=estimate(abs(averted) * per_case, 2),
    )


def _cost(row: dict[str, object]) -> Text:
    if row["output_at_stake"] is None:
        return Text(zh="无数据：表 places.gross_product", en="no data: table places.gross_product")
    return Text(
        zh="14日仍停产出 {m} 亿元", en="output still stopped in 14 days: {w} million CNY"
    ).fill(
        m=estimate(float(str(row["output_at_stake"])) / 1e8),
        w=estimate(float(str(row["output_at_stake"])) / 1e6),
    )


def _swap_text(lifted: frozenset[str], added: frozenset[str]) -> Text:
    names = library.measures()
    parts = []
    if lifted:
        parts.append(
            Text(zh="解除：{l}", en="lifted: {l}").fill(
                l=join([names[m].name for m in sorted(lifted)])
            )
        )
    if added:
        parts.append(
            Text(zh="新增：{l}", en="added: {l}").fill(
                l=join([names[m].name for m in sorted(added)])
            )
        )
    if not parts:
        return Text(zh="限制性措施不变", en="restrictions stay the same")
    return join_sentences(*parts)


def _assumed_levers(levers: frozenset[str]) -> Text:
    listed = join([library.measures()[m].name for m in sorted(levers)])
    return Text(
        zh="假设现行措施为：{l}（取自原等级措施包与在行措施记录）。",
        en="Taken as in force: {l} (the former tier's package and the measures on record).",
    ).fill(l=listed)


def _resurgence_text(context: Context, rows: pl.DataFrame) -> Text:
    known = rows.filter(pl.col("resurgence_central").is_not_null())
    if known.is_empty():
        return Text(zh="从未报告病例，无反弹估计", en="never a case, no resurgence estimate")
    worst = known.sort("resurgence_central").row(-1, named=True)
    return Text(
        zh="反弹概率最高为{p} {c}（{lo}～{hi}）",
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
            zh="反弹概率降至 {p}（单位最高值），{n} 人的限制延长 {d} 天",
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


def spread_decisions(context: Context) -> Iterator[Decision]:
    """Propose a package for each unit where R is credibly above one and cases are not few.

    Units, not provinces: a cluster in one place (a prison, a hospital) is no reason to bind a province.
    """
    picture = context.picture
    rt = picture.rt.isel(date=-1)
    week = picture.analytic.isel(date=slice(-7, None)).sum("date")
    spreading = [
        a
        for a in picture.scope.units
        if float(rt["q025"].sel(place=a)) > 1 and float(week.sel(place=a)) >= SPREADING_CASES
    ]
    spreading.sort(key=lambda a: -float(week.sel(place=a)))
    for area in spreading[:MOST_SPREADING]:
        members = [area]
        in_force = levers_recorded(picture, members) | ALWAYS
        adding = tuple(o for o in library.options(in_force) if not o.lift and o.id != KEEP)
        if not adding:
            continue
        outcomes = _compared(context, members, in_force, adding).sort("averted", descending=True)
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
                _effect(wide),
                cost=_cost(wide),
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


def sign_decisions(context: Context) -> Iterator[Decision]:
    """Propose to look into units whose counts passed the limit of the early-warning chart tonight."""
    signs = early_signs(context.picture)
    if signs.is_empty():
        return
    places = signs["place"].to_list()
    yield propose(
        context,
        "early_sign",
        id="early_sign",
        sentence=Text(
            zh="24小时内核查 {n} 处早期信号", en="Review all early signs within 24 hours ({n})"
        ).fill(n=len(places)),
        where=context.names(places),
        places=places,
        options=(
            option(
                Text(zh="县级疾控逐一核查并答复", en="the county CDC checks and answers each"),
                Text(
                    zh="每处有结论：传播、补报或重复",
                    en="a finding for each: spread, late report or double",
                ),
                recommended=True,
            ),
            option(
                Text(zh="仅核查无前史的单位", en="only units without earlier cases"),
                Text(zh="核查 {n} 处", en="reviewed: {n}").fill(
                    n=int((signs["confirmed"] == signs["new7"]).sum())
                ),
            ),
            option(
                NOTHING,
                Text(zh="{n} 处信号无人答复", en="signs left without an answer: {n}").fill(
                    n=len(places)
                ),
            ),
        ),
        amounts={"early_sign_day": float(len(places))},
        rows=signs,
        formula=Text(
            zh="指数加权均值 z 超过前14日（间隔1日）均值加3个标准差即为信号；单独一例不算。",
            en="A sign is an exponentially weighted mean above the mean of the 14 days before (1 day apart) plus 3 standard deviations; one case alone is none.",
        ),
    )


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
            _effect(r),
            recommended=recommended,
            cost=_cost(r),
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
        cost=_cost(keep),
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
        notes=[_assumed_levers(in_force)],
    )


def level_decisions(context: Context) -> Iterator[Decision]:
    """Propose to step a response level down or up where its checklist says so."""
    for review in level_reviews(context.picture):
        found = review.readiness
        if found.advice == "stay" or not _news_since(context, review):
            continue
        kind = "level_down" if found.advice == "step_down" else "level_up"
        items = pl.DataFrame(
            [
                {
                    "from": s.from_level,
                    "to": s.to_level,
                    "item": i.item,
                    "status": i.status,
                    "value": i.value,
                }
                for s in found.sheets
                for i in s.items
            ],
            schema={
                "from": pl.String,
                "to": pl.String,
                "item": pl.String,
                "status": pl.String,
                "value": pl.Float64,
            },
        )
        people = context.population([review.place])
        yield propose(
            context,
            kind,
            id=f"{kind}-{review.place}",
            sentence=Text(zh="{a}响应级别调整为{l}", en="Move {a} to {l}").fill(
                a=context.name(review.place), l=level_name(found.proposed)
            ),
            where=context.name(review.place),
            places=[review.place],
            options=(
                option(
                    Text(zh="调整为{l}", en="move to {l}").fill(l=level_name(found.proposed)),
                    found.reason,
                    recommended=True,
                ),
                option(
                    NOTHING, Text(zh="维持{l}", en="stay at {l}").fill(l=level_name(found.level))
                ),
            ),
            amounts={"burden_day": people * 0.1},
            rows=items,
            formula=Text(
                zh="清单各项阈值见响应级别方法页；全部达标方提议下调，任一项跌破即提议上调。",
                en="Thresholds of the checklist are on the page on response levels; all must pass to propose a step down, any failing one proposes a step up.",
            ),
        )


def _news_since(context: Context, review: LevelReview) -> bool:
    """Whether a case has come since the level was set: without one, a step up has no new reason."""
    if review.readiness.advice != "step_up" or review.standing.since is None:
        return True
    new = context.picture.new.sel(place=review.place)
    since = np.datetime64(review.standing.since.effective.date(), "ns")
    return bool((new.where(new["date"] >= since, 0) > 0).any())


EPIDEMIC: tuple[Callable[[Context], Iterator[Decision]], ...] = (
    tier_decisions,
    spread_decisions,
    sign_decisions,
    level_decisions,
)
