"""``tongchou rt``: the reproduction number of every place and date of a plain file of counts."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tongchou.cli import plain
from tongchou.vocabulary.text import Lang, Text

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

    from tongchou.vocabulary.distributions import Gamma

COLUMNS = ("mean", "sd", "q025", "median", "q975")
TITLES = {
    "cori": Text(zh="实时再生数 Rt", en="Reproduction number Rt"),
    "wallinga-teunis": Text(zh="队列再生数", en="Cohort reproduction number"),
}
LIMITS = 1.96
"""Standard deviations at which the doubt about the serial interval is cut off: its 95 % range."""


@click.command()
@click.argument(
    "counts_file",
    metavar="[COUNTS]",
    required=False,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--nowcast",
    "linelist_file",
    metavar="LINELIST",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="代替 COUNTS：由个案表补足未报告者后估计，并计入其不确定性。Instead of COUNTS: estimate from a line list completed for cases not yet reported, and carry the doubt.",
)
@plain.column_option
@plain.date_order_option
@plain.blank_option
@plain.today_option
@click.option("--si-mean", type=float, help="序列间隔均值，天。Mean serial interval, days.")
@click.option("--si-sd", type=float, help="序列间隔标准差，天。Its standard deviation, days.")
@click.option(
    "--si-mean-sd", type=float, help="均值本身的标准差，天。Doubt about the mean, as an sd in days."
)
@click.option(
    "--si-sd-sd", type=float, help="标准差本身的标准差，天。Doubt about the sd, as an sd in days."
)
@click.option(
    "--si-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="每天一行概率，从 0 天起；多列即多次抽样。One probability a row from day 0; several columns are draws.",
)
@click.option(
    "--window", type=click.IntRange(1), default=7, show_default=True, help="窗口，天。Window, days."
)
@click.option(
    "--method",
    type=click.Choice(list(TITLES)),
    default="cori",
    show_default=True,
    help="实时（Cori）或队列（Wallinga–Teunis）。Instantaneous or by cohort.",
)
@click.option(
    "--draws",
    type=click.IntRange(1),
    default=500,
    show_default=True,
    help="序列间隔抽样次数。Draws of the serial interval.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="随机种子。Seed of the draws.")
@plain.writes_result
def rt(
    counts_file: Path | None,
    linelist_file: Path | None,
    columns: dict[str, str],
    date_order: Any,
    blank: Any,
    today: date,
    method: str,
    out: Path | None,
    plot: Path | None,
    lang: Lang,
    **chosen: Any,
) -> None:
    """由计数文件估计再生数。Reproduction number of each place and date of COUNTS (date,place,cases[,imported])."""
    from tongchou.morning.plots.reproduction import reproduction_chart
    from tongchou.situation.plain.results import tidy

    if (counts_file is None) == (linelist_file is None):
        raise click.UsageError("请给出 COUNTS 或 --nowcast 之一。Give either COUNTS or --nowcast.")
    if linelist_file is not None:
        cases, imported, notes = _completed(
            linelist_file, columns, date_order, today, chosen["seed"]
        )
    else:
        cases, imported, notes = _counted(Path(str(counts_file)), columns, date_order, blank, today)
    interval = _interval(notes, **{k: v for k, v in chosen.items() if k != "window"})
    R = _estimate(method, cases, imported, interval, chosen["window"], notes)
    frame = tidy(R[list(COLUMNS)].where(R["usable"]), COLUMNS)
    plain.finish(
        frame, out=out, plot=plot, draw=reproduction_chart, title=TITLES[method], lang=lang,
        notes=notes,
    )  # fmt: skip


def _counted(
    path: Path, columns: dict[str, str], date_order: Any, blank: Any, today: date
) -> "tuple[xr.DataArray, xr.DataArray | None, list[Text]]":
    """Give daily counts, those imported among them, and what was assumed in reading."""
    from tongchou.situation.plain.counts import read_counts
    from tongchou.vocabulary.errors import BadParameter

    counts = read_counts(path, columns=columns, today=today, date_order=date_order, blank=blank)
    if counts.step == "week":
        raise BadParameter("COUNTS", path.name, _WEEKLY)
    notes = list(counts.notes)
    if counts.imported is not None:
        notes.append(_IMPORTED.fill(n=f"{float(counts.imported.sum()):,.0f}"))
    return counts.cases, counts.imported, notes


def _completed(
    path: Path, columns: dict[str, str], date_order: Any, today: date, seed: int
) -> "tuple[xr.DataArray, None, list[Text]]":
    """Give draws of the counts by onset, completed for cases that are not reported yet."""
    import numpy as np

    from tongchou.situation.plain.linelist import read_linelist
    from tongchou.surveillance.nowcasting.hierarchical import nowcast_draws
    from tongchou.surveillance.nowcasting.records import report_column
    from tongchou.surveillance.nowcasting.triangle import reporting_triangle

    linelist = read_linelist(
        path, columns=columns, need=("onset_on",), today=today, date_order=date_order
    )
    triangle = reporting_triangle(linelist.cases, report=report_column(linelist.cases))
    draws = nowcast_draws(triangle, rng=np.random.default_rng(seed))
    return draws, None, [*linelist.notes, *triangle.notes]


def _interval(
    notes: list[Text],
    *,
    si_mean: float | None,
    si_sd: float | None,
    si_mean_sd: float | None,
    si_sd_sd: float | None,
    si_file: Path | None,
    draws: int,
    seed: int,
) -> "Gamma | np.ndarray[Any, np.dtype[np.float64]]":
    """Give the serial interval asked for: from a file, by its moments, or by the table's row."""
    import numpy as np

    from tongchou.vocabulary.distributions import Gamma

    given = [si_mean, si_sd, si_mean_sd, si_sd_sd]
    if si_file is not None:
        if any(v is not None for v in given):
            raise click.UsageError(
                "--si-file 与 --si-mean 等不能并用。Give --si-file or --si-mean, not both."
            )
        from tongchou.situation.plain.interval import read_serial_interval

        w = read_serial_interval(si_file)
        return w[0] if len(w) == 1 else w
    if (si_mean is None) != (si_sd is None):
        raise click.UsageError(
            "--si-mean 与 --si-sd 须同时给出。Give --si-mean and --si-sd together."
        )
    if (si_mean_sd is None) != (si_sd_sd is None):
        raise click.UsageError(
            "--si-mean-sd 与 --si-sd-sd 须同时给出。Give --si-mean-sd and --si-sd-sd together."
        )
    interval = Gamma(mean=si_mean, sd=si_sd) if si_mean and si_sd else _standing(notes)
    if si_mean_sd is None or si_sd_sd is None:
        return interval
    from tongchou.surveillance.uncertain_reproduction import draw_serial_intervals, limited

    return draw_serial_intervals(
        limited(interval.mean, si_mean_sd, LIMITS, least=1.0),
        limited(interval.sd, si_sd_sd, LIMITS, least=0.0),
        draws,
        np.random.default_rng(seed),
    )


def _standing(notes: list[Text]) -> "Gamma":
    """Give the serial interval of the table of parameters, and say that it was taken."""
    from tongchou.vocabulary.distributions import Gamma
    from tongchou.vocabulary.parameter import parameter

    row = parameter("serial_interval_mean", "outside Hubei")
    notes.append(
        _ASSUMED.fill(mean=row.value, sd=row.sd, population=row.population, source=row.source)
    )
    return Gamma(mean=row.value, sd=float(row.sd or 0))


def _estimate(
    method: str,
    cases: "xr.DataArray",
    imported: "xr.DataArray | None",
    interval: Any,
    window: int,
    notes: list[Text],
) -> "xr.Dataset":
    """Estimate by the method asked for, and note what is not said and why."""
    import numpy as np

    from tongchou.surveillance import reproduction, uncertain_reproduction
    from tongchou.surveillance.cohort_reproduction import SEEN_SHARE, cohort_reproduction

    many = isinstance(interval, np.ndarray) and interval.ndim == 2
    if method == "wallinga-teunis":
        if many or "draw" in cases.dims:
            raise click.UsageError(
                "wallinga-teunis 只接受一个序列间隔和一份计数。It takes one serial interval and one set of counts."
            )
        R = cohort_reproduction(cases, interval, imported=imported, window=window)
        late = int((R["mean"].notnull() & ~R["usable"]).sum())
        notes.append(_TOO_NEW.fill(n=f"{late:,}", share=f"{SEEN_SHARE:.0%}"))
        return R
    if many or "draw" in cases.dims:
        R = uncertain_reproduction.estimate_reproduction_uncertain(
            cases, interval, imported=imported, window=window
        )
    else:
        R = reproduction.estimate_reproduction(cases, interval, imported=imported, window=window)
    few = int((~R["usable"]).sum())
    notes.append(_TOO_FEW.fill(n=f"{few:,}", all=f"{R['usable'].size:,}"))
    return R


_WEEKLY = Text(
    zh="Rt 需要逐日计数，此文件是周报数。请改用逐日数据。",
    en="Rt needs counts by day, and these are weekly. Give daily counts.",
)
_IMPORTED = Text(
    zh="{n} 例输入病例：计为传染者，不计为本地被传染者。",
    en="{n} imported cases infect here but were not infected here.",
)
_ASSUMED = Text(
    zh="序列间隔取参数表：均值 {mean} 天、标准差 {sd} 天（{population}，{source}）；用 --si-mean、--si-sd 改变。",
    en="Serial interval from the table of parameters: mean {mean}, sd {sd} days ({population}; {source}). Change it with --si-mean and --si-sd.",
)
_TOO_FEW = Text(
    zh="{all} 个“地区×日期”中 {n} 个未给出：窗口未满，或窗内病例不足 11 例。",
    en="{n} of {all} pairs of place and date are left out: the window is not full or holds fewer than 11 cases.",
)
_TOO_NEW = Text(
    zh="最近的 {n} 个队列未给出：其传染的人尚未有 {share} 发病。",
    en="The newest {n} cohorts are left out: less than {share} of those they infect can have fallen ill.",
)
