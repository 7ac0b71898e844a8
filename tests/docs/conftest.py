"""The tools that make the pages, loaded as the Makefile runs them."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def make_docs() -> Iterator[ModuleType]:
    sys.path.insert(0, str(ROOT / "tools"))
    import make_docs

    yield make_docs
    sys.path.remove(str(ROOT / "tools"))
