"""Changes of level that come as a set: by tier, or as they happened in 2020."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import polars as pl

from tongchou.tiering.ladder import LevelLadder, Transition
from tongchou.tiering.levels import effective_moment, level_name
from tongchou.tiering.rules import Tier
from tongchou.vocabulary.errors import NotFound
from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.text import Text


def levels_by_tier(
    option: str,
    tiers: Mapping[str, Tier],
    *,
    effective: datetime,
    authority: str,
    basis: str,
    no_case: Iterable[str] = (),
) -> list[Transition]:
    """Give the changes that set the level of each area by its tier.

    Parameters
    ----------
    option
        ``fujian_20200226`` (medium at II, low at III) or ``jiangxi_20200225`` (low without any
        case at III, other low at II); areas in tiers that the option does not name stay as
        they are.
    tiers
        Tier by area.
    no_case
        Areas that never had a case.
    """
    rows = packaged("tiering/level_by_tier").filter(pl.col("option") == option)
    if rows.is_empty():
        raise NotFound(option, near=packaged("tiering/level_by_tier")["option"].unique().to_list())
    by_tier = {row["tier"]: row for row in rows.iter_rows(named=True)}
    clean = set(no_case)
    changes = []
    for area, tier in tiers.items():
        key = "low_no_case" if area in clean and "low_no_case" in by_tier else tier
        if key in by_tier:
            row = by_tier[key]
            changes.append(
                Transition(
                    area=area,
                    to_level=row["level"],
                    effective=effective,
                    authority=authority,
                    basis=basis,
                    reason=Text(zh=f"{row['zh']}。", en=f"By tier: {row['en']}."),
                    source=row["source"],
                    confidence=row["confidence"],
                )
            )
    return changes


def history_2020() -> list[Transition]:
    """Give the changes of provincial response levels of January to June 2020.

    Each province is its own authority; the basis is the national emergency plan. The table
    names source and confidence of every date; some are low.
    """
    return [
        Transition(
            area=row["area"],
            to_level=row["level"],
            effective=effective_moment(row["effective_local"]),
            authority=row["area"],
            basis="plan2006",
            reason=Text(
                zh=f"{row['name_zh']}调整为{level_name(row['level']).zh}。",
                en=f"{row['name_en']} moves to {level_name(row['level']).en}.",
            ),
            source=row["source"],
            confidence=row["confidence"],
        )
        for row in packaged("tiering/response_levels_2020").iter_rows(named=True)
    ]


def provinces_2020(areas: Sequence[str] | None = None) -> LevelLadder:
    """Give the ladder of the provinces with their changes of January to June 2020.

    >>> provinces_2020().at("420000", effective_moment("2020-04-30")).level
    'I'
    """
    changes = history_2020()
    wanted = sorted({t.area for t in changes}) if areas is None else list(areas)
    empty = LevelLadder(
        paths={area: area for area in wanted},
        kinds=dict.fromkeys(wanted, "province"),
    )
    return empty.replay(t for t in changes if t.area in set(wanted))
