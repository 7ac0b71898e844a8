"""A station of its own for the drills: commands in processes of their own, as a technician types them."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

TONGCHOU = Path(sys.executable).with_name("tongchou")
Run = Callable[..., subprocess.CompletedProcess[str]]


def environment(home: Path, **more: str) -> dict[str, str]:
    """Give the environment of a command: its own folder, nothing of ours."""
    ours = ("DATABASE_URL", "DJANGO_", "TONGCHOU_")
    own = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    return {**own, "TONGCHOU_HOME": str(home), "TONGCHOU_LANG": "en", **more}


def command(home: Path, *words: object, **more: str) -> subprocess.CompletedProcess[str]:
    """Run ``tongchou`` in a process of its own."""
    return subprocess.run(
        [TONGCHOU, *map(str, words)],
        env=environment(home, **more),
        check=False,
        capture_output=True,
        text=True,
        timeout=600,
    )


@pytest.fixture
def tongchou(tmp_path: Path) -> Run:
    """Give a runner of commands on a folder of its own: ``tongchou("doctor", "--json")``."""

    def run(
        *words: object, home: Path | None = None, **more: str
    ) -> subprocess.CompletedProcess[str]:
        return command(home or tmp_path / "home", *words, **more)

    return run


@pytest.fixture(scope="session")
def small_station(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a station with the places of the country and one administrator."""
    home = tmp_path_factory.mktemp("small-station")
    made = command(home, "station", "administrator", "boss", "--place", "640104")
    assert made.returncode == 0, made.stderr
    return home
