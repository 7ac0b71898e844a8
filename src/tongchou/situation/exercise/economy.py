"""Enterprises, labour and travel of an exercise: how far each county is back at work, day by day."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from tongchou.situation.exercise.settings import Bools, Floats, Ints, rows, setting, words
from tongchou.situation.exercise.supplies import Supplies
from tongchou.situation.exercise.world import World
from tongchou.vocabulary.places import Place

MAKING = "medical_supplies"
"""Sector of the producers of protective goods."""
KNOT, KNOT_DRAG, KNOT_EVERY = "materials", 2.0, 4
"""Sector of the firm that holds a chain up, its drag in log odds, and the buyers that hang on it."""
KM_PER_DEGREE = 111.2
OUTSIDE = 6
"""Other provinces that travel is listed for: the nearest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Firms:
    """Enterprises, one array element each: first the producers of protective goods, in order."""

    ids: npt.NDArray[np.object_]
    county: Ints
    sector: Ints
    staff: Ints
    supplier: Ints
    cash: Floats
    ease: Floats


def back_at_work(world: World, tier: Ints) -> Floats:
    """Give the share back at work (county, day): each day a part of the way to what the tier allows.

    w_t = w_{t-1} + pace (target(tier_t) - w_{t-1}), from ``back_first``.
    """
    target = np.array([setting("back_low"), setting("back_medium"), setting("back_high")])[tier]
    share = np.empty(tier.shape)
    now = np.full(len(world.counties), setting("back_first"))
    for day in range(world.days):
        now = now + setting("back_pace") * (target[:, day] - now)
        share[:, day] = now
    return share


def found(world: World, supplies: Supplies) -> Firms:
    """Found the sampled enterprises and the chains between them.

    One maker of materials in a high county hardly works, and many buyers hang on it: the knot that
    the restart of chains has to find.
    """
    rng = world.stream("enterprises")
    sectors = rows("sectors")
    names = [r["sector"] for r in sectors]
    total = world.population.sum()
    n = max(4 * len(sectors), round(total / 1e5 * setting("enterprises_per_100k")))
    sector = rng.choice(len(sectors), n, p=_shares())
    sector[: len(sectors)] = np.arange(len(sectors))
    county = rng.choice(len(world.counties), n, p=world.population / total)
    sector = np.concatenate([np.full(len(supplies.makers), names.index(MAKING)), sector])
    county = np.concatenate([[m.county for m in supplies.makers], county]).astype(np.int64)
    supplier = np.full(len(sector), -1)
    for k, row in enumerate(sectors):
        pool = np.flatnonzero(sector == names.index(row["supplier"]))
        mine = np.flatnonzero(sector == k)
        pick = rng.choice(pool, len(mine))
        supplier[mine] = np.where(pick == mine, -1, pick)
    knot = len(supplies.makers) + names.index(KNOT)
    county[knot] = np.flatnonzero(world.plays("high"))[0]
    ease = rng.normal(0, 0.35, len(sector))
    ease[knot] = -KNOT_DRAG
    buys = np.isin(sector, [k for k, row in enumerate(sectors) if row["supplier"] == KNOT])
    supplier[np.flatnonzero(buys)[::KNOT_EVERY]] = knot
    return Firms(
        ids=np.array([f"{world.tag}-E{i + 1:05d}" for i in range(len(sector))], dtype=object),
        county=county,
        sector=sector,
        staff=np.ceil(rng.lognormal(4.2, 1.0, len(sector))).astype(np.int64) + 5,
        supplier=supplier,
        cash=setting("cash_days") * rng.lognormal(0, 0.5, len(sector)),
        ease=ease,
    )


def _shares() -> Floats:
    share = np.array([float(r["share"]) for r in rows("sectors")])
    return np.asarray(share / share.sum())


def enterprise_table(world: World, firms: Firms, back: Floats, tier: Ints) -> pl.DataFrame:
    """Give the table ``enterprises``: each enterprise on each day.

    Cash lasts a day less for each day on which nobody works; relief, where granted, adds to it.
    """
    rng = world.stream("restart")
    days, n = world.days, len(firms.ids)
    vital = np.array([r["vital"] == "yes" for r in rows("sectors")])[firms.sector]
    odds = np.log(back[firms.county] / (1 - back[firms.county]))
    share = 1 / (1 + np.exp(-(odds + firms.ease[:, None] + vital[:, None])))
    staff_back = np.floor(firms.staff[:, None] * share).astype(np.int64)
    lost = np.cumsum(1 - share, axis=1)
    bare = firms.cash[:, None] - lost
    asks = (bare < setting("cash_floor")) & (rng.random(n) < 0.5)[:, None]
    granted = np.concatenate([np.zeros((n, 7), bool), np.maximum.accumulate(asks, axis=1)], axis=1)[
        :, :days
    ]
    cash = np.maximum(bare + setting("relief_days") * granted, 0)
    blocked = _blocked(firms, share, cash, tier, rng)
    day = np.tile(np.arange(days), n)
    supplier = np.array([firms.ids[s] if s >= 0 else None for s in firms.supplier], dtype=object)
    names = np.array([r["sector"] for r in rows("sectors")], dtype=object)
    return pl.DataFrame(
        {
            "enterprise_id": np.repeat(firms.ids, days),
            "date": world.dates(day),
            "known_on": world.dates(day),
            "place": np.repeat(world.codes[firms.county], days),
            "sector": np.repeat(names[firms.sector], days),
            "staff": np.repeat(firms.staff, days),
            "staff_back": staff_back.ravel(),
            "supplier_id": words(np.repeat(supplier, days)),
            "cash_days": np.round(cash, 1).ravel(),
            "relief_granted": granted.ravel(),
            "blocked_by": blocked.ravel(),
        }
    )


def _blocked(
    firms: Firms, share: Floats, cash: Floats, tier: Ints, rng: np.random.Generator
) -> npt.NDArray[np.object_]:
    """Say what holds each firm back: its supplier, its cash, the tier, or what luck dealt it."""
    starved: Bools = (firms.supplier >= 0)[:, None] & (
        share[firms.supplier] < setting("standing_share")
    )
    dealt = rng.choice(["labour", "transport", "protection"], len(share), p=[0.6, 0.2, 0.2])
    return np.select(
        [
            starved,
            cash < setting("cash_floor"),
            share >= setting("running_share"),
            tier[firms.county] == 2,
        ],
        ["material", "money", "none", "permit"],
        np.repeat(dealt[:, None], share.shape[1], axis=1),
    ).astype(object)


def labour_table(world: World, back: Floats) -> pl.DataFrame:
    """Give the table ``labour``: employed and returned by county, sector and day."""
    rng = world.stream("labour")
    sectors = rows("sectors")
    vital = np.array([r["vital"] == "yes" for r in sectors])
    employed = np.ceil(
        world.population[:, None] * setting("employed_share") * _shares()[None, :]
        * rng.lognormal(0, 0.2, (len(world.counties), len(sectors)))
    ).astype(np.int64)  # fmt: skip
    lift = np.where(vital, 0.35, -0.1)
    odds = np.log(back / (1 - back))[:, None, :] + lift[None, :, None]
    returned = np.floor(employed[:, :, None] / (1 + np.exp(-odds))).astype(np.int64)
    vacancies = np.round(employed[:, :, None] * 0.03 * (1.2 - back)[:, None, :]).astype(np.int64)
    jobless = np.round(employed[:, :, None] * (0.02 + 0.03 * (1 - back))[:, None, :]).astype(
        np.int64
    )
    shape = returned.shape
    c, s, t = (a.ravel() for a in np.indices(shape))
    names = np.array([r["sector"] for r in sectors], dtype=object)
    return pl.DataFrame(
        {
            "place": world.codes[c],
            "sector": names[s],
            "date": world.dates(t),
            "known_on": world.dates(t),
            "employed": employed[c, s],
            "returned": returned.ravel(),
            "vacancies": vacancies.ravel(),
            "unemployed_registered": jobless.ravel(),
        }
    )


def mobility_table(world: World, back: Floats) -> pl.DataFrame:
    """Give the table ``mobility``: trips between counties and with the nearest other provinces.

    A gravity rule shares the departures of a county, m_ij ∝ N_j / d_ij²; travel grows and shrinks
    with the share back at work at both ends. Arrivals from other provinces have no share.
    """
    rng = world.stream("mobility")
    n, days = len(world.counties), world.days
    far = _kilometres(world.longitude, world.latitude, world.longitude, world.latitude)
    pull = world.population[None, :] / np.maximum(far, 5.0) ** 2
    np.fill_diagonal(pull, 0)
    most = min(int(setting("destinations")), n - 1)
    nearest = np.argsort(-pull, axis=1, kind="stable")[:, :most]
    part = np.take_along_axis(pull, nearest, axis=1) / pull.sum(axis=1, keepdims=True)
    level = 0.25 + 0.75 * back
    trips = setting("trips_per_person") * world.population[:, None] * level
    share = (
        (1 - setting("outside_share")) * part[:, :, None] * np.sqrt(level[nearest] / level.max())
    )
    others = _nearest_provinces(world)
    i, k, t = (a.ravel() for a in np.indices((n, most, days)))
    o, p, d = (a.ravel() for a in np.indices((n, len(others), days)))
    leaving = setting("outside_share") / len(others) * trips[o, d]
    codes = np.array([q.code for q in others], dtype=object)
    arriving = leaving * rng.lognormal(0, 0.1, len(leaving))
    day = np.concatenate([t, d, d])
    return pl.DataFrame(
        {
            "date": world.dates(day),
            "known_on": world.dates(day),
            "origin": np.concatenate([world.codes[i], world.codes[o], codes[p]]),
            "destination": np.concatenate([world.codes[nearest[i, k]], codes[p], world.codes[o]]),
            "share": pl.Series(
                np.concatenate(
                    [share[i, k, t], np.full(2 * len(o), setting("outside_share") / len(others))]
                )
            ).set(pl.Series(np.arange(len(day)) >= len(i) + len(o)), None),
            "persons": np.round(
                np.concatenate([trips[i, t] * share[i, k, t], leaving, arriving]), 1
            ),
        }
    )


def _nearest_provinces(world: World) -> list[Place]:
    far = _kilometres(
        np.array([world.province.longitude]),
        np.array([world.province.latitude]),
        np.array([p.longitude for p in world.others]),
        np.array([p.latitude for p in world.others]),
    )[0]
    return [world.others[j] for j in np.argsort(far, kind="stable")[:OUTSIDE]]


def _kilometres(lon: Floats, lat: Floats, lon2: Floats, lat2: Floats) -> Floats:
    """Give distances on a plane that is true near the province, kilometres."""
    narrow = np.cos(np.radians(lat.mean()))
    return np.asarray(
        KM_PER_DEGREE
        * np.hypot((lon[:, None] - lon2[None, :]) * narrow, lat[:, None] - lat2[None, :])
    )
