"""``tongchou backtest``: yesterday's forecasts, every yesterday."""

from datetime import datetime
from pathlib import Path

import click

from tongchou.cli.language import reader_language
from tongchou.vocabulary.text import Lang


@click.command()
@click.option(
    "--data",
    "pack",
    metavar="PACK",
    default="china2020",
    show_default=True,
    help="数据包名或文件夹。Data pack: a name or a folder.",
)
@click.option(
    "--from",
    "first",
    type=click.DateTime(["%Y-%m-%d"]),
    default="2020-01-25",
    show_default=True,
    help="第一晚。First night.",
)
@click.option(
    "--to",
    "last",
    type=click.DateTime(["%Y-%m-%d"]),
    default="2020-03-15",
    show_default=True,
    help="最后一晚。Last night.",
)
@click.option(
    "--place", metavar="CODE|NAME", help="地区；默认为最高一级。Area; the highest by default."
)
@click.option(
    "--horizon",
    type=click.IntRange(1, 28),
    default=14,
    show_default=True,
    help="预测天数。Days ahead.",
)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="随机种子。Seed of the forecasts."
)
@click.option("--lang", type=click.Choice(["zh", "en"]), help="报告语言。Language of the report.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="写出每一行评分（CSV）。Every score, as CSV.",
)
def backtest(
    pack: str,
    first: datetime,
    last: datetime,
    place: str | None,
    horizon: int,
    seed: int,
    lang: Lang | None,
    out: Path | None,
) -> None:
    """逐日回测14天预测。Scores each day's 14-day forecast against persistence, per area."""
    from tongchou.morning import backtest as action
    from tongchou.situation import library

    result = action.backtest(
        library.open_pack(pack), first.date(), last.date(), place=place, horizon=horizon, seed=seed
    )
    if out is not None:
        result.scores.write_csv(out)
    click.echo(action.report(result, lang or reader_language([])))
