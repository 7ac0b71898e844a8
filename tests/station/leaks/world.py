"""Three counties with one record of every kind in each, made from the models themselves.

A new scoped table is in the world the day it is in the code: its rows are filled by the types of
their columns, and every text in them carries the mark of its county.
"""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.utils import timezone

from tongchou.station.access.context import system
from tongchou.station.access.managers import ScopedModel
from tongchou.station.accounts.models import Post, User
from tongchou.station.audit.models import Entry
from tongchou.station.places.loading import add_grids, load_places
from tongchou.station.places.models import PathField, Place, Unit

COUNTIES = {"HERE": "640104", "NEAR": "640105", "FAR": "620102"}
"""Our county, another of the same city, and one of another province."""
FIRST = {"HERE": 71_000, "NEAR": 82_000, "FAR": 93_000}
"""The number of every first record of a county, whatever its table, so that a number tells its county."""
NOWHERE = 64_999
NAMES = ("pseudonym", "number", "code", "uuid")
"""Columns by which an address may name a record."""


SPECIAL: dict[str, dict[str, object]] = {
    "Quarantine": {"site_id": None},
    "Case": {"state": "suspected", "disease": "covid-19", "definition": "trial-5"},
    "HeldPack": {"manifest": {"title": {"zh": "演练", "en": "exercise"}}},
}
"""Columns whose rule goes beyond their type: a household quarantine has no site, a state is one of a table."""


def mark(county: str) -> str:
    """Give the letters that stand in every text of a county's records, and nowhere else."""
    return {"HERE": "Qhx7", "NEAR": "Qnx8", "FAR": "Qfx9"}[county]


@dataclass
class World:
    """What stands where."""

    places: dict[str, Place]
    units: dict[str, dict[str, Unit]]
    posts: dict[str, Post]
    rows: dict[str, list[models.Model]] = field(default_factory=dict)

    def words(self, county: str) -> set[str]:
        """Give every value by which a page may name a record of a county."""
        found = {mark(county)}
        return found | {str(FIRST[county])}


def scoped_models() -> list[type[ScopedModel]]:
    """Give every scoped table, those that others point at first."""
    found = [m for m in apps.get_models() if issubclass(m, ScopedModel) and m is not Entry]
    ordered: list[type[ScopedModel]] = []
    while found:
        ready = [
            m
            for m in found
            if all(
                f.remote_field.model in ordered or f.remote_field.model not in found or f.null
                for f in _links(m)
            )
        ]
        assert ready, f"tables that need each other: {found}"
        ordered += ready
        found = [m for m in found if m not in ready]
    return ordered


def _links(model: type[models.Model]) -> Iterator[models.ForeignKey]:
    return (
        f
        for f in model._meta.concrete_fields
        if isinstance(f, models.ForeignKey) and f.remote_field.model is not model
    )


def fill(model: type[models.Model], county: str, number: int, world: World) -> models.Model:
    """Make a row of a table in a county."""
    place = world.places[COUNTIES[county]]
    grid = world.places[f"{place.code}-G01"]
    values: dict[str, object] = {}
    for column in model._meta.concrete_fields:
        if column.primary_key and isinstance(column, models.AutoField | models.BigAutoField):
            values[column.attname] = number
            continue
        values[column.attname] = _value(column, county, number, place, grid, world)
    return model(**{**values, **SPECIAL.get(model.__name__, {})})


def _value(column, county, number, place, grid, world):
    """Give a value for a column."""
    if isinstance(column, PathField):
        return grid.path if column.name == "grid_path" else place.path
    if isinstance(column, models.ForeignKey):
        return _pointed_at(column, county, place, grid, world)
    if column.attname.endswith("_unit_id") or column.attname in ("unit_id", "lab_unit_id"):
        return world.units[county]["designated"].pk
    if column.choices:
        return (
            column.default
            if column.has_default() and not callable(column.default)
            else column.choices[0][0]
        )
    match column:
        case models.UUIDField():
            return uuid.UUID(int=number)
        case models.JSONField() | ArrayField():
            return column.get_default() if column.has_default() else []
        case models.CharField() if column.name in NAMES:
            return f"{mark(county)}-{number}"
        case models.CharField() | models.TextField():
            text = f"{mark(county)}{model_tag(column)}{number}"
            return (
                text[-column.max_length :]
                if column.max_length and column.max_length < 14
                else text[: column.max_length]
            )
        case models.BooleanField():
            return column.get_default() if column.has_default() else False
        case models.BinaryField():
            return mark(county).encode()
        case models.DateTimeField():
            return None if column.null else timezone.now() + _order(column)
        case models.DateField():
            return None if column.null else timezone.localdate() + _order(column)
        case models.IntegerField():
            return (
                column.get_default()
                if column.has_default() and column.get_default() is not None
                else 1
            )
        case models.FloatField() | models.DecimalField():
            return 1
    raise AssertionError(
        f"no rule to fill {column.model.__name__}.{column.name} ({type(column).__name__})"
    )


def _order(column) -> dt.timedelta:
    """Give times in the order that names suggest: what ends or is due lies after what begins."""
    late = ("ends", "due", "expires", "until", "to_", "release", "closes")
    return dt.timedelta(
        days=3 if "expire" in column.name else 2 if any(w in column.name for w in late) else 0
    )


def model_tag(column) -> str:
    """Give a short name of a table and column for the text in it."""
    return f"{column.model.__name__[:6]}{column.name[:4]}".lower()


def _pointed_at(column, county, place, grid, world):
    target = column.remote_field.model
    if target is Place:
        return grid.code if "grid" in column.name else place.code
    if target is Unit:
        return world.units[county]["laboratory" if "lab" in column.name else "designated"].pk
    if target is column.model:
        return None
    if target in (Post, User):
        held = world.posts[county]
        return held.pk if target is Post else held.user_id
    twins = [f.name for f in _links(column.model) if f.remote_field.model is target]
    own = [r for r in world.rows[county] if type(r) is target]
    nth = twins.index(column.name)
    if column.null and nth >= len(own):
        return None
    while nth >= len(own):
        another = fill(target, county, FIRST[county] + 900 + len(world.rows[county]), world)
        models.Model.save(another, force_insert=True)
        world.rows[county].append(another)
        own.append(another)
    return own[nth].pk


def make() -> World:
    """Make the world inside the transaction that is open."""
    for province in ("640000", "620000"):
        load_places(province)
    for code in COUNTIES.values():
        add_grids(Place.objects.get(code=code), 1)
    places = {p.code: p for p in Place.objects.all()}
    units: dict[str, dict[str, Unit]] = {}
    for county, code in COUNTIES.items():
        for kind in ("designated", "laboratory", "depot", "enterprise"):
            unit = Unit(
                code=f"{code}-{kind}",
                kind=kind,
                place=places[code],
                path=places[code].path,
                name_zh=f"{code}{kind}",
                name_en=f"{code} {kind}",
            )
            unit.save()
            units.setdefault(county, {})[kind] = unit
    posts = {
        county: Post.objects.create(
            user=User.objects.create_user(f"clerk-{code}"),
            role="epidemiologist",
            place=places[code],
            starts=dt.date(2020, 1, 1),
        )
        for county, code in COUNTIES.items()
    }
    made = World(places=places, units=units, posts=posts)
    with system("the world of the leak tests"):
        for county in COUNTIES:
            made.rows[county] = []
            for model in scoped_models():
                row = fill(model, county, FIRST[county], made)
                with transaction.atomic():
                    models.Model.save(row, force_insert=True)
                made.rows[county].append(row)
    return made
