"""A data pack out of the station: an area at a cut-off, in a form that the sciences open."""

import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import IO

import polars as pl

from tongchou.situation import pack
from tongchou.situation.contract import contracts
from tongchou.situation.manifest import Manifest
from tongchou.station.access.context import system
from tongchou.station.exchange.packs.errors import NothingHeld
from tongchou.station.exchange.packs.gather import Gathered, gather
from tongchou.station.exchange.packs.held import ORIGIN, pack_name
from tongchou.station.places.models import Place
from tongchou.vocabulary.text import Text, join

_NO_LICENCE = Text(zh="内部使用，不得公开", en="for internal use, not to be published")


def write_pack(place: Place, cut: date, folder: Path, *, records: bool = True) -> Manifest:
    """Write the pack of an area; the folder appears whole or not at all.

    Call it after the gate has answered: it reads as the system.

    Parameters
    ----------
    place, cut
        The area, and the day to whose end the data run.
    folder
        Where the pack shall be.
    records
        Whether tables whose rows each speak of a person or household go out (pseudonymous in any
        case: the contract has no names).

    Raises
    ------
    NothingHeld
        If the station holds nothing of the area by that day.
    BadInput
        If rows break the data contract, with every fault.
    """
    from tongchou.vocabulary.places import china

    with system("export a data pack"):
        found = gather(place, cut, china(), records=records)
        title = place.name
    if not set(found.tables) - {"places"}:
        raise NothingHeld(title, cut)
    manifest = _manifest(place, title, cut, found)
    pack.write(
        folder,
        manifest,
        found.tables,
        corrections=found.corrections,
        published=found.published,
    )
    return manifest


def zip_pack(place: Place, cut: date, handle: IO[bytes], *, records: bool = True) -> Manifest:
    """Write the pack of an area as one ZIP file."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / pack_name(place, cut)
        manifest = write_pack(place, cut, folder, records=records)
        with zipfile.ZipFile(handle, "w", zipfile.ZIP_STORED) as archive:
            for file in sorted(folder.iterdir()):
                with archive.open(f"{folder.name}/{file.name}", "w") as out, file.open("rb") as f:
                    shutil.copyfileobj(f, out)
    return manifest


def _manifest(place: Place, title: Text, cut: date, found: Gathered) -> Manifest:
    said = [p.manifest for p in found.packs]
    licences = list(dict.fromkeys((m["licence"]["zh"], m["licence"]["en"]) for m in said))
    sources = [s for m in said for s in m["sources"]]
    return Manifest(
        name=pack_name(place, cut),
        title=Text(zh="{p}：统筹平台导出，截至{d}", en="{p}: from the station, to {d}").fill(
            p=title, d=str(cut)
        ),
        synthetic=any(p.synthetic for p in found.packs),
        places="china",
        first=_first(found, cut),
        last=cut,
        licence=join([Text(*x) for x in licences]) if licences else _NO_LICENCE,
        sources=tuple(dict.fromkeys([ORIGIN, *sources])),
        notes=_notes(found),
    )


def _first(found: Gathered, cut: date) -> date:
    """Give the first day that is spoken of: the held packs' own, else the first count or case."""
    if found.packs:
        return min(cut, *(p.first for p in found.packs))
    counted = found.tables.get("case_counts", pl.DataFrame())
    days = counted["date"].min() if counted.height else cut - timedelta(days=1)
    return min(cut, days) if isinstance(days, date) else cut


def _notes(found: Gathered) -> tuple[Text, ...]:
    """Say which tables come from where, and how the counts were made."""
    notes = []
    if found.live:
        notes.append(
            Text(
                zh="由平台的登记直接导出的表：{t}。", en="Straight from the station's records: {t}."
            ).fill(t=_titles(found.live))
        )
    if "cases" in found.live or "cases" in found.left_out:
        notes.append(_COUNTS)
    held = [n for n in found.tables if n not in found.live and n not in ("places", "case_counts")]
    if held and found.packs:
        notes.append(
            Text(zh="来自已载入数据包（{p}）的表：{t}。", en="From loaded packs ({p}): {t}.").fill(
                p=", ".join(p.name for p in found.packs), t=_titles(tuple(held))
            )
        )
    if found.left_out:
        notes.append(
            Text(
                zh="不含逐人、逐户的表：{t}；只有按地区和日期的合计。",
                en="Tables of persons and households are left out: {t}; totals by place and day only.",
            ).fill(t=_titles(found.left_out))
        )
    seen: Mapping[tuple[str, str], None] = dict.fromkeys(
        (n["zh"], n["en"]) for p in found.packs for n in p.manifest.get("notes", ())
    )
    return (*notes, *(Text(*n) for n in seen))


_COUNTS = Text(
    zh="病例累计数：已报告的数保留其各个版本；载入之后个案登记的每项变动（新增、移交、排除、出院、死亡）按责任地区和日期计入，自登记所知之日起生效；未报告过的地区和日期全由个案登记计数。",
    en="Cumulative counts: what was reported stays, with all its versions; each change in the line list since it was loaded (added, handed over, excluded, discharged, died) counts for the responsible place and day from the day it became known; places and days never reported are counted from the line list.",
)


def _titles(names: tuple[str, ...]) -> Text:
    return join([contracts()[n].title for n in names])
