"""The files of an order: what each is, and how it is kept."""

import hashlib
from collections.abc import Mapping
from types import MappingProxyType

from tongchou.station.incident.models import Order, OrderDocument
from tongchou.vocabulary.text import Text

TYPES: Mapping[str, str] = MappingProxyType(
    {
        "html": "text/html; charset=utf-8",
        "json": "application/json",
        "csv": "text/csv; charset=utf-8",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    }
)
LABELS: Mapping[str, Text] = MappingProxyType(
    {
        "order.html": Text(zh="部署（网页）", en="order (page)"),
        "order.docx": Text(zh="部署（Word）", en="order (Word)"),
        "order.json": Text(zh="部署全部数据（JSON）", en="order, all of it (JSON)"),
        "bulletin.html": Text(zh="公报（网页）", en="bulletin (page)"),
        "bulletin.json": Text(zh="开放数据（JSON）", en="open data (JSON)"),
        "places.csv": Text(zh="各地数字（CSV）", en="figures by place (CSV)"),
        "figures.csv": Text(zh="主要数字（CSV）", en="main figures (CSV)"),
        "fields.csv": Text(zh="字段说明（CSV）", en="what each field means (CSV)"),
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
