"""What the tests of importing share: a registered kind of record and files made of rows."""

import csv
import importlib.util
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
import xlsxwriter

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


@pytest.fixture
def csv_of() -> Callable[..., bytes]:
    """Give a maker of CSV files: ``csv_of([["编号", "名称"], ["1", "甲"]], encoding="gb18030")``."""

    def make(lines, encoding="utf-8", mark=","):
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=mark).writerows(lines)
        return text.getvalue().encode(encoding)

    return make


@pytest.fixture
def xlsx_of() -> Callable[..., bytes]:
    """Give a maker of workbooks of one sheet; ``change(book, sheet)`` adds to it."""

    def make(lines, change=None, options=None):
        buffer = io.BytesIO()
        with xlsxwriter.Workbook(
            buffer, {"in_memory": True, "strings_to_formulas": False, **(options or {})}
        ) as book:
            sheet = book.add_worksheet("数据")
            for at, line in enumerate(lines):
                sheet.write_row(at, 0, line)
            if change:
                change(book, sheet)
        return buffer.getvalue()

    return make
