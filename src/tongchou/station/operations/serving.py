"""One command from a fresh machine to a running station, and back down in good order."""

import fcntl
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tongchou.station.operations import database
from tongchou.station.operations.database import Database
from tongchou.station.operations.embedded import Embedded
from tongchou.station.operations.errors import DemonstrationRefused, OperationRefused
from tongchou.station.operations.supervise import Child, Supervisor
from tongchou.vocabulary.text import Text

DEBUG = "TONGCHOU_DEBUG"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
WEB_PROCESSES, THREADS = 2, 8
DEFAULT_PORT = 8000
PORT_PATIENCE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked for on the command line."""

    host: str = LOOPBACK[0]
    port: int = DEFAULT_PORT
    demo: bool = False
    new_passwords: bool = False


@dataclass(slots=True, kw_only=True)
class Opened:
    """What there is to tell once the station answers."""

    url: str
    accounts: list[tuple[str, Text, str]] = field(default_factory=list)
    resumed: list[Text] = field(default_factory=list)
    area: Text | None = None
    somebody: bool = True


def serve(wish: Wish, say: Callable[[Text], None], tell: Callable[[Opened], None]) -> bool:
    """Prepare and run the station until a signal stops it; give False if it could not be kept up.

    Parameters
    ----------
    wish
        Address, port, and whether this is a demonstration.
    say, tell
        Where sentences go on the way, and the summary once the station is open.
    """
    _settle_demonstration(wish)
    with _alone():
        _free_port(wish)
        crashed = database.URL not in os.environ and Embedded(database.folder()).crashed()
        with database.opened() as store:
            opened = _prepare(wish, store, say)
            if crashed:
                opened.resumed.insert(0, _RECOVERED)
            return _run(wish, store, say, lambda: tell(opened))


def _run(
    wish: Wish, store: Database, say: Callable[[Text], None], tell: Callable[[], None]
) -> bool:
    """Run the processes, and tell once the first page is answered."""

    def ready() -> None:
        _await(wish)
        tell()

    supervisor = Supervisor(
        children(wish), dict(os.environ), say, lambda: _keep_database(store, say)
    )
    return supervisor.run(ready)


def _settle_demonstration(wish: Wish) -> None:
    """Refuse a demonstration beyond this machine, or where ``TONGCHOU_DEBUG`` says it is off."""
    asked = os.environ.get(DEBUG, "")
    if wish.demo and asked not in ("", "1"):
        raise DemonstrationRefused(_DEBUG_OFF)
    if wish.demo:
        os.environ[DEBUG] = "1"
    if os.environ.get(DEBUG) == "1" and wish.host not in LOOPBACK:
        raise DemonstrationRefused(_NOT_HERE.fill(host=wish.host))


def _prepare(wish: Wish, store: Database, say: Callable[[Text], None]) -> Opened:
    from django.conf import settings

    from tongchou.station.accounts.models import User
    from tongchou.station.operations import preparing, resume

    applied = preparing.migrate()
    if applied:
        say(_MIGRATED.fill(n=len(applied)))
    preparing.load_country()
    preparing.collect_static()
    left = resume.everything(nobody_else=store.embedded is not None)
    opened = Opened(url=f"http://{_shown(wish.host)}:{wish.port}/", resumed=left)
    if settings.DEMONSTRATION:
        from tongchou.station.operations import exercise

        made = exercise.load(say, renew=wish.new_passwords)
        opened.area = made.area
        opened.accounts = [(a.username, a.title, a.password or "") for a in made.accounts]
    else:
        opened.somebody = User.objects.filter(is_active=True).exists()
    return opened


def children(wish: Wish) -> list[Child]:
    """Give the processes of a station: the web server first, then the worker."""
    host = f"[{wish.host}]" if ":" in wish.host else wish.host
    web = [
        sys.executable, "-m", "gunicorn", "tongchou.station.wsgi:application",
        "--bind", f"{host}:{wish.port}", "--worker-class", "gthread",
        "--workers", str(WEB_PROCESSES), "--threads", str(THREADS),
        "--graceful-timeout", "20", "--timeout", "120", "--keep-alive", "15",
        "--worker-tmp-dir", "/dev/shm" if Path("/dev/shm").is_dir() else "/tmp",
        "--log-level", "warning", "--no-control-socket",
    ]  # fmt: skip
    worker = [sys.executable, "-m", "tongchou.station.operations.worker"]
    return [Child(name=_WEB, command=web), Child(name=_WORKER, command=worker)]


def _keep_database(store: Database, say: Callable[[Text], None]) -> None:
    """Start the embedded server again if it is gone."""
    if store.embedded is None or store.embedded.pid() is not None:
        return
    say(_DATABASE_GONE)
    try:
        store.embedded.start()
    except OperationRefused as error:
        say(error.text())
    else:
        say(_DATABASE_BACK)


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the lock of the one station that runs from this folder."""
    folder = database.folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "serve.lock").open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OperationRefused(_ALREADY.fill(folder=folder)) from None
        yield


def _free_port(wish: Wish) -> None:
    """Refuse early where another program listens; what a killed station left may take seconds to go."""
    family = socket.AF_INET6 if ":" in wish.host else socket.AF_INET
    for again in range(PORT_PATIENCE, -1, -1):
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((wish.host, wish.port))
            except OSError as error:
                if not again:
                    raise OperationRefused(
                        _TAKEN.fill(port=wish.port, why=error.strerror)
                    ) from None
                time.sleep(1)
            else:
                return


def _await(wish: Wish) -> None:
    """Wait until the web server answers, at most half a minute."""
    for _ in range(150):
        try:
            urllib.request.urlopen(f"http://{_shown(wish.host)}:{wish.port}/healthz", timeout=5)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
        else:
            return


def _shown(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host


_DEBUG_OFF = Text(
    zh="环境变量 TONGCHOU_DEBUG 已关闭演示",
    en="the environment variable TONGCHOU_DEBUG turns it off",
)
_NOT_HERE = Text(
    zh="监听地址 {host} 可从其他机器访问",
    en="the address {host} can be reached from other machines",
)
_ALREADY = Text(
    zh="工作站已在运行（{folder}）。请先停止它，或用 TONGCHOU_HOME 指定另一个文件夹",
    en="a station is running from {folder} already. Stop it first, or name another folder with TONGCHOU_HOME",
)
_TAKEN = Text(
    zh="端口 {port} 不可用：{why}。请用 --port 指定另一个端口",
    en="port {port} cannot be used: {why}. Name another with --port",
)
_MIGRATED = Text(zh="已应用 {n} 项数据库迁移。", en="Applied {n} migrations.")
_RECOVERED = Text(
    zh="上次未正常停止，数据库已自行恢复：已保存的一切都在。",
    en="The last run was not stopped in good order; the database has recovered: all that was saved is there.",
)
_DATABASE_GONE = Text(
    zh="数据库意外停止，正在重新启动。", en="The database stopped by itself; starting it again."
)
_DATABASE_BACK = Text(zh="数据库已恢复。", en="The database is back.")
_WEB = Text(zh="网页服务", en="web server")
_WORKER = Text(zh="后台作业进程", en="worker")
