"""The tier board, the curve, the lines of gaps and of yesterday."""

from collections.abc import Mapping

import polars as pl

from tongchou.morning.evidence import count_rows, evidence, no_data
from tongchou.morning.gaps import OpenGap
from tongchou.morning.head import coarseness
from tongchou.morning.learn import Lesson, Receipts
from tongchou.morning.order import (
    NO_NOWCAST,
    Curve,
    Gap,
    TierBoard,
    TierRow,
    Yesterday,
)
from tongchou.morning.outlook import Outlook
from tongchou.morning.picture import Picture
from tongchou.tiering.rules import TIERS
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text, cases, count, day, estimate, same, share, text_of

COLUMNS = {
    "confirmed": Text(zh="累计确诊", en="confirmed"),
    "recovered": Text(zh="累计治愈", en="recovered"),
    "deaths": Text(zh="累计死亡", en="deaths"),
}


def tier_board(picture: Picture) -> TierBoard:
    """Give the tiers of all units, their counts, population and moves."""
    scope, frame = picture.scope, picture.tiers.frame
    rows = [_tier_row(picture, r) for r in frame.iter_rows(named=True) if r["tier"] is not None]
    known: dict[str, int | None] = {}
    for tier in TIERS:
        people = [scope.population.get(r.place) for r in rows if r.tier == tier]
        known[tier] = sum(p for p in people if p is not None) if any(people) or not people else None
    level = picture.situation.gazetteer.levels[-1]
    coarse = coarseness(picture)
    return TierBoard(
        unit_level=Text(zh="县级", en="county")
        if coarse is None and level == "county"
        else Text(zh="最细报告单位", en="finest reporting unit"),
        coarse=coarse,
        rows=tuple(rows),
        counts={t: sum(r.tier == t for r in rows) for t in TIERS},
        population=known,
        moved_up=tuple(frame.filter(pl.col("change") == "up")["place"]),
        moved_down=tuple(frame.filter(pl.col("change") == "down")["place"]),
        evidence=evidence(
            "tiers",
            Text(zh="风险等级", en="Risk tiers"),
            "risk-tiers",
            Text(
                zh="低：无确诊或连续14天无新增；高：累计超过50例且14天内有聚集性疫情；其余为中。先判低。只有病例数而无聚集性记录时，14天内新增不少于2例即视为聚集（假设）。",
                en="Low: no case, or none new for 14 days; high: over 50 cases and a cluster within 14 days; else medium. Low is judged first. Where only counts are known, two new cases within 14 days count as a cluster (assumption).",
            ),
            frame.select(
                "place",
                "tier",
                "rule",
                "cumulative",
                "new",
                "days_since_last",
                "cluster",
                "cluster_known",
            ),
        ),
    )


def _tier_row(picture: Picture, row: Mapping[str, object]) -> TierRow:
    scope = picture.scope
    place = str(row["place"])
    risk = tuple(row[f"resurgence_{s}"] for s in ("low", "central", "high"))
    before = row["previous_tier"]
    return TierRow(
        place=place,
        name=scope.names[place],
        path="/".join((*reversed(scope.ancestors[place]), place)),
        tier=row["tier"],  # type: ignore[arg-type]
        before=before,  # type: ignore[arg-type]
        reason=text_of(row, "reason"),
        change_possible=text_of(row, "outlook"),
        population=scope.population.get(place),
        confirmed=int(str(row["cumulative"])),
        new_14=int(str(row["new"])),
        days_since_last=None
        if row["days_since_last"] is None
        else int(str(row["days_since_last"])),
        resurgence=None if None in risk else risk,  # type: ignore[arg-type]
    )


def curve_of(picture: Picture, outlook: Outlook, lesson: Lesson) -> Curve:
    """Give the curve of the area with its fan and yesterday's forecast."""
    place = picture.scope.place
    fan = outlook.fan(place)
    onsets = picture.survey.onsets
    history = pl.DataFrame(
        {
            "date": picture.new["date"].values.astype("datetime64[ms]"),
            "reported": picture.new.sel(place=place).values,
            "adjusted": picture.analytic.sel(place=place).values,
        }
    ).with_columns(pl.col("date").cast(pl.Date))
    first, last = fan.row(0, named=True), fan.row(-1, named=True)
    sentence = Text(
        zh="预计 {a} 新增 {m}（50%：{q1}～{q3}；95%：{lo}～{hi}），{b} 为 {n}（95%：{nlo}～{nhi}）。",
        en="{a}: {m} new expected (50 %: {q1} to {q3}; 95 %: {lo} to {hi}); {b}: {n} (95 %: {nlo} to {nhi}).",
    ).fill(
        a=day(first["date"]),
        m=cases(first["median"]),
        q1=cases(first["q25"]),
        q3=cases(first["q75"]),
        lo=cases(first["q025"]),
        hi=cases(first["q975"]),
        b=day(last["date"]),
        n=cases(last["median"]),
        nlo=cases(last["q025"]),
        nhi=cases(last["q975"]),
    )
    weighed = outlook.weight_sentence()
    return Curve(
        history=history,
        fan=fan.select("date", "q025", "q25", "median", "q75", "q975"),
        yesterday=lesson.fan.select("date", "median"),
        sentence=Text(zh=f"{sentence.zh}{weighed.zh}", en=f"{sentence.en} {weighed.en}"),
        nowcast=NO_NOWCAST
        if isinstance(onsets, MissingData)
        else onsets.of(place).select(NO_NOWCAST.columns),
        evidence=evidence(
            "curve",
            Text(zh="疫情曲线与预测", en="Epidemic curve and forecast"),
            "outlook",
            Text(
                zh="两个预测的分位数按过去得分加权平均。更新方程：μ = R Σ w·新增 + 零星，R 由近7日后验抽取并向共同 R 收缩，负二项噪声；传播模型：由今夜的感染者按病程与地区间流动逐日推演，再加报告的离散。",
                en="Quantiles of two forecasts averaged, weighed by past scores. Renewal equation: μ = R Σ w·new + sparks, R drawn from its 7-day posterior and shrunk to the common R, negative binomial noise. Transmission model: the infected of tonight live on through the course of illness and journeys between places, seen through reports that scatter.",
            ),
            count_rows(picture, place, 60),
            parameters=[
                picture.serial_interval,
                *(
                    parameter(n)
                    for n in (
                        "forecast_pooling_cases",
                        "forecast_response_half_life",
                        "forecast_drift_sd",
                        "ascertainment",
                        "onset_to_isolation",
                        "forecast_ensemble_sharpness",
                        "forecast_ensemble_half_life",
                    )
                ),
            ],
            notes=[
                Text(
                    zh="“分析值”把积压补报摊回所属日子，合计不变。",
                    en="“Adjusted” spreads backlog back over the days it belongs to; the sum is unchanged.",
                ),
                weighed,
            ],
            total_rows=history.height,
        ),
    )


def gap_line(picture: Picture, gap: OpenGap) -> Gap:
    """Give the line of a gap as the page shows it."""
    kind, names = gap.kind, picture.scope.names
    if gap.items is None or gap.missing is not None:
        return Gap(
            id=kind.id,
            label=kind.label,
            count=None,
            missing=None if gap.missing is None else no_data(gap.missing),
            evidence=evidence(
                f"gap-{kind.id}",
                kind.label,
                "gaps",
                kind.rule,
                pl.DataFrame(),
                notes=[] if gap.missing is None else [gap.missing.text()],
            ),
        )
    oldest = gap.oldest()
    cut = picture.situation.cut
    rows = gap.items.group_by("place", "since").len("open").sort("since", "place")
    return Gap(
        id=kind.id,
        label=kind.label,
        count=gap.items.height,
        worst=tuple((names.get(p, same(p)), n) for p, n in gap.worst()),
        oldest=None
        if oldest is None
        else Text(zh="最久 {n} 天", en="oldest {n} days").fill(n=(cut - oldest).days),
        evidence=evidence(f"gap-{kind.id}", kind.label, "gaps", kind.rule, rows),
    )


NOT_CONNECTED = Text(
    zh="无数据：昨日指令的完成情况由指挥平台登记，本次未接入。",
    en="no data: what became of yesterday's orders is recorded in the station, which is not connected to this run.",
)


def yesterday_of(picture: Picture, lesson: Lesson, receipts: Receipts | None = None) -> Yesterday:
    """Give what became of yesterday: orders, forecast scores, figures corrected."""
    summary = lesson.summary()
    revised = picture.quality.revised.filter(pl.col("known_on") == picture.situation.cut)
    names = picture.scope.names
    corrections = tuple(
        Text(zh="{a} {d} {c}：原 {w}，现 {n}", en="{a}, {d}, {c}: was {w}, now {n}").fill(
            a=names.get(r["place"], same(r["place"])),
            d=str(r["date"]),
            c=COLUMNS[r["column"]],
            w=count(r["was"]),
            n=count(r["now"]),
        )
        for r in revised.head(6).iter_rows(named=True)
    )
    return Yesterday(
        orders=NOT_CONNECTED if receipts is None else receipts.sentence(),
        scores=summary,
        score_sentence=_score_sentence(summary),
        corrections=corrections,
        evidence=evidence(
            "forecast-score",
            Text(zh="预测评分", en="Forecast score"),
            "scoring",
            Text(
                zh="当夜所作更新方程预测的加权区间评分（WIS），与持续性基线同日同地相比；比值小于1为优。",
                en="Weighted interval score of the renewal forecast as made that night, beside persistence for the same days and place; a ratio below 1 is the better.",
            ),
            lesson.scores,
        ),
    )


def _score_sentence(summary: pl.DataFrame) -> Text:
    if summary.is_empty():
        return Text(zh="数据不足一周，不评分。", en="Less than a week of data: not scored.")
    parts = []
    for row in summary.iter_rows(named=True):
        ratio = row["wis"] / row["wis_persistence"] if row["wis_persistence"] else None
        parts.append(
            Text(
                zh="{d} 所作 {n} 天：WIS {w}，为基线的 {r} 倍，95% 区间含 {c}",
                en="{n} days made on {d}: WIS {w}, {r} times the baseline, {c} within 95 %",
            ).fill(
                d=str(row["made_on"]),
                n=row["days"],
                w=estimate(row["wis"]),
                r="–" if ratio is None else estimate(ratio, 2),
                c=share(row["in95"]),
            )
        )
    return Text(zh="；".join(p.zh for p in parts) + "。", en="; ".join(p.en for p in parts) + ".")
