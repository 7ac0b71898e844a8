"""``tongchou backup``, ``restore``, ``upgrade`` and ``station``: the engine room."""

from collections.abc import Callable
from pathlib import Path

import click

from tongchou.cli.language import reader_language
from tongchou.vocabulary.text import Lang, Text, count

_FILE = click.Path(dir_okay=False, path_type=Path)
language = click.option(
    "--lang", type=click.Choice(["zh", "en"]), help="输出语言。Language of the output."
)


def _sayer(lang: Lang | None) -> Callable[[Text], None]:
    spoken = lang or reader_language([])
    return lambda sentence: click.echo(sentence[spoken])


@click.command()
@click.argument("out", type=_FILE)
@click.option(
    "--with-secret-key",
    is_flag=True,
    help="连同密钥：备份须像密钥一样保管。With the secret key: keep the backup like the key.",
)
@language
def backup(out: Path, with_secret_key: bool, lang: Lang | None) -> None:
    """备份数据库和工作站文件。Writes a backup of the database and the station's files."""
    from tongchou.station.operations import backup as making
    from tongchou.station.operations.database import opened

    say = _sayer(lang)
    with opened() as store:
        manifest = making.make(store, out, with_secret_key=with_secret_key)
    rows = sum(f.rows for f in manifest.tables.values())
    say(_MADE.fill(out=out, tables=len(manifest.tables), rows=count(rows)))
    say(_ANCHOR.fill(anchor=f"{manifest.anchor_seq}:{manifest.anchor_hash}"))
    if not with_secret_key:
        say(_KEY_APART)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--into",
    "url",
    metavar="DATABASE_URL",
    help="空数据库的地址；不给则为工作站自己的数据库。An empty database; the station's own if not given.",
)
@click.option(
    "--set-aside",
    is_flag=True,
    help="内置数据库：先把现有的库改名保留。Embedded database: keep the present one under another name first.",
)
@language
def restore(file: Path, url: str | None, set_aside: bool, lang: Lang | None) -> None:
    """把备份恢复到空数据库，逐表核对。Restores a backup into an empty database and compares every table."""
    import os

    from tongchou.station.operations import restoring
    from tongchou.station.operations.database import URL, opened

    say = _sayer(lang)
    if url:
        os.environ[URL] = url
    with opened() as store:
        if set_aside and store.embedded is not None:
            restoring.set_aside(store.embedded, say)
        manifest = restoring.restore(file, store, say)
    rows = sum(f.rows for f in manifest.tables.values())
    say(_RESTORED.fill(tables=len(manifest.tables), rows=count(rows), seq=manifest.anchor_seq))


@click.command()
@language
def upgrade(lang: Lang | None) -> None:
    """先备份，再更新数据库结构并核对。Backs up, brings the tables up to date, and checks."""
    from tongchou.station.operations import upgrading
    from tongchou.station.operations.database import opened

    say = _sayer(lang)
    with opened() as store:
        done = upgrading.upgrade(store, say)
    say((_UPGRADED if done.applied else _NOTHING).fill(n=len(done.applied)))
    if done.kept is not None:
        say(upgrading.way_back(done.kept))


@click.group()
def station() -> None:
    """工作站的日常维护。Upkeep of the station."""


@station.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def manage(words: tuple[str, ...]) -> None:
    """Django 管理命令。Commands of Django, such as showmigrations."""
    from tongchou.station.operations.database import opened

    with opened():
        from django.core.management import execute_from_command_line

        execute_from_command_line(["tongchou station manage", *words])


@station.command()
@click.argument("username")
@click.option("--place", required=True, metavar="CODE", help="地区代码。Code of the place.")
@language
def administrator(username: str, place: str, lang: Lang | None) -> None:
    """建立首位账户管理员。Makes the first account administrator; the password must be changed at once."""
    from tongchou.station.operations.database import opened

    with opened():
        from tongchou.station.operations import preparing
        from tongchou.station.operations.accounts import first_administrator

        preparing.migrate()
        preparing.load_country()
        made = first_administrator(username, place)
    _sayer(lang)(_ADMINISTRATOR.fill(name=made.username, title=made.title, password=made.password))


@station.command("release-due")
@language
def release_due(lang: Lang | None) -> None:
    """解除期满的观察、删除超期信息，如后台每小时所做。Ends watches that are due and deletes what is past keeping."""
    from tongchou.station.operations.database import opened

    with opened():
        from tongchou.station.cases.tasks import end_watches

        done = end_watches()
    _sayer(lang)(
        _DUE.fill(**{name: count(done[name]) for name in ("released", "returned", "deleted")})
    )


@station.group()
def audit() -> None:
    """审计记录。The audit trail."""


@audit.command()
@click.option(
    "--anchor",
    "anchors",
    multiple=True,
    metavar="SEQ:HASH",
    help="别处记下的编号与散列值，如备份所附。A number and hash written down elsewhere, as with a backup.",
)
@language
def verify(anchors: tuple[str, ...], lang: Lang | None) -> None:
    """核对整条审计链。Walks the whole chain and says whether it holds."""
    from tongchou.station.operations.database import opened
    from tongchou.station.operations.errors import CheckFailed

    known = [_anchor(word) for word in anchors]
    with opened():
        from tongchou.station.audit.chain import Anchor
        from tongchou.station.audit.chain import verify as walk

        verdict = walk([Anchor(seq=seq, hash=digest) for seq, digest in known])
    head = f"{verdict.head.seq}:{verdict.head.hash}"
    if not verdict.holds:
        raise CheckFailed(_BROKEN.fill(seq=verdict.broken_at, why=verdict.why))
    _sayer(lang)(_HOLDS.fill(n=count(verdict.entries), head=head))


def _anchor(word: str) -> tuple[int, str]:
    seq, colon, digest = word.partition(":")
    if not colon or not seq.isdigit() or len(digest) != 64:
        raise click.BadParameter(f"{word}: SEQ:HASH", param_hint="--anchor")
    return int(seq), digest


_MADE = Text(
    zh="已备份到 {out}：{tables} 张表，{rows} 行。",
    en="Backed up to {out}: {tables} tables, {rows} rows.",
)
_ANCHOR = Text(
    zh="审计锚点 {anchor}：请与备份分开记下。",
    en="Anchor of the audit trail {anchor}: write it down apart from the backup.",
)
_KEY_APART = Text(
    zh="备份不含密钥 station/secret_key：请另行保管，没有它无法打开两步验证等加密内容。",
    en="The secret key station/secret_key is not in it: keep it apart; without it what it seals, such as second factors, cannot be opened.",
)
_RESTORED = Text(
    zh="已恢复并核对：{tables} 张表，{rows} 行，审计链至第 {seq} 条完好。",
    en="Restored and compared: {tables} tables, {rows} rows; the audit chain holds to entry {seq}.",
)
_UPGRADED = Text(zh="已应用 {n} 项迁移，核对无误。", en="Applied {n} migrations; all is well.")
_NOTHING = Text(zh="无需升级。", en="Nothing to upgrade.")
_ADMINISTRATOR = Text(
    zh="账户管理员 {name}（{title}）的一次性口令：{password}  首次登录后须更改。",
    en="One-time password of {name} ({title}): {password}  It must be changed at the first sign-in.",
)
_DUE = Text(
    zh="解除 {released} 人，恢复观察 {returned} 人，删除 {deleted} 人的超期信息。",
    en="Released: {released}. Returned to watch: {returned}. Deleted at the end of keeping: {deleted}.",
)
_HOLDS = Text(
    zh="审计链完好：{n} 条，末端 {head}", en="The audit chain holds: {n} entries, head {head}"
)
_BROKEN = Text(
    zh="审计链在第 {seq} 条断开（{why}）。请保留现场并通知审计员。",
    en="The audit chain is broken at entry {seq} ({why}). Keep everything as it is and tell the auditor.",
)
