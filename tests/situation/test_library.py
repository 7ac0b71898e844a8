"""The library opens by name or path, makes what can be made, and says what to do otherwise."""

import os
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tongchou.situation import library, pack
from tongchou.situation.contract import contract
from tongchou.situation.manifest import Manifest
from tongchou.situation.recipes.china2020 import build as recipe
from tongchou.vocabulary.errors import BadInput, CorruptPack, UnknownPack
from tongchou.vocabulary.text import same

NIGHT = date(2020, 2, 10)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Start with an empty library and no received files anywhere."""
    monkeypatch.setenv("TONGCHOU_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("TONGCHOU_DATA", raising=False)
    return tmp_path / "home"


def small(folder: Path, name: str = "county") -> Path:
    """Write a pack of one row."""
    manifest = Manifest(
        name=name,
        title=same("A county"),
        synthetic=False,
        places="china",
        first=NIGHT,
        last=NIGHT,
        licence=same("CC0"),
        sources=(),
    )
    row = {"place": "420100", "date": NIGHT, "known_on": NIGHT, "confirmed": 18454}
    counts = pl.DataFrame([row], schema=contract("case_counts").schema)
    pack.write(folder, manifest, {"case_counts": counts})
    return folder


def test_a_path_is_opened(tmp_path):
    folder = small(tmp_path / "anywhere")
    assert library.open_pack(folder).name == "county"
    assert library.open_pack(str(folder)).as_of().table("case_counts").height == 1


def test_a_folder_in_the_library_is_opened_and_listed_by_its_name(home):
    small(library.pack_folder("county"))
    assert library.open_pack("county").name == "county"
    entry = next(e for e in library.entries() if e.name == "county")
    assert (entry.built, entry.folder, entry.first) == (True, home / "packs" / "county", NIGHT)


def test_an_unknown_name_is_refused_with_what_is_near(home):
    small(library.pack_folder("county"))
    with pytest.raises(UnknownPack) as refused:
        library.open_pack("china202")
    assert refused.value.near == ("china2020",)
    assert "tongchou data list" in refused.value.text()["zh"]


def test_without_any_data_the_real_pack_says_how_to_get_it_and_the_exercise_is_the_default():
    with pytest.raises(UnknownPack) as refused:
        library.open_pack("china2020")
    assert "TONGCHOU_DATA" in refused.value.text()["en"]
    assert "tongchou data pull china2020" in refused.value.text()["zh"]
    assert library.default_pack() == "exercise"


def test_the_exercise_is_made_when_asked_for_once_for_each_seed():
    assert not library.exercise_folder(1).exists()
    opened = library.open_pack("exercise")
    assert opened.whole.origin.synthetic
    assert library.usual_day(opened) == opened.last
    stamp = (library.exercise_folder(1) / "manifest.toml").stat().st_mtime_ns
    library.open_pack("exercise")
    assert (library.exercise_folder(1) / "manifest.toml").stat().st_mtime_ns == stamp
    other = library.open_pack("exercise", seed=2)
    assert other.whole.origin.digests != opened.whole.origin.digests
    assert Path(other.whole.origin.root) == library.exercise_folder(2)


def test_an_exercise_made_by_other_code_is_made_again():
    library.open_pack("exercise")
    (library.exercise_folder(1) / library.MADE_BY).write_text("older", encoding="utf-8")
    library.open_pack("exercise")
    assert (library.exercise_folder(1) / library.MADE_BY).read_text(encoding="utf-8") != "older"


def test_a_damaged_pack_of_the_library_is_refused_not_skipped():
    folder = small(library.pack_folder("county"))
    (folder / "case_counts.parquet").write_bytes(b"")
    with pytest.raises(CorruptPack):
        library.open_pack("county")


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the real received files, where TONGCHOU_DATA named some when the tests began."""
    if not (Path(_NAMED) / "china2020" / "cases_city_daily.csv").exists():
        pytest.skip("TONGCHOU_DATA names no folder with china2020/")
    monkeypatch.setenv("TONGCHOU_DATA", _NAMED)
    return Path(_NAMED) / "china2020"


_NAMED = os.environ.get("TONGCHOU_DATA", "")


@pytest.mark.real
def test_the_real_pack_is_built_once_and_again_when_a_received_file_or_the_recipe_changes(
    data, tmp_path, monkeypatch
):
    # links, so that one file can be taken away without touching the data
    received = tmp_path / "links" / "china2020"
    received.mkdir(parents=True)
    for file in data.iterdir():
        (received / file.name).symlink_to(file)
    monkeypatch.setenv("TONGCHOU_DATA", str(tmp_path / "links"))
    builds = []
    original = recipe.build
    monkeypatch.setattr(recipe, "build", lambda *a: builds.append(a) or original(*a))

    assert library.default_pack() == "china2020"
    opened = library.open_pack("china2020")
    assert library.usual_day(opened) == date(2020, 2, 22)
    library.open_pack("china2020")
    assert len(builds) == 1

    (received / "food_prices_facts.csv").unlink()
    assert not library.open_pack("china2020").as_of().has("prices")
    assert len(builds) == 2

    monkeypatch.setattr(recipe, "recipe_digest", lambda: "another recipe")
    library.open_pack("china2020")
    assert len(builds) == 3


@pytest.mark.real
def test_a_built_pack_is_used_without_its_received_files(data, monkeypatch):
    library.open_pack("china2020")
    monkeypatch.delenv("TONGCHOU_DATA")
    assert library.open_pack("china2020").name == "china2020"
    assert library.default_pack() == "china2020"


@pytest.mark.real
def test_a_damaged_received_file_is_said_and_not_papered_over_with_the_old_pack(
    data, tmp_path, monkeypatch
):
    library.open_pack("china2020")
    received = tmp_path / "links" / "china2020"
    received.mkdir(parents=True)
    for file in data.iterdir():
        (received / file.name).symlink_to(file)
    (received / "food_prices_facts.csv").unlink()
    (received / "food_prices_facts.csv").write_text("changed", encoding="utf-8")
    monkeypatch.setenv("TONGCHOU_DATA", str(tmp_path / "links"))
    with pytest.raises(BadInput, match=r"food_prices_facts\.csv"):
        library.open_pack("china2020")
