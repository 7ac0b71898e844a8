"""A case from report to release: each step leaves what was before."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tongchou.station.access.context import acting, system
from tongchou.station.access.managers import Refused
from tongchou.station.cases.models import Case, Investigation, Person, Sample
from tongchou.station.cases.problems import ChangedMeanwhile, NotAccepted
from tongchou.station.cases.services.investigating import (
    open_interview,
    save_interview,
    window_start,
)
from tongchou.station.cases.services.lifecycle import correct, move, take_back
from tongchou.station.cases.services.persons import correct_identity
from tongchou.station.cases.services.reporting import Report, own_unit, report_case
from tongchou.station.cases.services.sampling import (
    Entered,
    correct_result,
    enter_results,
    receive,
    take_sample,
)
from tongchou.station.cases.services.transfer import hand_over, move_home

CLINIC = ("clinician", "640104", "640104-fever_clinic")
LAB = ("laboratory", "640104", "640104-laboratory")
EPI = ("epidemiologist", "640104")
pytestmark = pytest.mark.django_db


def ago(hours):
    return timezone.now() - timedelta(hours=hours)


@pytest.fixture
def reported(actor, places, units):
    """Give a suspected case four days old."""
    with acting(actor(*CLINIC)):
        return report_case(
            Report(
                name="马小兰",
                sex="female",
                age=41,
                residence=places["640105"],
                responsible=places["640104"],
                classification="suspected",
                onset_on=timezone.localdate() - timedelta(days=6),
                visited_at=ago(97),
                diagnosed_at=ago(96),
            ),
            reported_by=own_unit(),
        )


def swabbed(actor, units, case, *results):
    """Take and test samples, hours before now and result."""
    with acting(actor(*EPI)):
        case = Case.objects.get(pk=case.pk)
        samples = [
            take_sample(case, lab_unit=units["640104-laboratory"], taken_at=ago(h))
            for h, _ in results
        ]
    with acting(actor(*LAB)):
        enter_results(
            [
                Entered(sample=Sample.objects.get(pk=s.pk), result=r, result_at=ago(h - 2))
                for s, (h, r) in zip(samples, results, strict=True)
            ]
        )
    with system("look"):
        return Case.objects.get(pk=case.pk)


def test_from_suspicion_to_release(actor, units, reported):
    case = swabbed(actor, units, reported, (90, "positive"))
    assert case.state == "tested"
    with acting(actor(*EPI)):
        case = move(case, "isolate", {"isolated_at": ago(88)}, version=case.version)
        case = move(
            case,
            "confirm",
            {"confirmed_at": ago(86), "classification": "confirmed"},
            version=case.version,
        )
        assert case.state == "isolated"
        case = move(
            case,
            "admit",
            {"admitted_at": ago(80), "care_unit": units["640104-designated"]},
            version=case.version,
        )
    with acting(actor("clinician", "640104", "640104-designated")):
        case = Case.objects.get()
        case = move(case, "worsen", {"severe_at": ago(70)}, version=case.version)
        assert (case.state, case.severity) == ("severe", "severe")
        case = move(case, "improve", {"happened_at": ago(60)}, version=case.version)
        assert (case.state, case.severity, case.severe_at is None) == (
            "admitted",
            "ordinary",
            False,
        )
        with pytest.raises(NotAccepted, match="2 negative results in a row"):
            move(case, "recover", {"recovered_at": ago(1)}, version=case.version)
    case = swabbed(actor, units, case, (50, "negative"), (20, "negative"))
    with acting(actor(*EPI)):
        case = move(case, "recover", {"recovered_at": ago(2)}, version=case.version)
        case = move(case, "release", {"released_at": ago(1)}, version=case.version)
        assert case.state == "released"
        story = [e.action for e in case.events.all() if e.from_state != e.to_state]
    assert story == ["sample", "confirm", "admit", "worsen", "improve", "recover", "release"]


def test_the_facility_of_care_sees_the_case_and_its_history_after_admission(actor, units, reported):
    with acting(actor("clinician", "640104", "640104-designated")):
        assert Case.objects.count() == 0
    with acting(actor(*EPI)):
        move(
            reported,
            "admit",
            {"admitted_at": ago(1), "care_unit": units["640104-designated"]},
            version=None,
        )
    with acting(actor("clinician", "640104", "640104-designated")):
        case = Case.objects.get()
        assert case.events.count() == 2
        assert case.person.identity.name == "马小兰"


def test_exclusion_needs_two_negatives_a_day_apart(actor, units, reported):
    case = swabbed(actor, units, reported, (50, "negative"))
    with acting(actor(*EPI)), pytest.raises(NotAccepted):
        move(case, "exclude", {"excluded_at": ago(1)}, version=None)
    case = swabbed(actor, units, reported, (24, "negative"))
    with acting(actor(*EPI)):
        assert move(case, "exclude", {"excluded_at": ago(1)}, version=None).state == "excluded"
        with pytest.raises(NotAccepted, match="closed"):
            take_sample(Case.objects.get(), lab_unit=units["640104-laboratory"], taken_at=ago(1))
        assert (
            move(case, "reopen", {"happened_at": ago(0)}, version=None, text="再次发热").excluded_at
            is None
        )


def test_two_people_at_once_do_not_overwrite_each_other(actor, reported):
    with acting(actor(*EPI)):
        opened = Case.objects.get().version
        correct(reported, {"severity": "mild"}, reason="体征", version=opened)
        with pytest.raises(ChangedMeanwhile, match="version 1 → 2"):
            correct(reported, {"severity": "ordinary"}, reason="体征", version=opened)
        assert Case.objects.get().severity == "mild"


def test_a_correction_keeps_the_old_value_and_its_reason(actor, reported):
    new = reported.onset_on - timedelta(days=1)
    with acting(actor(*EPI)):
        correct(reported, {"onset_on": new}, reason="家属补充", version=None)
        event = Case.objects.get().events.last()
        assert event.changes == {"onset_on": [reported.onset_on.isoformat(), new.isoformat()]}
        assert event.note == "家属补充"


@pytest.mark.parametrize(
    ("values", "reason", "field"),
    [
        ({"onset_on": None}, "", "reason"),
        ({"severity": ""}, "没有变化", ""),
        ({"sampled_at": "late", "result_at": "early"}, "x", "result_at"),
    ],
)
def test_a_correction_that_cannot_stand(actor, reported, values, reason, field):
    times = {"late": ago(10), "early": ago(20)}
    values = {k: times.get(v, v) for k, v in values.items()}
    with acting(actor(*EPI)), pytest.raises(NotAccepted) as refused:
        correct(reported, values, reason=reason, version=None)
    assert field in [p.field for p in refused.value.problems]


def test_the_time_that_a_state_rests_on_cannot_be_cleared(actor, units, reported):
    with acting(actor(*EPI)):
        case = move(
            reported,
            "confirm",
            {"confirmed_at": ago(2), "classification": "confirmed", "evidence": "外院报告"},
            version=None,
        )
        with pytest.raises(NotAccepted, match="rests on this time"):
            correct(case, {"confirmed_at": None}, reason="x", version=None)


def test_a_wrong_step_is_taken_back_and_both_stay_in_the_history(actor, reported):
    with acting(actor(*EPI)):
        move(reported, "isolate", {"isolated_at": ago(5)}, version=None)
        case = move(reported, "die", {"died_at": ago(1)}, version=None)
        case = take_back(case, reason="登记错人", version=case.version)
        assert (case.state, case.died_at) == ("suspected", None)
        case = take_back(case, reason="也是错的", version=case.version)
        assert case.isolated_at is None
        with pytest.raises(NotAccepted, match="no step"):
            take_back(case, reason="x", version=None)
        assert [e.action for e in case.events.all()] == [
            "report",
            "isolate",
            "die",
            "take_back",
            "take_back",
        ]


def test_a_result_reaches_the_case_that_the_laboratory_cannot_see(actor, units, reported):
    with acting(actor(*CLINIC)):
        take_sample(
            reported, lab_unit=units["640104-laboratory"], taken_at=ago(3), collected_by=own_unit()
        )
    with acting(actor(*LAB)):
        assert Case.objects.count() == 0
        sample = Sample.objects.get()
        assert receive([sample], at=ago(2)) == 1
        assert receive([sample]) == 0
        enter_results([Entered(sample=sample, result="positive", result_at=ago(1))])
    with acting(actor(*CLINIC)):
        case = Case.objects.get()
        assert case.result_at is not None
        assert case.events.last().action == "result"
    with acting(actor("laboratory", "640105", "640105-laboratory")):
        assert Sample.objects.count() == 0


def test_a_standing_result_is_corrected_only_with_a_reason(actor, units, reported):
    swabbed(actor, units, reported, (10, "positive"))
    with acting(actor(*LAB)):
        sample = Sample.objects.get()
        with pytest.raises(NotAccepted, match="has a result already"):
            enter_results([Entered(sample=sample, result="negative", result_at=ago(1))])
        with pytest.raises(NotAccepted, match="reason"):
            correct_result(sample, "negative", reason="")
        correct_result(sample, "negative", reason="样本弄混")
    with acting(actor(*EPI)):
        event = Case.objects.get().events.last()
        assert (event.action, event.changes["result"]) == (
            "correct_result",
            ["positive", "negative"],
        )


def test_a_hand_over_moves_the_case_with_all_that_hangs_on_it(actor, units, places, reported):
    swabbed(actor, units, reported, (10, "negative"))
    with acting(actor(*EPI)):
        open_interview(Case.objects.get())
        with pytest.raises(NotAccepted, match="Choose a county"):
            hand_over(Case.objects.get(), places["640100"], reason="x", version=None)
        hand_over(Case.objects.get(), places["640302"], reason="现住地在当地", version=None)
        assert Case.objects.count() == 0, "the giver sees it no longer"
    with acting(actor("epidemiologist", "640302")):
        case = Case.objects.get()
        assert (Sample.objects.count(), Investigation.objects.count(), Person.objects.count()) == (
            1,
            1,
            1,
        )
        assert case.events.last().changes["responsible_id"] == ["640104", "640302"]
    with acting(actor("epidemiologist", "640105")):
        assert Case.objects.count() == 1, "where the person lives it is still seen"


def test_a_clinician_hands_nothing_over(actor, places, reported):
    with acting(actor(*CLINIC)), pytest.raises(Refused):
        hand_over(reported, places["640302"], reason="x", version=None)


def test_moving_home_leaves_the_responsibility(actor, places, reported):
    with acting(actor(*EPI)):
        case = move_home(reported, places["640302"], reason="搬家", version=None)
        assert (case.residence_id, case.responsible_id) == ("640302", "640104")
    with acting(actor("epidemiologist", "640302")):
        assert Case.objects.count() == 1


def test_an_interview_is_a_draft_until_what_is_needed_is_answered(actor, reported):
    with acting(actor(*EPI)):
        interview = open_interview(reported)
        assert interview.contacts_from == window_start(reported.onset_on, None)
        interview = save_interview(interview, {"symptoms": ["fever"]}, complete=False, version=1)
        with pytest.raises(NotAccepted) as refused:
            save_interview(interview, {"met_case": False}, complete=True, version=2)
        assert {p.field for p in refused.value.problems} == {
            "settings",
            "travelled",
            "source_known",
            "contacts_named",
        }
        answers = {
            "settings": ["household"],
            "met_case": True,
            "travelled": False,
            "source_known": True,
            "source_setting": "household",
            "contacts_named": 4,
        }
        save_interview(interview, answers, complete=True, version=2)
        case = Case.objects.get()
        assert case.investigated_at is not None
        assert case.exposed_at == "household"
        with pytest.raises(ChangedMeanwhile):
            save_interview(interview, answers, complete=True, version=2)
    with acting(actor(*CLINIC)), pytest.raises(Refused):
        save_interview(Investigation.objects.get(), answers, complete=False, version=None)


def test_a_corrected_name_leaves_its_old_form_in_the_identity_only(actor, reported):
    with acting(actor(*EPI)):
        identity = correct_identity(
            reported, {"name": "马晓兰", "phone": ""}, reason="写错字", version=None
        )
        assert identity.former[0]["changes"] == {"name": ["马小兰", "马晓兰"]}
        assert "马" not in str(Case.objects.get().events.last().changes)
