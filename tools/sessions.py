"""Runs what the documents show and puts the real output in its place.

Two kinds of block hold output: Python sessions (```python with ``>>>``) and shell sessions
(```console with ``$ tongchou …``). Blocks without output are left alone.
"""

import contextlib
import doctest
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TONGCHOU = Path(sys.executable).parent / "tongchou"


def blocks(text: str, language: str) -> list[str]:
    """Give the bodies of the fenced blocks of a language."""
    return [body for found, body in BLOCK.findall(text) if found == language]


def refreshed(text: str, folder: Path, real: bool) -> str:
    """Give a page with every session run anew in a folder.

    ``real`` says whether sessions on the real pack can be run; without it they stay as they are.
    The Python sessions of a page share their names.
    """
    names: dict[str, object] = {"__name__": "__main__"}

    def again(match: re.Match[str]) -> str:
        language, body = match.groups()
        if language == "python" and ">>>" in body:
            body = run_python(body, names)
        elif language == "console" and (real or "china2020" not in body):
            body = run_shell(body, folder)
        return f"```{language}\n{body}```"

    return BLOCK.sub(again, text)


def run_python(body: str, names: dict[str, object]) -> str:
    """Run a session line by line and give it with what it prints now."""
    written = []
    for example in doctest.DocTestParser().get_examples(body):
        first, *more = example.source.rstrip("\n").split("\n")
        written += [f">>> {first}", *(f"... {line}" for line in more)]
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(example.source, "<session>", "single"), names)
        written += said.getvalue().splitlines()
    return "\n".join(written) + "\n"


def run_shell(body: str, folder: Path) -> str:
    """Run each ``$ tongchou …`` of a session and give it with what it prints now.

    What goes to standard error is shown only where the command refuses.
    """
    written = []
    for line in body.splitlines():
        if not line.startswith("$ "):
            continue
        done = subprocess.run(
            [str(TONGCHOU), *shlex.split(line)[2:]],
            cwd=folder,
            env=environment(),
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        said = done.stderr if done.returncode else done.stdout
        written += [line, *said.rstrip("\n").splitlines()]
    return "\n".join(written) + "\n"


def environment() -> Mapping[str, str]:
    """Give the environment of a shell session: in English unless the command says otherwise."""
    return {**os.environ, "TONGCHOU_LANG": "en"}
