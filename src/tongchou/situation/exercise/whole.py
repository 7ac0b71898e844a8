"""An exercise from its seed: every table of the data contract, consistent with one another.

In order, because each step rests on the ones before it:

1.  the stage (real places, invented residents, what is asked of each county)
2.  the outbreak (who infects whom)
3.  the facilities
4.  suspicion, contacts, samples, the laboratories' queues, confirmation
5.  beds and patients
6.  teams
7.  supplies
8.  counts and tiers by day
9.  measures and response levels
10. enterprises, labour, travel, arrivals under watch
11. prices, households, visits, payments
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from tongchou.situation import pack
from tongchou.situation.contract import contracts
from tongchou.situation.exercise import (
    arrivals,
    care,
    economy,
    epidemic,
    livelihood,
    people,
    producing,
    records,
    reports,
    rules,
    sites,
    supplies,
    workforce,
    world,
)
from tongchou.situation.manifest import Manifest
from tongchou.vocabulary.places import Gazetteer, china
from tongchou.vocabulary.text import Text, day

PROVINCE = "360000"
POPULATION = 10_000_000
HOSPITALS = 100
DAYS = 60
FIRST = date(2030, 1, 1)
"""First day: a year far from any epidemic known to the project."""

Tables = Mapping[str, pl.DataFrame]


def exercise(
    seed: int,
    *,
    province: str = PROVINCE,
    population: int = POPULATION,
    hospitals: int = HOSPITALS,
    days: int = DAYS,
    first: date = FIRST,
    gazetteer: Gazetteer,
) -> tuple[Manifest, Tables, pl.DataFrame, pl.DataFrame]:
    """Give an exercise: manifest, tables, corrections and published totals.

    Parameters
    ----------
    seed
        All that is drawn follows from it; the same seed gives the same rows.
    province
        Code of the province whose places are used; its residents are invented.
    population, hospitals, days
        Size: residents of the province, designated and general hospitals, days of records.
    first
        First day of the records.
    gazetteer
        The places.

    Returns
    -------
    Manifest, tables by name, corrections, published totals

    Raises
    ------
    BadParameter
        If the exercise is too small for its story.

    Examples
    --------
    >>> from tongchou.vocabulary.places import china
    >>> manifest, tables, _, _ = exercise(
    ...     1, province="640000", population=200_000, hospitals=5, gazetteer=china())
    >>> manifest.synthetic, len(tables)
    (True, 20)
    """
    stage = world.stage(
        seed,
        province=province,
        population=population,
        hospitals=hospitals,
        days=days,
        first=first,
        gazetteer=gazetteer,
    )
    infected = epidemic.outbreak(stage)
    site = sites.build(stage)
    chain, position = people.seen(infected, days)
    contact = people.contacts(stage, chain, infected, position)
    persons, samples = people.examine(stage, site, chain, contact)
    persons, beds = care.admit(stage, site, persons)
    teams = workforce.muster(stage, site, persons, beds, samples.capacity)
    supplied = supplies.supply(stage, site, beds, samples.capacity, teams)
    counts = reports.count(stage, persons)
    tier = reports.tiers(stage, persons, counts.values[0])
    back = economy.back_at_work(stage, tier)
    firms = economy.found(stage, supplied)
    cases = records.case_table(stage, persons, site, beds.admitted, beds.facility)
    enterprises = economy.enterprise_table(stage, firms, back, tier)
    households = livelihood.household_table(stage, cases)
    mobility = economy.mobility_table(stage, back)
    made = {
        "places": world.places(stage, gazetteer),
        "case_counts": reports.count_table(stage, counts),
        "cases": cases,
        "contacts": pl.concat(
            [
                records.contact_table(stage, persons, contact),
                arrivals.arrival_table(stage, mobility, tier),
            ]
        ),
        "samples": records.sample_table(stage, site, persons, samples),
        "mobility": mobility,
        "facilities": care.facility_table(stage, site, beds, samples.capacity),
        "staff_teams": workforce.team_table(stage, site, persons, teams),
        "stocks": supplies.stock_table(stage, site, supplied),
        "shipments": supplies.shipment_table(stage, site, supplied),
        "production": producing.production_table(
            stage, supplied.makers, list(firms.ids[: len(supplied.makers)])
        ),
        "measures": rules.measure_table(stage, tier),
        "response_levels": rules.level_table(stage, tier),
        "enterprises": enterprises,
        "labour": economy.labour_table(stage, back),
        "prices": livelihood.price_table(stage),
        "households": households,
        "visits": livelihood.visit_table(stage, households),
        "donations": producing.donation_table(stage, site, supplied.donations),
        "payments": livelihood.payment_table(stage, households, enterprises),
    }
    return (
        _manifest(stage),
        {name: _typed(made[name], name) for name in contracts()},
        reports.correction_table(stage, counts),
        reports.published_table(stage, counts),
    )


def make(
    folder: Path,
    seed: int,
    *,
    province: str = PROVINCE,
    population: int = POPULATION,
    hospitals: int = HOSPITALS,
    days: int = DAYS,
    first: date = FIRST,
) -> tuple[Manifest, dict[str, int]]:
    """Write an exercise in a province of China as a data pack; give its manifest and row counts.

    Parameters as in :func:`exercise`.

    Raises
    ------
    BadParameter
        If the exercise is too small for its story.
    """
    manifest, tables, corrections, published = exercise(
        seed,
        province=province,
        population=population,
        hospitals=hospitals,
        days=days,
        first=first,
        gazetteer=china(),
    )
    pack.write(folder, manifest, tables, corrections=corrections, published=published)
    return manifest, {name: frame.height for name, frame in tables.items()}


def _typed(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Give the columns that were made, in the order and the types of the contract."""
    schema = contracts()[name].schema
    return frame.select(
        pl.col(column).cast(dtype) for column, dtype in schema.items() if column in frame.columns
    )


def _manifest(stage: world.World) -> Manifest:
    name = stage.province.name
    size = int(stage.population.sum())
    return Manifest(
        name=f"exercise-{stage.province.code}-{stage.seed}",
        title=Text(
            zh=f"演练：{name.zh}（合成数据，种子 {stage.seed}）",
            en=f"Exercise: {name.en} (synthetic, seed {stage.seed})",
        ),
        synthetic=True,
        places="china",
        first=stage.first,
        last=stage.last,
        licence=Text(zh="Apache-2.0；全部为合成数据", en="Apache-2.0; all of it synthetic"),
        sources=(f"tongchou exercise --seed {stage.seed}", "reference/exercise"),
        notes=(
            Text(
                zh="地名真实，其余一概虚构：人口、病例、机构、企业和价格均由随机种子生成，不得当作事实引用。",
                en="The places are real and everything else is invented: residents, cases, facilities, enterprises and prices follow from a random seed and must not be quoted as facts.",
            ),
            Text(
                zh=f"{day(stage.first).zh}至{day(stage.last).zh}，居民 {size:,} 人，医院 {stage.hospitals} 家。",
                en=f"{day(stage.first).en} to {day(stage.last).en}, {size:,} residents, {stage.hospitals} hospitals.",
            ),
        ),
    )
