"""Step four: the next fourteen days, with ranges; and how likely each tier is to move."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import xarray as xr

from tongchou.morning.imports import Imports, imports
from tongchou.morning.picture import Picture
from tongchou.morning.rivals.members import (
    DRAWS,
    ENGINE,
    NAMES,
    RENEWAL,
    Member,
    engine_member,
    made_again,
    renewal_member,
    upper_alone,
)
from tongchou.morning.rivals.past import Past, weigh
from tongchou.morning.rivals.together import tier_moves, together
from tongchou.transmission.assumptions import ForecastAssumptions
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.text import Text, estimate, share


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What may happen.

    ``upper`` forecasts the scope and its areas, ``units`` the finest units: the members together, in the
    form of :func:`tongchou.transmission.renewal.forecast`. ``members`` are what each says, ``past`` how
    they have done and what they weigh. ``tier_moves``: place, tier, to, on, probability. ``imports`` is
    the pressure from elsewhere, None without mobility. ``notes`` say what was assumed or left out. ``calibration`` is the SHA-256
    of the fit that the engine started from, None where it started from the reports.
    """

    picture: Picture
    seed: int
    assumptions: ForecastAssumptions
    upper: xr.Dataset
    units: xr.Dataset
    members: Mapping[str, Member]
    past: Past
    tier_moves: pl.DataFrame
    imports: Imports | None
    notes: tuple[Text, ...] = ()
    calibration: str | None = None

    def fan(self, place: str) -> pl.DataFrame:
        """Give the daily forecast of a place: date, q025, q25, median, q75, q975, mean."""
        return fan_of(self.upper if place in self.upper["place"].values else self.units, place)

    def total(self, place: str, level: float = 0.5) -> float:
        """Give a quantile of the new cases of the whole horizon in a place, persons."""
        source = self.upper if place in self.upper["place"].values else self.units
        return float(source["cumulative"].sel(place=place, quantile=level)[-1])

    def weight_sentence(self) -> Text:
        """Say in one sentence what the outlook is made of, and which member did worse."""
        return weight_sentence(self.past)


def look_ahead(
    picture: Picture, seed: int = 1, *, draws: int = DRAWS, calibration: Path | None = None
) -> Outlook:
    """Forecast new confirmed cases for 14 days and what follows from them.

    The renewal forecast and the transmission engine are both made, weighed by how each foresaw the area
    on past days, and put together; see ``docs/methods/outlook.md``.

    Parameters
    ----------
    picture
        From :func:`tongchou.morning.picture.assess`.
    seed
        The same seed gives the same futures.
    draws
        Futures of the renewal forecast drawn for each place.
    calibration
        A fit that ``tongchou calibrate --keep`` wrote, from which the engine starts. Its weight is still that
        of the engine from reports: a fit of a past day does not exist.
    """
    members, notes = members_of(picture, seed, draws=draws, calibration=calibration)
    past = weigh(picture, tuple(members), lambda then: made_again(then, seed))
    return Outlook(
        picture=picture,
        seed=seed,
        assumptions=ForecastAssumptions.from_table(),
        upper=together({n: m.upper for n, m in members.items()}, past.weights),
        units=together({n: m.units for n, m in members.items()}, past.weights),
        members=members,
        past=past,
        tier_moves=tier_moves(picture, list(members.values()), past.weights),
        imports=imports(picture),
        notes=notes,
        calibration=None
        if calibration is None
        else hashlib.sha256(calibration.read_bytes()).hexdigest(),
    )


def members_of(
    picture: Picture, seed: int, *, draws: int = DRAWS, calibration: Path | None = None
) -> tuple[dict[str, Member], tuple[Text, ...]]:
    """Make the members; without what the engine needs, the renewal forecast stands alone and it is said."""
    renewal = renewal_member(picture, seed, draws=draws)
    if calibration is not None:
        from tongchou.morning.kept_fit import read_fit
        from tongchou.morning.rivals.from_fit import calibrated_member

        engine = calibrated_member(read_fit(calibration, picture), seed)
        return {RENEWAL: renewal, ENGINE: engine}, engine.notes
    scatter = (renewal.upper.attrs["dispersion"], renewal.units.attrs["dispersion"])
    try:
        engine = engine_member(picture, seed, scatter)
    except MissingData as missing:
        return {RENEWAL: renewal}, (missing.text(),)
    return {RENEWAL: renewal, ENGINE: engine}, engine.notes


def fan_before(picture: Picture, seed: int, known: Past) -> pl.DataFrame:
    """Give the fan of the scope as the outlook of an earlier night gave it.

    Parameters
    ----------
    picture
        Of the earlier night; only its tables, scope, counts and analytic series are read.
    seed
        As then.
    known
        Tonight's past: forecasts made from the same are taken from it.
    """
    upper = upper_alone(picture, seed)
    past = weigh(picture, tuple(upper), lambda then: made_again(then, seed), known)
    return fan_of(together(upper, past.weights), picture.scope.place)


def fan_of(ahead: xr.Dataset, place: str) -> pl.DataFrame:
    """Give the daily forecast of a place: date, q025, q25, median, q75, q975, mean."""
    one = ahead.sel(place=place)
    names = {"q025": 0.025, "q25": 0.25, "median": 0.5, "q75": 0.75, "q975": 0.975}
    return pl.DataFrame(
        {"date": [d.astype("datetime64[D]").item() for d in one["date"].values]}
        | {n: one["new_cases"].sel(quantile=q).values for n, q in names.items()}
        | {"mean": one["mean"].values}
    )


def weight_sentence(past: Past) -> Text:
    """Say in one sentence what the outlook is made of, and which member did worse."""
    weights = past.weights
    if len(weights) < 2:
        return Text(zh="仅据更新方程预测。", en="From the renewal forecast alone.")
    made = Text(
        zh="更新方程预测权重 {r}，传播模型 {e}",
        en="Weights: renewal forecast {r}, transmission model {e}",
    ).fill(r=share(weights[RENEWAL]), e=share(weights[ENGINE]))
    wis = dict(past.summary().select("member", "wis").iter_rows())
    if not wis or not all(wis[n] > 0 for n in weights):
        return Text(
            zh="{m}（尚无可评分的过去预测，各半）。",
            en="{m} (no past forecast to score yet: half each).",
        ).fill(m=made)
    best, worst = sorted(weights, key=lambda n: wis[n])
    return Text(
        zh="{m}：近两周{w}的误差评分为{b}的 {x} 倍。",
        en="{m}: over the last two weeks the error score of the {w} was {x} times that of the {b}.",
    ).fill(m=made, w=NAMES[worst], b=NAMES[best], x=estimate(wis[worst] / wis[best], 2))
