"""Keeping of grids and units: each change goes through the gate and leaves its record."""

from django.db.models import Max, QuerySet

from tongchou.station.audit.record import record
from tongchou.station.desk.gazetteer.gate import MANAGE, require_manage
from tongchou.station.places.models import Level, Place, Unit

GRID_FIELDS = ("name_zh", "name_en", "longitude", "latitude", "population")
UNIT_FIELDS = ("name_zh", "name_en", "kind", "place", "longitude", "latitude", "active")


def add_grid(county: Place, **values: object) -> Place:
    """Write a new grid of a county under the next free number."""
    require_manage(county)
    Place.objects.select_for_update().get(pk=county.pk)
    last = county.children.filter(level=Level.GRID).aggregate(m=Max("code"))["m"]
    number = int(last.rpartition("-G")[2]) + 1 if last else 1
    code = f"{county.code}-G{number:02d}"
    grid = Place(code=code, level=Level.GRID, parent=county, path=f"{county.path}{code}/", **values)
    grid.save(force_insert=True)
    record(MANAGE, grid, made=True)
    return grid


def change_grid(grid: Place, **values: object) -> Place:
    """Change what may change of a grid; its code and its county stay."""
    require_manage(grid)
    _change(grid, values)
    return grid


def add_unit(code: str, **values: object) -> Unit:
    """Write a new unit at a place of the area; without a code it gets the next of its kind there."""
    unit = Unit(code=code, **values)
    unit.path = unit.place.path
    require_manage(unit)
    if not unit.code:
        Place.objects.select_for_update().get(pk=unit.place.pk)
        unit.code = _next_code(unit)
    unit.save(force_insert=True)
    record(MANAGE, unit, made=True)
    return unit


def change_unit(unit: Unit, *, place: Place | None = None, **values: object) -> Unit:
    """Change a unit; where it moves, both places must be of the area."""
    require_manage(unit)
    where = place or unit.place
    require_manage(where)
    _change(unit, {**values, "place": where, "path": where.path})
    return unit


def set_active(units: "QuerySet[Unit]", *, active: bool) -> int:
    """Open or close units; give how many changed."""
    changed = 0
    for unit in units.exclude(active=active):
        change_unit(unit, active=active)
        changed += 1
    return changed


def _change(thing: Place | Unit, values: dict[str, object]) -> None:
    before = {k: getattr(thing, k) for k in values}
    changed = {k: [str(before[k]), str(v)] for k, v in values.items() if before[k] != v}
    if changed:
        for key, value in values.items():
            setattr(thing, key, value)
        thing.save()
        record(MANAGE, thing, changed=changed)


def _next_code(unit: Unit) -> str:
    stem = f"{unit.place.code}-{unit.kind}-"
    taken = set(Unit.objects.filter(code__startswith=stem).values_list("code", flat=True))
    return next(c for n in range(1, len(taken) + 2) if (c := f"{stem}{n:02d}") not in taken)
