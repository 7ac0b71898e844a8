"""From the records to a chain: the cases that hang together with one, within the reader's reach."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from tongchou.station.cases.chains import Chain, Link, Node, lay_out
from tongchou.station.cases.models import Case, Contact, Exposure
from tongchou.station.cases.watch import number


def chain_of(case: Case) -> Chain:
    """Give the chain that a case belongs to: by infectors, contacts that became cases, shared venues."""
    most = number("chain_cases")
    known, edge = {case.pk}, {case.pk}
    while edge and len(known) <= most:
        edge = _neighbours(edge) - known
        known |= edge
    return chain_among(known, most=most)


def chain_among(keys: Iterable[int], *, most: int | None = None) -> Chain:
    """Give the chain among given cases."""
    rows = list(Case.objects.filter(pk__in=list(keys), merged_into=None))
    return lay_out([_node(c) for c in rows], _links(rows), most=most)


def _neighbours(keys: set[int]) -> set[int]:
    """Give the cases one step away; those beyond reach are not there."""
    cases = Case.objects.filter(merged_into=None)
    rows = Case.objects.filter(pk__in=keys)
    sources = rows.exclude(infector=None).values_list("infector_id", flat=True)
    infected = cases.filter(infector__in=keys).values_list("pk", flat=True)
    watched = Contact.objects.filter(Q(case__in=keys) | Q(became_case__in=keys)).exclude(case=None)
    pairs = watched.exclude(became_case=None).values_list("case_id", "became_case_id")
    venues = Exposure.objects.filter(case__in=keys).exclude(venue=None).values("venue")
    shared = Exposure.objects.filter(venue__in=venues).values_list("case_id", flat=True)
    found = {*sources, *infected, *shared, *(k for pair in pairs for k in pair)}
    return set(cases.filter(pk__in=found).values_list("pk", flat=True))


def _node(case: Case) -> Node:
    on = case.onset_on or timezone.localdate(case.known_at)
    url = reverse("cases:case", args=[case.pseudonym])
    return Node(case=case.pseudonym, on=on, setting=case.exposed_at or "unknown", url=url)


def _links(rows: list[Case]) -> list[Link]:
    names = {c.pk: c.pseudonym for c in rows}
    links = [
        Link(source=names[c.infector_id], target=c.pseudonym, kind="infector")
        for c in rows
        if c.infector_id in names
    ]
    watched = Contact.objects.filter(case__in=names, became_case__in=names)
    for source, target in watched.values_list("case_id", "became_case_id"):
        links.append(Link(source=names[source], target=names[target], kind="contact"))
    at: dict[int, list[tuple[str, str]]] = defaultdict(list)
    seen = Exposure.objects.filter(case__in=names).exclude(venue=None).order_by("from_on", "pk")
    for key, venue, note in seen.values_list("case_id", "venue_id", "venue__name_zh"):
        at[venue].append((names[key], note))
    for visits in at.values():
        for (one, note), (other, _) in pairwise(visits):
            links.append(Link(source=one, target=other, kind="shared", note=note))
    return links
