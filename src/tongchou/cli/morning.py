"""``tongchou morning``: the morning run."""

from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tongchou.cli.language import reader_language
from tongchou.cli.night import of_a_night, open_night
from tongchou.vocabulary.text import Lang


@click.command()
@of_a_night
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
    "--calibration",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="传播模型由此校准（tongchou calibrate --keep 所写）出发。The transmission model starts from this calibration, as tongchou calibrate --keep writes it.",
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
    calibration: Path | None,
    seed: int,
) -> None:
    """晨间作业：写出每日工作部署与公报。The morning run: writes the order of the day and the bulletin."""
    from tongchou.morning import run

    language = lang or reader_language([])
    opened, cut = open_night(pack, as_of)
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

        order = run.order_of_the_day(
            opened, cut, place=place, seed=seed, calibration=calibration, tell=tell
        )
        written = run.send(order, opened, out, language, tell=tell)
    for line in run.summary(order, written, language):
        click.echo(line)
