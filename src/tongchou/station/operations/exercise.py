"""A province to practise in: grids, units and records of an invented outbreak.

The records are those of an exercise pack whose last day is yesterday, so that the clocks of the
station run as on a working day; it says of itself that it is synthetic.
Loading goes on where it was cut off, and a second load writes nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count
from django.utils import timezone

from tongchou.station.access.context import system
from tongchou.station.exchange.models import HeldPack
from tongchou.station.operations import rehearsal
from tongchou.station.operations.accounts import Account, demonstration
from tongchou.station.places.loading import add_grids
from tongchou.station.places.models import Level, Place, Unit, UnitKind
from tongchou.vocabulary.text import Text

GRIDS = 4
"""Community grids of each county of the exercise (assumption: so many that lists have something to tell apart)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """What the demonstration has: its area, its accounts, and whether this call loaded it."""

    area: Text
    accounts: list[Account]
    loaded: bool


def load(say: Callable[[Text], None], *, renew: bool = False) -> Exercise:
    """Load what is missing of the exercise and give its accounts.

    Parameters
    ----------
    say
        Where sentences about the progress go.
    renew
        Whether accounts that exist get new passwords.
    """
    with system("look for the exercise"):
        held = HeldPack.objects.filter(synthetic=True).order_by("pk").first()
    path = held.path if held else _fill(say)
    area = Place.objects.get(path=path)
    county = _county_with_most_units(area)
    grid = Place.objects.filter(parent=county, level=Level.GRID).order_by("code").first()
    accounts = demonstration(county, grid, renew=renew)
    rehearsal.set_out(county)
    return Exercise(area=area.name, accounts=accounts, loaded=held is None)


def _fill(say: Callable[[Text], None]) -> str:
    """Load grids and the pack; give the path of its area."""
    from tongchou.situation import exercise, library
    from tongchou.situation.exercise.whole import DAYS
    from tongchou.situation.pack import open_folder
    from tongchou.station.exchange.packs.load import common_area, load_pack

    say(_RECORDS)
    folder = library.pack_folder(f"{library.EXERCISE}-station")
    if not folder.exists():
        exercise.make(folder, library.FIRST_SEED, first=timezone.localdate() - timedelta(days=DAYS))
    pack = open_folder(folder)
    area = Place.objects.get(code=common_area(pack.whole))
    counties = Place.objects.filter(level=Level.COUNTY, path__startswith=area.path)
    for county in counties.exclude(children__level=Level.GRID):
        add_grids(county, GRIDS)
    _firms(pack.whole.received["enterprises"].unique("enterprise_id").iter_rows(named=True))
    return load_pack(pack, tell=say).path


def _firms(rows: Iterable[dict[str, Any]]) -> None:
    """Give the exercise's firms a place among the units, so that tasks can be put to them."""
    places = {p.code: p for p in Place.objects.filter(level=Level.COUNTY)}
    there = set(Unit.objects.values_list("code", flat=True))
    for row in sorted(rows, key=lambda r: r["enterprise_id"]):
        place = places.get(row["place"])
        if place is None or row["enterprise_id"] in there:
            continue
        number = row["enterprise_id"].rpartition("-")[2]
        Unit(
            code=row["enterprise_id"],
            kind=UnitKind.ENTERPRISE,
            place=place,
            path=place.path,
            name_zh=f"（演练）{place.name_zh}企业{number}",
            name_en=f"(Exercise) {place.name_en} Firm {number}",
        ).save()


def _county_with_most_units(area: Place) -> Place:
    """Give the county in which every role has somewhere to work."""
    counties = Place.objects.filter(level=Level.COUNTY, path__startswith=area.path)
    kinds = Count("units__kind", distinct=True)
    return counties.annotate(kinds=kinds, n=Count("units")).order_by("-kinds", "-n", "code")[0]


_RECORDS = Text(
    zh="首次启动：正在载入演练省份的网格、机构与记录（合成数据）。",
    en="First start: loading grids, units and records of the exercise province (synthetic).",
)
