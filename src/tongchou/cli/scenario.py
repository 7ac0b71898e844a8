"""``tongchou scenario``: what happens if, options compared on the same futures."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from tongchou.cli import plain
from tongchou.cli.night import how_lived, of_a_night, open_night, seed_option
from tongchou.vocabulary.errors import BadInput, BadParameter, Fault
from tongchou.vocabulary.text import Lang, Text

if TYPE_CHECKING:
    from tongchou.morning.what_if import Answer

CANCELLED = 130
"""Exit code of what was ended by Ctrl-C."""


@click.command()
@click.argument(
    "question_file",
    metavar="[QUESTION.toml]",
    required=False,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--example",
    is_flag=True,
    help="打印一份带注释的问题文件。Print a question file with comments, and stop.",
)
@of_a_night
@click.option(
    "--days",
    type=click.IntRange(1, 180),
    help="推演天数，代替文件中的 horizon；默认 60。Days ahead, in the place of the file's horizon; 60 by default.",
)
@click.option(
    "--effect",
    type=click.Choice(["expected", "strongest", "weakest"]),
    help="措施作用取预期、最强或最弱，代替文件所写。Expected, strongest or weakest effect of all measures.",
)
@click.option(
    "--replicates",
    type=click.IntRange(1, 100_000),
    default=200,
    show_default=True,
    help="每个方案的重复次数。Futures lived under each option.",
)
@how_lived
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="保存每一次重复（Parquet），中断后可续算。Keep every future (Parquet); a run cut off goes on from there.",
)
@seed_option
@click.option(
    "--daily",
    "daily_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="各方案每日分位数表（.csv 或 .parquet）。Table of the days of each option.",
)
@plain.writes_result
def scenario(
    question_file: Path | None,
    example: bool,
    pack: str | None,
    as_of: datetime | None,
    place: str | None,
    days: int | None,
    effect: str | None,
    replicates: int,
    mode: Literal["exact", "hybrid", "expected"],
    scheduler: str | None,
    start: Path | None,
    keep: Path | None,
    seed: int,
    daily_file: Path | None,
    out: Path | None,
    plot: Path | None,
    lang: Lang,
) -> None:
    """若……会怎样：同一组未来之下比较加、减措施的方案。What if: measures added or lifted, compared on the same futures."""
    import os

    from tongchou.cli.scenario_table import write_answer
    from tongchou.morning import kept_fit, what_if
    from tongchou.morning.picture import assess
    from tongchou.transmission.metapopulation.cluster import Cancelled

    if example:
        click.echo(what_if.example(), nl=False)
        return
    _look_at_folders(out, plot, daily_file)
    opened, cut = open_night(pack, as_of)
    picture = assess(opened.as_of(cut), place, seed=seed)
    fit = None if start is None else kept_fit.read_fit(start, picture)
    members = None if fit is None else fit.ground.members
    text = None if question_file is None else _text_of(question_file)
    asked = what_if.prepare(
        picture,
        text,
        question_file.name if question_file is not None else "",
        recorded=opened.as_of,
        horizon=days,
        effect=effect,
        members=members,
    )
    if fit is not None and fit.ill_with != asked.question.disease:
        raise BadParameter("disease", asked.question.disease, _OTHER.fill(fitted=fit.ill_with))
    try:
        with _progress(lang, scheduler) as told:
            found = what_if.answer(
                picture,
                asked.question,
                in_force=asked.in_force,
                notes=(*asked.notes, *(fit.notes if fit is not None else ())),
                model=None if fit is None else fit.model(asked.question.horizon),
                members=members,
                replicates=replicates,
                seed=seed,
                mode=mode,
                threads=1 if scheduler else os.cpu_count() or 1,
                scheduler=scheduler,
                keep=keep,
                told=told,
            )
    except (KeyboardInterrupt, Cancelled):
        click.echo((_STOPPED if keep is None else _STOPPED_KEPT)[lang], err=True)
        click.get_current_context().exit(CANCELLED)
    write_answer(found, picture, lang)
    _write_files(found, out, plot, daily_file, lang)
    if keep is not None:
        click.echo(_KEPT.fill(folder=keep)[lang], err=True)


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput([Fault(file=file.name, problem=_NOT_UTF8, remedy=_SAVE_UTF8)]) from None


def _look_at_folders(*files: Path | None) -> None:
    """Refuse before the work what could not be written after it."""
    for file in files:
        if file is not None and not file.parent.is_dir():
            raise BadParameter("--out, --plot, --daily", str(file), _FOLDER)


@contextmanager
def _progress(lang: Lang, scheduler: str | None) -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task((_AFAR if scheduler else _LIVING)[lang], total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def _write_files(
    found: "Answer", out: Path | None, plot: Path | None, daily_file: Path | None, lang: Lang
) -> None:
    from tongchou.morning import what_if
    from tongchou.morning.plots import ground
    from tongchou.morning.plots.scenario import differences_table, scenario_chart
    from tongchou.situation.plain.results import write_result

    for file, frame in ((out, what_if.table), (daily_file, what_if.daily)):
        if file is not None:
            rows = frame(found)
            write_result(rows, file)
            click.echo(_WROTE.fill(n=f"{rows.height:,}", file=file)[lang], err=True)
    if plot is not None:
        title = found.question.title
        chart = scenario_chart(found, lang)
        ground.save(chart, plot, lang, title, differences_table(found, lang))
        click.echo(_DREW.fill(file=plot)[lang], err=True)


_OTHER = Text(
    zh='校准的是 {fitted}。请在问题文件中写 disease = "{fitted}"，或另作校准。',
    en='the fit is of {fitted}. Write disease = "{fitted}" in the question, or calibrate anew.',
)
_LIVING = Text(zh="推演", en="living futures")
_AFAR = Text(zh="集群推演", en="living futures on the cluster")
_STOPPED = Text(
    zh="已中止，没有写出结果。用 --keep 文件夹 运行，中止后可以续算。",
    en="Stopped; nothing was written. With --keep FOLDER a run goes on from where it was stopped.",
)
_STOPPED_KEPT = Text(
    zh="已中止。已算完的部分留在 --keep 文件夹，用同样的命令续算。",
    en="Stopped. What was finished is kept: the same command goes on from there.",
)
_KEPT = Text(
    zh="每一次重复存于：{folder}/方案编号/futures/*.parquet",
    en="Every future is in {folder}/OPTION/futures/*.parquet",
)
_WROTE = Text(zh="已写出 {n} 行：{file}", en="Wrote {n} rows: {file}")
_DREW = Text(zh="已画图：{file}", en="Drew: {file}")
_FOLDER = Text(zh="没有这个文件夹，请先建立。", en="its folder is not there; make it first.")
_NOT_UTF8 = Text(zh="不是 UTF-8 编码。", en="This is not encoded as UTF-8.")
_SAVE_UTF8 = Text(zh="请另存为 UTF-8。", en="Save it as UTF-8.")
