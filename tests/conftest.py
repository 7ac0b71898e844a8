"""What every room's tests may use: a small exercise, files made of rows, and the real pack where the data are at hand."""

import csv
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import xlsxwriter
from hypothesis import HealthCheck, settings

from tongchou.situation import exercise
from tongchou.situation.pack import Pack, open_folder

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# No test is a stopwatch, and two runs of the same code say the same. New examples are sought on
# purpose: ``pytest --hypothesis-profile=search``.
settings.register_profile(
    "house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "search",
    deadline=None,
    derandomize=False,
    max_examples=500,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")


DRILL_SECONDS = 900


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give drills the time that they need where other things run too."""
    for item in items:
        if item.get_closest_marker("drill") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(DRILL_SECONDS))


@pytest.fixture(scope="session")
def exercise_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a province of 200,000 with five hospitals: every table of the contract, in a moment."""
    folder = tmp_path_factory.mktemp("packs") / "tiny"
    exercise.make(folder, 1, province="640000", population=200_000, hospitals=5)
    return folder


@pytest.fixture(scope="session")
def exercise_pack(exercise_folder: Path) -> Pack:
    return open_folder(exercise_folder)


@pytest.fixture(scope="session")
def exercise_order(exercise_pack: Pack):
    """Give the order of the last day of the small exercise, made once."""
    from tongchou.morning.run import order_of_the_day

    return order_of_the_day(exercise_pack, exercise_pack.last)


@pytest.fixture(scope="session")
def china2020(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """Build the real pack from the received files into a folder of the tests."""
    named = os.environ.get("TONGCHOU_DATA")
    if not named or not (Path(named) / "china2020").is_dir():
        pytest.skip("TONGCHOU_DATA names no folder with china2020")
    from tongchou.situation.recipes.china2020.build import build

    folder = tmp_path_factory.mktemp("packs") / "china2020"
    build(Path(named) / "china2020", folder)
    return open_folder(folder)


CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 30_000
"""Milliseconds that a page may take on a machine that does other things too."""


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Start chromium for the browser tests of a file; without it they are skipped.

    Once for a file, not for all: as long as it is open its event loop runs in this thread, which
    tests that know nothing of a browser must not meet.
    """
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}: apt-get install chromium fonts-noto-cjk")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as driver:
        # what we call beside playwright's loop is ordinary blocking code
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        opened = driver.chromium.launch(
            executable_path=str(CHROMIUM), args=list(QUIET), timeout=4 * PATIENCE
        )
        yield opened
        opened.close()


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
