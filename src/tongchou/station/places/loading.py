"""Places and units into the station: from the gazetteer, and grids below the counties."""

from collections.abc import Iterable

from tongchou.station.places.models import Level, Place
from tongchou.station.places.names import search_key
from tongchou.vocabulary import places as gazetteers

UPDATED = (
    "name_zh",
    "name_en",
    "search",
    "level",
    "parent",
    "path",
    "longitude",
    "latitude",
    "population",
)


def load_places(within: str | None = None, gazetteer: gazetteers.Gazetteer | None = None) -> int:
    """Write the places of a country, or of one part of it with all above; give how many.

    Running it again changes nothing but what the gazetteer changed.
    """
    country = gazetteer or gazetteers.china()
    root = country.place(within or country.nation.code)
    return _write_places([root.code, *(p.code for p in country.descendants(root.code))], country)


def load_named(codes: Iterable[str], gazetteer: gazetteers.Gazetteer | None = None) -> int:
    """Write single places that records name, each with all above it; give how many."""
    return _write_places(codes, gazetteer or gazetteers.china())


def _write_places(codes: Iterable[str], country: gazetteers.Gazetteer) -> int:
    wanted = {p.code: p for c in codes for p in (*country.ancestors(c), country.place(c))}
    rows = [
        Place(
            code=p.code,
            level=p.level,
            name_zh=p.name.zh,
            name_en=p.name.en,
            search=search_key(p.name.zh, p.name.en),
            parent_id=p.parent,
            path=f"{country.path(p.code)}/",
            longitude=p.longitude,
            latitude=p.latitude,
            population=p.population,
        )
        for p in wanted.values()
    ]
    rows.sort(key=lambda p: p.path)
    _write(rows)
    return len(rows)


def add_grids(county: Place, many: int) -> list[Place]:
    """Write the community grids of a county, numbered from 1; those that are there stay.

    Residents are shared out evenly (assumption: the gazetteer ends at the county; who runs a
    county's station enters the real ones).
    """
    rows = [
        Place(
            code=f"{county.code}-G{n:02d}",
            level=Level.GRID,
            name_zh=f"{county.name_zh}第{n}网格",
            name_en=f"{county.name_en} grid {n}",
            search=search_key(f"{county.name_zh}第{n}网格", f"{county.name_en} grid {n}"),
            parent=county,
            path=f"{county.path}{county.code}-G{n:02d}/",
            longitude=county.longitude,
            latitude=county.latitude,
            population=None if county.population is None else county.population // many,
        )
        for n in range(1, many + 1)
    ]
    _write(rows)
    return rows


def _write(rows: Iterable[Place]) -> None:
    Place.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["code"], update_fields=list(UPDATED)
    )
