"""The stopwatch of the benchmarks, and the tables they print."""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a command: wall seconds, and the most memory the process ever held, megabytes."""

    seconds: float
    peak_mb: float


def in_fresh_process(command: Sequence[str | Path], env: Mapping[str, str]) -> Run:
    """Run a command in a process of its own and wait for it.

    The peak is ``ru_maxrss`` of that child alone (``wait4``), not the largest of all children so far;
    it is never below what this process holds when it starts the child, so this one stays small.

    Raises
    ------
    CalledProcessError
        If the command fails; its words are shown.
    """
    words = [str(word) for word in command]
    with tempfile.TemporaryFile("w+") as said:
        start = time.perf_counter()
        with subprocess.Popen(words, env={**os.environ, **env}, stdout=said, stderr=said) as child:
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - start
        if child.returncode:
            said.seek(0)
            sys.stderr.write(said.read())
            raise subprocess.CalledProcessError(child.returncode, words)
    return Run(seconds=seconds, peak_mb=_megabytes(usage))


def _megabytes(usage: resource.struct_rusage) -> float:
    unit = 1 if sys.platform == "darwin" else 1024  # Linux counts in kilobytes
    return usage.ru_maxrss * unit / 1e6


def median_seconds(job: Callable[[], object], runs: int) -> float:
    """Give the median wall time of some runs of a call in this process."""
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        job()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a Markdown table, text to the left and numbers to the right."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, rule, *rows])
