"""What every page tells the browser."""

import pytest
from django.test import Client


@pytest.mark.parametrize("page", ["/accounts/login/", "/nowhere/", "/"])
def test_every_answer_carries_the_headers(page, db):
    headers = Client().get(page).headers
    policy = headers["Content-Security-Policy"]
    for part in (
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    ):
        assert part in policy
    script = next(p for p in policy.split(";") if p.strip().startswith("script-src"))
    assert "unsafe" not in script
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert (
        headers["Cache-Control"].startswith(("no-store", "max-age=0"))
        or "no-store" in headers["Cache-Control"]
    )
    assert "Access-Control-Allow-Origin" not in headers


def test_methods_that_nobody_uses_are_refused(db):
    assert Client().generic("TRACE", "/").status_code == 405


def test_leaving_clears_what_the_browser_kept(signed_in):
    client = signed_in("epidemiologist", "640104")
    assert "storage" in client.post("/accounts/logout/").headers["Clear-Site-Data"]


def test_too_many_pages_a_minute_are_refused_with_the_time_to_wait(signed_in, settings):
    settings.STATION_REQUESTS_PER_MINUTE = 3
    client = signed_in("epidemiologist", "640104")
    answers = [client.get("/accounts/").status_code for _ in range(5)]
    assert answers == [200, 200, 200, 429, 429]
    assert int(client.get("/accounts/").headers["Retry-After"]) <= 60


def test_a_form_without_its_token_is_refused(signed_in, post):
    held = post("epidemiologist", "640104")
    client = Client(enforce_csrf_checks=True)
    client.force_login(held.user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post("/accounts/logout/").status_code == 403
