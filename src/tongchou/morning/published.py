"""What the rule gives, beside the tier lists that were published."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from tongchou.morning.columns import line
from tongchou.morning.scope import Scope, scope_of
from tongchou.situation.pack import Pack
from tongchou.tiering.compare import CAUSE_NAMES, Comparison, compare_with_list
from tongchou.tiering.rules import TIERS, tier_name, tier_rules
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.text import Lang, Text, day, share

LISTS = "published_tiers"

CORE = "-core"
"""Ending of the districts of a city listed as one unit beside its counties: a part of the prefecture
whose code the list gives it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListsCompared:
    """Every published list beside the rule, and the rows of all of them with their date."""

    comparisons: tuple[Comparison, ...]
    rows: pl.DataFrame
    scope: Scope


def compare(pack: Pack) -> ListsCompared:
    """Set each published list of a pack beside the tiers computed on what was known that night.

    A published unit without counts of its own takes those of the nearest area above it that reports.

    Raises
    ------
    MissingData
        If the pack carries no published list.
    """
    lists = pack.extra(LISTS)
    if lists.is_empty():
        raise MissingData(LISTS, Text(zh="等级名单对照", en="comparison with published tiers"))
    lists = lists.with_columns(pl.col("place").cast(pl.String), pl.col("date").cast(pl.Date))
    scope = scope_of(pack.as_of(pack.last))
    found = [
        _one(pack, scope, on, rows)
        for (on,), rows in lists.sort("date").group_by("date", maintain_order=True)
    ]
    rows = pl.concat(c.rows.with_columns(date=pl.lit(c.on)) for c in found)
    return ListsCompared(comparisons=tuple(found), rows=rows, scope=scope)


def _one(pack: Pack, scope: Scope, on: object, rows: pl.DataFrame) -> Comparison:
    assert isinstance(on, date)
    situation = pack.as_of(on)
    gazetteer = situation.gazetteer
    reporting = set(scope.units)
    listed = set(rows["place"])
    units: dict[str, str] = {}
    names: list[str] = []
    for place, unit in rows.select("place", "unit").iter_rows():
        lines = (place, *(a.code for a in gazetteer.ancestors(place)))
        beside = any(p.code in listed for p in gazetteer.descendants(place))
        names.append(f"{place}{CORE}" if unit == "city_core" and beside else place)
        held = next((c for c in lines if c in reporting), None)
        if held is not None:
            units[names[-1]] = held
    counts = situation.counts(sorted(set(units.values())))["confirmed"]
    known = rows.with_columns(place=pl.Series(names)).filter(pl.col("place").is_in(list(units)))
    return compare_with_list(known, counts, units, tier_rules(), on=on)


_WIDTHS = (-26, 10, 10, 10)


def report(result: ListsCompared, lang: Lang) -> str:
    """Write agreement, the table of published against computed, and the cause of each difference."""
    lines = []
    for found in result.comparisons:
        same, of = found.agreement
        head = Text(zh="{d}：{s}/{n} 一致（{p}）", en="{d}: {s} of {n} agree ({p})").fill(
            d=day(found.on), s=same, n=of, p=share(same / of)
        )
        lines += [head[lang], line([_cross(lang), *(tier_name(t)[lang] for t in TIERS)], _WIDTHS)]
        for row in found.confusion().iter_rows(named=True):
            cells = [tier_name(row["published"])[lang], *(str(row[t]) for t in TIERS)]
            lines.append(line(cells, _WIDTHS))
        for cause, n in found.causes().items():
            lines.append(f"  {CAUSE_NAMES[cause][lang]}: {n}")
        odd = found.rows.filter(pl.col("cause").is_not_null() & (pl.col("cause") != "too_coarse"))
        for row in odd.iter_rows(named=True):
            lines.append(f"  {_name(result, row['place'], lang)} — {row[f'why_{lang}']}")
        coarse = found.rows.filter(pl.col("cause") == "too_coarse")
        if not coarse.is_empty():
            first = coarse.row(0, named=True)
            lines.append(f"  {_name(result, first['place'], lang)} — {first[f'why_{lang}']}")
        lines.append("")
    note = Text(
        zh="行为公布等级，列为按规则计算的等级。每一单位的说明见 --out 的 CSV。",
        en="Rows: published tier; columns: tier by the rule. The reason for each unit is in the CSV of --out.",
    )
    return "\n".join([*lines, note[lang]])


def _cross(lang: Lang) -> str:
    return Text(zh="公布＼计算", en="published \\ computed")[lang]


def _name(result: ListsCompared, place: str, lang: Lang) -> str:
    names = result.scope.names
    core = Text(zh="{n}城区", en="{n}, city districts")
    if place.endswith(CORE):
        return core.fill(n=names[place.removesuffix(CORE)])[lang]
    return names[place][lang] if place in names else place
