"""The desk in a real browser, at a desk and on a phone, in both languages."""

import pytest

pytestmark = pytest.mark.browser


def test_the_inbox_opens(page_as):
    page = page_as("epidemiologist", "640104")
    assert page.locator("h1").inner_text() == "今日收件箱"
