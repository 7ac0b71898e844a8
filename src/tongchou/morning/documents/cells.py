"""How the cell of a table is written: one rule for HTML, Word and the bulletin."""

from collections.abc import Mapping
from datetime import date, datetime

from tongchou.morning.order import Evidence, Heading, Order
from tongchou.vocabulary.text import Lang, Text, count, estimate, share

NUMERIC = frozenset({"count", "estimate", "share"})
"""Kinds of cell that stand right-aligned and sort as numbers."""


LEAST_SHARE = 0.0005
"""A share below it is not zero, though it would be written as 0.0%."""


def cell(value: object, kind: str, lang: Lang) -> str:
    """Write one value as its kind asks, in one language; an unknown one is a dash.

    Counts stand exact with thousands separated, estimates with three significant figures, shares
    as per cent, dates as year-month-day so that they sort as text.

    >>> cell(12345, "count", "en"), cell(2.1666, "estimate", "zh"), cell(0.5, "share", "en")
    ('12,345', '2.17', '50.0%')
    >>> cell(0.0001, "share", "en"), cell(0, "share", "en")
    ('<0.1%', '0.0%')
    >>> cell(Text(zh="武汉", en="Wuhan"), "text", "zh"), cell(None, "text", "en")
    ('武汉', '–')
    """
    if value is None:
        return "–"
    if isinstance(value, Text):
        return value[lang]
    if isinstance(value, datetime):
        return (
            value.isoformat(sep=" ", timespec="minutes")
            if value.time() != _MIDNIGHT
            else value.date().isoformat()
        )
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return {"zh": ("否", "是"), "en": ("no", "yes")}[lang][value]
    if isinstance(value, list | tuple):
        return ("、" if lang == "zh" else ", ").join(cell(v, kind, lang) for v in value)
    if isinstance(value, int | float):
        return _number(value, kind).replace("-", "−")
    return str(value)


_MIDNIGHT = datetime.min.time()


def _number(value: int | float, kind: str) -> str:
    if kind == "count":
        return count(value)
    if kind == "share":
        return share(value) if value == 0 or abs(value) >= LEAST_SHARE else "<0.1%"
    if kind == "estimate" or (kind == "text" and isinstance(value, float)):
        return estimate(value)
    return str(value)


def heading(column: Heading, lang: Lang) -> str:
    """Write the head of a column, its unit in brackets.

    >>> from tongchou.vocabulary.text import same
    >>> heading(Heading(key="n", label=Text(zh="人口", en="Population"), unit=Text(zh="人", en="persons")), "zh")
    '人口（人）'
    >>> heading(Heading(key="n", label=same("Cases"), unit=same("cases")), "en")
    'Cases'
    """
    label = column.label[lang]
    if column.unit is None:
        return label
    unit = column.unit[lang]
    if unit.casefold() == label.casefold():
        return label
    return f"{label}（{unit}）" if lang == "zh" else f"{label} ({unit})"


def raw(value: object) -> str:
    """Write a cell of an evidence row as it stands, a float without false tails.

    >>> raw(0.1 + 0.2), raw(None), raw(7)
    ('0.3', '–', '7')
    """
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, datetime):
        return cell(value, "date", "en")
    return str(value)


def all_evidence(order: Order) -> Mapping[str, Evidence]:
    """Give every piece of evidence the order leads to, once for each id, in order of meeting.

    Pieces met on the pages come first, in reading order; those that only the order's own list
    holds follow in order of id.
    """
    met: dict[str, Evidence] = {}
    parts: list[Evidence | None] = [f.evidence for f in order.figures]
    parts += [order.tiers.evidence, order.curve.evidence]
    parts += [g.evidence for g in order.gaps]
    parts += [d.evidence for d in order.decisions]
    parts += [a.evidence for a in order.ahead]
    parts += [order.yesterday.evidence]
    for data in (table for annex in order.annexes for table in annex.tables):
        parts += [data.evidence, *data.proofs]
    for part in parts:
        if part is not None:
            met.setdefault(part.id, part)
    for key in sorted(order.evidence):
        met.setdefault(order.evidence[key].id, order.evidence[key])
    return met
