"""How an order is made: the station's data go out as a pack, and the morning run walks over it.

A job may be killed at any moment and started again. What decides is the row of the order: only an
order that waits is made, one job at a time (a lock of the database that falls with its holder),
and all that was made is written in one transaction at the end.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from django.db import connection
from django.utils import timezone

from tongchou.morning import run
from tongchou.morning.documents import bulletin, html, serialise, word
from tongchou.morning.learn import Receipts
from tongchou.morning.order import Decision
from tongchou.morning.order import Order as Content
from tongchou.situation.pack import Pack, open_folder
from tongchou.station.access.context import system
from tongchou.station.audit.record import record
from tongchou.station.exchange.packs.held import packs_over
from tongchou.station.exchange.packs.write import write_pack
from tongchou.station.incident.models import Order, OrderDocument, OrderLine
from tongchou.station.incident.models.order import OPEN, WAITING, OrderState
from tongchou.station.incident.rules.least_burden import least_burdensome
from tongchou.station.incident.services.documents import document
from tongchou.station.incident.services.receipts import receipts_for
from tongchou.station.places.models import Place
from tongchou.vocabulary.errors import TongchouError
from tongchou.vocabulary.text import LANGUAGES, Text

REASON = "morning run"
MOST_TRIES = 3
"""So often a run that was cut off is taken up again (assumption)."""
_LOCK = 4_170_001
"""First key of the lock of the database; the second is the number of the order."""


def make(number: int) -> None:
    """Make an order that waits; where another job has it, or it is made already, do nothing."""
    with _alone(number) as mine:
        if not mine:
            return
        order = _begin(number)
        if order is None:
            return
        try:
            with tempfile.TemporaryDirectory() as scratch:
                _make(order, Path(scratch))
        except TongchouError as error:
            _fail(number, error.text())
        except Exception:
            _fail(number, _FAULT)
            raise


_FAULT = Text(
    zh="程序出错，没有生成。请联系系统管理员查看日志，修复后重新运行。",
    en="A fault of the program: it was not made. Ask the administrator to look at the log, and run it again once it is mended.",
)
_TIRED = Text(
    zh="生成三次都被中断。请联系系统管理员检查服务器的内存和磁盘，然后重新运行。",
    en="The run was cut off three times. Ask the administrator to check the server's memory and disk, then run it again.",
)


@contextmanager
def _alone(number: int) -> Iterator[bool]:
    """Hold the lock of an order; it falls by itself with the connection of a job that is killed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, number])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, number])


def _begin(number: int) -> Order | None:
    with system(REASON):
        order = (
            Order.objects.select_for_update(of=("self",))
            .select_related("place")
            .filter(pk=number, state__in=WAITING)
            .first()
        )
        if order is None:
            return None
        order.state, order.step, order.beat_at = OrderState.RUNNING, 0, timezone.now()
        order.tries += 1
        order.save()
    if order.tries > MOST_TRIES:
        _fail(number, _TIRED)
        return None
    return order


def _fail(number: int, why: Text) -> None:
    with system(REASON):
        for order in Order.objects.filter(pk=number, state__in=WAITING):
            order.state = OrderState.FAILED
            order.failure_zh, order.failure_en = why.zh, why.en
            order.save()
            record("incident.run", order, outcome="failed")


def _make(order: Order, scratch: Path) -> None:
    def tell(step: run.Step) -> None:
        with system(REASON):
            Order.objects.filter(pk=order.pk).update(step=step.number, beat_at=timezone.now())

    tell(run.CHECK)
    with system(REASON):
        receipts = receipts_for(order)
        ground = _ground(order.place)
    write_pack(ground, order.cut, scratch / "pack")
    pack = open_folder(scratch / "pack")
    content = run.order_of_the_day(
        pack, order.cut, place=order.place_id, seed=order.seed, receipts=receipts, tell=tell
    )
    tell(run.SEND)
    _keep(order, content, _documents(order, content, pack), receipts)


def _ground(place: Place) -> Place:
    """Give the widest area whose packs were loaded: neighbours and levels above are read too."""
    paths = sorted((p.path for p in packs_over(place)), key=len)
    wide = next((p for p in paths if place.path.startswith(p)), place.path)
    return Place.objects.get(path=wide)


def _documents(order: Order, content: Content, pack: Pack) -> list[OrderDocument]:
    shapes = run.shapes_of_order(content, pack.whole.gazetteer)
    made = [document(order, "order.json", serialise.to_json(content))]
    for lang in LANGUAGES:
        page = html.render(content, lang, shapes).encode()
        paper = word.render(content, lang, *run.drawings(content, lang, shapes))
        told = bulletin.render(content, lang).encode()
        made += [
            document(order, "order.html", page, lang=lang),
            document(order, "order.docx", paper, lang=lang),
            document(order, "bulletin.html", told, lang=lang, public=True),
        ]
    return made + [
        document(order, name, data, public=True)
        for name, data in bulletin.open_data(content).items()
    ]


def _keep(
    order: Order, content: Content, documents: list[OrderDocument], receipts: Receipts | None
) -> None:
    """Write all that was made at once; an edition that nobody signed gives way to this one."""
    sign = content.signoff
    with system(REASON):
        kept = (
            Order.objects.select_for_update(of=("self",)).select_related("place").get(pk=order.pk)
        )
        if kept.state != OrderState.RUNNING:
            return
        OrderDocument.objects.bulk_create(documents)
        OrderLine.objects.bulk_create(
            OrderLine(order=kept, path=kept.path, number=n, decision=d.id, proposed=proposal(d))
            for n, d in enumerate(content.decisions, 1)
        )
        kept.digest = documents[0].digest
        kept.inputs, kept.version, kept.pack = dict(sign.inputs), sign.version, sign.pack
        kept.receipts = None if receipts is None else _plain(receipts)
        kept.synthetic = "synthetic" in content.head.flags
        kept.headline = [s.as_dict() for s in content.headline]
        kept.figures = [
            {
                "id": f.id,
                "label": f.label.as_dict(),
                "unit": f.unit.as_dict(),
                "value": f.value if f.missing is None else None,
                "shown": "–" if f.missing is not None else f.shown,
            }
            for f in content.figures
        ]
        kept.state, kept.drafted_at = OrderState.DRAFTED, timezone.now()
        kept.save()
        older = Order.objects.filter(place_id=kept.place_id, cut=kept.cut).exclude(pk=kept.pk)
        older.filter(state__in=[*OPEN, OrderState.FAILED]).update(state=OrderState.SUPERSEDED)
        record(
            "incident.run",
            kept,
            outcome="drafted",
            digest=kept.digest,
            lines=len(content.decisions),
        )


def _plain(receipts: Receipts) -> dict[str, object]:
    return {**asdict(receipts), "cut": receipts.cut.isoformat(), "digest": receipts.digest}


def proposal(decision: Decision) -> dict[str, object]:
    """Give a decision as a line keeps it.

    ``least`` is the number of the option that burdens people least where the decision takes
    freedom: it is shown beside the proposed one.
    """
    return {
        "sentence": decision.sentence.as_dict(),
        "where": decision.where.as_dict(),
        "places": list(decision.places),
        "mechanisms": list(decision.mechanisms),
        "options": [
            {
                "name": o.name.as_dict(),
                "recommended": o.recommended,
                "effect": o.effect.as_dict(),
                "cost": o.cost.as_dict(),
                "burden": o.burden.as_dict(),
            }
            for o in decision.options
        ],
        "harm_per_day": decision.harm_per_day,
        "legal_basis": decision.legal_basis.as_dict(),
        "start": decision.start.isoformat(),
        "expiry": decision.expiry.isoformat(),
        "owner": decision.owner.as_dict(),
        "due": decision.due.as_dict(),
        "due_by": decision.due_by.isoformat() if decision.due_by else None,
        "would_change": decision.would_change.as_dict(),
        "takes_freedom": decision.takes_freedom,
        "least": least_burdensome(decision),
    }
