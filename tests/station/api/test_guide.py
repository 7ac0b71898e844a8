"""The example of the guide runs and prints what the page shows."""

import contextlib
import io
import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client
from tests.station.exchange.test_fhir_routes import story

from tongchou.station.exchange.fhir.bundles import transaction

pytestmark = pytest.mark.django_db
GUIDE = Path(__file__).parents[3] / "docs/guides/api.md"


class Answer(io.BytesIO):
    """What ``urlopen`` gives."""


def opened(request):
    """Send a request of the example in process."""
    path = request.full_url.removeprefix("https://station.example")
    response = Client().generic(
        request.get_method(),
        path,
        request.data or b"",
        content_type=request.get_header("Content-type", "application/json"),
        headers={k: v for k, v in request.header_items() if k != "Content-type"},
        secure=True,
    )
    assert response.status_code == 200, response.content
    return Answer(response.content)


def test_the_example_prints_what_the_page_shows(token, monkeypatch):
    text = GUIDE.read_text(encoding="utf-8")
    first, send = re.findall(r"```python\n(.*?)```", text, re.S)
    shown = re.search(r"```text\n(.*?)```", text, re.S)[1]
    monkeypatch.setattr("urllib.request.urlopen", opened)
    names: dict[str, object] = {}
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(
            first.replace("tch_…", token("epidemiologist", "640104")), names
        )  # the page's own code
        exec(send, names)
    assert said.getvalue() == shown
    bundle = transaction(story(1))
    assert names["send"](bundle, "k") == names["send"](bundle, "k") == ["201 Created"] * 4


def test_the_page_names_the_limits_that_hold(settings):
    text = GUIDE.read_text(encoding="utf-8")
    kept = SimpleNamespace(**settings.API_REQUESTS_PER_MINUTE)
    assert (
        f"每令牌每分钟 {kept.token} 次、每人 {kept.user} 次、未登录地址 {kept.address} 次" in text
    )
    assert json.dumps(kept.token) in text
