"""``tongchou chains``: who infected whom in a line list, how soon, how many and how unequally."""

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tongchou.cli import plain
from tongchou.vocabulary.text import Lang, Text

if TYPE_CHECKING:
    from tongchou.situation.plain.linelist import LineList


@click.command()
@plain.reads_linelist("case_id")
@click.option(
    "--links",
    "links_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="调查所得的链接：传染者、被传染者、是否认定。Links found by investigation: infector, infectee, known.",
)
@click.option(
    "--link-column",
    "link_columns",
    multiple=True,
    callback=plain.pairs_of,
    metavar="OURS=THEIRS",
    help="链接文件的列名对应，如 infector=from。Which column of the links is which, such as infector=from.",
)
@click.option(
    "--si-mean",
    type=float,
    help="判断链接所用序列间隔的均值，天；默认取自名单。Mean serial interval by which links are weighed, days; from the list by default.",
)
@click.option("--si-sd", type=float, help="其标准差，天。Its standard deviation, days.")
@click.option("--incubation-mean", type=float, help="潜伏期均值，天。Mean incubation period, days.")
@click.option("--incubation-sd", type=float, help="其标准差，天。Its standard deviation, days.")
@click.option(
    "--undirected",
    is_flag=True,
    help="链接只说明两例有接触：以先发病者为传染者。Links only say that two cases met: who fell ill first infected the other.",
)
@click.option(
    "--listed-only",
    is_flag=True,
    help="只用已列的链接，不推断其他。Use the links listed and look for no others.",
)
@click.option(
    "--draws",
    type=click.IntRange(20, 5000),
    default=400,
    show_default=True,
    help="抽取的传播树数。Trees drawn.",
)
@click.option(
    "--seed",
    type=int,
    default=20200223,
    show_default=True,
    help="随机数种子。Seed of the random numbers.",
)
@click.option("--json", "as_json", is_flag=True, help="汇总写成 JSON。Write the summary as JSON.")
@plain.writes_result
def chains(
    linelist: "LineList",
    today: date,
    links_file: Path | None,
    link_columns: dict[str, str],
    si_mean: float | None,
    si_sd: float | None,
    incubation_mean: float | None,
    incubation_sd: float | None,
    undirected: bool,
    listed_only: bool,
    draws: int,
    seed: int,
    as_json: bool,
    out: Path | None,
    plot: Path | None,
    lang: Lang,
) -> None:
    """由病例名单和链接推断传播链。Chains of transmission of LINELIST: links, serial interval, R and k."""
    import numpy as np

    from tongchou.cli.chains_summary import lines, summary
    from tongchou.morning.plots.chains import chains_chart
    from tongchou.situation.plain.links import read_links
    from tongchou.surveillance.chains.interval import Interval
    from tongchou.surveillance.chains.listed import direct_links
    from tongchou.surveillance.chains.study import study_chains
    from tongchou.vocabulary.distributions import Lognormal

    interval = _pair("--si-mean", si_mean, "--si-sd", si_sd)
    incubation = _pair("--incubation-mean", incubation_mean, "--incubation-sd", incubation_sd)
    links = read_links(links_file, columns=link_columns) if links_file is not None else None
    pairs = links.links if links is not None else None
    if pairs is not None and undirected:
        pairs = direct_links(linelist.cases, pairs)
    study = study_chains(
        linelist.cases,
        pairs,
        serial_interval=None
        if interval is None
        else Interval(family="gamma", mean=interval[0], sd=interval[1]),
        incubation=None
        if incubation is None
        else Lognormal.from_mean_sd(mean=incubation[0], sd=incubation[1]),
        as_of=today,
        beyond_list=not listed_only,
        draws=draws,
        rng=np.random.default_rng(seed),
    )
    for note in (*linelist.notes, *(links.notes if links is not None else ())):
        click.echo(note[lang], err=True)
    if as_json:
        click.echo(json.dumps(summary(study), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(lines(study, lang)))
    if out is not None or plot is not None:
        plain.finish(study.links, out=out, plot=plot, draw=chains_chart, title=TITLE, lang=lang)


def _pair(
    mean_name: str, mean: float | None, sd_name: str, sd: float | None
) -> tuple[float, float] | None:
    """Give both, or neither; one without the other is a mistake of the caller."""
    if (mean is None) != (sd is None):
        missing = sd_name if sd is None else mean_name
        raise click.UsageError(f"还需要 {missing}。{missing} is needed too.")
    return None if mean is None or sd is None else (mean, sd)


TITLE = Text(zh="传播链", en="Chains of transmission")
