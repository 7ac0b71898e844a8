"""Contacts as a table of the data contract, out of the station and into it."""

from datetime import date
from typing import Any

import polars as pl
from django.utils import timezone

from tongchou.situation.contract import contract
from tongchou.station.access.policy import below
from tongchou.station.access.pseudonyms import pseudonym
from tongchou.station.cases.bulk import copy_rows, existing, next_ids, read_rows
from tongchou.station.cases.contract import (
    MOMENT,
    _days,
    _noon,
    _to_counties,
    _with_places,
)
from tongchou.station.cases.models import Case, Contact, Person
from tongchou.station.cases.watch import number

MOMENTS = {
    "known_on": "named_at", "traced_on": "traced_at", "placed_on": "placed_at", "released_on": "released_at",
}  # fmt: skip
"""Days of the contract and the moments they stand for."""


def export_contacts(path: str, cut: date) -> pl.DataFrame:
    """Give the contacts answered for at or below a place, known by 24:00 of a day, as the contract has them.

    A watch that ended because the person fell ill has no day of release.
    """
    rows = Contact.objects.filter(below("responsible_path", path))
    columns = {
        "pseudonym": pl.String, "case__pseudonym": pl.String, "responsible_id": pl.String,
        "setting": pl.String, "state": pl.String, "exposed_on": pl.Date, "release_due": pl.Date,
        "became_case__pseudonym": pl.String, **dict.fromkeys(MOMENTS.values(), MOMENT),
    }  # fmt: skip
    frame = read_rows(rows, columns).with_columns(_days(MOMENTS))
    frame = _to_counties(frame, "responsible_id").filter(pl.col("known_on") <= cut)
    return frame.select(
        contact_id="pseudonym", case_id="case__pseudonym", place="responsible_id", known_on="known_on",
        setting="setting", exposed_on="exposed_on", traced_on="traced_on", placed_on="placed_on",
        release_due="release_due",
        released_on=pl.when(pl.col("state") != "case").then(pl.col("released_on")),
        became_case_id="became_case__pseudonym",
    ).select(list(contract("contacts").schema)).cast(dict(contract("contacts").schema.items()))  # fmt: skip


def load_contacts(frame: pl.DataFrame) -> int:
    """Write contacts of the contract as live records; give how many are new.

    Who became a case is the person of that case; everyone else is a person without identity. No
    quarantine is invented: the contract says neither where nor on what basis.
    """
    frame = frame.filter(
        ~pl.col("contact_id").is_in(existing(Contact, frame["contact_id"].to_list()))
    )
    if frame.is_empty():
        return 0
    frame = _with_places(frame, "contacts", "place")
    frame = _joined(_joined(frame, "case_id", "met"), "became_case_id", "became")
    frame = frame.with_columns(fresh=pl.Series(next_ids(Person, frame.height))).with_columns(
        person=pl.coalesce("became_person", "fresh")
    )
    copy_rows(Person, _persons(frame.filter(pl.col("became_person").is_null())))
    copy_rows(Contact, _contacts(frame))
    return frame.height


def _joined(frame: pl.DataFrame, column: str, prefix: str) -> pl.DataFrame:
    """Add key and person of the case that a column names, null where the station lacks it."""
    wanted = frame[column].drop_nulls().unique().to_list()
    rows = list(
        Case.objects.filter(pseudonym__in=wanted).values_list("pseudonym", "pk", "person_id")
    )
    schema: dict[str, Any] = {
        column: pl.String,
        f"{prefix}_key": pl.Int64,
        f"{prefix}_person": pl.Int64,
    }
    return frame.join(
        pl.DataFrame(rows, schema=schema, orient="row"),
        on=column,
        how="left",
        maintain_order="left",
    )


def _persons(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        id="person",
        pseudonym=pl.Series([pseudonym("P") for _ in range(frame.height)], dtype=pl.String),
        watch_path="place_path",
        residence_path="place_path",
    )


def _contacts(frame: pl.DataFrame) -> pl.DataFrame:
    ill = pl.col("became_case_id").is_not_null()
    state = (
        pl.when(ill).then(pl.lit("case"))
        .when(pl.col("released_on").is_not_null()).then(pl.lit("released"))
        .when(pl.col("placed_on").is_not_null()).then(pl.lit("placed"))
        .when(pl.col("traced_on").is_not_null()).then(pl.lit("traced"))
        .otherwise(pl.lit("named"))
    )  # fmt: skip
    due = pl.min_horizontal("exposed_on", "known_on") + pl.duration(days=number("quarantine_days"))
    return frame.select(
        id=pl.Series(next_ids(Contact, frame.height)),
        person_id="person",
        pseudonym="contact_id",
        case_id="met_key",
        became_case_id="became_key",
        setting=pl.col("setting").fill_null("unknown"),
        state=state,
        responsible_id="place",
        responsible_path="place_path",
        residence_path="place_path",
        exposed_on="exposed_on",
        release_due=pl.coalesce("release_due", due),
        known_at=pl.lit(timezone.now()),
        **{at: _noon(on) for on, at in MOMENTS.items()},
    )
