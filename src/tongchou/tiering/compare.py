"""Computed tiers set beside a published list, and every difference explained."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, get_args

import numpy as np
import polars as pl
import xarray as xr

from tongchou.tiering.counts import without_revisions
from tongchou.tiering.rules import TIERS, Tier, TierRules, tier_name
from tongchou.tiering.tiers import TierTable, assign_tiers
from tongchou.vocabulary.errors import BadInput, Fault
from tongchou.vocabulary.fact_table import assumption, packaged
from tongchou.vocabulary.text import Text, count, day

Cause = Literal["too_coarse", "list_date", "rule_order", "cluster_unknown", "corrections", "other"]
CAUSES: tuple[Cause, ...] = get_args(Cause)

CAUSE_NAMES: dict[Cause, Text] = {
    "too_coarse": Text(zh="数据过粗", en="data too coarse"),
    "list_date": Text(zh="名单与数据日期不同", en="list and data of different days"),
    "rule_order": Text(zh="规则有歧义（判定顺序）", en="rule ambiguous (order)"),
    "cluster_unknown": Text(zh="聚集性疫情未知", en="clusters unknown"),
    "corrections": Text(zh="累计数下调", en="downward corrections"),
    "other": Text(zh="其他", en="other"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A published list beside computed tiers.

    Attributes
    ----------
    rows
        place, unit (the place whose counts were used), own_counts, published, computed, agrees,
        cause (null if they agree), also_possible (further causes that would do), why_zh, why_en.
    """

    on: date
    rows: pl.DataFrame

    @property
    def agreement(self) -> tuple[int, int]:
        """How many places agree, of how many."""
        return int(self.rows["agrees"].sum()), self.rows.height

    def confusion(self) -> pl.DataFrame:
        """Give the number of places by published and computed tier."""
        return pl.DataFrame(
            [
                {
                    "published": published,
                    **{
                        computed: self.rows.filter(
                            pl.col("published") == published, pl.col("computed") == computed
                        ).height
                        for computed in TIERS
                    },
                }
                for published in TIERS
            ]
        )

    def causes(self) -> dict[Cause, int]:
        """Give how many differences each cause explains."""
        found = self.rows["cause"].to_list()
        return {cause: found.count(cause) for cause in CAUSES if cause in found}


def compare_with_list(
    published: pl.DataFrame,
    confirmed_total: xr.DataArray,
    units: Mapping[str, str],
    rules: TierRules,
    *,
    on: date,
    clusters: xr.DataArray | None = None,
) -> Comparison:
    """Set the tiers of one published list beside those computed from counts of that day.

    The cause of each difference is tested, not guessed:

    - ``too_coarse``: only counts of the larger unit are known and the published tier is
      lower. The rule never puts a part above its whole, since a part has no more cases and no
      later ones; so a lower published tier is what coarse counts must give. A **higher** one
      cannot come from coarseness, and the causes below are tried.
    - ``rule_order``: "low" tried last gives the published tier.
    - ``cluster_unknown``: taking unknown clusters as absent, or as present, gives it.
    - ``corrections``: letting downward corrections cancel the latest cases gives it, or
      leaving out cases that a known revision of the past booked on one day.
    - ``list_date``: data of up to ``list_lag_days`` days before the list give it.
    - ``other``: none of these.

    Parameters
    ----------
    published
        place, tier: one list.
    confirmed_total
        (place, date), cumulative confirmed cases, persons.
    units
        Place of the cube whose counts stand for each published place; a place with its own
        counts stands for itself.
    on
        Day to whose 24:00 the list speaks.
    """
    missing = [p for p in published["place"].to_list() if p not in units]
    absent = sorted(set(units.values()) - set(confirmed_total["place"].to_numpy().tolist()))
    if missing or absent:
        raise BadInput(_unit_faults(missing, absent))
    tables = {
        lag: assign_tiers(confirmed_total, rules, on=on - timedelta(days=lag), clusters=clusters)
        for lag in range(int(assumption("tiering", "list_lag_days")) + 1)
        if np.datetime64(on - timedelta(days=lag)) >= confirmed_total["date"].to_numpy()[0]
    }
    revised = assign_tiers(
        confirmed_total,
        rules,
        on=on,
        clusters=clusters,
        new_confirmed=without_revisions(confirmed_total, packaged("tiering/revisions")),
    )
    rows = [
        _row(place, tier, units[place], tables, revised)
        for place, tier in published.select("place", "tier").iter_rows()
    ]
    return Comparison(on=on, rows=pl.DataFrame(rows, schema_overrides=_SCHEMA))


def compare_counts(on: date, area: str, counts: Mapping[str, int]) -> pl.DataFrame:
    """Set computed numbers of places by tier beside the published ones of an area and day.

    Returns
    -------
    polars.DataFrame
        tier, published, computed, difference; empty if nothing was published.
    """
    rows = packaged("tiering/published_counts").filter(
        pl.col("date").cast(pl.Utf8) == on.isoformat(), pl.col("area") == area
    )
    schema = {"tier": pl.Utf8, "published": pl.Int64, "computed": pl.Int64, "difference": pl.Int64}
    return pl.DataFrame(
        [
            {
                "tier": tier,
                "published": row[tier],
                "computed": counts.get(tier, 0),
                "difference": counts.get(tier, 0) - row[tier],
            }
            for row in rows.iter_rows(named=True)
            for tier in TIERS
        ],
        schema=schema,
    )


_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "cause": pl.Utf8,
    "also_possible": pl.List(pl.Utf8),
}


def _row(
    place: str,
    published: Tier,
    unit: str,
    tables: Mapping[int, TierTable],
    revised: TierTable,
) -> dict[str, Any]:
    today = tables[0]
    row = today.row(unit)
    computed: Tier = row["tier"]  # type: ignore[assignment]
    base = {
        "place": place,
        "unit": unit,
        "own_counts": place == unit,
        "published": published,
        "computed": computed,
        "agrees": published == computed,
    }
    if published == computed:
        why = Text(zh="公布与计算均为{tier}。", en="Both are {tier}.").fill(
            tier=tier_name(computed)
        )
        return {**base, "cause": None, "also_possible": [], "why_zh": why.zh, "why_en": why.en}
    found = list(_causes(place, published, unit, tables, revised))
    cause, why = found[0]
    return {
        **base,
        "cause": cause,
        "also_possible": [other for other, _ in found[1:] if other != "other"],
        "why_zh": why.zh,
        "why_en": why.en,
    }


def _causes(
    place: str,
    published: Tier,
    unit: str,
    tables: Mapping[int, TierTable],
    revised: TierTable,
) -> Iterable[tuple[Cause, Text]]:
    today = tables[0]
    row: dict[str, Any] = today.row(unit)
    words = {
        "published": tier_name(published),
        "computed": tier_name(row["tier"]),
        "unit": unit,
        "cumulative": count(row["cumulative"]),
        "new": count(row["new"]),
        "since": "–" if row["days_since_last"] is None else row["days_since_last"],
        "corrected": row["corrected"],
    }
    if place != unit and TIERS.index(published) < TIERS.index(row["tier"]):
        yield (
            "too_coarse",
            Text(
                zh="只知道所属 {unit} 的合计：累计{cumulative}例、14天内新增{new}例，按合计为{computed}；本地病例只是其中一部分，公布为{published}与此不矛盾。",
                en="Only the total of {unit} is known: {cumulative} cumulative, {new} new in 14 days, {computed} by the total; this place holds only part of them, so {published} does not contradict it.",
            ).fill(**words),
        )
    variants = dict(
        today.variants.filter(pl.col("place") == unit).select("variant", "tier").iter_rows()
    )
    if variants["low_last"] == published:
        yield (
            "rule_order",
            Text(
                zh="累计{cumulative}例且已{since}天无新增：先判低风险为{computed}，后判低风险为{published}。",
                en="{cumulative} cumulative and {since} days clean: {computed} with low tried first, {published} with low tried last.",
            ).fill(**words),
        )
    if published in (variants["clusters_absent"], variants["clusters_present"]):
        yield (
            "cluster_unknown",
            Text(
                zh="不知道是否有聚集性疫情：14天内新增{new}例，按假定为{computed}，反之为{published}。",
                en="Clusters are not known: with {new} new in 14 days the assumption gives {computed}, its opposite {published}.",
            ).fill(**words),
        )
    if row["corrected"] and variants["corrections_cancel"] == published:
        yield (
            "corrections",
            Text(
                zh="窗口内累计数下调{corrected}例：下调不冲销新增为{computed}，冲销最近新增为{published}。",
                en="The series was corrected downward by {corrected} in the window: {computed} if corrections leave new cases standing, {published} if they cancel the latest.",
            ).fill(**words),
        )
    if revised.row(unit)["tier"] == published:
        booked = int(row["new"]) - int(str(revised.row(unit)["new"]))
        yield (
            "corrections",
            Text(
                zh="窗口内有{booked}例是对既往病例的订正，并非新发：计入为{computed}，不计为{published}。",
                en="{booked} cases in the window are a revision of the past and not new: {computed} with them, {published} without.",
            ).fill(**words, booked=booked),
        )
    for lag, earlier in tables.items():
        if lag and earlier.row(unit)["tier"] == published:
            yield (
                "list_date",
                Text(
                    zh="截至{on}（早{lag}天）的数据即为{published}；名单可能依据更早的数据。",
                    en="Data to {on} ({lag} days earlier) give {published}; the list may rest on earlier data.",
                ).fill(**words, on=day(earlier.on), lag=lag),
            )
            break
    yield (
        "other",
        Text(
            zh="累计{cumulative}例、14天内新增{new}例、{since}天无新增：所试各种读法都不能得到{published}。",
            en="{cumulative} cumulative, {new} new in 14 days, {since} days clean: no reading that was tried gives {published}.",
        ).fill(**words),
    )


def _unit_faults(missing: list[str], absent: list[str]) -> list[Fault]:
    return [
        Fault(
            file="published",
            column="place",
            value=place,
            problem=Text(zh="没有对应的计数单位。", en="has no unit of counting."),
            remedy=Text(zh="请在 units 中补上。", en="Add it to units."),
        )
        for place in missing
    ] + [
        Fault(
            file="units",
            value=unit,
            problem=Text(zh="不在病例数据中。", en="is not in the case cube."),
            remedy=Text(zh="请改为数据中有的单位。", en="Use a unit that the cube has."),
        )
        for unit in absent
    ]
