"""The signature: what was answered becomes directives, entries of the log and a sealed document."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from tongchou.station.access.context import actor, system
from tongchou.station.accounts.models import User
from tongchou.station.audit.models import Head
from tongchou.station.audit.record import record
from tongchou.station.incident.errors import NotPossible
from tongchou.station.incident.models import (
    DecisionRecord,
    Directive,
    Order,
    OrderDocument,
    OrderLine,
)
from tongchou.station.incident.models.ground import stamp
from tongchou.station.incident.models.order import OPEN, SIGNED, OrderState, Reply
from tongchou.station.incident.services import directives
from tongchou.station.incident.services.documents import document
from tongchou.station.incident.services.orders import no_longer_open, proposed_due, require_signer
from tongchou.station.places.models import Place
from tongchou.vocabulary.text import Lang, Text

if TYPE_CHECKING:
    from tongchou.morning.documents.signing import Signature


def sign(order: Order) -> Order:
    """Sign an order whose every line is answered; from then on nothing in it changes.

    Each decision that was signed, as proposed or with changes, goes out as a directive to its
    places; each that was refused stands in the decision log with its reason.

    Raises
    ------
    NotPossible
        If a line has no answer yet, or the order is not open.
    """
    order = Order.objects.select_for_update(of=("self",)).select_related("place").get(pk=order.pk)
    require_signer(order)
    if order.state not in OPEN:
        raise no_longer_open(order)
    lines = list(order.lines.order_by("number"))
    silent = [str(line.number) for line in lines if not line.reply]
    if silent:
        raise NotPossible(
            Text(
                zh="第 {n} 项还没有答复。逐项答复后再签署。",
                en="Not answered yet: {n}. Answer every line before you sign.",
            ).fill(n=Text(zh="、".join(silent), en=", ".join(silent)))
        )
    for line in lines:
        _carry_out(order, line)
    now = timezone.now()
    person = User.objects.get(pk=actor().user_id)
    with system("anchor of a signature"):
        head = Head.objects.get(pk=1)
    order.anchor_seq, order.anchor_hash = head.seq, head.hash
    order.signed_name = (person.display_name or person.username)[:80]
    order.signed_by = stamp()
    _write_signed(order, lines, now)
    with system("earlier editions give way to a signed one"):
        older = Order.objects.filter(place_id=order.place_id, cut=order.cut).exclude(pk=order.pk)
        older.exclude(state=OrderState.SUPERSEDED).update(state=OrderState.SUPERSEDED)
    order.state, order.signed_at = OrderState.SIGNED, now
    order.save()
    record(
        "incident.sign",
        order,
        digest=order.digest,
        anchor=head.seq,
        signed=sum(x.reply == Reply.SIGN for x in lines),
        changed=sum(x.reply == Reply.CHANGE for x in lines),
        refused=sum(x.reply == Reply.REFUSE for x in lines),
    )
    return order


def _carry_out(order: Order, line: OrderLine) -> None:
    """Send a signed line out as a directive; write a refused one into the log."""
    words, due = line.words, line.due or proposed_due(line)
    if line.reply == Reply.REFUSE:
        DecisionRecord.objects.create(
            place=order.place,
            text_zh=f"不予签发：{words.zh}（理由：{line.reason}）"[:600],
            text_en=f"Refused: {words.en} (reason: {line.reason})"[:900],
            decided_by=stamp()["zh"],
            basis=_both(line.said("legal_basis"))[:300],
            owner=_both(line.owner_words)[:160],
            known_at=_known(order),
            mechanisms="|".join(line.proposed["mechanisms"])[:120],
            made_by=stamp(),
        )
        return
    places = list(
        Place.objects.filter(code__in=line.proposed["places"], path__startswith=order.path)
    ) or [order.place]
    local = timezone.get_current_timezone()
    ends = datetime.combine(date.fromisoformat(line.proposed["expiry"]), time.max, tzinfo=local)
    directive = Directive(
        place=order.place,
        text_zh=words.zh[:600],
        text_en=words.en[:900],
        basis=_both(line.said("legal_basis"))[:300],
        owner=_both(line.owner_words)[:160],
        due=due,
        expires=max(ends, due),
        mechanisms="|".join(line.proposed["mechanisms"])[:120],
        order_line=line.pk,
    )
    directives.write_directive(directive, places=places, units=[])
    line.directive = directives.send(directive, known_at=_known(order))
    line.save(update_fields=("directive", "path"))


def _both(words: Text) -> str:
    """Write words once for readers of either language, where a field holds one text."""
    return words.zh if words.zh == words.en else f"{words.zh} / {words.en}"


def _known(order: Order) -> datetime:
    """Give when the facts were known: the end of the data, never later than now."""
    end = datetime.combine(
        order.cut + timedelta(days=1), time.min, tzinfo=timezone.get_current_timezone()
    )
    return min(end, timezone.now())


def signature(order: Order, lines: list[OrderLine], at: datetime) -> "Signature":
    """Give what is written on the signed document."""
    from tongchou.morning.documents.signing import Answer, Signature

    return Signature(
        name=order.signed_name,
        post=order.signed_title,
        at=timezone.localtime(at),
        digest=order.digest,
        anchor=(order.anchor_seq or 0, order.anchor_hash),
        answers=tuple(
            Answer(
                reply=Reply(line.reply).value,
                words=line.words,
                owner=line.owner_words,
                due=line.due_words,
                was=(line.said("sentence"), line.said("owner"), line.said("due")),
                reason=line.reason,
            )
            for line in lines
        ),
    )


def _write_signed(order: Order, lines: list[OrderLine], at: datetime) -> None:
    """Make the signed documents out of the drafts that the commander read."""
    from tongchou.morning.documents.signing import sign_page, sign_word

    signed = signature(order, lines, at)
    for draft in order.documents.filter(signed=False, name__in=("order.html", "order.docx")):
        lang: Lang = "zh" if draft.lang == "zh" else "en"
        content = bytes(draft.content)
        made = (
            sign_page(content.decode(), signed, lang).encode()
            if draft.name == "order.html"
            else sign_word(content, signed, lang)
        )
        document(order, draft.name, made, lang=draft.lang, signed=True).save()


def publish(order: Order) -> Order:
    """Let the public read the bulletin of a signed order.

    Raises
    ------
    NotPossible
        If it is not signed.
    """
    order = Order.objects.select_for_update(of=("self",)).select_related("place").get(pk=order.pk)
    require_signer(order)
    if order.state not in SIGNED:
        raise NotPossible(
            Text(
                zh="部署签署之后才能公布公报。",
                en="The bulletin is published after the order is signed.",
            )
        )
    if order.state == OrderState.SIGNED:
        order.state, order.published_at = OrderState.PUBLISHED, timezone.now()
        order.published_by = stamp()
        order.save(update_fields=("state", "published_at", "published_by", "path"))
        record("incident.publish", order, cut=str(order.cut))
    return order


def published(place: str = "") -> list[Order]:
    """Give the orders whose bulletin the public may read, the newest first."""
    with system("public bulletins"):
        rows = Order.objects.filter(state=OrderState.PUBLISHED).select_related("place")
        return list(rows.filter(place_id=place) if place else rows)


def public_document(place: str, cut: date, name: str, lang: str) -> OrderDocument | None:
    """Give a public file of a published order, None where there is none."""
    with system("public bulletins"):
        rows = OrderDocument.objects.filter(
            order__state=OrderState.PUBLISHED,
            order__place_id=place,
            order__cut=cut,
            public=True,
            name=name,
        )
        return rows.filter(lang__in=(lang, "")).order_by("-order__edition").first()
