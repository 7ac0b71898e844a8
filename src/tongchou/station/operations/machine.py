"""What the doctor looks at on the machine, before any database: Python, packages, disk, folders, keys."""

import importlib.metadata
import os
import re
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tongchou.station.operations.backup import LAST, SECRET_KEY
from tongchou.station.operations.findings import Finding, bad, ok, warn
from tongchou.vocabulary.text import Text, same

OLDEST = (3, 11)
LITTLE, SCARCE = 5 << 30, 1 << 30
"""Bytes of free disk below which to look, and below which it is wrong (assumption: a day of a province's records and a backup of them)."""
BACKUP_OLD = timedelta(days=1)
"""A backup older than a day loses a day's reports (assumption; the installation may set its own rhythm)."""


def examine(folder: Path) -> Iterator[Finding]:
    """Look at the machine; ``folder`` is that of the station."""
    yield python()
    yield packages()
    yield disk(folder)
    yield permissions(folder)
    yield secret_key(folder)
    yield clock()
    yield time_zone(os.environ.get("TONGCHOU_TIME_ZONE", "Asia/Shanghai"))
    yield backups(folder, datetime.now(UTC))


def python() -> Finding:
    """Look at the version of Python."""
    name, found = Text(zh="Python 版本", en="Python"), same(sys.version.split()[0])
    if sys.version_info < OLDEST:
        return bad(
            name,
            found,
            Text(zh="请安装 Python 3.11 或更新版本。", en="Install Python 3.11 or later."),
        )
    return ok(name, found)


def packages() -> Finding:
    """Look whether every package the project needs is installed."""
    name, missing = Text(zh="依赖软件包", en="packages"), []
    needed = importlib.metadata.requires("tongchou") or []
    plain = [n for n in needed if "extra ==" not in n]
    for requirement in plain:
        package = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
        try:
            importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            missing.append(package)
    if missing:
        return bad(
            name,
            Text(zh=f"缺少 {'、'.join(missing)}", en=f"missing: {', '.join(missing)}"),
            _INSTALL,
        )
    return ok(name, Text(zh=f"{len(plain)} 个均已安装", en=f"all {len(plain)} installed"))


def disk(folder: Path) -> Finding:
    """Look at the free space where the records are."""
    name = Text(zh="磁盘空间", en="disk space")
    there = next(p for p in (folder, *folder.parents) if p.exists())
    free = shutil.disk_usage(there).free
    found = Text(
        zh=f"{there} 剩余 {free / 2**30:.1f} GB", en=f"{free / 2**30:.1f} GB free in {there}"
    )
    if free < SCARCE:
        return bad(name, found, _FREE)
    return warn(name, found, _FREE) if free < LITTLE else ok(name, found)


def permissions(folder: Path) -> Finding:
    """Look whether others may look into the station's folder."""
    name = Text(zh="文件夹权限", en="folder permissions")
    if not folder.exists():
        return ok(name, Text(zh=f"{folder} 尚未建立", en=f"{folder} is not made yet"))
    mode = stat.S_IMODE(folder.stat().st_mode)
    found = Text(zh=f"{folder} 为 {mode:04o}", en=f"{folder} is {mode:04o}")
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return bad(
            name,
            found,
            Text(
                zh=f"请让运行工作站的用户能读写 {folder}。",
                en=f"Let the user that runs the station read and write {folder}.",
            ),
        )
    if mode & 0o066:
        return bad(name, found, same(f"chmod 0700 {folder}"))
    return ok(name, found)


def secret_key(folder: Path) -> Finding:
    """Look whether only the owner can read the secret key."""
    name, file = Text(zh="密钥", en="secret key"), folder / SECRET_KEY
    if os.environ.get("TONGCHOU_SECRET_KEY"):
        found = Text(zh="取自环境变量", en="from the environment")
        if len(os.environ["TONGCHOU_SECRET_KEY"]) < 50:
            return bad(
                name,
                found,
                Text(zh="请使用至少 50 个随机字符。", en="Use at least 50 random characters."),
            )
        return ok(name, found)
    if not file.exists():
        return ok(name, Text(zh="首次启动时生成", en="made at the first start"))
    mode = stat.S_IMODE(file.stat().st_mode)
    found = same(f"{file} {mode:04o}")
    if mode & 0o077:
        return bad(name, found, same(f"chmod 0600 {file}"))
    return ok(name, found)


def clock() -> Finding:
    """Look whether the clock of the machine can be right."""
    name, now = Text(zh="系统时钟", en="clock"), datetime.now(UTC)
    built = datetime.fromtimestamp(Path(__file__).stat().st_mtime, tz=UTC)
    found = same(now.isoformat(timespec="seconds"))
    if now < built - timedelta(days=1) or time.time() < 0:
        return bad(
            name,
            found,
            Text(
                zh="时钟早于软件的安装时间。请校准时钟（timedatectl set-ntp true）。",
                en="It is before the installation of the software. Set it (timedatectl set-ntp true).",
            ),
        )
    return ok(name, found)


def time_zone(name: str) -> Finding:
    """Look whether the time zone of the operational day exists."""
    title = Text(zh="时区", en="time zone")
    try:
        now = datetime.now(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return bad(
            title,
            same(name),
            Text(
                zh="没有这个时区。请更正 TONGCHOU_TIME_ZONE，如 Asia/Shanghai。",
                en="There is no such time zone. Correct TONGCHOU_TIME_ZONE, for example to Asia/Shanghai.",
            ),
        )
    return ok(title, same(f"{name} {now:%Y-%m-%d %H:%M}"))


def backups(folder: Path, now: datetime) -> Finding:
    """Look at the age of the last backup."""
    name, file = Text(zh="备份", en="backups"), folder / LAST
    if not file.exists():
        return warn(name, Text(zh="从未备份", en="none was ever made"), _BACK_UP)
    made = datetime.fromisoformat(file.read_text(encoding="ascii"))
    hours = (now - made).total_seconds() / 3600
    found = Text(zh=f"最近一次在 {hours:.0f} 小时前", en=f"the last was made {hours:.0f} hours ago")
    return warn(name, found, _BACK_UP) if now - made > BACKUP_OLD else ok(name, found)


_INSTALL = Text(
    zh="请运行 python -m pip install -r requirements.txt。",
    en="Run python -m pip install -r requirements.txt.",
)
_FREE = Text(
    zh="请腾出空间或把 TONGCHOU_HOME 移到更大的磁盘；磁盘写满时无法保存任何内容。",
    en="Free space, or move TONGCHOU_HOME to a larger disk; nothing can be saved on a full one.",
)
_BACK_UP = Text(
    zh="请运行 tongchou backup 文件名，并放到另一台机器上。",
    en="Run tongchou backup FILE, and keep the file on another machine.",
)
