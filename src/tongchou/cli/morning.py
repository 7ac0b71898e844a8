"""``tongchou morning``: the morning run."""

from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tongchou.cli.language import reader_language
from tongchou.vocabulary.text import Lang


@click.command()
@click.option(
    "--data", "pack", metavar="PACK", help="数据包名或文件夹。Data pack: a name or a folder."
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="截止日（24时）；默认为数据包指定的日子。Data to 24:00 of this day.",
)
@click.option(
    "--place",
    metavar="CODE|NAME",
    help="地区代码或名称；默认为最高一级。Area; the highest by default.",
)
@click.option(
    "--lang", type=click.Choice(["zh", "en"]), help="文件语言。Language of the documents."
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("out"),
    show_default=True,
    help="输出文件夹。Folder to write to.",
)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="随机种子。Seed of the forecasts."
)
def morning(
    pack: str | None,
    as_of: datetime | None,
    place: str | None,
    lang: Lang | None,
    out: Path,
    seed: int,
) -> None:
    """晨间作业：写出每日工作部署与公报。The morning run: writes the order of the day and the bulletin."""
    from tongchou.morning import run
    from tongchou.situation import library

    language = lang or reader_language([])
    name = pack or library.default_pack()
    opened = library.open_pack(name)
    cut = as_of.date() if as_of else library.usual_day(opened)
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task("", total=len(run.STEPS))

        def tell(step: run.Step) -> None:
            bar.update(task, description=step.name[language], advance=1)
            if not console.is_terminal:
                click.echo(f"{step.number}/8 {step.name[language]}", err=True)

        order = run.order_of_the_day(opened, cut, place=place, seed=seed, tell=tell)
        written = run.send(order, opened, out, language, tell=tell)
    for line in run.summary(order, written, language):
        click.echo(line)
