"""Cases by the day they fell ill, those still to be confirmed included, and R from them."""

from dataclasses import dataclass

import numpy as np
import polars as pl
import xarray as xr

from tongchou.morning.scope import Scope
from tongchou.situation.situation import Situation
from tongchou.surveillance.nowcasting.records import nowcast_cases
from tongchou.surveillance.nowcasting.summary import over_areas, summarise
from tongchou.surveillance.uncertain_reproduction import estimate_reproduction_uncertain
from tongchou.vocabulary.distributions import Gamma
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.text import Text, count, estimate

WEEK = 7
NEEDED_FOR = Text(zh="按发病日的现时估计", en="nowcast by day of onset")


@dataclass(frozen=True, slots=True, kw_only=True)
class Onsets:
    """Confirmed cases by onset, with those who have fallen ill and are not confirmed yet.

    ``counts`` (place, date): ``reported, estimate, q025, median, q975``, persons a day, of the scope
    and its areas; ``units`` the same of the finest units. ``rt`` is R of the scope and its areas, which
    carries the doubt of the nowcast. ``notes`` say what was left out or moved.
    """

    counts: xr.Dataset
    units: xr.Dataset
    rt: xr.Dataset
    notes: tuple[Text, ...]

    def of(self, place: str) -> pl.DataFrame:
        """Give one place: date, reported, estimate, q025, median, q975."""
        one = (self.counts if place in self.counts["place"].values else self.units).sel(place=place)
        names = ("reported", "estimate", "q025", "median", "q975")
        return pl.DataFrame(
            {"date": [d.astype("datetime64[D]").item() for d in one["date"].values]}
            | {n: one[n].values for n in names}
        )


def confirmed_cases(situation: Situation, scope: Scope, needed_for: Text) -> pl.DataFrame:
    """Give the confirmed cases of the area.

    Raises
    ------
    MissingData
        If there is no line list, or no confirmed case of the area on it.
    """
    cases = scope.inside(situation.table("cases", needed_for)).filter(
        pl.col("confirmed_on").is_not_null()
    )
    if cases.is_empty():
        raise MissingData("cases", needed_for)
    return cases


def estimate_onsets(
    situation: Situation, scope: Scope, serial_interval: Gamma, rng: np.random.Generator
) -> Onsets:
    """Give the nowcast of an area, its parts and its units, and R from it.

    A case becomes known on the day of its confirmation: what is estimated are the cases that will
    be confirmed, so the estimate and the confirmed of the page are of one kind.

    Raises
    ------
    MissingData
        If there is no line list of confirmed cases with onsets.
    """
    cases = confirmed_cases(situation, scope, NEEDED_FOR)
    if cases["onset_on"].null_count() == cases.height:
        raise MissingData("cases", NEEDED_FOR, column="onset_on")
    units = list(scope.units)
    found = nowcast_cases(
        cases.select("case_id", "place", "onset_on", "confirmed_on"),
        units,
        dict.fromkeys(units, scope.place),
        as_of=situation.cut,
        rng=rng,
    )
    parts = [over_areas(found.draws, dict.fromkeys(units, scope.place))]
    told = [over_areas(found.units["reported"], dict.fromkeys(units, scope.place))]
    areas = {u: scope.area_of(u) for u in units if scope.area_of(u) != scope.place}
    if areas:
        parts.append(over_areas(found.draws, areas))
        told.append(over_areas(found.units["reported"], areas))
    draws = xr.concat(parts, "place")
    return Onsets(
        counts=summarise(draws, xr.concat(told, "place")),
        units=found.units,
        rt=estimate_reproduction_uncertain(draws.astype(float), serial_interval),
        notes=found.notes,
    )


def onsets_of_week(onsets: Onsets | MissingData, place: str) -> Text | None:
    """Say how many fell ill this week, those not confirmed yet included."""
    if isinstance(onsets, MissingData):
        return None
    week = onsets.counts.sel(place=place).isel(date=slice(-WEEK, None)).sum("date")
    return Text(
        zh="近7日发病：已确诊 {n} 例，现时估计 {e} 例",
        en="onsets of 7 days: {n} confirmed, {e} by nowcast",
    ).fill(n=count(float(week["reported"])), e=estimate(float(week["estimate"])))


def r_by_onset(onsets: Onsets | MissingData, place: str) -> Text | None:
    """Give R by day of onset, to stand beside that by day of confirmation."""
    if isinstance(onsets, MissingData):
        return None
    rt = onsets.rt.sel(place=place).isel(date=-1)
    if not bool(rt["usable"]):
        return None
    return Text(
        zh="按发病日 {m}（{lo}～{hi}）", en="by onset, with nowcast: {m} ({lo} to {hi})"
    ).fill(
        m=estimate(float(rt["median"])),
        lo=estimate(float(rt["q025"])),
        hi=estimate(float(rt["q975"])),
    )
