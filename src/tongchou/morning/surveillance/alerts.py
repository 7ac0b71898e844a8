"""Alerts: what stands out tonight, from four sources, in one list ranked by harm.

Each alert says what was seen beside what was to be expected, how likely chance alone explains it, and
leads to its rows. None says that somebody did wrong: it says where a person has to look.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np
import polars as pl
import xarray as xr

from tongchou.morning.scope import Scope
from tongchou.scenario.harm import harm_per_day
from tongchou.situation.situation import Situation
from tongchou.surveillance.detection.ewma import BASELINE, GUARD, ewma
from tongchou.surveillance.detection.exposure_clusters import link_clusters
from tongchou.surveillance.detection.false_alarms import hold_down
from tongchou.surveillance.detection.scan_places import scan_places
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text, cases, count, day, estimate

Kind = Literal["count", "scan", "cluster"]

FALSE_SHARE = parameter("alert_false_discovery_rate").value
SCAN_ALPHA = parameter("alert_scan_alpha").value
SCAN_RATIO = parameter("alert_scan_ratio").value
SCAN_DAYS = int(parameter("alert_scan_days").value)
REPLICATES = 199
"""Random sets of a scan: enough for a p of 0.5 %; beyond them the tail is fitted."""
QUIET, WEEK = 14, 7

KIND_NAMES: dict[Kind, Text] = {
    "count": Text(zh="新发苗头", en="new sign"),
    "scan": Text(zh="时空聚集", en="space-time cluster"),
    "cluster": Text(zh="共同暴露聚集", en="exposure cluster"),
}
METHODS: dict[Kind, str] = {
    "count": "signals",
    "scan": "space-time-scan",
    "cluster": "exposure-clusters",
}
RULES: dict[Kind, Text] = {
    "count": Text(
        zh="此前14日无病例的单位，近日指数加权均值超出前{b}日所预期者；全部单位一并判断，误报占比控制在 {q}。",
        en="In a unit quiet for 14 days before: a smoothed count above what the {b} days before let expect; all units are judged together, so that the expected share of false alarms stays at {q}.",
    ).fill(b=BASELINE, q=f"{FALSE_SHARE:.0%}"),
    "scan": Text(
        zh="前瞻性时空扫描（置换模型）：相邻单位在最近几日的病例多于按各地总数和各日总数所预期的 {r} 倍以上；p 不超过 {a}。",
        en="Prospective space-time scan (permutation): in the last days neighbouring units have at least {r} times the cases that the totals of places and days let expect; p at most {a}.",
    ).fill(a=f"{SCAN_ALPHA:g}", r=f"{SCAN_RATIO:g}"),
    "cluster": Text(
        zh="14日内同一家庭或场所2例以上，或由已知传播关系相连；近7日仍有来源不明、也不是在隔离中发现的新病例，只计这些。",
        en="Two or more cases within 14 days in one household or venue, or joined by a known link; counted are the new cases of the last 7 days that name no source and were not found in quarantine.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing that stands out.

    ``chance`` is the share of such alerts that chance alone makes (0 where cases are joined by name);
    ``harm_per_day`` what a day without review costs; ``rows`` what it was made of.
    """

    id: str
    kind: Kind
    places: tuple[str, ...]
    text: Text
    since: date
    observed: float
    expected: float
    chance: float
    harm_per_day: float
    rows: pl.DataFrame


def find_alerts(
    situation: Situation, scope: Scope, analytic: xr.DataArray, rng: np.random.Generator
) -> tuple[Alert, ...]:
    """Give the alerts of an area, the most harmful first.

    Parameters
    ----------
    analytic : DataArray (place, date), persons per day
        New cases of the units with backlog spread back.
    """
    units = analytic.sel(place=list(scope.units))
    found = [
        *_signs(units),
        *_living(situation, scope, units, rng),
        *_clusters(situation, scope),
    ]
    return tuple(sorted(found, key=lambda a: (-a.harm_per_day, a.id)))


def _harm(excess: float, chance: float) -> float:
    """Each case that nobody has explained infects others for a day more."""
    return harm_per_day({"unexplained_case_day": max(excess, 0.0) * (1 - chance)})


def signs(units: xr.DataArray) -> xr.Dataset | None:
    """Give the chart of every unit on the last date, None before there is a month to compare with.

    Units with a case in the fortnight before the last seven days are no alarm: where cases have
    been coming all along the chart says nothing new.
    """
    if units.sizes["date"] < BASELINE + GUARD + 1:
        return None
    found = hold_down(ewma(units, last=1), FALSE_SHARE)
    before = units.isel(date=slice(-QUIET - WEEK, -WEEK)).sum("date") == 0
    return found.assign(alarm=found["alarm"] & before)


def _signs(units: xr.DataArray) -> Iterator[Alert]:
    found = signs(units)
    if found is None:
        return
    last = units["date"].values[-1].astype("datetime64[D]").item()
    tonight = found.isel(date=-1)
    for place in tonight["place"].values[tonight["alarm"].values]:
        one, series = tonight.sel(place=place), units.sel(place=place)
        week = float(series[-WEEK:].sum())
        expected = float(one["expected"]) * WEEK
        chance = float(one["adjusted"])
        first = int(np.flatnonzero(series.values[-WEEK:] > 0)[0])
        yield Alert(
            id=f"count-{place}",
            kind="count",
            places=(str(place),),
            text=Text(
                zh="近7日新增 {n} 例，按此前预期 {e} 例",
                en="{n} new in 7 days, {e} expected from before",
            ).fill(n=cases(week), e=estimate(expected)),
            since=last - timedelta(days=WEEK - 1 - first),
            observed=week,
            expected=expected,
            chance=chance,
            harm_per_day=_harm(week - expected, chance),
            rows=_rows(units, [str(place)]),
        )


def _rows(units: xr.DataArray, places: list[str], days: int = 28) -> pl.DataFrame:
    part = units.sel(place=places).isel(date=slice(-days, None))
    return pl.concat(
        pl.DataFrame(
            {
                "place": [p] * part.sizes["date"],
                "date": part["date"].values.astype("datetime64[D]"),
                "analytic": part.sel(place=p).values,
            }
        ).with_columns(pl.col("date").cast(pl.Date))
        for p in places
    )


def _living(
    situation: Situation, scope: Scope, units: xr.DataArray, rng: np.random.Generator
) -> Iterator[Alert]:
    recent = units.isel(date=slice(-SCAN_DAYS, None)).round()
    if recent.sizes["place"] < 3 or recent.sizes["date"] < SCAN_DAYS or float(recent.sum()) < 2:
        return
    scan = scan_places(
        recent,
        points_of(situation, scope),
        longest=QUIET,
        replicates=REPLICATES,
        alpha=SCAN_ALPHA,
        rng=rng,
    )
    # In a place of thousands of cases a tenth more is beyond chance and no news to anybody.
    alarms = scan.alarms.filter(pl.col("observed") >= SCAN_RATIO * pl.col("expected"))
    for row in alarms.iter_rows(named=True):
        places = scan.members.filter(pl.col("cluster") == row["cluster"])["place"].to_list()
        yield Alert(
            id=f"scan-{row['centre']}",
            kind="scan",
            places=tuple(places),
            text=Text(
                zh="{d}以来 {n} 例，按总体走势应为 {e} 例（{r} 倍）",
                en="{n} cases since {d}, {e} by the course of the whole ({r} times)",
            ).fill(
                d=day(row["first"]),
                n=count(row["observed"]),
                e=estimate(row["expected"]),
                r=estimate(row["observed"] / row["expected"], 2),
            ),
            since=row["first"],
            observed=float(row["observed"]),
            expected=float(row["expected"]),
            chance=float(row["p_value"]),
            harm_per_day=_harm(row["observed"] - row["expected"], row["p_value"]),
            rows=_rows(units, places),
        )


def points_of(situation: Situation, scope: Scope) -> xr.Dataset:
    """Give the points of the units, degrees."""
    places = [situation.gazetteer.place(p) for p in scope.units]
    return xr.Dataset(
        {
            "longitude": ("place", np.array([p.longitude for p in places], dtype=float)),
            "latitude": ("place", np.array([p.latitude for p in places], dtype=float)),
        },
        {"place": list(scope.units)},
    )


def _clusters(situation: Situation, scope: Scope) -> Iterator[Alert]:
    if not situation.has("cases"):
        return
    listed = scope.inside(situation.table("cases")).filter(
        pl.col("confirmed_on").is_not_null()
        & (pl.col("confirmed_on") > situation.cut - timedelta(days=QUIET + WEEK))
    )
    if listed.is_empty():
        return
    try:
        found = link_clusters(
            listed.with_columns(onset_on=pl.lit(None, pl.Date)), today=situation.cut
        )
    except MissingData:
        return
    known = listed.select(
        "case_id",
        "place",
        explained=pl.col("infector_id").is_not_null() | pl.col("found_inside").fill_null(False),
    )
    members = found.members.join(known, "case_id").with_columns(
        recent=pl.col("on") > situation.cut - timedelta(days=WEEK)
    )
    living = found.clusters.filter(pl.col("open") & (pl.col("last_7_days") > 0))
    for row in living.iter_rows(named=True):
        of = members.filter(pl.col("cluster") == row["cluster"])
        recent = of.filter("recent")
        unexplained = recent.height - int(recent["explained"].sum())
        if unexplained:
            yield _cluster(row, of.select("place", date="on"), recent.height, unexplained)


def _cluster(row: Mapping[str, Any], placed: pl.DataFrame, recent: int, unexplained: int) -> Alert:
    by_place = placed.group_by("place").len().sort(["len", "place"], descending=[True, False])
    return Alert(
        id=f"cluster-{by_place['place'][0]}-{row['first_on']}-{row['cluster']}",
        kind="cluster",
        places=tuple(by_place["place"]),
        text=Text(
            zh="{h} 户 {n} 例，近7日 {w} 例，其中来源不明 {u} 例",
            en="{n} cases (households: {h}), {w} in the last 7 days, {u} of unknown source",
        ).fill(
            h=count(row["households"]), n=count(row["cases"]), w=count(recent), u=count(unexplained)
        ),
        since=row["first_on"],
        observed=float(recent),
        expected=float(recent - unexplained),
        chance=0.0,
        harm_per_day=_harm(float(unexplained), 0.0),
        rows=placed.group_by("place", "date").len("confirmed").sort("date", "place"),
    )
