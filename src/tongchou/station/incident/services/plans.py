"""Plans: draw up, measure against the latest order, bring into force, make the next version."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from tongchou.station.access.managers import require
from tongchou.station.audit.record import record
from tongchou.station.incident.errors import NotPossible
from tongchou.station.incident.models import Objective, Plan, Task
from tongchou.station.incident.models.ground import stamp
from tongchou.station.incident.models.plan import PlanState
from tongchou.station.incident.rules.tables import objectives as standing
from tongchou.station.incident.services.ledger import hand_out
from tongchou.station.incident.services.measuring import measured
from tongchou.station.places.models import Place
from tongchou.vocabulary.text import Text


def draw_up(place: Place, starts: date, days: int = 7, *, text: Text, basis: str = "") -> Plan:
    """Draw up a plan with the standing objectives of the order of the day as its first draft."""
    plan = Plan(
        place=place,
        path=place.path,
        text_zh=text.zh,
        text_en=text.en,
        starts=starts,
        ends=starts + timedelta(days=days - 1),
        basis=basis,
        version=1 + Plan.objects.filter(place=place, starts=starts).count(),
        made_by=stamp(),
    )
    require("incident.plan", plan)
    plan.save()
    for row in standing():
        Objective.objects.create(
            plan=plan,
            place=place,
            key=row["id"],
            text_zh=row["objective_zh"],
            text_en=row["objective_en"],
            indicator=row["indicator"],
            direction=row["direction"],
            target=float(row["target"]),
            mechanisms=row["mechanisms"],
            source=row["source"],
        )
    measure(plan)
    record("incident.plan", plan, move="draw up")
    return plan


def measure(plan: Plan) -> int:
    """Read the indicators of a plan from the latest order of its place; give how many have a value."""
    told = measured(plan.place_id)
    found = 0
    for objective in plan.objectives.exclude(indicator="free"):
        got = told.get(objective.indicator)
        if got is None:
            continue
        objective.value, objective.value_of, objective.value_source = got.value, got.of, got.source
        objective.save()
        found += 1
    return found


def approve(plan: Plan) -> Plan:
    """Bring a draft into force; the version that was in force for these days is superseded."""
    require("incident.plan", plan)
    if plan.state != PlanState.DRAFT:
        raise NotPossible(
            Text(
                zh="只有草案可以批准执行。请先另立新版本。",
                en="Only a draft comes into force. Make a new version first.",
            )
        )
    if not plan.objectives.exists():
        raise NotPossible(
            Text(
                zh="计划没有目标，不能批准。请先添加目标。",
                en="The plan has no objective. Add one first.",
            )
        )
    with transaction.atomic():
        Plan.objects.filter(
            place=plan.place, state=PlanState.IN_FORCE, starts__lte=plan.ends, ends__gte=plan.starts
        ).update(state=PlanState.SUPERSEDED)
        plan.state, plan.approved_by, plan.approved_at = PlanState.IN_FORCE, stamp(), timezone.now()
        plan.save()
    record("incident.plan", plan, move="approve", version=plan.version)
    return plan


def next_version(plan: Plan) -> Plan:
    """Copy a plan into a draft of its next version; what is handed out stays with the old one."""
    require("incident.plan", plan)
    made = Plan.objects.create(
        place=plan.place,
        text_zh=plan.text_zh,
        text_en=plan.text_en,
        starts=plan.starts,
        ends=plan.ends,
        basis=plan.basis,
        version=1 + Plan.objects.filter(place=plan.place, starts=plan.starts).count(),
        made_by=stamp(),
    )
    for objective in plan.objectives.all():
        objective.pk, objective.plan, objective._state.adding = None, made, True
        objective.save()
    record("incident.plan", made, move="next version", version=made.version)
    return made


def save_objective(objective: Objective) -> Objective:
    """Save an objective of a draft.

    Raises
    ------
    NotPossible
        If the plan is no draft: a plan in force is changed by its next version.
    """
    objective.path = objective.place.path
    require("incident.plan", objective)
    value_only = objective.pk is not None and objective.indicator == "free"
    if objective.plan.state != PlanState.DRAFT and not value_only:
        raise NotPossible(
            Text(
                zh="执行中的计划不能直接修改。请另立新版本。",
                en="A plan in force is not changed in place. Make its next version.",
            )
        )
    objective.save()
    record("incident.plan", objective, move="save")
    return objective


def give_task(objective: Objective, task: Task) -> Task:
    """Hand out a task under an objective, to a place or unit at or below the plan's place."""
    require("incident.plan", objective)
    task.origin, task.objective = "objective", objective
    task.from_place = objective.place
    if not task.place.path.startswith(objective.path):
        raise NotPossible(
            Text(
                zh="任务只能交给本地区及其下属地区和单位。请求助请用区域协作。",
                en="A task goes to this place, or to places and units below it. Ask others through a compact.",
            )
        )
    task.mechanisms = task.mechanisms or objective.mechanisms
    hand_out(task)
    record("incident.plan", task, move="give")
    return task


def drop_objective(objective: Objective) -> None:
    """Take an objective out of a draft."""
    require("incident.plan", objective)
    if objective.plan.state != PlanState.DRAFT:
        raise NotPossible(
            Text(
                zh="执行中的计划不能直接修改。请另立新版本。",
                en="A plan in force is not changed in place. Make its next version.",
            )
        )
    record("incident.plan", objective, move="take out")
    objective.delete()
