"""What a night's calibration takes from the picture: places, groups and sources, arrivals, delays, journeys, the turn.

Each choice is a rule on what was known that night, and says itself in a note.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl
import xarray as xr

from tongchou.morning.engine_inputs import people_of
from tongchou.morning.picture import Picture
from tongchou.transmission.calibration.adjust import smoothed
from tongchou.transmission.calibration.members import Journeys
from tongchou.transmission.calibration.observation import infection_to_report
from tongchou.transmission.calibration.priors import Beliefs
from tongchou.transmission.metapopulation.disease import Disease
from tongchou.transmission.mobility.flows import daily_flows
from tongchou.vocabulary.distributions import Gamma, daily_probabilities
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text, join

Floats = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]

LONGEST = 75
"""Days that are lived at most; an older epidemic starts with the infections of then."""

MARGIN = 30
"""Days before the first count on which an infection that it shows may have been."""

BROUGHT_DAYS = 14
"""Days from its first infection on in which a place's cases are taken to come from elsewhere, in part."""

SOURCE_SHARE = 0.25
"""Share of all cases from which an area is a source of the others."""

SOURCE_CASES = 50.0
LINKS = 12
"""Links of a place, the largest, along which the infected are followed; those of a source are all followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Places of a fit and their counts.

    ``people`` (place, age) whole persons; ``counts`` (place, date) new cases as corrected for analysis, none
    below zero; ``area`` of each place; ``members`` of each place, the units in it.
    """

    people: xr.DataArray
    counts: xr.DataArray
    area: Mapping[str, str]
    members: Mapping[str, tuple[str, ...]]
    notes: tuple[Text, ...]

    @property
    def places(self) -> list[str]:
        """Codes, in order."""
        return [str(p) for p in self.people["place"].values]


def ground_of(picture: Picture, illness: Disease, *, whole_areas: bool = False) -> Ground:
    """Give the units of the scope as places, or its areas whole (coarser, a tenth of the work)."""
    scope = picture.scope
    people, unknown = people_of(picture, illness)
    units = [str(u) for u in people["place"].values]
    counts = picture.analytic.sel(place=units).clip(min=0.0)
    area = {u: scope.area_of(u) for u in units}
    members: dict[str, tuple[str, ...]] = {u: (u,) for u in units}
    if whole_areas:
        people, counts, area, members = _whole_areas(picture, people, counts, area)
    return Ground(
        people=people.transpose("place", "age"),
        counts=counts.transpose("place", "date"),
        area=area,
        members=members,
        notes=() if unknown is None else (unknown,),
    )


REST = "rest"
"""What is added to the code of an area that is a place but for its unit with most cases."""


def _whole_areas(
    picture: Picture, people: xr.DataArray, counts: xr.DataArray, area: Mapping[str, str]
) -> tuple[xr.DataArray, xr.DataArray, dict[str, str], dict[str, tuple[str, ...]]]:
    """Take areas as places; that of most cases in two, its leading unit and the rest, where that has most of them."""
    codes = list(dict.fromkeys(area.values()))
    members = {a: tuple(u for u in area if area[u] == a) for a in codes}
    series = {a: picture.analytic.sel(place=a).clip(min=0.0).drop_vars("place") for a in codes}
    top, leader = _leader(
        dict(zip(area, counts.sum("date").to_numpy().tolist(), strict=True)), area
    )
    if leader is not None and len(members[top]) > 1:
        rest = f"{top}-{REST}"
        members[leader], members[rest] = (
            (leader,),
            tuple(u for u in members.pop(top) if u != leader),
        )
        series[leader] = counts.sel(place=leader).drop_vars("place")
        series[rest] = (series.pop(top) - series[leader]).clip(min=0.0)
    of = {p: next(area[u] for u in units) for p, units in members.items()}
    summed = [people.sel(place=list(units)).sum("place") for units in members.values()]
    return (
        xr.concat(summed, "place").assign_coords(place=list(members)),
        xr.concat([series[p] for p in members], "place").assign_coords(place=list(members)),
        of,
        members,
    )


def _leader(cases: Mapping[str, float], area: Mapping[str, str]) -> tuple[str, str | None]:
    """Give the area with most cases, and its place with at least a third of them where there is one."""
    by_area: dict[str, float] = {}
    for place, n in cases.items():
        by_area[area[place]] = by_area.get(area[place], 0.0) + n
    top = max(by_area, key=lambda a: by_area[a])
    first = max(
        (p for p in cases if area[p] == top and not p.endswith(REST)), key=lambda p: cases[p]
    )
    return top, first if cases[first] >= max(by_area[top] / 3, 1.0) else None


def sources_of(
    ground: Ground, names: Mapping[str, Text]
) -> tuple[dict[str, str], tuple[str, ...], Text]:
    """Give the group of each place, which groups are sources, and how that was chosen.

    Groups are areas. The area with most cases is a source if it has a quarter of all and at least fifty:
    its place with most cases alone where that has a third of them, and the rest of the area.
    """
    cases = {
        p: float(n)
        for p, n in zip(ground.places, ground.counts.sum("date").to_numpy(), strict=True)
    }
    groups = dict(ground.area)
    top, leader = _leader(cases, groups)
    of_top = sum(n for p, n in cases.items() if groups[p] == top)
    if len(set(groups.values())) < 2 or of_top < max(
        SOURCE_SHARE * sum(cases.values()), SOURCE_CASES
    ):
        return groups, (), _NO_SOURCE
    if leader is None or sum(a == top for a in groups.values()) == 1:
        return groups, (top,), _SOURCE.fill(place=names[top])
    groups[leader] = leader
    return groups, (leader, top), _SOURCE.fill(place=join([names[leader], names[top]]))


def delay_of(picture: Picture, dates: Dates, spread: date | None) -> tuple[xr.DataArray, Text]:
    """Give the probabilities of days from infection to report by day of infection (date, lag).

    Onset to confirmation is that of the line list where there is one. Else it is that of the table of
    parameters, and longer for those who fell ill before a second area reported (``spread``), when cases were
    not looked for: as to admission in Wuhan at first, as to isolation in Shenzhen afterwards, moving evenly within two weeks.
    """
    incubation = parameter("incubation_mean", "181 cases outside Hubei and abroad").delay()
    late, seen = _found_within(picture)
    early = late
    if seen is None and spread is not None:
        unlooked = parameter("onset_to_admission", "Wuhan, onset before 1 Jan").value
        early = Gamma(mean=unlooked, sd=unlooked)
    until = daily_probabilities(incubation)
    both = [infection_to_report(until, daily_probabilities(end, 45)) for end in (early, late)]
    share = np.ones(len(dates))
    if spread is not None:
        onset = dates + np.timedelta64(round(incubation.mean), "D")
        since = (onset - np.datetime64(spread)).astype(float)
        share = np.clip(since / BROUGHT_DAYS + 0.5, 0.0, 1.0)
    table = (1 - share)[:, None] * both[0] + share[:, None] * both[1]
    labelled = xr.DataArray(table, {"date": dates.astype("datetime64[ns]")}, ("date", "lag"))
    mean = f"{late.mean:.1f}"
    return labelled, _DELAY_TABLE.fill(mean=mean) if seen is None else _DELAY_SEEN.fill(n=seen, mean=mean)  # fmt: skip


def _found_within(picture: Picture) -> tuple[Gamma, str | None]:
    """Give the delay from onset to confirmation of the line list and how many cases it rests on, or that of the table."""
    found = picture.survey.delays
    if not isinstance(found, MissingData):
        rows = found.filter(
            (pl.col("delay") == "found") & pl.col("mean").is_finite() & pl.col("sd").is_finite()
        )
        for row in rows.iter_rows(named=True):
            return Gamma(mean=max(row["mean"], 0.5), sd=max(row["sd"], 0.5)), f"{row['fitted']:,}"
    wait = parameter("onset_to_isolation").value
    return Gamma(mean=wait, sd=wait), None


def turn_of(picture: Picture, first: np.datetime64) -> date | None:
    """Give the day from which R may turn: the first response of level I, else the first measure, known that night."""
    situation, scope = picture.situation, picture.scope
    inside = {scope.place, *scope.members, *scope.ancestors.get(scope.place, ())}
    days: list[date] = []
    if situation.has("response_levels"):
        rows = situation.table("response_levels").filter(pl.col("place").is_in(list(inside)))
        highest = rows.filter(pl.col("level") == 1)
        days += highest["date"].to_list()
    if not days and situation.has("measures"):
        rows = situation.table("measures").filter(pl.col("place").is_in(list(inside)))
        days += rows["start_on"].drop_nulls().to_list()
    days = [d for d in days if np.datetime64(d) >= first and d <= situation.cut]
    return min(days) if days else None


def spread_on(ground: Ground) -> date | None:
    """Give the first of the days on which a second area reports: from then on cases are looked for everywhere."""
    counts = ground.counts.groupby(
        xr.DataArray([ground.area[p] for p in ground.places], dims="place", name="area")
    ).sum()
    reporting = (counts.cumsum("date") > 0).sum("area") > 1
    days = counts["date"].to_numpy()[reporting.to_numpy()].astype("datetime64[D]")
    return days[0].item() if len(days) else None


def beliefs_of(turn: date | None, spread: date | None, truncated: bool) -> Beliefs:
    """Give the beliefs of a night.

    R may turn from ``turn`` on, by what measures did to SARS; the share reported changes from the day
    on which a second area reported. An epidemic under way may have any R.
    """
    beliefs = Beliefs.from_table(
        break_on=turn,
        reporting_from=spread,
        reporting_to=None if spread is None else spread + timedelta(days=BROUGHT_DAYS),
    )
    beliefs = replace(
        beliefs,
        step_sd=parameter("night_step_sd").value,
        break_days=int(parameter("night_turn_days").value),
        break_sd=parameter("night_turn_sd").value,
        break_ratio=parameter("night_turn_ratio").value,
        reporting_step=parameter("night_reporting_step").value,
        reporting_step_sd=parameter("night_reporting_step_sd").value,
    )
    if truncated:
        beliefs = replace(beliefs, reproduction=1.0, reproduction_sd=0.6)
    return beliefs


def rough_infections(counts: Floats, delay: Floats, share: float) -> Floats:
    """Give new infections (day, place) as counts (day, place) roughly show them, and so many days before the first."""
    back = round(float(delay[-1] @ np.arange(delay.shape[1])))
    even = smoothed(counts)
    at = np.minimum(np.arange(len(counts) + back), len(counts) - 1)
    return np.asarray(even[at] / share)


def first_day(rough: Floats) -> int:
    """Give the first day of rough infections (day, place) on which anybody is; 0 where nobody ever is."""
    some = np.flatnonzero(rough.sum(axis=1) > 0)
    return int(some[0]) if len(some) else 0


def arrivals_of(rough: Floats, sparks: Floats) -> Floats:
    """Give the median number who come infected (day, place).

    Of each place half the infections of its first two weeks, for the others are infected there already or come
    by the journeys known; a member multiplies them. A place without any has sparks in the last two weeks.
    """
    daily = np.zeros_like(rough)
    for i in range(rough.shape[1]):
        some = np.flatnonzero(rough[:, i] > 0)
        if len(some):
            days = slice(some[0], some[0] + BROUGHT_DAYS)
            daily[days, i] = rough[days, i] / 2
        else:
            daily[-BROUGHT_DAYS:, i] = sparks[i]
    return daily


def sparks_of(counts: Floats, share: float) -> Floats:
    """Give infections a day (place) that come unforeseen to places without a case in two weeks.

    With n first cases of the last two weeks after two weeks without any, on q days of quiet places,
    (n + 1/2) / (q + 14) cases a day, over the share reported; nothing where there are cases.
    """
    before = np.cumsum(counts, axis=0)
    lag = np.vstack([np.zeros((BROUGHT_DAYS, counts.shape[1])), before])[: len(counts)]
    known = np.vstack([np.zeros((1, counts.shape[1])), before])[: len(counts)]
    quiet = (known - lag) <= 0
    recent = slice(-BROUGHT_DAYS, None)
    first = (np.minimum(counts, 1.0) * quiet)[recent].sum()
    rate = (first + 0.5) / (quiet[recent].sum() + BROUGHT_DAYS)
    return np.where(counts[recent].sum(axis=0) > 0, 0.0, rate / share)


def journeys_of(
    picture: Picture, ground: Ground, groups: Mapping[str, str], sources: tuple[str, ...], dates: Dates
) -> tuple[Journeys | None, Text]:  # fmt: skip
    """Give the persons who move from place to place, along the largest links and all from the sources."""
    places = ground.places
    if len(places) < 2 or not picture.situation.has("mobility"):
        return None, _NO_JOURNEYS
    table = picture.situation.table("mobility")
    place_of = {u: p for p, units in ground.members.items() for u in units}
    if any(len(m) > 1 for m in ground.members.values()):
        table = _by_place(table, place_of)
    try:
        flows = daily_flows(table, places, dates)
    except MissingData:
        return None, _NO_JOURNEYS
    size = flows.persons.mean(axis=1)
    order = np.lexsort((-size, flows.origin))
    rank = np.empty(len(order), int)
    begins = np.searchsorted(flows.origin[order], np.arange(len(places)))
    rank[order] = np.arange(len(order)) - begins[flows.origin[order]]
    source = np.array([groups[p] in sources for p in places])
    kept = np.flatnonzero((rank < LINKS) | source[flows.origin])
    kept = kept[np.argsort(flows.origin[kept], kind="stable")]
    start = np.searchsorted(flows.origin[kept], np.arange(len(places) + 1)).astype(np.int64)
    return Journeys(
        start=start,
        place=flows.destination[kept].astype(np.int32),
        persons=np.ascontiguousarray(flows.persons[kept].T),
    ), _JOURNEYS.fill(n=f"{len(kept):,}")


def _by_place(table: pl.DataFrame, place_of: Mapping[str, str]) -> pl.DataFrame:
    """Give flows between whole areas in persons; those within one are left out."""
    old, new = list(place_of), list(place_of.values())
    rows = table.filter(pl.col("persons").is_not_null() & pl.col("origin").is_in(old)).with_columns(
        pl.col("origin").replace(old, new), pl.col("destination").replace(old, new)
    )
    rows = rows.filter(pl.col("origin") != pl.col("destination"))
    return rows.group_by("date", "origin", "destination").agg(pl.sum("persons")).with_columns(
        share=pl.lit(None, pl.Float64)
    )  # fmt: skip


_NO_SOURCE = Text(
    zh="没有另立来源地：只有一个地区，或无一地区占全部病例的四分之一且满五十例。",
    en="there is no source apart: only one area, or none with a quarter of all cases and fifty of them.",
)
_SOURCE = Text(
    zh="来源地按病例最多的地区选取：{place}，各有自己的再生数路径与报告比例。",
    en="sources are chosen by most cases: {place}; they have a path of R and a share reported of their own.",
)
_DELAY_SEEN = Text(
    zh="发病至确诊取自名单近28日 {n} 例（已校正），均值 {mean} 天；潜伏期取自参数表。",
    en="onset to confirmation is that of {n} cases of the last 28 days on the line list, corrected: {mean} days on average; incubation is that of the table of parameters.",
)
_DELAY_TABLE = Text(
    zh="没有名单：潜伏期与发病至报告（均值 {mean} 天，第二个地区报告之前更长）取自参数表，各地相同。",
    en="without a line list incubation and the days from onset to report ({mean} on average, more before a second area reported) are those of the table of parameters, everywhere.",
)
_NO_JOURNEYS = Text(
    zh="无地区间流动人数：各地最初两周的病例视为部分来自外地。",
    en="no persons between places are known: cases of a place's first two weeks are taken to come from elsewhere in part.",
)
_JOURNEYS = Text(
    zh="感染者沿 {n} 条最大的流动联系出行；流动数据之外另计少量输入。",
    en="the infected travel along the {n} largest links; a little more than the flows tell comes in besides.",
)
