from datetime import date, timedelta

import polars as pl
import pytest
from tiering_cubes import days, one

from tongchou.tiering.clusters import find_clusters
from tongchou.tiering.rules import tier_rules
from tongchou.tiering.tiers import assign_tiers

RULES = tier_rules()
START = date(2020, 2, 1)


def cases(*rows):
    return pl.DataFrame(
        [{"place": p, "setting": s, "date": START + timedelta(days=d)} for p, s, d in rows],
        schema={"place": pl.Utf8, "setting": pl.Utf8, "date": pl.Date},
    )


def cluster_day_numbers(rows, n=40):
    found = find_clusters(rows, ["420102"], days(n), RULES)
    return [int(i) for i in found.values[0].nonzero()[0]]


@pytest.mark.parametrize(("gap", "found"), [(0, [3]), (13, [16]), (14, [])])
def test_two_cases_in_one_home_within_fourteen_days_are_a_cluster(gap, found):
    assert cluster_day_numbers(cases(("420102", "home", 3), ("420102", "home", 3 + gap))) == found


def test_two_homes_or_no_known_setting_are_no_cluster():
    assert cluster_day_numbers(cases(("420102", "home a", 3), ("420102", "home b", 4))) == []
    assert cluster_day_numbers(cases(("420102", None, 3), ("420102", None, 4))) == []


def test_clusters_from_the_line_list_decide_between_medium_and_high():
    series = one([60] * 10 + [61, 62])
    apart = find_clusters(
        cases(("420102", "a", 10), ("420102", "b", 11)), ["420102"], days(12), RULES
    )
    together = find_clusters(
        cases(("420102", "a", 10), ("420102", "a", 11)), ["420102"], days(12), RULES
    )
    assert assign_tiers(series, RULES, clusters=apart).row("420102")["tier"] == "medium"
    assert assign_tiers(series, RULES, clusters=together).row("420102")["tier"] == "high"
