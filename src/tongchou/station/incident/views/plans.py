"""Pages of plans: objectives, their values, the tasks under them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongchou.station.access.context import actor
from tongchou.station.access.managers import require, require_any
from tongchou.station.desk.lists import Badge, Tone
from tongchou.station.incident.forms.plan import ObjectiveForm, PlanForm, ValueForm
from tongchou.station.incident.forms.work import TaskForm
from tongchou.station.incident.models import Objective, Plan, Task
from tongchou.station.incident.rules.targets import DIRECTIONS, share_on_target
from tongchou.station.incident.services import plans
from tongchou.station.incident.services.standing import own_place
from tongchou.station.incident.views.attempt import attempt, form_page
from tongchou.station.incident.views.ledger import badge_of
from tongchou.vocabulary.text import Text, share

ORDER_SOURCE = Text(zh="每日工作部署 {order}", en="order of the day {order}")
STATE_TONES: dict[str, Tone] = {"draft": "neutral", "in_force": "good", "superseded": "neutral"}


def _plan(number: int) -> Plan:
    return get_object_or_404(Plan.objects.select_related("place"), pk=number)


def target_badge(objective: Objective) -> Badge:
    """Say whether an objective is on target."""
    if objective.on_target is None:
        return Badge(Text(zh="尚无数据", en="no value yet"), "neutral")
    if objective.on_target:
        return Badge(Text(zh="达标", en="on target"), "good")
    return Badge(Text(zh="未达标", en="off target"), "bad")


@require_GET
def plan(request: HttpRequest, number: int) -> HttpResponse:
    """Show a plan with its objectives and what is done for each."""
    found = _plan(number)
    objectives = list(found.objectives.all())
    tasks: dict[int, list[Any]] = {}
    for task in Task.objects.filter(objective__plan=found).select_related("place", "unit"):
        tasks.setdefault(task.objective_id, []).append({"task": task, "badge": badge_of(task)})
    reached = share_on_target([o.on_target for o in objectives])
    context = {
        "plan": found,
        "badge": Badge(found.state_name, STATE_TONES[found.state]),
        "rows": [
            {
                "objective": o,
                "badge": target_badge(o),
                "target": DIRECTIONS[o.direction].fill(target=f"{o.target:g}"),
                "tasks": tasks.get(o.pk, []),
                "source": o.value_source
                if o.indicator == "free"
                else ORDER_SOURCE.fill(order=o.value_source),
            }
            for o in objectives
        ],
        "reached": "–" if reached is None else share(reached),
        "measurable": len(objectives),
        "mine": found.path.startswith(actor().path) and "incident.plan" in actor().may,
        "versions": Plan.objects.filter(place=found.place, starts=found.starts).order_by("version"),
    }
    return render(request, "incident/plan.html", context)


@require_http_methods(["GET", "POST"])
def new_plan(request: HttpRequest) -> HttpResponse:
    """Draw up a plan."""
    require_any("incident.plan")
    place = own_place()

    def save(data: dict) -> str:
        made = plans.draw_up(
            place,
            data["starts"],
            data["days"],
            text=Text(zh=data["text_zh"], en=data["text_en"]),
            basis=data["basis"],
        )
        return reverse("incident:plan", args=[made.pk])

    return form_page(
        request,
        PlanForm(request.POST or None),
        save,
        title=Text(zh="新计划", en="New plan"),
        button=Text(zh="起草", en="Draw up"),
        back=reverse("incident:plans"),
        note=Text(
            zh="草案自动带入每日工作部署的常设目标，可增删修改；数值来自最近一次部署。",
            en="The draft starts from the standing objectives of the order of the day; change them as you need. Values come from the latest order.",
        ),
    )


@require_http_methods(["GET", "POST"])
def edit_objective(request: HttpRequest, number: int, objective: int | None = None) -> HttpResponse:
    """Add an objective to a draft, or change one."""
    found = _plan(number)
    require("incident.plan", found)
    row = (
        get_object_or_404(found.objectives, pk=objective)
        if objective
        else Objective(plan=found, place=found.place)
    )
    fields = ("text_zh", "text_en", "indicator", "indicator_text", "direction", "target")
    initial = (
        {f: getattr(row, f) for f in fields} | {"mechanism": row.mechanisms.split("|")[0]}
        if row.pk
        else None
    )

    def save(data: dict) -> str:
        for field in fields:
            setattr(row, field, data[field])
        row.mechanisms = data["mechanism"] or row.mechanisms
        plans.save_objective(row)
        plans.measure(found)
        return reverse("incident:plan", args=[found.pk])

    return form_page(
        request,
        ObjectiveForm(request.POST or None, initial=initial),
        save,
        title=Text(zh="目标", en="Objective"),
        button=Text(zh="保存", en="Save"),
        back=reverse("incident:plan", args=[found.pk]),
    )


@require_http_methods(["GET", "POST"])
def enter_value(request: HttpRequest, number: int) -> HttpResponse:
    """Enter the value of an indicator that no order measures."""
    row = get_object_or_404(
        Objective.objects.select_related("plan", "place"), pk=number, indicator="free"
    )
    require("incident.plan", row)

    def save(data: dict) -> str:
        row.value, row.value_of, row.value_source = (
            data["value"],
            data["value_of"],
            data["value_source"],
        )
        plans.save_objective(row)
        return reverse("incident:plan", args=[row.plan_id])

    return form_page(
        request,
        ValueForm(request.POST or None),
        save,
        title=Text(zh="填报当前值", en="Enter a value"),
        button=Text(zh="保存", en="Save"),
        back=reverse("incident:plan", args=[row.plan_id]),
        note=row.text,
    )


@require_http_methods(["GET", "POST"])
def new_task(request: HttpRequest, number: int) -> HttpResponse:
    """Hand out a task under an objective."""
    row = get_object_or_404(Objective.objects.select_related("plan", "place"), pk=number)
    require("incident.plan", row)

    def save(data: dict) -> str:
        task = Task(
            text_zh=data["text_zh"],
            text_en=data["text_en"],
            place=data["place"],
            unit=data["unit"],
            owner=data["owner"],
            due=data["due"],
            basis=row.text.zh[:300],
        )
        plans.give_task(row, task)
        return reverse("incident:plan", args=[row.plan_id])

    return form_page(
        request,
        TaskForm(row.place, request.POST or None),
        save,
        title=Text(zh="新任务", en="New task"),
        button=Text(zh="下达", en="Hand out"),
        back=reverse("incident:plan", args=[row.plan_id]),
        done=Text(zh="已下达。", en="Handed out."),
        note=row.text,
    )


@require_POST
def plan_move(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """Approve a draft, read its values anew, or make the next version."""
    found = _plan(number)
    if name == "approve":
        attempt(request, lambda: plans.approve(found), Text(zh="已批准执行。", en="In force."))
    elif name == "measure":
        require("incident.plan", found)
        attempt(
            request,
            lambda: plans.measure(found),
            Text(zh="已按最近一次部署更新。", en="Read from the latest order."),
        )
    elif name == "next":
        made = plans.next_version(found)
        return redirect("incident:plan", made.pk)
    return redirect("incident:plan", number)


@require_POST
def drop_objective(request: HttpRequest, number: int) -> HttpResponse:
    """Take an objective out of a draft."""
    row = get_object_or_404(Objective.objects.select_related("plan", "place"), pk=number)
    attempt(request, lambda: plans.drop_objective(row), Text(zh="已删去。", en="Taken out."))
    return redirect("incident:plan", row.plan_id)
