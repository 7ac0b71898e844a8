"""The files of an order: what each is, and how it is kept."""

import hashlib
from collections.abc import Mapping
from types import MappingProxyType

from tongchou.station.incident.models import Order, OrderDocument

TYPES: Mapping[str, str] = MappingProxyType(
    {
        "html": "text/html; charset=utf-8",
        "json": "application/json",
        "csv": "text/csv; charset=utf-8",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    }
)
PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-scripts allow-modals allow-popups allow-downloads"
)
"""The page of an order carries its own style and script; in its sandbox it is of no origin at all."""


def document(
    order: Order,
    name: str,
    content: bytes,
    *,
    lang: str = "",
    signed: bool = False,
    public: bool = False,
) -> OrderDocument:
    """Give a file of an order, not yet saved."""
    return OrderDocument(
        order=order,
        path=order.path,
        name=name,
        lang=lang,
        signed=signed,
        public=public,
        content_type=TYPES[name.rpartition(".")[2]],
        digest=hashlib.sha256(content).hexdigest(),
        size=len(content),
        content=content,
    )
