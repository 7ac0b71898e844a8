"""``tongchou project``: what the transmission model makes of tonight's picture."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from tongchou.cli import plain
from tongchou.cli.night import (
    disease_option,
    how_lived,
    of_a_night,
    open_night,
    seed_option,
    titled,
)
from tongchou.vocabulary.text import Lang, Text

if TYPE_CHECKING:
    import polars as pl

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
@disease_option
@click.option(
    "--replicates",
    type=click.IntRange(1, 100_000),
    default=256,
    show_default=True,
    help="重复次数。Futures drawn.",
)
@how_lived
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="存放已算完的部分，中断后可续算。Keep what is finished here: a run cut off goes on from there.",
)
@seed_option
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
        title=titled(TITLE, picture, cut),
        lang=lang,
        notes=found.notes,
    )
