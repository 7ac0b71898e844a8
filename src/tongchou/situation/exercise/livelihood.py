"""Prices, households with needs, visits and payments of an exercise."""

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import polars as pl

from tongchou.situation.exercise.settings import NEVER, Floats, rows, setting
from tongchou.situation.exercise.world import World
from tongchou.vocabulary.places import Place


def price_table(world: World) -> pl.DataFrame:
    """Give the table ``prices``: products each day and monthly indices, by prefecture and province."""
    places = _price_places(world)
    frames = [_index(world, places, row) if row["unit"] == "index" else _product(world, places, row)
              for row in rows("prices")]  # fmt: skip
    return pl.concat(frames).sort("place", "item", "date")


def _price_places(world: World) -> list[Place]:
    return [world.province, *(g for g in world.groups if g.code != world.province.code)]


def _product(world: World, places: list[Place], row: Mapping[str, str]) -> pl.DataFrame:
    rng = world.stream("prices", row["item"])
    day = np.arange(world.days)
    bump = np.exp(-(((day - 0.55 * world.days) / (0.25 * world.days)) ** 2))
    level = rng.lognormal(0, 0.04, len(places))
    noise = np.cumsum(rng.normal(0, 0.004, (len(places), world.days)), axis=1)
    price = float(row["price"]) * level[:, None] * np.exp(float(row["drift"]) * bump + noise)
    before = float(row["year_before"]) * level
    n = len(places)
    return pl.DataFrame(
        {
            "place": np.repeat(np.array([p.code for p in places], dtype=object), world.days),
            "item": [row["item"]] * (n * world.days),
            "date": world.dates(np.tile(day, n)),
            "known_on": world.dates(np.tile(day, n)),
            "price": np.round(price, 2).ravel(),
            "unit": [row["unit"]] * (n * world.days),
            "price_year_before": np.round(np.repeat(before, world.days), 2),
        },
        schema_overrides={"place": pl.String},
    )


def months(world: World) -> list[tuple[date, date]]:
    """Give the last days of months whose index is published within the exercise, and that day."""
    ends, day = [], world.first.replace(day=1) - timedelta(days=1)
    while day + timedelta(days=int(setting("index_delay"))) <= world.last:
        published = day + timedelta(days=int(setting("index_delay")))
        if published >= world.first:
            ends.append((day, published))
        day = (day + timedelta(days=40)).replace(day=1) - timedelta(days=1)
    return ends


def indices(world: World, item: str) -> Floats:
    """Give a price index by prefecture (province first) and month, the year before being 100.

    The last month's food index of one prefecture is beyond what starts the price subsidy.
    """
    row = next(r for r in rows("prices") if r["item"] == item)
    rng = world.stream("index", item)
    n, m = len(_price_places(world)), len(months(world))
    value = (
        float(row["price"])
        + 100 * float(row["drift"]) * np.linspace(0, 1, m)
        + rng.normal(0, 0.4, (n, m))
    )
    if item == "food_cpi":
        value[-1, -1] = max(value[-1, -1], 100 * (1 + setting("price_alert")) + 1.2)
    return np.asarray(np.round(value, 1))


def _index(world: World, places: list[Place], row: Mapping[str, str]) -> pl.DataFrame:
    value, when = indices(world, row["item"]), months(world)
    return pl.DataFrame(
        [
            {
                "place": p.code,
                "item": row["item"],
                "date": end,
                "known_on": published,
                "price": float(value[i, j]),
                "unit": row["unit"],
                "price_year_before": 100.0,
            }
            for i, p in enumerate(places)
            for j, (end, published) in enumerate(when)
        ]
    )


def household_table(world: World, cases: pl.DataFrame) -> pl.DataFrame:
    """Give the table ``households``: those with needs before the outbreak, and those it made.

    Families of patients are registered when the case is confirmed, bereaved ones at the death.
    """
    rng = world.stream("households")
    kinds = rows("needs")
    every = {r["need"]: int(r["visit_every_days"]) for r in kinds}
    total = int(world.population.sum())
    n = max(20, round(total / 1000 * setting("households_per_1000")))
    share = np.array([float(r["share"]) for r in kinds])
    need = np.array([r["need"] for r in kinds], dtype=object)[
        rng.choice(len(kinds), n, p=share / share.sum())
    ]
    county = rng.choice(len(world.counties), n, p=world.population / total)
    known = np.where(rng.random(n) < 0.85, 0, rng.integers(0, world.days, n))
    before = pl.DataFrame(
        {
            "household_id": [f"{world.tag}-V{i + 1:06d}" for i in range(n)],
            "place": world.codes[county],
            "known_on": world.dates(known),
            "need": need,
        },
        schema_overrides={"place": pl.String, "need": pl.String},
    )
    made = (
        cases.filter(pl.col("confirmed_on").is_not_null())
        .with_columns(lot=pl.Series(rng.random(int(cases["confirmed_on"].is_not_null().sum()))))
        .filter((pl.col("lot") < setting("families_share")) | pl.col("died_on").is_not_null())
        .select(
            "household_id",
            "place",
            known_on=pl.max_horizontal(pl.coalesce("died_on", "confirmed_on"), pl.lit(world.first)),
            need=pl.when(pl.col("died_on").is_not_null())
            .then(pl.lit("bereaved"))
            .otherwise(pl.lit("patient_family")),
        )
        .sort("household_id", "need", "known_on")
        .unique("household_id", keep="first", maintain_order=True)
    )
    frame = pl.concat([before, made])
    m = frame.height
    return frame.with_columns(
        grid=pl.col("place")
        + "-W"
        + pl.Series(rng.integers(1, int(setting("grids")), m)).cast(pl.String).str.zfill(3),
        persons=pl.when(pl.col("need").is_in(["elderly_alone", "child_alone"]))
        .then(1)
        .otherwise(pl.Series(rng.integers(2, 6, m))),
        visit_every_days=pl.col("need").replace_strict(every, return_dtype=pl.Int64),
    ).sort("household_id")


def visit_table(world: World, households: pl.DataFrame) -> pl.DataFrame:
    """Give the table ``visits``: scheduled the day before they are due, done, late or missed."""
    rng = world.stream("visits")
    known = (
        households["known_on"].to_numpy().astype("datetime64[D]") - np.datetime64(world.first)
    ).astype(np.int64)
    every = households["visit_every_days"].to_numpy()
    start = known + 1 + rng.integers(0, every)
    number = np.maximum(0, (world.days - start) // every + 1)
    h = np.repeat(np.arange(households.height), number)
    step = np.arange(len(h)) - np.repeat(np.cumsum(number) - number, number)
    due = start[h] + every[h] * step
    luck, n = rng.random(len(h)), len(h)
    late = luck < setting("visit_late_share")
    missed = luck > 1 - setting("visit_missed_share")
    done = np.where(missed, NEVER, due + np.where(late, rng.integers(1, 4, n), 0))
    order = np.lexsort((h, due))
    minutes = np.round(rng.lognormal(3.0, 0.4, n), 0)
    come = (done < world.days)[order]
    return pl.DataFrame(
        {
            "visit_id": [f"{world.tag}-B{i + 1:06d}" for i in range(n)],
            "household_id": households["household_id"].to_numpy()[h[order]],
            "place": households["place"].to_numpy()[h[order]],
            "known_on": world.dates(due[order] - 1),
            "due_on": world.planned(due[order]),
            "done_on": world.dates(done[order]),
            "minutes": pl.Series(minutes[order]).set(pl.Series(~come), None),
        }
    )


def payment_table(
    world: World, households: pl.DataFrame, enterprises: pl.DataFrame
) -> pl.DataFrame:
    """Give the table ``payments``: who was entitled to what when, and when it was paid."""
    rng = world.stream("payments")
    frame = pl.concat(
        [
            _subsidies(world, households),
            _relief(world, households, rng),
            _monthly(world, rng),
            _retention(enterprises),
        ],
        how="diagonal",
    ).sort("known_on", "scheme", "place", "household_id", "enterprise_id")
    n = frame.height
    due = (
        frame["known_on"]
        .dt.offset_by(f"{int(setting('pay_days'))}d")
        .to_numpy()
        .astype("datetime64[D]")
    )
    ahead = (due - np.datetime64(world.first)).astype(np.int64)
    luck = rng.random(n)
    paid = ahead - rng.integers(0, 12, n)
    paid = np.where(luck < setting("payment_late_share"), ahead + rng.integers(1, 10, n), paid)
    never = luck > 0.97
    never[: max(2, n // 200)] = True
    return frame.with_columns(
        payment_id=pl.Series([f"{world.tag}-P{i + 1:06d}" for i in range(n)]),
        due_on=world.planned(ahead),
        paid_on=world.dates(np.where(never, NEVER, paid)),
    )


def _subsidies(world: World, households: pl.DataFrame) -> pl.DataFrame:
    """Give the price subsidies: each low-income household of a prefecture whose food rose so far."""
    value, when, places = indices(world, "food_cpi"), months(world), _price_places(world)
    frames = []
    for i, place in enumerate(places):
        inside = [
            c.code
            for c, g in zip(world.counties, world.group, strict=True)
            if place.code in (world.province.code, world.groups[g].code)
        ]
        for j, (_, published) in enumerate(when):
            if (
                value[i, j] < 100 * (1 + setting("price_alert"))
                or place.code == world.province.code
            ):
                continue
            frames.append(
                households.filter(
                    (pl.col("need") == "low_income")
                    & pl.col("place").is_in(inside)
                    & (pl.col("known_on") <= published)
                ).select(
                    "household_id",
                    "place",
                    known_on=pl.lit(published),
                    scheme=pl.lit("price_subsidy"),
                    amount=pl.lit(setting("price_subsidy_yuan")),
                )
            )
    return pl.concat(frames) if frames else pl.DataFrame()


def _relief(world: World, households: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    hit = households.filter(pl.col("need").is_in(["patient_family", "bereaved"]))
    return hit.select(
        "household_id",
        "place",
        "known_on",
        scheme=pl.lit("temporary_relief"),
        amount=pl.Series(np.round(rng.uniform(500, 3000, hit.height), -2)),
    )


def _monthly(world: World, rng: np.random.Generator) -> pl.DataFrame:
    """Give unemployment benefit and health workers' allowances, counted by county and month's day."""
    days = np.arange(2, world.days, 15)
    parts: list[dict[str, object]] = []
    for day in days:
        when = world.first + timedelta(days=int(day))
        for county, residents in zip(world.codes, world.population, strict=True):
            jobless = int(rng.poisson(residents * setting("unemployed_per_person")))
            wards = int(rng.poisson(residents * setting("allowances_per_person")))
            parts += [
                {"place": county, "known_on": when, "scheme": "unemployment",
                 "amount": setting("unemployment_yuan")} for _ in range(jobless)
            ]  # fmt: skip
            parts += [
                {"place": county, "known_on": when, "scheme": "health_worker_allowance",
                 "amount": setting("allowance_yuan_day") * float(rng.integers(5, 16))}
                for _ in range(wards)
            ]  # fmt: skip
    schema = {"place": pl.String, "known_on": pl.Date, "scheme": pl.String, "amount": pl.Float64}
    return pl.DataFrame(parts, schema=schema)


def _retention(enterprises: pl.DataFrame) -> pl.DataFrame:
    """Give job-retention refunds: one to each enterprise on the first day it has relief."""
    return (
        enterprises.filter(pl.col("relief_granted"))
        .sort("enterprise_id", "date")
        .unique("enterprise_id", keep="first", maintain_order=True)
        .select(
            "enterprise_id",
            "place",
            "known_on",
            scheme=pl.lit("job_retention"),
            amount=pl.col("staff") * 300.0,
        )
    )
