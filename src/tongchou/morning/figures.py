"""The strip of figures: each with value, range, changes, a small line, and the way back.

A figure is a rule that can be asked on any night: the value on the cut-off, the night before and
seven nights before come from the same rule on what was known then, so that a change is never the
effect of two definitions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import numpy as np
import polars as pl
import xarray as xr

from tongchou.morning.evidence import count_rows, evidence, no_data
from tongchou.morning.order import Evidence, Figure, Flag
from tongchou.morning.picture import Picture, population_of
from tongchou.morning.records import RECORD_RULES, Measured, RecordRule
from tongchou.morning.surveillance.onsets import onsets_of_week, r_by_onset
from tongchou.situation.situation import Situation
from tongchou.surveillance.fatality import case_fatality
from tongchou.surveillance.incidence import daily_new
from tongchou.surveillance.rates import recovery_rate
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.parameter import Parameter, parameter
from tongchou.vocabulary.text import Text, count, estimate, share, signed

TREND_DAYS = 28
WEEK = 7

Write = Callable[[float | None], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A figure as a daily series of one place: value, range, and how it is written."""

    id: str
    label: Text
    unit: Text
    write: Write
    better: Literal["up", "down", "neither"]
    method: str
    formula: Text
    values: xr.DataArray
    low: xr.DataArray | None = None
    high: xr.DataArray | None = None
    small: Text | None = None
    flags: tuple[Flag, ...] = ()
    parameters: tuple[str, ...] = ()
    was: str | None = None
    missing: MissingData | None = None


def strip(picture: Picture) -> tuple[Figure, ...]:
    """Give the strip of figures of an area, in the order of the page."""
    counted = [_from_series(picture, s) for s in count_series(picture)]
    nights = past_nights(picture.situation)
    recorded = {rule.id: _from_records(picture, rule, nights) for rule in RECORD_RULES}
    by_id = {f.id: f for f in counted} | recorded
    return tuple(by_id[name] for name in ORDER)


ORDER = (
    "new_confirmed",
    "reproduction",
    "admission_rate",
    "recovery_rate",
    "infection_rate",
    "case_fatality",
    "onset_to_isolation",
    "found_inside",
    "beds_free",
    "days_of_supply",
    "over_hours",
    "work_back",
    "price_alerts",
    "form_minutes",
)


def count_series(picture: Picture) -> list[Series]:
    """Give the figures made of daily case counts."""
    place = picture.scope.place
    here = picture.counts.sel(place=[place])
    new = picture.new.sel(place=place)
    analytic = picture.analytic.sel(place=place)
    rt = picture.rt.sel(place=place)
    return [
        Series(
            id="new_confirmed",
            label=Text(zh="新增确诊", en="New confirmed"),
            unit=Text(zh="例／日", en="cases a day"),
            write=count,
            better="down",
            method="incidence",
            formula=Text(
                zh="当日24时累计确诊 − 前一日24时累计确诊；下修的负值单列，不并入新增。",
                en="Cumulative confirmed at 24:00 less that of the day before; downward revisions stand apart.",
            ),
            values=new,
            small=onsets_of_week(picture.survey.onsets, place)
            or _backlog_note(picture, float(new[-1]), float(analytic[-1])),
            flags=("revised",) if _revised(picture, place) else (),
            was=_was(picture, place),
        ),
        Series(
            id="reproduction",
            label=Text(zh="再生数 R", en="Reproduction number R"),
            unit=Text(zh="每例感染人数", en="infected by one case"),
            write=estimate,
            better="down",
            method="reproduction",
            formula=Text(
                zh="R = (a + Σ 新增) ÷ (b + Σ 感染力)，窗口7天；按确诊日计，滞后于感染约一个潜伏期加确诊延迟。",
                en="R = (a + Σ new cases) ÷ (b + Σ infectivity) over 7 days; by day of confirmation, so it lags infection by incubation and delay.",
            ),
            values=rt["median"],
            low=rt["q025"],
            high=rt["q975"],
            small=r_by_onset(picture.survey.onsets, place)
            if bool(rt["usable"][-1])
            else Text(zh="窗口内病例不足，不作估计", en="too few cases in the window to estimate"),
            parameters=("serial_interval_mean", "reproduction_window"),
        ),
        _recovery(here),
        _infection(picture, place),
        _fatality(here, place),
    ]


def _recovery(here: xr.Dataset) -> Series:
    rates = recovery_rate(here["recovered"], here["deaths"]).isel(place=0)
    crude = here["recovered"].isel(place=0) / here["confirmed"].isel(place=0)
    return Series(
        id="recovery_rate",
        label=Text(zh="治愈率", en="Recovery rate"),
        unit=Text(zh="占已结案", en="of closed cases"),
        write=share,
        better="up",
        method="rates",
        formula=Text(
            zh="累计出院 ÷（累计出院 + 累计死亡）；病例未结案时偏低，因死亡早于出院。",
            en="Discharged ÷ (discharged + dead); it leans low while cases are open, as deaths come before discharges.",
        ),
        values=rates["rate"],
        low=rates["low"],
        high=rates["high"],
        small=Text(zh="出院占累计确诊 {s}", en="discharged of all confirmed {s}").fill(
            s=share(float(crude[-1]))
        ),
        missing=_absent(here, "recovered", Text(zh="治愈率", en="recovery rate"))
        or _absent(here, "deaths", Text(zh="治愈率", en="recovery rate")),
    )


def _infection(picture: Picture, place: str) -> Series:
    weekly = picture.weekly.sel(place=place)
    people = population_of(picture.scope, picture.counts).sel(place=place)
    total = float(picture.counts["confirmed"].sel(place=place)[-1])
    return Series(
        id="infection_rate",
        label=Text(zh="感染率", en="Infection rate"),
        unit=Text(zh="7日／10万人", en="7 days per 100,000"),
        write=estimate,
        better="down",
        method="incidence",
        formula=Text(
            zh="近7日新增确诊 ÷ 常住人口 × 100,000。",
            en="New confirmed of the last 7 days ÷ residents × 100,000.",
        ),
        values=weekly,
        small=Text(zh="累计 {r}／10万", en="cumulative {r} per 100,000").fill(
            r=estimate(total / float(people) * 100_000)
        ),
    )


def _fatality(here: xr.Dataset, place: str) -> Series:
    delay = parameter("onset_to_death_mean", population="China")
    cases = daily_new(here["confirmed"])["new"]
    deaths = daily_new(here["deaths"])["new"]
    missing = _absent(here, "deaths", Text(zh="病亡率", en="case fatality"))
    found = case_fatality(cases, deaths.fillna(0.0), delay.delay()).isel(place=0)
    return Series(
        id="case_fatality",
        label=Text(zh="病亡率（校正）", en="Case fatality (adjusted)"),
        unit=Text(zh="占确诊", en="of confirmed"),
        write=share,
        better="down",
        method="rates",
        formula=Text(
            zh="累计死亡 ÷（已知结局比例 u × 累计确诊）；u 由发病至死亡的延迟算出，按确诊日计故偏高。",
            en="Deaths ÷ (share of outcomes known u × confirmed); u from the delay onset to death, applied to days of confirmation, so it leans high.",
        ),
        values=found["adjusted"].where(found["usable"]),
        low=found["adjusted_low"].where(found["usable"]),
        high=found["adjusted_high"].where(found["usable"]),
        small=Text(zh="表观（死亡÷确诊）{n}", en="naive (deaths ÷ confirmed) {n}").fill(
            n=share(float(found["naive"][-1]))
        ),
        flags=("assumed",),
        parameters=("onset_to_death_mean",),
        missing=missing,
    )


def _absent(here: xr.Dataset, column: str, needed_for: Text) -> MissingData | None:
    """Say that a column was never reported for the area."""
    if bool(here[column].isnull().all()):
        return MissingData("case_counts", needed_for, column=column)
    return None


def _backlog_note(picture: Picture, reported: float, adjusted: float) -> Text:
    if abs(reported - adjusted) >= 1:
        return Text(
            zh="其中积压补报已回摊，当日分析值 {n}；未作发病日补报估计",
            en="backlog spread back: {n} for analysis; not corrected for reporting delay",
        ).fill(n=count(adjusted))
    return Text(
        zh="按报告日计，未作延迟补报估计", en="by day of report, not corrected for reporting delay"
    )


def _revised(picture: Picture, place: str) -> bool:
    return picture.quality.revised.filter(pl.col("place") == place).height > 0


def _was(picture: Picture, place: str) -> str | None:
    """Give yesterday's figure as it was printed then, if it has been revised since."""
    back = picture.situation.cut - timedelta(days=1)
    rows = picture.quality.revised.filter(
        (pl.col("place") == place) & (pl.col("column") == "confirmed") & (pl.col("date") == back)
    )
    return None if rows.is_empty() else count(rows["was"][0])


def _without(rule: Series | RecordRule, missing: MissingData) -> Figure:
    """Give a figure that cannot be had on this night, naming the table that is not there."""
    return Figure(
        id=rule.id,
        label=rule.label,
        unit=rule.unit,
        value=None,
        shown="–",
        better=rule.better,
        missing=no_data(missing),
        evidence=evidence(
            rule.id, rule.label, rule.method, rule.formula, pl.DataFrame(), notes=[missing.text()]
        ),
    )


def _from_series(picture: Picture, s: Series) -> Figure:
    if s.missing is not None:
        return _without(s, s.missing)
    values = s.values.to_numpy().astype(float)
    now = float(values[-1])
    place = picture.scope.place
    flags = _flags(picture, s.flags)
    return Figure(
        id=s.id,
        label=s.label,
        unit=s.unit,
        value=None if np.isnan(now) else now,
        shown=s.write(now),
        low=None if s.low is None or np.isnan(s.low[-1]) else s.write(float(s.low[-1])),
        high=None if s.high is None or np.isnan(s.high[-1]) else s.write(float(s.high[-1])),
        day_change=_change(values, 1, s.write),
        week_change=_change(values, WEEK, s.write),
        trend=tuple(None if np.isnan(v) else float(v) for v in values[-TREND_DAYS:]),
        better=s.better,
        small=s.small,
        flags=flags,
        was=s.was,
        evidence=evidence(
            s.id,
            s.label,
            s.method,
            s.formula,
            count_rows(picture, place),
            parameters=[_parameter(picture, name) for name in s.parameters],
            total_rows=int(picture.counts.sizes["date"]),
        ),
    )


def _parameter(picture: Picture, name: str) -> Parameter:
    if name == "serial_interval_mean":
        return picture.serial_interval
    if name == "onset_to_death_mean":
        return parameter(name, population="China")
    return parameter(name)


def _change(values: np.ndarray, back: int, write: Write) -> str | None:
    if values.size <= back or np.isnan(values[-1]) or np.isnan(values[-1 - back]):
        return None
    return written_change(float(values[-1]), float(values[-1 - back]), write)


def written_change(now: float, then: float, write: Write) -> str:
    """Write a change with no more decimals than the figure itself is printed with.

    >>> written_change(0.5071, 0.5137, estimate), written_change(12.0, 15.0, count)
    ('−0.007', '−3')
    """
    if write is not estimate:
        return signed(now - then, write)
    decimals = len(write(now).partition(".")[2])
    change = round(now - then, decimals)
    return signed(change, lambda value: f"{value:,.{decimals}f}")


def _flags(picture: Picture, own: tuple[Flag, ...]) -> tuple[Flag, ...]:
    return (*own, "synthetic") if picture.situation.origin.synthetic else own


def past_nights(situation: Situation) -> list[Situation | None]:
    """Give what was known on each night of the small line, the oldest first; None before the pack."""
    nights = [situation.cut - timedelta(days=back) for back in range(TREND_DAYS - 1, 0, -1)]
    return [situation.as_of(n) if n >= situation.origin.first else None for n in nights]


def _from_records(picture: Picture, rule: RecordRule, nights: Sequence[Situation | None]) -> Figure:
    """Ask a record rule on the cut-off, the night before, a week before, and for the trend."""
    situation, scope = picture.situation, picture.scope
    try:
        now = rule.measure(situation, scope)
    except MissingData as missing:
        return _without(rule, missing)
    trend = [*(_asked(picture, rule, night) for night in nights), now.value]
    return Figure(
        id=rule.id,
        label=rule.label,
        unit=rule.unit,
        value=now.value,
        shown=rule.write(now.value),
        low=None if now.low is None else rule.write(now.low),
        high=None if now.high is None else rule.write(now.high),
        day_change=_difference(now, trend[-2], rule.write),
        week_change=_difference(now, trend[-1 - WEEK], rule.write),
        trend=tuple(trend),
        better=rule.better,
        small=now.small,
        flags=_flags(picture, rule.flags),
        evidence=_record_evidence(rule, now),
    )


def _asked(picture: Picture, rule: RecordRule, night: Situation | None) -> float | None:
    if night is None:
        return None
    try:
        return rule.measure(night, picture.scope).value
    except MissingData:
        return None


def _difference(now: Measured, then: float | None, write: Write) -> str | None:
    if now.value is None or then is None:
        return None
    return written_change(now.value, then, write)


def _record_evidence(rule: RecordRule, now: Measured) -> Evidence:
    return evidence(
        rule.id,
        rule.label,
        rule.method,
        rule.formula,
        now.rows,
        parameters=[parameter(name) for name in rule.parameters],
        total_rows=max(now.total_rows, now.rows.height),
    )
