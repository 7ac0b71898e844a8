"""Organisations and duties: adopt the proposed division, change it, see what nobody owns."""

from typing import Any

from django.db.models import Q
from django.utils import timezone

from tongchou.station.access.managers import require, require_any
from tongchou.station.audit.record import record
from tongchou.station.incident.errors import NotPossible
from tongchou.station.incident.models import Duty, Organisation
from tongchou.station.incident.rules.matrix import Held, unowned
from tongchou.station.incident.rules.tables import at_level, table
from tongchou.station.places.models import Place
from tongchou.vocabulary.text import Text


def in_force(place: Place) -> Any:
    """Give the duties of a place that are in force today."""
    today = timezone.localdate()
    return Duty.objects.filter(
        Q(ends__isnull=True) | Q(ends__gte=today), place=place, starts__lte=today
    ).select_related("organisation")


def without_owner(place: Place) -> list[str]:
    """Give the mechanisms asked of this level that no organisation here is accountable for."""
    held = [
        Held(o, m, r)
        for o, m, r in in_force(place).values_list("organisation", "mechanism", "role")
    ]
    return unowned(place.level, held)


def adopt(place: Place) -> tuple[int, int]:
    """Adopt the proposed division of duties for a place; what it has set itself stays.

    Returns
    -------
    tuple
        How many organisations and how many duties were added; nothing the second time.
    """
    require_any("incident.duties")
    have = {o.agency: o for o in Organisation.objects.filter(place=place).exclude(agency="")}
    wanted = [row for row in table("duties") if at_level(row["mechanism"], place.level)]
    needed = {row["agency"] for row in wanted}
    added = 0
    for row in table("agencies"):
        if row["agency"] in needed and row["agency"] not in have:
            have[row["agency"]] = _organisation(place, row)
            added += 1
    owned = set(in_force(place).filter(role="accountable").values_list("mechanism", flat=True))
    taken = set(Duty.objects.filter(place=place).values_list("organisation_id", "mechanism"))
    duties = [
        Duty(
            organisation=have[row["agency"]],
            place=place,
            path=place.path,
            mechanism=row["mechanism"],
            role=row["role"],
            source=row["source"][:200],
            confidence=row["confidence"],
        )
        for row in wanted
        if (have[row["agency"]].pk, row["mechanism"]) not in taken
        and not (row["role"] == "accountable" and row["mechanism"] in owned)
    ]
    for duty in duties:
        require("incident.duties", duty)
    Duty.objects.bulk_create(duties)
    record("incident.duties", f"places.place:{place.code}", organisations=added, duties=len(duties))
    return added, len(duties)


def _organisation(place: Place, row: Any) -> Organisation:
    level = "nation" if place.level == "nation" else "local"
    made = Organisation(
        place=place,
        path=place.path,
        agency=row["agency"],
        kind=row["kind"],
        name_zh=row[f"{level}_zh"].format(place=place.name_zh),
        name_en=row[f"{level}_en"].format(place=place.name_en),
    )
    require("incident.duties", made)
    made.save()
    return made


def save_organisation(organisation: Organisation) -> Organisation:
    """Save an organisation of the post's area."""
    organisation.path = organisation.place.path
    require("incident.duties", organisation)
    organisation.save()
    record("incident.duties", organisation, move="save")
    return organisation


def assign(organisation: Organisation, mechanism: str, role: str) -> Duty | None:
    """Give an organisation a role in a mechanism, or take it away with an empty role.

    Raises
    ------
    NotPossible
        If another organisation of the place is accountable already.
    """
    require("incident.duties", organisation)
    place = organisation.place
    mine = Duty.objects.filter(organisation=organisation, mechanism=mechanism)
    if not role:
        mine.delete()
        record("incident.duties", organisation, mechanism=mechanism, role="none")
        return None
    other = (
        in_force(place)
        .filter(mechanism=mechanism, role="accountable")
        .exclude(organisation=organisation)
        .first()
    )
    if role == "accountable" and other is not None:
        raise NotPossible(
            Text(
                zh="“{name}”已牵头负责 {mechanism}，一项机制只有一个牵头单位。请先改其分工。",
                en="{mechanism} is already led by “{name}”, and a mechanism has one accountable organisation. Change its role first.",
            ).fill(name=other.organisation.name, mechanism=mechanism)
        )
    duty = mine.first() or Duty(organisation=organisation, place=place, mechanism=mechanism)
    duty.role, duty.source, duty.confidence, duty.ends = role, "", "", None
    duty.save()
    record("incident.duties", organisation, mechanism=mechanism, role=role)
    return duty
