"""The folder of the user's own files; small, so that a process can ask for it before anything else."""

import os
from pathlib import Path

import platformdirs


def home() -> Path:
    """Give the folder that packs and pulled files are kept in; ``TONGCHOU_HOME`` overrides it."""
    named = os.environ.get("TONGCHOU_HOME")
    return Path(named) if named else Path(platformdirs.user_data_dir("tongchou", appauthor=False))
