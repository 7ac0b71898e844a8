"""Annexes B and C, what records say of persons together: onsets, the four earlies, severity."""

from collections.abc import Mapping

import polars as pl
import xarray as xr

from tongchou.morning.annexes.common import (
    CASES,
    DAYS,
    Row,
    found_or_raise,
    head,
    named_rows,
    plain_table,
    real,
)
from tongchou.morning.evidence import evidence
from tongchou.morning.order import Table
from tongchou.morning.picture import Picture
from tongchou.morning.surveillance.severity import EVENTS, STAFF_WEEKS, health_workers
from tongchou.surveillance.delays import EARLIES, STEPS
from tongchou.surveillance.rates import health_worker_infection_rate
from tongchou.surveillance.timeliness.late import service_levels
from tongchou.vocabulary.text import Text, count, estimate, text_of


def onsets_table(picture: Picture, id: str, title: Text) -> Table:
    """Give cases by onset of the last seven days, so far and estimated, and R from them."""
    onsets = found_or_raise(picture.survey.onsets)
    week = onsets.counts.isel(date=slice(-7, None)).sum("date")
    rt = onsets.rt.isel(date=-1)
    rows = [_onset_row(str(p), week.sel(place=p), rt.sel(place=p)) for p in week["place"].values]
    return Table(
        id=id,
        title=title,
        headings=(
            head("name", "地区", "Place"),
            head("reported", "近7日发病已确诊", "Onsets of 7 days confirmed", "count", CASES),
            head("estimate", "现时估计", "Nowcast", "estimate", CASES),
            head("r", "R（按发病日）", "R (by onset)", "estimate"),
            head("r_low", "R 下限", "R low", "estimate"),
            head("r_high", "R 上限", "R high", "estimate"),
        ),
        rows=named_rows(picture, rows),
        note=Text(
            zh="已发病而尚未确诊的人数由报告延迟推算；R 带有这一不确定性。",
            en="Those who are ill and not yet confirmed are estimated from the delays; R carries that doubt.",
        ),
        evidence=evidence(
            "onsets",
            title,
            "nowcast",
            Text(
                zh="按发病日与确诊日的三角表；报告速度、各地差异与走势三层联合估计，逐次抽样相加成上级地区。",
                en="A triangle by day of onset and of confirmation; speed of reports, differences of places and course are fitted together, and draws of units are added up to areas.",
            ),
            onsets.of(picture.scope.place).tail(28),
            notes=onsets.notes,
        ),
    )


def _onset_row(place: str, week: xr.Dataset, rt: xr.Dataset) -> Mapping[str, object]:
    return {
        "place": place,
        "reported": int(week["reported"]),
        "estimate": real(week["estimate"]),
        "r": real(rt["median"]),
        "r_low": real(rt["q025"]),
        "r_high": real(rt["q975"]),
    }


def delays_table(picture: Picture, id: str, title: Text) -> Table:
    """Give the four earlies as seen and as corrected for those whose delay has not ended."""
    found = found_or_raise(picture.survey.delays)
    names = {s.name: s.label for s in (*EARLIES, *STEPS)}
    worst = found_or_raise(picture.survey.steps).filter("slowest")
    slowest = Text(zh="", en="")
    if worst.height:
        slowest = Text(
            zh="失时最多的一步：{s}，平均 {m} 天（{n} 例有记录）。",
            en="The step that loses most days: {s}, {m} days on average (on record for {n} cases). ",
        ).fill(
            s=names[worst["delay"][0]],
            m=estimate(worst["per_case"][0]),
            n=count(worst["measured"][0] + worst["before"][0]),
        )
    return Table(
        id=id,
        title=title,
        headings=(
            head("delay_name", "时延", "Delay"),
            head("measured", "有记录", "On record", "count", CASES),
            head("before", "发病前已隔离", "Isolated before onset", "count", CASES),
            head("open", "尚未结束", "Not ended", "count", CASES),
            head("observed_median", "中位（所见）", "Median, as seen", "estimate", DAYS),
            head("median", "中位（校正）", "Median, corrected", "estimate", DAYS),
            head("p90", "第90百分位（校正）", "90th percentile, corrected", "estimate", DAYS),
            head("mean", "均值（校正）", "Mean, corrected", "estimate", DAYS),
            head("fault", "记录有误", "Faulty records", "count", CASES),
        ),
        rows=tuple(
            {**r, "delay_name": names[r["delay"]]} for r in found.iter_rows(named=True)
        ),
        note=Text(
            zh="{s}“校正”已计入两端只精确到日，以及尚未走完的个案（右截尾）。",
            en="{s}“Corrected” allows for dates known to the day only and for cases still on their way (right truncation).",
        ).fill(s=slowest),
        evidence=evidence(
            "delays",
            title,
            "delay-distributions",
            Text(
                zh="双端区间删失、右截尾的最大似然；伽马、对数正态、韦布尔中取 AIC 最小者。",
                en="Maximum likelihood with both ends censored to the day and right truncation; of gamma, lognormal and Weibull the one of least AIC.",
            ),
            found.select(
                "delay", "measured", "open", "family", "mean", "mean_low", "mean_high",
                "median", "median_low", "median_high", "p90", "p90_low", "p90_high",
            ),
        ),
    )  # fmt: skip


def late_table(picture: Picture, id: str, title: Text) -> Table:
    """Give the cases past their clock, counted by step and place."""
    found = found_or_raise(picture.survey.late)
    levels = service_levels()
    rows = found.with_columns(
        hours=pl.col("clock").replace_strict({k: v.hours for k, v in levels.items()})
    )
    listed = [
        {**r, "step": levels[str(r["clock"])].label, "owner": levels[str(r["clock"])].owner}
        for r in named_rows(picture, list(rows.iter_rows(named=True)))
    ]
    return Table(
        id=id,
        title=title,
        headings=(
            head("name", "单位", "Unit"),
            head("step", "环节", "Step"),
            head("open", "超时未办", "Past their clock", "count", CASES),
            head("hours", "时限", "Allowed", "count", Text(zh="小时", en="hours")),
            head("longest", "最久超过", "Longest beyond it", "estimate", DAYS),
            head("owner", "责任单位", "Owner"),
        ),
        rows=tuple(listed),
        note=None if listed else Text(zh="无。", en="None."),
    )


def blind_spots_table(picture: Picture) -> Table:
    """Give the questions to units from which nothing, or improbably little, is heard."""
    rows = [
        {**r, "reason": text_of(r, "reason")}
        for r in picture.survey.blind_spots.iter_rows(named=True)
    ]
    return Table(
        id="blind_spots",
        title=Text(
            zh="盲区：未报、缺零报告、少得不合常理（是提问，不是指责）",
            en="Blind spots: silent, no zeros, improbably few (questions, no accusations)",
        ),
        headings=(
            head("name", "单位", "Unit"),
            head("reason", "问题", "Question"),
            head("observed", "报告", "Reported", "count", CASES),
            head("expected", "按邻近预期", "By neighbours", "estimate", CASES),
            head(
                "score",
                "不合常理的程度（10的负几次方）",
                "Improbability (power of ten)",
                "estimate",
            ),
        ),
        rows=named_rows(picture, rows),
        note=None if rows else Text(zh="无。", en="None."),
    )


def severity_table(picture: Picture, id: str, title: Text) -> Table:
    """Give the shares of cases that came to an event, by age and class."""
    found = found_or_raise(picture.survey.severity)
    rows: list[Row] = [
        {
            **r,
            "event_name": EVENTS[r["event"]],
            "group_name": _group(r["group"]),
        }
        for r in found.iter_rows(named=True)
    ]
    return Table(
        id=id,
        title=title,
        headings=(
            head("event_name", "结局", "Event"),
            head("group_name", "人群", "Group"),
            head("cases", "病例", "Cases", "count", CASES),
            head("events", "其中", "Of them", "count", CASES),
            head("naive", "表观", "Naive", "share"),
            head("share", "校正", "Adjusted", "share"),
            head("low", "下限", "Low", "share"),
            head("high", "上限", "High", "share"),
        ),
        rows=tuple(rows),
        note=Text(
            zh="“校正”把尚无结局者按已有结局者的去向计入（竞争风险）；“级别”为至今最重者。首页病亡率由逐日计数按已公布的发病至死亡时间校正，与此处来源不同，数值可以不同。",
            en="“Adjusted” counts those without an end as those before them went (competing risks); the class is the worst so far. The case fatality of page one corrects daily counts by a published time from onset to death: another source, and it may differ.",
        ),
        evidence=evidence(
            "severity",
            title,
            "severity",
            Text(
                zh="Aalen–Johansen 累积发生率之比；区间为 logit 尺度的无穷小刀切。",
                en="Ratio of Aalen and Johansen's cumulative incidences; the interval by the infinitesimal jackknife on the logit scale.",
            ),
            found,
        ),
    )


_CLASSES = {
    "class=ordinary": Text(zh="轻型、普通型", en="mild and ordinary"),
    "class=severe": Text(zh="重型", en="severe"),
    "class=critical": Text(zh="危重型", en="critical"),
    "all": Text(zh="全部", en="all"),
}


def _group(group: str) -> Text:
    if group in _CLASSES:
        return _CLASSES[group]
    band = group.removeprefix("age=").replace("-", "–")
    return Text(zh=f"{band} 岁", en=f"age {band}")


def health_workers_table(picture: Picture, id: str, title: Text) -> Table:
    """Give infections of health workers per 1,000 staff-weeks of the last four weeks."""
    infected, staff_weeks = health_workers(picture.situation, picture.scope)
    where = {"place": [picture.scope.place]}
    rate = health_worker_infection_rate(
        xr.DataArray([infected], where, ["place"]), xr.DataArray([staff_weeks], where, ["place"])
    ).isel(place=0)
    row = {
        "place": picture.scope.place,
        "infected": int(infected),
        "staff_weeks": round(staff_weeks),
        **{n: real(rate[n]) for n in ("rate", "low", "high")},
    }
    per = Text(zh="／千人·周", en="per 1,000 staff-weeks")
    return plain_table(
        picture,
        id,
        title,
        (
            head("name", "地区", "Place"),
            head("infected", f"近{STAFF_WEEKS}周感染", f"Infected in {STAFF_WEEKS} weeks", "count"),
            head("staff_weeks", "人·周", "Staff-weeks", "count"),
            head("rate", "感染率", "Rate", "estimate", per),
            head("low", "下限", "Low", "estimate"),
            head("high", "上限", "High", "estimate"),
        ),
        pl.DataFrame([row]),
    )
