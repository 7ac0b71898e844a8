"""Directives: written, sent down as one receipt an addressee, closed by what comes back up."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from tongchou.station.access.managers import require
from tongchou.station.audit.record import record
from tongchou.station.incident.errors import NotPossible
from tongchou.station.incident.models import DecisionRecord, Directive, Task
from tongchou.station.incident.models.directive import DirectiveState
from tongchou.station.incident.models.ground import stamp
from tongchou.station.incident.rules import ledger
from tongchou.station.incident.services.ledger import hand_out, move
from tongchou.station.places.models import Place, Unit
from tongchou.vocabulary.text import Text


def write_directive(
    directive: Directive, *, places: Sequence[Place], units: Sequence[Unit]
) -> Directive:
    """Write, or write anew, a draft in the name of its place.

    Raises
    ------
    NotPossible
        If an addressee lies outside the place, there is none, or the times do not follow.
    """
    directive.path = directive.place.path
    require("incident.direct", directive)
    _check(directive, places, units)
    directive.to_places = [p.code for p in places]
    directive.to_units = [u.pk for u in units]
    if directive.pk is None:
        directive.number = directive.number or _number(directive.place)
        directive.made_by = stamp()
    directive.save()
    record("incident.direct", directive, move="write")
    return directive


def _check(directive: Directive, places: Sequence[Place], units: Sequence[Unit]) -> None:
    if directive.state != DirectiveState.DRAFT:
        raise NotPossible(
            Text(
                zh="已下达的指令不能修改。请撤回后另发，或补发一条。",
                en="A directive that was sent is not changed. Withdraw it and send another, or send one more.",
            )
        )
    outside = [x.name for x in (*places, *units) if not x.path.startswith(directive.path)]
    if outside:
        raise NotPossible(
            Text(
                zh="“{name}”不在下达地区之内，不能向其下达指令。",
                en="“{name}” lies outside the issuing place and cannot be directed by it.",
            ).fill(name=outside[0])
        )
    if not places and not units:
        raise NotPossible(
            Text(
                zh="请至少选一个接收地区或单位。",
                en="Choose at least one place or unit that receives it.",
            )
        )
    if directive.expires < directive.due:
        raise NotPossible(
            Text(
                zh="有效期须不早于完成时限。请改正两个时间之一。",
                en="The expiry must not come before the due time. Correct one of them.",
            )
        )


def _number(place: Place) -> str:
    day = timezone.localdate()
    begun = f"{place.code}-{day:%Y%m%d}-"
    return f"{begun}{1 + Directive.objects.filter(number__startswith=begun).count():02d}"


def send(directive: Directive, *, known_at: datetime | None = None) -> Directive:
    """Send a draft: one receipt an addressee, and an entry in the decision log.

    Sending a second time is refused, so that a double click hands out nothing twice.
    """
    require("incident.direct", directive)
    directive = (
        Directive.objects.select_for_update(of=("self",))
        .select_related("place")
        .get(pk=directive.pk)
    )
    places = list(Place.objects.filter(code__in=directive.to_places))
    units = list(Unit.objects.filter(pk__in=directive.to_units).select_related("place"))
    _check(directive, places, units)
    directive.state = DirectiveState.SENT
    directive.sent_at, directive.sent_by = timezone.now(), stamp()
    directive.save()
    for place, unit in [*((p, None) for p in places), *((u.place, u) for u in units)]:
        hand_out(_receipt(directive, place, unit))
    DecisionRecord.objects.create(
        place=directive.place,
        text_zh=directive.text_zh,
        text_en=directive.text_en,
        basis=directive.basis,
        owner=directive.owner,
        due=directive.due,
        known_at=known_at,
        mechanisms=directive.mechanisms,
        directive=directive,
        made_by=stamp(),
    )
    record("incident.direct", directive, move="send", addressees=len(places) + len(units))
    return directive


def _receipt(directive: Directive, place: Place, unit: Unit | None) -> Task:
    return Task(
        origin="directive",
        directive=directive,
        number=directive.number,
        from_place=directive.place,
        place=place,
        unit=unit,
        text_zh=directive.text_zh,
        text_en=directive.text_en,
        basis=directive.basis,
        owner=directive.owner,
        mechanisms=directive.mechanisms,
        due=directive.due,
        expires=directive.expires,
    )


def withdraw(directive: Directive, reason: str) -> Directive:
    """Withdraw a directive: its receipts that are not done are withdrawn with it."""
    require("incident.direct", directive)
    if directive.state not in (DirectiveState.DRAFT, DirectiveState.SENT):
        raise NotPossible(
            Text(
                zh="这条指令已办结、失效或撤回。",
                en="This directive is closed, lapsed or withdrawn already.",
            )
        )
    if not reason.strip():
        raise NotPossible(Text(zh="撤回须写明理由。", en="A withdrawal needs a reason."))
    for receipt in directive.receipts.filter(state__in=[*ledger.OPEN, ledger.State.REFUSED]):
        move(receipt, "withdraw", note=reason)
    directive.state = DirectiveState.WITHDRAWN
    directive.save()
    record("incident.direct", directive, move="withdraw")
    return directive
