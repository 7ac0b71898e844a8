"""A data pack into the station: its places and units, its live tables, everything else held whole.

In order, each step in one transaction of its own, so that a load that is cut off goes on where it
stopped and a second load writes nothing:

1. the places of the smallest area that holds all that report, and the units of ``facilities``
2. each table that a room keeps as live records, through the loader the room registered
3. every other table, and what stands beside them, as bytes
"""

import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import tomlkit
from django.db import transaction

from tongchou.situation.contract import contracts
from tongchou.situation.manifest import MANIFEST
from tongchou.situation.pack import PUBLISHED_SCHEMA, Pack
from tongchou.situation.situation import Situation
from tongchou.station.access.context import system
from tongchou.station.audit.record import record
from tongchou.station.exchange.models import HeldPack, HeldTable
from tongchou.station.exchange.packs.counts import tally
from tongchou.station.exchange.registry import live_tables
from tongchou.station.places.loading import load_named, load_places
from tongchou.station.places.models import Place, Unit
from tongchou.station.places.names import search_key
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

BASELINE = "cases_tally"
"""Held beside the tables: the line list of the pack, counted, so that later changes can be told."""
CORRECTIONS, PUBLISHED = "corrections", "published"

_REASON = "load a data pack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a load wrote: new rows by table (places and units among them), and the area."""

    pack: str
    path: str
    written: Mapping[str, int]


def silence(line: Text) -> None:
    """Tell nobody."""


def load_pack(pack: Pack, *, tell: Callable[[Text], None] = silence) -> Loaded:
    """Load an opened pack; see the module's docstring.

    Raises
    ------
    BadParameter
        If the pack brings a country of its own, whose places the station does not have.
    """
    whole = pack.whole
    root = Path(whole.origin.root)
    manifest = tomlkit.parse((root / MANIFEST).read_text(encoding="utf-8")).unwrap()
    if (root / str(manifest["places"])).is_dir():
        raise BadParameter("places", manifest["places"], _OWN_COUNTRY)
    area = common_area(whole)
    written = {"places": _places(whole, area)}
    tell(Text(zh="地区 {n} 个", en="places: {n}").fill(n=written["places"]))
    path = Place.objects.get(code=area).path
    written["units"] = _units(whole)
    tell(Text(zh="机构 {n} 家", en="units: {n}").fill(n=written["units"]))
    live = live_tables()
    for name in contracts():
        if name in live and name in whole.received:
            with system(_REASON):
                written[name] = live[name].load(whole.received[name])
                record("exchange.import", name, pack=pack.name, rows=written[name])
            tell(_line(name, written[name], whole.received[name].height))
    held = _hold(whole, manifest, path, frozenset(live))
    for name, rows in held.items():
        tell(_line(name, rows, rows))
    return Loaded(pack=pack.name, path=path, written={**written, **held})


_OWN_COUNTRY = Text(
    zh="数据包自带地名表，本平台的地区取自随软件提供的地名表；请先用其 places 写作 china 的数据包。",
    en='the pack brings a gazetteer of its own, while the station\'s places are those of the packaged one; load a pack whose manifest says places = "china".',
)


def _line(name: str, new: int, rows: int) -> Text:
    title = contracts()[name].title if name in contracts() else Text(zh=name, en=name)
    return Text(zh="{t}：新写入 {n} 行，共 {m} 行", en="{t}: {n} new rows of {m}").fill(
        t=title, n=f"{new:,}", m=f"{rows:,}"
    )


def common_area(whole: Situation) -> str:
    """Give the smallest area that holds every place of the pack that reports or is cared for."""
    gazetteer = whole.gazetteer
    codes: set[str] = set()
    for table in ("case_counts", "cases", "facilities"):
        if table in whole.received:
            codes |= set(whole.received[table]["place"].unique())
    lines = [tuple(gazetteer.path(c).split("/")) for c in sorted(codes)]
    if not lines:
        return gazetteer.nation.code
    shared = set(lines[0]).intersection(*lines[1:])
    return max(shared, key=lambda code: len(gazetteer.path(code)))


def _places(whole: Situation, area: str) -> int:
    """Write the places of the area, and those that its records name, that are not there yet."""
    with system(_REASON):
        there = set(Place.objects.values_list("code", flat=True))
        if {area, *(p.code for p in whole.gazetteer.descendants(area))} - there:
            load_places(area, whole.gazetteer)
        named = {c for name in live_tables() for c in _named(whole, name)}
        named -= set(Place.objects.values_list("code", flat=True))
        if named:
            load_named(sorted(named), whole.gazetteer)
        return Place.objects.count() - len(there)


def _named(whole: Situation, table: str) -> set[str]:
    """Give the places that the rows of a table name."""
    frame = whole.received.get(table)
    if frame is None:
        return set()
    columns = [c.name for c in contracts()[table].columns if c.refers == ("places", "place")]
    return {code for c in columns for code in frame[c].drop_nulls().unique()}


def _units(whole: Situation) -> int:
    """Write the units of ``facilities`` that are not there yet, as last described."""
    if "facilities" not in whole.received:
        return 0
    latest = (
        whole.received["facilities"]
        .sort("date", "known_on")
        .unique("facility_id", keep="last", maintain_order=True)
        .sort("facility_id")
    )
    with system(_REASON):
        there = set(Unit.objects.values_list("code", flat=True))
        paths = dict(Place.objects.values_list("code", "path"))
        rows = [
            Unit(
                code=r["facility_id"],
                kind=r["kind"],
                place_id=r["place"],
                path=paths[r["place"]],
                name_zh=r["name_zh"],
                name_en=r["name_en"],
                search=search_key(r["name_zh"], r["name_en"]),
                longitude=r["longitude"],
                latitude=r["latitude"],
            )
            for r in latest.iter_rows(named=True)
            if r["facility_id"] not in there
        ]
        Unit.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _hold(
    whole: Situation, manifest: dict[str, object], path: str, live: frozenset[str]
) -> dict[str, int]:
    """Keep as bytes what no room keeps; give the rows of each table that was new."""
    digest = hashlib.sha256((Path(whole.origin.root) / MANIFEST).read_bytes()).hexdigest()
    frames = {n: f for n, f in whole.received.items() if n not in live and not f.is_empty()}
    if "cases" in live and "cases" in whole.received:
        frames[BASELINE] = tally(whole.received["cases"])
    if not whole.known_corrections.is_empty():
        frames[CORRECTIONS] = whole.known_corrections
    if not whole.origin.published.is_empty():
        frames[PUBLISHED] = whole.origin.published.select(list(PUBLISHED_SCHEMA))
    with system(_REASON) as now, transaction.atomic():
        by = now.actor.label if now.actor else "system"
        kept, made = HeldPack.objects.get_or_create(
            digest=digest,
            defaults={
                "name": whole.origin.pack,
                "path": path,
                "manifest": {k: v for k, v in manifest.items() if k in _SAID},
                "first": whole.origin.first,
                "last": whole.origin.last,
                "synthetic": whole.origin.synthetic,
                "loaded_by": by,
            },
        )
        there = set(kept.tables.values_list("table", flat=True))
        new = {n: f for n, f in frames.items() if n not in there}
        HeldTable.objects.bulk_create(
            [_held(kept, name, frame, path) for name, frame in new.items()]
        )
        if made or new:
            record("exchange.import", kept, pack=kept.name, tables=sorted(new))
    return {n: f.height for n, f in new.items()}


_SAID = ("title", "licence", "sources", "notes", "places", "contract")


def _held(kept: HeldPack, name: str, frame: pl.DataFrame, path: str) -> HeldTable:
    content = to_bytes(frame)
    return HeldTable(
        pack=kept,
        path=path,
        table=name,
        rows=frame.height,
        cut=kept.last,
        digest=hashlib.sha256(content).hexdigest(),
        content=content,
    )


def to_bytes(frame: pl.DataFrame) -> bytes:
    """Give a table as Parquet."""
    out = io.BytesIO()
    frame.write_parquet(out, compression="zstd")
    return out.getvalue()


def from_bytes(content: bytes | memoryview) -> pl.DataFrame:
    """Give a table from Parquet."""
    return pl.read_parquet(io.BytesIO(bytes(content)))
