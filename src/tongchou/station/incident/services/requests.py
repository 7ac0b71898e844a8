"""The form gate at the database: a form is judged before it may go out (M100)."""

from collections.abc import Sequence
from datetime import date

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Max
from django.utils import timezone

from tongchou.station.access.context import system
from tongchou.station.access.managers import require
from tongchou.station.audit.record import record
from tongchou.station.incident.errors import NotPossible
from tongchou.station.incident.models import DataRequest, RequestedField
from tongchou.station.incident.models.ground import stamp
from tongchou.station.incident.rules import burden
from tongchou.station.incident.rules.fields import Known, doubled, nearest
from tongchou.station.places.models import Place
from tongchou.vocabulary.text import Text

FORM_LEVELS = ("prefecture", "county", "grid")
"""Levels that a form may be put to."""


def ask(form: DataRequest, fields: Sequence[tuple[str, str]]) -> DataRequest:
    """Put a form before the gate: match its fields, count its minutes, propose a verdict.

    Parameters
    ----------
    form
        Who asks whom for what, on which basis, how often, until when.
    fields
        Name and kind of each field.

    Raises
    ------
    NotPossible
        If it asks nothing, or asks the same twice.
    """
    form.path = form.place.path
    require("incident.forms", form)
    if not fields:
        raise NotPossible(
            Text(zh="请至少写一个字段，每行一个。", en="Name at least one field, one a line.")
        )
    twice = doubled([name for name, _ in fields])
    if twice:
        raise NotPossible(
            Text(zh="“{name}”问了两遍。请只留一个。", en="“{name}” is asked twice. Keep one.").fill(
                name=twice[0]
            )
        )
    if form.expires < form.starts:
        raise NotPossible(
            Text(zh="停用日期须不早于启用日期。", en="A form cannot end before it begins.")
        )
    form.addressees = form.addressees or _below(form.place, form.addressee_level)
    form.made_by = stamp()
    form.save()
    RequestedField.objects.bulk_create([_matched(form, name, kind) for name, kind in fields])
    propose(form)
    record("incident.forms", form, move="ask", fields=len(fields))
    return form


def _below(place: Place, level: str) -> int:
    return Place.objects.filter(level=level, path__startswith=place.path).count()


def _matched(form: DataRequest, name: str, kind: str) -> RequestedField:
    found = nearest(name)
    held = found is not None and found.likeness >= burden.assumed("alike")
    return RequestedField(
        request=form,
        place=form.place,
        path=form.path,
        name=name[:120],
        kind=kind,
        seconds=burden.seconds_of(kind),
        held=found.known.held if found and held else "",
        held_zh=found.known.meaning.zh[:200] if found and held else "",
        held_en=found.known.meaning.en[:200] if found and held else "",
        likeness=found.likeness if found else 0.0,
        last_updated=last_updated(found.known) if found and held else None,
        kept=not held,
    )


def last_updated(known: Known) -> date | None:
    """Give the day of the newest record that holds a field, within the present reach.

    The rooms that keep the records are found by name: this one does not know them.
    """
    if not known.model:
        return None
    try:
        model = apps.get_model(known.model)
        model._meta.get_field(known.clock)
    except (LookupError, FieldDoesNotExist):
        return None
    newest = model.objects.aggregate(at=Max(known.clock))["at"]
    if newest is None:
        return None
    return timezone.localtime(newest).date() if hasattr(newest, "hour") else newest


def forms_in_force(place: Place, level: str = "grid") -> list[DataRequest]:
    """Give the forms that a place's grids fill in today: its own and those of the levels above.

    Forms of a level above lie beyond the reach of a post here, but whoever fills them in has
    them on the desk; so they are read by the system.
    """
    above = [f"{'/'.join(place.path.split('/')[:n])}/" for n in range(1, place.path.count("/") + 1)]
    today = timezone.localdate()
    with system("forms that grids here fill in"):
        return list(
            DataRequest.objects.filter(
                path__in=above,
                addressee_level=level,
                verdict__in=("allowed", "reduced"),
                starts__lte=today,
                expires__gte=today,
            ).select_related("place")
        )


def minutes_of(form: DataRequest) -> float:
    """Give the minutes that a form as allowed takes from one addressee a day."""
    per_day = burden.times_a_day(form.frequency, form.starts, form.expires)
    return form.seconds_allowed * form.entries / 60 * per_day


def minutes_used(place: Place, level: str = "grid", but: int | None = None) -> float:
    """Give the minutes a day that forms in force take from one addressee, with the own entry."""
    own = burden.assumed("own_entry") if level == "grid" else 0.0
    return own + sum(minutes_of(f) for f in forms_in_force(place, level) if f.pk != but)


def judgement_of(form: DataRequest) -> burden.Judgement:
    """Give what the rule proposes for a form as its fields now stand."""
    return burden.judge(
        [burden.Asked(seconds=f.seconds, held=not f.kept) for f in form.fields.all()],
        entries=form.entries,
        per_day=burden.times_a_day(form.frequency, form.starts, form.expires),
        addressees=form.addressees,
        used=minutes_used(form.place, form.addressee_level, but=form.pk),
        has_basis=bool(form.basis.strip()),
        statutory=form.statutory,
    )


def propose(form: DataRequest) -> burden.Judgement:
    """Keep what the rule proposes for a form with the form."""
    found = judgement_of(form)
    opening = int(burden.assumed("opening"))
    rows = list(form.fields.all())
    kept = [f.seconds for f in rows if f.kept]
    form.seconds_asked = opening + sum(f.seconds for f in rows)
    form.seconds_allowed = opening + sum(kept) if kept else 0
    form.proposed = found.verdict
    form.save(update_fields=("path", "seconds_asked", "seconds_allowed", "proposed"))
    return found


def keep_fields(form: DataRequest, kept: set[int]) -> burden.Judgement:
    """Keep some fields and leave out the others, then propose anew; for a person who disagrees with a match."""
    require("incident.forms", form)
    if form.verdict != "waiting":
        raise NotPossible(
            Text(
                zh="已审结的表单不能再改字段。",
                en="A form that was judged does not change its fields.",
            )
        )
    for row in form.fields.all():
        if row.kept != (row.pk in kept):
            row.kept = row.pk in kept
            row.save(update_fields=("path", "kept"))
    return propose(form)


def decide(form: DataRequest, verdict: str, reason: str) -> DataRequest:
    """Decide on a form; against what the rule proposes only with a reason in words.

    Raises
    ------
    NotPossible
        If it was judged already, or the reason is missing.
    """
    require("incident.forms", form)
    form = (
        DataRequest.objects.select_for_update(of=("self",)).select_related("place").get(pk=form.pk)
    )
    if form.verdict != "waiting" or verdict not in ("allowed", "reduced", "refused"):
        raise NotPossible(Text(zh="这张表单已经审结。", en="This form has been judged already."))
    if verdict != form.proposed and not reason.strip():
        raise NotPossible(
            Text(
                zh="规则建议“{proposed}”，另作决定须写明理由。",
                en="The rule proposes “{proposed}”; to decide otherwise, give the reason.",
            ).fill(proposed=form.proposed_name)
        )
    if verdict == "allowed":
        for row in form.fields.filter(kept=False):
            row.kept = True
            row.save(update_fields=("path", "kept"))
        form.seconds_allowed = form.seconds_asked
    elif verdict == "refused":
        form.seconds_allowed = 0
    form.verdict, form.reason = verdict, reason.strip()
    form.judged_at, form.judged_by = timezone.now(), stamp()
    form.save()
    record("incident.forms", form, move="judge", verdict=verdict, proposed=form.proposed)
    return form


def end(form: DataRequest, reason: str) -> DataRequest:
    """End a form in force before its day."""
    require("incident.forms", form)
    if not form.in_force:
        raise NotPossible(
            Text(zh="这张表单今天不在使用中。", en="This form is not in force today.")
        )
    form.verdict, form.reason = "ended", reason.strip()
    form.save()
    record("incident.forms", form, move="end")
    return form


def saved_minutes(place: Place) -> float:
    """Give the minutes a day that the gate saves all addressees of a place's own forms."""
    total = 0.0
    for form in DataRequest.objects.filter(place=place).exclude(verdict="waiting"):
        per_day = burden.times_a_day(form.frequency, form.starts, form.expires)
        less = form.seconds_asked - form.seconds_allowed
        total += less * form.entries / 60 * per_day * form.addressees
    return total
