"""What holds where the station serves for real: nothing here may depend on the tests' own settings."""

import importlib.util
import stat
from pathlib import Path

import pytest
from django.test import Client

from tongchou.station import keys
from tongchou.station import settings as tested


@pytest.fixture
def production(monkeypatch, tmp_path):
    """Read the settings anew, as a server without any of our variables would."""
    monkeypatch.delenv("TONGCHOU_DEBUG", raising=False)
    monkeypatch.setenv("TONGCHOU_HOME", str(tmp_path))
    spec = importlib.util.spec_from_file_location("production_settings", tested.__file__)
    read = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(read)
    return read


def test_cookies_are_bound_to_this_host_and_to_https(production):
    assert not production.DEBUG
    for name in (
        production.SESSION_COOKIE_NAME,
        production.CSRF_COOKIE_NAME,
        production.LANGUAGE_COOKIE_NAME,
    ):
        assert name.startswith("__Host-")
    assert production.SESSION_COOKIE_SECURE
    assert production.CSRF_COOKIE_SECURE
    assert production.LANGUAGE_COOKIE_SECURE
    assert production.SESSION_COOKIE_SAMESITE == production.CSRF_COOKIE_SAMESITE == "Lax"


def test_posts_that_see_others_must_have_a_second_factor(production):
    assert {"commander", "epidemiologist", "clinician", "auditor", "administrator"} <= set(
        production.STATION_TOTP_ROLES
    )


def test_https_is_kept_for_a_year(production, settings, db):
    settings.SECURE_SSL_REDIRECT = production.SECURE_SSL_REDIRECT
    settings.SECURE_HSTS_SECONDS = production.SECURE_HSTS_SECONDS
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = production.SECURE_HSTS_INCLUDE_SUBDOMAINS
    plain = Client().get("/accounts/login/")
    assert plain.status_code == 301
    assert plain.url == "https://testserver/accounts/login/"
    header = Client().get("/accounts/login/", secure=True).headers["Strict-Transport-Security"]
    assert header == "max-age=31536000; includeSubDomains"


def test_the_api_is_refused_without_https_and_not_led_to_it(production, settings, db):
    settings.SECURE_SSL_REDIRECT = production.SECURE_SSL_REDIRECT
    settings.SECURE_REDIRECT_EXEMPT = production.SECURE_REDIRECT_EXEMPT
    answer = Client().get("/api/me")
    assert answer.status_code == 403
    assert "error" in answer.json()


def test_no_admin_site_and_no_development_tools_are_served(production, db):
    assert not any(
        "admin" in app.rpartition(".")[2] and "django" in app for app in production.INSTALLED_APPS
    )
    assert Client().get("/admin/").status_code in (302, 404)
    assert "debug_toolbar" not in production.INSTALLED_APPS


def test_the_secret_key_is_readable_by_its_owner_only_and_made_once(tmp_path):
    home = tmp_path / "station"
    first = keys.secret_key(home)
    assert keys.secret_key(home) == first
    assert len(first) >= 64
    assert stat.S_IMODE((home / keys.KEY_FILE).stat().st_mode) == 0o600
    assert [f.name for f in Path(home).iterdir()] == [keys.KEY_FILE]
