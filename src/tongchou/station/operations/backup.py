"""Backup: one consistent moment of the database, its fingerprints, and the anchor of the audit trail."""

import os
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from tongchou.station.operations import archive
from tongchou.station.operations.archive import DUMP, Manifest
from tongchou.station.operations.database import Database, folder
from tongchou.station.operations.embedded import program
from tongchou.station.operations.errors import BackupRefused
from tongchou.station.operations.tables import PASSING, fingerprints
from tongchou.version import __version__
from tongchou.vocabulary.text import Text, same

SECRET_KEY = "secret_key"
MADE_ANEW = ("postgres", "postgres.new", "static", "backups")
"""What is not copied: the database comes as a dump, static files are collected anew."""
LAST = "last_backup"
"""Beside the database: when the last backup was made, for the doctor."""


def make(store: Database, out: Path, *, with_secret_key: bool = False) -> Manifest:
    """Write a backup to a file that must not exist yet.

    Parameters
    ----------
    store
        The database.
    out
        The file.
    with_secret_key
        Whether the secret key goes into it: then the backup alone opens what the key seals, such
        as second factors, and has to be kept like the key.

    Raises
    ------
    BackupRefused
        If it cannot be written; nothing is left behind.
    """
    out = out.absolute()
    if out.exists():
        raise BackupRefused(_THERE.fill(out=out))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with (
            tempfile.TemporaryDirectory(dir=out.parent, prefix=".tongchou-backup-") as work,
            archive.written(out) as partial,
        ):
            manifest = _gather(store, Path(work), with_secret_key=with_secret_key)
            members = {DUMP: Path(work) / DUMP} | _files(with_secret_key=with_secret_key)
            archive.pack(partial, manifest, members)
    except (OSError, psycopg.Error) as error:
        raise BackupRefused(same(str(error).strip())) from error
    (folder() / LAST).write_text(manifest.made_at, encoding="ascii")
    return manifest


def _gather(store: Database, work: Path, *, with_secret_key: bool) -> Manifest:
    """Dump and fingerprint the same snapshot."""
    with psycopg.connect(store.url) as link:
        link.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        link.read_only = True
        with link.transaction():
            snapshot = _one(link, "SELECT pg_export_snapshot()")
            _dump(store.url, snapshot, work / DUMP)
            head = link.execute("SELECT seq, hash FROM audit_head WHERE id = 1").fetchone()
            if head is None:
                raise BackupRefused(_NO_HEAD)
            files = _files(with_secret_key=with_secret_key)
            return Manifest(
                version=__version__,
                made_at=datetime.now(UTC).isoformat(timespec="seconds"),
                server=_one(link, "SHOW server_version"),
                anchor_seq=head[0],
                anchor_hash=head[1],
                tables=fingerprints(link),
                digests={DUMP: archive.digest_of(work / DUMP)}
                | {name: archive.digest_of(path) for name, path in files.items()},
            )


def _dump(url: str, snapshot: str, target: Path) -> None:
    words = [str(program("pg_dump")), "--format=custom", "--no-owner", f"--snapshot={snapshot}"]
    words += [f"--exclude-table-data=public.{name}" for name in PASSING]
    target.touch(mode=0o600)
    done = subprocess.run(
        [*words, f"--file={target}", f"--dbname={url}"],
        check=False, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    if done.returncode:
        raise BackupRefused(same(done.stderr.strip().splitlines()[-1]))


def _files(*, with_secret_key: bool) -> dict[str, Path]:
    """Give the files of the station's folder by their name in the backup."""
    root, found = folder(), {}
    for path in sorted(root.rglob("*")):
        inner = path.relative_to(root)
        first = inner.parts[0]
        if not path.is_file() or path.is_symlink() or first in MADE_ANEW or first == LAST:
            continue
        if path.suffix == ".lock" or first.startswith("."):
            continue
        if first == SECRET_KEY and not with_secret_key:
            continue
        found[f"files/{inner}"] = path
    return found


def _one(link: psycopg.Connection, query: str) -> str:
    row = link.execute(query).fetchone()
    return str(row[0]) if row else ""


_THERE = Text(
    zh="{out} 已存在。备份不覆盖任何文件，请换一个文件名",
    en="{out} exists. A backup overwrites nothing; choose another name",
)
_NO_HEAD = Text(
    zh="数据库里没有审计记录的起点。请先运行 tongchou serve 或 tongchou upgrade",
    en="the database has no head of the audit trail. Run tongchou serve or tongchou upgrade first",
)
