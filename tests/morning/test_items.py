"""Every item that a pack can hold has a name and a unit in both languages."""

from pathlib import Path

import pytest

from tongchou.morning.records import item_name
from tongchou.situation import library
from tongchou.situation.exercise import exercise
from tongchou.situation.exercise.settings import rows
from tongchou.vocabulary.fact_table import packaged
from tongchou.vocabulary.places import china

TABLES = ("stocks", "shipments", "production", "prices", "donations")
KINDS = {"protection", "testing", "equipment", "money", "food", "price_index"}


def named() -> set[str]:
    return set(packaged("items")["item"])


def test_each_row_has_name_unit_kind_source_and_confidence_and_no_name_stands_twice():
    table = packaged("items")
    assert table.null_count().sum_horizontal().item() == 0
    for column in ("item", "zh", "en"):
        assert table[column].is_unique().all(), column
    assert set(table["kind"]) == KINDS
    assert set(table["confidence"]) <= {"high", "medium", "low", "assumption"}


def test_every_item_of_an_exercise_has_a_name():
    tables = exercise(1, province="640000", population=200_000, hospitals=5, gazetteer=china())[1]
    for name in TABLES:
        assert set(tables[name]["item"]) <= named(), name


@pytest.mark.parametrize("table", ["planning/supply_floors", "economy/price_thresholds"])
def test_every_rule_about_an_item_speaks_of_an_item_that_has_a_name(table):
    assert set(packaged(table)["item"]) - {"default"} <= named()


def test_a_price_is_in_yuan_a_unit_of_its_item():
    units = dict(packaged("items").select("item", "unit_en").iter_rows())
    for row in rows("prices"):
        unit = units[row["item"]]
        assert row["unit"] == (unit if unit == "index" else f"CNY/{unit}"), row


def test_an_item_without_a_row_is_shown_by_its_code():
    assert item_name("oxygen_cylinder").as_dict() == {
        "zh": "oxygen_cylinder",
        "en": "oxygen_cylinder",
    }


@pytest.mark.real
def test_every_item_of_the_real_pack_has_a_name_and_its_price_the_unit_of_the_item(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    if library.received_folder("china2020") is None:
        pytest.skip("TONGCHOU_DATA names no folder with china2020/")
    monkeypatch.setenv("TONGCHOU_HOME", str(tmp_path))
    prices = library.open_pack("china2020").whole.table("prices")
    units = dict(packaged("items").select("item", "unit_en").iter_rows())
    seen = prices.select("item", "unit").unique()
    assert seen.height >= 9
    for item, unit in seen.iter_rows():
        assert unit == f"CNY/{units[item]}"
