"""Findings of an inspection, and the corrective actions that follow."""

from tongchou.station.access.managers import require
from tongchou.station.audit.record import record
from tongchou.station.incident.errors import NotPossible
from tongchou.station.incident.models import Finding, Task
from tongchou.station.incident.models.finding import FindingState
from tongchou.station.incident.models.ground import stamp
from tongchou.station.incident.services.ledger import hand_out
from tongchou.vocabulary.text import Text


def record_finding(finding: Finding) -> Finding:
    """Record a finding about a process at a place at or below the inspecting one."""
    finding.path, finding.from_path = finding.place.path, finding.from_place.path
    require("incident.inspect", finding)
    if not finding.path.startswith(finding.from_path):
        raise NotPossible(
            Text(
                zh="只能督查本地区及下属地区。",
                en="A place inspects itself and the places below it.",
            )
        )
    finding.made_by = stamp()
    finding.save()
    record("incident.inspect", finding, move="record")
    return finding


def set_action(finding: Finding, task: Task) -> Task:
    """Set a corrective action for the place, or the unit, that the finding is about."""
    require("incident.inspect", finding)
    if finding.state != FindingState.OPEN:
        raise NotPossible(
            Text(
                zh="已销号的问题不能再布置整改。请另记一条发现。",
                en="A closed finding takes no further action. Record another.",
            )
        )
    task.origin, task.finding = "finding", finding
    task.from_place, task.place, task.unit = finding.from_place, finding.place, finding.unit
    task.mechanisms, task.due = finding.mechanism, task.due or finding.due
    task.basis = task.basis or finding.text.zh[:300]
    hand_out(task)
    record("incident.inspect", task, move="set action")
    return task
