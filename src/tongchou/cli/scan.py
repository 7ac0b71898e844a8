"""``tongchou scan``: where and since when there are more cases than chance explains."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tongchou.cli import plain
from tongchou.vocabulary.text import Lang, Text

if TYPE_CHECKING:
    from tongchou.situation.plain.counts import Counts
    from tongchou.situation.plain.places import Places

places_option = click.option(
    "--places",
    "places_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="地区表：place,longitude,latitude[,population]；不给则按区划代码或名称查。Places with their points; by default Chinese codes or names are looked up.",
)


@click.command()
@plain.reads_counts
@places_option
@click.option(
    "--model",
    type=click.Choice(["auto", "poisson", "permutation"]),
    default="auto",
    show_default=True,
    help="poisson 需人口；permutation 只用病例。poisson needs a population; permutation uses the cases alone.",
)
@click.option(
    "--share",
    type=float,
    help="圆内人口（或病例）占比上限，至多 0.5。Largest share of people (or cases) in a circle, at most 0.5.",
)
@click.option("--radius-km", type=float, help="半径上限，千米。Largest radius, km.")
@click.option(
    "--longest",
    type=click.IntRange(1),
    help="最长时段（天或周）。Longest period, days or weeks as the counts.",
)
@click.option("--replicates", type=click.IntRange(9), help="随机重复次数。Random replicates.")
@click.option("--alpha", type=float, help="报警的 P 值。p of an alarm.")
@click.option("--seed", type=int, default=1, show_default=True, help="随机种子。Random seed.")
@click.option(
    "--members",
    "members_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="各聚集区所含地区（.csv 或 .parquet）。Places of each cluster (.csv or .parquet).",
)
@plain.writes_result
def scan(
    counts: "Counts",
    places_file: Path | None,
    model: str,
    share: float | None,
    radius_km: float | None,
    longest: int | None,
    replicates: int | None,
    alpha: float | None,
    seed: int,
    members_file: Path | None,
    out: Path | None,
    plot: Path | None,
    lang: Lang,
) -> None:
    """时空扫描：至今仍在的聚集区。Clusters in space and time that are still alive on the last date of COUNTS."""
    import numpy as np

    from tongchou.morning.plots.scan import scan_chart
    from tongchou.situation.plain.results import write_result
    from tongchou.surveillance.detection.scan_places import scan_places
    from tongchou.surveillance.detection.scan_statistic import ALPHA, REPLICATES
    from tongchou.surveillance.detection.scan_zones import SHARE

    places = where(counts, places_file)
    people = None if model == "permutation" else places.population
    if model == "poisson" and people is None:
        raise click.BadParameter(
            "poisson：地区表没有 population 列。The places have no population.",
            param_hint="--model",
        )
    found = scan_places(
        counts.cases,
        places.points,
        people,
        share=SHARE if share is None else share,
        radius_km=np.inf if radius_km is None else radius_km,
        longest=longest,
        replicates=REPLICATES if replicates is None else replicates,
        alpha=ALPHA if alpha is None else alpha,
        rng=np.random.default_rng(seed),
    )
    notes = [*counts.notes, *places.notes, _BY_CASES if people is None else _BY_PEOPLE]
    notes.append(
        _FOUND.fill(
            n=found.alarms.height,
            all=found.clusters.height,
            alpha=f"{found.alpha:g}",
            critical=f"{found.critical:.3f}",
        )
    )
    if members_file is not None:
        write_result(found.members, members_file)
    plain.finish(
        found.clusters, out=out, plot=plot, title=TITLE, lang=lang, notes=notes,
        draw=lambda _frame, lang: scan_chart(found, places.points, lang),
    )  # fmt: skip


def where(counts: "Counts", places_file: Path | None) -> "Places":
    """Give the places of counts: of the file, or as the codes and names of China say."""
    from tongchou.situation.plain.places import locate_places, read_places

    if places_file is not None:
        return read_places(places_file)
    return locate_places([str(p) for p in counts.cases["place"].to_numpy()])


TITLE = Text(zh="时空聚集区", en="Clusters in space and time")
_BY_PEOPLE = Text(
    zh="泊松模型：以各地人口为期望。",
    en="Poisson model: cases expected by the people of each place.",
)
_BY_CASES = Text(
    zh="时空置换模型：只用病例，不用人口；各地同步的上升看不出来。",
    en="Space-time permutation: by the cases alone; a rise that is the same everywhere is not seen.",
)
_FOUND = Text(
    zh="列出 {all} 个聚集区，其中 {n} 个的 P 值不大于 {alpha}（得分高于 {critical}）。",
    en="{all} clusters are listed; {n} of them have p at most {alpha} (score above {critical}).",
)
