"""The times of a case must be in order: which may not come before which, and never in the future.

The pairs stand in ``reference/station/case_times.csv``.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo

from tongchou.station.cases.problems import Problem
from tongchou.station.cases.tables import names, table, words
from tongchou.vocabulary.text import Text, same, text_of

FIELDS = tuple(r["field"] for r in table("case_times"))
"""Every time of a case, in the order of its path."""
LABELS: Mapping[str, Text] = {r["field"]: words(r) for r in table("case_times")}
AHEAD = timedelta(minutes=5)
"""How far a clock may run ahead of ours before we call a time future."""


def written(value: date | datetime, zone: tzinfo) -> str:
    """Write a time as it stands in the station's own time zone.

    >>> from datetime import UTC
    >>> written(datetime(2020, 2, 3, 10, 5, tzinfo=UTC), UTC), written(date(2020, 2, 3), UTC)
    ('2020-02-03 10:05', '2020-02-03')
    """
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    return value.isoformat()


def check_times(
    times: Mapping[str, date | datetime | None], *, now: datetime, zone: tzinfo
) -> list[Problem]:
    """Give every pair of times that is out of order, and every time that has not come yet.

    Examples
    --------
    >>> from datetime import UTC
    >>> at = {"sampled_at": datetime(2020, 2, 3, 8, tzinfo=UTC), "result_at": datetime(2020, 2, 2, 8, tzinfo=UTC)}
    >>> check_times(at, now=datetime(2020, 2, 9, tzinfo=UTC), zone=UTC)[0].text.en
    'First result (2020-02-02 08:00) lies before first sample (2020-02-03 08:00). A result does not come before the sample. Correct one of the two.'
    """
    found = []
    for row in table("case_times"):
        value = times.get(row["field"])
        if value is None:
            continue
        if _future(value, now, zone):
            found.append(_not_yet(row["field"], value, now, zone))
        found += [
            _swapped(row, value, before, times[before], zone)
            for before in names(row["not_before"])
            if times.get(before) is not None and _before(value, times[before], zone)
        ]
    return found


def _before(value: date | datetime, other: date | datetime | None, zone: tzinfo) -> bool:
    if isinstance(value, datetime) and isinstance(other, datetime):
        return value < other
    return _day(value, zone) < _day(other, zone)


def _day(value: date | datetime | None, zone: tzinfo) -> date:
    assert value is not None
    return value.astimezone(zone).date() if isinstance(value, datetime) else value


def _future(value: date | datetime, now: datetime, zone: tzinfo) -> bool:
    if isinstance(value, datetime):
        return value > now + AHEAD
    return value > _day(now, zone)


def _not_yet(name: str, value: date | datetime, now: datetime, zone: tzinfo) -> Problem:
    return Problem(
        field=name,
        text=Text(
            zh="{field}（{value}）晚于现在（{now}）。请核对年月日。",
            en="{Field} ({value}) lies after now ({now}). Check the date.",
        ).fill(
            field=LABELS[name],
            Field=capital(LABELS[name]),
            value=written(value, zone),
            now=written(now, zone),
        ),
    )


def _swapped(
    row: Mapping[str, str],
    value: date | datetime,
    before: str,
    earlier: date | datetime | None,
    zone: tzinfo,
) -> Problem:
    assert earlier is not None
    return Problem(
        field=row["field"],
        text=Text(
            zh="{field}（{value}）早于{before}（{earlier}）。{why}请更正其中之一。",
            en="{Field} ({value}) lies before {before} ({earlier}). {why} Correct one of the two.",
        ).fill(
            field=words(row),
            Field=capital(words(row)),
            value=written(value, zone),
            before=LABELS[before],
            earlier=written(earlier, zone),
            why=text_of(row, "why") if row["why_zh"] else same(""),
        ),
    )


def capital(text: Text) -> Text:
    """Give a label as it begins a line: a capital in English."""
    return Text(zh=text.zh, en=text.en[:1].upper() + text.en[1:])
