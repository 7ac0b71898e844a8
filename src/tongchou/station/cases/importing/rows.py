"""What the rows of all kinds share: wall clocks, places by code, persons by document, refusals."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from django.db import transaction
from django.utils import timezone

from tongchou.station.access.context import actor, current
from tongchou.station.access.managers import require
from tongchou.station.audit.record import record
from tongchou.station.cases.models import Identity
from tongchou.station.exchange.importable import NewRow, Outcome, Record, Value
from tongchou.station.places.models import Level, Place, Unit
from tongchou.vocabulary.errors import TongchouError
from tongchou.vocabulary.text import Text, same

IDENTITY_FIELDS = ("name", "document_kind", "document_number", "phone", "address")
REASON = "文件导入 file import"
"""The reason that stands in a history beside what an import changed."""
CHUNK = 2_000


def clock(moment: datetime | None) -> datetime | None:
    """Give a moment as the station's wall clock shows it."""
    return None if moment is None else timezone.localtime(moment).replace(tzinfo=None)


def moment(wall: object) -> datetime | None:
    """Give the moment that a wall clock shows."""
    return timezone.make_aware(wall) if isinstance(wall, datetime) else None


def moment_of(wall: object) -> datetime:
    """Give the moment that the wall clock of a required field shows."""
    return timezone.make_aware(cast(datetime, wall))


def value_of(found: object) -> Value | None:
    """Give a value of a query as an import compares it."""
    if isinstance(found, datetime):
        return clock(found)
    return found if found != "" else None  # type: ignore[return-value]


def places_of(rows: Sequence[NewRow], *keys: str) -> dict[str, Place]:
    """Give the places that rows name, and that of the post, by code."""
    codes = {str(r.values[k]) for r in rows for k in keys if k in r.values}
    return Place.objects.select_related("parent").in_bulk([*codes, actor().place])


def units_of(rows: Sequence[NewRow], key: str) -> dict[str, Unit]:
    """Give the units that rows name, by code."""
    codes = {str(r.values[key]) for r in rows if key in r.values}
    return {u.code: u for u in Unit.objects.filter(code__in=codes)}


def responsible_of(values: Mapping[str, Value], places: Mapping[str, Place]) -> Place:
    """Give the place that answers for a row.

    The one it names; else that of the post where it is a county or below; else the county of
    residence.
    """
    if "responsible" in values:
        return places[str(values["responsible"])]
    own = places[actor().place]
    if own.level in (Level.COUNTY, Level.GRID) or "residence" not in values:
        return own
    home = places[str(values["residence"])]
    return home.parent if home.level == Level.GRID and home.parent else home


def each(rows: Sequence[Any], one: Callable[[Any], str]) -> list[Outcome]:
    """Do something for each row; a rule that refuses one undoes that one only, and is its outcome."""
    outcomes = []
    for row in rows:
        noted = len(current().pending)
        try:
            with transaction.atomic():
                outcomes.append(Outcome(number=row.number, target=one(row)))
        except TongchouError as fault:
            del current().pending[noted:]
            outcomes.append(refused(row.number, fault))
    return outcomes


def refused(number: int, fault: TongchouError) -> Outcome:
    """Give the outcome of a row that a rule refuses: all its problems in one line."""
    said = fault.text()
    return Outcome(
        number=number,
        problem=Text(zh=said.zh.replace("\n", " "), en=said.en.replace("\n", " ")),
        remedy=same(""),
    )


def not_here(number: int, names: Sequence[str], labels: Mapping[str, Text]) -> Outcome:
    """Give the outcome of a row that would change what an import may not."""
    zh = "、".join(labels[n].zh for n in names)
    en = ", ".join(labels[n].en for n in names)
    return Outcome(
        number=number,
        problem=Text(
            zh=f"已有记录的{zh}不能由导入改写。",
            en=f"An import may not write over the {en} of a record that is there.",
        ),
        remedy=Text(
            zh="请在记录页上办理（移交、迁居、登记结果），或把这一格留空。",
            en="Do it on the page of the record (hand-over, change of residence, result), or leave the cell blank.",
        ),
    )


def correct_person(person_id: int, changes: Mapping[str, Value]) -> None:
    """Correct the identity of a contact; what it was before stays beside it."""
    identity = Identity.objects.select_for_update().get(person_id=person_id)
    require("cases.identity", identity, write=False)
    before = {n: [getattr(identity, n), str(v)] for n, v in changes.items()}
    for name, value in changes.items():
        setattr(identity, name, str(value))
    identity.former = [
        *identity.former,
        {"at": timezone.now().isoformat(), "reason": REASON, "changes": before},
    ]
    identity.save()
    record("cases.identity", identity.person, step="correct", fields=sorted(changes))


def records_of(rows: Any, columns: Mapping[str, str], number: str) -> Iterator[Record]:
    """Stream rows of a query as records, by a cursor of the server."""
    keys = list(columns)
    for found in rows.order_by("pk").values_list(*columns.values()).iterator(chunk_size=CHUNK):
        values = dict(zip(keys, map(value_of, found), strict=True))
        yield str(values[number]), values


def held_of(
    rows: Any, columns: Mapping[str, str], number: str, targets: Iterable[str]
) -> dict[str, Mapping[str, Value | None]]:
    """Give the present values of records by number."""
    wanted = rows.filter(**{f"{columns[number]}__in": list(targets)})
    return dict(records_of(wanted, columns, number))
