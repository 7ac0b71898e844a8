"""Places, posts and work for the tests of the incident desk."""

from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone

from tongchou.station.access.context import acting
from tongchou.station.access.policy import Actor
from tongchou.station.incident.models import Directive, Task
from tongchou.station.incident.services.directives import send, write_directive
from tongchou.station.places.models import Place

NINGXIA, YINCHUAN, XINGQING, XIXIA, GRID = "640000", "640100", "640104", "640105", "640104-G01"


@pytest.fixture
def at(actor: Callable[..., Actor]) -> Callable[..., object]:
    """Give a scope for a post, made once and the same each time: ``with at("commander", "640100")``."""
    known: dict[tuple, Actor] = {}

    @contextmanager
    def scope(role: str, place: str, unit: str | None = None, number: int = 1):
        key = (role, place, unit, number)
        if key not in known:
            known[key] = actor(role, place, unit)
        with acting(known[key]) as now:
            yield now

    return scope


@pytest.fixture
def sent(at, places: dict[str, Place], units) -> Directive:
    """Give a directive of the province to two counties and a hospital, due in a day."""
    with at("commander", NINGXIA):
        directive = Directive(
            place=places[NINGXIA],
            text_zh="三日内完成发热门诊独立分区",
            text_en="Give every fever clinic a zone of its own within three days",
            basis="传染病防治法第三十九条",
            owner="省卫生健康部门",
            due=timezone.now() + timedelta(days=1),
            expires=timezone.now() + timedelta(days=5),
            mechanisms="M007",
        )
        write_directive(
            directive,
            places=[places[XINGQING], places[XIXIA]],
            units=[units["640104-designated"]],
        )
        return send(directive)


@pytest.fixture
def receipt(at, sent: Directive) -> Callable[..., Task]:
    """Give a reader of the receipt of an addressee."""

    def read(place: str, unit: str | None = None) -> Task:
        rows = Task.objects.filter(directive=sent, place_id=place)
        return rows.get(unit__code=unit) if unit else rows.get(unit__isnull=True)

    return read
