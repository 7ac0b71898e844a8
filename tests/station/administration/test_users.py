"""Users and posts of an area, on the pages an account administrator uses."""

import re

import pytest
from django.test import Client

from tongchou.station.access.context import system
from tongchou.station.accounts.models import Post, User
from tongchou.station.audit.models import Entry

NEW = {
    "username": "wang.fang",
    "display_name": "王芳",
    "role": "epidemiologist",
    "place": "640104",
    "unit": "",
    "starts": "2020-02-01",
    "ends": "",
}


@pytest.fixture
def office(signed_in):
    return signed_in("administrator", "640104")


def test_a_new_user_gets_a_post_and_a_password_that_is_shown_once(office):
    page = office.post("/administration/users/new/", NEW).content.decode()
    password = re.search(r"<code>([a-z0-9-]{19})</code>", page).group(1)
    assert password not in office.get("/administration/users/wang.fang/").content.decode()
    client = Client()
    client.post("/accounts/login/", {"login": "wang.fang", "password": password})
    assert client.get("/").url == "/accounts/password/change/", "it must be changed first"
    assert Post.objects.get(user__username="wang.fang").place.code == "640104"
    with system("look"):
        assert password not in "".join(Entry.objects.values_list("detail", flat=True))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"place": "640105"}, "There is no such code in your area."),
        ({"role": "grid_worker"}, "exists only at these levels: grid"),
        ({"role": "clinician"}, "belongs to a unit"),
        ({"role": "clinician", "unit": "640105-designated"}, "There is no such unit in your area."),
        ({"unit": "640104-designated"}, "belongs to no unit"),
        ({"ends": "2019-12-31"}, "would end before it starts"),
        ({"username": "Wang Fang"}, "Username"),
    ],
)
def test_a_post_that_breaks_a_rule_is_refused_with_the_rule_and_no_user_is_made(
    office, change, said
):
    page = office.post("/administration/users/new/", {**NEW, **change})
    assert said in page.content.decode()
    assert not User.objects.filter(username__iexact="wang.fang").exists()


def test_nobody_gives_themselves_a_duty(office):
    (own,) = User.objects.filter(posts__role="administrator")
    for way, given in (("", NEW), ("password/", {}), ("close/", {})):
        office.post(f"/administration/users/{own.username}/{way}", given)
    assert own.posts.count() == 1
    own.refresh_from_db()
    assert own.is_active
    assert not own.must_change_password


def test_a_user_of_another_area_is_not_there(office, post):
    elsewhere = post("epidemiologist", "640105")
    theirs = office.get(f"/administration/users/{elsewhere.user.username}/")
    nobody = office.get("/administration/users/no.such.person/")
    assert theirs.status_code == nobody.status_code == 404
    assert office.post(f"/administration/posts/{elsewhere.pk}/end/").status_code == 404
    elsewhere.refresh_from_db()
    assert elsewhere.ends is None


def test_an_ended_post_is_out_of_force_today(office, post):
    held = post("epidemiologist", "640104")
    office.post(f"/administration/posts/{held.pk}/end/")
    assert not held.user.posts_today().exists()


def test_a_new_password_unlocks_and_ends_the_sessions(office, post):
    held = post("epidemiologist", "640104")
    theirs = Client()
    theirs.force_login(held.user, backend="django.contrib.auth.backends.ModelBackend")
    assert theirs.get("/").status_code == 200
    office.post(f"/administration/users/{held.user.username}/password/")
    assert theirs.get("/").status_code == 302


@pytest.mark.parametrize("role", ["commander", "epidemiologist", "auditor"])
def test_other_roles_find_no_administration(signed_in, role):
    client = signed_in(role, "640104")
    assert client.get("/administration/users/new/").status_code == 404
    assert client.get("/administration/posts/").status_code == 404


def test_an_auditor_reads_entries_and_walks_the_chain(signed_in, office):
    office.post("/administration/users/new/", NEW)
    client = signed_in("auditor", "640104")
    page = client.get("/administration/audit/").content.decode()
    assert "wang.fang" in page
    with system("look"):
        seq = Entry.objects.latest("seq").seq
    assert "wang.fang" in client.get(f"/administration/audit/{seq}/").content.decode()
    assert "The chain holds" in client.post("/administration/audit/verify/").content.decode()
    elsewhere = signed_in("auditor", "640105")
    assert elsewhere.get(f"/administration/audit/{seq}/").status_code == 404
