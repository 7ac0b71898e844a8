"""The hand-made order and its geography, for every test of a document."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tongchou.morning.documents.tier_map import Shapes
from tongchou.morning.order import Order


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def sample() -> ModuleType:
    return _load("sample_order")


@pytest.fixture(scope="session")
def order(sample: ModuleType) -> Order:
    made: Order = sample.sample_order()
    return made


@pytest.fixture(scope="session")
def geography(sample: ModuleType) -> Shapes:
    made: Shapes = sample.sample_shapes()
    return made
