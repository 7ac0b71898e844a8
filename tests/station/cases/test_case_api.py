"""Cases and samples over the API: the same rules, by pseudonym, without names."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from tongchou.station.access.context import system
from tongchou.station.cases.models import Case, Sample

pytestmark = pytest.mark.django_db
CLINIC = ("clinician", "640104", "640104-fever_clinic")
LAB = ("laboratory", "640104", "640104-laboratory")


def ago(hours):
    return (timezone.now() - timedelta(hours=hours)).isoformat()


def body(**changed):
    return {
        "name": "马小兰", "sex": "female", "age": 41, "residence": "640105", "responsible": "640104",
        "classification": "suspected", "onset_on": (timezone.localdate() - timedelta(days=2)).isoformat(),
        "diagnosed_at": ago(50), **changed,
    }  # fmt: skip


def post(client, path, data, **headers):
    from django.middleware.csrf import _get_new_csrf_string

    client.cookies["csrftoken"] = secret = _get_new_csrf_string()
    return client.post(
        f"/api{path}",
        data,
        content_type="application/json",
        headers={"x-csrftoken": secret, **headers},
    )


def test_from_a_report_to_a_result(signed_in, units):
    clinic, lab = signed_in(*CLINIC), signed_in(*LAB)
    made = post(clinic, "/cases", body())
    assert made.status_code == 201, made.content
    number = made.json()["number"]
    assert "马小兰" not in made.content.decode()
    taken = post(
        clinic, f"/cases/{number}/samples", {"laboratory": "640104-laboratory", "taken_at": ago(30)}
    )
    assert taken.status_code == 201, taken.content
    sample = taken.json()["number"]
    assert [s["number"] for s in lab.get("/api/samples?waiting=late").json()["items"]] == [sample]
    assert (
        post(
            lab, f"/samples/{sample}/result", {"result": "positive", "result_at": ago(1)}
        ).status_code
        == 200
    )
    assert lab.get(f"/api/cases/{number}").status_code == 404
    shown = clinic.get(f"/api/cases/{number}")
    step = {"action": "confirm", "at": ago(0.5), "classification": "confirmed"}
    assert post(clinic, f"/cases/{number}/moves", step).status_code == 428
    moved = post(clinic, f"/cases/{number}/moves", step, **{"if-match": shown["ETag"]})
    assert moved.json()["state"] == "confirmed"
    assert (
        post(clinic, f"/cases/{number}/moves", step, **{"if-match": shown["ETag"]}).status_code
        == 412
    )
    assert clinic.get("/api/cases?waiting=to_admit").json()["count"] == 1
    with system("look"):
        assert (Case.objects.count(), Sample.objects.count()) == (1, 1)


def test_a_token_in_the_body_makes_a_second_sending_harmless(signed_in, units):
    clinic, token = signed_in(*CLINIC), str(uuid.uuid4())
    numbers = {post(clinic, "/cases", body(token=token)).json()["number"] for _ in range(2)}
    assert len(numbers) == 1


@pytest.mark.parametrize(
    ("changed", "at"),
    [
        ({"age": None}, "body.age"),
        ({"residence": "999999"}, "body.residence"),
        ({"classification": "confirmed"}, "body.evidence"),
        ({"diagnosed_at": "2020-02-03T10:00:00"}, "body.body.diagnosed_at"),
        ({"disease": "x"}, "body.disease"),
    ],
)
def test_what_is_wrong_is_named_in_the_one_shape(signed_in, units, changed, at):
    answer = post(signed_in(*CLINIC), "/cases", body(**changed))
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert at.removeprefix("body.body").strip(".") in " ".join(d["at"] for d in error["detail"])
    assert all(d["message"]["zh"] and d["message"]["en"] for d in error["detail"])


def test_elsewhere_there_is_nothing(signed_in, units):
    number = post(signed_in(*CLINIC), "/cases", body()).json()["number"]
    other = signed_in("epidemiologist", "640302")
    assert other.get("/api/cases").json()["count"] == 0
    assert other.get(f"/api/cases/{number}").status_code == 404
    assert post(other, "/cases", body()).status_code == 404
