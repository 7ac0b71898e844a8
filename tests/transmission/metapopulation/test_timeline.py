"""Timelines: what is in force where and when, and that everything ends."""

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongchou.situation.contract import contract
from tongchou.transmission.metapopulation.disease import disease
from tongchou.transmission.metapopulation.entries import (
    Entry,
    measure_kinds,
    recorded_entries,
    tier_package,
    tiers,
)
from tongchou.transmission.metapopulation.hazards import isolation_hazard
from tongchou.transmission.metapopulation.levers import (
    MULTIPLIED,
    combined,
    levers,
)
from tongchou.transmission.metapopulation.timeline import TARGETS, timeline
from tongchou.transmission.metapopulation.world import Days
from tongchou.vocabulary.distributions import Gamma
from tongchou.vocabulary.errors import BadParameter, UnknownPlace
from tongchou.vocabulary.measure import UnknownMeasure, measures

COVID = disease("covid2020")
FIRST = date(2020, 1, 20)
PLACES = ["A", "B", "C"]


def entry(what="close_schools", places=("A",), start=0, last=2, strength=1.0):
    return Entry(
        what=what,
        places=tuple(places),
        start=FIRST + timedelta(days=start),
        until=FIRST + timedelta(days=last),
        strength=strength,
    )


def lay(*entries, days=6, **options):
    return timeline(entries, PLACES, FIRST, days, COVID, **options).effects


def test_in_force_from_the_first_day_to_the_last():
    school = lay(entry(start=1, last=3), entry(places=("B",), start=-5, last=0))["school"]
    assert school.dims == ("date", "place")
    assert school.sel(place="A").to_numpy().tolist() == [1, 0, 0, 0, 1, 1]
    assert school.sel(place="B").to_numpy().tolist() == [0, 1, 1, 1, 1, 1]
    assert school.sel(place="C").to_numpy().tolist() == [1] * 6


def test_a_measure_without_an_end_is_refused_and_one_with_a_review_lapses():
    with pytest.raises(BadParameter, match="end"):
        Entry(what="masks", places=("A",), start=FIRST)
    reviewed = Entry(
        what="close_schools", places=("A",), start=FIRST, review=FIRST + timedelta(days=1)
    )
    assert lay(reviewed)["school"].sel(place="A").to_numpy().tolist() == [0, 0, 1, 1, 1, 1]
    both = Entry(
        what="close_schools",
        places=("A",),
        start=FIRST,
        until=FIRST + timedelta(days=9),
        review=FIRST,
    )
    assert both.last == FIRST


def test_the_package_of_a_tier():
    effects = lay(entry("high", strength=0.5))
    alone = combined(dict.fromkeys(tier_package("high"), 0.5), COVID)
    for name in TARGETS:
        assert float(effects[name].isel(date=0).sel(place="A")) == getattr(alone, name)


def test_packages_grow_with_the_tier():
    low, medium, high = (set(tier_package(t)) for t in tiers())
    assert tiers() == ("low", "medium", "high")
    assert low < medium < high | {"protect_work"}
    assert set(measure_kinds().values()) <= set(levers()) == set(measures())


def test_a_province_stands_for_what_is_in_it():
    effects = lay(entry(places=("P",)), within={"A": ("P",), "B": ("P", "Q")})
    assert effects["school"].isel(date=0).to_numpy().tolist() == [0, 0, 1]


def test_the_stronger_of_two_counts():
    twice = lay(entry(strength=0.3), entry(strength=0.8))["school"].isel(date=0)
    assert float(twice.sel(place="A")) == pytest.approx(0.2)


def test_isolation_grows_faster_from_one_week_to_the_next():
    # Zhang and others 2020: from onset to admission 4.4 days before 28 January and 2.6 after.
    slow, fast = Gamma(mean=4.4, sd=3.5), Gamma(mean=2.6, sd=2.5)
    weeks = [
        replace(entry("isolate_cases", start=0, last=2), delay=slow),
        replace(entry("isolate_cases", start=2, last=4), delay=fast),
    ]
    hazard = lay(*weeks)["isolate"].sel(place="A").to_numpy()
    found = levers()["isolate_cases"][0].value
    expected = [isolation_hazard(d, found, 1 / COVID.symptomatic_days) for d in (slow, fast)]
    # On day 2, when both stand, the faster one counts.
    assert hazard == pytest.approx([expected[i] for i in (0, 0, 1, 1, 1)] + [0.0])
    with pytest.raises(BadParameter, match="delay"):
        replace(entry("masks"), delay=fast)


def test_what_acts_inside_places_and_on_journeys():
    laid = timeline([entry("high")], PLACES, FIRST, 4, COVID)
    assert set(laid.inside.data_vars) <= {*Days._fields, "transmissibility"}
    assert set(laid.inside.data_vars) | set(laid.journeys.data_vars) == set(TARGETS)


def test_nothing_in_force():
    effects = lay()
    assert all(float(effects[t].min()) == 1.0 for t in MULTIPLIED)
    assert float(effects["isolate"].max()) == 0.0


entries = st.builds(
    entry,
    what=st.sampled_from([*sorted(levers()), "low", "medium", "high"]),
    places=st.lists(st.sampled_from(PLACES), min_size=1, max_size=3, unique=True),
    start=st.integers(-3, 3),
    last=st.integers(3, 9),
    strength=st.floats(0, 1),
)


@given(laid=st.lists(entries, max_size=5), more=entries)
@settings(max_examples=40)
def test_order_is_nothing_and_one_more_never_opens(laid, more):
    before = lay(*laid)
    assert lay(*reversed(laid)).identical(before)
    after = lay(*laid, more)
    for t in MULTIPLIED:
        assert float(after[t].min()) >= 0.0
        assert (after[t] <= before[t] + 1e-12).all()
    assert (after["isolate"] >= before["isolate"] - 1e-12).all()


def row(kind="school_closure", known=0, start=0, expires=None, lifted=None, place="A"):
    def day(n):
        return None if n is None else FIRST + timedelta(days=n)

    return {
        "measure_id": f"{kind}-{known}-{start}",
        "place": place,
        "kind": kind,
        "known_on": day(known),
        "start_on": day(start),
        "expires_on": day(expires),
        "lifted_on": day(lifted),
    }


def table(*rows):
    full = [dict.fromkeys(contract("measures").schema) | r for r in rows]
    return pl.DataFrame(full, schema=contract("measures").schema)


def test_the_table_of_measures_as_known_on_a_day():
    recorded = table(
        row(expires=9, lifted=3),
        row(known=5, place="B"),
        row("outbound_control", start=1, place="C"),
        row("risk_information"),
    )
    found, notes = recorded_entries(recorded, FIRST + timedelta(days=4))
    assert [(e.what, e.places, (e.last - FIRST).days) for e in found] == [
        ("close_schools", ("A",), 2),
        ("control_exits", ("C",), 18),
    ]
    assert "risk_information" in notes[0].en
    # The lifting on day 3 was not known on day 2: the measure still stood to run out on day 9.
    early, _ = recorded_entries(recorded, FIRST + timedelta(days=2))
    assert (early[0].last - FIRST).days == 9


def test_a_measure_lifted_before_it_started_was_never_in_force():
    assert recorded_entries(table(row(start=3, lifted=3)), FIRST + timedelta(days=5))[0] == ()


def test_bad_input_is_refused():
    with pytest.raises(UnknownMeasure, match="curfew"):
        lay(entry("curfew", start=50, last=60))
    with pytest.raises(UnknownPlace, match="Z"):
        lay(entry(places=("Z",)))
    with pytest.raises(BadParameter, match="starts"):
        entry(start=3, last=1)
    with pytest.raises(BadParameter, match="strength"):
        entry(strength=1.5)


@pytest.mark.real
def test_the_measures_of_2020(china2020):
    recorded = china2020.whole.table("measures")
    found, notes = recorded_entries(recorded, date(2020, 2, 20))
    assert len(found) == recorded.filter(pl.col("known_on") <= date(2020, 2, 20)).height
    assert notes == ()
    places = sorted({p for e in found for p in e.places})
    leave = timeline(found, places, date(2020, 1, 20), 30, COVID).effects["leave"]
    assert float(leave.sel(place="420100", date="2020-01-22")) == 1.0
    assert float(leave.sel(place="420100", date="2020-01-23")) <= 0.1
