"""Directives and receipts through the interface."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tongchou.station.access.context import system
from tongchou.station.incident.models import Directive, Task

NINGXIA, XINGQING, XIXIA = "640000", "640104", "640105"


def body(**more):
    now = timezone.now()
    return {
        "text_zh": "今日内核对密接转运名单",
        "basis": "传染病防治法第三十九条",
        "owner": "县疾控中心",
        "due": (now + timedelta(hours=8)).isoformat(),
        "expires": (now + timedelta(hours=48)).isoformat(),
        "places": [XINGQING, XIXIA],
        **more,
    }


@pytest.fixture
def post_to(signed_in):
    """Give a maker of callers: ``post_to(role, place)(address, body)``."""

    def caller(role, place, unit=None):
        client = signed_in(role, place, unit)

        def call(address, data=None, **headers):
            if data is None:
                return client.get(f"/api/incident{address}", headers=headers)
            return client.post(
                f"/api/incident{address}", data, content_type="application/json", headers=headers
            )

        return call

    return caller


def test_down_and_up(places, post_to):
    province, county = post_to("commander", NINGXIA), post_to("duty_officer", XINGQING)
    made = province("/directives", body())
    assert made.status_code == 201, made.content
    theirs = county("/receipts").json()
    assert theirs["count"] == 1
    number = theirs["items"][0]["id"]
    seen = county(f"/tasks/{number}")
    assert seen.json()["moves"] == ["accept", "start", "refuse", "block"]
    moved = county(f"/tasks/{number}/moves", {"move": "accept"}, if_match=seen["ETag"])
    assert moved.json()["state"] == "accepted"
    stale = county(
        f"/tasks/{number}/moves", {"move": "finish", "words": "x"}, if_match=seen["ETag"]
    )
    assert stale.status_code == 412
    assert county(f"/tasks/{number}/moves", {"move": "start"}).status_code == 428
    again = county(f"/tasks/{number}")
    done = county(
        f"/tasks/{number}/moves",
        {"move": "finish", "words": "已核对 12 人"},
        if_match=again["ETag"],
    )
    assert done.json()["evidence"][0]["words"] == "已核对 12 人"
    assert province(f"/receipts?directive={made.json()['id']}&state=done").json()["count"] == 1


def test_a_county_does_not_direct_its_neighbour(places, post_to):
    refused = post_to("commander", XINGQING)("/directives", body())
    assert refused.status_code == 422
    with system("look"):
        assert not Directive.objects.exists()


def test_a_grid_worker_directs_nobody_and_sees_nothing_of_others(sent, post_to):
    grid = post_to("grid_worker", "640104-G01")
    assert grid("/directives", body()).status_code == 404
    assert grid("/tasks").json()["count"] == 0
    with system("number"):
        number = Task.objects.first().pk
    assert grid(f"/tasks/{number}").status_code == 404


def test_a_finding_is_closed_only_after_its_action_was_verified(places, post_to):
    county = post_to("duty_officer", XINGQING)
    found = county(
        "/findings",
        {
            "place": XINGQING, "text_zh": "隔离点无分区", "process": "隔离点管理", "mechanism": "M047",
            "evidence": "现场所见", "found_on": timezone.localdate().isoformat(),
            "due": (timezone.now() + timedelta(days=1)).isoformat(),
        },
    )  # fmt: skip
    assert found.status_code == 201, found.content
    number = found.json()["id"]
    assert county(f"/findings/{number}/close", {"note": "好"}).status_code == 422
    action = county(f"/findings/{number}/actions", {"text_zh": "划分三区", "owner": "卫生健康局"})
    assert action.status_code == 201, action.content
    at = f"/tasks/{action.json()['id']}"
    for move, more in (("accept", {}), ("finish", {"words": "已划分"})):
        assert (
            county(f"{at}/moves", {"move": move, **more}, if_match=county(at)["ETag"]).status_code
            == 200
        )
    own = county(f"{at}/moves", {"move": "verify"}, if_match=county(at)["ETag"])
    assert own.status_code == 422, "the post that did it does not verify it"
    other = post_to("commander", XINGQING)
    assert other(f"{at}/moves", {"move": "verify"}, if_match=other(at)["ETag"]).status_code == 200
    assert county(f"/findings/{number}/close", {"note": "复查合格"}).json()["state"] == "closed"
