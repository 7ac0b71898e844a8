"""What a day of work has left on the desks of a demonstration: duties, a plan, a directive, names.

Everything goes through the services of the rooms, acting as the posts of the demonstration, and
says of itself that it is an exercise. What is there already is left alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.utils import timezone

from tongchou.station.access.context import acting, system
from tongchou.station.access.managers import require
from tongchou.station.access.roles import Role
from tongchou.station.accounts.actors import actor_of
from tongchou.station.accounts.models import Post
from tongchou.station.audit.record import record
from tongchou.station.cases.models import Case, Contact, Identity
from tongchou.station.cases.services import contacts, history, quarantine
from tongchou.station.incident.models import Compact, Directive, Duty, Handover, Plan, Task
from tongchou.station.incident.services import compacts, directives, duties, handover, plans
from tongchou.station.places.models import Level, Place
from tongchou.vocabulary.text import Text

NAMES = "甲乙丙丁戊己庚辛"
"""Of the invented persons: the exercise's A, B, C."""


def set_out(county: Place) -> None:
    """Leave a day's work on the desks of a county and of the levels above it."""
    prefecture, province = _above(county)
    for place in (province, prefecture, county):
        with _as(Role.COMMANDER, place):
            if not Duty.objects.filter(place=place).exists():
                duties.adopt(place)
    with _as(Role.COMMANDER, prefecture):
        _compact(prefecture)
    with _as(Role.DUTY_OFFICER, prefecture):
        _plan(prefecture, county)
        _directive(prefecture, county)
    with _as(Role.DUTY_OFFICER, county):
        _handover(county)
    with _as(Role.EPIDEMIOLOGIST, county):
        _names(county)
        _watched(county)


def _above(county: Place) -> tuple[Place, Place]:
    prefecture = county.parent
    if prefecture is None or prefecture.parent is None:
        raise ValueError(f"{county.code} lies in no prefecture of a province")
    return prefecture, prefecture.parent


@contextmanager
def _as(role: Role, place: Place) -> Iterator[None]:
    """Act as the post of the demonstration that has a role at a place."""
    with system("posts of the demonstration"):
        post = Post.objects.select_related("user", "place", "unit").filter(role=role, place=place).order_by("pk")[0]  # fmt: skip
    with acting(actor_of(post, channel="job")):
        yield


def _compact(place: Place) -> None:
    """Propose a compact to the neighbour next in the list."""
    name = "（演练）相邻地区联防协作"
    with system("partners of the demonstration"):
        if Compact.objects.filter(name_zh=name).exists():
            return
        beside = Place.objects.filter(parent=place.parent, level=place.level).exclude(pk=place.pk)
        partner = beside.order_by("code").first()
    if partner is None:
        return
    today = timezone.localdate()
    compact = Compact(
        name_zh=name,
        name_en="(Exercise) Compact of neighbours",
        basis="演练约定：互认观察、互通预警、互济物资 / exercise terms: watch recognised, alerts and supplies shared",
        starts=today,
        ends=today + timedelta(days=30),
    )
    compacts.found(compact, [partner])
    compacts.enter_figures(compact, {"surgical_mask": (120_000.0, 9_000.0)})


def _plan(place: Place, county: Place) -> None:
    """Bring a plan into force, and hand out one task under its first objective."""
    if Plan.objects.filter(place=place).exists():
        return
    words = Text(zh="（演练）本周工作计划", en="(Exercise) Plan of this week")
    plan = plans.draw_up(place, timezone.localdate(), text=words, basis="演练 / exercise")
    plans.approve(plan)
    first = plan.objectives.order_by("pk")[0]
    task = Task(
        text_zh="（演练）核对在册疑似病例的采样时间，逐例报告结果",
        text_en="(Exercise) Check when each suspected case was sampled, and report case by case",
        place=county,
        owner="县疾控机构 / county centre for disease control",
        due=timezone.now() + timedelta(days=1),
        basis=first.text.zh[:300],
    )
    plans.give_task(first, task)


def _directive(place: Place, county: Place) -> None:
    """Send a directive whose receipt is late since yesterday evening."""
    if Directive.objects.filter(place=place).exists():
        return
    yesterday = timezone.localtime() - timedelta(days=1)
    directive = Directive(
        place=place,
        text_zh="（演练）当日18时前回报隔离点可用房间数",
        text_en="(Exercise) Report the free rooms of quarantine sites by 18:00",
        basis="突发公共卫生事件应急条例（演练引用） / Regulation on public-health emergencies (cited for the exercise)",
        owner="县指挥部 / county headquarters",
        due=yesterday.replace(hour=18, minute=0, second=0, microsecond=0),
        expires=timezone.now() + timedelta(days=5),
    )
    directives.write_directive(directive, places=[county], units=[])
    directives.send(directive, known_at=yesterday)


def _handover(place: Place) -> None:
    """Sign a hand-over as the shift that leaves; the next shift has yet to take it."""
    if Handover.objects.filter(place=place).exists():
        return
    notes = "（演练）隔离点房间数尚未回报，请优先处理。\n(Exercise) The free rooms of the sites are not reported yet; do this first."
    handover.give(handover.begin(place), notes)


def _names(county: Place) -> None:
    """Give the newest cases of a county names that nobody bears, so that search finds somebody."""
    if Identity.objects.filter(name__startswith="演练").exists():
        return
    newest = Case.objects.filter(responsible=county, person__isnull=False).order_by("-reported_at")
    for number, (sign, case) in enumerate(
        zip(NAMES, newest.select_related("person")[: len(NAMES)], strict=False), 1
    ):
        if Identity.objects.filter(person=case.person).exists():
            continue
        require("cases.update", case)
        Identity.objects.create(
            person=case.person,
            name=f"演练{sign}",
            document_kind="other",
            document_number=f"DRILL-{number:04d}",
            phone=f"000-0000-{number:04d}",
            address=f"演练路{number}号",
            **history.bounds(case),
        )
        record("cases.identity", case, change="exercise name")


def _watched(county: Place) -> None:
    """Have two invented contacts in home quarantine in the first grid, for the worker's round."""
    grid = Place.objects.filter(parent=county, level=Level.GRID).order_by("code").first()
    if grid is None or Contact.objects.filter(grid_path=grid.path).exists():
        return
    yesterday = timezone.localdate() - timedelta(days=1)
    for number, sign in enumerate("壬癸", 1):
        person = contacts.enter_person(
            responsible=county, residence=grid, name=f"演练{sign}", phone=f"000-0001-{number:04d}"
        )
        contact = contacts.name_contact(
            person, responsible=county, setting="household", exposed_on=yesterday
        )
        quarantine.place(contact, kind="household", legal_basis="law39")
