"""Step eight: what became of the forecasts, and of yesterday's orders."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta

import polars as pl

from tongchou.morning.backtest import corrected_days, night_scores, series_of
from tongchou.morning.outlook import Outlook, fan_before
from tongchou.morning.picture import Picture, count_series, new_series
from tongchou.morning.rivals.past import LEAST_DAYS
from tongchou.morning.scope import scope_of
from tongchou.vocabulary.text import Text, count

LOOKED_BACK = (1, 7, 14)
"""Nights whose forecasts are scored each morning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """What became of the orders last signed for the area, as their receipts say.

    ``cut`` is the day of the data they were made from; ``late`` counts what is open past its due
    time, ``refused`` what its addressee sent back. ``handover`` are the open points of the shift
    that ends.
    """

    cut: date
    done: int
    late: int
    refused: int
    open: int
    handover: tuple[Text, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of it, one of the inputs that an order names."""
        plain = json.dumps(asdict(self), default=str, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(plain.encode()).hexdigest()

    def sentence(self) -> Text:
        """Say it in one sentence."""
        if not self.done + self.late + self.refused + self.open:
            words = Text(
                zh="截至{c} 24时数据的部署没有下达指令。",
                en="The order made from data to {c} sent out no directive.",
            )
        else:
            words = Text(
                zh="截至{c} 24时数据的部署：已办结 {d} 件，逾期未办 {l} 件，被退回 {r} 件，办理中 {o} 件。",
                en="Orders made from data to {c}: {d} done, {l} late, {r} sent back, {o} under way.",
            )
        return words.fill(
            c=str(self.cut),
            d=count(self.done),
            l=count(self.late),
            r=count(self.refused),
            o=count(self.open),
        )


NO_SCORES = {
    "made_on": pl.Date,
    "date": pl.Date,
    **dict.fromkeys(("wis", "wis_persistence", "in50", "in95"), pl.Float64),
}
"""The columns that a summary needs, for a pack too young to be scored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """The forecasts of earlier nights held against what came.

    ``scores``: rows of :class:`tongchou.morning.backtest.Backtest` for the area, forecasts made 1, 7
    and 14 nights ago, all of their days known by now; ``fan``: the forecast of the night before.
    """

    scores: pl.DataFrame
    fan: pl.DataFrame

    def summary(self) -> pl.DataFrame:
        """Give, for each night looked back to, mean scores: made_on, days, wis, wis_persistence, in95."""
        return (
            self.scores.group_by("made_on")
            .agg(
                days=pl.len(),
                wis=pl.col("wis").mean(),
                wis_persistence=pl.col("wis_persistence").mean(),
                in50=pl.col("in50").mean(),
                in95=pl.col("in95").mean(),
            )
            .sort("made_on", descending=True)
        )


def learn(picture: Picture, outlook: Outlook) -> Lesson:
    """Score what earlier nights foresaw for the area, with what is known tonight.

    Scored is the renewal forecast as it was made that night; how it and the engine would have done on
    tonight's series is in the outlook.
    """
    situation, scope = picture.situation, picture.scope
    places = [scope.place]
    truth, _ = series_of(situation, scope, places)
    touched = corrected_days(situation, scope, places)
    parts = []
    for back in LOOKED_BACK:
        night = situation.cut - timedelta(days=back)
        if (night - situation.origin.first).days < LEAST_DAYS:
            continue
        parts.append(
            night_scores(
                situation.as_of(night), scope, places, truth, touched, back, outlook.seed, 1000
            )
        )
    scores = pl.concat(parts) if parts else pl.DataFrame(schema=NO_SCORES)
    return Lesson(scores=scores, fan=night_before(picture, outlook))


def night_before(picture: Picture, outlook: Outlook) -> pl.DataFrame:
    """Give the forecast for the area as it was made the night before: that night's own draws."""
    night = picture.situation.cut - timedelta(days=1)
    if (night - picture.situation.origin.first).days < LEAST_DAYS:
        return pl.DataFrame(schema={"date": pl.Date, "median": pl.Float64})
    then = picture.situation.as_of(night)
    scope = scope_of(then, picture.scope.place)
    counts = count_series(then, scope)
    _, analytic = new_series(then, scope, counts["confirmed"])
    before = replace(picture, situation=then, scope=scope, counts=counts, analytic=analytic)
    return fan_before(before, outlook.seed, outlook.past)
