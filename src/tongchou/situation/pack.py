"""Data packs: a folder with a manifest, tables, and a checksum for each file.

::

    PACK/
      manifest.toml      name, title, places, first and last day, sources, licence, checksums
      case_counts.parquet (or .csv), …   one file a table, named for it
      corrections.csv    known errors (see ``situation.corrections``)
      published.csv      totals that the producer checked against publications
"""

import hashlib
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl
import tomlkit

from tongchou.situation import corrections as corrections_of
from tongchou.situation.conform import conform, references
from tongchou.situation.contract import contract, contract_digest, contracts
from tongchou.situation.situation import Origin, Situation
from tongchou.vocabulary import places as gazetteers
from tongchou.vocabulary.errors import BadInput, BadParameter, CorruptPack, Fault
from tongchou.vocabulary.text import Text, day

PUBLISHED_SCHEMA = {
    "place": pl.String,
    "date": pl.Date,
    "column": pl.String,
    "published": pl.Int64,
    "here": pl.Int64,
    "series": pl.String,
    "reason_zh": pl.String,
    "reason_en": pl.String,
    "source": pl.String,
}
"""Totals checked by the producer: ``here`` is the value in the pack, ``published`` the one then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a pack says of itself."""

    name: str
    title: Text
    synthetic: bool
    places: str
    first: date
    last: date
    licence: Text
    sources: tuple[str, ...]
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """An opened pack, every table checked: the ground of all situations cut from it."""

    whole: Situation

    @property
    def name(self) -> str:
        """The pack's name."""
        return self.whole.origin.pack

    @property
    def first(self) -> date:
        """The first day it can be cut at."""
        return self.whole.origin.first

    @property
    def last(self) -> date:
        """The last day it can be cut at."""
        return self.whole.origin.last

    def as_of(self, cut: date | str | None = None) -> Situation:
        """Give what was known by 24:00 of a day (the last day of the pack if none is named).

        Raises
        ------
        BadParameter
            If the day lies outside the pack.
        """
        night = (
            self.last if cut is None else date.fromisoformat(cut) if isinstance(cut, str) else cut
        )
        if not self.first <= night <= self.last:
            raise BadParameter(
                "as_of",
                night,
                Text(
                    zh=f"数据包 {self.name} 覆盖 {day(self.first).zh}至{day(self.last).zh}，请选其中一天。",
                    en=f"the pack {self.name} covers {self.first} to {self.last}; choose a day within.",
                ),
            )
        return self.whole.as_of(night)


def write(
    folder: Path,
    manifest: Manifest,
    tables: Mapping[str, pl.DataFrame],
    *,
    corrections: pl.DataFrame | None = None,
    published: pl.DataFrame | None = None,
) -> None:
    """Check every table and write a pack; on any fault nothing is written.

    The folder appears whole or not at all: files are written beside it and moved in one step.

    Raises
    ------
    BadInput
        With every fault of every table.
    """
    checked, faults = _conformed(tables, {n: f"{n} ({manifest.name})" for n in tables})
    if faults:
        raise BadInput(faults)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        root = Path(scratch) / folder.name
        root.mkdir()
        for name, frame in checked.items():
            frame.write_parquet(root / f"{name}.parquet", compression="zstd", statistics=False)
        (corrections if corrections is not None else corrections_of.empty()).write_csv(
            root / "corrections.csv"
        )
        (published if published is not None else pl.DataFrame(schema=PUBLISHED_SCHEMA)).write_csv(
            root / "published.csv"
        )
        (root / "manifest.toml").write_text(_manifest_text(manifest, root), encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        root.rename(folder)


def open_folder(folder: Path) -> Pack:
    """Open a pack: verify every checksum and, unless its writer already did, every row.

    Raises
    ------
    CorruptPack
        With every fault found; nothing is loaded.
    """
    manifest, raw, faults = _read_manifest(folder)
    if manifest is None:
        raise CorruptPack(faults)
    digests: dict[str, str] = {str(k): str(v) for k, v in raw.get("files", {}).items()}
    faults += _checksum_faults(folder, digests)
    files = {
        name: path
        for name in contracts()
        for path in (folder / f"{name}.parquet", folder / f"{name}.csv")
        if path.exists()
    }
    tables: dict[str, pl.DataFrame] = {}
    for name, path in files.items():
        try:
            tables[name] = _read(path)
        except (pl.exceptions.PolarsError, OSError) as error:
            faults.append(_unreadable(path.name, str(error).splitlines()[0]))
    if faults or raw.get("contract") != contract_digest():
        tables, found = _conformed(tables, {n: files[n].name for n in tables})
        faults += found
    extra: dict[str, pl.DataFrame] = {}
    for name, schema in (("corrections", corrections_of.SCHEMA), ("published", PUBLISHED_SCHEMA)):
        path = folder / f"{name}.csv"
        try:
            extra[name] = (
                pl.read_csv(path, schema=schema) if path.exists() else pl.DataFrame(schema=schema)
            )
        except (pl.exceptions.PolarsError, OSError) as error:
            faults.append(_unreadable(path.name, str(error).splitlines()[0]))
    if faults:
        raise CorruptPack(faults)
    origin = Origin(
        pack=manifest.name,
        title=manifest.title,
        synthetic=manifest.synthetic,
        licence=manifest.licence,
        sources=manifest.sources,
        digests=MappingProxyType(digests),
        root=str(folder),
        first=manifest.first,
        last=manifest.last,
        published=extra["published"],
        notes=manifest.notes,
    )
    return Pack(
        whole=Situation(
            origin=origin,
            cut=manifest.last,
            gazetteer=gazetteers.named(manifest.places, folder),
            received=MappingProxyType(tables),
            known_corrections=extra["corrections"],
        )
    )


def sha256(path: Path) -> str:
    """Give the SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _read(path: Path) -> pl.DataFrame:
    if path.suffix == ".parquet":
        return pl.read_parquet(path)
    return pl.read_csv(path, infer_schema=False)


def _conformed(
    tables: Mapping[str, pl.DataFrame], files: Mapping[str, str]
) -> tuple[dict[str, pl.DataFrame], list[Fault]]:
    faults: list[Fault] = []
    typed: dict[str, pl.DataFrame] = {}
    for name, frame in tables.items():
        typed[name], found = conform(frame, contract(name), file=files[name])
        faults += found
    if not faults:
        faults += references(typed, files)
    return typed, faults


def _manifest_text(manifest: Manifest, root: Path) -> str:
    document = tomlkit.document()
    document["name"] = manifest.name
    document["title"] = manifest.title.as_dict()
    document["synthetic"] = manifest.synthetic
    document["places"] = manifest.places
    document["first"] = manifest.first
    document["last"] = manifest.last
    document["licence"] = manifest.licence.as_dict()
    document["sources"] = list(manifest.sources)
    document["notes"] = [n.as_dict() for n in manifest.notes]
    document["contract"] = contract_digest()
    document["files"] = {p.name: sha256(p) for p in sorted(root.iterdir())}
    return tomlkit.dumps(document)


def _text(value: Any) -> Text:
    return Text(zh=str(value["zh"]), en=str(value["en"]))


def _read_manifest(folder: Path) -> tuple[Manifest | None, dict[str, Any], list[Fault]]:
    path = folder / "manifest.toml"
    try:
        raw = tomlkit.parse(path.read_text(encoding="utf-8")).unwrap()
        manifest = Manifest(
            name=str(raw["name"]),
            title=_text(raw["title"]),
            synthetic=bool(raw["synthetic"]),
            places=str(raw["places"]),
            first=raw["first"],
            last=raw["last"],
            licence=_text(raw["licence"]),
            sources=tuple(str(s) for s in raw["sources"]),
            notes=tuple(_text(n) for n in raw.get("notes", ())),
        )
    except (OSError, KeyError, TypeError, ValueError) as error:
        return None, {}, [_unreadable("manifest.toml", f"{type(error).__name__}: {error}")]
    return manifest, raw, []


def _unreadable(file: str, reason: str) -> Fault:
    return Fault(
        file=file,
        value=reason,
        problem=Text(zh="无法读取。", en="cannot be read."),
        remedy=Text(
            zh="用 tongchou data build 重新生成数据包，或从备份恢复此文件。",
            en="Build the pack again with tongchou data build, or restore the file from a copy.",
        ),
    )


def _checksum_faults(folder: Path, digests: Mapping[str, str]) -> Sequence[Fault]:
    faults = []
    for name, expected in digests.items():
        path = folder / name
        if not path.exists():
            faults.append(
                Fault(
                    file=name,
                    problem=Text(
                        zh="清单中有此文件，但数据包中没有。",
                        en="is in the manifest but not in the pack.",
                    ),
                    remedy=Text(
                        zh="用 tongchou data build 重新生成数据包。",
                        en="Build the pack again with tongchou data build.",
                    ),
                )
            )
        elif (found := sha256(path)) != expected:
            faults.append(
                Fault(
                    file=name,
                    value=found[:16],
                    problem=Text(
                        zh=f"校验和与清单不符（清单为 {expected[:16]}…）。",
                        en=f"does not match the checksum of the manifest ({expected[:16]}…).",
                    ),
                    remedy=Text(
                        zh="文件在生成后被改动：重新生成数据包，或核实改动后更新清单。",
                        en="The file was changed after it was written: build the pack again, or verify the change and update the manifest.",
                    ),
                )
            )
    return faults
