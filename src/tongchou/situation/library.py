"""The library of data packs: where they are, how one is opened, what is made on demand.

``china2020`` is built from received files when it is first asked for, and again when a received
file, the recipe or the data contract has changed. ``exercise`` is made from a seed. Any other name
is a folder: a path, or one under the library's own ``packs``.
"""

import csv
import difflib
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import polars as pl

from tongchou import reference
from tongchou.situation.contract import contract_digest
from tongchou.situation.home import home
from tongchou.situation.manifest import MANIFEST, read_manifest
from tongchou.situation.pack import Pack, open_folder
from tongchou.situation.recipes.china2020 import build as china2020
from tongchou.situation.recipes.china2020.received import NEEDED, verify
from tongchou.vocabulary.errors import UnknownPack
from tongchou.vocabulary.text import Text, text_of

EXERCISE = "exercise"
FIRST_SEED = 1
MADE_BY = "made_by"
"""Beside the tables of an exercise: what it was made by, so that it is made again when that changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A pack that the library knows: where it stands, and whether it can be had here."""

    name: str
    title: Text
    synthetic: bool
    folder: Path
    built: bool
    buildable: bool
    first: date | None
    last: date | None
    next_step: Text


def pack_folder(name: str) -> Path:
    """Give the folder that a built pack of that name stands in."""
    return home() / "packs" / name


def pulled_folder(name: str) -> Path:
    """Give the folder that files pulled for a pack are kept in."""
    return home() / "received" / name


def received_folder(name: str) -> Path | None:
    """Give the folder of received files: under ``TONGCHOU_DATA``, else pulled, else none."""
    named = os.environ.get("TONGCHOU_DATA")
    candidates = [Path(named) / name] if named else []
    return next(
        (f for f in [*candidates, pulled_folder(name)] if all((f / n).exists() for n in NEEDED)),
        None,
    )


def open_pack(name: str | Path, *, seed: int = FIRST_SEED) -> Pack:
    """Open a data pack by name or path, making it first where it can be made.

    Parameters
    ----------
    name
        ``"china2020"``, ``"exercise"``, the name of a folder in the library, or a path.
    seed
        Seed of an exercise; other packs do not use it.

    Raises
    ------
    UnknownPack
        If it is neither here nor can be made here.
    CorruptPack, BadInput
        If its files cannot be trusted.
    """
    word = str(name)
    if word == china2020.NAME:
        return _china2020()
    if word == EXERCISE:
        return _exercise(seed)
    for folder in (Path(name), pack_folder(word)):
        if (folder / MANIFEST).is_file():
            return open_folder(folder)
    raise _unknown(word)


def default_pack() -> str:
    """Give the pack to work on when none is named: the real one where it can be had."""
    entry = next(e for e in entries() if e.name == china2020.NAME)
    return entry.name if entry.built or entry.buildable else EXERCISE


def usual_day(pack: Pack) -> date:
    """Give the day a pack is cut at when none is named: its best known day, else its last."""
    known = next((r["usual_day"] for r in _known() if r["name"] == pack.name), "")
    return date.fromisoformat(known) if known else pack.last


def entries() -> tuple[Entry, ...]:
    """Give the packs the library knows: the named ones first, then other folders in it."""
    shelf = home() / "packs"
    named = [_named_entry(row) for row in _known()]
    taken = {e.folder for e in named}
    others = sorted(f for f in shelf.glob("*") if (f / MANIFEST).is_file() and f not in taken)
    return (*named, *(e for f in others if (e := _other_entry(f)) is not None))


@lru_cache(maxsize=1)
def _known() -> tuple[Mapping[str, str], ...]:
    with reference.path("packs.csv").open(encoding="utf-8", newline="") as handle:
        return tuple(csv.DictReader(handle))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _named_entry(row: Mapping[str, str]) -> Entry:
    synthetic = row["synthetic"] == "yes"
    folder = exercise_folder(FIRST_SEED) if synthetic else pack_folder(row["name"])
    read, _ = read_manifest(folder) if (folder / MANIFEST).exists() else (None, [])
    return Entry(
        name=row["name"],
        title=text_of(row, "title"),
        synthetic=synthetic,
        folder=folder,
        built=read is not None,
        buildable=synthetic or received_folder(row["name"]) is not None,
        first=read.manifest.first if read else _day(row["first"]),
        last=read.manifest.last if read else _day(row["last"]),
        next_step=text_of(row, "next_step"),
    )


def _other_entry(folder: Path) -> Entry | None:
    read, _ = read_manifest(folder)
    if read is None:
        return None
    return Entry(
        name=folder.name,
        title=read.manifest.title,
        synthetic=read.manifest.synthetic,
        folder=folder,
        built=True,
        buildable=False,
        first=read.manifest.first,
        last=read.manifest.last,
        next_step=Text(
            zh=f"tongchou morning --data {folder.name}", en=f"tongchou morning --data {folder.name}"
        ),
    )


def _china2020() -> Pack:
    folder, source = pack_folder(china2020.NAME), received_folder(china2020.NAME)
    if source is not None and not _is_current(folder, source):
        china2020.build(source, folder)
    if not (folder / MANIFEST).is_file():
        raise _unknown(china2020.NAME)
    return open_folder(folder)


def _is_current(folder: Path, source: Path) -> bool:
    """Whether a built pack was made of these very files, by this recipe, for this contract."""
    read, _ = read_manifest(folder)
    made_of = folder / f"{china2020.INGREDIENTS}.csv"
    if read is None or read.contract != contract_digest() or not made_of.exists():
        return False
    return pl.read_csv(made_of, infer_schema=False).equals(china2020.ingredients(verify(source)))


def exercise_folder(seed: int) -> Path:
    """Give the folder that the exercise of a seed stands in."""
    return pack_folder(f"{EXERCISE}-{seed}")


def _unknown(name: str) -> UnknownPack:
    names = [e.name for e in entries()]
    known = next((text_of(r, "next_step") for r in _known() if r["name"] == name), None)
    step = known or Text(
        zh="已知的数据包见 tongchou data list；也可给出含 manifest.toml 的文件夹路径。",
        en="See tongchou data list for the packs known here, or give the path of a folder with a manifest.toml.",
    )
    near = difflib.get_close_matches(name, [n for n in names if n != name], n=3, cutoff=0.5)
    return UnknownPack(name, near or [n for n in names if n != name], step)


def _exercise(seed: int) -> Pack:
    from tongchou.situation import exercise

    folder, digest = exercise_folder(seed), _exercise_digest()
    read, _ = read_manifest(folder)
    made_by = folder / MADE_BY
    current = made_by.exists() and made_by.read_text(encoding="utf-8") == digest
    if read is None or read.contract != contract_digest() or not current:
        exercise.make(folder, seed)
        made_by.write_text(digest, encoding="utf-8")
    return open_folder(folder)


@lru_cache(maxsize=1)
def _exercise_digest() -> str:
    """Give the SHA-256 over the code and tables an exercise is made from."""
    from tongchou.situation import exercise

    code = sorted(Path(exercise.__file__).parent.glob("*.py"))
    tables = sorted(reference.path("exercise").glob("*.csv"))
    digest = hashlib.sha256()
    for path in [*code, *tables, reference.path("places/china/places.csv")]:
        digest.update(path.read_bytes())
    return digest.hexdigest()
