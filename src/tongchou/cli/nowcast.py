"""``tongchou nowcast``: cases by onset with those not yet reported, from a plain line list."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tongchou.cli import plain
from tongchou.situation.plain.linelist import LineList
from tongchou.vocabulary.text import Lang, Text

if TYPE_CHECKING:
    import xarray as xr

    from tongchou.surveillance.nowcasting.triangle import Triangle

COLUMNS = ("reported", "estimate", "q025", "median", "q975")
TITLE = Text(zh="按发病日期的病例：已报告与估计", en="Cases by onset: reported and estimated")


@click.command()
@plain.reads_linelist("onset_on")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="报告截止日，默认文件中最后一次报告。Last day of reports; the last in the file by default.",
)
@click.option(
    "--max-delay",
    type=click.IntRange(1),
    help="最长报告延迟，天，默认 30。Longest delay of report, days; 30 by default.",
)
@click.option(
    "--window",
    type=click.IntRange(2),
    help="所用发病日数，默认 90。Days of onset used; 90 by default.",
)
@click.option(
    "--method",
    type=click.Choice(["hierarchical", "lawless"]),
    default="hierarchical",
    show_default=True,
    help="贝叶斯分层或链梯法。Bayesian hierarchical, or the chain ladder of Lawless.",
)
@click.option(
    "--by",
    type=click.Choice(["place"]),
    help="逐地估计；默认合为一地。Each place by itself, helped by the others; all as one by default.",
)
@click.option(
    "--count",
    metavar="COLUMN",
    help="每行的病例数所在列，默认每行一例。Column with the cases of a row; one case a row by default.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="随机种子。Random seed.")
@plain.writes_result
def nowcast(
    linelist: LineList,
    today: date,
    as_of: datetime | None,
    max_delay: int | None,
    window: int | None,
    method: str,
    by: str | None,
    count: str | None,
    seed: int,
    out: Path | None,
    plot: Path | None,
    lang: Lang,
) -> None:
    """估计已发病而尚未报告的病例。Cases by onset, with those who fell ill and are not reported yet."""
    from tongchou.morning.plots.nowcast import nowcast_chart
    from tongchou.situation.plain.results import tidy
    from tongchou.surveillance.nowcasting.records import report_column
    from tongchou.surveillance.nowcasting.triangle import (
        MAX_DELAY,
        WINDOW,
        reporting_triangle,
    )

    cases = linelist.cases if by == "place" else linelist.cases.drop("place", strict=False)
    triangle = reporting_triangle(
        cases,
        as_of=as_of.date() if as_of else None,
        max_delay=max_delay or MAX_DELAY,
        window=window or max(WINDOW, 3 * (max_delay or 0)),
        report=report_column(cases),
        count=count,
    )
    result, notes = _estimate(triangle, method, seed)
    if as_of is None:
        notes = (*notes, _AS_OF.fill(day=triangle.as_of))
    plain.finish(
        tidy(result, COLUMNS), out=out, plot=plot, draw=nowcast_chart, title=TITLE, lang=lang,
        notes=(*linelist.notes, *triangle.notes, *notes),
    )  # fmt: skip


def _estimate(
    triangle: "Triangle", method: str, seed: int
) -> "tuple[xr.Dataset, tuple[Text, ...]]":
    """Give the estimate by the method asked for, and what it assumed."""
    if method == "lawless":
        from tongchou.surveillance.nowcasting.lawless import nowcast_lawless

        result = nowcast_lawless(triangle)
        pooled = int(result["pooled"].sum())
        return result, (_POOLED.fill(n=pooled),) if pooled else ()
    import numpy as np

    from tongchou.surveillance.nowcasting.hierarchical import nowcast_draws
    from tongchou.surveillance.nowcasting.summary import summarise

    draws = nowcast_draws(triangle, rng=np.random.default_rng(seed))
    return summarise(draws, triangle.reported), ()


_POOLED = Text(
    zh="{n} 地病例太少，用各地合并的报告延迟。",
    en="{n} places have too few cases for delays of their own and take those of all places together.",
)
_AS_OF = Text(
    zh="报告截至 {day}。若数据实际更新到更晚而其后无新报告，请用 --as-of 指明，否则会高估。",
    en="Reports up to {day}. If the data go further and nothing was reported since, say so with --as-of, or the estimate is too high.",
)
