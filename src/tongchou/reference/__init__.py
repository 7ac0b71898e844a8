"""Packaged fact tables: each row with its source and confidence. No code but the door to them."""

from importlib.resources import as_file, files
from pathlib import Path


def path(name: str) -> Path:
    """Give the path of a packaged table or folder.

    Parameters
    ----------
    name
        File name under ``reference/``, such as ``"parameters.csv"``.
    """
    with as_file(files(__package__).joinpath(name)) as found:
        return Path(found)
