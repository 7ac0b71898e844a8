"""``tongchou data``: which packs there are, whether one can be trusted, how to get and build one."""

import itertools
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from tongchou.cli.language import reader_language
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.text import Lang, Text, count

BUILDABLE = "china2020"
_FOLDER = click.Path(file_okay=False, path_type=Path)

language = click.option(
    "--lang", type=click.Choice(["zh", "en"]), help="输出语言。Language of the output."
)


@click.group()
def data() -> None:
    """数据包：列出、核对、取得、生成、导出。Data packs: list, check, pull, build, export."""


@data.command("list")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出。Print JSON.")
@language
def list_packs(as_json: bool, lang: Lang | None) -> None:
    """列出数据包。Lists the packs known here, where they stand and what days they cover."""
    import json

    from tongchou.situation import library

    spoken = _language(lang)
    rows = [
        {
            "name": e.name,
            "title": e.title[spoken],
            "state": _state(e.built, e.buildable)[spoken],
            "built": e.built,
            "buildable": e.buildable,
            "synthetic": e.synthetic,
            "first": e.first and str(e.first),
            "last": e.last and str(e.last),
            "folder": str(e.folder),
            "next_step": e.next_step[spoken],
        }
        for e in library.entries()
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        kind = _SYNTHETIC[spoken] if row["synthetic"] else _REAL[spoken]
        days = f"{row['first']} – {row['last']}" if row["first"] else "–"
        click.echo(f"{row['name']}  {row['title']}  [{kind}]  {row['state']}  {days}")
        click.echo(f"    {row['folder'] if row['built'] else row['next_step']}")


@data.command()
@click.argument("pack", metavar="PACK|DIR")
@language
def check(pack: str, lang: Lang | None) -> None:
    """核对数据包的全部错误。Lists every fault of a pack, or says that there is none."""
    from tongchou.situation import library
    from tongchou.situation.pack import open_folder

    spoken = _language(lang)
    known = {e.name: e.folder for e in library.entries() if e.built}
    folder = known.get(pack, Path(pack))
    opened = open_folder(folder, trust=False) if folder.is_dir() else library.open_pack(pack)
    click.echo(_NO_FAULT.fill(name=opened.name, first=opened.first, last=opened.last)[spoken])
    for name, frame in opened.whole.received.items():
        click.echo(f"  {name:16} {count(frame.height):>12}")


@data.command()
@click.argument("pack", type=click.Choice([BUILDABLE]))
@click.option("--to", "target", type=_FOLDER, help="存放文件夹。Folder for the files.")
@click.option("--base-url", metavar="URL", help="镜像地址。Address of a mirror.")
@click.option(
    "--with-restricted",
    is_flag=True,
    help="同时下载仅供非商业研究、不得转发的文件（百度迁徙）。Also files for non-commercial research only (Baidu mobility).",
)
@click.option("--yes", is_flag=True, help="不再询问。Do not ask.")
@language
def pull(
    pack: str,
    target: Path | None,
    base_url: str | None,
    with_restricted: bool,
    yes: bool,
    lang: Lang | None,
) -> None:
    """从原始公开来源下载。Fetches the original public sources at pinned commits; may be run again to go on."""
    from tongchou.situation import library
    from tongchou.situation.pull import BASE_URL
    from tongchou.situation.recipes.china2020.pulling import plan, pull_china2020

    spoken = _language(lang)
    sets = plan(with_restricted)
    for part in sets:
        click.echo(
            f"{part.title[spoken]}: {len(part.paths)} × {part.repository} @ {part.commit[:12]}, "
            f"{part.licence}"
        )
    if not yes:
        click.confirm(_ASK_PULL[spoken], abort=True)
    folder = target or library.pulled_folder(pack)
    total = sum(len(p.paths) for p in sets)
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn())
    with Progress(*columns, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(pack, total=total)
        outcome = pull_china2020(
            folder,
            today=datetime.now(ZoneInfo("Asia/Shanghai")).date(),
            restricted=with_restricted,
            base_url=(base_url or BASE_URL).rstrip("/"),
            tell=lambda _: bar.advance(task),
        )
    click.echo(_PULLED.fill(fetched=outcome.fetched, total=total)[spoken])
    for name in outcome.made:
        mark = _AS_CHECKED if name in outcome.identical else _NOT_AS_CHECKED
        click.echo(f"  {name}: {mark[spoken]}")
    for error in outcome.without:
        click.echo(error.text()[spoken], err=True)
    click.echo(_THEN_BUILD.fill(folder=folder)[spoken])


@data.command()
@click.argument("pack", type=click.Choice([BUILDABLE]))
@click.option(
    "--from", "source", type=_FOLDER, help="来源文件所在文件夹。Folder of the received files."
)
@click.option("--to", "target", type=_FOLDER, help="数据包文件夹。Folder of the pack.")
@language
def build(pack: str, source: Path | None, target: Path | None, lang: Lang | None) -> None:
    """由来源文件生成数据包。Builds a pack from received files, after verifying every one of them."""
    from tongchou.situation import library
    from tongchou.situation.recipes.china2020.build import build as build_china2020

    spoken = _language(lang)
    folder = source or library.received_folder(pack)
    if folder is None:
        raise MissingData(pack, _THE_PACK)
    built = build_china2020(folder, target or library.pack_folder(pack))
    click.echo(_BUILT.fill(folder=built.folder)[spoken])
    for name, height in built.rows.items():
        click.echo(f"  {name:16} {count(height):>12}")
    for note in built.notes:
        click.echo(note[spoken])


@data.command()
@click.argument("pack", metavar="PACK|DIR")
@click.argument("table")
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="截至当日24时。As known by 24:00 of a day."
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="写入文件。File to write to."
)
@language
def export(
    pack: str, table: str, as_of: datetime | None, out: Path | None, lang: Lang | None
) -> None:
    """把一张表导出为 CSV。Writes a table as CSV, to a file or to standard output."""
    from tongchou.situation import library
    from tongchou.situation.contract import contract
    from tongchou.situation.export import slices, write_csv

    contract(table)
    opened = library.open_pack(pack)
    parts = slices(opened.as_of(as_of.date() if as_of else None), table)
    if out is None:
        write_csv(parts, sys.stdout.buffer)
        return
    first = next(parts)
    with out.open("wb") as handle:
        written = write_csv(itertools.chain([first], parts), handle)
    click.echo(_EXPORTED.fill(n=count(written), file=out)[_language(lang)], err=True)


def _language(lang: Lang | None) -> Lang:

    return lang or reader_language(sys.argv[1:])


def _state(built: bool, buildable: bool) -> Text:
    if built:
        return Text(zh="已生成", en="built")
    if buildable:
        return Text(zh="可即时生成", en="made when first asked for")
    return Text(zh="此处没有", en="not here")


_SYNTHETIC = Text(zh="合成", en="synthetic")
_REAL = Text(zh="真实", en="real")
_NO_FAULT = Text(
    zh="数据包 {name} 没有错误，覆盖 {first} 至 {last}。各表行数：",
    en="The pack {name} has no fault and covers {first} to {last}. Rows a table:",
)
_ASK_PULL = Text(zh="按上述许可下载这些文件？", en="Fetch these files under the licences above?")
_PULLED = Text(
    zh="本次下载 {fetched} 个文件，共需 {total} 个。已生成：",
    en="Fetched {fetched} files now, of {total} in all. Made:",
)
_AS_CHECKED = Text(
    zh="与核对总数时所用的文件完全相同", en="the very file that the totals were checked on"
)
_NOT_AS_CHECKED = Text(
    zh="无预知校验和，由固定版本、列名与总数核对把关",
    en="no checksum known beforehand; the pinned commit, the columns and the checked totals stand guard",
)
_THEN_BUILD = Text(
    zh="下一步：tongchou data build china2020 --from {folder}",
    en="Next: tongchou data build china2020 --from {folder}",
)
_THE_PACK = Text(
    zh="数据包（设置 TONGCHOU_DATA，或用 --from 指明文件夹，或运行 tongchou data pull china2020）",
    en="pack (set TONGCHOU_DATA, name the folder with --from, or run tongchou data pull china2020)",
)
_BUILT = Text(zh="已生成数据包：{folder}", en="Built the pack: {folder}")
_EXPORTED = Text(zh="已写入 {n} 行到 {file}", en="Wrote {n} rows to {file}")
