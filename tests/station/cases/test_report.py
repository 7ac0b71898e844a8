"""Reporting: from a clinic's form to a case that its county sees; twice sent, once kept."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from tongchou.station.access.context import acting, system
from tongchou.station.access.managers import Refused
from tongchou.station.cases.models import Case, CaseEvent, Identity, Person
from tongchou.station.cases.problems import NotAccepted
from tongchou.station.cases.services.reporting import (
    Report,
    already_known,
    own_unit,
    report_case,
    report_many,
)

CLINIC = ("clinician", "640104", "640104-fever_clinic")
pytestmark = pytest.mark.django_db


def report(places, **fields):
    return Report(
        **{
            "name": "马小兰",
            "sex": "female",
            "age": 41,
            "phone": "13900000001",
            "residence": places["640105"],
            "responsible": places["640104"],
            "classification": "suspected",
            "onset_on": timezone.localdate() - timedelta(days=2),
            "visited_at": timezone.now() - timedelta(hours=3),
            **fields,
        }
    )


def test_a_clinic_reports_and_its_county_sees_the_case(actor, places):
    with acting(actor(*CLINIC)):
        case = report_case(report(places), reported_by=own_unit())
    assert case.state == "suspected"
    with acting(actor("epidemiologist", "640104")):
        seen = Case.objects.get()
        assert seen.pseudonym.startswith("C-")
        assert Identity.objects.get(person_id=seen.person_id).name == "马小兰"
        assert [e.action for e in seen.events.all()] == ["report"]


def test_three_places_see_it_and_a_fourth_does_not(actor, places):
    with acting(actor(*CLINIC)):
        report_case(report(places), reported_by=own_unit())
    for who, count in [
        (("epidemiologist", "640105"), 1),
        (("epidemiologist", "640100"), 1),
        (("epidemiologist", "640300"), 0),
        (("clinician", "640104", "640104-designated"), 0),
        (("laboratory", "640104", "640104-laboratory"), 0),
    ]:
        with acting(actor(*who)):
            assert Case.objects.count() == count, who
            assert Person.objects.count() == count, who


def test_the_place_of_residence_sees_and_cannot_change(actor, places):
    from tongchou.station.cases.services.lifecycle import correct

    with acting(actor(*CLINIC)):
        report_case(report(places), reported_by=own_unit())
    with acting(actor("epidemiologist", "640105")), pytest.raises(Refused):
        correct(Case.objects.get(), {"severity": "mild"}, reason="x", version=None)


def test_names_exist_only_for_those_who_may_see_them(actor, places):
    with acting(actor(*CLINIC)):
        report_case(report(places), reported_by=own_unit())
    with acting(actor("commander", "640104")):
        assert Case.objects.count() == 1
        assert Identity.objects.count() == 0
        assert Person.objects.count() == 1


def test_the_database_itself_hides_names_from_a_commander(actor, places):
    from django.db import connection

    with acting(actor(*CLINIC)):
        report_case(report(places), reported_by=own_unit())
    with acting(actor("commander", "640104")), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cases_identity")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM cases_case")
        assert cursor.fetchone() == (1,)


def test_a_double_click_adds_nothing(actor, places):
    token = uuid.uuid4()
    with acting(actor(*CLINIC)):
        first = report_case(report(places, token=token), reported_by=own_unit())
        again = report_case(report(places, token=token), reported_by=own_unit())
    assert first.pk == again.pk
    with system("count"):
        assert (Case.objects.count(), Person.objects.count(), CaseEvent.objects.count()) == (
            1,
            1,
            1,
        )


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"residence": None}, "residence"),
        ({"age": None}, "age"),
        ({"onset_on": None}, "onset_on"),
        ({"onset_on": date(2100, 1, 1)}, "onset_on"),
        ({"document_number": "110105194912310021"}, "document_number"),
        ({"document_number": "11010519491231002X", "sex": "male"}, "sex"),
        ({"classification": "confirmed"}, "evidence"),
        ({"classification": "clinical", "evidence": "CT"}, "classification"),
    ],
)
def test_what_is_wrong_is_named(actor, places, changed, field):
    with acting(actor(*CLINIC)), pytest.raises(NotAccepted) as refused:
        report_case(report(places, **changed), reported_by=own_unit())
    assert field in [p.field for p in refused.value.problems]
    assert all(p.text.zh and p.text.en for p in refused.value.problems)


def test_an_identity_number_tells_sex_and_year_of_birth(actor, places):
    with acting(actor(*CLINIC)):
        case = report_case(
            report(places, document_number="11010519491231002X", sex="unknown", age=70),
            reported_by=own_unit(),
        )
        assert (case.sex, case.person.birth_year) == ("female", 1949)


def test_an_asymptomatic_infection_has_no_onset(actor, places):
    with acting(actor(*CLINIC)):
        case = report_case(
            report(
                places, onset_on=None, classification="asymptomatic", evidence="入境筛查核酸阳性"
            ),
            reported_by=own_unit(),
        )
        assert (case.state, case.classification) == ("confirmed", "asymptomatic")


def test_a_case_reported_confirmed_and_isolated_starts_there(actor, places):
    with acting(actor(*CLINIC)):
        case = report_case(
            report(
                places,
                classification="confirmed",
                evidence="外院报告",
                isolated_at=timezone.now() - timedelta(hours=1),
            ),
            reported_by=own_unit(),
        )
        assert case.state == "isolated"
        assert case.suspected_at is None


def test_somebody_already_on_record_is_shown_with_the_reason(actor, places):
    with acting(actor(*CLINIC)):
        known = report_case(report(places), reported_by=own_unit())
        today = timezone.localdate()
        by_phone = already_known(phone="13900000001", today=today)
        by_name = already_known(name="马小兰", age=42, today=today)
        assert already_known(name="马小兰", age=70, today=today) == []
        assert (
            [k.person.pk for k in by_phone] == [k.person.pk for k in by_name] == [known.person_id]
        )
        assert by_phone[0].why.en == "same telephone number"
        assert by_phone[0].cases == (known,)
    with acting(actor("clinician", "640105", "640105-fever_clinic")):
        assert already_known(phone="13900000001", today=today) == [], (
            "another clinic is told nothing"
        )


def test_a_person_on_record_is_not_entered_twice(actor, places):
    with acting(actor(*CLINIC)):
        first = report_case(report(places), reported_by=own_unit())
        second = report_case(report(places, name="", person=first.person), reported_by=own_unit())
        assert first.person_id == second.person_id
    with system("count"):
        assert Identity.objects.count() == 1


def test_many_lines_are_kept_all_or_none_and_faults_name_their_line(actor, places):
    lines = [report(places, name=f"病人{n}", phone="") for n in range(3)]
    broken = [*lines, report(places, name="", age=None)]
    with acting(actor(*CLINIC)):
        with pytest.raises(NotAccepted) as refused:
            report_many(broken, reported_by=own_unit())
        assert {(p.row, p.field) for p in refused.value.problems} == {(4, "name"), (4, "age")}
        assert Case.objects.count() == 0
        assert len(report_many(lines, reported_by=own_unit())) == 3
        assert Case.objects.count() == 3


def test_a_laboratory_does_not_report(actor, places):
    with acting(actor("laboratory", "640104", "640104-laboratory")), pytest.raises(Refused):
        report_case(report(places))


def test_a_county_does_not_report_for_another(actor, places):
    with acting(actor("epidemiologist", "640105")), pytest.raises(Refused):
        report_case(report(places))


def test_the_edition_of_the_day_of_diagnosis_is_kept(actor, places):
    when = datetime(2020, 2, 10, 4, tzinfo=UTC)
    with acting(actor(*CLINIC)):
        case = report_case(
            report(
                places,
                onset_on=date(2020, 2, 8),
                visited_at=when,
                diagnosed_at=when,
                classification="clinical",
            ),
            reported_by=own_unit(),
        )
        assert (case.definition, case.state) == ("trial-5", "confirmed")
