"""The eleven annexes in their order."""

from tongchou.morning.annexes.alerts import alerts_table, chains_table
from tongchou.morning.annexes.capacity import (
    beds_table,
    levels_table,
    measures_table,
    production_table,
    strategy_table,
    supply_table,
    surplus_table,
    teams_table,
)
from tongchou.morning.annexes.common import or_missing
from tongchou.morning.annexes.imports import imports_tables
from tongchou.morning.annexes.objectives import objectives_table
from tongchou.morning.annexes.outlook import members_table, past_table
from tongchou.morning.annexes.places import (
    forecast_table,
    places_table,
    tier_moves_table,
)
from tongchou.morning.annexes.quality import (
    mechanisms_table,
    quality_tables,
    sources_table,
    tables_held,
)
from tongchou.morning.annexes.recovery import (
    blocks_table,
    bottlenecks_table,
    payments_table,
    prices_table,
    visits_table,
    work_table,
)
from tongchou.morning.annexes.surveillance import (
    blind_spots_table,
    delays_table,
    health_workers_table,
    late_table,
    onsets_table,
    severity_table,
)
from tongchou.morning.order import Annex, Decision, Figure, Gap, Table
from tongchou.morning.outlook import Outlook
from tongchou.morning.picture import Picture
from tongchou.morning.solve import Plan
from tongchou.vocabulary.text import Text


def build_annexes(
    picture: Picture,
    outlook: Outlook,
    plan: Plan,
    decisions: tuple[Decision, ...],
    figures: tuple[Figure, ...],
    gaps: tuple[Gap, ...],
) -> tuple[Annex, ...]:
    """Give the annexes A to K; a table of the pack that is missing is named in its place."""
    areas, units = places_table(picture, "areas"), places_table(picture, "units")
    return (
        _annex(
            "A",
            "各地情况、警报与传播链",
            "Places, alerts and chains of transmission",
            areas,
            units,
            alerts_table(picture),
            or_missing("chains", chains_table, picture),
        ),
        _annex(
            "B",
            "现时估计、预测与输入",
            "Nowcast, forecasts and imports",
            or_missing("onsets", onsets_table, picture),
            forecast_table(outlook),
            members_table(outlook),
            past_table(outlook),
            tier_moves_table(outlook),
            *imports_tables(picture, outlook.imports),
        ),
        _annex(
            "C",
            "患者、四早、病情与床位",
            "Patients, the four earlies, severity and beds",
            or_missing("delays", delays_table, picture),
            or_missing("late", late_table, picture),
            or_missing("severity", severity_table, picture),
            or_missing("health_workers", health_workers_table, picture),
            or_missing("beds", beds_table, picture),
            *plan.patient_tables(),
        ),
        _annex("D", "队伍与排班", "Teams and rosters", or_missing("teams", teams_table, picture)),
        _annex(
            "E",
            "物资与生产",
            "Supplies and production",
            or_missing("supply", supply_table, picture),
            or_missing("surplus", surplus_table, picture),
            *plan.supply_tables(),
            or_missing("production", production_table, picture),
        ),
        _annex(
            "F",
            "在行措施、响应级别与策略",
            "Measures in force, response levels and strategy",
            or_missing("measures", measures_table, picture),
            or_missing("levels", levels_table, picture),
            or_missing("strategy", strategy_table, picture),
        ),
        _annex(
            "G",
            "复工与产业链",
            "Reopening and chains",
            or_missing("work", work_table, picture),
            or_missing("blocks", blocks_table, picture),
            or_missing("bottlenecks", bottlenecks_table, picture),
        ),
        _annex(
            "H",
            "民生",
            "Livelihood",
            or_missing("prices", prices_table, picture),
            or_missing("payments", payments_table, picture),
            or_missing("visits", visits_table, picture),
        ),
        _annex(
            "I",
            "数据质量：未报、迟报、重复、更正",
            "Data quality: silent, late, doubled, corrected",
            *quality_tables(picture),
            blind_spots_table(picture),
        ),
        _annex(
            "J",
            "方法、参数、来源",
            "Methods, parameters, sources",
            sources_table(picture),
            tables_held(picture),
        ),
        _annex(
            "K",
            "目标、机制与责任",
            "Objectives, mechanisms and owners",
            objectives_table(figures, gaps),
            mechanisms_table(decisions),
        ),
    )


def _annex(letter: str, zh: str, en: str, *tables: Table) -> Annex:
    return Annex(letter=letter, title=Text(zh=zh, en=en), tables=tables)
