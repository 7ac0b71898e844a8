"""Alerts on real nights, and the way from each to its rows."""

import re
from datetime import date

import numpy as np
import pytest

from tongchou.morning.documents import html
from tongchou.morning.picture import Picture, assess
from tongchou.morning.proposals.alerts import leading
from tongchou.morning.proposals.spread import spreading
from tongchou.morning.run import order_of_the_day
from tongchou.morning.surveillance.alerts import Alert, find_alerts
from tongchou.scenario.harm import weights

NIGHT = date(2030, 2, 20)


@pytest.fixture(scope="module")
def picture(exercise_pack) -> Picture:
    return assess(exercise_pack.as_of(NIGHT), seed=3)


def places(alerts: tuple[Alert, ...], kind: str) -> set[str]:
    return {p for a in alerts if a.kind == kind for p in a.places}


@pytest.mark.real
@pytest.mark.parametrize(
    ("night", "kind", "expected"),
    [
        # The first cases outside Wuhan, one day after its exits were closed.
        ("2020-01-24", "count", {"421100", "500000", "110000", "310000", "420900"}),
        # The prison of Rencheng, Jining: 200 cases booked on 20 February.
        ("2020-02-22", "scan", {"370800"}),
        # Travellers from abroad arriving in Beijing.
        ("2020-03-20", "scan", {"110000"}),
        # Mudanjiang (Suifenhe) and Harbin.
        ("2020-04-20", "scan", {"231000", "230100"}),
    ],
)
def test_what_history_remembers_stands_on_the_list_of_that_night(china2020, night, kind, expected):
    found = assess(china2020.as_of(night)).survey.alerts
    assert expected <= places(found, kind)


@pytest.mark.real
def test_a_place_of_thousands_of_cases_is_no_news(china2020):
    found = assess(china2020.as_of("2020-02-22")).survey.alerts
    assert "420100" not in {p for a in found for p in a.places}


def test_alerts_stand_in_order_of_harm_and_harm_is_that_of_unexplained_cases(picture):
    alerts = picture.survey.alerts
    assert alerts
    assert [a.harm_per_day for a in alerts] == sorted(
        (a.harm_per_day for a in alerts), reverse=True
    )
    a = alerts[0]
    weight = weights()["unexplained_case_day"].weight
    assert a.harm_per_day == pytest.approx((a.observed - a.expected) * (1 - a.chance) * weight)


def test_three_cases_in_a_unit_quiet_for_weeks_are_a_new_sign(picture):
    quiet = next(
        u
        for u in picture.scope.units
        if float(picture.analytic.sel(place=u).isel(date=slice(-35, None)).sum()) == 0
    )
    raised = picture.analytic.copy()
    raised.loc[{"place": quiet, "date": raised["date"].values[-1]}] = 3.0
    before = find_alerts(
        picture.situation, picture.scope, picture.analytic, np.random.default_rng(1)
    )
    after = find_alerts(picture.situation, picture.scope, raised, np.random.default_rng(1))
    assert quiet not in places(before, "count")
    assert quiet in places(after, "count")


@pytest.fixture(scope="module")
def order(exercise_pack):
    return order_of_the_day(exercise_pack, NIGHT)


def test_every_alert_leads_to_its_rows_and_back(order):
    (table,) = (t for a in order.annexes for t in a.tables if t.id == "alerts")
    page = html.render(order, "en", None)
    assert table.rows
    for row in table.rows:
        assert f'href="#ev-{row["evidence"]}"' in page
        assert re.search(rf'id="ev-{re.escape(str(row["evidence"]))}"', page)
    assert 'href="#ev-alerts"' in page
    assert 'href="#table-alerts"' in page  # the way back


def test_the_decision_on_alerts_weighs_what_the_list_weighs(exercise_pack, order):
    picture = assess(exercise_pack.as_of(NIGHT))
    (decision,) = (d for d in order.decisions if d.id == "alerts")
    own = set(spreading(picture))
    assert decision.harm_per_day == pytest.approx(
        sum(a.harm_per_day for a in picture.survey.alerts if not own.issuperset(a.places))
    )


def test_the_lighter_option_is_the_fewest_alerts_that_hold_half_of_the_harm(picture):
    alerts = picture.survey.alerts
    first = leading(alerts, 0.5)
    total = sum(a.harm_per_day for a in alerts)
    assert sum(a.harm_per_day for a in first) >= total / 2
    assert sum(a.harm_per_day for a in first[:-1]) < total / 2
