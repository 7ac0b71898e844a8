"""Every yesterday's forecast, scored as if it had been that night.

Each night sees only what was known then; its forecast of daily new cases is scored against the counts
as they were received later, day by day, beside persistence made from the same series and the ensemble of
the two, its weights learnt from the nights before.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
import xarray as xr

from tongchou.morning.columns import line
from tongchou.morning.picture import count_series, new_series, with_quiet_past
from tongchou.morning.scope import Scope, scope_of
from tongchou.situation.pack import Pack
from tongchou.situation.situation import Situation
from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.transmission.members import ENSEMBLE_OF
from tongchou.transmission.renewal import forecast
from tongchou.transmission.score import coverage, persistence, weighted_interval_score
from tongchou.transmission.training import Training
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Lang, Text, estimate, share

MEANS = (
    *("wis", "wis_persistence", "wis_ensemble", "in50", "in95", "p_in50", "p_in95"),
    *("e_in50", "e_in95"),
)
"""What is averaged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """The scores of a backtest.

    ``scores``: made_on, place, date, ahead, observed, median, wis, wis_persistence, wis_ensemble, in50, in95,
    p_in50, p_in95 (the same for persistence), e_in50, e_in95 (for the ensemble), corrected (a backlog correction falls on that day
    and place, or on an area above or below it).
    """

    scores: pl.DataFrame
    scope: Scope
    pack: str
    seed: int

    def by(self, *columns: str, corrected: bool = True) -> pl.DataFrame:
        """Give mean scores and coverage by columns, over all rows or those no correction touches."""
        rows = self.scores if corrected else self.scores.filter(~pl.col("corrected"))
        means = [
            pl.len().alias("n"),
            *[pl.col(c).mean() for c in MEANS],
        ]
        grouped = rows.group_by(list(columns)).agg(means) if columns else rows.select(means)
        ratios = {
            name: pl.when(pl.col("wis_persistence") > 0).then(
                pl.col(wis) / pl.col("wis_persistence")
            )
            for name, wis in (("ratio", "wis"), ("ratio_ensemble", "wis_ensemble"))
        }
        return grouped.with_columns(**ratios).sort(list(columns) or "n")


def backtest(
    pack: Pack,
    first: date,
    last: date,
    *,
    place: str | None = None,
    horizon: int = 14,
    seed: int = 1,
    draws: int = 1000,
) -> Backtest:
    """Score the forecast of every night from ``first`` to ``last``.

    Parameters
    ----------
    pack
        The data pack; days after its last one cannot be scored and are left out.
    first, last
        Nights on which a forecast is made.
    place
        Area whose next level below is forecast (the provinces of a nation).
    horizon
        Days ahead.
    seed, draws
        As in :func:`tongchou.morning.outlook.look_ahead`.
    """
    if not pack.first <= first <= last <= pack.last:
        raise BadParameter(
            "from/to",
            f"{first}…{last}",
            Text(
                zh=f"须在 {pack.first} 与 {pack.last} 之间，且起日不晚于止日。",
                en=f"it must lie between {pack.first} and {pack.last}, the first day not after the last.",
            ),
        )
    end = pack.as_of(pack.last)
    scope = scope_of(end, place)
    places = list(scope.areas or scope.units)
    truth, _ = series_of(end, scope, places)
    touched = corrected_days(end, scope, places)
    nights = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    training = Training(of=ENSEMBLE_OF)
    parts = [
        night_scores(
            pack.as_of(night), scope, places, truth, touched, horizon, seed, draws, training
        )
        for night in nights
    ]
    return Backtest(scores=pl.concat(parts), scope=scope, pack=pack.name, seed=seed)


def series_of(
    situation: Situation, scope: Scope, places: list[str]
) -> tuple[xr.DataArray, xr.DataArray]:
    """Give new cases of places as received and as corrected for analysis, persons per day."""
    counts = count_series(situation, scope)
    new, analytic = new_series(situation, scope, counts["confirmed"])
    return new.sel(place=places), analytic.sel(place=places)


def corrected_days(situation: Situation, scope: Scope, places: list[str]) -> set[tuple[str, date]]:
    """Give the (place, day) pairs on which a backlog correction falls."""
    rows = situation.corrections.filter(pl.col("action") == "backlog")
    return {
        (p, row["date"])
        for row in rows.iter_rows(named=True)
        for p in places
        if row["place"] in (p, *scope.ancestors.get(p, ()))
        or p in [a.code for a in situation.gazetteer.ancestors(row["place"])]
    }


def night_scores(
    situation: Situation,
    scope: Scope,
    places: list[str],
    truth: xr.DataArray,
    touched: set[tuple[str, date]],
    horizon: int,
    seed: int,
    draws: int,
    training: Training | None = None,
) -> pl.DataFrame:
    """Forecast on one night and score what is known of its days.

    With a training the ensemble is scored too, and learns; nights must then come in order.
    """
    _, known = series_of(situation, scope, places)
    analytic = with_quiet_past(known)
    rng = np.random.default_rng(seed)
    ahead = forecast(
        analytic, ForecastAssumptions.from_table(), horizon=horizon, draws=draws, rng=rng
    )["new_cases"]
    baseline = persistence(analytic, horizon=horizon)
    together = None
    if training is not None:
        members = {"renewal": ahead, "persistence": baseline}
        training.learn(analytic)
        together = training.combine(members)
        training.remember(members)
    days = np.intersect1d(ahead["date"].values, truth["date"].values)
    ahead, baseline = ahead.sel(date=days), baseline.sel(date=days)
    observed = truth.sel(date=days)
    columns = {
        "observed": observed,
        "median": ahead.sel(quantile=0.5, drop=True),
        "wis": weighted_interval_score(ahead, observed),
        "wis_persistence": weighted_interval_score(baseline, observed),
        "in50": coverage(ahead, observed, 0.5),
        "in95": coverage(ahead, observed, 0.95),
        "p_in50": coverage(baseline, observed, 0.5),
        "p_in95": coverage(baseline, observed, 0.95),
    }
    if together is not None:
        together = together.sel(date=days)
        columns |= {
            "wis_ensemble": weighted_interval_score(together, observed),
            "e_in50": coverage(together, observed, 0.5),
            "e_in95": coverage(together, observed, 0.95),
        }
    dates = [d.astype("datetime64[D]").item() for d in days]
    frame = pl.DataFrame(
        {
            "made_on": [situation.cut] * (len(places) * len(dates)),
            "place": np.repeat(places, len(dates)).tolist(),
            "date": dates * len(places),
        }
        | {n: a.transpose("place", "date").to_numpy().ravel() for n, a in columns.items()},
        schema_overrides={"made_on": pl.Date, "date": pl.Date, "place": pl.String},
    )
    pairs = zip(frame["place"], frame["date"], strict=True)
    return frame.with_columns(
        ahead=(pl.col("date") - pl.col("made_on")).dt.total_days(),
        corrected=pl.Series([pair in touched for pair in pairs], dtype=pl.Boolean),
    )


_HEAD = Text(
    zh="{pack} · {first} 至 {last} 每晚作 {h} 天预测，种子 {seed}，共评 {n} 次",
    en="{pack} · forecasts of {h} days made every night from {first} to {last}, seed {seed}; {n} scored",
)
_TITLES: dict[Lang, dict[str, str]] = {
    "zh": {
        "a": "地区",
        "n": "次数",
        "w": "WIS",
        "p": "WIS基线",
        "r": "比值",
        "c5": "50%覆盖",
        "c9": "95%覆盖",
        "q5": "基线50%",
        "q9": "基线95%",
        "e": "WIS集合",
        "er": "集合比值",
        "e9": "集合95%",
    },
    "en": {
        "a": "area",
        "n": "n",
        "w": "WIS",
        "p": "baseline",
        "r": "ratio",
        "c5": "in 50%",
        "c9": "in 95%",
        "q5": "base 50%",
        "q9": "base 95%",
        "e": "ensemble",
        "er": "ens. ratio",
        "e9": "ens. 95%",
    },
}
_AHEAD = Text(zh="第 {n} 天", en="day {n}")
WIDTHS = {"a": -24, "n": 7, "w": 10, "p": 10, "r": 8, "c5": 10, "c9": 10, "q5": 10, "q9": 10}
WIDTHS |= {"e": 10, "er": 11, "e9": 10}
_GROUPS = (
    (Text(zh="全部", en="all"), True),
    (Text(zh="除去有积压更正的日子", en="without backlog days"), False),
)


def report(result: Backtest, lang: Lang) -> str:
    """Write the scores as a table: by area, by days ahead, and in all; good or bad."""
    scores = result.scores
    head = _HEAD.fill(
        pack=result.pack,
        first=scores["made_on"].min(),
        last=scores["made_on"].max(),
        h=scores["ahead"].max(),
        seed=result.seed,
        n=scores.height,
    )
    lines = [head[lang], "", _line(_TITLES[lang])]
    for row in result.by("place").iter_rows(named=True):
        lines.append(_row(result.scope.names[row["place"]][lang], row))
    lines.append("")
    for row in result.by("ahead").iter_rows(named=True):
        lines.append(_row(_AHEAD.fill(n=row["ahead"])[lang], row))
    lines.append("")
    for name, corrected in _GROUPS:
        lines.append(_row(name[lang], result.by(corrected=corrected).row(0, named=True)))
    note = Text(
        zh="WIS 为加权区间评分，越小越好；比值小于1表示优于持续性基线；覆盖为区间含实际值的比例；集合为更新方程与基线的加权中位数，权重由此前各夜得分而来。",
        en="WIS: weighted interval score, the smaller the better; a ratio below 1 beats persistence; coverage is the share of days inside the band; the ensemble is the weighted median of forecast and baseline, its weights learnt from the nights before.",
    )
    return "\n".join([*lines, "", note[lang]])


def _row(name: str, row: dict[str, float]) -> str:
    values = {
        "a": name,
        "n": f"{row['n']:,}",
        "w": estimate(row["wis"]),
        "p": estimate(row["wis_persistence"]),
        "r": "–" if row["ratio"] is None else f"{row['ratio']:.2f}",
        "c5": share(row["in50"]),
        "c9": share(row["in95"]),
        "q5": share(row["p_in50"]),
        "q9": share(row["p_in95"]),
        "e": estimate(row["wis_ensemble"]),
        "er": "–" if row["ratio_ensemble"] is None else f"{row['ratio_ensemble']:.2f}",
        "e9": share(row["e_in95"]),
    }
    return _line(values)


def _line(values: dict[str, str]) -> str:
    return line([values[name] for name in WIDTHS], list(WIDTHS.values()))
