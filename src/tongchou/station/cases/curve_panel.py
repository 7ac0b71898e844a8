"""The epidemic curve on the first page: newly confirmed a day, from the live cases within reach."""

import time
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import count

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tongchou.station.access.context import actor
from tongchou.station.cases.conditions import cases
from tongchou.station.desk.registry import Panel, register_panel
from tongchou.station.desk.templatetags.words import language
from tongchou.vocabulary.text import Text

DAYS = 35
"""Whole days shown, yesterday the last: five weeks, so that the same weekdays stand five times."""
SECONDS = 120
"""How long a count is kept: the curve has whole days, and a first page is opened all day long."""
LABEL = Text(zh="新增确诊", en="New confirmed cases")


def register() -> None:
    """Make the panel known to the desk."""
    register_panel(
        Panel(
            name="curve",
            label=Text(zh="每日新增确诊", en="New confirmed cases a day"),
            action="cases.view",
            draw=draw,
            order=10,
        )
    )


def draw() -> SafeString | None:
    """Draw the curve of the present actor; None where nobody was confirmed in these days."""
    from tongchou.station.desk.charts import epidemic_curve

    who = actor()
    counts, at = _counted(
        who.path, who.unit_id, who.may["cases.view"], timezone.localdate(), int(time.monotonic() / SECONDS)
    )  # fmt: skip
    drawn = epidemic_curve(counts, label=LABEL)
    if drawn is None:
        return None
    source = Text(
        zh="来源：本系统中本岗位可见的个案，按确诊日期计；{at} 统计，不含当日。",
        en="Source: cases of this station within this post's reach, by day of confirmation; counted {at}, today left out.",
    ).fill(at=timezone.localtime(at).strftime("%Y-%m-%d %H:%M"))
    return format_html('{}<p class="note">{}</p>', drawn, source[language()])


@lru_cache(maxsize=256)
def _counted(
    path: str, unit: int | None, reach: str, today: date, turn: int
) -> tuple[tuple[tuple[date, int], ...], datetime]:
    """Count by day within the present actor's reach, which the first arguments name; none if nobody."""
    first = today - timedelta(days=DAYS)
    rows = cases().filter(confirmed_at__gte=_midnight(first), confirmed_at__lt=_midnight(today))
    found = dict(
        rows.annotate(day=TruncDate("confirmed_at"))
        .order_by()
        .values_list("day")
        .annotate(Count("pk"))
    )
    days = (first + timedelta(days=n) for n in count())
    counts = tuple((day, found.get(day, 0)) for day, _ in zip(days, range(DAYS), strict=False))
    return (counts if found else ()), timezone.now()


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))
