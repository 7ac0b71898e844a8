"""From the received files to the pack ``china2020``: verify, derive, hold to the totals, write."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from tongchou import reference
from tongchou.situation import pack
from tongchou.situation.manifest import Manifest
from tongchou.situation.recipes.china2020 import received as files
from tongchou.situation.recipes.china2020.cases import case_counts
from tongchou.situation.recipes.china2020.levels import response_levels
from tongchou.situation.recipes.china2020.measures import measures
from tongchou.situation.recipes.china2020.mobility import mobility
from tongchou.situation.recipes.china2020.places import places
from tongchou.situation.recipes.china2020.prices import prices
from tongchou.situation.recipes.china2020.published import verify_totals
from tongchou.situation.recipes.china2020.received import Received
from tongchou.situation.recipes.china2020.tables import corrections, published_totals
from tongchou.situation.recipes.china2020.tiers import NAME as TIERS
from tongchou.situation.recipes.china2020.tiers import published_tiers
from tongchou.vocabulary.places import Gazetteer, china
from tongchou.vocabulary.text import Text, same

NAME = "china2020"
FIRST, LAST = date(2020, 1, 10), date(2020, 5, 30)
"""The days that every prefecture-level unit has a place in the grid for."""

INGREDIENTS = "received"
"""The extra table that says what a built pack was made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build gave: rows a table, and what it could not give and why."""

    folder: Path
    rows: Mapping[str, int]
    notes: tuple[Text, ...]


def build(source: Path, target: Path) -> Built:
    """Build the pack from a folder of received files.

    Raises
    ------
    BadInput
        With every fault of the files, the tables or the totals; nothing is written then.
    """
    received = files.verify(source)
    gazetteer = china()
    tables, level_notes, unmatched = _tables(received, gazetteer)
    index = _optional(received, "mobility_index_city_daily.csv")
    published = verify_totals(published_totals(), tables, gazetteer, index)
    extras = {INGREDIENTS: ingredients(received)}
    if (tiers := _optional(received, "risk_levels_hubei_county.csv")) is not None:
        extras[TIERS] = published_tiers(gazetteer, tiers)
    notes = _notes(received, unmatched)
    pack.write(
        target,
        _manifest(received, notes),
        tables,
        corrections=pl.concat([corrections(), level_notes]),
        published=published,
        extras=extras,
    )
    heights = {name: frame.height for name, frame in {**tables, **extras}.items()}
    return Built(folder=target, rows=heights, notes=notes)


def ingredients(received: Received) -> pl.DataFrame:
    """Give what a pack is made of: each received file and the recipe itself, with checksums."""
    rows = [*sorted(received.digests.items()), ("recipe", recipe_digest())]
    return pl.DataFrame(rows, schema={"file": pl.String, "sha256": pl.String}, orient="row")


def recipe_digest() -> str:
    """Give the SHA-256 over the recipe's code and tables and the gazetteer's."""
    own = sorted(Path(__file__).parent.glob("*.py"))
    tables = [
        *reference.path("china2020").glob("*.csv"),
        *reference.path("places/china").glob("*.csv"),
    ]
    levels = [reference.path("tiering/response_levels_2020.csv")]
    digest = hashlib.sha256()
    for path in [*own, *sorted(tables), *levels]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _optional(received: Received, file: str) -> pl.DataFrame | None:
    return received.rows(file) if received.has(file) else None


def _tables(
    received: Received, gazetteer: Gazetteer
) -> tuple[dict[str, pl.DataFrame], pl.DataFrame, tuple[str, ...]]:
    nation = gazetteer.nation.code
    tables = {
        "places": places(
            gazetteer,
            _optional(received, "census2020_county.csv"),
            _optional(received, "city_facts.csv"),
        ),
        "case_counts": case_counts(
            received.rows("cases_city_daily.csv"),
            received.rows("cases_province_daily.csv"),
            received.rows("cases_national_daily.csv"),
            corrections(),
            nation,
            {p.code for p in gazetteer.children(nation) if p.counted},
        ),
    }
    tables["response_levels"], level_notes = response_levels(
        _optional(received, "response_levels_province.csv")
    )
    tables["measures"], unmatched = measures(
        gazetteer,
        _optional(received, "policy_events_gpl.csv"),
        _optional(received, "city_control_measures.csv"),
    )
    if received.has("mobility_od_outflow_share_2020.parquet"):
        tables["mobility"] = mobility(
            received.folder / "mobility_od_outflow_share_2020.parquet",
            _optional(received, "mobility_index_city_daily.csv"),
        )
    if (facts := _optional(received, "food_prices_facts.csv")) is not None:
        tables["prices"] = prices(facts, nation)
    return {n: t for n, t in tables.items() if not t.is_empty()}, level_notes, unmatched


def _notes(received: Received, unmatched: tuple[str, ...]) -> tuple[Text, ...]:
    notes = [
        Text(
            zh="公开个案列表是对个人的公开报道，不进入数据包：本包没有表 cases。",
            en="Open line lists are public reports of individuals and are kept out: there is no table cases.",
        ),
        Text(
            zh="口罩产量与医疗队人数只有零散的全国总数，不符合表 production 与 staff_teams 的键，故不设这两张表。",
            en="Mask output and medical teams are scattered national totals that do not fit the keys of the tables production and staff_teams, which are therefore absent.",
        ),
        Text(
            zh="直辖市的区和其他县没有完整的病例序列，最小单位是地级单位。",
            en="Districts and counties have no whole series of cases: the finest unit is the prefecture level.",
        ),
    ]
    if received.absent:
        notes.append(
            Text(
                zh="缺少这些来源文件，相应的表或列不在包内：{files}。",
                en="These source files were absent, so their tables or columns are not in the pack: {files}.",
            ).fill(files=same(", ".join(received.absent)))
        )
    if unmatched:
        notes.append(
            Text(
                zh="这些地名或代码无法对上，其措施未收入：{names}。",
                en="These names or codes could not be matched and their measures are left out: {names}.",
            ).fill(names=same("; ".join(unmatched)))
        )
    return tuple(notes)


def _manifest(received: Received, notes: tuple[Text, ...]) -> Manifest:
    used = [s for s in files.sources() if s.file in received.digests]
    free = all(s.redistributable for s in used)
    return Manifest(
        name=NAME,
        title=Text(zh="中国，2020年1月至5月", en="China, January to May 2020"),
        synthetic=False,
        places="china",
        first=FIRST,
        last=LAST,
        licence=Text(
            zh="各来源许可不一，见 sources；可以再分发。"
            if free
            else "含不可再分发的来源（见 sources）：仅供分析，不得转发本包。",
            en="Licences differ by source, see sources; may be redistributed."
            if free
            else "Holds sources that may not be redistributed (see sources): for analysis only, do not pass this pack on.",
        ),
        sources=tuple(s.line for s in used),
        notes=notes,
    )
