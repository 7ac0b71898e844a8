"""What the outlook rests on, and what it means for beds: tables of annexes B and C."""

import polars as pl

from tongchou.morning.annexes.common import BEDS, CASES, DAYS, head, named_rows
from tongchou.morning.beds_ahead import SHOWN_DAYS
from tongchou.morning.evidence import evidence
from tongchou.morning.order import Evidence, Table
from tongchou.morning.outlook import Outlook
from tongchou.morning.picture import Picture
from tongchou.morning.rivals.members import ENGINE, NAMES, RENEWAL
from tongchou.morning.rivals.past import BASELINE
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text, estimate

BED_NAMES = {
    "mild": Text(zh="轻型、普通型", en="mild and ordinary"),
    "severe": Text(zh="重型", en="severe"),
    "critical": Text(zh="危重型", en="critical"),
}

_SCORED = {
    **NAMES,
    BASELINE: Text(zh="不变基线（不计入）", en="no change (a yardstick, no member)"),
}

_SHORT = {
    RENEWAL: Text(zh="更新方程", en="renewal"),
    ENGINE: Text(zh="传播模型", en="model"),
    BASELINE: Text(zh="不变", en="no change"),
}

_SHARES = Text(
    zh="更新方程由各地自身病例数推演；传播模型由各地病例与地区间流动共同推演。",
    en="The renewal forecast goes on from each place's own counts; the transmission model from all counts and the journeys between places.",
)


def members_table(outlook: Outlook) -> Table:
    """Give the members of the outlook with their weights and how they have done on past days."""
    past = outlook.past
    done = {r["member"]: r for r in past.summary().iter_rows(named=True)}
    names = [*past.weights, *([BASELINE] if BASELINE in done else [])]
    rows = tuple(
        {
            "name": _SCORED[n],
            "weight": past.weights.get(n),
            "days": done[n]["days"] if n in done else None,
            "wis": done[n]["wis"] if n in done else None,
            "in95": done[n]["in95"] if n in done else None,
        }
        for n in names
    )
    return Table(
        id="outlook_members",
        title=Text(
            zh="展望的成员、权重与过去得分",
            en="Members of the outlook, their weights and past scores",
        ),
        headings=(
            head("name", "成员", "Member"),
            head("weight", "权重", "Weight", "share"),
            head("days", "已评天数", "Days scored", "count", DAYS),
            head(
                "wis",
                "误差评分（WIS，越小越好）",
                "Error score (WIS, the smaller the better)",
                "estimate",
                CASES,
            ),
            head("in95", "95%区间含实际值", "Within the 95 % band", "share"),
        ),
        rows=rows,
        note=join_sentences(outlook.weight_sentence(), _SHARES, *outlook.notes),
        evidence=members_evidence(outlook),
    )


def members_evidence(outlook: Outlook) -> Evidence:
    """Give what the weights were made of: every past day scored."""
    return evidence(
        "outlook",
        Text(zh="展望的权重", en="Weights of the outlook"),
        "outlook",
        Text(
            zh="两成员各在过去三日按今夜的分析序列重作预测，逐日评 WIS；权重 ∝ exp(−θ(得分÷最低得分−1))；各分位数按权重平均，等级变化的概率亦按权重平均。",
            en="Both members are made again on three past days from tonight's analytic series and scored day by day by WIS; weight ∝ exp(−θ (score ÷ lowest score − 1)); quantiles, and chances of tier moves, are averaged by weight.",
        ),
        outlook.past.scores.with_columns(pl.col("observed", "median", "wis").round(2)),
        parameters=[
            parameter("forecast_ensemble_sharpness"),
            parameter("forecast_ensemble_half_life"),
            parameter("ascertainment"),
            parameter("onset_to_isolation"),
        ],
    )


def past_table(outlook: Outlook) -> Table:
    """Give the past forecasts that were made again, with the scores of each."""
    scores = outlook.past.scores
    wide = (
        scores.group_by("made_on", "member")
        .agg(
            days=pl.len(),
            wis=pl.col("wis").mean(),
            came=pl.col("observed").sum(),
            said=pl.col("median").sum(),
        )
        .sort("made_on")
    )
    by_day: dict[object, dict[str, object]] = {}
    for r in wide.iter_rows(named=True):
        row = by_day.setdefault(r["made_on"], {"made_on": r["made_on"]})
        row |= {"days": r["days"], "came": r["came"]}
        row |= {f"wis_{r['member']}": r["wis"], f"said_{r['member']}": r["said"]}
    return Table(
        id="outlook_past",
        title=Text(
            zh="过去所作展望的得分：全区", en="How forecasts of past days did, for the whole area"
        ),
        headings=(
            head("made_on", "预测日", "Made on", "date"),
            head("days", "已评天数", "Days scored", "count", DAYS),
            head("came", "实际新增", "New cases that came", "count", CASES),
            *(
                head(f"said_{n}", f"预计：{label.zh}", f"Said: {label.en}", "estimate", CASES)
                for n, label in _SHORT.items()
                if n != BASELINE
            ),
            *(
                head(f"wis_{n}", f"WIS：{label.zh}", f"WIS: {label.en}", "estimate", CASES)
                for n, label in _SHORT.items()
            ),
        ),
        rows=tuple(by_day.values()),
        note=Text(
            zh="“预计”为各日中位数之和。按今夜的序列重作，今夜已知的更正含在其中。",
            en="“Said” is the sum of the daily medians. Made again from tonight's series: corrections known tonight are in it.",
        )
        if by_day
        else Text(zh="尚无可评分的过去预测。", en="No past forecast can be scored yet."),
    )


def bed_demand_table(picture: Picture, title: Text, demand: pl.DataFrame) -> Table:
    """Give beds needed beside beds there are, by area and class, with the day they run out."""
    rows = [
        {**r, "class_name": BED_NAMES[r["bed"]]}
        | {f"need{d}": ranged(r[f"median{d}"], r[f"low{d}"], r[f"high{d}"]) for d in SHOWN_DAYS}
        for r in demand.iter_rows(named=True)
    ]
    headings = [
        head("name", "地区", "Place"),
        head("class_name", "级别", "Class"),
        head("beds", "床位", "Beds", "count", BEDS),
        head("now", "当前需要", "Needed now", "count", BEDS),
        *(
            head(f"need{d}", f"{d}日后（95%区间）", f"In {d} days (95 %)", "text", BEDS)
            for d in SHOWN_DAYS
        ),
    ]
    headings += [
        head("on", "住满日（中位）", "Out on (median)", "date"),
        head("early", "最早（5%）", "Earliest (5 %)", "date"),
        head("probability", "14日内住满概率", "Chance to run out in 14 days", "share"),
    ]
    return Table(
        id="bed_demand",
        title=title,
        headings=tuple(headings),
        rows=named_rows(picture, rows),
        note=Text(
            zh="需要 = 在院 + 待收治 + 今后新增确诊者所需；区间含病例数与每位患者病程的偶然。各地合计的床位视为可互用。",
            en="Needed: in bed, waiting, and those to be confirmed; the band holds how many fall ill and the chance in each patient's course. Beds of an area are taken to be shared within it.",
        ),
    )


def ranged(middle: float, low: float, high: float) -> Text:
    """Write a number with its range.

    >>> ranged(12.34, 5.0, 20.0)["en"]
    '12.3 (5.00 to 20.0)'
    """
    return Text(zh="{m}（{lo}～{hi}）", en="{m} ({lo} to {hi})").fill(
        m=estimate(middle), lo=estimate(low), hi=estimate(high)
    )


def join_sentences(*parts: Text) -> Text:
    """Give sentences one after the other, each beginning with a capital letter."""
    return Text(
        zh="".join(p.zh for p in parts), en=" ".join(p.en[:1].upper() + p.en[1:] for p in parts)
    )
