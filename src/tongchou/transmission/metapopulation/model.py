"""A model ready to run: labelled people, contacts, links, measures and beds checked and made plain."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from tongchou.transmission.metapopulation.compartments import COUNT, E1, S
from tongchou.transmission.metapopulation.superspreading import dispersed, dispersion_of_stays
from tongchou.transmission.metapopulation.world import Days, Layer, World
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text, estimate

Floats = npt.NDArray[np.float64]

ONES = ("home", "school", "work", "other")
ZEROS = ("isolate", "trace", "traced", "imported")
NOWHERE = "everywhere"
"""The catchment of places for which none is named: beds without limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Everything that a replicate needs.

    ``factor`` (day, place) is transmissibility. ``scale`` (variant, day, group) multiplies it and
    ``start`` (variant, place, age, compartment) is the state before the first day: replicate r takes
    variant r modulo their number, so that the draws of a calibration become the futures of a forecast.
    """

    places: tuple[str, ...]
    ages: tuple[int, ...]
    dates: npt.NDArray[np.datetime64]
    world: World
    days: Days
    commute: Layer
    travel: Layer
    course: Floats
    factor: Floats
    start: Floats
    scale: Floats
    group: npt.NDArray[np.int64]
    steps: int = 1
    notes: tuple[Text, ...] = field(default=())

    @property
    def people(self) -> Floats:
        """Persons by place."""
        return np.asarray(self.world.people, dtype=float)

    def digest(self) -> str:
        """Give SHA-256 over all numbers, by which half-finished work is known again."""
        sha = hashlib.sha256(repr((self.places, self.ages, self.steps)).encode())
        arrays = [self.dates, self.course, self.factor, self.start, self.scale, self.group]
        for array in (*arrays, *self.world, *self.days, *self.commute, *self.travel):
            sha.update(np.ascontiguousarray(array).view(np.uint8).data)
        return sha.hexdigest()


def build_model(
    people: xr.DataArray,
    intensity: Mapping[str, Floats],
    course: Floats,
    *,
    dates: npt.NDArray[np.datetime64],
    transmissibility: float | xr.DataArray,
    seeds: xr.DataArray | None = None,
    state: xr.DataArray | None = None,
    timeline: xr.Dataset | None = None,
    commute: Layer | None = None,
    travel: Layer | None = None,
    catchments: Mapping[str, str] | None = None,
    beds: xr.DataArray | None = None,
    icu_beds: xr.DataArray | None = None,
    scale: xr.DataArray | None = None,
    groups: Mapping[str, str] | None = None,
    dispersion: float | None = None,
    steps: int = 1,
) -> Model:
    """Check labelled inputs and give the model.

    Parameters
    ----------
    people : DataArray (place, age), persons
    intensity
        Contact intensity (age, contact age) of home, school, work and other.
    course
        Table of :func:`.course.course_of`, made for the same ages and steps.
    dates
        Days to live, one after another.
    transmissibility : float or DataArray (date), (place) or (date, place)
        Probability of infection per contact; see :func:`.next_generation.transmissibility`.
    seeds : DataArray (place) or (place, age), persons, optional
        Newly infected before the first day; without ages they are spread as the people are.
    state : DataArray (place, age, compartment) or (variant, place, age, compartment), persons, optional
        The whole state before the first day, in the place of ``seeds``.
    timeline : Dataset (date, place), optional
        Any of home, school, work, other (multipliers on contacts), isolate, trace (hazards per
        day), traced (share), imported (persons a day); what is missing is 1 or 0.
    commute, travel
        Layers of links; without them everybody stays.
    catchments
        Catchment of each place that has one.
    beds, icu_beds : DataArray (catchment) or (date, catchment), optional
        Beds without which people wait; none is missing where nothing is said.
    scale : DataArray (variant, date, group), optional
        Multiplier on transmissibility by variant, date and group of places; ``groups`` names the
        group of each place.
    dispersion
        k of the offspring distribution of one case, see :mod:`.superspreading`; None for no more
        variation than that of the stays.

    Raises
    ------
    BadParameter
        Naming the argument and the first places or days at fault.
    """
    people = people.transpose("place", "age")
    places = tuple(str(p) for p in people["place"].to_numpy())
    ages = tuple(int(a) for a in people["age"].to_numpy())
    counts = people.to_numpy().astype(float)
    _refuse(places, "people", ~np.isfinite(counts) | (counts < 0) | (counts % 1 != 0), _WHOLE)
    if course.shape[1] != len(ages):
        raise BadParameter("course", course.shape[1], _AGES)
    dates = np.asarray(dates, dtype="datetime64[D]")
    if len(dates) == 0 or (np.diff(dates).astype(int) != 1).any():
        raise BadParameter("dates", len(dates), _DAYS)
    shape = (len(dates), len(places))
    labels = _Labels(places, dates)
    named = {} if timeline is None else dict(timeline.data_vars)
    unknown = [str(n) for n in named if n not in (*ONES, *ZEROS, "transmissibility")]
    if unknown:
        raise BadParameter("timeline", ", ".join(unknown), _UNKNOWN)
    plain = {n: labels.grid(named.get(n), 1.0, n) for n in ONES}
    plain |= {n: labels.grid(named.get(n), 0.0, n) for n in ZEROS}
    _refuse(places, "imported", ((plain["imported"] > 0) & (counts.sum(1) == 0)).any(0), _EMPTY)
    catchment, ward, icu = _hospitals(places, dates, catchments or {}, beds, icu_beds)
    total = counts.sum(axis=1)
    group, scaled = _scale(places, dates, scale, groups)
    factor = labels.grid(
        transmissibility
        if isinstance(transmissibility, xr.DataArray)
        else xr.DataArray(float(transmissibility)),
        1.0,
        "transmissibility",
    ).astype(float)
    factor *= labels.grid(named.get("transmissibility"), 1.0, "transmissibility")
    return Model(
        places=places,
        ages=ages,
        dates=dates,
        world=World(
            people=total,
            catchment=catchment,
            **{n: np.asarray(intensity[n], dtype=float) for n in ONES},
        ),
        days=Days(**plain, beds=ward, icu_beds=icu),
        commute=_layer(commute, shape, total, "commute"),
        travel=_layer(travel, shape, total, "travel"),
        course=course if dispersion is None else dispersed(course, dispersion, steps=steps),
        factor=factor,
        start=_start(people, counts, places, seeds, state),
        scale=scaled,
        group=group,
        steps=steps,
        notes=_even(course, dispersion, steps),
    )


def _even(course: Floats, dispersion: float | None, steps: int) -> tuple[Text, ...]:
    """Say where a dispersion was asked for that the stays alone exceed."""
    if dispersion is None or math.isinf(dispersion):
        return ()
    least = float(dispersion_of_stays(course, steps=steps).min())
    if dispersion < least:
        return ()
    return (_NO_MORE.fill(k=estimate(dispersion), least=estimate(least)),)


@dataclass(frozen=True, slots=True)
class _Labels:
    """Places and dates, onto which anything labelled is laid."""

    places: tuple[str, ...]
    dates: npt.NDArray[np.datetime64]

    def grid(self, array: Any, default: float, name: str) -> npt.NDArray[np.float32]:
        """Give an array as float32 (date, place), every date and place present."""
        shape = (len(self.dates), len(self.places))
        if array is None:
            return np.full(shape, default, np.float32)
        for dim, wanted in (("date", self.dates), ("place", np.array(self.places))):
            if dim not in array.dims:
                continue
            have = array[dim].to_numpy()
            have = have.astype("datetime64[D]") if dim == "date" else have.astype(str)
            missing = np.setdiff1d(wanted, have)
            if len(missing):
                raise BadParameter(name, f"{dim}: {missing[0]} … ({len(missing)})", _MISSING)
            array = array.assign_coords({dim: have}).sel({dim: wanted})
        extra = [str(d) for d in array.dims if d not in ("date", "place")]
        if extra:
            raise BadParameter(name, ", ".join(extra), _DIMS)
        order = [d for d in ("date", "place") if d in array.dims]
        values = array.transpose(*order).to_numpy().astype(np.float32)
        if order == ["date"]:
            values = values[:, None]
        if not (np.isfinite(values) & (values >= 0)).all():
            raise BadParameter(name, float(np.nanmin(values)), _NEGATIVE)
        return np.ascontiguousarray(np.broadcast_to(values, shape))


def _refuse(places: Sequence[str], name: str, bad: npt.NDArray[np.bool_], why: Text) -> None:
    rows = np.asarray(bad.reshape(len(places), -1).any(axis=1))
    if rows.any():
        named = [p for p, b in zip(places, rows, strict=True) if b]
        raise BadParameter(name, ", ".join(named[:3]) + (" …" if len(named) > 3 else ""), why)


def _layer(layer: Layer | None, shape: tuple[int, int], people: Floats, name: str) -> Layer:
    if layer is None:
        none = np.zeros(shape, np.float32)
        here = np.ascontiguousarray(np.broadcast_to(people.astype(np.float32), shape))
        start, place, share = np.zeros(shape[1] + 1, np.int64), np.zeros(0, np.int64), np.zeros(0)
        layer = Layer(start, place, share, none, none, np.ones(shape, np.float32), here)
    if layer.stay.shape != shape or layer.present.shape != shape:
        raise BadParameter(name, str(layer.stay.shape), _LAYER)
    return Layer(
        np.asarray(layer.start, np.int64),
        np.asarray(layer.place, np.int64),
        np.asarray(layer.share, float),
        *(np.ascontiguousarray(a, np.float32) for a in layer[3:]),
    )


def _hospitals(
    places: Sequence[str],
    dates: npt.NDArray[np.datetime64],
    catchments: Mapping[str, str],
    beds: xr.DataArray | None,
    icu_beds: xr.DataArray | None,
) -> tuple[npt.NDArray[np.int64], Floats, Floats]:
    strange = sorted(set(catchments) - set(places))
    if strange:
        raise BadParameter("catchments", ", ".join(strange[:3]), _STRANGE)
    names = [NOWHERE, *sorted(set(catchments.values()))]
    index = np.array([names.index(catchments.get(p, NOWHERE)) for p in places], dtype=np.int64)
    made = []
    for name, given in (("beds", beds), ("icu_beds", icu_beds)):
        limit = np.full((len(dates), len(names)), np.inf)
        if given is not None:
            told = [str(c) for c in given["catchment"].to_numpy()]
            idle = [c for c in told if c not in names]
            bare = [c for c in names[1:] if c not in told]
            if idle or bare:
                raise BadParameter(name, ", ".join((idle or bare)[:3]), _BEDS)
            laid = _Labels(tuple(told), dates).grid(given.rename(catchment="place"), 0.0, name)
            for at, c in enumerate(told):
                limit[:, names.index(c)] = laid[:, at]
        made.append(limit)
    return index, made[0], made[1]


def _start(
    people: xr.DataArray,
    counts: Floats,
    places: Sequence[str],
    seeds: xr.DataArray | None,
    state: xr.DataArray | None,
) -> Floats:
    if state is not None:
        order = ("place", "age", "compartment")
        whole = state.transpose(..., *order).to_numpy().astype(float)
        whole = whole.reshape(-1, *whole.shape[-3:])
        fits = whole.shape[1:] == (*counts.shape, COUNT)
        if not fits or (whole < 0).any() or np.abs(whole.sum(-1) - counts).max() > 1e-6:
            raise BadParameter("state", str(whole.shape), _STATE)
        return np.ascontiguousarray(whole)
    start = np.zeros((1, *counts.shape, COUNT))
    start[0, ..., S] = counts
    if seeds is None:
        return start
    strange = np.setdiff1d(seeds["place"].to_numpy().astype(str), places)
    if len(strange):
        raise BadParameter("seeds", str(strange[0]), _STRANGE)
    laid = seeds.reindex(place=list(places), fill_value=0.0)
    if "age" in laid.dims:
        infected = laid.transpose("place", "age").to_numpy().astype(float)
    else:
        infected = _spread(laid.to_numpy().astype(float), counts)
    _refuse(places, "seeds", ~(infected >= 0) | (infected % 1 != 0), _WHOLE)
    _refuse(places, "seeds", infected > counts, _MANY)
    start[0, ..., S] -= infected
    start[0, ..., E1] += infected
    return start


def _spread(seeds: Floats, counts: Floats) -> Floats:
    """Spread whole persons over ages as the people are, by largest remainder."""
    total = counts.sum(axis=1, keepdims=True)
    share = np.divide(counts, total, out=np.zeros_like(counts), where=total > 0)
    ideal = seeds[:, None] * share
    whole = np.floor(ideal)
    left = np.where(total[:, 0] > 0, seeds - whole.sum(axis=1), 0.0)
    rank = np.argsort(np.argsort(whole - ideal, axis=1, kind="stable"), axis=1)
    spread = whole + (rank < left[:, None])
    spread[total[:, 0] == 0] = np.where(seeds[total[:, 0] == 0] > 0, np.inf, 0.0)[:, None]
    return np.asarray(spread)


def _scale(
    places: Sequence[str],
    dates: npt.NDArray[np.datetime64],
    scale: xr.DataArray | None,
    groups: Mapping[str, str] | None,
) -> tuple[npt.NDArray[np.int64], Floats]:
    if scale is None:
        return np.zeros(len(places), np.int64), np.ones((1, len(dates), 1))
    names = [str(g) for g in scale["group"].to_numpy()]
    lost = [p for p in places if (groups or {}).get(p) not in names]
    if lost:
        raise BadParameter("groups", ", ".join(lost[:3]), _GROUPS)
    values = scale.transpose("variant", "date", "group")
    have = values["date"].to_numpy().astype("datetime64[D]")
    missing = np.setdiff1d(dates, have)
    if len(missing):
        raise BadParameter("scale", str(missing[0]), _MISSING)
    chosen = values.assign_coords(date=have).sel(date=dates).to_numpy().astype(float)
    index = np.array([names.index((groups or {})[p]) for p in places], dtype=np.int64)
    return index, np.ascontiguousarray(chosen)


_WHOLE = Text(
    zh="须为不小于零的整数人数。请更正这些地区的人数。",
    en="it must be whole numbers of persons, none below zero. Correct these places.",
)
_AGES = Text(
    zh="病程表的年龄组数须与人口相同。",
    en="the course must have as many age groups as the people.",
)
_DAYS = Text(
    zh="日期须至少一天且逐日相连。", en="there must be at least one day, with none left out."
)
_UNKNOWN = Text(
    zh="时间表中有发动机不认识的名称；可用 home、school、work、other、isolate、trace、traced、imported、transmissibility。",
    en="the timeline holds names the engine does not know; it knows home, school, work, other, isolate, trace, traced, imported and transmissibility.",
)
_MISSING = Text(
    zh="缺少这些日期或地区的数值。请补齐，或用 reindex 写明缺失处的值。",
    en="values of these days or places are missing. Complete them, or say by reindex what stands there.",
)
_DIMS = Text(
    zh="只能有 date 与 place 两个维度。", en="it may have the dimensions date and place only."
)
_NEGATIVE = Text(zh="须为不小于零的有限数。", en="it must be finite numbers, none below zero.")
_LAYER = Text(
    zh="联系层须与模型的日期和地区相同。",
    en="a layer must be over the days and places of the model.",
)
_STRANGE = Text(zh="模型中没有这些地区。", en="the model has no such places.")
_BEDS = Text(
    zh="每个服务区须有床位数，床位须属于某个服务区。请核对 catchments 与床位的名称。",
    en="every catchment needs beds, and beds need a catchment. Compare the names of catchments and beds.",
)
_STATE = Text(
    zh="状态须含每个地区、年龄组与隔室，不小于零，且各隔室之和等于人口。",
    en="the state must hold every place, age and compartment, nothing below zero, and sum to the people.",
)
_NO_MORE = Text(
    zh="要求的离散参数k为{k}，而传染期长短不一本身已使k降至{least}：未再加超级传播。",
    en="k of {k} was asked for; stays of differing length alone bring it down to {least}: no superspreading was added.",
)
_MANY = Text(
    zh="初始感染人数超过当地该年龄组人口。请减少，或分给更多地区。",
    en="more are infected at the start than live there at that age. Take fewer, or more places.",
)
_GROUPS = Text(
    zh="每个地区须属于 scale 中的一个组。", en="every place must belong to a group of the scale."
)
_EMPTY = Text(
    zh="无人居住的地区不能有输入感染。",
    en="a place without people cannot have imported infections.",
)
