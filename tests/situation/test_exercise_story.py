"""On the last night of an exercise every tier and every gap of the morning has an example."""

from collections import defaultdict
from datetime import timedelta

import polars as pl
import pytest

from tongchou.situation.contract import contract
from tongchou.situation.exercise import exercise
from tongchou.situation.situation import known_at
from tongchou.vocabulary.places import china

SEEDS = [1, 2, 3, 4, 5]


@pytest.fixture(scope="module", params=SEEDS)
def night(request):
    manifest, tables, _, _ = exercise(
        request.param, province="640000", population=200_000, hospitals=5, gazetteer=china()
    )
    return manifest.last, {n: known_at(f, contract(n), manifest.last) for n, f in tables.items()}


def tier_of(dates, clusters, last):
    """Restate the published rule: first low, then high, else medium."""
    new = [d for d in dates if (last - d).days < 14]
    if not dates or not new:
        return "low"
    clustered = any(
        (later - earlier).days < 14 and (last - later).days < 14
        for days in clusters.values()
        for i, earlier in enumerate(sorted(days))
        for later in sorted(days)[i + 1 :]
    )
    return "high" if len(dates) > 50 and clustered else "medium"


def histories(night):
    last, tables = night
    dates = {
        p: []
        for p in tables["places"].filter(pl.col("level") == "county")["place"]
        if p[:2] == "64"
    }
    clusters = defaultdict(lambda: defaultdict(list))
    rows = tables["cases"].filter(pl.col("confirmed_on").is_not_null())
    for place, cluster, day in rows.select("place", "cluster_id", "confirmed_on").iter_rows():
        dates[place].append(day)
        if cluster:
            clusters[place][cluster].append(day)
    return last, dates, clusters


def test_every_tier_has_a_county(night):
    last, dates, clusters = histories(night)
    tiers = {p: tier_of(d, clusters[p], last) for p, d in dates.items()}
    assert set(tiers.values()) == {"low", "medium", "high"}
    low = [dates[p] for p, t in tiers.items() if t == "low"]
    assert any(not d for d in low), "a county that never had a case"
    assert any(d for d in low), "a county with fourteen clean days"


def test_a_county_ignites_again_after_fourteen_clean_days(night):
    last, dates, _ = histories(night)
    again = [
        p
        for p, d in dates.items()
        if d and (last - max(d)).days < 14
        and any((b - a).days > 14 for a, b in zip(sorted(d), sorted(d)[1:], strict=False))
    ]  # fmt: skip
    assert again


def test_somebody_confirmed_waits_for_a_bed_longer_than_a_day(night):
    last, tables = night
    waiting = tables["cases"].filter(
        pl.col("confirmed_on").is_not_null() & pl.col("admitted_on").is_null()
    )
    assert ((last - waiting["confirmed_on"]) > timedelta(days=1)).any()
    assert waiting["facility_id"].is_null().all()


def test_somebody_suspected_is_not_tested(night):
    _, tables = night
    open_ = tables["cases"].filter(pl.col("sampled_on").is_null() & pl.col("excluded_on").is_null())
    assert open_.height >= 2


def test_some_contacts_are_not_placed(night):
    last, tables = night
    loose = tables["contacts"].filter(
        (pl.col("setting") != "arrival")
        & pl.col("placed_on").is_null()
        & (pl.col("release_due") > last)
    )
    assert loose.height >= 1


def test_some_arrivals_are_not_watched_and_most_are(night):
    last, tables = night
    arrivals = tables["contacts"].filter(
        (pl.col("setting") == "arrival") & (pl.col("release_due") > last)
    )
    loose = arrivals["placed_on"].null_count()
    assert 2 <= loose < 0.25 * arrivals.height


def test_no_county_watches_more_arrivals_than_came_to_it_from_a_higher_tier(night):
    """Tiers by the plain rule restated above, trips from the table of travel.

    From the day on which fourteen days lie within the records: earlier the exercise counts from
    its first day, the line list from before.
    """
    _, tables = night
    _, dates, clusters = histories(night)
    rank = {"low": 0, "medium": 1, "high": 2}
    days = sorted(set(tables["mobility"]["date"]))[14:]
    tier = {
        (p, day): rank[
            tier_of(
                [d for d in found if d <= day],
                {k: [d for d in ds if d <= day] for k, ds in clusters[p].items()},
                day,
            )
        ]
        for p, found in dates.items()
        for day in days
    }
    came: dict[tuple[str, object], float] = defaultdict(float)
    trips = tables["mobility"].filter(
        pl.col("date").is_in(days)
        & pl.col("origin").is_in(list(dates))
        & pl.col("destination").is_in(list(dates))
    )
    for origin, to, day, persons in trips.select(
        "origin", "destination", "date", "persons"
    ).iter_rows():
        if tier[origin, day] > tier[to, day]:
            came[to, day] += persons
    arrivals = tables["contacts"].filter(pl.col("setting") == "arrival")
    watched = (
        arrivals.filter(pl.col("exposed_on").is_in(days)).group_by("place", "exposed_on").len()
    )
    assert watched.height > 20
    for place, day, number in watched.iter_rows():
        assert number <= came[place, day], (place, day)


def test_a_county_is_silent(night):
    last, tables = night
    latest = tables["case_counts"].group_by("place").agg(pl.col("date").max())
    assert latest.filter(pl.col("date") < last)["date"].to_list() == [last - timedelta(days=2)]


def test_measures_are_expired_unfounded_and_above_tier(night):
    last, tables = night
    on = tables["measures"].filter(pl.col("lifted_on").is_null())
    assert on.filter(pl.col("expires_on") < last).height >= 1
    assert on.filter(pl.col("legal_basis").is_null()).height >= 1
    last, dates, clusters = histories(night)
    strict = on.filter(pl.col("kind") == "venue_closure")["place"]
    assert any(tier_of(dates[p], clusters[p], last) == "low" for p in strict)


def test_payments_are_unpaid_and_paid_late(night):
    last, tables = night
    payments = tables["payments"]
    assert payments.filter(pl.col("paid_on").is_null() & (pl.col("due_on") < last)).height >= 1
    assert payments.filter(pl.col("paid_on") > pl.col("due_on")).height >= 1


def test_a_shipment_is_held_up_on_the_road(night):
    _, tables = night
    held = tables["shipments"].filter(
        pl.col("blocked_at").is_not_null() & pl.col("arrived_on").is_null()
    )
    assert "protective_suit" in held["item"].to_list()


def test_a_hospital_is_below_three_days_of_protective_suits(night):
    last, tables = night
    week = tables["stocks"].filter(
        (pl.col("item") == "protective_suit") & (pl.col("date") > last - timedelta(days=7))
    )
    use = week.group_by("facility_id").agg(use=pl.col("daily_use").mean())
    now = week.filter(pl.col("date") == last).join(use, on="facility_id").filter(pl.col("use") > 0)
    hospitals = tables["facilities"].filter(pl.col("kind").is_in(["designated", "general"]))
    care = now.filter(pl.col("facility_id").is_in(hospitals["facility_id"].implode()))
    assert (care["quantity"] / care["use"]).min() < 3


def test_food_prices_pass_the_threshold_in_a_prefecture(night):
    _, tables = night
    food = tables["prices"].filter(pl.col("item") == "food_cpi")
    assert ((food["price"] / food["price_year_before"]) >= 1.06).any()
    assert tables["payments"].filter(pl.col("scheme") == "price_subsidy").height >= 1


def test_a_donation_lies_idle_and_one_is_not_published(night):
    _, tables = night
    assert tables["donations"]["allocated_on"].null_count() >= 1
    assert tables["donations"]["published_on"].null_count() >= 1


def test_visits_are_overdue(night):
    last, tables = night
    visits = tables["visits"]
    assert visits.filter(pl.col("done_on").is_null() & (pl.col("due_on") < last)).height >= 1


def test_a_chain_is_blocked_by_its_supplier(night):
    last, tables = night
    firms = tables["enterprises"].filter(pl.col("date") == last)
    stuck = firms.filter(pl.col("blocked_by") == "material")
    supplier = stuck.join(firms, left_on="supplier_id", right_on="enterprise_id", suffix="_there")
    assert stuck.height == supplier.height >= 1
    assert (supplier["staff_back_there"] < supplier["staff_there"]).all()


def test_aid_teams_of_other_provinces_have_come(night):
    last, tables = night
    teams = tables["staff_teams"].filter(pl.col("date") == last)
    assert teams["home_place"].drop_nulls().n_unique() >= 2
    assert teams.filter(pl.col("staff_over_hours") > 0).height > 0


def test_delays_shorten_and_more_cases_are_found_inside():
    """A large exercise, so that the halves differ by more than chance."""
    _, tables, _, _ = exercise(1, gazetteer=china())
    cases = tables["cases"].filter(pl.col("confirmed_on").is_not_null()).sort("onset_on")
    half = cases.height // 2
    early, late = cases[:half], cases[half : half + half // 2]
    delay = [(f["confirmed_on"] - f["onset_on"]).dt.total_days().mean() for f in (early, late)]
    assert delay[1] < 0.85 * delay[0]
    assert late["found_inside"].mean() > 1.5 * early["found_inside"].mean()
    assert 0.01 < cases["health_worker"].mean() < 0.1
