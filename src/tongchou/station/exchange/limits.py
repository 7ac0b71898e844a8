"""How much the exchange takes at once: ``reference/station/import_limits.csv``, read once."""

import csv
from dataclasses import fields
from functools import cache

from tongchou import reference
from tongchou.situation.files.limits import Limits


@cache
def limit(name: str) -> int:
    """Give a limit by name.

    >>> limit("chunk_rows")
    500
    """
    with reference.path("station/import_limits.csv").open(encoding="utf-8", newline="") as handle:
        return int(next(r["value"] for r in csv.DictReader(handle) if r["name"] == name))


@cache
def upload_limits() -> Limits:
    """Give the most that is taken of one uploaded file.

    >>> upload_limits().rows
    200000
    """
    return Limits(**{f.name: limit(f.name) for f in fields(Limits)})
