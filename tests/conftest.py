"""What every room's tests may use: a small exercise, and the real pack where the data are at hand."""

import os
from pathlib import Path

import pytest

from tongchou.situation import exercise
from tongchou.situation.pack import Pack, open_folder


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
def china2020(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """Build the real pack from the received files into a folder of the tests."""
    named = os.environ.get("TONGCHOU_DATA")
    if not named or not (Path(named) / "china2020").is_dir():
        pytest.skip("TONGCHOU_DATA names no folder with china2020")
    from tongchou.situation.recipes.china2020.build import build

    folder = tmp_path_factory.mktemp("packs") / "china2020"
    build(Path(named) / "china2020", folder)
    return open_folder(folder)
