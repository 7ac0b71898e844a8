"""The received files: which there are, whose they are, and whether they are what was described."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polars as pl

from tongchou import reference
from tongchou.situation.manifest import sha256
from tongchou.situation.pull import read_lock
from tongchou.vocabulary.errors import BadInput, Fault
from tongchou.vocabulary.text import Text, text_of

NEEDED = ("cases_city_daily.csv", "cases_province_daily.csv", "cases_national_daily.csv")
"""Without these there is no pack; every other file only adds tables."""

_NEXT_STEP = Text(
    zh="重新取得该文件：tongchou data pull china2020；或用 --from 指向完整的目录。",
    en="Fetch it again with tongchou data pull china2020, or point --from at a whole folder.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One row of the table of sources."""

    file: str
    used_for: tuple[str, ...]
    title: Text
    producer: str
    url: str
    commit: str
    upstream_path: str
    licence: str
    redistributable: bool
    checked: str
    sha256: str
    note: Text

    @property
    def line(self) -> str:
        """The source as one line of a list of references."""
        at = f" @ {self.commit[:12]}" if self.commit else ""
        return f"{self.file}: {self.producer}, {self.title.en}, {self.url}{at} ({self.licence})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A folder of received files whose checksums were held against the table of sources."""

    folder: Path
    digests: Mapping[str, str]
    absent: tuple[str, ...]

    def has(self, *files: str) -> bool:
        """Whether all the named files are there."""
        return all(f in self.digests for f in files)

    def rows(self, file: str) -> pl.DataFrame:
        """Give the rows of a received CSV file as text, numbered from 1 in ``row``."""
        return pl.read_csv(self.folder / file, infer_schema=False).with_row_index("row", offset=1)


@lru_cache(maxsize=1)
def sources() -> tuple[Source, ...]:
    """Give the table of sources, ``reference/china2020/sources.csv``."""
    table = pl.read_csv(reference.path("china2020/sources.csv"), infer_schema=False)
    return tuple(
        Source(
            file=row["file"],
            used_for=tuple((row["used_for"] or "").split()),
            title=text_of(row, "title"),
            producer=row["producer"],
            url=row["url"],
            commit=row["commit"] or "",
            upstream_path=row["upstream_path"] or "",
            licence=row["licence"],
            redistributable=row["redistributable"] == "yes",
            checked=row["checked"],
            sha256=row["sha256"],
            note=text_of(row, "note"),
        )
        for row in table.iter_rows(named=True)
    )


def verify(folder: Path) -> Received:
    """Hold the files of a folder against the table of sources.

    A file may bear the checksum of the table or, where it was made from pulled files, the one that
    the lock file beside it recorded on first fetch. Files that only add tables may be absent.

    Raises
    ------
    BadInput
        With every missing needed file and every checksum that does not match.
    """
    lock = read_lock(folder)
    locked = dict(zip(lock["file"], lock["sha256"], strict=True))
    faults: list[Fault] = []
    digests: dict[str, str] = {}
    absent: list[str] = []
    for source in sources():
        if not source.used_for:
            continue
        path = folder / source.file
        if not path.exists():
            absent.append(source.file)
            if source.file in NEEDED:
                faults.append(_missing(source))
            continue
        digests[source.file] = found = sha256(path)
        if found != source.sha256 and found != locked.get(source.file):
            faults.append(_altered(source, found))
    if faults:
        raise BadInput(faults)
    return Received(folder=folder, digests=digests, absent=tuple(absent))


def _missing(source: Source) -> Fault:
    return Fault(
        file=source.file,
        problem=Text(
            zh="缺少此文件，没有它无法生成数据包。", en="is missing; without it there is no pack."
        ),
        remedy=_NEXT_STEP,
    )


def _altered(source: Source, found: str) -> Fault:
    return Fault(
        file=source.file,
        value=f"sha256 {found[:16]}",
        problem=Text(
            zh=f"与来源表登记的校验和（{source.sha256[:16]}…）不符，内容可能被改动或下载不全。",
            en=f"does not bear the checksum of the table of sources ({source.sha256[:16]}…): "
            "it may have been changed or cut short.",
        ),
        remedy=_NEXT_STEP,
    )
