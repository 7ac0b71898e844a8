"""Puts the parts together into the order of the day."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, time, timedelta

import polars as pl

from tongchou.morning.ahead import look_at_dates
from tongchou.morning.annexes import build_annexes, touching_corrections
from tongchou.morning.evidence import count_rows, evidence, no_data, parameter_line
from tongchou.morning.figures import strip
from tongchou.morning.gaps import OpenGap
from tongchou.morning.headline import headline
from tongchou.morning.learn import Lesson
from tongchou.morning.levels import level_counts, standing_level
from tongchou.morning.order import (
    Curve,
    Decision,
    Flag,
    Gap,
    Head,
    Order,
    SignOff,
    TierBoard,
    TierRow,
    Yesterday,
)
from tongchou.morning.outlook import Outlook
from tongchou.morning.picture import Picture, differences
from tongchou.morning.solve import Plan
from tongchou.morning.words import SERIES
from tongchou.tiering.legal import basis_name
from tongchou.tiering.levels import level_name
from tongchou.tiering.rules import TIERS
from tongchou.version import __version__
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text, count, day, estimate, same, share, text_of

STARTS = time(8, 0)
"""Hour at which an operational period of 24 hours begins (assumption; the commander may change it)."""


def compose(
    picture: Picture,
    outlook: Outlook,
    plan: Plan,
    gaps: tuple[OpenGap, ...],
    decisions: tuple[Decision, ...],
    further: int,
    lesson: Lesson,
    seed: int,
) -> Order:
    """Give the whole order; see :mod:`tongchou.morning.order`."""
    figures = strip(picture)
    tiers = tier_board(picture)
    curve = curve_of(picture, outlook, lesson)
    shown_gaps = tuple(_gap(picture, g) for g in gaps)
    yesterday = _yesterday(picture, lesson)
    held = [
        *(f.evidence for f in figures),
        tiers.evidence,
        curve.evidence,
        *(g.evidence for g in shown_gaps),
        *(d.evidence for d in decisions),
        yesterday.evidence,
    ]
    return Order(
        head=head_of(picture),
        headline=headline(picture, outlook, decisions, further),
        figures=figures,
        tiers=tiers,
        curve=curve,
        gaps=shown_gaps,
        decisions=decisions,
        ahead=look_at_dates(picture, outlook, plan),
        yesterday=yesterday,
        signoff=sign_off(picture, seed),
        annexes=build_annexes(picture, outlook, plan, decisions),
        corrections=correction_sentences(picture),
        evidence={e.id: e for e in held if e is not None},
    )


def head_of(picture: Picture) -> Head:
    """Give the head: who, when, which level, how much reported, and what to beware of."""
    situation, scope, quality = picture.situation, picture.scope, picture.quality
    tomorrow = situation.cut + timedelta(days=1)
    begin = datetime.combine(tomorrow, STARTS)
    standing = standing_level(picture)
    level, basis, review = _level_words(picture, standing)
    gazetteer = situation.gazetteer
    above = reversed(gazetteer.ancestors(scope.place))
    return Head(
        place=scope.place,
        name=scope.name,
        path=(*(p.name for p in above), scope.name),
        period=Text(zh="{d} {h} 起 24 小时", en="24 hours from {h} on {d}").fill(
            d=day(tomorrow), h=begin.strftime("%H:%M")
        ),
        edition=Text(zh="第 {n} 期", en="no. {n}").fill(
            n=(situation.cut - situation.origin.first).days + 1
        ),
        level=level,
        level_basis=basis,
        level_review=review,
        cut=situation.cut,
        reported_units=quality.reported,
        expected_units=quality.expected,
        flags=head_flags(picture),
        notices=notices(picture),
    )


def head_flags(picture: Picture) -> tuple[Flag, ...]:
    """Give the flags of the whole order."""
    flags: list[Flag] = []
    if picture.situation.origin.synthetic:
        flags.append("synthetic")
    flags.append("assumed")
    if not picture.quality.revised.is_empty() or picture.corrected:
        flags.append("revised")
    if picture.quality.reported < picture.quality.expected:
        flags.append("partial")
    return tuple(flags)


def _level_words(picture: Picture, standing: object) -> tuple[Text, Text, Text]:
    from tongchou.tiering.ladder import Standing

    none = Text(zh="无数据：表 response_levels", en="no data: table response_levels")
    if not isinstance(standing, Standing):
        return none, same("–"), same("–")
    if standing.level is None or standing.since is None:
        held = level_counts(picture)
        words = [
            Text(zh="{n} 地{l}", en="{n} areas at {l}").fill(n=n, l=level_name(k))  # type: ignore[arg-type]
            for k, n in held.items()
        ]
        if not words:
            return Text(zh="未启动响应", en="no response in force"), same("–"), same("–")
        return (
            Text(zh="，".join(w.zh for w in words), en=", ".join(w.en for w in words)),
            Text(zh="各地自定，依据见附录 F", en="each area its own; basis in Annex F"),
            Text(zh="各地复核日见次页", en="review days overleaf"),
        )
    named = basis_name(standing.since.basis)
    recorded = (
        Text(zh="数据包未登记", en="not recorded in the pack")
        if named.en == "none" and not standing.since.basis
        else same(standing.since.basis)
        if named.en == "none"
        else named
    )
    return level_name(standing.level), recorded, day(standing.review_on)


def notices(picture: Picture) -> tuple[Text, ...]:
    """Give what stands under the head: known differences from published totals, silent units."""
    found: list[Text] = []
    for row in differences(picture).iter_rows(named=True):
        if row["here"] == row["published"]:
            continue
        found.append(
            Text(
                zh="{a}（{s}）本页为 {h}，当时公布 {p}，相差 {d}：{r}",
                en="{a} ({s}): {h} here, {p} published at the time, a difference of {d}: {r}",
            ).fill(
                a=picture.scope.names.get(row["place"], same(row["place"])),
                s=SERIES.get(row["series"], same(row["series"])),
                h=count(row["here"]),
                p=count(row["published"]),
                d=count(abs(row["here"] - row["published"])),
                r=text_of(row, "reason"),
            )
        )
    silent = picture.quality.silent
    if not silent.is_empty():
        names = [picture.scope.names[p] for p in silent["place"].head(5)]
        found.append(
            Text(
                zh="未报告单位 {n} 个（{s}）：{l}",
                en="Silent units: {n} ({s}): {l}",
            ).fill(
                n=silent.height,
                s=share(silent.height / picture.quality.expected),
                l=Text(zh="、".join(t.zh for t in names), en=", ".join(t.en for t in names)),
            )
        )
    return tuple(found)


def coarseness(picture: Picture) -> Text | None:
    """Say so where the rule is for counties and only coarser units report."""
    gazetteer = picture.situation.gazetteer
    lowest = gazetteer.levels[-1]
    above = [
        u
        for u in picture.scope.units
        if gazetteer.place(u).level != lowest and gazetteer.children(u)
    ]
    if not above:
        return None
    return Text(
        zh="规则以县为单位，而 {n} 个报告单位只有市（州）或直辖市数据：其等级是全市（州）合计的等级，县级可能更低。",
        en="The rule is for counties, but {n} reporting units have data for the whole prefecture or municipality only: their tier is that of the whole, and counties in them may stand lower.",
    ).fill(n=len(above))


NEWS_DAYS = 14
"""Days for which a correction is news on the page (assumption; Annex I holds all of them)."""


def correction_sentences(picture: Picture) -> tuple[Text, ...]:
    """Give the corrections of figures that became known lately, one sentence each, the newest first.

    How the pack reads its source (a day shifted, a code merged) is no correction of a figure: that
    stands in Annex I with all the others.
    """
    since = picture.situation.cut - timedelta(days=NEWS_DAYS)
    rows = touching_corrections(picture).filter(
        pl.col("action").is_in(["backlog", "revised", "note"])
        & pl.col("date").is_not_null()
        & (pl.col("known_on") > since)
    )
    names = picture.scope.names
    return tuple(
        Text(zh="{a}（{i}）：{r}", en="{a} ({i}): {r}").fill(
            i=r["correction_id"],
            a=names.get(r["place"], same(r["place"] or "")),
            r=text_of(r, "reason"),
        )
        for r in rows.sort("known_on", "correction_id", descending=[True, False]).iter_rows(
            named=True
        )
    )


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
        m=estimate(first["median"]),
        q1=estimate(first["q25"]),
        q3=estimate(first["q75"]),
        lo=estimate(first["q025"]),
        hi=estimate(first["q975"]),
        b=day(last["date"]),
        n=estimate(last["median"]),
        nlo=estimate(last["q025"]),
        nhi=estimate(last["q975"]),
    )
    return Curve(
        history=history,
        fan=fan.select("date", "q025", "q25", "median", "q75", "q975"),
        yesterday=lesson.fan.select("date", "median"),
        sentence=sentence,
        evidence=evidence(
            "curve",
            Text(zh="疫情曲线与预测", en="Epidemic curve and forecast"),
            "renewal-forecast",
            Text(
                zh="更新方程：μ = R Σ w·新增 + 零星；R 由近7日后验抽取并向共同 R 收缩；负二项噪声。",
                en="Renewal equation: μ = R Σ w·new + sparks; R drawn from its 7-day posterior, shrunk to the common R; negative binomial noise.",
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
                    )
                ),
            ],
            notes=[
                Text(
                    zh="“分析值”把积压补报摊回所属日子，合计不变。",
                    en="“Adjusted” spreads backlog back over the days it belongs to; the sum is unchanged.",
                )
            ],
            total_rows=history.height,
        ),
    )


def _gap(picture: Picture, gap: OpenGap) -> Gap:
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


def _yesterday(picture: Picture, lesson: Lesson) -> Yesterday:
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
        orders=Text(
            zh="无数据：昨日指令的完成情况由指挥平台登记，本次未接入。",
            en="no data: what became of yesterday's orders is recorded in the station, which is not connected to this run.",
        ),
        scores=summary,
        score_sentence=_score_sentence(summary),
        corrections=corrections,
        evidence=evidence(
            "forecast-score",
            Text(zh="预测评分", en="Forecast score"),
            "scoring",
            Text(
                zh="加权区间评分（WIS），与持续性基线同日同地相比；比值小于1为优。",
                en="Weighted interval score, beside persistence for the same days and place; a ratio below 1 is the better.",
            ),
            lesson.scores,
        ),
    )


COLUMNS = {
    "confirmed": Text(zh="累计确诊", en="confirmed"),
    "recovered": Text(zh="累计治愈", en="recovered"),
    "deaths": Text(zh="累计死亡", en="deaths"),
}


def _score_sentence(summary: pl.DataFrame) -> Text:
    if summary.is_empty():
        return Text(zh="数据不足三周，不评分。", en="Less than three weeks of data: not scored.")
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


def sign_off(picture: Picture, seed: int) -> SignOff:
    """Give the block that lets anyone make the same document again."""
    origin = picture.situation.origin
    inputs = dict(sorted(origin.digests.items()))
    stamp = "\n".join(
        [
            f"tongchou {__version__}",
            f"pack {origin.pack}",
            f"cut {picture.situation.cut}",
            f"place {picture.scope.place}",
            f"seed {seed}",
            *(f"{k} {v}" for k, v in inputs.items()),
        ]
    )
    handover = []
    if not picture.quality.silent.is_empty():
        handover.append(
            Text(zh="{n} 个单位待补报。", en="Units still to report: {n}.").fill(
                n=picture.quality.silent.height
            )
        )
    if picture.quality.missing:
        handover.append(
            Text(
                zh="{n} 张数据表缺失，相应数字标为无数据。",
                en="Tables missing: {n}; their figures say no data.",
            ).fill(n=len(picture.quality.missing))
        )
    return SignOff(
        digest=hashlib.sha256(stamp.encode()).hexdigest(),
        inputs=inputs,
        version=__version__,
        seed=seed,
        pack=origin.pack,
        parameters=tuple(
            parameter_line(p)
            for p in (
                picture.serial_interval,
                parameter("onset_to_death_mean", population="China"),
                parameter("reproduction_window"),
            )
        ),
        handover=tuple(handover),
    )
