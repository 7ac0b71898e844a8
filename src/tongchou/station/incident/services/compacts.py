"""Compacts between regions: join, compare rules, share alerts, ask for aid (M056, M005).

Partners lie beside each other, so none reaches the rows of another. What a partner may see of the
others is decided here by membership, and then read or written by the system in the person's name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone

from tongchou.station.access.context import system
from tongchou.station.access.managers import require, require_any
from tongchou.station.audit.record import record
from tongchou.station.incident.errors import NotPossible
from tongchou.station.incident.models import AidRequest, Compact, CompactMember, SharedAlert
from tongchou.station.incident.models.ground import stamp
from tongchou.station.incident.rules.hours import hours
from tongchou.station.incident.rules.partners import Mismatch, mismatches, packaged_rules
from tongchou.station.incident.services.standing import not_yours, own_place
from tongchou.station.places.models import Place
from tongchou.vocabulary.text import Text

if TYPE_CHECKING:
    from tongchou.planning.balance import Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """What one partner shows the others."""

    place: Place
    agreed: bool
    recognises_watch: bool
    rules: dict[str, Any]
    figures: dict[str, Any]


def mine() -> Any:
    """Give the compacts that the present post's area takes part in."""
    return Compact.objects.filter(pk__in=CompactMember.objects.values("compact"))


def member_of(compact: Compact) -> CompactMember:
    """Give the membership of the present post's own place.

    Raises
    ------
    Refused
        If its place is no partner.
    """
    found = CompactMember.objects.filter(compact=compact, place=own_place()).first()
    if found is None:
        raise not_yours("incident.view", f"incident.compact:{compact.pk}")
    return found


def found(compact: Compact, partners: Sequence[Place]) -> Compact:
    """Propose a compact to partners of the same level; each joins by its own agreement."""
    require_any("incident.direct")
    here = own_place()
    others = [p for p in partners if p.pk != here.pk]
    if not others or any(p.level != here.level for p in others):
        raise NotPossible(
            Text(
                zh="请选择与本地同级的伙伴地区，至少一个。",
                en="Choose at least one partner, of the same level as this place.",
            )
        )
    if compact.ends < compact.starts:
        raise NotPossible(
            Text(zh="终止日期须不早于开始日期。", en="A compact cannot end before it begins.")
        )
    require("incident.direct", CompactMember(place=here, path=here.path))
    compact.save()
    with system("a compact is proposed to its partners"):
        for place in (here, *others):
            CompactMember.objects.create(compact=compact, place=place)
    agree(compact)
    record("incident.compact", compact, move="propose", partners=len(others) + 1)
    return compact


def agree(compact: Compact) -> CompactMember:
    """Join a compact in the name of the present post's place."""
    member = member_of(compact)
    require("incident.direct", member)
    if member.agreed_at is None:
        member.agreed_at, member.agreed_by = timezone.now(), stamp()
        member.rules = member.rules or {"level": "", **packaged_rules()}
        member.save()
        record("incident.compact", compact, move="agree")
    return member


def enter_rules(
    compact: Compact, *, level: str, tiers: dict[str, list[str]], recognises_watch: bool
) -> CompactMember:
    """Enter the response level and the measures by tier of the present post's place."""
    member = member_of(compact)
    require("incident.direct", member)
    member.rules = {"level": level, **tiers}
    member.recognises_watch = recognises_watch
    member.save()
    record("incident.compact", compact, move="rules")
    return member


def enter_figures(compact: Compact, figures: dict[str, tuple[float, float]]) -> CompactMember:
    """Enter what the present post's place holds of each item and uses a day, in pieces."""
    member = member_of(compact)
    require("incident.direct", member)
    member.figures = {item: [held, used] for item, (held, used) in figures.items()}
    member.figures_at = timezone.now()
    member.save()
    record("incident.compact", compact, move="figures", items=len(figures))
    return member


def partners(compact: Compact) -> list[Partner]:
    """Give what the partners show each other; of one that has not agreed, the name alone."""
    member_of(compact)
    with system("what partners of a compact show each other"):
        rows = list(compact.members.select_related("place"))
    return [
        Partner(
            place=m.place,
            agreed=m.agreed_at is not None,
            recognises_watch=m.recognises_watch,
            rules=m.rules if m.agreed_at else {},
            figures=m.figures if m.agreed_at else {},
        )
        for m in rows
    ]


def compare(there: Sequence[Partner]) -> list[Mismatch]:
    """Give the points on which partners' rules differ."""
    return mismatches([(p.place.pk, p.rules) for p in there])


def pool(there: Sequence[Partner]) -> "Balance | None":
    """Give surplus, deficit and the transfers that follow; None while nobody entered figures."""
    import polars as pl

    from tongchou.planning.balance import balance

    rows = [
        {
            "place": p.place.pk,
            "item": item,
            "quantity": float(held),
            "in_transit": 0.0,
            "daily_use": float(used),
        }
        for p in there
        for item, (held, used) in p.figures.items()
    ]
    if not rows:
        return None
    where = pl.DataFrame(
        [
            {"place": p.place.pk, "longitude": p.place.longitude, "latitude": p.place.latitude}
            for p in there
        ],
        schema={"place": pl.Utf8, "longitude": pl.Float64, "latitude": pl.Float64},
    )
    return balance(pl.DataFrame(rows), where)


def _agreed(compact: Compact) -> list[Place]:
    member = member_of(compact)
    if member.agreed_at is None:
        raise NotPossible(Text(zh="请先同意加入协作。", en="Agree to the compact first."))
    with system("addressees of a compact"):
        return [
            m.place for m in compact.members.filter(agreed_at__isnull=False).select_related("place")
        ]


def share_alert(compact: Compact, text: Text) -> list[SharedAlert]:
    """Share an alert: one row a partner, to be acknowledged within the hour."""
    require_any("incident.direct")
    here = own_place()
    now = timezone.now()
    made = []
    for place in _agreed(compact):
        if place.pk == here.pk:
            continue
        alert = SharedAlert(
            compact=compact,
            place=place,
            from_place=here,
            text_zh=text.zh,
            text_en=text.en,
            sent_at=now,
            due=now + timedelta(hours=hours("alert_acknowledged")),
            sent_by=stamp(),
        )
        alert.save()
        made.append(alert)
    record("incident.compact", compact, move="alert", partners=len(made))
    return made


def acknowledge(alert: SharedAlert, answer: str = "") -> SharedAlert:
    """Acknowledge a partner's alert in the name of the place it was sent to."""
    if alert.place_id != own_place().pk:
        raise not_yours("incident.receipt", f"incident.sharedalert:{alert.pk}")
    require("incident.receipt", alert)
    if alert.acknowledged_at is None:
        alert.acknowledged_at, alert.acknowledged_by = timezone.now(), stamp()
        alert.answer = answer.strip()[:600]
        alert.save()
        record("incident.receipt", alert, move="acknowledge")
    return alert


def share_acknowledged_in_time() -> tuple[float | None, int]:
    """Give the share of alerts due that were acknowledged within the hour, and of how many."""
    due = SharedAlert.objects.filter(Q(due__lte=timezone.now()) | Q(acknowledged_at__isnull=False))
    rows = list(due.values_list("acknowledged_at", "due"))
    timely = sum(at is not None and at <= limit for at, limit in rows)
    return (timely / len(rows) if rows else None), len(rows)


def ask_for_aid(compact: Compact, request: AidRequest) -> AidRequest:
    """Ask a partner for aid."""
    require_any("incident.direct")
    here = own_place()
    if request.place_id == here.pk or request.place_id not in {p.pk for p in _agreed(compact)}:
        raise NotPossible(
            Text(
                zh="只能向已加入协作的伙伴求助。",
                en="Aid is asked of a partner that has agreed to the compact.",
            )
        )
    request.compact, request.from_place, request.asked_by = compact, here, stamp()
    request.save()
    record("incident.compact", request, move="ask")
    return request


NEXT: dict[str, tuple[str, tuple[str, ...]]] = {
    "asked": ("place", ("offered", "declined")),
    "offered": ("place", ("sent", "declined")),
    "sent": ("from_place", ("received",)),
}
"""Which side moves a request for aid on, and to where."""


def answer_aid(
    request: AidRequest, state: str, *, offered: int | None = None, note: str = ""
) -> AidRequest:
    """Move a request for aid on: the partner offers, declines and sends; the asker receives."""
    require("incident.direct", request)
    side, allowed = NEXT.get(request.state, ("", ()))
    if not side or getattr(request, side) != own_place():
        raise not_yours("incident.direct", f"incident.aidrequest:{request.pk}")
    if state not in allowed:
        raise NotPossible(
            Text(
                zh="这一步不能这样做，请刷新页面。",
                en="That step does not follow. Reload the page.",
            )
        )
    if state == "offered":
        if not offered or offered > request.quantity:
            raise NotPossible(
                Text(zh="承诺数量须在 1 与 {n} 之间。", en="Offer between 1 and {n}.").fill(
                    n=request.quantity
                )
            )
        request.offered = offered
    if state == "declined" and not note.strip():
        raise NotPossible(Text(zh="无力支援须说明原因。", en="To decline, say why."))
    request.state, request.note = state, note.strip()[:300] or request.note
    request.answered_at, request.answered_by = timezone.now(), stamp()
    request.save()
    record("incident.compact", request, move=state)
    return request
