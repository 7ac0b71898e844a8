"""The summary of a study of chains: as lines to read, and as a plain structure."""

from typing import Any

import numpy as np

from tongchou.surveillance.chains.likelihood import Estimate
from tongchou.surveillance.chains.listed import PROBLEMS
from tongchou.surveillance.chains.study import ChainStudy
from tongchou.surveillance.chains.superspreading import expected_share, fraction_causing
from tongchou.vocabulary.text import Lang, Text, estimate, share

Row = tuple[Text, str]
LEAST = 0.001
"""A figure below it tells no more than that it is small."""


def summary(study: ChainStudy) -> dict[str, Any]:
    """Give the figures as a structure that JSON can hold; what is not known is null."""
    fit, generation, offspring = study.interval, study.generation, study.offspring
    return {
        "cases": study.cases.height,
        "links_listed": int(study.links["listed"].sum()),
        "links_known": int(study.links.filter("listed")["known"].sum()),
        "problems": study.faults.to_dicts(),
        "serial_interval": None
        if fit is None
        else {
            "family": fit.interval.family,
            "infectees": fit.infectees,
            "mean": _range(fit.mean),
            "sd": _range(fit.sd),
        },
        "weighed_by": {
            "family": study.assumed.family,
            "mean": study.assumed.mean,
            "sd": study.assumed.sd,
        },
        "generation_time": None
        if generation is None
        else {"mean": _range(generation.mean), "sd": _range(generation.sd)},
        "presymptomatic_share": None if generation is None else _range(generation.presymptomatic),
        "R": _range(offspring.R),
        "k": _range(offspring.k),
        "share_of_top_fifth": _finite(expected_share(offspring.k.value))
        if offspring.k.value > 0
        else None,
        "share_of_top_fifth_found": _finite(study.top_fifth),
        "from_cluster_sizes": None
        if study.clusters is None
        else {"R": _range(study.clusters.R), "k": _range(study.clusters.k)},
        "superspreading": study.events.to_dicts(),
        "from_outside": float(study.cases["outside"].sum()),
        "entropy_bits": float(np.mean(study.posterior.entropy)),
        "chains": [
            {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in row.items()}
            for row in study.chains.to_dicts()
        ],
    }


def _finite(value: float) -> float | None:
    return float(value) if value == value and abs(value) != float("inf") else None


def _range(e: Estimate) -> dict[str, float | None]:
    return {"value": _finite(e.value), "low": _finite(e.low), "high": _finite(e.high)}


def _written(e: Estimate, as_share: bool = False) -> str:
    write = share if as_share else _figure
    parts = [write(v) for v in (e.value, e.low, e.high)]
    return f"{parts[0]} ({parts[1]}–{parts[2]})"


def _figure(value: float) -> str:
    if abs(value) == float("inf"):
        return "∞"
    return estimate(value) if value == 0 or value >= LEAST else f"<{LEAST}"


def lines(study: ChainStudy, lang: Lang) -> list[str]:
    """Give the summary as lines, each figure with its 95 % range."""
    width = 2 + max(_wide(label[lang]) for label, _ in _rows(study))
    told = [
        f"{label[lang]}{' ' * (width - _wide(label[lang]))}{value}" for label, value in _rows(study)
    ]
    if study.faults.height:
        told.append(_FAULTS[lang])
        told += [
            f"  {a} → {b}  {PROBLEMS[problem][lang]}" for a, b, problem in study.faults.iter_rows()
        ]
    return told


def _wide(text: str) -> int:
    return sum(2 if ord(c) > 0x2E80 else 1 for c in text)


def _rows(study: ChainStudy) -> list[Row]:
    o = study.offspring
    rows: list[Row] = [
        (Text(zh="病例", en="cases"), f"{study.cases.height:,}"),
        (
            Text(zh="已列链接（其中认定）", en="links listed (known)"),
            f"{study.links['listed'].sum():,} ({study.links.filter('listed')['known'].sum():,})",
        ),
        (
            Text(zh="来源不在名单内（期望例数）", en="infected by nobody listed (expected)"),
            estimate(float(study.cases["outside"].sum())),
        ),
    ]
    if study.interval is not None:
        rows += [
            (
                Text(zh="序列间隔均值，天", en="serial interval, mean, days"),
                _written(study.interval.mean),
            ),
            (
                Text(zh="序列间隔标准差，天", en="serial interval, sd, days"),
                _written(study.interval.sd),
            ),
        ]
    else:
        rows.append(
            (
                Text(zh="序列间隔取自他处，天", en="serial interval from elsewhere, days"),
                f"{estimate(study.assumed.mean)} ± {estimate(study.assumed.sd)}",
            )
        )
    if study.generation is not None:
        g = study.generation
        rows += [
            (Text(zh="代际间隔均值，天", en="generation time, mean, days"), _written(g.mean)),
            (Text(zh="代际间隔标准差，天", en="generation time, sd, days"), _written(g.sd)),
            (
                Text(zh="症状前传播占比", en="infected before symptoms"),
                _written(g.presymptomatic, as_share=True),
            ),
        ]
    rows += [
        (Text(zh="再生数 R", en="reproduction number R"), _written(o.R)),
        (Text(zh="离散度 k", en="dispersion k"), _written(o.k)),
    ]
    if study.clusters is not None:
        rows += [
            (
                Text(zh="R，只由聚集规模", en="R from the sizes of clusters"),
                _written(study.clusters.R),
            ),
            (
                Text(zh="k，只由聚集规模", en="k from the sizes of clusters"),
                _written(study.clusters.k),
            ),
        ]
    if o.infected and o.k.value > 0:
        rows += [
            (
                Text(
                    zh="最具传染性的20%病例造成的传播",
                    en="transmission by the most infectious 20 %",
                ),
                share(expected_share(o.k.value)),
            ),
            (
                Text(
                    zh="其中实际由传染最多的20%病例造成",
                    en="found: by the 20 % who infected most",
                ),
                share(study.top_fifth),
            ),
            (
                Text(zh="造成80%传播的病例", en="cases that cause 80 % of it"),
                share(fraction_causing(o.R.value, o.k.value)),
            ),
        ]
    likely = study.chains.filter(study.chains["probability_open"] >= 0.05)
    rows += [
        (Text(zh="两例以上的链", en="chains of two cases or more"), f"{study.chains.height:,}"),
        (
            Text(
                zh="可能尚未终止的链（概率≥5%）",
                en="chains that may go on (probability 5 % or more)",
            ),
            f"{likely.height:,}",
        ),
        (
            Text(zh="超级传播", en="superspreading"),
            ", ".join(
                f"{c} ({n:.0f})" for c, n in study.events.select("case_id", "infected").iter_rows()
            )
            or "–",
        ),
    ]
    return rows


_FAULTS = Text(zh="链接中的问题：", en="Problems among the links:")
