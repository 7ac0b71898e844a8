"""Population flow drives spatio-temporal distribution of COVID-19 in China: who left Wuhan, and where cases followed.

Jia JS, Lu X, Yuan Y, Xu G, Jia J, Christakis NA. Nature 2020;582:389, doi 10.1038/s41586-020-2284-y.
11,478,484 counts of people leaving or crossing Wuhan, 1–24 January 2020; their correlation with cumulative confirmed cases of
the prefectures rises from 0.522 on 24 January to 0.919 on 5 February and 0.952 on 19 February (text, fig. 2).
"""

import os
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tongchou.situation.recipes.china2020.mobility import mobility
from tongchou.transmission.mobility.flows import daily_flows
from tongchou.vocabulary.places import china

pytestmark = pytest.mark.real

COUNTED = 11_478_484
CORRELATIONS = {date(2020, 1, 24): 0.522, date(2020, 2, 5): 0.919, date(2020, 2, 19): 0.952}
CODES = {"adcode": pl.String}


@pytest.fixture(scope="module")
def folder() -> Path:
    found = Path(os.environ.get("TONGCHOU_DATA", ""), "china2020")
    if not (found / "city_facts.csv").is_file():
        pytest.skip("TONGCHOU_DATA names no folder with china2020")
    return found


@pytest.fixture(scope="module")
def counted(folder) -> pl.DataFrame:
    facts = pl.read_csv(folder / "city_facts.csv", schema_overrides=CODES)
    return facts.select("adcode", count="unicom_wuhan_outflow_20200101_0124").drop_nulls()


@pytest.fixture(scope="module")
def carried(folder) -> pl.DataFrame:
    """Give people from Wuhan by destination, 1–24 January, as our flows have them."""
    index = pl.read_csv(folder / "mobility_index_city_daily.csv", schema_overrides=CODES)
    table = mobility(folder / "mobility_od_outflow_share_2020.parquet", index)
    table = table.filter((pl.col("date") < date(2020, 1, 25)) & (pl.col("origin") == "420100"))
    units = [p.code for p in china().reporting_units("prefecture")]
    flows = daily_flows(table, units, np.datetime64("2020-01-01") + np.arange(24))
    where = [units[j] for j in flows.destination]
    return pl.DataFrame({"adcode": where, "persons": flows.persons.sum(axis=1)})


def with_cases(folder, frame, day):
    cases = pl.read_csv(folder / "cases_prefecture_panel.csv", schema_overrides=CODES, try_parse_dates=True)  # fmt: skip
    return frame.join(cases.filter(pl.col("date") == day), on="adcode").filter(pl.col("adcode") != "420100")  # fmt: skip


@pytest.mark.parametrize(("day", "published"), CORRELATIONS.items())
def test_the_correlation_of_the_count_with_cases_is_the_published_one(
    folder, counted, day, published
):
    both = with_cases(folder, counted, day)
    assert np.corrcoef(both["count"], both["confirmed"])[0, 1] == pytest.approx(published, abs=5e-4)


def test_our_people_leaving_wuhan_are_as_many_as_were_counted(carried, counted):
    assert counted["count"].sum() == COUNTED
    assert carried["persons"].sum() == pytest.approx(COUNTED, rel=0.05)


def test_our_destinations_are_those_counted(carried, counted):
    both = counted.join(carried, on="adcode").filter(pl.col("persons") > 0)
    assert np.corrcoef(both["count"], both["persons"])[0, 1] > 0.95


def test_our_flows_foretell_cases_as_well_as_the_count_does(folder, carried, counted):
    shared = carried.join(counted, on="adcode")
    for day in list(CORRELATIONS)[1:]:
        both = with_cases(folder, shared, day)
        ours, theirs = (np.corrcoef(both[c], both["confirmed"])[0, 1] for c in ("persons", "count"))
        assert ours > theirs
