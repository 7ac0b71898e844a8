"""The records of the incident desk."""

from tongchou.station.incident.models.compact import AidRequest, Compact, CompactMember, SharedAlert
from tongchou.station.incident.models.decision import DecisionRecord
from tongchou.station.incident.models.directive import Directive
from tongchou.station.incident.models.finding import Finding
from tongchou.station.incident.models.handover import Handover
from tongchou.station.incident.models.ledger import Evidence, Step, Task
from tongchou.station.incident.models.order import Order, OrderDocument, OrderLine
from tongchou.station.incident.models.organisation import Delegation, Duty, Organisation, Shift
from tongchou.station.incident.models.plan import Objective, Plan
from tongchou.station.incident.models.request import DataRequest, RequestedField
from tongchou.station.incident.models.warning import EarlyWarning

__all__ = [
    "AidRequest",
    "Compact",
    "CompactMember",
    "DataRequest",
    "DecisionRecord",
    "Delegation",
    "Directive",
    "Duty",
    "EarlyWarning",
    "Evidence",
    "Finding",
    "Handover",
    "Objective",
    "Order",
    "OrderDocument",
    "OrderLine",
    "Organisation",
    "Plan",
    "RequestedField",
    "SharedAlert",
    "Shift",
    "Step",
    "Task",
]
