"""Places, posts and work for the tests of the incident desk."""

from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone

from tongchou.station.access.context import acting
from tongchou.station.access.policy import Actor
from tongchou.station.incident.models import Compact, DataRequest, Directive, Finding, Plan, Task
from tongchou.station.incident.services import (
    compacts,
    duties,
    findings,
    handover,
    plans,
    requests,
    warnings,
)
from tongchou.station.incident.services.directives import send, write_directive
from tongchou.station.places.models import Place
from tongchou.vocabulary.text import Text

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


@pytest.fixture
def county(at, places, sent) -> Plan:
    """Give a county with one of everything."""
    with at("commander", XINGQING):
        here = places[XINGQING]
        duties.adopt(here)
        plan = plans.draw_up(
            here, timezone.localdate(), text=Text(zh="遏制蔓延", en="Curb the spread")
        )
        finding = findings.record_finding(
            Finding(
                from_place=here, place=here, text_zh="隔离点无分区", text_en="A site without zones",
                process="隔离点管理", mechanism="M047", evidence="现场所见",
                due=timezone.now() + timedelta(days=1),
            )
        )  # fmt: skip
        findings.set_action(finding, Task(text_zh="划分三区", owner="卫生健康局"))
        requests.ask(
            DataRequest(
                place=here, text_zh="返乡人员登记", asker="某局", purpose="排查",
                basis="传染病防治法第十二条", expires=timezone.localdate() + timedelta(days=9),
            ),
            [("身份证号码", "text"), ("返乡日期", "date"), ("车牌号", "text")],
        )  # fmt: skip
        handover.begin(here)
        warnings.warn("发热门诊一天来了七个同村的人", withhold=True)
        compact = compacts.found(
            Compact(
                name_zh="银川协作", basis="协议", ends=timezone.localdate() + timedelta(days=9)
            ),
            [places[XIXIA]],
        )
    with at("commander", XIXIA):
        compacts.agree(compact)
        compacts.share_alert(compact, Text(zh="市场出现聚集", en="A cluster at a market"))
        compacts.enter_figures(compact, {"n95_mask": (100, 100)})
    with at("commander", XINGQING):
        compacts.enter_figures(compact, {"n95_mask": (5000, 100)})
        compacts.enter_rules(
            compact, level="II", tiers={"low": [], "medium": [], "high": []}, recognises_watch=True
        )
    return plan
