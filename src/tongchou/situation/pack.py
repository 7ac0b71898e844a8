"""Data packs: a folder with a manifest, tables, and a checksum for each file.

::

    PACK/
      manifest.toml      name, title, places, first and last day, sources, licence, checksums
      case_counts.parquet (or .csv), …   one file a table, named for it
      corrections.csv    known errors (see ``situation.corrections``)
      published.csv      totals that the producer checked against publications
      …                  further files of the pack, read by name with :meth:`Pack.extra`
"""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

import polars as pl

from tongchou import reference
from tongchou.situation import corrections as corrections_of
from tongchou.situation.conform import conform, references
from tongchou.situation.contract import contract, contract_digest, contracts
from tongchou.situation.manifest import (
    Manifest,
    file_faults,
    read_manifest,
    sha256,
    unreadable,
    write_manifest,
)
from tongchou.situation.situation import Origin, Situation
from tongchou.vocabulary import places as gazetteers
from tongchou.vocabulary.errors import BadInput, BadParameter, CorruptPack, Fault, MissingData
from tongchou.vocabulary.text import Text, day, same

__all__ = ["PUBLISHED_SCHEMA", "Manifest", "Pack", "open_folder", "sha256", "write"]

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

ROWS_IN_A_GROUP = 100_000
"""So that a reader who wants a few days need not read the whole file."""

_SIDE_TABLES = {"corrections": corrections_of.SCHEMA, "published": PUBLISHED_SCHEMA}


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

    def extra(self, name: str) -> pl.DataFrame:
        """Give a further file of the pack, such as ``"published_tiers"``, with inferred types.

        Raises
        ------
        MissingData
            If the pack holds no such file.
        """
        file = f"{name}.csv"
        if file not in self.whole.origin.digests:
            raise MissingData(name, same(name))
        return pl.read_csv(
            Path(self.whole.origin.root) / file,
            try_parse_dates=True,
            schema_overrides={"place": pl.String},
        )


class _FilesOfTables(Mapping[str, pl.DataFrame]):
    """The Parquet tables of a pack, each read when it is first asked for."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = dict(files)
        self._read: dict[str, pl.DataFrame] = {}

    def __getitem__(self, name: str) -> pl.DataFrame:
        if name not in self._read:
            self._read[name] = pl.read_parquet(self._files[name])
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def write(
    folder: Path,
    manifest: Manifest,
    tables: Mapping[str, pl.DataFrame],
    *,
    corrections: pl.DataFrame | None = None,
    published: pl.DataFrame | None = None,
    extras: Mapping[str, pl.DataFrame] | None = None,
    country: Path | None = None,
) -> None:
    """Check every table and write a pack; on any fault nothing is written.

    The folder appears whole or not at all: files are written beside it and moved in one step, and
    an older pack of that name stays until the new one stands.

    Parameters
    ----------
    folder
        Where the pack shall be.
    manifest
        What it says of itself; checksums are added here.
    tables
        Tables of the data contract, by name.
    corrections, published
        See the module's docstring.
    extras
        Further tables, written as CSV under their name.
    country
        Folder of the tables of another country (:mod:`tongchou.vocabulary.places`); it becomes the
        folder that the manifest's ``places`` names, and its files get checksums like all others.

    Raises
    ------
    BadInput
        With every fault of every table.
    """
    checked, faults = _conformed(tables, {n: f"{n} ({manifest.name})" for n in tables})
    if faults:
        raise BadInput(faults)
    side = {
        "corrections": corrections if corrections is not None else corrections_of.empty(),
        "published": published if published is not None else pl.DataFrame(schema=PUBLISHED_SCHEMA),
        **(extras or {}),
    }
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        root = Path(scratch) / folder.name
        root.mkdir()
        for name, frame in checked.items():
            frame.write_parquet(
                root / f"{name}.parquet", compression="zstd", row_group_size=ROWS_IN_A_GROUP
            )
        for name, frame in side.items():
            frame.write_csv(root / f"{name}.csv")
        if country is not None:
            shutil.copytree(country, root / manifest.places)
        write_manifest(manifest, root)
        _replace(folder, root, Path(scratch) / "old")


def open_folder(folder: Path, *, trust: bool = True) -> Pack:
    """Open a pack: verify every checksum and, unless its writer already did, every row.

    Parameters
    ----------
    folder
        The pack.
    trust
        Whether Parquet tables whose manifest says that they were checked against the contract in
        force are taken at its word, and read only when first asked for.

    Raises
    ------
    CorruptPack
        With every fault found; nothing is loaded.
    """
    read, faults = read_manifest(folder)
    if read is None:
        raise CorruptPack(faults)
    faults = file_faults(folder, read.digests)
    files = {
        name: path
        for name in contracts()
        for path in (folder / f"{name}.parquet", folder / f"{name}.csv")
        if path.exists()
    }
    tables: Mapping[str, pl.DataFrame]
    if faults or not (trust and _already_checked(files, read.contract)):
        tables, found = _checked(files)
        faults += found
    else:
        tables = _FilesOfTables(files)
    side = {}
    for name, schema in _SIDE_TABLES.items():
        side[name], found = _side_table(folder / f"{name}.csv", schema)
        faults += found
    if faults:
        raise CorruptPack(faults)
    manifest = read.manifest
    origin = Origin(
        pack=manifest.name,
        title=manifest.title,
        synthetic=manifest.synthetic,
        licence=manifest.licence,
        sources=manifest.sources,
        digests=MappingProxyType(dict(read.digests)),
        root=str(folder),
        first=manifest.first,
        last=manifest.last,
        published=side["published"],
        notes=manifest.notes,
    )
    return Pack(
        whole=Situation(
            origin=origin,
            cut=manifest.last,
            gazetteer=_gazetteer(manifest.places, folder),
            received=tables,
            known_corrections=side["corrections"],
        )
    )


def _already_checked(files: Mapping[str, Path], digest: str) -> bool:
    """Whether the writer checked these very tables against the contract in force."""
    try:
        return digest == contract_digest() and all(
            path.suffix == ".parquet" and pl.read_parquet_schema(path) == contract(name).schema
            for name, path in files.items()
        )
    except (pl.exceptions.PolarsError, OSError):
        return False


def _checked(files: Mapping[str, Path]) -> tuple[dict[str, pl.DataFrame], list[Fault]]:
    received: dict[str, pl.DataFrame] = {}
    faults: list[Fault] = []
    for name, path in files.items():
        try:
            received[name] = (
                pl.read_parquet(path)
                if path.suffix == ".parquet"
                else pl.read_csv(path, infer_schema=False)
            )
        except (pl.exceptions.PolarsError, OSError) as error:
            faults.append(unreadable(path.name, str(error).splitlines()[0]))
    tables, found = _conformed(received, {n: files[n].name for n in received})
    return tables, faults + found


def _conformed(
    tables: Mapping[str, pl.DataFrame], files: Mapping[str, str]
) -> tuple[dict[str, pl.DataFrame], list[Fault]]:
    faults: list[Fault] = []
    typed: dict[str, pl.DataFrame] = {}
    sound: set[str] = set()
    for name, frame in tables.items():
        typed[name], found = conform(frame, contract(name), file=files[name])
        faults += found
        if not found:
            sound.add(name)
    return typed, faults + references(typed, files, sound)


def _side_table(
    path: Path, schema: Mapping[str, type[pl.DataType]]
) -> tuple[pl.DataFrame, list[Fault]]:
    empty = pl.DataFrame(schema=schema)
    if not path.exists():
        return empty, []
    try:
        return pl.read_csv(path, schema=dict(schema)), []
    except (pl.exceptions.PolarsError, OSError) as error:
        return empty, [unreadable(path.name, str(error).splitlines()[0])]


def _gazetteer(places: str, folder: Path) -> gazetteers.Gazetteer:
    inside = folder / places
    if inside.is_dir():
        return gazetteers.load(inside)
    if places == "china":
        return gazetteers.china()
    packaged = reference.path(f"places/{places}")
    if not packaged.is_dir():
        raise CorruptPack(
            [
                Fault(
                    file="manifest.toml",
                    column="places",
                    value=places,
                    problem=Text(
                        zh="既不是数据包内的文件夹，也不是随软件提供的地名表。",
                        en="is neither a folder in the pack nor a packaged gazetteer.",
                    ),
                    remedy=Text(
                        zh='写作 places = "china"，或在数据包内放入地名表文件夹。',
                        en='Write places = "china", or put the folder of a gazetteer into the pack.',
                    ),
                )
            ]
        )
    return gazetteers.load(packaged)


def _replace(folder: Path, new: Path, aside: Path) -> None:
    """Move a folder into place; what stood there goes only when the new one stands.

    Where another process has just put the same pack there, that one is as good and stays.
    """
    with contextlib.suppress(FileNotFoundError):
        folder.rename(aside)
    try:
        new.rename(folder)
    except OSError:
        if folder.exists():
            return
        if aside.exists():
            aside.rename(folder)
        raise
