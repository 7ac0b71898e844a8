"""``tongchou exercise``: an invented outbreak in a real province, as a data pack."""

from pathlib import Path

import click

from tongchou.cli.language import reader_language
from tongchou.vocabulary.text import Lang, Text, count

WRITTEN = Text(
    zh="已写入 {folder}：{title}。{first} 至 {last}，共 {rows} 行。",
    en="Written to {folder}: {title}. {first} to {last}, {rows} rows.",
)
NEXT = Text(
    zh="下一步：tongchou morning --data {folder}",
    en="Next: tongchou morning --data {folder}",
)


@click.command()
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="随机种子。Random seed.",
)
@click.option(
    "--province",
    metavar="CODE",
    default="360000",
    show_default=True,
    help="省级代码。Code of a province.",
)
@click.option(
    "--population", type=int, default=10_000_000, show_default=True, help="居民人数。Residents."
)
@click.option("--hospitals", type=int, default=100, show_default=True, help="医院家数。Hospitals.")
@click.option("--days", type=int, default=60, show_default=True, help="记录天数。Days of records.")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="提示语言。Language of the messages.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="写入的文件夹；默认在数据包库中。Folder to write; by default in the library of packs.",
)
def exercise(
    seed: int,
    province: str,
    population: int,
    hospitals: int,
    days: int,
    lang: Lang | None,
    out: Path | None,
) -> None:
    """生成演练数据包：地名真实，其余虚构。Makes a data pack for an exercise: real places, all else invented."""
    from tongchou.situation.exercise import make
    from tongchou.situation.library import exercise_folder, pack_folder

    usual = (province, population, hospitals, days) == ("360000", 10_000_000, 100, 60)
    name = f"exercise-{province}-{population}-{hospitals}-{days}-{seed}"
    folder = out or (exercise_folder(seed) if usual else pack_folder(name))
    manifest, rows = make(
        folder, seed, province=province, population=population, hospitals=hospitals, days=days
    )
    language = lang or reader_language([])
    said = WRITTEN.fill(
        folder=folder,
        title=manifest.title,
        first=manifest.first,
        last=manifest.last,
        rows=count(sum(rows.values())),
    )
    click.echo(said[language])
    for table, number in rows.items():
        click.echo(f"  {table:<16}{count(number):>10}")
    click.echo(NEXT.fill(folder=folder)[language])
