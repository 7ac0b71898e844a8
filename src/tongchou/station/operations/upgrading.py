"""Upgrade: a backup first, then the migrations, then a look whether all is well."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tongchou.station.operations import backup, preparing
from tongchou.station.operations.database import Database, folder
from tongchou.station.operations.errors import CheckFailed
from tongchou.version import __version__
from tongchou.vocabulary.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgraded:
    """What was applied, and the backup that leads back (None where nothing was to be done)."""

    applied: list[str]
    kept: Path | None


def upgrade(store: Database, say: Callable[[Text], None]) -> Upgraded:
    """Bring the tables up to the installed version.

    Raises
    ------
    BackupRefused
        If no backup could be made: then nothing is changed.
    CheckFailed
        If something is not well afterwards; the way back is said.
    """
    todo = preparing.pending()
    if not todo:
        preparing.migrate()
        return Upgraded(applied=[], kept=None)
    kept = None
    if _has_records():
        kept = folder() / "backups" / f"before-{__version__}-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar"
        backup.make(store, kept)
        say(_BACKED_UP.fill(file=kept))
    applied = preparing.migrate()
    _look(kept)
    return Upgraded(applied=applied, kept=kept)


def way_back(kept: Path) -> Text:
    """Say how to go back to the version before."""
    return _WAY_BACK.fill(file=kept)


def _has_records() -> bool:
    from django.db import connection

    return "audit_head" in connection.introspection.table_names()


def _look(kept: Path | None) -> None:
    """Refuse to call it done unless the audit chain holds and every scoped table is bound."""
    from tongchou.station.audit.chain import verify
    from tongchou.station.operations.doctor import unbound_tables

    back = way_back(kept) if kept else Text(zh="", en="")
    verdict = verify()
    if not verdict.holds:
        raise CheckFailed(_CHAIN.fill(seq=verdict.broken_at, back=back))
    loose = unbound_tables()
    if loose:
        raise CheckFailed(_LOOSE.fill(tables=", ".join(loose), back=back))


_BACKED_UP = Text(zh="升级前已备份：{file}", en="Backed up before the upgrade: {file}")
_WAY_BACK = Text(
    zh="如需退回：装回原版本，然后运行 tongchou restore {file} --set-aside",
    en="To go back: install the version before, then run tongchou restore {file} --set-aside",
)
_CHAIN = Text(
    zh="升级后审计链在第 {seq} 条断开。{back}",
    en="after the upgrade the audit chain is broken at entry {seq}. {back}",
)
_LOOSE = Text(
    zh="升级后下列表没有行级安全：{tables}。{back}",
    en="after the upgrade these tables lack row-level security: {tables}. {back}",
)
