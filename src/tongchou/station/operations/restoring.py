"""Restore: a backup into an empty database, all of it or nothing, compared table by table."""

import os
import subprocess
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql

from tongchou.station.operations import archive
from tongchou.station.operations.archive import DUMP, Manifest
from tongchou.station.operations.backup import SECRET_KEY
from tongchou.station.operations.database import Database, folder
from tongchou.station.operations.embedded import DATABASE, Embedded, program
from tongchou.station.operations.errors import RestoreRefused
from tongchou.station.operations.tables import fingerprints, names
from tongchou.vocabulary.text import Text, same


def restore(file: Path, store: Database, say: Callable[[Text], None]) -> Manifest:
    """Restore a backup into an empty database and compare it with what the backup says of itself.

    Raises
    ------
    RestoreRefused
        If the backup cannot be trusted, the database is not empty, or the result differs from the
        manifest: then the database is emptied again.
    """
    from tongchou.station.access.rls import CREATE_ROLE, GRANT_TABLES

    with tempfile.TemporaryDirectory(prefix="tongchou-restore-") as work:
        parts = Path(work)
        manifest = archive.unpack(file, parts)
        say(_TRUSTED.fill(when=manifest.made_at, version=manifest.version))
        with psycopg.connect(store.url, autocommit=True) as link:
            there = names(link)
            if there:
                raise RestoreRefused(_NOT_EMPTY.fill(n=len(there), name=there[0], url=store.shown))
            link.execute(CREATE_ROLE)
        _fill(store.url, parts / DUMP)
        try:
            _compare(store.url, manifest)
            _follow_chain(manifest)
        except RestoreRefused:
            _empty(store.url)
            raise
        with psycopg.connect(store.url, autocommit=True) as link:
            link.execute(GRANT_TABLES)
        _put_files(parts / "files", say)
    return manifest


def set_aside(server: Embedded, say: Callable[[Text], None]) -> None:
    """Give the embedded server an empty database, keeping the present one under another name."""
    kept = f"{DATABASE}_{datetime.now(UTC):%Y%m%d_%H%M%S}"
    with psycopg.connect(server.url("postgres"), autocommit=True) as link:
        old, new = sql.Identifier(DATABASE), sql.Identifier(kept)
        link.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [DATABASE]
        )
        link.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(old, new))
        link.execute(sql.SQL("CREATE DATABASE {}").format(old))
    say(_KEPT.fill(name=kept))


def _fill(url: str, dump: Path) -> None:
    done = subprocess.run(
        [str(program("pg_restore")), "--single-transaction", "--exit-on-error", "--no-owner", f"--dbname={url}", str(dump)],
        check=False, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    if done.returncode:
        raise RestoreRefused(same(_without_values(done.stderr)))


def _without_values(said: str) -> str:
    """Give the first fault that pg_restore names, without the rows it may quote."""
    lines = [line for line in said.splitlines() if "error:" in line]
    return (lines or said.splitlines() or ["pg_restore"])[0].partition("DETAIL")[0].strip()


def _compare(url: str, manifest: Manifest) -> None:
    """Hold every table against the manifest."""
    with psycopg.connect(url) as link:
        found = fingerprints(link)
    odd = sorted(n for n in {*found, *manifest.tables} if found.get(n) != manifest.tables.get(n))
    if odd:
        raise RestoreRefused(_DIFFERS.fill(tables=", ".join(odd)))


def _follow_chain(manifest: Manifest) -> None:
    from tongchou.station.audit.chain import Anchor, verify

    anchor = Anchor(seq=manifest.anchor_seq, hash=manifest.anchor_hash)
    verdict = verify([anchor] if anchor.seq else [])
    if not verdict.holds or verdict.head != anchor:
        raise RestoreRefused(_CHAIN.fill(seq=verdict.broken_at or verdict.head.seq))


def _empty(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as link:
        link.execute("DROP SCHEMA public CASCADE")
        link.execute("CREATE SCHEMA public")


def _put_files(source: Path, say: Callable[[Text], None]) -> None:
    """Put the files back; one that is there already stays, but for the secret key that was asked for."""
    if not source.is_dir():
        return
    for path in sorted(p for p in source.rglob("*") if p.is_file()):
        target = folder() / path.relative_to(source)
        if target.exists() and target.read_bytes() == path.read_bytes():
            continue
        if target.exists():
            if target.name != SECRET_KEY:
                say(_STAYS.fill(file=target))
                continue
            target.rename(target.with_name(f"{SECRET_KEY}.before-restore"))
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with archive.written(target) as partial:
            partial.write_bytes(path.read_bytes())


_TRUSTED = Text(
    zh="备份完整：{when}，版本 {version}。正在恢复。",
    en="The backup is whole: {when}, version {version}. Restoring.",
)
_NOT_EMPTY = Text(
    zh="目标数据库不是空库（{url} 有 {n} 张表，如 {name}）。请给出空库；内置数据库可用 --set-aside 把现有的库改名保留",
    en="the database is not empty ({url} has {n} tables, such as {name}). Name an empty one; for the embedded server --set-aside keeps the present one under another name",
)
_DIFFERS = Text(
    zh="恢复后的表与备份清单不一致：{tables}。已清空目标库。请换用另一份备份",
    en="tables differ from the manifest after the restore: {tables}. The target was emptied again. Use another backup",
)
_CHAIN = Text(
    zh="审计链在第 {seq} 条与备份中的锚点不一致。已清空目标库。请换用另一份备份",
    en="the audit chain does not agree with the backup's anchor at entry {seq}. The target was emptied again. Use another backup",
)
_KEPT = Text(zh="原数据库保留为 {name}。", en="The present database is kept as {name}.")
_STAYS = Text(
    zh="文件 {file} 已存在且内容不同，保留现有的。",
    en="The file {file} is there with other contents; it stays.",
)
