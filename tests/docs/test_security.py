"""The page on security names every item of ASVS 5.0.0 levels 1 and 2 once, and tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
LEVELS_1_AND_2 = {
    line.split(",")[0]
    for line in Path(__file__).with_name("asvs.csv").read_text(encoding="utf-8").splitlines()[1:]
}


def rows() -> list[list[str]]:
    lines = PAGE.read_text(encoding="utf-8").partition("## 逐项")[2].splitlines()
    return [line.strip("|").split("|") for line in lines if re.match(r"\| \d", line)]


def test_every_item_of_both_levels_stands_once():
    named = [item.strip() for row in rows() for item in row[0].split(",")]
    assert len(named) == len(set(named))
    assert set(named) == LEVELS_1_AND_2
    assert len(named) == 253


def test_verdicts_are_of_the_four_kinds():
    kinds = {"是 yes", "部分 part", "部署 operator", "无 none"}
    assert {row[1].strip() for row in rows()} == kinds


def test_every_test_named_exists():
    missing = []
    for place in re.findall(r"`(tests/[^`]+)`", PAGE.read_text(encoding="utf-8")):
        path, _, name = place.partition("::")
        file = ROOT / path
        if not file.is_file() or (name and f"def {name}(" not in file.read_text(encoding="utf-8")):
            missing.append(place)
    assert missing == []
