"""All that is held on one person, complete, in words and as data.

Every table of the room that points at a person, at their cases or at their contacts is here; a test
walks the tables so that a new one cannot be forgotten. Other persons stay out: of contacts that
somebody named only the number is told, of whoever infected them nothing but that it is on record.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils import timezone

from tongchou.station.access.context import system
from tongchou.station.access.roles import actions
from tongchou.station.accounts.models import Post
from tongchou.station.audit.models import Entry
from tongchou.station.cases.labels import label, shown
from tongchou.station.cases.models import (
    Appeal,
    Arrival,
    Case,
    CaseEvent,
    Check,
    Contact,
    Exposure,
    Identity,
    Investigation,
    Merge,
    Need,
    Person,
    Quarantine,
    Sample,
    Suspicion,
)  # fmt: skip
from tongchou.vocabulary.text import Text, same

OF_PERSON: Mapping[type[models.Model], str] = {
    Identity: "person",
    Case: "person",
    Contact: "person",
}
OF_CASE: Mapping[type[models.Model], str] = {
    CaseEvent: "case", Sample: "case", Investigation: "case", Exposure: "case",
}  # fmt: skip
OF_CONTACT: Mapping[type[models.Model], str] = {
    Check: "contact", Arrival: "contact", Quarantine: "contact", Need: "contact", Appeal: "contact",
}  # fmt: skip
"""Tables disclosed, with the field by which they belong to the person."""
OTHERS: frozenset[str] = frozenset({"infector", "form_token", "id", "person", "contact", "case_id"})
"""Fields left out: keys of the machine, and those that point at other persons."""
MOST_READINGS = 500


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One row, in words and as plain values."""

    number: str
    facts: tuple[tuple[Text, Text], ...]
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one table."""

    name: str
    title: Text
    rows: tuple[HeldRow, ...]


@dataclass(slots=True)
class Held:
    """Everything, section by section."""

    person: str
    sections: list[Section] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    readings: list[dict[str, Any]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many rows are held."""
        return sum(len(s.rows) for s in self.sections)

    def as_json(self) -> dict[str, Any]:
        """Give everything as plain data, names of fields as in the database."""
        return {
            "person": self.person,
            **{s.name: [r.values for r in s.rows] for s in self.sections},
            "notes": [n.as_dict() for n in self.notes],
            "readings": self.readings,
        }


def disclose(person: Person) -> Held:
    """Gather all that is held on a person, records merged into theirs included.

    The gate is asked by the caller (``persons.disclose``); a person has a right to all of it, so the
    rows are not bounded by the area of whoever shows them.
    """
    with system("disclosure to the person"):
        people = _with_aliases(person)
        cases = list(Case.objects.filter(person__in=people).order_by("pk"))
        contacts = list(Contact.objects.filter(person__in=people).order_by("pk"))
        held = Held(person=person.pseudonym)
        held.sections = [
            _section(Person, people),
            _section(Identity, Identity.objects.filter(person__in=people).order_by("pk")),
            _section(Case, cases),
            *(_section(m, m._base_manager.filter(**{f"{f}__in": cases}).order_by("pk")) for m, f in OF_CASE.items()),
            _section(Contact, contacts),
            *(_section(m, m._base_manager.filter(**{f"{f}__in": contacts}).order_by("pk")) for m, f in OF_CONTACT.items()),
            _section(Suspicion, _pairs(people), leave=("first", "second")),
            _section(Merge, _merges(people, cases), leave=("rows", "marks", "chosen", "conflicts")),
        ]  # fmt: skip
        held.sections = [s for s in held.sections if s.rows]
        held.notes = _notes(cases)
        held.readings = _readings([*people, *cases, *contacts])
    return held


def _with_aliases(person: Person) -> list[Person]:
    found, edge = [person], [person]
    while edge:
        edge = list(Person.objects.filter(merged_into__in=edge))
        found += edge
    return found


def _pairs(people: list[Person]) -> Iterable[Suspicion]:
    return Suspicion.objects.filter(models.Q(first__in=people) | models.Q(second__in=people))


def _merges(people: list[Person], cases: list[Case]) -> Iterable[Merge]:
    names = [r.pseudonym for r in (*people, *cases)]
    return Merge.objects.filter(models.Q(keeper__in=names) | models.Q(merged__in=names))


def _section(
    model: type[models.Model], rows: Iterable[Any], *, leave: tuple[str, ...] = ()
) -> Section:
    fields = [
        f
        for f in model._meta.concrete_fields
        if f.name not in OTHERS and f.name not in leave
        and not f.name.startswith("block_")
        and (model in (Person, Contact) or not f.name.endswith("_path")) and f.name not in ("name_key", "search", "marks")
    ]  # fmt: skip
    name = model._meta.model_name or ""
    return Section(name, label(name), tuple(_row(r, fields) for r in rows))


def _row(row: Any, fields: list[Any]) -> HeldRow:
    values = {f.name: _value(row, f) for f in fields}
    facts = tuple(
        (label(n), words) for n, v in values.items() if (words := shown(n, v)) != same("")
    )
    plain = {n: v.as_dict() if isinstance(v, Text) else v for n, v in values.items()}
    return HeldRow(getattr(row, "pseudonym", ""), facts, plain)


def _value(row: Any, column: Any) -> Any:
    """Give a value; of a place or unit its name, of a post its title, of a record its number."""
    if not column.is_relation:
        return getattr(row, column.attname)
    target = getattr(row, column.name)
    if target is None:
        return None
    if isinstance(target, Post):
        return target.title
    return getattr(target, "name", None) or str(target)


def _notes(cases: list[Case]) -> list[Text]:
    named = Contact.objects.filter(case__in=cases).count()
    found = []
    if named:
        found.append(
            Text(
                zh="您的病例关联 {n} 名密切接触者；他们的信息属于他们本人，不在此列。",
                en="{n} people are on record as contacts of your case; what is held on them is theirs and not shown here.",
            ).fill(n=named)
        )
    if any(c.infector_id for c in cases):
        found.append(
            Text(
                zh="登记有可能的感染来源；那位病例的信息属于其本人，不在此列。",
                en="A likely source of infection is on record; what is held on that person is theirs and not shown here.",
            )
        )
    return found


def _readings(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Give when which post read or changed the records, the latest first."""
    names = [f"{r._meta.label_lower}:{r.pseudonym}" for r in rows]
    found = Entry.objects.filter(resource__in=names).order_by("-seq")[:MOST_READINGS]
    posts = Post.objects.select_related("place", "unit").in_bulk({e.post for e in found if e.post})
    return [
        {
            "at": timezone.localtime(e.at).isoformat(timespec="minutes"),
            "action": e.action,
            "meaning": _meaning(e.action).as_dict(),
            "outcome": e.outcome,
            "post": posts[e.post].title.as_dict() if e.post in posts else {"zh": "系统", "en": "the system"},
        }
        for e in found
    ]  # fmt: skip


def _meaning(action: str) -> Text:
    known = actions().get(action)
    return known.meaning if known else same(action)
