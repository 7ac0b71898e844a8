"""``tongchou serve``: the station, from a fresh machine to an address in the browser."""

import click

from tongchou.cli.language import reader_language
from tongchou.vocabulary.text import Lang, Text


@click.command()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default="本机 this machine",
    help="监听地址。Address to listen on.",
)
@click.option("--port", default=8000, show_default=True, help="端口。Port.")
@click.option(
    "--demo",
    is_flag=True,
    help="仅限本机的演示：演练省份与各类演示账户。"
    "A demonstration on this machine only: an exercise province and an account for each role.",
)
@click.option(
    "--new-passwords",
    is_flag=True,
    help="为演示账户重新生成口令。New passwords for the accounts of the demonstration.",
)
@click.option("--lang", type=click.Choice(["zh", "en"]), help="输出语言。Language of the output.")
def serve(host: str, port: int, demo: bool, new_passwords: bool, lang: Lang | None) -> int:
    """启动工作站：数据库、网页与后台作业；Ctrl-C 停止。Starts the station: database, pages, jobs; Ctrl-C stops it."""
    from tongchou.station.operations import serving
    from tongchou.vocabulary.errors import ExitCode

    spoken = lang or reader_language([])

    def say(sentence: Text) -> None:
        click.echo(sentence[spoken], err=True)

    def tell(opened: serving.Opened) -> None:
        _summary(opened, spoken)

    wish = serving.Wish(host=host, port=port, demo=demo, new_passwords=new_passwords)
    held = serving.serve(wish, say, tell)
    say(_STOPPED)
    return ExitCode.OK if held else ExitCode.STATION


def _summary(opened: object, lang: Lang) -> None:
    """Print the address, what was resumed, and the accounts."""
    from rich.console import Console
    from rich.table import Table

    for line in opened.resumed:  # type: ignore[attr-defined]
        click.echo(line[lang])
    click.echo(_OPEN.fill(url=opened.url)[lang])  # type: ignore[attr-defined]
    if not opened.somebody:  # type: ignore[attr-defined]
        click.echo(_NOBODY[lang])
    accounts = opened.accounts  # type: ignore[attr-defined]
    if not accounts:
        return
    click.echo(_EXERCISE.fill(area=opened.area)[lang])  # type: ignore[attr-defined]
    table = Table(*(head[lang] for head in _HEADS))
    for username, title, password in accounts:
        table.add_row(username, title[lang], password or "–")
    Console().print(table)
    click.echo((_SHOWN_ONCE if any(p for *_, p in accounts) else _KEPT)[lang])


_OPEN = Text(
    zh="工作站已开启：{url}  （按 Ctrl-C 停止）",
    en="The station is open: {url}  (Ctrl-C stops it)",
)
_NOBODY = Text(
    zh="还没有任何账户。请先建立首位管理员：tongchou station administrator 用户名 --place 地区代码",
    en="There is no account yet. Make the first administrator: tongchou station administrator NAME --place CODE",
)
_EXERCISE = Text(
    zh="演练：{area}。人员、病例、机构和企业均为虚构；仅限本机使用，请勿录入真实信息。",
    en="Exercise: {area}. People, cases, facilities and firms are invented; for this machine only, enter nothing real.",
)
_HEADS = (
    Text(zh="用户名", en="user name"),
    Text(zh="岗位", en="post"),
    Text(zh="口令", en="password"),
)
_SHOWN_ONCE = Text(
    zh="口令只显示这一次；忘记时用 tongchou serve --demo --new-passwords 重新生成。",
    en="The passwords are shown this once; if lost, tongchou serve --demo --new-passwords makes new ones.",
)
_KEPT = Text(
    zh="口令与首次启动时相同；忘记时用 tongchou serve --demo --new-passwords 重新生成。",
    en="The passwords are those of the first start; if lost, tongchou serve --demo --new-passwords makes new ones.",
)
_STOPPED = Text(zh="工作站已停止。", en="The station has stopped.")
