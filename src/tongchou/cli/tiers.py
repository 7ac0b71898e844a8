"""``tongchou tiers``: what the rule gives, beside the lists that were published."""

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
@click.option("--lang", type=click.Choice(["zh", "en"]), help="报告语言。Language of the report.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="写出每一单位（CSV）。Every unit, as CSV.",
)
def tiers(pack: str, lang: Lang | None, out: Path | None) -> None:
    """风险等级与已公布名单对照。Counts agreement with published tier lists and explains each difference."""
    from tongchou.morning import published
    from tongchou.situation import library

    result = published.compare(library.open_pack(pack))
    if out is not None:
        result.rows.write_csv(out)
    click.echo(published.report(result, lang or reader_language([])))
