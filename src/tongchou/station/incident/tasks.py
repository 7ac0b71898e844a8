"""Jobs of the incident desk, where the queue looks for them."""

from tongchou.station.incident.tasks_clocks import clocks
from tongchou.station.incident.tasks_orders import make_order, morning

__all__ = ["clocks", "make_order", "morning"]
