"""The tables of the contract: out of the station and in again without a difference."""

from datetime import date

import polars as pl
import pytest

from tongchou.situation.contract import contract
from tongchou.station.access.context import acting, system
from tongchou.station.cases.contract import export_cases, export_samples, load_cases, load_samples
from tongchou.station.cases.models import Case, CaseEvent, Identity, Person, Sample
from tongchou.station.cases.services.lifecycle import move
from tongchou.station.cases.states import states
from tongchou.vocabulary.errors import BadInput

pytestmark = pytest.mark.django_db
NINGXIA = "100000/640000/"
LAST = date(2040, 1, 1)


def day(n):
    return date(2020, 2, n)


def cases(**changed):
    base = {
        "case_id": ["X-1", "X-2", "X-3"],
        "place": ["640104", "640104", "640105"],
        "residence": ["640105", None, "640105"],
        "known_on": [day(3), day(5), day(9)],
        "age": [41, None, 8],
        "sex": ["female", "male", None],
        "health_worker": [True, False, None],
        "infector_id": [None, "X-1", "X-2"],
        "exposed_at": ["community", "household", None],
        "found_inside": [False, True, None],
        "facility_id": ["640104-designated", None, None],
        "onset_on": [day(1), day(4), None],
        "suspected_on": [day(3), None, day(9)],
        "sampled_on": [day(3), day(5), None],
        "result_on": [day(4), day(5), None],
        "confirmed_on": [day(4), day(5), None],
        "reported_on": [day(3), day(5), day(9)],
        "isolated_on": [day(3), day(5), None],
        "admitted_on": [day(5), None, None],
        "severe_on": [day(8), None, None],
        **changed,
    }
    schema = contract("cases").schema
    return pl.DataFrame(
        base, schema_overrides={k: v for k, v in schema.items() if k in base}
    ).select(*[pl.col(c) if c in base else pl.lit(None, dtype=schema[c]).alias(c) for c in schema])


def samples():
    base = {
        "sample_id": ["S-1", "S-2"],
        "case_id": ["X-1", "X-2"],
        "place": ["640104", "640104"],
        "facility_id": ["640104-laboratory", None],
        "known_on": [day(3), day(5)],
        "taken_on": [day(3), day(5)],
        "received_on": [day(3), None],
        "result_on": [day(4), None],
        "result": ["positive", None],
    }
    return pl.DataFrame(base, schema=contract("samples").schema)


def test_what_comes_in_goes_out_again(units):
    with system("load"):
        assert load_cases(cases()) == 3
        assert load_samples(samples()) == 2
        out = export_cases(NINGXIA, LAST).sort("case_id")
        expected = cases().with_columns(pl.col("sex").fill_null("unknown"))
        assert out.equals(expected), "an unknown sex is written as unknown"
        assert export_samples(NINGXIA, LAST).sort("sample_id").equals(samples())


def test_a_second_load_adds_nothing(units):
    with system("load"):
        load_cases(cases())
        load_samples(samples())
        assert (load_cases(cases()), load_samples(samples())) == (0, 0)
        assert (
            Case.objects.count(),
            Person.objects.count(),
            Sample.objects.count(),
            CaseEvent.objects.count(),
        ) == (3, 3, 2, 3)
        assert Identity.objects.count() == 0


def test_loaded_cases_stand_where_their_days_lead_and_can_be_moved_on(units, actor):
    with system("load"):
        load_cases(cases())
    with acting(actor("epidemiologist", "640104")):
        assert dict(Case.objects.values_list("pseudonym", "state")) == {
            "X-1": "severe",
            "X-2": "isolated",
        }
        case = Case.objects.get(pseudonym="X-2")
        assert case.infector.pseudonym == "X-1"
        assert (case.definition, case.person.birth_year) == ("trial-5", None)
        moved = move(
            case,
            "admit",
            {"admitted_at": case.confirmed_at, "care_unit": units["640104-designated"]},
            version=1,
        )
        assert moved.state == "admitted"


def test_only_what_was_known_at_the_cut_goes_out(units):
    with system("load"):
        load_cases(cases())
        assert export_cases(NINGXIA, day(5))["case_id"].to_list() == ["X-1", "X-2"]
        assert export_cases("100000/640000/640100/640105/", LAST)["case_id"].to_list() == ["X-3"]


def test_the_days_are_those_of_the_stations_own_zone(units, actor):
    from datetime import UTC, datetime

    with system("load"):
        load_cases(cases())
        Case.objects.filter(pseudonym="X-3").update(
            suspected_at=datetime(2020, 2, 8, 17, tzinfo=UTC)
        )
        out = export_cases(NINGXIA, LAST).filter(pl.col("case_id") == "X-3")
    assert out["suspected_on"].item() == day(9), "17:00 in London is the next day in Yinchuan"


def test_a_grid_goes_out_as_its_county(units, places):
    with system("load"):
        load_cases(cases(place=["640104-G01", "640104", "640105"]))
        out = export_cases(NINGXIA, LAST).sort("case_id")
        assert out["place"].to_list() == ["640104", "640104", "640105"]


@pytest.mark.parametrize(
    ("changed", "value"),
    [
        ({"place": ["420106", "640104", "640105"]}, "420106"),
        ({"facility_id": ["nowhere", None, None]}, "nowhere"),
    ],
)
def test_a_place_or_unit_that_is_not_here_is_named(units, changed, value):
    with system("load"), pytest.raises(BadInput, match=value):
        load_cases(cases(**changed))


def test_an_exercise_becomes_live_records(exercise_pack, units):
    from tongchou.station.places.loading import load_named
    from tongchou.station.places.models import Place, Unit

    received = exercise_pack.whole.received
    named = pl.concat([received["cases"]["place"], received["cases"]["residence"]]).drop_nulls()
    load_named(named.unique().to_list())
    first = Place.objects.get(code=received["cases"]["place"][0])
    wanted = {f for t in ("cases", "samples") for f in received[t]["facility_id"].drop_nulls()}
    for code in wanted:
        Unit(
            code=code, kind="designated", place=first, path=first.path, name_zh=code, name_en=code
        ).save()
    with system("load"):
        assert load_cases(received["cases"]) == received["cases"].height
        load_samples(received["samples"])
        out = export_cases("100000/", LAST).sort("case_id")
        assert out.equals(
            received["cases"]
            .select(list(out.schema))
            .sort("case_id")
            .with_columns(pl.col("sex").fill_null("unknown"))
        )
        assert set(Case.objects.values_list("state", flat=True)) <= set(states())


def test_rows_are_read_where_queries_are_logged_too(units):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with system("load"):
        load_cases(cases())
        with CaptureQueriesContext(connection):
            assert export_cases(NINGXIA, LAST).height == 3
