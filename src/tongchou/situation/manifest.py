"""What a data pack says of itself, and whether its files are what it says."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import tomlkit

from tongchou.situation.contract import contract_digest
from tongchou.vocabulary.errors import Fault
from tongchou.vocabulary.text import Text

MANIFEST = "manifest.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a pack says of itself.

    ``places`` names the gazetteer: a packaged one (``"china"``) or a folder inside the pack.
    """

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
class ReadManifest:
    """A manifest as read, with the checksum of each file and the contract it was checked against."""

    manifest: Manifest
    digests: Mapping[str, str]
    contract: str


def sha256(path: Path) -> str:
    """Give the SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def write_manifest(manifest: Manifest, root: Path) -> None:
    """Write the manifest of a folder, with the checksum of every file already in it."""
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
    files = sorted(p for p in root.rglob("*") if p.is_file())
    document["files"] = {p.relative_to(root).as_posix(): sha256(p) for p in files}
    (root / MANIFEST).write_text(tomlkit.dumps(document), encoding="utf-8")


def read_manifest(folder: Path) -> tuple[ReadManifest | None, list[Fault]]:
    """Give the manifest of a folder, or every fault that keeps it from being read."""
    path = folder / MANIFEST
    try:
        raw = tomlkit.parse(path.read_text(encoding="utf-8")).unwrap()
    except (OSError, ValueError) as error:
        return None, [unreadable(MANIFEST, f"{type(error).__name__}: {error}")]
    faults = [f for key, form in _FORM.items() if (f := _form_fault(raw, key, form))]
    if faults:
        return None, faults
    manifest = Manifest(
        name=raw["name"],
        title=_text(raw["title"]),
        synthetic=raw["synthetic"],
        places=raw["places"],
        first=raw["first"],
        last=raw["last"],
        licence=_text(raw["licence"]),
        sources=tuple(raw["sources"]),
        notes=tuple(_text(n) for n in raw.get("notes", ())),
    )
    return ReadManifest(
        manifest=manifest,
        digests={str(k): str(v) for k, v in raw["files"].items()},
        contract=str(raw.get("contract", "")),
    ), []


def file_faults(folder: Path, digests: Mapping[str, str]) -> list[Fault]:
    """Find files that are missing, changed, or not named in the manifest at all."""
    faults = []
    for name, expected in digests.items():
        path = folder / name
        if not path.is_file():
            faults.append(_missing(name))
        elif (found := sha256(path)) != expected:
            faults.append(_changed(name, found, expected))
    present = sorted(p for p in folder.rglob("*") if p.suffix in (".csv", ".parquet"))
    for path in present:
        name = path.relative_to(folder).as_posix()
        if name not in digests:
            faults.append(_unlisted(name, sha256(path)))
    return faults


def unreadable(file: str, reason: str) -> Fault:
    """Give the fault of a file that cannot be read."""
    return Fault(
        file=file,
        value=reason,
        problem=Text(zh="无法读取。", en="cannot be read."),
        remedy=Text(
            zh="用 tongchou data build 重新生成数据包，或从备份恢复此文件。",
            en="Build the pack again with tongchou data build, or restore the file from a copy.",
        ),
    )


def _text(value: Mapping[str, Any]) -> Text:
    return Text(zh=str(value["zh"]), en=str(value["en"]))


def _is_text(value: object) -> bool:
    return (
        isinstance(value, Mapping)
        and isinstance(value.get("zh"), str)
        and isinstance(value.get("en"), str)
    )


def _is_day(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _is_words(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def _is_digests(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(v, str) for v in value.values())


_FORM = {
    "name": (lambda v: isinstance(v, str), 'name = "mypack"'),
    "title": (_is_text, 'title = { zh = "…", en = "…" }'),
    "synthetic": (lambda v: isinstance(v, bool), "synthetic = false"),
    "places": (lambda v: isinstance(v, str), 'places = "china"'),
    "first": (_is_day, "first = 2020-01-01"),
    "last": (_is_day, "last = 2020-01-31"),
    "licence": (_is_text, 'licence = { zh = "…", en = "…" }'),
    "sources": (_is_words, 'sources = ["…"]'),
    "files": (_is_digests, '[files]\n"case_counts.csv" = "…"'),
}


def _form_fault(raw: Mapping[str, Any], key: str, form: tuple[Any, str]) -> Fault | None:
    fits, example = form
    if key in raw and fits(raw[key]):
        return None
    return Fault(
        file=MANIFEST,
        column=key,
        value=str(raw[key]) if key in raw else None,
        problem=Text(zh="缺少此项或形式不对。", en="is missing or not of the form it must have."),
        remedy=Text(zh=f"写作：{example}", en=f"Write: {example}"),
    )


def _missing(name: str) -> Fault:
    return Fault(
        file=name,
        problem=Text(
            zh="清单中有此文件，但数据包中没有。", en="is in the manifest but not in the pack."
        ),
        remedy=Text(
            zh="用 tongchou data build 重新生成数据包。",
            en="Build the pack again with tongchou data build.",
        ),
    )


def _changed(name: str, found: str, expected: str) -> Fault:
    return Fault(
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


def _unlisted(name: str, found: str) -> Fault:
    return Fault(
        file=name,
        problem=Text(
            zh="清单的 [files] 中没有此文件，无法核对其内容。",
            en="is not in [files] of the manifest, so nobody can tell whether it was changed.",
        ),
        remedy=Text(
            zh=f'核实后在清单中加一行："{name}" = "{found}"',
            en=f'Verify it and add this line to the manifest: "{name}" = "{found}"',
        ),
    )
