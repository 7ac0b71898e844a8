"""Real tables for tests marked ``real``."""

import os
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest


@pytest.fixture
def china2020() -> Callable[[str], pl.DataFrame]:
    """Give a reader of the tables of china2020, all columns as text."""
    named = os.environ.get("TONGCHOU_DATA")
    folder = Path(named or "") / "china2020"
    if not named or not folder.is_dir():
        pytest.skip("TONGCHOU_DATA names no china2020")
    return lambda name: pl.read_csv(folder / name, infer_schema=False)
