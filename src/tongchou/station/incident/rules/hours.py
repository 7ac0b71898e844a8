"""The clocks of the incident desk, read from a table."""

from tongchou.station.incident.rules.tables import table


def hours(name: str) -> float:
    """Give a time limit in hours.

    >>> hours("warning_answered")
    24.0
    """
    return next(float(row["hours"]) for row in table("hours") if row["name"] == name)
