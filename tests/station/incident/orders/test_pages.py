"""The pages of an order in process: both languages, the run, the lines, the public side."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from tongchou.station.access.context import acting, system
from tongchou.station.incident import tasks_orders
from tongchou.station.incident.models import Order
from tongchou.station.incident.services import making, orders, signing

TWO_LANGUAGES = r'lang="zh">中文|lang="en">English|<option.*?</option>|<textarea.*?</textarea>'
"""Where both languages stand side by side on purpose."""
COUNTY, NEXT, CITY = "640104", "640105", "640100"


@pytest.fixture(autouse=True)
def debug_paths(settings):
    settings.SECURE_SSL_REDIRECT = False
    settings.STATION_TOTP_ROLES = frozenset()


@pytest.fixture
def deferred(monkeypatch):
    numbers = []
    monkeypatch.setattr(tasks_orders, "defer", numbers.append)
    return numbers


def at(name, *args, **query):
    return reverse(f"incident:{name}", args=args, query=query or None)


def test_a_duty_officer_starts_the_run_and_sees_its_steps(ground, signed_in, deferred):
    client = signed_in("duty_officer", COUNTY)
    form = client.get(at("order_ask"))
    assert form.status_code == 200
    answer = client.post(at("order_ask"), {"place": COUNTY, "cut": str(ground)})
    with system("look"):
        order = Order.objects.get()
    assert answer.url == at("order", order.pk)
    assert deferred == [order.pk]
    page = client.get(answer.url).content.decode()
    assert "Check the data" in page
    assert 'hx-trigger="every 2s"' in page
    assert "HX-Refresh" not in client.get(at("order_steps", order.pk)).headers
    making.make(order.pk)
    assert client.get(at("order_steps", order.pk)).headers["HX-Refresh"] == "true"
    page = client.get(answer.url).content.decode()
    assert "To be signed by the commander" in page
    assert "Record the answer" not in page


@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_every_page_speaks_one_language(drafted, post, lang):
    client = Client(headers={"accept-language": lang})
    client.force_login(
        post("commander", COUNTY).user, backend="django.contrib.auth.backends.ModelBackend"
    )
    for url in (
        at("orders"),
        at("order_ask"),
        at("order", drafted.pk),
        at("order_sign", drafted.pk),
        "/public/",
    ):
        page = client.get(url)
        assert page.status_code == 200, url
        text = re.sub(TWO_LANGUAGES, "", page.content.decode(), flags=re.DOTALL)
        main = re.sub(r"<[^>]*>", " ", text.partition("<main")[2].partition("</main>")[0])
        if lang == "en":
            assert not re.search(r"[\u4e00-\u9fff]", main), re.findall(
                r"[^\n]*[\u4e00-\u9fff][^\n]*", main
            )[:3]
        else:
            assert not re.search(r"\b(the|of|and|with)\b", main), url


def test_lines_are_answered_one_by_one_and_the_count_follows(drafted, signed_in):
    client = signed_in("commander", COUNTY)
    url = at("order_answer", drafted.pk, 1)
    answer = client.post(url, {"l1-reply": "sign"}, headers={"hx-request": "true"}).content.decode()
    assert 'class="order-line is-sign"' in answer
    assert "1 of" in answer
    refused = client.post(
        at("order_answer", drafted.pk, 2),
        {"l2-reply": "refuse", "l2-reason": ""},
        headers={"hx-request": "true"},
    )
    assert "A refusal needs its reason" in refused.content.decode()
    plain = client.post(url, {"l1-reply": "sign"})
    assert plain.url.endswith("#line-1")


def test_an_order_goes_from_draft_to_public(drafted, signed_in):
    client, stranger = signed_in("commander", COUNTY), Client(headers={"accept-language": "en"})
    public = reverse("public:bulletin", args=[COUNTY, drafted.cut])
    with system("count"):
        total = drafted.lines.count()
    for n in range(1, total + 1):
        client.post(at("order_answer", drafted.pk, n), {f"l{n}-reply": "sign"})
    assert stranger.get(public).status_code == 404
    client.post(at("order_publish", drafted.pk), {"confirmed": "1"})
    assert stranger.get(public).status_code == 404, "not before it is signed"
    client.post(at("order_sign", drafted.pk), {"confirmed": "1"})
    page = client.get(at("order", drafted.pk)).content.decode()
    assert "Digest of the draft signed" in page
    assert "Directive " in page
    client.post(at("order_publish", drafted.pk), {"confirmed": "1"})
    bulletin = stranger.get(public)
    assert bulletin.status_code == 200
    assert "script-src" not in bulletin["Content-Security-Policy"]
    for name in ("places.csv", "figures.csv", "fields.csv", "bulletin.json"):
        assert (
            stranger.get(reverse("public:data", args=[COUNTY, drafted.cut, name])).status_code
            == 200
        )
    assert (
        stranger.get(reverse("public:data", args=[COUNTY, drafted.cut, "order.json"])).status_code
        == 404
    )
    assert str(drafted.cut) in stranger.get(reverse("public:latest", args=[COUNTY])).url
    assert "exercise data" in stranger.get("/public/").content.decode()


@pytest.mark.parametrize(
    ("role", "place"), [("commander", NEXT), ("commander", CITY), ("duty_officer", COUNTY)]
)
def test_others_are_shown_nothing_that_signs(drafted, signed_in, role, place):
    client = signed_in(role, place)
    for name, args in (
        ("order_answer", (drafted.pk, 1)),
        ("order_sign", (drafted.pk,)),
        ("order_publish", (drafted.pk,)),
    ):
        assert (
            client.post(at(name, *args), {"l1-reply": "sign", "confirmed": "1"}).status_code == 404
        )
    absent = client.get(at("order", 10**6))
    seen = client.get(at("order", drafted.pk))
    assert seen.status_code == (404 if place == NEXT else 200)
    if place == NEXT:

        def hidden(r):
            return re.sub(
                rb'nonce="[^"]*"|csrfmiddlewaretoken" value="[^"]*"|\d{2}:\d{2}(:\d{2})?|/orders/\d+/',
                b"",
                r.content,
            )

        assert hidden(seen) == hidden(absent), "not yours looks like not there"
        assert client.get(at("order_page", drafted.pk, "order")).status_code == 404


def test_the_document_stands_in_a_sandbox_of_its_own(drafted, signed_in):
    page = signed_in("commander", COUNTY).get(at("order_page", drafted.pk, "order", lang="en"))
    policy = page["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "allow-same-origin" not in policy
    assert "default-src 'none'" in policy


def test_the_inbox_counts_what_waits(drafted, signed_in, actor):
    client = signed_in("commander", COUNTY)
    home = client.get("/").content.decode()
    assert "Orders of the day to sign" in home
    listed = client.get(at("orders", waits="sign")).content.decode()
    assert f"/incident/orders/{drafted.pk}/" in listed
    with acting(actor("commander", CITY)):
        assert orders.may_sign(drafted) is False
    other = signed_in("commander", CITY).get(at("orders", waits="sign")).content.decode()
    assert f"/incident/orders/{drafted.pk}/" not in other


def test_the_interface_walks_the_same_way(ground, signed_in, deferred):
    client = signed_in("commander", COUNTY)
    asked = client.post(
        "/api/orders", json.dumps({"place": COUNTY}), content_type="application/json"
    )
    assert asked.status_code == 202, asked.content
    number = asked.json()["id"]
    assert (deferred, asked.json()["cut"]) == ([number], str(ground))
    making.make(number)
    whole = client.get(f"/api/orders/{number}").json()
    assert whole["state"] == "drafted"
    lines = client.get(f"/api/orders/{number}/lines").json()
    early = client.post(f"/api/orders/{number}/sign", "{}", content_type="application/json")
    assert early.status_code == 422
    for line in lines:
        body = (
            {"reply": "refuse", "reason": "no staff"} if line["number"] == 1 else {"reply": "sign"}
        )
        url = f"/api/orders/{number}/lines/{line['number']}"
        answered = client.post(url, json.dumps(body), content_type="application/json")
        assert answered.status_code == 200, answered.content
    signed = client.post(f"/api/orders/{number}/sign", "{}", content_type="application/json")
    assert signed.status_code == 200, signed.content
    assert signed.json()["state"] == "signed"
    assert (
        client.post(f"/api/orders/{number}/publish", "{}", content_type="application/json").json()[
            "state"
        ]
        == "published"
    )
    files = client.get(f"/api/orders/{number}").json()["files"]
    assert client.get(f"/api/orders/{number}/files/{files[0]['id']}").status_code == 200
    assert signed_in("commander", NEXT).get(f"/api/orders/{number}").status_code == 404
    assert signing.published(COUNTY)
