"""The order of the day for machines: order.json, whole, in both languages.

The layout is that of :mod:`tongchou.morning.order`, name by name; a text is ``{"zh", "en"}``, a
frame a list of its columns and a list of rows. Unknown numbers are ``null``. The same order gives
the same bytes.
"""

import dataclasses
import json
import math
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from tongchou.morning.documents.cells import all_evidence
from tongchou.morning.order import Evidence, Order

LAYOUT = 1
"""Rises when a reader of order.json has to change."""


def to_json(order: Order) -> bytes:
    """Give the whole order as JSON in UTF-8, keys sorted, floats in full.

    Evidence stands once, under ``evidence`` by id; where a figure, gap or decision leads to it,
    its id stands.
    """
    content = _plain(order)
    content["evidence"] = {key: _fields(found) for key, found in all_evidence(order).items()}
    content["layout"] = LAYOUT
    text = json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return f"{text}\n".encode()


def _fields(value: Any) -> dict[str, Any]:
    return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}


def _plain(value: object) -> Any:
    """Give a value of the content model as JSON knows it."""
    if isinstance(value, Evidence):
        return value.id
    if isinstance(value, pl.DataFrame):
        rows = [[_plain(cell) for cell in row] for row in value.iter_rows()]
        return {"columns": value.columns, "rows": rows}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _fields(value)
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return [_plain(item) for item in items]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value
