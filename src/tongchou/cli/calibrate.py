"""``tongchou calibrate``: the engine fitted to what was known on a night."""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tongchou.cli import plain
from tongchou.cli.night import disease_option, of_a_night, open_night, seed_option, titled
from tongchou.vocabulary.text import Lang, Text

if TYPE_CHECKING:
    import polars as pl

TITLE = Text(zh="传播模型校准", en="Calibration of the transmission model")


@click.command()
@of_a_night
@disease_option
@click.option(
    "--members",
    type=click.IntRange(20, 2_000),
    default=150,
    show_default=True,
    help="集合成员数，即抽样数。Members of the ensemble, which become the draws.",
)
@click.option(
    "--rounds",
    type=click.IntRange(1, 50),
    default=5,
    show_default=True,
    help="集合推演的轮数。How often the ensemble lives all days.",
)
@click.option(
    "--whole-areas",
    is_flag=True,
    help="以下一级地区为单位，不细分：更快、更粗。Take the areas below as places, not their units: faster and coarser.",
)
@click.option(
    "--keep",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="存放校准结果（.npz），供 tongchou project --from 使用。Keep the fit (.npz) for tongchou project --from.",
)
@seed_option
@plain.writes_result
def calibrate(
    pack: str | None,
    as_of: datetime | None,
    place: str | None,
    ill_with: str,
    members: int,
    rounds: int,
    whole_areas: bool,
    keep: Path | None,
    seed: int,
    out: Path | None,
    plot: Path | None,
    lang: Lang,
) -> None:
    """把传播模型拟合到当夜所知的报告数：再生数、报告比例、感染者与报告数，附区间。R, share reported, infections and counts of a night, with bands."""
    from tongchou.morning import kept_fit
    from tongchou.morning.calibrated import fit_night
    from tongchou.morning.calibration_table import table
    from tongchou.morning.picture import assess
    from tongchou.morning.plots.calibration import calibration_chart

    opened, cut = open_night(pack, as_of)
    picture = assess(opened.as_of(cut), place, seed=seed)
    fit = fit_night(
        picture,
        seed=seed,
        members=members,
        rounds=rounds,
        ill_with=ill_with,
        whole_areas=whole_areas,
        told=_on_terminal(lang),
    )
    if keep is not None:
        kept_fit.keep(fit, keep)
        click.echo(_KEPT.fill(file=keep)[lang], err=True)
    top = picture.scope.place

    def draw(frame: "pl.DataFrame", language: Lang) -> object:
        return calibration_chart(frame, top, language)

    plain.finish(
        table(fit),
        out=out,
        plot=plot,
        draw=draw,
        title=titled(TITLE, picture, cut),
        lang=lang,
        notes=fit.notes,
    )


def _on_terminal(lang: Lang) -> Callable[[int, int], None] | None:
    """Give what tells the rounds done on a terminal; nothing where there is none."""
    if not sys.stderr.isatty():
        return None

    def told(done: int, asked: int) -> None:
        click.echo("\r" + _ROUND.fill(n=done, of=asked)[lang], err=True, nl=done == asked)

    return told


_ROUND = Text(zh="第 {n} 轮，共 {of} 轮", en="round {n} of {of}")
_KEPT = Text(zh="已存放校准：{file}", en="Kept the calibration: {file}")
