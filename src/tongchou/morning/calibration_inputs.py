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
from tongchou.vocabulary.text import Text, join, same

Floats = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]

LONGEST = 75
"""Days that are lived at most; an older epidemic starts with the infections of then."""

BROUGHT_DAYS = 14
"""Days from its first infection on in which a place's cases are taken to come from elsewhere, in part."""

SOURCE_SHARE = 0.25
"""Share of all cases from which an area is a source of the others."""

SOURCE_CASES = 50.0
LINKS = 12
"""Links of a place, the largest, along which the infected are followed; those of a source are all followed."""

BY_JOURNEYS = 0.1
"""Factor on what comes from elsewhere where journeys from the sources bring it already."""


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
    members = {u: (u,) for u in units}
    if whole_areas:
        codes = list(dict.fromkeys(area.values()))
        members = {a: tuple(u for u in units if area[u] == a) for a in codes}
        people = xr.concat(
            [people.sel(place=list(m)).sum("place").expand_dims(place=[a]) for a, m in members.items()],
            "place",
        )  # fmt: skip
        counts = picture.analytic.sel(place=codes).clip(min=0.0)
        area = {a: a for a in codes}
    return Ground(
        people=people.transpose("place", "age"),
        counts=counts.transpose("place", "date"),
        area=area,
        members=members,
        notes=() if unknown is None else (unknown,),
    )


def sources_of(ground: Ground) -> tuple[dict[str, str], tuple[str, ...], Text]:
    """Give the group of each place, which groups are sources, and how that was chosen.

    Groups are areas. The area with most cases is a source if it has a quarter of all and at least fifty:
    its place with most cases alone where that has half of them, and the rest of the area.
    """
    total = ground.counts.sum("date").to_numpy()
    groups = dict(ground.area)
    by_area: dict[str, float] = {}
    for place, cases in zip(ground.places, total, strict=True):
        by_area[groups[place]] = by_area.get(groups[place], 0.0) + float(cases)
    top = max(by_area, key=lambda a: by_area[a])
    if len(by_area) < 2 or by_area[top] < max(SOURCE_SHARE * total.sum(), SOURCE_CASES):
        return groups, (), _NO_SOURCE
    inside = [i for i, p in enumerate(ground.places) if groups[p] == top]
    first = max(inside, key=lambda i: total[i])
    if len(inside) == 1 or total[first] < by_area[top] / 2:
        return groups, (top,), _SOURCE.fill(place=top)
    leader = ground.places[first]
    groups[leader] = leader
    return groups, (leader, top), _SOURCE.fill(place=join([same(leader), same(top)]))


def delay_of(picture: Picture) -> tuple[Floats, Text]:
    """Give the probabilities of days from infection to report, from the line list where there is one."""
    incubation = parameter("incubation_mean", "181 cases outside Hubei and abroad").delay()
    found = picture.survey.delays
    if not isinstance(found, MissingData):
        rows = found.filter((pl.col("delay") == "found") & pl.col("mean").is_not_null())
        if rows.height:
            mean, sd = float(rows["mean"][0]), float(rows["sd"][0])
            if mean > 0 and np.isfinite(sd):
                delay = _both(incubation, Gamma(mean=mean, sd=max(sd, 0.5)))
                return delay, _DELAY_SEEN.fill(n=f"{rows['fitted'][0]:,}", mean=f"{mean:.1f}")
    wait = parameter("onset_to_isolation").value
    return _both(incubation, Gamma(mean=wait, sd=wait)), _DELAY_TABLE.fill(mean=f"{wait:.1f}")


def _both(incubation: object, found: Gamma) -> Floats:
    return infection_to_report(daily_probabilities(incubation), daily_probabilities(found, 45))  # type: ignore[arg-type]


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


def spread_on(ground: Ground, dates: Dates) -> date | None:
    """Give the first of the days on which a second area reports: from then on cases are looked for everywhere."""
    counts = ground.counts.groupby(
        xr.DataArray([ground.area[p] for p in ground.places], dims="place", name="area")
    ).sum()
    reporting = (counts.cumsum("date") > 0).sum("area") > 1
    days = counts["date"].to_numpy()[reporting.to_numpy()].astype("datetime64[D]")
    return days[0].item() if len(days) and days[0] > dates[0] else None


def beliefs_of(turn: date | None, spread: date | None, truncated: bool) -> Beliefs:
    """Give the beliefs of a night.

    R may turn from ``turn`` on, by what measures did to SARS; the share reported changes from the day
    on which a second area reported. An epidemic under way may have any R.
    """
    import os

    E = lambda n, d: float(os.environ.get(n, d))
    beliefs = Beliefs.from_table(
        break_on=turn,
        reporting_from=spread,
        reporting_to=None if spread is None else spread + timedelta(days=14),
    )
    beliefs = replace(
        beliefs,
        break_ratio=E("RATIO", 0.3),
        break_sd=E("BSD", 0.35),
        reporting_step_sd=E("RSS", 1.5),
        step_sd=E("STEP", 0.06),
        dispersion=E("DISP", 10),
        seeds_sd=E("SEEDS", 0.7),
        pooled=E("POOL", 0.7),
    )
    if truncated:
        beliefs = replace(beliefs, reproduction=1.0, reproduction_sd=0.6)
    return beliefs


def rough_infections(counts: Floats, delay: Floats, share: float) -> Floats:
    """Give new infections (day, place) as counts (day, place) roughly show them, and so many days before the first."""
    back = round(float(delay @ np.arange(len(delay))))
    even = smoothed(counts)
    at = np.minimum(np.arange(len(counts) + back), len(counts) - 1)
    return np.asarray(even[at] / share)


def first_day(rough: Floats) -> int:
    """Give the first day of rough infections (day, place) on which anybody is; 0 where nobody ever is."""
    some = np.flatnonzero(rough.sum(axis=1) > 0)
    return int(some[0]) if len(some) else 0


def arrivals_of(rough: Floats, sparks: Floats, travelled: npt.NDArray[np.bool_]) -> Floats:
    """Give the median number who come infected (day, place).

    Of each place the infections of its first two weeks; a tenth of them where journeys bring them
    (``travelled``). A place without any has sparks in the last two weeks.
    """
    daily = np.zeros_like(rough)
    for i in range(rough.shape[1]):
        some = np.flatnonzero(rough[:, i] > 0)
        if len(some):
            days = slice(some[0], some[0] + BROUGHT_DAYS)
            daily[days, i] = rough[days, i] * (BY_JOURNEYS if travelled[i] else 1.0) / 2
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
    zh="没有哪个地区占全部病例的四分之一：各地区从同一先验出发，无单独的来源地。",
    en="no area has a quarter of all cases: there is no source apart, all areas start alike.",
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
    zh="没有名单：潜伏期与发病至报告（均值 {mean} 天）取自参数表，各地各日相同。",
    en="without a line list incubation and the days from onset to report ({mean} on average) are those of the table of parameters, everywhere and always.",
)
_NO_JOURNEYS = Text(
    zh="无地区间流动人数：各地最初两周的病例视为部分来自外地。",
    en="no persons between places are known: cases of a place's first two weeks are taken to come from elsewhere in part.",
)
_JOURNEYS = Text(
    zh="感染者沿 {n} 条最大的流动联系出行；流动数据之外另计少量输入。",
    en="the infected travel along the {n} largest links; a little more than the flows tell comes in besides.",
)
