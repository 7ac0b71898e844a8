"""Annexes I to K: data quality, sources, tables, mechanisms."""

import csv
from datetime import timedelta

import polars as pl

from tongchou import reference
from tongchou.morning.annexes.common import (
    CASES,
    DAYS,
    Row,
    head,
    named_rows,
    plain_table,
)
from tongchou.morning.order import Decision, Table
from tongchou.morning.picture import Picture, differences
from tongchou.morning.words import SERIES
from tongchou.situation.contract import contract
from tongchou.vocabulary.text import Text, day, same, text_of


def quality_tables(picture: Picture) -> list[Table]:
    """Give what is silent, late, revised, corrected, and how totals differ from published ones."""
    quality = picture.quality
    cut = picture.situation.cut
    return [
        Table(
            id="differences",
            title=Text(
                zh=f"{day(cut).zh}合计与公布数的差异",
                en=f"Totals of {day(cut).en} beside those published",
            ),
            headings=(
                head("name", "地区", "Place"),
                head("series", "本包序列", "Series of the pack"),
                head("column", "栏目", "Column"),
                head("here", "本包", "Here", "count", CASES),
                head("published", "公布", "Published", "count", CASES),
                head("difference", "差", "Difference", "count", CASES),
                head("reason", "原因", "Reason"),
            ),
            rows=named_rows(
                picture,
                [
                    {
                        **r,
                        "series": SERIES.get(r["series"], same(r["series"])),
                        "difference": r["here"] - r["published"],
                        "reason": text_of(r, "reason"),
                    }
                    for r in differences(picture).iter_rows(named=True)
                ],
            ),
            note=None
            if differences(picture).height
            else Text(
                zh="数据包未附当日的公布数。",
                en="The pack carries no published total for this day.",
            ),
        ),
        Table(
            id="corrections",
            title=Text(zh="已知更正", en="Known corrections"),
            headings=(
                head("correction_id", "编号", "Id", "code"),
                head("name", "地区", "Place"),
                head("date", "日期", "Day", "date"),
                head("action", "处理", "Action", "code"),
                head("value", "数值", "Value", "code"),
                head("reason", "说明", "Reason"),
                head("source", "来源", "Source"),
            ),
            rows=named_rows(
                picture,
                [
                    {**r, "reason": text_of(r, "reason")}
                    for r in touching_corrections(picture).iter_rows(named=True)
                ],
            ),
        ),
        plain_table(
            picture,
            "silent_units",
            Text(zh="未报告单位", en="Silent units"),
            (
                head("name", "单位", "Unit"),
                head("last_report", "最后报告", "Last report", "date"),
                head("days", "未报天数", "Days silent", "count", DAYS),
            ),
            quality.silent,
        ),
        plain_table(
            picture,
            "revised",
            Text(zh="修订的数字（旧值与新值）", en="Figures revised: old value and new"),
            (
                head("name", "地区", "Place"),
                head("date", "日期", "Day", "date"),
                head("column", "栏目", "Column", "code"),
                head("was", "原为", "Was", "count"),
                head("now", "现为", "Now", "count"),
                head("known_on", "修订日", "Revised on", "date"),
            ),
            quality.revised,
        ),
        plain_table(
            picture,
            "late_reports",
            Text(zh="近7日迟报", en="Late reports of the last 7 days"),
            (
                head("name", "地区", "Place"),
                head("rows", "行数", "Rows", "count"),
                head("longest_days", "最长迟报", "Longest delay", "count", DAYS),
            ),
            quality.late,
        ),
        plain_table(
            picture,
            "negative",
            Text(zh="累计数下修的日子（近28日）", en="Days on which a total went down (28 days)"),
            (
                head("name", "地区", "Place"),
                head("date", "日期", "Day", "date"),
                head("change", "变化", "Change", "count", CASES),
            ),
            quality.negative.filter(pl.col("date") > cut - timedelta(days=28)),
        ),
        plain_table(
            picture,
            "unplaced",
            Text(
                zh="地区合计中有、而不在任何单位的病例（监狱、未定地区等；负数为单位合计较多）",
                en="Cases in an area's total and in none of its units (prisons, place not yet known; negative: the units hold more)",
            ),
            (
                head("name", "地区", "Place"),
                head("confirmed", "累计", "In all", "count", CASES),
                head("fortnight", "近14日变化", "Change in 14 days", "count", CASES),
            ),
            quality.unplaced,
        ),
    ]


def touching_corrections(picture: Picture) -> pl.DataFrame:
    """Give the corrections that touch the area: its own, those inside it and those above it."""
    above = set(picture.scope.ancestors.get(picture.scope.place, ()))
    return picture.situation.corrections.filter(
        pl.col("place").is_null() | pl.col("place").is_in([*picture.scope.members, *above])
    )


def sources_table(picture: Picture) -> Table:
    """Give the sources and the licence of the pack."""
    origin = picture.situation.origin
    rows = [
        {"what": Text(zh="许可", en="licence"), "text": origin.licence},
        *({"what": Text(zh="来源", en="source"), "text": same(s)} for s in origin.sources),
        *({"what": Text(zh="说明", en="note"), "text": n} for n in origin.notes),
    ]
    return Table(
        id="sources",
        title=Text(zh="数据来源与许可", en="Sources and licence"),
        headings=(head("what", "项", "Item"), head("text", "内容", "Content")),
        rows=tuple(rows),
    )


def tables_held(picture: Picture) -> Table:
    """Give the tables of the contract: held with rows and last day known, or missing."""
    quality = picture.quality
    rows: list[Row] = [
        {**r, "title": contract(r["table"]).title} for r in quality.held.iter_rows(named=True)
    ]
    rows += [
        {"table": t, "title": contract(t).title, "rows": None, "last_known": None}
        for t in quality.missing
    ]
    return Table(
        id="tables",
        title=Text(zh="数据表", en="Tables"),
        headings=(
            head("table", "表", "Table", "code"),
            head("title", "内容", "Content"),
            head("rows", "行数（空为无数据）", "Rows (blank: no data)", "count"),
            head("last_known", "最近知悉日", "Last known on", "date"),
        ),
        rows=tuple(rows),
    )


def mechanisms_table(decisions: tuple[Decision, ...]) -> Table:
    """Give the register of mechanisms, and which decision of today calls on each."""
    called: dict[str, list[str]] = {}
    owners: dict[str, Text] = {}
    for number, decision in enumerate(decisions, 1):
        for mechanism in decision.mechanisms:
            called.setdefault(mechanism, []).append(str(number))
            owners.setdefault(mechanism, decision.owner)
    with reference.path("mechanisms.csv").open(encoding="utf-8", newline="") as handle:
        register = list(csv.DictReader(handle))
    rows = [
        {
            "id": m["id"],
            "what": Text(zh=m["phrase_zh"], en=m["meaning_en"]),
            "group": m["group"],
            "decisions": same(", ".join(called.get(m["id"], []))),
            "owner": owners.get(m["id"]),
        }
        for m in register
    ]
    return Table(
        id="mechanisms",
        title=Text(zh="机制登记表", en="Register of mechanisms"),
        headings=(
            head("id", "编号", "Id", "code"),
            head("what", "机制", "Mechanism"),
            head("group", "组", "Group", "code"),
            head("decisions", "今日决定", "Decisions today"),
            head("owner", "责任单位", "Owner"),
        ),
        rows=tuple(rows),
        note=Text(
            zh="责任单位取自今日决定；机构职责表由指挥平台登记，本数据包中没有。",
            en="Owners are those of today's decisions; duties of agencies are registered in the station and are not part of this pack.",
        ),
    )
