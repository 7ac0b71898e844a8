"""From the address of a list to its rows: filters, typed search and order, all bookmarkable."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from tongchou.station.desk.lists import Filter, ListSpec, Rows
from tongchou.station.places.models import Place
from tongchou.station.places.names import query_key
from tongchou.vocabulary.errors import TongchouError
from tongchou.vocabulary.text import Text, join

LONGEST = 200
"""Characters of a value that a filter reads."""


class BadFilter(TongchouError):
    """A filter value that stands for nothing: no rows are better than the wrong ones."""

    def __init__(self, wanted: Filter, value: str, offered: tuple[Text, ...] = ()) -> None:
        self.wanted, self.value, self.offered = wanted, value, offered
        super().__init__(wanted.key)

    def text(self) -> Text:
        """Name the filter and the value, and what could stand there."""
        if self.offered:
            return Text(
                zh="筛选项“{label}”不认识“{value}”，因此没有列出任何行。可填：{offered}。",
                en="The filter “{label}” does not know “{value}”, so no rows are listed. It knows: {offered}.",
            ).fill(label=self.wanted.label, value=self.value, offered=join(list(self.offered)))
        return Text(
            zh="筛选项“{label}”读不懂“{value}”，因此没有列出任何行。请改正或清空该项。",
            en="The filter “{label}” cannot read “{value}”, so no rows are listed. Correct it or clear it.",
        ).fill(label=self.wanted.label, value=self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address of a list asks for.

    ``shown`` are the values as they stand in the address, ``values`` what the filters receive.
    """

    spec: ListSpec
    shown: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    typed: str = ""
    sort: str = ""
    faults: tuple[BadFilter, ...] = ()

    def rows(self) -> Rows:
        """Give the rows that are asked for, in no order yet; none where a value is not understood."""
        rows = self.spec.rows()
        if self.faults:
            return rows.none()
        for key, value in self.values.items():
            wanted = self.spec.filter(key)
            if wanted is not None:
                rows = wanted.narrow(rows, value)
        if self.typed and self.spec.find:
            rows = self.spec.find(rows, self.typed)
        return rows

    def order(self) -> tuple[str, ...]:
        """Give the fields to order by: the column chosen, then the list's own order."""
        chosen = self._sort_field()
        return ((chosen,) if chosen else ()) + tuple(
            f for f in self.spec.order if f.lstrip("-") != chosen.lstrip("-")
        )

    def _sort_field(self) -> str:
        key, down = self.sort.lstrip("-"), self.sort.startswith("-")
        column = next((c for c in self.spec.columns if c.key == key and c.sort), None)
        if column is None or column.sort is None:
            return ""
        field_name = column.sort
        if not down:
            return field_name
        return field_name[1:] if field_name.startswith("-") else f"-{field_name}"

    def query(self, **changes: str) -> str:
        """Give the part of the address after the question mark, with changes."""
        parts = {**self.shown, "q": self.typed, "sort": self.sort, **changes}
        return urlencode({k: v for k, v in parts.items() if v})

    @property
    def narrowed(self) -> bool:
        """Whether any filter or search is set."""
        return bool(self.shown or self.typed)

    def for_audit(self) -> dict[str, str]:
        """Give the filters as the audit trail keeps them: typed words may be names and stay out."""
        kept = {
            k: v
            for k, v in self.shown.items()
            if (
                f := self.spec.filter(k.removesuffix("_from").removesuffix("_to"))
                or self.spec.filter(k)
            )
            and f.kind != "text"
        }
        if self.typed:
            kept["q"] = "…"
        return kept | {k: "…" for k in self.shown if k not in kept}


def read(spec: ListSpec, query: QueryDict) -> Asked:
    """Read the address of a list; words it does not know are passed over."""
    shown: dict[str, str] = {}
    values: dict[str, Any] = {}
    faults: list[BadFilter] = []
    for wanted in spec.filters:
        keys = _keys(wanted)
        given = {k: query.get(k, "").strip()[:LONGEST] for k in keys}
        given = {k: v for k, v in given.items() if v}
        if not given:
            continue
        shown |= given
        try:
            values[wanted.key] = _value(wanted, given)
        except BadFilter as fault:
            faults.append(fault)
    return Asked(
        spec=spec,
        shown=shown,
        values=values,
        typed=query.get("q", "").strip()[:LONGEST].replace("\x00", ""),
        sort=query.get("sort", "")
        if query.get("sort", "").lstrip("-") in {c.key for c in spec.columns if c.sort}
        else "",
        faults=tuple(faults),
    )


def _keys(wanted: Filter) -> tuple[str, ...]:
    return (f"{wanted.key}_from", f"{wanted.key}_to") if wanted.kind == "dates" else (wanted.key,)


def _value(wanted: Filter, given: dict[str, str]) -> Any:
    match wanted.kind:
        case "choice":
            return _choice(wanted, given[wanted.key])
        case "dates":
            first, last = _keys(wanted)
            return _day(wanted, given.get(first)), _day(wanted, given.get(last))
        case "place":
            return _place(wanted, given[wanted.key]).path
        case "flag":
            return True
        case _:
            return given[wanted.key].replace("\x00", "")


def _choice(wanted: Filter, value: str) -> str:
    known = dict(wanted.options())
    if value not in known:
        raise BadFilter(wanted, value, tuple(known.values()))
    return value


def _day(wanted: Filter, value: str | None) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise BadFilter(wanted, value) from error


def _place(wanted: Filter, value: str) -> Place:
    """Find the place that somebody typed: its code, alone or before its name, or a name.

    A name that a place shares with what lies below it alone, as a county with its grids, is clear.
    """
    code = value.split()[0]
    found = Place.objects.filter(code=code).first()
    if found is not None:
        return found
    key = query_key(value)
    named = list(Place.objects.filter(search__contains=key).order_by("path")[:50]) if key else []
    exact = [p for p in named if value in (p.name_zh, p.name_en)] or named
    if exact and all(p.path.startswith(exact[0].path) for p in exact):
        return exact[0]
    raise BadFilter(
        wanted,
        value,
        tuple(Text(zh=f"{p.code} {p.name_zh}", en=f"{p.code} {p.name_en}") for p in exact[:8]),
    )
