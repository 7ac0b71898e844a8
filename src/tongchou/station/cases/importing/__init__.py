"""What this room brings to the import and export of tables: cases, contacts, samples, arrivals."""

from django.urls import reverse

from tongchou.station.cases.importing import case_rows, contact_rows, sample_rows
from tongchou.station.exchange.importables import ready_made
from tongchou.station.exchange.registry import register_importable


def register() -> None:
    """Register the kinds of records; called once when the station starts."""
    register_importable(
        ready_made(
            "cases",
            save=case_rows.save,
            update=case_rows.update,
            held=case_rows.held,
            records=case_rows.records,
            check=case_rows.check,
            url=lambda n: reverse("cases:case", args=[n]) if n.startswith("C") else "",
        )
    )
    register_importable(
        ready_made(
            "contacts",
            save=contact_rows.save_contacts,
            update=contact_rows.update,
            held=contact_rows.held_contacts,
            records=contact_rows.contacts,
        )
    )
    register_importable(
        ready_made(
            "arrivals",
            save=contact_rows.save_arrivals,
            update=contact_rows.update,
            held=contact_rows.held_arrivals,
            records=contact_rows.arrivals,
        )
    )
    register_importable(
        ready_made(
            "samples",
            save=sample_rows.save,
            update=sample_rows.update,
            held=sample_rows.held,
            records=sample_rows.records,
        )
    )
