"""The map of tiers on the first page: what the latest order of the place says, with its source."""

import pytest
from django.utils.translation import override

from tongchou.station.access.context import acting
from tongchou.station.incident import tier_panel

pytestmark = pytest.mark.django_db


def drawn(who):
    with acting(who), override("en"):
        return tier_panel.draw()


def test_it_shows_the_tiers_of_the_latest_order(drafted, actor):
    page = drawn(actor("duty_officer", "640104"))
    assert "<svg" in page
    assert "Map of tiers:" in page
    assert f"data to {drafted.cut}, 24:00, to sign" in page
    assert f'href="/incident/orders/{drafted.pk}/"' in page


def test_without_an_order_there_is_no_panel(places, actor):
    assert drawn(actor("duty_officer", "640105")) is None
