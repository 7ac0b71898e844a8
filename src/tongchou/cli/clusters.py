"""``tongchou clusters``: cases of a line list that share a household, a venue or a link."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tongchou.cli import plain
from tongchou.vocabulary.text import Lang, Text

if TYPE_CHECKING:
    from tongchou.situation.plain.linelist import LineList


@click.command()
@plain.reads_linelist()
@click.option(
    "--setting",
    "settings",
    multiple=True,
    metavar="COLUMN",
    help="另有哪些列写明场所（可重复；一格多处用分号）。Further columns that name settings (repeatable; several in a cell parted by ;).",
)
@click.option(
    "--related",
    multiple=True,
    metavar="COLUMN",
    help="写明有关个案编号的列（可重复）。Columns that name related cases (repeatable).",
)
@click.option("--fewest", type=click.IntRange(2), help="最少病例数。Fewest cases.")
@click.option("--days", type=click.IntRange(0), help="时间窗，天。Window, days.")
@click.option(
    "--closed-days",
    type=click.IntRange(1),
    help="无新增多少天视为结束。Days without a case after which a cluster is closed.",
)
@click.option(
    "--members",
    "members_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="各起所含个案（.csv 或 .parquet）。Cases of each cluster (.csv or .parquet).",
)
@plain.writes_result
def clusters(
    linelist: "LineList",
    today: date,
    settings: tuple[str, ...],
    related: tuple[str, ...],
    fewest: int | None,
    days: int | None,
    closed_days: int | None,
    members_file: Path | None,
    out: Path | None,
    plot: Path | None,
    lang: Lang,
) -> None:
    """聚集性疫情：14天内同一家庭、场所2例及以上。Clusters of LINELIST: 2 or more cases within 14 days in one household or setting, or linked."""
    from tongchou.morning.plots.clusters import clusters_chart
    from tongchou.situation.plain.results import write_result
    from tongchou.surveillance.detection.exposure_clusters import CLOSED_DAYS, link_clusters
    from tongchou.surveillance.detection.setting_runs import DAYS, FEWEST

    found = link_clusters(
        linelist.cases,
        settings=settings,
        related=related,
        fewest=FEWEST if fewest is None else fewest,
        days=DAYS if days is None else days,
        closed_days=CLOSED_DAYS if closed_days is None else closed_days,
        today=today,
    )
    notes = list(linelist.notes)
    if not found.usable:
        notes.append(_NOTHING_SHARED)
    if found.undated:
        notes.append(_UNDATED.fill(n=f"{found.undated:,}"))
    if found.explained.height:
        notes.append(_EXPLAINED.fill(n=f"{found.explained.height:,}"))
    if members_file is not None:
        write_result(found.members, members_file)
    plain.finish(
        found.clusters, out=out, plot=plot, title=TITLE, lang=lang, notes=notes,
        draw=lambda _frame, lang: clusters_chart(found, today, lang),
    )  # fmt: skip


TITLE = Text(zh="聚集性疫情", en="Clusters of cases")
_UNDATED = Text(
    zh="{n} 例没有任何日期，不能归入时间窗。",
    en="{n} cases have no date at all and fall in no window.",
)
_EXPLAINED = Text(
    zh="{n} 处场所的病例同属一户，已计入家庭聚集，不另计。",
    en="At {n} settings all cases are of one household: the household counts, the setting does not.",
)
_NOTHING_SHARED = Text(
    zh="个案表没有住户、聚集、传染者编号，也未用 --setting 或 --related 指明列：没有可据以关联的信息。",
    en="The line list has no household, cluster or infector, and no --setting or --related names a column: there is nothing to link by.",
)
