"""Annex A, what stands out: alerts ranked by harm, chains of transmission."""

import polars as pl

from tongchou.morning.annexes.common import CASES, found_or_raise, head, named_rows
from tongchou.morning.evidence import evidence
from tongchou.morning.order import Table
from tongchou.morning.picture import Picture
from tongchou.morning.surveillance.alerts import KIND_NAMES
from tongchou.morning.surveillance.proof import alert_evidence, alerts_evidence
from tongchou.vocabulary.text import Text, count, estimate, join, run_on, same, share

ALERTS_PROVEN = 40
"""Alerts that carry rows of their own; the rest share those of the table."""


def alerts_table(picture: Picture) -> Table:
    """Give the alerts, the most harmful first, each with the way to its rows."""
    alerts = picture.survey.alerts
    names = picture.scope.names
    proven = [alert_evidence(picture, a) for a in alerts[:ALERTS_PROVEN]]
    rows = [
        {
            "name": join([names.get(p, same(p)) for p in a.places[:4]])
            if len(a.places) <= 4
            else Text(zh="{l}等{n}地", en="{l} and {m} more").fill(
                l=join([names.get(p, same(p)) for p in a.places[:3]]),
                n=len(a.places),
                m=len(a.places) - 3,
            ),
            "kind": KIND_NAMES[a.kind],
            "seen": a.text,
            "since": a.since,
            "chance": None if a.kind == "cluster" else a.chance,
            "harm": a.harm_per_day,
            "evidence": f"alert-{a.id}" if number < ALERTS_PROVEN else None,
        }
        for number, a in enumerate(alerts)
    ]
    return Table(
        id="alerts",
        title=Text(zh="警报：按拖延一天的危害排序", en="Alerts, by the harm of a day's delay"),
        headings=(
            head("name", "单位", "Unit"),
            head("kind", "类别", "Kind"),
            head("seen", "所见", "What was seen"),
            head("since", "自", "Since", "date"),
            head("chance", "偶然所致的可能", "By chance alone", "share"),
            head(
                "harm",
                "危害",
                "Harm",
                "estimate",
                Text(zh="感染当量／日", en="infection-equivalents a day"),
            ),
        ),
        rows=tuple(rows),
        note=None if rows else Text(zh="无。", en="None."),
        evidence=alerts_evidence(alerts),
        proofs=tuple(proven),
    )


def chains_table(picture: Picture, id: str, title: Text) -> Table:
    """Give chains by place, size and whether they may go on; no case is named."""
    study = found_or_raise(picture.survey.chains)
    where = dict(picture.situation.table("cases", title).select("case_id", "place").iter_rows())
    rows = [
        {"place": where[first], **r}
        for first, r in zip(
            study.chains["first_case"],
            study.chains.drop("first_case").iter_rows(named=True),
            strict=True,
        )
    ]
    o, g = study.offspring, study.generation
    parts = [
        Text(
            zh="每例感染 R {r}（{rl}～{rh}），离散度 k {k}（{kl}～{kh}），超级传播者 {e} 例；来源不在名单内约 {u} 例。",
            en="R {r} ({rl} to {rh}), dispersion k {k} ({kl} to {kh}); superspreaders: {e}; infected by nobody on the list: about {u}.",
        ).fill(
            r=estimate(o.R.value), rl=estimate(o.R.low), rh=estimate(o.R.high),
            k=estimate(o.k.value), kl=estimate(o.k.low), kh=estimate(o.k.high),
            e=count(study.events.height), u=estimate(float(study.cases["outside"].sum()), 2),
        )
    ]  # fmt: skip
    if g is not None:
        parts.append(
            Text(
                zh="代际间隔 {m} 天（{l}～{h}）；症状出现前传播占 {p}（{pl}～{ph}）。",
                en="Generation time {m} days ({l} to {h}); infected before symptoms {p} ({pl} to {ph}).",
            ).fill(
                m=estimate(g.mean.value), l=estimate(g.mean.low), h=estimate(g.mean.high),
                p=share(g.presymptomatic.value), pl=share(g.presymptomatic.low),
                ph=share(g.presymptomatic.high),
            )
        )  # fmt: skip
    return Table(
        id=id,
        title=title,
        headings=(
            head("name", "首例所在", "First case in"),
            head("cases", "病例", "Cases", "count", CASES),
            head("generations", "代数", "Generations", "count"),
            head("first_on", "首例发病", "First onset", "date"),
            head("last_on", "末例发病", "Last onset", "date"),
            head("probability_open", "未终止的概率", "May go on, probability", "share"),
        ),
        rows=named_rows(picture, rows),
        note=run_on(parts),
        evidence=evidence(
            "chains",
            title,
            "transmission-chains",
            Text(
                zh="已知传播关系固定，其余按序列间隔、同住同场所与来源未明的可能抽取整棵树；R 与 k 由每例感染数的负二项分布得出。",
                en="Known links are kept; the others are drawn as whole trees, by serial interval, shared home or venue and the chance of an unknown source; R and k are those of the negative binomial of people infected by each case.",
            ),
            pl.DataFrame(rows),
        ),
    )
