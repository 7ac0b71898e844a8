"""``tongchou forecast``: the days ahead from a plain file of counts, and how good such forecasts have been."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tongchou.cli import plain
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Lang, Text

if TYPE_CHECKING:
    import polars as pl
    import xarray as xr

    from tongchou.situation.plain.counts import Counts
    from tongchou.transmission.assumptions import ForecastAssumptions

MODELS = ("renewal", "ensemble", "persistence", "random_walk", "damped_trend", "weekday")
BEFORE = 35
"""Days of counts drawn before the forecast."""


@click.command()
@plain.reads_counts
@click.option(
    "--horizon",
    type=click.IntRange(1, 56),
    default=14,
    show_default=True,
    help="预测天数。Days ahead.",
)
@click.option(
    "--model",
    type=click.Choice(MODELS),
    default="renewal",
    show_default=True,
    help="所用模型。Which forecast.",
)
@click.option(
    "--nowcast",
    "nowcast_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="NOWCAST",
    help="tongchou nowcast 的结果：从其区间出发。Result of tongchou nowcast: start from its bands.",
)
@click.option("--si-mean", type=float, help="序列间隔均值，天。Mean serial interval, days.")
@click.option("--si-sd", type=float, help="序列间隔标准差，天。Its standard deviation, days.")
@click.option(
    "--si-se",
    type=float,
    default=0.0,
    show_default=True,
    help="均值的标准误，天。Standard error of the mean, days.",
)
@click.option(
    "--weekday", is_flag=True, help="按星期几的报告习惯。See counts through habits of weekdays."
)
@click.option(
    "--score",
    is_flag=True,
    help="改为回测：过去各日的预测得分。Score the forecasts of past days instead.",
)
@click.option(
    "--origins",
    type=click.IntRange(1),
    default=30,
    show_default=True,
    help="回测的日数。Past days to score.",
)
@click.option(
    "--draws",
    type=click.IntRange(100),
    default=1000,
    show_default=True,
    help="抽样数。Futures drawn.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="随机种子。Random seed.")
@plain.writes_result
def forecast(
    counts: "Counts",
    horizon: int,
    model: str,
    nowcast_file: Path | None,
    si_mean: float | None,
    si_sd: float | None,
    si_se: float,
    weekday: bool,
    score: bool,
    origins: int,
    draws: int,
    seed: int,
    out: Path | None,
    plot: Path | None,
    lang: Lang,
) -> None:
    """由计数文件预测今后每日新增，或对过去的预测评分。New cases of the days ahead from COUNTS, or scores of past forecasts."""
    from tongchou.morning.plots.forecast import forecast_chart, score_chart
    from tongchou.situation.plain.results import tidy
    from tongchou.transmission.forecast_table import (
        COLUMNS,
        forecast_columns,
        score_table,
    )

    cases = _daily(counts)
    assumptions, notes = _assumptions(si_mean, si_sd)
    if score:
        table = score_table(
            cases, assumptions=assumptions, horizon=horizon, number=origins, draws=draws, seed=seed,
            serial_interval_se=si_se, by_weekday=weekday,
        )  # fmt: skip
        plain.finish(
            table, out=out, plot=plot, draw=score_chart, title=SCORES, lang=lang,
            notes=(*counts.notes, *notes, IN_SAMPLE),
        )  # fmt: skip
        return
    start = cases if nowcast_file is None else _from_nowcast(cases, nowcast_file, seed)
    ahead = forecast_columns(
        start, assumptions, model=model, horizon=horizon, draws=draws, serial_interval_se=si_se,
        by_weekday=weekday, seed=seed,
    )  # fmt: skip
    frame = tidy(ahead, COLUMNS)
    plain.finish(
        frame, out=out, plot=plot, title=TITLE, lang=lang, notes=(*counts.notes, *notes),
        draw=lambda rows, to: forecast_chart(_with_past(rows, cases), to),
    )  # fmt: skip


def _daily(counts: "Counts") -> "xr.DataArray":
    if counts.step != "day":
        raise BadParameter("COUNTS", counts.step, WEEKLY)
    return counts.cases


def _assumptions(
    si_mean: float | None, si_sd: float | None
) -> "tuple[ForecastAssumptions, tuple[Text, ...]]":
    from dataclasses import replace

    from tongchou.transmission.assumptions import ForecastAssumptions
    from tongchou.vocabulary.distributions import Gamma

    table = ForecastAssumptions.from_table()
    if si_mean is None or si_sd is None:
        interval = table.serial_interval
        return table, (ASSUMED.fill(mean=f"{interval.mean:g}", sd=f"{interval.sd:g}"),)
    return replace(table, serial_interval=Gamma(mean=si_mean, sd=si_sd)), ()


def _from_nowcast(cases: "xr.DataArray", file: Path, seed: int) -> "xr.DataArray":
    import numpy as np
    import polars as pl

    from tongchou.transmission.forecast_table import draws_from_bands

    bands = (
        pl.read_parquet(file)
        if file.suffix == ".parquet"
        else pl.read_csv(file, schema_overrides={"place": pl.String}, try_parse_dates=True)
    )
    missing = {"place", "date", "reported", "q025", "median", "q975"} - set(bands.columns)
    if missing:
        raise BadParameter("--nowcast", ", ".join(sorted(missing)), NOT_A_NOWCAST)
    return draws_from_bands(cases, bands, rng=np.random.default_rng(seed))


def _with_past(rows: "pl.DataFrame", cases: "xr.DataArray") -> "pl.DataFrame":
    import polars as pl

    from tongchou.situation.plain.results import tidy

    past = cases.isel(date=slice(-BEFORE, None)).to_dataset(name="observed")
    return pl.concat([tidy(past, ["observed"]), rows], how="diagonal")


TITLE = Text(zh="今后每日新增病例", en="New cases of the days ahead")
SCORES = Text(zh="过去预测的得分", en="Scores of past forecasts")
ASSUMED = Text(
    zh="序列间隔取均值 {mean} 天、标准差 {sd} 天（新冠，湖北以外，Zhang 等 2020）。其他疾病请用 --si-mean 与 --si-sd 指明。",
    en="Serial interval taken as mean {mean}, sd {sd} days (COVID-19 outside Hubei, Zhang et al 2020). For another disease say it with --si-mean and --si-sd.",
)
IN_SAMPLE = Text(
    zh="每日的预测只看到该日为止的计数，但计数是今天的版本：当时所知往往更少，得分会更差。",
    en="Each forecast saw the counts up to its day only, but in today's version: less was known then, and scores would be worse.",
)
WEEKLY = Text(
    zh="预测需要逐日计数；此文件是周报。请给出逐日文件。",
    en="a forecast needs daily counts and this file is weekly. Give a daily one.",
)
NOT_A_NOWCAST = Text(
    zh="缺这些列。请用 tongchou nowcast --out 写出的文件。",
    en="these columns are missing. Use a file that tongchou nowcast --out wrote.",
)
