"""Orders of the day: asked for, answered line by line, signed, published.

How one is made stands in :mod:`tongchou.station.incident.services.making`.
"""

from datetime import date, datetime, timedelta

from django.utils import timezone

from tongchou.station.access.context import actor, system
from tongchou.station.access.managers import require
from tongchou.station.accounts.models import Post
from tongchou.station.audit.record import record
from tongchou.station.exchange.packs.held import packs_over
from tongchou.station.incident.errors import NotPossible
from tongchou.station.incident.models import Order, OrderLine
from tongchou.station.incident.models.ground import stamp
from tongchou.station.incident.models.order import OPEN, WAITING, OrderState, Reply
from tongchou.station.incident.services.standing import not_yours
from tongchou.station.places.models import Place
from tongchou.vocabulary.text import Text


def usual_cut(place: Place) -> date:
    """Give the day whose end the next order looks back from: yesterday, or an exercise's last day.

    An exercise keeps its own calendar: where the newest pack over a place is synthetic, its last
    day is the day, whatever the calendar on the wall says.
    """
    with system("the day of the next order"):
        packs = packs_over(place)
    if packs and packs[-1].synthetic:
        return packs[-1].last
    return timezone.localdate() - timedelta(days=1)


def ask(place: Place, cut: date, *, seed: int = 1) -> Order:
    """Ask for the order of a place; while one waits or is being made, that one is given.

    Asking again later makes a further edition: the data may have moved since.
    """
    wanted = Order(place=place, path=place.path, cut=cut, seed=seed)
    require("incident.run", wanted)
    latest = Order.objects.filter(place=place, cut=cut).order_by("-edition").first()
    if latest is not None and latest.waiting:
        return latest
    wanted.edition = 1 if latest is None else latest.edition + 1
    wanted.asked_by = stamp()
    wanted.save()
    record("incident.run", wanted, cut=str(cut), edition=wanted.edition)
    return wanted


def due_this_morning() -> list[Order]:
    """Make the orders that today's morning asks for, one for each place that has a commander.

    Running again makes nothing twice: a place whose order of that day is there is passed over.
    """
    made = []
    with system("morning run"):
        posts = Post.objects.in_force().filter(role="commander").select_related("place")
        for place in {p.place_id: p.place for p in posts}.values():
            cut = usual_cut(place)
            if not Order.objects.filter(place=place, cut=cut).exists():
                order = Order(place=place, cut=cut, asked_by=stamp())
                order.save()
                record("incident.run", order, cut=str(cut), edition=1)
                made.append(order)
    return made


def left_standing(before: datetime) -> list[int]:
    """Give the numbers of orders that a job should have, and that have not moved since a time."""
    with system("morning run"):
        rows = Order.objects.filter(state__in=WAITING)
        return [o.pk for o in rows if (o.beat_at or o.asked_at) < before]


def may_sign(order: Order) -> bool:
    """Whether the present post is the commander of the order's own place.

    A commander above sees the order and may not sign it: what a place does is signed in the place.
    """
    who = actor()
    return who.may.get("incident.sign") == "area" and who.path == order.path


def require_signer(order: Order) -> None:
    """Ask the gate, and let nobody but the commander of the place through."""
    require("incident.sign", order)
    if not may_sign(order):
        raise not_yours("incident.sign", f"incident.order:{order.pk}")


def answer(
    line: OrderLine,
    reply: str,
    *,
    text: Text | None = None,
    owner: str = "",
    due: datetime | None = None,
    reason: str = "",
) -> OrderLine:
    """Answer one decision; until the order is signed an answer may be given anew.

    Raises
    ------
    NotPossible
        If the order is not open, a refusal gives no reason, or a change changes nothing.
    """
    order = (
        Order.objects.select_for_update(of=("self",)).select_related("place").get(pk=line.order_id)
    )
    require_signer(order)
    if order.state not in OPEN:
        raise no_longer_open(order)
    line.reply = Reply(reply)
    line.text_zh = line.text_en = line.owner = ""
    line.due = None
    line.reason = " ".join(reason.split())[:600]
    if line.reply == Reply.REFUSE and not line.reason:
        raise NotPossible(
            Text(
                zh="不予签发须写明理由：理由随部署一并存档，并告知提出单位。",
                en="A refusal needs its reason: it is kept with the order and told to whoever proposed it.",
            )
        )
    if line.reply == Reply.CHANGE:
        _change(line, text, owner, due)
    line.replied_at, line.replied_by = timezone.now(), stamp()
    line.save()
    if order.state == OrderState.DRAFTED:
        order.state = OrderState.SIGNING
        order.save(update_fields=("state", "path"))
    record("incident.sign", order, line=line.number, decision=line.decision, reply=reply)
    return line


def _change(line: OrderLine, text: Text | None, owner: str, due: datetime | None) -> None:
    was = line.said("sentence")
    if text is not None and text != was:
        line.text_zh, line.text_en = text.zh.strip()[:600], text.en.strip()[:900]
    proposed = line.said("owner")
    line.owner = "" if owner.strip() in (proposed.zh, proposed.en) else owner.strip()[:160]
    line.due = None if due == proposed_due(line) else due
    if not (line.text_zh or line.text_en or line.owner or line.due):
        raise NotPossible(
            Text(
                zh="内容、承办单位和时限都没有改动。照原样请用“签发”。",
                en="Neither words, owner nor due time were changed. To take it as it is, choose “sign”.",
            )
        )


def proposed_due(line: OrderLine) -> datetime:
    """Give the due time as proposed: the moment the decision names, else the end of its first day."""
    named = line.proposed.get("due_by")
    local = timezone.get_current_timezone()
    if named:
        return datetime.fromisoformat(named).replace(tzinfo=local)
    start = date.fromisoformat(line.proposed["start"])
    return datetime.combine(start + timedelta(days=1), datetime.min.time(), tzinfo=local)


def no_longer_open(order: Order) -> NotPossible:
    """Give the refusal of an answer or signature that comes too late."""
    return NotPossible(
        Text(
            zh="这份部署现为“{s}”，不能再答复。如需改动，请重新生成新的一版。",
            en="This order is “{s}” and takes no more answers. To change it, make a further edition.",
        ).fill(s=order.state_name)
    )
