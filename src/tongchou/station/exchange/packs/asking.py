"""Asking for the data pack of an area: the gate, what may go out, and the note of it."""

import tempfile
from datetime import date
from typing import IO

from tongchou.station.access.context import actor
from tongchou.station.access.managers import require
from tongchou.station.audit.record import record
from tongchou.station.exchange.models import HeldPack
from tongchou.station.places.models import Place

RECORDS = "exchange.export"
"""The action that lets rows of single persons and households leave; without it totals go out."""
IN_MEMORY = 8 * 1024 * 1024


def with_records() -> bool:
    """Whether the present post may take out rows that each speak of a person."""
    return actor().may.get(RECORDS) == "area"


def ask(place: Place, cut: date) -> IO[bytes]:
    """Give the pack of an area as a ZIP file, ready to be read from its start.

    Raises
    ------
    Refused
        If the area is not the present post's.
    NothingHeld
        If the station holds nothing of it by that day.
    """
    from tongchou.station.exchange.packs.write import zip_pack

    require("exchange.pack", HeldPack(path=place.path), write=False)
    records = with_records()
    handle = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
    manifest = zip_pack(place, cut, handle, records=records)
    record("exchange.pack", f"pack:{manifest.name}", cut=str(cut), records=records)
    handle.seek(0)
    return handle
