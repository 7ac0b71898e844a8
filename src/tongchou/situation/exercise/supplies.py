"""Stocks, shipments, production and donations of an exercise: nothing appears and nothing vanishes.

Each day, in this order: what has arrived is taken in (shipments, donations, at the main depot the
day's production), patients, tests and staff use what they need as far as it lasts, depots send out.
So for every holder, item and day

    closing = opening + arrived + donated + produced - used - sent.

One busy hospital lives from hand to mouth at the end, and the consignment meant for it is held up.
"""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from tongchou.situation.exercise import producing
from tongchou.situation.exercise.care import Care
from tongchou.situation.exercise.settings import Floats, Ints, rows, setting
from tongchou.situation.exercise.sites import HOSPITALS, Sites
from tongchou.situation.exercise.workforce import Teams
from tongchou.situation.exercise.world import World

SCARCE_DAYS = 12
"""Days before the end from which the chosen hospital is supplied only to the day."""
SCARCE_LEFT = 0.7
"""Days of protective suits it is meant to have left on the last evening."""
DEPOT_DAYS = (8, 25)
"""Opening stock of prefecture depots and of the main depot, in days of use of those they supply."""


@dataclass(slots=True, kw_only=True)
class Road:
    """Consignments sent so far, one list element each."""

    item: list[int] = field(default_factory=list)
    quantity: list[int] = field(default_factory=list)
    origin: list[int] = field(default_factory=list)
    destination: list[int] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    due: list[int] = field(default_factory=list)
    arrives: list[int] = field(default_factory=list)
    held_at: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplies:
    """Closing stocks and use (holder, item, day), consignments, producers and donations."""

    holders: Ints
    stock: Ints
    used: Ints
    road: Road
    makers: tuple[producing.Maker, ...]
    donations: dict[str, Ints]
    scarce: int


def supply(world: World, sites: Sites, care: Care, tests: Ints, teams: Teams) -> Supplies:
    """Run the supplies of the whole exercise."""
    rng = world.stream("supplies")
    items = rows("items")
    holders = np.arange(len(sites))
    need = _need(world, sites, care, tests, teams, rng)
    serving = _serving(sites)
    mean = need[:, :, -14:].mean(axis=2)
    whole = mean.copy()
    for h in holders:
        if serving[h] >= 0 and sites.kind[h] != "depot":
            whole[serving[h]] += mean[h]
    depots = [int(d) for d in sites.of("depot") if d != sites.main_depot]
    whole[sites.main_depot] = whole[depots].sum(axis=0) + mean[sites.main_depot]
    makers = producing.makers(world, rng, need.sum(axis=0)[:, -1])
    scarce = _scarce(sites, care)
    donations = producing.donations(world, sites, rng, whole[sites.main_depot], scarce)
    stock = _opening(sites, care, need, whole, rng)
    road = Road()
    closing = np.zeros((len(sites), len(items), world.days), dtype=np.int64)
    used = np.zeros_like(closing)
    coming = np.zeros((len(sites), len(items), world.days + 60), dtype=np.int64)
    consumed = np.array([float(r["stock_days"]) > 0 for r in items])
    for day in range(world.days):
        if day > 0:
            stock = stock + coming[:, :, day]
            for maker in makers:
                stock[sites.main_depot, maker.item] += maker.output[day]
            producing.take_in(stock, donations, day)
        used[:, :, day] = np.minimum(need[:, :, day], stock)
        stock = stock - used[:, :, day]
        if day > 0:
            pending = coming[:, :, day + 1 :].sum(axis=2)
            recent = need[:, :, max(0, day - 6) : day + 1].mean(axis=2)
            want = _wanted(world, sites, stock + pending, recent, whole, day, scarce)
            for sender in (sites.main_depot, *depots):
                served = np.flatnonzero((serving == sender) & (holders != sender))
                for item in np.flatnonzero(consumed):
                    _send(world, sites, rng, road, stock, coming, sender, served, int(item),
                          want[served, item], day, scarce)  # fmt: skip
        closing[:, :, day] = stock
    return Supplies(
        holders=holders,
        stock=closing,
        used=used,
        road=road,
        makers=makers,
        donations=donations,
        scarce=scarce,
    )


def _need(
    world: World, sites: Sites, care: Care, tests: Ints, teams: Teams, rng: np.random.Generator
) -> Ints:
    """Give what each facility would use of each item on each day (facility, item, day), pieces."""
    items = rows("items")
    per_class = np.array(
        [[float(r[f"use_{c}"]) for r in items] for c in ("mild", "severe", "critical")]
    )
    need = np.einsum("ki,fkt->fit", per_class, care.occupied)
    staff = np.zeros((len(sites), world.days))
    for t in np.flatnonzero(teams.site >= 0):
        staff[teams.site[t], teams.arrives[t] :] += teams.staff[t]
    staff[sites.of("fever_clinic", "quarantine")] = setting("site_staff")
    need += np.array([float(r["use_per_staff"]) for r in items])[None, :, None] * staff[:, None, :]
    tested = np.zeros((len(sites), world.days))
    tested[sites.of("laboratory")] = tests
    need += np.array([float(r["use_per_test"]) for r in items])[None, :, None] * tested[:, None, :]
    need *= rng.lognormal(0, 0.08, need.shape)
    need[sites.of("depot")] = 0
    return np.asarray(np.ceil(need - 1e-9), dtype=np.int64)


def _serving(sites: Sites) -> Ints:
    """Give for each facility the depot that supplies it; the main depot supplies the depots."""
    depot = {int(sites.group[d]): int(d) for d in sites.of("depot") if d != sites.main_depot}
    serving = np.array([depot[int(g)] for g in sites.group])
    serving[sites.of("depot")] = sites.main_depot
    return serving


def _opening(sites: Sites, care: Care, need: Ints, whole: Floats, rng: np.random.Generator) -> Ints:
    items = rows("items")
    days = np.array([float(r["stock_days"]) for r in items])
    first = need[:, :, :7].mean(axis=2)
    stock = np.ceil(first * days * rng.uniform(0.7, 1.5, first.shape))
    depots = sites.of("depot")
    stock[depots] = np.ceil(
        whole[depots] * DEPOT_DAYS[0] * rng.uniform(0.7, 1.2, (len(depots), len(items)))
    )
    stock[sites.main_depot] = np.ceil(whole[sites.main_depot] * DEPOT_DAYS[1])
    asset = [i for i, r in enumerate(items) if r["item"] == "ventilator"]
    for i in asset:
        stock[:, i] = np.ceil(care.beds[:, 2, -1] * setting("ventilators_per_bed"))
        stock[sites.main_depot, i] = max(2, round(float(stock[:, i].sum()) * 0.1))
    return np.asarray(stock, dtype=np.int64)


def _scarce(sites: Sites, care: Care) -> int:
    """Choose the hospital that will run short: the busiest of the last days."""
    load = care.occupied[:, :, -5:].sum(axis=(1, 2)).astype(float)
    load[~sites.is_of(*HOSPITALS)] = -1
    return int(np.argmax(load))


def _wanted(
    world: World, sites: Sites, held: Ints, recent: Floats, whole: Floats, day: int, scarce: int
) -> Ints:
    """Give what each facility asks for: up to the target when below the floor."""
    use = np.where(sites.is_of("depot")[:, None], whole, recent)
    want = np.where(
        held < setting("supply_floor_days") * use, setting("supply_target_days") * use - held, 0
    )
    suit = next(i for i, r in enumerate(rows("items")) if r["item"] == "protective_suit")
    ahead = world.days - 1 - day
    if ahead < SCARCE_DAYS:
        missing = recent[scarce, suit] * (1 + SCARCE_LEFT) - held[scarce, suit]
        want[scarce, suit] = missing if ahead >= 1 else 0
    return np.asarray(np.ceil(np.maximum(want, 0)), dtype=np.int64)


def _send(
    world: World,
    sites: Sites,
    rng: np.random.Generator,
    road: Road,
    stock: Ints,
    coming: Ints,
    sender: int,
    served: Ints,
    item: int,
    want: Ints,
    day: int,
    scarce: int,
) -> None:
    """Send what is asked for, cut in proportion where the sender has less."""
    relief = rows("items")[item]["item"] == "protective_suit" and day == world.days - 3
    total = int(want.sum())
    sent = want if total <= stock[sender, item] else want * stock[sender, item] // max(total, 1)
    for h, quantity in zip(served[sent > 0], sent[sent > 0], strict=True):
        _dispatch(
            world, sites, rng, road, stock, coming, sender, int(h), item, int(quantity), day, False
        )
    if relief and scarce in served and stock[sender, item] > 0:
        _dispatch(world, sites, rng, road, stock, coming, sender, scarce, item,
                  int(min(stock[sender, item], max(50, want.sum()))), day, True)  # fmt: skip


def _dispatch(
    world: World,
    sites: Sites,
    rng: np.random.Generator,
    road: Road,
    stock: Ints,
    coming: Ints,
    sender: int,
    receiver: int,
    item: int,
    quantity: int,
    day: int,
    relief: bool,
) -> None:
    """Put one consignment on the road; ``relief`` is the one that is to be held up for good."""
    fast = sites.group[sender] == sites.group[receiver]
    due = day + (1 if fast else 2)
    luck = rng.random()
    blocked = relief or (luck < setting("shipment_blocked_share") and day < world.days - 1)
    late = luck > 1 - setting("shipment_delay_share")
    arrives = due + (int(rng.integers(3, 7)) if blocked else int(rng.integers(1, 3)) if late else 0)
    if relief:
        arrives = max(arrives, world.days)
    stock[sender, item] -= quantity
    coming[receiver, item, min(arrives, coming.shape[2] - 1)] += quantity
    members = np.flatnonzero(world.group == sites.group[receiver])
    road.item.append(item)
    road.quantity.append(quantity)
    road.origin.append(sender)
    road.destination.append(receiver)
    road.sent.append(day)
    road.due.append(due)
    road.arrives.append(arrives)
    road.held_at.append(int(rng.choice(members)) if blocked else -1)


def stock_table(world: World, sites: Sites, supplies: Supplies) -> pl.DataFrame:
    """Give the table ``stocks``: holders and items that are ever held or used, on each day."""
    names = np.array([r["item"] for r in rows("items")], dtype=object)
    h, i = np.nonzero((supplies.stock.max(axis=2) > 0) | (supplies.used.max(axis=2) > 0))
    days = world.days
    day = np.tile(np.arange(days), len(h))
    return pl.DataFrame(
        {
            "facility_id": np.repeat(sites.ids[h], days),
            "item": np.repeat(names[i], days),
            "date": world.dates(day),
            "known_on": world.dates(day),
            "place": np.repeat(world.codes[sites.county[h]], days),
            "quantity": supplies.stock[h, i].astype(float).ravel(),
            "daily_use": supplies.used[h, i].astype(float).ravel(),
        }
    )


def shipment_table(world: World, sites: Sites, supplies: Supplies) -> pl.DataFrame:
    """Give the table ``shipments``; a blocked one became known as such the day after it left."""
    road = supplies.road
    names = np.array([r["item"] for r in rows("items")], dtype=object)
    sent, held = np.array(road.sent), np.array(road.held_at)
    return pl.DataFrame(
        {
            "shipment_id": [f"{world.tag}-D{k + 1:06d}" for k in range(len(sent))],
            "known_on": world.dates(sent + (held >= 0)),
            "item": names[np.array(road.item)],
            "quantity": np.array(road.quantity, dtype=float),
            "origin": sites.ids[np.array(road.origin)],
            "destination": sites.ids[np.array(road.destination)],
            "sent_on": world.dates(sent),
            "due_on": world.planned(np.array(road.due)),
            "arrived_on": world.dates(np.array(road.arrives)),
            "blocked_at": [world.codes[c] if c >= 0 else None for c in held],
        }
    )
