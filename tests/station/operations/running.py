"""A station that really runs, for the fault drills: started, asked, killed, started again."""

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil
import psycopg
from tests.station.operations.conftest import TONGCHOU, environment

from tongchou.station.operations.embedded import Embedded

T = TypeVar("T")
PATIENCE = 180
"""Seconds that anything may take on a machine that does other things too."""


def until(ask: Callable[[], T], seconds: float = PATIENCE) -> T:
    """Ask again and again until the answer is true; fail after some time."""
    end = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < end, ask
        time.sleep(0.25)
    return answer


def free_port() -> int:
    """Give a port of this machine that nobody uses, now or when a station starts on it again.

    Below those that systems give to outgoing connections, and for each process a stretch of its own.
    """
    start = 10_000 + os.getpid() * 10 % 20_000
    for port in range(start, start + 2_000):
        with contextlib.suppress(OSError), socket.socket() as trial:
            trial.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


class Station:
    """``tongchou serve`` in a process of its own, behind a pretended reverse proxy."""

    def __init__(self, home: Path) -> None:
        self.home, self.port = home, free_port()
        self.server = Embedded(home / "station")
        self.log = home / "serve.out"
        self.process: subprocess.Popen[bytes] | None = None
        self.cookies: dict[str, str] = {}

    def start(self) -> str:
        """Start it and wait until it answers; give what it said."""
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [TONGCHOU, "serve", "--port", str(self.port)],
                env=environment(self.home, TONGCHOU_DEBUG="0", TONGCHOU_PROXY="1"),
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        until(lambda: self.process.poll() is not None or "is open" in self.said())
        assert self.process.poll() is None, self.said()
        until(lambda: self.answers("/healthz"))
        return self.said()

    def answers(self, path: str = "/accounts/login/") -> bool:
        """Whether a page is given: neither refused nor broken, and a server there at all."""
        try:
            return self.ask("GET", path)[0] < 400
        except OSError:
            return False

    def stop(self) -> int:
        """Stop it in good order."""
        if self.process is None or self.process.poll() is not None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE)

    def kill(self, *, database: bool) -> None:
        """Kill the supervisor as a power cut would; its children go with it, the database if asked."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        postmaster = self.server.pid() if database else None
        self.process.kill()
        self.process.wait(timeout=PATIENCE)
        if postmaster is not None:
            os.kill(postmaster, signal.SIGKILL)
        psutil.wait_procs([c for c in children if c.name() != "postgres"], timeout=PATIENCE)

    def said(self) -> str:
        """Give everything it wrote."""
        return self.log.read_text(errors="replace")

    def database(self) -> psycopg.Connection:
        """Connect to its database as its owner."""
        return psycopg.connect(self.server.url(), autocommit=True)

    def one(self, query: str) -> object:
        """Give the one value of a query."""
        with self.database() as link:
            return link.execute(query).fetchone()[0]

    def ask(
        self, method: str, path: str, form: dict[str, str] | None = None, timeout: float = PATIENCE
    ) -> tuple[int, str]:
        """Send a request with the cookies so far; give status and page."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        host = f"127.0.0.1:{self.port}"
        headers = {
            "Host": host, "X-Forwarded-Proto": "https", "Referer": f"https://{host}/", "Accept-Language": "en",
            "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
        }  # fmt: skip
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            link.request(method, path, body, headers)
            answer = link.getresponse()
            page = answer.read().decode(errors="replace")
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie" and (m := re.match(r"([^=]+)=([^;]*)", value)):
                    self.cookies[m[1]] = m[2]
            return answer.status, page
        except http.client.HTTPException as error:  # cut off in the middle of an answer
            raise ConnectionError(repr(error)) from error
        finally:
            link.close()

    def sign_in(self, username: str, password: str, timeout: float = PATIENCE) -> tuple[int, str]:
        """Sign in through the page; give its refusal where it does not come."""
        self.cookies.clear()
        status, page = self.ask("GET", "/accounts/login/")
        if status != 200:
            return status, page
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        form = {"login": username, "password": password, "csrfmiddlewaretoken": token}
        return self.ask("POST", "/accounts/login/", form, timeout)

    def python(self, lines: str) -> str:
        """Run a few lines inside the station, in a process of their own."""
        code = f"from tongchou.station.operations.database import opened\nwith opened():\n{_indented(lines)}"
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment(self.home), check=False,
            capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout


def _indented(lines: str) -> str:
    return "\n".join(f"    {line}" for line in lines.strip().splitlines())
