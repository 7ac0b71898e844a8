"""A file comes in: read, kept with its rows as received, its columns guessed; a person confirms.

Nothing is written into any record before :func:`confirm`.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from tongchou.situation.files.dates import Order, order_of
from tongchou.situation.files.limits import Unreadable
from tongchou.situation.files.reading import Received, read
from tongchou.station.access.context import actor
from tongchou.station.access.managers import require, require_any
from tongchou.station.audit.record import record
from tongchou.station.exchange import mapping
from tongchou.station.exchange.converting import Reader, ReadRow, read_row
from tongchou.station.exchange.importable import Importable
from tongchou.station.exchange.limits import limit, upload_limits
from tongchou.station.exchange.lookups import place_finder, unit_finder
from tongchou.station.exchange.models import (
    Import,
    ImportFile,
    ImportState,
    RememberedMapping,
)
from tongchou.station.exchange.registry import importable as kind_of
from tongchou.vocabulary.errors import Fault
from tongchou.vocabulary.text import Text


def receive(
    importable: Importable, file_name: str, data: bytes, *, received: Received | None = None
) -> Import:
    """Take a file in: its bytes, and its rows as received.

    Parameters
    ----------
    received
        The table of the file, where it has been read already.

    Raises
    ------
    Refused
        If the present actor may not import such records.
    Unreadable
        If the file cannot be taken as it is.
    """
    require_any("exchange.import")
    require_any(importable.action)
    received = received or read(data, upload_limits())
    who = actor()
    made = Import(
        path=who.path,
        unit_id=who.unit_id,
        importable=importable.name,
        by_id=who.post_id,
        file_name=file_name[-200:],
        digest=hashlib.sha256(data).hexdigest(),
        size=len(data),
    )
    require("exchange.import", made)
    _describe(made, received)
    made.save()
    ImportFile.objects.create(of=made, path=made.path, unit_id=made.unit_id, content=data)
    add_rows(made, received.rows)
    record("exchange.import", made, file=made.digest[:16], rows=made.total)
    return made


def read_again(made: Import, *, sheet: str, header_line: int) -> None:
    """Read the kept file with another sheet or another line of column names."""
    require("exchange.import", made)
    _must_be(made, ImportState.MAPPING)
    received = read(
        bytes(made.file.content), upload_limits(), sheet=sheet or None, header_line=header_line
    )
    made.rows.all().delete()
    _describe(made, received)
    made.save()
    add_rows(made, received.rows)


def _describe(made: Import, received: Received) -> None:
    made.format, made.encoding = received.format, received.encoding
    made.separator, made.sheet = received.separator, received.sheet
    made.sheets, made.header = list(received.sheets), list(received.header)
    made.header_line, made.epoch = received.header_line, received.epoch
    made.total = made.waiting = len(received.rows)
    made.columns = []


def add_rows(made: Import, rows: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Write rows as received, all in one statement a few thousand rows long."""
    several = list(rows)
    for start in range(0, len(several), 5_000):
        part = several[start : start + 5_000]
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO exchange_import_row (of_id, path, unit_id, number, cells, state, target,"
                " faults, findings, decision, corrected)"
                " SELECT %s, %s, %s, n, c::jsonb, 'waiting', '', '[]', '[]', '', 0"
                " FROM unnest(%s::int[], %s::text[]) AS u(n, c)",
                [
                    made.pk,
                    made.path,
                    made.unit_id,
                    [number for number, _ in part],
                    [json.dumps(list(cells), ensure_ascii=False) for _, cells in part],
                ],
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """How the columns of an import may be mapped, and what must be asked of dates."""

    guesses: tuple[mapping.Guess, ...]
    remembered: bool
    orders: Mapping[int, Order]
    samples: tuple[tuple[str, ...], ...]


def propose(made: Import) -> Proposal:
    """Give the mapping remembered for these column names, else the best guess."""
    importable = kind_of(made.importable)
    cells = list(
        made.rows.order_by("number").values_list("cells", flat=True)[: mapping.VALUES_LOOKED_AT]
    )
    samples = tuple(
        tuple(dict.fromkeys(r[at][:60] for r in cells if at < len(r) and r[at].strip()))[:4]
        for at in range(len(made.header))
    )
    kept = (
        RememberedMapping.objects.filter(
            importable=made.importable, header=mapping.fingerprint(made.header)
        )
        .order_by("-used_at")
        .first()
    )
    if kept and len(kept.columns) == len(made.header):
        guesses = tuple(
            mapping.Guess(field=f if f in importable.by_key else None, how="remembered", score=100)
            if f
            else mapping.Guess(field=None, how="remembered")
            for f in kept.columns
        )
        return Proposal(
            guesses=guesses,
            remembered=True,
            orders={int(k): v for k, v in kept.orders.items()},
            samples=samples,
        )
    return Proposal(
        guesses=mapping.guess(importable, made.header, cells),
        remembered=False,
        orders={},
        samples=samples,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Something the mapping leaves open: which column, and what is asked."""

    column: str
    at: int
    order: bool
    text: Text


def set_mapping(
    made: Import, columns: Sequence[str | None], orders: Mapping[int, Order]
) -> list[Asked]:
    """Set which column fills which field; give what is still open, nothing being begun before.

    A column of dates with the year last needs an order; one that its own dates show is taken.
    """
    require("exchange.import", made)
    _must_be(made, ImportState.MAPPING)
    importable = kind_of(made.importable)
    known = importable.by_key
    made.columns = [c if c in known else None for c in columns][: len(made.header)]
    made.columns += [None] * (len(made.header) - len(made.columns))
    made.orders = {}
    open_: list[Asked] = []
    for at, key in enumerate(made.columns):
        if key and known[key].kind in ("date", "datetime"):
            shown = order_of(_column(made, at))
            if shown in ("dmy", "mdy"):
                made.orders[str(at)] = shown
            elif shown and orders.get(at) in ("dmy", "mdy"):
                made.orders[str(at)] = orders[at]
            elif shown:
                open_.append(Asked(column=made.header[at], at=at, order=True, text=_ORDER[shown]))
    mapped = {c for c in made.columns if c}
    twice = [c for c, n in Counter(c for c in made.columns if c).items() if n > 1]
    for key in twice:
        open_.append(
            Asked(
                column=known[key].label.zh,
                at=-1,
                order=False,
                text=_TWICE.fill(field=known[key].label),
            )
        )
    for needed in importable.fields:
        if needed.required and needed.key not in mapped and not _by_record(importable, mapped):
            open_.append(
                Asked(column="", at=-1, order=False, text=_NEEDED.fill(field=needed.label))
            )
    made.save(update_fields=["columns", "orders"])
    return open_


def _by_record(importable: Importable, mapped: set[str]) -> bool:
    """Say whether rows name their records: then they change them and need not be complete."""
    return importable.record_field is not None and importable.record_field.key in mapped


def _column(made: Import, at: int) -> Iterable[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT cells->>%s FROM exchange_import_row WHERE of_id = %s LIMIT 50000",
            [at, made.pk],
        )
        return [cell or "" for (cell,) in cursor.fetchall()]


def reader_of(made: Import) -> Reader:
    """Give the reader of an import's rows."""
    importable = kind_of(made.importable)
    known = importable.by_key
    return Reader(
        columns=[known.get(c) if c else None for c in made.columns],
        header=made.header,
        file=made.file_name,
        required=[f for f in importable.fields if f.required],
        orders={int(k): v for k, v in made.orders.items()},
        epoch=made.epoch,
        place=place_finder(made.path),
        unit=unit_finder(made.path),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultGroup:
    """A fault that many rows share."""

    column: str
    problem: Text
    remedy: Text
    rows: int
    example: Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The first rows as they will be read, and the faults among those that were looked at."""

    rows: list[tuple[int, ReadRow]]
    looked_at: int
    sound: int
    groups: list[FaultGroup]


def preview(made: Import) -> Preview:
    """Read the rows without writing anything."""
    reader = reader_of(made)
    shown: list[tuple[int, ReadRow]] = []
    groups: dict[tuple[str, str], list[Fault]] = {}
    looked_at = sound = 0
    rows = made.rows.order_by("number").values_list("number", "cells")[: limit("counted_rows")]
    for number, cells in rows.iterator(chunk_size=2_000):
        row = read_row(number, cells, reader)
        looked_at += 1
        sound += not row.faults
        if looked_at <= limit("preview_rows"):
            shown.append((number, row))
        for fault in row.faults:
            groups.setdefault((fault.column or "", fault.problem.en), []).append(fault)
    return Preview(
        rows=shown,
        looked_at=looked_at,
        sound=sound,
        groups=sorted(
            (
                FaultGroup(
                    column=column, problem=f[0].problem, remedy=f[0].remedy,
                    rows=len({x.row for x in f}), example=f[0],
                )
                for (column, _), f in groups.items()
            ),
            key=lambda g: -g.rows,
        ),
    )  # fmt: skip


def confirm(made: Import) -> None:
    """Begin: remember the mapping, let go of the file, and let the rows be taken."""
    require("exchange.import", made)
    require_any(kind_of(made.importable).action)
    _must_be(made, ImportState.MAPPING)
    if not any(made.columns):
        raise Unreadable("no mapping", _NO_MAPPING)
    RememberedMapping.objects.update_or_create(
        importable=made.importable,
        header=mapping.fingerprint(made.header),
        path=made.path,
        unit_id=made.unit_id,
        defaults={"columns": made.columns, "orders": made.orders, "used_at": timezone.now()},
    )
    ImportFile.objects.filter(of=made).delete()
    made.state = ImportState.RUNNING
    made.started_at = made.progressed_at = timezone.now()
    made.save(update_fields=["state", "started_at", "progressed_at"])
    record("exchange.import.begin", made, rows=made.total)


def give_up(made: Import) -> None:
    """End an import that has not begun, or whose remaining rows nobody wants; what is in stays in."""
    require("exchange.import", made)
    _must_be(made, ImportState.MAPPING, ImportState.REVIEW, ImportState.FAULTY, ImportState.STOPPED)
    ImportFile.objects.filter(of=made).delete()
    made.state = ImportState.CANCELLED
    made.finished_at = timezone.now()
    made.save(update_fields=["state", "finished_at"])
    record("exchange.import.give_up", made)


def _must_be(made: Import, *states: str) -> None:
    if made.state not in states:
        raise Unreadable("state", _TOO_LATE)


_TOO_LATE = Text(
    zh="这次导入已进入下一步，不能再这样改动。请打开导入页查看当前状态。",
    en="This import has moved on and can no longer be changed this way. Open its page to see where it stands.",
)
_NO_MAPPING = Text(
    zh="没有任何列对应到字段，无可导入。请至少对应一列。",
    en="No column fills any field, so there is nothing to import. Assign at least one column.",
)
_ORDER = {
    "ask": Text(
        zh="日期如 3/2/2020 可读成 3 月 2 日或 2 月 3 日，请选择日月顺序。",
        en="Dates such as 3/2/2020 may be 3 February or 2 March. Choose whether the day or the month comes first.",
    ),
    "mixed": Text(
        zh="这一列里既有日在前也有月在前的日期，请选择多数用哪种；读不通的行会作为错误行退回。",
        en="This column has dates with the day first and dates with the month first. Choose which is meant; rows that do not fit come back as faulty.",
    ),
}
_TWICE = Text(
    zh="“{field}”对应了不止一列，请只保留一列。",
    en="“{field}” is filled by more than one column; keep one.",
)
_NEEDED = Text(
    zh="必填的“{field}”还没有对应的列。", en="The required field “{field}” has no column yet."
)
