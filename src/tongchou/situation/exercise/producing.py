"""Where goods of an exercise come from: producers and donors."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from tongchou.situation.exercise.settings import NEVER, Floats, Ints, rows, setting
from tongchou.situation.exercise.sites import CARE, Sites
from tongchou.situation.exercise.world import World

MAKERS = 2
"""Producers of each item."""
DONATED = ("protective_suit", "n95_mask", "surgical_mask", "gloves", "goggles", "money")


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """A producer of an item."""

    item: int
    county: int
    output: Ints
    capacity: Ints
    limit: tuple[str, ...]


def makers(world: World, rng: np.random.Generator, use: Ints) -> tuple[Maker, ...]:
    """Give the producers: capacity grows towards need, output is held back by one input after another."""
    days = np.arange(world.days)
    makers = []
    made = [i for i, r in enumerate(rows("items")) if float(r["stock_days"]) > 0]
    for n, (item, _) in enumerate((i, m) for i in made for m in range(MAKERS)):
        full = max(10.0, float(use[item]) * setting("production_cover") / MAKERS)
        capacity = np.ceil(full * np.interp(days, [0, 0.7 * world.days], [0.35, 1.0]))
        turn = rng.integers(8, 16) + np.array([0, 14])
        limit = np.where(days < turn[0], "labour", np.where(days < turn[1], "material", "none"))
        level = np.select([days < turn[0], days < turn[1]], [0.35, 0.65], 0.97)
        if n % 5 == 1:
            level = np.where(days >= world.days - 6, 0.6, level)
            limit = np.where(
                days >= world.days - 6, ("material", "money", "transport")[n // 5 % 3], limit
            )
        output = np.floor(capacity * np.minimum(1, level * rng.lognormal(0, 0.04, world.days)))
        makers.append(
            Maker(
                item=item,
                county=int(
                    rng.choice(len(world.counties), p=world.population / world.population.sum())
                ),
                output=output.astype(np.int64),
                capacity=capacity.astype(np.int64),
                limit=tuple(str(word) for word in limit),
            )
        )
    return tuple(makers)


def donations(
    world: World, sites: Sites, rng: np.random.Generator, use: Floats, scarce: int
) -> dict[str, Ints]:
    """Draw donations; some are not yet allocated or published, and none helps the scarce hospital."""
    rate = setting("donations_per_million_day") * world.population.sum() / 1e6
    number = rng.poisson(max(rate, 0.5), world.days)
    number[-8] += 2
    received = np.repeat(np.arange(world.days), number)
    n = len(received)
    kind = rng.integers(0, len(DONATED), n)
    at = {r["item"]: i for i, r in enumerate(rows("items"))}
    item = np.array([at.get(DONATED[k], -1) for k in kind])
    scale = np.where(item >= 0, np.maximum(use[item], 20.0) * 0.05, 20_000.0)
    allocated = received + 1 + rng.geometric(0.45, n)
    published = allocated + rng.geometric(0.4, n) - 1
    idle = (received == world.days - 8) & (
        np.arange(n) >= np.searchsorted(received, world.days - 8)
    )
    allocated[idle] = NEVER
    published[idle | (rng.random(n) < 0.05)] = NEVER
    care = sites.of(*CARE)
    care = care[care != scarce] if len(care) > 1 else care
    return {
        "received": received,
        "item": item,
        "quantity": np.ceil(scale * rng.lognormal(0, 0.7, n)).astype(np.int64),
        "allocated": allocated,
        "published": published,
        "to": rng.choice(care, n),
    }


def take_in(stock: Ints, donations: dict[str, Ints], day: int) -> None:
    """Add the day's allocated donations of goods to the stock of those who receive them."""
    now = np.flatnonzero((donations["allocated"] == day) & (donations["item"] >= 0))
    np.add.at(stock, (donations["to"][now], donations["item"][now]), donations["quantity"][now])


def production_table(world: World, made: tuple[Maker, ...], ids: list[str]) -> pl.DataFrame:
    """Give the table ``production``; ``ids`` are the enterprises of ``made``, in order."""
    names = [r["item"] for r in rows("items")]
    days = world.days
    day = np.tile(np.arange(days), len(ids))
    return pl.DataFrame(
        {
            "enterprise_id": np.repeat(ids, days),
            "item": np.repeat([names[m.item] for m in made], days),
            "date": world.dates(day),
            "known_on": world.dates(day),
            "output": np.concatenate([m.output for m in made]).astype(float),
            "capacity": np.concatenate([m.capacity for m in made]).astype(float),
            "limiting_input": [word for m in made for word in m.limit],
        }
    )


def donation_table(world: World, sites: Sites, gifts: dict[str, Ints]) -> pl.DataFrame:
    """Give the table ``donations``."""
    names = [*[r["item"] for r in rows("items")], "money"]
    allocated = gifts["allocated"] < world.days
    return pl.DataFrame(
        {
            "donation_id": [f"{world.tag}-G{k + 1:05d}" for k in range(len(gifts["item"]))],
            "place": world.codes[sites.county[gifts["to"]]],
            "known_on": world.dates(gifts["received"]),
            "item": [names[k] for k in gifts["item"]],
            "quantity": gifts["quantity"].astype(float),
            "allocated_on": world.dates(gifts["allocated"]),
            "allocated_to": [
                sites.ids[t] if a else None for t, a in zip(gifts["to"], allocated, strict=True)
            ],
            "published_on": world.dates(gifts["published"]),
        }
    )
