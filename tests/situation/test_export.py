"""A table leaves the house whole, part by part, as it was known that night."""

import io
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from tongchou.situation import pack
from tongchou.situation.contract import contract
from tongchou.situation.export import slices, write_csv
from tongchou.situation.manifest import Manifest
from tongchou.vocabulary.errors import MissingData
from tongchou.vocabulary.text import same

FIRST = date(2020, 2, 10)


@pytest.fixture
def opened(tmp_path: Path) -> pack.Pack:
    """Write a pack of five days with a revision, and a table that is not kept by day."""
    manifest = Manifest(
        name="small",
        title=same("small"),
        synthetic=True,
        places="china",
        first=FIRST,
        last=FIRST + timedelta(days=4),
        licence=same("CC0"),
        sources=(),
    )
    days = [FIRST + timedelta(days=i) for i in range(5)]
    counts = [
        {"place": p, "date": d, "known_on": d + timedelta(days=lag), "confirmed": 10 * i + lag}
        for i, d in enumerate(days)
        for p in ("420100", "420200")
        for lag in (0, 1)
    ]
    measures = [
        {
            "measure_id": f"M{i}",
            "place": "420100",
            "kind": "venue_closure",
            "known_on": d,
            "start_on": d,
        }
        for i, d in enumerate(days)
    ]
    tables = {
        "case_counts": pl.DataFrame(counts, schema=contract("case_counts").schema),
        "measures": pl.DataFrame(measures, schema=contract("measures").schema),
    }
    pack.write(tmp_path / "small", manifest, tables)
    return pack.open_folder(tmp_path / "small")


@pytest.mark.parametrize("table", ["case_counts", "measures"])
@pytest.mark.parametrize("night", [FIRST, FIRST + timedelta(days=3)])
def test_the_parts_are_together_what_was_known_that_night(opened, table, night):
    situation = opened.as_of(night)
    key = list(contract(table).key)
    together = pl.concat(slices(situation, table)).sort(key)
    assert together.equals(situation.table(table).sort(key))


def test_a_table_kept_by_day_comes_a_day_at_a_time(opened):
    parts = list(slices(opened.as_of(), "case_counts"))
    assert [p["date"].unique().to_list() for p in parts] == [
        [FIRST + timedelta(days=i)] for i in range(5)
    ]


def test_the_file_read_again_is_the_table(opened):
    out = io.BytesIO()
    situation = opened.as_of()
    assert write_csv(slices(situation, "case_counts"), out) == 10
    again = pl.read_csv(out.getvalue(), schema=contract("case_counts").schema)
    assert again.sort("place", "date").equals(situation.table("case_counts").sort("place", "date"))


@pytest.mark.parametrize("table", ["stocks", "prices"])
def test_a_table_of_which_nothing_is_known_is_missing(opened, table):
    with pytest.raises(MissingData, match=table):
        next(slices(opened.as_of(), table))
