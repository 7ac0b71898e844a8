"""What a FHIR bundle tells, beside what is on record of it: read once for the whole bundle."""

from collections.abc import Mapping
from functools import cached_property

from django.utils import timezone

from tongchou.station.access.context import actor
from tongchou.station.access.managers import Refused, require
from tongchou.station.cases.models import Case, Identity, Person, Sample
from tongchou.station.exchange.fhir.port import Done, Kind, Refusal
from tongchou.station.exchange.fhir.records import Story
from tongchou.station.places.models import Place, Unit
from tongchou.vocabulary.text import Text


class Told:
    """A story, what is on record of it, and what was refused or done so far."""

    def __init__(self, told: Story) -> None:
        self.told = told
        self.done: dict[tuple[str, str], Done] = {}
        self.refusals: list[Refusal] = []
        self.now = timezone.now()
        self.cases_by_number: dict[str, Case] = {}

    def refuse(self, kind: Kind, number: str, field: str, text: Text) -> None:
        """Note that a record is refused."""
        self.refusals.append(Refusal(kind=kind, number=number, field=field, zh=text.zh, en=text.en))

    @cached_property
    def persons(self) -> Mapping[str, Person]:
        """Persons on record that the story tells of."""
        wanted = {p.number for p in self.told.persons} | {c.person for c in self.told.cases}
        return {p.pseudonym: p for p in Person.objects.filter(pseudonym__in=wanted)}

    @cached_property
    def cases(self) -> Mapping[str, Case]:
        """Cases on record that the story tells of; those that the actor may change are locked."""
        wanted = {c.number for c in self.told.cases} | {s.case for s in self.told.samples if s.case}
        list(Case.objects.select_for_update().filter(pseudonym__in=wanted).values_list("pk"))
        found = Case.objects.filter(pseudonym__in=wanted).select_related("person", "reported_by")
        return {c.pseudonym: c for c in found}

    @cached_property
    def samples(self) -> Mapping[str, Sample]:
        """Samples on record that the story tells of."""
        wanted = {s.number for s in self.told.samples} | {r.sample for r in self.told.results}
        wanted |= {s.retest_of for s in self.told.samples if s.retest_of}
        found = Sample.objects.filter(pseudonym__in=wanted)
        return {s.pseudonym: s for s in found}

    @cached_property
    def identities(self) -> Mapping[int, Identity]:
        """Identities of the persons on record, for those who may see them; only where names are told."""
        if not any(p.name for p in self.told.persons):
            return {}
        keys = [p.pk for p in self.persons.values()]
        return {i.person_id: i for i in Identity.objects.filter(person_id__in=keys)}

    @cached_property
    def places(self) -> Mapping[str, Place]:
        """Places that the story names."""
        wanted = {code for c in self.told.cases for code in (c.responsible, c.residence) if code}
        return {p.code: p for p in Place.objects.filter(code__in=wanted | {actor().place})}

    @cached_property
    def units(self) -> Mapping[str, Unit]:
        """Units that the story names."""
        wanted = {u for c in self.told.cases for u in (c.care_unit, c.reported_by)}
        wanted |= {u for s in self.told.samples for u in (s.lab_unit, s.collected_by)}
        return {u.code: u for u in Unit.objects.filter(code__in=wanted - {None})}

    def ask(self, number: str, action: str, case: Case) -> None:
        """Ask the gate; a case that may not be written there is refused like one that is not there."""
        try:
            require(action, case)
        except Refused as refused:
            self.refuse("Condition", number, "", refused.text())


UNKNOWN = Text(
    zh="本站没有“{value}”。请核对代码。", en="There is no “{value}” here. Check the code."
)
FIXED = Text(
    zh="与在案的不同，而此项不能经 FHIR 更改。责任地请用移交，其余请在页面上更正。",
    en="It differs from what is on record, and FHIR does not change it. Hand the case over for its place; correct the rest on its page.",
)
