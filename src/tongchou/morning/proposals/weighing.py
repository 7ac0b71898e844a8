"""Options weighed on the same random numbers, and how their effects are said."""

import numpy as np
import polars as pl
import xarray as xr

from tongchou.morning.picture import with_quiet_past
from tongchou.morning.proposals.common import Context
from tongchou.scenario import measures as library
from tongchou.scenario.compare import compare
from tongchou.transmission.renewal import forecast
from tongchou.vocabulary.measure import measures
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text, estimate, join

DRAWS = 200
"""Futures drawn for each option: enough for a ranking, a fifth of those behind the forecasts."""


VISIBLE = 1.0
"""Difference in infections below which an effect is said to be under one case."""


ALWAYS = frozenset({"isolate_cases", "trace_contacts"})
"""Levers that the law keeps in force everywhere: they are taken as standing where no record says so."""


def compared(
    context: Context,
    where: list[str],
    in_force: frozenset[str],
    choices: tuple[library.Option, ...] | None,
) -> pl.DataFrame:
    """Compare options for some units, the others going on as they are, with measures as published factors on R."""
    picture, outlook = context.picture, context.outlook
    units = list(picture.scope.units)
    known = with_quiet_past(picture.analytic.sel(place=units))

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


def effect_text(row: dict[str, float]) -> Text:
    """Say the infections and deaths an option averts or adds, with range."""
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


def cost_text(row: dict[str, object]) -> Text:
    """Say the output that stays stopped under an option."""
    if row["output_at_stake"] is None:
        return Text(zh="无数据：表 places.gross_product", en="no data: table places.gross_product")
    return Text(
        zh="14日仍停产出 {m} 亿元", en="output still stopped in 14 days: {w} million CNY"
    ).fill(
        m=estimate(float(str(row["output_at_stake"])) / 1e8),
        w=estimate(float(str(row["output_at_stake"])) / 1e6),
    )


def swap_text(lifted: frozenset[str], added: frozenset[str]) -> Text:
    """Say which levers are lifted and which are added."""
    names = measures()
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


def assumed_levers(levers: frozenset[str]) -> Text:
    """Say which levers were taken as in force."""
    listed = join([measures()[m].name for m in sorted(levers)])
    return Text(
        zh="假设现行措施为：{l}（取自原等级措施包与在行措施记录）。",
        en="Taken as in force: {l} (the former tier's package and the measures on record).",
    ).fill(l=listed)


def join_sentences(*parts: Text) -> Text:
    """Give sentences as one text."""
    return Text(zh="；".join(p.zh for p in parts), en="; ".join(p.en for p in parts))
