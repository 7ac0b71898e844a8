"""The table of mechanisms says only what is there: every place it names exists."""

import ast
import csv
import re
from functools import cache
from pathlib import Path

import pytest

from tongchou import reference

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "mechanisms.md"
COLUMNS = ("id", "phrase", "meaning", "code", "page", "test", "how")
OPENED = [
    "M001",
    "M002",
    "M003",
    "M005",
    "M006",
    "M007",
    "M009",
    "M010",
    "M013",
    "M014",
    "M019",
    "M022",
    "M024",
    "M036",
    "M043",
    "M046",
    "M047",
    "M048",
    "M056",
    "M064",
    "M067",
    "M068",
    "M069",
    "M070",
    "M098",
    "M099",
    "M100",
    "M108",
    "M109",
]


@cache
def rows() -> tuple[dict[str, str], ...]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    cells = [line.strip("|").split("|") for line in lines if re.match(r"\| M\d", line)]
    assert all(len(c) == len(COLUMNS) for c in cells), "a row has too few or too many cells"
    return tuple(dict(zip(COLUMNS, map(str.strip, c), strict=True)) for c in cells)


def names_in(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@cache
def defined_in(path: Path) -> set[str]:
    """Give the names that a module defines at its top."""
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {t.id for t in node.targets if isinstance(t, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return found


def what_is_wrong(place: str) -> str | None:
    path, _, name = place.partition("::")
    if not (ROOT / path).is_file():
        return f"{place}: there is no such file"
    if name and name not in defined_in(ROOT / path):
        return f"{place}: the file defines no {name}"
    return None


def test_every_id_of_the_register_stands_once_with_its_own_words():
    with reference.path("mechanisms.csv").open(encoding="utf-8", newline="") as handle:
        register = [(r["id"], r["phrase_zh"], r["meaning_en"]) for r in csv.DictReader(handle)]
    assert [(r["id"], r["phrase"], r["meaning"]) for r in rows()] == register
    assert len(register) == 110


@pytest.mark.parametrize("column", ["code", "test"])
def test_every_place_named_exists(column):
    wrong = [what_is_wrong(place) for row in rows() for place in names_in(row[column])]
    assert [w for w in wrong if w] == []


def test_code_is_named_under_src_and_tests_under_tests():
    for row in rows():
        assert all(p.startswith("src/tongchou/") for p in names_in(row["code"])), row["id"]
        assert all(p.startswith("tests/") and "::test_" in p for p in names_in(row["test"])), row[
            "id"
        ]


def test_every_page_named_exists():
    for row in rows():
        for link in re.findall(r"\]\(([^)]+)\)", row["page"]):
            assert (PAGE.parent / link).is_file(), f"{row['id']}: {link}"


def test_what_this_stage_opened_has_code_page_and_test():
    by_id = {row["id"]: row for row in rows()}
    for id in OPENED:
        assert all(by_id[id][column] for column in ("code", "page", "test", "how")), id


def test_a_row_says_how_far_it_is_if_and_only_if_it_has_code():
    for row in rows():
        stands = row["how"] == "stands" or row["how"].startswith("thin: ")
        assert stands == bool(row["code"]), row["id"]
        assert row["how"] != "stands" or row["test"], f"{row['id']} stands without a test"


def test_a_false_place_would_be_found():
    assert what_is_wrong("src/tongchou/morning/run.py::order_of_the_day") is None
    assert what_is_wrong("src/tongchou/morning/run.py::magic") is not None
    assert what_is_wrong("src/tongchou/morning/wand.py") is not None
