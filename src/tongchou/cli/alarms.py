"""``tongchou alarms``: where and when counts of a plain file are above what is usual."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tongchou.cli import plain
from tongchou.cli.scan import places_option, where
from tongchou.vocabulary.text import Lang, Text

if TYPE_CHECKING:
    import xarray as xr

    from tongchou.situation.plain.counts import Counts

COLUMNS = ("observed", "expected", "threshold", "score", "alarm")
USES = {
    "ears-c1": ("last", "limit"),
    "ears-c2": ("last", "limit"),
    "ears-c3": ("last", "limit"),
    "cusum": ("last", "run_length", "reset"),
    "farrington": ("last", "years", "alpha"),
    "farrington-flexible": ("last", "years", "alpha", "bound"),
    "gamma-poisson": ("last", "years", "alpha"),
    "bayes": ("last", "alpha"),
    "ewma": ("last", "limit"),
    "scan": ("places_file", "alpha", "seed"),
}
"""Which options each method takes."""


def _detector(method: str) -> "Callable[..., xr.Dataset]":
    from functools import partial

    from tongchou.surveillance.detection.cusum import cusum
    from tongchou.surveillance.detection.ears import ears
    from tongchou.surveillance.detection.ewma import ewma
    from tongchou.surveillance.detection.farrington import farrington
    from tongchou.surveillance.detection.farrington_flexible import farrington_flexible
    from tongchou.surveillance.detection.gamma_poisson import gamma_poisson
    from tongchou.surveillance.detection.regression import count_regression

    detectors: dict[str, Callable[..., xr.Dataset]] = {
        "ears-c1": partial(ears, chart="C1"),
        "ears-c2": partial(ears, chart="C2"),
        "ears-c3": partial(ears, chart="C3"),
        "cusum": cusum,
        "farrington": farrington,
        "farrington-flexible": farrington_flexible,
        "gamma-poisson": gamma_poisson,
        "bayes": count_regression,
        "ewma": ewma,
    }
    return detectors[method]


@click.command()
@plain.reads_counts
@click.option(
    "--method",
    type=click.Choice(list(USES)),
    default="bayes",
    show_default=True,
    help="方法；farrington 需五年周计数。Method; the Farrington methods need five years of weeks.",
)
@click.option(
    "--last",
    type=click.IntRange(1),
    help="只判断最后几个日期。Judge only so many of the last dates.",
)
@click.option("--years", type=click.IntRange(0), help="回溯年数。Years to look back.")
@click.option("--alpha", type=float, help="阈值以上的概率。Probability above the limit.")
@click.option("--limit", type=float, help="界限，标准差数。Limit, standard deviations.")
@click.option(
    "--bound",
    type=click.Choice(["nb-plugin", "muan", "delta"]),
    help="阈值的算法。How the limit is set.",
)
@click.option(
    "--run-length",
    type=float,
    nargs=2,
    metavar="QUIET SHIFT",
    help="无事时与上移后平均多少步报警。Mean steps to the alarm while nothing goes on and after a shift.",
)
@click.option(
    "--reset/--no-reset", default=None, help="报警后归零。Begin again at zero after an alarm."
)
@click.option(
    "--fdr",
    type=float,
    help="预警中误报所占比例的上限，各地一并判断。Share of false ones among the alarms of a date, over all places.",
)
@click.option(
    "--dependent",
    is_flag=True,
    help="各地任意相关时也成立（更严）。Holds however places depend on each other (stricter).",
)
@places_option
@click.option("--seed", type=int, help="扫描的随机种子。Random seed of the scan.")
@plain.writes_result
def alarms(
    counts: "Counts",
    method: str,
    fdr: float | None,
    dependent: bool,
    out: Path | None,
    plot: Path | None,
    lang: Lang,
    **asked: Any,
) -> None:
    """由计数文件早期预警。Early warning from COUNTS: places and dates above what is usual."""
    options = _options(method, asked, fdr)
    notes = list(counts.notes)
    if method == "scan":
        found, draw, more = _scanned(counts, **options)
    else:
        found, draw, more = _judged(counts, method, fdr, dependent, **options)
    from tongchou.situation.plain.results import tidy

    plain.finish(
        tidy(found, COLUMNS), out=out, plot=plot, draw=draw, title=TITLE, lang=lang,
        notes=[*notes, *more],
    )  # fmt: skip


def _judged(
    counts: "Counts", method: str, fdr: float | None, dependent: bool, **options: Any
) -> "tuple[xr.Dataset, plain.Draw, list[Text]]":
    """Give what a detector finds in each series, its drawing, and what to say about it."""
    from tongchou.morning.plots.alarms import alarms_chart
    from tongchou.surveillance.detection.false_alarms import hold_down
    from tongchou.surveillance.detection.series import weekly

    summed = method.startswith("farrington") and counts.step == "day"
    found = _detector(method)(weekly(counts.cases) if summed else counts.cases, **options)
    if fdr is not None:
        found = hold_down(found, fdr, "by" if dependent else "bh")
    notes = [_WEEKS] if summed else []
    return found, alarms_chart, [*notes, *_expectation(found, fdr, dependent)]


def _scanned(
    counts: "Counts", places_file: Path | None = None, seed: int = 1, **options: Any
) -> "tuple[xr.Dataset, plain.Draw, list[Text]]":
    """Give the places inside living clusters on the last date, the map, and what to say about them."""
    import numpy as np

    from tongchou.morning.plots.scan import scan_chart
    from tongchou.surveillance.detection.scan_places import scan_places

    places = where(counts, places_file)
    found = scan_places(
        counts.cases, places.points, places.population, rng=np.random.default_rng(seed), **options
    )
    alarm = found.by_place["alarm"]
    notes = [*places.notes, _ALARMS.fill(n=int(alarm.sum()), now=int(alarm.sum())), _SCORE]
    return found.by_place, lambda _frame, lang: scan_chart(found, places.points, lang), notes


def _options(method: str, asked: dict[str, Any], fdr: float | None) -> dict[str, Any]:
    """Give what was asked for in the words of the method, or refuse what it does not take."""
    given = {name: value for name, value in asked.items() if value is not None}
    strange = [name for name in given if name not in USES[method]]
    if method == "scan" and fdr is not None:
        strange.append("fdr")
    if strange:
        option = f"--{strange[0].removesuffix('_file').replace('_', '-')}"
        said = _STRANGE.fill(method=method, option=option)
        raise click.UsageError(f"{said.zh}{said.en}")
    if "run_length" in given:
        from tongchou.surveillance.detection.run_length import chart_for

        given["chart"] = chart_for(*given.pop("run_length"))
    if "bound" in given:
        given["limit"] = given.pop("bound")
    if method == "ewma" and "limit" in given:
        given["width"] = given.pop("limit")
    return given


def _expectation(found: "xr.Dataset", fdr: float | None, dependent: bool) -> list[Text]:
    """Say how many false alarms are to be expected, and how many places could not be judged."""
    from tongchou.surveillance.detection.false_alarms import with_control, without_control

    judged = found["threshold"].notnull().isel(date=-1)
    places = int(judged.sum())
    notes = [_ALARMS.fill(n=int(found["alarm"].sum()), now=int(found["alarm"].isel(date=-1).sum()))]
    if places < judged.size:
        notes.append(_NOT_JUDGED.fill(n=judged.size - places))
    probability = found.attrs["false_alarm"]
    if not places or not probability > 0:
        return notes
    quiet = (
        without_control(places, probability)
        if fdr is None
        else with_control(places, fdr, "by" if dependent else "bh")
    )
    many, run = f"{quiet.each_step:.2g}", f"{quiet.run_length:,.0f}"
    return [*notes, _QUIET.fill(places=f"{places:,}", many=many, run=run)]


TITLE = Text(zh="早期预警", en="Early warning")
_WEEKS = Text(
    zh="日计数已汇总成周：从最后一天往前每七天一周，以末日为周的日期。",
    en="Days were summed to weeks of seven days counted back from the last date, each dated by its last day.",
)
_STRANGE = Text(zh="{method} 不用 {option}。", en="{method} takes no {option}.")
_SCORE = Text(
    zh="扫描：score 与 threshold 为对数似然比；聚集区见 tongchou scan。",
    en="Scan: score and threshold are log likelihood ratios; tongchou scan lists the clusters.",
)
_ALARMS = Text(
    zh="预警 {n} 次，其中最后一个日期 {now} 次。", en="Alarms: {n}; on the last date: {now}."
)
_NOT_JUDGED = Text(
    zh="历史太短、最后一个日期无法判断的地区：{n} 个。",
    en="Places whose history is too short to judge the last date: {n}.",
)
_QUIET = Text(
    zh="若无任何异常且方法的假定成立：{places} 个地区每一日期预计误报 {many} 次，每个地区平均每 {run} 个日期误报一次。",
    en="If nothing goes on and the method's assumptions hold: {many} false alarms a date over the places judged ({places}), one in {run} dates in each.",
)
