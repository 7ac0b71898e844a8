"""What the tests of importing share: a registered kind of record."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tongchou.station.exchange import registry
from tongchou.station.exchange.importable import Importable

HERE = Path(__file__).parent


def load_units_kind() -> ModuleType:
    found = importlib.util.spec_from_file_location("units_kind", HERE / "units_kind.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.fixture
def units_kind() -> Iterator[Importable]:
    """Register units as something that can be imported."""
    made = load_units_kind().kind()
    registry.register_importable(made)
    yield made
    registry._importables.pop(made.name)
