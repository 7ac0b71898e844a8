"""The protected channel: an early warning from the front line, and its answer within a day (M109)."""

import secrets
from datetime import timedelta

from django.utils import timezone

from tongchou.station.access.context import acting, actor, system
from tongchou.station.access.managers import require, require_any
from tongchou.station.audit.record import record
from tongchou.station.incident.errors import NotPossible
from tongchou.station.incident.models import EarlyWarning
from tongchou.station.incident.models.ground import stamp
from tongchou.station.incident.rules.hours import hours
from tongchou.station.places.models import Level, Place
from tongchou.vocabulary.text import Text

ANSWERED_AT = (Level.COUNTY, Level.PREFECTURE, Level.PROVINCE, Level.NATION)


def warn(words: str, *, withhold: bool) -> EarlyWarning:
    """Send a warning to the county above the present post; give it with its slip.

    Withheld means withheld: no post, no unit, and an entry in the audit trail that names nobody.
    The slip is then the only way back to the answer.
    """
    require_any("incident.view")
    words = words.strip()
    if len(words) < 5:
        raise NotPossible(Text(zh="请写明看到了什么、在哪里。", en="Say what you saw, and where."))
    who = actor()
    place = _answering(Place.objects.get(code=who.place))
    now = timezone.now()
    made = EarlyWarning(
        place=place,
        words=words[:2000],
        slip=secrets.token_urlsafe(24),
        made_at=now.replace(minute=0, second=0, microsecond=0) if withhold else now,
        due=now + timedelta(hours=hours("warning_answered")),
    )
    if not withhold:
        made.unit_id, made.made_by = who.unit_id, stamp()
    with system("a warning goes up from the front line"):
        made.save()
    if withhold:
        with acting(None):
            record("incident.warn", made)
    else:
        record("incident.warn", made)
    return made


def _answering(place: Place) -> Place:
    while place.level not in ANSWERED_AT and place.parent is not None:
        place = place.parent
    return place


def answer(warning: EarlyWarning, words: str) -> EarlyWarning:
    """Answer a warning, once."""
    require("incident.inspect", warning)
    if warning.answered_at is not None:
        raise NotPossible(Text(zh="已经答复过。", en="It has been answered."))
    if not words.strip():
        raise NotPossible(
            Text(zh="请写明核实了什么、怎么办。", en="Say what was looked into and what follows.")
        )
    warning.answer, warning.answered_at, warning.answered_by = (
        words.strip()[:2000],
        timezone.now(),
        stamp(),
    )
    warning.save()
    record("incident.inspect", warning, move="answer")
    return warning


def by_slip(slip: str) -> EarlyWarning | None:
    """Give the warning of a slip, to whoever holds it and is signed in."""
    require_any("incident.view")
    with system("an answer is read by its slip"):
        return EarlyWarning.objects.filter(slip=slip).first() if slip else None
