"""The processes of a running station: the web server and the worker, watched and brought back.

A child that ends by itself is started again after a pause that doubles; one that ends five times
within a minute takes the station down, since something is wrong that a restart does not mend. The
children end with their supervisor even if that is killed.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tongchou.vocabulary.text import Text, same

MOST_FAILURES, WITHIN_SECONDS = 5, 60
PATIENCE_SECONDS = 30
"""How long a child may take to finish what it is doing before it is killed."""
WATCH_SECONDS = 2.0
_PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Child:
    """A process that should be running."""

    name: Text
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    failures: deque[float] = field(default_factory=deque)
    due: float = 0.0

    def start(self, env: Mapping[str, str]) -> None:
        """Start it in a group of its own, so that Ctrl-C reaches the supervisor alone."""
        self.process = subprocess.Popen(
            self.command,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )

    def running(self) -> bool:
        """Whether it is alive."""
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Start children, keep them running, stop them in good order.

    Parameters
    ----------
    children
        In the order of their start; they stop in the reverse order.
    env
        Their environment.
    say
        Where sentences go.
    watch
        Called every two seconds, for what is not a child: the database.
    """

    def __init__(
        self,
        children: Sequence[Child],
        env: Mapping[str, str],
        say: Callable[[Text], None],
        watch: Callable[[], None],
    ) -> None:
        self.children, self.env, self.say, self.watch = children, env, say, watch
        self._wake = threading.Event()
        self._stopping = False

    def run(self, ready: Callable[[], None]) -> bool:
        """Run until told to stop by a signal; give False if the children could not be kept up.

        ``ready`` waits until the first child answers; the others start after it, so that a machine
        of two cores has the first page sooner.
        """
        before = {
            s: signal.signal(s, self._told) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)
        }
        try:
            first, *others = self.children
            first.start(self.env)
            ready()
            for child in others:
                child.start(self.env)
            while not self._stopping:
                self._wake.wait(WATCH_SECONDS)
                self._wake.clear()
                if not self._stopping and not self._keep_up():
                    return False
            return True
        finally:
            self._stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _told(self, number: int, _: object) -> None:
        if number != signal.SIGCHLD:
            self._stopping = True
        self._wake.set()

    def _keep_up(self) -> bool:
        self.watch()
        now = time.monotonic()
        for child in self.children:
            if child.running():
                continue
            if child.process is not None:
                self.say(_ENDED.fill(name=child.name, code=same(str(child.process.returncode))))
                child.process = None
                child.failures.append(now)
                while child.failures and now - child.failures[0] > WITHIN_SECONDS:
                    child.failures.popleft()
                if len(child.failures) >= MOST_FAILURES:
                    self.say(_GIVEN_UP.fill(name=child.name))
                    return False
                child.due = now + 2.0 ** (len(child.failures) - 1)
            elif now >= child.due:
                child.start(self.env)
        return True

    def _stop(self) -> None:
        for child in reversed(self.children):
            if child.process is not None and child.running():
                child.process.terminate()
        until = time.monotonic() + PATIENCE_SECONDS
        for child in self.children:
            if child.process is None:
                continue
            try:
                child.process.wait(timeout=max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait()


def _die_with_parent() -> None:
    """Have the kernel end this process when its parent is gone (Linux; elsewhere nothing)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


_ENDED = Text(
    zh="{name}意外结束（退出码 {code}），正在重新启动。",
    en="The {name} ended by itself (exit code {code}); starting it again.",
)
_GIVEN_UP = Text(
    zh="{name}一分钟内结束了 5 次，工作站停止。请运行 tongchou doctor。",
    en="The {name} ended five times within a minute; the station stops. Run tongchou doctor.",
)
