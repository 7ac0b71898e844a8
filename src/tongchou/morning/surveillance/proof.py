"""What stands behind the alerts: their rules, their numbers, the rows of each."""

import polars as pl

from tongchou.morning.evidence import evidence
from tongchou.morning.order import Evidence
from tongchou.morning.picture import Picture
from tongchou.morning.surveillance.alerts import KIND_NAMES, METHODS, RULES, Alert
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text, join, same


def alert_evidence(picture: Picture, alert: Alert) -> Evidence:
    """Give what one alert was made of."""
    return evidence(
        f"alert-{alert.id}",
        Text(zh="{k}：{p}", en="{k}: {p}").fill(
            k=KIND_NAMES[alert.kind],
            p=join([picture.scope.names.get(p, same(p)) for p in alert.places[:3]]),
        ),
        METHODS[alert.kind],
        RULES[alert.kind],
        alert.rows,
        notes=[alert.text],
    )


def alerts_evidence(alerts: tuple[Alert, ...]) -> Evidence:
    """Give the rules of alerts, the parameters they hang on, and their numbers."""
    frame = pl.DataFrame(
        [
            (a.places[0], a.kind, a.since, a.observed, a.expected, a.chance, a.harm_per_day)
            for a in alerts
        ],
        schema=["place", "kind", "since", "observed", "expected", "chance", "harm_per_day"],
        orient="row",
    )
    return evidence(
        "alerts",
        Text(zh="警报", en="Alerts"),
        "alerts",
        Text(
            zh="危害 =（观察数 − 预期数）×（1 − 偶然所致的可能）× 一例来源未查明的病例一天的危害。",
            en="Harm = (observed − expected) × (1 − share due to chance) × harm of an unexplained case a day.",
        ),
        frame.head(60),
        parameters=[
            parameter(n)
            for n in ("alert_false_discovery_rate", "alert_scan_alpha", "alert_scan_ratio")
        ],
        notes=list(RULES.values()),
        total_rows=len(alerts),
    )
