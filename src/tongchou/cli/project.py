"""``tongchou project``: what the transmission model makes of tonight's picture."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from tongchou.cli import plain
from tongchou.cli.night import of_a_night, open_night
from tongchou.vocabulary.text import Lang, Text

if TYPE_CHECKING:
    import polars as pl

MODES: tuple[Literal["exact", "hybrid", "expected"], ...] = ("exact", "hybrid", "expected")
TITLE = Text(zh="传播模型展望", en="Outlook of the transmission model")


@click.command()
@of_a_night
@click.option(
    "--days",
    type=click.IntRange(1, 120),
    default=14,
    show_default=True,
    help="展望天数。Days ahead.",
)
@click.option(
    "--measure",
    "measures",
    multiple=True,
    metavar="ID",
    help="从次日起在全区增加的措施，可重复。A measure from tomorrow on in the whole area; repeatable.",
)
@click.option(
    "--disease", "ill_with", default="covid2020", show_default=True, help="疾病参数。Disease."
)
@click.option(
    "--replicates",
    type=click.IntRange(1, 100_000),
    default=256,
    show_default=True,
    help="重复次数。Futures drawn.",
)
@click.option(
    "--mode",
    type=click.Choice(MODES),
    default="exact",
    show_default=True,
    help="抽样方式。How chance is drawn.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="在 Dask 集群上计算。Compute on a Dask cluster, such as tcp://host:8786.",
)
@click.option(
    "--from",
    "start",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FIT",
    help="从 tongchou calibrate --keep 存放的校准出发；默认从报告数出发。Start from a fit kept by tongchou calibrate --keep; from the reports by default.",
)
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="存放已算完的部分，中断后可续算。Keep what is finished here: a run cut off goes on from there.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="随机种子。Random seed.")
@plain.writes_result
def project(
    pack: str | None,
    as_of: datetime | None,
    place: str | None,
    days: int,
    measures: tuple[str, ...],
    ill_with: str,
    replicates: int,
    mode: Literal["exact", "hybrid", "expected"],
    scheduler: str | None,
    start: Path | None,
    keep: Path | None,
    seed: int,
    out: Path | None,
    plot: Path | None,
    lang: Lang,
) -> None:
    """由当日态势推演今后：感染、确诊、床位、死亡。Infections, confirmed, beds and deaths ahead, from the data to 24:00."""
    from tongchou.morning import kept_fit, projection
    from tongchou.morning.picture import assess
    from tongchou.morning.plots.projection import projection_chart

    opened, cut = open_night(pack, as_of)
    picture = assess(opened.as_of(cut), place, seed=seed)
    fit = None if start is None else kept_fit.read_fit(start, picture)
    ill_with = ill_with if fit is None else fit.ill_with
    found = projection.project(
        picture,
        horizon=days,
        replicates=replicates,
        seed=seed,
        mode=mode,
        ill_with=ill_with,
        scheduler=scheduler,
        folder=keep,
        timeline=projection.measures_ahead(picture, measures, days, ill_with),
        fit=fit,
    )
    top = picture.scope.place

    def draw(frame: "pl.DataFrame", language: Lang) -> object:
        return projection_chart(frame, top, language)

    plain.finish(
        projection.table(found),
        out=out,
        plot=plot,
        draw=draw,
        title=Text(
            zh=f"{TITLE.zh} · {picture.scope.name.zh} · {cut}",
            en=f"{TITLE.en} · {picture.scope.name.en} · {cut}",
        ),
        lang=lang,
        notes=found.notes,
    )
