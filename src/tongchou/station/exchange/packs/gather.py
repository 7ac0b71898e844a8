"""The tables of an area at a cut-off, from live records and held packs together.

Rooms that keep a table speak for it; a table that nobody keeps comes from the packs that were
loaded, of several versions of a row the one of the newest pack. Nothing later than the cut-off
goes out, and no reference points to a row that does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from tongchou.situation.contract import TableContract, contract, contracts
from tongchou.situation.corrections import SCHEMA as CORRECTION_SCHEMA
from tongchou.situation.pack import PUBLISHED_SCHEMA
from tongchou.situation.situation import known_at
from tongchou.station.exchange.models import HeldPack, HeldTable
from tongchou.station.exchange.packs.counts import CHANGE_SCHEMA, changes, merge, tally
from tongchou.station.exchange.packs.held import packs_over
from tongchou.station.exchange.packs.load import BASELINE, CORRECTIONS, PUBLISHED, from_bytes
from tongchou.station.exchange.registry import live_tables
from tongchou.station.places.models import Level, Place, until
from tongchou.vocabulary.places import Gazetteer

NATIONWIDE = ("prices", "measures", "response_levels")
"""Tables in which a row of a place above also speaks of the area."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What an area's pack will hold, and which packs it rests on."""

    tables: Mapping[str, pl.DataFrame]
    corrections: pl.DataFrame
    published: pl.DataFrame
    packs: tuple[HeldPack, ...]
    live: tuple[str, ...]
    left_out: tuple[str, ...]


def gather(place: Place, cut: date, gazetteer: Gazetteer, *, records: bool = True) -> Gathered:
    """Give the tables of an area; call it inside ``system()`` after the gate has answered.

    Parameters
    ----------
    place
        The area.
    cut
        Nothing that became known after this day is in it.
    gazetteer
        The places.
    records
        Whether tables whose rows each speak of a person or household go out.
    """
    packs = tuple(packs_over(place))
    area = _codes(place)
    above = {c: tuple(a.code for a in gazetteer.ancestors(c)) for c in area}
    live = live_tables()
    tables: dict[str, pl.DataFrame] = {}
    for name, terms in contracts().items():
        if name in ("places", "case_counts"):
            continue
        if name in live:
            frame = live[name].export(place.path, cut).select(list(terms.schema))
        else:
            frame = _inside(_held(packs, name, terms), terms, area, above[place.code])
        frame = known_at(frame, terms, cut, versions=False)
        if not frame.is_empty():
            tables[name] = frame
    counted = _counts(packs, tables.get("cases"), area, above, cut, "cases" in live)
    if not counted.is_empty():
        tables["case_counts"] = counted
    personal = [n for n in tables if contracts()[n].personal]
    left_out = () if records else tuple(personal)
    for name in left_out:
        del tables[name]
    tables = _whole_references(tables)
    tables["places"] = _places(packs, tables, area, gazetteer)
    corrections = _beside(packs, CORRECTIONS, pl.DataFrame(schema=CORRECTION_SCHEMA))
    published = _beside(packs, PUBLISHED, pl.DataFrame(schema=PUBLISHED_SCHEMA))
    return Gathered(
        tables={n: tables[n] for n in contracts() if n in tables},
        corrections=corrections.filter(
            (pl.col("known_on") <= cut) & (pl.col("place").is_in(area) | pl.col("place").is_null())
        ),
        published=published.filter((pl.col("date") <= cut) & pl.col("place").is_in(area)),
        packs=packs,
        live=tuple(n for n in contracts() if n in live and n in tables),
        left_out=left_out,
    )


def _codes(place: Place) -> list[str]:
    rows = Place.objects.filter(path__gte=place.path, path__lt=until(place.path))
    return sorted(rows.exclude(level=Level.GRID).values_list("code", flat=True))


def _held(packs: tuple[HeldPack, ...], name: str, terms: TableContract) -> pl.DataFrame:
    frames = _frames(packs, name)
    if not frames:
        return terms.empty()
    typed = [
        f.select(
            pl.col(c).cast(t) if c in f.columns else pl.lit(None, dtype=t).alias(c)
            for c, t in terms.schema.items()
        )
        for f in frames
    ]
    if len(typed) == 1:
        return typed[0]
    return pl.concat(typed).unique(list(terms.key), keep="last", maintain_order=True)


def _frames(packs: tuple[HeldPack, ...], name: str) -> list[pl.DataFrame]:
    found = {t.pack_id: t for t in HeldTable.objects.filter(pack__in=packs, table=name)}
    return [from_bytes(found[p.pk].content) for p in packs if p.pk in found]


def _beside(packs: tuple[HeldPack, ...], name: str, empty: pl.DataFrame) -> pl.DataFrame:
    frames = _frames(packs, name)
    return (
        pl.concat([f.cast(dict(empty.schema.items())) for f in frames]).unique(maintain_order=True)
        if frames
        else empty
    )


def _inside(
    frame: pl.DataFrame, terms: TableContract, area: list[str], above: tuple[str, ...]
) -> pl.DataFrame:
    """Give the rows that speak of the area; a journey does that at either end."""
    wide = [*area, *above] if terms.name in NATIONWIDE else area
    columns = [c.name for c in terms.columns if c.refers == ("places", "place") and c.required]
    if not columns or frame.is_empty():
        return frame
    return frame.filter(pl.any_horizontal(pl.col(c).is_in(wide) for c in columns))


def _counts(
    packs: tuple[HeldPack, ...],
    cases: pl.DataFrame | None,
    area: list[str],
    above: Mapping[str, tuple[str, ...]],
    cut: date,
    line_list_is_live: bool,
) -> pl.DataFrame:
    terms = contract("case_counts")
    held = _held(packs, "case_counts", terms)
    held = held.filter(pl.col("place").is_in(area) & (pl.col("known_on") <= cut))
    if not line_list_is_live:
        return held
    then = _frames(packs, BASELINE)
    loaded = pl.concat(then) if then else pl.DataFrame(schema=CHANGE_SCHEMA)
    loaded = loaded.filter((pl.col("known_on") <= cut) & pl.col("place").is_in(area))
    now = tally(contract("cases").empty() if cases is None else cases)
    return merge(held, changes(now, loaded), cut, above)


def _whole_references(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Blank what points outside the area, and leave out rows that cannot do without it."""
    kept = dict(tables)
    for name in tables:
        for column in contracts()[name].columns:
            if column.refers is None or column.refers[0] not in kept:
                continue
            target, key = column.refers
            if target == "places" or (target, key) == (name, column.name):
                continue
            there = pl.col(column.name).is_in(kept[target][key].unique().implode())
            if column.required:
                kept[name] = kept[name].filter(there)
            else:
                kept[name] = kept[name].with_columns(
                    pl.when(there).then(column.name).alias(column.name)
                )
    return {n: f for n, f in kept.items() if not f.is_empty()}


def _places(
    packs: tuple[HeldPack, ...],
    tables: Mapping[str, pl.DataFrame],
    area: list[str],
    gazetteer: Gazetteer,
) -> pl.DataFrame:
    """Give the places of the area and all that its rows name, as the newest pack describes them."""
    terms = contract("places")
    named = set(area)
    for name, frame in tables.items():
        for column in contracts()[name].columns:
            if column.refers == ("places", "place"):
                named |= set(frame[column.name].drop_nulls().unique())
    named |= {a.code for c in named for a in gazetteer.ancestors(c)}
    held = _held(packs, "places", terms).filter(pl.col("place").is_in(list(named)))
    rows = [
        {
            "place": p.code,
            "level": p.level,
            "name_zh": p.name.zh,
            "name_en": p.name.en,
            "parent": p.parent,
            "population": p.population,
            "longitude": p.longitude,
            "latitude": p.latitude,
        }
        for code in sorted(named - set(held["place"]))
        for p in [gazetteer.place(code)]
    ]
    return pl.concat([held, pl.DataFrame(rows, schema=terms.schema)]).sort("place")
