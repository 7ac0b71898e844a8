"""The board of the incident: how the work stands, in process figures."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from tongchou.station.access.context import actor
from tongchou.station.access.managers import require_any
from tongchou.station.incident.models import Finding, Objective, Task
from tongchou.station.incident.rules import burden
from tongchou.station.incident.rules.targets import share_on_target
from tongchou.station.incident.services import decisions, duties, requests
from tongchou.station.incident.services.compacts import share_acknowledged_in_time
from tongchou.station.incident.services.ledger import tally_of
from tongchou.station.incident.services.standing import own_place
from tongchou.station.places.models import LEVEL_NAMES
from tongchou.vocabulary.text import Text, share


def _share(value: float | None) -> str:
    return "–" if value is None else share(value)


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Show the figures by which the mechanisms of coordination are measured, each with its list."""
    require_any("incident.view")
    place = own_place()
    objectives = [
        o.on_target for o in Objective.objects.filter(place=place, plan__state="in_force")
    ]
    wait, of = decisions.hours_to_action()
    timely, alerts = share_acknowledged_in_time()
    told = {
        o: tally_of(Task.objects.filter(origin=o)) for o in ("directive", "objective", "finding")
    }
    missing = duties.without_owner(place)
    closed_due = tally_of(Task.objects.filter(origin="finding")).on_time_share
    figures = [
        ("M001", Text(zh="决定到基层首次行动（中位小时）", en="Decision to first action in the field (median hours)"), "–" if wait is None else f"{wait:.1f}", Text(zh="共 {n} 项决定", en="of {n} decisions").fill(n=of), reverse("incident:decisions")),
        ("M001", Text(zh="有责任人、依据和时限的决定", en="Decisions with owner, basis and due time"), _share(decisions.share_complete()), Text(zh="目标 100%", en="target 100 %"), reverse("incident:decisions")),
        ("M002", Text(zh="本级无牵头单位的机制", en="Mechanisms without an owner here"), str(len(missing)), Text(zh="目标 0", en="target 0"), reverse("incident:matrix") + "?only=missing"),
        ("M003", Text(zh="达标的目标", en="Objectives on target"), _share(share_on_target(objectives)), Text(zh="共 {n} 个目标", en="of {n} objectives").fill(n=len(objectives)), reverse("incident:plans")),
        ("M108", Text(zh="指令按时办结", en="Directives done on time"), _share(told["directive"].on_time_share), Text(zh="逾期 {n}，重办 {m}", en="{n} late, {m} reopened").fill(n=told["directive"].late, m=told["directive"].reopened), reverse("incident:tasks") + "?origin=directive"),
        ("M108", Text(zh="任务按时办结", en="Tasks done on time"), _share(told["objective"].on_time_share), Text(zh="逾期 {n}，重办 {m}", en="{n} late, {m} reopened").fill(n=told["objective"].late, m=told["objective"].reopened), reverse("incident:tasks") + "?origin=objective"),
        ("M014", Text(zh="整改按时完成", en="Findings corrected on time"), _share(closed_due), Text(zh="未销号 {n}", en="{n} open").fill(n=Finding.objects.filter(state="open").count()), reverse("incident:findings")),
        ("M056", Text(zh="1 小时内确认的预警", en="Alerts acknowledged within 1 hour"), _share(timely), Text(zh="共 {n} 条", en="of {n}").fill(n=alerts), reverse("incident:compacts")),
        ("M100", Text(zh="每名网格员每天填表分钟", en="Minutes of forms per grid worker per day"), f"{requests.minutes_used(place):.0f}", Text(zh="上限 {n}", en="limit {n}").fill(n=f"{burden.assumed('budget'):.0f}"), reverse("incident:minutes")),
    ]  # fmt: skip
    context = {
        "place": place,
        "level": LEVEL_NAMES[place.level],
        "figures": [
            dict(zip(("mechanism", "label", "value", "note", "url"), f, strict=True))
            for f in figures
        ],
        "may_direct": "incident.direct" in actor().may,
    }
    return render(request, "incident/board.html", context)
