"""The prospective space-time permutation scan of the New York fever data, beside what SaTScan prints.

The data are distributed with SaTScan as NYCfever.cas and NYCfever.geo: 194 visits to emergency departments for
fever, 1 to 24 November 2001, by the patient's ZIP code (the example of its user guide and of the R package
rsatscan). Settings of that example: circles up to 3 km and half of the cases, cylinders up to 7 days, at least
2 cases, 999 replicates. The numbers are those of the result page of SaTScan 10.1.2.
"""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tongchou.situation.plain.counts import read_counts
from tongchou.situation.plain.places import read_places
from tongchou.surveillance.detection.scan_places import scan_places

HERE = Path(__file__).parent
END = date(2001, 11, 24)
PRINTED = [
    # centre, places, first day, cases, expected, observed / expected, p
    ("11418", 9, date(2001, 11, 22), 4, 0.67, 5.97, 0.242),
    ("11372", 1, date(2001, 11, 24), 2, 0.16, 12.13, 0.575),
    ("10472", 1, date(2001, 11, 23), 2, 0.29, 6.81, 0.966),
]
MEMBERS_OF_THE_FIRST = [
    "11418",
    "11415",
    "11419",
    "11435",
    "11416",
    "11421",
    "11451",
    "11375",
    "11417",
]
RADIUS_KM, ITS_EARTH_KM, OUR_EARTH_KM = 2.907956749, 6378.1370, 6371.0088


@pytest.fixture(scope="module")
def found():
    counts = read_counts(HERE / "nyc_fever_cases.csv", today=END)
    places = read_places(HERE / "nyc_fever_places.csv")
    return scan_places(
        counts.cases, places.points, share=0.5, radius_km=3 * OUR_EARTH_KM / ITS_EARTH_KM,
        longest=7, alpha=0.05, rng=np.random.default_rng(20011124),
    )  # fmt: skip


def test_the_three_clusters_it_lists_are_our_first_three(found):
    assert found.total == 194
    for row, (centre, places, first, cases, expected, ratio, _) in zip(
        found.clusters.to_dicts(), PRINTED, strict=False
    ):
        assert (row["centre"], row["places"], row["first"], row["last"]) == (
            centre,
            places,
            first,
            END,
        )
        assert row["observed"] == cases
        assert round(row["expected"], 2) == expected
        assert row["observed"] / row["expected"] == pytest.approx(ratio, abs=0.00501)


def test_the_first_has_the_same_places_in_the_same_order_and_the_same_circle(found):
    assert found.members.filter(pl.col("cluster") == 1)["place"].to_list() == MEMBERS_OF_THE_FIRST
    # It measures on a sphere of the equator's radius.
    assert found.clusters["radius_km"][0] * ITS_EARTH_KM / OUR_EARTH_KM == pytest.approx(
        RADIUS_KM, abs=1e-4
    )


def test_p_values_agree_within_the_noise_of_its_replicates(found):
    assert found.alarms.height == 0
    for ours, (*_, theirs) in zip(found.clusters["p_value"], PRINTED, strict=False):
        # It stopped early, at 50 replicates above the first cluster: 50 / 0.242 is about 206 replicates.
        noise = np.sqrt(theirs * (1 - theirs) * (1 / 206 + 1 / 999))
        assert ours == pytest.approx(theirs, abs=3 * noise)
