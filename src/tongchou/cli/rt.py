"""``tongchou rt``: the reproduction number of every place and date of a plain file of counts."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tongchou.cli import plain
from tongchou.vocabulary.text import Lang, Text

if TYPE_CHECKING:
    from tongchou.situation.plain.counts import Counts

COLUMNS = ("mean", "sd", "q025", "median", "q975")


@click.command()
@plain.reads_counts
@click.option("--si-mean", type=float, help="序列间隔均值，天。Mean serial interval, days.")
@click.option("--si-sd", type=float, help="序列间隔标准差，天。Its standard deviation, days.")
@click.option(
    "--window", type=click.IntRange(1), default=7, show_default=True, help="窗口，天。Window, days."
)
@plain.writes_result
def rt(
    counts: "Counts",
    si_mean: float,
    si_sd: float,
    window: int,
    out: Path | None,
    plot: Path | None,
    lang: Lang,
) -> None:
    """由计数文件估计实时再生数。Reproduction number of each place and date of COUNTS."""
    from tongchou.morning.plots.reproduction import reproduction_chart
    from tongchou.situation.plain.results import tidy
    from tongchou.surveillance.reproduction import estimate_reproduction
    from tongchou.vocabulary.distributions import Gamma

    R = estimate_reproduction(counts.cases, Gamma(mean=si_mean, sd=si_sd), window=window)
    plain.finish(
        tidy(R, COLUMNS), out=out, plot=plot, draw=reproduction_chart, title=TITLE, lang=lang,
        notes=counts.notes,
    )  # fmt: skip


TITLE = Text(zh="实时再生数 R_t", en="Reproduction number R_t")
